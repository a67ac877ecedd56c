/*
 * Copyright (c) 2026 The pm2d contributors
 *
 * Permission to use, copy, modify, and distribute this software for any
 * purpose with or without fee is hereby granted, provided that the above
 * copyright notice and this permission notice appear in all copies.
 *
 * THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
 * WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
 * MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
 * ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
 * WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
 * ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
 * OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
 */

#include <sys/types.h>
#include <sys/resource.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "applimits.h"
#include "spawn.h"
#include "spec.h"

static const struct {
	enum spec_key	 key;
	int		 which;
	const char	*ulimit;	/* the shell's letter for it */
} rlimits[] = {
	{ SPEC_LIMIT_NOFILE,	RLIMIT_NOFILE,	"n" },
	{ SPEC_LIMIT_PROCESSES,	RLIMIT_NPROC,	"u" },
	{ SPEC_LIMIT_MEMORY,	RLIMIT_AS,	"v" },
	{ SPEC_LIMIT_CORE,	RLIMIT_CORE,	"c" },
	{ SPEC_LIMIT_FSIZE,	RLIMIT_FSIZE,	"f" },
	{ SPEC_LIMIT_STACK,	RLIMIT_STACK,	"s" },
	{ SPEC_LIMIT_CPU,	RLIMIT_CPU,	"t" }
};
#define NRLIMITS	(sizeof(rlimits) / sizeof(rlimits[0]))

static int	 admit_chroot(const struct applimits_who *,
		    const struct spec *, const struct spec *, char *, size_t);
static int	 admit_rlimits(const struct applimits_who *,
		    const struct spec *, const struct spec *, char *, size_t);
static int	 admit_nice(const struct applimits_who *,
		    const struct spec *, const struct spec *, char *, size_t);
static int	 admit_sandbox(const struct applimits_who *,
		    const struct spec *, char *, size_t);
static int	 is_root(const struct applimits_who *);
static int	 nice_of(const struct spec *);
static int	 nice_lowest(void);

void
applimits_fill(struct spawn_limits *sl, const struct spec *spec)
{
	size_t	 i;
	int	 level;

	memset(sl, 0, sizeof(*sl));
	for (i = 0; i < RLIM_NLIMITS; i++)
		sl->rlimits[i] = RLIM_INFINITY;
	for (i = 0; i < NRLIMITS; i++)
		if (spec->num[rlimits[i].key] != SPEC_LIMIT_NONE)
			sl->rlimits[rlimits[i].which] =
			    (rlim_t)spec->num[rlimits[i].key];
	sl->has_umask = spec->count[SPEC_UMASK] > 0;
	sl->umask = (mode_t)spec->num[SPEC_UMASK];
	sl->has_nice = spec->count[SPEC_NICE] > 0;
	sl->nice = nice_of(spec);
	sl->no_new_privs = spec->num[SPEC_NO_NEW_PRIVS] != 0;
	level = appbox_byname(spec->str[SPEC_SANDBOX]);
	/* A name that is none was refused; never run it without. */
	sl->box.level = level == -1 ? APPBOX_STRICT :
	    (enum appbox_level)level;
	sl->chroot = spec->str[SPEC_CHROOT];
}

static int
nice_of(const struct spec *spec)
{
	return ((int)spec->num[SPEC_NICE] - SPEC_NICE_ZERO);
}

int
applimits_admit(const struct applimits_who *who, const struct spec *spec,
    const struct spec *old, char *why, size_t len)
{
	if (admit_chroot(who, spec, old, why, len) == -1 ||
	    admit_rlimits(who, spec, old, why, len) == -1 ||
	    admit_nice(who, spec, old, why, len) == -1 ||
	    admit_sandbox(who, spec, why, len) == -1)
		return (-1);
	return (0);
}

/* May it raise what pm2d itself has? */
static int
is_root(const struct applimits_who *who)
{
	return (who->daemon == 0 && who->peer == 0);
}

static int
admit_chroot(const struct applimits_who *who, const struct spec *spec,
    const struct spec *old, char *why, size_t len)
{
	const char	*dir = spec->str[SPEC_CHROOT];
	const char	*had = old == NULL ? NULL : old->str[SPEC_CHROOT];

	if (is_root(who))
		return (0);
	if (dir == NULL ? had == NULL :
	    had != NULL && strcmp(dir, had) == 0)
		return (0);
	(void)snprintf(why, len, "chroot: %s", who->daemon != 0 ?
	    "pm2d does not run as root and cannot give an app another root "
	    "directory: leave it out, or ask a pm2d of root's" :
	    "only root may say which root directory an app has");
	return (-1);
}

static int
admit_rlimits(const struct applimits_who *who, const struct spec *spec,
    const struct spec *old, char *why, size_t len)
{
	const struct rlimit	*have;
	uint64_t		 want;
	size_t			 i;

	if (is_root(who))
		return (0);
	for (i = 0; i < NRLIMITS; i++) {
		want = spec->num[rlimits[i].key];
		have = spawn_rlimit(rlimits[i].which);
		if (want == SPEC_LIMIT_NONE || want <= have->rlim_max ||
		    (old != NULL && want == old->num[rlimits[i].key]))
			continue;
		(void)snprintf(why, len, "%s: %" PRIu64 " is more than pm2d's "
		    "hard limit %" PRIu64 ", which only root can raise: ask "
		    "for less, or raise it (ulimit -H%s) where pm2d is "
		    "started", spec_keyname(rlimits[i].key), want,
		    (uint64_t)have->rlim_max, rlimits[i].ulimit);
		return (-1);
	}
	return (0);
}

static int
admit_nice(const struct applimits_who *who, const struct spec *spec,
    const struct spec *old, char *why, size_t len)
{
	int	 lowest = nice_lowest();

	if (is_root(who) || spec->count[SPEC_NICE] == 0 ||
	    nice_of(spec) >= lowest || (old != NULL &&
	    old->count[SPEC_NICE] > 0 && nice_of(old) == nice_of(spec)))
		return (0);
	(void)snprintf(why, len, "nice: %d is less than the %d that pm2d has, "
	    "and only root can go below it: ask for %d to 19", nice_of(spec),
	    lowest, lowest);
	return (-1);
}

static int
admit_sandbox(const struct applimits_who *who, const struct spec *spec,
    char *why, size_t len)
{
	const char	*lacks, *name = spec->str[SPEC_SANDBOX];
	int		 level;

	if ((level = appbox_byname(name)) == -1) {
		(void)snprintf(why, len, "sandbox: \"%s\" is none: off, basic "
		    "or strict", name);
		return (-1);
	}
	if ((lacks = appbox_lacks((enum appbox_level)level)) != NULL) {
		(void)snprintf(why, len, "sandbox: %s cannot be had here: %s "
		    "(see pm2ctl doctor)", name, lacks);
		return (-1);
	}
	if (level == APPBOX_STRICT && who->asroot) {
		(void)snprintf(why, len, "sandbox: strict cannot hold root: "
		    "give the app a user, or use basic");
		return (-1);
	}
	return (0);
}

/* RLIMIT_NICE counts from 20 down. */
static int
nice_lowest(void)
{
	const struct rlimit	*rl = spawn_rlimit(RLIMIT_NICE);
	int			 low;

	if (rl->rlim_cur >= 40)
		return (-20);
	low = 20 - (int)rl->rlim_cur;
	return (low < spawn_nice() ? low : spawn_nice());
}

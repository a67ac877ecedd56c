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


/*
 * Numbers, durations, sizes and signals as people write them.
 */
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "units.h"

#define NITEMS(a)	(sizeof(a) / sizeof((a)[0]))
#define SIGNALS_MAX	65	/* one more than the largest on Linux */

struct unit {
	const char	*suffix;
	uint64_t	 factor;
};

static const struct unit durations[] = {
	{ "",	1 },
	{ "ms",	1 },
	{ "s",	1000 },
	{ "m",	60 * 1000 },
	{ "h",	60 * 60 * 1000 },
	{ "d",	24 * 60 * 60 * 1000 },
	{ NULL,	0 }
};

#define KIB	(UINT64_C(1) << 10)
#define MIB	(UINT64_C(1) << 20)
#define GIB	(UINT64_C(1) << 30)
#define TIB	(UINT64_C(1) << 40)

static const struct unit sizes[] = {
	{ "",	1 },	{ "B",	1 },
	{ "K",	KIB },	{ "KB",	KIB },	{ "KiB", KIB },
	{ "M",	MIB },	{ "MB",	MIB },	{ "MiB", MIB },
	{ "G",	GIB },	{ "GB",	GIB },	{ "GiB", GIB },
	{ "T",	TIB },	{ "TB",	TIB },	{ "TiB", TIB },
	{ NULL,	0 }
};

static const struct {
	int		 number;
	const char	*name;
} signals[] = {
#define S(name)	{ name, #name }
	S(SIGHUP),	S(SIGINT),	S(SIGQUIT),	S(SIGILL),
	S(SIGTRAP),	S(SIGABRT),	S(SIGBUS),	S(SIGFPE),
	S(SIGKILL),	S(SIGUSR1),	S(SIGSEGV),	S(SIGUSR2),
	S(SIGPIPE),	S(SIGALRM),	S(SIGTERM),	S(SIGCHLD),
	S(SIGCONT),	S(SIGSTOP),	S(SIGTSTP),	S(SIGTTIN),
	S(SIGTTOU),	S(SIGURG),	S(SIGXCPU),	S(SIGXFSZ),
	S(SIGVTALRM),	S(SIGPROF),	S(SIGWINCH),	S(SIGIO),
	S(SIGSYS),
#ifdef SIGSTKFLT
	S(SIGSTKFLT),
#endif
#ifdef SIGPWR
	S(SIGPWR),
#endif
	/* second names: found, never printed */
	{ SIGABRT, "SIGIOT" },
	{ SIGCHLD, "SIGCLD" },
#ifdef SIGPOLL
	{ SIGIO, "SIGPOLL" },
#endif
#undef S
};

/*
 * Digits only: no sign and no blanks, which strtoull(3) would take.  Returns
 * what follows them, NULL when there is no digit or the number is too large.
 */
static const char *
digits(const char *s, uint64_t *n, int *toolarge)
{
	const char	*p;
	unsigned int	 d;

	*n = 0;
	*toolarge = 0;
	for (p = s; *p >= '0' && *p <= '9'; p++) {
		d = *p - '0';
		if (*n > (UINT64_MAX - d) / 10) {
			*toolarge = 1;
			return (NULL);
		}
		*n = *n * 10 + d;
	}
	return (p == s ? NULL : p);
}

static int
quantity(const char *s, const struct unit *u,
    int (*cmp)(const char *, const char *), const char *malformed,
    uint64_t *result, const char **errstr)
{
	const char	*suffix;
	uint64_t	 n;
	int		 toolarge;

	*errstr = malformed;
	if ((suffix = digits(s, &n, &toolarge)) == NULL) {
		if (toolarge)
			*errstr = "is too large";
		return (-1);
	}
	for (; u->suffix != NULL; u++) {
		if (cmp(u->suffix, suffix) == 0)
			break;
	}
	if (u->suffix == NULL)
		return (-1);
	if (n > UINT64_MAX / u->factor) {
		*errstr = "is too large";
		return (-1);
	}
	*result = n * u->factor;
	*errstr = NULL;
	return (0);
}

int
units_number(const char *s, long long min, long long max, long long *n,
    const char **errstr)
{
	const char	*first = s + (*s == '-');

	*n = 0;
	if (*first < '0' || *first > '9') {
		*errstr = "is not a number";
		return (-1);
	}
	*n = strtonum(s, min, max, errstr);
	return (*errstr == NULL ? 0 : -1);
}

int
units_duration(const char *s, uint64_t *ms, const char **errstr)
{
	return (quantity(s, durations, strcmp,
	    "is not a duration (such as 500ms, 2s, 5m, 1h or 1d)", ms,
	    errstr));
}

int
units_size(const char *s, uint64_t *bytes, const char **errstr)
{
	return (quantity(s, sizes, strcasecmp,
	    "is not a size (such as 4096, 512K, 10M or 1G)", bytes, errstr));
}

/* 32 and 33 belong to the C library; nobody may send them. */
static int
signumber(uint64_t n)
{
	if (n >= 1 && n <= 31)
		return ((int)n);
	if (n >= (uint64_t)SIGRTMIN && n <= (uint64_t)SIGRTMAX)
		return ((int)n);
	return (0);
}

int
units_signal(const char *s, int *sig, const char **errstr)
{
	const char	*end;
	uint64_t	 n;
	size_t		 i;
	int		 toolarge;

	*errstr = "is not a signal";
	end = digits(s, &n, &toolarge);
	if (end != NULL && *end == '\0') {
		if (signumber(n) == 0)
			return (-1);
		*sig = signumber(n);
		*errstr = NULL;
		return (0);
	}
	for (i = 0; i < NITEMS(signals); i++) {
		if (strcasecmp(s, signals[i].name) == 0 ||
		    strcasecmp(s, signals[i].name + 3) == 0) {
			*sig = signals[i].number;
			*errstr = NULL;
			return (0);
		}
	}
	return (-1);
}

const char *
units_signame(int sig)
{
	static char	 unnamed[SIGNALS_MAX][sizeof("signal 64")];
	size_t		 i;
	int		 n;

	for (i = 0; i < NITEMS(signals); i++) {
		if (signals[i].number == sig)
			return (signals[i].name);
	}
	if (sig < 0 || sig >= SIGNALS_MAX)
		return ("unknown signal");
	n = snprintf(unnamed[sig], sizeof(unnamed[sig]), "signal %d", sig);
	if (n < 0 || (size_t)n >= sizeof(unnamed[sig]))
		return ("unknown signal");
	return (unnamed[sig]);
}

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


#include <stdio.h>
#include <string.h>

#include "bound.h"
#include "spec.h"

/*
 * What a program does not decide itself: which code the dynamic linker and
 * libc load into it, and what is written to as its user before it runs.
 */

/* Those that libc drops of a setuid program's environment; '=': all of it. */
static const char *const loaders[] = {
	"LD_", "GCONV_PATH=", "GETCONF_DIR=", "GLIBC_TUNABLES=",
	"HOSTALIASES=", "LOCALDOMAIN=", "LOCPATH=", "MALLOC_", "NIS_PATH=",
	"NLSPATH=", "RESOLV_HOST_CONF=", "RES_OPTIONS=", "TMPDIR=", "TZDIR="
};

/* Where names of variables are. */
static const enum spec_key lists[] = {
	SPEC_ENV, SPEC_FILE_ENV, SPEC_SECRET, SPEC_SECRET_FILE
};
static const enum spec_key names[] = { SPEC_INSTANCE_VAR, SPEC_INCREMENT_VAR };
static const enum spec_key files[] = {
	SPEC_OUT_FILE, SPEC_ERR_FILE, SPEC_PID_FILE
};
#define NITEMS(a)	(sizeof(a) / sizeof((a)[0]))

/* A name, or an entry that begins with it. */
static int
is_loader(const char *entry)
{
	size_t	 i, len, n = strcspn(entry, "=");

	for (i = 0; i < NITEMS(loaders); i++) {
		len = strcspn(loaders[i], "=");
		if (strncmp(entry, loaders[i], len) == 0 &&
		    (loaders[i][len] == '\0' || n == len))
			return (1);
	}
	return (0);
}

static int
has_entry(const struct spec *spec, enum spec_key key, const char *entry)
{
	const char	*s;
	size_t		 pos = 0;

	while ((s = spec_next(spec, key, &pos)) != NULL)
		if (strcmp(s, entry) == 0)
			return (1);
	return (0);
}

/* NULL, or the first such variable that is new. */
static const char *
new_loader(const struct spec *spec, const struct spec *old, enum spec_key key)
{
	const char	*s;
	size_t		 pos = 0;

	while ((s = spec_next(spec, key, &pos)) != NULL)
		if (is_loader(s) && (old == NULL || !has_entry(old, key, s)))
			return (s);
	return (NULL);
}

static int
is_new(const struct spec *spec, const struct spec *old, enum spec_key key)
{
	const char	*had = old == NULL ? NULL : old->str[key];

	if (spec->str[key] == NULL || *spec->str[key] == '\0')
		return (0);
	return (had == NULL || strcmp(had, spec->str[key]) != 0);
}

static int
refuse_variable(const char *entry, char *why, size_t len)
{
	size_t	 n = strcspn(entry, "=");

	snprintf(why, len, "pm2d.conf permits you a program, not what is "
	    "loaded into it: no variable %.*s", n > 40 ? 40 : (int)n, entry);
	return (-1);
}

int
bound_check(const struct spec *spec, const struct spec *old, char *why,
    size_t len)
{
	const char	*s;
	size_t		 i;

	for (i = 0; i < NITEMS(lists); i++)
		if ((s = new_loader(spec, old, lists[i])) != NULL)
			return (refuse_variable(s, why, len));
	for (i = 0; i < NITEMS(names); i++)
		if (is_new(spec, old, names[i]) &&
		    is_loader(spec->str[names[i]]))
			return (refuse_variable(spec->str[names[i]], why,
			    len));
	for (i = 0; i < NITEMS(files); i++) {
		if (!is_new(spec, old, files[i]) ||
		    strcmp(spec->str[files[i]], "/dev/null") == 0)
			continue;
		snprintf(why, len, "pm2d.conf permits you a program, not to "
		    "have files of its user written to: no %s",
		    spec_keyname(files[i]));
		return (-1);
	}
	return (0);
}

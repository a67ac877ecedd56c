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

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rotname.h"

int
rotname_make(char *buf, size_t size, const char *name, unsigned int n, int gz)
{
	int	 len;

	len = snprintf(buf, size, "%s.%u%s", name, n, gz ? ".gz" : "");
	if (len < 0 || (size_t)len >= size)
		return (-1);
	return (0);
}

int
rotname_parse(const char *name, size_t *baselen, unsigned int *n, int *gz)
{
	size_t	 digits, len;

	len = strlen(name);
	*gz = len > 3 && strcmp(name + len - 3, ".gz") == 0;
	if (*gz)
		len -= 3;
	*n = 0;
	for (digits = 0; digits < len; digits++)
		if (!isdigit((unsigned char)name[len - 1 - digits]))
			break;
	if (digits == 0 || digits > 4 || digits + 1 >= len)
		return (0);
	if (name[len - digits] == '0' || name[len - digits - 1] != '.')
		return (0);
	*n = (unsigned int)strtoul(name + len - digits, NULL, 10);
	*baselen = len - digits - 1;
	return (1);
}

const char *
rotname_bad(const char *name)
{
	if (*name == '\0')
		return ("is empty");
	if (strlen(name) >= ROTNAME_MAX)
		return ("is too long");
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return ("is a directory");
	if (strchr(name, '/') != NULL)
		return ("has a slash");
	return (NULL);
}

const char *
rotname_badindir(const char *path)
{
	const char	*slash;

	if (strlen(path) >= ROTNAME_MAX)
		return ("is too long");
	if ((slash = strchr(path, '/')) == NULL)
		return ("has no directory");
	if (slash == path || *path == '.')
		return ("has a directory that cannot be one of ours");
	return (rotname_bad(slash + 1));
}

size_t
rotname_plan(const unsigned int *ns, size_t count, unsigned int keep,
    struct rotstep *steps)
{
	size_t	 i, nsteps, run;

	nsteps = 0;
	/* A hole ends what has to move. */
	for (run = 0; run < count && ns[run] == run + 1; run++)
		continue;
	for (i = count; i > 0; i--) {
		if (ns[i - 1] + (i <= run) > keep) {
			steps[nsteps].from = ns[i - 1];
			steps[nsteps++].to = 0;
		} else if (i <= run) {
			steps[nsteps].from = ns[i - 1];
			steps[nsteps++].to = ns[i - 1] + 1;
		}
	}
	return (nsteps);
}

size_t
rotname_divide(const char *buf, size_t len, unsigned long long size,
    unsigned long long max, int midline)
{
	const char	*nl;
	size_t		 fits;

	fits = 0;
	if (size < max)
		fits = max - size < len ? (size_t)(max - size) : len;
	if (fits == len)
		return (len);
	if (fits > 0 && (nl = memrchr(buf, '\n', fits)) != NULL)
		return ((size_t)(nl - buf) + 1);
	if (!midline && size > 0)
		return (0);
	if (size >= max && size - max >= ROT_SLACK)
		return (0);
	if ((nl = memchr(buf + fits, '\n', len - fits)) != NULL)
		return ((size_t)(nl - buf) + 1);
	return (len);
}

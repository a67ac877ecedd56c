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
 * Words and paths of pm2d.conf(5), for those who read and who write it.
 */

#include <sys/types.h>

#include <stdlib.h>
#include <string.h>

#include "conf.h"

static int	 compare(const void *, const void *);

/* Sorted: bsearch(3).  All that mean something but pm2ctl's commands. */
static const char *const	 reserved[] = {
	"all", "any", "apps", "as", "cmd", "connections", "deny",
	"directory", "group", "include", "limit", "listen", "log", "memory",
	"mode", "on", "permit", "port", "resurrect", "self", "state",
	"unlimited", "user", "web"
};

static int
compare(const void *key, const void *entry)
{
	return (strcmp(key, *(const char *const *)entry));
}

int
conf_reserved(const char *word)
{
	return (bsearch(word, reserved,
	    sizeof(reserved) / sizeof(reserved[0]), sizeof(reserved[0]),
	    compare) != NULL);
}

const char *
conf_badpath(const char *path)
{
	const char	*p;
	size_t		 n;

	if (*path != '/')
		return ("is not an absolute path");
	if (strlen(path) >= PATH_MAX)
		return ("is too long");
	if (path[1] == '\0')
		return ("is the root directory");
	for (p = path; *p != '\0'; p += n) {
		p++;
		n = strcspn(p, "/");
		if (n == 0)
			return ("has an empty component or a '/' at its end");
		if ((n == 1 && p[0] == '.') ||
		    (n == 2 && p[0] == '.' && p[1] == '.'))
			return ("has '.' or '..' as a component");
	}
	return (NULL);
}

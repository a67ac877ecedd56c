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

#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "watch-glob.h"

/* Always: files that people do not edit, or not as such. */
static const char *const defaults[] = {
	".*", "node_modules", "*~", "#*#"
};

/* pm2's manual has these two for names that begin with a dot. */
static const char *const dotfiles[] = { "[\\/\\\\]\\./", "[\\/\\\\]\\." };

/* ---- paths ---- */

/* The component that begins here, as a string; its length. */
static size_t
component(const char *path, char *buf, size_t size)
{
	size_t	 len = strcspn(path, "/");

	if (len >= size)
		buf[0] = '\0';
	else {
		memcpy(buf, path, len);
		buf[len] = '\0';
	}
	return (len);
}

static const char *
skip(const char *path, size_t len)
{
	path += len;
	return (*path == '/' ? path + 1 : path);
}

/*
 * Component by component.  When something does not match, the last "**" takes
 * one component more; those before it need not be tried again.
 */
int
glob_path(const char *pattern, const char *path)
{
	const char	*again = NULL, *from = NULL;
	char		 want[1024 + PATH_MAX], have[NAME_MAX + 1];
	size_t		 wlen, hlen;

	while (*path != '\0') {
		wlen = component(pattern, want, sizeof(want));
		if (strcmp(want, "**") == 0) {
			again = pattern = skip(pattern, wlen);
			from = path;
			if (*pattern == '\0')
				return (1);
			continue;
		}
		hlen = component(path, have, sizeof(have));
		if (*pattern != '\0' && fnmatch(want, have, 0) == 0) {
			pattern = skip(pattern, wlen);
			path = skip(path, hlen);
			continue;
		}
		if (again == NULL)
			return (0);
		from = path = skip(from, strcspn(from, "/"));
		pattern = again;
	}
	return (*pattern == '\0');
}

/* ---- patterns ---- */

static int
is_dotfiles(const char *pattern)
{
	size_t	 i;

	for (i = 0; i < sizeof(dotfiles) / sizeof(dotfiles[0]); i++)
		if (strcmp(pattern, dotfiles[i]) == 0)
			return (1);
	return (0);
}

/* "./a", "a/" and "a/" followed by two stars are "a". */
static char *
tidy(const char *pattern)
{
	char	*copy;
	size_t	 len;

	if (is_dotfiles(pattern))
		pattern = ".*";
	while (strncmp(pattern, "./", 2) == 0)
		pattern += 2;
	if ((copy = strdup(pattern)) == NULL)
		return (NULL);
	len = strlen(copy);
	for (;;) {
		if (len > 1 && copy[len - 1] == '/')
			len--;
		else if (len > 3 && strncmp(copy + len - 3, "/**", 3) == 0)
			len -= 3;
		else
			break;
		copy[len] = '\0';
	}
	return (copy);
}

int
ignore_add(struct ignore *ig, const char *pattern)
{
	char	**bigger;
	size_t	 room;

	if (ig->n == ig->room) {
		room = ig->room == 0 ? 16 : ig->room * 2;
		bigger = reallocarray(ig->patterns, room, sizeof(*bigger));
		if (bigger == NULL)
			return (-1);
		ig->patterns = bigger;
		ig->room = room;
	}
	if ((ig->patterns[ig->n] = tidy(pattern)) == NULL)
		return (-1);
	ig->n++;
	return (0);
}

void
ignore_free(struct ignore *ig)
{
	while (ig->n > 0)
		free(ig->patterns[--ig->n]);
	free(ig->patterns);
	memset(ig, 0, sizeof(*ig));
}

int
ignore_match(const struct ignore *ig, const char *path, const char *below)
{
	const char	*name, *p;
	size_t		 i;

	name = strrchr(below, '/');
	name = name == NULL ? below : name + 1;
	for (i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		if (fnmatch(defaults[i], name, 0) == 0)
			return (1);
	for (i = 0; i < ig->n; i++) {
		p = ig->patterns[i];
		if (*p == '/' ? glob_path(p + 1, path + 1) :
		    strchr(p, '/') != NULL ? glob_path(p, below) :
		    fnmatch(p, name, 0) == 0)
			return (1);
	}
	return (0);
}

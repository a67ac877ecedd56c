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
 * Paths as people type them.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resolve.h"

static int
same_file(const char *a, const char *b)
{
	struct stat	 sa, sb;

	return (stat(a, &sa) == 0 && stat(b, &sb) == 0 &&
	    sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino);
}

int
caller_cwd(char *buf, size_t size)
{
	const char	*pwd;

	if ((pwd = getenv("PWD")) != NULL && *pwd == '/' &&
	    strlcpy(buf, pwd, size) < size && same_file(pwd, "."))
		return (0);
	if (getcwd(buf, size) == NULL)
		return (-1);
	/* The kernel says so when the directory is not below root. */
	if (*buf != '/') {
		errno = ENOENT;
		return (-1);
	}
	return (0);
}

/*
 * Copy the components of an absolute path, without empty ones and ".", and
 * each ".." with the one before when told so.
 */
static void
clean(char *dst, const char *src, int dotdot)
{
	const char	*end;
	char		*out;
	size_t		 len;

	out = dst;
	for (; *src != '\0'; src = end) {
		while (*src == '/')
			src++;
		end = src + strcspn(src, "/");
		len = (size_t)(end - src);
		if (len == 0 || (len == 1 && *src == '.'))
			continue;
		if (dotdot && len == 2 && strncmp(src, "..", 2) == 0) {
			while (out > dst && *--out != '/')
				;
			continue;
		}
		*out++ = '/';
		memmove(out, src, len);
		out += len;
	}
	if (out == dst)
		*out++ = '/';
	*out = '\0';
}

int
path_absolute(char *buf, size_t size, const char *cwd, const char *path)
{
	char	 full[PATH_MAX * 2], lexical[PATH_MAX * 2];
	int	 n;

	n = *path == '/' ? snprintf(full, sizeof(full), "%s", path) :
	    snprintf(full, sizeof(full), "%s/%s", cwd, path);
	if (n < 0 || (size_t)n >= sizeof(full)) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	clean(lexical, full, 1);
	/*
	 * Behind a symbolic link ".." is elsewhere.  A file that does not
	 * exist is only shown, and people expect the short name.
	 */
	if (strstr(full, "..") != NULL && access(full, F_OK) == 0 &&
	    !same_file(full, lexical))
		clean(lexical, full, 0);
	if (strlcpy(buf, lexical, size) >= size) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	return (0);
}

static int
is_program(const char *path)
{
	struct stat	 sb;

	return (stat(path, &sb) == 0 && S_ISREG(sb.st_mode) &&
	    access(path, X_OK) == 0);
}

int
path_search(char *buf, size_t size, const char *path, const char *name)
{
	size_t	 len;
	int	 n;

	if (*name == '\0' || strchr(name, '/') != NULL)
		return (-1);
	for (; path != NULL; path = path[len] == ':' ? path + len + 1 :
	    NULL) {
		len = strcspn(path, ":");
		/* An empty or relative entry means another place later. */
		if (*path != '/')
			continue;
		n = snprintf(buf, size, "%.*s/%s", (int)len, path, name);
		if (n > 0 && (size_t)n < size && is_program(buf))
			return (0);
	}
	return (-1);
}

const char *
path_base(const char *path)
{
	const char	*slash;

	slash = strrchr(path, '/');
	return (slash == NULL ? path : slash + 1);
}

const char *
path_ext(const char *path)
{
	const char	*base, *dot;

	base = path_base(path);
	dot = strrchr(base, '.');
	/* ".profile" has none. */
	return (dot == NULL || dot == base ? base + strlen(base) : dot);
}

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
 * Where the home is.  Apart from home.c because this reads the environment,
 * which is for the programs of people only and never linked into a daemon.
 */

#include <sys/types.h>

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "home.h"

static int	 absolute(char *, size_t, const char *);
static void	 strip_slashes(char *);

int
home_path(char *buf, size_t size)
{
	const char	*dir;
	struct passwd	*pw;
	int		 n;

	if ((dir = getenv("PM2_HOME")) != NULL && *dir != '\0')
		return (absolute(buf, size, dir));

	if ((dir = getenv("HOME")) == NULL || *dir != '/') {
		errno = 0;
		if ((pw = getpwuid(getuid())) == NULL || *pw->pw_dir != '/') {
			if (errno == 0)
				errno = ENOENT;
			return (-1);
		}
		dir = pw->pw_dir;
	}
	n = snprintf(buf, size, "%s%s.pm2", dir,
	    dir[strlen(dir) - 1] == '/' ? "" : "/");
	if (n < 0 || (size_t)n >= size) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	return (0);
}

static int
absolute(char *buf, size_t size, const char *dir)
{
	*buf = '\0';
	if (*dir != '/') {
		if (getcwd(buf, size) == NULL) {
			if (errno == ERANGE)
				errno = ENAMETOOLONG;
			return (-1);
		}
		/* The kernel says so when the directory is not below root. */
		if (*buf != '/') {
			errno = ENOENT;
			return (-1);
		}
		if (strcmp(buf, "/") != 0 && strlcat(buf, "/", size) >= size) {
			errno = ENAMETOOLONG;
			return (-1);
		}
		while (strncmp(dir, "./", 2) == 0)
			dir += 1 + strspn(dir + 1, "/");
		if (strcmp(dir, ".") == 0)
			dir = "";
	}
	if (strlcat(buf, dir, size) >= size) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	strip_slashes(buf);
	return (0);
}

/* "/x/" and "/x" are one home: messages and comparisons see one spelling. */
static void
strip_slashes(char *path)
{
	size_t	 len;

	len = strlen(path);
	while (len > 1 && path[len - 1] == '/')
		path[--len] = '\0';
}

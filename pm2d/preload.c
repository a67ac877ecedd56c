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
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "preload.h"
#include "sys.h"

static char	 where[PATH_MAX];	/* "": there is none to be used */
static int	 for_all;		/* others can read it */
static char	 problem[PATH_MAX + 128];

static int	 everybody(const char *);

static void
refuse(const char *path, const char *why)
{
	snprintf(problem, sizeof(problem), "%s: %s", path, why);
	where[0] = '\0';
	log_warnx("apps go without the preload that drains connections: %s",
	    problem);
}

void
preload_init(const char *path)
{
	struct stat	 st;

	problem[0] = '\0';
	if (strlcpy(where, path, sizeof(where)) >= sizeof(where))
		refuse("preload", "path too long");
	else if (sys_fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) == -1)
		refuse(path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		refuse(path, "not a regular file");
	else if (st.st_uid != 0 && st.st_uid != geteuid())
		refuse(path, "belongs to another user");
	else if (st.st_mode & (S_IWGRP | S_IWOTH))
		refuse(path, "others may write to it");
	else
		for_all = (st.st_mode & S_IROTH) && everybody(path);
}

/* May everybody come to where this is? */
static int
everybody(const char *path)
{
	struct stat	 st;
	char		 dir[PATH_MAX];
	char		*p;

	if (strlcpy(dir, path, sizeof(dir)) >= sizeof(dir))
		return (0);
	while ((p = strrchr(dir, '/')) != NULL && p != dir) {
		*p = '\0';
		if (sys_fstatat(AT_FDCWD, dir, &st, 0) == -1 ||
		    !(st.st_mode & S_IXOTH))
			return (0);
	}
	return (1);
}

const char *
preload_path(int other)
{
	if (where[0] == '\0' || (other && !for_all))
		return (NULL);
	return (where);
}

const char *
preload_problem(void)
{
	return (problem[0] == '\0' ? NULL : problem);
}

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
 * What helpers do.  All of it runs in a process of its own, as the user
 * whose files they are: the kernel refuses what he may not do.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"
#include "ids.h"
#include "sys.h"

#define ROTATE_MAX	1000

static int	 reply_ids(const struct ids *, struct helper_reply *);
static int	 reply_opened(const struct job_opened *,
		    struct helper_reply *);
static int	 open_one(const struct job_file *, int *);
static int	 open_file(const char *, uint32_t, int *);
static int	 open_create(const char *, int, mode_t);
static int	 open_check(int);
static int	 make_parents(const char *);
static int	 path_check(const char *);
static int	 rotate(const char *, uint32_t);
static int	 rotate_name(char *, size_t, const char *, uint32_t);
static int	 rotate_shift(const char *, uint32_t);
static int	 name_check(const char *, size_t);

int
job_lookup_user(const void *req, size_t len, struct helper_reply *reply)
{
	static struct ids	 ids;
	const char		*name = req;

	if (len == 0 || memchr(name, '\0', len) != name + len - 1)
		return (EINVAL);
	if (ids_byname(name, &ids) == -1)
		return (errno);
	return (reply_ids(&ids, reply));
}

int
job_lookup_uid(const void *req, size_t len, struct helper_reply *reply)
{
	static struct ids	 ids;
	struct job_uid		 ju;

	if (len != sizeof(ju))
		return (EINVAL);
	memcpy(&ju, req, sizeof(ju));
	if (ids_byuid(ju.uid, &ids) == -1)
		return (errno);
	return (reply_ids(&ids, reply));
}

int
job_lookup_member(const void *req, size_t len, struct helper_reply *reply)
{
	static struct ids	 ids;
	struct job_member	 jm;
	struct job_nogroup	 no;

	if (len != sizeof(jm))
		return (EINVAL);
	memcpy(&jm, req, sizeof(jm));
	if (memchr(jm.user, '\0', sizeof(jm.user)) == NULL ||
	    memchr(jm.group, '\0', sizeof(jm.group)) == NULL)
		return (EINVAL);
	if (!jm.byuid)
		jm.uid = getuid();
	if ((jm.user[0] != '\0' && !jm.byuid ? ids_byname(jm.user, &ids) :
	    ids_byuid(jm.uid, &ids)) == -1)
		return (errno);
	if (ids_group(&ids, jm.group, jm.any != 0) == -1) {
		no.error = errno;
		memcpy(reply->data, &no, sizeof(no));
		reply->len = sizeof(no);
		return (0);
	}
	return (reply_ids(&ids, reply));
}

static int
reply_ids(const struct ids *ids, struct helper_reply *reply)
{
	_Static_assert(sizeof(*ids) <= HELPER_MAXREPLY, "ids fit a reply");

	memcpy(reply->data, ids, sizeof(*ids));
	reply->len = sizeof(*ids);
	return (0);
}

int
job_open_files(const void *req, size_t len, struct helper_reply *reply)
{
	const struct job_open	*jo = req;
	struct job_opened	 out;
	struct job_result	*r;
	uint32_t		 i;
	int			 fd;

	if (len < offsetof(struct job_open, files) ||
	    jo->n > HELPER_MAXFDS || len < offsetof(struct job_open, files) +
	    jo->n * sizeof(jo->files[0]))
		return (EINVAL);
	memset(&out, 0, sizeof(out));
	out.n = jo->n;
	for (i = 0; i < jo->n; i++) {
		r = &out.results[i];
		r->kind = jo->files[i].kind;
		r->cookie = jo->files[i].cookie;
		r->fd = -1;
		r->error = open_one(&jo->files[i], &fd);
		if (r->error == 0) {
			r->fd = reply->nfds;
			reply->fds[reply->nfds++] = fd;
		}
	}
	return (reply_opened(&out, reply));
}

int
job_rotate(const void *req, size_t len, struct helper_reply *reply)
{
	const struct job_rotate_req	*jr = req;
	struct job_opened		 out;
	struct job_result		*r;
	int				 fd;

	if (len != sizeof(*jr) || jr->keep > ROTATE_MAX)
		return (EINVAL);
	memset(&out, 0, sizeof(out));
	out.n = 1;
	r = &out.results[0];
	r->kind = jr->file.kind;
	r->cookie = jr->file.cookie;
	r->fd = -1;
	r->error = path_check(jr->file.path);
	if (r->error == 0)
		r->error = rotate(jr->file.path, jr->keep);
	if (r->error == 0)
		r->error = open_one(&jr->file, &fd);
	if (r->error == 0) {
		r->fd = reply->nfds;
		reply->fds[reply->nfds++] = fd;
	}
	return (reply_opened(&out, reply));
}

static int
reply_opened(const struct job_opened *out, struct helper_reply *reply)
{
	memcpy(reply->data, out, sizeof(*out));
	reply->len = sizeof(*out);
	return (0);
}

/* These return 0 or an errno. */
static int
path_check(const char *path)
{
	if (memchr(path, '\0', JOB_PATHMAX) == NULL)
		return (ENAMETOOLONG);
	if (*path != '/')
		return (EINVAL);
	return (0);
}

static int
open_one(const struct job_file *file, int *fd)
{
	struct stat	 st;
	int		 error;

	if ((error = path_check(file->path)) != 0)
		return (error);
	if (strcmp(file->path, "/dev/null") != 0)
		return (open_file(file->path, file->kind, fd));
	*fd = sys_openat(AT_FDCWD, "/dev/null",
	    O_RDWR | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC, 0);
	if (*fd == -1)
		return (errno);
	if (sys_fstat(*fd, &st) == 0 && S_ISCHR(st.st_mode))
		return (0);
	(void)close(*fd);
	return (ENOTSUP);
}

static int
open_file(const char *path, uint32_t kind, int *fd)
{
	struct stat	 st;
	int		 error, flags;
	mode_t		 mode;

	/* Opening a device can do something: look first. */
	if (sys_fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		if (S_ISLNK(st.st_mode))
			return (ELOOP);
		if (S_ISDIR(st.st_mode))
			return (EISDIR);
		if (!S_ISREG(st.st_mode))
			return (ENOTSUP);
	}
	flags = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_CREAT;
	if (kind == JOB_LOG)
		flags |= O_APPEND;
	mode = kind == JOB_LOG ? 0640 : 0644;
	*fd = open_create(path, flags, mode);
	if (*fd == -1 && errno == ENOENT) {
		if ((error = make_parents(path)) != 0)
			return (error);
		*fd = open_create(path, flags, mode);
	}
	if (*fd == -1)
		return (errno);
	/* Looking first is a courtesy; this is the check. */
	error = open_check(*fd);
	if (error != 0)
		(void)close(*fd);
	return (error);
}

/* Readable too, for its last lines; a file may be for writing only. */
static int
open_create(const char *path, int flags, mode_t mode)
{
	int fd;

	fd = sys_openat(AT_FDCWD, path, flags | O_RDWR, mode);
	if (fd == -1 && errno == EACCES)
		fd = sys_openat(AT_FDCWD, path, flags | O_WRONLY, mode);
	return (fd);
}

static int
open_check(int fd)
{
	struct stat	 st;
	int		 flags;

	if (sys_fstat(fd, &st) == -1)
		return (errno);
	if (S_ISDIR(st.st_mode))
		return (EISDIR);
	if (!S_ISREG(st.st_mode))
		return (ENOTSUP);
	/* O_NOFOLLOW does not see a second name of somebody's file. */
	if (st.st_nlink != 1)
		return (EMLINK);
	if (st.st_uid != geteuid())
		return (EPERM);
	if ((flags = sys_fcntl_getfl(fd)) == -1 ||
	    sys_fcntl_setfl(fd, flags & ~O_NONBLOCK) == -1)
		return (errno);
	return (0);
}

/* mkdir -p of the directory that path is in. */
static int
make_parents(const char *path)
{
	struct stat	 st;
	char		 dir[JOB_PATHMAX];
	char		*p;
	int		 error;

	if (strlcpy(dir, path, sizeof(dir)) >= sizeof(dir))
		return (ENAMETOOLONG);
	for (p = dir + 1; (p = strchr(p, '/')) != NULL; p++) {
		*p = '\0';
		error = 0;
		if (sys_mkdirat(AT_FDCWD, dir, 0755) == -1)
			error = errno;
		/* Where it is already, not being allowed to does not matter. */
		if (error != 0 && error != EEXIST &&
		    sys_fstatat(AT_FDCWD, dir, &st, 0) == -1)
			return (error);
		*p = '/';
	}
	return (0);
}

const char *
job_strerror(int error)
{
	switch (error) {
	case ELOOP:
		return ("is a symbolic link");
	case EMLINK:
		return ("has more than one name (hard links)");
	case EPERM:
		return ("belongs to another user");
	case ENOTSUP:
		return ("is not a regular file");
	case EISDIR:
		return ("is a directory");
	default:
		return (strerror(error));
	}
}

static int
rotate(const char *path, uint32_t keep)
{
	struct stat	 st;
	char		 first[JOB_PATHMAX];
	int		 error;

	if (sys_fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return (errno == ENOENT ? 0 : errno);
	/* What is not a log stays where it is; opening it will be refused. */
	if (!S_ISREG(st.st_mode))
		return (0);
	if (keep == 0) {
		if (sys_unlinkat(AT_FDCWD, path, 0) == -1)
			return (errno);
		return (0);
	}
	if ((error = rotate_shift(path, keep)) != 0 ||
	    (error = rotate_name(first, sizeof(first), path, 1)) != 0)
		return (error);
	if (sys_renameat(AT_FDCWD, path, AT_FDCWD, first) == -1)
		return (errno);
	return (0);
}

/* Up to the first number that is free, from there downwards. */
static int
rotate_shift(const char *path, uint32_t keep)
{
	struct stat	 st;
	char		 from[JOB_PATHMAX], to[JOB_PATHMAX];
	uint32_t	 i, n;
	int		 error;

	for (n = 1; n < keep; n++) {
		if ((error = rotate_name(to, sizeof(to), path, n)) != 0)
			return (error);
		if (sys_fstatat(AT_FDCWD, to, &st, AT_SYMLINK_NOFOLLOW) == -1)
			break;
	}
	for (i = n; i > 1; i--) {
		if ((error = rotate_name(from, sizeof(from), path,
		    i - 1)) != 0 ||
		    (error = rotate_name(to, sizeof(to), path, i)) != 0)
			return (error);
		if (sys_renameat(AT_FDCWD, from, AT_FDCWD, to) == -1 &&
		    errno != ENOENT)
			return (errno);
	}
	return (0);
}

static int
rotate_name(char *buf, size_t size, const char *path, uint32_t n)
{
	int len;

	len = snprintf(buf, size, "%s.%u", path, n);
	if (len < 0 || (size_t)len >= size)
		return (ENAMETOOLONG);
	return (0);
}

int
job_sync(const void *req, size_t len, struct helper_reply *reply)
{
	const struct job_sync_req *js = req;

	if (len != sizeof(*js))
		return (EINVAL);
	if (sys_fdatasync(reply->passed[0]) == -1)
		return (errno);
	if (*js->to == '\0')
		return (0);
	if (name_check(js->from, sizeof(js->from)) == -1 ||
	    name_check(js->to, sizeof(js->to)) == -1)
		return (EINVAL);
	if (sys_renameat(reply->passed[1], js->from, reply->passed[1],
	    js->to) == -1 || sys_fsync(reply->passed[1]) == -1)
		return (errno);
	return (0);
}

/* One component of a path. */
static int
name_check(const char *name, size_t size)
{
	if (memchr(name, '\0', size) == NULL || *name == '\0' ||
	    strchr(name, '/') != NULL)
		return (-1);
	return (0);
}

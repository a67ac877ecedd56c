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
 * Unix sockets, made and removed as the user whose they are.  All of it runs
 * in a helper.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"
#include "sys.h"

/* These return 0 or an errno. */
static int	 resolve(const struct job_bind *, struct sockaddr_un *,
		    socklen_t *, const char **);
static int	 path_enter(const char *, const char **);
static int	 bind_path(int, const struct sockaddr_un *, socklen_t,
		    const char *);
static int	 remove_stale(const struct sockaddr_un *, socklen_t,
		    const char *);
static int	 finish_path(const char *, uint32_t, struct job_bound *);

int
job_bind_unix(const void *req, size_t len, struct helper_reply *reply)
{
	const struct job_bind	*jb = req;
	struct sockaddr_un	 sun;
	struct job_bound	 bound;
	socklen_t		 sunlen;
	const char		*name;
	int			 error, fd, type;

	if (len != sizeof(*jb))
		return (EINVAL);
	if ((error = resolve(jb, &sun, &sunlen, &name)) != 0)
		return (error);
	type = SOCK_STREAM | SOCK_CLOEXEC;
	if ((jb->flags & JOB_BLOCKING) == 0)
		type |= SOCK_NONBLOCK;
	if ((fd = sys_socket(AF_UNIX, type, 0)) == -1)
		return (errno);
	memset(&bound, 0, sizeof(bound));
	if ((error = bind_path(fd, &sun, sunlen, name)) != 0)
		return (error);
	if (name != NULL)
		error = finish_path(name, jb->flags, &bound);
	if (error == 0 && sys_listen(fd, (int)jb->backlog) == -1)
		error = errno;
	if (error != 0) {
		if (name != NULL)
			(void)sys_unlinkat(AT_FDCWD, name, 0);
		return (error);
	}
	reply->fds[reply->nfds++] = fd;
	memcpy(reply->data, &bound, sizeof(bound));
	reply->len = sizeof(bound);
	return (0);
}

int
job_unbind_unix(const void *req, size_t len, struct helper_reply *reply)
{
	const struct job_unbind	*ju = req;
	struct stat		 st;

	(void)reply;
	if (len != sizeof(*ju) ||
	    memchr(ju->path, '\0', sizeof(ju->path)) == NULL)
		return (EINVAL);
	if (sys_fstatat(AT_FDCWD, ju->path, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return (errno == ENOENT ? 0 : errno);
	if (!S_ISSOCK(st.st_mode) || st.st_dev != ju->file.dev ||
	    st.st_ino != ju->file.ino)
		return (0);
	return (sys_unlinkat(AT_FDCWD, ju->path, 0) == -1 ? errno : 0);
}

/* *name: what to call it from here, or NULL: it is no file. */
static int
resolve(const struct job_bind *jb, struct sockaddr_un *sun, socklen_t *len,
    const char **name)
{
	size_t	 n, skip = (jb->flags & JOB_ABSTRACT) != 0;
	int	 error;

	if (memchr(jb->path, '\0', sizeof(jb->path)) == NULL)
		return (ENAMETOOLONG);
	*name = jb->path;
	if (skip == 0 && (error = path_enter(jb->path, name)) != 0)
		return (error);
	n = strlen(*name);
	if (n + skip >= sizeof(sun->sun_path))
		return (ENAMETOOLONG);
	memset(sun, 0, sizeof(*sun));
	sun->sun_family = AF_UNIX;
	memcpy(sun->sun_path + skip, *name, n);
	*len = sizeof(*sun);
	if (skip) {
		*len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
		    skip + n);
		*name = NULL;
	}
	return (0);
}

/*
 * One that is too long for an address is bound by its last component, from
 * within its directory.
 */
static int
path_enter(const char *path, const char **name)
{
	char		 dir[sizeof(((struct job_bind *)NULL)->path)];
	const char	*slash;
	size_t		 len;

	if (*path != '/' || (slash = strrchr(path, '/')) == NULL ||
	    slash[1] == '\0')
		return (EINVAL);
	if (strlen(path) < sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return (0);
	len = slash == path ? 1 : (size_t)(slash - path);
	memcpy(dir, path, len);
	dir[len] = '\0';
	if (sys_chdir(dir) == -1)
		return (errno);
	*name = slash + 1;
	return (0);
}

/* path NULL: an abstract name, which is gone with its last socket. */
static int
bind_path(int fd, const struct sockaddr_un *sun, socklen_t len,
    const char *path)
{
	int	 error;

	if (sys_bind(fd, (const struct sockaddr *)sun, len) == 0)
		return (0);
	if (errno != EADDRINUSE || path == NULL)
		return (errno);
	if ((error = remove_stale(sun, len, path)) != 0)
		return (error);
	return (sys_bind(fd, (const struct sockaddr *)sun, len) == -1 ?
	    errno : 0);
}

/* What else is there stays, and so does what somebody listens to. */
static int
remove_stale(const struct sockaddr_un *sun, socklen_t len, const char *path)
{
	struct stat	 st;
	int		 error = 0, fd;

	if (sys_fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    !S_ISSOCK(st.st_mode) || st.st_uid != geteuid())
		return (EADDRINUSE);
	fd = sys_socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	if (fd == -1)
		return (errno);
	if (sys_connect(fd, (const struct sockaddr *)sun, len) == 0)
		error = EADDRINUSE;
	else if (errno != ECONNREFUSED)
		error = EADDRINUSE;
	(void)close(fd);
	if (error == 0 && sys_unlinkat(AT_FDCWD, path, 0) == -1)
		error = errno;
	return (error);
}

static int
finish_path(const char *path, uint32_t flags, struct job_bound *bound)
{
	struct stat	 st;
	mode_t		 mode;

	if (sys_fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return (errno);
	mode = st.st_mode & 07777;
	if (flags & JOB_READALL)
		mode |= 0444;
	if (flags & JOB_WRITEALL)
		mode |= 0222;
	if (mode != (st.st_mode & 07777) &&
	    sys_fchmodat(AT_FDCWD, path, mode, 0) == -1)
		return (errno);
	bound->dev = st.st_dev;
	bound->ino = st.st_ino;
	return (0);
}

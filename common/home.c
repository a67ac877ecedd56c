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
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "home.h"
#include "sys.h"

#define HOME_BACKLOG		4096	/* the kernel has its own bound */
#define HOME_CONNECT_SECONDS	5

static int	 open_home(const char *, struct stat *);
static int	 make_parents(const char *);
static int	 make_dir(int, const char *);
static int	 make_empty(int);
static int	 trusted_dir(const struct stat *);
static int	 socket_address(struct sockaddr_un *, const char *, int,
		    const char *);
static int	 split(const char *, char *, size_t, const char **);
static int	 connect_in(const char *, const char *, int);
static int	 listen_in(const char *, const char *, mode_t);
static int	 connect_bounded(int, const struct sockaddr_un *);
static int	 trusted_peer(int, uid_t);
static int	 unlink_stale(int, const char *);
static int	 bind_mode(int, const struct sockaddr_un *, mode_t);
static void	 close_keep_errno(int);

int
home_file(char *buf, size_t size, const char *home, const char *name)
{
	int	 n;

	n = snprintf(buf, size, "%s/%s", home, name);
	if (n < 0 || (size_t)n >= size) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	return (0);
}

int
home_make(const char *home)
{
	struct stat	 sb;
	mode_t		 mask;
	int		 dirfd, error;

	/* 0700 whatever the caller's umask is. */
	mask = umask(077);
	error = -1;
	dirfd = -1;
	if (make_parents(home) == -1)
		goto done;
	if ((dirfd = open_home(home, &sb)) == -1)
		goto done;
	if (trusted_dir(&sb) == -1)
		goto done;
	if (make_dir(dirfd, HOME_LOGS) == -1 ||
	    make_dir(dirfd, HOME_PIDS) == -1)
		goto done;
	if (geteuid() == 0 && make_empty(dirfd) == -1)
		goto done;
	error = 0;
 done:
	umask(mask);
	if (dirfd != -1)
		close_keep_errno(dirfd);
	return (error);
}

/* mkdir -p, and no complaint about what is there already. */
static int
make_parents(const char *home)
{
	char	 path[PATH_MAX];
	char	*p;

	if (strlcpy(path, home, sizeof(path)) >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	/* The usual case: all is there but perhaps the last one. */
	if (sys_mkdirat(AT_FDCWD, path, 0700) == 0 || errno == EEXIST)
		return (0);
	if (errno != ENOENT)
		return (-1);
	for (p = path; *p != '\0'; p++) {
		if (*p != '/' || p == path)
			continue;
		*p = '\0';
		if (sys_mkdirat(AT_FDCWD, path, 0700) == -1 && errno != EEXIST)
			return (-1);
		*p = '/';
	}
	if (sys_mkdirat(AT_FDCWD, path, 0700) == -1 && errno != EEXIST)
		return (-1);
	return (0);
}

/* The directory by descriptor, so that it is one and the same from now on. */
static int
open_home(const char *home, struct stat *sb)
{
	int	 dirfd;

	dirfd = sys_openat(AT_FDCWD, home, O_PATH | O_CLOEXEC, 0);
	if (dirfd == -1)
		return (-1);
	if (sys_fstat(dirfd, sb) == -1) {
		close_keep_errno(dirfd);
		return (-1);
	}
	return (dirfd);
}

static int
make_dir(int dirfd, const char *name)
{
	struct stat	 sb;

	if (sys_mkdirat(dirfd, name, 0700) == 0)
		return (0);
	if (errno != EEXIST)
		return (-1);
	/* A symbolic link is the owner's way to keep logs elsewhere. */
	if (sys_fstatat(dirfd, name, &sb, 0) == -1)
		return (-1);
	/* Root's belong to the log daemon's user; nobody else can put one. */
	if (geteuid() == 0 && S_ISDIR(sb.st_mode) &&
	    (sb.st_mode & S_IWOTH) == 0)
		return (0);
	return (trusted_dir(&sb));
}

/*
 * The root directory of daemons that need no files: not a way to elsewhere,
 * and nobody but root can put anything there.
 */
static int
make_empty(int dirfd)
{
	struct stat	 sb;

	if (sys_mkdirat(dirfd, HOME_EMPTY, 0500) == 0)
		return (0);
	if (errno != EEXIST)
		return (-1);
	if (sys_fstatat(dirfd, HOME_EMPTY, &sb, AT_SYMLINK_NOFOLLOW) == -1)
		return (-1);
	if (!S_ISDIR(sb.st_mode) || sb.st_uid != 0 ||
	    (sb.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		errno = EPERM;
		return (-1);
	}
	return (0);
}

/*
 * Whoever can write to the directory can put his own socket or log there, and
 * its owner can always give himself that right.
 */
static int
trusted_dir(const struct stat *sb)
{
	if (!S_ISDIR(sb->st_mode) ||
	    (sb->st_uid != geteuid() && sb->st_uid != 0) ||
	    (sb->st_mode & S_IWOTH) != 0) {
		errno = EPERM;
		return (-1);
	}
	return (0);
}

/* The directory and the last component of an absolute path. */
static int
split(const char *path, char *dir, size_t size, const char **name)
{
	const char	*slash;
	size_t		 len;

	if (*path != '/' || (slash = strrchr(path, '/'))[1] == '\0') {
		errno = EINVAL;
		return (-1);
	}
	len = slash == path ? 1 : (size_t)(slash - path);
	if (len >= size) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	memcpy(dir, path, len);
	dir[len] = '\0';
	*name = slash + 1;
	return (0);
}

int
home_connect(const char *home)
{
	return (connect_in(home, HOME_SOCKET, 1));
}

int
home_connect_socket(const char *path)
{
	char		 dir[PATH_MAX];
	const char	*name;

	if (split(path, dir, sizeof(dir), &name) == -1)
		return (-1);
	return (connect_in(dir, name, 0));
}

/* ofdir: whoever has the directory is trusted, too. */
static int
connect_in(const char *dir, const char *name, int ofdir)
{
	struct sockaddr_un	 sun;
	struct stat		 sb;
	int			 dirfd, fd;

	fd = -1;
	if ((dirfd = open_home(dir, &sb)) == -1)
		return (-1);
	if (socket_address(&sun, dir, dirfd, name) == -1)
		goto fail;
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		goto fail;
	if (connect_bounded(fd, &sun) == -1)
		goto fail;
	if (trusted_peer(fd, ofdir ? sb.st_uid : 0) == -1)
		goto fail;
	close(dirfd);
	return (fd);
 fail:
	close_keep_errno(dirfd);
	if (fd != -1)
		close_keep_errno(fd);
	return (-1);
}

/*
 * sun_path has room for 107 bytes, a home for 4095; by way of the descriptor
 * any home is near.
 */
static int
socket_address(struct sockaddr_un *sun, const char *dir, int dirfd,
    const char *name)
{
	char	 via[64];

	memset(sun, 0, sizeof(*sun));
	sun->sun_family = AF_UNIX;
	if (home_file(sun->sun_path, sizeof(sun->sun_path), dir, name) == 0)
		return (0);
	(void)snprintf(via, sizeof(via), "/proc/self/fd/%d", dirfd);
	return (home_file(sun->sun_path, sizeof(sun->sun_path), via, name));
}

/*
 * A local connect waits only while the listener's backlog is full, and the
 * send timeout bounds that: a daemon that hangs does not hang its clients.
 * Not a non-blocking connect: it would fail at once with EAGAIN and leave
 * nothing to wait for but the clock.
 */
static int
connect_bounded(int fd, const struct sockaddr_un *sun)
{
	struct timeval	 tv;
	int		 error;

	memset(&tv, 0, sizeof(tv));
	tv.tv_sec = HOME_CONNECT_SECONDS;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)) == -1)
		return (-1);
	do {
		error = sys_connect(fd, (const struct sockaddr *)sun,
		    sizeof(*sun));
	} while (error == -1 && errno == EINTR);
	if (error == -1) {
		if (errno == EAGAIN)
			errno = ETIMEDOUT;
		return (-1);
	}
	tv.tv_sec = 0;
	return (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)));
}

/*
 * A start command carries its caller's environment, secrets and all: it goes
 * to a daemon of the caller, of root or of the home's owner, and to nobody
 * who only managed to put a socket there.
 */
static int
trusted_peer(int fd, uid_t trusted)
{
	uid_t	 uid;
	gid_t	 gid;

	if (getpeereid(fd, &uid, &gid) == -1)
		return (-1);
	if (uid != geteuid() && uid != 0 && uid != trusted) {
		errno = EPERM;
		return (-1);
	}
	return (0);
}

int
home_listen(const char *home)
{
	return (listen_in(home, HOME_SOCKET, 0600));
}

int
home_listen_socket(const char *path, mode_t mode)
{
	char		 dir[PATH_MAX];
	const char	*name;

	if (split(path, dir, sizeof(dir), &name) == -1)
		return (-1);
	return (listen_in(dir, name, mode));
}

static int
listen_in(const char *dir, const char *name, mode_t mode)
{
	struct sockaddr_un	 sun;
	struct stat		 sb;
	int			 dirfd, fd;

	fd = -1;
	if ((dirfd = open_home(dir, &sb)) == -1)
		return (-1);
	if (socket_address(&sun, dir, dirfd, name) == -1)
		goto fail;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		goto fail;
	if (unlink_stale(dirfd, name) == -1)
		goto fail;
	if (bind_mode(fd, &sun, mode) == -1)
		goto fail;
	if (listen(fd, HOME_BACKLOG) == -1) {
		close_keep_errno(fd);
		fd = -1;
		(void)unlink_stale(dirfd, name);
		goto fail;
	}
	close(dirfd);
	return (fd);
 fail:
	close_keep_errno(dirfd);
	if (fd != -1)
		close_keep_errno(fd);
	return (-1);
}

/*
 * The socket of a daemon that is gone.  Something else of that name is not
 * ours to remove: bind(2) will say that it is in the way.
 */
static int
unlink_stale(int dirfd, const char *name)
{
	struct stat	 sb;
	int		 saved;

	saved = errno;
	if (sys_fstatat(dirfd, name, &sb, AT_SYMLINK_NOFOLLOW) == -1) {
		if (errno != ENOENT)
			return (-1);
		errno = saved;
		return (0);
	}
	if (!S_ISSOCK(sb.st_mode))
		return (0);
	if (sys_unlinkat(dirfd, name, 0) == -1 && errno != ENOENT)
		return (-1);
	errno = saved;
	return (0);
}

/* Never there with a wider mode, not even between bind and a chmod. */
static int
bind_mode(int fd, const struct sockaddr_un *sun, mode_t mode)
{
	mode_t	 mask;
	int	 error;

	mask = umask(~mode & 0777);
	error = bind(fd, (const struct sockaddr *)sun, sizeof(*sun));
	umask(mask);
	return (error);
}

static void
close_keep_errno(int fd)
{
	int	 saved;

	saved = errno;
	close(fd);
	errno = saved;
}

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
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "home.h"
#include "ids.h"
#include "parent.h"
#include "places.h"
#include "sys.h"

/*
 * Directories and files of the daemon.  Here, and nowhere else, is the
 * difference between a user's own pm2d and the system's.
 */

#define USERS		"users"	/* in the state directory: links, uid to name */
#define LOGGER		"_pm2logd"

static int	 make_path(const char *, mode_t);
static int	 open_roots(const char *, int *);
static int	 make_empty(int);

int
places_dir(const struct pm2d *env, enum place place, char *buf, size_t size)
{
	const struct places	*p = env->places;
	const char		*dir = env->home;

	switch (place) {
	case PLACE_OWNLOG:
		dir = p != NULL ? p->logs : env->home;
		break;
	case PLACE_LOGS:
		if (p == NULL)
			return (home_file(buf, size, env->home, HOME_LOGS));
		dir = p->logs;
		break;
	case PLACE_PIDS:
		return (home_file(buf, size, env->home, HOME_PIDS));
	case PLACE_RUN:
		dir = p != NULL ? p->run : env->home;
		break;
	}
	if (strlcpy(buf, dir, size) >= size) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	return (0);
}

int
places_file(const struct pm2d *env, enum place place, const char *name,
    char *buf, size_t size)
{
	char	 dir[PATH_MAX];

	if (places_dir(env, place, dir, sizeof(dir)) == -1)
		return (-1);
	return (home_file(buf, size, dir, name));
}

/* ---- the system's ---- */

/* mkdir -p; what is there already stays as it is. */
static int
make_path(const char *path, mode_t mode)
{
	char	 buf[PATH_MAX];
	char	*p;

	if (strlcpy(buf, path, sizeof(buf)) >= sizeof(buf)) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	for (p = buf + 1; (p = strchr(p, '/')) != NULL; p++) {
		*p = '\0';
		if (sys_mkdirat(AT_FDCWD, buf, 0755) == -1 && errno != EEXIST)
			return (-1);
		*p = '/';
	}
	if (sys_mkdirat(AT_FDCWD, buf, mode) == -1 && errno != EEXIST)
		return (-1);
	return (0);
}

/* Root alone can put something there. */
static int
open_roots(const char *path, int *fd)
{
	struct stat	 sb;
	int		 saved;

	*fd = sys_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC,
	    0);
	if (*fd == -1)
		return (-1);
	if (sys_fstat(*fd, &sb) == 0) {
		if (sb.st_uid == 0 && (sb.st_mode & 022) == 0)
			return (0);
		errno = EPERM;
	}
	saved = errno;
	close(*fd);
	*fd = -1;
	errno = saved;
	return (-1);
}

/* In the state directory: to chroot into, for pm2logd, for the links. */
static int
make_empty(int dirfd)
{
	struct stat	 sb;

	if (sys_mkdirat(dirfd, HOME_EMPTY, 0500) == -1 && errno != EEXIST)
		return (-1);
	if (sys_fstatat(dirfd, HOME_EMPTY, &sb, AT_SYMLINK_NOFOLLOW) == -1)
		return (-1);
	if (!S_ISDIR(sb.st_mode) || sb.st_uid != 0 ||
	    (sb.st_mode & 022) != 0) {
		errno = EPERM;
		return (-1);
	}
	if ((sys_mkdirat(dirfd, HOME_PIDS, 0700) == -1 && errno != EEXIST) ||
	    (sys_mkdirat(dirfd, USERS, 0700) == -1 && errno != EEXIST))
		return (-1);
	return (0);
}

/* The directory of a path that is absolute and no directory itself. */
static int
dir_of(const char *path, char *buf, size_t size)
{
	const char	*slash = strrchr(path, '/');
	size_t		 len;

	if (*path != '/' || slash == path || slash[1] == '\0') {
		errno = EINVAL;
		return (-1);
	}
	len = slash - path;
	if (len >= size) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	memcpy(buf, path, len);
	buf[len] = '\0';
	return (0);
}

/* Remember which one it was. */
static int
at(const char *path, int result, char *which, size_t size)
{
	if (result == -1)
		strlcpy(which, path, size);
	return (result);
}

static int
open_state(struct pm2d *env, struct places *p, char *which, size_t size)
{
	int	 fd, error;

	if (at(env->home, make_path(env->home, 0700), which, size) == -1 ||
	    at(env->home, open_roots(env->home, &fd), which, size) == -1)
		return (-1);
	error = at(env->home, make_empty(fd), which, size);
	if (error == 0) {
		p->usersfd = sys_openat(fd, USERS, O_RDONLY | O_DIRECTORY |
		    O_NOFOLLOW | O_CLOEXEC, 0);
		error = at(env->home, p->usersfd == -1 ? -1 : 0, which, size);
	}
	close(fd);
	return (error);
}

static int
open_others(struct places *p, char *which, size_t size)
{
	int	 fd;

	if (at(p->logs, make_path(p->logs, 0755), which, size) == -1 ||
	    at(p->logs, open_roots(p->logs, &p->logsfd), which, size) == -1)
		return (-1);
	if (at(p->run, make_path(p->run, 0755), which, size) == -1 ||
	    at(p->run, open_roots(p->run, &fd), which, size) == -1)
		return (-1);
	close(fd);
	return (0);
}

int
places_open(struct pm2d *env, const struct conf_begin *begin, char *which,
    size_t size)
{
	struct places	*p;
	struct passwd	*pw;
	mode_t		 mask;
	int		 error;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return (-1);
	env->places = p;
	p->logsfd = p->usersfd = -1;
	p->mode = begin->socket_mode;
	p->gid = begin->socket_gid == UINT32_MAX ? 0 : begin->socket_gid;
	/* Once, before anybody depends on our not waiting for it. */
	if ((pw = getpwnam(LOGGER)) != NULL)
		p->logger = pw->pw_uid;
	strlcpy(env->home, begin->statedir, sizeof(env->home));
	strlcpy(p->logs, begin->logdir, sizeof(p->logs));
	strlcpy(p->socket, begin->socket, sizeof(p->socket));
	if (at(p->socket, dir_of(p->socket, p->run, sizeof(p->run)), which,
	    size) == -1)
		return (-1);
	mask = umask(0);
	error = open_state(env, p, which, size) == -1 ||
	    open_others(p, which, size) == -1 ? -1 : 0;
	umask(mask);
	return (error);
}

void
places_close(struct pm2d *env)
{
	struct places	*p = env->places;

	if (p == NULL)
		return;
	if (p->logsfd != -1)
		close(p->logsfd);
	if (p->usersfd != -1)
		close(p->usersfd);
	free(p);
	env->places = NULL;
}

/* ---- socket and pid file ---- */

void
places_socket(const struct pm2d *env, char *buf, size_t size)
{
	if (env->places != NULL)
		strlcpy(buf, env->places->socket, size);
	else
		(void)home_file(buf, size, env->home, HOME_SOCKET);
}

int
places_listen(const struct pm2d *env)
{
	const struct places	*p = env->places;
	int			 fd, saved;

	if (p == NULL)
		return (home_listen(env->home));
	/* Its group first: it must not be open to a wrong one for a moment. */
	if ((fd = home_listen_socket(p->socket, p->gid == 0 ? p->mode :
	    p->mode & 0700)) == -1)
		return (-1);
	if (p->gid == 0 || (lchown(p->socket, 0, p->gid) == 0 &&
	    chmod(p->socket, p->mode) == 0))
		return (fd);
	saved = errno;
	close(fd);
	errno = saved;
	return (-1);
}

int
places_chmod(struct pm2d *env, mode_t mode, gid_t gid)
{
	struct places	*p = env->places;

	if (p->mode == mode && p->gid == gid)
		return (0);
	/* The directory is root's alone: nobody has put anything else there. */
	if (chmod(p->socket, mode & 0700) == -1 ||
	    lchown(p->socket, 0, gid) == -1 || chmod(p->socket, mode) == -1)
		return (-1);
	p->mode = mode;
	p->gid = gid;
	return (0);
}

void
places_remove(const struct pm2d *env)
{
	char	 path[PATH_MAX];

	places_socket(env, path, sizeof(path));
	unlink(path);
	if (places_file(env, PLACE_RUN, HOME_PID, path, sizeof(path)) == 0)
		unlink(path);
}

/* ---- logs of users ---- */

/* Users may have odd names; not all are good ones for a directory of ours. */
static void
dir_name(const char *user, uid_t uid, char buf[PLACES_USERDIR])
{
	if (ids_badname(user) != NULL || *user == '.' ||
	    strlen(user) >= PLACES_USERDIR ||
	    strncmp(user, HOME_LOG, strlen(HOME_LOG)) == 0)
		snprintf(buf, PLACES_USERDIR, "%u", uid);
	else
		strlcpy(buf, user, PLACES_USERDIR);
}

void
places_userdir(const struct pm2d *env, uid_t uid, char buf[PLACES_USERDIR])
{
	char	 link[16];
	ssize_t	 n;

	snprintf(link, sizeof(link), "%u", uid);
	n = readlinkat(env->places->usersfd, link, buf, PLACES_USERDIR - 1);
	if (n == -1)
		strlcpy(buf, link, PLACES_USERDIR);
	else
		buf[n] = '\0';
}

/* From now on his logs are there; another name's stay where they were. */
static int
note_name(const struct pm2d *env, uid_t uid, const char *dir)
{
	char	 link[16], tmp[24], old[PLACES_USERDIR];

	places_userdir(env, uid, old);
	if (strcmp(old, dir) == 0)
		return (0);
	snprintf(link, sizeof(link), "%u", uid);
	snprintf(tmp, sizeof(tmp), "%u.new", uid);
	sys_unlinkat(env->places->usersfd, tmp, 0);
	if (symlinkat(dir, env->places->usersfd, tmp) == -1)
		return (-1);
	return (sys_renameat(env->places->usersfd, tmp, env->places->usersfd,
	    link));
}

/*
 * Ours, from mkdir on: give it away.  The mode first, while it is still ours:
 * the change of owner leaves a directory's as it is.
 */
static int
give(int fd, const struct places *p, gid_t gid)
{
	struct stat	 sb;

	if (sys_fstat(fd, &sb) == -1)
		return (-1);
	if (sb.st_uid == 0 && (sb.st_uid != p->logger || sb.st_gid != gid ||
	    (sb.st_mode & 07777) != 02750)) {
		if (fchown(fd, 0, 0) == -1 || fchmod(fd, 02750) == -1 ||
		    fchown(fd, p->logger, gid) == -1)
			return (-1);
		return (0);
	}
	if (sb.st_uid == p->logger && (sb.st_mode & 022) == 0)
		return (0);
	errno = EPERM;
	return (-1);
}

int
places_userlogs(struct pm2d *env, const struct ids *ids)
{
	struct places	*p = env->places;
	char		 dir[PLACES_USERDIR];
	int		 fd, error, saved;

	if (p == NULL)
		return (0);
	dir_name(ids->name, ids->uid, dir);
	if (sys_mkdirat(p->logsfd, dir, 0700) == -1 && errno != EEXIST)
		return (-1);
	fd = sys_openat(p->logsfd, dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC, 0);
	if (fd == -1)
		return (-1);
	error = give(fd, p, ids->gid);
	saved = errno;
	close(fd);
	errno = saved;
	return (error == -1 ? -1 : note_name(env, ids->uid, dir));
}

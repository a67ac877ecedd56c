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
 * Files with the pid of an app in it: written beside and renamed, so that a
 * reader never sees half a number, and removed only while they hold the
 * number that we wrote.
 */
#include <sys/types.h>
#include <sys/stat.h>
#include <sys/tree.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "pm2logd.h"
#include "rotname.h"
#include "sys.h"

#define PIDFILE_TMP	".pidtmp"
#define PIDFILE_MAX	32	/* longest content looked at */

/* What we wrote where. */
struct pidfile {
	RB_ENTRY(pidfile)	 entry;
	uint32_t		 app;
	uint32_t		 pid;
	char			*name;
};
RB_HEAD(pidfile_tree, pidfile);

static int	 pidfile_cmp(struct pidfile *, struct pidfile *);
static struct pidfile *pidfile_find(uint32_t);
static void	 pidfile_record(uint32_t, uint32_t, const char *);
static int	 pidfile_number(int, uint32_t *);
static int	 pidfile_put(int, uint32_t);
static void	 pidfile_create(uint32_t, const char *);
static void	 pidfile_delete(const char *, uint32_t);
static void	 pidfile_passed(int, uint32_t, uint32_t);

RB_PROTOTYPE_STATIC(pidfile_tree, pidfile, entry, pidfile_cmp)

static struct pidfile_tree	 pidfiles = RB_INITIALIZER(&pidfiles);
static int			 dirfd_pids = -1;

static int
pidfile_cmp(struct pidfile *a, struct pidfile *b)
{
	if (a->app != b->app)
		return (a->app < b->app ? -1 : 1);
	return (0);
}

RB_GENERATE_STATIC(pidfile_tree, pidfile, entry, pidfile_cmp)

void
pidfile_init(int dirfd)
{
	dirfd_pids = dirfd;
}

static struct pidfile *
pidfile_find(uint32_t app)
{
	struct pidfile	 key;

	key.app = app;
	return (RB_FIND(pidfile_tree, &pidfiles, &key));
}

static void
pidfile_record(uint32_t app, uint32_t pid, const char *name)
{
	struct pidfile	*pf;
	char		*copy;

	if ((copy = strdup(name)) == NULL) {
		log_warn("pid file of app %u", app);
		return;
	}
	if ((pf = pidfile_find(app)) == NULL) {
		if ((pf = calloc(1, sizeof(*pf))) == NULL) {
			log_warn("pid file of app %u", app);
			free(copy);
			return;
		}
		pf->app = app;
		RB_INSERT(pidfile_tree, &pidfiles, pf);
	}
	free(pf->name);
	pf->name = copy;
	pf->pid = pid;
}

void
pidfile_forget(uint32_t app)
{
	struct pidfile	*pf;

	if ((pf = pidfile_find(app)) == NULL)
		return;
	RB_REMOVE(pidfile_tree, &pidfiles, pf);
	free(pf->name);
	free(pf);
}

/* The number in it. 0, or -1: there is no number. */
static int
pidfile_number(int fd, uint32_t *pid)
{
	const char	*errstr;
	struct stat	 sb;
	char		 buf[PIDFILE_MAX];
	ssize_t		 n;

	if (sys_fstat(fd, &sb) == -1 || !S_ISREG(sb.st_mode) ||
	    (n = sys_pread(fd, buf, sizeof(buf) - 1, 0)) <= 0)
		return (-1);
	buf[n] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	*pid = (uint32_t)strtonum(buf, 1, INT32_MAX, &errstr);
	return (errstr == NULL ? 0 : -1);
}

static int
pidfile_put(int fd, uint32_t pid)
{
	char	 buf[PIDFILE_MAX];
	int	 len;

	len = snprintf(buf, sizeof(buf), "%u\n", pid);
	if (sys_write(fd, buf, (size_t)len) != (ssize_t)len)
		return (-1);
	return (0);
}

static void
pidfile_create(uint32_t pid, const char *name)
{
	char	 tmp[ROTNAME_MAX + sizeof(PIDFILE_TMP)];
	int	 fd;

	snprintf(tmp, sizeof(tmp), "%.*s%s",
	    (int)(255 - strlen(PIDFILE_TMP)), name, PIDFILE_TMP);
	(void)sys_unlinkat(dirfd_pids, tmp, 0);
	fd = sys_openat(dirfd_pids, tmp, O_WRONLY | O_CREAT | O_EXCL |
	    O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd == -1) {
		log_warn("pids/%s", name);
		return;
	}
	if (pidfile_put(fd, pid) == -1 ||
	    sys_renameat(dirfd_pids, tmp, dirfd_pids, name) == -1) {
		log_warn("pids/%s", name);
		(void)sys_unlinkat(dirfd_pids, tmp, 0);
	}
	close(fd);
}

/* pid 0: whichever number is in it. */
static void
pidfile_delete(const char *name, uint32_t pid)
{
	uint32_t	 found;
	int		 fd;

	fd = sys_openat(dirfd_pids, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
	    O_NOCTTY | O_CLOEXEC, 0);
	if (fd == -1) {
		if (errno != ENOENT)
			log_warn("pids/%s", name);
		return;
	}
	if (pidfile_number(fd, &found) == -1 || (pid != 0 && found != pid))
		log_info("pids/%s: not ours, left as it is", name);
	else if (sys_unlinkat(dirfd_pids, name, 0) == -1)
		log_warn("pids/%s", name);
	close(fd);
}

/* The parent opened it as the app's user; it cannot be replaced. */
static void
pidfile_passed(int fd, uint32_t old, uint32_t pid)
{
	struct stat	 sb;
	uint32_t	 found;

	if (sys_fstat(fd, &sb) == -1 || !S_ISREG(sb.st_mode))
		return;
	if (pid == 0 && old != 0 &&
	    (pidfile_number(fd, &found) == -1 || found != old))
		return;
	if (sys_ftruncate(fd, 0) == -1 || sys_lseek(fd, 0, SEEK_SET) == -1 ||
	    (pid != 0 && pidfile_put(fd, pid) == -1))
		log_warn("pid file");
}

void
pidfile_set(const struct log_pidfile *lp, int fd)
{
	struct pidfile	*pf;
	uint32_t	 old;

	pf = pidfile_find(lp->app);
	old = pf != NULL && (fd != -1 || strcmp(pf->name, lp->name) == 0) ?
	    pf->pid : 0;
	if (fd != -1)
		pidfile_passed(fd, old, lp->pid);
	else if (lp->pid != 0)
		pidfile_create(lp->pid, lp->name);
	else
		pidfile_delete(lp->name, old);
	if (lp->pid != 0)
		pidfile_record(lp->app, lp->pid, lp->name);
	else
		pidfile_forget(lp->app);
	if (fd != -1)
		close(fd);
}

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
 * The cheap fork of Linux: the child begins with the parent's descriptor
 * table itself and takes a private copy of the first ten entries only.  With
 * 19,000 descriptors open a plain fork takes three times as long, and each
 * child keeps some 300 KiB of kernel memory for its copy of the table.
 */
#include <sys/types.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <linux/close_range.h>
#include <linux/sched.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "sigdefault.h"
#include "spawn-local.h"
#include "spawn.h"
#include "sys.h"

#define OOM_PATH	"/proc/self/oom_score_adj"
#define SYNC_MS		5000

static pid_t	 fork_shared(const int *, int, int *, enum stage *);
static pid_t	 fork_plain(const int *, int, int *, enum stage *);
static int	 sync_wait(int, int *);
static void	 sync_tell(int);
static int	 slots_fill(const int *);
static void	 slots_clear(void);
static int	 pipe_wait(int);
static int	 group_join(int);
static int	 above(int);

static struct spawn_orig orig;
const struct spawn_orig *spawn_orig = &orig;

static int	 null_fd = -1;
static int	 sync_fds[2] = { -1, -1 };
static int	 shared;		/* the cheap way works here */

int
spawn_init(void)
{
	int fd, i, none[SPAWN_SLOTS];

	for (fd = SPAWN_SLOT_FIRST; fd < SPAWN_ABOVE; fd++)
		if (fcntl(fd, F_GETFD) != -1) {
			errno = EBUSY;
			return (-1);
		}
	for (i = 0; i < (int)RLIM_NLIMITS; i++)
		if (getrlimit(i, &orig.limits[i]) == -1)
			return (-1);
	orig.umask = umask(077);
	(void)umask(orig.umask);
	errno = 0;
	orig.nice = getpriority(PRIO_PROCESS, 0);
	if (orig.nice == -1 && errno != 0)
		return (-1);
	orig.have_oom = spawn_oom_get(&orig.oom) == 0;

	if ((null_fd = above(open("/dev/null", O_RDWR | O_CLOEXEC))) == -1)
		goto fail;
	if (sys_pipe2(sync_fds, O_CLOEXEC) == -1)
		goto fail;
	if ((sync_fds[0] = above(sync_fds[0])) == -1 ||
	    (sync_fds[1] = above(sync_fds[1])) == -1 ||
	    sys_fcntl_setfl(sync_fds[0], O_NONBLOCK) == -1)
		goto fail;
	for (i = 0; i < SPAWN_SLOTS; i++)
		none[i] = -1;
	if (slots_fill(none) == -1 ||
	    sys_dup3(sync_fds[1], SLOT_SYNC, O_CLOEXEC) == -1)
		goto fail;
	/* Closes nothing; fails where there is no close_range(2). */
	shared = sys_close_range(UINT_MAX, UINT_MAX,
	    CLOSE_RANGE_UNSHARE) == 0;
	return (0);

 fail:
	i = errno;
	spawn_exit();
	errno = i;
	return (-1);
}

void
spawn_exit(void)
{
	int fd;

	if (null_fd != -1)
		for (fd = SPAWN_SLOT_FIRST; fd < SPAWN_ABOVE; fd++)
			(void)close(fd);
	if (null_fd != -1)
		(void)close(null_fd);
	if (sync_fds[0] != -1)
		(void)close(sync_fds[0]);
	if (sync_fds[1] != -1)
		(void)close(sync_fds[1]);
	null_fd = sync_fds[0] = sync_fds[1] = -1;
}

const struct rlimit *
spawn_nofile(void)
{
	return (&orig.limits[RLIMIT_NOFILE]);
}

const struct rlimit *
spawn_rlimit(int which)
{
	return (&orig.limits[which]);
}

int
spawn_nice(void)
{
	return (orig.nice);
}

const char *
spawn_describe(void)
{
	return (shared ? "clone3" : "fork");
}

/* Move a descriptor out of the way of the slots. */
static int
above(int fd)
{
	int moved;

	if (fd == -1 || fd >= SPAWN_ABOVE)
		return (fd);
	moved = sys_fcntl_dupfd(fd, SPAWN_ABOVE);
	(void)close(fd);
	return (moved);
}

pid_t
spawn_fork(const int fds[SPAWN_SLOTS], int cgroup, int *pidfd,
    enum stage *stage)
{
	sigset_t	 all, old;
	pid_t		 pid;
	int		 saved;

	*pidfd = -1;
	/*
	 * No handler may run in the child: libevent's would write to a
	 * socket that both share.
	 */
	(void)sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, &old) == -1) {
		*stage = STAGE_SIGNALS;
		return (-1);
	}
	pid = -1;
	errno = ENOSYS;
	if (shared)
		pid = fork_shared(fds, cgroup, pidfd, stage);
	/* Some container runtimes answer EPERM for what they do not know. */
	if (pid == -1 && (!shared || (*stage == STAGE_CLONE &&
	    (errno == ENOSYS || errno == EPERM)))) {
		if (shared)
			log_info("no clone3(2), using fork(2)");
		shared = 0;
		pid = fork_plain(fds, cgroup, pidfd, stage);
	}
	if (pid == 0)
		return (0);
	saved = errno;
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	errno = saved;
	return (pid);
}

static pid_t
fork_shared(const int *fds, int cgroup, int *pidfd, enum stage *stage)
{
	struct clone_args	 ca;
	pid_t			 pid;
	int			 fd, saved;

	*stage = STAGE_FDS;
	if (slots_fill(fds) == -1) {
		saved = errno;
		slots_clear();
		errno = saved;
		return (-1);
	}
	fd = -1;
	memset(&ca, 0, sizeof(ca));
	ca.flags = CLONE_FILES | CLONE_PIDFD | CLONE_CLEAR_SIGHAND;
	ca.pidfd = (uint64_t)(uintptr_t)&fd;
	ca.exit_signal = SIGCHLD;
	if (cgroup != -1) {
		ca.flags |= CLONE_INTO_CGROUP;
		ca.cgroup = (uint64_t)cgroup;
	}
	*stage = STAGE_CLONE;
	pid = sys_clone3(&ca, sizeof(ca));
	if (pid == 0) {
		if (sys_close_range(SPAWN_ABOVE, UINT_MAX,
		    CLOSE_RANGE_UNSHARE) == -1)
			sync_tell(errno);
		sync_tell(0);
		/* CLONE_CLEAR_SIGHAND leaves what the parent ignores. */
		signals_default();
		return (0);
	}
	saved = errno;
	if (pid != -1) {
		*stage = STAGE_FDS;
		saved = sync_wait(fd, &fd);
	} else if (cgroup != -1 && saved != EAGAIN && saved != ENOMEM &&
	    saved != ENOSYS && saved != EPERM)
		*stage = STAGE_CGROUP;
	slots_clear();
	if (pid != -1 && saved == 0) {
		*pidfd = fd;
		return (pid);
	}
	errno = saved;
	return (-1);
}

/*
 * In the child: we have our own table now, the parent may go on; or we could
 * not, and must touch nothing that is still the parent's.
 */
static void
sync_tell(int error)
{
	ssize_t n;

	do {
		n = write(SLOT_SYNC, &error, sizeof(error));
	} while (n == -1 && errno == EINTR);
	if (error != 0 || n != (ssize_t)sizeof(error))
		_exit(127);
	(void)close(SLOT_SYNC);
}

/*
 * Wait until the child has its own table.  It is not the user's yet, so
 * that nobody can hold it up but who could as well hold us up.  Returns 0
 * or an errno; then the child is gone and *fd closed.
 */
static int
sync_wait(int pidfd, int *fd)
{
	struct pollfd	 pfd[2];
	siginfo_t	 info;
	int		 error, n;

	pfd[0].fd = sync_fds[0];
	pfd[1].fd = pidfd;
	pfd[0].events = pfd[1].events = POLLIN;
	do {
		n = poll(pfd, 2, SYNC_MS);
	} while (n == -1 && errno == EINTR);
	/* A child that was killed may yet have told. */
	if (read(sync_fds[0], &error, sizeof(error)) != sizeof(error))
		error = n == 0 ? ETIMEDOUT : ECHILD;
	if (error == 0)
		return (0);
	(void)sys_pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
	(void)sys_waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED);
	/* Told in the last moment: that is nobody's any more. */
	while (read(sync_fds[0], &n, sizeof(n)) > 0)
		continue;
	(void)close(pidfd);
	*fd = -1;
	return (error);
}

static int
slots_fill(const int *fds)
{
	int i, src;

	for (i = 0; i < SPAWN_SLOTS; i++) {
		src = fds[i] == -1 ? null_fd : fds[i];
		if (sys_dup3(src, SPAWN_SLOT_FIRST + i, O_CLOEXEC) == -1)
			return (-1);
	}
	return (0);
}

/* A write end that stayed here would keep its pipe from ever ending. */
static void
slots_clear(void)
{
	int i;

	for (i = 0; i < SPAWN_SLOTS; i++)
		while (dup3(null_fd, SPAWN_SLOT_FIRST + i, O_CLOEXEC) == -1)
			if (errno != EINTR && errno != EBUSY)
				fatal("dup3");
}

/*
 * Without clone3(2): an ordinary fork, the same order.  What goes wrong in
 * the child before it is set up comes back through a pipe.
 */
static pid_t
fork_plain(const int *fds, int cgroup, int *pidfd, enum stage *stage)
{
	pid_t	 pid;
	int	 error, p[2];

	*stage = STAGE_PIPE;
	if (sys_pipe2(p, O_CLOEXEC) == -1)
		return (-1);
	*stage = STAGE_CLONE;
	if ((pid = sys_fork()) == -1) {
		error = errno;
		(void)close(p[0]);
		(void)close(p[1]);
		errno = error;
		return (-1);
	}
	if (pid == 0) {
		error = 0;
		if (group_join(cgroup) == -1 || slots_fill(fds) == -1)
			error = errno;
		if (dup3(p[1], SLOT_SYNC, O_CLOEXEC) == -1)
			_exit(127);
		closefrom(SPAWN_ABOVE);
		sync_tell(error);
		signals_default();
		return (0);
	}
	(void)close(p[1]);
	error = pipe_wait(p[0]);
	(void)close(p[0]);
	if (error != 0) {
		*stage = cgroup != -1 ? STAGE_CGROUP : STAGE_FDS;
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
		errno = error;
		return (-1);
	}
	*pidfd = sys_pidfd_open(pid, 0);
	return (pid);
}

static int
pipe_wait(int fd)
{
	struct pollfd	 pfd;
	int		 error, n;

	pfd.fd = fd;
	pfd.events = POLLIN;
	do {
		n = poll(&pfd, 1, SYNC_MS);
	} while (n == -1 && errno == EINTR);
	if (n <= 0)
		return (n == 0 ? ETIMEDOUT : errno);
	if (read(fd, &error, sizeof(error)) != (ssize_t)sizeof(error))
		return (ECHILD);
	return (error);
}

static int
group_join(int cgroup)
{
	int	 fd;
	ssize_t	 n;

	if (cgroup == -1)
		return (0);
	fd = sys_openat(cgroup, "cgroup.procs", O_WRONLY | O_CLOEXEC, 0);
	if (fd == -1)
		return (-1);
	n = write(fd, "0", 1);
	return (n == 1 ? 0 : -1);
}

int
spawn_no_new_privs(void)
{
	return (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

int
spawn_oom_get(int *value)
{
	char	 buf[16], *end;
	ssize_t	 n;
	long	 v;
	int	 fd;

	if ((fd = open(OOM_PATH, O_RDONLY | O_CLOEXEC)) == -1)
		return (-1);
	n = read(fd, buf, sizeof(buf) - 1);
	(void)close(fd);
	if (n <= 0)
		return (-1);
	buf[n] = '\0';
	v = strtol(buf, &end, 10);
	if (end == buf || v < -1000 || v > 1000) {
		errno = EINVAL;
		return (-1);
	}
	*value = (int)v;
	return (0);
}

int
spawn_oom_set(int value)
{
	char	 buf[16];
	ssize_t	 n;
	int	 fd, len;

	len = snprintf(buf, sizeof(buf), "%d", value);
	if (len < 0 || (size_t)len >= sizeof(buf)) {
		errno = EINVAL;
		return (-1);
	}
	if ((fd = open(OOM_PATH, O_WRONLY | O_CLOEXEC)) == -1)
		return (-1);
	n = write(fd, buf, (size_t)len);
	(void)close(fd);
	return (n == len ? 0 : -1);
}

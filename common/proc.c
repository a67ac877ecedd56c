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

#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "proc.h"
#include "sigdefault.h"
#include "sys.h"

#define ERROR_FD	(PROC_PARENT_FD + 1)	/* until exec */
#define ABOVE_ALL	10			/* out of the way of dup3 */

#define CONSTANT_PATH	\
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static int	 arrange_fds(int *, int *);
static void	 reset_signals(void);
static void	 build_env(char **, size_t);
static void	 child(const struct proc_child *, int, int)
		    __attribute__((noreturn));
static int	 wait_exec(int);
static int	 open_pidfd(pid_t, int *);
static void	 reap(pid_t);
static void	 close_pair(int [2]);

int
proc_start(const struct proc_child *pc, pid_t *pidp, int *pidfdp)
{
	sigset_t	 all, saved;
	pid_t		 pid;
	int		 channel[2], error[2], reason;

	channel[0] = channel[1] = error[0] = error[1] = -1;
	if (pc->path[0] != '/') {
		errno = EINVAL;
		return (-1);
	}
	if (sys_socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0, channel) == -1)
		return (-1);
	if (sys_pipe2(error, O_CLOEXEC) == -1)
		goto fail;

	/* No handler of ours may run in the child, where it is not us. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &saved);
	if ((pid = sys_fork()) == 0)
		child(pc, channel[1], error[1]);
	reason = errno;
	sigprocmask(SIG_SETMASK, &saved, NULL);
	errno = reason;
	if (pid == -1)
		goto fail;

	close(channel[1]);
	close(error[1]);
	channel[1] = error[1] = -1;
	if ((reason = wait_exec(error[0])) != 0 ||
	    (reason = open_pidfd(pid, pidfdp)) != 0) {
		/* Its parent's end is closed too, but this does not wait. */
		(void)sys_kill(pid, SIGKILL);
		reap(pid);
		errno = reason;
		goto fail;
	}
	close(error[0]);
	*pidp = pid;
	log_debug("%s: started as process %d", pc->title, (int)pid);
	return (channel[0]);
 fail:
	close_pair(channel);
	close_pair(error);
	return (-1);
}

/*
 * The new process.  The parent has one thread, so that all of libc may be
 * used here; a failure goes back as an errno over the pipe that exec closes.
 */
static void
child(const struct proc_child *pc, int channel, int error)
{
	char	*env[4];
	int	 reason;
	ssize_t	 n;

	if (arrange_fds(&channel, &error) == 0) {
		reset_signals();
		build_env(env, sizeof(env) / sizeof(env[0]));
		(void)sys_execve(pc->path, pc->argv, env);
	}
	reason = errno;
	do {
		n = sys_write(error, &reason, sizeof(reason));
	} while (n == -1 && errno == EINTR);
	_exit(127);
}

/*
 * 0 and 1 /dev/null, 2 as it is, 3 the channel, 4 the way to report a failed
 * exec, and nothing else.  First everything moves up: any of them may sit on
 * the number that another one is to have.
 */
static int
arrange_fds(int *channel, int *error)
{
	int	 fd, flags, null;

	if ((fd = sys_fcntl_dupfd(*error, ABOVE_ALL)) == -1)
		return (-1);
	*error = fd;
	if ((fd = sys_fcntl_dupfd(*channel, ABOVE_ALL)) == -1)
		return (-1);
	*channel = fd;
	if ((fd = sys_openat(AT_FDCWD, _PATH_DEVNULL, O_RDWR | O_CLOEXEC,
	    0)) == -1)
		return (-1);
	if ((null = sys_fcntl_dupfd(fd, ABOVE_ALL)) == -1)
		return (-1);

	if (sys_dup3(null, STDIN_FILENO, 0) == -1 ||
	    sys_dup3(null, STDOUT_FILENO, 0) == -1)
		return (-1);
	/* Closed, or in use for something that exec will close. */
	flags = fcntl(STDERR_FILENO, F_GETFD);
	if (flags == -1 || (flags & FD_CLOEXEC) != 0) {
		if (sys_dup3(null, STDERR_FILENO, 0) == -1)
			return (-1);
	}
	if (sys_dup3(*channel, PROC_PARENT_FD, 0) == -1 ||
	    sys_dup3(*error, ERROR_FD, O_CLOEXEC) == -1)
		return (-1);
	*error = ERROR_FD;
	if (sys_close_range(ERROR_FD + 1, ~0U, 0) == -1)
		closefrom(ERROR_FD + 1);
	return (0);
}

/* Ignored signals and the mask survive exec; a daemon starts without any. */
static void
reset_signals(void)
{
	sigset_t	 none;

	signals_default();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Built from nothing: what the caller has in his must not steer a daemon. */
static void
build_env(char **env, size_t n)
{
	static char	 path[] = CONSTANT_PATH, lang[] = "LANG=C";
#ifdef PM2D_FAULTS
	static char	 fault[1024];
	const char	*value;
#endif
	size_t		 i;

	i = 0;
	env[i++] = path;
	env[i++] = lang;
#ifdef PM2D_FAULTS
	/* The suite's build only: which system calls are to fail. */
	if ((value = getenv("PM2D_FAULT")) != NULL && i + 1 < n &&
	    (size_t)snprintf(fault, sizeof(fault), "PM2D_FAULT=%s", value) <
	    sizeof(fault))
		env[i++] = fault;
#endif
	if (i >= n)
		abort();
	env[i] = NULL;
}

/* 0 when the program runs, else why it does not. */
static int
wait_exec(int fd)
{
	int	 reason;
	ssize_t	 n;

	do {
		n = sys_read(fd, &reason, sizeof(reason));
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		return (errno);
	if (n == 0)
		return (0);
	/* A pipe does not tear so few bytes. */
	return (n == sizeof(reason) && reason != 0 ? reason : EPROTO);
}

/*
 * The child is not reaped yet, so the number is still its own.  Kernels
 * without pidfds are known by ENOSYS; a descriptor that is refused for
 * another reason is a daemon that could not be watched.
 */
static int
open_pidfd(pid_t pid, int *pidfdp)
{
	*pidfdp = sys_pidfd_open(pid, 0);
	if (*pidfdp == -1 && errno != ENOSYS)
		return (errno);
	return (0);
}

static void
reap(pid_t pid)
{
	siginfo_t	 si;

	while (sys_waitid(P_PID, (id_t)pid, &si, WEXITED) == -1 &&
	    errno == EINTR)
		continue;
}

static void
close_pair(int fd[2])
{
	int	 i, saved;

	saved = errno;
	for (i = 0; i < 2; i++) {
		if (fd[i] != -1)
			close(fd[i]);
	}
	errno = saved;
}

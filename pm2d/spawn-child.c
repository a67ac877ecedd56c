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
 * From a fork of the parent to an app: everything that must not be inherited
 * is put back, in an order that lets the app's user do as little as possible
 * to us, and us do nothing with more rights than his.
 */
#include <sys/types.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ids.h"
#include "spawn-local.h"
#include "sys.h"

#define MAXIMUM(a, b)	((a) > (b) ? (a) : (b))
#define O_PATH_DIR	(O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define PATH_DEFAULT	"/usr/local/bin:/usr/bin:/bin"

typedef int	(child_step)(const struct spawn_req *, unsigned int *);

static void	 child_gate(const struct spawn_req *);
static int	 child_recv(uint32_t);
static void	 child_fail(unsigned int) __attribute__((noreturn));
static void	 child_exec(const struct spawn_req *);
static void	 child_execpath(const struct spawn_req *);
static const char *child_getpath(char *const *);
static int	 chroot_open(const char *);
static int	 limit_wanted(const struct spawn_req *, int, struct rlimit *);
static int	 limit_islate(int);
static int	 limit_set(int, const struct rlimit *, const struct rlimit *);

static child_step	 child_session;
static child_step	 child_limits;
static child_step	 child_latelimits;
static child_step	 child_priority;
static child_step	 child_chroot;
static child_step	 child_privs;
static child_step	 child_fds;
static child_step	 child_listen;
static child_step	 child_channel;
static child_step	 child_env;
static child_step	 child_user;
static child_step	 child_cwd;
static child_step	 child_script;
static child_step	 child_signals;

static const struct {
	child_step	*step;
	unsigned int	 stage;
} child_steps[] = {
	{ child_session,	STAGE_SESSION },
	/* as long as the limit is ours */
	{ child_fds,		STAGE_FDS },
	{ child_listen,		STAGE_LISTEN },
	{ child_channel,	STAGE_CHANNEL },
	{ child_limits,		STAGE_RLIMIT },
	{ child_priority,	STAGE_PRIORITY },
	{ child_env,		STAGE_SESSION },
	{ child_chroot,		STAGE_CHROOT },
	{ child_user,		STAGE_UID },
	/* from here on as the user: may block on what is his */
	{ child_cwd,		STAGE_CHDIR },
	{ child_script,		STAGE_SCRIPT },
	{ child_signals,	STAGE_SIGNALS },
	{ child_privs,		STAGE_SANDBOX },
	{ child_latelimits,	STAGE_RLIMIT }
};

/* Slots that must make way when many sockets come. */
static int	 errpipe = SLOT_ERRPIPE;
static int	 channel = SLOT_IPC;
/* The sockets, or why they did not come. */
static int	 sockets[SPAWN_LISTEN_MAX];
static int	 sockets_error;

void
spawn_child_main(const struct spawn_req *req)
{
	unsigned int	 stage;
	size_t		 i;

	child_gate(req);
	for (i = 0; i < sizeof(child_steps) / sizeof(child_steps[0]); i++) {
		stage = child_steps[i].stage;
		if (child_steps[i].step(req, &stage) == -1)
			child_fail(stage);
	}
	child_exec(req);
	child_fail(STAGE_EXEC);
}

/* The parent says go when what it knows of us is safe; its end is ours. */
static void
child_gate(const struct spawn_req *req)
{
	ssize_t	 n;
	char	 c;

	if (req->nlisten != 0 && child_recv(req->nlisten) == -1)
		sockets_error = errno;
	do {
		n = read(SLOT_GATE, &c, 1);
	} while (n == -1 && errno == EINTR);
	if (n != 1)
		_exit(127);
}

/* The sockets were there before us; then the gate is like any other. */
static int
child_recv(uint32_t want)
{
	union spawn_cmsg	 cm;
	struct cmsghdr		*cmsg;
	struct msghdr		 msg;
	struct iovec		 iov;
	ssize_t			 n;
	char			 c;

	memset(&msg, 0, sizeof(msg));
	iov.iov_base = &c;
	iov.iov_len = 1;
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	msg.msg_control = cm.buf;
	msg.msg_controllen = sizeof(cm.buf);
	do {
		n = sys_recvmsg(SLOT_GATE, &msg, MSG_CMSG_CLOEXEC);
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		return (-1);
	cmsg = CMSG_FIRSTHDR(&msg);
	if (n != 1 || cmsg == NULL || cmsg->cmsg_level != SOL_SOCKET ||
	    cmsg->cmsg_type != SCM_RIGHTS || (msg.msg_flags & MSG_CTRUNC) ||
	    cmsg->cmsg_len != CMSG_LEN(want * sizeof(int))) {
		/* The kernel leaves out those there is no number for. */
		errno = EMFILE;
		return (-1);
	}
	memcpy(sockets, CMSG_DATA(cmsg), want * sizeof(int));
	return (0);
}

static void
child_fail(unsigned int stage)
{
	struct spawn_failure	 f;
	ssize_t			 n;

	f.stage = stage;
	f.error = errno == 0 ? EINVAL : errno;
	do {
		n = write(errpipe, &f, sizeof(f));
	} while (n == -1 && errno == EINTR);
	_exit(127);
}

/* No controlling terminal whose input could be faked, a group to kill. */
static int
child_session(const struct spawn_req *req, unsigned int *stage)
{
	(void)stage;
	(void)umask(req->limits != NULL && req->limits->has_umask ?
	    req->limits->umask : spawn_orig->umask);
	return (setsid() == -1 ? -1 : 0);
}

/*
 * As long as we have the right to raise them.  Those that we would feel
 * ourselves come down to what is wanted at the end.
 */
static int
child_limits(const struct spawn_req *req, unsigned int *stage)
{
	struct rlimit	 now, want;
	int		 i;

	(void)stage;
	for (i = 0; i < (int)RLIM_NLIMITS; i++) {
		if (getrlimit(i, &now) == -1)
			return (-1);
		want = spawn_orig->limits[i];
		if (limit_wanted(req, i, &want) && limit_islate(i)) {
			want.rlim_cur = MAXIMUM(want.rlim_cur, now.rlim_cur);
			want.rlim_max = MAXIMUM(want.rlim_max, now.rlim_max);
		}
		if (limit_set(i, &now, &want) == -1)
			return (-1);
	}
	return (0);
}

static int
child_latelimits(const struct spawn_req *req, unsigned int *stage)
{
	struct rlimit	 now, want;
	int		 i;

	(void)stage;
	for (i = 0; i < (int)RLIM_NLIMITS; i++) {
		if (!limit_wanted(req, i, &want) || !limit_islate(i))
			continue;
		if (getrlimit(i, &now) == -1 ||
		    limit_set(i, &now, &want) == -1)
			return (-1);
	}
	return (0);
}

static int
limit_wanted(const struct spawn_req *req, int which, struct rlimit *want)
{
	if (req->limits == NULL ||
	    req->limits->rlimits[which] == RLIM_INFINITY)
		return (0);
	want->rlim_cur = want->rlim_max = req->limits->rlimits[which];
	return (1);
}

static int
limit_islate(int which)
{
	return (which == RLIMIT_NOFILE || which == RLIMIT_AS ||
	    which == RLIMIT_STACK);
}

static int
limit_set(int which, const struct rlimit *now, const struct rlimit *want)
{
	if (now->rlim_cur == want->rlim_cur &&
	    now->rlim_max == want->rlim_max)
		return (0);
	return (sys_setrlimit(which, want));
}

static int
child_priority(const struct spawn_req *req, unsigned int *stage)
{
	int now, oom, want;

	(void)stage;
	want = req->limits != NULL && req->limits->has_nice ?
	    req->limits->nice : spawn_orig->nice;
	errno = 0;
	now = getpriority(PRIO_PROCESS, 0);
	if (now == -1 && errno != 0)
		return (-1);
	if (now != want && setpriority(PRIO_PROCESS, 0, want) == -1)
		return (-1);
	if (!spawn_orig->have_oom || spawn_oom_get(&oom) == -1 ||
	    oom == spawn_orig->oom)
		return (0);
	return (spawn_oom_set(spawn_orig->oom));
}

/* The slots close themselves on exec; their copies elsewhere do not. */
static int
child_fds(const struct spawn_req *req, unsigned int *stage)
{
	(void)stage;
	if (dup2(SLOT_IN, STDIN_FILENO) == -1 ||
	    dup2(SLOT_OUT, STDOUT_FILENO) == -1 ||
	    dup2(SLOT_ERR, STDERR_FILENO) == -1)
		return (-1);
	(void)req;
	return (0);
}

/*
 * 3 and following.  The sockets came to the lowest numbers that were free,
 * all above the slots, so that none is overwritten before its turn; what is
 * still needed of the slots makes way.
 */
static int
child_listen(const struct spawn_req *req, unsigned int *stage)
{
	int	 fd, last = SPAWN_SLOT_FIRST + (int)req->nlisten;
	int	 i;

	(void)stage;
	if (req->nlisten == 0)
		return (0);
	if ((errno = sockets_error) != 0)
		return (-1);
	if ((fd = sys_fcntl_dupfd(errpipe, last + 1)) == -1)
		return (-1);
	errpipe = fd;
	if ((channel = sys_fcntl_dupfd(channel, last + 1)) == -1)
		return (-1);
	for (i = 0; i < (int)req->nlisten; i++) {
		if (sockets[i] < SLOT_SYNC + i) {
			errno = EBADF;
			return (-1);
		}
		if (dup2(sockets[i], SPAWN_SLOT_FIRST + i) == -1)
			return (-1);
	}
	return (0);
}

static int
child_channel(const struct spawn_req *req, unsigned int *stage)
{
	(void)stage;
	if (req->ipc_fd == -1)
		return (0);
	return (dup2(channel, SPAWN_SLOT_FIRST + (int)req->nlisten) == -1 ?
	    -1 : 0);
}

/* What is in the environment is a copy of ours: the parent's stays. */
static int
child_env(const struct spawn_req *req, unsigned int *stage)
{
	static const char *const names[] = { "LISTEN_PID=", "WATCHDOG_PID=" };
	char			*value;
	size_t			 i, k, len;

	(void)stage;
	for (i = 0; req->envp[i] != NULL; i++) {
		for (k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
			len = strlen(names[k]);
			if (strncmp(req->envp[i], names[k], len) != 0)
				continue;
			value = req->envp[i] + len;
			if (strcmp(value, SPAWN_PID) == 0)
				(void)snprintf(value, sizeof(SPAWN_PID), "%d",
				    (int)getpid());
		}
	}
	return (0);
}

/*
 * A root directory that somebody else can change the contents of lets him
 * put a libc of his own below a setuid program.
 */
static int
child_chroot(const struct spawn_req *req, unsigned int *stage)
{
	int fd, ret;

	(void)stage;
	if (req->limits == NULL || req->limits->chroot == NULL)
		return (0);
	if (geteuid() != 0) {
		errno = EPERM;
		return (-1);
	}
	if ((fd = chroot_open(req->limits->chroot)) == -1)
		return (-1);
	ret = fchdir(fd) == -1 || chroot(".") == -1 || sys_chdir("/") == -1 ?
	    -1 : 0;
	(void)close(fd);
	return (ret);
}

/* Step by step, each root's and only his to change. */
static int
chroot_open(const char *path)
{
	struct stat	 st;
	const char	*p;
	char		 name[NAME_MAX + 1];
	size_t		 len;
	int		 fd, next;

	if (*path != '/') {
		errno = EINVAL;
		return (-1);
	}
	fd = sys_openat(AT_FDCWD, "/", O_PATH_DIR, 0);
	for (p = path; fd != -1; p += len) {
		if (sys_fstat(fd, &st) == -1)
			break;
		if (st.st_uid != 0 || ((st.st_mode & (S_IWGRP | S_IWOTH)) &&
		    !(st.st_mode & S_ISVTX))) {
			errno = EACCES;
			break;
		}
		p += strspn(p, "/");
		if ((len = strcspn(p, "/")) == 0) {
			/* Sticky is enough on the way, not at its end. */
			if (!(st.st_mode & (S_IWGRP | S_IWOTH)))
				return (fd);
			errno = EACCES;
			break;
		}
		errno = ENAMETOOLONG;
		if (len >= sizeof(name))
			break;
		memcpy(name, p, len);
		name[len] = '\0';
		next = sys_openat(fd, name, O_PATH_DIR, 0);
		(void)close(fd);
		fd = next;
	}
	if (fd != -1) {
		next = errno;
		(void)close(fd);
		errno = next;
	}
	return (-1);
}

static int
child_privs(const struct spawn_req *req, unsigned int *stage)
{
	(void)stage;
	if (req->limits == NULL)
		return (0);
	if (req->limits->no_new_privs && spawn_no_new_privs() == -1)
		return (-1);
	return (appbox_enter(&req->limits->box, req->file, req->script,
	    req->ids != NULL && req->ids->change ? req->ids->home : NULL,
	    req->envp));
}

static int
child_user(const struct spawn_req *req, unsigned int *stage)
{
	if (req->ids == NULL)
		return (0);
	return (ids_become(req->ids, stage));
}

static int
child_cwd(const struct spawn_req *req, unsigned int *stage)
{
	(void)stage;
	return (sys_chdir(req->cwd == NULL ? "/" : req->cwd));
}

/*
 * An interpreter that cannot read its script would only exit with some
 * number of its own.
 */
static int
child_script(const struct spawn_req *req, unsigned int *stage)
{
	struct stat	 st;
	int		 fd;

	(void)stage;
	if (req->script == NULL)
		return (0);
	fd = sys_openat(AT_FDCWD, req->script,
	    O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
	if (fd == -1)
		return (-1);
	if (sys_fstat(fd, &st) == -1)
		return (-1);
	(void)close(fd);
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return (-1);
	}
	return (0);
}

/* Dispositions are at their defaults since the fork. */
static int
child_signals(const struct spawn_req *req, unsigned int *stage)
{
	sigset_t none;

	(void)req;
	(void)stage;
	(void)sigemptyset(&none);
	return (sigprocmask(SIG_SETMASK, &none, NULL));
}

static void
child_exec(const struct spawn_req *req)
{
	if (*req->file == '\0')
		errno = ENOENT;
	else if (strchr(req->file, '/') != NULL)
		(void)sys_execve(req->file, req->argv, req->envp);
	else
		child_execpath(req);
}

/*
 * As execvpe(3), but in the PATH of the app and never with a shell for what
 * the kernel does not know how to execute.
 */
static void
child_execpath(const struct spawn_req *req)
{
	char		 path[PATH_MAX];
	const char	*p, *end;
	int		 error, len;

	error = ENOENT;
	for (p = child_getpath(req->envp);; p = end + 1) {
		end = strchrnul(p, ':');
		if (end == p)
			len = snprintf(path, sizeof(path), "./%s", req->file);
		else
			len = snprintf(path, sizeof(path), "%.*s/%s",
			    (int)(end - p), p, req->file);
		if (len > 0 && (size_t)len < sizeof(path)) {
			(void)sys_execve(path, req->argv, req->envp);
			if (errno == EACCES)
				error = errno;
			else if (errno != ENOENT && errno != ENOTDIR)
				return;
		}
		if (*end == '\0')
			break;
	}
	errno = error;
}

static const char *
child_getpath(char *const *envp)
{
	size_t i;

	for (i = 0; envp[i] != NULL; i++)
		if (strncmp(envp[i], "PATH=", 5) == 0)
			return (envp[i] + 5);
	return (PATH_DEFAULT);
}

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
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "ids.h"
#include "spawn-local.h"
#include "spawn.h"
#include "sys.h"

static int	 spawn_give(int, const struct ids *);
static int	 spawn_pipes(const struct spawn_req *, int [2], int [2],
		    enum stage *);
static int	 spawn_gate(const struct spawn_req *, int [2], enum stage *);
static int	 spawn_sockets(int, const int *, uint32_t);
static void	 spawn_closepipe(int [2]);

int
spawn_app(const struct spawn_req *req, struct spawn_child *child,
    enum stage *stage)
{
	int	 errp[2], gate[2], fds[SPAWN_SLOTS];
	int	 saved;

	if (spawn_give(req->out_w, req->ids) == -1 ||
	    spawn_give(req->err_w, req->ids) == -1) {
		*stage = STAGE_PIPE;
		return (-1);
	}
	if (spawn_pipes(req, errp, gate, stage) == -1)
		return (-1);

	fds[SLOT_IN - SPAWN_SLOT_FIRST] = req->in_fd;
	fds[SLOT_OUT - SPAWN_SLOT_FIRST] = req->out_w;
	fds[SLOT_ERR - SPAWN_SLOT_FIRST] = req->err_w;
	fds[SLOT_IPC - SPAWN_SLOT_FIRST] = req->ipc_fd;
	fds[SLOT_ERRPIPE - SPAWN_SLOT_FIRST] = errp[1];
	fds[SLOT_GATE - SPAWN_SLOT_FIRST] = gate[0];

	child->pid = spawn_fork(fds, req->cgroup_fd, &child->pidfd, stage);
	if (child->pid == 0)
		spawn_child_main(req);
	if (child->pid == -1) {
		saved = errno;
		spawn_closepipe(errp);
		spawn_closepipe(gate);
		errno = saved;
		return (-1);
	}
	(void)close(errp[1]);
	(void)close(gate[0]);
	child->errfd = errp[0];
	child->gate = gate[1];
	return (0);
}

static int
spawn_pipes(const struct spawn_req *req, int errp[2], int gate[2],
    enum stage *stage)
{
	int saved;

	*stage = STAGE_PIPE;
	if (sys_pipe2(errp, O_CLOEXEC) == -1)
		return (-1);
	if (sys_fcntl_setfl(errp[0], O_NONBLOCK) == -1 ||
	    spawn_gate(req, gate, stage) == -1) {
		saved = errno;
		spawn_closepipe(errp);
		errno = saved;
		return (-1);
	}
	return (0);
}

/*
 * A pipe, or what listening sockets can go through.  They are in it before
 * there is a child, so that nothing has to be undone when they cannot be.
 */
static int
spawn_gate(const struct spawn_req *req, int gate[2], enum stage *stage)
{
	int saved;

	if (req->nlisten == 0)
		return (sys_pipe2(gate, O_CLOEXEC));
	*stage = STAGE_LISTEN;
	if (req->nlisten > SPAWN_LISTEN_MAX) {
		errno = E2BIG;
		return (-1);
	}
	if (sys_socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, gate) ==
	    -1)
		return (-1);
	if (spawn_sockets(gate[1], req->listen_fds, req->nlisten) == -1) {
		saved = errno;
		spawn_closepipe(gate);
		errno = saved;
		return (-1);
	}
	return (0);
}

static int
spawn_sockets(int to, const int *fds, uint32_t n)
{
	union spawn_cmsg	 cm;
	struct cmsghdr		*cmsg;
	struct msghdr		 msg;
	struct iovec		 iov;
	ssize_t			 r;
	char			 c = 'l';

	memset(&msg, 0, sizeof(msg));
	memset(&cm, 0, sizeof(cm));
	iov.iov_base = &c;
	iov.iov_len = 1;
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	msg.msg_control = cm.buf;
	msg.msg_controllen = CMSG_SPACE(n * sizeof(int));
	cmsg = CMSG_FIRSTHDR(&msg);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(n * sizeof(int));
	memcpy(CMSG_DATA(cmsg), fds, n * sizeof(int));
	do {
		r = sys_sendmsg(to, &msg, MSG_NOSIGNAL);
	} while (r == -1 && errno == EINTR);
	return (r == 1 ? 0 : -1);
}

static void
spawn_closepipe(int p[2])
{
	(void)close(p[0]);
	(void)close(p[1]);
}

/*
 * Pipes belong to who made them; a program that opens /dev/stdout as another
 * user would be refused.  Nothing but a pipe is ever given away.
 */
static int
spawn_give(int fd, const struct ids *ids)
{
	struct stat st;

	if (fd == -1 || ids == NULL || !ids->change)
		return (0);
	if (sys_fstat(fd, &st) == -1)
		return (-1);
	if (!S_ISFIFO(st.st_mode) || st.st_uid == ids->uid)
		return (0);
	return (sys_fchown(fd, ids->uid, ids->gid));
}

int
spawn_release(struct spawn_child *child)
{
	ssize_t n;

	do {
		n = sys_write(child->gate, "g", 1);
	} while (n == -1 && errno == EINTR);
	if (n != 1)
		return (-1);
	(void)close(child->gate);
	child->gate = -1;
	return (0);
}

int
spawn_readerr(const struct spawn_child *child, enum stage *stage, int *error)
{
	struct spawn_failure	 f;
	ssize_t			 n;

	*stage = STAGE_NONE;
	*error = 0;
	do {
		n = sys_read(child->errfd, &f, sizeof(f));
	} while (n == -1 && errno == EINTR);
	if (n == 0)
		return (1);
	if (n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return (0);
	*stage = STAGE_EXEC;
	*error = n == -1 ? errno : EPROTO;
	if (n == (ssize_t)sizeof(f) && f.stage < STAGE_COUNT && f.error != 0) {
		*stage = (enum stage)f.stage;
		*error = f.error;
	}
	return (-1);
}

void
spawn_close(struct spawn_child *child)
{
	if (child->errfd != -1)
		(void)close(child->errfd);
	if (child->gate != -1)
		(void)close(child->gate);
	child->errfd = -1;
	child->gate = -1;
}

int
spawn_signal(pid_t pid, int pidfd, int sig)
{
	if (pidfd != -1)
		return (sys_pidfd_send_signal(pidfd, sig, NULL, 0));
	if (pid <= 0) {
		errno = ESRCH;
		return (-1);
	}
	return (sys_kill(pid, sig));
}

int
spawn_reap(pid_t pid, int pidfd, siginfo_t *info)
{
	memset(info, 0, sizeof(*info));
	if (sys_waitid(pidfd != -1 ? P_PIDFD : P_PID,
	    pidfd != -1 ? (id_t)pidfd : (id_t)pid, info,
	    WEXITED | WNOHANG) == -1)
		return (-1);
	return (info->si_pid != 0);
}

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
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <errno.h>
#include <event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"
#include "ids.h"
#include "spawn.h"
#include "sys.h"

#define HELPER_RUNNING	32			/* at once */
#define HELPER_ASUSERS	24		/* ...of these as users that are not us */
#define HELPER_ASONE	8		/* ...of these as one of them */
#define HELPER_QUEUED	(16 * 1024 * 1024)	/* bytes of requests waiting */
#define HELPER_QUEUEDONE (4 * 1024 * 1024)	/* ...of one of these users */
#define HELPER_ALARM	30	/* its own end, should the parent be gone */

struct helper {
	TAILQ_ENTRY(helper)	 entry;
	struct event_base	*base;
	struct event		*reply;
	struct event		*timer;
	struct event		*exited;
	struct ids		*ids;		/* while queued */
	void			*req;		/* while queued */
	size_t			 reqlen;
	uid_t			 uid;		/* as whom; 0: as we are */
	helper_job		*job;
	helper_cb		*cb;
	void			*arg;
	pid_t			 pid;		/* 0: queued */
	int			 pidfd;
	int			 fd;
	int			 passed[HELPER_MAXPASSED];
	int			 npassed;
	int			 done;		/* only to be reaped */
};
TAILQ_HEAD(helpers, helper);

struct helper_header {
	int32_t		 error;
	uint32_t	 len;
	uint32_t	 nfds;
	uint32_t	 reserved;
};

/* running includes those that replied and are not reaped yet */
static struct helpers	 running = TAILQ_HEAD_INITIALIZER(running);
static struct helpers	 queued = TAILQ_HEAD_INITIALIZER(queued);
static unsigned int	 nrunning;
static size_t		 queuedbytes;

static struct helper	*helper_new(struct event_base *, helper_job *,
			    helper_cb *, void *);
static int		 helper_isroom(uid_t);
static size_t		 helper_waiting(uid_t);
static int		 helper_enqueue(struct helper *, const struct ids *,
			    const void *, size_t, const int *, int);
static void		 helper_dequeue(struct helper *);
static int		 helper_start(struct helper *, const struct ids *,
			    const void *, size_t, const int *, int);
static int		 helper_watch(struct helper *);
static void		 helper_next(void);
static void		 helper_drop(struct helper *);
static void		 helper_child(const struct ids *, helper_job *,
			    const void *, size_t, int)
			    __attribute__((noreturn));
static void		 helper_send(int, struct helper_reply *)
			    __attribute__((noreturn));
static int		 helper_receive(struct helper *, unsigned char *,
			    struct helper_header *, int *, int *);
static void		 helper_finish(struct helper *, int, const void *,
			    size_t, int *, int);
static void		 helper_detach(struct helper *);
static int		 helper_reap(struct helper *);
static void		 helper_free(struct helper *);
static void		 helper_onreply(int, short, void *);
static void		 helper_ontimeout(int, short, void *);
static void		 helper_onexit(int, short, void *);

struct helper *
helper_run(struct event_base *base, const struct ids *ids, helper_job *job,
    const void *req, size_t reqlen, const int *fds, int nfds, helper_cb *cb,
    void *arg)
{
	struct helper	*h;
	int		 error;

	if (nfds < 0 || nfds > HELPER_MAXPASSED) {
		errno = EINVAL;
		return (NULL);
	}
	if ((h = helper_new(base, job, cb, arg)) == NULL)
		return (NULL);
	h->uid = ids != NULL && ids->change ? ids->uid : 0;
	if (helper_isroom(h->uid))
		error = helper_start(h, ids, req, reqlen, fds, nfds);
	else
		error = helper_enqueue(h, ids, req, reqlen, fds, nfds);
	if (error != 0) {
		helper_free(h);
		errno = error;
		return (NULL);
	}
	return (h);
}

static struct helper *
helper_new(struct event_base *base, helper_job *job, helper_cb *cb, void *arg)
{
	struct helper *h;

	if ((h = calloc(1, sizeof(*h))) == NULL)
		return (NULL);
	h->base = base;
	h->job = job;
	h->cb = cb;
	h->arg = arg;
	h->pidfd = h->fd = -1;
	if ((h->timer = evtimer_new(base, helper_ontimeout, h)) == NULL) {
		free(h);
		errno = ENOMEM;
		return (NULL);
	}
	helper_deadline(h, HELPER_TIMEOUT_MS);
	return (h);
}

/*
 * What is done as a user takes as long as his file systems let it.  It must
 * not hold up what is done for others.
 */
static int
helper_isroom(uid_t uid)
{
	struct helper	*h;
	unsigned int	 asusers = 0, asone = 0;

	if (nrunning >= HELPER_RUNNING)
		return (0);
	if (uid == 0)
		return (1);
	TAILQ_FOREACH(h, &running, entry) {
		asusers += h->uid != 0;
		asone += h->uid == uid;
	}
	return (asusers < HELPER_ASUSERS && asone < HELPER_ASONE);
}

/* Bytes of requests. */
static size_t
helper_waiting(uid_t uid)
{
	struct helper	*h;
	size_t		 n = 0;

	TAILQ_FOREACH(h, &queued, entry)
		if (h->uid == uid)
			n += h->reqlen;
	return (n);
}

static int
helper_enqueue(struct helper *h, const struct ids *ids, const void *req,
    size_t reqlen, const int *fds, int nfds)
{
	if (reqlen > HELPER_QUEUED - queuedbytes || (h->uid != 0 &&
	    reqlen > HELPER_QUEUEDONE - helper_waiting(h->uid)))
		return (ENOBUFS);
	if ((h->req = malloc(reqlen == 0 ? 1 : reqlen)) == NULL)
		return (ENOMEM);
	if (reqlen != 0)
		memcpy(h->req, req, reqlen);
	h->reqlen = reqlen;
	if (ids != NULL) {
		if ((h->ids = malloc(sizeof(*ids))) == NULL)
			return (ENOMEM);
		*h->ids = *ids;
	}
	for (; h->npassed < nfds; h->npassed++) {
		h->passed[h->npassed] = sys_fcntl_dupfd(fds[h->npassed], 0);
		if (h->passed[h->npassed] == -1)
			return (errno);
	}
	TAILQ_INSERT_TAIL(&queued, h, entry);
	queuedbytes += reqlen;
	return (0);
}

static void
helper_dequeue(struct helper *h)
{
	TAILQ_REMOVE(&queued, h, entry);
	queuedbytes -= h->reqlen;
}

/* Returns 0 or an errno. */
static int
helper_start(struct helper *h, const struct ids *ids, const void *req,
    size_t reqlen, const int *fds, int nfds)
{
	enum stage	 stage;
	int		 error, i, pair[2], slots[SPAWN_SLOTS];

	if (sys_socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
	    pair) == -1)
		return (errno);
	h->fd = pair[0];
	for (i = 0; i < SPAWN_SLOTS; i++)
		slots[i] = -1;
	slots[0] = pair[1];
	for (i = 0; i < nfds; i++)
		slots[i + 1] = fds[i];
	error = helper_watch(h);
	if (error == 0) {
		h->pid = spawn_fork(slots, -1, &h->pidfd, &stage);
		if (h->pid == 0)
			helper_child(ids, h->job, req, reqlen, nfds);
		if (h->pid == -1) {
			error = errno;
			h->pid = 0;
		}
	}
	(void)close(pair[1]);
	if (error != 0)
		return (error);
	TAILQ_INSERT_TAIL(&running, h, entry);
	nrunning++;
	return (0);
}

static int
helper_watch(struct helper *h)
{
	if (sys_fcntl_setfl(h->fd, O_NONBLOCK) == -1)
		return (errno);
	h->reply = event_new(h->base, h->fd, EV_READ, helper_onreply, h);
	if (h->reply == NULL || event_add(h->reply, NULL) == -1)
		return (ENOMEM);
	return (0);
}

/* The first one that waits and may begin. */
static struct helper *
helper_first(void)
{
	struct helper	*h;

	TAILQ_FOREACH(h, &queued, entry)
		if (helper_isroom(h->uid))
			break;
	return (h);
}

/* A helper is gone: there is room for one that waits. */
static void
helper_next(void)
{
	struct helper	*h;
	int		 error;

	while (nrunning < HELPER_RUNNING && (h = helper_first()) != NULL) {
		helper_dequeue(h);
		error = helper_start(h, h->ids, h->req, h->reqlen, h->passed,
		    h->npassed);
		helper_drop(h);
		if (error != 0)
			helper_finish(h, error, NULL, 0, NULL, 0);
	}
}

/* Forget the copy of the request. */
static void
helper_drop(struct helper *h)
{
	while (h->npassed > 0)
		(void)close(h->passed[--h->npassed]);
	free(h->ids);
	free(h->req);
	h->ids = NULL;
	h->req = NULL;
}

static void
helper_child(const struct ids *ids, helper_job *job, const void *req,
    size_t reqlen, int nfds)
{
	static struct helper_reply	 reply;
	sigset_t			 none;
	unsigned int			 stage;
	int				 error, i;

	(void)alarm(HELPER_ALARM);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)umask(022);
	for (i = 0; i < HELPER_MAXPASSED; i++)
		reply.passed[i] = i < nfds ? SPAWN_SLOT_FIRST + 1 + i : -1;
	error = 0;
	if (chdir("/") == -1 ||
	    (ids != NULL && ids_become(ids, &stage) == -1))
		error = errno;
	if (error == 0)
		error = job(req, reqlen, &reply);
	if (error != 0) {
		reply.len = 0;
		reply.nfds = 0;
	}
	helper_send(error, &reply);
}

static void
helper_send(int error, struct helper_reply *reply)
{
	struct helper_header	 hdr;
	struct iovec		 iov[2];
	struct msghdr		 msg;
	struct cmsghdr		*cmsg;
	union {
		struct cmsghdr	 hdr;
		unsigned char	 buf[CMSG_SPACE(sizeof(int) *
				    HELPER_MAXFDS)];
	}			 ctl;
	size_t			 fdlen;
	ssize_t			 n;

	memset(&hdr, 0, sizeof(hdr));
	hdr.error = error;
	hdr.len = (uint32_t)reply->len;
	hdr.nfds = (uint32_t)reply->nfds;
	iov[0].iov_base = &hdr;
	iov[0].iov_len = sizeof(hdr);
	iov[1].iov_base = reply->data;
	iov[1].iov_len = reply->len;
	memset(&msg, 0, sizeof(msg));
	memset(&ctl, 0, sizeof(ctl));
	msg.msg_iov = iov;
	msg.msg_iovlen = 2;
	if (reply->nfds > 0) {
		fdlen = sizeof(int) * (size_t)reply->nfds;
		msg.msg_control = ctl.buf;
		msg.msg_controllen = CMSG_SPACE(fdlen);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(fdlen);
		memcpy(CMSG_DATA(cmsg), reply->fds, fdlen);
	}
	do {
		n = sys_sendmsg(SPAWN_SLOT_FIRST, &msg, MSG_NOSIGNAL);
	} while (n == -1 && errno == EINTR);
	_exit(n == -1);
}

static void
helper_onreply(int fd, short ev, void *arg)
{
	static unsigned char	 data[HELPER_MAXREPLY];
	struct helper		*h = arg;
	struct helper_header	 hdr;
	int			 error, fds[HELPER_MAXFDS], nfds;

	(void)fd;
	(void)ev;
	error = helper_receive(h, data, &hdr, fds, &nfds);
	if (error == EAGAIN) {
		(void)event_add(h->reply, NULL);
		return;
	}
	if (error == 0)
		error = hdr.error;
	if (error != 0) {
		while (nfds > 0)
			(void)close(fds[--nfds]);
		helper_finish(h, error, NULL, 0, NULL, 0);
		return;
	}
	helper_finish(h, 0, data, hdr.len, fds, nfds);
}

/* Returns 0 or an errno; *nfds descriptors were received in any case. */
static int
helper_receive(struct helper *h, unsigned char *data,
    struct helper_header *hdr, int *fds, int *nfds)
{
	struct iovec	 iov[2];
	struct msghdr	 msg;
	struct cmsghdr	*cmsg;
	union {
		struct cmsghdr	 hdr;
		unsigned char	 buf[CMSG_SPACE(sizeof(int) *
				    HELPER_MAXFDS)];
	}		 ctl;
	ssize_t		 n;

	*nfds = 0;
	iov[0].iov_base = hdr;
	iov[0].iov_len = sizeof(*hdr);
	iov[1].iov_base = data;
	iov[1].iov_len = HELPER_MAXREPLY;
	memset(&msg, 0, sizeof(msg));
	memset(&ctl, 0, sizeof(ctl));
	msg.msg_iov = iov;
	msg.msg_iovlen = 2;
	msg.msg_control = ctl.buf;
	msg.msg_controllen = sizeof(ctl.buf);
	n = sys_recvmsg(h->fd, &msg, MSG_CMSG_CLOEXEC);
	if (n == -1)
		return (errno == EINTR ? EAGAIN : errno);
	if (n == 0)
		return (ECHILD);
	for (cmsg = CMSG_FIRSTHDR(&msg); cmsg != NULL;
	    cmsg = CMSG_NXTHDR(&msg, cmsg))
		if (cmsg->cmsg_level == SOL_SOCKET &&
		    cmsg->cmsg_type == SCM_RIGHTS) {
			*nfds = (int)((cmsg->cmsg_len - CMSG_LEN(0)) /
			    sizeof(int));
			memcpy(fds, CMSG_DATA(cmsg),
			    sizeof(int) * (size_t)*nfds);
		}
	/* The kernel drops silently what finds no room here. */
	if (msg.msg_flags & MSG_CTRUNC)
		return (EMFILE);
	if ((size_t)n < sizeof(*hdr) || (msg.msg_flags & MSG_TRUNC) ||
	    hdr->len != (size_t)n - sizeof(*hdr))
		return (EPROTO);
	if (hdr->nfds != (uint32_t)*nfds)
		return (EMFILE);
	return (0);
}

static void
helper_ontimeout(int fd, short ev, void *arg)
{
	struct helper *h = arg;

	(void)fd;
	(void)ev;
	if (h->pid == 0)
		helper_dequeue(h);
	else
		(void)spawn_signal(h->pid, h->pidfd, SIGKILL);
	helper_finish(h, ETIMEDOUT, NULL, 0, NULL, 0);
}

/*
 * Tell, and let go: what is left is a process to be reaped, and the caller
 * may ask for another one at once.
 */
static void
helper_finish(struct helper *h, int error, const void *data, size_t len,
    int *fds, int nfds)
{
	helper_cb	*cb;
	void		*arg;

	cb = h->cb;
	arg = h->arg;
	helper_detach(h);
	if (cb != NULL)
		cb(arg, error, data, len, fds, nfds);
	else
		while (nfds > 0)
			(void)close(fds[--nfds]);
}

void
helper_cancel(struct helper *h)
{
	if (h->pid == 0)
		helper_dequeue(h);
	else
		(void)spawn_signal(h->pid, h->pidfd, SIGKILL);
	helper_detach(h);
}

static void
helper_detach(struct helper *h)
{
	h->cb = NULL;
	helper_drop(h);
	if (h->reply != NULL)
		event_free(h->reply);
	if (h->timer != NULL)
		event_free(h->timer);
	if (h->fd != -1)
		(void)close(h->fd);
	h->reply = h->timer = NULL;
	h->fd = -1;
	if (h->pid == 0) {
		helper_free(h);
		return;
	}
	h->done = 1;
	/* Without a pidfd it is helper_sigchld() that sees its end. */
	if (h->pidfd == -1)
		return;
	h->exited = event_new(h->base, h->pidfd, EV_READ, helper_onexit, h);
	if (h->exited != NULL)
		(void)event_add(h->exited, NULL);
}

static void
helper_onexit(int fd, short ev, void *arg)
{
	struct helper *h = arg;

	(void)fd;
	(void)ev;
	if (!helper_reap(h))
		(void)event_add(h->exited, NULL);
	helper_next();
}

/* 1: reaped and freed. */
static int
helper_reap(struct helper *h)
{
	siginfo_t info;

	if (spawn_reap(h->pid, h->pidfd, &info) == 0)
		return (0);
	TAILQ_REMOVE(&running, h, entry);
	nrunning--;
	helper_free(h);
	return (1);
}

static void
helper_free(struct helper *h)
{
	helper_drop(h);
	if (h->exited != NULL)
		event_free(h->exited);
	if (h->reply != NULL)
		event_free(h->reply);
	if (h->timer != NULL)
		event_free(h->timer);
	if (h->fd != -1)
		(void)close(h->fd);
	if (h->pidfd != -1)
		(void)close(h->pidfd);
	free(h);
}

void
helper_sigchld(void)
{
	struct helper *h, *next;

	TAILQ_FOREACH_SAFE(h, &running, entry, next)
		if (h->done)
			(void)helper_reap(h);
	helper_next();
}

void
helper_deadline(struct helper *h, unsigned int ms)
{
	struct timeval tv;

	tv.tv_sec = (time_t)(ms / 1000);
	tv.tv_usec = (suseconds_t)(ms % 1000) * 1000;
	(void)event_add(h->timer, &tv);
}

int
helper_ispid(pid_t pid)
{
	struct helper *h;

	TAILQ_FOREACH(h, &running, entry)
		if (h->pid == pid)
			return (1);
	return (0);
}

void
helper_exit(void)
{
	struct helper	*h;
	siginfo_t	 info;

	while ((h = TAILQ_FIRST(&queued)) != NULL)
		helper_cancel(h);
	while ((h = TAILQ_FIRST(&running)) != NULL) {
		(void)spawn_signal(h->pid, h->pidfd, SIGKILL);
		(void)sys_waitid(P_PID, (id_t)h->pid, &info,
		    WEXITED | WNOWAIT);
		(void)helper_reap(h);
	}
}

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

#include <sys/ioctl.h>

#include <errno.h>
#include <event.h>
#include <stdlib.h>
#include <string.h>

#include "engine-local.h"
#include "sys.h"

/* Lines that wait for a worker to read. */
#define OUT_MAX		(1024 * 1024)

/*
 * When the kernel is out of something, or a probe is unread, the socket does
 * not say when that is over.  Doubled each time that it is not.
 */
#define LATER_MS	20
#define LATER_MAX_MS	640

struct outline {
	STAILQ_ENTRY(outline) entry;
	size_t		 len;
	size_t		 off;
	int		 fd;		/* goes with the first byte; not ours */
	char		 data[];
};

static int	 probe_unread(struct worker *);
static ssize_t	 send_line(struct worker *, const char *, size_t, int);
static void	 enqueue(struct worker *, const char *, size_t, int);
static int	 write_line(struct worker *, struct outline *);
static void	 wait_writable(struct worker *, int);
static int	 wait_later(struct worker *);

/*
 * A descriptor goes to the first line that wants one, of all that Node reads
 * at once: a probe that it has not read yet, and be it an earlier engine's,
 * would take what comes behind it.  So nothing of what was sent may be unread.
 */
static int
probe_unread(struct worker *w)
{
	int	 n;

	if (!(w->flags & WK_PROBED))
		return (0);
	if (ioctl(w->fd, TIOCOUTQ, &n) == 0 && n > 0)
		return (1);
	w->flags &= ~WK_PROBED;
	return (0);
}

/*
 * One line is one sendmsg(2): a descriptor belongs to the line that it comes
 * with, and a line that is smaller than the socket's buffer goes whole.
 */
static ssize_t
send_line(struct worker *w, const char *line, size_t len, int fd)
{
	union {
		struct cmsghdr	 hdr;
		char		 buf[CMSG_SPACE(sizeof(int))];
	} control;
	struct cmsghdr	*cmsg;
	struct msghdr	 msg;
	struct iovec	 iov;
	ssize_t		 n;

	if (fd != -1 && probe_unread(w)) {
		errno = EBUSY;
		return (-1);
	}
	memset(&msg, 0, sizeof(msg));
	iov.iov_base = (void *)(uintptr_t)line;
	iov.iov_len = len;
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	if (fd != -1) {
		memset(&control, 0, sizeof(control));
		msg.msg_control = control.buf;
		msg.msg_controllen = sizeof(control.buf);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	}
	n = sys_sendmsg(w->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n != -1 && fd != -1)
		w->later_ms = 0;
	return (n);
}

void
out_line(struct worker *w, const char *line, size_t len)
{
	out_handle(w, line, len, -1);
}

void
out_handle(struct worker *w, const char *line, size_t len, int fd)
{
	ssize_t	 n = 0;

	if (w->fd == -1 || w->bad != NULL)
		return;
	if (STAILQ_EMPTY(&w->out)) {
		if ((n = send_line(w, line, len, fd)) == (ssize_t)len)
			return;
		if (n == -1 && (errno == EPIPE || errno == ECONNRESET)) {
			worker_look(w);
			return;
		}
		wait_writable(w, n == -1 ? errno : EAGAIN);
	}
	if (n > 0)
		enqueue(w, line + n, len - (size_t)n, -1);
	else
		enqueue(w, line, len, fd);
}

static void
enqueue(struct worker *w, const char *line, size_t len, int fd)
{
	struct outline	*ol;

	if (w->outbytes + len > OUT_MAX ||
	    (ol = malloc(sizeof(*ol) + len)) == NULL) {
		worker_bad(w, "does not read what it is sent");
		return;
	}
	ol->len = len;
	ol->off = 0;
	ol->fd = fd;
	memcpy(ol->data, line, len);
	w->outbytes += len;
	STAILQ_INSERT_TAIL(&w->out, ol, entry);
}

int
out_now(struct worker *w, const char *line, size_t len, int fd)
{
	ssize_t	 n;

	if (w->fd == -1 || w->bad != NULL || !STAILQ_EMPTY(&w->out)) {
		w->rr.full = 1;
		return (-1);
	}
	if ((n = send_line(w, line, len, fd)) == -1) {
		w->rr.full = 1;
		if (errno == EPIPE || errno == ECONNRESET)
			worker_look(w);
		else
			wait_writable(w, errno);
		return (-1);
	}
	if ((size_t)n < len) {
		wait_writable(w, EAGAIN);
		enqueue(w, line + n, len - (size_t)n, -1);
	}
	return (0);
}

static void
wait_writable(struct worker *w, int error)
{
	int	 ret = 0;

	w->rr.full = 1;
	if (error != EAGAIN)
		ret = wait_later(w);
	else if (!event_pending(&w->ev_write, EV_WRITE, NULL))
		ret = event_add(&w->ev_write, NULL);
	if (ret == -1)
		worker_bad(w, "cannot be waited for");
}

static int
wait_later(struct worker *w)
{
	struct timeval	 tv;

	if (evtimer_pending(&w->ev_later, NULL))
		return (0);
	if (w->later_ms == 0)
		w->later_ms = LATER_MS;
	else if (w->later_ms < LATER_MAX_MS)
		w->later_ms *= 2;
	tv.tv_sec = 0;
	tv.tv_usec = (suseconds_t)w->later_ms * 1000;
	return (evtimer_add(&w->ev_later, &tv));
}

/* 1: it went, 0: not all of it, wait; -1: nobody reads any more. */
static int
write_line(struct worker *w, struct outline *ol)
{
	ssize_t	 n;

	n = send_line(w, ol->data + ol->off, ol->len - ol->off, ol->fd);
	if (n == -1) {
		if (errno == EPIPE || errno == ECONNRESET)
			return (-1);
		wait_writable(w, errno);
		return (0);
	}
	ol->fd = -1;
	ol->off += (size_t)n;
	w->outbytes -= (size_t)n;
	if (ol->off < ol->len) {
		wait_writable(w, EAGAIN);
		return (0);
	}
	STAILQ_REMOVE_HEAD(&w->out, entry);
	free(ol);
	return (1);
}

void
out_write(int fd, short what, void *arg)
{
	struct outline	*ol;
	struct worker	*w = arg;
	int		 done;

	(void)fd;
	(void)what;
	while ((ol = STAILQ_FIRST(&w->out)) != NULL) {
		if ((done = write_line(w, ol)) == 0)
			return;
		if (done == -1) {
			out_clear(w);
			worker_look(w);
			return;
		}
	}
	w->rr.full = 0;
	conn_ready(w);
}

int
out_waits(const struct worker *w, int fd)
{
	const struct outline	*ol;

	STAILQ_FOREACH(ol, &w->out, entry)
		if (ol->fd == fd)
			return (1);
	return (0);
}

void
out_clear(struct worker *w)
{
	struct outline	*ol;

	while ((ol = STAILQ_FIRST(&w->out)) != NULL) {
		STAILQ_REMOVE_HEAD(&w->out, entry);
		free(ol);
	}
	w->outbytes = 0;
}

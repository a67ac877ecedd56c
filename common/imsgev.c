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
#include <sys/time.h>

#include <errno.h>
#include <event.h>
#include <stdlib.h>
#include <unistd.h>

#include "imsg.h"
#include "imsgev.h"
#include "msgbuf.h"

/* How long a closed connection may go without taking a byte. */
static const struct timeval	 linger = { 5, 0 };
/* When the kernel is out of something and the socket does not say when. */
static const struct timeval	 later = { 0, 10000 };

#define IEV_PAUSED	0x01
#define IEV_CLOSING	0x02
#define IEV_OVER	0x04	/* the error handler has been called */
#define IEV_FREED	0x08	/* inside a handler; the last one out frees */
#define IEV_WRITING	0x10

struct imsgev {
	struct imsgbuf	 iev_buf;
	struct event	 iev_read;
	struct event	 iev_write;
	struct event	 iev_retry;
	imsgev_handler	*iev_handler;
	imsgev_error	*iev_error;
	imsgev_drain	*iev_drain;
	void		*iev_arg;
	size_t		 iev_low;
	int		 iev_flags;
	int		 iev_depth;	/* callbacks on the stack */
};

static void	 imsgev_readcb(int, short, void *);
static void	 imsgev_writecb(int, short, void *);
static void	 imsgev_retrycb(int, short, void *);
static void	 imsgev_dispatch(struct imsgev *);
static void	 imsgev_queued(struct imsgbuf *, void *);
static void	 imsgev_arm(struct imsgev *, int);
static void	 imsgev_over(struct imsgev *, int);
static void	 imsgev_stop(struct imsgev *);
static void	 imsgev_leave(struct imsgev *);

struct imsgev *
imsgev_new(struct event_base *base, int fd, int flags,
    imsgev_handler *handler, imsgev_error *error, void *arg)
{
	struct imsgev	*iev;
	int		 save_errno;

	if ((iev = calloc(1, sizeof(*iev))) == NULL)
		goto fail;
	if (imsgbuf_init(&iev->iev_buf, fd) == -1)
		goto fail;
	if (flags & IMSGEV_FDPASS)
		imsgbuf_allow_fdpass(&iev->iev_buf);
	if (flags & IMSGEV_FDSEND)
		imsgbuf_allow_fdsend(&iev->iev_buf);
	iev->iev_buf.queued = imsgev_queued;
	iev->iev_buf.queuedarg = iev;
	iev->iev_handler = handler;
	iev->iev_error = error;
	iev->iev_arg = arg;
	event_assign(&iev->iev_read, base, fd, EV_READ | EV_PERSIST,
	    imsgev_readcb, iev);
	event_assign(&iev->iev_write, base, fd, EV_WRITE | EV_PERSIST,
	    imsgev_writecb, iev);
	event_assign(&iev->iev_retry, base, -1, 0, imsgev_retrycb, iev);
	if (event_add(&iev->iev_read, NULL) == -1)
		goto fail;
	return (iev);

 fail:
	save_errno = errno;
	if (iev != NULL)
		imsgbuf_clear(&iev->iev_buf);
	free(iev);
	close(fd);
	errno = save_errno;
	return (NULL);
}

struct imsgbuf *
imsgev_buf(struct imsgev *iev)
{
	return (&iev->iev_buf);
}

int
imsgev_fd(const struct imsgev *iev)
{
	return (iev->iev_buf.fd);
}

int
imsgev_compose(struct imsgev *iev, uint32_t type, uint32_t id, int fd,
    const void *data, size_t len)
{
	if (iev->iev_flags & (IEV_CLOSING | IEV_OVER)) {
		if (fd != -1)
			close(fd);
		errno = EPIPE;
		return (-1);
	}
	return (imsg_compose(&iev->iev_buf, type, id, 0, fd, data, len));
}

void
imsgev_pause(struct imsgev *iev)
{
	iev->iev_flags |= IEV_PAUSED;
	event_del(&iev->iev_read);
}

void
imsgev_resume(struct imsgev *iev)
{
	if (!(iev->iev_flags & IEV_PAUSED))
		return;
	iev->iev_flags &= ~IEV_PAUSED;
	if (iev->iev_flags & (IEV_CLOSING | IEV_OVER))
		return;
	event_add(&iev->iev_read, NULL);
	/* What was read before the pause makes no socket readable. */
	if (msgbuf_pending(iev->iev_buf.w) || msgbuf_error(iev->iev_buf.w))
		event_active(&iev->iev_read, EV_READ, 0);
}

void
imsgev_set_drain(struct imsgev *iev, size_t low, imsgev_drain *drain)
{
	iev->iev_low = low;
	iev->iev_drain = drain;
}

void
imsgev_close(struct imsgev *iev)
{
	if (iev->iev_flags & (IEV_CLOSING | IEV_OVER))
		return;
	iev->iev_flags |= IEV_CLOSING;
	event_del(&iev->iev_read);
	/* Nothing is added any more, or the queue might never become empty. */
	imsgbuf_set_limits(&iev->iev_buf, 0, 0);
	if (!(iev->iev_flags & IEV_WRITING))
		event_active(&iev->iev_write, EV_WRITE, 0);
}

void
imsgev_free(struct imsgev *iev)
{
	if (iev == NULL || (iev->iev_flags & IEV_FREED))
		return;
	imsgev_stop(iev);
	iev->iev_flags |= IEV_FREED;
	close(iev->iev_buf.fd);
	iev->iev_buf.fd = -1;
	iev->iev_depth++;
	imsgev_leave(iev);
}

static void
imsgev_leave(struct imsgev *iev)
{
	if (--iev->iev_depth > 0 || !(iev->iev_flags & IEV_FREED))
		return;
	imsgbuf_clear(&iev->iev_buf);
	free(iev);
}

/* No callback comes after this one. */
static void
imsgev_stop(struct imsgev *iev)
{
	iev->iev_flags |= IEV_OVER;
	imsgbuf_set_limits(&iev->iev_buf, 0, 0);
	event_del(&iev->iev_read);
	event_del(&iev->iev_write);
	event_del(&iev->iev_retry);
}

static void
imsgev_over(struct imsgev *iev, int error)
{
	if (iev->iev_flags & IEV_OVER)
		return;
	imsgev_stop(iev);
	iev->iev_error(iev, error, iev->iev_arg);
}

static void
imsgev_readcb(int fd, short what, void *arg)
{
	struct imsgev	*iev = arg;
	struct imsgbuf	*ib = &iev->iev_buf;

	(void)fd;
	(void)what;
	iev->iev_depth++;
	/* First what a pause left behind. */
	if (msgbuf_pending(ib->w) || msgbuf_error(ib->w))
		imsgev_dispatch(iev);
	else {
		switch (imsgbuf_read(ib)) {
		case -1:
			imsgev_over(iev, errno);
			break;
		case 0:
			imsgev_over(iev, 0);
			break;
		default:
			imsgev_dispatch(iev);
			break;
		}
	}
	imsgev_leave(iev);
}

static void
imsgev_dispatch(struct imsgev *iev)
{
	struct imsg	 imsg;
	int		 n;

	while (!(iev->iev_flags & (IEV_PAUSED | IEV_CLOSING | IEV_OVER))) {
		if ((n = imsgbuf_get(&iev->iev_buf, &imsg)) == -1)
			imsgev_over(iev, errno);
		if (n != 1)
			break;
		iev->iev_handler(iev, &imsg, iev->iev_arg);
		imsg_free(&imsg);
	}
}

static void
imsgev_queued(struct imsgbuf *ib, void *arg)
{
	struct imsgev	*iev = arg;

	(void)ib;
	if (iev->iev_flags & (IEV_OVER | IEV_WRITING))
		return;
	if (event_pending(&iev->iev_write, EV_WRITE, NULL) ||
	    event_pending(&iev->iev_retry, EV_TIMEOUT, NULL))
		return;
	/*
	 * The socket most likely takes it: write when the callback that is
	 * running has composed all it wants to, without asking epoll first.
	 */
	event_active(&iev->iev_write, EV_WRITE, 0);
}

static void
imsgev_writecb(int fd, short what, void *arg)
{
	struct imsgev	*iev = arg;
	struct imsgbuf	*ib = &iev->iev_buf;
	size_t		 before;
	int		 error = 0;

	(void)fd;
	iev->iev_depth++;
	iev->iev_flags |= IEV_WRITING;
	before = imsgbuf_queuebytes(ib);
	errno = 0;
	if (what & EV_TIMEOUT)
		imsgev_over(iev, ETIMEDOUT);
	else if (imsgbuf_write(ib) == -1)
		imsgev_over(iev, errno);
	else {
		error = errno;
		if (iev->iev_drain != NULL && before > iev->iev_low &&
		    imsgbuf_queuebytes(ib) <= iev->iev_low &&
		    !(iev->iev_flags & IEV_CLOSING))
			iev->iev_drain(iev, iev->iev_arg);
	}
	iev->iev_flags &= ~IEV_WRITING;
	if (!(iev->iev_flags & IEV_OVER))
		imsgev_arm(iev, error);
	imsgev_leave(iev);
}

static void
imsgev_retrycb(int fd, short what, void *arg)
{
	(void)what;
	imsgev_writecb(fd, EV_WRITE, arg);
}

/* What comes after a write that ended with this errno. */
static void
imsgev_arm(struct imsgev *iev, int error)
{
	const struct timeval	*tv;
	int			 closing, ret;

	closing = (iev->iev_flags & IEV_CLOSING) != 0;
	if (imsgbuf_queuelen(&iev->iev_buf) == 0) {
		event_del(&iev->iev_write);
		if (closing)
			imsgev_over(iev, 0);
		return;
	}
	if (error == 0 || error == EAGAIN || error == EINTR) {
		tv = closing ? &linger : NULL;
		ret = event_add(&iev->iev_write, tv);
	} else {
		/* The socket would be writable all the time. */
		event_del(&iev->iev_write);
		ret = event_add(&iev->iev_retry, &later);
	}
	if (ret == -1)
		imsgev_over(iev, ENOMEM);
}

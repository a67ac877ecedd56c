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
 * Queues of messages over a stream socket.
 *
 * Everything that a read brings is sorted into messages at once, so the
 * 64 KiB that are read into are one buffer for the whole process, and a
 * connection keeps no more than the bytes of its one incomplete message.
 *
 * A descriptor travels with the first byte of its message: whoever sends one
 * starts a sendmsg(2) with it, and the kernel hands it out with the read that
 * takes that byte.  It belongs therefore to a marked message that begins in
 * the same read, even if the read ends within that message's header.
 */

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "imsg.h"
#include "log.h"
#include "msgbuf.h"
#include "sys.h"

#define MSGBUF_READSIZE	65535
#define MSGBUF_BURST	16	/* sendmsg calls in one write */

STAILQ_HEAD(ibufqueue, ibuf);

struct msgbuf {
	struct ibufqueue	 out;
	struct ibufqueue	 in;
	struct ibuf		*partial;	/* message with header */
	size_t			 need;		/* its length */
	size_t			 outbytes;
	size_t			 maxbytes;
	uint32_t		 outlen;
	uint32_t		 maxlen;
	uint32_t		 hdrlen;	/* bytes of the next header */
	int			 hdrfd;		/* may belong to it */
	int			 error;		/* the input is unusable */
	int			 lost;		/* a descriptor; said once */
	unsigned char		 hdr[IMSG_HEADER_SIZE];
};

/* One read: the bytes not sorted yet and the descriptor that came along. */
struct chunk {
	const unsigned char	*p;
	size_t			 len;
	int			 fd;
	int			 old;	/* the header began before it */
};

union fdcontrol {
	struct cmsghdr	 hdr;
	unsigned char	 buf[CMSG_SPACE(sizeof(int))];
};

static struct iovec	 iovs[IOV_MAX];
static unsigned char	 readbuf[MSGBUF_READSIZE];

static void	 ibufqueue_free(struct ibufqueue *);
static int	 msgbuf_send(struct msgbuf *, int);
static void	 msgbuf_sent(struct msgbuf *, size_t);
static ssize_t	 msgbuf_recv(struct msgbuf *, int, int, int *);
static int	 msgbuf_feed(struct msgbuf *, struct chunk *, size_t);
static int	 feed_header(struct msgbuf *, struct chunk *, size_t);
static int	 feed_body(struct msgbuf *, struct chunk *);
static size_t	 chunk_take(struct chunk *, const unsigned char **, size_t);
static void	 control_put(struct msghdr *, union fdcontrol *, int);
static int	 control_get(struct msghdr *);
static int	 fd_take(int *);
static void	 fd_drop(int *);

struct msgbuf *
msgbuf_new(void)
{
	struct msgbuf	*mb;

	if ((mb = calloc(1, sizeof(*mb))) == NULL)
		return (NULL);
	STAILQ_INIT(&mb->out);
	STAILQ_INIT(&mb->in);
	mb->maxlen = IMSGBUF_MAXMSGS;
	mb->maxbytes = IMSGBUF_MAXBYTES;
	mb->hdrfd = -1;
	return (mb);
}

static void
ibufqueue_free(struct ibufqueue *q)
{
	struct ibuf	*buf;

	while ((buf = STAILQ_FIRST(q)) != NULL) {
		STAILQ_REMOVE_HEAD(q, entry);
		ibuf_free(buf);
	}
}

void
msgbuf_free(struct msgbuf *mb)
{
	if (mb == NULL)
		return;
	ibufqueue_free(&mb->out);
	ibufqueue_free(&mb->in);
	ibuf_free(mb->partial);
	fd_drop(&mb->hdrfd);
	freezero(mb, sizeof(*mb));
}

void
msgbuf_limits(struct msgbuf *mb, uint32_t msgs, size_t bytes)
{
	mb->maxlen = msgs;
	mb->maxbytes = bytes;
}

uint32_t
msgbuf_queuelen(const struct msgbuf *mb)
{
	return (mb->outlen);
}

size_t
msgbuf_queuebytes(const struct msgbuf *mb)
{
	return (mb->outbytes);
}

int
msgbuf_queue(struct msgbuf *mb, struct ibuf *buf)
{
	size_t	 len;

	if (buf->kind == IBUF_VIEW)
		abort();
	len = ibuf_size(buf);
	if (mb->outlen >= mb->maxlen || mb->outbytes > mb->maxbytes ||
	    len > mb->maxbytes - mb->outbytes) {
		ibuf_free(buf);
		errno = ENOBUFS;
		return (-1);
	}
	STAILQ_INSERT_TAIL(&mb->out, buf, entry);
	mb->outlen++;
	mb->outbytes += len;
	return (0);
}

int
msgbuf_write(struct msgbuf *mb, int fd)
{
	int	 i;

	/* The burst's bound keeps a fast reader from holding the loop. */
	for (i = 0; i < MSGBUF_BURST && mb->outlen > 0; i++) {
		if (msgbuf_send(mb, fd) == 0)
			continue;
		switch (errno) {
		case EINTR:
			break;
		case EAGAIN:
		case ENOBUFS:
		case ENOMEM:
		case ETOOMANYREFS:	/* descriptors in flight */
			return (0);
		default:
			return (-1);
		}
	}
	return (0);
}

/* One sendmsg of as many messages as go into it; a descriptor starts one. */
static int
msgbuf_send(struct msgbuf *mb, int fd)
{
	struct msghdr	 msg;
	union fdcontrol	 control;
	struct ibuf	*buf;
	ssize_t		 n;
	int		 niov = 0;

	STAILQ_FOREACH(buf, &mb->out, entry) {
		if (niov == IOV_MAX || (niov > 0 && buf->fd != -1))
			break;
		iovs[niov].iov_base = ibuf_data(buf);
		iovs[niov].iov_len = ibuf_size(buf);
		niov++;
	}
	memset(&msg, 0, sizeof(msg));
	msg.msg_iov = iovs;
	msg.msg_iovlen = niov;
	if ((buf = STAILQ_FIRST(&mb->out))->fd != -1)
		control_put(&msg, &control, buf->fd);

	if ((n = sys_sendmsg(fd, &msg, MSG_NOSIGNAL)) == -1)
		return (-1);
	if (n == 0) {
		errno = EAGAIN;
		return (-1);
	}
	msgbuf_sent(mb, n);
	return (0);
}

static void
msgbuf_sent(struct msgbuf *mb, size_t n)
{
	struct ibuf	*buf;
	size_t		 len;

	mb->outbytes -= n;
	while (n > 0 && (buf = STAILQ_FIRST(&mb->out)) != NULL) {
		/* It went with the first byte and must not go twice. */
		fd_drop(&buf->fd);
		len = ibuf_size(buf);
		if (n < len) {
			ibuf_skip(buf, n);
			return;
		}
		n -= len;
		STAILQ_REMOVE_HEAD(&mb->out, entry);
		mb->outlen--;
		ibuf_free(buf);
	}
}

int
msgbuf_read(struct msgbuf *mb, int fd, int fdrecv, size_t maxsize)
{
	struct chunk	 c;
	ssize_t		 n;

	if (mb->error != 0) {
		errno = mb->error;
		return (-1);
	}
	if ((n = msgbuf_recv(mb, fd, fdrecv, &c.fd)) == -1)
		return (errno == EAGAIN ? 1 : -1);
	if (n == 0) {
		fd_drop(&c.fd);
		return (0);
	}

	c.p = readbuf;
	c.len = n;
	c.old = mb->hdrlen > 0;
	if (msgbuf_feed(mb, &c, maxsize) == -1) {
		mb->error = errno;
		fd_drop(&mb->hdrfd);
	} else if (mb->hdrlen > 0 && !c.old)
		mb->hdrfd = fd_take(&c.fd);
	fd_drop(&c.fd);
	explicit_bzero(readbuf, n);

	/* What came in good order before the garbage is still handed out. */
	if (mb->error != 0 && STAILQ_EMPTY(&mb->in)) {
		errno = mb->error;
		return (-1);
	}
	return (1);
}

/* One recvmsg into readbuf, and the descriptor that came with it or -1. */
static ssize_t
msgbuf_recv(struct msgbuf *mb, int fd, int fdrecv, int *fdp)
{
	struct msghdr	 msg;
	union fdcontrol	 control;
	struct iovec	 iov;
	ssize_t		 n;
	int		 lost = 0;

	*fdp = -1;
	iov.iov_base = readbuf;
	iov.iov_len = sizeof(readbuf);
	for (;;) {
		memset(&msg, 0, sizeof(msg));
		msg.msg_iov = &iov;
		msg.msg_iovlen = 1;
		if (fdrecv && !lost) {
			msg.msg_control = &control;
			msg.msg_controllen = sizeof(control);
		}
		if ((n = sys_recvmsg(fd, &msg, MSG_CMSG_CLOEXEC)) != -1)
			break;
		/* OpenBSD: the bytes can be had, the descriptor cannot. */
		if (errno == EMSGSIZE && fdrecv && !lost)
			lost = 1;
		else if (errno != EINTR)
			return (-1);
	}
	if (!fdrecv)
		return (n);
	*fdp = control_get(&msg);
	if ((msg.msg_flags & MSG_CTRUNC) && *fdp == -1)
		lost = 1;
	if (lost && !mb->lost) {
		mb->lost = 1;
		log_warnx("%s: descriptor lost, too many open files",
		    __func__);
	}
	return (n);
}

static int
msgbuf_feed(struct msgbuf *mb, struct chunk *c, size_t maxsize)
{
	while (c->len > 0) {
		if (mb->partial == NULL && feed_header(mb, c, maxsize) == -1)
			return (-1);
		if (mb->partial != NULL && feed_body(mb, c) == -1)
			return (-1);
	}
	return (0);
}

/* Collect a header; a whole and valid one opens mb->partial. */
static int
feed_header(struct msgbuf *mb, struct chunk *c, size_t maxsize)
{
	const unsigned char	*p;
	struct imsg_hdr		 hdr;
	struct ibuf		*buf;
	size_t			 n;
	int			 fd = -1, marked;

	n = chunk_take(c, &p, sizeof(mb->hdr) - mb->hdrlen);
	memcpy(mb->hdr + mb->hdrlen, p, n);
	mb->hdrlen += n;
	if (mb->hdrlen < sizeof(mb->hdr))
		return (0);

	memcpy(&hdr, mb->hdr, sizeof(hdr));
	marked = (hdr.len & IMSG_FD_MARK) != 0;
	hdr.len &= ~IMSG_FD_MARK;
	if (hdr.len < sizeof(hdr) || hdr.len > maxsize) {
		errno = ERANGE;
		return (-1);
	}
	/* What has not come yet takes no memory yet. */
	if (hdr.len - sizeof(hdr) <= c->len)
		buf = ibuf_open(hdr.len);
	else
		buf = ibuf_dynamic(sizeof(hdr) + c->len, hdr.len);
	if (buf == NULL)
		return (-1);
	if (marked)
		fd = fd_take(c->old ? &mb->hdrfd : &c->fd);
	ibuf_fd_set(buf, fd);
	ibuf_add(buf, &hdr, sizeof(hdr));	/* there is room */
	mb->partial = buf;
	mb->need = hdr.len;
	mb->hdrlen = 0;
	fd_drop(&mb->hdrfd);
	c->old = 0;
	return (0);
}

static int
feed_body(struct msgbuf *mb, struct chunk *c)
{
	const unsigned char	*p;
	size_t			 n;

	n = chunk_take(c, &p, mb->need - ibuf_size(mb->partial));
	if (ibuf_add(mb->partial, p, n) == -1)
		return (-1);
	if (ibuf_size(mb->partial) == mb->need) {
		STAILQ_INSERT_TAIL(&mb->in, mb->partial, entry);
		mb->partial = NULL;
	}
	return (0);
}

static size_t
chunk_take(struct chunk *c, const unsigned char **p, size_t n)
{
	if (n > c->len)
		n = c->len;
	*p = c->p;
	c->p += n;
	c->len -= n;
	return (n);
}

struct ibuf *
msgbuf_get(struct msgbuf *mb)
{
	struct ibuf	*buf;

	if ((buf = STAILQ_FIRST(&mb->in)) != NULL)
		STAILQ_REMOVE_HEAD(&mb->in, entry);
	return (buf);
}

int
msgbuf_pending(const struct msgbuf *mb)
{
	return (!STAILQ_EMPTY(&mb->in));
}

int
msgbuf_error(const struct msgbuf *mb)
{
	return (mb->error);
}

static void
control_put(struct msghdr *msg, union fdcontrol *control, int fd)
{
	struct cmsghdr	*cmsg;

	memset(control, 0, sizeof(*control));
	msg->msg_control = control;
	msg->msg_controllen = sizeof(*control);
	cmsg = CMSG_FIRSTHDR(msg);
	cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
}

/*
 * The first descriptor of what was received.  All others are closed: the
 * padding of the control buffer has room for more than one.
 */
static int
control_get(struct msghdr *msg)
{
	struct cmsghdr	*cmsg;
	size_t		 i, n;
	int		 fd, first = -1;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg != NULL;
	    cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET ||
		    cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		n = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(fd);
		for (i = 0; i < n; i++) {
			memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof(fd),
			    sizeof(fd));
			if (first == -1)
				first = fd;
			else
				close(fd);
		}
	}
	return (first);
}

static int
fd_take(int *fdp)
{
	int	 fd;

	fd = *fdp;
	*fdp = -1;
	return (fd);
}

static void
fd_drop(int *fdp)
{
	int	 save_errno;

	if (*fdp == -1)
		return;
	save_errno = errno;
	close(*fdp);
	*fdp = -1;
	errno = save_errno;
}

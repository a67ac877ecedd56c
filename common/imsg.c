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
#include <sys/uio.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "imsg.h"
#include "msgbuf.h"

#define FLUSH_RETRY	10	/* ms */

static struct ibuf	*imsg_start(struct imsgbuf *, uint32_t, uint32_t,
			    pid_t, struct ibuf *);
static int		 imsg_check(struct imsgbuf *, size_t);

int
imsgbuf_init(struct imsgbuf *ib, int fd)
{
	memset(ib, 0, sizeof(*ib));
	ib->fd = -1;
	if ((ib->w = msgbuf_new()) == NULL)
		return (-1);
	ib->pid = getpid();
	ib->maxsize = MAX_IMSGSIZE;
	ib->fd = fd;
	return (0);
}

void
imsgbuf_allow_fdpass(struct imsgbuf *ib)
{
	ib->flags |= IMSGBUF_FDSEND | IMSGBUF_FDRECV;
}

void
imsgbuf_allow_fdsend(struct imsgbuf *ib)
{
	ib->flags |= IMSGBUF_FDSEND;
}

int
imsgbuf_set_maxsize(struct imsgbuf *ib, uint32_t max)
{
	if (max > UINT32_MAX - IMSG_HEADER_SIZE) {
		errno = ERANGE;
		return (-1);
	}
	max += IMSG_HEADER_SIZE;
	if (max & IMSG_FD_MARK) {
		errno = EINVAL;
		return (-1);
	}
	ib->maxsize = max;
	return (0);
}

void
imsgbuf_set_limits(struct imsgbuf *ib, uint32_t msgs, size_t bytes)
{
	msgbuf_limits(ib->w, msgs, bytes);
}

int
imsgbuf_read(struct imsgbuf *ib)
{
	return (msgbuf_read(ib->w, ib->fd, (ib->flags & IMSGBUF_FDRECV) != 0,
	    ib->maxsize));
}

int
imsgbuf_get(struct imsgbuf *ib, struct imsg *imsg)
{
	struct imsg	 m;

	memset(imsg, 0, sizeof(*imsg));
	memset(&m, 0, sizeof(m));
	if ((m.buf = msgbuf_get(ib->w)) == NULL) {
		if (msgbuf_error(ib->w) == 0)
			return (0);
		errno = msgbuf_error(ib->w);
		return (-1);
	}
	ibuf_get(m.buf, &m.hdr, sizeof(m.hdr));	/* it has one */
	*imsg = m;
	return (1);
}

int
imsgbuf_write(struct imsgbuf *ib)
{
	return (msgbuf_write(ib->w, ib->fd));
}

int
imsgbuf_flush(struct imsgbuf *ib)
{
	struct pollfd	 pfd;
	size_t		 before;

	while ((before = msgbuf_queuebytes(ib->w)) > 0) {
		if (msgbuf_write(ib->w, ib->fd) == -1)
			return (-1);
		if (msgbuf_queuebytes(ib->w) < before)
			continue;
		/* Full: wait. Short of something else: try again later. */
		pfd.fd = errno == EAGAIN ? ib->fd : -1;
		pfd.events = POLLOUT;
		if (poll(&pfd, 1, pfd.fd == -1 ? FLUSH_RETRY : -1) == -1 &&
		    errno != EINTR)
			return (-1);
	}
	return (0);
}

void
imsgbuf_clear(struct imsgbuf *ib)
{
	msgbuf_free(ib->w);
	ib->w = NULL;
}

uint32_t
imsgbuf_queuelen(struct imsgbuf *ib)
{
	return (msgbuf_queuelen(ib->w));
}

size_t
imsgbuf_queuebytes(struct imsgbuf *ib)
{
	return (msgbuf_queuebytes(ib->w));
}

/* May a payload of this length go out? */
static int
imsg_check(struct imsgbuf *ib, size_t len)
{
	if (ib->maxsize < IMSG_HEADER_SIZE ||
	    len > ib->maxsize - IMSG_HEADER_SIZE) {
		errno = ERANGE;
		return (-1);
	}
	return (0);
}

/* Put the header into a new ibuf; its length is known at imsg_close(). */
static struct ibuf *
imsg_start(struct imsgbuf *ib, uint32_t type, uint32_t id, pid_t pid,
    struct ibuf *buf)
{
	struct imsg_hdr	 hdr;

	if (buf == NULL)
		return (NULL);
	hdr.type = type;
	hdr.len = 0;
	hdr.peerid = id;
	hdr.pid = pid != 0 ? pid : ib->pid;
	if (ibuf_add(buf, &hdr, sizeof(hdr)) == -1) {
		ibuf_free(buf);
		return (NULL);
	}
	return (buf);
}

int
imsg_compose(struct imsgbuf *ib, uint32_t type, uint32_t id, pid_t pid,
    int fd, const void *data, size_t len)
{
	struct iovec	 iov;

	iov.iov_base = (void *)(uintptr_t)data;
	iov.iov_len = len;
	return (imsg_composev(ib, type, id, pid, fd, &iov, 1));
}

int
imsg_composev(struct imsgbuf *ib, uint32_t type, uint32_t id, pid_t pid,
    int fd, const struct iovec *iov, int iovcnt)
{
	struct ibuf	*buf;
	size_t		 len = 0;
	int		 i, save_errno;

	for (i = 0; i < iovcnt; i++) {
		if (imsg_check(ib, iov[i].iov_len) == -1 ||
		    imsg_check(ib, len + iov[i].iov_len) == -1)
			goto fail;
		len += iov[i].iov_len;
	}
	buf = imsg_start(ib, type, id, pid, ibuf_open(IMSG_HEADER_SIZE + len));
	if (buf == NULL)
		goto fail;
	for (i = 0; i < iovcnt; i++)
		ibuf_add(buf, iov[i].iov_base, iov[i].iov_len);
	ibuf_fd_set(buf, fd);
	return (imsg_close(ib, buf));

 fail:
	save_errno = errno;
	if (fd != -1)
		close(fd);
	errno = save_errno;
	return (-1);
}

int
imsg_compose_ibuf(struct imsgbuf *ib, uint32_t type, uint32_t id, pid_t pid,
    struct ibuf *payload)
{
	int	 ret;

	ret = imsg_compose(ib, type, id, pid, -1, ibuf_data(payload),
	    ibuf_size(payload));
	ibuf_free(payload);
	return (ret);
}

struct ibuf *
imsg_create(struct imsgbuf *ib, uint32_t type, uint32_t id, pid_t pid,
    size_t len)
{
	if (imsg_check(ib, len) == -1)
		return (NULL);
	return (imsg_start(ib, type, id, pid,
	    ibuf_dynamic(IMSG_HEADER_SIZE + len, ib->maxsize)));
}

int
imsg_close(struct imsgbuf *ib, struct ibuf *buf)
{
	uint32_t	 len;

	if (ibuf_fd_avail(buf) && !(ib->flags & IMSGBUF_FDSEND)) {
		ibuf_free(buf);
		errno = EINVAL;
		return (-1);
	}
	len = ibuf_size(buf);
	if (ibuf_fd_avail(buf))
		len |= IMSG_FD_MARK;
	ibuf_set(buf, offsetof(struct imsg_hdr, len), &len, sizeof(len));
	if (msgbuf_queue(ib->w, buf) == -1)
		return (-1);
	if (ib->queued != NULL)
		ib->queued(ib, ib->queuedarg);
	return (1);
}

int
imsg_forward(struct imsgbuf *ib, struct imsg *imsg)
{
	/* All of the payload, however much of it has been read. */
	return (imsg_compose(ib, imsg->hdr.type, imsg->hdr.peerid,
	    imsg->hdr.pid, -1, imsg->buf->buf + IMSG_HEADER_SIZE,
	    imsg->buf->wpos - IMSG_HEADER_SIZE));
}

void
imsg_free(struct imsg *imsg)
{
	ibuf_free(imsg->buf);
	memset(imsg, 0, sizeof(*imsg));
}

uint32_t
imsg_get_type(const struct imsg *imsg)
{
	return (imsg->hdr.type);
}

uint32_t
imsg_get_id(const struct imsg *imsg)
{
	return (imsg->hdr.peerid);
}

pid_t
imsg_get_pid(const struct imsg *imsg)
{
	return (imsg->hdr.pid);
}

size_t
imsg_get_len(const struct imsg *imsg)
{
	return (ibuf_size(imsg->buf));
}

int
imsg_get_fd(struct imsg *imsg)
{
	return (ibuf_fd_get(imsg->buf));
}

int
imsg_get_data(struct imsg *imsg, void *data, size_t len)
{
	if (len == 0) {
		errno = EINVAL;
		return (-1);
	}
	if (ibuf_size(imsg->buf) != len) {
		errno = EBADMSG;
		return (-1);
	}
	return (ibuf_get(imsg->buf, data, len));
}

int
imsg_get_buf(struct imsg *imsg, void *data, size_t len)
{
	return (ibuf_get(imsg->buf, data, len));
}

int
imsg_get_strbuf(struct imsg *imsg, char *str, size_t len)
{
	return (ibuf_get_strbuf(imsg->buf, str, len));
}

int
imsg_get_ibuf(struct imsg *imsg, struct ibuf *view)
{
	if (ibuf_size(imsg->buf) == 0) {
		errno = EBADMSG;
		return (-1);
	}
	ibuf_from_ibuf(view, imsg->buf);
	return (0);
}

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
 * imsg: messages with an optional descriptor over a stream socket, and the
 * bounded buffers that they are built from.  The interface is the one of
 * OpenBSD's imsg_init(3) and ibuf_add(3), so that the BSDs can use theirs;
 * where this one differs it says so.
 */
#ifndef PM2D_IMSG_H
#define PM2D_IMSG_H

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/uio.h>

#include <stddef.h>
#include <stdint.h>

#define IMSG_HEADER_SIZE	sizeof(struct imsg_hdr)
#define MAX_IMSGSIZE		16384	/* header included */

/* Bounds of an output queue; a peer that does not read costs no more. */
#define IMSGBUF_MAXMSGS		4096
#define IMSGBUF_MAXBYTES	(4 * 1024 * 1024)

struct ibuf {
	STAILQ_ENTRY(ibuf) entry;
	unsigned char	*buf;
	size_t		 size;		/* allocated */
	size_t		 max;		/* may grow up to this */
	size_t		 wpos;
	size_t		 rpos;
	int		 fd;
	int		 kind;
};

struct imsg_hdr {
	uint32_t	 type;
	uint32_t	 len;		/* whole message; top bit: has an fd */
	uint32_t	 peerid;
	uint32_t	 pid;
};

struct imsg {
	struct imsg_hdr	 hdr;
	struct ibuf	*buf;
};

struct msgbuf;

struct imsgbuf {
	struct msgbuf	*w;
	pid_t		 pid;
	size_t		 maxsize;
	int		 fd;
	int		 flags;
	/* called after each successful compose: arms the write event */
	void		(*queued)(struct imsgbuf *, void *);
	void		*queuedarg;
};

/*
 * imsg-buffer.c: see ibuf_add(3).  All return 0, or -1 with errno set; readers
 * say EBADMSG at the end of what there is, writers ERANGE at the maximum.  A
 * view (ibuf_from_buffer() and the like) must not grow, be queued, be freed
 * or be given a descriptor: abort().
 */
struct ibuf	*ibuf_open(size_t);
struct ibuf	*ibuf_dynamic(size_t, size_t);
int		 ibuf_add(struct ibuf *, const void *, size_t);
int		 ibuf_add_ibuf(struct ibuf *, const struct ibuf *);
int		 ibuf_add_n8(struct ibuf *, uint64_t);
int		 ibuf_add_n16(struct ibuf *, uint64_t);
int		 ibuf_add_n32(struct ibuf *, uint64_t);
int		 ibuf_add_n64(struct ibuf *, uint64_t);
int		 ibuf_add_h16(struct ibuf *, uint64_t);
int		 ibuf_add_h32(struct ibuf *, uint64_t);
int		 ibuf_add_h64(struct ibuf *, uint64_t);
int		 ibuf_add_zero(struct ibuf *, size_t);
int		 ibuf_add_strbuf(struct ibuf *, const char *, size_t);
void		*ibuf_reserve(struct ibuf *, size_t);
void		*ibuf_seek(struct ibuf *, size_t, size_t);
int		 ibuf_set(struct ibuf *, size_t, const void *, size_t);
int		 ibuf_set_n32(struct ibuf *, size_t, uint64_t);
void		*ibuf_data(const struct ibuf *);
size_t		 ibuf_size(const struct ibuf *);	/* unread bytes */
size_t		 ibuf_left(const struct ibuf *);
int		 ibuf_truncate(struct ibuf *, size_t);
void		 ibuf_rewind(struct ibuf *);
void		 ibuf_from_buffer(struct ibuf *, void *, size_t);
void		 ibuf_from_ibuf(struct ibuf *, const struct ibuf *);
int		 ibuf_get(struct ibuf *, void *, size_t);
int		 ibuf_get_ibuf(struct ibuf *, size_t, struct ibuf *);
int		 ibuf_get_n8(struct ibuf *, uint8_t *);
int		 ibuf_get_n16(struct ibuf *, uint16_t *);
int		 ibuf_get_n32(struct ibuf *, uint32_t *);
int		 ibuf_get_n64(struct ibuf *, uint64_t *);
int		 ibuf_get_h16(struct ibuf *, uint16_t *);
int		 ibuf_get_h32(struct ibuf *, uint32_t *);
int		 ibuf_get_h64(struct ibuf *, uint64_t *);
char		*ibuf_get_string(struct ibuf *, size_t);
int		 ibuf_get_strbuf(struct ibuf *, char *, size_t);
int		 ibuf_skip(struct ibuf *, size_t);
void		 ibuf_free(struct ibuf *);
int		 ibuf_fd_avail(struct ibuf *);
int		 ibuf_fd_get(struct ibuf *);
void		 ibuf_fd_set(struct ibuf *, int);

/* imsg.c */
int		 imsgbuf_init(struct imsgbuf *, int);
/*
 * Descriptors may be received (and sent).  Without it none can arrive: a
 * descriptor that a peer sends all the same is dropped by the kernel.
 */
void		 imsgbuf_allow_fdpass(struct imsgbuf *);
/* Ours: descriptors may be sent, but none can arrive. */
void		 imsgbuf_allow_fdsend(struct imsgbuf *);
int		 imsgbuf_set_maxsize(struct imsgbuf *, uint32_t);
/* Ours: bounds of the output queue, in messages and bytes. */
void		 imsgbuf_set_limits(struct imsgbuf *, uint32_t, size_t);
/* 1 (also when there is nothing to read now), 0 at end of file, -1. */
int		 imsgbuf_read(struct imsgbuf *);
/*
 * 1, 0 if no complete message is there, -1.  ERANGE from either: an impossible
 * length, the connection is of no use any more.  Ours: the messages before it
 * are handed out first.
 */
int		 imsgbuf_get(struct imsgbuf *, struct imsg *);
/* 0 (also when the socket takes no more now, see the queue's length), -1. */
int		 imsgbuf_write(struct imsgbuf *);
/* Write all; waits for the peer where the socket is non-blocking, too. */
int		 imsgbuf_flush(struct imsgbuf *);
/* Frees everything but closes no socket; imsgbuf_init() makes it new. */
void		 imsgbuf_clear(struct imsgbuf *);
uint32_t	 imsgbuf_queuelen(struct imsgbuf *);
size_t		 imsgbuf_queuebytes(struct imsgbuf *);
/*
 * Compose: 1, or -1 with errno ERANGE (too long), ENOBUFS (the queue is at
 * its bound), EINVAL (a descriptor where none may be sent) or ENOMEM.
 * imsg_close() and imsg_compose_ibuf() take the ibuf in any case.  Ours: the
 * descriptor is the library's from the call on, on failure too (it is closed).
 */
int		 imsg_compose(struct imsgbuf *, uint32_t, uint32_t, pid_t, int,
		    const void *, size_t);
int		 imsg_composev(struct imsgbuf *, uint32_t, uint32_t, pid_t,
		    int, const struct iovec *, int);
int		 imsg_compose_ibuf(struct imsgbuf *, uint32_t, uint32_t, pid_t,
		    struct ibuf *);
struct ibuf	*imsg_create(struct imsgbuf *, uint32_t, uint32_t, pid_t,
		    size_t);
int		 imsg_close(struct imsgbuf *, struct ibuf *);
int		 imsg_forward(struct imsgbuf *, struct imsg *);
void		 imsg_free(struct imsg *);
uint32_t	 imsg_get_type(const struct imsg *);
uint32_t	 imsg_get_id(const struct imsg *);
pid_t		 imsg_get_pid(const struct imsg *);
size_t		 imsg_get_len(const struct imsg *);	/* payload not read */
/* The caller's from now on. -1: none, or lost for want of a free one. */
int		 imsg_get_fd(struct imsg *);
/* The whole payload, which must be exactly this long. */
int		 imsg_get_data(struct imsg *, void *, size_t);
int		 imsg_get_buf(struct imsg *, void *, size_t);
int		 imsg_get_strbuf(struct imsg *, char *, size_t);
/* A view of the payload, good until imsg_free(); EBADMSG if it is empty. */
int		 imsg_get_ibuf(struct imsg *, struct ibuf *);

#endif /* PM2D_IMSG_H */

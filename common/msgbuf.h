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
 * msgbuf: the two queues of an imsgbuf and what moves them over a socket.
 * For imsg*.c only; everybody else goes through imsg.h.
 */
#ifndef PM2D_MSGBUF_H
#define PM2D_MSGBUF_H

#include <stddef.h>
#include <stdint.h>

#include "imsg.h"

#define IBUF_VIEW	0	/* also what a zeroed struct is */
#define IBUF_FIXED	1
#define IBUF_DYNAMIC	2

#define IMSG_FD_MARK	0x80000000U

/* flags of an imsgbuf */
#define IMSGBUF_FDSEND	0x01
#define IMSGBUF_FDRECV	0x02

struct msgbuf	*msgbuf_new(void);
void		 msgbuf_free(struct msgbuf *);
void		 msgbuf_limits(struct msgbuf *, uint32_t, size_t);
/* Takes the ibuf, on failure (ENOBUFS) too. */
int		 msgbuf_queue(struct msgbuf *, struct ibuf *);
uint32_t	 msgbuf_queuelen(const struct msgbuf *);
size_t		 msgbuf_queuebytes(const struct msgbuf *);
/* 0, also when the socket takes no more for now; -1 with errno. */
int		 msgbuf_write(struct msgbuf *, int);
/* fd, may descriptors arrive, longest message. 1, 0 at EOF, -1. */
int		 msgbuf_read(struct msgbuf *, int, int, size_t);
/* A complete message, header first; NULL: none. */
struct ibuf	*msgbuf_get(struct msgbuf *);
int		 msgbuf_pending(const struct msgbuf *);
/* What made the input unusable: an errno, 0: nothing. */
int		 msgbuf_error(const struct msgbuf *);

#endif /* PM2D_MSGBUF_H */

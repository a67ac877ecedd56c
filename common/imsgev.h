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
 * imsgev: an imsgbuf under libevent, with one message handler and one error
 * handler.  Composing arms the write event by itself.
 */
#ifndef PM2D_IMSGEV_H
#define PM2D_IMSGEV_H

#include <event.h>

#include "imsg.h"

struct imsgev;

/*
 * A complete message.  The handler may compose, and may call imsgev_close()
 * or imsgev_free() on its own imsgev.  The imsg is freed by the caller.
 */
typedef void	(imsgev_handler)(struct imsgev *, struct imsg *, void *);

/*
 * The connection is over: errno 0 means end of file, everything else is what
 * read, write or the framing said.  Called once; no handler runs after it.
 * The handler normally calls imsgev_free().
 */
typedef void	(imsgev_error)(struct imsgev *, int, void *);

/*
 * The output queue fell from above the low mark given with imsgev_set_drain()
 * to it or below; a mark of 0 means that the queue became empty.  The handler
 * may compose: what it composes is written when the socket takes it.
 */
typedef void	(imsgev_drain)(struct imsgev *, void *);

#define IMSGEV_FDPASS	0x01	/* descriptors may arrive and be sent */
#define IMSGEV_FDSEND	0x02	/* descriptors may be sent only */

/*
 * Takes ownership of the (non-blocking) socket.  NULL with errno on failure;
 * the socket is then closed.
 */
struct imsgev	*imsgev_new(struct event_base *, int, int, imsgev_handler *,
		    imsgev_error *, void *);
struct imsgbuf	*imsgev_buf(struct imsgev *);
int		 imsgev_fd(const struct imsgev *);
/*
 * imsg_compose() with the fields in the order people think of them.  All that
 * one callback composes is written together after it has returned.  EPIPE
 * after imsgev_close() and after the error handler has been called (ENOBUFS
 * from imsg_compose() and the others).
 */
int		 imsgev_compose(struct imsgev *, uint32_t, uint32_t, int,
		    const void *, size_t);
/*
 * Stop and go on reading: back-pressure against a peer that asks too much.
 * No handler runs during a pause; what was read before comes after it.
 */
void		 imsgev_pause(struct imsgev *);
void		 imsgev_resume(struct imsgev *);
void		 imsgev_set_drain(struct imsgev *, size_t, imsgev_drain *);
/*
 * Read no more, write what is queued, then call the error handler with 0.  It
 * is called with ETIMEDOUT if the peer takes nothing for five seconds.  Never
 * called from within imsgev_close() itself.
 */
void		 imsgev_close(struct imsgev *);
/* Closes the socket and forgets what was queued. Safe inside handlers. */
void		 imsgev_free(struct imsgev *);

#endif /* PM2D_IMSGEV_H */

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
 * The log daemon as the parent knows it; for logd.c and logd_answer.c.
 */
#ifndef PM2D_LOGD_H
#define PM2D_LOGD_H

#include "daemon.h"
#include "parent.h"

/* Somebody waits for FLUSH or REOPEN to be done. */
struct pending {
	TAILQ_ENTRY(pending) entry;
	uint32_t	 cookie;
	uint32_t	 start;		/* of the pm2logd that was asked */
	logd_done	*fn;
	void		*arg;
};

struct logd {
	struct pm2d	*env;
	struct daemon	 daemon;
	struct imsgev	*iev;
	struct event	 again;		/* for retry */
	struct event	 lost;
	uint32_t	 starts;	/* counts them, from 1 */
	int		 feeding;	/* apps from feed_next on are untold */
	uint32_t	 feed_next;
	int		 retry;		/* some streams were not taken */
	uint32_t	 cookie;
	TAILQ_HEAD(, pending) pending;
};

/*
 * The channel is of no use any more: kill what is there, start a new one.
 * Whoever waited for an answer is told from the event loop.
 */
void	 logd_lost(struct logd *);
/* Something was not taken: tell it again in a while. */
void	 logd_again(struct logd *);

/* logd_answer.c: what pm2logd says */
void	 logd_dispatch(struct imsgev *, struct imsg *, void *);

#endif /* PM2D_LOGD_H */

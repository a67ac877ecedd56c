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
 * The engine as the parent knows it; for engine.c and engine_answer.c.
 */
#ifndef PM2D_ENGINE_LOCAL_H
#define PM2D_ENGINE_LOCAL_H

#include "daemon.h"
#include "engine.h"

#define ESTATES_MAX	8	/* of engines that left something behind */

struct engine {
	struct pm2d	*env;
	struct daemon	 daemon;
	struct imsgev	*iev;
	int		 lost;		/* it is being ended: tell it nothing */
	int		 broken;	/* ...and do not listen to it either */
	uint32_t	 starts;	/* counts them, from 1: the epoch */
	int		 feeding;	/* apps from feed_next on are untold */
	uint32_t	 feed_next;
	struct event	 again;		/* for what had no descriptors */
	int		 relisten;	/* ...listeners are among it */
	int		 estates[ESTATES_MAX];	/* the last one is this one's */
	uint32_t	 nestates;
};

/*
 * The engine said what it cannot have meant: it is broken or taken over, and
 * is replaced.
 */
void	 engine_broken(struct engine *, const char *);

/* engine_answer.c: what the engine says */
void	 engine_dispatch(struct imsgev *, struct imsg *, void *);

#endif /* PM2D_ENGINE_LOCAL_H */

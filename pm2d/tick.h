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
 * What has its time by cron.h, on a clock that may be set.  Pure: the caller
 * looks at the clock, at least when the next time has come and when it was
 * set.
 *
 * A clock that is set forward, or a machine that slept: what was missed in
 * between is due once, however often it would have been.  A clock that is set
 * back: what has happened does not happen again because of that, as far as
 * TICK_BACK for fixed times, TICK_BACK_ANY where the hour is an asterisk.  If
 * it was further ahead the clock was wrong, and what it shows now counts.
 */
#ifndef PM2D_TICK_H
#define PM2D_TICK_H

#include <time.h>

#include "cron.h"

#define TICK_BACK	86400	/* seconds */
#define TICK_BACK_ANY	300

/* Zero it to begin; next is -1 when there is none. */
struct tick {
	time_t		 next;
	time_t		 last;		/* it was due; 0: never yet */
	time_t		 seen;		/* the clock, at the last look */
};

/* Forget what was missed: it was not wanted. */
void	 tick_begin(struct tick *, const struct cron *, time_t);
/* 1: it is due, now. */
int	 tick_look(struct tick *, const struct cron *, time_t);

#endif /* PM2D_TICK_H */

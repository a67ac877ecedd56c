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
 * Paces a storm of restarts: a token bucket of PACE_BURST that fills at
 * PACE_RATE a second.
 */
#ifndef PM2D_PACE_H
#define PM2D_PACE_H

#include <stdint.h>

#include "monotime.h"

#define PACE_RATE	200	/* a second; a divisor of 1000 */
#define PACE_BURST	100

/* Zero it to begin with a full bucket. */
struct pace {
	uint64_t	 full;		/* ms: when the bucket is full again */
};

/*
 * Take a token: 0, or the ms until there is one (nothing is taken: ask
 * again then).  Keep those that wait in one queue and ask for its head.
 */
uint64_t pace_take(struct pace *, monotime_t);

#endif /* PM2D_PACE_H */

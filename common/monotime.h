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
 * Two clocks that must not be mixed: the monotonic one for uptime, backoff
 * and deadlines, the wall clock for what people read.
 */
#ifndef PM2D_MONOTIME_H
#define PM2D_MONOTIME_H

#include <stdint.h>

typedef struct { uint64_t ms; } monotime_t;	/* a type: cannot be mixed */

monotime_t	 monotime_now(void);
monotime_t	 monotime_add(monotime_t, uint64_t);
/* a - b in milliseconds, 0 when b is later */
uint64_t	 monotime_since(monotime_t, monotime_t);
/* wall clock, milliseconds since the epoch */
uint64_t	 walltime_ms(void);

#endif /* PM2D_MONOTIME_H */

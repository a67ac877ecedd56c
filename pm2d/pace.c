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
 * A token bucket kept as one number: the time when it will be full again.
 * Each token taken moves that time on by the time that a token needs to
 * come back.
 */
#include <stdint.h>

#include "pace.h"

#define TOKEN_MS	(1000 / PACE_RATE)
#define BUCKET_MS	(PACE_BURST * TOKEN_MS)

_Static_assert(1000 % PACE_RATE == 0, "tokens come at whole milliseconds");

uint64_t
pace_take(struct pace *p, monotime_t now)
{
	if (p->full < now.ms)
		p->full = now.ms;
	if (p->full - now.ms > BUCKET_MS - TOKEN_MS)
		return (p->full - now.ms - (BUCKET_MS - TOKEN_MS));
	p->full += TOKEN_MS;
	return (0);
}

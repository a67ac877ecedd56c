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

#include "tick.h"

/* After this moment the next one is looked for. */
static time_t
since(const struct tick *t, const struct cron *c, time_t now)
{
	time_t	 back;

	back = c->flags & CRON_ANYHOUR ? TICK_BACK_ANY : TICK_BACK;
	if (t->last > now && t->last - now <= back)
		return (t->last);
	return (now);
}

void
tick_begin(struct tick *t, const struct cron *c, time_t now)
{
	t->next = cron_next(c, since(t, c, now));
	t->seen = now;
}

int
tick_look(struct tick *t, const struct cron *c, time_t now)
{
	int	 back = now < t->seen;

	t->seen = now;
	if (t->next != -1 && now >= t->next) {
		t->last = now;
		t->next = cron_next(c, now);
		return (1);
	}
	if (back)
		t->next = cron_next(c, since(t, c, now));
	return (0);
}

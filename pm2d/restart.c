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
 * Restart policy.  Short exits are remembered with their times in a ring of
 * max_restarts entries, which is allocated at the first one: most apps never
 * need it.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "restart.h"

void
restart_policy(struct restart_policy *rp, const struct spec *sp)
{
	const char	*s;
	size_t		 pos = 0;
	long long	 code;

	memset(rp, 0, sizeof(*rp));
	rp->autorestart = sp->num[SPEC_AUTORESTART] != 0 &&
	    sp->count[SPEC_SCHEDULE] == 0;	/* a job: to its end, once */
	rp->min_uptime = sp->num[SPEC_MIN_UPTIME];
	rp->max_restarts = (uint32_t)sp->num[SPEC_MAX_RESTARTS];
	rp->restart_delay = sp->num[SPEC_RESTART_DELAY];
	rp->exp_backoff = sp->num[SPEC_EXP_BACKOFF];
	while ((s = spec_next(sp, SPEC_STOP_EXIT_CODE, &pos)) != NULL) {
		code = strtonum(s, 0, 255, NULL);
		rp->stop_codes[code / 64] |= UINT64_C(1) << (code % 64);
	}
}

static int
is_stop_code(const struct restart_policy *rp, int code)
{
	if (code < 0 || code > 255)
		return (0);
	return ((rp->stop_codes[code / 64] >> (code % 64) & 1) != 0);
}

/* Make room for max entries.  0, or -1 when there is no memory. */
static int
ring_init(struct restart_state *rs, uint32_t max)
{
	monotime_t	*ring;

	if (rs->ring != NULL && rs->cap == max)
		return (0);
	if ((ring = reallocarray(NULL, max, sizeof(*ring))) == NULL)
		return (-1);
	free(rs->ring);
	rs->ring = ring;
	rs->cap = max;
	rs->head = 0;
	rs->unstable = 0;
	return (0);
}

/* Forget what has left the window. */
static void
ring_slide(struct restart_state *rs, monotime_t now, uint64_t window)
{
	while (rs->unstable > 0 &&
	    monotime_since(now, rs->ring[rs->head]) >= window) {
		rs->head = (rs->head + 1) % rs->cap;
		rs->unstable--;
	}
}

static void
ring_push(struct restart_state *rs, monotime_t now)
{
	rs->ring[(rs->head + rs->unstable) % rs->cap] = now;
	rs->unstable++;
}

static uint64_t
window(const struct restart_policy *rp)
{
	uint64_t	 ms;

	if (rp->max_restarts > 0 &&
	    rp->min_uptime > UINT64_MAX / rp->max_restarts)
		return (UINT64_MAX);
	ms = rp->min_uptime * rp->max_restarts;
	return (ms > RESTART_WINDOW ? ms : RESTART_WINDOW);
}

/* Grows by half, rounded up: else 1 ms would stay 1 ms. */
static uint64_t
next_backoff(const struct restart_policy *rp, const struct restart_state *rs,
    uint64_t ran_ms)
{
	uint64_t	 cap, ms;

	/* a delay that was asked for is not made shorter by the cap */
	cap = rp->exp_backoff > RESTART_CAP ? rp->exp_backoff : RESTART_CAP;
	if (rs->backoff == 0 || ran_ms >= RESTART_STEADY)
		return (rp->exp_backoff);
	ms = rs->backoff + (rs->backoff + 1) / 2;
	return (ms > cap ? cap : ms);
}

static enum exit_verdict
later(const struct restart_policy *rp, struct restart_state *rs,
    uint64_t ran_ms, uint64_t *delay)
{
	if (rp->exp_backoff > 0) {
		rs->backoff = next_backoff(rp, rs, ran_ms);
		*delay = rs->backoff;
	} else
		*delay = rp->restart_delay;
	return (*delay > 0 ? VERDICT_DELAYED : VERDICT_RESTART);
}

enum exit_verdict
restart_decide(const struct restart_policy *rp, struct restart_state *rs,
    const struct restart_exit *re, monotime_t now, uint64_t *delay)
{
	enum exit_verdict	 verdict;

	*delay = 0;
	if (!rp->autorestart || is_stop_code(rp, re->code))
		return (VERDICT_STOPPED);
	rs->restarts++;
	if (rp->max_restarts == 0)
		return (later(rp, rs, re->ran_ms, delay));

	ring_slide(rs, now, window(rp));
	if (re->ran_ms >= rp->min_uptime)
		return (later(rp, rs, re->ran_ms, delay));
	if (ring_init(rs, rp->max_restarts) == -1) {
		/* it may be crashing in a loop: do not let it spin */
		verdict = later(rp, rs, re->ran_ms, delay);
		if (*delay < RESTART_NOMEM) {
			*delay = RESTART_NOMEM;
			verdict = VERDICT_DELAYED;
		}
		return (verdict);
	}
	ring_push(rs, now);
	if (rs->unstable >= rp->max_restarts) {
		restart_reset(rs);
		return (VERDICT_ERRORED);
	}
	return (later(rp, rs, re->ran_ms, delay));
}

void
restart_reset(struct restart_state *rs)
{
	rs->head = 0;
	rs->unstable = 0;
	rs->backoff = 0;
}

void
restart_free(struct restart_state *rs)
{
	free(rs->ring);
	memset(rs, 0, sizeof(*rs));
}

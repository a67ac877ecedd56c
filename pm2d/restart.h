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
 * What is done about an exit: restart at once, later, or never.  Pure: no
 * clock, no I/O.
 */
#ifndef PM2D_RESTART_H
#define PM2D_RESTART_H

#include <stdint.h>

#include "monotime.h"
#include "msg.h"
#include "spec.h"

#define RESTART_WINDOW	15000	/* ms: least window for max_restarts */
#define RESTART_CAP	15000	/* ms: where the backoff ends */
#define RESTART_STEADY	30000	/* ms: ran so long, the backoff is over */
#define RESTART_NOMEM	1000	/* ms: delay when exits cannot be counted */

/* The numbers of a spec; times in ms. */
struct restart_policy {
	uint64_t	 min_uptime;
	uint64_t	 restart_delay;
	uint64_t	 exp_backoff;
	uint64_t	 stop_codes[4];	/* a set of 0..255 */
	uint32_t	 max_restarts;	/* 0: never errored */
	int		 autorestart;
};

/* What is remembered of an app. Zero it to begin. */
struct restart_state {
	monotime_t	*ring;		/* times of the last short exits */
	uint64_t	 backoff;	/* last delay given, 0: none */
	uint32_t	 cap;		/* of the ring: max_restarts */
	uint32_t	 head;		/* oldest entry */
	uint32_t	 unstable;	/* entries: short exits in the window */
	uint32_t	 restarts;	/* what people see; may be set */
};

struct restart_exit {
	int		 code;		/* exit status, -1: by signal */
	int		 signal;	/* 0: none */
	uint64_t	 ran_ms;
};

/* Take the numbers from a spec that was parsed. */
void	 restart_policy(struct restart_policy *, const struct spec *);

/*
 * Decide.  restarts is counted up unless the verdict is VERDICT_STOPPED; the
 * delay (ms) is 0 unless it is VERDICT_DELAYED.  A program that could not be
 * executed counts as an exit with code -1 that ran 0 ms.
 */
enum exit_verdict restart_decide(const struct restart_policy *,
	    struct restart_state *, const struct restart_exit *, monotime_t,
	    uint64_t *);

/* A person started or restarted it: forget short exits and backoff. */
void	 restart_reset(struct restart_state *);
void	 restart_free(struct restart_state *);

#endif /* PM2D_RESTART_H */

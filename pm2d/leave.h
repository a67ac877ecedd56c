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
 * How a run of an app leaves: which step follows which, and how long each may
 * take.  Pure: the caller does the steps and says what came of them.
 *
 *	retire	    the engine gives it no more connections, and waits until
 *		    none is unanswered
 *	grace	    connections that are half open at the switch still reach it
 *	drain	    its last answers say Connection: close (the preload)
 *	shutdown    process.send("shutdown") of pm2
 *	disconnect  cluster's own: servers are closed, then the channel
 *	signal	    kill_signal
 *	kill	    SIGKILL to all that is left: the machine's, not ours
 */
#ifndef PM2D_LEAVE_H
#define PM2D_LEAVE_H

#include <stdint.h>

/* Why it leaves. */
enum leave_plan {
	LEAVE_STOP,		/* stop, delete of the last: signal */
	LEAVE_RESTART,		/* retire, drain (shortly), signal */
	LEAVE_RELOAD,		/* retire, grace, drain, disconnect, signal */
	LEAVE_GRACEFUL,		/* ...with shutdown before disconnect */
	LEAVE_NPLANS
};

enum leave_step {
	STEP_RETIRE,
	STEP_GRACE,
	STEP_DRAIN,
	STEP_SHUTDOWN,
	STEP_DISCONNECT,
	STEP_SIGNAL,
	STEP_END,		/* nothing more: it is the machine's turn */
	LEAVE_NSTEPS
};

/* What is said of it. */
enum leave_event {
	LEAVE_EV_RETIRED,	/* nothing unanswered */
	LEAVE_EV_DRAINED,	/* no request in work */
	LEAVE_EV_EOF,		/* it closed its channel */
	LEAVE_EV_DEADLINE,	/* the time of the step is over */
	LEAVE_EV_NOENGINE	/* nobody can do the step: go on */
};

/* What the run is and has. */
struct leave_facts {
	int		 cluster;	/* a cluster worker that came online */
	int		 channel;	/* has a channel that is open */
	int		 drains;	/* has the preload */
	int		 message;	/* shutdown_with_message */
	int		 siblings;	/* others take its connections; reload:
					 * a successor does */
	uint64_t	 kill_timeout;	/* ms */
	int		 accepts;	/* itself, no engine does it for it */
};

struct leave {
	enum leave_plan	 plan;
	enum leave_step	 step;
	struct leave_facts facts;
};

#define LEAVE_RETIRE_MS	1000	/* a worker that answers nothing */
#define LEAVE_GRACE_MS	150	/* at least one round trip */
#define LEAVE_DRAIN_MS	1000	/* at most, restart; reload: kill_timeout */

/*
 * Begin: the first step to do is in leave->step, its deadline in *ms (0:
 * none).  STEP_SIGNAL and STEP_END have none: the signal is sent and then the
 * machine's kill_timeout runs.  STEP_SIGNAL is always reached, unless the run
 * is gone before; STEP_END follows it when the caller says DEADLINE.
 *
 * After EOF only DEADLINE changes the step, and it leads to STEP_SIGNAL; a
 * run that has no channel when it begins to leave is there at once.
 */
void	 leave_begin(struct leave *, enum leave_plan,
	    const struct leave_facts *, uint64_t *ms);
/* 1: leave->step is another one now, do it; 0: the event changes nothing. */
int	 leave_event(struct leave *, enum leave_event, uint64_t *ms);
const char *leave_stepname(enum leave_step);

#endif /* PM2D_LEAVE_H */

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

#include <stddef.h>

#include "leave.h"

/*
 * The plans: a table of which step a plan has, what the run must be or have
 * for it, and how long it may take.
 */

#define NEED_CLUSTER	0x01
#define NEED_CHANNEL	0x02
#define NEED_DRAINS	0x04
#define NEED_MESSAGE	0x08
#define NEED_SIBLINGS	0x10
#define NEED_ACCEPTS	0x20

/* Of no use for a worker that never came online, or cannot be spoken to. */
#define NEED_WORKER	(NEED_CLUSTER | NEED_CHANNEL)

#define BIT(ev)		(1U << (ev))

/* What ends a step.  The signal's deadline is the machine's, or none. */
static const struct {
	const char	*name;
	unsigned int	 ends;
} steps[LEAVE_NSTEPS] = {
	[STEP_RETIRE] =		{ "retire", BIT(LEAVE_EV_DEADLINE) |
	    BIT(LEAVE_EV_NOENGINE) | BIT(LEAVE_EV_RETIRED) },
	[STEP_GRACE] =		{ "grace", BIT(LEAVE_EV_DEADLINE) },
	[STEP_DRAIN] =		{ "drain", BIT(LEAVE_EV_DEADLINE) |
	    BIT(LEAVE_EV_NOENGINE) | BIT(LEAVE_EV_DRAINED) },
	[STEP_SHUTDOWN] =	{ "shutdown", BIT(LEAVE_EV_DEADLINE) |
	    BIT(LEAVE_EV_NOENGINE) },
	[STEP_DISCONNECT] =	{ "disconnect", BIT(LEAVE_EV_DEADLINE) |
	    BIT(LEAVE_EV_NOENGINE) },
	[STEP_SIGNAL] =		{ "signal", BIT(LEAVE_EV_DEADLINE) },
	[STEP_END] =		{ "end", 0 }
};

enum limit {
	LIMIT_NEVER,		/* the plan has no such step */
	LIMIT_NONE,		/* done at once, nothing to wait for */
	LIMIT_FIXED,		/* ms */
	LIMIT_KILL		/* kill_timeout; but ms, if that is less */
};

struct rule {
	enum limit	 limit;
	unsigned int	 need;
	uint64_t	 ms;
};

#define SIGNAL_RULE	{ LIMIT_NONE, 0, 0 }
#define MESSAGE_RULE	{ LIMIT_KILL, NEED_CHANNEL | NEED_MESSAGE, UINT64_MAX }

/*
 * A restart retires its worker even if no other takes the connections: they
 * wait in the socket for the next run, and are not lost with this one.  One
 * that accepts them itself does so until it has closed its servers.
 */
static const struct rule plans[LEAVE_NPLANS][STEP_END] = {
	[LEAVE_STOP] = {
		[STEP_SHUTDOWN] =	MESSAGE_RULE,
		[STEP_SIGNAL] =		SIGNAL_RULE
	},
	[LEAVE_RESTART] = {
		[STEP_RETIRE] =		{ LIMIT_FIXED, NEED_WORKER,
		    LEAVE_RETIRE_MS },
		[STEP_DRAIN] =		{ LIMIT_KILL,
		    NEED_CHANNEL | NEED_DRAINS, LEAVE_DRAIN_MS },
		[STEP_SHUTDOWN] =	MESSAGE_RULE,
		[STEP_DISCONNECT] =	{ LIMIT_KILL,
		    NEED_WORKER | NEED_ACCEPTS, LEAVE_DRAIN_MS },
		[STEP_SIGNAL] =		SIGNAL_RULE
	},
	[LEAVE_RELOAD] = {
		[STEP_RETIRE] =		{ LIMIT_FIXED,
		    NEED_WORKER | NEED_SIBLINGS, LEAVE_RETIRE_MS },
		[STEP_GRACE] =		{ LIMIT_FIXED,
		    NEED_WORKER | NEED_SIBLINGS, LEAVE_GRACE_MS },
		[STEP_DRAIN] =		{ LIMIT_KILL,
		    NEED_CHANNEL | NEED_DRAINS, UINT64_MAX },
		[STEP_SHUTDOWN] =	MESSAGE_RULE,
		[STEP_DISCONNECT] =	{ LIMIT_KILL, NEED_WORKER,
		    UINT64_MAX },
		[STEP_SIGNAL] =		SIGNAL_RULE
	},
	[LEAVE_GRACEFUL] = {
		[STEP_RETIRE] =		{ LIMIT_FIXED,
		    NEED_WORKER | NEED_SIBLINGS, LEAVE_RETIRE_MS },
		[STEP_GRACE] =		{ LIMIT_FIXED,
		    NEED_WORKER | NEED_SIBLINGS, LEAVE_GRACE_MS },
		[STEP_DRAIN] =		{ LIMIT_KILL,
		    NEED_CHANNEL | NEED_DRAINS, UINT64_MAX },
		[STEP_SHUTDOWN] =	{ LIMIT_KILL, NEED_CHANNEL,
		    UINT64_MAX },
		[STEP_DISCONNECT] =	{ LIMIT_KILL, NEED_WORKER,
		    UINT64_MAX },
		[STEP_SIGNAL] =		SIGNAL_RULE
	}
};

static unsigned int
facts_have(const struct leave_facts *f)
{
	return ((f->cluster ? NEED_CLUSTER : 0) |
	    (f->channel ? NEED_CHANNEL : 0) |
	    (f->drains ? NEED_DRAINS : 0) |
	    (f->message ? NEED_MESSAGE : 0) |
	    (f->siblings ? NEED_SIBLINGS : 0) |
	    (f->accepts ? NEED_ACCEPTS : 0));
}

static uint64_t
rule_ms(const struct rule *rule, const struct leave_facts *f)
{
	switch (rule->limit) {
	case LIMIT_FIXED:
		return (rule->ms);
	case LIMIT_KILL:
		return (rule->ms < f->kill_timeout ? rule->ms :
		    f->kill_timeout);
	default:
		return (0);
	}
}

/*
 * The first step from this one on that the plan has and the facts allow.
 * With a kill_timeout of 0 there is no time to ask for anything.
 */
static void
leave_goto(struct leave *l, enum leave_step from, uint64_t *ms)
{
	const struct rule	*rule;
	unsigned int		 have = facts_have(&l->facts);
	int			 step;

	*ms = 0;
	for (step = from; step < STEP_END; step++) {
		rule = &plans[l->plan][step];
		if (rule->limit == LIMIT_NEVER ||
		    (rule->need & ~have) != 0)
			continue;
		*ms = rule_ms(rule, &l->facts);
		if (*ms != 0 || rule->limit == LIMIT_NONE)
			break;
	}
	l->step = step;
}

void
leave_begin(struct leave *l, enum leave_plan plan,
    const struct leave_facts *facts, uint64_t *ms)
{
	l->plan = (unsigned int)plan < LEAVE_NPLANS ? plan : LEAVE_STOP;
	l->facts = *facts;
	leave_goto(l, 0, ms);
}

/*
 * When its channel is closed a run is as good as gone, mostly: it gets what
 * is left of the step, and then the signal.  What the engine still says of
 * it does not cut that short.
 */
int
leave_event(struct leave *l, enum leave_event ev, uint64_t *ms)
{
	*ms = 0;
	if (ev == LEAVE_EV_EOF) {
		l->facts.channel = 0;
		return (0);
	}
	if (l->step >= STEP_END || (steps[l->step].ends & BIT(ev)) == 0)
		return (0);
	if (!l->facts.channel && ev != LEAVE_EV_DEADLINE)
		return (0);
	leave_goto(l, l->step + 1, ms);
	return (1);
}

const char *
leave_stepname(enum leave_step step)
{
	if ((unsigned int)step >= LEAVE_NSTEPS)
		return ("unknown");
	return (steps[step].name);
}

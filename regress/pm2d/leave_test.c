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
 * How a run leaves: all plans with all facts and all events, and the ways that
 * matter most, step by step.
 */
#include <string.h>

#include <atf-c.h>

#include "leave.h"

#define NFACTS		64	/* combinations of the six */
#define NEVENTS		(LEAVE_EV_NOENGINE + 1)
#define FACT(n, bit)	(((n) & (bit)) != 0)

static const uint64_t	 timeouts[] = { 0, 1, 600, 4000, 86400000 };

static struct leave_facts
facts_of(unsigned int n, uint64_t kill_timeout)
{
	struct leave_facts	 f;

	memset(&f, 0, sizeof(f));
	f.cluster = FACT(n, 1);
	f.channel = FACT(n, 2);
	f.drains = FACT(n, 4);
	f.message = FACT(n, 8);
	f.siblings = FACT(n, 16);
	f.accepts = FACT(n, 32);
	f.kill_timeout = kill_timeout;
	return (f);
}

/* The plans in words: may a run of this kind be in this step? */
static int
allowed(enum leave_plan plan, enum leave_step step,
    const struct leave_facts *f)
{
	int	 reload = plan == LEAVE_RELOAD || plan == LEAVE_GRACEFUL;

	switch (step) {
	case STEP_RETIRE:
		return (f->cluster && f->channel && plan != LEAVE_STOP &&
		    (f->siblings || plan == LEAVE_RESTART));
	case STEP_GRACE:
		return (f->cluster && f->channel && reload && f->siblings);
	case STEP_DRAIN:
		return (f->channel && f->drains && plan != LEAVE_STOP &&
		    f->kill_timeout > 0);
	case STEP_SHUTDOWN:
		return (f->channel && f->kill_timeout > 0 &&
		    (f->message || plan == LEAVE_GRACEFUL));
	case STEP_DISCONNECT:
		return (f->cluster && f->channel && f->kill_timeout > 0 &&
		    (reload || (plan == LEAVE_RESTART && f->accepts)));
	case STEP_SIGNAL:
	case STEP_END:
		return (1);
	default:
		return (0);
	}
}

static uint64_t
deadline(enum leave_plan plan, enum leave_step step,
    const struct leave_facts *f)
{
	switch (step) {
	case STEP_RETIRE:
		return (LEAVE_RETIRE_MS);
	case STEP_GRACE:
		return (LEAVE_GRACE_MS);
	case STEP_DRAIN:
	case STEP_DISCONNECT:
		if (plan == LEAVE_RESTART && f->kill_timeout > LEAVE_DRAIN_MS)
			return (LEAVE_DRAIN_MS);
		/* FALLTHROUGH */
	case STEP_SHUTDOWN:
		return (f->kill_timeout);
	default:
		return (0);
	}
}

static void
check_step(const struct leave *l, uint64_t ms, const char *how)
{
	ATF_REQUIRE_MSG(allowed(l->plan, l->step, &l->facts),
	    "plan %d: %s after %s", l->plan, leave_stepname(l->step), how);
	ATF_REQUIRE_EQ_MSG(deadline(l->plan, l->step, &l->facts), ms,
	    "plan %d: %s", l->plan, leave_stepname(l->step));
	ATF_REQUIRE_MSG((ms == 0) == (l->step >= STEP_SIGNAL),
	    "%s must have an end of its own", leave_stepname(l->step));
}

/* Every order of events from here on. */
static void
walk(const struct leave *from)
{
	struct leave	 l;
	uint64_t	 ms;
	int		 ev, changed;

	for (ev = 0; ev < NEVENTS; ev++) {
		l = *from;
		ms = 4711;
		changed = leave_event(&l, ev, &ms);
		if (!changed) {
			ATF_REQUIRE_EQ(from->step, l.step);
			ATF_REQUIRE_EQ(0, ms);
			/* EOF is the one that is remembered */
			if (l.facts.channel != from->facts.channel)
				walk(&l);
			continue;
		}
		ATF_REQUIRE_MSG(l.step > from->step, "no step comes twice");
		ATF_REQUIRE(l.step <= STEP_END);
		if (!l.facts.channel) {
			ATF_REQUIRE_EQ(LEAVE_EV_DEADLINE, ev);
			ATF_REQUIRE(l.step >= STEP_SIGNAL);
		}
		check_step(&l, ms, leave_stepname(from->step));
		walk(&l);
	}
}

/* Nothing but deadlines: it comes to the signal, and then to the end. */
static void
patience(struct leave l)
{
	uint64_t	 ms;
	int		 i;

	for (i = 0; l.step < STEP_SIGNAL; i++) {
		ATF_REQUIRE(i < LEAVE_NSTEPS);
		ATF_REQUIRE_EQ(1, leave_event(&l, LEAVE_EV_DEADLINE, &ms));
	}
	ATF_REQUIRE_EQ_MSG(STEP_SIGNAL, l.step, "the signal was left out");
	ATF_REQUIRE_EQ(1, leave_event(&l, LEAVE_EV_DEADLINE, &ms));
	ATF_REQUIRE_EQ(STEP_END, l.step);
	for (i = 0; i < NEVENTS; i++)
		ATF_REQUIRE_EQ(0, leave_event(&l, i, &ms));
	ATF_REQUIRE_EQ(STEP_END, l.step);
}

ATF_TC_WITHOUT_HEAD(walk__all);
ATF_TC_BODY(walk__all, tc)
{
	struct leave		 l;
	struct leave_facts	 f;
	uint64_t		 ms;
	unsigned int		 n, plan;
	size_t			 t;

	for (t = 0; t < sizeof(timeouts) / sizeof(timeouts[0]); t++) {
		for (n = 0; n < NFACTS * LEAVE_NPLANS; n++) {
			plan = n / NFACTS;
			f = facts_of(n % NFACTS, timeouts[t]);
			memset(&l, 0xff, sizeof(l));
			leave_begin(&l, plan, &f, &ms);
			check_step(&l, ms, "nothing");
			walk(&l);
			patience(l);
		}
	}
}

/* The way of a run that heeds what it is told, or nothing: "RGDS". */
static const char *
way(enum leave_plan plan, const struct leave_facts *f, int heeds)
{
	static char	 s[LEAVE_NSTEPS + 1];
	struct leave	 l;
	uint64_t	 ms;
	enum leave_event ev;
	size_t		 n = 0;

	leave_begin(&l, plan, f, &ms);
	for (;;) {
		s[n++] = "rgdscXE"[l.step];
		if (l.step >= STEP_SIGNAL)
			break;
		ev = LEAVE_EV_DEADLINE;
		if (heeds && l.step == STEP_RETIRE)
			ev = LEAVE_EV_RETIRED;
		if (heeds && l.step == STEP_DRAIN)
			ev = LEAVE_EV_DRAINED;
		ATF_REQUIRE_EQ(1, leave_event(&l, ev, &ms));
	}
	s[n] = '\0';
	return (s);
}

ATF_TC_WITHOUT_HEAD(way__of_each_kind);
ATF_TC_BODY(way__of_each_kind, tc)
{
	/* cluster, channel, drains, message, siblings, accepts; the plans */
	static const struct {
		struct leave_facts	 f;
		const char		*ways[LEAVE_NPLANS];
	} cases[] = {
		/* a cluster worker with others, with and without preload */
		{ { 1, 1, 1, 0, 1, 4000, 0 },
		    { "X", "rdX", "rgdcX", "rgdscX" } },
		{ { 1, 1, 0, 0, 1, 4000, 0 },
		    { "X", "rX", "rgcX", "rgscX" } },
		/* it takes its connections itself */
		{ { 1, 1, 1, 0, 1, 4000, 1 },
		    { "X", "rdcX", "rgdcX", "rgdscX" } },
		/* the only one */
		{ { 1, 1, 1, 0, 0, 4000, 0 },
		    { "X", "rdX", "dcX", "dscX" } },
		/* it wants a message */
		{ { 1, 1, 1, 1, 1, 4000, 0 },
		    { "sX", "rdsX", "rgdscX", "rgdscX" } },
		/* a worker that never came online, or has gone silent */
		{ { 0, 1, 0, 0, 1, 4000, 0 }, { "X", "X", "X", "sX" } },
		{ { 1, 0, 1, 1, 1, 4000, 0 }, { "X", "X", "X", "X" } },
		/* Node in fork mode; the same with shutdown_with_message */
		{ { 0, 1, 0, 0, 0, 4000, 0 }, { "X", "X", "X", "sX" } },
		{ { 0, 1, 0, 1, 0, 4000, 0 }, { "sX", "sX", "sX", "sX" } },
		/* any program */
		{ { 0, 0, 0, 0, 0, 4000, 0 }, { "X", "X", "X", "X" } },
		{ { 0, 0, 0, 0, 1, 4000, 0 }, { "X", "X", "X", "X" } },
		/* no patience at all */
		{ { 1, 1, 1, 1, 1, 0, 0 }, { "X", "rX", "rgX", "rgX" } },
	};
	size_t	 i;
	int	 plan;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (plan = 0; plan < LEAVE_NPLANS; plan++) {
			ATF_CHECK_STREQ_MSG(cases[i].ways[plan],
			    way(plan, &cases[i].f, 1), "case %zu plan %d", i,
			    plan);
			ATF_CHECK_STREQ(cases[i].ways[plan],
			    way(plan, &cases[i].f, 0));
		}
	}
}

/* A slow request has kill_timeout; a restart does not wait that long. */
ATF_TC_WITHOUT_HEAD(drain__deadline);
ATF_TC_BODY(drain__deadline, tc)
{
	struct leave_facts	 f = { 0, 1, 1, 0, 1, 30000, 0 };
	struct leave		 l;
	uint64_t		 ms;

	leave_begin(&l, LEAVE_RELOAD, &f, &ms);
	ATF_CHECK_EQ(STEP_DRAIN, l.step);
	ATF_CHECK_EQ(30000, ms);
	leave_begin(&l, LEAVE_RESTART, &f, &ms);
	ATF_CHECK_EQ(STEP_DRAIN, l.step);
	ATF_CHECK_EQ(LEAVE_DRAIN_MS, ms);
	f.kill_timeout = 200;
	leave_begin(&l, LEAVE_RESTART, &f, &ms);
	ATF_CHECK_EQ(200, ms);
}

/* disconnect is heeded: the channel closes and then it has its time. */
ATF_TC_WITHOUT_HEAD(eof__waits_for_the_exit);
ATF_TC_BODY(eof__waits_for_the_exit, tc)
{
	struct leave_facts	 f = { 1, 1, 0, 0, 0, 4000, 0 };
	struct leave		 l;
	uint64_t		 ms;

	leave_begin(&l, LEAVE_RELOAD, &f, &ms);
	ATF_REQUIRE_EQ(STEP_DISCONNECT, l.step);
	ATF_REQUIRE_EQ(0, leave_event(&l, LEAVE_EV_EOF, &ms));
	ATF_REQUIRE_EQ(0, leave_event(&l, LEAVE_EV_NOENGINE, &ms));
	ATF_REQUIRE_EQ(0, leave_event(&l, LEAVE_EV_EOF, &ms));
	ATF_REQUIRE_EQ(STEP_DISCONNECT, l.step);
	ATF_REQUIRE_EQ(1, leave_event(&l, LEAVE_EV_DEADLINE, &ms));
	ATF_REQUIRE_EQ(STEP_SIGNAL, l.step);
}

/* It left of its own accord before it was told to. */
ATF_TC_WITHOUT_HEAD(eof__no_more_channel_steps);
ATF_TC_BODY(eof__no_more_channel_steps, tc)
{
	struct leave_facts	 f = { 1, 1, 1, 1, 1, 4000, 0 };
	struct leave		 l;
	uint64_t		 ms;

	leave_begin(&l, LEAVE_GRACEFUL, &f, &ms);
	ATF_REQUIRE_EQ(STEP_RETIRE, l.step);
	ATF_REQUIRE_EQ(0, leave_event(&l, LEAVE_EV_EOF, &ms));
	ATF_REQUIRE_EQ(0, leave_event(&l, LEAVE_EV_RETIRED, &ms));
	ATF_REQUIRE_EQ(1, leave_event(&l, LEAVE_EV_DEADLINE, &ms));
	ATF_REQUIRE_EQ(STEP_SIGNAL, l.step);
}

/* Answers to a step that is over, or did not come yet, change nothing. */
ATF_TC_WITHOUT_HEAD(event__out_of_turn);
ATF_TC_BODY(event__out_of_turn, tc)
{
	struct leave_facts	 f = { 1, 1, 1, 0, 1, 4000, 0 };
	struct leave		 l;
	uint64_t		 ms;

	leave_begin(&l, LEAVE_RELOAD, &f, &ms);
	ATF_REQUIRE_EQ(0, leave_event(&l, LEAVE_EV_DRAINED, &ms));
	ATF_REQUIRE_EQ(1, leave_event(&l, LEAVE_EV_RETIRED, &ms));
	ATF_REQUIRE_EQ(STEP_GRACE, l.step);
	ATF_REQUIRE_EQ(0, leave_event(&l, LEAVE_EV_RETIRED, &ms));
	ATF_REQUIRE_EQ(0, leave_event(&l, LEAVE_EV_DRAINED, &ms));
	ATF_REQUIRE_EQ(0, leave_event(&l, LEAVE_EV_NOENGINE, &ms));
	ATF_REQUIRE_EQ(STEP_GRACE, l.step);
}

ATF_TC_WITHOUT_HEAD(engine__none);
ATF_TC_BODY(engine__none, tc)
{
	struct leave_facts	 f = { 1, 1, 1, 1, 0, 4000, 0 };
	struct leave		 l;
	uint64_t		 ms;

	leave_begin(&l, LEAVE_GRACEFUL, &f, &ms);
	while (l.step < STEP_SIGNAL)
		ATF_REQUIRE_EQ(1, leave_event(&l, LEAVE_EV_NOENGINE, &ms));
	ATF_REQUIRE_EQ(STEP_SIGNAL, l.step);
	ATF_REQUIRE_EQ(0, leave_event(&l, LEAVE_EV_NOENGINE, &ms));
}

ATF_TC_WITHOUT_HEAD(names__all);
ATF_TC_BODY(names__all, tc)
{
	int	 i;

	for (i = 0; i < LEAVE_NSTEPS; i++) {
		ATF_CHECK(leave_stepname(i) != NULL);
		ATF_CHECK(strcmp(leave_stepname(i), "unknown") != 0);
	}
	ATF_CHECK_STREQ("unknown", leave_stepname(LEAVE_NSTEPS));
	ATF_CHECK_STREQ("drain", leave_stepname(STEP_DRAIN));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, walk__all);
	ATF_TP_ADD_TC(tp, way__of_each_kind);
	ATF_TP_ADD_TC(tp, drain__deadline);
	ATF_TP_ADD_TC(tp, eof__waits_for_the_exit);
	ATF_TP_ADD_TC(tp, eof__no_more_channel_steps);
	ATF_TP_ADD_TC(tp, event__out_of_turn);
	ATF_TP_ADD_TC(tp, engine__none);
	ATF_TP_ADD_TC(tp, names__all);
	return (atf_no_error());
}

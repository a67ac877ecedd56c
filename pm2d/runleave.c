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


#include <string.h>

#include "engine.h"
#include "life.h"
#include "listen.h"
#include "log.h"

/*
 * How a run leaves, from the wish to the signal: what leave.c plans is done
 * here, by the engine mostly.
 */

#define LEAVE_SLACK_MS	5000	/* a plan that takes longer is stuck */

static void	 leave_due(int, short, void *);

/* ---- which plan ---- */

enum leave_plan
runleave_why(const struct app *app, enum machine_ev what)
{
	switch (what) {
	case EV_START:
	case EV_RESTART:
		return (LEAVE_RESTART);
	case EV_DELETE:
		/* Of several one is taken away: scale. */
		if (app->run->channel != -1 && team_others(app))
			return (LEAVE_RESTART);
		return (LEAVE_STOP);
	default:
		return (LEAVE_STOP);
	}
}

void
runleave_plan(struct run *run, enum leave_plan plan, struct machine_event *ev)
{
	const struct spec	*spec = &run->spec->spec;
	const char		*balance;
	struct leave_facts	 facts;
	uint64_t		 ms;

	ev->leave_ms = 0;
	if (run->pid == 0 || ev->kill_timeout == 0 || run->leaving ||
	    (run->m.state != APP_LAUNCHING && run->m.state != APP_ONLINE))
		return;
	memset(&facts, 0, sizeof(facts));
	facts.cluster = run->worker != 0 && (run->notes & NOTE_ONLINE);
	facts.channel = run->channel != -1 &&
	    !(run->notes & (NOTE_EOF | NOTE_BAD));
	facts.drains = run->worker != 0 && spec->num[SPEC_DRAIN];
	facts.message = spec->num[SPEC_SHUTDOWN_MESSAGE];
	facts.siblings = run->role == RUN_LEAVING ||
	    (facts.channel && team_others(run->app));
	balance = spec->str[SPEC_BALANCE];
	facts.accepts = balance != NULL && (strcmp(balance, "shared") == 0 ||
	    strcmp(balance, "kernel") == 0);
	facts.kill_timeout = ev->kill_timeout;
	leave_begin(&run->leave, plan, &facts, &ms);
	if (run->leave.step < STEP_SIGNAL)
		ev->leave_ms = LEAVE_RETIRE_MS + LEAVE_GRACE_MS +
		    3 * ev->kill_timeout + LEAVE_SLACK_MS;
}

/* ---- its steps ---- */

static int
do_retire(struct run *run)
{
	listen_retire(run);
	return (engine_retire(run->app->env->engine, run));
}

static int
do_grace(struct run *run)
{
	(void)run;
	return (0);
}

static int
do_drain(struct run *run)
{
	return (engine_drain(run->app->env->engine, run));
}

static int
do_shutdown(struct run *run)
{
	static const char	 word[] = "\"shutdown\"";

	return (engine_say(run->app->env->engine, run, word,
	    sizeof(word) - 1));
}

static int
do_disconnect(struct run *run)
{
	return (engine_disconnect(run->app->env->engine, run));
}

static int	(*const steps[])(struct run *) = {
	[STEP_RETIRE] =		do_retire,
	[STEP_GRACE] =		do_grace,
	[STEP_DRAIN] =		do_drain,
	[STEP_SHUTDOWN] =	do_shutdown,
	[STEP_DISCONNECT] =	do_disconnect
};

/* Do the step that it is at, or as many as nobody can do; then the signal. */
static void
leave_on(struct run *run, uint64_t ms)
{
	while (run->leave.step < STEP_SIGNAL) {
		log_debug("%s (%u): pid %d: %s", run->app->name, run->app->id,
		    run->pid, leave_stepname(run->leave.step));
		if (steps[run->leave.step](run) == 0 ||
		    !leave_event(&run->leave, LEAVE_EV_NOENGINE, &ms)) {
			life_timer(&run->leave_timer, ms);
			return;
		}
	}
	runleave_end(run);
	life_event(run, EV_LEFT);
}

void
runleave_begin(struct run *run)
{
	struct leave_facts	 facts = run->leave.facts;
	uint64_t		 ms;

	leave_begin(&run->leave, run->leave.plan, &facts, &ms);
	run->leaving = 1;
	leave_on(run, ms);
}

void
runleave_said(struct run *run, enum leave_event what)
{
	uint64_t	 ms;

	if (run->leaving && leave_event(&run->leave, what, &ms))
		leave_on(run, ms);
}

static void
leave_due(int fd, short event, void *arg)
{
	(void)fd;
	(void)event;
	runleave_said(arg, LEAVE_EV_DEADLINE);
}

void
runleave_hurry(struct run *run)
{
	if (!run->leaving || run->leave.plan == LEAVE_STOP)
		return;
	runleave_end(run);
	life_event(run, EV_LEFT);
}

void
runleave_init(struct run *run)
{
	evtimer_assign(&run->leave_timer, run->app->env->base, leave_due, run);
}

void
runleave_end(struct run *run)
{
	event_del(&run->leave_timer);
	run->leaving = 0;
}

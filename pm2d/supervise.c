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


#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"
#include "attend.h"
#include "engine.h"
#include "life.h"
#include "listen.h"
#include "log.h"
#include "spawn.h"
#include "sys.h"
#include "units.h"

/*
 * The life of an app: what machine.c decides is done here, and what happens
 * to processes is told to it.  Of the runs beside the main one only the
 * processes are looked after here; see successor.c for the rest.
 */

#define DRAIN_MS	1000	/* longest that a report waits for output */
#define STARTS_TURN	32	/* starts per turn of the loop */

static void	 run_starts(int, short, void *);

/* ---- starts, in turn and paced ---- */

void
life_timer(struct event *ev, uint64_t ms)
{
	struct timeval	 tv;

	tv.tv_sec = ms / 1000;
	tv.tv_usec = ms % 1000 * 1000;
	evtimer_add(ev, &tv);
}

static void
queue_start(struct run *run)
{
	struct pm2d	*env = run->app->env;

	if (run->queued || depend_hold(run))
		return;
	run->queued = 1;
	run->attended = run->m.request || run->role == RUN_SUCCESSOR;
	TAILQ_INSERT_TAIL(run->attended ? &env->wishes : &env->starts, run,
	    start_entry);
	/* By the timer, so that others get their turn. */
	life_timer(&env->start_timer, 0);
}

int
life_unqueue(struct run *run)
{
	struct pm2d	*env = run->app->env;

	if (depend_forget(run))
		return (1);
	if (!run->queued)
		return (0);
	run->queued = 0;
	TAILQ_REMOVE(run->attended ? &env->wishes : &env->starts, run,
	    start_entry);
	return (1);
}

/*
 * Restarts of a storm come at the pace of the bucket; what a person asked
 * for comes first and at once.
 */
static void
run_starts(int fd, short event, void *arg)
{
	struct pm2d	*env = arg;
	struct run	*run;
	uint64_t	 ms;
	int		 i;

	(void)fd;
	(void)event;
	for (i = 0; i < STARTS_TURN; i++) {
		if ((run = TAILQ_FIRST(&env->wishes)) == NULL &&
		    (run = TAILQ_FIRST(&env->starts)) == NULL)
			return;
		if (!run->attended &&
		    (ms = pace_take(&env->pace, monotime_now())) > 0) {
			life_timer(&env->start_timer, ms);
			return;
		}
		life_unqueue(run);
		launch(run);
	}
	if (!TAILQ_EMPTY(&env->wishes) || !TAILQ_EMPTY(&env->starts))
		life_timer(&env->start_timer, 0);
}

/* ---- what the machine wants done ---- */

static int
kill_signal(const struct run *run)
{
	return (run->spec->spec.num[SPEC_KILL_SIGNAL]);
}

int
supervise_signal(struct run *run, int sig)
{
	if (run->pid == 0) {
		errno = ESRCH;
		return (-1);
	}
	return (spawn_signal(run->pid, run->pidfd, sig));
}

void
life_sigmain(struct run *run, int sig)
{
	tree_note(run->tree);
	if (supervise_signal(run, sig) == -1 && errno != ESRCH)
		log_warn("%s (%u): %s", run->app->name, run->app->id,
		    units_signame(sig));
}

static void
kill_all(struct run *run)
{
	if (run->adopted && run->pid != 0)
		leftover_signal(run, SIGKILL);
	if (run->pid != 0)
		supervise_signal(run, SIGKILL);
	if (tree_kill(run->tree) == -1)
		log_warn("%s (%u): killing", run->app->name, run->app->id);
}

static void
arm(struct run *run, uint64_t ms)
{
	life_timer(&run->timer, ms);
	run->next = monotime_add(monotime_now(), ms);
}

void
life_extend(struct run *run, uint64_t ms)
{
	if (run->m.timer && monotime_since(run->next, monotime_now()) < ms)
		arm(run, ms);
}

void
life_queue(struct run *run)
{
	arm(run, MACHINE_EXEC_MS);
	queue_start(run);
}

/* Why it is not online, where a stage and an errno do not tell. */
static void
done_fail(struct app *app)
{
	const struct ctl_exit	*x;
	const struct run	*run = app->run;
	char			 text[256] = "", words[160];

	if (run->m.kills >= MACHINE_KILLS)
		snprintf(text, sizeof(text), "cannot be killed, pid %d: it "
		    "hangs in the kernel", run->pid);
	else if (run->why != NULL && run->stage != STAGE_NONE)
		strlcpy(text, run->why, sizeof(text));
	else if (run->stage == STAGE_DEPENDS)
		depend_why(app, text, sizeof(text));
	else if (run->stage == STAGE_READY) {
		ended_duration(run->spec->spec.num[SPEC_LISTEN_TIMEOUT],
		    words, sizeof(words));
		snprintf(text, sizeof(text), "did not say that it is ready "
		    "within %s", words);
	} else if (run->stage == STAGE_NONE && app->nexits > 0 &&
	    (x = app_exit(app, (app->nexits < EXIT_HISTORY ? app->nexits :
	    EXIT_HISTORY) - 1)) != NULL) {
		ended_words(x, words, sizeof(words));
		snprintf(text, sizeof(text), "%s, before it was ready",
		    words);
	}
	report_done(app, CTL_FAILED, text);
}

/* Of the actions, those on people who asked before, or ask in vain. */
static void
act_requests(struct app *app, unsigned int acts)
{
	struct waiter	*asking = app->asking;

	app->asking = NULL;
	if (acts & ACT_OVERTAKEN)
		report_overtaken(app, asking);
	if (acts & ACT_BUSY && asking != NULL)
		report_refused(app, asking);
}

/* Those that act on processes. */
static void
act_processes(struct run *run, unsigned int acts)
{
	if (acts & ACT_LEAVE)
		runleave_begin(run);
	if (acts & ACT_SIGNAL_MAIN)
		life_sigmain(run, kill_signal(run));
	if (acts & ACT_SIGNAL_REST)
		tree_signal_rest(run->tree, kill_signal(run));
	if (acts & ACT_KILL_ALL)
		kill_all(run);
	if (acts & ACT_TIMER_OFF)
		evtimer_del(&run->timer);
}

/* And those that tell of it: of the main run only. */
static void
act_reports(struct app *app, unsigned int acts)
{
	/* First the file, then the answers that wait for it. */
	if (acts & ACT_FREE)
		store_deleted(app->env->store, app->id);
	else if (acts & ACT_SAVE)
		store_status(app->env->store, app);
	if (acts & ACT_REPORT)
		report_state(app);
	/* What is wanted may be another thing without any other state. */
	if (acts & (ACT_REPORT | ACT_SAVE))
		attend_update(app);
	if (acts & ACT_DONE_OK)
		report_done(app, CTL_OK, "");
	if (acts & ACT_DONE_FAIL)
		done_fail(app);
}

static int
is_busy(const struct run *run)
{
	return (run->m.state != APP_STOPPED && run->m.state != APP_ERRORED);
}

static void
deleted(struct app *app)
{
	struct pm2d	*env = app->env;

	report_deleted(app);
	listen_release(app);
	if (app->draining)
		app->freeing = 1;
	else
		app_free(app);
	pm2d_settled(env);
}

void
life_empty(struct tree *tree, void *arg)
{
	struct machine_event	 ev;

	(void)tree;
	memset(&ev, 0, sizeof(ev));
	ev.ev = EV_GONE;
	life_step(arg, &ev);
}

void
life_event(struct run *run, enum machine_ev what)
{
	struct machine_event	 ev;

	memset(&ev, 0, sizeof(ev));
	ev.ev = what;
	life_step(run, &ev);
}

/* What follows from where the machine has come to. */
static void
arrived(struct run *run, enum app_state was)
{
	if (run->m.state == was)
		return;
	if (run->m.state == APP_ONLINE) {
		runlife_online(run);
		successor_online(run);
	} else if (!is_busy(run) && run->role == RUN_MAIN) {
		listen_release(run->app);
		run_renew(run);
	} else if (!is_busy(run))
		successor_rest(run);
}

/* The start was only queued, or prepared: it counts as one that failed. */
static void
cancelled(struct run *run, enum machine_ev why)
{
	struct machine_event	 ev;

	memset(&ev, 0, sizeof(ev));
	ev.ev = EV_EXEC_FAILED;
	ev.verdict = VERDICT_STOPPED;
	if (why == EV_DEADLINE && run->role == RUN_MAIN) {
		/* nobody said to stop */
		ev.verdict = VERDICT_DELAYED;
		ev.delay_ms = NOROOM_MS;
	}
	life_step(run, &ev);
}

/*
 * Feed the machine and do what it says.  A start that was only queued and is
 * not wanted any more counts as one that failed, which is fed behind.
 */
void
life_step(struct run *run, struct machine_event *ev)
{
	struct machine_result	 r;
	struct app		*app = run->app;
	struct pm2d		*env = app->env;
	enum app_state		 was = run->m.state;
	int			 busy = is_busy(run), nothing = 0;

	machine_step(&run->m, ev, &r);
	team_note(app);
	env->nbusy += is_busy(run) - busy;
	if (r.actions & ACT_IMPOSSIBLE)
		log_warnx("%s (%u): %s while %s", app->name, app->id,
		    machine_evname(ev->ev), app_statename(run->m.state));
	if (run->role == RUN_MAIN)
		act_requests(app, r.actions);
	if (r.actions & ACT_TIMER)
		arm(run, r.timer_ms);
	if (r.actions & (ACT_SIGNAL_MAIN | ACT_LEAVE | ACT_KILL_ALL) &&
	    run->pid == 0 && (life_unqueue(run) || run->preparing)) {
		launch_cancel(run);
		nothing = 1;
	} else
		act_processes(run, r.actions);
	if (r.actions & ACT_SPAWN)
		queue_start(run);
	if (run->role == RUN_MAIN) {
		act_reports(app, r.actions);
		if (r.actions & ACT_FREE) {
			deleted(app);
			return;
		}
	}
	if (nothing)
		cancelled(run, ev->ev);
	else
		arrived(run, was);
	pm2d_settled(env);
}

/*
 * Nothing is left and nobody could say so, because a watch was not to be had.
 * 1: then the timer has nothing more to do.
 */
static int
unseen_end(struct run *run)
{
	enum app_state	 state = run->m.state;

	if (run->pid != 0 || run->m.main_alive || run->m.gone ||
	    !tree_gone(run->tree))
		return (0);
	tree_unwatch(run->tree);
	life_empty(run->tree, run);
	/* It may be freed by now, but not while it waited for its turn. */
	return (state == APP_STOPPING || run->m.state != state);
}

static void
timer_due(int fd, short event, void *arg)
{
	struct run	*run = arg;

	(void)fd;
	(void)event;
	if (unseen_end(run))
		return;
	if (run->m.state == APP_LAUNCHING && runlife_late(run)) {
		life_event(run, EV_READY);
		return;
	}
	if (run->m.state == APP_STOPPING && !run->m.leaving &&
	    (run->m.main_alive || !run->m.gone))
		log_warnx("%s (%u): SIGKILL to what did not end in time",
		    run->app->name, run->app->id);
	life_event(run, EV_DEADLINE);
}

/* ---- requests ---- */

void
life_request(struct app *app, enum machine_ev what, int unattended)
{
	struct machine_event	 ev;

	memset(&ev, 0, sizeof(ev));
	ev.ev = what;
	ev.unattended = unattended;
	ev.kill_timeout = app->run->spec->spec.num[SPEC_KILL_TIMEOUT];
	if (what != EV_START)
		successor_overtaken(app, what);
	runleave_plan(app->run, runleave_why(app, what), &ev);
	if (what == EV_START || what == EV_RESTART) {
		app->relookup = app->ids != NULL;
		/* It is no merit of the app's when we restart it. */
		if (what == EV_START || !unattended)
			restart_reset(&app->restart);
		app->created_ms = walltime_ms();
	}
	life_step(app->run, &ev);
}

void
supervise_request(struct app *app, enum machine_ev what, struct request *req)
{
	if (depend_delay(app, what, req))
		return;
	if (depend_flush(app) == -1) {
		req->result.code = CTL_NOSUCH;
		return;
	}
	supervise_dorequest(app, what, req);
}

void
supervise_dorequest(struct app *app, enum machine_ev what,
    struct request *req)
{
	if ((app->asking = request_wait(req, app)) == NULL) {
		req->result.code = CTL_SYSTEM;
		req->result.error = errno;
		return;
	}
	if (what == EV_RESTART && app->run->m.state == APP_ONLINE)
		app->restart.restarts++;
	life_request(app, what, 0);
}

void
supervise_start(struct app *app)
{
	life_request(app, EV_START, 1);
}

void
supervise_arm(struct app *app, struct request *req)
{
	if (request_wait(req, app) == NULL) {
		req->result.code = CTL_SYSTEM;
		req->result.error = errno;
		return;
	}
	machine_init(&app->run->m, APP_STOPPED, 1);
	store_status(app->env->store, app);
	attend_update(app);
	report_state(app);
	report_done(app, CTL_OK, "");
}

void
supervise_stopall(struct pm2d *env, int keep)
{
	struct app	*app, *next;

	env->going = 1;
	env->keep = keep;
	RB_FOREACH_SAFE(app, apptree, &env->apps, next)
		if (!depend_delay(app, keep ? EV_SHUTDOWN : EV_DELETE, NULL))
			life_request(app, keep ? EV_SHUTDOWN : EV_DELETE, 1);
	pm2d_settled(env);
}

/* ---- what happens to processes ---- */

/* launch.c made the process. */
void
supervise_spawned(struct run *run)
{
	struct app	*app = run->app;

	ended_watch(run);
	store_status(app->env->store, app);
	if (run->channel != -1 || run->notify != -1)
		engine_worker(app->env->engine, run);
	if (run->role == RUN_SUCCESSOR)
		report_event(app, EVENT_SUCCESSOR, run);
}

/* The program runs; unless a stop came first, the app is online... */
void
supervise_executed(struct run *run)
{
	struct machine_event	 ev;

	memset(&ev, 0, sizeof(ev));
	ev.ev = EV_EXECED;
	/* ...or will be when it is ready. */
	if (run->role == RUN_SUCCESSOR ||
	    run->spec->spec.num[SPEC_WAIT_READY])
		ev.ready_ms = run->spec->spec.num[SPEC_LISTEN_TIMEOUT];
	life_step(run, &ev);
}

/* ---- output first, reports then ---- */

void
supervise_drained(struct app *app, uint32_t generation)
{
	struct pm2d	*env = app->env;

	if (!app->draining || generation != app->drain_gen)
		return;
	report_release(app);
	if (app->freeing)
		app_free(app);
	else
		successor_drained(app);
	pm2d_settled(env);
}

/* Nobody will say DRAINED any more: tell now what was held back. */
void
supervise_flushreports(struct pm2d *env)
{
	struct app	*app;

	while ((app = TAILQ_FIRST(&env->draining)) != NULL)
		supervise_drained(app, app->drain_gen);
}

/* A log daemon that hangs must not make pm2ctl hang. */
static void
drain_overdue(int fd, short event, void *arg)
{
	struct pm2d	*env = arg;
	struct app	*app;
	struct timeval	 tv = { 0, DRAIN_MS / 10 * 1000 };

	(void)fd;
	(void)event;
	while ((app = TAILQ_FIRST(&env->draining)) != NULL &&
	    monotime_since(monotime_now(), app->drain_since) >= DRAIN_MS)
		supervise_drained(app, app->drain_gen);
	if (app != NULL)
		evtimer_add(&env->drain_timer, &tv);
}

static void
got_sigchld(int sig, short event, void *arg)
{
	struct pm2d	*env = arg;

	(void)sig;
	(void)event;
	if (env->nunwatched > 0)
		ended_look(env);
	logd_sigchld(env->logd);
	engine_sigchld(env->engine);
	agent_sigchld(env);
	tree_sigchld();
}

int
supervise_init(struct pm2d *env)
{
	TAILQ_INIT(&env->wishes);
	TAILQ_INIT(&env->starts);
	TAILQ_INIT(&env->draining);
	evtimer_assign(&env->start_timer, env->base, run_starts, env);
	evtimer_assign(&env->drain_timer, env->base, drain_overdue, env);
	evsignal_assign(&env->sigchld, env->base, SIGCHLD, got_sigchld, env);
	return (evsignal_add(&env->sigchld, NULL));
}

void
supervise_exit(struct pm2d *env)
{
	event_del(&env->start_timer);
	event_del(&env->drain_timer);
	event_del(&env->sigchld);
}

void
supervise_init_run(struct run *run)
{
	evtimer_assign(&run->timer, run->app->env->base, timer_due, run);
	runlife_init(run);
	runleave_init(run);
}

void
supervise_forget(struct run *run)
{
	life_unqueue(run);
	event_del(&run->timer);
	runlife_end(run);
	tree_unwatch(run->tree);
	if (is_busy(run))
		run->app->env->nbusy--;
	if (run->errfd != -1) {
		event_del(&run->errev);
		close(run->errfd);
	}
	if (run->pid != 0)
		ended_unwatch(run);
	run_setpid(run, 0);
}

void
supervise_forget_app(struct app *app)
{
	successor_forget(app);
}

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


#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attend.h"
#include "life.h"
#include "listen.h"
#include "log.h"

/*
 * Reload of one app: a run that is made beside the main one, becomes the main
 * one when it is ready, and then the old one leaves.  If it does not get
 * ready the old one stays.
 */

#define SETTLE_MS	1000	/* up so long after online: that will do */
#define FDS_PER_RUN	(FDS_PER_APP + 2)	/* channel, NOTIFY_SOCKET */
#define FDS_SHARE	4	/* of the reserve: for runs beside the main */

struct reload_call {
	TAILQ_ENTRY(reload_call) entry;	/* in app->reloads */
	struct app	*app;
	reload_cb	*done;		/* NULL: nobody waits any more */
	void		*arg;
	int		 graceful;
	int		 begun;
	int		 over;		/* with code and why: to be told */
	enum ctl_code	 code;
	int		 early;		/* took over before it was ready */
	struct run	*next;		/* until it took over */
	struct run	*old;		/* until nothing is left of it */
	struct event	 turn;
	char		 why[256];	/* next failed */
};

static void	 reload_turn(int, short, void *);

/* ---- those who asked ---- */

/* The one that is under way, or NULL. */
static struct reload_call *
active(const struct app *app)
{
	struct reload_call	*call = TAILQ_FIRST(&app->reloads);

	return (call != NULL && call->begun && !call->over ? call : NULL);
}

static int
can_reload(const struct app *app)
{
	const struct appspec	*now = app->run->spec, *next = app->spec;

	if (app->run->m.state != APP_ONLINE || app->freeing)
		return (0);
	/* Another way to its sockets, and it could not have them beside it. */
	return ((appspec_cluster(now) && appspec_cluster(next)) ||
	    (now->spec.count[SPEC_LISTEN] > 0 &&
	    next->spec.count[SPEC_LISTEN] > 0));
}

int
supervise_reload(struct app *app, int graceful, reload_cb *done, void *arg)
{
	struct reload_call	*call;

	if (!can_reload(app) || (call = calloc(1, sizeof(*call))) == NULL)
		return (-1);
	call->app = app;
	call->graceful = graceful;
	call->done = done;
	call->arg = arg;
	evtimer_assign(&call->turn, app->env->base, reload_turn, call);
	TAILQ_INSERT_TAIL(&app->reloads, call, entry);
	if (call == TAILQ_FIRST(&app->reloads))
		life_timer(&call->turn, 0);
	return (0);
}

void
supervise_reload_forget(struct app *app, void *arg)
{
	struct reload_call	*call;

	TAILQ_FOREACH(call, &app->reloads, entry)
		if (call->done != NULL && call->arg == arg)
			call->done = NULL;
}

static void
tell(struct reload_call *call)
{
	struct app		*app = call->app;
	struct reload_call	*next;

	event_del(&call->turn);
	TAILQ_REMOVE(&app->reloads, call, entry);
	if ((next = TAILQ_FIRST(&app->reloads)) != NULL)
		life_timer(&next->turn, 0);
	if (call->done != NULL)
		call->done(call->arg, app, call->code, call->why);
	else if (call->code != CTL_OK)
		log_warnx("%s (%u): not reloaded: %s", app->name, app->id,
		    call->why);
	free(call);
}

/* Tell when what was reported before is told: that may wait for output. */
static void
over(struct reload_call *call, enum ctl_code code, const char *why)
{
	call->over = 1;
	call->code = code;
	if (why != call->why)
		strlcpy(call->why, why, sizeof(call->why));
	if (!call->app->draining)
		tell(call);
}

void
successor_drained(struct app *app)
{
	struct reload_call	*call = TAILQ_FIRST(&app->reloads);

	if (call != NULL && call->over)
		tell(call);
}

/* ---- the new run begins ---- */

static struct run *
make_next(struct app *app)
{
	struct pm2d	*env = app->env;

	if (env->fds + (env->nbeside + 1) * FDS_PER_RUN >
	    env->max_fds + env->fds_reserve / FDS_SHARE) {
		errno = EMFILE;
		return (NULL);
	}
	return (run_new(app, RUN_SUCCESSOR));
}

static void
reload_turn(int fd, short event, void *arg)
{
	struct reload_call	*call = arg;
	struct app		*app = call->app;
	struct machine_event	 ev;

	(void)fd;
	(void)event;
	if (!can_reload(app) || app->run->m.doomed) {
		over(call, CTL_FAILED, "it is not online any more");
		return;
	}
	if ((call->next = make_next(app)) == NULL) {
		over(call, CTL_SYSTEM, strerror(errno));
		return;
	}
	call->begun = 1;
	app->relookup = app->ids != NULL;
	restart_reset(&app->restart);
	life_event(app->run, EV_BESIDE);
	memset(&ev, 0, sizeof(ev));
	ev.ev = EV_START;
	ev.unattended = 1;
	life_step(call->next, &ev);
}

/* ---- is it ready? ---- */

/* A worker that serves what the old one serves, or said so. */
static int
is_ready(struct run *run)
{
	const struct app	*app = run->app;
	uint64_t		 up;

	if (run->notes & NOTE_READY)
		return (1);
	if (run->spec->spec.num[SPEC_WAIT_READY] || run->worker == 0)
		return (0);
	if (listen_count(app->run) > 0)
		return (listen_covers(run, app->run));
	/* There is nothing to be taken over: that it stays up will do. */
	if (!(run->notes & NOTE_ONLINE))
		return (0);
	if (run->settled.ms == 0)
		run->settled = monotime_now();
	up = monotime_since(monotime_now(), run->settled);
	if (up >= SETTLE_MS)
		return (1);
	/* Timers go by a coarse clock: this one may have been early. */
	if (!evtimer_pending(&run->settle, NULL))
		life_timer(&run->settle, SETTLE_MS - up);
	return (0);
}

void
successor_look(struct run *run)
{
	if (run->role == RUN_SUCCESSOR && is_ready(run))
		life_event(run, EV_READY);
}

/*
 * Programs that speak by no channel and by no sd_notify(3) cannot say that
 * they are ready: that they did not end in this time is all there is.
 */
int
successor_late(struct run *run)
{
	if (is_ready(run))
		return (1);
	return (run->worker == 0 && !run->spec->spec.num[SPEC_WAIT_READY] &&
	    !(run->app->run->notes & NOTE_READY));
}

/* ---- it takes over ---- */

/* From now on it is what people see of the app. */
static void
take_over(struct reload_call *call)
{
	struct app	*app = call->app;
	struct run	*old = app->run, *next = call->next;

	logd_moved(app->env->logd, old, next);
	call->next = NULL;
	call->old = old;
	old->role = RUN_LEAVING;
	next->role = RUN_MAIN;
	app->run = next;
	team_note(app);
	event_del(&next->settle);
	life_event(next, EV_BESIDE);
	life_event(old, EV_ALONE);
	app->restart.restarts++;
	store_status(app->env->store, app);
	logd_pidfile(app->env->logd, app);
	listen_promoted(next);
	attend_update(app);
}

static void
old_leaves(struct reload_call *call)
{
	struct machine_event	 ev;

	memset(&ev, 0, sizeof(ev));
	ev.ev = EV_STOP;
	ev.unattended = 1;
	ev.kill_timeout = call->old->spec->spec.num[SPEC_KILL_TIMEOUT];
	runleave_plan(call->old, call->graceful ? LEAVE_GRACEFUL :
	    LEAVE_RELOAD, &ev);
	life_step(call->old, &ev);
}

void
successor_online(struct run *run)
{
	struct app		*app = run->app;
	struct reload_call	*call = active(app);

	if (call == NULL)
		return;
	if (run == call->next) {
		take_over(call);
		log_info("%s (%u): pid %d takes over from pid %d", app->name,
		    app->id, run->pid, call->old->pid);
		report_event(app, EVENT_READY, run);
		old_leaves(call);
	} else if (run == app->run && call->early) {
		call->early = 0;
		report_event(app, EVENT_READY, run);
		if (call->old == NULL)
			over(call, CTL_OK, "");
	}
}

/* The old one ended before the new one is ready: better that than none. */
int
successor_takes(struct run *run)
{
	struct app		*app = run->app;
	struct reload_call	*call = active(app);
	struct run		*next;

	if (call == NULL || run != app->run || run->m.state != APP_ONLINE ||
	    (next = call->next) == NULL || next->m.state != APP_LAUNCHING ||
	    next->m.kills > 0 || next->m.doomed)
		return (0);
	call->early = 1;
	take_over(call);
	log_info("%s (%u): its successor takes over before it is ready",
	    app->name, app->id);
	report_state(app);
	if (next->m.executed && !next->spec->spec.num[SPEC_WAIT_READY])
		life_event(next, EV_READY);
	return (1);
}

/* ---- ends ---- */

/* What it did not do in time. */
static const char *
missing(const struct run *run)
{
	if (run->spec->spec.num[SPEC_WAIT_READY] || run->worker == 0)
		return ("say that it is ready");
	if (!(run->notes & NOTE_ONLINE))
		return ("come online");
	return ("listen");
}

static void
compose(struct reload_call *call, const struct run *run,
    const struct ctl_exit *x)
{
	const struct app	*app = call->app;
	char			 words[160], ms[32];
	int			 serves;

	serves = run == call->next && app->run->m.state == APP_ONLINE;
	if (x->reason == EXIT_START_FAILED && run->why != NULL)
		snprintf(words, sizeof(words), "could not be started: %s",
		    run->why);
	else
		ended_words(x, words, sizeof(words));
	if (x->reason == EXIT_NOT_READY) {
		ended_duration(run->spec->spec.num[SPEC_LISTEN_TIMEOUT], ms,
		    sizeof(ms));
		snprintf(words, sizeof(words), "did not %s within %s",
		    missing(run), ms);
	}
	if (x->reason == EXIT_PROTOCOL)
		strlcpy(words, "broke the protocol of its channel",
		    sizeof(words));
	snprintf(call->why, sizeof(call->why), "the new one %s%s", words,
	    serves ? "; the old one goes on serving" : "");
}

void
successor_exit(struct run *run, const struct ctl_exit *x)
{
	struct reload_call	*call = active(run->app);

	if (call == NULL)
		return;
	if (run == call->next)
		compose(call, run, x);	/* and told when all of it is gone */
	else if (run == run->app->run && call->next == NULL) {
		compose(call, run, x);
		over(call, CTL_FAILED, call->why);
	}
}

/*
 * Last of all tell who waits: as long as he does, the app is not deleted by
 * what comes before.
 */
void
successor_rest(struct run *run)
{
	struct app		*app = run->app;
	struct reload_call	*call = active(app);
	int			 failed, left;

	failed = call != NULL && run == call->next;
	left = call != NULL && run == call->old;
	if (failed)
		call->next = NULL;
	if (left)
		call->old = NULL;
	run_free(run);
	if (TAILQ_FIRST(&app->runs) == app->run &&
	    TAILQ_NEXT(app->run, entry) == NULL)
		life_event(app->run, EV_ALONE);
	if (failed)
		over(call, CTL_FAILED, call->why[0] != '\0' ? call->why :
		    "the new one was not started");
	else if (left) {
		report_event(app, EVENT_RELOADED, app->run);
		if (!call->early)
			over(call, CTL_OK, "");
	}
}

static void
end_beside(struct run *run, enum machine_ev why)
{
	struct machine_event	 ev;

	if (run->role == RUN_SUCCESSOR) {
		memset(&ev, 0, sizeof(ev));
		ev.ev = EV_STOP;
		ev.unattended = 1;
		ev.kill_timeout = run->spec->spec.num[SPEC_KILL_TIMEOUT];
		life_step(run, &ev);
	} else if (run->role == RUN_LEAVING && why != EV_START &&
	    why != EV_RESTART)
		runleave_hurry(run);
}

void
successor_overtaken(struct app *app, enum machine_ev why)
{
	struct run	*run, *next;

	successor_forget(app);
	TAILQ_FOREACH_SAFE(run, &app->runs, entry, next)
		end_beside(run, why);
	/* Whoever said restart and now says stop does not want to wait. */
	if (why != EV_START && why != EV_RESTART)
		runleave_hurry(app->run);
}

void
successor_forget(struct app *app)
{
	struct reload_call	*call;

	while ((call = TAILQ_FIRST(&app->reloads)) != NULL) {
		if (!call->over) {
			call->code = CTL_BUSY;
			strlcpy(call->why, "another request came in between",
			    sizeof(call->why));
		}
		tell(call);
	}
}

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
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "log.h"

/*
 * Telling clients what happens to an app.  What is told after an exit waits
 * until the app's last output is in its file (report_hold, report_release):
 * who sees "stopped" may look at the log at once.  Who asks for something new
 * in the meantime is not told what was reported before.
 */

#define WAITERS_MAX	1024	/* for one app */

struct request *
request_new(struct ctl_conn *c, uint32_t peerid)
{
	struct request	*req;

	if ((req = calloc(1, sizeof(*req))) == NULL)
		return (NULL);
	req->conn = c;
	req->peerid = peerid;
	req->open = 1;
	TAILQ_INSERT_TAIL(&c->requests, req, entry);
	return (req);
}

struct request *
request_own(request_done *done, void *arg)
{
	struct request	*req;

	if ((req = calloc(1, sizeof(*req))) == NULL)
		return (NULL);
	req->open = 1;
	req->done = done;
	req->arg = arg;
	return (req);
}

/* One fewer to wait for; the last one answers. */
void
request_close(struct request *req)
{
	if (--req->open > 0)
		return;
	if (req->done != NULL)
		req->done(req->arg, &req->result);
	if (req->conn != NULL) {
		TAILQ_REMOVE(&req->conn->requests, req, entry);
		control_result(req->conn, req->peerid, &req->result);
	}
	free(req);
}

/*
 * The request is answered when this app's outcome is known.  NULL with ENOMEM,
 * or ENOBUFS: too many wait for this app.
 */
struct waiter *
request_wait(struct request *req, struct app *app)
{
	struct waiter	*w;

	if (app->nwaiters >= WAITERS_MAX) {
		errno = ENOBUFS;
		return (NULL);
	}
	if ((w = calloc(1, sizeof(*w))) == NULL)
		return (NULL);
	w->req = req;
	w->born = app->reported;
	req->open++;
	TAILQ_INSERT_TAIL(&app->waiters, w, entry);
	app->nwaiters++;
	return (w);
}

/* The client went away: what it asked for goes on without it. */
void
request_orphan(struct ctl_conn *c)
{
	struct request	*req;

	while ((req = TAILQ_FIRST(&c->requests)) != NULL) {
		TAILQ_REMOVE(&c->requests, req, entry);
		req->conn = NULL;
	}
}

/* Of several apps' outcomes the first failure is the one that is told. */
static void
finish_waiter(struct app *app, struct waiter *w,
    const struct ctl_result *result)
{
	struct ctl_result	*r = &w->req->result;

	TAILQ_REMOVE(&app->waiters, w, entry);
	app->nwaiters--;
	if (result->code != CTL_OK && r->code == CTL_OK) {
		r->code = result->code;
		r->error = result->error;
		r->stage = result->stage;
		strlcpy(r->text, result->text, sizeof(r->text));
	}
	request_close(w->req);
	free(w);
}

/* Those whose outcome this report is; 0: all whose outcome was open. */
static void
finish_waiters(struct app *app, const struct ctl_result *result,
    uint64_t number)
{
	struct waiter	*w, *next;

	TAILQ_FOREACH_SAFE(w, &app->waiters, entry, next)
		if (w->settled == number)
			finish_waiter(app, w, result);
}

void
report_overtaken(struct app *app, struct waiter *keep)
{
	struct ctl_result	 r;
	struct waiter		*w, *next;

	memset(&r, 0, sizeof(r));
	r.code = CTL_BUSY;
	strlcpy(r.text, "another request came in between", sizeof(r.text));
	TAILQ_FOREACH_SAFE(w, &app->waiters, entry, next)
		if (w != keep && w->settled == 0)
			finish_waiter(app, w, &r);
}

void
report_refused(struct app *app, struct waiter *w)
{
	struct ctl_result	 r;

	memset(&r, 0, sizeof(r));
	r.code = CTL_BUSY;
	strlcpy(r.text, "it is being deleted", sizeof(r.text));
	finish_waiter(app, w, &r);
}

/*
 * Events go to the clients that wait for the app or for a reload that it is
 * part of, and to the subscribers; held ones to those who waited before them.
 */
static void
send_event(struct app *app, const struct ctl_event *ev, uint64_t number)
{
	struct waiter	*w, *next;

	TAILQ_FOREACH_SAFE(w, &app->waiters, entry, next)
		if (w->req->conn != NULL && !w->req->conn->subscribed &&
		    w->born < number)
			control_send(w->req->conn, IMSG_CTL_EVENT,
			    w->req->peerid, ev, sizeof(*ev));
	control_reload_event(app, ev, number);
	control_event(app->env, app, ev);
}

static int
wanted_by_somebody(const struct app *app)
{
	return (!TAILQ_EMPTY(&app->waiters) || control_reload_watched(app) ||
	    (app->env->control != NULL &&
	    app->env->control->nsubscribed > 0));
}

static void
fill_event(const struct app *app, uint32_t kind, struct ctl_event *ev)
{
	memset(ev, 0, sizeof(*ev));
	ev->kind = kind;
	ev->id = app->id;
	ev->state = app->run->m.state;
	ev->pid = app->run->pid;
	ev->restarts = app->restart.restarts;
	ev->generation = app->run->generation;
	ev->when_ms = walltime_ms();
	strlcpy(ev->name, app->name, sizeof(ev->name));
}

/* A report to be held; NULL: this one cannot be, or need not. */
static struct report *
hold(struct app *app)
{
	struct report	*r;

	if (!app->draining || (r = calloc(1, sizeof(*r))) == NULL)
		return (NULL);
	r->number = ++app->reported;
	TAILQ_INSERT_TAIL(&app->reports, r, entry);
	return (r);
}

static void
emit(struct app *app, const struct ctl_event *ev)
{
	struct report	*r;

	if ((r = hold(app)) == NULL)
		send_event(app, ev, UINT64_MAX);
	else
		r->event = *ev;
}

void
report_state(struct app *app)
{
	struct ctl_event	 ev;

	log_debug("%s (%u): %s", app->name, app->id,
	    app_statename(app->run->m.state));
	if (!wanted_by_somebody(app))
		return;
	fill_event(app, EVENT_STATE, &ev);
	emit(app, &ev);
}

void
report_exit(struct app *app, const struct ctl_exit *x)
{
	struct ctl_event	 ev;

	if (!wanted_by_somebody(app))
		return;
	fill_event(app, EVENT_EXIT, &ev);
	ev.exit = *x;
	emit(app, &ev);
}

void
report_deleted(struct app *app)
{
	struct ctl_event	 ev;

	control_reload_deleted(app);
	if (!wanted_by_somebody(app))
		return;
	fill_event(app, EVENT_DELETED, &ev);
	emit(app, &ev);
}

void
report_event(struct app *app, uint32_t kind, const struct run *run)
{
	struct ctl_event	 ev;

	if (!wanted_by_somebody(app))
		return;
	fill_event(app, kind, &ev);
	if (run != NULL) {
		ev.pid = run->pid;
		ev.generation = run->generation;
	}
	emit(app, &ev);
}

/* The state is the one of its health. */
void
report_health(struct app *app, enum app_health health)
{
	struct ctl_event	 ev;

	if (!wanted_by_somebody(app))
		return;
	fill_event(app, EVENT_HEALTH, &ev);
	ev.state = health;
	emit(app, &ev);
}

/* What was asked for is done, or failed with a code, a stage and an errno. */
void
report_done(struct app *app, uint32_t code, const char *text)
{
	struct ctl_result	 result;
	struct report		*r;
	struct waiter		*w;

	if (TAILQ_EMPTY(&app->waiters))
		return;
	memset(&result, 0, sizeof(result));
	result.code = code;
	if (code != CTL_OK) {
		result.stage = app->run->stage;
		result.error = app->run->error;
	}
	strlcpy(result.text, text, sizeof(result.text));
	if ((r = hold(app)) == NULL) {
		finish_waiters(app, &result, 0);
		return;
	}
	r->done = 1;
	r->result = result;
	TAILQ_FOREACH(w, &app->waiters, entry)
		if (w->settled == 0)
			w->settled = r->number;
}

/* From now on reports wait for report_release(). */
void
report_hold(struct app *app)
{
	if (app->draining)
		return;
	app->draining = 1;
	app->drain_since = monotime_now();
	TAILQ_INSERT_TAIL(&app->env->draining, app, drain_entry);
}

void
report_release(struct app *app)
{
	struct report	*r;

	if (!app->draining)
		return;
	app->draining = 0;
	TAILQ_REMOVE(&app->env->draining, app, drain_entry);
	while ((r = TAILQ_FIRST(&app->reports)) != NULL) {
		TAILQ_REMOVE(&app->reports, r, entry);
		if (r->done)
			finish_waiters(app, &r->result, r->number);
		else
			send_event(app, &r->event, r->number);
		free(r);
	}
}

/* The app is about to be freed: say what is left to say. */
void
report_free(struct app *app)
{
	struct ctl_result	 ok;

	report_release(app);
	memset(&ok, 0, sizeof(ok));
	finish_waiters(app, &ok, 0);
}

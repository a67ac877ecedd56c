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
#include "reload.h"

/*
 * Reloads.  A request becomes a job, which goes on without its client; who
 * asks for the same thing meanwhile waits for the same job.  An app belongs
 * to one job at a time.
 */

#define JOINERS_MAX	1024	/* that wait for one job */

/* A request that gets the job's events and its result. */
struct joiner {
	TAILQ_ENTRY(joiner) entry;
	struct request	*req;
};

struct job {
	TAILQ_ENTRY(job) entry;
	struct pm2d	*env;
	struct reload	*reload;
	struct event	 turn;
	int		 turning;	/* in job_turn(), which goes on itself */
	TAILQ_HEAD(, joiner) joiners;
	uint32_t	 njoiners;
};

/* No more than there are apps: each has one that is in no other. */
static TAILQ_HEAD(, job) jobs = TAILQ_HEAD_INITIALIZER(jobs);

static void	 job_turn(int, short, void *);

static void
fail(struct ctl_conn *c, uint32_t peerid, enum ctl_code code, uint32_t id,
    const char *text)
{
	struct ctl_result	 r;

	memset(&r, 0, sizeof(r));
	r.code = code;
	r.error = code == CTL_SYSTEM ? ENOMEM : 0;
	r.id = id;
	strlcpy(r.text, text, sizeof(r.text));
	control_send(c, IMSG_CTL_RESULT, peerid, &r, sizeof(r));
}

/* ---- jobs ---- */

static struct job *
job_new(struct pm2d *env, struct reload *reload)
{
	struct job	*job;

	if ((job = calloc(1, sizeof(*job))) == NULL)
		return (NULL);
	job->env = env;
	job->reload = reload;
	TAILQ_INIT(&job->joiners);
	evtimer_assign(&job->turn, env->base, job_turn, job);
	TAILQ_INSERT_TAIL(&jobs, job, entry);
	return (job);
}

/* All that wait for it get its result. */
static void
job_free(struct job *job)
{
	struct joiner	*j;

	event_del(&job->turn);
	TAILQ_REMOVE(&jobs, job, entry);
	while ((j = TAILQ_FIRST(&job->joiners)) != NULL) {
		TAILQ_REMOVE(&job->joiners, j, entry);
		j->req->result = job->reload->result;
		request_close(j->req);
		free(j);
	}
	reload_free(job->reload);
	free(job);
}

/*
 * What follows is done when the loop comes round: we are called from the
 * midst of what happens to an app.
 */
static void
job_goon(struct job *job)
{
	struct timeval	 tv = { 0, 0 };

	if (job->turning)
		return;
	if (reload_over(job->reload))
		job_free(job);
	else
		evtimer_add(&job->turn, &tv);
}

static void
job_reloaded(void *arg, struct app *app, enum ctl_code code, const char *text)
{
	struct job	*job = arg;

	reload_done(job->reload, app->id, code, text);
	job_goon(job);
}

/* The same for one that was restarted instead. */
static void
job_restarted(void *arg, const struct ctl_result *result)
{
	struct job	*job = arg;

	if (result->code == CTL_OK)
		reload_done(job->reload, result->id, CTL_OK, "");
	else
		reload_failed(job->reload, result->id, result);
	job_goon(job);
}

static void
job_restart(struct job *job, struct app *app)
{
	struct request	*req;

	if ((req = request_own(job_restarted, job)) == NULL) {
		reload_done(job->reload, app->id, CTL_SYSTEM, "out of memory");
		return;
	}
	req->result.id = app->id;
	supervise_request(app, EV_RESTART, req);
	request_close(req);
}

/* It runs, or is about to: then the new code is to be what runs. */
static int
is_up(const struct app *app)
{
	enum app_state	 state = app->run->m.state;

	return (state == APP_ONLINE || state == APP_LAUNCHING ||
	    state == APP_WAITING);
}

static void
job_begin(struct job *job, struct reload_item *it)
{
	struct reload	*r = job->reload;
	struct app	*app = app_find(job->env, it->id);

	if (app == NULL || app->freeing) {
		reload_left(r, it->id);
		return;
	}
	it->born = app->reported;
	if (supervise_reload(app, (r->flags & RELOAD_GRACEFUL) != 0,
	    job_reloaded, job) == 0)
		log_info("%s (%u): reload for uid %u", app->name, app->id,
		    (unsigned int)r->uid);
	else if (is_up(app))
		job_restart(job, app);
	else
		reload_left(r, it->id);
}

/* Begin as many as may be at once. */
static void
job_turn(int fd, short event, void *arg)
{
	struct job		*job = arg;
	struct reload_item	*it;

	(void)fd;
	(void)event;
	job->turning = 1;
	while ((it = reload_next(job->reload)) != NULL) {
		if (job->env->going)
			reload_done(job->reload, it->id, CTL_GOING,
			    "pm2d is shutting down");
		else
			job_begin(job, it);
	}
	job->turning = 0;
	if (reload_over(job->reload))
		job_free(job);
}

/* The client waits for the job.  Answers him when that is not possible. */
static int
job_join(struct job *job, struct ctl_conn *c, uint32_t peerid)
{
	struct joiner	*j;

	if (job->njoiners >= JOINERS_MAX) {
		fail(c, peerid, CTL_LIMIT, 0, "too many wait for this reload");
		return (-1);
	}
	if ((j = calloc(1, sizeof(*j))) == NULL ||
	    (j->req = request_new(c, peerid)) == NULL) {
		free(j);
		fail(c, peerid, CTL_SYSTEM, 0, "");
		return (-1);
	}
	TAILQ_INSERT_TAIL(&job->joiners, j, entry);
	job->njoiners++;
	return (0);
}

void
control_reload_exit(struct pm2d *env)
{
	struct job		*job;
	struct reload_item	*it;
	struct app		*app;
	uint32_t		 i;

	while ((job = TAILQ_FIRST(&jobs)) != NULL) {
		for (i = 0; i < job->reload->nitems; i++) {
			it = &job->reload->items[i];
			if (it->state == RELOAD_RUNNING &&
			    (app = app_find(env, it->id)) != NULL)
				supervise_reload_forget(app, job);
		}
		job_free(job);
	}
}

/* ---- what report.c tells ---- */

/* From when an app's turn has come, its events are the clients'. */
static struct reload_item *
job_item(const struct job *job, uint32_t id)
{
	struct reload_item	*it = reload_find(job->reload, id);

	if (it == NULL || it->state == RELOAD_QUEUED ||
	    it->state == RELOAD_LEFT)
		return (NULL);
	return (it);
}

int
control_reload_watched(const struct app *app)
{
	struct job	*job;

	TAILQ_FOREACH(job, &jobs, entry)
		if (job_item(job, app->id) != NULL)
			return (1);
	return (0);
}

void
control_reload_event(struct app *app, const struct ctl_event *ev,
    uint64_t number)
{
	struct reload_item	*it;
	struct joiner		*j;
	struct job		*job;

	TAILQ_FOREACH(job, &jobs, entry) {
		if ((it = job_item(job, app->id)) == NULL ||
		    it->born >= number)
			continue;
		TAILQ_FOREACH(j, &job->joiners, entry)
			if (j->req->conn != NULL && !j->req->conn->subscribed)
				control_send(j->req->conn, IMSG_CTL_EVENT,
				    j->req->peerid, ev, sizeof(*ev));
	}
}

/* Its number may become another's before its turn comes. */
void
control_reload_deleted(struct app *app)
{
	struct reload_item	*it;
	struct job		*job, *next;

	TAILQ_FOREACH_SAFE(job, &jobs, entry, next) {
		it = reload_find(job->reload, app->id);
		if (it == NULL || it->state != RELOAD_QUEUED)
			continue;
		reload_left(job->reload, app->id);
		job_goon(job);
	}
}

/* ---- the request ---- */

/* Its parts, and may he?  -1: the client was answered. */
static int
read_request(struct ctl_conn *c, struct imsg *imsg, struct ctl_reload *req,
    uint32_t *ids)
{
	uint32_t	 i, peerid = imsg_get_id(imsg);

	/* The length that imsg_get_len() tells is of what was not read yet. */
	if (imsg_get_buf(imsg, req, sizeof(*req)) == -1 || req->nids == 0 ||
	    req->nids > CTL_RELOAD_MAXIDS ||
	    imsg_get_len(imsg) != req->nids * sizeof(*ids) ||
	    imsg_get_buf(imsg, ids, req->nids * sizeof(*ids)) == -1) {
		control_drop(c, "bad request to reload");
		return (-1);
	}
	if ((req->flags & ~RELOAD_GRACEFUL) != 0) {
		fail(c, peerid, CTL_INVALID, 0, "unknown way to reload");
		return (-1);
	}
	for (i = 0; i < req->nids; i++)
		if (control_app(c, peerid, ids[i], PERM_RELOAD) == NULL)
			return (-1);
	return (0);
}

/*
 * 1: the client waits for a job that is under way, or was refused because of
 * it.
 */
static int
meet_others(struct ctl_conn *c, uint32_t peerid, const struct reload *r)
{
	const struct reload_item	*it;
	struct job			*job;
	char				 text[256];

	TAILQ_FOREACH(job, &jobs, entry) {
		if (reload_same(job->reload, r)) {
			job_join(job, c, peerid);
			return (1);
		}
		if ((it = reload_overlap(job->reload, r)) != NULL) {
			reload_who(job->reload, text, sizeof(text));
			fail(c, peerid, CTL_BUSY, it->id, text);
			return (1);
		}
	}
	return (0);
}

void
control_reload(struct ctl_conn *c, struct imsg *imsg)
{
	static uint32_t		 ids[CTL_RELOAD_MAXIDS];
	struct ctl_reload	 req;
	struct reload		*r;
	struct job		*job;
	uint32_t		 peerid = imsg_get_id(imsg);

	if (read_request(c, imsg, &req, ids) == -1)
		return;
	if ((r = reload_new(c->uid, walltime_ms(), &req, ids)) == NULL) {
		fail(c, peerid, CTL_SYSTEM, 0, "");
		return;
	}
	if (meet_others(c, peerid, r)) {
		reload_free(r);
		return;
	}
	if ((job = job_new(c->env, r)) == NULL) {
		reload_free(r);
		fail(c, peerid, CTL_SYSTEM, 0, "");
		return;
	}
	if (job_join(job, c, peerid) == -1) {
		job_free(job);
		return;
	}
	job_goon(job);
}

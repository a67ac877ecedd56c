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

#include <sys/queue.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attend.h"
#include "depgraph.h"
#include "life.h"
#include "log.h"

/*
 * What apps wait for: for others before they start, and, when they are asked
 * to stop together with those that depend on them, for these before they
 * stop.
 *
 * Of several apps of a name one that is as far will do.  Who asks for a start
 * is told after DEADLINE_MS, or when what is needed has failed or is not
 * there; what may just be on its way has GRACE_MS to appear.  Where nobody
 * waits (at the start of pm2d, after a crash) the app waits on.
 *
 * A stop waits for those that are being stopped, too: requests for several
 * apps come one after the other, so a look is taken a moment (TOGETHER_MS)
 * later.  It waits no longer than they may take.
 */

#define DEADLINE_MS	60000
#define GRACE_MS	5000
#define TOGETHER_MS	50
#define STOP_SLACK_MS	(2 * MACHINE_REKILL_MS)
#define STOP_CHAIN_MS	600000	/* one that waits itself, at most */
#define STOPS_MAX	64	/* that wait for one app; more are not held */

/* A request to stop that is not made yet; NULL: our own. */
struct stop {
	TAILQ_ENTRY(stop) entry;
	struct request	*req;
	enum machine_ev	 what;
};

TAILQ_HEAD(stoplist, stop);

/* Of each app that depends on others, or waits to be stopped. */
struct hold {
	TAILQ_ENTRY(hold) entry;
	struct app	*app;
	/* a start that waits */
	int		 starting;
	int		 again;		/* to be looked at */
	int		 ripening;	/* ...when the timer rings */
	int		 hopeful;	/* what it waits for was on its way */
	int		 told;		/* clients, the log */
	int		 warned;
	monotime_t	 since;
	char		 name[APP_NAME_MAX];
	enum dep_condition cond;
	int		 error;
	char		 why[200];
	/* stops that wait */
	uint32_t	 nstops;
	struct stoplist	 stops;
	monotime_t	 asked;
	/* it is being stopped */
	int		 stopping;
	monotime_t	 when;
};

/* How far is what an app needs? */
enum far {
	FAR_ABSENT,
	FAR_NEVER,		/* stopped, or failed */
	FAR_HOPE,
	FAR_MET
};

static TAILQ_HEAD(, hold) holds = TAILQ_HEAD_INITIALIZER(holds);
static struct event	 timer;
static struct pm2d	*env;

static struct hold *get(struct app *);
static int	 is_busy(const struct app *);
static int	 needs(const struct app *, const struct app *);
static int	 is_task(const struct app *);
static int	 has_completed(const struct app *);
static uint64_t	 ripe_in(const struct app *);
static int	 is_ready(const struct app *);
static enum far	 how_far(const struct app *, enum dep_condition);
static enum far	 how_far_all(const struct app *, const char *,
		    enum dep_condition);
static enum far	 first_unmet(struct hold *);
static uint64_t	 next_ripe(const struct hold *);
static void	 look_again(void);
static void	 turn(int, short, void *);
static void	 arm(void);
static uint64_t	 left(monotime_t, uint64_t);
static void	 try_start(struct hold *);
static void	 fail(struct hold *, int);
static void	 say(struct hold *, enum far);
static int	 is_stopping(const struct app *);
static uint64_t	 in_the_way(const struct hold *, const struct hold *);
static uint64_t	 must_wait(const struct hold *);
static void	 drop(struct stoplist *);
static int	 stop_now(struct hold *);

/* ---- who has to do with whom ---- */

static struct hold *
get(struct app *app)
{
	struct hold	*h = app->hold;

	if (h != NULL)
		return (h);
	if ((h = calloc(1, sizeof(*h))) == NULL)
		return (NULL);
	h->app = app;
	TAILQ_INIT(&h->stops);
	app->hold = h;
	TAILQ_INSERT_TAIL(&holds, h, entry);
	return (h);
}

static int
is_busy(const struct app *app)
{
	return (app->run->m.state != APP_STOPPED &&
	    app->run->m.state != APP_ERRORED);
}

/* Does the first depend on the second, by its name? */
static int
needs(const struct app *app, const struct app *other)
{
	const char	*entry;
	char		 name[APP_NAME_MAX];
	size_t		 pos = 0;

	if (app->owner != other->owner || strcmp(app->name, other->name) == 0)
		return (0);
	while ((entry = spec_next(&app->spec->spec, SPEC_DEPENDS,
	    &pos)) != NULL) {
		depgraph_split(entry, name, sizeof(name));
		if (strcmp(name, other->name) == 0)
			return (1);
	}
	return (0);
}

int
depend_needed(const struct app *app)
{
	struct hold	*h;

	TAILQ_FOREACH(h, &holds, entry)
		if (is_busy(h->app) && needs(h->app, app))
			return (1);
	return (0);
}

int
depend_circle(struct pm2d *pm2d, uid_t owner, const struct spec *spec,
    char *buf, size_t len)
{
	struct depgraph	*g;
	struct hold	*h;
	const char	*entry, *me = spec->str[SPEC_NAME];
	char		 name[APP_NAME_MAX];
	size_t		 pos = 0;
	int		 r = 0;

	(void)pm2d;
	if (spec->count[SPEC_DEPENDS] == 0)
		return (0);
	if ((g = depgraph_new()) == NULL)
		return (-1);
	while (r == 0 && (entry = spec_next(spec, SPEC_DEPENDS,
	    &pos)) != NULL) {
		depgraph_split(entry, name, sizeof(name));
		r = depgraph_add(g, me, name);
	}
	TAILQ_FOREACH(h, &holds, entry) {
		if (h->app->owner != owner || strcmp(h->app->name, me) == 0)
			continue;
		pos = 0;
		while (r == 0 && (entry = spec_next(&h->app->spec->spec,
		    SPEC_DEPENDS, &pos)) != NULL) {
			depgraph_split(entry, name, sizeof(name));
			r = depgraph_add(g, h->app->name, name);
		}
	}
	if (r == 0)
		r = depgraph_circle(g, me, buf, len);
	depgraph_free(g);
	return (r);
}

/* ---- how far is it? ---- */

/* It is run to its end, not kept running. */
static int
is_task(const struct app *app)
{
	return (appspec_job(app->spec) ||
	    !app->spec->spec.num[SPEC_AUTORESTART]);
}

/*
 * A task that did what it had to do.  What an earlier pm2d saw of it is not
 * known: then that it ran has to do.
 */
static int
has_completed(const struct app *app)
{
	const struct ctl_exit	*x;
	uint32_t		 kept;

	if (app->nexits == 0)
		return (app->run->generation > 0 && is_task(app));
	kept = app->nexits < EXIT_HISTORY ? app->nexits : EXIT_HISTORY;
	x = app_exit(app, kept - 1);
	return (x->reason == EXIT_BY_ITSELF && x->code == 0 &&
	    x->verdict == VERDICT_STOPPED);
}

/* A worker that has not listened for so long serves nobody: ms until then. */
static uint64_t
ripe_in(const struct app *app)
{
	if (!appspec_cluster(app->spec))
		return (0);
	return (left(app->run->started,
	    app->spec->spec.num[SPEC_LISTEN_TIMEOUT]));
}

/*
 * One that is online and cannot say more than that is ready; a task is when
 * it is through.
 */
static int
is_ready(const struct app *app)
{
	const struct spec	*spec = &app->spec->spec;
	uint32_t		 health;

	if ((health = attend_health(app)) != HEALTH_NONE)
		return (health == HEALTH_GOOD || health == HEALTH_FAILING);
	if (spec->num[SPEC_WAIT_READY] ||
	    (app->run->notes & (NOTE_READY | NOTE_LISTENING)))
		return (1);
	if (spec->num[SPEC_NOTIFY] || is_task(app))
		return (0);
	return (ripe_in(app) == 0);
}

static enum far
how_far(const struct app *app, enum dep_condition cond)
{
	const struct machine	*m = &app->run->m;

	switch (m->state) {
	case APP_ONLINE:
		return (cond != DEP_READY || is_ready(app) ? FAR_MET :
		    FAR_HOPE);
	case APP_LAUNCHING:
		return (cond == DEP_STARTED && app->run->pid != 0 ?
		    FAR_MET : FAR_HOPE);
	case APP_STOPPED:
		if (has_completed(app))
			return (FAR_MET);
		return (m->wanted && appspec_job(app->spec) ? FAR_HOPE :
		    FAR_NEVER);
	case APP_ERRORED:
		return (FAR_NEVER);
	default:
		return (FAR_HOPE);
	}
}

static enum far
how_far_all(const struct app *who, const char *name, enum dep_condition cond)
{
	struct app	*app;
	enum far	 best = FAR_ABSENT, far;

	RB_FOREACH(app, apptree, &env->apps) {
		if (app->owner != who->owner || app->freeing ||
		    strcmp(app->name, name) != 0)
			continue;
		if ((far = how_far(app, cond)) > best)
			best = far;
		if (best == FAR_MET)
			break;
	}
	return (best);
}

/* The first one that is not as far as it has to be; FAR_MET: all are. */
static enum far
first_unmet(struct hold *h)
{
	const char	*entry;
	enum far	 far;
	size_t		 pos = 0;

	while ((entry = spec_next(&h->app->spec->spec, SPEC_DEPENDS,
	    &pos)) != NULL) {
		h->cond = depgraph_split(entry, h->name, sizeof(h->name));
		far = how_far_all(h->app, h->name, h->cond);
		if (far != FAR_MET)
			return (far);
	}
	return (FAR_MET);
}

/* When to look at what an app waits for, though nobody says anything. */
static uint64_t
next_ripe(const struct hold *h)
{
	struct app	*app;
	uint64_t	 ms, first = UINT64_MAX;

	if (!h->starting || h->cond != DEP_READY)
		return (first);
	RB_FOREACH(app, apptree, &env->apps)
		if (app->owner == h->app->owner &&
		    app->run->m.state == APP_ONLINE &&
		    strcmp(app->name, h->name) == 0 &&
		    (ms = ripe_in(app)) > 0 && ms < first)
			first = ms;
	return (first);
}

/* ---- starts that wait ---- */

int
depend_hold(struct run *run)
{
	struct app	*app = run->app;
	struct hold	*h;

	if (run->role != RUN_MAIN || app->env->going ||
	    app->spec->spec.count[SPEC_DEPENDS] == 0 ||
	    (h = get(app)) == NULL || first_unmet(h) == FAR_MET)
		return (0);
	/* Its process is not what takes so long. */
	event_del(&run->timer);
	if (!h->starting) {
		h->since = monotime_now();
		h->hopeful = h->told = h->warned = 0;
	}
	h->starting = h->again = 1;
	look_again();
	return (1);
}

int
depend_forget(struct run *run)
{
	struct hold	*h = run->app->hold;

	if (h == NULL || !h->starting || run->role != RUN_MAIN)
		return (0);
	h->starting = 0;
	return (1);
}

void
depend_why(const struct app *app, char *buf, size_t len)
{
	(void)strlcpy(buf, app->hold == NULL ? "" : app->hold->why, len);
}

static void
fail(struct hold *h, int error)
{
	struct app	*app = h->app;

	h->starting = 0;
	supervise_launchfailed(app->run, STAGE_DEPENDS, error);
}

/* What is it that it waits for, or waited for in vain? */
static void
say(struct hold *h, enum far far)
{
	const char	*is = "";

	if (far == FAR_ABSENT)
		is = ", but there is no such app";
	else if (far == FAR_NEVER)
		is = ", but that is stopped or has failed";
	(void)snprintf(h->why, sizeof(h->why), "waits for %s %s%s", h->name,
	    depgraph_words(h->cond), is);
	if (h->told)
		return;
	h->told = 1;
	log_info("%s (%u): %s", h->app->name, h->app->id, h->why);
	report_event(h->app, EVENT_HELD, NULL);
}

static void
try_start(struct hold *h)
{
	struct app	*app = h->app;
	enum far	 far = first_unmet(h);
	uint64_t	 waited = monotime_since(monotime_now(), h->since);

	h->again = 0;
	if (far == FAR_MET) {
		h->starting = 0;
		life_queue(app->run);
		return;
	}
	/* What came in the same breath may be known in a moment. */
	say(h, h->hopeful || waited >= GRACE_MS ? far : FAR_HOPE);
	if (far == FAR_HOPE)
		h->hopeful = 1;
	if (!app->run->m.request) {
		if (waited >= DEADLINE_MS && !h->warned) {
			h->warned = 1;
			log_warnx("%s (%u): still %s", app->name, app->id,
			    h->why);
		}
		return;
	}
	if (far == FAR_HOPE && waited >= DEADLINE_MS)
		fail(h, ETIMEDOUT);
	else if (far != FAR_HOPE && (h->hopeful || waited >= GRACE_MS))
		fail(h, far == FAR_ABSENT ? ENOENT : ECANCELED);
}

/* ---- stops that wait ---- */

/* It is on its way to rest, or asked to go there. */
static int
is_stopping(const struct app *app)
{
	const struct machine	*m = &app->run->m;

	if (app->env->going || (app->hold != NULL && app->hold->nstops > 0))
		return (is_busy(app));
	return (m->state == APP_STOPPING && m->after != AFTER_START);
}

/*
 * For how long, at most, does the first one keep the second one from being
 * stopped?
 */
static uint64_t
in_the_way(const struct hold *d, const struct hold *h)
{
	if (!is_stopping(d->app) || !needs(d->app, h->app))
		return (0);
	if (!d->stopping)
		return (left(h->asked, STOP_CHAIN_MS));
	return (left(d->when,
	    d->app->run->spec->spec.num[SPEC_KILL_TIMEOUT] + STOP_SLACK_MS));
}

/* 0: it may stop. */
static uint64_t
must_wait(const struct hold *h)
{
	struct hold	*d;
	uint64_t	 ms, most = 0;

	if (!env->going)
		most = left(h->asked, TOGETHER_MS);
	TAILQ_FOREACH(d, &holds, entry)
		if ((ms = in_the_way(d, h)) > most)
			most = ms;
	return (most);
}

/* The app is gone, and with it what is asked of it. */
static void
drop(struct stoplist *stops)
{
	struct stop	*s;

	while ((s = TAILQ_FIRST(stops)) != NULL) {
		TAILQ_REMOVE(stops, s, entry);
		if (s->req != NULL) {
			s->req->result.code = CTL_NOSUCH;
			request_close(s->req);
		}
		free(s);
	}
}

/* The requests in their order; -1: the app is gone. */
static int
stop_now(struct hold *h)
{
	struct stoplist	 stops = TAILQ_HEAD_INITIALIZER(stops);
	struct app	*app = h->app;
	struct stop	*s;
	uint32_t	 id = app->id;

	TAILQ_CONCAT(&stops, &h->stops, entry);
	h->nstops = 0;
	while ((s = TAILQ_FIRST(&stops)) != NULL) {
		TAILQ_REMOVE(&stops, s, entry);
		if (s->req == NULL)
			life_request(app, s->what, 1);
		else {
			supervise_dorequest(app, s->what, s->req);
			request_close(s->req);
		}
		free(s);
		if (app_find(env, id) != app || app->freeing) {
			drop(&stops);
			return (-1);
		}
	}
	return (0);
}

int
depend_flush(struct app *app)
{
	if (app->hold == NULL || app->hold->nstops == 0)
		return (0);
	return (stop_now(app->hold));
}

int
depend_delay(struct app *app, enum machine_ev what, struct request *req)
{
	struct hold	*h;
	struct stop	*s;

	if ((what != EV_STOP && what != EV_DELETE && what != EV_SHUTDOWN) ||
	    !is_busy(app) || !depend_needed(app))
		return (0);
	if ((h = get(app)) == NULL || h->nstops >= STOPS_MAX)
		return (0);
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (0);
	s->req = req;
	s->what = what;
	if (req != NULL)
		req->open++;
	if (h->nstops++ == 0)
		h->asked = monotime_now();
	TAILQ_INSERT_TAIL(&h->stops, s, entry);
	look_again();
	return (1);
}

/* ---- looking ---- */

static uint64_t
left(monotime_t from, uint64_t ms)
{
	uint64_t	 gone = monotime_since(monotime_now(), from);

	return (gone >= ms ? 0 : ms - gone);
}

/* Not now: we are called from the midst of what happens to an app. */
static void
look_again(void)
{
	life_timer(&timer, 0);
}

static void
turn(int fd, short event, void *arg)
{
	struct hold	*h, *next;

	(void)fd;
	(void)event;
	(void)arg;
	TAILQ_FOREACH_SAFE(h, &holds, entry, next) {
		if (h->starting && (h->again || h->ripening || !h->warned ||
		    h->app->run->m.request))
			try_start(h);
		if (h->nstops > 0 && must_wait(h) == 0)
			(void)stop_now(h);
	}
	arm();
}

/* For the first one whose time is over. */
static void
arm(void)
{
	struct hold	*h;
	uint64_t	 ms, ripe, first = UINT64_MAX;

	TAILQ_FOREACH(h, &holds, entry) {
		ms = UINT64_MAX;
		h->ripening = 0;
		if (h->starting && h->again)
			ms = 0;
		else if (h->starting && (h->app->run->m.request ||
		    !h->warned)) {
			ms = left(h->since, GRACE_MS);
			if (ms == 0)
				ms = left(h->since, DEADLINE_MS);
			ms++;
		}
		if ((ripe = next_ripe(h)) < ms) {
			ms = ripe + 1;
			h->ripening = 1;
		}
		if (ms < first)
			first = ms;
		if (h->nstops > 0 && (ms = must_wait(h)) < first)
			first = ms;
	}
	if (first == UINT64_MAX)
		event_del(&timer);
	else
		life_timer(&timer, first);
}

void
depend_note(struct app *app)
{
	struct hold	*h;
	int		 any = 0;

	TAILQ_FOREACH(h, &holds, entry) {
		if (h->starting && strcmp(h->name, app->name) == 0)
			any = h->again = 1;
		any |= h->nstops > 0;
	}
	if (any)
		look_again();
}

/* ---- from attend.c ---- */

void
depend_update(struct app *app)
{
	struct hold	*h;

	if (app->spec->spec.count[SPEC_DEPENDS] > 0 && get(app) == NULL)
		log_warn("%s (%u): depends_on", app->name, app->id);
	if ((h = app->hold) != NULL && app->run->m.state != APP_STOPPING)
		h->stopping = 0;
	else if (h != NULL && !h->stopping) {
		h->stopping = 1;
		h->when = monotime_now();
	}
	if (h != NULL && h->starting) {
		h->again = 1;	/* it may have another spec */
		look_again();
	}
	depend_note(app);
}

void
depend_free(struct app *app)
{
	struct hold	*h = app->hold;

	depend_note(app);
	if (h == NULL)
		return;
	drop(&h->stops);
	TAILQ_REMOVE(&holds, h, entry);
	app->hold = NULL;
	free(h);
}

void
depend_info(const struct app *app, struct ctl_appinfo *info)
{
	const struct hold	*h = app->hold, *other;

	if (h == NULL)
		return;
	if (h->starting) {
		info->fix.held = 1;
		attend_trouble(info, "%s", h->why);
	}
	if (h->nstops == 0)
		return;
	TAILQ_FOREACH(other, &holds, entry)
		if (is_stopping(other->app) && needs(other->app, app)) {
			attend_trouble(info, "is stopped when %s is",
			    other->app->name);
			return;
		}
}

void
depend_init(struct pm2d *pm2d)
{
	env = pm2d;
	evtimer_assign(&timer, env->base, turn, NULL);
}

void
depend_exit(struct pm2d *pm2d)
{
	(void)pm2d;
	event_del(&timer);
}

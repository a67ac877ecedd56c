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

#include "attend.h"
#include "control.h"
#include "secret.h"

/*
 * New apps: the spec arrives in parts, is checked as a whole, becomes one
 * app per instance, is in the state file, and is started.
 */

/* May this be started at all?  Answers the client when not. */
static int
admit(struct ctl_conn *c, const struct appspec *as, uint64_t n)
{
	const struct spec	*spec = &as->spec;
	uint32_t		 peerid = c->spec.peerid;
	struct app		*known;

	if (c->env->going) {
		control_refuse(c, peerid, CTL_GOING, 0, 0,
		    "pm2d is shutting down");
		return (-1);
	}
	if (control_spec_user(c, spec, NULL) == -1)
		return (-1);
	if ((c->spec.start.flags & CTL_START_UNIQUE) && (known = app_findscript(
	    c->env, control_whose_owner(c), spec->str[SPEC_SCRIPT])) != NULL) {
		control_refuse(c, peerid, CTL_EXISTS, EEXIST, known->id,
		    "script already launched");
		return (-1);
	}
	if (control_spec_circle(c, control_whose_owner(c), spec) == -1)
		return (-1);
	if (control_spec_room(c, peerid, n * appspec_fds(as), n) == -1 ||
	    control_whose_room(c, peerid, control_whose_owner(c), n) == -1)
		return (-1);
	return (control_whose_logs(c));
}

/*
 * Take back the instances made so far, of which so many are in the state
 * file: all are accepted, or none.
 */
static void
undo(struct pm2d *env, uint32_t first, uint32_t n, uint32_t stored)
{
	struct app	*app;
	uint32_t	 i;

	for (i = 0; i < n; i++) {
		if ((app = app_find(env, first + i)) == NULL)
			continue;
		if (i < stored)
			store_deleted(env->store, app->id);
		app_free(app);
	}
}

/* Instances that are made together. */
struct batch {
	struct appspec	*as;
	uint32_t	 n;
	uint32_t	 first;		/* of those they belong to */
	uid_t		 owner;
	const uint32_t	*instances;	/* their numbers; NULL: from 0 on */
	uint32_t	 id;		/* of the first; the others follow */
	uint32_t	 restarts;	/* counted before */
	int		 rest;		/* they are not started */
};

static int
create_one(struct pm2d *env, const struct batch *b, uint32_t id, uint32_t i)
{
	struct app	*app;

	if ((app = app_new(env, b->as, id)) == NULL)
		return (-1);
	app->instance = b->instances == NULL ? i : b->instances[i];
	app->restart.restarts = b->restarts;
	if (team_join(app, b->first, b->owner) == -1 ||
	    applog_setup(app) == -1)
		return (-1);
	return (store_app(env->store, app));
}

static int
create(struct pm2d *env, const struct batch *b, struct request *req)
{
	uint32_t	 i, next = env->next_id;
	int		 error;

	for (i = 0; i < b->n; i++) {
		if (create_one(env, b, b->id + i, i) == 0)
			continue;
		error = errno;
		undo(env, b->id, i + 1, i);
		env->next_id = next;
		errno = error;
		return (-1);
	}
	req->result.id = b->id;
	req->result.count = b->n;
	return (0);
}

static void
start_all(struct ctl_conn *c, const struct batch *b, uint32_t peerid)
{
	struct request	*req;
	struct pm2d	*env = c->env;
	struct app	*app;
	uint32_t	 i;
	int		 error;

	if ((req = request_new(c, peerid)) == NULL) {
		control_refuse(c, peerid, CTL_SYSTEM, ENOMEM, 0, "");
		return;
	}
	if (create(env, b, req) == -1) {
		error = errno;
		req->result.code = CTL_SYSTEM;
		req->result.error = error;
		strlcpy(req->result.text, store_error(env->store) != NULL ?
		    store_error(env->store) : "", sizeof(req->result.text));
		request_close(req);
		return;
	}
	for (i = 0; i < b->n; i++)
		if ((app = app_find(env, b->id + i)) != NULL) {
			attend_update(app);
			if (b->rest)
				continue;
			if (appspec_job(app->spec))
				supervise_arm(app, req);
			else
				supervise_request(app, EV_START, req);
		}
	request_close(req);
}

/* ---- one that comes back to its place ---- */

static uint32_t
team_size(const struct app *first)
{
	const struct app	*app;
	uint32_t		 n = 0;

	for (app = first; app != NULL; app = team_next(app))
		n += !app->freeing;
	return (n);
}

/* NULL, or why this instance cannot be one of them. */
static const char *
misfit(const struct app *first, const char *name, uint32_t instance)
{
	const struct app	*app;

	if (strcmp(first->name, name) != 0)
		return ("those that it is to be one of have another name");
	for (app = first; app != NULL; app = team_next(app))
		if (!app->freeing && app->instance == instance)
			return ("there is such an instance already");
	if (team_size(first) >= APP_INSTANCES_MAX)
		return ("an app has at most 4096 instances");
	return (NULL);
}

/*
 * Where it is to be.  Its id may be another one's, of whom nothing is told
 * here; then, and where others are together under that id, it gets another.
 */
static const char *
place_one(struct pm2d *env, const struct ctl_start *req, struct batch *b)
{
	const char	*why, *name = b->as->spec.str[SPEC_NAME];
	struct app	*first;
	int		 own = req->first == APP_ID_ALL ||
			    req->first == req->id;

	if (req->id != APP_ID_ALL && req->id >= APP_ID_END)
		return ("such a large id cannot be had");
	if (req->instance >= APP_INSTANCES_MAX)
		return ("an app has at most 4096 instances");
	if (!own) {
		if ((first = team_first(env, req->first, b->owner)) == NULL)
			return ("those that it is to be one of do not exist");
		if ((why = misfit(first, name, req->instance)) != NULL)
			return (why);
	}
	if (req->id != APP_ID_ALL && app_find(env, req->id) == NULL)
		b->id = req->id;
	b->first = own ? b->id : req->first;
	if (own && b->id == req->id && (first = team_first(env, b->id,
	    b->owner)) != NULL && misfit(first, name, req->instance) != NULL)
		b->id = b->first = app_freeid(env, 1);
	b->instances = &req->instance;
	b->restarts = req->restarts;
	return (NULL);
}

/* ---- requests ---- */

#define START_FLAGS	(CTL_START_UNIQUE | CTL_START_REST | CTL_START_ONE)

/* NULL, or why not; the rest of b is as for any start. */
static const char *
place(struct pm2d *env, const struct ctl_start *req, struct batch *b)
{
	if ((req->flags & ~START_FLAGS) != 0)
		return ("a start with flags that are not known");
	b->rest = (req->flags & CTL_START_REST) != 0;
	b->n = b->as->spec.num[SPEC_INSTANCES];
	if (req->flags & CTL_START_ONE)
		b->n = 1;
	if ((b->id = b->first = app_freeid(env, b->n)) == APP_ID_ALL)
		return ("there are no more ids");
	return (req->flags & CTL_START_ONE ? place_one(env, req, b) : NULL);
}

static struct appspec *
make_spec(struct ctl_conn *c, char *why, size_t len)
{
	struct appspec	*as;

	as = appspec_new(c->spec.data, c->spec.have, why, len);
	if (as == NULL)
		return (NULL);
	if (secret_check(&as->spec, why, len) == 0)
		return (control_whose_spec(c, as, NULL, why, len));
	appspec_unref(as);
	return (NULL);
}

/* The spec is whole. */
static void
start_done(struct ctl_conn *c)
{
	struct ctl_start start = c->spec.start;
	struct batch	 b;
	char		 why[256];
	const char	*bad;
	uint32_t	 peerid = c->spec.peerid;

	memset(&b, 0, sizeof(b));
	b.owner = control_whose_owner(c);
	if ((b.as = make_spec(c, why, sizeof(why))) == NULL)
		control_refuse(c, peerid, CTL_INVALID, EINVAL, 0, why);
	else if ((bad = place(c->env, &start, &b)) != NULL)
		control_refuse(c, peerid, CTL_INVALID, EINVAL, 0, bad);
	else if (admit(c, b.as, b.n) == 0)
		start_all(c, &b, peerid);
	appspec_unref(b.as);
}

void
control_start(struct ctl_conn *c, struct imsg *imsg)
{
	struct ctl_start	 req;

	if (c->spec.data != NULL || imsg_get_data(imsg, &req,
	    sizeof(req)) == -1) {
		control_drop(c, "start within a start");
		return;
	}
	if (control_spec_begin(c, imsg, req.speclen, start_done) == 0)
		c->spec.start = req;
}

/* ---- more of what there is ---- */

/*
 * The lowest numbers that none of those started together has.  How many they
 * are, or UINT32_MAX: there would be too many.
 */
static uint32_t
free_instances(const struct app *app, uint32_t *numbers, uint32_t n)
{
	static uint8_t	 taken[APP_INSTANCES_MAX];
	struct app	*other;
	uint32_t	 i, k, count = 0;

	memset(taken, 0, sizeof(taken));
	for (other = team_first(app->env, app->first, app->owner);
	    other != NULL; other = team_next(other)) {
		if (other->freeing)
			continue;
		count++;
		if (other->instance < APP_INSTANCES_MAX)
			taken[other->instance] = 1;
	}
	if (n > APP_INSTANCES_MAX || count > APP_INSTANCES_MAX - n)
		return (UINT32_MAX);
	for (i = k = 0; i < APP_INSTANCES_MAX && k < n; i++)
		if (!taken[i])
			numbers[k++] = i;
	return (k);
}

void
control_scale(struct ctl_conn *c, struct imsg *imsg)
{
	static uint32_t	 numbers[APP_INSTANCES_MAX];
	struct ctl_scale req;
	struct batch	 b;
	struct app	*app;
	uint32_t	 peerid = imsg_get_id(imsg);

	if (imsg_get_data(imsg, &req, sizeof(req)) == -1) {
		control_drop(c, "bad request to scale");
		return;
	}
	if ((app = control_app(c, peerid, req.id, PERM_SCALE)) == NULL)
		return;
	if (req.add == 0) {
		control_refuse(c, peerid, CTL_INVALID, EINVAL, app->id,
		    "how many more?");
		return;
	}
	memset(&b, 0, sizeof(b));
	b.n = free_instances(app, numbers, req.add);
	if (b.n != req.add) {
		control_refuse(c, peerid, CTL_LIMIT, 0, app->id,
		    "an app has at most 4096 instances");
		return;
	}
	if (control_spec_room(c, peerid, (uint64_t)b.n *
	    appspec_fds(app->spec), b.n) == -1 ||
	    control_whose_room(c, peerid, app->owner, b.n) == -1)
		return;
	if ((b.id = app_freeid(c->env, b.n)) == APP_ID_ALL) {
		control_refuse(c, peerid, CTL_LIMIT, 0, app->id,
		    "there are no more ids");
		return;
	}
	b.as = app->spec;
	b.first = app->first;
	b.owner = app->owner;
	b.instances = numbers;
	start_all(c, &b, peerid);
}

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
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "applimits.h"
#include "attend.h"
#include "control.h"
#include "log.h"

/*
 * New apps: the spec arrives in parts, is checked as a whole, becomes one
 * app per instance, is in the state file, and is started.
 */

#define SPEC_SECONDS	30	/* for all parts of a spec */

static void
transfer_end(struct ctl_conn *c)
{
	evtimer_del(&c->timer);
	free(c->spec.data);
	memset(&c->spec, 0, sizeof(c->spec));
}

/* The announcement: nothing is allocated before its length was checked. */
void
control_start(struct ctl_conn *c, struct imsg *imsg)
{
	struct ctl_start	 req;
	struct timeval		 tv = { SPEC_SECONDS, 0 };

	if (c->spec.data != NULL || imsg_get_data(imsg, &req,
	    sizeof(req)) == -1) {
		control_drop(c, "start within a start");
		return;
	}
	if (req.speclen == 0 || req.speclen > SPEC_MAX) {
		control_drop(c, "spec too long");
		return;
	}
	if ((c->spec.data = malloc(req.speclen)) == NULL) {
		control_drop(c, "out of memory");
		return;
	}
	c->spec.have = 0;
	c->spec.want = req.speclen;
	c->spec.flags = req.flags;
	c->spec.peerid = imsg_get_id(imsg);
	evtimer_add(&c->timer, &tv);
}

static void
fail(struct ctl_conn *c, uint32_t peerid, enum ctl_code code, int error,
    uint32_t id, const char *text)
{
	struct ctl_result	 r;

	memset(&r, 0, sizeof(r));
	r.code = code;
	r.error = error;
	r.id = id;
	strlcpy(r.text, text, sizeof(r.text));
	control_send(c, IMSG_CTL_RESULT, peerid, &r, sizeof(r));
}

/* What root starts in somebody's daemon runs as that user, and is his. */
static uid_t
owner_of(const struct ctl_conn *c)
{
	return (c->env->uid == 0 ? c->uid : c->env->uid);
}

/* Is another user asked for than whose daemon this is? */
static int
names_other(const struct ctl_conn *c, const struct spec *spec)
{
	const char	*user = spec->str[SPEC_USER];

	return (user != NULL && strcmp(user, c->env->user) != 0);
}

/* Answers the client when there is not. */
static int
has_room(struct ctl_conn *c, uint32_t peerid, const struct appspec *as,
    uint64_t n)
{
	char	 text[256];

	if (c->env->fds + n * appspec_fds(as) <= c->env->max_fds)
		return (1);
	snprintf(text, sizeof(text), "no room for %" PRIu64 " more: "
	    "%u of at most %u apps exist (the limit is what the "
	    "descriptor limit of pm2d, RLIMIT_NOFILE, allows)", n,
	    c->env->napps, c->env->max_apps);
	fail(c, peerid, CTL_LIMIT, EMFILE, 0, text);
	return (0);
}

/* May this be started at all?  Answers the client when not. */
static int
admit(struct ctl_conn *c, const struct appspec *as)
{
	const struct spec	*spec = &as->spec;
	uint32_t		 peerid = c->spec.peerid;
	uint64_t		 n = spec->num[SPEC_INSTANCES];
	struct applimits_who	 who = { c->env->uid, c->uid };
	struct app		*known;
	char			 why[256];

	if (c->env->going) {
		fail(c, peerid, CTL_GOING, 0, 0, "pm2d is shutting down");
		return (-1);
	}
	if (names_other(c, spec) && (c->env->uid != 0 ||
	    !perm_runas(c->uid, c->env->uid, c->uid, 1))) {
		fail(c, peerid, CTL_DENIED, EPERM, 0, c->env->uid == 0 ?
		    "only root may start apps as another user" :
		    "pm2d does not run as root: it cannot start apps as "
		    "another user");
		return (-1);
	}
	if (applimits_admit(&who, spec, NULL, why, sizeof(why)) == -1) {
		fail(c, peerid, CTL_DENIED, EPERM, 0, why);
		return (-1);
	}
	if ((c->spec.flags & CTL_START_UNIQUE) && (known = app_findscript(
	    c->env, owner_of(c), spec->str[SPEC_SCRIPT])) != NULL) {
		fail(c, peerid, CTL_EXISTS, EEXIST, known->id,
		    "script already launched");
		return (-1);
	}
	return (has_room(c, peerid, as, n) ? 0 : -1);
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
};

static int
create_one(struct pm2d *env, const struct batch *b, uint32_t id, uint32_t i)
{
	struct app	*app;

	if ((app = app_new(env, b->as, id)) == NULL)
		return (-1);
	app->instance = b->instances == NULL ? i : b->instances[i];
	if (team_join(app, b->first, b->owner) == -1 ||
	    applog_setup(app) == -1)
		return (-1);
	return (store_app(env->store, app));
}

static int
create(struct pm2d *env, const struct batch *b, struct request *req)
{
	uint32_t	 i, id = env->next_id;
	int		 error;

	for (i = 0; i < b->n; i++) {
		if (create_one(env, b, id + i, i) == 0)
			continue;
		error = errno;
		undo(env, id, i + 1, i);
		env->next_id = id;
		errno = error;
		return (-1);
	}
	req->result.id = id;
	req->result.count = b->n;
	return (0);
}

static void
start_all(struct ctl_conn *c, const struct batch *b, uint32_t peerid)
{
	struct request	*req;
	struct pm2d	*env = c->env;
	struct app	*app;
	uint32_t	 i, id;
	int		 error;

	if ((req = request_new(c, peerid)) == NULL) {
		fail(c, peerid, CTL_SYSTEM, ENOMEM, 0, "");
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
	id = req->result.id;
	for (i = 0; i < b->n; i++)
		if ((app = app_find(env, id + i)) != NULL) {
			attend_update(app);
			if (appspec_job(app->spec))
				supervise_arm(app, req);
			else
				supervise_request(app, EV_START, req);
		}
	request_close(req);
}

/* The spec is whole. */
static void
transfer_done(struct ctl_conn *c)
{
	struct appspec	*as;
	struct batch	 b;
	char		 why[256];
	uint32_t	 peerid = c->spec.peerid;

	as = appspec_new(c->spec.data, c->spec.have, why, sizeof(why));
	if (as == NULL)
		fail(c, peerid, CTL_INVALID, EINVAL, 0, why);
	else if (admit(c, as) == 0) {
		memset(&b, 0, sizeof(b));
		b.as = as;
		b.n = as->spec.num[SPEC_INSTANCES];
		b.first = c->env->next_id;
		b.owner = owner_of(c);
		start_all(c, &b, peerid);
	}
	appspec_unref(as);
	transfer_end(c);
}

void
control_specpart(struct ctl_conn *c, struct imsg *imsg)
{
	size_t	 len = imsg_get_len(imsg);

	if (c->spec.data == NULL || imsg_get_id(imsg) != c->spec.peerid ||
	    len > c->spec.want - c->spec.have ||
	    imsg_get_data(imsg, c->spec.data + c->spec.have, len) == -1) {
		control_drop(c, "part of no spec");
		return;
	}
	c->spec.have += len;
	if (c->spec.have == c->spec.want)
		transfer_done(c);
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
		fail(c, peerid, CTL_INVALID, EINVAL, app->id,
		    "how many more?");
		return;
	}
	memset(&b, 0, sizeof(b));
	b.n = free_instances(app, numbers, req.add);
	if (b.n != req.add) {
		fail(c, peerid, CTL_LIMIT, 0, app->id, "an app has at most "
		    "4096 instances");
		return;
	}
	if (!has_room(c, peerid, app->spec, b.n))
		return;
	b.as = app->spec;
	b.first = app->first;
	b.owner = app->owner;
	b.instances = numbers;
	start_all(c, &b, peerid);
}

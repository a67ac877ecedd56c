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

#include <stdio.h>
#include <string.h>

#include "home.h"
#include "log.h"
#include "parent.h"
#include "statefile.h"

/*
 * From the records of a state file to the table of apps.
 */

static void
load_status(struct app *app, const struct statefile_status *s)
{
	uint32_t	 state = s->state;

	/* What was on its way is wanted or not; nothing of it runs now. */
	if (state != APP_ERRORED)
		state = APP_STOPPED;
	machine_init(&app->run->m, state, s->wanted != 0);
	app->restart.restarts = s->restarts;
	app->generation = app->run->generation = s->generation;
	app->created_ms = s->created_ms;
	app->run->started_ms = s->started_ms;
	app->leftpid = s->pid;
	app->leftstart = s->pidstart;
}

/* Nobody else's can be in a user's own. */
static uid_t
owner_of(const struct pm2d *env, const struct statefile_record *r)
{
	return (env->uid == 0 ? r->app.owner : env->uid);
}

static int
is_same(const struct app *app, const struct appspec *as)
{
	return (app != NULL && app->spec->len == as->len &&
	    memcmp(app->spec->data, as->data, as->len) == 0);
}

/*
 * Instances that were started together had one spec: have one again.  The
 * last one is the one before, of those that got another spec together.
 */
static struct appspec *
share_spec(struct pm2d *env, const struct statefile_record *r,
    struct appspec *as)
{
	struct app	*other;
	uid_t		 owner = owner_of(env, r);

	other = team_last(env, r->app.first, owner);
	if (!is_same(other, as) &&
	    !is_same(other = team_first(env, r->app.first, owner), as))
		return (as);
	appspec_unref(as);
	return (appspec_ref(other->spec));
}

/* Something newer is known of it. */
static void
drop_app(struct pm2d *env, uint32_t id)
{
	struct app	*app;
	uint32_t	 next = env->next_id;

	if ((app = app_find(env, id)) == NULL)
		return;
	app_free(app);
	env->next_id = next;	/* the list is not empty */
}

static void
load_app(struct pm2d *env, const struct statefile_record *r)
{
	struct appspec	*as;
	struct app	*app;
	char		 why[160];

	drop_app(env, r->app.status.id);
	as = appspec_new(r->spec, r->app.speclen, why, sizeof(why));
	if (as == NULL) {
		log_warnx("%s: app %u is not usable: %s", HOME_STATE,
		    r->app.status.id, why);
		return;
	}
	as = share_spec(env, r, as);
	app = app_new(env, as, r->app.status.id);
	appspec_unref(as);
	if (app == NULL) {
		log_warn("%s: app %u", HOME_STATE, r->app.status.id);
		return;
	}
	app->instance = r->app.instance;
	load_status(app, &r->app.status);
	if (team_join(app, r->app.first, owner_of(env, r)) == -1 ||
	    applog_setup(app) == -1) {
		log_warn("%s (%u)", app->name, app->id);
		app_free(app);
	}
}

static void
load_record(struct pm2d *env, const struct statefile_record *r)
{
	struct app	*app;

	switch (r->type) {
	case STATEFILE_SNAPSHOT_BEGIN:
		env->next_id = r->begin.next_id;
		break;
	case STATEFILE_APP:
		load_app(env, r);
		break;
	case STATEFILE_APP_STATUS:
		if ((app = app_find(env, r->status.id)) != NULL)
			load_status(app, &r->status);
		break;
	case STATEFILE_APP_DELETED:
		if ((app = app_find(env, r->id.id)) != NULL)
			app_free(app);
		break;
	case STATEFILE_NEXT_ID:
		env->next_id = r->id.id;
		break;
	case STATEFILE_BESIDE:
		if ((app = app_find(env, r->beside.id)) != NULL)
			leftover_add(app, r->beside.pid, r->beside.pidstart);
		break;
	}
}

/*
 * Everything of one file into the table, and how much of it is good.  0 whole
 * or cut, -1 damaged.
 */
int
store_read(struct pm2d *env, const char *name, const void *data, size_t len,
    uint64_t *good)
{
	struct statefile_reader	 reader;
	struct statefile_record	 record;
	enum statefile_result	 r;
	char			 why[160];

	if (statefile_open(&reader, data, len, why, sizeof(why)) == -1) {
		log_warnx("%s: %s", name, why);
		return (-1);
	}
	while ((r = statefile_next(&reader, &record)) == STATEFILE_RECORD)
		load_record(env, &record);
	*good = reader.good;
	if (r == STATEFILE_CUT)
		log_warnx("%s: %zu bytes at the end are no whole record: "
		    "left out", name, len - reader.good);
	if (r != STATEFILE_DAMAGED)
		return (0);
	log_warnx("%s: damaged at byte %zu", name, reader.good);
	return (-1);
}

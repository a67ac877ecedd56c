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
#include <unistd.h>

#include "attend.h"
#include "home.h"
#include "listen.h"
#include "log.h"
#include "parent.h"

/*
 * The table of apps, and what they share.
 */

RB_GENERATE(apptree, app, entry, app_cmp);

int
app_cmp(struct app *a, struct app *b)
{
	return (a->id < b->id ? -1 : a->id > b->id);
}

/* While a run has an earlier spec it may need what that one asks for. */
void
app_count(struct app *app)
{
	const struct run	*run;
	uint32_t		 n, most = appspec_fds(app->spec);

	TAILQ_FOREACH(run, &app->runs, entry)
		if (run->spec != app->spec &&
		    (n = appspec_fds(run->spec)) > most)
			most = n;
	app->env->fds += most - app->fds;
	app->fds = most;
}

struct appids *
appids_new(const struct ids *ids)
{
	struct appids	*ai;

	if ((ai = malloc(sizeof(*ai))) == NULL)
		return (NULL);
	ai->refs = 1;
	ai->ids = *ids;
	return (ai);
}

struct appids *
appids_ref(struct appids *ai)
{
	if (ai != NULL)
		ai->refs++;
	return (ai);
}

void
appids_unref(struct appids *ai)
{
	if (ai != NULL && --ai->refs == 0)
		free(ai);
}

/* A stopped app with this id; NULL with errno. */
struct app *
app_new(struct pm2d *env, struct appspec *as, uint32_t id)
{
	struct app	*app;

	if ((app = calloc(1, sizeof(*app))) == NULL)
		return (NULL);
	app->env = env;
	app->id = id;
	app->spec = appspec_ref(as);
	TAILQ_INIT(&app->runs);
	if ((app->run = run_new(app, RUN_MAIN)) == NULL) {
		appspec_unref(as);
		free(app);
		return (NULL);
	}
	app->owner = env->uid;
	app->created_ms = walltime_ms();
	strlcpy(app->name, as->spec.str[SPEC_NAME], sizeof(app->name));
	TAILQ_INIT(&app->oldpipes);
	TAILQ_INIT(&app->reports);
	TAILQ_INIT(&app->waiters);
	TAILQ_INIT(&app->reloads);
	TAILQ_INIT(&app->claims);
	RB_INSERT(apptree, &env->apps, app);
	env->napps++;
	app_count(app);
	if (id >= env->next_id)
		env->next_id = id + 1;
	return (app);
}

struct app *
app_find(struct pm2d *env, uint32_t id)
{
	struct app	 key;

	key.id = id;
	return (RB_FIND(apptree, &env->apps, &key));
}

/* When the numbers came to their end: those of apps that are gone. */
static uint32_t
lowest_free(struct pm2d *env, uint32_t n)
{
	struct app	 key, *app;
	uint32_t	 first;

	for (key.id = 0; key.id <= APP_ID_END - n;) {
		app = RB_NFIND(apptree, &env->apps, &key);
		if (app != NULL && app->id - key.id < n) {
			key.id = app->id + 1;
			continue;
		}
		/* The first one is gone, and others are together yet. */
		first = team_from(env, key.id);
		if (first == APP_ID_ALL || first - key.id >= n)
			return (key.id);
		key.id = first + 1;
	}
	return (APP_ID_ALL);
}

uint32_t
app_freeid(struct pm2d *env, uint32_t n)
{
	if (n > APP_ID_END)
		return (APP_ID_ALL);
	if (env->next_id <= APP_ID_END - n)
		return (env->next_id);
	return (lowest_free(env, n));
}

struct app *
app_findscript(struct pm2d *env, uid_t owner, const char *script)
{
	struct app	*app;

	RB_FOREACH(app, apptree, &env->apps)
		if (app->owner == owner && !app->freeing &&
		    strcmp(app->spec->spec.str[SPEC_SCRIPT], script) == 0)
			return (app);
	return (NULL);
}

/* Forget an app of which nothing runs. */
void
app_free(struct app *app)
{
	struct run	*run;

	attend_free(app);
	supervise_forget_app(app);
	report_free(app);
	listen_release(app);
	logd_forget(app->env->logd, app);
	applog_closepipes(app);
	while ((run = TAILQ_FIRST(&app->runs)) != NULL)
		run_free(run);
	applog_release(app);
	app->env->fds -= app->fds;
	restart_free(&app->restart);
	appspec_unref(app->spec);
	appids_unref(app->ids);
	team_leave(app);
	RB_REMOVE(apptree, &app->env->apps, app);
	if (--app->env->napps == 0)
		app->env->next_id = 0;	/* as pm2: an empty list begins anew */
	free(app->exits);
	free(app->lefts);
	free(app);
}

/* Room for one more exit, in place of the oldest; NULL without memory. */
struct ctl_exit *
app_addexit(struct app *app)
{
	struct ctl_exit	*x;

	if (app->exits == NULL && (app->exits = calloc(EXIT_HISTORY,
	    sizeof(*app->exits))) == NULL)
		return (NULL);
	x = &app->exits[app->nexits++ % EXIT_HISTORY];
	memset(x, 0, sizeof(*x));
	x->id = app->id;
	return (x);
}

const struct ctl_exit *
app_exit(const struct app *app, uint32_t i)
{
	uint32_t	 kept;

	kept = app->nexits < EXIT_HISTORY ? app->nexits : EXIT_HISTORY;
	if (i >= kept)
		return (NULL);
	return (&app->exits[(app->nexits - kept + i) % EXIT_HISTORY]);
}

static char *
dup_or_empty(const char *s)
{
	return (strdup(s == NULL ? "" : s));
}

static void
info_fix(struct app *app, struct ctl_appfix *fix)
{
	const struct run	*run = app->run;
	monotime_t		 now = monotime_now();

	fix->id = app->id;
	fix->instance = app->instance;
	fix->state = run->m.state;
	fix->wanted = run->m.wanted;
	fix->pid = run->pid;
	fix->uid = app->ids == NULL ? app->env->uid : app->ids->ids.uid;
	fix->owner = app->owner;
	fix->restarts = app->restart.restarts;
	fix->unstable = app->restart.unstable;
	fix->cluster = appspec_cluster(run->spec);
	fix->generation = run->generation;
	fix->port = run->spec->spec.num[SPEC_PORT];
	fix->first = app->first;
	fix->max_memory = app->spec->spec.num[SPEC_MAX_MEMORY];
	fix->created_ms = run->m.state == APP_ERRORED ? 0 : app->created_ms;
	fix->started_ms = run->started_ms;
	if (run->m.state == APP_ONLINE)
		fix->uptime_ms = monotime_since(now, run->started);
	if (run->m.state == APP_WAITING)
		fix->next_ms = monotime_since(run->next, now);
	if (run->pid != 0) {
		fix->memory = run->memory;
		fix->cpu_permille = run->cpu_permille;
	}
}

/* Those that it writes to, or did last. */
static void
info_files(const struct app *app, struct ctl_appinfo *info)
{
	const struct appfiles	*files = app->run->files;
	char			 path[PATH_MAX];

	applog_path(app, HOME_LOGS, files == NULL ? NULL :
	    files->logs[LOG_OUT]->path, path, sizeof(path));
	info->out = strdup(path);
	applog_path(app, HOME_LOGS, files == NULL ? NULL :
	    files->logs[LOG_ERR]->path, path, sizeof(path));
	info->err = strdup(path);
	applog_path(app, HOME_PIDS, files == NULL ? NULL : files->pidfile,
	    path, sizeof(path));
	info->pidfile = strdup(path);
}

/* What clients are told.  All strings are the caller's to free. */
void
app_info(struct app *app, struct ctl_appinfo *info)
{
	const struct spec	*spec = &app->spec->spec;
	char			 path[PATH_MAX];

	memset(info, 0, sizeof(*info));
	info_fix(app, &info->fix);
	info->name = strdup(app->name);
	info->script = dup_or_empty(spec->str[SPEC_SCRIPT]);
	info->interpreter = dup_or_empty(spec->str[SPEC_INTERPRETER]);
	info->cwd = dup_or_empty(spec->str[SPEC_CWD]);
	info_files(app, info);
	if (app->ids != NULL && app->ids->ids.change)
		info->user = strdup(app->ids->ids.name);
	else if (spec->str[SPEC_USER] != NULL)
		info->user = strdup(spec->str[SPEC_USER]);
	else
		info->user = strdup(app->env->user);
	info->namespace = dup_or_empty(spec->str[SPEC_NAMESPACE]);
	listen_describe(app, path, sizeof(path));
	info->listens = strdup(path);
	info->status = dup_or_empty(app->run->status);
	info->source = dup_or_empty(spec->str[SPEC_SOURCE]);
	if (app->run->why != NULL && app->run->pid == 0)
		info->trouble = strdup(app->run->why);
	attend_info(app, info);
}

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

#include "log.h"
#include "parent.h"

/*
 * The runs of an app: what belongs to one generation of its processes.
 */

RB_GENERATE(pidtree, run, pidentry, run_pidcmp);

int
run_pidcmp(struct run *a, struct run *b)
{
	return (a->pid < b->pid ? -1 : a->pid > b->pid);
}

struct run *
run_new(struct app *app, enum run_role role)
{
	struct run	*run;

	if ((run = calloc(1, sizeof(*run))) == NULL)
		return (NULL);
	if ((run->tree = tree_make(app->id)) == NULL) {
		free(run);
		return (NULL);
	}
	run->app = app;
	run->spec = appspec_ref(app->spec);
	run->files = applog_ref(app->files);
	run->role = role;
	run->pidfd = run->errfd = run->channel = run->notify = -1;
	run->pipes[LOG_OUT] = run->pipes[LOG_ERR] = -1;
	TAILQ_INIT(&run->uses);
	TAILQ_INIT(&run->refusals);
	machine_init(&run->m, APP_STOPPED, 0);
	supervise_init_run(run);
	TAILQ_INSERT_TAIL(&app->runs, run, entry);
	app->env->nbeside += role != RUN_MAIN;
	return (run);
}

void
run_renew(struct run *run)
{
	struct app	*app = run->app;

	if (run->spec == app->spec && run->files == app->files)
		return;
	appspec_unref(run->spec);
	run->spec = appspec_ref(app->spec);
	applog_unref(app->env, run->files);
	run->files = applog_ref(app->files);
	app_count(app);
}

void
run_hangup(struct run *run)
{
	if (run->channel != -1)
		close(run->channel);
	if (run->notify != -1)
		close(run->notify);
	run->channel = run->notify = -1;
	free(run->notify_name);
	free(run->status);
	run->notify_name = run->status = NULL;
}

void
run_free(struct run *run)
{
	struct app	*app = run->app;

	launch_cancel(run);
	supervise_forget(run);
	run_hangup(run);
	applog_retire(run);
	tree_free(run->tree);
	app->env->nbeside -= run->role != RUN_MAIN;
	TAILQ_REMOVE(&app->runs, run, entry);
	appspec_unref(run->spec);
	applog_unref(app->env, run->files);
	free(run->why);
	free(run);
	app_count(app);
}

void
run_setpid(struct run *run, pid_t pid)
{
	struct pm2d	*env = run->app->env;

	if (run->pid != 0)
		RB_REMOVE(pidtree, &env->pids, run);
	run->pid = pid;
	if (pid != 0)
		RB_INSERT(pidtree, &env->pids, run);
}

struct run *
run_findpid(struct pm2d *env, pid_t pid)
{
	struct run	 key;

	key.pid = pid;
	return (RB_FIND(pidtree, &env->pids, &key));
}

struct run *
run_find(struct app *app, uint32_t generation)
{
	struct run	*run;

	TAILQ_FOREACH(run, &app->runs, entry)
		if (run->generation == generation)
			return (run);
	return (NULL);
}

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
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "applimits.h"
#include "helper.h"
#include "launch-env.h"
#include "life.h"
#include "userlimits.h"
#include "listen.h"
#include "log.h"
#include "parent.h"
#include "places.h"
#include "sample.h"
#include "spawn.h"
#include "sys.h"

/*
 * From the wish to start an app to its pid: who it runs as (a helper asks
 * the password database), the files that its user named (a helper opens them
 * as that user), listening sockets, pipes and channel, process.  Each step
 * that fails is told with its stage to supervise.c, which decides what that
 * means.
 */

static void	 launch_read(struct run *);
static void	 launch_files(struct run *);
static void	 launch_listen(struct run *);
static void	 launch_spawn(struct run *);
static void	 launch_errfd(int, short, void *);

static void
launch_failed(struct run *run, enum stage stage, int error)
{
	run->preparing = 0;
	launch_env_free(run);
	supervise_launchfailed(run, stage, error);
}

/* ---- who ---- */

static void
got_ids(void *arg, int error, const void *data, size_t len, int *fds,
    int nfds)
{
	struct run	*run = arg;
	struct app	*app = run->app;
	struct appids	*ai = NULL;
	struct job_nogroup no;

	(void)fds;
	(void)nfds;
	run->helper = NULL;
	if (error == 0 && len == sizeof(no)) {
		memcpy(&no, data, sizeof(no));
		launch_failed(run, STAGE_GROUPS, no.error == 0 ? EPROTO :
		    no.error);
		return;
	}
	if (error == 0 && len != sizeof(struct ids))
		error = EPROTO;
	if (error == 0 && (ai = appids_new(data)) == NULL)
		error = ENOMEM;
	if (error != 0) {
		launch_failed(run, STAGE_USER, error);
		return;
	}
	appids_unref(app->ids);
	app->ids = ai;
	/* The system's: where its logs go, and how much they may be. */
	if (places_userlogs(app->env, &ai->ids) == -1) {
		launch_failed(run, STAGE_LOGFILE, errno);
		return;
	}
	limits_learn(app->env, &ai->ids);
	launch_read(run);
}

/* The instance before this one, made with the same spec, knows already. */
static struct appids *
sibling_ids(const struct run *run)
{
	struct app	*app = run->app;
	struct app	*other;

	if (app->instance == 0 ||
	    (other = app_find(app->env, app->id - 1)) == NULL ||
	    other->spec != run->spec || other->relookup)
		return (NULL);
	return (appids_ref(other->ids));
}

/* What root started need not be of a member's. */
static void
lookup_member(struct run *run)
{
	const struct spec	*spec = &run->spec->spec;
	struct job_member	 jm;

	memset(&jm, 0, sizeof(jm));
	jm.any = run->app->owner == 0;
	if ((spec->str[SPEC_USER] != NULL && strlcpy(jm.user,
	    spec->str[SPEC_USER], sizeof(jm.user)) >= sizeof(jm.user)) ||
	    strlcpy(jm.group, spec->str[SPEC_GROUP], sizeof(jm.group)) >=
	    sizeof(jm.group)) {
		launch_failed(run, STAGE_USER, ENAMETOOLONG);
		return;
	}
	if (run->app->env->conf != NULL) {
		jm.byuid = 1;
		jm.uid = run->app->owner;
	}
	run->helper = helper_run(run->app->env->base, NULL, job_lookup_member,
	    &jm, sizeof(jm), NULL, 0, got_ids, run);
	if (run->helper == NULL)
		launch_failed(run, STAGE_USER, errno);
}

/* In the system's an app runs as its owner, whatever he is called now. */
static void
lookup_owner(struct run *run)
{
	struct job_uid	 ju = { run->app->owner };

	run->helper = helper_run(run->app->env->base, NULL, job_lookup_uid,
	    &ju, sizeof(ju), NULL, 0, got_ids, run);
	if (run->helper == NULL)
		launch_failed(run, STAGE_USER, errno);
}

static void
launch_ids(struct run *run)
{
	struct app	*app = run->app;
	const char	*user = run->spec->spec.str[SPEC_USER];
	struct appids	*ai;
	struct ids	*self;

	if (app->ids != NULL && !app->relookup) {
		launch_read(run);
		return;
	}
	app->relookup = 0;
	if ((ai = sibling_ids(run)) != NULL) {
		appids_unref(app->ids);
		app->ids = ai;
		launch_read(run);
		return;
	}
	if (run->spec->spec.str[SPEC_GROUP] != NULL) {
		lookup_member(run);
		return;
	}
	if (app->env->conf != NULL) {
		lookup_owner(run);
		return;
	}
	if (user != NULL) {
		run->helper = helper_run(app->env->base, NULL,
		    job_lookup_user, user, strlen(user) + 1, NULL, 0,
		    got_ids, run);
		if (run->helper == NULL)
			launch_failed(run, STAGE_USER, errno);
		return;
	}
	/* Only the owner of a per-user daemon starts apps: it is us. */
	if ((self = calloc(1, sizeof(*self))) == NULL) {
		launch_failed(run, STAGE_USER, ENOMEM);
		return;
	}
	ids_self(self);
	appids_unref(app->ids);
	app->ids = appids_new(self);
	free(self);
	if (app->ids == NULL)
		launch_failed(run, STAGE_USER, ENOMEM);
	else
		launch_read(run);
}

/* ---- environment ---- */

static void
got_read(struct run *run, int error)
{
	if (error == 0)
		launch_files(run);
	else
		launch_failed(run, STAGE_ENVFILE, error);
}

/* Each time anew: files of variables and secrets. */
static void
launch_read(struct run *run)
{
	launch_env(run, got_read);
}

/* ---- files ---- */

#define COOKIE_PID	LOG_KINDS	/* the others are LOG_OUT, LOG_ERR */

static void
take_file(struct run *run, const struct job_result *r, int fd)
{
	struct appfiles	*files = run->files;
	struct app	*app = run->app;
	struct logfile	*lf;

	if (r->cookie == COOKIE_PID) {
		if (files->pidfile_fd != -1)
			close(files->pidfile_fd);
		files->pidfile_fd = fd;
		return;
	}
	lf = files->logs[r->cookie];
	if (lf->fd != -1)
		close(lf->fd);
	lf->fd = fd;
	if (lf->ids == NULL)
		lf->ids = appids_ref(app->ids);
	logd_file(app->env->logd, lf);
}

static void
got_files(void *arg, int error, const void *data, size_t len, int *fds,
    int nfds)
{
	const struct job_opened	*op = data;
	const struct job_result	*r;
	struct run		*run = arg;
	enum stage		 stage = STAGE_LOGFILE;
	uint32_t		 i;

	run->helper = NULL;
	if (error == 0 && (len != sizeof(*op) || op->n > HELPER_MAXFDS))
		error = EPROTO;
	for (i = 0; error == 0 && i < op->n; i++) {
		r = &op->results[i];
		if (r->cookie > COOKIE_PID || r->fd >= nfds)
			error = EPROTO;
		else if (r->error != 0) {
			error = r->error;
			if (r->cookie == COOKIE_PID)
				stage = STAGE_PIDFILE;
		} else if (r->fd >= 0 && fds[r->fd] != -1) {
			take_file(run, r, fds[r->fd]);
			fds[r->fd] = -1;
		}
	}
	for (i = 0; (int)i < nfds; i++)
		if (fds[i] != -1)
			close(fds[i]);
	if (error != 0)
		launch_failed(run, stage, error);
	else
		launch_listen(run);
}

static void
want_file(struct job_open *op, uint32_t kind, uint32_t cookie,
    const char *path)
{
	struct job_file	*jf = &op->files[op->n++];

	jf->kind = kind;
	jf->cookie = cookie;
	strlcpy(jf->path, path, sizeof(jf->path));
}

/* Open what the user named and is not open yet. */
static void
launch_files(struct run *run)
{
	static struct job_open	 op;
	struct app		*app = run->app;
	struct appfiles		*files = run->files;
	struct logfile		*lf;
	uint32_t		 kind;

	memset(&op, 0, sizeof(op));
	for (kind = 0; kind < LOG_KINDS; kind++) {
		lf = files->logs[kind];
		if ((lf->flags & LOGF_PASSED) && lf->fd == -1 &&
		    (kind == 0 || lf != files->logs[0]))
			want_file(&op, JOB_LOG, kind, lf->path);
	}
	if (*files->pidfile == '/' && files->pidfile_fd == -1)
		want_file(&op, JOB_PID, COOKIE_PID, files->pidfile);
	if (op.n == 0) {
		launch_listen(run);
		return;
	}
	run->helper = helper_run(app->env->base, &app->ids->ids,
	    job_open_files, &op, sizeof(op), NULL, 0, got_files, run);
	if (run->helper == NULL)
		launch_failed(run, STAGE_LOGFILE, errno);
}

/* ---- listening sockets ---- */

static void
got_sockets(struct run *run, int error, const char *which)
{
	if (error == 0) {
		launch_spawn(run);
		return;
	}
	/* The words for the log and for whoever asked. */
	if (which != NULL && run->why == NULL &&
	    asprintf(&run->why, "listening at %s: %s%s", which,
	    strerror(error), error == EACCES && strncmp(which, "unix:", 5) !=
	    0 ? " (ports below 1024 are root's, and those users' to whom "
	    "pm2d.conf lends them)" : "") == -1)
		run->why = NULL;
	launch_failed(run, STAGE_LISTEN, error);
}

/* Those of --listen, made at the app's first start. */
static void
launch_listen(struct run *run)
{
	if (run->spec->spec.count[SPEC_LISTEN] == 0) {
		listen_unopen(run->app);
		launch_spawn(run);
	} else if (listen_open(run, got_sockets) == -1)
		launch_failed(run, STAGE_LISTEN, errno);
}

/* ---- process ---- */

static int
make_pipes(int out[2], int err[2])
{
	if (sys_pipe2(out, O_CLOEXEC) == -1)
		return (-1);
	if (sys_pipe2(err, O_CLOEXEC) == -1) {
		close(out[0]);
		close(out[1]);
		return (-1);
	}
	return (0);
}

static int
make_exec(struct run *run, struct appexec *ex, enum stage *stage)
{
	int	 r, error;

	r = appexec_make(ex, run);
	error = errno;
	launch_env_free(run);
	if (r == -1 && error == E2BIG) {
		*stage = STAGE_ENVFILE;
		run->why = strdup("arguments and environment have more than "
		    "1536 KiB together: no program can be executed with that");
	}
	errno = error;
	return (r);
}

static int
spawn_with(struct run *run, int out_w, int err_w, int theirs,
    struct spawn_child *child, enum stage *stage)
{
	struct app		*app = run->app;
	struct appexec		 ex;
	struct spawn_limits	 limits;
	struct spawn_req	 req;
	const char		*weak;
	int			 cgroup, r, error;

	*stage = STAGE_CLONE;
	if (make_exec(run, &ex, stage) == -1)
		return (-1);
	*stage = STAGE_CGROUP;
	applimits_tree(run->tree, &run->spec->spec);
	if (tree_open(run->tree, &cgroup) == -1) {
		error = errno;
		appexec_free(&ex);
		errno = error;
		return (-1);
	}
	memset(&req, 0, sizeof(req));
	req.file = ex.file;
	req.argv = ex.argv;
	req.envp = ex.envp;
	req.script = ex.script;
	req.cwd = run->spec->spec.str[SPEC_CWD];
	req.ids = app->ids->ids.change ? &app->ids->ids : NULL;
	req.in_fd = -1;
	req.out_w = out_w;
	req.err_w = err_w;
	req.ipc_fd = theirs;
	req.cgroup_fd = cgroup;
	applimits_fill(&limits, &run->spec->spec);
	limits.box.preload = ex.preload;
	limits.box.home = app->env->home;
	req.limits = &limits;
	if ((weak = appbox_weak(limits.box.level)) != NULL)
		log_warnx("%s (%u): sandbox: %s", app->name, app->id, weak);
	req.nlisten = listen_fds(run, &req.listen_fds);
	if (req.nlisten == run->spec->spec.count[SPEC_LISTEN])
		r = spawn_app(&req, child, stage);
	else {
		*stage = STAGE_LISTEN;
		errno = ENOTCONN;
		r = -1;
	}
	error = errno;
	if (cgroup != -1)
		close(cgroup);
	appexec_free(&ex);
	errno = error;
	return (r);
}

/* The child exists: remember it, watch it, let it go. */
static void
launched(struct run *run, struct spawn_child *child, int out_r, int err_r)
{
	struct app	*app = run->app;
	struct sample	 s;

	run->preparing = 0;
	run_setpid(run, child->pid);
	run->pidfd = child->pidfd;
	run->errfd = child->errfd;
	run->pidstart = sample_pid(child->pid, &s) == 0 ? s.starttime : 0;
	applog_retire(run);
	run->generation = ++app->generation;
	run->pipes[LOG_OUT] = out_r;
	run->pipes[LOG_ERR] = err_r;
	run->has_sample = 0;
	run->cpu_ticks = run->memory = run->cpu_permille = 0;
	run->started = monotime_now();
	run->started_ms = walltime_ms();
	tree_main(run->tree, run->pid, app->ids->ids.uid);
	event_assign(&run->errev, app->env->base, run->errfd,
	    EV_READ | EV_PERSIST, launch_errfd, run);
	event_add(&run->errev, NULL);
	logd_stream(app->env->logd, run);
	if (run->role == RUN_MAIN)
		logd_pidfile(app->env->logd, app);
	supervise_spawned(run);
	/* Not before the state file knows of it, or it might be left over. */
	spawn_release(child);
	if (child->gate != -1)
		close(child->gate);
}

static void
launch_spawn(struct run *run)
{
	struct spawn_child	 child;
	enum stage		 stage = STAGE_PIPE;
	int			 out[2], err[2], error, r, theirs = -1;

	if (make_pipes(out, err) == -1) {
		launch_failed(run, stage, errno);
		return;
	}
	/* pm2logd reads until there is no more, so its ends never block. */
	if (fcntl(out[0], F_SETFL, O_NONBLOCK) == -1 ||
	    fcntl(err[0], F_SETFL, O_NONBLOCK) == -1 ||
	    channel_open(run, &theirs, &stage) == -1)
		r = -1;
	else
		r = spawn_with(run, out[1], err[1], theirs, &child, &stage);
	error = errno;
	/* Nobody but the child holds its end: it tells us when it is gone. */
	if (theirs != -1)
		close(theirs);
	close(out[1]);
	close(err[1]);
	if (r == -1) {
		run_hangup(run);
		close(out[0]);
		close(err[0]);
		launch_failed(run, stage, error);
		return;
	}
	launched(run, &child, out[0], err[0]);
}

/* The program was executed, or the child says why not. */
static void
launch_errfd(int fd, short event, void *arg)
{
	struct run		*run = arg;
	struct spawn_child	 child;
	enum stage		 stage = STAGE_NONE;
	int			 error = 0, r;

	(void)fd;
	(void)event;
	memset(&child, 0, sizeof(child));
	child.errfd = run->errfd;
	child.gate = -1;
	if ((r = spawn_readerr(&child, &stage, &error)) == 0)
		return;
	event_del(&run->errev);
	close(run->errfd);
	run->errfd = -1;
	if (r == 1)
		supervise_executed(run);
	else {
		run->stage = stage;
		run->error = error;
	}
}

/*
 * Look at the report of a child that is already gone: its words and its end
 * may arrive in either order.  Returns 1 when it never ran the program.
 */
int
launch_never_ran(struct run *run)
{
	if (run->errfd != -1)
		launch_errfd(run->errfd, EV_READ, run);
	if (run->errfd != -1) {
		/* Nobody is left to say anything. */
		event_del(&run->errev);
		close(run->errfd);
		run->errfd = -1;
	}
	return (run->stage != STAGE_NONE);
}

/* Begin a start. Ends in supervise_spawned() or supervise_launchfailed(). */
void
launch(struct run *run)
{
	run->preparing = 1;
	run->stage = STAGE_NONE;
	run->error = 0;
	free(run->why);
	run->why = NULL;
	run_renew(run);
	runlife_begin(run);
	launch_ids(run);
}

/* Forget a start of which nothing runs yet. */
void
launch_cancel(struct run *run)
{
	if (run->helper != NULL)
		helper_cancel(run->helper);
	run->helper = NULL;
	launch_env_free(run);
	if (run->preparing && run->spec->spec.count[SPEC_LISTEN] > 0)
		listen_open_cancel(run);
	run->preparing = 0;
}

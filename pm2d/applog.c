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
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "home.h"
#include "log.h"
#include "parent.h"
#include "places.h"

/*
 * Which files an app writes to, and under which names.  Names in the home
 * are single components (the system's logs: two, the user's directory before
 * the name); what a user named is absolute and opened by a helper as that
 * user (launch.c).
 */

#define DEVNULL		"/dev/null"
#define OLD_APP		8	/* unread pipes of earlier runs, of an app */
#define OLD_SHARE	4	/* of the reserve: others are pm2logd's alone */

/* Absolute path for people: as it is, or in its place; "" for none. */
void
applog_path(const struct app *app, const char *dir, const char *path,
    char *buf, size_t len)
{
	enum place	 place;

	buf[0] = '\0';
	if (path == NULL)
		return;
	if (*path == '/') {
		strlcpy(buf, path, len);
		return;
	}
	place = strcmp(dir, HOME_PIDS) == 0 ? PLACE_PIDS : PLACE_LOGS;
	(void)places_file(app->env, place, path, buf, len);
}

struct logfile *
applog_find(struct pm2d *env, uint32_t number)
{
	struct logfile	*lf;

	TAILQ_FOREACH(lf, &env->logfiles, entry)
		if (lf->number == number)
			return (lf);
	return (NULL);
}

/*
 * "-<id>" goes before ".log"; a path without ".log" gets none, as in pm2.
 * With merge_logs all instances write to the path as it was given.
 */
static int
user_path(const struct app *app, const struct spec *spec, const char *given,
    char *buf, size_t len)
{
	size_t	 n = strlen(given);
	int	 r;

	if (spec->num[SPEC_MERGE_LOGS] || n < 4 ||
	    strcmp(given + n - 4, ".log") != 0)
		r = snprintf(buf, len, "%s", given);
	else
		r = snprintf(buf, len, "%.*s-%u.log", (int)(n - 4), given,
		    app->id);
	if (r < 0 || (size_t)r >= len) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	return (0);
}

/* In the system's, each user's are in a directory; "" or with a slash. */
static void
user_dir(const struct app *app, char buf[PLACES_USERDIR + 1])
{
	*buf = '\0';
	if (app->env->places == NULL)
		return;
	places_userdir(app->env, app->owner, buf);
	strlcat(buf, "/", PLACES_USERDIR + 1);
}

static int
log_name(const struct app *app, const struct spec *spec, int kind, char *buf,
    size_t len)
{
	const char	*given, *word = kind == LOG_OUT ? "out" : "err";
	char		 dir[PLACES_USERDIR + 1];
	int		 r;

	given = spec->str[kind == LOG_OUT ? SPEC_OUT_FILE : SPEC_ERR_FILE];
	if (spec->num[SPEC_DISABLE_LOGS])
		given = DEVNULL;
	if (given != NULL && *given != '\0')
		return (user_path(app, spec, given, buf, len));
	user_dir(app, dir);
	if (spec->num[SPEC_MERGE_LOGS])
		r = snprintf(buf, len, "%s%s-%s.log", dir, app->name, word);
	else
		r = snprintf(buf, len, "%s%s-%s-%u.log", dir, app->name, word,
		    app->id);
	if (r < 0 || (size_t)r >= len) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	return (0);
}

/* What of a spec the file is told, whenever it is said. */
static void
logfile_rules(struct logfile *lf, const struct spec *spec)
{
	lf->max_size = spec->num[SPEC_LOG_MAX_SIZE];
	lf->keep = spec->num[SPEC_LOG_KEEP];
	lf->flags &= ~LOGF_COMPRESS;
	if (spec->num[SPEC_LOG_COMPRESS])
		lf->flags |= LOGF_COMPRESS;
}

static struct logfile *
logfile_new(struct app *app, const struct spec *spec, const char *path)
{
	struct logfile	*lf;

	if ((lf = calloc(1, sizeof(*lf))) == NULL ||
	    (lf->path = strdup(path)) == NULL) {
		free(lf);
		return (NULL);
	}
	lf->number = ++app->env->next_logfile;
	lf->refs = 1;
	lf->fd = -1;
	lf->uid = app->owner;
	logfile_rules(lf, spec);
	if (strcmp(path, DEVNULL) == 0)
		lf->flags |= LOGF_NONE;
	else if (*path == '/')
		lf->flags |= LOGF_PASSED;
	TAILQ_INSERT_TAIL(&app->env->logfiles, lf, entry);
	return (lf);
}

/* Do they run as the same user? */
static int
same_user(const struct spec *a, const struct spec *b)
{
	const char	*ua = a->str[SPEC_USER], *ub = b->str[SPEC_USER];

	return (ua == ub || (ua != NULL && ub != NULL &&
	    strcmp(ua, ub) == 0));
}

/*
 * The app has it already, by its spec until now.  Another user must open it
 * himself.
 */
static struct logfile *
logfile_own(struct app *app, const struct spec *spec, const char *path)
{
	struct appfiles	*files = app->files;
	struct logfile	*lf;
	int		 kind;

	for (kind = 0; files != NULL && kind < LOG_KINDS; kind++) {
		lf = files->logs[kind];
		if (lf == NULL || lf->stale || strcmp(lf->path, path) != 0)
			continue;
		if ((lf->flags & LOGF_PASSED) && !same_user(spec,
		    &files->spec->spec)) {
			lf->stale = 1;
			return (NULL);
		}
		lf->refs++;
		return (lf);
	}
	return (NULL);
}

/* Apps of one owner that name the same path share the file. */
static struct logfile *
logfile_get(struct app *app, const struct spec *spec, const char *path)
{
	struct logfile	*lf;

	if ((lf = logfile_own(app, spec, path)) != NULL)
		return (lf);
	/* Names with an id in them are nobody else's: no need to look. */
	if (*path == '/' || spec->num[SPEC_MERGE_LOGS])
		TAILQ_FOREACH(lf, &app->env->logfiles, entry)
			if (lf->uid == app->owner && !lf->stale &&
			    strcmp(lf->path, path) == 0) {
				lf->refs++;
				return (lf);
			}
	return (logfile_new(app, spec, path));
}

/* One of its team has it, as they have one name; or another app. */
static int
is_taken(const struct app *app)
{
	struct app	*other;

	other = team_first(app->env, app->first, app->owner);
	if (other != NULL && other != app && !other->freeing)
		return (1);
	/* Of another user's nothing is to be seen, not even by that. */
	RB_FOREACH(other, apptree, &app->env->apps)
		if (other != app && !other->freeing &&
		    (app->env->places == NULL || other->owner == app->owner) &&
		    strcmp(other->name, app->name) == 0)
			return (1);
	return (0);
}

/*
 * pids/<name>.pid, or with the id for further apps of that name, and where
 * apps of all users are.
 */
static int
pid_name(const struct app *app, const struct spec *spec, int taken, char *buf,
    size_t len)
{
	const char	*given = spec->str[SPEC_PID_FILE];
	int		 r;

	if (given != NULL && *given != '\0')
		r = taken ? snprintf(buf, len, "%s%u.pid", given, app->id) :
		    snprintf(buf, len, "%s", given);
	else
		r = taken || app->env->places != NULL ?
		    snprintf(buf, len, "%s.pid%u.pid", app->name,
		    app->id) : snprintf(buf, len, "%s.pid", app->name);
	if (r < 0 || (size_t)r >= len) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	return (0);
}

static void
logfile_unref(struct pm2d *env, struct logfile *lf)
{
	if (lf == NULL || --lf->refs > 0)
		return;
	TAILQ_REMOVE(&env->logfiles, lf, entry);
	if (lf->fd != -1)
		close(lf->fd);
	appids_unref(lf->ids);
	free(lf->path);
	free(lf);
}

struct appfiles *
applog_ref(struct appfiles *files)
{
	if (files != NULL)
		files->refs++;
	return (files);
}

void
applog_unref(struct pm2d *env, struct appfiles *files)
{
	int	 kind;

	if (files == NULL || --files->refs > 0)
		return;
	for (kind = 0; kind < LOG_KINDS; kind++)
		logfile_unref(env, files->logs[kind]);
	if (files->pidfile_fd != -1)
		close(files->pidfile_fd);
	appspec_unref(files->spec);
	free(files->pidfile);
	free(files);
}

static int
fill_files(struct app *app, struct appfiles *files)
{
	const struct spec	*spec = &files->spec->spec;
	char			 path[PATH_MAX];
	int			 kind;

	for (kind = 0; kind < LOG_KINDS; kind++)
		if (log_name(app, spec, kind, path, sizeof(path)) == -1 ||
		    (files->logs[kind] = logfile_get(app, spec,
		    path)) == NULL)
			return (-1);
	/* With its id once, with its id for ever. */
	files->numbered = app->files == NULL ? is_taken(app) :
	    app->files->numbered;
	if (pid_name(app, spec, files->numbered, path, sizeof(path)) == -1 ||
	    (files->pidfile = strdup(path)) == NULL)
		return (-1);
	return (0);
}

struct appfiles *
applog_make(struct app *app, struct appspec *as)
{
	struct appfiles	*files;
	int		 error;

	if ((files = calloc(1, sizeof(*files))) == NULL)
		return (NULL);
	files->refs = 1;
	files->pidfile_fd = -1;
	files->spec = appspec_ref(as);
	if (fill_files(app, files) == 0)
		return (files);
	error = errno;
	applog_unref(app->env, files);
	errno = error;
	return (NULL);
}

/* Decide the names of an app's files.  0, or -1 with errno. */
int
applog_setup(struct app *app)
{
	int	 kind;

	if ((app->files = applog_make(app, app->spec)) == NULL)
		return (-1);
	run_renew(app->run);
	for (kind = 0; kind < LOG_KINDS; kind++)
		logd_file(app->env->logd, app->files->logs[kind]);
	return (0);
}

/* Of one at rest pm2logd is to know where its output would be, too. */
void
applog_changed(struct app *app)
{
	int	 kind;

	for (kind = 0; kind < LOG_KINDS; kind++) {
		logfile_rules(app->files->logs[kind], &app->spec->spec);
		logd_file(app->env->logd, app->files->logs[kind]);
	}
	if (app->run->pid == 0 && app->run->pipes[LOG_OUT] == -1 &&
	    app->run->pipes[LOG_ERR] == -1)
		logd_stream(app->env->logd, app->run);
}

void
applog_release(struct app *app)
{
	applog_unref(app->env, app->files);
	app->files = NULL;
}

static void
oldpipe_free(struct app *app, struct oldpipe *op)
{
	TAILQ_REMOVE(&app->oldpipes, op, entry);
	app->nold--;
	app->env->nold--;
	close(op->fd);
	applog_unref(app->env, op->files);
	free(op);
}

/* Of runs the app has left, and of those that it has. */
void
applog_closepipes(struct app *app)
{
	struct oldpipe	*op;
	struct run	*run;
	int		 kind;

	while ((op = TAILQ_FIRST(&app->oldpipes)) != NULL)
		oldpipe_free(app, op);
	TAILQ_FOREACH(run, &app->runs, entry) {
		for (kind = 0; kind < LOG_KINDS; kind++) {
			if (run->pipes[kind] != -1)
				close(run->pipes[kind]);
			run->pipes[kind] = -1;
		}
		run->piped = 0;
	}
}

/*
 * Keep a pipe until pm2logd has read it to its end: should that one die, its
 * successor needs it.  Where there are too many, those that pm2logd holds as
 * well are let go.
 */
static void
retire_one(struct run *run, uint32_t kind)
{
	struct app	*app = run->app;
	struct oldpipe	*op = NULL;
	int		 known = (run->piped & 1 << kind) != 0;

	if (app->nold >= OLD_APP)
		oldpipe_free(app, TAILQ_FIRST(&app->oldpipes));
	if (!known || app->env->nold < app->env->fds_reserve / OLD_SHARE)
		op = calloc(1, sizeof(*op));
	if (op == NULL) {
		close(run->pipes[kind]);
		return;
	}
	op->files = applog_ref(run->files);
	op->generation = run->generation;
	op->kind = kind;
	op->fd = run->pipes[kind];
	TAILQ_INSERT_TAIL(&app->oldpipes, op, entry);
	app->nold++;
	app->env->nold++;
}

void
applog_retire(struct run *run)
{
	uint32_t	 kind;

	for (kind = 0; kind < LOG_KINDS; kind++) {
		if (run->pipes[kind] != -1)
			retire_one(run, kind);
		run->pipes[kind] = -1;
	}
	run->piped = 0;
}

/* Nobody can write to it and nothing is in it. */
static int
at_end(int fd)
{
	struct pollfd	 pfd = { .fd = fd, .events = POLLIN };

	return (poll(&pfd, 1, 0) == 1 &&
	    (pfd.revents & (POLLIN | POLLHUP)) == POLLHUP);
}

/* We look ourselves: an app must not lose its pipe to a false word. */
void
applog_ended(struct app *app, uint32_t generation, uint32_t kind)
{
	struct oldpipe	*op;
	struct run	*run = run_find(app, generation);

	if (run != NULL && run->pipes[kind] != -1) {
		if (!at_end(run->pipes[kind]))
			return;
		close(run->pipes[kind]);
		run->pipes[kind] = -1;
		return;
	}
	TAILQ_FOREACH(op, &app->oldpipes, entry)
		if (op->generation == generation && op->kind == kind &&
		    at_end(op->fd)) {
			oldpipe_free(app, op);
			return;
		}
}

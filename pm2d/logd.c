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

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "userlimits.h"
#include "log.h"
#include "logd.h"
#include "places.h"
#include "instpaths.h"

/*
 * The parent's side of the log daemon.  The parent keeps a copy of every
 * read end and of every descriptor that it opened for a log, so that a new
 * pm2logd can be given all of it again: no app notices that the old one went.
 */

#define FAREWELL_MS	5000	/* for the last output, at the end */
#define QUEUE_MSGS	65536	/* 4,000 apps at once send 16,000 */
#define QUEUE_BYTES	(32 * 1024 * 1024)
#define FEED_BATCH	64	/* apps told of at a time */
#define FEED_LOW	1024	/* queued bytes: on with it */
#define FEED_HIGH	32768	/* queued bytes: streams have to wait */
#define RETRY_S		1	/* for what could not be told */
#define BUDGET		(1024ULL * 1024 * 1024)
#define FULL_WAIT_MS	30000

static void	 logd_begun(void *, int);
static void	 logd_ended(void *);
static void	 feed_later(struct logd *, const struct app *);

static const struct daemon_kind	 logd_kind = {
	"log daemon", "log", PATH_PM2LOGD, "-h", NULL, "_pm2logd",
	logd_begun, logd_ended
};

static void
send_msg(struct logd *ld, uint32_t type, int fd, const void *data, size_t len)
{
	if (ld == NULL || ld->iev == NULL) {
		if (fd != -1)
			close(fd);
		return;
	}
	if (imsgev_compose(ld->iev, type, 0, fd, data, len) == -1) {
		log_warn("log daemon: %s", msg_name(type));
		logd_lost(ld);
	}
}

static int
dup_cloexec(int fd)
{
	return (fd == -1 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 10));
}

void
logd_file(struct logd *ld, struct logfile *lf)
{
	struct log_file	 msg;
	int		 fd = -1;

	if (ld == NULL || ld->iev == NULL ||
	    ((lf->flags & LOGF_PASSED) && lf->fd == -1))
		return;		/* comes when there is one, and the file */
	memset(&msg, 0, sizeof(msg));
	msg.file = lf->number;
	msg.flags = lf->flags;
	msg.max_size = limits_logsize(ld->env, lf);
	msg.keep = lf->keep;
	/* Whose group reads them. */
	msg.uid = ld->env->places != NULL ? lf->uid : ld->env->uid;
	if (!(lf->flags & (LOGF_PASSED | LOGF_NONE)))
		strlcpy(msg.name, lf->path, sizeof(msg.name));
	lf->fed = 0;
	if (lf->fd != -1 && (fd = dup_cloexec(lf->fd)) == -1) {
		log_warn("%s", lf->path);
		logd_again(ld);
		return;
	}
	lf->fed = ld->starts;
	send_msg(ld, IMSG_LOG_FILE, fd, &msg, sizeof(msg));
}

/*
 * Tell of one pipe.  fd -1: of a stream that has none now, so that pm2logd
 * knows which file is this app's.
 */
static int
send_stream(struct logd *ld, const struct app *app,
    const struct appfiles *files, uint32_t generation, uint32_t kind,
    int pipefd)
{
	const struct spec	*spec = &files->spec->spec;
	const char		*type = spec->str[SPEC_LOG_TYPE];
	const char		*datefmt = spec->str[SPEC_LOG_DATE_FORMAT];
	struct log_stream	 msg;
	int			 fd = -1;

	memset(&msg, 0, sizeof(msg));
	msg.app = app->id;
	msg.generation = generation;
	msg.kind = kind;
	msg.file = files->logs[kind]->number;
	msg.uid = app->owner;
	strlcpy(msg.name, app->name, sizeof(msg.name));
	if (type != NULL && strcmp(type, "json") == 0)
		msg.flags |= LOGS_JSON;
	if (datefmt != NULL && *datefmt != '\0') {
		msg.flags |= LOGS_TIME;
		strlcpy(msg.datefmt, datefmt, sizeof(msg.datefmt));
	}
	if (pipefd != -1 && (fd = dup_cloexec(pipefd)) == -1)
		return (-1);
	send_msg(ld, IMSG_LOG_STREAM, fd, &msg, sizeof(msg));
	return (0);
}

/* What one run writes to. */
static int
send_run(struct logd *ld, struct run *run)
{
	uint32_t	 kind;

	run->piped = 0;
	for (kind = 0; kind < LOG_KINDS; kind++)
		if (run->pipes[kind] != -1 && send_stream(ld, run->app,
		    run->files, run->generation, kind,
		    run->pipes[kind]) == -1)
			return (-1);
	return (0);
}

static int
writes(const struct app *app)
{
	const struct run	*run;

	TAILQ_FOREACH(run, &app->runs, entry)
		if (run->pipes[LOG_OUT] != -1 || run->pipes[LOG_ERR] != -1)
			return (1);
	return (0);
}

/* Of all that an app has written and not been read; the oldest first. */
static int
send_streams(struct logd *ld, struct app *app)
{
	struct oldpipe	*op;
	struct run	*run;
	uint32_t	 kind;

	TAILQ_FOREACH(op, &app->oldpipes, entry)
		if (send_stream(ld, app, op->files, op->generation,
		    op->kind, op->fd) == -1)
			return (-1);
	TAILQ_FOREACH(run, &app->runs, entry)
		if (send_run(ld, run) == -1)
			return (-1);
	if (writes(app))
		return (0);
	for (kind = 0; kind < LOG_KINDS; kind++)
		/* Unless not opened yet, and nothing to be written there. */
		if (app->files->logs[kind]->fed == ld->starts &&
		    send_stream(ld, app, app->files, 0, kind, -1) == -1)
			return (-1);
	return (0);
}

static void
tell_files(struct logd *ld, struct appfiles *files)
{
	uint32_t	 kind;

	for (kind = 0; kind < LOG_KINDS; kind++)
		if (files->logs[kind]->fed != ld->starts)
			logd_file(ld, files->logs[kind]);
}

/* All of an app, with its files before its streams. */
static void
tell_app(struct logd *ld, struct app *app)
{
	struct oldpipe	*op;
	struct run	*run;

	app->fed = ld->starts;
	tell_files(ld, app->files);
	TAILQ_FOREACH(run, &app->runs, entry)
		tell_files(ld, run->files);
	TAILQ_FOREACH(op, &app->oldpipes, entry)
		tell_files(ld, op->files);
	if (ld->iev != NULL && send_streams(ld, app) == -1) {
		log_warn("%s (%u): log pipe", app->name, app->id);
		app->fed = 0;
		logd_again(ld);
	}
}

/*
 * Hand over the pipes of a run that begins; later, when pm2logd has not
 * taken yet what was sent before: what is queued holds a descriptor more.
 */
void
logd_stream(struct logd *ld, struct run *run)
{
	struct app	*app = run->app;

	run->piped = 0;
	app->fed = 0;
	if (ld == NULL || ld->iev == NULL)
		return;
	if (imsgbuf_queuebytes(imsgev_buf(ld->iev)) > FEED_HIGH)
		feed_later(ld, app);
	else
		tell_app(ld, app);
}

/* Ask for all that the run wrote to be in its files. -1: nobody to ask. */
int
logd_drain(struct logd *ld, struct run *run)
{
	struct app	*app = run->app;
	struct log_ref	 ref;

	if (ld == NULL || ld->iev == NULL)
		return (-1);
	if (app->fed != ld->starts)
		tell_app(ld, app);
	memset(&ref, 0, sizeof(ref));
	ref.app = app->id;
	ref.generation = run->generation;
	app->drain_gen = run->generation;
	send_msg(ld, IMSG_LOG_DRAIN, -1, &ref, sizeof(ref));
	return (ld->iev != NULL ? 0 : -1);
}

void
logd_forget(struct logd *ld, struct app *app)
{
	struct log_ref	 ref;

	memset(&ref, 0, sizeof(ref));
	ref.app = app->id;
	send_msg(ld, IMSG_LOG_FORGET, -1, &ref, sizeof(ref));
}

static void
send_pidfile(struct logd *ld, const struct run *run, pid_t pid)
{
	const struct appfiles	*files = run->files;
	struct log_pidfile	 msg;
	int			 fd = -1;

	memset(&msg, 0, sizeof(msg));
	msg.app = run->app->id;
	msg.pid = pid;
	if (files == NULL)
		return;
	if (*files->pidfile == '/') {
		if (files->pidfile_fd == -1)
			return;
		if ((fd = dup_cloexec(files->pidfile_fd)) == -1) {
			log_warn("%s", files->pidfile);
			return;
		}
	} else
		strlcpy(msg.name, files->pidfile, sizeof(msg.name));
	send_msg(ld, IMSG_LOG_PIDFILE, fd, &msg, sizeof(msg));
}

/* Write the pid file, or remove it when nothing runs. */
void
logd_pidfile(struct logd *ld, struct app *app)
{
	send_pidfile(ld, app->run, app->run->pid);
}

void
logd_moved(struct logd *ld, const struct run *old, const struct run *run)
{
	if (old->files != run->files &&
	    strcmp(old->files->pidfile, run->files->pidfile) != 0)
		send_pidfile(ld, old, 0);
}

static int
ask(struct logd *ld, uint32_t type, uint32_t id, logd_done *fn, void *arg)
{
	struct log_ref	 ref;
	struct pending	*p;

	if (ld == NULL || ld->iev == NULL) {
		errno = EAGAIN;
		return (-1);
	}
	if ((p = calloc(1, sizeof(*p))) == NULL)
		return (-1);
	p->cookie = ++ld->cookie;
	p->start = ld->starts;
	p->fn = fn;
	p->arg = arg;
	TAILQ_INSERT_TAIL(&ld->pending, p, entry);
	memset(&ref, 0, sizeof(ref));
	ref.app = id;
	ref.cookie = p->cookie;
	send_msg(ld, type, -1, &ref, sizeof(ref));
	return (0);
}

int
logd_flush(struct logd *ld, uint32_t id, logd_done *fn, void *arg)
{
	return (ask(ld, IMSG_LOG_FLUSH, id, fn, arg));
}

int
logd_reopen(struct logd *ld, uint32_t id, logd_done *fn, void *arg)
{
	return (ask(ld, IMSG_LOG_REOPEN, id, fn, arg));
}

void
logd_budget(struct logd *ld, const char *dir, uint64_t bytes)
{
	struct log_budget	 msg;

	memset(&msg, 0, sizeof(msg));
	msg.bytes = bytes;
	strlcpy(msg.dir, dir, sizeof(msg.dir));
	send_msg(ld, IMSG_LOG_BUDGET, -1, &msg, sizeof(msg));
}

/* Give a client's socket to pm2logd. The descriptor is gone either way. */
int
logd_follow(struct logd *ld, uint32_t flags, uint32_t lines,
    const uint32_t *ids, uint32_t n, int fd)
{
	struct log_follow	 msg;
	struct iovec		 iov[2];

	if (ld == NULL || ld->iev == NULL) {
		close(fd);
		errno = EAGAIN;
		return (-1);
	}
	memset(&msg, 0, sizeof(msg));
	msg.flags = flags;
	msg.lines = lines;
	msg.nids = n;
	iov[0].iov_base = &msg;
	iov[0].iov_len = sizeof(msg);
	iov[1].iov_base = (void *)(uintptr_t)ids;
	iov[1].iov_len = n * sizeof(*ids);
	if (imsg_composev(imsgev_buf(ld->iev), IMSG_LOG_FOLLOW, 0, 0, fd, iov,
	    2) == -1)
		return (-1);
	return (0);
}

static void
logd_error(struct imsgev *iev, int error, void *arg)
{
	struct logd	*ld = arg;

	(void)iev;
	if (error != 0) {
		errno = error;
		log_warn("log daemon: channel");
	}
	logd_lost(ld);
}

/* ---- life ---- */

/*
 * The channel is of no use any more: whatever is at its other end goes, a
 * fresh one comes.  Those who wait are told later: this may be in the middle
 * of anything, and to tell them may free apps.
 */
void
logd_lost(struct logd *ld)
{
	if (ld->iev == NULL)
		return;
	imsgev_free(ld->iev);
	ld->iev = NULL;
	ld->feeding = 0;
	daemon_kill(&ld->daemon);
	event_active(&ld->lost, EV_TIMEOUT, 0);
}

static void
logd_tell(int fd, short event, void *arg)
{
	struct logd	*ld = arg;
	struct pending	*p, *next;

	(void)fd;
	(void)event;
	TAILQ_FOREACH_SAFE(p, &ld->pending, entry, next) {
		if (ld->iev != NULL && p->start == ld->starts)
			continue;
		TAILQ_REMOVE(&ld->pending, p, entry);
		p->fn(p->arg, EPIPE);
		free(p);
	}
	supervise_flushreports(ld->env);
}

static void
logd_ended(void *arg)
{
	logd_lost(arg);
}

void
logd_sigchld(struct logd *ld)
{
	if (ld != NULL)
		daemon_sigchld(&ld->daemon);
}

/*
 * A new pm2logd gets everything, some apps at a time: what is queued holds a
 * descriptor of ours for each pipe.
 */
static void
feed_batch(struct logd *ld)
{
	struct app	 key, *app;
	int		 i;

	key.id = ld->feed_next;
	app = RB_NFIND(apptree, &ld->env->apps, &key);
	for (i = 0; app != NULL && ld->iev != NULL && i < FEED_BATCH; i++) {
		ld->feed_next = app->id + 1;
		if (app->fed != ld->starts) {
			tell_app(ld, app);
			if (app->run->pid != 0)
				logd_pidfile(ld, app);
		}
		app = RB_NEXT(apptree, &ld->env->apps, app);
	}
	ld->feeding = app != NULL && ld->iev != NULL;
}

static void
logd_feed_more(struct imsgev *iev, void *arg)
{
	struct logd	*ld = arg;

	(void)iev;
	/* When nothing was queued nothing will drain and call us again. */
	while (ld->feeding && ld->iev != NULL &&
	    imsgbuf_queuebytes(imsgev_buf(ld->iev)) <= FEED_LOW)
		feed_batch(ld);
}

/* The queue is long: logd_feed_more() comes when it is short again. */
static void
feed_later(struct logd *ld, const struct app *app)
{
	if (!ld->feeding || app->id < ld->feed_next)
		ld->feed_next = app->id;
	ld->feeding = 1;
}

void
logd_conf(struct logd *ld)
{
	const struct conf	*pm2dconf = ld->env->conf;
	struct log_conf		 conf;

	memset(&conf, 0, sizeof(conf));
	conf.budget = BUDGET;
	if (pm2dconf != NULL && pm2dconf->begin.logbudget != 0)
		conf.budget = pm2dconf->begin.logbudget;
	conf.full_wait_ms = FULL_WAIT_MS;
	send_msg(ld, IMSG_LOG_CONF, -1, &conf, sizeof(conf));
}

static void
logd_feed(struct logd *ld)
{
	logd_conf(ld);
	limits_feed(ld->env);
	ld->retry = 0;
	ld->feeding = 1;
	ld->feed_next = 0;
	logd_feed_more(ld->iev, ld);
}

void
logd_again(struct logd *ld)
{
	struct timeval	 tv = { RETRY_S, 0 };

	ld->retry = 1;
	if (!evtimer_pending(&ld->again, NULL))
		evtimer_add(&ld->again, &tv);
}

/* Once more what pm2logd, or we, had no room for. */
static void
feed_again(int fd, short event, void *arg)
{
	struct logd	*ld = arg;
	struct app	*app;
	struct run	*run;
	uint32_t	 kind;

	(void)fd;
	(void)event;
	ld->retry = 0;
	if (ld->iev == NULL)
		return;
	RB_FOREACH(app, apptree, &ld->env->apps)
		TAILQ_FOREACH(run, &app->runs, entry)
			for (kind = 0; kind < LOG_KINDS; kind++)
				if (run->pipes[kind] != -1 &&
				    !(run->piped & 1 << kind))
					app->fed = 0;
	ld->feeding = 1;
	ld->feed_next = 0;
	logd_feed_more(ld->iev, ld);
}

static void
logd_begun(void *arg, int s)
{
	struct logd	*ld = arg;

	ld->iev = imsgev_new(ld->env->base, s, IMSGEV_FDPASS, logd_dispatch,
	    logd_error, ld);
	if (ld->iev == NULL) {
		log_warn("log daemon: channel");
		daemon_kill(&ld->daemon);
		return;
	}
	imsgbuf_set_limits(imsgev_buf(ld->iev), QUEUE_MSGS, QUEUE_BYTES);
	imsgev_set_drain(ld->iev, FEED_LOW, logd_feed_more);
	ld->starts++;
	logd_feed(ld);
}

/* Start the log daemon and keep it running. NULL with errno. */
struct logd *
logd_new(struct pm2d *env)
{
	struct logd	*ld;

	if ((ld = calloc(1, sizeof(*ld))) == NULL)
		return (NULL);
	ld->env = env;
	TAILQ_INIT(&ld->pending);
	evtimer_assign(&ld->again, env->base, feed_again, ld);
	evtimer_assign(&ld->lost, env->base, logd_tell, ld);
	daemon_init(&ld->daemon, env, &logd_kind, ld);
	daemon_start(&ld->daemon);
	return (ld);
}

/*
 * End of file is the sign to finish: it writes what is in the pipes first.
 * Whoever waits for it is told.
 */
void
logd_free(struct logd *ld)
{
	if (ld == NULL)
		return;
	ld->daemon.going = 1;
	event_del(&ld->again);
	logd_lost(ld);
	event_del(&ld->lost);
	logd_tell(-1, 0, ld);
	/* It only writes what the pipes hold: a disk may hang. */
	daemon_end(&ld->daemon, FAREWELL_MS);
	ld->env->logd = NULL;
	free(ld);
}

/* For doctor. */
const char *
logd_status(const struct logd *ld)
{
	return (ld == NULL ? NULL : daemon_status(&ld->daemon));
}

pid_t
logd_pid(const struct logd *ld)
{
	return (ld == NULL ? 0 : ld->daemon.pid);
}

uint32_t
logd_crashes(const struct logd *ld)
{
	return (ld == NULL ? 0 : ld->daemon.crashes);
}

/* 1: it runs as a user of its own (or nobody here could give it one). */
int
logd_separate(const struct logd *ld)
{
	return (ld == NULL || ld->daemon.unprivileged);
}

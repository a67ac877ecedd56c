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
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"
#include "home.h"
#include "log.h"
#include "parent.h"
#include "statefile.h"
#include "sys.h"

/*
 * The state file: a snapshot, and behind it what changed since.  A change is
 * appended before it is acted on, and on the disk before it is answered; a
 * helper waits for the disk, never the parent.  When the journal has grown
 * longer than the snapshot a helper writes a new snapshot beside the file
 * from its copy of our memory; what changes meanwhile is kept, appended, and
 * only then the new file takes the old one's name.
 */

#define STATE_TMP	HOME_STATE ".new"
#define STATE_OLD	HOME_STATE ".old"
#define STATE_MAX	(1024ULL * 1024 * 1024)
#define COMPACT_MIN	(1024 * 1024)

struct sync_waiter {
	TAILQ_ENTRY(sync_waiter) entry;
	uint64_t	 seq;
	void		(*fn)(void *);
	void		*arg;
};

struct store {
	struct pm2d	*env;
	int		 dirfd;
	int		 fd;
	uint64_t	 size;		/* up to the last whole record */
	uint64_t	 base;		/* the snapshot's part of it */
	uint64_t	 seq;		/* counts appended records */
	uint64_t	 synced;	/* ...that are on the disk */
	uint64_t	 syncing;	/* ...that the helper is about */
	struct helper	*syncer;
	struct helper	*compacter;
	int		 newfd;		/* the snapshot that is being written */
	struct statefile_buf buf;	/* one record */
	struct statefile_buf late;	/* appended while compacting */
	int		 compacting;
	int		 error;		/* of the last write, 0: fine */
	char		 errtext[PATH_MAX + 128];
	TAILQ_HEAD(, sync_waiter) waiters;
};

static void	 sync_start(struct store *);
static void	 compact_start(struct store *);

struct store *
store_open(struct pm2d *env)
{
	struct store	*st;

	if ((st = calloc(1, sizeof(*st))) == NULL)
		return (NULL);
	st->env = env;
	st->fd = st->newfd = -1;
	TAILQ_INIT(&st->waiters);
	st->dirfd = open(env->home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (st->dirfd == -1) {
		free(st);
		return (NULL);
	}
	return (st);
}

const char *
store_error(const struct store *st)
{
	return (st->error == 0 ? NULL : st->errtext);
}

static void
store_fail(struct store *st, const char *what)
{
	if (st->error != errno)
		log_warn("%s: %s", HOME_STATE, what);
	st->error = errno;
	snprintf(st->errtext, sizeof(st->errtext), "%s/%s: %s: %s",
	    st->env->home, HOME_STATE, what, strerror(errno));
}

/* ---- appending ---- */

static int
write_all(int fd, const unsigned char *p, size_t len)
{
	ssize_t	 n;

	while (len > 0) {
		if ((n = sys_write(fd, p, len)) == -1) {
			if (errno == EINTR)
				continue;
			return (-1);
		}
		p += n;
		len -= n;
	}
	return (0);
}

static int
buf_append(struct statefile_buf *to, const struct statefile_buf *from)
{
	unsigned char	*p;
	size_t		 cap = to->len + from->len;

	if (cap > to->cap) {
		if ((p = realloc(to->data, cap * 2)) == NULL)
			return (-1);
		to->data = p;
		to->cap = cap * 2;
	}
	memcpy(to->data + to->len, from->data, from->len);
	to->len += from->len;
	return (0);
}

/* A record that could not be written whole is taken back. */
static int
append(struct store *st)
{
	int	 error;

	st->seq++;
	if (st->compacting && buf_append(&st->late, &st->buf) == -1) {
		store_fail(st, "append");
		return (-1);
	}
	if (write_all(st->fd, st->buf.data, st->buf.len) == -1) {
		error = errno;
		if (sys_ftruncate(st->fd, st->size) == -1)
			log_warn("%s", HOME_STATE);
		errno = error;
		store_fail(st, "append");
		return (-1);
	}
	st->error = 0;
	st->size += st->buf.len;
	if (!st->compacting && st->size > 2 * st->base + COMPACT_MIN)
		compact_start(st);
	return (0);
}

static void
fill_status(const struct app *app, struct statefile_status *s)
{
	memset(s, 0, sizeof(*s));
	s->id = app->id;
	s->wanted = app->m.wanted;
	s->state = app->m.state;
	s->restarts = app->restart.restarts;
	s->unstable = app->restart.unstable;
	s->generation = app->generation;
	s->pid = app->pid;
	s->pidstart = app->pidstart;
	s->created_ms = app->created_ms;
	s->started_ms = app->started_ms;
}

static int
add_app(struct statefile_buf *buf, const struct app *app)
{
	struct statefile_app	 sa;

	memset(&sa, 0, sizeof(sa));
	fill_status(app, &sa.status);
	sa.instance = app->instance;
	sa.first = app->first;
	sa.owner = app->owner;
	sa.uid = app->ids == NULL ? app->env->uid : app->ids->ids.uid;
	sa.speclen = app->spec->len;
	return (statefile_app(buf, &sa, app->spec->data));
}

/* A new app. 0, or -1 with errno: then it must not be accepted. */
int
store_app(struct store *st, const struct app *app)
{
	statefile_reset(&st->buf);
	if (add_app(&st->buf, app) == -1) {
		store_fail(st, "encode");
		return (-1);
	}
	return (append(st));
}

void
store_status(struct store *st, const struct app *app)
{
	struct statefile_status	 s;

	fill_status(app, &s);
	statefile_reset(&st->buf);
	if (statefile_status(&st->buf, &s) == -1)
		store_fail(st, "encode");
	else
		append(st);
}

void
store_deleted(struct store *st, uint32_t id)
{
	statefile_reset(&st->buf);
	if (statefile_deleted(&st->buf, id) == -1)
		store_fail(st, "encode");
	else
		append(st);
}

/* ---- to the disk ---- */

static void
sync_done(void *arg, int error, const void *data, size_t len, int *fds,
    int nfds)
{
	struct store		*st = arg;
	struct sync_waiter	*w;

	(void)data;
	(void)len;
	(void)fds;
	(void)nfds;
	st->syncer = NULL;
	if (error != 0) {
		errno = error;
		store_fail(st, "sync");
	}
	/* Whoever waits is not left waiting by a disk that fails. */
	st->synced = st->syncing;
	while ((w = TAILQ_FIRST(&st->waiters)) != NULL &&
	    w->seq <= st->synced) {
		TAILQ_REMOVE(&st->waiters, w, entry);
		w->fn(w->arg);
		free(w);
	}
	if (!TAILQ_EMPTY(&st->waiters))
		sync_start(st);
}

static void
sync_start(struct store *st)
{
	struct job_sync_req	 req;

	memset(&req, 0, sizeof(req));
	st->syncing = st->seq;
	st->syncer = helper_run(st->env->base, NULL, job_sync, &req,
	    sizeof(req), &st->fd, 1, sync_done, st);
	if (st->syncer == NULL)
		sync_done(st, errno, NULL, 0, NULL, 0);
}

void
store_sync(struct store *st, void (*fn)(void *), void *arg)
{
	struct sync_waiter	*w;

	if (st->synced == st->seq || (w = calloc(1, sizeof(*w))) == NULL) {
		fn(arg);
		return;
	}
	w->seq = st->seq;
	w->fn = fn;
	w->arg = arg;
	TAILQ_INSERT_TAIL(&st->waiters, w, entry);
	if (st->syncer == NULL)
		sync_start(st);
}

/* ---- the snapshot ---- */

/* Write all that is known as a new file. */
static int
write_snapshot(struct pm2d *env, int fd, uint64_t *size)
{
	struct statefile_buf	 buf;
	struct app		*app;
	int			 r = -1;

	memset(&buf, 0, sizeof(buf));
	*size = 0;
	if (statefile_begin(&buf, walltime_ms(), env->napps,
	    env->next_id) == -1)
		goto done;
	RB_FOREACH(app, apptree, &env->apps) {
		if (add_app(&buf, app) == -1)
			goto done;
		if (buf.len < 65536)
			continue;
		if (write_all(fd, buf.data, buf.len) == -1)
			goto done;
		*size += buf.len;
		statefile_reset(&buf);
	}
	if (statefile_end(&buf, env->napps) == -1 ||
	    write_all(fd, buf.data, buf.len) == -1)
		goto done;
	*size += buf.len;
	r = 0;
 done:
	statefile_free(&buf);
	return (r);
}

/* In the helper: env is our copy of the parent's memory. */
static int
job_snapshot(const void *req, size_t len, struct helper_reply *reply)
{
	struct pm2d	*env;
	uint64_t	 size;

	if (len != sizeof(env))
		return (EPROTO);
	memcpy(&env, req, sizeof(env));
	if (write_snapshot(env, reply->passed[0], &size) == -1 ||
	    fdatasync(reply->passed[0]) == -1)
		return (errno);
	memcpy(reply->data, &size, sizeof(size));
	reply->len = sizeof(size);
	return (0);
}

static void
compact_end(struct store *st)
{
	if (st->newfd != -1)
		close(st->newfd);
	st->newfd = -1;
	st->compacting = 0;
	statefile_free(&st->late);
}

static void
compact_failed(struct store *st, int error)
{
	errno = error;
	store_fail(st, "new snapshot");
	compact_end(st);
	/* Not again before as much has been appended once more. */
	st->base = st->size;
}

/* The new file has everything and the name: go on with it. */
static void
compact_renamed(void *arg, int error, const void *data, size_t len, int *fds,
    int nfds)
{
	struct store	*st = arg;
	struct stat	 sb;

	(void)data;
	(void)len;
	(void)fds;
	(void)nfds;
	st->compacter = NULL;
	if (error == 0 && write_all(st->newfd, st->late.data,
	    st->late.len) == -1)
		error = errno;
	if (error == 0 && sys_fstat(st->newfd, &sb) == -1)
		error = errno;
	if (error != 0) {
		compact_failed(st, error);
		return;
	}
	close(st->fd);
	st->fd = st->newfd;
	st->newfd = -1;
	st->size = sb.st_size;
	compact_end(st);
	/* What came last was synced with the old file, if at all. */
	st->seq++;
	if (st->syncer == NULL)
		sync_start(st);
}

static void
compact_written(void *arg, int error, const void *data, size_t len, int *fds,
    int nfds)
{
	struct store		*st = arg;
	struct job_sync_req	 req;
	int			 passed[2];

	(void)fds;
	(void)nfds;
	st->compacter = NULL;
	if (error == 0 && len != sizeof(st->base))
		error = EPROTO;
	if (error == 0 && write_all(st->newfd, st->late.data,
	    st->late.len) == -1)
		error = errno;
	if (error != 0) {
		compact_failed(st, error);
		return;
	}
	memcpy(&st->base, data, sizeof(st->base));
	statefile_reset(&st->late);
	memset(&req, 0, sizeof(req));
	strlcpy(req.from, STATE_TMP, sizeof(req.from));
	strlcpy(req.to, HOME_STATE, sizeof(req.to));
	passed[0] = st->newfd;
	passed[1] = st->dirfd;
	st->compacter = helper_run(st->env->base, NULL, job_sync, &req,
	    sizeof(req), passed, 2, compact_renamed, st);
	if (st->compacter == NULL)
		compact_failed(st, errno);
}

static int
open_new(struct store *st)
{
	return (sys_openat(st->dirfd, STATE_TMP, O_WRONLY | O_CREAT |
	    O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
}

static void
compact_start(struct store *st)
{
	struct pm2d	*env = st->env;

	if ((st->newfd = open_new(st)) == -1) {
		compact_failed(st, errno);
		return;
	}
	st->compacting = 1;
	st->compacter = helper_run(env->base, NULL, job_snapshot, &env,
	    sizeof(env), &st->newfd, 1, compact_written, st);
	if (st->compacter == NULL)
		compact_failed(st, errno);
}

/*
 * At start: everything that was read goes into a fresh file at once, the one
 * that was found stays beside it.  Nobody waits for us yet.
 */
static int
rewrite(struct store *st)
{
	int	 fd;

	if ((fd = open_new(st)) == -1)
		return (-1);
	if (write_snapshot(st->env, fd, &st->size) == -1 ||
	    sys_fdatasync(fd) == -1)
		goto fail;
	unlinkat(st->dirfd, STATE_OLD ".tmp", 0);
	if (linkat(st->dirfd, HOME_STATE, st->dirfd, STATE_OLD ".tmp",
	    0) == 0 && sys_renameat(st->dirfd, STATE_OLD ".tmp", st->dirfd,
	    STATE_OLD) == -1)
		goto fail;
	if (sys_renameat(st->dirfd, STATE_TMP, st->dirfd, HOME_STATE) == -1 ||
	    sys_fsync(st->dirfd) == -1)
		goto fail;
	st->base = st->size;
	st->fd = fd;
	return (0);
 fail:
	close(fd);
	return (-1);
}

/* ---- loading ---- */

static void
load_status(struct app *app, const struct statefile_status *s)
{
	uint32_t	 state = s->state;

	/* What was on its way is wanted or not; nothing of it runs now. */
	if (state != APP_ERRORED)
		state = APP_STOPPED;
	machine_init(&app->m, state, s->wanted != 0);
	app->restart.restarts = s->restarts;
	app->generation = s->generation;
	app->created_ms = s->created_ms;
	app->started_ms = s->started_ms;
	app->leftpid = s->pid;
	app->leftstart = s->pidstart;
}

/* Instances that were started together had one spec: have one again. */
static struct appspec *
share_spec(struct pm2d *env, const struct statefile_record *r,
    struct appspec *as)
{
	struct app	*first;

	if (r->app.instance == 0 ||
	    (first = app_find(env, r->app.first)) == NULL ||
	    first->spec->len != as->len ||
	    memcmp(first->spec->data, as->data, as->len) != 0)
		return (as);
	appspec_unref(as);
	return (appspec_ref(first->spec));
}

static void
load_app(struct pm2d *env, const struct statefile_record *r)
{
	struct appspec	*as;
	struct app	*app;
	char		 why[160];

	if ((app = app_find(env, r->app.status.id)) != NULL)
		app_free(app);
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
	app->first = r->app.first;
	app->owner = r->app.owner;
	load_status(app, &r->app.status);
	if (applog_setup(app) == -1) {
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
	}
}

/* Everything of one file into the table. 0 whole or cut, -1 damaged. */
static int
load_bytes(struct pm2d *env, const char *name, const void *data, size_t len)
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
	if (r == STATEFILE_CUT)
		log_warnx("%s: %zu bytes at the end are no whole record: "
		    "left out", name, len - reader.good);
	if (r != STATEFILE_DAMAGED)
		return (0);
	log_warnx("%s: damaged at byte %zu", name, reader.good);
	return (-1);
}

/* 0 loaded, 1 there is none, -1 not usable. */
static int
load_file(struct store *st, const char *name)
{
	unsigned char	*data;
	struct stat	 sb;
	size_t		 have = 0;
	ssize_t		 n;
	int		 fd, r = -1;

	fd = sys_openat(st->dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC |
	    O_NONBLOCK, 0);
	if (fd == -1)
		return (errno == ENOENT ? 1 : -1);
	if (sys_fstat(fd, &sb) == -1 || !S_ISREG(sb.st_mode) ||
	    sb.st_uid != st->env->uid || (sb.st_mode & 022) != 0 ||
	    (uint64_t)sb.st_size > STATE_MAX ||
	    (data = malloc(sb.st_size + 1)) == NULL) {
		log_warnx("%s: not a file of ours", name);
		close(fd);
		return (-1);
	}
	while (have < (size_t)sb.st_size && (n = sys_read(fd, data + have,
	    sb.st_size - have)) > 0)
		have += n;
	close(fd);
	if (sb.st_size == 0)
		r = 1;
	else
		r = load_bytes(st->env, name, data, have);
	free(data);
	return (r);
}

static void
forget_all(struct pm2d *env)
{
	struct app	*app;

	while ((app = RB_MIN(apptree, &env->apps)) != NULL)
		app_free(app);
}

/*
 * Read the list.  A damaged file costs the apps that are not in it; the one
 * before it may have more: the one that knows more apps is taken.  A file
 * that cannot be used is kept under another name.  0 or -1: no state file
 * can be written.
 */
int
store_load(struct store *st)
{
	struct pm2d	*env = st->env;
	uint32_t	 n;
	int		 r;

	if ((r = load_file(st, HOME_STATE)) == -1) {
		sys_renameat(st->dirfd, HOME_STATE, st->dirfd,
		    HOME_STATE ".damaged");
		log_warnx("%s is kept as %s.damaged", HOME_STATE, HOME_STATE);
		n = env->napps;
		forget_all(env);
		load_file(st, STATE_OLD);
		if (env->napps < n) {
			forget_all(env);
			load_file(st, HOME_STATE ".damaged");
		}
	}
	if (rewrite(st) == -1) {
		store_fail(st, "write");
		return (-1);
	}
	return (0);
}

void
store_close(struct store *st)
{
	struct sync_waiter	*w;

	if (st == NULL)
		return;
	if (st->syncer != NULL)
		helper_cancel(st->syncer);
	if (st->compacter != NULL)
		helper_cancel(st->compacter);
	compact_end(st);
	while ((w = TAILQ_FIRST(&st->waiters)) != NULL) {
		TAILQ_REMOVE(&st->waiters, w, entry);
		w->fn(w->arg);
		free(w);
	}
	if (st->fd != -1) {
		sys_fdatasync(st->fd);
		close(st->fd);
	}
	close(st->dirfd);
	statefile_free(&st->buf);
	free(st);
}

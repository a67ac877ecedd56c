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
 * from its copy of our memory; what changes meanwhile is kept and appended.
 * Then the new file takes the old one's name; what changes while that
 * happens goes to both, as either may be the one that is read next.
 *
 * A record that could not be written is made up for by a new snapshot, which
 * is tried until it succeeds; so is one that the disk failed to keep.
 */

#define STATE_TMP	HOME_STATE ".new"
#define STATE_OLD	HOME_STATE ".old"
#define STATE_DAMAGED	HOME_STATE ".damaged"
#define STATE_MAX	(1024ULL * 1024 * 1024)
#define COMPACT_MIN	(1024 * 1024)
#define RETRY_MS	5000	/* between tries that fail */

struct sync_waiter {
	TAILQ_ENTRY(sync_waiter) entry;
	uint64_t	 seq;
	store_done	*fn;
	void		*arg;
};

struct file {
	int		 fd;
	uint64_t	 size;		/* up to the last whole record */
	int		 torn;		/* and behind it is half a one */
};

enum phase {
	AT_REST,
	SNAPSHOT,		/* late has what is not in it */
	RENAMING		/* records go to both files */
};

struct store {
	struct pm2d	*env;
	int		 dirfd;
	struct file	 file;
	struct file	 new;		/* the snapshot that is being written */
	uint64_t	 base;		/* the snapshot's part of the file */
	uint64_t	 seq;		/* counts appended records */
	uint64_t	 synced;	/* ...that are on the disk */
	uint64_t	 syncing;	/* ...that the helper is about */
	struct helper	*syncer;
	struct helper	*compacter;
	struct event	 retry;
	monotime_t	 failed;	/* the last such try */
	struct statefile_buf buf;	/* one record */
	struct statefile_buf late;	/* appended while in SNAPSHOT */
	enum phase	 phase;
	int		 gap;		/* the new file lacks a record */
	int		 lost;		/* the file does */
	int		 error;		/* of the last write, 0: fine */
	char		 errtext[PATH_MAX + 128];
	TAILQ_HEAD(, sync_waiter) waiters;
};

static void	 sync_start(struct store *);
static void	 compact_start(struct store *);
static void	 store_retry(int, short, void *);

struct store *
store_open(struct pm2d *env)
{
	struct store	*st;

	if ((st = calloc(1, sizeof(*st))) == NULL)
		return (NULL);
	st->env = env;
	st->file.fd = st->new.fd = -1;
	TAILQ_INIT(&st->waiters);
	evtimer_assign(&st->retry, env->base, store_retry, st);
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

/* All of it or nothing: a part that was written is taken back. */
static int
file_append(struct file *f, const struct statefile_buf *buf)
{
	int	 error;

	if (f->fd == -1 || f->torn) {
		errno = EIO;
		return (-1);
	}
	if (write_all(f->fd, buf->data, buf->len) == -1) {
		error = errno;
		/* Nothing behind half a record would ever be read. */
		if (sys_ftruncate(f->fd, f->size) == -1) {
			log_warn("%s", HOME_STATE);
			f->torn = 1;
		}
		errno = error;
		return (-1);
	}
	f->size += buf->len;
	return (0);
}

static void
retry_later(struct store *st)
{
	struct timeval	 tv = { RETRY_MS / 1000, 0 };

	if (evtimer_pending(&st->retry, NULL))
		return;
	/* Most faults are short ones. */
	if (st->failed.ms == 0 || monotime_since(monotime_now(),
	    st->failed) >= RETRY_MS)
		event_active(&st->retry, EV_TIMEOUT, 0);
	else
		evtimer_add(&st->retry, &tv);
}

/* The file is not what it should be: a new one is due. */
static void
store_lost(struct store *st)
{
	st->lost = 1;
	retry_later(st);
}

static void
store_retry(int fd, short event, void *arg)
{
	struct store	*st = arg;

	(void)fd;
	(void)event;
	if (st->phase == AT_REST)
		compact_start(st);
}

/* The record in buf. 0, or -1 with errno: the file does not have it. */
static int
append(struct store *st)
{
	int	 error = 0;

	st->seq++;
	if (st->phase == SNAPSHOT && buf_append(&st->late, &st->buf) == -1)
		st->gap = 1;
	if (st->phase == RENAMING && file_append(&st->new, &st->buf) == -1) {
		error = errno;
		st->gap = 1;
	}
	if (file_append(&st->file, &st->buf) == -1)
		error = errno;
	if (error != 0) {
		errno = error;
		store_fail(st, "append");
		errno = error;
		return (-1);
	}
	if (!st->lost)
		st->error = 0;
	if (st->phase == AT_REST &&
	    st->file.size > 2 * st->base + COMPACT_MIN)
		compact_start(st);
	return (0);
}

static void
fill_status(const struct app *app, struct statefile_status *s)
{
	memset(s, 0, sizeof(*s));
	s->id = app->id;
	s->wanted = app->run->m.wanted;
	s->state = app->run->m.state;
	s->restarts = app->restart.restarts;
	s->unstable = app->restart.unstable;
	s->generation = app->generation;
	s->pid = app->run->pid;
	s->pidstart = app->run->pidstart;
	s->created_ms = app->created_ms;
	s->started_ms = app->run->started_ms;
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

/* Those of its processes that are not the main one. */
static int
add_beside(struct statefile_buf *buf, const struct app *app)
{
	const struct run	*run;

	TAILQ_FOREACH(run, &app->runs, entry)
		if (run != app->run && run->pid != 0 &&
		    statefile_beside(buf, app->id, run->pid,
		    run->pidstart) == -1)
			return (-1);
	return (0);
}

/*
 * A new app, or another spec.  0, or -1 with errno: then it must not be
 * accepted.
 */
int
store_app(struct store *st, const struct app *app)
{
	statefile_reset(&st->buf);
	if (add_app(&st->buf, app) == -1 || add_beside(&st->buf, app) == -1) {
		store_fail(st, "encode");
		return (-1);
	}
	return (append(st));
}

void
store_again(struct store *st, const struct app *app)
{
	if (store_app(st, app) == -1)
		store_lost(st);
}

void
store_status(struct store *st, const struct app *app)
{
	struct statefile_status	 s;

	fill_status(app, &s);
	statefile_reset(&st->buf);
	if (statefile_status(&st->buf, &s) == -1 ||
	    add_beside(&st->buf, app) == -1)
		store_fail(st, "encode");
	else if (append(st) == 0)
		return;
	store_lost(st);
}

void
store_deleted(struct store *st, uint32_t id)
{
	statefile_reset(&st->buf);
	if (statefile_deleted(&st->buf, id) == -1)
		store_fail(st, "encode");
	else if (append(st) == 0)
		return;
	store_lost(st);
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
		/* The kernel may have forgotten what it could not write. */
		store_lost(st);
	}
	/* Whoever waits is not left waiting by a disk that fails. */
	st->synced = st->syncing;
	while ((w = TAILQ_FIRST(&st->waiters)) != NULL &&
	    w->seq <= st->synced) {
		TAILQ_REMOVE(&st->waiters, w, entry);
		w->fn(w->arg, st->lost ? st->error : 0);
		free(w);
	}
	if (!TAILQ_EMPTY(&st->waiters))
		sync_start(st);
}

/* While two files may be the one, compact_end() comes back to it. */
static void
sync_start(struct store *st)
{
	struct job_sync_req	 req;

	if (st->syncer != NULL || st->phase == RENAMING)
		return;
	memset(&req, 0, sizeof(req));
	st->syncing = st->seq;
	st->syncer = helper_run(st->env->base, NULL, job_sync, &req,
	    sizeof(req), &st->file.fd, 1, sync_done, st);
	if (st->syncer != NULL)
		return;
	/* It is written, and we cannot wait for the disk ourselves. */
	log_warn("%s: sync", HOME_STATE);
	sync_done(st, 0, NULL, 0, NULL, 0);
}

void
store_sync(struct store *st, store_done *fn, void *arg)
{
	struct sync_waiter	*w;

	if (st->synced == st->seq || (w = calloc(1, sizeof(*w))) == NULL) {
		fn(arg, st->lost ? st->error : 0);
		return;
	}
	w->seq = st->seq;
	w->fn = fn;
	w->arg = arg;
	TAILQ_INSERT_TAIL(&st->waiters, w, entry);
	sync_start(st);
}

/* ---- the snapshot ---- */

/* Apps that are deleted and have only output on its way are none. */
static uint32_t
count_apps(struct pm2d *env)
{
	struct app	*app;
	uint32_t	 n = 0;

	RB_FOREACH(app, apptree, &env->apps)
		n += !app->freeing;
	return (n);
}

/* Write all that is known as a new file. */
static int
write_snapshot(struct pm2d *env, int fd, uint64_t *size)
{
	struct statefile_buf	 buf;
	struct app		*app;
	uint32_t		 n = count_apps(env);
	int			 r = -1;

	memset(&buf, 0, sizeof(buf));
	*size = 0;
	if (statefile_begin(&buf, walltime_ms(), n, env->next_id) == -1)
		goto done;
	RB_FOREACH(app, apptree, &env->apps) {
		if (app->freeing)
			continue;
		if (add_app(&buf, app) == -1 || add_beside(&buf, app) == -1)
			goto done;
		if (buf.len < 65536)
			continue;
		if (write_all(fd, buf.data, buf.len) == -1)
			goto done;
		*size += buf.len;
		statefile_reset(&buf);
	}
	if (statefile_end(&buf, n) == -1 ||
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
	if (st->new.fd != -1)
		close(st->new.fd);
	memset(&st->new, 0, sizeof(st->new));
	st->new.fd = -1;
	st->phase = AT_REST;
	st->gap = 0;
	statefile_free(&st->late);
	if (!TAILQ_EMPTY(&st->waiters))
		sync_start(st);
}

static void
compact_failed(struct store *st, int error)
{
	errno = error;
	store_fail(st, "new snapshot");
	sys_unlinkat(st->dirfd, STATE_TMP, 0);
	st->failed = monotime_now();
	/* Not again before as much has been appended once more. */
	st->base = st->file.size;
	if (st->lost || st->file.torn)
		retry_later(st);
	compact_end(st);
}

/* 1: the name is the new file's. */
static int
has_name(struct store *st)
{
	struct stat	 named, new;

	return (sys_fstatat(st->dirfd, HOME_STATE, &named,
	    AT_SYMLINK_NOFOLLOW) == 0 && sys_fstat(st->new.fd, &new) == 0 &&
	    named.st_dev == new.st_dev && named.st_ino == new.st_ino);
}

/* The new file has everything and the name: go on with it. */
static void
compact_adopt(struct store *st)
{
	if (st->file.fd != -1)
		close(st->file.fd);
	st->file = st->new;
	st->new.fd = -1;
	st->lost = 0;
	if (st->gap) {
		st->failed = monotime_now();
		store_lost(st);
	} else
		st->error = 0;
	compact_end(st);
}

/*
 * A helper that failed, or that was killed because it took too long, may
 * have renamed the file or not.  It cannot any more when the file is not
 * there under its first name.
 */
static void
compact_renamed(void *arg, int error, const void *data, size_t len, int *fds,
    int nfds)
{
	struct store	*st = arg;

	(void)data;
	(void)len;
	(void)fds;
	(void)nfds;
	st->compacter = NULL;
	if (error != 0) {
		sys_unlinkat(st->dirfd, STATE_TMP, 0);
		if (!has_name(st)) {
			compact_failed(st, error);
			return;
		}
		/* But the directory may not be on the disk. */
		errno = error;
		store_fail(st, "new snapshot");
		st->gap = 1;
	}
	compact_adopt(st);
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
	if (error == 0 && st->gap)
		error = ENOMEM;
	if (error == 0) {
		memcpy(&st->new.size, data, sizeof(st->new.size));
		st->base = st->new.size;
		if (st->late.len > 0 && file_append(&st->new, &st->late) == -1)
			error = errno;
	}
	if (error != 0) {
		compact_failed(st, error);
		return;
	}
	statefile_free(&st->late);
	st->phase = RENAMING;
	memset(&req, 0, sizeof(req));
	strlcpy(req.from, STATE_TMP, sizeof(req.from));
	strlcpy(req.to, HOME_STATE, sizeof(req.to));
	passed[0] = st->new.fd;
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

	if ((st->new.fd = open_new(st)) == -1) {
		compact_failed(st, errno);
		return;
	}
	st->phase = SNAPSHOT;
	st->compacter = helper_run(env->base, NULL, job_snapshot, &env,
	    sizeof(env), &st->new.fd, 1, compact_written, st);
	if (st->compacter == NULL)
		compact_failed(st, errno);
}

/* Keep the file under another name, too. 0, or -1 with errno. */
static int
keep_as(struct store *st, const char *name)
{
	static const char	 tmp[] = HOME_STATE ".keep";

	sys_unlinkat(st->dirfd, tmp, 0);
	if (linkat(st->dirfd, HOME_STATE, st->dirfd, tmp, 0) == -1)
		return (-1);
	if (sys_renameat(st->dirfd, tmp, st->dirfd, name) == -1)
		return (-1);
	/* rename(2) does nothing where both are one file. */
	sys_unlinkat(st->dirfd, tmp, 0);
	return (0);
}

/*
 * At start: everything that was read goes into a fresh file at once, the one
 * that was found stays beside it.  Nobody waits for us yet.
 */
static int
rewrite(struct store *st, const char *keep)
{
	struct file	 f = { .fd = -1 };
	int		 error;

	if ((f.fd = open_new(st)) == -1)
		return (-1);
	if (write_snapshot(st->env, f.fd, &f.size) == -1 ||
	    sys_fdatasync(f.fd) == -1)
		goto fail;
	if (keep_as(st, keep) == -1 && errno != ENOENT)
		log_warn("%s", keep);
	if (sys_renameat(st->dirfd, STATE_TMP, st->dirfd, HOME_STATE) == -1)
		goto fail;
	if (sys_fsync(st->dirfd) == -1)
		log_warn("%s", st->env->home);
	st->base = f.size;
	st->file = f;
	return (0);
 fail:
	error = errno;
	close(f.fd);
	sys_unlinkat(st->dirfd, STATE_TMP, 0);
	errno = error;
	return (-1);
}

/*
 * The disk is full, perhaps: that must not keep the apps from running.  Go
 * on with the file as it was found.
 */
static int
reuse(struct store *st, uint64_t good)
{
	struct file	 f = { .size = good };
	int		 error = errno;

	f.fd = sys_openat(st->dirfd, HOME_STATE, O_WRONLY | O_APPEND |
	    O_NOFOLLOW | O_CLOEXEC, 0);
	if (f.fd == -1)
		return (-1);
	if (sys_ftruncate(f.fd, good) == -1)
		f.torn = 1;
	st->file = f;
	st->base = good;
	errno = error;
	store_fail(st, "new snapshot");
	store_lost(st);
	return (0);
}

/* ---- loading ---- */

static int
is_ours(const struct store *st, const struct stat *sb)
{
	return (S_ISREG(sb->st_mode) && sb->st_uid == st->env->uid &&
	    (sb->st_mode & 022) == 0 && (uint64_t)sb->st_size <= STATE_MAX);
}

/* The whole file, or NULL with errno; a read that fails is no end of it. */
static unsigned char *
read_file(int fd, size_t size)
{
	unsigned char	*data;
	size_t		 have = 0;
	ssize_t		 n = 0;

	if ((data = malloc(size + 1)) == NULL)
		return (NULL);
	while (have < size && (n = sys_read(fd, data + have,
	    size - have)) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			free(data);
			return (NULL);
		}
		have += n;
	}
	/* Somebody cuts it while we read: what is missing is no record. */
	memset(data + have, 0, size + 1 - have);
	return (data);
}

/*
 * 0 loaded, 1 there is none, -1 its contents are not usable, -2 with errno:
 * it cannot be read now.
 */
static int
load_file(struct store *st, const char *name, uint64_t *good)
{
	unsigned char	*data = NULL;
	struct stat	 sb;
	int		 error, fd, r = -1;

	*good = 0;
	fd = sys_openat(st->dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC |
	    O_NONBLOCK, 0);
	if (fd == -1)
		return (errno == ENOENT ? 1 : -2);
	if (sys_fstat(fd, &sb) == -1)
		r = -2;
	else if (!is_ours(st, &sb))
		log_warnx("%s: not a file of ours", name);
	else if ((data = read_file(fd, sb.st_size)) == NULL)
		r = -2;
	else
		r = store_read(st->env, name, data, sb.st_size, good);
	error = errno;
	close(fd);
	free(data);
	errno = error;
	return (r);
}

static void
forget_all(struct pm2d *env)
{
	struct app	*app;

	while ((app = RB_MIN(apptree, &env->apps)) != NULL)
		app_free(app);
}

/* Of a damaged file and the one before it, the one that knows more apps. */
static void
load_best(struct store *st)
{
	struct pm2d	*env = st->env;
	uint64_t	 good;
	uint32_t	 n = env->napps;

	log_warnx("%s is kept as %s", HOME_STATE, STATE_DAMAGED);
	forget_all(env);
	load_file(st, STATE_OLD, &good);
	if (env->napps >= n)
		return;
	forget_all(env);
	load_file(st, HOME_STATE, &good);
}

/*
 * Read the list.  A damaged file costs the apps that are not in it; it is
 * kept under another name.  0, or -1 with errno: the file cannot be read, or
 * there is none and none can be written.
 */
int
store_load(struct store *st)
{
	uint64_t	 good = 0;
	int		 r;

	if ((r = load_file(st, HOME_STATE, &good)) == -2)
		return (-1);
	if (r == -1)
		load_best(st);
	if (rewrite(st, r == -1 ? STATE_DAMAGED : STATE_OLD) == 0)
		return (0);
	store_fail(st, "write");
	return (r == 0 ? reuse(st, good) : -1);
}

void
store_close(struct store *st)
{
	struct sync_waiter	*w;
	int			 error = 0;

	if (st == NULL)
		return;
	if (st->syncer != NULL)
		helper_cancel(st->syncer);
	if (st->compacter != NULL)
		helper_cancel(st->compacter);
	st->syncer = st->compacter = NULL;
	event_del(&st->retry);
	if (st->lost)
		error = st->error;
	if (sys_fdatasync(st->file.fd) == -1)
		error = errno;
	while ((w = TAILQ_FIRST(&st->waiters)) != NULL) {
		TAILQ_REMOVE(&st->waiters, w, entry);
		w->fn(w->arg, error);
		free(w);
	}
	compact_end(st);
	close(st->file.fd);
	close(st->dirfd);
	statefile_free(&st->buf);
	free(st);
}

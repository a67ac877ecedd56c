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
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "watch-local.h"
#include "wire.h"

/*
 * What is watched for an app, and what is said of it.
 */

#define PATHS_MAX	64
#define IGNORES_MAX	1024
#define QUIET_MIN_MS	10
#define QUIET_TIMES	10	/* of the delay: then it is never quiet */
#define QUIET_MAX_MS	2000	/* ...or this, whichever is more */
#define HASH_MAX	(256 * 1024)	/* longest file that is read */
#define UNREAD_MAX	(64 * 1024 * 1024)
#define TRIES_MAX	8	/* 250 ms, 500 ms...: a minute */
#define TRY_MS		250

TAILQ_HEAD(joblist, job);

static struct joblist	 jobs = TAILQ_HEAD_INITIALIZER(jobs);
static struct event_base *base;
static uint32_t		 nfiles;	/* upper bound of what is in tables */

static void	 job_due(int, short, void *);
static void	 root_again(int, short, void *);

void
job_init(struct event_base *b)
{
	base = b;
}

/* ---- their life ---- */

static void
job_free(struct job *job)
{
	struct root	*root;

	while ((root = TAILQ_FIRST(&job->roots)) != NULL) {
		tree_detach(root);
		event_del(&root->again);
		nfiles -= root->table.n;
		ctable_free(&root->table);
		TAILQ_REMOVE(&job->roots, root, entry);
		free(root);
	}
	event_del(&job->due);
	ignore_free(&job->ignore);
	TAILQ_REMOVE(&jobs, job, entry);
	free(job);
}

static struct job *
job_find(uint32_t app)
{
	struct job	*job;

	TAILQ_FOREACH(job, &jobs, entry)
		if (job->ref.app == app)
			return (job);
	return (NULL);
}

void
job_fail(struct job *job, int error, const char *fmt, ...)
{
	va_list	 ap;

	if (job->failed)
		return;
	job->failed = 1;
	job->error = error;
	va_start(ap, fmt);
	(void)vsnprintf(job->text, sizeof(job->text), fmt, ap);
	va_end(ap);
}

/* File names are whatever people like; the parent takes printable text. */
static void
printable(char *dst, size_t size, const char *src)
{
	size_t	 n = 0;

	for (; *src != '\0' && n + 1 < size; src++, n++)
		dst[n] = (unsigned char)*src < ' ' || *src == 0x7f ? '?' :
		    *src;
	dst[n] = '\0';
}

void
job_reap(void)
{
	struct watch_failed	 msg;
	struct job		*job, *next;

	TAILQ_FOREACH_SAFE(job, &jobs, entry, next) {
		if (!job->failed)
			continue;
		memset(&msg, 0, sizeof(msg));
		msg.ref = job->ref;
		msg.error = job->error;
		printable(msg.text, sizeof(msg.text), job->text);
		parent_send(IMSG_WATCH_FAILED, &msg, sizeof(msg));
		job_free(job);
	}
}

/* ---- files ---- */

void
job_touch(struct root *root, const char *below)
{
	struct job	*job = root->job;
	uint32_t	 before = root->table.n;

	if (nfiles < ALL_FILES_MAX && ctable_touch(&root->table, below) == 0) {
		nfiles += root->table.n - before;
		return;
	}
	/* Not compared: that something happened to it has to do. */
	job->beyond++;
	(void)strlcpy(job->sample, below, sizeof(job->sample));
}

static int
read_hash(const char *path, struct fact *fact)
{
	char	 buf[16384];
	ssize_t	 n;
	size_t	 left = HASH_MAX + 1;
	int	 fd;

	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
	    O_CLOEXEC);
	if (fd == -1)
		return (-1);
	fact->hash = HASH_BEGIN;
	fact->size = 0;
	while ((n = read(fd, buf, sizeof(buf))) > 0 && (size_t)n <= left) {
		fact->hash = table_hash(fact->hash, buf, (size_t)n);
		fact->size += (uint64_t)n;
		left -= (size_t)n;
	}
	close(fd);
	return (n == 0 ? 0 : -1);
}

/* How it is; so many bytes may be read to know it. */
static void
look(const struct root *root, const char *below, struct fact *fact,
    uint64_t *unread)
{
	struct stat	 st;
	char		 path[PATH_MAX * 2];

	memset(fact, 0, sizeof(*fact));
	(void)snprintf(path, sizeof(path), "%s/%s", root->path, below);
	if (lstat(path, &st) == -1 || S_ISDIR(st.st_mode))
		return;
	fact->kind = S_ISREG(st.st_mode) ? FACT_FILE : FACT_OTHER;
	fact->size = (uint64_t)st.st_size;
	fact->mtime = (uint64_t)st.st_mtim.tv_sec * 1000000000 +
	    (uint64_t)st.st_mtim.tv_nsec;
	fact->ino = st.st_ino;
	if (fact->kind != FACT_FILE || fact->size > HASH_MAX ||
	    fact->size > *unread)
		return;
	*unread -= fact->size;
	if (read_hash(path, fact) == 0)
		fact->hashed = 1;
	else
		fact->size = (uint64_t)st.st_size;
}

/* How many files of it changed, and the name of one. */
static uint32_t
root_look(struct root *root, uint64_t *unread, char *sample, size_t size)
{
	struct centry	*e;
	struct fact	 fact;
	uint32_t	 count = 0, before;
	char		 path[PATH_MAX];

	while ((e = ctable_take(&root->table)) != NULL) {
		(void)strlcpy(path, e->path, sizeof(path));
		look(root, path, &fact, unread);
		before = root->table.n;
		if (ctable_learn(&root->table, e, &fact) && count++ == 0 &&
		    sample[0] == '\0')
			(void)strlcpy(sample, path, size);
		nfiles -= before - root->table.n;
	}
	return (count);
}

/* ---- changes ---- */

void
job_note(struct job *job)
{
	monotime_t	 now = monotime_now();
	uint64_t	 longest, waited, ms = job->delay_ms;
	struct timeval	 tv;

	if (ms < QUIET_MIN_MS)
		ms = QUIET_MIN_MS;
	longest = ms * QUIET_TIMES;
	if (longest < QUIET_MAX_MS)
		longest = QUIET_MAX_MS;
	if (!job->pending) {
		job->pending = 1;
		job->since = now;
	}
	waited = monotime_since(now, job->since);
	if (waited >= longest)
		ms = 0;
	else if (ms > longest - waited)
		ms = longest - waited;
	tv.tv_sec = (time_t)(ms / 1000);
	tv.tv_usec = (suseconds_t)(ms % 1000 * 1000);
	evtimer_add(&job->due, &tv);
}

static void
tell_changed(struct job *job, uint32_t count, const char *sample)
{
	struct watch_changed	 msg;
	size_t			 len = strlen(sample);

	memset(&msg, 0, sizeof(msg));
	msg.ref = job->ref;
	msg.count = count;
	if (len >= sizeof(msg.path))
		sample += len - sizeof(msg.path) + 1;
	printable(msg.path, sizeof(msg.path), sample);
	parent_send(IMSG_WATCH_CHANGED, &msg, sizeof(msg));
}

static void
job_due(int fd, short event, void *arg)
{
	struct job	*job = arg;
	struct root	*root;
	uint64_t	 unread = UINT64_MAX;
	uint32_t	 count = job->beyond;
	char		 sample[PATH_MAX];

	(void)fd;
	(void)event;
	job->pending = 0;
	job->beyond = 0;
	(void)strlcpy(sample, count == 0 ? "" : job->sample, sizeof(sample));
	TAILQ_FOREACH(root, &job->roots, entry) {
		/* What is not there now is not there for the app, either. */
		if (root->top != NULL)
			count += root_look(root, &unread, sample,
			    sizeof(sample));
	}
	if (count > 0)
		tell_changed(job, count, sample);
}

/* ---- roots that go and come ---- */

static void
try_again(struct root *root)
{
	struct timeval	 tv;
	uint64_t	 ms = (uint64_t)TRY_MS << root->tries;

	if (root->tries++ == TRIES_MAX) {
		job_fail(root->job, ENOENT, "%.200s is gone", root->path);
		return;
	}
	tv.tv_sec = (time_t)(ms / 1000);
	tv.tv_usec = (suseconds_t)(ms % 1000 * 1000);
	evtimer_add(&root->again, &tv);
}

void
job_lost(struct root *root)
{
	tree_detach(root);
	ctable_touch_below(&root->table, NULL);
	root->tries = 0;
	if (tree_attach(root) == -1)
		try_again(root);
	else
		job_note(root->job);
}

static void
root_again(int fd, short event, void *arg)
{
	struct root	*root = arg;

	(void)fd;
	(void)event;
	if (root->top == NULL && !root->job->failed) {
		if (tree_attach(root) == -1)
			try_again(root);
		else
			job_note(root->job);
	}
	job_reap();
}

static void
job_rescan(struct job *job)
{
	struct root	*root;

	TAILQ_FOREACH(root, &job->roots, entry)
		if (root->top != NULL && !job->failed)
			job_lost(root);
}

void
job_rescan_all(void)
{
	struct job	*job;

	TAILQ_FOREACH(job, &jobs, entry)
		job_rescan(job);
}

/* ---- what the parent says ---- */

/* A file is watched by its directory, for it is replaced rather than written. */
static int
root_place(struct root *root, const char *path)
{
	struct stat	 st;
	char		*slash;
	size_t		 len;

	if (strlcpy(root->path, path, sizeof(root->path)) >=
	    sizeof(root->path)) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	len = strlen(root->path);
	while (len > 0 && root->path[len - 1] == '/')
		root->path[--len] = '\0';
	if (stat(path, &st) == -1)
		return (-1);
	if (S_ISDIR(st.st_mode))
		return (0);
	if ((slash = strrchr(root->path, '/')) == NULL ||
	    strlcpy(root->only, slash + 1, sizeof(root->only)) >=
	    sizeof(root->only)) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	*slash = '\0';
	return (0);
}

static void
root_new(struct job *job, const char *path)
{
	struct root	*root;

	if ((root = calloc(1, sizeof(*root))) == NULL) {
		job_fail(job, errno, "%s", strerror(errno));
		return;
	}
	root->job = job;
	ctable_init(&root->table, JOB_FILES_MAX);
	evtimer_assign(&root->again, base, root_again, root);
	TAILQ_INSERT_TAIL(&job->roots, root, entry);
	if (root_place(root, path) == -1 || (tree_attach(root) == -1 &&
	    !job->failed))
		job_fail(job, errno, "%.160s: %s", path, strerror(errno));
}

/* What is there now is no change. */
static void
job_learn(struct job *job)
{
	struct root	*root;
	char		 sample[PATH_MAX];

	TAILQ_FOREACH(root, &job->roots, entry)
		(void)root_look(root, &job->unread, sample, sizeof(sample));
	job->beyond = 0;
}

static int
job_strings(struct job *job, struct ibuf *buf, const struct watch_add *msg)
{
	char		*s, *paths[PATHS_MAX];
	uint32_t	 i, n = 0;
	int		 rv = -1;

	for (; n < msg->npaths; n++)
		if ((paths[n] = wire_get_str(buf, PATH_MAX - 1)) == NULL ||
		    *paths[n] != '/') {
			n += paths[n] != NULL;
			goto out;
		}
	for (i = 0; i < msg->nignore; i++) {
		if ((s = wire_get_str(buf, 2 * PATH_MAX + 1100)) == NULL)
			goto out;
		rv = ignore_add(&job->ignore, s);
		free(s);
		if (rv == -1)
			goto out;
	}
	rv = ibuf_size(buf) == 0 ? 0 : -1;
	for (i = 0; rv == 0 && i < n && !job->failed; i++)
		root_new(job, paths[i]);
 out:
	while (n > 0)
		free(paths[--n]);
	return (rv);
}

static void
tell_on(const struct job *job)
{
	struct watch_on	 msg;

	memset(&msg, 0, sizeof(msg));
	msg.ref = job->ref;
	msg.ndirs = job->ndirs;
	parent_send(IMSG_WATCH_ON, &msg, sizeof(msg));
}

int
job_add(struct imsg *imsg)
{
	struct watch_add	 msg;
	struct ibuf		 buf;
	struct job		*job;

	if (imsg_get_ibuf(imsg, &buf) == -1 ||
	    ibuf_get(&buf, &msg, sizeof(msg)) == -1 || msg.npaths == 0 ||
	    msg.npaths > PATHS_MAX || msg.nignore > IGNORES_MAX)
		return (-1);
	if ((job = job_find(msg.ref.app)) != NULL)
		job_free(job);
	if ((job = calloc(1, sizeof(*job))) == NULL)
		fatal("watch");
	job->ref = msg.ref;
	job->delay_ms = msg.delay_ms;
	job->unread = UNREAD_MAX;
	TAILQ_INIT(&job->roots);
	evtimer_assign(&job->due, base, job_due, job);
	TAILQ_INSERT_TAIL(&jobs, job, entry);
	if (job_strings(job, &buf, &msg) == -1) {
		job_free(job);
		return (-1);
	}
	if (!job->failed) {
		job_learn(job);
		tell_on(job);
	}
	job_reap();
	return (0);
}

/* By the number too: an older one is forgotten already. */
static int
get_job(struct imsg *imsg, struct job **job)
{
	struct watch_ref	 ref;

	if (imsg_get_data(imsg, &ref, sizeof(ref)) == -1)
		return (-1);
	if ((*job = job_find(ref.app)) != NULL &&
	    (*job)->ref.serial != ref.serial)
		*job = NULL;
	return (0);
}

int
job_del(struct imsg *imsg)
{
	struct job	*job;

	if (get_job(imsg, &job) == -1)
		return (-1);
	if (job != NULL)
		job_free(job);
	return (0);
}

int
job_again(struct imsg *imsg)
{
	struct job	*job;

	if (get_job(imsg, &job) == -1)
		return (-1);
	if (job != NULL)
		job_rescan(job);
	job_reap();
	return (0);
}

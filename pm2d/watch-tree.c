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
#include <sys/inotify.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "watch-local.h"

/*
 * Directories.  A watch is there before its directory is read, so that
 * nothing comes in between: what is made meanwhile is seen twice.
 */

#define MASK	(IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | \
		IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | \
		IN_EXCL_UNLINK)
#define READ_MAX	65536

/* One directory of one root; those of several jobs may share a watch. */
struct wdir {
	RB_ENTRY(wdir)	 entry;
	TAILQ_ENTRY(wdir) sibling;
	TAILQ_ENTRY(wdir) toscan;
	TAILQ_HEAD(, wdir) children;
	struct root	*root;
	struct wdir	*parent;
	int		 wd;
	int		 queued;
	uint64_t	 number;	/* tells those of one wd apart */
	char		 name[];	/* "" at the top */
};

RB_HEAD(wdirs, wdir);
TAILQ_HEAD(scanlist, wdir);

static int	 wdir_cmp(struct wdir *, struct wdir *);
static void	 got_events(int, short, void *);

RB_PROTOTYPE(wdirs, wdir, entry, wdir_cmp)
RB_GENERATE(wdirs, wdir, entry, wdir_cmp)

static struct wdirs	 all = RB_INITIALIZER(&all);
static struct scanlist	 toscan = TAILQ_HEAD_INITIALIZER(toscan);
static struct event	 readable;
static int		 inotify = -1;
static int		 inotify_errno;
static uint32_t		 ndirs;
static uint64_t		 numbers;

static int
wdir_cmp(struct wdir *a, struct wdir *b)
{
	if (a->wd != b->wd)
		return (a->wd < b->wd ? -1 : 1);
	return (a->number < b->number ? -1 : a->number > b->number);
}

/* The first of this wd whose number is not less. */
static struct wdir *
find(int wd, uint64_t number)
{
	struct wdir	 key, *d;

	key.wd = wd;
	key.number = number;
	d = RB_NFIND(wdirs, &all, &key);
	return (d != NULL && d->wd == wd ? d : NULL);
}

static struct wdir *
child(const struct wdir *d, const char *name)
{
	struct wdir	*c;

	TAILQ_FOREACH(c, &d->children, sibling)
		if (strcmp(c->name, name) == 0)
			return (c);
	return (NULL);
}

/*
 * The path of a name in it: the whole, and where the part below the root
 * begins.  NULL when it is too long.
 */
static char *
path_of(const struct wdir *d, const char *name, char buf[PATH_MAX])
{
	const struct wdir	*p;
	size_t			 at, len, base = strlen(d->root->path);

	len = base;
	for (p = d; p->parent != NULL; p = p->parent)
		len += 1 + strlen(p->name);
	if (*name != '\0')
		len += 1 + strlen(name);
	if (len >= PATH_MAX)
		return (NULL);
	buf[len] = '\0';
	at = len;
	if (*name != '\0') {
		at -= strlen(name);
		memcpy(buf + at, name, strlen(name));
		buf[--at] = '/';
	}
	for (p = d; p->parent != NULL; p = p->parent) {
		at -= strlen(p->name);
		memcpy(buf + at, p->name, strlen(p->name));
		buf[--at] = '/';
	}
	memcpy(buf, d->root->path, base);
	/* The root "/" is "" here. */
	return (buf[base] == '\0' ? buf + base : buf + base + 1);
}

/* ---- they go ---- */

static void
wdir_free(struct wdir *d)
{
	RB_REMOVE(wdirs, &all, d);
	if (d->queued)
		TAILQ_REMOVE(&toscan, d, toscan);
	if (d->parent != NULL)
		TAILQ_REMOVE(&d->parent->children, d, sibling);
	else
		d->root->top = NULL;
	d->root->job->ndirs--;
	ndirs--;
	if (find(d->wd, 0) == NULL)
		(void)inotify_rm_watch(inotify, d->wd);
	free(d);
}

/* With all below, from the leaves on: there may be very many levels. */
static void
wdir_drop(struct wdir *d)
{
	struct wdir	*leaf, *up;

	leaf = d;
	for (;;) {
		while (!TAILQ_EMPTY(&leaf->children))
			leaf = TAILQ_FIRST(&leaf->children);
		if (leaf == d)
			break;
		up = leaf->parent;
		wdir_free(leaf);
		leaf = up;
	}
	wdir_free(d);
}

void
tree_detach(struct root *root)
{
	if (root->top != NULL)
		wdir_drop(root->top);
}

/* ---- they come ---- */

/* A number below /proc/sys, for people. */
static long
sysctl_of(const char *path)
{
	char	 buf[32];
	ssize_t	 n;
	int	 fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return (0);
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	if (n <= 0)
		return (0);
	buf[n] = '\0';
	return (strtol(buf, NULL, 10));
}

static void
fail_watch(struct job *job, int error, const char *path)
{
	if (error == ENOSPC)
		job_fail(job, error, "the limit of watched directories is "
		    "reached (fs.inotify.max_user_watches is %ld): raise it "
		    "with sysctl, or ignore more with ignore_watch",
		    sysctl_of("/proc/sys/fs/inotify/max_user_watches"));
	else if (error == EMFILE)
		job_fail(job, error, "too many watchers of this user "
		    "(fs.inotify.max_user_instances is %ld): raise it with "
		    "sysctl",
		    sysctl_of("/proc/sys/fs/inotify/max_user_instances"));
	else
		job_fail(job, error, "%.120s: %s", path, strerror(error));
}

static int
has_room(struct job *job)
{
	if (job->ndirs >= JOB_DIRS_MAX)
		job_fail(job, EMFILE, "more than %d directories: ignore some "
		    "with ignore_watch, or name those to watch",
		    JOB_DIRS_MAX);
	else if (ndirs >= ALL_DIRS_MAX)
		job_fail(job, EMFILE, "more than %d directories of all apps "
		    "of this user: ignore some with ignore_watch",
		    ALL_DIRS_MAX);
	else
		return (1);
	return (0);
}

static struct wdir *
wdir_new(struct root *root, struct wdir *parent, const char *name, int wd)
{
	struct wdir	*d;
	size_t		 size = strlen(name) + 1;

	if ((d = calloc(1, sizeof(*d) + size)) == NULL)
		return (NULL);
	memcpy(d->name, name, size);
	TAILQ_INIT(&d->children);
	d->root = root;
	d->parent = parent;
	d->wd = wd;
	d->number = ++numbers;
	RB_INSERT(wdirs, &all, d);
	if (parent != NULL)
		TAILQ_INSERT_TAIL(&parent->children, d, sibling);
	else
		root->top = d;
	root->job->ndirs++;
	ndirs++;
	d->queued = 1;
	TAILQ_INSERT_TAIL(&toscan, d, toscan);
	return (d);
}

/* Watch one and queue it to be read.  0, or -1 with errno. */
static int
wdir_add(struct root *root, struct wdir *parent, const char *name,
    const char *path)
{
	struct job	*job = root->job;
	int		 wd;

	if (job->failed || !has_room(job)) {
		errno = EMFILE;
		return (-1);
	}
	if (inotify == -1) {
		errno = inotify_errno;
		return (-1);
	}
	wd = inotify_add_watch(inotify, *path == '\0' ? "/" : path,
	    MASK | (parent == NULL ? 0 : IN_DONT_FOLLOW));
	if (wd == -1)
		return (-1);
	if (wdir_new(root, parent, name, wd) != NULL)
		return (0);
	if (find(wd, 0) == NULL)
		(void)inotify_rm_watch(inotify, wd);
	errno = ENOMEM;
	return (-1);
}

/* One below the top: it may be gone again, or be none of our business. */
static void
wdir_below(struct wdir *parent, const char *name)
{
	char	 path[PATH_MAX];

	if (path_of(parent, name, path) == NULL)
		return;
	if (wdir_add(parent->root, parent, name, path) == -1 &&
	    errno != ENOENT && errno != ENOTDIR && errno != EACCES &&
	    errno != ELOOP && errno != ENAMETOOLONG)
		fail_watch(parent->root->job, errno, path);
}

static int
is_dir(int dirfd, const struct dirent *de)
{
	struct stat	 st;

	if (de->d_type != DT_UNKNOWN)
		return (de->d_type == DT_DIR);
	return (fstatat(dirfd, de->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode));
}

static void
scan_entry(struct wdir *d, int dirfd, const struct dirent *de)
{
	struct root	*root = d->root;
	char		 path[PATH_MAX], *below;

	if (strcmp(de->d_name, ".") == 0 || strcmp(de->d_name, "..") == 0)
		return;
	if (root->only[0] != '\0') {
		if (strcmp(de->d_name, root->only) == 0 && !is_dir(dirfd, de))
			job_touch(root, de->d_name);
		return;
	}
	if ((below = path_of(d, de->d_name, path)) == NULL ||
	    ignore_match(&root->job->ignore, path, below))
		return;
	if (!is_dir(dirfd, de))
		job_touch(root, below);
	else if (child(d, de->d_name) == NULL)
		wdir_below(d, de->d_name);
}

static void
scan(struct wdir *d)
{
	struct dirent	*de;
	DIR		*dir;
	char		 path[PATH_MAX];

	if (path_of(d, "", path) == NULL ||
	    (dir = opendir(*path == '\0' ? "/" : path)) == NULL)
		return;
	while (!d->root->job->failed && (de = readdir(dir)) != NULL)
		scan_entry(d, dirfd(dir), de);
	closedir(dir);
}

static void
scan_all(void)
{
	struct wdir	*d;

	while ((d = TAILQ_FIRST(&toscan)) != NULL) {
		TAILQ_REMOVE(&toscan, d, toscan);
		d->queued = 0;
		if (!d->root->job->failed)
			scan(d);
	}
}

int
tree_attach(struct root *root)
{
	if (wdir_add(root, NULL, "", root->path) == -1) {
		if (!root->job->failed && errno != ENOENT && errno != ENOTDIR)
			fail_watch(root->job, errno, root->path);
		return (-1);
	}
	scan_all();
	return (0);
}

uint32_t
tree_count(void)
{
	return (ndirs);
}

/* ---- what happens in them ---- */

static void
in_directory(struct wdir *d, const struct inotify_event *ev, const char *below)
{
	struct wdir	*known = child(d, ev->name);

	if (known != NULL)
		wdir_drop(known);
	ctable_touch_below(&d->root->table, below);
	if (ev->mask & (IN_CREATE | IN_MOVED_TO)) {
		wdir_below(d, ev->name);
		scan_all();
	}
}

static void
in_name(struct wdir *d, const struct inotify_event *ev)
{
	struct root	*root = d->root;
	char		 path[PATH_MAX], *below;

	if (root->only[0] != '\0') {
		if (strcmp(root->only, ev->name) == 0) {
			job_touch(root, ev->name);
			job_note(root->job);
		}
		return;
	}
	if ((below = path_of(d, ev->name, path)) == NULL ||
	    ignore_match(&root->job->ignore, path, below))
		return;
	if (ev->mask & IN_ISDIR)
		in_directory(d, ev, below);
	else
		job_touch(root, below);
	job_note(root->job);
}

static void
one_event(struct wdir *d, const struct inotify_event *ev)
{
	struct root	*root = d->root;

	if (root->job->failed)
		return;
	if (ev->len > 0)
		in_name(d, ev);
	else if (d->parent == NULL) {
		if (ev->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED |
		    IN_UNMOUNT))
			job_lost(root);
	} else if (ev->mask & IN_IGNORED)
		wdir_drop(d);
}

static void
dispatch(const struct inotify_event *ev)
{
	struct wdir	*d;
	uint64_t	 next = 0, last = numbers;

	if (ev->mask & IN_Q_OVERFLOW) {
		log_warnx("the kernel lost events: everything is looked at");
		job_rescan_all();
		return;
	}
	/* Those that come meanwhile have read their directories after it. */
	while ((d = find(ev->wd, next)) != NULL && d->number <= last) {
		next = d->number + 1;
		one_event(d, ev);
	}
}

static void
got_events(int fd, short what, void *arg)
{
	static union {
		struct inotify_event	 align;
		char			 bytes[READ_MAX];
	} buf;
	const struct inotify_event	*ev;
	ssize_t				 n, at;

	(void)what;
	(void)arg;
	if ((n = read(fd, buf.bytes, sizeof(buf.bytes))) == -1) {
		if (errno != EAGAIN && errno != EINTR)
			fatal("inotify");
		return;
	}
	for (at = 0; at < n; at += (ssize_t)(sizeof(*ev) + ev->len)) {
		ev = (const void *)(buf.bytes + at);
		dispatch(ev);
	}
	job_reap();
}

int
tree_init(struct event_base *base)
{
	inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (inotify == -1) {
		inotify_errno = errno;
		return (-1);
	}
	event_assign(&readable, base, inotify, EV_READ | EV_PERSIST,
	    got_events, NULL);
	return (event_add(&readable, NULL));
}

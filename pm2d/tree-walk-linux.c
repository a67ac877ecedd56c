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

/*
 * Without control groups: we are the subreaper, so that whatever loses its
 * parent becomes our child, and what belongs to an app is found by walking
 * down from its main process and from those orphans that are the app's by
 * their session, by having been seen below it, or by the random tag in
 * their environment and their user.
 */
#include <sys/types.h>
#include <sys/prctl.h>

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "monotime.h"
#include "sample.h"
#include "spawn.h"
#include "sys.h"
#include "tree-local.h"

#define TAG_NAME	"PM2D_TREE="
#define TAG_DIGITS	16
#define ROUNDS_MAX	50
#define ENVIRON_MAX	(4 * 1024 * 1024)

#define LOOKS_WINDOW_MS	50
#define LOOKS_SPENT_MS	5

/* What a look came upon. */
struct found {
	struct tree_procs	 alive;
	struct tree_procs	 dead;		/* by pid alone */
};

struct orphan {
	struct tree_proc	 proc;
	pid_t			 session;
	pid_t			 pgrp;
	uid_t			 uid;
	uint64_t		 tag;		/* 0: none */
};

static int	 walk_make(struct tree *);
static void	 walk_release(struct tree *);
static int	 walk_open(struct tree *, int *);
static int	 walk_controller(const char *);
static void	 walk_note(struct tree *);
static int	 walk_signal_rest(struct tree *, int);
static int	 walk_kill(struct tree *);
static int	 walk_gone(struct tree *);
static int	 walk_memory(struct tree *, uint64_t *);
static int	 walk_watch(struct tree *);
static void	 walk_unwatch(struct tree *);
static void	 walk_exit(void);

static unsigned int walk_pause(void);

static int	 looks_spent(void);
static void	 found_free(struct found *);
static int	 collect(struct tree *, struct found *, int);
static int	 collect_one(struct found *, pid_t, int);
static void	 orphans_load(void);
static int	 orphans_list(const struct tree_procs *, struct tree_procs *);
static void	 orphans_forget(void);
static void	 orphans_age(void);
static int	 orphan_is(const struct tree *, const struct orphan *);
static int	 orphan_read(pid_t, struct orphan *);
static uint64_t	 tag_read(pid_t);
static uint64_t	 tag_find(const char *, size_t);
static int	 uid_read(pid_t, uid_t *);
static int	 proc_open(pid_t, const char *);
static int	 children_task(pid_t, const char *, struct tree_procs *);
static int	 children_scan(pid_t, struct tree_procs *);

static const struct tree_ops walk_ops = {
	walk_make,
	walk_release,
	walk_open,
	walk_controller,
	walk_note,
	walk_signal_rest,
	walk_kill,
	walk_gone,
	walk_memory,
	walk_watch,
	walk_unwatch,
	orphans_forget,
	walk_pause,
	walk_exit
};

/*
 * One look at our orphans serves for all trees of a pass; and for a moment
 * where a missed one does no harm, or stopping all of 4,000 apps would take
 * 4,000 looks at 4,000 children.
 */
#define ORPHANS_AGE_MS	20

static struct orphan	*orphans;
static size_t		 norphans;
static int		 orphans_loaded;
static int		 orphans_unsure;	/* some died while we looked */
static monotime_t	 orphans_when;
static unsigned int	 orphans_cost;		/* ms that it took */

const struct tree_ops *
tree_walk_init(char *about, size_t len)
{
	char why[256];

	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == -1)
		return (NULL);
	(void)strlcpy(why, about, sizeof(why));
	(void)snprintf(about, len, "walking the process table (%s)", why);
	return (&walk_ops);
}

static void
walk_exit(void)
{
	orphans_forget();
}

static int
walk_make(struct tree *t)
{
	int n;

	do {
		t->tag = (uint64_t)arc4random() << 32 | arc4random();
	} while (t->tag == 0);
	n = snprintf(t->env, sizeof(t->env), TAG_NAME "%016llx",
	    (unsigned long long)t->tag);
	if (n < 0 || (size_t)n >= sizeof(t->env)) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	return (0);
}

static void
walk_release(struct tree *t)
{
	tree_procs_free(&t->known);
}

static int
walk_open(struct tree *t, int *fd)
{
	*fd = -1;
	if (t->limits.memory == 0 && t->limits.cpu == 0 &&
	    t->limits.pids == 0)
		return (0);
	errno = EOPNOTSUPP;
	return (-1);
}

static int
walk_controller(const char *name)
{
	(void)name;
	return (EOPNOTSUPP);
}

static int
walk_watch(struct tree *t)
{
	(void)t;
	return (0);
}

static void
walk_unwatch(struct tree *t)
{
	(void)t;
}

static void
walk_note(struct tree *t)
{
	struct found f;

	orphans_age();
	memset(&f, 0, sizeof(f));
	if (collect(t, &f, 0) == -1) {
		found_free(&f);
		return;
	}
	tree_procs_free(&t->known);
	t->known = f.alive;
	tree_procs_free(&f.dead);
}

/*
 * Whoever was listed and is dead when looked at may have left a child to us
 * in between: then it takes another look to be sure.
 */
static int
walk_gone(struct tree *t)
{
	struct found	 f;
	size_t		 before;
	int		 gone, round;

	if (looks_spent())
		return (-1);
	memset(&f, 0, sizeof(f));
	gone = 0;
	for (round = 0; round < ROUNDS_MAX; round++) {
		before = f.dead.n;
		if (collect(t, &f, 0) == -1 || f.alive.n > 0)
			break;
		gone = f.dead.n == before && !orphans_unsure;
		if (gone)
			break;
		orphans_forget();
	}
	found_free(&f);
	return (gone);
}

static int
walk_memory(struct tree *t, uint64_t *bytes)
{
	struct found	 f;
	size_t		 n;

	if (looks_spent()) {
		errno = EAGAIN;
		return (-1);
	}
	memset(&f, 0, sizeof(f));
	(void)collect(t, &f, 0);
	n = tree_procs_memory(&f.alive, bytes);
	found_free(&f);
	errno = ESRCH;
	return (n == 0 ? -1 : 0);
}

static int
walk_signal_rest(struct tree *t, int sig)
{
	size_t	 i;
	int	 n;

	walk_note(t);
	for (n = 0, i = 0; i < t->known.n; i++)
		if (t->known.v[i].pid != t->main &&
		    tree_proc_signal(&t->known.v[i], sig) == 0)
			n++;
	return (n);
}

/*
 * Stop all of it first, or it forks faster than we look; then kill it.  What
 * forked while being stopped is found in the next round, and what lost its
 * parent since our orphans were listed by the watch.
 */
static int
walk_kill(struct tree *t)
{
	struct found	 f;
	size_t		 before, i;
	int		 error, round;

	error = 0;
	memset(&f, 0, sizeof(f));
	orphans_age();
	for (round = 0; round < ROUNDS_MAX; round++) {
		before = f.alive.n + f.dead.n;
		if (collect(t, &f, 1) == -1)
			error = errno;
		if (f.alive.n + f.dead.n == before)
			break;
		/* A lone main process has no children to lose. */
		if (f.alive.n > 1 || f.dead.n > 0 || t->main == 0)
			orphans_forget();
	}
	for (i = 0; i < f.alive.n; i++)
		if (tree_proc_signal(&f.alive.v[i], SIGKILL) == -1 &&
		    errno != ESRCH)
			error = errno;
	tree_procs_free(&t->known);
	t->known = f.alive;
	tree_procs_free(&f.dead);
	errno = error;
	return (error == 0 ? 0 : -1);
}

/* Milliseconds to leave between looks, so that they take a part of it all. */
static unsigned int
walk_pause(void)
{
	return (1 + orphans_cost * 3);
}

/*
 * With thousands of children a look takes milliseconds: in a storm of exits
 * do not look for each of them, the watch does it for all.
 */
static int
looks_spent(void)
{
	static monotime_t	 begin;
	static uint64_t		 spent;

	if (orphans_loaded)
		return (0);
	if (monotime_since(monotime_now(), begin) > LOOKS_WINDOW_MS) {
		begin = monotime_now();
		spent = 0;
	}
	if (spent > LOOKS_SPENT_MS)
		return (1);
	spent += orphans_cost;
	return (0);
}

static void
found_free(struct found *f)
{
	tree_procs_free(&f->alive);
	tree_procs_free(&f->dead);
}

/* All that lives of a tree, stopping each as it is found. 0 or -1. */
static int
collect(struct tree *t, struct found *f, int stop)
{
	struct tree_procs	 children;
	size_t			 i, j;
	int			 ret;

	ret = 0;
	if (t->main != 0) {
		i = f->dead.n;
		if (collect_one(f, t->main, stop) == -1)
			ret = -1;
		/* What it left came to us at the latest now. */
		if (f->dead.n != i)
			orphans_forget();
	}
	orphans_load();
	for (i = 0; i < norphans; i++)
		if (orphan_is(t, &orphans[i]) &&
		    collect_one(f, orphans[i].proc.pid, stop) == -1)
			ret = -1;
	memset(&children, 0, sizeof(children));
	for (i = 0; i < f->alive.n; i++) {
		children.n = 0;
		if (tree_children(f->alive.v[i].pid, &children) == -1)
			ret = -1;
		for (j = 0; j < children.n; j++)
			if (collect_one(f, children.v[j].pid, stop) == -1)
				ret = -1;
	}
	tree_procs_free(&children);
	return (ret);
}

static int
collect_one(struct found *f, pid_t pid, int stop)
{
	struct sample	 s;
	int		 new;

	if (sample_pid(pid, &s) == -1 || s.state == 'Z' || s.state == 'X')
		return (tree_procs_add(&f->dead, pid, 0) == -1 ? -1 : 0);
	new = tree_procs_add(&f->alive, pid, s.starttime);
	if (new == 1 && stop)
		(void)tree_proc_signal(&f->alive.v[f->alive.n - 1], SIGSTOP);
	return (new == -1 ? -1 : 0);
}

int
tree_proc_signal(const struct tree_proc *p, int sig)
{
	struct sample	 s;
	int		 pidfd, ret, saved;

	/* First hold it, then look whether it is the one that is meant. */
	pidfd = sys_pidfd_open(p->pid, 0);
	if (pidfd == -1 && errno != ENOSYS)
		return (-1);
	if (sample_pid(p->pid, &s) == -1 || s.starttime != p->start) {
		errno = ESRCH;
		ret = -1;
	} else
		ret = spawn_signal(p->pid, pidfd, sig);
	saved = errno;
	if (pidfd != -1)
		(void)close(pidfd);
	errno = saved;
	return (ret);
}

static void
orphans_forget(void)
{
	free(orphans);
	orphans = NULL;
	norphans = 0;
	orphans_loaded = 0;
}

static void
orphans_age(void)
{
	if (monotime_since(monotime_now(), orphans_when) > ORPHANS_AGE_MS)
		orphans_forget();
}

/*
 * Our children that nobody made here.  Again when some died while we looked:
 * they had perhaps children, who are ours now.
 */
static void
orphans_load(void)
{
	struct tree_procs	 children, dead;
	monotime_t		 begin;
	size_t			 before;
	int			 dying, round;

	if (orphans_loaded)
		return;
	begin = monotime_now();
	memset(&children, 0, sizeof(children));
	memset(&dead, 0, sizeof(dead));
	orphans_unsure = 1;
	for (round = 0; orphans_unsure && round < ROUNDS_MAX; round++) {
		before = dead.n;
		children.n = 0;
		if (tree_children(getpid(), &children) == -1 ||
		    (dying = orphans_list(&children, &dead)) == -1)
			break;
		orphans_unsure = dead.n != before || dying > 0;
	}
	tree_procs_free(&children);
	tree_procs_free(&dead);
	orphans_loaded = 1;
	orphans_when = monotime_now();
	orphans_cost = (unsigned int)monotime_since(orphans_when, begin);
}

/* How many are neither alive nor dead, or -1. */
static int
orphans_list(const struct tree_procs *children, struct tree_procs *dead)
{
	struct orphan	*v;
	size_t		 i;
	pid_t		 pid;
	int		 dying = 0, ret;

	norphans = 0;
	v = reallocarray(orphans, children->n + 1, sizeof(*v));
	if (v == NULL)
		return (-1);
	orphans = v;
	for (i = 0; i < children->n; i++) {
		pid = children->v[i].pid;
		if (tree_claimed(pid))
			continue;
		if ((ret = orphan_read(pid, &orphans[norphans])) == 0)
			norphans++;
		else if (ret == 1)
			dying++;
		else if (tree_procs_add(dead, pid, 0) == -1)
			return (-1);
	}
	return (dying);
}

/* 0, -1 it is dead, 1 it is dying. */
static int
orphan_read(pid_t pid, struct orphan *o)
{
	struct sample s;

	if (sample_pid(pid, &s) == -1 || s.state == 'Z' || s.state == 'X')
		return (-1);
	if (uid_read(pid, &o->uid) == -1)
		return (-1);
	o->proc.pid = pid;
	o->proc.start = s.starttime;
	o->session = s.session;
	o->pgrp = s.pgrp;
	/*
	 * One that dies under our eyes has no environment any more, and no
	 * 'Z' yet: until it has, its children are not ours.
	 */
	if ((o->tag = tag_read(pid)) != 0)
		return (0);
	if (sample_pid(pid, &s) == -1 || s.state == 'Z' || s.state == 'X')
		return (-1);
	return (s.exiting);
}

/*
 * A session cannot be forged; an environment can, by any process, but only
 * to have itself killed: hence only for processes of the app's user.
 */
static int
orphan_is(const struct tree *t, const struct orphan *o)
{
	size_t i;

	if (t->session != 0 &&
	    (o->session == t->session || o->pgrp == t->session))
		return (1);
	if (o->tag != 0 && o->tag == t->tag && o->uid == t->uid)
		return (1);
	for (i = 0; i < t->known.n; i++)
		if (t->known.v[i].pid == o->proc.pid &&
		    t->known.v[i].start == o->proc.start)
			return (1);
	return (0);
}

static int
proc_open(pid_t pid, const char *file)
{
	char	 path[64];
	int	 n;

	n = snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, file);
	if (n < 0 || (size_t)n >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	return (sys_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0));
}

/* The real uid. */
static int
uid_read(pid_t pid, uid_t *uid)
{
	char		 buf[2048];
	const char	*p;
	ssize_t		 n;
	int		 fd;

	if ((fd = proc_open(pid, "status")) == -1)
		return (-1);
	n = sys_read(fd, buf, sizeof(buf) - 1);
	(void)close(fd);
	if (n <= 0)
		return (-1);
	buf[n] = '\0';
	/* A newline in the name is escaped there, so this is the field. */
	if ((p = strstr(buf, "\nUid:\t")) == NULL)
		return (-1);
	*uid = (uid_t)strtoul(p + 6, NULL, 10);
	return (0);
}

static uint64_t
tag_read(pid_t pid)
{
	static char	 buf[32 * 1024];
	size_t		 have, total;
	ssize_t		 n;
	uint64_t	 tag;
	int		 fd;

	if ((fd = proc_open(pid, "environ")) == -1)
		return (0);
	/* As if a string had ended before the first one. */
	buf[0] = '\0';
	tag = 0;
	for (have = 1, total = 0; total < ENVIRON_MAX; total += (size_t)n) {
		n = sys_read(fd, buf + have, sizeof(buf) - have);
		if (n <= 0)
			break;
		have += (size_t)n;
		if ((tag = tag_find(buf, have)) != 0)
			break;
		/* Keep what may be the beginning of it. */
		if (have > 64) {
			memmove(buf, buf + have - 64, 64);
			have = 64;
		}
	}
	(void)close(fd);
	return (tag);
}

static uint64_t
tag_find(const char *buf, size_t len)
{
	static const char	 name[] = "\0" TAG_NAME;
	char			 digits[TAG_DIGITS + 1];
	const char		*p;

	p = memmem(buf, len, name, sizeof(name) - 1);
	if (p == NULL)
		return (0);
	p += sizeof(name) - 1;
	if ((size_t)(buf + len - p) < TAG_DIGITS)
		return (0);
	memcpy(digits, p, TAG_DIGITS);
	digits[TAG_DIGITS] = '\0';
	return (strtoull(digits, NULL, 16));
}

/* A child belongs to the thread that made it: look at all of them. */
int
tree_children(pid_t pid, struct tree_procs *out)
{
	struct dirent	*de;
	char		 path[64];
	DIR		*dir;
	int		 n, ret;

	n = snprintf(path, sizeof(path), "/proc/%ld/task", (long)pid);
	if (n < 0 || (size_t)n >= sizeof(path))
		return (-1);
	if ((dir = opendir(path)) == NULL)
		return (errno == ENOENT || errno == ESRCH ? 0 : -1);
	ret = 0;
	while ((de = readdir(dir)) != NULL) {
		if (!isdigit((unsigned char)de->d_name[0]))
			continue;
		ret = children_task(pid, de->d_name, out);
		if (ret == 1)
			ret = children_scan(pid, out);
		if (ret == -1)
			break;
	}
	(void)closedir(dir);
	return (ret);
}

/* 0, -1, or 1 when this kernel has no such list. */
static int
children_task(pid_t pid, const char *tid, struct tree_procs *out)
{
	char	 buf[4096], file[64];
	size_t	 i;
	ssize_t	 n;
	long	 child;
	int	 fd, len, ret;

	len = snprintf(file, sizeof(file), "task/%s/children", tid);
	if (len < 0 || (size_t)len >= sizeof(file))
		return (-1);
	if ((fd = proc_open(pid, file)) == -1) {
		if (errno != ENOENT)
			return (errno == ESRCH ? 0 : -1);
		return (kill(pid, 0) == 0 ? 1 : 0);
	}
	ret = 0;
	child = 0;
	while (ret != -1 && (n = sys_read(fd, buf, sizeof(buf))) > 0)
		for (i = 0; i < (size_t)n; i++) {
			if (buf[i] >= '0' && buf[i] <= '9') {
				child = child * 10 + (buf[i] - '0');
				continue;
			}
			if (child > 0 &&
			    tree_procs_push(out, (pid_t)child, 0) == -1)
				ret = -1;
			child = 0;
		}
	(void)close(fd);
	return (ret);
}

static int
children_scan(pid_t pid, struct tree_procs *out)
{
	struct dirent	*de;
	struct sample	 s;
	DIR		*dir;
	pid_t		 child;
	int		 ret;

	if ((dir = opendir("/proc")) == NULL)
		return (-1);
	ret = 0;
	while (ret != -1 && (de = readdir(dir)) != NULL) {
		child = (pid_t)strtol(de->d_name, NULL, 10);
		if (child > 0 && sample_pid(child, &s) == 0 &&
		    s.ppid == pid && tree_procs_push(out, child, 0) == -1)
			ret = -1;
	}
	(void)closedir(dir);
	return (ret);
}

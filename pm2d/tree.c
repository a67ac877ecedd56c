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
#include <sys/queue.h>
#include <sys/tree.h>
#include <sys/wait.h>

#include <errno.h>
#include <event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"
#include "log.h"
#include "sample.h"
#include "sys.h"
#include "tree-local.h"
#include "tree.h"

#define SWEEP_MS	100	/* for orphans, where groups tell the rest */

TAILQ_HEAD(trees, tree);
RB_HEAD(tree_mains, tree);

static int	 main_cmp(struct tree *, struct tree *);
static void	 tree_onlook(int, short, void *);
static void	 tree_onsweep(int, short, void *);
static void	 tree_settle(struct tree *);
static void	 sweep_listed(void);

RB_PROTOTYPE(tree_mains, tree, bymain, main_cmp)

static struct trees		 trees = TAILQ_HEAD_INITIALIZER(trees);
static struct trees		 watched = TAILQ_HEAD_INITIALIZER(watched);
static struct tree_mains	 mains = RB_INITIALIZER(&mains);
static const struct tree_ops	*ops;
static enum tree_mode		 mode;
static char			 about[512];
static tree_isours		*isours;
static void			*isours_arg;
static struct event		*look;
static struct event		*sweep;

int
tree_init(struct event_base *base, enum tree_mode wanted, tree_isours *cb,
    void *arg)
{
	isours = cb;
	isours_arg = arg;
	if ((look = evtimer_new(base, tree_onlook, NULL)) == NULL ||
	    (sweep = evtimer_new(base, tree_onsweep, NULL)) == NULL) {
		tree_exit();
		errno = ENOMEM;
		return (-1);
	}
	mode = TREE_CGROUP;
	if (wanted == TREE_WALK)
		(void)strlcpy(about, "as configured", sizeof(about));
	else
		ops = tree_cgroup_init(base, about, sizeof(about));
	if (ops == NULL) {
		mode = TREE_WALK;
		ops = tree_walk_init(about, sizeof(about));
	}
	if (ops == NULL) {
		tree_exit();
		return (-1);
	}
	return (0);
}

void
tree_exit(void)
{
	struct tree *t;

	while ((t = TAILQ_FIRST(&trees)) != NULL)
		tree_free(t);
	if (ops != NULL)
		ops->exit();
	if (look != NULL)
		event_free(look);
	if (sweep != NULL)
		event_free(sweep);
	look = sweep = NULL;
	ops = NULL;
	mode = TREE_NONE;
}

enum tree_mode
tree_mode(void)
{
	return (mode);
}

const char *
tree_describe(void)
{
	return (about);
}

struct tree *
tree_make(uint32_t id)
{
	struct tree	*t;
	int		 saved;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return (NULL);
	t->id = id;
	t->wd = -1;
	if (ops->make(t) == -1) {
		saved = errno;
		free(t);
		errno = saved;
		return (NULL);
	}
	TAILQ_INSERT_TAIL(&trees, t, entry);
	return (t);
}

void
tree_free(struct tree *t)
{
	tree_unwatch(t);
	if (t->main != 0)
		RB_REMOVE(tree_mains, &mains, t);
	TAILQ_REMOVE(&trees, t, entry);
	ops->release(t);
	free(t);
}

int
tree_open(struct tree *t, int *fd)
{
	*fd = -1;
	return (ops->open(t, fd));
}

int
tree_controller(const char *name)
{
	return (ops->controller(name));
}

void
tree_limit(struct tree *t, const struct tree_limits *tl)
{
	t->limits = *tl;
	if (tl->memory != 0 || tl->cpu != 0 || tl->pids != 0)
		t->limited = 1;
}

const char *
tree_env(const struct tree *t)
{
	return (t->env[0] == '\0' ? NULL : t->env);
}

void
tree_main(struct tree *t, pid_t pid, uid_t uid)
{
	if (t->main != 0)
		RB_REMOVE(tree_mains, &mains, t);
	t->main = 0;
	if (pid == 0) {
		tree_look(t);
		return;
	}
	/* What is left of an earlier run is found by its session only now. */
	if (t->session != 0)
		ops->note(t);
	t->killed = 0;
	t->main = t->session = pid;
	t->uid = uid;
	if (RB_INSERT(tree_mains, &mains, t) != NULL) {
		log_warnx("app %u: pid %ld is another app's", t->id,
		    (long)pid);
		t->main = 0;
	}
}

void
tree_note(struct tree *t)
{
	ops->note(t);
}

int
tree_signal_rest(struct tree *t, int sig)
{
	return (ops->signal_rest(t, sig));
}

int
tree_kill(struct tree *t)
{
	t->killed = 1;
	return (ops->kill(t));
}

int
tree_gone(struct tree *t)
{
	ops->pass();
	return (ops->gone(t) == 1);
}

int
tree_memory(struct tree *t, uint64_t *bytes)
{
	*bytes = 0;
	ops->pass();
	return (ops->memory(t, bytes));
}

int
tree_watch(struct tree *t, tree_cb *cb, void *arg)
{
	tree_unwatch(t);
	if (ops->watch(t) == -1)
		return (-1);
	t->cb = cb;
	t->cbarg = arg;
	TAILQ_INSERT_TAIL(&watched, t, wentry);
	tree_look(t);
	return (0);
}

void
tree_unwatch(struct tree *t)
{
	if (t->cb == NULL)
		return;
	TAILQ_REMOVE(&watched, t, wentry);
	t->cb = NULL;
	t->due = DUE_NOT;
	ops->unwatch(t);
}

/* A moment later, so that a storm of signals costs one look. */
void
tree_look(struct tree *t)
{
	struct timeval	 moment;
	unsigned int	 ms;

	if (t != NULL)
		t->due = t->cb != NULL ? DUE_NOW : DUE_NOT;
	else
		TAILQ_FOREACH(t, &watched, wentry)
			t->due = DUE_NOW;
	if (TAILQ_EMPTY(&watched) || evtimer_pending(look, NULL))
		return;
	ms = ops->pause();
	moment.tv_sec = (time_t)(ms / 1000);
	moment.tv_usec = (suseconds_t)(ms % 1000) * 1000;
	(void)evtimer_add(look, &moment);
}

static void
tree_onlook(int fd, short ev, void *arg)
{
	struct tree	*t;
	size_t		 n;

	(void)fd;
	(void)ev;
	(void)arg;
	ops->pass();
	n = 0;
	TAILQ_FOREACH(t, &watched, wentry)
		n++;
	/* A callback may free any tree: go by the head, and turn the list. */
	for (; n > 0 && (t = TAILQ_FIRST(&watched)) != NULL; n--) {
		TAILQ_REMOVE(&watched, t, wentry);
		TAILQ_INSERT_TAIL(&watched, t, wentry);
		if (t->due == DUE_NOW)
			tree_settle(t);
	}
	TAILQ_FOREACH(t, &watched, wentry)
		if (t->due == DUE_LATER)
			tree_look(t);
}

static void
tree_settle(struct tree *t)
{
	tree_cb	*cb;
	int	 gone;

	t->due = DUE_NOT;
	if (mode == TREE_WALK && t->main != 0)
		return;		/* its end is told by tree_main() */
	gone = ops->gone(t);
	if (gone == -1)
		t->due = DUE_LATER;
	else if (gone == 0 && mode == TREE_WALK && t->killed)
		(void)ops->kill(t);
	if (gone != 1)
		return;
	cb = t->cb;
	tree_unwatch(t);
	cb(t, t->cbarg);
}

void
tree_sigchld(void)
{
	static const struct timeval	 later = { 0, SWEEP_MS * 1000 };

	helper_sigchld();
	if (mode == TREE_WALK) {
		tree_sweep();
		tree_look(NULL);
	} else if (sweep != NULL && !evtimer_pending(sweep, NULL))
		(void)evtimer_add(sweep, &later);
}

/* Nobody waits for these; to look for them costs the more the more live. */
static void
tree_onsweep(int fd, short ev, void *arg)
{
	(void)fd;
	(void)ev;
	(void)arg;
	tree_sweep();
}

/*
 * The kernel shows the oldest zombie first.  When that is somebody's, who
 * will see to it later, the others can only be found through the list.
 */
void
tree_sweep(void)
{
	siginfo_t info;

	for (;;) {
		memset(&info, 0, sizeof(info));
		if (sys_waitid(P_ALL, 0, &info,
		    WEXITED | WNOHANG | WNOWAIT) == -1 || info.si_pid == 0)
			return;
		if (tree_claimed(info.si_pid)) {
			sweep_listed();
			return;
		}
		if (sys_waitid(P_PID, (id_t)info.si_pid, &info,
		    WEXITED | WNOHANG) == -1)
			return;
	}
}

static void
sweep_listed(void)
{
	struct tree_procs	 children;
	siginfo_t		 info;
	size_t			 i;

	memset(&children, 0, sizeof(children));
	(void)tree_children(getpid(), &children);
	for (i = 0; i < children.n; i++)
		if (!tree_claimed(children.v[i].pid))
			(void)sys_waitid(P_PID, (id_t)children.v[i].pid,
			    &info, WEXITED | WNOHANG);
	tree_procs_free(&children);
}

int
tree_claimed(pid_t pid)
{
	struct tree key;

	key.main = pid;
	if (RB_FIND(tree_mains, &mains, &key) != NULL || helper_ispid(pid))
		return (1);
	return (isours != NULL && isours(pid, isours_arg));
}

int
tree_killgroup(pid_t pid)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	if (pid <= 1) {
		errno = ECHILD;
		return (-1);
	}
	if (sys_waitid(P_PID, (id_t)pid, &info,
	    WEXITED | WNOHANG | WNOWAIT) == -1)
		return (-1);
	if (info.si_pid != pid) {
		errno = ECHILD;
		return (-1);
	}
	/* ESRCH: its group was empty or it never made one. */
	if (sys_kill(-pid, SIGKILL) == -1 && errno != ESRCH)
		return (-1);
	return (0);
}

int
tree_procs_add(struct tree_procs *set, pid_t pid, uint64_t start)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		if (set->v[i].pid == pid && set->v[i].start == start)
			return (0);
	return (tree_procs_push(set, pid, start) == -1 ? -1 : 1);
}

int
tree_procs_push(struct tree_procs *set, pid_t pid, uint64_t start)
{
	struct tree_proc	*v;
	size_t			 cap;

	if (set->n == set->cap) {
		cap = set->cap == 0 ? 16 : set->cap * 2;
		v = reallocarray(set->v, cap, sizeof(*v));
		if (v == NULL)
			return (-1);
		set->v = v;
		set->cap = cap;
	}
	set->v[set->n].pid = pid;
	set->v[set->n].start = start;
	set->n++;
	return (0);
}

void
tree_procs_free(struct tree_procs *set)
{
	free(set->v);
	memset(set, 0, sizeof(*set));
}

size_t
tree_procs_memory(const struct tree_procs *set, uint64_t *bytes)
{
	struct sample	 s;
	size_t		 i, n;

	for (n = i = 0; i < set->n; i++) {
		if (sample_pid(set->v[i].pid, &s) == -1 ||
		    s.starttime != set->v[i].start)
			continue;
		*bytes += s.rss_bytes;
		n++;
	}
	return (n);
}

static int
main_cmp(struct tree *a, struct tree *b)
{
	return (a->main < b->main ? -1 : a->main > b->main);
}

RB_GENERATE(tree_mains, tree, bymain, main_cmp)

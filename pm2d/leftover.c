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
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "life.h"
#include "log.h"
#include "sample.h"
#include "sys.h"

/*
 * Processes of apps that outlived the pm2d that started them.  They have lost
 * their log pipes, and their exit status would go elsewhere: they are ended.
 */

#define LEFTOVERS_MAX	16	/* of an app: the last ones */
#define ASK_MS		1000	/* after the signal; all of them together */
#define KILL_MS		1000
#define CLOCK_SLACK_MS	60000	/* the wall clock may have been set */

struct leftover {
	pid_t		 pid;		/* 0: none */
	int		 pidfd;
	uint64_t	 start;		/* clock ticks, /proc/PID/stat */
};

static int	 is_left(const struct app *, pid_t, uint64_t);
static int	 hold(const struct app *, pid_t, uint64_t);
static void	 signal_group(const struct app *, pid_t, int);
static void	 ask(struct app *, struct leftover *);
static void	 wait_for(struct leftover *, monotime_t);
static void	 lose(struct app *, struct leftover *, monotime_t);

/*
 * Is this the process that the state file speaks of?  Its number and the time
 * of its start since the boot could be those of a process of another boot;
 * then the app's start was before this boot.
 */
static int
is_left(const struct app *app, pid_t pid, uint64_t start)
{
	struct timespec	 up;
	struct sample	 s;
	uint64_t	 boot_ms;

	if (sample_pid(pid, &s) == -1 || s.state == 'Z' ||
	    s.starttime != start || s.session != pid ||
	    clock_gettime(CLOCK_BOOTTIME, &up) == -1)
		return (0);
	boot_ms = walltime_ms() - (uint64_t)up.tv_sec * 1000;
	return (app->run->started_ms + CLOCK_SLACK_MS >= boot_ms);
}

/* A pidfd, or -1: it is gone. */
static int
hold(const struct app *app, pid_t pid, uint64_t start)
{
	int	 pidfd;

	if (pid <= 1 || start == 0 || (pidfd = sys_pidfd_open(pid, 0)) == -1)
		return (-1);
	/* Held now: is it still the one that was looked at before? */
	if (is_left(app, pid, start))
		return (pidfd);
	close(pidfd);
	return (-1);
}

static void
signal_group(const struct app *app, pid_t pid, int sig)
{
	if (kill(-pid, sig) == -1 && errno != ESRCH)
		log_warn("%s (%u): left over group %d", app->name, app->id,
		    pid);
}

/* The main process of an earlier pm2d leads a group we cannot name else. */
void
leftover_signal(const struct run *run, int sig)
{
	signal_group(run->app, run->pid, sig);
}

/* It is asked to end as in any restart, and a successor follows. */
int
leftover_adopt(struct app *app)
{
	struct run	*run = app->run;
	pid_t		 pid = app->leftpid;
	int		 pidfd, wanted = run->m.wanted;

	if ((pidfd = hold(app, pid, app->leftstart)) == -1)
		return (-1);
	log_warnx("%s (%u): pid %d is left over; ending it first", app->name,
	    app->id, pid);
	life_request(app, EV_START, 1);
	life_unqueue(run);
	run->adopted = 1;
	run->pidfd = pidfd;
	run->started = monotime_now();
	run_setpid(run, pid);
	tree_main(run->tree, pid, app->env->conf != NULL ? app->owner :
	    app->env->uid);
	ended_watch(run);
	supervise_executed(run);
	/* A job that was interrupted waits for its next time. */
	life_request(app, !wanted ? EV_STOP : appspec_job(app->spec) ?
	    EV_SHUTDOWN : EV_RESTART, 1);
	leftover_signal(run, (int)app->spec->spec.num[SPEC_KILL_SIGNAL]);
	return (0);
}

/* ---- those beside the main one ---- */

void
leftover_add(struct app *app, pid_t pid, uint64_t start)
{
	struct leftover	*l = app->lefts;
	size_t		 i;

	if (l == NULL && (l = app->lefts = calloc(LEFTOVERS_MAX,
	    sizeof(*l))) == NULL)
		return;
	for (i = 0; i < LEFTOVERS_MAX; i++)
		if (l[i].pid == pid && l[i].start == start)
			return;
	memmove(&l[1], &l[0], (LEFTOVERS_MAX - 1) * sizeof(*l));
	l[0].pid = pid;
	l[0].pidfd = -1;
	l[0].start = start;
}

static void
ask(struct app *app, struct leftover *l)
{
	if (l->pid == 0 || l->pid == app->leftpid ||
	    (l->pidfd = hold(app, l->pid, l->start)) == -1) {
		l->pid = 0;
		return;
	}
	log_warnx("%s (%u): pid %d is left over, of a reload; ending it",
	    app->name, app->id, l->pid);
	signal_group(app, l->pid,
	    (int)app->spec->spec.num[SPEC_KILL_SIGNAL]);
}

static void
wait_for(struct leftover *l, monotime_t end)
{
	struct pollfd	 pfd = { .fd = l->pidfd, .events = POLLIN };
	int		 n;

	do {
		n = poll(&pfd, 1, (int)monotime_since(end, monotime_now()));
	} while (n == -1 && errno == EINTR);
	if (n == 1) {
		close(l->pidfd);
		l->pid = 0;
	}
}

/* It had its time. */
static void
lose(struct app *app, struct leftover *l, monotime_t end)
{
	signal_group(app, l->pid, SIGKILL);
	wait_for(l, end);
	if (l->pid == 0)
		return;
	log_warnx("%s (%u): pid %d cannot be killed", app->name, app->id,
	    l->pid);
	close(l->pidfd);
}

/* All are asked before one is waited for. */
void
leftover_end(struct pm2d *env)
{
	struct app	*app;
	monotime_t	 end;
	int		 i;

	RB_FOREACH(app, apptree, &env->apps)
		for (i = 0; app->lefts != NULL && i < LEFTOVERS_MAX; i++)
			ask(app, &app->lefts[i]);
	end = monotime_add(monotime_now(), ASK_MS);
	RB_FOREACH(app, apptree, &env->apps)
		for (i = 0; app->lefts != NULL && i < LEFTOVERS_MAX; i++)
			if (app->lefts[i].pid != 0)
				wait_for(&app->lefts[i], end);
	end = monotime_add(monotime_now(), KILL_MS);
	RB_FOREACH(app, apptree, &env->apps) {
		for (i = 0; app->lefts != NULL && i < LEFTOVERS_MAX; i++)
			if (app->lefts[i].pid != 0)
				lose(app, &app->lefts[i], end);
		free(app->lefts);
		app->lefts = NULL;
	}
}

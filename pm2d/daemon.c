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
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "daemon.h"
#include "home.h"
#include "log.h"
#include "places.h"
#include "proc.h"
#include "spawn.h"

#define RESTART_MIN_MS	100
#define RESTART_MAX_MS	10000	/* backoff between starts that fail */
#define QUICK_MAX	5	/* in a row that end at once: then wait */
#define STEADY_MS	1000	/* lived this long: start at once next time */

static void	 daemon_again(int, short, void *);
static void	 daemon_exited(int, short, void *);
static void	 daemon_later(struct daemon *);
static int	 daemon_wait(const struct daemon *, uint64_t);

void
daemon_init(struct daemon *d, struct pm2d *env,
    const struct daemon_kind *kind, void *arg)
{
	memset(d, 0, sizeof(*d));
	d->kind = kind;
	d->arg = arg;
	d->env = env;
	d->pidfd = -1;
	evtimer_assign(&d->again, env->base, daemon_again, d);
	if (env->uid != 0 || kind->user == NULL)
		return;
	d->unprivileged = logd_hasuser(kind->user);
	if (!d->unprivileged)
		log_warnx("no user %s: the %s runs as root; make install "
		    "creates the user", kind->user, kind->title);
}

/* The arguments of a program; strings of ours, which it only reads. */
struct args {
	char	 path[PATH_MAX];
	char	 option[8];
	char	 dir[PATH_MAX];
	char	 minus_p[4];
	char	 pids[PATH_MAX];
	char	 minus_u[4];
	char	 user[64];
	char	*argv[8];
};

static void
make_args(const struct daemon *d, struct args *a)
{
	const struct daemon_kind	*k = d->kind;
	int				 n = 0;

	memset(a->argv, 0, sizeof(a->argv));
	strlcpy(a->path, k->path, sizeof(a->path));
	strlcpy(a->option, k->option, sizeof(a->option));
	strlcpy(a->minus_u, "-u", sizeof(a->minus_u));
	strlcpy(a->user, k->user, sizeof(a->user));
	a->argv[n++] = a->path;
	a->argv[n++] = a->option;
	a->argv[n++] = a->dir;
	/* Whoever set the home has left room behind it. */
	if (k->dir != NULL)
		(void)home_file(a->dir, sizeof(a->dir), d->env->home, k->dir);
	else if (d->env->places == NULL)
		strlcpy(a->dir, d->env->home, sizeof(a->dir));
	else {
		strlcpy(a->option, "-l", sizeof(a->option));
		(void)places_dir(d->env, PLACE_LOGS, a->dir, sizeof(a->dir));
		strlcpy(a->minus_p, "-p", sizeof(a->minus_p));
		(void)places_dir(d->env, PLACE_PIDS, a->pids,
		    sizeof(a->pids));
		a->argv[n++] = a->minus_p;
		a->argv[n++] = a->pids;
	}
	if (d->unprivileged) {
		a->argv[n++] = a->minus_u;
		a->argv[n++] = a->user;
	}
}

void
daemon_start(struct daemon *d)
{
	struct args		 a;
	struct proc_child	 child = { d->kind->name, d->kind->path,
				    d->argv };
	int			 s;

	if (d->argv == NULL) {
		make_args(d, &a);
		child.argv = a.argv;
	}
	d->since = monotime_now();
	if ((s = proc_start(&child, &d->pid, &d->pidfd)) == -1) {
		log_warn("%s: %s", d->kind->title, d->kind->path);
		d->pid = 0;
		daemon_later(d);
		return;
	}
	event_assign(&d->pidev, d->env->base, d->pidfd, EV_READ | EV_PERSIST,
	    daemon_exited, d);
	event_add(&d->pidev, NULL);
	d->kind->begun(d->arg, s);
}

static void
daemon_again(int fd, short event, void *arg)
{
	(void)fd;
	(void)event;
	daemon_start(arg);
}

/*
 * A few that end soon after one another may have been killed, and apps wait
 * for the next one; many in a row have something wrong with them.
 */
static void
daemon_later(struct daemon *d)
{
	struct timeval	 tv;

	if (monotime_since(monotime_now(), d->since) >= STEADY_MS)
		d->quick = d->backoff = 0;
	else if (++d->quick > QUICK_MAX)
		d->backoff = d->backoff == 0 ? RESTART_MIN_MS :
		    d->backoff * 2;
	if (d->backoff > RESTART_MAX_MS)
		d->backoff = RESTART_MAX_MS;
	tv.tv_sec = d->backoff / 1000;
	tv.tv_usec = d->backoff % 1000 * 1000;
	evtimer_add(&d->again, &tv);
}

void
daemon_ready(struct daemon *d, const char sandbox[DAEMON_SANDBOX_MAX])
{
	char	*p;

	memcpy(d->sandbox, sandbox, sizeof(d->sandbox));
	d->sandbox[sizeof(d->sandbox) - 1] = '\0';
	/* It may have been taken over, and this is shown to root. */
	for (p = d->sandbox; *p != '\0'; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
	d->ready = 1;
	log_info("%s: pid %d ready (%s)", d->kind->title, d->pid, d->sandbox);
}

void
daemon_kill(struct daemon *d)
{
	d->ready = 0;
	if (d->pid > 0 && !d->going)
		spawn_signal(d->pid, d->pidfd, SIGKILL);
}

static void
daemon_exited(int fd, short event, void *arg)
{
	struct daemon	*d = arg;
	siginfo_t	 si;
	int		 last = d->going;

	(void)fd;
	(void)event;
	if (spawn_reap(d->pid, d->pidfd, &si) != 1)
		return;
	if (!last)
		log_warnx("%s: pid %d %s %d", d->kind->title, d->pid,
		    si.si_code == CLD_EXITED ? "exited with" :
		    "was ended by signal", si.si_status);
	event_del(&d->pidev);
	if (d->pidfd != -1)
		close(d->pidfd);
	d->pidfd = -1;
	d->pid = 0;
	d->ready = 0;
	d->crashes++;
	d->kind->ended(d->arg);
	if (!last)
		daemon_later(d);
}

void
daemon_sigchld(struct daemon *d)
{
	if (d->pid != 0 && d->pidfd == -1)
		daemon_exited(-1, EV_SIGNAL, d);
}

/* 1: it ended within so many milliseconds. */
static int
daemon_wait(const struct daemon *d, uint64_t ms)
{
	struct pollfd	 pfd = { .fd = d->pidfd, .events = POLLIN };
	monotime_t	 begin = monotime_now();
	uint64_t	 gone;
	int		 n;

	do {
		gone = monotime_since(monotime_now(), begin);
		n = poll(&pfd, 1, gone < ms ? (int)(ms - gone) : 0);
	} while (n == -1 && errno == EINTR);
	return (n == 1);
}

void
daemon_end(struct daemon *d, uint64_t ms)
{
	siginfo_t	 si;

	event_del(&d->again);
	if (d->pid == 0)
		return;
	event_del(&d->pidev);
	if (!daemon_wait(d, ms)) {
		log_warnx("%s: does not end", d->kind->title);
		spawn_signal(d->pid, d->pidfd, SIGKILL);
		daemon_wait(d, ms);
	}
	spawn_reap(d->pid, d->pidfd, &si);
	if (d->pidfd != -1)
		close(d->pidfd);
	d->pidfd = -1;
	d->pid = 0;
}

const char *
daemon_status(const struct daemon *d)
{
	return (d->ready ? d->sandbox : NULL);
}

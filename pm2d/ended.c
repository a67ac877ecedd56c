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
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine.h"
#include "life.h"
#include "listen.h"
#include "log.h"
#include "spawn.h"
#include "units.h"

/*
 * How runs end: what is seen of it, what is made of it, and how it is told.
 */

#define DRAIN_MS	1000	/* longest that a report waits for output */

static void	 main_ended(int, short, void *);

static void
finish_exit(struct run *run, struct ctl_exit *x, struct machine_event *ev)
{
	struct app	*app = run->app;

	if (run->role == RUN_SUCCESSOR)
		x->verdict = VERDICT_REFUSED;
	else if (run->role == RUN_LEAVING)
		x->verdict = VERDICT_REPLACED;
	else
		x->verdict = ev->verdict;
	x->delay_ms = ev->delay_ms;
	x->when_ms = walltime_ms();
	/* One that never ran has no number: it belongs to the last run. */
	x->generation = run->generation != 0 ? run->generation :
	    app->generation;
	if (logd_drain(app->env->logd, run) == 0) {
		report_hold(app);
		if (!evtimer_pending(&app->env->drain_timer, NULL)) {
			struct timeval tv = { DRAIN_MS / 1000, 0 };

			evtimer_add(&app->env->drain_timer, &tv);
		}
	}
	report_exit(app, x);
}

/* "20ms", "1.5s", "8s" */
void
ended_duration(uint64_t ms, char *buf, size_t len)
{
	if (ms < 1000)
		snprintf(buf, len, "%" PRIu64 "ms", ms);
	else if (ms % 1000 < 100)
		snprintf(buf, len, "%" PRIu64 "s", ms / 1000);
	else
		snprintf(buf, len, "%" PRIu64 ".%" PRIu64 "s", ms / 1000,
		    ms % 1000 / 100);
}

void
ended_words(const struct ctl_exit *x, char *buf, size_t len)
{
	char	 ran[32];

	ended_duration(x->ran_ms, ran, sizeof(ran));
	if (x->reason == EXIT_START_FAILED)
		snprintf(buf, len, "could not be started: %s: %s",
		    stage_name(x->stage), stage_strerror(x->stage, x->error));
	else if (x->signal != 0)
		snprintf(buf, len, "was ended by %s after %s",
		    units_signame(x->signal), ran);
	else
		snprintf(buf, len, "exited with %d after %s", x->code, ran);
}

/* What comes after an exit, for pm2.log. */
static const char *
log_verdict(const struct run *run, const struct ctl_exit *x)
{
	static const char *const verdicts[] = { "starting again",
	    "starting again later", "not starting again",
	    "too many unstable restarts, giving up", "it has not taken over",
	    "another took over" };

	/* One that somebody asked for is not tried a second time. */
	if ((x->reason == EXIT_START_FAILED || run->m.request) &&
	    x->verdict == VERDICT_ERRORED)
		return ("giving up");
	return (verdicts[x->verdict]);
}

/* Why it was ended, as far as that was our doing. */
static const char *
log_reason(const struct ctl_exit *x)
{
	switch (x->reason) {
	case EXIT_NOT_READY:
		return (" (it was not ready in time)");
	case EXIT_PROTOCOL:
		return (" (it broke the protocol of its channel)");
	case EXIT_WATCHDOG:
		return (" (its watchdog was due)");
	case EXIT_CRON:
		return (" (by its cron_restart)");
	case EXIT_MEMORY:
		return (" (more than max_memory_restart)");
	case EXIT_CHANGED:
		return (" (files that are watched changed)");
	case EXIT_UNHEALTHY:
		return (" (its health check failed)");
	default:
		return ("");
	}
}

static void
log_exit(const struct run *run, const struct ctl_exit *x)
{
	const struct app	*app = run->app;
	const char		*verdict = log_verdict(run, x);

	if (x->reason == EXIT_START_FAILED && run->why != NULL)
		log_warnx("%s (%u): %s; %s", app->name, app->id, run->why,
		    verdict);
	else if (x->reason == EXIT_START_FAILED)
		log_warnx("%s (%u): %s: %s; %s", app->name, app->id,
		    stage_name(x->stage),
		    stage_strerror(x->stage, x->error), verdict);
	else if (x->reason == EXIT_DAEMON)
		log_info("%s (%u): pid %u ended; %s", app->name, app->id,
		    x->pid, verdict);
	else if (x->signal != 0)
		log_info("%s (%u): pid %u ended by %s after %" PRIu64
		    " ms%s; %s", app->name, app->id, x->pid,
		    units_signame(x->signal), x->ran_ms, log_reason(x),
		    verdict);
	else
		log_info("%s (%u): pid %u exited with %d after %" PRIu64
		    " ms%s; %s", app->name, app->id, x->pid, x->code,
		    x->ran_ms, log_reason(x), verdict);
	ownlog_check(app->env);
}

/* What is to be done about an exit that nobody asked for. */
static void
decide(struct run *run, const struct ctl_exit *x, struct machine_event *ev)
{
	struct app		*app = run->app;
	struct restart_policy	 policy;
	struct restart_exit	 rx;

	ev->stay = appspec_job(run->spec);
	if (run->role != RUN_MAIN) {
		ev->verdict = VERDICT_STOPPED;
		return;
	}
	if (run->m.state == APP_STOPPING) {
		ev->verdict = run->m.after == AFTER_START ? VERDICT_RESTART :
		    VERDICT_STOPPED;
		return;
	}
	/* Who waits for its start is told, and decides. */
	if ((x->reason == EXIT_START_FAILED ||
	    run->m.state == APP_LAUNCHING) && run->m.request) {
		ev->verdict = VERDICT_ERRORED;
		return;
	}
	restart_policy(&policy, &run->spec->spec);
	rx.code = x->code;
	rx.signal = x->signal;
	rx.ran_ms = x->ran_ms;
	if (x->reason == EXIT_NOT_READY) {	/* it never ran, as it were */
		rx.code = -1;
		rx.signal = 0;
		rx.ran_ms = 0;
	}
	ev->verdict = restart_decide(&policy, &app->restart, &rx,
	    monotime_now(), &ev->delay_ms);
}

/* Want of memory or descriptors is ours, not the app's: it is tried again. */
static int
is_noroom(enum stage stage, int error)
{
	return (stage != STAGE_EXEC && stage != STAGE_SCRIPT &&
	    (error == EAGAIN || error == EMFILE || error == ENFILE ||
	    error == ENOMEM || error == ETIMEDOUT));
}

void
supervise_launchfailed(struct run *run, enum stage stage, int error)
{
	struct app		*app = run->app;
	struct machine_event	 ev;
	struct ctl_exit		 none, *x;

	if ((x = app_addexit(app)) == NULL)
		x = memset(&none, 0, sizeof(none));
	run->stage = stage;
	run->error = error;
	x->reason = EXIT_START_FAILED;
	x->stage = stage;
	x->error = error;
	x->code = -1;
	memset(&ev, 0, sizeof(ev));
	ev.ev = EV_EXEC_FAILED;
	runlife_end(run);
	if (run->role == RUN_MAIN && !run->m.request &&
	    run->m.state != APP_STOPPING && is_noroom(stage, error)) {
		ev.verdict = VERDICT_DELAYED;
		ev.delay_ms = NOROOM_MS;
	} else
		decide(run, x, &ev);
	finish_exit(run, x, &ev);
	log_exit(run, x);
	successor_exit(run, x);
	life_step(run, &ev);
}

/* Why did it end, if it ran? */
static enum exit_reason
exit_reason(const struct run *run, const struct ctl_exit *x)
{
	if (run->stage == STAGE_READY)
		return (EXIT_NOT_READY);
	if (run->stage != STAGE_NONE)
		return (EXIT_START_FAILED);
	if (run->m.state != APP_STOPPING)
		return (run->doom);
	if (run->renewed != EXIT_BY_ITSELF)
		return (run->renewed);
	if (x->signal == SIGKILL && run->m.kills > 0)
		return (EXIT_KILLED);
	return (run->role == RUN_LEAVING ? EXIT_REPLACED : EXIT_STOPPED);
}

static void
fill_exit(struct run *run, const siginfo_t *si, struct ctl_exit *x)
{
	x->pid = run->pid;
	x->ran_ms = monotime_since(monotime_now(), run->started);
	x->code = -1;
	if (si == NULL) {
		x->reason = EXIT_DAEMON;
		return;
	}
	if (si->si_code == CLD_EXITED)
		x->code = si->si_status;
	else {
		x->signal = si->si_status;
		x->core = si->si_code == CLD_DUMPED;
	}
	x->reason = exit_reason(run, x);
	x->stage = run->stage;
	x->error = run->error;
}

void
ended_unwatch(struct run *run)
{
	event_del(&run->pidev);
	if (run->pidfd != -1)
		close(run->pidfd);
	else
		run->app->env->nunwatched--;
	run->pidfd = -1;
}

/*
 * The main process is a zombie.  What it leaves in its process group goes
 * while the zombie still keeps the number, unless the app is being stopped:
 * then the rest gets the signal and the time that are its due.
 */
static void
main_ended(int fd, short event, void *arg)
{
	struct run		*run = arg;
	struct app		*app = run->app;
	struct ctl_exit		 none, *x;
	struct machine_event	 ev;
	siginfo_t		 si;
	int			 r, taken;

	(void)fd;
	(void)event;
	if (run->m.state != APP_STOPPING && !run->adopted &&
	    tree_killgroup(run->pid) == -1 && errno != ESRCH)
		log_debug("%s (%u): process group: %s", app->name, app->id,
		    strerror(errno));
	r = spawn_reap(run->pid, run->pidfd, &si);
	if (r == 0 || (r == -1 && errno != ECHILD))
		return;
	ended_unwatch(run);
	launch_never_ran(run);
	taken = successor_takes(run);
	if ((x = app_addexit(app)) == NULL)
		x = memset(&none, 0, sizeof(none));
	fill_exit(run, r == 1 ? &si : NULL, x);
	run->adopted = 0;
	tree_main(run->tree, 0, app->ids == NULL ? app->env->uid :
	    app->ids->ids.uid);
	run_setpid(run, 0);
	listen_ended(run);
	runlife_end(run);
	if (run->role == RUN_MAIN)
		logd_pidfile(app->env->logd, app);
	memset(&ev, 0, sizeof(ev));
	ev.ev = x->reason == EXIT_START_FAILED ? EV_EXEC_FAILED : EV_EXITED;
	decide(run, x, &ev);
	ev.gone = tree_gone(run->tree);
	finish_exit(run, x, &ev);
	log_exit(run, x);
	if (!taken)
		successor_exit(run, x);
	if (ev.ev == EV_EXITED && !ev.gone &&
	    tree_watch(run->tree, life_empty, run) == -1)
		log_warn("%s (%u): what it left", app->name, app->id);
	life_step(run, &ev);
}

/* Where there is no pidfd, SIGCHLD makes us look. */
void
ended_watch(struct run *run)
{
	struct pm2d	*env = run->app->env;

	if (run->pidfd == -1)
		env->nunwatched++;
	event_assign(&run->pidev, env->base, run->pidfd,
	    EV_READ | EV_PERSIST, main_ended, run);
	event_add(&run->pidev, NULL);
}


void
ended_look(struct pm2d *env)
{
	struct run	*run, *next;

	RB_FOREACH_SAFE(run, pidtree, &env->pids, next)
		if (run->pidfd == -1)
			main_ended(-1, EV_SIGNAL, run);
}

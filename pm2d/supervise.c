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
#include <time.h>
#include <unistd.h>

#include "engine.h"
#include "log.h"
#include "parent.h"
#include "sample.h"
#include "spawn.h"
#include "sys.h"
#include "units.h"

/*
 * The life of an app: what machine.c decides is done here, and what happens
 * to processes is told to it.
 */

#define DRAIN_MS	1000	/* longest that a report waits for output */
#define STARTS_TURN	32	/* starts per turn of the loop */
#define NOROOM_MS	1000	/* no process to be had: try again after */
#define CLOCK_SLACK_MS	60000	/* the wall clock may have been set */

static void	 step(struct run *, struct machine_event *);
static void	 run_starts(int, short, void *);
static void	 watch_main(struct run *);
static void	 main_ended(int, short, void *);

/* ---- starts, in turn and paced ---- */

static void
arm_starts(struct pm2d *env, uint64_t ms)
{
	struct timeval	 tv;

	/* Also without delay by the timer, so that others get their turn. */
	tv.tv_sec = ms / 1000;
	tv.tv_usec = ms % 1000 * 1000;
	evtimer_add(&env->start_timer, &tv);
}

static void
queue_start(struct run *run)
{
	struct pm2d	*env = run->app->env;

	if (run->queued)
		return;
	run->queued = 1;
	run->attended = run->m.request;
	TAILQ_INSERT_TAIL(run->attended ? &env->wishes : &env->starts, run,
	    start_entry);
	arm_starts(env, 0);
}

static int
unqueue_start(struct run *run)
{
	struct pm2d	*env = run->app->env;

	if (!run->queued)
		return (0);
	run->queued = 0;
	TAILQ_REMOVE(run->attended ? &env->wishes : &env->starts, run,
	    start_entry);
	return (1);
}

/*
 * Restarts of a storm come at the pace of the bucket; what a person asked
 * for comes first and at once.
 */
static void
run_starts(int fd, short event, void *arg)
{
	struct pm2d	*env = arg;
	struct run	*run;
	uint64_t	 ms;
	int		 i;

	(void)fd;
	(void)event;
	for (i = 0; i < STARTS_TURN; i++) {
		if ((run = TAILQ_FIRST(&env->wishes)) == NULL &&
		    (run = TAILQ_FIRST(&env->starts)) == NULL)
			return;
		if (!run->attended &&
		    (ms = pace_take(&env->pace, monotime_now())) > 0) {
			arm_starts(env, ms);
			return;
		}
		unqueue_start(run);
		launch(run);
	}
	if (!TAILQ_EMPTY(&env->wishes) || !TAILQ_EMPTY(&env->starts))
		arm_starts(env, 0);
}

/* ---- what the machine wants done ---- */

static int
kill_signal(const struct run *run)
{
	return (run->app->spec->spec.num[SPEC_KILL_SIGNAL]);
}

/* The main process of an earlier pm2d leads a group we cannot name else. */
static void
signal_adopted(struct run *run, int sig)
{
	if (kill(-run->pid, sig) == -1 && errno != ESRCH)
		log_warn("%s (%u): left over group %d", run->app->name,
		    run->app->id, run->pid);
}

int
supervise_signal(struct run *run, int sig)
{
	if (run->pid == 0) {
		errno = ESRCH;
		return (-1);
	}
	return (spawn_signal(run->pid, run->pidfd, sig));
}

static void
signal_main(struct run *run)
{
	tree_note(run->tree);
	if (supervise_signal(run, kill_signal(run)) == -1 && errno != ESRCH)
		log_warn("%s (%u): %s", run->app->name, run->app->id,
		    units_signame(kill_signal(run)));
}

static void
kill_all(struct run *run)
{
	if (run->adopted && run->pid != 0)
		signal_adopted(run, SIGKILL);
	if (run->pid != 0)
		supervise_signal(run, SIGKILL);
	if (tree_kill(run->tree) == -1)
		log_warn("%s (%u): killing", run->app->name, run->app->id);
}

static void
arm(struct run *run, uint64_t ms)
{
	struct timeval	 tv;

	tv.tv_sec = ms / 1000;
	tv.tv_usec = ms % 1000 * 1000;
	evtimer_add(&run->timer, &tv);
	run->next = monotime_add(monotime_now(), ms);
}

static void
done_fail(struct app *app)
{
	struct run	*run = app->run;
	char		 text[128] = "";

	if (run->m.kills >= MACHINE_KILLS)
		snprintf(text, sizeof(text), "cannot be killed, pid %d: it "
		    "hangs in the kernel", run->pid);
	report_done(app, CTL_FAILED, text);
}

/* Of the actions, those on people who asked before, or ask in vain. */
static void
act_requests(struct app *app, unsigned int acts)
{
	struct waiter	*asking = app->asking;

	app->asking = NULL;
	if (acts & ACT_OVERTAKEN)
		report_overtaken(app, asking);
	if (acts & ACT_BUSY && asking != NULL)
		report_refused(app, asking);
}

/* Those that act on processes. */
static void
act_processes(struct run *run, unsigned int acts)
{
	if (acts & ACT_SIGNAL_MAIN)
		signal_main(run);
	if (acts & ACT_SIGNAL_REST)
		tree_signal_rest(run->tree, kill_signal(run));
	if (acts & ACT_KILL_ALL)
		kill_all(run);
	if (acts & ACT_TIMER_OFF)
		evtimer_del(&run->timer);
}

/* And those that tell of it. */
static void
act_reports(struct app *app, unsigned int acts)
{
	/* First the file, then the answers that wait for it. */
	if (acts & ACT_FREE)
		store_deleted(app->env->store, app->id);
	else if (acts & ACT_SAVE)
		store_status(app->env->store, app);
	if (acts & ACT_REPORT)
		report_state(app);
	if (acts & ACT_DONE_OK)
		report_done(app, CTL_OK, "");
	if (acts & ACT_DONE_FAIL)
		done_fail(app);
}

static int
is_busy(const struct run *run)
{
	return (run->m.state != APP_STOPPED && run->m.state != APP_ERRORED);
}

static void
deleted(struct app *app)
{
	struct pm2d	*env = app->env;

	report_deleted(app);
	if (app->draining)
		app->freeing = 1;
	else
		app_free(app);
	pm2d_settled(env);
}

static void
tree_empty(struct tree *tree, void *arg)
{
	struct machine_event	 ev;

	(void)tree;
	memset(&ev, 0, sizeof(ev));
	ev.ev = EV_GONE;
	step(arg, &ev);
}

/*
 * Feed the machine and do what it says.  A start that was only queued and is
 * not wanted any more counts as one that failed, which is fed behind.
 */
static void
step(struct run *run, struct machine_event *ev)
{
	struct machine_result	 r;
	struct machine_event	 failed;
	struct app		*app = run->app;
	struct pm2d		*env = app->env;
	int			 was = is_busy(run), cancelled = 0;

	machine_step(&run->m, ev, &r);
	env->nbusy += is_busy(run) - was;
	if (r.actions & ACT_IMPOSSIBLE)
		log_warnx("%s (%u): %s while %s", app->name, app->id,
		    machine_evname(ev->ev), app_statename(run->m.state));
	act_requests(app, r.actions);
	if (r.actions & (ACT_SIGNAL_MAIN | ACT_KILL_ALL) && run->pid == 0 &&
	    (unqueue_start(run) || run->preparing)) {
		launch_cancel(run);
		cancelled = 1;
	} else
		act_processes(run, r.actions);
	if (r.actions & ACT_TIMER)
		arm(run, r.timer_ms);
	if (r.actions & ACT_SPAWN)
		queue_start(run);
	act_reports(app, r.actions);
	if (r.actions & ACT_FREE) {
		deleted(app);
		return;
	}
	if (cancelled) {
		memset(&failed, 0, sizeof(failed));
		failed.ev = EV_EXEC_FAILED;
		failed.verdict = VERDICT_STOPPED;
		if (ev->ev == EV_DEADLINE) {	/* nobody said to stop */
			failed.verdict = VERDICT_DELAYED;
			failed.delay_ms = NOROOM_MS;
		}
		step(run, &failed);
		return;
	}
	pm2d_settled(env);
}

/*
 * Nothing is left and nobody could say so, because a watch was not to be had.
 * 1: then the timer has nothing more to do.
 */
static int
unseen_end(struct run *run)
{
	enum app_state	 state = run->m.state;

	if (run->pid != 0 || run->m.main_alive || run->m.gone ||
	    !tree_gone(run->tree))
		return (0);
	tree_unwatch(run->tree);
	tree_empty(run->tree, run);
	/* It may be freed by now, but not while it waited for its turn. */
	return (state == APP_STOPPING || run->m.state != state);
}

void
supervise_timer(int fd, short event, void *arg)
{
	struct run		*run = arg;
	struct machine_event	 ev;

	(void)fd;
	(void)event;
	if (unseen_end(run))
		return;
	if (run->m.state == APP_STOPPING)
		log_warnx("%s (%u): SIGKILL to what did not end in time",
		    run->app->name, run->app->id);
	memset(&ev, 0, sizeof(ev));
	ev.ev = EV_DEADLINE;
	step(run, &ev);
}

/* ---- requests ---- */

static void
request_event(struct app *app, enum machine_ev what, int unattended)
{
	struct machine_event	 ev;

	memset(&ev, 0, sizeof(ev));
	ev.ev = what;
	ev.unattended = unattended;
	ev.kill_timeout = app->spec->spec.num[SPEC_KILL_TIMEOUT];
	if (what == EV_START || what == EV_RESTART) {
		app->relookup = app->ids != NULL;
		restart_reset(&app->restart);
		app->created_ms = walltime_ms();
	}
	step(app->run, &ev);
}

void
supervise_request(struct app *app, enum machine_ev what, struct request *req)
{
	if ((app->asking = request_wait(req, app)) == NULL) {
		req->result.code = CTL_SYSTEM;
		req->result.error = errno;
		return;
	}
	if (what == EV_RESTART && app->run->m.state == APP_ONLINE)
		app->restart.restarts++;
	request_event(app, what, 0);
}

void
supervise_start(struct app *app)
{
	request_event(app, EV_START, 1);
}

void
supervise_stopall(struct pm2d *env, int keep)
{
	struct app	*app, *next;

	env->going = 1;
	env->keep = keep;
	RB_FOREACH_SAFE(app, apptree, &env->apps, next)
		request_event(app, keep ? EV_SHUTDOWN : EV_DELETE, 1);
	pm2d_settled(env);
}

/* ---- what happens to processes ---- */

static void
finish_exit(struct run *run, struct ctl_exit *x, struct machine_event *ev)
{
	struct app	*app = run->app;

	x->verdict = ev->verdict;
	x->delay_ms = ev->delay_ms;
	x->when_ms = walltime_ms();
	x->generation = run->generation;
	if (logd_drain(app->env->logd, run) == 0) {
		report_hold(app);
		if (!evtimer_pending(&app->env->drain_timer, NULL)) {
			struct timeval tv = { DRAIN_MS / 1000, 0 };

			evtimer_add(&app->env->drain_timer, &tv);
		}
	}
	report_exit(app, x);
}

static void
log_exit(struct app *app, const struct ctl_exit *x)
{
	static const char *const verdicts[] = { "starting again",
	    "starting again later", "not starting again",
	    "too many unstable restarts, giving up" };
	const char	*verdict = verdicts[x->verdict];

	/* One that somebody asked for is not tried a second time. */
	if (x->reason == EXIT_START_FAILED && x->verdict == VERDICT_ERRORED)
		verdict = "giving up";
	if (x->reason == EXIT_START_FAILED)
		log_warnx("%s (%u): %s: %s; %s", app->name, app->id,
		    stage_name(x->stage),
		    stage_strerror(x->stage, x->error), verdict);
	else if (x->reason == EXIT_DAEMON)
		log_info("%s (%u): pid %u ended; %s", app->name, app->id,
		    x->pid, verdict);
	else if (x->signal != 0)
		log_info("%s (%u): pid %u ended by %s after %" PRIu64
		    " ms; %s", app->name, app->id, x->pid,
		    units_signame(x->signal), x->ran_ms, verdict);
	else
		log_info("%s (%u): pid %u exited with %d after %" PRIu64
		    " ms; %s", app->name, app->id, x->pid, x->code,
		    x->ran_ms, verdict);
	ownlog_check(app->env);
}

/* What is to be done about an exit that nobody asked for. */
static void
decide(struct run *run, const struct ctl_exit *x, struct machine_event *ev)
{
	struct app		*app = run->app;
	struct restart_policy	 policy;
	struct restart_exit	 rx;

	if (run->m.state == APP_STOPPING) {
		ev->verdict = run->m.after == AFTER_START ? VERDICT_RESTART :
		    VERDICT_STOPPED;
		return;
	}
	if (x->reason == EXIT_START_FAILED && run->m.request) {
		ev->verdict = VERDICT_ERRORED;
		return;
	}
	restart_policy(&policy, &app->spec->spec);
	rx.code = x->code;
	rx.signal = x->signal;
	rx.ran_ms = x->ran_ms;
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
	if (!run->m.request && run->m.state != APP_STOPPING &&
	    is_noroom(stage, error)) {
		ev.verdict = VERDICT_DELAYED;
		ev.delay_ms = NOROOM_MS;
	} else
		decide(run, x, &ev);
	finish_exit(run, x, &ev);
	log_exit(app, x);
	step(run, &ev);
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
	if (run->stage != STAGE_NONE) {
		x->reason = EXIT_START_FAILED;
		x->stage = run->stage;
		x->error = run->error;
	} else if (run->m.state == APP_STOPPING)
		x->reason = x->signal == SIGKILL && run->m.kills > 0 ?
		    EXIT_KILLED : EXIT_STOPPED;
}

static void
unwatch_main(struct run *run)
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
	int			 r;

	(void)fd;
	(void)event;
	if (run->m.state != APP_STOPPING && !run->adopted &&
	    tree_killgroup(run->pid) == -1 && errno != ESRCH)
		log_debug("%s (%u): process group: %s", app->name, app->id,
		    strerror(errno));
	r = spawn_reap(run->pid, run->pidfd, &si);
	if (r == 0 || (r == -1 && errno != ECHILD))
		return;
	unwatch_main(run);
	launch_never_ran(run);
	if ((x = app_addexit(app)) == NULL)
		x = memset(&none, 0, sizeof(none));
	fill_exit(run, r == 1 ? &si : NULL, x);
	run->adopted = 0;
	tree_main(run->tree, 0, app->ids == NULL ? app->env->uid :
	    app->ids->ids.uid);
	run_setpid(run, 0);
	if (run->role == RUN_MAIN)
		logd_pidfile(app->env->logd, app);
	memset(&ev, 0, sizeof(ev));
	ev.ev = x->reason == EXIT_START_FAILED ? EV_EXEC_FAILED : EV_EXITED;
	decide(run, x, &ev);
	ev.gone = tree_gone(run->tree);
	finish_exit(run, x, &ev);
	log_exit(app, x);
	if (ev.ev == EV_EXITED && !ev.gone &&
	    tree_watch(run->tree, tree_empty, run) == -1)
		log_warn("%s (%u): what it left", app->name, app->id);
	step(run, &ev);
}

/* Where there is no pidfd, SIGCHLD makes us look. */
static void
watch_main(struct run *run)
{
	struct pm2d	*env = run->app->env;

	if (run->pidfd == -1)
		env->nunwatched++;
	event_assign(&run->pidev, env->base, run->pidfd,
	    EV_READ | EV_PERSIST, main_ended, run);
	event_add(&run->pidev, NULL);
}

/* launch.c made the process. */
void
supervise_spawned(struct run *run)
{
	watch_main(run);
	store_status(run->app->env->store, run->app);
}

/* The program runs; unless a stop came first, the app is online. */
void
supervise_executed(struct run *run)
{
	struct machine_event	 ev;

	memset(&ev, 0, sizeof(ev));
	ev.ev = EV_EXECED;
	step(run, &ev);
}

/*
 * Is this the process that the state file speaks of?  Its number and the time
 * of its start since the boot could be those of a process of another boot;
 * then the app's start was before this boot.
 */
static int
is_left(const struct app *app, pid_t pid)
{
	struct timespec	 up;
	struct sample	 s;
	uint64_t	 boot_ms;

	if (sample_pid(pid, &s) == -1 || s.state == 'Z' ||
	    s.starttime != app->leftstart || s.session != pid ||
	    clock_gettime(CLOCK_BOOTTIME, &up) == -1)
		return (0);
	boot_ms = walltime_ms() - (uint64_t)up.tv_sec * 1000;
	return (app->run->started_ms + CLOCK_SLACK_MS >= boot_ms);
}

/*
 * An app's process outlived the pm2d that started it.  It has lost its log
 * pipes, and its exit status would go elsewhere: it is asked to end like in
 * any restart, and a successor follows.  -1 when it is gone already.
 */
int
supervise_adopt(struct app *app)
{
	struct run	*run = app->run;
	pid_t		 pid = app->leftpid;
	int		 pidfd, wanted = run->m.wanted;

	if (pid <= 1 || app->leftstart == 0)
		return (-1);
	if ((pidfd = sys_pidfd_open(pid, 0)) == -1)
		return (-1);
	/* Held now: is it still the one that was looked at before? */
	if (!is_left(app, pid)) {
		close(pidfd);
		return (-1);
	}
	log_warnx("%s (%u): pid %d is left over; ending it first", app->name,
	    app->id, pid);
	request_event(app, EV_START, 1);
	unqueue_start(run);
	run->adopted = 1;
	run->pidfd = pidfd;
	run->started = monotime_now();
	run_setpid(run, pid);
	tree_main(run->tree, pid, app->env->uid);
	watch_main(run);
	supervise_executed(run);
	request_event(app, wanted ? EV_RESTART : EV_STOP, 1);
	signal_adopted(run, kill_signal(run));
	return (0);
}

/* ---- output first, reports then ---- */

void
supervise_drained(struct app *app, uint32_t generation)
{
	struct pm2d	*env = app->env;

	if (!app->draining || generation != app->drain_gen)
		return;
	report_release(app);
	if (app->freeing)
		app_free(app);
	pm2d_settled(env);
}

/* Nobody will say DRAINED any more: tell now what was held back. */
void
supervise_flushreports(struct pm2d *env)
{
	struct app	*app;

	while ((app = TAILQ_FIRST(&env->draining)) != NULL)
		supervise_drained(app, app->drain_gen);
}

/* A log daemon that hangs must not make pm2ctl hang. */
static void
drain_overdue(int fd, short event, void *arg)
{
	struct pm2d	*env = arg;
	struct app	*app;
	struct timeval	 tv = { 0, DRAIN_MS / 10 * 1000 };

	(void)fd;
	(void)event;
	while ((app = TAILQ_FIRST(&env->draining)) != NULL &&
	    monotime_since(monotime_now(), app->drain_since) >= DRAIN_MS)
		supervise_drained(app, app->drain_gen);
	if (app != NULL)
		evtimer_add(&env->drain_timer, &tv);
}

static void
look_for_ended(struct pm2d *env)
{
	struct run	*run, *next;

	RB_FOREACH_SAFE(run, pidtree, &env->pids, next)
		if (run->pidfd == -1)
			main_ended(-1, EV_SIGNAL, run);
}

static void
got_sigchld(int sig, short event, void *arg)
{
	struct pm2d	*env = arg;

	(void)sig;
	(void)event;
	if (env->nunwatched > 0)
		look_for_ended(env);
	logd_sigchld(env->logd);
	engine_sigchld(env->engine);
	tree_sigchld();
}

int
supervise_init(struct pm2d *env)
{
	TAILQ_INIT(&env->wishes);
	TAILQ_INIT(&env->starts);
	TAILQ_INIT(&env->draining);
	evtimer_assign(&env->start_timer, env->base, run_starts, env);
	evtimer_assign(&env->drain_timer, env->base, drain_overdue, env);
	evsignal_assign(&env->sigchld, env->base, SIGCHLD, got_sigchld, env);
	return (evsignal_add(&env->sigchld, NULL));
}

void
supervise_exit(struct pm2d *env)
{
	event_del(&env->start_timer);
	event_del(&env->drain_timer);
	event_del(&env->sigchld);
}

void
supervise_forget(struct run *run)
{
	unqueue_start(run);
	event_del(&run->timer);
	tree_unwatch(run->tree);
	if (is_busy(run))
		run->app->env->nbusy--;
	if (run->errfd != -1) {
		event_del(&run->errev);
		close(run->errfd);
	}
	if (run->pid != 0)
		unwatch_main(run);
	run_setpid(run, 0);
}

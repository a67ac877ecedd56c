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
 * What the rooms of the parent share.  The parent is the privileged process:
 * it makes, signals and reaps apps, owns the list and answers pm2ctl.  It
 * parses nothing but length-checked messages and reads nothing that an app
 * wrote.
 */
#ifndef PM2D_PARENT_H
#define PM2D_PARENT_H

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/tree.h>

#include <event.h>
#include <limits.h>
#include <stdint.h>

#include "ids.h"
#include "imsgev.h"
#include "leave.h"
#include "machine.h"
#include "monotime.h"
#include "msg.h"
#include "pace.h"
#include "restart.h"
#include "spec.h"
#include "tree.h"
#include "wire.h"

/* A spec, shared by the instances that were started with it. */
struct appspec {
	uint32_t	 refs;
	size_t		 len;
	struct spec	 spec;		/* points into data */
	unsigned char	 data[];
};

/* Who an app runs as: looked up once, shared by the instances. */
struct appids {
	uint32_t	 refs;
	struct ids	 ids;
};

/* A log file of one or (merge_logs) several apps. */
struct logfile {
	TAILQ_ENTRY(logfile) entry;
	uint32_t	 refs;
	uint32_t	 number;	/* pm2logd's handle */
	uint32_t	 flags;		/* LOGF_* */
	uint64_t	 max_size;
	uint32_t	 keep;
	uid_t		 uid;
	uint32_t	 fed;		/* the pm2logd that was told of it */
	int		 wanted;	/* it is being opened anew */
	int		 stale;		/* of another user: not to be shared */
	struct appids	*ids;		/* LOGF_PASSED: opened as */
	int		 fd;		/* LOGF_PASSED: to send it again; or -1 */
	char		*path;		/* absolute, or a name in logs/ */
};

/* The files that one spec of an app names, shared by the runs it had. */
struct appfiles {
	uint32_t	 refs;
	struct appspec	*spec;		/* how lines are written, too */
	struct logfile	*logs[LOG_KINDS];
	char		*pidfile;	/* absolute, or a name in pids/ */
	int		 numbered;	/* ...with the id, as others have it */
	int		 pidfile_fd;	/* of a user's path, or -1 */
};

/* What was read for one start: ENV_FILE's entries, then SECRET_FILE's. */
struct envread {
	size_t		 envlen;	/* bytes of the former */
	size_t		 len;		/* of both, each ends with a NUL */
	char		 data[];
};

/* A pipe of an earlier run that pm2logd has not read to its end. */
struct oldpipe {
	TAILQ_ENTRY(oldpipe) entry;
	struct appfiles	*files;
	uint32_t	 generation;
	uint32_t	 kind;
	int		 fd;
};

struct ctl_conn;
struct team;
struct leftover;

/* A client that waits for the outcome of something that happens to an app. */
struct waiter {
	TAILQ_ENTRY(waiter) entry;	/* in app->waiters */
	struct request	*req;
	uint64_t	 born;		/* app->reported when it came */
	uint64_t	 settled;	/* by this report; 0: not yet */
};

typedef void	 (request_done)(void *, const struct ctl_result *);

/* One request of one client; it may wait for several apps (START). */
struct request {
	TAILQ_ENTRY(request) entry;	/* in conn->requests */
	struct ctl_conn	*conn;		/* NULL: the client went away */
	uint32_t	 peerid;
	uint32_t	 open;		/* waiters not done, +1 while set up */
	request_done	*done;		/* not a client's: who is told */
	void		*arg;
	struct ctl_result result;
};

/* A report that must not overtake the output it speaks of. */
struct report {
	TAILQ_ENTRY(report) entry;
	uint64_t	 number;	/* for those who waited before it */
	int		 done;		/* 1: finish waiters with result */
	struct ctl_result result;
	struct ctl_event event;
};

enum run_role {
	RUN_MAIN,		/* the app's: app->run */
	RUN_SUCCESSOR,		/* of a reload, not yet ready */
	RUN_LEAVING		/* replaced */
};

/* What a run has said, by its channel or by sd_notify(3): run->notes. */
#define NOTE_ONLINE	0x0001	/* cluster's online */
#define NOTE_LISTENING	0x0002	/* serves a listener */
#define NOTE_READY	0x0004	/* process.send('ready'), READY=1 */
#define NOTE_RETIRED	0x0008	/* nothing unanswered after RETIRE */
#define NOTE_DRAINED	0x0010	/* no request in work after DRAIN */
#define NOTE_LEAVING	0x0020	/* exitedAfterDisconnect */
#define NOTE_EOF	0x0040	/* its channel is at its end */
#define NOTE_BAD	0x0080	/* broke the protocol */
#define NOTE_STOPPING	0x0100	/* STOPPING=1 */
#define NOTE_WATCHDOG	0x0200	/* WATCHDOG=1 (never kept) */
#define NOTE_GOING	0x0400	/* disconnect was sent */
#define NOTE_RETIRING	0x0800	/* retire was sent */
#define NOTE_DRAINING	0x1000	/* drain was sent */

struct schedule;
struct memlimit;
struct watch;
struct health;
struct hold;
struct agents;
struct conf;
struct places;
struct peer;
struct listenuse;
struct refusal;
struct claim;
struct reload_call;

/*
 * One run of an app: a generation, with its processes.  An app at work has
 * one that is RUN_MAIN; a reload gives it a RUN_SUCCESSOR, which becomes the
 * main one when it is ready, and the old one a RUN_LEAVING.
 */
struct run {
	TAILQ_ENTRY(run) entry;		/* in app->runs */
	RB_ENTRY(run)	 pidentry;	/* by pid, while there is one */
	struct app	*app;
	struct appspec	*spec;		/* it was started with; see run_renew() */
	struct appfiles	*files;		/* ...and those of that */
	enum run_role	 role;
	uint32_t	 generation;
	struct machine	 m;
	struct tree	*tree;

	pid_t		 pid;		/* 0: no main process */
	uint64_t	 pidstart;	/* clock ticks, /proc/PID/stat */
	int		 pidfd;
	int		 errfd;
	int		 pipes[LOG_KINDS];	/* read ends, our copies */
	uint8_t		 piped;		/* bit per kind: pm2logd has it */
	struct event	 pidev;
	struct event	 errev;
	struct event	 timer;		/* the machine's */

	/* what the engine and listen.c know of it */
	uint32_t	 worker;	/* NODE_UNIQUE_ID; 0: no cluster worker */
	int		 channel;	/* the parent's end, our copy; or -1 */
	int		 notify;	/* NOTIFY_SOCKET, our copy; or -1 */
	int		 engaged;	/* every engine is to know it */
	uint32_t	 fed;		/* the engine that was told of it */
	int		 parting;	/* disconnect is still to be sent */
	char		*notify_name;	/* its name, for the environment */
	char		*status;	/* STATUS= */
	uint32_t	 notes;		/* NOTE_* */
	TAILQ_HEAD(, listenuse) uses;	/* listen.c's */
	TAILQ_HEAD(, refusal) refusals;	/* ...these, too */
	struct leave	 leave;
	int		 leaving;	/* leave is at work */
	struct event	 leave_timer;
	struct event	 watchdog;
	struct event	 settle;	/* a successor is up long enough... */
	monotime_t	 settled;	/* ...since it came online */
	enum exit_reason doom;		/* why it is to end, if it is */
	enum exit_reason renewed;	/* why another one is to follow */

	monotime_t	 started;
	uint64_t	 started_ms;	/* wall */
	monotime_t	 next;		/* WAITING: when it will start */
	uint32_t	 stage;		/* of the last failed start */
	int		 error;

	uint64_t	 cpu_ticks;	/* last sample */
	uint64_t	 memory;
	uint32_t	 cpu_permille;
	monotime_t	 sampled;
	int		 has_sample;

	struct envread	*envread;	/* for the start that is prepared */
	void		(*envdone)(struct run *, int);
	char		*why;		/* the last one failed, in words */
	int		 preparing;	/* a start that has no process yet */
	int		 adopted;	/* left over by an earlier pm2d */
	int		 queued;	/* to be started: in one of env's lists */
	int		 attended;	/* ...a person waits: no pacing */
	struct helper	*helper;
	TAILQ_ENTRY(run) start_entry;
};

/*
 * What people see of an app (state, pid, uptime, memory) is its main run's,
 * which is there for as long as the app is known, at rest, too.
 */
struct app {
	RB_ENTRY(app)	 entry;		/* by id */
	struct pm2d	*env;
	uint32_t	 id;
	uint32_t	 instance;
	uint32_t	 generation;	/* the last one given out */
	uid_t		 owner;
	char		 name[APP_NAME_MAX];
	struct appspec	*spec;		/* what the next start takes */
	struct appfiles	*files;		/* ...and its files */
	uint32_t	 fds;		/* that it may need, of env->fds */
	struct appids	*ids;		/* NULL until looked up */
	struct run	*run;		/* the main one */
	TAILQ_HEAD(, run) runs;		/* all, the main one too */
	TAILQ_HEAD(, reload_call) reloads;	/* successor.c's */
	TAILQ_HEAD(, claim) claims;	/* listen-life.c's */
	struct schedule	*schedule;	/* each its room's (attend.h), or NULL */
	struct memlimit	*memlimit;
	struct watch	*watch;
	struct health	*health;
	struct hold	*hold;
	struct restart_state restart;
	uint32_t	 first;		/* id of instance 0 of those together */
	struct team	*team;		/* they; NULL while it is made */
	TAILQ_ENTRY(app) teamentry;
	int		 online;	/* it counts as such there */

	uint32_t	 fed;		/* the pm2logd that was told of it */
	uint32_t	 nold;
	TAILQ_HEAD(, oldpipe) oldpipes;

	uint64_t	 created_ms;	/* wall */

	struct ctl_exit	*exits;		/* ring of EXIT_HISTORY, or NULL */
	uint32_t	 nexits;	/* exits seen, ever */

	int		 draining;	/* reports are held back until DRAINED */
	uint32_t	 drain_gen;	/* ...of this generation */
	int		 relookup;	/* the user is to be looked up again */
	pid_t		 leftpid;	/* as the state file has it, at start */
	uint64_t	 leftstart;
	struct leftover	*lefts;		/* ...and others, LEFTOVERS_MAX */
	int		 freeing;	/* deleted, last output on its way */
	struct waiter	*asking;	/* whose request is being fed */
	monotime_t	 drain_since;
	TAILQ_ENTRY(app) drain_entry;
	TAILQ_HEAD(, report) reports;
	uint64_t	 reported;	/* counts reports that were held */
	TAILQ_HEAD(, waiter) waiters;
	uint32_t	 nwaiters;
};

RB_HEAD(apptree, app);
RB_HEAD(teamtree, team);
RB_HEAD(pidtree, run);
TAILQ_HEAD(applist, app);
TAILQ_HEAD(runlist, run);
TAILQ_HEAD(logfiles, logfile);

struct store;
struct control;
struct logd;
struct engine;
struct listens;

struct pm2d {
	struct event_base *base;
	char		 home[PATH_MAX];
	uid_t		 uid;		/* whose daemon this is */
	char		 user[256];	/* the same, by name; "" without one */
	int		 foreground;
	int		 going;		/* shutting down */
	int		 keep;		/* ...and the list is to stay */
	int		 trimming;	/* pm2.log is being made shorter */
	uint32_t	 loglines;

	struct apptree	 apps;
	struct teamtree	 teams;
	struct pidtree	 pids;
	uint32_t	 napps;
	uint32_t	 nbusy;		/* runs not stopped or errored */
	uint32_t	 nbeside;	/* runs beside the main ones */
	uint32_t	 nunwatched;	/* main processes without a pidfd */
	uint32_t	 next_id;
	struct logfiles	 logfiles;
	uint32_t	 next_logfile;
	uint32_t	 nold;		/* oldpipes of all apps */

	struct pace	 pace;
	struct runlist	 wishes;	/* to be started: a person waits */
	struct runlist	 starts;	/* to be started: paced */
	struct event	 start_timer;
	struct event	 sigchld;
	struct applist	 draining;
	struct event	 drain_timer;

	struct store	*store;
	struct control	*control;
	struct logd	*logd;
	struct engine	*engine;
	struct listens	*listens;
	struct agents	*agents;	/* agent.c's */
	struct conf	*conf;		/* of the system's pm2d; else NULL */
	struct places	*places;	/* ...its, too */
	const char	*confpath;	/* ...and where that is read from */
	uint32_t	 next_worker;	/* NODE_UNIQUE_ID, never used again */
	uint32_t	 max_apps;	/* by the descriptor limit */
	uint32_t	 max_fds;	/* for apps */
	uint32_t	 fds;		/* ...that they may need */
	uint32_t	 fds_reserve;	/* for all else */
};

/* app.c: the table of apps */
int		 app_cmp(struct app *, struct app *);
RB_PROTOTYPE(apptree, app, entry, app_cmp);
struct app	*app_new(struct pm2d *, struct appspec *, uint32_t);
struct app	*app_find(struct pm2d *, uint32_t);
void		 app_free(struct app *);
struct appids	*appids_new(const struct ids *);
struct appids	*appids_ref(struct appids *);
void		 appids_unref(struct appids *);
/* Its spec or a run's is another one: count what it may need anew. */
void		 app_count(struct app *);
/*
 * Ids that nobody has, so many in a row: the first one, or APP_ID_ALL.  They
 * are below APP_ID_END.
 */
#define APP_ID_END	0x80000000U
uint32_t	 app_freeid(struct pm2d *, uint32_t);
/* NULL, or an app of this owner that runs this script. */
struct app	*app_findscript(struct pm2d *, uid_t, const char *);
void		 app_info(struct app *, struct ctl_appinfo *);
struct ctl_exit	*app_addexit(struct app *);
/* i = 0 is the oldest that is kept; NULL past the last */
const struct ctl_exit *app_exit(const struct app *, uint32_t);

/*
 * appspec.c: specs of apps.  Checked whole; NULL with the reason in words.
 */
struct appspec	*appspec_new(const void *, size_t, char *, size_t);
struct appspec	*appspec_ref(struct appspec *);
void		 appspec_unref(struct appspec *);
/* appspec-env.c: a copy with the second's ENV (NULL: without).  NULL: why. */
struct appspec	*appspec_withenv(const struct appspec *,
		    const struct appspec *, char *, size_t);
/* How many descriptors an app may cost us. */
#define FDS_PER_APP	4	/* two pipes, a pidfd, one in passing */
uint32_t	 appspec_fds(const struct appspec *);
/* Are its runs workers of a cluster? */
int		 appspec_cluster(const struct appspec *);
/* Is it a job, run by its schedule and by nothing else? */
int		 appspec_job(const struct appspec *);
/* ...do they get a channel, a NOTIFY_SOCKET? */
int		 appspec_channel(const struct appspec *);
int		 appspec_notify(const struct appspec *);

/* run.c: the runs of an app */
int		 run_pidcmp(struct run *, struct run *);
RB_PROTOTYPE(pidtree, run, pidentry, run_pidcmp);
/* One at rest, among the app's runs; NULL with errno. */
struct run	*run_new(struct app *, enum run_role);
/*
 * A start of it begins, or it is at rest: from now on it has the spec and the
 * files that the app has now.
 */
void		 run_renew(struct run *);
/* Forget one of which nothing runs; what it wrote may be unread yet. */
void		 run_free(struct run *);
/* The main process of a run; 0: it has none any more. */
void		 run_setpid(struct run *, pid_t);
struct run	*run_findpid(struct pm2d *, pid_t);
struct run	*run_find(struct app *, uint32_t);	/* by generation */
/* Our copies of its channel and NOTIFY_SOCKET, and what it said there. */
void		 run_hangup(struct run *);

/* team.c: those that were started together, by first and owner */
/* Sets both.  0, or -1 with errno. */
int		 team_join(struct app *, uint32_t, uid_t);
void		 team_leave(struct app *);
/* Its main run is another one, or in another state. */
void		 team_note(struct app *);
/* Is another one of them online? */
int		 team_others(const struct app *);
struct app	*team_first(struct pm2d *, uint32_t, uid_t);
struct app	*team_next(const struct app *);
/* The lowest first from this id on; APP_ID_ALL: none. */
uint32_t	 team_from(struct pm2d *, uint32_t);
/* The one that joined last. */
struct app	*team_last(struct pm2d *, uint32_t, uid_t);

/* applog.c: which files an app writes to */
int		 applog_setup(struct app *);
void		 applog_release(struct app *);
/*
 * Those of another spec for an app; they are not the app's yet.  NULL with
 * errno.
 */
struct appfiles	*applog_make(struct app *, struct appspec *);
struct appfiles	*applog_ref(struct appfiles *);
void		 applog_unref(struct pm2d *, struct appfiles *);
/* Its files are others: tell pm2logd. */
void		 applog_changed(struct app *);
void		 applog_path(const struct app *, const char *, const char *,
		    char *, size_t);
struct logfile	*applog_find(struct pm2d *, uint32_t);
/* Read ends that pm2logd holds too, and that we keep for its successor. */
void		 applog_closepipes(struct app *);
/* The run ended, or begins anew: what it wrote may be unread yet. */
void		 applog_retire(struct run *);
/* pm2logd says that it has all of this one. */
void		 applog_ended(struct app *, uint32_t, uint32_t);

/*
 * channel.c: what a run talks to us by, as its spec asks; sets channel, worker,
 * notify and notify_name.  The child's end of the channel, or -1, is the
 * caller's.  -1 with errno and the stage: there is nothing then.
 */
int		 channel_open(struct run *, int *, enum stage *);

/* appenv.c: argv and environment of an app */
struct appexec {
	char		**argv;
	char		**envp;
	const char	*file;		/* what is executed */
	const char	*script;	/* read by the interpreter, or NULL */
	const char	*preload;	/* ...first, or NULL */
};
/*
 * For this run, whose channel, worker, notify and envread are set.  -1:
 * ENOMEM, or E2BIG: more than an app can be executed with.
 */
int		 appexec_make(struct appexec *, const struct run *);
void		 appexec_free(struct appexec *);
/* appargv.c: the part of appexec_make() that argv is, with NODE_OPTIONS */
struct strvec;
int		 appargv_make(struct appexec *, struct strvec *,
		    const struct run *, const char *);
/*
 * The script that it is made to load; NULL: none (leave_facts.drains).  The
 * string is its NODE_OPTIONS, or NULL.
 */
const char	*run_preload(const struct run *, const char *);

/* supervise.c: the life of an app */
int		 supervise_init(struct pm2d *);
void		 supervise_exit(struct pm2d *);
/* Make this request wait for the app's outcome, then feed it the event. */
void		 supervise_request(struct app *, enum machine_ev,
		    struct request *);
/* Start it without anybody waiting, as at boot. */
void		 supervise_start(struct app *);
/* A new job: it is wanted, and waits for its time; the request is done. */
void		 supervise_arm(struct app *, struct request *);
/*
 * leftover.c: processes of an earlier pm2d.  The main one is still there: end
 * it, then start; -1: it is not.
 */
int		 leftover_adopt(struct app *);
/* Another one may be; without memory it is forgotten. */
void		 leftover_add(struct app *, pid_t, uint64_t);
/*
 * End all of those, and wait for it: before anything is started, for they may
 * have its sockets.
 */
void		 leftover_end(struct pm2d *);
/* A signal for the group that an adopted process leads. */
void		 leftover_signal(const struct run *, int);
/* A signal for its main process. 0 or -1. */
int		 supervise_signal(struct run *, int);
/*
 * Put a new run in the place of the app's, graceful: with "shutdown" to the
 * old one.  0: done is called later, once; -1: it cannot be reloaded, for it
 * does not run or has nothing that its successor could take over.
 */
typedef void	 (reload_cb)(void *, struct app *, enum ctl_code,
		    const char *);
int		 supervise_reload(struct app *, int, reload_cb *, void *);
/* What is under way goes on, but done is not called any more. */
void		 supervise_reload_forget(struct app *, void *);
/* Stop everything; keep: the list stays as it is wanted. Then exit. */
void		 supervise_stopall(struct pm2d *, int);
/* Of a new run: its timers. Before a run is freed, and an app. */
void		 supervise_init_run(struct run *);
void		 supervise_forget(struct run *);
void		 supervise_forget_app(struct app *);
/* from launch.c: there is a process, it runs the program, there is none */
void		 supervise_spawned(struct run *);
void		 supervise_executed(struct run *);
void		 supervise_launchfailed(struct run *, enum stage, int);
/* from logd.c: the output up to the exit is written; nobody will say so */
void		 supervise_drained(struct app *, uint32_t);
void		 supervise_flushreports(struct pm2d *);

/*
 * from engine.c: a run has said one of NOTE_*.  EXTEND_TIMEOUT_USEC is usec
 * from now.
 */
void		 supervise_note(struct run *, uint32_t);
void		 supervise_extend(struct run *, uint64_t);
/* JSON text that an app sent: to clients that listen (control.c). */
void		 control_message(struct pm2d *, const struct run *,
		    const void *, size_t);

/* launch.c: what happens between the wish to start and the pid */
void		 launch(struct run *);
void		 launch_cancel(struct run *);
int		 launch_never_ran(struct run *);

/* report.c: telling clients */
void		 report_state(struct app *);
void		 report_exit(struct app *, const struct ctl_exit *);
void		 report_deleted(struct app *);
/* One of a reload, or LISTENING: of this run (NULL: the main one). */
void		 report_event(struct app *, uint32_t, const struct run *);
void		 report_health(struct app *, enum app_health);
void		 report_done(struct app *, uint32_t, const char *);
void		 report_hold(struct app *);
void		 report_release(struct app *);
void		 report_free(struct app *);
struct request	*request_new(struct ctl_conn *, uint32_t);
/* One of our own: the function is told the outcome. */
struct request	*request_own(request_done *, void *);
struct waiter	*request_wait(struct request *, struct app *);
/* Waiters but this one fail; this one alone is refused. */
void		 report_overtaken(struct app *, struct waiter *);
void		 report_refused(struct app *, struct waiter *);
void		 request_close(struct request *);
void		 request_orphan(struct ctl_conn *);

/* control_reload.c: those who asked for a reload */
int		 control_reload_watched(const struct app *);
/* An event of this number, as in report.c. */
void		 control_reload_event(struct app *, const struct ctl_event *,
		    uint64_t);
void		 control_reload_deleted(struct app *);

/* control.c: the control socket */
struct control	*control_new(struct pm2d *, int);
void		 control_free(struct control *);
void		 control_close(struct control *);
void		 control_event(struct pm2d *, struct app *,
		    const struct ctl_event *);
int		 control_send(struct ctl_conn *, uint32_t, uint32_t,
		    const void *, size_t);
/* The end of a request, when the state file holds what it changed. */
void		 control_result(struct ctl_conn *, uint32_t,
		    const struct ctl_result *);
uint32_t	 control_count(const struct control *);
/* The rules are other ones: they hold for who is connected, too. */
void		 control_rules(struct pm2d *);

/* store.c: the state file */
struct store	*store_open(struct pm2d *);
void		 store_close(struct store *);
int		 store_load(struct store *);
int		 store_app(struct store *, const struct app *);
/* What the file has of it is to be this: a failure is made up for. */
void		 store_again(struct store *, const struct app *);
void		 store_status(struct store *, const struct app *);
void		 store_deleted(struct store *, uint32_t);
/*
 * store_read.c: everything of one file into the table, and how much of it is
 * good.  0 whole or cut, -1 damaged.
 */
int		 store_read(struct pm2d *, const char *, const void *, size_t,
		    uint64_t *);
/*
 * Call back when all that was appended until now is on the disk; with an
 * errno when the file lacks something, see store_error().
 */
typedef void	 (store_done)(void *, int);
void		 store_sync(struct store *, store_done *, void *);
const char	*store_error(const struct store *);

/* logd.c: the parent's side of the log daemon */
struct logd	*logd_new(struct pm2d *);
void		 logd_free(struct logd *);
void		 logd_file(struct logd *, struct logfile *);
void		 logd_stream(struct logd *, struct run *);
int		 logd_drain(struct logd *, struct run *);
void		 logd_forget(struct logd *, struct app *);
void		 logd_pidfile(struct logd *, struct app *);
/* The second run takes over from the first: from its pid file, if another. */
void		 logd_moved(struct logd *, const struct run *,
		    const struct run *);
typedef void	 (logd_done)(void *, int);
int		 logd_flush(struct logd *, uint32_t, logd_done *, void *);
int		 logd_reopen(struct logd *, uint32_t, logd_done *, void *);
/* The budget of all logs is another one. */
void		 logd_conf(struct logd *);
/* What was rotated in this directory may take so many bytes; 0: any. */
void		 logd_budget(struct logd *, const char *, uint64_t);
int		 logd_follow(struct logd *, uint32_t, uint32_t,
		    const uint32_t *, uint32_t, int);
const char	*logd_status(const struct logd *);
pid_t		 logd_pid(const struct logd *);
uint32_t	 logd_crashes(const struct logd *);
int		 logd_separate(const struct logd *);
/* Where it has no pidfd: did it end? */
void		 logd_sigchld(struct logd *);
void		 logd_ignore(void *, int);
/* ownlog.c: pm2.log */
void		 ownlog_open(struct pm2d *);
void		 ownlog_reopen(struct pm2d *);
void		 ownlog_check(struct pm2d *);

/* pm2d.c: nothing runs any more and pm2d is going: leave the loop. */
void		 pm2d_settled(struct pm2d *);
/* Is there such a user? */
int		 logd_hasuser(const char *);

/* doctor.c: for this user */
void		 doctor_rows(struct pm2d *, uid_t, void (*)(void *,
		    const struct ctl_row *), void *);

#endif /* PM2D_PARENT_H */

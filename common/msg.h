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
 * Every message between pm2d's processes: numbers, names and payloads.
 *
 * Groups start at fixed numbers, so that a new message renumbers nothing.
 * Payloads are fixed structs without pointers or padding; what has strings
 * or lists is said to be "typed" and is written and read by a matched pair
 * of functions in wire.c.  All integers are in host order: both ends are on
 * one machine.
 *
 * Bump PM2D_PROTOCOL when a IMSG_CTL_ message or payload changes.
 */
#ifndef PM2D_MSG_H
#define PM2D_MSG_H

#include <stdint.h>

#define PM2D_PROTOCOL	3
#define PM2D_VERSION	"0.1.0"

#define MSG_LIST(X)							\
	/* pm2ctl to parent; peerid is the client's request number */	\
	X(IMSG_CTL_HELLO,	100)	/* ctl_hello, both ways, first */ \
	X(IMSG_CTL_LIST,	101)	/* ctl_list */			\
	X(IMSG_CTL_START,	102)	/* ctl_start, then SPEC_PARTs */ \
	X(IMSG_CTL_STOP,	103)	/* ctl_app */			\
	X(IMSG_CTL_RESTART,	104)	/* ctl_app */			\
	X(IMSG_CTL_DELETE,	105)	/* ctl_app */			\
	X(IMSG_CTL_RESET,	106)	/* ctl_app */			\
	X(IMSG_CTL_SIGNAL,	107)	/* ctl_app, arg: signal */	\
	X(IMSG_CTL_FLUSH,	108)	/* ctl_app or ALL */		\
	X(IMSG_CTL_REOPEN,	109)	/* ctl_app or ALL */		\
	X(IMSG_CTL_LOGS,	110)	/* ctl_logs, then ids */	\
	X(IMSG_CTL_SUBSCRIBE,	111)	/* empty: EVENTs from now on */	\
	X(IMSG_CTL_PING,	112)	/* empty */			\
	X(IMSG_CTL_KILL,	113)	/* empty */			\
	X(IMSG_CTL_DOCTOR,	114)	/* empty */			\
	X(IMSG_CTL_RELOAD,	115)	/* ctl_reload, then ids */	\
	X(IMSG_CTL_SCALE,	116)	/* ctl_scale */			\
	X(IMSG_CTL_SAY,		117)	/* ctl_app, then JSON text */	\
	X(IMSG_CTL_UPDATE,	118)	/* ctl_update, then SPEC_PARTs */ \
	/* parent to pm2ctl */						\
	X(IMSG_CTL_APP,		150)	/* typed: ctl_appinfo */	\
	X(IMSG_CTL_SPEC_PART,	151)	/* bytes of a spec, both ways */ \
	X(IMSG_CTL_EXIT,	152)	/* ctl_exit */			\
	X(IMSG_CTL_EVENT,	153)	/* ctl_event */			\
	X(IMSG_CTL_LOGFD,	154)	/* + descriptor: ends a LOGS */	\
	X(IMSG_CTL_ROW,		155)	/* ctl_row */			\
	X(IMSG_CTL_RESULT,	156)	/* ctl_result: end of a request */ \
	X(IMSG_CTL_MESSAGE,	157)	/* ctl_app, JSON text: an app's word */ \
	/* parent to log daemon */					\
	X(IMSG_LOG_CONF,	200)	/* log_conf */			\
	X(IMSG_LOG_FILE,	201)	/* log_file (+ descriptor) */	\
	X(IMSG_LOG_STREAM,	202)	/* log_stream + descriptor */	\
	X(IMSG_LOG_DRAIN,	203)	/* log_ref */			\
	X(IMSG_LOG_FORGET,	204)	/* log_ref: an app was deleted */ \
	X(IMSG_LOG_PIDFILE,	205)	/* log_pidfile (+ descriptor) */ \
	X(IMSG_LOG_FLUSH,	206)	/* log_ref */			\
	X(IMSG_LOG_REOPEN,	207)	/* log_ref */			\
	X(IMSG_LOG_FOLLOW,	208)	/* log_follow, ids, + descriptor */ \
	X(IMSG_LOG_BUDGET,	209)	/* log_budget: of one directory */ \
	/* log daemon to parent */					\
	X(IMSG_LOG_READY,	250)	/* log_ready: sandboxed, willing */ \
	X(IMSG_LOG_STREAMED,	251)	/* log_streamed */		\
	X(IMSG_LOG_DRAINED,	252)	/* log_ref */			\
	X(IMSG_LOG_EOF,		253)	/* log_ref: stream at its end */ \
	X(IMSG_LOG_DONE,	254)	/* log_done: FLUSH, REOPEN */	\
	X(IMSG_LOG_WANTFILE,	255)	/* log_wantfile */		\
	/* log daemon to pm2ctl, on the socket of LOGFD */		\
	X(IMSG_FOLLOW_FILE,	300)	/* follow_file: history follows */ \
	X(IMSG_FOLLOW_LINE,	301)	/* follow_line, then the bytes */ \
	X(IMSG_FOLLOW_GAP,	302)	/* follow_gap */		\
	X(IMSG_FOLLOW_STATS,	303)	/* follow_stats */		\
	X(IMSG_FOLLOW_LIVE,	304)	/* empty: end of the history */	\
	/* parent to engine */						\
	X(IMSG_ENGINE_CONF,	400)	/* engine_conf + socket: its estate */ \
	X(IMSG_ENGINE_ESTATE,	401)	/* empty + socket: the last one's */ \
	X(IMSG_ENGINE_WORKER,	402)	/* engine_worker + channel */	\
	X(IMSG_ENGINE_HEAR,	403)	/* engine_ref + NOTIFY_SOCKET */ \
	X(IMSG_ENGINE_FORGET,	404)	/* engine_ref: its process is gone */ \
	X(IMSG_ENGINE_LISTENER,	405)	/* engine_listener + socket */	\
	X(IMSG_ENGINE_UNLISTEN,	406)	/* engine_listener: close it */	\
	X(IMSG_ENGINE_SERVES,	407)	/* engine_serves: known from before */ \
	X(IMSG_ENGINE_BOUND,	408)	/* engine_bound (+ socket) */	\
	X(IMSG_ENGINE_RETIRE,	409)	/* engine_ref: feed it no more */ \
	X(IMSG_ENGINE_DRAIN,	410)	/* engine_ref: last answers */	\
	X(IMSG_ENGINE_DISCONNECT, 411)	/* engine_ref: act disconnect */ \
	X(IMSG_ENGINE_SAY,	412)	/* engine_ref, then JSON text */ \
	/* engine to parent */						\
	X(IMSG_ENGINE_READY,	450)	/* engine_ready */		\
	X(IMSG_ENGINE_ONLINE,	451)	/* engine_ref */		\
	X(IMSG_ENGINE_LISTEN,	452)	/* engine_listen: please bind */ \
	X(IMSG_ENGINE_LISTENING, 453)	/* engine_serves: it listens */	\
	X(IMSG_ENGINE_CLOSED,	454)	/* engine_serves: no more */	\
	X(IMSG_ENGINE_SAIDREADY, 455)	/* engine_ref: process.send('ready') */ \
	X(IMSG_ENGINE_RETIRED,	456)	/* engine_ref: nothing unanswered */ \
	X(IMSG_ENGINE_DRAINED,	457)	/* engine_ref: no request in work */ \
	X(IMSG_ENGINE_LEAVING,	458)	/* engine_ref: exitedAfterDisconnect */ \
	X(IMSG_ENGINE_EOF,	459)	/* engine_ref: end of its channel */ \
	X(IMSG_ENGINE_BAD,	460)	/* engine_bad: broke the protocol */ \
	X(IMSG_ENGINE_MESSAGE,	461)	/* engine_ref, JSON text */	\
	X(IMSG_ENGINE_NOTIFY,	462)	/* engine_notify */		\
	/* parent to a watcher */					\
	X(IMSG_WATCH_ADD,	500)	/* watch_add, then strings */	\
	X(IMSG_WATCH_DEL,	501)	/* watch_ref */			\
	X(IMSG_WATCH_AGAIN,	502)	/* watch_ref: look again now */	\
	/* watcher to parent */						\
	X(IMSG_WATCH_READY,	520)	/* agent_ready: sandboxed, willing */ \
	X(IMSG_WATCH_ON,	521)	/* watch_on: it watches */	\
	X(IMSG_WATCH_FAILED,	522)	/* watch_failed */		\
	X(IMSG_WATCH_CHANGED,	523)	/* watch_changed */		\
	/* parent to a prober */					\
	X(IMSG_PROBE_ADD,	550)	/* probe_add, then the address */ \
	X(IMSG_PROBE_DEL,	551)	/* probe_ref */			\
	/* prober to parent */						\
	X(IMSG_PROBE_READY,	570)	/* agent_ready */		\
	X(IMSG_PROBE_RESULT,	571)	/* probe_result */		\
	/* the reader of pm2d.conf to the parent */			\
	X(IMSG_CONF_BEGIN,	600)	/* conf_begin */		\
	X(IMSG_CONF_RULE,	601)	/* conf_rule */			\
	X(IMSG_CONF_LIMIT,	602)	/* conf_limit */		\
	X(IMSG_CONF_BOOT,	603)	/* conf_boot */			\
	X(IMSG_CONF_ERROR,	604)	/* text: file:line: what */	\
	X(IMSG_CONF_INCLUDE,	605)	/* conf_include; answered + fd */ \
	X(IMSG_CONF_END,	606)	/* empty: it is good */

enum imsg_type {
#define X(name, number) name = number,
	MSG_LIST(X)
#undef X
	IMSG_END_OF_LIST
};

/* "IMSG_CTL_HELLO", or "unknown". */
const char	*msg_name(uint32_t);

#define APP_ID_ALL		UINT32_MAX	/* in ctl_app, log_ref */
#define APP_NAME_MAX		128		/* with NUL */
#define APP_INSTANCES_MAX	4096

/*
 * State names ("online", "waiting restart") are pm2's; scripts grep them.
 */
enum app_state {
	APP_STOPPED,
	APP_LAUNCHING,
	APP_ONLINE,
	APP_STOPPING,
	APP_ERRORED,
	APP_WAITING,
	APP_NSTATES
};
const char	*app_statename(uint32_t);

/*
 * Steps of setting a child up.  The step that failed travels with its errno
 * to the person typing.
 */
#define STAGE_LIST(X)						\
	X(STAGE_NONE,		"")				\
	X(STAGE_USER,		"looking up the user")		\
	X(STAGE_LIMIT,		"making room")			\
	X(STAGE_PIPE,		"making pipes")			\
	X(STAGE_LOGFILE,	"opening the log file")		\
	X(STAGE_PIDFILE,	"opening the pid file")		\
	X(STAGE_CGROUP,		"making the control group")	\
	X(STAGE_CLONE,		"making the process")		\
	X(STAGE_FDS,		"setting up descriptors")	\
	X(STAGE_SESSION,	"making a session")		\
	X(STAGE_RLIMIT,		"setting resource limits")	\
	X(STAGE_PRIORITY,	"setting the priority")		\
	X(STAGE_ENVFILE,	"reading env_file and secrets")	\
	X(STAGE_DEPENDS,	"waiting for what it depends on") \
	X(STAGE_CHROOT,		"changing the root directory")	\
	X(STAGE_SANDBOX,	"setting up the sandbox")	\
	X(STAGE_GROUPS,		"setting the groups")		\
	X(STAGE_GID,		"setting the group id")		\
	X(STAGE_UID,		"setting the user id")		\
	X(STAGE_VERIFY,		"verifying the identity")	\
	X(STAGE_CHDIR,		"changing to the directory")	\
	X(STAGE_SIGNALS,	"resetting signals")		\
	X(STAGE_SCRIPT,		"reading the script")		\
	X(STAGE_CHANNEL,	"making the channel")		\
	X(STAGE_LISTEN,		"binding the listening sockets") \
	X(STAGE_READY,		"waiting until it is ready")	\
	X(STAGE_EXEC,		"executing the program")	\
	X(STAGE_TIMEOUT,	"waiting for the program to be executed")

enum stage {
#define X(name, text) name,
	STAGE_LIST(X)
#undef X
	STAGE_COUNT
};
const char	*stage_name(uint32_t);
/* What an errno means at this step: some stand for what was looked for. */
const char	*stage_strerror(uint32_t, int);

/* ---- control protocol ---- */

struct ctl_hello {
	uint32_t	 protocol;
	uint32_t	 pid;		/* of the sender; for display only */
	uint32_t	 uid;		/* of pm2d; 0 from a client */
	uint32_t	 reserved;
	char		 version[32];
};

#define CTL_LIST_SAMPLE	0x01	/* with cpu and memory */
#define CTL_LIST_SPEC	0x02	/* with the spec: SPEC_PARTs after APP */
#define CTL_LIST_EXITS	0x04	/* with the last exits: EXITs after APP */

/* Answer: APP [SPEC_PART...] [EXIT...] for each app by id, then RESULT. */
struct ctl_list {
	uint32_t	 id;		/* APP_ID_ALL: all that you may see */
	uint32_t	 flags;
};

#define CTL_START_UNIQUE 0x01	/* refuse when the script is known (no -f) */
#define CTL_START_REST	0x02	/* make it known, but leave it stopped */
#define CTL_START_ONE	0x04	/* one instance only, as said below */

/*
 * The spec follows in SPEC_PARTs of the same peerid, speclen bytes in all.
 * Answer: an EVENT for each change of each new app, and a RESULT when each
 * instance is online or has failed; result.id is the first new id.
 *
 * CTL_START_ONE is for who brings a list back: the app gets this id if it is
 * free (else the next one), this instance number, and belongs together with
 * those whose first one is first (an app of the same owner, or its own id).
 * An id that was asked for moves the next free one behind it.
 */
struct ctl_start {
	uint32_t	 speclen;
	uint32_t	 flags;
	uint32_t	 id;		/* APP_ID_ALL: the next one */
	uint32_t	 first;		/* APP_ID_ALL: itself */
	uint32_t	 instance;
	uint32_t	 restarts;	/* its counter */
};

/*
 * Another spec for an app and for all that were started together with it,
 * in SPEC_PARTs like START's: nothing runs anew by it, the next start takes
 * it.  Name and owner stay; INSTANCES is only noted (see SCALE).  What is not
 * allowed at a START is not here, either.  result.count: so many apps.
 */
struct ctl_update {
	uint32_t	 id;
	uint32_t	 speclen;
};

/*
 * Answer: EVENTs with the same peerid as it happens, and a RESULT when it is
 * done: stopped means that nothing of the app is left, restarted that it is
 * online again, deleted that it is gone.
 */
struct ctl_app {
	uint32_t	 id;
	uint32_t	 arg;
};

#define CTL_LOGS_OUT	0x01
#define CTL_LOGS_ERR	0x02
#define CTL_LOGS_FOLLOW	0x04
#define CTL_LOGS_RUN	0x08	/* history: of the current or last run only */
#define CTL_LOGS_STATS	0x10	/* a STATS per stream instead of lines */
#define CTL_LOGS_ALONE	0x20	/* ...and not of the run before a silent one */

#define CTL_LOGS_MAXIDS	3072	/* fits one message; more: nids 0 */

/* Followed by nids uint32_t ids; none: all that you may see. */
struct ctl_logs {
	uint32_t	 flags;
	uint32_t	 lines;		/* of history, per file */
	uint32_t	 nids;
	uint32_t	 reserved;
};

#define RELOAD_GRACEFUL	0x01	/* "shutdown" before disconnect */

#define CTL_RELOAD_MAXIDS 3072	/* fits one message; at least one */

/*
 * Reload these apps, one after the other or so many at once; nids ids follow.
 * One that cannot be reloaded (not running, fork mode without --listen) is
 * restarted if it is online, else left as it is.  The first failure ends it.
 * Answer: EVENTs as it happens, and one RESULT: id is the one that failed,
 * count how many were done.  CTL_BUSY: text says whose reload is under way,
 * and id is the app that it and this one have to do with.  The same user may
 * ask for the same apps again meanwhile: he gets that reload's result, too.
 */
struct ctl_reload {
	uint32_t	 flags;
	uint32_t	 parallel;	/* 0: 1 */
	uint32_t	 nids;
	uint32_t	 reserved;
};

/*
 * Add instances to those that were started together with this one (their
 * spec, the next instance numbers).  Answered like START.
 */
struct ctl_scale {
	uint32_t	 id;
	uint32_t	 add;
};

#define SAY_MAX		8192	/* JSON text of SAY and MESSAGE */

enum app_health {
	HEALTH_NONE,		/* no check is asked for */
	HEALTH_UNKNOWN,		/* not checked yet, or at rest */
	HEALTH_GOOD,
	HEALTH_FAILING,		/* not as often in a row yet as it may */
	HEALTH_BAD
};
const char	*app_healthname(uint32_t);

enum app_watch {
	WATCH_NONE,		/* not asked for */
	WATCH_OFF,		/* asked for, but the app is at rest */
	WATCH_ON,
	WATCH_BROKEN		/* asked for, and impossible: see trouble */
};

/* Typed: this, then the strings of wire.h's WIRE_APP_STRINGS. */
struct ctl_appfix {
	uint32_t	 id;
	uint32_t	 instance;	/* 0.. among those started together */
	uint32_t	 state;		/* enum app_state */
	uint32_t	 wanted;	/* 1: should be running */
	uint32_t	 pid;		/* 0: none */
	uint32_t	 uid;		/* runs as */
	uint32_t	 owner;		/* may control it */
	uint32_t	 restarts;
	uint32_t	 unstable;
	uint32_t	 generation;	/* counts every spawn */
	uint32_t	 cluster;	/* exec_mode is cluster */
	uint32_t	 port;		/* 0: none */
	uint64_t	 created_ms;	/* wall; 0 after errored, as pm2 has it */
	uint64_t	 started_ms;	/* wall: start of the current run */
	uint64_t	 uptime_ms;	/* monotonic; 0 when not online */
	uint64_t	 next_ms;	/* until the next restart, 0: none */
	uint64_t	 memory;	/* resident bytes of the main process */
	uint32_t	 cpu_permille;	/* of one core since the last sample */
	uint32_t	 sampled;	/* 0: the two above were not asked for */
	uint64_t	 tick_ms;	/* wall: next by cron or schedule; 0 */
	uint64_t	 max_memory;	/* restart above; 0: none */
	uint64_t	 tree_memory;	/* of all its processes, last look; 0 */
	uint32_t	 first;		/* id of the first started with it */
	uint32_t	 health;	/* enum app_health */
	uint32_t	 watch;		/* enum app_watch */
	uint32_t	 held;		/* it waits for others: see trouble */
};

#define EXIT_HISTORY	8	/* exits kept per app */

/* Why a process ended, as the parent saw it. */
enum exit_reason {
	EXIT_BY_ITSELF,
	EXIT_STOPPED,		/* a stop, restart or delete was asked for */
	EXIT_KILLED,		/* did not heed the signal within kill_timeout */
	EXIT_START_FAILED,	/* never ran: stage and error say why */
	EXIT_DAEMON,		/* pm2d went down, or found it left over */
	EXIT_REPLACED,		/* a reload had put a successor in its place */
	EXIT_NOT_READY,		/* did not listen or say ready in time */
	EXIT_PROTOCOL,		/* ended: it broke the protocol of its channel */
	EXIT_WATCHDOG,		/* ended: it did not say WATCHDOG=1 in time */
	EXIT_CRON,		/* ended: by its cron_restart */
	EXIT_MEMORY,		/* ended: more than max_memory_restart */
	EXIT_CHANGED,		/* ended: a file that is watched changed */
	EXIT_UNHEALTHY		/* ended: its health check failed */
};
/* What was done about it. */
enum exit_verdict {
	VERDICT_RESTART,
	VERDICT_DELAYED,	/* after delay_ms */
	VERDICT_STOPPED,	/* as asked, autorestart off, stop_exit_codes */
	VERDICT_ERRORED,	/* too many unstable restarts */
	VERDICT_REFUSED,	/* a successor: the old process goes on */
	VERDICT_REPLACED	/* its successor is there */
};

struct ctl_exit {
	uint32_t	 id;
	uint32_t	 pid;
	uint32_t	 generation;
	int32_t		 code;		/* exit status, -1: by signal */
	int32_t		 signal;	/* 0: none */
	uint32_t	 core;
	uint32_t	 reason;
	uint32_t	 verdict;
	uint32_t	 stage;
	int32_t		 error;
	uint64_t	 when_ms;	/* wall */
	uint64_t	 ran_ms;	/* how long it had run */
	uint64_t	 delay_ms;
};

enum event_kind {
	EVENT_STATE,		/* state changed */
	EVENT_EXIT,		/* an exit; exit is filled */
	EVENT_DELETED,
	EVENT_SUCCESSOR,	/* reload: pid, generation of the new one */
	EVENT_READY,		/* ...it has taken over */
	EVENT_RELOADED,		/* ...and nothing of the old one is left */
	EVENT_LISTENING,	/* it listens or said that it is ready */
	EVENT_HEALTH,		/* health changed: state is enum app_health */
	EVENT_HELD		/* it waits for others before it starts */
};

struct ctl_event {
	uint32_t	 kind;
	uint32_t	 id;
	uint32_t	 state;
	uint32_t	 pid;
	uint32_t	 restarts;
	uint32_t	 generation;
	uint64_t	 when_ms;	/* wall */
	struct ctl_exit	 exit;
	char		 name[APP_NAME_MAX];
};

/* A row of doctor: level 0 good, 1 worth knowing, 2 bad. */
struct ctl_row {
	uint32_t	 level;
	uint32_t	 reserved;
	char		 key[32];
	char		 text[216];
};

enum ctl_code {
	CTL_OK,
	CTL_NOSUCH,		/* no such app (or none that you may see) */
	CTL_DENIED,
	CTL_EXISTS,		/* script already launched; id says which */
	CTL_BUSY,		/* another request on this app is under way */
	CTL_INVALID,		/* the request or spec is malformed */
	CTL_LIMIT,		/* a limit of pm2d would be exceeded */
	CTL_FAILED,		/* could not start: stage, error */
	CTL_SYSTEM,		/* error is an errno */
	CTL_GOING,		/* pm2d is shutting down */
	CTL_TOOMANY		/* too many connections */
};
const char	*ctl_codename(uint32_t);

struct ctl_result {
	uint32_t	 code;
	int32_t		 error;		/* errno */
	uint32_t	 stage;
	uint32_t	 id;
	uint32_t	 count;
	uint32_t	 reserved;
	char		 text[256];	/* more, in words; may be empty */
};

/* ---- log daemon ---- */

#define LOG_OUT		0
#define LOG_ERR		1
#define LOG_KINDS	2

struct log_conf {
	uint64_t	 budget;	/* bytes of all rotated files together */
	uint64_t	 full_wait_ms;	/* full disk: hold back this long, then drop */
	uint32_t	 max_open;	/* files open at once, 0: by RLIMIT_NOFILE */
	uint32_t	 reserved;
};

#define LOGF_PASSED	0x01	/* descriptor attached; the parent opened it */
#define LOGF_NONE	0x02	/* /dev/null or disable_logs: read, throw away */
#define LOGF_COMPRESS	0x04	/* gzip what was rotated */
#define LOGF_DROPOLD	0x08	/* full disk: no meaning yet but reserved */

/* What was rotated in this directory of logs/ may take at most so much. */
struct log_budget {
	uint64_t	 bytes;		/* 0: no bound of its own */
	char		 dir[128];
};

/*
 * A log file.  Without LOGF_PASSED, name is one path component in logs/ (or
 * "directory/name": of the system's pm2d, which makes that directory) and
 * the log daemon opens and rotates it itself; with it, the parent does both
 * as the app's user and hands over descriptors.  Sent again with the same
 * number it replaces the descriptor.
 */
struct log_file {
	uint32_t	 file;		/* the parent's number for it */
	uint32_t	 flags;
	uint64_t	 max_size;	/* rotate when larger; 0: never */
	uint32_t	 keep;		/* rotated files kept */
	uint32_t	 uid;		/* who may read it, 0 in per-user mode */
	char		 name[256];
};

#define LOGS_TIME	0x01	/* prefix each line with datefmt */
#define LOGS_JSON	0x02	/* each line as a JSON object */

#define LOG_NOFILE	UINT32_MAX

/* A pipe of an app.  file LOG_NOFILE: read and throw away. */
struct log_stream {
	uint32_t	 app;
	uint32_t	 generation;
	uint32_t	 kind;		/* LOG_OUT, LOG_ERR */
	uint32_t	 file;
	uint32_t	 flags;
	uint32_t	 uid;
	char		 name[APP_NAME_MAX];
	char		 datefmt[64];	/* strftime(3), "" */
};

/* error 0, or why the stream was not taken (the parent sends it again) */
struct log_streamed {
	uint32_t	 app;
	uint32_t	 generation;
	uint32_t	 kind;
	int32_t		 error;
};

/* app APP_ID_ALL: all; cookie comes back in the answer */
struct log_ref {
	uint32_t	 app;
	uint32_t	 generation;
	uint32_t	 kind;
	uint32_t	 cookie;
};

/* pid 0: remove it.  With a descriptor: written there, else pids/name. */
struct log_pidfile {
	uint32_t	 app;
	uint32_t	 pid;
	char		 name[256];
};

/* Followed by nids uint32_t ids; with the client's socket. */
struct log_follow {
	uint32_t	 flags;		/* CTL_LOGS_* */
	uint32_t	 lines;
	uint32_t	 nids;
	uint32_t	 reserved;
};

struct log_ready {
	char		 sandbox[128];	/* sandbox_describe() */
};

struct log_done {
	uint32_t	 cookie;
	int32_t		 error;
};

#define WANTFILE_ROTATE	1	/* rename away, open anew */
#define WANTFILE_REOPEN	2	/* somebody else moved it: open anew */

struct log_wantfile {
	uint32_t	 file;
	uint32_t	 why;
};

/* ---- followers ---- */

/* The history that follows comes from this file. */
struct follow_file {
	uint32_t	 app;
	uint32_t	 kind;
	uint32_t	 lines;		/* how many follow */
	uint32_t	 reserved;
	char		 name[256];	/* "" when the parent opened it */
};

#define FOLLOW_HISTORY	0x01
#define FOLLOW_PARTIAL	0x02	/* line goes on in the next message */

struct follow_line {
	uint32_t	 app;
	uint32_t	 kind;
	uint64_t	 when_ms;	/* wall; 0 for history */
	uint32_t	 flags;
	uint32_t	 reserved;
};

/* This follower was too slow: so much was not sent to it. */
struct follow_gap {
	uint64_t	 bytes;
	uint64_t	 lines;
};

struct follow_stats {
	uint32_t	 app;
	uint32_t	 kind;
	uint64_t	 bytes;		/* written since pm2logd knows the app */
	uint64_t	 lost_bytes;	/* dropped: disk full */
	uint64_t	 lost_lines;
	uint64_t	 rotations;
	int32_t		 error;		/* last errno of writing, 0: fine */
	uint32_t	 reserved;
	char		 name[256];
};

/* ---- engine ---- */

/*
 * Sent first.  epoch counts the engines of this pm2d: sequence numbers of
 * messages to workers are epoch << 32 | n, so that an answer to an earlier
 * engine is known as such.  The socket (SOCK_SEQPACKET) is where descriptors
 * go that the engine leaves behind when it dies.
 */
struct engine_conf {
	uint32_t	 epoch;
	uint32_t	 reserved;
};

/* A run of an app: what all messages about one begin with. */
struct engine_ref {
	uint32_t	 app;
	uint32_t	 generation;
};

#define WORKER_CLUSTER	0x01	/* a cluster worker, not only a channel */
#define WORKER_STICKY	0x02	/* of new connections, by address */
/* of a worker that an earlier engine knew: */
#define WORKER_ONLINE	0x10
#define WORKER_RETIRED	0x20
#define WORKER_DRAINING	0x40
#define WORKER_GOING	0x80	/* disconnect was sent */

struct engine_worker {
	struct engine_ref ref;
	uint32_t	 worker;	/* NODE_UNIQUE_ID; 0: none */
	uint32_t	 flags;
	uint32_t	 uid;		/* runs as: may write to NOTIFY_SOCKET */
	uint32_t	 reserved;
	char		 name[APP_NAME_MAX];
};

#define LISTENER_DATA_MAX 1024	/* queryServer's data, JSON text */

/*
 * A listening socket whose connections the engine accepts and hands to the
 * workers that serve key.  number is the parent's name for the socket; it
 * differs from key for a socket of a dead worker, whose queue is rescued.
 */
struct engine_listener {
	uint32_t	 number;
	uint32_t	 key;
};

/* This worker serves this listener (LISTENING, SERVES), or not (CLOSED). */
struct engine_serves {
	struct engine_ref ref;
	uint32_t	 key;		/* 0 in LISTENING: not one of ours */
	uint32_t	 port;		/* LISTENING: as the worker says */
};

enum listen_type {
	LISTEN_TCP4,
	LISTEN_TCP6,
	LISTEN_UDP4,
	LISTEN_UDP6,
	LISTEN_UNIX,
	LISTEN_NTYPES
};

#define LISTEN_V6ONLY	0x01
#define LISTEN_REUSEADDR 0x04	/* UDP */
#define LISTEN_READALL	0x10	/* unix: readable, writable by all */
#define LISTEN_WRITEALL	0x20
#define LISTEN_ANY	0x40	/* no address: "::", else 0.0.0.0 */
#define LISTEN_ABSTRACT	0x80	/* unix: a name, without the NUL before it */

#define LISTEN_ADDR_MAX	1024	/* of an address or path, with NUL */

/*
 * What a worker asks for, checked for form only: may it, and where?  seq is
 * the worker's and comes back in BOUND.  The same query may come twice, from
 * an engine that died and from its successor: answer both.
 */
struct engine_listen {
	struct engine_ref ref;
	uint64_t	 seq;
	uint32_t	 type;		/* enum listen_type */
	uint32_t	 port;		/* 0: any */
	uint32_t	 index;		/* tells port 0 and port 0 apart */
	uint32_t	 flags;		/* LISTEN_* */
	uint32_t	 backlog;	/* 0: 511 */
	uint32_t	 datalen;
	char		 address[LISTEN_ADDR_MAX];	/* numeric, or a path */
	char		 data[LISTENER_DATA_MAX];	/* JSON text; "null" */
};

#define BOUND_FD	0x01	/* the socket goes to the worker itself */

/*
 * The answer.  Without error and without BOUND_FD the engine accepts: the
 * LISTENER came before.  data is that of the first worker, for all.
 */
struct engine_bound {
	struct engine_ref ref;
	uint64_t	 seq;
	int32_t		 error;		/* errno (positive), 0: done */
	uint32_t	 key;		/* the worker's key is "L<key>" */
	uint32_t	 type;
	uint32_t	 port;		/* the real one */
	uint32_t	 flags;		/* BOUND_* */
	uint32_t	 datalen;
	char		 address[LISTEN_ADDR_MAX];	/* getsockname() */
	char		 data[LISTENER_DATA_MAX];
};

struct engine_ready {
	char		 sandbox[128];	/* sandbox_describe() */
};

/* The engine has closed the channel; the process is the parent's to end. */
struct engine_bad {
	struct engine_ref ref;
	char		 why[120];
};

#define NOTIFY_READY	0x01
#define NOTIFY_STOPPING	0x02
#define NOTIFY_WATCHDOG	0x04
#define NOTIFY_EXTEND	0x08	/* usec is filled */
#define NOTIFY_STATUS	0x10	/* status is filled */
#define NOTIFY_RELOADING 0x20
#define NOTIFY_STATUS_MAX 128

/* One datagram of sd_notify(3), from a process of the app's user. */
struct engine_notify {
	struct engine_ref ref;
	uint64_t	 usec;
	uint32_t	 flags;
	uint32_t	 reserved;
	char		 status[NOTIFY_STATUS_MAX];	/* UTF-8, NUL-terminated */
};

/* ---- watchers and probers (agent.h) ---- */

struct agent_ready {
	char		 sandbox[128];	/* sandbox_describe() */
};

/* An app, and which of its watches or checks: those before are forgotten. */
struct watch_ref {
	uint32_t	 app;
	uint32_t	 serial;
};

/*
 * Watch these for changes: npaths absolute paths, then nignore patterns, each
 * as wire_add_str().
 */
struct watch_add {
	struct watch_ref ref;
	uint32_t	 delay_ms;	/* changes in so short a time are one */
	uint32_t	 npaths;
	uint32_t	 nignore;
	uint32_t	 reserved;
};

struct watch_on {
	struct watch_ref ref;
	uint32_t	 ndirs;
	uint32_t	 reserved;
};

/* It cannot be watched (any more): nothing more is said of this one. */
struct watch_failed {
	struct watch_ref ref;
	int32_t		 error;
	uint32_t	 reserved;
	char		 text[240];
};

struct watch_changed {
	struct watch_ref ref;
	uint32_t	 count;		/* files that changed, at least */
	uint32_t	 reserved;
	char		 path[256];	/* one of them, its end if too long */
};

struct probe_ref {
	uint32_t	 app;
	uint32_t	 serial;
};

/* Ask in this interval from now on; the address (HEALTH) follows, no NUL. */
struct probe_add {
	struct probe_ref ref;
	uint32_t	 interval_ms;
	uint32_t	 timeout_ms;
};

struct probe_result {
	struct probe_ref ref;
	uint32_t	 good;
	uint32_t	 took_ms;
	char		 text[120];	/* what was wrong; printable ASCII */
};

#endif /* PM2D_MSG_H */

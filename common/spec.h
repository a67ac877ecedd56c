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
 * An app spec: everything that was asked for when an app was started, as a
 * flat block of records {u16 key, u16 0, u32 length, bytes}, at most 1 MiB.
 * pm2ctl makes it; the parent checks it, keeps it and writes it to the state
 * file as it is.  Keys are one list, so that command line, process files,
 * state file and manual page speak of the same things.
 */
#ifndef PM2D_SPEC_H
#define PM2D_SPEC_H

#include <stddef.h>
#include <stdint.h>

#define SPEC_MAX	(1024 * 1024)
#define SPEC_ENVSTR_MAX	131071		/* the kernel's limit for one string */
#define SPEC_ARGENV_MAX	(1536 * 1024)	/* below the kernel's stack / 4 */

enum spec_type {
	SPEC_T_STR,		/* UTF-8 or bytes without NUL, one */
	SPEC_T_LIST,		/* the same, repeated */
	SPEC_T_U64,		/* 8 bytes, host order */
	SPEC_T_BOOL		/* 8 bytes, 0 or 1 */
};

/*
 * X(KEY, number, "name in process files", type, default, min, max)
 * default, min and max are for numbers; durations are in ms, sizes in bytes.
 * For strings max is the longest length.
 */
#define SPEC_LIST_KEYS(X)						      \
	X(NAME,		 1, "name",		SPEC_T_STR,  0, 1, 127)	      \
	X(SCRIPT,	 2, "script",		SPEC_T_STR,  0, 1, 4095)      \
	X(INTERPRETER,	 3, "exec_interpreter",	SPEC_T_STR,  0, 0, 4095)      \
	X(INTERPRETER_ARG, 4, "interpreter_args", SPEC_T_LIST, 0, 0, SPEC_ENVSTR_MAX) \
	X(ARG,		 5, "args",		SPEC_T_LIST, 0, 0, SPEC_ENVSTR_MAX) \
	X(CWD,		 6, "cwd",		SPEC_T_STR,  0, 1, 4095)      \
	/* the shell's layer: what the caller's environment was */	      \
	X(ENV,		 7, "shell_env",	SPEC_T_LIST, 0, 2, SPEC_ENVSTR_MAX) \
	X(USER,		 8, "user",		SPEC_T_STR,  0, 1, 255)	      \
	X(EXEC_MODE,	 9, "exec_mode",	SPEC_T_STR,  0, 0, 31)	      \
	X(INSTANCES,	10, "instances",	SPEC_T_U64,  1, 1, 4096)      \
	X(NAMESPACE,	11, "namespace",	SPEC_T_STR,  0, 0, 127)	      \
	X(PORT,		12, "port",		SPEC_T_U64,  0, 0, 65535)     \
	X(INSTANCE_VAR,	13, "instance_var",	SPEC_T_STR,  0, 1, 127)	      \
	X(INCREMENT_VAR, 14, "increment_var",	SPEC_T_STR,  0, 1, 127)	      \
	X(BALANCE,	15, "balance",		SPEC_T_STR,  0, 0, 15)	      \
	X(LISTEN,	16, "listen",		SPEC_T_LIST, 0, 1, 255)	      \
	X(IPC,		17, "ipc",		SPEC_T_BOOL, 0, 0, 1)	      \
	/* the file's layers: env, and those whose values are never shown */    \
	X(FILE_ENV,	18, "env",		SPEC_T_LIST, 0, 2, SPEC_ENVSTR_MAX) \
	X(ENV_FILE,	19, "env_file",		SPEC_T_LIST, 0, 1, 4095)      \
	X(OUT_FILE,	20, "out_file",		SPEC_T_STR,  0, 0, 4095)      \
	X(ERR_FILE,	21, "error_file",	SPEC_T_STR,  0, 0, 4095)      \
	X(PID_FILE,	22, "pid_file",		SPEC_T_STR,  0, 0, 4095)      \
	X(MERGE_LOGS,	23, "merge_logs",	SPEC_T_BOOL, 0, 0, 1)	      \
	X(LOG_DATE_FORMAT, 24, "log_date_format", SPEC_T_STR, 0, 0, 63)	      \
	X(LOG_TYPE,	25, "log_type",		SPEC_T_STR,  0, 0, 15)	      \
	X(DISABLE_LOGS,	26, "disable_logs",	SPEC_T_BOOL, 0, 0, 1)	      \
	X(LOG_MAX_SIZE,	27, "log_max_size",	SPEC_T_U64, 10485760, 0, UINT64_MAX) \
	X(LOG_KEEP,	28, "log_keep",		SPEC_T_U64, 10, 0, 1000)      \
	X(LOG_COMPRESS,	29, "log_compress",	SPEC_T_BOOL, 0, 0, 1)	      \
	X(SECRET,	30, "secret",		SPEC_T_LIST, 0, 2, SPEC_ENVSTR_MAX) \
	X(SECRET_FILE,	31, "secret_file",	SPEC_T_LIST, 0, 3, 4351)      \
	X(FILTER_ENV,	32, "filter_env",	SPEC_T_LIST, 0, 0, 127)	      \
	/* when it is run again */					      \
	X(CRON,		33, "cron_restart",	SPEC_T_STR,  0, 1, 255)	      \
	X(SCHEDULE,	34, "schedule",		SPEC_T_STR,  0, 1, 255)	      \
	X(MAX_MEMORY,	35, "max_memory_restart", SPEC_T_U64, 0, 0, UINT64_MAX) \
	X(WATCH,	36, "watch",		SPEC_T_LIST, 0, 1, 4095)      \
	X(IGNORE_WATCH,	37, "ignore_watch",	SPEC_T_LIST, 0, 1, 1023)      \
	X(WATCH_DELAY,	38, "watch_delay",	SPEC_T_U64, 200, 0, 3600000)  \
	X(DEPENDS,	39, "depends_on",	SPEC_T_LIST, 0, 1, 143)	      \
	X(AUTORESTART,	40, "autorestart",	SPEC_T_BOOL, 1, 0, 1)	      \
	X(MIN_UPTIME,	41, "min_uptime",	SPEC_T_U64, 1000, 0, 86400000) \
	X(MAX_RESTARTS,	42, "max_restarts",	SPEC_T_U64, 15, 0, 1000)      \
	X(RESTART_DELAY, 43, "restart_delay",	SPEC_T_U64, 0, 0, 86400000)   \
	X(EXP_BACKOFF,	44, "exp_backoff_restart_delay", SPEC_T_U64, 0, 0, 86400000) \
	X(STOP_EXIT_CODE, 45, "stop_exit_codes", SPEC_T_LIST, 0, 1, 3)	      \
	X(KILL_SIGNAL,	46, "kill_signal",	SPEC_T_U64, 2, 1, 64)	      \
	X(KILL_TIMEOUT,	47, "kill_timeout",	SPEC_T_U64, 4000, 0, 86400000) \
	X(WAIT_READY,	48, "wait_ready",	SPEC_T_BOOL, 0, 0, 1)	      \
	X(LISTEN_TIMEOUT, 49, "listen_timeout",	SPEC_T_U64, 8000, 1, 86400000) \
	X(DRAIN,	50, "drain",		SPEC_T_BOOL, 1, 0, 1)	      \
	X(SHUTDOWN_MESSAGE, 51, "shutdown_with_message", SPEC_T_BOOL, 0, 0, 1) \
	X(NOTIFY,	52, "notify",		SPEC_T_BOOL, 0, 0, 1)	      \
	X(WATCHDOG,	53, "watchdog",		SPEC_T_U64, 0, 0, 86400000)   \
	/* is it well? */						      \
	X(HEALTH,	54, "health_check",	SPEC_T_STR,  0, 1, 4095)      \
	X(HEALTH_INTERVAL, 55, "health_interval", SPEC_T_U64, 10000, 100, 86400000) \
	X(HEALTH_TIMEOUT, 56, "health_timeout",	SPEC_T_U64, 3000, 10, 60000)  \
	X(HEALTH_RETRIES, 57, "health_retries",	SPEC_T_U64, 3, 1, 1000)	      \
	X(HEALTH_GRACE,	58, "health_grace",	SPEC_T_U64, 30000, 0, 86400000) \
	X(HEALTH_ACTION, 59, "health_action",	SPEC_T_STR,  0, 0, 15)	      \
	/* who it is, and what it may */				      \
	X(GROUP,	60, "group",		SPEC_T_STR,  0, 1, 255)	      \
	X(CHROOT,	61, "chroot",		SPEC_T_STR,  0, 1, 4095)      \
	X(UMASK,	62, "umask",		SPEC_T_U64, 022, 0, 0777)     \
	X(NICE,		63, "nice",		SPEC_T_U64, 20, 0, 39)	      \
	X(NO_NEW_PRIVS,	64, "no_new_privs",	SPEC_T_BOOL, 0, 0, 1)	      \
	X(SANDBOX,	65, "sandbox",		SPEC_T_STR,  0, 0, 15)	      \
	/* rlimits, of each process; LIMIT_NONE: as pm2d's */		      \
	X(LIMIT_NOFILE,	66, "limit_nofile",	SPEC_T_U64, UINT64_MAX, 0, UINT64_MAX) \
	X(LIMIT_PROCESSES, 67, "limit_processes", SPEC_T_U64, UINT64_MAX, 0, UINT64_MAX) \
	X(LIMIT_MEMORY,	68, "limit_memory",	SPEC_T_U64, UINT64_MAX, 0, UINT64_MAX) \
	X(LIMIT_CORE,	69, "limit_core",	SPEC_T_U64, UINT64_MAX, 0, UINT64_MAX) \
	X(LIMIT_FSIZE,	70, "limit_fsize",	SPEC_T_U64, UINT64_MAX, 0, UINT64_MAX) \
	X(LIMIT_STACK,	71, "limit_stack",	SPEC_T_U64, UINT64_MAX, 0, UINT64_MAX) \
	X(LIMIT_CPU,	72, "limit_cpu",	SPEC_T_U64, UINT64_MAX, 0, UINT64_MAX) \
	/* of all of its processes together, by cgroup; 0: none */	      \
	X(CGROUP_MEMORY, 73, "cgroup_memory",	SPEC_T_U64, 0, 0, UINT64_MAX) \
	X(CGROUP_CPU,	74, "cgroup_cpu",	SPEC_T_U64, 0, 0, 409600)     \
	X(CGROUP_PIDS,	75, "cgroup_pids",	SPEC_T_U64, 0, 0, 4194304)    \
	/* for people: where it was declared, with which --env */	      \
	X(SOURCE,	76, "declared_in",	SPEC_T_STR,  0, 1, 4095)      \
	X(SOURCE_ENV,	77, "declared_env",	SPEC_T_STR,  0, 1, 127)

enum spec_key {
#define X(key, n, name, type, def, min, max) SPEC_##key = n,
	SPEC_LIST_KEYS(X)
#undef X
	SPEC_KEY_END
};

#define SPEC_KEYS	128	/* all numbers are below */

/*
 * What the strings of some keys say; spec_validate() holds all of it.
 *
 *	ENV, FILE_ENV, SECRET	"NAME=value".  What an app gets is made anew
 *		at every start, the later layer wins: password entry (another
 *		user's app), ENV, ENV_FILE, FILE_ENV, SECRET and SECRET_FILE,
 *		pm2's own fields.
 *	ENV_FILE	absolute path, read as the app's user at every start
 *	SECRET_FILE	"NAME=/path": the variable is what is in that file
 *	FILTER_ENV	a prefix of names that ENV was not given; "" is all
 *	CRON, SCHEDULE	5 or 6 fields (cron.h).  SCHEDULE: a job, it is run
 *		then, and only then, to its end.
 *	WATCH, IGNORE_WATCH	absolute paths; patterns (fnmatch(3))
 *	DEPENDS		"name", "name:started", "name:online", "name:ready",
 *		at most SPEC_DEPENDS_MAX
 *	HEALTH		"http://host:port/path", "tcp:host:port", "exec:word ..."
 *	HEALTH_ACTION	"restart" (default), "reload", "none"
 *	UMASK		default: what pm2d was started with (count[]
 *		tells whether it was given)
 *	NICE		nice value + 20
 *	SANDBOX		"off" (default), "basic", "strict"
 *	CGROUP_CPU	hundredths of a CPU
 */
#define SPEC_LIMIT_NONE		UINT64_MAX	/* not given */
#define SPEC_NICE_ZERO		20
#define SPEC_DEPENDS_MAX	64

/* A block being written. Zero it to begin. */
struct spec_buf {
	unsigned char	*data;
	size_t		 len;
	size_t		 cap;
};

/* 0, or -1 with errno: E2BIG past SPEC_MAX, EINVAL for NULs and wrong types. */
int	 spec_add_str(struct spec_buf *, enum spec_key, const char *);
int	 spec_add_u64(struct spec_buf *, enum spec_key, uint64_t);
void	 spec_buf_free(struct spec_buf *);

/*
 * A block being read: views into the caller's bytes, no copies.  The strings
 * in it end with a NUL (the writer puts one, the reader checks it).
 */
struct spec {
	const unsigned char *data;
	size_t		 len;
	const char	*str[SPEC_KEYS];	/* by key; NULL: not given */
	uint64_t	 num[SPEC_KEYS];	/* the default when not given */
	uint32_t	 count[SPEC_KEYS];	/* how many times it is there */
};

/*
 * Check a block and index it.  0, or -1 and in the buffer a sentence that
 * names the key and what was expected.  Never reads outside of len bytes.
 */
int	 spec_parse(struct spec *, const void *, size_t, char *, size_t);

/* Walk a list: *pos starts at 0; NULL at the end. */
const char *spec_next(const struct spec *, enum spec_key, size_t *pos);

/*
 * Beyond the form: is this something the parent can run?  Checks the name
 * (spec_badname), that script and cwd are absolute, env strings have a '=',
 * stop codes are 0..255, argv + env fit execve(2), exec_mode and balance
 * are known, listen has addresses (listenspec.h).
 */
int	 spec_validate(const struct spec *, char *, size_t);

/* NULL, or why this cannot be the name of an app. */
const char *spec_badname(const char *);

/* Key by its name in process files, 0 when there is none; and back. */
enum spec_key	 spec_keybyname(const char *);
const char	*spec_keyname(enum spec_key);
enum spec_type	 spec_keytype(enum spec_key);

#endif /* PM2D_SPEC_H */

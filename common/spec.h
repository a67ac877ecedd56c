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
	X(ENV,		 7, "env",		SPEC_T_LIST, 0, 2, SPEC_ENVSTR_MAX) \
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
	X(WATCHDOG,	53, "watchdog",		SPEC_T_U64, 0, 0, 86400000)

enum spec_key {
#define X(key, n, name, type, def, min, max) SPEC_##key = n,
	SPEC_LIST_KEYS(X)
#undef X
	SPEC_KEY_END
};

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
	const char	*str[64];	/* by key; NULL: not given */
	uint64_t	 num[64];	/* by key; the default when not given */
	uint32_t	 count[64];	/* by key; entries of a list */
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

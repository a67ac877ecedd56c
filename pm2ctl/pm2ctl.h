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
 * pm2ctl: options, commands, and what its files offer each other.
 */
#ifndef PM2CTL_H
#define PM2CTL_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "client.h"

/* ---- options.c ---- */

/* An option with a number: 0 can be meant. */
struct optnum {
	uint64_t	 value;
	int		 given;
};

/* An option that may be given several times. */
#define OPTLIST_MAX	32
struct optlist {
	const char	*v[OPTLIST_MAX];
	size_t		 n;
};

/*
 * Every option, whatever the command.  Strings are NULL and flags 0 when not
 * given.  Durations are in milliseconds, sizes in bytes.
 */
struct options {
	/* what to run, and how */
	const char	*name;
	const char	*instances;	/* a number or "max" */
	const char	*interpreter;
	const char	*interpreter_args;
	const char	*cwd;
	const char	*namespace;
	const char	*user;
	struct optnum	 port;
	int		 execute_command;	/* -x: fork mode */
	int		 force;
	int		 write;
	int		 no_daemon;
	int		 no_wait;
	struct optnum	 wait_time;
	/* what it listens on, and when it is ready */
	const char	*balance;
	struct optlist	 listen;
	int		 no_drain;
	int		 wait_ready;
	struct optnum	 listen_timeout;
	int		 shutdown_message;
	int		 notify;
	struct optnum	 watchdog;
	const char	*instance_var;
	const char	*increment_var;
	struct optnum	 parallel;	/* reload: so many at once */
	/* keeping it alive, stopping it */
	int		 no_autorestart;
	struct optnum	 min_uptime;
	struct optnum	 max_restarts;
	struct optnum	 restart_delay;
	struct optnum	 exp_backoff;
	const char	*stop_exit_codes;	/* "0,3 4" */
	struct optnum	 kill_signal;
	struct optnum	 kill_timeout;
	/* its files */
	const char	*output;
	const char	*error;
	const char	*pid;
	int		 merge_logs;
	const char	*log_date_format;
	int		 time;
	const char	*log_type;
	int		 disable_logs;
	struct optnum	 log_max_size;
	struct optnum	 log_keep;
	int		 log_compress;
	/* when it is run again */
	const char	*cron;
	const char	*schedule;
	struct optnum	 max_memory;
	int		 watch;		/* its directory */
	struct optlist	 watch_path;
	struct optlist	 ignore_watch;
	struct optnum	 watch_delay;
	struct optlist	 depends;	/* "name", "name:ready" */
	/* is it well? */
	const char	*health;
	struct optnum	 health_interval;
	struct optnum	 health_timeout;
	struct optnum	 health_retries;
	struct optnum	 health_grace;
	const char	*health_action;
	/* its environment */
	struct optlist	 env_file;
	struct optlist	 secret_file;	/* "NAME=path" */
	struct optlist	 filter_env;
	/* who it is, and what it may */
	const char	*group;
	const char	*chroot;
	struct optnum	 umask;
	struct optnum	 nice;		/* and 20: never negative */
	int		 no_new_privs;
	const char	*sandbox;
	struct optnum	 limit_nofile;
	struct optnum	 limit_processes;
	struct optnum	 limit_memory;
	struct optnum	 limit_core;
	struct optnum	 limit_fsize;
	struct optnum	 limit_stack;
	struct optnum	 limit_cpu;
	struct optnum	 cgroup_memory;
	struct optnum	 cgroup_cpu;	/* hundredths of a cpu */
	struct optnum	 cgroup_pids;
	/* process files */
	const char	*only_;		/* "a,b" */
	const char	*env_name;
	int		 update_env;
	const char	*why;		/* env: a variable */
	int		 prune;
	int		 dry_run;
	/* startup */
	const char	*hp;		/* the user's home directory */
	int		 system;	/* the pm2d of all users */
	int		 print;
	int		 if_empty;	/* resurrect: into an empty list only */
	/* what to show */
	int		 mini_list;
	int		 silent;
	int		 verbose;
	int		 no_color;
	struct optnum	 lines;		/* logs: of history; not given: 15 */
	int		 err;
	int		 out;
	int		 raw;
	int		 json;
	int		 timestamp;
	int		 nostream;
	/* about pm2ctl */
	int		 help;
	int		 version;
};

enum opt_type {
	OPT_FLAG,		/* int, set to 1 */
	OPT_STR,		/* const char * */
	OPT_LIST,		/* struct optlist */
	OPT_NUM,		/* struct optnum */
	OPT_DURATION,		/* struct optnum, "1500", "2s" */
	OPT_SIZE,		/* struct optnum, "10M" */
	OPT_SIGNAL,		/* struct optnum, "SIGINT" */
	OPT_MODE,		/* struct optnum, "022" */
	OPT_NICE,		/* struct optnum, "-5", kept as 15 */
	OPT_CPUS		/* struct optnum, "1.5", kept as 150 */
};

struct option_def {
	const char	*longname;	/* without dashes; the first of its
					 * member is the one --help shows */
	char		 shortname;	/* '\0': none */
	enum opt_type	 type;
	size_t		 offset;	/* in struct options */
	const char	*arg;		/* "<name>", NULL for flags */
	const char	*help;		/* NULL: another name of that above */
	uint64_t	 min;		/* OPT_NUM */
	uint64_t	 max;
};

#define OPT_NOMAX	INT64_MAX	/* max of OPT_NUM: there is none */

extern const struct option_def option_defs[];	/* ends with longname NULL */

struct arguments {
	char		**pos;		/* the command and its arguments */
	int		  npos;
	char		**app;		/* behind "--" */
	int		  napp;
};

/*
 * Sort argv (without argv[0]) into options and arguments, which are views
 * into argv and an array to free.  0, or -1 and a sentence in the buffer.
 */
int	 options_parse(int, char **, struct options *, struct arguments *,
	    char *, size_t);
void	 options_help(FILE *);
/*
 * A number of one of the types above from its word. 0, or -1 and why not, to
 * be read after the word.
 */
int	 options_number(enum opt_type, const char *, uint64_t min,
	    uint64_t max, uint64_t *, char *, size_t);
/* The member of an option_def, for tables of options. */
const struct option_def *options_find(const char *);
/* Number of edits between two words, transpositions counting as one. */
size_t	 word_distance(const char *, const char *);

/* ---- commands ---- */

/* What a handler is given. */
struct ctl {
	const struct options *opt;
	const struct command *cmd;
	const char	*name;		/* the command as typed */
	const char	*home;		/* the caller's, or PM2_HOME */
	const char	*socket;	/* another one's than home's; or NULL */
	const char	*maybe;		/* the system's, not tried yet */
	const char	*where;		/* home or socket, for messages */
	struct client	 client;
	char		**app;		/* arguments behind "--" */
	int		  napp;
	int		  started;	/* this command started the daemon */
	int		  child;	/* --no-daemon: pid of our pm2d, or 0 */
};

#define CMD_DAEMON	0x01	/* wants a running pm2d, never starts one */
#define CMD_START	0x02	/* starts pm2d when none runs */
#define CMD_ACTION	0x04	/* changes something: goes on when nobody
				 * reads its output; without it SIGPIPE kills */
#define CMD_PLAIN	0x08	/* output for programs: no ES6 line */
#define CMD_APPS	0x10	/* arguments are apps (for completion) */
#define CMD_FILES	0x20	/* arguments are files (for completion) */
#define CMD_DRY		0x40	/* has --dry-run: then any pm2d will do, or
				 * none at all */
#define CMD_MAYBE	0x80	/* the same always */

struct command {
	const char	*name;
	const char	*aliases;	/* "ls l status", or NULL */
	/*
	 * Arguments without the command itself.  Returns the exit status.
	 * With CMD_DAEMON or CMD_START the client is connected.
	 */
	int		(*handler)(struct ctl *, int, char **);
	int		 flags;
	int		 minargs;
	const char	*args;		/* "<id|name|all> ...", "" for none */
	const char	*help;
};

extern const struct command commands[];		/* ends with name NULL */
const struct command *command_find(const char *);

/* start.c, actions.c, reload.c, scale.c, message.c, signal.c, daemon.c,
 * query.c, generate.c, validate.c */
int	 cmd_start(struct ctl *, int, char **);
int	 cmd_stop(struct ctl *, int, char **);
int	 cmd_restart(struct ctl *, int, char **);
int	 cmd_delete(struct ctl *, int, char **);
int	 cmd_reset(struct ctl *, int, char **);
int	 cmd_reload(struct ctl *, int, char **);
int	 cmd_graceful(struct ctl *, int, char **);
int	 cmd_scale(struct ctl *, int, char **);
int	 cmd_message(struct ctl *, int, char **);
int	 cmd_messages(struct ctl *, int, char **);
int	 cmd_signal(struct ctl *, int, char **);
int	 cmd_ping(struct ctl *, int, char **);
int	 cmd_kill(struct ctl *, int, char **);
int	 cmd_id(struct ctl *, int, char **);
int	 cmd_pid(struct ctl *, int, char **);
int	 cmd_flush(struct ctl *, int, char **);
int	 cmd_reloadlogs(struct ctl *, int, char **);
int	 cmd_generate(struct ctl *, int, char **);
int	 cmd_startup(struct ctl *, int, char **);
int	 cmd_unstartup(struct ctl *, int, char **);
int	 cmd_dump(struct ctl *, int, char **);
int	 cmd_resurrect(struct ctl *, int, char **);
/* apply.c, diff.c, ecosystem.c */
int	 cmd_apply(struct ctl *, int, char **);
int	 cmd_start_or_restart(struct ctl *, int, char **);
int	 cmd_start_or_reload(struct ctl *, int, char **);
int	 cmd_start_or_graceful(struct ctl *, int, char **);
int	 cmd_diff(struct ctl *, int, char **);
int	 cmd_ecosystem(struct ctl *, int, char **);
int	 cmd_validate(struct ctl *, int, char **);

/* output.c, describe.c, why.c, env.c, logs.c, doctor.c, complete.c */
int	 cmd_list(struct ctl *, int, char **);
int	 cmd_jlist(struct ctl *, int, char **);
int	 cmd_prettylist(struct ctl *, int, char **);
int	 cmd_describe(struct ctl *, int, char **);
int	 cmd_why(struct ctl *, int, char **);
int	 cmd_env(struct ctl *, int, char **);
int	 cmd_logs(struct ctl *, int, char **);
int	 cmd_doctor(struct ctl *, int, char **);
int	 cmd_completion(struct ctl *, int, char **);

/*
 * The table, or the blocks of -m, of a list that was made with
 * CTL_LIST_SAMPLE; nothing with -s.  Colours as say_color() has it.
 * 0, or 1 when it could not be written (said, unless nobody reads).
 */
int	 output_list(FILE *, const struct app_list *, const struct options *);

/*
 * The last lines (of the kinds and run in flags, CTL_LOGS_*) of one app,
 * each indented by two blanks and made harmless for a terminal.  Returns how
 * many were printed, -1 when they could not be had (nothing was said).
 */
int	 logs_print_tail(struct client *, uint32_t id, uint32_t flags,
	    uint32_t lines, FILE *);
/* The last words of an app that died, on stderr; no error when none are. */
void	 logs_print_stderr(struct client *, uint32_t id);
/* ...of its latest process, if that has said anything. */
void	 logs_print_words(struct client *, uint32_t id);

/* ---- say.c: what people read ---- */

/* After the options are known: -s, --no-color, NO_COLOR, terminals. */
void	 say_init(const struct options *);
/* Whether this stream (stdout, stderr) gets colours. */
int	 say_color(FILE *);
/* Name this one in all lines with a prefix, as it is not the usual one. */
void	 say_daemon(const char *);
/*
 * A line: "PM2 text" on stdout (not with -s), "PM2 [WARN] text" and
 * "PM2 [ERROR] text" on stderr.  All but printable UTF-8, tabs and newlines
 * is made visible: "\033".
 */
void	 say_info(const char *, ...) __attribute__((format(printf, 1, 2)));
void	 say_warn(const char *, ...) __attribute__((format(printf, 1, 2)));
void	 say_error(const char *, ...) __attribute__((format(printf, 1, 2)));
/* The same on stdout without the prefix; not with -s. */
void	 say_plain(const char *, ...) __attribute__((format(printf, 1, 2)));

/* ---- select.c: which apps are meant ---- */

struct selection {
	uint32_t	*ids;		/* ascending, each once */
	size_t		 n;
	size_t		 cap;
};

enum select_how {
	SELECT_NONE,
	SELECT_ALL,
	SELECT_ID,
	SELECT_NAME,
	SELECT_SCRIPT,
	SELECT_NAMESPACE
};

/*
 * Add the apps that a word means: "all", an id, a name, the path or the base
 * name (with or without extension) of a script, a namespace; the first of
 * these that matches anything.  Pure.  -1 with errno when out of memory.
 */
int	 select_word(const struct app_list *, const char *,
	    struct selection *, enum select_how *);
/*
 * All words, or all apps when there are none; for each that means nothing
 * "PM2 [ERROR] Process or namespace X not found" is said.  Returns how many
 * meant nothing, or -1 (said).
 */
int	 select_apps(const struct app_list *, int, char **,
	    struct selection *);
void	 select_free(struct selection *);
/* "PM2 [ERROR] X : pm2 id not found", or "Process or namespace X..." */
void	 select_missing(const char *);

/* ---- the rest of the client ---- */

/*
 * which.c: which pm2d it is.  -1: said.  The buffer for the home lives as
 * long as the client.
 */
int	 which_begin(struct ctl *, char *, size_t);
/* Connect to it: CLIENT_*. */
int	 which_open(struct ctl *);
/* None answers: may one be started in the home?  Else it was said why not. */
int	 which_may_start(const struct ctl *);

/* launch.c: a running daemon, started if need be: 0, or -1 (said). */
int	 launch(struct ctl *);
/* End the pm2d that is our child, and wait for it. */
void	 launch_end(struct ctl *);

/* service.c: is this home's pm2d for systemd to start?  Then it is said. */
int	 service_installed(const char *home);

/* foreground.c: --no-daemon, show pm2.log until a signal; exit status. */
int	 foreground(struct ctl *);

/* progress.c: an op, "Process echo (0) stopping" as it happens. */
void	 progress_event(struct client *, uint32_t, const struct ctl_event *,
	    void *);
/* "exited with code 3 after 20ms", into the buffer. */
const char *progress_strexit(const struct ctl_exit *, char *, size_t);

/*
 * custom.c: read custom_options.sh of the home.  Its PM2_* variables come
 * before those of the environment.  Quick: only if it speaks of --harmony.
 */
void	 custom_load(const char *home, int quick);
const char *custom_get(const char *);
/* Does the text of such a file do anything?  And say this word? */
int	 custom_matters(const char *text, const char *word);
/* Write a sample into a new home; 1 written, 0 not, -1 errno. */
int	 custom_sample(const char *home);

/* output.c: the apps as they are now; -1: said. */
int	 list_show(struct ctl *);

#endif /* PM2CTL_H */

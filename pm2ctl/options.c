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
 * Options: one table gives the parser, --help and the completion.
 */
#include <sys/types.h>

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "pm2ctl.h"

#define OFF(member)	offsetof(struct options, member)
#define FLAG(name, c, member, help) \
	{ name, c, OPT_FLAG, OFF(member), NULL, help, 0, 0 }
#define STR(name, c, member, arg, help) \
	{ name, c, OPT_STR, OFF(member), arg, help, 0, 0 }
#define NUM(name, c, member, arg, help, min, max) \
	{ name, c, OPT_NUM, OFF(member), arg, help, min, max }
#define LIST(name, c, member, arg, help) \
	{ name, c, OPT_LIST, OFF(member), arg, help, 0, 0 }
#define UNIT(name, type, member, arg, help) \
	{ name, '\0', type, OFF(member), arg, help, 0, 0 }

const struct option_def option_defs[] = {
	FLAG("help", 'h', help, "show this help"),
	FLAG("version", 'V', version, "show the version"),
	FLAG("verbose", 'v', verbose, "accepted, for pm2's sake"),
	FLAG("silent", 's', silent, "say nothing but errors"),
	FLAG("mini-list", 'm', mini_list, "list in blocks, without table"),
	FLAG("no-color", '\0', no_color, "no colours"),

	STR("name", 'n', name, "<name>", "name of the app"),
	STR("instances", 'i', instances, "<n|max>",
	    "how many; max: one for each cpu"),
	FLAG("execute-command", 'x', execute_command, "start in fork mode"),
	STR("interpreter", '\0', interpreter, "<program>",
	    "what runs it; none: it runs itself"),
	STR("interpreter-args", '\0', interpreter_args, "<args>",
	    "arguments for the interpreter"),
	STR("node-args", '\0', interpreter_args, "<args>", NULL),
	STR("cwd", '\0', cwd, "<dir>", "directory to start in"),
	STR("namespace", '\0', namespace, "<name>", "namespace of the app"),
	STR("user", 'u', user, "<user>", "run as this user (root only)"),
	STR("uid", '\0', user, "<user>", NULL),
	STR("group", '\0', group, "<group>", "and with this group"),
	STR("gid", '\0', group, "<group>", NULL),
	NUM("port", '\0', port, "<port>", "PORT of the app", 1, 65535),
	STR("balance", '\0', balance, "<mode>",
	    "who gets a connection: rr, sticky, kernel, shared"),
	LIST("listen", '\0', listen, "<address>",
	    "pass this socket: tcp:8000, unix:/path (repeatable)"),
	FLAG("no-drain", '\0', no_drain, "leave last answers as they are"),
	FLAG("wait-ready", '\0', wait_ready, "online when it says \"ready\""),
	UNIT("listen-timeout", OPT_DURATION, listen_timeout, "<time>",
	    "how long it may take until then (8s)"),
	FLAG("shutdown-with-message", '\0', shutdown_message,
	    "send \"shutdown\" before the signal"),
	FLAG("notify", '\0', notify, "NOTIFY_SOCKET, as sd_notify(3) has it"),
	UNIT("watchdog", OPT_DURATION, watchdog, "<time>",
	    "restart unless WATCHDOG=1 comes so often"),
	STR("instance-var", '\0', instance_var, "<name>",
	    "variable with its number (NODE_APP_INSTANCE)"),
	STR("increment-var", '\0', increment_var, "<name>",
	    "variable that each instance has one higher"),
	NUM("parallel", '\0', parallel, "<n>",
	    "reload: so many at once (1)", 1, APP_INSTANCES_MAX),
	FLAG("force", 'f', force, "although it is already launched"),
	FLAG("write", 'w', write, "write <name>-pm2.json as well"),
	FLAG("no-daemon", '\0', no_daemon, "stay in the foreground"),
	FLAG("no-wait", '\0', no_wait, "do not watch the first moments"),
	UNIT("wait-time", OPT_DURATION, wait_time, "<time>",
	    "how long to watch (500ms)"),

	FLAG("no-autorestart", '\0', no_autorestart, "do not keep it alive"),
	UNIT("min-uptime", OPT_DURATION, min_uptime, "<time>",
	    "exits before are unstable (1s)"),
	NUM("max-restarts", '\0', max_restarts, "<n>",
	    "unstable exits until errored (15)", 0, 1000),
	UNIT("restart-delay", OPT_DURATION, restart_delay, "<time>",
	    "wait before each restart"),
	UNIT("exp-backoff-restart-delay", OPT_DURATION, exp_backoff, "<time>",
	    "wait, and longer each time"),
	STR("stop-exit-codes", '\0', stop_exit_codes, "<codes>",
	    "exit codes that leave it stopped"),
	UNIT("kill-signal", OPT_SIGNAL, kill_signal, "<signal>",
	    "what stops it (SIGINT)"),
	UNIT("kill-timeout", OPT_DURATION, kill_timeout, "<time>",
	    "SIGKILL after that (4s)"),

	STR("cron", 'c', cron, "<pattern>", "restart it then"),
	STR("cron-restart", '\0', cron, "<pattern>", NULL),
	STR("schedule", '\0', schedule, "<pattern>",
	    "a job: run it then, to its end"),
	UNIT("max-memory-restart", OPT_SIZE, max_memory, "<size>",
	    "restart when it uses more"),
	FLAG("watch", '\0', watch, "restart when its files change"),
	LIST("watch-path", '\0', watch_path, "<path>",
	    "watch this instead (repeatable)"),
	LIST("ignore-watch", '\0', ignore_watch, "<pattern>",
	    "but not these (repeatable)"),
	UNIT("watch-delay", OPT_DURATION, watch_delay, "<time>",
	    "quiet for so long first (200ms)"),
	LIST("depends-on", '\0', depends, "<name[:ready]>",
	    "start after that app (repeatable)"),
	STR("health-check", '\0', health, "<check>",
	    "http://..., tcp:host:port or exec:words"),
	UNIT("health-interval", OPT_DURATION, health_interval, "<time>",
	    "how often (10s)"),
	UNIT("health-timeout", OPT_DURATION, health_timeout, "<time>",
	    "how long an answer may take (3s)"),
	NUM("health-retries", '\0', health_retries, "<n>",
	    "failures in a row that count (3)", 1, 1000),
	UNIT("health-grace", OPT_DURATION, health_grace, "<time>",
	    "failures before do not count (30s)"),
	STR("health-action", '\0', health_action, "<action>",
	    "restart, reload or none"),

	LIST("env-file", '\0', env_file, "<path>",
	    "read variables from it (repeatable)"),
	LIST("secret-file", '\0', secret_file, "<NAME=path>",
	    "a variable that is a file's text"),
	LIST("filter-env", '\0', filter_env, "<prefix>",
	    "without these variables (repeatable)"),
	STR("chroot", '\0', chroot, "<dir>", "its root directory"),
	UNIT("umask", OPT_MODE, umask, "<mode>", "such as 027"),
	UNIT("nice", OPT_NICE, nice, "<n>", "from -20 to 19"),
	FLAG("no-new-privs", '\0', no_new_privs,
	    "no setuid programs, for good"),
	STR("sandbox", '\0', sandbox, "<level>", "off, basic or strict"),
	NUM("limit-nofile", '\0', limit_nofile, "<n>",
	    "open files of each process", 0, OPT_NOMAX),
	NUM("limit-processes", '\0', limit_processes, "<n>",
	    "processes of its user", 0, OPT_NOMAX),
	UNIT("limit-memory", OPT_SIZE, limit_memory, "<size>",
	    "address space of each process"),
	UNIT("limit-core", OPT_SIZE, limit_core, "<size>", "core files"),
	UNIT("limit-fsize", OPT_SIZE, limit_fsize, "<size>",
	    "files that it writes"),
	UNIT("limit-stack", OPT_SIZE, limit_stack, "<size>", "stack"),
	NUM("limit-cpu", '\0', limit_cpu, "<seconds>",
	    "cpu time of each process", 0, OPT_NOMAX),
	UNIT("cgroup-memory", OPT_SIZE, cgroup_memory, "<size>",
	    "memory of all of its processes"),
	UNIT("cgroup-cpu", OPT_CPUS, cgroup_cpu, "<n>",
	    "cpus for all of them, such as 1.5"),
	NUM("cgroup-pids", '\0', cgroup_pids, "<n>",
	    "how many of them", 0, 4194304),

	STR("only", '\0', only_, "<names>",
	    "of a process file these apps alone"),
	STR("env", '\0', env_name, "<name>",
	    "of a process file env_<name>, too"),
	FLAG("update-env", '\0', update_env, "with the environment of now"),
	STR("why", '\0', why, "<variable>",
	    "env: where this one is from"),
	FLAG("prune", '\0', prune, "delete what the file has no more"),
	FLAG("dry-run", '\0', dry_run, "say what would be done"),
	STR("hp", '\0', hp, "<dir>", "startup: home directory of the user"),
	FLAG("system", '\0', system, "startup: the pm2d of all users"),
	FLAG("print", '\0', print, "startup: show the file, write nothing"),
	FLAG("if-empty", '\0', if_empty,
	    "resurrect: only if no app is known"),

	STR("output", 'o', output, "<path>", "file for its output"),
	STR("error", 'e', error, "<path>", "file for its errors"),
	STR("pid", 'p', pid, "<path>", "file for its pid"),
	FLAG("merge-logs", '\0', merge_logs, "one file for all instances"),
	STR("log-date-format", '\0', log_date_format, "<format>",
	    "put the time before each line"),
	FLAG("time", '\0', time, "the same, in ISO format"),
	STR("log-type", '\0', log_type, "<json|raw>", "how lines are written"),
	FLAG("disable-logs", '\0', disable_logs, "write no log files"),
	UNIT("log-max-size", OPT_SIZE, log_max_size, "<size>",
	    "rotate when larger (10M); 0: never"),
	NUM("log-keep", '\0', log_keep, "<n>",
	    "rotated files to keep (10)", 0, 1000),
	FLAG("log-compress", '\0', log_compress, "gzip rotated files"),

	NUM("lines", '\0', lines, "<n>", "logs: how many old lines (15)",
	    0, 100000),
	FLAG("err", '\0', err, "logs: only errors"),
	FLAG("out", '\0', out, "logs: only output"),
	FLAG("raw", '\0', raw, "logs: the bytes as they are"),
	FLAG("json", '\0', json, "logs: each line as JSON; also diff, env"),
	FLAG("timestamp", '\0', timestamp, "logs: with the time"),
	FLAG("nostream", '\0', nostream, "logs: old lines only"),
	{ NULL, '\0', OPT_FLAG, 0, NULL, NULL, 0, 0 }
};

struct parser {
	struct options	*opt;
	struct arguments *args;
	char		*errbuf;
	size_t		 errsize;
	char		**argv;
	int		 argc;
	int		 pos;
};

static int	 complain(struct parser *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));

static int
complain(struct parser *p, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(p->errbuf, p->errsize, fmt, ap);
	va_end(ap);
	return (-1);
}

const struct option_def *
options_find(const char *name)
{
	const struct option_def	*d;

	for (d = option_defs; d->longname != NULL; d++)
		if (strcmp(d->longname, name) == 0)
			return (d);
	return (NULL);
}

static const struct option_def *
find_short(char c)
{
	const struct option_def	*d;

	for (d = option_defs; d->longname != NULL; d++)
		if (d->shortname != '\0' && d->shortname == c)
			return (d);
	return (NULL);
}

static int
unknown_long(struct parser *p, const char *name)
{
	const struct option_def	*d;
	const char		*best;
	size_t			 dist, least;

	best = NULL;
	least = strlen(name) / 2 + 1;
	for (d = option_defs; d->longname != NULL; d++) {
		dist = word_distance(name, d->longname);
		if (dist < least) {
			least = dist;
			best = d->longname;
		}
	}
	if (best == NULL)
		return (complain(p, "unknown option --%s", name));
	return (complain(p, "unknown option --%s, did you mean --%s?", name,
	    best));
}

/* Is this word itself an option, so that it cannot be the value of one? */
static int
is_option(const char *word)
{
	if (word[0] != '-' || word[1] == '\0')
		return (0);
	if (word[1] == '-')
		return (word[2] == '\0' || options_find(word + 2) != NULL);
	return (word[2] == '\0' && find_short(word[1]) != NULL);
}

static int
set_number(struct parser *p, const struct option_def *d, const char *value)
{
	struct optnum	*num;
	uint64_t	 n;
	char		 why[128];

	if (options_number(d->type, value, d->min, d->max, &n, why,
	    sizeof(why)) == -1)
		return (complain(p, "--%s: %s %s", d->longname, value, why));
	num = (void *)((char *)p->opt + d->offset);
	num->value = n;
	num->given = 1;
	return (0);
}

static int
set_list(struct parser *p, const struct option_def *d, const char *value)
{
	struct optlist	*list;

	list = (void *)((char *)p->opt + d->offset);
	if (list->n == OPTLIST_MAX)
		return (complain(p, "--%s: more than %d", d->longname,
		    OPTLIST_MAX));
	list->v[list->n++] = value;
	return (0);
}

static int
set_option(struct parser *p, const struct option_def *d, const char *value)
{
	const char	**str;
	int		 *flag;

	switch (d->type) {
	case OPT_FLAG:
		flag = (void *)((char *)p->opt + d->offset);
		*flag = 1;
		return (0);
	case OPT_STR:
	case OPT_LIST:
		if (*value == '\0')
			return (complain(p, "--%s: empty", d->longname));
		if (d->type == OPT_LIST)
			return (set_list(p, d, value));
		str = (void *)((char *)p->opt + d->offset);
		*str = value;
		return (0);
	default:
		return (set_number(p, d, value));
	}
}

/* The value behind an option in the next word. */
static int
set_from_next(struct parser *p, const struct option_def *d)
{
	if (p->pos + 1 >= p->argc)
		return (complain(p, "--%s %s: argument missing", d->longname,
		    d->arg));
	/* An option, or what only looks like one: ask. */
	if (is_option(p->argv[p->pos + 1]))
		return (complain(p, "--%s %s: argument missing (if it is %s, "
		    "write --%s=%s)", d->longname, d->arg,
		    p->argv[p->pos + 1], d->longname, p->argv[p->pos + 1]));
	p->pos++;
	return (set_option(p, d, p->argv[p->pos]));
}

static int
parse_long(struct parser *p, const char *word)
{
	const struct option_def	*d;
	const char		*eq;
	char			 name[64];
	size_t			 len;

	eq = strchr(word, '=');
	len = eq == NULL ? strlen(word) : (size_t)(eq - word);
	if (len >= sizeof(name))
		return (complain(p, "unknown option --%.32s...", word));
	memcpy(name, word, len);
	name[len] = '\0';
	if ((d = options_find(name)) == NULL)
		return (unknown_long(p, name));
	if (d->type == OPT_FLAG) {
		if (eq != NULL)
			return (complain(p, "--%s takes no argument", name));
		return (set_option(p, d, NULL));
	}
	if (eq != NULL)
		return (set_option(p, d, eq + 1));
	return (set_from_next(p, d));
}

static int
parse_short(struct parser *p, const char *word)
{
	const struct option_def	*d;

	for (; *word != '\0'; word++) {
		if ((d = find_short(*word)) == NULL)
			return (complain(p, "unknown option -%c", *word));
		if (d->type != OPT_FLAG) {
			if (word[1] != '\0')
				return (set_option(p, d, word + 1));
			return (set_from_next(p, d));
		}
		if (set_option(p, d, NULL) == -1)
			return (-1);
	}
	return (0);
}

int
options_parse(int argc, char **argv, struct options *opt,
    struct arguments *args, char *errbuf, size_t errsize)
{
	struct parser	 p;
	char		*word;
	int		 error;

	memset(opt, 0, sizeof(*opt));
	memset(args, 0, sizeof(*args));
	memset(&p, 0, sizeof(p));
	p.opt = opt;
	p.args = args;
	p.errbuf = errbuf;
	p.errsize = errsize;
	p.argc = argc;
	p.argv = argv;
	if ((args->pos = calloc((size_t)argc + 1, sizeof(char *))) == NULL)
		return (complain(&p, "out of memory"));
	for (; p.pos < argc; p.pos++) {
		word = argv[p.pos];
		error = 0;
		if (strcmp(word, "--") == 0) {
			args->app = argv + p.pos + 1;
			args->napp = argc - p.pos - 1;
			break;
		}
		/* "-" alone is an argument, standard input; so is "-2". */
		if (word[0] != '-' || word[1] == '\0' ||
		    (word[1] >= '0' && word[1] <= '9'))
			args->pos[args->npos++] = word;
		else if (word[1] == '-')
			error = parse_long(&p, word + 2);
		else
			error = parse_short(&p, word + 1);
		if (error == -1)
			return (-1);
	}
	return (0);
}

void
options_help(FILE *fp)
{
	const struct option_def	*d;
	char			 left[64];
	int			 len;

	for (d = option_defs; d->longname != NULL; d++) {
		if (d->help == NULL)
			continue;
		if (d->shortname != '\0')
			len = snprintf(left, sizeof(left), "-%c, --%s%s%s",
			    d->shortname, d->longname,
			    d->arg != NULL ? " " : "",
			    d->arg != NULL ? d->arg : "");
		else
			len = snprintf(left, sizeof(left), "    --%s%s%s",
			    d->longname, d->arg != NULL ? " " : "",
			    d->arg != NULL ? d->arg : "");
		if (len < 0 || (size_t)len >= sizeof(left))
			continue;
		fprintf(fp, "    %-40s %s\n", left, d->help);
	}
}

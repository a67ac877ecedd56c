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
 * pm2ctl describe: everything about an app; pm2ctl env: its environment.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "logs_follow.h"
#include "output_cmd.h"
#include "specdiff.h"
#include "table.h"
#include "units.h"

#define DESCRIBE_PAIRS	96

/* Rows being gathered; values are strings of their own. */
struct rows {
	struct pair	 pairs[DESCRIBE_PAIRS];
	size_t		 n;
	struct outbuf	 value;		/* of the row to come */
};

static void	 row_put(struct rows *, const char *, const char *);
static void	 row_text(struct rows *, const char *, const char *);
static void	 row_size(struct rows *, const char *, uint64_t);
static void	 row_put_time(struct rows *, uint64_t);
static void	 row_time(struct rows *, const char *, uint64_t);
static void	 row_list(struct rows *, const char *, const struct spec *,
		    enum spec_key);
static void	 rows_state(struct rows *, const struct app_view *);
static void	 rows_script(struct rows *, const struct app_view *);
static void	 rows_files(struct rows *, const struct app_view *);
static void	 rows_keeping(struct rows *, const struct spec *);
static void	 rows_rights(struct rows *, const struct spec *);
static void	 row_readiness(struct rows *, const struct app_view *);
static void	 rows_serving(struct rows *, const struct app_view *);
static void	 rows_counters(struct rows *, struct client *,
		    const struct app_view *);
static void	 rows_free(struct rows *);
static const char *spec_env(const struct spec *, const char *);
static int	 describe_app(struct ctl *, const struct app_view *,
		    struct outbuf *);
static void	 describe_hints(struct outbuf *, const struct app_view *);

/* ---- rows ---- */

/* The gathered value; an empty one reads "N/A", as pm2 has it. */
static void
row_put(struct rows *rows, const char *key, const char *sgr)
{
	struct pair	*pair;

	if (rows->n == DESCRIBE_PAIRS)
		errx(1, "%s: too many rows", __func__);
	if (rows->value.len == 0)
		ob_str(&rows->value, "N/A");
	pair = &rows->pairs[rows->n++];
	pair->key = key;
	pair->sgr = sgr;
	if ((pair->value = strdup(ob_text(&rows->value))) == NULL)
		err(1, NULL);
	rows->value.len = 0;
}

static void
row_text(struct rows *rows, const char *key, const char *value)
{
	ob_str(&rows->value, value);
	row_put(rows, key, NULL);
}

static void
row_size(struct rows *rows, const char *key, uint64_t bytes)
{
	ob_memory(&rows->value, bytes);
	row_put(rows, key, NULL);
}

static void
row_put_time(struct rows *rows, uint64_t ms)
{
	char	 buf[64];

	output_duration(buf, sizeof(buf), ms);
	ob_str(&rows->value, buf);
}

static void
row_time(struct rows *rows, const char *key, uint64_t ms)
{
	row_put_time(rows, ms);
	row_put(rows, key, NULL);
}

/* Words with blanks or nothing in them are quoted. */
static void
row_list(struct rows *rows, const char *key, const struct spec *spec,
    enum spec_key what)
{
	const char	*word, *quote;
	size_t		 pos;

	pos = 0;
	while ((word = spec_next(spec, what, &pos)) != NULL) {
		if (rows->value.len != 0)
			ob_char(&rows->value, ' ');
		quote = *word == '\0' || strpbrk(word, " \t\n\"") != NULL ?
		    "'" : "";
		ob_fmt(&rows->value, "%s%s%s", quote, word, quote);
	}
	row_put(rows, key, NULL);
}

static void
rows_free(struct rows *rows)
{
	size_t	 i;

	for (i = 0; i < rows->n; i++)
		free(rows->pairs[i].value);
	ob_free(&rows->value);
}

/* ---- what there is to say ---- */

static void
rows_state(struct rows *rows, const struct app_view *app)
{
	const struct ctl_appfix	*fix;

	fix = &app->info.fix;
	ob_str(&rows->value, app_statename(fix->state));
	row_put(rows, "status", table_statesgr(fix->state));
	why_state(&rows->value, app);
	row_put(rows, "because", NULL);
	row_text(rows, "name", app->info.name);
	row_text(rows, "namespace", *app->info.namespace != '\0' ?
	    app->info.namespace : "default");
	ob_num(&rows->value, fix->pid);
	row_put(rows, "pid", NULL);
	ob_num(&rows->value, fix->restarts);
	row_put(rows, "restarts", NULL);
	if (fix->state == APP_ONLINE)
		ob_uptime(&rows->value, fix->uptime_ms);
	else
		ob_char(&rows->value, '0');
	row_put(rows, "uptime", NULL);
	row_size(rows, "memory", fix->memory);
	ob_cpu(&rows->value, fix->cpu_permille);
	row_put(rows, "cpu", NULL);
	row_text(rows, "user", app->info.user);
	if (fix->port != 0) {
		ob_num(&rows->value, fix->port);
		row_put(rows, "port", NULL);
	}
}

static void
rows_script(struct rows *rows, const struct app_view *app)
{
	const struct spec	*spec;
	const char		*env;
	char			*real;

	spec = app->spec;
	row_text(rows, "script path", app->info.script);
	if ((real = realpath(app->info.script, NULL)) != NULL &&
	    strcmp(real, app->info.script) != 0)
		row_text(rows, "which is now", real);
	free(real);
	if (spec != NULL)
		row_list(rows, "script args", spec, SPEC_ARG);
	row_text(rows, "interpreter", app->info.interpreter);
	if (spec != NULL)
		row_list(rows, "interpreter args", spec,
		    SPEC_INTERPRETER_ARG);
	ob_num(&rows->value, app->info.fix.id);
	row_put(rows, "script id", NULL);
	row_text(rows, "exec cwd", app->info.cwd);
	row_text(rows, "exec mode",
	    app->info.fix.cluster ? "cluster_mode" : "fork_mode");
	if (spec != NULL && (env = spec_env(spec, "NODE_ENV")) != NULL)
		row_text(rows, "node env", env);
}

static void
rows_files(struct rows *rows, const struct app_view *app)
{
	row_text(rows, "error log path", app->info.err);
	row_text(rows, "out log path", app->info.out);
	row_text(rows, "pid path", app->info.pidfile);
	if (app->spec == NULL || app->spec->num[SPEC_DISABLE_LOGS])
		return;
	if (app->spec->num[SPEC_LOG_MAX_SIZE] == 0) {
		row_text(rows, "log rotation", "never");
		return;
	}
	ob_str(&rows->value, "at ");
	ob_memory(&rows->value, app->spec->num[SPEC_LOG_MAX_SIZE]);
	ob_fmt(&rows->value, ", %llu kept%s",
	    (unsigned long long)app->spec->num[SPEC_LOG_KEEP],
	    app->spec->num[SPEC_LOG_COMPRESS] ? ", compressed" : "");
	row_put(rows, "log rotation", NULL);
}

static void
rows_keeping(struct rows *rows, const struct spec *spec)
{
	row_text(rows, "autorestart", spec->str[SPEC_SCHEDULE] != NULL ?
	    "no, it is a job" : spec->num[SPEC_AUTORESTART] ? "yes" : "no");
	row_time(rows, "min uptime", spec->num[SPEC_MIN_UPTIME]);
	ob_num(&rows->value, spec->num[SPEC_MAX_RESTARTS]);
	row_put(rows, "max restarts", NULL);
	if (spec->num[SPEC_RESTART_DELAY] != 0)
		row_time(rows, "restart delay",
		    spec->num[SPEC_RESTART_DELAY]);
	if (spec->num[SPEC_EXP_BACKOFF] != 0)
		row_time(rows, "exp. backoff", spec->num[SPEC_EXP_BACKOFF]);
	if (spec->count[SPEC_STOP_EXIT_CODE] != 0)
		row_list(rows, "stop exit codes", spec, SPEC_STOP_EXIT_CODE);
	row_text(rows, "kill signal",
	    units_signame((int)spec->num[SPEC_KILL_SIGNAL]));
	row_time(rows, "kill timeout", spec->num[SPEC_KILL_TIMEOUT]);
}

/* What it may and what it has been given: nothing that was not asked for. */
static void
rows_rights(struct rows *rows, const struct spec *spec)
{
	static const struct {
		enum spec_key	 key;
		const char	*name;
	} rights[] = {
		{ SPEC_GROUP,		"group" },
		{ SPEC_CHROOT,		"chroot" },
		{ SPEC_SANDBOX,		"sandbox" },
		{ SPEC_NO_NEW_PRIVS,	"no new privs" },
		{ SPEC_UMASK,		"umask" },
		{ SPEC_NICE,		"nice" },
		{ SPEC_LIMIT_NOFILE,	"limit nofile" },
		{ SPEC_LIMIT_PROCESSES,	"limit processes" },
		{ SPEC_LIMIT_MEMORY,	"limit memory" },
		{ SPEC_LIMIT_CORE,	"limit core" },
		{ SPEC_LIMIT_FSIZE,	"limit fsize" },
		{ SPEC_LIMIT_STACK,	"limit stack" },
		{ SPEC_LIMIT_CPU,	"limit cpu" },
		{ SPEC_CGROUP_MEMORY,	"cgroup memory" },
		{ SPEC_CGROUP_CPU,	"cgroup cpu" },
		{ SPEC_CGROUP_PIDS,	"cgroup pids" },
	};
	char	*value;
	size_t	 i;

	for (i = 0; i < sizeof(rights) / sizeof(rights[0]); i++) {
		if ((value = specdiff_value(spec, rights[i].key)) == NULL)
			continue;
		row_text(rows, rights[i].name, value);
		free(value);
	}
	if (spec->count[SPEC_ENV_FILE] != 0)
		row_list(rows, "env files", spec, SPEC_ENV_FILE);
	if (spec->str[SPEC_SOURCE] != NULL)
		row_text(rows, "declared in", spec->str[SPEC_SOURCE]);
}

/* By the clock, by memory, after others. */
static void
rows_watched(struct rows *rows, const struct app_view *app)
{
	const struct ctl_appfix	*fix = &app->info.fix;
	const struct spec	*spec = app->spec;

	ob_str(&rows->value, fix->watch == WATCH_NONE ? "✘" :
	    fix->watch == WATCH_BROKEN ? "✘ broken" : fix->watch == WATCH_ON ?
	    "✔" : "✔ when it runs");
	row_put(rows, "watch & reload", fix->watch == WATCH_BROKEN ? "31" :
	    NULL);
	if (spec != NULL && fix->watch != WATCH_NONE) {
		row_list(rows, "watched", spec, SPEC_WATCH);
		if (spec->count[SPEC_IGNORE_WATCH] != 0)
			row_list(rows, "not watched", spec,
			    SPEC_IGNORE_WATCH);
	}
	if (spec != NULL && spec->str[SPEC_HEALTH] != NULL) {
		row_text(rows, "health check", spec->str[SPEC_HEALTH]);
		row_text(rows, "health", app_healthname(fix->health));
	}
}

static void
rows_attended(struct rows *rows, const struct app_view *app)
{
	const struct ctl_appfix	*fix = &app->info.fix;
	const struct spec	*spec = app->spec;
	char			 when[64];

	if (spec != NULL && spec->str[SPEC_CRON] != NULL)
		row_text(rows, "cron restart", spec->str[SPEC_CRON]);
	if (spec != NULL && spec->str[SPEC_SCHEDULE] != NULL)
		row_text(rows, "schedule", spec->str[SPEC_SCHEDULE]);
	if (fix->tick_ms != 0) {
		output_localtime(when, sizeof(when), fix->tick_ms);
		row_text(rows, "next run", when);
	}
	if (fix->max_memory != 0) {
		row_size(rows, "max memory restart", fix->max_memory);
		if (fix->tree_memory != 0)
			row_size(rows, "all its memory", fix->tree_memory);
	}
	if (spec != NULL && spec->count[SPEC_DEPENDS] != 0)
		row_list(rows, "depends on", spec, SPEC_DEPENDS);
}

/* "when it listens, within 8s" */
static void
row_readiness(struct rows *rows, const struct app_view *app)
{
	const struct spec	*spec;

	spec = app->spec;
	if (app->info.fix.cluster && !spec->num[SPEC_WAIT_READY])
		ob_str(&rows->value, "when it listens");
	else if (app->info.fix.cluster || spec->num[SPEC_IPC])
		ob_str(&rows->value, "when it sends \"ready\"");
	else
		ob_str(&rows->value, "when it notifies READY=1");
	ob_str(&rows->value, app->info.fix.cluster ||
	    spec->num[SPEC_WAIT_READY] ? ", within " : ", or after ");
	row_put_time(rows, spec->num[SPEC_LISTEN_TIMEOUT]);
	row_put(rows, "ready", NULL);
}

/* Who serves what, and how it comes and goes. */
static void
rows_serving(struct rows *rows, const struct app_view *app)
{
	const struct spec	*spec;
	const char		*balance;

	spec = app->spec;
	if (app->info.listens[0] != '\0')
		row_text(rows, "listens", app->info.listens);
	if (app->info.status[0] != '\0')
		row_text(rows, "says", app->info.status);
	if (spec == NULL)
		return;
	if (app->info.fix.cluster) {
		balance = spec->str[SPEC_BALANCE];
		row_text(rows, "balance", balance != NULL && *balance != '\0' ?
		    balance : "rr");
	}
	if (app->info.fix.cluster || spec->num[SPEC_WAIT_READY] ||
	    spec->num[SPEC_NOTIFY])
		row_readiness(rows, app);
	if (app->info.fix.cluster)
		row_text(rows, "drain", spec->num[SPEC_DRAIN] ? "yes" : "no");
	if (spec->num[SPEC_SHUTDOWN_MESSAGE])
		row_text(rows, "shutdown message", "yes");
	if (spec->num[SPEC_WATCHDOG] != 0)
		row_time(rows, "watchdog", spec->num[SPEC_WATCHDOG]);
}

/* What pm2logd counted; without an answer there are no such rows. */
static void
rows_counters(struct rows *rows, struct client *client,
    const struct app_view *app)
{
	static const char *const keys[LOG_KINDS] = {
		[LOG_OUT] = "out log", [LOG_ERR] = "error log"
	};
	struct follow_stats	 stats[LOG_KINDS];
	uint32_t		 kind;

	if (logs_stats(client, app->info.fix.id, stats) == -1)
		return;
	for (kind = 0; kind < LOG_KINDS; kind++) {
		ob_memory(&rows->value, stats[kind].bytes);
		ob_fmt(&rows->value, " written, rotated %llu times",
		    (unsigned long long)stats[kind].rotations);
		if (stats[kind].lost_bytes != 0)
			ob_fmt(&rows->value,
			    "\n%llu lines (%llu bytes) lost: disk full",
			    (unsigned long long)stats[kind].lost_lines,
			    (unsigned long long)stats[kind].lost_bytes);
		if (stats[kind].error != 0)
			ob_fmt(&rows->value, "\nlast error: %s",
			    strerror(stats[kind].error));
		row_put(rows, keys[kind], stats[kind].error != 0 ||
		    stats[kind].lost_bytes != 0 ? "31" : NULL);
	}
}

/* The last one of this name in a layer, or NULL. */
static const char *
layer_value(const struct spec *spec, enum spec_key layer, const char *name)
{
	const char	*entry, *value;
	size_t		 pos, len;

	len = strlen(name);
	value = NULL;
	pos = 0;
	while ((entry = spec_next(spec, layer, &pos)) != NULL) {
		if (strncmp(entry, name, len) == 0 && entry[len] == '=')
			value = entry + len + 1;
	}
	return (value);
}

/* What the file says, else the caller; NULL of what is secret. */
static const char *
spec_env(const struct spec *spec, const char *name)
{
	const char	*value;

	if (layer_value(spec, SPEC_SECRET, name) != NULL ||
	    layer_value(spec, SPEC_SECRET_FILE, name) != NULL)
		return (NULL);
	if ((value = layer_value(spec, SPEC_FILE_ENV, name)) == NULL)
		value = layer_value(spec, SPEC_ENV, name);
	return (value);
}

/* ---- the commands ---- */

static void
describe_hints(struct outbuf *ob, const struct app_view *app)
{
	const char	*me;

	me = getprogname();
	ob_fmt(ob, " Use `%s logs ", me);
	ob_vis(ob, app->info.name);
	ob_str(ob, " [--lines 1000]` to display logs\n");
	if (app->spec != NULL)
		ob_fmt(ob, " Use `%s env %u` to display environment "
		    "variables\n", me, app->info.fix.id);
	ob_fmt(ob, " Use `%s why %u` to see how it ended last, and its last "
	    "words\n", me, app->info.fix.id);
}

static int
describe_app(struct ctl *ctl, const struct app_view *app, struct outbuf *ob)
{
	struct output_style	 style;
	struct rows		 rows;

	memset(&rows, 0, sizeof(rows));
	output_style(&style, stdout);
	rows_state(&rows, app);
	rows_script(&rows, app);
	rows_serving(&rows, app);
	rows_files(&rows, app);
	rows_counters(&rows, &ctl->client, app);
	rows_attended(&rows, app);
	rows_watched(&rows, app);
	if (app->info.trouble[0] != '\0')
		row_text(&rows, "trouble", app->info.trouble);
	if (app->spec != NULL) {
		rows_keeping(&rows, app->spec);
		rows_rights(&rows, app->spec);
	}
	ob_num(&rows.value, app->info.fix.unstable);
	row_put(&rows, "unstable restarts", NULL);
	if (app->info.fix.created_ms != 0) {
		char	 when[64];

		output_isotime(when, sizeof(when), app->info.fix.created_ms);
		row_text(&rows, "created at", when);
	}
	ob_fmt(ob, " Describing process with id %u - name ",
	    app->info.fix.id);
	ob_vis(ob, app->info.name);
	ob_char(ob, '\n');
	table_pairs(ob, rows.pairs, rows.n, &style);
	rows_free(&rows);
	if (app->nexits != 0) {
		ob_str(ob, " Last exits\n");
		why_exits(ob, app);
	}
	describe_hints(ob, app);
	return (0);
}

int
cmd_describe(struct ctl *ctl, int argc, char **argv)
{
	struct outbuf	 ob = { 0 };
	int		 rc;

	rc = output_each(ctl, argc, argv, CTL_LIST_SAMPLE | CTL_LIST_SPEC |
	    CTL_LIST_EXITS, describe_app, &ob);
	return (output_finish(&ob, stdout) | rc);
}

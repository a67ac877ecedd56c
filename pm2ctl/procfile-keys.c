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
 * The keys of an app in a process file: one table, and small readers.
 */
#include <sys/types.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "procfile.h"
#include "procfile-keys.h"

#define OPT(member)	offsetof(struct options, member)
#define DECL(member)	offsetof(struct declared, member)

#define KEY(name, aliases, type, unit, help, fn, offset) \
	{ name, aliases, type, unit, help, fn, offset, OPT_STR, 0, 0, NULL }
#define STR(name, aliases, member, help) \
	KEY(name, aliases, "string", NULL, help, key_string, OPT(member))
#define PATH(name, aliases, member, help) \
	KEY(name, aliases, "path", NULL, help, key_path, OPT(member))
#define FLAG(name, aliases, member, help) \
	KEY(name, aliases, "truth value", NULL, help, key_flag, OPT(member))
#define NOFLAG(name, aliases, member, help) \
	KEY(name, aliases, "truth value", NULL, help, key_noflag, OPT(member))
#define LIST(name, aliases, member, help) \
	KEY(name, aliases, "list", NULL, help, key_list, DECL(member))
#define WORD(name, aliases, member, words, help) \
	{ name, aliases, "word", NULL, help, key_word, OPT(member), OPT_STR, \
	    0, 0, words }
#define NUM(name, aliases, member, min, max, help) \
	{ name, aliases, "number", NULL, help, key_number, OPT(member), \
	    OPT_NUM, min, max, NULL }
#define TIME(name, aliases, member, help) \
	{ name, aliases, "time", "ms", help, key_number, OPT(member), \
	    OPT_DURATION, 0, 0, NULL }
#define SIZE(name, aliases, member, help) \
	{ name, aliases, "size", "bytes", help, key_number, OPT(member), \
	    OPT_SIZE, 0, 0, NULL }
#define UNIT(name, aliases, type, unit, number, member, help) \
	{ name, aliases, type, unit, help, key_number, OPT(member), number, \
	    0, 0, NULL }
#define OTHER(name, aliases, type, fn, help) \
	KEY(name, aliases, type, NULL, help, fn, 0)
/* Keys that say nothing to pm2d: with and without a word about it. */
#define SAAS(name) \
	KEY(name, NULL, NULL, NULL, NULL, key_meaningless, 0)
#define QUIET(name) \
	KEY(name, NULL, NULL, NULL, NULL, key_ignored, 0)

/* In groups, as the manual has them.  help is the default there. */
static const struct pf_key keys[] = {
	OTHER("name", NULL, "string", key_name, "the script's name"),
	OTHER("script", "exec pm_exec_path", "path", key_script, NULL),
	OTHER("args", NULL, "list", key_args, NULL),
	PATH("cwd", "pm_cwd", cwd, "where pm2ctl is called"),
	STR("interpreter", "exec_interpreter", interpreter,
	    "by the script's name"),
	OTHER("interpreter_args", "node_args", "list", key_interpreter_args,
	    NULL),
	OTHER("exec_mode", NULL, "word", key_exec_mode,
	    "cluster for Node scripts, else fork"),
	OTHER("instances", NULL, "number or max", key_instances, "1"),
	STR("namespace", NULL, namespace, "default"),
	OTHER("name_prefix", NULL, "string", key_prefix, NULL),
	OTHER("append_env_to_name", NULL, "truth value", key_append_env,
	    "false"),
	NUM("port", NULL, port, 1, 65535, NULL),
	STR("instance_var", NULL, instance_var, "NODE_APP_INSTANCE"),
	STR("increment_var", NULL, increment_var, NULL),

	OTHER("env", NULL, "object", key_later, NULL),
	LIST("env_file", NULL, env_files, NULL),
	OTHER("secret", "secrets", "object", key_secret, NULL),
	OTHER("secret_file", NULL, "object", key_secret_file, NULL),
	OTHER("filter_env", NULL, "list", key_filter_env, NULL),

	PATH("out_file", "output out out_log", output, "in the home"),
	PATH("error_file", "error err err_log err_file", error,
	    "in the home"),
	OTHER("log_file", "log", "path", key_log_file, NULL),
	PATH("pid_file", "pid", pid, "in the home"),
	FLAG("merge_logs", "combine_logs", merge_logs, "false"),
	STR("log_date_format", NULL, log_date_format, NULL),
	FLAG("time", NULL, time, "false"),
	WORD("log_type", NULL, log_type, "json raw", "raw"),
	FLAG("disable_logs", NULL, disable_logs, "false"),
	SIZE("log_max_size", NULL, log_max_size, "10M"),
	NUM("log_keep", NULL, log_keep, 0, 1000, "10"),
	FLAG("log_compress", NULL, log_compress, "false"),

	NOFLAG("autorestart", NULL, no_autorestart, "true"),
	TIME("min_uptime", NULL, min_uptime, "1s"),
	NUM("max_restarts", "max", max_restarts, 0, 1000, "15"),
	TIME("restart_delay", NULL, restart_delay, "0"),
	TIME("exp_backoff_restart_delay", NULL, exp_backoff, "0"),
	OTHER("stop_exit_codes", NULL, "list", key_stop_codes, NULL),
	OTHER("cron_restart", "cron", "string", key_cron, NULL),
	OTHER("schedule", NULL, "string", key_cron, NULL),
	SIZE("max_memory_restart", NULL, max_memory, "0"),
	OTHER("watch", NULL, "truth value or list", key_watch, "false"),
	LIST("ignore_watch", NULL, ignore_watch, NULL),
	TIME("watch_delay", NULL, watch_delay, "200ms"),
	OTHER("watch_options", NULL, "object", key_watch_options, NULL),
	OTHER("depends_on", "after", "list or object", key_depends, NULL),

	UNIT("kill_signal", NULL, "signal", NULL, OPT_SIGNAL, kill_signal,
	    "SIGINT"),
	TIME("kill_timeout", NULL, kill_timeout, "4s"),
	FLAG("shutdown_with_message", NULL, shutdown_message, "false"),
	FLAG("wait_ready", NULL, wait_ready, "false"),
	TIME("listen_timeout", NULL, listen_timeout, "8s"),
	WORD("balance", NULL, balance, "rr sticky kernel shared", "rr"),
	LIST("listen", NULL, listen, NULL),
	NOFLAG("drain", NULL, no_drain, "true"),
	FLAG("notify", NULL, notify, "false"),
	TIME("watchdog", NULL, watchdog, "0"),

	OTHER("health_check", "health", "string or object", key_health, NULL),
	TIME("health_interval", NULL, health_interval, "10s"),
	TIME("health_timeout", NULL, health_timeout, "3s"),
	NUM("health_retries", NULL, health_retries, 1, 1000, "3"),
	TIME("health_grace", NULL, health_grace, "30s"),
	WORD("health_action", NULL, health_action, "restart reload none",
	    "restart"),

	OTHER("user", "uid username", "string", key_user, NULL),
	OTHER("group", "gid", "string", key_group, NULL),
	PATH("chroot", NULL, chroot, NULL),
	UNIT("umask", NULL, "mode", "octal", OPT_MODE, umask, "pm2d's"),
	UNIT("nice", NULL, "number", NULL, OPT_NICE, nice, "0"),
	FLAG("no_new_privs", NULL, no_new_privs, "false"),
	WORD("sandbox", NULL, sandbox, "off basic strict", "off"),
	OTHER("limits", NULL, "object", key_group_of, NULL),
	NUM("limit_nofile", NULL, limit_nofile, 0, OPT_NOMAX, "pm2d's"),
	NUM("limit_processes", NULL, limit_processes, 0, OPT_NOMAX,
	    "pm2d's"),
	SIZE("limit_memory", NULL, limit_memory, "pm2d's"),
	SIZE("limit_core", NULL, limit_core, "pm2d's"),
	SIZE("limit_fsize", NULL, limit_fsize, "pm2d's"),
	SIZE("limit_stack", NULL, limit_stack, "pm2d's"),
	{ "limit_cpu", NULL, "number", "seconds", "pm2d's", key_number,
	    OPT(limit_cpu), OPT_NUM, 0, OPT_NOMAX, NULL },
	OTHER("cgroup", NULL, "object", key_group_of, NULL),
	SIZE("cgroup_memory", NULL, cgroup_memory, "0"),
	UNIT("cgroup_cpu", NULL, "number", "cpus", OPT_CPUS, cgroup_cpu, "0"),
	NUM("cgroup_pids", NULL, cgroup_pids, 0, 4194304, "0"),

	FLAG("force", NULL, force, "false"),
	OTHER("treekill", NULL, "truth value", key_must_be_true, "true"),
	OTHER("autostart", NULL, "truth value", key_must_be_true, "true"),

	QUIET("options"), QUIET("deploy"), QUIET("declared_in"),
	QUIET("declared_env"), QUIET("ipc"), QUIET("version"),
	SAAS("one_launch_only"), SAAS("source_map_support"),
	SAAS("disable_source_map_support"), SAAS("vizion"), SAAS("pmx"),
	SAAS("automation"), SAAS("instrumentation"), SAAS("axm_actions"),
	SAAS("axm_monitor"), SAAS("axm_options"), SAAS("axm_dynamic"),
	SAAS("trace"), SAAS("disable_trace"), SAAS("deep_monitoring"),
	SAAS("monitor"), SAAS("km_link"), SAAS("windowsHide"),
	SAAS("kill_retry_time"), SAAS("wrapper"), SAAS("autostart_delay"),
	SAAS("vizion_running"), SAAS("post_update"), SAAS("io"),
	SAAS("write"), SAAS("cmd"), SAAS("install_url"),
	{ NULL, NULL, NULL, NULL, NULL, NULL, 0, OPT_STR, 0, 0, NULL }
};
const struct pf_key *const pf_keys = keys;

#define NKEYS	(sizeof(keys) / sizeof(keys[0]) - 1)

/* ---- names and aliases, sorted ---- */

#define NAME_MAX_LEN	40
#define NAMES_MAX	256

struct keyname {
	char			 name[NAME_MAX_LEN];
	const struct pf_key	*key;
};

static struct keyname	 names[NAMES_MAX];
static size_t		 nnames;

static int
byname(const void *a, const void *b)
{
	const struct keyname	*x = a, *y = b;

	return (strcmp(x->name, y->name));
}

static void
name_add(const char *name, size_t len, const struct pf_key *key)
{
	if (nnames == NAMES_MAX || len >= NAME_MAX_LEN)
		abort();	/* the table outgrew its index */
	memcpy(names[nnames].name, name, len);
	names[nnames].name[len] = '\0';
	names[nnames++].key = key;
}

static void
names_make(void)
{
	const struct pf_key	*k;
	const char		*s;
	size_t			 len;

	if (nnames > 0)
		return;
	for (k = keys; k->name != NULL; k++) {
		name_add(k->name, strlen(k->name), k);
		for (s = k->aliases; s != NULL && *s != '\0'; s += len) {
			if ((len = strspn(s, " ")) > 0)
				continue;
			len = strcspn(s, " ");
			name_add(s, len, k);
		}
	}
	qsort(names, nnames, sizeof(names[0]), byname);
}

size_t
pf_nkeys(void)
{
	return (NKEYS);
}

const struct pf_key *
pf_key_find(const char *name)
{
	struct keyname		 want;
	const struct keyname	*found;

	names_make();
	if (strlcpy(want.name, name, sizeof(want.name)) >= sizeof(want.name))
		return (NULL);
	found = bsearch(&want, names, nnames, sizeof(names[0]), byname);
	return (found != NULL ? found->key : NULL);
}

const char *
pf_key_near(const char *name)
{
	const char	*best = NULL;
	size_t		 dist, i, least;

	names_make();
	least = strlen(name) / 3 + 1;
	for (i = 0; i < nnames; i++) {
		if (names[i].key->type == NULL)
			continue;
		dist = word_distance(name, names[i].name);
		if (dist < least) {
			least = dist;
			best = names[i].name;
		}
	}
	return (best);
}

/* ---- an app ---- */

/* Not known: a variable, as in pm2, if it can be one. */
static void
unknown(struct pf_app *app, const struct pf_node *n)
{
	const char	*near;

	if (app->full)
		return;
	near = pf_said_enough(app->pf) ? NULL : pf_key_near(n->key);
	if (n->type == PF_ARRAY || n->type == PF_OBJECT) {
		pf_warn(app, n, "unknown key, it is ignored%s%s%s",
		    near != NULL ? "; did you mean " : "",
		    near != NULL ? near : "", near != NULL ? "?" : "");
		return;
	}
	pf_warn(app, n, "unknown key, it becomes a variable of the app%s%s%s",
	    near != NULL ? "; did you mean " : "", near != NULL ? near : "",
	    near != NULL ? "?" : "");
	key_variable(app, n);
}

static void
one_key(struct pf_app *app, const struct pf_node *n)
{
	const struct pf_key	*k;
	const struct pf_node	*before;

	if (n->stale)
		return;
	if ((k = pf_key_find(n->key)) == NULL)
		return;		/* a variable: they come first */
	if (n->type == PF_NULL && k->type != NULL)
		return;
	if ((before = app->seen[k - keys]) != NULL)
		pf_warn(app, n, "means the same as %s, and is what counts",
		    before->key);
	app->seen[k - keys] = n;
	k->handler(app, k, n);
}

/* Variables from unknown keys, then env, then the env_NAME of --env. */
static void
environments(struct pf_app *app)
{
	const struct pf_node	*n;

	for (n = app->node->child; n != NULL; n = n->next)
		if (!n->stale && pf_key_find(n->key) == NULL &&
		    strncmp(n->key, "env_", 4) != 0)
			unknown(app, n);
	if ((n = pf_get(app->node, "env")) != NULL)
		key_env(app, NULL, n);
	for (n = app->node->child; n != NULL; n = n->next)
		if (!n->stale && pf_key_find(n->key) == NULL &&
		    strncmp(n->key, "env_", 4) == 0)
			key_env_named(app, n);
}

void
pf_app_read(struct pf_app *app)
{
	const struct pf_node	*n;

	for (n = app->node->child; n != NULL; n = n->next)
		one_key(app, n);
	environments(app);
	key_finish(app);
}

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
 * Dumps of pm2, 0.7 and today's: each app is translated into what a process
 * file would say of it, and read as such.
 */
#include <err.h>
#include <paths.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump.h"
#include "output_json.h"
#include "procfile.h"
#include "resolve.h"

extern char	**environ;

/* Keys that mean the same in both, copied as they are. */
static const char *const same[] = { "name", "namespace", "exec_mode",
    "exec_interpreter", "node_args", "args", "port", "cron_restart",
    "max_memory_restart", "autorestart", "restart_delay",
    "exp_backoff_restart_delay", "min_uptime", "max_restarts",
    "kill_timeout", "wait_ready", "listen_timeout", "shutdown_with_message",
    "watch", "ignore_watch", "watch_delay", "log_date_format", "log_type",
    "instance_var", "increment_var", "stop_exit_codes", "filter_env",
    "disable_logs", "uid", "gid" };

/* What pm2 puts into an app's environment, and is no environment. */
static const char *const ours[] = { "name", "namespace", "pm_id", "pm_cwd",
    "pm_exec_path", "pm_out_log_path", "pm_err_log_path", "pm_pid_path",
    "pm_uptime", "exec_mode", "exec_interpreter", "instances", "args",
    "node_args", "status", "restart_time", "unstable_restarts",
    "created_at", "env", "unique_id", "axm_actions", "axm_monitor",
    "axm_options", "axm_dynamic", "vizion", "vizion_running", "km_link",
    "NODE_APP_INSTANCE", "PM2_USAGE", "PM2_JSON_PROCESSING",
    "PM2_INTERACTOR_PROCESSING", "PM2_PROGRAMMATIC", "pm_exec_path",
    "prev_restart_delay", "treekill", "windowsHide", "pmx", "automation",
    "autostart", "autorestart", "instance_var", "username", "version",
    "node_version", "exit_code", "merge_logs", "watch", "filter_env",
    "kill_retry_time", "_pm2_version" };

static int
is_ours(const char *name)
{
	size_t	 i;

	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strcmp(name, ours[i]) == 0)
			return (1);
	return (0);
}

static const char *
text_of(const json_t *entry, const char *key)
{
	return (json_string_value(json_object_get(entry, key)));
}

static long long
number_of(const json_t *entry, const char *key, long long otherwise)
{
	const json_t	*value;
	const char	*errstr;
	long long	 n;

	value = json_object_get(entry, key);
	if (json_is_integer(value))
		return (json_integer_value(value));
	if (!json_is_string(value))
		return (otherwise);
	n = strtonum(json_string_value(value), 0, UINT32_MAX, &errstr);
	return (errstr == NULL ? n : otherwise);
}

/* Where it ran: pm_cwd, else the PWD that it was given, else its script's. */
static json_t *
directory_of(const json_t *entry, const char *script)
{
	const char	*dir, *slash;

	dir = text_of(entry, "pm_cwd");
	if (dir == NULL || *dir != '/')
		dir = text_of(json_object_get(entry, "env"), "PWD");
	if (dir != NULL && *dir == '/')
		return (json_text(dir));
	if ((slash = strrchr(script, '/')) == NULL || slash == script)
		return (json_text("/"));
	return (json_stringn_nocheck(script, (size_t)(slash - script)));
}

/* A log of a name that we would not give it is kept under that name. */
static void
add_log(json_t *app, const json_t *entry, const char *from, const char *to,
    const char *word)
{
	const char	*path, *name;
	char		 usual[APP_NAME_MAX + 64];

	path = text_of(entry, from);
	name = text_of(entry, "name");
	if (path == NULL || *path != '/' || name == NULL)
		return;
	(void)snprintf(usual, sizeof(usual), "%s-%s-%lld.log", name, word,
	    number_of(entry, "pm_id", 0));
	if (strcmp(path_base(path), usual) == 0 &&
	    strstr(path, "/.pm2/logs/") != NULL)
		return;
	json_put(app, to, json_text(path));
	json_object_set_new(app, "merge_logs", json_true());
}

static json_t *
translate(const json_t *entry, const char *script)
{
	json_t	*app, *value;
	size_t	 i;

	if ((app = json_object()) == NULL)
		errx(1, "out of memory");
	json_put(app, "script", json_text(script));
	json_put(app, "cwd", directory_of(entry, script));
	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		value = json_object_get(entry, same[i]);
		if (value == NULL || json_is_null(value) ||
		    (json_is_array(value) && json_array_size(value) == 0) ||
		    (json_is_string(value) &&
		    json_string_length(value) == 0))
			continue;
		json_put(app, same[i], json_incref(value));
	}
	add_log(app, entry, "pm_out_log_path", "out_file", "out");
	add_log(app, entry, "pm_err_log_path", "error_file", "err");
	return (app);
}

/* pm2 tells each app of modules, of which it has none: "app={}". */
static int
is_modules(const char *app, const char *name, const json_t *value)
{
	return (app != NULL && strcmp(app, name) == 0 &&
	    json_is_string(value) && strcmp(json_string_value(value),
	    "{}") == 0);
}

/* "NAME=value" of a scalar; NULL: it is none. */
static char *
variable(const char *name, const json_t *value)
{
	char	*s;
	int	 n;

	if (*name == '\0' || strchr(name, '=') != NULL || is_ours(name))
		return (NULL);
	if (json_is_string(value)) {
		if (strlen(json_string_value(value)) !=
		    json_string_length(value))
			return (NULL);
		n = asprintf(&s, "%s=%s", name, json_string_value(value));
	} else if (json_is_integer(value))
		n = asprintf(&s, "%s=%" JSON_INTEGER_FORMAT, name,
		    json_integer_value(value));
	else if (json_is_real(value))
		n = asprintf(&s, "%s=%.15g", name, json_real_value(value));
	else if (json_is_boolean(value))
		n = asprintf(&s, "%s=%s", name,
		    json_is_true(value) ? "true" : "false");
	else
		return (NULL);
	if (n == -1)
		err(1, NULL);
	return (s);
}

/* What the app had: one array, and its strings. */
static char **
environment_of(const json_t *entry)
{
	json_t		*object, *value;
	const char	*name;
	char		**env;
	size_t		 n;

	object = json_object_get(entry, "env");
	env = calloc(json_object_size(object) + 2, sizeof(*env));
	if (env == NULL)
		err(1, NULL);
	n = 0;
	/* Its interpreter has to be found. */
	if (json_object_get(object, "PATH") == NULL &&
	    (env[n++] = strdup("PATH=" _PATH_DEFPATH)) == NULL)
		err(1, NULL);
	json_object_foreach(object, name, value)
		if (!is_modules(text_of(entry, "name"), name, value) &&
		    (env[n] = variable(name, value)) != NULL)
			n++;
	return (env);
}

static void
environment_free(char **env)
{
	size_t	 i;

	for (i = 0; env[i] != NULL; i++)
		free(env[i]);
	free(env);
}

/* From the translation to a spec; the tree becomes the file's. */
static int
read_app(struct dumped *d, struct pf_node *tree, const struct ctl *ctl)
{
	struct procfile	 pf;
	struct spec	 spec;
	size_t		 i;
	int		 error;

	error = procfile_take(&pf, ctl, "dump", tree);
	if (error == 0 && pf.napps != 1)
		error = -1;
	for (i = 0; error == -1 && i < pf.nproblems; i++)
		if (pf.problems[i].error) {
			(void)strlcpy(d->why, pf.problems[i].text,
			    sizeof(d->why));
			break;
		}
	if (error == 0)
		error = spec_declared(&d->spec, &pf.apps[0], ctl, d->why,
		    sizeof(d->why));
	procfile_free(&pf);
	if (error == -1 || spec_parse(&spec, d->spec.data, d->spec.len,
	    d->why, sizeof(d->why)) == -1)
		return (-1);
	/* It may have been given one only now; so it is known next time. */
	(void)strlcpy(d->name, spec.str[SPEC_NAME], sizeof(d->name));
	if (spec.str[SPEC_EXEC_MODE] != NULL &&
	    strcmp(spec.str[SPEC_EXEC_MODE], "cluster_mode") == 0)
		d->how = DUMP_BY_NAME;
	return (0);
}

static int
import_with(struct dumped *d, const json_t *entry, const struct ctl *ctl)
{
	struct pf_node	*tree;
	struct pf_mark	 mark;
	json_t		*app;
	char		*text, **mine;
	int		 error;

	app = translate(entry, d->script);
	text = json_dumps(app, JSON_ENCODE_ANY);
	json_decref(app);
	if (text == NULL)
		errx(1, "out of memory");
	tree = pf_json(text, strlen(text), &mark, d->why, sizeof(d->why));
	free(text);
	if (tree == NULL)
		return (-1);
	/* The shell's layer is what the app had then, not what we have. */
	mine = environ;
	environ = environment_of(entry);
	error = read_app(d, tree, ctl);
	environment_free(environ);
	environ = mine;
	return (error);
}

int
dump_import(struct dumped *d, const json_t *entry, const struct ctl *ctl)
{
	const char	*script, *name, *status;
	long long	 id;

	script = text_of(entry, "pm_exec_path");
	if (script == NULL || *script != '/') {
		(void)strlcpy(d->why, "has no pm_exec_path", sizeof(d->why));
		return (-1);
	}
	dump_script(d, script);
	if ((name = text_of(entry, "name")) != NULL)
		(void)strlcpy(d->name, name, sizeof(d->name));
	id = number_of(entry, "pm_id", UINT32_MAX);
	d->id = d->first = id < 0 || id > UINT32_MAX ? APP_ID_ALL :
	    (uint32_t)id;
	status = text_of(entry, "status");
	d->wanted = status == NULL || (strcmp(status, "stopped") != 0 &&
	    strcmp(status, "stopping") != 0);
	return (import_with(d, entry, ctl));
}

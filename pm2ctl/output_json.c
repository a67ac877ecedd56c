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

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "inspect.h"
#include "output_json.h"

static json_t	*json_env(const struct spec *);
static json_t	*json_args(const struct spec *);
static json_t	*json_pm2env(const struct app_view *);
static void	 ob_jsonarray(struct outbuf *, json_t *);
static void	 ob_jsonobject(struct outbuf *, json_t *);

void
json_put(json_t *object, const char *key, json_t *value)
{
	if (value == NULL ||
	    json_object_set_new_nocheck(object, key, value) == -1)
		errx(1, "out of memory");
}

json_t *
json_text(const char *s)
{
	return (json_string_nocheck(s));
}

/* Variables of a layer go over those of the ones before, or take them away. */
static void
json_layer(json_t *env, const struct spec *spec, enum spec_key layer,
    int secret)
{
	const char	*entry, *value;
	char		*name;
	size_t		 pos;

	pos = 0;
	while ((entry = spec_next(spec, layer, &pos)) != NULL) {
		if ((value = strchr(entry, '=')) == NULL)
			continue;
		if ((name = strndup(entry, (size_t)(value - entry))) == NULL)
			err(1, NULL);
		if (secret)
			(void)json_object_del(env, name);
		else
			json_put(env, name, json_text(value + 1));
		free(name);
	}
}

/*
 * What the app gets from its caller and its file, of which the file wins.
 * What a secret says instead is not to be seen, so nothing is.
 */
static json_t *
json_env(const struct spec *spec)
{
	json_t	*env;

	if ((env = json_object()) == NULL)
		return (NULL);
	json_layer(env, spec, SPEC_ENV, 0);
	json_layer(env, spec, SPEC_FILE_ENV, 0);
	json_layer(env, spec, SPEC_SECRET, 1);
	json_layer(env, spec, SPEC_SECRET_FILE, 1);
	return (env);
}

void
ob_jsonlist(struct outbuf *ob, const struct spec *spec, enum spec_key key)
{
	const char	*entry, *between;
	size_t		 pos;

	ob_char(ob, '[');
	between = "";
	pos = 0;
	while ((entry = spec_next(spec, key, &pos)) != NULL) {
		ob_str(ob, between);
		ob_json(ob, entry, strlen(entry));
		between = ",";
	}
	ob_char(ob, ']');
}

/* pm2 keeps the arguments as one string, a JSON array. */
static json_t *
json_args(const struct spec *spec)
{
	struct outbuf	 ob = { 0 };
	json_t		*args;

	ob_jsonlist(&ob, spec, SPEC_ARG);
	args = json_text(ob_text(&ob));
	ob_free(&ob);
	return (args);
}

/* What it is run by, restarted by and waits for, if anything. */
static void
json_clock(json_t *env, const struct app_view *app)
{
	const struct spec	*spec = app->spec;
	const struct ctl_appfix	*fix = &app->info.fix;

	if (spec != NULL && spec->str[SPEC_CRON] != NULL)
		json_put(env, "cron_restart", json_text(spec->str[SPEC_CRON]));
	if (spec != NULL && spec->str[SPEC_SCHEDULE] != NULL)
		json_put(env, "schedule", json_text(spec->str[SPEC_SCHEDULE]));
	if (fix->tick_ms != 0)
		json_put(env, "next_run",
		    json_integer((json_int_t)fix->tick_ms));
	if (fix->max_memory != 0) {
		json_put(env, "max_memory_restart",
		    json_integer((json_int_t)fix->max_memory));
		json_put(env, "tree_memory",
		    json_integer((json_int_t)fix->tree_memory));
	}
	if (fix->held)
		json_put(env, "held", json_true());
}

/* What is looked at while it runs, if anything. */
static void
json_watched(json_t *env, const struct app_view *app)
{
	const struct ctl_appfix	*fix = &app->info.fix;

	if (fix->watch != WATCH_NONE) {
		json_put(env, "watch", json_true());
		json_put(env, "watch_state",
		    json_text(output_watchname(fix->watch)));
	}
	if (fix->health != HEALTH_NONE)
		json_put(env, "health",
		    json_text(app_healthname(fix->health)));
}

static json_t *
json_pm2env(const struct app_view *app)
{
	const struct ctl_appinfo *info;
	const struct spec	 *spec;
	json_t			 *env;

	info = &app->info;
	spec = app->spec;
	if ((env = json_object()) == NULL)
		return (NULL);
	json_put(env, "name", json_text(info->name));
	json_put(env, "exec_mode",
	    json_text(info->fix.cluster ? "cluster_mode" : "fork_mode"));
	json_put(env, "exec_interpreter", json_text(info->interpreter));
	if (spec != NULL && spec->count[SPEC_INSTANCES] != 0)
		json_put(env, "instances",
		    json_integer((json_int_t)spec->num[SPEC_INSTANCES]));
	if (spec != NULL && spec->count[SPEC_ARG] != 0)
		json_put(env, "args", json_args(spec));
	if (info->fix.port != 0)
		json_put(env, "port", json_integer(info->fix.port));
	json_clock(env, app);
	json_watched(env, app);
	if (spec != NULL)
		json_put(env, "env", json_env(spec));
	json_put(env, "pm_exec_path", json_text(info->script));
	json_put(env, "pm_out_log_path", json_text(info->out));
	json_put(env, "pm_err_log_path", json_text(info->err));
	json_put(env, "pm_pid_path", json_text(info->pidfile));
	json_put(env, "pm_id", json_integer(info->fix.id));
	json_put(env, "restart_time", json_integer(info->fix.restarts));
	json_put(env, "unstable_restarts", json_integer(info->fix.unstable));
	json_put(env, "created_at", info->fix.created_ms == 0 ? json_null() :
	    json_integer((json_int_t)info->fix.created_ms));
	json_put(env, "pm_uptime",
	    json_integer((json_int_t)info->fix.started_ms));
	json_put(env, "status", json_text(app_statename(info->fix.state)));
	return (env);
}

json_t *
json_app(const struct app_view *app)
{
	const struct ctl_appfix	*fix;
	json_t			*object, *monit;

	fix = &app->info.fix;
	if ((object = json_object()) == NULL ||
	    (monit = json_object()) == NULL)
		errx(1, "out of memory");
	json_put(monit, "memory", json_integer((json_int_t)fix->memory));
	json_put(monit, "cpu", fix->cpu_permille % 10 == 0 ?
	    json_integer(fix->cpu_permille / 10) :
	    json_real(fix->cpu_permille / 10.0));
	json_put(object, "pid", json_integer(fix->pid));
	json_put(object, "name", json_text(app->info.name));
	json_put(object, "pm2_env", json_pm2env(app));
	json_put(object, "pm_id", json_integer(fix->id));
	json_put(object, "monit", monit);
	return (object);
}

static void
ob_jsonarray(struct outbuf *ob, json_t *value)
{
	size_t	 i;

	ob_char(ob, '[');
	for (i = 0; i < json_array_size(value); i++) {
		if (i != 0)
			ob_char(ob, ',');
		ob_jsonvalue(ob, json_array_get(value, i));
	}
	ob_char(ob, ']');
}

static void
ob_jsonobject(struct outbuf *ob, json_t *value)
{
	const char	*key;
	json_t		*member;
	char		 between;

	between = '{';
	if (json_object_size(value) == 0)
		ob_char(ob, between);
	json_object_foreach(value, key, member) {
		ob_char(ob, between);
		ob_json(ob, key, strlen(key));
		ob_char(ob, ':');
		ob_jsonvalue(ob, member);
		between = ',';
	}
	ob_char(ob, '}');
}

void
ob_jsonvalue(struct outbuf *ob, json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		ob_jsonobject(ob, value);
		break;
	case JSON_ARRAY:
		ob_jsonarray(ob, value);
		break;
	case JSON_STRING:
		ob_json(ob, json_string_value(value),
		    json_string_length(value));
		break;
	case JSON_INTEGER:
		ob_fmt(ob, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		break;
	case JSON_REAL:
		ob_fmt(ob, "%.10g", json_real_value(value));
		break;
	case JSON_TRUE:
		ob_str(ob, "true");
		break;
	case JSON_FALSE:
		ob_str(ob, "false");
		break;
	case JSON_NULL:
		ob_str(ob, "null");
		break;
	}
}

/* App by app, so that thousands of them are never in memory as values. */
void
json_list(struct outbuf *ob, const struct app_view *apps, size_t n)
{
	json_t	*app;
	size_t	 i;

	ob_char(ob, '[');
	for (i = 0; i < n; i++) {
		if (i != 0)
			ob_char(ob, ',');
		app = json_app(&apps[i]);
		ob_jsonvalue(ob, app);
		json_decref(app);
	}
	ob_str(ob, "]\n");
}

void
json_pretty(struct outbuf *ob, const struct app_view *apps, size_t n)
{
	json_t	*list;
	size_t	 i;

	if ((list = json_array()) == NULL)
		errx(1, "out of memory");
	for (i = 0; i < n; i++) {
		if (json_array_append_new(list, json_app(&apps[i])) == -1)
			errx(1, "out of memory");
	}
	inspect(ob, list, 2);
	ob_char(ob, '\n');
	json_decref(list);
}

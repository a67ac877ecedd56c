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


#include <sys/types.h>

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parent.h"

/*
 * What an app is executed with.  The environment has three layers: for
 * another user's app the password entry, then what the client sent with the
 * spec, then what pm2 tells every app about itself.  A later layer wins.
 */

struct vec {
	char		**v;
	size_t		  n;
	size_t		  cap;
};

/* Variables of Node's IPC: an app must never inherit someone else's. */
static const char *const withheld[] = {
	"NODE_CHANNEL_FD", "NODE_UNIQUE_ID", "NODE_CHANNEL_SERIALIZATION_MODE",
	"NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES",
	"PM2D_TREE", NULL
};

static int	 env_set(struct vec *, const char *, const char *, ...)
		    __attribute__((format(printf, 3, 4)));

static int
vec_push(struct vec *vec, char *s)
{
	char	**v;
	size_t	  cap;

	if (s == NULL)
		return (-1);
	if (vec->n + 1 >= vec->cap) {
		cap = vec->cap == 0 ? 64 : vec->cap * 2;
		if ((v = reallocarray(vec->v, cap, sizeof(*v))) == NULL) {
			free(s);
			return (-1);
		}
		vec->v = v;
		vec->cap = cap;
	}
	vec->v[vec->n++] = s;
	vec->v[vec->n] = NULL;
	return (0);
}

static void
vec_free(char **v)
{
	size_t	 i;

	if (v == NULL)
		return;
	for (i = 0; v[i] != NULL; i++)
		free(v[i]);
	free(v);
}

/* Add NAME=value, in the place of a NAME= among the first upto entries. */
static int
env_put(struct vec *env, size_t upto, const char *name, const char *value)
{
	char	*s;
	size_t	 i, len = strlen(name) + 1;

	if (asprintf(&s, "%s=%s", name, value) == -1)
		return (-1);
	for (i = 0; i < upto; i++) {
		if (strncmp(env->v[i], s, len) == 0) {
			free(env->v[i]);
			env->v[i] = s;
			return (0);
		}
	}
	return (vec_push(env, s));
}

static int
env_set(struct vec *env, const char *name, const char *fmt, ...)
{
	va_list	 ap;
	char	*value;
	int	 n;

	va_start(ap, fmt);
	n = vasprintf(&value, fmt, ap);
	va_end(ap);
	if (n == -1)
		return (-1);
	n = env_put(env, env->n, name, value);
	free(value);
	return (n);
}

static int
is_withheld(const char *entry)
{
	size_t	 i, len;

	for (i = 0; withheld[i] != NULL; i++) {
		len = strlen(withheld[i]);
		if (strncmp(entry, withheld[i], len) == 0 && entry[len] == '=')
			return (1);
	}
	return (0);
}

/* The first layer, for apps of another user than the daemon's. */
static int
env_passwd(struct vec *env, const struct ids *ids)
{
	if (env_set(env, "HOME", "%s", ids->home) == -1 ||
	    env_set(env, "USER", "%s", ids->name) == -1 ||
	    env_set(env, "LOGNAME", "%s", ids->name) == -1 ||
	    env_set(env, "SHELL", "%s", ids->shell) == -1 ||
	    env_set(env, "PATH", "%s", "/usr/local/sbin:/usr/local/bin:"
	    "/usr/sbin:/usr/bin:/sbin:/bin") == -1)
		return (-1);
	return (0);
}

static int
env_spec(struct vec *env, const struct spec *spec)
{
	const char	*s, *eq;
	size_t		 pos = 0, base = env->n;
	char		*name;
	int		 r;

	while ((s = spec_next(spec, SPEC_ENV, &pos)) != NULL) {
		if (is_withheld(s))
			continue;
		/* The client's own block has no doubles: search is for ours. */
		if (base == 0) {
			if (vec_push(env, strdup(s)) == -1)
				return (-1);
			continue;
		}
		eq = strchr(s, '=');
		if ((name = strndup(s, eq - s)) == NULL)
			return (-1);
		r = env_put(env, base, name, eq + 1);
		free(name);
		if (r == -1)
			return (-1);
	}
	return (0);
}

/*
 * What pm2 0.7 puts into every app's environment: the fields of its record.
 * Applications read pm_id, name and NODE_APP_INSTANCE.
 */
static int
env_pm2(struct vec *env, const struct run *run)
{
	const struct app	*app = run->app;
	struct ctl_appinfo	 info;
	const struct spec	*spec = &app->spec->spec;
	const char		*tag;
	int			 r = -1;

	app_info(run->app, &info);
	if (env_set(env, "pm_id", "%u", app->id) == -1 ||
	    env_set(env, "name", "%s", app->name) == -1 ||
	    env_set(env, "pm_exec_path", "%s", info.script) == -1 ||
	    env_set(env, "pm_cwd", "%s", info.cwd) == -1 ||
	    env_set(env, "pm_out_log_path", "%s", info.out) == -1 ||
	    env_set(env, "pm_err_log_path", "%s", info.err) == -1 ||
	    env_set(env, "pm_pid_path", "%s", info.pidfile) == -1 ||
	    env_set(env, "exec_mode", "fork_mode") == -1 ||
	    env_set(env, "exec_interpreter", "%s",
	    info.interpreter) == -1 ||
	    env_set(env, "instances", "%" PRIu64,
	    spec->num[SPEC_INSTANCES]) == -1 ||
	    env_set(env, "restart_time", "%u", info.fix.restarts) == -1 ||
	    env_set(env, "unstable_restarts", "%u",
	    info.fix.unstable) == -1 ||
	    env_set(env, "created_at", "%" PRIu64, app->created_ms) == -1 ||
	    env_set(env, "pm_uptime", "%" PRIu64, walltime_ms()) == -1 ||
	    env_set(env, "status", "launching") == -1 ||
	    env_set(env, "NODE_APP_INSTANCE", "%u", app->instance) == -1)
		goto done;
	if (spec->num[SPEC_PORT] != 0 && env_set(env, "PORT", "%" PRIu64,
	    spec->num[SPEC_PORT]) == -1)
		goto done;
	tag = tree_env(run->tree);
	r = tag == NULL ? 0 : vec_push(env, strdup(tag));
 done:
	wire_free_app(&info);
	return (r);
}

static int
add_list(struct vec *argv, const struct spec *spec, enum spec_key key)
{
	const char	*s;
	size_t		 pos = 0;

	while ((s = spec_next(spec, key, &pos)) != NULL)
		if (vec_push(argv, strdup(s)) == -1)
			return (-1);
	return (0);
}

/* interpreter [interpreter args] script [args], or script [args]. */
static int
make_argv(struct appexec *ex, struct vec *argv, const struct spec *spec)
{
	const char	*interp = spec->str[SPEC_INTERPRETER];

	if (interp != NULL && *interp != '\0' && strcmp(interp, "none") != 0) {
		ex->file = interp;
		ex->script = spec->str[SPEC_SCRIPT];
		if (vec_push(argv, strdup(interp)) == -1 ||
		    add_list(argv, spec, SPEC_INTERPRETER_ARG) == -1)
			return (-1);
	} else
		ex->file = spec->str[SPEC_SCRIPT];
	if (vec_push(argv, strdup(spec->str[SPEC_SCRIPT])) == -1 ||
	    add_list(argv, spec, SPEC_ARG) == -1)
		return (-1);
	return (0);
}

/*
 * Make argv and envp for a run that is to begin.  0, or -1 with ENOMEM.
 */
int
appexec_make(struct appexec *ex, const struct run *run)
{
	const struct app	*app = run->app;
	struct vec		 argv, env;

	memset(ex, 0, sizeof(*ex));
	memset(&argv, 0, sizeof(argv));
	memset(&env, 0, sizeof(env));
	if (make_argv(ex, &argv, &app->spec->spec) == -1 ||
	    (app->ids != NULL && app->ids->ids.change &&
	    env_passwd(&env, &app->ids->ids) == -1) ||
	    env_spec(&env, &app->spec->spec) == -1 ||
	    env_pm2(&env, run) == -1) {
		vec_free(argv.v);
		vec_free(env.v);
		errno = ENOMEM;
		return (-1);
	}
	ex->argv = argv.v;
	ex->envp = env.v;
	return (0);
}

void
appexec_free(struct appexec *ex)
{
	vec_free(ex->argv);
	vec_free(ex->envp);
	memset(ex, 0, sizeof(*ex));
}

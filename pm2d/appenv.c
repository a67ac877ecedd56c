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
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parent.h"
#include "spawn.h"
#include "strvec.h"

/*
 * What an app is executed with.  The environment has layers: for another
 * user's app the password entry, then what the client sent with the spec,
 * what pm2 tells every app about itself, and the ways to talk to us that this
 * run has.  A later layer wins.
 */

/* What belongs to one run: an app must never inherit someone else's. */
static const char *const withheld[] = {
	"NODE_CHANNEL_FD", "NODE_UNIQUE_ID", "NODE_CHANNEL_SERIALIZATION_MODE",
	"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
	"LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "PM2D_TREE", NULL
};

static int	 env_set(struct strvec *, const char *, const char *, ...)
		    __attribute__((format(printf, 3, 4)));
static int	 env_instance(struct strvec *, const struct app *);
static int	 env_listen(struct strvec *, const struct spec *);

/* Add NAME=value, in the place of a NAME= among the first upto entries. */
static int
env_put(struct strvec *env, size_t upto, const char *name, const char *value)
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
	return (strvec_push(env, s));
}

static int
env_set(struct strvec *env, const char *name, const char *fmt, ...)
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

/* NULL: not there. */
static const char *
env_get(const struct strvec *env, const char *name)
{
	size_t	 i, len = strlen(name);

	for (i = 0; i < env->n; i++)
		if (strncmp(env->v[i], name, len) == 0 &&
		    env->v[i][len] == '=')
			return (env->v[i] + len + 1);
	return (NULL);
}

/* A name, or an entry that begins with it. */
static int
is_withheld(const char *entry)
{
	size_t	 i, len;

	len = strcspn(entry, "=");
	for (i = 0; withheld[i] != NULL; i++)
		if (strlen(withheld[i]) == len &&
		    strncmp(entry, withheld[i], len) == 0)
			return (1);
	return (0);
}

/* The first layer, for apps of another user than the daemon's. */
static int
env_passwd(struct strvec *env, const struct ids *ids)
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
env_spec(struct strvec *env, const struct spec *spec)
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
			if (strvec_push(env, strdup(s)) == -1)
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
env_pm2(struct strvec *env, const struct run *run)
{
	const struct app	*app = run->app;
	struct ctl_appinfo	 info;
	const struct spec	*spec = &app->spec->spec;
	int			 r = -1;

	app_info(run->app, &info);
	if (env_set(env, "pm_id", "%u", app->id) == -1 ||
	    env_set(env, "name", "%s", app->name) == -1 ||
	    env_set(env, "pm_exec_path", "%s", info.script) == -1 ||
	    env_set(env, "pm_cwd", "%s", info.cwd) == -1 ||
	    env_set(env, "pm_out_log_path", "%s", info.out) == -1 ||
	    env_set(env, "pm_err_log_path", "%s", info.err) == -1 ||
	    env_set(env, "pm_pid_path", "%s", info.pidfile) == -1 ||
	    env_set(env, "exec_mode", "%s", appspec_cluster(app->spec) ?
	    "cluster_mode" : "fork_mode") == -1 ||
	    env_set(env, "exec_interpreter", "%s",
	    info.interpreter) == -1 ||
	    env_set(env, "instances", "%" PRIu64,
	    spec->num[SPEC_INSTANCES]) == -1 ||
	    env_set(env, "restart_time", "%u", info.fix.restarts) == -1 ||
	    env_set(env, "unstable_restarts", "%u",
	    info.fix.unstable) == -1 ||
	    env_set(env, "created_at", "%" PRIu64, app->created_ms) == -1 ||
	    env_set(env, "pm_uptime", "%" PRIu64, walltime_ms()) == -1 ||
	    env_set(env, "status", "launching") == -1)
		goto done;
	if (spec->num[SPEC_PORT] != 0 && env_set(env, "PORT", "%" PRIu64,
	    spec->num[SPEC_PORT]) == -1)
		goto done;
	r = env_instance(env, app);
 done:
	wire_free_app(&info);
	return (r);
}

/*
 * Which instance this is: in a variable that the user may name, and added to
 * one that he may name (0 when he gave it no value; left alone when it is not
 * a number).
 */
static int
env_instance(struct strvec *env, const struct app *app)
{
	const struct spec	*spec = &app->spec->spec;
	const char		*errstr = NULL, *name, *old;
	long long		 n = 0;

	if ((name = spec->str[SPEC_INSTANCE_VAR]) == NULL)
		name = "NODE_APP_INSTANCE";
	if (!is_withheld(name) &&
	    env_set(env, name, "%u", app->instance) == -1)
		return (-1);
	if ((name = spec->str[SPEC_INCREMENT_VAR]) == NULL ||
	    is_withheld(name))
		return (0);
	if ((old = env_get(env, name)) != NULL)
		n = strtonum(old, 0, LLONG_MAX - UINT32_MAX, &errstr);
	if (errstr != NULL)
		return (0);
	return (env_set(env, name, "%lld", n + app->instance));
}

/* The ways to talk to us: Node's, and those of systemd. */
static int
env_run(struct strvec *env, const struct run *run)
{
	const struct spec	*spec = &run->app->spec->spec;
	const char		*tag = tree_env(run->tree);
	uint32_t		 nlisten = spec->count[SPEC_LISTEN];

	if (tag != NULL && strvec_push(env, strdup(tag)) == -1)
		return (-1);
	if (nlisten > 0 && env_listen(env, spec) == -1)
		return (-1);
	if (run->channel != -1 && (env_set(env, "NODE_CHANNEL_FD", "%u",
	    SPAWN_SLOT_FIRST + nlisten) == -1 || env_set(env,
	    "NODE_CHANNEL_SERIALIZATION_MODE", "json") == -1))
		return (-1);
	if (run->channel != -1 && run->worker != 0 &&
	    env_set(env, "NODE_UNIQUE_ID", "%u", run->worker) == -1)
		return (-1);
	if (run->notify == -1)
		return (0);
	if (env_set(env, "NOTIFY_SOCKET", "%s", run->notify_name) == -1)
		return (-1);
	if (spec->num[SPEC_WATCHDOG] != 0 &&
	    (env_set(env, "WATCHDOG_PID", "%s", SPAWN_PID) == -1 ||
	    env_set(env, "WATCHDOG_USEC", "%" PRIu64,
	    spec->num[SPEC_WATCHDOG] * 1000) == -1))
		return (-1);
	return (0);
}

/*
 * Names are separated by a ':': in ours, the entries of --listen, and in
 * what does not print, there is a '-' in its place.
 */
static int
env_listen(struct strvec *env, const struct spec *spec)
{
	const char	*s;
	char		*name, *names, *p;
	size_t		 len = 0, pos = 0;
	int		 r;

	while ((s = spec_next(spec, SPEC_LISTEN, &pos)) != NULL)
		len += strlen(s) + 1;
	if ((names = malloc(len)) == NULL)
		return (-1);
	for (pos = 0, name = names;
	    (s = spec_next(spec, SPEC_LISTEN, &pos)) != NULL; name = p) {
		for (p = name; *s != '\0'; s++)
			*p++ = *s > ' ' && *s < 0x7f && *s != ':' ? *s : '-';
		*p++ = ':';
	}
	names[len - 1] = '\0';
	r = env_set(env, "LISTEN_FDS", "%u", spec->count[SPEC_LISTEN]);
	if (r == 0)
		r = env_set(env, "LISTEN_PID", "%s", SPAWN_PID);
	if (r == 0)
		r = env_set(env, "LISTEN_FDNAMES", "%s", names);
	free(names);
	return (r);
}

int
appexec_make(struct appexec *ex, const struct run *run)
{
	const struct app	*app = run->app;
	struct strvec		 argv, env;

	memset(ex, 0, sizeof(*ex));
	memset(&argv, 0, sizeof(argv));
	memset(&env, 0, sizeof(env));
	if (appargv_make(ex, &argv, app) == -1 ||
	    (app->ids != NULL && app->ids->ids.change &&
	    env_passwd(&env, &app->ids->ids) == -1) ||
	    env_spec(&env, &app->spec->spec) == -1 ||
	    env_pm2(&env, run) == -1 ||
	    env_run(&env, run) == -1) {
		strvec_free(argv.v);
		strvec_free(env.v);
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
	strvec_free(ex->argv);
	strvec_free(ex->envp);
	memset(ex, 0, sizeof(*ex));
}

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

#include "envtab.h"
#include "home.h"
#include "parent.h"
#include "spawn.h"

/*
 * What an app is executed with.  The environment has layers: for another
 * user's app the password entry, then the shell's and the file's of the spec,
 * with what was read for this start; what pm2 tells every app about itself,
 * and the ways to talk to us that this run has.  A later layer wins.
 */

/* What belongs to one run: an app must never inherit someone else's. */
static const char *const withheld[] = {
	"NODE_CHANNEL_FD", "NODE_UNIQUE_ID", "NODE_CHANNEL_SERIALIZATION_MODE",
	"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
	"LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "PM2D_TREE", NULL
};

static int	 env_set(struct envtab *, const char *, const char *, ...)
		    __attribute__((format(printf, 3, 4)));
static int	 env_instance(struct envtab *, const struct run *);
static int	 env_listen(struct envtab *, const struct spec *);

static int
env_set(struct envtab *env, const char *name, const char *fmt, ...)
{
	va_list	 ap;
	char	*value;
	int	 n;

	va_start(ap, fmt);
	n = vasprintf(&value, fmt, ap);
	va_end(ap);
	if (n == -1)
		return (-1);
	n = envtab_set(env, name, value);
	free(value);
	return (n);
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
env_passwd(struct envtab *env, const struct ids *ids)
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
env_entry(struct envtab *env, const char *entry)
{
	return (is_withheld(entry) ? 0 : envtab_put(env, entry));
}

static int
env_list(struct envtab *env, const struct spec *spec, enum spec_key key)
{
	const char	*s;
	size_t		 pos = 0;

	while ((s = spec_next(spec, key, &pos)) != NULL)
		if (env_entry(env, s) == -1)
			return (-1);
	return (0);
}

/* Strings that end with a NUL each. */
static int
env_block(struct envtab *env, const char *p, size_t len)
{
	const char	*end = p + len;

	for (; p < end; p += strlen(p) + 1)
		if (env_entry(env, p) == -1)
			return (-1);
	return (0);
}

/* What the spec says, and the files that it names. */
static int
env_spec(struct envtab *env, const struct run *run)
{
	const struct spec	*spec = &run->spec->spec;
	const struct envread	*er = run->envread;

	if (env_list(env, spec, SPEC_ENV) == -1 ||
	    (er != NULL && env_block(env, er->data, er->envlen) == -1) ||
	    env_list(env, spec, SPEC_FILE_ENV) == -1 ||
	    env_list(env, spec, SPEC_SECRET) == -1 ||
	    (er != NULL && env_block(env, er->data + er->envlen,
	    er->len - er->envlen) == -1))
		return (-1);
	return (0);
}

/* Where it writes to: "" for nowhere. */
static int
env_path(struct envtab *env, const struct run *run, const char *name,
    const char *dir, const char *path)
{
	char	 buf[PATH_MAX];

	applog_path(run->app, dir, path, buf, sizeof(buf));
	return (env_set(env, name, "%s", buf));
}

static int
env_files(struct envtab *env, const struct run *run)
{
	const struct appfiles	*files = run->files;

	if (env_path(env, run, "pm_out_log_path", HOME_LOGS,
	    files->logs[LOG_OUT]->path) == -1 ||
	    env_path(env, run, "pm_err_log_path", HOME_LOGS,
	    files->logs[LOG_ERR]->path) == -1)
		return (-1);
	return (env_path(env, run, "pm_pid_path", HOME_PIDS,
	    files->pidfile));
}

/* A string of the spec, "" where it has none. */
static const char *
spec_text(const struct spec *spec, enum spec_key key)
{
	return (spec->str[key] == NULL ? "" : spec->str[key]);
}

/*
 * What pm2 0.7 puts into every app's environment: the fields of its record.
 * Applications read pm_id, name and NODE_APP_INSTANCE.
 */
static int
env_pm2(struct envtab *env, const struct run *run)
{
	const struct app	*app = run->app;
	const struct spec	*spec = &run->spec->spec;

	if (env_set(env, "pm_id", "%u", app->id) == -1 ||
	    env_set(env, "name", "%s", app->name) == -1 ||
	    env_set(env, "pm_exec_path", "%s",
	    spec_text(spec, SPEC_SCRIPT)) == -1 ||
	    env_set(env, "pm_cwd", "%s", spec_text(spec, SPEC_CWD)) == -1 ||
	    env_files(env, run) == -1 ||
	    env_set(env, "exec_mode", "%s", appspec_cluster(run->spec) ?
	    "cluster_mode" : "fork_mode") == -1 ||
	    env_set(env, "exec_interpreter", "%s",
	    spec_text(spec, SPEC_INTERPRETER)) == -1 ||
	    env_set(env, "instances", "%" PRIu64,
	    spec->num[SPEC_INSTANCES]) == -1 ||
	    env_set(env, "restart_time", "%u",
	    app->restart.restarts) == -1 ||
	    env_set(env, "unstable_restarts", "%u",
	    app->restart.unstable) == -1 ||
	    env_set(env, "created_at", "%" PRIu64, app->created_ms) == -1 ||
	    env_set(env, "pm_uptime", "%" PRIu64, walltime_ms()) == -1 ||
	    env_set(env, "status", "launching") == -1)
		return (-1);
	if (spec->num[SPEC_PORT] != 0 && env_set(env, "PORT", "%" PRIu64,
	    spec->num[SPEC_PORT]) == -1)
		return (-1);
	return (env_instance(env, run));
}

/*
 * Which instance this is: in a variable that the user may name, and added to
 * one that he may name (0 when he gave it no value; left alone when it is not
 * a number).
 */
static int
env_instance(struct envtab *env, const struct run *run)
{
	const struct spec	*spec = &run->spec->spec;
	uint32_t		 instance = run->app->instance;
	const char		*errstr = NULL, *name, *old;
	long long		 n = 0;

	if ((name = spec->str[SPEC_INSTANCE_VAR]) == NULL)
		name = "NODE_APP_INSTANCE";
	if (!is_withheld(name) &&
	    env_set(env, name, "%u", instance) == -1)
		return (-1);
	if ((name = spec->str[SPEC_INCREMENT_VAR]) == NULL ||
	    is_withheld(name))
		return (0);
	if ((old = envtab_get(env, name)) != NULL)
		n = strtonum(old, 0, LLONG_MAX - UINT32_MAX, &errstr);
	if (errstr != NULL)
		return (0);
	return (env_set(env, name, "%lld", n + instance));
}

/* The ways to talk to us: Node's, and those of systemd. */
static int
env_run(struct envtab *env, const struct run *run)
{
	const struct spec	*spec = &run->spec->spec;
	const char		*tag = tree_env(run->tree);
	uint32_t		 nlisten = spec->count[SPEC_LISTEN];

	if (tag != NULL && envtab_put(env, tag) == -1)
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
env_listen(struct envtab *env, const struct spec *spec)
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

/* What execve(2) counts of arguments, with what spawning may put before. */
static size_t
arg_bytes(const struct strvec *argv)
{
	size_t	 i, n = 0;

	for (i = 0; i < argv->n; i++)
		n += strlen(argv->v[i]) + 1 + sizeof(char *);
	return (n);
}

int
appexec_make(struct appexec *ex, const struct run *run)
{
	const struct app	*app = run->app;
	struct strvec		 argv;
	struct envtab		 env;
	int			 error = 0;

	memset(ex, 0, sizeof(*ex));
	memset(&argv, 0, sizeof(argv));
	memset(&env, 0, sizeof(env));
	if ((app->ids != NULL && app->ids->ids.change &&
	    env_passwd(&env, &app->ids->ids) == -1) ||
	    env_spec(&env, run) == -1 ||
	    env_pm2(&env, run) == -1 ||
	    env_run(&env, run) == -1 ||
	    appargv_make(ex, &argv, run, envtab_get(&env,
	    "NODE_OPTIONS")) == -1)
		error = ENOMEM;
	else if (arg_bytes(&argv) + env.bytes > SPEC_ARGENV_MAX)
		error = E2BIG;
	ex->argv = argv.v;
	ex->envp = envtab_take(&env);
	if (error == 0)
		return (0);
	appexec_free(ex);
	errno = error;
	return (-1);
}

void
appexec_free(struct appexec *ex)
{
	strvec_free(ex->argv);
	strvec_free(ex->envp);
	memset(ex, 0, sizeof(*ex));
}

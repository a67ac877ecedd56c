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
 * The environment of an app, as pm2d puts it together out of its layers.
 */
#include <sys/types.h>

#include <err.h>
#include <limits.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "environment.h"

#define PASSWD_PATH	"/usr/local/sbin:/usr/local/bin:" \
			"/usr/sbin:/usr/bin:/sbin:/bin"

static void	 add_fmt(struct environment *, const char *, const char *, ...)
		    __attribute__((format(printf, 3, 4)));

/* ---- variables ---- */

static struct env_var *
add(struct environment *e, enum env_layer layer, const char *name,
    size_t namelen, const char *value)
{
	struct env_var	*v;
	size_t		 cap;

	if (e->n == e->cap) {
		cap = e->cap == 0 ? 64 : e->cap * 2;
		v = reallocarray(e->vars, cap, sizeof(*v));
		if (v == NULL)
			err(1, NULL);
		e->vars = v;
		e->cap = cap;
	}
	v = &e->vars[e->n];
	memset(v, 0, sizeof(*v));
	v->name = strndup(name, namelen);
	v->value = strdup(value);
	if (v->name == NULL || v->value == NULL)
		err(1, NULL);
	v->layer = layer;
	v->nth = e->n++;
	return (v);
}

static void
add_name(struct environment *e, enum env_layer layer, const char *name,
    const char *value)
{
	(void)add(e, layer, name, strlen(name), value);
}

/* One of pm2d's own. */
static void
add_fmt(struct environment *e, const char *name, const char *fmt, ...)
{
	va_list	 ap;
	char	*value;
	int	 n;

	va_start(ap, fmt);
	n = vasprintf(&value, fmt, ap);
	va_end(ap);
	if (n == -1)
		err(1, NULL);
	add_name(e, ENV_PM2D, name, value);
	free(value);
}

/* The value that a name has so far, or NULL. */
static const char *
value_of(const struct environment *e, const char *name)
{
	size_t	 i;

	for (i = e->n; i > 0; i--)
		if (strcmp(e->vars[i - 1].name, name) == 0)
			return (e->vars[i - 1].value);
	return (NULL);
}

void
environment_free(struct environment *e)
{
	size_t	 i;

	for (i = 0; i < e->n; i++) {
		free(e->vars[i].name);
		free(e->vars[i].value);
	}
	free(e->vars);
	memset(e, 0, sizeof(*e));
}

/* ---- layers ---- */

static void
add_passwd(struct environment *e, const char *user)
{
	struct passwd	*pw;

	if ((pw = getpwnam(user)) == NULL)
		return;
	add_name(e, ENV_PASSWD, "HOME", pw->pw_dir);
	add_name(e, ENV_PASSWD, "USER", pw->pw_name);
	add_name(e, ENV_PASSWD, "LOGNAME", pw->pw_name);
	add_name(e, ENV_PASSWD, "SHELL", pw->pw_shell);
	add_name(e, ENV_PASSWD, "PATH", PASSWD_PATH);
}

/* "NAME=value" of a key; source: the file that says so. */
static void
add_list(struct environment *e, const struct spec *spec, enum spec_key key,
    enum env_layer layer, const char *source)
{
	struct env_var	*v;
	const char	*entry;
	size_t		 len, pos;

	pos = 0;
	while ((entry = spec_next(spec, key, &pos)) != NULL) {
		len = strcspn(entry, "=");
		if (layer == ENV_SECRET)
			v = add(e, layer, entry, len, ENV_HIDDEN);
		else
			v = add(e, layer, entry, len,
			    entry + len + (entry[len] == '='));
		v->path = source;
		/* The name of the file is none. */
		if (key == SPEC_SECRET_FILE)
			v->path = entry + len + 1;
	}
}

/*
 * What pm2d tells every app.  Some of it is another value at each start, and
 * what belongs to one run only (channels, sockets) is left out.
 */
static void
add_own(struct environment *e, const struct app_view *app)
{
	const struct ctl_appinfo	*info;
	const struct spec		*spec;
	const char			*name;

	info = &app->info;
	spec = app->spec;
	add_fmt(e, "pm_id", "%u", info->fix.id);
	add_fmt(e, "name", "%s", info->name);
	add_fmt(e, "pm_exec_path", "%s", info->script);
	add_fmt(e, "pm_cwd", "%s", info->cwd);
	add_fmt(e, "pm_out_log_path", "%s", info->out);
	add_fmt(e, "pm_err_log_path", "%s", info->err);
	add_fmt(e, "pm_pid_path", "%s", info->pidfile);
	add_fmt(e, "exec_mode", "%s", info->fix.cluster ? "cluster_mode" :
	    "fork_mode");
	add_fmt(e, "exec_interpreter", "%s", info->interpreter);
	add_fmt(e, "instances", "%ju",
	    (uintmax_t)spec->num[SPEC_INSTANCES]);
	add_fmt(e, "restart_time", "%u", info->fix.restarts);
	add_fmt(e, "unstable_restarts", "%u", info->fix.unstable);
	add_fmt(e, "created_at", "%ju", (uintmax_t)info->fix.created_ms);
	add_fmt(e, "pm_uptime", "%ju", (uintmax_t)info->fix.started_ms);
	add_fmt(e, "status", "launching");
	if (spec->num[SPEC_PORT] != 0)
		add_fmt(e, "PORT", "%ju", (uintmax_t)spec->num[SPEC_PORT]);
	name = spec->str[SPEC_INSTANCE_VAR];
	add_fmt(e, name != NULL ? name : "NODE_APP_INSTANCE", "%u",
	    info->fix.instance);
}

/* Left alone when it is not a number. */
static void
add_increment(struct environment *e, const struct app_view *app)
{
	const char	*errstr, *name, *old;
	long long	 n;

	if ((name = app->spec->str[SPEC_INCREMENT_VAR]) == NULL)
		return;
	n = 0;
	errstr = NULL;
	if ((old = value_of(e, name)) != NULL)
		n = strtonum(old, 0, LLONG_MAX - UINT32_MAX, &errstr);
	if (errstr == NULL)
		add_fmt(e, name, "%lld", n + app->info.fix.instance);
}

/* ---- env_file ---- */

static int
is_runs(const char *entry, size_t len)
{
	static const char *const names[] = { "NODE_CHANNEL_FD",
	    "NODE_UNIQUE_ID", "NODE_CHANNEL_SERIALIZATION_MODE",
	    "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
	    "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "PM2D_TREE" };
	size_t	 i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == len &&
		    strncmp(names[i], entry, len) == 0)
			return (1);
	return (0);
}

/* Is this value explained by a layer that is known? */
static int
is_known(const struct environment *e, const char *entry, size_t len)
{
	const struct env_var	*v;
	size_t			 i;

	for (i = e->n; i > 0; i--) {
		v = &e->vars[i - 1];
		if (strlen(v->name) != len ||
		    strncmp(v->name, entry, len) != 0)
			continue;
		/* Later layers would win over the file's. */
		return (v->layer > ENV_ENVFILE ||
		    strcmp(v->value, entry + len + 1) == 0);
	}
	return (0);
}

/*
 * What the process was given, and no other layer has, is of an env_file;
 * with several of them it is not told which.
 */
static void
add_envfile(struct environment *e, const struct spec *spec,
    const char *live, size_t livelen)
{
	struct env_var	*v;
	const char	*entry;
	size_t		 first, i, len, off;

	first = e->n;
	for (off = 0; off < livelen; off += strnlen(entry, livelen - off) +
	    1) {
		entry = live + off;
		if (memchr(entry, '\0', livelen - off) == NULL)
			break;
		len = strcspn(entry, "=");
		if (entry[len] == '\0' || is_runs(entry, len) ||
		    is_known(e, entry, len))
			continue;
		v = add(e, ENV_ENVFILE, entry, len, entry + len + 1);
		if (spec->count[SPEC_ENV_FILE] == 1)
			v->path = spec->str[SPEC_ENV_FILE];
	}
	/* It is below the others. */
	for (i = first; i < e->n; i++)
		e->vars[i].nth = i;
}

/* ---- all of it ---- */

/* By name; the layers as they are laid upon each other. */
static int
var_cmp(const void *x, const void *y)
{
	const struct env_var	*a = x, *b = y;
	int			 r;

	if ((r = strcmp(a->name, b->name)) != 0)
		return (r);
	if (a->layer != b->layer)
		return (a->layer < b->layer ? -1 : 1);
	return (a->nth < b->nth ? -1 : a->nth > b->nth);
}

void
environment_make(struct environment *e, const struct app_view *app,
    uint32_t uid, const char *live, size_t livelen)
{
	const struct spec	*spec;
	const char		*source;

	spec = app->spec;
	source = spec->str[SPEC_SOURCE];
	if (app->info.fix.uid != uid)
		add_passwd(e, app->info.user);
	add_list(e, spec, SPEC_ENV, ENV_SHELL, NULL);
	add_list(e, spec, SPEC_FILE_ENV, ENV_FILE, source);
	add_list(e, spec, SPEC_SECRET, ENV_SECRET, source);
	add_list(e, spec, SPEC_SECRET_FILE, ENV_SECRET, NULL);
	add_own(e, app);
	if (spec->count[SPEC_ENV_FILE] > 0 && live == NULL)
		e->unknown = 1;
	else if (spec->count[SPEC_ENV_FILE] > 0)
		add_envfile(e, spec, live, livelen);
	add_increment(e, app);
	qsort(e->vars, e->n, sizeof(*e->vars), var_cmp);
}

int
environment_hidden(const struct environment *e, size_t i)
{
	return (i + 1 < e->n &&
	    strcmp(e->vars[i].name, e->vars[i + 1].name) == 0);
}

void
environment_origin(const struct env_var *v, char *buf, size_t size)
{
	static const char *const layers[] = {
		[ENV_PASSWD] = "passwd",
		[ENV_SHELL] = "shell",
		[ENV_ENVFILE] = "env_file",
		[ENV_FILE] = "file",
		[ENV_SECRET] = "secret",
		[ENV_PM2D] = "pm2d"
	};

	(void)snprintf(buf, size, "%s%s%s", layers[v->layer],
	    v->path != NULL ? " " : "", v->path != NULL ? v->path : "");
}

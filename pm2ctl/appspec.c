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
 * The spec of an app from options, target and environment.
 */
#include <sys/types.h>

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cron.h"
#include "procfile.h"
#include "resolve.h"

#define ISO_FORMAT	"%Y-%m-%dT%H:%M:%S"

/* A view of a list. */
struct words {
	const char *const	*v;
	size_t			 n;
};

struct build {
	struct spec_buf		*spec;
	const struct target	*target;
	const struct options	*opt;
	const struct ctl	*ctl;
	const struct declared	*declared;	/* of a file, or NULL */
	struct mode		 mode;
	struct words		 watch;
	struct words		 ignore_watch;
	struct words		 depends;
	struct words		 env_files;
	struct words		 secret_files;
	struct words		 filter_env;
	struct words		 listen;
	char			 cwd[PATH_MAX];
	char			*errbuf;
	size_t			 errsize;
};

static int	 refuse(struct build *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));

static int
refuse(struct build *b, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(b->errbuf, b->errsize, fmt, ap);
	va_end(ap);
	return (-1);
}

static int
not_added(struct build *b, enum spec_key key)
{
	if (errno == E2BIG)
		return (refuse(b, "arguments and environment together are "
		    "larger than %d bytes", SPEC_MAX));
	return (refuse(b, "%s: %s", spec_keyname(key), strerror(errno)));
}

static int
add(struct build *b, enum spec_key key, const char *value)
{
	if (spec_add_str(b->spec, key, value) == 0)
		return (0);
	return (not_added(b, key));
}

static int
add_number(struct build *b, enum spec_key key, uint64_t value)
{
	if (spec_add_u64(b->spec, key, value) == 0)
		return (0);
	return (refuse(b, "%s: %s", spec_keyname(key), strerror(errno)));
}

/* Options that are spec keys as they stand. */
#define OFF(member)	offsetof(struct options, member)
static const struct {
	enum spec_key	 key;
	enum opt_type	 type;
	size_t		 offset;
} plain[] = {
	{ SPEC_NAMESPACE,	OPT_STR,	OFF(namespace) },
	{ SPEC_USER,		OPT_STR,	OFF(user) },
	{ SPEC_PORT,		OPT_NUM,	OFF(port) },
	{ SPEC_MERGE_LOGS,	OPT_FLAG,	OFF(merge_logs) },
	{ SPEC_DISABLE_LOGS,	OPT_FLAG,	OFF(disable_logs) },
	{ SPEC_LOG_MAX_SIZE,	OPT_NUM,	OFF(log_max_size) },
	{ SPEC_LOG_KEEP,	OPT_NUM,	OFF(log_keep) },
	{ SPEC_LOG_COMPRESS,	OPT_FLAG,	OFF(log_compress) },
	{ SPEC_MIN_UPTIME,	OPT_NUM,	OFF(min_uptime) },
	{ SPEC_MAX_RESTARTS,	OPT_NUM,	OFF(max_restarts) },
	{ SPEC_RESTART_DELAY,	OPT_NUM,	OFF(restart_delay) },
	{ SPEC_EXP_BACKOFF,	OPT_NUM,	OFF(exp_backoff) },
	{ SPEC_KILL_SIGNAL,	OPT_NUM,	OFF(kill_signal) },
	{ SPEC_KILL_TIMEOUT,	OPT_NUM,	OFF(kill_timeout) },
	{ SPEC_BALANCE,		OPT_STR,	OFF(balance) },
	{ SPEC_INSTANCE_VAR,	OPT_STR,	OFF(instance_var) },
	{ SPEC_INCREMENT_VAR,	OPT_STR,	OFF(increment_var) },
	{ SPEC_WAIT_READY,	OPT_FLAG,	OFF(wait_ready) },
	{ SPEC_LISTEN_TIMEOUT,	OPT_NUM,	OFF(listen_timeout) },
	{ SPEC_SHUTDOWN_MESSAGE, OPT_FLAG,	OFF(shutdown_message) },
	{ SPEC_WATCHDOG,	OPT_NUM,	OFF(watchdog) },
	{ SPEC_SCHEDULE,	OPT_STR,	OFF(schedule) },
	{ SPEC_MAX_MEMORY,	OPT_NUM,	OFF(max_memory) },
	{ SPEC_WATCH_DELAY,	OPT_NUM,	OFF(watch_delay) },
	{ SPEC_HEALTH,		OPT_STR,	OFF(health) },
	{ SPEC_HEALTH_INTERVAL,	OPT_NUM,	OFF(health_interval) },
	{ SPEC_HEALTH_TIMEOUT,	OPT_NUM,	OFF(health_timeout) },
	{ SPEC_HEALTH_RETRIES,	OPT_NUM,	OFF(health_retries) },
	{ SPEC_HEALTH_GRACE,	OPT_NUM,	OFF(health_grace) },
	{ SPEC_HEALTH_ACTION,	OPT_STR,	OFF(health_action) },
	{ SPEC_GROUP,		OPT_STR,	OFF(group) },
	{ SPEC_UMASK,		OPT_NUM,	OFF(umask) },
	{ SPEC_NICE,		OPT_NUM,	OFF(nice) },
	{ SPEC_NO_NEW_PRIVS,	OPT_FLAG,	OFF(no_new_privs) },
	{ SPEC_SANDBOX,		OPT_STR,	OFF(sandbox) },
	{ SPEC_LIMIT_NOFILE,	OPT_NUM,	OFF(limit_nofile) },
	{ SPEC_LIMIT_PROCESSES,	OPT_NUM,	OFF(limit_processes) },
	{ SPEC_LIMIT_MEMORY,	OPT_NUM,	OFF(limit_memory) },
	{ SPEC_LIMIT_CORE,	OPT_NUM,	OFF(limit_core) },
	{ SPEC_LIMIT_FSIZE,	OPT_NUM,	OFF(limit_fsize) },
	{ SPEC_LIMIT_STACK,	OPT_NUM,	OFF(limit_stack) },
	{ SPEC_LIMIT_CPU,	OPT_NUM,	OFF(limit_cpu) },
	{ SPEC_CGROUP_MEMORY,	OPT_NUM,	OFF(cgroup_memory) },
	{ SPEC_CGROUP_CPU,	OPT_NUM,	OFF(cgroup_cpu) },
	{ SPEC_CGROUP_PIDS,	OPT_NUM,	OFF(cgroup_pids) },
};

static int
add_plain(struct build *b)
{
	const struct optnum	*num;
	const char *const	*str;
	const void		*member;
	const int		*flag;
	size_t			 i;
	int			 error;

	for (error = 0, i = 0; error == 0 &&
	    i < sizeof(plain) / sizeof(plain[0]); i++) {
		member = (const char *)b->opt + plain[i].offset;
		if (plain[i].type == OPT_STR) {
			str = member;
			if (*str != NULL)
				error = add(b, plain[i].key, *str);
		} else if (plain[i].type == OPT_FLAG) {
			flag = member;
			if (*flag)
				error = add_number(b, plain[i].key, 1);
		} else {
			num = member;
			if (num->given)
				error = add_number(b, plain[i].key,
				    num->value);
		}
	}
	if (error == 0 && b->opt->no_autorestart)
		error = add_number(b, SPEC_AUTORESTART, 0);
	if (error == 0 && b->opt->no_drain)
		error = add_number(b, SPEC_DRAIN, 0);
	return (error);
}

static int
add_path(struct build *b, enum spec_key key, const char *path,
    const char *dir)
{
	char	 full[PATH_MAX];

	if (path == NULL)
		return (0);
	if (path_absolute(full, sizeof(full), dir, path) == -1)
		return (refuse(b, "%s: %s", spec_keyname(key),
		    strerror(errno)));
	return (add(b, key, full));
}

/* Log and pid files are the caller's, so relative to where he stands. */
static int
add_paths(struct build *b)
{
	char	 here[PATH_MAX];

	if (caller_cwd(here, sizeof(here)) == -1)
		return (refuse(b, "the current directory: %s",
		    strerror(errno)));
	if (path_absolute(b->cwd, sizeof(b->cwd), here,
	    b->opt->cwd != NULL ? b->opt->cwd : here) == -1)
		return (refuse(b, "cwd: %s", strerror(errno)));
	if (add(b, SPEC_CWD, b->cwd) == -1 ||
	    add_path(b, SPEC_OUT_FILE, b->opt->output, here) == -1 ||
	    add_path(b, SPEC_ERR_FILE, b->opt->error, here) == -1)
		return (-1);
	if (add_path(b, SPEC_CHROOT, b->opt->chroot, here) == -1)
		return (-1);
	return (add_path(b, SPEC_PID_FILE, b->opt->pid, here));
}

/* Lists: from options, or (any number) from a process file. */

static int
add_each(struct build *b, enum spec_key key, const struct words *w)
{
	size_t	 i;

	for (i = 0; i < w->n; i++)
		if (add(b, key, w->v[i]) == -1)
			return (-1);
	return (0);
}

static int
add_each_path(struct build *b, enum spec_key key, const struct words *w,
    const char *dir)
{
	size_t	 i;

	for (i = 0; i < w->n; i++)
		if (add_path(b, key, w->v[i], dir) == -1)
			return (-1);
	return (0);
}

/* "NAME=path" */
static int
add_secret_files(struct build *b, const char *here)
{
	const char	*entry;
	char		*full, path[PATH_MAX];
	size_t		 i, len;
	int		 error;

	for (i = 0; i < b->secret_files.n; i++) {
		entry = b->secret_files.v[i];
		len = strcspn(entry, "=");
		if (len == 0 || entry[len] == '\0' || entry[len + 1] == '\0')
			return (refuse(b, "secret_file: %s is not "
			    "NAME=path", entry));
		if (path_absolute(path, sizeof(path), here,
		    entry + len + 1) == -1)
			return (refuse(b, "secret_file: %s", strerror(errno)));
		if (asprintf(&full, "%.*s=%s", (int)len, entry, path) == -1)
			return (refuse(b, "out of memory"));
		error = add(b, SPEC_SECRET_FILE, full);
		free(full);
		if (error == -1)
			return (-1);
	}
	return (0);
}

static int
add_lists(struct build *b)
{
	char	 here[PATH_MAX];

	if (caller_cwd(here, sizeof(here)) == -1)
		return (refuse(b, "the current directory: %s",
		    strerror(errno)));
	if (b->opt->watch && b->watch.n == 0 &&
	    add(b, SPEC_WATCH, b->cwd) == -1)
		return (-1);
	/* What is watched belongs to the app, so it is where the app is. */
	if (add_each_path(b, SPEC_WATCH, &b->watch, b->cwd) == -1 ||
	    add_each(b, SPEC_IGNORE_WATCH, &b->ignore_watch) == -1 ||
	    add_each(b, SPEC_DEPENDS, &b->depends) == -1 ||
	    add_each_path(b, SPEC_ENV_FILE, &b->env_files, here) == -1 ||
	    add_each(b, SPEC_FILTER_ENV, &b->filter_env) == -1)
		return (-1);
	return (add_secret_files(b, here));
}

static int
add_words(struct build *b, enum spec_key key, const char *words,
    const char *what)
{
	char	**v;
	size_t	  i;
	int	  error;

	if (words == NULL)
		return (0);
	if ((v = words_split(words)) == NULL)
		return (refuse(b, "%s: %s", what, errno == EINVAL ?
		    "a quote is not closed" : strerror(errno)));
	for (error = 0, i = 0; error == 0 && v[i] != NULL; i++)
		error = add(b, key, v[i]);
	free(v);
	return (error);
}

static int
add_command(struct build *b)
{
	const struct target	*t;
	int			 i;

	t = b->target;
	if (add(b, SPEC_NAME, t->name) == -1 ||
	    add(b, SPEC_SCRIPT, t->script) == -1 ||
	    add(b, SPEC_INTERPRETER, t->interpreter) == -1)
		return (-1);
	if (t->import != NULL &&
	    (add(b, SPEC_INTERPRETER_ARG, "--import") == -1 ||
	    add(b, SPEC_INTERPRETER_ARG, t->import) == -1))
		return (-1);
	if (is_node(t->interpreter) && add_words(b, SPEC_INTERPRETER_ARG,
	    custom_get("PM2_NODE_OPTIONS"), "PM2_NODE_OPTIONS") == -1)
		return (-1);
	if (add_words(b, SPEC_INTERPRETER_ARG, b->opt->interpreter_args,
	    "--interpreter-args") == -1)
		return (-1);
	for (i = 0; i < b->ctl->napp; i++)
		if (add(b, SPEC_ARG, b->ctl->app[i]) == -1)
			return (-1);
	return (0);
}

static int
add_mode(struct build *b)
{
	const struct mode	*m;

	m = &b->mode;
	if (add(b, SPEC_EXEC_MODE,
	    m->cluster ? "cluster_mode" : "fork_mode") == -1 ||
	    (m->ipc && add_number(b, SPEC_IPC, 1) == -1) ||
	    (m->notify && add_number(b, SPEC_NOTIFY, 1) == -1))
		return (-1);
	return (m->instances == 0 ? 0 :
	    add_number(b, SPEC_INSTANCES, m->instances));
}

/* "unix:run/x" is where the caller stands, like any path of his. */
static int
add_listen(struct build *b, const char *address)
{
	static const char *const kinds[] = { "tcp:", "tcp6:", "udp:",
	    "udp6:", "unix:" };
	char	 here[PATH_MAX], path[PATH_MAX], unixpath[PATH_MAX + 8];
	size_t	 i, n;

	n = sizeof(kinds) / sizeof(kinds[0]);
	for (i = 0; i < n && strncmp(address, kinds[i],
	    strlen(kinds[i])) != 0; i++)
		;
	if (i == n || address[strlen(kinds[i])] == '\0')
		return (refuse(b, "--listen: %s is not like tcp:8000, "
		    "tcp:127.0.0.1:8000, tcp6:, udp:, udp6: or unix:/path",
		    address));
	/* "@": an abstract name, not a file. */
	if (i < n - 1 || address[5] == '/' || address[5] == '@')
		return (add(b, SPEC_LISTEN, address));
	if (caller_cwd(here, sizeof(here)) == -1 ||
	    path_absolute(path, sizeof(path), here, address + 5) == -1)
		return (refuse(b, "--listen: %s: %s", address,
		    strerror(errno)));
	(void)snprintf(unixpath, sizeof(unixpath), "unix:%s", path);
	return (add(b, SPEC_LISTEN, unixpath));
}

static int
add_listens(struct build *b)
{
	size_t	 i;

	for (i = 0; i < b->listen.n; i++)
		if (add_listen(b, b->listen.v[i]) == -1)
			return (-1);
	return (0);
}

/* Names of variables, not assignments. */
static int
check_variables(struct build *b)
{
	const char	*const names[] = { b->opt->instance_var,
			    b->opt->increment_var };
	static const char *const options[] = { "instance", "increment" };
	size_t		 i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i] != NULL && strpbrk(names[i], "= \t\n") != NULL)
			return (refuse(b, "--%s-var: %s is not the name of "
			    "a variable", options[i], names[i]));
	return (0);
}

static int
add_log_options(struct build *b)
{
	const char	*type;

	if ((type = b->opt->log_type) != NULL) {
		if (strcmp(type, "json") == 0) {
			if (add(b, SPEC_LOG_TYPE, "json") == -1)
				return (-1);
		} else if (strcmp(type, "raw") != 0)
			return (refuse(b, "--log-type: %s is neither json "
			    "nor raw", type));
	}
	/* As typed: pm2logd knows both kinds of formats. */
	if (b->opt->log_date_format != NULL)
		return (add(b, SPEC_LOG_DATE_FORMAT,
		    b->opt->log_date_format));
	if (b->opt->time)
		return (add(b, SPEC_LOG_DATE_FORMAT, ISO_FORMAT));
	return (0);
}

/* "0" is none, as in pm2.  A typed pattern is refused in pm2's words. */
static int
add_cron(struct build *b)
{
	struct cron	 cron;
	const char	*s;
	char		 why[256];

	if ((s = b->opt->cron) == NULL || strcmp(s, "0") == 0)
		return (0);
	if (b->declared == NULL &&
	    cron_parse(&cron, s, why, sizeof(why)) == -1)
		return (refuse(b, "Cron pattern is not valid ! %s: %s", s,
		    why));
	return (add(b, SPEC_CRON, s));
}

/* "0,3 4": each on its own. */
static int
add_stop_codes(struct build *b)
{
	const char	*errstr, *s;
	char		 code[8];
	size_t		 len;

	for (s = b->opt->stop_exit_codes; s != NULL && *s != '\0'; s += len) {
		if ((len = strspn(s, ", ")) > 0)
			continue;
		len = strcspn(s, ", ");
		errstr = NULL;
		if (len < sizeof(code)) {
			memcpy(code, s, len);
			code[len] = '\0';
			(void)strtonum(code, 0, 255, &errstr);
		}
		if (len >= sizeof(code) || errstr != NULL ||
		    strspn(code, "0123456789") != len)
			return (refuse(b, "--stop-exit-codes: %.*s is not a "
			    "number from 0 to 255", (int)len, s));
		if (add(b, SPEC_STOP_EXIT_CODE, code) == -1)
			return (-1);
	}
	return (0);
}

/* PM2_GRACEFUL_TIMEOUT is the default of kill_timeout, in milliseconds. */
static int
add_graceful(struct build *b)
{
	const char	*e, *errstr;
	long long	 ms;

	if (b->opt->kill_timeout.given ||
	    (e = custom_get("PM2_GRACEFUL_TIMEOUT")) == NULL || *e == '\0')
		return (0);
	ms = strtonum(e, 0, 86400000, &errstr);
	if (errstr != NULL)
		return (refuse(b, "PM2_GRACEFUL_TIMEOUT: %s is not a number "
		    "of milliseconds", e));
	return (add_number(b, SPEC_KILL_TIMEOUT, (uint64_t)ms));
}

static int
add_environment(struct build *b)
{
	if (shellenv_add(b->spec, b->opt->user, b->cwd, b->filter_env.v,
	    b->filter_env.n) == 0)
		return (0);
	return (not_added(b, SPEC_ENV));
}

static struct words
option_words(const struct optlist *list)
{
	struct words	 w;

	w.v = list->v;
	w.n = list->n;
	return (w);
}

static struct words
file_words(const struct strlist *list)
{
	struct words	 w;

	w.v = (const char *const *)list->v;
	w.n = list->n;
	return (w);
}

static void
lists_of_options(struct build *b)
{
	b->watch = option_words(&b->opt->watch_path);
	b->ignore_watch = option_words(&b->opt->ignore_watch);
	b->depends = option_words(&b->opt->depends);
	b->env_files = option_words(&b->opt->env_file);
	b->secret_files = option_words(&b->opt->secret_file);
	b->filter_env = option_words(&b->opt->filter_env);
	b->listen = option_words(&b->opt->listen);
}

static void
lists_of_file(struct build *b)
{
	const struct declared	*d;

	d = b->declared;
	b->watch = file_words(&d->watch);
	b->ignore_watch = file_words(&d->ignore_watch);
	b->depends = file_words(&d->depends);
	b->env_files = file_words(&d->env_files);
	b->secret_files = file_words(&d->secret_files);
	b->filter_env = file_words(&d->filter_env);
	b->listen = file_words(&d->listen);
}

/* What only a file says. */
static int
add_declared(struct build *b)
{
	const struct declared	*d;
	struct words		 w;

	if ((d = b->declared) == NULL)
		return (0);
	w = file_words(&d->env);
	if (add_each(b, SPEC_FILE_ENV, &w) == -1)
		return (-1);
	w = file_words(&d->secrets);
	if (add_each(b, SPEC_SECRET, &w) == -1 ||
	    (d->source != NULL && add(b, SPEC_SOURCE, d->source) == -1))
		return (-1);
	return (d->source_env == NULL ? 0 :
	    add(b, SPEC_SOURCE_ENV, d->source_env));
}

static int
build(struct build *b, struct spec_buf *spec, char *errbuf, size_t errsize)
{
	struct spec	 parsed;

	memset(spec, 0, sizeof(*spec));
	b->spec = spec;
	b->opt = b->ctl->opt;
	b->errbuf = errbuf;
	b->errsize = errsize;
	if (b->declared != NULL)
		lists_of_file(b);
	else
		lists_of_options(b);
	if (mode_choose(&b->mode, b->target, b->ctl, errbuf, errsize) == 0 &&
	    check_variables(b) == 0 &&
	    add_command(b) == 0 && add_mode(b) == 0 &&
	    add_listens(b) == 0 &&
	    add_paths(b) == 0 && add_plain(b) == 0 &&
	    add_lists(b) == 0 && add_declared(b) == 0 &&
	    add_log_options(b) == 0 && add_stop_codes(b) == 0 &&
	    add_cron(b) == 0 && add_graceful(b) == 0 &&
	    add_environment(b) == 0 &&
	    spec_parse(&parsed, spec->data, spec->len, errbuf,
	    errsize) == 0 && spec_validate(&parsed, errbuf, errsize) == 0)
		return (0);
	spec_buf_free(spec);
	return (-1);
}

int
spec_build(struct spec_buf *spec, const struct target *target,
    const struct ctl *ctl, char *errbuf, size_t errsize)
{
	struct build	 b;

	memset(&b, 0, sizeof(b));
	b.target = target;
	b.ctl = ctl;
	return (build(&b, spec, errbuf, errsize));
}

/* The caller, if the app had been typed. */
static struct ctl
declared_ctl(const struct declared *d, const struct ctl *ctl)
{
	struct ctl	 c;

	c = *ctl;
	c.opt = &d->opt;
	c.app = d->args.v;
	c.napp = (int)d->args.n;
	return (c);
}

int
declared_target(struct target *t, struct mode *m, const struct declared *d,
    const struct ctl *ctl, char *errbuf, size_t errsize)
{
	struct ctl	 c;
	char		 cwd[PATH_MAX], here[PATH_MAX];
	int		 n;

	memset(t, 0, sizeof(*t));
	c = declared_ctl(d, ctl);
	if (caller_cwd(here, sizeof(here)) == -1 ||
	    path_absolute(cwd, sizeof(cwd), here,
	    d->opt.cwd != NULL ? d->opt.cwd : here) == -1) {
		(void)snprintf(errbuf, errsize, "cwd: %s", strerror(errno));
		return (-1);
	}
	if ((n = target_resolve_at(t, d->script, cwd, &d->opt, errbuf,
	    errsize)) != 0)
		return (n);
	return (mode_choose(m, t, &c, errbuf, errsize));
}

int
spec_declared(struct spec_buf *spec, const struct declared *d,
    const struct ctl *ctl, char *errbuf, size_t errsize)
{
	struct build	 b;
	struct target	 t;
	struct mode	 m;
	struct ctl	 c;
	int		 n;

	memset(spec, 0, sizeof(*spec));
	if ((n = declared_target(&t, &m, d, ctl, errbuf, errsize)) != 0) {
		if (n == RESOLVE_NOTFOUND)
			(void)snprintf(errbuf, errsize,
			    "script not found : %s", t.script);
		return (-1);
	}
	c = declared_ctl(d, ctl);
	memset(&b, 0, sizeof(b));
	b.target = &t;
	b.ctl = &c;
	b.declared = d;
	return (build(&b, spec, errbuf, errsize));
}

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
 * How a target is run.  A Node script is a cluster worker: the sockets that
 * it listens on are pm2d's, and its successor has them, too.  Programs that
 * run the app as a process of its own cannot be that, whatever they are
 * written in: they eat the channel and the app never sees it.
 */
#include <sys/types.h>

#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "resolve.h"

enum runner {
	RUNNER_NODE,		/* the script itself, by Node */
	RUNNER_WRAPPER,		/* something that runs it */
	RUNNER_OTHER
};

enum wrapping {
	WRAP_PROCESS,		/* starts the app as a process of its own */
	WRAP_RUNTIME		/* another runtime than Node */
};

/* What is known to run the app, and under which names. */
struct wrapper {
	const char	*name;
	enum wrapping	 wrapping;
	const char	*hint;		/* instead; NULL: the usual */
};

#define HINT_NODE	"add --interpreter node"
#define HINT_TSNODE	"add --interpreter node --node-args '-r " \
			"ts-node/register'"

static const struct wrapper programs[] = {
	{ "npm",	WRAP_PROCESS,	NULL },
	{ "npm-cli",	WRAP_PROCESS,	NULL },
	{ "npx",	WRAP_PROCESS,	NULL },
	{ "npx-cli",	WRAP_PROCESS,	NULL },
	{ "yarn",	WRAP_PROCESS,	NULL },
	{ "yarnpkg",	WRAP_PROCESS,	NULL },
	{ "pnpm",	WRAP_PROCESS,	NULL },
	{ "pnpx",	WRAP_PROCESS,	NULL },
	{ "corepack",	WRAP_PROCESS,	NULL },
	{ "nodemon",	WRAP_PROCESS,	NULL },
	{ "node-dev",	WRAP_PROCESS,	NULL },
	{ "cross-env",	WRAP_PROCESS,	NULL },
	{ "tsx",	WRAP_PROCESS,	"start the script itself with "
					"--interpreter tsx, without -x" },
	{ "ts-node",	WRAP_PROCESS,	HINT_TSNODE },
	{ "ts-node-dev", WRAP_PROCESS,	HINT_TSNODE },
	{ "bun",	WRAP_RUNTIME,	HINT_NODE },
	{ "bunx",	WRAP_RUNTIME,	HINT_NODE },
	{ "deno",	WRAP_RUNTIME,	HINT_NODE },
	{ "node",	WRAP_PROCESS,	NULL },
	{ "nodejs",	WRAP_PROCESS,	NULL },
};

/* Arguments by which an interpreter becomes one. */
static const struct wrapper arguments[] = {
	{ "--watch",	  WRAP_PROCESS,	"leave it out" },
	{ "--watch-path", WRAP_PROCESS,	"leave it out" },
	{ "--test",	  WRAP_PROCESS,	"leave it out" },
	{ "--run",	  WRAP_PROCESS,	NULL },
	{ "--nodejs",	  WRAP_PROCESS,	"leave it out" },	/* coffee */
};

static const char *const shells[] = { "sh", "bash", "dash", "zsh", "ksh" };

static const char *const balances[] = { "rr", "sticky", "kernel", "shared" };

/* What is being decided. */
struct choice {
	struct mode		*mode;
	const struct target	*target;
	const struct options	*opt;
	const struct ctl	*ctl;
	enum runner		 runner;
	const struct wrapper	*wrapper;
	char			 wrapname[96];	/* "npm", "node --watch" */
	char			*errbuf;
	size_t			 errsize;
};

static int	 refuse(struct choice *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));

static int
refuse(struct choice *c, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(c->errbuf, c->errsize, fmt, ap);
	va_end(ap);
	return (-1);
}

static const struct wrapper *
find_wrapper(const struct wrapper *w, size_t n, const char *word, size_t len)
{
	for (; n > 0; n--, w++)
		if (strlen(w->name) == len && strncmp(w->name, word, len) == 0)
			return (w);
	return (NULL);
}

static void
set_wrapper(struct choice *c, const struct wrapper *w, const char *program,
    const char *arg)
{
	c->runner = RUNNER_WRAPPER;
	c->wrapper = w;
	(void)snprintf(c->wrapname, sizeof(c->wrapname), "%s%s%s", program,
	    *arg != '\0' ? " " : "", arg);
}

/* Is the thing that is run known to run something else? */
static void
look_for_program(struct choice *c)
{
	const struct wrapper	*w;
	const char		*base, *ext;
	size_t			 len, n;

	n = sizeof(programs) / sizeof(programs[0]);
	base = path_base(c->target->interpreter);
	w = find_wrapper(programs, n, base, strlen(base));
	if (w != NULL && !is_node(base)) {
		set_wrapper(c, w, w->name, "");
		return;
	}
	base = path_base(c->target->script);
	ext = path_ext(base);
	len = strlen(base);
	if (strcmp(ext, ".js") == 0 || strcmp(ext, ".cjs") == 0 ||
	    strcmp(ext, ".mjs") == 0)
		len -= strlen(ext);
	/* An app of one's own may well be called deno.js. */
	w = find_wrapper(programs, n, base, len);
	if (w != NULL && (*ext == '\0' || (w->wrapping == WRAP_PROCESS &&
	    !is_node(w->name))))
		set_wrapper(c, w, w->name, "");
}

/* node --watch and its like: words, of which any may be one. */
static void
look_for_argument(struct choice *c, const char *words)
{
	const struct wrapper	*w;
	char			**v;
	size_t			 i;

	/* A quote left open is told when the words are used. */
	if (words == NULL || (v = words_split(words)) == NULL)
		return;
	for (i = 0; v[i] != NULL && c->runner != RUNNER_WRAPPER; i++)
		if ((w = find_wrapper(arguments, sizeof(arguments) /
		    sizeof(arguments[0]), v[i], strcspn(v[i], "="))) != NULL)
			set_wrapper(c, w, path_base(c->target->interpreter),
			    w->name);
	free(v);
}

/* sh -c "node app.js" */
static void
look_for_shell(struct choice *c)
{
	static const struct wrapper	 shell = { "-c", WRAP_PROCESS, NULL };
	const char			*base;
	size_t				 i;

	base = path_base(c->target->script);
	if (c->ctl->napp == 0 || strcmp(c->ctl->app[0], "-c") != 0)
		return;
	for (i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
		if (strcmp(base, shells[i]) == 0)
			set_wrapper(c, &shell, base, "-c");
}

static void
classify(struct choice *c)
{
	const char	*interpreter;

	interpreter = c->target->interpreter;
	c->runner = is_node(interpreter) ||
	    strcmp(path_base(interpreter), "coffee") == 0 ?
	    RUNNER_NODE : RUNNER_OTHER;
	look_for_program(c);
	if (c->runner == RUNNER_NODE)
		look_for_argument(c, c->opt->interpreter_args);
	if (c->runner == RUNNER_NODE && is_node(interpreter))
		look_for_argument(c, custom_get("PM2_NODE_OPTIONS"));
	if (c->runner == RUNNER_OTHER)
		look_for_shell(c);
}

/* Why there can be no cluster of it, and what could be done. */
static void
explain(const struct choice *c, char *buf, size_t size)
{
	const struct wrapper	*w;
	const char		*n;

	w = c->wrapper;
	n = c->opt->instances != NULL ? c->opt->instances : "max";
	if (w->wrapping == WRAP_RUNTIME)
		(void)snprintf(buf, size, "%s is not Node and cannot be its "
		    "cluster's worker, so that its instances share no port",
		    c->wrapname);
	else
		(void)snprintf(buf, size, "%s starts the app as a process "
		    "of its own, which cannot share a port", c->wrapname);
	(void)strlcat(buf, "; ", size);
	if (w->hint != NULL) {
		(void)strlcat(buf, w->hint, size);
		return;
	}
	(void)strlcat(buf, "start the script itself: pm2ctl start server.js "
	    "-i ", size);
	(void)strlcat(buf, n, size);
	(void)strlcat(buf, " -- ...", size);
}

/* What only a cluster has. */
static int
check_balance(struct choice *c)
{
	const char	*balance;
	char		 why[512];
	size_t		 i, n;

	if ((balance = c->opt->balance) == NULL)
		return (0);
	n = sizeof(balances) / sizeof(balances[0]);
	for (i = 0; i < n && strcmp(balance, balances[i]) != 0; i++)
		;
	if (i == n)
		return (refuse(c, "--balance: %s is none of rr, sticky, "
		    "kernel and shared", balance));
	if (c->mode->cluster)
		return (0);
	if (c->runner == RUNNER_WRAPPER) {
		explain(c, why, sizeof(why));
		return (refuse(c, "--balance: %s", why));
	}
	return (refuse(c, "--balance is for Node scripts in cluster mode%s",
	    c->opt->execute_command ? ", and -x asks for fork mode" : ""));
}

/* What goes over Node's channel needs one. */
static int
check_channel(struct choice *c)
{
	if (!c->opt->shutdown_message || c->mode->cluster || c->mode->ipc)
		return (0);
	if (c->runner == RUNNER_WRAPPER)
		return (refuse(c, "--shutdown-with-message: the message "
		    "would go to %s and not to the app", c->wrapname));
	return (refuse(c, "--shutdown-with-message is for Node scripts: "
	    "other programs are told by --kill-signal"));
}

static int
check_listen(struct choice *c)
{
	if (c->opt->listen.n == 0 || !c->mode->cluster)
		return (0);
	return (refuse(c, "--listen is for programs that take their sockets "
	    "from LISTEN_FDS: a Node script in cluster mode keeps the ports "
	    "that it listens on anyway; leave it out, or add -x"));
}

static int
count_instances(struct choice *c)
{
	cpu_set_t	 cpus;
	unsigned int	 ncpu;

	if (c->opt->instances == NULL)
		return (0);
	/* The ones we may use, not the ones that there are. */
	ncpu = 1;
	if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0)
		ncpu = (unsigned int)CPU_COUNT(&cpus);
	if (parse_instances(c->opt->instances, ncpu,
	    &c->mode->instances) == 0)
		return (0);
	return (refuse(c, "Instance option must be an integer, at most %d, "
	    "or the \"max\" string", APP_INSTANCES_MAX));
}

static void
warn_wrapper(struct choice *c)
{
	struct mode	*m;
	char		 why[512];

	m = c->mode;
	if (c->runner != RUNNER_WRAPPER || c->opt->execute_command ||
	    m->instances < 2)
		return;
	explain(c, why, sizeof(why));
	(void)snprintf(m->warning, sizeof(m->warning), "%s runs in fork "
	    "mode: %s", c->target->name, why);
}

int
mode_choose(struct mode *m, const struct target *t, const struct ctl *ctl,
    char *errbuf, size_t errsize)
{
	struct choice	 c;

	memset(m, 0, sizeof(*m));
	memset(&c, 0, sizeof(c));
	c.mode = m;
	c.target = t;
	c.opt = ctl->opt;
	c.ctl = ctl;
	c.errbuf = errbuf;
	c.errsize = errsize;
	classify(&c);
	m->cluster = c.runner == RUNNER_NODE && !ctl->opt->execute_command;
	m->ipc = c.runner == RUNNER_NODE && !m->cluster;
	/* Without a channel there is one way to say that one is ready. */
	m->notify = ctl->opt->notify || ctl->opt->listen.n > 0 ||
	    (ctl->opt->watchdog.given && ctl->opt->watchdog.value != 0) ||
	    (ctl->opt->wait_ready && !m->cluster && !m->ipc);
	if (count_instances(&c) == -1 || check_balance(&c) == -1 ||
	    check_channel(&c) == -1 || check_listen(&c) == -1)
		return (-1);
	warn_wrapper(&c);
	return (0);
}

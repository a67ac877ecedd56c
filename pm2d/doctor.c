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


#include <sys/resource.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"
#include "applimits.h"
#include "engine.h"
#include "log.h"
#include "parent.h"
#include "preload.h"
#include "spawn.h"

/*
 * How the daemon is: what the kernel could give, where the limits are, what
 * does not work.
 */

#define GOOD	0
#define NOTE	1
#define BAD	2

struct rows {
	void	(*fn)(void *, const struct ctl_row *);
	void	*arg;
};

static void	 row(struct rows *, uint32_t, const char *, const char *, ...)
		    __attribute__((format(printf, 4, 5)));

static void
row(struct rows *rows, uint32_t level, const char *key, const char *fmt, ...)
{
	struct ctl_row	 r;
	va_list		 ap;

	memset(&r, 0, sizeof(r));
	r.level = level;
	strlcpy(r.key, key, sizeof(r.key));
	va_start(ap, fmt);
	vsnprintf(r.text, sizeof(r.text), fmt, ap);
	va_end(ap);
	rows->fn(rows->arg, &r);
}

/* What is the same of all daemons; status: NULL while it does not run. */
struct daemon_facts {
	const char	*name;
	const char	*status;
	const char	*without;	/* what its absence means */
	const char	*user;
	pid_t		 pid;
	uint32_t	 crashes;
	int		 separate;
};

static void
row_daemon(struct pm2d *env, struct rows *rows, const struct daemon_facts *f)
{
	if (f->status == NULL)
		row(rows, BAD, f->name, "not running; %s", f->without);
	else
		row(rows, strstr(f->status, "no ") != NULL ? NOTE : GOOD,
		    f->name, "pid %d, %s", f->pid, f->status);
	if (f->crashes > 0)
		row(rows, NOTE, f->name, "restarted %u times", f->crashes);
	if (env->uid == 0 && !f->separate)
		row(rows, BAD, f->name, "runs as root: there is no user %s "
		    "(make install creates it)", f->user);
}

static void
row_logd(struct pm2d *env, struct rows *rows)
{
	const struct daemon_facts	 facts = {
		"log daemon", logd_status(env->logd),
		"apps go on, their output waits in their pipes", "_pm2logd",
		logd_pid(env->logd), logd_crashes(env->logd),
		logd_separate(env->logd)
	};

	row_daemon(env, rows, &facts);
}

static void
row_engine(struct pm2d *env, struct rows *rows)
{
	const struct daemon_facts	 facts = {
		"engine", engine_status(env->engine),
		"workers go on, new connections wait", "_pm2d",
		engine_pid(env->engine), engine_crashes(env->engine),
		engine_separate(env->engine)
	};

	if (env->engine == NULL)
		row(rows, GOOD, facts.name, "not started: no app has needed "
		    "it");
	else
		row_daemon(env, rows, &facts);
}

static void
row_limits(struct pm2d *env, struct rows *rows)
{
	struct rlimit	 rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1)
		return;
	row(rows, env->napps + env->napps / 10 >= env->max_apps ? NOTE : GOOD,
	    "apps", "%u of at most %u (RLIMIT_NOFILE %" PRIu64 ")",
	    env->napps, env->max_apps, (uint64_t)rl.rlim_cur);
}

/* What apps can be kept from. */
static void
row_enforced(struct rows *rows)
{
	const char	*groups = applimits_controllers(), *lacks, *weak;

	lacks = appbox_lacks(APPBOX_STRICT);
	weak = appbox_weak(APPBOX_STRICT);
	row(rows, lacks != NULL || weak != NULL ? NOTE : GOOD,
	    "app sandbox", "%s%s%s", appbox_describe(),
	    lacks != NULL ? "; strict is refused: " : weak != NULL ? "; " :
	    "", lacks != NULL ? lacks : weak != NULL ? weak : "");
	row(rows, groups == NULL ? NOTE : GOOD, "app limits",
	    "of each process: all; of an app as a whole (cgroup_...): %s",
	    groups == NULL ? "none, and apps that ask for them are refused" :
	    groups);
}

void
doctor_rows(struct pm2d *env, uid_t viewer,
    void (*fn)(void *, const struct ctl_row *), void *arg)
{
	struct rows	 rows = { fn, arg };

	if (env->places != NULL)
		row(&rows, GOOD, "pm2d", "%s, pid %d, the system's, %s",
		    PM2D_VERSION, getpid(), env->confpath);
	else
		row(&rows, GOOD, "pm2d", "%s, pid %d, uid %u, home %s",
		    PM2D_VERSION, getpid(), env->uid, env->home);
	row(&rows, GOOD, "protocol", "%d", PM2D_PROTOCOL);
	row_logd(env, &rows);
	row_engine(env, &rows);
	agent_rows(env, env->places == NULL || viewer == 0 ? AGENT_VIEWALL :
	    viewer, fn, arg);
	row_limits(env, &rows);
	if (preload_problem() != NULL)
		row(&rows, NOTE, "preload", "Node apps go without: %s",
		    preload_problem());
	row(&rows, strcmp(spawn_describe(), "clone3") == 0 ? GOOD : NOTE,
	    "processes", "made by %s", spawn_describe());
	row(&rows, tree_mode() == TREE_CGROUP ? GOOD : NOTE, "stopping",
	    "by %s", tree_describe());
	row_enforced(&rows);
	if (store_error(env->store) != NULL)
		row(&rows, BAD, "state file", "%s", store_error(env->store));
	else
		row(&rows, GOOD, "state file", "written");
}

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
#include <sys/queue.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "ids.h"
#include "userlimits.h"
#include "log.h"
#include "parent.h"
#include "peers.h"
#include "places.h"
#include "sample.h"

/*
 * Limits of users.  Apps and connections are counted when there is to be one
 * more; memory is summed up then, too, and what runs already is left alone
 * (cgroups bound an app: cgroup_memory).  Logs are the log daemon's to keep
 * within a budget, which it is told of.
 */

/* What the log daemon was told of a user. */
struct logbudget {
	SLIST_ENTRY(logbudget) entry;
	uid_t		 uid;
	uint64_t	 bytes;		/* UINT64_MAX: none */
};

static SLIST_HEAD(, logbudget) budgets = SLIST_HEAD_INITIALIZER(budgets);

static void
limit_of(const struct pm2d *env, uid_t uid, struct conf_limit *cl)
{
	struct rule_subject	 sub;

	peers_subject(uid, &sub);
	rules_limit(env->conf, &sub, cl);
}

static uint32_t
count_apps(struct pm2d *env, uid_t uid)
{
	struct app	*app;
	uint32_t	 n = 0;

	RB_FOREACH(app, apptree, &env->apps)
		if (app->owner == uid && !app->freeing)
			n++;
	return (n);
}

/* Of the main processes of all of his, as of now. */
static uint64_t
sum_memory(struct pm2d *env, uid_t uid)
{
	struct app	*app;
	struct run	*run;
	struct sample	 s;
	uint64_t	 sum = 0;

	RB_FOREACH(app, apptree, &env->apps) {
		if (app->owner != uid)
			continue;
		TAILQ_FOREACH(run, &app->runs, entry)
			if (run->pid != 0 && sample_pid(run->pid, &s) == 0)
				sum += s.rss_bytes;
	}
	return (sum);
}

int
limits_apps(struct pm2d *env, uid_t uid, uint64_t more, char *why,
    size_t size)
{
	struct conf_limit	 cl;
	char			 name[256];
	uint64_t		 have;

	if (env->conf == NULL)
		return (0);
	limit_of(env, uid, &cl);
	if (cl.apps != UINT32_MAX &&
	    (have = count_apps(env, uid)) + more > cl.apps) {
		snprintf(why, size, "%s may have %u apps (pm2d.conf) and has "
		    "%" PRIu64 ": no room for %" PRIu64 " more",
		    peers_name(uid, name, sizeof(name)), cl.apps, have, more);
		return (-1);
	}
	if (cl.memory != UINT64_MAX &&
	    (have = sum_memory(env, uid)) >= cl.memory) {
		snprintf(why, size, "the apps of %s use %" PRIu64 " MiB, the "
		    "most that they may use is %" PRIu64 " MiB (pm2d.conf)",
		    peers_name(uid, name, sizeof(name)), have >> 20,
		    cl.memory >> 20);
		return (-1);
	}
	return (0);
}

int
limits_connections(struct pm2d *env, uid_t uid, uint32_t n, char *why,
    size_t size)
{
	struct conf_limit	 cl;

	if (env->conf == NULL)
		return (0);
	limit_of(env, uid, &cl);
	if (n <= cl.connections)
		return (0);
	snprintf(why, size, "too many connections: you may have %u at a time "
	    "(pm2d.conf)", cl.connections);
	return (-1);
}

/* ---- logs ---- */

static struct logbudget *
budget_find(uid_t uid)
{
	struct logbudget	*lb;

	SLIST_FOREACH(lb, &budgets, entry)
		if (lb->uid == uid)
			return (lb);
	return (NULL);
}

static void
tell(struct pm2d *env, const struct logbudget *lb)
{
	char	 dir[PLACES_USERDIR];

	places_userdir(env, lb->uid, dir);
	logd_budget(env->logd, dir, lb->bytes == UINT64_MAX ? 0 :
	    lb->bytes == 0 ? 1 : lb->bytes);
}

static void
budget_set(struct pm2d *env, struct logbudget *lb, uint64_t bytes)
{
	struct logfile	*lf;

	if (lb->bytes == bytes)
		return;
	lb->bytes = bytes;
	tell(env, lb);
	TAILQ_FOREACH(lf, &env->logfiles, entry)
		if (lf->uid == lb->uid &&
		    (lf->flags & (LOGF_PASSED | LOGF_NONE)) == 0)
			logd_file(env->logd, lf);
}

static void
learn_budget(struct pm2d *env, uid_t uid)
{
	struct conf_limit	 cl;
	struct logbudget	*lb;

	limit_of(env, uid, &cl);
	if ((lb = budget_find(uid)) == NULL) {
		if (cl.log == UINT64_MAX)
			return;
		if ((lb = calloc(1, sizeof(*lb))) == NULL) {
			log_warn("budget of logs of uid %u", uid);
			return;
		}
		lb->uid = uid;
		lb->bytes = UINT64_MAX;
		SLIST_INSERT_HEAD(&budgets, lb, entry);
	}
	budget_set(env, lb, cl.log);
}

void
limits_learn(struct pm2d *env, const struct ids *ids)
{
	if (env->conf == NULL)
		return;
	peers_learn(env, ids);
	learn_budget(env, ids->uid);
}

void
limits_again(struct pm2d *env)
{
	struct app	*app;

	if (env->conf == NULL)
		return;
	RB_FOREACH(app, apptree, &env->apps)
		if (app->ids != NULL) {
			peers_offer(env, &app->ids->ids);
			learn_budget(env, app->owner);
		}
}

void
limits_feed(struct pm2d *env)
{
	struct logbudget	*lb;

	SLIST_FOREACH(lb, &budgets, entry)
		tell(env, lb);
}

void
limits_exit(void)
{
	struct logbudget	*lb;

	while ((lb = SLIST_FIRST(&budgets)) != NULL) {
		SLIST_REMOVE_HEAD(&budgets, entry);
		free(lb);
	}
}

/* A file that is never rotated would be in no budget. */
uint64_t
limits_logsize(const struct pm2d *env, const struct logfile *lf)
{
	struct logbudget	*lb;

	if (env->conf == NULL || (lf->flags & LOGF_PASSED) ||
	    (lb = budget_find(lf->uid)) == NULL || lb->bytes == UINT64_MAX)
		return (lf->max_size);
	if (lf->max_size == 0 || lf->max_size > lb->bytes)
		return (lb->bytes == 0 ? 1 : lb->bytes);
	return (lf->max_size);
}

/* ---- for doctor ---- */

const char *
limits_row(struct pm2d *env, uid_t uid, size_t i, char *text, size_t size)
{
	struct conf_limit	 cl;

	if (env->conf == NULL || i > 3)
		return (NULL);
	limit_of(env, uid, &cl);
	*text = '\0';
	if (i == 0 && cl.apps != UINT32_MAX)
		snprintf(text, size, "%u of at most %u apps of yours, counted "
		    "at each start", count_apps(env, uid), cl.apps);
	else if (i == 1 && cl.connections != UINT32_MAX)
		snprintf(text, size, "at most %u connections of yours at a "
		    "time, counted at each", cl.connections);
	else if (i == 2 && cl.memory != UINT64_MAX)
		snprintf(text, size, "%" PRIu64 " of at most %" PRIu64 " MiB "
		    "used by the main processes of your apps, looked at when "
		    "one is started", sum_memory(env, uid) >> 20,
		    cl.memory >> 20);
	else if (i == 3 && cl.log != UINT64_MAX)
		snprintf(text, size, "at most %" PRIu64 " KiB of rotated logs "
		    "of yours, the oldest are removed by the log daemon",
		    cl.log >> 10);
	return ("limit");
}

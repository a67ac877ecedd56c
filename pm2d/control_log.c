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


#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control.h"
#include "log.h"
#include "sys.h"

/*
 * Requests that the log daemon answers.  The parent checks who asks, and
 * for a stream makes the socket over which pm2logd and the client talk
 * without it.
 */

struct logwait {
	struct pm2d	*env;
	uint64_t	 conn;
	uint32_t	 peerid;
	uint32_t	 id;
	uint32_t	 open;		/* answers to come, +1 while asking */
	int		 error;
};

static void
logwait_put(struct logwait *w)
{
	struct ctl_conn		*c;
	struct ctl_result	 r;

	if (--w->open > 0)
		return;
	if ((c = control_conn(w->env, w->conn)) != NULL) {
		c->unanswered--;
		memset(&r, 0, sizeof(r));
		r.code = w->error == 0 ? CTL_OK : CTL_SYSTEM;
		r.error = w->error;
		r.id = w->id;
		control_send(c, IMSG_CTL_RESULT, w->peerid, &r, sizeof(r));
	}
	free(w);
}

static void
logwait_done(void *arg, int error)
{
	struct logwait	*w = arg;

	if (error != 0 && w->error == 0)
		w->error = error;
	logwait_put(w);
}

typedef int (logd_request)(struct logd *, uint32_t, logd_done *, void *);

static void
ask_one(struct ctl_conn *c, struct logwait *w, uint32_t id, logd_request *fn)
{
	w->open++;
	if (fn(c->env->logd, id, logwait_done, w) == -1)
		logwait_done(w, errno);
}

/*
 * Is everything his?  In a user's own who may see what is the daemon's may
 * see all; in the system's root alone.
 */
static int
may_all(const struct ctl_conn *c, enum perm_op op)
{
	if (c->env->conf != NULL)
		return (c->uid == 0);
	return (perm_check(op, &c->subject, c->env->uid));
}

/* Ask for one app, or for all that the client may do this to. */
static void
ask(struct ctl_conn *c, struct imsg *imsg, enum perm_op op, logd_request *fn)
{
	struct ctl_app	 req;
	struct logwait	*w;
	struct app	*app;
	uint32_t	 peerid = imsg_get_id(imsg);

	if (imsg_get_data(imsg, &req, sizeof(req)) == -1) {
		control_drop(c, "bad request about logs");
		return;
	}
	if (req.id != APP_ID_ALL && control_app(c, peerid, req.id,
	    op) == NULL)
		return;
	if ((w = calloc(1, sizeof(*w))) == NULL) {
		control_fail(c, peerid, CTL_SYSTEM, ENOMEM, "");
		return;
	}
	w->env = c->env;
	w->conn = c->id;
	w->peerid = peerid;
	w->id = req.id;
	w->open = 1;
	c->unanswered++;
	if (req.id != APP_ID_ALL || may_all(c, op))
		ask_one(c, w, req.id, fn);
	else RB_FOREACH(app, apptree, &c->env->apps)
		if (!app->freeing &&
		    perm_check(op, &c->subject, app->owner))
			ask_one(c, w, app->id, fn);
	logwait_put(w);
}

/* Nobody but root empties the log that says what he did. */
static int
may_ownlog(const struct ctl_conn *c)
{
	if (c->env->conf != NULL)
		return (c->uid == 0);
	return (perm_check(PERM_KILL, &c->subject, c->env->uid));
}

/* All means the daemons' own log, too: that one is ours to empty. */
void
control_flush(struct ctl_conn *c, struct imsg *imsg)
{
	struct ctl_app	 req;

	if (imsg_get_len(imsg) == sizeof(req)) {
		memcpy(&req, ibuf_data(imsg->buf), sizeof(req));
		if (req.id == APP_ID_ALL && may_ownlog(c) &&
		    sys_ftruncate(STDERR_FILENO, 0) == -1 && errno != EINVAL)
			log_warn("pm2.log");
	}
	ask(c, imsg, PERM_FLUSH, logd_flush);
}

void
control_reopen(struct ctl_conn *c, struct imsg *imsg)
{
	ask(c, imsg, PERM_REOPEN, logd_reopen);
}

/* All that he may read.  -1: the client was answered. */
static int
all_ids(struct ctl_conn *c, uint32_t peerid, uint32_t *ids, uint32_t *n)
{
	struct app	*app;

	*n = 0;
	RB_FOREACH(app, apptree, &c->env->apps) {
		if (app->freeing ||
		    !perm_check(PERM_LOGS, &c->subject, app->owner))
			continue;
		if (*n == CTL_LOGS_MAXIDS) {
			control_fail(c, peerid, CTL_LIMIT, 0,
			    "these are too many apps: name some");
			return (-1);
		}
		ids[(*n)++] = app->id;
	}
	if (*n > 0)
		return (0);
	control_fail(c, peerid, CTL_NOSUCH, 0, "no apps");
	return (-1);
}

/*
 * The apps to follow: those that were named and that this client may see;
 * for "all" the visible ones are named, unless that is everybody.
 */
static int
follow_ids(struct ctl_conn *c, struct imsg *imsg, struct ctl_logs *req,
    uint32_t *ids, uint32_t *n)
{
	uint32_t	 i;

	/* The length that imsg_get_len() tells is of what was not read yet. */
	if (imsg_get_buf(imsg, req, sizeof(*req)) == -1 ||
	    req->nids > CTL_LOGS_MAXIDS ||
	    imsg_get_len(imsg) != req->nids * sizeof(uint32_t) || (req->nids > 0 &&
	    imsg_get_buf(imsg, ids, req->nids * sizeof(uint32_t)) == -1)) {
		control_drop(c, "bad request for logs");
		return (-1);
	}
	for (i = 0; i < req->nids; i++)
		if (control_app(c, imsg_get_id(imsg), ids[i],
		    PERM_LOGS) == NULL)
			return (-1);
	*n = req->nids;
	/* None named is everybody, later apps included, if all are his. */
	if (req->nids > 0 || may_all(c, PERM_LOGS))
		return (0);
	return (all_ids(c, imsg_get_id(imsg), ids, n));
}

void
control_logs(struct ctl_conn *c, struct imsg *imsg)
{
	static uint32_t	 ids[CTL_LOGS_MAXIDS];
	struct ctl_logs	 req;
	uint32_t	 n, peerid = imsg_get_id(imsg);
	int		 sv[2];

	if (follow_ids(c, imsg, &req, ids, &n) == -1)
		return;
	if (sys_socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0, sv) == -1) {
		control_fail(c, peerid, CTL_SYSTEM, errno, "");
		return;
	}
	if (logd_follow(c->env->logd, req.flags, req.lines, ids, n,
	    sv[0]) == -1) {
		close(sv[1]);
		control_fail(c, peerid, CTL_SYSTEM, errno,
		    "the log daemon is not there");
		return;
	}
	if (imsgev_compose(c->iev, IMSG_CTL_LOGFD, peerid, sv[1], NULL,
	    0) == -1)
		control_drop(c, "does not read");
}

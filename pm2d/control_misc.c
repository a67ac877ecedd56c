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


#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control.h"
#include "userlimits.h"
#include "log.h"

/*
 * Requests about the daemon itself.
 */

#define FAREWELL_MS	1000	/* for the last words to all clients */

void
control_subscribe(struct ctl_conn *c, struct imsg *imsg)
{
	if (!c->subscribed)
		c->control->nsubscribed++;
	c->subscribed = 1;
	c->subscribed_peerid = imsg_get_id(imsg);
}

void
control_ping(struct ctl_conn *c, struct imsg *imsg)
{
	struct ctl_result	 r;

	memset(&r, 0, sizeof(r));
	r.code = CTL_OK;
	r.id = getpid();
	/* How many apps others have is not his business. */
	if (c->env->conf == NULL || c->uid == 0)
		r.count = c->env->napps;
	control_send(c, IMSG_CTL_RESULT, imsg_get_id(imsg), &r, sizeof(r));
}

/*
 * Everything is stopped and forgotten, then the daemon goes; the client is
 * answered by pm2d.c when nothing is left.  Only the one whose daemon this
 * is (and root) may ask.
 */
void
control_kill(struct ctl_conn *c, struct imsg *imsg)
{
	if (!perm_check(PERM_KILL, &c->subject, c->env->uid)) {
		control_fail(c, imsg_get_id(imsg), CTL_DENIED, EPERM,
		    c->env->conf != NULL ? "pm2d.conf does not permit you "
		    "\"kill\"" : "only the owner of this pm2d may end it");
		return;
	}
	if (c->killer) {
		control_fail(c, imsg_get_id(imsg), CTL_BUSY, 0,
		    "it has been asked to end");
		return;
	}
	log_info("uid %u asks pm2d to end", c->uid);
	c->killer = 1;
	c->killer_peerid = imsg_get_id(imsg);
	supervise_stopall(c->env, 0);
}

/* Write what is queued; who does not read must not hold up the end. */
static void
write_out(struct ctl_conn *c, monotime_t begin)
{
	struct imsgbuf	*ibuf = imsgev_buf(c->iev);
	struct pollfd	 pfd = { .fd = imsgev_fd(c->iev), .events = POLLOUT };
	uint64_t	 gone;

	while (imsgbuf_write(ibuf) != -1 && imsgbuf_queuelen(ibuf) > 0) {
		gone = monotime_since(monotime_now(), begin);
		if (gone >= FAREWELL_MS || (poll(&pfd, 1,
		    FAREWELL_MS - gone) == -1 && errno != EINTR))
			return;
	}
}

/*
 * The last words: to those who asked for the end, and what was to be told to
 * others when it came.
 */
void
control_farewell(struct control *cs)
{
	struct ctl_conn		*c, *next;
	struct ctl_result	 r;
	monotime_t		 begin = monotime_now();

	memset(&r, 0, sizeof(r));
	r.code = CTL_OK;
	r.id = getpid();
	TAILQ_FOREACH_SAFE(c, &cs->conns, entry, next) {
		if (c->killer && control_send(c, IMSG_CTL_RESULT,
		    c->killer_peerid, &r, sizeof(r)) == -1)
			continue;
		write_out(c, begin);
	}
}

struct doctor_arg {
	struct ctl_conn	*conn;
	uint32_t	 peerid;
};

static void
send_row(void *arg, const struct ctl_row *row)
{
	struct doctor_arg	*d = arg;

	/* Nor is how many apps there are. */
	if (d->conn->env->conf != NULL && d->conn->uid != 0 &&
	    strcmp(row->key, "apps") == 0)
		return;
	control_send(d->conn, IMSG_CTL_ROW, d->peerid, row, sizeof(*row));
}

/* What pm2d.conf lets this one have. */
static void
send_limits(struct doctor_arg *d)
{
	struct ctl_row	 row;
	const char	*key;
	size_t		 i;

	memset(&row, 0, sizeof(row));
	for (i = 0; (key = limits_row(d->conn->env, d->conn->uid, i,
	    row.text, sizeof(row.text))) != NULL; i++) {
		if (row.text[0] == '\0')
			continue;
		strlcpy(row.key, key, sizeof(row.key));
		send_row(d, &row);
	}
}

void
control_doctor(struct ctl_conn *c, struct imsg *imsg)
{
	struct doctor_arg	 d = { c, imsg_get_id(imsg) };
	struct ctl_result	 r;

	if (!perm_check(PERM_DOCTOR, &c->subject, c->env->uid)) {
		control_fail(c, d.peerid, CTL_DENIED, EPERM,
		    "pm2d.conf does not permit you \"doctor\"");
		return;
	}
	doctor_rows(c->env, c->uid, send_row, &d);
	send_limits(&d);
	memset(&r, 0, sizeof(r));
	r.code = CTL_OK;
	control_send(c, IMSG_CTL_RESULT, d.peerid, &r, sizeof(r));
}

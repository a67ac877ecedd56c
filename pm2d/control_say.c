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
#include <string.h>

#include "control.h"
#include "engine.h"

/*
 * Messages to apps by their channels, and from them.  The parent looks into
 * none: the engine says whether they are JSON text.
 */

#define HEARD_MAX	(256 * 1024)	/* queued bytes: no messages on top */

static void
say(struct ctl_conn *c, uint32_t peerid, struct app *app, const void *text,
    size_t len)
{
	struct ctl_result	 r;

	if (app->run->pid == 0) {
		control_fail(c, peerid, CTL_FAILED, ESRCH, "not running");
		return;
	}
	if (app->run->channel == -1) {
		control_fail(c, peerid, CTL_FAILED, ENOTCONN,
		    "has no channel: it is not Node, or not to have one");
		return;
	}
	if (engine_say(c->env->engine, app->run, text, len) == -1) {
		control_fail(c, peerid, CTL_FAILED, errno,
		    errno == ENOTCONN ? "has closed its channel" :
		    "cannot be told anything just now: try again");
		return;
	}
	memset(&r, 0, sizeof(r));
	r.code = CTL_OK;
	r.id = app->id;
	r.count = 1;
	control_send(c, IMSG_CTL_RESULT, peerid, &r, sizeof(r));
}

void
control_say(struct ctl_conn *c, struct imsg *imsg)
{
	static unsigned char	 text[SAY_MAX];
	struct ctl_app		 ca;
	struct app		*app;
	size_t			 len;

	if (imsg_get_buf(imsg, &ca, sizeof(ca)) == -1 ||
	    (len = imsg_get_len(imsg)) == 0 || len > sizeof(text) ||
	    imsg_get_buf(imsg, text, len) == -1) {
		control_drop(c, "bad message to an app");
		return;
	}
	app = control_app(c, imsg_get_id(imsg), ca.id, PERM_MESSAGE);
	if (app != NULL)
		say(c, imsg_get_id(imsg), app, text, len);
}

/*
 * To those who subscribed and may.  Who reads slowly misses some: an app that
 * talks without end must not cost a client its connection.
 */
void
control_message(struct pm2d *env, const struct run *run, const void *text,
    size_t len)
{
	static unsigned char	 buf[sizeof(struct ctl_app) + SAY_MAX];
	struct ctl_app		 ca = { run->app->id, run->generation };
	struct ctl_conn		*c, *next;

	if (env->control == NULL || env->control->nsubscribed == 0 ||
	    len > SAY_MAX)
		return;
	memcpy(buf, &ca, sizeof(ca));
	memcpy(buf + sizeof(ca), text, len);
	TAILQ_FOREACH_SAFE(c, &env->control->conns, entry, next) {
		if (!c->subscribed || !perm_check(PERM_MESSAGE, &c->subject,
		    run->app->owner) ||
		    imsgbuf_queuebytes(imsgev_buf(c->iev)) > HEARD_MAX)
			continue;
		control_send(c, IMSG_CTL_MESSAGE, c->subscribed_peerid, buf,
		    sizeof(ca) + len);
	}
}

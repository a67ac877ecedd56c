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
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "log.h"
#include "units.h"

/*
 * Requests about one app: {id, arg}.  The answer comes when it is done.
 */

/* The app that a request names, or NULL when the client was answered. */
static struct app *
request_app(struct ctl_conn *c, struct imsg *imsg, enum perm_op op,
    struct ctl_app *req)
{
	if (imsg_get_data(imsg, req, sizeof(*req)) == -1) {
		control_drop(c, "bad request about an app");
		return (NULL);
	}
	return (control_app(c, imsg_get_id(imsg), req->id, op));
}

static void
act(struct ctl_conn *c, struct imsg *imsg, enum perm_op op,
    enum machine_ev event)
{
	struct ctl_app	 ca;
	struct request	*req;
	struct app	*app;

	if ((app = request_app(c, imsg, op, &ca)) == NULL)
		return;
	if ((req = request_new(c, imsg_get_id(imsg))) == NULL) {
		control_fail(c, imsg_get_id(imsg), CTL_SYSTEM, ENOMEM, "");
		return;
	}
	req->result.id = app->id;
	req->result.count = 1;
	supervise_request(app, event, req);
	request_close(req);
}

void
control_stop(struct ctl_conn *c, struct imsg *imsg)
{
	act(c, imsg, PERM_STOP, EV_STOP);
}

void
control_restart(struct ctl_conn *c, struct imsg *imsg)
{
	act(c, imsg, PERM_RESTART, EV_RESTART);
}

void
control_delete(struct ctl_conn *c, struct imsg *imsg)
{
	act(c, imsg, PERM_DELETE, EV_DELETE);
}

static void
answer(struct ctl_conn *c, uint32_t peerid, const struct app *app)
{
	struct ctl_result	 r;

	memset(&r, 0, sizeof(r));
	r.code = CTL_OK;
	r.id = app->id;
	r.count = 1;
	control_result(c, peerid, &r);
}

/* Counters to zero, as if the app had never been restarted. */
void
control_reset(struct ctl_conn *c, struct imsg *imsg)
{
	struct ctl_app	 ca;
	struct app	*app;

	if ((app = request_app(c, imsg, PERM_RESET, &ca)) == NULL)
		return;
	restart_reset(&app->restart);
	app->restart.restarts = 0;
	store_status(c->env->store, app);
	answer(c, imsg_get_id(imsg), app);
}

/* Any signal but SIGUSR1's inspector surprise is the owner's business. */
void
control_signal(struct ctl_conn *c, struct imsg *imsg)
{
	struct ctl_app	 ca;
	struct app	*app;
	uint32_t	 peerid = imsg_get_id(imsg);

	if ((app = request_app(c, imsg, PERM_SIGNAL, &ca)) == NULL)
		return;
	if (ca.arg < 1 || ca.arg >= NSIG) {
		control_fail(c, peerid, CTL_INVALID, EINVAL,
		    "signal unknown");
		return;
	}
	if (app->run->pid == 0) {
		control_fail(c, peerid, CTL_FAILED, ESRCH, "not running");
		return;
	}
	if (supervise_signal(app->run, ca.arg) == -1) {
		control_fail(c, peerid, CTL_SYSTEM, errno, "");
		return;
	}
	log_info("%s (%u): %s sent for uid %u", app->name, app->id,
	    units_signame(ca.arg), c->uid);
	answer(c, peerid, app);
}

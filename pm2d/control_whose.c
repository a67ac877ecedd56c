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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "bound.h"
#include "control.h"
#include "healthspec.h"
#include "helper.h"
#include "userlimits.h"
#include "log.h"
#include "peers.h"
#include "places.h"

/*
 * In the system's pm2d, whose app is it to be?  Of the user that a spec names
 * or else of who sent it; a helper looks him up before the spec is gone on
 * with, and then rules and limits are asked.
 */

static void	 whose_done(void *, int, const void *, size_t, int *, int);

static void
whose_found(struct ctl_conn *c, int error, const struct ids *ids)
{
	struct spec_whose	*w = &c->spec.whose;

	w->error = error;
	if (error == 0 && (w->ids = appids_new(ids)) == NULL)
		w->error = ENOMEM;
	if (w->error == 0)
		peers_learn(c->env, ids);
}

/* Whether it is known or not: the request goes on, and says so. */
static void
whose_done(void *arg, int error, const void *data, size_t len, int *fds,
    int nfds)
{
	struct ctl_conn	*c = arg;

	(void)fds;
	(void)nfds;
	c->spec.whose.helper = NULL;
	if (error == 0 && len != sizeof(struct ids))
		error = EPROTO;
	whose_found(c, error, data);
	imsgev_resume(c->iev);
	control_spec_whole(c);
}

static struct helper *
ask(struct ctl_conn *c, const struct spec *spec, uid_t uid)
{
	const char	*user = spec->str[SPEC_USER];
	struct job_uid	 ju = { uid };

	if (user != NULL)
		return (helper_run(c->env->base, NULL, job_lookup_user, user,
		    strlen(user) + 1, NULL, 0, whose_done, c));
	return (helper_run(c->env->base, NULL, job_lookup_uid, &ju,
	    sizeof(ju), NULL, 0, whose_done, c));
}

/* The app that is to get it; NULL: it is a new one's. */
static const struct app *
updated(const struct ctl_conn *c)
{
	return (c->spec.updating ? app_find(c->env, c->spec.update.id) : NULL);
}

int
control_whose(struct ctl_conn *c)
{
	struct spec_whose	*w = &c->spec.whose;
	const struct app	*app = updated(c);
	struct spec		 spec;
	char			 why[256];

	/* What cannot be read is refused by the one who reads it again. */
	if (c->env->conf == NULL || w->asked || spec_parse(&spec,
	    c->spec.data, c->spec.have, why, sizeof(why)) == -1)
		return (0);
	w->asked = 1;
	w->helper = ask(c, &spec, app != NULL ? app->owner : c->uid);
	if (w->helper == NULL) {
		whose_found(c, errno, NULL);
		return (0);
	}
	imsgev_pause(c->iev);
	return (1);
}

void
control_whose_end(struct ctl_conn *c)
{
	struct spec_whose	*w = &c->spec.whose;

	if (w->helper != NULL)
		helper_cancel(w->helper);
	appids_unref(w->ids);
	memset(w, 0, sizeof(*w));
}

/* What would be executed, as launch.c will. */
static const char *
program(const struct spec *spec)
{
	const char	*interp = spec->str[SPEC_INTERPRETER];

	if (interp != NULL && *interp != '\0' && strcmp(interp, "none") != 0)
		return (interp);
	return (spec->str[SPEC_SCRIPT]);
}

/* A health check that is a command is run as the app's user, too. */
static int
may_check(struct ctl_conn *c, const struct spec *spec, uid_t uid, char *why,
    size_t len)
{
	struct healthspec	 hs;
	char			 buf[HEALTHSPEC_LEN];
	char			*argv[HEALTHSPEC_WORDS + 1];

	if (spec->str[SPEC_HEALTH] == NULL ||
	    healthspec_parse(spec->str[SPEC_HEALTH], &hs) != NULL ||
	    hs.kind != HEALTHSPEC_EXEC)
		return (0);
	if (healthspec_words(hs.command, buf, sizeof(buf), argv) != -1 &&
	    perm_start(&c->subject, uid, argv[0]))
		return (0);
	snprintf(why, len, "pm2d.conf does not permit you to start the "
	    "command of health_check as that user");
	return (-1);
}

/* Who may start one program only gets nothing else by its spec. */
static int
within(struct ctl_conn *c, const struct spec *spec, const struct app *app,
    const struct ids *ids, char *why, size_t len)
{
	if (!perm_start(&c->subject, ids->uid, program(spec))) {
		snprintf(why, len, "pm2d.conf does not permit you to start "
		    "%.100s as %.64s", program(spec), ids->name);
		return (-1);
	}
	if (may_check(c, spec, ids->uid, why, len) == -1)
		return (-1);
	/* As himself he has other ways to all that. */
	if (ids->uid == c->uid ||
	    !perm_startonly(&c->subject, ids->uid, program(spec)))
		return (0);
	return (bound_check(spec, app == NULL ? NULL : &app->spec->spec, why,
	    len));
}

static int
unknown(struct ctl_conn *c, const struct spec *spec)
{
	const char	*user = spec->str[SPEC_USER];
	int		 error = c->spec.whose.error;
	char		 text[256];

	if (error == ENOENT && user == NULL)
		snprintf(text, sizeof(text), "uid %u is not in the password "
		    "database: apps cannot be run as it", c->uid);
	else
		snprintf(text, sizeof(text), "looking up the user%s%s: %s",
		    user != NULL ? " " : "", user != NULL ? user : "",
		    stage_strerror(STAGE_USER, error));
	control_refuse(c, c->spec.peerid, CTL_INVALID, error, 0, text);
	return (-1);
}

int
control_whose_may(struct ctl_conn *c, const struct spec *spec)
{
	const struct app	*app = updated(c);
	const struct ids	*ids;
	uint32_t		 peerid = c->spec.peerid;
	char			 text[256];

	if (c->spec.whose.ids == NULL)
		return (unknown(c, spec));
	ids = &c->spec.whose.ids->ids;
	audit_object(c, peerid, "%s as %s", spec->str[SPEC_NAME], ids->name);
	if (app != NULL)
		audit_app(c, peerid, app);
	if (app != NULL && app->owner != ids->uid) {
		control_refuse(c, peerid, CTL_INVALID, EINVAL, app->id,
		    "the user of an app stays: delete it and start it anew");
		return (-1);
	}
	if (within(c, spec, app, ids, text, sizeof(text)) == 0)
		return (0);
	control_refuse(c, peerid, CTL_DENIED, EPERM, 0, text);
	return (-1);
}

uid_t
control_whose_owner(const struct ctl_conn *c)
{
	const struct appids	*ai = c->spec.whose.ids;

	if (c->env->conf != NULL)
		return (ai != NULL ? ai->ids.uid : (uid_t)-1);
	/* What root starts in somebody's daemon is that user's. */
	return (c->env->uid == 0 ? c->uid : c->env->uid);
}

int
control_whose_room(struct ctl_conn *c, uint32_t peerid, uid_t owner,
    uint64_t n)
{
	char	 text[256];

	if (limits_apps(c->env, owner, n, text, sizeof(text)) == 0)
		return (0);
	control_refuse(c, peerid, CTL_LIMIT, 0, 0, text);
	return (-1);
}

/*
 * The shell's variables are the caller's, and get to apps that run as he does
 * only.  Others get none; or, of an app that is there, those that it has.
 */
struct appspec *
control_whose_spec(struct ctl_conn *c, struct appspec *as,
    const struct appspec *old, char *why, size_t len)
{
	struct appspec	*other;

	if (c->env->conf == NULL || control_whose_owner(c) == c->uid ||
	    (as->spec.count[SPEC_ENV] == 0 &&
	    (old == NULL || old->spec.count[SPEC_ENV] == 0)))
		return (as);
	other = appspec_withenv(as, old, why, len);
	appspec_unref(as);
	return (other);
}

int
control_whose_logs(struct ctl_conn *c)
{
	int	 error;

	if (c->env->conf == NULL)
		return (0);
	if (places_userlogs(c->env, &c->spec.whose.ids->ids) == 0) {
		/* Not before: the budget is of that directory. */
		limits_learn(c->env, &c->spec.whose.ids->ids);
		return (0);
	}
	error = errno;
	log_warn("the directory for logs of %s",
	    c->spec.whose.ids->ids.name);
	control_refuse(c, c->spec.peerid, CTL_SYSTEM, error, 0,
	    "the user's directory for logs cannot be made");
	return (-1);
}

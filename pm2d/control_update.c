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

#include "attend.h"
#include "control.h"
#include "log.h"
#include "secret.h"

/*
 * Another spec for an app and for those that were started together with it:
 * all of them get it, or none.  Nothing runs anew by that; what runs keeps
 * the spec and the files that it was started with.
 */

/* One of them, and what it has until now. */
struct change {
	struct app	*app;
	struct appspec	*spec;
	struct appfiles	*files;
	int		 relookup;
};

static void
change_free(struct change *ch, uint32_t n)
{
	uint32_t	 i;

	for (i = 0; i < n; i++) {
		applog_unref(ch[i].app->env, ch[i].files);
		appspec_unref(ch[i].spec);
	}
	free(ch);
}

/* What is there, and what is to be there, change places. */
static void
change_swap(struct change *ch)
{
	struct app	*app = ch->app;
	struct appspec	*spec = app->spec;
	struct appfiles	*files = app->files;
	int		 relookup = app->relookup;

	app->spec = ch->spec;
	app->files = ch->files;
	app->relookup = ch->relookup;
	ch->spec = spec;
	ch->files = files;
	ch->relookup = relookup;
	app_count(app);
}

static int
same_str(const char *a, const char *b)
{
	return (strcmp(a == NULL ? "" : a, b == NULL ? "" : b) == 0);
}

static int
other_user(const struct appspec *a, const struct appspec *b)
{
	return (!same_str(a->spec.str[SPEC_USER], b->spec.str[SPEC_USER]) ||
	    !same_str(a->spec.str[SPEC_GROUP], b->spec.str[SPEC_GROUP]));
}

/* What every one of the team is to have; NULL with errno. */
static struct change *
change_make(struct app *first, struct appspec *as, uint32_t n)
{
	struct change	*ch;
	struct app	*app;
	uint32_t	 i = 0;
	int		 error;

	if ((ch = calloc(n, sizeof(*ch))) == NULL)
		return (NULL);
	for (app = first; app != NULL && i < n; app = team_next(app)) {
		if (app->freeing)
			continue;
		ch[i].app = app;
		ch[i].spec = appspec_ref(as);
		/* It may be looking up the one before at this moment. */
		ch[i].relookup = app->relookup || other_user(app->spec, as);
		if ((ch[i++].files = applog_make(app, as)) == NULL) {
			error = errno;
			change_free(ch, i);
			errno = error;
			return (NULL);
		}
	}
	return (ch);
}

/* All in the state file, or none.  0, or -1 with errno. */
static int
change_store(struct pm2d *env, struct change *ch, uint32_t n)
{
	uint32_t	 i, stored;
	int		 error;

	for (i = 0; i < n; i++)
		change_swap(&ch[i]);
	for (stored = 0; stored < n; stored++)
		if (store_app(env->store, ch[stored].app) == -1)
			break;
	if (stored == n)
		return (0);
	error = errno;
	for (i = 0; i < n; i++)
		change_swap(&ch[i]);
	for (i = 0; i < stored; i++)
		store_again(env->store, ch[i].app);
	errno = error;
	return (-1);
}

/* What has no process has no earlier spec: it is of the new one now. */
static void
changed(struct app *app)
{
	enum app_state	 state = app->run->m.state;

	if (state == APP_STOPPED || state == APP_ERRORED ||
	    state == APP_WAITING)
		run_renew(app->run);
	applog_changed(app);
	attend_update(app);
}

static uint32_t
count_team(const struct app *first, uint32_t *fds)
{
	const struct app	*app;
	uint32_t		 n = 0;

	*fds = 0;
	for (app = first; app != NULL; app = team_next(app)) {
		if (app->freeing)
			continue;
		*fds += app->fds;
		n++;
	}
	return (n);
}

static void
update(struct ctl_conn *c, struct app *app, struct appspec *as)
{
	struct app		*first;
	struct change		*ch;
	struct ctl_result	 r;
	uint64_t		 want;
	uint32_t		 fds, i, n, peerid = c->spec.peerid;

	first = team_first(c->env, app->first, app->owner);
	n = count_team(first, &fds);
	want = (uint64_t)n * appspec_fds(as);
	if (want > fds && control_spec_room(c, peerid, want - fds, 0) == -1)
		return;
	memset(&r, 0, sizeof(r));
	r.id = app->id;
	if ((ch = change_make(first, as, n)) == NULL ||
	    change_store(c->env, ch, n) == -1) {
		r.code = CTL_SYSTEM;
		r.error = errno;
		if (ch != NULL && store_error(c->env->store) != NULL)
			strlcpy(r.text, store_error(c->env->store),
			    sizeof(r.text));
	} else {
		for (i = 0; i < n; i++)
			changed(ch[i].app);
		r.count = n;
	}
	if (ch != NULL)
		change_free(ch, n);
	control_result(c, peerid, &r);
}

/* What the client sent, with the secrets that it leaves as they are. */
static struct appspec *
make_spec(struct ctl_conn *c, const struct app *app, char *why, size_t len)
{
	struct spec_buf	 sb;
	struct appspec	*as, *whole = NULL;

	if ((as = appspec_new(c->spec.data, c->spec.have, why, len)) == NULL)
		return (NULL);
	memset(&sb, 0, sizeof(sb));
	if (!secret_marked(&as->spec))
		whole = appspec_ref(as);
	else if (secret_keep(&as->spec, &app->spec->spec, &sb, why, len) == 0)
		whole = appspec_new(sb.data, sb.len, why, len);
	spec_buf_free(&sb);
	appspec_unref(as);
	if (whole == NULL)
		return (NULL);
	if (secret_check(&whole->spec, why, len) == 0)
		return (control_whose_spec(c, whole, app->spec, why, len));
	appspec_unref(whole);
	return (NULL);
}

/* The spec is whole. */
static void
update_done(struct ctl_conn *c)
{
	struct appspec	*as;
	struct app	*app;
	char		 why[256];
	uint32_t	 peerid = c->spec.peerid;

	if (c->env->going) {
		control_refuse(c, peerid, CTL_GOING, 0, 0,
		    "pm2d is shutting down");
		return;
	}
	/* The system's rules may be about the program that is in the spec. */
	if ((app = control_app(c, peerid, c->spec.update.id,
	    c->env->conf != NULL ? PERM_SEE : PERM_START)) == NULL)
		return;
	if ((as = make_spec(c, app, why, sizeof(why))) == NULL) {
		control_refuse(c, peerid, CTL_INVALID, EINVAL, app->id, why);
		return;
	}
	if (strcmp(as->spec.str[SPEC_NAME], app->name) != 0) {
		snprintf(why, sizeof(why), "the name of an app stays: this "
		    "one is %s", app->name);
		control_refuse(c, peerid, CTL_INVALID, EINVAL, app->id, why);
	} else if (control_spec_user(c, &as->spec,
	    &app->spec->spec) == 0 &&
	    control_spec_circle(c, app->owner, &as->spec) == 0)
		update(c, app, as);
	appspec_unref(as);
}

void
control_update(struct ctl_conn *c, struct imsg *imsg)
{
	struct ctl_update	 req;

	if (c->spec.data != NULL || imsg_get_data(imsg, &req,
	    sizeof(req)) == -1) {
		control_drop(c, "update within a spec");
		return;
	}
	if (control_spec_begin(c, imsg, req.speclen, update_done) == 0) {
		c->spec.update = req;
		c->spec.updating = 1;
	}
}

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

#include "agent.h"
#include "attend.h"
#include "health-rule.h"
#include "healthspec.h"
#include "instpaths.h"
#include "life.h"
#include "log.h"

/*
 * Is an app well?  Others ask (pm2d-probe); here it is decided what to make
 * of the answers.
 */

#define EAGER_MS	500	/* until it was well for the first time */

struct health {
	struct app	*app;
	struct event	 turn;
	struct agent	*agent;		/* NULL: nobody asks */
	struct appspec	*spec;		/* that the agent was told */
	uint32_t	 generation;	/* of the run that is asked, or 0 */
	uint32_t	 serial;
	uint32_t	 interval;	/* ms, as the agent was told */
	struct health_rule rule;
	char		 text[128];	/* what was wrong last */
};

static void	 health_begun(struct agent *);
static int	 health_message(struct agent *, struct imsg *);
static void	 health_turn(int, short, void *);

static const struct agent_kind	 net_prober = {
	"prober", "probe", PATH_PROBE, "-n", "_pm2d", 0,
	IMSG_PROBE_READY, health_begun, health_message
};
static const struct agent_kind	 exec_prober = {
	"exec prober", "probe", PATH_PROBE, "-e", NULL, 0,
	IMSG_PROBE_READY, health_begun, health_message
};

static uint32_t	 last_serial;

/* ---- telling the prober ---- */

static int
asks(const struct app *app)
{
	return (app->spec->spec.str[SPEC_HEALTH] != NULL);
}

static int
at_work(const struct app *app)
{
	return (asks(app) && !app->freeing && app->ids != NULL &&
	    app->run->m.state == APP_ONLINE && !app->run->m.doomed &&
	    !app->env->going);
}

static int
in_grace(const struct health *h)
{
	return (monotime_since(monotime_now(), h->app->run->started) <
	    h->spec->spec.num[SPEC_HEALTH_GRACE]);
}

/* Often at first, so that it is soon known to be well. */
static uint32_t
interval_of(const struct health *h)
{
	uint64_t	 ms = h->spec->spec.num[SPEC_HEALTH_INTERVAL];

	return (!h->rule.proven && in_grace(h) && ms > EAGER_MS ? EAGER_MS :
	    (uint32_t)ms);
}

static void
set_ref(const struct health *h, struct probe_ref *ref)
{
	ref->app = h->app->id;
	ref->serial = h->serial;
}

static void
tell(struct health *h)
{
	const struct spec	*spec = &h->spec->spec;
	const char		*cwd = spec->str[SPEC_CWD];
	struct probe_add	 msg;
	struct ibuf		*buf;

	if (!agent_live(h->agent) || h->generation == 0)
		return;
	memset(&msg, 0, sizeof(msg));
	set_ref(h, &msg.ref);
	msg.interval_ms = h->interval = interval_of(h);
	msg.timeout_ms = (uint32_t)spec->num[SPEC_HEALTH_TIMEOUT];
	buf = ibuf_dynamic(sizeof(msg), MAX_IMSGSIZE);
	if (buf == NULL || ibuf_add(buf, &msg, sizeof(msg)) == -1 ||
	    ibuf_add(buf, spec->str[SPEC_HEALTH],
	    strlen(spec->str[SPEC_HEALTH])) == -1 ||
	    (cwd != NULL && (ibuf_add_zero(buf, 1) == -1 ||
	    ibuf_add(buf, cwd, strlen(cwd)) == -1))) {
		log_warn("%s (%u): health check", h->app->name, h->app->id);
		ibuf_free(buf);
		return;
	}
	(void)agent_send(h->agent, IMSG_PROBE_ADD, buf);
}

/* A new one: all that it is to ask. */
static void
health_begun(struct agent *agent)
{
	struct app	*app;

	RB_FOREACH(app, apptree, &agent_env(agent)->apps)
		if (app->health != NULL && app->health->agent == agent)
			tell(app->health);
}

/* Its run is not online: nothing is to be asked. */
static void
pause_asking(struct health *h)
{
	struct probe_ref	 ref;

	if (h->agent == NULL || h->generation == 0)
		return;
	h->generation = 0;
	set_ref(h, &ref);
	(void)agent_compose(h->agent, IMSG_PROBE_DEL, &ref, sizeof(ref));
}

static void
leave(struct health *h)
{
	if (h->agent == NULL)
		return;
	pause_asking(h);
	agent_put(h->agent);
	h->agent = NULL;
	appspec_unref(h->spec);
	h->spec = NULL;
}

static const struct agent_kind *
kind_for(const struct app *app)
{
	return (strncmp(app->spec->spec.str[SPEC_HEALTH], "exec:", 5) == 0 ?
	    &exec_prober : &net_prober);
}

static void
begin(struct health *h)
{
	struct app	*app = h->app;
	struct agent	*agent;

	agent = agent_get(app->env, kind_for(app), &app->ids->ids);
	if (agent == NULL)
		log_warn("%s (%u): health check", app->name, app->id);
	/* Only now, so that its process stays if it is the same. */
	leave(h);
	health_rule_begin(&h->rule);
	h->text[0] = '\0';
	if ((h->agent = agent) == NULL)
		return;
	h->serial = ++last_serial;
	h->generation = app->run->generation;
	h->spec = appspec_ref(app->spec);
	tell(h);
}

/* ---- what the prober says ---- */

static void
act(struct health *h)
{
	struct app	*app = h->app;
	const char	*what = h->spec->spec.str[SPEC_HEALTH_ACTION];
	char		 words[200];

	(void)snprintf(words, sizeof(words), "unhealthy, %u failed health "
	    "checks in a row: %s", h->rule.failed, h->text);
	if (what != NULL && strcmp(what, "none") == 0) {
		/* Once is enough. */
		if (h->rule.failed <= h->spec->spec.num[SPEC_HEALTH_RETRIES])
			log_warnx("%s (%u): %s", app->name, app->id, words);
	} else if (what != NULL && strcmp(what, "reload") == 0)
		(void)renew(app, EXIT_UNHEALTHY, words);
	else
		(void)renew_restart(app, EXIT_UNHEALTHY, words);
}

static void
note(struct health *h, const struct probe_result *msg)
{
	enum app_health		 was = h->rule.state;
	enum health_verdict	 v;

	if (msg->good) {
		v = health_rule_good(&h->rule);
		h->text[0] = '\0';
	} else {
		v = health_rule_bad(&h->rule, in_grace(h),
		    (uint32_t)h->spec->spec.num[SPEC_HEALTH_RETRIES]);
		(void)strlcpy(h->text, msg->text, sizeof(h->text));
	}
	if (h->rule.state != was) {
		if (was == HEALTH_BAD)
			log_info("%s (%u): healthy again", h->app->name,
			    h->app->id);
		report_health(h->app, h->rule.state);
		/* Others may wait until it is well. */
		depend_note(h->app);
	}
	if (h->interval != interval_of(h))
		tell(h);
	if (v == HEALTH_ACT)
		act(h);
}

static int
printable(const char *s, size_t size)
{
	size_t	 i;

	for (i = 0; i < size && s[i] != '\0'; i++)
		if (s[i] < ' ' || s[i] > '~')
			return (0);
	return (i < size);
}

/* One of another run, or of an app that is gone, is of no interest. */
static int
health_message(struct agent *agent, struct imsg *imsg)
{
	struct probe_result	 msg;
	struct app		*app;
	struct health		*h;

	if (imsg_get_type(imsg) != IMSG_PROBE_RESULT ||
	    imsg_get_data(imsg, &msg, sizeof(msg)) == -1 || msg.good > 1 ||
	    !printable(msg.text, sizeof(msg.text)))
		return (-1);
	if ((app = app_find(agent_env(agent), msg.ref.app)) == NULL ||
	    (h = app->health) == NULL || h->agent != agent ||
	    h->serial != msg.ref.serial || !at_work(app) ||
	    h->generation != app->run->generation)
		return (0);
	note(h, &msg);
	return (0);
}

/* ---- the room ---- */

/* It does not run now, but will. */
static int
coming(const struct app *app)
{
	enum app_state	 state = app->run->m.state;

	return (asks(app) && !app->freeing && !app->env->going &&
	    app->run->m.wanted && state != APP_STOPPED &&
	    state != APP_ERRORED);
}

static void
health_turn(int fd, short event, void *arg)
{
	struct health	*h = arg;
	struct app	*app = h->app;

	(void)fd;
	(void)event;
	if (!at_work(app)) {
		health_rule_begin(&h->rule);
		if (coming(app))
			pause_asking(h);
		else
			leave(h);
		return;
	}
	if (h->agent == NULL || h->spec != app->spec ||
	    h->generation != app->run->generation)
		begin(h);
}

void
health_update(struct app *app)
{
	struct health	*h;

	if ((h = app->health) == NULL) {
		if (!asks(app) || app->freeing)
			return;
		if ((h = calloc(1, sizeof(*h))) == NULL) {
			log_warn("%s (%u): health check", app->name, app->id);
			return;
		}
		h->app = app;
		health_rule_begin(&h->rule);
		evtimer_assign(&h->turn, app->env->base, health_turn, h);
		app->health = h;
	}
	/* Not from within what tells us. */
	life_timer(&h->turn, 0);
}

void
health_free(struct app *app)
{
	struct health	*h = app->health;

	app->health = NULL;
	if (h == NULL)
		return;
	leave(h);
	event_del(&h->turn);
	free(h);
}

void
health_info(const struct app *app, struct ctl_appinfo *info)
{
	const struct health	*h = app->health;

	if (!asks(app)) {
		info->fix.health = HEALTH_NONE;
		return;
	}
	info->fix.health = h == NULL || !at_work(app) ? HEALTH_UNKNOWN :
	    h->rule.state;
	if (h != NULL && at_work(app) && h->text[0] != '\0' &&
	    h->rule.state != HEALTH_GOOD)
		attend_trouble(info, "health check: %s", h->text);
}

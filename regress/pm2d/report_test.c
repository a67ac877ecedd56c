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
 * Who is told what, and when: reports that wait for an app's last output.
 */
#include <sys/types.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <atf-c.h>

#include "control.h"
#include "parent.h"

static struct pm2d	 env;
static struct app	 app;
static struct run	 run;
static struct ctl_conn	 conns[2];

/* What each client was told: a letter for each event, a digit for a result. */
static char		 told[2][64];

static void
say(struct ctl_conn *c, char what)
{
	char	*s = told[c - conns];
	size_t	 n = strlen(s);

	ATF_REQUIRE(n + 1 < sizeof(told[0]));
	s[n] = what;
	s[n + 1] = '\0';
}

int
control_send(struct ctl_conn *c, uint32_t type, uint32_t peerid,
    const void *data, size_t len)
{
	const struct ctl_event	*ev = data;

	(void)peerid;
	ATF_REQUIRE_EQ(IMSG_CTL_EVENT, type);
	ATF_REQUIRE_EQ(sizeof(*ev), len);
	say(c, ev->kind == EVENT_EXIT ? 'x' : "slopew"[ev->state]);
	return (0);
}

void
control_result(struct ctl_conn *c, uint32_t peerid,
    const struct ctl_result *result)
{
	(void)peerid;
	say(c, '0' + result->code);
}

void
control_event(struct pm2d *e, struct app *a, const struct ctl_event *ev)
{
	(void)e;
	(void)a;
	(void)ev;
}

/* A reload that the app is part of, whose client is told of this as well. */
static int		 reloading;
static uint64_t		 reload_number;

int
control_reload_watched(const struct app *a)
{
	(void)a;
	return (reloading);
}

void
control_reload_event(struct app *a, const struct ctl_event *ev,
    uint64_t number)
{
	(void)a;
	reload_number = number;
	if (reloading)
		say(&conns[1], "sxdNRL."[ev->kind]);
}

void
control_reload_deleted(struct app *a)
{
	(void)a;
	reloading = 0;
}

static void
begin(void)
{
	int	 i;

	reloading = 0;
	memset(&env, 0, sizeof(env));
	memset(&app, 0, sizeof(app));
	memset(told, 0, sizeof(told));
	TAILQ_INIT(&env.draining);
	TAILQ_INIT(&app.reports);
	TAILQ_INIT(&app.waiters);
	app.env = &env;
	app.run = memset(&run, 0, sizeof(run));
	for (i = 0; i < 2; i++) {
		memset(&conns[i], 0, sizeof(conns[i]));
		TAILQ_INIT(&conns[i].requests);
	}
}

/* This client asks for something that has to do with the app. */
static struct waiter *
ask(int i)
{
	struct request	*req;
	struct waiter	*w;

	ATF_REQUIRE((req = request_new(&conns[i], 1)) != NULL);
	ATF_REQUIRE((w = request_wait(req, &app)) != NULL);
	request_close(req);
	return (w);
}

static void
state(enum app_state s)
{
	run.m.state = s;
	report_state(&app);
}

ATF_TC_WITHOUT_HEAD(reports__wait_for_the_output);
ATF_TC_BODY(reports__wait_for_the_output, tc)
{
	begin();
	ask(0);
	state(APP_STOPPING);
	ATF_REQUIRE_STREQ("p", told[0]);
	report_hold(&app);
	state(APP_STOPPED);
	report_done(&app, CTL_OK, "");
	ATF_REQUIRE_STREQ("p", told[0]);
	report_release(&app);
	ATF_REQUIRE_STREQ("ps0", told[0]);
	ATF_REQUIRE(TAILQ_EMPTY(&app.waiters));
	ATF_REQUIRE(TAILQ_EMPTY(&env.draining));
	ATF_REQUIRE_EQ(0, app.nwaiters);
}

ATF_TC_WITHOUT_HEAD(request__behind_one_that_is_done);
ATF_TC_BODY(request__behind_one_that_is_done, tc)
{
	begin();
	ask(0);
	report_hold(&app);
	state(APP_STOPPED);
	report_done(&app, CTL_OK, "");
	/* A start, before the stop's end was told. */
	ask(1);
	state(APP_LAUNCHING);
	report_release(&app);
	ATF_REQUIRE_STREQ("s0", told[0]);
	ATF_REQUIRE_STREQ("l", told[1]);
	report_done(&app, CTL_FAILED, "");
	ATF_REQUIRE_STREQ("l7", told[1]);
	ATF_REQUIRE_STREQ("s0", told[0]);
}

ATF_TC_WITHOUT_HEAD(request__overtaken_is_only_the_open_one);
ATF_TC_BODY(request__overtaken_is_only_the_open_one, tc)
{
	struct waiter	*w;

	begin();
	ask(0);
	report_hold(&app);
	report_done(&app, CTL_OK, "");
	ask(1);
	w = ask(1);
	report_overtaken(&app, w);
	ATF_REQUIRE_STREQ("", told[0]);
	ATF_REQUIRE_STREQ("4", told[1]);
	report_release(&app);
	ATF_REQUIRE_STREQ("0", told[0]);
	report_done(&app, CTL_OK, "");
	ATF_REQUIRE_STREQ("40", told[1]);
}

ATF_TC_WITHOUT_HEAD(request__of_several_apps_is_answered_once);
ATF_TC_BODY(request__of_several_apps_is_answered_once, tc)
{
	struct request	*req;
	struct app	 other;

	begin();
	other = app;
	TAILQ_INIT(&other.reports);
	TAILQ_INIT(&other.waiters);
	ATF_REQUIRE((req = request_new(&conns[0], 1)) != NULL);
	ATF_REQUIRE(request_wait(req, &app) != NULL);
	ATF_REQUIRE(request_wait(req, &other) != NULL);
	report_done(&app, CTL_FAILED, "");
	request_close(req);
	ATF_REQUIRE_STREQ("", told[0]);
	report_done(&other, CTL_OK, "");
	ATF_REQUIRE_STREQ("7", told[0]);
}

ATF_TC_WITHOUT_HEAD(request__of_a_client_that_is_gone);
ATF_TC_BODY(request__of_a_client_that_is_gone, tc)
{
	begin();
	ask(0);
	ask(1);
	request_orphan(&conns[0]);
	report_hold(&app);
	state(APP_STOPPED);
	report_done(&app, CTL_OK, "");
	report_free(&app);
	ATF_REQUIRE_STREQ("", told[0]);
	ATF_REQUIRE_STREQ("s0", told[1]);
	ATF_REQUIRE(TAILQ_EMPTY(&app.waiters));
}

ATF_TC_WITHOUT_HEAD(requests__for_one_app_are_bounded);
ATF_TC_BODY(requests__for_one_app_are_bounded, tc)
{
	struct request	*req;
	int		 i;

	begin();
	for (i = 0; i < 100000; i++) {
		ATF_REQUIRE((req = request_new(&conns[0], 1)) != NULL);
		if (request_wait(req, &app) == NULL)
			break;
		request_close(req);
	}
	ATF_REQUIRE_EQ(ENOBUFS, errno);
	ATF_REQUIRE(i < 100000);
	request_close(req);
	ATF_REQUIRE_STREQ("0", told[0]);
	request_orphan(&conns[0]);
	report_done(&app, CTL_OK, "");
	ATF_REQUIRE_EQ(0, app.nwaiters);
}

/* No client waits for the app itself, but one for the reload. */
ATF_TC_WITHOUT_HEAD(reload__events);
ATF_TC_BODY(reload__events, tc)
{
	struct run	 successor = { .pid = 4711, .generation = 8 };

	begin();
	report_event(&app, EVENT_SUCCESSOR, &successor);
	ATF_REQUIRE_STREQ("", told[1]);
	reloading = 1;
	report_event(&app, EVENT_SUCCESSOR, &successor);
	ATF_REQUIRE_STREQ("N", told[1]);
	ATF_REQUIRE_EQ(UINT64_MAX, reload_number);
	report_hold(&app);
	report_event(&app, EVENT_READY, &successor);
	report_event(&app, EVENT_RELOADED, NULL);
	state(APP_ONLINE);
	ATF_REQUIRE_STREQ("N", told[1]);
	report_release(&app);
	ATF_REQUIRE_STREQ("NRLs", told[1]);
	ATF_REQUIRE_EQ(3, reload_number);
	report_deleted(&app);
	ATF_REQUIRE_EQ(0, reloading);
}

static void
own_done(void *arg, const struct ctl_result *result)
{
	struct ctl_result	*to = arg;

	ATF_REQUIRE_EQ_MSG(0, to->count, "told twice");
	*to = *result;
	to->count++;
}

/* One that we ask for ourselves is answered like a client's. */
ATF_TC_WITHOUT_HEAD(request__of_our_own);
ATF_TC_BODY(request__of_our_own, tc)
{
	struct ctl_result	 outcome;
	struct request		*req;

	begin();
	memset(&outcome, 0, sizeof(outcome));
	ATF_REQUIRE((req = request_own(own_done, &outcome)) != NULL);
	req->result.id = 17;
	ATF_REQUIRE(request_wait(req, &app) != NULL);
	request_close(req);
	state(APP_ONLINE);
	ATF_REQUIRE_EQ(0, outcome.count);
	run.stage = STAGE_EXEC;
	run.error = ENOENT;
	report_done(&app, CTL_FAILED, "why");
	ATF_REQUIRE_EQ(1, outcome.count);
	ATF_REQUIRE_EQ(17, outcome.id);
	ATF_REQUIRE_EQ(CTL_FAILED, outcome.code);
	ATF_REQUIRE_EQ(STAGE_EXEC, outcome.stage);
	ATF_REQUIRE_EQ(ENOENT, outcome.error);
	ATF_REQUIRE_STREQ("why", outcome.text);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, reports__wait_for_the_output);
	ATF_TP_ADD_TC(tp, request__behind_one_that_is_done);
	ATF_TP_ADD_TC(tp, request__overtaken_is_only_the_open_one);
	ATF_TP_ADD_TC(tp, request__of_several_apps_is_answered_once);
	ATF_TP_ADD_TC(tp, request__of_a_client_that_is_gone);
	ATF_TP_ADD_TC(tp, requests__for_one_app_are_bounded);
	ATF_TP_ADD_TC(tp, reload__events);
	ATF_TP_ADD_TC(tp, request__of_our_own);
	return (atf_no_error());
}

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
 * Requests to reload: jobs, who waits for them, who is refused, and what
 * becomes of them when apps or clients go away.
 */
#include <sys/types.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <atf-c.h>

#include "control.h"
#include "parent.h"

#define NAPPS	6
#define NCONNS	3
#define FOREIGN	(NAPPS - 1)	/* an app that nobody here may see */

static struct pm2d	 env;
static struct app	 apps[NAPPS];
static struct run	 runs[NAPPS];
static struct ctl_conn	 conns[NCONNS];

/* What each client was told: "1e" an event, "2=0" a result, by request. */
static char		 told[NCONNS][256];
static struct ctl_result last;

/* What was asked of supervise.c: "r1 " a reload, "s2 " a restart. */
static char		 asked[256];
static int		 reloadable[NAPPS];
static reload_cb	*reloaded[NAPPS];
static void		*reload_arg[NAPPS];
static int		 dropped;
static int		 nforgotten;

static void
say(struct ctl_conn *c, const char *what)
{
	ATF_REQUIRE(strlcat(told[c - conns], what, sizeof(told[0])) <
	    sizeof(told[0]));
}

int
control_send(struct ctl_conn *c, uint32_t type, uint32_t peerid,
    const void *data, size_t len)
{
	char	 text[32];

	if (type == IMSG_CTL_RESULT) {
		ATF_REQUIRE_EQ(sizeof(last), len);
		memcpy(&last, data, len);
		snprintf(text, sizeof(text), "%u=%u ", peerid, last.code);
	} else {
		ATF_REQUIRE_EQ(IMSG_CTL_EVENT, type);
		ATF_REQUIRE_EQ(sizeof(struct ctl_event), len);
		snprintf(text, sizeof(text), "%ue ", peerid);
	}
	say(c, text);
	return (0);
}

void
control_result(struct ctl_conn *c, uint32_t peerid,
    const struct ctl_result *result)
{
	control_send(c, IMSG_CTL_RESULT, peerid, result, sizeof(*result));
}

void
control_drop(struct ctl_conn *c, const char *why)
{
	(void)why;
	say(c, "dropped ");
	dropped++;
}

void
control_event(struct pm2d *e, struct app *a, const struct ctl_event *ev)
{
	(void)e;
	(void)a;
	(void)ev;
}

struct app *
control_app(struct ctl_conn *c, uint32_t peerid, uint32_t id, enum perm_op op)
{
	struct ctl_result	 r = { .code = CTL_NOSUCH };

	ATF_REQUIRE_EQ(PERM_RELOAD, op);
	if (id < FOREIGN)
		return (&apps[id]);
	control_send(c, IMSG_CTL_RESULT, peerid, &r, sizeof(r));
	return (NULL);
}

struct app *
app_find(struct pm2d *e, uint32_t id)
{
	(void)e;
	return (id < NAPPS ? &apps[id] : NULL);
}

int
supervise_reload(struct app *app, int graceful, reload_cb *done, void *arg)
{
	char	 text[16];

	snprintf(text, sizeof(text), "%c%u ", graceful ? 'g' : 'r', app->id);
	if (!reloadable[app->id])
		return (-1);
	strlcat(asked, text, sizeof(asked));
	ATF_REQUIRE(reloaded[app->id] == NULL);
	reloaded[app->id] = done;
	reload_arg[app->id] = arg;
	return (0);
}

void
supervise_reload_forget(struct app *app, void *arg)
{
	ATF_REQUIRE_EQ(arg, reload_arg[app->id]);
	reloaded[app->id] = NULL;
	nforgotten++;
}

void
supervise_request(struct app *app, enum machine_ev ev, struct request *req)
{
	char	 text[16];

	ATF_REQUIRE_EQ(EV_RESTART, ev);
	snprintf(text, sizeof(text), "s%u ", app->id);
	strlcat(asked, text, sizeof(asked));
	if (request_wait(req, app) == NULL) {
		req->result.code = CTL_SYSTEM;
		req->result.error = errno;
	}
}

/* ---- the world ---- */

static void
begin(void)
{
	int	 i;

	ATF_REQUIRE((env.base = event_base_new()) != NULL);
	TAILQ_INIT(&env.draining);
	for (i = 0; i < NAPPS; i++) {
		apps[i].env = &env;
		apps[i].id = i;
		apps[i].run = &runs[i];
		snprintf(apps[i].name, sizeof(apps[i].name), "app%d", i);
		runs[i].app = &apps[i];
		runs[i].m.state = APP_ONLINE;
		TAILQ_INIT(&apps[i].reports);
		TAILQ_INIT(&apps[i].waiters);
		reloadable[i] = 1;
	}
	for (i = 0; i < NCONNS; i++) {
		conns[i].env = &env;
		conns[i].uid = 1000 + i / 2;
		TAILQ_INIT(&conns[i].requests);
	}
}

static void
end(void)
{
	int	 i;

	for (i = 0; i < NCONNS; i++)
		request_orphan(&conns[i]);
	control_reload_exit(&env);
	event_base_free(env.base);
}

/* Let the loop come round. */
static void
turn(void)
{
	ATF_REQUIRE(event_base_loop(env.base, EVLOOP_NONBLOCK) != -1);
	/* a timer of no length may be due only now */
	ATF_REQUIRE(event_base_loop(env.base, EVLOOP_NONBLOCK) != -1);
}

static void
done(uint32_t id, enum ctl_code code, const char *text)
{
	reload_cb	*fn = reloaded[id];

	ATF_REQUIRE(fn != NULL);
	reloaded[id] = NULL;
	fn(reload_arg[id], &apps[id], code, text);
	turn();
}

static void
request_raw(int conn, uint32_t peerid, const void *data, size_t len)
{
	struct imsg	 imsg;

	memset(&imsg, 0, sizeof(imsg));
	imsg.hdr.type = IMSG_CTL_RELOAD;
	imsg.hdr.peerid = peerid;
	ATF_REQUIRE((imsg.buf = ibuf_open(len + 1)) != NULL);
	ATF_REQUIRE_EQ(0, ibuf_add(imsg.buf, data, len));
	control_reload(&conns[conn], &imsg);
	ibuf_free(imsg.buf);
}

/* Ids as digits. */
static void
ask(int conn, uint32_t peerid, uint32_t flags, uint32_t parallel,
    const char *ids)
{
	struct {
		struct ctl_reload	 req;
		uint32_t		 ids[16];
	} msg;
	uint32_t	 i, n = strlen(ids);

	memset(&msg, 0, sizeof(msg));
	msg.req.flags = flags;
	msg.req.parallel = parallel;
	msg.req.nids = n;
	for (i = 0; i < n; i++)
		msg.ids[i] = ids[i] - '0';
	request_raw(conn, peerid, &msg, sizeof(msg.req) + n * sizeof(uint32_t));
	turn();
}

static void
expect(const char *want)
{
	ATF_REQUIRE_STREQ(want, asked);
	asked[0] = '\0';
}

/* ---- */

ATF_TC_WITHOUT_HEAD(job__one_after_the_other);
ATF_TC_BODY(job__one_after_the_other, tc)
{
	begin();
	ask(0, 7, RELOAD_GRACEFUL, 0, "20");
	expect("g2 ");
	report_event(&apps[2], EVENT_SUCCESSOR, &runs[2]);
	report_event(&apps[0], EVENT_LISTENING, &runs[0]);
	ATF_REQUIRE_STREQ_MSG("7e ", told[0], "not before its turn");
	done(2, CTL_OK, "");
	expect("g0 ");
	report_event(&apps[0], EVENT_RELOADED, &runs[0]);
	done(0, CTL_OK, "");
	ATF_REQUIRE_STREQ("7e 7e 7=0 ", told[0]);
	ATF_REQUIRE_EQ(2, last.count);
	ATF_REQUIRE(TAILQ_EMPTY(&conns[0].requests));
	ATF_REQUIRE(!control_reload_watched(&apps[0]));
	expect("");
	end();
}

ATF_TC_WITHOUT_HEAD(job__first_failure_is_told);
ATF_TC_BODY(job__first_failure_is_told, tc)
{
	begin();
	ask(0, 7, 0, 2, "0123");
	expect("r0 r1 ");
	done(1, CTL_FAILED, "did not listen within 8 s");
	ATF_REQUIRE_STREQ("", told[0]);
	done(0, CTL_OK, "");
	expect("");
	ATF_REQUIRE_STREQ("7=7 ", told[0]);
	ATF_REQUIRE_EQ(1, last.id);
	ATF_REQUIRE_EQ(1, last.count);
	ATF_REQUIRE_STREQ("did not listen within 8 s", last.text);
	end();
}

/* What cannot be reloaded is restarted if it is up, and else left alone. */
ATF_TC_WITHOUT_HEAD(job__not_reloadable);
ATF_TC_BODY(job__not_reloadable, tc)
{
	begin();
	memset(reloadable, 0, sizeof(reloadable));
	runs[1].m.state = APP_STOPPED;
	runs[2].m.state = APP_ERRORED;
	runs[3].m.state = APP_WAITING;
	ask(0, 7, 0, 1, "0123");
	expect("s0 ");
	report_state(&apps[0]);
	report_done(&apps[0], CTL_OK, "");
	turn();
	expect("s3 ");
	runs[3].stage = STAGE_EXEC;
	runs[3].error = ENOENT;
	report_done(&apps[3], CTL_FAILED, "");
	turn();
	ATF_REQUIRE_STREQ("7e 7=7 ", told[0]);
	ATF_REQUIRE_EQ(3, last.id);
	ATF_REQUIRE_EQ(1, last.count);
	ATF_REQUIRE_EQ(STAGE_EXEC, last.stage);
	ATF_REQUIRE_EQ(ENOENT, last.error);
	end();
}

/* The restart is refused at once: no way to go wrong in. */
ATF_TC_WITHOUT_HEAD(job__restart_refused);
ATF_TC_BODY(job__restart_refused, tc)
{
	begin();
	reloadable[0] = 0;
	apps[0].nwaiters = 100000;
	ask(0, 7, 0, 1, "0");
	ATF_REQUIRE_STREQ("7=8 ", told[0]);
	ATF_REQUIRE_EQ(ENOBUFS, last.error);
	ask(0, 8, 0, 2, "01");
	ATF_REQUIRE_STREQ("7=8 8=8 ", told[0]);
	end();
}

ATF_TC_WITHOUT_HEAD(job__nothing_to_do);
ATF_TC_BODY(job__nothing_to_do, tc)
{
	begin();
	memset(reloadable, 0, sizeof(reloadable));
	runs[1].m.state = APP_STOPPED;
	ask(0, 7, 0, 1, "1");
	ATF_REQUIRE_STREQ("7=0 ", told[0]);
	ATF_REQUIRE_EQ(0, last.count);
	expect("");
	end();
}

ATF_TC_WITHOUT_HEAD(second__joins);
ATF_TC_BODY(second__joins, tc)
{
	begin();
	ask(0, 7, 0, 1, "01");
	ask(1, 9, 0, 4, "10");
	ask(0, 8, 0, 1, "01");
	expect("r0 ");
	report_event(&apps[0], EVENT_READY, &runs[0]);
	ATF_REQUIRE_STREQ("7e 8e ", told[0]);
	ATF_REQUIRE_STREQ("9e ", told[1]);
	done(0, CTL_OK, "");
	done(1, CTL_OK, "");
	ATF_REQUIRE_STREQ("7e 8e 7=0 8=0 ", told[0]);
	ATF_REQUIRE_STREQ("9e 9=0 ", told[1]);
	expect("r1 ");
	end();
}

ATF_TC_WITHOUT_HEAD(second__is_refused);
ATF_TC_BODY(second__is_refused, tc)
{
	begin();
	ask(0, 7, 0, 1, "01");
	ask(2, 9, 0, 1, "01");		/* somebody else */
	ATF_REQUIRE_STREQ("9=4 ", told[2]);
	ATF_REQUIRE(strstr(last.text, "uid 1000 at ") != NULL);
	ATF_REQUIRE_EQ(0, last.id);
	ask(1, 8, RELOAD_GRACEFUL, 1, "01");
	ask(1, 9, 0, 1, "21");
	ATF_REQUIRE_STREQ("8=4 9=4 ", told[1]);
	ATF_REQUIRE_EQ(1, last.id);
	/* Other apps are nobody's business. */
	ask(2, 10, 0, 1, "23");
	expect("r0 r2 ");
	done(0, CTL_OK, "");
	/* It is through with this one. */
	ask(2, 11, 0, 1, "0");
	expect("r1 r0 ");
	end();
}

/* A user who asks again and again is not in anybody's way. */
ATF_TC_WITHOUT_HEAD(second__joiners_are_bounded);
ATF_TC_BODY(second__joiners_are_bounded, tc)
{
	uint32_t	 i;

	begin();
	for (i = 0; i < 100000 && told[0][0] == '\0'; i++)
		ask(0, 7, 0, 1, "0");
	ATF_REQUIRE_STREQ("7=6 ", told[0]);
	ATF_REQUIRE(i > 100 && i < 10000);
	end();
}

ATF_TC_WITHOUT_HEAD(client__goes_away);
ATF_TC_BODY(client__goes_away, tc)
{
	begin();
	ask(0, 7, 0, 1, "01");
	request_orphan(&conns[0]);
	report_event(&apps[0], EVENT_READY, &runs[0]);
	done(0, CTL_OK, "");
	expect("r0 r1 ");
	done(1, CTL_OK, "");
	ATF_REQUIRE_STREQ("", told[0]);
	ask(1, 9, 0, 1, "0");
	expect("r0 ");
	end();
}

ATF_TC_WITHOUT_HEAD(client__subscribed_gets_events_once);
ATF_TC_BODY(client__subscribed_gets_events_once, tc)
{
	begin();
	conns[0].subscribed = 1;
	ask(0, 7, 0, 1, "0");
	report_event(&apps[0], EVENT_READY, &runs[0]);
	done(0, CTL_OK, "");
	ATF_REQUIRE_STREQ("7=0 ", told[0]);
	end();
}

/* What was reported before its turn, and told later, is not of the reload. */
ATF_TC_WITHOUT_HEAD(event__held_from_before);
ATF_TC_BODY(event__held_from_before, tc)
{
	begin();
	report_hold(&apps[0]);
	conns[1].subscribed = 1;
	env.control = calloc(1, sizeof(struct control));
	ATF_REQUIRE(env.control != NULL);
	env.control->nsubscribed = 1;
	report_state(&apps[0]);
	ask(0, 7, 0, 1, "0");
	report_event(&apps[0], EVENT_SUCCESSOR, &runs[0]);
	ATF_REQUIRE_STREQ("", told[0]);
	report_release(&apps[0]);
	ATF_REQUIRE_STREQ("7e ", told[0]);
	free(env.control);
	env.control = NULL;
	end();
}

/* Its number is another's when its turn would have come. */
ATF_TC_WITHOUT_HEAD(app__deleted_before_its_turn);
ATF_TC_BODY(app__deleted_before_its_turn, tc)
{
	begin();
	ask(0, 7, 0, 1, "012");
	report_deleted(&apps[1]);
	done(0, CTL_OK, "");
	expect("r0 r2 ");
	apps[3].freeing = 1;
	done(2, CTL_OK, "");
	ATF_REQUIRE_STREQ("7=0 ", told[0]);
	ATF_REQUIRE_EQ(2, last.count);
	ask(0, 8, 0, 1, "34");
	expect("r4 ");
	end();
}

ATF_TC_WITHOUT_HEAD(daemon__goes);
ATF_TC_BODY(daemon__goes, tc)
{
	begin();
	ask(0, 7, 0, 1, "01");
	env.going = 1;
	done(0, CTL_BUSY, "another request came in between");
	ATF_REQUIRE_STREQ("7=4 ", told[0]);
	env.going = 0;
	ask(0, 8, 0, 1, "01");
	env.going = 1;
	done(0, CTL_OK, "");
	ATF_REQUIRE_STREQ("7=4 8=9 ", told[0]);
	ATF_REQUIRE_EQ(1, last.count);
	expect("r0 r0 ");
	env.going = 0;
	ask(1, 9, 0, 2, "01");
	end();
	ATF_REQUIRE_EQ(2, nforgotten);
	ATF_REQUIRE_STREQ_MSG("", told[1], "nobody is there to be told");
}

ATF_TC_WITHOUT_HEAD(request__foreign_app);
ATF_TC_BODY(request__foreign_app, tc)
{
	begin();
	ask(0, 7, 0, 1, "015");
	ATF_REQUIRE_STREQ("7=1 ", told[0]);
	expect("");
	ask(0, 8, 0x80, 1, "01");
	ATF_REQUIRE_STREQ("7=1 8=5 ", told[0]);
	expect("");
	end();
}

ATF_TC_WITHOUT_HEAD(request__lies);
ATF_TC_BODY(request__lies, tc)
{
	static const struct {
		uint32_t	 nids;
		size_t		 bytes;
	} cases[] = {
		{ 0, 0 }, { 0, 4 }, { 1, 0 }, { 1, 3 }, { 1, 5 }, { 1, 8 },
		{ 2, 4 }, { UINT32_MAX, 4 }, { 0x40000000, 0 },
		{ 0x40000001, 4 }, { CTL_RELOAD_MAXIDS + 1, 4 },
		{ CTL_RELOAD_MAXIDS + 1, (CTL_RELOAD_MAXIDS + 1) * 4 },
	};
	static unsigned char	 buf[sizeof(struct ctl_reload) +
				    (CTL_RELOAD_MAXIDS + 1) * 4];
	struct ctl_reload	 req = { 0, 1, 0, 0 };
	size_t			 i;

	begin();
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		req.nids = cases[i].nids;
		memcpy(buf, &req, sizeof(req));
		request_raw(0, 7, buf, sizeof(req) + cases[i].bytes);
		ATF_REQUIRE_EQ_MSG((int)i + 1, dropped, "case %zu", i);
	}
	request_raw(0, 7, buf, sizeof(req) - 1);
	ATF_REQUIRE_EQ((int)i + 1, dropped);
	/* The most that may be, all of them the same one. */
	req.nids = CTL_RELOAD_MAXIDS;
	memcpy(buf, &req, sizeof(req));
	request_raw(1, 7, buf, sizeof(buf) - 4);
	turn();
	expect("r0 ");
	end();
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, job__one_after_the_other);
	ATF_TP_ADD_TC(tp, job__first_failure_is_told);
	ATF_TP_ADD_TC(tp, job__not_reloadable);
	ATF_TP_ADD_TC(tp, job__restart_refused);
	ATF_TP_ADD_TC(tp, job__nothing_to_do);
	ATF_TP_ADD_TC(tp, second__joins);
	ATF_TP_ADD_TC(tp, second__is_refused);
	ATF_TP_ADD_TC(tp, second__joiners_are_bounded);
	ATF_TP_ADD_TC(tp, client__goes_away);
	ATF_TP_ADD_TC(tp, client__subscribed_gets_events_once);
	ATF_TP_ADD_TC(tp, event__held_from_before);
	ATF_TP_ADD_TC(tp, app__deleted_before_its_turn);
	ATF_TP_ADD_TC(tp, daemon__goes);
	ATF_TP_ADD_TC(tp, request__foreign_app);
	ATF_TP_ADD_TC(tp, request__lies);
	return (atf_no_error());
}

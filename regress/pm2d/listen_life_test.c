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
 * How long listeners stay.
 */
#include <sys/socket.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "listenutil.h"

#define LO	"127.0.0.1"
#define LINGER	1000
#define SWEEP	2000

static uint32_t	 port;

/* A run that asked for the port, and serves it. */
static uint32_t
serve(struct run *run)
{
	const struct said	*s;

	s = lu_ask(run, LISTEN_TCP4, LO, port);
	ATF_REQUIRE(s != NULL);
	ATF_REQUIRE_EQ(0, s->bound.error);
	ATF_REQUIRE_EQ(1, lu_serve(run, s->key));
	return (s->key);
}

static struct app *
begin(const atf_tc_t *tc)
{
	lu_begin(tc);
	port = lu_freeport();
	return (lu_app(1000, NULL, NULL));
}

static int
is_open(void)
{
	int	 fd;

	if ((fd = lu_connect(AF_INET, LO, port)) == -1) {
		ATF_CHECK_EQ(ECONNREFUSED, errno);
		return (0);
	}
	close(fd);
	return (1);
}

ATF_TC_WITHOUT_HEAD(closed__linger);
ATF_TC_BODY(closed__linger, tc)
{
	struct run	*run = lu_run(begin(tc), RUN_MAIN);
	uint32_t	 key = serve(run);

	lu_close(run, key);
	lu_close(run, key);
	ATF_CHECK_EQ(0, listen_count(run));
	lu_loop(LINGER / 2);
	ATF_CHECK(is_open());
	lu_loop(LINGER);
	ATF_CHECK(!is_open());
	ATF_CHECK_EQ(0, listen_total(&env));
	/* the engine was told, once */
	ATF_REQUIRE_EQ(1, lu_count(SAID_UNLISTEN));
	ATF_CHECK_EQ(key, lu_said(SAID_UNLISTEN, 0)->number);
	lu_end();
}

/* close() and listen() in one go. */
ATF_TC_WITHOUT_HEAD(closed__and_again);
ATF_TC_BODY(closed__and_again, tc)
{
	struct run	*run = lu_run(begin(tc), RUN_MAIN);
	uint32_t	 key = serve(run);
	int		 i;

	for (i = 0; i < 4; i++) {
		lu_close(run, key);
		ATF_CHECK_EQ(key, serve(run));
	}
	lu_loop(LINGER + 300);
	ATF_CHECK(is_open());
	ATF_CHECK_EQ(1, lu_count(SAID_LISTENER));
	lu_end();
}

ATF_TC_WITHOUT_HEAD(closed__others_serve);
ATF_TC_BODY(closed__others_serve, tc)
{
	struct run	*run = lu_run(begin(tc), RUN_MAIN), *other;
	struct app	*second = lu_app(1000, NULL, NULL);
	uint32_t	 key = serve(run);

	other = lu_run(second, RUN_MAIN);
	ATF_CHECK_EQ(key, serve(other));
	lu_close(run, key);
	lu_loop(LINGER + 300);
	ATF_CHECK(is_open());
	lu_close(other, key);
	lu_loop(LINGER + 300);
	ATF_CHECK(!is_open());
	lu_end();
}

/* It was told to go, or goes: its successor will want it. */
ATF_TC_WITHOUT_HEAD(closed__going);
ATF_TC_BODY(closed__going, tc)
{
	static const uint32_t	 notes[] = { NOTE_GOING, NOTE_LEAVING,
	    NOTE_RETIRING };
	struct app		*app = begin(tc);
	struct run		*run;
	uint32_t		 key;
	size_t			 i;

	for (i = 0; i < 4; i++) {
		run = lu_run(app, RUN_MAIN);
		key = serve(run);
		if (i < 3)
			run->notes |= notes[i];
		else
			run->m.state = APP_STOPPING;
		lu_close(run, key);
		lu_loop(LINGER + 200);
		ATF_CHECK(is_open());
		lu_runend(run);
		ATF_CHECK(is_open());
	}
	lu_end();
}

/* While a reload is under way nothing is closed; if it fails, later. */
ATF_TC_WITHOUT_HEAD(closed__reload);
ATF_TC_BODY(closed__reload, tc)
{
	struct app	*app = begin(tc);
	struct run	*run = lu_run(app, RUN_MAIN), *next;
	uint32_t	 key = serve(run);

	next = lu_run(app, RUN_SUCCESSOR);
	lu_close(run, key);
	lu_loop(2 * LINGER + 300);
	ATF_CHECK(is_open());
	lu_runend(next);
	lu_loop(LINGER + 300);
	ATF_CHECK(!is_open());
	lu_end();
}

ATF_TC_WITHOUT_HEAD(restart__stays);
ATF_TC_BODY(restart__stays, tc)
{
	struct app	*app = begin(tc);
	struct run	*run;
	uint32_t	 key, i;

	key = serve(lu_run(app, RUN_MAIN));
	for (i = 0; i < 3; i++) {
		lu_runend(app->run);
		ATF_CHECK(is_open());
		lu_loop(LINGER / 2);
		run = lu_run(app, RUN_MAIN);
		ATF_CHECK_EQ(key, serve(run));
	}
	ATF_CHECK_EQ(1, lu_count(SAID_LISTENER));
	ATF_CHECK_EQ(0, lu_count(SAID_UNLISTEN));
	lu_end();
}

/* What the new code does not listen to any more. */
ATF_TC_WITHOUT_HEAD(restart__other_port);
ATF_TC_BODY(restart__other_port, tc)
{
	struct app	*app = begin(tc);
	uint32_t	 old = port;

	serve(lu_run(app, RUN_MAIN));
	lu_runend(app->run);
	port = lu_freeport();
	serve(lu_run(app, RUN_MAIN));
	lu_loop(SWEEP - 500);
	ATF_CHECK_EQ(2, listen_total(&env));
	lu_loop(1000);
	ATF_CHECK_EQ(1, listen_total(&env));
	ATF_CHECK(is_open());
	port = old;
	ATF_CHECK(!is_open());
	lu_end();
}

ATF_TC_WITHOUT_HEAD(release__free_at_once);
ATF_TC_BODY(release__free_at_once, tc)
{
	struct app	*app = begin(tc);
	struct engine_listen q;

	serve(lu_run(app, RUN_MAIN));
	lu_query(&q, LISTEN_TCP6, "::1", port, 0);
	ATF_REQUIRE_EQ(0, lu_send(app->run, &q)->bound.error);
	ATF_CHECK_EQ(EADDRINUSE, lu_canbind(AF_INET, LO, port));
	lu_runend(app->run);
	ATF_CHECK_EQ(EADDRINUSE, lu_canbind(AF_INET, LO, port));
	listen_release(app);
	/* though the engine has its copies yet */
	ATF_CHECK_EQ(2, lu_count(SAID_LISTENER));
	ATF_CHECK_EQ(0, lu_canbind(AF_INET, LO, port));
	ATF_CHECK_EQ(0, lu_canbind(AF_INET6, "::1", port));
	ATF_CHECK_EQ(2, lu_count(SAID_UNLISTEN));
	listen_release(app);
	lu_end();
}

ATF_TC_WITHOUT_HEAD(release__shared);
ATF_TC_BODY(release__shared, tc)
{
	struct app	*app = begin(tc), *second = lu_app(1000, NULL, NULL);
	uint32_t	 key;

	key = serve(lu_run(app, RUN_MAIN));
	ATF_CHECK_EQ(key, serve(lu_run(second, RUN_MAIN)));
	lu_rest(app);
	ATF_CHECK(is_open());
	/* started again it finds the same */
	ATF_CHECK_EQ(key, serve(lu_run(app, RUN_MAIN)));
	lu_rest(second);
	ATF_CHECK(is_open());
	lu_rest(app);
	ATF_CHECK(!is_open());
	lu_end();
}

/* A timer of an app that is gone must not fire. */
ATF_TC_WITHOUT_HEAD(release__lingering);
ATF_TC_BODY(release__lingering, tc)
{
	struct app	*app = begin(tc);
	uint32_t	 key;

	key = serve(lu_run(app, RUN_MAIN));
	lu_close(app->run, key);
	lu_rest(app);
	ATF_CHECK(!is_open());
	lu_loop(LINGER + 300);
	ATF_CHECK_EQ(1, lu_count(SAID_UNLISTEN));
	lu_end();
}

ATF_TC_WITHOUT_HEAD(covers__all);
ATF_TC_BODY(covers__all, tc)
{
	struct app	*app = begin(tc);
	struct run	*old = lu_run(app, RUN_MAIN), *new;
	uint32_t	 first, key;

	first = serve(old);
	new = lu_run(app, RUN_SUCCESSOR);
	ATF_CHECK(listen_covers(old, new));
	ATF_CHECK(!listen_covers(new, old));
	key = lu_ask(new, LISTEN_TCP4, LO, port)->key;
	ATF_CHECK_EQ(first, key);
	ATF_CHECK(!listen_covers(new, old));	/* asked, does not listen */
	lu_serve(new, key);
	ATF_CHECK(listen_covers(new, old));
	/* the old one has two */
	key = lu_ask(old, LISTEN_UDP4, LO, 0)->key;
	ATF_CHECK(listen_covers(new, old));
	lu_serve(old, key);
	ATF_CHECK(!listen_covers(new, old));
	ATF_CHECK_EQ(2, listen_count(old));
	lu_serve(new, lu_ask(new, LISTEN_UDP4, LO, 0)->key);
	ATF_CHECK(listen_covers(new, old));
	lu_end();
}

ATF_TC_WITHOUT_HEAD(promoted__sweep);
ATF_TC_BODY(promoted__sweep, tc)
{
	struct app	*app = begin(tc);
	struct run	*old = lu_run(app, RUN_MAIN), *new;
	uint32_t	 key = serve(old), udp;

	udp = lu_ask(old, LISTEN_UDP4, LO, 0)->key;
	lu_serve(old, udp);
	new = lu_run(app, RUN_SUCCESSOR);
	ATF_CHECK_EQ(key, serve(new));
	lu_loop(SWEEP + 300);
	ATF_CHECK_EQ(2, listen_total(&env));	/* not the main one yet */
	new->role = RUN_MAIN;
	old->role = RUN_LEAVING;
	app->run = new;
	listen_promoted(new);
	listen_retire(old);
	lu_loop(SWEEP - 500);
	ATF_CHECK_EQ(2, listen_total(&env));
	lu_loop(1000);
	/* the old one serves it yet: that is no reason */
	ATF_CHECK_EQ(1, listen_total(&env));
	ATF_CHECK(is_open());
	lu_close(old, udp);
	lu_close(old, key);
	lu_runend(old);
	lu_loop(LINGER + 300);
	ATF_CHECK(is_open());
	lu_end();
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, closed__linger);
	ATF_TP_ADD_TC(tp, closed__and_again);
	ATF_TP_ADD_TC(tp, closed__others_serve);
	ATF_TP_ADD_TC(tp, closed__going);
	ATF_TP_ADD_TC(tp, closed__reload);
	ATF_TP_ADD_TC(tp, restart__stays);
	ATF_TP_ADD_TC(tp, restart__other_port);
	ATF_TP_ADD_TC(tp, release__free_at_once);
	ATF_TP_ADD_TC(tp, release__shared);
	ATF_TP_ADD_TC(tp, release__lingering);
	ATF_TP_ADD_TC(tp, covers__all);
	ATF_TP_ADD_TC(tp, promoted__sweep);
	return (atf_no_error());
}

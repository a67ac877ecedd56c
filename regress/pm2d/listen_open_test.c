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
 * --listen: the sockets that apps are given.
 */
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "apputil.h"
#include "listenutil.h"
#include "sys_fault.h"

#define LO	"127.0.0.1"

static int		 called;
static int		 error;
static const char	*which;
static int		 rest_within;

static void
on_done(struct run *run, int e, const char *w)
{
	called++;
	error = e;
	which = w;
	if (rest_within)
		lu_rest(run->app);
}

static void
wait_done(int n)
{
	long	 t0;

	for (t0 = apps_ms(); called < n;) {
		ATF_REQUIRE(apps_ms() - t0 < 20000);
		lu_loop(5);
	}
}

static void
open_now(struct run *run)
{
	int	 n = called;

	ATF_REQUIRE_EQ(0, listen_open(run, on_done));
	ATF_REQUIRE_EQ(n + 1, called);
}

static int
type_of(int fd)
{
	int		 val;
	socklen_t	 len = sizeof(val);

	ATF_REQUIRE_EQ(0, getsockopt(fd, SOL_SOCKET, SO_TYPE, &val, &len));
	return (val);
}

ATF_TC_WITHOUT_HEAD(open__all_kinds);
ATF_TC_BODY(open__all_kinds, tc)
{
	struct app	*app;
	struct run	*run;
	const int	*fds, *again;
	char		 specs[4][128], text[512];
	uint32_t	 port;
	int		 fd;

	lu_begin(tc);
	port = lu_freeport();
	(void)snprintf(specs[0], sizeof(specs[0]), "tcp:%u", port);
	(void)snprintf(specs[1], sizeof(specs[1]), "tcp6:[::1]:%u", port);
	(void)snprintf(specs[2], sizeof(specs[2]), "udp:127.0.0.1:%u", port);
	(void)snprintf(specs[3], sizeof(specs[3]), "unix:%s/x", apps_dir);
	app = lu_app(1000, NULL, specs[0], specs[1], specs[2], specs[3],
	    NULL);
	run = lu_run(app, RUN_MAIN);
	ATF_CHECK_EQ(0, listen_fds(app->run, &fds));
	ATF_REQUIRE_EQ(0, listen_open(run, on_done));
	ATF_CHECK_EQ(0, called);	/* the path takes a moment */
	ATF_CHECK_EQ(0, listen_fds(app->run, &fds));
	wait_done(1);
	ATF_CHECK_EQ(0, error);
	ATF_REQUIRE_EQ(4, listen_fds(app->run, &fds));
	ATF_CHECK_EQ(SOCK_STREAM, type_of(fds[0]));
	ATF_CHECK_EQ(SOCK_DGRAM, type_of(fds[2]));
	/* a plain accept(2) waits */
	ATF_CHECK_EQ(0, fcntl(fds[0], F_GETFL) & O_NONBLOCK);
	ATF_CHECK_EQ(0, fcntl(fds[3], F_GETFL) & O_NONBLOCK);
	ATF_CHECK_EQ(FD_CLOEXEC, fcntl(fds[0], F_GETFD));
	ATF_REQUIRE((fd = lu_connect(AF_INET, LO, port)) != -1);
	close(fd);
	ATF_REQUIRE((fd = lu_connect(AF_INET6, "::1", port)) != -1);
	close(fd);
	ATF_CHECK_EQ(0, nsaid);		/* none of the engine's business */
	listen_feed(&env);
	ATF_CHECK_EQ(0, nsaid);
	listen_describe(app, text, sizeof(text));
	ATF_CHECK(strstr(text, "passed, ") != NULL);
	/* the next run has the same */
	lu_runend(run);
	run = lu_run(app, RUN_MAIN);
	open_now(run);
	ATF_CHECK_EQ(4, listen_fds(app->run, &again));
	ATF_CHECK_EQ(fds, again);
	lu_loop(1300);
	ATF_CHECK_EQ(4, listen_total(&env));
	lu_rest(app);
	run = lu_run(app, RUN_MAIN);
	ATF_CHECK_EQ(0, listen_fds(run, &fds));
	ATF_CHECK_EQ(0, lu_canbind(AF_INET, LO, port));
	lu_end();
}

/* What both specs have stays as it is; the old run keeps its copies. */
ATF_TC_WITHOUT_HEAD(open__others_in_a_new_spec);
ATF_TC_BODY(open__others_in_a_new_spec, tc)
{
	struct app	*app;
	struct appspec	*old;
	struct run	*run, *next;
	const int	*fds, *more;
	char		 specs[3][32];
	uint32_t	 ports[3];
	int		 i, kept;

	lu_begin(tc);
	for (i = 0; i < 3; i++) {
		ports[i] = lu_freeport();
		(void)snprintf(specs[i], sizeof(specs[i]), "tcp:%u",
		    ports[i]);
	}
	app = lu_app(1000, NULL, specs[0], specs[1], NULL);
	run = lu_run(app, RUN_MAIN);
	open_now(run);
	ATF_REQUIRE_EQ(2, listen_fds(run, &fds));
	kept = fds[1];
	/* the same in another spec */
	old = lu_respec(app, specs[0], specs[1], NULL);
	next = lu_run(app, RUN_SUCCESSOR);
	open_now(next);
	ATF_REQUIRE_EQ(2, listen_fds(next, &more));
	ATF_CHECK_EQ(fds, more);
	lu_runend(next);
	run->spec = app->spec;
	appspec_unref(old);
	/* one of them is another */
	old = lu_respec(app, specs[1], specs[2], NULL);
	next = lu_run(app, RUN_SUCCESSOR);
	open_now(next);
	ATF_REQUIRE_EQ(2, listen_fds(next, &fds));
	ATF_CHECK_EQ(kept, fds[0]);
	ATF_CHECK_EQ(2, listen_total(&env));
	ATF_CHECK(lu_canbind(AF_INET, LO, ports[0]) == 0);
	ATF_CHECK(lu_canbind(AF_INET, LO, ports[2]) != 0);
	/* none of them can be had: the others stay */
	run->spec = app->spec;
	appspec_unref(old);
	old = lu_respec(app, specs[0], "tcp:192.0.2.1:99", NULL);
	lu_runend(next);
	next = lu_run(app, RUN_SUCCESSOR);
	called = 0;
	ATF_REQUIRE_EQ(0, listen_open(next, on_done));
	wait_done(1);
	ATF_CHECK(error != 0);
	ATF_CHECK_EQ(0, listen_fds(next, &more));
	ATF_CHECK_EQ(2, listen_fds(run, &fds));
	ATF_CHECK_EQ(2, listen_total(&env));
	/* and none is wanted any more */
	listen_unopen(app);
	ATF_CHECK_EQ(0, listen_total(&env));
	lu_runend(next);
	run->spec = app->spec;
	appspec_unref(old);
	lu_end();
}

ATF_TC_WITHOUT_HEAD(open__shared);
ATF_TC_BODY(open__shared, tc)
{
	struct app	*app, *second, *third, *cluster;
	const int	*one, *two;
	char		 spec[128];
	uint32_t	 port;

	lu_begin(tc);
	port = lu_freeport();
	(void)snprintf(spec, sizeof(spec), "tcp:127.0.0.1:%u", port);
	app = lu_app(1000, NULL, spec, NULL);
	second = lu_app(1000, NULL, spec, NULL);
	third = lu_app(1001, NULL, spec, NULL);
	cluster = lu_app(1000, NULL, NULL);
	open_now(lu_run(app, RUN_MAIN));
	ATF_REQUIRE_EQ(0, error);
	open_now(lu_run(second, RUN_MAIN));
	ATF_REQUIRE_EQ(0, error);
	ATF_REQUIRE_EQ(1, listen_fds(app->run, &one));
	ATF_REQUIRE_EQ(1, listen_fds(second->run, &two));
	ATF_CHECK_EQ(*one, *two);
	open_now(lu_run(third, RUN_MAIN));
	ATF_CHECK_EQ(EADDRINUSE, error);
	ATF_CHECK_STREQ(spec, which);
	ATF_CHECK_EQ(EADDRINUSE, lu_ask(lu_run(cluster, RUN_MAIN),
	    LISTEN_TCP4, LO, port)->bound.error);
	lu_rest(app);
	ATF_CHECK_EQ(EADDRINUSE, lu_canbind(AF_INET, LO, port));
	lu_rest(second);
	/* and the other way round */
	ATF_CHECK_EQ(0, lu_ask(cluster->run, LISTEN_TCP4, LO,
	    port)->bound.error);
	open_now(lu_run(app, RUN_MAIN));
	ATF_CHECK_EQ(EADDRINUSE, error);
	lu_end();
}

/* One that cannot be had: the others are let go. */
ATF_TC_WITHOUT_HEAD(open__fails);
ATF_TC_BODY(open__fails, tc)
{
	struct app	*app;
	char		 specs[2][128];
	uint32_t	 port;

	lu_begin(tc);
	port = lu_freeport();
	(void)snprintf(specs[0], sizeof(specs[0]), "tcp:%u", port);
	app = lu_app(1000, NULL, specs[0], "udp:192.0.2.1:9", NULL);
	open_now(lu_run(app, RUN_MAIN));
	ATF_CHECK_EQ(geteuid() == 0 ? EACCES : EADDRNOTAVAIL, error);
	ATF_CHECK_STREQ("udp:192.0.2.1:9", which);
	ATF_CHECK_EQ(0, listen_total(&env));
	ATF_CHECK_EQ(0, lu_canbind(AF_INET, LO, port));
	/* of a helper */
	(void)snprintf(specs[1], sizeof(specs[1]), "unix:%s/no/x", apps_dir);
	app = lu_app(1000, NULL, specs[1], specs[0], NULL);
	ATF_REQUIRE_EQ(0, listen_open(lu_run(app, RUN_MAIN), on_done));
	wait_done(2);
	ATF_CHECK_EQ(ENOENT, error);
	ATF_CHECK_STREQ(specs[1], which);
	ATF_CHECK_EQ(0, listen_total(&env));
	ATF_CHECK_EQ(0, env.fds);
	lu_end();
}

/* Who is told may let go of everything. */
ATF_TC_WITHOUT_HEAD(open__rest_within);
ATF_TC_BODY(open__rest_within, tc)
{
	struct stat	 st;
	char		 specs[2][160], path[128];
	int		 i;

	lu_begin(tc);
	(void)snprintf(path, sizeof(path), "%s/x", apps_dir);
	(void)snprintf(specs[0], sizeof(specs[0]), "unix:%s", path);
	(void)snprintf(specs[1], sizeof(specs[1]), "unix:%s/no/x", apps_dir);
	rest_within = 1;
	for (i = 0; i < 3; i++)
		ATF_REQUIRE_EQ(0, listen_open(lu_run(lu_app(1000, NULL,
		    specs[0], NULL), RUN_MAIN), on_done));
	wait_done(3);
	ATF_CHECK_EQ(0, error);
	for (i = 0; i < 3; i++)
		ATF_REQUIRE_EQ(0, listen_open(lu_run(lu_app(1000, NULL,
		    specs[1], NULL), RUN_MAIN), on_done));
	wait_done(6);
	ATF_CHECK_EQ(ENOENT, error);
	while (listen_total(&env) > 0)
		lu_loop(5);
	ATF_CHECK_EQ(-1, lstat(path, &st));
	lu_end();
}

ATF_TC_WITHOUT_HEAD(cancel__no_callback);
ATF_TC_BODY(cancel__no_callback, tc)
{
	struct app	*app;
	struct run	*run;
	const int	*fds;
	char		 spec[128];

	lu_begin(tc);
	(void)snprintf(spec, sizeof(spec), "unix:%s/x", apps_dir);
	app = lu_app(1000, NULL, spec, NULL);
	run = lu_run(app, RUN_MAIN);
	ATF_REQUIRE_EQ(0, listen_open(run, on_done));
	listen_open_cancel(run);
	lu_runend(run);
	run = lu_run(app, RUN_MAIN);
	lu_loop(200);
	ATF_CHECK_EQ(0, called);
	ATF_CHECK_EQ(1, listen_fds(app->run, &fds));
	open_now(run);
	ATF_CHECK_EQ(0, error);
	lu_rest(app);
	/* at rest before it is done */
	run = lu_run(app, RUN_MAIN);
	ATF_REQUIRE_EQ(0, listen_open(run, on_done));
	lu_rest(app);
	lu_loop(300);
	ATF_CHECK_EQ(1, called);
	ATF_CHECK_EQ(0, listen_total(&env));
	lu_end();
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, open__all_kinds);
	ATF_TP_ADD_TC(tp, open__others_in_a_new_spec);
	ATF_TP_ADD_TC(tp, open__shared);
	ATF_TP_ADD_TC(tp, open__fails);
	ATF_TP_ADD_TC(tp, open__rest_within);
	ATF_TP_ADD_TC(tp, cancel__no_callback);
	return (atf_no_error());
}

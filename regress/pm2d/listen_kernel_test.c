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
 * Balance kernel: who gets connections, and what becomes of those that wait.
 */
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "listenutil.h"
#include "sys_fault.h"

#define LO	"127.0.0.1"
#define MANY	40

static uint32_t	 port;
static uint32_t	 key;
static int	 clients[512];
static int	 nclients;

static struct app *
begin(const atf_tc_t *tc)
{
	lu_begin(tc);
	port = lu_freeport();
	nclients = 0;
	return (lu_app(1000, "kernel", NULL));
}

static void
end(void)
{
	while (nclients > 0)
		close(clients[--nclients]);
	lu_end();
}

static void
arrive(int n)
{
	while (n-- > 0) {
		clients[nclients] = lu_connect(AF_INET, LO, port);
		ATF_REQUIRE_MSG(clients[nclients] != -1, "%s",
		    strerror(errno));
		nclients++;
	}
}

/* How many wait in this socket; they are taken. */
static int
take(int fd)
{
	int	 conn, n = 0;

	while ((conn = lu_accept(fd)) != -1) {
		ATF_REQUIRE_EQ(1, write(conn, "x", 1));
		close(conn);
		n++;
	}
	ATF_REQUIRE_EQ(EAGAIN, errno);
	return (n);
}

/* The worker's socket (a copy of its own). */
static int
ask(struct run *run)
{
	const struct said	*s;
	int			 fd;

	s = lu_ask(run, LISTEN_TCP4, LO, port);
	ATF_REQUIRE(s != NULL);
	ATF_REQUIRE_EQ_MSG(0, s->bound.error, "%s",
	    strerror(s->bound.error));
	ATF_CHECK_EQ(BOUND_FD, s->bound.flags);
	ATF_CHECK_EQ(port, s->bound.port);
	key = s->key;
	ATF_REQUIRE((fd = fcntl(s->fd, F_DUPFD_CLOEXEC, 0)) != -1);
	return (fd);
}

static int
serve(struct run *run)
{
	int	 fd = ask(run);

	ATF_REQUIRE_EQ(1, lu_serve(run, key));
	return (fd);
}

static int
same(int a, int b)
{
	struct stat	 sa, sb;

	ATF_REQUIRE_EQ(0, fstat(a, &sa));
	ATF_REQUIRE_EQ(0, fstat(b, &sb));
	return (sa.st_ino == sb.st_ino);
}

/* Nobody was reset, and nobody waits: each client has its byte. */
static void
all_served(void)
{
	struct pollfd	 pfd;
	char		 c;
	int		 i;

	for (i = 0; i < nclients; i++) {
		pfd.fd = clients[i];
		pfd.events = POLLIN;
		ATF_REQUIRE_EQ_MSG(1, poll(&pfd, 1, 2000), "client %d", i);
		ATF_REQUIRE_EQ_MSG(1, read(clients[i], &c, 1), "client %d: "
		    "%s", i, strerror(errno));
	}
}

ATF_TC_WITHOUT_HEAD(steer__serving_only);
ATF_TC_BODY(steer__serving_only, tc)
{
	struct app	*app = begin(tc);
	struct run	*runs[5];
	int		 fds[5], i, n, total;

	/* each has its own, and the engine none */
	runs[0] = lu_run(app, RUN_MAIN);
	fds[0] = serve(runs[0]);
	for (i = 1; i < 5; i++) {
		runs[i] = lu_run(lu_app(1000, "kernel", NULL), RUN_MAIN);
		fds[i] = ask(runs[i]);
		ATF_CHECK(!same(fds[0], fds[i]));
		ATF_CHECK((fcntl(fds[i], F_GETFL) & O_NONBLOCK) != 0);
	}
	ATF_CHECK_EQ(0, lu_count(SAID_LISTENER));
	ATF_CHECK_EQ(5, env.fds);
	/* those that do not listen yet get nothing */
	arrive(MANY);
	ATF_CHECK_EQ(MANY, take(fds[0]));
	lu_serve(runs[2], key);
	lu_serve(runs[4], key);
	arrive(MANY);
	for (i = 0, total = 0; i < 5; i++) {
		n = take(fds[i]);
		if (i % 2 == 0)
			ATF_CHECK_MSG(n > 0, "%d has none", i);
		else
			ATF_CHECK_EQ(0, n);
		total += n;
	}
	ATF_CHECK_EQ(MANY, total);
	all_served();
	for (i = 0; i < 5; i++)
		close(fds[i]);
	end();
}

/* The socket of one that dies: its queue is the engine's to hand on. */
ATF_TC_WITHOUT_HEAD(ended__rescued);
ATF_TC_BODY(ended__rescued, tc)
{
	const struct said	*s;
	struct run		*a, *b, *c;
	int			 fa, fb, fc, n, rest;

	a = lu_run(begin(tc), RUN_MAIN);
	b = lu_run(lu_app(1000, "kernel", NULL), RUN_MAIN);
	c = lu_run(lu_app(1000, "kernel", NULL), RUN_MAIN);
	fa = serve(a);
	fb = serve(b);
	fc = serve(c);
	arrive(MANY);
	close(fa);
	lu_runend(a);
	ATF_REQUIRE_EQ(1, lu_count(SAID_LISTENER));
	s = lu_said(SAID_LISTENER, 0);
	ATF_CHECK_EQ(key, s->key);
	ATF_CHECK(s->number != key);
	/* nothing more comes to it */
	n = take(s->fd);
	ATF_CHECK(n > 0);
	arrive(MANY);
	ATF_CHECK_EQ(0, take(s->fd));
	lu_loop(100);
	ATF_CHECK_EQ(0, lu_count(SAID_UNLISTEN));
	lu_loop(300);
	/* empty, and closed, the last one has its place */
	ATF_REQUIRE_EQ(1, lu_count(SAID_UNLISTEN));
	ATF_CHECK_EQ(s->number, lu_said(SAID_UNLISTEN, 0)->number);
	ATF_CHECK_EQ(2, env.fds);
	rest = take(fb) + take(fc);
	ATF_CHECK_EQ(2 * MANY, n + rest);
	arrive(MANY);
	n = take(fb);
	rest = take(fc);
	ATF_CHECK_MSG(n > 0 && rest > 0, "%d and %d", n, rest);
	ATF_CHECK_EQ(MANY, n + rest);
	all_served();
	close(fb);
	close(fc);
	end();
}

/* While something waits in it, it is not closed. */
ATF_TC_WITHOUT_HEAD(ended__waits_until_empty);
ATF_TC_BODY(ended__waits_until_empty, tc)
{
	const struct said	*s;
	struct run		*a, *b;
	int			 fb;

	a = lu_run(begin(tc), RUN_MAIN);
	close(serve(a));
	arrive(3);
	b = lu_run(lu_app(1000, "kernel", NULL), RUN_MAIN);
	fb = serve(b);
	lu_runend(a);
	s = lu_said(SAID_LISTENER, 0);
	lu_loop(600);
	ATF_CHECK_EQ(0, lu_count(SAID_UNLISTEN));
	ATF_CHECK_EQ(3, take(s->fd));
	lu_loop(200);
	ATF_CHECK_EQ(1, lu_count(SAID_UNLISTEN));
	all_served();
	close(fb);
	end();
}

/* The only one dies: the next has its socket, and all that waits. */
ATF_TC_WITHOUT_HEAD(ended__alone);
ATF_TC_BODY(ended__alone, tc)
{
	const struct said	*s;
	struct app		*app = begin(tc);
	struct run		*run;
	int			 fd, i;

	for (i = 0; i < 3; i++) {
		run = lu_run(app, RUN_MAIN);
		close(serve(run));
		lu_runend(run);
		arrive(5);
		lu_loop(400);
		/* the engine has it, in case; it stays open */
		s = lu_said(SAID_LISTENER, -1);
		ATF_REQUIRE(s != NULL);
		ATF_CHECK_EQ(key, s->key);
		run = lu_run(app, RUN_MAIN);
		fd = ask(run);
		ATF_CHECK(same(fd, s->fd));
		ATF_CHECK_EQ(s->number, lu_said(SAID_UNLISTEN, -1)->number);
		lu_serve(run, key);
		ATF_CHECK_EQ(5, take(fd));
		close(fd);
		lu_runend(run);
	}
	ATF_CHECK_EQ(1, env.fds);
	all_served();
	end();
}

/* One that never serves leaves nothing behind. */
ATF_TC_WITHOUT_HEAD(ended__crash_loop);
ATF_TC_BODY(ended__crash_loop, tc)
{
	struct app	*app = begin(tc);
	struct run	*run, *good;
	int		 fd, i;

	good = lu_run(lu_app(1000, "kernel", NULL), RUN_MAIN);
	fd = serve(good);
	for (i = 0; i < 50; i++) {
		run = lu_run(app, RUN_MAIN);
		close(ask(run));
		lu_runend(run);
		arrive(1);
		lu_forget();
	}
	ATF_CHECK(env.fds <= 2);
	ATF_CHECK_EQ(50, take(fd));
	close(fd);
	end();
}

/* A reload: the old one gets no more, and its socket goes when it does. */
ATF_TC_WITHOUT_HEAD(retire__reload);
ATF_TC_BODY(retire__reload, tc)
{
	const struct said	*s;
	struct app		*app = begin(tc);
	struct run		*old, *new;
	int			 fo, fn, i, n, waiting;

	old = lu_run(app, RUN_MAIN);
	fo = serve(old);
	for (i = 0; i < 6; i++) {
		arrive(4);
		new = lu_run(app, RUN_SUCCESSOR);
		fn = ask(new);
		ATF_CHECK(!same(fo, fn));
		arrive(4);			/* to the old one yet */
		lu_serve(new, key);
		new->role = RUN_MAIN;
		old->role = RUN_LEAVING;
		app->run = new;
		listen_promoted(new);
		listen_retire(old);
		listen_retire(old);
		s = lu_said(SAID_LISTENER, -1);
		ATF_REQUIRE(s != NULL);
		ATF_CHECK(same(s->fd, fo));
		arrive(4);
		ATF_CHECK_EQ(4, take(fn));
		/* it and the engine empty it together */
		waiting = take(fo);
		ATF_CHECK_EQ(8, waiting);
		lu_loop(250);
		ATF_CHECK_EQ(i, (int)lu_count(SAID_UNLISTEN));
		old->notes |= NOTE_GOING;
		lu_close(old, key);
		close(fo);
		lu_runend(old);
		lu_loop(400);
		ATF_CHECK_EQ(i + 1, (int)lu_count(SAID_UNLISTEN));
		ATF_CHECK_EQ(1, env.fds);
		arrive(2);
		n = take(fn);
		ATF_CHECK_EQ(2, n);
		old = new;
		fo = fn;
	}
	all_served();
	close(fo);
	end();
}

/* A server that is closed, in a worker that stays. */
ATF_TC_WITHOUT_HEAD(closed__one_of_two);
ATF_TC_BODY(closed__one_of_two, tc)
{
	struct run	*a, *b;
	int		 fa, fb;

	a = lu_run(begin(tc), RUN_MAIN);
	b = lu_run(lu_app(1000, "kernel", NULL), RUN_MAIN);
	fa = serve(a);
	fb = serve(b);
	lu_close(a, key);
	close(fa);
	arrive(MANY);
	ATF_CHECK_EQ(MANY, take(fb));
	lu_loop(400);
	ATF_CHECK_EQ(1, env.fds);
	/* and once more */
	fa = serve(a);
	arrive(MANY);
	ATF_CHECK(take(fa) > 0);
	ATF_CHECK(take(fb) > 0);
	all_served();
	close(fa);
	close(fb);
	end();
}

ATF_TC_WITHOUT_HEAD(port_zero__same_port);
ATF_TC_BODY(port_zero__same_port, tc)
{
	struct app	*two;
	struct run	*a, *b;
	uint32_t	 first;
	int		 fa, fb;

	a = lu_run(begin(tc), RUN_MAIN);
	two = lu_app(1000, "kernel", NULL);
	two->first = a->app->id;
	b = lu_run(two, RUN_MAIN);
	first = lu_ask(a, LISTEN_TCP4, NULL, 0)->bound.port;
	ATF_CHECK(first != 0);
	ATF_CHECK_EQ(first, lu_ask(b, LISTEN_TCP4, NULL, 0)->bound.port);
	fa = lu_said(SAID_BOUND, 0)->fd;
	fb = lu_said(SAID_BOUND, 1)->fd;
	ATF_CHECK(!same(fa, fb));
	port = first;
	lu_serve(b, lu_said(SAID_BOUND, 1)->key);
	arrive(10);
	ATF_CHECK_EQ(10, take(fb));
	lu_serve(a, lu_said(SAID_BOUND, 1)->key);
	arrive(MANY);
	ATF_CHECK(take(fa) > 0);
	ATF_CHECK(take(fb) > 0);
	end();
}

ATF_TC_WITHOUT_HEAD(release__free_at_once);
ATF_TC_BODY(release__free_at_once, tc)
{
	struct app	*app = begin(tc);
	struct run	*a, *b;

	a = lu_run(app, RUN_MAIN);
	b = lu_run(app, RUN_LEAVING);
	close(serve(a));
	close(serve(b));
	lu_forget();			/* the workers' copies */
	lu_runend(b);
	ATF_CHECK_EQ(EADDRINUSE, lu_canbind(AF_INET, LO, port));
	lu_rest(app);
	ATF_CHECK_EQ(0, lu_canbind(AF_INET, LO, port));
	ATF_CHECK_EQ(0, env.fds);
	end();
}

/* A new engine empties what the last one did. */
ATF_TC_WITHOUT_HEAD(feed__rescued);
ATF_TC_BODY(feed__rescued, tc)
{
	struct run	*a;
	uint32_t	 number;

	a = lu_run(begin(tc), RUN_MAIN);
	close(serve(a));
	lu_forget();
	listen_feed(&env);
	ATF_CHECK_EQ(0, nsaid);
	listen_resume(a);
	ATF_CHECK_EQ(1, lu_count(SAID_SERVES));
	lu_runend(a);
	number = lu_said(SAID_LISTENER, 0)->number;
	lu_forget();
	listen_feed(&env);
	ATF_REQUIRE_EQ(1, nsaid);
	ATF_CHECK_EQ(number, said[0].number);
	ATF_CHECK_EQ(key, said[0].key);
	end();
}

/* Without steering it works as the kernel has it. */
/* All sockets are ours: the kernel would let anybody's join the group. */
ATF_TC_WITHOUT_HEAD(owners__none_joins);
ATF_TC_BODY(owners__none_joins, tc)
{
	struct run		*a, *b;
	const struct said	*s;
	int			 fd;

	a = lu_run(begin(tc), RUN_MAIN);
	b = lu_run(lu_app(1001, "kernel", NULL), RUN_MAIN);
	fd = serve(a);
	s = lu_ask(b, LISTEN_TCP4, LO, port);
	ATF_CHECK_EQ(EADDRINUSE, s->bound.error);
	s = lu_ask(b, LISTEN_TCP4, NULL, port);
	ATF_CHECK_EQ(EADDRINUSE, s->bound.error);
	arrive(MANY);
	ATF_CHECK_EQ(MANY, take(fd));
	ATF_CHECK_EQ(1, listen_total(&env));
	close(fd);
	end();
}

ATF_TC_WITHOUT_HEAD(errors__system);
ATF_TC_BODY(errors__system, tc)
{
	const struct said	*s;
	struct run		*a, *b;
	int			 fa, fb;

	a = lu_run(begin(tc), RUN_MAIN);
	b = lu_run(lu_app(1000, "kernel", NULL), RUN_MAIN);
	/* SO_REUSEADDR, SO_REUSEPORT */
	sys_fault_set("setsockopt", ENOPROTOOPT, 2, 1);
	ATF_REQUIRE((s = lu_ask(a, LISTEN_TCP4, LO, port)) != NULL);
	ATF_CHECK_EQ(ENOPROTOOPT, s->bound.error);
	ATF_CHECK_EQ(0, listen_total(&env));
	ATF_CHECK_EQ(0, env.fds);
	sys_fault_reset();
	fa = serve(a);
	fb = ask(b);
	sys_fault_set("setsockopt", ENOMEM, 1, 1);
	lu_serve(b, key);
	ATF_CHECK_EQ(1, sys_fault_hits("setsockopt"));
	sys_fault_reset();
	arrive(MANY);
	ATF_CHECK_EQ(MANY, take(fa) + take(fb));
	all_served();
	close(fa);
	close(fb);
	end();
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, steer__serving_only);
	ATF_TP_ADD_TC(tp, ended__rescued);
	ATF_TP_ADD_TC(tp, ended__waits_until_empty);
	ATF_TP_ADD_TC(tp, ended__alone);
	ATF_TP_ADD_TC(tp, ended__crash_loop);
	ATF_TP_ADD_TC(tp, retire__reload);
	ATF_TP_ADD_TC(tp, closed__one_of_two);
	ATF_TP_ADD_TC(tp, port_zero__same_port);
	ATF_TP_ADD_TC(tp, release__free_at_once);
	ATF_TP_ADD_TC(tp, feed__rescued);
	ATF_TP_ADD_TC(tp, owners__none_joins);
	ATF_TP_ADD_TC(tp, errors__system);
	return (atf_no_error());
}

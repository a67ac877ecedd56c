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

#include <sys/socket.h>
#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "listenutil.h"
#include "sys_fault.h"

#define LO	"127.0.0.1"

static int
errors(const struct said *s)
{
	ATF_REQUIRE(s != NULL);
	return (s->bound.error);
}

ATF_TC_WITHOUT_HEAD(rr__answer);
ATF_TC_BODY(rr__answer, tc)
{
	const struct said	*b, *l;
	struct run		*run;
	int			 val;
	socklen_t		 len = sizeof(val);

	lu_begin(tc);
	run = lu_run(lu_app(1000, NULL, NULL), RUN_MAIN);
	b = lu_ask(run, LISTEN_TCP4, LO, 0);
	ATF_REQUIRE_EQ(0, errors(b));
	ATF_CHECK_EQ(lu_seq, b->bound.seq);
	ATF_CHECK_EQ(0, b->bound.flags);
	ATF_CHECK_EQ(-1, b->fd);
	ATF_CHECK(b->bound.port > 1023);
	ATF_CHECK_STREQ(LO, b->bound.address);
	ATF_CHECK_EQ(4, b->bound.datalen);
	/* the engine has it before the answer */
	ATF_REQUIRE_EQ(2, nsaid);
	ATF_REQUIRE_EQ(SAID_LISTENER, said[0].kind);
	l = &said[0];
	ATF_CHECK_EQ(b->key, l->key);
	ATF_CHECK_EQ(l->key, l->number);
	ATF_CHECK((fcntl(l->fd, F_GETFL) & O_NONBLOCK) != 0);
	ATF_REQUIRE_EQ(0, getsockopt(l->fd, SOL_SOCKET, SO_ACCEPTCONN, &val,
	    &len));
	ATF_CHECK_EQ(1, val);
	ATF_CHECK_EQ(0, listen_count(run));
	ATF_CHECK_EQ(0, lu_serve(run, b->key + 1));
	ATF_CHECK_EQ(0, lu_serve(run, 0));
	ATF_CHECK_EQ(1, lu_serve(run, b->key));
	ATF_CHECK_EQ(1, lu_serve(run, b->key));
	ATF_CHECK_EQ(1, listen_count(run));
	ATF_CHECK_EQ(1, listen_total(&env));
	lu_end();
}

ATF_TC_WITHOUT_HEAD(identity__owner);
ATF_TC_BODY(identity__owner, tc)
{
	struct run	*a, *b, *other;
	uint32_t	 key, port;

	lu_begin(tc);
	a = lu_run(lu_app(1000, "rr", NULL), RUN_MAIN);
	b = lu_run(lu_app(1000, "sticky", NULL), RUN_MAIN);
	other = lu_run(lu_app(1001, NULL, NULL), RUN_MAIN);
	port = lu_freeport();
	ATF_REQUIRE_EQ(0, errors(lu_ask(a, LISTEN_TCP4, LO, port)));
	key = lu_said(SAID_BOUND, -1)->key;
	ATF_REQUIRE_EQ(0, errors(lu_ask(b, LISTEN_TCP4, LO, port)));
	ATF_CHECK_EQ(key, lu_said(SAID_BOUND, -1)->key);
	ATF_CHECK_EQ(1, lu_count(SAID_LISTENER));
	ATF_CHECK_EQ(EADDRINUSE, errors(lu_ask(other, LISTEN_TCP4, LO,
	    port)));
	/* index says nothing when there is a port */
	ATF_CHECK_EQ(1, listen_total(&env));
	lu_end();
}

/* Root's apps run as many users, who are not to have each other's. */
ATF_TC_WITHOUT_HEAD(identity__user);
ATF_TC_BODY(identity__user, tc)
{
	struct appids	 ai = { .refs = 1 };
	struct app	*app;
	struct run	*a, *other;
	uint32_t	 port;

	lu_begin(tc);
	a = lu_run(lu_app(0, "kernel", NULL), RUN_MAIN);
	app = lu_app(0, "kernel", NULL);
	ai.ids = lu_ids->ids;
	ai.ids.uid++;
	app->ids = &ai;
	other = lu_run(app, RUN_MAIN);
	port = lu_freeport();
	ATF_REQUIRE_EQ(0, errors(lu_ask(a, LISTEN_TCP4, LO, port)));
	ATF_CHECK_EQ(EADDRINUSE, errors(lu_ask(other, LISTEN_TCP4, LO,
	    port)));
	ATF_CHECK_EQ(1, listen_total(&env));
	ATF_CHECK_EQ(1, ai.refs);
	lu_end();
}

ATF_TC_WITHOUT_HEAD(identity__port_zero);
ATF_TC_BODY(identity__port_zero, tc)
{
	struct engine_listen	 q;
	struct app		*one, *two;
	struct run		*a, *b, *c;
	uint32_t		 key, port;

	lu_begin(tc);
	one = lu_app(1000, NULL, NULL);
	two = lu_app(1000, NULL, NULL);
	two->first = one->id;
	a = lu_run(one, RUN_MAIN);
	b = lu_run(two, RUN_MAIN);
	c = lu_run(lu_app(1000, NULL, NULL), RUN_MAIN);
	ATF_REQUIRE_EQ(0, errors(lu_ask(a, LISTEN_TCP4, LO, 0)));
	key = lu_said(SAID_BOUND, -1)->key;
	port = lu_said(SAID_BOUND, -1)->bound.port;
	ATF_REQUIRE_EQ(0, errors(lu_ask(b, LISTEN_TCP4, LO, 0)));
	ATF_CHECK_EQ(key, lu_said(SAID_BOUND, -1)->key);
	ATF_CHECK_EQ(port, lu_said(SAID_BOUND, -1)->bound.port);
	/* a second listen(0) */
	lu_query(&q, LISTEN_TCP4, LO, 0, 0);
	q.index = 1;
	ATF_REQUIRE_EQ(0, errors(lu_send(a, &q)));
	ATF_CHECK(port != lu_said(SAID_BOUND, -1)->bound.port);
	/* another script */
	ATF_REQUIRE_EQ(0, errors(lu_ask(c, LISTEN_TCP4, LO, 0)));
	ATF_CHECK(port != lu_said(SAID_BOUND, -1)->bound.port);
	ATF_CHECK_EQ(3, listen_total(&env));
	lu_end();
}

ATF_TC_WITHOUT_HEAD(identity__spelling);
ATF_TC_BODY(identity__spelling, tc)
{
	struct engine_listen	 q;
	struct run		*a, *b;
	uint32_t		 port;

	lu_begin(tc);
	a = lu_run(lu_app(1000, NULL, NULL), RUN_MAIN);
	b = lu_run(lu_app(1000, NULL, NULL), RUN_MAIN);
	port = lu_freeport();
	ATF_REQUIRE_EQ(0, errors(lu_ask(a, LISTEN_TCP6, "::1", port)));
	lu_query(&q, LISTEN_TCP6, "0:0::1", port, 0);
	q.index = 7;
	ATF_REQUIRE_EQ(0, errors(lu_send(b, &q)));
	ATF_CHECK_EQ(1, listen_total(&env));
	ATF_CHECK_STREQ("::1", lu_said(SAID_BOUND, -1)->bound.address);
	lu_end();
}

ATF_TC_WITHOUT_HEAD(query__again);
ATF_TC_BODY(query__again, tc)
{
	struct engine_listen	 q, second;
	struct run		*run;
	uint32_t		 key;

	lu_begin(tc);
	run = lu_run(lu_app(1000, NULL, NULL), RUN_MAIN);
	lu_query(&q, LISTEN_TCP4, LO, lu_freeport(), 0);
	ATF_REQUIRE_EQ(0, errors(lu_send(run, &q)));
	key = lu_said(SAID_BOUND, -1)->key;
	/* from an engine that died and its successor */
	ATF_REQUIRE_EQ(0, errors(lu_send(run, &q)));
	ATF_CHECK_EQ(key, lu_said(SAID_BOUND, -1)->key);
	ATF_CHECK_EQ(q.seq, lu_said(SAID_BOUND, -1)->bound.seq);
	ATF_CHECK_EQ(1, lu_count(SAID_LISTENER));
	/* a second server of the same worker */
	second = q;
	second.seq = ++lu_seq;
	second.index = 1;
	ATF_CHECK_EQ(EADDRINUSE, errors(lu_send(run, &second)));
	lu_serve(run, key);
	second.seq = ++lu_seq;
	ATF_CHECK_EQ(EADDRINUSE, errors(lu_send(run, &second)));
	ATF_CHECK_EQ(second.seq, lu_said(SAID_BOUND, -1)->bound.seq);
	/* until the first one is closed */
	lu_close(run, key);
	second.seq = ++lu_seq;
	ATF_CHECK_EQ(0, errors(lu_send(run, &second)));
	ATF_CHECK_EQ(key, lu_said(SAID_BOUND, -1)->key);
	ATF_CHECK_EQ(0, listen_count(run));
	lu_end();
}

/* What was refused stays refused, or the worker waits for an older answer. */
ATF_TC_WITHOUT_HEAD(query__refused_again);
ATF_TC_BODY(query__refused_again, tc)
{
	struct engine_listen	 q;
	struct app		*app, *other;
	struct run		*run;

	lu_begin(tc);
	app = lu_app(1000, NULL, NULL);
	run = lu_run(app, RUN_MAIN);
	other = lu_app(1001, NULL, NULL);
	lu_query(&q, LISTEN_TCP4, LO, lu_freeport(), 0);
	memcpy(q.data, "{\"a\":1}", 7);
	q.datalen = 7;
	ATF_REQUIRE_EQ(0, errors(lu_send(lu_run(other, RUN_MAIN), &q)));
	q.seq = ++lu_seq;
	ATF_CHECK_EQ(EADDRINUSE, errors(lu_send(run, &q)));
	ATF_CHECK_EQ(7, lu_said(SAID_BOUND, -1)->bound.datalen);
	ATF_CHECK_EQ(0, memcmp("{\"a\":1}",
	    lu_said(SAID_BOUND, -1)->bound.data, 7));
	lu_rest(other);
	ATF_CHECK_EQ(EADDRINUSE, errors(lu_send(run, &q)));
	q.seq = ++lu_seq;
	q.index = 1;
	ATF_CHECK_EQ(0, errors(lu_send(run, &q)));
	lu_end();
}

/* Ticket keys: the first worker's are for all. */
ATF_TC_WITHOUT_HEAD(query__data);
ATF_TC_BODY(query__data, tc)
{
	struct engine_listen	 q;
	struct app		*app;
	struct run		*run;

	lu_begin(tc);
	app = lu_app(1000, NULL, NULL);
	lu_query(&q, LISTEN_TCP4, LO, lu_freeport(), 0);
	memset(q.data, 'a', sizeof(q.data));
	q.datalen = sizeof(q.data);
	ATF_REQUIRE_EQ(0, errors(lu_send(lu_run(app, RUN_MAIN), &q)));
	run = lu_run(lu_app(1000, NULL, NULL), RUN_MAIN);
	memset(q.data, 'b', sizeof(q.data));
	q.datalen = 5;
	q.seq = ++lu_seq;
	ATF_REQUIRE_EQ(0, errors(lu_send(run, &q)));
	memset(q.data, 'a', sizeof(q.data));
	ATF_CHECK_EQ(sizeof(q.data), lu_said(SAID_BOUND, -1)->bound.datalen);
	ATF_CHECK_EQ(0, memcmp(q.data, lu_said(SAID_BOUND, -1)->bound.data,
	    sizeof(q.data)));
	lu_end();
}

ATF_TC_WITHOUT_HEAD(query__errors);
ATF_TC_BODY(query__errors, tc)
{
	struct engine_listen	 q;
	struct run		*run;
	uint32_t		 fds;

	lu_begin(tc);
	run = lu_run(lu_app(1000, NULL, NULL), RUN_MAIN);
	ATF_CHECK_EQ(EINVAL, errors(lu_ask(run, LISTEN_TCP4, "localhost",
	    8000)));
	ATF_CHECK_EQ(EINVAL, errors(lu_ask(run, LISTEN_TCP4, "::1", 8000)));
	ATF_CHECK_EQ(EINVAL, errors(lu_ask(run, LISTEN_TCP6, LO, 8000)));
	ATF_CHECK_EQ(EINVAL, errors(lu_ask(run, LISTEN_TCP6, "::1%nosuch",
	    8000)));
	ATF_CHECK_EQ(EINVAL, errors(lu_ask(run, 99, LO, 8000)));
	ATF_CHECK_EQ(EINVAL, errors(lu_ask(run, LISTEN_TCP4, LO, 70000)));
	ATF_CHECK_EQ(EINVAL, errors(lu_ask(run, LISTEN_UNIX, "x", 0)));
	ATF_CHECK_EQ(EADDRNOTAVAIL, errors(lu_ask(run, LISTEN_TCP4,
	    "192.0.2.1", lu_freeport())));
	ATF_CHECK_EQ(EACCES, errors(lu_ask(run, LISTEN_TCP4, LO, 80)));
	lu_query(&q, LISTEN_TCP4, LO, 8000, 0);
	memset(q.address, '1', sizeof(q.address));
	ATF_CHECK_EQ(EINVAL, errors(lu_send(run, &q)));
	sys_fault_set("socket", EMFILE, 1, 1);
	ATF_CHECK_EQ(EMFILE, errors(lu_ask(run, LISTEN_TCP4, LO, 0)));
	sys_fault_set("listen", EADDRINUSE, 1, 1);
	ATF_CHECK_EQ(EADDRINUSE, errors(lu_ask(run, LISTEN_TCP4, LO, 0)));
	ATF_CHECK_EQ(0, listen_total(&env));
	ATF_CHECK_EQ(0, env.fds);
	/* no descriptors left */
	fds = env.max_fds;
	env.max_fds = 0;
	ATF_CHECK_EQ(EMFILE, errors(lu_ask(run, LISTEN_TCP4, LO, 0)));
	env.max_fds = fds;
	/* it was told to go */
	run->notes |= NOTE_GOING;
	ATF_CHECK_EQ(ECANCELED, errors(lu_ask(run, LISTEN_TCP4, LO, 0)));
	lu_end();
}

/* Ports that only root may have, from a worker that need not be root. */
ATF_TC(query__low_port);
ATF_TC_HEAD(query__low_port, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(query__low_port, tc)
{
	struct run	*root, *user;
	uint32_t	 port;
	int		 error;

	lu_begin(tc);
	root = lu_run(lu_app(0, NULL, NULL), RUN_MAIN);
	user = lu_run(lu_app(1000, NULL, NULL), RUN_MAIN);
	for (port = 1, error = EADDRINUSE; error == EADDRINUSE; port++)
		error = errors(lu_ask(root, LISTEN_TCP4, LO, port));
	ATF_CHECK_EQ(0, error);
	ATF_CHECK_EQ(EACCES, errors(lu_ask(user, LISTEN_TCP4, LO, port)));
	ATF_CHECK_EQ(EACCES, errors(lu_ask(user, LISTEN_UDP4, LO, 53)));
	lu_end();
}

ATF_TC_WITHOUT_HEAD(query__limit);
ATF_TC_BODY(query__limit, tc)
{
	struct engine_listen	 q;
	struct run		*run;
	uint32_t		 i;

	lu_begin(tc);
	run = lu_run(lu_app(1000, NULL, NULL), RUN_MAIN);
	for (i = 0; i <= LISTENERS_PER_APP; i++) {
		lu_query(&q, LISTEN_UDP4, LO, 0, 0);
		q.index = i;
		ATF_REQUIRE_EQ(i < LISTENERS_PER_APP ? 0 : EMFILE,
		    errors(lu_send(run, &q)));
		lu_forget();
	}
	/* and not by closing them */
	ATF_CHECK_EQ(LISTENERS_PER_APP, listen_total(&env));
	lu_close(run, 1);
	q.seq = ++lu_seq;
	ATF_CHECK_EQ(EMFILE, errors(lu_send(run, &q)));
	ATF_CHECK_EQ(LISTENERS_PER_APP, env.fds);
	lu_end();
}

ATF_TC_WITHOUT_HEAD(balance__differs);
ATF_TC_BODY(balance__differs, tc)
{
	static const char	*kinds[] = { "rr", "shared", "kernel" };
	struct run		*runs[3];
	uint32_t		 port;
	size_t			 i, j;

	lu_begin(tc);
	for (i = 0; i < 3; i++) {
		port = lu_freeport();
		for (j = 0; j < 3; j++)
			runs[j] = lu_run(lu_app(1000, kinds[j], NULL),
			    RUN_MAIN);
		ATF_REQUIRE_EQ(0, errors(lu_ask(runs[i], LISTEN_TCP4, LO,
		    port)));
		for (j = 0; j < 3; j++)
			if (j != i)
				ATF_CHECK_EQ(EADDRINUSE, errors(lu_ask(
				    runs[j], LISTEN_TCP4, LO, port)));
		/* of datagrams there is only one kind */
		for (j = 0; j < 3; j++)
			ATF_CHECK_EQ(0, errors(lu_ask(runs[j], LISTEN_UDP4,
			    LO, port)));
	}
	lu_end();
}

ATF_TC_WITHOUT_HEAD(shared__socket);
ATF_TC_BODY(shared__socket, tc)
{
	const struct said	*x, *y;
	struct run		*a, *b;
	uint32_t		 port;
	int			 client, fd;

	lu_begin(tc);
	a = lu_run(lu_app(1000, "shared", NULL), RUN_MAIN);
	b = lu_run(lu_app(1000, "shared", NULL), RUN_MAIN);
	port = lu_freeport();
	ATF_REQUIRE_EQ(0, errors(x = lu_ask(a, LISTEN_TCP4, LO, port)));
	ATF_REQUIRE_EQ(0, errors(y = lu_ask(b, LISTEN_TCP4, LO, port)));
	ATF_CHECK_EQ(BOUND_FD, x->bound.flags);
	ATF_CHECK((fcntl(x->fd, F_GETFL) & O_NONBLOCK) != 0);
	ATF_CHECK_EQ(0, lu_count(SAID_LISTENER));
	ATF_REQUIRE((client = lu_connect(AF_INET, LO, port)) != -1);
	ATF_CHECK((fd = lu_accept(y->fd)) != -1);
	ATF_CHECK_EQ(-1, lu_accept(x->fd));
	close(fd);
	close(client);
	lu_end();
}

ATF_TC_WITHOUT_HEAD(udp__socket);
ATF_TC_BODY(udp__socket, tc)
{
	const struct said	*s;
	struct engine_listen	 q;
	struct run		*run;
	int			 val;
	socklen_t		 len = sizeof(val);

	lu_begin(tc);
	run = lu_run(lu_app(1000, NULL, NULL), RUN_MAIN);
	ATF_REQUIRE_EQ(0, errors(s = lu_ask(run, LISTEN_UDP4, LO, 0)));
	ATF_CHECK_EQ(BOUND_FD, s->bound.flags);
	ATF_CHECK(s->bound.port != 0);
	ATF_CHECK_EQ(LISTEN_UDP4, s->bound.type);
	ATF_REQUIRE_EQ(0, getsockopt(s->fd, SOL_SOCKET, SO_TYPE, &val, &len));
	ATF_CHECK_EQ(SOCK_DGRAM, val);
	ATF_REQUIRE_EQ(0, getsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &val,
	    &len));
	ATF_CHECK_EQ(0, val);
	lu_query(&q, LISTEN_UDP6, "::", 0, LISTEN_V6ONLY | LISTEN_REUSEADDR);
	ATF_REQUIRE_EQ(0, errors(s = lu_send(run, &q)));
	ATF_REQUIRE_EQ(0, getsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &val,
	    &len));
	ATF_CHECK_EQ(1, val);
	ATF_REQUIRE_EQ(0, getsockopt(s->fd, IPPROTO_IPV6, IPV6_V6ONLY, &val,
	    &len));
	ATF_CHECK_EQ(1, val);
	lu_end();
}

ATF_TC_WITHOUT_HEAD(any__both);
ATF_TC_BODY(any__both, tc)
{
	const struct said	*s;
	struct run		*run;
	uint32_t		 port;
	int			 fd;

	lu_begin(tc);
	run = lu_run(lu_app(1000, NULL, NULL), RUN_MAIN);
	port = lu_freeport();
	ATF_REQUIRE_EQ(0, errors(s = lu_ask(run, LISTEN_TCP4, NULL, port)));
	ATF_CHECK_STREQ("::", s->bound.address);
	ATF_CHECK_EQ(port, s->bound.port);
	ATF_REQUIRE((fd = lu_connect(AF_INET, LO, port)) != -1);
	close(fd);
	ATF_REQUIRE((fd = lu_connect(AF_INET6, "::1", port)) != -1);
	close(fd);
	lu_end();
}

ATF_TC_WITHOUT_HEAD(any__v6only);
ATF_TC_BODY(any__v6only, tc)
{
	struct engine_listen	 q;
	struct run		*run;
	uint32_t		 port;
	int			 fd;

	lu_begin(tc);
	run = lu_run(lu_app(1000, NULL, NULL), RUN_MAIN);
	port = lu_freeport();
	lu_query(&q, LISTEN_TCP6, "::", port, LISTEN_V6ONLY);
	ATF_REQUIRE_EQ(0, errors(lu_send(run, &q)));
	ATF_CHECK_EQ(-1, lu_connect(AF_INET, LO, port));
	ATF_CHECK_EQ(ECONNREFUSED, errno);
	ATF_REQUIRE_EQ(0, errors(lu_ask(run, LISTEN_TCP4, "0.0.0.0", port)));
	ATF_REQUIRE((fd = lu_connect(AF_INET, LO, port)) != -1);
	close(fd);
	lu_end();
}

/* Where there is no IPv6; but what is in use is in use. */
ATF_TC_WITHOUT_HEAD(any__fallback);
ATF_TC_BODY(any__fallback, tc)
{
	const struct said	*s;
	struct run		*run;
	uint32_t		 port;

	lu_begin(tc);
	run = lu_run(lu_app(1000, NULL, NULL), RUN_MAIN);
	port = lu_freeport();
	sys_fault_set("socket", EAFNOSUPPORT, 1, 1);
	ATF_REQUIRE_EQ(0, errors(s = lu_ask(run, LISTEN_TCP4, NULL, port)));
	ATF_CHECK_STREQ("0.0.0.0", s->bound.address);
	ATF_CHECK_EQ(port, s->bound.port);
	sys_fault_set("bind", EADDRINUSE, 1, 1);
	ATF_CHECK_EQ(EADDRINUSE, errors(lu_ask(run, LISTEN_TCP4, NULL,
	    lu_freeport())));
	lu_end();
}

ATF_TC_WITHOUT_HEAD(feed__engine);
ATF_TC_BODY(feed__engine, tc)
{
	struct engine_listen	 q;
	struct run		*run;
	uint32_t		 keys[3];

	lu_begin(tc);
	run = lu_run(lu_app(1000, NULL, NULL), RUN_MAIN);
	lu_ask(run, LISTEN_TCP4, LO, 0);
	keys[0] = lu_said(SAID_BOUND, -1)->key;
	lu_query(&q, LISTEN_TCP4, LO, 0, 0);
	q.index = 1;
	lu_send(run, &q);
	keys[1] = lu_said(SAID_BOUND, -1)->key;
	lu_ask(run, LISTEN_UDP4, LO, 0);
	keys[2] = lu_said(SAID_BOUND, -1)->key;
	ATF_CHECK_EQ(EINVAL, errors(lu_ask(run, LISTEN_TCP4, "x", 8000)));
	lu_serve(run, keys[0]);
	lu_forget();
	listen_feed(&env);
	/* datagrams are not its business */
	ATF_REQUIRE_EQ(2, nsaid);
	ATF_CHECK_EQ(keys[0], lu_said(SAID_LISTENER, 0)->number);
	ATF_CHECK_EQ(keys[1], lu_said(SAID_LISTENER, 1)->number);
	lu_forget();
	listen_resume(run);
	/* one that serves, two answers that may be lost, one refusal */
	ATF_CHECK_EQ(1, lu_count(SAID_SERVES));
	ATF_CHECK_EQ(keys[0], lu_said(SAID_SERVES, 0)->key);
	ATF_REQUIRE_EQ(3, lu_count(SAID_BOUND));
	ATF_CHECK_EQ(keys[1], lu_said(SAID_BOUND, 0)->key);
	ATF_CHECK_EQ(keys[2], lu_said(SAID_BOUND, 1)->key);
	ATF_CHECK(lu_said(SAID_BOUND, 2)->bound.error != 0);
	lu_end();
}

ATF_TC_WITHOUT_HEAD(describe__text);
ATF_TC_BODY(describe__text, tc)
{
	struct app	*app;
	struct run	*run;
	char		 buf[256], want[256];
	uint32_t	 port = 0, udp;

	lu_begin(tc);
	app = lu_app(1000, "sticky", NULL);
	run = lu_run(app, RUN_MAIN);
	listen_describe(app, buf, sizeof(buf));
	ATF_CHECK_STREQ("", buf);
	port = lu_freeport();
	lu_ask(run, LISTEN_TCP4, NULL, port);
	lu_ask(run, LISTEN_UDP6, "::1", 0);
	udp = lu_said(SAID_BOUND, -1)->bound.port;
	(void)snprintf(want, sizeof(want), "tcp *:%u sticky, udp [::1]:%u "
	    "shared", port, udp);
	listen_describe(app, buf, sizeof(buf));
	ATF_CHECK_STREQ(want, buf);
	listen_describe(app, buf, 25);
	ATF_CHECK(strchr(buf, ',') == NULL);
	lu_end();
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, rr__answer);
	ATF_TP_ADD_TC(tp, identity__owner);
	ATF_TP_ADD_TC(tp, identity__user);
	ATF_TP_ADD_TC(tp, identity__port_zero);
	ATF_TP_ADD_TC(tp, identity__spelling);
	ATF_TP_ADD_TC(tp, query__again);
	ATF_TP_ADD_TC(tp, query__refused_again);
	ATF_TP_ADD_TC(tp, query__data);
	ATF_TP_ADD_TC(tp, query__errors);
	ATF_TP_ADD_TC(tp, query__low_port);
	ATF_TP_ADD_TC(tp, query__limit);
	ATF_TP_ADD_TC(tp, balance__differs);
	ATF_TP_ADD_TC(tp, shared__socket);
	ATF_TP_ADD_TC(tp, udp__socket);
	ATF_TP_ADD_TC(tp, any__both);
	ATF_TP_ADD_TC(tp, any__v6only);
	ATF_TP_ADD_TC(tp, any__fallback);
	ATF_TP_ADD_TC(tp, feed__engine);
	ATF_TP_ADD_TC(tp, describe__text);
	return (atf_no_error());
}

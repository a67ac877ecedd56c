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
#include <arpa/inet.h>
#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apputil.h"
#include "../../pm2d/helper.h"
#include "listenutil.h"
#include "log.h"

#define SAID_MAX	2048

struct pm2d	 env;
struct said	 said[SAID_MAX];
unsigned int	 nsaid;
struct appids	*lu_ids;
uint64_t	 lu_seq;

static struct app	*apps[64];
static unsigned int	 napps;

/* ---- the rooms that are not looked at here ---- */

struct appids *
appids_ref(struct appids *ai)
{
	if (ai != NULL)
		ai->refs++;
	return (ai);
}

void
appids_unref(struct appids *ai)
{
	if (ai != NULL)
		ai->refs--;
}

static struct said *
say(enum said_kind kind, uint32_t number, uint32_t key, int fd)
{
	struct said	*s;

	ATF_REQUIRE(nsaid < SAID_MAX);
	s = &said[nsaid++];
	s->kind = kind;
	s->number = number;
	s->key = key;
	s->fd = -1;
	if (fd != -1)
		ATF_REQUIRE((s->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0)) != -1);
	return (s);
}

void
engine_listener(struct engine *e, uint32_t number, uint32_t key, int fd)
{
	(void)e;
	ATF_REQUIRE(fd != -1);
	say(SAID_LISTENER, number, key, fd);
}

void
engine_unlisten(struct engine *e, uint32_t number)
{
	(void)e;
	say(SAID_UNLISTEN, number, 0, -1);
}

void
engine_serves(struct engine *e, const struct run *run, uint32_t key)
{
	(void)e;
	say(SAID_SERVES, run->app->id, key, -1);
}

void
engine_bound(struct engine *e, const struct engine_bound *b, int fd)
{
	(void)e;
	ATF_REQUIRE_EQ((b->flags & BOUND_FD) != 0, fd != -1);
	say(SAID_BOUND, 0, b->key, fd)->bound = *b;
}

/* ---- apps ---- */

void
lu_begin(const atf_tc_t *tc)
{
	static struct appids	 ai;
	static int		 engine;

	apps_begin(tc, "h_creds");
	log_init(LOG_TO_STDERR, 0);
	memset(&env, 0, sizeof(env));
	ATF_REQUIRE((env.base = event_base_new()) != NULL);
	env.engine = (struct engine *)&engine;
	env.max_fds = 4000;
	RB_INIT(&env.apps);
	apps_ids(&ai.ids);
	ai.refs = 1;
	lu_ids = &ai;
	if (ai.ids.change)
		ATF_REQUIRE_EQ(0, chown(apps_dir, ai.ids.uid, ai.ids.gid));
	listen_init(&env);
}

void
lu_end(void)
{
	struct run	*run;
	unsigned int	 i;

	for (i = 0; i < napps; i++) {
		while ((run = TAILQ_FIRST(&apps[i]->runs)) != NULL)
			lu_runend(run);
		listen_release(apps[i]);
	}
	listen_exit(&env);
	ATF_CHECK_EQ(0, env.fds);
	ATF_CHECK_EQ(1, lu_ids->refs);
	lu_forget();
	helper_exit();
	event_base_free(env.base);
	for (i = 0; i < napps; i++) {
		free(apps[i]->spec);
		free(apps[i]);
	}
	napps = 0;
	apps_end();
}

void
lu_loop(int ms)
{
	struct timeval	 tv = { 0, 2000 };
	long		 t0;

	for (t0 = apps_ms(); apps_ms() - t0 < ms;) {
		ATF_REQUIRE_EQ(0, event_base_loopexit(env.base, &tv));
		ATF_REQUIRE(event_base_dispatch(env.base) != -1);
	}
}

static struct appspec *
make_spec(struct spec_buf *sb)
{
	struct appspec	*as;
	char		 why[256] = "";

	ATF_REQUIRE((as = malloc(sizeof(*as) + sb->len)) != NULL);
	as->refs = 1;
	as->len = sb->len;
	memcpy(as->data, sb->data, sb->len);
	ATF_REQUIRE_MSG(spec_parse(&as->spec, as->data, as->len, why,
	    sizeof(why)) == 0 && spec_validate(&as->spec, why,
	    sizeof(why)) == 0, "%s", why);
	spec_buf_free(sb);
	return (as);
}

struct app *
lu_app(uid_t owner, const char *balance, ...)
{
	struct spec_buf	 sb;
	struct app	*app;
	const char	*s;
	va_list		 ap;

	memset(&sb, 0, sizeof(sb));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_NAME, "api"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_SCRIPT, "/x/api.js"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_CWD, "/x"));
	if (balance != NULL)
		ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_BALANCE, balance));
	va_start(ap, balance);
	while ((s = va_arg(ap, const char *)) != NULL)
		ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_LISTEN, s));
	va_end(ap);
	ATF_REQUIRE(napps < sizeof(apps) / sizeof(apps[0]));
	ATF_REQUIRE((app = calloc(1, sizeof(*app))) != NULL);
	app->env = &env;
	app->id = app->first = napps;
	app->owner = owner;
	app->ids = lu_ids;
	app->spec = make_spec(&sb);
	strlcpy(app->name, "api", sizeof(app->name));
	TAILQ_INIT(&app->runs);
	TAILQ_INIT(&app->claims);
	apps[napps++] = app;
	return (app);
}

struct appspec *
lu_respec(struct app *app, ...)
{
	struct appspec	*old = app->spec;
	struct spec_buf	 sb;
	const char	*s;
	va_list		 ap;

	memset(&sb, 0, sizeof(sb));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_NAME, "api"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_SCRIPT, "/x/api.js"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_CWD, "/x"));
	va_start(ap, app);
	while ((s = va_arg(ap, const char *)) != NULL)
		ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_LISTEN, s));
	va_end(ap);
	app->spec = make_spec(&sb);
	return (old);
}

struct run *
lu_run(struct app *app, enum run_role role)
{
	struct run	*run;

	ATF_REQUIRE((run = calloc(1, sizeof(*run))) != NULL);
	run->app = app;
	run->spec = app->spec;
	run->role = role;
	run->generation = ++app->generation;
	run->m.state = APP_ONLINE;
	TAILQ_INIT(&run->uses);
	TAILQ_INIT(&run->refusals);
	TAILQ_INSERT_TAIL(&app->runs, run, entry);
	if (role == RUN_MAIN)
		app->run = run;
	return (run);
}

void
lu_runend(struct run *run)
{
	listen_ended(run);
	ATF_CHECK(TAILQ_EMPTY(&run->uses));
	TAILQ_REMOVE(&run->app->runs, run, entry);
	if (run->app->run == run)
		run->app->run = NULL;
	free(run);
}

void
lu_rest(struct app *app)
{
	struct run	*run;

	while ((run = TAILQ_FIRST(&app->runs)) != NULL)
		lu_runend(run);
	listen_release(app);
}

/* ---- what is said ---- */

void
lu_query(struct engine_listen *q, uint32_t type, const char *address,
    uint32_t port, uint32_t flags)
{
	memset(q, 0, sizeof(*q));
	q->type = type;
	q->port = port;
	q->flags = flags;
	if (address == NULL)
		q->flags |= LISTEN_ANY;
	else
		strlcpy(q->address, address, sizeof(q->address));
	q->seq = ++lu_seq;
	q->datalen = 4;
	memcpy(q->data, "null", 4);
}

const struct said *
lu_send(struct run *run, struct engine_listen *q)
{
	unsigned int	 n = lu_count(SAID_BOUND);

	q->ref.app = run->app->id;
	q->ref.generation = run->generation;
	listen_query(run, q);
	return (lu_count(SAID_BOUND) == n ? NULL : lu_said(SAID_BOUND, -1));
}

const struct said *
lu_ask(struct run *run, uint32_t type, const char *address, uint32_t port)
{
	struct engine_listen	 q;

	lu_query(&q, type, address, port, 0);
	return (lu_send(run, &q));
}

const struct said *
lu_said(enum said_kind kind, int which)
{
	unsigned int	 i;

	if (which >= 0) {
		for (i = 0; i < nsaid; i++)
			if (said[i].kind == kind && which-- == 0)
				return (&said[i]);
		return (NULL);
	}
	for (i = nsaid; i > 0; i--)
		if (said[i - 1].kind == kind && ++which == 0)
			return (&said[i - 1]);
	return (NULL);
}

unsigned int
lu_count(enum said_kind kind)
{
	unsigned int	 i, n = 0;

	for (i = 0; i < nsaid; i++)
		n += said[i].kind == kind;
	return (n);
}

void
lu_forget(void)
{
	while (nsaid > 0)
		if (said[--nsaid].fd != -1)
			close(said[nsaid].fd);
}

const struct said *
lu_wait(unsigned int n)
{
	long	 t0;

	for (t0 = apps_ms(); lu_count(SAID_BOUND) < n;) {
		ATF_REQUIRE_MSG(apps_ms() - t0 < 20000, "no answer");
		lu_loop(5);
	}
	return (lu_said(SAID_BOUND, -1));
}

int
lu_serve(struct run *run, uint32_t key)
{
	struct engine_serves	 es;

	memset(&es, 0, sizeof(es));
	es.key = key;
	return (listen_serving(run, &es));
}

void
lu_close(struct run *run, uint32_t key)
{
	struct engine_serves	 es;

	memset(&es, 0, sizeof(es));
	es.key = key;
	listen_closed(run, &es);
}

/* ---- sockets ---- */

static socklen_t
fill(struct sockaddr_storage *ss, int family, const char *address,
    uint32_t port)
{
	struct sockaddr_in	*sin = (struct sockaddr_in *)ss;
	struct sockaddr_in6	*sin6 = (struct sockaddr_in6 *)ss;

	memset(ss, 0, sizeof(*ss));
	ss->ss_family = (sa_family_t)family;
	if (family == AF_INET) {
		sin->sin_port = htons((uint16_t)port);
		ATF_REQUIRE_EQ(1, inet_pton(family, address, &sin->sin_addr));
		return (sizeof(*sin));
	}
	sin6->sin6_port = htons((uint16_t)port);
	ATF_REQUIRE_EQ(1, inet_pton(family, address, &sin6->sin6_addr));
	return (sizeof(*sin6));
}

int
lu_canbind(int family, const char *address, uint32_t port)
{
	struct sockaddr_storage	 ss;
	socklen_t		 len;
	int			 error = 0, fd, one = 1;

	len = fill(&ss, family, address, port);
	ATF_REQUIRE((fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) !=
	    -1);
	ATF_REQUIRE_EQ(0, setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one,
	    sizeof(one)));
	if (family == AF_INET6)
		ATF_REQUIRE_EQ(0, setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY,
		    &one, sizeof(one)));
	if (bind(fd, (struct sockaddr *)&ss, len) == -1 ||
	    listen(fd, 5) == -1)
		error = errno;
	close(fd);
	return (error);
}

int
lu_connect(int family, const char *address, uint32_t port)
{
	struct sockaddr_storage	 ss;
	socklen_t		 len;
	int			 error, fd;

	len = fill(&ss, family, address, port);
	ATF_REQUIRE((fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) !=
	    -1);
	if (connect(fd, (struct sockaddr *)&ss, len) == 0)
		return (fd);
	error = errno;
	close(fd);
	errno = error;
	return (-1);
}

int
lu_accept(int fd)
{
	return (accept4(fd, NULL, NULL, SOCK_CLOEXEC));
}

uint32_t
lu_freeport(void)
{
	struct sockaddr_in	 sin;
	socklen_t		 len = sizeof(sin);
	int			 fd;

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	ATF_REQUIRE((fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) !=
	    -1);
	ATF_REQUIRE_EQ(0, bind(fd, (struct sockaddr *)&sin, sizeof(sin)));
	ATF_REQUIRE_EQ(0, getsockname(fd, (struct sockaddr *)&sin, &len));
	close(fd);
	return (ntohs(sin.sin_port));
}

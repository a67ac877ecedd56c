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

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "listen-local.h"
#include "log.h"
#include "sys.h"

#define LOWPORT_FILE	"/proc/sys/net/ipv4/ip_unprivileged_port_start"
#define LOWPORT		1024

/* Where the system has a limit of its own. */
static uint32_t
read_lowport(void)
{
	const char	*errstr;
	char		 buf[32];
	ssize_t		 n;
	uint32_t	 port;
	int		 fd;

	fd = sys_openat(AT_FDCWD, LOWPORT_FILE, O_RDONLY | O_CLOEXEC, 0);
	if (fd == -1)
		return (LOWPORT);
	n = sys_read(fd, buf, sizeof(buf) - 1);
	close(fd);
	if (n <= 0)
		return (LOWPORT);
	buf[n] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	port = (uint32_t)strtonum(buf, 0, 65536, &errstr);
	return (errstr == NULL ? port : LOWPORT);
}

void
listen_init(struct pm2d *env)
{
	struct listens	*ls;

	if ((ls = calloc(1, sizeof(*ls))) == NULL)
		fatal("listen_init");
	ls->env = env;
	ls->lowport = read_lowport();
	TAILQ_INIT(&ls->list);
	TAILQ_INIT(&ls->opens);
	evtimer_assign(&ls->look, env->base, group_look, ls);
	env->listens = ls;
}

void
listen_exit(struct pm2d *env)
{
	struct listens	*ls = env->listens;
	struct listener	*l;

	if (ls == NULL)
		return;
	while (!TAILQ_EMPTY(&ls->opens))
		open_release(ls, TAILQ_FIRST(&ls->opens)->app);
	unix_exit(ls);
	while ((l = TAILQ_FIRST(&ls->list)) != NULL) {
		l->made = 0;
		listener_free(l);
	}
	event_del(&ls->look);
	free(ls);
	env->listens = NULL;
}

int
listen_takefd(struct listens *ls)
{
	if (ls->env->fds >= ls->env->max_fds)
		return (EMFILE);
	ls->env->fds++;
	return (0);
}

void
listen_givefd(struct listens *ls)
{
	ls->env->fds--;
}

/* There is none any more when pm2d goes. */
void
listen_tell(struct listens *ls, uint32_t number, uint32_t key, int fd)
{
	if (ls->env->engine != NULL)
		engine_listener(ls->env->engine, number, key, fd);
}

void
listen_untell(struct listens *ls, uint32_t number)
{
	if (ls->env->engine != NULL)
		engine_unlisten(ls->env->engine, number);
}

struct listen_rights
listen_rights(const struct app *app)
{
	struct listen_rights	 lr;

	lr.privileged = geteuid() == 0;
	lr.lowport = app->env->listens->lowport;
	lr.owner = app->owner;
	lr.conf = app->env->conf;
	return (lr);
}

/* ---- which one ---- */

/* 0 or an errno; the address in the kernel's form, too. */
int
listen_ident(struct listenident *id, const struct app *app,
    const struct engine_listen *q, struct listenaddr *la)
{
	uint32_t	 port;
	int		 error;

	memset(id, 0, sizeof(*id));
	memset(la, 0, sizeof(*la));
	id->owner = app->owner;
	id->uid = app->ids == NULL ? app->env->uid : app->ids->ids.uid;
	id->type = q->type;
	id->flags = q->flags & (LISTEN_ANY | LISTEN_ABSTRACT);
	if (q->type == LISTEN_UNIX) {
		strlcpy(id->address, q->address, sizeof(id->address));
		return (0);
	}
	id->port = q->port;
	if (q->port == 0) {
		id->first = app->first;
		id->index = q->index;
	}
	if ((error = listenaddr_make(la, q->type, q->flags, q->address,
	    q->port)) != 0)
		return (error);
	/* "::1" and "0:0::1" are the same. */
	if ((q->flags & LISTEN_ANY) == 0) {
		listenaddr_text(la, id->address, sizeof(id->address), &port);
		if (strchr(q->address, '%') != NULL)
			strlcat(id->address, strchr(q->address, '%'),
			    sizeof(id->address));
	}
	return (0);
}

struct listener *
listener_find(struct listens *ls, const struct listenident *id)
{
	struct listener	*l;

	TAILQ_FOREACH(l, &ls->list, entry)
		if (l->state <= LISTENER_BOUND &&
		    l->ident.owner == id->owner && l->ident.uid == id->uid &&
		    l->ident.type == id->type && l->ident.port == id->port &&
		    l->ident.flags == id->flags &&
		    l->ident.first == id->first &&
		    l->ident.index == id->index &&
		    strcmp(l->ident.address, id->address) == 0)
			return (l);
	return (NULL);
}

/* How many are there because this app asked first. */
uint32_t
listen_created(const struct app *app)
{
	struct listener	*l;
	uint32_t	 n = 0;

	TAILQ_FOREACH(l, &app->env->listens->list, entry)
		if (l->creator == app->id)
			n++;
	return (n);
}

uint32_t
listen_total(const struct pm2d *env)
{
	struct listener	*l;
	uint32_t	 n = 0;

	TAILQ_FOREACH(l, &env->listens->list, entry)
		n++;
	return (n);
}

/* ---- making and closing ---- */

static int
listener_bind(struct listener *l)
{
	int	 error;

	if (l->ident.type == LISTEN_UNIX)
		return (unix_bind(l));
	l->state = LISTENER_BOUND;
	if (l->balance == BALANCE_KERNEL)
		return (0);	/* with the first who uses it */
	if ((error = listen_takefd(l->ls)) != 0)
		return (error);
	error = listenaddr_bind(&l->addr, l->backlog,
	    l->balance == BALANCE_PASSED ? BIND_BLOCKING : 0, &l->fd);
	if (error != 0)
		listen_givefd(l->ls);
	return (error);
}

struct listener *
listener_new(struct listens *ls, const struct app *app,
    const struct listenident *id, enum listen_balance balance,
    const struct engine_listen *q)
{
	struct listenident	 tmp;
	struct listener		*l;
	int			 error = ENOMEM;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		return (NULL);
	TAILQ_INIT(&l->uses);
	TAILQ_INIT(&l->claims);
	l->ls = ls;
	l->fd = -1;
	l->key = ++ls->next;
	l->creator = app->id;
	l->ident = *id;
	l->balance = balance;
	l->flags = q->flags;
	l->backlog = q->backlog == 0 ? BACKLOG_DEFAULT : q->backlog;
	l->ids = appids_ref(app->ids);
	TAILQ_INSERT_TAIL(&ls->list, l, entry);
	l->datalen = q->datalen;
	if ((l->data = malloc(l->datalen + 1)) != NULL) {
		memcpy(l->data, q->data, l->datalen);
		error = listen_ident(&tmp, app, q, &l->addr);
	}
	if (error == 0)
		error = listener_bind(l);
	if (error != 0) {
		listener_free(l);
		errno = error;
		return (NULL);
	}
	if (l->state == LISTENER_BOUND && l->balance == BALANCE_RR)
		listen_tell(ls, l->key, l->key, l->fd);
	return (l);
}

/*
 * Close it for the engine, too: it may be slow to let go of its copy, and
 * whoever wants the port next is to find that nobody listens there.  But not
 * under the hands of a worker that is leaving: it would die of the error.
 */
static void
listener_close(struct listener *l, int used)
{
	int	 dgram;

	if (l->fd == -1)
		return;
	dgram = l->ident.type == LISTEN_UDP4 || l->ident.type == LISTEN_UDP6;
	if (l->balance == BALANCE_RR && l->state == LISTENER_BOUND)
		listen_untell(l->ls, l->key);
	if (!dgram && (!used || l->balance == BALANCE_RR))
		(void)shutdown(l->fd, SHUT_RDWR);
	close(l->fd);
	l->fd = -1;
	listen_givefd(l->ls);
}

void
listener_free(struct listener *l)
{
	struct listenuse	*use;
	struct claim		*c;
	int			 used = !TAILQ_EMPTY(&l->uses);

	group_close(l);
	while ((use = TAILQ_FIRST(&l->uses)) != NULL)
		use_free(use);
	while ((c = TAILQ_FIRST(&l->claims)) != NULL)
		claim_free(c);
	listener_close(l, used);
	if (l->held)
		return;
	if (unix_unbind(l))
		return;
	TAILQ_REMOVE(&l->ls->list, l, entry);
	appids_unref(l->ids);
	free(l->data);
	free(l);
}

/* ---- who uses it ---- */

struct listenuse *
use_find(const struct listener *l, const struct run *run)
{
	struct listenuse	*use;

	TAILQ_FOREACH(use, &run->uses, rentry)
		if (use->l == l)
			return (use);
	return (NULL);
}

static struct listenuse *
use_bykey(const struct run *run, uint32_t key)
{
	struct listenuse	*use;

	TAILQ_FOREACH(use, &run->uses, rentry)
		if (use->l->key == key)
			return (use);
	return (NULL);
}

static struct listenuse *
use_new(struct listener *l, struct run *run, uint64_t seq)
{
	struct listenuse	*use;

	if ((use = calloc(1, sizeof(*use))) == NULL)
		return (NULL);
	use->l = l;
	use->run = run;
	use->seq = seq;
	TAILQ_INSERT_TAIL(&l->uses, use, lentry);
	TAILQ_INSERT_TAIL(&run->uses, use, rentry);
	return (use);
}

void
use_free(struct listenuse *use)
{
	if (use->member != NULL)
		group_leave(use);
	TAILQ_REMOVE(&use->l->uses, use, lentry);
	TAILQ_REMOVE(&use->run->uses, use, rentry);
	free(use);
}

/* ---- answers ---- */

static void
bound_begin(struct engine_bound *b, const struct run *run, uint64_t seq,
    uint32_t type)
{
	memset(b, 0, sizeof(*b));
	b->ref.app = run->app->id;
	b->ref.generation = run->generation;
	b->seq = seq;
	b->type = type;
}

static void
answer(struct listenuse *use, uint64_t seq)
{
	struct listener		*l = use->l;
	struct engine_bound	 b;
	int			 fd = -1;

	bound_begin(&b, use->run, seq, l->ident.type);
	b.key = l->key;
	b.datalen = l->datalen;
	memcpy(b.data, l->data, l->datalen);
	if (l->ident.type == LISTEN_UNIX)
		strlcpy(b.address, l->ident.address, sizeof(b.address));
	else
		listenaddr_text(&l->addr, b.address, sizeof(b.address),
		    &b.port);
	if (l->balance != BALANCE_RR) {
		b.flags |= BOUND_FD;
		fd = use->member != NULL ? use->member->fd : l->fd;
	}
	use->answered = 1;
	engine_bound(l->ls->env->engine, &b, fd);
}

/* Keep it: the engine may die before it has said so. */
static void
remember(struct run *run, const struct engine_bound *b)
{
	struct refusal	*r;
	unsigned int	 n = 0;

	TAILQ_FOREACH(r, &run->refusals, entry)
		n++;
	if (n < REFUSALS_PER_RUN) {
		if ((r = calloc(1, sizeof(*r))) == NULL)
			return;
	} else {
		r = TAILQ_FIRST(&run->refusals);
		TAILQ_REMOVE(&run->refusals, r, entry);
	}
	TAILQ_INSERT_TAIL(&run->refusals, r, entry);
	r->bound = *b;
}

static void
refuse(struct run *run, uint64_t seq, uint32_t type, int error,
    const char *data, uint32_t datalen)
{
	struct engine_bound	 b;

	bound_begin(&b, run, seq, type);
	b.error = error;
	if (datalen <= sizeof(b.data)) {
		b.datalen = datalen;
		memcpy(b.data, data, datalen);
	}
	remember(run, &b);
	engine_bound(run->app->env->engine, &b, -1);
}

static int
refused_before(const struct run *run, uint64_t seq)
{
	struct refusal	*r;

	TAILQ_FOREACH(r, &run->refusals, entry)
		if (r->bound.seq == seq) {
			engine_bound(run->app->env->engine, &r->bound, -1);
			return (1);
		}
	return (0);
}

/* ---- what workers ask ---- */

static enum listen_balance
balance_of(const struct run *run, uint32_t type)
{
	const char	*s = run->spec->spec.str[SPEC_BALANCE];

	if (type == LISTEN_UDP4 || type == LISTEN_UDP6)
		return (BALANCE_SHARED);
	if (s != NULL && strcmp(s, "shared") == 0)
		return (BALANCE_SHARED);
	if (s != NULL && strcmp(s, "kernel") == 0)
		return (type == LISTEN_UNIX ? BALANCE_SHARED :
		    BALANCE_KERNEL);
	return (BALANCE_RR);
}

/*
 * It may share the listener that is there: 0 or an errno.  Said once: a
 * worker can ask for ever.
 */
static int
may_share(struct listener *l, const struct run *run, uint32_t type)
{
	const struct app	*app = run->app;
	char			 text[LISTEN_ADDR_MAX + 64];

	if (l->balance == balance_of(run, type))
		return (0);
	if (l->told.app == app->id && l->told.generation == run->generation)
		return (EADDRINUSE);
	l->told.app = app->id;
	l->told.generation = run->generation;
	listener_text(l, text, sizeof(text));
	log_warnx("%s: cannot share %s with the app that has it: another "
	    "balance is asked for", app->name, text);
	return (EADDRINUSE);
}

static int
within_limits(const struct run *run)
{
	struct listenuse	*use;
	uint32_t		 n = 0;

	TAILQ_FOREACH(use, &run->uses, rentry)
		n++;
	return (n < LISTENERS_PER_APP &&
	    listen_created(run->app) < LISTENERS_PER_APP);
}

/* Give it to the run.  0 or an errno; then it may be gone. */
static int
use_make(struct listener *l, struct run *run, uint64_t seq)
{
	struct listenuse	*use;
	int			 error;

	if ((use = use_new(l, run, seq)) == NULL)
		error = ENOMEM;
	else if ((error = claim_make(l, run->app, 0)) == 0 &&
	    l->balance == BALANCE_KERNEL)
		error = group_join(l, use);
	if (error != 0) {
		if (use != NULL)
			use_free(use);
		/* not if it was there before */
		if (TAILQ_EMPTY(&l->claims) ||
		    (l->balance == BALANCE_KERNEL && l->nmembers == 0))
			listener_free(l);
		return (error);
	}
	if (l->state == LISTENER_BOUND)
		answer(use, seq);
	return (0);
}

/* Find it or make it; 0 or an errno. */
static int
ask(struct run *run, const struct engine_listen *q)
{
	struct app		*app = run->app;
	struct listens		*ls = app->env->listens;
	struct listen_rights	 lr = listen_rights(app);
	struct listenident	 id;
	struct listenaddr	 la;
	struct listener		*l;
	struct listenuse	*use;
	int			 error;

	if ((error = listen_policy(&lr, q)) != 0 ||
	    (error = listen_ident(&id, app, q, &la)) != 0)
		return (error);
	if ((l = listener_find(ls, &id)) != NULL &&
	    (use = use_find(l, run)) != NULL) {
		if (q->seq > use->seq)
			return (EADDRINUSE);
		if (use->answered)
			answer(use, q->seq);
		return (0);
	}
	if (run->notes & (NOTE_GOING | NOTE_LEAVING))
		return (ECANCELED);
	if (!within_limits(run))
		return (EMFILE);
	if (l == NULL)
		l = listener_new(ls, app, &id, balance_of(run, q->type), q);
	else if ((error = may_share(l, run, q->type)) != 0)
		return (error);
	return (l == NULL ? errno : use_make(l, run, q->seq));
}

void
listen_query(struct run *run, const struct engine_listen *q)
{
	int	 error;

	if (refused_before(run, q->seq))
		return;
	if ((error = ask(run, q)) != 0)
		refuse(run, q->seq, q->type, error, q->data, q->datalen);
}

/*
 * A helper has bound it, or not.  Those who are told may let go of it, so
 * that nobody wants it any more in the end.
 */
void
listener_bound(struct listener *l, int error)
{
	struct listenuse	*use, *next;
	struct run		*run;
	uint64_t		 seq;

	l->held = 1;
	l->state = error == 0 ? LISTENER_BOUND : LISTENER_LEFT;
	if (error == 0 && l->balance == BALANCE_RR)
		listen_tell(l->ls, l->key, l->key, l->fd);
	TAILQ_FOREACH_SAFE(use, &l->uses, lentry, next) {
		if (error == 0) {
			answer(use, use->seq);
			continue;
		}
		run = use->run;
		seq = use->seq;
		use_free(use);
		refuse(run, seq, l->ident.type, error, l->data, l->datalen);
	}
	open_bound(l, error);
	l->held = 0;
	if (error != 0 || TAILQ_EMPTY(&l->claims))
		listener_free(l);
}

/* ---- what workers say ---- */

int
listen_serving(struct run *run, const struct engine_serves *es)
{
	struct listenuse	*use;

	if ((use = use_bykey(run, es->key)) == NULL || !use->answered)
		return (0);
	if (!use->serving) {
		use->serving = 1;
		if (use->member != NULL)
			group_steer(use->l);
		if (run->role == RUN_MAIN && listen_count(run) == 1)
			listen_promoted(run);
	}
	return (1);
}

uint32_t
listen_count(const struct run *run)
{
	struct listenuse	*use;
	uint32_t		 n = 0;

	TAILQ_FOREACH(use, &run->uses, rentry)
		if (use->serving)
			n++;
	return (n);
}

int
listen_covers(const struct run *a, const struct run *b)
{
	struct listenuse	*of, *use;

	TAILQ_FOREACH(use, &b->uses, rentry) {
		if (!use->serving)
			continue;
		if ((of = use_find(use->l, a)) == NULL || !of->serving)
			return (0);
	}
	return (1);
}

void
listen_retire(struct run *run)
{
	struct listenuse	*use;

	TAILQ_FOREACH(use, &run->uses, rentry) {
		if (use->retired)
			continue;
		use->retired = 1;
		if (use->member == NULL)
			continue;
		group_steer(use->l);
		group_rescue(use->member);
	}
}

/* The run has no worker any more; what the app wants stays. */
void
listen_ended(struct run *run)
{
	struct listenuse	*use;
	struct refusal		*r;

	while ((use = TAILQ_FIRST(&run->uses)) != NULL)
		use_free(use);
	while ((r = TAILQ_FIRST(&run->refusals)) != NULL) {
		TAILQ_REMOVE(&run->refusals, r, entry);
		free(r);
	}
}

/* ---- a new engine ---- */

void
listen_feed(struct pm2d *env)
{
	struct listener	*l;

	TAILQ_FOREACH(l, &env->listens->list, entry) {
		if (l->balance == BALANCE_RR && l->fd != -1)
			listen_tell(l->ls, l->key, l->key, l->fd);
		group_feed(l);
	}
}

/*
 * What it has been told and has not acted on yet may have been lost with the
 * last engine: an answer that comes twice does no harm.
 */
void
listen_resume(struct run *run)
{
	struct pm2d		*env = run->app->env;
	struct listenuse	*use;
	struct refusal		*r;

	TAILQ_FOREACH(use, &run->uses, rentry)
		if (use->serving)
			engine_serves(env->engine, run, use->l->key);
		else if (use->answered)
			answer(use, use->seq);
	TAILQ_FOREACH(r, &run->refusals, entry)
		engine_bound(env->engine, &r->bound, -1);
}

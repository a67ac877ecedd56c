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
 * A connection is accepted, given to a worker and kept here too, until the
 * worker says that it has it.  If it says no, or goes without a word, the
 * next one gets it.
 */

#include <sys/types.h>

#include <event.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine-estate.h"
#include "engine-local.h"
#include "log.h"

#define REST_MS		50	/* doubled with each refusal */
#define REST_MAX_MS	1000
/* How long a connection waits for the one worker that its address goes to. */
#define PATIENCE_MS	1000

/* How long for the worker that the last engine may have given it to. */
static const struct timeval	 claim_time = { 1, 0 };

/* Of a worker that we have not been told of yet. */
struct orphan {
	TAILQ_ENTRY(orphan) entry;
	struct event	 ev;
	struct engine_ref ref;
	struct conn	*conn;
};

static TAILQ_HEAD(, orphan)	 orphans = TAILQ_HEAD_INITIALIZER(orphans);
static const struct timeval	 look = { 0, 250000 };
static struct event		*ev_patience;
static int			 waiting;	/* somebody still does */
static uint32_t			 total;		/* that are here */
static struct event		*ev_none;
static void			(*when_none)(void);

static struct conn *make(struct service *, int, uint64_t);
static void	 dispatch(struct conn *);
static int	 give(struct conn *, struct worker *);
static void	 hold(struct conn *);
static void	 impatient(int, short, void *);
static void	 not_sticky(struct service *);
static void	 take_back(struct conn *);
static void	 pass_on(struct conn *);
static void	 done(struct conn *);
static void	 conn_free(struct conn *);
static void	 none_left(int, short, void *);
static struct conn *unanswered(struct worker *, uint64_t);
static void	 not_acked(struct worker *);
static void	 rest(struct worker *);
static void	 await(struct conn *, struct worker *);
static void	 orphan_new(struct conn *, const struct engine_ref *);
static void	 orphan_over(int, short, void *);
static struct conn *orphan_free(struct orphan *);

static struct conn *
make(struct service *s, int fd, uint64_t hash)
{
	struct conn	*c;

	if ((c = calloc(1, sizeof(*c))) == NULL) {
		log_warn("a connection");
		estate_settled(fd);
		close(fd);
		service_unuse(s);
		return (NULL);
	}
	c->service = s;
	c->fd = fd;
	c->hash = hash;
	s->nconns++;
	total++;
	return (c);
}

static void
conn_free(struct conn *c)
{
	static const struct timeval	 now = { 0, 0 };

	estate_settled(c->fd);
	close(c->fd);
	free(c);
	if (--total == 0 && ev_none != NULL)
		evtimer_add(ev_none, &now);
}

void
conn_new(struct service *s, int fd, uint64_t hash)
{
	struct conn	*c;

	if ((c = make(s, fd, hash)) != NULL)
		dispatch(c);
}

static void
dispatch(struct conn *c)
{
	struct rr_seat	*rs;
	struct seat	*seat;

	/* One whose socket is full is not picked again. */
	while (rr_pick(&c->service->turn, c->hash, &rs) == RR_TAKE) {
		seat = (struct seat *)(void *)((char *)rs -
		    offsetof(struct seat, rr));
		if (give(c, seat->worker) == 0)
			return;
	}
	hold(c);
}

static int
give(struct conn *c, struct worker *w)
{
	char	 line[PROTO_LINE_MAX];
	size_t	 len;

	c->seq = engine_seq();
	len = proto_newconn(line, c->service->key, c->seq);
	estate_sending(c->fd, &w->ref, c->seq);
	if (out_now(w, line, len, c->fd) == -1) {
		estate_took(c->fd, c->service->key);
		return (-1);
	}
	c->worker = w;
	c->since = 0;
	w->conn = c;
	w->rr.unanswered++;
	c->handle.kind = HANDLE_CONN;
	c->handle.queued = 1;
	TAILQ_INSERT_TAIL(&w->handles, &c->handle, entry);
	return (0);
}

/* Until somebody can take it: conn_held(). */
static void
hold(struct conn *c)
{
	c->worker = NULL;
	TAILQ_INSERT_TAIL(&c->service->held, c, entry);
	c->service->nheld++;
	if (c->since == 0)
		c->since = engine_ms();
	if (c->hash == 0)
		return;
	if (ev_patience == NULL && (ev_patience = evtimer_new(engine_base(),
	    impatient, NULL)) == NULL) {
		c->hash = 0;
		return;
	}
	if (!evtimer_pending(ev_patience, NULL))
		evtimer_add(ev_patience, &look);
}

static void
impatient(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	waiting = 0;
	service_each(not_sticky);
	if (waiting)
		evtimer_add(ev_patience, &look);
}

static void
not_sticky(struct service *s)
{
	struct conn	*c;

	TAILQ_FOREACH(c, &s->held, entry) {
		if (engine_ms() - c->since >= PATIENCE_MS)
			c->hash = 0;
		else if (c->hash != 0)
			waiting = 1;
	}
	conn_held(s);
}

void
conn_held(struct service *s)
{
	struct conn	*c;
	uint32_t	 n;

	for (n = s->nheld; n > 0 && rr_ready(&s->turn); n--) {
		c = TAILQ_FIRST(&s->held);
		TAILQ_REMOVE(&s->held, c, entry);
		s->nheld--;
		dispatch(c);
	}
}

/* Nobody will ever come for these. */
void
conn_drop_held(struct service *s)
{
	struct conn	*c;

	while ((c = TAILQ_FIRST(&s->held)) != NULL) {
		TAILQ_REMOVE(&s->held, c, entry);
		s->nheld--;
		s->nconns--;
		conn_free(c);
	}
}

/* ---- answers ---- */

/* The worker has nothing to do with it any more. */
static void
take_back(struct conn *c)
{
	struct worker	*w = c->worker;

	if (c->handle.queued)
		TAILQ_REMOVE(&w->handles, &c->handle, entry);
	c->handle.queued = 0;
	if (w->conn == c)
		w->conn = NULL;
	else
		TAILQ_REMOVE(&w->inherited, c, entry);
	w->rr.unanswered--;
	c->worker = NULL;
	estate_took(c->fd, c->service->key);
}

static void
pass_on(struct conn *c)
{
	struct service	*s = c->service;

	take_back(c);
	dispatch(c);
	service_unuse(s);
}

static void
done(struct conn *c)
{
	struct service	*s = c->service;
	struct worker	*w = c->worker;

	if (c->handle.queued)
		TAILQ_REMOVE(&w->handles, &c->handle, entry);
	if (w->conn == c)
		w->conn = NULL;
	else
		TAILQ_REMOVE(&w->inherited, c, entry);
	w->rr.unanswered--;
	conn_free(c);
	listener_reserve();
	if (--s->nconns == 0)
		service_unuse(s);
}

static struct conn *
unanswered(struct worker *w, uint64_t seq)
{
	struct conn	*c;

	if (w->conn != NULL && w->conn->seq == seq)
		return (w->conn);
	TAILQ_FOREACH(c, &w->inherited, entry)
		if (c->seq == seq)
			return (c);
	return (NULL);
}

/*
 * An answer that an earlier engine acted on and did not come to consume.  The
 * acknowledgement before it was part of it, and not of the one that we took
 * it for: that may never have been sent.
 */
static void
not_acked(struct worker *w)
{
	struct conn	*c;

	TAILQ_FOREACH(c, &w->inherited, entry)
		if (!c->handle.queued)
			break;
	if (c == NULL && (c = w->conn) == NULL)
		return;
	if (c->handle.queued)
		return;
	c->handle.queued = 1;
	TAILQ_INSERT_HEAD(&w->handles, &c->handle, entry);
}

void
conn_answered(struct worker *w, uint64_t seq, int accepted)
{
	struct conn	*c;

	/* Of an earlier engine, or made up. */
	if ((c = unanswered(w, seq)) == NULL) {
		not_acked(w);
		return;
	}
	if (accepted) {
		done(c);
		w->rest_ms = 0;
	} else {
		rest(w);
		pass_on(c);
	}
	worker_retired(w);
	conn_ready(w);
}

/* It had no descriptor left for it. */
void
conn_nacked(struct handle *h)
{
	struct conn	*c = (struct conn *)(void *)((char *)h -
			    offsetof(struct conn, handle));
	struct worker	*w = c->worker;

	if (h->kind == HANDLE_CONN)
		rest(w);
	pass_on(c);
	worker_retired(w);
	conn_ready(w);
}

/* It gets none for a moment: longer if it says no again after that. */
static void
rest(struct worker *w)
{
	struct timeval	 tv;

	w->rest_ms = w->rest_ms == 0 ? REST_MS : w->rest_ms * 2;
	if (w->rest_ms > REST_MAX_MS)
		w->rest_ms = REST_MAX_MS;
	tv.tv_sec = w->rest_ms / 1000;
	tv.tv_usec = (suseconds_t)(w->rest_ms % 1000) * 1000;
	if (evtimer_add(&w->ev_rest, &tv) == 0)
		w->rr.resting = 1;
}

void
conn_resume(int fd, short what, void *arg)
{
	struct worker	*w = arg;

	(void)fd;
	(void)what;
	w->rr.resting = 0;
	conn_ready(w);
}

/* It can take one: of each of its listeners in turn. */
void
conn_ready(struct worker *w)
{
	struct seat	*seat, *last;

	last = TAILQ_LAST(&w->seats, seats);
	while (last != NULL && !w->rr.retired && !w->rr.resting &&
	    !w->rr.full && w->rr.unanswered == 0) {
		seat = TAILQ_FIRST(&w->seats);
		if (seat != last) {
			TAILQ_REMOVE(&w->seats, seat, entry);
			TAILQ_INSERT_TAIL(&w->seats, seat, entry);
		}
		conn_held(seat->service);
		listener_go(seat->service);
		if (seat == last)
			break;
	}
}

void
conn_rescue(struct worker *w)
{
	struct conn	*c;

	while ((c = w->conn) != NULL ||
	    (c = TAILQ_FIRST(&w->inherited)) != NULL)
		pass_on(c);
}

/* Not at once: whoever gave the last one away may accept the next one. */
static void
none_left(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	if (total == 0)
		when_none();
}

void
conn_when_none(void (*fn)(void))
{
	when_none = fn;
	if (ev_none == NULL && (ev_none = evtimer_new(engine_base(),
	    none_left, NULL)) == NULL)
		fatal("event");
	none_left(-1, 0, NULL);
}

/* ---- what the last engine left ---- */

void
conn_inherit(int fd, uint32_t key, const struct engine_ref *ref, uint64_t seq)
{
	struct service	*s;
	struct worker	*w;
	struct conn	*c;

	if ((s = service_get(key)) == NULL) {
		log_warn("a connection");
		estate_settled(fd);
		close(fd);
		return;
	}
	if ((c = make(s, fd, 0)) == NULL)
		return;
	if (ref == NULL) {
		dispatch(c);
		return;
	}
	estate_sending(fd, ref, seq);
	c->seq = seq;
	if ((w = worker_find(ref)) == NULL)
		orphan_new(c, ref);
	else
		await(c, w);
}

/*
 * Either the worker has it, then it answers with that number; or the last
 * engine did not come to send it.  A message that is answered with a NACK in
 * any case tells: what was sent before it has been answered before.
 */
static void
await(struct conn *c, struct worker *w)
{
	struct handle	*probe;

	if (w->fd == -1 || w->bad != NULL ||
	    (probe = calloc(1, sizeof(*probe))) == NULL) {
		dispatch(c);
		return;
	}
	c->worker = w;
	TAILQ_INSERT_TAIL(&w->inherited, c, entry);
	w->rr.unanswered++;
	c->handle.kind = HANDLE_MAYBE;
	probe->kind = HANDLE_PROBE;
	c->handle.queued = probe->queued = 1;
	TAILQ_INSERT_TAIL(&w->handles, &c->handle, entry);
	TAILQ_INSERT_TAIL(&w->handles, probe, entry);
	w->flags |= WK_PROBED;
	out_line(w, proto_probe, strlen(proto_probe));
}

static void
orphan_new(struct conn *c, const struct engine_ref *ref)
{
	struct orphan	*o;

	if ((o = calloc(1, sizeof(*o))) == NULL) {
		dispatch(c);
		return;
	}
	o->conn = c;
	o->ref = *ref;
	TAILQ_INSERT_TAIL(&orphans, o, entry);
	evtimer_assign(&o->ev, engine_base(), orphan_over, o);
	evtimer_add(&o->ev, &claim_time);
}

static struct conn *
orphan_free(struct orphan *o)
{
	struct conn	*c = o->conn;

	event_del(&o->ev);
	TAILQ_REMOVE(&orphans, o, entry);
	free(o);
	return (c);
}

/* The worker is gone, or the parent would have told us. */
static void
orphan_over(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	dispatch(orphan_free(arg));
}

void
conn_claim(struct worker *w)
{
	struct orphan	*next, *o;

	TAILQ_FOREACH_SAFE(o, &orphans, entry, next)
		if (o->ref.app == w->ref.app &&
		    o->ref.generation == w->ref.generation)
			await(orphan_free(o), w);
}

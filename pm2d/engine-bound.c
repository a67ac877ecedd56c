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
 * Answers to workers that want to listen.
 */

#include <sys/types.h>

#include <errno.h>
#include <event.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine-local.h"
#include "log.h"
#include "sys.h"

#define BOUND_TRIES	3

/* A worker without a free descriptor may have one a moment later. */
static const struct timeval	 again = { 0, 100000 };

static int	 query_take(struct worker *, uint64_t, uint64_t *);
static int	 send_fd(struct worker *, const struct engine_bound *, int);
static void	 bound_send(struct bound *);
static void	 bound_again(int, short, void *);
static void	 bound_free(struct bound *);
static struct bound *bound_of(struct handle *);

void
query_add(struct worker *w, uint64_t seq, uint64_t identity)
{
	struct query	*q;

	if ((q = malloc(sizeof(*q))) == NULL)
		return;		/* the listening will be told by its port */
	q->seq = seq;
	q->identity = identity;
	w->nqueries++;
	STAILQ_INSERT_TAIL(&w->queries, q, entry);
}

static int
query_take(struct worker *w, uint64_t seq, uint64_t *identity)
{
	struct query	*q;

	STAILQ_FOREACH(q, &w->queries, entry)
		if (q->seq == seq)
			break;
	if (q == NULL)
		return (-1);
	*identity = q->identity;
	STAILQ_REMOVE(&w->queries, q, query, entry);
	w->nqueries--;
	free(q);
	return (0);
}

void
bound_refuse(struct worker *w, uint64_t seq, int error, uint32_t key,
    const char *data)
{
	char	 line[PROTO_LINE_MAX];

	out_line(w, line, proto_refuse(line, seq, error, key, data,
	    engine_seq()));
}

/* Takes the descriptor. */
void
bound_answer(struct worker *w, struct engine_bound *eb, int fd)
{
	struct seat	*seat;
	uint64_t	 identity = 0;
	char		 line[PROTO_LINE_MAX];

	(void)query_take(w, eb->seq, &identity);
	seat = seat_find(w, eb->key);
	if (eb->error == 0 && (eb->flags & BOUND_FD) && fd == -1)
		eb->error = EMFILE;	/* it got lost on its way to us */
	if (eb->error != 0)
		bound_refuse(w, eb->seq, eb->error, eb->key, eb->data);
	else if (seat != NULL && seat->seq == eb->seq)
		;	/* the same again: an engine's successor had asked */
	else if (seat != NULL)
		/* Two servers with one key would crash it. */
		bound_refuse(w, eb->seq, EADDRINUSE, eb->key, eb->data);
	else if ((seat = seat_add(w, eb->key)) == NULL)
		bound_refuse(w, eb->seq, ENOMEM, eb->key, eb->data);
	else {
		seat->seq = eb->seq;
		seat->identity = identity;
		seat->port = eb->type == LISTEN_UNIX ? 0 : eb->port;
		if (!(eb->flags & BOUND_FD))
			out_line(w, line, proto_bound(line, eb, engine_seq()));
		else if (send_fd(w, eb, fd) == 0)
			fd = -1;
		else
			seat_free(seat);
		conn_ready(w);
	}
	if (fd != -1)
		close(fd);
}

/* Ours until it has arrived there; -1: refused. */
static int
send_fd(struct worker *w, const struct engine_bound *eb, int fd)
{
	struct bound	*b;
	int		 flags;

	if ((b = calloc(1, sizeof(*b))) == NULL ||
	    (b->eb = malloc(sizeof(*b->eb))) == NULL)
		goto fail;
	/* Node never sets it, and some would stop at accept for ever. */
	if ((flags = sys_fcntl_getfl(fd)) == -1 ||
	    sys_fcntl_setfl(fd, flags | O_NONBLOCK) == -1)
		goto fail;
	*b->eb = *eb;
	b->fd = fd;
	b->worker = w;
	b->handle.kind = HANDLE_BOUND;
	evtimer_assign(&b->again, engine_base(), bound_again, b);
	LIST_INSERT_HEAD(&w->bounds, b, entry);
	bound_send(b);
	return (0);

 fail:
	log_warn("%s: a socket for it", w->name);
	if (b != NULL)
		free(b->eb);
	free(b);
	bound_refuse(w, eb->seq, ENOMEM, eb->key, eb->data);
	return (-1);
}

static void
bound_send(struct bound *b)
{
	struct worker	*w = b->worker;
	char		 line[PROTO_LINE_MAX];
	size_t		 len;

	b->handle.queued = 1;
	TAILQ_INSERT_TAIL(&w->handles, &b->handle, entry);
	len = proto_bound(line, b->eb, engine_seq());
	out_handle(w, line, len, b->fd);
}

static void
bound_again(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	bound_send(arg);
}

static struct bound *
bound_of(struct handle *h)
{
	return ((struct bound *)(void *)((char *)h -
	    offsetof(struct bound, handle)));
}

/*
 * An answer to what it has not been sent is made up.  Were the descriptor
 * closed for that, another one with its number would be sent in the end.
 */
void
bound_acked(struct handle *h)
{
	struct bound	*b = bound_of(h);

	if (!out_waits(b->worker, b->fd))
		bound_free(b);
}

void
bound_nacked(struct handle *h)
{
	struct engine_serves	 es;
	struct bound		*b = bound_of(h);
	struct seat		*seat;
	struct worker		*w = b->worker;

	if (out_waits(w, b->fd))
		return;
	TAILQ_REMOVE(&w->handles, h, entry);
	h->queued = 0;
	if (++b->tries < BOUND_TRIES && evtimer_add(&b->again, &again) == 0)
		return;
	es.ref = w->ref;
	es.key = b->eb->key;
	es.port = b->eb->port;
	if ((seat = seat_find(w, es.key)) != NULL)
		seat_free(seat);
	parent_send(IMSG_ENGINE_CLOSED, &es, sizeof(es));
	bound_refuse(w, b->eb->seq, EMFILE, es.key, b->eb->data);
	bound_free(b);
}

static void
bound_free(struct bound *b)
{
	event_del(&b->again);
	if (b->handle.queued)
		TAILQ_REMOVE(&b->worker->handles, &b->handle, entry);
	LIST_REMOVE(b, entry);
	close(b->fd);
	free(b->eb);
	free(b);
}

void
bound_clear(struct worker *w)
{
	struct bound	*b;
	struct query	*q;

	while ((b = LIST_FIRST(&w->bounds)) != NULL)
		bound_free(b);
	while ((q = STAILQ_FIRST(&w->queries)) != NULL) {
		STAILQ_REMOVE_HEAD(&w->queries, entry);
		free(q);
	}
	w->nqueries = 0;
}

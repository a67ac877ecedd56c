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


#include <sys/types.h>
#include <sys/tree.h>

#include <stdlib.h>

#include "engine-local.h"

static int	 service_cmp(const struct service *, const struct service *);

RB_HEAD(services, service);
RB_PROTOTYPE_STATIC(services, service, entry, service_cmp)

static struct services	 services = RB_INITIALIZER(&services);

RB_GENERATE_STATIC(services, service, entry, service_cmp)

static int
service_cmp(const struct service *a, const struct service *b)
{
	return (a->key < b->key ? -1 : a->key > b->key);
}

struct service *
service_get(uint32_t key)
{
	struct service	*s, find;

	find.key = key;
	if ((s = RB_FIND(services, &services, &find)) != NULL)
		return (s);
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (NULL);
	s->key = key;
	TAILQ_INIT(&s->turn);
	TAILQ_INIT(&s->held);
	LIST_INIT(&s->listeners);
	RB_INSERT(services, &services, s);
	return (s);
}

/*
 * While there is a socket, somebody may come and serve it; while there is a
 * worker, it takes what was accepted.
 */
void
service_unuse(struct service *s)
{
	if (!LIST_EMPTY(&s->listeners) || !TAILQ_EMPTY(&s->turn))
		return;
	conn_drop_held(s);
	if (s->nconns > 0)
		return;
	RB_REMOVE(services, &services, s);
	free(s);
}

void
service_each(void (*fn)(struct service *))
{
	struct service	*s, *next;

	RB_FOREACH_SAFE(s, services, &services, next)
		fn(s);
}

struct seat *
seat_find(const struct worker *w, uint32_t key)
{
	struct seat	*seat;

	TAILQ_FOREACH(seat, &w->seats, entry)
		if (seat->service->key == key)
			return (seat);
	return (NULL);
}

/*
 * A listening names no key, but says again what was asked for, with the real
 * port (none of a path).  What an earlier engine answered is known by port.
 */
struct seat *
seat_match(const struct worker *w, const struct proto_msg *msg)
{
	struct seat	*seat;
	uint32_t	 port;

	port = msg->listen.type == LISTEN_UNIX ? 0 : msg->listen.port;
	TAILQ_FOREACH(seat, &w->seats, entry)
		if (seat->port == port && (seat->identity == 0 ||
		    seat->identity == msg->identity))
			return (seat);
	return (NULL);
}

/* NULL: no memory, or it has one. */
struct seat *
seat_add(struct worker *w, uint32_t key)
{
	struct service	*s;
	struct seat	*seat;

	if (seat_find(w, key) != NULL || (s = service_get(key)) == NULL)
		return (NULL);
	if ((seat = calloc(1, sizeof(*seat))) == NULL) {
		service_unuse(s);
		return (NULL);
	}
	seat->worker = w;
	seat->service = s;
	seat->seq = SEQ_UNKNOWN;
	seat->rr.node = &w->rr;
	TAILQ_INSERT_TAIL(&w->seats, seat, entry);
	TAILQ_INSERT_TAIL(&s->turn, &seat->rr, entry);
	return (seat);
}

void
seat_free(struct seat *seat)
{
	struct service	*s = seat->service;

	TAILQ_REMOVE(&seat->worker->seats, seat, entry);
	TAILQ_REMOVE(&s->turn, &seat->rr, entry);
	free(seat);
	service_unuse(s);
}

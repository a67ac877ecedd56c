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
#include <sys/socket.h>

#include <netinet/in.h>

#include <errno.h>
#include <event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine-estate.h"
#include "engine-local.h"
#include "log.h"
#include "sys.h"

#define ACCEPT_TURN	16	/* per look at one socket */
#define HELD_MAX	64	/* wait for the one worker that they go to */

/* Out of descriptors or memory: what waits does so in the kernel. */
static const struct timeval	 pause_time = { 0, 100000 };

struct listener {
	LIST_ENTRY(listener) all;
	LIST_ENTRY(listener) entry;	/* of the service */
	struct event	 ev;
	struct event	 ev_pause;
	struct service	*service;
	uint32_t	 number;
	int		 fd;
	int		 polled;
	int		 failing;	/* that was logged */
};

static struct listeners	 all = LIST_HEAD_INITIALIZER(all);
static int		 reserve = -1;

static struct listener *listener_find(uint32_t);
static void	 listener_free(struct listener *);
static void	 on_readable(int, short, void *);
static void	 on_pause_over(int, short, void *);
static void	 poll_it(struct listener *, int);
static void	 accept_some(struct listener *);
static int	 accept_one(struct listener *);
static int	 failed(struct listener *, int);
static uint64_t	 address_hash(const struct sockaddr_storage *);

static struct listener *
listener_find(uint32_t number)
{
	struct listener	*l;

	LIST_FOREACH(l, &all, all)
		if (l->number == number)
			return (l);
	return (NULL);
}

void
listener_set(const struct engine_listener *el, int fd)
{
	struct listener	*l;
	int		 flags;

	listener_drop(el->number);
	if (fd == -1) {
		log_warnx("listener %u came without its socket", el->number);
		return;
	}
	if ((flags = sys_fcntl_getfl(fd)) == -1 ||
	    sys_fcntl_setfl(fd, flags | O_NONBLOCK) == -1 ||
	    (l = calloc(1, sizeof(*l))) == NULL) {
		log_warn("listener %u", el->number);
		close(fd);
		return;
	}
	if ((l->service = service_get(el->key)) == NULL) {
		log_warn("listener %u", el->number);
		free(l);
		close(fd);
		return;
	}
	l->number = el->number;
	l->fd = fd;
	event_assign(&l->ev, engine_base(), fd, EV_READ | EV_PERSIST,
	    on_readable, l);
	evtimer_assign(&l->ev_pause, engine_base(), on_pause_over, l);
	LIST_INSERT_HEAD(&all, l, all);
	LIST_INSERT_HEAD(&l->service->listeners, l, entry);
	listener_reserve();
	poll_it(l, 1);
}

void
listener_drop(uint32_t number)
{
	struct listener	*l;

	if ((l = listener_find(number)) != NULL)
		listener_free(l);
}

static void
listener_free(struct listener *l)
{
	struct service	*s = l->service;

	event_del(&l->ev);
	event_del(&l->ev_pause);
	close(l->fd);
	LIST_REMOVE(l, all);
	LIST_REMOVE(l, entry);
	free(l);
	service_unuse(s);
}

static void
poll_it(struct listener *l, int yes)
{
	if (l->polled == yes)
		return;
	l->polled = yes;
	if (!yes)
		event_del(&l->ev);
	else if (event_add(&l->ev, NULL) == -1) {
		l->polled = 0;
		evtimer_add(&l->ev_pause, &pause_time);
	}
}

static void
on_readable(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	accept_some(arg);
}

static void
on_pause_over(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	poll_it(arg, 1);
}

/*
 * When all workers were busy the socket was not polled; now it is looked at
 * without asking, and polled again only when nothing waits there: under load
 * epoll is not told a word.
 */
void
listener_go(struct service *s)
{
	struct listener	*l, *next;

	LIST_FOREACH_SAFE(l, &s->listeners, entry, next)
		if (!l->polled && !evtimer_pending(&l->ev_pause, NULL))
			accept_some(l);
}

static void
accept_some(struct listener *l)
{
	struct service	*s = l->service;
	int		 i;

	for (i = 0; i < ACCEPT_TURN; i++) {
		/* Nobody to take it: then it stays in the backlog. */
		if (!rr_ready(&s->turn) || s->nheld >= HELD_MAX) {
			poll_it(l, 0);
			return;
		}
		if (accept_one(l) == -1)
			return;
	}
	poll_it(l, 1);
}

/* 0: go on. */
static int
accept_one(struct listener *l)
{
	struct sockaddr_storage	 ss;
	struct service		*s = l->service;
	socklen_t		 len;
	int			 fd, sticky;

	sticky = rr_sticky(&s->turn);
	len = sizeof(ss);
	estate_accepting(s->key);
	fd = sys_accept4(l->fd, sticky ? (struct sockaddr *)&ss : NULL,
	    sticky ? &len : NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd == -1)
		return (failed(l, errno));
	l->failing = 0;
	estate_took(fd, s->key);
	conn_new(s, fd, sticky ? address_hash(&ss) : 0);
	return (0);
}

static int
failed(struct listener *l, int error)
{
	switch (error) {
	case EAGAIN:
		poll_it(l, 1);
		return (-1);
	case EMFILE:
	case ENFILE:
		/* One connection at a time still gets through. */
		if (reserve != -1) {
			close(reserve);
			reserve = -1;
			return (0);
		}
		/* FALLTHROUGH */
	case ENOBUFS:
	case ENOMEM:
	case EBADF:
	case ENOTSOCK:
	case EOPNOTSUPP:
		if (!l->failing)
			log_warnx("cannot accept connections: %s",
			    strerror(error));
		l->failing = 1;
		/* FALLTHROUGH */
	case EINVAL:	/* it was shut down: the parent is about to say so */
		poll_it(l, 0);
		evtimer_add(&l->ev_pause, &pause_time);
		return (-1);
	default:
		return (0);	/* that connection is gone, not the socket */
	}
}

void
listener_reserve(void)
{
	if (reserve == -1)
		reserve = sys_fcntl_dupfd(STDERR_FILENO, 0);
}

/* 0: it has none. */
static uint64_t
address_hash(const struct sockaddr_storage *ss)
{
	struct sockaddr_in6	 sin6;
	struct sockaddr_in	 sin;

	switch (ss->ss_family) {
	case AF_INET:
		memcpy(&sin, ss, sizeof(sin));
		return (rr_hash(&sin.sin_addr, sizeof(sin.sin_addr)));
	case AF_INET6:
		memcpy(&sin6, ss, sizeof(sin6));
		/* The same client on a socket for both. */
		if (IN6_IS_ADDR_V4MAPPED(&sin6.sin6_addr))
			return (rr_hash(&sin6.sin6_addr.s6_addr[12], 4));
		return (rr_hash(&sin6.sin6_addr, sizeof(sin6.sin6_addr)));
	default:
		return (0);
	}
}

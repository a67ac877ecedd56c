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
 * The channels of the workers.
 *
 * A channel is watched for edges: what is not a whole line stays in the
 * socket, and would make it readable all the time.  So whatever may be there
 * without a new edge is in the list of those that are read again.  A process
 * that dies with something unread makes no edge of its own for the end: that
 * is found by the next look, by sending, or when the parent says so.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/tree.h>

#include <errno.h>
#include <event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine-local.h"
#include "log.h"
#include "sys.h"

/* Nobody is read while the parent has so much to read. */
#define BACKLOG_MAX	(1024 * 1024)
/* Turns of reading what a process that is gone has left. */
#define LAST_TURNS	64

#define ERRORS_BURST	16
#define MESSAGES_BURST	200

static int	 worker_cmp(const struct worker *, const struct worker *);
static void	 set_flags(struct worker *, uint32_t);
static void	 on_readable(int, short, void *);
static void	 on_more(int, short, void *);
static void	 more_add(struct worker *);
static void	 more_del(struct worker *);
static int	 may_read(struct worker *);
static void	 turn(struct worker *);
static ssize_t	 receive(int, size_t, int, int *);
static size_t	 act(struct worker *, size_t, int);
static void	 consume(struct worker *);
static void	 close_channel(struct worker *);
static void	 close_bad(struct worker *);

RB_HEAD(workers, worker);
RB_PROTOTYPE_STATIC(workers, worker, entry, worker_cmp)

static struct workers		 workers = RB_INITIALIZER(&workers);
static TAILQ_HEAD(again, worker) more = TAILQ_HEAD_INITIALIZER(more);
static struct event		*ev_more;
static char			 buf[LINE_BUFFER];

RB_GENERATE_STATIC(workers, worker, entry, worker_cmp)

static int
worker_cmp(const struct worker *a, const struct worker *b)
{
	if (a->ref.app != b->ref.app)
		return (a->ref.app < b->ref.app ? -1 : 1);
	if (a->ref.generation != b->ref.generation)
		return (a->ref.generation < b->ref.generation ? -1 : 1);
	return (0);
}

struct worker *
worker_find(const struct engine_ref *ref)
{
	struct worker	find;

	find.ref = *ref;
	return (RB_FIND(workers, &workers, &find));
}

/* Takes the descriptor; -1: it has no channel, only a NOTIFY_SOCKET. */
struct worker *
worker_new(const struct engine_worker *ew, int fd)
{
	struct worker	*w;

	if ((w = calloc(1, sizeof(*w))) == NULL ||
	    (w->name = strdup(ew->name)) == NULL)
		goto fail;
	w->ref = ew->ref;
	w->uid = ew->uid;
	w->fd = fd;
	TAILQ_INIT(&w->inherited);
	TAILQ_INIT(&w->handles);
	LIST_INIT(&w->bounds);
	STAILQ_INIT(&w->queries);
	TAILQ_INIT(&w->seats);
	STAILQ_INIT(&w->out);
	w->errors = ERRORS_BURST;
	w->messages = MESSAGES_BURST;
	set_flags(w, ew->flags);
	event_assign(&w->ev_read, engine_base(), fd, EV_READ | EV_CLOSED |
	    EV_ET | EV_PERSIST, on_readable, w);
	event_assign(&w->ev_write, engine_base(), fd, EV_WRITE | EV_ET,
	    out_write, w);
	evtimer_assign(&w->ev_later, engine_base(), out_write, w);
	evtimer_assign(&w->ev_rest, engine_base(), conn_resume, w);
	if (fd != -1 && event_add(&w->ev_read, NULL) == -1)
		goto fail;
	RB_INSERT(workers, &workers, w);
	conn_claim(w);
	return (w);

 fail:
	log_warn("%s: its channel", ew->name);
	if (w != NULL)
		free(w->name);
	free(w);
	if (fd != -1)
		close(fd);
	return (NULL);
}

static void
set_flags(struct worker *w, uint32_t flags)
{
	w->rr.slot = w->ref.app;
	w->rr.generation = w->ref.generation;
	w->rr.sticky = (flags & WORKER_STICKY) != 0;
	w->rr.retired = (flags & (WORKER_RETIRED | WORKER_DRAINING |
	    WORKER_GOING)) != 0;
	if (flags & WORKER_CLUSTER)
		w->flags |= WK_CLUSTER;
	if (flags & WORKER_ONLINE)
		w->flags |= WK_ONLINE | WK_FORGIVEN | WK_PROBED;
	if (flags & WORKER_GOING)
		w->flags |= WK_GOING;
}

/* ---- reading ---- */

/*
 * The end may come together with the last bytes, and is not told again: from
 * then on it is read until it is reached.
 */
static void
on_readable(int fd, short what, void *arg)
{
	struct worker	*w = arg;

	(void)fd;
	if (what & EV_CLOSED)
		w->flags |= WK_HUNGUP;
	turn(w);
}

static void
more_add(struct worker *w)
{
	static const struct timeval	 now = { 0, 0 };

	if (w->flags & WK_MORE)
		return;
	if (ev_more == NULL && (ev_more = evtimer_new(engine_base(), on_more,
	    NULL)) == NULL)
		fatal("event");
	w->flags |= WK_MORE;
	TAILQ_INSERT_TAIL(&more, w, more);
	if (!evtimer_pending(ev_more, NULL))
		evtimer_add(ev_more, &now);
}

void
worker_look(struct worker *w)
{
	if (w->fd != -1)
		more_add(w);
}

static void
more_del(struct worker *w)
{
	if (!(w->flags & WK_MORE))
		return;
	w->flags &= ~WK_MORE;
	TAILQ_REMOVE(&more, w, more);
}

/* One turn each; whoever has more then comes after everybody else. */
static void
on_more(int fd, short what, void *arg)
{
	struct worker	*last, *w;

	(void)fd;
	(void)what;
	(void)arg;
	if ((last = TAILQ_LAST(&more, again)) == NULL)
		return;
	do {
		w = TAILQ_FIRST(&more);
		more_del(w);
		turn(w);
	} while (w != last);
}

/*
 * Look, act, let the parent know, and only then take the bytes out of the
 * socket: the order that lets a successor go on where we were.
 */
static void
turn(struct worker *w)
{
	ssize_t	 n;
	int	 came;

	if (!may_read(w))
		return;
	n = receive(w->fd, sizeof(buf), MSG_PEEK, &came);
	if (n == -1 && errno == EINTR)
		more_add(w);
	if (n == -1 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		worker_close(w);
		return;
	}
	w->acted = (uint32_t)act(w, (size_t)n, came);
	if (w->acted == 0 && (w->flags & WK_HUNGUP)) {
		worker_close(w);	/* the rest of a line never comes */
		return;
	}
	if (n == (ssize_t)sizeof(buf) || came || (w->flags & WK_HUNGUP))
		more_add(w);
	if (w->acted > 0 && parent_backlog() > 0 && !parent_flush())
		w->flags |= WK_WAITING;
	else
		consume(w);
}

static int
may_read(struct worker *w)
{
	if (w->bad != NULL && w->fd != -1)
		close_bad(w);
	if (w->fd == -1 || (w->flags & WK_WAITING))
		return (0);
	if (parent_backlog() > BACKLOG_MAX && !parent_flush()) {
		w->flags |= WK_WAITING;
		return (0);
	}
	consume(w);
	return (1);
}

/*
 * No room for descriptors: the kernel drops those that a worker sends, and
 * says so.  We want none of them, and none can be too many.
 */
static ssize_t
receive(int fd, size_t len, int flags, int *came)
{
	struct msghdr	 msg;
	struct iovec	 iov;
	ssize_t		 n;

	memset(&msg, 0, sizeof(msg));
	iov.iov_base = buf;
	iov.iov_len = len;
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	n = sys_recvmsg(fd, &msg, flags | MSG_DONTWAIT);
	*came = n > 0 && (msg.msg_flags & MSG_CTRUNC) != 0;
	return (n);
}

/* All whole lines of what is in the buffer: how many bytes they are. */
static size_t
act(struct worker *w, size_t len, int came)
{
	enum line_kind	 kind;
	size_t		 off, used;
	int		 whole;

	for (off = 0; off < len && w->bad == NULL; off += used) {
		/* Behind a descriptor nothing can be seen before it is taken. */
		whole = came || (off == 0 && len == sizeof(buf));
		kind = line_next(&w->line, buf + off, len - off, whole, &used);
		if (kind == LINE_NONE)
			break;
		if (kind == LINE_TEXT)
			worker_said(w, buf + off, used - 1, came);
		else
			worker_said_long(w, kind, came);
	}
	return (off);
}

static void
consume(struct worker *w)
{
	ssize_t	 n;
	int	 any = 0, came;

	if (w->acted == 0)
		return;
	while (w->acted > 0) {
		n = receive(w->fd, w->acted < sizeof(buf) ? w->acted :
		    sizeof(buf), 0, &came);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		w->acted -= (uint32_t)n;
		any |= came;
	}
	w->acted = 0;
	line_handle_settle(&w->came, any);
}

/* The parent has taken all: so the bytes that it came from can go. */
void
worker_drained(void)
{
	struct worker	*w;

	RB_FOREACH(w, workers, &workers) {
		if (!(w->flags & WK_WAITING))
			continue;
		w->flags &= ~WK_WAITING;
		more_add(w);
	}
}

/* ---- ends ---- */

static void
close_channel(struct worker *w)
{
	struct seat	*next, *seat;

	event_del(&w->ev_read);
	event_del(&w->ev_write);
	event_del(&w->ev_later);
	event_del(&w->ev_rest);
	more_del(w);
	close(w->fd);
	w->fd = -1;
	w->flags &= ~WK_WAITING;
	w->acted = 0;
	w->rr.retired = 1;
	out_clear(w);
	bound_clear(w);
	TAILQ_FOREACH_SAFE(seat, &w->seats, entry, next) {
		conn_held(seat->service);	/* perhaps it waited for us */
		seat_free(seat);
	}
}

void
worker_close(struct worker *w)
{
	if (w->fd == -1)
		return;
	close_channel(w);
	conn_rescue(w);
	worker_retired(w);
	worker_report(w, IMSG_ENGINE_EOF);
}

void
worker_bad(struct worker *w, const char *why)
{
	if (w->bad != NULL || w->fd == -1)
		return;
	w->bad = why;
	w->rr.retired = 1;
	more_add(w);
}

/*
 * It may still have what it did not answer for: that is given to somebody
 * else when the process is gone.
 */
static void
close_bad(struct worker *w)
{
	struct engine_bad	 eb;

	memset(&eb, 0, sizeof(eb));
	eb.ref = w->ref;
	(void)strlcpy(eb.why, w->bad, sizeof(eb.why));
	close_channel(w);
	parent_send(IMSG_ENGINE_BAD, &eb, sizeof(eb));
}

void
worker_error(struct worker *w, const char *why)
{
	if (w->flags & WK_ERRED)
		log_debug("%s: %s", w->name, why);
	else
		log_warnx("%s: %s: it is ended if it goes on so", w->name, why);
	w->flags |= WK_ERRED;
	if (!worker_token(&w->errors, &w->errors_ms, ERRORS_BURST, 60000))
		worker_bad(w, why);
}

void
worker_free(struct worker *w)
{
	struct handle	*h;
	int		 i;

	/* It may have answered before it went. */
	for (i = 0; i < LAST_TURNS && w->fd != -1; i++) {
		w->flags &= ~WK_WAITING;
		turn(w);
		if (!(w->flags & (WK_MORE | WK_WAITING)))
			break;
	}
	if (w->fd != -1)
		close_channel(w);
	conn_rescue(w);
	while ((h = TAILQ_FIRST(&w->handles)) != NULL) {
		TAILQ_REMOVE(&w->handles, h, entry);
		free(h);	/* only probes are their own */
	}
	hear_free(w);
	more_del(w);
	if (w->dropped > 0)
		log_info("%s: %u messages to us were too long or too many",
		    w->name, w->dropped);
	RB_REMOVE(workers, &workers, w);
	free(w->name);
	free(w);
}

/* ---- rotation, reports ---- */

void
worker_retire(struct worker *w)
{
	struct seat	*seat;

	w->rr.retired = 1;
	w->flags |= WK_RETIRING;
	TAILQ_FOREACH(seat, &w->seats, entry)
		conn_held(seat->service);
	worker_retired(w);
}

void
worker_retired(struct worker *w)
{
	if (!(w->flags & WK_RETIRING) || w->rr.unanswered > 0)
		return;
	w->flags &= ~WK_RETIRING;
	worker_report(w, IMSG_ENGINE_RETIRED);
}

void
worker_report(const struct worker *w, uint32_t type)
{
	parent_send(type, &w->ref, sizeof(w->ref));
}

int
worker_token(uint32_t *left, uint64_t *since, uint32_t burst,
    uint32_t every_ms)
{
	uint64_t	 now, more_now;

	now = engine_ms();
	more_now = (now - *since) / every_ms;
	if (*left >= burst || more_now >= burst - *left) {
		*left = burst;
		*since = now;
	} else {
		*left += (uint32_t)more_now;
		*since += more_now * every_ms;
	}
	if (*left == 0)
		return (0);
	(*left)--;
	return (1);
}

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
 * What a worker says.
 */

#include <sys/types.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine-local.h"
#include "log.h"

#define QUERIES_MAX	64	/* that the parent has not answered */
#define MESSAGES_BURST	200
#define MESSAGE_MS	10

typedef void	(said)(struct worker *, const struct proto_msg *);

static said	 said_bad, said_nothing, said_ready, said_ack, said_nack;
static said	 said_accepted, said_online, said_query, said_listening;
static said	 said_close, said_leaving, said_socket, said_drained;
static said	 said_lost;
static void	 handle(struct worker *, int);
static void	 message(struct worker *, const char *, size_t);
static void	 dropped(struct worker *);

static const struct {
	said	*fn;
	int	 cluster;	/* of cluster workers only */
} table[PROTO_NKINDS] = {
	[PROTO_BAD] =		{ said_bad,		0 },
	[PROTO_IGNORED] =	{ said_nothing,		0 },
	[PROTO_LOST] =		{ said_lost,		0 },
	[PROTO_USER] =		{ said_nothing,		0 },
	[PROTO_READY] =		{ said_ready,		0 },
	[PROTO_HANDLE] =	{ said_nothing,		0 },
	[PROTO_HANDLE_ACK] =	{ said_ack,		1 },
	[PROTO_HANDLE_NACK] =	{ said_nack,		1 },
	[PROTO_ACCEPTED] =	{ said_accepted,	1 },
	[PROTO_ONLINE] =	{ said_online,		1 },
	[PROTO_QUERY] =		{ said_query,		1 },
	[PROTO_LISTENING] =	{ said_listening,	1 },
	[PROTO_CLOSE] =		{ said_close,		1 },
	[PROTO_LEAVING] =	{ said_leaving,		1 },
	[PROTO_SOCKET_CLOSE] =	{ said_socket,		0 },
	[PROTO_SOCKET_COUNT] =	{ said_socket,		0 },
	[PROTO_DRAINED] =	{ said_drained,		0 }
};

void
worker_said(struct worker *w, const char *text, size_t len, int came)
{
	static struct proto_msg	 msg;

	proto_parse(&msg, text, len);
	if (table[msg.kind].cluster && !(w->flags & WK_CLUSTER))
		return;
	if (msg.kind == PROTO_HANDLE)
		handle(w, came);
	else if (msg.kind == PROTO_USER)
		message(w, text, len);
	else
		table[msg.kind].fn(w, &msg);
	if (msg.kind != PROTO_BAD)
		w->flags &= ~WK_FORGIVEN;
	/* Those that come with every connection are not worth a look. */
	if (msg.kind != PROTO_HANDLE_ACK && msg.kind != PROTO_ACCEPTED)
		worker_look(w);
}

void
worker_said_long(struct worker *w, enum line_kind kind, int came)
{
	switch (kind) {
	case LINE_LONG_USER:
		dropped(w);
		break;
	case LINE_LONG_HANDLE:
		handle(w, came);
		break;
	case LINE_LONG_INTERNAL:
		worker_error(w, "sent an endless internal message");
		break;
	case LINE_OVER:
		worker_bad(w, "sent a message without end");
		break;
	default:
		break;
	}
}

/*
 * Something was passed with process.send(): nobody here has a use for it,
 * but the worker says nothing more until it is told that it has arrived.
 */
static void
handle(struct worker *w, int came)
{
	const char	*answer;

	answer = line_handle_claim(&w->came, came) ? proto_handle_ack :
	    proto_handle_nack;
	out_line(w, answer, strlen(answer));
}

static void
message(struct worker *w, const char *text, size_t len)
{
	if (len > SAY_MAX || !worker_token(&w->messages, &w->messages_ms,
	    MESSAGES_BURST, MESSAGE_MS)) {
		dropped(w);
		return;
	}
	parent_sendv(IMSG_ENGINE_MESSAGE, &w->ref, text, len);
}

static void
dropped(struct worker *w)
{
	if (w->dropped++ == 0)
		log_warnx("%s: its messages are too long or too many: some "
		    "are not passed on", w->name);
}

static void
said_bad(struct worker *w, const struct proto_msg *msg)
{
	(void)msg;
	/* The last engine may have taken the first half of it. */
	if (w->flags & WK_FORGIVEN)
		w->flags &= ~WK_FORGIVEN;
	else
		worker_error(w, "sent what Node does not send");
}

static void
said_nothing(struct worker *w, const struct proto_msg *msg)
{
	(void)w;
	(void)msg;
}

static void
said_lost(struct worker *w, const struct proto_msg *msg)
{
	(void)msg;
	dropped(w);
}

static void
said_ready(struct worker *w, const struct proto_msg *msg)
{
	(void)msg;
	worker_report(w, IMSG_ENGINE_SAIDREADY);
}

/* The oldest of what we sent has arrived; what was made up is ignored. */
static void
said_ack(struct worker *w, const struct proto_msg *msg)
{
	struct handle	*h;

	(void)msg;
	while ((h = TAILQ_FIRST(&w->handles)) != NULL &&
	    h->kind == HANDLE_PROBE) {
		TAILQ_REMOVE(&w->handles, h, entry);
		free(h);
	}
	if (h == NULL)
		return;
	if (h->kind == HANDLE_BOUND)
		bound_acked(h);
	else {
		TAILQ_REMOVE(&w->handles, h, entry);
		h->queued = 0;
	}
}

/*
 * It has not.  When that is the answer to a probe, what the last engine may
 * have sent before it has not been sent at all.
 */
static void
said_nack(struct worker *w, const struct proto_msg *msg)
{
	struct handle	*h;

	(void)msg;
	while ((h = TAILQ_FIRST(&w->handles)) != NULL &&
	    h->kind == HANDLE_MAYBE)
		conn_nacked(h);
	if (h == NULL)
		return;
	if (h->kind == HANDLE_PROBE) {
		TAILQ_REMOVE(&w->handles, h, entry);
		free(h);
	} else if (h->kind == HANDLE_BOUND)
		bound_nacked(h);
	else
		conn_nacked(h);
}

static void
said_accepted(struct worker *w, const struct proto_msg *msg)
{
	conn_answered(w, msg->ack, msg->accepted);
}

static void
said_online(struct worker *w, const struct proto_msg *msg)
{
	(void)msg;
	/* The last engine may have heard the very same line. */
	if ((w->flags & (WK_ONLINE | WK_TWICE | WK_FORGIVEN)) == WK_ONLINE) {
		w->flags |= WK_TWICE;
		log_warnx("%s: a second process says that it is the cluster "
		    "worker: start the script itself, not a command that "
		    "starts several", w->name);
	}
	w->flags |= WK_ONLINE;
	worker_report(w, IMSG_ENGINE_ONLINE);
}

static void
said_query(struct worker *w, const struct proto_msg *msg)
{
	struct engine_listen	 el;

	if (w->flags & WK_GOING)
		return;
	if (msg->error != 0 || w->nqueries >= QUERIES_MAX) {
		bound_refuse(w, msg->seq, msg->error != 0 ? msg->error :
		    EMFILE, 0, msg->listen.data);
		if (msg->strange)
			worker_error(w, "asked to listen in an impossible way");
		return;
	}
	query_add(w, msg->seq, msg->identity);
	el = msg->listen;
	el.ref = w->ref;
	parent_send(IMSG_ENGINE_LISTEN, &el, sizeof(el));
}

static void
said_listening(struct worker *w, const struct proto_msg *msg)
{
	struct engine_serves	 es;
	struct seat		*seat = NULL;

	if (msg->error == 0)
		seat = seat_match(w, msg);
	es.ref = w->ref;
	es.key = seat != NULL ? seat->service->key : 0;
	es.port = msg->listen.port;
	parent_send(IMSG_ENGINE_LISTENING, &es, sizeof(es));
}

static void
said_close(struct worker *w, const struct proto_msg *msg)
{
	struct engine_serves	 es;
	struct seat		*seat;

	if ((seat = seat_find(w, msg->key)) == NULL)
		return;
	es.ref = w->ref;
	es.key = msg->key;
	es.port = seat->port;
	seat_free(seat);
	parent_send(IMSG_ENGINE_CLOSED, &es, sizeof(es));
}

/* It went by its own will, and stays until we have heard it. */
static void
said_leaving(struct worker *w, const struct proto_msg *msg)
{
	char	 line[PROTO_LINE_MAX];

	out_line(w, line, proto_ack(line, msg->seq, engine_seq()));
	w->flags |= WK_GOING;
	w->rr.retired = 1;
	worker_report(w, IMSG_ENGINE_LEAVING);
}

/* We keep none of the sockets that it passed. */
static void
said_socket(struct worker *w, const struct proto_msg *msg)
{
	char	 line[PROTO_LINE_MAX];

	if (msg->kind == PROTO_SOCKET_CLOSE)
		out_line(w, line, proto_socket_closed(line, msg->text));
	else
		out_line(w, line, proto_socket_count(line, msg->text));
}

static void
said_drained(struct worker *w, const struct proto_msg *msg)
{
	(void)msg;
	worker_report(w, IMSG_ENGINE_DRAINED);
}

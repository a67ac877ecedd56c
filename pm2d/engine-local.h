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
 * The parts of the engine process.
 *
 *	pm2d-engine	start, channel to the parent
 *	engine-parent	what the parent says, by a table
 *	engine-worker	the channels: reading, and who is on them
 *	engine-said	what a worker says, by a table
 *	engine-out	lines to a worker, with or without descriptor
 *	engine-bound	answers to those who want to listen
 *	engine-service	who serves what
 *	engine-listener	sockets that are accepted from
 *	engine-conn	connections on their way to a worker
 *	engine-notify	sd_notify(3)
 *
 * The rule of it all: a worker's bytes are consumed only when what they cause
 * has been written to the parent.  Whenever this process is killed, the next
 * one finds them again.
 */
#ifndef PM2D_ENGINE_LOCAL_H
#define PM2D_ENGINE_LOCAL_H

#include "parentlink.h"
#include <sys/types.h>
#include <sys/queue.h>
#include <sys/tree.h>

#include <event.h>
#include <stddef.h>
#include <stdint.h>

#include "engine-line.h"
#include "engine-proto.h"
#include "engine-rr.h"
#include "imsg.h"
#include "msg.h"

#ifndef __unused	/* RB_GENERATE_STATIC of libbsd wants it */
#define __unused	__attribute__((__unused__))
#endif

struct conn;
struct hear;
struct service;
struct worker;

/* What was sent with a descriptor and is not acknowledged. */
enum handle_kind {
	HANDLE_CONN,		/* a connection: the conn's own */
	HANDLE_MAYBE,		/* ...that the last engine may have sent */
	HANDLE_PROBE,		/* without descriptor, to learn that */
	HANDLE_BOUND		/* a socket to listen on */
};
struct handle {
	TAILQ_ENTRY(handle) entry;
	enum handle_kind kind;
	int		 queued;
};
TAILQ_HEAD(handles, handle);

/* A socket for a worker, until it has got it. */
struct bound {
	LIST_ENTRY(bound) entry;
	struct handle	 handle;
	struct event	 again;
	struct worker	*worker;
	struct engine_bound *eb;
	int		 fd;
	int		 tries;
};

struct outline;
STAILQ_HEAD(outlines, outline);

/* A queryServer that the parent has not answered. */
struct query {
	STAILQ_ENTRY(query) entry;
	uint64_t	 seq;
	uint64_t	 identity;
};
STAILQ_HEAD(queries, query);

/* A worker serves a listener. */
struct seat {
	struct rr_seat	 rr;
	TAILQ_ENTRY(seat) entry;
	struct worker	*worker;
	struct service	*service;
	uint64_t	 seq;		/* of its query; SEQ_UNKNOWN */
	uint64_t	 identity;	/* 0: unknown */
	uint32_t	 port;
};
TAILQ_HEAD(seats, seat);
#define SEQ_UNKNOWN	UINT64_MAX

#define WK_CLUSTER	0x0001
#define WK_ONLINE	0x0002
#define WK_TWICE	0x0004	/* online again: that was logged */
#define WK_RETIRING	0x0008	/* RETIRED is to be said */
#define WK_GOING	0x0010	/* disconnects: its queries are ignored */
#define WK_MORE		0x0020	/* in the list of those to be read again */
#define WK_WAITING	0x0040	/* for the parent to take what it caused */
#define WK_PROBED	0x0080	/* may have a probe to read, see out_now() */
#define WK_FORGIVEN	0x0100	/* may begin in the middle of a line */
#define WK_HUNGUP	0x0200	/* nothing more can come */
#define WK_ERRED	0x0400	/* an error of it was logged */

struct worker {
	RB_ENTRY(worker) entry;
	TAILQ_ENTRY(worker) more;
	struct engine_ref ref;
	struct rr_node	 rr;
	struct event	 ev_read;
	struct event	 ev_write;
	struct event	 ev_later;	/* out_write() after a moment */
	struct event	 ev_rest;
	int		 fd;		/* -1: none, or closed */
	uint32_t	 flags;		/* WK_* */
	uint32_t	 uid;
	uint32_t	 acted;		/* bytes to consume */
	struct line	 line;
	struct line_handles came;
	struct conn	*conn;		/* unanswered */
	TAILQ_HEAD(, conn) inherited;	/* ...of the last engine */
	struct handles	 handles;
	LIST_HEAD(, bound) bounds;
	struct queries	 queries;
	struct seats	 seats;
	struct outlines	 out;
	struct hear	*hear;
	size_t		 outbytes;
	uint32_t	 nqueries;
	uint32_t	 rest_ms;
	uint32_t	 later_ms;
	uint32_t	 errors;	/* left of the budget, see worker_error() */
	uint32_t	 messages;	/* left, as errors */
	uint32_t	 dropped;	/* messages beyond the rate */
	uint64_t	 errors_ms;
	uint64_t	 messages_ms;
	const char	*bad;		/* why: it is closed in a moment */
	char		*name;
};

/* A connection that no worker has answered for. */
struct conn {
	TAILQ_ENTRY(conn) entry;
	struct handle	 handle;
	struct service	*service;
	struct worker	*worker;	/* NULL: held */
	uint64_t	 seq;
	uint64_t	 hash;		/* of its address; 0: to anybody */
	uint64_t	 since;		/* held; 0: not yet */
	int		 fd;
};
TAILQ_HEAD(conns, conn);

struct listener;
LIST_HEAD(listeners, listener);

/* What a key stands for: sockets, workers, connections. */
struct service {
	RB_ENTRY(service) entry;
	uint32_t	 key;
	uint32_t	 nheld;
	uint32_t	 nconns;	/* held ones too */
	struct rr_turn	 turn;
	struct conns	 held;		/* nobody could take them */
	struct listeners listeners;
};

/* pm2d-engine.c */
struct event_base *engine_base(void);
uint64_t	 engine_seq(void);	/* the next one */
void		 engine_epoch(uint32_t);
uint64_t	 engine_ms(void);	/* monotonic */
/* Cannot fail: an engine that cannot tell its parent ends. */
void		 parent_sendv(uint32_t, const struct engine_ref *,
		    const void *, size_t);
/* Write what was sent: 1 if nothing is left; else worker_drained() comes. */
int		 parent_flush(void);
size_t		 parent_backlog(void);	/* bytes not written */

/* engine-parent.c */
int		 parent_dispatch(struct imsg *);

/* engine-worker.c */
struct worker	*worker_find(const struct engine_ref *);
struct worker	*worker_new(const struct engine_worker *, int);
/* Its process is gone. */
void		 worker_free(struct worker *);
/* End of the channel; the struct stays until the process is gone. */
void		 worker_close(struct worker *);
/* It broke the protocol: is closed, the parent told; not from within. */
void		 worker_bad(struct worker *, const char *);
/* Something that Node does not do; too much of it is bad. */
void		 worker_error(struct worker *, const char *);
void		 worker_drained(void);
/* Read it again soon: there may be more, or the end. */
void		 worker_look(struct worker *);
/* Leaves the rotation for good; says RETIRED if that was asked for. */
void		 worker_retire(struct worker *);
void		 worker_retired(struct worker *);
/* Tell the parent about it. */
void		 worker_report(const struct worker *, uint32_t);
/* Take one of so many per second; 0: none is left. */
int		 worker_token(uint32_t *, uint64_t *, uint32_t burst,
		    uint32_t every_ms);

/* engine-said.c: a line, and one that was too long; a descriptor is ahead */
void		 worker_said(struct worker *, const char *, size_t, int);
void		 worker_said_long(struct worker *, enum line_kind, int);

/* engine-out.c */
/* A line; bounded: who does not read at all is bad. */
void		 out_line(struct worker *, const char *, size_t);
/* A line with a descriptor, which stays the caller's while it is queued. */
void		 out_handle(struct worker *, const char *, size_t, int);
/* At once or not at all: 0, -1: the worker is marked as full. */
int		 out_now(struct worker *, const char *, size_t, int);
void		 out_write(int, short, void *);	/* its ev_write */
/* Is this descriptor yet to be sent to it? */
int		 out_waits(const struct worker *, int);
void		 out_clear(struct worker *);

/* engine-bound.c: the parent's answers to queries, and what was sent so */
void		 bound_answer(struct worker *, struct engine_bound *, int);
void		 bound_refuse(struct worker *, uint64_t, int, uint32_t,
		    const char *);
void		 bound_acked(struct handle *);
void		 bound_nacked(struct handle *);
void		 bound_clear(struct worker *);
void		 query_add(struct worker *, uint64_t, uint64_t);

/* engine-listener.c */
void		 listener_set(const struct engine_listener *, int);
void		 listener_drop(uint32_t);
/* Somebody can take connections again. */
void		 listener_go(struct service *);
/* A descriptor was closed: one is kept for hard times. */
void		 listener_reserve(void);

/* engine-service.c */
struct service	*service_get(uint32_t);	/* made when missing; NULL */
void		 service_unuse(struct service *);
void		 service_each(void (*)(struct service *));
struct seat	*seat_find(const struct worker *, uint32_t);
/* By what a listening says of it. */
struct seat	*seat_match(const struct worker *, const struct proto_msg *);
struct seat	*seat_add(struct worker *, uint32_t);
void		 seat_free(struct seat *);

/* engine-conn.c */
/* A connection that was accepted; takes the descriptor. */
void		 conn_new(struct service *, int, uint64_t);
/* Its worker's answer. */
void		 conn_answered(struct worker *, uint64_t, int);
void		 conn_nacked(struct handle *);
/* The worker takes no more answers: its connections go to others. */
void		 conn_rescue(struct worker *);
/* A worker came: is something of the last engine's for it? */
void		 conn_claim(struct worker *);
/* The worker can take one again. */
void		 conn_ready(struct worker *);
void		 conn_resume(int, short, void *);	/* its ev_rest */
/* Give away what nobody could take before. */
void		 conn_held(struct service *);
void		 conn_drop_held(struct service *);
/* Calls that when there is no connection here. */
void		 conn_when_none(void (*)(void));

/* engine-notify.c */
void		 hear_new(struct worker *, int);
void		 hear_free(struct worker *);

#endif /* PM2D_ENGINE_LOCAL_H */

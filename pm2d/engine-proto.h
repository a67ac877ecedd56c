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
 * Node's protocol between a cluster's primary and its workers: one line into
 * a struct, structs into lines.  Pure.  What comes from a worker is checked
 * here for form, all of it; whether it may is asked elsewhere.
 */
#ifndef PM2D_ENGINE_PROTO_H
#define PM2D_ENGINE_PROTO_H

#include <stddef.h>
#include <stdint.h>

#include "msg.h"

#define PROTO_DEPTH	64		/* of nested objects and arrays */
#define PROTO_SEQ_MAX	(1ULL << 53)	/* exact in a JavaScript number */
#define PROTO_TEXT_MAX	512		/* key of NODE_SOCKET_, as JSON */
#define PROTO_LINE_MAX	4096		/* all that is written here fits */

enum proto_kind {
	PROTO_BAD,		/* not JSON, or a form that Node never sends */
	PROTO_IGNORED,		/* internal, and nothing to us */
	PROTO_LOST,		/* an app's, but no text for JSON of ours */
	PROTO_USER,		/* process.send() of the app */
	PROTO_READY,		/* ...of "ready" */
	PROTO_HANDLE,		/* comes with a descriptor */
	PROTO_HANDLE_ACK,
	PROTO_HANDLE_NACK,
	PROTO_ACCEPTED,		/* ack, accepted */
	PROTO_ONLINE,
	PROTO_QUERY,		/* seq, error, listen */
	PROTO_LISTENING,	/* listen; error: no socket of ours */
	PROTO_CLOSE,		/* key */
	PROTO_LEAVING,		/* exitedAfterDisconnect: seq */
	PROTO_SOCKET_CLOSE,	/* NODE_SOCKET_NOTIFY_CLOSE: text */
	PROTO_SOCKET_COUNT,	/* NODE_SOCKET_GET_COUNT: text */
	PROTO_DRAINED,		/* of our own preload */
	PROTO_NKINDS
};

struct proto_msg {
	enum proto_kind	 kind;
	int		 accepted;
	int		 error;		/* errno that the query gets at once */
	int		 strange;	/* ...and Node would not have asked it */
	uint32_t	 key;		/* 0: not one of ours */
	uint64_t	 seq;
	uint64_t	 ack;
	uint64_t	 identity;	/* of a query's type and address */
	struct engine_listen listen;	/* without ref */
	char		 text[PROTO_TEXT_MAX];
};

/* A line without its newline.  listen is of QUERY and LISTENING only. */
void	 proto_parse(struct proto_msg *, const char *, size_t);
/* May this be sent to an app as a message: one JSON value, not internal? */
int	 proto_sayable(const char *, size_t);

/*
 * Lines to a worker, newline included, into PROTO_LINE_MAX bytes: their
 * length.  The last argument is our own sequence number.
 */
size_t	 proto_newconn(char *, uint32_t key, uint64_t);
size_t	 proto_bound(char *, const struct engine_bound *, uint64_t);
/* errno as the system has it; data as the query had it. */
size_t	 proto_refuse(char *, uint64_t ack, int error, uint32_t key,
	    const char *data, uint64_t);
size_t	 proto_ack(char *, uint64_t ack, uint64_t);
size_t	 proto_disconnect(char *, uint64_t);
size_t	 proto_socket_closed(char *, const char *);
size_t	 proto_socket_count(char *, const char *);

extern const char	 proto_handle_ack[], proto_handle_nack[];
extern const char	 proto_drain[];
/* A handle's line without a handle: is answered with a NACK, in its turn. */
extern const char	 proto_probe[];

#endif /* PM2D_ENGINE_PROTO_H */

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
 * What the engine leaves behind: connections that it has accepted and whose
 * worker has not answered yet.  A twin process shares its descriptors and a
 * table of them; when the engine dies the twin hands both on, through the
 * parent, to the next engine.
 *
 * Where there is no twin all of these may be called all the same; then an
 * engine that is killed takes its connections with it.
 */
#ifndef PM2D_ENGINE_ESTATE_H
#define PM2D_ENGINE_ESTATE_H

#include <event.h>
#include <stdint.h>

#include "msg.h"

/* One connection, which comes with its descriptor, in an estate. */
enum estate_state {
	ESTATE_NONE,
	ESTATE_TAKEN,		/* key */
	ESTATE_SENT,		/* ref and seq, too */
	ESTATE_SETTLED		/* about to be closed: in no estate */
};
struct estate_record {
	uint32_t	 key;
	uint32_t	 state;
	struct engine_ref ref;
	uint64_t	 seq;
};

/* Descriptors from here on are in no table: what they are would be lost. */
#define ESTATE_FDS_MAX	65536

/*
 * Before privileges are dropped: makes the twin.  0 in the engine, 1 in the
 * twin, which drops the same privileges, enters the same sandbox and then
 * calls estate_twin_main(); -1 with errno: there will be no estate.
 */
int	 estate_start(void);
void	 estate_twin_main(void) __attribute__((noreturn));

/* Calls that once, when the twin is gone and the engine is not. */
void	 estate_watch(struct event_base *, event_callback_fn);

/* The socket to leave it on (CONF); takes the descriptor. */
void	 estate_socket(int);
/*
 * What an earlier engine has left (ESTATE, perhaps several, and before any
 * WORKER); takes the descriptor.  Calls conn_inherit() for each connection
 * before it returns; only if its twin hangs, from the event loop.
 */
void	 estate_inherit(struct event_base *, int);

/*
 * Before each single accept4(2): what it returns is a connection for the
 * listener with this key.  All that was settled before is closed by now.
 */
void	 estate_accepting(uint32_t key);
/* It has this descriptor, and no worker (also: no worker any more). */
void	 estate_took(int fd, uint32_t key);
/* Before it is sent to a worker, with this sequence number. */
void	 estate_sending(int fd, const struct engine_ref *, uint64_t seq);
/* Before it is closed. */
void	 estate_settled(int fd);

/*
 * The engine's own, in engine-conn.c: the descriptor, which is in the table
 * already, is its from now on.  ref NULL: it was not given to any worker.
 */
void	 conn_inherit(int fd, uint32_t key, const struct engine_ref *,
	    uint64_t seq);

#endif /* PM2D_ENGINE_ESTATE_H */

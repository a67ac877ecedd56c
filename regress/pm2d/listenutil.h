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
 * For tests of listen*.c: apps and runs without processes, an engine that
 * writes down what it is told, real sockets.
 */
#ifndef PM2D_LISTENUTIL_H
#define PM2D_LISTENUTIL_H

#include <sys/types.h>

#include <atf-c.h>

#include "../../pm2d/engine.h"
#include "../../pm2d/listen.h"

enum said_kind {
	SAID_LISTENER,
	SAID_UNLISTEN,
	SAID_SERVES,
	SAID_BOUND
};

struct said {
	enum said_kind	 kind;
	uint32_t	 number;
	uint32_t	 key;
	int		 fd;		/* a copy, as the engine has; or -1 */
	struct engine_bound bound;
};

extern struct pm2d	 env;
extern struct said	 said[];
extern unsigned int	 nsaid;
extern struct appids	*lu_ids;	/* of all apps */

void		 lu_begin(const atf_tc_t *);
void		 lu_end(void);
/* Run the loop for so many ms. */
void		 lu_loop(int);

/* An app with this balance (NULL: none), and what --listen says up to NULL. */
struct app	*lu_app(uid_t, const char *, ...) __attribute__((sentinel));
/* Another spec, with these to listen to; the old one is the caller's. */
struct appspec	*lu_respec(struct app *, ...) __attribute__((sentinel));
struct run	*lu_run(struct app *, enum run_role);
/* It is gone, and forgotten. */
void		 lu_runend(struct run *);
/* Its app is at rest. */
void		 lu_rest(struct app *);

/*
 * A query; the answer that came at once.  The address NULL: LISTEN_ANY.  Next
 * seq, or that of the last one again.
 */
void		 lu_query(struct engine_listen *, uint32_t, const char *,
		    uint32_t, uint32_t);
const struct said *lu_send(struct run *, struct engine_listen *);
const struct said *lu_ask(struct run *, uint32_t, const char *, uint32_t);
extern uint64_t	 lu_seq;
/* The i-th of that kind; from the end: -1 is the last.  NULL: none. */
const struct said *lu_said(enum said_kind, int);
unsigned int	 lu_count(enum said_kind);
void		 lu_forget(void);	/* what was said */
/* The answer when it comes. */
const struct said *lu_wait(unsigned int);

int		 lu_serve(struct run *, uint32_t);
void		 lu_close(struct run *, uint32_t);

/* By this process: 0 or an errno; the socket is closed again. */
int		 lu_canbind(int, const char *, uint32_t);
/* A connected socket, or -1 with errno. */
int		 lu_connect(int, const char *, uint32_t);
/* One from the queue, or -1. */
int		 lu_accept(int);
uint32_t	 lu_freeport(void);

#endif /* PM2D_LISTENUTIL_H */

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
 * Listening sockets: the parent binds them, after it has looked at who asks,
 * and keeps them while an app that uses them is to run, so that they outlive
 * workers and engines.  A socket is known by owner, type, address and port
 * (port 0: also by the apps started together, and index); two apps of one
 * owner that ask for the same one share it.
 */
#ifndef PM2D_LISTEN_H
#define PM2D_LISTEN_H

#include "listenspec.h"
#include "parent.h"

#define LISTENERS_PER_APP	256

struct listener;

void	 listen_init(struct pm2d *);
/*
 * Closes all, removes paths.  Before the engine is freed, or with
 * env->engine NULL; apps and runs that are gone were ended and released.
 */
void	 listen_exit(struct pm2d *);

/*
 * A worker's queryServer.  Answers with engine_bound(), at once or when a
 * helper has bound a path as the app's user.
 */
void	 listen_query(struct run *, const struct engine_listen *);
/* It listens there (LISTENING): 1 if it is one of ours: counts as ready. */
int	 listen_serving(struct run *, const struct engine_serves *);
/* It closed its server (CLOSED). */
void	 listen_closed(struct run *, const struct engine_serves *);
/* Does the first serve every listener that the second does? */
int	 listen_covers(const struct run *, const struct run *);
/* How many listeners this run serves. */
uint32_t listen_count(const struct run *);
/* It is to get no more connections (kernel: steer them away from it). */
void	 listen_retire(struct run *);
/*
 * Its process is gone: what waits in its own sockets goes to others.  Always
 * before a run is freed.
 */
void	 listen_ended(struct run *);
/* The app's run took over: what only older ones used is let go, later. */
void	 listen_promoted(struct run *);
/*
 * The app is at rest or deleted, its runs are ended: what nobody else uses is
 * closed now.  Always before an app is freed.
 */
void	 listen_release(struct app *);

/*
 * The sockets of --listen, bound as the app's user may; made at the first
 * start, the same ones for every run until the app is at rest.  They block,
 * as those of systemd do.  A run whose spec has other ones gets those, and
 * then the earlier ones go.  The callback comes later or from within, once;
 * error 0: listen_fds() has them, else an errno and the entry that failed.
 * -1 with errno: no memory, no callback.  After _cancel() there is none.
 */
typedef void	 (listen_done)(struct run *, int error, const char *which);
int	 listen_open(struct run *, listen_done *);
void	 listen_open_cancel(struct run *);
/* The descriptors for this run, in order; how many. */
uint32_t listen_fds(const struct run *, const int **);
/* The app's next run wants none. */
void	 listen_unopen(struct app *);

/* A new engine: its listeners; and what a worker serves, after WORKER. */
void	 listen_feed(struct pm2d *);
void	 listen_resume(struct run *);

/* "tcp *:8000 rr, unix /x shared", for describe. */
void	 listen_describe(const struct app *, char *, size_t);
/* Row texts for doctor. */
uint32_t listen_total(const struct pm2d *);

#endif /* PM2D_LISTEN_H */

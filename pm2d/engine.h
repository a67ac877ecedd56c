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
 * The parent's side of the engine, the process that speaks Node's protocol.
 * The parent keeps a copy of every channel and socket, so that a new engine
 * can be given all of it again; while none runs the workers live on.
 */
#ifndef PM2D_ENGINE_H
#define PM2D_ENGINE_H

#include "parent.h"

struct engine;

/*
 * Start the engine and keep it running.  NULL with errno.  For engine_worker()
 * and tests: a pm2d whose apps need no engine has none, and env->engine is
 * NULL; all functions know what to do then.
 */
struct engine	*engine_new(struct pm2d *);
/* Leaves env->engine NULL. */
void		 engine_free(struct engine *);
const char	*engine_status(const struct engine *);	/* for doctor */
pid_t		 engine_pid(const struct engine *);	/* 0: none */
uint32_t	 engine_crashes(const struct engine *);
int		 engine_separate(const struct engine *); /* another user */
/* Where it has no pidfd: did it end? */
void		 engine_sigchld(struct engine *);

/*
 * A run with a channel or a NOTIFY_SOCKET begins (its descriptors, worker and
 * generation are in the run), ends (before its generation changes).  With
 * NULL, the first one starts the engine: -1 when that was not possible.
 * Engines come and go without the caller: each is told of the run, with its
 * notes and what it serves.
 */
int		 engine_worker(struct engine *, struct run *);
void		 engine_forget(struct engine *, struct run *);
/*
 * Answered by supervise_note(): RETIRED, DRAINED; DISCONNECT by EOF.  Sets
 * NOTE_RETIRING, NOTE_DRAINING, NOTE_GOING.  While an engine is being
 * replaced its successor will do it; -1: there is none, nor soon will be.
 */
int		 engine_retire(struct engine *, struct run *);
int		 engine_drain(struct engine *, struct run *);
int		 engine_disconnect(struct engine *, struct run *);
/* JSON text, checked by the engine.  -1 with errno: ENOTCONN, EAGAIN. */
int		 engine_say(struct engine *, struct run *, const void *,
		    size_t);

/* For listen.c.  Descriptors stay the caller's: they are duplicated. */
void		 engine_listener(struct engine *, uint32_t number,
		    uint32_t key, int fd);
void		 engine_unlisten(struct engine *, uint32_t number);
/* What a new engine must know of a worker; with listen_resume(). */
void		 engine_serves(struct engine *, const struct run *,
		    uint32_t key);
/* fd -1: none goes with it. */
void		 engine_bound(struct engine *, const struct engine_bound *,
		    int fd);

#endif /* PM2D_ENGINE_H */

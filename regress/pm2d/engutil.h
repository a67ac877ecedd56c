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
 * For tests of the engine: its parent, as far as it needs one.
 */
#ifndef PM2D_ENGUTIL_H
#define PM2D_ENGUTIL_H

#include <sys/types.h>
#include <sys/socket.h>

#include <stdint.h>

#include <atf-c.h>

#include "msg.h"

#define ENG_WAIT	10000	/* ms, for what must come */
#define ENG_QUIET	150	/* ms, for what must not */

/* What the engine said. */
struct eng_said {
	uint32_t	 type;
	struct engine_ref ref;
	uint32_t	 key;
	uint32_t	 port;
	uint64_t	 seq;
	uint32_t	 len;		/* of text */
	struct engine_listen listen;
	struct engine_notify notify;
	char		 text[SAY_MAX + 1];
};

/*
 * Start it; ends with the test.  Queries are answered from a table of
 * sockets that are bound as they are asked for, unless eng_answers is 0.
 */
void	 eng_start(const atf_tc_t *, uint32_t epoch);
/* Close its channel: it exits, with 0. */
void	 eng_stop(void);
pid_t	 eng_pid(void);
extern int	 eng_answers;
extern uint32_t	 eng_flags;	/* of the answers: BOUND_FD */
extern int	 eng_errno;	/* of the answers */

/* Kill it, hear what it still had said, start the next one. */
void	 eng_restart(const atf_tc_t *, uint32_t epoch);

/* A worker with this id: the end of its channel, non-blocking. */
int	 eng_worker(uint32_t app, uint32_t flags);
/* Made known again, with its old channel. */
void	 eng_worker_again(uint32_t app, uint32_t flags);
/* A NOTIFY_SOCKET of it: the end to write to. */
int	 eng_hear(uint32_t app);
void	 eng_bound(const struct engine_bound *, int fd);
void	 eng_ref(uint32_t type, uint32_t app);
void	 eng_send(uint32_t type, int fd, const void *, size_t);
void	 eng_say(uint32_t app, const char *);
/* A listening socket on loopback, made known with that key: its port. */
uint32_t eng_listener(uint32_t key);
void	 eng_unlisten(uint32_t number, uint32_t key);
void	 eng_serves(uint32_t app, uint32_t key, uint32_t port);

/* Wait until it says this about that app (0: any); NULL after ms. */
struct eng_said *eng_wait(uint32_t type, uint32_t app, int ms);
/* How often it has been said, of what eng_wait() has not returned. */
int	 eng_count(uint32_t type, uint32_t app);
void	 eng_run(int ms);
/* Its descriptors, its memory in KiB (proportional). */
int	 eng_nfds(void);
/* So many more than before?  Who may not look takes it for granted. */
int	 eng_nfds_is(int before, int more);
long	 eng_pss(void);

/* As a worker: say lines, and read what comes. */
void	 wk_say(int, const char *);
void	 wk_sayfd(int, const char *, int nfds);
/* The next line, without newline; NULL after ms, "" at the end of file. */
const char *wk_line(int, int ms, int *fd);
/* ...that has this in it; others are passed over. */
const char *wk_expect(int, const char *, int *fd);
/* online, and a server on the listener with this key. */
void	 wk_begin(int, uint32_t app, uint32_t key);
/* Of newconn. */
uint64_t wk_seq(const char *);

/* As a client: connect to the port of loopback. */
int	 cl_connect(uint32_t port);
/* GET /path, the body; NULL: no answer. */
const char *cl_get(uint32_t port, const char *path);

#endif /* PM2D_ENGUTIL_H */

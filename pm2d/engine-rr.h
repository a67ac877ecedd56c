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
 * Whose turn it is.  Pure: each listener has a turn, in which every worker
 * that serves it has a seat; a worker's node is in all of its seats.  Who
 * was served last sits at the end, and who cannot take one now keeps its
 * place, so that all get equally many.  A worker takes one connection at a
 * time: until it has answered it is passed over.
 */
#ifndef PM2D_ENGINE_RR_H
#define PM2D_ENGINE_RR_H

#include <sys/types.h>
#include <sys/queue.h>

#include <stddef.h>
#include <stdint.h>

/* A worker, as far as turns go. */
struct rr_node {
	uint32_t	 slot;		/* for sticky ones: outlives restarts */
	uint32_t	 generation;
	uint16_t	 unanswered;
	uint8_t		 retired;	/* for good */
	uint8_t		 resting;	/* did not want the last one */
	uint8_t		 full;		/* its channel takes no more now */
	uint8_t		 sticky;
};

struct rr_seat {
	TAILQ_ENTRY(rr_seat) entry;
	struct rr_node	*node;
};
TAILQ_HEAD(rr_turn, rr_seat);

enum rr_answer {
	RR_TAKE,	/* the seat's, which went to the end */
	RR_WAIT,	/* whoever should have it cannot now */
	RR_NOBODY	/* nobody is there at all */
};

/* Could anybody take one now? */
int		 rr_ready(const struct rr_turn *);
/* Do they want each address to come to the same one? */
int		 rr_sticky(const struct rr_turn *);
/* hash 0: to anybody; else the one whom this address always comes to. */
enum rr_answer	 rr_pick(struct rr_turn *, uint64_t hash,
		    struct rr_seat **);
/* Of an address; never 0. */
uint64_t	 rr_hash(const void *, size_t);

#endif /* PM2D_ENGINE_RR_H */

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


#include <sys/types.h>
#include <sys/queue.h>

#include "engine-rr.h"

static int		 can_take(const struct rr_node *);
static uint64_t		 mix(uint64_t);
static struct rr_seat	*favourite(const struct rr_turn *, uint64_t);
static struct rr_seat	*first(const struct rr_turn *);

static int
can_take(const struct rr_node *node)
{
	return (!node->retired && !node->resting && !node->full &&
	    node->unanswered == 0);
}

int
rr_ready(const struct rr_turn *turn)
{
	return (first(turn) != NULL);
}

int
rr_sticky(const struct rr_turn *turn)
{
	const struct rr_seat	*seat;

	TAILQ_FOREACH(seat, turn, entry)
		if (!seat->node->retired)
			return (seat->node->sticky);
	return (0);
}

enum rr_answer
rr_pick(struct rr_turn *turn, uint64_t hash, struct rr_seat **result)
{
	struct rr_seat	*seat;

	*result = NULL;
	if (hash != 0 && rr_sticky(turn)) {
		seat = favourite(turn, hash);
		if (seat != NULL && !can_take(seat->node))
			return (RR_WAIT);
	} else
		seat = first(turn);
	if (seat == NULL) {
		TAILQ_FOREACH(seat, turn, entry)
			if (!seat->node->retired)
				return (RR_WAIT);
		return (RR_NOBODY);
	}
	TAILQ_REMOVE(turn, seat, entry);
	TAILQ_INSERT_TAIL(turn, seat, entry);
	*result = seat;
	return (RR_TAKE);
}

static struct rr_seat *
first(const struct rr_turn *turn)
{
	struct rr_seat	*seat;

	TAILQ_FOREACH(seat, turn, entry)
		if (can_take(seat->node))
			return (seat);
	return (NULL);
}

/*
 * Rendezvous hashing: who comes or goes moves only its own addresses.  One
 * that does not want any now is passed over, a busy one is waited for.
 */
static struct rr_seat *
favourite(const struct rr_turn *turn, uint64_t hash)
{
	struct rr_seat	*seat, *best = NULL;
	uint64_t	 score, top = 0;

	TAILQ_FOREACH(seat, turn, entry) {
		if (seat->node->retired || seat->node->resting)
			continue;
		score = mix(hash ^ mix(seat->node->slot + 1));
		if (best == NULL || score > top || (score == top &&
		    seat->node->generation > best->node->generation)) {
			best = seat;
			top = score;
		}
	}
	return (best);
}

uint64_t
rr_hash(const void *data, size_t len)
{
	const unsigned char	*p = data;
	uint64_t		 h = 0xcbf29ce484222325ULL;
	size_t			 i;

	for (i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3ULL;
	h = mix(h);
	return (h != 0 ? h : 1);
}

/* Each bit of the input changes half of those of the result. */
static uint64_t
mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15ULL;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return (x ^ (x >> 31));
}

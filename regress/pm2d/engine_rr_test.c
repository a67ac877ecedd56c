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

#include <stdint.h>
#include <string.h>

#include <atf-c.h>

#include "engine-rr.h"

#define NODES	8

static struct rr_node	 nodes[NODES];
static struct rr_seat	 seats[NODES];
static struct rr_turn	 turn;
static int		 got[NODES];

static void
fill(uint32_t n, int sticky)
{
	uint32_t	 i;

	memset(nodes, 0, sizeof(nodes));
	memset(got, 0, sizeof(got));
	TAILQ_INIT(&turn);
	for (i = 0; i < n; i++) {
		nodes[i].slot = i + 1;
		nodes[i].generation = 1;
		nodes[i].sticky = (uint8_t)sticky;
		seats[i].node = &nodes[i];
		TAILQ_INSERT_TAIL(&turn, &seats[i], entry);
	}
}

/* Who gets it: its index, or -1 with the answer. */
static int
pick(uint64_t hash, enum rr_answer *answer)
{
	struct rr_seat	*seat;

	*answer = rr_pick(&turn, hash, &seat);
	if (*answer != RR_TAKE) {
		ATF_CHECK(seat == NULL);
		return (-1);
	}
	got[seat - seats]++;
	return ((int)(seat - seats));
}

static uint64_t
client(uint32_t n)
{
	return (rr_hash(&n, sizeof(n)));
}

ATF_TC_WITHOUT_HEAD(pick__even);
ATF_TC_BODY(pick__even, tc)
{
	enum rr_answer	 a;
	int		 i;

	fill(4, 0);
	for (i = 0; i < 300; i++)
		ATF_REQUIRE(pick(0, &a) != -1);
	for (i = 0; i < 4; i++)
		ATF_CHECK_EQ(75, got[i]);
}

/* Who is busy for a while has its turn as soon as it is not. */
ATF_TC_WITHOUT_HEAD(pick__even_when_busy);
ATF_TC_BODY(pick__even_when_busy, tc)
{
	enum rr_answer	 a;
	int		 busy[4] = { 0, 0, 0, 0 }, i, j, n;

	fill(4, 0);
	for (i = 0; i < 300; i++) {
		if ((n = pick(0, &a)) == -1) {
			ATF_CHECK_EQ(RR_WAIT, a);
			i--;
		} else {
			nodes[n].unanswered = 1;
			busy[n] = 3;
		}
		for (j = 0; j < 4; j++)
			if (busy[j] > 0 && --busy[j] == 0)
				nodes[j].unanswered = 0;
	}
	for (i = 0; i < 4; i++)
		ATF_CHECK_EQ(75, got[i]);
}

ATF_TC_WITHOUT_HEAD(pick__who_cannot);
ATF_TC_BODY(pick__who_cannot, tc)
{
	enum rr_answer	 a;
	int		 i;

	fill(0, 0);
	ATF_CHECK_EQ(-1, pick(0, &a));
	ATF_CHECK_EQ(RR_NOBODY, a);
	ATF_CHECK(!rr_ready(&turn));
	fill(5, 0);
	nodes[0].unanswered = 1;
	nodes[1].resting = 1;
	nodes[2].full = 1;
	nodes[3].retired = 1;
	for (i = 0; i < 10; i++)
		ATF_CHECK_EQ(4, pick(0, &a));
	nodes[4].full = 1;
	ATF_CHECK(!rr_ready(&turn));
	ATF_CHECK_EQ(-1, pick(0, &a));
	ATF_CHECK_EQ(RR_WAIT, a);
	for (i = 0; i < 5; i++)
		nodes[i].retired = 1;
	ATF_CHECK_EQ(-1, pick(0, &a));
	ATF_CHECK_EQ(RR_NOBODY, a);
}

ATF_TC_WITHOUT_HEAD(sticky__same_again);
ATF_TC_BODY(sticky__same_again, tc)
{
	enum rr_answer	 a;
	uint32_t	 c;
	int		 i, n;

	fill(4, 1);
	ATF_CHECK(rr_sticky(&turn));
	for (c = 0; c < 200; c++) {
		n = pick(client(c), &a);
		for (i = 0; i < 5; i++)
			ATF_CHECK_EQ(n, pick(client(c), &a));
	}
	/* All of them get some: 1200 in all. */
	for (i = 0; i < 4; i++)
		ATF_CHECK_MSG(got[i] > 150 && got[i] < 450, "%d", got[i]);
	/* It is waited for. */
	n = pick(client(1), &a);
	nodes[n].unanswered = 1;
	ATF_CHECK_EQ(-1, pick(client(1), &a));
	ATF_CHECK_EQ(RR_WAIT, a);
	ATF_CHECK(rr_ready(&turn));
	/* One that does not want it now is not. */
	nodes[n].resting = 1;
	i = pick(client(1), &a);
	ATF_CHECK(i != -1 && i != n);
	/* Without an address: to anybody. */
	ATF_CHECK(pick(0, &a) != -1);
}

/* Who goes moves its own, who comes takes its share, nobody else moves. */
ATF_TC_WITHOUT_HEAD(sticky__few_move);
ATF_TC_BODY(sticky__few_move, tc)
{
	enum rr_answer	 a;
	uint32_t	 c;
	int		 before[400], moved = 0, n;

	fill(5, 1);
	nodes[4].retired = 1;
	for (c = 0; c < 400; c++)
		before[c] = pick(client(c), &a);
	nodes[2].retired = 1;
	for (c = 0; c < 400; c++) {
		n = pick(client(c), &a);
		if (before[c] == 2)
			ATF_CHECK(n != 2);
		else
			ATF_CHECK_EQ(before[c], n);
	}
	nodes[2].retired = 0;
	nodes[4].retired = 0;
	for (c = 0; c < 400; c++) {
		n = pick(client(c), &a);
		ATF_CHECK(n == before[c] || n == 4);
		moved += n != before[c];
	}
	ATF_CHECK_MSG(moved > 40 && moved < 120, "%d moved", moved);
}

/* The successor of a slot gets its clients. */
ATF_TC_WITHOUT_HEAD(sticky__slot_outlives);
ATF_TC_BODY(sticky__slot_outlives, tc)
{
	enum rr_answer	 a;
	uint32_t	 c;
	int		 n;

	fill(4, 1);
	nodes[3].slot = nodes[0].slot;
	nodes[3].generation = 2;
	for (c = 0; c < 100; c++)
		ATF_CHECK(pick(client(c), &a) != 0);
	nodes[3].retired = 1;
	for (c = 0; c < 100; c++) {
		n = pick(client(c), &a);
		nodes[0].retired = 1;
		nodes[3].retired = 0;
		ATF_CHECK_EQ(n == 0 ? 3 : n, pick(client(c), &a));
		nodes[0].retired = 0;
		nodes[3].retired = 1;
	}
}

ATF_TC_WITHOUT_HEAD(hash__never_zero);
ATF_TC_BODY(hash__never_zero, tc)
{
	ATF_CHECK(rr_hash("", 0) != 0);
	ATF_CHECK(rr_hash("\0\0\0\0", 4) != 0);
	ATF_CHECK(rr_hash("\0\0\0\0", 4) != rr_hash("\0\0\0\1", 4));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, pick__even);
	ATF_TP_ADD_TC(tp, pick__even_when_busy);
	ATF_TP_ADD_TC(tp, pick__who_cannot);
	ATF_TP_ADD_TC(tp, sticky__same_again);
	ATF_TP_ADD_TC(tp, sticky__few_move);
	ATF_TP_ADD_TC(tp, sticky__slot_outlives);
	ATF_TP_ADD_TC(tp, hash__never_zero);
	return (atf_no_error());
}

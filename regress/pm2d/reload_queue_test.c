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
 * The queue of a reload: order, how many at once, the end by a failure, who
 * may wait for whose.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <atf-c.h>

#include "reload.h"

#define WHEN	((12 * 3600 + 3 * 60 + 4) * 1000ULL + 999)

static struct reload *
job(uid_t uid, uint32_t flags, uint32_t parallel, uint32_t n,
    const uint32_t *ids)
{
	struct ctl_reload	 req = { flags, parallel, n, 0 };
	struct reload		*r;

	ATF_REQUIRE((r = reload_new(uid, WHEN, &req, ids)) != NULL);
	return (r);
}

/* Begins the next one: its id, or -1. */
static int
next(struct reload *r)
{
	struct reload_item	*it;

	if ((it = reload_next(r)) == NULL)
		return (-1);
	ATF_REQUIRE_EQ(RELOAD_RUNNING, it->state);
	return (it->id);
}

ATF_TC_WITHOUT_HEAD(queue__one_by_one);
ATF_TC_BODY(queue__one_by_one, tc)
{
	static const uint32_t	 ids[] = { 7, 3, 9 };
	struct reload		*r = job(1000, 0, 0, 3, ids);
	size_t			 i;

	for (i = 0; i < 3; i++) {
		ATF_REQUIRE(!reload_over(r));
		ATF_REQUIRE_EQ((int)ids[i], next(r));
		ATF_REQUIRE_EQ_MSG(-1, next(r), "one at a time");
		ATF_REQUIRE(!reload_over(r));
		reload_done(r, ids[i], CTL_OK, "");
		ATF_REQUIRE_EQ(i + 1, r->result.count);
	}
	ATF_REQUIRE(reload_over(r));
	ATF_REQUIRE_EQ(-1, next(r));
	ATF_REQUIRE_EQ(CTL_OK, r->result.code);
	reload_free(r);
}

ATF_TC_WITHOUT_HEAD(queue__parallel);
ATF_TC_BODY(queue__parallel, tc)
{
	static const uint32_t	 ids[] = { 1, 2, 3, 4, 5 };
	struct reload		*r = job(0, 0, 2, 5, ids);

	ATF_REQUIRE_EQ(1, next(r));
	ATF_REQUIRE_EQ(2, next(r));
	ATF_REQUIRE_EQ(-1, next(r));
	reload_done(r, 2, CTL_OK, "");
	ATF_REQUIRE_EQ(3, next(r));
	ATF_REQUIRE_EQ(-1, next(r));
	reload_left(r, 1);
	ATF_REQUIRE_EQ(4, next(r));
	reload_done(r, 3, CTL_OK, "");
	reload_done(r, 4, CTL_OK, "");
	ATF_REQUIRE_EQ(5, next(r));
	ATF_REQUIRE(!reload_over(r));
	reload_done(r, 5, CTL_OK, "");
	ATF_REQUIRE(reload_over(r));
	ATF_REQUIRE_EQ_MSG(4, r->result.count, "one was left as it is");
	reload_free(r);
	r = job(0, 0, UINT32_MAX, 5, ids);
	while (next(r) != -1)
		continue;
	ATF_REQUIRE_EQ(5, r->nrunning);
	reload_free(r);
}

/* What is under way comes to its end, and what came first is told. */
ATF_TC_WITHOUT_HEAD(queue__first_failure_ends_it);
ATF_TC_BODY(queue__first_failure_ends_it, tc)
{
	static const uint32_t	 ids[] = { 5, 4, 3, 2, 1 };
	struct reload		*r = job(0, 0, 3, 5, ids);
	struct ctl_result	 why;

	ATF_REQUIRE_EQ(5, next(r));
	ATF_REQUIRE_EQ(4, next(r));
	ATF_REQUIRE_EQ(3, next(r));
	memset(&why, 0, sizeof(why));
	why.code = CTL_FAILED;
	why.stage = STAGE_READY;
	why.error = ETIMEDOUT;
	why.id = 4711;
	why.count = 4711;
	reload_failed(r, 4, &why);
	ATF_REQUIRE_EQ(-1, next(r));
	ATF_REQUIRE(!reload_over(r));
	ATF_REQUIRE(!reload_pending(r, 4));
	ATF_REQUIRE(reload_pending(r, 5));
	ATF_REQUIRE_MSG(!reload_pending(r, 1), "it will never begin");
	reload_done(r, 5, CTL_OK, "");
	reload_done(r, 3, CTL_BUSY, "second");
	ATF_REQUIRE(reload_over(r));
	ATF_REQUIRE_EQ(CTL_FAILED, r->result.code);
	ATF_REQUIRE_EQ(STAGE_READY, r->result.stage);
	ATF_REQUIRE_EQ(ETIMEDOUT, r->result.error);
	ATF_REQUIRE_EQ(4, r->result.id);
	ATF_REQUIRE_EQ(1, r->result.count);
	ATF_REQUIRE_STREQ("", r->result.text);
	reload_free(r);
}

/* What is said of apps that are not under way changes nothing. */
ATF_TC_WITHOUT_HEAD(done__of_others);
ATF_TC_BODY(done__of_others, tc)
{
	static const uint32_t	 ids[] = { 1, 2 };
	struct reload		*r = job(0, 0, 1, 2, ids);

	reload_done(r, 1, CTL_OK, "");
	reload_done(r, 99, CTL_FAILED, "");
	reload_done(r, 2, CTL_FAILED, "");
	ATF_REQUIRE_EQ(CTL_OK, r->result.code);
	ATF_REQUIRE_EQ(0, r->result.count);
	ATF_REQUIRE_EQ(1, next(r));
	reload_done(r, 1, CTL_OK, "");
	reload_done(r, 1, CTL_OK, "");
	reload_done(r, 1, CTL_FAILED, "");
	reload_left(r, 1);
	ATF_REQUIRE_EQ(1, r->result.count);
	ATF_REQUIRE_EQ(0, r->nrunning);
	ATF_REQUIRE_EQ(CTL_OK, r->result.code);
	ATF_REQUIRE_EQ(2, next(r));
	reload_free(r);
}

/* Deleted while it waited for its turn. */
ATF_TC_WITHOUT_HEAD(left__before_its_turn);
ATF_TC_BODY(left__before_its_turn, tc)
{
	static const uint32_t	 ids[] = { 1, 2, 3 };
	struct reload		*r = job(0, 0, 1, 3, ids);

	ATF_REQUIRE_EQ(1, next(r));
	reload_left(r, 2);
	ATF_REQUIRE(!reload_pending(r, 2));
	reload_left(r, 3);
	ATF_REQUIRE(!reload_over(r));
	reload_done(r, 1, CTL_OK, "");
	ATF_REQUIRE(reload_over(r));
	ATF_REQUIRE_EQ(-1, next(r));
	ATF_REQUIRE_EQ(1, r->result.count);
	reload_free(r);
}

ATF_TC_WITHOUT_HEAD(new__repeated_ids);
ATF_TC_BODY(new__repeated_ids, tc)
{
	static const uint32_t	 ids[] = { 4, 2, 4, UINT32_MAX, 2, 0, 4 };
	static const uint32_t	 want[] = { 4, 2, UINT32_MAX, 0 };
	struct reload		*r = job(0, 0, 1, 7, ids);
	size_t			 i;

	ATF_REQUIRE_EQ(4, r->nitems);
	for (i = 0; i < 4; i++) {
		ATF_CHECK_EQ(want[i], r->items[i].id);
		ATF_CHECK_EQ(&r->items[i], reload_find(r, want[i]));
	}
	ATF_CHECK(reload_find(r, 1) == NULL);
	ATF_CHECK(reload_find(r, 3) == NULL);
	ATF_CHECK(reload_find(r, UINT32_MAX - 1) == NULL);
	ATF_CHECK(!reload_pending(r, 1));
	reload_free(r);
}

ATF_TC_WITHOUT_HEAD(new__no_ids);
ATF_TC_BODY(new__no_ids, tc)
{
	struct ctl_reload	 req = { 0, 1, 0, 0 };

	ATF_REQUIRE_ERRNO(EINVAL, reload_new(0, WHEN, &req, NULL) == NULL);
	reload_free(NULL);
}

/* Every id is found, in any order, with any number of them. */
ATF_TC_WITHOUT_HEAD(find__all);
ATF_TC_BODY(find__all, tc)
{
	uint32_t		 ids[64], n, i, other;
	struct reload		*r;

	for (n = 1; n <= 64; n++) {
		for (i = 0; i < n; i++)
			ids[i] = i * 37 % 64 * 2 + 1;
		r = job(0, 0, 1, n, ids);
		ATF_REQUIRE_EQ(n, r->nitems);
		for (i = 0; i < n; i++)
			ATF_REQUIRE_EQ(ids[i], reload_find(r, ids[i])->id);
		for (other = 0; other <= 130; other += 2)
			ATF_REQUIRE(reload_find(r, other) == NULL);
		reload_free(r);
	}
}

ATF_TC_WITHOUT_HEAD(same__joins);
ATF_TC_BODY(same__joins, tc)
{
	static const uint32_t	 a[] = { 1, 2, 3 }, b[] = { 3, 1, 2, 2 };
	static const uint32_t	 c[] = { 1, 2 }, d[] = { 1, 2, 4 };
	struct {
		uid_t		 uid;
		uint32_t	 flags, parallel, n;
		const uint32_t	*ids;
		int		 same;
	} cases[] = {
		{ 1000, 0, 1, 3, a, 1 },
		{ 1000, 0, 8, 4, b, 1 },
		{ 1001, 0, 1, 3, a, 0 },
		{ 1000, RELOAD_GRACEFUL, 1, 3, a, 0 },
		{ 1000, 0, 1, 2, c, 0 },
		{ 1000, 0, 1, 3, d, 0 },
	};
	struct reload	*first = job(1000, 0, 1, 3, a), *r;
	size_t		 i;

	ATF_REQUIRE_EQ(1, next(first));
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		r = job(cases[i].uid, cases[i].flags, cases[i].parallel,
		    cases[i].n, cases[i].ids);
		ATF_CHECK_EQ_MSG(cases[i].same, reload_same(first, r),
		    "case %zu", i);
		reload_free(r);
	}
	/* One that has failed is not what anybody wants. */
	r = job(1000, 0, 1, 3, a);
	reload_done(first, 1, CTL_FAILED, "");
	ATF_CHECK(!reload_same(first, r));
	reload_free(r);
	reload_free(first);
}

ATF_TC_WITHOUT_HEAD(overlap__is_refused);
ATF_TC_BODY(overlap__is_refused, tc)
{
	static const uint32_t	 a[] = { 1, 2, 3 }, b[] = { 9, 3, 2, 8 };
	struct reload		*first = job(1000, 0, 1, 3, a);
	struct reload		*r = job(1000, 0, 1, 4, b);
	const struct reload_item *it;

	ATF_REQUIRE((it = reload_overlap(first, r)) != NULL);
	ATF_REQUIRE_EQ(3, it->id);
	ATF_REQUIRE_EQ(1, next(first));
	reload_done(first, 1, CTL_OK, "");
	reload_left(first, 3);
	ATF_REQUIRE((it = reload_overlap(first, r)) != NULL);
	ATF_REQUIRE_EQ(2, it->id);
	ATF_REQUIRE_EQ(2, next(first));
	ATF_REQUIRE(reload_overlap(first, r) != NULL);
	reload_done(first, 2, CTL_OK, "");
	ATF_REQUIRE_MSG(reload_overlap(first, r) == NULL, "it has done both");
	reload_free(first);
	reload_free(r);
}

ATF_TC_WITHOUT_HEAD(who__and_when);
ATF_TC_BODY(who__and_when, tc)
{
	static const uint32_t	 ids[] = { 1 };
	struct reload		*r = job(1000, 0, 1, 1, ids);
	char			 buf[128], small[10];

	ATF_REQUIRE_EQ(0, setenv("TZ", "UTC", 1));
	tzset();
	reload_who(r, buf, sizeof(buf));
	ATF_CHECK_STREQ("a reload asked for by uid 1000 at 12:03:04 is under "
	    "way", buf);
	reload_who(r, small, sizeof(small));
	ATF_CHECK_STREQ("a reload ", small);
	reload_free(r);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, queue__one_by_one);
	ATF_TP_ADD_TC(tp, queue__parallel);
	ATF_TP_ADD_TC(tp, queue__first_failure_ends_it);
	ATF_TP_ADD_TC(tp, done__of_others);
	ATF_TP_ADD_TC(tp, left__before_its_turn);
	ATF_TP_ADD_TC(tp, new__repeated_ids);
	ATF_TP_ADD_TC(tp, new__no_ids);
	ATF_TP_ADD_TC(tp, find__all);
	ATF_TP_ADD_TC(tp, same__joins);
	ATF_TP_ADD_TC(tp, overlap__is_refused);
	ATF_TP_ADD_TC(tp, who__and_when);
	return (atf_no_error());
}

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
 * A clock that is set, and one that is not: each time comes once.
 */
#include <stdlib.h>
#include <string.h>

#include <atf-c.h>

#include "tick.h"

#define HOUR	3600
#define DAY	86400
#define NOON	1718452800	/* 2024-06-15 12:00 UTC */

static struct cron	 cron;
static struct tick	 tick;

static void
begin(const char *pattern, time_t now)
{
	char	 why[256];

	ATF_REQUIRE(setenv("TZ", "UTC", 1) == 0);
	tzset();
	ATF_REQUIRE_EQ_MSG(0, cron_parse(&cron, pattern, why, sizeof(why)),
	    "%s", why);
	memset(&tick, 0, sizeof(tick));
	tick_begin(&tick, &cron, now);
}

/* Looked at every second, how often is it due? */
static int
count(time_t from, time_t to)
{
	int	 n = 0;

	for (; from <= to; from++)
		n += tick_look(&tick, &cron, from);
	return (n);
}

ATF_TC_WITHOUT_HEAD(look__each_time_once);
ATF_TC_BODY(look__each_time_once, tc)
{
	begin("*/10 * * * *", NOON);
	ATF_CHECK_EQ(NOON + 600, tick.next);
	ATF_CHECK_EQ(0, count(NOON, NOON + 599));
	ATF_CHECK_EQ(1, tick_look(&tick, &cron, NOON + 600));
	ATF_CHECK_EQ(0, tick_look(&tick, &cron, NOON + 600));
	ATF_CHECK_EQ(6, count(NOON + 601, NOON + 600 + HOUR));
}

ATF_TC_WITHOUT_HEAD(look__what_was_missed_comes_once);
ATF_TC_BODY(look__what_was_missed_comes_once, tc)
{
	begin("*/10 * * * *", NOON);
	ATF_CHECK_EQ(1, tick_look(&tick, &cron, NOON + 5 * HOUR + 7));
	ATF_CHECK_EQ(0, tick_look(&tick, &cron, NOON + 5 * HOUR + 8));
	ATF_CHECK_EQ(NOON + 5 * HOUR + 600, tick.next);
	/* a year, too */
	ATF_CHECK_EQ(1, tick_look(&tick, &cron, NOON + 365 * DAY + 1));
	ATF_CHECK_EQ(0, tick_look(&tick, &cron, NOON + 365 * DAY + 2));
}

ATF_TC_WITHOUT_HEAD(look__set_forward_over_nothing);
ATF_TC_BODY(look__set_forward_over_nothing, tc)
{
	begin("0 18 * * *", NOON);
	ATF_CHECK_EQ(0, tick_look(&tick, &cron, NOON + 5 * HOUR));
	ATF_CHECK_EQ(1, count(NOON + 5 * HOUR, NOON + 7 * HOUR));
}

ATF_TC_WITHOUT_HEAD(look__set_back_not_twice);
ATF_TC_BODY(look__set_back_not_twice, tc)
{
	begin("30 12 * * *", NOON);
	ATF_CHECK_EQ(1, count(NOON, NOON + HOUR));
	/* an hour back: half past was there already */
	ATF_CHECK_EQ(0, count(NOON, NOON + 3 * HOUR));
	ATF_CHECK_EQ(NOON + DAY + 1800, tick.next);
	ATF_CHECK_EQ(1, count(NOON + DAY, NOON + DAY + HOUR));
}

/* Time servers set the clock back by little. */
ATF_TC_WITHOUT_HEAD(look__set_back_by_seconds);
ATF_TC_BODY(look__set_back_by_seconds, tc)
{
	begin("* * * * *", NOON);
	ATF_CHECK_EQ(1, tick_look(&tick, &cron, NOON + 60));
	ATF_CHECK_EQ(0, tick_look(&tick, &cron, NOON + 58));
	ATF_CHECK_EQ(0, count(NOON + 58, NOON + 119));
	ATF_CHECK_EQ(1, tick_look(&tick, &cron, NOON + 120));
}

/* What happens every minute does not stop for an hour because of that. */
ATF_TC_WITHOUT_HEAD(look__set_back_by_an_hour_goes_on);
ATF_TC_BODY(look__set_back_by_an_hour_goes_on, tc)
{
	begin("* * * * *", NOON);
	ATF_CHECK_EQ(60, count(NOON, NOON + HOUR));
	ATF_CHECK_EQ(10, count(NOON + 30, NOON + 630));
}

/* It was wrong by a year: what it shows now counts. */
ATF_TC_WITHOUT_HEAD(look__set_right);
ATF_TC_BODY(look__set_right, tc)
{
	begin("30 12 * * *", NOON + 365 * DAY);
	ATF_CHECK_EQ(1, count(NOON + 365 * DAY, NOON + 365 * DAY + HOUR));
	ATF_CHECK_EQ(1, count(NOON, NOON + HOUR));
}

/* Before anything was due. */
ATF_TC_WITHOUT_HEAD(look__set_back_at_first);
ATF_TC_BODY(look__set_back_at_first, tc)
{
	begin("30 12 * * *", NOON + 20 * HOUR);
	ATF_CHECK_EQ(NOON + DAY + 1800, tick.next);
	ATF_CHECK_EQ(0, tick_look(&tick, &cron, NOON));
	ATF_CHECK_EQ(NOON + 1800, tick.next);
	ATF_CHECK_EQ(1, count(NOON, NOON + HOUR));
}

ATF_TC_WITHOUT_HEAD(begin__anew_forgets_what_was_missed);
ATF_TC_BODY(begin__anew_forgets_what_was_missed, tc)
{
	begin("*/10 * * * *", NOON);
	tick_begin(&tick, &cron, NOON + DAY + 1);
	ATF_CHECK_EQ(0, tick_look(&tick, &cron, NOON + DAY + 1));
	ATF_CHECK_EQ(NOON + DAY + 600, tick.next);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, look__each_time_once);
	ATF_TP_ADD_TC(tp, look__what_was_missed_comes_once);
	ATF_TP_ADD_TC(tp, look__set_forward_over_nothing);
	ATF_TP_ADD_TC(tp, look__set_back_not_twice);
	ATF_TP_ADD_TC(tp, look__set_back_by_seconds);
	ATF_TP_ADD_TC(tp, look__set_back_by_an_hour_goes_on);
	ATF_TP_ADD_TC(tp, look__set_right);
	ATF_TP_ADD_TC(tp, look__set_back_at_first);
	ATF_TP_ADD_TC(tp, begin__anew_forgets_what_was_missed);
	return (atf_no_error());
}

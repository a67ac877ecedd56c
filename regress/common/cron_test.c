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

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <atf-c.h>

#include "cron.h"

#define MINUTE	60
#define DAY	86400
#define MANY	400000

static const char *const zones[] = { "UTC", "Europe/Berlin",
    "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo",
    "Pacific/Apia" };
#define NZONES	(sizeof(zones) / sizeof(zones[0]))

static void
use_zone(const char *zone)
{
	ATF_REQUIRE(setenv("TZ", zone, 1) == 0);
	tzset();
}

static time_t
at(const char *text)
{
	struct tm	 tm;
	int		 n;

	memset(&tm, 0, sizeof(tm));
	n = sscanf(text, "%d-%d-%d %d:%d:%d", &tm.tm_year, &tm.tm_mon,
	    &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec);
	ATF_REQUIRE_MSG(n >= 5, "%s", text);
	tm.tm_year -= 1900;
	tm.tm_mon--;
	tm.tm_isdst = -1;
	return (mktime(&tm));
}

/* With the offset: what comes twice is not the same. */
static const char *
shown(time_t t)
{
	static char	 buf[4][64];
	static int	 i;
	struct tm	 tm;

	i = (i + 1) % 4;
	if (t == -1)
		return ("never");
	ATF_REQUIRE(localtime_r(&t, &tm) != NULL);
	strftime(buf[i], sizeof(buf[i]), "%Y-%m-%d %H:%M:%S %z", &tm);
	return (buf[i]);
}

static void
parse(struct cron *c, const char *text)
{
	char	 why[256] = "";

	ATF_REQUIRE_MSG(cron_parse(c, text, why, sizeof(why)) == 0,
	    "'%s': %s", text, why);
}

/* ---- the oracle: it looks at each minute (or second) there is ---- */

static int
leap(int y)
{
	return ((y % 4 == 0 && y % 100 != 0) || y % 400 == 0);
}

static int
fits(const struct cron *c, const struct tm *tm)
{
	static const int	 len[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30,
				    31, 30, 31 };
	int			 dom, dow, last;

	last = len[tm->tm_mon] + (tm->tm_mon == 1 && leap(tm->tm_year + 1900));
	dom = (c->dom & (UINT32_C(1) << tm->tm_mday)) != 0;
	if ((c->flags & CRON_LASTDOM) && tm->tm_mday == last)
		dom = 1;
	dow = (c->dow & (UINT32_C(1) << tm->tm_wday)) != 0;
	if (!(c->sec & (UINT64_C(1) << tm->tm_sec)) ||
	    !(c->min & (UINT64_C(1) << tm->tm_min)) ||
	    !(c->hour & (UINT32_C(1) << tm->tm_hour)) ||
	    !(c->mon & (UINT32_C(1) << (tm->tm_mon + 1))))
		return (0);
	if (c->flags & CRON_ANYDOM || c->flags & CRON_ANYDOW)
		return (dom && dow);
	return (dom || dow);
}

static int
left_out_fits(const struct cron *c, time_t from, time_t to, int width)
{
	struct tm	 tm;

	for (; from < to; from += width) {
		gmtime_r(&from, &tm);
		if (fits(c, &tm))
			return (1);
	}
	return (0);
}

/* All that is to happen in (from, to]; how many. */
static size_t
expect(const struct cron *c, time_t from, time_t to, int width, time_t *list)
{
	struct tm	 tm;
	time_t		 t, r, highest = 0, last = 0;
	size_t		 n = 0;
	int		 once = !(c->flags & CRON_ANYHOUR), hit;

	for (t = from - 2 * DAY; t <= to; t += width) {
		localtime_r(&t, &tm);
		r = timegm(&tm);
		localtime_r(&t, &tm);
		hit = fits(c, &tm) && !(once && highest != 0 && r <= highest);
		if (once && last != 0 && r > last + width &&
		    left_out_fits(c, last + width, r, width))
			hit = 1;
		last = r;
		if (r > highest)
			highest = r;
		if (hit && t > from) {
			ATF_REQUIRE(n < MANY);
			list[n++] = t;
		}
	}
	return (n);
}

static void
compare(const char *text, time_t from, time_t to, int width)
{
	static time_t	 list[MANY];
	struct cron	 c;
	time_t		 t = from, next;
	size_t		 i, n;

	parse(&c, text);
	n = expect(&c, from, to, width, list);
	for (i = 0; i < n; i++) {
		next = cron_next(&c, t);
		ATF_REQUIRE_MSG(next == list[i], "%s, '%s': after %s comes "
		    "%s, not %s", getenv("TZ"), text, shown(t),
		    shown(list[i]), shown(next));
		t = next;
	}
	next = cron_next(&c, t);
	ATF_CHECK_MSG(next == -1 || next > to, "%s, '%s': %s is too much",
	    getenv("TZ"), text, shown(next));
}

static const char *const patterns[] = {
	"30 2 * * *", "0 3 * * *", "*/15 2 * * *", "15,45 1-3 * * *",
	"0 * * * *", "*/20 */2 * * *", "59 23 * * *", "0 0 1 * *",
	"0 0 L * *", "0 12 13 * fri", "0 12 */2 * mon", "7 1 * 3,4,9-11 sun",
	"5 0 29 2 *", "30 1 * * 0", "30 1,2 * * 7", "0 0 * * *",
	"45 1 31 * *", "10 0-23/3 L feb-apr 1-5"
};
#define NPATTERNS	(sizeof(patterns) / sizeof(patterns[0]))

/* A year of one, and of others the weeks in which something happens. */
ATF_TC_WITHOUT_HEAD(next__as_looking_at_each_minute);
ATF_TC_BODY(next__as_looking_at_each_minute, tc)
{
	static const struct {
		const char	*zone, *from;
		int		 days;
	} spans[] = {
		{ "Europe/Berlin", "2024-1-1 0:0", 366 },
		{ "UTC", "2023-12-1 0:0", 120 },
		{ "America/New_York", "2024-2-20 0:0", 40 },
		{ "America/New_York", "2024-10-15 0:0", 40 },
		{ "Australia/Lord_Howe", "2024-3-15 0:0", 40 },
		{ "Australia/Lord_Howe", "2024-9-20 0:0", 40 },
		{ "America/Sao_Paulo", "2018-2-1 0:0", 40 },
		{ "America/Sao_Paulo", "2018-10-20 0:0", 40 },
		{ "Pacific/Apia", "2011-12-10 0:0", 40 }
	};
	size_t			 i, p;
	time_t			 from;

	for (i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		use_zone(spans[i].zone);
		from = at(spans[i].from);
		for (p = 0; p < NPATTERNS; p++)
			compare(patterns[p], from, from + (time_t)DAY *
			    spans[i].days, MINUTE);
	}
}

/* From any moment on, not only from one tick to the next. */
ATF_TC_WITHOUT_HEAD(next__from_any_moment);
ATF_TC_BODY(next__from_any_moment, tc)
{
	static time_t	 list[MANY];
	struct cron	 c;
	time_t		 from, t;
	size_t		 i, n, z, p;

	for (z = 0; z < NZONES; z++) {
		use_zone(zones[z]);
		for (p = 0; p < NPATTERNS; p++) {
			parse(&c, patterns[p]);
			/* the end of summer time of one, or of another */
			from = at(z % 2 == 0 ? "2024-10-25 0:0" :
			    "2024-3-29 0:0");
			n = expect(&c, from, from + 40 * DAY, MINUTE, list);
			for (i = 0, t = from; i < n &&
			    t < from + 10 * DAY; t += 437) {
				while (i < n && list[i] <= t)
					i++;
				if (i == n)
					break;
				ATF_REQUIRE_MSG(cron_next(&c, t) == list[i],
				    "%s, '%s' after %s", zones[z],
				    patterns[p], shown(t));
			}
		}
	}
}

ATF_TC_WITHOUT_HEAD(next__as_looking_at_each_second);
ATF_TC_BODY(next__as_looking_at_each_second, tc)
{
	static const char *const	 six[] = { "*/7 * * * * *",
	    "0,59 */13 2 * * *", "30 59 1-2 * * *", "5-8 0 * * * *",
	    "* 30 2 * * *", "58 59 23 * * *" };
	size_t				 i;
	time_t				 t;

	use_zone("Europe/Berlin");
	for (i = 0; i < sizeof(six) / sizeof(six[0]); i++) {
		t = at("2024-3-30 22:00");
		compare(six[i], t, t + 9 * 3600, 1);
		t = at("2024-10-26 22:00");
		compare(six[i], t, t + 9 * 3600, 1);
		t = at("2024-2-28 23:30");
		compare(six[i], t, t + 3600, 1);
	}
}

/* The same for patterns nobody thought of. */
ATF_TC_WITHOUT_HEAD(next__random_patterns);
ATF_TC_BODY(next__random_patterns, tc)
{
	static const char *const	 mins[] = { "*", "0", "*/17", "5,35",
	    "58-59" };
	static const char *const	 hours[] = { "*", "*/5", "0", "1", "2",
	    "3", "1-4", "0,23", "0-23" };
	static const char *const	 doms[] = { "*", "*/3", "1", "29-31",
	    "L", "15" };
	static const char *const	 mons[] = { "*", "mar", "oct,nov",
	    "2-4", "*/2" };
	static const char *const	 dows[] = { "*", "sun", "1-5", "*/2",
	    "fri-sun" };
	char				 text[128];
	time_t				 t;
	int				 i;

#define ANY(list)	list[rand() % (sizeof(list) / sizeof(list[0]))]
	srand(7);
	for (i = 0; i < 150; i++) {
		use_zone(ANY(zones));
		snprintf(text, sizeof(text), "%s %s %s %s %s", ANY(mins),
		    ANY(hours), ANY(doms), ANY(mons), ANY(dows));
		t = at(rand() % 2 ? "2024-3-8 0:0" : "2024-9-28 0:0");
		compare(text, t, t + 40 * DAY, MINUTE);
	}
}

ATF_TC_WITHOUT_HEAD(next__summer_time);
ATF_TC_BODY(next__summer_time, tc)
{
	static const struct {
		const char	*pattern, *after, *next;
	} cases[] = {
		/* 2 o'clock is left out on 2024-03-31 */
		{ "30 2 * * *", "2024-03-31 01:00",
		    "2024-03-31 03:00:00 +0200" },
		{ "*/10 2 * * *", "2024-03-31 01:00",
		    "2024-03-31 03:00:00 +0200" },
		{ "0 2,3 * * *", "2024-03-31 03:00",
		    "2024-04-01 02:00:00 +0200" },
		{ "30 * * * *", "2024-03-31 01:30",
		    "2024-03-31 03:30:00 +0200" },
		/* and comes twice on 2024-10-27 */
		{ "30 2 * * *", "2024-10-27 01:00",
		    "2024-10-27 02:30:00 +0200" },
		{ "0 4 * * *", "2024-10-27 02:30",
		    "2024-10-27 04:00:00 +0100" }
	};
	struct cron	 c;
	time_t		 t;
	size_t		 i;

	use_zone("Europe/Berlin");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		parse(&c, cases[i].pattern);
		ATF_CHECK_STREQ(cases[i].next,
		    shown(cron_next(&c, at(cases[i].after))));
	}
	parse(&c, "30 2 * * *");
	t = cron_next(&c, at("2024-10-27 01:00"));
	ATF_CHECK_STREQ("2024-10-28 02:30:00 +0100", shown(cron_next(&c, t)));
	/* by the clock that people see: both */
	parse(&c, "30 * * * *");
	t = cron_next(&c, at("2024-10-27 01:59"));
	ATF_CHECK_STREQ("2024-10-27 02:30:00 +0200", shown(t));
	ATF_CHECK_STREQ("2024-10-27 02:30:00 +0100", shown(cron_next(&c, t)));
}

ATF_TC_WITHOUT_HEAD(next__leap_days);
ATF_TC_BODY(next__leap_days, tc)
{
	struct cron	 c;
	time_t		 t;

	use_zone("UTC");
	parse(&c, "0 0 29 2 *");
	t = cron_next(&c, at("2024-02-29 00:00"));
	ATF_CHECK_STREQ("2028-02-29 00:00:00 +0000", shown(t));
	/* both days are needed: once in 28 years */
	parse(&c, "0 0 29 2 */7");
	t = cron_next(&c, at("2032-03-01 00:00"));
	ATF_CHECK_STREQ("2060-02-29 00:00:00 +0000", shown(t));
	parse(&c, "0 0 L 2 *");
	t = cron_next(&c, at("2023-01-01 00:00"));
	ATF_CHECK_STREQ("2023-02-28 00:00:00 +0000", shown(t));
}

ATF_TC_WITHOUT_HEAD(parse__good);
ATF_TC_BODY(parse__good, tc)
{
	static const struct {
		const char	*text, *printed;
	} good[] = {
		{ "* * * * *", "* * * * *" },
		{ "? ? ? ? ?", "* * * * *" },
		{ "  0\t3  * * * ", "0 3 * * *" },
		{ "*/5 * * * * *", "0,5,10,15,20,25,30,35,40,45,50,55 "
		    "* * * * *" },
		{ "0 0 * jan,DEC sun", "0 0 * 1,12 0" },
		{ "0 0 * * 7", "0 0 * * 0" },
		{ "0 0 * * 5-7", "0 0 * * 0,5-6" },
		{ "0 0 * * fri-sun", "0 0 * * 0,5-6" },
		{ "0 0 * * mon-fri/2", "0 0 * * 1,3,5" },
		{ "10/20 0 * * *", "10,30,50 0 * * *" },
		{ "0 0 1,L * *", "0 0 1,L * *" },
		{ "0 0 31 * *", "0 0 31 * *" },
		{ "0 0 31 2 mon", "0 0 31 2 1" },	/* Mondays */
		{ "0 0-23 * * *", "0 0-23 * * *" },
		{ "0 */6 * * */2", "0 */6 * * */2" },
		{ "@daily", "0 0 * * *" }, { "@midnight", "0 0 * * *" },
		{ "@hourly", "0 * * * *" }, { "@weekly", "0 0 * * 0" },
		{ "@monthly", "0 0 1 * *" }, { "@YEARLY", "0 0 1 1 *" }
	};
	struct cron	 c, again;
	char		 text[CRON_TEXT_MAX];
	size_t		 i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		parse(&c, good[i].text);
		cron_print(&c, text, sizeof(text));
		ATF_CHECK_STREQ(good[i].printed, text);
		parse(&again, text);
		ATF_CHECK_MSG(memcmp(&c, &again, sizeof(c)) == 0, "%s",
		    good[i].text);
	}
}

ATF_TC_WITHOUT_HEAD(parse__bad);
ATF_TC_BODY(parse__bad, tc)
{
	static const struct {
		const char	*text, *why;
	} bad[] = {
		{ "", "5 fields expected.*it has 0" },
		{ "* * * *", "it has 4" },
		{ "* * * * * * *", "it has 7" },
		{ "60 * * * *", "character 1, in the minute: a number from 0 "
		    "to 59 expected" },
		{ "* 24 * * *", "character 3, in the hour: a number from 0 to "
		    "23" },
		{ "* * 0 * *", "day of the month: a number from 1 to 31, or "
		    "L" },
		{ "* * 32 * *", "day of the month" },
		{ "* * * 13 *", "month: a number from 1 to 12, or a name as "
		    "feb" },
		{ "* * * * 8", "character 9, in the day of the week: a number "
		    "from 0 to 7, or a name as mon" },
		{ "* * * * monday", "day of the week" },
		{ "60 * * * * *", "in the second" },
		{ "5-3 * * * *", "character 3.*not before" },
		{ "*/0 * * * *", "character 3.*a step" },
		{ "*/61 * * * *", "a step" },
		{ "1,,2 * * * *", "character 3" },
		{ "1, * * * *", "character 3" },
		{ "1- * * * *", "character 3" },
		{ "-1 * * * *", "character 1" },
		{ "1x * * * *", "character 2.*a blank" },
		{ "** * * * *", "character 2" },
		{ "L * * * *", "in the minute" },
		{ "99999999999999999999 * * * *", "in the minute" },
		{ "0 0 31 2 *", "never happens" },
		{ "0 0 30-31 feb *", "never happens" },
		{ "0 0 31 4,6,9,11 *", "never happens" },
		{ "@reboot", "one of @hourly" },
		{ "@", "one of @hourly" }
	};
	struct cron	 c;
	char		 why[256];
	size_t		 i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		why[0] = '\0';
		ATF_CHECK_EQ_MSG(-1, cron_parse(&c, bad[i].text, why,
		    sizeof(why)), "'%s'", bad[i].text);
		ATF_CHECK_MATCH(bad[i].why, why);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, parse__good);
	ATF_TP_ADD_TC(tp, parse__bad);
	ATF_TP_ADD_TC(tp, next__leap_days);
	ATF_TP_ADD_TC(tp, next__summer_time);
	ATF_TP_ADD_TC(tp, next__as_looking_at_each_second);
	ATF_TP_ADD_TC(tp, next__as_looking_at_each_minute);
	ATF_TP_ADD_TC(tp, next__from_any_moment);
	ATF_TP_ADD_TC(tp, next__random_patterns);
	return (atf_no_error());
}

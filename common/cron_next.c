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
 * When a pattern of cron comes next.
 */
#include <sys/types.h>

#include "cron.h"

#define DAY		86400
#define YEARS		60	/* a 29th of February that is a Sunday: 40 */

/* ---- what the clock on the wall shows ---- */

/*
 * A reading of that clock, counted in seconds as if it never jumped: what
 * timegm(3) makes of it.
 */
typedef int64_t	 reading_t;

static int
is_leap(int year)
{
	return ((year % 4 == 0 && year % 100 != 0) || year % 400 == 0);
}

static int
month_days(int year, int mon)
{
	static const int	 len[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30,
				    31, 30, 31 };

	return (len[mon] + (mon == 1 && is_leap(year)));
}

static int
day_fits(const struct cron *c, const struct tm *tm)
{
	int	 dom, dow;

	dom = (c->dom >> tm->tm_mday & 1) || ((c->flags & CRON_LASTDOM) &&
	    tm->tm_mday == month_days(tm->tm_year + 1900, tm->tm_mon));
	dow = c->dow >> tm->tm_wday & 1;
	if (c->flags & (CRON_ANYDOM | CRON_ANYDOW))
		return (dom && dow);
	return (dom || dow);
}

/* The first bit from this one on, or -1. */
static int
bit_from(uint64_t mask, int from)
{
	for (; from < 64; from++)
		if (mask >> from & 1)
			return (from);
	return (-1);
}

/* The first time of the day that is not before this one; -1: none is. */
static int
second_of_day(const struct cron *c, int from)
{
	int	 h0 = from / 3600, m0 = from / 60 % 60, s0 = from % 60;
	int	 h, m, s;

	for (h = bit_from(c->hour, h0); h != -1; h = bit_from(c->hour, h + 1))
		for (m = bit_from(c->min, h > h0 ? 0 : m0); m != -1;
		    m = bit_from(c->min, m + 1)) {
			s = bit_from(c->sec, h > h0 || m > m0 ? 0 : s0);
			if (s != -1)
				return (h * 3600 + m * 60 + s);
		}
	return (-1);
}

/* The next day that fits, at its begin; 0, or -1: none in so many years. */
static int
next_day(const struct cron *c, struct tm *tm, reading_t *day)
{
	time_t	 t;
	int	 last = tm->tm_year + YEARS;

	for (;;) {
		if (tm->tm_year > last)
			return (-1);
		if (c->mon >> (tm->tm_mon + 1) & 1) {
			if (day_fits(c, tm))
				return (0);
			*day += DAY;
		} else
			*day += (reading_t)(month_days(tm->tm_year + 1900,
			    tm->tm_mon) - tm->tm_mday + 1) * DAY;
		t = (time_t)*day;
		if (gmtime_r(&t, tm) == NULL)
			return (-1);
	}
}

/* The first reading after this one that fits; 0, or -1. */
static int
next_reading(const struct cron *c, reading_t after, reading_t *r)
{
	struct tm	 tm;
	reading_t	 day;
	time_t		 t = (time_t)(after + 1);
	int		 s;

	if (gmtime_r(&t, &tm) == NULL)
		return (-1);
	s = tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
	day = (reading_t)t - s;
	if (!(c->mon >> (tm.tm_mon + 1) & 1) || !day_fits(c, &tm) ||
	    (s = second_of_day(c, s)) == -1) {
		day += DAY;
		t = (time_t)day;
		if (gmtime_r(&t, &tm) == NULL || next_day(c, &tm, &day) == -1)
			return (-1);
		s = second_of_day(c, 0);
	}
	*r = day + s;
	return (0);
}

/* ---- and where it jumps ---- */

static int64_t
offset(time_t t)
{
	struct tm	 tm;

	if (localtime_r(&t, &tm) == NULL)
		return (0);
	return (tm.tm_gmtoff);
}

/*
 * The first moment in (from, to] at which the offset is another one than just
 * before it.  0: there is none.
 */
static int
next_jump(time_t from, time_t to, time_t *when)
{
	int64_t	 off = offset(from);
	time_t	 mid, step_to;

	while (from < to) {
		step_to = to - from > DAY ? from + DAY : to;
		if (offset(step_to) == off) {
			from = step_to;
			continue;
		}
		while (step_to - from > 1) {
			mid = from + (step_to - from) / 2;
			if (offset(mid) == off)
				from = mid;
			else
				step_to = mid;
		}
		*when = step_to;
		return (1);
	}
	return (0);
}

/*
 * Readings that fit and were shown before are passed over: until when?  The
 * clock was set back at a moment not long before this one, if at all.
 */
static reading_t
shown_until(time_t t)
{
	reading_t	 until = INT64_MIN, shown;
	time_t		 from = t - 2 * DAY, jump;

	while (next_jump(from, t, &jump)) {
		shown = (reading_t)jump + offset(jump - 1);
		if (shown > until)
			until = shown;
		from = jump;
	}
	return (until);
}

/*
 * The offset is the same from one jump to the next: within such a span the
 * question is one of readings alone.
 */
time_t
cron_next(const struct cron *c, time_t after)
{
	int64_t		 off = offset(after), was;
	reading_t	 seen = (reading_t)after + off, r, until;
	time_t		 t = after, jump;
	int		 once = !(c->flags & CRON_ANYHOUR);

	if (once && (until = shown_until(after)) > seen)
		seen = until - 1;
	for (;;) {
		if (next_reading(c, seen, &r) == -1)
			return (-1);
		if (!next_jump(t, (time_t)(r - off), &jump))
			return ((time_t)(r - off));
		was = off;
		off = offset(jump);
		if (off > was && once && r < (reading_t)jump + off)
			return (jump);
		/* Before the first reading of the new span. */
		if (!once || off > was)
			seen = (reading_t)jump + off - 1;
		else
			seen = (reading_t)jump + was - 1;
		t = jump;
	}
}

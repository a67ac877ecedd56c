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

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cron.h"

#define NITEMS(x)	(sizeof(x) / sizeof((x)[0]))
#define DAY		86400
#define YEARS		60	/* a 29th of February that is a Sunday: 40 */

static const char *const months[] = { "jan", "feb", "mar", "apr", "may",
    "jun", "jul", "aug", "sep", "oct", "nov", "dec" };
static const char *const days[] = { "sun", "mon", "tue", "wed", "thu", "fri",
    "sat" };

/* The fields, in their order. */
enum field_no {
	F_SEC,
	F_MIN,
	F_HOUR,
	F_DOM,
	F_MON,
	F_DOW,
	F_NFIELDS
};

static const struct field {
	const char		*name;
	int			 min;
	int			 max;	/* as written: 7 is Sunday, too */
	const char *const	*names;
	int			 nnames;
	uint32_t		 any;	/* flag of "*" */
} fields[F_NFIELDS] = {
	[F_SEC] =	{ "second", 0, 59, NULL, 0, 0 },
	[F_MIN] =	{ "minute", 0, 59, NULL, 0, 0 },
	[F_HOUR] =	{ "hour", 0, 23, NULL, 0, CRON_ANYHOUR },
	[F_DOM] =	{ "day of the month", 1, 31, NULL, 0, CRON_ANYDOM },
	[F_MON] =	{ "month", 1, 12, months, NITEMS(months), 0 },
	[F_DOW] =	{ "day of the week", 0, 7, days, NITEMS(days),
			    CRON_ANYDOW }
};

static const struct {
	const char	*name;
	const char	*pattern;
} nicks[] = {
	{ "@hourly",	"0 * * * *" },
	{ "@daily",	"0 0 * * *" },
	{ "@midnight",	"0 0 * * *" },
	{ "@weekly",	"0 0 * * 0" },
	{ "@monthly",	"0 0 1 * *" },
	{ "@yearly",	"0 0 1 1 *" },
	{ "@annually",	"0 0 1 1 *" }
};

/* ---- reading ---- */

/* A pattern being read. */
struct reading {
	const char	*text;
	const char	*p;
	const struct field *field;
	uint32_t	 flags;
	char		*why;
	size_t		 whylen;
};

/* At this place something else was expected: -1. */
static int
expected(const struct reading *r, const char *at, const char *what)
{
	const char	*name = r->field->name;

	(void)snprintf(r->why, r->whylen, "at character %zu, in the %s: "
	    "%s expected", (size_t)(at - r->text) + 1, name, what);
	return (-1);
}

static int
expected_value(const struct reading *r, const char *at)
{
	const struct field	*f = r->field;
	char			 what[80];

	(void)snprintf(what, sizeof(what), "a number from %d to %d%s%s%s",
	    f->min, f->max, f->names != NULL ? ", or a name as " : "",
	    f->names != NULL ? f->names[1] : "",
	    f->any == CRON_ANYDOM ? ", or L" : "");
	return (expected(r, at, what));
}

static int
at_end(char c)
{
	return (c == '\0' || c == ' ' || c == '\t');
}

/* Digits, no more of them than can be meant. */
static int
number(struct reading *r, int *n)
{
	const char	*begin = r->p;

	for (*n = 0; *r->p >= '0' && *r->p <= '9' && r->p - begin < 4; r->p++)
		*n = *n * 10 + (*r->p - '0');
	return (r->p > begin && !(*r->p >= '0' && *r->p <= '9') ? 0 : -1);
}

static int
value(struct reading *r, int *n)
{
	const struct field	*f = r->field;
	const char		*begin = r->p;
	int			 i;

	for (i = 0; i < f->nnames; i++)
		if (strncasecmp(r->p, f->names[i], 3) == 0 &&
		    !isalpha((unsigned char)r->p[3])) {
			r->p += 3;
			*n = i + f->min;
			return (0);
		}
	if (number(r, n) == -1 || *n < f->min || *n > f->max)
		return (expected_value(r, begin));
	return (0);
}

/* "/n", or nothing. */
static int
step(struct reading *r, int *n)
{
	const char	*begin;

	*n = 1;
	if (*r->p != '/')
		return (0);
	begin = ++r->p;
	if (number(r, n) == -1 || *n < 1 || *n > r->field->max)
		return (expected(r, begin, "a step of at least 1 that is no "
		    "longer than the field"));
	return (0);
}

/* One of a list: "*", "a", "a-b", any with a step. */
static int
item(struct reading *r, uint64_t *mask)
{
	const char	*begin = r->p;
	int		 lo = r->field->min, hi = r->field->max, n;

	if (*r->p == '*' || *r->p == '?') {
		r->p++;
		if (r->field->any == CRON_ANYDOW)
			hi = 6;
		if (step(r, &n) == -1)
			return (-1);
	} else {
		if (value(r, &lo) == -1)
			return (-1);
		hi = lo;
		if (*r->p == '-') {
			begin = ++r->p;
			if (value(r, &hi) == -1)
				return (-1);
			/* fri-sun */
			if (r->field->any == CRON_ANYDOW && hi == 0 && lo > 0)
				hi = 7;
			if (hi < lo)
				return (expected(r, begin, "what is not "
				    "before the beginning of the range"));
		} else if (*r->p == '/' && lo < 7)
			hi = r->field->any == CRON_ANYDOW ? 6 :
			    r->field->max;
		else if (*r->p == '/')
			hi = r->field->any == CRON_ANYDOW ? 7 :
			    r->field->max;
		if (step(r, &n) == -1)
			return (-1);
	}
	for (; lo <= hi; lo += n)
		*mask |= UINT64_C(1) << lo;
	return (0);
}

static int
last_day(struct reading *r)
{
	if (r->field->any != CRON_ANYDOM || (*r->p != 'L' && *r->p != 'l') ||
	    isalnum((unsigned char)r->p[1]))
		return (0);
	r->p++;
	r->flags |= CRON_LASTDOM;
	return (1);
}

/* A field, which ends at a blank. */
static int
field(struct reading *r, uint64_t *mask)
{
	int	 n = 0, star;

	*mask = 0;
	star = *r->p == '*' || *r->p == '?';
	for (;;) {
		if (!last_day(r) && item(r, mask) == -1)
			return (-1);
		n++;
		if (*r->p != ',')
			break;
		r->p++;
	}
	if (!at_end(*r->p))
		return (expected(r, r->p, "a blank, or one of , - and /"));
	if (star && n == 1)
		r->flags |= r->field->any;
	if (r->field->any == CRON_ANYDOW && (*mask & (1 << 7)))
		*mask = (*mask | 1) & 0x7f;
	return (0);
}

static int
count_fields(const char *s)
{
	int	 n = 0;

	for (;;) {
		s += strspn(s, " \t");
		if (*s == '\0')
			return (n);
		n++;
		s += strcspn(s, " \t");
	}
}

static void
store(struct cron *c, enum field_no no, uint64_t mask)
{
	switch (no) {
	case F_SEC:
		c->sec = mask;
		break;
	case F_MIN:
		c->min = mask;
		break;
	case F_HOUR:
		c->hour = (uint32_t)mask;
		break;
	case F_DOM:
		c->dom = (uint32_t)mask;
		break;
	case F_MON:
		c->mon = (uint32_t)mask;
		break;
	default:
		c->dow = (uint32_t)mask;
		break;
	}
}

/* Is there a month that has one of these days? */
static int
has_day(const struct cron *c)
{
	static const int	 len[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30,
				    31, 30, 31 };
	int			 i;

	/* Either will do, and each month has all days of the week. */
	if (!(c->flags & (CRON_ANYDOM | CRON_ANYDOW)) ||
	    (c->flags & CRON_LASTDOM))
		return (1);
	for (i = 0; i < 12; i++)
		if ((c->mon & (UINT32_C(2) << i)) &&
		    (c->dom & ((UINT64_C(1) << (len[i] + 1)) - 1)))
			return (1);
	return (0);
}

static const char *
expand(const char *text)
{
	size_t	 i;

	for (i = 0; i < NITEMS(nicks); i++)
		if (strcasecmp(text, nicks[i].name) == 0)
			return (nicks[i].pattern);
	return (NULL);
}

int
cron_parse(struct cron *c, const char *text, char *why, size_t whylen)
{
	struct reading	 r;
	uint64_t	 mask;
	int		 no, n;

	memset(c, 0, sizeof(*c));
	memset(&r, 0, sizeof(r));
	r.why = why;
	r.whylen = whylen;
	if (*text == '@' && (text = expand(text)) == NULL) {
		(void)strlcpy(why, "one of @hourly, @daily, @midnight, "
		    "@weekly, @monthly, @yearly expected", whylen);
		return (-1);
	}
	if ((n = count_fields(text)) != 5 && n != 6) {
		(void)snprintf(why, whylen, "5 fields expected (minute, hour, "
		    "day of the month, month, day of the week), or 6 with "
		    "the second before them: it has %d", n);
		return (-1);
	}
	if (n == 6)
		r.flags |= CRON_SECONDS;
	else
		c->sec = 1;
	r.text = r.p = text;
	for (no = n == 6 ? F_SEC : F_MIN; no < F_NFIELDS; no++) {
		r.field = &fields[no];
		r.p += strspn(r.p, " \t");
		if (field(&r, &mask) == -1)
			return (-1);
		store(c, no, mask);
	}
	c->flags = r.flags;
	if (!has_day(c)) {
		(void)strlcpy(why, "it never happens: no such month has such "
		    "a day", whylen);
		return (-1);
	}
	return (0);
}

/* ---- writing ---- */

struct writing {
	char	*buf;
	size_t	 size;
	size_t	 len;
};

static void
put(struct writing *w, const char *s)
{
	size_t	 n = strlen(s);

	if (w->size - w->len <= n)
		return;
	memcpy(w->buf + w->len, s, n + 1);
	w->len += n;
}

static void
put_number(struct writing *w, const char *before, int n)
{
	char	 text[32];

	(void)snprintf(text, sizeof(text), "%s%d", before, n);
	put(w, text);
}

/* An asterisk: how far apart are the first two? */
static void
put_star(struct writing *w, uint64_t mask, int min, int max)
{
	int	 i;

	put(w, "*");
	for (i = min + 1; i <= max && !(mask >> i & 1); i++)
		;
	if (i - min > 1)
		put_number(w, "/", i - min);
}

static void
put_list(struct writing *w, uint64_t mask, int max, int last)
{
	const char	*comma = "";
	int		 i, j;

	for (i = 0; i <= max; i = j + 1) {
		for (j = i; j < max && (mask >> j & 1) &&
		    (mask >> (j + 1) & 1); j++)
			;
		if (!(mask >> i & 1))
			continue;
		put_number(w, comma, i);
		if (j > i)
			put_number(w, "-", j);
		comma = ",";
	}
	if (last) {
		put(w, comma);
		put(w, "L");
	}
}

static uint64_t
all_of(int min, int max)
{
	return (((UINT64_C(1) << (max + 1)) - 1) &
	    ~((UINT64_C(1) << min) - 1));
}

static void
put_field(struct writing *w, const struct cron *c, enum field_no no,
    uint64_t mask)
{
	const struct field	*f = &fields[no];
	int			 max = no == F_DOW ? 6 : f->max;

	if (w->len > 0)
		put(w, " ");
	if (f->any != 0 && (c->flags & f->any))
		put_star(w, mask, f->min, max);
	else if (f->any == 0 && mask == all_of(f->min, max))
		put(w, "*");
	else
		put_list(w, mask, max, no == F_DOM &&
		    (c->flags & CRON_LASTDOM));
}

void
cron_print(const struct cron *c, char *buf, size_t size)
{
	struct writing	 w = { buf, size, 0 };

	if (size == 0)
		return;
	*buf = '\0';
	if (c->flags & CRON_SECONDS)
		put_field(&w, c, F_SEC, c->sec);
	put_field(&w, c, F_MIN, c->min);
	put_field(&w, c, F_HOUR, c->hour);
	put_field(&w, c, F_DOM, c->dom);
	put_field(&w, c, F_MON, c->mon);
	put_field(&w, c, F_DOW, c->dow);
}

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

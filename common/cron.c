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
		} else if (*r->p == '/') {
			hi = r->field->max;
			if (r->field->any == CRON_ANYDOW && lo < 7)
				hi = 6;
		}
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

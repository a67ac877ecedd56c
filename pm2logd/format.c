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

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "format.h"
#include "line.h"

struct datebuf {
	char		*p;
	size_t		 left;
	int		 full;
};

enum dateword_special {
	DATE_MS = 1,
	DATE_ZONE,		/* +01:00 */
	DATE_HOUR12,
	DATE_HOUR24,		/* 1..24 */
	DATE_UNIXMS,
	DATE_DOTH,		/* 1st 2nd */
	DATE_WDAY2,		/* Mo */
	DATE_QUARTER
};

/* Longest words first among those that begin alike. */
static const struct dateword {
	const char	*word;
	const char	*strf;		/* NULL: special */
	int		 special;
	int		 digits;
} datewords[] = {
	{ "YYYY",	"%Y",	0,		0 },
	{ "YY",		"%y",	0,		0 },
	{ "MMMM",	"%B",	0,		0 },
	{ "MMM",	"%b",	0,		0 },
	{ "MM",		"%m",	0,		0 },
	{ "M",		"%-m",	0,		0 },
	{ "DDDD",	"%j",	0,		0 },
	{ "DDD",	"%-j",	0,		0 },
	{ "DD",		"%d",	0,		0 },
	{ "Do",		NULL,	DATE_DOTH,	0 },
	{ "D",		"%-d",	0,		0 },
	{ "dddd",	"%A",	0,		0 },
	{ "ddd",	"%a",	0,		0 },
	{ "dd",		NULL,	DATE_WDAY2,	0 },
	{ "d",		"%w",	0,		0 },
	{ "E",		"%u",	0,		0 },
	{ "GGGG",	"%G",	0,		0 },
	{ "WW",		"%V",	0,		0 },
	{ "W",		"%-V",	0,		0 },
	{ "Q",		NULL,	DATE_QUARTER,	0 },
	{ "HH",		"%H",	0,		0 },
	{ "H",		"%-H",	0,		0 },
	{ "hh",		NULL,	DATE_HOUR12,	2 },
	{ "h",		NULL,	DATE_HOUR12,	1 },
	{ "kk",		NULL,	DATE_HOUR24,	2 },
	{ "k",		NULL,	DATE_HOUR24,	1 },
	{ "mm",		"%M",	0,		0 },
	{ "m",		"%-M",	0,		0 },
	{ "ss",		"%S",	0,		0 },
	{ "s",		"%-S",	0,		0 },
	{ "SSS",	NULL,	DATE_MS,	3 },
	{ "SS",		NULL,	DATE_MS,	2 },
	{ "S",		NULL,	DATE_MS,	1 },
	{ "A",		"%p",	0,		0 },
	{ "a",		"%P",	0,		0 },
	{ "ZZ",		"%z",	0,		0 },
	{ "Z",		NULL,	DATE_ZONE,	0 },
	{ "X",		"%s",	0,		0 },
	{ "x",		NULL,	DATE_UNIXMS,	0 },
	{ NULL,		NULL,	0,		0 }
};

static void	 date_add(struct datebuf *, const char *, size_t);
static void	 date_strf(struct datebuf *, const char *, const struct tm *);
static void	 date_special(struct datebuf *, const struct dateword *,
		    const struct tm *, uint64_t);
static const char *date_word(struct datebuf *, const char *,
		    const struct tm *, uint64_t);
static size_t	 date_iso(char *, size_t, uint64_t);
static void	 format_json(struct format *, const struct format_source *,
		    const char *, size_t);

static void
date_add(struct datebuf *d, const char *s, size_t len)
{
	if (len >= d->left) {
		d->full = 1;
		return;
	}
	memcpy(d->p, s, len);
	d->p += len;
	d->left -= len;
}

static void
date_strf(struct datebuf *d, const char *fmt, const struct tm *tm)
{
	char	 buf[FORMAT_DATE_MAX];
	size_t	 n;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	n = strftime(buf, sizeof(buf), fmt, tm);
#pragma GCC diagnostic pop
	date_add(d, buf, n);
}

static void
date_special(struct datebuf *d, const struct dateword *w, const struct tm *tm,
    uint64_t ms)
{
	static const char *const ordinals[] = { "th", "st", "nd", "rd" };
	char	 buf[32];
	long	 off;
	int	 n;

	n = 0;
	switch (w->special) {
	case DATE_MS:
		n = snprintf(buf, sizeof(buf), "%03u", (unsigned)(ms % 1000));
		n = w->digits;
		break;
	case DATE_ZONE:
		off = tm->tm_gmtoff < 0 ? -tm->tm_gmtoff : tm->tm_gmtoff;
		n = snprintf(buf, sizeof(buf), "%c%02ld:%02ld",
		    tm->tm_gmtoff < 0 ? '-' : '+', off / 3600,
		    off / 60 % 60);
		break;
	case DATE_HOUR12:
		n = snprintf(buf, sizeof(buf), "%0*d", w->digits,
		    tm->tm_hour % 12 == 0 ? 12 : tm->tm_hour % 12);
		break;
	case DATE_HOUR24:
		n = snprintf(buf, sizeof(buf), "%0*d", w->digits,
		    tm->tm_hour == 0 ? 24 : tm->tm_hour);
		break;
	case DATE_UNIXMS:
		n = snprintf(buf, sizeof(buf), "%llu",
		    (unsigned long long)ms);
		break;
	case DATE_DOTH:
		n = tm->tm_mday % 10;
		if (n > 3 || tm->tm_mday / 10 == 1)
			n = 0;
		n = snprintf(buf, sizeof(buf), "%d%s", tm->tm_mday,
		    ordinals[n]);
		break;
	case DATE_WDAY2:
		date_strf(d, "%a", tm);
		if (!d->full) {		/* two of its three letters */
			d->p--;
			d->left++;
		}
		break;
	case DATE_QUARTER:
		n = snprintf(buf, sizeof(buf), "%d", tm->tm_mon / 3 + 1);
		break;
	}
	date_add(d, buf, (size_t)n);
}

/* One word, [text] or character of the format; returns what follows it. */
static const char *
date_word(struct datebuf *d, const char *fmt, const struct tm *tm, uint64_t ms)
{
	const struct dateword	*w;
	const char		*end;
	size_t			 len;

	if (*fmt == '[' && (end = strchr(fmt, ']')) != NULL) {
		date_add(d, fmt + 1, (size_t)(end - fmt - 1));
		return (end + 1);
	}
	for (w = datewords; w->word != NULL; w++) {
		len = strlen(w->word);
		if (strncmp(fmt, w->word, len) != 0)
			continue;
		if (w->strf != NULL)
			date_strf(d, w->strf, tm);
		else
			date_special(d, w, tm, ms);
		return (fmt + len);
	}
	date_add(d, fmt, 1);
	return (fmt + 1);
}

size_t
format_date(char *out, size_t size, const char *fmt, uint64_t ms)
{
	struct datebuf	 d;
	struct tm	 tm;
	time_t		 t;

	if (size == 0)
		return (0);
	out[0] = '\0';
	t = (time_t)(ms / 1000);
	if (localtime_r(&t, &tm) == NULL)
		return (0);
	d.p = out;
	d.left = size;
	d.full = 0;
	if (strchr(fmt, '%') != NULL)
		date_strf(&d, fmt, &tm);
	else
		while (*fmt != '\0' && !d.full)
			fmt = date_word(&d, fmt, &tm, ms);
	if (d.full) {
		out[0] = '\0';
		return (0);
	}
	*d.p = '\0';
	return ((size_t)(d.p - out));
}

/* 2026-01-02T03:04:05.678Z, as JavaScript's toISOString(). */
static size_t
date_iso(char *out, size_t size, uint64_t ms)
{
	struct tm	 tm;
	time_t		 t;
	size_t		 n;

	t = (time_t)(ms / 1000);
	if (gmtime_r(&t, &tm) == NULL)
		return (0);
	if ((n = strftime(out, size, "%Y-%m-%dT%H:%M:%S", &tm)) == 0)
		return (0);
	n += (size_t)snprintf(out + n, size - n, ".%03uZ",
	    (unsigned)(ms % 1000));
	return (n);
}

static void
format_json(struct format *f, const struct format_source *src,
    const char *date, size_t datelen)
{
	char	 name[128 * JSON_GROWTH + 1];
	char	 stamp[FORMAT_DATE_MAX * JSON_GROWTH + 1];
	int	 n;

	name[json_escape(name, src->name, strnlen(src->name, 127))] = '\0';
	stamp[json_escape(stamp, date, datelen)] = '\0';
	f->headlen = strlcpy(f->head, "{\"message\":\"", sizeof(f->head));
	n = snprintf(f->tail, sizeof(f->tail), "\",\"timestamp\":\"%s\","
	    "\"type\":\"%s\",\"process_id\":%u,\"app_name\":\"%s\"", stamp,
	    src->err ? "err" : "out", src->id, name);
	f->taillen = (size_t)n;		/* FORMAT_TAIL_MAX is enough */
}

void
format_begin(struct format *f, const struct format_source *src, uint64_t ms)
{
	char		 date[FORMAT_DATE_MAX];
	const char	*fmt;
	size_t		 len;

	f->json = (src->flags & FORMAT_JSON) != 0;
	f->headlen = f->taillen = 0;
	if (src->flags == 0)
		return;
	fmt = src->datefmt;
	if (f->json && *fmt == '\0')
		len = date_iso(date, sizeof(date), ms);
	else
		len = format_date(date, sizeof(date),
		    *fmt == '\0' ? FORMAT_DATE_DEFAULT : fmt, ms);
	if (f->json) {
		format_json(f, src, date, len);
		return;
	}
	memcpy(f->head, date, len);
	memcpy(f->head + len, ": ", 2);
	f->headlen = len + 2;
}

size_t
format_line(const struct format *f, char *out, const char *text, size_t len,
    int flags)
{
	static const char	 partial[] = ",\"partial\":true";
	char			*o;

	o = out;
	memcpy(o, f->head, f->headlen);
	o += f->headlen;
	if (f->json) {
		o += json_escape(o, text, len);
		memcpy(o, f->tail, f->taillen);
		o += f->taillen;
		if (flags & LINE_GOESON) {
			memcpy(o, partial, sizeof(partial) - 1);
			o += sizeof(partial) - 1;
		}
		*o++ = '}';
	} else {
		memcpy(o, text, len);
		o += len;
		if (flags & LINE_GOESON) {
			memcpy(o, FORMAT_MARK, sizeof(FORMAT_MARK) - 1);
			o += sizeof(FORMAT_MARK) - 1;
		}
	}
	*o++ = '\n';
	return ((size_t)(o - out));
}

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

#include <err.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "msg.h"
#include "output.h"
#include "utf8.h"

static void	 put(char *, size_t, const char *, ...)
		    __attribute__((format(printf, 3, 4)));

/* The buffers are ours and large enough; a short one is a bug. */
static void
put(char *buf, size_t len, const char *fmt, ...)
{
	va_list	 ap;
	int	 n;

	va_start(ap, fmt);
	n = vsnprintf(buf, len, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= len)
		errx(1, "%s: short buffer", __func__);
}

void
ob_memory(struct outbuf *ob, uint64_t bytes)
{
	static const char *const units[] = { " KB", " MB", " GB", " TB" };
	uint64_t	 milli;
	size_t		 i;

	if (bytes < 1024) {
		ob_num(ob, bytes);
		ob_str(ob, " B");
		return;
	}
	for (i = 0; i < 3 && bytes >> (10 * (i + 2)) != 0; i++)
		;
	/* whole and fraction apart: times 1000 would not always fit */
	milli = (bytes & ((UINT64_C(1) << (10 * (i + 1))) - 1)) * 1000;
	milli = (milli + (UINT64_C(1) << (10 * (i + 1) - 1))) >> (10 * (i + 1));
	ob_num(ob, (bytes >> (10 * (i + 1))) + milli / 1000);
	milli %= 1000;
	ob_char(ob, '.');
	ob_char(ob, (char)('0' + milli / 100));
	ob_char(ob, (char)('0' + milli / 10 % 10));
	ob_char(ob, (char)('0' + milli % 10));
	ob_str(ob, units[i]);
}

/* As pm2: the largest unit of which there are at least two. */
void
ob_uptime(struct outbuf *ob, uint64_t ms)
{
	static const struct {
		uint64_t	 seconds;
		const char	*unit;
	} units[] = {
		{ 31536000, "y" },
		{ 2592000, "mo" },	/* pm2 writes months like minutes, m */
		{ 86400, "d" },
		{ 3600, "h" },
		{ 60, "m" },
	};
	uint64_t	 s;
	size_t		 i;

	s = ms / 1000;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (s / units[i].seconds > 1) {
			ob_num(ob, s / units[i].seconds);
			ob_str(ob, units[i].unit);
			return;
		}
	}
	ob_num(ob, s);
	ob_char(ob, 's');
}

void
ob_cpu(struct outbuf *ob, uint32_t permille)
{
	ob_num(ob, permille / 10);
	if (permille % 10 != 0) {
		ob_char(ob, '.');
		ob_num(ob, permille % 10);
	}
	ob_char(ob, '%');
}

void
output_duration(char *buf, size_t len, uint64_t ms)
{
	uint64_t	 s;

	s = ms / 1000;
	if (ms < 1000)
		put(buf, len, "%" PRIu64 "ms", ms);
	else if (ms < 10000)
		put(buf, len, "%" PRIu64 ".%" PRIu64 "s", s, ms % 1000 / 100);
	else if (s < 60)
		put(buf, len, "%" PRIu64 "s", s);
	else if (s < 3600)
		put(buf, len, "%" PRIu64 "m %" PRIu64 "s", s / 60, s % 60);
	else if (s < 86400)
		put(buf, len, "%" PRIu64 "h %" PRIu64 "m", s / 3600,
		    s % 3600 / 60);
	else
		put(buf, len, "%" PRIu64 "d %" PRIu64 "h", s / 86400,
		    s % 86400 / 3600);
}

void
output_localtime(char *buf, size_t len, uint64_t ms)
{
	struct tm	 tm;
	time_t		 t;

	t = (time_t)(ms / 1000);
	if (localtime_r(&t, &tm) == NULL ||
	    strftime(buf, len, "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		put(buf, len, "@%" PRIu64, ms / 1000);
}

void
output_isotime(char *buf, size_t len, uint64_t ms)
{
	struct tm	 tm;
	time_t		 t;
	char		 date[64];

	t = (time_t)(ms / 1000);
	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		put(buf, len, "@%" PRIu64, ms / 1000);
	else
		put(buf, len, "%s.%03uZ", date, (unsigned int)(ms % 1000));
}

void
ob_json(struct outbuf *ob, const char *s, size_t len)
{
	char	*room;

	if (len >= SIZE_MAX / JSON_GROWTH)
		errx(1, "output too long");
	ob_char(ob, '"');
	room = ob_room(ob, len * JSON_GROWTH);
	ob->len += json_escape(room, s, len);
	ob_char(ob, '"');
}

const char *
output_watchname(uint32_t watch)
{
	static const char *const	 names[] = {
		[WATCH_NONE] =		"",
		[WATCH_OFF] =		"off",
		[WATCH_ON] =		"on",
		[WATCH_BROKEN] =	"broken"
	};

	return (watch < sizeof(names) / sizeof(names[0]) ? names[watch] :
	    "unknown");
}

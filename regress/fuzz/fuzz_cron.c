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
 * Patterns of cron.h: what is taken comes back from its own text, and its
 * next time is the one that looking at each minute finds.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../common/cron.h"

#include "fuzz.h"

#define MUST(what)	do { if (!(what)) abort(); } while (0)
#define LOOK		(4 * 60)	/* minutes that are looked at */

static int	 fits(const struct cron *, time_t);
static void	 next(const struct cron *, time_t);

/* The first bytes say when it is, and the rest is the pattern. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int	 zone;
	struct cron	 c, again;
	char		*text, printed[CRON_TEXT_MAX], why[256] = "";
	uint32_t	 when = 0;

	if (!zone) {
		MUST(setenv("TZ", "Europe/Berlin", 1) == 0);
		tzset();
		zone = 1;
	}
	if (size < sizeof(when) || size > 512)
		return (0);
	memcpy(&when, data, sizeof(when));
	/* A copy of its own: one byte too far is seen. */
	MUST((text = strndup((const char *)data + sizeof(when), size -
	    sizeof(when))) != NULL);
	if (cron_parse(&c, text, why, sizeof(why)) == -1)
		MUST(why[0] != '\0' && strlen(why) < sizeof(why));
	else {
		cron_print(&c, printed, sizeof(printed));
		MUST(cron_parse(&again, printed, why, sizeof(why)) == 0);
		MUST(memcmp(&c, &again, sizeof(c)) == 0);
		next(&c, (time_t)when);
	}
	free(text);
	return (0);
}

static int
fits(const struct cron *c, time_t t)
{
	static const int	 len[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30,
				    31, 30, 31 };
	struct tm		 tm;
	int			 dom, dow, last, year;

	MUST(localtime_r(&t, &tm) != NULL);
	year = tm.tm_year + 1900;
	last = len[tm.tm_mon];
	if (tm.tm_mon == 1 && ((year % 4 == 0 && year % 100 != 0) ||
	    year % 400 == 0))
		last++;
	dom = (c->dom >> tm.tm_mday & 1) || ((c->flags & CRON_LASTDOM) &&
	    tm.tm_mday == last);
	dow = c->dow >> tm.tm_wday & 1;
	if (!(c->hour >> tm.tm_hour & 1) || !(c->min >> tm.tm_min & 1) ||
	    !(c->mon >> (tm.tm_mon + 1) & 1))
		return (0);
	return (c->flags & (CRON_ANYDOM | CRON_ANYDOW) ? dom && dow :
	    dom || dow);
}

/*
 * No minute before the next time fits.  About the clock that is set, which
 * cron_test looks at, nothing is asked: there all readings are not once.
 */
static void
next(const struct cron *c, time_t now)
{
	struct tm	 a, b;
	time_t		 n, t, day = 86400;
	int		 i, s;

	n = cron_next(c, now);
	MUST(n == -1 || n > now);
	if (n == -1)
		return;
	MUST(cron_next(c, n - 1) == n);
	t = now - 2 * day;
	localtime_r(&t, &a);
	t = n + day;
	localtime_r(&t, &b);
	if (a.tm_gmtoff != b.tm_gmtoff || n - now > 90 * day)
		return;
	MUST(fits(c, n));
	localtime_r(&n, &a);
	MUST(c->sec >> a.tm_sec & 1);
	/* Seconds that come before, in the same minute... */
	for (s = 0; s < a.tm_sec; s++)
		MUST(!(c->sec >> s & 1) || n - a.tm_sec + s <= now);
	/* ...and minutes. */
	t = n - a.tm_sec - 60;
	for (i = 0; i < LOOK && t > now; i++, t -= 60)
		MUST(!fits(c, t));
}

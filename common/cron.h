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
 * Patterns of cron(8): when something is to happen, in local time.
 *
 *	[second] minute hour day-of-month month day-of-week
 *
 * Five or six fields between blanks; without the first one the second is 0.
 * A field is a list, between commas, of numbers, ranges "a-b" and steps
 * "a-b/n", "a/n" (from a to the end); or "*", "*" with a step, or "?", which
 * is "*".  Months and days of the week may be given by the first three
 * letters of their names; 7 is Sunday, as is 0.  "L" among the days of the
 * month is its last one.  "@hourly", "@daily", "@midnight", "@weekly",
 * "@monthly", "@yearly" and "@annually" stand for a whole pattern.
 *
 * When both days are restricted, that is, neither is an asterisk (with or
 * without a step), either of them will do; else both must fit.
 *
 * Where local time jumps (summer time), patterns whose hour is an asterisk,
 * with or without a step, go by the clock that people see: what it does not
 * show does not happen, and what it shows twice happens twice.  All others
 * happen once: those within the time that is left out at the first moment
 * after it (all of them together once), those within the time that comes
 * twice the first time only.
 */
#ifndef PM2D_CRON_H
#define PM2D_CRON_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define CRON_ANYDOM	0x01	/* that field is an asterisk... */
#define CRON_ANYDOW	0x02
#define CRON_ANYHOUR	0x04
#define CRON_SECONDS	0x08	/* there are six fields */
#define CRON_LASTDOM	0x10	/* the last day of the month, too */

#define CRON_TEXT_MAX	1024	/* cron_print() needs no more */

/* A bit for each value that fits. */
struct cron {
	uint64_t	 sec;		/* 0..59 */
	uint64_t	 min;
	uint32_t	 hour;		/* 0..23 */
	uint32_t	 dom;		/* 1..31 */
	uint32_t	 mon;		/* 1..12 */
	uint32_t	 dow;		/* 0..6, Sunday first */
	uint32_t	 flags;		/* CRON_* */
};

/* 0, or -1 and in the buffer where it is wrong and what was expected. */
int	 cron_parse(struct cron *, const char *, char *, size_t);
/* In other words, perhaps: what cron_parse() makes the same of. */
void	 cron_print(const struct cron *, char *, size_t);
/* The first time after this one, or -1: there is none in sight. */
time_t	 cron_next(const struct cron *, time_t);

#endif /* PM2D_CRON_H */

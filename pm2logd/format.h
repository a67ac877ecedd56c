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
 * What is put around a line: a date, or a JSON object.  Pure but for the time
 * zone.
 */
#ifndef PM2LOGD_FORMAT_H
#define PM2LOGD_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "utf8.h"

#define FORMAT_DATE_DEFAULT	"YYYY-MM-DDTHH:mm:ss"
#define FORMAT_DATE_MAX		160	/* longest date, with NUL */

/* At the end of a piece of a line that goes on in the next one. */
#define FORMAT_MARK		" [pm2: goes on]"

#define FORMAT_HEAD_MAX		(FORMAT_DATE_MAX + 2)
#define FORMAT_TAIL_MAX		((FORMAT_DATE_MAX + 128) * JSON_GROWTH + 128)
/* No line of so many bytes becomes longer than this. */
#define FORMAT_LINE_MAX(len) \
	((len) * JSON_GROWTH + FORMAT_HEAD_MAX + FORMAT_TAIL_MAX + 32)

#define FORMAT_TIME	0x01	/* "date: line" */
#define FORMAT_JSON	0x02	/* one object per line */

/* Made once for a batch of lines: all of them get the same time. */
struct format {
	int		 json;
	size_t		 headlen;
	size_t		 taillen;
	char		 head[FORMAT_HEAD_MAX];
	char		 tail[FORMAT_TAIL_MAX];
};

struct format_source {
	int		 flags;		/* FORMAT_* */
	const char	*datefmt;	/* "": the default of the mode */
	const char	*name;
	uint32_t	 id;
	int		 err;		/* it is stderr */
};

/*
 * Write a date: with a '%' in it the format is strftime(3)'s, otherwise words
 * as moment.js has them ("YYYY-MM-DD HH:mm:ss.SSS Z", [text] as it is).
 * Milliseconds since the epoch, local time.  Length, 0 when it does not fit.
 */
size_t	format_date(char *, size_t, const char *, uint64_t);

void	format_begin(struct format *, const struct format_source *, uint64_t);

/*
 * One line into a buffer of at least FORMAT_LINE_MAX() bytes: its length.
 * flags are LINE_*.
 */
size_t	format_line(const struct format *, char *, const char *, size_t, int);

#endif /* PM2LOGD_FORMAT_H */

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
 * Lines out of a stream of bytes, for the modes that need them: dates, JSON
 * and several writers of one file.  Pure.
 */
#ifndef PM2LOGD_LINE_H
#define PM2LOGD_LINE_H

#include <stddef.h>

/* A longer line is cut into pieces of at most so many bytes. */
#define LINE_CAP	65536

#define LINE_GOESON	0x01	/* cut: the next piece belongs to it */
#define LINE_RESUMED	0x02	/* the piece before was cut */
#define LINE_OPEN	0x04	/* without newline: the stream ended here */

/* The beginning of a line that is not complete.  Zero it to begin. */
struct linesplit {
	char		*buf;
	size_t		 len;
	size_t		 size;
	int		 cut;		/* the last piece goes on */
	int		 raw;		/* buf was not looked at yet */
};

/*
 * Takes one piece, without the newline.  Other than 0: it was taken, but the
 * next shall wait.
 */
typedef int	(line_handler)(const char *, size_t, int, void *);

/*
 * Hand on each complete line; keep the rest.  When the handler asks to wait
 * returns 1 and keeps all that is left, to go on with (NULL, 0).  Short of
 * memory it cuts lines rather than lose them.
 */
int	line_feed(struct linesplit *, const char *, size_t, line_handler *,
	    void *);
/* The end: hand on what is left, if anything.  1 as above. */
int	line_finish(struct linesplit *, line_handler *, void *);
/* Keep bytes for later without looking at them. 0, or -1 with ENOMEM. */
int	line_stash(struct linesplit *, const char *, size_t);
void	line_clear(struct linesplit *);

#endif /* PM2LOGD_LINE_H */

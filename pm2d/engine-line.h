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
 * Lines of a worker's channel.  Pure: the bytes are looked at where the
 * kernel's peek has put them, and what is not a whole line stays in the
 * socket, so that a worker costs no memory here and the next engine finds
 * what this one has not acted on.
 *
 * A line that does not fit is passed over piece by piece.  No internal
 * message that means anything to us is so long; what the sender waits for is
 * told from how the line begins.  A descriptor ends what can be peeked at: a
 * line that goes on behind one is passed over, too.
 */
#ifndef PM2D_ENGINE_LINE_H
#define PM2D_ENGINE_LINE_H

#include <stddef.h>
#include <stdint.h>

#define LINE_BUFFER	65536		/* longer ones are passed over */
#define LINE_MAX_PASSED	(16 * 1024 * 1024)

enum line_kind {
	LINE_NONE,		/* no whole line is left: nothing was used */
	LINE_TEXT,		/* a line, without its newline */
	LINE_PART,		/* of a long one: nothing to be done yet */
	LINE_LONG_USER,		/* the end of a long one: of the app */
	LINE_LONG_HANDLE,	/* NODE_HANDLE: wants its answer */
	LINE_LONG_INTERNAL,	/* NODE_ something: none is so long */
	LINE_OVER		/* longer than anything: no newline at all? */
};

/* All zero: at the begin of a line. */
struct line {
	uint32_t	 passed;	/* bytes of a long line so far */
	uint8_t		 kind;		/* what its begin said */
};

/*
 * The next one of these bytes.  whole: more cannot be had by waiting, so that
 * a line without end is a long one.  *used says how many bytes it took, the
 * newline included; text of LINE_TEXT is *used - 1 bytes from the start.
 */
enum line_kind	 line_next(struct line *, const char *, size_t, int whole,
		    size_t *used);

/*
 * The descriptors that came, one per line that names one.  They never enter
 * this process: the kernel drops them, and tells that there were some.
 */
#define LINE_HANDLES_MAX 2	/* a correct worker has one under way */

struct line_handles {
	uint8_t		 here;		/* came, not claimed */
	uint8_t		 taken;		/* claimed before they are consumed */
};

/* A line wants one: 1, it is there.  ahead: what was peeked at has one. */
int	 line_handle_claim(struct line_handles *, int ahead);
/* The bytes are consumed, with a descriptor or not. */
void	 line_handle_settle(struct line_handles *, int came);

#endif /* PM2D_ENGINE_LINE_H */

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
 * What a stranger's bytes may do to a terminal: nothing but show text, in
 * colours.  Bytes come in pieces cut anywhere; the state goes on from piece
 * to piece.
 */
#ifndef PM2CTL_TERMFILTER_H
#define PM2CTL_TERMFILTER_H

#include <stddef.h>
#include <stdint.h>

#include "output.h"

/*
 * Passed: printable UTF-8, tab, newline (CR LF becomes a newline).  All else
 * is made visible as in vis(3) with VIS_CSTYLE and VIS_NOSLASH: "\033", "\r".
 */
#define TERMFILTER_SGR	 0x01	/* ESC [ 0-9;: m passes as well */
#define TERMFILTER_STRIP 0x02	/* ESC [ 0-9;: m is left out */
#define TERMFILTER_LINE	 0x04	/* tab and newline are made visible too */

#define TERMFILTER_PEND	 64	/* the longest sequence that is waited for */

struct termfilter {
	unsigned char	 pend[TERMFILTER_PEND];
	uint8_t		 npend;
	uint8_t		 state;
	uint8_t		 need;		/* bytes missing of a character */
	uint8_t		 flags;
	uint8_t		 coloured;	/* the last SGR was not a reset */
};

void	 termfilter_init(struct termfilter *, int);
void	 termfilter_feed(struct termfilter *, struct outbuf *, const void *,
	    size_t);
/* What was waited for does not come: shown as it is; colours end here. */
void	 termfilter_end(struct termfilter *, struct outbuf *);

#endif /* PM2CTL_TERMFILTER_H */

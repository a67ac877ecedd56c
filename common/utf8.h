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
 * UTF-8, strictly: no overlong forms, no surrogates, nothing beyond U+10FFFF.
 */
#ifndef PM2D_UTF8_H
#define PM2D_UTF8_H

#include <stddef.h>
#include <stdint.h>

#define UTF8_MAX	4	/* bytes of the longest character */

/*
 * The character that so many bytes begin with: its length and, in the last
 * argument, which one.  0: they begin with none, or with a part of one.  In a
 * string UTF8_MAX will do for their number: nothing behind the NUL is read.
 */
size_t	 utf8_decode(const void *, size_t, uint32_t *);

/* Is it a control character?  DEL and U+0080 to U+009F are, too. */
int	 utf8_iscontrol(uint32_t);

/*
 * The inside of a JSON string; what is not UTF-8 becomes U+FFFD.  Returns its
 * length, at most JSON_GROWTH times that of the text.
 */
#define JSON_GROWTH	6
size_t	 json_escape(char *, const char *, size_t);

#endif /* PM2D_UTF8_H */

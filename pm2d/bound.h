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
 * Who may start one program only as another user must not get a second one by
 * what stands beside it in the spec.
 */
#ifndef PM2D_BOUND_H
#define PM2D_BOUND_H

#include <stddef.h>

struct spec;

/*
 * Is there something in it that the rule for a program does not cover?  What
 * the second one, that the app has until now, or NULL, has too is no news.
 * 0, or -1 with the reason.
 */
int	 bound_check(const struct spec *, const struct spec *, char *,
	    size_t);

#endif /* PM2D_BOUND_H */

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
 * The values of an app's secrets never leave the parent, but for the app and
 * the state file.
 */
#ifndef PM2D_SECRET_H
#define PM2D_SECRET_H

#include <stddef.h>

#include "spec.h"

/* What is in the place of a value: "NAME=\001" */
#define SECRET_MARK	"\001"

/* Is there one without its value? */
int	 secret_marked(const struct spec *);
/* May a client send this, and have it shown?  0, or -1 and why not. */
int	 secret_check(const struct spec *, char *, size_t);
/* The same spec without the values.  0, or -1 with errno. */
int	 secret_hide(const struct spec *, struct spec_buf *);
/*
 * The first spec, with the values that the second has in the place of marks.
 * 0, or -1 with the reason in words: there is no such value.
 */
int	 secret_keep(const struct spec *, const struct spec *,
	    struct spec_buf *, char *, size_t);

#endif /* PM2D_SECRET_H */

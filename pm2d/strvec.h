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
 * Vectors of strings that end with a NULL, as execve(2) wants them.
 */
#ifndef PM2D_STRVEC_H
#define PM2D_STRVEC_H

#include <stddef.h>

/* Zero it to begin. */
struct strvec {
	char		**v;
	size_t		  n;
	size_t		  cap;
};

/*
 * The string is the vector's now, or freed when there is no memory: -1.  A
 * NULL is somebody's strdup(3) that failed: -1, too.
 */
int	 strvec_push(struct strvec *, char *);
/* The strings, of which no copy is left, and what holds them. */
void	 strvec_free(char **);

#endif /* PM2D_STRVEC_H */

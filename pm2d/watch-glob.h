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
 * What is not watched.  No I/O here.
 */
#ifndef PM2D_WATCH_GLOB_H
#define PM2D_WATCH_GLOB_H

#include <stddef.h>

struct ignore {
	char	**patterns;
	size_t	 n;
	size_t	 room;
};

/*
 * One more pattern.  Without '/' it is for the name of a file or directory
 * anywhere, with one for the path below the watched directory, and when it
 * begins with one for the absolute path.  '*' and '?' match no '/', a
 * component "**" matches any number of them.  0, or -1 with errno.
 */
int	ignore_add(struct ignore *, const char *);
void	ignore_free(struct ignore *);

/*
 * Is this one not to be watched?  By its absolute path, of which the path
 * below the watched directory begins at the pointer.  The directories above
 * it are not looked at: whoever walks a tree has asked about them before.
 */
int	ignore_match(const struct ignore *, const char *, const char *);

/* The whole of a path by a pattern with '/' in it. */
int	glob_path(const char *, const char *);

#endif /* PM2D_WATCH_GLOB_H */

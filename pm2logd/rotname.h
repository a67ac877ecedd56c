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
 * Names of rotated files, and what happens to them.  Pure.
 *
 * name.log.1 is the newest; name.log.2.gz was compressed.
 */
#ifndef PM2LOGD_ROTNAME_H
#define PM2LOGD_ROTNAME_H

#include <stddef.h>

#define ROTNAME_MAX	256	/* longest name, with NUL */
#define ROT_LAST	9999	/* largest number */
#define ROT_GZTMP	".gztmp"	/* end of a name: being compressed */

/* 0, or -1 when it would be too long. */
int	rotname_make(char *, size_t, const char *, unsigned int, int);

/*
 * Is it a rotated file's name?  Then 1, with the length of the log's name in
 * it, the number and whether it is compressed; else 0.
 */
int	rotname_parse(const char *, size_t *, unsigned int *, int *);

/* NULL, or why this cannot be the name of a file in a directory of ours. */
const char *rotname_bad(const char *);
/* The same for "directory/name"; also when there is no directory. */
const char *rotname_badindir(const char *);

struct rotstep {
	unsigned int	 from;
	unsigned int	 to;		/* 0: remove it */
};

/*
 * Make room for a new number 1: numbers in ascending order, how many, how
 * many files may remain with the new one.  Writes at most count steps, in
 * the order in which to take them; returns their number.
 */
size_t	rotname_plan(const unsigned int *, size_t, unsigned int,
	    struct rotstep *);

/* A file may grow past its size by so much to wait for the end of a line. */
#define ROT_SLACK	(1024 * 1024)

/*
 * Where to divide bytes so that a file of this size stays within max, at the
 * end of a line: how many of them still belong to it, 0..len.  midline: it
 * ends within a line now, which shall be completed.
 */
size_t	rotname_divide(const char *, size_t, unsigned long long,
	    unsigned long long, int);

#endif /* PM2LOGD_ROTNAME_H */

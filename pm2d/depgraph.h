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
 * Which app depends on which, by name.  Pure.
 */
#ifndef PM2D_DEPGRAPH_H
#define PM2D_DEPGRAPH_H

#include <stddef.h>

enum dep_condition {
	DEP_STARTED,		/* its process runs */
	DEP_ONLINE,		/* it is online */
	DEP_READY		/* it said so, listens, or is well */
};

/*
 * "name", which is "name:ready", or "name:condition", as spec_validate() lets
 * it through.  Copies the name.
 */
enum dep_condition depgraph_split(const char *, char *, size_t);
/* "to be online" */
const char	*depgraph_words(enum dep_condition);

struct depgraph;

struct depgraph	*depgraph_new(void);
void		 depgraph_free(struct depgraph *);
/* The first needs the second.  0, or -1 with ENOMEM. */
int		 depgraph_add(struct depgraph *, const char *, const char *);
/*
 * 1: this one needs itself in the end, and the buffer has how: "a -> b -> a".
 * 0: it does not; -1: ENOMEM.
 */
int		 depgraph_circle(struct depgraph *, const char *, char *,
		    size_t);

#endif /* PM2D_DEPGRAPH_H */

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
 * What is different between two specs: the one an app has, and the one that
 * is declared.
 */
#ifndef PM2CTL_SPECDIFF_H
#define PM2CTL_SPECDIFF_H

#include <stddef.h>

#include "spec.h"

/* A key, or one variable of a key with variables. */
struct specdiff_item {
	enum spec_key	 key;
	char		*name;		/* "instances", "env.NODE_ENV" */
	char		*old;		/* as text; NULL: not there */
	char		*new;
};

/* Zero it to begin. */
struct specdiff {
	struct specdiff_item *items;
	size_t		 n;
	size_t		 cap;
};

#define SPECDIFF_SHELL	0x01	/* the shell's layer counts as well */

/*
 * Add all differences, in the order of the keys.  Not given is the same as
 * given with its default.  Values of secrets are neither compared (pm2d does
 * not tell them) nor shown: it is their names that count.  What does not
 * concern the app does not count: where it was declared; nor do instances,
 * of which those that are there are counted.
 */
void	 specdiff_make(struct specdiff *, const struct spec *,
	    const struct spec *, int flags);
/* One more; the texts are copied. */
void	 specdiff_add(struct specdiff *, enum spec_key, const char *,
	    const char *, const char *);
void	 specdiff_free(struct specdiff *);

/* A string or number as people write it, to be freed; NULL: not given. */
char	*specdiff_value(const struct spec *, enum spec_key);

/* Can processes with the one and with the other not stand in for another? */
int	 specdiff_needs_restart(const struct specdiff *);
/* "instances 2 -> 4, env.NODE_ENV": short, what is long has its name only. */
void	 specdiff_words(const struct specdiff *, char *, size_t);

#endif /* PM2CTL_SPECDIFF_H */

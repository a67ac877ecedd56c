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
 * scale: how many of the apps of a name there are to be.
 */
#ifndef PM2CTL_SCALE_H
#define PM2CTL_SCALE_H

#include "pm2ctl.h"

struct scale {
	uint32_t	 id;		/* of the first member */
	uint32_t	 have;
	uint32_t	 want;
	struct selection drop;		/* those that go */
	char		 name[APP_NAME_MAX];
};

/*
 * What a word and an amount ("4", "+1", "-2", "max") mean.  Pure.  0, or -1
 * and a sentence in the buffer.
 */
int	 scale_plan(struct scale *, const struct app_list *, const char *,
	    const char *, unsigned int ncpu, char *, size_t);
void	 scale_free(struct scale *);

#endif /* PM2CTL_SCALE_H */

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
 * Boxes: the list of apps, and pairs of key and value.
 */
#ifndef PM2CTL_TABLE_H
#define PM2CTL_TABLE_H

#include <stddef.h>

#include "client.h"
#include "output.h"

/*
 * The table of pm2 list.  It fits style->width: the path of the error log
 * is cut at its start, columns that matter least are left out, long names
 * are cut at their end.  Width 0 shows everything.
 */
void	 table_apps(struct outbuf *, const struct app_view *, size_t,
	    const struct output_style *);
/* A block of lines for each app, for reading by eye or with grep(1). */
void	 table_mini(struct outbuf *, const struct app_view *, size_t);

/*
 * A box of two columns.  Text is of any origin; newlines in it begin a new
 * line of the value, and long values go on in the next line.
 */
struct pair {
	const char	*key;
	char		*value;
	const char	*sgr;		/* of the value, NULL: none */
};
void	 table_pairs(struct outbuf *, const struct pair *, size_t,
	    const struct output_style *);

/* The SGR of a state: green, red, or yellow while it changes. */
const char *table_statesgr(uint32_t);

#endif /* PM2CTL_TABLE_H */

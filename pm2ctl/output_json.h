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
 * Apps as pm2's JSON has them, for programs that read it.
 */
#ifndef PM2CTL_OUTPUT_JSON_H
#define PM2CTL_OUTPUT_JSON_H

#include <jansson.h>

#include "client.h"
#include "output.h"

/*
 * One app, with its environment when pm2d sent it.  Strings are bytes, maybe
 * not UTF-8: write them with ob_jsonvalue().
 */
json_t	*json_app(const struct app_view *);
/* NULL is out of memory, which ends the program; for what is being built. */
void	 json_put(json_t *, const char *, json_t *);
json_t	*json_text(const char *);
/* The value in one line, without blanks. */
void	 ob_jsonvalue(struct outbuf *, json_t *);
/* A list of a spec as an array of strings. */
void	 ob_jsonlist(struct outbuf *, const struct spec *, enum spec_key);

/* All apps: jlist, prettylist. */
void	 json_list(struct outbuf *, const struct app_view *, size_t);
void	 json_pretty(struct outbuf *, const struct app_view *, size_t);

#endif /* PM2CTL_OUTPUT_JSON_H */

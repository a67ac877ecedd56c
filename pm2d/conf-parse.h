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
 * The language of pm2d.conf(5).  Pure: names, files and messages are the
 * caller's to deal with.
 */
#ifndef PM2D_CONF_PARSE_H
#define PM2D_CONF_PARSE_H

#include "conf.h"

#define CONF_MAXERRORS	100	/* then it gives up */

struct conf_ops {
	/* 0, or -1 with errno; ENOENT: there is none of this name */
	int	 (*user)(void *, const char *, uint32_t *);
	int	 (*group)(void *, const char *, uint32_t *);
	/*
	 * The text of a file (absolute path), to be freed; or -1, and why
	 * not.
	 */
	int	 (*include)(void *, const char *, char **, size_t *, char *,
		    size_t);
	/* CONF_TEXT_ERROR or _WARN: "file:line: what" */
	void	 (*message)(void *, uint32_t, const char *);
};

/* NULL when anything was wrong; all of it has been said. */
struct conf	*conf_parse(const char *, const char *, size_t,
		    const struct conf_ops *, void *);

/* Where things are when the file does not say. */
void		 conf_defaults(struct conf_begin *);

#endif /* PM2D_CONF_PARSE_H */

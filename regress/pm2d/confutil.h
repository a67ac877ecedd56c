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
 * pm2d.conf(5) in memory, with users and groups that need not exist.
 */
#ifndef REGRESS_CONFUTIL_H
#define REGRESS_CONFUTIL_H

#include "../../pm2d/conf-parse.h"

struct confutil {
	const char	*const *files;	/* path, text, ..., NULL */
	int		 anyname;	/* every name exists */
	size_t		 nerrors;
	size_t		 nwarnings;
	size_t		 len;
	char		 said[65536];	/* all of it, a line each */
};

extern const struct conf_names	 confutil_names;

/* As "/etc/pm2d.conf"; clears what was said before. */
struct conf	*confutil_parse(struct confutil *, const char *, size_t);
/* Equal but for lines and files? */
int		 confutil_equal(const struct conf *, const struct conf *);

#endif /* REGRESS_CONFUTIL_H */

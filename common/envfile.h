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
 * Files of environment variables (env_file), a variable per line:
 *
 *	# a comment
 *	NAME=value of everything up to the end	# and this is a comment
 *	export NAME = value
 *	NAME='as it is, over several lines if need be'
 *	NAME="with \n \r \t \" \\ \$ \` and \ before a newline that is none"
 *
 * Nothing is expanded or executed.
 */
#ifndef PM2D_ENVFILE_H
#define PM2D_ENVFILE_H

#include <stddef.h>

#define ENVFILE_MAX	(256 * 1024)

struct envfile {
	const char	*p;
	const char	*end;
	unsigned int	 line;		/* the one that is read, from 1 */
};

void	 envfile_begin(struct envfile *, const char *, size_t);
/*
 * The next variable as "NAME=value" in the buffer, that should have room for
 * SPEC_ENVSTR_MAX + 1 bytes.  1; 0 at the end; -1 and what is wrong with the
 * line, without a word of what it says.
 */
int	 envfile_next(struct envfile *, char *, size_t, const char **);

#endif /* PM2D_ENVFILE_H */

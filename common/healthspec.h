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
 * What health_check says: "http://127.0.0.1:8080/health", "tcp:[::1]:5432",
 * "exec:/usr/bin/check --fast 'two words'".  Hosts are addresses or
 * "localhost", never other names: nobody who could wait for a name service
 * asks one.
 */
#ifndef PM2D_HEALTHSPEC_H
#define PM2D_HEALTHSPEC_H

#include <stddef.h>
#include <stdint.h>

enum healthspec_kind {
	HEALTHSPEC_HTTP,
	HEALTHSPEC_TCP,
	HEALTHSPEC_EXEC
};

#define HEALTHSPEC_WORDS	64	/* of exec */
#define HEALTHSPEC_LEN		4096	/* with NUL */

struct healthspec {
	enum healthspec_kind kind;
	int		 v6;
	uint16_t	 port;
	char		 host[64];	/* "localhost", or an address */
	char		 path[1024];	/* http: "/..." */
	const char	*command;	/* exec: the words, in what was parsed */
};

/* NULL, or why it is none, to be read after the name of the option. */
const char	*healthspec_parse(const char *, struct healthspec *);
/* The same when only the answer matters. */
const char	*healthspec_bad(const char *);
/* Does it stay on this machine?  exec does. */
int		 healthspec_local(const struct healthspec *);
/*
 * The words of a command, in the buffer: split at blanks, '...' and "..."
 * hold blanks together, a backslash is itself.  argv ends with a NULL.  How
 * many, or -1: an open quote, none, too many, too long.
 */
int		 healthspec_words(const char *, char *, size_t,
		    char *[HEALTHSPEC_WORDS + 1]);

#endif /* PM2D_HEALTHSPEC_H */

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
 * The words of pm2d.conf(5).  Pure; knows where it is, and nothing of what
 * the words mean.
 */
#ifndef PM2D_CONF_LEX_H
#define PM2D_CONF_LEX_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#define LEX_TOKEN_MAX	(PATH_MAX + 8)	/* of a word or string, with NUL */
#define LEX_MACRO_MAX	64		/* of a macro's name, with NUL */

enum lex_token {
	LEX_EOF,
	LEX_NEWLINE,
	LEX_WORD,		/* text: may be a word of the language */
	LEX_STRING,		/* text: was in quotes, and never is */
	LEX_OPEN,
	LEX_CLOSE,
	LEX_COMMA,
	LEX_EQUALS,
	LEX_BAD			/* why: the rest of the line is of no use */
};

/* The value of a macro; NULL: there is none. */
typedef const char *(lex_macro)(void *, const char *);

struct lex {
	const char	*text;
	size_t		 len;
	size_t		 pos;
	uint32_t	 line;		/* of what was read last */
	uint32_t	 next;		/* ...of what is read next */
	const char	*value;		/* of a macro: what is left; or NULL */
	lex_macro	*macro;
	void		*arg;
	char		 token[LEX_TOKEN_MAX];
	char		 why[128];
};

void		 lex_init(struct lex *, const char *, size_t, lex_macro *,
		    void *);
enum lex_token	 lex_next(struct lex *);
/* Is this a possible name of a macro? */
int		 lex_macroname(const char *);
/* Can this be written without quotes? */
int		 lex_plain(const char *);

#endif /* PM2D_CONF_LEX_H */

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
 * What the files of the parser share.
 */
#ifndef PM2D_CONF_LOCAL_H
#define PM2D_CONF_LOCAL_H

#include <sys/queue.h>

#include "conf-lex.h"
#include "conf-parse.h"

#define LIST_MAX	256	/* of { a b c } */

struct macro {
	TAILQ_ENTRY(macro)	 entry;
	char			*name;
	char			*value;
	char			*where;		/* file:line */
	int			 used;
};
TAILQ_HEAD(macros, macro);

/* A file that is being read, and the one that included it. */
struct source {
	struct source	*up;
	uint32_t	 index;		/* in conf.files */
	uint32_t	 depth;
	struct lex	 lex;
};

/* What may be said once only, and where it was. */
enum once {
	ONCE_LISTEN,
	ONCE_STATE,
	ONCE_LOGDIR,
	ONCE_LOGLIMIT,
	ONCE_WEB,
	ONCE_N
};

struct parse {
	const struct conf_ops	*ops;
	void			*arg;
	struct conf		*conf;
	struct source		*src;
	struct macros		 macros;
	enum lex_token		 token;		/* the one at hand */
	int			 depth;		/* braces open in a statement */
	uint32_t		 nerrors;
	uint32_t		 nwarnings;
	int			 unclosed;	/* a statement is at hand */
	int			 giveup;
	char			*once[ONCE_N];
};

/* A list of words, or one of them. */
struct list {
	size_t	 n;
	int	 braces;
	struct {
		char		*text;
		int		 quoted;
		uint32_t	 line;
	}	 item[LIST_MAX];
};

/* conf-parse.c: the token at hand is looked at, then the next one is taken */
void		 parse_next(struct parse *);
int		 parse_is(const struct parse *, const char *);
/* Is this word at hand?  Then it is taken. */
int		 parse_take(struct parse *, const char *);
/* ...else that is a mistake. 0 or -1. */
int		 parse_want(struct parse *, const char *);
const char	*parse_text(const struct parse *);
/* The token at hand in words: "'foo'", "the end of the line" */
const char	*parse_found(struct parse *);
int		 parse_istext(const struct parse *);
int		 parse_eol(struct parse *);
/*
 * In a block.  A line that begins like a statement, or the end of the file, is
 * a mistake of the line where the block was opened.
 */
int		 parse_open(struct parse *, uint32_t *);
void		 parse_close(struct parse *);
int		 parse_newlines(struct parse *, uint32_t);
/* A mistake at the token at hand; -1. */
int		 parse_error(struct parse *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));
/* ...in this line of the file. */
int		 parse_errorat(struct parse *, uint32_t, const char *, ...)
		    __attribute__((format(printf, 3, 4)));
void		 parse_warn(struct parse *, uint32_t, const char *, ...)
		    __attribute__((format(printf, 3, 4)));
uint32_t	 parse_line(const struct parse *);
struct list	*parse_list(struct parse *, const char *);
void		 list_free(struct list *);
/* -1: it was said before, which is a mistake. */
int		 parse_once(struct parse *, enum once, const char *);
int		 parse_path(struct parse *, char *, size_t, const char *);
/* What a name stands for: 0, or -1 and it has been said. */
int		 parse_user(struct parse *, const char *, uint32_t,
		    uint32_t *);
int		 parse_group(struct parse *, const char *, uint32_t,
		    uint32_t *);
/* One more in an array; NULL: there are too many, and it has been said. */
void		*parse_grow(struct parse *, void **, size_t *, size_t, size_t,
		    const char *);

/* conf-rule.c, conf-main.c: the statements; 0, or -1 and it has been said */
int		 conf_permit(struct parse *);
int		 conf_deny(struct parse *);
int		 conf_limits(struct parse *);
int		 conf_listen(struct parse *);
int		 conf_state(struct parse *);
int		 conf_log(struct parse *);
int		 conf_web(struct parse *);
int		 conf_resurrect(struct parse *);
int		 conf_include(struct parse *);
/* conf-parse.c */
int		 parse_file(struct parse *, const char *, const char *,
		    size_t);

#endif /* PM2D_CONF_LOCAL_H */

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
 * The lexer of pm2d.conf(5), as parse.y has it everywhere: comments, joined
 * lines, quoted strings, macros.
 */

#include <sys/types.h>

#include <stdio.h>
#include <string.h>

#include "conf-lex.h"

#define END	(-1)		/* of the file, or of a macro's value */

static int		 peek(const struct lex *);
static int		 get(struct lex *);
static void		 skip_space(struct lex *);
static int		 is_wordchar(int);
static int		 is_space(int);
static enum lex_token	 bad(struct lex *, const char *);
static enum lex_token	 bad_char(struct lex *, int);
static enum lex_token	 expand(struct lex *);
static enum lex_token	 string(struct lex *);
static enum lex_token	 word(struct lex *);
static int		 joined(const struct lex *);

void
lex_init(struct lex *lx, const char *text, size_t len, lex_macro *macro,
    void *arg)
{
	memset(lx, 0, sizeof(*lx));
	lx->text = text;
	lx->len = len;
	lx->macro = macro;
	lx->arg = arg;
	lx->line = lx->next = 1;
}

/* What comes next, of the value of a macro if we are in one. */
static int
peek(const struct lex *lx)
{
	if (lx->value != NULL)
		return (*lx->value == '\0' ? END :
		    (unsigned char)*lx->value);
	return (lx->pos >= lx->len ? END : (unsigned char)lx->text[lx->pos]);
}

static int
get(struct lex *lx)
{
	int	 c;

	if ((c = peek(lx)) == END)
		return (END);
	if (lx->value != NULL)
		lx->value++;
	else {
		lx->pos++;
		if (c == '\n')
			lx->next++;
	}
	return (c);
}

static int
is_space(int c)
{
	return (c == ' ' || c == '\t' || c == '\r');
}

static int
is_wordchar(int c)
{
	return (c > ' ' && c != 0x7f && strchr("{},=#\"$\\", c) == NULL);
}

/* A backslash at the end of a line: the next one goes on with this one. */
static int
joined(const struct lex *lx)
{
	size_t	 i;

	if (lx->value != NULL || peek(lx) != '\\')
		return (0);
	i = lx->pos + 1;
	if (i < lx->len && lx->text[i] == '\r')
		i++;
	return (i < lx->len && lx->text[i] == '\n');
}

/* Space, joined lines and comments; the end of a macro's value is space. */
static void
skip_space(struct lex *lx)
{
	int	 c;

	for (;;) {
		c = peek(lx);
		if (c == END && lx->value != NULL)
			lx->value = NULL;
		else if (joined(lx)) {
			while (get(lx) != '\n')
				continue;
		} else if (c == '#') {
			while (c != '\n' && c != END) {
				get(lx);
				c = peek(lx);
			}
		} else if (is_space(c))
			get(lx);
		else
			return;
	}
}

static enum lex_token
bad(struct lex *lx, const char *why)
{
	lx->value = NULL;
	(void)snprintf(lx->why, sizeof(lx->why), "%s", why);
	return (LEX_BAD);
}

static enum lex_token
bad_char(struct lex *lx, int c)
{
	lx->value = NULL;
	if (c == '\0')
		(void)snprintf(lx->why, sizeof(lx->why),
		    "a NUL byte: this is no text");
	else if (c > ' ' && c < 0x7f)
		(void)snprintf(lx->why, sizeof(lx->why),
		    "a '%c' has no meaning here; what has it in it is "
		    "written in quotes", c);
	else
		(void)snprintf(lx->why, sizeof(lx->why),
		    "a control character (0x%02x)", (unsigned int)c);
	return (LEX_BAD);
}

enum lex_token
lex_next(struct lex *lx)
{
	int	 c;

	skip_space(lx);
	lx->line = lx->next;
	lx->token[0] = '\0';
	switch (c = peek(lx)) {
	case END:
		return (LEX_EOF);
	case '\n':
		get(lx);
		return (LEX_NEWLINE);
	case '{':
		get(lx);
		return (LEX_OPEN);
	case '}':
		get(lx);
		return (LEX_CLOSE);
	case ',':
		get(lx);
		return (LEX_COMMA);
	case '=':
		get(lx);
		return (LEX_EQUALS);
	case '"':
		return (string(lx));
	case '$':
		return (expand(lx));
	default:
		break;
	}
	if (is_wordchar(c))
		return (word(lx));
	get(lx);
	return (bad_char(lx, c));
}

static enum lex_token
word(struct lex *lx)
{
	size_t	 n = 0;
	int	 c;

	while (is_wordchar(c = peek(lx))) {
		if (n + 1 >= sizeof(lx->token))
			return (bad(lx, "this word is too long"));
		lx->token[n++] = (char)get(lx);
	}
	lx->token[n] = '\0';
	if (c == '$' || c == '"' || (c == '\\' && !joined(lx)))
		return (bad_char(lx, c));
	return (LEX_WORD);
}

static enum lex_token
string(struct lex *lx)
{
	size_t	 n = 0;
	int	 c;

	get(lx);
	for (;;) {
		if (joined(lx)) {
			while (get(lx) != '\n')
				continue;
			continue;
		}
		c = peek(lx);
		if (c == END || c == '\n')
			return (bad(lx, "the quotes are not closed"));
		get(lx);
		if (c == '"')
			break;
		if (c == '\\') {
			c = peek(lx);
			if (c != '"' && c != '\\')
				return (bad(lx, "in quotes, a '\\' stands "
				    "before '\"', '\\' or the end of a line"));
			get(lx);
		} else if ((c < ' ' && c != '\t') || c == 0x7f)
			return (bad_char(lx, c));
		if (n + 1 >= sizeof(lx->token))
			return (bad(lx, "this string is too long"));
		lx->token[n++] = (char)c;
	}
	lx->token[n] = '\0';
	c = peek(lx);
	if (is_wordchar(c) || c == '"' || c == '$')
		return (bad(lx, "there is to be a space after the quotes"));
	return (LEX_STRING);
}

/* A value is read as if it stood here, but for what begins with a '$'. */
static enum lex_token
expand(struct lex *lx)
{
	const char	*value;
	char		 name[LEX_MACRO_MAX];
	size_t		 n = 0;
	int		 c;

	if (lx->value != NULL)
		return (bad(lx, "the value of a macro has a macro in it"));
	get(lx);
	while (is_wordchar(c = peek(lx)) && n + 1 < sizeof(name))
		name[n++] = (char)get(lx);
	name[n] = '\0';
	if (!lex_macroname(name) || is_wordchar(c) || c == '$' || c == '"')
		return (bad(lx, "after a '$' comes the name of a macro, and "
		    "nothing more"));
	if ((value = lx->macro(lx->arg, name)) == NULL) {
		(void)snprintf(lx->why, sizeof(lx->why),
		    "there is no macro %s above this line", name);
		return (LEX_BAD);
	}
	lx->value = value;
	return (lex_next(lx));
}

int
lex_macroname(const char *name)
{
	const char	*p;

	if (strlen(name) >= LEX_MACRO_MAX || *name == '\0' ||
	    (*name >= '0' && *name <= '9'))
		return (0);
	for (p = name; *p != '\0'; p++) {
		if (*p != '_' && (*p < '0' || *p > '9') &&
		    (*p < 'a' || *p > 'z') && (*p < 'A' || *p > 'Z'))
			return (0);
	}
	return (1);
}

int
lex_plain(const char *s)
{
	const char	*p;

	for (p = s; *p != '\0'; p++) {
		if (!is_wordchar((unsigned char)*p))
			return (0);
	}
	return (p != s);
}

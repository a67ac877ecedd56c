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
 * JSON as people write it: with comments of three kinds, commas behind the
 * last one, strings in single quotes and keys without any.  Strict in all
 * else, since a word that is no string is a mistake.
 */
#include <sys/types.h>

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "procfile.h"
#include "utf8.h"

struct reader {
	const char	*p;
	const char	*end;
	const char	*begin;
	const char	*seen;		/* what the mark is of */
	struct pf_mark	 mark;
	struct pf_mark	*where;		/* of the mistake */
	struct pf_budget budget;
	char		*errbuf;
	size_t		 errsize;
	int		 depth;
};

static struct pf_node	*value(struct reader *);
static int	 mistake(struct reader *, struct pf_mark, const char *, ...)
		    __attribute__((format(printf, 3, 4)));

/* ---- where we are ---- */

/* Characters, not bytes; only ever forward, so that all of it is linear. */
static struct pf_mark
here(struct reader *r)
{
	for (; r->seen < r->p; r->seen++) {
		if (*r->seen == '\n') {
			r->mark.line++;
			r->mark.column = 1;
		} else if ((*r->seen & 0xc0) != 0x80)
			r->mark.column++;
	}
	return (r->mark);
}

static int
mistake(struct reader *r, struct pf_mark mark, const char *fmt, ...)
{
	va_list	 ap;

	*r->where = mark;
	va_start(ap, fmt);
	(void)vsnprintf(r->errbuf, r->errsize, fmt, ap);
	va_end(ap);
	return (-1);
}

/* "expected ..., found 'x'" */
static int
expected(struct reader *r, const char *what)
{
	uint32_t	 c;
	size_t		 n;

	if (r->p == r->end)
		return (mistake(r, here(r), "expected %s, found the end of "
		    "the file", what));
	n = utf8_decode(r->p, (size_t)(r->end - r->p), &c);
	if (n == 0 || utf8_iscontrol(c))
		return (mistake(r, here(r), "expected %s", what));
	return (mistake(r, here(r), "expected %s, found %s%.*s%s", what,
	    c == '\'' ? "\"" : "'", (int)n, r->p, c == '\'' ? "\"" : "'"));
}

static int
nomem(struct reader *r)
{
	if (errno == E2BIG)
		return (mistake(r, here(r), "the file has more than %d "
		    "values", PF_NODES_MAX));
	return (mistake(r, here(r), "%s", strerror(errno)));
}

static struct pf_node *
node(struct reader *r, enum pf_type type)
{
	struct pf_node	*n;

	if ((n = pf_new(&r->budget, type, here(r))) == NULL)
		(void)nomem(r);
	return (n);
}

static int
at(const struct reader *r, const char *s)
{
	size_t	 len;

	len = strlen(s);
	return ((size_t)(r->end - r->p) >= len && memcmp(r->p, s, len) == 0);
}

/* ---- blanks and comments ---- */

static void
skip_line(struct reader *r)
{
	while (r->p < r->end && *r->p != '\n')
		r->p++;
}

static int
skip_comment(struct reader *r)
{
	struct pf_mark	 mark;

	mark = here(r);
	for (r->p += 2; r->p < r->end; r->p++)
		if (at(r, "*/")) {
			r->p += 2;
			return (0);
		}
	return (mistake(r, mark, "this comment is not closed: expected */"));
}

static int
blanks(struct reader *r)
{
	while (r->p < r->end) {
		if (strchr(" \t\r\n\v\f", *r->p) != NULL)
			r->p++;
		else if (at(r, "\302\240"))	/* no-break space */
			r->p += 2;
		else if (*r->p == '#' || at(r, "//"))
			skip_line(r);
		else if (!at(r, "/*"))
			break;
		else if (skip_comment(r) == -1)
			return (-1);
	}
	return (0);
}

/* ---- strings ---- */

static int
hex(const char *s, const char *end, int n, uint32_t *c)
{
	*c = 0;
	for (; n > 0; n--, s++) {
		if (s >= end)
			return (-1);
		if (*s >= '0' && *s <= '9')
			*c = *c << 4 | (uint32_t)(*s - '0');
		else if ((*s | 0x20) >= 'a' && (*s | 0x20) <= 'f')
			*c = *c << 4 | (uint32_t)((*s | 0x20) - 'a' + 10);
		else
			return (-1);
	}
	return (0);
}

static size_t
encode(char *out, uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return (1);
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return (2);
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return (3);
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return (4);
}

/* \uD83D\uDE00 is one character; half of it is none. */
static int
escape_unicode(struct reader *r, uint32_t *c)
{
	uint32_t	 low;

	if (hex(r->p + 2, r->end, 4, c) == -1)
		return (mistake(r, here(r),
		    "expected four hexadecimal digits behind \\u"));
	if (*c >= 0xd800 && *c <= 0xdfff) {
		if (*c > 0xdbff || r->end - r->p < 12 || r->p[6] != '\\' ||
		    r->p[7] != 'u' || hex(r->p + 8, r->end, 4, &low) == -1 ||
		    low < 0xdc00 || low > 0xdfff)
			return (mistake(r, here(r), "this is one half of a "
			    "character (a surrogate without its other one)"));
		*c = 0x10000 + ((*c - 0xd800) << 10 | (low - 0xdc00));
		r->p += 6;
	}
	r->p += 6;
	return (0);
}

/* From its backslash.  1: nothing stands for it (the line goes on). */
static int
escape(struct reader *r, uint32_t *c)
{
	static const char	 from[] = "\"'\\/bfnrtv0`";
	static const char	 to[] = "\"'\\/\b\f\n\r\t\v\0`";
	const char		*s;

	*c = 0;
	if (r->end - r->p < 2)
		return (mistake(r, here(r), "expected something behind \\"));
	if (r->p[1] == '\n' || (r->p[1] == '\r' && r->end - r->p > 2 &&
	    r->p[2] == '\n')) {
		r->p += r->p[1] == '\n' ? 2 : 3;
		return (1);
	}
	if (r->p[1] == 'u') {
		if (escape_unicode(r, c) == -1)
			return (-1);
	} else if (r->p[1] == 'x') {
		if (hex(r->p + 2, r->end, 2, c) == -1)
			return (mistake(r, here(r),
			    "expected two hexadecimal digits behind \\x"));
		r->p += 4;
	} else if ((s = memchr(from, r->p[1], sizeof(from) - 1)) != NULL) {
		*c = (unsigned char)to[s - from];
		r->p += 2;
	} else
		return (mistake(r, here(r), "unknown escape: expected one of "
		    "\\\" \\' \\\\ \\/ \\b \\f \\n \\r \\t \\v \\x \\u"));
	return (*c != 0 ? 0 : mistake(r, here(r),
	    "a string cannot have a NUL character"));
}

/*
 * Its length between the quotes, which is as long as it can get.  What ends
 * it too early is for string() to find: a line may go on behind a backslash.
 */
static size_t
string_room(const struct reader *r, char quote)
{
	const char	*s;

	for (s = r->p; s < r->end && *s != quote; s++)
		if (*s == '\\' && s + 1 < r->end)
			s++;
	return ((size_t)(s - r->p) + 1);
}

/* From its first quote.  NULL: said. */
static char *
string(struct reader *r)
{
	struct pf_mark	 mark;
	uint32_t	 c;
	char		*s, *o, quote;
	int		 n;

	mark = here(r);
	quote = *r->p++;
	if ((o = s = malloc(string_room(r, quote))) == NULL) {
		(void)nomem(r);
		return (NULL);
	}
	while (r->p < r->end && *r->p != quote) {
		if (*r->p == '\n') {
			(void)mistake(r, mark, "this string is not closed on "
			    "its line: expected %c", quote);
			goto fail;
		}
		if (*r->p != '\\') {
			*o++ = *r->p++;
			continue;
		}
		if ((n = escape(r, &c)) == -1)
			goto fail;
		if (n == 0)
			o += encode(o, c);
	}
	if (r->p == r->end) {
		(void)mistake(r, mark, "this string is not closed: "
		    "expected %c", quote);
		goto fail;
	}
	r->p++;
	*o = '\0';
	return (s);
fail:
	free(s);
	return (NULL);
}

static struct pf_node *
string_node(struct reader *r)
{
	struct pf_node	*n;

	if ((n = node(r, PF_STRING)) == NULL)
		return (NULL);
	if ((n->text = string(r)) == NULL) {
		pf_free(n);
		return (NULL);
	}
	return (n);
}

/* ---- numbers and words ---- */

static int
digits(struct reader *r)
{
	const char	*s;

	for (s = r->p; r->p < r->end && *r->p >= '0' && *r->p <= '9'; r->p++)
		;
	return (r->p > s);
}

static int
number_text(struct reader *r)
{
	struct pf_mark	 mark;
	const char	*first;

	mark = here(r);
	if (*r->p == '-')
		r->p++;
	first = r->p;
	if (!digits(r))
		return (expected(r, "a digit"));
	if (*first == '0' && r->p - first > 1)
		return (mistake(r, mark, "a number cannot begin with 0: "
		    "expected \"%.*s\" in quotes, if that is meant",
		    (int)(r->p - first > 16 ? 16 : r->p - first), first));
	if (r->p < r->end && *r->p == '.') {
		r->p++;
		if (!digits(r))
			return (expected(r, "a digit behind the point"));
	}
	if (r->p < r->end && (*r->p | 0x20) == 'e') {
		r->p++;
		if (r->p < r->end && (*r->p == '+' || *r->p == '-'))
			r->p++;
		if (!digits(r))
			return (expected(r, "the digits of an exponent"));
	}
	return (0);
}

static int
is_wordchar(char c)
{
	return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '$' ||
	    (c & 0x80) != 0);
}

static struct pf_node *
number(struct reader *r)
{
	struct pf_node	*n;
	const char	*begin;

	if ((n = node(r, PF_NUMBER)) == NULL)
		return (NULL);
	begin = r->p;
	if (number_text(r) == -1) {
		pf_free(n);
		return (NULL);
	}
	if (r->p < r->end && is_wordchar(*r->p)) {
		(void)mistake(r, n->mark, "a number with something behind "
		    "it: expected a string in quotes");
		pf_free(n);
		return (NULL);
	}
	if ((n->text = strndup(begin, (size_t)(r->p - begin))) == NULL) {
		(void)nomem(r);
		pf_free(n);
		return (NULL);
	}
	n->number = strtod(n->text, NULL);
	return (n);
}

/* A word's length; keys may have a '-' inside. */
static size_t
word(const struct reader *r, int dash)
{
	const char	*s;

	for (s = r->p; s < r->end && (is_wordchar(*s) ||
	    (dash && s > r->p && *s == '-')); s++)
		;
	return ((size_t)(s - r->p));
}

static struct pf_node *
word_node(struct reader *r)
{
	static const struct {
		const char	*word;
		enum pf_type	 type;
		int		 truth;
	} words[] = {
		{ "true",	PF_BOOL,	1 },
		{ "false",	PF_BOOL,	0 },
		{ "null",	PF_NULL,	0 },
	};
	struct pf_node	*n;
	size_t		 i, len;

	len = word(r, 0);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strlen(words[i].word) != len || !at(r, words[i].word))
			continue;
		if ((n = node(r, words[i].type)) != NULL) {
			n->truth = words[i].truth;
			r->p += len;
		}
		return (n);
	}
	if (len == 0)
		(void)expected(r, "a value");
	else if (at(r, "module") || at(r, "export"))
		(void)mistake(r, here(r), "this is JavaScript: expected "
		    "JSON, or a name that ends in .config.js");
	else
		(void)mistake(r, here(r), "unknown word %.*s: expected a "
		    "value (strings are in quotes)",
		    (int)(len > 32 ? 32 : len), r->p);
	return (NULL);
}

/* ---- lists and objects ---- */

static int
key(struct reader *r, char **name)
{
	size_t	 len;

	if (*r->p == '"' || *r->p == '\'')
		return ((*name = string(r)) == NULL ? -1 : 0);
	if (*r->p >= '0' && *r->p <= '9')
		return (expected(r, "a key or '}'"));
	if ((len = word(r, 1)) == 0)
		return (expected(r, "a key or '}'"));
	if ((*name = strndup(r->p, len)) == NULL)
		return (nomem(r));
	r->p += len;
	return (0);
}

/* key: value */
static struct pf_node *
member(struct reader *r)
{
	struct pf_node	*n;
	struct pf_mark	 mark;
	char		*name;

	mark = here(r);
	if (key(r, &name) == -1)
		return (NULL);
	n = NULL;
	if (blanks(r) == 0) {
		if (r->p == r->end || *r->p != ':')
			(void)expected(r, "':' behind the key");
		else {
			r->p++;
			if (blanks(r) == 0)
				n = value(r);
		}
	}
	if (n == NULL) {
		free(name);
		return (NULL);
	}
	n->key = name;
	n->keymark = mark;
	return (n);
}

/* Behind a value.  1: the next one, 0: the end, -1. */
static int
separator(struct reader *r, char close)
{
	if (blanks(r) == -1)
		return (-1);
	if (r->p < r->end && *r->p == ',') {
		r->p++;
		if (blanks(r) == -1)
			return (-1);
		return (r->p == r->end || *r->p != close);
	}
	if (r->p < r->end && *r->p == close)
		return (0);
	return (expected(r, close == '}' ? "',' or '}'" : "',' or ']'"));
}

static int
children(struct reader *r, struct pf_node *n, char close)
{
	struct pf_node	**tail;
	int		  more;

	r->p++;
	if (blanks(r) == -1)
		return (-1);
	more = r->p == r->end || *r->p != close;
	for (tail = &n->child; more == 1; tail = &(*tail)->next) {
		if (r->p == r->end)
			return (expected(r, close == '}' ? "a key or '}'" :
			    "a value or ']'"));
		*tail = close == '}' ? member(r) : value(r);
		if (*tail == NULL)
			return (-1);
		more = separator(r, close);
	}
	if (more == -1)
		return (-1);
	r->p++;
	return (pf_complete(n) == -1 ? nomem(r) : 0);
}

static struct pf_node *
container(struct reader *r, enum pf_type type, char close)
{
	struct pf_node	*n;

	if (r->depth == PF_DEPTH_MAX) {
		(void)mistake(r, here(r), "more than %d levels",
		    PF_DEPTH_MAX);
		return (NULL);
	}
	if ((n = node(r, type)) == NULL)
		return (NULL);
	r->depth++;
	if (children(r, n, close) == -1) {
		pf_free(n);
		return (NULL);
	}
	r->depth--;
	return (n);
}

static struct pf_node *
value(struct reader *r)
{
	if (r->p == r->end) {
		(void)expected(r, "a value");
		return (NULL);
	}
	switch (*r->p) {
	case '{':
		return (container(r, PF_OBJECT, '}'));
	case '[':
		return (container(r, PF_ARRAY, ']'));
	case '"':
	case '\'':
		return (string_node(r));
	case '-':
	case '0': case '1': case '2': case '3': case '4':
	case '5': case '6': case '7': case '8': case '9':
		return (number(r));
	default:
		return (word_node(r));
	}
}

struct pf_node *
pf_json(const char *text, size_t len, struct pf_mark *mark, char *errbuf,
    size_t errsize)
{
	struct reader	 r;
	struct pf_node	*n;
	const char	*why;

	memset(&r, 0, sizeof(r));
	r.where = mark;
	r.errbuf = errbuf;
	r.errsize = errsize;
	r.mark.line = r.mark.column = 1;
	if (len >= 3 && memcmp(text, "\357\273\277", 3) == 0) {
		text += 3;
		len -= 3;
	}
	if (len > PF_BYTES_MAX) {
		(void)mistake(&r, r.mark, "more than %d bytes", PF_BYTES_MAX);
		return (NULL);
	}
	if ((why = pf_badtext(text, len, mark)) != NULL) {
		(void)mistake(&r, *mark, "%s", why);
		return (NULL);
	}
	r.p = r.begin = r.seen = text;
	r.end = text + len;
	if (blanks(&r) == -1 || (n = value(&r)) == NULL)
		return (NULL);
	if (blanks(&r) == 0 && r.p == r.end)
		return (n);
	if (r.p != r.end && !at(&r, "/*"))
		(void)expected(&r, "the end of the file");
	pf_free(n);
	return (NULL);
}

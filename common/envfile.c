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

#include <string.h>

#include "envfile.h"
#include "spec.h"

/* What is put together. */
struct entry {
	char		*buf;
	size_t		 size;
	size_t		 len;
};

void
envfile_begin(struct envfile *ef, const char *data, size_t len)
{
	static const char	 bom[] = "\xef\xbb\xbf";

	ef->p = data;
	ef->end = data + len;
	ef->line = 1;
	if (len >= 3 && memcmp(data, bom, 3) == 0)
		ef->p += 3;
}

/* The byte here, or -1 at the end. */
static int
peek(const struct envfile *ef)
{
	return (ef->p == ef->end ? -1 : (unsigned char)*ef->p);
}

static void
advance(struct envfile *ef)
{
	if (*ef->p++ == '\n')
		ef->line++;
}

static int
is_blank(int c)
{
	return (c == ' ' || c == '\t');
}

/* The end of a line; a '\r' belongs to it. */
static int
at_eol(const struct envfile *ef)
{
	int	 c = peek(ef);

	return (c == -1 || c == '\n' || (c == '\r' &&
	    (ef->p + 1 == ef->end || ef->p[1] == '\n')));
}

static void
skip_blanks(struct envfile *ef)
{
	while (is_blank(peek(ef)))
		ef->p++;
}

static void
skip_line(struct envfile *ef)
{
	while (peek(ef) != -1 && peek(ef) != '\n')
		ef->p++;
}

/* Up to the next line that says something; 0: there is none. */
static int
find_line(struct envfile *ef)
{
	for (;;) {
		skip_blanks(ef);
		if (peek(ef) == -1)
			return (0);
		if (!at_eol(ef) && peek(ef) != '#')
			return (1);
		skip_line(ef);
		if (peek(ef) != -1)
			advance(ef);
	}
}

static void
add(struct entry *e, char c)
{
	if (e->len < e->size)
		e->buf[e->len] = c;
	e->len++;
}

static int
is_name(int c, int first)
{
	if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_')
		return (1);
	return (!first && ((c >= '0' && c <= '9') || c == '.' || c == '-'));
}

/* NULL, or what is wrong. */
static const char *
read_name(struct envfile *ef, struct entry *e)
{
	if (!is_name(peek(ef), 1))
		return ("does not begin with the name of a variable");
	while (is_name(peek(ef), 0))
		add(e, *ef->p++);
	return (NULL);
}

/* "export" is one only if a name follows. */
static const char *
read_left(struct envfile *ef, struct entry *e)
{
	const char	*why;

	if ((why = read_name(ef, e)) != NULL)
		return (why);
	if (e->len == 6 && memcmp(e->buf, "export", 6) == 0 &&
	    is_blank(peek(ef))) {
		skip_blanks(ef);
		if (peek(ef) != '=') {
			e->len = 0;
			if ((why = read_name(ef, e)) != NULL)
				return (why);
		}
	}
	skip_blanks(ef);
	if (peek(ef) != '=')
		return ("has no '=' after the name");
	ef->p++;
	add(e, '=');
	return (NULL);
}

/* What stands for what behind a backslash; others stay as they are. */
static void
read_escape(struct envfile *ef, struct entry *e)
{
	static const char	 from[] = "nrt\"\\$`", to[] = "\n\r\t\"\\$`";
	const char		*which;
	int			 c = peek(ef);

	if (c == '\r' && at_eol(ef) && ef->p + 1 != ef->end) {
		ef->p++;
		c = '\n';
	}
	if (c == -1)
		return;
	advance(ef);
	if (c == '\n')
		return;
	if (c != '\0' && (which = strchr(from, c)) != NULL)
		add(e, to[which - from]);
	else {
		add(e, '\\');
		add(e, (char)c);
	}
}

static const char *
read_quoted(struct envfile *ef, struct entry *e, int quote)
{
	int	 c;

	advance(ef);
	while ((c = peek(ef)) != quote) {
		if (c == -1)
			return ("has a quote that is not closed");
		advance(ef);
		if (c == '\\' && quote == '"')
			read_escape(ef, e);
		else
			add(e, (char)c);
	}
	advance(ef);
	skip_blanks(ef);
	if (peek(ef) == '#')
		skip_line(ef);
	return (peek(ef) == -1 || at_eol(ef) ? NULL :
	    "has something behind the closing quote");
}

/* To the end of the line, or to a '#' behind a blank. */
static void
read_plain(struct envfile *ef, struct entry *e)
{
	const char	*start = ef->p, *last = ef->p;

	for (; !at_eol(ef); ef->p++) {
		if (peek(ef) == '#' && ef->p > start && is_blank(ef->p[-1]))
			break;
		if (!is_blank(peek(ef)))
			last = ef->p + 1;
	}
	for (; start < last; start++)
		add(e, *start);
	skip_line(ef);
}

static const char *
read_entry(struct envfile *ef, struct entry *e)
{
	const char	*why;
	int		 c;

	if ((why = read_left(ef, e)) != NULL)
		return (why);
	skip_blanks(ef);
	c = peek(ef);
	if (c == '\'' || c == '"')
		why = read_quoted(ef, e, c);
	else if (c == '#' && is_blank(ef->p[-1]))
		skip_line(ef);
	else
		read_plain(ef, e);
	add(e, '\0');
	if (why != NULL)
		return (why);
	if (e->len - 1 > SPEC_ENVSTR_MAX || e->len > e->size)
		return ("is too long for a variable");
	if (memchr(e->buf, '\0', e->len - 1) != NULL)
		return ("contains a NUL");
	return (NULL);
}

int
envfile_next(struct envfile *ef, char *buf, size_t size, const char **why)
{
	struct entry	 e = { buf, size, 0 };
	unsigned int	 line;

	if (!find_line(ef))
		return (0);
	line = ef->line;
	if ((*why = read_entry(ef, &e)) == NULL)
		return (1);
	ef->line = line;
	return (-1);
}

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
 * The parser of pm2d.conf(5): statements, macros, mistakes.  It goes on after
 * a mistake at the next line that may begin something, so that all of them
 * are told at once.
 */

#include <sys/types.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf-local.h"
#include "ids.h"
#include "instpaths.h"

struct statement {
	const char	*word;
	int		 (*parse)(struct parse *);
};

static int		 compare(const void *, const void *);
static const char	*macro_value(void *, const char *);
static struct macro	*macro_find(struct parse *, const char *);
static int		 macro_define(struct parse *, const char *, uint32_t);
static void		 macros_end(struct parse *);
static void		 statement(struct parse *);
static int		 unknown(struct parse *, const char *, uint32_t);
static int		 begins(const struct parse *);
static void		 synchronize(struct parse *);
static void		 message(struct parse *, uint32_t, uint32_t,
			    const char *, va_list)
			    __attribute__((format(printf, 4, 0)));

/* Sorted: bsearch(3). */
static const struct statement	 statements[] = {
	{ "deny",	conf_deny },
	{ "include",	conf_include },
	{ "limit",	conf_limits },
	{ "listen",	conf_listen },
	{ "log",	conf_log },
	{ "permit",	conf_permit },
	{ "resurrect",	conf_resurrect },
	{ "state",	conf_state },
	{ "web",	conf_web }
};

/* A statement begins with its word. */
static int
compare(const void *key, const void *entry)
{
	return (strcmp(key, *(const char *const *)entry));
}

void
conf_defaults(struct conf_begin *cb)
{
	memset(cb, 0, sizeof(*cb));
	cb->socket_mode = 0666;
	cb->socket_gid = UINT32_MAX;
	(void)strlcpy(cb->socket, PATH_SYSSOCKET, sizeof(cb->socket));
	(void)strlcpy(cb->statedir, PATH_SYSSTATE, sizeof(cb->statedir));
	(void)strlcpy(cb->logdir, PATH_SYSLOG, sizeof(cb->logdir));
}

struct conf *
conf_parse(const char *path, const char *text, size_t len,
    const struct conf_ops *ops, void *arg)
{
	struct parse	 p;
	struct conf	*conf;
	size_t		 i;

	memset(&p, 0, sizeof(p));
	TAILQ_INIT(&p.macros);
	p.ops = ops;
	p.arg = arg;
	if ((conf = calloc(1, sizeof(*conf))) == NULL) {
		ops->message(arg, CONF_TEXT_ERROR, "out of memory");
		return (NULL);
	}
	p.conf = conf;
	conf_defaults(&conf->begin);
	(void)parse_file(&p, path, text, len);
	macros_end(&p);
	for (i = 0; i < ONCE_N; i++)
		free(p.once[i]);
	if (p.nerrors > 0) {
		conf_free(conf);
		return (NULL);
	}
	return (conf);
}

/* -1: it cannot even be begun. */
int
parse_file(struct parse *p, const char *path, const char *text, size_t len)
{
	struct source	*src;
	struct conf	*conf = p->conf;
	char		**slot;

	slot = parse_grow(p, (void **)&conf->files, &conf->nfiles,
	    sizeof(*slot), CONF_MAXFILES, "files");
	if (slot == NULL)
		return (-1);
	if ((*slot = strdup(path)) == NULL ||
	    (src = calloc(1, sizeof(*src))) == NULL)
		return (parse_error(p, "out of memory"));
	lex_init(&src->lex, text, len, macro_value, p);
	src->index = (uint32_t)(conf->nfiles - 1);
	src->up = p->src;
	src->depth = p->src != NULL ? p->src->depth + 1 : 0;
	p->src = src;
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		src->lex.pos = 3;	/* some editors begin like this */
	parse_next(p);
	while (p->token != LEX_EOF && !p->giveup)
		statement(p);
	p->src = src->up;
	free(src);
	return (0);
}

static void
statement(struct parse *p)
{
	const struct statement	*st;
	char			 word[LEX_TOKEN_MAX];
	uint32_t		 line;
	int			 r;

	if (p->token == LEX_NEWLINE) {
		parse_next(p);
		return;
	}
	p->depth = 0;
	line = parse_line(p);
	if (p->token != LEX_WORD)
		r = parse_error(p, "%s where a line begins", parse_found(p));
	else {
		(void)strlcpy(word, parse_text(p), sizeof(word));
		parse_next(p);
		st = bsearch(word, statements,
		    sizeof(statements) / sizeof(statements[0]),
		    sizeof(statements[0]), compare);
		if (p->token == LEX_EQUALS)
			r = macro_define(p, word, line);
		else if (st != NULL)
			r = st->parse(p);
		else
			r = unknown(p, word, line);
	}
	if (r == -1)
		synchronize(p);
}

static int
unknown(struct parse *p, const char *word, uint32_t line)
{
	if (perm_verb(word) != 0)
		return (parse_errorat(p, line, "'%s' begins no line: is it "
		    "to be 'permit %s' or 'deny %s'?", word, word, word));
	return (parse_errorat(p, line, "'%.64s' begins no line: permit, deny, "
	    "limit, listen, state, log, web, resurrect, include and "
	    "name = \"value\" do", word));
}

/* Is this a word that begins a line, and that no block has? */
static int
begins(const struct parse *p)
{
	return (parse_is(p, "permit") || parse_is(p, "deny") ||
	    parse_is(p, "listen") || parse_is(p, "include") ||
	    parse_is(p, "resurrect"));
}

/*
 * To the end of the line, or of a block that it had opened: but a block that
 * is never closed does not hide what comes after it.
 */
static void
synchronize(struct parse *p)
{
	if (p->unclosed) {
		p->unclosed = 0;
		return;
	}
	while (p->token != LEX_EOF) {
		if (p->token == LEX_OPEN)
			p->depth++;
		else if (p->token == LEX_CLOSE && p->depth > 0)
			p->depth--;
		else if (p->token == LEX_NEWLINE) {
			parse_next(p);
			if (p->depth <= 0 || begins(p))
				return;
			continue;
		}
		parse_next(p);
	}
}

/* ---- tokens ---- */

void
parse_next(struct parse *p)
{
	p->token = lex_next(&p->src->lex);
}

const char *
parse_text(const struct parse *p)
{
	return (p->src->lex.token);
}

uint32_t
parse_line(const struct parse *p)
{
	return (p->src->lex.line);
}

int
parse_is(const struct parse *p, const char *word)
{
	return (p->token == LEX_WORD && strcmp(parse_text(p), word) == 0);
}

int
parse_take(struct parse *p, const char *word)
{
	if (!parse_is(p, word))
		return (0);
	parse_next(p);
	return (1);
}

int
parse_want(struct parse *p, const char *word)
{
	if (parse_take(p, word))
		return (0);
	return (parse_error(p, "%s where '%s' is to be", parse_found(p),
	    word));
}

int
parse_istext(const struct parse *p)
{
	return (p->token == LEX_WORD || p->token == LEX_STRING);
}

const char *
parse_found(struct parse *p)
{
	static char	 buf[80];

	switch (p->token) {
	case LEX_EOF:
		return ("the end of the file");
	case LEX_NEWLINE:
		return ("the end of the line");
	case LEX_OPEN:
		return ("a '{'");
	case LEX_CLOSE:
		return ("a '}'");
	case LEX_COMMA:
		return ("a ','");
	case LEX_EQUALS:
		return ("a '='");
	case LEX_BAD:
		return (p->src->lex.why);
	case LEX_STRING:
		(void)snprintf(buf, sizeof(buf), "\"%.64s\"", parse_text(p));
		break;
	case LEX_WORD:
		(void)snprintf(buf, sizeof(buf), "'%.64s'", parse_text(p));
		break;
	}
	return (buf);
}

int
parse_eol(struct parse *p)
{
	if (p->token == LEX_EOF)
		return (0);
	if (p->token != LEX_NEWLINE)
		return (parse_error(p, "%s where the line is to end",
		    parse_found(p)));
	parse_next(p);
	return (0);
}

int
parse_open(struct parse *p, uint32_t *line)
{
	*line = parse_line(p);
	p->depth++;
	parse_next(p);
	return (parse_newlines(p, *line));
}

void
parse_close(struct parse *p)
{
	p->depth--;
	parse_next(p);
}

int
parse_newlines(struct parse *p, uint32_t line)
{
	if (p->token != LEX_NEWLINE)
		return (0);
	while (p->token == LEX_NEWLINE)
		parse_next(p);
	if (!begins(p) && p->token != LEX_EOF)
		return (0);
	p->unclosed = 1;
	return (parse_errorat(p, line, "the '{' of this line is not closed"));
}

/* ---- what went wrong ---- */

static void
message(struct parse *p, uint32_t level, uint32_t line, const char *fmt,
    va_list ap)
{
	char	 what[CONF_MAXTEXT / 2], text[CONF_MAXTEXT];

	(void)vsnprintf(what, sizeof(what), fmt, ap);
	if (p->src == NULL)
		(void)snprintf(text, sizeof(text), "%s", what);
	else
		(void)snprintf(text, sizeof(text), "%.400s:%u: %s",
		    p->conf->files[p->src->index], line, what);
	p->ops->message(p->arg, level, text);
	if (level != CONF_TEXT_ERROR) {
		p->nwarnings++;
		return;
	}
	if (++p->nerrors == CONF_MAXERRORS) {
		p->ops->message(p->arg, level, "too many mistakes: the rest "
		    "of the file is not read");
		p->giveup = 1;
	}
}

int
parse_errorat(struct parse *p, uint32_t line, const char *fmt, ...)
{
	va_list	 ap;

	if (p->giveup)
		return (-1);
	va_start(ap, fmt);
	message(p, CONF_TEXT_ERROR, line, fmt, ap);
	va_end(ap);
	return (-1);
}

int
parse_error(struct parse *p, const char *fmt, ...)
{
	va_list	 ap;

	if (p->giveup)
		return (-1);
	va_start(ap, fmt);
	/* What the lexer did not like is the cause of all else. */
	if (p->src != NULL && p->token == LEX_BAD)
		(void)parse_errorat(p, parse_line(p), "%s", p->src->lex.why);
	else
		message(p, CONF_TEXT_ERROR, p->src != NULL ? parse_line(p) : 0,
		    fmt, ap);
	va_end(ap);
	return (-1);
}

void
parse_warn(struct parse *p, uint32_t line, const char *fmt, ...)
{
	va_list	 ap;

	if (p->nwarnings >= CONF_MAXERRORS)
		return;
	va_start(ap, fmt);
	message(p, CONF_TEXT_WARN, line, fmt, ap);
	va_end(ap);
}

int
parse_once(struct parse *p, enum once which, const char *what)
{
	uint32_t	 line = parse_line(p);

	if (p->once[which] != NULL)
		return (parse_errorat(p, line, "%s for the second time, after "
		    "%s", what, p->once[which]));
	if (asprintf(&p->once[which], "%s:%u",
	    p->conf->files[p->src->index], line) == -1) {
		p->once[which] = NULL;
		return (parse_errorat(p, line, "out of memory"));
	}
	return (0);
}

void *
parse_grow(struct parse *p, void **array, size_t *n, size_t size, size_t max,
    const char *what)
{
	void	*new;
	size_t	 cap;

	if (*n >= max) {
		(void)parse_error(p, "more than %zu %s", max, what);
		return (NULL);
	}
	/* Room for a power of two of them. */
	if ((*n & (*n - 1)) == 0) {
		cap = *n == 0 ? 1 : *n * 2;
		if ((new = reallocarray(*array, cap, size)) == NULL) {
			(void)parse_error(p, "out of memory");
			return (NULL);
		}
		*array = new;
	}
	new = (char *)*array + *n * size;
	memset(new, 0, size);
	++*n;
	return (new);
}

/* ---- macros ---- */

static struct macro *
macro_find(struct parse *p, const char *name)
{
	struct macro	*m;

	TAILQ_FOREACH(m, &p->macros, entry) {
		if (strcmp(m->name, name) == 0)
			return (m);
	}
	return (NULL);
}

static const char *
macro_value(void *arg, const char *name)
{
	struct macro	*m;

	if ((m = macro_find(arg, name)) == NULL)
		return (NULL);
	m->used = 1;
	return (m->value);
}

static int
macro_define(struct parse *p, const char *name, uint32_t line)
{
	struct macro	*m;

	if (conf_reserved(name) || perm_verb(name) != 0)
		return (parse_errorat(p, line, "'%s' is a word of the "
		    "language: no name for a macro", name));
	if (!lex_macroname(name))
		return (parse_errorat(p, line, "'%.64s': the name of a macro "
		    "is of letters, digits and '_', no digit first", name));
	if ((m = macro_find(p, name)) != NULL)
		return (parse_errorat(p, line, "macro %s for the second time, "
		    "after %s", name, m->where));
	parse_next(p);
	if (!parse_istext(p))
		return (parse_error(p, "%s where the value of macro %s is to "
		    "be", parse_found(p), name));
	if ((m = calloc(1, sizeof(*m))) == NULL)
		return (parse_error(p, "out of memory"));
	TAILQ_INSERT_TAIL(&p->macros, m, entry);
	if ((m->name = strdup(name)) == NULL ||
	    (m->value = strdup(parse_text(p))) == NULL ||
	    asprintf(&m->where, "%s:%u", p->conf->files[p->src->index],
	    line) == -1) {
		m->where = NULL;
		return (parse_error(p, "out of memory"));
	}
	parse_next(p);
	return (parse_eol(p));
}

static void
macros_end(struct parse *p)
{
	struct macro	*m;
	char		 text[CONF_MAXTEXT];

	while ((m = TAILQ_FIRST(&p->macros)) != NULL) {
		TAILQ_REMOVE(&p->macros, m, entry);
		if (!m->used && m->where != NULL &&
		    p->nwarnings++ < CONF_MAXERRORS) {
			(void)snprintf(text, sizeof(text),
			    "%.400s: macro %s is not used", m->where, m->name);
			p->ops->message(p->arg, CONF_TEXT_WARN, text);
		}
		free(m->name);
		free(m->value);
		free(m->where);
		free(m);
	}
}

/* ---- what many statements have ---- */

static int
list_add(struct parse *p, struct list *l, const char *what)
{
	if (!parse_istext(p))
		return (parse_error(p, "%s where %s is to be", parse_found(p),
		    what));
	if (l->n == LIST_MAX)
		return (parse_error(p, "more than %d in a list", LIST_MAX));
	l->item[l->n].quoted = p->token == LEX_STRING;
	l->item[l->n].line = parse_line(p);
	l->item[l->n].text = strdup(parse_text(p));
	if (l->item[l->n].text == NULL)
		return (parse_error(p, "out of memory"));
	l->n++;
	return (0);
}

/* { a, b c } or a; what is for the message: "a user". */
struct list *
parse_list(struct parse *p, const char *what)
{
	struct list	*l;
	uint32_t	 line;

	if ((l = calloc(1, sizeof(*l))) == NULL) {
		(void)parse_error(p, "out of memory");
		return (NULL);
	}
	l->braces = p->token == LEX_OPEN;
	if (l->braces && parse_open(p, &line) == -1)
		goto fail;
	do {
		if (list_add(p, l, what) == -1)
			goto fail;
		parse_next(p);
		if (!l->braces)
			break;
		if (parse_newlines(p, line) == -1)
			goto fail;
		if (p->token == LEX_COMMA) {
			parse_next(p);
			if (parse_newlines(p, line) == -1)
				goto fail;
		}
	} while (p->token != LEX_CLOSE);
	if (l->braces)
		parse_close(p);
	return (l);
 fail:
	list_free(l);
	return (NULL);
}

void
list_free(struct list *l)
{
	size_t	 i;

	if (l == NULL)
		return;
	for (i = 0; i < l->n; i++)
		free(l->item[i].text);
	free(l);
}

int
parse_path(struct parse *p, char *buf, size_t len, const char *what)
{
	const char	*why;

	if (!parse_istext(p))
		return (parse_error(p, "%s where %s is to be", parse_found(p),
		    what));
	if ((why = conf_badpath(parse_text(p))) != NULL)
		return (parse_error(p, "%s %s", parse_found(p), why));
	if (strlcpy(buf, parse_text(p), len) >= len)
		return (parse_error(p, "%s is too long", parse_found(p)));
	parse_next(p);
	return (0);
}

static int
lookup(struct parse *p, const char *kind, const char *name, uint32_t line,
    int (*fn)(void *, const char *, uint32_t *), uint32_t *id)
{
	const char	*why;

	if ((why = ids_badname(name)) != NULL)
		return (parse_errorat(p, line, "%s '%.64s' %s", kind, name,
		    why));
	if (fn(p->arg, name, id) == 0)
		return (0);
	if (errno == ENOENT)
		return (parse_errorat(p, line, "there is no %s %.64s", kind,
		    name));
	return (parse_errorat(p, line, "looking up %s %.64s: %s", kind, name,
	    strerror(errno)));
}

int
parse_user(struct parse *p, const char *name, uint32_t line, uint32_t *uid)
{
	return (lookup(p, "user", name, line, p->ops->user, uid));
}

int
parse_group(struct parse *p, const char *name, uint32_t line, uint32_t *gid)
{
	return (lookup(p, "group", name, line, p->ops->group, gid));
}

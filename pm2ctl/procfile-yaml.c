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
 * YAML, by libyaml's events.  Plain words are numbers, truth values and null
 * as YAML's core schema has them, and yes and no; text stays as it was
 * written.  Aliases are copies, of which there may only be so many.
 */
#include <sys/types.h>

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <yaml.h>

#include "procfile.h"

#define ANCHORS_MAX	1000
#define MERGES_MAX	64	/* behind "<<", of one object */

struct anchor {
	char			*name;
	struct pf_node		*node;
	int			 levels;
	int			 open;	/* we are still inside of it */
};

struct reader {
	yaml_parser_t	 parser;
	struct pf_mark	*where;
	struct pf_budget budget;
	struct anchor	 anchors[ANCHORS_MAX];
	size_t		 nanchors;
	int		 merges;	/* of the object that is complete */
	char		*errbuf;
	size_t		 errsize;
	int		 depth;
};

static struct pf_node	*value(struct reader *, yaml_event_t *);
static int	 mistake(struct reader *, struct pf_mark, const char *, ...)
		    __attribute__((format(printf, 3, 4)));

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

static struct pf_mark
place(const yaml_mark_t *m)
{
	struct pf_mark	 mark;

	mark.line = (unsigned int)m->line + 1;
	mark.column = (unsigned int)m->column + 1;
	return (mark);
}

static int
nomem(struct reader *r, struct pf_mark mark)
{
	if (errno == E2BIG)
		return (mistake(r, mark, "with its aliases the file is too "
		    "large"));
	return (mistake(r, mark, "%s", strerror(errno)));
}

/* libyaml has two sentences, of which the second says more. */
static int
syntax(struct reader *r)
{
	yaml_parser_t	*p;
	struct pf_mark	 mark;

	p = &r->parser;
	mark = place(&p->problem_mark);
	if (p->error == YAML_MEMORY_ERROR)
		return (mistake(r, mark, "%s", strerror(ENOMEM)));
	if (p->error == YAML_READER_ERROR)
		mark = place(&p->mark);
	return (mistake(r, mark, "%s%s%s", p->problem != NULL ? p->problem :
	    "this is no YAML", p->context != NULL ? ", " : "",
	    p->context != NULL ? p->context : ""));
}

static int
next(struct reader *r, yaml_event_t *ev)
{
	if (yaml_parser_parse(&r->parser, ev))
		return (0);
	return (syntax(r));
}

/* ---- scalars ---- */

static int
oneof(const char *s, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcasecmp(s, *words) == 0)
			return (1);
	return (0);
}

/* [-+]?[0-9]+, 0x1f, 0o17; and with a point or an exponent */
static int
is_number(const char *s)
{
	static const char	*digits = "0123456789";
	size_t			 n;

	if (strncmp(s, "0x", 2) == 0)
		return (s[2] != '\0' && s[2 + strspn(s + 2,
		    "0123456789abcdefABCDEF")] == '\0');
	if (strncmp(s, "0o", 2) == 0)
		return (s[2] != '\0' && s[2 + strspn(s + 2, "01234567")] ==
		    '\0');
	s += *s == '-' || *s == '+';
	n = strspn(s, digits);
	s += n;
	if (*s == '.') {
		s++;
		n += strspn(s, digits);
		s += strspn(s, digits);
	}
	if (n == 0)
		return (0);
	if (*s == 'e' || *s == 'E') {
		s++;
		s += *s == '-' || *s == '+';
		if (*s == '\0')
			return (0);
		s += strspn(s, digits);
	}
	return (*s == '\0');
}

static double
number_value(const char *s)
{
	if (strncmp(s, "0o", 2) == 0)
		return ((double)strtoull(s + 2, NULL, 8));
	return (strtod(s, NULL));
}

/* A plain word without a tag that says what it is. */
static void
resolve(struct pf_node *n)
{
	static const char *const	 nulls[] = { "", "~", "null", NULL };
	static const char *const	 yes[] = { "true", "yes", NULL };
	static const char *const	 no[] = { "false", "no", NULL };

	if (oneof(n->text, nulls)) {
		n->type = PF_NULL;
		free(n->text);
		n->text = NULL;
	} else if (oneof(n->text, yes) || oneof(n->text, no)) {
		n->type = PF_BOOL;
		n->truth = oneof(n->text, yes);
		/* True is true; but yes and no can be meant as words. */
		if (strcasecmp(n->text, "true") == 0 ||
		    strcasecmp(n->text, "false") == 0) {
			free(n->text);
			n->text = NULL;
		}
	} else if (is_number(n->text)) {
		n->type = PF_NUMBER;
		n->number = number_value(n->text);
	}
}

static struct pf_node *
scalar(struct reader *r, const yaml_event_t *ev)
{
	struct pf_node	*n;
	struct pf_mark	 mark;
	const char	*tag, *text;

	mark = place(&ev->start_mark);
	text = (const char *)ev->data.scalar.value;
	tag = (const char *)ev->data.scalar.tag;
	if (strlen(text) != ev->data.scalar.length) {
		(void)mistake(r, mark, "a string cannot have a NUL "
		    "character");
		return (NULL);
	}
	if ((n = pf_new(&r->budget, PF_STRING, mark)) == NULL ||
	    (n->text = strdup(text)) == NULL) {
		(void)nomem(r, mark);
		pf_free(n);
		return (NULL);
	}
	if (ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	    (tag == NULL || strcmp(tag, YAML_STR_TAG) != 0))
		resolve(n);
	return (n);
}

/* ---- anchors ---- */

static const char *
anchor_name(const yaml_event_t *ev)
{
	switch (ev->type) {
	case YAML_SCALAR_EVENT:
		return ((const char *)ev->data.scalar.anchor);
	case YAML_SEQUENCE_START_EVENT:
		return ((const char *)ev->data.sequence_start.anchor);
	case YAML_MAPPING_START_EVENT:
		return ((const char *)ev->data.mapping_start.anchor);
	default:
		return (NULL);
	}
}

static struct anchor *
anchor_find(struct reader *r, const char *name)
{
	size_t	 i;

	/* The same name again is another anchor from there on. */
	for (i = r->nanchors; i > 0; i--)
		if (strcmp(r->anchors[i - 1].name, name) == 0)
			return (&r->anchors[i - 1]);
	return (NULL);
}

/* The place of the anchor, ANCHORS_MAX: it has none; -1 (said). */
static int
anchor_open(struct reader *r, const yaml_event_t *ev)
{
	struct anchor	*a;
	const char	*name;

	if ((name = anchor_name(ev)) == NULL)
		return (ANCHORS_MAX);
	if (r->nanchors == ANCHORS_MAX)
		return (mistake(r, place(&ev->start_mark), "more than %d "
		    "anchors", ANCHORS_MAX));
	a = &r->anchors[r->nanchors];
	if ((a->name = strdup(name)) == NULL)
		return (nomem(r, place(&ev->start_mark)));
	a->open = 1;
	return ((int)r->nanchors++);
}

/* How many levels there are in it. */
static int
levels(const struct pf_node *n)
{
	const struct pf_node	*c;
	int			 deepest = 0, d;

	if (n->type != PF_ARRAY && n->type != PF_OBJECT)
		return (0);
	for (c = n->child; c != NULL; c = c->next)
		if ((d = levels(c)) > deepest)
			deepest = d;
	return (deepest + 1);
}

static struct pf_node *
alias(struct reader *r, const yaml_event_t *ev)
{
	struct anchor	*a;
	struct pf_node	*n;
	struct pf_mark	 mark;
	const char	*name;

	mark = place(&ev->start_mark);
	name = (const char *)ev->data.alias.anchor;
	if ((a = anchor_find(r, name)) == NULL) {
		(void)mistake(r, mark, "no anchor &%s is above this alias",
		    name);
		return (NULL);
	}
	if (a->open) {
		(void)mistake(r, mark, "this alias is inside of its own "
		    "anchor");
		return (NULL);
	}
	if (r->depth + a->levels > PF_DEPTH_MAX) {
		(void)mistake(r, mark, "with this alias more than %d levels",
		    PF_DEPTH_MAX);
		return (NULL);
	}
	if ((n = pf_copy(&r->budget, a->node)) == NULL)
		(void)nomem(r, mark);
	return (n);
}

/* ---- lists and objects ---- */

static int
sequence(struct reader *r, struct pf_node *list)
{
	struct pf_node	**tail;
	yaml_event_t	  ev;

	for (tail = &list->child;; tail = &(*tail)->next) {
		if (next(r, &ev) == -1)
			return (-1);
		if (ev.type == YAML_SEQUENCE_END_EVENT) {
			yaml_event_delete(&ev);
			return (0);
		}
		*tail = value(r, &ev);
		yaml_event_delete(&ev);
		if (*tail == NULL)
			return (-1);
	}
}

static int
bytext(const void *a, const void *b)
{
	return (strcmp(*(const char *const *)a, *(const char *const *)b));
}

/* The keys of an object, sorted: there may be many on both sides. */
static const char **
keys_of(const struct pf_node *map, size_t *n)
{
	const struct pf_node	*c;
	const char		**keys;

	for (*n = 0, c = map->child; c != NULL; c = c->next)
		(*n)++;
	if ((keys = calloc(*n + 1, sizeof(*keys))) == NULL)
		return (NULL);
	for (*n = 0, c = map->child; c != NULL; c = c->next)
		keys[(*n)++] = c->key;
	qsort(keys, *n, sizeof(*keys), bytext);
	return (keys);
}

/* Copies of what is not there, first of all. */
static int
merge_object(struct reader *r, struct pf_node *map,
    const struct pf_node *from)
{
	const struct pf_node	*c;
	struct pf_node		*n;
	const char		**keys;
	size_t			 nkeys;
	int			 error = 0;

	if (++r->merges > MERGES_MAX)
		return (mistake(r, from->mark, "more than %d aliases behind "
		    "<<", MERGES_MAX));
	if ((keys = keys_of(map, &nkeys)) == NULL)
		return (nomem(r, from->mark));
	for (c = from->child; error == 0 && c != NULL; c = c->next) {
		if (c->stale || bsearch(&c->key, keys, nkeys, sizeof(*keys),
		    bytext) != NULL)
			continue;
		if ((n = pf_copy(&r->budget, c)) == NULL) {
			error = nomem(r, from->mark);
			break;
		}
		n->next = map->child;
		map->child = n;
	}
	free(keys);
	return (error);
}

/* "<<: *defaults", "<<: [*some, *more]" */
static int
merge(struct reader *r, struct pf_node *map, const struct pf_node *from)
{
	const struct pf_node	*c;

	if (from->type == PF_OBJECT)
		return (merge_object(r, map, from));
	c = from->type == PF_ARRAY ? from->child : from;
	for (; c != NULL; c = c->next) {
		if (c->type != PF_OBJECT)
			return (mistake(r, from->mark, "expected an alias of "
			    "an object behind <<"));
		if (merge_object(r, map, c) == -1)
			return (-1);
	}
	return (0);
}

/* All "<<" of an object, when the rest of it is there. */
static int
merge_all(struct reader *r, struct pf_node *map)
{
	struct pf_node	**where, **tail, *all, *n;
	int		  error;

	all = NULL;
	tail = &all;
	for (where = &map->child; (n = *where) != NULL;) {
		if (strcmp(n->key, "<<") != 0) {
			where = &n->next;
			continue;
		}
		*where = n->next;
		n->next = NULL;
		*tail = n;
		tail = &n->next;
	}
	r->merges = 0;
	for (error = 0, n = all; error == 0 && n != NULL; n = n->next)
		error = merge(r, map, n);
	pf_free(all);
	return (error);
}

static struct pf_node *
member(struct reader *r, const yaml_event_t *key)
{
	struct pf_node	*n;
	struct pf_mark	 mark;
	yaml_event_t	 ev;
	const char	*text;

	mark = place(&key->start_mark);
	text = (const char *)key->data.scalar.value;
	if (key->type != YAML_SCALAR_EVENT ||
	    strlen(text) != key->data.scalar.length) {
		(void)mistake(r, mark, "expected a word as the key");
		return (NULL);
	}
	if (next(r, &ev) == -1)
		return (NULL);
	n = value(r, &ev);
	yaml_event_delete(&ev);
	if (n == NULL)
		return (NULL);
	/* an anchor's name on a key is of no use to anybody */
	n->keymark = mark;
	if ((n->key = strdup(text)) == NULL) {
		(void)nomem(r, mark);
		pf_free(n);
		return (NULL);
	}
	return (n);
}

static int
mapping(struct reader *r, struct pf_node *map)
{
	struct pf_node	**tail;
	yaml_event_t	  ev;

	for (tail = &map->child;; tail = &(*tail)->next) {
		if (next(r, &ev) == -1)
			return (-1);
		if (ev.type == YAML_MAPPING_END_EVENT) {
			yaml_event_delete(&ev);
			break;
		}
		*tail = member(r, &ev);
		yaml_event_delete(&ev);
		if (*tail == NULL)
			return (-1);
	}
	if (pf_complete(map) == -1)
		return (nomem(r, map->mark));
	return (merge_all(r, map));
}

static struct pf_node *
container(struct reader *r, const yaml_event_t *ev)
{
	struct pf_node	*n;
	struct pf_mark	 mark;
	int		 map, error;

	mark = place(&ev->start_mark);
	map = ev->type == YAML_MAPPING_START_EVENT;
	if (r->depth == PF_DEPTH_MAX) {
		(void)mistake(r, mark, "more than %d levels", PF_DEPTH_MAX);
		return (NULL);
	}
	if ((n = pf_new(&r->budget, map ? PF_OBJECT : PF_ARRAY,
	    mark)) == NULL) {
		(void)nomem(r, mark);
		return (NULL);
	}
	r->depth++;
	error = map ? mapping(r, n) : sequence(r, n);
	r->depth--;
	if (error == 0)
		return (n);
	pf_free(n);
	return (NULL);
}

static struct pf_node *
value(struct reader *r, yaml_event_t *ev)
{
	struct pf_node	*n;
	int		 a;

	if (ev->type == YAML_ALIAS_EVENT)
		return (alias(r, ev));
	if ((a = anchor_open(r, ev)) == -1)
		return (NULL);
	n = ev->type == YAML_SCALAR_EVENT ? scalar(r, ev) : container(r, ev);
	if (a == ANCHORS_MAX || n == NULL)
		return (n);
	/* A copy: where it stands may go before its aliases come. */
	r->anchors[a].open = 0;
	r->anchors[a].levels = levels(n);
	if ((r->anchors[a].node = pf_copy(&r->budget, n)) == NULL) {
		(void)nomem(r, n->mark);
		pf_free(n);
		return (NULL);
	}
	return (n);
}

/* ---- the file ---- */

static struct pf_node *
document(struct reader *r)
{
	struct pf_node	*n = NULL;
	yaml_event_t	 ev;
	struct pf_mark	 mark;
	int		 more;

	do {
		if (next(r, &ev) == -1) {
			pf_free(n);
			return (NULL);
		}
		mark = place(&ev.start_mark);
		more = ev.type != YAML_STREAM_END_EVENT;
		if (ev.type == YAML_DOCUMENT_START_EVENT && n != NULL) {
			(void)mistake(r, mark, "expected one document, here "
			    "begins a second one");
			pf_free(n);
			yaml_event_delete(&ev);
			return (NULL);
		}
		if (ev.type == YAML_SCALAR_EVENT ||
		    ev.type == YAML_ALIAS_EVENT ||
		    ev.type == YAML_SEQUENCE_START_EVENT ||
		    ev.type == YAML_MAPPING_START_EVENT) {
			n = value(r, &ev);
			more = n != NULL;
		}
		yaml_event_delete(&ev);
	} while (more);
	if (n == NULL && *r->errbuf == '\0')
		(void)mistake(r, mark, "expected apps, found the end of the "
		    "file");
	return (n);
}

struct pf_node *
pf_yaml(const char *text, size_t len, struct pf_mark *mark, char *errbuf,
    size_t errsize)
{
	struct reader	*r;
	struct pf_node	*n;
	const char	*why;
	size_t		 i;

	mark->line = mark->column = 1;
	if (len > PF_BYTES_MAX) {
		(void)snprintf(errbuf, errsize, "more than %d bytes",
		    PF_BYTES_MAX);
		return (NULL);
	}
	if ((why = pf_badtext(text, len, mark)) != NULL) {
		(void)strlcpy(errbuf, why, errsize);
		return (NULL);
	}
	*errbuf = '\0';
	if ((r = calloc(1, sizeof(*r))) == NULL ||
	    !yaml_parser_initialize(&r->parser)) {
		(void)strlcpy(errbuf, strerror(ENOMEM), errsize);
		free(r);
		return (NULL);
	}
	r->where = mark;
	r->errbuf = errbuf;
	r->errsize = errsize;
	yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r->parser, (const unsigned char *)text,
	    len);
	n = document(r);
	for (i = 0; i < r->nanchors; i++) {
		free(r->anchors[i].name);
		pf_free(r->anchors[i].node);
	}
	yaml_parser_delete(&r->parser);
	free(r);
	return (n);
}

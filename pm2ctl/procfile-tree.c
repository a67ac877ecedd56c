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
 * Trees of process files: what JSON, YAML and JavaScript are read into.
 */
#include <sys/types.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "procfile.h"
#include "utf8.h"

#define FEW	16	/* keys that are compared one by one */

static int	 bykey(const void *, const void *);
static size_t	 count_children(const struct pf_node *);
static void	 print_number(struct outbuf *, const struct pf_node *);
static void	 print_children(struct outbuf *, const struct pf_node *);

struct pf_node *
pf_new(struct pf_budget *b, enum pf_type type, struct pf_mark mark)
{
	struct pf_node	*n;

	if (++b->nodes > PF_NODES_MAX) {
		errno = E2BIG;
		return (NULL);
	}
	if ((n = calloc(1, sizeof(*n))) == NULL)
		return (NULL);
	n->type = type;
	n->mark = mark;
	return (n);
}

void
pf_free(struct pf_node *n)
{
	struct pf_node	*next;

	for (; n != NULL; n = next) {
		next = n->next;
		pf_free(n->child);
		free(n->key);
		if (n->text != NULL)
			freezero(n->text, strlen(n->text));
		free(n);
	}
}

static int
copy_string(struct pf_budget *b, char **to, const char *from)
{
	size_t	 len;

	if (from == NULL)
		return (0);
	len = strlen(from);
	b->bytes += len;
	if (b->bytes > PF_BYTES_MAX) {
		errno = E2BIG;
		return (-1);
	}
	return ((*to = strdup(from)) == NULL ? -1 : 0);
}

struct pf_node *
pf_copy(struct pf_budget *b, const struct pf_node *from)
{
	const struct pf_node	*c;
	struct pf_node		*n, **tail;

	if ((n = pf_new(b, from->type, from->mark)) == NULL)
		return (NULL);
	n->keymark = from->keymark;
	n->number = from->number;
	n->truth = from->truth;
	n->stale = from->stale;
	if (copy_string(b, &n->key, from->key) == -1 ||
	    copy_string(b, &n->text, from->text) == -1)
		goto fail;
	for (tail = &n->child, c = from->child; c != NULL; c = c->next) {
		if ((*tail = pf_copy(b, c)) == NULL)
			goto fail;
		tail = &(*tail)->next;
	}
	return (n);
fail:
	pf_free(n);
	return (NULL);
}

/* ---- keys that are there twice ---- */

/* By key; of equal ones the later one first. */
static int
bykey(const void *a, const void *b)
{
	const struct pf_node *const	*x = a, *const *y = b;
	int				 n;

	if ((n = strcmp((*x)->key, (*y)->key)) != 0)
		return (n);
	if ((*x)->keymark.line != (*y)->keymark.line)
		return ((*x)->keymark.line > (*y)->keymark.line ? -1 : 1);
	if ((*x)->keymark.column != (*y)->keymark.column)
		return ((*x)->keymark.column > (*y)->keymark.column ? -1 : 1);
	return (0);
}

static size_t
count_children(const struct pf_node *n)
{
	const struct pf_node	*c;
	size_t			 count;

	for (count = 0, c = n->child; c != NULL; c = c->next)
		count++;
	return (count);
}

/* A program may write thousands of variables. */
static int
complete_many(struct pf_node *n, size_t count)
{
	struct pf_node	**all, *c;
	size_t		  i;

	if ((all = calloc(count, sizeof(*all))) == NULL)
		return (-1);
	for (i = 0, c = n->child; c != NULL; c = c->next)
		all[i++] = c;
	qsort(all, count, sizeof(*all), bykey);
	for (i = 1; i < count; i++)
		if (strcmp(all[i]->key, all[i - 1]->key) == 0)
			all[i]->stale = 1;
	free(all);
	return (0);
}

int
pf_complete(struct pf_node *n)
{
	struct pf_node	*c, *d;
	size_t		 count;

	if (n->type != PF_OBJECT)
		return (0);
	if ((count = count_children(n)) > FEW)
		return (complete_many(n, count));
	for (c = n->child; c != NULL; c = c->next)
		for (d = c->next; d != NULL && !c->stale; d = d->next)
			if (strcmp(c->key, d->key) == 0)
				c->stale = 1;
	return (0);
}

const struct pf_node *
pf_get(const struct pf_node *n, const char *key)
{
	const struct pf_node	*c;

	if (n == NULL || n->type != PF_OBJECT)
		return (NULL);
	for (c = n->child; c != NULL; c = c->next)
		if (!c->stale && strcmp(c->key, key) == 0)
			return (c);
	return (NULL);
}

const char *
pf_typename(const struct pf_node *n)
{
	static const char *const	 names[] = {
		[PF_NULL] = "null",	[PF_BOOL] = "a truth value",
		[PF_NUMBER] = "a number", [PF_STRING] = "a string",
		[PF_ARRAY] = "a list",	[PF_OBJECT] = "an object",
	};

	return (names[n->type]);
}

/* ---- texts ---- */

const char *
pf_scalar(const struct pf_node *n)
{
	switch (n->type) {
	case PF_STRING:
	case PF_NUMBER:
		return (n->text);
	case PF_BOOL:
		/* as it was written: "no" may be a country */
		if (n->text != NULL)
			return (n->text);
		return (n->truth ? "true" : "false");
	default:
		return (NULL);
	}
}

const char *
pf_badtext(const char *text, size_t len, struct pf_mark *mark)
{
	uint32_t	 c;
	size_t		 n;

	mark->line = mark->column = 1;
	for (; len > 0; text += n, len -= n) {
		if ((n = utf8_decode(text, len, &c)) == 0)
			return ("this is not UTF-8");
		if (c == 0)
			return ("there is a NUL character here");
		mark->column++;
		if (c == '\n') {
			mark->line++;
			mark->column = 1;
		}
	}
	return (NULL);
}

/* As it was written, unless JSON has no such number. */
static void
print_number(struct outbuf *ob, const struct pf_node *n)
{
	const char	*s;
	size_t		 len;

	s = n->text + (n->text[0] == '-');
	len = strspn(s, "0123456789");
	if (len > 0 && s[len] == '\0' && (*s != '0' || len == 1)) {
		ob_str(ob, n->text);
		return;
	}
	if (isfinite(n->number))
		ob_fmt(ob, "%.17g", n->number);
	else
		ob_str(ob, "null");
}

static void
print_children(struct outbuf *ob, const struct pf_node *n)
{
	const struct pf_node	*c;
	int			 some = 0;

	ob_char(ob, n->type == PF_OBJECT ? '{' : '[');
	for (c = n->child; c != NULL; c = c->next) {
		if (c->stale)
			continue;
		if (some++)
			ob_char(ob, ',');
		if (n->type == PF_OBJECT) {
			ob_json(ob, c->key, strlen(c->key));
			ob_char(ob, ':');
		}
		pf_print(ob, c);
	}
	ob_char(ob, n->type == PF_OBJECT ? '}' : ']');
}

void
pf_print(struct outbuf *ob, const struct pf_node *n)
{
	switch (n->type) {
	case PF_NULL:
		ob_str(ob, "null");
		break;
	case PF_BOOL:
		ob_str(ob, n->truth ? "true" : "false");
		break;
	case PF_NUMBER:
		print_number(ob, n);
		break;
	case PF_STRING:
		ob_json(ob, n->text, strlen(n->text));
		break;
	case PF_ARRAY:
	case PF_OBJECT:
		print_children(ob, n);
		break;
	}
}

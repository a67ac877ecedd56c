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
 * All that reads process files: the first byte says as what the rest is read,
 * as JSON, YAML or the arguments of an app.  What is printed of a tree is
 * read as the same tree.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../pm2ctl/output.h"
#include "../../pm2ctl/procfile.h"
#include "../../pm2ctl/resolve.h"

#include "fuzz.h"

#define MUST(what)	do { if (!(what)) abort(); } while (0)

static void	 tree(const char *, size_t, int);
static void	 places(const struct pf_node *, size_t, int);
static void	 again(const struct pf_node *);
static void	 arguments(const char *, size_t);
static void	 words(const char *);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char	*text;

	if (size == 0)
		return (0);
	/* A copy of its own: one byte too far is seen. */
	MUST((text = malloc(size)) != NULL);
	memcpy(text, data + 1, size - 1);
	switch (data[0]) {
	case 'y':
		tree(text, size - 1, 1);
		break;
	case 'a':
		arguments(text, size - 1);
		break;
	default:
		tree(text, size - 1, 0);
		break;
	}
	free(text);
	return (0);
}

static void
tree(const char *text, size_t len, int yaml)
{
	struct pf_node	*n;
	struct pf_mark	 mark = { 0, 0 };
	char		 why[256] = "";

	n = (yaml ? pf_yaml : pf_json)(text, len, &mark, why, sizeof(why));
	if (n == NULL) {
		MUST(*why != '\0');
		MUST(mark.line >= 1 && mark.line <= len + 1);
		MUST(mark.column >= 1 && mark.column <= len + 1);
		return;
	}
	MUST(n->key == NULL && n->next == NULL);
	places(n, len, 1);
	again(n);
	pf_free(n);
}

static void
places(const struct pf_node *n, size_t len, int depth)
{
	const struct pf_node	*c;

	MUST(depth <= PF_DEPTH_MAX + 1);
	MUST(n->mark.line >= 1 && n->mark.line <= len + 1);
	MUST(n->mark.column >= 1 && n->mark.column <= len + 1);
	MUST((n->type == PF_STRING || n->type == PF_NUMBER) <=
	    (n->text != NULL));
	for (c = n->child; c != NULL; c = c->next) {
		MUST(n->type == PF_ARRAY || n->type == PF_OBJECT);
		MUST((c->key != NULL) == (n->type == PF_OBJECT));
		if (c->key != NULL && !c->stale)
			MUST(pf_get(n, c->key) == c);
		places(c, len, depth + 1);
	}
}

static void
again(const struct pf_node *n)
{
	struct outbuf	 one = { 0 }, two = { 0 };
	struct pf_node	*m;
	struct pf_mark	 mark;
	char		 why[256];

	pf_print(&one, n);
	m = pf_json(one.data, one.len, &mark, why, sizeof(why));
	MUST(m != NULL);
	pf_print(&two, m);
	MUST(one.len == two.len && memcmp(one.data, two.data, one.len) == 0);
	ob_free(&one);
	ob_free(&two);
	pf_free(m);
}

static void
arguments(const char *text, size_t len)
{
	struct outbuf	 ob = { 0 };
	char		*copy, **argv, **more, why[256] = "";
	size_t		 i;

	MUST((copy = strndup(text, len)) != NULL);
	switch (pf_args_literal(copy, &argv, why, sizeof(why))) {
	case PF_ARGS_OTHER:
		words(copy);
		break;
	case PF_ARGS_LITERAL:
		ob_char(&ob, '[');
		for (i = 0; argv[i] != NULL; i++) {
			ob_json(&ob, argv[i], strlen(argv[i]));
			ob_char(&ob, ',');
		}
		ob_char(&ob, ']');
		MUST(pf_args_literal(ob_text(&ob), &more, why,
		    sizeof(why)) == PF_ARGS_LITERAL);
		for (i = 0; argv[i] != NULL; i++)
			MUST(more[i] != NULL &&
			    strcmp(argv[i], more[i]) == 0);
		MUST(more[i] == NULL);
		free(argv);
		free(more);
		ob_free(&ob);
		break;
	default:
		MUST(*why != '\0');
		break;
	}
	free(copy);
}

static void
words(const char *text)
{
	char	**v;
	size_t	  i;

	if ((v = words_split(text)) == NULL)
		return;
	for (i = 0; v[i] != NULL; i++)
		MUST(strlen(v[i]) <= strlen(text));
	free(v);
}

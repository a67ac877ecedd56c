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

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "depgraph.h"

#define NONE	((size_t)-1)

struct edge {
	char	*from;
	char	*to;
};

struct depgraph {
	struct edge	*edges;
	size_t		 n;
	size_t		 cap;
};

enum dep_condition
depgraph_split(const char *entry, char *name, size_t len)
{
	const char		*colon = strrchr(entry, ':');
	enum dep_condition	 cond = DEP_READY;

	(void)strlcpy(name, entry, len);
	if (colon == NULL)
		return (cond);
	if (strcmp(colon + 1, "started") == 0)
		cond = DEP_STARTED;
	else if (strcmp(colon + 1, "online") == 0)
		cond = DEP_ONLINE;
	if ((size_t)(colon - entry) < len)
		name[colon - entry] = '\0';
	return (cond);
}

const char *
depgraph_words(enum dep_condition cond)
{
	switch (cond) {
	case DEP_STARTED:
		return ("to be started");
	case DEP_READY:
		return ("to be ready");
	default:
		return ("to be online");
	}
}

struct depgraph *
depgraph_new(void)
{
	return (calloc(1, sizeof(struct depgraph)));
}

void
depgraph_free(struct depgraph *g)
{
	size_t	 i;

	if (g == NULL)
		return;
	for (i = 0; i < g->n; i++) {
		free(g->edges[i].from);
		free(g->edges[i].to);
	}
	free(g->edges);
	free(g);
}

int
depgraph_add(struct depgraph *g, const char *from, const char *to)
{
	struct edge	*e;
	size_t		 cap;

	if (g->n == g->cap) {
		cap = g->cap == 0 ? 16 : g->cap * 2;
		if ((e = reallocarray(g->edges, cap, sizeof(*e))) == NULL)
			return (-1);
		g->edges = e;
		g->cap = cap;
	}
	e = &g->edges[g->n];
	e->from = strdup(from);
	e->to = strdup(to);
	if (e->from == NULL || e->to == NULL) {
		free(e->from);
		free(e->to);
		return (-1);
	}
	g->n++;
	return (0);
}

/* An edge that leads to e, and so on, back to the start: its text. */
static void
tell(const struct depgraph *g, const size_t *before, size_t e, char *buf,
    size_t len)
{
	size_t	 path[32], n = 0;

	for (; e != NONE && n < sizeof(path) / sizeof(path[0]); e = before[e])
		path[n++] = e;
	(void)strlcpy(buf, g->edges[path[n - 1]].from, len);
	while (n > 0) {
		(void)strlcat(buf, " -> ", len);
		(void)strlcat(buf, g->edges[path[--n]].to, len);
	}
}

static int
edge_cmp(const void *a, const void *b)
{
	const struct edge	*x = a, *y = b;

	return (strcmp(x->from, y->from));
}

/* The first edge from there, or one of another name: they are sorted. */
static size_t
edges_of(const struct depgraph *g, const char *from)
{
	size_t	 low = 0, high = g->n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (strcmp(g->edges[middle].from, from) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return (low);
}

/*
 * Edge by edge, those near the start first, so that the circle that is told
 * is the shortest one.  Each is looked at once: somebody may have thousands.
 */
int
depgraph_circle(struct depgraph *g, const char *start, char *buf, size_t len)
{
	const char	*name = start;
	size_t		*queue, *before, head = 0, tail = 0, i, from = NONE;
	unsigned char	*seen;
	int		 found = 0;

	if (g->n > 0)
		qsort(g->edges, g->n, sizeof(g->edges[0]), edge_cmp);
	queue = calloc(g->n + 1, sizeof(*queue));
	before = calloc(g->n + 1, sizeof(*before));
	seen = calloc(g->n + 1, 1);
	if (queue == NULL || before == NULL || seen == NULL) {
		found = -1;
		errno = ENOMEM;
	}
	while (found == 0) {
		/* All edges of a name are seen when its first one is. */
		i = edges_of(g, name);
		for (; i < g->n && !seen[i] &&
		    strcmp(g->edges[i].from, name) == 0; i++) {
			seen[i] = 1;
			before[i] = from;
			queue[tail++] = i;
		}
		if (head == tail)
			break;
		from = queue[head++];
		name = g->edges[from].to;
		if (strcmp(name, start) == 0) {
			tell(g, before, from, buf, len);
			found = 1;
		}
	}
	free(queue);
	free(before);
	free(seen);
	return (found);
}

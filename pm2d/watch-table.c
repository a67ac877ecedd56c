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

#include "watch-table.h"

static int	 centry_cmp(struct centry *, struct centry *);

RB_PROTOTYPE(ctree, centry, entry, centry_cmp)
RB_GENERATE(ctree, centry, entry, centry_cmp)

static int
centry_cmp(struct centry *a, struct centry *b)
{
	return (strcmp(a->path, b->path));
}

void
ctable_init(struct ctable *t, uint32_t max)
{
	RB_INIT(&t->tree);
	TAILQ_INIT(&t->dirty);
	t->n = 0;
	t->max = max;
}

static void
drop(struct ctable *t, struct centry *e)
{
	RB_REMOVE(ctree, &t->tree, e);
	if (e->dirty)
		TAILQ_REMOVE(&t->dirty, e, dirtyentry);
	t->n--;
	free(e);
}

void
ctable_free(struct ctable *t)
{
	struct centry	*e;

	while ((e = RB_ROOT(&t->tree)) != NULL)
		drop(t, e);
}

static struct centry *
centry_new(const char *path)
{
	struct centry	*e;
	size_t		 size = strlen(path) + 1;

	if ((e = calloc(1, sizeof(*e) + size)) != NULL)
		memcpy(e->path, path, size);
	return (e);
}

static void
mark(struct ctable *t, struct centry *e)
{
	if (e->dirty)
		return;
	e->dirty = 1;
	TAILQ_INSERT_TAIL(&t->dirty, e, dirtyentry);
}

int
ctable_touch(struct ctable *t, const char *path)
{
	struct centry	*e, *known;

	if ((e = centry_new(path)) == NULL)
		return (-1);
	if ((known = RB_FIND(ctree, &t->tree, e)) != NULL) {
		free(e);
		mark(t, known);
		return (0);
	}
	if (t->n >= t->max) {
		free(e);
		errno = ENOSPC;
		return (-1);
	}
	RB_INSERT(ctree, &t->tree, e);
	t->n++;
	mark(t, e);
	return (0);
}

/* Those below "a" begin with "a/", but "a.b" sorts before them. */
static struct centry *
first_below(struct ctable *t, const char *path)
{
	struct centry	*key, *e;
	size_t		 len = strlen(path);

	if ((key = calloc(1, sizeof(*key) + len + 2)) == NULL)
		return (RB_MIN(ctree, &t->tree));
	memcpy(key->path, path, len);
	key->path[len] = '/';
	e = RB_NFIND(ctree, &t->tree, key);
	free(key);
	return (e);
}

void
ctable_touch_below(struct ctable *t, const char *path)
{
	struct centry	*e;
	size_t		 len;

	if (path == NULL) {
		RB_FOREACH(e, ctree, &t->tree)
			mark(t, e);
		return;
	}
	len = strlen(path);
	for (e = first_below(t, path); e != NULL;
	    e = RB_NEXT(ctree, &t->tree, e)) {
		if (strncmp(e->path, path, len) == 0 && e->path[len] == '/')
			mark(t, e);
		else if (strncmp(e->path, path, len) > 0)
			break;
	}
}

struct centry *
ctable_take(struct ctable *t)
{
	struct centry	*e;

	if ((e = TAILQ_FIRST(&t->dirty)) == NULL)
		return (NULL);
	TAILQ_REMOVE(&t->dirty, e, dirtyentry);
	e->dirty = 0;
	return (e);
}

/* A new time alone is no change where the bytes are known. */
static int
differs(const struct fact *a, const struct fact *b)
{
	if (a->kind != b->kind)
		return (1);
	if (a->kind == FACT_ABSENT)
		return (0);
	if (a->size != b->size)
		return (1);
	if (a->hashed && b->hashed)
		return (a->hash != b->hash);
	return (a->mtime != b->mtime || a->ino != b->ino);
}

int
ctable_learn(struct ctable *t, struct centry *e, const struct fact *now)
{
	int	 rv = differs(&e->fact, now);

	e->fact = *now;
	if (now->kind == FACT_ABSENT)
		drop(t, e);
	return (rv);
}

uint64_t
table_hash(uint64_t h, const void *data, size_t len)
{
	const unsigned char	*p = data;
	size_t			 i;

	for (i = 0; i < len; i++) {
		h ^= p[i];
		h *= 1099511628211ULL;
	}
	return (h);
}

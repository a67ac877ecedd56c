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

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envtab.h"

#define SLOTS_MIN	256

/* FNV-1a, but nobody knows from where: names may be chosen to be in the way. */
static size_t
hash(const char *name, size_t len)
{
	static uint64_t	 seed;
	uint64_t	 h;
	size_t		 i;

	while (seed == 0)
		arc4random_buf(&seed, sizeof(seed));
	h = seed;
	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)name[i]) * 1099511628211ULL;
	return ((size_t)(h ^ h >> 32));
}

/* Where this name is, or would be. */
static uint32_t *
lookup(const struct envtab *t, const char *name, size_t len)
{
	const char	*s;
	size_t		 i;

	for (i = hash(name, len) & (t->nslots - 1); t->slots[i] != 0;
	    i = (i + 1) & (t->nslots - 1)) {
		s = t->env.v[t->slots[i] - 1];
		if (strncmp(s, name, len) == 0 && s[len] == '=')
			break;
	}
	return (&t->slots[i]);
}

/* Never more than half full. */
static int
grow(struct envtab *t)
{
	struct envtab	 next = *t;
	const char	*s;
	size_t		 i;

	if (t->env.n < t->nslots / 2)
		return (0);
	next.nslots = t->nslots == 0 ? SLOTS_MIN : t->nslots * 2;
	next.slots = calloc(next.nslots, sizeof(*next.slots));
	if (next.slots == NULL)
		return (-1);
	for (i = 0; i < t->env.n; i++) {
		s = t->env.v[i];
		*lookup(&next, s, strcspn(s, "=")) = (uint32_t)i + 1;
	}
	free(t->slots);
	*t = next;
	return (0);
}

/* The string is the table's now, or freed. */
static int
put(struct envtab *t, char *s)
{
	uint32_t	*slot;
	size_t		 len;
	char		**old;

	if (s == NULL || grow(t) == -1) {
		free(s);
		return (-1);
	}
	len = strlen(s) + 1;
	slot = lookup(t, s, strcspn(s, "="));
	if (*slot != 0) {
		old = &t->env.v[*slot - 1];
		t->bytes -= strlen(*old) + 1;
		freezero(*old, strlen(*old));
		*old = s;
	} else {
		if (strvec_push(&t->env, s) == -1)
			return (-1);
		*slot = (uint32_t)t->env.n;
		t->bytes += sizeof(char *);
	}
	t->bytes += len;
	return (0);
}

int
envtab_put(struct envtab *t, const char *s)
{
	return (put(t, strdup(s)));
}

int
envtab_set(struct envtab *t, const char *name, const char *value)
{
	char	*s;

	if (asprintf(&s, "%s=%s", name, value) == -1)
		return (-1);
	return (put(t, s));
}

const char *
envtab_get(const struct envtab *t, const char *name)
{
	uint32_t	*slot;
	size_t		 len = strlen(name);

	if (t->nslots == 0 || *(slot = lookup(t, name, len)) == 0)
		return (NULL);
	return (t->env.v[*slot - 1] + len + 1);
}

char **
envtab_take(struct envtab *t)
{
	char	**v = t->env.v;

	free(t->slots);
	memset(t, 0, sizeof(*t));
	return (v);
}

void
envtab_free(struct envtab *t)
{
	strvec_free(envtab_take(t));
}

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

#include <stdlib.h>
#include <string.h>

#include "strvec.h"

int
strvec_push(struct strvec *vec, char *s)
{
	char	**v;
	size_t	  cap;

	if (s == NULL)
		return (-1);
	if (vec->n + 1 >= vec->cap) {
		cap = vec->cap == 0 ? 64 : vec->cap * 2;
		if ((v = reallocarray(vec->v, cap, sizeof(*v))) == NULL) {
			free(s);
			return (-1);
		}
		vec->v = v;
		vec->cap = cap;
	}
	vec->v[vec->n++] = s;
	vec->v[vec->n] = NULL;
	return (0);
}

void
strvec_free(char **v)
{
	size_t	 i;

	if (v == NULL)
		return;
	for (i = 0; v[i] != NULL; i++)
		freezero(v[i], strlen(v[i]));
	free(v);
}

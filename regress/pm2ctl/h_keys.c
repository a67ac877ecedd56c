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
 * The keys of process files as the manual has to have them.
 */
#include <stdio.h>
#include <string.h>

#include "procfile.h"

static void
aliases(const char *s)
{
	size_t	 len;

	for (; s != NULL && *s != '\0'; s += len) {
		s += strspn(s, " ");
		len = strcspn(s, " ");
		printf(" , %.*s", (int)len, s);
	}
}

int
main(void)
{
	const struct pf_key	*k;

	for (k = pf_keys; k->name != NULL; k++) {
		if (k->type == NULL)
			continue;	/* means nothing */
		printf(".It Va %s", k->name);
		aliases(k->aliases);
		printf(" Pq %s", k->type);
		if (k->unit != NULL)
			printf(", %s", k->unit);
		if (k->help != NULL)
			printf("; %s", k->help);
		printf("\n");
	}
	return (0);
}

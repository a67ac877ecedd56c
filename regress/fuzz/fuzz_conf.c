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
 * pm2d.conf(5): whatever is in it, it is read or refused; and what was read
 * is printed so that it is read as the same.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../pm2d/confutil.h"

#include "fuzz.h"

#define MUST(what)	do { if (!(what)) abort(); } while (0)

/* A file that may be included, and one that includes itself. */
static const char *const	 files[] = {
	"/etc/a", "m = \"permit { start stop }\"\n$m www\n",
	"/etc/b", "include b",
	NULL
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct confutil	 cu;
	struct conf		*a, *b;
	char			*text, *out, *again;
	size_t			 len, len2;

	/* A copy of its own: one byte too far is seen. */
	MUST((text = malloc(size + (size == 0))) != NULL);
	if (size > 0)
		memcpy(text, data, size);
	cu.files = files;
	cu.anyname = 1;
	a = confutil_parse(&cu, text, size);
	MUST((a == NULL) == (cu.nerrors > 0));
	MUST(memchr(cu.said, '\0', sizeof(cu.said)) != NULL);
	free(text);
	if (a == NULL)
		return (0);
	MUST(conf_printnames(a, &confutil_names, &out, &len) == 0);
	b = confutil_parse(&cu, out, len);
	MUST(b != NULL);
	MUST(confutil_equal(a, b));
	MUST(conf_printnames(b, &confutil_names, &again, &len2) == 0);
	MUST(len == len2 && memcmp(out, again, len) == 0);
	free(out);
	free(again);
	conf_free(a);
	conf_free(b);
	return (0);
}

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
 * Files of environment variables: each entry has a name and ends where it
 * should, and what is left behind is less than before.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "envfile.h"
#include "spec.h"

#include "fuzz.h"

#define MUST(what)	do { if (!(what)) abort(); } while (0)

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char	 entry[SPEC_ENVSTR_MAX + 1];
	struct envfile	 ef;
	const char	*why, *at;
	char		*text;
	unsigned int	 line = 0;
	int		 r;

	MUST((text = malloc(size == 0 ? 1 : size)) != NULL);
	memcpy(text, data, size);
	envfile_begin(&ef, text, size);
	for (at = ef.p; (r = envfile_next(&ef, entry, size % 3 == 0 ? 16 :
	    sizeof(entry), &why)) == 1; at = ef.p) {
		MUST(ef.p > at && ef.p <= ef.end && ef.line > line);
		MUST(*entry != '=' && strchr(entry, '=') != NULL);
		MUST(strlen(entry) < sizeof(entry));
		line = ef.line;
	}
	MUST(r == 0 || (*why != '\0' && ef.line > 0));
	free(text);
	return (0);
}

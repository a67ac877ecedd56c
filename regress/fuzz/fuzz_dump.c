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
 * Dumps: what is made of an app is a spec that the parent takes, and the same
 * once more as JSON; of what is not, there are words.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../pm2ctl/dump.h"

#include "fuzz.h"

#define MUST(what)	do { if (!(what)) abort(); } while (0)

static void
again(const struct spec *spec)
{
	struct spec_buf	 buf;
	struct spec	 back;
	json_t		*one, *two;
	char		 why[256];

	MUST((one = dump_spec(spec)) != NULL);
	if (dump_unspec(&buf, one, why, sizeof(why)) == -1)
		MUST(spec->count[SPEC_SECRET] > 0);
	else {
		MUST(spec_parse(&back, buf.data, buf.len, why,
		    sizeof(why)) == 0);
		MUST((two = dump_spec(&back)) != NULL);
		MUST(json_equal(one, two));
		json_decref(two);
	}
	spec_buf_free(&buf);
	json_decref(one);
}

static void
one_app(const struct dump *dump, const struct dumped *d)
{
	struct spec	 spec;
	char		 why[256];

	MUST(d->team < dump->n && dump->apps[d->team].team == d->team);
	MUST(strlen(d->name) < sizeof(d->name));
	MUST(d->script != NULL);
	if (d->spec.len == 0) {
		MUST(d->why[0] != '\0');
		return;
	}
	MUST(spec_parse(&spec, d->spec.data, d->spec.len, why,
	    sizeof(why)) == 0);
	MUST(spec_validate(&spec, why, sizeof(why)) == 0);
	again(&spec);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct options	 opt;
	static struct ctl	 ctl;
	struct dump		 dump;
	size_t			 i;
	char			*text, why[256] = "";

	ctl.opt = &opt;
	ctl.home = "/nonexistent";
	MUST((text = malloc(size == 0 ? 1 : size)) != NULL);
	memcpy(text, data, size);
	if (dump_parse(&dump, text, size, &ctl, why, sizeof(why)) == -1)
		MUST(*why != '\0' && dump.apps == NULL);
	else
		for (i = 0; i < dump.n; i++)
			one_app(&dump, &dump.apps[i]);
	dump_free(&dump);
	free(text);
	return (0);
}

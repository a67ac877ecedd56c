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


#include <sys/types.h>

#include <errno.h>
#include <string.h>

#include "parent.h"

/*
 * A spec with other variables of the shell than those that were sent.
 */

static int
copy_key(struct spec_buf *sb, const struct spec *spec, enum spec_key key)
{
	const char	*s;
	size_t		 pos = 0;

	if (spec->count[key] == 0)
		return (0);
	switch (spec_keytype(key)) {
	case SPEC_T_STR:
		return (spec_add_str(sb, key, spec->str[key]));
	case SPEC_T_LIST:
		while ((s = spec_next(spec, key, &pos)) != NULL)
			if (spec_add_str(sb, key, s) == -1)
				return (-1);
		return (0);
	default:
		return (spec_add_u64(sb, key, spec->num[key]));
	}
}

/* All that has a name in process files is a key. */
static int
copy_all(struct spec_buf *sb, const struct spec *spec, const struct spec *env)
{
	uint32_t	 key;

	for (key = 1; key < SPEC_KEY_END; key++) {
		if (key != SPEC_ENV ? copy_key(sb, spec, key) == -1 :
		    env != NULL && copy_key(sb, env, SPEC_ENV) == -1)
			return (-1);
	}
	return (0);
}

struct appspec *
appspec_withenv(const struct appspec *as, const struct appspec *from,
    char *why, size_t size)
{
	struct spec_buf	 sb;
	struct appspec	*other = NULL;

	memset(&sb, 0, sizeof(sb));
	if (copy_all(&sb, &as->spec, from == NULL ? NULL : &from->spec) == 0)
		other = appspec_new(sb.data, sb.len, why, size);
	else
		strlcpy(why, strerror(errno), size);
	spec_buf_free(&sb);
	return (other);
}

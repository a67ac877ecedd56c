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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envtab.h"
#include "secret.h"

/* A copy of all but the secrets; of lists the order stays. */
static int
copy_others(const struct spec *spec, struct spec_buf *out)
{
	const char	*s;
	size_t		 pos;
	unsigned int	 i;
	enum spec_key	 key;
	enum spec_type	 type;

	for (i = 1; i < SPEC_KEYS; i++) {
		key = (enum spec_key)i;
		if (spec->count[i] == 0 || key == SPEC_SECRET)
			continue;
		type = spec_keytype(key);
		if (type == SPEC_T_U64 || type == SPEC_T_BOOL) {
			if (spec_add_u64(out, key, spec->num[i]) == -1)
				return (-1);
			continue;
		}
		for (pos = 0; (s = spec_next(spec, key, &pos)) != NULL;)
			if (spec_add_str(out, key, s) == -1)
				return (-1);
	}
	return (0);
}

/* "NAME=" and the mark? */
static int
is_marked(const char *s)
{
	return (strcmp(s + strcspn(s, "="), "=" SECRET_MARK) == 0);
}

int
secret_marked(const struct spec *spec)
{
	const char	*s;
	size_t		 pos = 0;

	while ((s = spec_next(spec, SPEC_SECRET, &pos)) != NULL)
		if (is_marked(s))
			return (1);
	return (0);
}

static int
add_mark(struct spec_buf *out, const char *s)
{
	char	*text;
	int	 r;

	if (asprintf(&text, "%.*s=" SECRET_MARK, (int)strcspn(s, "="),
	    s) == -1)
		return (-1);
	r = spec_add_str(out, SPEC_SECRET, text);
	free(text);
	return (r);
}

int
secret_hide(const struct spec *spec, struct spec_buf *out)
{
	const char	*s;
	size_t		 pos = 0;

	if (copy_others(spec, out) == -1)
		return (-1);
	while ((s = spec_next(spec, SPEC_SECRET, &pos)) != NULL)
		if (add_mark(out, s) == -1)
			return (-1);
	return (0);
}

int
secret_check(const struct spec *spec, char *why, size_t len)
{
	struct spec_buf	 sb;
	int		 r;

	if (spec->count[SPEC_SECRET] == 0)
		return (0);
	if (secret_marked(spec)) {
		strlcpy(why, "a secret has no value", len);
		return (-1);
	}
	memset(&sb, 0, sizeof(sb));
	if ((r = secret_hide(spec, &sb)) == -1)
		strlcpy(why, errno == E2BIG ? "the spec is too long" :
		    strerror(errno), len);
	spec_buf_free(&sb);
	return (r);
}

/* All that are there, by name; the last of a name is what the app gets. */
static int
load(struct envtab *t, const struct spec *spec)
{
	const char	*s;
	size_t		 pos = 0;

	while ((s = spec_next(spec, SPEC_SECRET, &pos)) != NULL)
		if (envtab_put(t, s) == -1)
			return (-1);
	return (0);
}

/* This one; or, where it is marked, the entry of that name.  NULL: none. */
static const char *
kept(const struct envtab *t, const char *s)
{
	const char	*value;
	char		*name;
	size_t		 len = strcspn(s, "=");

	if (!is_marked(s))
		return (s);
	if ((name = strndup(s, len)) == NULL)
		return (NULL);
	value = envtab_get(t, name);
	free(name);
	return (value == NULL ? NULL : value - len - 1);
}

static int
keep(const struct spec *spec, const struct envtab *old,
    struct spec_buf *out, char *why, size_t len)
{
	const char	*s, *value;
	size_t		 pos = 0;

	while ((s = spec_next(spec, SPEC_SECRET, &pos)) != NULL) {
		if ((value = kept(old, s)) == NULL) {
			snprintf(why, len, "secret %.*s has no value to keep",
			    (int)strcspn(s, "="), s);
			return (-1);
		}
		if (spec_add_str(out, SPEC_SECRET, value) == -1) {
			strlcpy(why, errno == E2BIG ? "the spec is too long "
			    "with its secrets" : strerror(errno), len);
			return (-1);
		}
	}
	return (0);
}

int
secret_keep(const struct spec *spec, const struct spec *old,
    struct spec_buf *out, char *why, size_t len)
{
	struct envtab	 t;
	int		 r = -1;

	memset(&t, 0, sizeof(t));
	if (copy_others(spec, out) == -1 || load(&t, old) == -1)
		strlcpy(why, strerror(errno), len);
	else
		r = keep(spec, &t, out, why, len);
	envtab_free(&t);
	return (r);
}

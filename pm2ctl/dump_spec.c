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
 * Specs as JSON and back, nothing lost: strings that are not UTF-8 are
 * written as {"hex": "..."}, and numbers that JSON readers would round as
 * strings.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump.h"
#include "output_json.h"
#include "utf8.h"

#define EXACT_MAX	(1ULL << 53)	/* of a double */

static const enum spec_key keys[] = {
#define X(key, n, name, type, def, min, max) SPEC_##key,
	SPEC_LIST_KEYS(X)
#undef X
};
#define NKEYS	(sizeof(keys) / sizeof(keys[0]))

/* ---- to JSON ---- */

static int
is_utf8(const char *s)
{
	uint32_t	 c;
	size_t		 n;

	for (; *s != '\0'; s += n)
		if ((n = utf8_decode(s, UTF8_MAX, &c)) == 0)
			return (0);
	return (1);
}

static json_t *
text_value(const char *s)
{
	static const char	 digits[] = "0123456789abcdef";
	struct outbuf		 ob = { 0 };
	json_t			*value;

	if (is_utf8(s))
		return (json_text(s));
	for (; *s != '\0'; s++) {
		ob_char(&ob, digits[(unsigned char)*s >> 4]);
		ob_char(&ob, digits[(unsigned char)*s & 15]);
	}
	if ((value = json_object()) != NULL)
		json_put(value, "hex", json_text(ob_text(&ob)));
	ob_free(&ob);
	return (value);
}

static json_t *
number_value(uint64_t n)
{
	char	 buf[32];

	if (n <= EXACT_MAX)
		return (json_integer((json_int_t)n));
	(void)snprintf(buf, sizeof(buf), "%" PRIu64, n);
	return (json_text(buf));
}

/* Of a secret, only the name. */
static json_t *
entry_value(enum spec_key key, const char *entry)
{
	json_t	*value;
	char	*name;

	if (key != SPEC_SECRET)
		return (text_value(entry));
	if ((name = strndup(entry, strcspn(entry, "="))) == NULL)
		return (NULL);
	value = text_value(name);
	free(name);
	return (value);
}

static json_t *
list_value(const struct spec *spec, enum spec_key key)
{
	const char	*entry;
	json_t		*list, *value;
	size_t		 pos;

	if ((list = json_array()) == NULL)
		return (NULL);
	pos = 0;
	while ((entry = spec_next(spec, key, &pos)) != NULL) {
		value = entry_value(key, entry);
		if (value == NULL || json_array_append_new(list, value) == -1) {
			json_decref(list);
			return (NULL);
		}
	}
	return (list);
}

json_t *
dump_spec(const struct spec *spec)
{
	json_t		*object;
	enum spec_key	 key;
	size_t		 i;

	if ((object = json_object()) == NULL)
		return (NULL);
	for (i = 0; i < NKEYS; i++) {
		key = keys[i];
		if (spec->count[key] == 0)
			continue;
		switch (spec_keytype(key)) {
		case SPEC_T_STR:
			json_put(object, spec_keyname(key),
			    text_value(spec->str[key]));
			break;
		case SPEC_T_LIST:
			json_put(object, spec_keyname(key),
			    list_value(spec, key));
			break;
		case SPEC_T_BOOL:
			json_put(object, spec_keyname(key),
			    json_boolean(spec->num[key] != 0));
			break;
		case SPEC_T_U64:
			json_put(object, spec_keyname(key),
			    number_value(spec->num[key]));
			break;
		}
	}
	return (object);
}

/* ---- and back ---- */

struct unspec {
	struct spec_buf	*buf;
	char		*errbuf;
	size_t		 errsize;
};

static int
refuse(struct unspec *u, const char *key, const char *what)
{
	(void)snprintf(u->errbuf, u->errsize, "%s: %s", key, what);
	return (-1);
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (c - '0');
	return (c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1);
}

/* A copy of what {"hex": "..."} stands for; NULL: it does not. */
static char *
from_hex(const char *s)
{
	char	*text;
	size_t	 i, len;
	int	 high, low;

	len = strlen(s);
	if (len % 2 != 0 || (text = calloc(1, len / 2 + 1)) == NULL)
		return (NULL);
	for (i = 0; i < len / 2; i++) {
		high = hex_digit(s[2 * i]);
		low = hex_digit(s[2 * i + 1]);
		if (high == -1 || low == -1 || (high == 0 && low == 0)) {
			free(text);
			return (NULL);
		}
		text[i] = (char)(high << 4 | low);
	}
	return (text);
}

static int
add_text(struct unspec *u, enum spec_key key, const json_t *value)
{
	const json_t	*hex;
	char		*text;
	int		 error;

	if (json_is_string(value)) {
		if (strlen(json_string_value(value)) !=
		    json_string_length(value))
			return (refuse(u, spec_keyname(key), "has a NUL"));
		text = strdup(json_string_value(value));
	} else {
		hex = json_object_get(value, "hex");
		if (!json_is_string(hex))
			return (refuse(u, spec_keyname(key),
			    "is not a string"));
		text = from_hex(json_string_value(hex));
	}
	if (text == NULL)
		return (refuse(u, spec_keyname(key), "is not readable"));
	error = spec_add_str(u->buf, key, text);
	free(text);
	return (error == 0 ? 0 : refuse(u, spec_keyname(key),
	    strerror(errno)));
}

static int
add_number(struct unspec *u, enum spec_key key, const json_t *value)
{
	const char	*s;
	char		*end;
	uint64_t	 n;

	if (json_is_boolean(value))
		n = json_is_true(value);
	else if (json_is_integer(value) && json_integer_value(value) >= 0)
		n = (uint64_t)json_integer_value(value);
	else if ((s = json_string_value(value)) != NULL && *s != '\0' &&
	    s[strspn(s, "0123456789")] == '\0' && strlen(s) <= 20) {
		errno = 0;
		n = strtoull(s, &end, 10);
		if (errno != 0)
			return (refuse(u, spec_keyname(key),
			    "is too large"));
	} else
		return (refuse(u, spec_keyname(key), "is not a number"));
	return (spec_add_u64(u->buf, key, n) == 0 ? 0 :
	    refuse(u, spec_keyname(key), strerror(errno)));
}

static int
add_list(struct unspec *u, enum spec_key key, const json_t *value)
{
	size_t	 i;

	if (!json_is_array(value))
		return (refuse(u, spec_keyname(key), "is not a list"));
	for (i = 0; i < json_array_size(value); i++)
		if (add_text(u, key, json_array_get(value, i)) == -1)
			return (-1);
	return (0);
}

/* They are not there: whoever has them is to start it. */
static int
refuse_secret(struct unspec *u, const json_t *object)
{
	const char	*file;

	file = json_string_value(json_object_get(object,
	    spec_keyname(SPEC_SOURCE)));
	(void)snprintf(u->errbuf, u->errsize, "its secrets are in no dump: "
	    "%s%s", file != NULL ? "pm2ctl start " : "start it from its "
	    "file", file != NULL ? file : "");
	return (-1);
}

static int
add_member(struct unspec *u, const json_t *object, const char *name,
    const json_t *value)
{
	enum spec_key	 key;

	if ((key = spec_keybyname(name)) == 0)
		return (refuse(u, name, "is a key that this pm2ctl does not "
		    "know"));
	if (key == SPEC_SECRET)
		return (json_array_size(value) == 0 ? 0 :
		    refuse_secret(u, object));
	switch (spec_keytype(key)) {
	case SPEC_T_STR:
		return (add_text(u, key, value));
	case SPEC_T_LIST:
		return (add_list(u, key, value));
	default:
		return (add_number(u, key, value));
	}
}

int
dump_unspec(struct spec_buf *buf, const json_t *object, char *errbuf,
    size_t errsize)
{
	struct unspec	 u = { buf, errbuf, errsize };
	struct spec	 spec;
	const char	*name;
	json_t		*value;
	void		*iter;
	int		 error;

	memset(buf, 0, sizeof(*buf));
	error = json_is_object(object) ? 0 :
	    refuse(&u, "spec", "is not an object");
	for (iter = json_object_iter((json_t *)(uintptr_t)object);
	    error == 0 && iter != NULL; iter =
	    json_object_iter_next((json_t *)(uintptr_t)object, iter)) {
		name = json_object_iter_key(iter);
		value = json_object_iter_value(iter);
		error = add_member(&u, object, name, value);
	}
	if (error == 0 && (spec_parse(&spec, buf->data, buf->len, errbuf,
	    errsize) == -1 || spec_validate(&spec, errbuf, errsize) == -1))
		error = -1;
	if (error == -1)
		spec_buf_free(buf);
	return (error);
}

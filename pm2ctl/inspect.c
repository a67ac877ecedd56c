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

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "inspect.h"

#define LINE_MAX_LENGTH	60	/* of what is put into one line */

/* The members of an object or array, formatted, one after the other. */
struct members {
	struct outbuf	 text;
	size_t		*end;		/* of each, in text */
	size_t		 n;
	size_t		 length;	/* as node sums it up */
};

static void	 format(struct outbuf *, json_t *, int);
static void	 format_string(struct outbuf *, const char *, char);
static void	 format_key(struct outbuf *, const char *);
static void	 format_real(struct outbuf *, double);
static void	 format_array(struct outbuf *, json_t *, int);
static void	 format_object(struct outbuf *, json_t *, int);
static void	 member_end(struct members *, size_t);
static void	 members_join(struct outbuf *, struct members *, const char *,
		    const char *);
static void	 indent(struct outbuf *, const char *, size_t, size_t, int);
static size_t	 utf16_length(const char *, size_t);

/* Length as JavaScript counts it. */
static size_t
utf16_length(const char *s, size_t len)
{
	size_t		 i, n;
	unsigned char	 c;

	for (i = n = 0; i < len; i++) {
		c = (unsigned char)s[i];
		if (c < 0x80 || c >= 0xc0)
			n += c >= 0xf0 ? 2 : 1;
	}
	return (n);
}

/* A string with this quote: JSON's escapes, but the quotes change places. */
static void
format_string(struct outbuf *ob, const char *s, char quote)
{
	struct outbuf	 json = { 0 };
	size_t		 i;

	ob_json(&json, s, strlen(s));
	ob_char(ob, quote);
	for (i = 1; i + 1 < json.len; i++) {
		if (json.data[i] == '\\' && json.data[i + 1] == '"')
			continue;
		if (json.data[i] == quote)
			ob_char(ob, '\\');
		/* a pair stays together: its second may be a backslash */
		if (json.data[i] == '\\')
			ob_char(ob, json.data[i++]);
		ob_char(ob, json.data[i]);
	}
	ob_char(ob, quote);
	ob_free(&json);
}

static void
format_key(struct outbuf *ob, const char *key)
{
	static const char	 word[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

	if (*key != '\0' && (*key < '0' || *key > '9') &&
	    key[strspn(key, word)] == '\0')
		ob_str(ob, key);
	else
		format_string(ob, key, '\'');
	ob_str(ob, ": ");
}

static void
format_real(struct outbuf *ob, double value)
{
	ob_fmt(ob, "%.10g", value);
}

static void
member_end(struct members *m, size_t start)
{
	m->end[m->n++] = m->text.len;
	m->length += utf16_length(m->text.data + start,
	    m->text.len - start) + 1;
}

/* In one line when they are short; otherwise one below the other. */
static void
members_join(struct outbuf *ob, struct members *m, const char *left,
    const char *right)
{
	const char	*between;
	size_t		 i, start;

	between = m->length > LINE_MAX_LENGTH ? ",\n  " : ", ";
	ob_str(ob, left);
	for (i = start = 0; i < m->n; start = m->end[i++]) {
		if (i != 0)
			ob_str(ob, between);
		ob_add(ob, m->text.data + start, m->end[i] - start);
	}
	ob_str(ob, right);
	ob_free(&m->text);
	free(m->end);
}

/* Text with its lines moved to the right, the first one only if wanted. */
static void
indent(struct outbuf *ob, const char *s, size_t len, size_t by, int first)
{
	const char	*end, *nl;

	for (end = s + len; s < end; s = nl) {
		nl = memchr(s, '\n', (size_t)(end - s));
		nl = nl == NULL ? end : nl + 1;
		if (first)
			ob_pad(ob, by);
		ob_add(ob, s, (size_t)(nl - s));
		first = 1;
	}
}

static void
format_array(struct outbuf *ob, json_t *value, int depth)
{
	struct members	 m = { 0 };
	struct outbuf	 item = { 0 };
	size_t		 i, start;

	m.end = reallocarray(NULL, json_array_size(value), sizeof(*m.end));
	if (m.end == NULL)
		err(1, NULL);
	for (i = 0; i < json_array_size(value); i++) {
		start = m.text.len;
		item.len = 0;
		format(&item, json_array_get(value, i), depth - 1);
		indent(&m.text, item.data, item.len, 2, 0);
		member_end(&m, start);
	}
	ob_free(&item);
	members_join(ob, &m, "[ ", " ]");
}

static void
format_object(struct outbuf *ob, json_t *value, int depth)
{
	struct members	 m = { 0 };
	struct outbuf	 item = { 0 };
	const char	*key;
	json_t		*member;
	size_t		 start;

	m.end = reallocarray(NULL, json_object_size(value), sizeof(*m.end));
	if (m.end == NULL)
		err(1, NULL);
	json_object_foreach(value, key, member) {
		start = m.text.len;
		format_key(&m.text, key);
		item.len = 0;
		format(&item, member, depth - 1);
		if (memchr(item.data, '\n', item.len) != NULL) {
			ob_char(&m.text, '\n');
			indent(&m.text, item.data, item.len, 3, 1);
		} else
			ob_add(&m.text, item.data, item.len);
		member_end(&m, start);
	}
	ob_free(&item);
	members_join(ob, &m, "{ ", " }");
}

static void
format(struct outbuf *ob, json_t *value, int depth)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		if (json_object_size(value) == 0)
			ob_str(ob, "{}");
		else if (depth < 0)
			ob_str(ob, "[Object]");
		else
			format_object(ob, value, depth);
		break;
	case JSON_ARRAY:
		if (json_array_size(value) == 0)
			ob_str(ob, "[]");
		else if (depth < 0)
			ob_str(ob, "[Object]");
		else
			format_array(ob, value, depth);
		break;
	case JSON_STRING:
		format_string(ob, json_string_value(value), '\'');
		break;
	case JSON_INTEGER:
		ob_fmt(ob, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		break;
	case JSON_REAL:
		format_real(ob, json_real_value(value));
		break;
	case JSON_TRUE:
		ob_str(ob, "true");
		break;
	case JSON_FALSE:
		ob_str(ob, "false");
		break;
	case JSON_NULL:
		ob_str(ob, "null");
		break;
	}
}

void
inspect(struct outbuf *ob, json_t *value, int depth)
{
	format(ob, value, depth);
}

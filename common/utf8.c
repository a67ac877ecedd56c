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

#include <string.h>

#include "utf8.h"

static size_t	 json_plain(const unsigned char *, size_t);
static size_t	 json_control(char *, uint32_t);

size_t
utf8_decode(const void *text, size_t len, uint32_t *c)
{
	/* the least that is worth so many bytes */
	static const uint32_t	 least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char	*p = text;
	size_t			 i, n;

	if (len == 0)
		return (0);
	if (p[0] < 0x80) {
		*c = p[0];
		return (1);
	}
	n = p[0] < 0xc2 || p[0] > 0xf4 ? 0 : p[0] < 0xe0 ? 2 :
	    p[0] < 0xf0 ? 3 : 4;
	if (n == 0 || n > len)
		return (0);
	*c = p[0] & (0xffU >> (n + 1));
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return (0);
		*c = *c << 6 | (p[i] & 0x3f);
	}
	if (*c < least[n] || *c > 0x10ffff || (*c >= 0xd800 && *c <= 0xdfff))
		return (0);
	return (n);
}

int
utf8_iscontrol(uint32_t c)
{
	return (c < 0x20 || (c >= 0x7f && c <= 0x9f));
}

/* Bytes that stand for themselves. */
static size_t
json_plain(const unsigned char *p, size_t len)
{
	size_t	 n;

	for (n = 0; n < len; n++)
		if (p[n] < 0x20 || p[n] >= 0x7f || p[n] == '"' ||
		    p[n] == '\\')
			break;
	return (n);
}

static size_t
json_control(char *out, uint32_t c)
{
	static const char	 digits[] = "0123456789abcdef";
	static const char	 letters[] = "btn\0fr";	/* from 8 on */

	out[0] = '\\';
	if (c >= 8 && c <= 13 && letters[c - 8] != '\0') {
		out[1] = letters[c - 8];
		return (2);
	}
	memcpy(out + 1, "u00", 3);
	out[4] = digits[c >> 4];
	out[5] = digits[c & 0x0f];
	return (6);
}

size_t
json_escape(char *out, const char *text, size_t len)
{
	const unsigned char	*p = (const unsigned char *)text;
	char			*o = out;
	uint32_t		 c;
	size_t			 n;

	for (; len > 0; p += n, len -= n) {
		if ((n = json_plain(p, len)) > 0) {
			memcpy(o, p, n);
			o += n;
		} else if ((n = utf8_decode(p, len, &c)) == 0) {
			memcpy(o, "\357\277\275", 3);
			o += 3;
			n = 1;
		} else if (utf8_iscontrol(c))
			o += json_control(o, c);
		else {
			if (c == '"' || c == '\\')
				*o++ = '\\';
			memcpy(o, p, n);
			o += n;
		}
	}
	return ((size_t)(o - out));
}

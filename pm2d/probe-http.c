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

#include <stdio.h>
#include <string.h>

#include "msg.h"
#include "probe-http.h"

int
http_request(const struct healthspec *hs, char *buf, size_t size)
{
	int	 n;

	n = snprintf(buf, size, "GET %s HTTP/1.1\r\n"
	    "Host: %s%s%s:%u\r\n"
	    "User-Agent: pm2d-probe/%s\r\n"
	    "Accept: */*\r\n"
	    "Connection: close\r\n\r\n", hs->path, hs->v6 ? "[" : "",
	    hs->host, hs->v6 ? "]" : "", hs->port, PM2D_VERSION);
	return (n < 0 || (size_t)n >= size ? -1 : n);
}

static int
digit(char c)
{
	return (c >= '0' && c <= '9');
}

/* "HTTP/1.1 200 OK": -1 it is not, 0 it may become one. */
static int
status_line(const char *p, size_t len)
{
	static const char	 begin[] = "HTTP/1.";
	size_t			 i;

	for (i = 0; i < len && i < sizeof(begin) - 1; i++)
		if (p[i] != begin[i])
			return (-1);
	if (len < sizeof("HTTP/1.1 200"))
		return (memchr(p, '\n', len) != NULL ? -1 : 0);
	p += sizeof(begin) - 1;
	if (!digit(p[0]) || p[1] != ' ' || !digit(p[2]) || p[2] == '0' ||
	    !digit(p[3]) || !digit(p[4]) ||
	    (p[5] != ' ' && p[5] != '\r' && p[5] != '\n'))
		return (-1);
	return ((p[2] - '0') * 100 + (p[3] - '0') * 10 + (p[4] - '0'));
}

/* The length of a head with its empty line, 0 if that is not there. */
static size_t
head(const char *p, size_t len)
{
	size_t	 i;

	for (i = 0; i + 1 < len; i++) {
		if (p[i] != '\n')
			continue;
		if (p[i + 1] == '\n')
			return (i + 2);
		if (i + 2 < len && p[i + 1] == '\r' && p[i + 2] == '\n')
			return (i + 3);
	}
	return (0);
}

int
http_status(const char *p, size_t len)
{
	size_t	 n;
	int	 status;

	for (;;) {
		status = status_line(p, len);
		if (status < 100 || status > 199 || status == 101)
			return (status);
		if ((n = head(p, len)) == 0)
			return (0);
		p += n;
		len -= n;
	}
}

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


#include <string.h>

#include "engine-notify.h"
#include "utf8.h"

static void	 one_line(struct engine_notify *, const char *, size_t);
static void	 set_status(struct engine_notify *, const char *, size_t);
static int	 set_usec(struct engine_notify *, const char *, size_t);

static const struct {
	const char	*text;
	uint32_t	 flag;
} words[] = {
	{ "READY=1",		NOTIFY_READY },
	{ "STOPPING=1",		NOTIFY_STOPPING },
	{ "RELOADING=1",	NOTIFY_RELOADING },
	{ "WATCHDOG=1",		NOTIFY_WATCHDOG },
	{ NULL,			0 }
};

int
notify_parse(struct engine_notify *en, const char *text, size_t len)
{
	const char	*end;
	size_t		 n;

	while (len > 0) {
		end = memchr(text, '\n', len);
		n = end != NULL ? (size_t)(end - text) : len;
		one_line(en, text, n);
		n += end != NULL;
		text += n;
		len -= n;
	}
	return (en->flags != 0);
}

static void
one_line(struct engine_notify *en, const char *line, size_t len)
{
	static const char	 extend[] = "EXTEND_TIMEOUT_USEC=";
	static const char	 status[] = "STATUS=";
	size_t			 i;

	for (i = 0; words[i].text != NULL; i++)
		if (strlen(words[i].text) == len &&
		    memcmp(words[i].text, line, len) == 0)
			en->flags |= words[i].flag;
	i = sizeof(status) - 1;
	if (len >= i && memcmp(line, status, i) == 0)
		set_status(en, line + i, len - i);
	i = sizeof(extend) - 1;
	if (len > i && memcmp(line, extend, i) == 0 &&
	    set_usec(en, line + i, len - i))
		en->flags |= NOTIFY_EXTEND;
}

/* As much of it as fits, whole characters, none that moves a cursor. */
static void
set_status(struct engine_notify *en, const char *text, size_t len)
{
	uint32_t	 c;
	size_t		 i, n, out = 0;

	for (i = 0; i < len; i += n) {
		if ((n = utf8_decode(text + i, len - i, &c)) == 0 ||
		    utf8_iscontrol(c)) {
			n = n == 0 ? 1 : n;
			if (out + 1 >= sizeof(en->status))
				break;
			en->status[out++] = '?';
			continue;
		}
		if (out + n >= sizeof(en->status))
			break;
		memcpy(en->status + out, text + i, n);
		out += n;
	}
	en->status[out] = '\0';
	en->flags |= NOTIFY_STATUS;
}

static int
set_usec(struct engine_notify *en, const char *text, size_t len)
{
	uint64_t	 n = 0;
	size_t		 i;

	for (i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9' ||
		    n > (UINT64_MAX - 9) / 10)
			return (0);
		n = n * 10 + (uint64_t)(text[i] - '0');
	}
	en->usec = n;
	return (1);
}

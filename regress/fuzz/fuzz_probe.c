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
 * What health checks and watchers read: answers of servers, addresses,
 * patterns.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../common/healthspec.h"
#include "../../pm2d/probe-http.h"
#include "../../pm2d/watch-glob.h"

#include "fuzz.h"

#define MUST(what)	do { if (!(what)) abort(); } while (0)

/* Once it is known, more bytes make no other status of it. */
static void
answer(const char *p, size_t len)
{
	size_t	 n;
	int	 status, before = 0;

	for (n = 0; n <= len; n++) {
		status = http_status(p, n);
		MUST(status == -1 || status == 0 ||
		    (status >= 100 && status <= 999));
		MUST(before == 0 || status == before);
		before = status;
	}
}

static void
address(const char *text)
{
	struct healthspec	 hs;
	char			 buf[HTTP_REQUEST_MAX];
	char			*argv[HEALTHSPEC_WORDS + 1];
	int			 n;

	if (healthspec_parse(text, &hs) != NULL)
		return;
	if (hs.kind == HEALTHSPEC_EXEC) {
		n = healthspec_words(hs.command, buf, sizeof(buf), argv);
		MUST(n == -1 || (n > 0 && argv[n] == NULL));
		return;
	}
	MUST(hs.port != 0 && hs.host[0] != '\0');
	if (hs.kind != HEALTHSPEC_HTTP)
		return;
	n = http_request(&hs, buf, sizeof(buf));
	MUST(n > 0 && strlen(buf) == (size_t)n);
	/* Nothing of it became a header. */
	MUST(strstr(buf, "\r\nConnection: close\r\n\r\n") == buf + n - 23);
}

static void
pattern(const char *text)
{
	struct ignore	 ig;
	const char	*path = strchr(text, '\n');
	char		*one;

	if (path == NULL || path == text || strlen(text) > 512)
		return;
	memset(&ig, 0, sizeof(ig));
	MUST((one = strndup(text, (size_t)(path - text))) != NULL);
	MUST(ignore_add(&ig, one) == 0);
	path++;
	if (*path == '/' && path[1] != '\0')
		(void)ignore_match(&ig, path, path + 1);
	ignore_free(&ig);
	free(one);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char	*text;

	if (size > 4096)
		return (0);
	/* A copy of its own: one byte too far is seen. */
	MUST((text = malloc(size + 1)) != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	address(text);
	pattern(text);
	free(text);
	MUST((text = malloc(size == 0 ? 1 : size)) != NULL);
	memcpy(text, data, size);
	answer(text, size);
	free(text);
	return (0);
}

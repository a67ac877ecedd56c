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

#include "engine-line.h"

static enum line_kind	 begin_kind(const char *, size_t);
static enum line_kind	 pass(struct line *, size_t, int);

enum line_kind
line_next(struct line *line, const char *buf, size_t len, int whole,
    size_t *used)
{
	const char	*end;

	*used = 0;
	if (len == 0)
		return (LINE_NONE);
	end = memchr(buf, '\n', len);
	if (line->passed == 0) {
		if (end != NULL) {
			*used = (size_t)(end - buf) + 1;
			return (LINE_TEXT);
		}
		if (!whole)
			return (LINE_NONE);
		line->kind = (uint8_t)begin_kind(buf, len);
	}
	*used = end != NULL ? (size_t)(end - buf) + 1 : len;
	return (pass(line, *used, end != NULL));
}

/* So many bytes more of a long line, perhaps its last. */
static enum line_kind
pass(struct line *line, size_t len, int last)
{
	enum line_kind	 kind;

	line->passed += (uint32_t)len;
	if (line->passed > LINE_MAX_PASSED) {
		line->passed = 0;
		return (LINE_OVER);
	}
	if (!last)
		return (LINE_PART);
	kind = line->kind;
	line->passed = 0;
	return (kind);
}

/* Node puts cmd first, always. */
static enum line_kind
begin_kind(const char *buf, size_t len)
{
	static const char	 handle[] = "{\"cmd\":\"NODE_HANDLE\"";
	static const char	 node[] = "{\"cmd\":\"NODE_";

	if (len >= sizeof(handle) - 1 &&
	    memcmp(buf, handle, sizeof(handle) - 1) == 0)
		return (LINE_LONG_HANDLE);
	if (len >= sizeof(node) - 1 &&
	    memcmp(buf, node, sizeof(node) - 1) == 0)
		return (LINE_LONG_INTERNAL);
	return (LINE_LONG_USER);
}

int
line_handle_claim(struct line_handles *lh, int ahead)
{
	if (lh->here + (ahead != 0) <= lh->taken)
		return (0);
	lh->taken++;
	return (1);
}

void
line_handle_settle(struct line_handles *lh, int came)
{
	lh->here = (uint8_t)(lh->here + (came != 0));
	lh->here = lh->here > lh->taken ?
	    (uint8_t)(lh->here - lh->taken) : 0;
	lh->taken = 0;
	if (lh->here > LINE_HANDLES_MAX)
		lh->here = LINE_HANDLES_MAX;
}

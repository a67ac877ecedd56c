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
 * As much of HTTP/1.1 as a health check needs.  No I/O here.
 */
#ifndef PM2D_PROBE_HTTP_H
#define PM2D_PROBE_HTTP_H

#include <stddef.h>

#include "healthspec.h"

#define HTTP_ANSWER_MAX	8192	/* so much of an answer is read */
#define HTTP_REQUEST_MAX 2048

/* Its length, or -1: it does not fit. */
int	 http_request(const struct healthspec *, char *, size_t);
/*
 * The status of the answer that begins with these bytes; those of 1xx are
 * not the answer yet.  0: not known yet, -1: this is not HTTP.
 */
int	 http_status(const char *, size_t);

#endif /* PM2D_PROBE_HTTP_H */

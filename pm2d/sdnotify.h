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
 * The other side of sd_notify(3): telling a service manager how pm2d itself
 * is.  Apps have their own (channel.c).
 */
#ifndef PM2D_SDNOTIFY_H
#define PM2D_SDNOTIFY_H

/*
 * With the environment that pm2d was started with, before it is cleared: is
 * there somebody to be told?  What does not look like a socket's name is as
 * good as none.
 */
void	 sdnotify_init(char *const []);
/* "READY=1\nSTATUS=..."; nothing when nobody wants to know.  Never blocks. */
void	 sdnotify(const char *, ...) __attribute__((format(printf, 1, 2)));

#endif /* PM2D_SDNOTIFY_H */

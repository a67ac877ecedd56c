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
 * Names of users and groups for the reader of pm2d.conf(5).  Name services
 * load code, open files and ask networks: that is another process, which sees
 * names and nothing else of the file.
 */
#ifndef PM2D_CONF_NAMES_H
#define PM2D_CONF_NAMES_H

#include <stdint.h>

/*
 * In the process that looks up: answer on this socket until it is closed,
 * then exit.
 */
void	 names_serve(int) __attribute__((noreturn));

/* In the reader: ask it.  0, or -1 with errno; ENOENT: there is none. */
int	 names_user(int, const char *, uint32_t *);
int	 names_group(int, const char *, uint32_t *);

#endif /* PM2D_CONF_NAMES_H */

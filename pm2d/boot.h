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
 * When the system's pm2d has started: the dumps of the users that pm2d.conf
 * names come back, by `pm2ctl resurrect --if-empty` as each of them.
 */
#ifndef PM2D_BOOT_H
#define PM2D_BOOT_H

#include <sys/types.h>

struct pm2d;

/* From the event loop, a few at a time.  What fails is logged, no more. */
void	 boot_begin(struct pm2d *);
/* What has not ended is killed. */
void	 boot_exit(void);
/* Is this one of them? */
int	 boot_ispid(pid_t);

#endif /* PM2D_BOOT_H */

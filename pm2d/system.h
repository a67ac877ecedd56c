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
 * The system's pm2d: one of root for many users, as pm2d.conf(5) says.
 */
#ifndef PM2D_SYSTEM_H
#define PM2D_SYSTEM_H

struct pm2d;

/* Read the file, make the places.  Ends the program when it cannot be. */
void	 system_begin(struct pm2d *, const char *);
/* Read it again: all of it holds from then on, or nothing of it does. */
void	 system_reload(struct pm2d *);
/* It is not read again. */
void	 system_stop(void);
/* Forget it all; nobody is connected any more. */
void	 system_exit(struct pm2d *);

#endif /* PM2D_SYSTEM_H */

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
 * The system's way to spread connections over the sockets of one port.  The
 * sockets of a group are numbered in the order of their listen(2); when one
 * ceases to listen, the last one takes its number.
 */
#ifndef PM2D_REUSEPORT_H
#define PM2D_REUSEPORT_H

#include <stdint.h>

/* Before bind(2).  0 or an errno. */
int	 reuseport_set(int);
/*
 * By any listening socket of a group of total: new connections go to these
 * members only, at random.  0 or an errno (it stays as it was).
 */
int	 reuseport_steer(int, const uint32_t *, uint32_t, uint32_t);
/* Connections that wait in this listening socket; -1: not to be known. */
int	 reuseport_waiting(int);

#endif /* PM2D_REUSEPORT_H */

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
 * A daemon's channel to its parent, for as long as it lives: one in each
 * process.  When the parent is gone, or cannot be told something that it
 * waits for, the event loop ends; the parent starts another daemon.
 */
#ifndef PM2D_PARENTLINK_H
#define PM2D_PARENTLINK_H

#include <stddef.h>
#include <stdint.h>

#include "imsgev.h"

struct event_base;

/*
 * Take up the channel, with flags of imsgev_new().  Each message goes to the
 * function: 0 it was understood; else it is logged and dropped, for what is
 * behind it may be good.  Ends the process when there is no channel.
 */
typedef int	 (parent_handler)(struct imsg *);
struct imsgev	*parent_link(struct event_base *, int, parent_handler *);

/* Tell the parent. */
void		 parent_send(uint32_t, const void *, size_t);
/* What was to be told is lost, by errno: its answer would be waited for. */
void		 parent_lost(const char *);
/* The exit status for main(). */
int		 parent_status(void);

#endif /* PM2D_PARENTLINK_H */

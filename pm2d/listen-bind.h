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
 * Binding sockets to numeric addresses.  Functions return 0 or an errno.
 */
#ifndef PM2D_LISTEN_BIND_H
#define PM2D_LISTEN_BIND_H

#include <sys/types.h>
#include <sys/socket.h>

#include <stddef.h>
#include <stdint.h>

#include "msg.h"

#define BACKLOG_DEFAULT	511

struct listenaddr {
	struct sockaddr_storage	 ss;
	socklen_t		 len;
	uint32_t		 type;	/* enum listen_type, not LISTEN_UNIX */
	uint32_t		 flags;	/* LISTEN_* */
	int			 v6;	/* is (or tries to be) of IPv6 */
};

#define BIND_REUSEPORT	0x01	/* one of several sockets of this port */
#define BIND_BLOCKING	0x02	/* for programs that know of no poll(2) */

/* EINVAL: not a numeric address of that type. */
int	 listenaddr_make(struct listenaddr *, uint32_t, uint32_t,
	    const char *, uint32_t);
/* As text without port, "::" and "0.0.0.0" too; and the port. */
void	 listenaddr_text(const struct listenaddr *, char *, size_t,
	    uint32_t *);
/*
 * Bind, TCP: and listen.  Without an address (LISTEN_ANY) "::" for both
 * kinds, or 0.0.0.0 where that cannot be had; what it became is in the
 * listenaddr afterwards, for more sockets like it.
 */
int	 listenaddr_bind(struct listenaddr *, uint32_t, unsigned int, int *);

#endif /* PM2D_LISTEN_BIND_H */

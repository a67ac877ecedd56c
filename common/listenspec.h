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
 * What --listen says: "tcp:8000", "tcp:127.0.0.1:8000", "tcp6:8000",
 * "tcp6:[::1]:8000", udp and udp6 alike, "unix:/path", "unix:@name" for an
 * abstract name.  tcp and udp are IPv4 only, tcp6 and udp6 IPv6 only: who
 * wants both says both.  Addresses are numbers, never names.
 */
#ifndef PM2D_LISTENSPEC_H
#define PM2D_LISTENSPEC_H

#include <stdint.h>

#include "msg.h"

#define LISTENSPEC_MAX	64	/* of one app */

struct listenspec {
	uint32_t	 type;		/* enum listen_type */
	uint32_t	 flags;		/* LISTEN_V6ONLY, LISTEN_ABSTRACT */
	uint32_t	 port;
	char		 address[256];	/* a path; a name without its '@' */
};

/* NULL, or why it is none, to be read after the name of the option. */
const char	*listenspec_parse(const char *, struct listenspec *);
/* The same when only the answer matters. For spec_validate(). */
const char	*listen_badspec(const char *);

#endif /* PM2D_LISTENSPEC_H */

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
 * May this app's owner have this listening socket?  Pure: what a worker asks
 * for, and who its owner is, come in.
 */
#ifndef PM2D_LISTEN_POLICY_H
#define PM2D_LISTEN_POLICY_H

#include <sys/types.h>

#include <stdint.h>

#include "msg.h"

struct conf;

struct listen_rights {
	int		 privileged;	/* this process may bind low ports... */
	uint32_t	 lowport;	/* ...those below */
	uid_t		 owner;		/* of the app */
	const struct conf *conf;	/* the system's: its rules; else NULL */
};

/*
 * 0 or an errno: EINVAL for what makes no sense, EACCES for what only root
 * may have.  What is allowed here the kernel may refuse yet; paths are made
 * as the app's user.
 */
int	 listen_policy(const struct listen_rights *,
	    const struct engine_listen *);
int	 listen_policy_port(const struct listen_rights *, uint32_t);

#endif /* PM2D_LISTEN_POLICY_H */

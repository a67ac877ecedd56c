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

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "conf.h"
#include "listen-policy.h"

#define FLAGS_TCP	(LISTEN_V6ONLY | LISTEN_ANY)
#define FLAGS_UDP	(LISTEN_V6ONLY | LISTEN_ANY | LISTEN_REUSEADDR)
#define FLAGS_UNIX	(LISTEN_READALL | LISTEN_WRITEALL | LISTEN_ABSTRACT)

static const uint32_t flags_of[LISTEN_NTYPES] = {
	[LISTEN_TCP4] = FLAGS_TCP,
	[LISTEN_TCP6] = FLAGS_TCP,
	[LISTEN_UDP4] = FLAGS_UDP,
	[LISTEN_UDP6] = FLAGS_UDP,
	[LISTEN_UNIX] = FLAGS_UNIX
};

/* The engine has looked at all of this; it may have been taken over. */
static int
wellformed(const struct engine_listen *q)
{
	if (q->type >= LISTEN_NTYPES || (q->flags & ~flags_of[q->type]) != 0)
		return (0);
	if (q->port > 65535 || q->backlog > INT_MAX)
		return (0);
	if (memchr(q->address, '\0', sizeof(q->address)) == NULL)
		return (0);
	if (q->datalen > sizeof(q->data))
		return (0);
	return ((q->flags & LISTEN_ANY) == 0 || *q->address == '\0');
}

/*
 * The parent has the right to bind them all.  So does who started it when it
 * is not root's: then the kernel decides.  In the system's rules may lend
 * some to users.
 */
int
listen_policy_port(const struct listen_rights *lr, uint32_t port)
{
	if (port == 0 || port >= lr->lowport)
		return (0);
	if (!lr->privileged || lr->owner == 0 || (lr->conf != NULL &&
	    rules_port(lr->conf, lr->owner, port)))
		return (0);
	return (EACCES);
}

int
listen_policy(const struct listen_rights *lr, const struct engine_listen *q)
{
	if (!wellformed(q))
		return (EINVAL);
	if (q->type != LISTEN_UNIX)
		return (listen_policy_port(lr, q->port));
	if (q->port != 0 || *q->address == '\0')
		return (EINVAL);
	if ((q->flags & LISTEN_ABSTRACT) == 0 && *q->address != '/')
		return (EINVAL);
	return (0);
}

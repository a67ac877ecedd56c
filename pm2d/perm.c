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
 * Permissions: a table of who may do what.
 */
#include <sys/types.h>

#include "perm.h"

#define WHO_ROOT	0x01
#define WHO_OWNER	0x02	/* of the app */
#define WHO_DAEMON	0x04	/* the user as whom pm2d runs */
#define WHO_ANY		0x08	/* all that perm_connect() lets in */

#define NOBODY		((uid_t)-1)	/* "no change", to setresuid(2) */

static const unsigned int rules[PERM_NOPS] = {
	[PERM_SEE] =		WHO_ROOT | WHO_OWNER,
	[PERM_ENV] =		WHO_ROOT | WHO_OWNER,
	[PERM_LOGS] =		WHO_ROOT | WHO_OWNER,
	[PERM_START] =		WHO_ROOT | WHO_OWNER,
	[PERM_STOP] =		WHO_ROOT | WHO_OWNER,
	[PERM_RESTART] =	WHO_ROOT | WHO_OWNER,
	[PERM_DELETE] =		WHO_ROOT | WHO_OWNER,
	[PERM_RESET] =		WHO_ROOT | WHO_OWNER,
	[PERM_SIGNAL] =		WHO_ROOT | WHO_OWNER,
	[PERM_FLUSH] =		WHO_ROOT | WHO_OWNER,
	[PERM_REOPEN] =		WHO_ROOT | WHO_OWNER,
	[PERM_RELOAD] =		WHO_ROOT | WHO_OWNER,
	[PERM_SCALE] =		WHO_ROOT | WHO_OWNER,
	[PERM_MESSAGE] =	WHO_ROOT | WHO_OWNER,
	[PERM_DOCTOR] =		WHO_ANY,
	[PERM_KILL] =		WHO_ROOT | WHO_DAEMON
};

int
perm_check(enum perm_op op, const struct perm_subject *sub, uid_t owner)
{
	unsigned int	 who = WHO_ANY;

	if ((unsigned int)op >= PERM_NOPS || sub->peer == NOBODY)
		return (0);
	if (sub->peer == 0)
		who |= WHO_ROOT;
	if (sub->peer == owner)
		who |= WHO_OWNER;
	if (sub->peer == sub->daemon)
		who |= WHO_DAEMON;
	return ((rules[op] & who) != 0);
}

int
perm_connect(uid_t peer, uid_t daemon)
{
	if (peer == NOBODY)
		return (0);
	return (peer == 0 || peer == daemon);
}

int
perm_runas(uid_t peer, uid_t daemon, uid_t target, int named)
{
	if (target == NOBODY || peer == NOBODY)
		return (0);
	/* an ordinary user's daemon cannot change to anybody */
	if (daemon != 0)
		return (perm_connect(peer, daemon) && target == daemon);
	if (peer == 0)
		return (named || target == 0);
	return (target == peer);
}

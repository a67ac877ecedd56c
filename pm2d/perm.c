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
 * Permissions: in a user's own pm2d a table of who may do what, in the
 * system's the rules of pm2d.conf.
 */
#include <sys/types.h>

#include "conf.h"
#include "perm.h"

#define MAY_ROOT	0x01
#define MAY_OWNER	0x02	/* of the app */
#define MAY_DAEMON	0x04	/* the user as whom pm2d runs */
#define MAY_ANY		0x08	/* all that perm_connect() lets in */

#define NOBODY		((uid_t)-1)	/* "no change", to setresuid(2) */

static const unsigned int rules[PERM_NOPS] = {
	[PERM_SEE] =		MAY_ROOT | MAY_OWNER,
	[PERM_ENV] =		MAY_ROOT | MAY_OWNER,
	[PERM_LOGS] =		MAY_ROOT | MAY_OWNER,
	[PERM_START] =		MAY_ROOT | MAY_OWNER,
	[PERM_STOP] =		MAY_ROOT | MAY_OWNER,
	[PERM_RESTART] =	MAY_ROOT | MAY_OWNER,
	[PERM_DELETE] =		MAY_ROOT | MAY_OWNER,
	[PERM_RESET] =		MAY_ROOT | MAY_OWNER,
	[PERM_SIGNAL] =		MAY_ROOT | MAY_OWNER,
	[PERM_FLUSH] =		MAY_ROOT | MAY_OWNER,
	[PERM_REOPEN] =		MAY_ROOT | MAY_OWNER,
	[PERM_RELOAD] =		MAY_ROOT | MAY_OWNER,
	[PERM_SCALE] =		MAY_ROOT | MAY_OWNER,
	[PERM_MESSAGE] =	MAY_ROOT | MAY_OWNER,
	[PERM_DOCTOR] =		MAY_ANY,
	[PERM_KILL] =		MAY_ROOT | MAY_DAEMON
};

static void
rule_subject(const struct perm_subject *sub, struct rule_subject *rs)
{
	rs->uid = sub->peer;
	rs->groups = sub->groups;
	rs->ngroups = sub->ngroups;
}

int
perm_check(enum perm_op op, const struct perm_subject *sub, uid_t owner)
{
	struct rule_subject	 rs;
	unsigned int		 who = MAY_ANY;

	if ((unsigned int)op >= PERM_NOPS || sub->peer == NOBODY)
		return (0);
	if (sub->conf != NULL) {
		rule_subject(sub, &rs);
		return (rules_check(sub->conf, &rs, op, owner, NULL, NULL));
	}
	if (sub->peer == 0)
		who |= MAY_ROOT;
	if (sub->peer == owner)
		who |= MAY_OWNER;
	if (sub->peer == sub->daemon)
		who |= MAY_DAEMON;
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

int
perm_start(const struct perm_subject *sub, uid_t target, const char *program)
{
	struct rule_subject	 rs;

	if (target == NOBODY || sub->peer == NOBODY)
		return (0);
	rule_subject(sub, &rs);
	return (rules_check(sub->conf, &rs, PERM_START, target, program,
	    NULL));
}

int
perm_startonly(const struct perm_subject *sub, uid_t target,
    const char *program)
{
	const struct conf_rule	*r;
	struct rule_subject	 rs;

	rule_subject(sub, &rs);
	return (rules_decide(sub->conf, &rs, PERM_START, target, program,
	    &r) && r != NULL && r->cmd[0] != '\0');
}

int
perm_known(const struct perm_subject *sub)
{
	struct rule_subject	 rs;

	if (sub->peer == NOBODY)
		return (0);
	rule_subject(sub, &rs);
	return (rules_known(sub->conf, &rs));
}

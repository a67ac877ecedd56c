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


#include <stdio.h>
#include <string.h>

#include <atf-c.h>

#include "conf.h"
#include "perm.h"

#define NOBODY	((uid_t)-1)

/* In a user's own: no rules. */
#define WHO(uid, of)	{ .peer = (uid), .daemon = (of) }

ATF_TC_WITHOUT_HEAD(check__apps);
ATF_TC_BODY(check__apps, tc)
{
	static const struct {
		struct perm_subject	 sub;
		uid_t			 owner;
		int			 may;
	} cases[] = {
		/* peer, daemon, owner */
		{ WHO(0, 0),		0,	1 },
		{ WHO(0, 0),		1000,	1 },
		{ WHO(0, 1000),		1000,	1 },
		{ WHO(1000, 0),		1000,	1 },
		{ WHO(1000, 1000),	1000,	1 },
		{ WHO(1000, 0),		0,	0 },
		{ WHO(1000, 0),		1001,	0 },
		{ WHO(1000, 1000),	1001,	0 },
		{ WHO(1001, 1000),	1000,	0 },
		{ WHO(NOBODY, 0),	NOBODY,	0 },
		{ WHO(NOBODY, NOBODY),	NOBODY,	0 },
	};
	enum perm_op	 op;
	size_t		 i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (op = PERM_SEE; op < PERM_DOCTOR; op++)
			ATF_CHECK_EQ_MSG(cases[i].may, perm_check(op,
			    &cases[i].sub, cases[i].owner),
			    "case %zu, operation %d", i, op);
	}
}

ATF_TC_WITHOUT_HEAD(check__daemon);
ATF_TC_BODY(check__daemon, tc)
{
	static const struct {
		struct perm_subject	 sub;
		int			 kill;
	} cases[] = {
		{ WHO(0, 0),		1 },
		{ WHO(0, 1000),		1 },
		{ WHO(1000, 1000),	1 },
		{ WHO(1000, 0),		0 },
		{ WHO(1001, 1000),	0 },
	};
	size_t	 i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		/* to own an app is not to own the daemon */
		ATF_CHECK_EQ(cases[i].kill, perm_check(PERM_KILL,
		    &cases[i].sub, cases[i].sub.peer));
		ATF_CHECK_EQ(1, perm_check(PERM_DOCTOR, &cases[i].sub, 0));
	}
}

ATF_TC_WITHOUT_HEAD(check__no_such_operation);
ATF_TC_BODY(check__no_such_operation, tc)
{
	struct perm_subject	 root = WHO(0, 0);

	ATF_CHECK_EQ(0, perm_check(PERM_NOPS, &root, 0));
	ATF_CHECK_EQ(0, perm_check((enum perm_op)4000, &root, 0));
}

/* With rules the table says nothing. */
ATF_TC_WITHOUT_HEAD(check__rules_decide);
ATF_TC_BODY(check__rules_decide, tc)
{
	static struct conf_rule	 rules[2];
	static struct conf	 conf = { .rules = rules, .nrules = 2 };
	gid_t			 groups[] = { 7, 50 };
	struct perm_subject	 alice = { .peer = 1000, .conf = &conf };
	struct perm_subject	 root = { .conf = &conf };

	rules[0].permit = rules[1].permit = 1;
	rules[0].whokind = WHO_GROUP;
	rules[0].who = 50;
	rules[0].targetkind = TARGET_SELF;
	rules[0].verbs = PERM_ALL;
	rules[1] = rules[0];
	rules[1].targetkind = TARGET_USER;
	rules[1].target = 33;
	rules[1].verbs = PERM_BIT(PERM_START) | PERM_BIT(PERM_SEE);
	(void)strlcpy(rules[1].cmd, "/usr/bin/node", sizeof(rules[1].cmd));
	ATF_CHECK_EQ(0, perm_known(&alice));
	ATF_CHECK_EQ(0, perm_check(PERM_SEE, &alice, 1000));
	alice.groups = groups;
	alice.ngroups = 2;
	ATF_CHECK_EQ(1, perm_known(&alice));
	ATF_CHECK_EQ(1, perm_check(PERM_DELETE, &alice, 1000));
	ATF_CHECK_EQ(0, perm_check(PERM_SEE, &alice, 1001));
	ATF_CHECK_EQ(0, perm_check(PERM_STOP, &alice, 33));
	ATF_CHECK_EQ(1, perm_check(PERM_SEE, &alice, 33));
	ATF_CHECK_EQ(1, perm_start(&alice, 1000, "/bin/sh"));
	ATF_CHECK_EQ(1, perm_start(&alice, 33, "/usr/bin/node"));
	ATF_CHECK_EQ(0, perm_start(&alice, 33, "node"));
	ATF_CHECK_EQ(0, perm_start(&alice, 0, "/usr/bin/node"));
	ATF_CHECK_EQ(0, perm_start(&alice, NOBODY, "/usr/bin/node"));
	ATF_CHECK_EQ(1, perm_start(&root, 33, "/bin/sh"));
	ATF_CHECK_EQ(1, perm_check(PERM_KILL, &root, 0));
}

ATF_TC_WITHOUT_HEAD(connect__own_daemon_only);
ATF_TC_BODY(connect__own_daemon_only, tc)
{
	ATF_CHECK_EQ(1, perm_connect(0, 0));
	ATF_CHECK_EQ(1, perm_connect(0, 1000));
	ATF_CHECK_EQ(1, perm_connect(1000, 1000));
	ATF_CHECK_EQ(0, perm_connect(1000, 0));
	ATF_CHECK_EQ(0, perm_connect(1001, 1000));
	ATF_CHECK_EQ(0, perm_connect(NOBODY, NOBODY));
}

ATF_TC_WITHOUT_HEAD(runas__who);
ATF_TC_BODY(runas__who, tc)
{
	static const struct {
		uid_t	 peer, daemon, target;
		int	 named, may;
	} cases[] = {
		/* root's daemon, root asks */
		{ 0, 0, 0, 0,		1 },
		{ 0, 0, 0, 1,		1 },
		{ 0, 0, 1000, 1,	1 },
		{ 0, 0, 1000, 0,	0 },
		/* root's daemon, somebody asks */
		{ 1000, 0, 1000, 0,	1 },
		{ 1000, 0, 1000, 1,	1 },
		{ 1000, 0, 0, 0,	0 },
		{ 1000, 0, 0, 1,	0 },
		{ 1000, 0, 1001, 1,	0 },
		/* an ordinary daemon: its own user, whoever asks */
		{ 1000, 1000, 1000, 0,	1 },
		{ 1000, 1000, 1000, 1,	1 },
		{ 1000, 1000, 1001, 1,	0 },
		{ 1000, 1000, 0, 1,	0 },
		{ 0, 1000, 1000, 0,	1 },
		{ 0, 1000, 0, 0,	0 },
		{ 0, 1000, 0, 1,	0 },
		{ 0, 1000, 1001, 1,	0 },
		{ 1001, 1000, 1000, 1,	0 },
		{ 1001, 1000, 1001, 0,	0 },
		/* "no change" to setresuid(2) */
		{ 0, 0, NOBODY, 1,	0 },
		{ 0, 0, NOBODY, 0,	0 },
		{ NOBODY, 0, NOBODY, 0,	0 },
		{ NOBODY, 0, 1000, 1,	0 },
	};
	size_t	 i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ATF_CHECK_EQ_MSG(cases[i].may, perm_runas(cases[i].peer,
		    cases[i].daemon, cases[i].target, cases[i].named),
		    "peer %d of daemon %d as %d, named %d",
		    (int)cases[i].peer, (int)cases[i].daemon,
		    (int)cases[i].target, cases[i].named);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, check__apps);
	ATF_TP_ADD_TC(tp, check__daemon);
	ATF_TP_ADD_TC(tp, check__no_such_operation);
	ATF_TP_ADD_TC(tp, check__rules_decide);
	ATF_TP_ADD_TC(tp, connect__own_daemon_only);
	ATF_TP_ADD_TC(tp, runas__who);
	return (atf_no_error());
}

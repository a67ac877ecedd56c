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
 * Rules against another reading of them: what pm2d.conf(5) says, word for
 * word and from the first to the last, for every question of a small world.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <atf-c.h>

#include "conf.h"

#define ROOT	0
#define ALICE	1000
#define BOB	1001
#define WWW	33
#define STAFF	50
#define WHEEL	10

#define NODE	"/usr/bin/node"
#define SH	"/bin/sh"

/* Alice is of staff and wheel, bob of staff, www of nothing. */
static const gid_t	 alice_groups[] = { ALICE, STAFF, WHEEL };
static const gid_t	 bob_groups[] = { BOB, STAFF };
static const gid_t	 www_groups[] = { WWW };
static const struct rule_subject subjects[] = {
	{ ALICE, alice_groups, 3 },
	{ BOB, bob_groups, 2 },
	{ WWW, www_groups, 1 },
	{ ROOT, NULL, 0 }
};
#define NSUBJECTS	(sizeof(subjects) / sizeof(subjects[0]))

static const uid_t		 objects[] = { ROOT, ALICE, BOB, WWW };
static const char *const	 programs[] = { NULL, NODE, SH };
static const enum perm_op	 ops[] = {
	PERM_SEE, PERM_START, PERM_STOP, PERM_DOCTOR, PERM_KILL
};

static const struct {
	uint32_t	 kind;
	uint32_t	 id;
} whos[] = {
	{ WHO_ALL, 0 }, { WHO_USER, ALICE }, { WHO_USER, BOB },
	{ WHO_GROUP, STAFF }, { WHO_GROUP, WHEEL }
}, targets[] = {
	{ TARGET_SELF, 0 }, { TARGET_ANY, 0 }, { TARGET_USER, WWW },
	{ TARGET_USER, ROOT }
};
static const uint64_t	 verbs[] = {
	PERM_ALL, PERM_ALL & ~PERM_BIT(PERM_KILL), PERM_BIT(PERM_START),
	PERM_BIT(PERM_START) | PERM_BIT(PERM_STOP) | PERM_BIT(PERM_SEE),
	PERM_BIT(PERM_KILL)
};
static const char *const	 cmds[] = { "", NODE };

#define N(array)	(sizeof(array) / sizeof((array)[0]))
#define NRULES		(2 * N(whos) * N(targets) * N(verbs) * N(cmds))

/* The i-th of all rules of this world. */
static void
rule(struct conf_rule *r, size_t i)
{
	memset(r, 0, sizeof(*r));
	r->permit = i % 2;
	i /= 2;
	r->whokind = whos[i % N(whos)].kind;
	r->who = whos[i % N(whos)].id;
	i /= N(whos);
	r->targetkind = targets[i % N(targets)].kind;
	r->target = targets[i % N(targets)].id;
	i /= N(targets);
	r->verbs = verbs[i % N(verbs)];
	i /= N(verbs);
	strlcpy(r->cmd, cmds[i % N(cmds)], sizeof(r->cmd));
}

/* ---- the other reading ---- */

static int
is_in(const struct rule_subject *sub, gid_t gid)
{
	if (sub->uid == ALICE)
		return (gid == ALICE || gid == STAFF || gid == WHEEL);
	if (sub->uid == BOB)
		return (gid == BOB || gid == STAFF);
	return (sub->uid == gid);
}

static int
applies(const struct conf_rule *r, const struct rule_subject *sub,
    enum perm_op op, uid_t object, const char *program)
{
	int	 who, whose, what;

	who = r->whokind == WHO_ALL ||
	    (r->whokind == WHO_USER && r->who == sub->uid) ||
	    (r->whokind == WHO_GROUP && is_in(sub, r->who));
	if (op == PERM_DOCTOR || op == PERM_KILL)
		return (who && (r->verbs >> op & 1));
	if (r->permit)
		whose = (r->targetkind == TARGET_SELF && object == sub->uid) ||
		    (r->targetkind == TARGET_ANY && object != ROOT) ||
		    (r->targetkind == TARGET_USER && object == r->target);
	else
		whose = (r->targetkind == TARGET_SELF && object == sub->uid) ||
		    r->targetkind == TARGET_ANY ||
		    (r->targetkind == TARGET_USER && object == r->target);
	what = 1;
	if (r->cmd[0] != '\0') {
		if (op != PERM_START)
			what = r->permit;
		else if (program != NULL)
			what = strcmp(program, r->cmd) == 0;
		else
			what = !r->permit;
	}
	return (who && whose && what && (r->verbs >> op & 1));
}

static int
oracle(const struct conf *conf, const struct rule_subject *sub,
    enum perm_op op, uid_t object, const char *program, uint32_t *line)
{
	int	 permit = 0;
	size_t	 i;

	*line = 0;
	if (sub->uid == ROOT)
		return (1);
	for (i = 0; i < conf->nrules; i++) {
		if (applies(&conf->rules[i], sub, op, object, program)) {
			permit = conf->rules[i].permit == 1;
			*line = conf->rules[i].line;
		}
	}
	return (permit);
}

/* All questions; returns how many were permitted. */
static size_t
compare(const struct conf *conf, size_t a, size_t b)
{
	uint32_t	 line, want_line;
	size_t		 s, o, w, p, n, total = 0;
	int		 got, want;

	for (s = 0; s < NSUBJECTS; s++) {
		for (n = o = 0; o < N(ops); o++) {
			for (w = 0; w < N(objects); w++) {
				for (p = 0; p < N(programs); p++) {
					got = rules_check(conf, &subjects[s],
					    ops[o], objects[w], programs[p],
					    &line);
					want = oracle(conf, &subjects[s],
					    ops[o], objects[w], programs[p],
					    &want_line);
					n += (size_t)want;
					if (got == want && line == want_line)
						continue;
					atf_tc_fail("rules %zu, %zu: subject "
					    "%zu op %d object %u program %s: "
					    "%d (line %u), not %d (%u)", a, b,
					    s, ops[o], objects[w],
					    programs[p] ? programs[p] : "-",
					    got, line, want, want_line);
				}
			}
		}
		/* Who may do anything is let in. */
		if (n > 0 && !rules_known(conf, &subjects[s]))
			atf_tc_fail("rules %zu, %zu: subject %zu is not known",
			    a, b, s);
		total += n;
	}
	return (total);
}

ATF_TC_WITHOUT_HEAD(oracle__one_rule);
ATF_TC_BODY(oracle__one_rule, tc)
{
	struct conf_rule	 r;
	struct conf		 conf;
	size_t			 i;

	memset(&conf, 0, sizeof(conf));
	conf.rules = &r;
	conf.nrules = 1;
	for (i = 0; i < NRULES; i++) {
		rule(&r, i);
		r.line = 1;
		(void)compare(&conf, i, i);
	}
}

ATF_TC_WITHOUT_HEAD(oracle__two_and_three_rules);
ATF_TC_BODY(oracle__two_and_three_rules, tc)
{
	static struct conf_rule	 r[3];
	struct conf		 conf;
	size_t			 i, j, permitted = 0;
	uint32_t		 x = 1;

	memset(&conf, 0, sizeof(conf));
	conf.rules = r;
	for (i = 0; i < NRULES; i++) {
		rule(&r[0], i);
		r[0].line = 1;
		for (j = i % 7; j < NRULES; j += 7) {
			rule(&r[1], j);
			r[1].line = 2;
			x = x * 1664525 + 1013904223;
			rule(&r[2], (x >> 8) % NRULES);
			r[2].line = 3;
			conf.nrules = 2 + (x >> 31);
			permitted += compare(&conf, i, j);
		}
	}
	ATF_CHECK(permitted > 100000);
}

/* ---- by hand ---- */

ATF_TC_WITHOUT_HEAD(no_rules__only_root);
ATF_TC_BODY(no_rules__only_root, tc)
{
	struct conf	 conf;
	uint32_t	 line = 7;
	int		 op;

	memset(&conf, 0, sizeof(conf));
	for (op = 0; op < PERM_NOPS; op++) {
		ATF_CHECK(!rules_check(&conf, &subjects[0], op, ALICE, NODE,
		    &line));
		ATF_CHECK_EQ(0, line);
		ATF_CHECK(rules_check(&conf, &subjects[3], op, ALICE, NODE,
		    NULL));
	}
	ATF_CHECK(!rules_known(&conf, &subjects[0]));
	ATF_CHECK(rules_known(&conf, &subjects[3]));
}

ATF_TC_WITHOUT_HEAD(bad__numbers_are_denied);
ATF_TC_BODY(bad__numbers_are_denied, tc)
{
	struct rule_subject	 nobody = { (uid_t)-1, NULL, 0 };
	struct conf_rule	 r[2];
	struct conf		 conf;

	memset(&conf, 0, sizeof(conf));
	memset(r, 0, sizeof(r));
	r[0].permit = r[1].permit = 1;
	r[0].verbs = r[1].verbs = PERM_ALL;
	r[0].targetkind = TARGET_ANY;
	conf.rules = r;
	conf.nrules = 1;
	ATF_CHECK(rules_check(&conf, &subjects[0], PERM_STOP, BOB, NULL,
	    NULL));
	ATF_CHECK(!rules_check(&conf, &nobody, PERM_STOP, BOB, NULL, NULL));
	ATF_CHECK(!rules_known(&conf, &nobody));
	ATF_CHECK(!rules_check(&conf, &subjects[0], PERM_STOP, (uid_t)-1,
	    NULL, NULL));
	ATF_CHECK(!rules_check(&conf, &subjects[0], PERM_NOPS, BOB, NULL,
	    NULL));
	ATF_CHECK(!rules_check(&conf, &subjects[0], (enum perm_op)-1, BOB,
	    NULL, NULL));
	/* kinds that do not exist match nothing */
	r[0].targetkind = 77;
	ATF_CHECK(!rules_check(&conf, &subjects[0], PERM_STOP, BOB, NULL,
	    NULL));
	r[0].targetkind = TARGET_ANY;
	r[0].whokind = 77;
	ATF_CHECK(!rules_check(&conf, &subjects[0], PERM_STOP, BOB, NULL,
	    NULL));
}

ATF_TC_WITHOUT_HEAD(known__denied_later_is_not);
ATF_TC_BODY(known__denied_later_is_not, tc)
{
	struct conf_rule	 r[2];
	struct conf		 conf;

	memset(&conf, 0, sizeof(conf));
	memset(r, 0, sizeof(r));
	conf.rules = r;
	conf.nrules = 2;
	r[0].permit = 1;
	r[0].verbs = PERM_ALL & ~PERM_BIT(PERM_KILL);
	r[0].targetkind = TARGET_SELF;
	r[1].verbs = PERM_ALL;
	r[1].whokind = WHO_USER;
	r[1].who = BOB;
	r[1].targetkind = TARGET_ANY;
	ATF_CHECK(rules_known(&conf, &subjects[0]));
	ATF_CHECK(!rules_known(&conf, &subjects[1]));
	/* a rule of ports permits nobody to connect */
	r[0].port = r[0].port_last = 80;
	r[0].verbs = 0;
	ATF_CHECK(!rules_known(&conf, &subjects[0]));
}

ATF_TC_WITHOUT_HEAD(port__last_match);
ATF_TC_BODY(port__last_match, tc)
{
	struct conf_rule	 r[4];
	struct conf		 conf;
	uint32_t		 p;

	memset(&conf, 0, sizeof(conf));
	memset(r, 0, sizeof(r));
	conf.rules = r;
	conf.nrules = 4;
	r[0] = (struct conf_rule){ .permit = 1, .targetkind = TARGET_ANY,
	    .port = 20, .port_last = 100 };
	r[1] = (struct conf_rule){ .permit = 0, .targetkind = TARGET_USER,
	    .target = BOB, .port = 1, .port_last = 1023 };
	r[2] = (struct conf_rule){ .permit = 1, .targetkind = TARGET_USER,
	    .target = BOB, .port = 80, .port_last = 80 };
	/* no rule of ports */
	r[3] = (struct conf_rule){ .permit = 1, .targetkind = TARGET_ANY,
	    .verbs = PERM_ALL };
	for (p = 0; p <= 1023; p++) {
		ATF_CHECK_EQ(p >= 20 && p <= 100, rules_port(&conf, ALICE, p));
		ATF_CHECK_EQ(p == 80, rules_port(&conf, BOB, p));
		ATF_CHECK_EQ(p != 0, rules_port(&conf, ROOT, p));
		ATF_CHECK_EQ(0, rules_port(&conf, (uid_t)-1, p));
	}
	/* and rules of ports permit nothing else */
	conf.nrules = 3;
	ATF_CHECK(!rules_check(&conf, &subjects[0], PERM_START, ALICE, NULL,
	    NULL));
}

ATF_TC_WITHOUT_HEAD(limit__each_the_last);
ATF_TC_BODY(limit__each_the_last, tc)
{
	struct conf_limit	 l[4], out;
	struct conf		 conf;

	memset(&conf, 0, sizeof(conf));
	memset(l, 0, sizeof(l));
	rules_limit(&conf, &subjects[0], &out);
	ATF_CHECK_EQ(UINT32_MAX, out.apps);
	ATF_CHECK_EQ(UINT32_MAX, out.connections);
	ATF_CHECK_EQ(UINT64_MAX, out.memory);
	ATF_CHECK_EQ(UINT64_MAX, out.log);
	ATF_CHECK_EQ(0, out.set);
	conf.limits = l;
	conf.nlimits = 4;
	l[0] = (struct conf_limit){ .whokind = WHO_ALL, .apps = 10,
	    .connections = 4, .set = LIMIT_APPS | LIMIT_CONNS };
	l[1] = (struct conf_limit){ .whokind = WHO_GROUP, .who = WHEEL,
	    .apps = UINT32_MAX, .memory = 5, .set = LIMIT_APPS | LIMIT_MEMORY };
	l[2] = (struct conf_limit){ .whokind = WHO_USER, .who = BOB,
	    .apps = 0, .set = LIMIT_APPS };
	l[3] = (struct conf_limit){ .whokind = WHO_ALL, .log = 9,
	    .set = LIMIT_LOG };
	rules_limit(&conf, &subjects[0], &out);
	ATF_CHECK_EQ(UINT32_MAX, out.apps);
	ATF_CHECK_EQ(4, out.connections);
	ATF_CHECK_EQ(5, out.memory);
	ATF_CHECK_EQ(9, out.log);
	ATF_CHECK_EQ(ALICE, out.who);
	rules_limit(&conf, &subjects[1], &out);
	ATF_CHECK_EQ(0, out.apps);
	ATF_CHECK_EQ(4, out.connections);
	ATF_CHECK_EQ(UINT64_MAX, out.memory);
	rules_limit(&conf, &subjects[3], &out);
	ATF_CHECK_EQ(UINT32_MAX, out.apps);
	ATF_CHECK_EQ(0, out.set);
}

ATF_TC_WITHOUT_HEAD(verbs__every_operation_has_a_word);
ATF_TC_BODY(verbs__every_operation_has_a_word, tc)
{
	const char	*name;
	uint64_t	 bits, seen = 0;
	size_t		 i;
	int		 op;

	for (i = 0; (name = perm_verbname(i, &bits)) != NULL; i++) {
		ATF_CHECK_EQ_MSG(bits, perm_verb(name), "%s", name);
		ATF_CHECK_EQ_MSG(0, seen & bits, "%s", name);
		seen |= bits;
	}
	ATF_CHECK_EQ(PERM_ALL, seen);
	ATF_CHECK_EQ(0, perm_verb("all"));
	ATF_CHECK_EQ(0, perm_verb(""));
	ATF_CHECK_EQ(0, perm_verb("Start"));
	ATF_CHECK_EQ(perm_verb("list"), perm_verb("show"));
	for (op = 0; op < PERM_NOPS; op++)
		ATF_CHECK_EQ(PERM_BIT(op), perm_verb(perm_opname(op)));
	ATF_CHECK_STREQ("unknown", perm_opname(PERM_NOPS));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, oracle__one_rule);
	ATF_TP_ADD_TC(tp, oracle__two_and_three_rules);
	ATF_TP_ADD_TC(tp, no_rules__only_root);
	ATF_TP_ADD_TC(tp, bad__numbers_are_denied);
	ATF_TP_ADD_TC(tp, known__denied_later_is_not);
	ATF_TP_ADD_TC(tp, port__last_match);
	ATF_TP_ADD_TC(tp, limit__each_the_last);
	ATF_TP_ADD_TC(tp, verbs__every_operation_has_a_word);
	return (atf_no_error());
}

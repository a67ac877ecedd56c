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
 * The rules of pm2d.conf(5), applied.  Pure: numbers in, a number out.
 */

#include <sys/types.h>

#include <string.h>

#include "conf.h"

#define NOBODY		((uint32_t)-1)	/* "no change", to setresuid(2) */

static int	 who_matches(uint32_t, uint32_t, const struct rule_subject *);
static int	 target_matches(const struct conf_rule *, uint32_t, uint32_t);
static int	 cmd_matches(const struct conf_rule *, enum perm_op,
		    const char *);

static int
who_matches(uint32_t kind, uint32_t who, const struct rule_subject *sub)
{
	int	 i;

	switch (kind) {
	case WHO_ALL:
		return (1);
	case WHO_USER:
		return (sub->uid == who);
	case WHO_GROUP:
		for (i = 0; i < sub->ngroups; i++) {
			if (sub->groups[i] == who)
				return (1);
		}
		break;
	default:
		break;
	}
	return (0);
}

/*
 * Whoever permits "any" has not thought of root; whoever denies it has.
 */
static int
target_matches(const struct conf_rule *r, uint32_t caller, uint32_t object)
{
	switch (r->targetkind) {
	case TARGET_SELF:
		return (object == caller);
	case TARGET_ANY:
		return (object != 0 || !r->permit);
	case TARGET_USER:
		return (object == r->target);
	default:
		return (0);
	}
}

/*
 * A program bounds what may be started, and not what may be done to an app
 * that is there.  One that is not known is none that was permitted, and may
 * be the one that was denied.
 */
static int
cmd_matches(const struct conf_rule *r, enum perm_op op, const char *program)
{
	if (r->cmd[0] == '\0')
		return (1);
	if (op != PERM_START)
		return (r->permit != 0);
	if (program == NULL)
		return (!r->permit);
	return (strcmp(r->cmd, program) == 0);
}

int
rules_decide(const struct conf *conf, const struct rule_subject *sub,
    enum perm_op op, uid_t object, const char *program,
    const struct conf_rule **rulep)
{
	const struct conf_rule	*r;
	size_t			 i;

	if (rulep != NULL)
		*rulep = NULL;
	if ((unsigned int)op >= PERM_NOPS || sub->uid == NOBODY)
		return (0);
	if ((PERM_DAEMON & PERM_BIT(op)) == 0 && object == NOBODY)
		return (0);
	if (sub->uid == 0)
		return (1);
	for (i = conf->nrules; i-- > 0;) {
		r = &conf->rules[i];
		if (r->port != 0 || (r->verbs & PERM_BIT(op)) == 0 ||
		    !who_matches(r->whokind, r->who, sub))
			continue;
		/* The daemon is nobody's app. */
		if ((PERM_DAEMON & PERM_BIT(op)) == 0 &&
		    (!target_matches(r, sub->uid, object) ||
		    !cmd_matches(r, op, program)))
			continue;
		if (rulep != NULL)
			*rulep = r;
		return (r->permit != 0);
	}
	return (0);
}

int
rules_check(const struct conf *conf, const struct rule_subject *sub,
    enum perm_op op, uid_t object, const char *program, uint32_t *rule)
{
	const struct conf_rule	*r;
	int			 permit;

	permit = rules_decide(conf, sub, op, object, program, &r);
	if (rule != NULL)
		*rule = r != NULL ? r->line : 0;
	return (permit);
}

int
rules_port(const struct conf *conf, uid_t object, uint32_t port)
{
	const struct conf_rule	*r;
	size_t			 i;

	if (object == NOBODY || port == 0 || port > 65535)
		return (0);
	if (object == 0)
		return (1);
	for (i = conf->nrules; i-- > 0;) {
		r = &conf->rules[i];
		if (r->port == 0 || port < r->port || port > r->port_last)
			continue;
		if (r->targetkind != TARGET_SELF &&
		    target_matches(r, object, object))
			return (r->permit != 0);
	}
	return (0);
}

/*
 * From the last one on: a permission counts unless all of it is denied later,
 * to all that it could be about.
 */
int
rules_known(const struct conf *conf, const struct rule_subject *sub)
{
	const struct conf_rule	*r;
	uint64_t		 denied = 0;
	size_t			 i;

	if (sub->uid == NOBODY)
		return (0);
	if (sub->uid == 0)
		return (1);
	for (i = conf->nrules; i-- > 0;) {
		r = &conf->rules[i];
		if (r->port != 0 || !who_matches(r->whokind, r->who, sub))
			continue;
		if (r->permit) {
			if ((r->verbs & PERM_ALL & ~denied) != 0)
				return (1);
		} else if (r->targetkind == TARGET_ANY && r->cmd[0] == '\0')
			denied |= r->verbs;
		else
			denied |= r->verbs & PERM_DAEMON;
	}
	return (0);
}

void
rules_limit(const struct conf *conf, const struct rule_subject *sub,
    struct conf_limit *out)
{
	const struct conf_limit	*l;
	size_t			 i;

	memset(out, 0, sizeof(*out));
	out->whokind = WHO_USER;
	out->who = sub->uid;
	out->apps = out->connections = UINT32_MAX;
	out->memory = out->log = UINT64_MAX;
	if (sub->uid == 0)
		return;
	for (i = 0; i < conf->nlimits; i++) {
		l = &conf->limits[i];
		if (!who_matches(l->whokind, l->who, sub))
			continue;
		if (l->set & LIMIT_APPS)
			out->apps = l->apps;
		if (l->set & LIMIT_CONNS)
			out->connections = l->connections;
		if (l->set & LIMIT_MEMORY)
			out->memory = l->memory;
		if (l->set & LIMIT_LOG)
			out->log = l->log;
		out->set |= l->set;
	}
}

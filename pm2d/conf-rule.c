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
 * permit and deny.
 */

#include <sys/types.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf-local.h"

#define PORT_MAX	1023	/* those above are everybody's */

struct who {
	uint32_t	 kind;
	uint32_t	 id;
};

struct rule {
	int		 permit;
	uint32_t	 line;
	uint64_t	 verbs;
	struct who	 who[LIST_MAX];
	size_t		 nwho;
	struct who	 target[LIST_MAX];
	size_t		 ntarget;
	char		 cmd[PATH_MAX];
};

static int	 rule_parse(struct parse *, int);
static int	 rule_body(struct parse *, struct rule *);
static int	 is_verbs(struct parse *, const struct list *);
static int	 verbs(struct parse *, const struct list *, struct rule *);
static int	 whom(struct parse *, const struct list *, struct rule *);
static int	 target(struct parse *, struct rule *, int);
static int	 program(struct parse *, struct rule *);
static int	 emit(struct parse *, const struct rule *, uint32_t, uint32_t);
static int	 ports(struct parse *, struct rule *);

int
conf_permit(struct parse *p)
{
	return (rule_parse(p, 1));
}

int
conf_deny(struct parse *p)
{
	return (rule_parse(p, 0));
}

static int
rule_parse(struct parse *p, int permit)
{
	struct rule	*r;
	int		 error;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (parse_error(p, "out of memory"));
	r->permit = permit;
	r->line = parse_line(p);
	if (parse_take(p, "port"))
		error = ports(p, r);
	else
		error = rule_body(p, r);
	free(r);
	return (error);
}

/* [verbs] who [as target] [cmd program] */
static int
rule_body(struct parse *p, struct rule *r)
{
	struct list	*l;
	int		 error = 0;

	if ((l = parse_list(p, "a user, :group or all")) == NULL)
		return (-1);
	r->verbs = r->permit ? PERM_ALL & ~PERM_BIT(PERM_KILL) : PERM_ALL;
	if (is_verbs(p, l)) {
		error = verbs(p, l, r);
		list_free(l);
		if (error == -1)
			return (-1);
		if ((l = parse_list(p, "a user, :group or all")) == NULL)
			return (-1);
	}
	if (whom(p, l, r) == -1)
		error = -1;
	list_free(l);
	if (parse_take(p, "as")) {
		if (target(p, r, 1) == -1)
			return (-1);
	} else {
		r->target[0].kind = r->permit ? TARGET_SELF : TARGET_ANY;
		r->ntarget = 1;
	}
	if (parse_take(p, "cmd") && program(p, r) == -1)
		return (-1);
	if (parse_eol(p) == -1)
		return (-1);
	/* What is wrong has been said, and the line is read to its end. */
	if (error == -1 || r->nwho == 0 || r->ntarget == 0)
		return (0);
	return (emit(p, r, 0, 0));
}

/*
 * A word of pm2ctl's is never a user's name here; "all" is the words when
 * somebody comes after it.
 */
static int
is_verbs(struct parse *p, const struct list *l)
{
	size_t	 i;

	for (i = 0; i < l->n; i++) {
		if (!l->item[i].quoted && perm_verb(l->item[i].text) != 0)
			return (1);
	}
	if (l->n != 1 || l->item[0].quoted ||
	    strcmp(l->item[0].text, "all") != 0)
		return (0);
	return (p->token == LEX_OPEN || (parse_istext(p) &&
	    !parse_is(p, "as") && !parse_is(p, "cmd")));
}

static int
verbs(struct parse *p, const struct list *l, struct rule *r)
{
	const char	*text;
	uint64_t	 bits, all;
	size_t		 i;
	int		 error = 0;

	all = r->verbs;
	r->verbs = 0;
	for (i = 0; i < l->n; i++) {
		text = l->item[i].text;
		if (!l->item[i].quoted && strcmp(text, "all") == 0)
			r->verbs |= all;
		else if ((bits = perm_verb(text)) != 0)
			r->verbs |= bits;
		else
			error = parse_errorat(p, l->item[i].line, "'%.64s' is "
			    "no command that a rule can name", text);
	}
	/* Who may do something to an app may know that it is there. */
	if (r->permit && (r->verbs & ~PERM_DAEMON) != 0)
		r->verbs |= PERM_BIT(PERM_SEE);
	return (error);
}

static int
whom(struct parse *p, const struct list *l, struct rule *r)
{
	const char	*text;
	struct who	*w;
	size_t		 i;
	int		 error = 0;

	for (i = 0; i < l->n; i++) {
		text = l->item[i].text;
		w = &r->who[r->nwho];
		if (text[0] == ':') {
			w->kind = WHO_GROUP;
			if (parse_group(p, text + 1, l->item[i].line,
			    &w->id) == -1) {
				error = -1;
				continue;
			}
		} else if (!l->item[i].quoted && strcmp(text, "all") == 0) {
			w->kind = WHO_ALL;
			w->id = 0;
		} else if (!l->item[i].quoted && conf_reserved(text)) {
			error = parse_errorat(p, l->item[i].line, "'%s' is a "
			    "word of the language: a user of this name is "
			    "written in quotes", text);
			continue;
		} else {
			w->kind = WHO_USER;
			if (parse_user(p, text, l->item[i].line,
			    &w->id) == -1) {
				error = -1;
				continue;
			}
			if (w->id == 0)
				parse_warn(p, l->item[i].line, "root needs no "
				    "permission, and cannot be denied any");
		}
		r->nwho++;
	}
	return (error);
}

/* After "as". */
static int
target(struct parse *p, struct rule *r, int self)
{
	const char	*text;
	struct list	*l;
	struct who	*w;
	size_t		 i;

	if ((l = parse_list(p, self ? "self, any or a user" :
	    "any or a user")) == NULL)
		return (-1);
	for (i = 0; i < l->n; i++) {
		text = l->item[i].text;
		w = &r->target[r->ntarget];
		w->id = 0;
		if (!l->item[i].quoted && self && strcmp(text, "self") == 0)
			w->kind = TARGET_SELF;
		else if (!l->item[i].quoted && strcmp(text, "any") == 0)
			w->kind = TARGET_ANY;
		else if (!l->item[i].quoted && conf_reserved(text)) {
			(void)parse_errorat(p, l->item[i].line, "'%s' is a "
			    "word of the language: a user of this name is "
			    "written in quotes", text);
			continue;
		} else {
			w->kind = TARGET_USER;
			if (parse_user(p, text, l->item[i].line,
			    &w->id) == -1)
				continue;
			/* Root is never meant by another name. */
			if (r->permit && w->id == 0 &&
			    strcmp(text, "root") != 0) {
				(void)parse_errorat(p, l->item[i].line,
				    "user %.64s is root: write 'as root' if "
				    "that is meant", text);
				continue;
			}
		}
		r->ntarget++;
	}
	/* One that is wrong has been said; the rule is not made of the rest. */
	if (r->ntarget < l->n)
		r->ntarget = 0;
	list_free(l);
	return (0);
}

static int
program(struct parse *p, struct rule *r)
{
	if ((r->verbs & PERM_BIT(PERM_START)) == 0)
		return (parse_error(p, "cmd is about start, which is not among "
		    "the words of this rule"));
	if (!r->permit && r->verbs != PERM_BIT(PERM_START))
		return (parse_error(p, "cmd denies a program to be started: "
		    "write 'deny start'"));
	return (parse_path(p, r->cmd, sizeof(r->cmd), "a program"));
}

/* A record for each caller and each target, in the order of the file. */
static int
emit(struct parse *p, const struct rule *r, uint32_t first, uint32_t last)
{
	struct conf		*conf = p->conf;
	struct conf_rule	*cr;
	size_t			 i, j;

	for (i = 0; i < r->nwho; i++) {
		for (j = 0; j < r->ntarget; j++) {
			cr = parse_grow(p, (void **)&conf->rules,
			    &conf->nrules, sizeof(*cr), CONF_MAXRULES,
			    "rules");
			if (cr == NULL) {
				p->giveup = 1;
				return (-1);
			}
			cr->permit = (uint32_t)r->permit;
			cr->whokind = r->who[i].kind;
			cr->who = r->who[i].id;
			cr->targetkind = r->target[j].kind;
			cr->target = r->target[j].id;
			cr->line = r->line;
			cr->file = p->src->index;
			cr->verbs = r->verbs;
			cr->port = first;
			cr->port_last = last;
			(void)strlcpy(cr->cmd, r->cmd, sizeof(cr->cmd));
		}
	}
	return (0);
}

/* ---- ports ---- */

static int
port_number(struct parse *p, const char *text, uint32_t line, uint32_t *port)
{
	const char	*why;

	*port = (uint32_t)strtonum(text, 1, 65535, &why);
	if (why != NULL)
		return (parse_errorat(p, line, "'%.64s' is no port", text));
	if (*port > PORT_MAX)
		return (parse_errorat(p, line, "port %u: ports from %d on "
		    "need no permission", *port, PORT_MAX + 1));
	return (0);
}

/* "80" or "80-443"; "80 - 443" is for the caller, who knows what follows. */
static int
port_range(struct parse *p, const char *text, uint32_t line,
    uint32_t range[2])
{
	char	*copy, *dash;
	int	 error;

	if ((copy = strdup(text)) == NULL)
		return (parse_error(p, "out of memory"));
	if ((dash = strchr(copy, '-')) != NULL)
		*dash++ = '\0';
	error = port_number(p, copy, line, &range[0]);
	range[1] = range[0];
	if (error == 0 && dash != NULL)
		error = port_number(p, dash, line, &range[1]);
	if (error == 0 && range[1] < range[0])
		error = parse_errorat(p, line, "ports %u-%u: the first one is "
		    "the higher one", range[0], range[1]);
	free(copy);
	return (error);
}

/* port 80 as www; port { 80 443 } as www; port 80 - 90 as { a b } */
static int
ports(struct parse *p, struct rule *r)
{
	uint32_t	 range[LIST_MAX][2];
	struct list	*l;
	size_t		 i, n = 0;
	int		 error = 0;

	if ((l = parse_list(p, "a port")) == NULL)
		return (-1);
	for (i = 0; i < l->n; i++) {
		if (port_range(p, l->item[i].text, l->item[i].line,
		    range[n]) == -1)
			error = -1;
		else
			n++;
	}
	i = l->n;
	list_free(l);
	if (i == 1 && parse_take(p, "-")) {
		if (!parse_istext(p))
			return (parse_error(p, "%s where a port is to be",
			    parse_found(p)));
		if (n == 1 && (port_number(p, parse_text(p), parse_line(p),
		    &range[0][1]) == -1 ||
		    (range[0][1] < range[0][0] &&
		    parse_error(p, "ports %u-%u: the first one is the higher "
		    "one", range[0][0], range[0][1]) == -1)))
			error = -1;
		parse_next(p);
	}
	if (parse_want(p, "as") == -1 || target(p, r, 0) == -1 ||
	    parse_eol(p) == -1)
		return (-1);
	if (error == -1 || r->ntarget == 0)
		return (0);
	r->verbs = 0;
	r->nwho = 1;		/* all */
	for (i = 0; i < n; i++) {
		if (emit(p, r, range[i][0], range[i][1]) == -1)
			return (-1);
	}
	return (0);
}

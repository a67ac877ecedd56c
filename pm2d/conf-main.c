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
 * The statements of pm2d.conf(5) that are no rules.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <arpa/inet.h>

#include <netinet/in.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf-local.h"
#include "units.h"

static int	 number(struct parse *, const char *, uint32_t, uint32_t,
		    uint32_t *);
static int	 size(struct parse *, const char *, uint64_t *);

static int
number(struct parse *p, const char *what, uint32_t min, uint32_t max,
    uint32_t *n)
{
	const char	*why;

	if (!parse_istext(p))
		return (parse_error(p, "%s where %s is to be", parse_found(p),
		    what));
	*n = (uint32_t)strtonum(parse_text(p), min, max, &why);
	if (why != NULL)
		return (parse_error(p, "%s: %s is a number from %u to %u",
		    parse_found(p), what, min, max));
	parse_next(p);
	return (0);
}

static int
size(struct parse *p, const char *what, uint64_t *n)
{
	const char	*why;

	if (!parse_istext(p))
		return (parse_error(p, "%s where %s is to be", parse_found(p),
		    what));
	if (units_size(parse_text(p), n, &why) == -1)
		return (parse_error(p, "%s %s", parse_found(p), why));
	if (*n == 0 || *n == UINT64_MAX)
		return (parse_error(p, "%s is no sensible size",
		    parse_found(p)));
	parse_next(p);
	return (0);
}

/* listen on "/path" [group name] [mode 0660] */
int
conf_listen(struct parse *p)
{
	struct conf_begin	*cb = &p->conf->begin;
	unsigned long		 mode;
	char			*end;

	if (parse_once(p, ONCE_LISTEN, "listen") == -1 ||
	    parse_want(p, "on") == -1 ||
	    parse_path(p, cb->socket, sizeof(cb->socket),
	    "the path of a socket") == -1)
		return (-1);
	for (;;) {
		if (parse_take(p, "group")) {
			if (!parse_istext(p))
				return (parse_error(p, "%s where a group is "
				    "to be", parse_found(p)));
			(void)parse_group(p, parse_text(p), parse_line(p),
			    &cb->socket_gid);
			parse_next(p);
		} else if (parse_take(p, "mode")) {
			mode = 0;
			if (parse_istext(p))
				mode = strtoul(parse_text(p), &end, 8);
			if (!parse_istext(p) || *end != '\0' ||
			    strspn(parse_text(p), "01234567") !=
			    strlen(parse_text(p)) || mode > 0777)
				return (parse_error(p, "%s where a mode like "
				    "0660 is to be", parse_found(p)));
			if ((mode & 0600) != 0600 || (mode & 0111) != 0)
				return (parse_error(p, "mode %s: root reads "
				    "and writes the socket, and nobody "
				    "executes it", parse_text(p)));
			cb->socket_mode = (uint32_t)mode;
			parse_next(p);
		} else
			return (parse_eol(p));
	}
}

/* state directory "/path" */
int
conf_state(struct parse *p)
{
	struct conf_begin	*cb = &p->conf->begin;

	if (parse_once(p, ONCE_STATE, "state directory") == -1 ||
	    parse_want(p, "directory") == -1 ||
	    parse_path(p, cb->statedir, sizeof(cb->statedir),
	    "a directory") == -1)
		return (-1);
	return (parse_eol(p));
}

/* log directory "/path" | log limit 1G */
int
conf_log(struct parse *p)
{
	struct conf_begin	*cb = &p->conf->begin;

	if (parse_take(p, "directory")) {
		if (parse_once(p, ONCE_LOGDIR, "log directory") == -1 ||
		    parse_path(p, cb->logdir, sizeof(cb->logdir),
		    "a directory") == -1)
			return (-1);
	} else if (parse_take(p, "limit")) {
		if (parse_once(p, ONCE_LOGLIMIT, "log limit") == -1 ||
		    size(p, "a size like 1G", &cb->logbudget) == -1)
			return (-1);
	} else
		return (parse_error(p, "%s where 'directory' or 'limit' is to "
		    "be", parse_found(p)));
	return (parse_eol(p));
}

/* web listen on address port number */
int
conf_web(struct parse *p)
{
	struct conf_begin	*cb = &p->conf->begin;
	struct in6_addr		 addr;

	if (parse_once(p, ONCE_WEB, "web") == -1 ||
	    parse_want(p, "listen") == -1 || parse_want(p, "on") == -1)
		return (-1);
	if (!parse_istext(p))
		return (parse_error(p, "%s where an address is to be",
		    parse_found(p)));
	if (inet_pton(AF_INET, parse_text(p), &addr) != 1 &&
	    inet_pton(AF_INET6, parse_text(p), &addr) != 1)
		return (parse_error(p, "%s is no numeric address, like "
		    "127.0.0.1 or ::1", parse_found(p)));
	(void)strlcpy(cb->webaddr, parse_text(p), sizeof(cb->webaddr));
	parse_next(p);
	if (parse_want(p, "port") == -1 ||
	    number(p, "a port", 1, 65535, &cb->webport) == -1)
		return (-1);
	return (parse_eol(p));
}

/* resurrect { www alice } */
int
conf_resurrect(struct parse *p)
{
	struct conf		*conf = p->conf;
	struct conf_boot	*b;
	struct list		*l;
	uint32_t		 uid;
	size_t			 i, j;

	if ((l = parse_list(p, "a user")) == NULL)
		return (-1);
	for (i = 0; i < l->n; i++) {
		if (parse_user(p, l->item[i].text, l->item[i].line,
		    &uid) == -1)
			continue;
		for (j = 0; j < conf->nboot; j++) {
			if (conf->boot[j].uid == uid)
				break;
		}
		if (j < conf->nboot) {
			parse_warn(p, l->item[i].line, "%.64s is in the list "
			    "already", l->item[i].text);
			continue;
		}
		b = parse_grow(p, (void **)&conf->boot, &conf->nboot,
		    sizeof(*b), CONF_MAXBOOT, "users to resurrect");
		if (b == NULL)
			break;
		b->uid = uid;
		(void)strlcpy(b->name, l->item[i].text, sizeof(b->name));
	}
	list_free(l);
	return (parse_eol(p));
}

/* ---- limit ---- */

static int	 limit_word(struct parse *, struct conf_limit *);
static int	 limit_whom(struct parse *, struct conf_limit *);

/* limit [all | user name | group name] { apps 50 ... }, or without braces */
int
conf_limits(struct parse *p)
{
	struct conf		*conf = p->conf;
	struct conf_limit	*l, limit;
	uint32_t		 line = 0;
	int			 block, error;

	memset(&limit, 0, sizeof(limit));
	limit.apps = limit.connections = UINT32_MAX;
	limit.memory = limit.log = UINT64_MAX;
	if ((error = limit_whom(p, &limit)) == -1)
		return (-1);
	block = p->token == LEX_OPEN;
	if (block && parse_open(p, &line) == -1)
		return (-1);
	do {
		if (limit_word(p, &limit) == -1)
			return (-1);
		if (p->token == LEX_COMMA)
			parse_next(p);
		if (block && parse_newlines(p, line) == -1)
			return (-1);
	} while (block ? p->token != LEX_CLOSE : p->token != LEX_NEWLINE &&
	    p->token != LEX_EOF);
	if (block)
		parse_close(p);
	if (parse_eol(p) == -1)
		return (-1);
	if (error != 0)
		return (0);
	l = parse_grow(p, (void **)&conf->limits, &conf->nlimits, sizeof(*l),
	    CONF_MAXLIMITS, "limits");
	if (l == NULL)
		return (-1);
	*l = limit;
	return (0);
}

/* 0; -1: the line is of no use; 1: it is, but there is no such user. */
static int
limit_whom(struct parse *p, struct conf_limit *limit)
{
	int	 error = 0;

	limit->whokind = WHO_ALL;
	if (parse_take(p, "all"))
		return (0);
	if (parse_take(p, "user"))
		limit->whokind = WHO_USER;
	else if (parse_take(p, "group"))
		limit->whokind = WHO_GROUP;
	else
		return (0);
	if (!parse_istext(p))
		return (parse_error(p, "%s where a %s is to be",
		    parse_found(p), limit->whokind == WHO_USER ? "user" :
		    "group"));
	if (limit->whokind == WHO_USER)
		error = parse_user(p, parse_text(p), parse_line(p),
		    &limit->who);
	else
		error = parse_group(p, parse_text(p), parse_line(p),
		    &limit->who);
	if (error == 0 && limit->whokind == WHO_USER && limit->who == 0)
		parse_warn(p, parse_line(p), "root has no limits");
	parse_next(p);
	return (error == -1);
}

/* One of the four and how much; each once. */
static int
limit_word(struct parse *p, struct conf_limit *l)
{
	static const struct {
		const char	*word;
		uint32_t	 bit;
	} words[] = {
		{ "apps",	 LIMIT_APPS },
		{ "connections", LIMIT_CONNS },
		{ "log",	 LIMIT_LOG },
		{ "memory",	 LIMIT_MEMORY }
	};
	size_t	 i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (parse_is(p, words[i].word))
			break;
	}
	if (i == sizeof(words) / sizeof(words[0]))
		return (parse_error(p, "%s where 'apps', 'connections', "
		    "'memory' or 'log' is to be", parse_found(p)));
	if (l->set & words[i].bit)
		return (parse_error(p, "%s twice in one limit",
		    parse_found(p)));
	parse_next(p);
	l->set |= words[i].bit;
	if (parse_take(p, "unlimited"))
		return (0);
	switch (words[i].bit) {
	case LIMIT_APPS:
		return (number(p, "a number of apps", 0, 1000000, &l->apps));
	case LIMIT_CONNS:
		return (number(p, "a number of connections", 1, 1000000,
		    &l->connections));
	case LIMIT_LOG:
		return (size(p, "a size like 500M", &l->log));
	default:
		return (size(p, "a size like 2G", &l->memory));
	}
}

/* ---- include ---- */

/* What is relative begins at the directory of the file that says it. */
int
conf_include(struct parse *p)
{
	const char	*from, *name, *slash;
	char		 path[PATH_MAX], why[256], *text;
	size_t		 len, dir;
	uint32_t	 line = parse_line(p);
	struct source	*s;
	enum lex_token	 token;

	if (!parse_istext(p))
		return (parse_error(p, "%s where the name of a file is to be",
		    parse_found(p)));
	name = parse_text(p);
	from = p->conf->files[p->src->index];
	slash = strrchr(from, '/');
	dir = *name == '/' || slash == NULL ? 0 : (size_t)(slash - from) + 1;
	if (*name == '\0' || dir + strlen(name) >= sizeof(path))
		return (parse_error(p, "%s is no name of a file",
		    parse_found(p)));
	memcpy(path, from, dir);
	(void)strlcpy(path + dir, name, sizeof(path) - dir);
	parse_next(p);
	if (parse_eol(p) == -1)
		return (-1);
	for (s = p->src; s != NULL; s = s->up) {
		if (strcmp(p->conf->files[s->index], path) == 0) {
			(void)parse_errorat(p, line, "%.400s includes itself",
			    path);
			return (0);
		}
	}
	if (p->src->depth + 1 > CONF_MAXDEPTH) {
		(void)parse_errorat(p, line, "more than %d includes in one "
		    "another", CONF_MAXDEPTH);
		return (0);
	}
	if (p->ops->include(p->arg, path, &text, &len, why,
	    sizeof(why)) == -1) {
		(void)parse_errorat(p, line, "include \"%.200s\": %s", path,
		    why);
		return (0);
	}
	/* The token at hand is this file's. */
	token = p->token;
	(void)parse_file(p, path, text, len);
	p->token = token;
	free(text);
	return (0);
}

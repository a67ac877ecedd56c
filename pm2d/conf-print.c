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
 * pm2d.conf(5) in its own words: what is read from this is the same.
 */

#include <sys/types.h>

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"

static const char	*name_user(uint32_t);
static const char	*name_group(uint32_t);
static void		 put_string(FILE *, const char *);
static void		 put_name(FILE *, const char *, const char *);
static void		 put_size(FILE *, uint64_t);
static void		 put_begin(FILE *, const struct conf_begin *,
			    const struct conf_names *);
static void		 put_verbs(FILE *, const struct conf_rule *);
static void		 put_rule(FILE *, const struct conf_rule *,
			    const struct conf_names *);
static void		 put_limit(FILE *, const struct conf_limit *,
			    const struct conf_names *);

static const char *
name_user(uint32_t uid)
{
	const struct passwd	*pw = getpwuid(uid);

	return (pw != NULL ? pw->pw_name : NULL);
}

static const char *
name_group(uint32_t gid)
{
	const struct group	*gr = getgrgid(gid);

	return (gr != NULL ? gr->gr_name : NULL);
}

int
conf_print(const struct conf *conf, char **text, size_t *len)
{
	static const struct conf_names	 names = { name_user, name_group };

	return (conf_printnames(conf, &names, text, len));
}

int
conf_printnames(const struct conf *conf, const struct conf_names *names,
    char **text, size_t *len)
{
	FILE	*fp;
	size_t	 i;

	if ((fp = open_memstream(text, len)) == NULL)
		return (-1);
	put_begin(fp, &conf->begin, names);
	for (i = 0; i < conf->nboot; i++) {
		fprintf(fp, "resurrect ");
		put_name(fp, "", conf->boot[i].name);
		fprintf(fp, "\n");
	}
	for (i = 0; i < conf->nlimits; i++)
		put_limit(fp, &conf->limits[i], names);
	for (i = 0; i < conf->nrules; i++)
		put_rule(fp, &conf->rules[i], names);
	i = (size_t)ferror(fp);
	if (fclose(fp) == EOF || i != 0) {
		free(*text);
		return (-1);
	}
	return (0);
}

static void
put_string(FILE *fp, const char *s)
{
	fputc('"', fp);
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			fputc('\\', fp);
		fputc(*s, fp);
	}
	fputc('"', fp);
}

/* In quotes when it would mean something without. */
static void
put_name(FILE *fp, const char *before, const char *name)
{
	fputs(before, fp);
	if (name == NULL)
		fputs("?", fp);		/* gone since the file was read */
	else if (*before == '\0' && (conf_reserved(name) ||
	    perm_verb(name) != 0 || strspn(name, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != strlen(name)))
		put_string(fp, name);
	else
		fputs(name, fp);
}

static void
put_size(FILE *fp, uint64_t n)
{
	static const struct {
		uint64_t	 n;
		char		 c;
	} units[] = {
		{ 1024 * 1024 * 1024, 'G' }, { 1024 * 1024, 'M' },
		{ 1024, 'K' }
	};
	size_t	 i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (n % units[i].n == 0) {
			fprintf(fp, "%llu%c",
			    (unsigned long long)(n / units[i].n), units[i].c);
			return;
		}
	}
	fprintf(fp, "%llu", (unsigned long long)n);
}

static void
put_begin(FILE *fp, const struct conf_begin *cb,
    const struct conf_names *names)
{
	fprintf(fp, "listen on ");
	put_string(fp, cb->socket);
	if (cb->socket_gid != UINT32_MAX) {
		fprintf(fp, " group ");
		put_name(fp, "", names->group(cb->socket_gid));
	}
	fprintf(fp, " mode %04o\nstate directory ", cb->socket_mode);
	put_string(fp, cb->statedir);
	fprintf(fp, "\nlog directory ");
	put_string(fp, cb->logdir);
	fprintf(fp, "\n");
	if (cb->logbudget != 0) {
		fprintf(fp, "log limit ");
		put_size(fp, cb->logbudget);
		fprintf(fp, "\n");
	}
	if (cb->webport != 0)
		fprintf(fp, "web listen on %s port %u\n", cb->webaddr,
		    cb->webport);
}

/* What "all" is; what another word brings with it is not written. */
static void
put_verbs(FILE *fp, const struct conf_rule *r)
{
	const char	*name, *sep = "{ ";
	uint64_t	 bits, all, todo = r->verbs;
	size_t		 i;
	int		 braces;

	all = r->permit ? PERM_ALL & ~PERM_BIT(PERM_KILL) : PERM_ALL;
	if ((todo & all) == all) {
		if (todo == all) {
			fprintf(fp, " all");
			return;
		}
		fprintf(fp, " { all");
		todo &= ~all;
		sep = " ";
	} else {
		if (r->permit && (todo & ~PERM_DAEMON &
		    ~PERM_BIT(PERM_SEE)) != 0)
			todo &= ~PERM_BIT(PERM_SEE);
		fprintf(fp, " ");
		if ((todo & (todo - 1)) == 0)
			sep = "";
	}
	braces = *sep != '\0';
	for (i = 0; (name = perm_verbname(i, &bits)) != NULL; i++) {
		if ((todo & bits) == 0)
			continue;
		fprintf(fp, "%s%s", sep, name);
		sep = " ";
	}
	if (braces)
		fprintf(fp, " }");
}

static void
put_target(FILE *fp, const struct conf_rule *r,
    const struct conf_names *names)
{
	fprintf(fp, " as ");
	if (r->targetkind == TARGET_SELF)
		fprintf(fp, "self");
	else if (r->targetkind == TARGET_ANY)
		fprintf(fp, "any");
	else if (r->target == 0)
		fprintf(fp, "root");
	else
		put_name(fp, "", names->user(r->target));
}

static void
put_rule(FILE *fp, const struct conf_rule *r, const struct conf_names *names)
{
	fprintf(fp, "%s", r->permit ? "permit" : "deny");
	if (r->port != 0) {
		fprintf(fp, " port %u", r->port);
		if (r->port_last != r->port)
			fprintf(fp, " - %u", r->port_last);
		put_target(fp, r, names);
		fprintf(fp, "\n");
		return;
	}
	put_verbs(fp, r);
	if (r->whokind == WHO_ALL)
		fprintf(fp, " all");
	else if (r->whokind == WHO_GROUP) {
		fputc(' ', fp);
		put_name(fp, ":", names->group(r->who));
	} else {
		fputc(' ', fp);
		put_name(fp, "", names->user(r->who));
	}
	put_target(fp, r, names);
	if (r->cmd[0] != '\0') {
		fprintf(fp, " cmd ");
		put_string(fp, r->cmd);
	}
	fprintf(fp, "\n");
}

static void
put_limit(FILE *fp, const struct conf_limit *l,
    const struct conf_names *names)
{
	fprintf(fp, "limit ");
	if (l->whokind == WHO_ALL)
		fprintf(fp, "all {");
	else if (l->whokind == WHO_USER) {
		fprintf(fp, "user ");
		put_name(fp, "", names->user(l->who));
		fprintf(fp, " {");
	} else {
		fprintf(fp, "group ");
		put_name(fp, "", names->group(l->who));
		fprintf(fp, " {");
	}
	if (l->set & LIMIT_APPS) {
		if (l->apps == UINT32_MAX)
			fprintf(fp, " apps unlimited");
		else
			fprintf(fp, " apps %u", l->apps);
	}
	if (l->set & LIMIT_CONNS) {
		if (l->connections == UINT32_MAX)
			fprintf(fp, " connections unlimited");
		else
			fprintf(fp, " connections %u", l->connections);
	}
	if (l->set & LIMIT_MEMORY) {
		fprintf(fp, " memory ");
		if (l->memory == UINT64_MAX)
			fprintf(fp, "unlimited");
		else
			put_size(fp, l->memory);
	}
	if (l->set & LIMIT_LOG) {
		fprintf(fp, " log ");
		if (l->log == UINT64_MAX)
			fprintf(fp, "unlimited");
		else
			put_size(fp, l->log);
	}
	fprintf(fp, " }\n");
}

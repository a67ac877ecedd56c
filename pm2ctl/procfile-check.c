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
 * Apps of a process file as they will be: can each be started, do their
 * names differ, does none wait for itself?
 */
#include <sys/types.h>

#include <ctype.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "procfile.h"
#include "resolve.h"

/* ---- one app ---- */

/*
 * Sentences begin with the key ("cwd is...") or the option ("--listen: ...")
 * that they are about: that is where to look.
 */
static const struct pf_node *
culprit(const struct pf_app *app, const char *sentence)
{
	const struct pf_key	*k;
	char			 word[64];
	size_t			 i;

	if (strncmp(sentence, "--", 2) == 0)
		sentence += 2;
	for (i = 0; i < sizeof(word) - 1 && (isalpha((unsigned char)
	    *sentence) || *sentence == '_' || *sentence == '-'); i++)
		word[i] = *sentence == '-' ? '_' :
		    (char)tolower((unsigned char)*sentence), sentence++;
	word[i] = '\0';
	if (strcmp(word, "instance") == 0)
		(void)strlcpy(word, "instances", sizeof(word));
	if ((k = pf_key_find(word)) == NULL)
		return (NULL);
	return (app->seen[k - pf_keys]);
}

/* Nobody has typed "--listen: " here. */
static const char *
without_option(const char *sentence)
{
	const char	*colon;

	if (strncmp(sentence, "--", 2) != 0 ||
	    (colon = strstr(sentence, ": ")) == NULL ||
	    (size_t)(colon - sentence) != strcspn(sentence, ": "))
		return (sentence);
	return (colon + 2);
}

static void
not_found(struct pf_app *app, const struct target *t)
{
	const struct pf_node	*n;

	n = app->seen[pf_key_find("script") - pf_keys];
	if (strchr(app->d->script, ' ') != NULL)
		pf_complain(app, n, "script not found : %s (its arguments go "
		    "into \"args\")", t->script);
	else
		pf_complain(app, n, "script not found : %s", t->script);
}

/* Something is wrong with it that has been told; or it is not known. */
static int
is_told(const struct pf_app *app, const struct pf_node *n)
{
	const struct pf_problem	*p;
	size_t			 i;

	if (n == NULL)
		return (1);
	for (i = 0; i < app->pf->nproblems; i++) {
		p = &app->pf->problems[i];
		if (p->error && p->mark.line == n->mark.line &&
		    (p->mark.column == n->mark.column ||
		    p->mark.column == n->keymark.column))
			return (1);
	}
	return (0);
}

static void
check_mode(struct pf_app *app, const struct mode *m)
{
	if (m->warning[0] != '\0')
		pf_warn(app, app->seen[pf_key_find("instances") - pf_keys],
		    "%s", m->warning);
	else if (app->cluster && !m->cluster)
		pf_warn(app, app->seen[pf_key_find("exec_mode") - pf_keys],
		    "it runs in fork mode: only Node scripts can be in "
		    "cluster mode");
}

void
pf_check_app(struct pf_app *app, const struct ctl *ctl)
{
	struct target	 t;
	struct mode	 m;
	struct spec_buf	 spec;
	char		 why[1024];
	int		 n;

	if (app->error && app->d->script == NULL)
		return;
	if ((n = declared_target(&t, &m, app->d, ctl, why,
	    sizeof(why))) == RESOLVE_NOTFOUND)
		not_found(app, &t);
	else if (n == -1 || spec_declared(&spec, app->d, ctl, why,
	    sizeof(why)) == -1) {
		/* It may be for the want of what was wrong before. */
		if (app->error && (strncmp(why, "--", 2) == 0 ||
		    is_told(app, culprit(app, why))))
			return;
		pf_complain(app, culprit(app, why), "%s", without_option(why));
	} else {
		spec_buf_free(&spec);
		if (!app->error)
			check_mode(app, &m);
	}
}

/* ---- keys that are there twice ---- */

/* The path of a child: "apps[1].env.A". */
static void
child_path(char *buf, size_t size, const char *path, const struct pf_node *c,
    size_t i)
{
	if (c->key != NULL)
		(void)snprintf(buf, size, "%s%s%s", path,
		    *path != '\0' ? "." : "", c->key);
	else
		(void)snprintf(buf, size, "%s[%zu]", *path != '\0' ? path :
		    "apps", i);
}

void
pf_check_twice(struct procfile *pf, const struct pf_node *n,
    const char *path)
{
	const struct pf_node	*c;
	size_t			 i;
	char			 below[256];

	for (i = 0, c = n->child; c != NULL; c = c->next, i++) {
		if (!c->stale && c->child == NULL)
			continue;
		child_path(below, sizeof(below), path, c, i);
		if (c->stale)
			pf_problem(pf, 0, c->keymark, below, "this key is "
			    "there again further down, which is what counts");
		else
			pf_check_twice(pf, c, below);
	}
}

/* ---- all of them ---- */

static int
byname(const void *a, const void *b)
{
	const struct declared *const	*x = a, *const *y = b;
	int				 n;

	if ((n = strcmp((*x)->name, (*y)->name)) != 0)
		return (n);
	return (*x < *y ? -1 : *x > *y);
}

/* Those that have names, by name.  NULL: none. */
static struct declared **
sorted(struct procfile *pf, size_t *n)
{
	struct declared	**all;
	size_t		  i;

	*n = 0;
	if ((all = calloc(pf->napps + 1, sizeof(*all))) == NULL)
		err(1, NULL);
	for (i = 0; i < pf->napps; i++)
		if (pf->apps[i].name != NULL)
			all[(*n)++] = &pf->apps[i];
	qsort(all, *n, sizeof(*all), byname);
	return (all);
}

void
pf_check_names(struct procfile *pf)
{
	struct declared	**all;
	size_t		  i, n;

	all = sorted(pf, &n);
	for (i = 1; i < n; i++) {
		if (strcmp(all[i]->name, all[i - 1]->name) != 0)
			continue;
		if (all[i - 1]->mark.line != 0)
			pf_problem(pf, 1, all[i]->mark, NULL, "two apps are "
			    "called %s, the other one in line %u: expected "
			    "different names", all[i]->name,
			    all[i - 1]->mark.line);
		else
			pf_problem(pf, 1, all[i]->mark, NULL, "two apps are "
			    "called %s: expected different names",
			    all[i]->name);
	}
	free(all);
}

/* On the way along what an app waits for. */
struct step {
	struct declared	*d;
	size_t		 next;
};

struct search {
	struct procfile	 *pf;
	struct declared	**all;		/* by name */
	size_t		  n;
	const char	**names;	/* of those not chosen, too; sorted */
	size_t		  nnames;
	struct step	 *path;
	unsigned char	 *state;	/* by place in pf->apps */
};

#define NEW	0
#define OPEN	1	/* it is being looked what it waits for */
#define DONE	2

/* A name and what is depended upon, "name:ready". */
static int
depend_cmp(const char *depend, const char *name)
{
	size_t	 len = strcspn(depend, ":");
	int	 n;

	if ((n = strncmp(depend, name, len)) != 0)
		return (n);
	return (name[len] == '\0' ? 0 : -1);
}

static int
depend_app(const void *depend, const void *app)
{
	return (depend_cmp(depend, (*(struct declared *const *)app)->name));
}

static int
depend_name(const void *depend, const void *name)
{
	return (depend_cmp(depend, *(const char *const *)name));
}

static struct declared *
lookup(const struct search *s, const char *depend)
{
	struct declared	**found;

	found = bsearch(depend, s->all, s->n, sizeof(*s->all), depend_app);
	return (found != NULL ? *found : NULL);
}

static int
is_known(const struct search *s, const char *depend)
{
	return (bsearch(depend, s->names, s->nnames, sizeof(*s->names),
	    depend_name) != NULL);
}

/*
 * From this app along what it waits for, without recursion: files may have
 * thousands of apps in a row.
 */
static void
follow(struct search *s, struct declared *from)
{
	struct step	*path = s->path, *top;
	struct declared	*to;
	size_t		 depth;

	path[0].d = from;
	path[0].next = 0;
	s->state[from - s->pf->apps] = OPEN;
	for (depth = 1; depth > 0;) {
		top = &path[depth - 1];
		if (top->next == top->d->depends.n) {
			s->state[top->d - s->pf->apps] = DONE;
			depth--;
			continue;
		}
		to = lookup(s, top->d->depends.v[top->next++]);
		if (to == NULL)
			continue;
		if (s->state[to - s->pf->apps] == OPEN) {
			if (to == top->d)
				pf_problem(s->pf, 1, to->mark, NULL, "%s "
				    "depends on itself", to->name);
			else
				pf_problem(s->pf, 1, to->mark, NULL, "%s and "
				    "%s depend on each other", to->name,
				    top->d->name);
		} else if (s->state[to - s->pf->apps] == NEW) {
			s->state[to - s->pf->apps] = OPEN;
			path[depth].d = to;
			path[depth++].next = 0;
		}
	}
}

static int
bytext(const void *a, const void *b)
{
	return (strcmp(*(const char *const *)a, *(const char *const *)b));
}

static void
search_begin(struct search *s, struct procfile *pf,
    const struct strlist *names)
{
	size_t	 i;

	s->pf = pf;
	s->all = sorted(pf, &s->n);
	s->nnames = names->n;
	s->names = calloc(names->n + 1, sizeof(*s->names));
	s->path = calloc(pf->napps + 1, sizeof(*s->path));
	s->state = calloc(pf->napps + 1, 1);
	if (s->names == NULL || s->path == NULL || s->state == NULL)
		err(1, NULL);
	for (i = 0; i < names->n; i++)
		s->names[i] = names->v[i];
	qsort(s->names, s->nnames, sizeof(*s->names), bytext);
}

static void
search_end(struct search *s)
{
	free(s->all);
	free(s->names);
	free(s->path);
	free(s->state);
}

void
pf_check_depends(struct procfile *pf, const struct strlist *names)
{
	struct search	 s;
	struct declared	*d;
	size_t		 i, j;

	search_begin(&s, pf, names);
	for (i = 0; i < pf->napps; i++) {
		d = &pf->apps[i];
		if (s.state[i] == NEW && d->name != NULL)
			follow(&s, d);
		for (j = 0; j < d->depends.n; j++)
			if (lookup(&s, d->depends.v[j]) == NULL &&
			    !is_known(&s, d->depends.v[j]))
				pf_problem(pf, 0, d->mark, NULL, "%s depends "
				    "on %s, which is not in this file", d->name
				    != NULL ? d->name : "an app",
				    d->depends.v[j]);
	}
	search_end(&s);
}

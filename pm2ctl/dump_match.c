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
 * Ten thousand apps of a dump and as many of a list: who is who, and with
 * whom, by sorting.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dump.h"

int
dump_mine(const struct client *client, const struct app_view *v)
{
	return (client->uid != 0 || v->info.fix.owner == geteuid());
}

/* ---- those that are together ---- */

static int
together_cmp(const struct dumped *a, const struct dumped *b)
{
	int	 n;

	if (a->how != b->how)
		return (a->how < b->how ? -1 : 1);
	if (a->how == DUMP_BY_FIRST)
		return (a->first < b->first ? -1 : a->first > b->first);
	if ((n = strcmp(a->name, b->name)) != 0)
		return (n);
	return (strcmp(a->script, b->script));
}

/* Those of one team in a row, in the order of the dump. */
static int
team_cmp(const void *p, const void *q)
{
	const struct dumped	*a = *(const struct dumped *const *)p;
	const struct dumped	*b = *(const struct dumped *const *)q;
	int			 n;

	if ((n = together_cmp(a, b)) != 0)
		return (n);
	return (a < b ? -1 : a > b);
}

/* So many of them are one. */
static void
make_team(const struct dump *dump, struct dumped **sorted, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++) {
		sorted[i]->team = (size_t)(sorted[0] - dump->apps);
		if (sorted[i]->how == DUMP_BY_NAME)
			sorted[i]->instance = (uint32_t)i;
	}
}

int
dump_teams(struct dump *dump)
{
	struct dumped	**sorted;
	size_t		  i, n, len;

	if ((sorted = calloc(dump->n + 1, sizeof(*sorted))) == NULL)
		return (-1);
	for (n = 0, i = 0; i < dump->n; i++) {
		dump->apps[i].team = i;
		if (dump->apps[i].how != DUMP_ALONE &&
		    dump->apps[i].spec.len > 0)
			sorted[n++] = &dump->apps[i];
	}
	qsort(sorted, n, sizeof(*sorted), team_cmp);
	for (i = 0; i < n; i += len) {
		for (len = 1; i + len < n; len++)
			if (together_cmp(sorted[i], sorted[i + len]) != 0)
				break;
		make_team(dump, sorted + i, len);
	}
	free(sorted);
	return (0);
}

/* ---- those that are there ---- */

/* What is compared, of an app of either. */
struct who {
	const char		*name;
	const char		*script;
	uint32_t		 instance;
	struct dumped		*d;		/* of the dump; or... */
	const struct app_view	*v;		/* ...of the list */
};

static int
who_cmp(const void *p, const void *q)
{
	const struct who	*a = p, *b = q;
	int			 n;

	if ((n = strcmp(a->name, b->name)) != 0 ||
	    (n = strcmp(a->script, b->script)) != 0)
		return (n);
	return (a->instance < b->instance ? -1 : a->instance > b->instance);
}

static int
order_cmp(const void *p, const void *q)
{
	const struct who	*a = p, *b = q;
	int			 n;

	if ((n = who_cmp(a, b)) != 0)
		return (n);
	if (a->d != b->d)
		return (a->d < b->d ? -1 : 1);
	return (a->v < b->v ? -1 : a->v > b->v);
}

static struct who
who_dumped(struct dumped *d)
{
	struct who	 w = { d->name, d->script, d->instance, d, NULL };

	return (w);
}

static struct who
who_listed(const struct app_view *v)
{
	struct who	 w = { v->info.name, v->info.script,
			    v->info.fix.instance, NULL, v };

	return (w);
}

static void
take(struct dumped *d, const struct app_view *v)
{
	d->known = 1;
	d->newid = v->info.fix.id;
	d->newfirst = v->info.fix.first;
}

static int
id_cmp(const void *key, const void *p)
{
	uint32_t	 id = *(const uint32_t *)key;
	uint32_t	 other = ((const struct app_view *)p)->info.fix.id;

	return (id < other ? -1 : id > other);
}

/* First of all those that have the same id, too. */
static void
match_ids(struct dump *dump, const struct app_list *list,
    const struct client *client, char *taken)
{
	const struct app_view	*v;
	struct dumped		*d;
	struct who		 a, b;
	size_t			 i;

	for (i = 0; i < dump->n; i++) {
		d = &dump->apps[i];
		if (d->id == APP_ID_ALL || list->n == 0 ||
		    (v = bsearch(&d->id, list->apps, list->n,
		    sizeof(*v), id_cmp)) == NULL ||
		    taken[v - list->apps] || !dump_mine(client, v))
			continue;
		a = who_dumped(d);
		b = who_listed(v);
		if (who_cmp(&a, &b) == 0) {
			taken[v - list->apps] = 1;
			take(d, v);
		}
	}
}

/* The others of both side by side, each but once. */
static void
match_rest(struct dump *dump, const struct app_list *list,
    const struct client *client, const char *taken, struct who *have)
{
	struct who	*want = have + list->n;
	size_t		 i, j, nhave, nwant;
	int		 n;

	for (nhave = 0, i = 0; i < list->n; i++)
		if (!taken[i] && dump_mine(client, &list->apps[i]))
			have[nhave++] = who_listed(&list->apps[i]);
	for (nwant = 0, i = 0; i < dump->n; i++)
		if (!dump->apps[i].known)
			want[nwant++] = who_dumped(&dump->apps[i]);
	qsort(have, nhave, sizeof(*have), order_cmp);
	qsort(want, nwant, sizeof(*want), order_cmp);
	for (i = j = 0; i < nwant && j < nhave;) {
		if ((n = who_cmp(&want[i], &have[j])) == 0)
			take(want[i++].d, have[j++].v);
		else if (n < 0)
			i++;
		else
			j++;
	}
}

int
dump_match(struct dump *dump, const struct app_list *list,
    const struct client *client)
{
	struct who	*both;
	char		*taken;
	int		 error = -1;

	taken = calloc(list->n + 1, 1);
	both = calloc(list->n + dump->n + 1, sizeof(*both));
	if (taken != NULL && both != NULL) {
		match_ids(dump, list, client, taken);
		match_rest(dump, list, client, taken, both);
		error = 0;
	}
	free(taken);
	free(both);
	return (error);
}

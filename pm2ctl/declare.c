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
 * Process files compared with what pm2d has.
 */
#include <sys/types.h>

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "declare.h"

int
plan_add(struct selection *sel, uint32_t id)
{
	uint32_t	*ids;
	size_t		 cap;

	if (sel->n == sel->cap) {
		cap = sel->cap == 0 ? 16 : sel->cap * 2;
		ids = reallocarray(sel->ids, cap, sizeof(*ids));
		if (ids == NULL) {
			say_error("%s", strerror(errno));
			return (-1);
		}
		sel->ids = ids;
		sel->cap = cap;
	}
	sel->ids[sel->n++] = id;
	return (0);
}

const char *
plan_instances(size_t n, char *buf, size_t size)
{
	(void)snprintf(buf, size, "%zu instance%s", n, n == 1 ? "" : "s");
	return (buf);
}

int
dry_list(struct ctl *ctl, uint32_t flags, struct app_list *list)
{
	if (ctl->client.fd == -1)
		return (0);
	return (client_list(&ctl->client, APP_ID_ALL, flags, list));
}

/* ---- reading ---- */

static int
read_app(struct plan *p, struct plan_app *a, const struct declared *d)
{
	char	 err[1024];

	a->declared = d;
	a->name = d->name;
	if ((a->spec = calloc(1, sizeof(*a->spec))) == NULL) {
		say_error("%s", strerror(errno));
		return (-1);
	}
	if (spec_declared(&a->buf, d, p->ctl, err, sizeof(err)) == -1 ||
	    spec_parse(a->spec, a->buf.data, a->buf.len, err,
	    sizeof(err)) == -1) {
		say_error("%s: %s: %s", p->file.path, d->name, err);
		return (-1);
	}
	return (0);
}

int
plan_read(struct plan *p, struct ctl *ctl, const char *path)
{
	const struct options	*opt;
	size_t			 i;
	int			 error;

	opt = ctl->opt;
	p->ctl = ctl;
	error = procfile_read(&p->file, ctl, path, opt->env_name, opt->only_);
	procfile_say(&p->file);
	if (error == -1)
		return (-1);
	p->apps = calloc(p->file.napps + 1, sizeof(*p->apps));
	if (p->apps == NULL) {
		say_error("%s", strerror(errno));
		return (-1);
	}
	p->n = p->file.napps;
	for (i = 0; i < p->n; i++)
		if (read_app(p, &p->apps[i], &p->file.apps[i]) == -1)
			return (-1);
	p->ready = 1;
	return (0);
}

static void
free_app(struct plan_app *a)
{
	spec_buf_free(&a->buf);
	free(a->spec);
	select_free(&a->members);
	select_free(&a->resting);
	select_free(&a->firsts);
	select_free(&a->drop);
	select_free(&a->restart);
	select_free(&a->reload);
	specdiff_free(&a->diff);
}

void
plan_free(struct plan *p)
{
	size_t	 i;

	for (i = 0; i < p->n; i++)
		free_app(&p->apps[i]);
	free(p->apps);
	select_free(&p->gone);
	if (p->file.path != NULL)
		procfile_free(&p->file);
	memset(p, 0, sizeof(*p));
}

/* ---- comparing ---- */

/*
 * Whose is a declared app?  The caller's; or it belongs to the user as whom
 * it is to run, where there is one for all users.
 */
static int
is_owner(const struct ctl_appinfo *info, const char *user)
{
	struct passwd	*pw;

	if (info->fix.owner == geteuid())
		return (1);
	return (user != NULL && (pw = getpwnam(user)) != NULL &&
	    info->fix.owner == pw->pw_uid);
}

/* A job is at rest when it is to run no more, not between its runs. */
static int
is_resting(const struct app_view *v)
{
	if (v->spec != NULL && v->spec->count[SPEC_SCHEDULE] > 0)
		return (!v->info.fix.wanted);
	return (v->info.fix.state == APP_STOPPED ||
	    v->info.fix.state == APP_ERRORED);
}

static int
find_members(struct plan *p, struct plan_app *a)
{
	const struct app_view	*v, *w;
	size_t			 i, j;

	for (i = 0; i < p->list->n; i++) {
		v = &p->list->apps[i];
		if (strcmp(v->info.name, a->name) != 0 ||
		    !is_owner(&v->info, a->spec->str[SPEC_USER]))
			continue;
		for (j = 0; j < a->firsts.n; j++) {
			w = app_list_find(p->list, a->firsts.ids[j]);
			if (w->info.fix.first == v->info.fix.first)
				break;
		}
		if (plan_add(&a->members, v->info.fix.id) == -1 ||
		    (j == a->firsts.n &&
		    plan_add(&a->firsts, v->info.fix.id) == -1) ||
		    (is_resting(v) &&
		    plan_add(&a->resting, v->info.fix.id) == -1))
			return (-1);
	}
	return (0);
}

/* The highest number goes first; among equals the youngest. */
static int
by_number(const void *x, const void *y)
{
	const struct ctl_appfix *const	*a = x, *const *b = y;

	if ((*a)->instance != (*b)->instance)
		return ((*a)->instance > (*b)->instance ? -1 : 1);
	return ((*a)->id > (*b)->id ? -1 : 1);
}

static int
choose_drops(struct plan *p, struct plan_app *a, size_t n)
{
	const struct ctl_appfix	**all;
	size_t			  i;
	int			  error;

	if ((all = calloc(a->members.n, sizeof(*all))) == NULL) {
		say_error("%s", strerror(errno));
		return (-1);
	}
	for (i = 0; i < a->members.n; i++)
		all[i] = &app_list_find(p->list, a->members.ids[i])->info.fix;
	qsort(all, a->members.n, sizeof(*all), by_number);
	for (error = 0, i = 0; error == 0 && i < n; i++)
		error = plan_add(&a->drop, all[i]->id);
	free(all);
	return (error);
}

/* Who never said how many there are to be leaves that to scale. */
static int
match_instances(struct plan *p, struct plan_app *a, const struct spec *old)
{
	char	 have[24], want[24];
	size_t	 n;

	n = (size_t)a->spec->num[SPEC_INSTANCES];
	if ((a->spec->count[SPEC_INSTANCES] == 0 &&
	    old->count[SPEC_INSTANCES] == 0) || n == a->members.n)
		return (0);
	(void)snprintf(have, sizeof(have), "%zu", a->members.n);
	(void)snprintf(want, sizeof(want), "%zu", n);
	specdiff_add(&a->diff, SPEC_INSTANCES, spec_keyname(SPEC_INSTANCES),
	    have, want);
	if (n > a->members.n) {
		a->add = (uint32_t)(n - a->members.n);
		return (0);
	}
	return (choose_drops(p, a, a->members.n - n));
}

static int
same_string(const char *a, const char *b)
{
	return (a == b || (a != NULL && b != NULL && strcmp(a, b) == 0));
}

/* All that were started together have one spec. */
static int
match_app(struct plan *p, struct plan_app *a)
{
	const struct app_view	*v;
	size_t			 i;
	int			 flags;

	if (find_members(p, a) == -1)
		return (-1);
	flags = p->ctl->opt->update_env ? SPECDIFF_SHELL : 0;
	for (i = 0; i < a->firsts.n; i++) {
		v = app_list_find(p->list, a->firsts.ids[i]);
		if (v->spec == NULL) {
			say_error("App %s (%u): pm2d does not tell what it "
			    "was started with", a->name, v->info.fix.id);
			return (-1);
		}
		if (i == 0 && match_instances(p, a, v->spec) == -1)
			return (-1);
		if (!a->differs) {
			specdiff_make(&a->diff, v->spec, a->spec, flags);
			a->differs = a->diff.n > (a->add + a->drop.n > 0);
		}
		if (!same_string(v->spec->str[SPEC_SOURCE],
		    a->spec->str[SPEC_SOURCE]) ||
		    !same_string(v->spec->str[SPEC_SOURCE_ENV],
		    a->spec->str[SPEC_SOURCE_ENV]))
			a->moved = 1;
	}
	return (0);
}

/* With --only it cannot be known. */
static int
find_gone(struct plan *p)
{
	const struct app_view	*v;
	const char		*source;
	size_t			 i, j;

	if (p->n == 0 || p->ctl->opt->only_ != NULL ||
	    (source = p->file.apps[0].source) == NULL)
		return (0);
	for (i = 0; i < p->list->n; i++) {
		v = &p->list->apps[i];
		if (strcmp(v->info.source, source) != 0)
			continue;
		for (j = 0; j < p->n; j++)
			if (strcmp(p->apps[j].name, v->info.name) == 0)
				break;
		if (j == p->n && plan_add(&p->gone, v->info.fix.id) == -1)
			return (-1);
	}
	return (0);
}

int
plan_match(struct plan *p, const struct app_list *list)
{
	size_t	 i;

	p->list = list;
	for (i = 0; i < p->n; i++)
		if (match_app(p, &p->apps[i]) == -1)
			return (-1);
	return (find_gone(p));
}

/* ---- names only ---- */

static int
find_named(const struct declared *d, const struct app_list *list,
    struct selection *sel)
{
	size_t	 i;

	for (i = 0; i < list->n; i++)
		if (strcmp(list->apps[i].info.name, d->name) == 0 &&
		    is_owner(&list->apps[i].info, d->opt.user) &&
		    plan_add(sel, list->apps[i].info.fix.id) == -1)
			return (-1);
	return (0);
}

/*
 * What cannot be started can be stopped, as long as it is known what it is
 * called.  Of those without a name nothing is done, and it is no success.
 */
static int
all_named(const struct procfile *file)
{
	size_t	 i;

	for (i = 0; i < file->napps; i++)
		if (file->apps[i].name == NULL)
			return (0);
	return (file->napps > 0 && file->nmissing == 0);
}

int
declared_each(struct ctl *ctl, const char *path, const struct app_list *list,
    declared_fn *fn, void *arg)
{
	struct procfile		 file = { 0 };
	struct selection	 sel = { 0 };
	size_t			 i;
	int			 bad, error;

	bad = procfile_read(&file, ctl, path, ctl->opt->env_name,
	    ctl->opt->only_) == -1 && !all_named(&file);
	if (bad)
		procfile_say(&file);
	error = 0;
	for (i = 0; error == 0 && i < file.napps; i++) {
		if (file.apps[i].name == NULL)
			continue;
		error = find_named(&file.apps[i], list, &sel);
		if (error == 0)
			error = fn(arg, file.apps[i].name, &sel);
		select_free(&sel);
	}
	procfile_free(&file);
	return (bad ? -1 : error);
}

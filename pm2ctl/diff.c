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
 * diff: what a process file declares against what pm2d has.
 */
#include <sys/types.h>

#include <stdlib.h>
#include <string.h>

#include "declare.h"
#include "output_cmd.h"
#include "output_json.h"

#define DIFF_SAME	0
#define DIFF_DIFFERENT	1
#define DIFF_TROUBLE	2

static void
put_side(struct outbuf *ob, const struct output_style *style, int new,
    const char *name, const char *value)
{
	ob_sgr(ob, style, new ? "32" : "31");
	ob_str(ob, new ? "+ " : "- ");
	ob_vis(ob, name);
	if (value != NULL) {
		ob_str(ob, ": ");
		ob_vis(ob, value);
	}
	ob_sgr(ob, style, "39");
	ob_char(ob, '\n');
}

static void
put_app(struct outbuf *ob, const struct output_style *style,
    const struct plan_app *a)
{
	const struct specdiff_item	*it;
	char				 n[32];
	size_t				 i;

	if (a->members.n == 0) {
		(void)plan_instances((size_t)a->spec->num[SPEC_INSTANCES], n,
		    sizeof(n));
		put_side(ob, style, 1, a->name, n);
		return;
	}
	if (a->diff.n == 0)
		return;
	ob_str(ob, "  ");
	ob_vis(ob, a->name);
	ob_char(ob, '\n');
	for (i = 0; i < a->diff.n; i++) {
		it = &a->diff.items[i];
		if (it->old != NULL) {
			ob_str(ob, "    ");
			put_side(ob, style, 0, it->name, it->old);
		}
		if (it->new != NULL) {
			ob_str(ob, "    ");
			put_side(ob, style, 1, it->name, it->new);
		}
	}
}

static void
put_text(const struct plan *p, struct outbuf *ob)
{
	struct output_style	 style;
	const struct app_view	*v;
	char			 id[48];
	size_t			 i;

	output_style(&style, stdout);
	for (i = 0; i < p->n; i++)
		put_app(ob, &style, &p->apps[i]);
	for (i = 0; i < p->gone.n; i++) {
		v = app_list_find(p->list, p->gone.ids[i]);
		(void)snprintf(id, sizeof(id), "id %u, declared no more",
		    v->info.fix.id);
		put_side(ob, &style, 0, v->info.name, id);
	}
}

/* ---- JSON ---- */

static json_t *
text_or_null(const char *s)
{
	return (s == NULL ? json_null() : json_text(s));
}

static json_t *
json_changes(const struct specdiff *sd)
{
	json_t	*list, *one;
	size_t	 i;

	list = json_array();
	for (i = 0; i < sd->n; i++) {
		one = json_object();
		json_put(one, "key", json_text(sd->items[i].name));
		json_put(one, "running", text_or_null(sd->items[i].old));
		json_put(one, "declared", text_or_null(sd->items[i].new));
		(void)json_array_append_new(list, one);
	}
	return (list);
}

static void
json_one(json_t *list, const char *name, const char *state,
    const struct specdiff *changes)
{
	json_t	*one;

	one = json_object();
	json_put(one, "name", json_text(name));
	json_put(one, "state", json_text(state));
	if (changes != NULL)
		json_put(one, "changes", json_changes(changes));
	(void)json_array_append_new(list, one);
}

/* All apps, each once. */
static void
put_json(const struct plan *p, struct outbuf *ob)
{
	const struct plan_app	*a;
	const char		*name, *last;
	json_t			*list;
	size_t			 i;

	list = json_array();
	for (i = 0; i < p->n; i++) {
		a = &p->apps[i];
		json_one(list, a->name, a->members.n == 0 ? "new" :
		    a->diff.n > 0 ? "changed" : "same",
		    a->members.n > 0 && a->diff.n > 0 ? &a->diff : NULL);
	}
	for (last = NULL, i = 0; i < p->gone.n; i++) {
		name = app_list_find(p->list, p->gone.ids[i])->info.name;
		if (last == NULL || strcmp(last, name) != 0)
			json_one(list, name, "gone", NULL);
		last = name;
	}
	ob_jsonvalue(ob, list);
	ob_char(ob, '\n');
	json_decref(list);
}

/* ---- the command ---- */

static int
is_different(const struct plan *p)
{
	size_t	 i;

	for (i = 0; i < p->n; i++)
		if (p->apps[i].members.n == 0 || p->apps[i].diff.n > 0)
			return (1);
	return (p->gone.n > 0);
}

int
cmd_diff(struct ctl *ctl, int argc, char **argv)
{
	struct app_list	 list = { 0 };
	struct outbuf	 ob = { 0 };
	struct plan	 p = { 0 };
	int		 rc;

	if (argc > 1) {
		say_error("diff takes one file");
		return (DIFF_TROUBLE);
	}
	custom_load(ctl->home, 0);
	rc = DIFF_TROUBLE;
	if (plan_read(&p, ctl, argv[0]) == 0 &&
	    dry_list(ctl, CTL_LIST_SPEC, &list) == 0 &&
	    plan_match(&p, &list) == 0) {
		rc = is_different(&p) ? DIFF_DIFFERENT : DIFF_SAME;
		if (ctl->opt->json)
			put_json(&p, &ob);
		else
			put_text(&p, &ob);
		if (output_finish(&ob, stdout) != 0)
			rc = DIFF_TROUBLE;
	}
	plan_free(&p);
	app_list_free(&list);
	return (rc);
}

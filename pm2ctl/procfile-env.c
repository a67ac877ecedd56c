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
 * Keys of an app that are variables: env and its like, and secrets.
 */
#include <sys/types.h>

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "procfile.h"
#include "procfile-keys.h"

#define ENV_MAX		4096	/* variables of an app */

/* Put "name=value" in, in place of one of that name. */
static void
set_variable(struct pf_app *app, const struct pf_node *n,
    struct strlist *list, const char *name, const char *value)
{
	char	*entry;
	size_t	 i, len;

	if (app->full)
		return;
	len = strlen(name);
	if (len == 0 || strchr(name, '=') != NULL) {
		pf_complain(app, n, "this cannot be the name of a variable");
		return;
	}
	if (asprintf(&entry, "%s=%s", name, value) == -1)
		err(1, NULL);
	for (i = 0; i < list->n; i++)
		if (strncmp(list->v[i], entry, len + 1) == 0)
			break;
	if (i < list->n) {
		free(list->v[i]);
		list->v[i] = entry;
		return;
	}
	if (list->n == ENV_MAX) {
		pf_complain(app, n, "more than %d variables", ENV_MAX);
		app->full = 1;
	} else
		pf_listadd(list, entry);
	free(entry);
}

void
key_variable(struct pf_app *app, const struct pf_node *n)
{
	const char	*text;

	if ((text = pf_scalar(n)) != NULL)
		set_variable(app, n, &app->d->env, n->key, text);
}

/* What is no scalar is given as JSON, as pm2 does it. */
static void
env_member(struct pf_app *app, const struct pf_node *n, struct strlist *list)
{
	struct outbuf	 ob = { 0 };
	const char	*text;

	if ((text = pf_scalar(n)) != NULL) {
		set_variable(app, n, list, n->key, text);
	} else if (n->type != PF_NULL) {
		pf_print(&ob, n);
		set_variable(app, n, list, n->key, ob_text(&ob));
		ob_free(&ob);
	}
}

/* [ "NAME=value" ], as start -w writes it. */
static void
env_list(struct pf_app *app, const struct pf_node *n, struct strlist *list)
{
	const struct pf_node	*c;
	char			*name;
	size_t			 len;

	app->within = n->key;
	for (c = n->child; c != NULL; c = c->next) {
		if (c->type != PF_STRING || strchr(c->text, '=') == NULL) {
			pf_complain(app, c, "expected \"NAME=value\"");
			continue;
		}
		len = strcspn(c->text, "=");
		if ((name = strndup(c->text, len)) == NULL)
			err(1, NULL);
		set_variable(app, c, list, name, c->text + len + 1);
		free(name);
	}
	app->within = NULL;
}

static void
env_object(struct pf_app *app, const struct pf_node *n, struct strlist *list)
{
	const struct pf_node	*c;

	if (n->type == PF_ARRAY) {
		env_list(app, n, list);
		return;
	}
	if (n->type != PF_OBJECT) {
		pf_complain(app, n, "expected an object of variables, found "
		    "%s", pf_typename(n));
		return;
	}
	app->within = n->key;
	for (c = n->child; c != NULL; c = c->next) {
		if (!c->stale)
			env_member(app, c, list);
	}
	app->within = NULL;
}

void
key_env(struct pf_app *app, const struct pf_key *k, const struct pf_node *n)
{
	(void)k;
	if (n->type != PF_NULL)
		env_object(app, n, &app->d->env);
}

/* One that was not chosen is looked at as well, and forgotten. */
void
key_env_named(struct pf_app *app, const struct pf_node *n)
{
	struct strlist	 unused = { NULL, 0 };
	int		 chosen;

	chosen = app->env != NULL && strcmp(n->key + 4, app->env) == 0;
	app->env_seen |= chosen;
	if (n->type == PF_NULL)
		return;
	env_object(app, n, chosen ? &app->d->env : &unused);
	strlist_free(&unused);
}

/* NAME: "value" or NAME: {"file": "path"} */
void
key_secret(struct pf_app *app, const struct pf_key *k,
    const struct pf_node *n)
{
	const struct pf_node	*c, *file;
	const char		*text;

	(void)k;
	if (n->type != PF_OBJECT) {
		pf_complain(app, n, "expected an object, NAME: \"value\" or "
		    "NAME: {\"file\": \"path\"}, found %s", pf_typename(n));
		return;
	}
	app->within = n->key;
	for (c = n->child; c != NULL; c = c->next) {
		file = pf_get(c, "file");
		if (c->stale)
			continue;
		if ((text = pf_scalar(c)) != NULL)
			set_variable(app, c, &app->d->secrets, c->key, text);
		else if (file != NULL && file->type == PF_STRING &&
		    *file->text != '\0')
			set_variable(app, c, &app->d->secret_files, c->key,
			    file->text);
		else
			pf_complain(app, c, "expected a string, or "
			    "{\"file\": \"path\"}");
	}
	app->within = NULL;
}

/* NAME: "path", or [ "NAME=path" ] */
void
key_secret_file(struct pf_app *app, const struct pf_key *k,
    const struct pf_node *n)
{
	(void)k;
	env_object(app, n, &app->d->secret_files);
}

/* true: none of the caller's variables. */
void
key_filter_env(struct pf_app *app, const struct pf_key *k,
    const struct pf_node *n)
{
	const struct pf_node	*c;

	if (n->type == PF_BOOL) {
		if (n->truth)
			pf_listadd(&app->d->filter_env, "");
		return;
	}
	if (n->type == PF_STRING)
		pf_listadd(&app->d->filter_env, n->text);
	else if (n->type != PF_ARRAY)
		pf_complain(app, n, "expected true, a string or a list, found "
		    "%s", pf_typename(n));
	if (n->type != PF_ARRAY)
		return;
	(void)k;
	app->within = n->key;
	for (c = n->child; c != NULL; c = c->next) {
		if (c->type == PF_STRING)
			pf_listadd(&app->d->filter_env, c->text);
		else
			pf_complain(app, c, "expected a list of strings, "
			    "found %s in it", pf_typename(c));
	}
	app->within = NULL;
}

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
 * Values of keys: strings, numbers, truth values and lists of them.
 */
#include <sys/types.h>

#include <err.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "procfile.h"
#include "procfile-keys.h"

#define EXACT	9007199254740992.0	/* 2^53 */

static const char **
string_member(struct pf_app *app, const struct pf_key *k)
{
	return ((void *)((char *)&app->d->opt + k->offset));
}

static int *
flag_member(struct pf_app *app, const struct pf_key *k)
{
	return ((void *)((char *)&app->d->opt + k->offset));
}

const char *
pf_own(struct pf_app *app, const char *text)
{
	if (strlist_add(&app->d->own, text) == -1)
		err(1, NULL);
	return (app->d->own.v[app->d->own.n - 1]);
}

void
pf_listadd(struct strlist *list, const char *text)
{
	if (strlist_add(list, text) == -1)
		err(1, NULL);
}

static void
wrong_type(struct pf_app *app, const struct pf_key *k,
    const struct pf_node *n)
{
	pf_complain(app, n, "expected a %s, found %s", k->type,
	    pf_typename(n));
}

void
key_string(struct pf_app *app, const struct pf_key *k,
    const struct pf_node *n)
{
	const char	*text;

	if ((text = pf_scalar(n)) == NULL)
		wrong_type(app, k, n);
	else if (*text == '\0')
		pf_complain(app, n, "expected a %s that is not empty",
		    k->type);
	else
		*string_member(app, k) = text;
}

/* pm2 takes "NULL" for nowhere. */
void
key_path(struct pf_app *app, const struct pf_key *k, const struct pf_node *n)
{
	if (n->type != PF_STRING)
		wrong_type(app, k, n);
	else if (strcmp(n->text, "NULL") == 0)
		*string_member(app, k) = "/dev/null";
	else
		key_string(app, k, n);
}

/* "json raw" */
static int
is_oneof(const char *words, const char *text)
{
	size_t	 len;

	for (; *words != '\0'; words += len) {
		words += strspn(words, " ");
		len = strcspn(words, " ");
		if (strlen(text) == len && strncmp(words, text, len) == 0)
			return (1);
	}
	return (0);
}

void
key_word(struct pf_app *app, const struct pf_key *k, const struct pf_node *n)
{
	const char	*text;

	text = pf_scalar(n);
	/* YAML: off is a truth value to some */
	if (text != NULL && n->type == PF_BOOL && !n->truth &&
	    is_oneof(k->words, "off"))
		text = "off";
	if (text == NULL || !is_oneof(k->words, text))
		pf_complain(app, n, "expected one of: %s", k->words);
	else
		*string_member(app, k) = text;
}

/* true, "true"; -1: neither (said). */
static int
truth(struct pf_app *app, const struct pf_key *k, const struct pf_node *n)
{
	if (n->type == PF_BOOL)
		return (n->truth);
	if (n->type == PF_STRING && strcmp(n->text, "true") == 0)
		return (1);
	if (n->type == PF_STRING && strcmp(n->text, "false") == 0)
		return (0);
	pf_complain(app, n, "expected true or false, found %s",
	    pf_typename(n));
	(void)k;
	return (-1);
}

void
key_flag(struct pf_app *app, const struct pf_key *k, const struct pf_node *n)
{
	int	 is;

	if ((is = truth(app, k, n)) != -1)
		*flag_member(app, k) = is;
}

void
key_noflag(struct pf_app *app, const struct pf_key *k,
    const struct pf_node *n)
{
	int	 is;

	if ((is = truth(app, k, n)) != -1)
		*flag_member(app, k) = !is;
}

/* 3, 3.0 and 3e0 are one number, and are read as "3". */
static const char *
number_text(const struct pf_node *n, char *buf, size_t size)
{
	if (n->type != PF_NUMBER)
		return (n->type == PF_STRING ? n->text : NULL);
	if (strpbrk(n->text, ".eExo") == NULL)
		return (n->text);
	if (n->number != trunc(n->number) || fabs(n->number) > EXACT)
		return (n->text);
	(void)snprintf(buf, size, "%.0f", n->number);
	return (buf);
}

void
key_number(struct pf_app *app, const struct pf_key *k,
    const struct pf_node *n)
{
	struct optnum	*num;
	const char	*text;
	uint64_t	 value;
	char		 buf[32], why[128];

	if ((text = number_text(n, buf, sizeof(buf))) == NULL) {
		wrong_type(app, k, n);
		return;
	}
	/* Who can tell whether 22 is 022?  In YAML 0o22 and 022 are both. */
	if (k->number == OPT_MODE && n->type == PF_NUMBER) {
		text = n->text;
		if (*text != '0' || strpbrk(text, ".eEx") != NULL) {
			pf_complain(app, n, "expected octal digits in quotes, "
			    "such as \"022\"");
			return;
		}
		text += text[1] == 'o' ? 2 : 0;
	}
	if (options_number(k->number, text, k->min, k->max, &value, why,
	    sizeof(why)) == -1) {
		pf_complain(app, n, "%s %s", text, why);
		return;
	}
	num = (void *)((char *)&app->d->opt + k->offset);
	num->value = value;
	num->given = 1;
}

/* A string, or several. */
void
key_list(struct pf_app *app, const struct pf_key *k, const struct pf_node *n)
{
	const struct pf_node	*c;
	struct strlist		*list;

	list = (void *)((char *)app->d + k->offset);
	if (n->type == PF_STRING) {
		if (*n->text != '\0')
			pf_listadd(list, n->text);
		return;
	}
	if (n->type != PF_ARRAY) {
		pf_complain(app, n, "expected a string or a list of strings, "
		    "found %s", pf_typename(n));
		return;
	}
	for (c = n->child; c != NULL; c = c->next) {
		if (c->type != PF_STRING || *c->text == '\0') {
			app->within = n->key;
			pf_complain(app, c, "expected a list of strings that "
			    "are not empty, found %s in it",
			    c->type != PF_STRING ? pf_typename(c) :
			    "an empty one");
			app->within = NULL;
		} else
			pf_listadd(list, c->text);
	}
}

void
key_must_be_true(struct pf_app *app, const struct pf_key *k,
    const struct pf_node *n)
{
	if (truth(app, k, n) != 0)
		return;
	if (strcmp(k->name, "treekill") == 0)
		pf_complain(app, n, "expected true: an app is stopped when "
		    "nothing that it started is left");
	else
		pf_complain(app, n, "expected true: name the apps to be "
		    "started with --only");
}

void
key_meaningless(struct pf_app *app, const struct pf_key *k,
    const struct pf_node *n)
{
	(void)k;
	pf_warn(app, n, "has no meaning here");
}

void
key_ignored(struct pf_app *app, const struct pf_key *k,
    const struct pf_node *n)
{
	(void)app;
	(void)k;
	(void)n;
}

/* Has its turn when all others have had theirs. */
void
key_later(struct pf_app *app, const struct pf_key *k,
    const struct pf_node *n)
{
	key_ignored(app, k, n);
}

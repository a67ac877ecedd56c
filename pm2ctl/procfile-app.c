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
 * Keys of an app that are more than one value.
 */
#include <sys/types.h>

#include <err.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "procfile.h"
#include "procfile-keys.h"
#include "resolve.h"

/* ---- what is run ---- */

void
key_name(struct pf_app *app, const struct pf_key *k, const struct pf_node *n)
{
	const char	*text;

	if ((text = pf_scalar(n)) == NULL || *text == '\0')
		pf_complain(app, n, "expected a %s, found %s", k->type,
		    text != NULL ? "an empty one" : pf_typename(n));
	else
		app->d->opt.name = text;
}

void
key_prefix(struct pf_app *app, const struct pf_key *k,
    const struct pf_node *n)
{
	const char	*text;

	if ((text = pf_scalar(n)) == NULL)
		pf_complain(app, n, "expected a %s, found %s", k->type,
		    pf_typename(n));
	else
		app->prefix = text;
}

void
key_append_env(struct pf_app *app, const struct pf_key *k,
    const struct pf_node *n)
{
	(void)k;
	if (n->type != PF_BOOL)
		pf_complain(app, n, "expected true or false, found %s",
		    pf_typename(n));
	else
		app->append_env = n->truth;
}

void
key_script(struct pf_app *app, const struct pf_key *k,
    const struct pf_node *n)
{
	(void)k;
	if (n->type != PF_STRING || *n->text == '\0') {
		pf_complain(app, n, "expected the path of a script, found %s",
		    n->type == PF_STRING ? "an empty string" :
		    pf_typename(n));
		return;
	}
	free(app->d->script);
	if ((app->d->script = strdup(n->text)) == NULL)
		err(1, NULL);
}

static void
add_words(struct pf_app *app, const struct pf_node *n, const char *text,
    struct strlist *list)
{
	char	**v;
	size_t	  i;

	if ((v = words_split(text)) == NULL) {
		pf_complain(app, n, "a quote is not closed");
		return;
	}
	for (i = 0; v[i] != NULL; i++)
		pf_listadd(list, v[i]);
	free(v);
}

/* A list of strings and numbers; one string is words, as in a shell. */
static void
words_of(struct pf_app *app, const struct pf_node *n, struct strlist *list)
{
	const struct pf_node	*c;
	const char		*text;

	if (n->type != PF_ARRAY) {
		if ((text = pf_scalar(n)) == NULL)
			pf_complain(app, n, "expected a list or a string, "
			    "found %s", pf_typename(n));
		else
			add_words(app, n, text, list);
		return;
	}
	for (c = n->child; c != NULL; c = c->next) {
		if ((text = pf_scalar(c)) != NULL) {
			pf_listadd(list, text);
			continue;
		}
		app->within = n->key;
		pf_complain(app, c, "expected a list of strings, found %s "
		    "in it", pf_typename(c));
		app->within = NULL;
	}
}

void
key_args(struct pf_app *app, const struct pf_key *k, const struct pf_node *n)
{
	char	**argv, why[256];
	size_t	  i;

	(void)k;
	strlist_free(&app->d->args);
	if (n->type != PF_STRING) {
		words_of(app, n, &app->d->args);
		return;
	}
	switch (pf_args_literal(n->text, &argv, why, sizeof(why))) {
	case PF_ARGS_LITERAL:
		for (i = 0; argv[i] != NULL; i++)
			pf_listadd(&app->d->args, argv[i]);
		free(argv);
		break;
	case PF_ARGS_OTHER:
		add_words(app, n, n->text, &app->d->args);
		break;
	default:
		pf_complain(app, n, "%s", why);
		break;
	}
}

/* A word as words_split() takes it for one. */
static void
quote_word(struct outbuf *ob, const char *s)
{
	ob_char(ob, '"');
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			ob_char(ob, '\\');
		ob_char(ob, *s);
	}
	ob_char(ob, '"');
}

void
key_interpreter_args(struct pf_app *app, const struct pf_key *k,
    const struct pf_node *n)
{
	struct strlist	 list = { NULL, 0 };
	struct outbuf	 ob = { 0 };
	size_t		 i;

	(void)k;
	words_of(app, n, &list);
	for (i = 0; i < list.n; i++) {
		if (i > 0)
			ob_char(&ob, ' ');
		quote_word(&ob, list.v[i]);
	}
	app->d->opt.interpreter_args = list.n == 0 ? NULL :
	    pf_own(app, ob_text(&ob));
	ob_free(&ob);
	strlist_free(&list);
}

void
key_exec_mode(struct pf_app *app, const struct pf_key *k,
    const struct pf_node *n)
{
	const char	*text;

	(void)k;
	text = pf_scalar(n);
	if (text != NULL && (strcmp(text, "fork") == 0 ||
	    strcmp(text, "fork_mode") == 0))
		app->d->opt.execute_command = 1;
	else if (text != NULL && (strcmp(text, "cluster") == 0 ||
	    strcmp(text, "cluster_mode") == 0))
		app->cluster = 1;
	else
		pf_complain(app, n, "expected one of: fork cluster (or "
		    "fork_mode cluster_mode)");
}

void
key_instances(struct pf_app *app, const struct pf_key *k,
    const struct pf_node *n)
{
	uint64_t	 count;

	(void)k;
	if ((n->type != PF_STRING && n->type != PF_NUMBER) ||
	    parse_instances(n->text, 1, &count) == -1)
		pf_complain(app, n, "expected a number, at most %d, or "
		    "\"max\"", APP_INSTANCES_MAX);
	else
		app->d->opt.instances = n->text;
}

/* ---- when and how ---- */

void
key_log_file(struct pf_app *app, const struct pf_key *k,
    const struct pf_node *n)
{
	if (n->type != PF_STRING || *n->text == '\0')
		pf_complain(app, n, "expected a %s, found %s", k->type,
		    pf_typename(n));
	else
		app->log_file = n->text;
}

void
key_stop_codes(struct pf_app *app, const struct pf_key *k,
    const struct pf_node *n)
{
	struct strlist	 list = { NULL, 0 };
	struct outbuf	 ob = { 0 };
	const char	*errstr;
	size_t		 i;

	(void)k;
	words_of(app, n, &list);
	for (i = 0; i < list.n; i++) {
		(void)strtonum(list.v[i], 0, 255, &errstr);
		if (errstr != NULL)
			pf_complain(app, n, "%s is not an exit code: expected "
			    "numbers from 0 to 255", list.v[i]);
		ob_str(&ob, list.v[i]);
		ob_char(&ob, ' ');
	}
	if (list.n > 0)
		app->d->opt.stop_exit_codes = pf_own(app, ob_text(&ob));
	ob_free(&ob);
	strlist_free(&list);
}

/* "0" and false: none, as in pm2. */
void
key_cron(struct pf_app *app, const struct pf_key *k, const struct pf_node *n)
{
	const char	*text;
	int		 none;

	none = (n->type == PF_BOOL && !n->truth) ||
	    (n->type == PF_NUMBER && n->number == 0) ||
	    (n->type == PF_STRING && strcmp(n->text, "0") == 0);
	text = n->type == PF_STRING ? n->text : NULL;
	if (none)
		text = NULL;
	else if (text == NULL || *text == '\0') {
		pf_complain(app, n, "expected a pattern of 5 or 6 fields, "
		    "such as \"0 3 * * *\"");
		return;
	}
	if (strcmp(k->name, "schedule") == 0)
		app->d->opt.schedule = text;
	else
		app->d->opt.cron = text;
}

void
key_watch(struct pf_app *app, const struct pf_key *k,
    const struct pf_node *n)
{
	static const struct pf_key	 paths = { .name = "watch",
	    .offset = offsetof(struct declared, watch) };

	(void)k;
	if (n->type == PF_BOOL)
		app->d->opt.watch = n->truth;
	else if (n->type == PF_STRING || n->type == PF_ARRAY)
		key_list(app, &paths, n);
	else
		pf_complain(app, n, "expected true, false, a path or a list "
		    "of paths, found %s", pf_typename(n));
}

void
key_watch_options(struct pf_app *app, const struct pf_key *k,
    const struct pf_node *n)
{
	static const struct pf_key	 ignored = { .name = "ignored",
	    .offset = offsetof(struct declared, ignore_watch) };
	const struct pf_node		*c;

	if (n->type != PF_OBJECT) {
		pf_complain(app, n, "expected an %s, found %s", k->type,
		    pf_typename(n));
		return;
	}
	for (c = n->child; c != NULL; c = c->next) {
		if (strcmp(c->key, "ignored") == 0) {
			key_list(app, &ignored, c);
			continue;
		}
		app->within = n->key;
		pf_warn(app, c, "has no meaning here: only \"ignored\" has");
		app->within = NULL;
	}
}

static void
add_depend(struct pf_app *app, const char *name, const char *condition)
{
	char	*s;

	if (asprintf(&s, "%s%s%s", name, condition != NULL ? ":" : "",
	    condition != NULL ? condition : "") == -1)
		err(1, NULL);
	pf_listadd(&app->d->depends, s);
	free(s);
}

/* Words of compose files are understood, too. */
static const char *
condition_word(const struct pf_node *n)
{
	static const char *const	 words[][2] = {
		{ "started", "started" },	{ "online", "online" },
		{ "ready", "ready" },
		{ "service_started", "online" },
		{ "service_healthy", "ready" },
	};
	size_t				 i;

	if (n->type == PF_OBJECT)
		n = pf_get(n, "condition");
	for (i = 0; n != NULL && n->type == PF_STRING &&
	    i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(n->text, words[i][0]) == 0)
			return (words[i][1]);
	return (NULL);
}

void
key_depends(struct pf_app *app, const struct pf_key *k,
    const struct pf_node *n)
{
	static const struct pf_key	 list = { .name = "depends_on",
	    .offset = offsetof(struct declared, depends) };
	const struct pf_node		*c;
	const char			*word;

	(void)k;
	if (n->type != PF_OBJECT) {
		key_list(app, &list, n);
		return;
	}
	app->within = n->key;
	for (c = n->child; c != NULL; c = c->next) {
		word = condition_word(c);
		if (c->stale)
			continue;
		if (word == NULL && c->type != PF_NULL &&
		    !(c->type == PF_OBJECT && c->child == NULL))
			pf_complain(app, c, "expected one of: started online "
			    "ready");
		else
			add_depend(app, c->key, word);
	}
	app->within = NULL;
}

/* ---- objects of keys: limits.nofile is limit_nofile ---- */

static const struct {
	const char	*name;
	const char	*prefix;
} groups[] = {
	{ "limits",		"limit_" },
	{ "cgroup",		"cgroup_" },
	{ "health_check",	"health_" },
};

static void
group_member(struct pf_app *app, const char *prefix,
    const struct pf_node *n)
{
	const struct pf_key	*k;
	char			 name[64];

	(void)snprintf(name, sizeof(name), "%s%s", prefix, n->key);
	if (n->stale || n->type == PF_NULL)
		return;
	if ((k = pf_key_find(name)) == NULL || k->handler == key_group_of)
		pf_complain(app, n, "unknown key: expected what is behind "
		    "%s in the names of keys", prefix);
	else
		k->handler(app, k, n);
}

void
key_group_of(struct pf_app *app, const struct pf_key *k,
    const struct pf_node *n)
{
	const struct pf_node	*c;
	size_t			 i;

	if (n->type != PF_OBJECT) {
		pf_complain(app, n, "expected an object, found %s",
		    pf_typename(n));
		return;
	}
	for (i = 0; strcmp(groups[i].name, k->name) != 0; i++)
		;
	for (c = n->child; c != NULL; c = c->next) {
		app->within = n->key;
		group_member(app, groups[i].prefix, c);
		app->within = NULL;
	}
}

void
key_health(struct pf_app *app, const struct pf_key *k,
    const struct pf_node *n)
{
	if (n->type == PF_OBJECT)
		key_group_of(app, k, n);
	else if (n->type == PF_STRING && *n->text != '\0')
		app->d->opt.health = n->text;
	else
		pf_complain(app, n, "expected \"http://host:port/path\", "
		    "\"tcp:host:port\" or \"exec:words\"");
}

/* ---- who ---- */

void
key_user(struct pf_app *app, const struct pf_key *k, const struct pf_node *n)
{
	struct passwd	*pw;
	const char	*errstr;
	uid_t		 uid;

	(void)k;
	if ((n->type != PF_STRING && n->type != PF_NUMBER) ||
	    *n->text == '\0') {
		pf_complain(app, n, "expected the name of a user, found %s",
		    pf_typename(n));
		return;
	}
	uid = (uid_t)strtonum(n->text, 0, UINT32_MAX - 1, &errstr);
	if (errstr != NULL)
		app->d->opt.user = n->text;
	else if ((pw = getpwuid(uid)) == NULL)
		pf_complain(app, n, "no user has the uid %s", n->text);
	else
		app->d->opt.user = pf_own(app, pw->pw_name);
}

void
key_group(struct pf_app *app, const struct pf_key *k,
    const struct pf_node *n)
{
	struct group	*gr;
	const char	*errstr;
	gid_t		 gid;

	(void)k;
	if ((n->type != PF_STRING && n->type != PF_NUMBER) ||
	    *n->text == '\0') {
		pf_complain(app, n, "expected the name of a group, found %s",
		    pf_typename(n));
		return;
	}
	gid = (gid_t)strtonum(n->text, 0, UINT32_MAX - 1, &errstr);
	if (errstr != NULL)
		app->d->opt.group = n->text;
	else if ((gr = getgrgid(gid)) == NULL)
		pf_complain(app, n, "no group has the gid %s", n->text);
	else
		app->d->opt.group = pf_own(app, gr->gr_name);
}

/* ---- when all keys are read ---- */

/* The script's name with its extension, as pm2 has it for process files. */
static void
finish_name(struct pf_app *app)
{
	const char	*name;
	char		*s;

	if ((name = app->d->opt.name) == NULL)
		name = path_base(app->d->script);
	if (asprintf(&s, "%s%s%s%s", app->prefix != NULL ? app->prefix : "",
	    name, app->append_env && app->env != NULL ? "-" : "",
	    app->append_env && app->env != NULL ? app->env : "") == -1)
		err(1, NULL);
	app->d->opt.name = pf_own(app, s);
	app->d->name = s;
}

/* One file for both, if there is none for either. */
static void
finish_log_file(struct pf_app *app)
{
	struct options	*opt;

	opt = &app->d->opt;
	if (app->log_file == NULL)
		return;
	if (opt->output != NULL && opt->error != NULL) {
		pf_warn(app, pf_get(app->node, "log_file"), "log_file has no "
		    "effect beside out_file and error_file");
		return;
	}
	if (opt->output == NULL)
		opt->output = app->log_file;
	if (opt->error == NULL)
		opt->error = app->log_file;
}

/* What options have is there as well, for those who look at options. */
static void
finish_lists(struct declared *d)
{
	size_t	 i;

	for (i = 0; i < d->listen.n && i < OPTLIST_MAX; i++)
		d->opt.listen.v[d->opt.listen.n++] = d->listen.v[i];
	if (d->watch.n > 0)
		d->opt.watch = 1;
}

void
key_finish(struct pf_app *app)
{
	finish_log_file(app);
	finish_lists(app->d);
	if (app->env != NULL && !app->env_seen)
		pf_warn(app, NULL, "has no env_%s, which --env asks for",
		    app->env);
	if (app->d->script != NULL)
		finish_name(app);
	else if (!app->error)
		pf_complain(app, NULL, "the key \"script\" is missing: "
		    "expected the path of what is to be run");
}

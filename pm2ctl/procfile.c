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
 * Process files: found, read, and what is wrong with them.
 */
#include <sys/types.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "procfile.h"
#include "resolve.h"

#define PROBLEMS_MAX	1000
#define CHUNK		65536

/* ---- lists of strings ---- */

int
strlist_add(struct strlist *list, const char *text)
{
	char	**v;
	size_t	  cap;

	/* Room for 8, 16, 32... and the NULL. */
	if (list->v == NULL || (list->n >= 7 &&
	    ((list->n + 1) & list->n) == 0)) {
		cap = list->v == NULL ? 8 : (list->n + 1) * 2;
		if ((v = reallocarray(list->v, cap, sizeof(*v))) == NULL)
			return (-1);
		list->v = v;
	}
	if ((list->v[list->n] = strdup(text)) == NULL)
		return (-1);
	list->v[++list->n] = NULL;
	return (0);
}

void
strlist_free(struct strlist *list)
{
	size_t	 i;

	for (i = 0; i < list->n; i++)
		freezero(list->v[i], strlen(list->v[i]));
	free(list->v);
	memset(list, 0, sizeof(*list));
}

/* ---- problems ---- */

static void	 add_problem(struct procfile *, int, struct pf_mark,
		    const char *, const char *, va_list)
		    __attribute__((format(printf, 5, 0)));
static void	 app_problem(struct pf_app *, int, const struct pf_node *,
		    const char *, va_list)
		    __attribute__((format(printf, 4, 0)));

static void
add_problem(struct procfile *pf, int error, struct pf_mark mark,
    const char *key, const char *fmt, va_list ap)
{
	struct pf_problem	*p;
	size_t			 cap;

	pf->nerrors += error != 0;
	if (pf_said_enough(pf))
		return;
	if ((pf->nproblems & (pf->nproblems - 1)) == 0) {
		cap = pf->nproblems == 0 ? 1 : pf->nproblems * 2;
		p = reallocarray(pf->problems, cap, sizeof(*p));
		if (p == NULL)
			err(1, NULL);
		pf->problems = p;
	}
	p = &pf->problems[pf->nproblems++];
	p->error = error;
	p->mark = mark;
	p->key = NULL;
	if (key != NULL && *key != '\0' && (p->key = strdup(key)) == NULL)
		err(1, NULL);
	if (vasprintf(&p->text, fmt, ap) == -1)
		err(1, NULL);
}

int
pf_said_enough(const struct procfile *pf)
{
	return (pf->nproblems >= PROBLEMS_MAX);
}

void
pf_problem(struct procfile *pf, int error, struct pf_mark mark,
    const char *key, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	add_problem(pf, error, mark, key, fmt, ap);
	va_end(ap);
}

static void
app_problem(struct pf_app *app, int error, const struct pf_node *n,
    const char *fmt, va_list ap)
{
	struct pf_mark	 mark;
	char		 key[256];
	size_t		 len;

	app->error |= error;
	mark = n == NULL ? app->d->mark :
	    n->type == PF_OBJECT || n->type == PF_ARRAY ||
	    !error ? n->keymark : n->mark;
	if (n != NULL && mark.line == 0)
		mark = n->mark;
	len = strlcpy(key, app->path, sizeof(key));
	if (n == NULL && len > 0)
		key[len - 1] = '\0';		/* no '.' at the end */
	if (n != NULL && app->within != NULL) {
		(void)strlcat(key, app->within, sizeof(key));
		if (n->key != NULL)
			(void)strlcat(key, ".", sizeof(key));
	}
	if (n != NULL && n->key != NULL)
		(void)strlcat(key, n->key, sizeof(key));
	add_problem(app->pf, error, mark, key, fmt, ap);
}

void
pf_complain(struct pf_app *app, const struct pf_node *n, const char *fmt,
    ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	app_problem(app, 1, n, fmt, ap);
	va_end(ap);
}

void
pf_warn(struct pf_app *app, const struct pf_node *n, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	app_problem(app, 0, n, fmt, ap);
	va_end(ap);
}

static int
bymark(const void *a, const void *b)
{
	const struct pf_problem	*x = a, *y = b;

	if (x->mark.line != y->mark.line)
		return (x->mark.line < y->mark.line ? -1 : 1);
	if (x->mark.column != y->mark.column)
		return (x->mark.column < y->mark.column ? -1 : 1);
	return (x->error != y->error ? y->error - x->error :
	    strcmp(x->text, y->text));
}

void
procfile_say(const struct procfile *pf)
{
	const struct pf_problem	*p;
	struct outbuf		 ob = { 0 };
	const char		*path;
	char			 where[64];
	size_t			 i;

	path = strcmp(pf->path, "-") == 0 ? "standard input" : pf->path;
	for (i = 0; i < pf->nproblems; i++) {
		p = &pf->problems[i];
		where[0] = '\0';
		if (p->mark.line != 0)
			(void)snprintf(where, sizeof(where), ":%u:%u",
			    p->mark.line, p->mark.column);
		/* A newline in a key would look like the next problem. */
		if (p->key != NULL) {
			ob_vis(&ob, p->key);
			ob_str(&ob, ": ");
		}
		ob_vis(&ob, p->text);
		(p->error ? say_error : say_warn)("%s%s: %s", path, where,
		    ob_text(&ob));
		ob.len = 0;
	}
	ob_free(&ob);
	if (pf->nerrors > 0 && pf_said_enough(pf))
		say_error("%s: and more mistakes", path);
}

/* ---- the file ---- */

int
procfile_find(char *path, size_t size)
{
	static const char *const	 files[] = { "ecosystem.config.js",
	    "ecosystem.config.cjs", "ecosystem.config.mjs",
	    "ecosystem.config.json", "ecosystem.config.yaml",
	    "ecosystem.config.yml", "ecosystem.json", "ecosystem.json5",
	    "ecosystem.yaml", "ecosystem.yml", "processes.json" };
	size_t				 i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (access(files[i], F_OK) == 0)
			return (strlcpy(path, files[i], size) < size ? 0 :
			    -1);
	return (-1);
}

static struct pf_mark
nowhere(void)
{
	struct pf_mark	 mark = { 0, 0 };

	return (mark);
}

/* All of it, bounded.  NULL: a problem. */
static char *
slurp(struct procfile *pf, size_t *len)
{
	char	*buf = NULL, *p;
	size_t	 cap = 0;
	ssize_t	 n = 1;
	int	 fd;

	fd = STDIN_FILENO;
	if (strcmp(pf->path, "-") != 0)
		fd = open(pf->path, O_RDONLY | O_CLOEXEC);
	for (*len = 0; fd != -1 && n > 0 && *len <= PF_BYTES_MAX;
	    *len += (size_t)n) {
		if (cap - *len < CHUNK) {
			cap = cap * 2 + CHUNK;
			if ((p = realloc(buf, cap)) == NULL)
				err(1, NULL);
			buf = p;
		}
		while ((n = read(fd, buf + *len, CHUNK)) == -1 &&
		    errno == EINTR)
			;
		if (n == -1)
			break;
	}
	if (fd == -1 || n == -1)
		pf_problem(pf, 1, nowhere(), NULL, "%s", strerror(errno));
	else if (*len > PF_BYTES_MAX)
		pf_problem(pf, 1, nowhere(), NULL, "more than %d bytes",
		    PF_BYTES_MAX);
	if (fd > STDIN_FILENO)
		(void)close(fd);
	if (pf->nerrors == 0)
		return (buf);
	free(buf);
	return (NULL);
}

/* What has no name to tell it by: JSON begins with a bracket. */
static int
looks_like_yaml(const char *s, size_t len)
{
	size_t	 i;

	for (i = 0; i < len; i++) {
		if (strchr(" \t\r\n", s[i]) != NULL && s[i] != '\0')
			continue;
		if (s[i] == '#') {
			while (i < len && s[i] != '\n')
				i++;
			continue;
		}
		return (s[i] != '{' && s[i] != '[' && s[i] != '/' &&
		    s[i] != '\357');
	}
	return (0);
}

static int
has_ext(const char *path, const char *exts)
{
	const char	*ext;
	size_t		 len;

	ext = path_ext(path);
	for (; *exts != '\0'; exts += len) {
		exts += strspn(exts, " ");
		len = strcspn(exts, " ");
		if (*ext != '\0' && strlen(ext) == len &&
		    strncmp(ext, exts, len) == 0)
			return (1);
	}
	return (0);
}

static struct pf_node *
read_tree(struct procfile *pf)
{
	struct pf_node	*tree;
	struct pf_mark	 mark = { 0, 0 };
	char		*text, why[1024];
	size_t		 len;

	if (has_ext(pf->path, ".js .cjs .mjs")) {
		tree = pf_javascript(pf->path, why, sizeof(why));
		if (tree == NULL)
			pf_problem(pf, 1, mark, NULL, "%s", why);
		return (tree);
	}
	if ((text = slurp(pf, &len)) == NULL)
		return (NULL);
	if (has_ext(pf->path, ".yaml .yml") ||
	    (!has_ext(pf->path, ".json .json5") &&
	    looks_like_yaml(text, len)))
		tree = pf_yaml(text, len, &mark, why, sizeof(why));
	else
		tree = pf_json(text, len, &mark, why, sizeof(why));
	freezero(text, len);
	if (tree == NULL)
		pf_problem(pf, 1, mark, NULL, "%s", why);
	return (tree);
}

/* ---- the apps ---- */

/* The first of them; NULL: a problem. */
static const struct pf_node *
find_apps(struct procfile *pf, size_t *n, int *alone)
{
	const struct pf_node	*top, *c;

	*alone = 0;
	*n = 0;
	top = pf->tree;
	if (top->type == PF_OBJECT && pf_get(top, "apps") != NULL)
		top = pf_get(top, "apps");
	else if (top->type == PF_OBJECT)
		*alone = 1;
	if (top->type == PF_OBJECT) {
		*n = 1;
		return (top);
	}
	if (top->type != PF_ARRAY) {
		pf_problem(pf, 1, top->mark, NULL, "expected an app, a list "
		    "of apps or {\"apps\": [...]}, found %s",
		    pf_typename(top));
		return (NULL);
	}
	for (c = top->child; c != NULL; c = c->next)
		(*n)++;
	if (*n > 0 && *n <= PF_APPS_MAX)
		return (top->child);
	if (*n == 0)
		pf_problem(pf, 1, top->mark, NULL, "there is no app in it");
	else
		pf_problem(pf, 1, top->mark, NULL, "more than %d apps",
		    PF_APPS_MAX);
	return (NULL);
}

/* Is this name in "a,b"? */
static int
is_chosen(const char *only, const char *name)
{
	size_t	 len;

	for (; *only != '\0'; only += len) {
		only += strspn(only, ", ");
		len = strcspn(only, ",");
		if (len > 0 && strlen(name) == len &&
		    strncmp(only, name, len) == 0)
			return (1);
	}
	return (0);
}

/* --only of what is not there. */
static void
check_only(struct procfile *pf, const char *only,
    const struct strlist *names)
{
	char	 name[APP_NAME_MAX];
	size_t	 i, len;

	for (; *only != '\0'; only += len) {
		only += strspn(only, ", ");
		len = strcspn(only, ",");
		if (len == 0)
			continue;
		(void)snprintf(name, sizeof(name), "%.*s", (int)len, only);
		for (i = 0; i < names->n; i++)
			if (strcmp(names->v[i], name) == 0)
				break;
		if (i < names->n)
			continue;
		pf->nmissing++;
		pf_problem(pf, 1, nowhere(), NULL, "it has no app called %s, "
		    "which --only asks for", name);
	}
}

static void
declared_free(struct declared *d)
{
	free(d->script);
	free(d->name);
	free(d->source);
	strlist_free(&d->args);
	strlist_free(&d->env);
	strlist_free(&d->env_files);
	strlist_free(&d->secrets);
	strlist_free(&d->secret_files);
	strlist_free(&d->filter_env);
	strlist_free(&d->watch);
	strlist_free(&d->ignore_watch);
	strlist_free(&d->depends);
	strlist_free(&d->listen);
	strlist_free(&d->own);
	memset(d, 0, sizeof(*d));
}

struct wanted {
	const struct ctl	*ctl;
	const char		*env;
	const char		*only;
	char			 source[PATH_MAX];	/* "": none */
	struct strlist		 names;
	const struct pf_node	**seen;
};

static void
read_app(struct procfile *pf, struct wanted *w, const struct pf_node *n,
    const char *path)
{
	struct pf_app	 app;
	struct declared	*d;

	memset(&app, 0, sizeof(app));
	memset(w->seen, 0, pf_nkeys() * sizeof(*w->seen));
	d = app.d = &pf->apps[pf->napps++];
	app.pf = pf;
	app.node = n;
	app.env = w->env;
	app.seen = w->seen;
	(void)strlcpy(app.path, path, sizeof(app.path));
	d->mark = n->mark;
	d->source_env = w->env;
	if (w->source[0] != '\0' && (d->source = strdup(w->source)) == NULL)
		err(1, NULL);
	if (n->type != PF_OBJECT) {
		pf_complain(&app, NULL, "expected an object, found %s",
		    pf_typename(n));
		return;
	}
	pf_app_read(&app);
	if (d->name != NULL)
		pf_listadd(&w->names, d->name);
	if (w->only != NULL && d->name != NULL &&
	    !is_chosen(w->only, d->name)) {
		declared_free(d);
		pf->napps--;
	} else
		pf_check_app(&app, w->ctl);
}

static void
read_apps(struct procfile *pf, struct wanted *w)
{
	const struct pf_node	*c;
	size_t			 i, n;
	int			 alone;
	char			 path[32];

	if ((c = find_apps(pf, &n, &alone)) == NULL)
		return;
	pf->apps = calloc(n, sizeof(*pf->apps));
	w->seen = calloc(pf_nkeys(), sizeof(*w->seen));
	if (pf->apps == NULL || w->seen == NULL)
		err(1, NULL);
	for (i = 0; i < n; i++, c = c->next) {
		path[0] = '\0';
		if (!alone)
			(void)snprintf(path, sizeof(path), "apps[%zu].", i);
		read_app(pf, w, c, path);
	}
	if (w->only != NULL)
		check_only(pf, w->only, &w->names);
	pf_check_names(pf);
	pf_check_depends(pf, &w->names);
	free(w->seen);
	strlist_free(&w->names);
}

int
procfile_take(struct procfile *pf, const struct ctl *ctl, const char *path,
    struct pf_node *tree)
{
	struct wanted	 w;

	memset(pf, 0, sizeof(*pf));
	memset(&w, 0, sizeof(w));
	w.ctl = ctl;
	if ((pf->path = strdup(path)) == NULL)
		err(1, NULL);
	pf->tree = tree;
	read_apps(pf, &w);
	return (pf->nerrors > 0 ? -1 : 0);
}

int
procfile_read(struct procfile *pf, const struct ctl *ctl, const char *path,
    const char *env, const char *only)
{
	struct wanted	 w;
	char		 cwd[PATH_MAX];

	memset(pf, 0, sizeof(*pf));
	memset(&w, 0, sizeof(w));
	w.ctl = ctl;
	w.env = env;
	w.only = only;
	if ((pf->path = strdup(path)) == NULL)
		err(1, NULL);
	if (strcmp(path, "-") != 0 && (caller_cwd(cwd, sizeof(cwd)) == -1 ||
	    path_absolute(w.source, sizeof(w.source), cwd, path) == -1))
		pf_problem(pf, 1, nowhere(), NULL, "%s", strerror(errno));
	else if ((pf->tree = read_tree(pf)) != NULL) {
		pf_check_twice(pf, pf->tree, "");
		read_apps(pf, &w);
	}
	if (pf->nproblems > 0)
		qsort(pf->problems, pf->nproblems, sizeof(*pf->problems),
		    bymark);
	return (pf->nerrors > 0 ? -1 : 0);
}

void
procfile_free(struct procfile *pf)
{
	size_t	 i;

	for (i = 0; i < pf->napps; i++)
		declared_free(&pf->apps[i]);
	for (i = 0; i < pf->nproblems; i++) {
		free(pf->problems[i].key);
		free(pf->problems[i].text);
	}
	free(pf->apps);
	free(pf->problems);
	free(pf->path);
	pf_free(pf->tree);
	memset(pf, 0, sizeof(*pf));
}

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
 * Which apps a word means.
 */
#include <sys/types.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "resolve.h"

typedef int	(matcher)(const struct ctl_appinfo *, const char *);

void
select_free(struct selection *sel)
{
	free(sel->ids);
	memset(sel, 0, sizeof(*sel));
}

void
select_missing(const char *word)
{
	if (word[strspn(word, "0123456789")] == '\0')
		say_error("%s : pm2 id not found", word);
	else
		say_error("Process or namespace %s not found", word);
}

static int
select_add(struct selection *sel, uint32_t id)
{
	uint32_t	*ids;
	size_t		 i, cap;

	/* Lists come in order, so this is nearly always the end. */
	for (i = sel->n; i > 0 && sel->ids[i - 1] > id; i--)
		;
	if (i > 0 && sel->ids[i - 1] == id)
		return (0);
	if (sel->n == sel->cap) {
		cap = sel->cap == 0 ? 64 : sel->cap * 2;
		ids = reallocarray(sel->ids, cap, sizeof(*ids));
		if (ids == NULL)
			return (-1);
		sel->ids = ids;
		sel->cap = cap;
	}
	memmove(&sel->ids[i + 1], &sel->ids[i],
	    (sel->n - i) * sizeof(*sel->ids));
	sel->ids[i] = id;
	sel->n++;
	return (0);
}

static int
match_all(const struct ctl_appinfo *info, const char *word)
{
	(void)info;
	return (strcmp(word, "all") == 0);
}

static int
match_id(const struct ctl_appinfo *info, const char *word)
{
	const char	*errstr;
	long long	 id;

	if (*word < '0' || *word > '9')
		return (0);
	id = strtonum(word, 0, UINT32_MAX - 1, &errstr);
	return (errstr == NULL && (uint32_t)id == info->fix.id);
}

static int
match_name(const struct ctl_appinfo *info, const char *word)
{
	return (strcmp(info->name, word) == 0);
}

/* The word is absolute by now, when it is a path. */
static int
match_path(const struct ctl_appinfo *info, const char *word)
{
	return (*word == '/' && strcmp(info->script, word) == 0);
}

static int
match_base(const struct ctl_appinfo *info, const char *word)
{
	return (strcmp(path_base(info->script), word) == 0);
}

static int
match_stem(const struct ctl_appinfo *info, const char *word)
{
	const char	*base;
	size_t		 len;

	base = path_base(info->script);
	len = (size_t)(path_ext(base) - base);
	return (len > 0 && strlen(word) == len &&
	    strncmp(base, word, len) == 0);
}

static int
match_namespace(const struct ctl_appinfo *info, const char *word)
{
	return (strcmp(info->namespace, word) == 0);
}

static const struct {
	matcher		*match;
	enum select_how	 how;
} matchers[] = {
	{ match_all,		SELECT_ALL },
	{ match_id,		SELECT_ID },
	{ match_name,		SELECT_NAME },
	{ match_path,		SELECT_SCRIPT },
	{ match_base,		SELECT_SCRIPT },
	{ match_stem,		SELECT_SCRIPT },
	{ match_namespace,	SELECT_NAMESPACE },
};

int
select_word(const struct app_list *list, const char *word,
    struct selection *sel, enum select_how *how)
{
	char	 cwd[PATH_MAX], path[PATH_MAX];
	size_t	 i, j;
	int	 any;

	*how = strcmp(word, "all") == 0 ? SELECT_ALL : SELECT_NONE;
	if (*word == '\0')
		return (0);
	if (strchr(word, '/') != NULL && caller_cwd(cwd, sizeof(cwd)) == 0 &&
	    path_absolute(path, sizeof(path), cwd, word) == 0)
		word = path;
	for (any = 0, j = 0; !any &&
	    j < sizeof(matchers) / sizeof(matchers[0]); j++) {
		for (i = 0; i < list->n; i++) {
			if (!matchers[j].match(&list->apps[i].info, word))
				continue;
			if (select_add(sel, list->apps[i].info.fix.id) == -1)
				return (-1);
			any = 1;
		}
		if (any)
			*how = matchers[j].how;
	}
	return (0);
}

int
select_apps(const struct app_list *list, int argc, char **argv,
    struct selection *sel)
{
	static char	 word[] = "all";
	char		*all[] = { word };
	enum select_how	 how;
	int		 i, missing;

	if (argc == 0) {
		argc = 1;
		argv = all;
	}
	for (missing = 0, i = 0; i < argc; i++) {
		if (select_word(list, argv[i], sel, &how) == -1) {
			say_error("%s", strerror(errno));
			return (-1);
		}
		if (how == SELECT_NONE) {
			say_error("Process or namespace %s not found",
			    argv[i]);
			missing++;
		}
	}
	return (missing);
}

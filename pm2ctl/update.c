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
 * UPDATE: specs put together anew out of those that apps have.
 */
#include <sys/types.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "declare.h"
#include "resolve.h"
#include "update.h"

/* ---- specs ---- */

static int
copy_key(struct spec_buf *to, const struct spec *from, enum spec_key key)
{
	const char	*entry;
	size_t		 pos;

	switch (spec_keytype(key)) {
	case SPEC_T_STR:
		return (from->str[key] == NULL ? 0 :
		    spec_add_str(to, key, from->str[key]));
	case SPEC_T_LIST:
		pos = 0;
		while ((entry = spec_next(from, key, &pos)) != NULL)
			if (spec_add_str(to, key, entry) == -1)
				return (-1);
		return (0);
	case SPEC_T_U64:
	case SPEC_T_BOOL:
		return (from->count[key] == 0 ? 0 :
		    spec_add_u64(to, key, from->num[key]));
	}
	return (0);
}

int
spec_copy(struct spec_buf *to, const struct spec *from, enum spec_key but)
{
	static const enum spec_key keys[] = {
#define X(key, n, name, type, def, min, max) SPEC_##key,
		SPEC_LIST_KEYS(X)
#undef X
	};
	size_t	 i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i] != but && copy_key(to, from, keys[i]) == -1)
			return (-1);
	return (0);
}

/* What FILTER_ENV has, to be freed. NULL with errno. */
static const char **
filters_of(const struct spec *spec)
{
	const char	**list;
	size_t		  i, pos;

	list = calloc((size_t)spec->count[SPEC_FILTER_ENV] + 1,
	    sizeof(*list));
	pos = 0;
	for (i = 0; list != NULL && i < spec->count[SPEC_FILTER_ENV]; i++)
		list[i] = spec_next(spec, SPEC_FILTER_ENV, &pos);
	return (list);
}

int
spec_add_shell(struct spec_buf *to, const struct spec *spec)
{
	const char	**filters;
	int		  error;

	if ((filters = filters_of(spec)) == NULL)
		return (-1);
	error = shellenv_add(to, spec->str[SPEC_USER], spec->str[SPEC_CWD],
	    filters, spec->count[SPEC_FILTER_ENV]);
	free(filters);
	return (error);
}

int
spec_keep_shell(struct spec_buf *to, const struct spec *declared,
    const struct spec *known)
{
	const char	**filters, *entry;
	size_t		  pos;
	int		  error;

	if (spec_copy(to, declared, SPEC_ENV) == -1 ||
	    (filters = filters_of(declared)) == NULL)
		return (-1);
	pos = 0;
	error = 0;
	while (error == 0 &&
	    (entry = spec_next(known, SPEC_ENV, &pos)) != NULL)
		if (!shellenv_filtered(entry, filters,
		    declared->count[SPEC_FILTER_ENV]))
			error = spec_add_str(to, SPEC_ENV, entry);
	free(filters);
	return (error);
}

/* ---- asking ---- */

int
update_send(struct ctl *ctl, uint32_t id, const struct spec_buf *spec,
    struct ctl_result *res)
{
	struct ctl_update	 req;

	memset(&req, 0, sizeof(req));
	req.id = id;
	req.speclen = (uint32_t)spec->len;
	return (client_request_spec(&ctl->client, IMSG_CTL_UPDATE, &req,
	    sizeof(req), spec, res));
}

static int
update_view(struct ctl *ctl, const struct app_view *v)
{
	struct spec_buf		 buf = { 0 };
	struct ctl_result	 res;
	char			 words[512];
	int			 error;

	if (v->spec == NULL) {
		say_error("Process %s (%u): its environment is its owner's",
		    v->info.name, v->info.fix.id);
		return (1);
	}
	if (spec_copy(&buf, v->spec, SPEC_ENV) == -1 ||
	    spec_add_shell(&buf, v->spec) == -1) {
		say_error("Process %s (%u): environment: %s", v->info.name,
		    v->info.fix.id, strerror(errno));
		spec_buf_free(&buf);
		return (1);
	}
	error = update_send(ctl, v->info.fix.id, &buf, &res);
	spec_buf_free(&buf);
	if (error == -1 || res.code == CTL_OK)
		return (error);
	say_error("Process %s (%u): %s", v->info.name, v->info.fix.id,
	    client_strresult(&res, words, sizeof(words)));
	return (1);
}

int
update_env(struct ctl *ctl, uint32_t id)
{
	struct app_list	 one = { 0 };
	int		 error;

	if (client_list(&ctl->client, id, CTL_LIST_SPEC, &one) == -1)
		return (-1);
	error = one.n == 0 ? 0 : update_view(ctl, &one.apps[0]);
	app_list_free(&one);
	return (error);
}

/* Started together, and asked for already; *ok says how that went. */
static int
was_updated(const struct app_list *list, const struct selection *sel,
    size_t i, const int *failed, int *how)
{
	const struct app_view	*v, *w;
	size_t			 j;

	v = app_list_find(list, sel->ids[i]);
	for (j = 0; j < i; j++) {
		w = app_list_find(list, sel->ids[j]);
		if (w != NULL && v != NULL &&
		    w->info.fix.first == v->info.fix.first) {
			*how = failed[j];
			return (1);
		}
	}
	return (0);
}

int
update_envs(struct ctl *ctl, const struct app_list *list,
    const struct selection *sel, struct selection *bad)
{
	size_t	 i;
	int	*failed, n;

	if ((failed = calloc(sel->n + 1, sizeof(*failed))) == NULL) {
		say_error("%s", strerror(errno));
		return (-1);
	}
	for (n = 0, i = 0; n != -1 && i < sel->n; i++) {
		if (!was_updated(list, sel, i, failed, &n))
			n = update_env(ctl, sel->ids[i]);
		failed[i] = n;
		if (n == 1 && plan_add(bad, sel->ids[i]) == -1)
			n = -1;
	}
	free(failed);
	return (n == -1 ? -1 : 0);
}

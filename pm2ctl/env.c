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
 * env: the environment of an app, and where its variables are from.
 */
#include <sys/types.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "environment.h"
#include "output_cmd.h"
#include "output_json.h"

#define LIVE_MAX	(4 * 1024 * 1024)

/* What its process was given; NULL: none runs, or it is not ours to see. */
static char *
read_live(uint32_t pid, size_t *len)
{
	char	 path[64], *buf;
	ssize_t	 n;
	int	 fd;

	*len = 0;
	if (pid == 0)
		return (NULL);
	(void)snprintf(path, sizeof(path), "/proc/%u/environ", pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return (NULL);
	if ((buf = malloc(LIVE_MAX)) == NULL)
		err(1, NULL);
	while ((n = read(fd, buf + *len, LIVE_MAX - *len)) > 0)
		*len += (size_t)n;
	(void)close(fd);
	if (n == 0 && *len > 0)
		return (buf);
	free(buf);
	return (NULL);
}

/*
 * To a terminal harmless; to anything else as it is, so that it can be read
 * back, newlines in values and all.
 */
static void
put_lines(struct outbuf *ob, const struct environment *e)
{
	struct output_style	 style;
	const struct env_var	*v;
	size_t			 i;

	output_style(&style, stdout);
	for (i = 0; i < e->n; i++) {
		if (environment_hidden(e, i))
			continue;
		v = &e->vars[i];
		if (style.terminal) {
			ob_vis(ob, v->name);
			ob_char(ob, '=');
			ob_vis(ob, v->value);
		} else
			ob_fmt(ob, "%s=%s", v->name, v->value);
		ob_char(ob, '\n');
	}
}

static void
put_json(struct outbuf *ob, const struct environment *e)
{
	char	 origin[PATH_MAX + 16];
	json_t	*list, *one;
	size_t	 i;

	list = json_array();
	for (i = 0; i < e->n; i++) {
		if (environment_hidden(e, i))
			continue;
		environment_origin(&e->vars[i], origin, sizeof(origin));
		one = json_object();
		json_put(one, "name", json_text(e->vars[i].name));
		json_put(one, "value", json_text(e->vars[i].value));
		json_put(one, "origin", json_text(origin));
		(void)json_array_append_new(list, one);
	}
	ob_jsonvalue(ob, list);
	ob_char(ob, '\n');
	json_decref(list);
}

/* All layers that have it, from the one that counts down. */
static int
put_why(struct outbuf *ob, const struct environment *e, const char *name)
{
	char	 origin[PATH_MAX + 16];
	size_t	 i;
	int	 any;

	for (any = 0, i = e->n; i > 0; i--) {
		if (strcmp(e->vars[i - 1].name, name) != 0)
			continue;
		environment_origin(&e->vars[i - 1], origin, sizeof(origin));
		if (any)
			ob_str(ob, "  instead of ");
		ob_vis(ob, e->vars[i - 1].name);
		ob_char(ob, '=');
		ob_vis(ob, e->vars[i - 1].value);
		ob_str(ob, " from ");
		ob_vis(ob, origin);
		ob_char(ob, '\n');
		any = 1;
	}
	return (any);
}

static int
env_app(struct ctl *ctl, const struct app_view *app, struct outbuf *ob)
{
	struct environment	 e = { 0 };
	const char		*path;
	char			*live;
	size_t			 len, pos;
	int			 rc;

	if (app->spec == NULL) {
		say_error("%s (%u): its environment is only shown to its "
		    "owner%s", app->info.name, app->info.fix.id,
		    ctl->socket != NULL ? " and to whom pm2d.conf permits "
		    "it" : "");
		return (1);
	}
	live = read_live(app->info.fix.pid, &len);
	environment_make(&e, app, ctl->client.uid, live, len);
	rc = 0;
	pos = 0;
	while (e.unknown && (path = spec_next(app->spec, SPEC_ENV_FILE,
	    &pos)) != NULL)
		say_warn("%s: what is in %s is read when it starts, and not "
		    "known now", app->info.name, path);
	if (ctl->opt->why == NULL && ctl->opt->json)
		put_json(ob, &e);
	else if (ctl->opt->why == NULL)
		put_lines(ob, &e);
	else if (!put_why(ob, &e, ctl->opt->why)) {
		say_error("%s has no variable %s", app->info.name,
		    ctl->opt->why);
		rc = 1;
	}
	if (live != NULL)
		freezero(live, LIVE_MAX);
	environment_free(&e);
	return (rc);
}

int
cmd_env(struct ctl *ctl, int argc, char **argv)
{
	struct outbuf	 ob = { 0 };
	int		 rc;

	rc = output_each(ctl, argc, argv, CTL_LIST_SPEC, env_app, &ob);
	return (output_finish(&ob, stdout) | rc);
}

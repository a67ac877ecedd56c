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

#include <sys/types.h>
#include <sys/ioctl.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "output.h"
#include "output_cmd.h"
#include "output_json.h"
#include "pm2ctl.h"
#include "table.h"

static int	 charset_is_ascii(void);
static int	 list_json(struct ctl *, void (*)(struct outbuf *,
		    const struct app_view *, size_t));

/* A locale that names another character set; none named is UTF-8 today. */
static int
charset_is_ascii(void)
{
	static const char *const vars[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char	*value;
	size_t		 i;

	for (i = 0; i < sizeof(vars) / sizeof(vars[0]); i++) {
		value = getenv(vars[i]);
		if (value == NULL || *value == '\0')
			continue;
		return (strcasestr(value, "UTF-8") == NULL &&
		    strcasestr(value, "UTF8") == NULL);
	}
	return (0);
}

void
output_style(struct output_style *style, FILE *fp)
{
	struct winsize	 ws;
	const char	*columns;
	int		 fd;

	memset(style, 0, sizeof(*style));
	style->colour = say_color(fp);
	fd = fileno(fp);
	if (!isatty(fd))
		return;
	style->terminal = 1;
	style->ascii = charset_is_ascii();
	if (ioctl(fd, TIOCGWINSZ, &ws) == 0 && ws.ws_col != 0)
		style->width = ws.ws_col;
	else if ((columns = getenv("COLUMNS")) != NULL)
		style->width = (size_t)strtonum(columns, 0, 10000, NULL);
	if (style->width == 0)
		style->width = 80;
}

/*
 * All at once.  What stdio still holds comes first, so that the order of
 * lines is that of the calls.
 */
int
output_finish(struct outbuf *ob, FILE *fp)
{
	int	 error;

	/* Of what stdio holds main() speaks. */
	error = fflush(fp) == EOF;
	if (!error && ob_write(ob, fileno(fp)) == -1) {
		error = 1;
		if (errno != EPIPE)
			say_error("standard output: %s", strerror(errno));
	}
	ob_free(ob);
	return (error);
}

int
output_list(FILE *fp, const struct app_list *list, const struct options *opt)
{
	struct output_style	 style;
	struct outbuf		 ob = { 0 };

	if (opt->silent)
		return (0);
	output_style(&style, fp);
	if (opt->mini_list)
		table_mini(&ob, list->apps, list->n);
	else
		table_apps(&ob, list->apps, list->n, &style);
	return (output_finish(&ob, fp));
}

int
list_show(struct ctl *ctl)
{
	struct app_list	 list = { 0 };
	int		 rc;

	if (ctl->opt->silent)
		return (0);
	if (client_list(&ctl->client, APP_ID_ALL, CTL_LIST_SAMPLE, &list) ==
	    -1)
		return (-1);
	rc = output_list(stdout, &list, ctl->opt) == 0 ? 0 : -1;
	app_list_free(&list);
	return (rc);
}

int
cmd_list(struct ctl *ctl, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return (list_show(ctl) == -1);
}

/* jlist and prettylist say what they are asked for, with -s too. */
static int
list_json(struct ctl *ctl, void (*form)(struct outbuf *,
    const struct app_view *, size_t))
{
	struct app_list	 list = { 0 };
	struct outbuf	 ob = { 0 };

	if (client_list(&ctl->client, APP_ID_ALL, CTL_LIST_SAMPLE |
	    CTL_LIST_SPEC, &list) == -1)
		return (1);
	form(&ob, list.apps, list.n);
	app_list_free(&list);
	return (output_finish(&ob, stdout));
}

int
cmd_jlist(struct ctl *ctl, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return (list_json(ctl, json_list));
}

int
cmd_prettylist(struct ctl *ctl, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return (list_json(ctl, json_pretty));
}

/* Each is asked for anew: of all only what is needed to tell them apart. */
int
output_each(struct ctl *ctl, int argc, char **argv, uint32_t flags,
    output_app_fn *fn, struct outbuf *ob)
{
	struct selection	 sel = { 0 };
	struct app_list		 list = { 0 }, one = { 0 };
	size_t			 i;
	int			 error;

	if (client_list(&ctl->client, APP_ID_ALL, 0, &list) == -1)
		return (1);
	error = select_apps(&list, argc, argv, &sel) != 0;
	for (i = 0; i < sel.n; i++) {
		if (client_list(&ctl->client, sel.ids[i], flags, &one) == -1) {
			error = 1;
			break;
		}
		if (one.n != 0)		/* else deleted just now */
			error |= fn(ctl, &one.apps[0], ob);
	}
	app_list_free(&one);
	app_list_free(&list);
	select_free(&sel);
	return (error);
}

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
 * pm2ctl doctor: what pm2d finds about itself and its machine.
 */
#include <string.h>

#include "output_cmd.h"

struct doctor {
	struct outbuf	 ob;
	struct output_style style;
	int		 json;
	int		 bad;
	int		 rows;
};

static void	 got_row(struct client *, uint32_t, const struct ctl_row *,
		    void *);
static void	 row_text(struct doctor *, const struct ctl_row *, uint32_t);
static void	 row_json(struct doctor *, const struct ctl_row *, uint32_t);
static int	 ask_daemon(struct ctl *, struct doctor *);
static void	 no_daemon(struct ctl *, struct doctor *);

static void
row_text(struct doctor *d, const struct ctl_row *row, uint32_t level)
{
	static const struct {
		const char	*sign;
		const char	*ascii;
		const char	*sgr;
	} levels[] = {
		{ "✓", "ok ", "32" },
		{ "!", " ! ", "33" },
		{ "✗", "BAD", "31" },
	};
	size_t		 width;

	ob_sgr(&d->ob, &d->style, levels[level].sgr);
	ob_str(&d->ob, d->style.ascii ? levels[level].ascii :
	    levels[level].sign);
	ob_sgr(&d->ob, &d->style, "0");
	ob_char(&d->ob, ' ');
	ob_vis(&d->ob, row->key);
	width = output_strwidth(row->key);
	ob_pad(&d->ob, width < 20 ? 20 - width : 1);
	ob_vis(&d->ob, row->text);
	ob_char(&d->ob, '\n');
}

static void
row_json(struct doctor *d, const struct ctl_row *row, uint32_t level)
{
	ob_fmt(&d->ob, "%c{\"level\":%u,\"key\":", d->rows == 0 ? '[' : ',',
	    level);
	ob_json(&d->ob, row->key, strlen(row->key));
	ob_str(&d->ob, ",\"text\":");
	ob_json(&d->ob, row->text, strlen(row->text));
	ob_char(&d->ob, '}');
}

static void
got_row(struct client *c, uint32_t request, const struct ctl_row *row,
    void *arg)
{
	struct doctor	*d = arg;
	uint32_t	 level;

	(void)c;
	(void)request;
	level = row->level > 2 ? 2 : row->level;
	if (d->json)
		row_json(d, row, level);
	else
		row_text(d, row, level);
	d->rows++;
	d->bad |= level == 2;
}

/* Ask pm2d for its rows.  -1: said. */
static int
ask_daemon(struct ctl *ctl, struct doctor *d)
{
	static const struct client_ops	 ops = { .row = got_row };
	struct ctl_result		 res;
	char				 buf[512];
	int				 error;

	ctl->client.ops = &ops;
	ctl->client.arg = d;
	error = client_request(&ctl->client, IMSG_CTL_DOCTOR, NULL, 0, &res);
	ctl->client.ops = NULL;
	if (error == -1)
		return (-1);
	if (res.code != CTL_OK) {
		say_error("doctor: %s", client_strresult(&res, buf,
		    sizeof(buf)));
		return (-1);
	}
	return (0);
}

/* There is no pm2d to ask: that is the finding. */
static void
no_daemon(struct ctl *ctl, struct doctor *d)
{
	struct ctl_row	 row;

	memset(&row, 0, sizeof(row));
	row.level = 2;
	(void)strlcpy(row.key, "pm2d", sizeof(row.key));
	/* a home too long for the row is cut: it is known to who asks */
	(void)snprintf(row.text, sizeof(row.text), "not running for %s",
	    ctl->where);
	got_row(&ctl->client, 0, &row, d);
}

int
cmd_doctor(struct ctl *ctl, int argc, char **argv)
{
	struct doctor	 d;
	int		 error;

	(void)argc;
	(void)argv;
	memset(&d, 0, sizeof(d));
	d.json = ctl->opt->json;
	output_style(&d.style, stdout);
	error = 0;
	switch (which_open(ctl)) {
	case CLIENT_OK:
		error = ask_daemon(ctl, &d);
		break;
	case CLIENT_NONE:
		no_daemon(ctl, &d);
		break;
	default:
		error = -1;
		break;
	}
	if (d.json)
		ob_str(&d.ob, d.rows == 0 ? "[]\n" : "]\n");
	if (output_finish(&d.ob, stdout) != 0 || error == -1)
		return (1);
	return (d.bad);
}

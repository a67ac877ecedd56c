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

#include <string.h>

#include "table.h"

#define VALUE_MIN	20	/* columns, however narrow the terminal */

struct box {
	const struct output_style *style;
	size_t		 keywidth;
	size_t		 valuewidth;
};

static void	 box_measure(struct box *, const struct pair *, size_t);
static void	 box_border(struct outbuf *, const struct box *, const char *,
		    const char *, const char *);
static void	 box_line(struct outbuf *, const struct box *, const char *,
		    const char *, size_t, const char *);
static void	 box_pair(struct outbuf *, const struct box *,
		    const struct pair *);
static char	*next_line(char **, struct outbuf *);

/*
 * Cut the value at its next newline and make the piece harmless.  Returns
 * the piece, NULL at the end.
 */
static char *
next_line(char **rest, struct outbuf *ob)
{
	char	*line, *nl;

	if ((line = *rest) == NULL)
		return (NULL);
	if ((nl = strchr(line, '\n')) != NULL) {
		*nl = '\0';
		*rest = nl + 1;
	} else
		*rest = NULL;
	ob->len = 0;
	ob_vis(ob, line);
	if (nl != NULL)
		*nl = '\n';
	(void)ob_text(ob);
	return (ob->data);
}

static void
box_measure(struct box *box, const struct pair *pairs, size_t n)
{
	struct outbuf	 ob = { 0 };
	char		*rest, *line;
	size_t		 i, width, max;

	box->keywidth = box->valuewidth = 0;
	for (i = 0; i < n; i++) {
		width = output_strwidth(pairs[i].key);
		if (width > box->keywidth)
			box->keywidth = width;
		rest = pairs[i].value;
		while ((line = next_line(&rest, &ob)) != NULL) {
			width = output_strwidth(line);
			if (width > box->valuewidth)
				box->valuewidth = width;
		}
	}
	ob_free(&ob);
	if (box->style->width == 0)
		return;
	max = box->style->width > box->keywidth + 7 + VALUE_MIN ?
	    box->style->width - box->keywidth - 7 : VALUE_MIN;
	if (box->valuewidth > max)
		box->valuewidth = max;
}

static void
box_border(struct outbuf *ob, const struct box *box, const char *left,
    const char *mid, const char *right)
{
	const char	*line;
	size_t		 i;

	line = box->style->ascii ? "-" : "─";
	ob_str(ob, left);
	for (i = 0; i < box->keywidth + 2; i++)
		ob_str(ob, line);
	ob_str(ob, mid);
	for (i = 0; i < box->valuewidth + 2; i++)
		ob_str(ob, line);
	ob_str(ob, right);
	ob_char(ob, '\n');
}

static void
box_line(struct outbuf *ob, const struct box *box, const char *key,
    const char *value, size_t len, const char *sgr)
{
	const char	*side;
	size_t		 width;

	side = box->style->ascii ? "|" : "│";
	ob_str(ob, side);
	ob_char(ob, ' ');
	ob_sgr(ob, box->style, "36");
	ob_str(ob, key);
	ob_sgr(ob, box->style, "0");
	ob_pad(ob, box->keywidth - output_strwidth(key) + 1);
	ob_str(ob, side);
	ob_char(ob, ' ');
	if (sgr != NULL)
		ob_sgr(ob, box->style, sgr);
	ob_add(ob, value, len);
	if (sgr != NULL)
		ob_sgr(ob, box->style, "0");
	(void)output_strhead(value, box->valuewidth, &width);
	ob_pad(ob, box->valuewidth - width + 1);
	ob_str(ob, side);
	ob_char(ob, '\n');
}

static void
box_pair(struct outbuf *ob, const struct box *box, const struct pair *pair)
{
	struct outbuf	 text = { 0 };
	const char	*key;
	char		*rest, *line;
	size_t		 len;

	key = pair->key;
	rest = pair->value;
	while ((line = next_line(&rest, &text)) != NULL) {
		do {
			len = output_strhead(line, box->valuewidth, NULL);
			box_line(ob, box, key, line, len, pair->sgr);
			line += len;
			key = "";
		} while (*line != '\0' && len != 0);
	}
	ob_free(&text);
}

void
table_pairs(struct outbuf *ob, const struct pair *pairs, size_t n,
    const struct output_style *style)
{
	struct box	 box;
	size_t		 i;

	box.style = style;
	box_measure(&box, pairs, n);
	if (style->ascii)
		box_border(ob, &box, "+", "+", "+");
	else
		box_border(ob, &box, "┌", "┬", "┐");
	for (i = 0; i < n; i++)
		box_pair(ob, &box, &pairs[i]);
	if (style->ascii)
		box_border(ob, &box, "+", "+", "+");
	else
		box_border(ob, &box, "└", "┴", "┘");
}

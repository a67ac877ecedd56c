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

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

enum column {
	COL_NAME,
	COL_ID,
	COL_MODE,
	COL_PID,
	COL_STATUS,
	COL_PORT,
	COL_RESTARTED,
	COL_UPTIME,
	COL_MEMORY,
	COL_CPU,
	COL_ERRLOG,
	COL_USER,		/* the last one: it is not always there */
	NCOLUMNS
};

/* Text of a cell: a piece of the table's arena. */
struct cell {
	size_t		 off;
	size_t		 len;
	size_t		 width;
	const char	*sgr;
};

struct table {
	const struct output_style *style;
	struct outbuf	 text;
	struct cell	*cells;		/* rows of NCOLUMNS */
	size_t		 nrows;
	size_t		 width[NCOLUMNS];
	int		 shown[NCOLUMNS];
	int		 ports;		/* some app has one */
};

/* Border pieces: left, between, right, and the line itself. */
struct border {
	const char	*left;
	const char	*mid;
	const char	*right;
	const char	*line;
};
enum border_kind {
	BORDER_TOP,
	BORDER_ROW,
	BORDER_BOTTOM,
	BORDER_SIDES,
	NBORDERS
};

static const struct border borders[2][NBORDERS] = {
	{
		{ "┌", "┬", "┐", "─" },
		{ "├", "┼", "┤", "─" },
		{ "└", "┴", "┘", "─" },
		{ "│", "│", "│", "" }
	}, {
		{ "+", "+", "+", "-" },
		{ "+", "+", "+", "-" },
		{ "+", "+", "+", "-" },
		{ "|", "|", "|", "" }
	}
};

/* Write the text of a cell, and say how it is shown when not plainly. */
typedef void	 cell_fn(struct outbuf *, const struct app_view *,
		    const char **);
static cell_fn	 cell_name, cell_id, cell_mode, cell_pid, cell_status,
		 cell_port, cell_restarted, cell_uptime, cell_memory,
		 cell_cpu, cell_errlog, cell_user;

static const struct {
	const char	*head;
	int		 right;		/* aligned to the right */
	cell_fn		*cell;
} columns[NCOLUMNS] = {
	[COL_NAME] =	  { "App Name",	 0, cell_name },
	[COL_ID] =	  { "id",	 0, cell_id },
	[COL_MODE] =	  { "mode",	 0, cell_mode },
	[COL_PID] =	  { "PID",	 0, cell_pid },
	[COL_STATUS] =	  { "status",	 0, cell_status },
	[COL_PORT] =	  { "port",	 0, cell_port },
	[COL_RESTARTED] = { "Restarted", 1, cell_restarted },
	[COL_UPTIME] =	  { "Uptime",	 0, cell_uptime },
	[COL_MEMORY] =	  { "memory",	 1, cell_memory },
	[COL_CPU] =	  { "cpu",	 1, cell_cpu },
	[COL_ERRLOG] =	  { "err logs",	 0, cell_errlog },
	[COL_USER] =	  { "user",	 0, cell_user },
};

/*
 * How a table is made narrower, first things first, until it fits: a column
 * shrinks to min, or with min 0 goes.
 */
static const struct {
	enum column	 col;
	size_t		 min;
	int		 unused;	/* only when no app has a value */
} squeezes[] = {
	{ COL_PORT,	 0,  1 },
	{ COL_ERRLOG,	 16, 0 },
	{ COL_ERRLOG,	 0,  0 },
	{ COL_NAME,	 24, 0 },
	{ COL_PORT,	 0,  0 },
	{ COL_MODE,	 0,  0 },
	{ COL_NAME,	 12, 0 },
	{ COL_CPU,	 0,  0 },
	{ COL_PID,	 0,  0 },
	{ COL_UPTIME,	 0,  0 },
	{ COL_MEMORY,	 0,  0 },
	{ COL_RESTARTED, 0,  0 },
	{ COL_NAME,	 1,  0 },
};

static void	 table_fill(struct table *, const struct app_view *, size_t);
static size_t	 table_width(const struct table *);
static void	 table_fit(struct table *);
static void	 table_border(struct outbuf *, const struct table *,
		    enum border_kind);
static void	 table_row(struct outbuf *, const struct table *, size_t);
static void	 table_head(struct outbuf *, const struct table *);
static void	 put_cell(struct outbuf *, const struct table *, enum column,
		    const char *, size_t, size_t, const char *);
static size_t	 put_cut(struct outbuf *, const char *, size_t, int, int);
static const char *path_tail(const char *, size_t);

static void
cell_name(struct outbuf *ob, const struct app_view *app, const char **sgr)
{
	*sgr = "1";
	ob_vis(ob, app->info.name);
}

static void
cell_id(struct outbuf *ob, const struct app_view *app, const char **sgr)
{
	(void)sgr;
	ob_num(ob, app->info.fix.id);
}

static void
cell_mode(struct outbuf *ob, const struct app_view *app, const char **sgr)
{
	*sgr = app->info.fix.cluster ? "1;34" : "1;7";
	ob_str(ob, app->info.fix.cluster ? "cluster" : "fork");
}

static void
cell_pid(struct outbuf *ob, const struct app_view *app, const char **sgr)
{
	(void)sgr;
	ob_num(ob, app->info.fix.pid);
}

const char *
table_statesgr(uint32_t state)
{
	switch (state) {
	case APP_ONLINE:
		return ("1;32");
	case APP_STOPPED:
	case APP_ERRORED:
		return ("1;31");
	default:
		return ("1;33");
	}
}

static void
cell_status(struct outbuf *ob, const struct app_view *app, const char **sgr)
{
	*sgr = table_statesgr(app->info.fix.state);
	ob_str(ob, app_statename(app->info.fix.state));
}

static void
cell_port(struct outbuf *ob, const struct app_view *app, const char **sgr)
{
	(void)sgr;
	if (app->info.fix.port != 0)
		ob_num(ob, app->info.fix.port);
}

static void
cell_restarted(struct outbuf *ob, const struct app_view *app,
    const char **sgr)
{
	(void)sgr;
	ob_num(ob, app->info.fix.restarts);
}

static void
cell_uptime(struct outbuf *ob, const struct app_view *app, const char **sgr)
{
	(void)sgr;
	if (app->info.fix.state == APP_ONLINE)
		ob_uptime(ob, app->info.fix.uptime_ms);
	else
		ob_char(ob, '0');
}

static void
cell_memory(struct outbuf *ob, const struct app_view *app, const char **sgr)
{
	(void)sgr;
	ob_memory(ob, app->info.fix.memory);
}

static void
cell_cpu(struct outbuf *ob, const struct app_view *app, const char **sgr)
{
	(void)sgr;
	ob_cpu(ob, app->info.fix.cpu_permille);
}

static void
cell_errlog(struct outbuf *ob, const struct app_view *app, const char **sgr)
{
	(void)sgr;
	ob_vis(ob, app->info.err);
}

static void
cell_user(struct outbuf *ob, const struct app_view *app, const char **sgr)
{
	(void)sgr;
	if (app->info.user != NULL && app->info.user[0] != '\0')
		ob_vis(ob, app->info.user);
	else
		ob_num(ob, app->info.fix.owner);
}

/* Nobody needs to be told that all of it is his. */
static int
many_users(const struct app_view *apps, size_t n)
{
	size_t	 i;

	for (i = 1; i < n; i++)
		if (apps[i].info.fix.owner != apps[0].info.fix.owner)
			return (1);
	return (0);
}

static void
table_fill(struct table *t, const struct app_view *apps, size_t n)
{
	struct cell	*cell;
	size_t		 row, col;

	for (col = 0; col < NCOLUMNS; col++) {
		t->width[col] = strlen(columns[col].head);
		t->shown[col] = col != COL_USER || many_users(apps, n);
	}
	if ((t->cells = calloc(n + 1, NCOLUMNS * sizeof(*t->cells))) == NULL)
		err(1, NULL);
	t->nrows = n;
	for (row = 0; row < n; row++) {
		t->ports |= apps[row].info.fix.port != 0;
		for (col = 0; col < NCOLUMNS; col++) {
			cell = &t->cells[row * NCOLUMNS + col];
			cell->off = t->text.len;
			columns[col].cell(&t->text, &apps[row], &cell->sgr);
			cell->len = t->text.len - cell->off;
			/* cells end with a NUL: they are strings */
			ob_char(&t->text, '\0');
			cell->width = cell->len;
			if (col == COL_NAME || col == COL_ERRLOG ||
			    col == COL_USER)
				cell->width = output_strwidth(t->text.data +
				    cell->off);
			if (cell->width > t->width[col])
				t->width[col] = cell->width;
		}
	}
}

static size_t
table_width(const struct table *t)
{
	size_t	 col, sum;

	for (col = 0, sum = 1; col < NCOLUMNS; col++) {
		if (t->shown[col])
			sum += t->width[col] + 3;
	}
	return (sum);
}

static void
table_fit(struct table *t)
{
	size_t		 i, full, natural, room;
	enum column	 col;

	natural = t->width[COL_NAME];
	room = t->style->width;
	for (i = 0; i < sizeof(squeezes) / sizeof(squeezes[0]); i++) {
		if (room == 0 || (full = table_width(t)) <= room)
			break;
		col = squeezes[i].col;
		if (squeezes[i].unused && t->ports)
			continue;
		if (squeezes[i].min == 0)
			t->shown[col] = 0;
		else if (t->width[col] > squeezes[i].min + (full - room))
			t->width[col] -= full - room;
		else if (t->width[col] > squeezes[i].min)
			t->width[col] = squeezes[i].min;
	}
	/* what the last column left free goes back to the names */
	if (room != 0 && (full = table_width(t)) < room &&
	    t->width[COL_NAME] < natural) {
		t->width[COL_NAME] += room - full;
		if (t->width[COL_NAME] > natural)
			t->width[COL_NAME] = natural;
	}
}

static void
table_border(struct outbuf *ob, const struct table *t, enum border_kind kind)
{
	const struct border	*b;
	const char		*piece;
	size_t			 col, i;

	b = &borders[t->style->ascii != 0][kind];
	piece = b->left;
	for (col = 0; col < NCOLUMNS; col++) {
		if (!t->shown[col])
			continue;
		ob_str(ob, piece);
		for (i = 0; i < t->width[col] + 2; i++)
			ob_str(ob, b->line);
		piece = b->mid;
	}
	ob_str(ob, b->right);
	ob_char(ob, '\n');
}

/* The end of a path that fits, from a slash on if there is one. */
static const char *
path_tail(const char *path, size_t width)
{
	const char	*tail, *slash;

	tail = path + strlen(path) - output_strtail(path, width);
	if ((slash = strchr(tail, '/')) != NULL)
		tail = slash;
	return (tail);
}

/* Cut text to a width, with a mark where it was cut; returns its width. */
static size_t
put_cut(struct outbuf *ob, const char *s, size_t width, int ascii, int tail)
{
	const char	*mark;
	size_t		 len;

	mark = ascii ? "~" : "…";
	if (tail) {
		s = path_tail(s, width - 1);
		ob_str(ob, mark);
		ob_str(ob, s);
		return (1 + output_strwidth(s));
	}
	/* a wide character at the cut may leave a column free */
	len = output_strhead(s, width - 1, &width);
	ob_add(ob, s, len);
	ob_str(ob, mark);
	return (width + 1);
}

static void
put_cell(struct outbuf *ob, const struct table *t, enum column col,
    const char *s, size_t len, size_t width, const char *sgr)
{
	size_t	 pad;

	if (!t->style->colour)
		sgr = NULL;
	ob_char(ob, ' ');
	pad = width < t->width[col] ? t->width[col] - width : 0;
	if (columns[col].right)
		ob_pad(ob, pad);
	if (sgr != NULL)
		ob_sgr(ob, t->style, sgr);
	if (width <= t->width[col])
		ob_add(ob, s, len);
	else
		pad = t->width[col] - put_cut(ob, s, t->width[col],
		    t->style->ascii, col == COL_ERRLOG);
	if (sgr != NULL)
		ob_sgr(ob, t->style, "0");
	if (!columns[col].right)
		ob_pad(ob, pad);
	ob_char(ob, ' ');
}

static void
table_head(struct outbuf *ob, const struct table *t)
{
	const char	*side;
	size_t		 col, len;

	side = borders[t->style->ascii != 0][BORDER_SIDES].mid;
	for (col = 0; col < NCOLUMNS; col++) {
		if (!t->shown[col])
			continue;
		ob_str(ob, side);
		len = strlen(columns[col].head);
		put_cell(ob, t, (enum column)col, columns[col].head, len, len,
		    "36");
	}
	ob_str(ob, side);
	ob_char(ob, '\n');
}

static void
table_row(struct outbuf *ob, const struct table *t, size_t row)
{
	const struct cell	*cell;
	const char		*side;
	size_t			 col;

	side = borders[t->style->ascii != 0][BORDER_SIDES].mid;
	for (col = 0; col < NCOLUMNS; col++) {
		if (!t->shown[col])
			continue;
		cell = &t->cells[row * NCOLUMNS + col];
		ob_str(ob, side);
		put_cell(ob, t, (enum column)col, t->text.data + cell->off,
		    cell->len, cell->width, cell->sgr);
	}
	ob_str(ob, side);
	ob_char(ob, '\n');
}

void
table_apps(struct outbuf *ob, const struct app_view *apps, size_t n,
    const struct output_style *style)
{
	struct outbuf	 between = { 0 };
	struct table	 t;
	size_t		 row;

	memset(&t, 0, sizeof(t));
	t.style = style;
	table_fill(&t, apps, n);
	table_fit(&t);
	table_border(&between, &t, BORDER_ROW);
	table_border(ob, &t, BORDER_TOP);
	table_head(ob, &t);
	for (row = 0; row < n; row++) {
		ob_add(ob, between.data, between.len);
		table_row(ob, &t, row);
	}
	table_border(ob, &t, BORDER_BOTTOM);
	ob_free(&between);
	ob_free(&t.text);
	free(t.cells);
}

void
table_mini(struct outbuf *ob, const struct app_view *apps, size_t n)
{
	const struct ctl_appfix	*fix;
	size_t			 i;

	for (i = 0; i < n; i++) {
		fix = &apps[i].info.fix;
		ob_str(ob, "+--- ");
		ob_vis(ob, apps[i].info.name);
		ob_fmt(ob, "\npid : %u\npm2 id : %u\nstatus : %s\nmode : %s\n",
		    fix->pid, fix->id, app_statename(fix->state),
		    fix->cluster ? "cluster_mode" : "fork_mode");
		if (fix->port != 0)
			ob_fmt(ob, "port : %u\n", fix->port);
		else
			ob_str(ob, "port : undefined\n");
		ob_fmt(ob, "restarted : %u\nuptime : ", fix->restarts);
		cell_uptime(ob, &apps[i], NULL);
		ob_str(ob, "\nmemory usage : ");
		ob_memory(ob, fix->memory);
		ob_str(ob, "\nout log : ");
		ob_vis(ob, apps[i].info.out);
		ob_str(ob, "\nerror log : ");
		ob_vis(ob, apps[i].info.err);
		ob_str(ob, "\nPID file : ");
		ob_vis(ob, apps[i].info.pidfile);
		ob_str(ob, "\n\n");
	}
}

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
 * What people read: the prefixes of pm2, in colour on a terminal.  What
 * comes from elsewhere cannot move the cursor or change the title.
 */
#include <sys/types.h>

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "pm2ctl.h"
#include "termfilter.h"

#define GREEN	"\033[32m"
#define YELLOW	"\033[33m"
#define RED	"\033[31m"
#define PLAIN	"\033[39m"

static int	 silent;
static int	 no_color;
static const char *daemon_note;		/* NULL: the usual one */
static int	 color[2] = { -1, -1 };	/* stdout, stderr; -1: not asked yet */

static void	 say(FILE *, const char *, const char *, const char *, va_list)
		    __attribute__((format(printf, 4, 0)));

void
say_init(const struct options *opt)
{
	const char	*e;

	silent = opt->silent;
	no_color = opt->no_color;
	if ((e = getenv("NO_COLOR")) != NULL && *e != '\0')
		no_color = 1;
	if ((e = getenv("TERM")) != NULL && strcmp(e, "dumb") == 0)
		no_color = 1;
}

int
say_color(FILE *fp)
{
	int	 i;

	i = fp == stderr;
	if (color[i] == -1)
		color[i] = !no_color && isatty(i + 1);
	return (color[i]);
}

void
say_daemon(const char *note)
{
	daemon_note = note;
}

static void
say(FILE *fp, const char *ink, const char *prefix, const char *fmt,
    va_list ap)
{
	struct termfilter	 tf;
	struct outbuf		 ob = { 0 };
	char			 line[8192];

	(void)vsnprintf(line, sizeof(line), fmt, ap);
	termfilter_init(&tf, 0);
	if (prefix != NULL && daemon_note != NULL) {
		ob_char(&ob, '[');
		termfilter_feed(&tf, &ob, daemon_note, strlen(daemon_note));
		ob_str(&ob, "] ");
	}
	termfilter_feed(&tf, &ob, line, strlen(line));
	termfilter_end(&tf, &ob);
	ob_char(&ob, '\n');
	/* Keep the order of the two streams. */
	if (fp == stderr)
		(void)fflush(stdout);
	if (prefix != NULL && say_color(fp))
		(void)fprintf(fp, "%s%s%s", ink, prefix, PLAIN);
	else if (prefix != NULL)
		(void)fputs(prefix, fp);
	(void)fwrite(ob.data, 1, ob.len, fp);
	(void)fflush(fp);
	ob_free(&ob);
}

void
say_info(const char *fmt, ...)
{
	va_list	 ap;

	if (silent)
		return;
	va_start(ap, fmt);
	say(stdout, GREEN, "PM2 ", fmt, ap);
	va_end(ap);
}

void
say_plain(const char *fmt, ...)
{
	va_list	 ap;

	if (silent)
		return;
	va_start(ap, fmt);
	say(stdout, "", NULL, fmt, ap);
	va_end(ap);
}

void
say_warn(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	say(stderr, YELLOW, "PM2 [WARN] ", fmt, ap);
	va_end(ap);
}

void
say_error(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	say(stderr, RED, "PM2 [ERROR] ", fmt, ap);
	va_end(ap);
}

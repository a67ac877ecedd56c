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

#include <stdlib.h>
#include <string.h>

#include "logs_follow.h"
#include "output.h"
#include "pm2ctl.h"
#include "termfilter.h"

/* Lines of stderr of an app that died: Node says what it was in the 4th. */
#define LAST_WORDS	32
#define TAIL_LINE_MAX	4096	/* of a line, for those who show a few */

struct tail {
	void		(*fn)(const char *, size_t, void *);
	void		*arg;
	struct outbuf	 line;		/* whose rest is still to come */
	int		 count;
};

static void	 tail_line(const struct follow_line *, const char *, size_t,
		    void *);
static void	 print_line(const char *, size_t, void *);
static void	 keep_stats(const struct follow_stats *, void *);

static void
tail_line(const struct follow_line *fl, const char *s, size_t len, void *arg)
{
	struct tail	*tail = arg;

	if (len > TAIL_LINE_MAX - tail->line.len)
		len = TAIL_LINE_MAX - tail->line.len;
	ob_add(&tail->line, s, len);
	if (fl->flags & FOLLOW_PARTIAL)
		return;
	tail->fn(ob_text(&tail->line), tail->line.len, tail->arg);
	tail->line.len = 0;
	tail->count++;
}

int
logs_tail(struct client *c, uint32_t id, uint32_t flags, uint32_t lines,
    void (*fn)(const char *, size_t, void *), void *arg)
{
	static const struct follow_ops	 ops = { tail_line, NULL, NULL };
	struct follow			 f;
	struct tail			 tail;
	int				 fd, error;

	memset(&tail, 0, sizeof(tail));
	tail.fn = fn;
	tail.arg = arg;
	if ((fd = client_logs(c, flags & ~(uint32_t)CTL_LOGS_FOLLOW, lines,
	    &id, 1)) == -1 || follow_open(&f, fd, &ops, &tail) == -1)
		return (-1);
	error = follow_history(&f);
	follow_close(&f);
	if (tail.line.len != 0) {
		fn(ob_text(&tail.line), tail.line.len, arg);
		tail.count++;
	}
	ob_free(&tail.line);
	return (error == -1 && tail.count == 0 ? -1 : tail.count);
}

void
logs_put_line(struct outbuf *ob, int colour, const char *s, size_t len)
{
	struct termfilter	 tf;

	if (len > 0 && s[len - 1] == '\r')
		len--;
	termfilter_init(&tf, colour ? TERMFILTER_SGR : TERMFILTER_STRIP);
	ob_str(ob, "  ");
	termfilter_feed(&tf, ob, s, len);
	termfilter_end(&tf, ob);
	ob_char(ob, '\n');
}

static void
print_line(const char *s, size_t len, void *arg)
{
	struct outbuf	 ob = { 0 };

	logs_put_line(&ob, say_color(arg), s, len);
	(void)fwrite(ob.data, 1, ob.len, arg);
	ob_free(&ob);
}

int
logs_print_tail(struct client *c, uint32_t id, uint32_t flags, uint32_t lines,
    FILE *fp)
{
	int	 n;

	n = logs_tail(c, id, flags, lines, print_line, fp);
	(void)fflush(fp);
	return (n);
}

/*
 * It may be running again already, and have said nothing yet: then the end
 * of the file is what the dead one said.
 */
void
logs_print_stderr(struct client *c, uint32_t id)
{
	int	 quiet;

	/* That there are no logs would be a second error for the first. */
	quiet = c->quiet;
	c->quiet = 1;
	if (logs_print_tail(c, id, CTL_LOGS_ERR | CTL_LOGS_RUN, LAST_WORDS,
	    stderr) == 0)
		(void)logs_print_tail(c, id, CTL_LOGS_ERR, LAST_WORDS,
		    stderr);
	c->quiet = quiet;
}

void
logs_print_words(struct client *c, uint32_t id)
{
	int	 quiet;

	quiet = c->quiet;
	c->quiet = 1;
	(void)logs_print_tail(c, id, CTL_LOGS_ERR | CTL_LOGS_RUN |
	    CTL_LOGS_ALONE, LAST_WORDS, stderr);
	c->quiet = quiet;
}

static void
keep_stats(const struct follow_stats *stats, void *arg)
{
	struct follow_stats	*kept = arg;

	kept[stats->kind] = *stats;
}

int
logs_stats(struct client *c, uint32_t id, struct follow_stats *kept)
{
	static const struct follow_ops	 ops = { NULL, NULL, keep_stats };
	struct follow			 f;
	int				 fd, error;

	memset(kept, 0, LOG_KINDS * sizeof(*kept));
	if ((fd = client_logs(c, CTL_LOGS_STATS | CTL_LOGS_OUT | CTL_LOGS_ERR,
	    0, &id, 1)) == -1 || follow_open(&f, fd, &ops, kept) == -1)
		return (-1);
	error = follow_history(&f);
	follow_close(&f);
	return (error);
}

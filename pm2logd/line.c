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

#include <stdlib.h>
#include <string.h>

#include "line.h"

#define LINE_FIRST	256	/* first allocation */

static int	line_room(struct linesplit *, size_t);
static size_t	line_cutat(const char *);
static size_t	line_piece(const char *, size_t, size_t *, int *);
static int	line_emit(struct linesplit *, const char *, size_t, int,
		    line_handler *, void *);
static int	line_buffered(struct linesplit *, const char **, size_t *,
		    line_handler *, void *);
static int	line_inplace(struct linesplit *, const char **, size_t *,
		    line_handler *, void *);
static int	line_unstash(struct linesplit *, line_handler *, void *);
static int	line_keep(struct linesplit *, const char *, size_t,
		    line_handler *, void *);

static int
line_room(struct linesplit *ls, size_t len)
{
	size_t	 size;
	char	*buf;

	size = ls->size == 0 ? LINE_FIRST : ls->size;
	while (size - ls->len < len)
		size *= 2;
	if (size == ls->size)
		return (0);
	if ((buf = realloc(ls->buf, size)) == NULL)
		return (-1);
	ls->buf = buf;
	ls->size = size;
	return (0);
}

/* Where to cut: not within a character, if this is UTF-8. */
static size_t
line_cutat(const char *p)
{
	size_t	 n;

	for (n = LINE_CAP; n > LINE_CAP - 4; n--)
		if (((unsigned char)p[n] & 0xc0) != 0x80)
			return (n);
	return (LINE_CAP);
}

/* One piece of contiguous bytes: how many it takes, 0 when incomplete. */
static size_t
line_piece(const char *p, size_t len, size_t *textlen, int *flags)
{
	const char	*nl;
	size_t		 window;

	*flags = 0;
	window = len < LINE_CAP + 1 ? len : LINE_CAP + 1;
	if ((nl = memchr(p, '\n', window)) != NULL) {
		*textlen = (size_t)(nl - p);
		return (*textlen + 1);
	}
	if (len <= LINE_CAP)
		return (0);
	*flags = LINE_GOESON;
	*textlen = line_cutat(p);
	return (*textlen);
}

static int
line_emit(struct linesplit *ls, const char *p, size_t len, int flags,
    line_handler *fn, void *arg)
{
	if (ls->cut)
		flags |= LINE_RESUMED;
	ls->cut = (flags & LINE_GOESON) != 0;
	return (fn(p, len, flags, arg));
}

/* Complete the line that is in the buffer with what came. */
static int
line_buffered(struct linesplit *ls, const char **p, size_t *len,
    line_handler *fn, void *arg)
{
	const char	*nl;
	size_t		 n, take, textlen;
	int		 flags, stop;

	take = LINE_CAP + 1 - ls->len;
	if (take > *len)
		take = *len;
	if ((nl = memchr(*p, '\n', take)) != NULL)
		take = (size_t)(nl - *p) + 1;
	if (line_room(ls, take) == -1) {
		stop = line_emit(ls, ls->buf, ls->len, LINE_GOESON, fn, arg);
		ls->len = 0;
		return (stop);
	}
	memcpy(ls->buf + ls->len, *p, take);
	ls->len += take;
	*p += take;
	*len -= take;
	if ((n = line_piece(ls->buf, ls->len, &textlen, &flags)) == 0)
		return (0);
	stop = line_emit(ls, ls->buf, textlen, flags, fn, arg);
	ls->len -= n;
	memmove(ls->buf, ls->buf + n, ls->len);
	return (stop);
}

/* Lines that are whole where they lie. */
static int
line_inplace(struct linesplit *ls, const char **p, size_t *len,
    line_handler *fn, void *arg)
{
	size_t	 n, textlen;
	int	 flags, stop;

	stop = 0;
	while (*len > 0 && !stop) {
		if ((n = line_piece(*p, *len, &textlen, &flags)) == 0)
			break;
		stop = line_emit(ls, *p, textlen, flags, fn, arg);
		*p += n;
		*len -= n;
	}
	return (stop);
}

/* The beginning of a line: keep it, or without memory hand it on as it is. */
static int
line_keep(struct linesplit *ls, const char *p, size_t len, line_handler *fn,
    void *arg)
{
	if (len == 0)
		return (0);
	if (line_room(ls, len) == -1)
		return (line_emit(ls, p, len, LINE_GOESON, fn, arg));
	memcpy(ls->buf + ls->len, p, len);
	ls->len += len;
	return (0);
}

/* Look at bytes that were put away without looking at them. */
static int
line_unstash(struct linesplit *ls, line_handler *fn, void *arg)
{
	struct linesplit	 old;
	const char		*p;
	size_t			 len;
	int			 stop;

	old = *ls;
	ls->buf = NULL;
	ls->len = ls->size = 0;
	ls->raw = 0;
	p = old.buf;
	len = old.len;
	stop = line_inplace(ls, &p, &len, fn, arg);
	if (len == 0) {
		free(old.buf);
		return (stop);
	}
	memmove(old.buf, p, len);
	ls->buf = old.buf;
	ls->size = old.size;
	ls->len = len;
	ls->raw = stop;
	return (stop);
}

int
line_feed(struct linesplit *ls, const char *p, size_t len, line_handler *fn,
    void *arg)
{
	int	 stop;

	stop = 0;
	if (ls->raw)
		stop = line_unstash(ls, fn, arg);
	while (!stop && ls->len > 0 && len > 0)
		stop = line_buffered(ls, &p, &len, fn, arg);
	if (!stop)
		stop = line_inplace(ls, &p, &len, fn, arg);
	if (!stop)
		stop = line_keep(ls, p, len, fn, arg);
	else if (len > 0 && line_stash(ls, p, len) == -1)
		(void)line_emit(ls, p, len, LINE_GOESON, fn, arg);
	if (ls->len == 0 && ls->buf != NULL)
		line_clear(ls);
	return (stop);
}

int
line_finish(struct linesplit *ls, line_handler *fn, void *arg)
{
	int	 stop;

	if (ls->raw && line_unstash(ls, fn, arg))
		return (1);
	stop = 0;
	if (ls->len > 0)
		stop = line_emit(ls, ls->buf, ls->len, LINE_OPEN, fn, arg);
	line_clear(ls);
	ls->cut = 0;
	return (stop);
}

int
line_stash(struct linesplit *ls, const char *p, size_t len)
{
	if (line_room(ls, len) == -1)
		return (-1);
	memcpy(ls->buf + ls->len, p, len);
	ls->len += len;
	ls->raw = 1;
	return (0);
}

/* Frees the memory; a cut line stays cut. */
void
line_clear(struct linesplit *ls)
{
	free(ls->buf);
	ls->buf = NULL;
	ls->len = ls->size = 0;
	ls->raw = 0;
}

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
 * The last lines of a log, from the end backwards, name.1 included when name
 * is too short.  Both are read through descriptors of their own: what is
 * rotated meanwhile is still read to where it ended when we began.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <string.h>
#include <unistd.h>

#include "pm2logd.h"
#include "sys.h"

#define HISTORY_BLOCK	65536
#define HISTORY_SLICE	(4 * 1024 * 1024)	/* bytes looked at in a turn */

static void	 history_range(struct history *, int, uint64_t, uint64_t,
		    uint64_t, uint64_t);
static void	 history_rotated(struct history *, struct logfile *, uint64_t,
		    uint64_t);
static ssize_t	 history_read(struct history *, off_t, size_t);
static int	 history_count(struct history *, off_t, size_t);
static void	 history_next(struct history *);
static int	 history_lines(struct history *, size_t, history_taker *,
		    void *);

static char	 block[HISTORY_BLOCK];

/* The part of [base, base + size) that lies within [from, to). */
static void
history_range(struct history *h, int seg, uint64_t base, uint64_t size,
    uint64_t from, uint64_t to)
{
	uint64_t	 hi, lo;

	lo = from > base ? from - base : 0;
	hi = to > base ? to - base : 0;
	if (hi > size)
		hi = size;
	if (lo > hi)
		lo = hi;
	h->start[seg] = (off_t)lo;
	h->end[seg] = h->pos[seg] = (off_t)hi;
}

static void
history_rotated(struct history *h, struct logfile *f, uint64_t from,
    uint64_t to)
{
	struct stat	 sb;
	uint64_t	 end;

	/* Is what is there now what we know of, or older than we are? */
	end = f->rot1_end;
	if (end == 0 && f->base == FILE_ORIGIN)
		end = f->base;
	if (end == 0 || (h->fd[0] = file_openread(f, 1)) == -1)
		return;
	if (sys_fstat(h->fd[0], &sb) == -1 ||
	    (f->rot1_end != 0 && (uint64_t)sb.st_size != f->rot1_size)) {
		close(h->fd[0]);
		h->fd[0] = -1;
		return;
	}
	history_range(h, 0, end - (uint64_t)sb.st_size, (uint64_t)sb.st_size,
	    from, to);
}

int
history_begin(struct history *h, struct logfile *f, uint64_t from, uint64_t to,
    uint64_t want)
{
	memset(h, 0, sizeof(*h));
	h->fd[0] = -1;
	h->want = want;
	h->seg = 1;
	if ((h->fd[1] = file_openread(f, 0)) == -1)
		return (-1);
	history_range(h, 1, f->base, f->size, from, to);
	history_rotated(h, f, from, to);
	return (0);
}

void
history_end(struct history *h)
{
	int	 i;

	for (i = 0; i < 2; i++) {
		if (h->fd[i] != -1)
			close(h->fd[i]);
		h->fd[i] = -1;
	}
}

static ssize_t
history_read(struct history *h, off_t off, size_t len)
{
	return (sys_pread(h->fd[h->seg], block, len, off));
}

/*
 * Count the lines that begin after a newline in this block, from its end on.
 * 1 when that is enough.
 */
static int
history_count(struct history *h, off_t off, size_t len)
{
	const char	*nl;
	off_t		 at;

	while ((nl = memrchr(block, '\n', len)) != NULL) {
		len = (size_t)(nl - block);
		at = off + (off_t)len;
		if (at == h->end[h->seg] - 1)
			continue;	/* the end of the last line */
		if (++h->lines == h->want) {
			h->start[h->seg] = at + 1;
			return (1);
		}
	}
	return (0);
}

/* The beginning of a segment is the beginning of a line. */
static void
history_next(struct history *h)
{
	if (h->end[h->seg] > h->start[h->seg])
		h->lines++;
	h->seg--;
}

int
history_scan(struct history *h)
{
	off_t	 lo, pos;
	size_t	 len, total;

	for (total = 0; total < HISTORY_SLICE && h->seg >= 0; total += len) {
		len = 0;
		if (h->fd[h->seg] == -1) {
			h->seg--;
			continue;
		}
		if (h->lines >= h->want) {	/* nothing of this one */
			h->start[h->seg] = h->end[h->seg];
			h->seg--;
			continue;
		}
		lo = h->start[h->seg];
		pos = h->pos[h->seg];
		if (pos == lo) {
			history_next(h);
			continue;
		}
		len = pos - lo < HISTORY_BLOCK ? (size_t)(pos - lo) :
		    HISTORY_BLOCK;
		pos -= (off_t)len;
		h->pos[h->seg] = pos;
		if (history_read(h, pos, len) != (ssize_t)len) {
			/* somebody cut it: what comes after is left */
			h->start[h->seg] = pos + (off_t)len;
			h->pos[h->seg] = h->start[h->seg];
		} else if (history_count(h, pos, len))
			h->pos[h->seg--] = 0;
	}
	if (h->seg >= 0)
		return (HISTORY_MORE);
	h->pos[0] = h->start[0];
	h->pos[1] = h->start[1];
	h->seg = 0;
	return (HISTORY_DONE);
}

/* Hand on what is in the block; 1: everything that can be, 0: not now. */
static int
history_lines(struct history *h, size_t len, history_taker *take, void *arg)
{
	const char	*nl, *p;
	size_t		 n;
	uint32_t	 flags;
	int		 last;

	last = h->pos[h->seg] + (off_t)len >= h->end[h->seg];
	for (p = block; len > 0; p += n, len -= n) {
		flags = FOLLOW_HISTORY;
		if ((nl = memchr(p, '\n', len)) != NULL) {
			n = (size_t)(nl - p);
			if (take(arg, p, n, flags) == -1)
				return (0);
			h->pos[h->seg] += (off_t)++n;
			continue;
		}
		if (!last && p != block)
			return (1);	/* read again from its beginning */
		n = len;
		if (!last || (h->seg == 1 && h->follows)) {
			flags |= FOLLOW_PARTIAL;
			h->open = last;
		}
		if (take(arg, p, n, flags) == -1)
			return (0);
		h->pos[h->seg] += (off_t)n;
	}
	return (1);
}

int
history_send(struct history *h, history_taker *take, void *arg)
{
	size_t	 len, total;
	off_t	 left;
	ssize_t	 n;

	for (total = 0; total < HISTORY_SLICE; total += len) {
		len = 0;
		if (h->seg == 2)
			return (HISTORY_DONE);
		left = h->end[h->seg] - h->pos[h->seg];
		if (h->fd[h->seg] == -1 || left <= 0) {
			h->seg++;
			continue;
		}
		len = left < HISTORY_BLOCK ? (size_t)left : HISTORY_BLOCK;
		if ((n = history_read(h, h->pos[h->seg], len)) <= 0) {
			h->seg++;
			continue;
		}
		if (!history_lines(h, (size_t)n, take, arg))
			return (HISTORY_FULL);
	}
	return (HISTORY_MORE);
}

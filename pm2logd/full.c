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
 * Files that cannot be written.  The bytes are kept and the pipes of that
 * file are not read (FILE_HOLD), it is tried again each LOGD_RETRY_MS, and
 * what was rotated away longest ago makes room.  After full_wait the pipes
 * are read again and whole lines are dropped and counted (FILE_DROP), until
 * writing works and the log says how many.
 *
 * A file that may not be written at all (a symbolic link was put in its
 * place) begins with dropping: no waiting helps there.
 */
#include <sys/types.h>

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "log.h"
#include "pm2logd.h"

#define FULL_SACRIFICES	16	/* rotated files removed per attempt */
#define FULL_ALERT_MS	60000	/* say it once per minute */

static int	full_waits(int);
static int	full_isspace(int);
static void	full_alert(struct logfile *);
static int	full_keep(struct logfile *, const char *, size_t);
static void	full_unkeep(struct logfile *, size_t);
static int	full_push(struct logfile *);
static int	full_marker(struct logfile *);
static void	full_over(struct logfile *);
static void	full_drop(struct logfile *);
static void	full_count(struct logfile *, struct source *, const char *,
		    size_t);
static void	full_schedule(void);
static void	full_tick(evutil_socket_t, short, void *);

static TAILQ_HEAD(, logfile)	 failing = TAILQ_HEAD_INITIALIZER(failing);
static struct event		*timer;
static uint64_t			 full_wait = 30000;
static size_t			 held;

void
full_init(struct event_base *base)
{
	if ((timer = evtimer_new(base, full_tick, NULL)) == NULL)
		fatalx("evtimer_new");
}

void
full_conf(uint64_t ms)
{
	full_wait = ms;
	full_schedule();
}

size_t
full_held(void)
{
	return (held);
}

/* Is it worth waiting for this to pass? */
static int
full_waits(int error)
{
	switch (error) {
	case ENOSPC:
	case EDQUOT:
	case EIO:
	case EMFILE:
	case ENFILE:
	case ENOMEM:
	case EAGAIN:
		return (1);
	}
	return (0);
}

static int
full_isspace(int error)
{
	return (error == ENOSPC || error == EDQUOT);
}

static void
full_alert(struct logfile *f)
{
	monotime_t	 now;

	now = monotime_now();
	if (f->alerted.ms != 0 &&
	    monotime_since(now, f->alerted) < FULL_ALERT_MS)
		return;
	f->alerted = now;
	errno = f->error;
	log_warn("%s: cannot be written, %s", f->name,
	    f->state == FILE_HOLD ? "waiting" : "dropping lines");
}

/* 0, or -1: no memory for it. */
static int
full_keep(struct logfile *f, const char *buf, size_t len)
{
	size_t	 size;
	char	*p;

	if (len == 0)
		return (0);
	if (f->heldoff > 0) {
		memmove(f->held, f->held + f->heldoff, f->heldlen);
		f->heldoff = 0;
	}
	if (f->heldsize - f->heldlen < len) {
		size = f->heldlen + len;
		if ((p = realloc(f->held, size)) == NULL)
			return (-1);
		f->held = p;
		f->heldsize = size;
	}
	memcpy(f->held + f->heldlen, buf, len);
	f->heldlen += len;
	held += len;
	return (0);
}

static void
full_unkeep(struct logfile *f, size_t len)
{
	f->heldoff += len;
	f->heldlen -= len;
	held -= len;
	if (f->heldlen > 0)
		return;
	free(f->held);
	f->held = NULL;
	f->heldoff = f->heldsize = 0;
}

/* Write what is kept. 0 when all of it is written. */
static int
full_push(struct logfile *f)
{
	size_t	 n;
	int	 tries;

	for (tries = 0;; tries++) {
		if (file_ready(f) == 0) {
			n = file_append(f, f->held + f->heldoff, f->heldlen);
			if (n > 0)
				full_unkeep(f, n);
			if (f->heldlen == 0)
				return (0);
		}
		f->error = errno;
		if (!full_isspace(f->error) || tries == FULL_SACRIFICES ||
		    (f->flags & LOGF_PASSED) ||
		    rotate_sacrifice(f->name) == -1)
			return (-1);
	}
}

/*
 * Say in the log what is missing, in its own format. 0 when it is written.
 * When nothing of it is, it is taken back, so that the next one says all.
 */
static int
full_marker(struct logfile *f)
{
	struct format	 fmt;
	struct source	*src;
	char		 line[FORMAT_LINE_MAX(256) + 1], text[256];
	uint64_t	 bytes, lines;
	size_t		 n;
	int		 len;

	bytes = f->drop_bytes;
	lines = f->drop_lines;
	len = snprintf(text, sizeof(text),
	    "[pm2] dropped %llu lines (%llu bytes): %s",
	    (unsigned long long)lines, (unsigned long long)bytes,
	    strerror(f->error));
	if (len < 0 || (size_t)len >= sizeof(text))
		len = (int)strlen(text);
	memset(&fmt, 0, sizeof(fmt));
	if ((src = source_find(f->drop_app, f->drop_kind)) != NULL)
		stream_format(src, &fmt);
	line[0] = '\n';
	n = f->midline != 0;
	n += format_line(&fmt, line + n, text, (size_t)len, 0);
	if (full_keep(f, line, n) == -1)
		return (-1);
	f->drop_lines = f->drop_bytes = 0;
	if (full_push(f) == 0)
		return (0);
	if (f->heldlen == n) {
		full_unkeep(f, n);
		f->drop_lines = lines;
		f->drop_bytes = bytes;
	}
	return (-1);
}

/* It works again. */
static void
full_over(struct logfile *f)
{
	struct source	*src;

	TAILQ_REMOVE(&failing, f, failing);
	f->state = FILE_OK;
	f->error = 0;
	f->alerted.ms = 0;
	log_info("%s: can be written again", f->name);
	TAILQ_FOREACH(src, &f->sources, infile) {
		if (f->state == FILE_HOLD)
			return;
		stream_resume(src);
	}
}

static void
full_count(struct logfile *f, struct source *src, const char *buf, size_t len)
{
	uint64_t	 lines;

	if (len == 0)
		return;
	lines = src->lost_lines;
	full_lost(src, buf, len);
	f->drop_lines += src->lost_lines - lines;
	f->drop_bytes += len;
	f->drop_app = src->app;
	f->drop_kind = src->kind;
}

void
full_lost(struct source *src, const char *buf, size_t len)
{
	const char	*end, *nl;
	int		 counted;

	end = buf + len;
	src->lost_bytes += len;
	counted = src->skip;	/* the line that its begin was part of */
	while ((nl = memchr(buf, '\n', (size_t)(end - buf))) != NULL) {
		src->lost_lines += !counted;
		counted = 0;
		buf = nl + 1;
	}
	if (buf != end)
		src->lost_lines += !counted;
	src->skip = buf != end;
}

/* Waited long enough.  A line that was begun in the file is completed. */
static void
full_drop(struct logfile *f)
{
	struct source	*src;
	const char	*nl;
	size_t		 len, whole;

	f->state = FILE_DROP;
	f->alerted.ms = 0;
	full_alert(f);
	nl = NULL;
	whole = 0;
	if (f->midline && f->heldlen > 0) {
		nl = memchr(f->held + f->heldoff, '\n', f->heldlen);
		whole = nl == NULL ? f->heldlen :
		    (size_t)(nl - (f->held + f->heldoff)) + 1;
	}
	len = f->heldlen - whole;
	if ((src = f->writer) != NULL && len > 0)
		full_count(f, src, f->held + f->heldoff + whole, len);
	else if (src != NULL && whole > 0 && nl == NULL) {
		src->lost_lines++;	/* its rest will be dropped */
		src->skip = 1;
	}
	f->heldlen = whole;
	held -= len;
	TAILQ_FOREACH(src, &f->sources, infile)
		stream_resume(src);
}

int
full_begin(struct logfile *f, struct source *src, int error, const char *buf,
    size_t len)
{
	struct source	*other;

	f->error = error;
	f->since = monotime_now();
	f->state = full_waits(error) ? FILE_HOLD : FILE_DROP;
	if (f->state == FILE_HOLD && full_keep(f, buf, len) == -1)
		f->state = FILE_DROP;
	/* Room may be had at once, by what was rotated. */
	if (f->state == FILE_HOLD && full_isspace(error) &&
	    full_push(f) == 0) {
		f->state = FILE_OK;
		return (0);
	}
	TAILQ_INSERT_TAIL(&failing, f, failing);
	full_alert(f);
	full_schedule();
	if (f->state == FILE_DROP) {
		full_count(f, src, buf, len);
		return (0);
	}
	TAILQ_FOREACH(other, &f->sources, infile)
		stream_pause(other);
	return (1);
}

int
full_write(struct logfile *f, struct source *src, const char *buf, size_t len)
{
	if (f->state == FILE_HOLD && full_keep(f, buf, len) == 0)
		return (1);
	full_count(f, src, buf, len);
	return (f->state == FILE_HOLD);
}

void
full_retry(struct logfile *f)
{
	if (full_push(f) == 0 &&
	    (f->drop_bytes == 0 || full_marker(f) == 0)) {
		full_over(f);
		return;
	}
	if (f->state == FILE_HOLD &&
	    monotime_since(monotime_now(), f->since) >= full_wait)
		full_drop(f);
	else
		full_alert(f);
}

void
full_finish(void)
{
	struct logfile	*f;

	TAILQ_FOREACH(f, &failing, failing) {
		if (full_push(f) == 0)
			continue;
		errno = f->error;
		log_warn("%s: %zu bytes could not be written", f->name,
		    f->heldlen);
	}
}

void
full_forget(struct logfile *f)
{
	if (f->heldlen > 0 && full_push(f) == -1) {
		errno = f->error;
		log_warn("%s: %zu bytes could not be written", f->name,
		    f->heldlen);
	}
	held -= f->heldlen;
	f->heldlen = 0;
	TAILQ_REMOVE(&failing, f, failing);
}

/* Wake up for the next attempt, or earlier when a wait is over. */
static void
full_schedule(void)
{
	struct logfile	*f;
	struct timeval	 tv;
	monotime_t	 now;
	uint64_t	 left, ms, waited;

	if (TAILQ_EMPTY(&failing)) {
		evtimer_del(timer);
		return;
	}
	ms = LOGD_RETRY_MS;
	now = monotime_now();
	TAILQ_FOREACH(f, &failing, failing) {
		if (f->state != FILE_HOLD)
			continue;
		waited = monotime_since(now, f->since);
		left = waited < full_wait ? full_wait - waited : 1;
		if (left < ms)
			ms = left;
	}
	tv.tv_sec = (time_t)(ms / 1000);
	tv.tv_usec = (suseconds_t)(ms % 1000) * 1000;
	evtimer_add(timer, &tv);
}

static void
full_tick(evutil_socket_t fd, short what, void *arg)
{
	struct logfile	*f, *next;

	(void)fd;
	(void)what;
	(void)arg;
	TAILQ_FOREACH_SAFE(f, &failing, failing, next)
		full_retry(f);
	full_schedule();
}

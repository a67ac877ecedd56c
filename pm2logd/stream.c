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
#include <sys/stat.h>

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "format.h"
#include "log.h"
#include "pm2logd.h"
#include "sys.h"

#define READ_SIZE	65536
#define READ_SMALL	4096		/* while much is held back */
#define DRAIN_MAX	(1024 * 1024 + READ_SIZE)	/* largest pipe */
#define TURN_BYTES	(4 * READ_SIZE)	/* then others have their turn */
#define TURN_READS	32
#define OUT_SIZE	(512 * 1024)

/*
 * A stream that begins while another one is in the middle of a line waits for
 * the rest of it; until a while ago it was alone and wrote what it had.
 */
#define LINE_WAIT_US	250000
#define LINE_LOOK_US	1000

/*
 * A pipe that is written to all the time is read by a timer: a wake-up brings
 * more than a line then, and the writer is not slowed by our waiting at the
 * other end.  The pause is made to bring some 32 KiB; from a pipe that may
 * have been full meanwhile it is shortened.
 */
#define PACE_MAX_US	5000
#define PACE_MIN_US	60	/* faster than that: by readiness */
#define PACE_MEASURE_US	1000
#define PACE_READS	4	/* in that time or a few times it: busy */
/* In parts of what the pipe holds: 64 KiB, or less for a user of many. */
#define PACE_ENOUGH(s)	((s)->room / 16 * 3)	/* a read worth waking for */
#define PACE_LITTLE(s)	((s)->room / 8 * 3)
#define PACE_BYTES(s)	((s)->room / 2)
#define PACE_FULL(s)	((s)->room / 4 * 3)
#define PACE_FULLS	4	/* full so often in a row: too slow */

enum stream_mode {
	STREAM_IDLE,	/* not read: paused, or at its end */
	STREAM_POLL,	/* by readiness */
	STREAM_TIMER	/* by time */
};

struct stream {
	TAILQ_ENTRY(stream)	 entry;
	struct event		 ev;
	struct source		*src;
	struct linesplit	 split;
	uint64_t		 since;		/* us: pace since then: */
	size_t			 bytes;
	size_t			 reads;
	uint64_t		 pause;		/* us, by timer */
	uint64_t		 patience;	/* us: until then; 0: no more */
	int			 fulls;
	uint32_t		 generation;
	int			 fd;		/* -1: at its end */
	size_t			 room;		/* bytes that the pipe holds */
	enum stream_mode	 mode;
};

/* Formatted lines on their way out. */
struct sink {
	struct source	*src;
	struct stream	*stream;
	size_t		 used;
	struct format	 format;
	int		 wait;
};

static int	 stream_lines(const struct source *);
static int	 stream_held(const struct source *);
static int	 stream_intrudes(const struct stream *);
static int	 stream_waits(const struct stream *);
static void	 stream_poll(struct stream *);
static void	 stream_stop(struct stream *);
static void	 stream_measure(struct stream *, size_t);
static void	 stream_adapt(struct stream *, size_t, unsigned int, int);
static void	 stream_again(struct stream *, size_t, unsigned int, int);
static void	 stream_wait(struct stream *);
static void	 stream_event(evutil_socket_t, short, void *);
static ssize_t	 stream_read(struct stream *);
static void	 stream_take(struct stream *, const char *, size_t);
static void	 stream_plain(struct stream *, const char *, size_t);
static void	 stream_drain(struct stream *);
static void	 stream_eof(struct stream *);
static void	 stream_free(struct stream *);
static void	 stream_finish_line(struct stream *);
static void	 stream_continue(struct stream *);
static void	 sink_begin(struct sink *, struct stream *);
static void	 sink_flush(struct sink *);
static int	 sink_line(const char *, size_t, int, void *);
static uint64_t	 now_us(void);
static size_t	 stream_room(int);

static struct event_base	*base;
static size_t			 nstreams;
static char			 readbuf[READ_SIZE];
static char			 outbuf[OUT_SIZE];

void
stream_init(struct event_base *evbase)
{
	base = evbase;
}

size_t
stream_count(void)
{
	return (nstreams);
}

static uint64_t
now_us(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000);
}

/* Has the output to be divided into lines? */
static int
stream_lines(const struct source *src)
{
	if (src->flags & (LOGS_TIME | LOGS_JSON))
		return (1);
	if (file_isnone(src->file))
		return (!LIST_EMPTY(&src->subs) && stream_nopen(src) > 1);
	return (src->file->nstreams > 1);
}

/* Would it go on in somebody else's unfinished line? */
static int
stream_intrudes(const struct stream *s)
{
	const struct source	*src = s->src;
	const struct logfile	*f = src->file;

	if (file_isnone(f) || !f->midline || f->state != FILE_OK)
		return (0);
	return (f->writer != src || (src->last != NULL && src->last != s));
}

/* ...whom it can wait for, and has not waited for too long. */
static int
stream_waits(const struct stream *s)
{
	const struct source	*writer;

	if (s->patience == 0 || !stream_intrudes(s))
		return (0);
	writer = s->src->file->writer;
	return (writer != NULL && writer->last != NULL &&
	    now_us() < s->patience);
}

static int
stream_held(const struct source *src)
{
	return (src->file != NULL && src->file->state == FILE_HOLD);
}

static void
stream_stop(struct stream *s)
{
	if (s->mode != STREAM_IDLE)
		event_del(&s->ev);
	s->mode = STREAM_IDLE;
}

static void
stream_poll(struct stream *s)
{
	if (s->mode == STREAM_POLL || s->fd == -1)
		return;
	stream_stop(s);
	event_assign(&s->ev, base, s->fd, EV_READ | EV_PERSIST, stream_event,
	    s);
	if (event_add(&s->ev, NULL) == -1) {
		log_warnx("app %u: pipe cannot be watched", s->src->app);
		return;
	}
	s->mode = STREAM_POLL;
}

/* By readiness: measure the pace, and see whether a timer would do. */
static void
stream_measure(struct stream *s, size_t n)
{
	uint64_t	 now, took;

	s->bytes += n;
	s->reads++;
	now = now_us();
	if ((took = now - s->since) < PACE_MEASURE_US)
		return;
	s->pause = took * PACE_BYTES(s) / s->bytes;
	if (s->pause > PACE_MAX_US)
		s->pause = PACE_MAX_US;
	s->fulls = 0;
	if (s->reads >= PACE_READS && s->bytes / s->reads < PACE_ENOUGH(s) &&
	    s->pause >= PACE_MIN_US && took < PACE_READS * PACE_MAX_US)
		stream_wait(s);
	s->since = now;
	s->bytes = s->reads = 0;
}

/*
 * By time: the first of so many reads brought so much.  From a pipe in packet
 * mode a read brings little though there is much.
 */
static void
stream_adapt(struct stream *s, size_t n, unsigned int reads, int empty)
{
	s->room = stream_room(s->fd);	/* the app may change it */
	if (n > PACE_FULL(s) || reads >= TURN_READS)
		s->pause /= 2;
	else if (n < PACE_LITTLE(s) && empty)
		s->pause += s->pause / 4;
	s->fulls = n > PACE_FULL(s) ? s->fulls + 1 : 0;
	if (s->pause > PACE_MAX_US)
		s->pause = PACE_MAX_US;
	if (s->pause < PACE_MIN_US)
		s->pause = PACE_MIN_US;
}

/* Read it after a while, however much or little comes. */
static void
stream_wait(struct stream *s)
{
	struct timeval	 tv;

	if (s->mode != STREAM_TIMER) {
		stream_stop(s);
		event_assign(&s->ev, base, -1, 0, stream_event, s);
		s->mode = STREAM_TIMER;
	}
	tv.tv_sec = 0;
	tv.tv_usec = (suseconds_t)s->pause;
	if (event_add(&s->ev, &tv) == -1)
		stream_poll(s);
}

/* Once, or some more when there is more: then others have their turn. */
static void
stream_event(evutil_socket_t fd, short what, void *arg)
{
	struct stream	*s;
	size_t		 first, total;
	ssize_t		 n;
	unsigned int	 reads;

	(void)fd;
	(void)what;
	s = arg;
	if (stream_waits(s)) {
		s->pause = LINE_LOOK_US;
		stream_wait(s);
		return;
	}
	s->patience = 0;
	first = total = 0;
	for (reads = 0; reads < TURN_READS && total < TURN_BYTES; reads++) {
		if ((n = stream_read(s)) <= 0)
			break;
		total += (size_t)n;
		if (reads == 0)
			first = (size_t)n;
		if (s->mode == STREAM_IDLE)
			return;		/* its file cannot be written */
		if (s->mode == STREAM_POLL) {
			stream_measure(s, (size_t)n);
			if ((size_t)n <= PACE_BYTES(s))
				return;
		} else if (first >= PACE_LITTLE(s) &&
		    (size_t)n <= PACE_BYTES(s))
			break;
	}
	if (n == 0)
		stream_eof(s);
	else if (s->mode == STREAM_TIMER)
		stream_again(s, first, reads, n == -1);
}

/* The timer was used up: set it, unless something else is better now. */
static void
stream_again(struct stream *s, size_t first, unsigned int reads, int empty)
{
	if (reads > 0)
		stream_adapt(s, first, reads, empty);
	else
		s->pause *= 2;		/* we were too early */
	if (s->fulls >= PACE_FULLS || (reads == 0 && s->pause > PACE_MAX_US))
		stream_poll(s);
	else
		stream_wait(s);
}

/* Read once: bytes, 0 at the end, -1: nothing there. */
static ssize_t
stream_read(struct stream *s)
{
	size_t	 want;
	ssize_t	 n;

	want = full_held() > LOGD_HELD_MAX ? READ_SMALL : READ_SIZE;
	n = sys_read(s->fd, readbuf, want);
	if (n > 0) {
		stream_take(s, readbuf, (size_t)n);
		return (n);
	}
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return (-1);
	if (n == -1)
		log_warn("app %u: reading its output", s->src->app);
	return (0);
}

static void
sink_begin(struct sink *k, struct stream *s)
{
	struct source	*src = s->src;

	k->src = src;
	k->stream = s;
	k->used = 0;
	k->wait = 0;
	stream_format(src, &k->format);
}

void
stream_format(struct source *src, struct format *f)
{
	struct format_source	 fs;

	fs.flags = 0;
	if (src->flags & LOGS_TIME)
		fs.flags |= FORMAT_TIME;
	if (src->flags & LOGS_JSON)
		fs.flags |= FORMAT_JSON;
	fs.datefmt = src->datefmt;
	fs.name = src->name;
	fs.id = src->app;
	fs.err = src->kind == LOG_ERR;
	format_begin(f, &fs, fs.flags != 0 ? walltime_ms() : 0);
}

static void
sink_flush(struct sink *k)
{
	struct logfile	*f;

	if (k->used == 0)
		return;
	f = k->src->file;
	if (stream_intrudes(k->stream)) {
		if (f->writer == k->src)
			follow_endline(k->src);
		(void)file_write(f, k->src, "\n", 1);
	}
	k->src->last = k->stream;
	if (source_output(k->src, outbuf, k->used))
		k->wait = 1;
	k->used = 0;
}

static int
sink_line(const char *text, size_t len, int flags, void *arg)
{
	struct sink	*k;

	k = arg;
	if (OUT_SIZE - k->used < FORMAT_LINE_MAX(len))
		sink_flush(k);
	k->used += format_line(&k->format, outbuf + k->used, text, len, flags);
	return (k->wait);
}

/* Bytes to the file as they came. */
static void
stream_plain(struct stream *s, const char *buf, size_t len)
{
	if (s->split.len > 0) {
		source_output(s->src, s->split.buf, s->split.len);
		line_clear(&s->split);
		s->split.cut = 0;
		s->src->last = s;
	}
	if (len == 0)
		return;
	source_output(s->src, buf, len);
	s->src->last = s;
}

static void
stream_take(struct stream *s, const char *buf, size_t len)
{
	struct sink	 k;

	if (!stream_lines(s->src)) {
		stream_plain(s, buf, len);
		return;
	}
	/* Held back: the raw bytes are the smaller thing to keep. */
	if (stream_held(s->src) && len > 0 &&
	    line_stash(&s->split, buf, len) == 0)
		return;
	sink_begin(&k, s);
	(void)line_feed(&s->split, buf, len, sink_line, &k);
	sink_flush(&k);
}

static void
stream_finish_line(struct stream *s)
{
	struct sink	 k;

	if (stream_held(s->src))
		return;
	if (!stream_lines(s->src))
		stream_plain(s, NULL, 0);
	else if (s->split.len > 0) {
		sink_begin(&k, s);
		(void)line_finish(&s->split, sink_line, &k);
		sink_flush(&k);
	}
	follow_endline(s->src);
}

/* Read what is there now.  Held back, at most what one read brings. */
static void
stream_drain(struct stream *s)
{
	size_t	 total;
	ssize_t	 n;

	for (total = 0; s->fd != -1 && total < DRAIN_MAX;
	    total += (size_t)n) {
		if (stream_held(s->src) &&
		    (total > 0 || full_held() > LOGD_HELD_MAX))
			return;
		if ((n = stream_read(s)) == 0) {
			stream_eof(s);
			return;
		}
		if (n == -1)
			return;
	}
}

/* May free it. */
static void
stream_eof(struct stream *s)
{
	struct log_ref	 ref;

	stream_stop(s);
	close(s->fd);
	s->fd = -1;
	nstreams--;
	memset(&ref, 0, sizeof(ref));
	ref.app = s->src->app;
	ref.generation = s->generation;
	ref.kind = s->src->kind;
	parent_send(IMSG_LOG_EOF, &ref, sizeof(ref));
	stream_finish_line(s);
	if (s->src->file != NULL)
		s->src->file->nstreams--;
	if (s->split.len == 0)
		stream_free(s);
}

static void
stream_free(struct stream *s)
{
	stream_stop(s);
	if (s->fd != -1) {
		close(s->fd);
		nstreams--;
		if (s->src->file != NULL)
			s->src->file->nstreams--;
	}
	TAILQ_REMOVE(&s->src->streams, s, entry);
	if (s->src->last == s)
		s->src->last = NULL;
	line_clear(&s->split);
	free(s);
}

/* How much the pipe holds, as far as one read goes. */
static size_t
stream_room(int fd)
{
	size_t	 room = pipe_room(fd);

	return (room > READ_SIZE ? READ_SIZE : room);
}

int
stream_new(struct source *src, uint32_t generation, int fd)
{
	struct stat	 sb;
	struct stream	*s;
	int		 flags;

	if (sys_fstat(fd, &sb) == -1 || (flags = sys_fcntl_getfl(fd)) == -1 ||
	    sys_fcntl_setfl(fd, flags | O_NONBLOCK) == -1) {
		close(fd);
		return (EBADF);
	}
	if (!S_ISFIFO(sb.st_mode) && !S_ISSOCK(sb.st_mode)) {
		close(fd);
		return (EINVAL);
	}
	if ((s = calloc(1, sizeof(*s))) == NULL) {
		close(fd);
		return (ENOMEM);
	}
	s->src = src;
	s->fd = fd;
	s->room = stream_room(fd);
	s->generation = generation;
	TAILQ_INSERT_TAIL(&src->streams, s, entry);
	nstreams++;
	if (src->file != NULL)
		src->file->nstreams++;
	s->patience = now_us() + LINE_WAIT_US;
	s->pause = LINE_LOOK_US;
	if (stream_held(src))
		return (0);
	if (stream_waits(s))
		stream_wait(s);
	else
		stream_poll(s);
	return (0);
}

void
stream_drain_older(struct source *src, uint32_t generation)
{
	struct stream	*next, *s;

	TAILQ_FOREACH_SAFE(s, &src->streams, entry, next) {
		if (s->generation > generation || s->fd == -1)
			continue;
		stream_drain(s);
	}
}

/* Older ones may be at work, and in the middle of a line. */
void
stream_drain_source(struct source *src, uint32_t generation)
{
	struct stream	*s;

	stream_drain_older(src, generation);
	TAILQ_FOREACH(s, &src->streams, entry)
		if ((s->generation == generation ||
		    generation == UINT32_MAX) && s->fd != -1)
			stream_finish_line(s);
}

size_t
stream_nopen(const struct source *src)
{
	const struct stream	*s;
	size_t			 n;

	n = 0;
	TAILQ_FOREACH(s, &src->streams, entry)
		n += s->fd != -1;
	return (n);
}

int
stream_exists(struct source *src, uint32_t generation)
{
	struct stream	*s;

	TAILQ_FOREACH(s, &src->streams, entry)
		if (s->generation == generation && s->fd != -1)
			return (1);
	return (0);
}

void
stream_close_source(struct source *src)
{
	struct stream	*s;

	while ((s = TAILQ_FIRST(&src->streams)) != NULL)
		stream_free(s);
}

void
stream_drain_all(void)
{
	struct source	*src;

	for (src = source_first(); src != NULL; src = source_next(src))
		stream_drain_source(src, UINT32_MAX);
}

void
stream_pause(struct source *src)
{
	struct stream	*s;

	TAILQ_FOREACH(s, &src->streams, entry)
		stream_stop(s);
}

/* Hand on what was kept, then read again. */
static void
stream_continue(struct stream *s)
{
	if (s->split.raw)
		stream_take(s, NULL, 0);
	if (stream_held(s->src))
		return;
	if (s->fd == -1) {
		stream_finish_line(s);
		stream_free(s);
		return;
	}
	/* An older generation comes before the next one. */
	if (TAILQ_NEXT(s, entry) != NULL) {
		stream_drain(s);
		return;
	}
	stream_poll(s);
}

void
stream_resume(struct source *src)
{
	struct stream	*next, *s;

	TAILQ_FOREACH_SAFE(s, &src->streams, entry, next) {
		if (stream_held(src))
			return;
		stream_continue(s);
	}
	if (stream_held(src))
		return;
	TAILQ_FOREACH(s, &src->streams, entry)
		stream_poll(s);
}

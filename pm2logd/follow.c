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
 * Followers: clients that read logs.  Each has a socket, and what it does not
 * read is kept up to a bound, then counted and told as a gap; nobody waits
 * for it.
 *
 * First comes the history of each file up to the position where it ended when
 * the follower came; what is written from then on is put by meanwhile, so
 * that between history and live there is no gap and no overlap.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <errno.h>
#include <event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "imsg.h"
#include "imsgev.h"
#include "log.h"
#include "pm2logd.h"
#include "sys.h"

#define FOLLOWERS_MAX	256
#define FOLLOW_PIECE	(MAX_IMSGSIZE - IMSG_HEADER_SIZE - \
			    sizeof(struct follow_line))
/* Bounds of the queue, the marks to stop and to go on, what is put by. */
#define QUEUE_MAXMSGS	16384
#define QUEUE_MAXBYTES	(2 * 1024 * 1024)
#define QUEUE_HIGHMSGS	4096
#define QUEUE_HIGH	(512 * 1024)
#define QUEUE_LOW	(128 * 1024)
#define PENDING_MAX	(1024 * 1024)

enum follow_phase {
	FOLLOW_BEGIN,		/* history of the next file */
	FOLLOW_SCAN,		/* looking for its beginning */
	FOLLOW_SEND,
	FOLLOW_ON		/* live */
};

/* A follower and a source. */
struct sub {
	LIST_ENTRY(sub)		 insource;
	TAILQ_ENTRY(sub)	 infollower;
	struct source		*src;
	struct follower		*fw;
	uint64_t		 end;		/* of the history, 0: none */
	int			 midline;	/* its last piece goes on */
};

struct follower {
	TAILQ_ENTRY(follower)	 entry;
	TAILQ_HEAD(, sub)	 subs;
	struct sub		*cursor;	/* whose history it is */
	struct imsgev		*iev;
	struct event		 timer;		/* goes on with the history */
	struct history		 hist;
	enum follow_phase	 phase;
	uint64_t		 serial;
	uint32_t		 flags;		/* CTL_LOGS_* */
	uint32_t		 lines;
	int			 all;
	uint32_t		 nids;		/* else these, which are left */
	uint32_t		*ids;		/* ascending */
	char			*pending;	/* put by: records of these */
	size_t			 pendoff;
	size_t			 pendlen;
	size_t			 pendsize;
	struct follow_gap	 gap;		/* bytes 0: none */
};

struct pending {
	uint64_t	 when_ms;
	uint64_t	 len;
	uint32_t	 app;
	uint32_t	 kind;
};

static int	 id_cmp(const void *, const void *);
static int	 follow_wants(const struct follower *, const struct source *);
static void	 follow_subscribe(struct follower *, struct source *);
static void	 follow_unsubscribe(struct sub *);
static struct sub *follow_sub(const struct follower *, uint32_t, uint32_t);
static void	 follow_free(struct follower *);
static int	 follow_isfull(const struct follower *);
static int	 follow_line(struct follower *, const struct follow_line *,
		    const char *, size_t);
static int	 follow_take(void *, const char *, size_t, uint32_t);
static void	 follow_stats(struct follower *, struct source *);
static void	 follow_begin(struct follower *);
static void	 follow_scan(struct follower *);
static void	 follow_next(struct follower *);
static void	 follow_live(struct follower *);
static int	 follow_history(struct follower *);
static void	 follow_run(struct follower *);
static size_t	 follow_send(struct follower *, struct sub *, uint64_t,
		    const char *, size_t);
static void	 follow_put(struct follower *, const struct source *,
		    uint64_t, const char *, size_t);
static void	 follow_lose(struct follower *, const char *, size_t);
static int	 follow_flush(struct follower *);
static void	 follow_imsg(struct imsgev *, struct imsg *, void *);
static void	 follow_error(struct imsgev *, int, void *);
static void	 follow_drain(struct imsgev *, void *);
static void	 follow_tick(evutil_socket_t, short, void *);

static TAILQ_HEAD(, follower)	 followers = TAILQ_HEAD_INITIALIZER(followers);
static struct event_base	*base;
static size_t			 nfollowers;
static uint64_t			 serial;

void
follow_init(struct event_base *evbase)
{
	base = evbase;
}

size_t
follow_count(void)
{
	return (nfollowers);
}

/* ---- who follows what ---- */

static int
id_cmp(const void *a, const void *b)
{
	const uint32_t	*x, *y;

	x = a;
	y = b;
	if (*x != *y)
		return (*x < *y ? -1 : 1);
	return (0);
}

static int
follow_wants(const struct follower *fw, const struct source *src)
{
	uint32_t	 kind;

	kind = src->kind == LOG_ERR ? CTL_LOGS_ERR : CTL_LOGS_OUT;
	if ((fw->flags & (CTL_LOGS_OUT | CTL_LOGS_ERR)) != 0 &&
	    (fw->flags & kind) == 0)
		return (0);
	return (fw->all || bsearch(&src->app, fw->ids, fw->nids,
	    sizeof(*fw->ids), id_cmp) != NULL);
}

/* From here on it gets what is written; what was before is history. */
static void
follow_subscribe(struct follower *fw, struct source *src)
{
	struct logfile	*f;
	struct sub	*sub;

	if ((sub = calloc(1, sizeof(*sub))) == NULL) {
		log_warn("follower");
		return;
	}
	sub->src = src;
	sub->fw = fw;
	LIST_INSERT_HEAD(&src->subs, sub, insource);
	TAILQ_INSERT_TAIL(&fw->subs, sub, infollower);
	f = src->file;
	if (file_isnone(f))
		return;
	/* A file of several sources is shown once. */
	if (f->mark != fw->serial && (f->known || file_ready(f) == 0)) {
		f->mark = fw->serial;
		sub->end = file_end(f);
	}
	/* Not in the file yet, but written by the app already. */
	if (f->heldlen > 0 && f->writer == src)
		follow_put(fw, src, walltime_ms(), f->held + f->heldoff,
		    f->heldlen);
}

static void
follow_unsubscribe(struct sub *sub)
{
	struct follower	*fw;

	fw = sub->fw;
	if (fw->cursor == sub) {
		history_end(&fw->hist);
		fw->phase = FOLLOW_BEGIN;
		fw->cursor = TAILQ_NEXT(sub, infollower);
	}
	LIST_REMOVE(sub, insource);
	TAILQ_REMOVE(&fw->subs, sub, infollower);
	free(sub);
}

static struct sub *
follow_sub(const struct follower *fw, uint32_t app, uint32_t kind)
{
	struct source	*src;
	struct sub	*sub;

	if ((src = source_find(app, kind)) == NULL)
		return (NULL);
	LIST_FOREACH(sub, &src->subs, insource)
		if (sub->fw == fw)
			return (sub);
	return (NULL);
}

void
follow_new(const struct log_follow *lf, const uint32_t *ids, int fd)
{
	struct follower	*fw;
	struct source	*src;
	struct stat	 sb;
	int		 flags;

	if (nfollowers >= FOLLOWERS_MAX || sys_fstat(fd, &sb) == -1 ||
	    !S_ISSOCK(sb.st_mode) || (flags = sys_fcntl_getfl(fd)) == -1 ||
	    sys_fcntl_setfl(fd, flags | O_NONBLOCK) == -1) {
		log_warnx("follower refused, there are %zu", nfollowers);
		close(fd);
		return;
	}
	if ((fw = calloc(1, sizeof(*fw))) == NULL || (lf->nids > 0 &&
	    (fw->ids = reallocarray(NULL, lf->nids, sizeof(*ids))) == NULL)) {
		log_warn("follower");
		free(fw);
		close(fd);
		return;
	}
	fw->iev = imsgev_new(base, fd, 0, follow_imsg, follow_error, fw);
	if (fw->iev == NULL) {
		log_warn("follower");
		free(fw->ids);
		free(fw);
		return;
	}
	imsgbuf_set_limits(imsgev_buf(fw->iev), QUEUE_MAXMSGS, QUEUE_MAXBYTES);
	imsgev_set_drain(fw->iev, QUEUE_LOW, follow_drain);
	event_assign(&fw->timer, base, -1, 0, follow_tick, fw);
	TAILQ_INIT(&fw->subs);
	fw->hist.fd[0] = fw->hist.fd[1] = -1;
	fw->serial = ++serial;
	fw->flags = lf->flags;
	fw->lines = lf->lines;
	fw->all = lf->nids == 0;
	if ((fw->nids = lf->nids) > 0) {
		memcpy(fw->ids, ids, lf->nids * sizeof(*ids));
		qsort(fw->ids, fw->nids, sizeof(*ids), id_cmp);
	}
	TAILQ_INSERT_TAIL(&followers, fw, entry);
	nfollowers++;
	for (src = source_first(); src != NULL; src = source_next(src))
		if (follow_wants(fw, src))
			follow_subscribe(fw, src);
	fw->cursor = TAILQ_FIRST(&fw->subs);
	follow_run(fw);
}

void
follow_appgone(uint32_t app)
{
	struct follower	*fw;
	uint32_t	 i, n;

	TAILQ_FOREACH(fw, &followers, entry) {
		for (i = n = 0; i < fw->nids; i++)
			if (fw->ids[i] != app)
				fw->ids[n++] = fw->ids[i];
		fw->nids = n;
	}
}

static void
follow_free(struct follower *fw)
{
	struct sub	*sub;

	event_del(&fw->timer);
	history_end(&fw->hist);
	fw->cursor = NULL;
	while ((sub = TAILQ_FIRST(&fw->subs)) != NULL)
		follow_unsubscribe(sub);
	TAILQ_REMOVE(&followers, fw, entry);
	nfollowers--;
	imsgev_free(fw->iev);
	free(fw->pending);
	free(fw->ids);
	free(fw);
}

void
follow_source(struct source *src)
{
	struct follower	*fw;

	TAILQ_FOREACH(fw, &followers, entry)
		if ((fw->flags & CTL_LOGS_FOLLOW) && follow_wants(fw, src))
			follow_subscribe(fw, src);
}

void
follow_forget(struct source *src)
{
	struct sub	*sub;

	while ((sub = LIST_FIRST(&src->subs)) != NULL)
		follow_unsubscribe(sub);
}

/* ---- history ---- */

static int
follow_isfull(const struct follower *fw)
{
	struct imsgbuf	*ib;

	ib = imsgev_buf(fw->iev);
	return (imsgbuf_queuebytes(ib) > QUEUE_HIGH ||
	    (imsgbuf_queuelen(ib) > QUEUE_HIGHMSGS &&
	    imsgbuf_queuebytes(ib) > QUEUE_LOW));
}

/* One message. */
static int
follow_line(struct follower *fw, const struct follow_line *fl,
    const char *text, size_t len)
{
	struct iovec	 iov[2];
	struct follow_line	 copy;

	copy = *fl;
	iov[0].iov_base = &copy;
	iov[0].iov_len = sizeof(copy);
	iov[1].iov_base = __DECONST(char *, text);
	iov[1].iov_len = len;
	return (imsg_composev(imsgev_buf(fw->iev), IMSG_FOLLOW_LINE, 0, 0, -1,
	    iov, 2) == 1 ? 0 : -1);
}

static int
follow_take(void *arg, const char *text, size_t len, uint32_t flags)
{
	struct follow_line	 fl;
	struct follower		*fw;
	size_t			 n;

	fw = arg;
	if (follow_isfull(fw))
		return (-1);
	memset(&fl, 0, sizeof(fl));
	fl.app = fw->cursor->src->app;
	fl.kind = fw->cursor->src->kind;
	do {
		n = len < FOLLOW_PIECE ? len : FOLLOW_PIECE;
		fl.flags = flags;
		if (n < len)
			fl.flags |= FOLLOW_PARTIAL;
		if (follow_line(fw, &fl, text, n) == -1)
			follow_lose(fw, text, n);
		text += n;
		len -= n;
	} while (len > 0);
	return (0);
}

static void
follow_stats(struct follower *fw, struct source *src)
{
	struct follow_stats	 st;

	memset(&st, 0, sizeof(st));
	st.app = src->app;
	st.kind = src->kind;
	st.bytes = src->bytes - src->lost_bytes;
	st.lost_bytes = src->lost_bytes;
	st.lost_lines = src->lost_lines;
	if (src->file != NULL) {
		st.rotations = src->file->rotations;
		st.error = src->file->error;
		if (!(src->file->flags & LOGF_PASSED))
			strlcpy(st.name, src->file->name, sizeof(st.name));
	}
	imsgev_compose(fw->iev, IMSG_FOLLOW_STATS, 0, -1, &st, sizeof(st));
}

static void
follow_next(struct follower *fw)
{
	history_end(&fw->hist);
	fw->cursor = TAILQ_NEXT(fw->cursor, infollower);
	fw->phase = FOLLOW_BEGIN;
}

/*
 * Where the words of the current run begin; of the last one, when the current
 * one has said nothing yet: whoever asks why an app died asks after it was
 * started again.
 */
static uint64_t
run_start(const struct source *src, uint32_t flags, uint64_t end)
{
	if (!(flags & CTL_LOGS_RUN))
		return (0);
	if ((flags & CTL_LOGS_ALONE) || end > src->run)
		return (src->run);
	return (src->before);
}

static void
follow_begin(struct follower *fw)
{
	struct source	*src;
	struct sub	*sub;
	uint64_t	 from;

	sub = fw->cursor;
	src = sub->src;
	if (fw->flags & CTL_LOGS_STATS) {
		follow_stats(fw, src);
		follow_next(fw);
		return;
	}
	from = run_start(src, fw->flags, sub->end);
	if (sub->end <= from || file_isnone(src->file) ||
	    history_begin(&fw->hist, src->file, from, sub->end, fw->lines) ==
	    -1) {
		follow_next(fw);
		return;
	}
	fw->hist.follows = (fw->flags & CTL_LOGS_FOLLOW) != 0;
	fw->phase = FOLLOW_SCAN;
}

/* When its beginning is found: say how much comes. */
static void
follow_scan(struct follower *fw)
{
	struct follow_file	 ff;
	struct source		*src;

	if (history_scan(&fw->hist) == HISTORY_MORE)
		return;
	src = fw->cursor->src;
	memset(&ff, 0, sizeof(ff));
	ff.app = src->app;
	ff.kind = src->kind;
	ff.lines = (uint32_t)fw->hist.lines;
	if (!(src->file->flags & LOGF_PASSED))
		strlcpy(ff.name, src->file->name, sizeof(ff.name));
	imsgev_compose(fw->iev, IMSG_FOLLOW_FILE, 0, -1, &ff, sizeof(ff));
	fw->phase = FOLLOW_SEND;
}

static void
follow_live(struct follower *fw)
{
	fw->phase = FOLLOW_ON;
	imsgev_compose(fw->iev, IMSG_FOLLOW_LIVE, 0, -1, NULL, 0);
	if (!(fw->flags & CTL_LOGS_FOLLOW))
		imsgev_close(fw->iev);
}

/* A step; 0 when it has to wait for the reader. */
static int
follow_history(struct follower *fw)
{
	if (follow_isfull(fw))
		return (0);
	if (fw->cursor == NULL) {
		follow_live(fw);
		return (1);
	}
	switch (fw->phase) {
	case FOLLOW_BEGIN:
		follow_begin(fw);
		break;
	case FOLLOW_SCAN:
		follow_scan(fw);
		break;
	case FOLLOW_SEND:
		switch (history_send(&fw->hist, follow_take, fw)) {
		case HISTORY_FULL:
			return (0);
		case HISTORY_DONE:
			fw->cursor->midline = fw->hist.open;
			follow_next(fw);
			break;
		}
		break;
	case FOLLOW_ON:
		break;
	}
	return (1);
}

/* Go on for a few milliseconds; others want their turn, too. */
static void
follow_run(struct follower *fw)
{
	const struct timeval	 soon = { 0, 0 };
	monotime_t		 begin;

	begin = monotime_now();
	while (fw->phase != FOLLOW_ON) {
		if (!follow_history(fw))
			return;
		if (monotime_since(monotime_now(), begin) >= 5) {
			event_add(&fw->timer, &soon);
			return;
		}
	}
	if (fw->flags & CTL_LOGS_FOLLOW)
		(void)follow_flush(fw);
}

static void
follow_tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	follow_run(arg);
}

/* ---- live ---- */

/* Lines to the queue, until it is full: how many bytes it took. */
static size_t
follow_send(struct follower *fw, struct sub *sub, uint64_t when,
    const char *buf, size_t len)
{
	struct follow_line	 fl;
	const char		*nl, *p;
	size_t			 n;

	memset(&fl, 0, sizeof(fl));
	fl.app = sub->src->app;
	fl.kind = sub->src->kind;
	fl.when_ms = when;
	for (p = buf; len > 0; len -= n, p += n) {
		n = len < FOLLOW_PIECE ? len : FOLLOW_PIECE;
		nl = memchr(p, '\n', n);
		if (nl != NULL)
			n = (size_t)(nl - p);
		fl.flags = nl == NULL ? FOLLOW_PARTIAL : 0;
		if (follow_isfull(fw) || follow_line(fw, &fl, p, n) == -1)
			break;
		n += nl != NULL;
		sub->midline = nl == NULL;
	}
	return ((size_t)(p - buf));
}

static void
follow_lose(struct follower *fw, const char *buf, size_t len)
{
	const char	*end;

	fw->gap.bytes += len;
	for (end = buf + len; (buf = memchr(buf, '\n', (size_t)(end - buf))) !=
	    NULL; buf++)
		fw->gap.lines++;
}

/* Put by for later; when that is too much it is lost. */
static void
follow_put(struct follower *fw, const struct source *src, uint64_t when,
    const char *buf, size_t len)
{
	struct pending	 rec;
	size_t		 need, size;
	char		*p;

	need = sizeof(rec) + len;
	if (fw->gap.bytes > 0 || fw->pendlen + need > PENDING_MAX) {
		follow_lose(fw, buf, len);
		return;
	}
	if (fw->pendsize - fw->pendlen - fw->pendoff < need &&
	    fw->pendoff > 0) {
		memmove(fw->pending, fw->pending + fw->pendoff, fw->pendlen);
		fw->pendoff = 0;
	}
	if (fw->pendsize - fw->pendlen < need) {
		size = fw->pendsize * 2 > fw->pendlen + need ?
		    fw->pendsize * 2 : fw->pendlen + need;
		if ((p = realloc(fw->pending, size)) == NULL) {
			follow_lose(fw, buf, len);
			return;
		}
		fw->pending = p;
		fw->pendsize = size;
	}
	rec.when_ms = when;
	rec.len = len;
	rec.app = src->app;
	rec.kind = src->kind;
	p = fw->pending + fw->pendoff + fw->pendlen;
	memcpy(p, &rec, sizeof(rec));
	memcpy(p + sizeof(rec), buf, len);
	fw->pendlen += need;
}

/* Send what was put by, then tell of the gap. 0 when the queue is full. */
static int
follow_flush(struct follower *fw)
{
	struct pending	 rec;
	struct sub	*sub;
	char		*p;
	size_t		 n;

	while (fw->pendlen > 0) {
		p = fw->pending + fw->pendoff;
		memcpy(&rec, p, sizeof(rec));
		sub = follow_sub(fw, rec.app, rec.kind);
		n = sub == NULL ? rec.len : follow_send(fw, sub, rec.when_ms,
		    p + sizeof(rec), rec.len);
		if (n < rec.len) {	/* the rest is a record again */
			rec.len -= n;
			memcpy(p + n, &rec, sizeof(rec));
			fw->pendoff += n;
			fw->pendlen -= n;
			return (0);
		}
		fw->pendoff += sizeof(rec) + rec.len;
		fw->pendlen -= sizeof(rec) + rec.len;
	}
	free(fw->pending);
	fw->pending = NULL;
	fw->pendoff = fw->pendsize = 0;
	if (fw->gap.bytes > 0) {
		if (follow_isfull(fw) || imsgev_compose(fw->iev,
		    IMSG_FOLLOW_GAP, 0, -1, &fw->gap, sizeof(fw->gap)) != 1)
			return (0);
		memset(&fw->gap, 0, sizeof(fw->gap));
	}
	return (1);
}

void
follow_output(struct source *src, const char *buf, size_t len)
{
	struct follower	*fw;
	struct sub	*sub;
	uint64_t	 when;
	size_t		 n;

	when = walltime_ms();
	LIST_FOREACH(sub, &src->subs, insource) {
		fw = sub->fw;
		if (!(fw->flags & CTL_LOGS_FOLLOW))
			continue;
		n = 0;
		if (fw->phase == FOLLOW_ON && fw->pendlen == 0 &&
		    fw->gap.bytes == 0)
			n = follow_send(fw, sub, when, buf, len);
		if (n < len)
			follow_put(fw, src, when, buf + n, len - n);
	}
}

void
follow_endline(struct source *src)
{
	struct follow_line	 fl;
	struct sub		*sub;

	memset(&fl, 0, sizeof(fl));
	fl.app = src->app;
	fl.kind = src->kind;
	LIST_FOREACH(sub, &src->subs, insource) {
		if (!sub->midline || sub->fw->phase != FOLLOW_ON ||
		    sub->fw->pendlen > 0 || sub->fw->gap.bytes > 0)
			continue;
		fl.when_ms = walltime_ms();
		if (follow_line(sub->fw, &fl, "", 0) == 0)
			sub->midline = 0;
	}
}

/* ---- its socket ---- */

/* A follower has nothing to say. */
static void
follow_imsg(struct imsgev *iev, struct imsg *imsg, void *arg)
{
	(void)iev;
	(void)imsg;
	follow_free(arg);
}

static void
follow_error(struct imsgev *iev, int error, void *arg)
{
	(void)iev;
	(void)error;
	follow_free(arg);
}

static void
follow_drain(struct imsgev *iev, void *arg)
{
	struct follower	*fw;

	(void)iev;
	fw = arg;
	if (fw->phase == FOLLOW_ON)
		(void)follow_flush(fw);
	else
		follow_run(fw);
}

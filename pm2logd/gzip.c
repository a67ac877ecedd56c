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
 * Compresses rotated files: one at a time, a block per turn of the event
 * loop with a rest in between, into name.gztmp, which then takes the place of
 * what it was made from.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "log.h"
#include "pm2logd.h"
#include "rotname.h"
#include "sys.h"

#define GZIP_BLOCK	65536
#define GZIP_REST_US	1000

struct gzjob {
	z_stream	 z;
	struct rotated	*r;
	uint64_t	 size;		/* written */
	int		 in;
	int		 out;
	char		 tmp[ROTNAME_MAX];
};

static int	 gzip_open(struct rotated *);
static void	 gzip_close(void);
static void	 gzip_abort(const char *);
static int	 gzip_write(size_t);
static int	 gzip_block(void);
static void	 gzip_done(void);
static void	 gzip_schedule(void);
static void	 gzip_tick(evutil_socket_t, short, void *);

static struct rotlist	 todo = TAILQ_HEAD_INITIALIZER(todo);
static struct gzjob	*job;
static struct event	*timer;
static unsigned char	 inbuf[GZIP_BLOCK];
static unsigned char	 outbuf[GZIP_BLOCK];

void
gzip_init(struct event_base *base)
{
	if ((timer = evtimer_new(base, gzip_tick, NULL)) == NULL)
		fatalx("evtimer_new");
}

static void
gzip_schedule(void)
{
	struct timeval	 tv;

	tv.tv_sec = 0;
	tv.tv_usec = GZIP_REST_US;
	if (job != NULL || !TAILQ_EMPTY(&todo))
		evtimer_add(timer, &tv);
}

void
gzip_add(struct rotated *r)
{
	if (r->queued || r->gz)
		return;
	r->queued = 1;
	TAILQ_INSERT_TAIL(&todo, r, todo);
	if (!evtimer_pending(timer, NULL))
		gzip_schedule();
}

void
gzip_forget(struct rotated *r)
{
	if (job != NULL && job->r == r) {
		(void)sys_unlinkat(rotate_dirfd(), job->tmp, 0);
		gzip_close();
	} else if (r->queued == 1)
		TAILQ_REMOVE(&todo, r, todo);
}

static int
gzip_open(struct rotated *r)
{
	struct stat	 sb;
	char		 name[ROTNAME_MAX];
	int		 n;

	if ((job = calloc(1, sizeof(*job))) == NULL)
		return (-1);
	job->in = job->out = -1;
	if (deflateInit2(&job->z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16,
	    8, Z_DEFAULT_STRATEGY) != Z_OK) {
		free(job);
		job = NULL;
		errno = ENOMEM;
		return (-1);
	}
	job->r = r;
	n = snprintf(job->tmp, sizeof(job->tmp), "%s%s", r->base->name,
	    ROT_GZTMP);
	if (n < 0 || (size_t)n >= sizeof(job->tmp) ||
	    rotname_make(name, sizeof(name), r->base->name, r->n, 0) == -1) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	job->in = sys_openat(rotate_dirfd(), name, O_RDONLY | O_NOFOLLOW |
	    O_NONBLOCK | O_CLOEXEC, 0);
	if (job->in == -1 || sys_fstat(job->in, &sb) == -1)
		return (-1);
	(void)sys_unlinkat(rotate_dirfd(), job->tmp, 0);
	job->out = sys_openat(rotate_dirfd(), job->tmp, O_WRONLY | O_CREAT |
	    O_EXCL | O_NOFOLLOW | O_CLOEXEC, sb.st_mode & 0640);
	return (job->out == -1 ? -1 : 0);
}

static void
gzip_close(void)
{
	deflateEnd(&job->z);
	if (job->in != -1)
		close(job->in);
	if (job->out != -1)
		close(job->out);
	free(job);
	job = NULL;
}

/* It stays as it is. */
static void
gzip_abort(const char *what)
{
	log_warn("%s.%u: cannot compress: %s", job->r->base->name, job->r->n,
	    what);
	if (job->out != -1)
		(void)sys_unlinkat(rotate_dirfd(), job->tmp, 0);
	gzip_close();
}

static int
gzip_write(size_t len)
{
	size_t	 done;
	ssize_t	 n;

	for (done = 0; done < len; done += (size_t)n) {
		n = sys_write(job->out, outbuf + done, len - done);
		if (n == -1 && errno == EINTR)
			n = 0;
		if (n == -1)
			return (-1);
	}
	job->size += len;
	return (0);
}

/* One block: 1 when that was all, 0 when there is more, -1 with errno. */
static int
gzip_block(void)
{
	ssize_t	 n;
	int	 flush, rc;

	n = sys_read(job->in, inbuf, sizeof(inbuf));
	if (n == -1)
		return (errno == EINTR ? 0 : -1);
	flush = n == 0 ? Z_FINISH : Z_NO_FLUSH;
	job->z.next_in = inbuf;
	job->z.avail_in = (uInt)n;
	do {
		job->z.next_out = outbuf;
		job->z.avail_out = sizeof(outbuf);
		rc = deflate(&job->z, flush);
		if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR) {
			errno = EINVAL;
			return (-1);
		}
		if (gzip_write(sizeof(outbuf) - job->z.avail_out) == -1)
			return (-1);
	} while (job->z.avail_out == 0 || (flush == Z_FINISH &&
	    rc != Z_STREAM_END));
	return (flush == Z_FINISH);
}

static void
gzip_done(void)
{
	struct rotated	*r;
	char		 name[ROTNAME_MAX], gz[ROTNAME_MAX];

	r = job->r;
	if (rotname_make(name, sizeof(name), r->base->name, r->n, 0) == -1 ||
	    rotname_make(gz, sizeof(gz), r->base->name, r->n, 1) == -1) {
		errno = ENAMETOOLONG;
		gzip_abort("name");
		return;
	}
	if (sys_renameat(rotate_dirfd(), job->tmp, rotate_dirfd(), gz) == -1) {
		gzip_abort("rename");
		return;
	}
	if (sys_unlinkat(rotate_dirfd(), name, 0) == -1)
		log_warn("%s: cannot remove", name);
	rotate_resize(r, job->size, 1);
	gzip_close();
}

static void
gzip_tick(evutil_socket_t fd, short what, void *arg)
{
	struct rotated	*r;
	int		 rc;

	(void)fd;
	(void)what;
	(void)arg;
	if (job == NULL && (r = TAILQ_FIRST(&todo)) != NULL) {
		TAILQ_REMOVE(&todo, r, todo);
		r->queued = 2;		/* once is enough */
		if (gzip_open(r) == -1) {
			if (job != NULL)
				gzip_abort("open");
		}
	} else if (job != NULL) {
		if ((rc = gzip_block()) == -1)
			gzip_abort("write");
		else if (rc == 1)
			gzip_done();
	}
	gzip_schedule();
}

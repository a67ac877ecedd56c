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

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "logs_follow.h"

#define HISTORY_MS	5000	/* without a word from pm2logd */

static int	 got_file(struct follow *, struct imsg *);
static int	 got_line(struct follow *, struct imsg *);
static int	 got_gap(struct follow *, struct imsg *);
static int	 got_stats(struct follow *, struct imsg *);
static int	 got_live(struct follow *, struct imsg *);
static int	 dispatch(struct follow *, struct imsg *);

static const struct {
	uint32_t	 type;
	int		(*got)(struct follow *, struct imsg *);
} messages[] = {
	{ IMSG_FOLLOW_FILE,	got_file },
	{ IMSG_FOLLOW_LINE,	got_line },
	{ IMSG_FOLLOW_GAP,	got_gap },
	{ IMSG_FOLLOW_STATS,	got_stats },
	{ IMSG_FOLLOW_LIVE,	got_live },
};

int
follow_open(struct follow *f, int fd, const struct follow_ops *ops, void *arg)
{
	memset(f, 0, sizeof(*f));
	f->fd = -1;
	if (imsgbuf_init(&f->ibuf, fd) == -1) {
		(void)close(fd);
		return (-1);
	}
	f->fd = fd;
	f->ops = ops;
	f->arg = arg;
	return (0);
}

void
follow_close(struct follow *f)
{
	if (f->fd == -1)
		return;
	imsgbuf_clear(&f->ibuf);
	(void)close(f->fd);
	f->fd = -1;
}

/* Nothing is made of the names of the files: who asks knows them. */
static int
got_file(struct follow *f, struct imsg *imsg)
{
	struct follow_file	 file;

	(void)f;
	return (imsg_get_data(imsg, &file, sizeof(file)));
}

static int
got_line(struct follow *f, struct imsg *imsg)
{
	struct follow_line	 line;
	struct ibuf		 buf;
	const char		*text;
	size_t			 len;

	if (imsg_get_ibuf(imsg, &buf) == -1 ||
	    ibuf_get(&buf, &line, sizeof(line)) == -1 ||
	    line.kind >= LOG_KINDS) {
		errno = EBADMSG;
		return (-1);
	}
	text = ibuf_data(&buf);
	len = ibuf_size(&buf);
	if (len > 0 && text[len - 1] == '\n') {
		len--;
		line.flags &= ~(uint32_t)FOLLOW_PARTIAL;
	}
	if (f->ops->line != NULL)
		f->ops->line(&line, text, len, f->arg);
	return (0);
}

static int
got_gap(struct follow *f, struct imsg *imsg)
{
	struct follow_gap	 gap;

	if (imsg_get_data(imsg, &gap, sizeof(gap)) == -1)
		return (-1);
	if (f->ops->gap != NULL)
		f->ops->gap(&gap, f->arg);
	return (0);
}

static int
got_stats(struct follow *f, struct imsg *imsg)
{
	struct follow_stats	 stats;

	if (imsg_get_data(imsg, &stats, sizeof(stats)) == -1)
		return (-1);
	if (stats.kind >= LOG_KINDS) {
		errno = EBADMSG;
		return (-1);
	}
	stats.name[sizeof(stats.name) - 1] = '\0';
	if (f->ops->stats != NULL)
		f->ops->stats(&stats, f->arg);
	return (0);
}

static int
got_live(struct follow *f, struct imsg *imsg)
{
	(void)imsg;
	f->live = 1;
	return (0);
}

/* What a newer pm2logd may say as well is passed over. */
static int
dispatch(struct follow *f, struct imsg *imsg)
{
	size_t	 i;

	for (i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		if (messages[i].type == imsg_get_type(imsg))
			return (messages[i].got(f, imsg));
	}
	return (0);
}

int
follow_read(struct follow *f)
{
	struct imsg	 imsg;
	int		 n, error;

	if ((n = imsgbuf_read(&f->ibuf)) != 1)
		return (n == -1 && (errno == EAGAIN || errno == EINTR) ?
		    1 : n);
	while ((n = imsgbuf_get(&f->ibuf, &imsg)) == 1) {
		error = dispatch(f, &imsg);
		imsg_free(&imsg);
		if (error == -1)
			return (-1);
	}
	return (n == -1 ? -1 : 1);
}

int
follow_history(struct follow *f)
{
	struct pollfd	 pfd;
	int		 n;

	while (!f->live) {
		pfd.fd = f->fd;
		pfd.events = POLLIN;
		if ((n = poll(&pfd, 1, HISTORY_MS)) == -1 && errno != EINTR)
			return (-1);
		if (n == 0) {
			errno = ETIMEDOUT;
			return (-1);
		}
		if (n > 0 && (n = follow_read(f)) != 1)
			return (n);
	}
	return (0);
}

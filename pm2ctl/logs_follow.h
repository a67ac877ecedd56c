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
 * The socket of IMSG_CTL_LOGFD, on which pm2logd speaks IMSG_FOLLOW_*.
 */
#ifndef PM2CTL_LOGS_FOLLOW_H
#define PM2CTL_LOGS_FOLLOW_H

#include <stddef.h>
#include <stdint.h>

#include "client.h"
#include "output.h"

struct follow_ops {
	/* bytes without newline; FOLLOW_PARTIAL: the line goes on */
	void	(*line)(const struct follow_line *, const char *, size_t,
		    void *);
	void	(*gap)(const struct follow_gap *, void *);
	void	(*stats)(const struct follow_stats *, void *);
};

struct follow {
	struct imsgbuf	 ibuf;
	int		 fd;		/* -1: closed */
	int		 live;		/* the history is at its end */
	const struct follow_ops *ops;	/* each may be NULL */
	void		*arg;
};

/* The descriptor becomes the follow's.  0, or -1 with errno. */
int	 follow_open(struct follow *, int, const struct follow_ops *, void *);
void	 follow_close(struct follow *);
/*
 * Read once and deliver: 1, 0 when pm2logd has closed it, -1 with errno
 * (EBADMSG: it sent garbage).
 */
int	 follow_read(struct follow *);
/* Deliver all of the history: 0, or -1 with errno, ETIMEDOUT among them. */
int	 follow_history(struct follow *);

/* logs_tail.c */

/*
 * The last lines of one app, whole, without newline; how many, -1 when they
 * could not be had.
 */
int	 logs_tail(struct client *, uint32_t id, uint32_t flags,
	    uint32_t lines, void (*)(const char *, size_t, void *), void *);
/* Such a line for a terminal: indented by two blanks, made harmless. */
void	 logs_put_line(struct outbuf *, int colour, const char *, size_t);
/* Counters of its streams; those that pm2logd does not know stay zero. */
int	 logs_stats(struct client *, uint32_t id, struct follow_stats *);

#endif /* PM2CTL_LOGS_FOLLOW_H */

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
 * A parent for pm2logd: starts the real program on a private home and speaks
 * IMSG_LOG_* with it.  What goes wrong fails the test case.
 */
#ifndef LOGD_HARNESS_H
#define LOGD_HARNESS_H

#include <sys/types.h>

#include <stdint.h>

#include "imsg.h"
#include "msg.h"

struct logd {
	struct imsgbuf	 ib;
	pid_t		 pid;
	char		 home[512];
	uint32_t	 cookie;
	unsigned int	 wants;		/* IMSG_LOG_WANTFILE seen */
	struct log_wantfile want;	/* the last one */
	unsigned int	 eofs;		/* IMSG_LOG_EOF seen */
};

/* A reader of logs. */
struct reader {
	struct imsgbuf	 ib;
	char		*text;		/* lines, as on a terminal */
	size_t		 len;
	size_t		 size;
	unsigned int	 files;		/* FOLLOW_FILEs */
	unsigned int	 history;	/* whole lines of history */
	unsigned int	 lines;		/* whole lines, live */
	unsigned int	 gaps;
	unsigned int	 live;		/* FOLLOW_LIVEs */
	unsigned int	 nstats;
	int		 over;		/* it was closed */
	struct follow_gap gap;		/* sum */
	struct follow_stats stats[16];
	struct follow_file file;	/* the last one */
};

/* Where pm2logd is; to be called first in each case. */
void	 harness_init(const char *srcdir);
/* faults: as in PM2D_FAULT, or NULL.  user: or NULL. */
void	 logd_start(struct logd *, const char *faults, const char *user);
/* The home is there already. */
void	 logd_restart(struct logd *);
/* Close the channel: it has to exit with this status. */
void	 logd_stop(struct logd *, int);
void	 logd_send(struct logd *, uint32_t, int, const void *, size_t);
/* The next message of this type. */
void	 logd_wait(struct logd *, uint32_t, void *, size_t);
/* Take what came, without waiting longer than so many ms for something. */
void	 logd_poll(struct logd *, int);

void	 logd_conf(struct logd *, uint64_t budget, uint64_t full_wait);
void	 logd_file(struct logd *, uint32_t, const char *, uint32_t flags,
	    uint64_t max_size, uint32_t keep);
/* Make a pipe and hand it over: its write end. */
int	 logd_stream(struct logd *, uint32_t app, uint32_t kind,
	    uint32_t generation, uint32_t file, uint32_t flags);
void	 logd_drain(struct logd *, uint32_t app, uint32_t generation);
void	 logd_forget(struct logd *, uint32_t app);
int	 logd_flush(struct logd *, uint32_t app);	/* errno */
int	 logd_reopen(struct logd *, uint32_t app);	/* errno */
void	 logd_pidfile(struct logd *, uint32_t app, uint32_t pid,
	    const char *);
/* kB of a line of /proc/pid/status. */
long	 logd_status(struct logd *, const char *);

/* app APP_ID_ALL: all. */
void	 reader_open(struct logd *, struct reader *, uint32_t flags,
	    uint32_t lines, uint32_t app);
/* Read until live, or with 0 until the other side closes. */
void	 reader_history(struct reader *);
void	 reader_finish(struct reader *);
/* Read what comes within so many ms of silence. */
void	 reader_poll(struct reader *, int);
/* Read until there are so many live lines. */
void	 reader_lines(struct reader *, unsigned int);
void	 reader_close(struct reader *);

/* A whole file of the home: NUL-terminated, length; NULL: none. */
char	*slurp(struct logd *, const char *, size_t *);
/* Wait until a file has so many bytes. */
void	 wait_size(struct logd *, const char *, size_t);
/* Wait until a file has this text in it. */
void	 wait_text(struct logd *, const char *, const char *);
int	 exists(struct logd *, const char *);
void	 put(int, const char *);	/* all of it into the pipe */
/* In a process of its own: lines "prefix 00000000\n"...; its pid. */
pid_t	 spew(int, const char *, unsigned int, unsigned int);
void	 reap(pid_t);

#endif /* LOGD_HARNESS_H */

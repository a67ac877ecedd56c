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
 * Memory and processor time of a process, from /proc.
 */
#ifndef PM2D_SAMPLE_H
#define PM2D_SAMPLE_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

struct sample {
	uint64_t	 rss_bytes;
	uint64_t	 cpu_ticks;	/* user and system; see sample_hz() */
	uint64_t	 starttime;	/* ticks since boot: a pid's reuse */
	pid_t		 ppid;
	pid_t		 pgrp;
	pid_t		 session;
	char		 state;		/* 'R', 'S', 'T', 'Z' ... */
	int		 exiting;	/* on its way to 'Z', memory gone */
};

/* 0, or -1 with errno: ESRCH no such process, EBADMSG not understood. */
int	 sample_pid(pid_t, struct sample *);
/* The text of /proc/PID/stat, without a NUL; rss_bytes is in pages then. */
int	 sample_parse(const char *, size_t, struct sample *);
long	 sample_hz(void);	/* cpu_ticks per second */

#endif /* PM2D_SAMPLE_H */

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
 * What the commands that show something have in common, and the sentences
 * about exits that several of them use.
 */
#ifndef PM2CTL_OUTPUT_CMD_H
#define PM2CTL_OUTPUT_CMD_H

#include "output.h"
#include "pm2ctl.h"

/* output.c */

/* Write what is gathered: the exit status. */
int	 output_finish(struct outbuf *, FILE *);
/*
 * Call for each app that the words mean, listed with these CTL_LIST_ flags.
 * The exit status: 1 when a word means nothing (said) or a call returned 1.
 */
typedef int	 output_app_fn(struct ctl *, const struct app_view *,
		    struct outbuf *);
int	 output_each(struct ctl *, int, char **, uint32_t, output_app_fn *,
	    struct outbuf *);

/* why.c, pure */

/* "exit code 3", "killed by SIGKILL (core dumped)", "could not be ..." */
void	 why_exit(struct outbuf *, const struct ctl_exit *);
/* "started again at once": what was done about it. */
void	 why_verdict(struct outbuf *, const struct ctl_exit *);
/* A sentence on why the app is in the state that it is in. */
void	 why_state(struct outbuf *, const struct app_view *);
/* The latest exit, NULL when none is known. */
const struct ctl_exit *why_lastexit(const struct app_view *);
/* A line for each exit, the latest first. */
void	 why_exits(struct outbuf *, const struct app_view *);

#endif /* PM2CTL_OUTPUT_CMD_H */

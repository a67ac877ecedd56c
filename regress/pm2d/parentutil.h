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
 * The daemon as it is installed (PM2D_STAGE says where), driven by clients
 * that say exactly what a test wants said, and when; see parentutil.c.
 */
#ifndef PM2D_PARENTUTIL_H
#define PM2D_PARENTUTIL_H

#include <sys/types.h>

#include <stdint.h>

#include "imsg.h"
#include "msg.h"
#include "spec.h"

#define WAIT_MS		20000	/* for what must come */

struct client {
	struct imsgbuf	 ibuf;
	uint32_t	 last;
};

extern char	 home[];
extern pid_t	 daemon_pid;

pid_t	run_daemon(int);
int	connect_daemon(void);
void	begin(void);
int	ended(pid_t);
void	finish(void);
pid_t	find_logd(void);
uint32_t	ask(struct client *, uint32_t, const void *, size_t);
uint32_t	ask_app(struct client *, uint32_t, uint32_t);
int	next(struct client *, struct imsg *);
void	hello(struct client *);
void	hang_up(struct client *);
int	results(struct client *, uint32_t, int, struct ctl_result *);
void	fill_spec(struct spec_buf *, const char *);
uint32_t	start_spec(struct client *, struct spec_buf *, uint32_t);
uint32_t	start(struct client *, const char *, uint32_t);
void	start_listening(struct client *, const char *);
uint32_t	ask_reload(struct client *);
void	reload_told(struct client *, char *, size_t, pid_t *,
	    struct ctl_result *);
pid_t	app_pid(void);
int	lives(pid_t);
void	script_is(const char *);
void	kill_daemon(void);

#endif /* PM2D_PARENTUTIL_H */

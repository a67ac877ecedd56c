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
 * For tests that make processes.
 */
#ifndef PM2D_APPUTIL_H
#define PM2D_APPUTIL_H

#include <sys/types.h>

#include <stddef.h>

#include <atf-c.h>

#include "../../pm2d/ids.h"
#include "../../pm2d/spawn.h"

/*
 * First thing in a test: ends with its parent and after a minute, has no
 * stray descriptors, a directory of its own that all may enter, there a copy
 * of the helper, and spawn_init() done.  apps_end() removes what was made.
 */
void		 apps_begin(const atf_tc_t *, const char *);
void		 apps_end(void);
extern char	 apps_dir[];		/* absolute */
extern char	 apps_helper[];		/* the copy in it */

/* Make processes with clone3(2) (0) or, as if there were none, fork(2). */
void		 apps_way(int);
#define APPS_WAYS(i)	(i) = 0; (i) < 2 ? (apps_way(i), 1) : 0; (i)++

/* A request for the helper with this argument (NULL: none). */
void		 apps_req(struct spawn_req *, const char *);

struct app_run {
	enum stage	 stage;		/* of a failure, else STAGE_NONE */
	int		 error;
	int		 status;	/* as in wait(2) */
	pid_t		 pid;
	char		 out[65536];
	char		 err[4096];
};
/* Run to the end, what it prints in out and err. */
void		 apps_run(struct spawn_req *, struct app_run *);
/* The line of the output that begins so, without the newline; "" if none. */
const char	*apps_line(const struct app_run *, const char *);
int		 apps_lines(const struct app_run *, const char *);

/* A user nobody uses, root only; else who we are. */
void		 apps_ids(struct ids *);
/* How many descriptors are open here. */
int		 apps_nfds(void);
/* Milliseconds of the monotonic clock. */
long		 apps_ms(void);

#endif /* PM2D_APPUTIL_H */

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
 * The rooms of pm2d-probe: checks (probe-check.c) are what the parent asks
 * for; when one is due it is made by probe-net.c or probe-exec.c.
 */
#ifndef PM2D_PROBE_LOCAL_H
#define PM2D_PROBE_LOCAL_H

#include <sys/queue.h>

#include <event.h>
#include <stdint.h>

#include "healthspec.h"
#include "imsgev.h"
#include "monotime.h"
#include "msg.h"
#include "parentlink.h"

#define CHECKS_MAX	65536	/* of one prober */

struct attempt;

struct check {
	TAILQ_ENTRY(check) entry;
	TAILQ_ENTRY(check) waiting;
	struct probe_ref ref;
	uint32_t	 interval_ms;
	uint32_t	 timeout_ms;
	struct healthspec spec;
	struct event	 due;
	int		 queued;	/* for a place to run */
	monotime_t	 began;
	struct attempt	*attempt;	/* it runs */
	char		*text;		/* what spec was parsed from */
	const char	*cwd;		/* exec: behind it; or NULL */
};

/*
 * How a kind of prober makes an attempt.  start() is to call check_done()
 * once, not before it has returned; NULL with errno.  stop() ends one without
 * a result.
 */
struct prober {
	uint32_t	 atonce;	/* so many */
	int		(*takes)(const struct healthspec *);
	struct attempt	*(*start)(struct check *);
	void		(*stop)(struct attempt *);
};

extern const struct prober	 prober_net;
extern const struct prober	 prober_exec;

/* probe-net.c: only to this machine. */
void	 net_init(struct event_base *, int);
void	 exec_init(struct event_base *);

/* probe-check.c */
void	 check_init(struct event_base *, const struct prober *);
int	 check_add(struct imsg *);	/* -1: it is no such message */
int	 check_del(struct imsg *);
/* The end of its attempt, which is gone: NULL, or what was wrong. */
void	 check_done(struct check *, const char *);
void	 check_exit(void);

#endif /* PM2D_PROBE_LOCAL_H */

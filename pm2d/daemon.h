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
 * A daemon that the parent keeps running: its process, and when the next one
 * comes.  What is said on its channel is logd.c's and engine.c's.
 */
#ifndef PM2D_DAEMON_H
#define PM2D_DAEMON_H

#include "parent.h"

#define DAEMON_SANDBOX_MAX	128

struct daemon_kind {
	const char	*title;		/* "log daemon", in our log */
	const char	*name;		/* "log": of its process */
	const char	*path;
	const char	*option;	/* "-h": how it is told of... */
	const char	*dir;		/* ...this one of the home; NULL: all,
					   the system's places instead */
	const char	*user;		/* -u, where we are root; or NULL */
	/* It runs; the descriptor is our end of its channel. */
	void		(*begun)(void *, int);
	/*
	 * It is reaped; another one comes, unless it was to be the last: then
	 * the daemon may be freed.
	 */
	void		(*ended)(void *);
};

struct daemon {
	const struct daemon_kind *kind;
	void		*arg;
	struct pm2d	*env;
	char *const	*argv;		/* NULL: as the kind says */
	pid_t		 pid;		/* 0: none */
	int		 pidfd;
	struct event	 pidev;
	struct event	 again;
	monotime_t	 since;
	uint32_t	 quick;		/* ended soon, in a row */
	uint64_t	 backoff;	/* ms, before the next start */
	uint32_t	 crashes;
	int		 going;		/* the last one: none comes after it */
	int		 unprivileged;	/* runs as a user of its own */
	int		 ready;
	char		 sandbox[DAEMON_SANDBOX_MAX];
};

/* The argument goes with the functions of the kind.  Starts nothing yet. */
void		 daemon_init(struct daemon *, struct pm2d *,
		    const struct daemon_kind *, void *);
void		 daemon_start(struct daemon *);
/* It says that it is ready; the text is what sandboxes it. */
void		 daemon_ready(struct daemon *,
		    const char [DAEMON_SANDBOX_MAX]);
/* It is of no use any more. */
void		 daemon_kill(struct daemon *);
/* Where it has no pidfd: did it end? */
void		 daemon_sigchld(struct daemon *);
/* After its channel was closed for good: wait, kill what does not end. */
void		 daemon_end(struct daemon *, uint64_t);
/* For doctor: NULL, or what sandboxes it. */
const char	*daemon_status(const struct daemon *);

#endif /* PM2D_DAEMON_H */

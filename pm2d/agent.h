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
 * Helpers of long life: one process for each user and kind (watcher, prober)
 * that runs as that user and ends when nobody needs it any more.  A new one
 * takes the place of one that died; whoever uses it is told to say everything
 * again.  Garbage from one costs that one.
 */
#ifndef PM2D_AGENT_H
#define PM2D_AGENT_H

#include "parent.h"

struct agent;

struct agent_kind {
	const char	*title;		/* "watcher", in our log */
	const char	*name;		/* "watch", of its process */
	const char	*path;		/* PATH_WATCH, PATH_PROBE */
	const char	*option;	/* "-n": for this kind; or NULL */
	/* NULL; else it runs as this one where we are root, for all users */
	const char	*user;
	size_t		 maxsize;	/* longest message to it; 0: usual */
	uint32_t	 ready;		/* its message: agent_ready */
	/* It is new and knows nothing: tell it of every app of its user. */
	void		(*begun)(struct agent *);
	/* A message.  -1: it cannot be; the process is replaced. */
	int		(*message)(struct agent *, struct imsg *);
};

/*
 * The one for this user (ids change 0: whoever we are), made if need be.
 * Each agent_get() has its agent_put().  NULL with errno.
 */
struct agent	*agent_get(struct pm2d *, const struct agent_kind *,
		    const struct ids *);
void		 agent_put(struct agent *);
/* 1 when it is there to be told something; else begun() comes. */
int		 agent_live(const struct agent *);
/* Lost when it dies before it was read: begun() says it again. 0 or -1. */
int		 agent_compose(struct agent *, uint32_t, const void *, size_t);
/* The same of what ibuf holds, which is freed. */
int		 agent_send(struct agent *, uint32_t, struct ibuf *);
int		 agent_ready(const struct agent *);
/* Whose it is: compares with an app's ids. */
const struct ids *agent_ids(const struct agent *);
struct pm2d	*agent_env(const struct agent *);
/* Is it another user's than whom it works for? */
int		 agent_shared(const struct agent *);
/* For doctor: one row for each that this user may see, through the callback. */
#define AGENT_VIEWALL	((uid_t)-1)
void		 agent_rows(struct pm2d *, uid_t, void (*)(void *,
		    const struct ctl_row *), void *);
int		 agent_ispid(struct pm2d *, pid_t);
void		 agent_sigchld(struct pm2d *);
void		 agent_init(struct pm2d *);
void		 agent_exit(struct pm2d *);

#endif /* PM2D_AGENT_H */

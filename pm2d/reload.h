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
 * One request to reload apps: which are next, how many at once, and what came
 * of it.  Pure: the caller reloads them and says how it went.
 */
#ifndef PM2D_RELOAD_H
#define PM2D_RELOAD_H

#include <sys/types.h>

#include <stdint.h>

#include "msg.h"

enum reload_state {
	RELOAD_QUEUED,
	RELOAD_RUNNING,
	RELOAD_DONE,
	RELOAD_LEFT,		/* there was nothing to do, or it is gone */
	RELOAD_FAILED
};

struct reload_item {
	uint32_t	 id;
	enum reload_state state;
	uint64_t	 born;		/* app->reported, for the caller */
};

struct reload {
	uid_t		 uid;		/* who asked */
	uint64_t	 when_ms;	/* wall: ...and when */
	uint32_t	 flags;		/* RELOAD_* */
	uint32_t	 parallel;	/* at least 1 */
	uint32_t	 nitems;
	uint32_t	 next;		/* the first that may be queued */
	uint32_t	 nrunning;
	struct reload_item *items;	/* in the order of the request */
	uint32_t	*order;		/* indexes of items, by id */
	/* count: done so far; with a code as soon as one has failed */
	struct ctl_result result;
};

/*
 * A job for these ids, of which repeated ones count once.  parallel 0 is 1.
 * NULL with errno: ENOMEM, or EINVAL without any id.
 */
struct reload	*reload_new(uid_t, uint64_t, const struct ctl_reload *,
		    const uint32_t *);
void		 reload_free(struct reload *);

/*
 * The next one to begin with, which is RUNNING then; NULL: none, for so many
 * are under way, or one has failed, or no more are left.
 */
struct reload_item *reload_next(struct reload *);
/* One under way has ended, or is left as it is; others are ignored. */
void		 reload_done(struct reload *, uint32_t, enum ctl_code,
		    const char *);
void		 reload_left(struct reload *, uint32_t);
/* One that failed for a reason that has a stage and an errno. */
void		 reload_failed(struct reload *, uint32_t,
		    const struct ctl_result *);
/* Nothing is under way and nothing will be: result is the answer. */
int		 reload_over(const struct reload *);

/* NULL: it has nothing to do with this app. */
struct reload_item *reload_find(const struct reload *, uint32_t);
/* Does the job still have to do with this app? */
int		 reload_pending(const struct reload *, uint32_t);
/* The same user asks for the same: he may wait for this one's result. */
int		 reload_same(const struct reload *, const struct reload *);
/* An app that both still have to do with; NULL: none. */
const struct reload_item *reload_overlap(const struct reload *,
		    const struct reload *);
/* "a reload asked for by uid 1000 at 12:03:04 is under way" */
void		 reload_who(const struct reload *, char *, size_t);

#endif /* PM2D_RELOAD_H */

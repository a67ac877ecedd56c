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
 * The rooms of pm2d-watch: jobs (watch-job.c) are what the parent asks for,
 * each with its roots; watch-tree.c has their directories and is told by the
 * kernel what happens in them.
 */
#ifndef PM2D_WATCH_LOCAL_H
#define PM2D_WATCH_LOCAL_H

#include <sys/queue.h>
#include <sys/tree.h>

#include <event.h>
#include <limits.h>
#include <stdint.h>

#include "imsgev.h"
#include "monotime.h"
#include "msg.h"
#include "parentlink.h"
#include "watch-glob.h"
#include "watch-table.h"

/* What an app may cost, and all apps of a user together. */
#define JOB_DIRS_MAX	8192
#define ALL_DIRS_MAX	32768
#define JOB_FILES_MAX	65536
#define ALL_FILES_MAX	262144

struct job;
struct wdir;

/* A path that is watched: a directory, or a file in one. */
struct root {
	TAILQ_ENTRY(root) entry;
	struct job	*job;
	struct wdir	*top;		/* NULL: it is not there now */
	struct ctable	 table;
	struct event	 again;
	uint32_t	 tries;		/* to find it again */
	char		 only[NAME_MAX + 1];	/* the file; "": all */
	char		 path[PATH_MAX];	/* of the directory */
};

struct job {
	TAILQ_ENTRY(job) entry;
	struct watch_ref ref;
	uint32_t	 delay_ms;
	struct ignore	 ignore;
	TAILQ_HEAD(, root) roots;
	uint32_t	 ndirs;
	uint64_t	 unread;	/* bytes it may read to know them */
	struct event	 due;
	int		 pending;
	monotime_t	 since;
	uint32_t	 beyond;	/* changes of files there is no room for */
	char		 sample[PATH_MAX];	/* one of them */
	int		 failed;
	int		 error;
	char		 text[240];
};

/* ---- watch-tree.c ---- */

int	 tree_init(struct event_base *);
/*
 * Begin with a root: what is found is touched in its table.  0, or -1 with
 * errno when it is not there; other failures are the job's.
 */
int	 tree_attach(struct root *);
void	 tree_detach(struct root *);
uint32_t tree_count(void);

/* ---- watch-job.c ---- */

void	 job_init(struct event_base *);
/* A message of the parent; -1: it is none. */
int	 job_add(struct imsg *);
int	 job_del(struct imsg *);
int	 job_again(struct imsg *);
/* It cannot be watched: told, and ended, when all events are dealt with. */
void	 job_fail(struct job *, int, const char *, ...)
	    __attribute__((format(printf, 3, 4)));
/* This one may be another: below the root. */
void	 job_touch(struct root *, const char *);
/* Something was touched: look when it is quiet. */
void	 job_note(struct job *);
/* Its directory is gone, or another one is there. */
void	 job_lost(struct root *);
/* Events were lost: look at everything. */
void	 job_rescan_all(void);
void	 job_reap(void);

#endif /* PM2D_WATCH_LOCAL_H */

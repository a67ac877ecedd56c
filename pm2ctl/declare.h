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
 * What a process file declares, compared with what pm2d has; and what is to
 * be done about it.
 */
#ifndef PM2CTL_DECLARE_H
#define PM2CTL_DECLARE_H

#include "pm2ctl.h"
#include "procfile.h"
#include "specdiff.h"
#include "start.h"

struct plan_app {
	const struct declared *declared;
	const char	*name;
	struct spec_buf	 buf;		/* as declared */
	struct spec	*spec;		/* of that */
	/* what there is: */
	struct selection members;	/* apps of that name */
	struct selection resting;	/* those of them that do not run */
	struct selection firsts;	/* one of all started together */
	struct specdiff	 diff;		/* "instances" is among it */
	int		 differs;	/* in more than that */
	int		 moved;		/* declared elsewhere before */
	uint32_t	 add;		/* instances that are missing */
	struct selection drop;		/* those that are too many */
	/* what is to be done: */
	int		 launch;
	int		 update;
	struct selection restart;
	struct selection reload;
	const char	*remark;	/* why nothing is done; or NULL */
	struct start_group group;
};

/* Zero it to begin. */
struct plan {
	struct ctl	*ctl;
	struct procfile	 file;
	int		 ready;		/* it has no mistake */
	const struct app_list *list;
	struct plan_app	*apps;
	size_t		 n;
	struct selection gone;		/* declared in it before, no more */
};

/* declare.c */

/*
 * Read a process file, with --env and --only, and say what is wrong with it.
 * 0, or -1: nothing of it can be used (said).
 */
int	 plan_read(struct plan *, struct ctl *, const char *);
/* Compare with a list that has specs, and outlives the plan: 0, -1 (said). */
int	 plan_match(struct plan *, const struct app_list *);
void	 plan_free(struct plan *);
/* Append an id to those that are there. -1: out of memory (said). */
int	 plan_add(struct selection *, uint32_t);
/* "4 instances" */
const char *plan_instances(size_t, char *, size_t);

/* A list; with --dry-run it is empty when no daemon runs. -1: said. */
int	 dry_list(struct ctl *, uint32_t flags, struct app_list *);

/*
 * Call for each app that a file declares, by its name, with the apps of that
 * name; whatever else is wrong with the file.  -1: said, or what a call
 * returned.
 */
typedef int	 declared_fn(void *, const char *, const struct selection *);
int	 declared_each(struct ctl *, const char *, const struct app_list *,
	    declared_fn *, void *);

/* apply.c */

struct apply {
	int		 start;		/* leave alone what runs */
	int		 changed;	/* ...and what has not changed */
	int		 reload;	/* rather than restart */
	uint32_t	 flags;		/* RELOAD_GRACEFUL */
	int		 prune;
};

/* Decide, tell, and give pm2d the new specs. -1: lost (said). */
int	 apply_prepare(struct plan *, const struct apply *, struct start *);
/* Ask for all that is to be started (again). -1: lost (said). */
int	 apply_send(struct plan *, struct start *);

/* "restart FILE", "reload FILE": the exit status. */
int	 apply_files(struct ctl *, const struct apply *, int, char **);
/* Put process files first among arguments: so many there are. */
int	 split_files(char **, int);

#endif /* PM2CTL_DECLARE_H */

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
 * Apps that one command asks for together: each request is told when it is
 * done, and then the first moments of all of them are watched.
 */
#ifndef PM2CTL_START_H
#define PM2CTL_START_H

#include <sys/types.h>

#include "pm2ctl.h"

/* An app of a process file: what it takes to start it is told at once. */
struct start_group {
	const char	*name;
	const char	*done;		/* "launched" */
	uint32_t	 count;		/* instances */
	uint32_t	 left;		/* requests */
	uint32_t	 failed;
};

/* One request: a new app (and its instances), or one that was known. */
struct start_job {
	uint32_t	 request;
	uint32_t	 count;		/* instances; 0: as the result says */
	const char	*word;
	const char	*done;		/* said without a group */
	struct start_group *group;
	/* of a new one; what a step failed with */
	char		*program;
	char		*user;
	char		*cwd;
};

/* An app that this command has started. */
struct started {
	uint32_t	 id;
	uint32_t	 request;
	uint32_t	 generation;	/* first seen; 0: none yet */
	pid_t		 pid;		/* of that run */
	int		 told;		/* its failure was said */
	int		 died;
	int		 listens;	/* or said that it is ready */
	int		 over;		/* died, or did what it had to do */
	struct ctl_exit	 exit;
	char		 name[APP_NAME_MAX];
};

struct start {
	struct ctl	*ctl;
	struct app_list	 list;		/* before */
	struct start_job	*jobs;
	size_t		 njobs;
	size_t		 jobcap;
	struct started	*apps;		/* by id */
	size_t		 napps;
	size_t		 cap;
	size_t		 nover;
	int		 watching;	/* all results are there */
	int		 all_over;
	int		 failures;
	int		 nomem;
	int		 nth;		/* argument */
};

void	 start_begin(struct start *, struct ctl *);
void	 start_free(struct start *);
/* Before requests are sent, and again when others have listened. */
void	 start_listen(struct start *);

/*
 * A group begins, and is complete when all of its requests were sent: answers
 * may come before.
 */
void	 start_group(struct start_group *, const char *name,
	    const char *done);
void	 start_group_sent(struct start_group *);

/*
 * Ask for a new app, for one that is known to run (again), for more instances
 * of one.  The word is said before what went wrong.  -1: the connection is
 * lost (said), as for all below.
 */
int	 start_new(struct start *, const char *, struct start_group *,
	    const struct spec_buf *, uint32_t flags);
int	 start_again(struct start *, const char *, struct start_group *,
	    uint32_t id);
int	 start_more(struct start *, const char *, struct start_group *,
	    uint32_t id, uint32_t add);

/* Until all of it is done, or has failed. */
int	 start_wait(struct start *);
/*
 * Watch the first moments, show the table (if anything was asked for, or if
 * it is wanted anyway), tell of those that died.
 */
int	 start_end(struct start *, int table);

void	 start_say_launched(void);

/* start.c: one argument that is no process file. */
int	 start_word(struct start *, const char *);

#endif /* PM2CTL_START_H */

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
 * Between tree.c and the two ways of keeping track.
 */
#ifndef PM2D_TREE_LOCAL_H
#define PM2D_TREE_LOCAL_H

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/tree.h>

#include <stddef.h>
#include <stdint.h>

#include "tree.h"

struct event_base;

/* A process, safe against reuse of its pid. */
struct tree_proc {
	pid_t		 pid;
	uint64_t	 start;
};

struct tree_procs {
	struct tree_proc	*v;
	size_t			 n;
	size_t			 cap;
};

/* When to look at one that is watched. */
enum tree_due {
	DUE_NOT,
	DUE_NOW,
	DUE_LATER		/* not in this pass any more */
};

struct tree {
	TAILQ_ENTRY(tree)	 entry;
	TAILQ_ENTRY(tree)	 wentry;
	RB_ENTRY(tree)		 bymain;
	RB_ENTRY(tree)		 bywd;
	uint32_t		 id;
	pid_t			 main;		/* 0: none, or reaped */
	pid_t			 session;	/* what main was or is */
	uid_t			 uid;
	tree_cb			*cb;		/* watched */
	void			*cbarg;
	enum tree_due		 due;
	int			 killed;
	/* TREE_CGROUP */
	char			 dir[32];	/* in our node; "": none yet */
	int			 wd;		/* -1: none */
	int			 deadly;	/* was killed */
	struct tree_limits	 limits;
	int			 limited;	/* or was once */
	/* TREE_WALK */
	uint64_t		 tag;
	char			 env[32];
	struct tree_procs	 known;
};

struct tree_ops {
	int	(*make)(struct tree *);
	void	(*release)(struct tree *);
	int	(*open)(struct tree *, int *);
	int	(*controller)(const char *);	/* 0 or an errno */
	void	(*note)(struct tree *);
	int	(*signal_rest)(struct tree *, int);
	int	(*kill)(struct tree *);
	int	(*gone)(struct tree *);	/* -1: look again later */
	int	(*memory)(struct tree *, uint64_t *);
	int	(*watch)(struct tree *);
	void	(*unwatch)(struct tree *);
	void	(*pass)(void);		/* a look at many trees begins */
	unsigned int (*pause)(void);	/* ms between such looks */
	void	(*exit)(void);
};

/* NULL when it cannot be; the buffer says why, or what there is. */
const struct tree_ops	*tree_cgroup_init(struct event_base *, char *, size_t);
const struct tree_ops	*tree_walk_init(char *, size_t);

/* Look at this tree (NULL: all that are watched) from the event loop. */
void	 tree_look(struct tree *);
/* Is this child somebody's, so that it is no orphan? */
int	 tree_claimed(pid_t);
/* The children of a process, as far as they can be seen. 0 or -1. */
int	 tree_children(pid_t, struct tree_procs *);
/* 1 added, 0 known already, -1 no memory. */
int	 tree_procs_add(struct tree_procs *, pid_t, uint64_t);
/* The same without looking whether it is there. 0 or -1. */
int	 tree_procs_push(struct tree_procs *, pid_t, uint64_t);
void	 tree_procs_free(struct tree_procs *);
/* What those that live yet have in memory: how many they are. */
size_t	 tree_procs_memory(const struct tree_procs *, uint64_t *);
/* Signal a process if it still is this one. 0 or -1. */
int	 tree_proc_signal(const struct tree_proc *, int);

#endif /* PM2D_TREE_LOCAL_H */

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
 * Everything that an app started, however it hides.  Where a cgroup2
 * hierarchy can be used each app has a group there (TREE_CGROUP); else the
 * daemon is a subreaper, so that what an app leaves behind comes to it, and
 * the process table is walked (TREE_WALK).
 *
 * Life: tree_make, tree_open, spawn_app with that descriptor (and the string
 * of tree_env() in its environment), tree_main; to stop: tree_watch, signal
 * the main process, later tree_kill, the callback says that nothing is left;
 * tree_free.  A tree outlives restarts of its app.
 */
#ifndef PM2D_TREE_H
#define PM2D_TREE_H

#include <sys/types.h>

#include <stdint.h>

struct event_base;
struct tree;

enum tree_mode {
	TREE_NONE,		/* before tree_init() */
	TREE_CGROUP,
	TREE_WALK
};

/*
 * Is this child (an app's main process, a daemon) one that the caller waits
 * for itself?  Asked for every child that ended; helpers need no answer.
 */
typedef int	(tree_isours)(pid_t, void *);
typedef void	(tree_cb)(struct tree *, void *);

/*
 * After spawn_init().  wanted TREE_NONE: the best that works, TREE_WALK: no
 * groups even if they work.  The mode is one for all trees.  0 or -1.
 */
int		 tree_init(struct event_base *, enum tree_mode, tree_isours *,
		    void *);
/* Frees all trees and takes our group away; kills nothing. */
void		 tree_exit(void);
enum tree_mode	 tree_mode(void);
/* For people: the path of our group, or why there is none. */
const char	*tree_describe(void);

/* Of all of its processes together; 0: no limit. */
struct tree_limits {
	uint64_t	 memory;	/* bytes */
	uint64_t	 cpu;		/* hundredths of one */
	uint64_t	 pids;
};
/*
 * Can they be limited by this controller ("memory", "cpu", "pids")?  0, or an
 * errno: EOPNOTSUPP it is not given to us (or there are no groups), EBUSY
 * others' processes are in our group, ...
 */
int		 tree_controller(const char *);

struct tree	*tree_make(uint32_t);	/* app's id; NULL with errno */
void		 tree_free(struct tree *);
/*
 * The group's directory for spawn_req.cgroup_fd, to be closed after the
 * spawn.  0 and *fd -1 in TREE_WALK; -1 with errno.
 */
int		 tree_open(struct tree *, int *);
/*
 * From the next tree_open() on, which fails when that cannot be: EOPNOTSUPP
 * or another errno.
 */
void		 tree_limit(struct tree *, const struct tree_limits *);
/* "PM2D_TREE=..." to add to the environment; NULL in TREE_CGROUP. */
const char	*tree_env(const struct tree *);
/* The main process and the user it runs as; pid 0: it was reaped. */
void		 tree_main(struct tree *, pid_t, uid_t);

/*
 * Remember who belongs to it now (TREE_WALK; nothing in TREE_CGROUP): call
 * it before the main process is signalled, because a process that left the
 * session and cleared its environment cannot be told apart later.
 */
void		 tree_note(struct tree *);
/* Signal all but the main process.  How many were signalled, or -1. */
int		 tree_signal_rest(struct tree *, int);
/* SIGKILL for all of it, main process included.  0 or -1. */
int		 tree_kill(struct tree *);
/*
 * 1 nothing is left that lives; 0 something is, or (TREE_WALK, thousands of
 * apps, a storm of exits) it takes too long to look now: tree_watch() tells.
 */
int		 tree_gone(struct tree *);

/*
 * Resident bytes of all of its processes: what the kernel counts for its
 * group, without the files it has merely read, where the group has a memory
 * limit; else the sum over the processes, so that pages which several of
 * them share count for each.  Reads /proc and does not wait.  0, or -1 with
 * errno: ESRCH nothing of it lives, EAGAIN ask again later (see tree_gone).
 */
int		 tree_memory(struct tree *, uint64_t *);

/*
 * Call back once when nothing is left, never from within; again for another
 * watch.  A tree that is watched and was killed is killed again for as long
 * as something turns up.
 */
int		 tree_watch(struct tree *, tree_cb *, void *);
void		 tree_unwatch(struct tree *);

/*
 * On SIGCHLD, after the caller looked after its own: reaps what came to us
 * as an orphan, and looks again at trees that are watched.
 */
void		 tree_sigchld(void);
/* The first half of it alone. */
void		 tree_sweep(void);

/*
 * SIGKILL for the process group of a main process that ended and was not
 * reaped yet (the zombie keeps the number from being used again).  0, or -1
 * with errno: ECHILD when it is not such a one.
 */
int		 tree_killgroup(pid_t);

#endif /* PM2D_TREE_H */

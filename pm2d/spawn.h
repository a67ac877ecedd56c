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
 * Making processes.  This is the only code in pm2d that does, for apps and
 * for the short-lived helpers (helper.h).
 *
 * The child shares the parent's descriptor table until it takes a copy of
 * the ten lowest ones, so that a spawn costs the same whether the parent has
 * ten descriptors open or ten thousand.  Hence 3 to 9 belong to spawn.c.
 * Listening sockets are too many for that and travel through the gate.
 */
#ifndef PM2D_SPAWN_H
#define PM2D_SPAWN_H

#include <sys/types.h>
#include <sys/resource.h>

#include <signal.h>
#include <stdint.h>

#include "appbox.h"
#include "msg.h"

struct ids;

#define SPAWN_SLOT_FIRST	3
#define SPAWN_SLOTS		6	/* and one of its own */

/*
 * Once, as the first thing in main() that opens descriptors: reserves 3 to 9
 * (EBUSY when one is in use), remembers the limits, umask, priority and oom
 * score that pm2d was started with; these are what apps get.  Call it before
 * changing any of them.
 */
int	 spawn_init(void);
void	 spawn_exit(void);		/* closes what spawn_init() opened */

/* What pm2d was started with: a resource limit, and the nice value. */
const struct rlimit *spawn_rlimit(int);
const struct rlimit *spawn_nofile(void);
int	 spawn_nice(void);

/* "clone3" or "fork", for doctor. */
const char *spawn_describe(void);

#define SPAWN_LISTEN_MAX	64

/*
 * What the app's own pid is to be put in place of: an entry of envp that is
 * LISTEN_PID= or WATCHDOG_PID= and this.
 */
#define SPAWN_PID		"0000000000"

/*
 * What an app may.  Zeroed, with RLIM_INFINITY for each limit: no more and no
 * less than what pm2d was started with.
 */
struct spawn_limits {
	int		 has_umask;
	mode_t		 umask;
	int		 has_nice;
	int		 nice;
	rlim_t		 rlimits[RLIM_NLIMITS];	/* soft and hard */
	int		 no_new_privs;
	/*
	 * For root to have said only.  No part of this path may be anything
	 * that somebody else than root can change.  What is named below, cwd
	 * and file and script, is inside.
	 */
	const char	*chroot;
	struct appbox	 box;
};

struct spawn_req {
	const char	*file;		/* without '/': looked up in PATH */
	char *const	*argv;
	char *const	*envp;
	const char	*script;	/* must be readable; NULL: no check */
	const char	*cwd;		/* NULL: "/" */
	const struct ids *ids;		/* NULL: stay who the daemon is */
	int		 in_fd;		/* -1: /dev/null, these three */
	int		 out_w;
	int		 err_w;
	int		 ipc_fd;	/* becomes 3 + nlisten; -1: none */
	const int	*listen_fds;	/* become 3 and following */
	uint32_t	 nlisten;	/* at most SPAWN_LISTEN_MAX */
	int		 cgroup_fd;	/* directory; -1: stay in ours */
	const struct spawn_limits *limits;	/* NULL: none */
};

struct spawn_child {
	pid_t	 pid;
	int	 pidfd;		/* -1 where the kernel has none */
	int	 errfd;		/* non-blocking; readable when exec'd or not */
	int	 gate;		/* the child waits for spawn_release() */
};

/*
 * Start an app.  The descriptors in the request stay the caller's (close the
 * write ends afterwards, or there is never an end of file).  out_w and err_w
 * are given to the app's user when it is not ours, so that the app can open
 * /dev/stdout.  Does not wait for exec: watch errfd and set a deadline.
 * 0, or -1 with errno and the stage that failed; nothing is left then.
 */
int	 spawn_app(const struct spawn_req *, struct spawn_child *,
	    enum stage *);

/* Open the gate, once. The end of the parent opens none. 0 or -1. */
int	 spawn_release(struct spawn_child *);

/*
 * After errfd became readable: 1 the program was executed, 0 not yet known,
 * -1 it was not: stage and errno say why (the child exits with 127).  Closes
 * nothing: spawn_close() does.
 */
int	 spawn_readerr(const struct spawn_child *, enum stage *, int *);

/* Close errfd and gate (not the pidfd), as far as open. */
void	 spawn_close(struct spawn_child *);

/*
 * Signal a child that was not reaped yet, by pidfd where there is one; and
 * look whether it ended: 1 and *info filled (reaped), 0 not yet, -1 errno.
 */
int	 spawn_signal(pid_t, int, int);		/* pid, pidfd, signal */
int	 spawn_reap(pid_t, int, siginfo_t *);	/* pid, pidfd, info */

/*
 * What is below is for helper.c and tree.c.  Fork with these descriptors as
 * 3 to 8 (-1: /dev/null), 0, 1 and 2 as they are and in the child nothing
 * else.  cgroup -1: none.  Returns 0 in the child (signals blocked and at
 * their defaults), the pid in the parent, or -1 with errno and stage.
 */
pid_t	 spawn_fork(const int [SPAWN_SLOTS], int, int *, enum stage *);

#endif /* PM2D_SPAWN_H */

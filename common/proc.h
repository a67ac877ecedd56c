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
 * The life of a privilege separated daemon: the parent's side (fork, exec,
 * channel on descriptor 3) and the child's side (become harmless).
 */
#ifndef PM2D_PROC_H
#define PM2D_PROC_H

#include <sys/types.h>

#define PROC_PARENT_FD	3	/* a daemon's channel to its parent */

struct proc_child {
	const char	*title;		/* "log": for logs and the pid's name */
	const char	*path;		/* absolute path of the executable */
	char *const	*argv;
};

/*
 * Start a daemon: socketpair, fork, channel on descriptor 3, stdin and stdout
 * /dev/null, stderr kept, every other descriptor closed, signals at their
 * defaults, an environment of PATH and LANG only, exec.  Returns when the
 * program runs: stores the pid, a pidfd (or -1 where the kernel has none)
 * and returns the parent's non-blocking, close-on-exec end.  -1 with errno,
 * that of a failed exec too; nothing is left behind then.
 */
int	proc_start(const struct proc_child *, pid_t *, int *);

/*
 * First thing in a daemon's main(): not dumpable, no core, closefrom(4),
 * umask 077, SIGPIPE, SIGXFSZ, SIGHUP and SIGINT ignored, log on descriptor
 * 2 as the named process, channel checked to be a socket and made
 * non-blocking and close-on-exec.  A daemon that was not started by its
 * parent says so and exits 1.
 */
void	proc_child_init(const char *);

#define PROC_GROUPS_MAX	256

/* A user by numbers alone: whoever started us has looked them up. */
struct proc_ids {
	uid_t		 uid;
	gid_t		 gid;
	int		 ngroups;
	gid_t		 groups[PROC_GROUPS_MAX];
};

/* "uid,gid,group,...".  0, or -1: it is something else. */
int	proc_ids_parse(const char *, struct proc_ids *);

struct proc_rights {
	const char	*user;		/* NULL: stay who we are */
	const struct proc_ids *ids;	/* instead of user; root may stay root */
	int		 forks;		/* it runs programs, with all its user may */
	const char	*root;		/* chroot(2) there; NULL: none */
	long		 nofile;	/* RLIMIT_NOFILE, 0: leave */
	int		 nofsize;	/* RLIMIT_FSIZE 0: the log file too! */
};

/*
 * Drop privileges for good, in the order of style: limits, chroot, bounding
 * set (only root can), groups, gid, uid, verified; RLIMIT_NPROC 0,
 * capabilities, no_new_privs.  As an ordinary user, user and root are
 * ignored.  Root that stays root keeps CAP_DAC_OVERRIDE and CAP_FOWNER, so
 * that it can still work in a home of somebody else.  0, or -1 with errno and
 * a logged reason; ENOENT: no such user.
 *
 * What libraries open when they first need it is out of reach afterwards:
 * tzset(3), the event base, random seeds and the like come before this.
 */
int	proc_drop(const struct proc_rights *);

#endif /* PM2D_PROC_H */

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
 * Short-lived processes for what may block or must be done as a user: user
 * lookups, files that users name, syncing to disk.  The parent goes on; the
 * one reply, with up to HELPER_MAXFDS descriptors, arrives as an event.
 */
#ifndef PM2D_HELPER_H
#define PM2D_HELPER_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include "ids.h"

struct event_base;
struct helper;

#define HELPER_MAXREPLY		16384
#define HELPER_MAXFDS		8	/* that come back */
#define HELPER_MAXPASSED	4	/* that go in */
#define HELPER_TIMEOUT_MS	10000

struct helper_reply {
	size_t		 len;
	int		 nfds;
	int		 fds[HELPER_MAXFDS];
	int		 passed[HELPER_MAXPASSED];	/* in: what was given */
	unsigned char	 data[HELPER_MAXREPLY];
};

/* Runs in the helper, as the user.  Returns 0 or an errno. */
typedef int	(helper_job)(const void *, size_t, struct helper_reply *);

/*
 * error 0: the job's reply; the descriptors are the callee's from now on.
 * Else an errno and nothing with it: the job's own, ETIMEDOUT (it was
 * killed), ECHILD (it died), EPROTO, EMFILE (no room for descriptors), or
 * one of making the process or becoming the user.
 */
typedef void	(helper_cb)(void *, int, const void *, size_t, int *, int);

/*
 * Start a job as the user of ids (NULL: as the daemon).  req is seen by the
 * helper as it is now and may go away after the call; passed descriptors
 * stay the caller's.  The callback is never called from within.  Of many at
 * once some wait their turn, their deadline running.  NULL with errno when
 * no process could be made.
 */
struct helper	*helper_run(struct event_base *, const struct ids *,
		    helper_job *, const void *, size_t, const int *, int,
		    helper_cb *, void *);
/* Kill it, no callback. */
void		 helper_cancel(struct helper *);
/* Another deadline than HELPER_TIMEOUT_MS, from now, and not over 25 s. */
void		 helper_deadline(struct helper *, unsigned int);
/* Is this the pid of a helper?  Whoever waits for any child must know. */
int		 helper_ispid(pid_t);
/* On SIGCHLD: reaps those for which there is no pidfd. tree_sigchld() does. */
void		 helper_sigchld(void);
/* Cancel all: at the end, and in tests. */
void		 helper_exit(void);

/* ---- jobs ---- */

/*
 * req: a name with its NUL; or struct job_uid.  Reply: struct ids.  Run it
 * as the daemon (ids NULL).  Errors: those of ids_byname().
 */
struct job_uid {
	uid_t	 uid;
};
helper_job	 job_lookup_user;	/* req: string */
helper_job	 job_lookup_uid;	/* req: struct job_uid */

/*
 * Both, with another primary group (ids_group()).  user "": the daemon's own;
 * byuid: this one, whatever its name.
 * When it is the group that cannot be, the reply is struct job_nogroup.
 */
struct job_member {
	uint32_t	 any;		/* he need not be a member */
	uint32_t	 byuid;
	uid_t		 uid;
	char		 user[256];
	char		 group[256];
};
struct job_nogroup {
	int32_t		 error;
};
helper_job	 job_lookup_member;

#define JOB_PATHMAX	4096

enum job_kind {
	JOB_LOG,		/* O_APPEND, 0640 */
	JOB_PID			/* 0644, not truncated: the writer does it */
};

struct job_file {
	uint32_t	 kind;
	uint32_t	 cookie;		/* comes back */
	char		 path[JOB_PATHMAX];	/* absolute */
};

/*
 * Open files as the user: made when missing, with their directories; never
 * through a symlink at the end, only regular files with one link that belong
 * to the user, and /dev/null.  For reading too where the user may.  Request:
 * n of them (only so much of the struct need be given).  Reply: as many
 * results in the same order, fd an index into the descriptors or -1.
 */
struct job_open {
	uint32_t	 n;
	struct job_file	 files[HELPER_MAXFDS];
};
struct job_result {
	int32_t		 error;		/* errno, 0: opened */
	int32_t		 fd;
	uint32_t	 kind;
	uint32_t	 cookie;
};
struct job_opened {
	uint32_t	 n;
	struct job_result results[HELPER_MAXFDS];
};
helper_job	 job_open_files;

/* "is a symbolic link": what job_result.error means, in words. */
const char	*job_strerror(int);

/*
 * Read files of environment variables and of secrets as the user.  Regular
 * files of the user or root that nobody else can write to, nor others read;
 * symlinks at the end are not followed.  Request: the paths of nfiles
 * env_files (envfile.h), then nsecrets "NAME=/path", each with its NUL.
 * Reply: struct job_envread, and without error a descriptor of sealed memory
 * with len bytes: "NAME=value" with its NUL each; envlen of them are those of
 * the env_files.
 */
struct job_env {
	uint32_t	 nfiles;
	uint32_t	 nsecrets;
	char		 data[];
};
struct job_envread {
	int32_t		 error;		/* errno, 0: read */
	uint32_t	 envlen;
	uint32_t	 len;
	char		 why[244];	/* what is wrong with which file */
};
helper_job	 job_read_env;

/*
 * Rename path to path.1, path.1 to path.2 ... up to path.keep, the oldest
 * is gone; then open path anew as above.  keep 0: remove it.  Reply: struct
 * job_opened with one result.
 */
struct job_rotate_req {
	uint32_t	 keep;
	uint32_t	 reserved;
	struct job_file	 file;
};
helper_job	 job_rotate;

/*
 * fdatasync(2) of passed[0]; with names, also rename from to to in the
 * directory passed[1] and fsync that.  No reply but the error.
 */
struct job_sync_req {
	char		 from[256];
	char		 to[256];	/* "": only sync */
};
helper_job	 job_sync;

/*
 * Bind and listen on a unix socket as the user.  What a dead process left at
 * the path is taken away if it is a socket of his to which nobody listens.
 * Reply: struct job_bound and the descriptor.
 */
#define JOB_ABSTRACT	0x01	/* path is an abstract name */
#define JOB_READALL	0x02	/* chmod: readable by all */
#define JOB_WRITEALL	0x04	/* ...writable: anybody may connect */
#define JOB_BLOCKING	0x08

struct job_bind {
	uint32_t	 flags;
	uint32_t	 backlog;
	char		 path[1024];
};
/* Which file it is, so that no other one is ever removed. */
struct job_bound {
	uint64_t	 dev;
	uint64_t	 ino;
};
helper_job	 job_bind_unix;

/* Remove it, if it is that one yet. */
struct job_unbind {
	struct job_bound file;
	char		 path[1024];
};
helper_job	 job_unbind_unix;

#endif /* PM2D_HELPER_H */

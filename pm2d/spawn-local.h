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
 * Between spawn.c, spawn-child.c and the file of the system.
 */
#ifndef PM2D_SPAWN_LOCAL_H
#define PM2D_SPAWN_LOCAL_H

#include <sys/socket.h>

#include "spawn.h"

/* What is where in a child that becomes an app. */
enum spawn_slot {
	SLOT_IN = SPAWN_SLOT_FIRST,
	SLOT_OUT,
	SLOT_ERR,
	SLOT_IPC,
	SLOT_ERRPIPE,
	SLOT_GATE,
	SLOT_SYNC		/* spawn_fork()'s own */
};
#define SPAWN_ABOVE	(SLOT_SYNC + 1)

/* Room for the listening sockets of a child. */
union spawn_cmsg {
	struct cmsghdr	 hdr;
	char		 buf[CMSG_SPACE(SPAWN_LISTEN_MAX * sizeof(int))];
};

/* What goes through the error pipe. */
struct spawn_failure {
	uint32_t	 stage;
	int32_t		 error;
};

/* What pm2d was started with. */
struct spawn_orig {
	struct rlimit	 limits[RLIM_NLIMITS];
	mode_t		 umask;
	int		 nice;
	int		 oom;
	int		 have_oom;
};
extern const struct spawn_orig *spawn_orig;

/* In the child, after spawn_fork(); never returns. */
void	 spawn_child_main(const struct spawn_req *) __attribute__((noreturn));

/* The system's: never again more rights than now, by no exec. */
int	 spawn_no_new_privs(void);
/* The system's: the score by which the kernel picks whom to kill. */
int	 spawn_oom_get(int *);
int	 spawn_oom_set(int);

#endif /* PM2D_SPAWN_LOCAL_H */

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
 * Landlock's own words, for sandbox-linux.c and for the sandbox of apps.  The
 * headers of the system are older than kernels.
 */
#ifndef PM2D_LANDLOCK_LINUX_H
#define PM2D_LANDLOCK_LINUX_H

#include <stdint.h>

#define FS_EXECUTE		(1ULL << 0)
#define FS_WRITE_FILE		(1ULL << 1)
#define FS_READ_FILE		(1ULL << 2)
#define FS_READ_DIR		(1ULL << 3)
#define FS_REMOVE_DIR		(1ULL << 4)
#define FS_REMOVE_FILE		(1ULL << 5)
#define FS_MAKE_CHAR		(1ULL << 6)
#define FS_MAKE_DIR		(1ULL << 7)
#define FS_MAKE_REG		(1ULL << 8)
#define FS_MAKE_SOCK		(1ULL << 9)
#define FS_MAKE_FIFO		(1ULL << 10)
#define FS_MAKE_BLOCK		(1ULL << 11)
#define FS_MAKE_SYM		(1ULL << 12)
#define FS_REFER		(1ULL << 13)
#define FS_TRUNCATE		(1ULL << 14)
#define FS_IOCTL_DEV		(1ULL << 15)

/* The first version's. */
#define FS_ALL_1		(FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | \
				FS_READ_DIR | FS_REMOVE_DIR | FS_REMOVE_FILE | \
				FS_MAKE_CHAR | FS_MAKE_DIR | FS_MAKE_REG | \
				FS_MAKE_SOCK | FS_MAKE_FIFO | FS_MAKE_BLOCK | \
				FS_MAKE_SYM)

#define NET_BIND_TCP		(1ULL << 0)
#define NET_CONNECT_TCP		(1ULL << 1)

#define SCOPE_ABSTRACT_UNIX	(1ULL << 0)
#define SCOPE_SIGNAL		(1ULL << 1)

/* What is not listed as handled stays allowed. */
struct landlock {
	uint64_t	 handled_fs;
	uint64_t	 handled_net;
	uint64_t	 scoped;
};

/* Of the kernel's interface, or -1 with errno: ENOSYS it has none. */
int	 landlock_version(void);
/*
 * A descriptor of a set of rules.  What this version does not know is taken
 * out of the struct.  -1 with errno.
 */
int	 landlock_open(int, struct landlock *);
/* Rights (handled ones, of a file those that files have) on a path. */
int	 landlock_allow(int, int, uint64_t);
/* From now on, for this process and its children; wants no_new_privs. */
int	 landlock_restrict(int);

#endif /* PM2D_LANDLOCK_LINUX_H */

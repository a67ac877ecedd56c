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
 * Landlock: which files, ports and processes can be named.  The constants
 * are here because headers are older than kernels and libc has no wrappers.
 */

#include <sys/types.h>
#include <sys/syscall.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "sandbox-linux.h"

/* The same numbers on all architectures. */
#define NR_CREATE_RULESET	444
#define NR_ADD_RULE		445
#define NR_RESTRICT_SELF	446

#define CREATE_RULESET_VERSION	(1U << 0)
#define RULE_PATH_BENEATH	1

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

/* "rwc" of unveil(2), for regular files: read, write, create, remove, move. */
#define DIRECTORY_RIGHTS	(FS_READ_FILE | FS_WRITE_FILE | FS_READ_DIR | \
				FS_REMOVE_FILE | FS_MAKE_REG | FS_REFER | \
				FS_TRUNCATE)

#define READING_RIGHTS		(FS_READ_FILE | FS_READ_DIR)

/* What is not listed as handled stays allowed. */
struct ruleset {
	uint64_t	 handled_fs;
	uint64_t	 handled_net;
	uint64_t	 scoped;
};

struct path_rule {
	uint64_t	 allowed;
	int32_t		 fd;
} __attribute__((packed));

/* What came with which version of the interface. */
static const struct {
	int		 version;
	struct ruleset	 adds;
	size_t		 size;		/* of the structure it knows */
} versions[] = {
	{ 1, { FS_ALL_1, 0, 0 }, 8 },
	{ 2, { FS_REFER, 0, 0 }, 8 },
	{ 3, { FS_TRUNCATE, 0, 0 }, 8 },
	{ 4, { 0, NET_BIND_TCP | NET_CONNECT_TCP, 0 }, 16 },
	{ 5, { FS_IOCTL_DEV, 0, 0 }, 16 },
	{ 6, { 0, 0, SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL }, 24 }
};

static int	 create(enum sandbox_profile, int, uint64_t *);
static int	 allow(int, int, uint64_t);

int
landlock_enter(enum sandbox_profile profile, const int *dirfds, size_t n,
    int *version)
{
	uint64_t	 handled, rights;
	size_t		 i;
	int		 fd, saved;

	*version = (int)syscall(NR_CREATE_RULESET, NULL, (size_t)0,
	    CREATE_RULESET_VERSION);
	if (*version < 1) {
		/* Not built in, switched off at boot, or a container's no. */
		if (*version == 0 || errno == EOPNOTSUPP || errno == EPERM)
			errno = ENOSYS;
		return (-1);
	}
	if ((fd = create(profile, *version, &handled)) == -1)
		return (-1);
	rights = profile == SANDBOX_WATCH ? READING_RIGHTS : DIRECTORY_RIGHTS;
	for (i = 0; i < n; i++) {
		if (allow(fd, dirfds[i], rights & handled) == -1)
			goto fail;
	}
	if (syscall(NR_RESTRICT_SELF, fd, 0U) == -1)
		goto fail;
	close(fd);
	return (0);
 fail:
	saved = errno;
	close(fd);
	/* Never mistaken for a kernel that has none. */
	errno = saved == ENOSYS ? EIO : saved;
	return (-1);
}

/* Everything that this version knows is forbidden, but for the rules. */
static int
create(enum sandbox_profile profile, int version, uint64_t *handled)
{
	struct ruleset	 rs;
	size_t		 i, size;

	memset(&rs, 0, sizeof(rs));
	size = 0;
	for (i = 0; i < sizeof(versions) / sizeof(versions[0]) &&
	    versions[i].version <= version; i++) {
		rs.handled_fs |= versions[i].adds.handled_fs;
		rs.handled_net |= versions[i].adds.handled_net;
		rs.scoped |= versions[i].adds.scoped;
		size = versions[i].size;
	}
	if (profile == SANDBOX_PROBE)
		rs.handled_net &= ~NET_CONNECT_TCP;
	*handled = rs.handled_fs;
	return ((int)syscall(NR_CREATE_RULESET, &rs, size, 0U));
}

static int
allow(int fd, int dirfd, uint64_t rights)
{
	struct path_rule	 rule;

	memset(&rule, 0, sizeof(rule));
	rule.allowed = rights;
	rule.fd = dirfd;
	return ((int)syscall(NR_ADD_RULE, fd, RULE_PATH_BENEATH, &rule, 0U));
}

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

#include "landlock-linux.h"
#include "sandbox-linux.h"

/* The same numbers on all architectures. */
#define NR_CREATE_RULESET	444
#define NR_ADD_RULE		445
#define NR_RESTRICT_SELF	446

#define CREATE_RULESET_VERSION	(1U << 0)
#define RULE_PATH_BENEATH	1

/* "rwc" of unveil(2), for regular files: read, write, create, remove, move. */
#define DIRECTORY_RIGHTS	(FS_READ_FILE | FS_WRITE_FILE | FS_READ_DIR | \
				FS_REMOVE_FILE | FS_MAKE_REG | FS_REFER | \
				FS_TRUNCATE)

#define READING_RIGHTS		(FS_READ_FILE | FS_READ_DIR)

struct path_rule {
	uint64_t	 allowed;
	int32_t		 fd;
} __attribute__((packed));

/* What came with which version of the interface. */
static const struct {
	int		 version;
	struct landlock adds;
	size_t		 size;		/* of the structure it knows */
} versions[] = {
	{ 1, { FS_ALL_1, 0, 0 }, 8 },
	{ 2, { FS_REFER, 0, 0 }, 8 },
	{ 3, { FS_TRUNCATE, 0, 0 }, 8 },
	{ 4, { 0, NET_BIND_TCP | NET_CONNECT_TCP, 0 }, 16 },
	{ 5, { FS_IOCTL_DEV, 0, 0 }, 16 },
	{ 6, { 0, 0, SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL }, 24 }
};

int
landlock_version(void)
{
	int version;

	version = (int)syscall(NR_CREATE_RULESET, NULL, (size_t)0,
	    CREATE_RULESET_VERSION);
	if (version >= 1)
		return (version);
	/* Not built in, switched off at boot, or a container's no. */
	if (version == 0 || errno == EOPNOTSUPP || errno == EPERM)
		errno = ENOSYS;
	return (-1);
}

int
landlock_enter(enum sandbox_profile profile, const int *dirfds, size_t n,
    int *version)
{
	struct landlock	 all = { UINT64_MAX, UINT64_MAX, UINT64_MAX };
	uint64_t	 rights;
	size_t		 i;
	int		 fd, saved;

	if ((*version = landlock_version()) == -1)
		return (-1);
	if (profile == SANDBOX_PROBE)
		all.handled_net &= ~NET_CONNECT_TCP;
	if ((fd = landlock_open(*version, &all)) == -1)
		return (-1);
	rights = profile == SANDBOX_WATCH ? READING_RIGHTS : DIRECTORY_RIGHTS;
	for (i = 0; i < n; i++) {
		if (landlock_allow(fd, dirfds[i], rights &
		    all.handled_fs) == -1)
			goto fail;
	}
	if (landlock_restrict(fd) == -1)
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

int
landlock_open(int version, struct landlock *ll)
{
	struct landlock	 known;
	size_t		 i, size;

	memset(&known, 0, sizeof(known));
	size = 0;
	for (i = 0; i < sizeof(versions) / sizeof(versions[0]) &&
	    versions[i].version <= version; i++) {
		known.handled_fs |= versions[i].adds.handled_fs;
		known.handled_net |= versions[i].adds.handled_net;
		known.scoped |= versions[i].adds.scoped;
		size = versions[i].size;
	}
	ll->handled_fs &= known.handled_fs;
	ll->handled_net &= known.handled_net;
	ll->scoped &= known.scoped;
	return ((int)syscall(NR_CREATE_RULESET, ll, size, 0U));
}

int
landlock_allow(int fd, int pathfd, uint64_t rights)
{
	struct path_rule	 rule;

	memset(&rule, 0, sizeof(rule));
	rule.allowed = rights;
	rule.fd = pathfd;
	return ((int)syscall(NR_ADD_RULE, fd, RULE_PATH_BENEATH, &rule, 0U));
}

int
landlock_restrict(int fd)
{
	return ((int)syscall(NR_RESTRICT_SELF, fd, 0U));
}

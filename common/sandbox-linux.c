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

#include <sys/types.h>
#include <sys/prctl.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "sandbox.h"
#include "sandbox-linux.h"

static char	 description[128] = "no sandbox";

/*
 * Landlock first: seccomp's profiles do not contain its calls.
 */
int
sandbox_enter(enum sandbox_profile profile, const int *dirfds, size_t n)
{
	char	 paths[48];
	int	 version;

	/* Both want it of everybody who is not root. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return (-1);

	if (landlock_enter(profile, dirfds, n, &version) == 0)
		(void)snprintf(paths, sizeof(paths), "landlock %d", version);
	else if (errno == ENOSYS) {
		log_warnx("no landlock in this kernel or container: files are "
		    "guarded by their modes alone");
		(void)strlcpy(paths, "no landlock", sizeof(paths));
	} else
		return (-1);

	if (seccomp_enter(profile) == 0)
		(void)snprintf(description, sizeof(description),
		    "seccomp, %s", paths);
	else if (errno == ENOSYS) {
		log_warnx("no seccomp in this kernel or build: system calls "
		    "are not filtered");
		(void)snprintf(description, sizeof(description),
		    "no seccomp, %s", paths);
	} else
		return (-1);
	return (0);
}

const char *
sandbox_describe(void)
{
	return (description);
}

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
 * The two mechanisms behind sandbox-linux.c.  Each returns 0 when it is in
 * force, -1 with errno when it could not be had; ENOSYS means that this
 * kernel, container or build has no such thing.
 */
#ifndef PM2D_SANDBOX_LINUX_H
#define PM2D_SANDBOX_LINUX_H

#include <stddef.h>

#include "sandbox.h"

/* Only what the profile names can be called. */
int	seccomp_enter(enum sandbox_profile);

/*
 * Only what is below the directories can be reached by name, no TCP port (but
 * for SANDBOX_PROBE) and no process outside can; stores the version of the kernel's interface.
 */
int	landlock_enter(enum sandbox_profile, const int *, size_t, int *);

#endif /* PM2D_SANDBOX_LINUX_H */

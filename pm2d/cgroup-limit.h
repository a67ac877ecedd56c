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
 * Limits of control groups (version 2), by their files.
 */
#ifndef PM2D_CGROUP_LIMIT_H
#define PM2D_CGROUP_LIMIT_H

#include <stdint.h>

struct tree_limits;

/*
 * Have the groups in this one (a directory) limited by a controller.  0, or
 * -1 with errno: EOPNOTSUPP it is not given to this group, EBUSY there are
 * processes in it, EACCES and the like.
 */
int	 cgroup_enable(int, const char *);

/*
 * Limit this group; what is 0 is not limited any more.  0, or -1 with errno:
 * EOPNOTSUPP there is no such controller here.
 */
int	 cgroup_limit(int, const struct tree_limits *);

/* What it has in memory but for idle parts of files. 0 or -1. */
int	 cgroup_memory(int, uint64_t *);

#endif /* PM2D_CGROUP_LIMIT_H */

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
 * What a daemon may still do once it is set up.  Profiles are put together
 * from named groups of system calls, like the promises of pledge(2); the
 * paths that stay reachable are named like the ones of unveil(2).  What the
 * kernel cannot give is logged, and told by sandbox_describe().
 */
#ifndef PM2D_SANDBOX_H
#define PM2D_SANDBOX_H

#include <stddef.h>

enum sandbox_profile {
	SANDBOX_LOGD,
	SANDBOX_ENGINE,
	SANDBOX_WEBD,
	SANDBOX_CONF,
	SANDBOX_WATCH,		/* its directories: for reading only */
	SANDBOX_PROBE		/* connects; no files */
};

/*
 * Enter the profile for good.  dirfds: directories whose contents stay
 * reachable (read, write, create, remove; never execute), n of them.  Call
 * it after privileges are dropped and the event base exists.  0, or -1 with
 * errno when something that the kernel offers could not be had.
 */
int	sandbox_enter(enum sandbox_profile, const int *, size_t);

/* One line for people: "seccomp, landlock 7" or what is missing. */
const char *sandbox_describe(void);

#endif /* PM2D_SANDBOX_H */

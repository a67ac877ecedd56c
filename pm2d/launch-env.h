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
 * A step of launch.c: what env_file and secret_file name is read for this
 * start, and forgotten when the process is there.
 */
#ifndef PM2D_LAUNCH_ENV_H
#define PM2D_LAUNCH_ENV_H

#include "parent.h"

typedef void	 (launch_env_done)(struct run *, int error);

/*
 * Sets run->helper while it takes time.  The function is called once, maybe
 * from within: 0, and run->envread is set if there is any; or an errno, and
 * run->why if there are words for it.
 */
void	 launch_env(struct run *, launch_env_done *);
/* No copy stays. */
void	 launch_env_free(struct run *);

#endif /* PM2D_LAUNCH_ENV_H */

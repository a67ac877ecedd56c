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
 * The script that Node loads before a cluster app (drain.cjs): a worker that
 * leaves closes its connections with their last answers.
 */
#ifndef PM2D_PRELOAD_H
#define PM2D_PRELOAD_H

/*
 * Look at it, once, at the start: what every app executes must be nobody's
 * to change.  What is wrong with it is logged.
 */
void		 preload_init(const char *path);
/*
 * Its path for an app of pm2d's own user (0) or of another one (1), who must
 * be able to read it; NULL: go without.
 */
const char	*preload_path(int other);
/* NULL, or why apps go without: a sentence for doctor. */
const char	*preload_problem(void);

#endif /* PM2D_PRELOAD_H */

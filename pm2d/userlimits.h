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
 * What one user may have at most (conf_limit), asked where more is wanted.
 * Without pm2d.conf there are no limits.
 */
#ifndef PM2D_USERLIMITS_H
#define PM2D_USERLIMITS_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

struct ids;
struct logfile;
struct pm2d;

/*
 * May this user have so many more apps, and start anything?  0, or -1 and in
 * the buffer why not.
 */
int	 limits_apps(struct pm2d *, uid_t, uint64_t, char *, size_t);
/* ...so many connections, this one included. */
int	 limits_connections(struct pm2d *, uid_t, uint32_t, char *, size_t);

/*
 * His groups are known: the log daemon is told of his budget, if it is
 * another one than before.
 */
void	 limits_learn(struct pm2d *, const struct ids *);
/* The rules are other ones, or it is a new log daemon. */
void	 limits_again(struct pm2d *);
void	 limits_feed(struct pm2d *);
void	 limits_exit(void);
/* The size at which this file is rotated: below its owner's budget. */
uint64_t limits_logsize(const struct pm2d *, const struct logfile *);

/* What holds for this one, in words: key and text, NULL past the last. */
const char *limits_row(struct pm2d *, uid_t, size_t, char *, size_t);

#endif /* PM2D_USERLIMITS_H */

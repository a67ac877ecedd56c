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
 * The home of a daemon: $PM2_HOME or ~/.pm2, and the names in it.
 */
#ifndef PM2D_HOME_H
#define PM2D_HOME_H

#include <stddef.h>

#define HOME_SOCKET	"pm2d.sock"	/* control socket, 0600 */
#define HOME_LOCK	"pm2d.lock"	/* held by pm2ctl while it starts pm2d */
#define HOME_STATE	"pm2d.state"	/* state file, 0600 */
#define HOME_LOG	"pm2.log"	/* the daemons' own log */
#define HOME_PID	"pm2.pid"	/* locked by pm2d for its life */
#define HOME_LOGS	"logs"
#define HOME_PIDS	"pids"
#define HOME_OPTIONS	"custom_options.sh"
#define HOME_DUMP	"dump.pm2"

/*
 * Path of the home into the buffer: $PM2_HOME made absolute, else $HOME/.pm2,
 * else the password entry's.  0, or -1 with errno (ENAMETOOLONG, ENOENT).
 */
int	home_path(char *, size_t);

/* Path of a file in it. 0, or -1 with ENAMETOOLONG. */
int	home_file(char *, size_t, const char *home, const char *name);

/* Make it and its directories when missing (0700, logs and pids 0700). */
int	home_make(const char *);

/*
 * Connect to the control socket: descriptor, or -1 with errno; ENOENT and
 * ECONNREFUSED mean that no daemon runs.  A home longer than sun_path is
 * reached through its directory (/proc/self/fd), so length is no limit.
 */
int	home_connect(const char *home);

#endif /* PM2D_HOME_H */

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

#include <sys/types.h>

#include <stddef.h>

#define HOME_SOCKET	"pm2d.sock"	/* control socket, 0600 */
#define HOME_LOCK	"pm2d.lock"	/* held by pm2ctl while it starts pm2d */
#define HOME_STATE	"pm2d.state"	/* state file, 0600 */
#define HOME_LOG	"pm2.log"	/* the daemons' own log */
#define HOME_PID	"pm2.pid"	/* locked by pm2d for its life */
#define HOME_LOGS	"logs"
#define HOME_PIDS	"pids"
#define HOME_EMPTY	"empty"		/* root's: to chroot into */
#define HOME_OPTIONS	"custom_options.sh"
#define HOME_DUMP	"dump.pm2"

/*
 * Path of the home into the buffer: $PM2_HOME made absolute, else $HOME/.pm2,
 * else the password entry's.  0, or -1 with errno (ENAMETOOLONG, ENOENT).
 * For programs that people start; daemons are told where their home is.
 */
int	home_path(char *, size_t);

/* Path of a file in it. 0, or -1 with ENAMETOOLONG. */
int	home_file(char *, size_t, const char *home, const char *name);

/*
 * Make it, its parents and its directories when missing (0700; as root also
 * empty, 0500).  EPERM when it, logs or pids are no directory, belong to somebody who is neither the
 * caller nor root (root's logs and pids may belong to the log daemon), or can
 * be written by everybody; when empty is not root's alone.  Sets the umask
 * meanwhile:
 * for processes of one thread, like home_listen().
 */
int	home_make(const char *);

/*
 * Connect to the control socket: a blocking, close-on-exec descriptor, or -1
 * with errno.  ENOENT and ECONNREFUSED mean that no daemon runs, ETIMEDOUT
 * that one runs but does not answer, EPERM that whoever listens is neither
 * the caller, nor root, nor the home's owner.  A home longer than sun_path is
 * reached through its directory (/proc/self/fd), so length is no limit.
 */
int	home_connect(const char *home);
/*
 * The same with the absolute path of a socket: EPERM when whoever listens is
 * neither root nor the caller.
 */
int	home_connect_socket(const char *path);

/*
 * The control socket: non-blocking, close-on-exec, listening, mode 0600.  A
 * stale one is replaced, so the caller holds the lock on HOME_PID already.
 * Descriptor, or -1 with errno; EADDRINUSE: there is something of that name
 * that is no socket.
 */
int	home_listen(const char *home);
/* The same with the absolute path of a socket and its mode. */
int	home_listen_socket(const char *path, mode_t mode);

#endif /* PM2D_HOME_H */

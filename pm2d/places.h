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
 * Where things are.  A daemon of one user has all of it in its home; the
 * system's has its state there (pm2d.home), and the rest where pm2d.conf says.
 */
#ifndef PM2D_PLACES_H
#define PM2D_PLACES_H

#include <sys/types.h>

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#define PLACES_USERDIR	65	/* name of a user's log directory, with NUL */

struct conf_begin;
struct ids;
struct pm2d;

/* Of the system's pm2d only. */
struct places {
	char	 logs[PATH_MAX];	/* pm2.log; a directory for each user */
	char	 run[PATH_MAX];		/* pm2.pid; the socket is made there */
	char	 socket[PATH_MAX];
	mode_t	 mode;			/* of the socket... */
	gid_t	 gid;			/* ...and whose */
	uid_t	 logger;		/* the log daemon's user */
	int	 logsfd;
	int	 usersfd;		/* whose log directory is named how */
};

enum place {
	PLACE_OWNLOG,			/* pm2.log */
	PLACE_LOGS,			/* logs of apps */
	PLACE_PIDS,			/* pid files of apps */
	PLACE_RUN			/* pm2.pid */
};

/* The directory into the buffer.  0, or -1 with ENAMETOOLONG. */
int	 places_dir(const struct pm2d *, enum place, char *, size_t);
/* A file in it: the same. */
int	 places_file(const struct pm2d *, enum place, const char *, char *,
	    size_t);

/*
 * The system's: make what is missing, as root's.  The directories of logs and
 * state must be root's alone to write to.  0, or -1 with errno, and which one
 * it was in the buffer.
 */
int	 places_open(struct pm2d *, const struct conf_begin *, char *, size_t);
void	 places_close(struct pm2d *);

/* The control socket: descriptor, or -1 with errno. */
int	 places_listen(const struct pm2d *);
/* It is there already, and has now this mode and group. */
int	 places_chmod(struct pm2d *, mode_t, gid_t);
/* Its path, for people. */
void	 places_socket(const struct pm2d *, char *, size_t);
/* Remove socket and pid file. */
void	 places_remove(const struct pm2d *);

/*
 * The directory for the logs of this user, for pm2logd to write to and for
 * his group to read: made unless it is there.  0, or -1 with errno.
 */
int	 places_userlogs(struct pm2d *, const struct ids *);
/* Its name: that of the user when it was made, else his number. */
void	 places_userdir(const struct pm2d *, uid_t, char [PLACES_USERDIR]);

#endif /* PM2D_PLACES_H */

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
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"
#include "home.h"
#include "log.h"
#include "parent.h"
#include "places.h"

/*
 * The daemons' own log, pm2.log: descriptor 2 of all of them, opened for
 * appending.  An app that crashes for ever writes a line for each time, so
 * it has a bound: the full log is copied to pm2.log.1 and emptied, which all
 * who hold the descriptor survive.
 */

#define OWNLOG_MAX	(10 * 1024 * 1024)
#define OWNLOG_EVERY	128		/* look after so many lines */
#define OWNLOG_OLD	HOME_LOG ".1"

static int
open_log(const struct pm2d *env)
{
	char	 path[PATH_MAX];

	if (places_file(env, PLACE_OWNLOG, HOME_LOG, path, sizeof(path)) == -1)
		return (-1);
	return (open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW |
	    O_NONBLOCK | O_CLOEXEC, 0600));
}

/* Descriptors 0 to 2 as they shall stay: nothing to read, all to the log. */
void
ownlog_open(struct pm2d *env)
{
	int	 null, fd;

	if ((null = open("/dev/null", O_RDWR | O_CLOEXEC)) == -1)
		fatal("/dev/null");
	dup2(null, STDIN_FILENO);
	if (!env->foreground) {
		if ((fd = open_log(env)) == -1)
			fatal("%s", HOME_LOG);
		dup2(null, STDOUT_FILENO);
		dup2(fd, STDERR_FILENO);
		close(fd);
	}
	close(null);
	log_init(LOG_TO_FILE, log_getverbose());
}

/* Somebody has moved it away; if there can be no new one, the old one stays. */
void
ownlog_reopen(struct pm2d *env)
{
	int	 fd;

	if (env->foreground)
		return;
	if ((fd = open_log(env)) == -1) {
		log_warn("%s", HOME_LOG);
		return;
	}
	dup2(fd, STDERR_FILENO);
	close(fd);
}

/* In the helper: passed[0] is its directory. */
static int
job_trim(const void *req, size_t len, struct helper_reply *reply)
{
	char	 buf[65536];
	ssize_t	 n;
	int	 from, to;

	(void)req;
	(void)len;
	from = openat(reply->passed[0], HOME_LOG, O_RDWR | O_NOFOLLOW);
	to = openat(reply->passed[0], OWNLOG_OLD, O_WRONLY | O_CREAT |
	    O_TRUNC | O_NOFOLLOW, 0600);
	if (from == -1 || to == -1)
		return (errno);
	while ((n = read(from, buf, sizeof(buf))) > 0)
		if (write(to, buf, n) != n)
			break;
	/* Also when the copy failed: the log must not fill the disk. */
	if (ftruncate(from, 0) == -1)
		return (errno);
	return (0);
}

static void
trimmed(void *arg, int error, const void *data, size_t len, int *fds,
    int nfds)
{
	struct pm2d	*env = arg;

	(void)data;
	(void)len;
	(void)fds;
	(void)nfds;
	env->trimming = 0;
	errno = error;
	if (error != 0)
		log_warn("%s", HOME_LOG);
}

/* Another line was written: has the log become too long? */
void
ownlog_check(struct pm2d *env)
{
	struct stat	 sb;
	char		 dir[PATH_MAX];
	int		 fd;

	if (env->foreground || env->trimming ||
	    ++env->loglines % OWNLOG_EVERY != 0 ||
	    fstat(STDERR_FILENO, &sb) == -1 || sb.st_size < OWNLOG_MAX)
		return;
	if (places_dir(env, PLACE_OWNLOG, dir, sizeof(dir)) == -1 ||
	    (fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return;
	env->trimming = helper_run(env->base, NULL, job_trim, NULL, 0, &fd,
	    1, trimmed, env) != NULL;
	close(fd);
}

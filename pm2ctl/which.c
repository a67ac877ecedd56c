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
 * Which pm2d a command talks to: that of PM2_HOME, that behind PM2_SOCKET,
 * the system's where it answers, or the caller's own.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "home.h"
#include "instpaths.h"
#include "pm2ctl.h"

#define NOTE_SYSTEM	"system"

static const char *
given(const char *name)
{
	const char	*value = getenv(name);

	return (value != NULL && *value != '\0' ? value : NULL);
}

int
which_begin(struct ctl *ctl, char *home, size_t size)
{
	const char	*path;

	if (home_path(home, size) == -1) {
		say_error("no home for pm2: %s", strerror(errno));
		return (-1);
	}
	ctl->home = ctl->where = home;
	if (given("PM2_HOME") != NULL)
		return (0);
	if ((path = given("PM2_SOCKET")) != NULL) {
		if (*path != '/') {
			say_error("PM2_SOCKET=%s: not an absolute path", path);
			return (-1);
		}
		ctl->socket = ctl->where = path;
		say_daemon(path);
	} else
		ctl->maybe = PATH_SYSSOCKET;
	return (0);
}

/*
 * Whoever may not even connect, as it is not for him, has one of his own; so
 * has he, where there is none.
 */
static int
try_system(struct ctl *ctl)
{
	int	 fd;

	if ((fd = home_connect_socket(ctl->maybe)) == -1) {
		if (errno == ENOENT || errno == ECONNREFUSED ||
		    errno == ENOTDIR || errno == EACCES)
			return (CLIENT_NONE);
		say_error("%s: %s", ctl->maybe, errno == EPERM ?
		    "whoever listens there is not root" : strerror(errno));
		return (CLIENT_ERROR);
	}
	ctl->socket = ctl->where = ctl->maybe;
	ctl->maybe = NULL;
	say_daemon(NOTE_SYSTEM);
	return (client_attach(&ctl->client, fd, ctl->where));
}

int
which_open(struct ctl *ctl)
{
	int	 rc;

	if (ctl->maybe != NULL && (rc = try_system(ctl)) != CLIENT_NONE)
		return (rc);
	if (ctl->socket != NULL)
		return (client_open_socket(&ctl->client, ctl->socket));
	return (client_open(&ctl->client, ctl->home));
}

/* init(8) is to start it: then nobody else does, by chance. */
static int
has_unit(void)
{
	static const char *const	 units[] = {
		"/etc/systemd/system/pm2d.service",
		"/usr/local/lib/systemd/system/pm2d.service",
		"/usr/lib/systemd/system/pm2d.service",
		"/lib/systemd/system/pm2d.service"
	};
	size_t				 i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (access(units[i], F_OK) == 0)
			return (1);
	return (0);
}

int
which_may_start(const struct ctl *ctl)
{
	struct stat	 sb;

	if (ctl->socket != NULL) {
		say_error("no pm2d answers at %s: root starts it (pm2d(8), "
		    "-f)", ctl->socket);
		return (0);
	}
	if (ctl->maybe == NULL || stat(ctl->maybe, &sb) == -1 || !has_unit())
		return (1);
	say_error("the system's pm2d does not answer at %s; systemctl start "
	    "pm2d, or PM2_HOME=%s for one of your own", ctl->maybe, ctl->home);
	return (0);
}

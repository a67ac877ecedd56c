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
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parent.h"
#include "sys.h"

/*
 * The ways in which a run talks to us: Node's channel, and the socket of
 * sd_notify(3).  We make them and keep a copy; the engine reads them.
 */

#define NOTIFY_BYTES	16	/* of its name: nobody guesses it */

static int	 channel_make(struct run *, int *);
static int	 notify_make(struct run *);
static char	*notify_newname(void);
static int	 notify_bind(int, const char *);

int
channel_open(struct run *run, int *theirs, enum stage *stage)
{
	const struct appspec	*spec = run->spec;
	int			 error;

	*theirs = -1;
	*stage = STAGE_CHANNEL;
	run->worker = 0;
	if ((appspec_channel(spec) && channel_make(run, theirs) == -1) ||
	    (appspec_notify(spec) && notify_make(run) == -1)) {
		error = errno;
		if (*theirs != -1)
			close(*theirs);
		*theirs = -1;
		run_hangup(run);
		errno = error;
		return (-1);
	}
	return (0);
}

static int
channel_make(struct run *run, int *theirs)
{
	struct pm2d	*env = run->app->env;
	int		 fds[2];

	if (sys_socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == -1)
		return (-1);
	/* Two open files: theirs stays as node, or whoever it is, wants it. */
	run->channel = fds[0];
	*theirs = fds[1];
	if (sys_fcntl_setfl(run->channel, O_NONBLOCK) == -1)
		return (-1);
	if (appspec_cluster(run->spec)) {
		/* To node it is an int, and 0 is nobody. */
		if (env->next_worker >= INT32_MAX)
			env->next_worker = 0;
		run->worker = ++env->next_worker;
	}
	return (0);
}

static int
notify_make(struct run *run)
{
	int	 on = 1;

	if ((run->notify_name = notify_newname()) == NULL)
		return (-1);
	run->notify = sys_socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0);
	if (run->notify == -1)
		return (-1);
	/* Before anybody can write: who it was comes with each datagram. */
	if (sys_setsockopt(run->notify, SOL_SOCKET, SO_PASSCRED, &on,
	    sizeof(on)) == -1)
		return (-1);
	return (notify_bind(run->notify, run->notify_name));
}

/* As in NOTIFY_SOCKET: a '@' in the place of the NUL. */
static char *
notify_newname(void)
{
	unsigned char	 random[NOTIFY_BYTES];
	char		 hex[2 * NOTIFY_BYTES + 1];
	char		*name;
	size_t		 i;

	arc4random_buf(random, sizeof(random));
	for (i = 0; i < sizeof(random); i++)
		snprintf(hex + 2 * i, 3, "%02x", random[i]);
	if (asprintf(&name, "@pm2d-%s", hex) == -1)
		return (NULL);
	return (name);
}

static int
notify_bind(int fd, const char *name)
{
	struct sockaddr_un	 sun;
	size_t			 len = strlen(name);

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	memcpy(sun.sun_path + 1, name + 1, len - 1);
	return (sys_bind(fd, (struct sockaddr *)&sun,
	    offsetof(struct sockaddr_un, sun_path) + len));
}

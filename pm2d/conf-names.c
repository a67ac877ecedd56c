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

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf-names.h"
#include "ids.h"

#define ASK_USER	1
#define ASK_GROUP	2

/* One message each way; the socket keeps them apart (SOCK_SEQPACKET). */
struct question {
	uint32_t	 kind;
	char		 name[256];
};

struct answer {
	int32_t		 error;
	uint32_t	 id;
};

static void	 look_up(const struct question *, struct answer *);
static int	 ask(int, uint32_t, const char *, uint32_t *);

void
names_serve(int fd)
{
	struct question	 q;
	struct answer	 a;
	ssize_t		 n;

	for (;;) {
		do {
			n = recv(fd, &q, sizeof(q), 0);
		} while (n == -1 && errno == EINTR);
		/* Anything else is no reader of ours, or its end. */
		if (n != (ssize_t)sizeof(q) ||
		    memchr(q.name, '\0', sizeof(q.name)) == NULL)
			_exit(n == 0 ? 0 : 1);
		look_up(&q, &a);
		if (send(fd, &a, sizeof(a), MSG_NOSIGNAL) !=
		    (ssize_t)sizeof(a))
			_exit(1);
	}
}

static void
look_up(const struct question *q, struct answer *a)
{
	const struct passwd	*pw = NULL;
	const struct group	*gr = NULL;

	memset(a, 0, sizeof(*a));
	if (ids_badname(q->name) != NULL) {
		a->error = ENOENT;
		return;
	}
	errno = 0;
	/* A module that guesses ("0x0" is root) is not to be believed. */
	if (q->kind == ASK_USER && (pw = getpwnam(q->name)) != NULL &&
	    strcmp(pw->pw_name, q->name) == 0 && pw->pw_uid != (uid_t)-1)
		a->id = pw->pw_uid;
	else if (q->kind == ASK_GROUP && (gr = getgrnam(q->name)) != NULL &&
	    strcmp(gr->gr_name, q->name) == 0 && gr->gr_gid != (gid_t)-1)
		a->id = gr->gr_gid;
	else if (pw != NULL || gr != NULL || errno == 0 || errno == ESRCH ||
	    errno == EBADF || errno == EPERM)
		a->error = ENOENT;
	else
		a->error = errno;
}

static int
ask(int fd, uint32_t kind, const char *name, uint32_t *id)
{
	struct question	 q;
	struct answer	 a;
	ssize_t		 n;

	memset(&q, 0, sizeof(q));
	q.kind = kind;
	if (strlcpy(q.name, name, sizeof(q.name)) >= sizeof(q.name)) {
		errno = ENOENT;
		return (-1);
	}
	/* sendmsg(2) and recvmsg(2) are what the sandbox has. */
	do {
		n = write(fd, &q, sizeof(q));
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		return (-1);
	do {
		n = read(fd, &a, sizeof(a));
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		return (-1);
	if (n != (ssize_t)sizeof(a)) {
		errno = ECONNRESET;
		return (-1);
	}
	if (a.error != 0) {
		errno = a.error;
		return (-1);
	}
	*id = a.id;
	return (0);
}

int
names_user(int fd, const char *name, uint32_t *uid)
{
	return (ask(fd, ASK_USER, name, uid));
}

int
names_group(int fd, const char *name, uint32_t *gid)
{
	return (ask(fd, ASK_GROUP, name, gid));
}

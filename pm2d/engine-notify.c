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
 * sd_notify(3): datagrams of lines NAME=value, from processes of the app's
 * user.  Like a channel, a datagram is taken when the parent has been told.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine-local.h"
#include "engine-notify.h"
#include "log.h"
#include "sys.h"

#define HEAR_TURN	8	/* datagrams per look at one socket */

struct hear {
	struct event	 ev;
	struct event	 ev_again;
	struct worker	*worker;
	int		 fd;
	int		 told;		/* of the first datagram in the queue */
};

static const struct timeval	 again = { 0, 10000 };

static void	 hear_some(int, short, void *);
static int	 hear_one(struct hear *);
static int	 tell(struct hear *, char *, size_t);
static ssize_t	 receive(struct hear *, char *, size_t, int, uid_t *);

/* Takes the descriptor, whose SO_PASSCRED is on since it was made. */
void
hear_new(struct worker *w, int fd)
{
	struct hear	*h;

	hear_free(w);
	if (fd == -1) {
		log_warnx("%s: its NOTIFY_SOCKET got lost", w->name);
		return;
	}
	if ((h = calloc(1, sizeof(*h))) == NULL)
		goto fail;
	h->worker = w;
	h->fd = fd;
	event_assign(&h->ev, engine_base(), fd, EV_READ | EV_PERSIST,
	    hear_some, h);
	evtimer_assign(&h->ev_again, engine_base(), hear_some, h);
	if (event_add(&h->ev, NULL) == -1)
		goto fail;
	w->hear = h;
	return;

 fail:
	log_warn("%s: its NOTIFY_SOCKET", w->name);
	free(h);
	close(fd);
}

void
hear_free(struct worker *w)
{
	struct hear	*h;

	if ((h = w->hear) == NULL)
		return;
	event_del(&h->ev);
	event_del(&h->ev_again);
	close(h->fd);
	free(h);
	w->hear = NULL;
}

static void
hear_some(int fd, short what, void *arg)
{
	struct hear	*h = arg;
	int		 i;

	(void)fd;
	(void)what;
	for (i = 0; i < HEAR_TURN; i++)
		if (hear_one(h) == -1)
			return;
}

/* 0: go on. */
static int
hear_one(struct hear *h)
{
	char	 text[NOTIFY_TEXT_MAX];
	uid_t	 uid;

	if (!h->told && tell(h, text, sizeof(text)) == -1)
		return (-1);
	h->told = 1;
	if (!parent_flush()) {
		event_del(&h->ev);
		evtimer_add(&h->ev_again, &again);
		return (-1);
	}
	h->told = 0;
	(void)receive(h, text, sizeof(text), 0, &uid);
	if (!event_pending(&h->ev, EV_READ, NULL))
		event_add(&h->ev, NULL);
	return (0);
}

/* -1: nothing is there. */
static int
tell(struct hear *h, char *text, size_t size)
{
	struct engine_notify	 en;
	ssize_t			 n;
	uid_t			 uid;

	n = receive(h, text, size, MSG_PEEK, &uid);
	if (n == -1)
		return (errno == EAGAIN ? -1 : 0);
	memset(&en, 0, sizeof(en));
	if ((uid != 0 && uid != h->worker->uid) ||
	    !notify_parse(&en, text, (size_t)n))
		return (0);
	en.ref = h->worker->ref;
	parent_send(IMSG_ENGINE_NOTIFY, &en, sizeof(en));
	return (0);
}

/*
 * Room for the credentials only: descriptors that come along are dropped by
 * the kernel, which is what a sender of BARRIER=1 waits for.
 */
static ssize_t
receive(struct hear *h, char *text, size_t size, int flags, uid_t *uid)
{
	union {
		struct cmsghdr	 hdr;
		char		 buf[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct cmsghdr	*cmsg;
	struct msghdr	 msg;
	struct iovec	 iov;
	struct ucred	 cred;
	ssize_t		 n;

	memset(&msg, 0, sizeof(msg));
	iov.iov_base = text;
	iov.iov_len = size;
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	msg.msg_control = control.buf;
	msg.msg_controllen = sizeof(control.buf);
	*uid = (uid_t)-1;
	if ((n = sys_recvmsg(h->fd, &msg, flags | MSG_DONTWAIT)) == -1)
		return (-1);
	if ((cmsg = CMSG_FIRSTHDR(&msg)) != NULL &&
	    cmsg->cmsg_level == SOL_SOCKET &&
	    cmsg->cmsg_type == SCM_CREDENTIALS) {
		memcpy(&cred, CMSG_DATA(cmsg), sizeof(cred));
		*uid = cred.uid;
	}
	/* Half a message is none. */
	if (msg.msg_flags & MSG_TRUNC)
		*uid = (uid_t)-1;
	return (n);
}

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

#include <arpa/inet.h>
#include <netinet/in.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe-http.h"
#include "probe-local.h"
#include "sys.h"

/*
 * http: and tcp: checks.  "localhost" is tried by both families.
 */

#define ATONCE		256
#define LINGER_MS	1000	/* for the rest of an answer, to be polite */

struct attempt {
	struct check	*check;
	struct event	 io;
	struct event	 deadline;
	int		 fd;
	int		 v6;
	int		 connected;
	int		 again;		/* the other family is to be tried */
	int		 status;
	size_t		 sent;
	size_t		 reqlen;
	size_t		 have;
	char		 request[HTTP_REQUEST_MAX];
	char		 answer[HTTP_ANSWER_MAX];
};

static struct event_base	*base;
static int			 only_local;

static int	 net_connect(struct attempt *);
static void	 net_io(int, short, void *);

void
net_init(struct event_base *b, int local)
{
	base = b;
	only_local = local;
}

static int
net_takes(const struct healthspec *hs)
{
	return (hs->kind != HEALTHSPEC_EXEC);
}

static void
net_close(struct attempt *a)
{
	if (a->fd == -1)
		return;
	event_del(&a->io);
	close(a->fd);
	a->fd = -1;
}

static void
net_stop(struct attempt *a)
{
	net_close(a);
	event_del(&a->deadline);
	free(a);
}

static void
done(struct attempt *a, const char *wrong)
{
	struct check	*c = a->check;

	net_stop(a);
	check_done(c, wrong);
}

static void
done_errno(struct attempt *a, const char *what, int error)
{
	char	 text[120];

	(void)snprintf(text, sizeof(text), "%s: %s", what, strerror(error));
	done(a, text);
}

/* What the answer says so far. */
static void
done_status(struct attempt *a)
{
	char	 text[40];

	if (a->status >= 200 && a->status <= 399) {
		done(a, NULL);
		return;
	}
	if (a->status > 0)
		(void)snprintf(text, sizeof(text), "answered with status %d",
		    a->status);
	else
		(void)strlcpy(text, "answered with what is no HTTP",
		    sizeof(text));
	done(a, text);
}

static void
net_deadline(int fd, short event, void *arg)
{
	struct attempt	*a = arg;

	(void)fd;
	(void)event;
	if (a->status != 0)
		done_status(a);
	else if (a->connected)
		done(a, "did not answer in time");
	else
		done(a, "did not take the connection in time");
}

static void
want(struct attempt *a, short what)
{
	event_del(&a->io);
	event_assign(&a->io, base, a->fd, what | EV_PERSIST, net_io, a);
	event_add(&a->io, NULL);
}

static void
fill_address(const struct healthspec *hs, int v6, struct sockaddr_storage *ss,
    socklen_t *len)
{
	struct sockaddr_in	*in4 = (void *)ss;
	struct sockaddr_in6	*in6 = (void *)ss;
	int			 name = strcmp(hs->host, "localhost") == 0;

	memset(ss, 0, sizeof(*ss));
	if (v6) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(hs->port);
		(void)inet_pton(AF_INET6, name ? "::1" : hs->host,
		    &in6->sin6_addr);
		*len = sizeof(*in6);
	} else {
		in4->sin_family = AF_INET;
		in4->sin_port = htons(hs->port);
		(void)inet_pton(AF_INET, name ? "127.0.0.1" : hs->host,
		    &in4->sin_addr);
		*len = sizeof(*in4);
	}
}

/* 0, or an errno. */
static int
net_connect(struct attempt *a)
{
	struct sockaddr_storage	 ss;
	socklen_t		 len;

	fill_address(&a->check->spec, a->v6, &ss, &len);
	a->fd = sys_socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0);
	if (a->fd == -1)
		return (errno);
	event_assign(&a->io, base, a->fd, EV_WRITE | EV_PERSIST, net_io, a);
	if (sys_connect(a->fd, (const struct sockaddr *)&ss, len) == -1 &&
	    errno != EINPROGRESS)
		return (errno);
	event_add(&a->io, NULL);
	return (0);
}

/* It did not work by this address: is there another one? */
static void
net_refused(struct attempt *a, int error)
{
	int	 second;

	net_close(a);
	if (a->again) {
		a->again = 0;
		a->v6 = !a->v6;
		if ((second = net_connect(a)) == 0)
			return;
		net_close(a);
		/* A machine without IPv6 is no news. */
		if (second != EAFNOSUPPORT && second != EADDRNOTAVAIL &&
		    second != ENETUNREACH)
			error = second;
	}
	done_errno(a, "cannot connect", error);
}

static void
net_write(struct attempt *a)
{
	ssize_t	 n;
	int	 error = 0;
	socklen_t len = sizeof(error);

	if (!a->connected) {
		if (sys_getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &error,
		    &len) == -1)
			error = errno;
		if (error != 0) {
			net_refused(a, error);
			return;
		}
		a->connected = 1;
		if (a->check->spec.kind == HEALTHSPEC_TCP) {
			done(a, NULL);
			return;
		}
	}
	n = send(a->fd, a->request + a->sent, a->reqlen - a->sent,
	    MSG_NOSIGNAL);
	if (n == -1) {
		if (errno != EAGAIN && errno != EINTR)
			done_errno(a, "hung up", errno);
		return;
	}
	a->sent += (size_t)n;
	if (a->sent == a->reqlen)
		want(a, EV_READ);
}

/* When the status is known the rest is read for a while, and ignored. */
static void
net_known(struct attempt *a)
{
	struct timeval	 tv = { LINGER_MS / 1000, 0 };

	a->status = http_status(a->answer, a->have);
	if (a->status == -1)
		done_status(a);
	else if (a->status != 0 && a->check->timeout_ms > LINGER_MS)
		evtimer_add(&a->deadline, &tv);
}

static void
net_read(struct attempt *a)
{
	ssize_t	 n;

	if (a->have == sizeof(a->answer)) {
		done_status(a);
		return;
	}
	n = recv(a->fd, a->answer + a->have, sizeof(a->answer) - a->have, 0);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 && a->status != 0)
		done_status(a);
	else if (n == -1)
		done_errno(a, "hung up", errno);
	else if (n == 0)
		done(a, "hung up without an answer");
	else {
		a->have += (size_t)n;
		if (a->status == 0)
			net_known(a);
	}
}

static void
net_io(int fd, short what, void *arg)
{
	struct attempt	*a = arg;

	(void)fd;
	if (what & EV_WRITE)
		net_write(a);
	else
		net_read(a);
}

/* What is known at once is said by the timer, too. */
static void
net_now(int fd, short event, void *arg)
{
	struct attempt		*a = arg;
	struct check		*c = a->check;
	struct timeval		 tv;
	int			 error;

	(void)fd;
	(void)event;
	if (only_local && !healthspec_local(&c->spec)) {
		done(a, "only this machine (127.0.0.1, ::1, localhost) can be "
		    "asked when pm2d runs as root; use exec:");
		return;
	}
	evtimer_assign(&a->deadline, base, net_deadline, a);
	tv.tv_sec = (time_t)(c->timeout_ms / 1000);
	tv.tv_usec = (suseconds_t)(c->timeout_ms % 1000 * 1000);
	evtimer_add(&a->deadline, &tv);
	if ((error = net_connect(a)) != 0)
		net_refused(a, error);
}

static struct attempt *
net_start(struct check *c)
{
	static const struct timeval	 now;
	struct attempt			*a;
	int				 len;

	if ((a = calloc(1, sizeof(*a))) == NULL)
		return (NULL);
	a->check = c;
	a->fd = -1;
	a->v6 = c->spec.v6;
	a->again = strcmp(c->spec.host, "localhost") == 0;
	if ((len = http_request(&c->spec, a->request,
	    sizeof(a->request))) == -1) {
		free(a);
		errno = E2BIG;
		return (NULL);
	}
	a->reqlen = (size_t)len;
	evtimer_assign(&a->deadline, base, net_now, a);
	evtimer_add(&a->deadline, &now);
	return (a);
}

const struct prober	 prober_net = {
	ATONCE, net_takes, net_start, net_stop
};

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

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "listen-bind.h"
#include "reuseport.h"
#include "sys.h"

static int
isdgram(const struct listenaddr *la)
{
	return (la->type == LISTEN_UDP4 || la->type == LISTEN_UDP6);
}

static void
set_inet(struct listenaddr *la, struct in_addr in, uint32_t port)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)&la->ss;

	memset(&la->ss, 0, sizeof(la->ss));
	sin->sin_family = AF_INET;
	sin->sin_port = htons((uint16_t)port);
	sin->sin_addr = in;
	la->len = sizeof(*sin);
	la->v6 = 0;
}

static void
set_inet6(struct listenaddr *la, const struct in6_addr *in6, uint32_t scope,
    uint32_t port)
{
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)&la->ss;

	memset(&la->ss, 0, sizeof(la->ss));
	sin6->sin6_family = AF_INET6;
	sin6->sin6_port = htons((uint16_t)port);
	sin6->sin6_addr = *in6;
	sin6->sin6_scope_id = scope;
	la->len = sizeof(*sin6);
	la->v6 = 1;
}

/* "fe80::1%eth0", "fe80::1%2" */
static int
parse_inet6(const char *text, struct in6_addr *in6, uint32_t *scope)
{
	const char	*errstr, *percent;
	char		 bare[INET6_ADDRSTRLEN];
	size_t		 len = strcspn(text, "%");

	if (len >= sizeof(bare))
		return (EINVAL);
	memcpy(bare, text, len);
	bare[len] = '\0';
	if (inet_pton(AF_INET6, bare, in6) != 1)
		return (EINVAL);
	*scope = 0;
	if (*(percent = text + len) == '\0')
		return (0);
	if ((*scope = if_nametoindex(percent + 1)) != 0)
		return (0);
	*scope = (uint32_t)strtonum(percent + 1, 1, UINT32_MAX, &errstr);
	return (errstr == NULL ? 0 : EINVAL);
}

int
listenaddr_make(struct listenaddr *la, uint32_t type, uint32_t flags,
    const char *address, uint32_t port)
{
	struct in_addr	 in;
	struct in6_addr	 in6;
	uint32_t	 scope;
	int		 error;

	memset(la, 0, sizeof(*la));
	la->type = type;
	la->flags = flags;
	if (type == LISTEN_TCP4 || type == LISTEN_UDP4) {
		in.s_addr = htonl(INADDR_ANY);
		if ((flags & LISTEN_ANY) == 0 &&
		    inet_pton(AF_INET, address, &in) != 1)
			return (EINVAL);
		if ((flags & LISTEN_ANY) && type == LISTEN_TCP4)
			set_inet6(la, &in6addr_any, 0, port);
		else
			set_inet(la, in, port);
		return (0);
	}
	if (flags & LISTEN_ANY) {
		set_inet6(la, &in6addr_any, 0, port);
		return (0);
	}
	if ((error = parse_inet6(address, &in6, &scope)) == 0)
		set_inet6(la, &in6, scope, port);
	return (error);
}

void
listenaddr_text(const struct listenaddr *la, char *buf, size_t size,
    uint32_t *port)
{
	const struct sockaddr_in	*sin;
	const struct sockaddr_in6	*sin6;
	const char			*s;

	if (la->v6) {
		sin6 = (const struct sockaddr_in6 *)&la->ss;
		*port = ntohs(sin6->sin6_port);
		s = inet_ntop(AF_INET6, &sin6->sin6_addr, buf,
		    (socklen_t)size);
	} else {
		sin = (const struct sockaddr_in *)&la->ss;
		*port = ntohs(sin->sin_port);
		s = inet_ntop(AF_INET, &sin->sin_addr, buf, (socklen_t)size);
	}
	if (s == NULL)
		*buf = '\0';
}

/*
 * TCP: or a port would be refused while connections of an earlier run are in
 * TIME_WAIT.  UDP: as the worker asks; there it shares the port.
 */
static int
set_options(const struct listenaddr *la, unsigned int how, int fd)
{
	int	 one = 1, only = (la->flags & LISTEN_V6ONLY) != 0;

	if ((!isdgram(la) || (la->flags & LISTEN_REUSEADDR)) &&
	    sys_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one,
	    sizeof(one)) == -1)
		return (errno);
	if (la->v6 && sys_setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only,
	    sizeof(only)) == -1)
		return (errno);
	return (how & BIND_REUSEPORT ? reuseport_set(fd) : 0);
}

static int
bind_one(struct listenaddr *la, uint32_t backlog, unsigned int how, int fd)
{
	socklen_t	 len = sizeof(la->ss);
	int		 error;

	if ((error = set_options(la, how, fd)) != 0)
		return (error);
	if (sys_bind(fd, (struct sockaddr *)&la->ss, la->len) == -1)
		return (errno);
	if (!isdgram(la) && sys_listen(fd,
	    (int)(backlog == 0 ? BACKLOG_DEFAULT : backlog)) == -1)
		return (errno);
	if (getsockname(fd, (struct sockaddr *)&la->ss, &len) == -1)
		return (errno);
	return (0);
}

static int
try(struct listenaddr *la, uint32_t backlog, unsigned int how, int *fd)
{
	int	 error, type;

	type = isdgram(la) ? SOCK_DGRAM : SOCK_STREAM;
	type |= SOCK_CLOEXEC | (how & BIND_BLOCKING ? 0 : SOCK_NONBLOCK);
	*fd = sys_socket(la->v6 ? AF_INET6 : AF_INET, type, 0);
	if (*fd == -1)
		return (errno);
	if ((error = bind_one(la, backlog, how, *fd)) != 0) {
		(void)close(*fd);
		*fd = -1;
	}
	return (error);
}

int
listenaddr_bind(struct listenaddr *la, uint32_t backlog, unsigned int how,
    int *fd)
{
	struct listenaddr	 v4;
	struct in_addr		 any;
	uint32_t		 port;
	int			 error;

	error = try(la, backlog, how, fd);
	if (error != 0 && error != EADDRINUSE && la->type == LISTEN_TCP4 &&
	    (la->flags & LISTEN_ANY)) {
		v4 = *la;
		port = ntohs(((struct sockaddr_in6 *)&la->ss)->sin6_port);
		any.s_addr = htonl(INADDR_ANY);
		set_inet(&v4, any, port);
		if ((error = try(&v4, backlog, how, fd)) == 0)
			*la = v4;
	}
	if (error == 0)
		la->flags &= ~(uint32_t)LISTEN_ANY;
	return (error);
}

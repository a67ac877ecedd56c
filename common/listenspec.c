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

#include <sys/socket.h>
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <stdlib.h>
#include <string.h>

#include "listenspec.h"

#define UNIX_NAME_MAX	107	/* abstract: what sun_path takes */

struct scheme {
	const char	*name;		/* with its ':' */
	uint32_t	 type;
	uint32_t	 flags;
	const char	*any;
	const char	*(*parse)(const struct scheme *, const char *,
			    struct listenspec *);
};

static const char	*parse_inet(const struct scheme *, const char *,
			    struct listenspec *);
static const char	*parse_inet6(const struct scheme *, const char *,
			    struct listenspec *);
static const char	*parse_unix(const struct scheme *, const char *,
			    struct listenspec *);

static const struct scheme schemes[] = {
	{ "tcp:",	LISTEN_TCP4, 0, "0.0.0.0", parse_inet },
	{ "tcp6:",	LISTEN_TCP6, LISTEN_V6ONLY, "::", parse_inet6 },
	{ "udp:",	LISTEN_UDP4, 0, "0.0.0.0", parse_inet },
	{ "udp6:",	LISTEN_UDP6, LISTEN_V6ONLY, "::", parse_inet6 },
	{ "unix:",	LISTEN_UNIX, 0, NULL, parse_unix }
};

/* strtonum(3) takes blanks and signs, too. */
static const char *
parse_port(const char *s, uint32_t *port)
{
	static const char	*why = "has no port from 1 to 65535 at its end";
	const char		*errstr;

	if (*s == '\0' || s[strspn(s, "0123456789")] != '\0')
		return (why);
	*port = (uint32_t)strtonum(s, 1, 65535, &errstr);
	return (errstr == NULL ? NULL : why);
}

/* Up to the end: the address, if there is one. */
static int
take_address(struct listenspec *ls, const char *s, const char *end)
{
	size_t	 len = (size_t)(end - s);

	if (len >= sizeof(ls->address))
		return (-1);
	memcpy(ls->address, s, len);
	ls->address[len] = '\0';
	return (0);
}

static const char *
parse_inet(const struct scheme *sc, const char *s, struct listenspec *ls)
{
	const char	*colon;
	struct in_addr	 in;

	(void)strlcpy(ls->address, sc->any, sizeof(ls->address));
	if ((colon = strrchr(s, ':')) == NULL)
		return (parse_port(s, &ls->port));
	if (take_address(ls, s, colon) == -1 ||
	    inet_pton(AF_INET, ls->address, &in) != 1)
		return ("has an address that is not an IPv4 one: four "
		    "numbers are needed, not a name");
	return (parse_port(colon + 1, &ls->port));
}

/* The address without its scope, "%eth0". */
static int
check_inet6(const char *address)
{
	struct in6_addr	 in6;
	char		 bare[INET6_ADDRSTRLEN];
	size_t		 len = strcspn(address, "%"), scope;

	if (len >= sizeof(bare))
		return (-1);
	memcpy(bare, address, len);
	bare[len] = '\0';
	if (address[len] == '%') {
		scope = strlen(address + len + 1);
		if (scope == 0 || scope >= IF_NAMESIZE)
			return (-1);
	}
	return (inet_pton(AF_INET6, bare, &in6) == 1 ? 0 : -1);
}

static const char *
parse_inet6(const struct scheme *sc, const char *s, struct listenspec *ls)
{
	const char	*end;

	(void)strlcpy(ls->address, sc->any, sizeof(ls->address));
	if (*s != '[') {
		if (strchr(s, ':') != NULL)
			return ("has an IPv6 address without brackets: "
			    "[::1]:8000 is the form");
		return (parse_port(s, &ls->port));
	}
	if ((end = strchr(s, ']')) == NULL || end[1] != ':')
		return ("has no ]: before the port");
	if (take_address(ls, s + 1, end) == -1 ||
	    check_inet6(ls->address) == -1)
		return ("has an address that is not an IPv6 one: numbers "
		    "are needed, not a name");
	return (parse_port(end + 2, &ls->port));
}

static const char *
parse_unix(const struct scheme *sc, const char *s, struct listenspec *ls)
{
	(void)sc;
	if (*s == '@') {
		ls->flags |= LISTEN_ABSTRACT;
		if (*++s == '\0' || strlen(s) >= UNIX_NAME_MAX)
			return ("has an abstract name that is empty or "
			    "longer than 106 bytes");
	} else if (*s != '/')
		return ("has a path that is not absolute");
	else if (s[strlen(s) - 1] == '/')
		return ("has a path that is a directory's");
	if (strlcpy(ls->address, s, sizeof(ls->address)) >=
	    sizeof(ls->address))
		return ("has a path that is too long");
	return (NULL);
}

const char *
listenspec_parse(const char *s, struct listenspec *ls)
{
	size_t	 i, len;

	memset(ls, 0, sizeof(*ls));
	for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		len = strlen(schemes[i].name);
		if (strncmp(s, schemes[i].name, len) != 0)
			continue;
		ls->type = schemes[i].type;
		ls->flags = schemes[i].flags;
		return (schemes[i].parse(&schemes[i], s + len, ls));
	}
	return ("does not begin with tcp:, tcp6:, udp:, udp6: or unix:");
}

const char *
listen_badspec(const char *s)
{
	struct listenspec	 ls;

	return (listenspec_parse(s, &ls));
}

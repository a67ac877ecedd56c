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
#include <sys/socket.h>

#include <stdlib.h>
#include <string.h>

#include "healthspec.h"

static const char *parse_host(const char **, struct healthspec *);
static const char *parse_port(const char **, struct healthspec *, int);

/* "[::1]", "127.0.0.1" or "localhost", up to what comes behind it. */
static const char *
parse_host(const char **p, struct healthspec *hs)
{
	const char	*begin = *p, *end;
	unsigned char	 addr[sizeof(struct in6_addr)];
	static const unsigned char any[sizeof(addr)];
	size_t		 len;

	hs->v6 = *begin == '[';
	if (hs->v6) {
		if ((end = strchr(++begin, ']')) == NULL)
			return ("has an address with '[' and without ']'");
		*p = end + 1;
	} else
		*p = end = begin + strcspn(begin, ":/?#");
	len = (size_t)(end - begin);
	if (memchr(begin, '@', len) != NULL)
		return ("cannot have a user or a password in it");
	if (len == 0 || len >= sizeof(hs->host))
		return ("lacks the host: an address, or localhost");
	memcpy(hs->host, begin, len);
	hs->host[len] = '\0';
	if (!hs->v6 && strcmp(hs->host, "localhost") == 0)
		return (NULL);
	if (inet_pton(hs->v6 ? AF_INET6 : AF_INET, hs->host, addr) != 1)
		return ("has a host that is neither a numeric address "
		    "(127.0.0.1, [::1]) nor localhost");
	if (memcmp(addr, any, hs->v6 ? sizeof(struct in6_addr) :
	    sizeof(struct in_addr)) == 0)
		return ("has an address that nobody has: use 127.0.0.1 or "
		    "[::1]");
	return (NULL);
}

static const char *
parse_port(const char **p, struct healthspec *hs, int otherwise)
{
	unsigned long	 port;
	char		*end;

	if (**p != ':') {
		if (otherwise == 0)
			return ("lacks the port");
		hs->port = (uint16_t)otherwise;
		return (NULL);
	}
	(*p)++;
	if (**p < '0' || **p > '9')
		return ("has a port that is no number");
	port = strtoul(*p, &end, 10);
	if (end - *p > 5 || port == 0 || port > 65535)
		return ("has a port that is not 1 to 65535");
	hs->port = (uint16_t)port;
	*p = end;
	return (NULL);
}

static const char *
parse_http(const char *p, struct healthspec *hs)
{
	const char	*why, *c;

	hs->kind = HEALTHSPEC_HTTP;
	if ((why = parse_host(&p, hs)) != NULL ||
	    (why = parse_port(&p, hs, 80)) != NULL)
		return (why);
	if (*p != '\0' && *p != '/')
		return ("has something behind the port that is no path");
	for (c = p; *c != '\0'; c++)
		if (*c <= ' ' || *c > '~' || *c == '#')
			return ("has a path with a blank, a '#' or what is no "
			    "ASCII: write such as %XX");
	if (strlcpy(hs->path, *p == '\0' ? "/" : p, sizeof(hs->path)) >=
	    sizeof(hs->path))
		return ("has a path of more than 1023 characters");
	return (NULL);
}

static const char *
parse_tcp(const char *p, struct healthspec *hs)
{
	const char	*why;

	hs->kind = HEALTHSPEC_TCP;
	if ((why = parse_host(&p, hs)) != NULL ||
	    (why = parse_port(&p, hs, 0)) != NULL)
		return (why);
	return (*p == '\0' ? NULL : "has something behind the port");
}

static const char *
parse_exec(const char *p, struct healthspec *hs)
{
	char	 buf[HEALTHSPEC_LEN], *argv[HEALTHSPEC_WORDS + 1];

	hs->kind = HEALTHSPEC_EXEC;
	hs->command = p;
	if (healthspec_words(p, buf, sizeof(buf), argv) == -1)
		return ("needs a command of at most 64 words behind exec:, "
		    "with quotes in pairs");
	return (NULL);
}

static const char *
parse_https(const char *p, struct healthspec *hs)
{
	(void)p;
	(void)hs;
	return ("cannot be https: use http, tcp: or exec:");
}

static const struct {
	const char	*scheme;
	const char	*(*parse)(const char *, struct healthspec *);
} schemes[] = {
	{ "http://",	parse_http },
	{ "tcp://",	parse_tcp },
	{ "tcp:",	parse_tcp },
	{ "exec:",	parse_exec },
	{ "https:",	parse_https }
};

const char *
healthspec_parse(const char *s, struct healthspec *hs)
{
	size_t	 i, len;

	memset(hs, 0, sizeof(*hs));
	for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		len = strlen(schemes[i].scheme);
		if (strncmp(s, schemes[i].scheme, len) == 0)
			return (schemes[i].parse(s + len, hs));
	}
	return ("is none of http://host:port/path, tcp:host:port and "
	    "exec:command");
}

const char *
healthspec_bad(const char *s)
{
	struct healthspec	 hs;

	return (healthspec_parse(s, &hs));
}

int
healthspec_local(const struct healthspec *hs)
{
	if (hs->kind == HEALTHSPEC_EXEC || strcmp(hs->host, "localhost") == 0)
		return (1);
	if (!hs->v6)
		return (strncmp(hs->host, "127.", 4) == 0);
	return (strcmp(hs->host, "::1") == 0);
}

/* One word; its end.  NULL: an open quote, or no room. */
static const char *
word(const char *p, char **out, const char *limit)
{
	char	 quote = '\0';

	for (; *p != '\0' && (quote != '\0' || (*p != ' ' && *p != '\t'));
	    p++) {
		if (quote != '\0' ? *p == quote : *p == '\'' || *p == '"') {
			quote = quote == '\0' ? *p : '\0';
			continue;
		}
		if (*out + 1 >= limit)
			return (NULL);
		*(*out)++ = *p;
	}
	*(*out)++ = '\0';
	return (quote == '\0' ? p : NULL);
}

int
healthspec_words(const char *p, char *buf, size_t size,
    char *argv[HEALTHSPEC_WORDS + 1])
{
	char	*limit = buf + size;
	int	 n = 0;

	for (;;) {
		p += strspn(p, " \t");
		if (*p == '\0')
			break;
		if (n == HEALTHSPEC_WORDS || buf >= limit)
			return (-1);
		argv[n++] = buf;
		if ((p = word(p, &buf, limit)) == NULL)
			return (-1);
	}
	argv[n] = NULL;
	return (n == 0 || *argv[0] == '\0' ? -1 : n);
}

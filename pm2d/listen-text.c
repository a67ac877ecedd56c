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

#include <stdio.h>
#include <string.h>

#include "listen-local.h"

static const char	*types[LISTEN_NTYPES] = {
	[LISTEN_TCP4] = "tcp",
	[LISTEN_TCP6] = "tcp",
	[LISTEN_UDP4] = "udp",
	[LISTEN_UDP6] = "udp",
	[LISTEN_UNIX] = "unix"
};

static const char	*balances[] = {
	[BALANCE_RR] = "rr",
	[BALANCE_SHARED] = "shared",
	[BALANCE_KERNEL] = "kernel",
	[BALANCE_PASSED] = "passed"
};

void
listener_text(const struct listener *l, char *buf, size_t size)
{
	const char	*type = types[l->ident.type];
	char		 address[128];
	uint32_t	 port;

	if (l->ident.type == LISTEN_UNIX) {
		snprintf(buf, size, "%s %s%s", type,
		    l->ident.flags & LISTEN_ABSTRACT ? "@" : "",
		    l->ident.address);
		return;
	}
	listenaddr_text(&l->addr, address, sizeof(address), &port);
	if (l->ident.flags & LISTEN_ANY)
		snprintf(buf, size, "%s *:%u", type, port);
	else if (l->addr.v6)
		snprintf(buf, size, "%s [%s]:%u", type, address, port);
	else
		snprintf(buf, size, "%s %s:%u", type, address, port);
}

/* Sticky is how the engine does it for this app. */
static const char *
balance_text(const struct listener *l, const struct app *app)
{
	const char	*s = app->run->spec->spec.str[SPEC_BALANCE];

	if (l->balance == BALANCE_RR && s != NULL && strcmp(s, "sticky") == 0)
		return (s);
	return (balances[l->balance]);
}

void
listen_describe(const struct app *app, char *buf, size_t size)
{
	const struct listener	*l;
	char			 text[LISTEN_ADDR_MAX + 64];
	size_t			 len = 0;
	int			 n;

	*buf = '\0';
	TAILQ_FOREACH(l, &app->env->listens->list, entry) {
		if (l->state != LISTENER_BOUND || claim_find(l, app) == NULL)
			continue;
		listener_text(l, text, sizeof(text));
		n = snprintf(buf + len, size - len, "%s%s %s",
		    len == 0 ? "" : ", ", text, balance_text(l, app));
		if (n < 0 || (size_t)n >= size - len) {
			buf[len] = '\0';
			return;
		}
		len += (size_t)n;
	}
}

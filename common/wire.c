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
 * Payloads with strings.  Each writer stands beside its reader; both walk
 * the same table, so that they cannot drift apart.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "imsg.h"
#include "wire.h"

#define NITEMS(a)	(sizeof(a) / sizeof((a)[0]))

static const struct {
	size_t	 offset;
	size_t	 max;
} appstrs[] = {
#define X(member, max) { offsetof(struct ctl_appinfo, member), max },
	WIRE_APP_STRINGS(X)
#undef X
};

#define X(member, max) + 2 + (max)
_Static_assert(sizeof(struct ctl_appfix) WIRE_APP_STRINGS(X) <= WIRE_APP_MAX,
    "the longest app does not fit a message");
#undef X

static char **
appstr(struct ctl_appinfo *ai, size_t i)
{
	return ((char **)(void *)((char *)ai + appstrs[i].offset));
}

int
wire_add_str(struct ibuf *buf, const char *s)
{
	size_t	 len;

	if (s == NULL) {
		errno = EINVAL;
		return (-1);
	}
	if ((len = strlen(s)) > UINT16_MAX) {
		errno = EMSGSIZE;
		return (-1);
	}
	if (ibuf_add_h16(buf, len) == -1)
		return (-1);
	return (ibuf_add(buf, s, len));
}

char *
wire_get_str(struct ibuf *buf, size_t max)
{
	char		*s;
	uint16_t	 len;

	if (ibuf_get_h16(buf, &len) == -1)
		return (NULL);
	if (len > max || len > ibuf_size(buf)) {
		errno = EBADMSG;
		return (NULL);
	}
	if ((s = malloc((size_t)len + 1)) == NULL)
		return (NULL);
	if (len > 0 && ibuf_get(buf, s, len) == -1) {
		free(s);
		return (NULL);
	}
	s[len] = '\0';
	if (memchr(s, '\0', len) != NULL) {
		free(s);
		errno = EBADMSG;
		return (NULL);
	}
	return (s);
}

/* Matched by wire_get_app() below. */
int
wire_add_app(struct ibuf *buf, const struct ctl_appinfo *ai)
{
	const char	*s;
	size_t		 i;

	if (ibuf_add(buf, &ai->fix, sizeof(ai->fix)) == -1)
		return (-1);
	for (i = 0; i < NITEMS(appstrs); i++) {
		memcpy(&s, (const char *)ai + appstrs[i].offset, sizeof(s));
		if (s != NULL && strlen(s) > appstrs[i].max) {
			errno = EMSGSIZE;
			return (-1);
		}
		if (wire_add_str(buf, s) == -1)
			return (-1);
	}
	return (0);
}

/* Matched by wire_add_app() above. */
int
wire_get_app(struct ibuf *buf, struct ctl_appinfo *ai)
{
	size_t	 i;
	int	 saved;

	memset(ai, 0, sizeof(*ai));
	if (ibuf_get(buf, &ai->fix, sizeof(ai->fix)) == -1)
		return (-1);
	for (i = 0; i < NITEMS(appstrs); i++) {
		*appstr(ai, i) = wire_get_str(buf, appstrs[i].max);
		if (*appstr(ai, i) == NULL)
			goto fail;
	}
	if (ibuf_size(buf) != 0) {
		errno = EBADMSG;
		goto fail;
	}
	return (0);

 fail:
	saved = errno;
	wire_free_app(ai);
	errno = saved;
	return (-1);
}

void
wire_free_app(struct ctl_appinfo *ai)
{
	size_t	 i;

	for (i = 0; i < NITEMS(appstrs); i++)
		free(*appstr(ai, i));
	memset(ai, 0, sizeof(*ai));
}

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

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "termfilter.h"

static void	 ob_grow(struct outbuf *, size_t);

static void
ob_grow(struct outbuf *ob, size_t more)
{
	size_t	 cap;
	char	*p;

	if (more >= SIZE_MAX / 2 - ob->len)
		errx(1, "output too long");
	cap = ob->cap == 0 ? 1024 : ob->cap;
	while (cap - ob->len <= more)
		cap *= 2;
	if ((p = realloc(ob->data, cap)) == NULL)
		err(1, NULL);
	ob->data = p;
	ob->cap = cap;
}

/* There is always room for one byte more: ob_text() puts the NUL there. */
char *
ob_room(struct outbuf *ob, size_t len)
{
	if (len >= ob->cap - ob->len)
		ob_grow(ob, len);
	return (ob->data + ob->len);
}

void
ob_add(struct outbuf *ob, const void *data, size_t len)
{
	char	*room;

	room = ob_room(ob, len);
	if (len != 0)
		memcpy(room, data, len);
	ob->len += len;
}

void
ob_str(struct outbuf *ob, const char *s)
{
	ob_add(ob, s, strlen(s));
}

void
ob_char(struct outbuf *ob, char c)
{
	ob_add(ob, &c, 1);
}

/* Thousands of rows have a dozen numbers each: without printf(3). */
void
ob_num(struct outbuf *ob, uint64_t n)
{
	char	 digits[20];
	size_t	 i;

	i = sizeof(digits);
	do {
		digits[--i] = (char)('0' + n % 10);
		n /= 10;
	} while (n != 0);
	ob_add(ob, digits + i, sizeof(digits) - i);
}

void
ob_pad(struct outbuf *ob, size_t n)
{
	memset(ob_room(ob, n), ' ', n);
	ob->len += n;
}

void
ob_fmt(struct outbuf *ob, const char *fmt, ...)
{
	va_list	 ap;
	char	*s;
	int	 n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n == -1)
		err(1, NULL);
	ob_add(ob, s, (size_t)n);
	free(s);
}

const char *
ob_text(struct outbuf *ob)
{
	*ob_room(ob, 0) = '\0';
	return (ob->data);
}

int
ob_write(struct outbuf *ob, int fd)
{
	struct pollfd	 pfd;
	size_t		 off;
	ssize_t		 n;

	for (off = 0; off < ob->len; off += (size_t)n) {
		if ((n = write(fd, ob->data + off, ob->len - off)) != -1)
			continue;
		if (errno != EINTR && errno != EAGAIN) {
			ob->len = 0;
			return (-1);
		}
		/* standard output may be shared with one who set O_NONBLOCK */
		if (errno == EAGAIN) {
			pfd.fd = fd;
			pfd.events = POLLOUT;
			(void)poll(&pfd, 1, -1);
		}
		n = 0;
	}
	ob->len = 0;
	return (0);
}

void
ob_free(struct outbuf *ob)
{
	free(ob->data);
	memset(ob, 0, sizeof(*ob));
}

void
ob_sgr(struct outbuf *ob, const struct output_style *style, const char *sgr)
{
	if (!style->colour)
		return;
	ob_add(ob, "\033[", 2);
	ob_str(ob, sgr);
	ob_char(ob, 'm');
}

void
ob_vis(struct outbuf *ob, const char *s)
{
	struct termfilter	 tf;

	termfilter_init(&tf, TERMFILTER_LINE);
	termfilter_feed(&tf, ob, s, strlen(s));
	termfilter_end(&tf, ob);
}

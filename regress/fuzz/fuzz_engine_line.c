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
 * All that reads what an app wrote: lines, messages, notifications.  For
 * libFuzzer (make fuzz), and for fuzz_test with what that has found.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../pm2d/engine-line.h"
#include "../../pm2d/engine-notify.h"
#include "../../pm2d/engine-proto.h"

#include "fuzz.h"

#define MUST(what)	do { if (!(what)) abort(); } while (0)

static void	 one_message(const char *, size_t);
static void	 check(const struct proto_msg *);
static void	 check_listen(const struct engine_listen *);
static void	 lines(const char *, size_t, size_t, int);
static void	 notification(const char *, size_t);

/*
 * The first byte says how much is seen at a time and where a descriptor is.
 */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char	*text;

	if (size == 0)
		return (0);
	/* A copy of its own: one byte too far is seen. */
	MUST((text = malloc(size)) != NULL);
	memcpy(text, data + 1, size - 1);
	lines(text, size - 1, (size_t)(data[0] & 0x7f) * 16 + 16,
	    (data[0] & 0x80) != 0);
	notification(text, size - 1);
	free(text);
	return (0);
}

/* As a channel is read: so many bytes are looked at, whole lines taken. */
static void
lines(const char *text, size_t len, size_t window, int came)
{
	struct line_handles	 lh;
	struct line		 line;
	enum line_kind		 kind;
	size_t			 n, off, used;

	memset(&line, 0, sizeof(line));
	memset(&lh, 0, sizeof(lh));
	while (len > 0) {
		n = len < window ? len : window;
		for (off = 0; off < n; off += used) {
			kind = line_next(&line, text + off, n - off, came ||
			    (off == 0 && n == window), &used);
			MUST(used <= n - off);
			MUST((kind == LINE_NONE) == (used == 0));
			if (kind == LINE_NONE)
				break;
			if (kind == LINE_TEXT) {
				MUST(text[off + used - 1] == '\n');
				one_message(text + off, used - 1);
			}
			(void)line_handle_claim(&lh, came);
		}
		line_handle_settle(&lh, came);
		MUST(lh.here <= LINE_HANDLES_MAX && lh.taken == 0);
		if (off == 0)
			break;		/* waits for more, which never comes */
		text += off;
		len -= off;
	}
}

static void
one_message(const char *text, size_t len)
{
	struct proto_msg	*msg;
	char			*copy;

	MUST((copy = malloc(len + 1)) != NULL);
	memcpy(copy, text, len);
	/* Whatever is not filled is not to be looked at. */
	MUST((msg = malloc(sizeof(*msg))) != NULL);
	memset(msg, 0xa5, sizeof(*msg));
	proto_parse(msg, copy, len);
	check(msg);
	if (proto_sayable(copy, len))
		MUST(msg->kind == PROTO_USER || msg->kind == PROTO_READY);
	free(msg);
	free(copy);
}

static void
check(const struct proto_msg *msg)
{
	char	 out[PROTO_LINE_MAX];
	size_t	 len = 1;

	MUST(msg->kind < PROTO_NKINDS);
	switch (msg->kind) {
	case PROTO_ACCEPTED:
		MUST(msg->accepted == 0 || msg->accepted == 1);
		MUST(msg->ack <= PROTO_SEQ_MAX);
		break;
	case PROTO_QUERY:
		MUST(msg->seq <= PROTO_SEQ_MAX && msg->error >= 0);
		MUST(memchr(msg->listen.data, '\0', LISTENER_DATA_MAX) !=
		    NULL);
		len = proto_refuse(out, msg->seq, 98, 7, msg->listen.data, 1);
		if (msg->error == 0)
			check_listen(&msg->listen);
		break;
	case PROTO_LISTENING:
		if (msg->error == 0)
			check_listen(&msg->listen);
		break;
	case PROTO_LEAVING:
		len = proto_ack(out, msg->seq, 1);
		break;
	case PROTO_SOCKET_CLOSE:
	case PROTO_SOCKET_COUNT:
		len = proto_socket_count(out, msg->text);
		break;
	default:
		return;
	}
	/* What is sent back is one line. */
	if (len > 1) {
		MUST(len < sizeof(out));
		MUST(memchr(out, '\n', len) == out + len - 1);
	}
}

static void
check_listen(const struct engine_listen *el)
{
	MUST(el->type < LISTEN_NTYPES);
	MUST(el->port <= UINT16_MAX);
	MUST(el->index <= INT32_MAX && el->backlog <= INT32_MAX);
	MUST((el->flags & ~(uint32_t)(LISTEN_V6ONLY | LISTEN_REUSEADDR |
	    LISTEN_READALL | LISTEN_WRITEALL | LISTEN_ANY |
	    LISTEN_ABSTRACT)) == 0);
	MUST(memchr(el->address, '\0', sizeof(el->address)) != NULL);
	MUST(((el->flags & LISTEN_ANY) != 0) == (el->address[0] == '\0'));
	MUST(el->datalen < LISTENER_DATA_MAX);
}

static void
notification(const char *text, size_t len)
{
	struct engine_notify	 en;

	memset(&en, 0, sizeof(en));
	if (!notify_parse(&en, text, len))
		MUST(en.flags == 0);
	MUST(memchr(en.status, '\0', sizeof(en.status)) != NULL);
	MUST(en.usec == 0 || (en.flags & NOTIFY_EXTEND));
}

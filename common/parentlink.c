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

#include <errno.h>
#include <event.h>

#include "log.h"
#include "msg.h"
#include "parentlink.h"
#include "proc.h"

static struct event_base	*base;
static struct imsgev		*parent;
static parent_handler		*handler;
static int			 status;

static void
parent_imsg(struct imsgev *iev, struct imsg *imsg, void *arg)
{
	uint32_t	 type = imsg_get_type(imsg);
	size_t		 len = imsg_get_len(imsg);

	(void)iev;
	(void)arg;
	if (handler(imsg) != 0)
		log_warnx("message %s (%u) of %zu bytes ignored",
		    msg_name(type), type, len);
}

static void
parent_error(struct imsgev *iev, int error, void *arg)
{
	(void)iev;
	(void)arg;
	if (error != 0 && error != ECONNRESET && error != EPIPE) {
		errno = error;
		log_warn("channel to the parent");
		status = 1;
	}
	event_base_loopbreak(base);
}

struct imsgev *
parent_link(struct event_base *eb, int flags, parent_handler *fn)
{
	base = eb;
	handler = fn;
	parent = imsgev_new(base, PROC_PARENT_FD, flags, parent_imsg,
	    parent_error, NULL);
	if (parent == NULL)
		fatal("channel to the parent");
	return (parent);
}

void
parent_lost(const char *what)
{
	if (errno == EPIPE)
		return;
	log_warn("%s to the parent", what);
	status = 1;
	event_base_loopbreak(base);
}

void
parent_send(uint32_t type, const void *data, size_t len)
{
	if (imsgev_compose(parent, type, 0, -1, data, len) == -1)
		parent_lost(msg_name(type));
}

int
parent_status(void)
{
	return (status);
}

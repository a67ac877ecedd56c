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
 * What the parent says.
 */

#include <sys/types.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine-estate.h"
#include "engine-local.h"
#include "log.h"

/* A message: its exact length, or at least so much. */
struct handler {
	uint32_t	 type;
	size_t		 len;
	int		 more;
	void		(*fn)(struct imsg *);
};

static void	 do_conf(struct imsg *);
static void	 do_estate(struct imsg *);
static void	 do_worker(struct imsg *);
static void	 do_hear(struct imsg *);
static void	 do_forget(struct imsg *);
static void	 do_listener(struct imsg *);
static void	 do_unlisten(struct imsg *);
static void	 do_serves(struct imsg *);
static void	 do_bound(struct imsg *);
static void	 do_retire(struct imsg *);
static void	 do_drain(struct imsg *);
static void	 do_disconnect(struct imsg *);
static void	 do_say(struct imsg *);
static struct worker *worker_of(struct imsg *);

static const struct handler	 handlers[] = {
	{ IMSG_ENGINE_CONF,	sizeof(struct engine_conf),	0, do_conf },
	{ IMSG_ENGINE_ESTATE,	0,				0, do_estate },
	{ IMSG_ENGINE_WORKER,	sizeof(struct engine_worker),	0, do_worker },
	{ IMSG_ENGINE_HEAR,	sizeof(struct engine_ref),	0, do_hear },
	{ IMSG_ENGINE_FORGET,	sizeof(struct engine_ref),	0, do_forget },
	{ IMSG_ENGINE_LISTENER,	sizeof(struct engine_listener),	0,
	    do_listener },
	{ IMSG_ENGINE_UNLISTEN,	sizeof(struct engine_listener),	0,
	    do_unlisten },
	{ IMSG_ENGINE_SERVES,	sizeof(struct engine_serves),	0, do_serves },
	{ IMSG_ENGINE_BOUND,	sizeof(struct engine_bound),	0, do_bound },
	{ IMSG_ENGINE_RETIRE,	sizeof(struct engine_ref),	0, do_retire },
	{ IMSG_ENGINE_DRAIN,	sizeof(struct engine_ref),	0, do_drain },
	{ IMSG_ENGINE_DISCONNECT, sizeof(struct engine_ref),	0,
	    do_disconnect },
	{ IMSG_ENGINE_SAY,	sizeof(struct engine_ref) + 1,	1, do_say },
	{ 0,			0,				0, NULL }
};

/* One bad message is logged and dropped; what is behind it may be good. */
int
parent_dispatch(struct imsg *imsg)
{
	const struct handler	*h;
	size_t			 len;

	for (h = handlers; h->fn != NULL; h++)
		if (h->type == imsg_get_type(imsg))
			break;
	len = imsg_get_len(imsg);
	if (h->fn == NULL || len < h->len || (len > h->len && !h->more))
		return (-1);
	h->fn(imsg);
	return (0);
}

/* Whom it is about; NULL: gone, which the parent may not know yet. */
static struct worker *
worker_of(struct imsg *imsg)
{
	struct engine_ref	 ref;

	if (imsg_get_buf(imsg, &ref, sizeof(ref)) == -1)
		return (NULL);
	return (worker_find(&ref));
}

static void
do_conf(struct imsg *imsg)
{
	struct engine_conf	 ec;
	int			 fd;

	if (imsg_get_data(imsg, &ec, sizeof(ec)) == -1)
		return;
	engine_epoch(ec.epoch);
	if ((fd = imsg_get_fd(imsg)) != -1)
		estate_socket(fd);
}

static void
do_estate(struct imsg *imsg)
{
	int	 fd;

	if ((fd = imsg_get_fd(imsg)) == -1)
		log_warnx("what the last engine left got lost");
	else
		estate_inherit(engine_base(), fd);
}

static void
do_worker(struct imsg *imsg)
{
	struct engine_worker	 ew;
	int			 fd;

	if (imsg_get_data(imsg, &ew, sizeof(ew)) == -1)
		return;
	fd = imsg_get_fd(imsg);
	if (memchr(ew.name, '\0', sizeof(ew.name)) != NULL &&
	    worker_find(&ew.ref) == NULL) {
		(void)worker_new(&ew, fd);
		return;
	}
	log_warnx("app %u: a malformed or known worker", ew.ref.app);
	if (fd != -1)
		close(fd);
}

static void
do_hear(struct imsg *imsg)
{
	struct worker	*w;
	int		 fd;

	fd = imsg_get_fd(imsg);
	if ((w = worker_of(imsg)) != NULL)
		hear_new(w, fd);
	else if (fd != -1)
		close(fd);
}

static void
do_forget(struct imsg *imsg)
{
	struct worker	*w;

	if ((w = worker_of(imsg)) != NULL)
		worker_free(w);
}

static void
do_listener(struct imsg *imsg)
{
	struct engine_listener	 el;

	if (imsg_get_data(imsg, &el, sizeof(el)) == 0)
		listener_set(&el, imsg_get_fd(imsg));
}

static void
do_unlisten(struct imsg *imsg)
{
	struct engine_listener	 el;

	if (imsg_get_data(imsg, &el, sizeof(el)) == 0)
		listener_drop(el.number);
}

static void
do_serves(struct imsg *imsg)
{
	struct engine_serves	 es;
	struct worker		*w;
	struct seat		*seat;

	if (imsg_get_data(imsg, &es, sizeof(es)) == -1 ||
	    (w = worker_find(&es.ref)) == NULL || w->fd == -1)
		return;
	if ((seat = seat_add(w, es.key)) == NULL)
		return;
	seat->port = es.port;
	conn_ready(w);
}

static void
do_bound(struct imsg *imsg)
{
	struct engine_bound	 eb;
	struct worker		*w;
	int			 fd;

	if (imsg_get_data(imsg, &eb, sizeof(eb)) == -1)
		return;
	fd = imsg_get_fd(imsg);
	w = worker_find(&eb.ref);
	if (w != NULL && w->fd != -1 &&
	    memchr(eb.address, '\0', sizeof(eb.address)) != NULL &&
	    memchr(eb.data, '\0', sizeof(eb.data)) != NULL)
		bound_answer(w, &eb, fd);
	else if (fd != -1)
		close(fd);
}

static void
do_retire(struct imsg *imsg)
{
	struct worker	*w;

	if ((w = worker_of(imsg)) != NULL)
		worker_retire(w);
}

static void
do_drain(struct imsg *imsg)
{
	struct worker	*w;

	if ((w = worker_of(imsg)) != NULL)
		out_line(w, proto_drain, strlen(proto_drain));
}

/* Once: a second one would be of no use to it. */
static void
do_disconnect(struct imsg *imsg)
{
	struct worker	*w;
	char		 line[PROTO_LINE_MAX];

	if ((w = worker_of(imsg)) == NULL || !(w->flags & WK_CLUSTER) ||
	    (w->flags & WK_GOING))
		return;
	w->flags |= WK_GOING;
	w->rr.retired = 1;
	out_line(w, line, proto_disconnect(line, engine_seq()));
}

static void
do_say(struct imsg *imsg)
{
	char		 text[SAY_MAX + 1];
	struct worker	*w;
	size_t		 len;

	w = worker_of(imsg);
	len = imsg_get_len(imsg);
	if (w == NULL || len > SAY_MAX || imsg_get_buf(imsg, text, len) == -1)
		return;
	if (!proto_sayable(text, len)) {
		log_warnx("%s: what it is to be told is no message", w->name);
		return;
	}
	text[len++] = '\n';
	out_line(w, text, len);
}

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


#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "listen.h"
#include "log.h"
#include "sample.h"
#include "secret.h"

/*
 * Listing.  A long list is made piece by piece, as fast as the client reads
 * it: no client holds the loop, and none costs more memory than its queue.
 */

#define LIST_BATCH	64		/* apps per turn of the loop */
#define LIST_HIGH	(256 * 1024)	/* queued bytes: stop for now */
#define SAMPLE_MS	1000		/* a younger sample is good enough */
#define SPEC_CHUNK	(MAX_IMSGSIZE - IMSG_HEADER_SIZE)

struct listing {
	struct ctl_conn	*conn;
	struct event	 turn;
	uint32_t	 peerid;
	uint32_t	 flags;
	uint32_t	 next;		/* id to go on with */
	uint32_t	 last;		/* id to end with */
	uint32_t	 count;
};

static struct app *
next_app(struct listing *l)
{
	struct app	 key, *app;

	key.id = l->next;
	app = RB_NFIND(apptree, &l->conn->env->apps, &key);
	for (; app != NULL; app = RB_NEXT(apptree, &l->conn->env->apps, app)) {
		if (app->id > l->last)
			return (NULL);
		if (!app->freeing && perm_check(PERM_SEE,
		    &l->conn->subject, app->owner))
			return (app);
	}
	return (NULL);
}

/* cpu is what was used since somebody looked before, as pm2 shows it. */
static void
sample_run(struct run *run)
{
	struct sample	 s;
	monotime_t	 now = monotime_now();
	uint64_t	 ms;

	if (run->pid == 0 || (run->has_sample &&
	    monotime_since(now, run->sampled) < SAMPLE_MS))
		return;
	if (sample_pid(run->pid, &s) == -1)
		return;
	ms = monotime_since(now, run->has_sample ? run->sampled :
	    run->started);
	if (ms > 0 && s.cpu_ticks >= run->cpu_ticks)
		run->cpu_permille = (s.cpu_ticks - run->cpu_ticks) *
		    (1000000 / sample_hz()) / ms;
	run->cpu_ticks = s.cpu_ticks;
	run->memory = s.rss_bytes;
	run->sampled = now;
	run->has_sample = 1;
}

static int
send_bytes(struct listing *l, const unsigned char *data, size_t len)
{
	size_t	 off, n;

	for (off = 0; off < len; off += n) {
		n = len - off;
		if (n > SPEC_CHUNK)
			n = SPEC_CHUNK;
		if (control_send(l->conn, IMSG_CTL_SPEC_PART, l->peerid,
		    data + off, n) == -1)
			return (-1);
	}
	return (0);
}

/* The values of secrets stay here. */
static int
send_spec(struct listing *l, const struct app *app)
{
	const struct appspec	*as = app->spec;
	struct spec_buf		 sb;
	int			 r;

	/* It has the environment in it. */
	if (!perm_check(PERM_ENV, &l->conn->subject, app->owner))
		return (0);
	if (as->spec.count[SPEC_SECRET] == 0)
		return (send_bytes(l, as->data, as->len));
	memset(&sb, 0, sizeof(sb));
	if ((r = secret_hide(&as->spec, &sb)) == -1)
		control_drop(l->conn, "out of memory");
	else
		r = send_bytes(l, sb.data, sb.len);
	spec_buf_free(&sb);
	return (r);
}

static int
send_exits(struct listing *l, const struct app *app)
{
	const struct ctl_exit	*x;
	uint32_t		 i;

	for (i = 0; (x = app_exit(app, i)) != NULL; i++)
		if (control_send(l->conn, IMSG_CTL_EXIT, l->peerid, x,
		    sizeof(*x)) == -1)
			return (-1);
	return (0);
}

/* What only a list tells: its sockets, and what it says of itself. */
static void
add_serving(struct app *app, struct ctl_appinfo *info)
{
	char	 text[1024];

	free(info->listens);
	listen_describe(app, text, sizeof(text));
	info->listens = strdup(text);
	if (app->run->status == NULL)
		return;
	free(info->status);
	info->status = strdup(app->run->status);
}

static int
send_app(struct listing *l, struct app *app)
{
	struct ctl_appinfo	 info;
	struct imsgbuf		*ibuf = imsgev_buf(l->conn->iev);
	struct ibuf		*buf;

	if (l->flags & CTL_LIST_SAMPLE)
		sample_run(app->run);
	app_info(app, &info);
	add_serving(app, &info);
	info.fix.sampled = (l->flags & CTL_LIST_SAMPLE) != 0;
	buf = imsg_create(ibuf, IMSG_CTL_APP, l->peerid, 0, 512);
	if (buf == NULL || wire_add_app(buf, &info) == -1) {
		ibuf_free(buf);
		wire_free_app(&info);
		control_drop(l->conn, "out of memory");
		return (-1);
	}
	wire_free_app(&info);
	if (imsg_close(ibuf, buf) == -1) {
		control_drop(l->conn, "does not read");
		return (-1);
	}
	if (((l->flags & CTL_LIST_SPEC) && send_spec(l, app) == -1) ||
	    ((l->flags & CTL_LIST_EXITS) && send_exits(l, app) == -1))
		return (-1);
	return (0);
}

static void
list_done(struct listing *l)
{
	struct ctl_conn		*c = l->conn;
	struct ctl_result	 r;
	uint32_t		 peerid = l->peerid;

	memset(&r, 0, sizeof(r));
	r.code = l->last != APP_ID_ALL && l->count == 0 ? CTL_NOSUCH : CTL_OK;
	r.count = l->count;
	control_list_end(c);
	imsgev_resume(c->iev);
	control_send(c, IMSG_CTL_RESULT, peerid, &r, sizeof(r));
}

/*
 * After everybody else who has something now: a timer of no time, because an
 * event that activates itself is run again before the others are looked at.
 */
static void
next_turn(struct listing *l)
{
	static const struct timeval	 now;

	evtimer_add(&l->turn, &now);
}

/*
 * One turn: some apps, then either the end, or the next turn (at once, after
 * the other events, or when the client has read).
 */
static void
list_turn(int fd, short event, void *arg)
{
	struct listing	*l = arg;
	struct app	*app;
	int		 i;

	(void)fd;
	(void)event;
	for (i = 0; i < LIST_BATCH; i++) {
		if (imsgbuf_queuebytes(imsgev_buf(l->conn->iev)) > LIST_HIGH)
			return;
		if ((app = next_app(l)) == NULL) {
			list_done(l);
			return;
		}
		if (send_app(l, app) == -1)
			return;
		l->next = app->id + 1;
		l->count++;
	}
	next_turn(l);
}

void
control_list_more(struct ctl_conn *c)
{
	if (c->listing != NULL)
		next_turn(c->listing);
}

void
control_list_end(struct ctl_conn *c)
{
	if (c->listing == NULL)
		return;
	event_del(&c->listing->turn);
	free(c->listing);
	c->listing = NULL;
}

/* One listing at a time per client: its other requests wait meanwhile. */
void
control_list(struct ctl_conn *c, struct imsg *imsg)
{
	struct ctl_list	 req;
	struct listing	*l;

	if (c->listing != NULL || imsg_get_data(imsg, &req,
	    sizeof(req)) == -1) {
		control_drop(c, "list within a list");
		return;
	}
	if ((l = calloc(1, sizeof(*l))) == NULL) {
		control_drop(c, "out of memory");
		return;
	}
	l->conn = c;
	l->peerid = imsg_get_id(imsg);
	l->flags = req.flags;
	l->next = req.id == APP_ID_ALL ? 0 : req.id;
	l->last = req.id;
	evtimer_assign(&l->turn, c->env->base, list_turn, l);
	c->listing = l;
	imsgev_pause(c->iev);
	list_turn(-1, 0, l);
}

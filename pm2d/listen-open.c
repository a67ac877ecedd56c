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
 * --listen: sockets that an app finds open when it starts, the same ones for
 * every run.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "listen-local.h"
#include "log.h"

/* Do they ask for the same sockets? */
static int
same_entries(const struct appspec *a, const struct appspec *b)
{
	const char	*sa, *sb;
	size_t		 pa = 0, pb = 0;

	if (a == b)
		return (1);
	do {
		sa = spec_next(&a->spec, SPEC_LISTEN, &pa);
		sb = spec_next(&b->spec, SPEC_LISTEN, &pb);
	} while (sa != NULL && sb != NULL && strcmp(sa, sb) == 0);
	return (sa == NULL && sb == NULL);
}

/* Those of a run: of its spec, or of an earlier one that has the same. */
static struct listenopen *
open_find(const struct run *run)
{
	struct listenopen	*o;

	TAILQ_FOREACH(o, &run->app->env->listens->opens, entry)
		if (o->app == run->app && same_entries(o->spec, run->spec))
			return (o);
	return (NULL);
}

/* Has the app this one by another of its specs, too? */
static int
is_elsewhere(const struct listenopen *o, const struct listener *l)
{
	struct listenopen	*other;
	uint32_t		 i;

	TAILQ_FOREACH(other, &l->ls->opens, entry) {
		if (other == o || other->app != o->app)
			continue;
		for (i = 0; i < other->n; i++)
			if (other->listeners[i] == l)
				return (1);
	}
	return (0);
}

/* The text of the i-th. */
static const char *
entry_text(const struct listenopen *o, uint32_t i)
{
	const char	*s;
	size_t		 pos = 0;

	while ((s = spec_next(&o->spec->spec, SPEC_LISTEN, &pos)) != NULL)
		if (i-- == 0)
			break;
	return (s);
}

/* As a worker would ask. */
static int
make_query(struct engine_listen *q, const char *text)
{
	struct listenspec	 ls;

	if (listenspec_parse(text, &ls) != NULL)
		return (EINVAL);
	memset(q, 0, sizeof(*q));
	q->type = ls.type;
	q->flags = ls.flags;
	q->port = ls.port;
	(void)strlcpy(q->address, ls.address, sizeof(q->address));
	return (0);
}

/* 0 or an errno */
static int
take(struct listenopen *o, const char *text)
{
	struct listens		*ls = o->app->env->listens;
	struct listen_rights	 lr = listen_rights(o->app);
	struct listenident	 id;
	struct listenaddr	 la;
	struct engine_listen	 q;
	struct listener		*l;
	int			 error;

	if ((error = make_query(&q, text)) != 0 ||
	    (error = listen_policy(&lr, &q)) != 0 ||
	    (error = listen_ident(&id, o->app, &q, &la)) != 0)
		return (error);
	l = listener_find(ls, &id);
	if (l != NULL && l->balance != BALANCE_PASSED) {
		log_warnx("%s: %s is a clustered app's already", o->app->name,
		    text);
		return (EADDRINUSE);
	}
	if (l == NULL)
		l = listener_new(ls, o->app, &id, BALANCE_PASSED, &q);
	if (l == NULL)
		return (errno);
	if ((error = claim_make(l, o->app, 1)) != 0) {
		if (TAILQ_EMPTY(&l->claims))
			listener_free(l);
		return (error);
	}
	o->listeners[o->n++] = l;
	return (0);
}

/* Let go of all that it has, and that no other one has. */
static void
open_free(struct listenopen *o)
{
	struct listens	*ls = o->app->env->listens;
	struct claim	*c;
	uint32_t	 i;

	TAILQ_REMOVE(&ls->opens, o, entry);
	for (i = 0; i < o->n; i++)
		if (!is_elsewhere(o, o->listeners[i]) &&
		    (c = claim_find(o->listeners[i], o->app)) != NULL)
			claim_drop(c);
	appspec_unref(o->spec);
	free(o);
}

/* The app's new ones are there: what only the others have is not wanted. */
static void
open_free_others(struct listenopen *o)
{
	struct listenopen	*other, *next;

	TAILQ_FOREACH_SAFE(other, &o->app->env->listens->opens, entry, next)
		if (other->app == o->app && other != o && other->run == NULL)
			open_free(other);
}

static void
open_failed(struct listenopen *o, int error, const char *which)
{
	listen_done	*done = o->done;
	struct run	*run = o->run;

	open_free(o);
	if (run != NULL)
		done(run, error, which);
}

/* 1: all of them are bound; told, and o may be gone. */
static int
open_check(struct listenopen *o)
{
	struct run	*run = o->run;
	uint32_t	 i;

	for (i = 0; i < o->n; i++) {
		if (o->listeners[i]->state != LISTENER_BOUND)
			return (0);
		o->fds[i] = o->listeners[i]->fd;
	}
	o->ready = 1;
	o->run = NULL;
	open_free_others(o);
	if (run != NULL)
		o->done(run, 0, NULL);
	return (1);
}

int
listen_open(struct run *run, listen_done *done)
{
	struct app		*app = run->app;
	struct listenopen	*o;
	const char		*text;
	int			 error;

	if ((o = open_find(run)) != NULL) {
		o->run = run;
		o->done = done;
		if (o->ready)
			(void)open_check(o);
		return (0);
	}
	if ((o = calloc(1, sizeof(*o))) == NULL)
		return (-1);
	o->app = app;
	o->spec = appspec_ref(run->spec);
	o->run = run;
	o->done = done;
	TAILQ_INSERT_TAIL(&app->env->listens->opens, o, entry);
	while (o->n < LISTENSPEC_MAX &&
	    (text = entry_text(o, o->n)) != NULL)
		if ((error = take(o, text)) != 0) {
			open_failed(o, error, text);
			return (0);
		}
	(void)open_check(o);
	return (0);
}

/* What is being bound goes on: it will be there for the next start. */
void
listen_open_cancel(struct run *run)
{
	struct listenopen	*o;

	if ((o = open_find(run)) != NULL && o->run == run)
		o->run = NULL;
}

uint32_t
listen_fds(const struct run *run, const int **fds)
{
	struct listenopen	*o;

	if ((o = open_find(run)) == NULL || !o->ready) {
		*fds = NULL;
		return (0);
	}
	*fds = o->fds;
	return (o->n);
}

/* Which of its entries this is; n: none. */
static uint32_t
index_of(const struct listenopen *o, const struct listener *l)
{
	uint32_t	 i;

	for (i = 0; i < o->n; i++)
		if (o->listeners[i] == l)
			break;
	return (i);
}

/*
 * From the beginning after each: who is told may do anything.  None comes
 * twice, it is ready or gone then.
 */
void
open_bound(struct listener *l, int error)
{
	struct listenopen	*o;
	uint32_t		 i;

again:
	TAILQ_FOREACH(o, &l->ls->opens, entry) {
		if (o->ready || (i = index_of(o, l)) == o->n)
			continue;
		if (error != 0) {
			open_failed(o, error, entry_text(o, i));
			goto again;
		}
		if (open_check(o))
			goto again;
	}
}

void
open_release(struct listens *ls, const struct app *app)
{
	struct listenopen	*o, *next;

	TAILQ_FOREACH_SAFE(o, &ls->opens, entry, next)
		if (o->app == app)
			open_free(o);
}

void
listen_unopen(struct app *app)
{
	if (!TAILQ_EMPTY(&app->claims))
		open_release(app->env->listens, app);
}

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
 * Listeners at a path: a helper makes and removes them as the app's user.
 * There is one helper at a time for a path, or one could remove what the
 * other has just made; and a few for an app, for it could ask for ever.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "listen-local.h"
#include "log.h"

#define HELPERS_PER_APP	4
#define EXIT_MS		2000	/* for removing paths at the end */

static int	 start_bind(struct listener *);
static int	 start_unbind(struct listener *, struct event_base *,
		    helper_cb *, void *);
static void	 got_socket(void *, int, const void *, size_t, int *, int);
static void	 removed(void *, int, const void *, size_t, int *, int);

static const struct ids *
ids_of(const struct listener *l)
{
	return (l->ids == NULL ? NULL : &l->ids->ids);
}

static int
may_start(const struct listener *l)
{
	const struct listener	*o;
	unsigned int		 n = 0;

	TAILQ_FOREACH(o, &l->ls->list, entry) {
		if (o->helper == NULL)
			continue;
		if (strcmp(o->ident.address, l->ident.address) == 0)
			return (0);
		if (o->creator == l->creator)
			n++;
	}
	return (n < HELPERS_PER_APP);
}

int
unix_bind(struct listener *l)
{
	l->state = LISTENER_WAITING;
	return (may_start(l) ? start_bind(l) : 0);
}

static int
start_bind(struct listener *l)
{
	struct job_bind	 jb;
	int		 error;

	memset(&jb, 0, sizeof(jb));
	jb.backlog = l->backlog;
	if (l->flags & LISTEN_ABSTRACT)
		jb.flags |= JOB_ABSTRACT;
	if (l->flags & LISTEN_READALL)
		jb.flags |= JOB_READALL;
	if (l->flags & LISTEN_WRITEALL)
		jb.flags |= JOB_WRITEALL;
	if (l->balance == BALANCE_PASSED)
		jb.flags |= JOB_BLOCKING;
	if (strlcpy(jb.path, l->ident.address, sizeof(jb.path)) >=
	    sizeof(jb.path))
		return (ENAMETOOLONG);
	if ((error = listen_takefd(l->ls)) != 0)
		return (error);
	l->helper = helper_run(l->ls->env->base, ids_of(l), job_bind_unix,
	    &jb, sizeof(jb), NULL, 0, got_socket, l);
	if (l->helper == NULL) {
		error = errno;
		listen_givefd(l->ls);
		return (error);
	}
	l->state = LISTENER_BINDING;
	return (0);
}

/* A helper is done: those whose turn it is now. */
static void
wake(struct listens *ls)
{
	struct listener	*l;
	int		 error;

again:
	TAILQ_FOREACH(l, &ls->list, entry) {
		if (l->ident.type != LISTEN_UNIX ||
		    l->state != LISTENER_WAITING || !may_start(l))
			continue;
		if ((error = start_bind(l)) != 0) {
			listener_bound(l, error);
			goto again;
		}
	}
}

static void
got_socket(void *arg, int error, const void *data, size_t len, int *fds,
    int nfds)
{
	struct listener	*l = arg;
	struct listens	*ls = l->ls;

	l->helper = NULL;
	if (error == 0 && (len != sizeof(l->file) || nfds != 1))
		error = EPROTO;
	if (error == 0) {
		memcpy(&l->file, data, sizeof(l->file));
		l->made = (l->flags & LISTEN_ABSTRACT) == 0;
		l->fd = fds[0];
	} else {
		while (nfds > 0)
			close(fds[--nfds]);
		listen_givefd(l->ls);
	}
	if (l->state == LISTENER_BINDING)
		listener_bound(l, error);
	else
		listener_free(l);
	wake(ls);
}

/*
 * Unlinked is what we made and nothing else; it takes a moment.  What a
 * helper is making yet is removed when it is made.
 */
int
unix_unbind(struct listener *l)
{
	if (l->helper != NULL) {
		l->state = LISTENER_LEFT;
		return (1);
	}
	if (!l->made)
		return (0);
	l->made = 0;
	if (start_unbind(l, l->ls->env->base, removed, l) != 0) {
		log_warn("%s: not removed", l->ident.address);
		return (0);
	}
	l->state = LISTENER_REMOVING;
	return (1);
}

static int
start_unbind(struct listener *l, struct event_base *base, helper_cb *cb,
    void *arg)
{
	struct job_unbind	 ju;

	memset(&ju, 0, sizeof(ju));
	ju.file = l->file;
	(void)strlcpy(ju.path, l->ident.address, sizeof(ju.path));
	l->helper = helper_run(base, ids_of(l), job_unbind_unix, &ju,
	    sizeof(ju), NULL, 0, cb, arg);
	return (l->helper == NULL ? -1 : 0);
}

static void
removed(void *arg, int error, const void *data, size_t len, int *fds,
    int nfds)
{
	struct listener	*l = arg;
	struct listens	*ls = l->ls;

	(void)data;
	(void)len;
	(void)fds;
	(void)nfds;
	l->helper = NULL;
	if (error != 0)
		log_warnx("%s: not removed: %s", l->ident.address,
		    strerror(error));
	listener_free(l);
	wake(ls);
}

static void
removed_at_exit(void *arg, int error, const void *data, size_t len, int *fds,
    int nfds)
{
	struct listener	*l = arg;

	(void)data;
	(void)len;
	(void)fds;
	(void)nfds;
	l->helper = NULL;
	if (error != 0)
		log_warnx("%s: not removed: %s", l->ident.address,
		    strerror(error));
}

/*
 * The daemon's loop has ended: in a loop of their own, for a moment, the
 * paths that are there yet.
 */
void
unix_exit(struct listens *ls)
{
	struct event_base	*base;
	struct listener		*l;

	if ((base = event_base_new()) == NULL) {
		log_warnx("unix sockets are not removed: out of memory");
		return;
	}
	TAILQ_FOREACH(l, &ls->list, entry) {
		if (l->helper != NULL) {
			helper_cancel(l->helper);
			l->helper = NULL;
			if (l->state != LISTENER_REMOVING)
				listen_givefd(ls);
		}
		if ((l->made || l->state == LISTENER_REMOVING) &&
		    start_unbind(l, base, removed_at_exit, l) == 0)
			helper_deadline(l->helper, EXIT_MS);
		l->made = 0;
		l->state = LISTENER_BOUND;
	}
	event_base_dispatch(base);
	event_base_free(base);
}

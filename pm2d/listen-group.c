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
 * Balance kernel: every run has a socket of its own on the port, and the
 * kernel chooses among those whose run serves.  What waits in the socket of
 * a run that is gone is accepted by the engine and handed to the others;
 * only an empty one is closed, for closing would reset what waits.
 */
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "listen-local.h"
#include "log.h"
#include "reuseport.h"

static int
is_live(const struct member *m)
{
	return (m->use != NULL && m->use->serving && !m->use->retired);
}

static void
look_later(struct listens *ls)
{
	struct timeval	 tv = { 0, GROUP_LOOK_MS * 1000 };

	if (!evtimer_pending(&ls->look, NULL))
		evtimer_add(&ls->look, &tv);
}

/*
 * The kernel lets any socket of ours join a group that is there, whosever it
 * is.  So the first one of a group has to see that nobody has the port.
 */
static int
port_free(const struct listener *l)
{
	struct listenaddr	 la = l->addr;
	int			 error, fd;

	if (l->ident.port == 0 || l->nmembers > 0)
		return (0);
	if ((error = listenaddr_bind(&la, l->backlog, 0, &fd)) == 0)
		(void)close(fd);
	return (error);
}

/* It is the last in the kernel's order, and gets nothing by itself yet. */
static struct member *
member_new(struct listener *l, int *error)
{
	struct member	**members, *m;

	members = reallocarray(l->members, l->nmembers + 1,
	    sizeof(*members));
	if (members == NULL || (m = calloc(1, sizeof(*m))) == NULL) {
		if (members != NULL)
			l->members = members;
		*error = ENOMEM;
		return (NULL);
	}
	l->members = members;
	m->l = l;
	if ((*error = port_free(l)) == 0 &&
	    (*error = listen_takefd(l->ls)) == 0 &&
	    (*error = listenaddr_bind(&l->addr, l->backlog, BIND_REUSEPORT,
	    &m->fd)) != 0)
		listen_givefd(l->ls);
	if (*error != 0) {
		free(m);
		return (NULL);
	}
	l->members[l->nmembers++] = m;
	return (m);
}

/*
 * shutdown(2) takes it out of the group now, however long the engine keeps
 * its copy; the last one moves into its place.  One that a leaving worker has
 * yet goes with it.
 */
static void
member_free(struct member *m)
{
	struct listener	*l = m->l;
	uint32_t	 i;

	if (m->number != 0)
		listen_untell(l->ls, m->number);
	if (m->use == NULL)
		(void)shutdown(m->fd, SHUT_RDWR);
	close(m->fd);
	listen_givefd(l->ls);
	for (i = 0; l->members[i] != m; i++)
		continue;
	l->members[i] = l->members[--l->nmembers];
	if (m->use != NULL)
		m->use->member = NULL;
	free(m);
}

/* One that nobody has, its queue included, or a new one. */
int
group_join(struct listener *l, struct listenuse *use)
{
	struct member	*m = NULL;
	uint32_t	 i;
	int		 error;

	for (i = 0; i < l->nmembers && m == NULL; i++)
		if (l->members[i]->use == NULL)
			m = l->members[i];
	if (m == NULL && (m = member_new(l, &error)) == NULL)
		return (error);
	if (m->number != 0)
		listen_untell(l->ls, m->number);
	m->number = 0;
	m->use = use;
	use->member = m;
	return (0);
}

void
group_leave(struct listenuse *use)
{
	struct member	*m = use->member;

	use->member = NULL;
	m->use = NULL;
	group_steer(m->l);
	group_rescue(m);
}

/*
 * To those whose runs serve.  While there is none it is as it was: what
 * comes waits for the next.
 */
void
group_steer(struct listener *l)
{
	uint32_t	*live, i, n = 0;
	int		 error;

	live = reallocarray(NULL, l->nmembers + 1, sizeof(*live));
	if (live == NULL) {
		log_warn("balance kernel");
		return;
	}
	for (i = 0; i < l->nmembers; i++)
		if (is_live(l->members[i]))
			live[n++] = i;
	if (n > 0 && (error = reuseport_steer(l->members[live[0]]->fd, live,
	    n, l->nmembers)) != 0)
		log_warnx("balance kernel: cannot steer connections: %s",
		    strerror(error));
	/* From now on, or again, there is somebody to hand its queue to. */
	for (i = 0; i < l->nmembers; i++)
		if (l->members[i]->use == NULL && n > 0) {
			if (l->nlive == 0)
				l->members[i]->since = monotime_now();
			look_later(l->ls);
		}
	l->nlive = n;
	free(live);
}

void
group_rescue(struct member *m)
{
	struct listens	*ls = m->l->ls;

	m->since = monotime_now();
	m->empty = 0;
	if (m->number == 0) {
		m->number = ++ls->next;
		listen_tell(ls, m->number, m->l->key, m->fd);
	}
	if (m->use == NULL && m->l->nlive > 0)
		look_later(ls);
}

void
group_feed(const struct listener *l)
{
	uint32_t	 i;

	for (i = 0; i < l->nmembers; i++)
		if (l->members[i]->number != 0)
			listen_tell(l->ls, l->members[i]->number, l->key,
			    l->members[i]->fd);
}

void
group_close(struct listener *l)
{
	while (l->nmembers > 0)
		member_free(l->members[l->nmembers - 1]);
	free(l->members);
	l->members = NULL;
	l->nlive = 0;
}

/* Empty twice in a row, and what was half open at the switch has come. */
static int
is_done(struct member *m, monotime_t now)
{
	if (reuseport_waiting(m->fd) > 0)
		m->empty = 0;
	else
		m->empty++;
	return (m->empty >= 2 &&
	    monotime_since(now, m->since) >= GROUP_GRACE_MS);
}

/*
 * The engine lets go of it first, and if nothing has come meanwhile it is
 * closed.  1: it is.
 */
static int
look_at_one(struct member *m, monotime_t now)
{
	if (!is_done(m, now)) {
		if (m->number == 0)
			group_rescue(m);
		return (0);
	}
	if (m->number == 0) {
		member_free(m);
		return (1);
	}
	listen_untell(m->l->ls, m->number);
	m->number = 0;
	return (0);
}

/* How many of them are yet to be emptied. */
static uint32_t
look_at(struct listener *l, monotime_t now)
{
	uint32_t	 i = 0, left = 0, gone = 0;

	if (l->nlive == 0)
		return (0);
	while (i < l->nmembers) {
		if (l->members[i]->use != NULL)
			i++;
		else if (look_at_one(l->members[i], now))
			gone++;			/* another one is i now */
		else {
			left++;
			i++;
		}
	}
	if (gone > 0)
		group_steer(l);
	return (left);
}

void
group_look(int fd, short ev, void *arg)
{
	struct listens	*ls = arg;
	struct listener	*l;
	monotime_t	 now = monotime_now();
	uint32_t	 left = 0;

	(void)fd;
	(void)ev;
	TAILQ_FOREACH(l, &ls->list, entry)
		left += look_at(l, now);
	if (left > 0)
		look_later(ls);
}

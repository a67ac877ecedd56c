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
 * How long a listener stays.  Workers come and go; it is there as long as an
 * app claims it: until the app is at rest, until its worker closed it and
 * does not come back, or until a new run turns out not to want it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "listen-local.h"

static void	 claim_expired(int, short, void *);

struct claim *
claim_find(const struct listener *l, const struct app *app)
{
	struct claim	*c;

	/* An app has few, a listener may have thousands. */
	TAILQ_FOREACH(c, &app->claims, aentry)
		if (c->l == l)
			return (c);
	return (NULL);
}

int
claim_make(struct listener *l, struct app *app, int passed)
{
	struct claim	*c;

	if ((c = claim_find(l, app)) == NULL) {
		if ((c = calloc(1, sizeof(*c))) == NULL)
			return (ENOMEM);
		c->l = l;
		c->app = app;
		evtimer_assign(&c->timer, app->env->base, claim_expired, c);
		TAILQ_INSERT_TAIL(&l->claims, c, entry);
		TAILQ_INSERT_TAIL(&app->claims, c, aentry);
	}
	c->passed |= passed;
	event_del(&c->timer);
	return (0);
}

void
claim_free(struct claim *c)
{
	event_del(&c->timer);
	TAILQ_REMOVE(&c->l->claims, c, entry);
	TAILQ_REMOVE(&c->app->claims, c, aentry);
	free(c);
}

void
claim_drop(struct claim *c)
{
	struct listener	*l = c->l;

	claim_free(c);
	if (TAILQ_EMPTY(&l->claims))
		listener_free(l);
}

void
claim_arm(struct claim *c, const struct run *run, unsigned int ms)
{
	struct timeval	 tv;

	tv.tv_sec = (time_t)(ms / 1000);
	tv.tv_usec = (suseconds_t)(ms % 1000) * 1000;
	c->generation = run->generation;
	evtimer_add(&c->timer, &tv);
}

/* A run that stays has it or has asked for it. */
static int
is_used(const struct claim *c)
{
	const struct run	*run;

	TAILQ_FOREACH(run, &c->app->runs, entry)
		if (run->role != RUN_LEAVING && use_find(c->l, run) != NULL)
			return (1);
	return (0);
}

/* It runs, and neither is on its way out nor was asked to go. */
static int
is_settled(const struct run *run)
{
	static const uint32_t going = NOTE_RETIRING | NOTE_DRAINING |
	    NOTE_GOING | NOTE_LEAVING | NOTE_EOF | NOTE_STOPPING;

	return (run->role != RUN_LEAVING && (run->notes & going) == 0 &&
	    (run->m.state == APP_ONLINE || run->m.state == APP_LAUNCHING));
}

static int
has_successor(const struct app *app)
{
	const struct run	*run;

	TAILQ_FOREACH(run, &app->runs, entry)
		if (run->role == RUN_SUCCESSOR)
			return (1);
	return (0);
}

/*
 * While the app is between two runs nobody uses it, and yet it is wanted:
 * the next run says.
 */
static void
claim_expired(int fd, short ev, void *arg)
{
	struct claim	*c = arg;
	struct run	*run = c->app->run;

	(void)fd;
	(void)ev;
	if (is_used(c) || run == NULL || run->generation != c->generation ||
	    !is_settled(run))
		return;
	if (has_successor(c->app))
		claim_arm(c, run, CLAIM_LINGER_MS);
	else
		claim_drop(c);
}

void
listen_closed(struct run *run, const struct engine_serves *es)
{
	struct listenuse	*use;
	struct claim		*c;

	TAILQ_FOREACH(use, &run->uses, rentry)
		if (use->l->key == es->key)
			break;
	if (use == NULL || !use->answered)
		return;
	c = claim_find(use->l, run->app);
	use_free(use);
	if (c != NULL && !c->passed && !is_used(c) && is_settled(run))
		claim_arm(c, run, CLAIM_LINGER_MS);
}

void
listen_promoted(struct run *run)
{
	struct claim	*c;

	TAILQ_FOREACH(c, &run->app->claims, aentry)
		if (!c->passed && use_find(c->l, run) == NULL)
			claim_arm(c, run, CLAIM_SWEEP_MS);
}

void
listen_release(struct app *app)
{
	struct claim	*c;

	open_release(app->env->listens, app);
	while ((c = TAILQ_FIRST(&app->claims)) != NULL)
		claim_drop(c);
}

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

#include <sys/queue.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attend.h"
#include "life.h"
#include "log.h"

/*
 * max_memory_restart: all processes of an app together.  Those that ask for
 * it are looked at in turn, each every LOOK_MS while it is online.
 *
 * An app that is above its limit again soon after it was restarted for that
 * would be restarted for ever.  It is, but not before GAP_MS have gone by, and
 * twice that time the next time, up to GAP_MAX_MS; an app that kept below for
 * GAP_MAX_MS is trusted again.
 */

#define LOOK_MS		2000
#define FIRST_MS	500	/* after it came online, and by chance more */
#define LOOKS_TURN	16	/* at most in one turn of the loop */
#define GAP_MS		10000
#define GAP_MAX_MS	600000

struct memlimit {
	TAILQ_ENTRY(memlimit) entry;	/* by due */
	struct app	*app;
	int		 queued;
	monotime_t	 due;
	uint64_t	 memory;	/* at the last look, of this run: */
	uint32_t	 generation;
	int		 renewed;	/* ever... */
	monotime_t	 when;		/* ...and when last */
	uint64_t	 gap;
	int		 told;		/* that it is above, but too soon */
};

static TAILQ_HEAD(memqueue, memlimit) queue = TAILQ_HEAD_INITIALIZER(queue);
static struct event	 timer;

static uint64_t	 limit_of(const struct app *);
static void	 enqueue(struct memlimit *, uint64_t);
static void	 dequeue(struct memlimit *);
static void	 arm(void);
static void	 turn(int, short, void *);
static void	 look(struct memlimit *);
static uint64_t	 too_soon(const struct memlimit *);
static void	 above(struct memlimit *);
static void	 megabytes(uint64_t, char *, size_t);

static uint64_t
limit_of(const struct app *app)
{
	return (app->spec->spec.num[SPEC_MAX_MEMORY]);
}

/* ---- who is next ---- */

/* Nearly all wait for the same time, so its place is near the end. */
static void
enqueue(struct memlimit *ml, uint64_t ms)
{
	struct memlimit	*before;

	dequeue(ml);
	ml->due = monotime_add(monotime_now(), ms);
	TAILQ_FOREACH_REVERSE(before, &queue, memqueue, entry)
		if (before->due.ms <= ml->due.ms)
			break;
	if (before == NULL)
		TAILQ_INSERT_HEAD(&queue, ml, entry);
	else
		TAILQ_INSERT_AFTER(&queue, before, ml, entry);
	ml->queued = 1;
}

static void
dequeue(struct memlimit *ml)
{
	if (!ml->queued)
		return;
	TAILQ_REMOVE(&queue, ml, entry);
	ml->queued = 0;
}

static void
arm(void)
{
	struct memlimit	*ml = TAILQ_FIRST(&queue);

	if (ml == NULL)
		event_del(&timer);
	else
		life_timer(&timer, monotime_since(ml->due, monotime_now()));
}

void
memlimit_update(struct app *app)
{
	struct memlimit	*ml = app->memlimit;

	if (limit_of(app) == 0) {
		memlimit_free(app);
		return;
	}
	if (ml == NULL) {
		if ((ml = calloc(1, sizeof(*ml))) == NULL) {
			log_warn("%s (%u): max_memory_restart", app->name,
			    app->id);
			return;
		}
		ml->app = app;
		app->memlimit = ml;
	}
	if (app->run->m.state != APP_ONLINE || app->freeing)
		dequeue(ml);
	else if (!ml->queued)
		enqueue(ml, FIRST_MS + arc4random_uniform(LOOK_MS));
	arm();
}

void
memlimit_free(struct app *app)
{
	struct memlimit	*ml = app->memlimit;

	if (ml == NULL)
		return;
	dequeue(ml);
	app->memlimit = NULL;
	free(ml);
	arm();
}

void
memlimit_info(const struct app *app, struct ctl_appinfo *info)
{
	const struct memlimit	*ml = app->memlimit;
	char			 have[32], may[32];
	uint64_t		 ms;

	if (ml == NULL || app->run->pid == 0 ||
	    ml->generation != app->run->generation)
		return;
	info->fix.tree_memory = ml->memory;
	if (ml->memory <= limit_of(app) || (ms = too_soon(ml)) == 0)
		return;
	megabytes(ml->memory, have, sizeof(have));
	megabytes(limit_of(app), may, sizeof(may));
	attend_trouble(info, "%s, more than %s: restarted for that a moment "
	    "ago, and not again for %" PRIu64 " s", have, may,
	    (ms + 999) / 1000);
}

/* ---- looking ---- */

static void
megabytes(uint64_t bytes, char *buf, size_t len)
{
	uint64_t	 tenths = (bytes * 10 + 524288) / 1048576;

	if (tenths % 10 == 0)
		(void)snprintf(buf, len, "%" PRIu64 " MB", tenths / 10);
	else
		(void)snprintf(buf, len, "%" PRIu64 ".%" PRIu64 " MB",
		    tenths / 10, tenths % 10);
}

/* So many ms are left until it may be restarted again. */
static uint64_t
too_soon(const struct memlimit *ml)
{
	uint64_t	 gone;

	if (!ml->renewed)
		return (0);
	gone = monotime_since(monotime_now(), ml->when);
	return (gone >= ml->gap ? 0 : ml->gap - gone);
}

static void
above(struct memlimit *ml)
{
	struct app	*app = ml->app;
	char		 words[96], have[32], may[32];
	uint64_t	 ms;

	megabytes(ml->memory, have, sizeof(have));
	megabytes(limit_of(app), may, sizeof(may));
	(void)snprintf(words, sizeof(words), "%s, more than %s", have, may);
	if ((ms = too_soon(ml)) > 0) {
		if (!ml->told)
			log_warnx("%s (%u): %s: restarted for that %" PRIu64
			    " s ago, not again for %" PRIu64 " s", app->name,
			    app->id, words, (ml->gap - ms) / 1000,
			    (ms + 999) / 1000);
		ml->told = 1;
		return;
	}
	if (!renew(app, EXIT_MEMORY, words))
		return;
	ml->told = 0;
	if (!ml->renewed ||
	    monotime_since(monotime_now(), ml->when) >= GAP_MAX_MS)
		ml->gap = GAP_MS;
	else
		ml->gap = ml->gap * 2 > GAP_MAX_MS ? GAP_MAX_MS :
		    ml->gap * 2;
	ml->renewed = 1;
	ml->when = monotime_now();
}

static void
look(struct memlimit *ml)
{
	struct app	*app = ml->app;
	uint64_t	 bytes;

	if (app->run->m.state != APP_ONLINE)
		return;
	if (tree_memory(app->run->tree, &bytes) == -1)
		return;
	ml->memory = bytes;
	ml->generation = app->run->generation;
	if (bytes > limit_of(app))
		above(ml);
}

static void
turn(int fd, short event, void *arg)
{
	struct memlimit	*ml;
	monotime_t	 now = monotime_now();
	int		 i;

	(void)fd;
	(void)event;
	(void)arg;
	for (i = 0; i < LOOKS_TURN; i++) {
		if ((ml = TAILQ_FIRST(&queue)) == NULL ||
		    ml->due.ms > now.ms)
			break;
		/* Before, for a restart takes it from the queue. */
		enqueue(ml, LOOK_MS);
		look(ml);
	}
	arm();
}

void
memlimit_init(struct pm2d *env)
{
	evtimer_assign(&timer, env->base, turn, NULL);
}

void
memlimit_exit(struct pm2d *env)
{
	(void)env;
	event_del(&timer);
}

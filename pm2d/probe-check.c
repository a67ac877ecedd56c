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

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "probe-local.h"

/*
 * What is to be checked, and when.
 */

#define FIRST_MS	100	/* the first look, after at most this */

TAILQ_HEAD(checklist, check);

static struct checklist	 checks = TAILQ_HEAD_INITIALIZER(checks);
static struct checklist	 waiting = TAILQ_HEAD_INITIALIZER(waiting);
static struct event_base *base;
static const struct prober *prober;
static uint32_t		 nchecks;
static uint32_t		 nrunning;

static void	 check_due(int, short, void *);

void
check_init(struct event_base *b, const struct prober *p)
{
	base = b;
	prober = p;
}

static void
arm(struct check *c, uint64_t ms)
{
	struct timeval	 tv;

	tv.tv_sec = (time_t)(ms / 1000);
	tv.tv_usec = (suseconds_t)(ms % 1000 * 1000);
	evtimer_add(&c->due, &tv);
}

/* Not all at the same moment, for as long as there are many. */
static void
arm_next(struct check *c)
{
	uint64_t	 spent, ms;

	ms = c->interval_ms - c->interval_ms / 20 +
	    arc4random_uniform(c->interval_ms / 10 + 1);
	spent = monotime_since(monotime_now(), c->began);
	arm(c, spent >= ms ? 0 : ms - spent);
}

static void
tell(const struct check *c, const char *wrong)
{
	struct probe_result	 msg;
	size_t			 i;

	memset(&msg, 0, sizeof(msg));
	msg.ref = c->ref;
	msg.good = wrong == NULL;
	msg.took_ms = (uint32_t)monotime_since(monotime_now(), c->began);
	if (wrong != NULL)
		(void)strlcpy(msg.text, wrong, sizeof(msg.text));
	for (i = 0; msg.text[i] != '\0'; i++)
		if (msg.text[i] < ' ' || msg.text[i] > '~')
			msg.text[i] = '?';
	parent_send(IMSG_PROBE_RESULT, &msg, sizeof(msg));
}

static void
run(struct check *c)
{
	c->began = monotime_now();
	if ((c->attempt = prober->start(c)) == NULL) {
		tell(c, strerror(errno));
		arm_next(c);
	} else
		nrunning++;
}

static void
run_waiting(void)
{
	struct check	*c;

	while (nrunning < prober->atonce &&
	    (c = TAILQ_FIRST(&waiting)) != NULL) {
		TAILQ_REMOVE(&waiting, c, waiting);
		c->queued = 0;
		run(c);
	}
}

static void
check_due(int fd, short event, void *arg)
{
	struct check	*c = arg;

	(void)fd;
	(void)event;
	if (c->attempt != NULL || c->queued)
		return;
	c->queued = 1;
	TAILQ_INSERT_TAIL(&waiting, c, waiting);
	run_waiting();
}

void
check_done(struct check *c, const char *wrong)
{
	c->attempt = NULL;
	nrunning--;
	tell(c, wrong);
	arm_next(c);
	run_waiting();
}

static void
check_free(struct check *c)
{
	if (c->attempt != NULL) {
		prober->stop(c->attempt);
		nrunning--;
	}
	if (c->queued)
		TAILQ_REMOVE(&waiting, c, waiting);
	event_del(&c->due);
	TAILQ_REMOVE(&checks, c, entry);
	nchecks--;
	free(c->text);
	free(c);
}

void
check_exit(void)
{
	struct check	*c;

	while ((c = TAILQ_FIRST(&checks)) != NULL)
		check_free(c);
}

static struct check *
check_find(uint32_t app)
{
	struct check	*c;

	TAILQ_FOREACH(c, &checks, entry)
		if (c->ref.app == app)
			return (c);
	return (NULL);
}

/* The address, and behind a NUL the directory to execute it in. */
static int
set_address(struct check *c, const char *p, size_t len)
{
	size_t	 first;

	if ((c->text = malloc(len + 1)) == NULL)
		return (-1);
	memcpy(c->text, p, len);
	c->text[len] = '\0';
	first = strlen(c->text);
	if (first < len)
		c->cwd = c->text + first + 1;
	if (c->cwd != NULL && *c->cwd != '/')
		return (-1);
	return (healthspec_parse(c->text, &c->spec) == NULL &&
	    prober->takes(&c->spec) ? 0 : -1);
}

static int
check_new(const struct probe_add *msg, const char *address, size_t len)
{
	struct check	*c;

	if (nchecks == CHECKS_MAX || (c = calloc(1, sizeof(*c))) == NULL)
		return (-1);
	c->ref = msg->ref;
	c->interval_ms = msg->interval_ms;
	c->timeout_ms = msg->timeout_ms;
	evtimer_assign(&c->due, base, check_due, c);
	TAILQ_INSERT_TAIL(&checks, c, entry);
	nchecks++;
	if (set_address(c, address, len) == -1) {
		check_free(c);
		return (-1);
	}
	arm(c, arc4random_uniform(FIRST_MS));
	return (0);
}

int
check_add(struct imsg *imsg)
{
	struct probe_add	 msg;
	struct ibuf		 buf;
	struct check		*c;

	if (imsg_get_ibuf(imsg, &buf) == -1 ||
	    ibuf_get(&buf, &msg, sizeof(msg)) == -1 ||
	    msg.interval_ms == 0 || msg.timeout_ms == 0)
		return (-1);
	if ((c = check_find(msg.ref.app)) == NULL)
		return (check_new(&msg, ibuf_data(&buf), ibuf_size(&buf)));
	if (c->ref.serial != msg.ref.serial) {
		check_free(c);
		return (check_new(&msg, ibuf_data(&buf), ibuf_size(&buf)));
	}
	/* The same, in another interval. */
	c->interval_ms = msg.interval_ms;
	c->timeout_ms = msg.timeout_ms;
	if (c->attempt == NULL && !c->queued)
		arm_next(c);
	return (0);
}

int
check_del(struct imsg *imsg)
{
	struct probe_ref	 ref;
	struct check		*c;

	if (imsg_get_data(imsg, &ref, sizeof(ref)) == -1)
		return (-1);
	if ((c = check_find(ref.app)) != NULL && c->ref.serial == ref.serial)
		check_free(c);
	return (0);
}

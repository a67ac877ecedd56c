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
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "attend.h"
#include "engine.h"
#include "life.h"
#include "log.h"

/*
 * What a run says of itself, by its channel or by sd_notify(3), and what it
 * fails to say in time.
 */

#define EXTEND_MAX_MS	3600000		/* EXTEND_TIMEOUT_USEC, at most */

/* ---- what it says ---- */

static void
said_ready(struct run *run)
{
	if (run->role == RUN_SUCCESSOR)
		successor_look(run);
	else
		life_event(run, EV_READY);
}

static void
said_retired(struct run *run)
{
	runleave_said(run, LEAVE_EV_RETIRED);
}

static void
said_drained(struct run *run)
{
	runleave_said(run, LEAVE_EV_DRAINED);
}

static void
said_eof(struct run *run)
{
	runleave_said(run, LEAVE_EV_EOF);
}

/* It goes by itself, and has other things to do than to keep a dog. */
static void
said_stopping(struct run *run)
{
	event_del(&run->watchdog);
}

static void
said_alive(struct run *run)
{
	uint64_t	 ms = run->spec->spec.num[SPEC_WATCHDOG];

	if (ms != 0 && run->m.state == APP_ONLINE && run->doom == 0 &&
	    !(run->notes & NOTE_STOPPING))
		life_timer(&run->watchdog, ms);
}

/* The engine has closed its channel: nobody can speak to it any more. */
static void
said_nonsense(struct run *run)
{
	struct machine_event	 ev;

	runleave_said(run, LEAVE_EV_EOF);
	if (run->m.state == APP_STOPPING)
		return;
	log_warnx("%s (%u): pid %d broke the protocol of its channel",
	    run->app->name, run->app->id, run->pid);
	run->doom = EXIT_PROTOCOL;
	memset(&ev, 0, sizeof(ev));
	ev.ev = EV_BREAK;
	life_step(run, &ev);
}

static const struct {
	uint32_t	 note;
	void		(*fn)(struct run *);
} words[] = {
	{ NOTE_ONLINE,		successor_look },
	{ NOTE_LISTENING,	successor_look },
	{ NOTE_READY,		said_ready },
	{ NOTE_RETIRED,		said_retired },
	{ NOTE_DRAINED,		said_drained },
	{ NOTE_EOF,		said_eof },
	{ NOTE_BAD,		said_nonsense },
	{ NOTE_STOPPING,	said_stopping },
	{ NOTE_WATCHDOG,	said_alive }
};

void
supervise_note(struct run *run, uint32_t note)
{
	uint32_t	 was = run->notes;
	size_t		 i;

	if (run->pid == 0)
		return;
	run->notes |= note & ~(uint32_t)NOTE_WATCHDOG;
	if (!(was & (NOTE_LISTENING | NOTE_READY)) &&
	    (run->notes & (NOTE_LISTENING | NOTE_READY)))
		report_event(run->app, EVENT_LISTENING, run);
	if (note & (NOTE_LISTENING | NOTE_READY))
		depend_note(run->app);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (note & words[i].note)
			words[i].fn(run);
}

/* More time to get ready, or to end. */
void
supervise_extend(struct run *run, uint64_t usec)
{
	uint64_t	 ms = usec / 1000;

	if (ms > EXTEND_MAX_MS)
		ms = EXTEND_MAX_MS;
	if (run->pid == 0 || run->m.kills > 0 || run->m.doomed)
		return;
	if ((run->m.state == APP_LAUNCHING && run->m.executed) ||
	    (run->m.state == APP_STOPPING && !run->m.leaving))
		life_extend(run, ms);
}

/* ---- what it does not say ---- */

int
runlife_late(struct run *run)
{
	if (!run->m.executed || run->m.kills > 0 || run->m.doomed)
		return (0);
	if (run->role == RUN_SUCCESSOR && successor_late(run))
		return (1);
	run->stage = STAGE_READY;
	run->error = ETIMEDOUT;
	return (0);
}

/* It hangs: it gets the chance to leave a core. */
static void
watchdog_due(int fd, short event, void *arg)
{
	struct run		*run = arg;
	struct machine_event	 ev;

	(void)fd;
	(void)event;
	if (run->pid == 0 || run->m.state != APP_ONLINE || run->doom != 0)
		return;
	log_warnx("%s (%u): pid %d did not say WATCHDOG=1 in time",
	    run->app->name, run->app->id, run->pid);
	run->doom = EXIT_WATCHDOG;
	life_sigmain(run, SIGABRT);
	memset(&ev, 0, sizeof(ev));
	ev.ev = EV_BREAK;
	ev.kill_timeout = run->spec->spec.num[SPEC_KILL_TIMEOUT];
	life_step(run, &ev);
}

static void
settled(int fd, short event, void *arg)
{
	struct run	*run = arg;

	(void)fd;
	(void)event;
	successor_look(run);
}

/* ---- from its beginning to its end ---- */

void
runlife_init(struct run *run)
{
	struct event_base	*base = run->app->env->base;

	evtimer_assign(&run->watchdog, base, watchdog_due, run);
	evtimer_assign(&run->settle, base, settled, run);
}

void
runlife_begin(struct run *run)
{
	run->notes = 0;
	run->doom = EXIT_BY_ITSELF;
	run->renewed = EXIT_BY_ITSELF;
	run->settled.ms = 0;
}

void
runlife_online(struct run *run)
{
	event_del(&run->settle);
	said_alive(run);
}

void
runlife_end(struct run *run)
{
	event_del(&run->watchdog);
	event_del(&run->settle);
	runleave_end(run);
	if (run->channel != -1 || run->notify != -1)
		engine_forget(run->app->env->engine, run);
	run_hangup(run);
}

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
 * The life of an app.  The table is at the end of this file; above it stand
 * the handlers, each for one kind of cell, and what they share.
 *
 * A generation ends when its main process is reaped (main_alive) and nothing
 * else of it is left (gone).  Only then comes what follows: the next
 * generation, rest, or the end; rest and the end not before the other runs
 * of the app are gone, too (beside).
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "machine.h"

typedef void	handler(struct machine *, const struct machine_event *,
		    struct machine_result *);

/* ---- shared by the handlers ---- */

static void
set_timer(struct machine *m, struct machine_result *res, uint64_t ms)
{
	m->timer = 1;
	res->actions &= ~ACT_TIMER_OFF;
	res->actions |= ACT_TIMER;
	res->timer_ms = ms;
}

static void
clear_timer(struct machine *m, struct machine_result *res)
{
	if (!m->timer)
		return;
	m->timer = 0;
	res->actions &= ~ACT_TIMER;
	res->actions |= ACT_TIMER_OFF;
}

static void
answer(struct machine *m, struct machine_result *res, unsigned int action)
{
	if (!m->request)
		return;
	m->request = 0;
	res->actions |= action;
}

/* A request that wants something else than the one that is pending. */
static void
overtake(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	answer(m, res, ACT_OVERTAKEN);
	m->request = !ev->unattended;
}

/* A request for what is already on its way. */
static void
accompany(struct machine *m, const struct machine_event *ev)
{
	if (!ev->unattended)
		m->request = 1;
}

static void
launch(struct machine *m, struct machine_result *res)
{
	m->state = APP_LAUNCHING;
	m->after = AFTER_STOPPED;
	m->main_alive = 1;
	m->gone = 0;
	m->executed = 0;
	m->ready = 0;
	m->kills = 0;
	m->wait = 0;
	m->armed = 0;
	res->actions |= ACT_SPAWN;
	set_timer(m, res, MACHINE_EXEC_MS);
}

static void
come_to_rest(struct machine *m, struct machine_result *res,
    enum app_state state)
{
	m->state = state;
	m->after = AFTER_STOPPED;
	m->kills = 0;
	m->wait = 0;
	m->armed = 0;
	clear_timer(m, res);
}

/* Nothing of this run is left, but of others. */
static void
await_others(struct machine *m, struct machine_result *res)
{
	m->state = APP_STOPPING;
	m->kills = 0;
	m->wait = 0;
	m->armed = 0;
	set_timer(m, res, MACHINE_REKILL_MS);
}

/* Everything is gone: what follows? */
static void
follow(struct machine *m, struct machine_result *res)
{
	if (m->beside && m->after != AFTER_START) {
		await_others(m, res);
		return;
	}
	switch (m->after) {
	case AFTER_START:
		launch(m, res);
		break;
	case AFTER_STOPPED:
		come_to_rest(m, res, APP_STOPPED);
		answer(m, res, ACT_DONE_OK);
		break;
	case AFTER_ERRORED:
		come_to_rest(m, res, APP_ERRORED);
		answer(m, res, ACT_DONE_FAIL);
		break;
	case AFTER_DELETE:
		come_to_rest(m, res, APP_STOPPED);
		answer(m, res, ACT_DONE_OK);
		res->actions |= ACT_FREE;
		break;
	}
}

static void
kill_all(struct machine *m, struct machine_result *res)
{
	res->actions |= ACT_KILL_ALL;
	set_timer(m, res, MACHINE_REKILL_MS);
	if (m->kills < MACHINE_KILLS)
		m->kills++;
	if (m->kills == MACHINE_KILLS)
		answer(m, res, ACT_DONE_FAIL);
}

/* The main process is reaped: end what it left, then follow. */
static void
clean_up(struct machine *m, struct machine_result *res)
{
	if (m->gone) {
		follow(m, res);
		return;
	}
	m->state = APP_STOPPING;
	kill_all(m, res);
}

static void
signal_main(struct machine *m, struct machine_result *res)
{
	res->actions |= ACT_SIGNAL_MAIN;
	set_timer(m, res, m->kill_timeout);
	m->leaving = 0;
	m->kill_timeout = 0;
}

/* The main process is reaped. */
static void
main_gone(struct machine *m, const struct machine_event *ev)
{
	m->main_alive = 0;
	m->gone |= ev->gone || ev->ev == EV_EXEC_FAILED;
	m->executed = 0;
	m->ready = 0;
	m->doomed = 0;
	m->leaving = 0;
	m->kill_timeout = 0;
}

/* From any state: end the generation, then follow. */
static void
end_run(struct machine *m, const struct machine_event *ev,
    struct machine_result *res, enum machine_after after)
{
	m->after = after;
	m->wait = 0;
	m->armed = 0;
	if (!m->main_alive) {
		clean_up(m, res);
		return;
	}
	m->state = APP_STOPPING;
	m->executed = 0;
	m->ready = 0;
	m->doomed = 0;
	if (ev->kill_timeout == 0 || m->kills > 0) {
		kill_all(m, res);
		return;
	}
	m->kill_timeout = ev->kill_timeout;
	if (ev->leave_ms == 0) {
		signal_main(m, res);
		return;
	}
	m->leaving = 1;
	res->actions |= ACT_LEAVE;
	set_timer(m, res, ev->leave_ms);
}

/* In WAITING: until the delay is over, but not longer than till a kill. */
static void
arm_wait(struct machine *m, struct machine_result *res)
{
	m->armed = m->wait;
	if (!m->gone && (m->wait == 0 || m->wait > MACHINE_REKILL_MS))
		m->armed = MACHINE_REKILL_MS;
	set_timer(m, res, m->armed);
}

static void
start_later(struct machine *m, struct machine_result *res, uint64_t delay)
{
	if (m->gone && delay == 0) {
		launch(m, res);
		return;
	}
	m->state = APP_WAITING;
	m->kills = 0;
	m->wait = delay;
	if (!m->gone)
		kill_all(m, res);
	arm_wait(m, res);
}

/* The main process ended by itself. */
static void
by_verdict(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	switch (ev->verdict) {
	case VERDICT_RESTART:
	case VERDICT_DELAYED:
		start_later(m, res, ev->delay_ms);
		break;
	case VERDICT_STOPPED:
	case VERDICT_REFUSED:
	case VERDICT_REPLACED:
		if (!ev->stay)
			m->wanted = 0;
		m->after = AFTER_STOPPED;
		clean_up(m, res);
		break;
	case VERDICT_ERRORED:
		m->after = AFTER_ERRORED;
		clean_up(m, res);
		break;
	}
}

/* ---- handlers: cells that do nothing ---- */

static void
nop(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	(void)m;
	(void)ev;
	(void)res;
}

static void
never(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	(void)m;
	(void)ev;
	res->actions |= ACT_IMPOSSIBLE;
}

/* ---- handlers: requests ---- */

/* START, RESTART: end what runs, if anything does, and start. */
static void
renew(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	overtake(m, ev, res);
	m->wanted = 1;
	end_run(m, ev, res, AFTER_START);
}

/* START while LAUNCHING */
static void
join(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	(void)res;
	accompany(m, ev);
	m->wanted = 1;
}

/* START while ONLINE: it is so already. */
static void
okay(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	accompany(m, ev);
	answer(m, res, ACT_DONE_OK);
}

/* STOP; at rest or with nothing left it is done at once. */
static void
stop(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	overtake(m, ev, res);
	m->wanted = 0;
	end_run(m, ev, res, AFTER_STOPPED);
}

static void
drop(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	overtake(m, ev, res);
	m->wanted = 0;
	end_run(m, ev, res, AFTER_DELETE);
}

/* SHUTDOWN: nobody's request; wanted stays, so that it is started again. */
static void
leave(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	answer(m, res, ACT_OVERTAKEN);
	end_run(m, ev, res, AFTER_STOPPED);
}

/*
 * The same while STOPPING: the signals are under way, only what follows
 * changes.  Nothing brings an app back that is being deleted.
 */
static void
turn(struct machine *m, const struct machine_event *ev,
    struct machine_result *res, enum machine_after after)
{
	if (m->after == after)
		accompany(m, ev);
	else
		overtake(m, ev, res);
	m->after = after;
}

/* START, RESTART while STOPPING */
static void
s_renew(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	if (m->after == AFTER_DELETE) {
		res->actions |= ACT_BUSY;
		return;
	}
	m->wanted = 1;
	turn(m, ev, res, AFTER_START);
	if (!m->main_alive && m->gone)
		follow(m, res);
}

/* STOP while STOPPING; deleted is stopped, too. */
static void
s_stop(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	m->wanted = 0;
	turn(m, ev, res,
	    m->after == AFTER_DELETE ? AFTER_DELETE : AFTER_STOPPED);
}

/* DELETE while STOPPING */
static void
s_drop(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	m->wanted = 0;
	turn(m, ev, res, AFTER_DELETE);
}

/* SHUTDOWN while STOPPING */
static void
s_leave(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	(void)ev;
	if (m->after != AFTER_START)
		return;
	answer(m, res, ACT_OVERTAKEN);
	m->after = AFTER_STOPPED;
}

/* ---- handlers: processes ---- */

static void
online(struct machine *m, struct machine_result *res)
{
	m->state = APP_ONLINE;
	m->executed = 0;
	m->ready = 0;
	clear_timer(m, res);
	answer(m, res, ACT_DONE_OK);
}

/* EXECED while LAUNCHING; not if it came too late and is being killed. */
static void
up(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	if (m->kills > 0 || m->doomed)
		return;
	if (ev->ready_ms == 0 || m->ready) {
		online(m, res);
		return;
	}
	m->executed = 1;
	set_timer(m, res, ev->ready_ms);
}

/* READY while LAUNCHING: its word may come before that of the exec. */
static void
ready(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	(void)ev;
	if (m->kills > 0 || m->doomed)
		return;
	if (m->executed)
		online(m, res);
	else
		m->ready = 1;
}

/* BREAK while LAUNCHING or ONLINE; what comes then is as after an exit. */
static void
doom(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	if (m->kills > 0 || (m->doomed && ev->kill_timeout != 0))
		return;
	m->doomed = 1;
	if (ev->kill_timeout == 0)
		kill_all(m, res);
	else
		set_timer(m, res, ev->kill_timeout);
}

/* LEFT while STOPPING */
static void
s_left(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	(void)ev;
	if (m->leaving)
		signal_main(m, res);
}

/*
 * EXEC_FAILED, or EXITED before exec, while LAUNCHING.  Who waits for it is
 * told and decides; else it is a short run like others.
 */
static void
fail(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	main_gone(m, ev);
	if (m->request) {
		m->after = AFTER_ERRORED;
		clean_up(m, res);
	} else
		by_verdict(m, ev, res);
}

/* EXITED while ONLINE */
static void
crash(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	main_gone(m, ev);
	by_verdict(m, ev, res);
}

/* EXITED, EXEC_FAILED while STOPPING: the rest has until the deadline. */
static void
s_exit(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	uint64_t	 rest;

	if (!m->main_alive) {
		never(m, ev, res);
		return;
	}
	rest = m->leaving ? m->kill_timeout : 0;
	main_gone(m, ev);
	if (m->gone)
		follow(m, res);
	else if (m->kills > 0)
		res->actions |= ACT_KILL_ALL;
	else
		res->actions |= ACT_SIGNAL_REST;
	if (!m->gone && rest != 0)
		set_timer(m, res, rest);
}

/* GONE before EXITED: the two come from different descriptors. */
static void
note(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	(void)ev;
	(void)res;
	m->gone = 1;
}

/* GONE while STOPPING */
static void
s_gone(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	(void)ev;
	m->gone = 1;
	if (!m->main_alive)
		follow(m, res);
}

/* GONE while WAITING: if the delay is over, only this was missing. */
static void
w_gone(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	(void)ev;
	m->gone = 1;
	if (m->wait == 0)
		launch(m, res);
}

/* ---- handlers: other runs of the app ---- */

static void
beside(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	(void)res;
	m->beside = ev->ev == EV_BESIDE;
}

/* ALONE while STOPPING: perhaps only this was missing. */
static void
s_alone(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	beside(m, ev, res);
	if (!m->main_alive && m->gone)
		follow(m, res);
}

/* ---- handlers: the timer ---- */

/* DEADLINE while LAUNCHING */
static void
kills(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	(void)ev;
	kill_all(m, res);
}

/* DEADLINE while ONLINE: only one that is to end has one. */
static void
o_due(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	if (m->doomed)
		kill_all(m, res);
	else
		never(m, ev, res);
}

/* DEADLINE while STOPPING; other runs have deadlines of their own. */
static void
s_due(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	(void)ev;
	if (!m->main_alive && m->gone)
		set_timer(m, res, MACHINE_REKILL_MS);
	else if (m->leaving)
		signal_main(m, res);
	else
		kill_all(m, res);
}

/* DEADLINE while WAITING */
static void
w_due(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	(void)ev;
	m->wait -= m->armed < m->wait ? m->armed : m->wait;
	if (m->gone && m->wait == 0) {
		launch(m, res);
		return;
	}
	if (!m->gone)
		kill_all(m, res);
	arm_wait(m, res);
}

/* ---- the table ---- */

_Static_assert(APP_STOPPED == 0 && APP_LAUNCHING == 1 && APP_ONLINE == 2 &&
    APP_STOPPING == 3 && APP_ERRORED == 4 && APP_WAITING == 5 &&
    APP_NSTATES == 6, "the columns stand in this order");

static handler *const table[EV_NEVENTS][APP_NSTATES] = {
/* state:	   STOPPED  LAUNCHING ONLINE  STOPPING ERRORED  WAITING */
[EV_START] =	 { renew,   join,     okay,   s_renew, renew,   renew },
[EV_STOP] =	 { stop,    stop,     stop,   s_stop,  stop,    stop },
[EV_RESTART] =	 { renew,   renew,    renew,  s_renew, renew,   renew },
[EV_DELETE] =	 { drop,    drop,     drop,   s_drop,  drop,    drop },
[EV_SHUTDOWN] =	 { nop,     leave,    leave,  s_leave, nop,     leave },
[EV_EXECED] =	 { never,   up,       never,  nop,     never,   never },
[EV_EXEC_FAILED] = { never, fail,     never,  s_exit,  never,   never },
[EV_EXITED] =	 { never,   fail,     crash,  s_exit,  never,   never },
[EV_GONE] =	 { nop,     note,     note,   s_gone,  nop,     w_gone },
[EV_READY] =	 { nop,     ready,    nop,    nop,     nop,     nop },
[EV_BREAK] =	 { nop,     doom,     doom,   nop,     nop,     nop },
[EV_LEFT] =	 { nop,     nop,      nop,    s_left,  nop,     nop },
[EV_BESIDE] =	 { never,   beside,   beside, beside,  never,   beside },
[EV_ALONE] =	 { never,   beside,   beside, s_alone, never,   beside },
[EV_DEADLINE] =	 { never,   kills,    o_due,  s_due,   never,   w_due }
};

static const char *const evnames[EV_NEVENTS] = {
	[EV_START] =		"start",
	[EV_STOP] =		"stop",
	[EV_RESTART] =		"restart",
	[EV_DELETE] =		"delete",
	[EV_SHUTDOWN] =		"shutdown",
	[EV_EXECED] =		"executed",
	[EV_EXEC_FAILED] =	"exec failed",
	[EV_EXITED] =		"exited",
	[EV_GONE] =		"gone",
	[EV_READY] =		"ready",
	[EV_BREAK] =		"break",
	[EV_LEFT] =		"left",
	[EV_BESIDE] =		"beside",
	[EV_ALONE] =		"alone",
	[EV_DEADLINE] =		"deadline"
};

const char *
machine_evname(enum machine_ev ev)
{
	if ((unsigned int)ev >= EV_NEVENTS)
		return ("unknown");
	return (evnames[ev]);
}

void
machine_init(struct machine *m, enum app_state state, int wanted)
{
	memset(m, 0, sizeof(*m));
	m->state = state == APP_ERRORED ? APP_ERRORED : APP_STOPPED;
	m->wanted = wanted;
	m->gone = 1;
}

/*
 * What a restarted daemon needs to know is written: wanted, at which state it
 * came to rest, and each new process.
 */
static int
must_save(const struct machine *was, const struct machine *m,
    unsigned int actions)
{
	if (actions & ACT_FREE)
		return (1);
	if (m->wanted != was->wanted || (actions & ACT_SPAWN))
		return (1);
	return (m->state != was->state &&
	    (m->state == APP_STOPPED || m->state == APP_ERRORED));
}

void
machine_step(struct machine *m, const struct machine_event *ev,
    struct machine_result *res)
{
	struct machine	 was = *m;

	memset(res, 0, sizeof(*res));
	if ((unsigned int)ev->ev >= EV_NEVENTS) {
		res->actions = ACT_IMPOSSIBLE;
		return;
	}
	if (ev->ev == EV_DEADLINE)
		m->timer = 0;
	table[ev->ev][m->state](m, ev, res);
	if (must_save(&was, m, res->actions))
		res->actions |= ACT_SAVE;
	if (m->state != was.state || (res->actions & ACT_SPAWN))
		res->actions |= ACT_REPORT;
}

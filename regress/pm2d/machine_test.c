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
 * The state machine: its rules one by one, and then all that can happen to
 * it.  The search walks every state that any sequence of events reaches,
 * beside a small model of the app's processes, the timer and the people who
 * wait, and checks after each step that the two agree.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <atf-c.h>

#include "machine.h"

#define TRANSITIONAL(s)	((s) == APP_LAUNCHING || (s) == APP_STOPPING || \
			    (s) == APP_WAITING)
#define ACT_DONE	(ACT_DONE_OK | ACT_DONE_FAIL)

/* ---- one rule after the other ---- */

static struct machine		 m;
static struct machine_result	 res;

static unsigned int
step(enum machine_ev what)
{
	struct machine_event	 ev;

	memset(&ev, 0, sizeof(ev));
	ev.ev = what;
	ev.kill_timeout = 4000;
	machine_step(&m, &ev, &res);
	return (res.actions);
}

static unsigned int
step_unattended(enum machine_ev what)
{
	struct machine_event	 ev;

	memset(&ev, 0, sizeof(ev));
	ev.ev = what;
	ev.kill_timeout = 4000;
	ev.unattended = 1;
	machine_step(&m, &ev, &res);
	return (res.actions);
}

static unsigned int
step_exit(enum machine_ev what, enum exit_verdict verdict, uint64_t delay)
{
	struct machine_event	 ev;

	memset(&ev, 0, sizeof(ev));
	ev.ev = what;
	ev.verdict = verdict;
	ev.delay_ms = delay;
	machine_step(&m, &ev, &res);
	return (res.actions);
}

static void
to_online(void)
{
	machine_init(&m, APP_STOPPED, 0);
	step(EV_START);
	step(EV_EXECED);
	ATF_REQUIRE_EQ(APP_ONLINE, m.state);
}

ATF_TC_WITHOUT_HEAD(start__until_online);
ATF_TC_BODY(start__until_online, tc)
{
	machine_init(&m, APP_STOPPED, 0);
	ATF_CHECK_EQ(ACT_SPAWN | ACT_TIMER | ACT_SAVE | ACT_REPORT,
	    step(EV_START));
	ATF_CHECK_EQ(APP_LAUNCHING, m.state);
	ATF_CHECK_EQ(MACHINE_EXEC_MS, res.timer_ms);
	ATF_CHECK_EQ(1, m.wanted);
	ATF_CHECK_EQ(ACT_TIMER_OFF | ACT_REPORT | ACT_DONE_OK,
	    step(EV_EXECED));
	ATF_CHECK_EQ(APP_ONLINE, m.state);
	ATF_CHECK_EQ(ACT_DONE_OK, step(EV_START));
}

ATF_TC_WITHOUT_HEAD(start__exec_fails);
ATF_TC_BODY(start__exec_fails, tc)
{
	machine_init(&m, APP_STOPPED, 0);
	step(EV_START);
	ATF_CHECK_EQ(ACT_TIMER_OFF | ACT_SAVE | ACT_REPORT | ACT_DONE_FAIL,
	    step_exit(EV_EXEC_FAILED, VERDICT_RESTART, 0));
	ATF_CHECK_EQ(APP_ERRORED, m.state);
}

ATF_TC_WITHOUT_HEAD(start__at_boot_exec_fails);
ATF_TC_BODY(start__at_boot_exec_fails, tc)
{
	machine_init(&m, APP_STOPPED, 1);
	step_unattended(EV_START);
	ATF_CHECK_EQ(ACT_TIMER | ACT_REPORT,
	    step_exit(EV_EXEC_FAILED, VERDICT_DELAYED, 700));
	ATF_CHECK_EQ(APP_WAITING, m.state);
	ATF_CHECK_EQ(700, res.timer_ms);
}

ATF_TC_WITHOUT_HEAD(start__never_executed);
ATF_TC_BODY(start__never_executed, tc)
{
	machine_init(&m, APP_STOPPED, 0);
	step(EV_START);
	ATF_CHECK_EQ(ACT_KILL_ALL | ACT_TIMER, step(EV_DEADLINE));
	ATF_CHECK_EQ(MACHINE_REKILL_MS, res.timer_ms);
	ATF_CHECK_EQ_MSG(0, step(EV_EXECED), "too late, it is being killed");
	ATF_CHECK_EQ(APP_LAUNCHING, m.state);
	ATF_CHECK_EQ(ACT_KILL_ALL | ACT_TIMER | ACT_REPORT,
	    step_exit(EV_EXITED, VERDICT_RESTART, 0));
	ATF_CHECK_EQ(ACT_TIMER_OFF | ACT_SAVE | ACT_REPORT | ACT_DONE_FAIL,
	    step(EV_GONE));
	ATF_CHECK_EQ(APP_ERRORED, m.state);
}

ATF_TC_WITHOUT_HEAD(crash__restarted_when_gone);
ATF_TC_BODY(crash__restarted_when_gone, tc)
{
	to_online();
	ATF_CHECK_EQ(ACT_KILL_ALL | ACT_TIMER | ACT_REPORT,
	    step_exit(EV_EXITED, VERDICT_RESTART, 0));
	ATF_CHECK_EQ(APP_WAITING, m.state);
	ATF_CHECK_EQ(ACT_SPAWN | ACT_TIMER | ACT_SAVE | ACT_REPORT,
	    step(EV_GONE));
	ATF_CHECK_EQ(APP_LAUNCHING, m.state);
	ATF_CHECK_EQ(ACT_TIMER_OFF | ACT_REPORT, step(EV_EXECED));
}

ATF_TC_WITHOUT_HEAD(crash__restarted_at_once);
ATF_TC_BODY(crash__restarted_at_once, tc)
{
	struct machine_event	 ev;

	to_online();
	memset(&ev, 0, sizeof(ev));
	ev.ev = EV_EXITED;
	ev.verdict = VERDICT_RESTART;
	ev.gone = 1;
	machine_step(&m, &ev, &res);
	ATF_CHECK_EQ(ACT_SPAWN | ACT_TIMER | ACT_SAVE | ACT_REPORT,
	    res.actions);
	ATF_CHECK_EQ(APP_LAUNCHING, m.state);
}

ATF_TC_WITHOUT_HEAD(crash__delay_and_leftovers);
ATF_TC_BODY(crash__delay_and_leftovers, tc)
{
	to_online();
	step_exit(EV_EXITED, VERDICT_DELAYED, 5000);
	ATF_CHECK_EQ(MACHINE_REKILL_MS, res.timer_ms);
	ATF_CHECK_EQ(ACT_KILL_ALL | ACT_TIMER, step(EV_DEADLINE));
	ATF_CHECK_EQ(MACHINE_REKILL_MS, res.timer_ms);
	ATF_CHECK_EQ(0, step(EV_GONE));
	ATF_CHECK_EQ(ACT_TIMER, step(EV_DEADLINE));
	ATF_CHECK_EQ(5000 - 2 * MACHINE_REKILL_MS, res.timer_ms);
	ATF_CHECK(step(EV_DEADLINE) & ACT_SPAWN);
}

ATF_TC_WITHOUT_HEAD(crash__finished_or_errored);
ATF_TC_BODY(crash__finished_or_errored, tc)
{
	to_online();
	step_exit(EV_EXITED, VERDICT_STOPPED, 0);
	ATF_CHECK_EQ(ACT_TIMER_OFF | ACT_SAVE | ACT_REPORT, step(EV_GONE));
	ATF_CHECK_EQ(APP_STOPPED, m.state);
	ATF_CHECK_EQ_MSG(0, m.wanted, "it has ended as it should");

	to_online();
	step_exit(EV_EXITED, VERDICT_ERRORED, 0);
	ATF_CHECK_EQ(ACT_TIMER_OFF | ACT_SAVE | ACT_REPORT, step(EV_GONE));
	ATF_CHECK_EQ(APP_ERRORED, m.state);
	ATF_CHECK_EQ_MSG(1, m.wanted, "nobody said that it should not run");
}

ATF_TC_WITHOUT_HEAD(stop__in_time);
ATF_TC_BODY(stop__in_time, tc)
{
	to_online();
	ATF_CHECK_EQ(ACT_SIGNAL_MAIN | ACT_TIMER | ACT_SAVE | ACT_REPORT,
	    step(EV_STOP));
	ATF_CHECK_EQ(4000, res.timer_ms);
	ATF_CHECK_EQ(APP_STOPPING, m.state);
	ATF_CHECK_EQ(ACT_SIGNAL_REST, step(EV_EXITED));
	ATF_CHECK_EQ(ACT_TIMER_OFF | ACT_SAVE | ACT_REPORT | ACT_DONE_OK,
	    step(EV_GONE));
	ATF_CHECK_EQ(APP_STOPPED, m.state);
	ATF_CHECK_EQ(0, m.wanted);
	ATF_CHECK_EQ(ACT_DONE_OK, step(EV_STOP));
}

ATF_TC_WITHOUT_HEAD(stop__signal_ignored);
ATF_TC_BODY(stop__signal_ignored, tc)
{
	int	 i;

	to_online();
	step(EV_STOP);
	for (i = 1; i < MACHINE_KILLS; i++) {
		ATF_CHECK_EQ(ACT_KILL_ALL | ACT_TIMER, step(EV_DEADLINE));
		ATF_CHECK_EQ(MACHINE_REKILL_MS, res.timer_ms);
		ATF_CHECK_EQ(i, m.kills);
	}
	ATF_CHECK_EQ(ACT_KILL_ALL | ACT_TIMER | ACT_DONE_FAIL,
	    step(EV_DEADLINE));
	ATF_CHECK_EQ(MACHINE_KILLS, m.kills);
	ATF_CHECK_EQ(ACT_KILL_ALL | ACT_TIMER, step(EV_DEADLINE));
	ATF_CHECK_EQ(APP_STOPPING, m.state);
	ATF_CHECK_EQ(0, step(EV_STOP));
	ATF_CHECK_EQ(ACT_KILL_ALL | ACT_TIMER | ACT_DONE_FAIL,
	    step(EV_DEADLINE));
	ATF_CHECK_EQ(ACT_KILL_ALL, step(EV_EXITED));
	ATF_CHECK_EQ(ACT_TIMER_OFF | ACT_SAVE | ACT_REPORT, step(EV_GONE));
	ATF_CHECK_EQ(APP_STOPPED, m.state);
}

ATF_TC_WITHOUT_HEAD(stop__no_kill_timeout);
ATF_TC_BODY(stop__no_kill_timeout, tc)
{
	struct machine_event	 ev;

	to_online();
	memset(&ev, 0, sizeof(ev));
	ev.ev = EV_STOP;
	machine_step(&m, &ev, &res);
	ATF_CHECK_EQ(ACT_KILL_ALL | ACT_TIMER | ACT_SAVE | ACT_REPORT,
	    res.actions);
	ATF_CHECK_EQ(MACHINE_REKILL_MS, res.timer_ms);
	ATF_CHECK_EQ(ACT_KILL_ALL, step(EV_EXITED));
}

ATF_TC_WITHOUT_HEAD(stop__gone_seen_first);
ATF_TC_BODY(stop__gone_seen_first, tc)
{
	to_online();
	step(EV_STOP);
	ATF_CHECK_EQ(0, step(EV_GONE));
	ATF_CHECK_EQ(ACT_TIMER_OFF | ACT_SAVE | ACT_REPORT | ACT_DONE_OK,
	    step(EV_EXITED));
	ATF_CHECK_EQ(APP_STOPPED, m.state);
}

ATF_TC_WITHOUT_HEAD(stop__while_it_waits);
ATF_TC_BODY(stop__while_it_waits, tc)
{
	to_online();
	step_exit(EV_EXITED, VERDICT_DELAYED, 60000);
	step(EV_GONE);
	ATF_CHECK_EQ(ACT_TIMER_OFF | ACT_SAVE | ACT_REPORT | ACT_DONE_OK,
	    step(EV_STOP));
	ATF_CHECK_EQ(APP_STOPPED, m.state);

	to_online();
	step_exit(EV_EXITED, VERDICT_DELAYED, 60000);
	ATF_CHECK_EQ_MSG(ACT_KILL_ALL | ACT_TIMER | ACT_SAVE | ACT_REPORT,
	    step(EV_STOP), "something of it is left");
	ATF_CHECK_EQ(ACT_TIMER_OFF | ACT_SAVE | ACT_REPORT | ACT_DONE_OK,
	    step(EV_GONE));
}

ATF_TC_WITHOUT_HEAD(stop__errored);
ATF_TC_BODY(stop__errored, tc)
{
	machine_init(&m, APP_ERRORED, 1);
	ATF_CHECK_EQ(ACT_SAVE | ACT_REPORT | ACT_DONE_OK, step(EV_STOP));
	ATF_CHECK_EQ(APP_STOPPED, m.state);
	ATF_CHECK_EQ(0, m.wanted);
}

ATF_TC_WITHOUT_HEAD(stop__while_launching);
ATF_TC_BODY(stop__while_launching, tc)
{
	machine_init(&m, APP_STOPPED, 0);
	step(EV_START);
	ATF_CHECK_EQ(ACT_OVERTAKEN | ACT_SIGNAL_MAIN | ACT_TIMER | ACT_SAVE |
	    ACT_REPORT, step(EV_STOP));
	ATF_CHECK_EQ(0, step(EV_EXECED));
	ATF_CHECK_EQ(APP_STOPPING, m.state);
	step(EV_EXITED);
	ATF_CHECK(step(EV_GONE) & ACT_DONE_OK);

	machine_init(&m, APP_STOPPED, 0);
	step(EV_START);
	step(EV_STOP);
	ATF_CHECK(step(EV_EXEC_FAILED) & ACT_DONE_OK);
	ATF_CHECK_EQ(APP_STOPPED, m.state);
}

ATF_TC_WITHOUT_HEAD(restart__online);
ATF_TC_BODY(restart__online, tc)
{
	to_online();
	ATF_CHECK_EQ(ACT_SIGNAL_MAIN | ACT_TIMER | ACT_REPORT,
	    step(EV_RESTART));
	ATF_CHECK_EQ(ACT_SIGNAL_REST, step(EV_EXITED));
	ATF_CHECK_EQ(ACT_TIMER | ACT_SPAWN | ACT_SAVE | ACT_REPORT,
	    step(EV_GONE));
	ATF_CHECK_EQ(MACHINE_EXEC_MS, res.timer_ms);
	ATF_CHECK_EQ(ACT_TIMER_OFF | ACT_REPORT | ACT_DONE_OK,
	    step(EV_EXECED));
}

ATF_TC_WITHOUT_HEAD(restart__not_running);
ATF_TC_BODY(restart__not_running, tc)
{
	machine_init(&m, APP_ERRORED, 1);
	ATF_CHECK(step(EV_RESTART) & ACT_SPAWN);
	machine_init(&m, APP_STOPPED, 0);
	ATF_CHECK(step(EV_RESTART) & ACT_SPAWN);
	to_online();
	step_exit(EV_EXITED, VERDICT_DELAYED, 60000);
	step(EV_GONE);
	ATF_CHECK(step(EV_RESTART) & ACT_SPAWN);
}

ATF_TC_WITHOUT_HEAD(restart__during_stop);
ATF_TC_BODY(restart__during_stop, tc)
{
	to_online();
	step(EV_STOP);
	ATF_CHECK_EQ(ACT_OVERTAKEN | ACT_SAVE, step(EV_RESTART));
	step(EV_EXITED);
	ATF_CHECK(step(EV_GONE) & ACT_SPAWN);
	ATF_CHECK_EQ(1, m.wanted);
}

ATF_TC_WITHOUT_HEAD(delete__running);
ATF_TC_BODY(delete__running, tc)
{
	to_online();
	ATF_CHECK_EQ(ACT_SIGNAL_MAIN | ACT_TIMER | ACT_SAVE | ACT_REPORT,
	    step(EV_DELETE));
	ATF_CHECK_EQ(ACT_BUSY, step(EV_START));
	ATF_CHECK_EQ(ACT_BUSY, step(EV_RESTART));
	ATF_CHECK_EQ(0, step(EV_STOP));
	ATF_CHECK_EQ(0, step(EV_DELETE));
	ATF_CHECK_EQ(0, step(EV_SHUTDOWN));
	step(EV_EXITED);
	ATF_CHECK_EQ(ACT_TIMER_OFF | ACT_SAVE | ACT_REPORT | ACT_DONE_OK |
	    ACT_FREE, step(EV_GONE));
}

ATF_TC_WITHOUT_HEAD(delete__at_rest);
ATF_TC_BODY(delete__at_rest, tc)
{
	machine_init(&m, APP_STOPPED, 0);
	ATF_CHECK_EQ(ACT_SAVE | ACT_DONE_OK | ACT_FREE, step(EV_DELETE));
	machine_init(&m, APP_ERRORED, 1);
	ATF_CHECK(step(EV_DELETE) & ACT_FREE);
}

ATF_TC_WITHOUT_HEAD(shutdown__stays_wanted);
ATF_TC_BODY(shutdown__stays_wanted, tc)
{
	to_online();
	ATF_CHECK_EQ(ACT_SIGNAL_MAIN | ACT_TIMER | ACT_REPORT,
	    step(EV_SHUTDOWN));
	step(EV_EXITED);
	ATF_CHECK_EQ(ACT_TIMER_OFF | ACT_SAVE | ACT_REPORT, step(EV_GONE));
	ATF_CHECK_EQ(APP_STOPPED, m.state);
	ATF_CHECK_EQ(1, m.wanted);

	to_online();
	step(EV_RESTART);
	ATF_CHECK_EQ(ACT_OVERTAKEN, step(EV_SHUTDOWN));
	step(EV_EXITED);
	ATF_CHECK_EQ(0, step(EV_GONE) & ACT_SPAWN);
	ATF_CHECK_EQ(1, m.wanted);

	to_online();
	step(EV_STOP);
	ATF_CHECK_EQ(0, step(EV_SHUTDOWN));
	step(EV_EXITED);
	ATF_CHECK(step(EV_GONE) & ACT_DONE_OK);
	ATF_CHECK_EQ(0, m.wanted);
}

/* ---- before the signal, before it is ready, other runs ---- */

static unsigned int
step_leave(enum machine_ev what)
{
	struct machine_event	 ev;

	memset(&ev, 0, sizeof(ev));
	ev.ev = what;
	ev.kill_timeout = 4000;
	ev.leave_ms = 9000;
	machine_step(&m, &ev, &res);
	return (res.actions);
}

static unsigned int
step_executed(uint64_t ready_ms)
{
	struct machine_event	 ev;

	memset(&ev, 0, sizeof(ev));
	ev.ev = EV_EXECED;
	ev.ready_ms = ready_ms;
	machine_step(&m, &ev, &res);
	return (res.actions);
}

ATF_TC_WITHOUT_HEAD(leave__then_the_signal);
ATF_TC_BODY(leave__then_the_signal, tc)
{
	to_online();
	ATF_CHECK_EQ(ACT_LEAVE | ACT_TIMER | ACT_REPORT,
	    step_leave(EV_RESTART));
	ATF_CHECK_EQ(9000, res.timer_ms);
	ATF_CHECK_EQ(APP_STOPPING, m.state);
	ATF_CHECK_EQ_MSG(0, step_leave(EV_RESTART), "not a second time");
	ATF_CHECK_EQ(ACT_SIGNAL_MAIN | ACT_TIMER, step(EV_LEFT));
	ATF_CHECK_EQ_MSG(4000, res.timer_ms, "kill_timeout begins now");
	ATF_CHECK_EQ(0, step(EV_LEFT));
	ATF_CHECK_EQ(ACT_KILL_ALL | ACT_TIMER, step(EV_DEADLINE));

	to_online();
	step_leave(EV_STOP);
	ATF_CHECK_EQ_MSG(ACT_SIGNAL_MAIN | ACT_TIMER, step(EV_DEADLINE),
	    "whoever leads it through has forgotten it");
	ATF_CHECK_EQ(4000, res.timer_ms);
}

ATF_TC_WITHOUT_HEAD(leave__exits_before_the_signal);
ATF_TC_BODY(leave__exits_before_the_signal, tc)
{
	to_online();
	step_leave(EV_RESTART);
	ATF_CHECK_EQ(ACT_SIGNAL_REST | ACT_TIMER, step(EV_EXITED));
	ATF_CHECK_EQ(4000, res.timer_ms);
	ATF_CHECK_EQ(0, step(EV_LEFT));
	ATF_CHECK(step(EV_GONE) & ACT_SPAWN);
}

ATF_TC_WITHOUT_HEAD(leave__no_kill_timeout);
ATF_TC_BODY(leave__no_kill_timeout, tc)
{
	struct machine_event	 ev;

	to_online();
	memset(&ev, 0, sizeof(ev));
	ev.ev = EV_RESTART;
	ev.leave_ms = 9000;
	machine_step(&m, &ev, &res);
	ATF_CHECK_EQ(ACT_KILL_ALL | ACT_TIMER | ACT_REPORT, res.actions);
}

ATF_TC_WITHOUT_HEAD(ready__awaited);
ATF_TC_BODY(ready__awaited, tc)
{
	machine_init(&m, APP_STOPPED, 0);
	step(EV_START);
	ATF_CHECK_EQ(ACT_TIMER, step_executed(8000));
	ATF_CHECK_EQ(8000, res.timer_ms);
	ATF_CHECK_EQ(APP_LAUNCHING, m.state);
	ATF_CHECK_EQ(ACT_TIMER_OFF | ACT_REPORT | ACT_DONE_OK,
	    step(EV_READY));
	ATF_CHECK_EQ(APP_ONLINE, m.state);
	ATF_CHECK_EQ(0, step(EV_READY));
}

ATF_TC_WITHOUT_HEAD(ready__said_before_the_exec_is_known);
ATF_TC_BODY(ready__said_before_the_exec_is_known, tc)
{
	machine_init(&m, APP_STOPPED, 0);
	step(EV_START);
	ATF_CHECK_EQ(0, step(EV_READY));
	ATF_CHECK_EQ(APP_LAUNCHING, m.state);
	ATF_CHECK(step_executed(8000) & ACT_DONE_OK);
	ATF_CHECK_EQ(APP_ONLINE, m.state);
}

ATF_TC_WITHOUT_HEAD(ready__not_in_time);
ATF_TC_BODY(ready__not_in_time, tc)
{
	machine_init(&m, APP_STOPPED, 0);
	step(EV_START);
	step_executed(8000);
	ATF_CHECK_EQ(ACT_KILL_ALL | ACT_TIMER, step(EV_DEADLINE));
	ATF_CHECK_EQ_MSG(0, step(EV_READY), "too late");
	step_exit(EV_EXITED, VERDICT_ERRORED, 0);
	ATF_CHECK(step(EV_GONE) & ACT_DONE_FAIL);
	ATF_CHECK_EQ(APP_ERRORED, m.state);

	machine_init(&m, APP_STOPPED, 1);
	step_unattended(EV_START);
	step_executed(8000);
	step(EV_DEADLINE);
	step_exit(EV_EXITED, VERDICT_DELAYED, 100);
	ATF_CHECK_EQ(APP_WAITING, m.state);
}

ATF_TC_WITHOUT_HEAD(break__kills_and_starts_again);
ATF_TC_BODY(break__kills_and_starts_again, tc)
{
	struct machine_event	 ev;

	to_online();
	ATF_CHECK_EQ(ACT_TIMER, step(EV_BREAK));
	ATF_CHECK_EQ(4000, res.timer_ms);
	ATF_CHECK_EQ(APP_ONLINE, m.state);
	ATF_CHECK_EQ_MSG(0, step(EV_BREAK), "that gives it no more time");
	ATF_CHECK_EQ(ACT_KILL_ALL | ACT_TIMER, step(EV_DEADLINE));
	step_exit(EV_EXITED, VERDICT_RESTART, 0);
	ATF_CHECK(step(EV_GONE) & ACT_SPAWN);
	ATF_CHECK_EQ_MSG(ACT_TIMER_OFF | ACT_REPORT, step(EV_EXECED),
	    "the next one is not doomed");

	memset(&ev, 0, sizeof(ev));
	ev.ev = EV_BREAK;
	machine_step(&m, &ev, &res);
	ATF_CHECK_EQ(ACT_KILL_ALL | ACT_TIMER, res.actions);
}

ATF_TC_WITHOUT_HEAD(beside__rest_waits_for_other_runs);
ATF_TC_BODY(beside__rest_waits_for_other_runs, tc)
{
	to_online();
	ATF_CHECK_EQ(0, step(EV_BESIDE));
	step(EV_STOP);
	step(EV_EXITED);
	ATF_CHECK_EQ(ACT_TIMER, step(EV_GONE));
	ATF_CHECK_EQ(APP_STOPPING, m.state);
	ATF_CHECK_EQ_MSG(ACT_TIMER, step(EV_DEADLINE), "nothing to kill");
	ATF_CHECK_EQ(ACT_TIMER_OFF | ACT_SAVE | ACT_REPORT | ACT_DONE_OK,
	    step(EV_ALONE));
	ATF_CHECK_EQ(APP_STOPPED, m.state);
}

ATF_TC_WITHOUT_HEAD(beside__start_does_not_wait);
ATF_TC_BODY(beside__start_does_not_wait, tc)
{
	to_online();
	step(EV_BESIDE);
	step_exit(EV_EXITED, VERDICT_RESTART, 0);
	ATF_CHECK(step(EV_GONE) & ACT_SPAWN);
	step(EV_EXECED);
	step(EV_STOP);
	step(EV_EXITED);
	step(EV_GONE);
	ATF_CHECK_EQ(APP_STOPPING, m.state);
	ATF_CHECK(step(EV_START) & ACT_SPAWN);
	ATF_CHECK_EQ(APP_LAUNCHING, m.state);
}

/* ---- every cell ---- */

ATF_TC_WITHOUT_HEAD(table__every_cell_filled);
ATF_TC_BODY(table__every_cell_filled, tc)
{
	/* U: impossible, by event and state in their order */
	static const char	 impossible[EV_NEVENTS][APP_NSTATES + 1] = {
		[EV_START] =		"......",
		[EV_STOP] =		"......",
		[EV_RESTART] =		"......",
		[EV_DELETE] =		"......",
		[EV_SHUTDOWN] =		"......",
		[EV_EXECED] =		"U.U.UU",
		[EV_EXEC_FAILED] =	"U.U.UU",
		[EV_EXITED] =		"U...UU",
		[EV_GONE] =		"......",
		[EV_READY] =		"......",
		[EV_BREAK] =		"......",
		[EV_LEFT] =		"......",
		[EV_BESIDE] =		"U...U.",
		[EV_ALONE] =		"U...U.",
		[EV_DEADLINE] =		"U.U.U.",
	};
	struct machine	 was;
	unsigned int	 ev, state;

	for (ev = 0; ev < EV_NEVENTS; ev++) {
		for (state = 0; state < APP_NSTATES; state++) {
			memset(&m, 0, sizeof(m));
			m.state = state;
			m.main_alive = state == APP_LAUNCHING ||
			    state == APP_ONLINE || state == APP_STOPPING;
			m.gone = state == APP_STOPPED || state == APP_ERRORED;
			m.wanted = 1;
			was = m;
			step(ev);
			ATF_CHECK_EQ_MSG(impossible[ev][state] == 'U',
			    (res.actions & ACT_IMPOSSIBLE) != 0, "%s in %s",
			    machine_evname(ev), app_statename(state));
			if (res.actions & ACT_IMPOSSIBLE) {
				ATF_CHECK_EQ(ACT_IMPOSSIBLE, res.actions);
				ATF_CHECK_EQ(0, memcmp(&was, &m, sizeof(m)));
			}
		}
		ATF_CHECK(strcmp(machine_evname(ev), "unknown") != 0);
	}
	was = m;
	ATF_CHECK_EQ(ACT_IMPOSSIBLE, step(EV_NEVENTS));
	ATF_CHECK_EQ(0, memcmp(&was, &m, sizeof(m)));
	ATF_CHECK_STREQ("unknown", machine_evname(EV_NEVENTS));
}

/* ---- all that can happen ---- */

enum process { NONE, UNEXECED, RUNNING };

/* A machine and the world around it. */
struct node {
	struct machine	 m;
	enum process	 main;
	int		 told_gone;	/* GONE, or EXITED with gone, said */
	int		 beside;	/* other runs are there */
	int		 doomed;	/* it was said that it is to end */
	int		 timer;
	int		 waiting;	/* a person waits... */
	enum machine_ev	 goal;		/* ...for this */
	int		 deleting;
	int		 wanted;
	int		 freed;
};

#define NODES_MAX	100000
#define NBUCKETS	65536		/* a power of 2 */

static struct node	 nodes[NODES_MAX];
static int		 chain[NODES_MAX];	/* next in the bucket, or -1 */
static int		 buckets[NBUCKETS];
static int		 nnodes;
static unsigned long	 nsteps;

static int
node_add(const struct node *n)
{
	const unsigned char	*p = (const unsigned char *)n;
	uint32_t		 h = 2166136261;
	size_t			 i;
	int			 k;

	for (i = 0; i < sizeof(*n); i++)
		h = (h ^ p[i]) * 16777619;
	h = (h ^ h >> 16) & (NBUCKETS - 1);
	for (k = buckets[h]; k != -1; k = chain[k]) {
		if (memcmp(&nodes[k], n, sizeof(*n)) == 0)
			return (k);
	}
	ATF_REQUIRE_MSG(nnodes < NODES_MAX, "more states than expected");
	nodes[nnodes] = *n;
	chain[nnodes] = buckets[h];
	buckets[h] = nnodes;
	return (nnodes++);
}

#define HOLDS(expr)							\
	ATF_REQUIRE_MSG(expr, "%s in %s (after %d) to %s: %#x: %s",	\
	    machine_evname(ev->ev), app_statename(was->m.state),	\
	    was->m.after, app_statename(n->m.state), r->actions, #expr)

static int
is_request(enum machine_ev ev)
{
	return (ev == EV_START || ev == EV_STOP || ev == EV_RESTART ||
	    ev == EV_DELETE);
}

/* What the event does to the world, before the machine hears of it. */
static void
world_event(struct node *n, const struct machine_event *ev)
{
	switch (ev->ev) {
	case EV_EXECED:
		n->main = RUNNING;
		break;
	case EV_EXEC_FAILED:
		n->main = NONE;
		n->told_gone = 1;
		break;
	case EV_EXITED:
		n->main = NONE;
		n->told_gone |= ev->gone;
		break;
	case EV_GONE:
		n->told_gone = 1;
		break;
	case EV_DEADLINE:
		n->timer = 0;
		break;
	case EV_BREAK:
		n->doomed = 1;
		break;
	case EV_BESIDE:
		n->beside = 1;
		break;
	case EV_ALONE:
		n->beside = 0;
		break;
	default:
		break;
	}
}

/* Does the machine's way with people hold? */
static void
check_people(const struct node *was, struct node *n,
    const struct machine_event *ev, const struct machine_result *r)
{
	enum machine_ev	 goal;
	int		 asked;

	asked = is_request(ev->ev) && !ev->unattended;
	if (r->actions & ACT_BUSY) {
		HOLDS(was->deleting);
		HOLDS(ev->ev == EV_START || ev->ev == EV_RESTART);
		HOLDS(r->actions == ACT_BUSY);
		HOLDS(memcmp(&was->m, &n->m, sizeof(n->m)) == 0);
		return;
	}
	if (r->actions & ACT_OVERTAKEN) {
		HOLDS(n->waiting);
		HOLDS(is_request(ev->ev) || ev->ev == EV_SHUTDOWN);
		n->waiting = 0;
	}
	goal = ev->ev == EV_RESTART ? EV_START : ev->ev;
	if (was->deleting && goal == EV_STOP)
		goal = EV_DELETE;	/* deleted is stopped, too */
	if (asked && n->waiting)
		HOLDS(goal == n->goal);
	else if (asked)
		n->goal = goal;
	n->waiting |= asked;
	HOLDS((r->actions & ACT_DONE) != ACT_DONE);
	if (r->actions & ACT_DONE) {
		HOLDS(n->waiting);
		n->waiting = 0;
	}
	HOLDS(n->m.request == n->waiting);
	if (!TRANSITIONAL(n->m.state))
		HOLDS(!n->waiting);
	if (r->actions & ACT_DONE_OK) {
		HOLDS(n->m.state ==
		    (n->goal == EV_START ? APP_ONLINE : APP_STOPPED));
		HOLDS((n->goal == EV_DELETE) ==
		    ((r->actions & ACT_FREE) != 0));
	}
	if (!n->waiting)
		n->goal = 0;
}

static void
check_wanted(const struct node *was, struct node *n,
    const struct machine_event *ev, const struct machine_result *r)
{
	if (!(r->actions & ACT_BUSY)) {
		if (ev->ev == EV_START || ev->ev == EV_RESTART)
			n->wanted = 1;
		if (ev->ev == EV_STOP || ev->ev == EV_DELETE)
			n->wanted = 0;
	}
	/* it ended by itself, and that was right */
	if ((ev->ev == EV_EXITED || ev->ev == EV_EXEC_FAILED) &&
	    ev->verdict == VERDICT_STOPPED && !was->waiting &&
	    (was->m.state == APP_ONLINE || was->m.state == APP_LAUNCHING))
		n->wanted = 0;
	HOLDS(n->m.wanted == n->wanted);
	if (n->m.state == APP_ONLINE || n->m.state == APP_LAUNCHING ||
	    n->m.state == APP_WAITING)
		HOLDS(n->wanted);
	if (was->m.wanted != n->m.wanted)
		HOLDS(r->actions & ACT_SAVE);
}

static void
check_processes(const struct node *was, struct node *n,
    const struct machine_event *ev, const struct machine_result *r)
{
	if (r->actions & (ACT_SIGNAL_MAIN | ACT_LEAVE)) {
		HOLDS(n->main != NONE);
		HOLDS(n->m.state == APP_STOPPING);
		HOLDS((r->actions & ACT_TIMER) != 0);
		HOLDS((r->actions & ACT_LEAVE) == 0 || ev->leave_ms != 0);
	}
	if (n->m.leaving)
		HOLDS(n->main != NONE && n->m.state == APP_STOPPING);
	if (r->actions & ACT_SIGNAL_REST)
		HOLDS(n->main == NONE && !n->told_gone);
	if (r->actions & ACT_KILL_ALL)
		HOLDS(n->main != NONE || !n->told_gone);
	if (r->actions & ACT_SPAWN) {
		HOLDS(n->main == NONE && n->told_gone);
		HOLDS(!was->deleting);
		HOLDS(r->actions & ACT_SAVE);
		n->main = UNEXECED;
		n->told_gone = 0;
	}
	HOLDS(n->m.main_alive == (n->main != NONE));
	HOLDS(n->m.gone == n->told_gone);
	if (n->m.state == APP_STOPPED || n->m.state == APP_ERRORED)
		HOLDS(n->main == NONE && n->told_gone && !n->beside);
	HOLDS(n->m.beside == n->beside);
	if (n->m.state == APP_LAUNCHING || n->m.state == APP_ONLINE)
		HOLDS(n->main != NONE);
	if (n->m.state == APP_WAITING)
		HOLDS(n->main == NONE);
	if (n->m.state == APP_ONLINE)
		HOLDS(n->main == RUNNING);
}

static void
check_step(const struct node *was, struct node *n,
    const struct machine_event *ev, const struct machine_result *r)
{
	HOLDS(!(r->actions & ACT_IMPOSSIBLE));
	check_people(was, n, ev, r);
	check_wanted(was, n, ev, r);
	check_processes(was, n, ev, r);

	HOLDS((r->actions & (ACT_TIMER | ACT_TIMER_OFF)) !=
	    (ACT_TIMER | ACT_TIMER_OFF));
	if (r->actions & ACT_TIMER) {
		HOLDS(r->timer_ms > 0);
		n->timer = 1;
	}
	if (r->actions & ACT_TIMER_OFF) {
		HOLDS(n->timer);
		n->timer = 0;
	}
	if (n->m.state != APP_LAUNCHING && n->m.state != APP_ONLINE)
		n->doomed = 0;
	if (r->actions & ACT_SPAWN)
		n->doomed = 0;
	if (n->doomed && was->doomed)
		HOLDS(was->m.state == n->m.state);
	HOLDS(n->timer == (TRANSITIONAL(n->m.state) || n->doomed));
	HOLDS(n->timer == n->m.timer);

	if (ev->ev == EV_DELETE)
		n->deleting = 1;
	if (n->deleting)
		HOLDS((r->actions & ACT_FREE) || n->m.state == APP_STOPPING);
	else
		HOLDS(!(r->actions & ACT_FREE));
	if (was->m.state != n->m.state)
		HOLDS(r->actions & ACT_REPORT);
	if (was->m.state != n->m.state &&
	    (n->m.state == APP_STOPPED || n->m.state == APP_ERRORED))
		HOLDS(r->actions & ACT_SAVE);
	if (r->actions & ACT_FREE)
		HOLDS(r->actions & ACT_SAVE);
	n->freed = (r->actions & ACT_FREE) != 0;
}

/* One event on a node: the node that follows. */
static int
apply(int from, const struct machine_event *ev)
{
	struct machine_result	 r;
	struct node		 n, was;

	was = n = nodes[from];
	world_event(&n, ev);
	machine_step(&n.m, ev, &r);
	check_step(&was, &n, ev, &r);
	nsteps++;
	return (node_add(&n));
}

static void
expand_requests(int k)
{
	static const uint64_t	 timeouts[] = { 0, 4000 };
	struct machine_event	 ev;
	unsigned int		 t;

	memset(&ev, 0, sizeof(ev));
	for (ev.ev = EV_START; ev.ev <= EV_SHUTDOWN; ev.ev++) {
		for (t = 0; t < 4; t++) {
			ev.kill_timeout = timeouts[t % 2];
			ev.leave_ms = timeouts[t / 2];
			for (ev.unattended = 0; ev.unattended < 2;
			    ev.unattended++)
				apply(k, &ev);
		}
	}
}

static void
expand_exits(int k, enum machine_ev what)
{
	static const struct {
		enum exit_verdict	 verdict;
		uint64_t		 delay;
	} how[] = {
		{ VERDICT_RESTART, 0 }, { VERDICT_DELAYED, 1000 },
		{ VERDICT_DELAYED, 2000 }, { VERDICT_DELAYED, 5000 },
		{ VERDICT_STOPPED, 0 }, { VERDICT_ERRORED, 0 }
	};
	struct machine_event	 ev;
	size_t			 i;

	memset(&ev, 0, sizeof(ev));
	ev.ev = what;
	for (i = 0; i < sizeof(how) / sizeof(how[0]); i++) {
		ev.verdict = how[i].verdict;
		ev.delay_ms = how[i].delay;
		ev.gone = 0;
		apply(k, &ev);
		ev.gone = 1;
		apply(k, &ev);
	}
}

/* What is said of one that has a process, and the other runs of its app. */
static void
expand_words(int k)
{
	struct machine_event	 ev;

	memset(&ev, 0, sizeof(ev));
	ev.ev = EV_READY;
	apply(k, &ev);
	ev.ev = EV_LEFT;
	apply(k, &ev);
	if (nodes[k].m.state == APP_LAUNCHING ||
	    nodes[k].m.state == APP_ONLINE) {
		ev.ev = EV_BREAK;
		apply(k, &ev);
		ev.kill_timeout = 4000;
		apply(k, &ev);
	}
}

static void
expand_others(int k)
{
	struct machine_event	 ev;

	memset(&ev, 0, sizeof(ev));
	ev.ev = nodes[k].beside ? EV_ALONE : EV_BESIDE;
	if (nodes[k].m.state != APP_STOPPED &&
	    nodes[k].m.state != APP_ERRORED)
		apply(k, &ev);
}

/* Everything that can happen next. */
static void
expand(int k)
{
	struct machine_event	 ev;
	struct node		 n = nodes[k];

	expand_requests(k);
	expand_others(k);
	memset(&ev, 0, sizeof(ev));
	if (n.main == UNEXECED && !n.told_gone) {
		ev.ev = EV_EXECED;
		apply(k, &ev);
		ev.ready_ms = 8000;
		apply(k, &ev);
		expand_exits(k, EV_EXEC_FAILED);
	}
	memset(&ev, 0, sizeof(ev));
	if (n.main != NONE) {
		expand_exits(k, EV_EXITED);
		expand_words(k);
	}
	if (!n.told_gone) {
		ev.ev = EV_GONE;
		apply(k, &ev);
	}
	if (n.timer) {
		ev.ev = EV_DEADLINE;
		apply(k, &ev);
	}
}

/*
 * From any node, with no more requests and processes that die when killed, it
 * comes to rest or starts anew; a delete ends.
 */
static void
check_ends(int k)
{
	struct machine_event	 ev;
	int			 i, saw_kill = 0, start = k;

	for (i = 0; i < 20; i++) {
		if (nodes[k].freed || !TRANSITIONAL(nodes[k].m.state))
			break;
		if (i > 0 && nodes[k].m.state == APP_LAUNCHING &&
		    nodes[k].main == UNEXECED && !nodes[k].told_gone &&
		    nodes[k].m.kills == 0)
			break;
		memset(&ev, 0, sizeof(ev));
		if (saw_kill && nodes[k].main != NONE)
			ev.ev = EV_EXITED;
		else if (saw_kill && !nodes[k].told_gone)
			ev.ev = EV_GONE;
		else if (nodes[k].beside)
			ev.ev = EV_ALONE;
		else
			ev.ev = EV_DEADLINE;
		saw_kill |= ev.ev == EV_DEADLINE && !nodes[k].m.leaving;
		k = apply(k, &ev);
	}
	ATF_REQUIRE_MSG(i < 20, "stuck in %s, from %s",
	    app_statename(nodes[k].m.state),
	    app_statename(nodes[start].m.state));
	if (nodes[start].deleting)
		ATF_REQUIRE(nodes[k].freed);
}

ATF_TC_WITHOUT_HEAD(search__all_reachable_states);
ATF_TC_BODY(search__all_reachable_states, tc)
{
	int		 found[APP_NSTATES] = { 0 };
	struct node	 n;
	int		 i, wanted;

	memset(buckets, 0xff, sizeof(buckets));
	for (wanted = 0; wanted < 2; wanted++) {
		memset(&n, 0, sizeof(n));
		machine_init(&n.m, APP_STOPPED, wanted);
		n.told_gone = 1;
		n.wanted = wanted;
		node_add(&n);
		machine_init(&n.m, APP_ERRORED, wanted);
		node_add(&n);
	}
	for (i = 0; i < nnodes; i++) {
		found[nodes[i].m.state]++;
		if (!nodes[i].freed)
			expand(i);
	}
	printf("%d states, %lu steps\n", nnodes, nsteps);
	for (i = 0; i < APP_NSTATES; i++)
		ATF_CHECK(found[i] > 0);
	for (i = 0; i < nnodes; i++)
		check_ends(i);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, start__until_online);
	ATF_TP_ADD_TC(tp, start__exec_fails);
	ATF_TP_ADD_TC(tp, start__at_boot_exec_fails);
	ATF_TP_ADD_TC(tp, start__never_executed);
	ATF_TP_ADD_TC(tp, crash__restarted_when_gone);
	ATF_TP_ADD_TC(tp, crash__restarted_at_once);
	ATF_TP_ADD_TC(tp, crash__delay_and_leftovers);
	ATF_TP_ADD_TC(tp, crash__finished_or_errored);
	ATF_TP_ADD_TC(tp, stop__in_time);
	ATF_TP_ADD_TC(tp, stop__signal_ignored);
	ATF_TP_ADD_TC(tp, stop__no_kill_timeout);
	ATF_TP_ADD_TC(tp, stop__gone_seen_first);
	ATF_TP_ADD_TC(tp, stop__while_it_waits);
	ATF_TP_ADD_TC(tp, stop__errored);
	ATF_TP_ADD_TC(tp, stop__while_launching);
	ATF_TP_ADD_TC(tp, restart__online);
	ATF_TP_ADD_TC(tp, restart__not_running);
	ATF_TP_ADD_TC(tp, restart__during_stop);
	ATF_TP_ADD_TC(tp, delete__running);
	ATF_TP_ADD_TC(tp, delete__at_rest);
	ATF_TP_ADD_TC(tp, shutdown__stays_wanted);
	ATF_TP_ADD_TC(tp, leave__then_the_signal);
	ATF_TP_ADD_TC(tp, leave__exits_before_the_signal);
	ATF_TP_ADD_TC(tp, leave__no_kill_timeout);
	ATF_TP_ADD_TC(tp, ready__awaited);
	ATF_TP_ADD_TC(tp, ready__said_before_the_exec_is_known);
	ATF_TP_ADD_TC(tp, ready__not_in_time);
	ATF_TP_ADD_TC(tp, break__kills_and_starts_again);
	ATF_TP_ADD_TC(tp, beside__rest_waits_for_other_runs);
	ATF_TP_ADD_TC(tp, beside__start_does_not_wait);
	ATF_TP_ADD_TC(tp, table__every_cell_filled);
	ATF_TP_ADD_TC(tp, search__all_reachable_states);
	return (atf_no_error());
}

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
 * The life of a run as a table of (event, state).  Pure: events come in,
 * actions for the caller come out; processes, timers and files are his.  The
 * main run's is what people see of the app; of those beside it (reload) what
 * is reported, saved and answered is of no meaning.
 */
#ifndef PM2D_MACHINE_H
#define PM2D_MACHINE_H

#include <stdint.h>

#include "msg.h"

#define MACHINE_EXEC_MS		30000	/* deadline for exec */
#define MACHINE_REKILL_MS	2000	/* SIGKILL again */
#define MACHINE_KILLS		5	/* so often, then say so */

enum machine_ev {
	/* requests */
	EV_START,
	EV_STOP,
	EV_RESTART,
	EV_DELETE,
	EV_SHUTDOWN,		/* the daemon goes: stop, but stay wanted */
	/* what happened to the processes of the current generation */
	EV_EXECED,		/* the program is executed */
	EV_EXEC_FAILED,		/* it never was, and its process is reaped (or
				   was never made): instead of EXITED, GONE */
	EV_EXITED,		/* the main process is reaped */
	EV_GONE,		/* nothing of the run is left */
	EV_READY,		/* it says so: matters with ready_ms */
	EV_BREAK,		/* it cannot go on: it is to end, and then
				   what its exit asks for */
	EV_LEFT,		/* what ACT_LEAVE began is through */
	/* the other runs of the app, which must be gone, too, at rest */
	EV_BESIDE,		/* there is one */
	EV_ALONE,		/* there is none any more */
	/* the timer */
	EV_DEADLINE,
	EV_NEVENTS
};
const char	*machine_evname(enum machine_ev);

/* An event. Zero it and set what the event needs. */
struct machine_event {
	enum machine_ev	 ev;
	/* requests: nobody waits for the outcome (start at boot) */
	int		 unattended;
	/* STOP, RESTART, DELETE, SHUTDOWN, BREAK; 0: kill at once */
	uint64_t	 kill_timeout;
	/* STOP, RESTART, DELETE, SHUTDOWN: not 0: something comes before the
	   signal, and takes so long at most */
	uint64_t	 leave_ms;
	/* EXECED: not 0: it is online when it says that it is ready, and it
	   has so long */
	uint64_t	 ready_ms;
	/* EXITED, EXEC_FAILED: as restart_decide() has it */
	enum exit_verdict verdict;
	uint64_t	 delay_ms;
	/* ...and with VERDICT_STOPPED: it stays wanted (a job) */
	int		 stay;
	/* EXITED: nothing else is left either, no GONE will follow */
	int		 gone;
};

enum machine_after {		/* what follows when all is gone */
	AFTER_STOPPED,
	AFTER_START,
	AFTER_DELETE,
	AFTER_ERRORED
};

/* Read it freely; only machine_init() and machine_step() write it. */
struct machine {
	enum app_state	 state;
	enum machine_after after;	/* in STOPPING */
	int		 wanted;	/* should run; errored ones too */
	int		 main_alive;	/* spawned and not reaped */
	int		 gone;		/* nothing of the run is left */
	int		 beside;	/* but of others of the app */
	int		 executed;	/* in LAUNCHING: it is to get ready */
	int		 ready;		/* in LAUNCHING: it said so before */
	int		 doomed;	/* in LAUNCHING, ONLINE: by BREAK */
	int		 leaving;	/* in STOPPING: not signalled yet */
	uint64_t	 kill_timeout;	/* ...and what it gets then */
	int		 request;	/* a person waits for the outcome */
	int		 timer;		/* is armed */
	int		 kills;		/* SIGKILLs sent, up to MACHINE_KILLS */
	uint64_t	 wait;		/* in WAITING: ms left, with armed */
	uint64_t	 armed;		/* in WAITING: ms of the timer */
};

/*
 * Actions, to be done in this order.  Events that they give rise to (a spawn
 * that fails at once) are delivered when all are done, not from within.
 * ACT_SPAWN may be done later (pace.h): a stop in the meantime asks for
 * ACT_SIGNAL_MAIN or ACT_KILL_ALL; forget the spawn then and deliver
 * EV_EXEC_FAILED.
 */
#define ACT_IMPOSSIBLE	0x0001	/* such an event cannot be: log it */
#define ACT_OVERTAKEN	0x0002	/* requests from before this event failed:
				   another one came in between */
#define ACT_BUSY	0x0004	/* this request is refused: being deleted */
#define ACT_SIGNAL_MAIN	0x0008	/* kill_signal to the main process */
#define ACT_SIGNAL_REST	0x0010	/* kill_signal to what it left */
#define ACT_KILL_ALL	0x0020	/* SIGKILL to everything of the app */
#define ACT_TIMER_OFF	0x0040
#define ACT_TIMER	0x0080	/* EV_DEADLINE after timer_ms, not before */
#define ACT_SPAWN	0x0100	/* a new generation */
#define ACT_SAVE	0x0200	/* to the state file, before any answer */
#define ACT_REPORT	0x0400	/* the state has changed */
#define ACT_DONE_OK	0x0800	/* requests (this one, too) are done... */
#define ACT_DONE_FAIL	0x1000	/* ...or have failed: not started, or cannot
				   be killed (kills == MACHINE_KILLS) */
#define ACT_FREE	0x2000	/* deleted: forget the app */
#define ACT_LEAVE	0x4000	/* what comes before the signal, and then
				   EV_LEFT; may come from within, so it is
				   done when the timer is armed */

struct machine_result {
	unsigned int	 actions;
	uint64_t	 timer_ms;
};

/* An app at rest: APP_STOPPED or APP_ERRORED (from the state file), wanted. */
void	 machine_init(struct machine *, enum app_state, int);
void	 machine_step(struct machine *, const struct machine_event *,
	    struct machine_result *);

#endif /* PM2D_MACHINE_H */

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
 * The rooms of supervise.c among themselves: the life of runs.
 *
 * To feed a run's machine may free the run (one beside the main one that came
 * to rest), and with it the app (deleted): it is the last thing to be done.
 */
#ifndef PM2D_LIFE_H
#define PM2D_LIFE_H

#include "parent.h"

#define NOROOM_MS	1000	/* no process to be had: try again after */

/* supervise.c */
void	 life_step(struct run *, struct machine_event *);
void	 life_event(struct run *, enum machine_ev);
/* What a person may ask for, or (unattended) nobody waits for. */
void	 life_request(struct app *, enum machine_ev, int);
void	 life_sigmain(struct run *, int);	/* with a word in the log */
/* supervise_request(), without any waiting for others. */
void	 supervise_dorequest(struct app *, enum machine_ev, struct request *);
/* Its timer now ends so late; nothing if it ends later than that. */
void	 life_extend(struct run *, uint64_t);
void	 life_timer(struct event *, uint64_t);	/* arm it, ms */
/* It may start, as far as others are concerned. */
void	 life_queue(struct run *);
/* Queue its start, and take it out of the queue: 1 if it was in it. */
int	 life_unqueue(struct run *);
/* The tree of a run is empty: for tree_watch(). */
void	 life_empty(struct tree *, void *);

/* ended.c: its main process */
void	 ended_watch(struct run *);
void	 ended_unwatch(struct run *);
/* Where there is no pidfd: did one of them end? */
void	 ended_look(struct pm2d *);
/* "exited with 1 after 20ms" */
void	 ended_words(const struct ctl_exit *, char *, size_t);
void	 ended_duration(uint64_t, char *, size_t);

/* runlife.c: what a run says of itself */
void	 runlife_init(struct run *);
void	 runlife_begin(struct run *);	/* a new process is to be made */
void	 runlife_executed(struct run *);
void	 runlife_online(struct run *);
void	 runlife_end(struct run *);	/* it has no process any more */
/* Its timer is over while it is LAUNCHING: 1 if it counts as ready. */
int	 runlife_late(struct run *);

/* runleave.c: what comes before the signal */
void	 runleave_init(struct run *);
/* Fill leave_ms, for an event that ends the run. */
void	 runleave_plan(struct run *, enum leave_plan, struct machine_event *);
void	 runleave_begin(struct run *);	/* ACT_LEAVE */
void	 runleave_said(struct run *, enum leave_event);
/* No more courtesies: the signal. */
void	 runleave_hurry(struct run *);
void	 runleave_end(struct run *);
enum leave_plan runleave_why(const struct app *, enum machine_ev);

/* successor.c: a run that is to take the place of another */
/* A main or a succeeding run is online now. */
void	 successor_online(struct run *);
/* Is it ready, as far as it is a successor?  Tells the machine. */
void	 successor_look(struct run *);
/* The same at its deadline: 1 if it is. */
int	 successor_late(struct run *);
/* The main run ended by itself: 1 if another has its place now. */
int	 successor_takes(struct run *);
/* This run has ended, or could not be started. */
void	 successor_exit(struct run *, const struct ctl_exit *);
/* One beside the main run came to rest: it is freed. */
void	 successor_rest(struct run *);
/* What was to be told before is told. */
void	 successor_drained(struct app *);
/* Somebody wants something else of the app. */
void	 successor_overtaken(struct app *, enum machine_ev);
/* Before an app is freed. */
void	 successor_forget(struct app *);

#endif /* PM2D_LIFE_H */

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
 * What pm2d does about an app of its own accord, because its spec asks for
 * it: by the clock, by memory, by changed files, by health checks; and what
 * an app waits for before it starts.  Each is a room of its own; supervise.c
 * tells all of them what happens to apps, through attend.c.
 */
#ifndef PM2D_ATTEND_H
#define PM2D_ATTEND_H

#include "parent.h"

/*
 * attend.c.  Something about an app is another than before: it is known (at
 * START, and when the list is read), has another spec, its main run is another
 * one or in another state.  Each room looks for itself.
 */
void	 attend_update(struct app *);
/* It is about to be freed. */
void	 attend_free(struct app *);
/* What is to be seen of it: tick_ms, memory, health, watch, trouble. */
void	 attend_info(const struct app *, struct ctl_appinfo *);
/* enum app_health, as the room for that has it */
uint32_t attend_health(const struct app *);
/* For trouble: the first one that says something is heard. */
void	 attend_trouble(struct ctl_appinfo *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));
/* Once, before the list is read; and when no app is left. */
void	 attend_init(struct pm2d *);
void	 attend_exit(struct pm2d *);

/*
 * renew.c: run it anew for this reason (EXIT_CRON...), without anybody
 * waiting: a reload where the app can, else a restart; nothing when it is not
 * online or a reload of it is under way.  The words go to the log.
 */
/* 1: it is under way; 0: nothing is done. */
int	 renew(struct app *, enum exit_reason, const char *);
/* The same without a successor: it is not fit to serve until there is one. */
int	 renew_restart(struct app *, enum exit_reason, const char *);

/* schedule.c: cron_restart and schedule */
void	 schedule_init(struct pm2d *);
void	 schedule_exit(struct pm2d *);
void	 schedule_update(struct app *);
void	 schedule_free(struct app *);
void	 schedule_info(const struct app *, struct ctl_appinfo *);

/* memlimit.c: max_memory_restart, over all of the app's processes */
void	 memlimit_init(struct pm2d *);
void	 memlimit_exit(struct pm2d *);
void	 memlimit_update(struct app *);
void	 memlimit_free(struct app *);
void	 memlimit_info(const struct app *, struct ctl_appinfo *);

/* watch.c: changed files; agents do the looking */
void	 watch_update(struct app *);
void	 watch_free(struct app *);
void	 watch_info(const struct app *, struct ctl_appinfo *);

/* health.c: health checks; agents do the asking */
void	 health_update(struct app *);
void	 health_free(struct app *);
void	 health_info(const struct app *, struct ctl_appinfo *);

/*
 * depend.c.  May it start now?  0: yes; 1: it is held.  Then it is queued when
 * what it depends on is as far (depend_note()), or fails with STAGE_DEPENDS:
 * ENOENT no such app, ECANCELED failed or stopped, ETIMEDOUT too long.
 */
int	 depend_hold(struct run *);
/* 1: it was held, and is not any more. */
int	 depend_forget(struct run *);
/* What it waits for, or waited for in vain. */
void	 depend_why(const struct app *, char *, size_t);
/* This app came online, got ready, stopped, failed, is new or gone. */
void	 depend_note(struct app *);
void	 depend_info(const struct app *, struct ctl_appinfo *);
/* Stop in order: 1 when an app that depends on this one is still there. */
int	 depend_needed(const struct app *);
/*
 * To be stopped by this event (request: NULL, our own)?  1: that waits until
 * those that depend on it and are being stopped, too, are; 0: do it now.
 */
int	 depend_delay(struct app *, enum machine_ev, struct request *);
/* Do now what waits: another request follows.  -1: the app is gone. */
int	 depend_flush(struct app *);
/*
 * Would an app of this owner with this spec depend on itself in the end?  1:
 * yes, and the buffer has how; 0: no; -1: ENOMEM.
 */
int	 depend_circle(struct pm2d *, uid_t, const struct spec *, char *,
	    size_t);
void	 depend_update(struct app *);
void	 depend_free(struct app *);
void	 depend_init(struct pm2d *);
void	 depend_exit(struct pm2d *);

#endif /* PM2D_ATTEND_H */

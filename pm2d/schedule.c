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
#include <sys/timerfd.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attend.h"
#include "life.h"
#include "log.h"
#include "sys.h"
#include "tick.h"

/*
 * cron_restart, and jobs, which run by their schedule.  One timer for all;
 * another one, which never rings, is cancelled by the kernel when the clock is
 * set.  Where that is not to be had a clock that was set is seen within
 * LOOK_MS.
 */

#define LOOK_MS		30000
#define LATE		60	/* seconds: worth a word */

struct schedule {
	TAILQ_ENTRY(schedule) entry;
	struct app	*app;
	struct cron	 cron;
	struct tick	 tick;
	int		 job;
	int		 armed;		/* the app is wanted */
	int		 due;
	uint64_t	 skipped;	/* for it was still running */
	char		 pattern[256];
};

static TAILQ_HEAD(, schedule) schedules = TAILQ_HEAD_INITIALIZER(schedules);
static struct event	 timer;
static struct event	 clockev;
static int		 clockfd = -1;
static struct pm2d	*env;

static const char *pattern_of(const struct app *);
static struct schedule *make(struct app *, const char *);
static void	 look(int, short, void *);
static int	 look_all(time_t);
static void	 arm(void);
static void	 come(struct schedule *);
static void	 run_job(struct schedule *);
static void	 clock_begin(void);
static void	 clock_arm(void);
static void	 clock_set(int, short, void *);

/* ---- which there are ---- */

static const char *
pattern_of(const struct app *app)
{
	const struct spec	*spec = &app->spec->spec;

	return (appspec_job(app->spec) ? spec->str[SPEC_SCHEDULE] :
	    spec->str[SPEC_CRON]);
}

static struct schedule *
make(struct app *app, const char *pattern)
{
	struct schedule	*s;
	char		 why[256];

	if ((s = calloc(1, sizeof(*s))) == NULL) {
		log_warn("%s (%u): by the clock", app->name, app->id);
		return (NULL);
	}
	if (cron_parse(&s->cron, pattern, why, sizeof(why)) == -1 ||
	    strlcpy(s->pattern, pattern, sizeof(s->pattern)) >=
	    sizeof(s->pattern)) {
		log_warnx("%s (%u): '%s': %s", app->name, app->id, pattern,
		    why);
		free(s);
		return (NULL);
	}
	s->app = app;
	app->schedule = s;
	TAILQ_INSERT_TAIL(&schedules, s, entry);
	return (s);
}

void
schedule_update(struct app *app)
{
	struct schedule	*s = app->schedule;
	const char	*pattern = pattern_of(app);
	int		 wanted = app->run->m.wanted && !app->freeing;

	if (s != NULL && (pattern == NULL || strcmp(pattern, s->pattern) != 0 ||
	    s->job != appspec_job(app->spec))) {
		schedule_free(app);
		s = NULL;
	}
	if (pattern == NULL)
		return;
	if (s == NULL && (s = make(app, pattern)) == NULL)
		return;
	s->job = appspec_job(app->spec);
	if (wanted && !s->armed) {
		if (clockfd == -1)
			clock_begin();
		tick_begin(&s->tick, &s->cron, (time_t)(walltime_ms() / 1000));
		life_timer(&timer, 0);
	}
	s->armed = wanted;
}

void
schedule_free(struct app *app)
{
	struct schedule	*s = app->schedule;

	if (s == NULL)
		return;
	TAILQ_REMOVE(&schedules, s, entry);
	app->schedule = NULL;
	free(s);
}

void
schedule_info(const struct app *app, struct ctl_appinfo *info)
{
	const struct schedule	*s = app->schedule;

	if (s == NULL || !s->armed || s->tick.next == -1)
		return;
	info->fix.tick_ms = (uint64_t)s->tick.next * 1000;
	if (s->job && s->skipped > 0)
		attend_trouble(info, "still ran when its time came, %llu "
		    "time%s", (unsigned long long)s->skipped,
		    s->skipped == 1 ? "" : "s");
}

/* ---- their times ---- */

static void
run_job(struct schedule *s)
{
	struct app	*app = s->app;
	enum app_state	 state = app->run->m.state;

	if (state != APP_STOPPED && state != APP_ERRORED) {
		s->skipped++;
		/* The 1st, 2nd, 4th...: it may be so every second. */
		if ((s->skipped & (s->skipped - 1)) == 0)
			log_warnx("%s (%u): still %s when its time came "
			    "(%s): left out, %llu so far", app->name, app->id,
			    app_statename(state), s->pattern,
			    (unsigned long long)s->skipped);
		return;
	}
	log_info("%s (%u): its time has come (%s)", app->name, app->id,
	    s->pattern);
	life_request(app, EV_START, 1);
}

static void
come(struct schedule *s)
{
	char	 words[300];

	s->due = 0;
	if (!s->armed || env->going || s->app->freeing)
		return;
	if (s->job) {
		run_job(s);
		return;
	}
	(void)snprintf(words, sizeof(words), "cron_restart %s", s->pattern);
	renew(s->app, EXIT_CRON, words);
}

/* How many are due? */
static int
look_all(time_t now)
{
	struct schedule	*s;
	time_t		 was;
	int		 n = 0;

	TAILQ_FOREACH(s, &schedules, entry) {
		if (!s->armed)
			continue;
		was = s->tick.next;
		if (!tick_look(&s->tick, &s->cron, now))
			continue;
		if (now - was > LATE)
			log_info("%s (%u): its time was %lld s ago",
			    s->app->name, s->app->id, (long long)(now - was));
		s->due = 1;
		n++;
	}
	return (n);
}

static void
look(int fd, short event, void *arg)
{
	struct schedule	*s, *next;

	(void)fd;
	(void)event;
	(void)arg;
	if (look_all((time_t)(walltime_ms() / 1000)) > 0)
		TAILQ_FOREACH_SAFE(s, &schedules, entry, next)
			if (s->due)
				come(s);
	arm();
}

static void
arm(void)
{
	struct schedule	*s;
	uint64_t	 now = walltime_ms(), ms = LOOK_MS, next;
	int		 armed = 0;

	TAILQ_FOREACH(s, &schedules, entry) {
		if (!s->armed || s->tick.next == -1)
			continue;
		armed = 1;
		next = (uint64_t)s->tick.next * 1000;
		/* One more: timers may be early by that. */
		if (next <= now)
			ms = 0;
		else if (next - now + 1 < ms)
			ms = next - now + 1;
	}
	if (armed)
		life_timer(&timer, ms);
	else
		event_del(&timer);
}

/* ---- the clock was set ---- */

static void
clock_begin(void)
{
	clockfd = sys_timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC |
	    TFD_NONBLOCK);
	if (clockfd == -1) {
		log_debug("timerfd_create: %s", strerror(errno));
		return;
	}
	event_assign(&clockev, env->base, clockfd, EV_READ | EV_PERSIST,
	    clock_set, NULL);
	event_add(&clockev, NULL);
	clock_arm();
}

/* For a time that never comes. */
static void
clock_arm(void)
{
	struct itimerspec	 its;

	memset(&its, 0, sizeof(its));
	its.it_value.tv_sec = INT32_MAX;
	while (its.it_value.tv_sec < (time_t)(walltime_ms() / 1000))
		its.it_value.tv_sec += INT32_MAX;
	if (sys_timerfd_settime(clockfd, TFD_TIMER_ABSTIME |
	    TFD_TIMER_CANCEL_ON_SET, &its, NULL) == -1)
		log_warn("timerfd_settime");
}

static void
clock_set(int fd, short event, void *arg)
{
	uint64_t	 n;

	(void)event;
	if (sys_read(fd, &n, sizeof(n)) == -1 && errno != ECANCELED)
		return;
	log_debug("the clock was set");
	clock_arm();
	look(-1, EV_TIMEOUT, arg);
}

/* ---- from the beginning to the end ---- */

void
schedule_init(struct pm2d *pm2d)
{
	env = pm2d;
	evtimer_assign(&timer, env->base, look, NULL);
}

void
schedule_exit(struct pm2d *pm2d)
{
	(void)pm2d;
	event_del(&timer);
	if (clockfd == -1)
		return;
	event_del(&clockev);
	close(clockfd);
	clockfd = -1;
}

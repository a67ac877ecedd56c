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

#include "agent.h"
#include "attend.h"
#include "instpaths.h"
#include "life.h"
#include "log.h"
#include "places.h"

/*
 * Apps that are run anew when files change.  A process of the app's user
 * looks (pm2d-watch); here it is decided what to make of it.  Instances that
 * were started together have one watch.
 */

#define PATHS_MAX	64
#define PATTERNS_MAX	1024
#define MESSAGE_MAX	(512 * 1024)
#define QUICK_MS	2000	/* changed so soon after the start... */
#define QUICK_MAX	3	/* ...so often in a row: it does so itself */
#define AGAIN_MS	500	/* it was not to be renewed just now */

struct watch {
	TAILQ_ENTRY(watch) entry;
	struct pm2d	*env;
	uint32_t	 refs;		/* apps: they have the same first, owner */
	uint32_t	 first;
	uid_t		 owner;
	struct event	 turn;
	struct agent	*agent;		/* NULL: nothing is watched */
	struct appspec	*spec;		/* that the agent was told */
	uint32_t	 serial;
	enum app_watch	 state;
	uint32_t	 ndirs;
	uint32_t	 quick;		/* changes soon after a start, in a row */
	uint64_t	 broken;	/* created_ms then: a restart arms it */
	uint64_t	 asked;		/* created_ms when it was all looked at */
	int		 pending;	/* some could not be renewed yet... */
	monotime_t	 changed;	/* ...for what changed then */
	char		 words[160];
	char		 text[240];	/* BROKEN: why */
};

static void	 watch_begun(struct agent *);
static int	 watch_message(struct agent *, struct imsg *);
static void	 watch_turn(int, short, void *);

static const struct agent_kind	 watcher = {
	"watcher", "watch", PATH_WATCH, NULL, NULL, MESSAGE_MAX + 16,
	IMSG_WATCH_READY, watch_begun, watch_message
};

static TAILQ_HEAD(, watch)	 watches = TAILQ_HEAD_INITIALIZER(watches);
static uint32_t			 last_serial;

/* ---- whom it is for ---- */

static int
asks(const struct app *app)
{
	return (app->spec->spec.count[SPEC_WATCH] > 0);
}

static int
at_work(const struct app *app)
{
	enum app_state	 state = app->run->m.state;

	return (asks(app) && !app->freeing && app->ids != NULL &&
	    app->run->m.wanted && state != APP_STOPPED &&
	    state != APP_ERRORED && !app->env->going);
}

static struct app *
first_at_work(const struct watch *w)
{
	struct app	*app;

	for (app = team_first(w->env, w->first, w->owner); app != NULL;
	    app = team_next(app))
		if (at_work(app))
			return (app);
	return (NULL);
}

/* Another number after somebody has said start or restart. */
static uint64_t
asked_for(const struct watch *w)
{
	struct app	*app;
	uint64_t	 ms = 0;

	for (app = team_first(w->env, w->first, w->owner); app != NULL;
	    app = team_next(app))
		if (app->created_ms > ms)
			ms = app->created_ms;
	return (ms);
}

static struct watch *
find(const struct app *app)
{
	struct app	*other;

	for (other = team_first(app->env, app->first, app->owner);
	    other != NULL; other = team_next(other))
		if (other->watch != NULL)
			return (other->watch);
	return (NULL);
}

static struct watch *
watch_new(struct app *app)
{
	struct watch	*w;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		return (NULL);
	w->env = app->env;
	w->first = app->first;
	w->owner = app->owner;
	w->state = WATCH_OFF;
	evtimer_assign(&w->turn, app->env->base, watch_turn, w);
	TAILQ_INSERT_TAIL(&watches, w, entry);
	return (w);
}

/* ---- telling the watcher ---- */

static void
set_ref(const struct watch *w, struct watch_ref *ref)
{
	ref->app = w->first;
	ref->serial = w->serial;
}

static void
leave(struct watch *w)
{
	struct watch_ref	 ref;

	if (w->agent == NULL)
		return;
	set_ref(w, &ref);
	(void)agent_compose(w->agent, IMSG_WATCH_DEL, &ref, sizeof(ref));
	agent_put(w->agent);
	w->agent = NULL;
	appspec_unref(w->spec);
	w->spec = NULL;
	w->pending = 0;
}

static void
broken(struct watch *w, const char *text)
{
	struct app	*app = first_at_work(w);

	leave(w);
	w->state = WATCH_BROKEN;
	w->broken = asked_for(w);
	strlcpy(w->text, text, sizeof(w->text));
	log_warnx("%s (%u): not watched: %s", app == NULL ? "app" : app->name,
	    w->first, w->text);
}

/* A path as a pattern that is this path and no other. */
static int
escape(const char *path, char *buf, size_t len)
{
	size_t	 n = 0;

	for (; *path != '\0'; path++) {
		if (n + 3 > len)
			return (-1);
		if (strchr("*?[]\\", *path) != NULL)
			buf[n++] = '\\';
		buf[n++] = *path;
	}
	buf[n] = '\0';
	return (0);
}

struct patterns {
	struct ibuf	*buf;
	uint32_t	 n;
	int		 error;
};

static void
add(struct patterns *p, const char *s)
{
	if (p->error || p->n == PATTERNS_MAX) {
		p->error = 1;
		return;
	}
	p->n++;
	if (wire_add_str(p->buf, s) == -1)
		p->error = 1;
}

/* What we and pm2logd write for it, or for others. */
static void
add_own(struct patterns *p, const struct app *app)
{
	const struct appfiles	*files = app->files;
	static const enum place	 places[] = { PLACE_LOGS, PLACE_PIDS };
	const char		*path;
	char			 abs[PATH_MAX], buf[2 * PATH_MAX + 4];
	size_t			 i;

	for (i = 0; i < LOG_KINDS + 1; i++) {
		path = files == NULL ? NULL : i == LOG_KINDS ?
		    files->pidfile : files->logs[i] == NULL ? NULL :
		    files->logs[i]->path;
		/* What has no directory is in one of ours, below. */
		if (path == NULL || *path != '/' ||
		    escape(path, buf, sizeof(buf) - 3) == -1)
			continue;
		add(p, buf);
		/* rotated */
		strlcat(buf, ".*", sizeof(buf));
		add(p, buf);
	}
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (places_dir(app->env, places[i], abs, sizeof(abs)) == 0 &&
		    escape(abs, buf, sizeof(buf)) == 0)
			add(p, buf);
}

/* "gen/out.js" is below the watched directory, or below the app's. */
static void
add_below(struct patterns *p, const struct app *app, const char *pattern)
{
	const char	*cwd = app->spec->spec.str[SPEC_CWD];
	char		 buf[2 * PATH_MAX + 1100];

	if (*pattern == '/' || strchr(pattern, '/') == NULL || cwd == NULL ||
	    escape(cwd, buf, 2 * PATH_MAX) == -1)
		return;
	if (strncmp(pattern, "./", 2) == 0)
		pattern += 2;
	strlcat(buf, "/", sizeof(buf));
	if (strlcat(buf, pattern, sizeof(buf)) < sizeof(buf))
		add(p, buf);
}

static struct ibuf *
compose_add(const struct watch *w, const struct app *app)
{
	const struct spec	*spec = &app->spec->spec;
	struct patterns		 p = { NULL, 0, 0 };
	struct watch_add	 msg;
	const char		*s;
	struct app		*other;
	size_t			 pos = 0;

	memset(&msg, 0, sizeof(msg));
	set_ref(w, &msg.ref);
	msg.delay_ms = (uint32_t)spec->num[SPEC_WATCH_DELAY];
	msg.npaths = spec->count[SPEC_WATCH];
	if ((p.buf = ibuf_dynamic(sizeof(msg), MESSAGE_MAX)) == NULL)
		return (NULL);
	if (ibuf_add(p.buf, &msg, sizeof(msg)) == -1)
		p.error = 1;
	while ((s = spec_next(spec, SPEC_WATCH, &pos)) != NULL)
		add(&p, s);
	p.n = 0;
	pos = 0;
	while ((s = spec_next(spec, SPEC_IGNORE_WATCH, &pos)) != NULL) {
		add(&p, s);
		add_below(&p, app, s);
	}
	for (other = team_first(w->env, w->first, w->owner); other != NULL;
	    other = team_next(other))
		if (p.n < PATTERNS_MAX - 8)
			add_own(&p, other);
	msg.nignore = p.n;
	if (p.error || ibuf_set(p.buf, 0, &msg, sizeof(msg)) == -1) {
		ibuf_free(p.buf);
		errno = E2BIG;
		return (NULL);
	}
	return (p.buf);
}

static void
tell(struct watch *w)
{
	struct app	*app;
	struct ibuf	*buf;

	if ((app = first_at_work(w)) == NULL || !agent_live(w->agent))
		return;
	if (app->spec->spec.count[SPEC_WATCH] > PATHS_MAX) {
		broken(w, "at most 64 paths can be watched");
		return;
	}
	if ((buf = compose_add(w, app)) == NULL) {
		broken(w, errno == E2BIG ? "too many patterns in ignore_watch" :
		    strerror(errno));
		return;
	}
	(void)agent_send(w->agent, IMSG_WATCH_ADD, buf);
}

/* A new one: all that it is to watch. */
static void
watch_begun(struct agent *agent)
{
	struct watch	*w, *next;

	TAILQ_FOREACH_SAFE(w, &watches, entry, next)
		if (w->agent == agent)
			tell(w);
}

static void
begin(struct watch *w, struct app *app)
{
	struct agent	*agent;
	int		 error;

	agent = agent_get(w->env, &watcher, &app->ids->ids);
	error = errno;
	/* Only now, so that its process stays if it is the same. */
	leave(w);
	if ((w->agent = agent) == NULL) {
		broken(w, strerror(error));
		return;
	}
	w->serial = ++last_serial;
	w->spec = appspec_ref(app->spec);
	w->state = WATCH_ON;
	w->ndirs = 0;
	w->quick = 0;
	w->asked = asked_for(w);
	tell(w);
}

/* Somebody restarts it: a directory may be another one by now. */
static void
look_again(struct watch *w)
{
	struct watch_ref	 ref;

	w->asked = asked_for(w);
	w->quick = 0;
	set_ref(w, &ref);
	(void)agent_compose(w->agent, IMSG_WATCH_AGAIN, &ref, sizeof(ref));
}

/* ---- what changed ---- */

/* Those that run what was there before the change. */
static void
renew_all(struct watch *w)
{
	struct app	*app, *next;
	enum app_state	 state;

	w->pending = 0;
	app = team_first(w->env, w->first, w->owner);
	for (; app != NULL; app = next) {
		next = team_next(app);
		state = app->run->m.state;
		if (!at_work(app) || app->run->started.ms > w->changed.ms ||
		    (state != APP_LAUNCHING && state != APP_ONLINE))
			continue;
		/* A reload may be under way: then later. */
		if (!renew(app, EXIT_CHANGED, w->words))
			w->pending = 1;
	}
	w->asked = asked_for(w);
	if (w->pending)
		life_timer(&w->turn, AGAIN_MS);
}

/* How long ago the youngest of them was started; a successor counts, too. */
static uint64_t
running_for(const struct watch *w)
{
	monotime_t	 now = monotime_now();
	struct app	*app;
	struct run	*run;
	uint64_t	 ms, least = UINT64_MAX;

	for (app = team_first(w->env, w->first, w->owner); app != NULL;
	    app = team_next(app))
		TAILQ_FOREACH(run, &app->runs, entry) {
			ms = monotime_since(now, run->started);
			if (run->pid != 0 && ms < least)
				least = ms;
		}
	return (least);
}

/* What is in it comes from people's file names, and goes to the log. */
static void
set_words(struct watch *w, const struct watch_changed *msg)
{
	if (msg->count > 1)
		(void)snprintf(w->words, sizeof(w->words),
		    "changed: %.110s and %u more", msg->path, msg->count - 1);
	else
		(void)snprintf(w->words, sizeof(w->words), "changed: %.140s",
		    msg->path);
}

static void
changed(struct watch *w, const struct watch_changed *msg)
{
	char	 text[240];

	w->changed = monotime_now();
	set_words(w, msg);
	if (running_for(w) > QUICK_MS +
	    w->spec->spec.num[SPEC_WATCH_DELAY])
		w->quick = 0;
	else if (++w->quick > QUICK_MAX) {
		(void)snprintf(text, sizeof(text), "%u times in a row %.80s "
		    "soon after a start: it seems to write there itself "
		    "(put it into ignore_watch, then restart it)",
		    w->quick, w->words);
		broken(w, text);
		return;
	}
	renew_all(w);
}

/* ---- what the watcher says ---- */

/* NULL: of one that is watched no more, which it may not know yet. */
static struct watch *
by_ref(const struct agent *agent, const struct watch_ref *ref)
{
	struct watch	*w;

	TAILQ_FOREACH(w, &watches, entry)
		if (w->serial == ref->serial && w->agent == agent &&
		    w->first == ref->app)
			return (w);
	return (NULL);
}

static int
printable(const char *s, size_t size)
{
	size_t	 i;

	for (i = 0; i < size && s[i] != '\0'; i++)
		if ((unsigned char)s[i] < ' ' || s[i] == 0x7f)
			return (0);
	return (i < size);
}

static int
got_on(struct agent *agent, struct imsg *imsg)
{
	struct watch_on	 msg;
	struct watch	*w;

	if (imsg_get_data(imsg, &msg, sizeof(msg)) == -1)
		return (-1);
	if ((w = by_ref(agent, &msg.ref)) != NULL)
		w->ndirs = msg.ndirs;
	return (0);
}

static int
got_failed(struct agent *agent, struct imsg *imsg)
{
	struct watch_failed	 msg;
	struct watch		*w;

	if (imsg_get_data(imsg, &msg, sizeof(msg)) == -1 ||
	    !printable(msg.text, sizeof(msg.text)))
		return (-1);
	if ((w = by_ref(agent, &msg.ref)) != NULL)
		broken(w, msg.text);
	return (0);
}

static int
got_changed(struct agent *agent, struct imsg *imsg)
{
	struct watch_changed	 msg;
	struct watch		*w;

	if (imsg_get_data(imsg, &msg, sizeof(msg)) == -1 ||
	    !printable(msg.path, sizeof(msg.path)) || msg.count == 0)
		return (-1);
	if ((w = by_ref(agent, &msg.ref)) != NULL)
		changed(w, &msg);
	return (0);
}

static int
watch_message(struct agent *agent, struct imsg *imsg)
{
	switch (imsg_get_type(imsg)) {
	case IMSG_WATCH_ON:
		return (got_on(agent, imsg));
	case IMSG_WATCH_FAILED:
		return (got_failed(agent, imsg));
	case IMSG_WATCH_CHANGED:
		return (got_changed(agent, imsg));
	default:
		return (-1);
	}
}

/* ---- the room ---- */

static void
watch_turn(int fd, short event, void *arg)
{
	struct watch	*w = arg;
	struct app	*app = first_at_work(w);

	(void)fd;
	(void)event;
	if (app == NULL) {
		leave(w);
		w->state = WATCH_OFF;
		w->quick = 0;
		return;
	}
	if (w->state == WATCH_BROKEN && w->broken == asked_for(w))
		return;
	if (w->agent == NULL || w->spec != app->spec)
		begin(w, app);
	else if (w->asked != asked_for(w))
		look_again(w);
	else if (w->pending)
		renew_all(w);
}

void
watch_update(struct app *app)
{
	struct watch	*w;

	if (app->watch == NULL) {
		if (!asks(app) || app->freeing || app->team == NULL)
			return;
		if ((w = find(app)) == NULL && (w = watch_new(app)) == NULL) {
			log_warn("%s (%u): watch", app->name, app->id);
			return;
		}
		w->refs++;
		app->watch = w;
	}
	/* Not from within what tells us. */
	life_timer(&app->watch->turn, 0);
}

void
watch_free(struct app *app)
{
	struct watch	*w = app->watch;

	app->watch = NULL;
	if (w == NULL)
		return;
	if (--w->refs > 0) {
		life_timer(&w->turn, 0);
		return;
	}
	leave(w);
	event_del(&w->turn);
	TAILQ_REMOVE(&watches, w, entry);
	free(w);
}

void
watch_info(const struct app *app, struct ctl_appinfo *info)
{
	const struct watch	*w = app->watch;

	if (!asks(app)) {
		info->fix.watch = WATCH_NONE;
		return;
	}
	info->fix.watch = w == NULL || (w->state == WATCH_ON &&
	    !at_work(app)) ? WATCH_OFF : w->state;
	if (w != NULL && w->state == WATCH_BROKEN)
		attend_trouble(info, "not watched: %s", w->text);
}

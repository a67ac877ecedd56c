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
 * pm2ctl why: why is this app in the state that it is in?
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "logs_follow.h"
#include "output_cmd.h"
#include "output_json.h"
#include "table.h"
#include "units.h"

#define STDERR_LINES	32

struct lines {
	struct outbuf	*ob;
	json_t		*array;		/* or into this */
	int		 colour;
};

static const char *const reasons[] = {
	[EXIT_BY_ITSELF] =	"exited",
	[EXIT_STOPPED] =	"stopped",
	[EXIT_KILLED] =		"killed",
	[EXIT_START_FAILED] =	"start failed",
	[EXIT_DAEMON] =		"daemon",
	[EXIT_REPLACED] =	"replaced",
	[EXIT_NOT_READY] =	"not ready",
	[EXIT_PROTOCOL] =	"protocol",
	[EXIT_WATCHDOG] =	"watchdog",
	[EXIT_CRON] =		"cron",
	[EXIT_MEMORY] =		"memory",
	[EXIT_CHANGED] =	"changed",
	[EXIT_UNHEALTHY] =	"unhealthy",
};
/* What is said behind the exit code or signal. */
static const char *const addenda[] = {
	[EXIT_BY_ITSELF] =	"",
	[EXIT_STOPPED] =	", as asked",
	[EXIT_KILLED] =		", did not stop in time when asked",
	[EXIT_START_FAILED] =	"",
	[EXIT_DAEMON] =		", with pm2d",
	[EXIT_REPLACED] =	", replaced by a reload",
	[EXIT_NOT_READY] =	", was not ready in time",
	[EXIT_PROTOCOL] =	", broke the protocol of its channel",
	[EXIT_WATCHDOG] =	", did not say WATCHDOG=1 in time",
	[EXIT_CRON] =		", by its cron_restart",
	[EXIT_MEMORY] =		", used more than max_memory_restart",
	[EXIT_CHANGED] =	", files that are watched changed",
	[EXIT_UNHEALTHY] =	", its health check failed",
};
static const char *const verdicts[] = {
	[VERDICT_RESTART] =	"restart",
	[VERDICT_DELAYED] =	"delayed",
	[VERDICT_STOPPED] =	"stopped",
	[VERDICT_ERRORED] =	"errored",
	[VERDICT_REFUSED] =	"refused",
	[VERDICT_REPLACED] =	"replaced",
};
#define NAMEOF(names, n)						\
	((n) < sizeof(names) / sizeof((names)[0]) ? (names)[n] : "unknown")

static void	 put_duration(struct outbuf *, uint64_t);
static int	 is_stop_code(const struct spec *, int32_t);
static int	 exit_cmp(const void *, const void *);
static struct ctl_exit *sorted_exits(const struct app_view *);
static void	 state_online(struct outbuf *, const struct app_view *,
		    const struct ctl_exit *);
static void	 state_stopped(struct outbuf *, const struct app_view *,
		    const struct ctl_exit *);
static void	 state_errored(struct outbuf *, const struct app_view *,
		    const struct ctl_exit *);
static void	 state_waiting(struct outbuf *, const struct app_view *,
		    const struct ctl_exit *);
static void	 state_stopping(struct outbuf *, const struct app_view *,
		    const struct ctl_exit *);
static void	 state_launching(struct outbuf *, const struct app_view *,
		    const struct ctl_exit *);
static void	 add_line(const char *, size_t, void *);
static int	 why_app(struct ctl *, const struct app_view *,
		    struct outbuf *);
static json_t	*exit_json(const struct ctl_exit *);
static int	 why_json(struct ctl *, const struct app_view *,
		    struct outbuf *);

/* ---- sentences ---- */

static void
put_duration(struct outbuf *ob, uint64_t ms)
{
	char	 buf[64];

	output_duration(buf, sizeof(buf), ms);
	ob_str(ob, buf);
}

void
why_exit(struct outbuf *ob, const struct ctl_exit *ex)
{
	if (ex->reason == EXIT_START_FAILED) {
		ob_fmt(ob, "could not be started: %s: %s",
		    stage_name(ex->stage),
		    stage_strerror(ex->stage, ex->error));
		return;
	}
	if (ex->signal != 0)
		ob_fmt(ob, "ended by %s%s", units_signame(ex->signal),
		    ex->core ? " (core dumped)" : "");
	else
		ob_fmt(ob, "exit code %d", ex->code);
	ob_str(ob, NAMEOF(addenda, ex->reason));
}

void
why_verdict(struct outbuf *ob, const struct ctl_exit *ex)
{
	switch (ex->verdict) {
	case VERDICT_RESTART:
		ob_str(ob, "started again at once");
		break;
	case VERDICT_DELAYED:
		ob_str(ob, "started again after ");
		put_duration(ob, ex->delay_ms);
		break;
	case VERDICT_STOPPED:
		ob_str(ob, "left stopped");
		break;
	case VERDICT_ERRORED:
		ob_str(ob, "given up");
		break;
	case VERDICT_REFUSED:
		ob_str(ob, "not let in by the reload");
		break;
	case VERDICT_REPLACED:
		ob_str(ob, "its successor was there");
		break;
	default:
		ob_str(ob, "unknown");
		break;
	}
}

static int
exit_cmp(const void *a, const void *b)
{
	const struct ctl_exit	*x = a, *y = b;

	if (x->when_ms != y->when_ms)
		return (x->when_ms > y->when_ms ? -1 : 1);
	if (x->generation != y->generation)
		return (x->generation > y->generation ? -1 : 1);
	return (0);
}

/* A copy, the latest first. */
static struct ctl_exit *
sorted_exits(const struct app_view *app)
{
	struct ctl_exit	*exits;

	exits = calloc((size_t)app->nexits + 1, sizeof(*exits));
	if (exits == NULL)
		err(1, NULL);
	if (app->nexits != 0)
		memcpy(exits, app->exits, app->nexits * sizeof(*exits));
	qsort(exits, app->nexits, sizeof(*exits), exit_cmp);
	return (exits);
}

const struct ctl_exit *
why_lastexit(const struct app_view *app)
{
	const struct ctl_exit	*last;
	uint32_t		 i;

	for (i = 0, last = NULL; i < app->nexits; i++) {
		/* It says nothing of how the app came to rest. */
		if (app->info.fix.state != APP_ONLINE &&
		    (app->exits[i].verdict == VERDICT_REFUSED ||
		    app->exits[i].verdict == VERDICT_REPLACED))
			continue;
		if (last == NULL || exit_cmp(&app->exits[i], last) < 0)
			last = &app->exits[i];
	}
	return (last);
}

void
why_exits(struct outbuf *ob, const struct app_view *app)
{
	struct ctl_exit	*exits;
	uint32_t	 i;
	char		 when[64];

	exits = sorted_exits(app);
	for (i = 0; i < app->nexits; i++) {
		output_localtime(when, sizeof(when), exits[i].when_ms);
		ob_fmt(ob, "  %s  ", when);
		why_exit(ob, &exits[i]);
		if (exits[i].reason != EXIT_START_FAILED) {
			ob_str(ob, " after ");
			put_duration(ob, exits[i].ran_ms);
		}
		if (exits[i].reason != EXIT_REPLACED) {
			ob_str(ob, ": ");
			why_verdict(ob, &exits[i]);
		}
		ob_char(ob, '\n');
	}
	free(exits);
}

static int
is_stop_code(const struct spec *spec, int32_t code)
{
	const char	*entry;
	size_t		 pos;

	pos = 0;
	while ((entry = spec_next(spec, SPEC_STOP_EXIT_CODE, &pos)) != NULL) {
		if (strtonum(entry, 0, 255, NULL) == code &&
		    (code != 0 || strcmp(entry, "0") == 0))
			return (1);
	}
	return (0);
}

static void
state_online(struct outbuf *ob, const struct app_view *app,
    const struct ctl_exit *last)
{
	char	 when[64];

	output_localtime(when, sizeof(when), app->info.fix.started_ms);
	ob_fmt(ob, "process %u runs since %s (", app->info.fix.pid, when);
	put_duration(ob, app->info.fix.uptime_ms);
	ob_fmt(ob, "), restarted %u time%s", app->info.fix.restarts,
	    app->info.fix.restarts == 1 ? "" : "s");
	if (last != NULL) {
		ob_str(ob, "; last end: ");
		why_exit(ob, last);
	}
}

/* "it is run by its schedule, next at 2026-..." */
static void
put_job(struct outbuf *ob, const struct app_view *app,
    const struct ctl_exit *last)
{
	char	 when[64];

	if (app->info.fix.tick_ms != 0) {
		output_localtime(when, sizeof(when), app->info.fix.tick_ms);
		ob_fmt(ob, "it is run by its schedule, next at %s", when);
	} else if (app->info.fix.wanted)
		ob_str(ob, "it is run by its schedule, which has no next "
		    "time");
	else
		ob_str(ob, "its schedule is not followed until it is started "
		    "again");
	if (last != NULL) {
		ob_str(ob, "; last end: ");
		why_exit(ob, last);
	}
}

static void
state_stopped(struct outbuf *ob, const struct app_view *app,
    const struct ctl_exit *last)
{
	if (app->info.fix.tick_ms != 0 || (app->spec != NULL &&
	    app->spec->count[SPEC_SCHEDULE] > 0)) {
		put_job(ob, app, last);
		return;
	}
	if (last == NULL) {
		ob_str(ob, "it has not run since pm2d was started");
		return;
	}
	/* Not the end of its last run, but somebody later did this. */
	if (last->verdict != VERDICT_STOPPED && (last->reason ==
	    EXIT_BY_ITSELF || last->reason == EXIT_START_FAILED)) {
		ob_str(ob, "it was asked to stop when it did not run; last "
		    "end: ");
		why_exit(ob, last);
		return;
	}
	if (last->reason == EXIT_STOPPED)
		ob_str(ob, "it was asked to stop, and did: ");
	else if (last->reason == EXIT_KILLED)
		ob_str(ob, "it was asked to stop, and had to be killed: ");
	else if (last->reason == EXIT_DAEMON)
		ob_str(ob, "it ended together with pm2d: ");
	else if (last->reason == EXIT_NOT_READY ||
	    last->reason == EXIT_PROTOCOL || last->reason == EXIT_WATCHDOG)
		ob_str(ob, "it had to be ended: ");
	else
		ob_str(ob, "it ended by itself: ");
	why_exit(ob, last);
	if (last->reason != EXIT_BY_ITSELF || app->spec == NULL)
		return;
	if (app->spec->num[SPEC_AUTORESTART] == 0)
		ob_str(ob, "; it is not restarted because autorestart is off");
	else if (last->signal == 0 && is_stop_code(app->spec, last->code))
		ob_str(ob, "; after that exit code it stays stopped "
		    "(stop_exit_codes)");
}

static void
state_errored(struct outbuf *ob, const struct app_view *app,
    const struct ctl_exit *last)
{
	if (last == NULL) {
		ob_str(ob, "it failed before pm2d was started last");
		return;
	}
	if (last->reason == EXIT_START_FAILED) {
		ob_str(ob, "it ");
		why_exit(ob, last);
		return;
	}
	if (last->reason == EXIT_NOT_READY) {
		ob_str(ob, "it did not get ready: ");
		why_exit(ob, last);
		return;
	}
	ob_str(ob, "it ended too often too soon after its start");
	if (app->spec != NULL) {
		ob_fmt(ob, " (%llu times after less than ",
		    (unsigned long long)app->spec->num[SPEC_MAX_RESTARTS]);
		put_duration(ob, app->spec->num[SPEC_MIN_UPTIME]);
		ob_char(ob, ')');
	}
	ob_str(ob, ", at last: ");
	why_exit(ob, last);
}

static void
state_waiting(struct outbuf *ob, const struct app_view *app,
    const struct ctl_exit *last)
{
	ob_str(ob, "it is started again in ");
	put_duration(ob, app->info.fix.next_ms);
	if (last != NULL) {
		ob_str(ob, "; last end: ");
		why_exit(ob, last);
	}
}

static void
state_stopping(struct outbuf *ob, const struct app_view *app,
    const struct ctl_exit *last)
{
	(void)last;
	ob_fmt(ob, "process %u was asked to stop", app->info.fix.pid);
	if (app->spec == NULL)
		return;
	ob_fmt(ob, " with %s; SIGKILL follows after ",
	    units_signame((int)app->spec->num[SPEC_KILL_SIGNAL]));
	put_duration(ob, app->spec->num[SPEC_KILL_TIMEOUT]);
}

static void
state_launching(struct outbuf *ob, const struct app_view *app,
    const struct ctl_exit *last)
{
	if (app->info.fix.held) {
		ob_str(ob, "it ");
		ob_vis(ob, app->info.trouble);
		return;
	}
	ob_str(ob, "it is being started");
	if (app->info.fix.pid != 0 && app->spec != NULL &&
	    app->spec->num[SPEC_WAIT_READY]) {
		ob_fmt(ob, ": process %u has still to say that it is ready, "
		    "and has ", app->info.fix.pid);
		put_duration(ob, app->spec->num[SPEC_LISTEN_TIMEOUT]);
		ob_str(ob, " for that");
	}
	if (last != NULL) {
		ob_str(ob, "; last end: ");
		why_exit(ob, last);
	}
}

void
why_state(struct outbuf *ob, const struct app_view *app)
{
	static void	(*const states[APP_NSTATES])(struct outbuf *,
			    const struct app_view *,
			    const struct ctl_exit *) = {
		[APP_STOPPED] =		state_stopped,
		[APP_LAUNCHING] =	state_launching,
		[APP_ONLINE] =		state_online,
		[APP_STOPPING] =	state_stopping,
		[APP_ERRORED] =		state_errored,
		[APP_WAITING] =		state_waiting,
	};

	if (app->info.fix.state < APP_NSTATES)
		states[app->info.fix.state](ob, app, why_lastexit(app));
	if (app->info.status[0] != '\0' && app->info.fix.pid != 0) {
		ob_str(ob, "; it says: ");
		ob_vis(ob, app->info.status);
	}
	if (app->info.trouble[0] != '\0' && !app->info.fix.held) {
		ob_str(ob, "; trouble: ");
		ob_vis(ob, app->info.trouble);
	}
}

/* ---- the command ---- */

static void
add_line(const char *s, size_t len, void *arg)
{
	struct lines	*lines = arg;
	struct outbuf	 ob = { 0 };

	if (lines->array == NULL) {
		logs_put_line(lines->ob, lines->colour, s, len);
		return;
	}
	ob_add(&ob, s, len);
	if (json_array_append_new(lines->array, json_text(ob_text(&ob))) ==
	    -1)
		errx(1, "out of memory");
	ob_free(&ob);
}

static int
why_app(struct ctl *ctl, const struct app_view *app, struct outbuf *ob)
{
	struct output_style	 style;
	struct lines		 lines = { 0 };
	size_t			 len;

	output_style(&style, stdout);
	if (ob->len != 0)
		ob_char(ob, '\n');
	ob_sgr(ob, &style, "1");
	ob_vis(ob, app->info.name);
	ob_sgr(ob, &style, "0");
	ob_fmt(ob, " (id %u) is ", app->info.fix.id);
	ob_sgr(ob, &style, table_statesgr(app->info.fix.state));
	ob_str(ob, app_statename(app->info.fix.state));
	ob_sgr(ob, &style, "0");
	ob_str(ob, ": ");
	why_state(ob, app);
	ob_str(ob, ".\n");
	if (app->nexits != 0) {
		ob_str(ob, "Last exits:\n");
		why_exits(ob, app);
	}
	len = ob->len;
	ob_fmt(ob, "Last lines of its stderr (all: %s logs --err %u):\n",
	    getprogname(), app->info.fix.id);
	lines.ob = ob;
	lines.colour = style.colour;
	if (logs_tail(&ctl->client, app->info.fix.id, CTL_LOGS_ERR |
	    CTL_LOGS_RUN, STDERR_LINES, add_line, &lines) <= 0)
		ob->len = len;		/* there are none: no heading */
	return (0);
}

static json_t *
exit_json(const struct ctl_exit *ex)
{
	json_t	*object;
	char	 when[64];

	if ((object = json_object()) == NULL)
		return (NULL);
	output_isotime(when, sizeof(when), ex->when_ms);
	json_put(object, "at", json_text(when));
	json_put(object, "pid", json_integer(ex->pid));
	json_put(object, "ran_ms", json_integer((json_int_t)ex->ran_ms));
	json_put(object, "code", ex->signal != 0 ||
	    ex->reason == EXIT_START_FAILED ? json_null() :
	    json_integer(ex->code));
	json_put(object, "signal", ex->signal == 0 ? json_null() :
	    json_text(units_signame(ex->signal)));
	json_put(object, "core", json_boolean(ex->core != 0));
	json_put(object, "reason", json_text(NAMEOF(reasons, ex->reason)));
	if (ex->reason == EXIT_START_FAILED) {
		json_put(object, "stage", json_text(stage_name(ex->stage)));
		json_put(object, "error", json_text(strerror(ex->error)));
	}
	json_put(object, "verdict", json_text(NAMEOF(verdicts, ex->verdict)));
	json_put(object, "delay_ms", json_integer((json_int_t)ex->delay_ms));
	return (object);
}

static int
why_json(struct ctl *ctl, const struct app_view *app, struct outbuf *ob)
{
	struct outbuf	 why = { 0 };
	struct lines	 lines = { 0 };
	struct ctl_exit	*exits;
	json_t		*object, *list;
	uint32_t	 i;

	if ((object = json_object()) == NULL ||
	    (list = json_array()) == NULL ||
	    (lines.array = json_array()) == NULL)
		errx(1, "out of memory");
	exits = sorted_exits(app);
	for (i = 0; i < app->nexits; i++) {
		if (json_array_append_new(list, exit_json(&exits[i])) == -1)
			errx(1, "out of memory");
	}
	free(exits);
	why_state(&why, app);
	(void)logs_tail(&ctl->client, app->info.fix.id, CTL_LOGS_ERR |
	    CTL_LOGS_RUN, STDERR_LINES, add_line, &lines);
	json_put(object, "name", json_text(app->info.name));
	json_put(object, "pm_id", json_integer(app->info.fix.id));
	json_put(object, "status",
	    json_text(app_statename(app->info.fix.state)));
	json_put(object, "why", json_text(ob_text(&why)));
	json_put(object, "exits", list);
	json_put(object, "stderr", lines.array);
	if (ob->len > 1)
		ob_char(ob, ',');
	ob_jsonvalue(ob, object);
	json_decref(object);
	ob_free(&why);
	return (0);
}

int
cmd_why(struct ctl *ctl, int argc, char **argv)
{
	struct outbuf	 ob = { 0 };
	int		 json, rc;

	json = ctl->opt->json;
	if (json)
		ob_char(&ob, '[');
	rc = output_each(ctl, argc, argv, CTL_LIST_SPEC | CTL_LIST_EXITS,
	    json ? why_json : why_app, &ob);
	if (json)
		ob_str(&ob, "]\n");
	return (output_finish(&ob, stdout) | rc);
}

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

#include <string.h>

#include "attend.h"
#include "life.h"
#include "log.h"

/*
 * To run an app anew, of our own accord: because of the clock, of memory, of
 * a file or of a health check.
 */

static int	 can_renew(const struct app *);
static void	 renewed(void *, struct app *, enum ctl_code, const char *);

/* It is up, it is to stay so, and nothing else happens to it. */
static int
can_renew(const struct app *app)
{
	const struct run	*run = app->run;

	return (!app->env->going && !app->freeing && run->m.wanted &&
	    run->m.state == APP_ONLINE && !run->m.doomed &&
	    TAILQ_EMPTY(&app->reloads) && TAILQ_FIRST(&app->runs) == run &&
	    TAILQ_NEXT(run, entry) == NULL);
}

/* If it was not, the old run goes on, and ends for another reason one day. */
static void
renewed(void *arg, struct app *app, enum ctl_code code, const char *why)
{
	(void)arg;
	if (code == CTL_OK)
		return;
	app->run->renewed = EXIT_BY_ITSELF;
	log_warnx("%s (%u): not reloaded: %s", app->name, app->id, why);
}

int
renew(struct app *app, enum exit_reason reason, const char *words)
{
	if (!can_renew(app)) {
		log_debug("%s (%u): not run anew: %s", app->name, app->id,
		    words);
		return (0);
	}
	app->run->renewed = reason;
	if (supervise_reload(app, 0, renewed, app) == 0) {
		log_info("%s (%u): %s; reloading", app->name, app->id, words);
		return (1);
	}
	log_info("%s (%u): %s; restarting", app->name, app->id, words);
	app->restart.restarts++;
	life_request(app, EV_RESTART, 1);
	return (1);
}

int
renew_restart(struct app *app, enum exit_reason reason, const char *words)
{
	if (!can_renew(app)) {
		log_debug("%s (%u): not restarted: %s", app->name, app->id,
		    words);
		return (0);
	}
	app->run->renewed = reason;
	log_info("%s (%u): %s; restarting", app->name, app->id, words);
	app->restart.restarts++;
	life_request(app, EV_RESTART, 1);
	return (1);
}

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
 * What happens to apps, in words.
 */
#include <sys/types.h>

#include <string.h>

#include "output.h"
#include "pm2ctl.h"
#include "units.h"

/* When pm2d ran it anew of its own accord. */
static const char *const renewed[] = {
	[EXIT_CRON] =		"had its cron_restart",
	[EXIT_MEMORY] =		"used more than max_memory_restart",
	[EXIT_CHANGED] =	"was to run anew, for watched files changed",
	[EXIT_UNHEALTHY] =	"failed its health check"
};

const char *
progress_strexit(const struct ctl_exit *x, char *buf, size_t size)
{
	char	 ran[32];

	/* What a timer ended has run for about that time. */
	output_duration(ran, sizeof(ran), x->reason == EXIT_NOT_READY ?
	    (x->ran_ms + 50) / 100 * 100 : x->ran_ms);
	if (x->reason == EXIT_START_FAILED)
		(void)snprintf(buf, size, "could not be started: %s: %s",
		    stage_name(x->stage),
		    stage_strerror(x->stage, x->error));
	else if (x->reason == EXIT_NOT_READY)
		(void)snprintf(buf, size, "did not listen or say that it is "
		    "ready within %s", ran);
	else if (x->reason == EXIT_PROTOCOL)
		(void)snprintf(buf, size, "broke the protocol of its channel "
		    "and was ended after %s", ran);
	else if (x->reason == EXIT_WATCHDOG)
		(void)snprintf(buf, size, "did not say WATCHDOG=1 in time "
		    "and was ended after %s", ran);
	else if (x->reason < sizeof(renewed) / sizeof(renewed[0]) &&
	    renewed[x->reason] != NULL)
		(void)snprintf(buf, size, "%s, and ended after %s",
		    renewed[x->reason], ran);
	else if (x->signal != 0)
		(void)snprintf(buf, size, "was killed by %s after %s",
		    units_signame(x->signal), ran);
	else
		(void)snprintf(buf, size, "exited with code %d after %s",
		    x->code, ran);
	return (buf);
}

/* What is said of an event, with name and id; NULL: nothing. */
static const char *
event_words(const struct ctl_event *ev)
{
	switch (ev->kind) {
	case EVENT_STATE:
		return (app_statename(ev->state));
	case EVENT_HELD:
		return ("waits for what it depends on");
	case EVENT_READY:
		return ("is ready in its new process");
	case EVENT_EXIT:
		if (ev->exit.reason == EXIT_KILLED)
			return ("did not heed the signal and was killed");
		return (NULL);
	default:
		return (NULL);
	}
}

void
progress_event(struct client *c, uint32_t request, const struct ctl_event *ev,
    void *arg)
{
	const char	*words;

	(void)c;
	(void)request;
	(void)arg;
	if (ev->kind == EVENT_SUCCESSOR)
		say_info("Process %s (%u) starts anew, pid %u", ev->name,
		    ev->id, ev->pid);
	else if (ev->kind == EVENT_RELOADED)
		say_info("Process %s succesfully reloaded", ev->name);
	else if ((words = event_words(ev)) != NULL)
		say_info("Process %s (%u) %s", ev->name, ev->id, words);
}

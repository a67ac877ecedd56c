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
 * reload, gracefulReload: new processes take over from old ones.  One request
 * for all apps that are meant, so that the first failure ends it, and what
 * happens is told as it happens.
 */
#include <sys/types.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "declare.h"
#include "output.h"
#include "reload.h"
#include "resolve.h"
#include "update.h"

#define REQUEST_IDS	3072	/* fits one message */

/* What was seen of an app while it was reloaded. */
struct seen {
	int		 successor;	/* it has had one */
	uint32_t	 generation;	/* of that */
	int		 touched;	/* its own process was stopped */
	int		 restarted;
	int		 reloaded;
	int		 died;		/* the successor: exit says how */
	struct ctl_exit	 exit;
};

struct reload {
	struct ctl	*ctl;
	uint32_t	 flags;
	const struct app_list *list;	/* before */
	struct selection sel;
	struct seen	*seen;		/* one for each of sel */
	int		 missing;	/* words that mean nothing */
	int		 meant;		/* words that mean something */
	struct ctl_result result;	/* of the last request */
};

static struct seen *
seen_find(const struct reload *r, uint32_t id)
{
	size_t	 lo, hi, mid;

	for (lo = 0, hi = r->sel.n; lo < hi;) {
		mid = lo + (hi - lo) / 2;
		if (r->sel.ids[mid] == id)
			return (&r->seen[mid]);
		if (r->sel.ids[mid] < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (NULL);
}

/* ---- what pm2d tells ---- */

static void
on_exit_event(struct seen *s, const struct ctl_event *ev)
{
	if (!s->successor || ev->exit.generation != s->generation)
		return;
	s->died = 1;
	s->exit = ev->exit;
}

/* It cannot be reloaded: what restart would tell. */
static void
on_state_event(const struct reload *r, struct seen *s,
    const struct ctl_event *ev)
{
	const struct app_view	*v;

	s->touched = 1;
	if (ev->state != APP_ONLINE || s->restarted ||
	    (v = app_list_find(r->list, ev->id)) == NULL)
		return;
	s->restarted = 1;
	if (v->info.fix.state != APP_ONLINE)
		say_warn("Process %s (%u) was %s: restarted", ev->name,
		    ev->id, app_statename(v->info.fix.state));
	else if (v->info.fix.cluster)
		say_warn("Process %s (%u) had ended: restarted", ev->name,
		    ev->id);
	else
		say_warn("Process %s (%u) is in fork mode: restarted",
		    ev->name, ev->id);
}

static void
on_event(struct client *c, uint32_t request, const struct ctl_event *ev,
    void *arg)
{
	struct reload	*r = arg;
	struct seen	*s;

	if ((s = seen_find(r, ev->id)) == NULL)
		return;
	if (ev->kind == EVENT_SUCCESSOR) {
		s->successor = 1;
		s->died = 0;
		s->generation = ev->generation;
	} else if (ev->kind == EVENT_RELOADED)
		s->reloaded = 1;
	/* The state of one that has a successor is that it is reloaded. */
	if (ev->kind == EVENT_STATE && s->successor)
		return;
	if (ev->kind == EVENT_EXIT)
		on_exit_event(s, ev);
	if (ev->kind != EVENT_EXIT || !s->died)
		progress_event(c, request, ev, arg);
	if (ev->kind == EVENT_STATE)
		on_state_event(r, s, ev);
}

static const struct client_ops ops = {
	.event = on_event,
};

/* ---- asking ---- */

static void
say_begin(enum select_how how, const char *word)
{
	if (how == SELECT_ID)
		say_info("Reloading process by id %s", word);
	else if (how != SELECT_ALL)
		say_info("Reloading process by name %s", word);
}

/* What the words mean. -1: said, nothing can be done. */
static int
reload_select(struct reload *r, int argc, char **argv)
{
	enum select_how	 how;
	int		 i;

	for (i = 0; i < argc; i++) {
		if (select_word(r->list, argv[i], &r->sel, &how) == -1) {
			say_error("%s", strerror(errno));
			return (-1);
		}
		if (how == SELECT_NONE) {
			select_missing(argv[i]);
			r->missing++;
			continue;
		}
		r->meant++;
		say_begin(how, argv[i]);
	}
	if ((r->seen = calloc(r->sel.n + 1, sizeof(*r->seen))) == NULL) {
		say_error("%s", strerror(errno));
		return (-1);
	}
	return (0);
}

static int
reload_send(struct reload *r, const uint32_t *ids, size_t n)
{
	struct ctl_reload	 req;
	unsigned char		 payload[sizeof(req) +
				    REQUEST_IDS * sizeof(*ids)];

	memset(&req, 0, sizeof(req));
	req.flags = r->flags;
	if (r->ctl->opt->parallel.given)
		req.parallel = (uint32_t)r->ctl->opt->parallel.value;
	req.nids = (uint32_t)n;
	memcpy(payload, &req, sizeof(req));
	memcpy(payload + sizeof(req), ids, n * sizeof(*ids));
	return (client_request(&r->ctl->client, IMSG_CTL_RELOAD, payload,
	    sizeof(req) + n * sizeof(*ids), &r->result));
}

/* More apps than one message can name: one request after the other. */
static int
reload_all(struct reload *r)
{
	size_t	 i, n;
	int	 error;

	r->ctl->client.ops = &ops;
	r->ctl->client.arg = r;
	for (error = 0, i = 0; error == 0 && i < r->sel.n &&
	    r->result.code == CTL_OK; i += n) {
		n = r->sel.n - i;
		if (n > REQUEST_IDS)
			n = REQUEST_IDS;
		error = reload_send(r, r->sel.ids + i, n);
	}
	r->ctl->client.ops = NULL;
	return (error);
}

/* ---- what came of it ---- */

/*
 * What no event has told: that waits for the last output of the old process,
 * the result does not.  Those that were not running are as they were, which
 * is to be known.
 */
static void
say_rest(const struct reload *r)
{
	const struct app_view	*v;
	const struct seen	*s;
	size_t			 i;

	for (i = 0; i < r->sel.n; i++) {
		s = &r->seen[i];
		if ((v = app_list_find(r->list, r->sel.ids[i])) == NULL)
			continue;
		if (s->successor && !s->reloaded)
			say_info("Process %s succesfully reloaded",
			    v->info.name);
		else if (!s->successor && !s->touched &&
		    v->info.fix.state != APP_ONLINE)
			say_warn("Process %s (%u) is %s: left as it is",
			    v->info.name, v->info.fix.id,
			    app_statename(v->info.fix.state));
	}
}

/* "did not listen within 8s" */
static void
say_late(struct reload *r, uint32_t id, char *buf, size_t size)
{
	struct app_list	 one = { 0 };
	const char	*what;
	char		 time[32];
	uint64_t	 ms;

	what = "did not listen";
	(void)strlcpy(time, "its listen_timeout", sizeof(time));
	if (client_list(&r->ctl->client, id, CTL_LIST_SPEC, &one) == 0 &&
	    one.n == 1 && one.apps[0].spec != NULL) {
		ms = one.apps[0].spec->num[SPEC_LISTEN_TIMEOUT];
		if (ms % 1000 == 0 && ms < 60000)
			(void)snprintf(time, sizeof(time), "%us",
			    (unsigned int)(ms / 1000));
		else
			output_duration(time, sizeof(time), ms);
		if (one.apps[0].spec->num[SPEC_WAIT_READY])
			what = "did not say that it is ready";
		else if (!one.apps[0].info.fix.cluster)
			what = "was not ready";
	}
	app_list_free(&one);
	(void)snprintf(buf, size, "the new one %s within %s", what, time);
}

/* The thing that a step failed with; the step itself does not say it. */
static void
add_thing(const struct ctl_appinfo *info, uint32_t stage, char *buf,
    size_t size)
{
	const char	*thing;

	switch (stage) {
	case STAGE_SCRIPT:
		thing = info->script;
		break;
	case STAGE_CHDIR:
		thing = info->cwd;
		break;
	case STAGE_EXEC:
		thing = *info->interpreter == '\0' ||
		    strcmp(info->interpreter, "none") == 0 ? info->script :
		    info->interpreter;
		break;
	default:
		return;
	}
	(void)strlcat(buf, " (", size);
	(void)strlcat(buf, thing, size);
	(void)strlcat(buf, ")", size);
}

/* pm2d's own words, where there are some; else what can be made of it. */
static void
failure_words(struct reload *r, const struct seen *s, char *buf, size_t size)
{
	const struct ctl_result	*res;
	const struct app_view	*v;
	char			 words[512];

	res = &r->result;
	v = app_list_find(r->list, res->id);
	if (res->text[0] != '\0' && res->stage == STAGE_NONE &&
	    !(s != NULL && s->died && s->exit.reason == EXIT_START_FAILED)) {
		(void)strlcpy(buf, res->text, size);
		return;
	}
	if ((s != NULL && s->died && s->exit.reason == EXIT_NOT_READY) ||
	    (res->stage == STAGE_READY && res->error == ETIMEDOUT))
		say_late(r, res->id, buf, size);
	else if (s != NULL && s->died)
		(void)snprintf(buf, size, "the new one %s",
		    progress_strexit(&s->exit, words, sizeof(words)));
	else
		(void)client_strresult(res, buf, size);
	if (v != NULL && s != NULL && s->died &&
	    s->exit.reason == EXIT_START_FAILED)
		add_thing(&v->info, s->exit.stage, buf, size);
	/* A restart has ended what ran; a refusal has touched nothing. */
	if (s != NULL && !s->touched && (s->successor ||
	    res->code == CTL_FAILED))
		(void)strlcat(buf, "; the old one goes on serving", size);
}

static void
say_failure(struct reload *r)
{
	const struct ctl_result	*res;
	const struct app_view	*v;
	const struct seen	*s;
	char			 buf[PATH_MAX + 768];

	res = &r->result;
	s = seen_find(r, res->id);
	v = app_list_find(r->list, res->id);
	failure_words(r, s, buf, sizeof(buf));
	if (v == NULL || s == NULL)
		say_error("%s", buf);
	else
		say_error("Process %s (%u): %s", v->info.name, res->id, buf);
	if (s != NULL && s->successor && !(s->died &&
	    s->exit.reason == EXIT_START_FAILED))
		logs_print_words(&r->ctl->client, res->id);
}

static void
reload_free(struct reload *r)
{
	free(r->seen);
	select_free(&r->sel);
}

/* With the environment of now: those that cannot have it stay as they are. */
static int
reload_update(struct reload *r)
{
	struct selection	 bad = { 0 };
	size_t			 i, j, n;

	if (!r->ctl->opt->update_env)
		return (0);
	if (update_envs(r->ctl, r->list, &r->sel, &bad) == -1) {
		select_free(&bad);
		return (-1);
	}
	for (n = 0, i = 0; i < r->sel.n; i++) {
		for (j = 0; j < bad.n && bad.ids[j] != r->sel.ids[i]; j++)
			;
		if (j == bad.n)
			r->sel.ids[n++] = r->sel.ids[i];
	}
	r->missing += (int)bad.n;
	r->sel.n = n;
	select_free(&bad);
	return (0);
}

static int
reload(struct ctl *ctl, uint32_t flags, int argc, char **argv)
{
	struct app_list	 list = { 0 };
	struct reload	 r;
	int		 error, failed;

	memset(&r, 0, sizeof(r));
	r.ctl = ctl;
	r.flags = flags;
	r.list = &list;
	say_plain("Processing......");
	if ((error = client_list(&ctl->client, APP_ID_ALL, 0, &list)) == 0 &&
	    (error = reload_select(&r, argc, argv)) == 0 &&
	    (error = reload_update(&r)) == 0)
		error = reload_all(&r);
	failed = r.result.code != CTL_OK;
	if (error == 0 && !failed && r.meant > 0) {
		say_rest(&r);
		say_info("All processes reloaded");
	}
	if (error == 0 && r.meant > 0)
		error = list_show(ctl);
	if (error == 0 && failed)
		say_failure(&r);
	if (failed || r.missing > 0)
		error = -1;
	reload_free(&r);
	app_list_free(&list);
	return (error == 0 ? 0 : 1);
}

int
reload_ids(struct ctl *ctl, uint32_t flags, const struct app_list *list,
    const struct selection *sel)
{
	struct reload	 r;
	size_t		 i;
	int		 error;

	memset(&r, 0, sizeof(r));
	r.ctl = ctl;
	r.flags = flags;
	r.list = list;
	for (error = 0, i = 0; error == 0 && i < sel->n; i++)
		error = plan_add(&r.sel, sel->ids[i]);
	if (error == 0 && (r.seen = calloc(r.sel.n + 1,
	    sizeof(*r.seen))) == NULL) {
		say_error("%s", strerror(errno));
		error = -1;
	}
	if (error == 0)
		error = reload_all(&r);
	if (error == 0 && r.result.code == CTL_OK)
		say_rest(&r);
	else if (error == 0) {
		say_failure(&r);
		error = 1;
	}
	reload_free(&r);
	return (error);
}

/* Files first, then the words. */
static int
reload_any(struct ctl *ctl, uint32_t flags, int argc, char **argv)
{
	struct apply	 how = { .reload = 1, .flags = flags };
	int		 n, rc;

	rc = 0;
	if ((n = split_files(argv, argc)) > 0)
		rc = apply_files(ctl, &how, n, argv);
	if (n < argc)
		rc |= reload(ctl, flags, argc - n, argv + n);
	return (rc);
}

int
cmd_reload(struct ctl *ctl, int argc, char **argv)
{
	return (reload_any(ctl, 0, argc, argv));
}

int
cmd_graceful(struct ctl *ctl, int argc, char **argv)
{
	return (reload_any(ctl, RELOAD_GRACEFUL, argc, argv));
}

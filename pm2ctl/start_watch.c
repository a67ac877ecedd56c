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
 * Apps that were asked for together: what comes of each request, and their
 * first moments.
 */
#include <sys/types.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "listening.h"
#include "monotime.h"
#include "start.h"

#define WAIT_MS		500	/* the first moments */
#define LOOK_MS		20	/* between looks whether apps listen */
#define LOOK_APPS	16	/* so many apps are looked at */
#define TAIL_APPS	3	/* last words of so many dead apps */

/* ---- the apps of this command ---- */

static struct started *
started_find(const struct start *s, uint32_t id, size_t *where)
{
	size_t	 lo, hi, mid;

	for (lo = 0, hi = s->napps; lo < hi;) {
		mid = lo + (hi - lo) / 2;
		if (s->apps[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	*where = lo;
	return (lo < s->napps && s->apps[lo].id == id ? &s->apps[lo] : NULL);
}

static struct started *
started_get(struct start *s, uint32_t id, uint32_t request)
{
	struct started	*a;
	size_t		 cap, i;

	if ((a = started_find(s, id, &i)) != NULL)
		return (a);
	if (s->napps == s->cap) {
		cap = s->cap == 0 ? 16 : s->cap * 2;
		a = reallocarray(s->apps, cap, sizeof(*a));
		if (a == NULL) {
			s->nomem = 1;
			return (NULL);
		}
		s->apps = a;
		s->cap = cap;
	}
	memmove(&s->apps[i + 1], &s->apps[i],
	    (s->napps - i) * sizeof(*s->apps));
	s->napps++;
	a = &s->apps[i];
	memset(a, 0, sizeof(*a));
	a->id = id;
	a->request = request;
	return (a);
}

/*
 * An exit in the first moments: death, unless it did what it had to do and
 * is not to be run again, or somebody else ended it.
 */
static void
started_exit(struct start *s, struct started *a, const struct ctl_exit *x)
{
	if (a->over || x->verdict == VERDICT_REFUSED)
		return;
	/* A restart: that is the end of what ran before. */
	if (a->generation == 0 && (x->reason == EXIT_STOPPED ||
	    x->reason == EXIT_KILLED || x->reason == EXIT_REPLACED))
		return;
	a->over = 1;
	s->nover++;
	s->all_over = s->nover == s->napps;
	if (x->reason == EXIT_STOPPED || x->reason == EXIT_KILLED ||
	    x->reason == EXIT_DAEMON || x->reason == EXIT_REPLACED ||
	    x->reason == EXIT_CRON || x->reason == EXIT_MEMORY ||
	    x->reason == EXIT_CHANGED || x->reason == EXIT_UNHEALTHY)
		return;
	if (x->reason == EXIT_BY_ITSELF && x->code == 0 &&
	    x->verdict == VERDICT_STOPPED)
		return;
	a->died = 1;
	a->exit = *x;
}

/* ---- what pm2d tells ---- */

static void
on_event(struct client *c, uint32_t request, const struct ctl_event *ev,
    void *arg)
{
	struct start	*s = arg;
	struct started	*a;
	size_t		 where;

	(void)c;
	/* While watching, events of all apps come; ours are known. */
	a = s->watching ? started_find(s, ev->id, &where) :
	    started_get(s, ev->id, request);
	if (a == NULL)
		return;
	if (a->name[0] == '\0')
		(void)strlcpy(a->name, ev->name, sizeof(a->name));
	if (ev->kind == EVENT_EXIT) {
		started_exit(s, a, &ev->exit);
	} else if (ev->kind == EVENT_LISTENING) {
		a->listens = 1;
	} else if (!s->watching && ev->kind == EVENT_STATE) {
		if (a->generation == 0 && ev->state == APP_ONLINE) {
			a->generation = ev->generation;
			a->pid = (pid_t)ev->pid;
		}
		if (ev->state == APP_ONLINE || ev->state == APP_ERRORED)
			progress_event(c, request, ev, arg);
		else if (ev->state == APP_STOPPED && a->generation == 0)
			say_info("Process %s (%u) waits for its time",
			    ev->name, ev->id);
	} else if (!s->watching && ev->kind == EVENT_HELD)
		progress_event(c, request, ev, arg);
}

static struct start_job *
job_find(const struct start *s, uint32_t request)
{
	size_t	 lo, hi, mid;

	for (lo = 0, hi = s->njobs; lo < hi;) {
		mid = lo + (hi - lo) / 2;
		if (s->jobs[mid].request == request)
			return (&s->jobs[mid]);
		if (s->jobs[mid].request < request)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (NULL);
}

/* The thing that a step failed with, if that is not said by the step. */
static const char *
failed_with(const struct start_job *j, uint32_t stage)
{
	switch (stage) {
	case STAGE_USER:
		return (j->user);
	case STAGE_CHDIR:
		return (j->cwd);
	case STAGE_EXEC:
		return (j->program);
	default:
		return (NULL);
	}
}

void
start_say_launched(void)
{
	say_error("Script already launched, add -f option to force "
	    "re execution");
}

/* Its end will be told, with its last words. */
static int
has_died(const struct start *s, const struct start_job *j)
{
	size_t	 i;

	for (i = 0; i < s->napps; i++)
		if (s->apps[i].request == j->request && s->apps[i].died)
			return (1);
	return (0);
}

/* The request failed: that is said once, not for each of its apps again. */
static void
job_failed(struct start *s, const struct start_job *j,
    const struct ctl_result *res)
{
	const char	*what;
	char		 buf[512];
	size_t		 i;

	s->failures++;
	if (j->group != NULL)
		j->group->failed++;
	what = failed_with(j, res->stage);
	if (res->code == CTL_EXISTS)
		start_say_launched();
	else if (res->stage != STAGE_READY || !has_died(s, j))
		say_error("%s: %s%s%s%s", j->word, client_strresult(res, buf,
		    sizeof(buf)), what != NULL ? " (" : "",
		    what != NULL ? what : "", what != NULL ? ")" : "");
	for (i = 0; i < s->napps; i++)
		if (s->apps[i].request == j->request && s->apps[i].died &&
		    s->apps[i].exit.reason == EXIT_START_FAILED)
			s->apps[i].told = 1;
}

static void
group_done(const struct start_group *g)
{
	if (g->left == 0 && g->failed == 0)
		say_info("App %s %s (%u instance%s)", g->name, g->done,
		    g->count, g->count == 1 ? "" : "s");
}

/* An app of a file may take several requests: all of them are one success. */
static void
job_done(const struct start_job *j, uint32_t count)
{
	if (j->group == NULL) {
		say_info("%s", j->done);
		return;
	}
	j->group->count += count;
	group_done(j->group);
}

static void
on_result(struct client *c, uint32_t request, const struct ctl_result *res,
    void *arg)
{
	struct start	*s = arg;
	struct start_job	*j;
	uint32_t	 i;

	(void)c;
	if ((j = job_find(s, request)) == NULL)
		return;
	if (j->group != NULL)
		j->group->left--;
	if (res->code != CTL_OK) {
		job_failed(s, j, res);
		return;
	}
	for (i = 0; i < res->count; i++)
		(void)started_get(s, res->id + i, request);
	job_done(j, j->count != 0 ? j->count : res->count);
}

static const struct client_ops ops = {
	.event = on_event,
	.result = on_result,
};

/* ---- asking ---- */

static struct start_job *
add_job(struct start *s, const char *word, struct start_group *group)
{
	struct start_job	*j;
	size_t		 cap;

	if (s->njobs == s->jobcap) {
		cap = s->jobcap == 0 ? 16 : s->jobcap * 2;
		if ((j = reallocarray(s->jobs, cap, sizeof(*j))) == NULL) {
			say_error("%s", strerror(errno));
			return (NULL);
		}
		s->jobs = j;
		s->jobcap = cap;
	}
	j = &s->jobs[s->njobs++];
	memset(j, 0, sizeof(*j));
	/* Before it is sent: the answer may come while we send. */
	j->request = s->ctl->client.next;
	j->word = word;
	j->group = group;
	if (group != NULL)
		group->left++;
	return (j);
}

static char *
copy(const char *s)
{
	return (s == NULL ? NULL : strdup(s));
}

/* For words only: that there is no room for them costs nothing but words. */
static void
note_spec(struct start_job *j, const struct spec_buf *buf)
{
	struct spec	*spec;
	const char	*interpreter;
	char		 err[256];

	if ((spec = calloc(1, sizeof(*spec))) == NULL)
		return;
	if (spec_parse(spec, buf->data, buf->len, err, sizeof(err)) == 0) {
		interpreter = spec->str[SPEC_INTERPRETER];
		j->program = copy(interpreter == NULL ||
		    *interpreter == '\0' || strcmp(interpreter,
		    "none") == 0 ? spec->str[SPEC_SCRIPT] : interpreter);
		j->user = copy(spec->str[SPEC_USER]);
		j->cwd = copy(spec->str[SPEC_CWD]);
	}
	free(spec);
}

int
start_new(struct start *s, const char *word, struct start_group *group,
    const struct spec_buf *spec, uint32_t flags)
{
	struct start_job	*j;

	if ((j = add_job(s, word, group)) == NULL)
		return (-1);
	j->done = "Process launched";
	note_spec(j, spec);
	return (client_send_start(&s->ctl->client, spec, flags) == 0 ?
	    -1 : 0);
}

int
start_again(struct start *s, const char *word, struct start_group *group,
    uint32_t id)
{
	struct ctl_app	 req;
	struct start_job	*j;

	memset(&req, 0, sizeof(req));
	req.id = id;
	if ((j = add_job(s, word, group)) == NULL)
		return (-1);
	j->done = "Process successfully started";
	j->count = 1;
	return (client_send(&s->ctl->client, IMSG_CTL_RESTART, &req,
	    sizeof(req)) == 0 ? -1 : 0);
}

int
start_more(struct start *s, const char *word, struct start_group *group,
    uint32_t id, uint32_t add)
{
	struct ctl_scale	 req;
	struct start_job		*j;

	memset(&req, 0, sizeof(req));
	req.id = id;
	req.add = add;
	if ((j = add_job(s, word, group)) == NULL)
		return (-1);
	j->done = "Process launched";
	j->count = add;
	return (client_send(&s->ctl->client, IMSG_CTL_SCALE, &req,
	    sizeof(req)) == 0 ? -1 : 0);
}

void
start_group(struct start_group *g, const char *name, const char *done)
{
	memset(g, 0, sizeof(*g));
	g->name = name;
	g->done = done;
	g->left = 1;
}

void
start_group_sent(struct start_group *g)
{
	g->left--;
	group_done(g);
}

void
start_begin(struct start *s, struct ctl *ctl)
{
	memset(s, 0, sizeof(*s));
	s->ctl = ctl;
}

void
start_listen(struct start *s)
{
	s->ctl->client.ops = &ops;
	s->ctl->client.arg = s;
}

void
start_free(struct start *s)
{
	size_t	 i;

	if (s->nomem)
		say_error("out of memory");
	for (i = 0; i < s->njobs; i++) {
		free(s->jobs[i].program);
		free(s->jobs[i].user);
		free(s->jobs[i].cwd);
	}
	free(s->jobs);
	free(s->apps);
	app_list_free(&s->list);
}

/* ---- the first moments ---- */

/*
 * Who listens has survived them; so have all, when all that live do.  That a
 * cluster worker listens cannot be seen from outside, but pm2d says so.
 */
static int
all_listen(struct start *s)
{
	struct started	*a;
	size_t		 i;

	if (s->nover == s->napps)
		return (0);
	for (i = 0; i < s->napps; i++) {
		a = &s->apps[i];
		if (!a->over && !a->listens && s->napps <= LOOK_APPS &&
		    a->pid != 0)
			a->listens = process_listens(a->pid);
		if (!a->over && !a->listens)
			return (0);
	}
	return (1);
}

static int
wait_moments(struct start *s, uint64_t ms)
{
	monotime_t	 begin;
	uint64_t	 gone;

	begin = monotime_now();
	while (!s->all_over &&
	    (gone = monotime_since(monotime_now(), begin)) < ms) {
		if (client_wait_ms(&s->ctl->client,
		    ms - gone < LOOK_MS ? ms - gone : LOOK_MS,
		    &s->all_over) == -1)
			return (-1);
		if (all_listen(s))
			break;
	}
	return (0);
}

static int
watch(struct start *s)
{
	const struct options	*opt;

	opt = s->ctl->opt;
	s->watching = 1;
	s->all_over = s->nover == s->napps;
	if (s->napps == 0 || opt->no_wait)
		return (0);
	if (client_subscribe(&s->ctl->client) == 0)
		return (-1);
	return (wait_moments(s,
	    opt->wait_time.given ? opt->wait_time.value : WAIT_MS));
}

/* What happened before the events of all apps were ours to hear. */
static void
check_exits(struct start *s, const struct app_list *now)
{
	const struct app_view	*v;
	struct started		*a;
	size_t			 i;
	uint32_t		 j;

	for (i = 0; i < s->napps; i++) {
		a = &s->apps[i];
		if ((v = app_list_find(now, a->id)) == NULL)
			continue;
		if (a->name[0] == '\0')
			(void)strlcpy(a->name, v->info.name,
			    sizeof(a->name));
		for (j = 0; j < v->nexits && !a->over; j++)
			if (a->generation != 0 &&
			    v->exits[j].generation >= a->generation)
				started_exit(s, a, &v->exits[j]);
	}
}

/* The table as it is now; with what was missed of the first moments. */
static int
show(struct start *s, int table)
{
	const struct options	*opt;
	struct app_list		 now;
	uint32_t		 flags;
	int			 error;

	opt = s->ctl->opt;
	table = (table || s->njobs > 0) && !opt->silent;
	if (!table && (s->njobs == 0 || opt->no_wait))
		return (0);
	flags = (table ? CTL_LIST_SAMPLE : 0) |
	    (opt->no_wait ? 0 : CTL_LIST_EXITS);
	memset(&now, 0, sizeof(now));
	error = client_list(&s->ctl->client, APP_ID_ALL, flags, &now);
	if (error == 0 && !opt->no_wait)
		check_exits(s, &now);
	if (error == 0 && table)
		(void)output_list(stdout, &now, opt);
	app_list_free(&now);
	return (error);
}

static void
tell_deaths(struct start *s)
{
	const struct started	*a;
	char			 buf[256];
	size_t			 i, n;

	for (n = 0, i = 0; i < s->napps; i++) {
		a = &s->apps[i];
		if (!a->died || a->told)
			continue;
		s->failures++;
		if (++n > TAIL_APPS)
			continue;
		say_error("Process %s (%u) %s", a->name, a->id,
		    progress_strexit(&a->exit, buf, sizeof(buf)));
		if (a->exit.reason != EXIT_START_FAILED)
			logs_print_stderr(&s->ctl->client, a->id);
	}
	if (n > TAIL_APPS)
		say_error("and %zu more", n - TAIL_APPS);
}

int
start_wait(struct start *s)
{
	int	 error;

	error = client_wait(&s->ctl->client);
	s->ctl->client.ops = NULL;
	return (error);
}

int
start_end(struct start *s, int table)
{
	int	 error;

	start_listen(s);
	error = watch(s);
	s->ctl->client.ops = NULL;
	if (error == 0)
		error = show(s, table);
	if (error == 0)
		tell_deaths(s);
	return (error);
}

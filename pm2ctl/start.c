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
 * start: scripts become specs, all are asked for at once, and then their
 * first moments are watched together.
 */
#include <sys/types.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "listening.h"
#include "monotime.h"
#include "resolve.h"

#define WAIT_MS		500	/* the first moments */
#define LOOK_MS		20	/* between looks whether apps listen */
#define LOOK_APPS	16	/* so many apps are looked at */
#define TAIL_APPS	3	/* last words of so many dead apps */

/* One request: a new app (and its instances), or an app that was stopped. */
struct job {
	uint32_t	 request;
	int		 known;
	const char	*word;
	char		*program;	/* to be executed; NULL if known */
};

/* An app that this command has started. */
struct started {
	uint32_t	 id;
	uint32_t	 request;
	uint32_t	 generation;	/* first seen; 0: none yet */
	pid_t		 pid;		/* of that run */
	int		 told;		/* its failure was said */
	int		 died;
	int		 listens;	/* or said that it is ready */
	int		 over;		/* died, or did what it had to do */
	struct ctl_exit	 exit;
	char		 name[APP_NAME_MAX];
};

struct start {
	struct ctl	*ctl;
	struct app_list	 list;		/* before */
	struct job	*jobs;
	size_t		 njobs;
	size_t		 jobcap;
	struct started	*apps;		/* by id */
	size_t		 napps;
	size_t		 cap;
	size_t		 nover;
	int		 watching;	/* all results are there */
	int		 all_over;
	int		 failures;
	int		 nomem;
	int		 nth;		/* argument */
};

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
	a->over = 1;
	s->nover++;
	s->all_over = s->nover == s->napps;
	if (x->reason == EXIT_STOPPED || x->reason == EXIT_KILLED ||
	    x->reason == EXIT_DAEMON || x->reason == EXIT_REPLACED)
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
	}
}

static struct job *
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

static void
say_launched(void)
{
	say_error("Script already launched, add -f option to force "
	    "re execution");
}

/* The thing that a step failed with, if that is not said by the step. */
static const char *
failed_with(const struct start *s, const struct job *j, uint32_t stage)
{
	if (j->program == NULL)
		return (NULL);
	switch (stage) {
	case STAGE_USER:
		return (s->ctl->opt->user);
	case STAGE_CHDIR:
		return (s->ctl->opt->cwd);
	case STAGE_EXEC:
		return (j->program);
	default:
		return (NULL);
	}
}

/* Its end will be told, with its last words. */
static int
has_died(const struct start *s, const struct job *j)
{
	size_t	 i;

	for (i = 0; i < s->napps; i++)
		if (s->apps[i].request == j->request && s->apps[i].died)
			return (1);
	return (0);
}

/* The request failed: that is said once, not for each of its apps again. */
static void
job_failed(struct start *s, const struct job *j,
    const struct ctl_result *res)
{
	const char	*what;
	char		 buf[512];
	size_t		 i;

	s->failures++;
	what = failed_with(s, j, res->stage);
	if (res->code == CTL_EXISTS)
		say_launched();
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
on_result(struct client *c, uint32_t request, const struct ctl_result *res,
    void *arg)
{
	struct start	*s = arg;
	struct job	*j;
	uint32_t	 i;

	(void)c;
	if ((j = job_find(s, request)) == NULL)
		return;
	if (res->code != CTL_OK) {
		job_failed(s, j, res);
		return;
	}
	for (i = 0; i < res->count; i++)
		(void)started_get(s, res->id + i, request);
	say_info("%s", j->known ? "Process successfully started" :
	    "Process launched");
}

static const struct client_ops ops = {
	.event = on_event,
	.result = on_result,
};

/* ---- asking ---- */

static int
add_job(struct start *s, const char *word, int known)
{
	struct job	*j;
	size_t		 cap;

	if (s->njobs == s->jobcap) {
		cap = s->jobcap == 0 ? 16 : s->jobcap * 2;
		if ((j = reallocarray(s->jobs, cap, sizeof(*j))) == NULL) {
			say_error("%s", strerror(errno));
			return (-1);
		}
		s->jobs = j;
		s->jobcap = cap;
	}
	j = &s->jobs[s->njobs++];
	/* Before it is sent: the answer may come while we send. */
	j->request = s->ctl->client.next;
	j->known = known;
	j->word = word;
	j->program = NULL;
	return (0);
}

/* For words only: that there is no room for them costs nothing but words. */
static void
note_program(struct start *s, const struct target *t)
{
	s->jobs[s->njobs - 1].program = strdup(strcmp(t->interpreter,
	    "none") == 0 ? t->script : t->interpreter);
}

static void
free_jobs(struct start *s)
{
	size_t	 i;

	for (i = 0; i < s->njobs; i++)
		free(s->jobs[i].program);
	free(s->jobs);
}

/* A stopped app is run again with what it was started with. */
static int
send_known(struct start *s, const struct ctl_appinfo *info, const char *word)
{
	struct ctl_app	 req;

	memset(&req, 0, sizeof(req));
	req.id = info->fix.id;
	if (add_job(s, word, 1) == -1 ||
	    client_send(&s->ctl->client, IMSG_CTL_RESTART, &req,
	    sizeof(req)) == 0)
		return (-1);
	return (0);
}

static int
send_new(struct start *s, const struct target *t)
{
	struct spec_buf	 spec;
	struct mode	 mode;
	char		 err[1024];
	int		 error;

	if (mode_choose(&mode, t, s->ctl, err, sizeof(err)) == -1) {
		say_error("%s", err);
		s->failures++;
		return (0);
	}
	if (mode.warning[0] != '\0')
		say_warn("%s", mode.warning);
	if (s->ctl->opt->write && write_config(t, s->ctl) == -1) {
		s->failures++;
		return (0);
	}
	if (spec_build(&spec, t, s->ctl, err, sizeof(err)) == -1) {
		say_error("%s", err);
		s->failures++;
		return (0);
	}
	if (s->ctl->opt->cron != NULL)
		say_plain("%s\n", s->ctl->opt->cron);
	if ((error = add_job(s, t->typed, 0)) == 0)
		note_program(s, t);
	if (error == 0 && client_send_start(&s->ctl->client, &spec,
	    s->ctl->opt->force ? 0 : CTL_START_UNIQUE) == 0)
		error = -1;
	spec_buf_free(&spec);
	return (error);
}

/*
 * The script is known: if its first app is stopped, what is stopped of that
 * name is run again; else it is refused.  1 when it is not known.
 */
static int
start_known(struct start *s, const struct target *t)
{
	const struct ctl_appinfo	*info, *first;
	size_t				 i;
	uid_t				 me;

	me = geteuid();
	first = NULL;
	for (i = 0; i < s->list.n && first == NULL; i++) {
		info = &s->list.apps[i].info;
		if (info->fix.owner == me &&
		    strcmp(info->script, t->script) == 0)
			first = info;
	}
	if (first == NULL)
		return (1);
	if (first->fix.state != APP_STOPPED) {
		say_launched();
		if (first->fix.state == APP_ERRORED)
			say_warn("Process %s (%u) is errored: \"why %u\" says "
			    "why; restart it, or delete it to start it "
			    "otherwise", first->name, first->fix.id,
			    first->fix.id);
		s->failures++;
		return (0);
	}
	for (i = 0; i < s->list.n; i++) {
		info = &s->list.apps[i].info;
		if (info->fix.state == APP_STOPPED &&
		    info->fix.owner == me &&
		    strcmp(info->name, first->name) == 0 &&
		    send_known(s, info, t->typed) == -1)
			return (-1);
	}
	return (0);
}

/* Not a file: perhaps the name or id of what was started before. */
static int
start_word(struct start *s, const char *word, const char *path)
{
	const struct app_view	*v;
	struct selection	 sel;
	enum select_how		 how;
	size_t			 i, n;

	memset(&sel, 0, sizeof(sel));
	if (select_word(&s->list, word, &sel, &how) == -1) {
		say_error("%s", strerror(errno));
		return (-1);
	}
	/* "npm start", in whichever way */
	if (how == SELECT_NONE)
		say_error("script not found : %s%s", path,
		    s->nth > 0 || strchr(word, ' ') != NULL ?
		    " (arguments of an app go behind --)" : "");
	for (n = 0, i = 0; i < sel.n; i++) {
		v = app_list_find(&s->list, sel.ids[i]);
		if (v == NULL || v->info.fix.state != APP_STOPPED)
			continue;
		n++;
		if (send_known(s, &v->info, word) == -1) {
			select_free(&sel);
			return (-1);
		}
	}
	if (n == 0 && how != SELECT_NONE && how != SELECT_ALL)
		say_launched();
	if (n == 0 && how != SELECT_ALL)
		s->failures++;
	select_free(&sel);
	return (0);
}

/* One argument. -1: nothing more can be done (said). */
static int
start_one(struct start *s, const char *word)
{
	struct target	 t;
	char		 err[PATH_MAX + 256];
	int		 n;

	if (is_process_file(word)) {
		say_error("process files are not supported by this version: "
		    "%s", word);
		s->failures++;
		return (0);
	}
	n = target_resolve(&t, word, s->ctl->opt, err, sizeof(err));
	if (n == RESOLVE_NOTFOUND)
		return (start_word(s, word, t.script));
	if (n == -1) {
		say_error("%s", err);
		s->failures++;
		return (0);
	}
	if (!s->ctl->opt->force && (n = start_known(s, &t)) != 1)
		return (n);
	return (send_new(s, &t));
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
show(struct start *s)
{
	const struct options	*opt;
	struct app_list		 now;
	uint32_t		 flags;
	int			 error;

	opt = s->ctl->opt;
	if (s->njobs == 0 || (opt->silent && opt->no_wait))
		return (0);
	flags = (opt->silent ? 0 : CTL_LIST_SAMPLE) |
	    (opt->no_wait ? 0 : CTL_LIST_EXITS);
	memset(&now, 0, sizeof(now));
	error = client_list(&s->ctl->client, APP_ID_ALL, flags, &now);
	if (error == 0 && !opt->no_wait)
		check_exits(s, &now);
	if (error == 0 && !opt->silent)
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

/* Everything that goes over the connection. */
static int
start_all(struct start *s, int argc, char **argv)
{
	int	 i, error;

	if (client_list(&s->ctl->client, APP_ID_ALL, 0, &s->list) == -1)
		return (-1);
	s->ctl->client.ops = &ops;
	s->ctl->client.arg = s;
	for (error = 0, i = 0; error == 0 && i < argc; i++) {
		s->nth = i;
		error = start_one(s, argv[i]);
	}
	if (error == 0)
		error = client_wait(&s->ctl->client);
	if (error == 0)
		error = watch(s);
	s->ctl->client.ops = NULL;
	if (error == 0)
		error = show(s);
	if (error == 0)
		tell_deaths(s);
	return (error);
}

int
cmd_start(struct ctl *ctl, int argc, char **argv)
{
	struct start	 s;
	int		 error;

	memset(&s, 0, sizeof(s));
	s.ctl = ctl;
	custom_load(ctl->home, 0);
	error = start_all(&s, argc, argv);
	if (s.nomem)
		say_error("out of memory");
	app_list_free(&s.list);
	free_jobs(&s);
	free(s.apps);
	return (error == 0 && s.failures == 0 && !s.nomem ? 0 : 1);
}

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
 * stop, restart, delete, reset: one way through for all of them.  The list
 * says which apps are meant, one request for each goes out at once, and what
 * happens is told as it happens.
 */
#include <sys/types.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "declare.h"
#include "resolve.h"
#include "update.h"

struct action {
	uint32_t	 type;
	int		 processing;	/* says "Processing......" */
	/* what is begun, by how it was named; NULL: nothing is said */
	const char	*all;
	const char	*byname;
	const char	*byid;
	int		 byid_prefix;
	/* what is done */
	const char	*doneid;	/* for a word that was an id */
	const char	*doneword;	/* for any other word, with %s */
	const char	*doneeach;	/* for each app of all, with %s */
	const char	*doneall;
};

static const struct action stop = {
	.type = IMSG_CTL_STOP,
	.processing = 1,
	.byname = "Stopping process by name ",
	.byid = "Stopping process by id ",
	.byid_prefix = 1,
	.doneid = " Process stopped",
};

static const struct action restart = {
	.type = IMSG_CTL_RESTART,
	.processing = 1,
	.byname = "Restarting process by name ",
	.byid = "Restarting process by id ",
	.byid_prefix = 1,
	.doneword = "restarted",
	.doneeach = "restarted",
	.doneall = "Process restarted...",
};

static const struct action delete = {
	.type = IMSG_CTL_DELETE,
	.all = "Stopping and deleting all processes",
	.byname = "Stopping and deleting process by name ",
	.byid = "Stopping and deleting process by id : ",
};

static const struct action reset = {
	.type = IMSG_CTL_RESET,
};

/* A word, and the apps that it means. */
struct meant {
	char		*word;
	enum select_how	 how;
	struct selection sel;
	int		 failed;
};

struct job {
	uint32_t	 request;
	uint32_t	 id;
	int		 failed;
};

struct run {
	const struct action *act;
	struct ctl	*ctl;
	struct app_list	 list;
	struct meant	*words;
	int		 nwords;
	int		 meant;		/* words that mean something */
	struct job	*jobs;
	size_t		 njobs;
	int		 failures;
};

static const char *
app_name(const struct run *r, uint32_t id)
{
	const struct app_view	*v;

	v = app_list_find(&r->list, id);
	return (v == NULL ? "" : v->info.name);
}

/* Numbers only grow, but are not without gaps. */
static struct job *
job_find(const struct run *r, uint32_t request)
{
	size_t	 lo, hi, mid;

	for (lo = 0, hi = r->njobs; lo < hi;) {
		mid = lo + (hi - lo) / 2;
		if (r->jobs[mid].request == request)
			return (&r->jobs[mid]);
		if (r->jobs[mid].request < request)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (NULL);
}

static void
on_result(struct client *c, uint32_t request, const struct ctl_result *res,
    void *arg)
{
	struct run	*r = arg;
	struct job	*j;
	char		 buf[512];

	(void)c;
	if ((j = job_find(r, request)) == NULL)
		return;
	/* Gone already is as good as deleted. */
	if (r->act->type == IMSG_CTL_DELETE &&
	    (res->code == CTL_OK || res->code == CTL_NOSUCH)) {
		say_info("Process %s (%u) deleted", app_name(r, j->id),
		    j->id);
		return;
	}
	if (res->code == CTL_OK)
		return;
	j->failed = 1;
	r->failures++;
	say_error("Process %s (%u): %s", app_name(r, j->id), j->id,
	    client_strresult(res, buf, sizeof(buf)));
}

static const struct client_ops ops = {
	.event = progress_event,
	.result = on_result,
};

static void
say_begin(const struct action *act, const struct meant *m)
{
	switch (m->how) {
	case SELECT_ALL:
		if (act->all != NULL)
			say_info("%s", act->all);
		break;
	case SELECT_ID:
		if (act->byid != NULL && act->byid_prefix)
			say_info("%s%s", act->byid, m->word);
		else if (act->byid != NULL)
			say_plain("%s%s", act->byid, m->word);
		break;
	default:
		if (act->byname != NULL)
			say_info("%s%s", act->byname, m->word);
		break;
	}
}

static struct meant *
add_word(struct run *r, const char *word)
{
	struct meant	*m;

	m = reallocarray(r->words, (size_t)r->nwords + 1, sizeof(*m));
	if (m == NULL) {
		say_error("%s", strerror(errno));
		return (NULL);
	}
	r->words = m;
	m = &r->words[r->nwords++];
	memset(m, 0, sizeof(*m));
	if ((m->word = strdup(word)) == NULL) {
		say_error("%s", strerror(errno));
		return (NULL);
	}
	return (m);
}

/* A process file stands for the names that it declares. */
static int
add_declared(void *arg, const char *name, const struct selection *sel)
{
	struct run	*r = arg;
	struct meant	*m;
	size_t		 i;

	if ((m = add_word(r, name)) == NULL)
		return (-1);
	m->how = SELECT_NAME;
	for (i = 0; i < sel->n; i++)
		if (plan_add(&m->sel, sel->ids[i]) == -1)
			return (-1);
	if (sel->n == 0) {
		select_missing(name);
		m->failed = 1;
	}
	return (0);
}

static int
select_one(struct run *r, const char *word)
{
	struct meant	*m;

	if ((m = add_word(r, word)) == NULL)
		return (-1);
	if (select_word(&r->list, word, &m->sel, &m->how) == -1) {
		say_error("%s", strerror(errno));
		return (-1);
	}
	if (m->how == SELECT_NONE) {
		select_missing(word);
		m->failed = 1;
	}
	return (0);
}

/* What the words mean. -1: said, nothing can be done. */
static int
run_select(struct run *r, int argc, char **argv)
{
	int	 i;

	if (client_list(&r->ctl->client, APP_ID_ALL, 0, &r->list) == -1)
		return (-1);
	for (i = 0; i < argc; i++) {
		if (!is_process_file(argv[i])) {
			if (select_one(r, argv[i]) == -1)
				return (-1);
		} else if (declared_each(r->ctl, argv[i], &r->list,
		    add_declared, r) == -1)
			r->failures++;
	}
	for (i = 0; i < r->nwords; i++) {
		r->failures += r->words[i].failed;
		r->meant += !r->words[i].failed;
	}
	return (0);
}

static int
has_job(const struct run *r, uint32_t id)
{
	size_t	 i;

	for (i = 0; i < r->njobs; i++)
		if (r->jobs[i].id == id)
			return (1);
	return (0);
}

static int
send_one(struct run *r, uint32_t id)
{
	struct ctl_app	 req;
	struct job	*j;

	memset(&req, 0, sizeof(req));
	req.id = id;
	j = &r->jobs[r->njobs];
	memset(j, 0, sizeof(*j));
	j->id = id;
	if (r->act->type == IMSG_CTL_RESET)
		say_info("Resetting meta for process id %u", id);
	/* Before it is sent: the answer may come while we send. */
	j->request = r->ctl->client.next;
	r->njobs++;
	if (client_send(&r->ctl->client, r->act->type, &req,
	    sizeof(req)) == 0)
		return (-1);
	return (0);
}

static int
run_send(struct run *r)
{
	struct meant	*m;
	size_t		 i;
	int		 w;

	r->jobs = calloc(r->list.n + 1, sizeof(*r->jobs));
	if (r->jobs == NULL) {
		say_error("%s", strerror(errno));
		return (-1);
	}
	for (w = 0; w < r->nwords; w++) {
		m = &r->words[w];
		if (m->failed)
			continue;
		say_begin(r->act, m);
		for (i = 0; i < m->sel.n; i++)
			if ((r->nwords == 1 || !has_job(r, m->sel.ids[i])) &&
			    send_one(r, m->sel.ids[i]) == -1)
				return (-1);
	}
	return (0);
}

static int
id_failed(const struct run *r, uint32_t id)
{
	size_t	 i;

	for (i = 0; i < r->njobs; i++)
		if (r->jobs[i].id == id)
			return (r->jobs[i].failed);
	return (1);
}

/* "all" is told app by app, a word by itself. */
static void
say_done(const struct run *r, const struct meant *m)
{
	const struct action	*act;
	size_t			 i;
	int			 failed;

	act = r->act;
	for (failed = 0, i = 0; i < m->sel.n; i++) {
		if (r->failures > 0 && id_failed(r, m->sel.ids[i]))
			failed = 1;
		else if (m->how == SELECT_ALL && act->doneeach != NULL)
			say_info("Process %s %s", app_name(r, m->sel.ids[i]),
			    act->doneeach);
	}
	if (failed)
		return;
	if (m->how == SELECT_ALL && act->doneall != NULL)
		say_info("%s", act->doneall);
	else if (m->how == SELECT_ID && act->doneid != NULL)
		say_info("%s", act->doneid);
	else if (m->how != SELECT_ALL && act->doneword != NULL)
		say_info("Process %s %s", m->word, act->doneword);
}

static void
run_free(struct run *r)
{
	int	 i;

	for (i = 0; i < r->nwords; i++) {
		select_free(&r->words[i].sel);
		free(r->words[i].word);
	}
	free(r->words);
	free(r->jobs);
	app_list_free(&r->list);
}

/* --update-env: a word with an app that cannot have it is not heeded. */
static int
run_update(struct run *r)
{
	struct selection	 bad = { 0 };
	int			 error, w;

	if (!r->ctl->opt->update_env || r->act->type != IMSG_CTL_RESTART)
		return (0);
	for (error = 0, w = 0; error == 0 && w < r->nwords; w++) {
		if (r->words[w].failed)
			continue;
		error = update_envs(r->ctl, &r->list, &r->words[w].sel, &bad);
		if (bad.n > 0) {
			r->words[w].failed = 1;
			r->failures++;
		}
		select_free(&bad);
	}
	return (error);
}

static int
action(struct ctl *ctl, const struct action *act, int argc, char **argv)
{
	struct run	 r;
	int		 error, i;

	memset(&r, 0, sizeof(r));
	r.act = act;
	r.ctl = ctl;
	if (act->processing)
		say_plain("Processing......");
	error = run_select(&r, argc, argv);
	if (error == 0)
		error = run_update(&r);
	ctl->client.ops = &ops;
	ctl->client.arg = &r;
	if (error == 0)
		error = run_send(&r);
	if (error == 0)
		error = client_wait(&ctl->client);
	ctl->client.ops = NULL;
	for (i = 0; error == 0 && i < r.nwords; i++)
		if (!r.words[i].failed)
			say_done(&r, &r.words[i]);
	if (error == 0 && r.meant > 0)
		error = list_show(ctl);
	if (r.failures > 0)
		error = -1;
	run_free(&r);
	return (error == 0 ? 0 : 1);
}

int
cmd_stop(struct ctl *ctl, int argc, char **argv)
{
	return (action(ctl, &stop, argc, argv));
}

int
cmd_restart(struct ctl *ctl, int argc, char **argv)
{
	struct apply	 how = { 0 };
	int		 n, rc;

	rc = 0;
	if ((n = split_files(argv, argc)) > 0)
		rc = apply_files(ctl, &how, n, argv);
	if (n < argc)
		rc |= action(ctl, &restart, argc - n, argv + n);
	return (rc);
}

int
cmd_delete(struct ctl *ctl, int argc, char **argv)
{
	return (action(ctl, &delete, argc, argv));
}

int
cmd_reset(struct ctl *ctl, int argc, char **argv)
{
	return (action(ctl, &reset, argc, argv));
}

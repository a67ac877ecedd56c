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
 * Making what runs what a process file says: start FILE, apply, startOr*,
 * restart FILE, reload FILE.  First it is decided what is to be done about
 * each app, and told; then specs are given to pm2d, and then it is done.
 */
#include <sys/types.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "declare.h"
#include "reload.h"
#include "resolve.h"
#include "update.h"

/* ---- deciding ---- */

static int
add_all(struct selection *to, const struct selection *from,
    const struct selection *but)
{
	size_t	 i, j;

	for (i = 0; i < from->n; i++) {
		for (j = 0; j < but->n; j++)
			if (but->ids[j] == from->ids[i])
				break;
		if (j == but->n && plan_add(to, from->ids[i]) == -1)
			return (-1);
	}
	return (0);
}

/* Those that run, without those that go. */
static int
add_running(struct selection *to, const struct plan_app *a)
{
	struct selection	 but = { 0 };
	int			 error;

	error = add_all(&but, &a->resting, &a->drop) == -1 ||
	    add_all(&but, &a->drop, &(struct selection){ 0 }) == -1 ||
	    add_all(to, &a->members, &but) == -1 ? -1 : 0;
	select_free(&but);
	return (error);
}

/* start: nothing that runs is touched. */
static int
decide_start(struct plan_app *a)
{
	if (a->resting.n == a->members.n) {
		a->update = a->diff.n > 0 || a->moved;
		return (add_all(&a->restart, &a->members, &a->drop));
	}
	if (a->diff.n > 0) {
		a->remark = "has changed";
		a->add = 0;
		a->drop.n = 0;
	} else if (a->resting.n == 0)
		a->remark = "is unchanged";
	return (add_all(&a->restart, &a->resting, &a->drop));
}

static int
is_stopped(const struct plan *p, const struct plan_app *a)
{
	size_t	 i;

	for (i = 0; i < a->members.n; i++)
		if (app_list_find(p->list,
		    a->members.ids[i])->info.fix.wanted)
			return (0);
	return (1);
}

/* A job is not run by it: its next time is its restart. */
static int
is_job(const struct plan_app *a)
{
	return (a->spec->count[SPEC_SCHEDULE] > 0 && a->resting.n == 0 &&
	    !specdiff_needs_restart(&a->diff));
}

static void
remark_job(struct plan_app *a)
{
	a->remark = a->diff.n > 0 ? "is a job: what has changed counts at "
	    "its next run" : "is unchanged";
}

/*
 * apply: what has not changed goes on; what somebody has stopped stays so,
 * and has its new spec when he starts it; what gave up is tried again.
 */
static int
decide_apply(const struct plan *p, struct plan_app *a)
{
	a->update = a->diff.n > 0 || a->moved;
	if (is_stopped(p, a)) {
		a->remark = a->diff.n > 0 ? "is stopped, and remains so: "
		    "what has changed counts at its next start" :
		    "is stopped, and unchanged";
		return (0);
	}
	if (is_job(a)) {
		remark_job(a);
		return (0);
	}
	if (a->diff.n == 0 && a->resting.n == 0)
		a->remark = "is unchanged";
	if (add_all(&a->restart, &a->resting, &a->drop) == -1)
		return (-1);
	if (!a->differs)
		return (0);
	if (!specdiff_needs_restart(&a->diff))
		return (add_running(&a->reload, a));
	return (add_running(&a->restart, a));
}

/* Their secrets cannot be compared, so the new ones are always given. */
static int
decide_again(struct plan_app *a, const struct apply *how)
{
	a->update = a->diff.n > 0 || a->moved ||
	    a->spec->count[SPEC_SECRET] > 0;
	if (is_job(a)) {
		remark_job(a);
		return (0);
	}
	if (add_all(&a->restart, &a->resting, &a->drop) == -1)
		return (-1);
	if (how->reload && !specdiff_needs_restart(&a->diff))
		return (add_running(&a->reload, a));
	return (add_running(&a->restart, a));
}

static int
decide(struct plan *p, struct plan_app *a, const struct apply *how)
{
	if (a->members.n == 0 || (how->start && p->ctl->opt->force)) {
		a->launch = 1;
		a->add = 0;
		a->drop.n = 0;
		return (0);
	}
	if (how->start)
		return (decide_start(a));
	if (how->changed)
		return (decide_apply(p, a));
	return (decide_again(a, how));
}

/* ---- telling ---- */

static void
say_changes(const struct plan_app *a)
{
	char	 words[1024];

	if (a->launch || a->diff.n == 0)
		return;
	specdiff_words(&a->diff, words, sizeof(words));
	say_info("App %s: %s", a->name, words);
}

static void
say_would(const struct plan_app *a)
{
	char	 n[32];

	if (a->launch)
		say_info("App %s would be launched (%s)", a->name,
		    plan_instances((size_t)a->spec->num[SPEC_INSTANCES], n,
		    sizeof(n)));
	if (a->restart.n > 0)
		say_info("App %s would be %s (%s)", a->name,
		    a->restart.n > a->resting.n ? "restarted" : "started",
		    plan_instances(a->restart.n, n, sizeof(n)));
	if (a->reload.n > 0)
		say_info("App %s would be reloaded (%s)", a->name,
		    plan_instances(a->reload.n, n, sizeof(n)));
	if (a->add > 0)
		say_info("App %s would get %s more", a->name,
		    plan_instances(a->add, n, sizeof(n)));
	if (a->drop.n > 0)
		say_info("App %s would lose %s", a->name,
		    plan_instances(a->drop.n, n, sizeof(n)));
}

static void
say_plan(const struct plan *p, const struct plan_app *a,
    const struct apply *how)
{
	say_changes(a);
	if (a->remark != NULL)
		say_info("App %s %s", a->name, a->remark);
	if (how->start && a->remark != NULL && a->diff.n > 0)
		say_warn("App %s runs on as it is: \"apply %s\" makes it "
		    "what the file says", a->name, p->file.path);
	if (p->ctl->opt->dry_run)
		say_would(a);
}

static void
say_gone(const struct plan *p, const struct apply *how)
{
	const struct app_view	*v;
	size_t			 i;

	for (i = 0; i < p->gone.n; i++) {
		v = app_list_find(p->list, p->gone.ids[i]);
		if (!how->prune)
			say_info("Process %s (%u) is not declared any more: "
			    "--prune deletes it", v->info.name,
			    v->info.fix.id);
		else if (p->ctl->opt->dry_run)
			say_info("Process %s (%u) would be deleted",
			    v->info.name, v->info.fix.id);
	}
}

/* ---- specs ---- */

static int
update_first(struct plan *p, struct plan_app *a, uint32_t id, int *failures)
{
	const struct app_view	*v;
	struct spec_buf		 buf = { 0 };
	struct ctl_result	 res;
	char			 words[512];
	int			 error, keep;

	v = app_list_find(p->list, id);
	keep = !p->ctl->opt->update_env;
	if (keep && spec_keep_shell(&buf, a->spec, v->spec) == -1) {
		say_error("App %s: %s", a->name, strerror(errno));
		a->group.failed++;
		(*failures)++;
		return (0);
	}
	error = update_send(p->ctl, id, keep ? &buf : &a->buf, &res);
	spec_buf_free(&buf);
	if (error == 0 && res.code != CTL_OK) {
		say_error("App %s: %s", a->name, client_strresult(&res, words,
		    sizeof(words)));
		a->group.failed++;
		(*failures)++;
	}
	return (error);
}

static int
update_app(struct plan *p, struct plan_app *a, int *failures)
{
	size_t	 i;
	int	 error;

	for (error = 0, i = 0; error == 0 && i < a->firsts.n; i++)
		error = update_first(p, a, a->firsts.ids[i], failures);
	return (error);
}

/* What was could not be replaced: its own restarts are to be of that. */
static int
restore_app(struct plan *p, struct plan_app *a)
{
	const struct app_view	*v;
	struct spec_buf		 buf;
	struct ctl_result	 res;
	char			 words[512];
	size_t			 i;
	int			 error;

	for (error = 0, i = 0; error == 0 && i < a->firsts.n; i++) {
		v = app_list_find(p->list, a->firsts.ids[i]);
		memset(&buf, 0, sizeof(buf));
		if (spec_copy(&buf, v->spec, 0) == -1) {
			say_error("App %s: %s", a->name, strerror(errno));
			continue;
		}
		error = update_send(p->ctl, a->firsts.ids[i], &buf, &res);
		spec_buf_free(&buf);
		if (error == 0 && res.code != CTL_OK)
			say_error("App %s: its next start will be by what "
			    "has failed: %s", a->name, client_strresult(&res,
			    words, sizeof(words)));
	}
	return (error);
}

/* ---- those that go ---- */

static int
delete_one(struct plan *p, uint32_t id, int *failures)
{
	const struct app_view	*v;
	struct ctl_app		 req;
	struct ctl_result	 res;
	char			 words[512];

	memset(&req, 0, sizeof(req));
	req.id = id;
	v = app_list_find(p->list, id);
	if (client_request(&p->ctl->client, IMSG_CTL_DELETE, &req,
	    sizeof(req), &res) == -1)
		return (-1);
	if (res.code == CTL_OK || res.code == CTL_NOSUCH) {
		say_info("Process %s (%u) deleted", v->info.name, id);
		return (0);
	}
	say_error("Process %s (%u): %s", v->info.name, id,
	    client_strresult(&res, words, sizeof(words)));
	(*failures)++;
	return (0);
}

static int
delete_all(struct plan *p, const struct selection *sel, int *failures)
{
	size_t	 i;
	int	 error;

	for (error = 0, i = 0; error == 0 && i < sel->n; i++)
		error = delete_one(p, sel->ids[i], failures);
	return (error);
}

/* ---- doing ---- */

int
apply_prepare(struct plan *p, const struct apply *how, struct start *s)
{
	struct plan_app	*a;
	size_t		 i;
	int		 error;

	for (i = 0; i < p->n; i++) {
		a = &p->apps[i];
		if (decide(p, a, how) == -1)
			return (-1);
		say_plan(p, a, how);
	}
	if (how->changed)
		say_gone(p, how);
	if (p->ctl->opt->dry_run)
		return (0);
	error = how->prune ? delete_all(p, &p->gone, &s->failures) : 0;
	for (i = 0; error == 0 && i < p->n; i++) {
		a = &p->apps[i];
		if (a->update && a->reload.n == 0)
			error = update_app(p, a, &s->failures);
		if (error == 0 && a->group.failed == 0)
			error = delete_all(p, &a->drop, &s->failures);
	}
	return (error);
}

static const char *
verb(const struct plan_app *a)
{
	if (a->launch)
		return ("launched");
	if (a->restart.n == 0)
		return ("scaled up");
	return (a->restart.n > a->resting.n ? "restarted" : "started");
}

static int
send_app(struct plan_app *a, struct start *s)
{
	size_t	 i;
	int	 error;

	if (a->launch)
		return (start_new(s, a->name, &a->group, &a->buf, 0));
	for (error = 0, i = 0; error == 0 && i < a->restart.n; i++)
		error = start_again(s, a->name, &a->group,
		    a->restart.ids[i]);
	if (error == 0 && a->add > 0 && a->reload.n == 0)
		error = start_more(s, a->name, &a->group, a->members.ids[0],
		    a->add);
	return (error);
}

int
apply_send(struct plan *p, struct start *s)
{
	struct plan_app	*a;
	size_t		 i;
	int		 error;

	if (p->ctl->opt->dry_run)
		return (0);
	for (error = 0, i = 0; error == 0 && i < p->n; i++) {
		a = &p->apps[i];
		if (a->group.failed > 0 || (!a->launch &&
		    a->restart.n == 0 && (a->add == 0 || a->reload.n > 0)))
			continue;
		start_group(&a->group, a->name, verb(a));
		error = send_app(a, s);
		start_group_sent(&a->group);
	}
	return (error);
}

/*
 * One after the other; the first failure ends it.  An app has its new spec
 * just before, and its old one again when the new one is no good.
 */
static int
reload_app(struct plan *p, struct plan_app *a, const struct apply *how,
    struct start *s)
{
	int	 error, failed, n;

	failed = 0;
	if (a->update && update_app(p, a, &failed) == -1)
		return (-1);
	if (failed > 0) {
		s->failures += failed;
		return (1);
	}
	n = reload_ids(p->ctl, how->flags, p->list, &a->reload);
	if (n == 1) {
		s->failures++;
		a->group.failed++;
		error = a->differs ? restore_app(p, a) : 0;
		return (error == -1 ? -1 : 1);
	}
	if (n == 0 && a->add > 0) {
		start_listen(s);
		start_group(&a->group, a->name, "scaled up");
		n = start_more(s, a->name, &a->group, a->members.ids[0],
		    a->add);
		start_group_sent(&a->group);
		if (n == 0)
			n = start_wait(s);
	}
	return (n);
}

static int
reload_all(struct plan *p, const struct apply *how, struct start *s)
{
	size_t	 i;
	int	 n;

	for (n = 0, i = 0; n != -1 && i < p->n; i++) {
		if (p->apps[i].reload.n == 0)
			continue;
		if (n == 1) {
			say_warn("App %s is left as it is", p->apps[i].name);
			p->apps[i].group.failed++;
			continue;
		}
		n = reload_app(p, &p->apps[i], how, s);
	}
	return (n == -1 ? -1 : 0);
}

/* "1 launched, 2 reloaded, 3 unchanged" */
static void
say_summary(const struct plan *p, const struct apply *how)
{
	static const char *const words[] = { "launched", "reloaded",
	    "restarted", "started", "scaled", "unchanged", "stopped",
	    "failed" };
	size_t			 count[sizeof(words) / sizeof(words[0])];
	const struct plan_app	*a;
	char			 line[256], one[48];
	size_t			 i, k;

	memset(count, 0, sizeof(count));
	for (i = 0; i < p->n; i++) {
		a = &p->apps[i];
		if (a->group.failed > 0)
			k = 7;
		else if (a->launch)
			k = 0;
		else if (a->reload.n > 0)
			k = 1;
		else if (a->restart.n > 0)
			k = a->restart.n > a->resting.n ? 2 : 3;
		else if (a->add > 0 || a->drop.n > 0)
			k = 4;
		else
			k = is_stopped(p, a) ? 6 : 5;
		count[k]++;
	}
	line[0] = '\0';
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (count[i] == 0)
			continue;
		(void)snprintf(one, sizeof(one), "%s%zu %s",
		    line[0] == '\0' ? "" : ", ", count[i], words[i]);
		(void)strlcat(line, one, sizeof(line));
	}
	if (how->prune && p->gone.n > 0) {
		(void)snprintf(one, sizeof(one), "%s%zu deleted",
		    line[0] == '\0' ? "" : ", ", p->gone.n);
		(void)strlcat(line, one, sizeof(line));
	}
	say_info("%s: %s", p->file.path, line);
}

static int
apply_plan(struct plan *p, const struct apply *how, struct start *s,
    int table)
{
	int	 error;

	if (dry_list(p->ctl, CTL_LIST_SPEC, &s->list) == -1 ||
	    plan_match(p, &s->list) == -1 || apply_prepare(p, how, s) == -1)
		return (-1);
	if (p->ctl->opt->dry_run)
		return (0);
	start_listen(s);
	if (apply_send(p, s) == -1 || start_wait(s) == -1)
		return (-1);
	if ((error = reload_all(p, how, s)) == 0) {
		say_summary(p, how);
		error = start_end(s, table);
	}
	return (error);
}

static int
apply_file(struct ctl *ctl, const struct apply *how, const char *path,
    int table)
{
	struct plan	 p = { 0 };
	struct start	 s;
	int		 error;

	start_begin(&s, ctl);
	error = plan_read(&p, ctl, path) == -1 ||
	    apply_plan(&p, how, &s, table) == -1 ||
	    s.failures > 0 || s.nomem;
	plan_free(&p);
	start_free(&s);
	return (error);
}

int
apply_files(struct ctl *ctl, const struct apply *how, int argc, char **argv)
{
	int	 error, i;

	custom_load(ctl->home, 0);
	for (error = 0, i = 0; i < argc; i++)
		error |= apply_file(ctl, how, argv[i], i == argc - 1);
	return (error == 0 ? 0 : 1);
}

/* ---- the commands ---- */

/* Each argument is a file here, whatever it is called. */
int
cmd_apply(struct ctl *ctl, int argc, char **argv)
{
	struct apply	 how = { .changed = 1, .reload = 1 };

	how.prune = ctl->opt->prune;
	if (how.prune && ctl->opt->only_ != NULL) {
		say_error("--prune needs all of the file: leave out --only");
		return (1);
	}
	return (apply_files(ctl, &how, argc, argv));
}

int
cmd_start_or_restart(struct ctl *ctl, int argc, char **argv)
{
	struct apply	 how = { 0 };

	return (apply_files(ctl, &how, argc, argv));
}

int
cmd_start_or_reload(struct ctl *ctl, int argc, char **argv)
{
	struct apply	 how = { .reload = 1 };

	return (apply_files(ctl, &how, argc, argv));
}

int
cmd_start_or_graceful(struct ctl *ctl, int argc, char **argv)
{
	struct apply	 how = { .reload = 1, .flags = RELOAD_GRACEFUL };

	return (apply_files(ctl, &how, argc, argv));
}

int
split_files(char **argv, int argc)
{
	char	*file;
	int	 i, j, n;

	for (n = 0, i = 0; i < argc; i++) {
		if (!is_process_file(argv[i]))
			continue;
		file = argv[i];
		for (j = i; j > n; j--)
			argv[j] = argv[j - 1];
		argv[n++] = file;
	}
	return (n);
}

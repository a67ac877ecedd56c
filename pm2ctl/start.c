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
 * start: what its arguments mean.  Scripts and process files become specs,
 * all are asked for at once, and then their first moments are watched
 * together.
 */
#include <sys/types.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "declare.h"
#include "resolve.h"
#include "start.h"
#include "update.h"

/* ---- scripts and names ---- */

/* A stopped app is run again with what it was started with. */
static int
send_known(struct start *s, const struct ctl_appinfo *info, const char *word)
{
	int	 n;

	if (s->ctl->opt->dry_run) {
		say_info("Process %s (%u) would be started", info->name,
		    info->fix.id);
		return (0);
	}
	if (s->ctl->opt->update_env) {
		/* One request at a time has its result to itself. */
		if (start_wait(s) == -1 ||
		    (n = update_env(s->ctl, info->fix.id)) == -1)
			return (-1);
		start_listen(s);
		if (n != 0) {
			s->failures++;
			return (0);
		}
	}
	return (start_again(s, word, NULL, info->fix.id));
}

static int
send_spec(struct start *s, const struct target *t,
    const struct spec_buf *spec)
{
	if (s->ctl->opt->dry_run) {
		say_info("Process %s would be launched: %s", t->name,
		    t->script);
		return (0);
	}
	if (s->ctl->opt->write && write_config(t, s->ctl) == -1) {
		s->failures++;
		return (0);
	}
	if (s->ctl->opt->cron != NULL && strcmp(s->ctl->opt->cron, "0") != 0)
		say_plain("%s", s->ctl->opt->cron);
	return (start_new(s, t->typed, NULL, spec,
	    s->ctl->opt->force ? 0 : CTL_START_UNIQUE));
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
	if (spec_build(&spec, t, s->ctl, err, sizeof(err)) == -1) {
		say_error("%s", err);
		s->failures++;
		return (0);
	}
	error = send_spec(s, t, &spec);
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
		start_say_launched();
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
start_name(struct start *s, const char *word, const char *path)
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
		start_say_launched();
	if (n == 0 && how != SELECT_ALL)
		s->failures++;
	select_free(&sel);
	return (0);
}

int
start_word(struct start *s, const char *word)
{
	struct target	 t;
	char		 err[PATH_MAX + 256];
	int		 n;

	n = target_resolve(&t, word, s->ctl->opt, err, sizeof(err));
	if (n == RESOLVE_NOTFOUND)
		return (start_name(s, word, t.script));
	if (n == -1) {
		say_error("%s", err);
		s->failures++;
		return (0);
	}
	if (!s->ctl->opt->force && (n = start_known(s, &t)) != 1)
		return (n);
	return (send_new(s, &t));
}

/* ---- the command ---- */

struct files {
	struct plan	*plans;		/* one for each argument */
	int		 n;
};

/*
 * All files are read before anything is done.  What is wrong with one stops
 * nothing but itself.
 */
static int
read_files(struct start *s, struct files *f, int argc, char **argv)
{
	int	 i;

	f->plans = calloc((size_t)argc, sizeof(*f->plans));
	if (f->plans == NULL) {
		say_error("%s", strerror(errno));
		return (-1);
	}
	f->n = argc;
	for (i = 0; i < argc; i++) {
		if (!is_process_file(argv[i]))
			continue;
		if (plan_read(&f->plans[i], s->ctl, argv[i]) == -1)
			s->failures++;
	}
	return (0);
}

static int
any_file(int argc, char **argv)
{
	int	 i;

	for (i = 0; i < argc; i++)
		if (is_process_file(argv[i]))
			return (1);
	return (0);
}

/* What the files declare, compared with what is there: all updates first. */
static int
prepare_files(struct start *s, struct files *f)
{
	struct apply	 how = { .start = 1 };
	int		 i, error;

	for (error = 0, i = 0; error == 0 && i < f->n; i++)
		if (f->plans[i].ready &&
		    (error = plan_match(&f->plans[i], &s->list)) == 0)
			error = apply_prepare(&f->plans[i], &how, s);
	return (error);
}

static int
any_ready(const struct files *f)
{
	int	 i;

	for (i = 0; i < f->n; i++)
		if (f->plans[i].ready)
			return (1);
	return (0);
}

/* Everything that goes over the connection. */
static int
start_all(struct start *s, struct files *f, int argc, char **argv)
{
	int	 i, error;

	if (dry_list(s->ctl, any_file(argc, argv) ? CTL_LIST_SPEC : 0,
	    &s->list) == -1 || prepare_files(s, f) == -1)
		return (-1);
	start_listen(s);
	for (error = 0, i = 0; error == 0 && i < argc; i++) {
		s->nth = i;
		if (!is_process_file(argv[i]))
			error = start_word(s, argv[i]);
		else if (f->plans[i].ready)
			error = apply_send(&f->plans[i], s);
	}
	if (s->ctl->opt->dry_run)
		return (error);
	if (error == 0)
		error = start_wait(s);
	if (error == 0)
		error = start_end(s, any_ready(f));
	return (error);
}

int
cmd_start(struct ctl *ctl, int argc, char **argv)
{
	struct files	 f = { 0 };
	struct start	 s;
	char		 path[PATH_MAX], *found[] = { path, NULL };
	int		 error, i;

	if (argc == 0) {
		if (procfile_find(path, sizeof(path)) == -1) {
			say_error("start what?  There is no ecosystem file "
			    "here (ecosystem.config.js, .json, .yml)");
			return (1);
		}
		argc = 1;
		argv = found;
	}
	start_begin(&s, ctl);
	custom_load(ctl->home, 0);
	if ((error = read_files(&s, &f, argc, argv)) == 0)
		error = start_all(&s, &f, argc, argv);
	for (i = 0; i < f.n; i++)
		plan_free(&f.plans[i]);
	free(f.plans);
	error |= s.failures > 0 || s.nomem;
	start_free(&s);
	return (error == 0 ? 0 : 1);
}

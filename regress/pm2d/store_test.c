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
 * The state file on disks that fail.  Helpers run when the test says so, in
 * this process, so that it can look at what is on the disk in between.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <atf-c.h>

#include "helper.h"
#include "home.h"
#include "listen.h"
#include "attend.h"
#include "parent.h"
#include "sys_fault.h"

#define MANY	400		/* records of LONG make a new snapshot due */
#define LONG	8000

/* ---- the rooms that are not looked at here ---- */

struct helper {
	helper_job	*job;
	helper_cb	*cb;
	void		*arg;
	unsigned char	 req[1024];
	size_t		 len;
	struct helper_reply reply;
};

static struct helper	*waiting[8];
static int		 nwaiting;

struct helper *
helper_run(struct event_base *base, const struct ids *ids, helper_job *job,
    const void *req, size_t len, const int *fds, int nfds, helper_cb *cb,
    void *arg)
{
	struct helper	*h = calloc(1, sizeof(*h));

	(void)base;
	(void)ids;
	ATF_REQUIRE(h != NULL && len <= sizeof(h->req) && nwaiting < 8);
	h->job = job;
	h->cb = cb;
	h->arg = arg;
	memcpy(h->req, req, len);
	h->len = len;
	memcpy(h->reply.passed, fds, nfds * sizeof(*fds));
	waiting[nwaiting++] = h;
	return (h);
}

/* Do what the first one that waits is to do, and say how it went. */
static int
work(void)
{
	struct helper	*h = waiting[0];

	ATF_REQUIRE(nwaiting > 0);
	return (h->job(h->req, h->len, &h->reply));
}

/* Its answer arrives. */
static void
reply(int error)
{
	struct helper	*h = waiting[0];

	nwaiting--;
	memmove(waiting, waiting + 1, nwaiting * sizeof(waiting[0]));
	h->cb(h->arg, error, error != 0 ? NULL : h->reply.data,
	    error != 0 ? 0 : h->reply.len, NULL, 0);
	free(h);
}

void
helper_cancel(struct helper *h)
{
	int	 i;

	for (i = 0; i < nwaiting && waiting[i] != h; i++)
		continue;
	nwaiting--;
	memmove(waiting + i, waiting + i + 1,
	    (nwaiting - i) * sizeof(waiting[0]));
	free(h);
}

struct tree *
tree_make(uint32_t id)
{
	(void)id;
	return (calloc(1, 1));
}

void
tree_free(struct tree *t)
{
	free(t);
}

void
launch_cancel(struct run *run)
{
	(void)run;
}

static void
ignore(int fd, short event, void *arg)
{
	(void)fd;
	(void)event;
	(void)arg;
}

void
supervise_forget(struct run *run)
{
	event_del(&run->timer);
}

void
supervise_init_run(struct run *run)
{
	evtimer_assign(&run->timer, run->app->env->base, ignore, run);
}

void
attend_free(struct app *app)
{
	(void)app;
}

void
attend_info(const struct app *app, struct ctl_appinfo *info)
{
	(void)app;
	info->trouble = strdup("");
}

void
supervise_forget_app(struct app *app)
{
	(void)app;
}

/* Processes beside the main one, as they were read. */
static struct {
	uint32_t	 id;
	pid_t		 pid;
	uint64_t	 start;
} left[16];
static unsigned int	 nleft;

void
leftover_add(struct app *app, pid_t pid, uint64_t start)
{
	ATF_REQUIRE(nleft < 16);
	left[nleft].id = app->id;
	left[nleft].pid = pid;
	left[nleft++].start = start;
}

void
listen_describe(const struct app *app, char *buf, size_t len)
{
	(void)app;
	strlcpy(buf, "", len);
}

void
listen_release(struct app *app)
{
	(void)app;
}

void
report_free(struct app *app)
{
	(void)app;
}

void
logd_forget(struct logd *ld, struct app *app)
{
	(void)ld;
	(void)app;
}

struct appfiles *
applog_ref(struct appfiles *files)
{
	return (files);
}

void
applog_unref(struct pm2d *e, struct appfiles *files)
{
	(void)e;
	(void)files;
}

int
applog_setup(struct app *app)
{
	(void)app;
	return (0);
}

void
applog_release(struct app *app)
{
	(void)app;
}

void
applog_retire(struct run *run)
{
	(void)run;
}

void
applog_closepipes(struct app *app)
{
	(void)app;
}

void
applog_path(const struct app *app, const char *dir, const char *path,
    char *buf, size_t len)
{
	(void)app;
	(void)dir;
	(void)path;
	strlcpy(buf, "", len);
}

/* ---- a daemon that has a list and nothing else ---- */

static void
begin(struct pm2d *env)
{
	memset(env, 0, sizeof(*env));
	RB_INIT(&env->apps);
	RB_INIT(&env->pids);
	TAILQ_INIT(&env->logfiles);
	env->uid = geteuid();
	ATF_REQUIRE(getcwd(env->home, sizeof(env->home)) != NULL);
	ATF_REQUIRE((env->base = event_base_new()) != NULL);
	ATF_REQUIRE((env->store = store_open(env)) != NULL);
}

static void
end(struct pm2d *env)
{
	struct app	*app;

	store_close(env->store);
	env->store = NULL;
	while ((app = RB_MIN(apptree, &env->apps)) != NULL)
		app_free(app);
	event_base_free(env->base);
}

static struct app *
add(struct pm2d *env, const char *name)
{
	struct spec_buf	 sb;
	struct appspec	*as;
	struct app	*app;
	char		 text[LONG + 1], why[160];

	memset(&sb, 0, sizeof(sb));
	memset(text, 'x', sizeof(text) - 1);
	text[0] = 'V';
	text[1] = '=';
	text[sizeof(text) - 1] = '\0';
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_NAME, name));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_SCRIPT, "/bin/true"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_CWD, "/"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_ENV, text));
	as = appspec_new(sb.data, sb.len, why, sizeof(why));
	ATF_REQUIRE_MSG(as != NULL, "%s", why);
	spec_buf_free(&sb);
	ATF_REQUIRE((app = app_new(env, as, env->next_id)) != NULL);
	appspec_unref(as);
	return (app);
}

static struct app *
store(struct pm2d *env, const char *name)
{
	struct app	*app = add(env, name);

	ATF_REQUIRE_EQ(0, store_app(env->store, app));
	return (app);
}

/* What the next daemon would know if this one were killed now. */
static void
known(const char *want)
{
	struct pm2d	 env;
	struct app	*app;
	char		 have[256] = "";

	ATF_REQUIRE_EQ(0, system("rm -rf next && mkdir next && "
	    "cp pm2d.state next/"));
	begin(&env);
	store_close(env.store);
	strlcat(env.home, "/next", sizeof(env.home));
	ATF_REQUIRE((env.store = store_open(&env)) != NULL);
	ATF_REQUIRE_EQ(0, store_load(env.store));
	RB_FOREACH(app, apptree, &env.apps)
		if (*app->name != '_') {
			strlcat(have, app->name, sizeof(have));
			strlcat(have, app->run->m.wanted ? "+" : " ",
			    sizeof(have));
		}
	end(&env);
	ATF_REQUIRE_STREQ(want, have);
}

static void
wanted(struct pm2d *env, struct app *app, int is)
{
	app->run->m.wanted = is;
	store_status(env->store, app);
}

/* Append until a new snapshot is begun. */
static void
grow(struct pm2d *env)
{
	struct app	*app = NULL;
	int		 i;

	for (i = 0; i < MANY && nwaiting == 0; i++) {
		if (app != NULL)
			app_free(app);
		app = store(env, "_");
	}
	ATF_REQUIRE_EQ(1, nwaiting);
	ATF_REQUIRE_EQ(0, access("pm2d.state.new", F_OK));
}

/* As far as to where the new snapshot is to be renamed. */
static void
snapshot(struct pm2d *env)
{
	grow(env);
	ATF_REQUIRE_EQ(0, work());
	reply(0);
	ATF_REQUIRE_EQ(1, nwaiting);
}

static int	 answers, answer;

static void
answered(void *arg, int error)
{
	(void)arg;
	answers++;
	answer = error;
}

/* 0, or the errno that the answer has; -1: there is none yet. */
static int
ask(struct pm2d *env)
{
	answers = 0;
	store_sync(env->store, answered, NULL);
	return (answers == 0 ? -1 : answer);
}

static void
start(struct pm2d *env)
{
	sys_fault_reset();
	begin(env);
	ATF_REQUIRE_EQ(0, store_load(env->store));
}

/* ---- cases ---- */

ATF_TC_WITHOUT_HEAD(disk__full_then_not);
ATF_TC_BODY(disk__full_then_not, tc)
{
	struct pm2d	 env;
	struct app	*a;

	start(&env);
	a = store(&env, "a");
	sys_fault_set("write", ENOSPC, 1, 1);
	wanted(&env, a, 1);
	known("a ");
	/* What follows is written, but the file is not what was asked. */
	store(&env, "b");
	ATF_REQUIRE_EQ(-1, ask(&env));
	ATF_REQUIRE_EQ(0, work());
	reply(0);
	ATF_REQUIRE_EQ(1, answers);
	ATF_REQUIRE_EQ(ENOSPC, answer);
	ATF_REQUIRE(store_error(env.store) != NULL);
	known("a b ");
	/* It is tried again without being asked to. */
	ATF_REQUIRE_EQ(0, event_base_loop(env.base, EVLOOP_ONCE));
	ATF_REQUIRE_EQ(0, work());
	reply(0);
	ATF_REQUIRE_EQ(0, work());
	reply(0);
	known("a+b ");
	ATF_REQUIRE_EQ(NULL, store_error(env.store));
	ATF_REQUIRE_EQ(0, ask(&env));
	end(&env);
}

ATF_TC_WITHOUT_HEAD(disk__half_a_record_that_stays);
ATF_TC_BODY(disk__half_a_record_that_stays, tc)
{
	struct pm2d	 env;
	struct app	*b;

	start(&env);
	store(&env, "a");
	b = add(&env, "b");
	sys_fault_set("write", ENOSPC, 2, 1);
	sys_fault_short("write", 100);
	sys_fault_set("ftruncate", EIO, 1, 1);
	ATF_REQUIRE_EQ(-1, store_app(env.store, b));
	ATF_REQUIRE_EQ(ENOSPC, errno);
	sys_fault_reset();
	known("a ");
	/* Nobody would read what came behind it. */
	ATF_REQUIRE_EQ(-1, store_app(env.store, b));
	ATF_REQUIRE_EQ(EIO, errno);
	end(&env);
	known("a ");
}

ATF_TC_WITHOUT_HEAD(snapshot__killed_behind_the_rename);
ATF_TC_BODY(snapshot__killed_behind_the_rename, tc)
{
	struct pm2d	 env;
	struct app	*a;

	start(&env);
	a = store(&env, "a");
	snapshot(&env);
	wanted(&env, a, 1);
	known("a+");
	/* Which file it will be is not known: the answer waits. */
	ATF_REQUIRE_EQ(-1, ask(&env));
	ATF_REQUIRE_EQ(1, nwaiting);
	ATF_REQUIRE_EQ(0, work());
	known("a+");
	store(&env, "b");
	known("a+b ");
	reply(0);
	ATF_REQUIRE_EQ(0, answers);
	ATF_REQUIRE_EQ(0, work());
	reply(0);
	ATF_REQUIRE_EQ(1, answers);
	ATF_REQUIRE_EQ(0, answer);
	store(&env, "c");
	known("a+b c ");
	end(&env);
}

ATF_TC_WITHOUT_HEAD(snapshot__changes_while_it_is_written);
ATF_TC_BODY(snapshot__changes_while_it_is_written, tc)
{
	struct pm2d	 env;
	struct app	*a;

	start(&env);
	a = store(&env, "a");
	grow(&env);
	store(&env, "b");
	ATF_REQUIRE_EQ(0, work());
	wanted(&env, a, 1);
	reply(0);
	ATF_REQUIRE_EQ(0, work());
	reply(0);
	known("a+b ");
	end(&env);
}

ATF_TC_WITHOUT_HEAD(snapshot__rename_failed_or_not);
ATF_TC_BODY(snapshot__rename_failed_or_not, tc)
{
	struct pm2d	 env;

	start(&env);
	store(&env, "a");
	/* It was renamed, and only what came after that failed. */
	snapshot(&env);
	ATF_REQUIRE_EQ(0, work());
	reply(ETIMEDOUT);
	store(&env, "b");
	known("a b ");
	ATF_REQUIRE(store_error(env.store) != NULL);
	end(&env);

	start(&env);
	snapshot(&env);
	reply(ETIMEDOUT);
	ATF_REQUIRE_EQ(-1, access("pm2d.state.new", F_OK));
	store(&env, "c");
	known("a b c ");
	end(&env);
}

ATF_TC_WITHOUT_HEAD(snapshot__without_the_deleted);
ATF_TC_BODY(snapshot__without_the_deleted, tc)
{
	struct pm2d	 env;
	struct app	*a;

	start(&env);
	a = store(&env, "a");
	store(&env, "b");
	store_deleted(env.store, a->id);
	a->freeing = 1;
	snapshot(&env);
	ATF_REQUIRE_EQ(0, work());
	reply(0);
	known("b ");
	end(&env);
}

ATF_TC_WITHOUT_HEAD(start__on_a_full_disk);
ATF_TC_BODY(start__on_a_full_disk, tc)
{
	struct pm2d	 env;

	start(&env);
	store(&env, "a");
	end(&env);

	begin(&env);
	sys_fault_set("write", ENOSPC, 1, 0);
	ATF_REQUIRE_EQ(0, store_load(env.store));
	ATF_REQUIRE_EQ(1, env.napps);
	ATF_REQUIRE(store_error(env.store) != NULL);
	ATF_REQUIRE_EQ(-1, store_app(env.store, add(&env, "b")));
	sys_fault_reset();
	known("a ");
	store(&env, "c");
	known("a c ");
	end(&env);
}

ATF_TC_WITHOUT_HEAD(start__unreadable_file_is_left_alone);
ATF_TC_BODY(start__unreadable_file_is_left_alone, tc)
{
	struct pm2d	 env;

	start(&env);
	store(&env, "a");
	end(&env);

	begin(&env);
	sys_fault_set("read", EIO, 1, 1);
	ATF_REQUIRE_EQ(-1, store_load(env.store));
	ATF_REQUIRE_EQ(EIO, errno);
	end(&env);
	begin(&env);
	sys_fault_set("openat", EMFILE, 1, 1);
	ATF_REQUIRE_EQ(-1, store_load(env.store));
	ATF_REQUIRE_EQ(EMFILE, errno);
	end(&env);
	sys_fault_reset();
	known("a ");
}

ATF_TC_WITHOUT_HEAD(start__damaged_file_is_kept);
ATF_TC_BODY(start__damaged_file_is_kept, tc)
{
	struct pm2d	 env;

	start(&env);
	store(&env, "a");
	end(&env);
	start(&env);		/* from here on there is an old one */
	end(&env);
	ATF_REQUIRE_EQ(0, truncate("pm2d.state", 100));
	start(&env);
	ATF_REQUIRE_EQ(1, env.napps);
	end(&env);
	known("a ");
	ATF_REQUIRE_EQ(0, access("pm2d.state.damaged", F_OK));
	/* An empty one is damaged, too. */
	ATF_REQUIRE_EQ(0, truncate("pm2d.state", 0));
	start(&env);
	ATF_REQUIRE_EQ(1, env.napps);
	end(&env);
}

/* One more of those that were started with an app, with its spec. */
static struct app *
more(struct pm2d *env, struct app *of, uint32_t instance)
{
	struct app	*app;

	ATF_REQUIRE((app = app_new(env, of->spec, env->next_id)) != NULL);
	app->first = of->first;
	app->instance = instance;
	ATF_REQUIRE_EQ(0, store_app(env->store, app));
	return (app);
}

/*
 * Instances that were added later, to a group whose first is gone: they come
 * back as they were, and with one spec.
 */
ATF_TC_WITHOUT_HEAD(start__scattered_instances);
ATF_TC_BODY(start__scattered_instances, tc)
{
	struct pm2d	 env;
	struct app	*a, *b, *other;

	begin(&env);
	ATF_REQUIRE_EQ(0, store_load(env.store));
	a = add(&env, "a");
	a->first = a->id;
	ATF_REQUIRE_EQ(0, store_app(env.store, a));
	more(&env, a, 1);
	other = add(&env, "a");
	other->first = other->id;
	ATF_REQUIRE_EQ(0, store_app(env.store, other));
	more(&env, a, 2);
	store_deleted(env.store, a->id);
	app_free(a);
	a = app_find(&env, 1);
	more(&env, a, 0);
	end(&env);

	begin(&env);
	ATF_REQUIRE_EQ(0, store_load(env.store));
	ATF_REQUIRE_EQ(4, env.napps);
	ATF_REQUIRE((a = app_find(&env, 1)) != NULL);
	ATF_REQUIRE_EQ(1, a->instance);
	ATF_REQUIRE((b = app_find(&env, 3)) != NULL);
	ATF_REQUIRE_EQ(2, b->instance);
	ATF_REQUIRE_EQ(0, b->first);
	ATF_REQUIRE_MSG(a->spec == b->spec, "one spec for all");
	ATF_REQUIRE((b = app_find(&env, 4)) != NULL);
	ATF_REQUIRE_EQ(0, b->instance);
	ATF_REQUIRE_EQ(0, b->first);
	ATF_REQUIRE(a->spec == b->spec);
	ATF_REQUIRE((other = app_find(&env, 2)) != NULL);
	ATF_REQUIRE_EQ(2, other->first);
	ATF_REQUIRE_MSG(other->spec != a->spec, "it is none of them");
	end(&env);
}

/* A reload is under way: both processes are known, however they were told. */
ATF_TC_WITHOUT_HEAD(beside__is_kept);
ATF_TC_BODY(beside__is_kept, tc)
{
	struct pm2d	 env;
	struct app	*app;
	struct run	*run;
	int		 i;

	begin(&env);
	ATF_REQUIRE_EQ(0, store_load(env.store));
	add(&env, "a");
	app = add(&env, "b");
	ATF_REQUIRE_EQ(0, store_app(env.store, app));
	ATF_REQUIRE((run = run_new(app, RUN_SUCCESSOR)) != NULL);
	run->pid = 4711;
	run->pidstart = 815;
	store_status(env.store, app);
	run->pid = 0;
	end(&env);

	/* What ended meanwhile is not in the next snapshot. */
	for (i = 0; i < 2; i++) {
		begin(&env);
		nleft = 0;
		ATF_REQUIRE_EQ(0, store_load(env.store));
		ATF_REQUIRE_EQ(i == 0, nleft);
		if (i == 0) {
			ATF_CHECK_EQ(1, left[0].id);
			ATF_CHECK_EQ(4711, left[0].pid);
			ATF_CHECK_EQ(815, left[0].start);
		}
		end(&env);
	}
}

static void
note(struct app *app, enum app_state state)
{
	app->run->m.state = state;
	team_note(app);
}

/* Who is there to take one's connections. */
ATF_TC_WITHOUT_HEAD(team__others);
ATF_TC_BODY(team__others, tc)
{
	struct pm2d	 env;
	struct app	*a, *b, *other;

	begin(&env);
	ATF_REQUIRE_EQ(0, store_load(env.store));
	a = add(&env, "a");
	b = add(&env, "a");
	other = add(&env, "a");
	note(b, APP_ONLINE);
	ATF_REQUIRE_EQ(0, team_join(a, 0, 1000));
	ATF_REQUIRE_EQ(0, team_join(b, 0, 1000));
	ATF_REQUIRE_EQ(0, team_join(other, 0, 1001));
	note(other, APP_ONLINE);
	ATF_CHECK_EQ(1, team_others(a));
	ATF_CHECK_EQ(0, team_others(b));
	ATF_CHECK_EQ(0, team_others(other));
	note(a, APP_ONLINE);
	note(a, APP_ONLINE);
	ATF_CHECK_EQ(1, team_others(b));
	note(b, APP_STOPPING);
	ATF_CHECK_EQ(0, team_others(a));
	note(b, APP_ONLINE);
	app_free(b);
	ATF_CHECK_EQ(0, team_others(a));
	ATF_CHECK(team_first(&env, 0, 1000) == a);
	ATF_CHECK(team_next(a) == NULL);
	app_free(a);
	ATF_CHECK(team_first(&env, 0, 1000) == NULL);
	ATF_CHECK(team_first(&env, 0, 1001) == other);
	end(&env);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, start__scattered_instances);
	ATF_TP_ADD_TC(tp, team__others);
	ATF_TP_ADD_TC(tp, beside__is_kept);
	ATF_TP_ADD_TC(tp, disk__full_then_not);
	ATF_TP_ADD_TC(tp, disk__half_a_record_that_stays);
	ATF_TP_ADD_TC(tp, snapshot__killed_behind_the_rename);
	ATF_TP_ADD_TC(tp, snapshot__changes_while_it_is_written);
	ATF_TP_ADD_TC(tp, snapshot__rename_failed_or_not);
	ATF_TP_ADD_TC(tp, snapshot__without_the_deleted);
	ATF_TP_ADD_TC(tp, start__on_a_full_disk);
	ATF_TP_ADD_TC(tp, start__unreadable_file_is_left_alone);
	ATF_TP_ADD_TC(tp, start__damaged_file_is_kept);
	return (atf_no_error());
}

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

#include <sys/types.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <event.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <atf-c.h>

#include "apputil.h"
#include "helper.h"
#include "sample.h"
#include "sys_fault.h"
#include "tree.h"

#define PATIENCE_MS	10000

/* An app and the pipe that all of it holds open. */
struct app {
	struct tree	*tree;
	pid_t		 pid;
	int		 pidfd;
	int		 out;
	struct event	*ev;
	int		 reaped;
	int		 empty;		/* times the watch called back */
};

static struct event_base	*base;
static struct event		*chld;
static struct ids		 ids;
static struct app		*started[64];

/* A test that fails leaves nothing behind either. */
static void
clean_up(void)
{
	size_t i;

	if (base == NULL)
		return;
	for (i = 0; i < 64; i++)
		if (started[i] != NULL)
			(void)tree_kill(started[i]->tree);
	(void)usleep(50000);
	tree_exit();
	base = NULL;
}

static void
on_chld(int sig, short ev, void *arg)
{
	(void)sig;
	(void)ev;
	(void)arg;
	tree_sigchld();
}

/* 0, or -1 when this way is not to be had here. */
static int
begin(const atf_tc_t *tc, enum tree_mode mode)
{
	apps_begin(tc, "h_tree");
	apps_ids(&ids);
	base = event_base_new();
	ATF_REQUIRE(base != NULL);
	ATF_REQUIRE_EQ(0, atexit(clean_up));
	chld = evsignal_new(base, SIGCHLD, on_chld, NULL);
	ATF_REQUIRE_EQ(0, event_add(chld, NULL));
	ATF_REQUIRE_EQ(0, tree_init(base, mode, NULL, NULL));
	printf("%s\n", tree_describe());
	if (mode != TREE_WALK && tree_mode() == TREE_WALK) {
		tree_exit();
		apps_end();
		return (-1);
	}
	return (0);
}

static void
end(void)
{
	siginfo_t	 info;
	long		 t0;

	helper_exit();
	/* The last orphan may have died this moment. */
	for (t0 = apps_ms(); apps_ms() - t0 < 2000; (void)usleep(1000)) {
		tree_sweep();
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG |
		    WNOWAIT) == -1)
			break;
	}
	tree_exit();
	event_free(chld);
	event_base_free(base);
	base = NULL;
	apps_end();
	/* Nothing of anybody may be left. */
	ATF_REQUIRE_EQ(-1, waitpid(-1, NULL, WNOHANG));
	ATF_REQUIRE_EQ(ECHILD, errno);
}

static void
on_main(int fd, short ev, void *arg)
{
	struct app	*app = arg;
	siginfo_t	 info;

	(void)fd;
	(void)ev;
	if (spawn_reap(app->pid, app->pidfd, &info) != 1)
		return;
	(void)event_del(app->ev);
	app->reaped = 1;
	tree_main(app->tree, 0, 0);
}

static void
start(struct app *app, uint32_t id, const char *what, const char *arg, int n)
{
	struct spawn_child	 child;
	struct spawn_req	 req;
	enum stage		 stage;
	char			*argv[4], *envp[3], buf[256];
	int			 cgroup, got, i, p[2];

	memset(app, 0, sizeof(*app));
	ATF_REQUIRE((app->tree = tree_make(id)) != NULL);
	for (i = 0; started[i] != NULL; i++)
		ATF_REQUIRE(i < 62);
	started[i] = app;
	apps_req(&req, NULL);
	argv[0] = apps_helper;
	argv[1] = (char *)(uintptr_t)what;
	argv[2] = (char *)(uintptr_t)arg;
	argv[3] = NULL;
	req.argv = argv;
	envp[0] = (char *)(uintptr_t)"ASAN_OPTIONS=detect_leaks=0";
	envp[1] = (char *)(uintptr_t)tree_env(app->tree);
	envp[2] = NULL;
	req.envp = envp;
	req.ids = ids.change ? &ids : NULL;
	ATF_REQUIRE_EQ(0, pipe2(p, O_CLOEXEC));
	req.out_w = p[1];
	ATF_REQUIRE_EQ(0, tree_open(app->tree, &cgroup));
	req.cgroup_fd = cgroup;
	ATF_REQUIRE_EQ(0, spawn_app(&req, &child, &stage));
	if (cgroup != -1)
		ATF_REQUIRE_EQ(0, close(cgroup));
	ATF_REQUIRE_EQ(0, close(p[1]));
	app->pid = child.pid;
	app->pidfd = child.pidfd;
	app->out = p[0];
	app->ev = event_new(base, app->pidfd, EV_READ | EV_PERSIST, on_main,
	    app);
	ATF_REQUIRE_EQ(0, event_add(app->ev, NULL));
	tree_main(app->tree, child.pid, ids.uid);
	ATF_REQUIRE_EQ(0, spawn_release(&child));
	spawn_close(&child);
	for (; n > 0; n -= got) {
		got = (int)read(app->out, buf,
		    (size_t)n < sizeof(buf) ? (size_t)n : sizeof(buf));
		ATF_REQUIRE(got > 0);
	}
}

static void
forget(struct app *app)
{
	int i;

	if (!app->reaped) {
		siginfo_t info;

		(void)spawn_signal(app->pid, app->pidfd, SIGKILL);
		while (spawn_reap(app->pid, app->pidfd, &info) == 0)
			(void)usleep(1000);
	}
	for (i = 0; i < 64; i++)
		if (started[i] == app)
			started[i] = NULL;
	event_free(app->ev);
	tree_free(app->tree);
	(void)close(app->out);
	(void)close(app->pidfd);
}

static void
on_empty(struct tree *t, void *arg)
{
	struct app *app = arg;

	ATF_REQUIRE_EQ(app->tree, t);
	app->empty++;
}

/* Let things happen until something is so, or for so long. */
static int
loop(const int *until, int ms)
{
	struct timeval	 tv = { 0, 2000 };
	long		 t0;

	for (t0 = apps_ms(); !*until && apps_ms() - t0 < ms;) {
		ATF_REQUIRE_EQ(0, event_base_loopexit(base, &tv));
		ATF_REQUIRE(event_base_dispatch(base) != -1);
	}
	return (*until);
}

/* Has everybody let go of the pipe? */
static int
all_gone(struct app *app)
{
	struct pollfd	 pfd;
	char		 buf[4096];
	ssize_t		 n;

	pfd.fd = app->out;
	pfd.events = POLLIN;
	while (poll(&pfd, 1, 2000) == 1) {
		n = read(app->out, buf, sizeof(buf));
		if (n == 0)
			return (1);
		ATF_REQUIRE(n > 0);
	}
	return (0);
}

/* As pm2d stops an app. */
static void
stop(struct app *app, int sig, int ms)
{
	tree_note(app->tree);
	ATF_REQUIRE_EQ(0, tree_watch(app->tree, on_empty, app));
	if (!app->reaped)
		ATF_REQUIRE_EQ(0, spawn_signal(app->pid, app->pidfd, sig));
	if (loop(&app->empty, ms))
		return;
	ATF_REQUIRE_EQ(0, tree_kill(app->tree));
	ATF_REQUIRE(loop(&app->empty, PATIENCE_MS));
}

static void
require_gone(struct app *app)
{
	int	 gone, i;

	ATF_REQUIRE_EQ(1, app->empty);
	/* a zombie is not in the way */
	ATF_REQUIRE(loop(&app->reaped, PATIENCE_MS));
	/* While processes still come to us it is not looked each time. */
	gone = tree_gone(app->tree);
	for (i = 0; i < PATIENCE_MS / 20 && gone != 1; i++) {
		usleep(20000);
		tree_sigchld();
		gone = tree_gone(app->tree);
	}
	ATF_REQUIRE_EQ(1, gone);
	ATF_REQUIRE(all_gone(app));
}

#define BOTH(name)							\
static void	body_##name(void);					\
ATF_TC_WITHOUT_HEAD(cgroup__##name);					\
ATF_TC_BODY(cgroup__##name, tc)						\
{									\
	if (begin(tc, TREE_NONE) == -1)					\
		atf_tc_skip("no control groups here");			\
	body_##name();							\
	end();								\
}									\
ATF_TC_WITHOUT_HEAD(walk__##name);					\
ATF_TC_BODY(walk__##name, tc)						\
{									\
	ATF_REQUIRE_EQ(0, begin(tc, TREE_WALK));			\
	body_##name();							\
	end();								\
}									\
static void								\
body_##name(void)

BOTH(stops_by_itself)
{
	struct app app;

	start(&app, 1, "sleep", NULL, 1);
	ATF_REQUIRE_EQ(0, tree_gone(app.tree));
	stop(&app, SIGTERM, PATIENCE_MS);
	require_gone(&app);
	forget(&app);
}

BOTH(daemon_is_killed)
{
	struct app app;

	start(&app, 1, "daemon", NULL, 2);
	stop(&app, SIGTERM, 100);
	require_gone(&app);
	forget(&app);
}

/* Seen while it had a parent, it is known when it has none. */
BOTH(noted_one_is_killed)
{
	struct app app;

	start(&app, 1, "late", NULL, 2);
	stop(&app, SIGTERM, 100);
	require_gone(&app);
	forget(&app);
}

/* Without that only a control group can tell whose it was. */
ATF_TC_WITHOUT_HEAD(cgroup__hidden_daemon_is_killed);
ATF_TC_BODY(cgroup__hidden_daemon_is_killed, tc)
{
	struct app app;

	if (begin(tc, TREE_NONE) == -1)
		atf_tc_skip("no control groups here");
	start(&app, 1, "hidden", NULL, 2);
	stop(&app, SIGTERM, 100);
	require_gone(&app);
	forget(&app);
	end();
}

BOTH(deaf_ones_are_killed)
{
	struct app app;

	start(&app, 1, "deaf", NULL, 2);
	stop(&app, SIGTERM, 100);
	require_gone(&app);
	forget(&app);
}

BOTH(bomb_is_killed)
{
	struct app app;

	start(&app, 1, "bomb", "50", 50);
	stop(&app, SIGTERM, 50);
	require_gone(&app);
	forget(&app);
}

BOTH(busy_forking_is_killed)
{
	struct app app;

	start(&app, 1, "busy", NULL, 1);
	ATF_REQUIRE_EQ(0, loop(&app.empty, 50));
	stop(&app, SIGTERM, 20);
	require_gone(&app);
	forget(&app);
}

BOTH(left_behind_is_found)
{
	struct app app;

	start(&app, 1, "leave", NULL, 1);
	ATF_REQUIRE(loop(&app.reaped, PATIENCE_MS));
	ATF_REQUIRE_EQ(0, tree_gone(app.tree));
	ATF_REQUIRE_EQ(0, tree_watch(app.tree, on_empty, &app));
	ATF_REQUIRE_EQ(0, loop(&app.empty, 50));
	ATF_REQUIRE_EQ(0, tree_kill(app.tree));
	ATF_REQUIRE(loop(&app.empty, PATIENCE_MS));
	require_gone(&app);
	forget(&app);
}

BOTH(rest_gets_a_signal)
{
	struct app app;

	start(&app, 1, "daemon", NULL, 2);
	ATF_REQUIRE_EQ(1, tree_signal_rest(app.tree, SIGTERM));
	ATF_REQUIRE_EQ(0, tree_watch(app.tree, on_empty, &app));
	ATF_REQUIRE_EQ(0, loop(&app.empty, 50));
	/* the main process was spared, and there is nothing else */
	ATF_REQUIRE_EQ(0, app.reaped);
	ATF_REQUIRE_EQ(0, tree_signal_rest(app.tree, SIGTERM));
	ATF_REQUIRE_EQ(0, spawn_signal(app.pid, app.pidfd, SIGTERM));
	ATF_REQUIRE(loop(&app.empty, PATIENCE_MS));
	require_gone(&app);
	forget(&app);
}

BOTH(others_are_spared)
{
	struct app a, b;

	start(&a, 1, "daemon", NULL, 2);
	start(&b, 2, "daemon", NULL, 2);
	stop(&a, SIGTERM, 20);
	require_gone(&a);
	ATF_REQUIRE_EQ(0, b.reaped);
	ATF_REQUIRE_EQ(0, tree_gone(b.tree));
	ATF_REQUIRE_EQ(1, tree_signal_rest(b.tree, 0));
	stop(&b, SIGTERM, 20);
	require_gone(&b);
	forget(&a);
	forget(&b);
}

/* What it forked counts, and what others have does not. */
BOTH(memory_is_of_all)
{
	struct app	 a, b;
	uint64_t	 one, two;

	start(&a, 1, "sleep", NULL, 1);
	start(&b, 2, "daemon", NULL, 2);
	ATF_REQUIRE_EQ(0, tree_memory(a.tree, &one));
	ATF_REQUIRE_EQ(0, tree_memory(b.tree, &two));
	printf("%llu and %llu\n", (unsigned long long)one,
	    (unsigned long long)two);
	ATF_REQUIRE(one > 100 * 1024);
	ATF_REQUIRE(two > one);
	stop(&a, SIGTERM, 20);
	require_gone(&a);
	ATF_REQUIRE_EQ(-1, tree_memory(a.tree, &one));
	ATF_REQUIRE(errno == ESRCH || errno == EAGAIN);
	stop(&b, SIGTERM, 20);
	require_gone(&b);
	forget(&a);
	forget(&b);
}

/* What cannot be limited is not started as if it were. */
BOTH(limit_is_kept_or_refused)
{
	struct tree_limits	 tl = { 0, 0, 7 };
	struct tree		*t;
	char			 line[32], path[1024];
	FILE			*f;
	int			 error, fd;

	ATF_REQUIRE((t = tree_make(1)) != NULL);
	error = tree_controller("pids");
	tree_limit(t, &tl);
	if (error != 0) {
		printf("pids: %s\n", strerror(error));
		ATF_REQUIRE_EQ(-1, tree_open(t, &fd));
		ATF_REQUIRE_EQ(error, errno);
		ATF_REQUIRE_EQ(-1, fd);
	} else {
		ATF_REQUIRE_EQ(0, tree_open(t, &fd));
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d/pids.max",
		    fd);
		ATF_REQUIRE((f = fopen(path, "r")) != NULL);
		ATF_REQUIRE(fgets(line, sizeof(line), f) != NULL);
		ATF_REQUIRE_STREQ("7\n", line);
		(void)fclose(f);
		ATF_REQUIRE_EQ(0, close(fd));
	}
	memset(&tl, 0, sizeof(tl));
	tree_limit(t, &tl);
	ATF_REQUIRE_EQ(0, tree_open(t, &fd));
	if (fd != -1)
		ATF_REQUIRE_EQ(0, close(fd));
	tree_free(t);
}

/* A restart: the tree stays, its main process is another one. */
BOTH(earlier_run_is_not_forgotten)
{
	struct app	 a, b;
	struct tree	*spare;

	start(&a, 1, "leave", NULL, 1);
	ATF_REQUIRE(loop(&a.reaped, PATIENCE_MS));
	start(&b, 2, "sleep", NULL, 1);
	/* b is a's next main process, if it had been started there */
	if (tree_mode() == TREE_WALK) {
		spare = b.tree;
		tree_main(spare, 0, 0);
		tree_main(a.tree, b.pid, ids.uid);
		b.tree = a.tree;
		ATF_REQUIRE_EQ(1, tree_signal_rest(a.tree, 0));
		ATF_REQUIRE_EQ(0, tree_watch(a.tree, on_empty, &a));
		ATF_REQUIRE_EQ(0, tree_kill(a.tree));
		ATF_REQUIRE(loop(&a.empty, PATIENCE_MS));
		ATF_REQUIRE(all_gone(&a));
		ATF_REQUIRE(all_gone(&b));
		b.tree = spare;
	}
	ATF_REQUIRE_EQ(0, tree_watch(a.tree, on_empty, &a));
	a.empty = 0;
	(void)tree_kill(a.tree);
	ATF_REQUIRE(loop(&a.empty, PATIENCE_MS));
	forget(&a);
	forget(&b);
}

BOTH(watch_can_be_called_off)
{
	struct app app;

	start(&app, 1, "sleep", NULL, 1);
	ATF_REQUIRE_EQ(0, tree_watch(app.tree, on_empty, &app));
	tree_unwatch(app.tree);
	ATF_REQUIRE_EQ(0, tree_kill(app.tree));
	ATF_REQUIRE(loop(&app.reaped, PATIENCE_MS));
	ATF_REQUIRE_EQ(0, loop(&app.empty, 30));
	/* and an empty one calls back too, but not at once */
	ATF_REQUIRE_EQ(0, tree_watch(app.tree, on_empty, &app));
	ATF_REQUIRE_EQ(0, app.empty);
	ATF_REQUIRE(loop(&app.empty, PATIENCE_MS));
	require_gone(&app);
	forget(&app);
}

BOTH(many_at_once)
{
	struct app	 apps[40];
	int		 i;

	for (i = 0; i < 40; i++)
		start(&apps[i], (uint32_t)i, i % 4 == 0 ? "deaf" : "sleep",
		    NULL, i % 4 == 0 ? 2 : 1);
	for (i = 0; i < 40; i++) {
		ATF_REQUIRE_EQ(0, tree_watch(apps[i].tree, on_empty,
		    &apps[i]));
		ATF_REQUIRE_EQ(0, tree_kill(apps[i].tree));
	}
	for (i = 0; i < 40; i++)
		ATF_REQUIRE(loop(&apps[i].empty, PATIENCE_MS));
	for (i = 0; i < 40; i++) {
		require_gone(&apps[i]);
		forget(&apps[i]);
	}
}

BOTH(group_goes_with_the_zombie)
{
	struct app	 app;
	siginfo_t	 info;

	start(&app, 1, "group", NULL, 1);
	/* wait for its end without taking it */
	ATF_REQUIRE_EQ(0, waitid(P_PID, (id_t)app.pid, &info,
	    WEXITED | WNOWAIT));
	ATF_REQUIRE_EQ(0, tree_gone(app.tree));
	ATF_REQUIRE_EQ(0, tree_killgroup(app.pid));
	ATF_REQUIRE(all_gone(&app));
	ATF_REQUIRE(loop(&app.reaped, PATIENCE_MS));
	ATF_REQUIRE_EQ(-1, tree_killgroup(app.pid));
	ATF_REQUIRE_EQ(ECHILD, errno);
	forget(&app);
}

ATF_TC_WITHOUT_HEAD(killgroup__only_of_a_zombie);
ATF_TC_BODY(killgroup__only_of_a_zombie, tc)
{
	struct app app;

	ATF_REQUIRE_EQ(0, begin(tc, TREE_WALK));
	ATF_REQUIRE_EQ(-1, tree_killgroup(1));
	ATF_REQUIRE_EQ(-1, tree_killgroup(0));
	ATF_REQUIRE_EQ(-1, tree_killgroup(-1));
	ATF_REQUIRE_EQ(-1, tree_killgroup(getpid()));
	start(&app, 1, "sleep", NULL, 1);
	ATF_REQUIRE_EQ(-1, tree_killgroup(app.pid));
	ATF_REQUIRE_EQ(ECHILD, errno);
	ATF_REQUIRE_EQ(0, tree_gone(app.tree));
	stop(&app, SIGTERM, PATIENCE_MS);
	forget(&app);
	end();
}

/* An orphan is reaped though an older zombie waits for somebody else. */
ATF_TC_WITHOUT_HEAD(sweep__takes_orphans_only);
ATF_TC_BODY(sweep__takes_orphans_only, tc)
{
	struct app	 app;
	siginfo_t	 info;
	pid_t		 middle, orphan;
	int		 p[2];

	ATF_REQUIRE_EQ(0, begin(tc, TREE_WALK));
	start(&app, 1, "sleep", NULL, 1);
	ATF_REQUIRE_EQ(0, spawn_signal(app.pid, app.pidfd, SIGKILL));
	ATF_REQUIRE_EQ(0, waitid(P_PID, (id_t)app.pid, &info,
	    WEXITED | WNOWAIT));
	ATF_REQUIRE_EQ(0, pipe2(p, O_CLOEXEC));
	ATF_REQUIRE((middle = fork()) != -1);
	if (middle == 0) {
		if ((orphan = fork()) == 0)
			_exit(0);
		ATF_REQUIRE_EQ((ssize_t)sizeof(orphan),
		    write(p[1], &orphan, sizeof(orphan)));
		_exit(0);
	}
	ATF_REQUIRE_EQ((ssize_t)sizeof(orphan),
	    read(p[0], &orphan, sizeof(orphan)));
	ATF_REQUIRE_EQ(0, waitid(P_PID, (id_t)middle, &info,
	    WEXITED | WNOWAIT));
	while (waitid(P_PID, (id_t)orphan, &info, WEXITED | WNOWAIT) == -1)
		(void)usleep(1000);
	tree_sweep();
	ATF_REQUIRE_EQ(-1, waitpid(middle, NULL, WNOHANG));
	ATF_REQUIRE_EQ(-1, waitpid(orphan, NULL, WNOHANG));
	/* the app's main process is still there for its owner */
	ATF_REQUIRE_EQ(1, spawn_reap(app.pid, app.pidfd, &info));
	ATF_REQUIRE_EQ(SIGKILL, info.si_status);
	tree_main(app.tree, 0, 0);
	app.reaped = 1;
	forget(&app);
	end();
}

/* Somebody else's environment does not make him ours. */
ATF_TC(walk__tag_needs_the_user);
ATF_TC_HEAD(walk__tag_needs_the_user, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(walk__tag_needs_the_user, tc)
{
	struct app	 a;
	siginfo_t	 info;
	pid_t		 middle, orphan;
	char		*argv[3], *envp[3];
	int		 p[2];
	char		 c;

	ATF_REQUIRE_EQ(0, begin(tc, TREE_WALK));
	start(&a, 1, "sleep", NULL, 1);
	ATF_REQUIRE_EQ(0, pipe(p));
	argv[0] = apps_helper;
	argv[1] = (char *)(uintptr_t)"sleep";
	argv[2] = NULL;
	envp[0] = (char *)(uintptr_t)tree_env(a.tree);
	envp[1] = (char *)(uintptr_t)"ASAN_OPTIONS=detect_leaks=0";
	envp[2] = NULL;
	ATF_REQUIRE((middle = fork()) != -1);
	if (middle == 0) {
		if ((orphan = fork()) == 0) {
			(void)setsid();
			(void)dup2(p[1], STDOUT_FILENO);
			(void)execve(apps_helper, argv, envp);
			_exit(1);
		}
		_exit(write(p[1], &orphan, sizeof(orphan)) == -1);
	}
	ATF_REQUIRE_EQ((ssize_t)sizeof(orphan),
	    read(p[0], &orphan, sizeof(orphan)));
	ATF_REQUIRE_EQ(1, read(p[0], &c, 1));
	ATF_REQUIRE_EQ(middle, waitpid(middle, NULL, 0));
	stop(&a, SIGTERM, PATIENCE_MS);
	require_gone(&a);
	ATF_REQUIRE_EQ(0, kill(orphan, 0));
	/* it is root's: had the app been root's, it would go too */
	tree_main(a.tree, orphan, 0);
	ATF_REQUIRE_EQ(0, tree_kill(a.tree));
	ATF_REQUIRE_EQ(0, waitid(P_PID, (id_t)orphan, &info, WEXITED));
	ATF_REQUIRE_EQ(SIGKILL, info.si_status);
	forget(&a);
	end();
}

ATF_TC_WITHOUT_HEAD(cgroup__nothing_stays);
ATF_TC_BODY(cgroup__nothing_stays, tc)
{
	struct app	 app;
	struct tree	*t;
	struct stat	 st;
	char		 path[512], sub[600];
	int		 n;

	if (begin(tc, TREE_NONE) == -1)
		atf_tc_skip("no control groups here");
	n = apps_nfds();
	ATF_REQUIRE_EQ(1, sscanf(tree_describe(), "cgroup %511s", path));
	ATF_REQUIRE_EQ(0, stat(path, &st));
	start(&app, 7, "sleep", NULL, 1);
	(void)snprintf(sub, sizeof(sub), "%s/app7", path);
	ATF_REQUIRE_EQ(0, stat(sub, &st));
	/* The same number again while the first is there. */
	ATF_REQUIRE((t = tree_make(7)) != NULL);
	ATF_REQUIRE_EQ(1, tree_gone(t));
	tree_free(t);
	/* Groups that an app makes go too. */
	(void)snprintf(sub, sizeof(sub), "%s/app7/own", path);
	ATF_REQUIRE_EQ(0, mkdir(sub, 0755));
	(void)snprintf(sub, sizeof(sub), "%s/app7/own/deeper", path);
	ATF_REQUIRE_EQ(0, mkdir(sub, 0755));
	stop(&app, SIGTERM, PATIENCE_MS);
	forget(&app);
	(void)snprintf(sub, sizeof(sub), "%s/app7", path);
	ATF_REQUIRE_EQ(-1, stat(sub, &st));
	ATF_REQUIRE_EQ(n, apps_nfds());
	end();
	ATF_REQUIRE_EQ(-1, stat(path, &st));
	ATF_REQUIRE_EQ(ENOENT, errno);
}

/* Old kernels have no cgroup.kill. */
ATF_TC_WITHOUT_HEAD(cgroup__without_kill_file);
ATF_TC_BODY(cgroup__without_kill_file, tc)
{
	struct app app;

	if (begin(tc, TREE_NONE) == -1)
		atf_tc_skip("no control groups here");
	start(&app, 1, "bomb", "20", 20);
	ATF_REQUIRE_EQ(0, tree_watch(app.tree, on_empty, &app));
	sys_fault_set("openat", ENOENT, 1, 1);
	ATF_REQUIRE_EQ(0, tree_kill(app.tree));
	ATF_REQUIRE_EQ(1, sys_fault_hits("openat"));
	ATF_REQUIRE(loop(&app.empty, PATIENCE_MS));
	require_gone(&app);
	forget(&app);
	end();
}

ATF_TC_WITHOUT_HEAD(cgroup__without_clone3);
ATF_TC_BODY(cgroup__without_clone3, tc)
{
	struct app app;

	if (begin(tc, TREE_NONE) == -1)
		atf_tc_skip("no control groups here");
	sys_fault_set("clone3", ENOSYS, 1, 0);
	start(&app, 1, "daemon", NULL, 2);
	ATF_REQUIRE_STREQ("fork", spawn_describe());
	ATF_REQUIRE_EQ(1, tree_signal_rest(app.tree, 0));
	stop(&app, SIGTERM, 20);
	require_gone(&app);
	forget(&app);
	end();
}

/* Where no group can be made, one walks. */
ATF_TC_WITHOUT_HEAD(init__falls_back);
ATF_TC_BODY(init__falls_back, tc)
{
	int n;

	apps_begin(tc, "h_tree");
	base = event_base_new();
	n = apps_nfds();
	sys_fault_set("mkdirat", EACCES, 1, 1);
	ATF_REQUIRE_EQ(0, tree_init(base, TREE_NONE, NULL, NULL));
	ATF_REQUIRE_EQ(TREE_WALK, tree_mode());
	ATF_REQUIRE(strstr(tree_describe(), "walking") != NULL);
	tree_exit();
	ATF_REQUIRE_EQ(TREE_NONE, tree_mode());
	/* one can be made, but nothing gets in */
	sys_fault_set("mkdirat", EACCES, 2, 1);
	ATF_REQUIRE_EQ(0, tree_init(base, TREE_NONE, NULL, NULL));
	ATF_REQUIRE_EQ(TREE_WALK, tree_mode());
	tree_exit();
	ATF_REQUIRE_EQ(n, apps_nfds());
	event_base_free(base);
	base = NULL;
	apps_end();
}

/* The main process is remembered by a number that another one has now. */
ATF_TC_WITHOUT_HEAD(walk__reused_pid_is_spared);
ATF_TC_BODY(walk__reused_pid_is_spared, tc)
{
	struct app	 app;
	struct sample	 s;

	ATF_REQUIRE_EQ(0, begin(tc, TREE_WALK));
	start(&app, 1, "daemon", NULL, 2);
	ATF_REQUIRE_EQ(0, sample_pid(app.pid, &s));
	ATF_REQUIRE(s.starttime != 0);
	ATF_REQUIRE_EQ(app.pid, s.session);
	ATF_REQUIRE_EQ(getpid(), s.ppid);
	stop(&app, SIGTERM, 20);
	require_gone(&app);
	/* Nobody is left to be signalled under any remembered number. */
	ATF_REQUIRE_EQ(0, tree_signal_rest(app.tree, SIGKILL));
	ATF_REQUIRE_EQ(0, tree_kill(app.tree));
	forget(&app);
	end();
}

#define ADD_BOTH(name) do {						\
	ATF_TP_ADD_TC(tp, cgroup__##name);				\
	ATF_TP_ADD_TC(tp, walk__##name);				\
} while (0)

ATF_TP_ADD_TCS(tp)
{
	ADD_BOTH(stops_by_itself);
	ADD_BOTH(daemon_is_killed);
	ADD_BOTH(noted_one_is_killed);
	ATF_TP_ADD_TC(tp, cgroup__hidden_daemon_is_killed);
	ADD_BOTH(deaf_ones_are_killed);
	ADD_BOTH(bomb_is_killed);
	ADD_BOTH(busy_forking_is_killed);
	ADD_BOTH(left_behind_is_found);
	ADD_BOTH(rest_gets_a_signal);
	ADD_BOTH(others_are_spared);
	ADD_BOTH(memory_is_of_all);
	ADD_BOTH(limit_is_kept_or_refused);
	ADD_BOTH(earlier_run_is_not_forgotten);
	ADD_BOTH(watch_can_be_called_off);
	ADD_BOTH(many_at_once);
	ADD_BOTH(group_goes_with_the_zombie);
	ATF_TP_ADD_TC(tp, killgroup__only_of_a_zombie);
	ATF_TP_ADD_TC(tp, sweep__takes_orphans_only);
	ATF_TP_ADD_TC(tp, walk__tag_needs_the_user);
	ATF_TP_ADD_TC(tp, walk__reused_pid_is_spared);
	ATF_TP_ADD_TC(tp, cgroup__nothing_stays);
	ATF_TP_ADD_TC(tp, cgroup__without_kill_file);
	ATF_TP_ADD_TC(tp, cgroup__without_clone3);
	ATF_TP_ADD_TC(tp, init__falls_back);

	return (atf_no_error());
}

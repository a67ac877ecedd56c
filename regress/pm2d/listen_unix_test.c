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
 * Listeners at paths, made and removed as the app's user.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "apputil.h"
#include "listenutil.h"

static struct app	*app;
static char		 path[1024];

static void
begin(const atf_tc_t *tc, const char *balance)
{
	lu_begin(tc);
	app = lu_app(1000, balance, NULL);
	(void)lu_run(app, RUN_MAIN);
	(void)snprintf(path, sizeof(path), "%s/x.sock", apps_dir);
}

/* The answer; nothing comes from within. */
static const struct said *
ask(struct run *run, const char *where, uint32_t flags)
{
	struct engine_listen	 q;
	unsigned int		 n = lu_count(SAID_BOUND);

	lu_query(&q, LISTEN_UNIX, where, 0, flags);
	ATF_REQUIRE_EQ(NULL, lu_send(run, &q));
	return (lu_wait(n + 1));
}

/* 0 or an errno */
static int
try(const char *where, int abstract)
{
	struct sockaddr_un	 sun;
	socklen_t		 len = sizeof(sun);
	int			 error = 0, fd;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	ATF_REQUIRE(strlen(where) < sizeof(sun.sun_path) - 1);
	memcpy(sun.sun_path + abstract, where, strlen(where));
	if (abstract)
		len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
		    strlen(where));
	ATF_REQUIRE((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) !=
	    -1);
	if (connect(fd, (struct sockaddr *)&sun, len) == -1)
		error = errno;
	close(fd);
	return (error);
}

/* A socket file of this process, owned by the app's user or not. */
static int
make_socket(int own, int live)
{
	struct sockaddr_un	 sun;
	int			 fd;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	strlcpy(sun.sun_path, path, sizeof(sun.sun_path));
	ATF_REQUIRE((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) !=
	    -1);
	ATF_REQUIRE_EQ(0, bind(fd, (struct sockaddr *)&sun, sizeof(sun)));
	ATF_REQUIRE_EQ(0, chmod(path, 0777));
	if (own)
		ATF_REQUIRE_EQ(0, lchown(path, lu_ids->ids.uid,
		    lu_ids->ids.gid));
	if (live)
		ATF_REQUIRE_EQ(0, listen(fd, 5));
	return (fd);
}

/* Until its removal has been done. */
static void
settle(void)
{
	long	 t0 = apps_ms();

	while (listen_total(&env) > 0) {
		ATF_REQUIRE(apps_ms() - t0 < 20000);
		lu_loop(5);
	}
}

ATF_TC_WITHOUT_HEAD(path__made_and_removed);
ATF_TC_BODY(path__made_and_removed, tc)
{
	const struct said	*s;
	struct stat		 st;

	begin(tc, NULL);
	s = ask(app->run, path, 0);
	ATF_REQUIRE_EQ(0, s->bound.error);
	ATF_CHECK_EQ(0, s->bound.flags);
	ATF_CHECK_STREQ(path, s->bound.address);
	ATF_CHECK_EQ(LISTEN_UNIX, s->bound.type);
	ATF_REQUIRE_EQ(SAID_LISTENER, said[0].kind);
	ATF_CHECK((fcntl(said[0].fd, F_GETFL) & O_NONBLOCK) != 0);
	ATF_REQUIRE_EQ(0, lstat(path, &st));
	ATF_CHECK(S_ISSOCK(st.st_mode));
	ATF_CHECK_EQ(0755, st.st_mode & 07777);
	ATF_CHECK_EQ(lu_ids->ids.uid, st.st_uid);
	ATF_CHECK_EQ(0, try(path, 0));
	lu_rest(app);
	ATF_CHECK_EQ(ECONNREFUSED, try(path, 0));
	settle();
	ATF_CHECK_EQ(-1, lstat(path, &st));
	lu_end();
}

ATF_TC_WITHOUT_HEAD(path__mode);
ATF_TC_BODY(path__mode, tc)
{
	struct stat	 st;

	begin(tc, "shared");
	ATF_REQUIRE_EQ(0, ask(app->run, path, LISTEN_WRITEALL)->bound.error);
	ATF_CHECK_EQ(BOUND_FD, lu_said(SAID_BOUND, -1)->bound.flags);
	ATF_REQUIRE_EQ(0, lstat(path, &st));
	ATF_CHECK_EQ(0777, st.st_mode & 07777);
	lu_end();
	ATF_CHECK_EQ(-1, lstat(path, &st));
}

ATF_TC_WITHOUT_HEAD(path__stale);
ATF_TC_BODY(path__stale, tc)
{
	begin(tc, "kernel");	/* that of paths is shared */
	close(make_socket(1, 0));
	ATF_CHECK_EQ(0, ask(app->run, path, 0)->bound.error);
	ATF_CHECK_EQ(BOUND_FD, lu_said(SAID_BOUND, -1)->bound.flags);
	ATF_CHECK_EQ(0, try(path, 0));
	lu_end();
}

/* Whose it is not, and what is no dead socket, stays where it is. */
ATF_TC_WITHOUT_HEAD(path__taken);
ATF_TC_BODY(path__taken, tc)
{
	struct stat	 st, now;
	int		 fd;

	begin(tc, NULL);
	fd = make_socket(1, 1);
	ATF_REQUIRE_EQ(0, lstat(path, &st));
	ATF_CHECK_EQ(EADDRINUSE, ask(app->run, path, 0)->bound.error);
	close(fd);
	ATF_REQUIRE_EQ(0, unlink(path));
	if (geteuid() == 0) {
		close(make_socket(0, 0));
		ATF_CHECK_EQ(EADDRINUSE, ask(app->run, path, 0)->bound.error);
		ATF_REQUIRE_EQ(0, unlink(path));
	}
	ATF_REQUIRE((fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0666)) !=
	    -1);
	ATF_REQUIRE_EQ(0, fchown(fd, lu_ids->ids.uid, lu_ids->ids.gid));
	close(fd);
	ATF_REQUIRE_EQ(0, lstat(path, &st));
	ATF_CHECK_EQ(EADDRINUSE, ask(app->run, path, 0)->bound.error);
	ATF_REQUIRE_EQ(0, lstat(path, &now));
	ATF_CHECK_EQ(st.st_ino, now.st_ino);
	ATF_CHECK_EQ(0, env.fds);
	lu_end();
}

ATF_TC_WITHOUT_HEAD(path__errors);
ATF_TC_BODY(path__errors, tc)
{
	char	 name[PATH_MAX];

	begin(tc, NULL);
	(void)snprintf(name, sizeof(name), "%s/no/x", apps_dir);
	ATF_CHECK_EQ(ENOENT, ask(app->run, name, 0)->bound.error);
	(void)snprintf(name, sizeof(name), "%s/", apps_dir);
	ATF_CHECK_EQ(EINVAL, ask(app->run, name, 0)->bound.error);
	(void)snprintf(name, sizeof(name), "%s/%0120d", apps_dir, 1);
	ATF_CHECK_EQ(ENAMETOOLONG, ask(app->run, name, 0)->bound.error);
	if (geteuid() == 0) {
		ATF_REQUIRE_EQ(0, chmod(apps_dir, 0700));
		ATF_REQUIRE_EQ(0, chown(apps_dir, 0, 0));
		ATF_CHECK_EQ(EACCES, ask(app->run, path, 0)->bound.error);
		ATF_CHECK_EQ(EACCES, ask(app->run, "/etc/x.sock",
		    0)->bound.error);
	}
	ATF_CHECK_EQ(0, listen_total(&env));
	lu_end();
}

ATF_TC_WITHOUT_HEAD(path__long);
ATF_TC_BODY(path__long, tc)
{
	struct stat	 st;
	char		 dir[512];

	begin(tc, NULL);
	(void)snprintf(dir, sizeof(dir), "%s/%0200d", apps_dir, 1);
	ATF_REQUIRE_EQ(0, mkdir(dir, 0755));
	ATF_REQUIRE_EQ(0, chown(dir, lu_ids->ids.uid, lu_ids->ids.gid));
	(void)snprintf(path, sizeof(path), "%s/x.sock", dir);
	ATF_CHECK_EQ(0, ask(app->run, path, 0)->bound.error);
	ATF_CHECK_STREQ(path, lu_said(SAID_BOUND, -1)->bound.address);
	ATF_REQUIRE_EQ(0, lstat(path, &st));
	ATF_REQUIRE_EQ(0, chdir(dir));
	ATF_CHECK_EQ(0, try("x.sock", 0));
	lu_rest(app);
	settle();
	ATF_CHECK_EQ(-1, lstat(path, &st));
	ATF_REQUIRE_EQ(0, chdir("/"));
	lu_end();
}

ATF_TC_WITHOUT_HEAD(path__abstract);
ATF_TC_BODY(path__abstract, tc)
{
	char	 name[64];

	begin(tc, NULL);
	(void)snprintf(name, sizeof(name), "pm2d_test.%d", (int)getpid());
	ATF_CHECK_EQ(0, ask(app->run, name, LISTEN_ABSTRACT)->bound.error);
	ATF_CHECK_EQ(0, try(name, 1));
	lu_rest(app);
	ATF_CHECK_EQ(0, listen_total(&env));
	ATF_CHECK_EQ(ECONNREFUSED, try(name, 1));
	lu_end();
}

/* Somebody put another one in its place. */
ATF_TC_WITHOUT_HEAD(remove__not_ours);
ATF_TC_BODY(remove__not_ours, tc)
{
	struct stat	 st;
	char		 other[PATH_MAX];
	int		 fd;

	begin(tc, NULL);
	ATF_REQUIRE_EQ(0, ask(app->run, path, 0)->bound.error);
	/* not unlinked: its number would be given to the next one */
	(void)snprintf(other, sizeof(other), "%s.old", path);
	ATF_REQUIRE_EQ(0, rename(path, other));
	fd = make_socket(1, 1);
	lu_rest(app);
	settle();
	ATF_CHECK_EQ(0, lstat(path, &st));
	ATF_CHECK_EQ(0, try(path, 0));
	close(fd);
	lu_end();
}

/* Stopped and started at once: the new one is not what is removed. */
ATF_TC_WITHOUT_HEAD(remove__and_again);
ATF_TC_BODY(remove__and_again, tc)
{
	int	 i;

	begin(tc, NULL);
	ATF_REQUIRE_EQ(0, ask(app->run, path, 0)->bound.error);
	for (i = 0; i < 10; i++) {
		lu_rest(app);
		(void)lu_run(app, RUN_MAIN);
		ATF_REQUIRE_EQ(0, ask(app->run, path, 0)->bound.error);
		lu_loop(10);
		ATF_REQUIRE_EQ(0, try(path, 0));
		lu_forget();
	}
	lu_end();
}

/* Released while the helper makes it. */
ATF_TC_WITHOUT_HEAD(remove__while_made);
ATF_TC_BODY(remove__while_made, tc)
{
	struct engine_listen	 q;
	struct stat		 st;

	begin(tc, NULL);
	lu_query(&q, LISTEN_UNIX, path, 0, 0);
	ATF_REQUIRE_EQ(NULL, lu_send(app->run, &q));
	lu_rest(app);
	ATF_CHECK_EQ(1, listen_total(&env));
	settle();
	ATF_CHECK_EQ(0, nsaid);
	ATF_CHECK_EQ(-1, lstat(path, &st));
	/* and at the very end */
	(void)lu_run(app, RUN_MAIN);
	lu_query(&q, LISTEN_UNIX, path, 0, 0);
	ATF_REQUIRE_EQ(NULL, lu_send(app->run, &q));
	lu_end();
}

ATF_TC_WITHOUT_HEAD(exit__removes);
ATF_TC_BODY(exit__removes, tc)
{
	struct stat	 st;

	begin(tc, NULL);
	ATF_REQUIRE_EQ(0, ask(app->run, path, 0)->bound.error);
	listen_ended(app->run);
	listen_exit(&env);
	ATF_CHECK_EQ(-1, lstat(path, &st));
	listen_init(&env);
	/* and what is being removed */
	ATF_REQUIRE_EQ(0, ask(app->run, path, 0)->bound.error);
	lu_rest(app);
	listen_exit(&env);
	ATF_CHECK_EQ(-1, lstat(path, &st));
	listen_init(&env);
	lu_end();
}

/* Whoever asks while it is being made is answered, too. */
ATF_TC_WITHOUT_HEAD(many__wait);
ATF_TC_BODY(many__wait, tc)
{
	struct engine_listen	 q;
	struct run		*runs[5];
	char			 name[PATH_MAX];
	int			 i;

	begin(tc, NULL);
	for (i = 0; i < 5; i++) {
		runs[i] = lu_run(lu_app(1000, NULL, NULL), RUN_MAIN);
		lu_query(&q, LISTEN_UNIX, path, 0, 0);
		ATF_REQUIRE_EQ(NULL, lu_send(runs[i], &q));
		/* again, from the next engine: one answer will do */
		ATF_REQUIRE_EQ(NULL, lu_send(runs[i], &q));
	}
	lu_runend(runs[4]);
	lu_wait(4);
	lu_loop(50);
	ATF_CHECK_EQ(4, lu_count(SAID_BOUND));
	ATF_CHECK_EQ(1, lu_count(SAID_LISTENER));
	for (i = 0; i < 4; i++)
		ATF_CHECK_EQ(0, lu_said(SAID_BOUND, i)->bound.error);
	/* more than there are helpers for an app */
	for (i = 0; i < 20; i++) {
		(void)snprintf(name, sizeof(name), "%s.%d", path, i);
		lu_query(&q, LISTEN_UNIX, name, 0, 0);
		ATF_REQUIRE_EQ(NULL, lu_send(app->run, &q));
	}
	lu_wait(24);
	ATF_CHECK_EQ(21, lu_count(SAID_LISTENER));
	lu_rest(app);
	lu_end();
}

/* Two owners, one path: the first has it. */
ATF_TC_WITHOUT_HEAD(many__owners);
ATF_TC_BODY(many__owners, tc)
{
	struct engine_listen	 q;
	struct run		*other;

	begin(tc, NULL);
	other = lu_run(lu_app(1001, NULL, NULL), RUN_MAIN);
	lu_query(&q, LISTEN_UNIX, path, 0, 0);
	ATF_REQUIRE_EQ(NULL, lu_send(app->run, &q));
	q.seq = ++lu_seq;
	ATF_REQUIRE_EQ(NULL, lu_send(other, &q));
	lu_wait(2);
	ATF_CHECK_EQ(0, lu_said(SAID_BOUND, 0)->bound.error);
	ATF_CHECK_EQ(EADDRINUSE, lu_said(SAID_BOUND, 1)->bound.error);
	ATF_CHECK_EQ(0, try(path, 0));
	lu_end();
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, path__made_and_removed);
	ATF_TP_ADD_TC(tp, path__mode);
	ATF_TP_ADD_TC(tp, path__stale);
	ATF_TP_ADD_TC(tp, path__taken);
	ATF_TP_ADD_TC(tp, path__errors);
	ATF_TP_ADD_TC(tp, path__long);
	ATF_TP_ADD_TC(tp, path__abstract);
	ATF_TP_ADD_TC(tp, remove__not_ours);
	ATF_TP_ADD_TC(tp, remove__and_again);
	ATF_TP_ADD_TC(tp, remove__while_made);
	ATF_TP_ADD_TC(tp, exit__removes);
	ATF_TP_ADD_TC(tp, many__wait);
	ATF_TP_ADD_TC(tp, many__owners);
	return (atf_no_error());
}

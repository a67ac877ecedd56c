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
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <event.h>
#include <fcntl.h>
#include <limits.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <atf-c.h>

#include "apputil.h"
#include "helper.h"
#include "sys_fault.h"

static struct event_base	*base;
static struct ids		 ids;

struct answer {
	int	 called;
	int	 error;
	size_t	 len;
	int	 nfds;
	int	 fds[HELPER_MAXFDS];
	char	 data[HELPER_MAXREPLY];
};
static struct answer	 ans;

static void
begin(const atf_tc_t *tc)
{
	apps_begin(tc, "h_creds");
	apps_ids(&ids);
	base = event_base_new();
	ATF_REQUIRE(base != NULL);
	/* where the user may make files */
	if (ids.change)
		ATF_REQUIRE_EQ(0, chown(apps_dir, ids.uid, ids.gid));
}

static void
end(void)
{
	helper_exit();
	event_base_free(base);
	ATF_REQUIRE_EQ(-1, waitpid(-1, NULL, WNOHANG));
	ATF_REQUIRE_EQ(ECHILD, errno);
	apps_end();
}

static void
on_answer(void *arg, int error, const void *data, size_t len, int *fds,
    int nfds)
{
	struct answer *a = arg;

	a->called++;
	a->error = error;
	a->len = len;
	a->nfds = nfds;
	if (len > 0)
		memcpy(a->data, data, len);
	if (nfds > 0)
		memcpy(a->fds, fds, sizeof(*fds) * (size_t)nfds);
}

/* Until so many answers have come, or for so long. */
static void
loop(const int *count, int want, int ms)
{
	struct timeval	 tv = { 0, 2000 };
	long		 t0;

	for (t0 = apps_ms(); *count < want && apps_ms() - t0 < ms;) {
		ATF_REQUIRE_EQ(0, event_base_loopexit(base, &tv));
		ATF_REQUIRE(event_base_dispatch(base) != -1);
	}
}

static void
ask(const struct ids *who, helper_job *job, const void *req, size_t len,
    const int *fds, int nfds)
{
	memset(&ans, 0, sizeof(ans));
	ATF_REQUIRE(helper_run(base, who, job, req, len, fds, nfds,
	    on_answer, &ans) != NULL);
	ATF_REQUIRE_EQ(0, ans.called);
	loop(&ans.called, 1, 20000);
	ATF_REQUIRE_EQ(1, ans.called);
}

/* ---- jobs for tests ---- */

static int
job_echo(const void *req, size_t len, struct helper_reply *reply)
{
	if (len > 0)
		memcpy(reply->data, req, len);
	reply->len = len;
	return (0);
}

static int
job_hang(const void *req, size_t len, struct helper_reply *reply)
{
	(void)req;
	(void)len;
	(void)reply;
	while (pause() == -1)
		continue;
	return (0);
}

static int
job_die(const void *req, size_t len, struct helper_reply *reply)
{
	(void)req;
	(void)len;
	(void)reply;
	(void)kill(getpid(), SIGKILL);
	return (0);
}

static int
job_fail(const void *req, size_t len, struct helper_reply *reply)
{
	(void)req;
	(void)len;
	reply->len = 5;
	return (EDOM);
}

/* What a helper has: uid, descriptors, signals, umask. */
static int
job_about(const void *req, size_t len, struct helper_reply *reply)
{
	sigset_t	 set;
	int		 fd, n;

	(void)req;
	(void)len;
	for (n = 0, fd = 0; fd < 4096; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	(void)sigprocmask(SIG_BLOCK, NULL, &set);
	reply->len = (size_t)snprintf((char *)reply->data,
	    sizeof(reply->data), "uid %u fds %d high %d term %d umask %03o",
	    geteuid(), n, fcntl(20, F_GETFD) != -1,
	    sigismember(&set, SIGTERM), (unsigned int)umask(0)) + 1;
	return (0);
}

static int
job_sendfds(const void *req, size_t len, struct helper_reply *reply)
{
	char c;

	(void)req;
	(void)len;
	/* what was passed in works, and goes out again */
	if (read(reply->passed[0], &c, 1) != 1 || c != 'p')
		return (EIO);
	if (reply->passed[2] != -1)
		return (EINVAL);
	while (reply->nfds < HELPER_MAXFDS)
		reply->fds[reply->nfds++] = reply->passed[1];
	return (0);
}

/* ---- the machinery ---- */

ATF_TC_WITHOUT_HEAD(run__reply);
ATF_TC_BODY(run__reply, tc)
{
	static char	 big[HELPER_MAXREPLY];
	int		 i, n;

	begin(tc);
	for (APPS_WAYS(i)) {
		ask(NULL, job_echo, "hello", 6, NULL, 0);
		ATF_REQUIRE_EQ(0, ans.error);
		ATF_REQUIRE_EQ(6, ans.len);
		ATF_REQUIRE_STREQ("hello", ans.data);
		ask(NULL, job_echo, NULL, 0, NULL, 0);
		ATF_REQUIRE_EQ(0, ans.error);
		ATF_REQUIRE_EQ(0, ans.len);
		memset(big, 'b', sizeof(big));
		n = apps_nfds();
		ask(NULL, job_echo, big, sizeof(big), NULL, 0);
		ATF_REQUIRE_EQ(0, ans.error);
		ATF_REQUIRE_EQ(sizeof(big), ans.len);
		ATF_REQUIRE_EQ(0, memcmp(big, ans.data, sizeof(big)));
		helper_exit();
		ATF_REQUIRE(apps_nfds() <= n);
	}
	end();
}

ATF_TC_WITHOUT_HEAD(run__errors);
ATF_TC_BODY(run__errors, tc)
{
	begin(tc);
	ask(NULL, job_fail, "", 0, NULL, 0);
	ATF_REQUIRE_EQ(EDOM, ans.error);
	ATF_REQUIRE_EQ(0, ans.len);
	ask(NULL, job_die, "", 0, NULL, 0);
	ATF_REQUIRE_EQ(ECHILD, ans.error);
	sys_fault_set("clone3", EAGAIN, 1, 1);
	ATF_REQUIRE_EQ(NULL, helper_run(base, NULL, job_echo, "", 0, NULL, 0,
	    on_answer, &ans));
	ATF_REQUIRE_EQ(EAGAIN, errno);
	sys_fault_set("socketpair", EMFILE, 1, 1);
	ATF_REQUIRE_EQ(NULL, helper_run(base, NULL, job_echo, "", 0, NULL, 0,
	    on_answer, &ans));
	ATF_REQUIRE_EQ(EMFILE, errno);
	ATF_REQUIRE_EQ(NULL, helper_run(base, NULL, job_echo, "", 0, NULL,
	    HELPER_MAXPASSED + 1, on_answer, &ans));
	ATF_REQUIRE_EQ(EINVAL, errno);
	sys_fault_set("recvmsg", EINTR, 1, 1);
	ask(NULL, job_echo, "x", 2, NULL, 0);
	ATF_REQUIRE_EQ(0, ans.error);
	ATF_REQUIRE_STREQ("x", ans.data);
	end();
}

ATF_TC_WITHOUT_HEAD(run__deadline);
ATF_TC_BODY(run__deadline, tc)
{
	struct helper	*h;
	long		 t0;

	begin(tc);
	memset(&ans, 0, sizeof(ans));
	h = helper_run(base, NULL, job_hang, "", 0, NULL, 0, on_answer, &ans);
	ATF_REQUIRE(h != NULL);
	helper_deadline(h, 100);
	t0 = apps_ms();
	loop(&ans.called, 1, 10000);
	ATF_REQUIRE_EQ(ETIMEDOUT, ans.error);
	ATF_REQUIRE(apps_ms() - t0 >= 95);
	end();
}

ATF_TC_WITHOUT_HEAD(run__cancel);
ATF_TC_BODY(run__cancel, tc)
{
	struct helper	*h;
	int		 never, n;

	begin(tc);
	memset(&ans, 0, sizeof(ans));
	n = apps_nfds();
	h = helper_run(base, NULL, job_hang, "", 0, NULL, 0, on_answer, &ans);
	ATF_REQUIRE(h != NULL);
	helper_cancel(h);
	h = helper_run(base, NULL, job_echo, "", 0, NULL, 0, on_answer, &ans);
	ATF_REQUIRE(h != NULL);
	helper_cancel(h);
	never = 0;
	loop(&never, 1, 100);
	ATF_REQUIRE_EQ(0, ans.called);
	/* reaped by its own event */
	ATF_REQUIRE(apps_nfds() <= n + 2);
	ATF_REQUIRE_EQ(-1, waitpid(-1, NULL, WNOHANG));
	end();
}

/* More than run at once, and than there are descriptors for. */
ATF_TC_WITHOUT_HEAD(run__many);
ATF_TC_BODY(run__many, tc)
{
	struct helper	*last;
	struct answer	*many;
	int		 i, p[2], total;

	begin(tc);
	ATF_REQUIRE((many = calloc(200, sizeof(*many))) != NULL);
	ATF_REQUIRE_EQ(0, pipe2(p, O_CLOEXEC));
	last = NULL;
	for (i = 0; i < 200; i++) {
		last = helper_run(base, ids.change ? &ids : NULL,
		    i % 10 == 0 ? job_die : job_echo, &i, sizeof(i), p, 1,
		    on_answer, &many[i]);
		ATF_REQUIRE(last != NULL);
	}
	helper_cancel(last);
	ATF_REQUIRE(apps_nfds() < 400);
	for (i = 0; i < 199; i++)
		loop(&many[i].called, 1, 20000);
	for (total = 0, i = 0; i < 200; i++) {
		total += many[i].called;
		if (i == 199 || i % 10 == 0)
			continue;
		ATF_REQUIRE_EQ(0, many[i].error);
		ATF_REQUIRE_EQ(0, memcmp(many[i].data, &i, sizeof(i)));
	}
	ATF_REQUIRE_EQ(199, total);
	ATF_REQUIRE_EQ(ECHILD, many[10].error);
	free(many);
	end();
}

/* His file systems may hang: that is nobody else's trouble. */
ATF_TC_WITHOUT_HEAD(run__a_user_holds_up_himself);
ATF_TC_BODY(run__a_user_holds_up_himself, tc)
{
	struct answer	*many;
	int		 i, never = 0;

	begin(tc);
	if (!ids.change)
		atf_tc_skip("needs root");
	ATF_REQUIRE((many = calloc(100, sizeof(*many))) != NULL);
	/* Three of his kind are not enough either. */
	for (i = 0; i < 99; i++) {
		ids.uid = ids.gid = (uid_t)(70000 + i % 3);
		ATF_REQUIRE(helper_run(base, &ids, job_hang, "", 0, NULL, 0,
		    on_answer, &many[i]) != NULL);
	}
	loop(&never, 1, 50);
	ask(NULL, job_echo, "x", 2, NULL, 0);
	ATF_REQUIRE_EQ(0, ans.error);
	ids.uid = ids.gid = 70004;
	ATF_REQUIRE(helper_run(base, &ids, job_echo, "y", 2, NULL, 0,
	    on_answer, &many[99]) != NULL);
	ask(NULL, job_echo, "z", 2, NULL, 0);
	ATF_REQUIRE_STREQ("z", ans.data);
	for (i = 0; i < 99; i++)
		ATF_REQUIRE_EQ(0, many[i].called);
	helper_exit();
	free(many);
	end();
}

/* What waits for him is bounded, and does not fill what is for all. */
ATF_TC_WITHOUT_HEAD(run__queue_of_one_user);
ATF_TC_BODY(run__queue_of_one_user, tc)
{
	static char	 big[1024 * 1024];
	int		 i, n = 0;

	begin(tc);
	if (!ids.change)
		atf_tc_skip("needs root");
	memset(&ans, 0, sizeof(ans));
	for (i = 0; i < 20; i++)
		n += helper_run(base, &ids, job_hang, big, sizeof(big), NULL,
		    0, on_answer, &ans) != NULL;
	ATF_REQUIRE_EQ(8 + 4, n);
	ATF_REQUIRE_EQ(ENOBUFS, errno);
	helper_exit();
	end();
}

ATF_TC_WITHOUT_HEAD(run__inherits_nothing);
ATF_TC_BODY(run__inherits_nothing, tc)
{
	char		 want[128];
	sigset_t	 set;
	int		 fd, i;

	begin(tc);
	for (fd = 0; fd < 50; fd++)
		ATF_REQUIRE(open("/dev/null", O_RDONLY) != -1);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	ATF_REQUIRE_EQ(0, sigprocmask(SIG_BLOCK, &set, NULL));
	for (i = 0; i < 2; i++) {
		ask(ids.change ? &ids : NULL, job_about, "", 0, NULL, 0);
		ATF_REQUIRE_EQ(0, ans.error);
		/* 0 to 2 and its six slots */
		(void)snprintf(want, sizeof(want),
		    "uid %u fds 9 high 0 term 0 umask 022", ids.uid);
		ATF_REQUIRE_STREQ(want, ans.data);
	}
	end();
}

ATF_TC_WITHOUT_HEAD(run__descriptors);
ATF_TC_BODY(run__descriptors, tc)
{
	int i, j, n, p[2], q[2], way;

	begin(tc);
	for (APPS_WAYS(way)) {
		ATF_REQUIRE_EQ(0, pipe2(p, O_CLOEXEC));
		ATF_REQUIRE_EQ(1, write(p[1], "pp", 2) / 2);
		q[0] = p[0];
		q[1] = p[1];
		n = apps_nfds();
		ask(NULL, job_sendfds, "", 0, q, 2);
		ATF_REQUIRE_EQ_MSG(0, ans.error, "%s", strerror(ans.error));
		ATF_REQUIRE_EQ(HELPER_MAXFDS, ans.nfds);
		for (i = 0; i < ans.nfds; i++) {
			ATF_REQUIRE(fcntl(ans.fds[i], F_GETFD) & FD_CLOEXEC);
			ATF_REQUIRE_EQ(1, write(ans.fds[i], "p", 1));
			ATF_REQUIRE_EQ(0, close(ans.fds[i]));
		}
		/* No room here for what comes: told, and none leaks. */
		for (j = 0; j < 2; j++)
			helper_exit();
		ATF_REQUIRE(apps_nfds() <= n);
		(void)close(p[0]);
		(void)close(p[1]);
	}
	end();
}

ATF_TC_WITHOUT_HEAD(run__no_room_for_descriptors);
ATF_TC_BODY(run__no_room_for_descriptors, tc)
{
	struct rlimit	 rl, was;
	int		 n, p[2];

	begin(tc);
	ATF_REQUIRE_EQ(0, pipe2(p, O_CLOEXEC));
	ATF_REQUIRE_EQ(1, write(p[1], "p", 1));
	memset(&ans, 0, sizeof(ans));
	n = apps_nfds();
	ATF_REQUIRE(helper_run(base, NULL, job_sendfds, "", 0, p, 2,
	    on_answer, &ans) != NULL);
	ATF_REQUIRE_EQ(0, getrlimit(RLIMIT_NOFILE, &was));
	rl = was;
	rl.rlim_cur = (rlim_t)apps_nfds() + 3;
	ATF_REQUIRE_EQ(0, setrlimit(RLIMIT_NOFILE, &rl));
	loop(&ans.called, 1, 10000);
	ATF_REQUIRE_EQ(0, setrlimit(RLIMIT_NOFILE, &was));
	ATF_REQUIRE_EQ(1, ans.called);
	ATF_REQUIRE_EQ(EMFILE, ans.error);
	helper_exit();
	ATF_REQUIRE(apps_nfds() <= n + 1);
	end();
}

ATF_TC(run__as_the_user);
ATF_TC_HEAD(run__as_the_user, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(run__as_the_user, tc)
{
	begin(tc);
	ids.uid = (uid_t)-1;
	ask(&ids, job_echo, "x", 2, NULL, 0);
	ATF_REQUIRE_EQ(EINVAL, ans.error);
	ATF_REQUIRE_EQ(0, ans.len);
	apps_ids(&ids);
	sys_fault_set("setresuid", EPERM, 1, 1);
	ask(&ids, job_echo, "x", 2, NULL, 0);
	ATF_REQUIRE_EQ(EPERM, ans.error);
	end();
}

/* ---- users ---- */

/* ---- groups ---- */

static void
ask_member(const char *user, const char *group, uint32_t any)
{
	struct job_member	 jm;

	memset(&jm, 0, sizeof(jm));
	jm.any = any;
	(void)strlcpy(jm.user, user, sizeof(jm.user));
	(void)strlcpy(jm.group, group, sizeof(jm.group));
	ask(NULL, job_lookup_member, &jm, sizeof(jm), NULL, 0);
}

static int
no_group(void)
{
	struct job_nogroup	 no;

	ATF_REQUIRE_EQ(0, ans.error);
	ATF_REQUIRE_EQ(sizeof(no), ans.len);
	memcpy(&no, ans.data, sizeof(no));
	return (no.error);
}

/* The first user but root who is in a group by the group database. */
static int
find_member(char *user, char *group, size_t len)
{
	struct group	*gr;
	int		 found = 0;

	setgrent();
	while (!found && (gr = getgrent()) != NULL)
		if (gr->gr_mem[0] != NULL && getpwnam(gr->gr_mem[0]) !=
		    NULL && strcmp(gr->gr_mem[0], "root") != 0) {
			(void)strlcpy(user, gr->gr_mem[0], len);
			(void)strlcpy(group, gr->gr_name, len);
			found = 1;
		}
	endgrent();
	return (found);
}

ATF_TC(lookup__member);
ATF_TC_HEAD(lookup__member, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(lookup__member, tc)
{
	struct group	*gr;
	struct ids	 got;
	gid_t		 daemon;
	char		 group[256], user[256];

	ATF_REQUIRE((gr = getgrnam("daemon")) != NULL);
	daemon = gr->gr_gid;
	begin(tc);
	ask_member("nobody", "daemon", 0);
	ATF_REQUIRE_EQ(EACCES, no_group());
	ask_member("nobody", "no-such-group", 1);
	ATF_REQUIRE_EQ(ENOENT, no_group());
	ask_member("nobody", "0", 1);
	ATF_REQUIRE_EQ(EINVAL, no_group());
	ask_member("no-such-user", "daemon", 1);
	ATF_REQUIRE_EQ(ENOENT, ans.error);
	ask(NULL, job_lookup_member, "x", 2, NULL, 0);
	ATF_REQUIRE_EQ(EINVAL, ans.error);

	ask_member("nobody", "daemon", 1);
	ATF_REQUIRE_EQ(sizeof(got), ans.len);
	memcpy(&got, ans.data, sizeof(got));
	ATF_REQUIRE_STREQ("nobody", got.name);
	ATF_REQUIRE_EQ(daemon, got.gid);
	ATF_REQUIRE_EQ(1, got.change);
	/* "": ourselves, who are root */
	ask_member("", "daemon", 1);
	ATF_REQUIRE_EQ(sizeof(got), ans.len);
	memcpy(&got, ans.data, sizeof(got));
	ATF_REQUIRE_EQ(0, got.uid);
	ATF_REQUIRE_EQ(daemon, got.gid);

	if (find_member(user, group, sizeof(user))) {
		ask_member(user, group, 0);
		ATF_REQUIRE_EQ(sizeof(got), ans.len);
		memcpy(&got, ans.data, sizeof(got));
		ATF_REQUIRE_STREQ(user, got.name);
		ATF_REQUIRE((gr = getgrnam(group)) != NULL);
		ATF_REQUIRE_EQ(gr->gr_gid, got.gid);
	}
	end();
}

ATF_TC(lookup__member_without_rights);
ATF_TC_HEAD(lookup__member_without_rights, tc)
{
	atf_tc_set_md_var(tc, "require.user", "unprivileged");
}
ATF_TC_BODY(lookup__member_without_rights, tc)
{
	struct group	*gr;
	struct ids	 got;
	char		 own[256];

	if (getpwuid(getuid()) == NULL || (gr = getgrgid(
	    getpwuid(getuid())->pw_gid)) == NULL)
		atf_tc_skip("a user without a group");
	(void)strlcpy(own, gr->gr_name, sizeof(own));
	begin(tc);
	ask_member("", own, 0);
	ATF_REQUIRE_EQ(sizeof(got), ans.len);
	memcpy(&got, ans.data, sizeof(got));
	ATF_REQUIRE_EQ(0, got.change);
	ask_member("", "daemon", 1);
	ATF_REQUIRE_EQ(EOPNOTSUPP, no_group());
	end();
}

ATF_TC_WITHOUT_HEAD(lookup__user);
ATF_TC_BODY(lookup__user, tc)
{
	static const char *const bad[] = { "0day", "-1", "#-1", "4294967295",
	    "", "root\n", "0x0", "00", " root" };
	struct job_uid	 ju;
	struct ids	 got;
	size_t		 i;

	begin(tc);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ask(NULL, job_lookup_user, bad[i], strlen(bad[i]) + 1,
		    NULL, 0);
		ATF_REQUIRE_MSG(ans.error == EINVAL || ans.error == ENOENT,
		    "\"%s\": %s", bad[i], strerror(ans.error));
	}
	/* not a string, or two */
	ask(NULL, job_lookup_user, "root", 4, NULL, 0);
	ATF_REQUIRE_EQ(EINVAL, ans.error);
	ask(NULL, job_lookup_user, "root\0x", 7, NULL, 0);
	ATF_REQUIRE_EQ(EINVAL, ans.error);
	ask(NULL, job_lookup_user, "", 0, NULL, 0);
	ATF_REQUIRE_EQ(EINVAL, ans.error);
	ju.uid = (uid_t)-1;
	ask(NULL, job_lookup_uid, &ju, sizeof(ju), NULL, 0);
	ATF_REQUIRE_EQ(EINVAL, ans.error);
	if (geteuid() == 0) {
		ask(NULL, job_lookup_user, "nobody", 7, NULL, 0);
		ATF_REQUIRE_EQ(0, ans.error);
		ATF_REQUIRE_EQ(sizeof(got), ans.len);
		memcpy(&got, ans.data, sizeof(got));
		ATF_REQUIRE_STREQ("nobody", got.name);
		ATF_REQUIRE(got.uid != 0 && got.change == 1);
		ju.uid = got.uid;
		ask(NULL, job_lookup_uid, &ju, sizeof(ju), NULL, 0);
		ATF_REQUIRE_EQ(0, ans.error);
	}
	end();
}

/* ---- files ---- */

static struct job_open		 jo;
static struct job_opened	 res;

static void	 file(uint32_t, const char *, ...)
		    __attribute__((format(printf, 2, 3)));

static void
file(uint32_t kind, const char *fmt, ...)
{
	struct job_file	*f = &jo.files[jo.n++];
	va_list		 ap;

	va_start(ap, fmt);
	f->kind = kind;
	f->cookie = jo.n * 100;
	(void)vsnprintf(f->path, sizeof(f->path), fmt, ap);
	va_end(ap);
}

static void
open_files(void)
{
	ask(ids.change ? &ids : NULL, job_open_files, &jo,
	    offsetof(struct job_open, files) + jo.n * sizeof(jo.files[0]),
	    NULL, 0);
	ATF_REQUIRE_EQ(0, ans.error);
	ATF_REQUIRE_EQ(sizeof(res), ans.len);
	memcpy(&res, ans.data, sizeof(res));
	ATF_REQUIRE_EQ(jo.n, res.n);
}

static void
close_files(void)
{
	while (ans.nfds > 0)
		ATF_REQUIRE_EQ(0, close(ans.fds[--ans.nfds]));
	memset(&jo, 0, sizeof(jo));
}

ATF_TC_WITHOUT_HEAD(open__made_as_the_user);
ATF_TC_BODY(open__made_as_the_user, tc)
{
	struct stat	 st;
	char		 path[256];
	int		 fd, fl;

	(void)umask(077);
	begin(tc);
	file(JOB_LOG, "%s/new.log", apps_dir);
	file(JOB_PID, "%s/a/b/c/new.pid", apps_dir);
	file(JOB_LOG, "/dev/null");
	open_files();
	ATF_REQUIRE_EQ(0, res.results[0].error);
	ATF_REQUIRE_EQ(0, res.results[1].error);
	ATF_REQUIRE_EQ(0, res.results[2].error);
	ATF_REQUIRE_EQ(100, res.results[0].cookie);
	ATF_REQUIRE_EQ(JOB_PID, res.results[1].kind);
	ATF_REQUIRE_EQ(3, ans.nfds);

	fd = ans.fds[res.results[0].fd];
	ATF_REQUIRE_EQ(0, fstat(fd, &st));
	ATF_REQUIRE_EQ(ids.uid, st.st_uid);
	ATF_REQUIRE_EQ(0640, st.st_mode & 07777);
	fl = fcntl(fd, F_GETFL);
	ATF_REQUIRE(fl & O_APPEND);
	ATF_REQUIRE(!(fl & O_NONBLOCK));
	ATF_REQUIRE_EQ(3, write(fd, "abc", 3));

	fd = ans.fds[res.results[1].fd];
	ATF_REQUIRE_EQ(0, fstat(fd, &st));
	ATF_REQUIRE_EQ(ids.uid, st.st_uid);
	ATF_REQUIRE_EQ(0644, st.st_mode & 07777);
	ATF_REQUIRE(!(fcntl(fd, F_GETFL) & O_APPEND));
	(void)snprintf(path, sizeof(path), "%s/a/b", apps_dir);
	ATF_REQUIRE_EQ(0, stat(path, &st));
	ATF_REQUIRE_EQ(0755, st.st_mode & 07777);
	ATF_REQUIRE_EQ(ids.uid, st.st_uid);

	ATF_REQUIRE_EQ(0, fstat(ans.fds[res.results[2].fd], &st));
	ATF_REQUIRE(S_ISCHR(st.st_mode));
	close_files();

	/* again: what is there stays, for reading too */
	file(JOB_LOG, "%s/new.log", apps_dir);
	open_files();
	ATF_REQUIRE_EQ(0, res.results[0].error);
	ATF_REQUIRE_EQ(3, pread(ans.fds[0], path, 3, 0));
	close_files();
	end();
}

/* Everything that somebody may plant where a log is to be. */
ATF_TC_WITHOUT_HEAD(open__plants);
ATF_TC_BODY(open__plants, tc)
{
	char	 path[256], target[256];
	long	 t0;
	int	 fd;

	begin(tc);
	ATF_REQUIRE_EQ(0, chmod(apps_dir, 0777));
	(void)snprintf(target, sizeof(target), "%s/target", apps_dir);
	fd = open(target, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	ATF_REQUIRE(fd != -1);
	ATF_REQUIRE_EQ(0, fchmod(fd, 0666));
	if (ids.change)
		ATF_REQUIRE_EQ(0, fchown(fd, ids.uid, ids.gid));
	ATF_REQUIRE_EQ(0, close(fd));
	(void)snprintf(path, sizeof(path), "%s/symlink", apps_dir);
	ATF_REQUIRE_EQ(0, symlink(target, path));
	(void)snprintf(path, sizeof(path), "%s/dangling", apps_dir);
	ATF_REQUIRE_EQ(0, symlink("/nonexistent/x", path));
	(void)snprintf(path, sizeof(path), "%s/hardlink", apps_dir);
	ATF_REQUIRE_EQ(0, link(target, path));
	(void)snprintf(path, sizeof(path), "%s/fifo", apps_dir);
	ATF_REQUIRE_EQ(0, mkfifo(path, 0666));
	ATF_REQUIRE_EQ(0, chmod(path, 0666));
	(void)snprintf(path, sizeof(path), "%s/dir", apps_dir);
	ATF_REQUIRE_EQ(0, mkdir(path, 0777));

	t0 = apps_ms();
	file(JOB_LOG, "%s/symlink", apps_dir);
	file(JOB_LOG, "%s/dangling", apps_dir);
	file(JOB_LOG, "%s/hardlink", apps_dir);
	file(JOB_LOG, "%s/fifo", apps_dir);
	file(JOB_LOG, "%s/dir", apps_dir);
	file(JOB_LOG, "/dev/zero");
	file(JOB_LOG, "/dev/stdout");
	file(JOB_LOG, "%s/good", apps_dir);
	open_files();
	ATF_REQUIRE(apps_ms() - t0 < 5000);
	ATF_REQUIRE_EQ(ELOOP, res.results[0].error);
	ATF_REQUIRE_EQ(ELOOP, res.results[1].error);
	ATF_REQUIRE_EQ(EMLINK, res.results[2].error);
	ATF_REQUIRE_EQ(ENOTSUP, res.results[3].error);
	ATF_REQUIRE_EQ(EISDIR, res.results[4].error);
	ATF_REQUIRE_EQ(ENOTSUP, res.results[5].error);
	ATF_REQUIRE(res.results[6].error == ELOOP ||
	    res.results[6].error == ENOTSUP);
	ATF_REQUIRE_EQ(-1, res.results[6].fd);
	/* none of them keeps the good one from being opened */
	ATF_REQUIRE_EQ(0, res.results[7].error);
	ATF_REQUIRE_EQ(1, ans.nfds);
	ATF_REQUIRE_EQ(0, res.results[7].fd);
	close_files();
	ATF_REQUIRE_STREQ("is a symbolic link", job_strerror(ELOOP));
	ATF_REQUIRE_STREQ(strerror(ENOSPC), job_strerror(ENOSPC));

	/* what is checked last is what counts: looking first fails */
	sys_fault_set("fstatat", EIO, 1, 0);
	file(JOB_LOG, "%s/symlink", apps_dir);
	file(JOB_LOG, "%s/hardlink", apps_dir);
	file(JOB_LOG, "%s/fifo", apps_dir);
	file(JOB_LOG, "%s/dir", apps_dir);
	open_files();
	ATF_REQUIRE_EQ(ELOOP, res.results[0].error);
	ATF_REQUIRE_EQ(EMLINK, res.results[1].error);
	ATF_REQUIRE_EQ(ENOTSUP, res.results[2].error);
	ATF_REQUIRE_EQ(EISDIR, res.results[3].error);
	ATF_REQUIRE_EQ(0, ans.nfds);
	close_files();
	end();
}

ATF_TC(open__not_his);
ATF_TC_HEAD(open__not_his, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(open__not_his, tc)
{
	struct stat	 st;
	char		 path[256];
	int		 fd;

	begin(tc);
	(void)snprintf(path, sizeof(path), "%s/roots", apps_dir);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	ATF_REQUIRE(fd != -1);
	ATF_REQUIRE_EQ(0, fchmod(fd, 0666));
	ATF_REQUIRE_EQ(0, close(fd));
	(void)snprintf(path, sizeof(path), "%s/private", apps_dir);
	ATF_REQUIRE_EQ(0, mkdir(path, 0700));
	(void)snprintf(path, sizeof(path), "%s/writeonly", apps_dir);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0200);
	ATF_REQUIRE(fd != -1);
	ATF_REQUIRE_EQ(0, fchown(fd, ids.uid, ids.gid));
	ATF_REQUIRE_EQ(0, close(fd));

	file(JOB_LOG, "%s/roots", apps_dir);
	file(JOB_LOG, "%s/private/log", apps_dir);
	file(JOB_LOG, "%s/private/a/log", apps_dir);
	file(JOB_LOG, "/etc/pm2d-test-of-helpers");
	file(JOB_LOG, "/etc/passwd");
	file(JOB_LOG, "/pm2d-no-such-dir/a/log");
	file(JOB_LOG, "%s/writeonly", apps_dir);
	open_files();
	ATF_REQUIRE_EQ(EPERM, res.results[0].error);
	ATF_REQUIRE_EQ(EACCES, res.results[1].error);
	ATF_REQUIRE_EQ(EACCES, res.results[2].error);
	ATF_REQUIRE_EQ(EACCES, res.results[3].error);
	ATF_REQUIRE_EQ(EACCES, res.results[4].error);
	ATF_REQUIRE_EQ(EACCES, res.results[5].error);
	ATF_REQUIRE_EQ(0, res.results[6].error);
	ATF_REQUIRE_EQ(O_WRONLY, fcntl(ans.fds[0], F_GETFL) & O_ACCMODE);
	ATF_REQUIRE_EQ(-1, stat("/etc/pm2d-test-of-helpers", &st));
	close_files();
	end();
}

ATF_TC_WITHOUT_HEAD(open__requests);
ATF_TC_BODY(open__requests, tc)
{
	begin(tc);
	file(JOB_LOG, "relative.log");
	file(JOB_LOG, "%s", "");
	file(JOB_LOG, "x");
	memset(jo.files[2].path, '/', sizeof(jo.files[2].path));
	open_files();
	ATF_REQUIRE_EQ(EINVAL, res.results[0].error);
	ATF_REQUIRE_EQ(EINVAL, res.results[1].error);
	ATF_REQUIRE_EQ(ENAMETOOLONG, res.results[2].error);
	/* more announced than there, or than can be */
	ask(NULL, job_open_files, &jo, offsetof(struct job_open, files) +
	    2 * sizeof(jo.files[0]), NULL, 0);
	ATF_REQUIRE_EQ(EINVAL, ans.error);
	jo.n = HELPER_MAXFDS + 1;
	ask(NULL, job_open_files, &jo, sizeof(jo), NULL, 0);
	ATF_REQUIRE_EQ(EINVAL, ans.error);
	ask(NULL, job_open_files, &jo, 2, NULL, 0);
	ATF_REQUIRE_EQ(EINVAL, ans.error);
	end();
}

static void
put(const char *name, const char *text)
{
	char	 path[256];
	int	 fd;

	(void)snprintf(path, sizeof(path), "%s/%s", apps_dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	ATF_REQUIRE(fd != -1);
	ATF_REQUIRE_EQ((ssize_t)strlen(text), write(fd, text, strlen(text)));
	if (ids.change)
		ATF_REQUIRE_EQ(0, fchown(fd, ids.uid, ids.gid));
	ATF_REQUIRE_EQ(0, close(fd));
}

/* "" when it is not there */
static const char *
get(const char *name)
{
	static char	 buf[256];
	char		 path[256];
	ssize_t		 n;
	int		 fd;

	(void)snprintf(path, sizeof(path), "%s/%s", apps_dir, name);
	n = 0;
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) != -1) {
		n = read(fd, buf, sizeof(buf) - 1);
		(void)close(fd);
	}
	buf[n > 0 ? n : 0] = '\0';
	return (buf);
}

static void
do_rotate(uint32_t keep, const char *name)
{
	static struct job_rotate_req	 jr;

	memset(&jr, 0, sizeof(jr));
	jr.keep = keep;
	jr.file.kind = JOB_LOG;
	(void)snprintf(jr.file.path, sizeof(jr.file.path), "%s/%s", apps_dir,
	    name);
	ask(ids.change ? &ids : NULL, job_rotate, &jr, sizeof(jr), NULL, 0);
	ATF_REQUIRE_EQ(0, ans.error);
	memcpy(&res, ans.data, sizeof(res));
	ATF_REQUIRE_EQ(1, res.n);
}

ATF_TC_WITHOUT_HEAD(rotate__chain);
ATF_TC_BODY(rotate__chain, tc)
{
	struct stat	 st;
	char		 text[16], path[256];
	int		 i;

	begin(tc);
	for (i = 1; i <= 5; i++) {
		(void)snprintf(text, sizeof(text), "run %d", i);
		put("log", text);
		do_rotate(3, "log");
		ATF_REQUIRE_EQ(0, res.results[0].error);
		ATF_REQUIRE_EQ(1, ans.nfds);
		ATF_REQUIRE_EQ(0, fstat(ans.fds[0], &st));
		ATF_REQUIRE_EQ(0, st.st_size);
		ATF_REQUIRE_EQ(ids.uid, st.st_uid);
		close_files();
		ATF_REQUIRE_STREQ(text, get("log.1"));
		ATF_REQUIRE_STREQ("", get("log"));
	}
	ATF_REQUIRE_STREQ("run 4", get("log.2"));
	ATF_REQUIRE_STREQ("run 3", get("log.3"));
	ATF_REQUIRE_STREQ("", get("log.4"));
	/* a gap is filled, what is above it stays */
	(void)snprintf(path, sizeof(path), "%s/log.2", apps_dir);
	ATF_REQUIRE_EQ(0, unlink(path));
	put("log", "run 6");
	do_rotate(3, "log");
	close_files();
	ATF_REQUIRE_STREQ("run 6", get("log.1"));
	ATF_REQUIRE_STREQ("run 5", get("log.2"));
	ATF_REQUIRE_STREQ("run 3", get("log.3"));
	/* none kept; and one that is not there yet */
	put("log", "run 7");
	do_rotate(0, "log");
	close_files();
	ATF_REQUIRE_STREQ("", get("log"));
	ATF_REQUIRE_STREQ("run 6", get("log.1"));
	do_rotate(3, "fresh");
	ATF_REQUIRE_EQ(0, res.results[0].error);
	close_files();
	end();
}

ATF_TC_WITHOUT_HEAD(rotate__refused);
ATF_TC_BODY(rotate__refused, tc)
{
	char path[256];

	begin(tc);
	put("target", "precious");
	(void)snprintf(path, sizeof(path), "%s/link", apps_dir);
	ATF_REQUIRE_EQ(0, symlink("target", path));
	do_rotate(3, "link");
	ATF_REQUIRE_EQ(ELOOP, res.results[0].error);
	ATF_REQUIRE_EQ(0, ans.nfds);
	ATF_REQUIRE_STREQ("precious", get("target"));
	ATF_REQUIRE_STREQ("precious", get("link"));
	ATF_REQUIRE_STREQ("", get("link.1"));
	/* a rename that fails leaves the file where it was */
	put("log", "kept");
	sys_fault_set("renameat", ENOSPC, 1, 1);
	do_rotate(3, "log");
	ATF_REQUIRE_EQ(ENOSPC, res.results[0].error);
	ATF_REQUIRE_STREQ("kept", get("log"));
	ask(NULL, job_rotate, "x", 1, NULL, 0);
	ATF_REQUIRE_EQ(EINVAL, ans.error);
	end();
}

ATF_TC_WITHOUT_HEAD(sync__and_rename);
ATF_TC_BODY(sync__and_rename, tc)
{
	struct job_sync_req	 js;
	char			 path[256];
	int			 fds[2];

	begin(tc);
	put("state.tmp", "new");
	put("state", "old");
	(void)snprintf(path, sizeof(path), "%s/state.tmp", apps_dir);
	fds[0] = open(path, O_RDWR | O_CLOEXEC);
	fds[1] = open(apps_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ATF_REQUIRE(fds[0] != -1 && fds[1] != -1);
	memset(&js, 0, sizeof(js));
	ask(NULL, job_sync, &js, sizeof(js), fds, 1);
	ATF_REQUIRE_EQ(0, ans.error);
	ATF_REQUIRE_STREQ("old", get("state"));
	(void)strlcpy(js.from, "state.tmp", sizeof(js.from));
	(void)strlcpy(js.to, "../state", sizeof(js.to));
	ask(NULL, job_sync, &js, sizeof(js), fds, 2);
	ATF_REQUIRE_EQ(EINVAL, ans.error);
	(void)strlcpy(js.to, "state", sizeof(js.to));
	/* not on the disk, not renamed */
	sys_fault_set("fdatasync", EIO, 1, 1);
	ask(NULL, job_sync, &js, sizeof(js), fds, 2);
	ATF_REQUIRE_EQ(EIO, ans.error);
	ATF_REQUIRE_STREQ("old", get("state"));
	sys_fault_reset();
	ask(NULL, job_sync, &js, sizeof(js), fds, 2);
	ATF_REQUIRE_EQ(0, ans.error);
	ATF_REQUIRE_STREQ("new", get("state"));
	ATF_REQUIRE_STREQ("", get("state.tmp"));
	ask(NULL, job_sync, &js, sizeof(js), fds, 2);
	ATF_REQUIRE_EQ(ENOENT, ans.error);
	ask(NULL, job_sync, &js, 3, fds, 2);
	ATF_REQUIRE_EQ(EINVAL, ans.error);
	end();
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, run__reply);
	ATF_TP_ADD_TC(tp, run__errors);
	ATF_TP_ADD_TC(tp, run__deadline);
	ATF_TP_ADD_TC(tp, run__cancel);
	ATF_TP_ADD_TC(tp, run__many);
	ATF_TP_ADD_TC(tp, run__a_user_holds_up_himself);
	ATF_TP_ADD_TC(tp, run__queue_of_one_user);
	ATF_TP_ADD_TC(tp, run__inherits_nothing);
	ATF_TP_ADD_TC(tp, run__descriptors);
	ATF_TP_ADD_TC(tp, run__no_room_for_descriptors);
	ATF_TP_ADD_TC(tp, run__as_the_user);
	ATF_TP_ADD_TC(tp, lookup__member);
	ATF_TP_ADD_TC(tp, lookup__member_without_rights);
	ATF_TP_ADD_TC(tp, lookup__user);
	ATF_TP_ADD_TC(tp, open__made_as_the_user);
	ATF_TP_ADD_TC(tp, open__plants);
	ATF_TP_ADD_TC(tp, open__not_his);
	ATF_TP_ADD_TC(tp, open__requests);
	ATF_TP_ADD_TC(tp, rotate__chain);
	ATF_TP_ADD_TC(tp, rotate__refused);
	ATF_TP_ADD_TC(tp, sync__and_rename);

	return (atf_no_error());
}

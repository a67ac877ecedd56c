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
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <atf-c.h>

#include "apputil.h"
#include "sys_fault.h"

static struct app_run	 run;
static struct spawn_req	 req;
static struct ids	 ids;

#define REQUIRE_RAN()							\
	ATF_REQUIRE_EQ_MSG(STAGE_NONE, run.stage, "%s: %s",		\
	    stage_name(run.stage), strerror(run.error))

#define REQUIRE_FAILS(st, e) do {					\
	apps_run(&req, &run);						\
	ATF_REQUIRE_STREQ(stage_name(st), stage_name(run.stage));	\
	ATF_REQUIRE_STREQ(strerror(e), strerror(run.error));		\
	ATF_REQUIRE_STREQ("", run.out);					\
} while (0)

static void
run_helper(const char *arg)
{
	apps_req(&req, arg);
	apps_run(&req, &run);
	REQUIRE_RAN();
}

/* ---- what an app gets ---- */

ATF_TC(creds__another_user);
ATF_TC_HEAD(creds__another_user, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(creds__another_user, tc)
{
	char	 want[128];
	int	 i;

	apps_begin(tc, "h_creds");
	apps_ids(&ids);
	for (APPS_WAYS(i)) {
		apps_req(&req, NULL);
		req.ids = &ids;
		apps_run(&req, &run);
		REQUIRE_RAN();
		(void)snprintf(want, sizeof(want), "uid %u %u %u", ids.uid,
		    ids.uid, ids.uid);
		ATF_REQUIRE_STREQ(want, apps_line(&run, "uid"));
		(void)snprintf(want, sizeof(want), "gid %u %u %u", ids.gid,
		    ids.gid, ids.gid);
		ATF_REQUIRE_STREQ(want, apps_line(&run, "gid"));
		(void)snprintf(want, sizeof(want), "groups %u 70000 70001",
		    ids.gid);
		ATF_REQUIRE_STREQ(want, apps_line(&run, "groups"));
		ATF_REQUIRE_STREQ("CapEff:	0000000000000000",
		    apps_line(&run, "CapEff"));
		ATF_REQUIRE_STREQ("CapPrm:	0000000000000000",
		    apps_line(&run, "CapPrm"));
		ATF_REQUIRE_STREQ("CapAmb:	0000000000000000",
		    apps_line(&run, "CapAmb"));
	}
	apps_end();
}

ATF_TC_WITHOUT_HEAD(creds__same_user);
ATF_TC_BODY(creds__same_user, tc)
{
	char	 want[128];
	int	 i;

	apps_begin(tc, "h_creds");
	for (APPS_WAYS(i)) {
		run_helper(NULL);
		(void)snprintf(want, sizeof(want), "uid %u %u %u", getuid(),
		    getuid(), getuid());
		ATF_REQUIRE_STREQ(want, apps_line(&run, "uid"));
		ATF_REQUIRE_STREQ("to stderr\n", run.err);
		/* change 0: nothing is even tried */
		ids_self(&ids);
		ids.uid++;
		apps_req(&req, NULL);
		req.ids = &ids;
		apps_run(&req, &run);
		REQUIRE_RAN();
		ATF_REQUIRE_STREQ(want, apps_line(&run, "uid"));
	}
	apps_end();
}

ATF_TC_WITHOUT_HEAD(fds__none_leaks);
ATF_TC_BODY(fds__none_leaks, tc)
{
	int fd, i, made, n;

	apps_begin(tc, "h_creds");
	for (APPS_WAYS(i)) {
		n = apps_nfds();
		for (fd = 0, made = -1; fd < 200; fd++)
			made = open("/dev/null", O_RDWR);	/* leaky */
		ATF_REQUIRE(made > 200);
		run_helper(NULL);
		ATF_REQUIRE_EQ(3, apps_lines(&run, "fd "));
		ATF_REQUIRE_STREQ("fd 0 rw", apps_line(&run, "fd 0"));
		ATF_REQUIRE_STREQ("fd 1 w", apps_line(&run, "fd 1"));
		ATF_REQUIRE_STREQ("fd 2 w", apps_line(&run, "fd 2"));
		ATF_REQUIRE_EQ(n + 200, apps_nfds());
		/* and ours were not touched by the child that shared them */
		for (fd = 0; fd < 200; fd++)
			ATF_REQUIRE_EQ(0, close(made--));
	}
	apps_end();
}

ATF_TC_WITHOUT_HEAD(fds__ipc);
ATF_TC_BODY(fds__ipc, tc)
{
	int i, p[2];

	apps_begin(tc, "h_creds");
	ATF_REQUIRE_EQ(0, pipe2(p, O_CLOEXEC));
	for (APPS_WAYS(i)) {
		apps_req(&req, NULL);
		req.ipc_fd = p[0];
		apps_run(&req, &run);
		REQUIRE_RAN();
		ATF_REQUIRE_EQ(4, apps_lines(&run, "fd "));
		ATF_REQUIRE_STREQ("fd 3 r", apps_line(&run, "fd 3"));
	}
	apps_end();
}

/* ---- listening sockets ---- */

static int	 lfds[SPAWN_LISTEN_MAX + 1];
static int	 lports[SPAWN_LISTEN_MAX + 1];

static void
make_listeners(int n)
{
	struct sockaddr_in	 sin;
	socklen_t		 len;
	int			 i;

	for (i = 0; i < n; i++) {
		memset(&sin, 0, sizeof(sin));
		sin.sin_family = AF_INET;
		sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		lfds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		ATF_REQUIRE(lfds[i] != -1);
		ATF_REQUIRE_EQ(0, bind(lfds[i], (struct sockaddr *)&sin,
		    sizeof(sin)));
		ATF_REQUIRE_EQ(0, listen(lfds[i], 1));
		len = sizeof(sin);
		ATF_REQUIRE_EQ(0, getsockname(lfds[i],
		    (struct sockaddr *)&sin, &len));
		lports[i] = ntohs(sin.sin_port);
	}
}

/* It has n sockets in their order, the channel behind them, nothing else. */
static void
check_listeners(uint32_t n, int channel, int opened)
{
	static char	*env[] = {
	    (char *)(uintptr_t)"ASAN_OPTIONS=detect_leaks=0",
	    (char *)(uintptr_t)"LISTEN_PID=" SPAWN_PID,
	    (char *)(uintptr_t)"XLISTEN_PID=" SPAWN_PID,
	    (char *)(uintptr_t)"WATCHDOG_PID=" SPAWN_PID, NULL };
	static char	 pid_env[2][32];
	char		 want[64];
	uint32_t	 i;

	(void)strlcpy(pid_env[0], env[1], sizeof(pid_env[0]));
	(void)strlcpy(pid_env[1], env[3], sizeof(pid_env[1]));
	env[1] = pid_env[0];
	env[3] = pid_env[1];
	req.listen_fds = lfds;
	req.nlisten = n;
	req.ipc_fd = channel;
	req.envp = env;
	apps_run(&req, &run);
	REQUIRE_RAN();
	ATF_REQUIRE_EQ(3 + (int)n + (channel != -1),
	    apps_lines(&run, "fd "));
	ATF_REQUIRE_EQ((int)n, apps_lines(&run, "listens "));
	for (i = 0; i < n; i++) {
		(void)snprintf(want, sizeof(want), "listens %u %d", i + 3,
		    lports[i]);
		ATF_REQUIRE_STREQ(want, apps_line(&run, want));
		(void)snprintf(want, sizeof(want), "fd %u rw", i + 3);
		ATF_REQUIRE_STREQ(want, apps_line(&run, want));
	}
	if (channel != -1) {
		(void)snprintf(want, sizeof(want), "fd %u r", n + 3);
		ATF_REQUIRE_STREQ(want, apps_line(&run, want));
	}
	(void)snprintf(want, sizeof(want), "env LISTEN_PID=%d", run.pid);
	ATF_REQUIRE_STREQ(want, apps_line(&run, "env LISTEN_PID="));
	(void)snprintf(want, sizeof(want), "env WATCHDOG_PID=%d", run.pid);
	ATF_REQUIRE_STREQ(want, apps_line(&run, "env WATCHDOG_PID="));
	ATF_REQUIRE_STREQ("env XLISTEN_PID=" SPAWN_PID,
	    apps_line(&run, "env XLISTEN_PID="));
	ATF_REQUIRE_STREQ("LISTEN_PID=" SPAWN_PID, env[1]);
	ATF_REQUIRE_EQ(opened, apps_nfds());
}

ATF_TC_WITHOUT_HEAD(listen__at_3_and_following);
ATF_TC_BODY(listen__at_3_and_following, tc)
{
	static const uint32_t	 counts[] = { 1, 2, 3, 4, 5, 6, 7, 8,
	    SPAWN_LISTEN_MAX };
	size_t			 k;
	int			 i, n, p[2];

	apps_begin(tc, "h_creds");
	ATF_REQUIRE_EQ(0, pipe2(p, O_CLOEXEC));
	make_listeners(SPAWN_LISTEN_MAX);
	for (APPS_WAYS(i)) {
		n = apps_nfds();
		for (k = 0; k < sizeof(counts) / sizeof(counts[0]); k++) {
			apps_req(&req, NULL);
			check_listeners(counts[k], -1, n);
			check_listeners(counts[k], p[0], n);
		}
	}
	apps_end();
}

ATF_TC(listen__another_user);
ATF_TC_HEAD(listen__another_user, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(listen__another_user, tc)
{
	int i, n, p[2];

	apps_begin(tc, "h_creds");
	apps_ids(&ids);
	ATF_REQUIRE_EQ(0, pipe2(p, O_CLOEXEC));
	make_listeners(5);
	for (APPS_WAYS(i)) {
		n = apps_nfds();
		apps_req(&req, NULL);
		req.ids = &ids;
		check_listeners(5, p[0], n);
	}
	apps_end();
}

/* The limit that the app gets is not the one it is set up with. */
ATF_TC_WITHOUT_HEAD(listen__more_than_its_limit);
ATF_TC_BODY(listen__more_than_its_limit, tc)
{
	struct rlimit	 low, rl;
	int		 i, n;

	ATF_REQUIRE_EQ(0, getrlimit(RLIMIT_NOFILE, &rl));
	apps_begin(tc, "h_creds");
	make_listeners(40);
	low = rl;
	low.rlim_cur = 47;	/* 43, and the loader needs some */
	for (i = 0; i < 2; i++) {
		ATF_REQUIRE_EQ(0, setrlimit(RLIMIT_NOFILE, &low));
		apps_way(i);
		ATF_REQUIRE_EQ(0, setrlimit(RLIMIT_NOFILE, &rl));
		n = apps_nfds();
		apps_req(&req, NULL);
		check_listeners(40, -1, n);
		ATF_REQUIRE(strncmp("rlimit 7 47 ",
		    apps_line(&run, "rlimit 7 "), 12) == 0);
	}
	apps_end();
}

ATF_TC_WITHOUT_HEAD(listen__fails);
ATF_TC_BODY(listen__fails, tc)
{
	static const struct {
		const char	*call;
		int		 error;
		int		 nth;
	} faults[] = {
		{ "socketpair", EMFILE, 1 },
		{ "sendmsg", ETOOMANYREFS, 1 },	/* before there is a child */
		{ "recvmsg", ENOMEM, 1 },	/* in it */
		{ "fcntl_dupfd", EMFILE, 1 },
		{ "fcntl_dupfd", EMFILE, 2 }
	};
	size_t	 k;
	int	 i, n;

	/* as in pm2d: the child may be gone before it is let go */
	signal(SIGPIPE, SIG_IGN);
	apps_begin(tc, "h_creds");
	make_listeners(3);
	for (APPS_WAYS(i)) {
		n = apps_nfds();
		for (k = 0; k < sizeof(faults) / sizeof(faults[0]); k++) {
			apps_way(i);
			sys_fault_set(faults[k].call, faults[k].error,
			    faults[k].nth, 1);
			apps_req(&req, NULL);
			req.listen_fds = lfds;
			req.nlisten = 3;
			REQUIRE_FAILS(STAGE_LISTEN, faults[k].error);
			ATF_REQUIRE_EQ(n, apps_nfds());
		}
		apps_way(i);
		req.nlisten = SPAWN_LISTEN_MAX + 1;
		REQUIRE_FAILS(STAGE_LISTEN, E2BIG);
		req.nlisten = 3;
		lfds[1] = -1;
		REQUIRE_FAILS(STAGE_LISTEN, EBADF);
		lfds[1] = lfds[0];
		ATF_REQUIRE_EQ(n, apps_nfds());
		ATF_REQUIRE_EQ(-1, waitpid(-1, NULL, WNOHANG));
	}
	apps_end();
}

/* Nobody passes the gate unasked, nor when the parent thinks better of it. */
ATF_TC_WITHOUT_HEAD(listen__gate);
ATF_TC_BODY(listen__gate, tc)
{
	struct spawn_child	 child;
	struct pollfd		 pfd;
	siginfo_t		 info;
	enum stage		 stage;
	int			 i, n, r;

	apps_begin(tc, "h_creds");
	make_listeners(2);
	for (APPS_WAYS(i)) {
		n = apps_nfds();
		apps_req(&req, NULL);
		req.listen_fds = lfds;
		req.nlisten = 2;
		ATF_REQUIRE_EQ(0, spawn_app(&req, &child, &stage));
		pfd.fd = child.errfd;
		pfd.events = POLLIN;
		ATF_REQUIRE_EQ(0, poll(&pfd, 1, 100));
		spawn_close(&child);
		while ((r = spawn_reap(child.pid, child.pidfd, &info)) == 0)
			(void)usleep(1000);
		ATF_REQUIRE_EQ(1, r);
		ATF_REQUIRE_EQ(127, info.si_status);
		(void)close(child.pidfd);
		ATF_REQUIRE_EQ(n, apps_nfds());
	}
	apps_end();
}

ATF_TC_WITHOUT_HEAD(stdin__dev_null);
ATF_TC_BODY(stdin__dev_null, tc)
{
	int i;

	apps_begin(tc, "h_creds");
	for (APPS_WAYS(i)) {
		run_helper(NULL);
		ATF_REQUIRE_STREQ("stdin device eof",
		    apps_line(&run, "stdin"));
	}
	apps_end();
}

static void
on_signal(int sig)
{
	(void)sig;
}

ATF_TC_WITHOUT_HEAD(signals__default_and_unblocked);
ATF_TC_BODY(signals__default_and_unblocked, tc)
{
	sigset_t	 set;
	int		 i, sig;

	apps_begin(tc, "h_creds");
	for (sig = 1; sig < SIGRTMAX; sig++)
		if (sig != SIGALRM && sig != SIGCHLD)
			(void)signal(sig, SIG_IGN);
	ATF_REQUIRE(signal(SIGTERM, on_signal) != SIG_ERR);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGUSR1);
	(void)sigaddset(&set, SIGRTMIN + 3);
	ATF_REQUIRE_EQ(0, sigprocmask(SIG_BLOCK, &set, NULL));
	for (APPS_WAYS(i)) {
		run_helper(NULL);
		ATF_REQUIRE_STREQ("SigBlk:	0000000000000000",
		    apps_line(&run, "SigBlk"));
		ATF_REQUIRE_STREQ("SigIgn:	0000000000000000",
		    apps_line(&run, "SigIgn"));
		/* ours came back */
		ATF_REQUIRE_EQ(0, sigprocmask(SIG_BLOCK, NULL, &set));
		ATF_REQUIRE_EQ(1, sigismember(&set, SIGUSR1));
		ATF_REQUIRE_EQ(0, sigismember(&set, SIGUSR2));
	}
	apps_end();
}

ATF_TC_WITHOUT_HEAD(rlimits__as_we_were_started);
ATF_TC_BODY(rlimits__as_we_were_started, tc)
{
	struct rlimit	 nofile, core, rl;
	char		 want[128];
	int		 i;

	apps_begin(tc, "h_creds");
	ATF_REQUIRE_EQ(0, getrlimit(RLIMIT_NOFILE, &nofile));
	ATF_REQUIRE_EQ(0, getrlimit(RLIMIT_CORE, &core));
	ATF_REQUIRE_EQ(nofile.rlim_cur, spawn_nofile()->rlim_cur);
	for (APPS_WAYS(i)) {
		rl = nofile;
		rl.rlim_cur = 128;
		ATF_REQUIRE_EQ(0, setrlimit(RLIMIT_NOFILE, &rl));
		rl = core;
		rl.rlim_cur = 0;
		ATF_REQUIRE_EQ(0, setrlimit(RLIMIT_CORE, &rl));
		run_helper(NULL);
		(void)snprintf(want, sizeof(want), "rlimit %d %llu %llu",
		    RLIMIT_NOFILE, (unsigned long long)nofile.rlim_cur,
		    (unsigned long long)nofile.rlim_max);
		ATF_REQUIRE_STREQ(want, apps_line(&run, "rlimit 7 "));
		(void)snprintf(want, sizeof(want), "rlimit %d %llu %llu",
		    RLIMIT_CORE, (unsigned long long)core.rlim_cur,
		    (unsigned long long)core.rlim_max);
		ATF_REQUIRE_STREQ(want, apps_line(&run, "rlimit 4 "));
		ATF_REQUIRE_EQ(0, setrlimit(RLIMIT_NOFILE, &nofile));
		ATF_REQUIRE_EQ(0, setrlimit(RLIMIT_CORE, &core));
	}
	apps_end();
}

ATF_TC_WITHOUT_HEAD(rlimits__cannot_be_put_back);
ATF_TC_BODY(rlimits__cannot_be_put_back, tc)
{
	struct rlimit	 rl;
	int		 i;

	apps_begin(tc, "h_creds");
	for (APPS_WAYS(i)) {
		ATF_REQUIRE_EQ(0, getrlimit(RLIMIT_NOFILE, &rl));
		rl.rlim_cur--;
		ATF_REQUIRE_EQ(0, setrlimit(RLIMIT_NOFILE, &rl));
		sys_fault_set("setrlimit", EPERM, 1, 1);
		apps_req(&req, NULL);
		REQUIRE_FAILS(STAGE_RLIMIT, EPERM);
	}
	apps_end();
}

ATF_TC_WITHOUT_HEAD(umask__as_we_were_started);
ATF_TC_BODY(umask__as_we_were_started, tc)
{
	int i;

	(void)umask(027);
	apps_begin(tc, "h_creds");
	for (APPS_WAYS(i)) {
		(void)umask(077);
		run_helper(NULL);
		ATF_REQUIRE_STREQ("umask 0027", apps_line(&run, "umask"));
		(void)umask(027);
	}
	apps_end();
}

ATF_TC(priority__as_we_were_started);
ATF_TC_HEAD(priority__as_we_were_started, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(priority__as_we_were_started, tc)
{
	char	 want[32];
	int	 i, nice0;

	apps_begin(tc, "h_creds");
	nice0 = getpriority(PRIO_PROCESS, 0);
	(void)snprintf(want, sizeof(want), "nice %d", nice0);
	for (APPS_WAYS(i)) {
		ATF_REQUIRE_EQ(0, setpriority(PRIO_PROCESS, 0, nice0 + 4));
		run_helper(NULL);
		ATF_REQUIRE_STREQ(want, apps_line(&run, "nice"));
		ATF_REQUIRE_EQ(0, setpriority(PRIO_PROCESS, 0, nice0));
	}
	apps_end();
}

static int
oom_now(void)
{
	FILE	*f;
	int	 v;

	v = 9999;
	ATF_REQUIRE((f = fopen("/proc/self/oom_score_adj", "r")) != NULL);
	ATF_REQUIRE_EQ(1, fscanf(f, "%d", &v));
	(void)fclose(f);
	return (v);
}

static int
oom_set(int v)
{
	FILE	*f;
	int	 r;

	ATF_REQUIRE((f = fopen("/proc/self/oom_score_adj", "w")) != NULL);
	(void)fprintf(f, "%d", v);
	r = fflush(f);
	(void)fclose(f);
	return (r);
}

ATF_TC_WITHOUT_HEAD(oom__as_we_were_started);
ATF_TC_BODY(oom__as_we_were_started, tc)
{
	char	 want[32];
	int	 i, was;

	apps_begin(tc, "h_creds");
	was = oom_now();
	(void)snprintf(want, sizeof(want), "oom %d", was);
	for (APPS_WAYS(i)) {
		run_helper(NULL);
		ATF_REQUIRE_STREQ(want, apps_line(&run, "oom"));
	}
	/* Whoever may not lower it cannot come back from higher. */
	ATF_REQUIRE_EQ(0, oom_set(was + 10));
	if (oom_set(was) == -1) {
		apps_way(0);
		(void)snprintf(want, sizeof(want), "oom %d", was + 10);
		ATF_REQUIRE_EQ(0, oom_set(was + 20));
		apps_req(&req, NULL);
		apps_run(&req, &run);
		ATF_REQUIRE_STREQ(stage_name(STAGE_PRIORITY),
		    stage_name(run.stage));
		apps_end();
		return;
	}
	for (APPS_WAYS(i)) {
		ATF_REQUIRE_EQ(0, oom_set(was + 20));
		run_helper(NULL);
		ATF_REQUIRE_STREQ(want, apps_line(&run, "oom"));
		ATF_REQUIRE_EQ(0, oom_set(was));
	}
	apps_end();
}

ATF_TC_WITHOUT_HEAD(session__own);
ATF_TC_BODY(session__own, tc)
{
	char	 want[128];
	int	 i;

	apps_begin(tc, "h_creds");
	for (APPS_WAYS(i)) {
		run_helper(NULL);
		(void)snprintf(want, sizeof(want), "pid %d pgrp %d sid %d",
		    run.pid, run.pid, run.pid);
		ATF_REQUIRE_STREQ(want, apps_line(&run, "pid"));
		ATF_REQUIRE_STREQ("tty none", apps_line(&run, "tty"));
	}
	apps_end();
}

ATF_TC_WITHOUT_HEAD(env__exact);
ATF_TC_BODY(env__exact, tc)
{
	char	*env[] = { (char *)(uintptr_t)"A=1", (char *)(uintptr_t)"B=",
		    (char *)(uintptr_t)"C=x\ty=z", NULL };
	int	 i;

	apps_begin(tc, "h_creds");
	ATF_REQUIRE_EQ(0, setenv("LD_CANARY", "1", 1));
	for (APPS_WAYS(i)) {
		apps_req(&req, NULL);
		req.envp = env;
		apps_run(&req, &run);
		REQUIRE_RAN();
		ATF_REQUIRE_EQ(3, apps_lines(&run, "env "));
		ATF_REQUIRE_STREQ("env A=1", apps_line(&run, "env A"));
		ATF_REQUIRE_STREQ("env B=", apps_line(&run, "env B"));
		ATF_REQUIRE_STREQ("env C=x\ty=z", apps_line(&run, "env C"));
	}
	apps_end();
}

ATF_TC_WITHOUT_HEAD(args__exact);
ATF_TC_BODY(args__exact, tc)
{
	char *argv[] = { (char *)(uintptr_t)"zero", (char *)(uintptr_t)"7",
	    (char *)(uintptr_t)"", (char *)(uintptr_t)"-x y", NULL };

	apps_begin(tc, "h_creds");
	apps_req(&req, NULL);
	req.argv = argv;
	apps_run(&req, &run);
	REQUIRE_RAN();
	ATF_REQUIRE_EQ(4, apps_lines(&run, "arg "));
	ATF_REQUIRE_STREQ("arg zero", apps_line(&run, "arg z"));
	ATF_REQUIRE_STREQ("arg -x y", apps_line(&run, "arg -"));
	ATF_REQUIRE_EQ(7, WEXITSTATUS(run.status));
	apps_end();
}

ATF_TC_WITHOUT_HEAD(flags__none_inherited);
ATF_TC_BODY(flags__none_inherited, tc)
{
	int i;

	apps_begin(tc, "h_creds");
	ATF_REQUIRE_EQ(0, prctl(PR_SET_DUMPABLE, 0));
	for (APPS_WAYS(i)) {
		run_helper(NULL);
		ATF_REQUIRE_STREQ("dumpable 1", apps_line(&run, "dumpable"));
		ATF_REQUIRE_STREQ("pdeathsig 0",
		    apps_line(&run, "pdeathsig"));
		ATF_REQUIRE_STREQ("NoNewPrivs:	0",
		    apps_line(&run, "NoNewPrivs"));
		ATF_REQUIRE_STREQ("Seccomp:	0",
		    apps_line(&run, "Seccomp"));
	}
	apps_end();
}

ATF_TC_WITHOUT_HEAD(cwd__root_by_default);
ATF_TC_BODY(cwd__root_by_default, tc)
{
	char	 want[128];
	int	 i;

	apps_begin(tc, "h_creds");
	for (APPS_WAYS(i)) {
		run_helper(NULL);
		ATF_REQUIRE_STREQ("cwd /", apps_line(&run, "cwd"));
		apps_req(&req, NULL);
		req.cwd = apps_dir;
		apps_run(&req, &run);
		REQUIRE_RAN();
		(void)snprintf(want, sizeof(want), "cwd %s", apps_dir);
		ATF_REQUIRE_STREQ(want, apps_line(&run, "cwd"));
	}
	apps_end();
}

/* Not with our rights: root could go anywhere. */
ATF_TC(cwd__as_the_user);
ATF_TC_HEAD(cwd__as_the_user, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(cwd__as_the_user, tc)
{
	char	 dir[128];
	int	 i;

	apps_begin(tc, "h_creds");
	apps_ids(&ids);
	(void)snprintf(dir, sizeof(dir), "%s/mine", apps_dir);
	ATF_REQUIRE_EQ(0, mkdir(dir, 0700));
	for (APPS_WAYS(i)) {
		ATF_REQUIRE_EQ(0, chown(dir, 0, 0));
		apps_req(&req, NULL);
		req.ids = &ids;
		req.cwd = dir;
		REQUIRE_FAILS(STAGE_CHDIR, EACCES);
		ATF_REQUIRE_EQ(0, chown(dir, ids.uid, ids.gid));
		apps_run(&req, &run);
		REQUIRE_RAN();
	}
	apps_end();
}

ATF_TC(pipes__given_to_the_user);
ATF_TC_HEAD(pipes__given_to_the_user, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(pipes__given_to_the_user, tc)
{
	struct stat	 st;
	char		 path[128];
	int		 fd, i;

	apps_begin(tc, "h_creds");
	apps_ids(&ids);
	for (APPS_WAYS(i)) {
		apps_req(&req, NULL);
		req.ids = &ids;
		apps_run(&req, &run);
		REQUIRE_RAN();
		ATF_REQUIRE_STREQ("reopen works", apps_line(&run, "reopen"));
	}
	/* Only pipes: a file of ours stays ours. */
	(void)snprintf(path, sizeof(path), "%s/file", apps_dir);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ATF_REQUIRE(fd != -1);
	{
		struct spawn_child	 child;
		siginfo_t		 info;
		enum stage		 stage;

		req.out_w = req.err_w = fd;
		ATF_REQUIRE_EQ(0, spawn_app(&req, &child, &stage));
		ATF_REQUIRE_EQ(0, spawn_signal(child.pid, child.pidfd,
		    SIGKILL));
		while (spawn_reap(child.pid, child.pidfd, &info) == 0)
			(void)usleep(1000);
		spawn_close(&child);
	}
	ATF_REQUIRE_EQ(0, fstat(fd, &st));
	ATF_REQUIRE_EQ(0, st.st_uid);
	/* And when it cannot be given: */
	sys_fault_set("fchown", EPERM, 1, 1);
	REQUIRE_FAILS(STAGE_PIPE, EPERM);
	apps_end();
}

ATF_TC_WITHOUT_HEAD(file__looked_up_in_its_path);
ATF_TC_BODY(file__looked_up_in_its_path, tc)
{
	char	 a[128], b[128], path[512];
	char	*env[3];
	int	 i;

	apps_begin(tc, "h_creds");
	(void)snprintf(a, sizeof(a), "%s/a", apps_dir);
	ATF_REQUIRE_EQ(0, mkdir(a, 0755));
	(void)snprintf(b, sizeof(b), "%s/a/h_creds", apps_dir);
	/* One that may not be executed does not hide the next one. */
	ATF_REQUIRE_EQ(0, close(open(b, O_CREAT | O_WRONLY, 0644)));
	(void)snprintf(path, sizeof(path), "PATH=/nonexistent:%s:%s", a,
	    apps_dir);
	env[0] = path;
	env[1] = (char *)(uintptr_t)"ASAN_OPTIONS=detect_leaks=0";
	env[2] = NULL;
	for (APPS_WAYS(i)) {
		apps_req(&req, NULL);
		req.file = "h_creds";
		req.envp = env;
		apps_run(&req, &run);
		REQUIRE_RAN();
		/* Alone it is EACCES, and nowhere ENOENT. */
		(void)snprintf(path, sizeof(path), "PATH=%s:/nonexistent", a);
		REQUIRE_FAILS(STAGE_EXEC, EACCES);
		(void)snprintf(path, sizeof(path), "PATH=/nonexistent");
		REQUIRE_FAILS(STAGE_EXEC, ENOENT);
		(void)snprintf(path, sizeof(path), "PATH=/nonexistent:");
		req.cwd = apps_dir;
		apps_run(&req, &run);
		REQUIRE_RAN();
		(void)snprintf(path, sizeof(path), "PATH=/nonexistent:%s:%s",
		    a, apps_dir);
	}
	apps_end();
}

/* ---- what fails, and where ---- */

static void
put(const char *name, const char *text, mode_t mode, char *path, size_t len)
{
	int fd;

	(void)snprintf(path, len, "%s/%s", apps_dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ATF_REQUIRE(fd != -1);
	ATF_REQUIRE_EQ((ssize_t)strlen(text), write(fd, text, strlen(text)));
	ATF_REQUIRE_EQ(0, fchmod(fd, mode));
	ATF_REQUIRE_EQ(0, close(fd));
}

ATF_TC_WITHOUT_HEAD(stage__chdir);
ATF_TC_BODY(stage__chdir, tc)
{
	char	 path[128];
	int	 i;

	apps_begin(tc, "h_creds");
	put("file", "", 0644, path, sizeof(path));
	for (APPS_WAYS(i)) {
		apps_req(&req, NULL);
		req.cwd = "/nonexistent/dir";
		REQUIRE_FAILS(STAGE_CHDIR, ENOENT);
		ATF_REQUIRE_EQ(127, WEXITSTATUS(run.status));
		req.cwd = path;
		REQUIRE_FAILS(STAGE_CHDIR, ENOTDIR);
	}
	apps_end();
}

ATF_TC_WITHOUT_HEAD(stage__exec);
ATF_TC_BODY(stage__exec, tc)
{
	char	 path[128], link[128];
	int	 fd, i;

	apps_begin(tc, "h_creds");
	for (APPS_WAYS(i)) {
		apps_req(&req, NULL);
		req.file = "/nonexistent/program";
		REQUIRE_FAILS(STAGE_EXEC, ENOENT);
		req.file = "";
		REQUIRE_FAILS(STAGE_EXEC, ENOENT);
		put("data", "x", 0644, path, sizeof(path));
		req.file = path;
		REQUIRE_FAILS(STAGE_EXEC, EACCES);
		req.file = apps_dir;
		REQUIRE_FAILS(STAGE_EXEC, EACCES);
		put("script", "#!/nonexistent/interp\n", 0755, path,
		    sizeof(path));
		req.file = path;
		REQUIRE_FAILS(STAGE_EXEC, ENOENT);
		put("binary", "no program at all", 0755, path, sizeof(path));
		req.file = path;
		REQUIRE_FAILS(STAGE_EXEC, ENOEXEC);
		(void)snprintf(link, sizeof(link), "%s/link%d", apps_dir, i);
		ATF_REQUIRE_EQ(0, symlink(link, link));
		req.file = link;
		REQUIRE_FAILS(STAGE_EXEC, ELOOP);
		fd = open(apps_helper, O_WRONLY | O_CLOEXEC);
		ATF_REQUIRE(fd != -1);
		req.file = apps_helper;
		REQUIRE_FAILS(STAGE_EXEC, ETXTBSY);
		ATF_REQUIRE_EQ(0, close(fd));
		apps_run(&req, &run);
		REQUIRE_RAN();
	}
	apps_end();
}

ATF_TC_WITHOUT_HEAD(stage__exec_too_big);
ATF_TC_BODY(stage__exec_too_big, tc)
{
	char	*argv[3], *big;
	int	 i;

	apps_begin(tc, "h_creds");
	ATF_REQUIRE((big = malloc(200000)) != NULL);
	memset(big, 'a', 199999);
	big[199999] = '\0';
	for (APPS_WAYS(i)) {
		apps_req(&req, NULL);
		argv[0] = apps_helper;
		argv[1] = big;
		argv[2] = NULL;
		req.argv = argv;
		REQUIRE_FAILS(STAGE_EXEC, E2BIG);
	}
	free(big);
	apps_end();
}

ATF_TC_WITHOUT_HEAD(stage__script);
ATF_TC_BODY(stage__script, tc)
{
	char	 path[128];
	int	 i;

	apps_begin(tc, "h_creds");
	put("app.js", "", 0644, path, sizeof(path));
	for (APPS_WAYS(i)) {
		apps_req(&req, NULL);
		req.script = "/nonexistent/app.js";
		REQUIRE_FAILS(STAGE_SCRIPT, ENOENT);
		req.script = apps_dir;
		REQUIRE_FAILS(STAGE_SCRIPT, EISDIR);
		req.script = path;
		apps_run(&req, &run);
		REQUIRE_RAN();
		/* relative to where the app runs */
		req.script = "app.js";
		req.cwd = apps_dir;
		apps_run(&req, &run);
		REQUIRE_RAN();
		ATF_REQUIRE_EQ(3, apps_lines(&run, "fd "));
		if (geteuid() == 0) {
			apps_ids(&ids);
			req.ids = &ids;
			ATF_REQUIRE_EQ(0, chmod(path, 0600));
			REQUIRE_FAILS(STAGE_SCRIPT, EACCES);
			ATF_REQUIRE_EQ(0, chmod(path, 0644));
		}
	}
	apps_end();
}

ATF_TC(stage__identity);
ATF_TC_HEAD(stage__identity, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(stage__identity, tc)
{
	int i;

	apps_begin(tc, "h_creds");
	for (APPS_WAYS(i)) {
		apps_ids(&ids);
		apps_req(&req, NULL);
		req.ids = &ids;
		sys_fault_set("setgroups", EPERM, 1, 1);
		REQUIRE_FAILS(STAGE_GROUPS, EPERM);
		apps_way(i);
		sys_fault_set("setresgid", EPERM, 1, 1);
		REQUIRE_FAILS(STAGE_GID, EPERM);
		apps_way(i);
		sys_fault_set("setresuid", EAGAIN, 1, 1);
		REQUIRE_FAILS(STAGE_UID, EAGAIN);
		apps_way(i);
		/* To the kernel it means: change nothing, stay root. */
		ids.uid = (uid_t)-1;
		REQUIRE_FAILS(STAGE_UID, EINVAL);
		apps_ids(&ids);
		ids.gid = (gid_t)-1;
		REQUIRE_FAILS(STAGE_UID, EINVAL);
	}
	apps_end();
}

ATF_TC_WITHOUT_HEAD(stage__not_permitted);
ATF_TC_BODY(stage__not_permitted, tc)
{
	int i;

	if (geteuid() == 0)
		atf_tc_skip("root may");
	apps_begin(tc, "h_creds");
	for (APPS_WAYS(i)) {
		ids_self(&ids);
		ids.change = 1;
		apps_req(&req, NULL);
		req.ids = &ids;
		REQUIRE_FAILS(STAGE_GROUPS, EPERM);
	}
	apps_end();
}

ATF_TC_WITHOUT_HEAD(stage__clone);
ATF_TC_BODY(stage__clone, tc)
{
	int n;

	apps_begin(tc, "h_creds");
	n = apps_nfds();
	apps_req(&req, NULL);
	sys_fault_set("clone3", EAGAIN, 1, 1);
	REQUIRE_FAILS(STAGE_CLONE, EAGAIN);
	ATF_REQUIRE_STREQ("clone3", spawn_describe());
	ATF_REQUIRE_EQ(n, apps_nfds());
	apps_run(&req, &run);
	REQUIRE_RAN();
	apps_way(1);
	sys_fault_set("fork", EAGAIN, 1, 1);
	REQUIRE_FAILS(STAGE_CLONE, EAGAIN);
	ATF_REQUIRE_STREQ("fork", spawn_describe());
	ATF_REQUIRE_EQ(n, apps_nfds());
	apps_run(&req, &run);
	REQUIRE_RAN();
	/* Some refuse instead of not knowing. */
	apps_way(0);
	sys_fault_set("clone3", EPERM, 1, 1);
	apps_run(&req, &run);
	REQUIRE_RAN();
	ATF_REQUIRE_STREQ("fork", spawn_describe());
	apps_end();
}

ATF_TC_WITHOUT_HEAD(stage__no_descriptors);
ATF_TC_BODY(stage__no_descriptors, tc)
{
	int n;

	apps_begin(tc, "h_creds");
	n = apps_nfds();
	apps_req(&req, NULL);
	sys_fault_set("pipe2", EMFILE, 1, 1);
	REQUIRE_FAILS(STAGE_PIPE, EMFILE);
	ATF_REQUIRE_EQ(n, apps_nfds());
	sys_fault_set("pipe2", ENFILE, 2, 1);
	REQUIRE_FAILS(STAGE_PIPE, ENFILE);
	ATF_REQUIRE_EQ(n, apps_nfds());
	sys_fault_set("dup3", EMFILE, 3, 1);
	REQUIRE_FAILS(STAGE_FDS, EMFILE);
	ATF_REQUIRE_EQ(n, apps_nfds());
	/* In the child that still shares our table. */
	sys_fault_set("close_range", ENOMEM, 1, 0);
	REQUIRE_FAILS(STAGE_FDS, ENOMEM);
	ATF_REQUIRE_EQ(n, apps_nfds());
	ATF_REQUIRE_EQ(-1, waitpid(-1, NULL, WNOHANG));
	ATF_REQUIRE_EQ(ECHILD, errno);
	sys_fault_reset();
	apps_run(&req, &run);
	REQUIRE_RAN();
	apps_end();
}

/* ---- the gate, the slots, the start ---- */

ATF_TC_WITHOUT_HEAD(gate__closed_until_released);
ATF_TC_BODY(gate__closed_until_released, tc)
{
	struct spawn_child	 child;
	struct pollfd		 pfd;
	siginfo_t		 info;
	enum stage		 stage;
	int			 error, i, r;

	apps_begin(tc, "h_creds");
	for (APPS_WAYS(i)) {
		apps_req(&req, NULL);
		ATF_REQUIRE_EQ(0, spawn_app(&req, &child, &stage));
		pfd.fd = child.errfd;
		pfd.events = POLLIN;
		ATF_REQUIRE_EQ(0, poll(&pfd, 1, 100));
		ATF_REQUIRE_EQ(0, spawn_readerr(&child, &stage, &error));
		ATF_REQUIRE_EQ(0, spawn_reap(child.pid, child.pidfd, &info));
		/* Our end, or a change of mind: it never runs. */
		spawn_close(&child);
		ATF_REQUIRE_EQ(-1, child.gate);
		while ((r = spawn_reap(child.pid, child.pidfd, &info)) == 0)
			(void)usleep(1000);
		ATF_REQUIRE_EQ(1, r);
		ATF_REQUIRE_EQ(CLD_EXITED, info.si_code);
		ATF_REQUIRE_EQ(127, info.si_status);
		ATF_REQUIRE_EQ(-1, spawn_reap(child.pid, child.pidfd, &info));
		ATF_REQUIRE_EQ(ECHILD, errno);
		ATF_REQUIRE_EQ(-1, spawn_signal(child.pid, child.pidfd,
		    SIGTERM));
		ATF_REQUIRE_EQ(ESRCH, errno);
		(void)close(child.pidfd);
	}
	apps_end();
}

ATF_TC_WITHOUT_HEAD(gate__killed_child_is_seen);
ATF_TC_BODY(gate__killed_child_is_seen, tc)
{
	struct spawn_child	 child;
	siginfo_t		 info;
	enum stage		 stage;
	int			 r;

	apps_begin(tc, "h_creds");
	apps_req(&req, NULL);
	ATF_REQUIRE_EQ(0, spawn_app(&req, &child, &stage));
	ATF_REQUIRE_EQ(0, spawn_signal(child.pid, child.pidfd, SIGKILL));
	while ((r = spawn_reap(child.pid, child.pidfd, &info)) == 0)
		(void)usleep(1000);
	ATF_REQUIRE_EQ(1, r);
	ATF_REQUIRE_EQ(CLD_KILLED, info.si_code);
	/* Nobody is there any more; that must not kill us. */
	(void)signal(SIGPIPE, SIG_IGN);
	ATF_REQUIRE_EQ(-1, spawn_release(&child));
	ATF_REQUIRE_EQ(EPIPE, errno);
	spawn_close(&child);
	apps_end();
}

/* While another child waits at its gate, nothing of it is in this one. */
ATF_TC_WITHOUT_HEAD(slots__not_mixed_up);
ATF_TC_BODY(slots__not_mixed_up, tc)
{
	struct spawn_child	 first;
	siginfo_t		 info;
	enum stage		 stage;
	char			 c;
	int			 i, p[2];

	apps_begin(tc, "h_creds");
	for (APPS_WAYS(i)) {
		ATF_REQUIRE_EQ(0, pipe2(p, O_CLOEXEC));
		apps_req(&req, NULL);
		req.out_w = p[1];
		ATF_REQUIRE_EQ(0, spawn_app(&req, &first, &stage));
		ATF_REQUIRE_EQ(0, close(p[1]));
		run_helper(NULL);
		ATF_REQUIRE_EQ(0, spawn_signal(first.pid, first.pidfd,
		    SIGKILL));
		/* It alone held the write end. */
		ATF_REQUIRE_EQ(0, read(p[0], &c, 1));
		while (spawn_reap(first.pid, first.pidfd, &info) == 0)
			(void)usleep(1000);
		spawn_close(&first);
		(void)close(first.pidfd);
		(void)close(p[0]);
	}
	apps_end();
}

ATF_TC_WITHOUT_HEAD(init__slots_in_use);
ATF_TC_BODY(init__slots_in_use, tc)
{
	int n;

	apps_begin(tc, "h_creds");
	ATF_REQUIRE_EQ(-1, spawn_init());
	ATF_REQUIRE_EQ(EBUSY, errno);
	n = apps_nfds();
	spawn_exit();
	ATF_REQUIRE_EQ(3, apps_nfds());
	sys_fault_set("pipe2", EMFILE, 1, 1);
	ATF_REQUIRE_EQ(-1, spawn_init());
	ATF_REQUIRE_EQ(EMFILE, errno);
	ATF_REQUIRE_EQ(3, apps_nfds());
	ATF_REQUIRE_EQ(0, spawn_init());
	ATF_REQUIRE_EQ(n, apps_nfds());
	apps_end();
}

/* ---- a user who is against it ---- */

#define ATTACK_UID	0x70000000	/* a user that nobody is */

static pid_t
attack(uid_t uid)
{
	pid_t pid;

	ATF_REQUIRE((pid = fork()) != -1);
	if (pid != 0)
		return (pid);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)alarm(10);
	/* Never as a user who may have other processes on this machine. */
	if (uid < ATTACK_UID || setresgid(uid, uid, uid) == -1 ||
	    setresuid(uid, uid, uid) == -1 || getuid() != uid)
		_exit(1);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		(void)kill(-1, SIGSTOP);
}

/*
 * It stops whatever is his as soon as it is his.  With vfork(2) or
 * posix_spawn(3) that stops the parent; here it never waits for the user.
 */
ATF_TC(attack__stopping_the_child);
ATF_TC_HEAD(attack__stopping_the_child, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(attack__stopping_the_child, tc)
{
	struct spawn_child	 child;
	siginfo_t		 info;
	enum stage		 stage;
	long			 begin, longest, t;
	pid_t			 attacker;
	int			 n;

	if (geteuid() != 0)
		atf_tc_skip("it would stop all that we have");
	apps_begin(tc, "h_creds");
	apps_ids(&ids);
	ids.uid = ATTACK_UID + (uid_t)getpid();
	attacker = attack(ids.uid);
	begin = apps_ms();
	longest = 0;
	for (n = 0; apps_ms() - begin < 3000; n++) {
		t = apps_ms();
		apps_req(&req, NULL);
		req.ids = &ids;
		ATF_REQUIRE_EQ(0, spawn_app(&req, &child, &stage));
		ATF_REQUIRE_EQ(0, spawn_release(&child));
		if (apps_ms() - t > longest)
			longest = apps_ms() - t;
		(void)usleep(500);
		(void)spawn_signal(child.pid, child.pidfd, SIGKILL);
		while (spawn_reap(child.pid, child.pidfd, &info) == 0)
			(void)usleep(200);
		spawn_close(&child);
		(void)close(child.pidfd);
	}
	(void)kill(attacker, SIGKILL);
	(void)waitpid(attacker, NULL, 0);
	printf("%d spawns, the longest took %ld ms\n", n, longest);
	ATF_REQUIRE(n > 20);
	ATF_REQUIRE(longest < 500);
	apps_end();
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, creds__another_user);
	ATF_TP_ADD_TC(tp, creds__same_user);
	ATF_TP_ADD_TC(tp, fds__none_leaks);
	ATF_TP_ADD_TC(tp, fds__ipc);
	ATF_TP_ADD_TC(tp, listen__at_3_and_following);
	ATF_TP_ADD_TC(tp, listen__another_user);
	ATF_TP_ADD_TC(tp, listen__more_than_its_limit);
	ATF_TP_ADD_TC(tp, listen__fails);
	ATF_TP_ADD_TC(tp, listen__gate);
	ATF_TP_ADD_TC(tp, stdin__dev_null);
	ATF_TP_ADD_TC(tp, signals__default_and_unblocked);
	ATF_TP_ADD_TC(tp, rlimits__as_we_were_started);
	ATF_TP_ADD_TC(tp, rlimits__cannot_be_put_back);
	ATF_TP_ADD_TC(tp, umask__as_we_were_started);
	ATF_TP_ADD_TC(tp, priority__as_we_were_started);
	ATF_TP_ADD_TC(tp, oom__as_we_were_started);
	ATF_TP_ADD_TC(tp, session__own);
	ATF_TP_ADD_TC(tp, env__exact);
	ATF_TP_ADD_TC(tp, args__exact);
	ATF_TP_ADD_TC(tp, flags__none_inherited);
	ATF_TP_ADD_TC(tp, cwd__root_by_default);
	ATF_TP_ADD_TC(tp, cwd__as_the_user);
	ATF_TP_ADD_TC(tp, pipes__given_to_the_user);
	ATF_TP_ADD_TC(tp, file__looked_up_in_its_path);
	ATF_TP_ADD_TC(tp, stage__chdir);
	ATF_TP_ADD_TC(tp, stage__exec);
	ATF_TP_ADD_TC(tp, stage__exec_too_big);
	ATF_TP_ADD_TC(tp, stage__script);
	ATF_TP_ADD_TC(tp, stage__identity);
	ATF_TP_ADD_TC(tp, stage__not_permitted);
	ATF_TP_ADD_TC(tp, stage__clone);
	ATF_TP_ADD_TC(tp, stage__no_descriptors);
	ATF_TP_ADD_TC(tp, gate__closed_until_released);
	ATF_TP_ADD_TC(tp, gate__killed_child_is_seen);
	ATF_TP_ADD_TC(tp, slots__not_mixed_up);
	ATF_TP_ADD_TC(tp, init__slots_in_use);
	ATF_TP_ADD_TC(tp, attack__stopping_the_child);

	return (atf_no_error());
}

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
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "proc.h"
#include "sys_fault.h"

#define REPORT_MAX	32768

/* What the child said, with a newline in front, so "\nkey" finds a line. */
static char	 report[REPORT_MAX];

static const char *helper(const atf_tc_t *);
static int	 start(const atf_tc_t *, const char *const *, pid_t *, int *);
static int	 run(const atf_tc_t *, const char *const *);
static void	 read_report(int);
static int	 status_of(pid_t);
static int	 says(const char *);
static void	 expect_status(const char *, const char *);
static int	 lowest_free(void);
static void	 enter_root(char *, size_t);

static const char *
helper(const atf_tc_t *tc)
{
	static char	 path[PATH_MAX];

	if (path[0] == '\0') {
		ATF_REQUIRE(realpath(atf_tc_get_config_var(tc, "srcdir"),
		    path) != NULL);
		ATF_REQUIRE(strlcat(path, "/h_child", sizeof(path)) <
		    sizeof(path));
	}
	return (path);
}

static int
start(const atf_tc_t *tc, const char *const *args, pid_t *pid, int *pidfd)
{
	struct proc_child	 pc;
	char			*argv[6];
	size_t			 i;
	int			 fd;

	argv[0] = strdup("h_child");
	for (i = 0; args[i] != NULL; i++)
		argv[i + 1] = strdup(args[i]);
	argv[i + 1] = NULL;
	pc.title = "child";
	pc.path = helper(tc);
	pc.argv = argv;
	fd = proc_start(&pc, pid, pidfd);
	for (i = 0; argv[i] != NULL; i++)
		free(argv[i]);
	return (fd);
}

/* Start it, read what it has to say, return its exit status. */
static int
run(const atf_tc_t *tc, const char *const *args)
{
	pid_t	 pid;
	int	 fd, pidfd, status;

	ATF_REQUIRE_MSG((fd = start(tc, args, &pid, &pidfd)) != -1, "%s: %s",
	    helper(tc), strerror(errno));
	read_report(fd);
	printf("%s", report);
	status = status_of(pid);
	close(fd);
	close(pidfd);
	return (status);
}

static void
read_report(int fd)
{
	struct pollfd	 pfd;
	size_t		 len;
	ssize_t		 n;

	report[0] = '\n';
	len = 1;
	pfd.fd = fd;
	pfd.events = POLLIN;
	for (;;) {
		ATF_REQUIRE_EQ_MSG(1, poll(&pfd, 1, 20000), "no answer");
		n = read(fd, report + len, sizeof(report) - 1 - len);
		if (n == -1 && errno == EAGAIN)
			continue;
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	report[len] = '\0';
}

static int
status_of(pid_t pid)
{
	int	 status;

	ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
	return (status);
}

/* There is such a line. */
static int
says(const char *line)
{
	char	 want[1024];

	(void)snprintf(want, sizeof(want), "\n%s\n", line);
	return (strstr(report, want) != NULL);
}

/* A field of /proc/self/status. */
static void
expect_status(const char *field, const char *value)
{
	char	 line[256];

	(void)snprintf(line, sizeof(line), "status %s:\t%s", field, value);
	ATF_CHECK_MSG(says(line), "not said: %s", line);
}

static int
lowest_free(void)
{
	int	 fd;

	ATF_REQUIRE((fd = open("/dev/null", O_RDONLY)) != -1);
	close(fd);
	return (fd);
}

ATF_TC_WITHOUT_HEAD(start__descriptors);
ATF_TC_BODY(start__descriptors, tc)
{
	static const char *const	 args[] = { "bare", NULL };
	const char			*p;
	int				 fd, i, lines;

	/* Neither marked nor in a row. */
	ATF_REQUIRE((fd = open("/etc/passwd", O_RDONLY)) != -1);
	for (i = 5; i < 40; i += 3)
		ATF_REQUIRE_EQ(i, dup2(fd, i));
	ATF_REQUIRE_EQ(700, dup2(fd, 700));
	ATF_REQUIRE_EQ(0, run(tc, args));
	ATF_CHECK(says("fd 0 /dev/null"));
	ATF_CHECK(says("fd 1 /dev/null"));
	ATF_CHECK(strstr(report, "\nfd 2 ") != NULL);
	ATF_CHECK(says("fd 3 socket nonblock"));
	lines = 0;
	for (p = report; strncmp(p, "\nown ", 5) != 0; p = strchr(p + 1, '\n'))
		lines += strncmp(p, "\nfd ", 4) == 0;
	ATF_CHECK_EQ(4, lines);
	ATF_CHECK(strstr(report, "passwd") == NULL);
}

ATF_TC(start__nothing_open);
ATF_TC_HEAD(start__nothing_open, tc)
{
	atf_tc_set_md_var(tc, "descr",
	    "a parent without 0, 1 and 2, whose pipes get these numbers");
}
ATF_TC_BODY(start__nothing_open, tc)
{
	static const char *const	 args[] = { "bare", NULL };
	pid_t				 child, pid;
	int				 closed, fd, pidfd, relay[2], status;

	for (closed = 1; closed < 8; closed++) {
		ATF_REQUIRE_EQ(0, pipe2(relay, O_CLOEXEC | O_NONBLOCK));
		ATF_REQUIRE((child = fork()) != -1);
		if (child == 0) {
			for (fd = 0; fd < 3; fd++) {
				if ((closed & (1 << fd)) != 0)
					close(fd);
			}
			if ((fd = start(tc, args, &pid, &pidfd)) == -1)
				_exit(1);
			read_report(fd);
			(void)!write(relay[1], report, strlen(report));
			_exit(waitpid(pid, &status, 0) != pid || status != 0);
		}
		close(relay[1]);
		status = status_of(child);
		read_report(relay[0]);
		close(relay[0]);
		ATF_REQUIRE_EQ_MSG(0, status, "closed: %d", closed);
		ATF_CHECK(says("fd 0 /dev/null"));
		ATF_CHECK(says("fd 1 /dev/null"));
		ATF_CHECK(says("fd 3 socket nonblock"));
		ATF_CHECK(strstr(report, "\nfd 4") == NULL ||
		    says("own 4"));
		if ((closed & 4) != 0)
			ATF_CHECK(says("fd 2 /dev/null"));
	}
}

ATF_TC_WITHOUT_HEAD(start__environment);
ATF_TC_BODY(start__environment, tc)
{
	static const char *const	 args[] = { "bare", NULL };
	const char			*p;
	int				 n;

	setenv("NODE_OPTIONS", "canary", 1);
	setenv("GCONV_PATH", "canary", 1);
	setenv("LOCPATH", "canary", 1);
	setenv("LANG", "canary", 1);
	setenv("PATH", "canary", 1);
	unsetenv("PM2D_FAULT");
	ATF_REQUIRE_EQ(0, run(tc, args));
	ATF_CHECK(says("env LANG=C"));
	ATF_CHECK(says("env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:"
	    "/usr/bin:/sbin:/bin"));
	n = 0;
	for (p = report; (p = strstr(p, "\nenv ")) != NULL; p++)
		n++;
	ATF_CHECK_EQ(2, n);
	ATF_CHECK(strstr(report, "canary") == NULL);

	setenv("PM2D_FAULT", "fsync:EIO:99:1", 1);
	ATF_REQUIRE_EQ(0, run(tc, args));
#ifdef PM2D_FAULTS
	ATF_CHECK(says("env PM2D_FAULT=fsync:EIO:99:1"));
#else
	ATF_CHECK(strstr(report, "PM2D_FAULT") == NULL);
#endif
}

ATF_TC_WITHOUT_HEAD(start__signals);
ATF_TC_BODY(start__signals, tc)
{
	static const char *const	 args[] = { "bare", NULL };
	sigset_t			 mask, now;

	signal(SIGTERM, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGRTMIN + 3, SIG_IGN);
	sigfillset(&mask);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	ATF_REQUIRE_EQ(0, run(tc, args));
	expect_status("SigBlk", "0000000000000000");
	expect_status("SigIgn", "0000000000000000");
	sigprocmask(SIG_SETMASK, NULL, &now);
	ATF_CHECK_EQ_MSG(1, sigismember(&now, SIGTERM), "our own is kept");
}

ATF_TC_WITHOUT_HEAD(start__channel);
ATF_TC_BODY(start__channel, tc)
{
	static const char *const	 args[] = { "echo", NULL };
	struct pollfd			 pfd;
	char				 buf[8];
	pid_t				 pid;
	int				 fd, pidfd;

	ATF_REQUIRE((fd = start(tc, args, &pid, &pidfd)) != -1);
	ATF_CHECK(pid > 0);
	ATF_CHECK_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	ATF_CHECK((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
	ATF_REQUIRE_EQ(5, write(fd, "hello", 5));
	pfd.fd = fd;
	pfd.events = POLLIN;
	ATF_REQUIRE_EQ(1, poll(&pfd, 1, 20000));
	ATF_REQUIRE_EQ(5, read(fd, buf, sizeof(buf)));
	ATF_CHECK_EQ(0, memcmp(buf, "hello", 5));

	/* The pidfd is the child's, and its end is seen there. */
	ATF_REQUIRE(pidfd != -1);
	ATF_CHECK_EQ(FD_CLOEXEC, fcntl(pidfd, F_GETFD));
	pfd.fd = pidfd;
	ATF_CHECK_EQ(0, poll(&pfd, 1, 0));
	close(fd);
	ATF_CHECK_EQ(1, poll(&pfd, 1, 20000));
	close(pidfd);
	ATF_CHECK_EQ(W_EXITCODE(42, 0), status_of(pid));
}

ATF_TC(start__no_program);
ATF_TC_HEAD(start__no_program, tc)
{
	atf_tc_set_md_var(tc, "descr",
	    "the reason comes back; no process or descriptor is left");
}
ATF_TC_BODY(start__no_program, tc)
{
	static char		 name[] = "x";
	static char *const	 argv[] = { name, NULL };
	struct proc_child	 pc;
	char			 path[PATH_MAX];
	pid_t			 pid;
	int			 before, pidfd;

	(void)tc;
	before = lowest_free();
	pc.title = "child";
	pc.argv = argv;
	pc.path = "/nonexistent/pm2logd";
	ATF_CHECK_ERRNO(ENOENT, proc_start(&pc, &pid, &pidfd) == -1);
	pc.path = "/etc/passwd";
	ATF_CHECK_ERRNO(EACCES, proc_start(&pc, &pid, &pidfd) == -1);
	pc.path = "bin/sh";
	ATF_CHECK_ERRNO(EINVAL, proc_start(&pc, &pid, &pidfd) == -1);
	atf_utils_create_file("text", "no program\n");
	ATF_REQUIRE_EQ(0, chmod("text", 0755));
	ATF_REQUIRE(realpath("text", path) != NULL);
	pc.path = path;
	ATF_CHECK_ERRNO(ENOEXEC, proc_start(&pc, &pid, &pidfd) == -1);
	ATF_CHECK_ERRNO(ECHILD, waitpid(-1, NULL, WNOHANG) == -1);
	ATF_CHECK_EQ(before, lowest_free());
}

ATF_TC_WITHOUT_HEAD(start__call_fails);
ATF_TC_BODY(start__call_fails, tc)
{
	static const struct {
		const char	*name;
		unsigned int	 nth;
	} calls[] = {
		{ "socketpair", 1 }, { "pipe2", 1 }, { "fork", 1 },
		{ "read", 1 }, { "pidfd_open", 1 },
		/* in the child */
		{ "fcntl_dupfd", 1 }, { "fcntl_dupfd", 2 },
		{ "fcntl_dupfd", 3 }, { "openat", 1 }, { "dup3", 1 },
		{ "dup3", 2 }, { "dup3", 3 }, { "dup3", 4 }, { "execve", 1 }
	};
	static const char *const	 args[] = { "bare", NULL };
	pid_t				 pid;
	size_t				 i;
	int				 before, pidfd;

	before = lowest_free();
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		sys_fault_reset();
		sys_fault_set(calls[i].name, ENFILE, calls[i].nth, 1);
		ATF_CHECK_EQ_MSG(-1, start(tc, args, &pid, &pidfd),
		    "%s %u", calls[i].name, calls[i].nth);
		ATF_CHECK_EQ_MSG(ENFILE, errno, "%s %u: %s", calls[i].name,
		    calls[i].nth, strerror(errno));
		ATF_CHECK_ERRNO(ECHILD, waitpid(-1, NULL, WNOHANG) == -1);
	}
	sys_fault_reset();
	ATF_CHECK_EQ(before, lowest_free());
}

ATF_TC(start__degrades);
ATF_TC_HEAD(start__degrades, tc)
{
	atf_tc_set_md_var(tc, "descr",
	    "interrupted calls, and kernels without pidfds and close_range");
}
ATF_TC_BODY(start__degrades, tc)
{
	static const char *const	 args[] = { "bare", NULL };
	pid_t				 pid;
	int				 fd, pidfd;

	sys_fault_set("read", EINTR, 1, 3);
	ATF_REQUIRE_EQ(0, run(tc, args));
	ATF_CHECK_EQ(3, sys_fault_hits("read"));
	sys_fault_reset();

	sys_fault_set("pidfd_open", ENOSYS, 1, 1);
	ATF_REQUIRE((fd = start(tc, args, &pid, &pidfd)) != -1);
	ATF_CHECK_EQ(-1, pidfd);
	close(fd);
	(void)status_of(pid);
	sys_fault_reset();

	ATF_REQUIRE_EQ(700, dup2(STDERR_FILENO, 700));
	sys_fault_set("close_range", ENOSYS, 1, 1);
	ATF_REQUIRE_EQ(0, run(tc, args));
	ATF_CHECK(strstr(report, "\nfd 700 ") == NULL);
}

ATF_TC_WITHOUT_HEAD(init__harmless);
ATF_TC_BODY(init__harmless, tc)
{
	static const char *const	 args[] = { "init", NULL };
	struct rlimit			 rl;

	ATF_REQUIRE_EQ(0, getrlimit(RLIMIT_CORE, &rl));
	rl.rlim_cur = rl.rlim_max;
	ATF_REQUIRE_EQ(0, setrlimit(RLIMIT_CORE, &rl));
	umask(0);
	ATF_REQUIRE_EQ(0, run(tc, args));
	ATF_CHECK(says("dumpable 0"));
	ATF_CHECK(says("limit core 0 0"));
	ATF_CHECK(says("umask 0077"));
	ATF_CHECK(says("fd 3 socket cloexec nonblock"));
	/* HUP 1, INT 2, PIPE 13, XFSZ 25 */
	expect_status("SigIgn", "0000000001001003");
	ATF_CHECK(says("nnp 0"));
}

ATF_TC_WITHOUT_HEAD(init__alone);
ATF_TC_BODY(init__alone, tc)
{
	static const char	 want[] = "h_child: this program is started "
	    "by pm2d and does nothing alone\n";
	pid_t			 pid;
	int			 fds[2], i;

	/* Without descriptor 3, and with one that is no socket. */
	for (i = 0; i < 2; i++) {
		ATF_REQUIRE((pid = fork()) != -1);
		if (pid == 0) {
			if (freopen("err", "w", stderr) == NULL ||
			    pipe(fds) == -1)
				_exit(99);
			close(3);
			if (i == 1 && fds[0] != 3)
				dup2(fds[0], 3);
			execl(helper(tc), "h_child", "init", (char *)NULL);
			_exit(98);
		}
		ATF_CHECK_EQ(W_EXITCODE(1, 0), status_of(pid));
		ATF_CHECK(atf_utils_compare_file("err", want));
	}
}

ATF_TC_WITHOUT_HEAD(drop__ordinary_user);
ATF_TC_BODY(drop__ordinary_user, tc)
{
	static const char *const	 args[] = { "drop", "nosuchuser",
	    "/proc/no such directory", NULL };
	pid_t				 pid;

	/* Root becomes one here. */
	if (geteuid() == 0) {
		if ((pid = fork()) == 0) {
			if (setgroups(0, NULL) == -1 ||
			    setresgid(12345, 12345, 12345) == -1 ||
			    setresuid(12345, 12345, 12345) == -1)
				_exit(99);
			if (access(helper(tc), X_OK) == -1)
				_exit(77);
			_exit(run(tc, args) != 0 ||
			    !says("try fork 11") || !says("nnp 1") ||
			    !says("dumpable 0") || !says("try setuid 1") ||
			    !says("limit nofile 64 64") ||
			    !says("try etc 0") ||
			    !says("status CapPrm:\t0000000000000000"));
		}
		switch (WEXITSTATUS(status_of(pid))) {
		case 0:
			return;
		case 77:
			atf_tc_skip("an ordinary user has no way to here");
		default:
			atf_tc_fail("not as an ordinary user's daemon");
		}
	}
	ATF_REQUIRE_EQ_MSG(0, run(tc, args), "user and root are ignored");
	ATF_CHECK(says("try fork 11"));
	ATF_CHECK(says("try setuid 1"));
	ATF_CHECK(says("try etc 0"));
	ATF_CHECK(says("nnp 1"));
	ATF_CHECK(says("dumpable 0"));
	ATF_CHECK(says("limit nofile 64 64"));
	ATF_CHECK(says("limit nproc 0 0"));
	ATF_CHECK(says("limit fsize 0 0"));
	expect_status("CapPrm", "0000000000000000");
}

/* An empty directory to be the root. */
static void
enter_root(char *buf, size_t size)
{
	ATF_REQUIRE_EQ(0, mkdir("root", 0755));
	ATF_REQUIRE(getcwd(buf, size) != NULL);
	ATF_REQUIRE(strlcat(buf, "/root", size) < size);
}

ATF_TC(drop__for_good);
ATF_TC_HEAD(drop__for_good, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(drop__for_good, tc)
{
	char		 ids[128], root[PATH_MAX];
	const char	*args[] = { "drop", "nobody", root, NULL };
	struct passwd	*pw;

	ATF_REQUIRE((pw = getpwnam("nobody")) != NULL);
	enter_root(root, sizeof(root));
	ATF_REQUIRE_EQ(0, run(tc, args));

	(void)snprintf(ids, sizeof(ids), "%u\t%u\t%u\t%u", pw->pw_uid,
	    pw->pw_uid, pw->pw_uid, pw->pw_uid);
	expect_status("Uid", ids);
	(void)snprintf(ids, sizeof(ids), "%u\t%u\t%u\t%u", pw->pw_gid,
	    pw->pw_gid, pw->pw_gid, pw->pw_gid);
	expect_status("Gid", ids);
	(void)snprintf(ids, sizeof(ids), "%u ", pw->pw_gid);
	expect_status("Groups", ids);
	expect_status("CapInh", "0000000000000000");
	expect_status("CapPrm", "0000000000000000");
	expect_status("CapEff", "0000000000000000");
	expect_status("CapBnd", "0000000000000000");
	expect_status("CapAmb", "0000000000000000");
	expect_status("NoNewPrivs", "1");
	ATF_CHECK(says("dumpable 0"));
	ATF_CHECK(says("limit nofile 64 64"));
	ATF_CHECK(says("limit nproc 0 0"));
	ATF_CHECK(says("limit fsize 0 0"));
	ATF_CHECK(says("try setuid 1"));
	ATF_CHECK(says("try setgid 1"));
	ATF_CHECK(says("try chroot 1"));
	ATF_CHECK(says("try fork 11"));
	ATF_CHECK_MSG(says("try etc 2"), "the old root can be seen");
}

ATF_TC(drop__root_stays);
ATF_TC_HEAD(drop__root_stays, tc)
{
	atf_tc_set_md_var(tc, "descr",
	    "without a user of its own: root with next to no capabilities");
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(drop__root_stays, tc)
{
	char		 root[PATH_MAX];
	const char	*args[] = { "drop", "-", root, NULL };

	enter_root(root, sizeof(root));
	ATF_REQUIRE_EQ(0, run(tc, args));
	expect_status("Uid", "0\t0\t0\t0");
	/* CAP_DAC_OVERRIDE 1, CAP_FOWNER 3 */
	expect_status("CapPrm", "000000000000000a");
	expect_status("CapEff", "000000000000000a");
	expect_status("CapBnd", "0000000000000000");
	ATF_CHECK(says("try chroot 1"));
	ATF_CHECK(says("try etc 2"));
	ATF_CHECK(says("nnp 1"));
}

ATF_TC(drop__refused);
ATF_TC_HEAD(drop__refused, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(drop__refused, tc)
{
	static const char *const	 nobody[] = { "drop", "no_such_user",
	    "/", NULL };
	static const char *const	 root[] = { "drop", "root", "/", NULL };
	static const char *const	 dir[] = { "drop", "nobody",
	    "/proc/no such directory", NULL };

	ATF_CHECK_EQ(W_EXITCODE(1, 0), run(tc, nobody));
	ATF_CHECK(says("refused 2"));
	ATF_CHECK_EQ(W_EXITCODE(1, 0), run(tc, root));
	ATF_CHECK(says("refused 1"));
	ATF_CHECK_EQ(W_EXITCODE(1, 0), run(tc, dir));
	ATF_CHECK(says("refused 2"));
}

ATF_TC(drop__then_sandbox);
ATF_TC_HEAD(drop__then_sandbox, tc)
{
	atf_tc_set_md_var(tc, "descr",
	    "the whole way of pm2logd: chroot, other user, sandbox");
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(drop__then_sandbox, tc)
{
	char		 dir[PATH_MAX], root[PATH_MAX];
	const char	*args[] = { "jail", "nobody", root, dir, NULL };
	struct stat	 sb;
	struct passwd	*pw;

	ATF_REQUIRE((pw = getpwnam("nobody")) != NULL);
	enter_root(root, sizeof(root));
	ATF_REQUIRE_EQ(0, mkdir("root/logs", 0700));
	ATF_REQUIRE_EQ(0, chown("root/logs", pw->pw_uid, pw->pw_gid));
	ATF_REQUIRE(realpath("root/logs", dir) != NULL);
	ATF_REQUIRE_EQ(0, run(tc, args));
	ATF_CHECK(strstr(report, "\nsandbox ") != NULL);
	ATF_CHECK(says("try create 0"));
	ATF_CHECK(says("try write 0"));
	ATF_CHECK(says("try root 13"));
	ATF_CHECK(says("try mkdir 13"));
	ATF_REQUIRE_EQ(0, stat("root/logs/file", &sb));
	ATF_CHECK_EQ(pw->pw_uid, sb.st_uid);
	ATF_CHECK_EQ(3, sb.st_size);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, start__descriptors);
	ATF_TP_ADD_TC(tp, start__nothing_open);
	ATF_TP_ADD_TC(tp, start__environment);
	ATF_TP_ADD_TC(tp, start__signals);
	ATF_TP_ADD_TC(tp, start__channel);
	ATF_TP_ADD_TC(tp, start__no_program);
	ATF_TP_ADD_TC(tp, start__call_fails);
	ATF_TP_ADD_TC(tp, start__degrades);
	ATF_TP_ADD_TC(tp, init__harmless);
	ATF_TP_ADD_TC(tp, init__alone);
	ATF_TP_ADD_TC(tp, drop__ordinary_user);
	ATF_TP_ADD_TC(tp, drop__for_good);
	ATF_TP_ADD_TC(tp, drop__root_stays);
	ATF_TP_ADD_TC(tp, drop__refused);
	ATF_TP_ADD_TC(tp, drop__then_sandbox);
	return (atf_no_error());
}

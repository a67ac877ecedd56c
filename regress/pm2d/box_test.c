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
 * What is refused in a sandbox, seen by a program that tries it.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <atf-c.h>

#include "apputil.h"
#include "sys_fault.h"

static struct app_run		 run;
static struct spawn_req		 req;
static struct spawn_limits	 limits;
static struct ids		 ids;
static char			 work[512], other[512], prog[512];
static char			*args[32];
static int			 nargs;

#define REQUIRE_RAN()							\
	ATF_REQUIRE_EQ_MSG(STAGE_NONE, run.stage, "%s: %s",		\
	    stage_name(run.stage), strerror(run.error))

static void
make_dir(char *path, size_t len, const char *name, int theirs)
{
	(void)snprintf(path, len, "%s/%s", apps_dir, name);
	ATF_REQUIRE_EQ(0, mkdir(path, 0755));
	if (theirs && ids.change)
		ATF_REQUIRE_EQ(0, chown(path, ids.uid, ids.gid));
}

static void
make_file(const char *path, mode_t mode, const char *text)
{
	int	 fd;

	ATF_REQUIRE((fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC,
	    mode)) != -1);
	ATF_REQUIRE_EQ((ssize_t)strlen(text), write(fd, text, strlen(text)));
	if (ids.change)
		ATF_REQUIRE_EQ(0, fchown(fd, ids.uid, ids.gid));
	ATF_REQUIRE_EQ(0, close(fd));
}

static void
begin(const atf_tc_t *tc, enum appbox_level level)
{
	static char	 helper[600];
	size_t		 i;

	if (appbox_lacks(level) != NULL)
		atf_tc_skip("%s", appbox_lacks(level));
	apps_begin(tc, "h_box");
	apps_ids(&ids);
	make_dir(work, sizeof(work), "work", 1);
	make_dir(other, sizeof(other), "other", 1);
	make_dir(prog, sizeof(prog), "prog", 0);
	(void)snprintf(helper, sizeof(helper), "%s/h_box", prog);
	ATF_REQUIRE_EQ(0, rename(apps_helper, helper));
	apps_req(&req, NULL);
	req.file = helper;
	req.argv = args;
	req.cwd = work;
	req.ids = ids.change ? &ids : NULL;
	memset(&limits, 0, sizeof(limits));
	for (i = 0; i < RLIM_NLIMITS; i++)
		limits.rlimits[i] = RLIM_INFINITY;
	limits.box.level = level;
	req.limits = &limits;
	args[0] = helper;
	nargs = 1;
}

static void
tries(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void
tries(const char *fmt, ...)
{
	va_list	 ap;

	ATF_REQUIRE(nargs < 31);
	va_start(ap, fmt);
	ATF_REQUIRE(vasprintf(&args[nargs++], fmt, ap) != -1);
	va_end(ap);
	args[nargs] = NULL;
}

static void
forget(void)
{
	while (nargs > 1)
		free(args[--nargs]);
}

static void
run_it(void)
{
	apps_run(&req, &run);
	REQUIRE_RAN();
	printf("%s", run.out);
	forget();
}

static void
require_says(const char *what, const char *answer)
{
	char	 start[1100], want[1100];

	(void)snprintf(want, sizeof(want), "%s %s", what, answer);
	(void)snprintf(start, sizeof(start), "%s ", what);
	ATF_CHECK_STREQ(want, apps_line(&run, start));
}

#define SAYS(answer, ...) do {						\
	char says_[1024];						\
	(void)snprintf(says_, sizeof(says_), __VA_ARGS__);		\
	require_says(says_, answer);					\
} while (0)

static const char *const refused[] = { "ptrace", "process_vm_readv",
    "process_vm_writev", "kcmp", "mount", "umount2", "pivot_root", "chroot",
    "setns", "open_by_handle_at", "init_module", "finit_module",
    "delete_module", "bpf", "perf_event_open", "userfaultfd", "keyctl",
    "add_key", "request_key", "fanotify_init", "kexec_load", "reboot",
    "swapon", "swapoff", "settimeofday", "clock_settime", "adjtimex",
    "sethostname", "setdomainname", "acct", "quotactl", "syslog",
    "unshare-user", "unshare-net", "unshare-time", "clone-user", "tiocsti" };
static const char *const allowed[] = { "getpid", "unshare-files", "thread",
    "fork", "socket inet", "socket inet6", "socket netlink", "socketpair",
    "socket unix-dgram" };

static void
check_calls(void)
{
	size_t	 i;

	tries("calls");
	run_it();
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		require_says(refused[i], "EPERM");
	for (i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		require_says(allowed[i], "ok");
	require_says("nnp yes", "ok");
	require_says("io_uring_setup", "ENOSYS");
	require_says("clone3", "ENOSYS");
	require_says("socket alg", "EAFNOSUPPORT");
	require_says("socket packet", "EAFNOSUPPORT");
	require_says("socket vsock", "EAFNOSUPPORT");
}

/* Without a sandbox the kernel answers something else to nearly all. */
ATF_TC_WITHOUT_HEAD(off__nothing_refused);
ATF_TC_BODY(off__nothing_refused, tc)
{
	begin(tc, APPBOX_OFF);
	tries("calls");
	tries("make=%s/x", other);
	tries("read=/etc/passwd");
	tries("kill=%d", ids.change ? 0 : (int)getpid());
	run_it();
	require_says("nnp no", "ok");
	require_says("socket unix-stream", "ok");
	require_says("unshare-files", "ok");
	ATF_REQUIRE(strstr(run.out, "clone3 ENOSYS") == NULL);
	SAYS("ok", "make %s/x", other);
	require_says("kill", "ok");
	apps_end();
}

ATF_TC_WITHOUT_HEAD(basic__calls);
ATF_TC_BODY(basic__calls, tc)
{
	int	 i;

	begin(tc, APPBOX_BASIC);
	for (APPS_WAYS(i)) {
		check_calls();
		require_says("socket unix-stream", "ok");
	}
	apps_end();
}

ATF_TC_WITHOUT_HEAD(strict__calls);
ATF_TC_BODY(strict__calls, tc)
{
	int	 i;

	if (getuid() == 0 && geteuid() != 0)
		atf_tc_skip("half a root");
	begin(tc, APPBOX_STRICT);
	for (APPS_WAYS(i)) {
		check_calls();
		require_says("socket unix-stream", "EACCES");
		require_says("socket unix-seqpacket", "EACCES");
	}
	apps_end();
}

/* Root, too, is held by basic as far as system calls go. */
ATF_TC(basic__calls_of_root);
ATF_TC_HEAD(basic__calls_of_root, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(basic__calls_of_root, tc)
{
	begin(tc, APPBOX_BASIC);
	req.ids = NULL;
	req.cwd = prog;
	tries("make=%s/x", prog);
	tries("node=%s/null", prog);
	tries("write=/proc/sys/kernel/core_pattern");
	check_calls();
	SAYS("ok", "make %s/x", prog);
	SAYS("EACCES", "node %s/null", prog);
	require_says("write /proc/sys/kernel/core_pattern", "EACCES");
	apps_end();
}

ATF_TC_WITHOUT_HEAD(basic__files);
ATF_TC_BODY(basic__files, tc)
{
	char	 secret[600], tmp[64];

	begin(tc, APPBOX_BASIC);
	if (appbox_weak(APPBOX_BASIC) != NULL)
		atf_tc_skip("%s", appbox_weak(APPBOX_BASIC));
	/* what is in /tmp may be written: look elsewhere for a refusal */
	(void)snprintf(secret, sizeof(secret), "%s/mine", work);
	make_file(secret, 0600, "x");
	(void)snprintf(tmp, sizeof(tmp), "/tmp/pm2d_box.%d", (int)getpid());
	tries("read=/etc/passwd");
	tries("exec=/bin/true");
	tries("make=%s/x", work);
	tries("truncate=%s", secret);
	tries("remove=%s", secret);
	tries("make=%s", tmp);
	tries("remove=%s", tmp);
	tries("write=/dev/null");
	tries("make=/var/lib/pm2d_box");
	tries("make=/dev/pm2d_box");
	run_it();
	require_says("read /etc/passwd", "ok");
	require_says("exec /bin/true", "ok");
	SAYS("ok", "make %s/x", work);
	SAYS("ok", "truncate %s", secret);
	SAYS("ok", "remove %s", secret);
	SAYS("ok", "make %s", tmp);
	SAYS("ok", "remove %s", tmp);
	require_says("write /dev/null", "ok");
	require_says("make /var/lib/pm2d_box", "EACCES");
	require_says("make /dev/pm2d_box", "EACCES");
	apps_end();
}

ATF_TC_WITHOUT_HEAD(strict__files);
ATF_TC_BODY(strict__files, tc)
{
	char	 file[600], script[600];

	begin(tc, APPBOX_STRICT);
	if (appbox_weak(APPBOX_STRICT) != NULL)
		atf_tc_skip("%s", appbox_weak(APPBOX_STRICT));
	(void)snprintf(file, sizeof(file), "%s/secret", other);
	make_file(file, 0666, "x");
	(void)snprintf(script, sizeof(script), "%s/code/app.js", apps_dir);
	*strrchr(script, '/') = '\0';
	ATF_REQUIRE_EQ(0, mkdir(script, 0777));
	script[strlen(script)] = '/';
	make_file(script, 0666, "x");
	req.script = script;
	tries("read=/etc/passwd");
	tries("read=/proc/self/status");
	tries("read=/dev/urandom");
	tries("write=/dev/null");
	tries("exec=/bin/true");
	tries("exec=%s", req.file);
	tries("read=%s", script);
	tries("write=%s", script);
	tries("make=%s/x", work);
	tries("remove=%s/x", work);
	tries("read=%s", file);
	tries("write=%s", file);
	tries("truncate=%s", file);
	tries("remove=%s", file);
	tries("exec=%s", file);
	tries("make=%s/x", other);
	tries("make=%s/x", prog);
	tries("make=/tmp/pm2d_box_strict");
	tries("read=/tmp");
	tries("read=/");
	tries("read=/home");
	tries("read=/dev/tty");
	tries("kill=%d", (int)getpid());
	run_it();
	require_says("read /etc/passwd", "ok");
	require_says("read /proc/self/status", "ok");
	require_says("read /dev/urandom", "ok");
	require_says("write /dev/null", "ok");
	require_says("exec /bin/true", "ok");
	SAYS("ok", "exec %s", req.file);
	SAYS("ok", "read %s", script);
	SAYS("EACCES", "write %s", script);
	SAYS("ok", "make %s/x", work);
	SAYS("ok", "remove %s/x", work);
	SAYS("EACCES", "read %s", file);
	SAYS("EACCES", "write %s", file);
	SAYS("EACCES", "truncate %s", file);
	SAYS("EACCES", "remove %s", file);
	SAYS("EACCES", "exec %s", file);
	SAYS("EACCES", "make %s/x", other);
	SAYS("EACCES", "make %s/x", prog);
	require_says("make /tmp/pm2d_box_strict", "EACCES");
	require_says("read /tmp", "EACCES");
	require_says("read /", "EACCES");
	require_says("read /home", "EACCES");
	require_says("read /dev/tty", "EACCES");
	require_says("kill", "EPERM");
	apps_end();
}

/* A program of its own tree, by links and by scripts that name it. */
ATF_TC_WITHOUT_HEAD(strict__interpreters);
ATF_TC_BODY(strict__interpreters, tc)
{
	static char	*envp[3];
	char		 bin[512], lib[512], link_[600], shim[600], text[600];
	char		 path[700];

	begin(tc, APPBOX_STRICT);
	make_dir(bin, sizeof(bin), "tree", 0);
	make_dir(lib, sizeof(lib), "tree/lib", 0);
	make_dir(bin, sizeof(bin), "tree/bin", 0);
	(void)snprintf(link_, sizeof(link_), "%s/interp", bin);
	ATF_REQUIRE_EQ(0, rename(req.file, link_));
	(void)snprintf(text, sizeof(text), "%s/module", lib);
	make_file(text, 0644, "x");
	/* somewhere else: a link to it, and a script that asks for it */
	(void)snprintf(shim, sizeof(shim), "%s/linked", prog);
	ATF_REQUIRE_EQ(0, symlink(link_, shim));
	(void)snprintf(path, sizeof(path), "PATH=/nowhere:%s:/usr/bin:/bin",
	    bin);
	envp[0] = path;
	envp[1] = (char *)(uintptr_t)"ASAN_OPTIONS=detect_leaks=0";
	req.envp = envp;
	req.file = shim;
	tries("read=%s", text);
	run_it();
	SAYS("ok", "read %s", text);

	req.file = "interp";
	tries("read=%s", text);
	run_it();
	SAYS("ok", "read %s", text);

	(void)snprintf(shim, sizeof(shim), "%s/script", work);
	make_file(shim, 0755, "#!/usr/bin/env -S A=b interp\n");
	req.file = shim;
	tries("read=%s", text);
	run_it();
	SAYS("ok", "read %s", text);
	apps_end();
}

ATF_TC_WITHOUT_HEAD(strict__no_place_of_others);
ATF_TC_BODY(strict__no_place_of_others, tc)
{
	static char	*envp[3];
	char		 env[700], home[600];

	begin(tc, APPBOX_STRICT);
	tries("calls");
	(void)snprintf(home, sizeof(home), "%s/.pm2", work);
	limits.box.home = home;
	apps_run(&req, &run);
	ATF_REQUIRE_EQ(STAGE_SANDBOX, run.stage);
	ATF_REQUIRE_EQ(EXDEV, run.error);
	limits.box.home = NULL;
	req.cwd = "/";
	apps_run(&req, &run);
	ATF_REQUIRE_EQ(STAGE_SANDBOX, run.stage);
	ATF_REQUIRE_EQ(EXDEV, run.error);
	/* TMPDIR is written to as well */
	req.cwd = work;
	(void)snprintf(env, sizeof(env), "TMPDIR=%s", "/");
	envp[0] = env;
	envp[1] = (char *)(uintptr_t)"ASAN_OPTIONS=detect_leaks=0";
	req.envp = envp;
	apps_run(&req, &run);
	ATF_REQUIRE_EQ(STAGE_SANDBOX, run.stage);
	ATF_REQUIRE_EQ(EXDEV, run.error);
	(void)snprintf(env, sizeof(env), "TMPDIR=%s", other);
	forget();
	tries("make=%s/x", other);
	run_it();
	SAYS("ok", "make %s/x", other);
	apps_end();
}

/* The home of who is there for this app may be its directory. */
ATF_TC(strict__home_of_another_user);
ATF_TC_HEAD(strict__home_of_another_user, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(strict__home_of_another_user, tc)
{
	begin(tc, APPBOX_STRICT);
	(void)strlcpy(ids.home, work, sizeof(ids.home));
	tries("make=%s/x", work);
	run_it();
	SAYS("ok", "make %s/x", work);
	/* but what is above it is not */
	(void)strlcat(ids.home, "/deeper", sizeof(ids.home));
	apps_run(&req, &run);
	ATF_REQUIRE_EQ(STAGE_SANDBOX, run.stage);
	ATF_REQUIRE_EQ(EXDEV, run.error);
	apps_end();
}

ATF_TC(strict__not_root);
ATF_TC_HEAD(strict__not_root, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(strict__not_root, tc)
{
	begin(tc, APPBOX_STRICT);
	req.ids = NULL;
	apps_run(&req, &run);
	ATF_REQUIRE_EQ(STAGE_SANDBOX, run.stage);
	ATF_REQUIRE_EQ(EPERM, run.error);
	apps_end();
}

/* Limits come down after what the sandbox itself needs. */
ATF_TC_WITHOUT_HEAD(strict__few_descriptors);
ATF_TC_BODY(strict__few_descriptors, tc)
{
	begin(tc, APPBOX_STRICT);
	limits.rlimits[RLIMIT_NOFILE] = 5;
	tries("make=%s/x", work);
	run_it();
	SAYS("ok", "make %s/x", work);
	apps_end();
}

ATF_TC_WITHOUT_HEAD(names__known);
ATF_TC_BODY(names__known, tc)
{
	ATF_REQUIRE_EQ(APPBOX_OFF, appbox_byname(NULL));
	ATF_REQUIRE_EQ(APPBOX_OFF, appbox_byname(""));
	ATF_REQUIRE_EQ(APPBOX_OFF, appbox_byname("off"));
	ATF_REQUIRE_EQ(APPBOX_BASIC, appbox_byname("basic"));
	ATF_REQUIRE_EQ(APPBOX_STRICT, appbox_byname("strict"));
	ATF_REQUIRE_EQ(-1, appbox_byname("Strict"));
	ATF_REQUIRE_EQ(-1, appbox_byname("none"));
	ATF_REQUIRE(appbox_lacks(APPBOX_OFF) == NULL);
	ATF_REQUIRE(appbox_weak(APPBOX_OFF) == NULL);
	ATF_REQUIRE(*appbox_describe() != '\0');
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, off__nothing_refused);
	ATF_TP_ADD_TC(tp, basic__calls);
	ATF_TP_ADD_TC(tp, basic__calls_of_root);
	ATF_TP_ADD_TC(tp, basic__files);
	ATF_TP_ADD_TC(tp, strict__calls);
	ATF_TP_ADD_TC(tp, strict__files);
	ATF_TP_ADD_TC(tp, strict__interpreters);
	ATF_TP_ADD_TC(tp, strict__no_place_of_others);
	ATF_TP_ADD_TC(tp, strict__home_of_another_user);
	ATF_TP_ADD_TC(tp, strict__not_root);
	ATF_TP_ADD_TC(tp, strict__few_descriptors);
	ATF_TP_ADD_TC(tp, names__known);

	return (atf_no_error());
}

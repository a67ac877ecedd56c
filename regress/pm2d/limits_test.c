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
 * What an app may: the steps of the child, and who may ask for what.
 */
#include <sys/types.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <atf-c.h>

#include "applimits.h"
#include "apputil.h"
#include "spec.h"
#include "sys_fault.h"

static struct app_run		 run;
static struct spawn_req		 req;
static struct spawn_limits	 limits;
static struct ids		 ids;
static char			 want[256];

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
none(struct spawn_limits *sl)
{
	size_t	 i;

	memset(sl, 0, sizeof(*sl));
	for (i = 0; i < RLIM_NLIMITS; i++)
		sl->rlimits[i] = RLIM_INFINITY;
}

static void
begin(const atf_tc_t *tc)
{
	apps_begin(tc, "h_creds");
	apps_ids(&ids);
	none(&limits);
}

/* As another user where we can. */
static void
run_it(void)
{
	apps_req(&req, NULL);
	req.ids = &ids;
	req.limits = &limits;
	apps_run(&req, &run);
}

ATF_TC_WITHOUT_HEAD(umask__given);
ATF_TC_BODY(umask__given, tc)
{
	int i;

	(void)umask(022);
	begin(tc);
	limits.has_umask = 1;
	for (APPS_WAYS(i)) {
		limits.umask = 0;
		run_it();
		REQUIRE_RAN();
		ATF_REQUIRE_STREQ("umask 0000", apps_line(&run, "umask"));
		limits.umask = 0137;
		run_it();
		ATF_REQUIRE_STREQ("umask 0137", apps_line(&run, "umask"));
	}
	limits.has_umask = 0;
	run_it();
	ATF_REQUIRE_STREQ("umask 0022", apps_line(&run, "umask"));
	apps_end();
}

ATF_TC_WITHOUT_HEAD(nice__given);
ATF_TC_BODY(nice__given, tc)
{
	begin(tc);
	limits.has_nice = 1;
	limits.nice = 13;
	run_it();
	REQUIRE_RAN();
	ATF_REQUIRE_STREQ("nice 13", apps_line(&run, "nice"));
	apps_end();
}

ATF_TC(nice__below_zero);
ATF_TC_HEAD(nice__below_zero, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(nice__below_zero, tc)
{
	begin(tc);
	if (setpriority(PRIO_PROCESS, 0, -1) == -1)
		atf_tc_skip("this root may not");
	limits.has_nice = 1;
	limits.nice = -3;
	run_it();
	REQUIRE_RAN();
	ATF_REQUIRE_STREQ("nice -3", apps_line(&run, "nice"));
	apps_end();
}

ATF_TC(nice__refused);
ATF_TC_HEAD(nice__refused, tc)
{
	atf_tc_set_md_var(tc, "require.user", "unprivileged");
}
ATF_TC_BODY(nice__refused, tc)
{
	begin(tc);
	limits.has_nice = 1;
	limits.nice = -3;
	apps_req(&req, NULL);
	req.limits = &limits;
	REQUIRE_FAILS(STAGE_PRIORITY, EACCES);
	ATF_REQUIRE(strstr(stage_strerror(run.stage, run.error), "nice") !=
	    NULL);
	apps_end();
}

ATF_TC_WITHOUT_HEAD(rlimits__given);
ATF_TC_BODY(rlimits__given, tc)
{
	static const struct {
		int		 which;
		rlim_t		 value;
	} v[] = {
		{ RLIMIT_NOFILE, 5 }, { RLIMIT_NPROC, 1003 },
		{ RLIMIT_CORE, 0 }, { RLIMIT_FSIZE, 77777 },
		{ RLIMIT_STACK, 4096 * 1024 }, { RLIMIT_CPU, 55 },
		{ RLIMIT_AS, (rlim_t)1 << 47 }
	};
	char	 line[64], start[64];
	size_t	 i;
	int	 way;

	begin(tc);
	for (APPS_WAYS(way)) {
		for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
			none(&limits);
			limits.rlimits[v[i].which] = v[i].value;
			run_it();
			REQUIRE_RAN();
			(void)snprintf(start, sizeof(start), "rlimit %d ",
			    v[i].which);
			(void)snprintf(line, sizeof(line),
			    "rlimit %d %llu %llu", v[i].which,
			    (unsigned long long)v[i].value,
			    (unsigned long long)v[i].value);
			ATF_REQUIRE_STREQ(line, apps_line(&run, start));
		}
	}
	apps_end();
}

/* What the child itself needs is not taken from it before it is done. */
ATF_TC_WITHOUT_HEAD(rlimits__very_low);
ATF_TC_BODY(rlimits__very_low, tc)
{
	int	 fd, p[2];

	begin(tc);
	ATF_REQUIRE_EQ(0, pipe2(p, O_CLOEXEC));
	limits.rlimits[RLIMIT_NOFILE] = 5;	/* the loader needs one */
	apps_req(&req, NULL);
	req.limits = &limits;
	req.script = apps_helper;
	req.ipc_fd = p[0];
	apps_run(&req, &run);
	REQUIRE_RAN();
	ATF_REQUIRE_STREQ("fd 3 r", apps_line(&run, "fd 3"));
	/* and ours are as they were */
	ATF_REQUIRE((fd = dup(0)) >= 4);
	ATF_REQUIRE_EQ(0, close(fd));
	apps_end();
}

ATF_TC(rlimits__raised_by_root);
ATF_TC_HEAD(rlimits__raised_by_root, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(rlimits__raised_by_root, tc)
{
	struct rlimit	 rl = { 4096, 4097 };

	ATF_REQUIRE_EQ(0, setrlimit(RLIMIT_NOFILE, &rl));
	rl.rlim_max++;
	if (setrlimit(RLIMIT_NOFILE, &rl) == -1)
		atf_tc_skip("this root may not");
	begin(tc);
	limits.rlimits[RLIMIT_NOFILE] = 5000;
	limits.rlimits[RLIMIT_CORE] = 1;
	run_it();
	REQUIRE_RAN();
	(void)snprintf(want, sizeof(want), "rlimit %d 5000 5000",
	    RLIMIT_NOFILE);
	ATF_REQUIRE_STREQ(want, apps_line(&run, "rlimit 7 "));
	(void)snprintf(want, sizeof(want), "uid %u %u %u", ids.uid, ids.uid,
	    ids.uid);
	ATF_REQUIRE_STREQ(want, apps_line(&run, "uid"));
	apps_end();
}

ATF_TC(rlimits__not_raised_by_others);
ATF_TC_HEAD(rlimits__not_raised_by_others, tc)
{
	atf_tc_set_md_var(tc, "require.user", "unprivileged");
}
ATF_TC_BODY(rlimits__not_raised_by_others, tc)
{
	static const int which[] = { RLIMIT_NOFILE, RLIMIT_FSIZE };
	struct rlimit	 rl = { 1000, 1000 };
	size_t		 i;

	for (i = 0; i < 2; i++) {
		ATF_REQUIRE_EQ(0, setrlimit(RLIMIT_NOFILE, &rl));
		begin(tc);
		if (i == 1) {
			rl.rlim_cur = rl.rlim_max = 1 << 20;
			ATF_REQUIRE_EQ(0, setrlimit(RLIMIT_FSIZE, &rl));
		}
		limits.rlimits[which[i]] = (1 << 20) + 1;
		apps_req(&req, NULL);
		req.limits = &limits;
		REQUIRE_FAILS(STAGE_RLIMIT, EPERM);
		apps_end();
		rl.rlim_cur = rl.rlim_max = 1000;
	}
}

ATF_TC_WITHOUT_HEAD(rlimits__fail);
ATF_TC_BODY(rlimits__fail, tc)
{
	begin(tc);
	limits.rlimits[RLIMIT_CORE] = 0;
	limits.rlimits[RLIMIT_NOFILE] = 20;
	apps_req(&req, NULL);
	req.limits = &limits;
	sys_fault_set("setrlimit", EINVAL, 1, 1);
	REQUIRE_FAILS(STAGE_RLIMIT, EINVAL);
	sys_fault_set("setrlimit", EINVAL, 2, 1);
	REQUIRE_FAILS(STAGE_RLIMIT, EINVAL);
	sys_fault_reset();
	apps_end();
}

ATF_TC_WITHOUT_HEAD(privs__no_new);
ATF_TC_BODY(privs__no_new, tc)
{
	begin(tc);
	run_it();
	REQUIRE_RAN();
	ATF_REQUIRE_STREQ("NoNewPrivs:	0", apps_line(&run, "NoNewPrivs"));
	limits.no_new_privs = 1;
	run_it();
	REQUIRE_RAN();
	ATF_REQUIRE_STREQ("NoNewPrivs:	1", apps_line(&run, "NoNewPrivs"));
	apps_end();
}

/* ---- another root directory ---- */

/* On a system where /usr has all that a shell needs, it can be one. */
static int
usr_is_a_root(void)
{
	return (access("/usr/bin/sh", X_OK) == 0 &&
	    access("/usr/lib64", X_OK) == 0 && access("/usr/usr", F_OK) == -1);
}

static void
run_inside(const char *root, const char *cwd)
{
	static char	*argv[] = { (char *)(uintptr_t)"sh",
	    (char *)(uintptr_t)"-c", (char *)(uintptr_t)
	    "pwd; [ -d /share ] && [ ! -d /usr ] && echo inside; "
	    "read -r u </proc/self/status || echo no proc", NULL };

	limits.chroot = root;
	apps_req(&req, NULL);
	req.file = "/bin/sh";
	req.argv = argv;
	req.cwd = cwd;
	req.ids = &ids;
	req.limits = &limits;
	apps_run(&req, &run);
}

ATF_TC(chroot__inside);
ATF_TC_HEAD(chroot__inside, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(chroot__inside, tc)
{
	int i;

	if (!usr_is_a_root())
		atf_tc_skip("/usr is no root directory here");
	begin(tc);
	for (APPS_WAYS(i)) {
		run_inside("/usr", "/share");
		REQUIRE_RAN();
		ATF_REQUIRE_STREQ("/share\ninside\nno proc\n", run.out);
		run_inside("//usr/", NULL);
		ATF_REQUIRE_STREQ("/\ninside\nno proc\n", run.out);
	}
	/* its directory and the program are looked for inside */
	run_inside("/usr", "/usr/share");
	ATF_REQUIRE_EQ(STAGE_CHDIR, run.stage);
	ATF_REQUIRE_EQ(ENOENT, run.error);
	apps_end();
}

ATF_TC(chroot__roots_alone);
ATF_TC_HEAD(chroot__roots_alone, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(chroot__roots_alone, tc)
{
	char	 path[1024], sub[1088];

	begin(tc);
	(void)snprintf(path, sizeof(path), "%s/theirs", apps_dir);
	(void)snprintf(sub, sizeof(sub), "%s/in", path);
	ATF_REQUIRE_EQ(0, mkdir(path, 0755));
	ATF_REQUIRE_EQ(0, mkdir(sub, 0755));

	/* nobody else's: the program is not there, that is all */
	limits.chroot = sub;
	apps_req(&req, NULL);
	req.limits = &limits;
	REQUIRE_FAILS(STAGE_EXEC, ENOENT);
	/* somebody else's, itself or above */
	ATF_REQUIRE_EQ(0, chown(path, ids.uid, ids.gid));
	REQUIRE_FAILS(STAGE_CHROOT, EACCES);
	limits.chroot = path;
	REQUIRE_FAILS(STAGE_CHROOT, EACCES);
	/* to be written by others, sticky or not */
	ATF_REQUIRE_EQ(0, chown(path, 0, 0));
	ATF_REQUIRE_EQ(0, chmod(path, 0775));
	REQUIRE_FAILS(STAGE_CHROOT, EACCES);
	ATF_REQUIRE_EQ(0, chmod(path, 01777));
	REQUIRE_FAILS(STAGE_CHROOT, EACCES);
	limits.chroot = sub;
	REQUIRE_FAILS(STAGE_EXEC, ENOENT);
	/* links, and what is no directory or not there */
	ATF_REQUIRE_EQ(0, rmdir(sub));
	ATF_REQUIRE_EQ(0, symlink("/usr", sub));
	REQUIRE_FAILS(STAGE_CHROOT, ENOTDIR);
	limits.chroot = apps_helper;
	REQUIRE_FAILS(STAGE_CHROOT, ENOTDIR);
	limits.chroot = "/nowhere";
	REQUIRE_FAILS(STAGE_CHROOT, ENOENT);
	limits.chroot = "usr";
	REQUIRE_FAILS(STAGE_CHROOT, EINVAL);
	apps_end();
}

ATF_TC(chroot__refused);
ATF_TC_HEAD(chroot__refused, tc)
{
	atf_tc_set_md_var(tc, "require.user", "unprivileged");
}
ATF_TC_BODY(chroot__refused, tc)
{
	begin(tc);
	limits.chroot = "/usr";
	apps_req(&req, NULL);
	req.limits = &limits;
	REQUIRE_FAILS(STAGE_CHROOT, EPERM);
	apps_end();
}

/* ---- specs ---- */

static struct spec_buf	 block;
static struct spec	 spec, before;
static char		 why[256];

static void
parse(struct spec *s)
{
	ATF_REQUIRE_EQ_MSG(0, spec_parse(s, block.data, block.len, why,
	    sizeof(why)), "%s", why);
	why[0] = '\0';
	memset(&block, 0, sizeof(block));	/* s points into it */
}

static void
str(enum spec_key key, const char *value)
{
	ATF_REQUIRE_EQ(0, spec_add_str(&block, key, value));
}

static void
num(enum spec_key key, uint64_t value)
{
	ATF_REQUIRE_EQ(0, spec_add_u64(&block, key, value));
}

ATF_TC_WITHOUT_HEAD(fill__nothing_given);
ATF_TC_BODY(fill__nothing_given, tc)
{
	struct spawn_limits sl;

	none(&limits);
	str(SPEC_NAME, "a");
	parse(&spec);
	memset(&sl, 0xff, sizeof(sl));
	applimits_fill(&sl, &spec);
	ATF_REQUIRE_EQ(0, memcmp(sl.rlimits, limits.rlimits,
	    sizeof(sl.rlimits)));
	ATF_REQUIRE(!sl.has_umask && !sl.has_nice && !sl.no_new_privs);
	ATF_REQUIRE_EQ(NULL, sl.chroot);
}

ATF_TC_WITHOUT_HEAD(fill__all);
ATF_TC_BODY(fill__all, tc)
{
	struct spawn_limits sl;

	num(SPEC_UMASK, 027);
	num(SPEC_NICE, 0);
	num(SPEC_NO_NEW_PRIVS, 1);
	str(SPEC_CHROOT, "/jail");
	num(SPEC_LIMIT_NOFILE, 1);
	num(SPEC_LIMIT_PROCESSES, 2);
	num(SPEC_LIMIT_MEMORY, 3);
	num(SPEC_LIMIT_CORE, 4);
	num(SPEC_LIMIT_FSIZE, 5);
	num(SPEC_LIMIT_STACK, 6);
	num(SPEC_LIMIT_CPU, 7);
	parse(&spec);
	applimits_fill(&sl, &spec);
	ATF_REQUIRE(sl.has_umask && sl.umask == 027);
	ATF_REQUIRE(sl.has_nice && sl.nice == -20);
	ATF_REQUIRE_EQ(1, sl.no_new_privs);
	ATF_REQUIRE_STREQ("/jail", sl.chroot);
	ATF_REQUIRE_EQ(1, sl.rlimits[RLIMIT_NOFILE]);
	ATF_REQUIRE_EQ(2, sl.rlimits[RLIMIT_NPROC]);
	ATF_REQUIRE_EQ(3, sl.rlimits[RLIMIT_AS]);
	ATF_REQUIRE_EQ(4, sl.rlimits[RLIMIT_CORE]);
	ATF_REQUIRE_EQ(5, sl.rlimits[RLIMIT_FSIZE]);
	ATF_REQUIRE_EQ(6, sl.rlimits[RLIMIT_STACK]);
	ATF_REQUIRE_EQ(7, sl.rlimits[RLIMIT_CPU]);
	ATF_REQUIRE_EQ(RLIM_INFINITY, sl.rlimits[RLIMIT_DATA]);
}

/* Who asks of whom; is it for root only? */
static const struct applimits_who	 everybody[] = {
	{ 0, 0, 0 }, { 0, 1000, 0 }, { 1000, 1000, 0 }, { 1000, 0, 0 }
};

static void
require_root_only(const char *key, const struct spec *old)
{
	size_t	 i;

	for (i = 0; i < 4; i++) {
		why[0] = '\0';
		if (applimits_admit(&everybody[i], &spec, old, why,
		    sizeof(why)) == (i == 0 ? 0 : -1) &&
		    strncmp(why, key, i == 0 ? 0 : strlen(key)) == 0)
			continue;
		atf_tc_fail("%zu: \"%s\"", i, why);
	}
}

static void
require_all_may(const struct spec *old)
{
	size_t	 i;

	for (i = 0; i < 4; i++)
		ATF_REQUIRE_EQ_MSG(0, applimits_admit(&everybody[i], &spec,
		    old, why, sizeof(why)), "%zu: %s", i, why);
}

ATF_TC_WITHOUT_HEAD(admit__chroot);
ATF_TC_BODY(admit__chroot, tc)
{
	begin(tc);
	str(SPEC_CHROOT, "/jail");
	parse(&spec);
	require_root_only("chroot: ", NULL);
	/* what root said may stay */
	require_all_may(&spec);
	/* but neither be changed nor taken away */
	str(SPEC_CHROOT, "/other");
	parse(&before);
	require_root_only("chroot: ", &before);
	str(SPEC_NAME, "a");
	parse(&spec);
	require_root_only("chroot: ", &before);
	require_all_may(NULL);
	apps_end();
}

ATF_TC_WITHOUT_HEAD(admit__rlimits);
ATF_TC_BODY(admit__rlimits, tc)
{
	struct rlimit rl = { 900, 1000 };

	ATF_REQUIRE_EQ(0, setrlimit(RLIMIT_NOFILE, &rl));
	begin(tc);
	num(SPEC_LIMIT_NOFILE, 1000);
	parse(&spec);
	require_all_may(NULL);
	num(SPEC_LIMIT_NOFILE, 1001);
	parse(&spec);
	require_root_only("limit_nofile: 1001 ", NULL);
	require_all_may(&spec);
	num(SPEC_LIMIT_NOFILE, 1002);
	parse(&before);
	require_root_only("limit_nofile: 1001 ", &before);
	num(SPEC_LIMIT_NOFILE, SPEC_LIMIT_NONE);
	parse(&spec);
	require_all_may(NULL);
	apps_end();
}

ATF_TC_WITHOUT_HEAD(admit__nice);
ATF_TC_BODY(admit__nice, tc)
{
	struct rlimit	 rl = { 0, 0 };
	int		 now;

	ATF_REQUIRE_EQ(0, setrlimit(RLIMIT_NICE, &rl));
	now = getpriority(PRIO_PROCESS, 0);
	if (now < 0 || now > 18)
		atf_tc_skip("started with nice %d", now);
	begin(tc);
	num(SPEC_NICE, (uint64_t)(now + SPEC_NICE_ZERO));
	parse(&spec);
	require_all_may(NULL);
	num(SPEC_NICE, (uint64_t)(now - 1 + SPEC_NICE_ZERO));
	parse(&spec);
	require_root_only("nice: ", NULL);
	require_all_may(&spec);
	apps_end();
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, umask__given);
	ATF_TP_ADD_TC(tp, nice__given);
	ATF_TP_ADD_TC(tp, nice__below_zero);
	ATF_TP_ADD_TC(tp, nice__refused);
	ATF_TP_ADD_TC(tp, rlimits__given);
	ATF_TP_ADD_TC(tp, rlimits__very_low);
	ATF_TP_ADD_TC(tp, rlimits__raised_by_root);
	ATF_TP_ADD_TC(tp, rlimits__not_raised_by_others);
	ATF_TP_ADD_TC(tp, rlimits__fail);
	ATF_TP_ADD_TC(tp, privs__no_new);
	ATF_TP_ADD_TC(tp, chroot__inside);
	ATF_TP_ADD_TC(tp, chroot__roots_alone);
	ATF_TP_ADD_TC(tp, chroot__refused);
	ATF_TP_ADD_TC(tp, fill__nothing_given);
	ATF_TP_ADD_TC(tp, fill__all);
	ATF_TP_ADD_TC(tp, admit__chroot);
	ATF_TP_ADD_TC(tp, admit__rlimits);
	ATF_TP_ADD_TC(tp, admit__nice);

	return (atf_no_error());
}

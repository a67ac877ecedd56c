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
 * The files of control groups, in a directory that looks like one.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <atf-c.h>

#include "cgroup-limit.h"
#include "tree.h"

static int	 dir;

static void
put(const char *file, const char *text)
{
	int	 fd;

	ATF_REQUIRE((fd = openat(dir, file, O_WRONLY | O_CREAT | O_TRUNC |
	    O_CLOEXEC, 0600)) != -1);
	ATF_REQUIRE_EQ((ssize_t)strlen(text), write(fd, text, strlen(text)));
	ATF_REQUIRE_EQ(0, close(fd));
}

static void
require_file(const char *file, const char *text)
{
	char	 buf[256];
	ssize_t	 n;
	int	 fd;

	ATF_REQUIRE((fd = openat(dir, file, O_RDONLY | O_CLOEXEC)) != -1);
	ATF_REQUIRE((n = read(fd, buf, sizeof(buf) - 1)) >= 0);
	buf[n] = '\0';
	ATF_REQUIRE_EQ(0, close(fd));
	ATF_REQUIRE_STREQ(text, buf);
}

static void
begin(void)
{
	ATF_REQUIRE_EQ(0, mkdir("group", 0700));
	ATF_REQUIRE((dir = open("group", O_RDONLY | O_DIRECTORY |
	    O_CLOEXEC)) != -1);
}

/* A kernel's files keep what was written in another form. */
static void
fresh(void)
{
	put("memory.max", "");
	put("memory.oom.group", "");
	put("cpu.max", "");
	put("pids.max", "");
}

ATF_TC_WITHOUT_HEAD(enable__asks_once);
ATF_TC_BODY(enable__asks_once, tc)
{
	begin();
	put("cgroup.controllers", "cpuset cpu io memory pids\n");
	put("cgroup.subtree_control", "");
	ATF_REQUIRE_EQ(0, cgroup_enable(dir, "memory"));
	require_file("cgroup.subtree_control", "+memory");
	put("cgroup.subtree_control", "cpuset memory\n");
	ATF_REQUIRE_EQ(0, cgroup_enable(dir, "memory"));
	require_file("cgroup.subtree_control", "cpuset memory\n");
	/* cpuset is not cpu */
	ATF_REQUIRE_EQ(0, cgroup_enable(dir, "cpu"));
	require_file("cgroup.subtree_control", "+cpuet memory\n");
}

ATF_TC_WITHOUT_HEAD(enable__not_given);
ATF_TC_BODY(enable__not_given, tc)
{
	static const char *const lists[] = { "", "\n", "cpuset hugetlb\n",
	    "memory2 xmemory\n" };
	size_t	 i;

	begin();
	put("cgroup.subtree_control", "");
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		put("cgroup.controllers", lists[i]);
		ATF_REQUIRE_ERRNO(EOPNOTSUPP,
		    cgroup_enable(dir, "memory") == -1);
		ATF_REQUIRE_ERRNO(EOPNOTSUPP,
		    cgroup_enable(dir, "cpu") == -1);
	}
	require_file("cgroup.subtree_control", "");
	ATF_REQUIRE_EQ(0, unlinkat(dir, "cgroup.subtree_control", 0));
	ATF_REQUIRE_ERRNO(ENOENT, cgroup_enable(dir, "memory") == -1);
}

ATF_TC_WITHOUT_HEAD(limit__all);
ATF_TC_BODY(limit__all, tc)
{
	struct tree_limits	 tl = { 300000000, 150, 64 };

	begin();
	fresh();
	ATF_REQUIRE_EQ(0, cgroup_limit(dir, &tl));
	require_file("memory.max", "300000000");
	require_file("memory.oom.group", "1");
	require_file("cpu.max", "150000 100000");
	require_file("pids.max", "64");
	/* and back */
	memset(&tl, 0, sizeof(tl));
	fresh();
	ATF_REQUIRE_EQ(0, cgroup_limit(dir, &tl));
	require_file("memory.max", "max");
	require_file("memory.oom.group", "0");
	require_file("cpu.max", "max");
	require_file("pids.max", "max");
	tl.cpu = 1;
	tl.memory = UINT64_MAX;
	fresh();
	ATF_REQUIRE_EQ(0, cgroup_limit(dir, &tl));
	require_file("cpu.max", "1000 100000");
	require_file("memory.max", "18446744073709551615");
}

ATF_TC_WITHOUT_HEAD(limit__no_controller);
ATF_TC_BODY(limit__no_controller, tc)
{
	struct tree_limits	 tl;

	begin();
	memset(&tl, 0, sizeof(tl));
	ATF_REQUIRE_EQ(0, cgroup_limit(dir, &tl));
	tl.memory = 1;
	ATF_REQUIRE_ERRNO(EOPNOTSUPP, cgroup_limit(dir, &tl) == -1);
	tl.memory = 0;
	tl.cpu = 1;
	ATF_REQUIRE_ERRNO(EOPNOTSUPP, cgroup_limit(dir, &tl) == -1);
	tl.cpu = 0;
	tl.pids = 1;
	ATF_REQUIRE_ERRNO(EOPNOTSUPP, cgroup_limit(dir, &tl) == -1);
	put("pids.max", "");
	ATF_REQUIRE_EQ(0, cgroup_limit(dir, &tl));
	/* a kernel without this file */
	put("memory.max", "");
	tl.memory = 5;
	ATF_REQUIRE_EQ(0, cgroup_limit(dir, &tl));
}

ATF_TC_WITHOUT_HEAD(memory__without_idle_files);
ATF_TC_BODY(memory__without_idle_files, tc)
{
	uint64_t	 bytes;

	begin();
	ATF_REQUIRE_EQ(-1, cgroup_memory(dir, &bytes));
	put("memory.current", "1000000\n");
	ATF_REQUIRE_EQ(0, cgroup_memory(dir, &bytes));
	ATF_REQUIRE_EQ(1000000, bytes);
	put("memory.stat", "anon 5\nfile 700000\nactive_file 1\n"
	    "inactive_file 600000\n");
	ATF_REQUIRE_EQ(0, cgroup_memory(dir, &bytes));
	ATF_REQUIRE_EQ(400000, bytes);
	/* read at two moments */
	put("memory.current", "10\n");
	ATF_REQUIRE_EQ(0, cgroup_memory(dir, &bytes));
	ATF_REQUIRE_EQ(0, bytes);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, enable__asks_once);
	ATF_TP_ADD_TC(tp, enable__not_given);
	ATF_TP_ADD_TC(tp, limit__all);
	ATF_TP_ADD_TC(tp, limit__no_controller);
	ATF_TP_ADD_TC(tp, memory__without_idle_files);

	return (atf_no_error());
}

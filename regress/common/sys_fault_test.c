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
#include <sys/wait.h>

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys.h"
#include "sys_fault.h"

ATF_TC_WITHOUT_HEAD(set__nth_call);
ATF_TC_BODY(set__nth_call, tc)
{
	struct stat	 sb;
	int		 i;

	ATF_CHECK_EQ(sys_fstat(0, &sb), 0);
	sys_fault_set("fstat", ENOMEM, 2, 3);
	for (i = 1; i <= 6; i++) {
		errno = 0;
		ATF_CHECK_EQ(sys_fstat(0, &sb), i >= 2 && i <= 4 ? -1 : 0);
		ATF_CHECK_EQ(errno, i >= 2 && i <= 4 ? ENOMEM : 0);
	}
	ATF_CHECK_EQ(sys_fault_calls("fstat"), 7);
	ATF_CHECK_EQ(sys_fault_hits("fstat"), 3);
	ATF_CHECK_EQ(sys_fault_calls("fstatat"), 0);
}

ATF_TC_WITHOUT_HEAD(set__for_ever);
ATF_TC_BODY(set__for_ever, tc)
{
	int	 fds[2], i;

	sys_fault_set("pipe2", EMFILE, 1, 0);
	for (i = 0; i < 100; i++)
		ATF_CHECK_ERRNO(EMFILE, sys_pipe2(fds, 0) == -1);
	sys_fault_reset();
	ATF_CHECK_EQ(sys_pipe2(fds, 0), 0);
	ATF_CHECK_EQ(sys_fault_calls("pipe2"), 1);
}

ATF_TC_WITHOUT_HEAD(set__several_rules);
ATF_TC_BODY(set__several_rules, tc)
{
	ATF_REQUIRE_EQ(sys_fcntl_getfl(0) == -1, 0);
	sys_fault_set("kill", EPERM, 1, 1);
	sys_fault_set("kill", ESRCH, 3, 1);
	ATF_CHECK_ERRNO(EPERM, sys_kill(getpid(), 0) == -1);
	ATF_CHECK_EQ(sys_kill(getpid(), 0), 0);
	ATF_CHECK_ERRNO(ESRCH, sys_kill(getpid(), 0) == -1);
	ATF_CHECK_EQ(sys_kill(getpid(), 0), 0);
}

ATF_TC_WITHOUT_HEAD(short__reads_and_writes);
ATF_TC_BODY(short__reads_and_writes, tc)
{
	struct iovec	 iov[2];
	char		 one[] = "abc", two[] = "defg", buf[16];
	int		 fds[2];

	ATF_REQUIRE_EQ(sys_pipe2(fds, O_CLOEXEC), 0);
	sys_fault_short("write", 2);
	ATF_CHECK_EQ(sys_write(fds[1], "hello", 5), 2);
	ATF_CHECK_EQ(sys_write(fds[1], "h", 1), 1);
	sys_fault_short("write", 3);
	ATF_CHECK_EQ(sys_write(fds[1], "hello", 5), 3);
	sys_fault_short("write", 0);
	ATF_CHECK_EQ(sys_write(fds[1], "hello", 5), 5);
	sys_fault_short("read", 4);
	ATF_CHECK_EQ(sys_read(fds[0], buf, sizeof(buf)), 4);
	sys_fault_short("read", 0);
	ATF_CHECK_EQ(sys_read(fds[0], buf, sizeof(buf)), 7);

	iov[0].iov_base = one;
	iov[0].iov_len = 3;
	iov[1].iov_base = two;
	iov[1].iov_len = 4;
	sys_fault_short("writev", 5);
	ATF_CHECK_EQ(sys_writev(fds[1], iov, 2), 5);
	ATF_CHECK_EQ(sys_read(fds[0], buf, sizeof(buf)), 5);
	ATF_CHECK_EQ(memcmp(buf, "abcde", 5), 0);
	ATF_CHECK_EQ(iov[1].iov_len, 4);
}

ATF_TC_WITHOUT_HEAD(short__pread);
ATF_TC_BODY(short__pread, tc)
{
	char	 buf[16];
	int	 fd;

	ATF_REQUIRE((fd = sys_openat(AT_FDCWD, "file", O_RDWR | O_CREAT,
	    0600)) != -1);
	ATF_REQUIRE_EQ(sys_write(fd, "hello", 5), 5);
	sys_fault_short("pread", 2);
	ATF_CHECK_EQ(sys_pread(fd, buf, sizeof(buf), 1), 2);
	ATF_CHECK_EQ(memcmp(buf, "el", 2), 0);
	sys_fault_set("pread", EIO, 1, 1);
	ATF_CHECK_ERRNO(EIO, sys_pread(fd, buf, sizeof(buf), 1) == -1);
	close(fd);
}

/* Every function must be in the table of names, or its caller dies. */
ATF_TC_WITHOUT_HEAD(names__all_known);
ATF_TC_BODY(names__all_known, tc)
{
	static const char *const	 names[] = { "accept4", "chdir",
					    "clone3", "close_range", "connect",
					    "dup3", "execve", "fchown",
					    "fcntl_dupfd", "fcntl_getfl",
					    "fcntl_setfd", "fcntl_setfl",
					    "fdatasync", "fork", "fstat",
					    "fstatat", "fsync", "ftruncate",
					    "kill", "lseek", "mkdirat",
					    "openat", "pidfd_open",
					    "pidfd_send_signal", "pipe2",
					    "pread", "read", "recvmsg",
					    "renameat", "sendmsg",
					    "setgroups", "setresgid",
					    "setresuid", "setrlimit",
					    "socketpair", "unlinkat",
					    "waitid", "write", "writev" };
	size_t				 i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ATF_CHECK_EQ(sys_fault_calls(names[i]), 0);
}

/* This program again, as a daemon with that in its environment. */
static int
run_with(const atf_tc_t *tc, const char *faults)
{
	char	 prog[1024];
	pid_t	 pid;
	int	 status;

	ATF_REQUIRE((size_t)snprintf(prog, sizeof(prog), "%s/sys_fault_test",
	    atf_tc_get_config_var(tc, "srcdir")) < sizeof(prog));
	if ((pid = fork()) == 0) {
		setenv("PM2D_FAULT", faults, 1);
		execl(prog, "sys_fault_test", "-r", "/dev/null", "-s",
		    atf_tc_get_config_var(tc, "srcdir"), "child__of_another",
		    (char *)NULL);
		_exit(99);
	}
	ATF_REQUIRE(pid != -1);
	ATF_REQUIRE_EQ(waitpid(pid, &status, 0), pid);
	ATF_REQUIRE(WIFEXITED(status));
	return (WEXITSTATUS(status));
}

/* Its exit status says which calls fail; on its own it has nothing to say. */
ATF_TC_WITHOUT_HEAD(child__of_another);
ATF_TC_BODY(child__of_another, tc)
{
	int	 fds[2], failed = 0;

	if (getenv("PM2D_FAULT") == NULL)
		return;
	if (sys_kill(getpid(), 0) == -1 && errno == EAGAIN)
		failed |= 1;
	if (sys_kill(getpid(), 0) == -1 && errno == EAGAIN)
		failed |= 2;
	if (sys_pipe2(fds, 0) == -1)
		_exit(failed | 4);
	if (sys_write(fds[1], "hello", 5) == 3)
		failed |= 8;
	if (sys_fsync(0) == -1 && errno == 4000)
		failed |= 16;
	_exit(32 | failed);
}

ATF_TC_WITHOUT_HEAD(environment__rules);
ATF_TC_BODY(environment__rules, tc)
{
	ATF_CHECK_EQ(run_with(tc, "kill:EAGAIN:1:1"), 32 | 1);
	ATF_CHECK_EQ(run_with(tc, "kill:EAGAIN:2:1"), 32 | 2);
	ATF_CHECK_EQ(run_with(tc, "kill:EAGAIN:1:0,pipe2:EMFILE:1:1"),
	    1 | 2 | 4);
	ATF_CHECK_EQ(run_with(tc, "write:SHORT=3:1:0,fsync:4000:1:1"),
	    32 | 8 | 16);
	ATF_CHECK_EQ(run_with(tc, "sys_fault_test/kill:EAGAIN:1:1,"
	    "other/kill:EAGAIN:2:1"), 32 | 1);
	ATF_CHECK_EQ(run_with(tc, "other/kill:EAGAIN:1:0"), 32);
}

ATF_TC_WITHOUT_HEAD(environment__mistakes);
ATF_TC_BODY(environment__mistakes, tc)
{
	ATF_CHECK_EQ(run_with(tc, "nothing:EAGAIN:1:1"), 1);
	ATF_CHECK_EQ(run_with(tc, "kill:EWHAT:1:1"), 1);
	ATF_CHECK_EQ(run_with(tc, "kill:EAGAIN:1"), 1);
	ATF_CHECK_EQ(run_with(tc, "kill:EAGAIN:0:1"), 1);
	ATF_CHECK_EQ(run_with(tc, "kill:EAGAIN:1:1:1"), 1);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, set__nth_call);
	ATF_TP_ADD_TC(tp, set__for_ever);
	ATF_TP_ADD_TC(tp, set__several_rules);
	ATF_TP_ADD_TC(tp, short__reads_and_writes);
	ATF_TP_ADD_TC(tp, short__pread);
	ATF_TP_ADD_TC(tp, names__all_known);
	ATF_TP_ADD_TC(tp, child__of_another);
	ATF_TP_ADD_TC(tp, environment__rules);
	ATF_TP_ADD_TC(tp, environment__mistakes);
	return (atf_no_error());
}

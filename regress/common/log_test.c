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
#include <sys/syscall.h>
#include <sys/wait.h>

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "monotime.h"

/* The clock that log.o and monotime.o see: ours when it is set. */
static struct timespec	 fixed;
static int		 fixed_set;
static int		 clock_fails;

static void	 capture(void);
static char	*captured(void);
static int	 status_of(pid_t);
static void	 set_clock(time_t, long);

int
clock_gettime(clockid_t clock, struct timespec *ts)
{
	if (clock_fails) {
		errno = EINVAL;
		return (-1);
	}
	if (fixed_set) {
		*ts = fixed;
		return (0);
	}
	return ((int)syscall(SYS_clock_gettime, clock, ts));
}

static void
set_clock(time_t sec, long nsec)
{
	fixed.tv_sec = sec;
	fixed.tv_nsec = nsec;
	fixed_set = 1;
}

/* Descriptor 2 becomes a file. */
static void
capture(void)
{
	int	 fd;

	ATF_REQUIRE((fd = open("log", O_RDWR | O_CREAT | O_TRUNC | O_APPEND,
	    0600)) != -1);
	ATF_REQUIRE_EQ(STDERR_FILENO, dup2(fd, STDERR_FILENO));
	close(fd);
}

static char *
captured(void)
{
	static char	 buf[8192];
	ssize_t		 n;
	int		 fd;

	ATF_REQUIRE((fd = open("log", O_RDWR)) != -1);
	ATF_REQUIRE((n = read(fd, buf, sizeof(buf) - 1)) != -1);
	ATF_REQUIRE_EQ(0, ftruncate(fd, 0));
	close(fd);
	buf[n] = '\0';
	return (buf);
}

ATF_TC_WITHOUT_HEAD(file__format);
ATF_TC_BODY(file__format, tc)
{
	(void)tc;
	capture();
	log_init(LOG_TO_FILE, 0);
	set_clock(1700000000, 7999999);
	log_info("%s: online", "api");
	ATF_CHECK_STREQ("2023-11-14T22:13:20.007Z : api: online\n",
	    captured());
	log_warnx("%s: exited", "api");
	ATF_CHECK_STREQ("2023-11-14T22:13:20.007Z : api: exited\n",
	    captured());
	errno = ENOSPC;
	log_warn("%s: write", "api");
	ATF_CHECK_STREQ("2023-11-14T22:13:20.007Z : api: write: "
	    "No space left on device\n", captured());
}

ATF_TC_WITHOUT_HEAD(file__dates);
ATF_TC_BODY(file__dates, tc)
{
	char		 want[64];
	struct tm	 tm;
	time_t		 t;

	(void)tc;
	capture();
	log_init(LOG_TO_FILE, 0);
	/* A step that meets all days of the year and times of the day. */
	for (t = 0; t < (time_t)8000 * 365 * 86400; t += 86400 * 997 + 86399) {
		set_clock(t, 0);
		log_info("x");
		ATF_REQUIRE(gmtime_r(&t, &tm) != NULL);
		ATF_REQUIRE(strftime(want, sizeof(want),
		    "%Y-%m-%dT%H:%M:%S.000Z : x\n", &tm) > 0);
		ATF_REQUIRE_STREQ(want, captured());
	}
	set_clock(951782400, 999999999);
	log_info("x");
	ATF_CHECK_STREQ("2000-02-29T00:00:00.999Z : x\n", captured());
	set_clock(4107542400, 0);
	log_info("x");
	ATF_CHECK_STREQ("2100-03-01T00:00:00.000Z : x\n", captured());
	set_clock(-1, 0);
	log_info("x");
	ATF_CHECK_STREQ("1970-01-01T00:00:00.000Z : x\n", captured());
}

ATF_TC_WITHOUT_HEAD(stderr__program_name);
ATF_TC_BODY(stderr__program_name, tc)
{
	char	 want[128];

	(void)tc;
	capture();
	log_init(LOG_TO_STDERR, 0);
	log_warnx("no such app");
	(void)snprintf(want, sizeof(want), "%s: no such app\n",
	    getprogname());
	ATF_CHECK_STREQ(want, captured());
}

ATF_TC_WITHOUT_HEAD(debug__verbose_only);
ATF_TC_BODY(debug__verbose_only, tc)
{
	(void)tc;
	capture();
	log_init(LOG_TO_FILE, 0);
	set_clock(0, 0);
	ATF_CHECK_EQ(0, log_getverbose());
	log_debug("hidden");
	ATF_CHECK_STREQ("", captured());
	log_setverbose(1);
	ATF_CHECK_EQ(1, log_getverbose());
	log_debug("seen %d", 1);
	ATF_CHECK_STREQ("1970-01-01T00:00:00.000Z : seen 1\n", captured());
}

ATF_TC(text__made_visible);
ATF_TC_HEAD(text__made_visible, tc)
{
	atf_tc_set_md_var(tc, "descr",
	    "no name can begin a line or reach a terminal as a command");
}
ATF_TC_BODY(text__made_visible, tc)
{
	static const struct {
		const char	*in;
		const char	*out;
	} t[] = {
		{ "a\nb", "a\\012b" },
		{ "\033[2J", "\\033[2J" },
		{ "tab\there", "tab\\011here" },
		{ "del\177", "del\\177" },
		{ "caf\303\251", "caf\303\251" },
		{ "\342\202\254 \360\237\230\200", "\342\202\254 "
		    "\360\237\230\200" },
		{ "\302\233m", "\\302\\233m" },		/* C1 as UTF-8 */
		{ "\302\240", "\302\240" },
		{ "\233m", "\\233m" },			/* C1 as a byte */
		{ "\303", "\\303" },
		{ "\303x", "\\303x" },
		{ "\342\202x", "\\342\\202x" },
		{ "\340\202\233", "\\340\\202\\233" },	/* overlong */
		{ "\377\376", "\\377\\376" },
		{ "", "" }
	};
	char	 want[128];
	size_t	 i;

	(void)tc;
	capture();
	log_init(LOG_TO_FILE, 0);
	set_clock(0, 0);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		log_info("%s", t[i].in);
		(void)snprintf(want, sizeof(want),
		    "1970-01-01T00:00:00.000Z : %s\n", t[i].out);
		ATF_CHECK_STREQ(want, captured());
	}
}

ATF_TC_WITHOUT_HEAD(text__too_long);
ATF_TC_BODY(text__too_long, tc)
{
	static char	 big[10000];
	const char	*line;
	size_t		 len;

	(void)tc;
	capture();
	log_init(LOG_TO_FILE, 0);
	memset(big, 'x', sizeof(big) - 1);
	errno = EIO;
	log_warn("%s", big);
	line = captured();
	len = strlen(line);
	ATF_CHECK(len > 1000 && len <= 2048);
	ATF_CHECK_EQ('\n', line[len - 1]);
	ATF_CHECK_EQ(line + len - 1, strchr(line, '\n'));

	/* Bytes that become four each. */
	memset(big, '\n', sizeof(big) - 1);
	log_warnx("%s", big);
	line = captured();
	len = strlen(line);
	ATF_CHECK(len > 1000 && len <= 2048);
	ATF_CHECK_EQ(line + len - 1, strchr(line, '\n'));
}

ATF_TC_WITHOUT_HEAD(errno__kept);
ATF_TC_BODY(errno__kept, tc)
{
	(void)tc;
	/* Not even a log that cannot be written changes it. */
	close(STDERR_FILENO);
	log_init(LOG_TO_FILE, 1);
	errno = EXDEV;
	log_warn("x");
	ATF_CHECK_EQ(EXDEV, errno);
	log_warnx("x");
	ATF_CHECK_EQ(EXDEV, errno);
	log_info("x");
	ATF_CHECK_EQ(EXDEV, errno);
	log_debug("x");
	ATF_CHECK_EQ(EXDEV, errno);
	log_init(LOG_TO_STDERR, 1);
	log_warn("x");
	ATF_CHECK_EQ(EXDEV, errno);
}

/* In a child of our own: atf's helpers leave memory that leak checks find. */
static int
status_of(pid_t pid)
{
	int	 status;

	ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
	return (status);
}

ATF_TC_WITHOUT_HEAD(fatal__exits);
ATF_TC_BODY(fatal__exits, tc)
{
	pid_t	 pid;

	(void)tc;
	set_clock(0, 0);
	log_init(LOG_TO_FILE, 0);
	capture();
	if ((pid = fork()) == 0) {
		log_procinit("log");
		errno = EMFILE;
		fatal("%s: open", "api");
	}
	ATF_CHECK_EQ(W_EXITCODE(1, 0), status_of(pid));
	ATF_CHECK_STREQ("1970-01-01T00:00:00.000Z : fatal in log: "
	    "api: open: Too many open files\n", captured());
	if ((pid = fork()) == 0) {
		errno = EMFILE;
		fatalx("bad %d", 7);
	}
	ATF_CHECK_EQ(W_EXITCODE(1, 0), status_of(pid));
	ATF_CHECK_STREQ("1970-01-01T00:00:00.000Z : fatal: "
	    "bad 7\n", captured());
	if ((pid = fork()) == 0) {
		log_procinit("a name that is much longer than there is room");
		errno = ENOMEM;
		fatal(NULL);
	}
	ATF_CHECK_EQ(W_EXITCODE(1, 0), status_of(pid));
	ATF_CHECK_STREQ("1970-01-01T00:00:00.000Z : fatal in "
	    "a name that is much longer than: Cannot allocate memory\n",
	    captured());
}

ATF_TC_WITHOUT_HEAD(monotime__arithmetic);
ATF_TC_BODY(monotime__arithmetic, tc)
{
	monotime_t	 a, b;

	(void)tc;
	set_clock(12, 345999999);
	a = monotime_now();
	ATF_CHECK_EQ(12345, a.ms);
	b = monotime_add(a, 1500);
	ATF_CHECK_EQ(13845, b.ms);
	ATF_CHECK_EQ(1500, monotime_since(b, a));
	ATF_CHECK_EQ(0, monotime_since(a, b));
	ATF_CHECK_EQ(0, monotime_since(a, a));
	b = monotime_add(a, UINT64_MAX);
	ATF_CHECK_EQ_MSG(UINT64_MAX, b.ms, "never, and not long ago");
}

ATF_TC_WITHOUT_HEAD(monotime__clocks);
ATF_TC_BODY(monotime__clocks, tc)
{
	monotime_t	 a, b;
	pid_t		 pid;

	(void)tc;
	set_clock(1700000000, 123456789);
	ATF_CHECK_EQ(1700000000123ULL, walltime_ms());
	set_clock(-5, 0);
	ATF_CHECK_EQ_MSG(0, walltime_ms(), "a clock before the epoch");
	fixed_set = 0;
	a = monotime_now();
	b = monotime_now();
	ATF_CHECK(b.ms >= a.ms);
	ATF_CHECK(walltime_ms() / 1000 >= (uint64_t)time(NULL) - 1);
	capture();
	if ((pid = fork()) == 0) {
		clock_fails = 1;
		log_init(LOG_TO_FILE, 0);
		monotime_now();
		exit(0);
	}
	ATF_CHECK_EQ(W_EXITCODE(1, 0), status_of(pid));
	ATF_CHECK_STREQ("1970-01-01T00:00:00.000Z : fatal: "
	    "clock_gettime: Invalid argument\n", captured());
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, file__format);
	ATF_TP_ADD_TC(tp, file__dates);
	ATF_TP_ADD_TC(tp, stderr__program_name);
	ATF_TP_ADD_TC(tp, debug__verbose_only);
	ATF_TP_ADD_TC(tp, text__made_visible);
	ATF_TP_ADD_TC(tp, text__too_long);
	ATF_TP_ADD_TC(tp, errno__kept);
	ATF_TP_ADD_TC(tp, fatal__exits);
	ATF_TP_ADD_TC(tp, monotime__arithmetic);
	ATF_TP_ADD_TC(tp, monotime__clocks);
	return (atf_no_error());
}

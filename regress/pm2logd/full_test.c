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
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "logd_harness.h"

#define INIT()	harness_init(atf_tc_get_config_var(tc, "srcdir"))

static struct logd	 d;
static struct reader	 r;

/* logs/ becomes a file system of a megabyte, for this process tree only. */
static void
small_disk(void)
{
	if (unshare(CLONE_NEWNS) == -1 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1)
		atf_tc_skip("no mount namespace: %s", strerror(errno));
	ATF_REQUIRE(mkdir("home", 0755) == 0);
	ATF_REQUIRE(mkdir("home/logs", 0700) == 0);
	if (mount("none", "home/logs", "tmpfs", 0, "size=1m,mode=700") == -1)
		atf_tc_skip("no tmpfs: %s", strerror(errno));
}

static void
need_faults(void)
{
#ifndef PM2D_FAULTS
	atf_tc_skip("system calls of this build do not fail on request");
#endif
}

static void
fill(const char *name, size_t size)
{
	char	 buf[4096];
	size_t	 done;
	int	 fd;

	memset(buf, 'f', sizeof(buf));
	ATF_REQUIRE((fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600)) !=
	    -1);
	for (done = 0; done < size; done += sizeof(buf))
		if (write(fd, buf, sizeof(buf)) == -1)
			break;
	close(fd);
}

/* Lines "line NNNNNNNN" from *n on; returns where they end. */
static char *
lines(char *p, unsigned int *n)
{
	char	 want[32];

	for (;; p += 14, ++*n) {
		snprintf(want, sizeof(want), "line %08u\n", *n);
		if (strncmp(p, want, 14) != 0)
			return (p);
	}
}

static int
running(pid_t pid)
{
	int	 status;

	return (waitpid(pid, &status, WNOHANG) == 0);
}

ATF_TC(disk__full_then_room);
ATF_TC_HEAD(disk__full_then_room, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(disk__full_then_room, tc)
{
	unsigned int	 n;
	pid_t		 pid;
	char		*p;
	int		 fd, other;

	INIT();
	small_disk();
	fill("home/logs/filler", 700 * 1024);
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	logd_file(&d, 2, "", LOGF_NONE, 0, 0);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	other = logd_stream(&d, 1, LOG_OUT, 1, 2, 0);
	pid = spew(fd, "line", 0, 50000);	/* 700,000 bytes */
	wait_text(&d, "pm2.log", "a.log: cannot be written, waiting: No space");
	/* the app waits, others do not */
	reap(spew(other, "line", 0, 50000));
	usleep(300000);
	ATF_CHECK(running(pid));
	/* an exit is not held up by it */
	logd_drain(&d, 0, 1);
	reader_open(&d, &r, CTL_LOGS_STATS, 0, 0);
	reader_finish(&r);
	ATF_CHECK_EQ(r.stats[0].error, ENOSPC);
	ATF_CHECK_EQ(r.stats[0].lost_bytes, 0);
	reader_close(&r);
	ATF_REQUIRE(unlink("home/logs/filler") == 0);
	reap(pid);
	logd_drain(&d, 0, 1);
	wait_size(&d, "logs/a.log", 700000);
	ATF_REQUIRE((p = slurp(&d, "logs/a.log", NULL)) != NULL);
	n = 0;
	ATF_CHECK_EQ(*lines(p, &n), '\0');
	ATF_CHECK_EQ(n, 50000);
	reader_open(&d, &r, CTL_LOGS_STATS, 0, 0);
	reader_finish(&r);
	ATF_CHECK_EQ(r.stats[0].error, 0);
	reader_close(&r);
	logd_stop(&d, 0);
}

static void
drop_and_say(uint32_t flags)
{
	unsigned long long	 bytes, dropped;
	unsigned int		 n;
	char			*p;
	int			 fd, used;

	small_disk();
	fill("home/logs/filler", 700 * 1024);
	logd_start(&d, NULL, NULL);
	logd_conf(&d, 0, 100);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, flags);
	reap(spew(fd, "line", 0, 100000));	/* does not wait for ever */
	logd_drain(&d, 0, 1);
	if (flags == 0) {
		put(fd, "line 001");	/* the rest of it comes later */
		logd_drain(&d, 0, 1);
	}
	reader_open(&d, &r, CTL_LOGS_STATS, 0, 0);
	reader_finish(&r);
	ATF_CHECK(r.stats[0].lost_lines > 0);
	ATF_CHECK_EQ(r.stats[0].error, ENOSPC);
	reader_close(&r);
	ATF_REQUIRE(unlink("home/logs/filler") == 0);
	wait_text(&d, "logs/a.log", "[pm2] dropped ");
	put(fd, flags == 0 ? "00000\n" : "line 00100000\n");
	reap(spew(fd, "line", 100001, 105000));
	logd_drain(&d, 0, 1);
	if (flags != 0)
		return;
	ATF_REQUIRE((p = slurp(&d, "logs/a.log", NULL)) != NULL);
	n = 0;
	p = lines(p, &n);
	ATF_REQUIRE_MSG(sscanf(p, "[pm2] dropped %llu lines (%llu bytes): "
	    "No space left on device\n%n", &dropped, &bytes, &used) == 2,
	    "%.200s", p);
	/* all of the rest, and the one whose begin was dropped */
	ATF_CHECK_EQ(dropped, 100001 - n);
	ATF_CHECK_EQ(bytes, (100000 - n) * 14ULL + 8);
	n = 100001;
	p = lines(p + used, &n);
	ATF_CHECK_EQ(*p, '\0');
	ATF_CHECK_EQ(n, 105000);
	reader_open(&d, &r, CTL_LOGS_STATS, 0, 0);
	reader_finish(&r);
	ATF_CHECK_EQ(r.stats[0].lost_lines, dropped);
	ATF_CHECK_EQ(r.stats[0].lost_bytes, bytes + 6);
	reader_close(&r);
}

ATF_TC(disk__full_too_long);
ATF_TC_HEAD(disk__full_too_long, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(disk__full_too_long, tc)
{
	INIT();
	drop_and_say(0);
	logd_stop(&d, 0);
}

ATF_TC(disk__full_too_long_json);
ATF_TC_HEAD(disk__full_too_long_json, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(disk__full_too_long_json, tc)
{
	char	*line, *next, *p;

	INIT();
	drop_and_say(LOGS_JSON);
	/* each line is an object, the notice, too */
	ATF_REQUIRE((p = slurp(&d, "logs/a.log", NULL)) != NULL);
	for (line = p; *line != '\0'; line = next + 1) {
		ATF_REQUIRE((next = strchr(line, '\n')) != NULL);
		ATF_REQUIRE_MSG(strncmp(line, "{\"message\":\"line ", 17) ==
		    0 || strncmp(line, "{\"message\":\"[pm2] ", 18) == 0,
		    "%.100s", line);
		ATF_REQUIRE(next[-1] == '}');
	}
	ATF_CHECK(strstr(p, "{\"message\":\"line 00100000\"") != NULL);
	ATF_CHECK(strstr(p, "{\"message\":\"line 00104999\"") != NULL);
	logd_stop(&d, 0);
}

ATF_TC(disk__oldest_rotated_makes_room);
ATF_TC_HEAD(disk__oldest_rotated_makes_room, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(disk__oldest_rotated_makes_room, tc)
{
	char		 name[64], *p;
	unsigned int	 first, i, n;
	int		 fd;

	INIT();
	small_disk();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 64 * 1024, 1000);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	reap(spew(fd, "line", 0, 300000));	/* 4 MB */
	logd_drain(&d, 0, 1);
	for (n = 1; snprintf(name, sizeof(name), "logs/a.log.%u", n) > 0 &&
	    exists(&d, name); n++)
		continue;
	ATF_CHECK(n > 12 && n < 17);
	for (first = 0, i = n - 1; i <= n; i--) {
		snprintf(name, sizeof(name), i == 0 ? "logs/a.log" :
		    "logs/a.log.%u", i);
		ATF_REQUIRE((p = slurp(&d, name, NULL)) != NULL);
		if (first == 0)
			first = (unsigned int)strtoul(p + 5, NULL, 10);
		ATF_CHECK_EQ(*lines(p, &first), '\0');
		free(p);
		if (i == 0)
			break;
	}
	ATF_CHECK_EQ(first, 300000);
	logd_stop(&d, 0);
}

/* Kill it with bytes that it could not write: it says how many. */
ATF_TC(disk__full_at_the_end);
ATF_TC_HEAD(disk__full_at_the_end, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(disk__full_at_the_end, tc)
{
	pid_t	 pid;
	int	 fd;

	INIT();
	small_disk();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	pid = spew(fd, "line", 0, 100000);
	wait_text(&d, "pm2.log", "No space");
	ATF_REQUIRE(kill(pid, SIGKILL) == 0);
	ATF_REQUIRE(waitpid(pid, NULL, 0) == pid);
	logd_stop(&d, 0);
	wait_text(&d, "pm2.log", "bytes could not be written");
}

/* ---- calls that fail on request ---- */

/* With rotation at so many bytes; a full disk would take the rotated. */
static const struct {
	const char	*faults;
	uint64_t	 max_size;
} survivable[] = {
	{ "write:EINTR:1:5",		50000 },
	{ "write:SHORT=7:1:0",		50000 },
	{ "write:ENOSPC:3:2",		0 },
	{ "write:EIO:1:1",		50000 },
	{ "write:EDQUOT:5:1",		0 },
	{ "read:EINTR:1:20",		50000 },
	{ "read:SHORT=5:1:0",		50000 },
	{ "openat:EMFILE:8:1",		50000 },
	{ "renameat:EACCES:1:0",	50000 },
	{ "fstatat:EIO:1:0",		50000 },
	{ "pread:EIO:1:0",		50000 },
	{ NULL,				0 }
};

ATF_TC(fault__nothing_lost);
ATF_TC_HEAD(fault__nothing_lost, tc)
{
	atf_tc_set_md_var(tc, "timeout", "200");
}
ATF_TC_BODY(fault__nothing_lost, tc)
{
	const char	*faults;
	char		 name[64], *p;
	unsigned int	 c, i, n;
	int		 fd;

	INIT();
	need_faults();
	for (c = 0; (faults = survivable[c].faults) != NULL; c++) {
		ATF_REQUIRE(system("rm -rf home") == 0);
		logd_start(&d, faults, NULL);
		logd_file(&d, 1, "a.log", 0, survivable[c].max_size, 100);
		fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
		reap(spew(fd, "line", 0, 20000));
		put(fd, "end\n");
		wait_text(&d, "logs/a.log", "end\n");
		for (i = 100, n = 0; i <= 100; i--) {
			snprintf(name, sizeof(name), i == 0 ? "logs/a.log" :
			    "logs/a.log.%u", i);
			if ((p = slurp(&d, name, NULL)) == NULL)
				continue;
			p = lines(p, &n);
			ATF_CHECK_MSG(i == 0 || *p == '\0', "%s: %s: %.40s",
			    faults, name, p);
			if (i == 0)
				break;
		}
		ATF_CHECK_MSG(n == 20000 && strcmp(p, "end\n") == 0,
		    "%s: %u lines, then %.40s", faults, n, p);
		close(fd);
		logd_stop(&d, 0);
	}
}

/* Short writes on a disk that is full for ever: whole lines are missing. */
ATF_TC(fault__whole_lines_dropped);
ATF_TC_HEAD(fault__whole_lines_dropped, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(fault__whole_lines_dropped, tc)
{
	unsigned int	 n;
	char		*p;
	int		 fd;

	INIT();
	need_faults();
	logd_start(&d, "write:SHORT=1003:1:0,write:ENOSPC:50:3", NULL);
	logd_conf(&d, 0, 10);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	reap(spew(fd, "line", 0, 20000));
	wait_text(&d, "logs/a.log", "[pm2] dropped ");
	put(fd, "end\n");
	wait_text(&d, "logs/a.log", "end\n");
	p = slurp(&d, "logs/a.log", NULL);
	n = 0;
	p = lines(p, &n);
	ATF_CHECK(n > 2000);
	ATF_CHECK_MSG(strncmp(p, "[pm2] dropped ", 14) == 0, "%.100s", p);
	p = strchr(p, '\n') + 1;
	n = (unsigned int)strtoul(p + 5, NULL, 10);
	p = lines(p, &n);
	ATF_CHECK_STREQ(p, "end\n");
	logd_stop(&d, 0);
}

ATF_TC(fault__gzip_leaves_it_as_it_was);
ATF_TC_HEAD(fault__gzip_leaves_it_as_it_was, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(fault__gzip_leaves_it_as_it_was, tc)
{
	unsigned int	 n;
	char		*p;
	int		 fd;

	INIT();
	need_faults();
	/* the first write is the log's, the second the compressed one's */
	logd_start(&d, "write:ENOSPC:3:0", NULL);
	logd_file(&d, 1, "a.log", LOGF_COMPRESS, 14000, 10);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	ATF_REQUIRE(kill(d.pid, SIGSTOP) == 0);
	reap(spew(fd, "line", 0, 1100));
	ATF_REQUIRE(kill(d.pid, SIGCONT) == 0);
	wait_text(&d, "pm2.log", "cannot compress");
	ATF_CHECK(!exists(&d, "logs/a.log.gztmp"));
	ATF_CHECK(!exists(&d, "logs/a.log.1.gz"));
	p = slurp(&d, "logs/a.log.1", NULL);
	n = 0;
	ATF_CHECK_EQ(*lines(p, &n), '\0');
	ATF_CHECK_EQ(n, 1000);
	logd_stop(&d, 0);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, disk__full_then_room);
	ATF_TP_ADD_TC(tp, disk__full_too_long);
	ATF_TP_ADD_TC(tp, disk__full_too_long_json);
	ATF_TP_ADD_TC(tp, disk__oldest_rotated_makes_room);
	ATF_TP_ADD_TC(tp, disk__full_at_the_end);
	ATF_TP_ADD_TC(tp, fault__nothing_lost);
	ATF_TP_ADD_TC(tp, fault__whole_lines_dropped);
	ATF_TP_ADD_TC(tp, fault__gzip_leaves_it_as_it_was);
	return (atf_no_error());
}

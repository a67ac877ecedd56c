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
#include <sys/socket.h>
#include <sys/stat.h>

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "logd_harness.h"

#define INIT()	harness_init(atf_tc_get_config_var(tc, "srcdir"))

static struct logd	 d;
static struct reader	 r;

/* It is "line NNNNNNNN\n" from first to before last. */
static void
check_lines(const char *text, unsigned int first, unsigned int last)
{
	char		 want[32];

	for (; first < last; first++, text += 14) {
		snprintf(want, sizeof(want), "line %08u\n", first);
		if (strncmp(text, want, 14) != 0)
			atf_tc_fail("not %s but %.40s", want, text);
	}
	ATF_CHECK_EQ(*text, '\0');
}

/* The history alone. */
static void
tail(uint32_t flags, uint32_t lines, uint32_t app)
{
	reader_open(&d, &r, flags, lines, app);
	reader_finish(&r);
	ATF_CHECK_EQ(r.lines, 0);
}

ATF_TC_WITHOUT_HEAD(history__counts);
ATF_TC_BODY(history__counts, tc)
{
	int	 fd;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	tail(0, 15, 0);
	ATF_CHECK_EQ(r.files, 1);
	ATF_CHECK_EQ(r.file.lines, 0);
	ATF_CHECK_STREQ(r.file.name, "a.log");
	reader_close(&r);
	reap(spew(fd, "line", 0, 100000));	/* many blocks */
	logd_drain(&d, 0, 1);
	tail(0, 15, 0);
	ATF_CHECK_EQ(r.file.lines, 15);
	ATF_CHECK_EQ(r.history, 15);
	check_lines(r.text, 99985, 100000);
	reader_close(&r);
	tail(0, 0, 0);
	ATF_CHECK_EQ(r.history, 0);
	reader_close(&r);
	tail(CTL_LOGS_OUT, 20000, 0);
	ATF_CHECK_EQ(r.file.lines, 20000);
	check_lines(r.text, 80000, 100000);
	reader_close(&r);
	tail(CTL_LOGS_OUT, UINT32_MAX, 0);
	ATF_CHECK_EQ(r.file.lines, 100000);
	check_lines(r.text, 0, 100000);
	reader_close(&r);
	tail(CTL_LOGS_ERR, 15, 0);
	ATF_CHECK_EQ(r.files, 0);
	reader_close(&r);
	tail(0, 15, 77);	/* no such app */
	ATF_CHECK_EQ(r.files, 0);
	reader_close(&r);
	/* a last line without its end */
	put(fd, "\n\nlast");
	logd_drain(&d, 0, 1);
	tail(0, 3, 0);
	ATF_CHECK_STREQ(r.text, "\n\nlast\n");
	reader_close(&r);
	logd_stop(&d, 0);
}

ATF_TC_WITHOUT_HEAD(history__long_lines);
ATF_TC_BODY(history__long_lines, tc)
{
	char	*line;
	int	 fd, i;

	INIT();
	ATF_REQUIRE((line = malloc(200002)) != NULL);
	memset(line, 'L', 200001);
	line[200000] = '\n';
	line[200001] = '\0';
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	for (i = 0; i < 20; i++)
		put(fd, line);
	logd_drain(&d, 0, 1);
	tail(0, 10, 0);
	ATF_CHECK_EQ(r.file.lines, 10);
	ATF_CHECK_EQ(r.history, 10);
	ATF_CHECK_EQ(r.len, 10 * 200001);
	ATF_CHECK(strncmp(r.text, line, 200001) == 0);
	reader_close(&r);
	logd_stop(&d, 0);
}

ATF_TC_WITHOUT_HEAD(history__goes_on_in_the_rotated_file);
ATF_TC_BODY(history__goes_on_in_the_rotated_file, tc)
{
	int	 fd;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 65520, 3);	/* 4680 lines */
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	reap(spew(fd, "line", 0, 4700));
	logd_drain(&d, 0, 1);
	ATF_CHECK(exists(&d, "logs/a.log.1"));
	tail(0, 100, 0);
	ATF_CHECK_EQ(r.file.lines, 100);
	check_lines(r.text, 4600, 4700);
	reader_close(&r);
	tail(0, 20, 0);
	check_lines(r.text, 4680, 4700);
	reader_close(&r);
	tail(0, 100000, 0);
	check_lines(r.text, 0, 4700);
	reader_close(&r);
	/* for one who does not know when it was rotated, too */
	logd_stop(&d, 0);
	logd_restart(&d);
	logd_file(&d, 1, "a.log", 0, 65520, 3);
	logd_stream(&d, 0, LOG_OUT, 2, 1, 0);
	tail(0, 100, 0);
	check_lines(r.text, 4600, 4700);
	reader_close(&r);
	/* what was flushed does not come back */
	ATF_CHECK_EQ(logd_flush(&d, 0), 0);
	tail(0, 100, 0);
	ATF_CHECK_EQ(r.history, 0);
	reader_close(&r);
	logd_stop(&d, 0);
}

ATF_TC_WITHOUT_HEAD(history__of_the_run_only);
ATF_TC_BODY(history__of_the_run_only, tc)
{
	int	 fd;

	INIT();
	logd_start(&d, NULL, NULL);
	ATF_REQUIRE(system("echo earlier > home/logs/a.log") == 0);
	logd_file(&d, 1, "a.log", 0, 65520 + 8, 3);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	tail(CTL_LOGS_RUN, 100, 0);
	ATF_CHECK_EQ(r.history, 0);	/* what was in it is not the run's */
	reader_close(&r);
	reap(spew(fd, "line", 0, 1000));
	/* not drained before the next generation comes */
	fd = logd_stream(&d, 0, LOG_OUT, 2, 1, 0);
	/* which has said nothing yet: the last words of the one before */
	tail(CTL_LOGS_RUN, 5, 0);
	check_lines(r.text, 995, 1000);
	reader_close(&r);
	tail(CTL_LOGS_RUN | CTL_LOGS_ALONE, 5, 0);
	ATF_CHECK_EQ(r.history, 0);
	reader_close(&r);
	reap(spew(fd, "line", 1000, 1010));
	logd_drain(&d, 0, 2);
	tail(CTL_LOGS_RUN | CTL_LOGS_ALONE, 100, 0);
	check_lines(r.text, 1000, 1010);
	reader_close(&r);
	tail(CTL_LOGS_RUN, 100, 0);
	check_lines(r.text, 1000, 1010);
	reader_close(&r);
	tail(CTL_LOGS_RUN, 3, 0);
	check_lines(r.text, 1007, 1010);
	reader_close(&r);
	tail(0, 20, 0);
	check_lines(r.text, 990, 1010);
	reader_close(&r);
	/* still true when the run's beginning was rotated away */
	reap(spew(fd, "line", 1010, 4690));
	logd_drain(&d, 0, 2);
	ATF_CHECK(exists(&d, "logs/a.log.1"));
	tail(CTL_LOGS_RUN, 100000, 0);
	check_lines(r.text, 1000, 4690);
	reader_close(&r);
	fd = logd_stream(&d, 0, LOG_OUT, 3, 1, 0);
	reap(spew(fd, "line", 5000, 5002));
	logd_drain(&d, 0, 3);
	ATF_CHECK_EQ(logd_flush(&d, 0), 0);
	reap(spew(fd, "line", 5002, 5004));
	logd_drain(&d, 0, 3);
	tail(CTL_LOGS_RUN, 100, 0);
	check_lines(r.text, 5002, 5004);
	reader_close(&r);
	logd_stop(&d, 0);
}

ATF_TC_WITHOUT_HEAD(history__of_all);
ATF_TC_BODY(history__of_all, tc)
{
	struct log_streamed	 answer;
	struct log_stream	 ls;
	int			 fds[4];

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "merged.log", 0, 0, 0);
	logd_file(&d, 2, "b.log", 0, 0, 0);
	logd_file(&d, 3, "", LOGF_NONE, 0, 0);
	fds[0] = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	fds[1] = logd_stream(&d, 1, LOG_OUT, 1, 1, 0);
	fds[2] = logd_stream(&d, 0, LOG_ERR, 1, 2, 0);
	fds[3] = logd_stream(&d, 1, LOG_ERR, 1, 3, 0);
	reap(spew(fds[0], "line", 0, 10));
	logd_drain(&d, 0, 1);
	reap(spew(fds[1], "line", 10, 20));
	logd_drain(&d, 1, 1);
	reap(spew(fds[2], "line", 20, 30));
	logd_drain(&d, 0, 1);
	reap(spew(fds[3], "line", 90, 99));
	tail(CTL_LOGS_OUT, 100, APP_ID_ALL);
	ATF_CHECK_EQ(r.files, 1);	/* one file, though of two apps */
	check_lines(r.text, 0, 20);
	reader_close(&r);
	tail(0, 100, APP_ID_ALL);
	ATF_CHECK_EQ(r.files, 2);
	ATF_CHECK_EQ(r.history, 30);
	reader_close(&r);
	/* an app that has not run: told without a descriptor */
	ATF_REQUIRE(system("echo old > home/logs/c.log") == 0);
	logd_file(&d, 4, "c.log", 0, 0, 0);
	memset(&ls, 0, sizeof(ls));
	ls.app = 9;
	ls.file = 4;
	logd_send(&d, IMSG_LOG_STREAM, -1, &ls, sizeof(ls));
	logd_wait(&d, IMSG_LOG_STREAMED, &answer, sizeof(answer));
	ATF_CHECK_EQ(answer.error, 0);
	tail(0, 10, 9);
	ATF_CHECK_STREQ(r.text, "old\n");
	reader_close(&r);
	logd_stop(&d, 0);
}

/* ---- live ---- */

ATF_TC_WITHOUT_HEAD(live__no_gap_after_the_history);
ATF_TC_BODY(live__no_gap_after_the_history, tc)
{
	struct timespec	 ts = { 0, 0 };
	unsigned int	 first, i;
	pid_t		 pid;
	int		 fd;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 200000, 50);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	reap(spew(fd, "line", 0, 1000));
	for (i = 0; i < 20; i++) {
		pid = spew(fd, "line", 1000 + i * 3000, 4000 + i * 3000);
		ts.tv_nsec = (long)i * 100000;
		nanosleep(&ts, NULL);
		reader_open(&d, &r, CTL_LOGS_FOLLOW, 10 + i * 100, 0);
		reader_history(&r);
		reap(pid);
		logd_drain(&d, 0, 1);
		ATF_REQUIRE(r.len >= 14);
		first = (unsigned int)strtoul(r.text + 5, NULL, 10);
		reader_lines(&r, 4000 + i * 3000 - first - r.history);
		ATF_CHECK_EQ(r.gaps, 0);
		check_lines(r.text, first, 4000 + i * 3000);
		reader_close(&r);
	}
	logd_stop(&d, 0);
}

/* A history that does not fit its queue, while much is written. */
ATF_TC_WITHOUT_HEAD(live__after_a_long_history);
ATF_TC_BODY(live__after_a_long_history, tc)
{
	int	 fd;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	reap(spew(fd, "line", 0, 200000));
	logd_drain(&d, 0, 1);
	reader_open(&d, &r, CTL_LOGS_FOLLOW, UINT32_MAX, 0);
	reap(spew(fd, "line", 200000, 240000));
	logd_drain(&d, 0, 1);
	reader_history(&r);
	ATF_CHECK_EQ(r.history, 200000);
	reader_lines(&r, 40000);
	ATF_CHECK_EQ(r.gaps, 0);
	check_lines(r.text, 0, 240000);
	reader_close(&r);
	logd_stop(&d, 0);
}

ATF_TC_WITHOUT_HEAD(live__pieces_of_lines);
ATF_TC_BODY(live__pieces_of_lines, tc)
{
	int	 fd;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	put(fd, "before\nbeg");
	logd_drain(&d, 0, 1);
	reader_open(&d, &r, CTL_LOGS_FOLLOW, 10, 0);
	reader_history(&r);
	ATF_CHECK_STREQ(r.text, "before\nbeg");
	put(fd, "in");
	reader_poll(&r, 200);
	ATF_CHECK_STREQ(r.text, "before\nbegin");
	put(fd, "ning\nnext\nend");
	reader_lines(&r, 2);
	reader_poll(&r, 200);
	ATF_CHECK_STREQ(r.text, "before\nbeginning\nnext\nend");
	/* it ends without newline: that was a line */
	close(fd);
	reader_lines(&r, 3);
	ATF_CHECK_STREQ(r.text, "before\nbeginning\nnext\nend\n");
	reader_close(&r);
	logd_stop(&d, 0);
}

ATF_TC_WITHOUT_HEAD(live__new_runs_and_new_apps);
ATF_TC_BODY(live__new_runs_and_new_apps, tc)
{
	struct reader	 one;
	int		 a, b;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	logd_file(&d, 2, "", LOGF_NONE, 0, 0);
	a = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	reader_open(&d, &r, CTL_LOGS_FOLLOW, 10, APP_ID_ALL);
	reader_history(&r);
	reader_open(&d, &one, CTL_LOGS_FOLLOW, 10, 1);
	reader_history(&one);
	put(a, "run 1\n");
	reader_lines(&r, 1);
	close(a);
	logd_drain(&d, 0, 1);
	a = logd_stream(&d, 0, LOG_OUT, 2, 1, 0);
	put(a, "run 2\n");
	reader_lines(&r, 2);
	/* an app that has no file, and was not there yet */
	b = logd_stream(&d, 1, LOG_ERR, 1, 2, 0);
	put(b, "app 1\n");
	reader_lines(&r, 3);
	reader_lines(&one, 1);
	ATF_CHECK_STREQ(r.text, "run 1\nrun 2\napp 1\n");
	ATF_CHECK_STREQ(one.text, "app 1\n");
	logd_forget(&d, 1);
	put(a, "run 2\n");
	reader_lines(&r, 4);
	reader_close(&one);
	reader_close(&r);
	logd_stop(&d, 0);
}

static int64_t
clock_ms(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000);
}

ATF_TC_WITHOUT_HEAD(slow__is_told_and_slows_nobody);
ATF_TC_BODY(slow__is_told_and_slows_nobody, tc)
{
	struct reader	 slow[8];
	int64_t		 alone, begin, with;
	unsigned int	 i;
	int		 fd;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	begin = clock_ms();
	reap(spew(fd, "line", 0, 1000000));
	logd_drain(&d, 0, 1);
	alone = clock_ms() - begin;
	for (i = 0; i < 8; i++)
		reader_open(&d, &slow[i], CTL_LOGS_FOLLOW, 0, 0);
	begin = clock_ms();
	reap(spew(fd, "line", 0, 1000000));
	logd_drain(&d, 0, 1);
	with = clock_ms() - begin;
	ATF_CHECK_MSG(with < alone * 10 + 1000, "%lld ms, with slow readers "
	    "%lld ms", (long long)alone, (long long)with);
	/* bounded: far less than 8 times 14 MB */
#ifndef __SANITIZE_ADDRESS__
	ATF_CHECK_MSG(logd_status(&d, "VmRSS:") < 64000, "%ld kB",
	    logd_status(&d, "VmRSS:"));
#endif
	for (i = 0; i < 8; i++) {
		reader_poll(&slow[i], 1000);
		ATF_CHECK(slow[i].gaps > 0);
		ATF_CHECK_EQ(slow[i].lines + slow[i].gap.lines, 1000000);
		ATF_CHECK_EQ(slow[i].len + slow[i].gap.bytes, 14000000);
	}
	/* they have caught up */
	reap(spew(fd, "line", 0, 10));
	reader_poll(&slow[7], 500);
	ATF_CHECK_EQ(slow[7].len + slow[7].gap.bytes, 14000140);
	for (i = 0; i < 8; i++)
		reader_close(&slow[i]);
	logd_stop(&d, 0);
}

ATF_TC_WITHOUT_HEAD(slow__others_get_all);
ATF_TC_BODY(slow__others_get_all, tc)
{
	struct reader	 slow;
	unsigned int	 i;
	int		 fd;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	reader_open(&d, &slow, CTL_LOGS_FOLLOW, 0, 0);
	reader_open(&d, &r, CTL_LOGS_FOLLOW, 0, 0);
	for (i = 0; i < 100; i++) {
		reap(spew(fd, "line", i * 2000, (i + 1) * 2000));
		reader_lines(&r, (i + 1) * 2000);
	}
	check_lines(r.text, 0, 200000);
	ATF_CHECK_EQ(r.gaps, 0);
	reader_poll(&slow, 500);
	ATF_CHECK(slow.gaps > 0);
	reader_close(&slow);
	reader_close(&r);
	logd_stop(&d, 0);
}

ATF_TC_WITHOUT_HEAD(client__hangs_up_or_talks);
ATF_TC_BODY(client__hangs_up_or_talks, tc)
{
	char	 c;
	int	 fd, i;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	reap(spew(fd, "line", 0, 100000));
	for (i = 0; i < 50; i++) {	/* gone in the middle of it */
		reader_open(&d, &r, i % 2 ? CTL_LOGS_FOLLOW : 0, 100000,
		    APP_ID_ALL);
		reader_close(&r);
	}
	reader_open(&d, &r, CTL_LOGS_FOLLOW, 0, 0);
	ATF_REQUIRE(write(r.ib.fd, "garbage, more than a header", 27) == 27);
	while (read(r.ib.fd, &c, 1) == 1)
		continue;
	reader_close(&r);
	put(fd, "fine\n");
	wait_text(&d, "logs/a.log", "fine\n");
	logd_stop(&d, 0);
}

/* More than may follow at once are refused, not queued. */
ATF_TC_WITHOUT_HEAD(client__too_many);
ATF_TC_BODY(client__too_many, tc)
{
	static struct reader	 many[300];
	char			 c;
	unsigned int		 i, refused;
	int			 fd;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	for (i = 0; i < 300; i++)
		reader_open(&d, &many[i], CTL_LOGS_FOLLOW, 0, 0);
	for (i = 0, refused = 0; i < 300; i++)
		refused += recv(many[i].ib.fd, &c, 1, MSG_DONTWAIT |
		    MSG_PEEK) == 0;
	ATF_CHECK_EQ(refused, 300 - 256);
	put(fd, "for all\n");
	reader_lines(&many[0], 1);
	reader_lines(&many[255], 1);
	for (i = 0; i < 300; i++)
		reader_close(&many[i]);
	logd_stop(&d, 0);
}

ATF_TC_WITHOUT_HEAD(stats__numbers);
ATF_TC_BODY(stats__numbers, tc)
{
	int	 a, b;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 65536, 3);
	logd_file(&d, 2, "b.log", 0, 0, 0);
	a = logd_stream(&d, 5, LOG_OUT, 1, 1, 0);
	b = logd_stream(&d, 5, LOG_ERR, 1, 2, 0);
	reap(spew(a, "line", 0, 10000));
	put(b, "12345\n");
	logd_drain(&d, 5, 1);
	tail(CTL_LOGS_STATS, 0, 5);
	ATF_REQUIRE_EQ(r.nstats, 2);
	ATF_CHECK_EQ(r.stats[0].app, 5);
	ATF_CHECK_EQ(r.stats[0].kind, LOG_OUT);
	ATF_CHECK_EQ(r.stats[0].bytes, 140000);
	ATF_CHECK_EQ(r.stats[0].rotations, 2);
	ATF_CHECK_STREQ(r.stats[0].name, "a.log");
	ATF_CHECK_EQ(r.stats[1].kind, LOG_ERR);
	ATF_CHECK_EQ(r.stats[1].bytes, 6);
	ATF_CHECK_EQ(r.stats[1].error, 0);
	ATF_CHECK_EQ(r.stats[1].lost_bytes, 0);
	reader_close(&r);
	logd_stop(&d, 0);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, history__counts);
	ATF_TP_ADD_TC(tp, history__long_lines);
	ATF_TP_ADD_TC(tp, history__goes_on_in_the_rotated_file);
	ATF_TP_ADD_TC(tp, history__of_the_run_only);
	ATF_TP_ADD_TC(tp, history__of_all);
	ATF_TP_ADD_TC(tp, live__no_gap_after_the_history);
	ATF_TP_ADD_TC(tp, live__after_a_long_history);
	ATF_TP_ADD_TC(tp, live__pieces_of_lines);
	ATF_TP_ADD_TC(tp, live__new_runs_and_new_apps);
	ATF_TP_ADD_TC(tp, slow__is_told_and_slows_nobody);
	ATF_TP_ADD_TC(tp, slow__others_get_all);
	ATF_TP_ADD_TC(tp, client__hangs_up_or_talks);
	ATF_TP_ADD_TC(tp, client__too_many);
	ATF_TP_ADD_TC(tp, stats__numbers);
	return (atf_no_error());
}

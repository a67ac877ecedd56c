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
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "logd_harness.h"

#define INIT()	harness_init(atf_tc_get_config_var(tc, "srcdir"))

static struct logd	 d;

/* Lines "prefix NNNNNNNN" from first on, without hole: how many. */
static unsigned int
numbered(const char *text, const char *prefix, unsigned int first)
{
	char		 want[64];
	size_t		 len;
	unsigned int	 n;

	for (n = 0; *text != '\0'; n++) {
		len = (size_t)snprintf(want, sizeof(want), "%s %08u\n", prefix,
		    first + n);
		if (strncmp(text, want, len) != 0)
			atf_tc_fail("not %.*s but %.40s", (int)len - 1, want,
			    text);
		text += len;
	}
	return (n);
}

ATF_TC_WITHOUT_HEAD(plain__byte_exact);
ATF_TC_BODY(plain__byte_exact, tc)
{
	unsigned int	*in, seed;
	char		*out;
	size_t		 i, len, size;
	pid_t		 pid;
	int		 fd;

	INIT();
	size = 20 * 1024 * 1024;
	ATF_REQUIRE((in = malloc(size)) != NULL);
	for (i = 0, seed = 1; i < size / sizeof(*in); i++)
		in[i] = seed = seed * 1103515245 + 12345 * (i % 7 != 0);
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "app-out-0.log", 0, 0, 0);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	ATF_REQUIRE((pid = fork()) != -1);
	if (pid == 0) {
		for (i = 0; i < size; i += 100000)
			if (write(fd, (char *)in + i, size - i < 100000 ?
			    size - i : 100000) == -1)
				_exit(1);
		_exit(0);
	}
	reap(pid);
	logd_drain(&d, 0, 1);
	ATF_REQUIRE((out = slurp(&d, "logs/app-out-0.log", &len)) != NULL);
	ATF_REQUIRE_EQ(len, size);
	ATF_CHECK(memcmp(in, out, size) == 0);
	close(fd);
	logd_wait(&d, IMSG_LOG_EOF, NULL, 0);
	logd_stop(&d, 0);
}

ATF_TC_WITHOUT_HEAD(plain__logs_may_be_elsewhere);
ATF_TC_BODY(plain__logs_may_be_elsewhere, tc)
{
	int	 fd;

	INIT();
	ATF_REQUIRE(system("mkdir -m 755 home elsewhere && "
	    "ln -s ../elsewhere home/logs") == 0);
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	put(fd, "there\n");
	logd_drain(&d, 0, 1);
	ATF_CHECK_STREQ("there\n", slurp(&d, "../elsewhere/a.log", NULL));
	close(fd);
	logd_wait(&d, IMSG_LOG_EOF, NULL, 0);
	logd_stop(&d, 0);
}

ATF_TC_WITHOUT_HEAD(plain__modes);
ATF_TC_BODY(plain__modes, tc)
{
	struct log_file	 lf;
	struct stat	 sb;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	close(logd_stream(&d, 0, LOG_OUT, 1, 1, 0));
	ATF_REQUIRE(stat("home/logs/a.log", &sb) == 0);
	ATF_CHECK_EQ(sb.st_mode & 07777, 0600);
	memset(&lf, 0, sizeof(lf));
	lf.file = 2;
	lf.uid = 1000;
	strlcpy(lf.name, "b.log", sizeof(lf.name));
	logd_send(&d, IMSG_LOG_FILE, -1, &lf, sizeof(lf));
	close(logd_stream(&d, 0, LOG_ERR, 1, 2, 0));
	ATF_REQUIRE(stat("home/logs/b.log", &sb) == 0);
	ATF_CHECK_EQ(sb.st_mode & 07777, 0640);
	logd_stop(&d, 0);
}

ATF_TC_WITHOUT_HEAD(none__is_drained);
ATF_TC_BODY(none__is_drained, tc)
{
	int	 err, out;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "", LOGF_NONE, 0, 0);
	out = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	err = logd_stream(&d, 0, LOG_ERR, 1, LOG_NOFILE, 0);
	reap(spew(out, "out", 0, 50000));
	reap(spew(err, "err", 0, 50000));
	logd_drain(&d, 0, 1);
	logd_stop(&d, 0);
}

ATF_TC_WITHOUT_HEAD(time__prefix_on_each_line);
ATF_TC_BODY(time__prefix_on_each_line, tc)
{
	char	*p, *text;
	int	 fd, n;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, LOGS_TIME);
	put(fd, "one\ntwo\n\nno newline");
	close(fd);
	logd_wait(&d, IMSG_LOG_EOF, NULL, 0);
	logd_drain(&d, 0, 1);
	text = slurp(&d, "logs/a.log", NULL);
	n = 0;
	for (p = strtok(text, "\n"); p != NULL; p = strtok(NULL, "\n"), n++) {
		ATF_CHECK_EQ(strspn(p, "0123456789-T:"), 20);
		ATF_CHECK_STREQ(p + 19, n == 0 ? ": one" : n == 1 ? ": two" :
		    n == 2 ? ": " : ": no newline");
	}
	ATF_CHECK_EQ(n, 4);
	logd_stop(&d, 0);
}

/* A gigabyte without newline, scaled down. */
ATF_TC_WITHOUT_HEAD(time__no_newline_is_bounded);
ATF_TC_BODY(time__no_newline_is_bounded, tc)
{
	static char	 chunk[65536];
	char		*p, *text;
	size_t		 i, len, xs;
	long		 before;
	int		 fd;

	INIT();
	memset(chunk, 'x', sizeof(chunk));
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, LOGS_TIME);
	before = logd_status(&d, "VmHWM:");
	for (i = 0; i < 1024; i++)
		ATF_REQUIRE(write(fd, chunk, sizeof(chunk)) == sizeof(chunk));
	logd_drain(&d, 0, 1);
	ATF_CHECK_MSG(logd_status(&d, "VmHWM:") - before < 16384,
	    "%ld kB, then %ld", before, logd_status(&d, "VmHWM:"));
	ATF_REQUIRE((text = slurp(&d, "logs/a.log", &len)) != NULL);
	for (p = text, xs = 0; (p = memchr(p, 'x', len - (size_t)(p - text)))
	    != NULL; p += i, xs += i)
		i = strspn(p, "x");
	ATF_CHECK_EQ(xs, 1024 * sizeof(chunk));
	ATF_CHECK(strstr(text, "x [pm2: goes on]\n") != NULL);
	logd_stop(&d, 0);
}

ATF_TC_WITHOUT_HEAD(json__objects);
ATF_TC_BODY(json__objects, tc)
{
	char	*text;
	int	 fd;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	fd = logd_stream(&d, 7, LOG_ERR, 1, 1, LOGS_JSON);
	put(fd, "say \"hi\"\n\x1b[31m\xff\n");
	logd_drain(&d, 7, 1);
	text = slurp(&d, "logs/a.log", NULL);
	ATF_CHECK(strstr(text, "{\"message\":\"say \\\"hi\\\"\","
	    "\"timestamp\":\"20") == text);
	ATF_CHECK(strstr(text, "Z\",\"type\":\"err\",\"process_id\":7,"
	    "\"app_name\":\"app7\"}\n") != NULL);
	ATF_CHECK(strstr(text, "\n{\"message\":\"\\u001b[31m\357\277\275\"") !=
	    NULL);
	logd_stop(&d, 0);
}

/* ---- rotation ---- */

ATF_TC_WITHOUT_HEAD(rotate__at_full_speed_nothing_lost);
ATF_TC_BODY(rotate__at_full_speed_nothing_lost, tc)
{
	char		 name[64], *text;
	size_t		 len;
	unsigned int	 i, n;
	int		 fd;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 256 * 1024, 1000);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	reap(spew(fd, "line", 0, 500000));	/* 7 MB */
	logd_drain(&d, 0, 1);
	for (n = 1; snprintf(name, sizeof(name), "logs/a.log.%u", n) > 0 &&
	    exists(&d, name); n++)
		continue;
	ATF_CHECK_EQ(n, 500000u * 14 / (256 * 1024) + 1);
	for (i = 0; n > 0; n--) {
		snprintf(name, sizeof(name), "logs/a.log.%u", n - 1);
		if (n == 1)
			strlcpy(name, "logs/a.log", sizeof(name));
		ATF_REQUIRE((text = slurp(&d, name, &len)) != NULL);
		ATF_CHECK(len <= 256 * 1024 && (len > 255 * 1024 || n == 1));
		i += numbered(text, "line", i);
		free(text);
	}
	ATF_CHECK_EQ(i, 500000);
	logd_stop(&d, 0);
}

ATF_TC_WITHOUT_HEAD(rotate__keep);
ATF_TC_BODY(rotate__keep, tc)
{
	char	*text;
	int	 fd;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 65536, 3);
	logd_file(&d, 2, "b.log", 0, 65536, 0);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	reap(spew(fd, "line", 0, 50000));
	fd = logd_stream(&d, 0, LOG_ERR, 1, 2, 0);
	reap(spew(fd, "line", 0, 50000));
	logd_drain(&d, 0, 1);
	ATF_CHECK(exists(&d, "logs/a.log.1") && exists(&d, "logs/a.log.3"));
	ATF_CHECK(!exists(&d, "logs/a.log.4"));
	ATF_CHECK(exists(&d, "logs/b.log") && !exists(&d, "logs/b.log.1"));
	text = slurp(&d, "logs/a.log", NULL);
	numbered(text, "line", (unsigned int)strtoul(text + 5, NULL, 10));
	ATF_CHECK_STREQ(text + strlen(text) - 14, "line 00049999\n");
	logd_stop(&d, 0);
}

ATF_TC_WITHOUT_HEAD(rotate__budget_over_all);
ATF_TC_BODY(rotate__budget_over_all, tc)
{
	struct stat	 sb;
	char		 name[64];
	off_t		 sum;
	int		 a, b, i;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_conf(&d, 400000, 30000);
	logd_file(&d, 1, "a.log", 0, 65536, 100);
	logd_file(&d, 2, "b.log", 0, 65536, 100);
	a = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	b = logd_stream(&d, 1, LOG_OUT, 1, 2, 0);
	reap(spew(a, "line", 0, 40000));
	logd_drain(&d, 0, 1);
	ATF_CHECK(exists(&d, "logs/a.log.6") && !exists(&d, "logs/a.log.7"));
	reap(spew(b, "line", 0, 20000));
	logd_drain(&d, 1, 1);
	/* the older ones of the other log went first */
	ATF_CHECK(exists(&d, "logs/b.log.4"));
	ATF_CHECK(!exists(&d, "logs/a.log.3"));
	for (i = 1, sum = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "home/logs/a.log.%d", i);
		sum += stat(name, &sb) == 0 ? sb.st_size : 0;
		name[10] = 'b';
		sum += stat(name, &sb) == 0 ? sb.st_size : 0;
	}
	ATF_CHECK_MSG(sum > 300000 && sum <= 400000, "%lld", (long long)sum);
	logd_stop(&d, 0);
}

/* A life that ended when a.log.1.gz was complete and a.log.1 still there. */
ATF_TC_WITHOUT_HEAD(rotate__compressed_and_killed);
ATF_TC_BODY(rotate__compressed_and_killed, tc)
{
	int	 fd;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_stop(&d, 0);
	ATF_REQUIRE(system("cd home/logs && echo x > a.log.1 && "
	    "echo gz > a.log.1.gz && echo old > a.log.2.gz") == 0);
	logd_restart(&d);
	ATF_CHECK(!exists(&d, "logs/a.log.1.gz"));
	logd_file(&d, 1, "a.log", 0, 65536, 9);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	reap(spew(fd, "line", 0, 12000));
	logd_drain(&d, 0, 1);
	ATF_CHECK(exists(&d, "logs/a.log.1") && exists(&d, "logs/a.log.2"));
	wait_text(&d, "logs/a.log.3", "x\n");
	wait_text(&d, "logs/a.log.4.gz", "old\n");
	logd_stop(&d, 0);
}

/* What was there before counts, and names that only look alike do not. */
ATF_TC_WITHOUT_HEAD(rotate__knows_what_was_there);
ATF_TC_BODY(rotate__knows_what_was_there, tc)
{
	int	 fd, i;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_stop(&d, 0);
	ATF_REQUIRE(system("cd home/logs && echo x > a.log.1 && "
	    "echo y > a.log.2 && echo z > my-a.log.1 && echo t > a.txt.1 && "
	    "echo g > a.log.gztmp && mkdir a.log.9") == 0);
	logd_restart(&d);
	logd_file(&d, 1, "a.log", 0, 65536, 2);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	for (i = 0; i < 3; i++)
		reap(spew(fd, "line", 0, 3000));
	logd_drain(&d, 0, 1);
	wait_text(&d, "logs/a.log.2", "x\n");
	ATF_CHECK(!exists(&d, "logs/a.log.3"));
	wait_text(&d, "logs/my-a.log.1", "z\n");
	wait_text(&d, "logs/a.txt.1", "t\n");
	ATF_CHECK(exists(&d, "logs/a.log.9"));
	ATF_CHECK(!exists(&d, "logs/a.log.gztmp"));
	logd_stop(&d, 0);
}

ATF_TC_WITHOUT_HEAD(rotate__gzip);
ATF_TC_BODY(rotate__gzip, tc)
{
	char		 name[64], *all, *p;
	gzFile		 gz;
	unsigned int	 i;
	int		 fd, n;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", LOGF_COMPRESS, 256 * 1024, 100);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	reap(spew(fd, "line", 0, 100000));	/* 5 of them and a rest */
	logd_drain(&d, 0, 1);
	for (i = 1; i <= 5; i++) {
		snprintf(name, sizeof(name), "logs/a.log.%u.gz", i);
		wait_size(&d, name, 1);
	}
	/* the last one that was to be made has been made */
	while (exists(&d, "logs/a.log.gztmp") || exists(&d, "logs/a.log.1") ||
	    exists(&d, "logs/a.log.5"))
		usleep(10000);
	ATF_REQUIRE((all = calloc(1, 2 * 1024 * 1024)) != NULL);
	for (i = 5, p = all; i > 0; i--) {
		snprintf(name, sizeof(name), "home/logs/a.log.%u.gz", i);
		ATF_REQUIRE((gz = gzopen(name, "r")) != NULL);
		while ((n = gzread(gz, p, 65536)) > 0)
			p += n;
		ATF_CHECK_EQ(n, 0);
		ATF_CHECK_EQ(gzclose(gz), Z_OK);
	}
	strlcat(all, slurp(&d, "logs/a.log", NULL), 2 * 1024 * 1024);
	ATF_CHECK_EQ(numbered(all, "line", 0), 100000);
	logd_stop(&d, 0);
}

/* ---- others who touch the files ---- */

ATF_TC_WITHOUT_HEAD(append__outside_truncation);
ATF_TC_BODY(append__outside_truncation, tc)
{
	char	*text;
	size_t	 len;
	int	 fd;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	reap(spew(fd, "line", 0, 1000));
	logd_drain(&d, 0, 1);
	ATF_REQUIRE(truncate("home/logs/a.log", 0) == 0);
	put(fd, "after\n");
	logd_drain(&d, 0, 1);
	ATF_REQUIRE((text = slurp(&d, "logs/a.log", &len)) != NULL);
	ATF_CHECK_EQ(len, 6);
	ATF_CHECK_STREQ(text, "after\n");
	logd_stop(&d, 0);
}

ATF_TC_WITHOUT_HEAD(append__outside_rename);
ATF_TC_BODY(append__outside_rename, tc)
{
	int	 fd;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	put(fd, "one\n");
	logd_drain(&d, 0, 1);
	ATF_REQUIRE(rename("home/logs/a.log", "home/logs/old") == 0);
	sleep(2);
	put(fd, "two\n");
	logd_drain(&d, 0, 1);
	wait_text(&d, "logs/old", "one\n");
	wait_text(&d, "logs/a.log", "two\n");
	/* removed altogether */
	ATF_REQUIRE(unlink("home/logs/a.log") == 0);
	sleep(2);
	put(fd, "three\n");
	wait_text(&d, "logs/a.log", "three\n");
	logd_stop(&d, 0);
}

ATF_TC_WITHOUT_HEAD(reopen__at_once);
ATF_TC_BODY(reopen__at_once, tc)
{
	int	 fd;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	put(fd, "one\n");
	logd_drain(&d, 0, 1);
	ATF_REQUIRE(rename("home/logs/a.log", "home/logs/old") == 0);
	ATF_CHECK_EQ(logd_reopen(&d, 0), 0);
	ATF_CHECK(exists(&d, "logs/a.log"));
	put(fd, "two\n");
	wait_text(&d, "logs/a.log", "two\n");
	ATF_REQUIRE(rename("home/logs/a.log", "home/logs/old2") == 0);
	ATF_CHECK_EQ(logd_reopen(&d, APP_ID_ALL), 0);
	ATF_CHECK(exists(&d, "logs/a.log"));
	logd_stop(&d, 0);
}

ATF_TC_WITHOUT_HEAD(flush__empties);
ATF_TC_BODY(flush__empties, tc)
{
	struct stat	 sb;
	int		 a, b;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	logd_file(&d, 2, "b.log", 0, 0, 0);
	a = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	b = logd_stream(&d, 1, LOG_OUT, 1, 2, 0);
	put(a, "one\n");
	put(b, "two\n");
	logd_drain(&d, 0, 1);
	logd_drain(&d, 1, 1);
	ATF_CHECK_EQ(logd_flush(&d, 0), 0);
	ATF_REQUIRE(stat("home/logs/a.log", &sb) == 0);
	ATF_CHECK_EQ(sb.st_size, 0);
	ATF_REQUIRE(stat("home/logs/b.log", &sb) == 0);
	ATF_CHECK_EQ(sb.st_size, 4);
	put(a, "three\n");
	logd_drain(&d, 0, 1);
	ATF_CHECK_STREQ(slurp(&d, "logs/a.log", NULL), "three\n");
	ATF_CHECK_EQ(logd_flush(&d, APP_ID_ALL), 0);
	ATF_REQUIRE(stat("home/logs/b.log", &sb) == 0);
	ATF_CHECK_EQ(sb.st_size, 0);
	logd_stop(&d, 0);
}

/* What lies in the way of a log: kind, and how to put it there. */
static const struct plant {
	const char	*what;
	const char	*command;
} plants[] = {
	{ "symlink",	"ln -s ../canary logs/a.log" },
	{ "dangling",	"ln -s ../nothing logs/a.log" },
	{ "hardlink",	"ln canary logs/a.log" },
	{ "fifo",	"mkfifo logs/a.log" },
	{ "directory",	"mkdir logs/a.log" },
	{ NULL,		NULL }
};

ATF_TC(planted__refused);
ATF_TC_HEAD(planted__refused, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(planted__refused, tc)
{
	const struct plant	*p;
	struct reader		 r;
	char			 cmd[256];
	int			 fd;

	INIT();
	for (p = plants; p->what != NULL; p++) {
		logd_start(&d, NULL, NULL);
		snprintf(cmd, sizeof(cmd), "cd home && rm -rf logs/* canary &&"
		    " echo sings > canary && %s", p->command);
		ATF_REQUIRE(system(cmd) == 0);
		logd_file(&d, 1, "a.log", 0, 0, 0);
		fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
		reap(spew(fd, "line", 0, 20000));	/* does not block */
		logd_drain(&d, 0, 1);
		wait_text(&d, "canary", "sings\n");
		ATF_CHECK(!exists(&d, "nothing"));
		reader_open(&d, &r, CTL_LOGS_STATS, 0, 0);
		reader_finish(&r);
		ATF_REQUIRE_EQ(r.nstats, 1);
		ATF_CHECK_MSG(r.stats[0].error != 0, "%s", p->what);
		ATF_CHECK_EQ(r.stats[0].lost_lines, 20000);
		ATF_CHECK_EQ(r.stats[0].lost_bytes, 20000 * 14);
		reader_close(&r);
		ATF_CHECK(logd_reopen(&d, 0) != 0);
		ATF_CHECK(logd_flush(&d, 0) != 0);
		wait_text(&d, "canary", "sings\n");
		/* it goes on when the way is free */
		ATF_REQUIRE(system("rm -rf home/logs/a.log") == 0);
		wait_text(&d, "logs/a.log",
		    "[pm2] dropped 20000 lines (280000 bytes): ");
		put(fd, "works\n");
		wait_text(&d, "logs/a.log", "\nworks\n");
		close(fd);
		logd_stop(&d, 0);
	}
}

/* ---- several writers ---- */

ATF_TC_WITHOUT_HEAD(merge__lines_stay_whole);
ATF_TC_BODY(merge__lines_stay_whole, tc)
{
	static const char	*names[] = { "aaaa", "bbbb", "cccc" };
	char			 line[32], long_[5001], *p, *text;
	unsigned int		 next[3], i, longs;
	pid_t			 pids[4];
	int			 fds[4];

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "m.log", 0, 0, 0);
	for (i = 0; i < 4; i++)
		fds[i] = logd_stream(&d, i, LOG_OUT, 1, 1, 0);
	for (i = 0; i < 3; i++)
		pids[i] = spew(fds[i], names[i], 0, 60000);
	/* lines longer than PIPE_BUF, in pieces that end anywhere */
	ATF_REQUIRE((pids[3] = fork()) != -1);
	if (pids[3] == 0) {
		memset(long_, 'L', sizeof(long_));
		long_[sizeof(long_) - 1] = '\n';
		for (i = 0; i < 200; i++)
			if (write(fds[3], long_, 3333) != 3333 ||
			    write(fds[3], long_ + 3333, 1668) != 1668)
				_exit(1);
		_exit(0);
	}
	for (i = 0; i < 4; i++)
		reap(pids[i]);
	put(fds[3], "unterminated");
	for (i = 0; i < 4; i++)
		logd_drain(&d, i, 1);
	ATF_REQUIRE((text = slurp(&d, "logs/m.log", NULL)) != NULL);
	memset(next, 0, sizeof(next));
	longs = 0;
	for (p = text; *p != '\0'; p += strcspn(p, "\n") + 1) {
		if (*p == 'L') {
			ATF_REQUIRE_EQ(strspn(p, "L"), 5000);
			ATF_REQUIRE_EQ(p[5000], '\n');
			longs++;
			continue;
		}
		if (*p == 'u') {
			ATF_CHECK_STREQ(p, "unterminated\n");
			continue;
		}
		i = (unsigned int)(*p - 'a');
		ATF_REQUIRE(i < 3);
		snprintf(line, sizeof(line), "%s %08u\n", names[i], next[i]++);
		ATF_REQUIRE(strncmp(p, line, strlen(line)) == 0);
	}
	ATF_CHECK_EQ(next[0] + next[1] + next[2], 180000);
	ATF_CHECK_EQ(longs, 200);
	logd_stop(&d, 0);
}

ATF_TC_WITHOUT_HEAD(merge__half_a_line_before);
ATF_TC_BODY(merge__half_a_line_before, tc)
{
	int	 a, b;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "m.log", 0, 0, 0);
	a = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	put(a, "half");
	wait_text(&d, "logs/m.log", "half");
	b = logd_stream(&d, 1, LOG_OUT, 1, 1, 0);
	put(b, "other\n");
	wait_text(&d, "logs/m.log", "other\n");
	put(a, " rest\n");
	wait_text(&d, "logs/m.log", "rest\n");
	ATF_CHECK_STREQ(slurp(&d, "logs/m.log", NULL),
	    "half\nother\n rest\n");
	close(b);
	logd_wait(&d, IMSG_LOG_EOF, NULL, 0);
	put(a, "alone");	/* nobody to keep lines apart from */
	wait_text(&d, "logs/m.log", "alone");
	logd_stop(&d, 0);
}

/* ---- generations ---- */

ATF_TC_WITHOUT_HEAD(drain__before_the_answer);
ATF_TC_BODY(drain__before_the_answer, tc)
{
	char	*text;
	size_t	 len;
	int	 fd, i;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	for (i = 1; i <= 50; i++) {
		fd = logd_stream(&d, 0, LOG_OUT, (uint32_t)i, 1, 0);
		reap(spew(fd, "line", (unsigned)(i - 1) * 1000,
		    (unsigned)i * 1000));
		logd_drain(&d, 0, (uint32_t)i);
		ATF_REQUIRE((text = slurp(&d, "logs/a.log", &len)) != NULL);
		ATF_CHECK_EQ(len, (size_t)i * 14000);
		free(text);
		if (i % 2)
			close(fd);	/* the others: a grandchild has it */
	}
	text = slurp(&d, "logs/a.log", NULL);
	ATF_CHECK_EQ(numbered(text, "line", 0), 50000);
	logd_stop(&d, 0);
}

/* Two runs of one app, as in a reload: the line of the old one stays whole. */
ATF_TC_WITHOUT_HEAD(runs__lines_stay_whole);
ATF_TC_BODY(runs__lines_stay_whole, tc)
{
	int	 a, b;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	a = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	put(a, "ha");
	wait_text(&d, "logs/a.log", "ha");
	b = logd_stream(&d, 0, LOG_OUT, 2, 1, 0);
	put(b, "new\n");
	put(a, "lf\n");
	wait_text(&d, "logs/a.log", "new\n");
	put(a, "old");
	put(b, "er\n");
	wait_text(&d, "logs/a.log", "er\n");
	put(a, "est\n");
	wait_text(&d, "logs/a.log", "oldest\n");
	ATF_CHECK_STREQ(slurp(&d, "logs/a.log", NULL),
	    "half\nnew\ner\noldest\n");
	close(a);
	logd_wait(&d, IMSG_LOG_EOF, NULL, 0);
	put(b, "alone");
	wait_text(&d, "logs/a.log", "alone");
	logd_stop(&d, 0);
}

/* Not for ever: it may be a prompt. */
ATF_TC_WITHOUT_HEAD(runs__line_without_end);
ATF_TC_BODY(runs__line_without_end, tc)
{
	int	 a, b;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	a = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	put(a, "? ");
	wait_text(&d, "logs/a.log", "? ");
	b = logd_stream(&d, 0, LOG_OUT, 2, 1, 0);
	put(b, "new\n");
	wait_text(&d, "logs/a.log", "new\n");
	put(a, "yes\n");
	wait_text(&d, "logs/a.log", "yes\n");
	ATF_CHECK_STREQ(slurp(&d, "logs/a.log", NULL), "? \nnew\nyes\n");
	logd_stop(&d, 0);
}

/* Neither the begin of a successor ends a line, nor that it failed. */
ATF_TC_WITHOUT_HEAD(runs__successor_fails);
ATF_TC_BODY(runs__successor_fails, tc)
{
	char	*text;
	int	 a, b;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	a = logd_stream(&d, 0, LOG_OUT, 1, 1, LOGS_JSON);
	put(a, "ha");
	b = logd_stream(&d, 0, LOG_OUT, 2, 1, LOGS_JSON);
	put(b, "new");
	close(b);
	logd_drain(&d, 0, 2);
	wait_text(&d, "logs/a.log", "new");
	put(a, "lf\n");
	wait_text(&d, "logs/a.log", "lf");
	text = slurp(&d, "logs/a.log", NULL);
	ATF_CHECK_MSG(strstr(text, "\"half") != NULL, "%s", text);
	logd_stop(&d, 0);
}

/* A new pipe while the old one is full: the order is kept. */
ATF_TC_WITHOUT_HEAD(drain__old_before_new);
ATF_TC_BODY(drain__old_before_new, tc)
{
	struct log_stream	 ls;
	int			 new[2], old[2];

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	memset(&ls, 0, sizeof(ls));
	ls.file = 1;
	strlcpy(ls.name, "app0", sizeof(ls.name));
	ATF_REQUIRE(pipe(old) == 0 && pipe(new) == 0);
	put(new[1], "new\n");
	/* stopped, so that both messages and both pipes wait for it */
	ATF_REQUIRE(kill(d.pid, SIGSTOP) == 0);
	ls.generation = 1;
	logd_send(&d, IMSG_LOG_STREAM, old[0], &ls, sizeof(ls));
	put(old[1], "old\n");
	ls.generation = 2;
	logd_send(&d, IMSG_LOG_STREAM, new[0], &ls, sizeof(ls));
	ATF_REQUIRE(kill(d.pid, SIGCONT) == 0);
	wait_size(&d, "logs/a.log", 8);
	ATF_CHECK_STREQ(slurp(&d, "logs/a.log", NULL), "old\nnew\n");
	logd_stop(&d, 0);
}

ATF_TC_WITHOUT_HEAD(stop__drains_all);
ATF_TC_BODY(stop__drains_all, tc)
{
	char	*text;
	int	 fd;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	ATF_REQUIRE(kill(d.pid, SIGTERM) == 0);	/* does nothing */
	ATF_REQUIRE(kill(d.pid, SIGSTOP) == 0);
	reap(spew(fd, "line", 0, 4000));
	ATF_REQUIRE(kill(d.pid, SIGCONT) == 0);
	logd_stop(&d, 0);
	text = slurp(&d, "logs/a.log", NULL);
	ATF_CHECK_EQ(numbered(text, "line", 0), 4000);
}

ATF_TC_WITHOUT_HEAD(forget__drains_and_closes);
ATF_TC_BODY(forget__drains_and_closes, tc)
{
	int	 fd;

	INIT();
	logd_start(&d, NULL, NULL);
	logd_file(&d, 1, "a.log", 0, 0, 0);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	put(fd, "last words");
	logd_forget(&d, 0);
	logd_drain(&d, 0, 1);
	ATF_CHECK_STREQ(slurp(&d, "logs/a.log", NULL), "last words");
	ATF_CHECK(write(fd, "x", 1) == -1 && errno == EPIPE);
	/* the number may be used again, for another file */
	logd_file(&d, 1, "b.log", 0, 0, 0);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	put(fd, "b\n");
	wait_text(&d, "logs/b.log", "b\n");
	logd_stop(&d, 0);
}

/* ---- files that the parent opens ---- */

static void
pass(const char *path, uint64_t max_size)
{
	struct log_file	 lf;
	int		 fd;

	ATF_REQUIRE((fd = open(path, O_RDWR | O_APPEND | O_CREAT, 0600)) !=
	    -1);
	memset(&lf, 0, sizeof(lf));
	lf.file = 1;
	lf.flags = LOGF_PASSED;
	lf.max_size = max_size;
	logd_send(&d, IMSG_LOG_FILE, fd, &lf, sizeof(lf));
}

ATF_TC_WITHOUT_HEAD(passed__rotated_by_the_parent);
ATF_TC_BODY(passed__rotated_by_the_parent, tc)
{
	char	*text;
	int	 fd;

	INIT();
	logd_start(&d, NULL, NULL);
	pass("home/mine.log", 100000);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	reap(spew(fd, "line", 0, 10000));
	logd_drain(&d, 0, 1);
	logd_poll(&d, 100);
	ATF_CHECK_EQ(d.wants, 1);
	ATF_CHECK_EQ(d.want.file, 1);
	ATF_CHECK_EQ(d.want.why, WANTFILE_ROTATE);
	ATF_REQUIRE((text = slurp(&d, "mine.log", NULL)) != NULL);
	ATF_CHECK_EQ(numbered(text, "line", 0), 10000);
	ATF_REQUIRE(rename("home/mine.log", "home/mine.log.1") == 0);
	pass("home/mine.log", 100000);
	put(fd, "new\n");
	wait_text(&d, "mine.log", "new\n");
	/* somebody removes it */
	ATF_REQUIRE(unlink("home/mine.log") == 0);
	sleep(2);
	put(fd, "lost\n");
	logd_wait(&d, IMSG_LOG_WANTFILE, NULL, 0);
	ATF_CHECK_EQ(d.want.why, WANTFILE_REOPEN);
	logd_stop(&d, 0);
}

ATF_TC_WITHOUT_HEAD(passed__bad_descriptors);
ATF_TC_BODY(passed__bad_descriptors, tc)
{
	struct log_file	 lf;
	int		 fd, p[2];

	INIT();
	logd_start(&d, NULL, NULL);
	memset(&lf, 0, sizeof(lf));
	lf.file = 1;
	lf.flags = LOGF_PASSED;
	logd_send(&d, IMSG_LOG_FILE, -1, &lf, sizeof(lf));
	ATF_REQUIRE(pipe(p) == 0);
	logd_send(&d, IMSG_LOG_FILE, p[1], &lf, sizeof(lf));
	ATF_REQUIRE((fd = open("/etc/passwd", O_RDONLY)) != -1);
	logd_send(&d, IMSG_LOG_FILE, fd, &lf, sizeof(lf));
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	reap(spew(fd, "line", 0, 10000));
	logd_drain(&d, 0, 1);
	pass("home/good.log", 0);
	put(fd, "good\n");
	wait_text(&d, "good.log", "good\n");
	logd_stop(&d, 0);
}

/* ---- pid files ---- */

ATF_TC_WITHOUT_HEAD(pidfile__life);
ATF_TC_BODY(pidfile__life, tc)
{
	INIT();
	logd_start(&d, NULL, NULL);
	logd_pidfile(&d, 0, 4711, "api.pid");
	ATF_CHECK_STREQ(slurp(&d, "pids/api.pid", NULL), "4711\n");
	logd_pidfile(&d, 0, 4712, "api.pid");
	ATF_CHECK_STREQ(slurp(&d, "pids/api.pid", NULL), "4712\n");
	logd_pidfile(&d, 0, 0, "api.pid");
	ATF_CHECK(!exists(&d, "pids/api.pid"));
	logd_pidfile(&d, 0, 0, "api.pid");	/* again: nothing happens */
	/* somebody else's by now */
	logd_pidfile(&d, 0, 5, "api.pid");
	ATF_REQUIRE(system("echo 99 > home/pids/api.pid") == 0);
	logd_pidfile(&d, 0, 0, "api.pid");
	ATF_CHECK_STREQ(slurp(&d, "pids/api.pid", NULL), "99\n");
	/* bad names do nothing */
	logd_pidfile(&d, 1, 6, "../evil");
	ATF_CHECK(!exists(&d, "evil"));
	logd_pidfile(&d, 1, 6, "..");
	logd_pidfile(&d, 1, 6, "");
	logd_stop(&d, 0);
}

ATF_TC_WITHOUT_HEAD(pidfile__symlink_is_replaced);
ATF_TC_BODY(pidfile__symlink_is_replaced, tc)
{
	INIT();
	logd_start(&d, NULL, NULL);
	ATF_REQUIRE(system("cd home && echo sings > canary && "
	    "ln -s ../canary pids/api.pid && ln -s ../canary pids/b.pid && "
	    "ln -s ../canary pids/api.pid.pidtmp") == 0);
	logd_pidfile(&d, 0, 4711, "api.pid");
	ATF_CHECK_STREQ(slurp(&d, "pids/api.pid", NULL), "4711\n");
	logd_pidfile(&d, 1, 0, "b.pid");
	ATF_CHECK(exists(&d, "pids/b.pid"));
	ATF_CHECK_STREQ(slurp(&d, "canary", NULL), "sings\n");
	logd_stop(&d, 0);
}

ATF_TC_WITHOUT_HEAD(pidfile__passed);
ATF_TC_BODY(pidfile__passed, tc)
{
	struct log_pidfile	 lp;
	int			 fd;

	INIT();
	logd_start(&d, NULL, NULL);
	memset(&lp, 0, sizeof(lp));
	ATF_REQUIRE((fd = open("home/p", O_RDWR | O_CREAT, 0600)) != -1);
	lp.pid = 123456;
	logd_send(&d, IMSG_LOG_PIDFILE, dup(fd), &lp, sizeof(lp));
	logd_drain(&d, 9, 1);
	ATF_CHECK_STREQ(slurp(&d, "p", NULL), "123456\n");
	lp.pid = 7;
	logd_send(&d, IMSG_LOG_PIDFILE, dup(fd), &lp, sizeof(lp));
	logd_drain(&d, 9, 1);
	ATF_CHECK_STREQ(slurp(&d, "p", NULL), "7\n");
	lp.pid = 0;
	logd_send(&d, IMSG_LOG_PIDFILE, dup(fd), &lp, sizeof(lp));
	logd_drain(&d, 9, 1);
	ATF_CHECK_STREQ(slurp(&d, "p", NULL), "");
	logd_stop(&d, 0);
}

/* ---- a parent gone mad ---- */

ATF_TC_WITHOUT_HEAD(parent__malformed_messages);
ATF_TC_BODY(parent__malformed_messages, tc)
{
	struct log_streamed	 answer;
	struct log_follow	 lf;
	struct log_stream	 ls;
	struct log_file		 file;
	char			 junk[4096];
	uint32_t		 type;
	size_t			 len;
	int			 fd, sv[2];

	INIT();
	logd_start(&d, NULL, NULL);
	memset(junk, 0xa5, sizeof(junk));
	for (type = 199; type < 210; type++)
		for (len = 0; len <= 512; len = len * 2 + 1)
			logd_send(&d, type, -1, junk, len);
	logd_send(&d, 0, -1, junk, 10);
	logd_send(&d, UINT32_MAX, -1, NULL, 0);
	/* right lengths, wrong contents */
	memset(&file, 0xff, sizeof(file));
	logd_send(&d, IMSG_LOG_FILE, -1, &file, sizeof(file));
	logd_file(&d, 1, "../../etc/passwd", 0, 0, 0);
	logd_file(&d, 1, "..", 0, 0, 0);
	logd_file(&d, 1, "", 0, 0, 0);
	logd_file(&d, LOG_NOFILE, "a.log", 0, 0, 0);
	memset(&ls, 0xff, sizeof(ls));
	logd_send(&d, IMSG_LOG_STREAM, -1, &ls, sizeof(ls));
	logd_wait(&d, IMSG_LOG_STREAMED, &answer, sizeof(answer));
	ATF_CHECK_EQ(answer.error, EINVAL);
	memset(&ls, 0, sizeof(ls));
	ls.file = 1;
	logd_send(&d, IMSG_LOG_STREAM, dup(2), &ls, sizeof(ls));
	logd_wait(&d, IMSG_LOG_STREAMED, &answer, sizeof(answer));
	ATF_CHECK_EQ(answer.error, ENOENT);	/* no such file */
	logd_file(&d, 1, "a.log", 0, 0, 0);
	ls.generation = 1;
	logd_send(&d, IMSG_LOG_STREAM, -1, &ls, sizeof(ls));
	logd_wait(&d, IMSG_LOG_STREAMED, &answer, sizeof(answer));
	ATF_CHECK_EQ(answer.error, EMFILE);	/* the descriptor was lost */
	ATF_REQUIRE((fd = open("/etc/passwd", O_RDONLY)) != -1);
	logd_send(&d, IMSG_LOG_STREAM, fd, &ls, sizeof(ls));
	logd_wait(&d, IMSG_LOG_STREAMED, &answer, sizeof(answer));
	ATF_CHECK_EQ(answer.error, EINVAL);	/* not a pipe */
	memset(&lf, 0, sizeof(lf));
	lf.nids = 5;
	logd_send(&d, IMSG_LOG_FOLLOW, -1, &lf, sizeof(lf));
	ATF_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == 0);
	logd_send(&d, IMSG_LOG_FOLLOW, sv[0], &lf, sizeof(lf));
	ATF_REQUIRE((fd = open("/dev/null", O_RDWR)) != -1);
	lf.nids = 0;
	logd_send(&d, IMSG_LOG_FOLLOW, fd, &lf, sizeof(lf));
	ATF_CHECK_EQ(read(sv[1], junk, 1), 0);	/* was closed */
	/* and it works as if nothing had been */
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, 0);
	put(fd, "still here\n");
	wait_text(&d, "logs/a.log", "still here\n");
	logd_stop(&d, 0);
}

ATF_TC_WITHOUT_HEAD(parent__broken_framing);
ATF_TC_BODY(parent__broken_framing, tc)
{
	uint32_t	 hdr[4] = { IMSG_LOG_CONF, 3, 0, 0 };

	INIT();
	logd_start(&d, NULL, NULL);
	ATF_REQUIRE(write(d.ib.fd, hdr, sizeof(hdr)) == sizeof(hdr));
	logd_stop(&d, 1);
	wait_text(&d, "pm2.log", "channel to the parent");
}

/* ---- many ---- */

ATF_TC(many__pipes_few_files);
ATF_TC_HEAD(many__pipes_few_files, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(many__pipes_few_files, tc)
{
	struct rlimit	 rl;
	struct log_conf	 lc;
	char		 name[64], text[64];
	uint32_t	 i;
	long		 before;
	int		 fds[300], round;

	INIT();
	rl.rlim_cur = rl.rlim_max = 512;
	ATF_REQUIRE(setrlimit(RLIMIT_NOFILE, &rl) == 0);
	logd_start(&d, NULL, NULL);
	memset(&lc, 0, sizeof(lc));
	lc.full_wait_ms = 30000;
	logd_send(&d, IMSG_LOG_CONF, -1, &lc, sizeof(lc));
	before = logd_status(&d, "VmRSS:");
	for (i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "a-%u.log", i);
		logd_file(&d, i + 1, name, 0, 0, 0);
		fds[i] = logd_stream(&d, i, LOG_OUT, 1, i + 1, 0);
	}
	ATF_CHECK_MSG(logd_status(&d, "VmRSS:") - before < 4096,
	    "%ld kB, then %ld", before, logd_status(&d, "VmRSS:"));
	for (round = 0; round < 3; round++)
		for (i = 0; i < 300; i++) {
			snprintf(text, sizeof(text), "app %u round %d\n", i,
			    round);
			put(fds[i], text);
		}
	for (i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "logs/a-%u.log", i);
		snprintf(text, sizeof(text), "app %u round 2\n", i);
		wait_text(&d, name, text);
	}
	logd_stop(&d, 0);
}

ATF_TC(root__as_its_own_user);
ATF_TC_HEAD(root__as_its_own_user, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(root__as_its_own_user, tc)
{
	struct stat	 sb;
	uid_t		 uid;
	int		 fd;

	INIT();
	/* its home is not to be reached by that user from outside */
	logd_start(&d, NULL, "nobody");
	uid = (uid_t)logd_status(&d, "Uid:");
	ATF_CHECK(uid != 0);
	logd_file(&d, 1, "a.log", 0, 65536, 3);
	fd = logd_stream(&d, 0, LOG_OUT, 1, 1, LOGS_TIME);
	reap(spew(fd, "line", 0, 20000));
	logd_drain(&d, 0, 1);
	ATF_CHECK(exists(&d, "logs/a.log.1"));
	ATF_REQUIRE(stat("home/logs/a.log", &sb) == 0);
	ATF_CHECK_EQ(sb.st_uid, uid);
	logd_pidfile(&d, 0, 77, "api.pid");
	ATF_CHECK_STREQ(slurp(&d, "pids/api.pid", NULL), "77\n");
	logd_stop(&d, 0);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, plain__byte_exact);
	ATF_TP_ADD_TC(tp, plain__logs_may_be_elsewhere);
	ATF_TP_ADD_TC(tp, plain__modes);
	ATF_TP_ADD_TC(tp, none__is_drained);
	ATF_TP_ADD_TC(tp, time__prefix_on_each_line);
	ATF_TP_ADD_TC(tp, time__no_newline_is_bounded);
	ATF_TP_ADD_TC(tp, json__objects);
	ATF_TP_ADD_TC(tp, rotate__at_full_speed_nothing_lost);
	ATF_TP_ADD_TC(tp, rotate__keep);
	ATF_TP_ADD_TC(tp, rotate__budget_over_all);
	ATF_TP_ADD_TC(tp, rotate__compressed_and_killed);
	ATF_TP_ADD_TC(tp, rotate__knows_what_was_there);
	ATF_TP_ADD_TC(tp, rotate__gzip);
	ATF_TP_ADD_TC(tp, append__outside_truncation);
	ATF_TP_ADD_TC(tp, append__outside_rename);
	ATF_TP_ADD_TC(tp, reopen__at_once);
	ATF_TP_ADD_TC(tp, flush__empties);
	ATF_TP_ADD_TC(tp, planted__refused);
	ATF_TP_ADD_TC(tp, merge__lines_stay_whole);
	ATF_TP_ADD_TC(tp, merge__half_a_line_before);
	ATF_TP_ADD_TC(tp, drain__before_the_answer);
	ATF_TP_ADD_TC(tp, runs__lines_stay_whole);
	ATF_TP_ADD_TC(tp, runs__line_without_end);
	ATF_TP_ADD_TC(tp, runs__successor_fails);
	ATF_TP_ADD_TC(tp, drain__old_before_new);
	ATF_TP_ADD_TC(tp, stop__drains_all);
	ATF_TP_ADD_TC(tp, forget__drains_and_closes);
	ATF_TP_ADD_TC(tp, passed__rotated_by_the_parent);
	ATF_TP_ADD_TC(tp, passed__bad_descriptors);
	ATF_TP_ADD_TC(tp, pidfile__life);
	ATF_TP_ADD_TC(tp, pidfile__symlink_is_replaced);
	ATF_TP_ADD_TC(tp, pidfile__passed);
	ATF_TP_ADD_TC(tp, parent__malformed_messages);
	ATF_TP_ADD_TC(tp, parent__broken_framing);
	ATF_TP_ADD_TC(tp, many__pipes_few_files);
	ATF_TP_ADD_TC(tp, root__as_its_own_user);
	return (atf_no_error());
}

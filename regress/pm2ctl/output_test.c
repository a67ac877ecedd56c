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

#include <atf-c.h>
#include <fcntl.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "output.h"

#define CHECK_TEXT(ob, text) do {				\
	ATF_CHECK_STREQ(text, ob_text(&(ob)));			\
	(ob).len = 0;						\
} while (0)

ATF_TC_WITHOUT_HEAD(buffer__grows_and_stays_a_string);
ATF_TC_BODY(buffer__grows_and_stays_a_string, tc)
{
	struct outbuf	 ob = { 0 };
	size_t		 i;

	ATF_CHECK_STREQ("", ob_text(&ob));
	for (i = 0; i < 5000; i++) {
		ob_char(&ob, 'x');
		ATF_REQUIRE_EQ(i + 1, strlen(ob_text(&ob)));
	}
	ob.len = 0;
	ob_pad(&ob, 100000);
	ATF_CHECK_EQ(100000, strlen(ob_text(&ob)));
	ob.len = 0;
	ob_num(&ob, 0);
	ob_num(&ob, UINT64_MAX);
	CHECK_TEXT(ob, "018446744073709551615");
	ob_free(&ob);
	ATF_CHECK(ob.data == NULL);
}

ATF_TC_WITHOUT_HEAD(buffer__written_to_a_slow_reader);
ATF_TC_BODY(buffer__written_to_a_slow_reader, tc)
{
	struct outbuf	 ob = { 0 };
	size_t		 i, got;
	ssize_t		 n;
	pid_t		 pid;
	char		 buf[4096];
	int		 fds[2];

	ATF_REQUIRE(pipe2(fds, O_CLOEXEC) == 0);
	ATF_REQUIRE(fcntl(fds[1], F_SETFL, O_NONBLOCK) == 0);
	ATF_REQUIRE((pid = fork()) != -1);
	if (pid == 0) {
		(void)close(fds[0]);
		for (i = 0; i < 300000; i++)
			ob_char(&ob, (char)('a' + i % 26));
		_exit(ob_write(&ob, fds[1]) == 0 && ob.len == 0 ? 0 : 1);
	}
	(void)close(fds[1]);
	for (got = 0; (n = read(fds[0], buf, sizeof(buf))) > 0;) {
		for (i = 0; i < (size_t)n; i++, got++)
			ATF_REQUIRE_EQ((char)('a' + got % 26), buf[i]);
	}
	ATF_CHECK_EQ(300000, got);
}

ATF_TC_WITHOUT_HEAD(buffer__written_to_nobody);
ATF_TC_BODY(buffer__written_to_nobody, tc)
{
	struct outbuf	 ob = { 0 };
	int		 fds[2];

	(void)signal(SIGPIPE, SIG_IGN);
	ATF_REQUIRE(pipe2(fds, O_CLOEXEC) == 0);
	(void)close(fds[0]);
	ob_str(&ob, "text");
	ATF_CHECK_EQ(-1, ob_write(&ob, fds[1]));
	ATF_CHECK_EQ(EPIPE, errno);
	ob_free(&ob);
}

ATF_TC_WITHOUT_HEAD(values__memory);
ATF_TC_BODY(values__memory, tc)
{
	static const struct {
		uint64_t	 bytes;
		const char	*text;
	} cases[] = {
		{ 0, "0 B" }, { 1023, "1023 B" }, { 1024, "1.000 KB" },
		{ 1536, "1.500 KB" }, { 21479424, "20.484 MB" },
		{ 1048576, "1.000 MB" }, { 1048575, "1023.999 KB" },
		{ 1073741823, "1024.000 MB" }, { 1073741824, "1.000 GB" },
		{ UINT64_C(1099511627776), "1.000 TB" },
		{ UINT64_MAX, "16777216.000 TB" },
	};
	struct outbuf	 ob = { 0 };
	size_t		 i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ob_memory(&ob, cases[i].bytes);
		CHECK_TEXT(ob, cases[i].text);
	}
	ob_free(&ob);
}

ATF_TC_WITHOUT_HEAD(values__uptime);
ATF_TC_BODY(values__uptime, tc)
{
	static const struct {
		uint64_t	 seconds;
		const char	*text;
	} cases[] = {
		{ 0, "0s" }, { 42, "42s" }, { 119, "119s" }, { 120, "2m" },
		{ 7199, "119m" }, { 7200, "2h" }, { 172799, "47h" },
		{ 172800, "2d" }, { 5183999, "59d" }, { 5184000, "2mo" },
		{ 63072000, "2y" },
	};
	struct outbuf	 ob = { 0 };
	size_t		 i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ob_uptime(&ob, cases[i].seconds * 1000 + 999);
		CHECK_TEXT(ob, cases[i].text);
	}
	ob_free(&ob);
}

ATF_TC_WITHOUT_HEAD(values__cpu_and_duration);
ATF_TC_BODY(values__cpu_and_duration, tc)
{
	static const struct {
		uint64_t	 ms;
		const char	*text;
	} cases[] = {
		{ 0, "0ms" }, { 999, "999ms" }, { 1000, "1.0s" },
		{ 9999, "9.9s" }, { 10000, "10s" }, { 61000, "1m 1s" },
		{ 3600000, "1h 0m" }, { 90061000, "1d 1h" },
	};
	struct outbuf	 ob = { 0 };
	char		 buf[64];
	size_t		 i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		output_duration(buf, sizeof(buf), cases[i].ms);
		ATF_CHECK_STREQ(cases[i].text, buf);
	}
	ob_cpu(&ob, 0);
	ob_char(&ob, ' ');
	ob_cpu(&ob, 125);
	ob_char(&ob, ' ');
	ob_cpu(&ob, 4000);
	CHECK_TEXT(ob, "0% 12.5% 400%");
	ob_free(&ob);
}

ATF_TC_WITHOUT_HEAD(values__times);
ATF_TC_BODY(values__times, tc)
{
	char	 buf[64];

	ATF_REQUIRE(setenv("TZ", "TST-2", 1) == 0);
	tzset();
	output_localtime(buf, sizeof(buf), UINT64_C(1795327990594));
	ATF_CHECK_STREQ("2026-11-22T08:13:10", buf);
	output_isotime(buf, sizeof(buf), UINT64_C(1795327990594));
	ATF_CHECK_STREQ("2026-11-22T06:13:10.594Z", buf);
	output_isotime(buf, sizeof(buf), UINT64_MAX);
	ATF_CHECK(*buf != '\0');
}

ATF_TC_WITHOUT_HEAD(width__of_strings);
ATF_TC_BODY(width__of_strings, tc)
{
	static const struct {
		const char	*s;
		size_t		 width;
	} cases[] = {
		{ "", 0 }, { "abc", 3 }, { "\303\251t\303\251", 3 },
		{ "\346\227\245\346\234\254", 4 },	/* two ideographs */
		{ "e\314\201", 1 },			/* combining acute */
		{ "\360\237\230\200", 2 },		/* an emoji */
		{ "\342\200\246", 1 },			/* ellipsis */
		{ "\355\225\234", 2 },			/* hangul */
		{ "\377\376", 2 }, { "\342\202", 2 }, { "a\001b", 2 },
	};
	size_t		 i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ATF_CHECK_EQ_MSG(cases[i].width,
		    output_strwidth(cases[i].s), "case %zu", i);
}

ATF_TC_WITHOUT_HEAD(width__head_and_tail);
ATF_TC_BODY(width__head_and_tail, tc)
{
	static const char	 s[] = "a\346\227\245b";
	size_t			 width;

	ATF_CHECK_EQ(0, output_strhead(s, 0, NULL));
	ATF_CHECK_EQ(1, output_strhead(s, 1, NULL));
	ATF_CHECK_EQ(1, output_strhead(s, 2, &width));
	ATF_CHECK_EQ(1, width);
	ATF_CHECK_EQ(4, output_strhead(s, 3, &width));
	ATF_CHECK_EQ(3, width);
	ATF_CHECK_EQ(5, output_strhead(s, 100, NULL));
	ATF_CHECK_EQ(0, output_strtail(s, 0));
	ATF_CHECK_EQ(1, output_strtail(s, 2));
	ATF_CHECK_EQ(4, output_strtail(s, 3));
	ATF_CHECK_EQ(5, output_strtail(s, 4));
}

ATF_TC_WITHOUT_HEAD(json__strings);
ATF_TC_BODY(json__strings, tc)
{
	static const char	 odd[] = "\"\\/\b\t\n\f\r\001\177\302\233";
	struct outbuf		 ob = { 0 };

	ob_json(&ob, odd, strlen(odd));
	CHECK_TEXT(ob, "\"\\\"\\\\/\\b\\t\\n\\f\\r\\u0001\\u007f\\u009b\"");
	ob_json(&ob, "\303\251\377x\342\202", 6);
	CHECK_TEXT(ob, "\"\303\251\357\277\275x\357\277\275\357\277\275\"");
	ob_json(&ob, "a\0b", 3);
	CHECK_TEXT(ob, "\"a\\u0000b\"");
	ob_json(&ob, "\v", 1);
	CHECK_TEXT(ob, "\"\\u000b\"");
	ob_free(&ob);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, buffer__grows_and_stays_a_string);
	ATF_TP_ADD_TC(tp, buffer__written_to_a_slow_reader);
	ATF_TP_ADD_TC(tp, buffer__written_to_nobody);
	ATF_TP_ADD_TC(tp, values__memory);
	ATF_TP_ADD_TC(tp, values__uptime);
	ATF_TP_ADD_TC(tp, values__cpu_and_duration);
	ATF_TP_ADD_TC(tp, values__times);
	ATF_TP_ADD_TC(tp, width__of_strings);
	ATF_TP_ADD_TC(tp, width__head_and_tail);
	ATF_TP_ADD_TC(tp, json__strings);
	return (atf_no_error());
}

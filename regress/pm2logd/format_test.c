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
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "format.h"
#include "line.h"

/* 2026-11-02T15:04:05.067Z, a Monday */
#define WHEN	1793631845067ULL

static const char *
date(const char *fmt)
{
	static char	 buf[FORMAT_DATE_MAX];

	if (format_date(buf, sizeof(buf), fmt, WHEN) == 0)
		return ("");
	return (buf);
}

static void
zone(const char *tz)
{
	setenv("TZ", tz, 1);
	tzset();
}

static const char *
line(const struct format *f, const char *text, size_t len, int flags)
{
	static char	 buf[FORMAT_LINE_MAX(4096)];
	size_t		 n;

	n = format_line(f, buf, text, len, flags);
	ATF_REQUIRE(n < sizeof(buf));
	buf[n] = '\0';
	return (buf);
}

ATF_TC_WITHOUT_HEAD(date__words);
ATF_TC_BODY(date__words, tc)
{
	static const struct {
		const char	*fmt;
		const char	*want;
	} cases[] = {
		{ "YYYY-MM-DD HH:mm:ss Z", "2026-11-02 16:04:05 +01:00" },
		{ "YYYY-MM-DDTHH:mm:ss", "2026-11-02T16:04:05" },
		{ "YYYY-MM-DD HH:mm:ss.SSS", "2026-11-02 16:04:05.067" },
		{ "YY M D H h:m:s A", "26 11 2 16 4:4:5 PM" },
		{ "hh a", "04 pm" },
		{ "ddd, Do MMM YYYY", "Mon, 2nd Nov 2026" },
		{ "dddd dd d E", "Monday Mo 1 1" },
		{ "MMMM DDD DDDD Q", "November 306 306 4" },
		{ "GGGG-[W]WW", "2026-W45" },
		{ "ZZ SS S", "+0100 06 0" },
		{ "X x", "1793631845 1793631845067" },
		{ "[at] HH[h]", "at 16h" },
		{ "k kk", "16 16" },
		{ "[open", "[open" },
		{ "%Y/%m/%d %H:%M:%S %z", "2026/11/02 16:04:05 +0100" },
		{ "100%%", "100%" },
	};
	size_t	 i;

	zone("CET-1");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ATF_CHECK_STREQ(date(cases[i].fmt), cases[i].want);
}

ATF_TC_WITHOUT_HEAD(date__zones);
ATF_TC_BODY(date__zones, tc)
{
	zone("XST9:30");
	ATF_CHECK_STREQ(date("HH:mm Z"), "05:34 -09:30");
	zone("UTC0");
	ATF_CHECK_STREQ(date("HH:mm Z ZZ"), "15:04 +00:00 +0000");
}

ATF_TC_WITHOUT_HEAD(date__too_long);
ATF_TC_BODY(date__too_long, tc)
{
	char	 buf[8];

	ATF_CHECK_EQ(format_date(buf, sizeof(buf), "YYYY-MM-DD", WHEN), 0);
	ATF_CHECK_STREQ(buf, "");
	ATF_CHECK_EQ(format_date(buf, 5, "YYYY", WHEN), 4);
	ATF_CHECK_EQ(format_date(buf, 4, "YYYY", WHEN), 0);
	ATF_CHECK_EQ(format_date(buf, 0, "YYYY", WHEN), 0);
}

ATF_TC_WITHOUT_HEAD(time__prefix);
ATF_TC_BODY(time__prefix, tc)
{
	struct format_source	 src = { FORMAT_TIME, "", "api", 3, 0 };
	struct format		 f;

	zone("UTC0");
	format_begin(&f, &src, WHEN);
	ATF_CHECK_STREQ(line(&f, "hello", 5, 0),
	    "2026-11-02T15:04:05: hello\n");
	ATF_CHECK_STREQ(line(&f, "", 0, LINE_OPEN), "2026-11-02T15:04:05: \n");
	ATF_CHECK_STREQ(line(&f, "x", 1, LINE_GOESON),
	    "2026-11-02T15:04:05: x [pm2: goes on]\n");
	src.datefmt = "HH";
	format_begin(&f, &src, WHEN);
	ATF_CHECK_STREQ(line(&f, "y", 1, LINE_RESUMED), "15: y\n");
}

ATF_TC_WITHOUT_HEAD(merge__adds_the_newline_only);
ATF_TC_BODY(merge__adds_the_newline_only, tc)
{
	struct format_source	 src = { 0, "", "api", 3, 0 };
	struct format		 f;

	format_begin(&f, &src, WHEN);
	ATF_CHECK_STREQ(line(&f, "\xff raw", 5, 0), "\xff raw\n");
	ATF_CHECK_STREQ(line(&f, "z", 1, LINE_GOESON), "z [pm2: goes on]\n");
}

ATF_TC_WITHOUT_HEAD(json__object);
ATF_TC_BODY(json__object, tc)
{
	struct format_source	 src = { FORMAT_JSON, "", "a\"p", 3, 1 };
	struct format		 f;

	zone("UTC0");
	format_begin(&f, &src, WHEN);
	ATF_CHECK_STREQ(line(&f, "hi", 2, 0), "{\"message\":\"hi\","
	    "\"timestamp\":\"2026-11-02T15:04:05.067Z\",\"type\":\"err\","
	    "\"process_id\":3,\"app_name\":\"a\\\"p\"}\n");
	src.err = 0;
	src.flags |= FORMAT_TIME;
	src.datefmt = "HH:mm";
	src.name = "api";
	format_begin(&f, &src, WHEN);
	ATF_CHECK_STREQ(line(&f, "", 0, LINE_GOESON), "{\"message\":\"\","
	    "\"timestamp\":\"15:04\",\"type\":\"out\",\"process_id\":3,"
	    "\"app_name\":\"api\",\"partial\":true}\n");
}

ATF_TC_WITHOUT_HEAD(json__never_longer_than_promised);
ATF_TC_BODY(json__never_longer_than_promised, tc)
{
	struct format_source	 src = { FORMAT_JSON, "", NULL, UINT32_MAX, 1 };
	struct format		 f;
	char			 fmt[64], name[128], *out, *text;
	size_t			 len, n;

	len = LINE_CAP;
	text = malloc(len);
	out = malloc(FORMAT_LINE_MAX(len));
	ATF_REQUIRE(text != NULL && out != NULL);
	memset(text, '\x01', len);
	memset(name, '\x02', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	memset(fmt, '\x03', sizeof(fmt) - 1);
	fmt[sizeof(fmt) - 1] = '\0';
	src.name = name;
	src.datefmt = fmt;
	format_begin(&f, &src, WHEN);
	n = format_line(&f, out, text, len, LINE_GOESON);
	ATF_CHECK(n > len * 6);
	ATF_CHECK(n <= FORMAT_LINE_MAX(len));
	free(out);
	free(text);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, date__words);
	ATF_TP_ADD_TC(tp, date__zones);
	ATF_TP_ADD_TC(tp, date__too_long);
	ATF_TP_ADD_TC(tp, time__prefix);
	ATF_TP_ADD_TC(tp, merge__adds_the_newline_only);
	ATF_TP_ADD_TC(tp, json__object);
	ATF_TP_ADD_TC(tp, json__never_longer_than_promised);
	return (atf_no_error());
}

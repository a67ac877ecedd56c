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
#include <stdio.h>
#include <string.h>

#include "rotname.h"

ATF_TC_WITHOUT_HEAD(name__make_and_parse);
ATF_TC_BODY(name__make_and_parse, tc)
{
	char		 buf[ROTNAME_MAX];
	size_t		 len;
	unsigned int	 n;
	int		 gz;

	ATF_CHECK_EQ(rotname_make(buf, sizeof(buf), "api-out-0.log", 12, 1),
	    0);
	ATF_CHECK_STREQ(buf, "api-out-0.log.12.gz");
	ATF_REQUIRE_EQ(rotname_parse(buf, &len, &n, &gz), 1);
	ATF_CHECK_EQ(len, strlen("api-out-0.log"));
	ATF_CHECK_EQ(n, 12);
	ATF_CHECK_EQ(gz, 1);
	ATF_CHECK_EQ(rotname_make(buf, 8, "api.log", 1, 0), -1);
}

ATF_TC_WITHOUT_HEAD(name__not_rotated);
ATF_TC_BODY(name__not_rotated, tc)
{
	static const char *const names[] = {
		"api.log", "api.log.", ".1", "1", "api.log.0", "api.log.01",
		"api.log.1.bz2", "api.log.12345", "api-out-1.log.gz", "api.gz",
		"api.log1", "", ".gz", "api.log.-1", "api.log.1 "
	};
	size_t		 i, len;
	unsigned int	 n;
	int		 gz;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ATF_CHECK_MSG(rotname_parse(names[i], &len, &n, &gz) == 0,
		    "%s", names[i]);
}

ATF_TC_WITHOUT_HEAD(name__bad);
ATF_TC_BODY(name__bad, tc)
{
	char	 buf[400];

	memset(buf, 'a', sizeof(buf) - 1);
	buf[sizeof(buf) - 1] = '\0';
	ATF_CHECK(rotname_bad("") != NULL);
	ATF_CHECK(rotname_bad(".") != NULL);
	ATF_CHECK(rotname_bad("..") != NULL);
	ATF_CHECK(rotname_bad("a/b") != NULL);
	ATF_CHECK(rotname_bad("../x") != NULL);
	ATF_CHECK(rotname_bad(buf) != NULL);
	ATF_CHECK(rotname_bad("...") == NULL);
	ATF_CHECK(rotname_bad("a b\n.log") == NULL);
}

static void
plan(const unsigned int *ns, size_t count, unsigned int keep, const char *want)
{
	struct rotstep	 steps[16];
	char		 got[256];
	size_t		 i, n;

	n = rotname_plan(ns, count, keep, steps);
	ATF_REQUIRE(n <= count);
	got[0] = '\0';
	for (i = 0; i < n; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got),
		    "%u>%u ", steps[i].from, steps[i].to);
	ATF_CHECK_STREQ(got, want);
}

ATF_TC_WITHOUT_HEAD(plan__steps);
ATF_TC_BODY(plan__steps, tc)
{
	plan(NULL, 0, 3, "");
	plan((unsigned int []){ 1 }, 1, 3, "1>2 ");
	plan((unsigned int []){ 1, 2, 3 }, 3, 3, "3>0 2>3 1>2 ");
	plan((unsigned int []){ 1, 2, 3 }, 3, 1, "3>0 2>0 1>0 ");
	plan((unsigned int []){ 1, 2, 5 }, 3, 10, "2>3 1>2 ");
	plan((unsigned int []){ 2, 3 }, 2, 10, "");
	plan((unsigned int []){ 2, 3 }, 2, 2, "3>0 ");
	plan((unsigned int []){ 1, 7 }, 2, 5, "7>0 1>2 ");
	plan((unsigned int []){ 1, 2 }, 2, 0, "2>0 1>0 ");
}

ATF_TC_WITHOUT_HEAD(divide__at_a_line);
ATF_TC_BODY(divide__at_a_line, tc)
{
	ATF_CHECK_EQ(rotname_divide("ab\ncd\nef\n", 9, 0, 7, 0), 6);
	ATF_CHECK_EQ(rotname_divide("ab\ncd\nef\n", 9, 0, 6, 0), 6);
	ATF_CHECK_EQ(rotname_divide("ab\ncd\nef\n", 9, 4, 8, 0), 3);
	ATF_CHECK_EQ(rotname_divide("ab\ncd\nef\n", 9, 4, 6, 0), 0);
	ATF_CHECK_EQ(rotname_divide("ab\ncd\nef\n", 9, 4, 6, 1), 3);
	ATF_CHECK_EQ(rotname_divide("ab\ncd\nef\n", 9, 9, 6, 0), 0);
	ATF_CHECK_EQ(rotname_divide("ab\ncd\nef\n", 9, 9, 6, 1), 3);
	ATF_CHECK_EQ(rotname_divide("abcdef", 6, 0, 3, 0), 6);
	ATF_CHECK_EQ(rotname_divide("abcdef", 6, 9, 6, 1), 6);
	ATF_CHECK_EQ(rotname_divide("abcdef", 6, 6 + ROT_SLACK, 6, 1), 0);
	ATF_CHECK_EQ(rotname_divide("abcd\nf", 6, 0, 2, 0), 5);
	ATF_CHECK_EQ(rotname_divide("a\n", 2, 0, 100, 0), 2);
	ATF_CHECK_EQ(rotname_divide("abc", 3, 0, 3, 0), 3);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, name__make_and_parse);
	ATF_TP_ADD_TC(tp, name__not_rotated);
	ATF_TP_ADD_TC(tp, name__bad);
	ATF_TP_ADD_TC(tp, plan__steps);
	ATF_TP_ADD_TC(tp, divide__at_a_line);
	return (atf_no_error());
}

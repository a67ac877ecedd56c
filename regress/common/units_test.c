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


#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <atf-c.h>

#include "units.h"

struct good {
	const char	*word;
	uint64_t	 value;
};

static const char *const nonsense[] = {
	"", " ", "-1", "+1", " 1", "1 ", "1 s", "s", "ms", "1x", "1.5s",
	"0x10", "1s1", "1ss", "one", "1\n", "1,5"
};

#define NNONSENSE	(sizeof(nonsense) / sizeof(nonsense[0]))

ATF_TC_WITHOUT_HEAD(number__strict);
ATF_TC_BODY(number__strict, tc)
{
	static const char *const bad[] = { "", " 1", "+1", "1 ", "--1", "-",
	    "0x1", "1e1", "\t2", "9", "-4", "99999999999999999999" };
	const char	*errstr;
	long long	 n;
	size_t		 i;

	ATF_CHECK(units_number("-3", -3, 8, &n, &errstr) == 0 && n == -3);
	ATF_CHECK(units_number("008", -3, 8, &n, &errstr) == 0 && n == 8);
	ATF_CHECK(errstr == NULL);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		errstr = NULL;
		ATF_CHECK_MSG(units_number(bad[i], -3, 8, &n, &errstr) == -1 &&
		    errstr != NULL, "'%s'", bad[i]);
	}
}

ATF_TC_WITHOUT_HEAD(duration__words);
ATF_TC_BODY(duration__words, tc)
{
	static const struct good good[] = {
		{ "0", 0 }, { "1500", 1500 }, { "1500ms", 1500 },
		{ "0s", 0 }, { "2s", 2000 }, { "5m", 300000 },
		{ "1h", 3600000 }, { "1d", 86400000 }, { "007", 7 },
		{ "18446744073709551615", UINT64_MAX },
		{ "18446744073709551s", 18446744073709551000ULL },
	};
	const char	*errstr;
	uint64_t	 ms;
	size_t		 i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		errstr = "unset";
		ATF_CHECK_EQ_MSG(0, units_duration(good[i].word, &ms, &errstr),
		    "%s", good[i].word);
		ATF_CHECK_EQ_MSG(good[i].value, ms, "%s", good[i].word);
		ATF_CHECK(errstr == NULL);
	}
}

ATF_TC_WITHOUT_HEAD(duration__nonsense);
ATF_TC_BODY(duration__nonsense, tc)
{
	const char	*errstr;
	uint64_t	 ms;
	size_t		 i;

	for (i = 0; i < NNONSENSE; i++) {
		errstr = NULL;
		ATF_CHECK_EQ_MSG(-1, units_duration(nonsense[i], &ms, &errstr),
		    "'%s'", nonsense[i]);
		ATF_REQUIRE(errstr != NULL);
		ATF_CHECK_MATCH("is not a duration", errstr);
	}
	ATF_CHECK_EQ(-1, units_duration("1K", &ms, &errstr));
	ATF_CHECK_EQ(-1, units_duration("1S", &ms, &errstr));
}

ATF_TC_WITHOUT_HEAD(duration__too_large);
ATF_TC_BODY(duration__too_large, tc)
{
	static const char *const large[] = {
		"18446744073709551616", "99999999999999999999999999",
		"18446744073709552s", "213503982335d"
	};
	const char	*errstr;
	uint64_t	 ms;
	size_t		 i;

	for (i = 0; i < sizeof(large) / sizeof(large[0]); i++) {
		ATF_CHECK_EQ(-1, units_duration(large[i], &ms, &errstr));
		ATF_CHECK_STREQ("is too large", errstr);
	}
}

ATF_TC_WITHOUT_HEAD(size__words);
ATF_TC_BODY(size__words, tc)
{
	static const struct good good[] = {
		{ "0", 0 }, { "1048576", 1048576 }, { "17B", 17 },
		{ "10K", 10240 }, { "10k", 10240 }, { "10KB", 10240 },
		{ "10kib", 10240 }, { "10M", 10485760 },
		{ "10MB", 10485760 }, { "10MiB", 10485760 },
		{ "1G", 1073741824 }, { "2T", 2199023255552 },
	};
	const char	*errstr;
	uint64_t	 n;
	size_t		 i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ATF_CHECK_EQ_MSG(0, units_size(good[i].word, &n, &errstr),
		    "%s", good[i].word);
		ATF_CHECK_EQ_MSG(good[i].value, n, "%s", good[i].word);
		ATF_CHECK(errstr == NULL);
	}
}

ATF_TC_WITHOUT_HEAD(size__nonsense);
ATF_TC_BODY(size__nonsense, tc)
{
	const char	*errstr;
	uint64_t	 n;
	size_t		 i;

	for (i = 0; i < NNONSENSE; i++) {
		ATF_CHECK_EQ_MSG(-1, units_size(nonsense[i], &n, &errstr),
		    "'%s'", nonsense[i]);
		ATF_CHECK_MATCH("is not a size", errstr);
	}
	ATF_CHECK_EQ(-1, units_size("16777216T", &n, &errstr));
	ATF_CHECK_STREQ("is too large", errstr);
}

ATF_TC_WITHOUT_HEAD(signal__words);
ATF_TC_BODY(signal__words, tc)
{
	const char	*errstr;
	int		 sig;

	ATF_REQUIRE_EQ(0, units_signal("SIGUSR2", &sig, &errstr));
	ATF_CHECK_EQ(SIGUSR2, sig);
	ATF_REQUIRE_EQ(0, units_signal("USR2", &sig, &errstr));
	ATF_CHECK_EQ(SIGUSR2, sig);
	ATF_REQUIRE_EQ(0, units_signal("usr2", &sig, &errstr));
	ATF_CHECK_EQ(SIGUSR2, sig);
	ATF_REQUIRE_EQ(0, units_signal("sigTERM", &sig, &errstr));
	ATF_CHECK_EQ(SIGTERM, sig);
	ATF_REQUIRE_EQ(0, units_signal("12", &sig, &errstr));
	ATF_CHECK_EQ(12, sig);
	ATF_REQUIRE_EQ(0, units_signal("IOT", &sig, &errstr));
	ATF_CHECK_EQ(SIGABRT, sig);
	ATF_REQUIRE_EQ(0, units_signal("40", &sig, &errstr));
	ATF_CHECK_EQ(40, sig);
	ATF_CHECK(errstr == NULL);
}

ATF_TC_WITHOUT_HEAD(signal__nonsense);
ATF_TC_BODY(signal__nonsense, tc)
{
	static const char *const bad[] = {
		"", "SIG", "SIGSIGUSR2", "0", "-1", "+2", "32", "33", "65",
		"4294967298", "18446744073709551618", "2x", " 2", "USR3",
		"SIGUSR22"
	};
	const char	*errstr;
	size_t		 i;
	int		 sig;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		errstr = NULL;
		ATF_CHECK_EQ_MSG(-1, units_signal(bad[i], &sig, &errstr),
		    "'%s'", bad[i]);
		ATF_CHECK_STREQ("is not a signal", errstr);
	}
}

ATF_TC_WITHOUT_HEAD(signame__there_and_back);
ATF_TC_BODY(signame__there_and_back, tc)
{
	const char	*errstr;
	int		 back, sig;

	for (sig = 1; sig < 32; sig++) {
		ATF_CHECK_MATCH("^SIG", units_signame(sig));
		ATF_REQUIRE_EQ(0, units_signal(units_signame(sig), &back,
		    &errstr));
		ATF_CHECK_EQ(sig, back);
	}
	ATF_CHECK_STREQ("SIGABRT", units_signame(SIGABRT));
	ATF_CHECK_STREQ("signal 40", units_signame(40));
	ATF_CHECK_STREQ("signal 64", units_signame(64));
	ATF_CHECK_STREQ("signal 40", units_signame(40));
	ATF_CHECK_STREQ("unknown signal", units_signame(-1));
	ATF_CHECK_STREQ("unknown signal", units_signame(65));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, number__strict);
	ATF_TP_ADD_TC(tp, duration__words);
	ATF_TP_ADD_TC(tp, duration__nonsense);
	ATF_TP_ADD_TC(tp, duration__too_large);
	ATF_TP_ADD_TC(tp, size__words);
	ATF_TP_ADD_TC(tp, size__nonsense);
	ATF_TP_ADD_TC(tp, signal__words);
	ATF_TP_ADD_TC(tp, signal__nonsense);
	ATF_TP_ADD_TC(tp, signame__there_and_back);
	return (atf_no_error());
}

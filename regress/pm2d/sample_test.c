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

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <atf-c.h>

#include "sample.h"

#define REST " S 7 8 9 0 -1 4194304 10 20 30 40 11 22 33 44 20 0 1 0 5555 "	\
	"1000 77 18446744073709551615 1 2 3\n"

static int
parse(const char *text, struct sample *s)
{
	char	*copy;
	size_t	 len;
	int	 r;

	/* exactly so many bytes, for the sanitizer to watch */
	len = strlen(text);
	ATF_REQUIRE((copy = malloc(len == 0 ? 1 : len)) != NULL);
	memcpy(copy, text, len);
	r = sample_parse(copy, len, s);
	free(copy);
	return (r);
}

static void
require_rest(const char *name)
{
	struct sample	 s;
	char		 text[512];

	(void)snprintf(text, sizeof(text), "42 (%s)" REST, name);
	ATF_REQUIRE_EQ_MSG(0, parse(text, &s), "%s", name);
	ATF_REQUIRE_EQ('S', s.state);
	ATF_REQUIRE_EQ(7, s.ppid);
	ATF_REQUIRE_EQ(8, s.pgrp);
	ATF_REQUIRE_EQ(9, s.session);
	ATF_REQUIRE_EQ(33, s.cpu_ticks);
	ATF_REQUIRE_EQ(5555, s.starttime);
	ATF_REQUIRE_EQ(77, s.rss_bytes);
}

ATF_TC_WITHOUT_HEAD(parse__names);
ATF_TC_BODY(parse__names, tc)
{
	require_rest("sh");
	require_rest("");
	require_rest("a b c");
	require_rest("a) R 1 1 (");
	require_rest(")");
	require_rest("(((");
	require_rest(")))) Z 1 2 3 4");
	require_rest("x) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14");
	require_rest("two\nlines) S");
	require_rest("\033]0;x\007\377\376");
}

ATF_TC_WITHOUT_HEAD(parse__cut_anywhere);
ATF_TC_BODY(parse__cut_anywhere, tc)
{
	static const char	 text[] = "42 (a) b)" REST;
	struct sample		 s;
	char			 cut[sizeof(text)];
	size_t			 i, needed;

	/* up to the end of the rss field all is needed */
	needed = (size_t)(strstr(text, " 77 ") - text) + 2;
	for (i = 0; i < sizeof(text) - 1; i++) {
		memcpy(cut, text, i);
		cut[i] = '\0';
		if (i < needed) {
			ATF_REQUIRE_EQ_MSG(-1, parse(cut, &s), "%zu", i);
			ATF_REQUIRE_EQ(EBADMSG, errno);
			ATF_REQUIRE_EQ(0, s.starttime);
		} else
			ATF_REQUIRE_EQ_MSG(0, parse(cut, &s), "%zu", i);
	}
}

ATF_TC_WITHOUT_HEAD(parse__nonsense);
ATF_TC_BODY(parse__nonsense, tc)
{
	struct sample s;

	ATF_REQUIRE_EQ(-1, parse("", &s));
	ATF_REQUIRE_EQ(-1, parse(")", &s));
	ATF_REQUIRE_EQ(-1, parse("1 (x) S", &s));
	ATF_REQUIRE_EQ(-1, parse("1 (x) SS 1 2 3", &s));
	ATF_REQUIRE_EQ(-1, parse("1 (x) S a b c d e f g h i j k l m n o p q "
	    "r s t u v w x y z", &s));
	ATF_REQUIRE_EQ(-1, parse("1 (x) S 1  2 3 4 5 6 7 8 9 10 11 12 13 14 "
	    "15 16 17 18 19 20 21 22 23 24", &s));
}

ATF_TC_WITHOUT_HEAD(parse__numbers_too_large);
ATF_TC_BODY(parse__numbers_too_large, tc)
{
	struct sample s;

	ATF_REQUIRE_EQ(0, parse("1 (x) S 1 2 3 4 5 6 7 8 9 10 "
	    "99999999999999999999999 18446744073709551615 13 14 15 16 17 18 "
	    "18446744073709551616 20 21", &s));
	ATF_REQUIRE(s.cpu_ticks >= INT64_MAX);
	ATF_REQUIRE_EQ(INT64_MAX, s.starttime);
}

ATF_TC_WITHOUT_HEAD(pid__ourselves);
ATF_TC_BODY(pid__ourselves, tc)
{
	struct sample s;

	ATF_REQUIRE_EQ(0, sample_pid(getpid(), &s));
	ATF_REQUIRE_EQ(getppid(), s.ppid);
	ATF_REQUIRE_EQ(getpgrp(), s.pgrp);
	ATF_REQUIRE_EQ(getsid(0), s.session);
	ATF_REQUIRE_EQ('R', s.state);
	ATF_REQUIRE(s.rss_bytes > 100 * 1024);
	ATF_REQUIRE(s.rss_bytes < 4ULL * 1024 * 1024 * 1024);
	ATF_REQUIRE(s.starttime > 0);
	ATF_REQUIRE(sample_hz() >= 100);
}

ATF_TC_WITHOUT_HEAD(pid__none);
ATF_TC_BODY(pid__none, tc)
{
	struct sample	 s;
	siginfo_t	 info;
	pid_t		 pid;

	ATF_REQUIRE_EQ(-1, sample_pid(0, &s));
	ATF_REQUIRE_EQ(ESRCH, errno);
	ATF_REQUIRE_EQ(-1, sample_pid(-1, &s));
	ATF_REQUIRE_EQ(ESRCH, errno);
	ATF_REQUIRE((pid = fork()) != -1);
	if (pid == 0)
		_exit(0);
	ATF_REQUIRE_EQ(0, waitid(P_PID, (id_t)pid, &info,
	    WEXITED | WNOWAIT));
	ATF_REQUIRE_EQ(0, sample_pid(pid, &s));
	ATF_REQUIRE_EQ('Z', s.state);
	ATF_REQUIRE_EQ(pid, waitpid(pid, NULL, 0));
	ATF_REQUIRE_EQ(-1, sample_pid(pid, &s));
	ATF_REQUIRE_EQ(ESRCH, errno);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, parse__names);
	ATF_TP_ADD_TC(tp, parse__cut_anywhere);
	ATF_TP_ADD_TC(tp, parse__nonsense);
	ATF_TP_ADD_TC(tp, parse__numbers_too_large);
	ATF_TP_ADD_TC(tp, pid__ourselves);
	ATF_TP_ADD_TC(tp, pid__none);

	return (atf_no_error());
}

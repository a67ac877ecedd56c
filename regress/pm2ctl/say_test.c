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

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <atf-c.h>

#include "pm2ctl.h"

/* What say_error() makes of it, behind its prefix. */
static const char *
said(const char *text)
{
	static const char	 prefix[] = "PM2 [ERROR] ";
	static char		 buf[16384];
	ssize_t			 n;
	int			 fd;

	ATF_REQUIRE((fd = open("said", O_RDWR | O_CREAT | O_TRUNC,
	    0600)) != -1);
	ATF_REQUIRE(dup2(fd, STDERR_FILENO) != -1);
	say_error("%s", text);
	ATF_REQUIRE((n = pread(fd, buf, sizeof(buf) - 1, 0)) > 0);
	buf[n] = '\0';
	(void)close(fd);
	ATF_REQUIRE_EQ(0, strncmp(buf, prefix, strlen(prefix)));
	return (buf + strlen(prefix));
}

ATF_TC_WITHOUT_HEAD(say__strangers_words_are_harmless);
ATF_TC_BODY(say__strangers_words_are_harmless, tc)
{
	static const struct {
		const char	*in;
		const char	*out;
	} cases[] = {
		{ "caf\303\251", "caf\303\251\n" },
		{ "two\nlines\tand a tab", "two\nlines\tand a tab\n" },
		{ "\033[2J", "\\033[2J\n" },
		{ "\033[31m", "\\033[31m\n" },
		{ "\302\233" "31m", "\\302\\23331m\n" },
		{ "\23331m", "\\23331m\n" },
		{ "\235" "0;title\234", "\\2350;title\\234\n" },
		{ "\342\200\256gpj", "\\342\\200\\256gpj\n" },
		{ "\377", "\\377\n" },
	};
	size_t	 i;

	(void)tc;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ATF_CHECK_STREQ(cases[i].out, said(cases[i].in));
}

ATF_TC_WITHOUT_HEAD(say__too_long_is_cut);
ATF_TC_BODY(say__too_long_is_cut, tc)
{
	static char	 big[20000];
	const char	*line;

	(void)tc;
	memset(big, 'x', sizeof(big) - 1);
	line = said(big);
	ATF_CHECK(strlen(line) > 4096);
	ATF_CHECK_EQ(line + strlen(line) - 1, strchr(line, '\n'));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, say__strangers_words_are_harmless);
	ATF_TP_ADD_TC(tp, say__too_long_is_cut);
	return (atf_no_error());
}

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

#include <stdlib.h>
#include <string.h>

#include <atf-c.h>

#include "envfile.h"
#include "spec.h"

static char	 entry[SPEC_ENVSTR_MAX + 1];

/*
 * The variables of a text with a '|' behind each, or "line: why".  The text
 * is a copy of exactly its size, so that a sanitizer sees its end.
 */
static const char *
parse(const char *text, size_t len)
{
	static char	 out[4096];
	struct envfile	 ef;
	const char	*why;
	char		*copy;
	int		 r;

	ATF_REQUIRE((copy = malloc(len == 0 ? 1 : len)) != NULL);
	memcpy(copy, text, len);
	out[0] = '\0';
	envfile_begin(&ef, copy, len);
	while ((r = envfile_next(&ef, entry, sizeof(entry), &why)) == 1) {
		ATF_REQUIRE(strlcat(out, entry, sizeof(out)) < sizeof(out));
		ATF_REQUIRE(strlcat(out, "|", sizeof(out)) < sizeof(out));
	}
	if (r == -1)
		snprintf(out, sizeof(out), "%u: %s", ef.line, why);
	free(copy);
	return (out);
}

struct pair {
	const char	*text;
	const char	*want;
};

static void
check(const struct pair *pairs, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		ATF_CHECK_STREQ_MSG(pairs[i].want, parse(pairs[i].text,
		    strlen(pairs[i].text)), "%s", pairs[i].text);
}
#define CHECK(pairs)	check(pairs, sizeof(pairs) / sizeof((pairs)[0]))

ATF_TC_WITHOUT_HEAD(lines__plain);
ATF_TC_BODY(lines__plain, tc)
{
	static const struct pair	 pairs[] = {
		{ "", "" },
		{ "\n\n  \t\n", "" },
		{ "# A=1\n  # B=2", "" },
		{ "A=1", "A=1|" },
		{ "A=1\nB=2\n", "A=1|B=2|" },
		{ "A=1\r\nB=2\r\n\r\nC='3'\r\n", "A=1|B=2|C=3|" },
		{ "A=x\ry\n", "A=x\ry|" },
		{ "\xef\xbb\xbf" "A=1", "A=1|" },
		{ "  A = 1 2  \n", "A=1 2|" },
		{ "A=", "A=|" },
		{ "A=  \nB=", "A=|B=|" },
		{ "A=1 # one\nB=#2\nC= # three\nD=4#5", "A=1|B=#2|C=|D=4#5|" },
		{ "export A=1\nexport\t B = 2", "A=1|B=2|" },
		{ "export=1\nexport =2\nexported=3",
		    "export=1|export=2|exported=3|" },
		{ "a.b-c_9=x", "a.b-c_9=x|" },
		{ "A=$B ${C} `date` $(id) \\n ~", "A=$B ${C} `date` $(id) "
		    "\\n ~|" },
		{ "A=b=c", "A=b=c|" },
		{ "A=it's \"so\"", "A=it's \"so\"|" },
	};

	CHECK(pairs);
}

ATF_TC_WITHOUT_HEAD(lines__quoted);
ATF_TC_BODY(lines__quoted, tc)
{
	static const struct pair	 pairs[] = {
		{ "A=''", "A=|" },
		{ "A=\"\"", "A=|" },
		{ "A=' x # y '", "A= x # y |" },
		{ "A='a\\n\"$b' # so", "A=a\\n\"$b|" },
		{ "A='one\ntwo'\nB=3", "A=one\ntwo|B=3|" },
		{ "A=\"one\ntwo\"\nB=3", "A=one\ntwo|B=3|" },
		{ "A=\"a\\nb\\tc\\rd\"", "A=a\nb\tc\rd|" },
		{ "A=\"\\\"\\\\\\$\\`\"", "A=\"\\$`|" },
		{ "A=\"a\\\nb\\\r\nc\"", "A=abc|" },
		{ "A=\"\\d\\'\"", "A=\\d\\'|" },
		{ "A=\"$B `c`\"", "A=$B `c`|" },
		{ "A=\"x\"  \nB=1", "A=x|B=1|" },
	};

	CHECK(pairs);
}

ATF_TC_WITHOUT_HEAD(lines__bad);
ATF_TC_BODY(lines__bad, tc)
{
	static const struct pair	 pairs[] = {
		{ "A=1\nhunter2\n", "2: has no '=' after the name" },
		{ "=1", "1: does not begin with the name of a variable" },
		{ "1A=1", "1: does not begin with the name of a variable" },
		{ "A B=1", "1: has no '=' after the name" },
		{ "export A", "1: has no '=' after the name" },
		{ "export", "1: has no '=' after the name" },
		{ "export 1=2", "1: does not begin with the name of a "
		    "variable" },
		{ "\n\nA='x\n\ny", "3: has a quote that is not closed" },
		{ "A=\"x\\\"", "1: has a quote that is not closed" },
		{ "A=\"x\\", "1: has a quote that is not closed" },
		{ "A='x'y", "1: has something behind the closing quote" },
		{ "A='x\n'y\nB=1", "1: has something behind the closing "
		    "quote" },
		{ "\xc3\xa4=1", "1: does not begin with the name of a "
		    "variable" },
	};

	CHECK(pairs);
	ATF_CHECK_STREQ("2: contains a NUL", parse("A=1\nB=x\0y", 9));
	ATF_CHECK_STREQ("1: contains a NUL", parse("B='\0'", 5));
}

ATF_TC_WITHOUT_HEAD(lines__long);
ATF_TC_BODY(lines__long, tc)
{
	struct envfile	 ef;
	const char	*why;
	char		*text;
	size_t		 i;

	ATF_REQUIRE((text = malloc(ENVFILE_MAX)) != NULL);
	memset(text, 'x', ENVFILE_MAX);
	text[1] = '=';
	envfile_begin(&ef, text, SPEC_ENVSTR_MAX);
	ATF_CHECK_EQ(1, envfile_next(&ef, entry, sizeof(entry), &why));
	ATF_CHECK_EQ(SPEC_ENVSTR_MAX, strlen(entry));
	ATF_CHECK_EQ(0, envfile_next(&ef, entry, sizeof(entry), &why));
	envfile_begin(&ef, text, SPEC_ENVSTR_MAX + 1);
	ATF_REQUIRE_EQ(-1, envfile_next(&ef, entry, sizeof(entry), &why));
	ATF_CHECK_STREQ("is too long for a variable", why);
	for (i = 0; i < ENVFILE_MAX; i++)
		text[i] = "A=\n"[i % 3];
	envfile_begin(&ef, text, ENVFILE_MAX);
	for (i = 0; envfile_next(&ef, entry, sizeof(entry), &why) == 1; i++)
		ATF_REQUIRE_STREQ("A=", entry);
	ATF_CHECK_EQ(ENVFILE_MAX / 3, i);
	free(text);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, lines__plain);
	ATF_TP_ADD_TC(tp, lines__quoted);
	ATF_TP_ADD_TC(tp, lines__bad);
	ATF_TP_ADD_TC(tp, lines__long);
	return (atf_no_error());
}

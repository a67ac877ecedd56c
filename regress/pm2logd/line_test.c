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
#include <stdlib.h>
#include <string.h>

#include "line.h"

#define MAXPIECES	4096

struct seen {
	char		*text;		/* pieces as "flags:text\n" */
	size_t		 len;
	size_t		 pieces;
	size_t		 longest;
	size_t		 bytes;
	int		 stopat;	/* ask to wait after each such piece */
};

static int
collect(const char *p, size_t len, int flags, void *arg)
{
	struct seen	*s;

	s = arg;
	s->text = realloc(s->text, s->len + len + 4);
	ATF_REQUIRE(s->text != NULL);
	s->text[s->len++] = (char)('0' + flags);
	s->text[s->len++] = ':';
	memcpy(s->text + s->len, p, len);
	s->len += len;
	s->text[s->len++] = '\n';
	s->text[s->len] = '\0';
	s->pieces++;
	s->bytes += len;
	if (len > s->longest)
		s->longest = len;
	return (s->stopat != 0 && s->pieces % (size_t)s->stopat == 0);
}

ATF_TC_WITHOUT_HEAD(split__whole_lines);
ATF_TC_BODY(split__whole_lines, tc)
{
	struct linesplit	 ls = { 0 };
	struct seen		 s = { 0 };

	ATF_CHECK_EQ(line_feed(&ls, "a\n\nbc\n", 6, collect, &s), 0);
	ATF_CHECK_STREQ(s.text, "0:a\n0:\n0:bc\n");
	ATF_CHECK_EQ(ls.len, 0);
	ATF_CHECK(ls.buf == NULL);
	ATF_CHECK_EQ(line_finish(&ls, collect, &s), 0);
	ATF_CHECK_EQ(s.pieces, 3);
	free(s.text);
}

ATF_TC_WITHOUT_HEAD(split__every_division);
ATF_TC_BODY(split__every_division, tc)
{
	static const char	 in[] = "one\ntwo\n\nthree\0x\nfour";
	size_t			 i, j;

	for (i = 0; i < sizeof(in); i++)
		for (j = i; j < sizeof(in); j++) {
			struct linesplit	 ls = { 0 };
			struct seen		 s = { 0 };

			line_feed(&ls, in, i, collect, &s);
			line_feed(&ls, in + i, j - i, collect, &s);
			line_feed(&ls, in + j, sizeof(in) - 1 - j, collect,
			    &s);
			ATF_CHECK_EQ(s.pieces, 4);
			line_finish(&ls, collect, &s);
			ATF_REQUIRE_EQ(s.len, sizeof(in) + 10);
			ATF_CHECK(memcmp(s.text, "0:one\n0:two\n0:\n"
			    "0:three\0x\n4:four\n", s.len) == 0);
			ATF_CHECK(ls.buf == NULL);
			free(s.text);
		}
}

ATF_TC_WITHOUT_HEAD(split__at_the_cap);
ATF_TC_BODY(split__at_the_cap, tc)
{
	struct linesplit	 ls = { 0 };
	struct seen		 s = { 0 };
	char			*in;

	in = malloc(LINE_CAP + 2);
	ATF_REQUIRE(in != NULL);
	memset(in, 'x', LINE_CAP + 1);
	in[LINE_CAP] = '\n';
	line_feed(&ls, in, LINE_CAP + 1, collect, &s);
	ATF_CHECK_EQ(s.pieces, 1);
	ATF_CHECK_EQ(s.text[0], '0');
	ATF_CHECK_EQ(s.bytes, LINE_CAP);
	/* the same in two parts */
	line_feed(&ls, in, LINE_CAP, collect, &s);
	ATF_CHECK_EQ(s.pieces, 1);
	line_feed(&ls, in + LINE_CAP, 1, collect, &s);
	ATF_CHECK_EQ(s.pieces, 2);
	/* one byte more is cut */
	in[LINE_CAP] = 'x';
	in[LINE_CAP + 1] = '\n';
	line_feed(&ls, in, LINE_CAP + 2, collect, &s);
	ATF_CHECK_EQ(s.pieces, 4);
	ATF_CHECK_STREQ(s.text + s.len - 4, "2:x\n");
	ATF_CHECK_EQ(s.longest, LINE_CAP);
	free(in);
	free(s.text);
}

ATF_TC_WITHOUT_HEAD(split__no_newline_is_bounded);
ATF_TC_BODY(split__no_newline_is_bounded, tc)
{
	struct linesplit	 ls = { 0 };
	struct seen		 s = { 0 };
	char			 in[10000];
	int			 i;

	memset(in, 'y', sizeof(in));
	for (i = 0; i < 300; i++) {
		line_feed(&ls, in, sizeof(in), collect, &s);
		ATF_CHECK(ls.size <= 2 * LINE_CAP);
	}
	line_finish(&ls, collect, &s);
	ATF_CHECK_EQ(s.bytes, 3000000);
	ATF_CHECK_EQ(s.longest, LINE_CAP);
	ATF_CHECK_EQ(s.text[0], '0' + LINE_GOESON);
	ATF_CHECK(ls.buf == NULL);
	free(s.text);
}

ATF_TC_WITHOUT_HEAD(split__cut_keeps_characters_whole);
ATF_TC_BODY(split__cut_keeps_characters_whole, tc)
{
	struct linesplit	 ls = { 0 };
	struct seen		 s = { 0 };
	char			*in;
	size_t			 i;

	in = malloc(LINE_CAP + 8);
	ATF_REQUIRE(in != NULL);
	in[0] = 'a';
	for (i = 1; i + 3 <= LINE_CAP + 8; i += 3)
		memcpy(in + i, "\xe2\x82\xac", 3);	/* a euro sign */
	line_feed(&ls, in, i, collect, &s);
	ATF_CHECK_EQ(s.pieces, 1);
	ATF_CHECK_EQ((s.bytes - 1) % 3, 0);
	line_finish(&ls, collect, &s);
	ATF_CHECK_EQ(s.bytes, i);
	free(in);
	free(s.text);
}

ATF_TC_WITHOUT_HEAD(wait__nothing_lost_or_reordered);
ATF_TC_BODY(wait__nothing_lost_or_reordered, tc)
{
	struct linesplit	 ls = { 0 };
	struct seen		 s = { 0 };
	char			 in[2000], *want;
	size_t			 i, len;
	int			 more;

	s.stopat = 3;
	want = calloc(1, 100000);
	ATF_REQUIRE(want != NULL);
	for (i = 0, len = 0; i < 200; i++) {
		len += (size_t)snprintf(in + len, sizeof(in) - len, "%zu\n",
		    i);
		snprintf(want + strlen(want), 100000 - strlen(want),
		    "0:%zu\n", i);
	}
	more = line_feed(&ls, in, len, collect, &s);
	ATF_CHECK_EQ(s.pieces, 3);
	while (more)
		more = line_feed(&ls, NULL, 0, collect, &s);
	ATF_CHECK_STREQ(s.text, want);
	/* put away while waiting, then the end */
	line_feed(&ls, "a\nb\nc\nd\n", 8, collect, &s);
	ATF_CHECK_EQ(line_stash(&ls, "e\nf", 3), 0);
	while (line_finish(&ls, collect, &s))
		continue;
	ATF_CHECK_STREQ(s.text + strlen(want),
	    "0:a\n0:b\n0:c\n0:d\n0:e\n4:f\n");
	ATF_CHECK(ls.buf == NULL);
	free(want);
	free(s.text);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, split__whole_lines);
	ATF_TP_ADD_TC(tp, split__every_division);
	ATF_TP_ADD_TC(tp, split__at_the_cap);
	ATF_TP_ADD_TC(tp, split__no_newline_is_bounded);
	ATF_TP_ADD_TC(tp, split__cut_keeps_characters_whole);
	ATF_TP_ADD_TC(tp, wait__nothing_lost_or_reordered);
	return (atf_no_error());
}

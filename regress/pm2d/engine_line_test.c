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


#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <atf-c.h>

#include "engine-line.h"

static struct line	 line;

static enum line_kind
next(const char *text, int whole, size_t *used)
{
	return (line_next(&line, text, strlen(text), whole, used));
}

ATF_TC_WITHOUT_HEAD(next__whole_lines);
ATF_TC_BODY(next__whole_lines, tc)
{
	size_t	 used;

	ATF_CHECK_EQ(LINE_TEXT, next("abc\ndef\n", 0, &used));
	ATF_CHECK_EQ(4, used);
	ATF_CHECK_EQ(LINE_TEXT, next("\n", 0, &used));
	ATF_CHECK_EQ(1, used);
	ATF_CHECK_EQ(LINE_NONE, next("", 1, &used));
	ATF_CHECK_EQ(0, used);
	ATF_CHECK_EQ(LINE_NONE, next("partial", 0, &used));
	ATF_CHECK_EQ(0, used);
	ATF_CHECK_EQ(0, line.passed);
}

/* Cut anywhere: all of it comes out once, when it is whole. */
ATF_TC_WITHOUT_HEAD(next__any_split);
ATF_TC_BODY(next__any_split, tc)
{
	static const char	 text[] = "{\"a\":1}\n\"\xc3\xbc\"\n7\n";
	size_t			 begin, cut, len, lines, used;

	len = sizeof(text) - 1;
	for (cut = 0; cut <= len; cut++) {
		lines = begin = 0;
		while (line_next(&line, text + begin, cut - begin, 0,
		    &used) == LINE_TEXT) {
			begin += used;
			lines++;
		}
		ATF_CHECK(memchr(text + begin, '\n', cut - begin) == NULL);
		while (line_next(&line, text + begin, len - begin, 0,
		    &used) == LINE_TEXT) {
			begin += used;
			lines++;
		}
		ATF_CHECK_EQ(3, lines);
		ATF_CHECK_EQ(len, begin);
	}
}

ATF_TC_WITHOUT_HEAD(next__hundred_in_one);
ATF_TC_BODY(next__hundred_in_one, tc)
{
	char	 text[301];
	size_t	 i, off = 0, used;

	for (i = 0; i < 100; i++)
		memcpy(text + i * 3, "[]\n", 4);
	for (i = 0; line_next(&line, text + off, 300 - off, 0, &used) ==
	    LINE_TEXT; i++)
		off += used;
	ATF_CHECK_EQ(100, i);
}

/* What is passed over is classified by its begin, and ends at a newline. */
static enum line_kind
passed(const char *begin, size_t middles)
{
	size_t	 i, used;

	memset(&line, 0, sizeof(line));
	ATF_CHECK_EQ(LINE_PART, next(begin, 1, &used));
	ATF_CHECK_EQ(strlen(begin), used);
	for (i = 0; i < middles; i++) {
		ATF_CHECK_EQ(LINE_PART, next("middle", 0, &used));
		ATF_CHECK_EQ(6, used);
	}
	i = (size_t)next("end\nother\n", 0, &used);
	ATF_CHECK_EQ(4, used);
	ATF_CHECK_EQ(0, line.passed);
	return ((enum line_kind)i);
}

ATF_TC_WITHOUT_HEAD(next__long_ones);
ATF_TC_BODY(next__long_ones, tc)
{
	ATF_CHECK_EQ(LINE_LONG_USER, passed("\"abc", 3));
	ATF_CHECK_EQ(LINE_LONG_USER, passed("{", 0));
	ATF_CHECK_EQ(LINE_LONG_USER, passed("{\"cmd\":\"NODE", 0));
	ATF_CHECK_EQ(LINE_LONG_INTERNAL, passed("{\"cmd\":\"NODE_CLUSTER\",",
	    2));
	ATF_CHECK_EQ(LINE_LONG_INTERNAL, passed("{\"cmd\":\"NODE_HANDLE_ACK\"",
	    2));
	ATF_CHECK_EQ(LINE_LONG_HANDLE, passed("{\"cmd\":\"NODE_HANDLE\",\"t",
	    2));
}

ATF_TC_WITHOUT_HEAD(next__without_end);
ATF_TC_BODY(next__without_end, tc)
{
	static char	 block[LINE_BUFFER];
	enum line_kind	 kind;
	size_t		 n, used;

	memset(block, 'x', sizeof(block));
	for (n = 0; (kind = line_next(&line, block, sizeof(block), 1,
	    &used)) == LINE_PART; n++)
		ATF_REQUIRE(n < 1000);
	ATF_CHECK_EQ(LINE_OVER, kind);
	ATF_CHECK_EQ(LINE_MAX_PASSED / LINE_BUFFER, n);
}

ATF_TC_WITHOUT_HEAD(handles__one_each);
ATF_TC_BODY(handles__one_each, tc)
{
	struct line_handles	 lh;
	int			 i;

	memset(&lh, 0, sizeof(lh));
	ATF_CHECK(!line_handle_claim(&lh, 0));
	/* Ahead: one line may have it, not two. */
	ATF_CHECK(line_handle_claim(&lh, 1));
	ATF_CHECK(!line_handle_claim(&lh, 1));
	line_handle_settle(&lh, 1);
	ATF_CHECK(!line_handle_claim(&lh, 0));
	/* Came with an earlier part of the line. */
	line_handle_settle(&lh, 1);
	ATF_CHECK(line_handle_claim(&lh, 0));
	ATF_CHECK(!line_handle_claim(&lh, 0));
	line_handle_settle(&lh, 0);
	/* Claimed, and then not there after all. */
	ATF_CHECK(line_handle_claim(&lh, 1));
	line_handle_settle(&lh, 0);
	ATF_CHECK(!line_handle_claim(&lh, 0));
	/* A flood is not remembered. */
	for (i = 0; i < 1000; i++)
		line_handle_settle(&lh, 1);
	for (i = 0; line_handle_claim(&lh, 0); i++)
		;
	ATF_CHECK_EQ(LINE_HANDLES_MAX, i);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, next__whole_lines);
	ATF_TP_ADD_TC(tp, next__any_split);
	ATF_TP_ADD_TC(tp, next__hundred_in_one);
	ATF_TP_ADD_TC(tp, next__long_ones);
	ATF_TP_ADD_TC(tp, next__without_end);
	ATF_TP_ADD_TC(tp, handles__one_each);
	return (atf_no_error());
}

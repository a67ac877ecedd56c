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
#include <string.h>
#include <time.h>

#include <atf-c.h>

#include "secret.h"

static struct spec_buf	 sb, out, kept;
static struct spec	 spec, other;
static char		 why[256];

static void
parse(struct spec *sp, const struct spec_buf *buf)
{
	ATF_REQUIRE_EQ_MSG(0, spec_parse(sp, buf->data, buf->len, why,
	    sizeof(why)), "%s", why);
}

static void
begin(void)
{
	spec_buf_free(&sb);
	spec_buf_free(&out);
	spec_buf_free(&kept);
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_NAME, "a"));
	ATF_REQUIRE_EQ(0, spec_add_u64(&sb, SPEC_PORT, 80));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_SECRET, "K=hunter2"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_ARG, "x"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_SECRET, "EMPTY="));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_ARG, "y"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_SECRET_FILE, "F=/f"));
	parse(&spec, &sb);
}

ATF_TC_WITHOUT_HEAD(hide__and_keep);
ATF_TC_BODY(hide__and_keep, tc)
{
	size_t	 pos = 0;

	begin();
	ATF_REQUIRE_EQ(0, secret_check(&spec, why, sizeof(why)));
	ATF_REQUIRE_EQ(0, secret_hide(&spec, &out));
	ATF_CHECK(memmem(out.data, out.len, "hunter2", 7) == NULL);
	parse(&other, &out);
	ATF_CHECK(secret_marked(&other));
	ATF_CHECK_EQ(-1, secret_check(&other, why, sizeof(why)));
	ATF_CHECK_STREQ("K=\001", spec_next(&other, SPEC_SECRET, &pos));
	ATF_CHECK_STREQ("EMPTY=\001", spec_next(&other, SPEC_SECRET, &pos));
	ATF_CHECK_EQ(NULL, spec_next(&other, SPEC_SECRET, &pos));
	pos = 0;
	ATF_CHECK_STREQ("x", spec_next(&other, SPEC_ARG, &pos));
	ATF_CHECK_STREQ("y", spec_next(&other, SPEC_ARG, &pos));
	ATF_CHECK_EQ(80, other.num[SPEC_PORT]);
	ATF_CHECK_EQ(0, other.count[SPEC_INSTANCES]);
	ATF_REQUIRE_EQ(0, secret_keep(&other, &spec, &kept, why,
	    sizeof(why)));
	parse(&other, &kept);
	pos = 0;
	ATF_CHECK_STREQ("K=hunter2", spec_next(&other, SPEC_SECRET, &pos));
	ATF_CHECK_STREQ("EMPTY=", spec_next(&other, SPEC_SECRET, &pos));
	ATF_CHECK(!secret_marked(&other));
}

/* A name that begins like another one is not that one. */
ATF_TC_WITHOUT_HEAD(keep__nothing_there);
ATF_TC_BODY(keep__nothing_there, tc)
{
	static const char	*names[] = { "KK=\001", "=\001",
				    "HUNTER=\001" };
	size_t			 i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		begin();
		ATF_REQUIRE_EQ(0, spec_add_str(&out, SPEC_SECRET, names[i]));
		parse(&other, &out);
		ATF_CHECK_EQ(-1, secret_keep(&other, &spec, &kept, why,
		    sizeof(why)));
		ATF_CHECK_MATCH("has no value to keep", why);
	}
}

/* Everybody waits meanwhile. */
ATF_TC_WITHOUT_HEAD(keep__very_many);
ATF_TC_BODY(keep__very_many, tc)
{
	char	 text[32];
	clock_t	 start;
	int	 i;

	begin();
	spec_buf_free(&sb);
	for (i = 0; i < 50000; i++) {
		snprintf(text, sizeof(text), "K%x=v", i);
		ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_SECRET, text));
		snprintf(text, sizeof(text), "K%x=\001", 49999 - i);
		ATF_REQUIRE_EQ(0, spec_add_str(&out, SPEC_SECRET, text));
	}
	parse(&spec, &sb);
	parse(&other, &out);
	start = clock();
	ATF_REQUIRE_EQ(0, secret_keep(&other, &spec, &kept, why,
	    sizeof(why)));
	ATF_CHECK(clock() - start < CLOCKS_PER_SEC);
	parse(&other, &kept);
	ATF_CHECK_EQ(50000, other.count[SPEC_SECRET]);
	ATF_CHECK(!secret_marked(&other));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, hide__and_keep);
	ATF_TP_ADD_TC(tp, keep__nothing_there);
	ATF_TP_ADD_TC(tp, keep__very_many);
	return (atf_no_error());
}

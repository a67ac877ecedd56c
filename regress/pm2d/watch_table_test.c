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

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <atf-c.h>

#include "watch-table.h"

static struct ctable	 table;

static struct fact
file(const char *bytes, uint64_t mtime)
{
	struct fact	 f;

	memset(&f, 0, sizeof(f));
	f.kind = FACT_FILE;
	f.size = strlen(bytes);
	f.mtime = mtime;
	f.ino = mtime;
	f.hashed = 1;
	f.hash = table_hash(HASH_BEGIN, bytes, strlen(bytes));
	return (f);
}

/* Touched, and then found to be like this. */
static int
learn(const char *path, struct fact now)
{
	struct centry	*e;

	ATF_REQUIRE_EQ(0, ctable_touch(&table, path));
	ATF_REQUIRE((e = ctable_take(&table)) != NULL);
	ATF_REQUIRE_STREQ(path, e->path);
	return (ctable_learn(&table, e, &now));
}

ATF_TC_WITHOUT_HEAD(learn__same_bytes_are_no_change);
ATF_TC_BODY(learn__same_bytes_are_no_change, tc)
{
	ctable_init(&table, 100);
	ATF_CHECK_EQ(1, learn("a", file("one", 1)));
	ATF_CHECK_EQ_MSG(0, learn("a", file("one", 2)), "a new time");
	ATF_CHECK_EQ_MSG(1, learn("a", file("two", 2)), "the same length");
	ATF_CHECK_EQ(1, learn("a", file("three", 2)));
	ctable_free(&table);
	ATF_CHECK_EQ(0, table.n);
}

ATF_TC_WITHOUT_HEAD(learn__long_files_go_by_time);
ATF_TC_BODY(learn__long_files_go_by_time, tc)
{
	struct fact	 f = file("long", 1);

	ctable_init(&table, 100);
	f.hashed = 0;
	ATF_CHECK_EQ(1, learn("a", f));
	ATF_CHECK_EQ(0, learn("a", f));
	f.mtime++;
	ATF_CHECK_EQ(1, learn("a", f));
	f.ino++;
	ATF_CHECK_EQ(1, learn("a", f));
	ctable_free(&table);
}

ATF_TC_WITHOUT_HEAD(learn__come_and_gone_is_no_change);
ATF_TC_BODY(learn__come_and_gone_is_no_change, tc)
{
	struct fact	 absent;

	memset(&absent, 0, sizeof(absent));
	ctable_init(&table, 100);
	ATF_CHECK_EQ(0, learn("tmp", absent));
	ATF_CHECK_EQ_MSG(0, table.n, "what is not there costs nothing");
	ATF_CHECK_EQ(1, learn("a", file("x", 1)));
	ATF_CHECK_EQ(1, learn("a", absent));
	ATF_CHECK_EQ(0, table.n);
	ctable_free(&table);
}

ATF_TC_WITHOUT_HEAD(touch__once);
ATF_TC_BODY(touch__once, tc)
{
	ctable_init(&table, 100);
	ATF_CHECK_EQ(0, ctable_touch(&table, "a"));
	ATF_CHECK_EQ(0, ctable_touch(&table, "a"));
	ATF_CHECK(ctable_take(&table) != NULL);
	ATF_CHECK(ctable_take(&table) == NULL);
	ctable_free(&table);
}

ATF_TC_WITHOUT_HEAD(touch__bounded);
ATF_TC_BODY(touch__bounded, tc)
{
	char	 name[16];
	int	 i;

	ctable_init(&table, 10);
	for (i = 0; i < 10; i++) {
		(void)snprintf(name, sizeof(name), "%d", i);
		ATF_CHECK_EQ(0, ctable_touch(&table, name));
	}
	ATF_CHECK_ERRNO(ENOSPC, ctable_touch(&table, "more") == -1);
	ATF_CHECK_EQ_MSG(0, ctable_touch(&table, "3"), "a known one");
	ctable_free(&table);
}

ATF_TC_WITHOUT_HEAD(touch_below__a_directory_and_no_other);
ATF_TC_BODY(touch_below__a_directory_and_no_other, tc)
{
	static const char *const names[] = {
		"a", "a.b", "a/x", "a/y/z", "a0", "b/a/x"
	};
	struct centry	*e;
	size_t		 i;
	int		 n = 0;

	ctable_init(&table, 100);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ATF_CHECK_EQ(1, learn(names[i], file("x", 1)));
	ctable_touch_below(&table, "a");
	while ((e = ctable_take(&table)) != NULL) {
		ATF_CHECK_MSG(strncmp(e->path, "a/", 2) == 0, "%s", e->path);
		n++;
	}
	ATF_CHECK_EQ(2, n);
	ctable_touch_below(&table, NULL);
	for (n = 0; ctable_take(&table) != NULL; n++)
		continue;
	ATF_CHECK_EQ(6, n);
	ctable_free(&table);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, learn__same_bytes_are_no_change);
	ATF_TP_ADD_TC(tp, learn__long_files_go_by_time);
	ATF_TP_ADD_TC(tp, learn__come_and_gone_is_no_change);
	ATF_TP_ADD_TC(tp, touch__once);
	ATF_TP_ADD_TC(tp, touch__bounded);
	ATF_TP_ADD_TC(tp, touch_below__a_directory_and_no_other);
	return (atf_no_error());
}

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
#include <unistd.h>

#include <atf-c.h>

#include "pm2ctl.h"

static struct app_view	 views[6];
static struct app_list	 list = { views, 6, 6 };
static struct selection	 sel;
static enum select_how	 how;

static void
set(uint32_t i, uint32_t id, const char *name, const char *script,
    const char *namespace)
{
	views[i].info.fix.id = id;
	views[i].info.name = strdup(name);
	views[i].info.script = strdup(script);
	views[i].info.namespace = strdup(namespace);
}

static void
fill(void)
{
	set(0, 0, "api", "/srv/apps/api.js", "web");
	set(1, 2, "api", "/srv/apps/api.js", "web");
	set(2, 3, "worker", "/srv/apps/work.sh", "jobs");
	set(3, 7, "7up", "/srv/apps/tool", "jobs");
	set(4, 9, "work", "/srv/other/api.js", "");
	set(5, 12, "99", "/srv/other/.hidden", "");
}

static size_t
look(const char *word)
{
	select_free(&sel);
	ATF_REQUIRE_EQ(0, select_word(&list, word, &sel, &how));
	return (sel.n);
}

ATF_TC_WITHOUT_HEAD(select__all);
ATF_TC_BODY(select__all, tc)
{
	struct app_list	 none = { NULL, 0, 0 };

	fill();
	ATF_CHECK_EQ(6, look("all"));
	ATF_CHECK_EQ(SELECT_ALL, how);
	/* All of nothing is not an error. */
	select_free(&sel);
	ATF_CHECK_EQ(0, select_word(&none, "all", &sel, &how));
	ATF_CHECK_EQ(SELECT_ALL, how);
	ATF_CHECK_EQ(0, sel.n);
}

ATF_TC_WITHOUT_HEAD(select__without_words);
ATF_TC_BODY(select__without_words, tc)
{
	struct app_list	 none;

	fill();
	memset(&sel, 0, sizeof(sel));
	ATF_CHECK_EQ(0, select_apps(&list, 0, NULL, &sel));
	ATF_CHECK_EQ(list.n, sel.n);
	select_free(&sel);
	memset(&none, 0, sizeof(none));
	ATF_CHECK_EQ(0, select_apps(&none, 0, NULL, &sel));
	ATF_CHECK_EQ(0, sel.n);
}

ATF_TC_WITHOUT_HEAD(select__id);
ATF_TC_BODY(select__id, tc)
{
	fill();
	ATF_CHECK_EQ(1, look("2"));
	ATF_CHECK_EQ(SELECT_ID, how);
	ATF_CHECK_EQ(2, sel.ids[0]);
	ATF_CHECK_EQ(1, look("0"));
	/* A name may be a number that is no id. */
	ATF_CHECK_EQ(1, look("99"));
	ATF_CHECK_EQ(SELECT_NAME, how);
	ATF_CHECK_EQ(12, sel.ids[0]);
	ATF_CHECK_EQ(0, look("1"));
	ATF_CHECK_EQ(0, look("-1"));
	ATF_CHECK_EQ(0, look("4294967295"));
	ATF_CHECK_EQ(0, look("99999999999999999999"));
	ATF_CHECK_EQ(SELECT_NONE, how);
}

ATF_TC_WITHOUT_HEAD(select__name);
ATF_TC_BODY(select__name, tc)
{
	fill();
	ATF_CHECK_EQ(2, look("api"));
	ATF_CHECK_EQ(SELECT_NAME, how);
	ATF_CHECK_EQ(0, sel.ids[0]);
	ATF_CHECK_EQ(2, sel.ids[1]);
	ATF_CHECK_EQ(1, look("7up"));
	/* A name comes before the stem of another app's script. */
	ATF_CHECK_EQ(1, look("work"));
	ATF_CHECK_EQ(9, sel.ids[0]);
}

ATF_TC_WITHOUT_HEAD(select__script);
ATF_TC_BODY(select__script, tc)
{
	fill();
	ATF_CHECK_EQ(3, look("api.js"));
	ATF_CHECK_EQ(SELECT_SCRIPT, how);
	ATF_CHECK_EQ(2, look("/srv/apps/api.js"));
	ATF_CHECK_EQ(SELECT_SCRIPT, how);
	ATF_CHECK_EQ(2, look("/srv/./apps//api.js"));
	ATF_CHECK_EQ(1, look("tool"));
	ATF_CHECK_EQ(1, look(".hidden"));
	ATF_CHECK_EQ(0, look("/srv/apps"));
	ATF_CHECK_EQ(0, look("ap"));
}

ATF_TC_WITHOUT_HEAD(select__relative_path);
ATF_TC_BODY(select__relative_path, tc)
{
	char	 cwd[512], path[600];

	fill();
	ATF_REQUIRE(getcwd(cwd, sizeof(cwd)) != NULL);
	ATF_REQUIRE(snprintf(path, sizeof(path), "%s/sub/x.js", cwd) > 0);
	free(views[0].info.script);
	views[0].info.script = path;
	ATF_CHECK_EQ(1, look("./sub/x.js"));
	ATF_CHECK_EQ(1, look("sub/../sub/x.js"));
}

ATF_TC_WITHOUT_HEAD(select__namespace);
ATF_TC_BODY(select__namespace, tc)
{
	fill();
	ATF_CHECK_EQ(2, look("jobs"));
	ATF_CHECK_EQ(SELECT_NAMESPACE, how);
	/* No namespace is not one that could be named. */
	ATF_CHECK_EQ(0, look(""));
	ATF_CHECK_EQ(SELECT_NONE, how);
}

ATF_TC_WITHOUT_HEAD(select__several_words);
ATF_TC_BODY(select__several_words, tc)
{
	char	 a[] = "9", b[] = "web", c[] = "nope", d[] = "api";
	char	*words[] = { a, b, c, d };

	fill();
	memset(&sel, 0, sizeof(sel));
	ATF_CHECK_EQ(1, select_apps(&list, 4, words, &sel));
	ATF_REQUIRE_EQ(3, sel.n);
	ATF_CHECK_EQ(0, sel.ids[0]);
	ATF_CHECK_EQ(2, sel.ids[1]);
	ATF_CHECK_EQ(9, sel.ids[2]);
}

ATF_TC_WITHOUT_HEAD(select__many);
ATF_TC_BODY(select__many, tc)
{
	struct app_list	 big;
	char		 name[] = "x", script[] = "/x", none[] = "";
	uint32_t	 i;

	memset(&big, 0, sizeof(big));
	big.n = 5000;
	big.apps = calloc(big.n, sizeof(*big.apps));
	ATF_REQUIRE(big.apps != NULL);
	for (i = 0; i < big.n; i++) {
		big.apps[i].info.fix.id = i * 3;
		big.apps[i].info.name = name;
		big.apps[i].info.script = script;
		big.apps[i].info.namespace = none;
	}
	memset(&sel, 0, sizeof(sel));
	ATF_REQUIRE_EQ(0, select_word(&big, "300", &sel, &how));
	ATF_REQUIRE_EQ(0, select_word(&big, "x", &sel, &how));
	ATF_REQUIRE_EQ(5000, sel.n);
	for (i = 0; i < sel.n; i++)
		ATF_REQUIRE_EQ(i * 3, sel.ids[i]);
	free(big.apps);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, select__all);
	ATF_TP_ADD_TC(tp, select__without_words);
	ATF_TP_ADD_TC(tp, select__id);
	ATF_TP_ADD_TC(tp, select__name);
	ATF_TP_ADD_TC(tp, select__script);
	ATF_TP_ADD_TC(tp, select__relative_path);
	ATF_TP_ADD_TC(tp, select__namespace);
	ATF_TP_ADD_TC(tp, select__several_words);
	ATF_TP_ADD_TC(tp, select__many);
	return (atf_no_error());
}

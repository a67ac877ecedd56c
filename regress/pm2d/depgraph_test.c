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

#include "depgraph.h"

static struct depgraph *
graph(const char *const (*edges)[2], size_t n)
{
	struct depgraph	*g;
	size_t		 i;

	ATF_REQUIRE((g = depgraph_new()) != NULL);
	for (i = 0; i < n; i++)
		ATF_REQUIRE(depgraph_add(g, edges[i][0], edges[i][1]) == 0);
	return (g);
}
#define GRAPH(e)	graph(e, sizeof(e) / sizeof((e)[0]))

ATF_TC_WITHOUT_HEAD(circle__none);
ATF_TC_BODY(circle__none, tc)
{
	static const char *const	 edges[][2] = { { "web", "api" },
	    { "web", "db" }, { "api", "db" }, { "api", "cache" },
	    { "cache", "disk" }, { "db", "disk" } };
	struct depgraph			*g = GRAPH(edges);
	char				 buf[64] = "untouched";

	ATF_CHECK_EQ(0, depgraph_circle(g, "web", buf, sizeof(buf)));
	ATF_CHECK_EQ(0, depgraph_circle(g, "disk", buf, sizeof(buf)));
	ATF_CHECK_EQ(0, depgraph_circle(g, "unknown", buf, sizeof(buf)));
	ATF_CHECK_STREQ("untouched", buf);
	depgraph_free(g);
	ATF_REQUIRE((g = depgraph_new()) != NULL);
	ATF_CHECK_EQ(0, depgraph_circle(g, "web", buf, sizeof(buf)));
	depgraph_free(g);
	depgraph_free(NULL);
}

ATF_TC_WITHOUT_HEAD(circle__itself);
ATF_TC_BODY(circle__itself, tc)
{
	static const char *const	 edges[][2] = { { "a", "a" } };
	struct depgraph			*g = GRAPH(edges);
	char				 buf[64];

	ATF_CHECK_EQ(1, depgraph_circle(g, "a", buf, sizeof(buf)));
	ATF_CHECK_STREQ("a -> a", buf);
	depgraph_free(g);
}

/* The shortest one, and not that of others. */
ATF_TC_WITHOUT_HEAD(circle__is_told);
ATF_TC_BODY(circle__is_told, tc)
{
	static const char *const	 edges[][2] = { { "a", "b" },
	    { "b", "c" }, { "c", "d" }, { "d", "a" }, { "b", "d" },
	    { "x", "y" }, { "y", "x" }, { "a", "x" } };
	struct depgraph			*g = GRAPH(edges);
	char				 buf[64];

	ATF_CHECK_EQ(1, depgraph_circle(g, "a", buf, sizeof(buf)));
	ATF_CHECK_STREQ("a -> b -> d -> a", buf);
	ATF_CHECK_EQ(1, depgraph_circle(g, "y", buf, sizeof(buf)));
	ATF_CHECK_STREQ("y -> x -> y", buf);
	depgraph_free(g);
}

/* Longer than what can be told, by names and by number. */
ATF_TC_WITHOUT_HEAD(circle__is_long);
ATF_TC_BODY(circle__is_long, tc)
{
	struct depgraph	*g;
	char		 from[16], to[16], buf[40];
	int		 i;

	ATF_REQUIRE((g = depgraph_new()) != NULL);
	for (i = 0; i < 200; i++) {
		snprintf(from, sizeof(from), "app%d", i);
		snprintf(to, sizeof(to), "app%d", (i + 1) % 200);
		ATF_REQUIRE(depgraph_add(g, from, to) == 0);
	}
	ATF_CHECK_EQ(1, depgraph_circle(g, "app0", buf, sizeof(buf)));
	ATF_CHECK(strlen(buf) < sizeof(buf));
	depgraph_free(g);
}

/* All of it is looked at while everybody waits. */
ATF_TC_WITHOUT_HEAD(circle__none_in_a_crowd);
ATF_TC_BODY(circle__none_in_a_crowd, tc)
{
	struct depgraph	*g;
	char		 from[16], to[16], buf[40];
	clock_t		 begin;
	int		 i, k;

	ATF_REQUIRE((g = depgraph_new()) != NULL);
	for (i = 0; i < 1000; i++)
		for (k = 1; k <= 64; k++) {
			snprintf(from, sizeof(from), "app%d", i);
			snprintf(to, sizeof(to), "app%d", i + k);
			ATF_REQUIRE(depgraph_add(g, from, to) == 0);
		}
	begin = clock();
	ATF_CHECK_EQ(0, depgraph_circle(g, "app0", buf, sizeof(buf)));
	ATF_CHECK(clock() - begin < CLOCKS_PER_SEC);
	ATF_REQUIRE(depgraph_add(g, "app999", "app0") == 0);
	ATF_CHECK_EQ(1, depgraph_circle(g, "app0", buf, sizeof(buf)));
	depgraph_free(g);
}

ATF_TC_WITHOUT_HEAD(split__conditions);
ATF_TC_BODY(split__conditions, tc)
{
	char	 name[16];

	ATF_CHECK_EQ(DEP_READY, depgraph_split("db", name, sizeof(name)));
	ATF_CHECK_STREQ("db", name);
	ATF_CHECK_EQ(DEP_ONLINE, depgraph_split("db:online", name,
	    sizeof(name)));
	ATF_CHECK_STREQ("db", name);
	ATF_CHECK_EQ(DEP_STARTED, depgraph_split("a:b:started", name,
	    sizeof(name)));
	ATF_CHECK_STREQ("a:b", name);
	ATF_CHECK_EQ(DEP_READY, depgraph_split("db:ready", name,
	    sizeof(name)));
	ATF_CHECK_STREQ("db", name);
	ATF_CHECK_STREQ("to be ready", depgraph_words(DEP_READY));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, circle__none);
	ATF_TP_ADD_TC(tp, circle__itself);
	ATF_TP_ADD_TC(tp, circle__is_told);
	ATF_TP_ADD_TC(tp, circle__is_long);
	ATF_TP_ADD_TC(tp, circle__none_in_a_crowd);
	ATF_TP_ADD_TC(tp, split__conditions);
	return (atf_no_error());
}

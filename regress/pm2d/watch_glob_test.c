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

#include <string.h>

#include <atf-c.h>

#include "watch-glob.h"

/* Below the root "/srv/app". */
static int
ignored(const char *pattern, const char *below)
{
	struct ignore	 ig;
	char		 path[512];
	size_t		 base;
	int		 rv;

	memset(&ig, 0, sizeof(ig));
	if (pattern != NULL)
		ATF_REQUIRE_EQ(0, ignore_add(&ig, pattern));
	(void)strlcpy(path, "/srv/app/", sizeof(path));
	base = strlen(path);
	ATF_REQUIRE(strlcat(path, below, sizeof(path)) < sizeof(path));
	rv = ignore_match(&ig, path, path + base);
	ignore_free(&ig);
	return (rv);
}

ATF_TC_WITHOUT_HEAD(match__defaults);
ATF_TC_BODY(match__defaults, tc)
{
	ATF_CHECK(ignored(NULL, "node_modules"));
	ATF_CHECK(ignored(NULL, "src/node_modules"));
	ATF_CHECK(ignored(NULL, ".git"));
	ATF_CHECK(ignored(NULL, "src/.x.js.swp"));
	ATF_CHECK(ignored(NULL, "src/x.js~"));
	ATF_CHECK(ignored(NULL, "src/#x.js#"));
	ATF_CHECK(!ignored(NULL, "src/x.js"));
	ATF_CHECK(!ignored(NULL, "node_modules.js"));
	ATF_CHECK_MSG(ignored("*.log", ".git"), "defaults were replaced");
}

ATF_TC_WITHOUT_HEAD(match__names_anywhere);
ATF_TC_BODY(match__names_anywhere, tc)
{
	ATF_CHECK(ignored("logs", "logs"));
	ATF_CHECK(ignored("logs", "a/b/logs"));
	ATF_CHECK(!ignored("logs", "logs2"));
	ATF_CHECK(ignored("logs/", "logs"));
	ATF_CHECK(ignored("./logs", "logs"));
	ATF_CHECK(ignored("*.log", "a/b/x.log"));
	ATF_CHECK(!ignored("*.log", "a/b/x.log.js"));
	ATF_CHECK(ignored("x?[ab]", "q/x1b"));
	ATF_CHECK(ignored("\\*", "*"));
	ATF_CHECK(!ignored("\\*", "a"));
}

ATF_TC_WITHOUT_HEAD(match__paths);
ATF_TC_BODY(match__paths, tc)
{
	ATF_CHECK(ignored("public/up", "public/up"));
	ATF_CHECK(!ignored("public/up", "x/public/up"));
	ATF_CHECK(ignored("public/*", "public/up"));
	ATF_CHECK_MSG(!ignored("public/*", "public/a/b"), "* took a '/'");
	ATF_CHECK(ignored("public/**", "public"));
	ATF_CHECK(ignored("/srv/app/tmp", "tmp"));
	ATF_CHECK(ignored("/srv/app/tmp/*", "tmp/x"));
	ATF_CHECK(!ignored("/srv/app/tmp", "tmp2"));
	ATF_CHECK(!ignored("/srv/other", "x"));
}

ATF_TC_WITHOUT_HEAD(match__two_stars);
ATF_TC_BODY(match__two_stars, tc)
{
	ATF_CHECK(ignored("**/*.log", "x.log"));
	ATF_CHECK(ignored("**/*.log", "a/b/c/x.log"));
	ATF_CHECK(!ignored("**/*.log", "a/b/c/x.js"));
	ATF_CHECK(ignored("a/**/b", "a/b"));
	ATF_CHECK(ignored("a/**/b", "a/x/y/b"));
	ATF_CHECK(!ignored("a/**/b", "a/x/y/c"));
	ATF_CHECK(ignored("**/a/**/b", "x/a/y/a/z/b"));
	ATF_CHECK(!ignored("**/a/**/b", "x/c/y/b"));
	ATF_CHECK(ignored("**/x/y", "x/x/y"));
	ATF_CHECK(!glob_path("a/**/b/c", "a/b/b"));
	ATF_CHECK(glob_path("**", "a/b"));
	ATF_CHECK(!glob_path("a", "a/b"));
	ATF_CHECK(!glob_path("a/b", "a"));
	ATF_CHECK(!glob_path("", "a"));
}

/* Not 2^n steps: this test would not end. */
ATF_TC_WITHOUT_HEAD(match__many_stars);
ATF_TC_BODY(match__many_stars, tc)
{
	char	 pattern[400] = "", path[400] = "";
	int	 i;

	for (i = 0; i < 40; i++) {
		(void)strlcat(pattern, "**/a/", sizeof(pattern));
		(void)strlcat(path, "a/a/a/", sizeof(path));
	}
	(void)strlcat(pattern, "b", sizeof(pattern));
	(void)strlcat(path, "c", sizeof(path));
	ATF_CHECK(!glob_path(pattern, path));
}

/* The way pm2's manual ignores names that begin with a dot. */
ATF_TC_WITHOUT_HEAD(match__pm2_dotfiles);
ATF_TC_BODY(match__pm2_dotfiles, tc)
{
	ATF_CHECK(ignored("[\\/\\\\]\\./", ".cache"));
	ATF_CHECK(!ignored("[\\/\\\\]\\./", "a.b"));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, match__defaults);
	ATF_TP_ADD_TC(tp, match__names_anywhere);
	ATF_TP_ADD_TC(tp, match__paths);
	ATF_TP_ADD_TC(tp, match__two_stars);
	ATF_TP_ADD_TC(tp, match__many_stars);
	ATF_TP_ADD_TC(tp, match__pm2_dotfiles);
	return (atf_no_error());
}

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

#include "specdiff.h"

static struct spec_buf	 bufs[2];
static struct spec	 a, b;
static struct specdiff	 sd;

static void
str(int i, enum spec_key key, const char *value)
{
	ATF_REQUIRE_EQ(0, spec_add_str(&bufs[i], key, value));
}

static void
num(int i, enum spec_key key, uint64_t value)
{
	ATF_REQUIRE_EQ(0, spec_add_u64(&bufs[i], key, value));
}

/* Both are given these; then what the test adds is compared. */
static void
begin(void)
{
	int	 i;

	for (i = 0; i < 2; i++) {
		spec_buf_free(&bufs[i]);
		str(i, SPEC_NAME, "api");
		str(i, SPEC_SCRIPT, "/srv/api.js");
		str(i, SPEC_CWD, "/srv");
	}
}

static size_t
compare(int flags)
{
	char	 err[256];

	specdiff_free(&sd);
	ATF_REQUIRE_EQ_MSG(0, spec_parse(&a, bufs[0].data, bufs[0].len, err,
	    sizeof(err)), "%s", err);
	ATF_REQUIRE_EQ_MSG(0, spec_parse(&b, bufs[1].data, bufs[1].len, err,
	    sizeof(err)), "%s", err);
	specdiff_make(&sd, &a, &b, flags);
	return (sd.n);
}

static void
is(size_t i, const char *name, const char *old, const char *new)
{
	ATF_REQUIRE_MSG(i < sd.n, "%s: only %zu differ", name, sd.n);
	ATF_CHECK_STREQ(name, sd.items[i].name);
	ATF_CHECK_EQ_MSG(old == NULL, sd.items[i].old == NULL, "%s", name);
	ATF_CHECK_EQ_MSG(new == NULL, sd.items[i].new == NULL, "%s", name);
	if (old != NULL && sd.items[i].old != NULL)
		ATF_CHECK_STREQ(old, sd.items[i].old);
	if (new != NULL && sd.items[i].new != NULL)
		ATF_CHECK_STREQ(new, sd.items[i].new);
}

ATF_TC_WITHOUT_HEAD(specdiff__same);
ATF_TC_BODY(specdiff__same, tc)
{
	int	 i;

	begin();
	for (i = 0; i < 2; i++) {
		str(i, SPEC_ARG, "-a");
		str(i, SPEC_ARG, "23");
		str(i, SPEC_FILE_ENV, "NODE_ENV=production");
		num(i, SPEC_KILL_TIMEOUT, 1500);
	}
	ATF_CHECK_EQ(0, compare(0));
	ATF_CHECK_EQ(0, compare(SPECDIFF_SHELL));
}

ATF_TC_WITHOUT_HEAD(specdiff__defaults_are_as_good_as_given);
ATF_TC_BODY(specdiff__defaults_are_as_good_as_given, tc)
{
	begin();
	num(0, SPEC_KILL_TIMEOUT, 4000);
	num(1, SPEC_AUTORESTART, 1);
	str(0, SPEC_NAMESPACE, "default");
	str(1, SPEC_SANDBOX, "off");
	str(1, SPEC_HEALTH_ACTION, "restart");
	ATF_CHECK_EQ(0, compare(0));
}

ATF_TC_WITHOUT_HEAD(specdiff__umask_has_no_default);
ATF_TC_BODY(specdiff__umask_has_no_default, tc)
{
	begin();
	num(1, SPEC_UMASK, 022);
	ATF_REQUIRE_EQ(1, compare(0));
	is(0, "umask", NULL, "022");
}

ATF_TC_WITHOUT_HEAD(specdiff__numbers_as_people_write_them);
ATF_TC_BODY(specdiff__numbers_as_people_write_them, tc)
{
	begin();
	num(0, SPEC_KILL_TIMEOUT, 1500);
	num(1, SPEC_KILL_TIMEOUT, 120000);
	num(1, SPEC_MAX_MEMORY, 300 * 1024 * 1024);
	num(0, SPEC_KILL_SIGNAL, 15);
	num(1, SPEC_NICE, 15);
	num(1, SPEC_CGROUP_CPU, 150);
	num(1, SPEC_LIMIT_NOFILE, 1000);
	num(1, SPEC_WAIT_READY, 1);
	ATF_REQUIRE_EQ(7, compare(0));
	is(0, "max_memory_restart", "0", "300M");
	is(1, "kill_signal", "SIGTERM", "SIGINT");
	is(2, "kill_timeout", "1500ms", "2m");
	is(3, "wait_ready", "false", "true");
	is(4, "nice", "0", "-5");
	is(5, "limit_nofile", "unlimited", "1000");
	is(6, "cgroup_cpu", "0.00", "1.50");
}

ATF_TC_WITHOUT_HEAD(specdiff__variables_by_name);
ATF_TC_BODY(specdiff__variables_by_name, tc)
{
	begin();
	str(0, SPEC_FILE_ENV, "B=1");
	str(0, SPEC_FILE_ENV, "A=same");
	str(0, SPEC_FILE_ENV, "GONE=x");
	str(1, SPEC_FILE_ENV, "A=same");
	str(1, SPEC_FILE_ENV, "B=0");
	str(1, SPEC_FILE_ENV, "B=2=2");
	str(1, SPEC_FILE_ENV, "NEW=");
	ATF_REQUIRE_EQ(3, compare(0));
	is(0, "env.B", "1", "2=2");
	is(1, "env.GONE", "x", NULL);
	is(2, "env.NEW", NULL, "");
}

ATF_TC_WITHOUT_HEAD(specdiff__names_that_begin_alike);
ATF_TC_BODY(specdiff__names_that_begin_alike, tc)
{
	begin();
	str(0, SPEC_FILE_ENV, "AB=1");
	str(1, SPEC_FILE_ENV, "A=B=1");
	ATF_REQUIRE_EQ(2, compare(0));
	is(0, "env.A", NULL, "B=1");
	is(1, "env.AB", "1", NULL);
}

ATF_TC_WITHOUT_HEAD(specdiff__shell_counts_when_asked_for);
ATF_TC_BODY(specdiff__shell_counts_when_asked_for, tc)
{
	begin();
	str(0, SPEC_ENV, "HOME=/root");
	str(1, SPEC_ENV, "HOME=/home/x");
	ATF_CHECK_EQ(0, compare(0));
	ATF_REQUIRE_EQ(1, compare(SPECDIFF_SHELL));
	is(0, "shell.HOME", "/root", "/home/x");
}

ATF_TC_WITHOUT_HEAD(specdiff__secrets_by_name_and_never_shown);
ATF_TC_BODY(specdiff__secrets_by_name_and_never_shown, tc)
{
	char	 words[256];

	begin();
	str(0, SPEC_SECRET, "TOKEN=\001");
	str(1, SPEC_SECRET, "TOKEN=hunter2");
	ATF_CHECK_EQ(0, compare(0));
	str(1, SPEC_SECRET, "OTHER=hunter2");
	ATF_REQUIRE_EQ(1, compare(0));
	is(0, "secret.OTHER", NULL, "(secret)");
	specdiff_words(&sd, words, sizeof(words));
	ATF_CHECK_STREQ("secret.OTHER", words);
}

ATF_TC_WITHOUT_HEAD(specdiff__lists_in_order);
ATF_TC_BODY(specdiff__lists_in_order, tc)
{
	begin();
	str(0, SPEC_ARG, "a b");
	str(0, SPEC_ARG, "c");
	str(1, SPEC_ARG, "c");
	str(1, SPEC_ARG, "a b");
	str(1, SPEC_DEPENDS, "db:ready");
	ATF_REQUIRE_EQ(2, compare(0));
	is(0, "args", "[\"a b\", \"c\"]", "[\"c\", \"a b\"]");
	is(1, "depends_on", NULL, "[\"db:ready\"]");
}

ATF_TC_WITHOUT_HEAD(specdiff__place_and_number_do_not_count);
ATF_TC_BODY(specdiff__place_and_number_do_not_count, tc)
{
	begin();
	str(0, SPEC_SOURCE, "/srv/a.json");
	str(1, SPEC_SOURCE_ENV, "production");
	num(1, SPEC_INSTANCES, 4);
	ATF_CHECK_EQ(0, compare(0));
}

ATF_TC_WITHOUT_HEAD(specdiff__words);
ATF_TC_BODY(specdiff__words, tc)
{
	char	 words[512], name[64];
	int	 i;

	begin();
	specdiff_free(&sd);
	specdiff_add(&sd, SPEC_INSTANCES, "instances", "2", "4");
	specdiff_add(&sd, SPEC_FILE_ENV, "env.NODE_ENV", "a", "b");
	specdiff_add(&sd, SPEC_SCRIPT, "script", "/a/very/long/path/to/x.js",
	    "/b");
	specdiff_words(&sd, words, sizeof(words));
	ATF_CHECK_STREQ("instances 2 -> 4, env.NODE_ENV, script", words);
	for (i = 0; i < 100; i++) {
		(void)snprintf(name, sizeof(name), "env.VARIABLE_%d", i);
		specdiff_add(&sd, SPEC_FILE_ENV, name, "a", "b");
	}
	specdiff_words(&sd, words, sizeof(words));
	ATF_CHECK(strlen(words) < sizeof(words) - 1);
	ATF_CHECK_MSG(strstr(words, " more") != NULL, "%s", words);
}

ATF_TC_WITHOUT_HEAD(specdiff__what_needs_a_restart);
ATF_TC_BODY(specdiff__what_needs_a_restart, tc)
{
	begin();
	str(1, SPEC_FILE_ENV, "A=1");
	ATF_REQUIRE_EQ(1, compare(0));
	ATF_CHECK_EQ(0, specdiff_needs_restart(&sd));
	str(1, SPEC_EXEC_MODE, "cluster_mode");
	ATF_REQUIRE_EQ(2, compare(0));
	ATF_CHECK_EQ(1, specdiff_needs_restart(&sd));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, specdiff__same);
	ATF_TP_ADD_TC(tp, specdiff__defaults_are_as_good_as_given);
	ATF_TP_ADD_TC(tp, specdiff__umask_has_no_default);
	ATF_TP_ADD_TC(tp, specdiff__numbers_as_people_write_them);
	ATF_TP_ADD_TC(tp, specdiff__variables_by_name);
	ATF_TP_ADD_TC(tp, specdiff__names_that_begin_alike);
	ATF_TP_ADD_TC(tp, specdiff__shell_counts_when_asked_for);
	ATF_TP_ADD_TC(tp, specdiff__secrets_by_name_and_never_shown);
	ATF_TP_ADD_TC(tp, specdiff__lists_in_order);
	ATF_TP_ADD_TC(tp, specdiff__place_and_number_do_not_count);
	ATF_TP_ADD_TC(tp, specdiff__words);
	ATF_TP_ADD_TC(tp, specdiff__what_needs_a_restart);
	return (atf_no_error());
}

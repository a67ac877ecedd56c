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
#include <stdlib.h>
#include <string.h>

#include <atf-c.h>

#include "wire.h"

static char	 c_name[] = "web", c_script[] = "/srv/a b.js", c_none[] = "";
static char	 c_interp[] = "node", c_cwd[] = "/srv";
static char	 c_out[] = "/home/u/.pm2/logs/web-out-0.log";
static char	 c_err[] = "/home/u/.pm2/logs/web-err-0.log";
static char	 c_pid[] = "/home/u/.pm2/pids/web.pid", c_user[] = "u";

static struct ctl_appinfo
sample(void)
{
	struct ctl_appinfo	 ai;

	memset(&ai, 0, sizeof(ai));
	ai.fix.id = 7;
	ai.fix.state = APP_ONLINE;
	ai.fix.memory = 123456789012;
	ai.fix.sampled = 1;
	ai.name = c_name;
	ai.script = c_script;
	ai.interpreter = c_interp;
	ai.cwd = c_cwd;
	ai.out = c_out;
	ai.err = c_err;
	ai.pidfile = c_pid;
	ai.user = c_user;
	ai.namespace = ai.listens = ai.status = ai.trouble = ai.source = c_none;
	return (ai);
}

static char *
repeat(size_t n)
{
	char	*s;

	ATF_REQUIRE((s = malloc(n + 1)) != NULL);
	memset(s, 'x', n);
	s[n] = '\0';
	return (s);
}

ATF_TC_WITHOUT_HEAD(str__there_and_back);
ATF_TC_BODY(str__there_and_back, tc)
{
	struct ibuf	*buf;
	char		*s;

	ATF_REQUIRE((buf = ibuf_dynamic(16, 1024)) != NULL);
	ATF_REQUIRE_EQ(0, wire_add_str(buf, "one"));
	ATF_REQUIRE_EQ(0, wire_add_str(buf, ""));
	ATF_REQUIRE_EQ(0, wire_add_str(buf, "\xc3\xa4\n"));
	ATF_CHECK_EQ(2 + 3 + 2 + 2 + 3, ibuf_size(buf));

	ATF_REQUIRE((s = wire_get_str(buf, 3)) != NULL);
	ATF_CHECK_STREQ("one", s);
	free(s);
	ATF_REQUIRE((s = wire_get_str(buf, 0)) != NULL);
	ATF_CHECK_STREQ("", s);
	free(s);
	ATF_REQUIRE((s = wire_get_str(buf, 10)) != NULL);
	ATF_CHECK_STREQ("\xc3\xa4\n", s);
	free(s);
	ATF_CHECK_EQ(0, ibuf_size(buf));
	ibuf_free(buf);
}

ATF_TC_WITHOUT_HEAD(str__limits);
ATF_TC_BODY(str__limits, tc)
{
	struct ibuf	*buf;
	char		*s, *got;

	ATF_REQUIRE((buf = ibuf_dynamic(16, 100000)) != NULL);
	ATF_CHECK_ERRNO(EINVAL, wire_add_str(buf, NULL) == -1);
	s = repeat(65536);
	ATF_CHECK_ERRNO(EMSGSIZE, wire_add_str(buf, s) == -1);
	ATF_CHECK_EQ(0, ibuf_size(buf));
	s[65535] = '\0';
	ATF_REQUIRE_EQ(0, wire_add_str(buf, s));
	ATF_REQUIRE((got = wire_get_str(buf, 65535)) != NULL);
	ATF_CHECK_STREQ(s, got);
	free(got);
	free(s);

	ATF_REQUIRE_EQ(0, wire_add_str(buf, "four"));
	ATF_CHECK_ERRNO(EBADMSG, wire_get_str(buf, 3) == NULL);
	ibuf_free(buf);
}

ATF_TC_WITHOUT_HEAD(str__malformed);
ATF_TC_BODY(str__malformed, tc)
{
	struct ibuf	*buf;

	ATF_REQUIRE((buf = ibuf_dynamic(16, 1024)) != NULL);
	ATF_CHECK_ERRNO(EBADMSG, wire_get_str(buf, 10) == NULL);
	ATF_REQUIRE_EQ(0, ibuf_add_n8(buf, 1));
	ATF_CHECK_ERRNO(EBADMSG, wire_get_str(buf, 10) == NULL);
	ibuf_free(buf);

	ATF_REQUIRE((buf = ibuf_dynamic(16, 1024)) != NULL);
	ATF_REQUIRE_EQ(0, ibuf_add_h16(buf, 4));
	ATF_REQUIRE_EQ(0, ibuf_add(buf, "abc", 3));
	ATF_CHECK_ERRNO(EBADMSG, wire_get_str(buf, 10) == NULL);
	ibuf_free(buf);

	ATF_REQUIRE((buf = ibuf_dynamic(16, 1024)) != NULL);
	ATF_REQUIRE_EQ(0, ibuf_add_h16(buf, 3));
	ATF_REQUIRE_EQ(0, ibuf_add(buf, "a\0c", 3));
	ATF_CHECK_ERRNO(EBADMSG, wire_get_str(buf, 10) == NULL);
	ibuf_free(buf);
}

ATF_TC_WITHOUT_HEAD(app__there_and_back);
ATF_TC_BODY(app__there_and_back, tc)
{
	struct ctl_appinfo	 ai, got;
	struct ibuf		*buf;

	ai = sample();
	ATF_REQUIRE((buf = ibuf_dynamic(16, WIRE_APP_MAX)) != NULL);
	ATF_REQUIRE_EQ(0, wire_add_app(buf, &ai));
	ATF_REQUIRE_EQ(0, wire_get_app(buf, &got));
	ATF_CHECK_EQ(0, memcmp(&ai.fix, &got.fix, sizeof(ai.fix)));
	ATF_CHECK_STREQ(c_name, got.name);
	ATF_CHECK_STREQ(c_script, got.script);
	ATF_CHECK_STREQ(c_interp, got.interpreter);
	ATF_CHECK_STREQ(c_cwd, got.cwd);
	ATF_CHECK_STREQ(c_out, got.out);
	ATF_CHECK_STREQ(c_err, got.err);
	ATF_CHECK_STREQ(c_pid, got.pidfile);
	ATF_CHECK_STREQ(c_user, got.user);
	ATF_CHECK_STREQ("", got.namespace);
	wire_free_app(&got);
	ATF_CHECK(got.name == NULL);
	wire_free_app(&got);
	ibuf_free(buf);
}

ATF_TC_WITHOUT_HEAD(app__longest_fits);
ATF_TC_BODY(app__longest_fits, tc)
{
	struct ctl_appinfo	 ai, got;
	struct ibuf		*buf;

	ai = sample();
#define X(member, max)	ai.member = repeat(max);
	WIRE_APP_STRINGS(X)
#undef X
	ATF_REQUIRE((buf = ibuf_dynamic(16, WIRE_APP_MAX)) != NULL);
	ATF_REQUIRE_EQ(0, wire_add_app(buf, &ai));
	ATF_REQUIRE_EQ(0, wire_get_app(buf, &got));
	ATF_CHECK_STREQ(ai.pidfile, got.pidfile);
	wire_free_app(&got);
	ibuf_free(buf);

	free(ai.cwd);
	ai.cwd = repeat(4096);
	ATF_REQUIRE((buf = ibuf_dynamic(16, WIRE_APP_MAX)) != NULL);
	ATF_CHECK_ERRNO(EMSGSIZE, wire_add_app(buf, &ai) == -1);
	ibuf_free(buf);
	wire_free_app(&ai);
}

/* Nothing is read past the end and nothing leaks, wherever it is cut. */
ATF_TC_WITHOUT_HEAD(app__cut_anywhere);
ATF_TC_BODY(app__cut_anywhere, tc)
{
	struct ctl_appinfo	 ai, got;
	struct ibuf		*buf, view;
	unsigned char		*copy;
	size_t			 i, len;

	ai = sample();
	ATF_REQUIRE((buf = ibuf_dynamic(16, WIRE_APP_MAX)) != NULL);
	ATF_REQUIRE_EQ(0, wire_add_app(buf, &ai));
	len = ibuf_size(buf);
	for (i = 0; i < len; i++) {
		ATF_REQUIRE((copy = malloc(i + 1)) != NULL);
		memcpy(copy, ibuf_data(buf), i);
		ibuf_from_buffer(&view, copy, i);
		ATF_CHECK_ERRNO(EBADMSG, wire_get_app(&view, &got) == -1);
		ATF_CHECK(got.name == NULL && got.namespace == NULL);
		free(copy);
	}
	ATF_REQUIRE_EQ(0, ibuf_add_n8(buf, 0));
	ATF_CHECK_ERRNO(EBADMSG, wire_get_app(buf, &got) == -1);
	ibuf_free(buf);
}

ATF_TC_WITHOUT_HEAD(app__string_missing);
ATF_TC_BODY(app__string_missing, tc)
{
	struct ctl_appinfo	 ai;
	struct ibuf		*buf;

	ai = sample();
	ai.user = NULL;
	ATF_REQUIRE((buf = ibuf_dynamic(16, WIRE_APP_MAX)) != NULL);
	ATF_CHECK_ERRNO(EINVAL, wire_add_app(buf, &ai) == -1);
	ibuf_free(buf);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, str__there_and_back);
	ATF_TP_ADD_TC(tp, str__limits);
	ATF_TP_ADD_TC(tp, str__malformed);
	ATF_TP_ADD_TC(tp, app__there_and_back);
	ATF_TP_ADD_TC(tp, app__longest_fits);
	ATF_TP_ADD_TC(tp, app__cut_anywhere);
	ATF_TP_ADD_TC(tp, app__string_missing);
	return (atf_no_error());
}

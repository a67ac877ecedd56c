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
#include <stdlib.h>
#include <string.h>

#include <atf-c.h>

#include "spec.h"

static struct spec_buf	 sb;
static struct spec	 sp;
static char		 errstr[256];

/* Parse a copy of exactly that size, so that a sanitizer sees its end. */
static int
parse(const void *data, size_t len)
{
	static unsigned char	*copy;

	free(copy);
	ATF_REQUIRE((copy = malloc(len == 0 ? 1 : len)) != NULL);
	if (len > 0)
		memcpy(copy, data, len);
	errstr[0] = '\0';
	return (spec_parse(&sp, copy, len, errstr, sizeof(errstr)));
}

static void
add_raw(uint16_t key, uint16_t zero, uint32_t announced, const void *data,
    uint32_t len)
{
	unsigned char	*p;

	ATF_REQUIRE((p = realloc(sb.data, sb.len + 8 + len)) != NULL);
	memcpy(p + sb.len, &key, 2);
	memcpy(p + sb.len + 2, &zero, 2);
	memcpy(p + sb.len + 4, &announced, 4);
	memcpy(p + sb.len + 8, data, len);
	sb.data = p;
	sb.len += 8 + len;
	sb.cap = sb.len;
}

static void
add_minimum(void)
{
	spec_buf_free(&sb);
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_NAME, "web"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_SCRIPT, "/srv/app.js"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_CWD, "/srv"));
}

/* The least that can be run with one string more. */
static int
validate_str(enum spec_key key, const char *s)
{
	add_minimum();
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, key, s));
	ATF_REQUIRE_EQ_MSG(0, parse(sb.data, sb.len), "%s", errstr);
	return (spec_validate(&sp, errstr, sizeof(errstr)));
}

ATF_TC_WITHOUT_HEAD(parse__there_and_back);
ATF_TC_BODY(parse__there_and_back, tc)
{
	size_t	 pos = 0;

	add_minimum();
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_ARG, "-a"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_ENV, "A=1"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_ARG, ""));
	ATF_REQUIRE_EQ(0, spec_add_u64(&sb, SPEC_KILL_TIMEOUT, 0));
	ATF_REQUIRE_EQ(0, spec_add_u64(&sb, SPEC_AUTORESTART, 0));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_ARG, "last one"));
	ATF_REQUIRE_EQ(0, parse(sb.data, sb.len));

	ATF_CHECK_STREQ("web", sp.str[SPEC_NAME]);
	ATF_CHECK_STREQ("/srv/app.js", sp.str[SPEC_SCRIPT]);
	ATF_CHECK(sp.str[SPEC_USER] == NULL);
	ATF_CHECK_EQ(3, sp.count[SPEC_ARG]);
	ATF_CHECK_EQ(1, sp.count[SPEC_ENV]);
	ATF_CHECK_STREQ("-a", spec_next(&sp, SPEC_ARG, &pos));
	ATF_CHECK_STREQ("", spec_next(&sp, SPEC_ARG, &pos));
	ATF_CHECK_STREQ("last one", spec_next(&sp, SPEC_ARG, &pos));
	ATF_CHECK(spec_next(&sp, SPEC_ARG, &pos) == NULL);
	ATF_CHECK(spec_next(&sp, SPEC_ARG, &pos) == NULL);
	pos = SIZE_MAX;
	ATF_CHECK(spec_next(&sp, SPEC_ARG, &pos) == NULL);

	ATF_CHECK_EQ(0, sp.num[SPEC_KILL_TIMEOUT]);
	ATF_CHECK_EQ(0, sp.num[SPEC_AUTORESTART]);
	ATF_CHECK_EQ(15, sp.num[SPEC_MAX_RESTARTS]);
	ATF_CHECK_EQ(2, sp.num[SPEC_KILL_SIGNAL]);
	ATF_CHECK_EQ(10485760, sp.num[SPEC_LOG_MAX_SIZE]);
	ATF_CHECK_EQ(0, spec_validate(&sp, errstr, sizeof(errstr)));
	spec_buf_free(&sb);
	ATF_CHECK(sb.data == NULL);
}

ATF_TC_WITHOUT_HEAD(parse__nothing);
ATF_TC_BODY(parse__nothing, tc)
{
	ATF_CHECK_EQ(0, parse("", 0));
	ATF_CHECK_EQ(1, sp.num[SPEC_AUTORESTART]);
	ATF_CHECK_EQ(-1, spec_validate(&sp, errstr, sizeof(errstr)));
	ATF_CHECK_STREQ("name is missing", errstr);
}

ATF_TC_WITHOUT_HEAD(parse__unaligned);
ATF_TC_BODY(parse__unaligned, tc)
{
	unsigned char	*p;
	size_t		 i;

	add_minimum();
	ATF_REQUIRE_EQ(0, spec_add_u64(&sb, SPEC_PORT, 8080));
	for (i = 0; i < 8; i++) {
		ATF_REQUIRE((p = malloc(sb.len + i)) != NULL);
		memcpy(p + i, sb.data, sb.len);
		ATF_CHECK_EQ(0, spec_parse(&sp, p + i, sb.len, errstr,
		    sizeof(errstr)));
		ATF_CHECK_EQ(8080, sp.num[SPEC_PORT]);
		free(p);
	}
}

ATF_TC_WITHOUT_HEAD(parse__cut_anywhere);
ATF_TC_BODY(parse__cut_anywhere, tc)
{
	size_t	 i, ends = 0;

	add_minimum();
	ATF_REQUIRE_EQ(0, spec_add_u64(&sb, SPEC_PORT, 8080));
	for (i = 0; i < sb.len; i++) {
		if (parse(sb.data, i) == 0) {
			ends++;
			continue;
		}
		ATF_CHECK_MATCH("is cut off at byte", errstr);
	}
	ATF_CHECK_EQ(4, ends);	/* at nothing and between records */
}

ATF_TC_WITHOUT_HEAD(parse__malformed);
ATF_TC_BODY(parse__malformed, tc)
{
	static const uint64_t	 two = 2;
	static const struct {
		uint16_t	 key;
		uint16_t	 zero;
		uint32_t	 announced;
		const void	*data;
		uint32_t	 len;
		const char	*why;
	} bad[] = {
		{ 0, 0, 2, "a", 2, "key 0 is unknown" },
		{ 100, 0, 2, "a", 2, "key 100 is unknown" },
		{ SPEC_KEYS, 0, 2, "a", 2, "key 128 is unknown" },
		{ 65535, 0, 2, "a", 2, "key 65535 is unknown" },
		{ SPEC_CWD, 1, 2, "/", 2, "cwd: reserved bytes are set" },
		{ SPEC_CWD, 0, 3, "/", 2, "the spec is cut off at byte 0" },
		{ SPEC_CWD, 0, UINT32_MAX, "/", 2, "is cut off" },
		{ SPEC_CWD, 0, UINT32_MAX - 7, "/", 2, "is cut off" },
		{ SPEC_CWD, 0, 0, "", 0, "cwd: does not end with a NUL" },
		{ SPEC_CWD, 0, 2, "/s", 2, "cwd: does not end with a NUL" },
		{ SPEC_CWD, 0, 4, "/\0s", 4, "cwd: contains a NUL" },
		{ SPEC_CWD, 0, 1, "", 1, "cwd: is empty" },
		{ SPEC_ENV, 0, 2, "A", 2, "shell_env: is too short" },
		{ SPEC_STOP_EXIT_CODE, 0, 5, "0255", 5,
		    "stop_exit_codes: is too long" },
		{ SPEC_PORT, 0, 4, &two, 4, "port: must be a number" },
		{ SPEC_PORT, 0, 0, "", 0, "port: must be a number" },
		{ SPEC_AUTORESTART, 0, 8, &two, 8,
		    "autorestart: 2 is out of range, must be from 0 to 1" },
	};
	size_t	 i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		spec_buf_free(&sb);
		add_raw(bad[i].key, bad[i].zero, bad[i].announced,
		    bad[i].data, bad[i].len);
		ATF_CHECK_EQ(-1, parse(sb.data, sb.len));
		ATF_CHECK_MATCH(bad[i].why, errstr);
	}
}

ATF_TC_WITHOUT_HEAD(parse__given_twice);
ATF_TC_BODY(parse__given_twice, tc)
{
	add_minimum();
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_CWD, "/srv"));
	ATF_CHECK_EQ(-1, parse(sb.data, sb.len));
	ATF_CHECK_STREQ("cwd: given twice", errstr);
	add_minimum();
	ATF_REQUIRE_EQ(0, spec_add_u64(&sb, SPEC_PORT, 1));
	ATF_REQUIRE_EQ(0, spec_add_u64(&sb, SPEC_PORT, 1));
	ATF_CHECK_EQ(-1, parse(sb.data, sb.len));
	ATF_CHECK_STREQ("port: given twice", errstr);
}

/* The range of each number, from the list itself. */
ATF_TC_WITHOUT_HEAD(parse__ranges);
ATF_TC_BODY(parse__ranges, tc)
{
	static const struct {
		enum spec_key	 key;
		enum spec_type	 type;
		uint64_t	 min;
		uint64_t	 max;
	} list[] = {
#define X(key, n, name, type, def, min, max) { n, type, min, max },
		SPEC_LIST_KEYS(X)
#undef X
	};
	uint64_t	 n[4];
	size_t		 i, k;

	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		if (list[i].type != SPEC_T_U64 && list[i].type != SPEC_T_BOOL)
			continue;
		n[0] = list[i].min;
		n[1] = list[i].max;
		n[2] = list[i].min - 1;		/* may wrap to a large one */
		n[3] = list[i].max + 1;		/* may wrap to 0 */
		for (k = 0; k < 4; k++) {
			spec_buf_free(&sb);
			ATF_REQUIRE_EQ(0, spec_add_u64(&sb, list[i].key,
			    n[k]));
			ATF_CHECK_EQ(n[k] >= list[i].min &&
			    n[k] <= list[i].max ? 0 : -1,
			    parse(sb.data, sb.len));
		}
	}
}

ATF_TC_WITHOUT_HEAD(parse__random_bytes);
ATF_TC_BODY(parse__random_bytes, tc)
{
	unsigned char	 bytes[512], *copy;
	struct spec	 other;
	size_t		 len, pos;
	uint32_t	 seed = 1;
	int		 i, k;

	add_minimum();
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_ARG, "argument"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_ENV, "PATH=/bin"));
	ATF_REQUIRE_EQ(0, spec_add_u64(&sb, SPEC_PORT, 8080));
	ATF_REQUIRE(sb.len < sizeof(bytes));
	for (i = 0; i < 100000; i++) {
		memcpy(bytes, sb.data, sb.len);
		for (k = i % 4; k >= 0; k--) {
			seed = seed * 1664525 + 1013904223;
			bytes[(seed >> 8) % sb.len] = (unsigned char)seed >> 3;
		}
		len = (seed >> 4) % 5 == 0 ? (seed >> 8) % sb.len : sb.len;
		ATF_REQUIRE((copy = malloc(len == 0 ? 1 : len)) != NULL);
		memcpy(copy, bytes, len);
		if (spec_parse(&other, copy, len, errstr, 20) == 0) {
			pos = 0;
			while (spec_next(&other, SPEC_ARG, &pos) != NULL)
				continue;
			(void)spec_validate(&other, errstr, 20);
		}
		free(copy);
	}
}

ATF_TC_WITHOUT_HEAD(add__wrong_type);
ATF_TC_BODY(add__wrong_type, tc)
{
	spec_buf_free(&sb);
	ATF_CHECK_ERRNO(EINVAL, spec_add_str(&sb, SPEC_PORT, "1") == -1);
	ATF_CHECK_ERRNO(EINVAL, spec_add_u64(&sb, SPEC_NAME, 1) == -1);
	ATF_CHECK_ERRNO(EINVAL, spec_add_u64(&sb, SPEC_ARG, 1) == -1);
	ATF_CHECK_ERRNO(EINVAL, spec_add_str(&sb, 100, "1") == -1);
	ATF_CHECK_ERRNO(EINVAL, spec_add_str(&sb, SPEC_NAME, NULL) == -1);
	ATF_CHECK_EQ(0, sb.len);
}

ATF_TC_WITHOUT_HEAD(add__up_to_the_limit);
ATF_TC_BODY(add__up_to_the_limit, tc)
{
	char	*s;
	size_t	 n;

	ATF_REQUIRE((s = malloc(SPEC_MAX)) != NULL);
	memset(s, 'x', SPEC_MAX);
	s[SPEC_ENVSTR_MAX] = '\0';
	spec_buf_free(&sb);
	for (n = 0; sb.len + 8 + SPEC_ENVSTR_MAX + 1 <= SPEC_MAX; n++)
		ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_ARG, s));
	ATF_CHECK_EQ(7, n);
	ATF_CHECK_ERRNO(E2BIG, spec_add_str(&sb, SPEC_ARG, s) == -1);
	s[SPEC_MAX - sb.len - 9] = '\0';
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_ARG, s));
	ATF_CHECK_EQ(SPEC_MAX, sb.len);
	ATF_CHECK_ERRNO(E2BIG, spec_add_str(&sb, SPEC_ARG, "") == -1);
	ATF_CHECK_ERRNO(E2BIG, spec_add_u64(&sb, SPEC_PORT, 1) == -1);
	ATF_CHECK_EQ_MSG(0, parse(sb.data, sb.len), "%s", errstr);

	add_raw(SPEC_ARG, 0, 1, "", 1);
	ATF_CHECK_EQ(-1, parse(sb.data, sb.len));
	ATF_CHECK_MATCH("may have at most 1048576", errstr);
	free(s);
}

ATF_TC_WITHOUT_HEAD(parse__string_too_long_for_exec);
ATF_TC_BODY(parse__string_too_long_for_exec, tc)
{
	char	*s;

	ATF_REQUIRE((s = calloc(1, SPEC_ENVSTR_MAX + 2)) != NULL);
	memset(s, 'x', SPEC_ENVSTR_MAX + 1);
	spec_buf_free(&sb);
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_ARG, s));
	ATF_CHECK_EQ(-1, parse(sb.data, sb.len));
	ATF_CHECK_MATCH("args: is too long, may have at most 131071", errstr);
	free(s);
}

ATF_TC_WITHOUT_HEAD(badname__good_ones);
ATF_TC_BODY(badname__good_ones, tc)
{
	static const char *const good[] = {
		"a", "web", "my app", "a.b", "...", ".hidden", "a-b", "0",
		"all2", "ALL", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "a\\b",
		"$(x)", "\xf4\x8f\xbf\xbf", "\xc2\xa0"
	};
	char	 name[128];
	size_t	 i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ATF_CHECK_MSG(spec_badname(good[i]) == NULL, "%s: %s",
		    good[i], spec_badname(good[i]));
	memset(name, 'n', 127);
	name[127] = '\0';
	ATF_CHECK(spec_badname(name) == NULL);
}

ATF_TC_WITHOUT_HEAD(badname__bad_ones);
ATF_TC_BODY(badname__bad_ones, tc)
{
	static const struct {
		const char	*name;
		const char	*why;
	} bad[] = {
		{ "", "name is empty" },
		{ "../x", "name contains a '/': it becomes part of file" },
		{ "/", "contains a '/'" },
		{ ".", "name is that of a directory" },
		{ "..", "name is that of a directory" },
		{ "all", "means every app" },
		{ "-x", "begins with a '-'" },
		{ "a\nb", "name contains a control character" },
		{ "\x1b[31m", "control character" },
		{ "\x7f", "control character" },
		{ "\xc2\x9b" "31m", "control character" },	/* C1 CSI */
		{ "\xc2\x80", "control character" },
		{ "\x80", "name is not valid UTF-8" },
		{ "\xff", "UTF-8" },
		{ "a\xc3", "UTF-8" },			/* cut off */
		{ "\xe2\x82", "UTF-8" },
		{ "\xc3(", "UTF-8" },
		{ "\xc0\xaf", "UTF-8" },		/* overlong '/' */
		{ "\xe0\x80\xaf", "UTF-8" },
		{ "\xf0\x80\x80\xaf", "UTF-8" },
		{ "\xed\xa0\x80", "UTF-8" },		/* surrogate */
		{ "\xf4\x90\x80\x80", "UTF-8" },	/* above U+10FFFF */
		{ "\xf8\x88\x80\x80\x80", "UTF-8" },
	};
	char	 name[4097];
	size_t	 i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ATF_REQUIRE_MSG(spec_badname(bad[i].name) != NULL, "%s",
		    bad[i].why);
		ATF_CHECK_MATCH(bad[i].why, spec_badname(bad[i].name));
	}
	memset(name, 'n', 128);
	name[128] = '\0';
	ATF_CHECK_MATCH("too long: at most 127", spec_badname(name));
	memset(name, 'n', 4096);
	name[4096] = '\0';
	ATF_CHECK_MATCH("too long", spec_badname(name));
}

ATF_TC_WITHOUT_HEAD(validate__required);
ATF_TC_BODY(validate__required, tc)
{
	spec_buf_free(&sb);
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_NAME, "web"));
	ATF_REQUIRE_EQ(0, parse(sb.data, sb.len));
	ATF_CHECK_EQ(-1, spec_validate(&sp, errstr, sizeof(errstr)));
	ATF_CHECK_STREQ("script is missing", errstr);
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_SCRIPT, "/bin/true"));
	ATF_REQUIRE_EQ(0, parse(sb.data, sb.len));
	ATF_CHECK_EQ(-1, spec_validate(&sp, errstr, sizeof(errstr)));
	ATF_CHECK_STREQ("cwd is missing", errstr);
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_CWD, "/"));
	ATF_REQUIRE_EQ(0, parse(sb.data, sb.len));
	ATF_CHECK_EQ(0, spec_validate(&sp, errstr, sizeof(errstr)));
}

ATF_TC_WITHOUT_HEAD(validate__strings);
ATF_TC_BODY(validate__strings, tc)
{
	static const struct {
		enum spec_key	 key;
		const char	*value;
		const char	*why;		/* NULL: good */
	} cases[] = {
		{ SPEC_USER, "www-data", NULL },
		{ SPEC_USER, "0day", NULL },	/* no such user, later */
		{ SPEC_USER, "0", "user is a number: give the user's name" },
		{ SPEC_USER, "4294967295", "is a number" },
		{ SPEC_USER, "-1", "user begins with a '-' or '#'" },
		{ SPEC_USER, "#-1", "begins with a '-' or '#'" },
		{ SPEC_USER, "#0", "begins with a '-' or '#'" },
		{ SPEC_USER, "a/b", "contains a '/'" },
		{ SPEC_USER, "a\nb", "contains a control character" },
		{ SPEC_USER, "\xff", "is not valid UTF-8" },
		{ SPEC_EXEC_MODE, "", NULL },
		{ SPEC_EXEC_MODE, "fork_mode", NULL },
		{ SPEC_EXEC_MODE, "cluster_mode", NULL },
		{ SPEC_EXEC_MODE, "fork", "neither fork_mode nor" },
		{ SPEC_LOG_TYPE, "", NULL },
		{ SPEC_LOG_TYPE, "json", NULL },
		{ SPEC_LOG_TYPE, "raw", "log_type is not json" },
		{ SPEC_BALANCE, "", NULL },
		{ SPEC_BALANCE, "rr", NULL },
		{ SPEC_BALANCE, "sticky", NULL },
		{ SPEC_BALANCE, "kernel", NULL },
		{ SPEC_BALANCE, "shared", NULL },
		{ SPEC_BALANCE, "RR", "balance is none of rr" },
		{ SPEC_LISTEN, "tcp:8000", NULL },
		{ SPEC_LISTEN, "unix:/run/x", NULL },
		{ SPEC_LISTEN, "8000", "listen does not begin with tcp:" },
		{ SPEC_LISTEN, "tcp:0", "listen has no port from 1" },
		{ SPEC_LISTEN, "unix:/a\x1b[2J", "a control character" },
		{ SPEC_OUT_FILE, "", NULL },
		{ SPEC_OUT_FILE, "/dev/null", NULL },
		{ SPEC_OUT_FILE, "out.log", "out_file is not an absolute" },
		{ SPEC_ERR_FILE, "../x", "error_file is not an absolute" },
		{ SPEC_PID_FILE, "x.pid", "pid_file is not an absolute" },
		{ SPEC_LOG_DATE_FORMAT, "%Y-%m-%d %H:%M Z", NULL },
		{ SPEC_LOG_DATE_FORMAT, "%Y\x1b[2J", "control character" },
		{ SPEC_NAMESPACE, "a\tb", "control character" },
		{ SPEC_ENV, "A=", NULL },
		{ SPEC_ENV, "A=b\nc=\xff", NULL },
		{ SPEC_ENV, "SECRET", "shell_env has an entry without a '='" },
		{ SPEC_ENV, "=x", "shell_env has an entry without a name" },
		{ SPEC_FILE_ENV, "A=b=c", NULL },
		{ SPEC_FILE_ENV, "AB", "env has an entry without a '='" },
		{ SPEC_FILE_ENV, "=x", "env has an entry without a name" },
		{ SPEC_SECRET, "A=\001", NULL },
		{ SPEC_SECRET, "AB", "secret has an entry without a '='" },
		{ SPEC_ENV_FILE, "/etc/app.env", NULL },
		{ SPEC_ENV_FILE, ".env", "env_file is not an absolute path" },
		{ SPEC_SECRET_FILE, "KEY=/run/key", NULL },
		{ SPEC_SECRET_FILE, "KEY=run/key", "is not an absolute path" },
		{ SPEC_SECRET_FILE, "=/run/key", "without a name" },
		{ SPEC_SECRET_FILE, "/run/key", "without a name" },
		{ SPEC_WATCH, "/srv", NULL },
		{ SPEC_WATCH, ".", "watch is not an absolute path" },
		{ SPEC_DEPENDS, "db", NULL },
		{ SPEC_DEPENDS, "db:started", NULL },
		{ SPEC_DEPENDS, "db:online", NULL },
		{ SPEC_DEPENDS, "a:b:ready", NULL },
		{ SPEC_DEPENDS, "db:up", "none of started, online and ready" },
		{ SPEC_DEPENDS, ":ready", "has an entry without a name" },
		{ SPEC_DEPENDS, "d\x1b", "control character" },
		{ SPEC_HEALTH, "tcp:127.0.0.1:80", NULL },
		{ SPEC_HEALTH, "tcp:\n", "control character" },
		{ SPEC_HEALTH_ACTION, "", NULL },
		{ SPEC_HEALTH_ACTION, "restart", NULL },
		{ SPEC_HEALTH_ACTION, "reload", NULL },
		{ SPEC_HEALTH_ACTION, "none", NULL },
		{ SPEC_HEALTH_ACTION, "kill", "none of restart, reload" },
		{ SPEC_SANDBOX, "", NULL },
		{ SPEC_SANDBOX, "off", NULL },
		{ SPEC_SANDBOX, "basic", NULL },
		{ SPEC_SANDBOX, "strict", NULL },
		{ SPEC_SANDBOX, "on", "sandbox is none of off, basic" },
		{ SPEC_CHROOT, "/var/empty", NULL },
		{ SPEC_CHROOT, "empty", "chroot is not an absolute path" },
		{ SPEC_SOURCE, "/srv/pm2.json", NULL },
		{ SPEC_SOURCE, "pm2.json", "is not an absolute path" },
		{ SPEC_GROUP, "www-data", NULL },
		{ SPEC_GROUP, "33", "group is a number" },
		{ SPEC_STOP_EXIT_CODE, "0", NULL },
		{ SPEC_STOP_EXIT_CODE, "255", NULL },
		{ SPEC_STOP_EXIT_CODE, "007", NULL },
		{ SPEC_STOP_EXIT_CODE, "256", "number from 0 to 255" },
		{ SPEC_STOP_EXIT_CODE, "-1", "number from 0 to 255" },
		{ SPEC_STOP_EXIT_CODE, "+1", "number from 0 to 255" },
		{ SPEC_STOP_EXIT_CODE, " 1", "number from 0 to 255" },
		{ SPEC_STOP_EXIT_CODE, "1x", "number from 0 to 255" },
	};
	size_t	 i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ATF_CHECK_EQ_MSG(cases[i].why == NULL ? 0 : -1,
		    validate_str(cases[i].key, cases[i].value), "%s: %s",
		    spec_keyname(cases[i].key), cases[i].value);
		if (cases[i].why != NULL)
			ATF_CHECK_MATCH(cases[i].why, errstr);
	}
}

ATF_TC_WITHOUT_HEAD(validate__keeps_secrets);
ATF_TC_BODY(validate__keeps_secrets, tc)
{
	static const enum spec_key	 keys[] = { SPEC_ENV, SPEC_FILE_ENV,
	    SPEC_SECRET, SPEC_SECRET_FILE };
	size_t				 i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		ATF_CHECK_EQ(-1, validate_str(keys[i], "hunter2"));
		ATF_CHECK(strstr(errstr, "hunter2") == NULL);
	}
}

ATF_TC_WITHOUT_HEAD(validate__last_of_a_list);
ATF_TC_BODY(validate__last_of_a_list, tc)
{
	add_minimum();
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_ENV, "A=1"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_ENV, "B=2"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_ENV, "wrong"));
	ATF_REQUIRE_EQ(0, parse(sb.data, sb.len));
	ATF_CHECK_EQ(-1, spec_validate(&sp, errstr, sizeof(errstr)));
}

ATF_TC_WITHOUT_HEAD(validate__listens);
ATF_TC_BODY(validate__listens, tc)
{
	char	 spec[32];
	int	 i;

	add_minimum();
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_BALANCE, "kernel"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_LISTEN, "tcp:8000"));
	ATF_REQUIRE_EQ(0, parse(sb.data, sb.len));
	ATF_CHECK_EQ(-1, spec_validate(&sp, errstr, sizeof(errstr)));
	ATF_CHECK_MATCH("listen does not go with balance kernel", errstr);

	add_minimum();
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_LISTEN, "tcp:8000"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_LISTEN, "udp:8000"));
	ATF_REQUIRE_EQ(0, parse(sb.data, sb.len));
	ATF_CHECK_EQ(0, spec_validate(&sp, errstr, sizeof(errstr)));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_LISTEN, "tcp:8000"));
	ATF_REQUIRE_EQ(0, parse(sb.data, sb.len));
	ATF_CHECK_EQ(-1, spec_validate(&sp, errstr, sizeof(errstr)));
	ATF_CHECK_MATCH("same address twice", errstr);

	add_minimum();
	for (i = 0; i < 65; i++) {
		ATF_REQUIRE_EQ(0, parse(sb.data, sb.len));
		ATF_CHECK_EQ(0, spec_validate(&sp, errstr, sizeof(errstr)));
		(void)snprintf(spec, sizeof(spec), "tcp:%d", 8000 + i);
		ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_LISTEN, spec));
	}
	ATF_REQUIRE_EQ(0, parse(sb.data, sb.len));
	ATF_CHECK_EQ(-1, spec_validate(&sp, errstr, sizeof(errstr)));
	ATF_CHECK_MATCH("more than 64", errstr);
}

ATF_TC_WITHOUT_HEAD(validate__watchdog);
ATF_TC_BODY(validate__watchdog, tc)
{
	static const uint64_t	 good[] = { 0, 100, 86400000 };
	size_t			 i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		add_minimum();
		ATF_REQUIRE_EQ(0, spec_add_u64(&sb, SPEC_WATCHDOG, good[i]));
		ATF_REQUIRE_EQ(0, parse(sb.data, sb.len));
		ATF_CHECK_EQ(0, spec_validate(&sp, errstr, sizeof(errstr)));
	}
	add_minimum();
	ATF_REQUIRE_EQ(0, spec_add_u64(&sb, SPEC_WATCHDOG, 99));
	ATF_REQUIRE_EQ(0, parse(sb.data, sb.len));
	ATF_CHECK_EQ(-1, spec_validate(&sp, errstr, sizeof(errstr)));
	ATF_CHECK_MATCH("watchdog is less than 100 ms", errstr);
}

ATF_TC_WITHOUT_HEAD(validate__relative_paths);
ATF_TC_BODY(validate__relative_paths, tc)
{
	spec_buf_free(&sb);
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_NAME, "web"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_SCRIPT, "app.js"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_CWD, "/"));
	ATF_REQUIRE_EQ(0, parse(sb.data, sb.len));
	ATF_CHECK_EQ(-1, spec_validate(&sp, errstr, sizeof(errstr)));
	ATF_CHECK_STREQ("script is not an absolute path", errstr);
}

ATF_TC_WITHOUT_HEAD(validate__bad_name);
ATF_TC_BODY(validate__bad_name, tc)
{
	spec_buf_free(&sb);
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_NAME, "../web"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_SCRIPT, "/app.js"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_CWD, "/"));
	ATF_REQUIRE_EQ(0, parse(sb.data, sb.len));
	ATF_CHECK_EQ(-1, spec_validate(&sp, errstr, sizeof(errstr)));
	ATF_CHECK_STREQ("name contains a '/': it becomes part of file names",
	    errstr);
}

ATF_TC_WITHOUT_HEAD(validate__kill_signal);
ATF_TC_BODY(validate__kill_signal, tc)
{
	static const int	 good[] = { 1, 2, 9, 15, 31, 34, 64 };
	static const int	 bad[] = { 32, 33 };
	size_t			 i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		add_minimum();
		ATF_REQUIRE_EQ(0, spec_add_u64(&sb, SPEC_KILL_SIGNAL,
		    good[i]));
		ATF_REQUIRE_EQ(0, parse(sb.data, sb.len));
		ATF_CHECK_EQ(0, spec_validate(&sp, errstr, sizeof(errstr)));
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		add_minimum();
		ATF_REQUIRE_EQ(0, spec_add_u64(&sb, SPEC_KILL_SIGNAL, bad[i]));
		ATF_REQUIRE_EQ(0, parse(sb.data, sb.len));
		ATF_CHECK_EQ(-1, spec_validate(&sp, errstr, sizeof(errstr)));
		ATF_CHECK_STREQ("kill_signal is not a signal", errstr);
	}
}

ATF_TC_WITHOUT_HEAD(key__names);
ATF_TC_BODY(key__names, tc)
{
	ATF_CHECK_EQ(SPEC_EXP_BACKOFF,
	    spec_keybyname("exp_backoff_restart_delay"));
	ATF_CHECK_EQ(0, spec_keybyname("nosuch"));
	ATF_CHECK_EQ(0, spec_keybyname(""));
	ATF_CHECK_STREQ("error_file", spec_keyname(SPEC_ERR_FILE));
	ATF_CHECK_STREQ("unknown", spec_keyname(100));
	ATF_CHECK_STREQ("unknown", spec_keyname(4000));
	ATF_CHECK_EQ(SPEC_T_LIST, spec_keytype(SPEC_ARG));
	ATF_CHECK_EQ(SPEC_T_BOOL, spec_keytype(SPEC_MERGE_LOGS));
	ATF_CHECK_EQ(SPEC_T_U64, spec_keytype(SPEC_PORT));
	ATF_CHECK_EQ(SPEC_T_STR, spec_keytype(SPEC_NAME));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, parse__there_and_back);
	ATF_TP_ADD_TC(tp, parse__nothing);
	ATF_TP_ADD_TC(tp, parse__unaligned);
	ATF_TP_ADD_TC(tp, parse__cut_anywhere);
	ATF_TP_ADD_TC(tp, parse__malformed);
	ATF_TP_ADD_TC(tp, parse__given_twice);
	ATF_TP_ADD_TC(tp, parse__ranges);
	ATF_TP_ADD_TC(tp, parse__random_bytes);
	ATF_TP_ADD_TC(tp, parse__string_too_long_for_exec);
	ATF_TP_ADD_TC(tp, add__wrong_type);
	ATF_TP_ADD_TC(tp, add__up_to_the_limit);
	ATF_TP_ADD_TC(tp, badname__good_ones);
	ATF_TP_ADD_TC(tp, badname__bad_ones);
	ATF_TP_ADD_TC(tp, validate__required);
	ATF_TP_ADD_TC(tp, validate__strings);
	ATF_TP_ADD_TC(tp, validate__keeps_secrets);
	ATF_TP_ADD_TC(tp, validate__last_of_a_list);
	ATF_TP_ADD_TC(tp, validate__listens);
	ATF_TP_ADD_TC(tp, validate__watchdog);
	ATF_TP_ADD_TC(tp, validate__relative_paths);
	ATF_TP_ADD_TC(tp, validate__bad_name);
	ATF_TP_ADD_TC(tp, validate__kill_signal);
	ATF_TP_ADD_TC(tp, key__names);
	return (atf_no_error());
}

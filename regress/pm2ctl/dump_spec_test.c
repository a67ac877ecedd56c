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

/*
 * A spec as JSON and back is the same; whatever else comes is refused, with
 * words.
 */
#include <stdlib.h>
#include <string.h>

#include <atf-c.h>

#include "dump.h"

/* What can be of the keys that do not take just any word. */
static const struct {
	enum spec_key	 key;
	const char	*value;
} words[] = {
	{ SPEC_INTERPRETER,	"node" },
	{ SPEC_ENV,		"NAME=va=lue" },
	{ SPEC_FILE_ENV,	"NAME=" },
	{ SPEC_EXEC_MODE,	"cluster_mode" },
	{ SPEC_BALANCE,		"rr" },
	{ SPEC_LISTEN,		"tcp:127.0.0.1:8000" },
	{ SPEC_ENV_FILE,	"/srv/.env" },
	{ SPEC_OUT_FILE,	"/var/log/out" },
	{ SPEC_ERR_FILE,	"/var/log/err" },
	{ SPEC_PID_FILE,	"/run/pid" },
	{ SPEC_LOG_TYPE,	"json" },
	{ SPEC_LOG_DATE_FORMAT,	"%Y" },
	{ SPEC_SECRET_FILE,	"NAME=/srv/secret" },
	{ SPEC_CRON,		"0 3 * * *" },
	{ SPEC_SCHEDULE,	"*/5 * * * *" },
	{ SPEC_WATCH,		"/srv" },
	{ SPEC_DEPENDS,		"db:ready" },
	{ SPEC_STOP_EXIT_CODE,	"3" },
	{ SPEC_HEALTH,		"tcp:127.0.0.1:80" },
	{ SPEC_HEALTH_ACTION,	"none" },
	{ SPEC_CHROOT,		"/srv" },
	{ SPEC_SANDBOX,		"basic" },
	{ SPEC_SOURCE,		"/srv/apps.json" }
};

static const char *
word_for(enum spec_key key)
{
	size_t	 i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].key == key)
			return (words[i].value);
	return ("word");
}

static void
begin(struct spec_buf *buf)
{
	memset(buf, 0, sizeof(*buf));
	ATF_REQUIRE_EQ(0, spec_add_str(buf, SPEC_NAME, "api"));
	ATF_REQUIRE_EQ(0, spec_add_str(buf, SPEC_SCRIPT, "/srv/api.js"));
}

/* To JSON, as text, and back. */
static void
same(struct spec_buf *buf, const char *what)
{
	struct spec_buf	 back;
	struct spec	 spec;
	json_t		*object;
	char		*text, why[256] = "";

	ATF_REQUIRE_EQ_MSG(0, spec_parse(&spec, buf->data, buf->len, why,
	    sizeof(why)), "%s: %s", what, why);
	ATF_REQUIRE((object = dump_spec(&spec)) != NULL);
	ATF_REQUIRE((text = json_dumps(object, 0)) != NULL);
	json_decref(object);
	ATF_REQUIRE((object = json_loads(text, 0, NULL)) != NULL);
	ATF_CHECK_EQ_MSG(0, dump_unspec(&back, object, why, sizeof(why)),
	    "%s: %s, of %s", what, why, text);
	ATF_CHECK_MSG(back.len == buf->len &&
	    memcmp(back.data, buf->data, buf->len) == 0, "%s: %s", what,
	    text);
	json_decref(object);
	free(text);
	spec_buf_free(&back);
	spec_buf_free(buf);
}

struct key {
	enum spec_key	 key;
	const char	*name;
	enum spec_type	 type;
	uint64_t	 min;
	uint64_t	 max;
};

static const struct key	 keys[] = {
#define X(key, n, name, type, def, min, max)				\
	{ SPEC_##key, name, type, min, max },
	SPEC_LIST_KEYS(X)
#undef X
};

/* What every app has comes first, and these go by themselves. */
static int
is_apart(enum spec_key key)
{
	return (key == SPEC_NAME || key == SPEC_SCRIPT || key == SPEC_CWD ||
	    key == SPEC_SECRET);
}

static void
one_key(const struct key *k, uint64_t n, int last)
{
	struct spec_buf	 buf;

	begin(&buf);
	/* By number, as they are printed. */
	if (k->key > SPEC_CWD)
		ATF_REQUIRE_EQ(0, spec_add_str(&buf, SPEC_CWD, "/srv"));
	switch (k->type) {
	case SPEC_T_STR:
	case SPEC_T_LIST:
		ATF_REQUIRE_EQ(0, spec_add_str(&buf, k->key,
		    word_for(k->key)));
		if (k->type == SPEC_T_LIST && last && k->key != SPEC_LISTEN)
			ATF_REQUIRE_EQ(0, spec_add_str(&buf, k->key,
			    word_for(k->key)));
		break;
	default:
		ATF_REQUIRE_EQ(0, spec_add_u64(&buf, k->key, n));
		break;
	}
	if (k->key < SPEC_CWD)
		ATF_REQUIRE_EQ(0, spec_add_str(&buf, SPEC_CWD, "/srv"));
	same(&buf, k->name);
}

ATF_TC_WITHOUT_HEAD(spec__every_key);
ATF_TC_BODY(spec__every_key, tc)
{
	size_t	 i;

	(void)tc;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (is_apart(keys[i].key))
			continue;
		one_key(&keys[i], keys[i].min, 0);
		one_key(&keys[i], keys[i].max, 1);
	}
}

ATF_TC_WITHOUT_HEAD(spec__numbers_are_exact);
ATF_TC_BODY(spec__numbers_are_exact, tc)
{
	static const uint64_t	 numbers[] = { 0, 1, 1ULL << 53,
				    (1ULL << 53) + 1, INT64_MAX,
				    (uint64_t)INT64_MAX + 1, UINT64_MAX };
	struct spec_buf		 buf;
	size_t			 i;

	(void)tc;
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		begin(&buf);
		ATF_REQUIRE_EQ(0, spec_add_str(&buf, SPEC_CWD, "/srv"));
		ATF_REQUIRE_EQ(0, spec_add_u64(&buf, SPEC_LOG_MAX_SIZE,
		    numbers[i]));
		same(&buf, "log_max_size");
	}
}

ATF_TC_WITHOUT_HEAD(spec__bytes_that_are_no_text);
ATF_TC_BODY(spec__bytes_that_are_no_text, tc)
{
	static const char *const	 values[] = { "A=\xff", "A=\x80 z",
	    "A=\xc0\xaf", "A=\xed\xa0\x80", "A=\xf4\x90\x80\x80", "A=\xe2\x82",
	    "A=\xe2\x82\xac", "A=\n\t\x01\x7f\"\\", "A={\"hex\": \"41\"}",
	    "\xfe=b" };
	struct spec_buf			 buf;
	size_t				 i;

	(void)tc;
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		begin(&buf);
		ATF_REQUIRE_EQ(0, spec_add_str(&buf, SPEC_CWD, "/srv"));
		ATF_REQUIRE_EQ(0, spec_add_str(&buf, SPEC_ENV, values[i]));
		same(&buf, values[i]);
	}
}

ATF_TC_WITHOUT_HEAD(spec__secrets_have_no_values);
ATF_TC_BODY(spec__secrets_have_no_values, tc)
{
	struct spec_buf	 buf, back;
	struct spec	 spec;
	json_t		*object;
	char		*text, why[256];

	(void)tc;
	begin(&buf);
	ATF_REQUIRE_EQ(0, spec_add_str(&buf, SPEC_CWD, "/srv"));
	ATF_REQUIRE_EQ(0, spec_add_str(&buf, SPEC_SECRET, "PW=hun=ter2"));
	ATF_REQUIRE_EQ(0, spec_add_str(&buf, SPEC_SOURCE, "/srv/a.json"));
	ATF_REQUIRE_EQ(0, spec_parse(&spec, buf.data, buf.len, why,
	    sizeof(why)));
	ATF_REQUIRE((object = dump_spec(&spec)) != NULL);
	ATF_REQUIRE((text = json_dumps(object, 0)) != NULL);
	ATF_CHECK(strstr(text, "PW") != NULL);
	ATF_CHECK(strstr(text, "ter2") == NULL);
	ATF_CHECK_EQ(-1, dump_unspec(&back, object, why, sizeof(why)));
	ATF_CHECK_STREQ("its secrets are in no dump: pm2ctl start "
	    "/srv/a.json", why);
	ATF_CHECK(back.data == NULL);
	json_decref(object);
	free(text);
	spec_buf_free(&buf);
}

#define APP	"{\"name\": \"api\", \"script\": \"/srv/a\", \"cwd\": \"/\""

ATF_TC_WITHOUT_HEAD(unspec__refuses);
ATF_TC_BODY(unspec__refuses, tc)
{
	static const struct {
		const char	*text;
		const char	*why;
	}		 bad[] = {
		{ "[]", "spec: is not an object" },
		{ "null", "spec: is not an object" },
		{ "{}", "" },
		{ "{\"name\": \"api\"}", "" },
		{ "{\"name\": 3}", "name: is not a string" },
		{ "{\"name\": {}}", "name: is not a string" },
		{ "{\"name\": {\"hex\": 3}}", "name: is not a string" },
		{ "{\"name\": {\"hex\": \"4\"}}", "name: is not readable" },
		{ "{\"name\": {\"hex\": \"4G\"}}", "name: is not readable" },
		{ "{\"name\": {\"hex\": \"4A\"}}", "name: is not readable" },
		{ "{\"name\": {\"hex\": \"4100\"}}",
		    "name: is not readable" },
		{ "{\"name\": \"a\\u0000b\"}", "name: has a NUL" },
		{ APP ", \"nonsense\": 1}", "nonsense: is a key" },
		{ APP ", \"args\": \"x\"}", "args: is not a list" },
		{ APP ", \"args\": [1]}", "args: is not a string" },
		{ APP ", \"args\": [[\"x\"]]}", "args: is not a string" },
		{ APP ", \"shell_env\": [\"novalue\"]}", "" },
		{ APP ", \"instances\": -1}", "instances: is not a number" },
		{ APP ", \"instances\": 1.5}", "instances: is not a number" },
		{ APP ", \"instances\": \"\"}", "instances: is not a number" },
		{ APP ", \"instances\": \" 1\"}",
		    "instances: is not a number" },
		{ APP ", \"instances\": \"99999999999999999999\"}",
		    "instances: is too large" },
		{ APP ", \"instances\": 5000}", "" },
		{ APP ", \"autorestart\": 2}", "" },
		{ APP ", \"cron_restart\": \"every day\"}", "" },
		{ APP ", \"exec_mode\": \"thread_mode\"}", "" },
		{ "{\"name\": \"../x\", \"script\": \"/a\", \"cwd\": \"/\"}",
		    "" },
		{ "{\"name\": \"x\", \"script\": \"a\", \"cwd\": \"/\"}", "" }
	};
	struct spec_buf	 buf;
	json_t		*object;
	char		 why[256];
	size_t		 i;

	(void)tc;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		why[0] = '\0';
		object = json_loads(bad[i].text, JSON_ALLOW_NUL |
		    JSON_DECODE_ANY, NULL);
		ATF_REQUIRE_MSG(object != NULL, "%s", bad[i].text);
		ATF_CHECK_EQ_MSG(-1, dump_unspec(&buf, object, why,
		    sizeof(why)), "%s", bad[i].text);
		ATF_CHECK_MSG(why[0] != '\0' && strncmp(why, bad[i].why,
		    strlen(bad[i].why)) == 0, "%s: %s", bad[i].text, why);
		ATF_CHECK_EQ_MSG(0, buf.len, "%s", bad[i].text);
		spec_buf_free(&buf);
		json_decref(object);
	}
	object = json_loads(APP "}", 0, NULL);
	ATF_CHECK_EQ_MSG(0, dump_unspec(&buf, object, why, sizeof(why)),
	    "%s", why);
	spec_buf_free(&buf);
	json_decref(object);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, spec__every_key);
	ATF_TP_ADD_TC(tp, spec__numbers_are_exact);
	ATF_TP_ADD_TC(tp, spec__bytes_that_are_no_text);
	ATF_TP_ADD_TC(tp, spec__secrets_have_no_values);
	ATF_TP_ADD_TC(tp, unspec__refuses);
	return (atf_no_error());
}

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

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <atf-c.h>

#include "resolve.h"

static json_t *
read_config(const char *path)
{
	json_error_t	 error;
	json_t		*v;

	v = json_load_file(path, 0, &error);
	ATF_REQUIRE_MSG(v != NULL, "%s: line %d: %s", path, error.line,
	    error.text);
	return (v);
}

static const char *
member(const json_t *v, const char *key)
{
	const char	*s;

	s = json_string_value(json_object_get(v, key));
	return (s == NULL ? "" : s);
}

ATF_TC_WITHOUT_HEAD(generate__any_name_is_json);
ATF_TC_BODY(generate__any_name_is_json, tc)
{
	struct options	 opt;
	struct ctl	 ctl;
	char		 name[] = "a\"b\\c", *argv[] = { name, NULL };
	json_t		*v;

	(void)tc;
	memset(&opt, 0, sizeof(opt));
	memset(&ctl, 0, sizeof(ctl));
	ctl.opt = &opt;
	ATF_REQUIRE_EQ(0, cmd_generate(&ctl, 1, argv));
	v = read_config("a\"b\\c-pm2.json");
	ATF_CHECK_STREQ(name, member(v, "name"));
	ATF_CHECK_STREQ("a\"b\\c.js", member(v, "script"));
	json_decref(v);
	/* Once is enough, unless told so. */
	ATF_CHECK_EQ(1, cmd_generate(&ctl, 1, argv));
	opt.force = 1;
	ATF_CHECK_EQ(0, cmd_generate(&ctl, 1, argv));
}

ATF_TC_WITHOUT_HEAD(write__any_bytes_are_json);
ATF_TC_BODY(write__any_bytes_are_json, tc)
{
	struct options	 opt;
	struct target	 t;
	struct ctl	 ctl;
	char		 one[] = "--a=\"1\"", two[] = "\377\033",
			*app[] = { one, two };
	json_t		*v;

	(void)tc;
	memset(&opt, 0, sizeof(opt));
	memset(&ctl, 0, sizeof(ctl));
	memset(&t, 0, sizeof(t));
	opt.merge_logs = 1;
	opt.kill_timeout.value = 1500;
	opt.kill_timeout.given = 1;
	opt.stop_exit_codes = "0,3";
	ctl.opt = &opt;
	ctl.app = app;
	ctl.napp = 2;
	(void)strlcpy(t.script, "/srv/x.js", sizeof(t.script));
	(void)strlcpy(t.name, "api", sizeof(t.name));
	t.interpreter = "node";
	ATF_REQUIRE_EQ(0, write_config(&t, &ctl));
	v = read_config("x-pm2.json");
	ATF_CHECK_STREQ("api", member(v, "name"));
	ATF_CHECK_STREQ("/srv/x.js", member(v, "script"));
	ATF_CHECK_STREQ("[\"--a=\\\"1\\\"\",\"\357\277\275\\u001b\"]",
	    member(v, "args"));
	ATF_CHECK(json_is_true(json_object_get(v, "merge_logs")));
	ATF_CHECK_EQ(1500,
	    json_integer_value(json_object_get(v, "kill_timeout")));
	ATF_CHECK_EQ(2, json_array_size(json_object_get(v,
	    "stop_exit_codes")));
	ATF_CHECK(json_object_get(v, "env") == NULL);
	json_decref(v);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, generate__any_name_is_json);
	ATF_TP_ADD_TC(tp, write__any_bytes_are_json);
	return (atf_no_error());
}

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

#include <atf-c.h>
#include <string.h>

#include "output_json.h"

#define S(s)	((char *)(uintptr_t)(s))

struct app {
	struct app_view	 view;
	struct spec	 spec;
	struct spec_buf	 buf;
};

static void
app_make(struct app *app)
{
	memset(app, 0, sizeof(*app));
	app->view.info.fix.pid = 9834;
	app->view.info.fix.state = APP_ONLINE;
	app->view.info.fix.cluster = 1;
	app->view.info.fix.created_ms = UINT64_C(1795327990594);
	app->view.info.fix.started_ms = UINT64_C(1795327990594);
	app->view.info.fix.memory = 21479424;
	app->view.info.name = S("echo");
	app->view.info.script = S("/srv/echo.js");
	app->view.info.interpreter = S("node");
	app->view.info.out = S("/h/logs/echo-out-0.log");
	app->view.info.err = S("/h/logs/echo-err-0.log");
	app->view.info.pidfile = S("/h/pids/echo.pid");
}

static void
app_spec(struct app *app, const char *const *env, const char *const *args)
{
	char	 errbuf[256];

	ATF_REQUIRE(spec_add_str(&app->buf, SPEC_NAME, "echo") == 0);
	for (; *env != NULL; env++)
		ATF_REQUIRE(spec_add_str(&app->buf, SPEC_ENV, *env) == 0);
	for (; args != NULL && *args != NULL; args++)
		ATF_REQUIRE(spec_add_str(&app->buf, SPEC_ARG, *args) == 0);
	ATF_REQUIRE_MSG(spec_parse(&app->spec, app->buf.data, app->buf.len,
	    errbuf, sizeof(errbuf)) == 0, "%s", errbuf);
	app->view.spec = &app->spec;
}

ATF_TC_WITHOUT_HEAD(prettylist__as_pm2_has_it);
ATF_TC_BODY(prettylist__as_pm2_has_it, tc)
{
	static const char *const	 env[] = { "HOME=/h", NULL };
	static const char		 want[] =
	    "[ { pid: 9834,\n"
	    "    name: 'echo',\n"
	    "    pm2_env: \n"
	    "     { name: 'echo',\n"
	    "       exec_mode: 'cluster_mode',\n"
	    "       exec_interpreter: 'node',\n"
	    "       env: [Object],\n"
	    "       pm_exec_path: '/srv/echo.js',\n"
	    "       pm_out_log_path: '/h/logs/echo-out-0.log',\n"
	    "       pm_err_log_path: '/h/logs/echo-err-0.log',\n"
	    "       pm_pid_path: '/h/pids/echo.pid',\n"
	    "       pm_id: 0,\n"
	    "       restart_time: 0,\n"
	    "       unstable_restarts: 0,\n"
	    "       created_at: 1795327990594,\n"
	    "       pm_uptime: 1795327990594,\n"
	    "       status: 'online' },\n"
	    "    pm_id: 0,\n"
	    "    monit: { memory: 21479424, cpu: 0 } } ]\n";
	struct app			 app;
	struct outbuf			 ob = { 0 };

	app_make(&app);
	app_spec(&app, env, NULL);
	json_pretty(&ob, &app.view, 1);
	ATF_CHECK_STREQ(want, ob_text(&ob));
	ob_free(&ob);
	spec_buf_free(&app.buf);
}

ATF_TC_WITHOUT_HEAD(prettylist__words_stand_once_per_app);
ATF_TC_BODY(prettylist__words_stand_once_per_app, tc)
{
	static const char *const	 words[] = { "online", "cluster",
					    "restart_time" };
	struct app_view			 views[3];
	struct app			 app;
	struct outbuf			 ob = { 0 };
	const char			*p;
	size_t				 i, n;

	app_make(&app);
	for (i = 0; i < 3; i++)
		views[i] = app.view;
	json_pretty(&ob, views, 3);
	for (i = 0; i < 3; i++) {
		p = ob_text(&ob);
		for (n = 0; (p = strstr(p, words[i])) != NULL; n++, p++)
			;
		ATF_CHECK_EQ_MSG(3, n, "%s", words[i]);
	}
	ob.len = 0;
	json_pretty(&ob, NULL, 0);
	ATF_CHECK_STREQ("[]\n", ob_text(&ob));
	ob_free(&ob);
}

ATF_TC_WITHOUT_HEAD(jlist__one_line_with_everything);
ATF_TC_BODY(jlist__one_line_with_everything, tc)
{
	static const char *const	 env[] = { "B=2", "A=x=\"y\"\n",
					    "BAD=\377", "B=3", NULL };
	static const char *const	 args[] = { "--toto=heya coco", "-d",
					    "\"1\"", NULL };
	static const char		 want[] =
	    "[{\"pid\":9834,\"name\":\"echo\",\"pm2_env\":{\"name\":\"echo\","
	    "\"exec_mode\":\"fork_mode\",\"exec_interpreter\":\"node\","
	    "\"instances\":4,"
	    "\"args\":\"[\\\"--toto=heya coco\\\",\\\"-d\\\","
	    "\\\"\\\\\\\"1\\\\\\\"\\\"]\",\"port\":8080,"
	    "\"env\":{\"B\":\"3\",\"A\":\"x=\\\"y\\\"\\n\","
	    "\"BAD\":\"\357\277\275\"},"
	    "\"pm_exec_path\":\"/srv/echo.js\","
	    "\"pm_out_log_path\":\"/h/logs/echo-out-0.log\","
	    "\"pm_err_log_path\":\"/h/logs/echo-err-0.log\","
	    "\"pm_pid_path\":\"/h/pids/echo.pid\",\"pm_id\":7,"
	    "\"restart_time\":15,\"unstable_restarts\":0,"
	    "\"created_at\":null,\"pm_uptime\":1795327990594,"
	    "\"status\":\"errored\"},\"pm_id\":7,"
	    "\"monit\":{\"memory\":21479424,\"cpu\":12.5}}]\n";
	struct app			 app;
	struct outbuf			 ob = { 0 };

	app_make(&app);
	ATF_REQUIRE(spec_add_u64(&app.buf, SPEC_INSTANCES, 4) == 0);
	app_spec(&app, env, args);
	app.view.info.fix.id = 7;
	app.view.info.fix.cluster = 0;
	app.view.info.fix.port = 8080;
	app.view.info.fix.restarts = 15;
	app.view.info.fix.created_ms = 0;
	app.view.info.fix.cpu_permille = 125;
	app.view.info.fix.state = APP_ERRORED;
	json_list(&ob, &app.view, 1);
	ATF_CHECK_STREQ(want, ob_text(&ob));
	ob_free(&ob);
	spec_buf_free(&app.buf);
}

ATF_TC_WITHOUT_HEAD(jlist__without_the_spec_no_environment);
ATF_TC_BODY(jlist__without_the_spec_no_environment, tc)
{
	struct app	 app;
	struct outbuf	 ob = { 0 };

	app_make(&app);
	json_list(&ob, &app.view, 1);
	ATF_CHECK(strstr(ob_text(&ob), "\"env\"") == NULL);
	ob.len = 0;
	json_pretty(&ob, &app.view, 1);
	ATF_CHECK(strstr(ob_text(&ob), " env:") == NULL);
	ob.len = 0;
	json_list(&ob, NULL, 0);
	ATF_CHECK_STREQ("[]\n", ob_text(&ob));
	ob_free(&ob);
}

/* Shell, then file; of what is secret neither value nor what it hides. */
ATF_TC_WITHOUT_HEAD(jlist__environment_in_layers);
ATF_TC_BODY(jlist__environment_in_layers, tc)
{
	static const char *const	 env[] = { "A=shell", "B=shell",
					    "K=shell", "F=shell", NULL };
	struct app			 app;
	struct outbuf			 ob = { 0 };

	app_make(&app);
	ATF_REQUIRE(spec_add_str(&app.buf, SPEC_SECRET, "K=\001") == 0);
	ATF_REQUIRE(spec_add_str(&app.buf, SPEC_SECRET_FILE, "F=/f") == 0);
	ATF_REQUIRE(spec_add_str(&app.buf, SPEC_FILE_ENV, "B=file") == 0);
	ATF_REQUIRE(spec_add_str(&app.buf, SPEC_FILE_ENV, "C=file") == 0);
	app_spec(&app, env, NULL);
	json_list(&ob, &app.view, 1);
	ATF_CHECK(strstr(ob_text(&ob), "\"env\":{\"A\":\"shell\","
	    "\"B\":\"file\",\"C\":\"file\"}") != NULL);
	ob_free(&ob);
	spec_buf_free(&app.buf);
}

/* What we write, a parser of JSON reads, whatever the bytes. */
ATF_TC_WITHOUT_HEAD(jlist__is_json);
ATF_TC_BODY(jlist__is_json, tc)
{
	struct app	 app;
	struct outbuf	 ob = { 0 };
	json_t		*value;
	char		 name[3];
	int		 c;

	app_make(&app);
	for (c = 1; c < 256; c++) {
		(void)snprintf(name, sizeof(name), "%c%c", c, c);
		app.view.info.name = name;
		json_list(&ob, &app.view, 1);
		value = json_loadb(ob.data, ob.len, 0, NULL);
		ATF_REQUIRE_MSG(value != NULL, "%02x", c);
		if (c < 0x80)
			ATF_CHECK_STREQ(name, json_string_value(
			    json_object_get(json_array_get(value, 0),
			    "name")));
		json_decref(value);
		ob.len = 0;
	}
	ob_free(&ob);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, prettylist__as_pm2_has_it);
	ATF_TP_ADD_TC(tp, prettylist__words_stand_once_per_app);
	ATF_TP_ADD_TC(tp, jlist__one_line_with_everything);
	ATF_TP_ADD_TC(tp, jlist__without_the_spec_no_environment);
	ATF_TP_ADD_TC(tp, jlist__environment_in_layers);
	ATF_TP_ADD_TC(tp, jlist__is_json);
	return (atf_no_error());
}

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
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "table.h"

/* Strings of an app are never written to. */
#define S(s)	((char *)(uintptr_t)(s))

static void
app_make(struct app_view *app, uint32_t id, const char *name, uint32_t state)
{
	memset(app, 0, sizeof(*app));
	app->info.fix.id = id;
	app->info.fix.state = state;
	app->info.name = S(name);
	app->info.script = S("/srv/apps/echo.js");
	app->info.interpreter = S("node");
	app->info.cwd = S("/srv/apps");
	app->info.out = S("/home/me/.pm2/logs/echo-out-0.log");
	app->info.err = S("/home/me/.pm2/logs/echo-err-0.log");
	app->info.pidfile = S("/home/me/.pm2/pids/echo.pid");
	app->info.user = S("me");
	app->info.namespace = S("default");
	app->info.listens = S("");
	app->info.status = S("");
	app->info.trouble = S("");
	app->info.source = S("");
	if (state != APP_ONLINE)
		return;
	app->info.fix.pid = 9834;
	app->info.fix.uptime_ms = 42000;
	app->info.fix.memory = 21479424;
	app->info.fix.sampled = 1;
}

/* The most columns that a line takes; every line must take as many. */
static size_t
columns(struct outbuf *ob)
{
	char	*line, *rest;
	size_t	 width;

	(void)ob_text(ob);
	rest = ob->data;
	width = 0;
	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
		if (width != 0)
			ATF_CHECK_EQ(width, output_strwidth(line));
		width = output_strwidth(line);
	}
	return (width);
}

ATF_TC_WITHOUT_HEAD(table__as_pm2_has_it);
ATF_TC_BODY(table__as_pm2_has_it, tc)
{
	static const char		 want[] =
"┌──────────┬────┬─────────┬──────┬─────────┬──────┬───────────┬────────┬───────────┬───────┬───────────────────────────────────┐\n"
"│ App Name │ id │ mode    │ PID  │ status  │ port │ Restarted │ Uptime │    memory │   cpu │ err logs                          │\n"
"├──────────┼────┼─────────┼──────┼─────────┼──────┼───────────┼────────┼───────────┼───────┼───────────────────────────────────┤\n"
"│ echo     │ 0  │ cluster │ 9834 │ online  │      │         0 │ 42s    │ 20.484 MB │ 12.5% │ /home/me/.pm2/logs/echo-err-0.log │\n"
"├──────────┼────┼─────────┼──────┼─────────┼──────┼───────────┼────────┼───────────┼───────┼───────────────────────────────────┤\n"
"│ x.sh     │ 1  │ fork    │ 0    │ stopped │ 8080 │        15 │ 0      │       0 B │    0% │ /home/me/.pm2/logs/echo-err-0.log │\n"
"└──────────┴────┴─────────┴──────┴─────────┴──────┴───────────┴────────┴───────────┴───────┴───────────────────────────────────┘\n";
	struct output_style	 style = { 0 };
	struct app_view		 apps[2];
	struct outbuf		 ob = { 0 };

	app_make(&apps[0], 0, "echo", APP_ONLINE);
	apps[0].info.fix.cluster = 1;
	apps[0].info.fix.cpu_permille = 125;
	app_make(&apps[1], 1, "x.sh", APP_STOPPED);
	apps[1].info.fix.restarts = 15;
	apps[1].info.fix.port = 8080;
	table_apps(&ob, apps, 2, &style);
	ATF_CHECK_STREQ(want, ob_text(&ob));
	ob_free(&ob);
}

ATF_TC_WITHOUT_HEAD(table__empty);
ATF_TC_BODY(table__empty, tc)
{
	static const char		 want[] =
"┌──────────┬────┬──────┬─────┬────────┬──────┬───────────┬────────┬────────┬─────┬──────────┐\n"
"│ App Name │ id │ mode │ PID │ status │ port │ Restarted │ Uptime │ memory │ cpu │ err logs │\n"
"└──────────┴────┴──────┴─────┴────────┴──────┴───────────┴────────┴────────┴─────┴──────────┘\n";
	struct output_style	 style = { 0 };
	struct outbuf		 ob = { 0 };

	table_apps(&ob, NULL, 0, &style);
	ATF_CHECK_STREQ(want, ob_text(&ob));
	ob_free(&ob);
}

ATF_TC_WITHOUT_HEAD(table__colours);
ATF_TC_BODY(table__colours, tc)
{
	struct output_style	 style = { 0 };
	struct app_view		 apps[3];
	struct outbuf		 ob = { 0 };
	const char		*text;

	style.colour = 1;
	app_make(&apps[0], 0, "echo", APP_ONLINE);
	apps[0].info.fix.cluster = 1;
	app_make(&apps[1], 1, "x", APP_ERRORED);
	app_make(&apps[2], 2, "y", APP_WAITING);
	table_apps(&ob, apps, 3, &style);
	text = ob_text(&ob);
	ATF_CHECK(strstr(text, "\033[36mApp Name\033[0m") != NULL);
	ATF_CHECK(strstr(text, " \033[1mecho\033[0m ") != NULL);
	ATF_CHECK(strstr(text, "\033[1;34mcluster\033[0m") != NULL);
	ATF_CHECK(strstr(text, "\033[1;7mfork\033[0m") != NULL);
	ATF_CHECK(strstr(text, "\033[1;32monline\033[0m") != NULL);
	ATF_CHECK(strstr(text, "\033[1;31merrored\033[0m") != NULL);
	ATF_CHECK(strstr(text, "\033[1;33mwaiting restart\033[0m") != NULL);
	ob_free(&ob);
}

ATF_TC_WITHOUT_HEAD(table__fits_every_width);
ATF_TC_BODY(table__fits_every_width, tc)
{
	struct output_style	 style = { 0 };
	struct app_view		 apps[3];
	struct outbuf		 ob = { 0 };
	size_t			 width;

	app_make(&apps[0], 0, "a-name-that-is-quite-long-for-an-app",
	    APP_ONLINE);
	app_make(&apps[1], 1, "\346\227\245\346\234\254\350\252\236"
	    "\343\201\256\345\220\215\345\211\215", APP_WAITING);
	app_make(&apps[2], 4095, "x", APP_STOPPED);
	apps[2].info.fix.port = 65535;
	for (width = 300; width > 30; width--) {
		style.width = width;
		table_apps(&ob, apps, 3, &style);
		ATF_CHECK_MSG(columns(&ob) <= width, "%zu: %zu", width,
		    columns(&ob));
		ob.len = 0;
	}
	ob_free(&ob);
}

ATF_TC_WITHOUT_HEAD(table__in_80_columns);
ATF_TC_BODY(table__in_80_columns, tc)
{
	static const char		 want[] =
"+--------------+----+-----+---------+-----------+--------+-----------+-----+\n"
"| App Name     | id | PID | status  | Restarted | Uptime |    memory | cpu |\n";
	struct output_style	 style = { 0 };
	struct app_view		 app;
	struct outbuf		 ob = { 0 };
	const char		*text;

	style.width = 80;
	style.ascii = 1;
	app_make(&app, 0, "payment-gate", APP_STOPPED);
	app.info.fix.memory = 21479424;
	table_apps(&ob, &app, 1, &style);
	text = ob_text(&ob);
	ATF_CHECK_MSG(strncmp(text, want, strlen(want)) == 0, "%s", text);
	ATF_CHECK(strstr(text, "| payment-gate | 0  |") != NULL);
	ob_free(&ob);
}

ATF_TC_WITHOUT_HEAD(table__cuts_names_and_paths);
ATF_TC_BODY(table__cuts_names_and_paths, tc)
{
	struct output_style	 style = { 0 };
	struct app_view		 app;
	struct outbuf		 ob = { 0 };
	const char		*text;

	app_make(&app, 0, "echo", APP_ONLINE);
	style.width = 100;
	table_apps(&ob, &app, 1, &style);
	text = ob_text(&ob);
	ATF_CHECK_MSG(strstr(text, "│ …/echo-err-0.log ") != NULL, "%s",
	    text);
	ob.len = 0;
	app_make(&app, 0, "a-name-that-is-quite-long-for-an-app", APP_ONLINE);
	style.width = 60;
	table_apps(&ob, &app, 1, &style);
	text = ob_text(&ob);
	ATF_CHECK_MSG(strstr(text, "… │ 0  │") != NULL, "%s", text);
	ATF_CHECK_EQ(60, columns(&ob));
	ob_free(&ob);
}

ATF_TC_WITHOUT_HEAD(table__names_cannot_act);
ATF_TC_BODY(table__names_cannot_act, tc)
{
	struct output_style	 style = { 0 };
	struct app_view		 app;
	struct outbuf		 ob = { 0 };

	app_make(&app, 0, "a\033]0;x\a\nb\033[31m", APP_ONLINE);
	app.info.err = S("/x\n\033[2J\302\233");
	table_apps(&ob, &app, 1, &style);
	ATF_CHECK(strchr(ob_text(&ob), '\033') == NULL);
	ATF_CHECK(strstr(ob_text(&ob), "a\\033]0;x\\a\\nb\\033[31m") != NULL);
	(void)columns(&ob);
	ob.len = 0;
	table_mini(&ob, &app, 1);
	ATF_CHECK(strchr(ob_text(&ob), '\033') == NULL);
	ob_free(&ob);
}

ATF_TC_WITHOUT_HEAD(table__thousands_are_quick);
ATF_TC_BODY(table__thousands_are_quick, tc)
{
	struct output_style	 style = { 0 };
	struct app_view		*apps;
	struct timespec		 before, after;
	struct outbuf		 ob = { 0 };
	uint32_t		 i;
	double			 ms;

	ATF_REQUIRE((apps = calloc(4000, sizeof(*apps))) != NULL);
	for (i = 0; i < 4000; i++)
		app_make(&apps[i], i, "sleep", APP_ONLINE);
	style.colour = 1;
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	table_apps(&ob, apps, 4000, &style);
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	ms = (double)(after.tv_sec - before.tv_sec) * 1000 +
	    (double)(after.tv_nsec - before.tv_nsec) / 1000000;
	printf("%.2f ms, %zu bytes\n", ms, ob.len);
	/* it is about 5; sanitizers and a busy machine take their part */
	ATF_CHECK_MSG(ms < 200, "%f", ms);
	ob_free(&ob);
	free(apps);
}

ATF_TC_WITHOUT_HEAD(mini__as_pm2_has_it);
ATF_TC_BODY(mini__as_pm2_has_it, tc)
{
	static const char	 want[] =
	    "+--- echo\n"
	    "pid : 9834\n"
	    "pm2 id : 0\n"
	    "status : online\n"
	    "mode : fork_mode\n"
	    "port : undefined\n"
	    "restarted : 0\n"
	    "uptime : 42s\n"
	    "memory usage : 20.484 MB\n"
	    "out log : /home/me/.pm2/logs/echo-out-0.log\n"
	    "error log : /home/me/.pm2/logs/echo-err-0.log\n"
	    "PID file : /home/me/.pm2/pids/echo.pid\n"
	    "\n";
	struct app_view		 app;
	struct outbuf		 ob = { 0 };

	app_make(&app, 0, "echo", APP_ONLINE);
	table_mini(&ob, &app, 1);
	ATF_CHECK_STREQ(want, ob_text(&ob));
	ob_free(&ob);
}

ATF_TC_WITHOUT_HEAD(pairs__box);
ATF_TC_BODY(pairs__box, tc)
{
	static const char		 want[] =
	    "┌─────────┬──────────────────────┐\n"
	    "│ status  │ online               │\n"
	    "│ path    │ /a/path/that/is/too/ │\n"
	    "│         │ long/for/it          │\n"
	    "│ log     │ one                  │\n"
	    "│         │ two\\033              │\n"
	    "│ nothing │                      │\n"
	    "└─────────┴──────────────────────┘\n";
	struct output_style	 style = { 0 };
	struct pair		 pairs[] = {
		{ "status", S("online"), NULL },
		{ "path", S("/a/path/that/is/too/long/for/it"), NULL },
		{ "log", strdup("one\ntwo\033"), NULL },
		{ "nothing", S(""), NULL },
	};
	struct outbuf		 ob = { 0 };

	style.width = 34;
	table_pairs(&ob, pairs, 4, &style);
	ATF_CHECK_STREQ(want, ob_text(&ob));
	ob.len = 0;
	style.width = 0;
	style.ascii = 1;
	table_pairs(&ob, pairs, 1, &style);
	ATF_CHECK_STREQ("+--------+--------+\n| status | online |\n"
	    "+--------+--------+\n", ob_text(&ob));
	ob_free(&ob);
	free(pairs[2].value);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, table__as_pm2_has_it);
	ATF_TP_ADD_TC(tp, table__empty);
	ATF_TP_ADD_TC(tp, table__colours);
	ATF_TP_ADD_TC(tp, table__fits_every_width);
	ATF_TP_ADD_TC(tp, table__in_80_columns);
	ATF_TP_ADD_TC(tp, table__cuts_names_and_paths);
	ATF_TP_ADD_TC(tp, table__names_cannot_act);
	ATF_TP_ADD_TC(tp, table__thousands_are_quick);
	ATF_TP_ADD_TC(tp, mini__as_pm2_has_it);
	ATF_TP_ADD_TC(tp, pairs__box);
	return (atf_no_error());
}

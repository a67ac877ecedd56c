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
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "output_cmd.h"

struct app {
	struct app_view	 view;
	struct spec	 spec;
	struct spec_buf	 buf;
};

static struct ctl_exit
exit_make(uint32_t generation, uint32_t reason, int32_t code, int32_t sig,
    uint32_t verdict)
{
	struct ctl_exit	 ex;

	memset(&ex, 0, sizeof(ex));
	ex.generation = generation;
	ex.reason = reason;
	ex.code = sig != 0 ? -1 : code;
	ex.signal = sig;
	ex.verdict = verdict;
	ex.when_ms = UINT64_C(1795327990594) + generation * 1000;
	ex.ran_ms = 1234;
	return (ex);
}

/* The sentence about an app in this state, whose last exit was that. */
static void
check_state(uint32_t state, struct ctl_exit *ex, struct app *app,
    const char *want)
{
	struct outbuf	 ob = { 0 };

	app->view.info.fix.state = state;
	app->view.exits = ex;
	app->view.nexits = ex == NULL ? 0 : 1;
	why_state(&ob, &app->view);
	ATF_CHECK_STREQ(want, ob_text(&ob));
	ob_free(&ob);
}

static void
spec_make(struct app *app)
{
	static char	 none[] = "";
	char		 errbuf[256];

	memset(app, 0, sizeof(*app));
	app->view.info.fix.pid = 77;
	app->view.info.fix.started_ms = UINT64_C(1795327990594);
	app->view.info.fix.uptime_ms = 42000;
	app->view.info.fix.restarts = 1;
	app->view.info.fix.next_ms = 1500;
	app->view.info.status = none;
	app->view.info.trouble = none;
	app->view.info.source = none;
	ATF_REQUIRE(spec_add_str(&app->buf, SPEC_NAME, "x") == 0);
	ATF_REQUIRE(spec_add_str(&app->buf, SPEC_STOP_EXIT_CODE, "0") == 0);
	ATF_REQUIRE(spec_add_str(&app->buf, SPEC_STOP_EXIT_CODE, "3") == 0);
	ATF_REQUIRE_MSG(spec_parse(&app->spec, app->buf.data, app->buf.len,
	    errbuf, sizeof(errbuf)) == 0, "%s", errbuf);
	app->view.spec = &app->spec;
	ATF_REQUIRE(setenv("TZ", "UTC", 1) == 0);
	tzset();
}

ATF_TC_WITHOUT_HEAD(why__each_kind_of_exit);
ATF_TC_BODY(why__each_kind_of_exit, tc)
{
	struct ctl_exit	 ex;
	struct outbuf	 ob = { 0 };

#define CHECK_EXIT(want) do {						\
	why_exit(&ob, &ex);						\
	ATF_CHECK_STREQ(want, ob_text(&ob));				\
	ob.len = 0;							\
} while (0)
	ex = exit_make(1, EXIT_BY_ITSELF, 3, 0, VERDICT_RESTART);
	CHECK_EXIT("exit code 3");
	ex = exit_make(1, EXIT_BY_ITSELF, 0, 11, VERDICT_RESTART);
	ex.core = 1;
	CHECK_EXIT("ended by SIGSEGV (core dumped)");
	ex = exit_make(1, EXIT_STOPPED, 0, 2, VERDICT_STOPPED);
	CHECK_EXIT("ended by SIGINT, as asked");
	ex = exit_make(1, EXIT_KILLED, 0, 9, VERDICT_STOPPED);
	CHECK_EXIT("ended by SIGKILL, did not stop in time when asked");
	ex = exit_make(1, EXIT_DAEMON, 0, 0, VERDICT_STOPPED);
	CHECK_EXIT("exit code 0, with pm2d");
	ex = exit_make(1, EXIT_REPLACED, 0, 2, VERDICT_REPLACED);
	CHECK_EXIT("ended by SIGINT, replaced by a reload");
	ex = exit_make(1, EXIT_NOT_READY, 0, 9, VERDICT_RESTART);
	CHECK_EXIT("ended by SIGKILL, was not ready in time");
	ex = exit_make(1, EXIT_PROTOCOL, 0, 9, VERDICT_RESTART);
	CHECK_EXIT("ended by SIGKILL, broke the protocol of its channel");
	ex = exit_make(1, EXIT_WATCHDOG, 0, 6, VERDICT_RESTART);
	CHECK_EXIT("ended by SIGABRT, did not say WATCHDOG=1 in time");
	ex = exit_make(1, EXIT_START_FAILED, 0, 0, VERDICT_ERRORED);
	ex.stage = STAGE_EXEC;
	ex.error = EACCES;
	CHECK_EXIT("could not be started: executing the program: "
	    "Permission denied");
	ob_free(&ob);
}

ATF_TC_WITHOUT_HEAD(why__each_state);
ATF_TC_BODY(why__each_state, tc)
{
	struct ctl_exit	 ex;
	struct app	 app;
	char		 status[] = "3 of 4 \033";

	spec_make(&app);
	check_state(APP_ONLINE, NULL, &app, "process 77 runs since "
	    "2026-11-22T06:13:10 (42s), restarted 1 time");
	check_state(APP_LAUNCHING, NULL, &app, "it is being started");
	app.spec.num[SPEC_WAIT_READY] = 1;
	check_state(APP_LAUNCHING, NULL, &app, "it is being started: process "
	    "77 has still to say that it is ready, and has 8.0s for that");
	app.spec.num[SPEC_WAIT_READY] = 0;
	app.view.info.status = status;
	check_state(APP_LAUNCHING, NULL, &app, "it is being started; it "
	    "says: 3 of 4 \\033");
	app.view.info.status = status + sizeof(status) - 1;
	check_state(APP_STOPPED, NULL, &app,
	    "it has not run since pm2d was started");
	check_state(APP_STOPPING, NULL, &app, "process 77 was asked to stop "
	    "with SIGINT; SIGKILL follows after 4.0s");
	ex = exit_make(1, EXIT_BY_ITSELF, 1, 0, VERDICT_ERRORED);
	ex = exit_make(1, EXIT_NOT_READY, 0, 9, VERDICT_ERRORED);
	check_state(APP_ERRORED, &ex, &app, "it did not get ready: ended by "
	    "SIGKILL, was not ready in time");
	ex = exit_make(1, EXIT_BY_ITSELF, 1, 0, VERDICT_ERRORED);
	check_state(APP_ERRORED, &ex, &app, "it ended too often too soon "
	    "after its start (15 times after less than 1.0s), at last: exit code 1");
	check_state(APP_WAITING, &ex, &app,
	    "it is started again in 1.5s; last end: exit code 1");
	ex = exit_make(1, EXIT_STOPPED, 0, 0, VERDICT_STOPPED);
	check_state(APP_STOPPED, &ex, &app,
	    "it was asked to stop, and did: exit code 0, as asked");
	/* It was waiting for its restart, or had been given up. */
	ex = exit_make(1, EXIT_BY_ITSELF, 1, 0, VERDICT_DELAYED);
	check_state(APP_STOPPED, &ex, &app, "it was asked to stop when it "
	    "did not run; last end: exit code 1");
	ex = exit_make(1, EXIT_START_FAILED, 0, 0, VERDICT_ERRORED);
	ex.stage = STAGE_CHDIR;
	ex.error = ENOENT;
	check_state(APP_ERRORED, &ex, &app, "it could not be started: "
	    "changing to the directory: No such file or directory");
	spec_buf_free(&app.buf);
}

ATF_TC_WITHOUT_HEAD(why__stopped_by_a_rule);
ATF_TC_BODY(why__stopped_by_a_rule, tc)
{
	struct ctl_exit	 ex;
	struct app	 app;

	spec_make(&app);
	ex = exit_make(1, EXIT_BY_ITSELF, 3, 0, VERDICT_STOPPED);
	check_state(APP_STOPPED, &ex, &app, "it ended by itself: exit code "
	    "3; after that exit code it stays stopped (stop_exit_codes)");
	ex = exit_make(1, EXIT_BY_ITSELF, 0, 0, VERDICT_STOPPED);
	check_state(APP_STOPPED, &ex, &app, "it ended by itself: exit code "
	    "0; after that exit code it stays stopped (stop_exit_codes)");
	app.spec.num[SPEC_AUTORESTART] = 0;
	check_state(APP_STOPPED, &ex, &app, "it ended by itself: exit code "
	    "0; it is not restarted because autorestart is off");
	/* somebody else's: nothing that only the spec knows */
	app.view.spec = NULL;
	check_state(APP_STOPPED, &ex, &app,
	    "it ended by itself: exit code 0");
	check_state(APP_STOPPING, NULL, &app, "process 77 was asked to stop");
	spec_buf_free(&app.buf);
}

/* A successor that failed is not why the app stopped later. */
ATF_TC_WITHOUT_HEAD(why__beside);
ATF_TC_BODY(why__beside, tc)
{
	struct ctl_exit	 exits[2];
	struct outbuf	 ob = { 0 };
	struct app	 app;

	spec_make(&app);
	exits[0] = exit_make(2, EXIT_BY_ITSELF, 1, 0, VERDICT_REFUSED);
	exits[1] = exit_make(1, EXIT_STOPPED, 0, 0, VERDICT_STOPPED);
	app.view.exits = exits;
	app.view.nexits = 2;
	app.view.info.fix.state = APP_STOPPED;
	ATF_CHECK_EQ(&exits[1], why_lastexit(&app.view));
	app.view.info.fix.state = APP_ONLINE;
	ATF_CHECK_EQ(&exits[0], why_lastexit(&app.view));
	why_verdict(&ob, &exits[0]);
	ATF_CHECK_STREQ("not let in by the reload", ob_text(&ob));
	ob_free(&ob);
	spec_buf_free(&app.buf);
}

ATF_TC_WITHOUT_HEAD(why__exits_latest_first);
ATF_TC_BODY(why__exits_latest_first, tc)
{
	struct ctl_exit	 exits[5];
	struct outbuf	 ob = { 0 };
	struct app	 app;

	spec_make(&app);
	exits[0] = exit_make(2, EXIT_BY_ITSELF, 2, 0, VERDICT_DELAYED);
	exits[0].delay_ms = 100;
	exits[1] = exit_make(3, EXIT_BY_ITSELF, 3, 0, VERDICT_ERRORED);
	exits[2] = exit_make(1, EXIT_BY_ITSELF, 1, 0, VERDICT_RESTART);
	exits[3] = exit_make(9, EXIT_BY_ITSELF, 1, 0, VERDICT_REFUSED);
	exits[3].when_ms -= 9000;	/* a successor, before 1 ended */
	exits[4] = exit_make(0, EXIT_REPLACED, 0, 0, VERDICT_REPLACED);
	exits[4].when_ms -= 1000;
	app.view.exits = exits;
	app.view.nexits = 5;
	ATF_CHECK_EQ(&exits[1], why_lastexit(&app.view));
	why_exits(&ob, &app.view);
	ATF_CHECK_STREQ(
	    "  2026-11-22T06:13:13  exit code 3 after 1.2s: given up\n"
	    "  2026-11-22T06:13:12  exit code 2 after 1.2s: "
	    "started again after 100ms\n"
	    "  2026-11-22T06:13:11  exit code 1 after 1.2s: "
	    "started again at once\n"
	    "  2026-11-22T06:13:10  exit code 1 after 1.2s: "
	    "not let in by the reload\n"
	    "  2026-11-22T06:13:09  exit code 0, replaced by a reload after "
	    "1.2s\n", ob_text(&ob));
	app.view.nexits = 0;
	ATF_CHECK(why_lastexit(&app.view) == NULL);
	ob_free(&ob);
	spec_buf_free(&app.buf);
}

ATF_TC_WITHOUT_HEAD(why__numbers_of_the_future);
ATF_TC_BODY(why__numbers_of_the_future, tc)
{
	struct ctl_exit	 ex;
	struct outbuf	 ob = { 0 };
	struct app	 app;

	spec_make(&app);
	ex = exit_make(1, 99, 1, 0, 99);
	ex.stage = 12345;
	why_exit(&ob, &ex);
	why_verdict(&ob, &ex);
	app.view.exits = &ex;
	app.view.nexits = 1;
	why_exits(&ob, &app.view);
	app.view.info.fix.state = 99;
	why_state(&ob, &app.view);
	ATF_CHECK(ob.len > 0);
	ob_free(&ob);
	spec_buf_free(&app.buf);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, why__each_kind_of_exit);
	ATF_TP_ADD_TC(tp, why__each_state);
	ATF_TP_ADD_TC(tp, why__stopped_by_a_rule);
	ATF_TP_ADD_TC(tp, why__beside);
	ATF_TP_ADD_TC(tp, why__exits_latest_first);
	ATF_TP_ADD_TC(tp, why__numbers_of_the_future);
	return (atf_no_error());
}

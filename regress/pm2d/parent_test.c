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
 * The daemon as it is installed (PM2D_STAGE says where), driven by clients
 * that say exactly what the test wants said, and when.
 */
#include <sys/types.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <atf-c.h>

#include "home.h"
#include "imsg.h"
#include "monotime.h"
#include "msg.h"
#include "parentutil.h"
#include "spec.h"

/* ---- cases ---- */

ATF_TC_WITHOUT_HEAD(restart__is_told_when_it_is_done);
ATF_TC_BODY(restart__is_told_when_it_is_done, tc)
{
	struct client		 c;
	struct ctl_result	 r;
	monotime_t		 t;
	int			 i;

	begin();
	hello(&c);
	ATF_REQUIRE_EQ(1, results(&c, start(&c, "exec sleep 1000", 1), 1,
	    &r));
	t = monotime_now();
	for (i = 0; i < 5; i++) {
		ATF_REQUIRE_EQ(1, results(&c, ask_app(&c, IMSG_CTL_RESTART,
		    0), 1, &r));
		ATF_REQUIRE_EQ(CTL_OK, r.code);
	}
	ATF_CHECK(monotime_since(monotime_now(), t) < 4000);
	hang_up(&c);
	kill_daemon();
	finish();
}

ATF_TC_WITHOUT_HEAD(start__has_one_answer_while_pm2d_goes);
ATF_TC_BODY(start__has_one_answer_while_pm2d_goes, tc)
{
	struct client		 c, killer;
	struct ctl_result	 r;
	uint32_t		 id;

	begin();
	hello(&c);
	hello(&killer);
	ATF_REQUIRE_EQ(1, results(&c, start(&c,
	    "trap '' INT; while :; do sleep 1; done", 1), 1, &r));
	usleep(300000);
	id = ask(&killer, IMSG_CTL_KILL, NULL, 0);
	ask(&killer, IMSG_CTL_KILL, NULL, 0);
	ATF_REQUIRE_EQ(0, imsgbuf_write(&killer.ibuf));
	usleep(200000);
	ATF_REQUIRE_EQ(1, results(&c, start(&c, "exit 0", 5), 100, &r));
	ATF_REQUIRE_EQ(CTL_GOING, r.code);
	/* Asking twice is no better: each has its own answer. */
	ATF_REQUIRE_EQ(1, results(&killer, id, 100, &r));
	ATF_REQUIRE_EQ(CTL_OK, r.code);
	hang_up(&c);
	hang_up(&killer);
	finish();
}

ATF_TC_WITHOUT_HEAD(end__answers_who_waits_for_the_log_daemon);
ATF_TC_BODY(end__answers_who_waits_for_the_log_daemon, tc)
{
	struct client		 c;
	struct ctl_result	 r;
	uint32_t		 id;
	pid_t			 logd;

	begin();
	hello(&c);
	ATF_REQUIRE_EQ(1, results(&c, start(&c, "exec sleep 1000", 1), 1,
	    &r));
	ATF_REQUIRE((logd = find_logd()) != 0);
	ATF_REQUIRE_EQ(0, kill(logd, SIGSTOP));
	id = ask_app(&c, IMSG_CTL_FLUSH, APP_ID_ALL);
	ATF_REQUIRE_EQ(0, imsgbuf_write(&c.ibuf));
	usleep(200000);
	kill_daemon();
	ATF_REQUIRE_EQ(1, results(&c, id, 100, &r));
	ATF_REQUIRE_EQ(CTL_SYSTEM, r.code);
	hang_up(&c);
	finish();
}

ATF_TC_WITHOUT_HEAD(requests__thousands_at_once);
ATF_TC_BODY(requests__thousands_at_once, tc)
{
	struct client		 c;
	struct ctl_result	 r;
	int			 i;

	begin();
	hello(&c);
	for (i = 0; i < 20000; i++)
		ask(&c, IMSG_CTL_PING, NULL, 0);
	ATF_REQUIRE_EQ(20000, results(&c, 0, 20000, &r));
	hang_up(&c);
	kill_daemon();
	finish();
}

ATF_TC_WITHOUT_HEAD(killer__that_does_not_read);
ATF_TC_BODY(killer__that_does_not_read, tc)
{
	struct client	 c;
	int		 i;

	begin();
	hello(&c);
	for (i = 0; i < 5000; i++)
		ask(&c, IMSG_CTL_PING, NULL, 0);
	ask(&c, IMSG_CTL_KILL, NULL, 0);
	while (imsgbuf_queuelen(&c.ibuf) > 0)
		ATF_REQUIRE_EQ(0, imsgbuf_write(&c.ibuf));
	finish();
	hang_up(&c);
}

ATF_TC_WITHOUT_HEAD(lock__is_kept_without_a_stdin);
ATF_TC_BODY(lock__is_kept_without_a_stdin, tc)
{
	begin();
	kill_daemon();
	ATF_REQUIRE_EQ(0, ended(daemon_pid));
	daemon_pid = run_daemon(1);
	close(connect_daemon());
	ATF_REQUIRE_EQ(1, ended(run_daemon(0)));
	kill_daemon();
	finish();
}

ATF_TC_WITHOUT_HEAD(successor__waits_for_the_end);
ATF_TC_BODY(successor__waits_for_the_end, tc)
{
	pid_t	 logd, next_pid;
	int	 s;

	begin();
	ATF_REQUIRE((logd = find_logd()) != 0);
	ATF_REQUIRE_EQ(0, kill(logd, SIGSTOP));
	ATF_REQUIRE_EQ(0, kill(daemon_pid, SIGTERM));
	while ((s = home_connect(home)) != -1) {
		close(s);
		usleep(20000);
	}
	next_pid = run_daemon(0);
	ATF_REQUIRE_EQ(0, ended(daemon_pid));
	daemon_pid = next_pid;
	kill_daemon();
	finish();
}

static const char	 steady[] = "exec sleep 1000";

ATF_TC_WITHOUT_HEAD(reload__new_one_takes_over);
ATF_TC_BODY(reload__new_one_takes_over, tc)
{
	struct client		 c;
	struct ctl_result	 r;
	char			 told[64];
	pid_t			 old, new = 0;

	begin();
	hello(&c);
	script_is(steady);
	start_listening(&c, ". ./script");
	old = app_pid();
	ask_reload(&c);
	reload_told(&c, told, sizeof(told), &new, &r);
	ATF_CHECK_EQ_MSG(CTL_OK, r.code, "%s", r.text);
	ATF_CHECK_STREQ("SRxr", told);
	ATF_CHECK(!lives(old));
	ATF_CHECK(lives(new));
	ATF_CHECK_EQ(new, app_pid());
	/* There is one app, and it can be stopped. */
	ATF_REQUIRE_EQ(1, results(&c, ask_app(&c, IMSG_CTL_STOP, 0), 1, &r));
	ATF_CHECK_EQ(CTL_OK, r.code);
	ATF_CHECK(!lives(new));
	hang_up(&c);
	kill_daemon();
	finish();
}

ATF_TC_WITHOUT_HEAD(reload__new_one_fails);
ATF_TC_BODY(reload__new_one_fails, tc)
{
	struct client		 c;
	struct ctl_result	 r;
	char			 told[64];
	pid_t			 old, new = 0;

	begin();
	hello(&c);
	script_is(steady);
	start_listening(&c, ". ./script");
	old = app_pid();
	script_is("exit 3");
	ask_reload(&c);
	reload_told(&c, told, sizeof(told), &new, &r);
	ATF_CHECK_EQ(CTL_FAILED, r.code);
	ATF_CHECK_MSG(strstr(r.text, "exited with 3 after ") != NULL, "%s",
	    r.text);
	ATF_CHECK_MSG(strstr(r.text, "goes on serving") != NULL, "%s",
	    r.text);
	ATF_CHECK_STREQ("Sx", told);
	ATF_CHECK(lives(old));
	ATF_CHECK_EQ(old, app_pid());
	hang_up(&c);
	kill_daemon();
	ATF_CHECK(!lives(old));
	finish();
}

ATF_TC_WITHOUT_HEAD(reload__overtaken);
ATF_TC_BODY(reload__overtaken, tc)
{
	struct client		 c, other;
	struct ctl_result	 r;
	struct imsg		 imsg;
	char			 told[64];
	pid_t			 old, new = 0;

	begin();
	hello(&c);
	hello(&other);
	/* The new one is still there when the old one is gone. */
	script_is(steady);
	start_listening(&c, ". ./script");
	old = app_pid();
	script_is("trap 'sleep 0.5; exit 0' INT; while :; do sleep .05; done");
	ask_reload(&c);
	ATF_REQUIRE_EQ(1, next(&c, &imsg));
	imsg_free(&imsg);
	usleep(200000);
	ATF_REQUIRE_EQ(1, results(&other, ask_app(&other, IMSG_CTL_STOP, 0),
	    1, &r));
	ATF_CHECK_EQ(CTL_OK, r.code);
	ATF_CHECK_EQ(0, lives(old));
	reload_told(&c, told, sizeof(told), &new, &r);
	ATF_CHECK_EQ(CTL_BUSY, r.code);
	/* Nothing of any run is left: the next one is alone. */
	ATF_REQUIRE_EQ(1, results(&other, ask_app(&other, IMSG_CTL_DELETE,
	    0), 1, &r));
	ATF_CHECK_EQ(CTL_OK, r.code);
	hang_up(&c);
	hang_up(&other);
	kill_daemon();
	finish();
}

ATF_TC_WITHOUT_HEAD(reload__deleted_while_the_old_one_leaves);
ATF_TC_BODY(reload__deleted_while_the_old_one_leaves, tc)
{
	struct client		 c, other;
	struct ctl_result	 r;
	char			 told[64];
	pid_t			 old, new = 0;

	begin();
	hello(&c);
	hello(&other);
	start_listening(&c, "trap '' INT; while :; do sleep .05; done");
	usleep(100000);
	old = app_pid();
	ask_reload(&c);
	ATF_REQUIRE_EQ(0, imsgbuf_write(&c.ibuf));
	usleep(900000);
	ATF_CHECK(lives(old));
	ATF_REQUIRE_EQ(1, results(&other, ask_app(&other, IMSG_CTL_DELETE,
	    0), 1, &r));
	ATF_CHECK_EQ(CTL_OK, r.code);
	reload_told(&c, told, sizeof(told), &new, &r);
	ATF_CHECK_EQ(CTL_BUSY, r.code);
	ATF_CHECK_EQ('S', told[0]);
	ATF_CHECK_EQ('R', told[1]);
	ATF_CHECK(!lives(old));
	ATF_CHECK(!lives(new));
	hang_up(&c);
	hang_up(&other);
	kill_daemon();
	finish();
}

ATF_TC_WITHOUT_HEAD(reload__old_one_ends_by_itself);
ATF_TC_BODY(reload__old_one_ends_by_itself, tc)
{
	struct client		 c;
	struct ctl_result	 r;
	char			 told[64];
	pid_t			 old, new = 0;

	begin();
	hello(&c);
	start_listening(&c, steady);
	old = app_pid();
	ask_reload(&c);
	ATF_REQUIRE_EQ(0, imsgbuf_write(&c.ibuf));
	usleep(200000);
	ATF_REQUIRE_EQ(0, kill(old, SIGKILL));
	reload_told(&c, told, sizeof(told), &new, &r);
	ATF_CHECK_EQ_MSG(CTL_OK, r.code, "%s", r.text);
	ATF_CHECK_MSG(strchr(told, 'R') != NULL && strchr(told, 'r') != NULL,
	    "%s", told);
	ATF_CHECK(lives(new));
	ATF_CHECK_EQ(new, app_pid());
	hang_up(&c);
	kill_daemon();
	ATF_CHECK(!lives(new));
	finish();
}

ATF_TC_WITHOUT_HEAD(start__of_one_that_never_gets_ready);
ATF_TC_BODY(start__of_one_that_never_gets_ready, tc)
{
	struct client		 c;
	struct ctl_result	 r;
	struct spec_buf		 sb;

	begin();
	hello(&c);
	fill_spec(&sb, steady);
	ATF_REQUIRE_EQ(0, spec_add_u64(&sb, SPEC_WAIT_READY, 1));
	ATF_REQUIRE_EQ(0, spec_add_u64(&sb, SPEC_LISTEN_TIMEOUT, 500));
	ATF_REQUIRE_EQ(1, results(&c, start_spec(&c, &sb, 1), 1, &r));
	ATF_CHECK_EQ(CTL_FAILED, r.code);
	ATF_CHECK_EQ(STAGE_READY, r.stage);
	ATF_CHECK_MSG(strstr(r.text, "within 500ms") != NULL, "%s", r.text);

	fill_spec(&sb, "exit 4");
	ATF_REQUIRE_EQ(0, spec_add_u64(&sb, SPEC_WAIT_READY, 1));
	ATF_REQUIRE_EQ(1, results(&c, start_spec(&c, &sb, 1), 1, &r));
	ATF_CHECK_EQ(CTL_FAILED, r.code);
	ATF_CHECK_MSG(strstr(r.text, "exited with 4") != NULL, "%s", r.text);
	hang_up(&c);
	kill_daemon();
	finish();
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, restart__is_told_when_it_is_done);
	ATF_TP_ADD_TC(tp, start__has_one_answer_while_pm2d_goes);
	ATF_TP_ADD_TC(tp, end__answers_who_waits_for_the_log_daemon);
	ATF_TP_ADD_TC(tp, requests__thousands_at_once);
	ATF_TP_ADD_TC(tp, killer__that_does_not_read);
	ATF_TP_ADD_TC(tp, lock__is_kept_without_a_stdin);
	ATF_TP_ADD_TC(tp, successor__waits_for_the_end);
	ATF_TP_ADD_TC(tp, reload__new_one_takes_over);
	ATF_TP_ADD_TC(tp, reload__new_one_fails);
	ATF_TP_ADD_TC(tp, reload__overtaken);
	ATF_TP_ADD_TC(tp, reload__deleted_while_the_old_one_leaves);
	ATF_TP_ADD_TC(tp, reload__old_one_ends_by_itself);
	ATF_TP_ADD_TC(tp, start__of_one_that_never_gets_ready);
	return (atf_no_error());
}

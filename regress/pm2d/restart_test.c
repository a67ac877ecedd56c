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

#include "restart.h"

static struct restart_policy	 rp;
static struct restart_state	 rs;
static monotime_t		 now;
static uint64_t			 delay;

/* Stands before the library's: the ring's memory can be refused. */
static int			 nomem;

void *
reallocarray(void *p, size_t n, size_t size)
{
	if (nomem || (size != 0 && n > SIZE_MAX / size)) {
		errno = ENOMEM;
		return (NULL);
	}
	return (realloc(p, n * size));
}

/* The defaults of an app that says nothing. */
static void
defaults(void)
{
	static char	 errstr[64];
	struct spec	 sp;

	ATF_REQUIRE_EQ(0, spec_parse(&sp, "", 0, errstr, sizeof(errstr)));
	restart_policy(&rp, &sp);
	restart_free(&rs);
	now.ms = 1000000;
	nomem = 0;
}

/* It ran so long and ended with this code, -1: by SIGSEGV. */
static enum exit_verdict
ran(uint64_t ms, int code)
{
	struct restart_exit	 re;

	memset(&re, 0, sizeof(re));
	re.code = code;
	re.signal = code == -1 ? 11 : 0;
	re.ran_ms = ms;
	now.ms += ms;
	return (restart_decide(&rp, &rs, &re, now, &delay));
}

ATF_TC_WITHOUT_HEAD(policy__from_spec);
ATF_TC_BODY(policy__from_spec, tc)
{
	struct spec_buf	 sb;
	struct spec	 sp;
	char		 errstr[64];

	defaults();
	ATF_CHECK_EQ(1, rp.autorestart);
	ATF_CHECK_EQ(1000, rp.min_uptime);
	ATF_CHECK_EQ(15, rp.max_restarts);
	ATF_CHECK_EQ(0, rp.restart_delay);
	ATF_CHECK_EQ(0, rp.exp_backoff);
	ATF_CHECK_EQ(0, rp.stop_codes[0] | rp.stop_codes[1] |
	    rp.stop_codes[2] | rp.stop_codes[3]);

	memset(&sb, 0, sizeof(sb));
	ATF_REQUIRE_EQ(0, spec_add_u64(&sb, SPEC_AUTORESTART, 0));
	ATF_REQUIRE_EQ(0, spec_add_u64(&sb, SPEC_RESTART_DELAY, 7));
	ATF_REQUIRE_EQ(0, spec_add_u64(&sb, SPEC_EXP_BACKOFF, 8));
	ATF_REQUIRE_EQ(0, spec_add_u64(&sb, SPEC_MAX_RESTARTS, 9));
	ATF_REQUIRE_EQ(0, spec_add_u64(&sb, SPEC_MIN_UPTIME, 10));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_STOP_EXIT_CODE, "0"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_STOP_EXIT_CODE, "64"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_STOP_EXIT_CODE, "255"));
	ATF_REQUIRE_EQ(0, spec_parse(&sp, sb.data, sb.len, errstr,
	    sizeof(errstr)));
	restart_policy(&rp, &sp);
	ATF_CHECK_EQ(0, rp.autorestart);
	ATF_CHECK_EQ(7, rp.restart_delay);
	ATF_CHECK_EQ(8, rp.exp_backoff);
	ATF_CHECK_EQ(9, rp.max_restarts);
	ATF_CHECK_EQ(10, rp.min_uptime);
	ATF_CHECK_EQ(1, rp.stop_codes[0]);
	ATF_CHECK_EQ(1, rp.stop_codes[1]);
	ATF_CHECK_EQ(0, rp.stop_codes[2]);
	ATF_CHECK_EQ(UINT64_C(1) << 63, rp.stop_codes[3]);
	spec_buf_free(&sb);
}

ATF_TC_WITHOUT_HEAD(decide__at_once);
ATF_TC_BODY(decide__at_once, tc)
{
	defaults();
	ATF_CHECK_EQ(VERDICT_RESTART, ran(100000, 0));
	ATF_CHECK_EQ(0, delay);
	ATF_CHECK_EQ(1, rs.restarts);
	ATF_CHECK_EQ(0, rs.unstable);
	ATF_CHECK_MSG(rs.ring == NULL, "memory for an app that is well");
	ATF_CHECK_EQ(VERDICT_RESTART, ran(999, -1));
	ATF_CHECK_EQ(2, rs.restarts);
	ATF_CHECK_EQ(1, rs.unstable);
	ATF_CHECK_EQ(VERDICT_RESTART, ran(1000, -1));
	ATF_CHECK_EQ(1, rs.unstable);
	restart_free(&rs);
}

ATF_TC_WITHOUT_HEAD(decide__no_autorestart);
ATF_TC_BODY(decide__no_autorestart, tc)
{
	defaults();
	rp.autorestart = 0;
	ATF_CHECK_EQ(VERDICT_STOPPED, ran(5, 1));
	ATF_CHECK_EQ(0, rs.restarts);
	ATF_CHECK_EQ(0, rs.unstable);
}

ATF_TC_WITHOUT_HEAD(decide__stop_exit_codes);
ATF_TC_BODY(decide__stop_exit_codes, tc)
{
	int	 code;

	for (code = 0; code < 256; code++) {
		defaults();
		rp.stop_codes[code / 64] = UINT64_C(1) << (code % 64);
		ATF_CHECK_EQ(VERDICT_STOPPED, ran(5, code));
		ATF_CHECK_EQ(VERDICT_RESTART, ran(5, (code + 1) % 256));
		ATF_CHECK_EQ(VERDICT_RESTART, ran(5, -1));
		ATF_CHECK_EQ(2, rs.restarts);
	}
	restart_free(&rs);
}

ATF_TC_WITHOUT_HEAD(decide__errored_after_15);
ATF_TC_BODY(decide__errored_after_15, tc)
{
	uint32_t	 i;

	defaults();
	for (i = 1; i < 15; i++) {
		ATF_CHECK_EQ(VERDICT_RESTART, ran(30, 1));
		ATF_CHECK_EQ(i, rs.unstable);
	}
	ATF_CHECK_EQ(VERDICT_ERRORED, ran(30, 1));
	ATF_CHECK_EQ(15, rs.restarts);
	ATF_CHECK_EQ(0, rs.unstable);

	/* a person restarts it: another 15 */
	restart_reset(&rs);
	for (i = 1; i < 15; i++)
		ATF_CHECK_EQ(VERDICT_RESTART, ran(30, 1));
	ATF_CHECK_EQ(VERDICT_ERRORED, ran(30, 1));
	ATF_CHECK_EQ(30, rs.restarts);
	restart_free(&rs);
}

ATF_TC_WITHOUT_HEAD(decide__old_app_begins_to_crash);
ATF_TC_BODY(decide__old_app_begins_to_crash, tc)
{
	int	 i;

	defaults();
	ATF_CHECK_EQ(VERDICT_RESTART, ran(86400000, 1));
	for (i = 1; i < 15; i++)
		ATF_CHECK_EQ(VERDICT_RESTART, ran(10, 1));
	ATF_CHECK_EQ(VERDICT_ERRORED, ran(10, 1));
	restart_free(&rs);
}

/* The window slides: short exits spread over more than it do no harm. */
ATF_TC_WITHOUT_HEAD(decide__window_slides);
ATF_TC_BODY(decide__window_slides, tc)
{
	int	 i;

	defaults();
	rp.max_restarts = 3;
	for (i = 0; i < 100; i++) {
		now.ms += 7400;
		ATF_CHECK_EQ(VERDICT_RESTART, ran(100, 1));
		ATF_CHECK(rs.unstable <= 2);
		if (i > 0) {
			/* the two last are 7500 apart, the third 15000 */
			ATF_CHECK_EQ(2, rs.unstable);
		}
	}
	now.ms += 7399;
	ATF_CHECK_EQ(VERDICT_ERRORED, ran(100, 1));
	restart_free(&rs);
}

ATF_TC_WITHOUT_HEAD(decide__window_grows_with_min_uptime);
ATF_TC_BODY(decide__window_grows_with_min_uptime, tc)
{
	int	 i;

	defaults();
	rp.min_uptime = 60000;
	rp.max_restarts = 10;		/* window: 10 minutes */
	for (i = 1; i < 10; i++)
		ATF_CHECK_EQ(VERDICT_RESTART, ran(59000, 1));
	ATF_CHECK_EQ(VERDICT_ERRORED, ran(59000, 1));
	restart_free(&rs);
}

ATF_TC_WITHOUT_HEAD(decide__max_restarts_0);
ATF_TC_BODY(decide__max_restarts_0, tc)
{
	int	 i;

	defaults();
	rp.max_restarts = 0;
	for (i = 0; i < 1000; i++)
		ATF_REQUIRE_EQ(VERDICT_RESTART, ran(1, 1));
	ATF_CHECK_EQ(1000, rs.restarts);
	ATF_CHECK(rs.ring == NULL);
}

ATF_TC_WITHOUT_HEAD(decide__max_restarts_1);
ATF_TC_BODY(decide__max_restarts_1, tc)
{
	defaults();
	rp.max_restarts = 1;
	ATF_CHECK_EQ(VERDICT_RESTART, ran(1000, 1));
	ATF_CHECK_EQ(VERDICT_ERRORED, ran(999, 1));
	restart_free(&rs);
}

ATF_TC_WITHOUT_HEAD(decide__min_uptime_0);
ATF_TC_BODY(decide__min_uptime_0, tc)
{
	int	 i;

	defaults();
	rp.min_uptime = 0;
	for (i = 0; i < 100; i++)
		ATF_REQUIRE_EQ(VERDICT_RESTART, ran(0, 1));
}

ATF_TC_WITHOUT_HEAD(decide__restart_delay);
ATF_TC_BODY(decide__restart_delay, tc)
{
	defaults();
	rp.restart_delay = 300;
	ATF_CHECK_EQ(VERDICT_DELAYED, ran(5000, 0));
	ATF_CHECK_EQ(300, delay);
	ATF_CHECK_EQ(1, rs.restarts);
	rp.autorestart = 0;
	ATF_CHECK_EQ(VERDICT_STOPPED, ran(5000, 0));
	ATF_CHECK_EQ(0, delay);
}

ATF_TC_WITHOUT_HEAD(decide__backoff);
ATF_TC_BODY(decide__backoff, tc)
{
	static const uint64_t	 expected[] = { 100, 150, 225, 338, 507, 761,
		1142, 1713, 2570, 3855, 5783, 8675, 13013, 15000, 15000 };
	size_t			 i;

	defaults();
	rp.exp_backoff = 100;
	rp.restart_delay = 7;		/* backoff goes before it */
	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		ATF_CHECK_EQ(VERDICT_DELAYED, ran(2000, 1));
		ATF_CHECK_EQ(expected[i], delay);
		now.ms += delay;
	}
	ATF_CHECK_EQ(VERDICT_DELAYED, ran(29999, 1));
	ATF_CHECK_EQ(15000, delay);
	ATF_CHECK_EQ(VERDICT_DELAYED, ran(30000, 1));
	ATF_CHECK_EQ(100, delay);
	ATF_CHECK_EQ(VERDICT_DELAYED, ran(2000, 1));
	ATF_CHECK_EQ(150, delay);
	restart_reset(&rs);
	ATF_CHECK_EQ(VERDICT_DELAYED, ran(2000, 1));
	ATF_CHECK_EQ(100, delay);
	restart_free(&rs);
}

ATF_TC_WITHOUT_HEAD(decide__backoff_odd_values);
ATF_TC_BODY(decide__backoff_odd_values, tc)
{
	uint64_t	 last = 0;
	int		 i;

	defaults();
	rp.exp_backoff = 1;
	for (i = 0; i < 30; i++) {
		ATF_CHECK_EQ(VERDICT_DELAYED, ran(2000, 1));
		ATF_CHECK(delay > last || delay == RESTART_CAP);
		last = delay;
	}
	ATF_CHECK_EQ(RESTART_CAP, last);

	defaults();
	rp.exp_backoff = 60000;
	ran(2000, 1);
	ATF_CHECK_EQ(60000, delay);
	ran(2000, 1);
	ATF_CHECK_EQ_MSG(60000, delay, "never less than what was asked for");
}

ATF_TC_WITHOUT_HEAD(decide__no_memory);
ATF_TC_BODY(decide__no_memory, tc)
{
	defaults();
	nomem = 1;
	ATF_CHECK_EQ(VERDICT_DELAYED, ran(1, 1));
	ATF_CHECK_EQ(RESTART_NOMEM, delay);
	ATF_CHECK_EQ(1, rs.restarts);
	rp.restart_delay = 5000;
	ATF_CHECK_EQ(VERDICT_DELAYED, ran(1, 1));
	ATF_CHECK_EQ(5000, delay);
	nomem = 0;
	rp.restart_delay = 0;
	ATF_CHECK_EQ(VERDICT_RESTART, ran(1, 1));
	ATF_CHECK_EQ(1, rs.unstable);
	restart_free(&rs);
}

ATF_TC_WITHOUT_HEAD(decide__policy_changes);
ATF_TC_BODY(decide__policy_changes, tc)
{
	int	 i;

	defaults();
	for (i = 0; i < 10; i++)
		ATF_CHECK_EQ(VERDICT_RESTART, ran(1, 1));
	rp.max_restarts = 3;		/* started anew with other options */
	ATF_CHECK_EQ(VERDICT_RESTART, ran(1, 1));
	ATF_CHECK_EQ(VERDICT_RESTART, ran(1, 1));
	ATF_CHECK_EQ(VERDICT_ERRORED, ran(1, 1));
	restart_free(&rs);
}

ATF_TC_WITHOUT_HEAD(free__twice);
ATF_TC_BODY(free__twice, tc)
{
	defaults();
	ran(1, 1);
	restart_free(&rs);
	ATF_CHECK(rs.ring == NULL);
	restart_free(&rs);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, policy__from_spec);
	ATF_TP_ADD_TC(tp, decide__at_once);
	ATF_TP_ADD_TC(tp, decide__no_autorestart);
	ATF_TP_ADD_TC(tp, decide__stop_exit_codes);
	ATF_TP_ADD_TC(tp, decide__errored_after_15);
	ATF_TP_ADD_TC(tp, decide__old_app_begins_to_crash);
	ATF_TP_ADD_TC(tp, decide__window_slides);
	ATF_TP_ADD_TC(tp, decide__window_grows_with_min_uptime);
	ATF_TP_ADD_TC(tp, decide__max_restarts_0);
	ATF_TP_ADD_TC(tp, decide__max_restarts_1);
	ATF_TP_ADD_TC(tp, decide__min_uptime_0);
	ATF_TP_ADD_TC(tp, decide__restart_delay);
	ATF_TP_ADD_TC(tp, decide__backoff);
	ATF_TP_ADD_TC(tp, decide__backoff_odd_values);
	ATF_TP_ADD_TC(tp, decide__no_memory);
	ATF_TP_ADD_TC(tp, decide__policy_changes);
	ATF_TP_ADD_TC(tp, free__twice);
	return (atf_no_error());
}

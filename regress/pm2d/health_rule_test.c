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

#include "health-rule.h"

static struct health_rule	 r;

ATF_TC_WITHOUT_HEAD(rule__bad_after_so_many_in_a_row);
ATF_TC_BODY(rule__bad_after_so_many_in_a_row, tc)
{
	health_rule_begin(&r);
	ATF_CHECK_EQ(HEALTH_UNKNOWN, r.state);
	ATF_CHECK_EQ(HEALTH_TELL, health_rule_good(&r));
	ATF_CHECK_EQ(HEALTH_SAME, health_rule_good(&r));
	ATF_CHECK_EQ(HEALTH_TELL, health_rule_bad(&r, 0, 3));
	ATF_CHECK_EQ(HEALTH_FAILING, r.state);
	ATF_CHECK_EQ(HEALTH_SAME, health_rule_bad(&r, 0, 3));
	ATF_CHECK_EQ_MSG(HEALTH_TELL, health_rule_good(&r), "well again");
	ATF_CHECK_EQ(HEALTH_TELL, health_rule_bad(&r, 0, 3));
	ATF_CHECK_EQ(HEALTH_SAME, health_rule_bad(&r, 0, 3));
	ATF_CHECK_EQ(HEALTH_ACT, health_rule_bad(&r, 0, 3));
	ATF_CHECK_EQ(HEALTH_BAD, r.state);
}

/* What was to be done may not have been possible. */
ATF_TC_WITHOUT_HEAD(rule__acts_again);
ATF_TC_BODY(rule__acts_again, tc)
{
	health_rule_begin(&r);
	ATF_CHECK_EQ(HEALTH_TELL, health_rule_bad(&r, 0, 2));
	ATF_CHECK_EQ(HEALTH_ACT, health_rule_bad(&r, 0, 2));
	ATF_CHECK_EQ(HEALTH_SAME, health_rule_bad(&r, 0, 2));
	ATF_CHECK_EQ(HEALTH_ACT, health_rule_bad(&r, 0, 2));
	ATF_CHECK_EQ(HEALTH_TELL, health_rule_good(&r));
	ATF_CHECK_EQ(HEALTH_GOOD, r.state);
}

ATF_TC_WITHOUT_HEAD(rule__grace_ends_when_it_is_well);
ATF_TC_BODY(rule__grace_ends_when_it_is_well, tc)
{
	int	 i;

	health_rule_begin(&r);
	for (i = 0; i < 10; i++)
		ATF_CHECK_EQ(HEALTH_SAME, health_rule_bad(&r, 1, 1));
	ATF_CHECK_EQ(HEALTH_UNKNOWN, r.state);
	ATF_CHECK_EQ(HEALTH_TELL, health_rule_good(&r));
	ATF_CHECK_EQ(HEALTH_ACT, health_rule_bad(&r, 1, 1));
}

ATF_TC_WITHOUT_HEAD(rule__once_is_enough);
ATF_TC_BODY(rule__once_is_enough, tc)
{
	health_rule_begin(&r);
	ATF_CHECK_EQ(HEALTH_ACT, health_rule_bad(&r, 0, 1));
	ATF_CHECK_EQ(HEALTH_ACT, health_rule_bad(&r, 0, 0));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, rule__bad_after_so_many_in_a_row);
	ATF_TP_ADD_TC(tp, rule__acts_again);
	ATF_TP_ADD_TC(tp, rule__grace_ends_when_it_is_well);
	ATF_TP_ADD_TC(tp, rule__once_is_enough);
	return (atf_no_error());
}

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


#include <stdio.h>
#include <string.h>

#include <atf-c.h>

#include "pace.h"

static struct pace	 pace;
static monotime_t	 now;

/* How many tokens there are now. */
static int
drain(void)
{
	int	 n;

	for (n = 0; pace_take(&pace, now) == 0; n++)
		continue;
	return (n);
}

ATF_TC_WITHOUT_HEAD(take__burst);
ATF_TC_BODY(take__burst, tc)
{
	now.ms = 5000000;
	ATF_CHECK_EQ(PACE_BURST, drain());
	ATF_CHECK_EQ(5, pace_take(&pace, now));
	ATF_CHECK_EQ_MSG(5, pace_take(&pace, now), "asking takes nothing");
	now.ms += 4;
	ATF_CHECK_EQ(1, pace_take(&pace, now));
	now.ms += 1;
	ATF_CHECK_EQ(1, drain());
}

ATF_TC_WITHOUT_HEAD(take__at_boot);
ATF_TC_BODY(take__at_boot, tc)
{
	now.ms = 0;
	ATF_CHECK_EQ(PACE_BURST, drain());
}

ATF_TC_WITHOUT_HEAD(take__refills);
ATF_TC_BODY(take__refills, tc)
{
	now.ms = 1;
	drain();
	now.ms += 250;
	ATF_CHECK_EQ(50, drain());
	now.ms += 500;
	ATF_CHECK_EQ(PACE_BURST, drain());
	now.ms += 86400000;
	ATF_CHECK_EQ_MSG(PACE_BURST, drain(), "not more than a burst");
}

/* A storm that asks whenever it is told to: 200 a second in the long run. */
ATF_TC_WITHOUT_HEAD(take__storm);
ATF_TC_BODY(take__storm, tc)
{
	uint64_t	 wait;
	int		 n = 0;

	now.ms = 1000;
	while (now.ms < 11000) {
		if ((wait = pace_take(&pace, now)) == 0)
			n++;
		ATF_REQUIRE(wait <= 5);
		now.ms += wait;
	}
	ATF_CHECK_EQ(PACE_BURST + 10 * PACE_RATE - 1, n);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, take__burst);
	ATF_TP_ADD_TC(tp, take__at_boot);
	ATF_TP_ADD_TC(tp, take__refills);
	ATF_TP_ADD_TC(tp, take__storm);
	return (atf_no_error());
}

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
#include <string.h>

#include <atf-c.h>

#include "msg.h"

static const struct {
	uint32_t	 number;
	const char	*name;
} list[] = {
#define X(name, number) { number, #name },
	MSG_LIST(X)
#undef X
};

#define NLIST	(sizeof(list) / sizeof(list[0]))

ATF_TC_WITHOUT_HEAD(msg_name__each_number_once);
ATF_TC_BODY(msg_name__each_number_once, tc)
{
	size_t	 i, k;

	for (i = 0; i < NLIST; i++) {
		ATF_CHECK_STREQ(list[i].name, msg_name(list[i].number));
		for (k = 0; k < i; k++)
			ATF_CHECK(list[i].number != list[k].number);
	}
}

ATF_TC_WITHOUT_HEAD(msg_name__unknown_number);
ATF_TC_BODY(msg_name__unknown_number, tc)
{
	ATF_CHECK_STREQ("unknown", msg_name(0));
	ATF_CHECK_STREQ("unknown", msg_name(99));
	ATF_CHECK_STREQ("unknown", msg_name(UINT32_MAX));
}

ATF_TC_WITHOUT_HEAD(app_statename__words_of_pm2);
ATF_TC_BODY(app_statename__words_of_pm2, tc)
{
	ATF_CHECK_STREQ("stopped", app_statename(APP_STOPPED));
	ATF_CHECK_STREQ("launching", app_statename(APP_LAUNCHING));
	ATF_CHECK_STREQ("online", app_statename(APP_ONLINE));
	ATF_CHECK_STREQ("stopping", app_statename(APP_STOPPING));
	ATF_CHECK_STREQ("errored", app_statename(APP_ERRORED));
	ATF_CHECK_STREQ("waiting restart", app_statename(APP_WAITING));
	ATF_CHECK_STREQ("unknown", app_statename(APP_NSTATES));
	ATF_CHECK_STREQ("unknown", app_statename(UINT32_MAX));
}

ATF_TC_WITHOUT_HEAD(stage_name__all_have_words);
ATF_TC_BODY(stage_name__all_have_words, tc)
{
	uint32_t	 i;

	ATF_CHECK_STREQ("", stage_name(STAGE_NONE));
	for (i = STAGE_NONE + 1; i < STAGE_COUNT; i++)
		ATF_CHECK(strlen(stage_name(i)) > 5);
	ATF_CHECK_STREQ("executing the program", stage_name(STAGE_EXEC));
	ATF_CHECK_STREQ("an unknown step", stage_name(STAGE_COUNT));
	ATF_CHECK_STREQ("an unknown step", stage_name(UINT32_MAX));
}

ATF_TC_WITHOUT_HEAD(stage_strerror__findings);
ATF_TC_BODY(stage_strerror__findings, tc)
{
	ATF_CHECK_STREQ("no such user", stage_strerror(STAGE_USER, ENOENT));
	ATF_CHECK_STREQ("only root may run apps as another user",
	    stage_strerror(STAGE_USER, EPERM));
	ATF_CHECK_STREQ("is a symbolic link",
	    stage_strerror(STAGE_LOGFILE, ELOOP));
	/* The same numbers elsewhere are what they always are. */
	ATF_CHECK_STREQ(strerror(ENOENT), stage_strerror(STAGE_EXEC, ENOENT));
	ATF_CHECK_STREQ(strerror(ENOENT),
	    stage_strerror(UINT32_MAX, ENOENT));
}

ATF_TC_WITHOUT_HEAD(ctl_codename__all_have_words);
ATF_TC_BODY(ctl_codename__all_have_words, tc)
{
	uint32_t	 i;

	for (i = CTL_OK; i <= CTL_TOOMANY; i++)
		ATF_CHECK(*ctl_codename(i) != '\0');
	ATF_CHECK_STREQ("no such app", ctl_codename(CTL_NOSUCH));
	ATF_CHECK_STREQ("unknown answer", ctl_codename(CTL_TOOMANY + 1));
	ATF_CHECK_STREQ("unknown answer", ctl_codename(UINT32_MAX));
}

/* Payloads are compared and hashed as bytes: no hole may be in them. */
ATF_TC_WITHOUT_HEAD(payload__no_padding);
ATF_TC_BODY(payload__no_padding, tc)
{
	ATF_CHECK_EQ(48, sizeof(struct ctl_hello));
	ATF_CHECK_EQ(8, sizeof(struct ctl_list));
	ATF_CHECK_EQ(24, sizeof(struct ctl_start));
	ATF_CHECK_EQ(8, sizeof(struct ctl_update));
	ATF_CHECK_EQ(8, sizeof(struct ctl_app));
	ATF_CHECK_EQ(16, sizeof(struct ctl_logs));
	ATF_CHECK_EQ(12 * 4 + 5 * 8 + 2 * 4 + 3 * 8 + 4 * 4, sizeof(struct ctl_appfix));
	ATF_CHECK_EQ(10 * 4 + 3 * 8, sizeof(struct ctl_exit));
	ATF_CHECK_EQ(6 * 4 + 8 + sizeof(struct ctl_exit) + APP_NAME_MAX,
	    sizeof(struct ctl_event));
	ATF_CHECK_EQ(256, sizeof(struct ctl_row));
	ATF_CHECK_EQ(280, sizeof(struct ctl_result));
	ATF_CHECK_EQ(24, sizeof(struct log_conf));
	ATF_CHECK_EQ(280, sizeof(struct log_file));
	ATF_CHECK_EQ(216, sizeof(struct log_stream));
	ATF_CHECK_EQ(16, sizeof(struct log_streamed));
	ATF_CHECK_EQ(16, sizeof(struct log_ref));
	ATF_CHECK_EQ(264, sizeof(struct log_pidfile));
	ATF_CHECK_EQ(16, sizeof(struct log_follow));
	ATF_CHECK_EQ(24, sizeof(struct follow_line));
	ATF_CHECK_EQ(272, sizeof(struct follow_file));
	ATF_CHECK_EQ(2 * 4 + 4 * 8 + 2 * 4 + 256, sizeof(struct follow_stats));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, msg_name__each_number_once);
	ATF_TP_ADD_TC(tp, msg_name__unknown_number);
	ATF_TP_ADD_TC(tp, app_statename__words_of_pm2);
	ATF_TP_ADD_TC(tp, stage_name__all_have_words);
	ATF_TP_ADD_TC(tp, stage_strerror__findings);
	ATF_TP_ADD_TC(tp, ctl_codename__all_have_words);
	ATF_TP_ADD_TC(tp, payload__no_padding);
	return (atf_no_error());
}

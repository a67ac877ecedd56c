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
#include <string.h>

#include <atf-c.h>

#include "listen-policy.h"

static struct listen_rights	 lr;
static struct engine_listen	 q;

static void
begin(uid_t owner, int privileged)
{
	lr.owner = owner;
	lr.privileged = privileged;
	lr.lowport = 1024;
	memset(&q, 0, sizeof(q));
	q.type = LISTEN_TCP4;
	q.port = 8000;
	strlcpy(q.address, "127.0.0.1", sizeof(q.address));
}

ATF_TC_WITHOUT_HEAD(port__owner);
ATF_TC_BODY(port__owner, tc)
{
	begin(1000, 1);
	ATF_CHECK_EQ(0, listen_policy(&lr, &q));
	q.port = 1024;
	ATF_CHECK_EQ(0, listen_policy(&lr, &q));
	q.port = 1023;
	ATF_CHECK_EQ(EACCES, listen_policy(&lr, &q));
	q.port = 80;
	q.type = LISTEN_UDP4;
	ATF_CHECK_EQ(EACCES, listen_policy(&lr, &q));
	q.port = 0;
	ATF_CHECK_EQ(0, listen_policy(&lr, &q));

	begin(0, 1);
	q.port = 80;
	ATF_CHECK_EQ(0, listen_policy(&lr, &q));
	/* a daemon without rights: the kernel decides */
	begin(1000, 0);
	q.port = 80;
	ATF_CHECK_EQ(0, listen_policy(&lr, &q));
	lr.lowport = 0;
	lr.privileged = 1;
	ATF_CHECK_EQ(0, listen_policy(&lr, &q));
}

ATF_TC_WITHOUT_HEAD(form__inet);
ATF_TC_BODY(form__inet, tc)
{
	begin(0, 1);
	q.port = 65536;
	ATF_CHECK_EQ(EINVAL, listen_policy(&lr, &q));
	begin(0, 1);
	q.type = LISTEN_NTYPES;
	ATF_CHECK_EQ(EINVAL, listen_policy(&lr, &q));
	begin(0, 1);
	q.flags = LISTEN_ANY;		/* and an address */
	ATF_CHECK_EQ(EINVAL, listen_policy(&lr, &q));
	q.address[0] = '\0';
	ATF_CHECK_EQ(0, listen_policy(&lr, &q));
	q.flags = LISTEN_REUSEADDR;
	ATF_CHECK_EQ(EINVAL, listen_policy(&lr, &q));
	begin(0, 1);
	q.backlog = UINT32_MAX;
	ATF_CHECK_EQ(EINVAL, listen_policy(&lr, &q));
	begin(0, 1);
	q.datalen = LISTENER_DATA_MAX + 1;
	ATF_CHECK_EQ(EINVAL, listen_policy(&lr, &q));
	begin(0, 1);
	memset(q.address, '1', sizeof(q.address));
	ATF_CHECK_EQ(EINVAL, listen_policy(&lr, &q));
}

ATF_TC_WITHOUT_HEAD(form__unix);
ATF_TC_BODY(form__unix, tc)
{
	begin(0, 1);
	q.type = LISTEN_UNIX;
	q.port = 0;
	ATF_CHECK_EQ(EINVAL, listen_policy(&lr, &q));
	q.flags = LISTEN_ABSTRACT;
	ATF_CHECK_EQ(0, listen_policy(&lr, &q));
	q.flags = LISTEN_READALL | LISTEN_WRITEALL;
	strlcpy(q.address, "/run/x.sock", sizeof(q.address));
	ATF_CHECK_EQ(0, listen_policy(&lr, &q));
	q.port = 1;
	ATF_CHECK_EQ(EINVAL, listen_policy(&lr, &q));
	q.port = 0;
	q.flags = LISTEN_V6ONLY;
	ATF_CHECK_EQ(EINVAL, listen_policy(&lr, &q));
	q.flags = 0;
	q.address[0] = '\0';
	ATF_CHECK_EQ(EINVAL, listen_policy(&lr, &q));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, port__owner);
	ATF_TP_ADD_TC(tp, form__inet);
	ATF_TP_ADD_TC(tp, form__unix);
	return (atf_no_error());
}

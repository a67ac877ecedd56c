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
#include <stdlib.h>
#include <string.h>

#include <atf-c.h>

#include "helper.h"
#include "parent.h"
#include "peers.h"

/* Lookups are answered by the test. */
static helper_cb	*answer;
static void		*answer_arg;
static int		 asked, impossible, told_n;
static struct ids	 ids;

struct helper *
helper_run(struct event_base *base, const struct ids *as, helper_job *job,
    const void *req, size_t len, const int *fds, int nfds, helper_cb *cb,
    void *arg)
{
	static char	 one;

	(void)base, (void)as, (void)job, (void)req, (void)len;
	(void)fds, (void)nfds;
	asked++;
	if (impossible) {
		errno = EAGAIN;
		return (NULL);
	}
	answer = cb;
	answer_arg = arg;
	return ((struct helper *)&one);
}

void
helper_cancel(struct helper *h)
{
	(void)h;
	answer = NULL;
}

int
job_lookup_uid(const void *req, size_t len, struct helper_reply *reply)
{
	(void)req, (void)len, (void)reply;
	return (0);
}

static void
told(struct pm2d *env, struct peer *p)
{
	(void)env;
	ATF_REQUIRE(p->known);
	told_n++;
}

static void
found(gid_t gid)
{
	memset(&ids, 0, sizeof(ids));
	ids.uid = 1000;
	(void)strlcpy(ids.name, "alice", sizeof(ids.name));
	ids.ngroups = 1;
	ids.groups[0] = gid;
}

static void
require_group(gid_t gid)
{
	struct rule_subject	 sub;

	peers_subject(1000, &sub);
	ATF_REQUIRE_EQ(1, sub.ngroups);
	ATF_REQUIRE_EQ(gid, sub.groups[0]);
}

static struct pm2d	 env;

ATF_TC_WITHOUT_HEAD(again__groups_count_meanwhile);
ATF_TC_BODY(again__groups_count_meanwhile, tc)
{
	struct peer	*a, *b;

	peers_init(told);
	ATF_REQUIRE((a = peer_get(&env, 1000)) != NULL);
	ATF_REQUIRE(!a->known);
	found(5);
	answer(answer_arg, 0, &ids, sizeof(ids), NULL, 0);
	ATF_REQUIRE(a->known && !a->failed);
	require_group(5);
	/* it is old by now */
	a->since.ms = 0;
	ATF_REQUIRE((b = peer_get(&env, 1000)) != NULL);
	ATF_REQUIRE(a != b && !b->known);
	require_group(5);
	/* nobody can be asked: as it was, and the next one asks again */
	answer(answer_arg, ETIMEDOUT, NULL, 0, NULL, 0);
	ATF_REQUIRE(b->known && !b->failed);
	require_group(5);
	peer_put(a);
	peer_put(b);
	ATF_REQUIRE((b = peer_get(&env, 1000)) != NULL && !b->known);
	found(6);
	answer(answer_arg, 0, &ids, sizeof(ids), NULL, 0);
	require_group(6);
	ATF_REQUIRE_EQ(3, asked);
	ATF_REQUIRE_EQ(3, told_n);
	peer_put(b);
	peers_exit();
}

ATF_TC_WITHOUT_HEAD(failed__is_not_without_groups);
ATF_TC_BODY(failed__is_not_without_groups, tc)
{
	struct peer	*p;

	peers_init(told);
	ATF_REQUIRE((p = peer_get(&env, 1000)) != NULL);
	answer(answer_arg, ETIMEDOUT, NULL, 0, NULL, 0);
	ATF_REQUIRE(p->known && p->failed);
	peer_put(p);
	impossible = 1;
	ATF_REQUIRE((p = peer_get(&env, 1000)) != NULL);
	ATF_REQUIRE(p->known && p->failed);
	peer_put(p);
	/* root does not depend on it */
	ATF_REQUIRE((p = peer_get(&env, 0)) != NULL);
	ATF_REQUIRE(p->known && !p->failed);
	ATF_REQUIRE_STREQ("root", p->name);
	peer_put(p);
	impossible = 0;
	ATF_REQUIRE((p = peer_get(&env, 1000)) != NULL && !p->known);
	answer(answer_arg, ENOENT, NULL, 0, NULL, 0);
	ATF_REQUIRE(p->known && !p->failed);
	peer_put(p);
	peers_exit();
}

/* What an app was started with weeks ago lets nobody in today. */
ATF_TC_WITHOUT_HEAD(offered__lets_nobody_in);
ATF_TC_BODY(offered__lets_nobody_in, tc)
{
	struct peer	*p;

	peers_init(told);
	found(5);
	peers_offer(&env, &ids);
	require_group(5);
	ATF_REQUIRE((p = peer_get(&env, 1000)) != NULL && !p->known);
	answer(answer_arg, ETIMEDOUT, NULL, 0, NULL, 0);
	ATF_REQUIRE(p->failed);
	peer_put(p);
	ATF_REQUIRE((p = peer_get(&env, 1000)) != NULL && !p->known);
	found(6);
	answer(answer_arg, 0, &ids, sizeof(ids), NULL, 0);
	ATF_REQUIRE(!p->failed);
	found(5);
	peers_offer(&env, &ids);
	require_group(6);
	peer_put(p);
	peers_exit();
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, again__groups_count_meanwhile);
	ATF_TP_ADD_TC(tp, failed__is_not_without_groups);
	ATF_TP_ADD_TC(tp, offered__lets_nobody_in);
	return (atf_no_error());
}

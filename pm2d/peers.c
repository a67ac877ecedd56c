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


#include <sys/types.h>
#include <sys/queue.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper.h"
#include "log.h"
#include "parent.h"
#include "peers.h"

/*
 * Names and groups of users.  A name service may take its time: it is asked
 * by a helper, for each user once in a while, and never by us.  What somebody
 * holds stays as it is: news of the same user are another peer.
 */

#define PEER_MS		10000	/* so long it is believed */
#define PEERS_MAX	1024	/* that are kept, beside those in use */

TAILQ_HEAD(peerlist, peer);

static struct peerlist	 peers = TAILQ_HEAD_INITIALIZER(peers);
static uint32_t		 npeers;
static void		(*told)(struct pm2d *, struct peer *);

static void	 peer_free(struct peer *);
static void	 peer_ask(struct peer *);

void
peers_init(void (*fn)(struct pm2d *, struct peer *))
{
	told = fn;
}

void
peers_exit(void)
{
	struct peer	*p;

	while ((p = TAILQ_FIRST(&peers)) != NULL) {
		p->refs = 0;
		TAILQ_REMOVE(&peers, p, entry);
		peer_free(p);
	}
	npeers = 0;
}

static struct peer *
find(uid_t uid)
{
	struct peer	*p;

	TAILQ_FOREACH(p, &peers, entry)
		if (p->uid == uid)
			return (p);
	return (NULL);
}

static void
peer_free(struct peer *p)
{
	if (p->helper != NULL)
		helper_cancel(p->helper);
	free(p->groups);
	free(p);
}

/* Out of the list; who holds it yet has it for himself. */
static void
peer_drop(struct peer *p)
{
	TAILQ_REMOVE(&peers, p, entry);
	npeers--;
	p->past = 1;
	if (p->refs == 0)
		peer_free(p);
}

/* The one that was made first goes, unless it is in use. */
static void
make_room(void)
{
	struct peer	*p;

	if (npeers < PEERS_MAX)
		return;
	TAILQ_FOREACH_REVERSE(p, &peers, peerlist, entry)
		if (p->refs == 0) {
			peer_drop(p);
			return;
		}
}

static struct peer *
peer_new(struct pm2d *env, uid_t uid)
{
	struct peer	*p;

	make_room();
	if ((p = calloc(1, sizeof(*p))) == NULL)
		return (NULL);
	p->env = env;
	p->uid = uid;
	TAILQ_INSERT_HEAD(&peers, p, entry);
	npeers++;
	return (p);
}

static void
set_groups(struct peer *p, const gid_t *groups, int n)
{
	free(p->groups);
	p->groups = NULL;
	p->ngroups = 0;
	if (n <= 0 || n > IDS_GROUPS_MAX)
		return;
	p->groups = reallocarray(NULL, n, sizeof(*p->groups));
	if (p->groups == NULL)
		return;
	memcpy(p->groups, groups, n * sizeof(*p->groups));
	p->ngroups = n;
}

static void
peer_fill(struct peer *p, const struct ids *ids)
{
	strlcpy(p->name, ids->name, sizeof(p->name));
	set_groups(p, ids->groups, ids->ngroups);
}

/*
 * Limits are asked for meanwhile: they are those of what was known before.
 * Nobody has it yet, and an answer takes its place.
 */
static void
peer_inherit(struct peer *p, const struct peer *old)
{
	strlcpy(p->name, old->name, sizeof(p->name));
	set_groups(p, old->groups, old->ngroups);
	p->inherited = !old->failed;
}

/*
 * Rules that deny, and limits, may be about his groups: who has none only
 * because nobody could be asked is not let in.
 */
static void
peer_failed(struct peer *p, int error)
{
	log_warnx("uid %u: groups not known: %s", p->uid, strerror(error));
	p->since.ms = 0;	/* the next one asks again */
	if (!p->inherited)
		p->failed = 1;
}

static void
peer_done(void *arg, int error, const void *data, size_t len, int *fds,
    int nfds)
{
	struct peer	*p = arg;

	(void)fds;
	(void)nfds;
	p->helper = NULL;
	p->known = 1;
	p->since = monotime_now();
	if (error == 0 && len == sizeof(struct ids))
		peer_fill(p, data);
	else if (error == ENOENT)
		set_groups(p, NULL, 0);
	else
		peer_failed(p, error != 0 ? error : EPROTO);
	told(p->env, p);
}

static void
peer_ask(struct peer *p)
{
	struct job_uid	 ju = { p->uid };

	/* No rule and no limit is about root, who is not to wait for names. */
	if (p->uid == 0) {
		strlcpy(p->name, "root", sizeof(p->name));
		p->known = 1;
		p->since = monotime_now();
		return;
	}
	p->helper = helper_run(p->env->base, NULL, job_lookup_uid, &ju,
	    sizeof(ju), NULL, 0, peer_done, p);
	if (p->helper != NULL)
		return;
	p->known = 1;
	peer_failed(p, errno);
}

struct peer *
peer_get(struct pm2d *env, uid_t uid)
{
	struct peer	*p, *old;

	old = p = find(uid);
	if (p == NULL || (p->known &&
	    monotime_since(monotime_now(), p->since) >= PEER_MS)) {
		/* It may be what room is made of. */
		if (old != NULL)
			old->refs++;
		p = peer_new(env, uid);
		if (old != NULL) {
			if (p != NULL)
				peer_inherit(p, old);
			if (!old->past)
				peer_drop(old);
			peer_put(old);
		}
		if (p == NULL)
			return (NULL);
		peer_ask(p);
	}
	p->refs++;
	return (p);
}

void
peer_put(struct peer *p)
{
	if (p != NULL && --p->refs == 0 && p->past)
		peer_free(p);
}

void
peers_learn(struct pm2d *env, const struct ids *ids)
{
	struct peer	*p;

	if ((p = find(ids->uid)) != NULL) {
		if (!p->known) {
			/* It is being asked for: until then. */
			peer_fill(p, ids);
			p->inherited = 1;
			return;
		}
		peer_drop(p);
	}
	if ((p = peer_new(env, ids->uid)) == NULL)
		return;
	peer_fill(p, ids);
	p->known = 1;
	p->since = monotime_now();
}

void
peers_offer(struct pm2d *env, const struct ids *ids)
{
	struct peer	*p;

	if (find(ids->uid) != NULL || (p = peer_new(env, ids->uid)) == NULL)
		return;
	peer_fill(p, ids);
	p->known = p->failed = 1;
}

void
peers_subject(uid_t uid, struct rule_subject *sub)
{
	struct peer	*p;

	memset(sub, 0, sizeof(*sub));
	sub->uid = uid;
	if ((p = find(uid)) == NULL)
		return;
	sub->groups = p->groups;
	sub->ngroups = p->ngroups;
}

const char *
peers_name(uid_t uid, char *buf, size_t size)
{
	struct peer	*p;

	if ((p = find(uid)) != NULL && p->name[0] != '\0')
		strlcpy(buf, p->name, size);
	else
		snprintf(buf, size, "uid %u", uid);
	return (buf);
}

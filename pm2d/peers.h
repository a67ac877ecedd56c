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
 * Who is at the other end of a connection: name and groups of a uid, looked
 * up by a helper and kept for a while.  Of the system's pm2d only.
 */
#ifndef PM2D_PEERS_H
#define PM2D_PEERS_H

#include <sys/types.h>
#include <sys/queue.h>

#include "conf.h"
#include "ids.h"
#include "monotime.h"

struct pm2d;

struct peer {
	TAILQ_ENTRY(peer) entry;
	uint32_t	 refs;
	uid_t		 uid;
	int		 known;		/* what can be found out, was */
	int		 past;		/* there is a newer one */
	int		 inherited;	/* from an earlier one, until known */
	int		 failed;	/* nobody could be asked */
	monotime_t	 since;
	struct helper	*helper;
	struct pm2d	*env;
	char		 name[256];	/* "": nobody knows */
	int		 ngroups;
	gid_t		*groups;
};

/*
 * The peer of this uid.  known is 0: it is being looked up, and the function
 * given to peers_init() is called when it is 1; so it is, too, when nothing
 * could be found out: then failed is 1, or it is as it was before.  NULL: out
 * of memory.
 */
struct peer	*peer_get(struct pm2d *, uid_t);
void		 peer_put(struct peer *);

void		 peers_init(void (*)(struct pm2d *, struct peer *));
void		 peers_exit(void);

/* Somebody else has looked him up. */
void		 peers_learn(struct pm2d *, const struct ids *);
/*
 * That was long ago: for names and limits better than nothing, but he may have
 * left a group since then, and who connects is looked up.
 */
void		 peers_offer(struct pm2d *, const struct ids *);
/*
 * What rules and limits ask of a user who may not be connected: his groups
 * when they are known (valid until the event loop comes round).
 */
void		 peers_subject(uid_t, struct rule_subject *);
/* His name for people, or his number. */
const char	*peers_name(uid_t, char *, size_t);

#endif /* PM2D_PEERS_H */

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
 * Who may do what.  Decided from user ids that the kernel gave, and nothing
 * else.
 */
#ifndef PM2D_PERM_H
#define PM2D_PERM_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

enum perm_op {
	/* on an app; owner is the app's */
	PERM_SEE,		/* list, describe, events */
	PERM_ENV,		/* its spec, which has the environment */
	PERM_LOGS,		/* read its output */
	PERM_START,
	PERM_STOP,
	PERM_RESTART,
	PERM_DELETE,
	PERM_RESET,
	PERM_SIGNAL,
	PERM_FLUSH,
	PERM_REOPEN,
	PERM_RELOAD,
	PERM_SCALE,		/* start more of it, as its owner's */
	PERM_MESSAGE,		/* to its channel, and what it says there */
	/* on the daemon; owner is ignored */
	PERM_DOCTOR,
	PERM_KILL,
	PERM_NOPS
};

struct conf;

struct perm_subject {
	uid_t		 peer;		/* getpeereid(3) */
	uid_t		 daemon;	/* pm2d's own */
	const struct conf *conf;	/* the system's: its rules; else NULL */
	const gid_t	*groups;	/* ...which ask for these, too */
	int		 ngroups;
};

/* 1 or 0.  What may not be seen is answered as if it did not exist. */
int	 perm_check(enum perm_op, const struct perm_subject *, uid_t);

/* May peer use a per-user daemon of this user at all? */
int	 perm_connect(uid_t, uid_t);

/*
 * May peer have the daemon run an app as target?  named: the user was asked
 * for; otherwise target is what the caller would take by itself.
 */
int	 perm_runas(uid_t, uid_t, uid_t, int);
/* The same where rules decide; program is what would be executed. */
int	 perm_start(const struct perm_subject *, uid_t, const char *);
/* ...is that by a rule for this program only? */
int	 perm_startonly(const struct perm_subject *, uid_t, const char *);
/* Is anything permitted to him? */
int	 perm_known(const struct perm_subject *);

/*
 * verbs.c: the words of rules, which are pm2ctl's commands, and what each of
 * them stands for.  Bits are 1 << enum perm_op.
 */
#define PERM_BIT(op)	((uint64_t)1 << (op))
#define PERM_ALL	(PERM_BIT(PERM_NOPS) - 1)
/* What is not done to an app: whose it is does not matter. */
#define PERM_DAEMON	(PERM_BIT(PERM_DOCTOR) | PERM_BIT(PERM_KILL))

/* 0: there is no such word. */
uint64_t	 perm_verb(const char *);
/* One by one, NULL past the last; not those that mean the same as another. */
const char	*perm_verbname(size_t, uint64_t *);
/* For logs: the word of this one. */
const char	*perm_opname(enum perm_op);

#endif /* PM2D_PERM_H */

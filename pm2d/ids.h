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
 * Whom an app runs as.  Looking a user up loads code (NSS) and may wait for
 * a network: it is done in a helper (job_lookup_user), never in the parent.
 */
#ifndef PM2D_IDS_H
#define PM2D_IDS_H

#include <sys/types.h>

#define IDS_GROUPS_MAX	256

/*
 * About 3 KiB: apps of one user share one.  change 0: the process stays who
 * the daemon is, and the numbers only say who that is.
 */
struct ids {
	uid_t	 uid;
	gid_t	 gid;
	int	 change;
	int	 ngroups;
	gid_t	 groups[IDS_GROUPS_MAX];
	char	 name[256];
	char	 home[1024];
	char	 shell[256];
};

/*
 * By name exactly as it stands in the password database (numbers are not
 * names), or by uid.  change is set unless the daemon is that very user and
 * not root.  0, or -1 with errno: EINVAL not a name, ENOENT no such user,
 * E2BIG more groups than IDS_GROUPS_MAX, ENAMETOOLONG, EPERM the daemon is
 * not root and cannot become this user.
 */
int	 ids_byname(const char *, struct ids *);
int	 ids_byuid(uid_t, struct ids *);

/*
 * Another primary group, by its name: one that this user is a member of, or
 * any at all.  What he has by his password entry alone goes.  0, or -1 with
 * errno: EINVAL, ENOENT no such group, EACCES not a member, E2BIG as above,
 * EOPNOTSUPP the daemon is not root and cannot change groups.
 */
int	 ids_group(struct ids *, const char *, int);

/* Who the daemon is, from the kernel alone: no names, change 0. */
void	 ids_self(struct ids *);

/* Is this a possible name? NULL, or why not. */
const char *ids_badname(const char *);

/*
 * In a child: become this user for good and verify it.  0, or -1 with errno
 * and in *stage (enum stage) the step that failed.  change 0: does nothing.
 */
int	 ids_become(const struct ids *, unsigned int *);

/* The system's: has this process any capability? */
int	 ids_hascaps(void);

#endif /* PM2D_IDS_H */

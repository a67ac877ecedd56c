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
 * What an app may: from its spec to what a child is set up with, and who may
 * ask for how much.
 */
#ifndef PM2D_APPLIMITS_H
#define PM2D_APPLIMITS_H

#include <sys/types.h>

#include <stddef.h>

struct spawn_limits;
struct spec;
struct tree;

/* The strings in it are the spec's. */
void	 applimits_fill(struct spawn_limits *, const struct spec *);

struct applimits_who {
	uid_t	 daemon;	/* pm2d's own */
	uid_t	 peer;		/* who asks */
	int	 asroot;	/* it is to run as root */
};

/*
 * Can this daemon give it, and may this peer have it?  For a START and, with
 * the spec that the app has (else NULL), for an UPDATE: what root said there
 * already may stay.  0, or -1 and a sentence with the key and what to do.
 */
int	 applimits_admit(const struct applimits_who *, const struct spec *,
	    const struct spec *, char *, size_t);

/*
 * applimits-group.c: limits of all of an app's processes together.  Set them
 * for the next start; can they be had (0, or -1 and a sentence)?  Which ones
 * are there, for people; NULL: none.
 */
void	 applimits_tree(struct tree *, const struct spec *);
int	 applimits_groups(const struct spec *, char *, size_t);
const char *applimits_controllers(void);

#endif /* PM2D_APPLIMITS_H */

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
 * What is known of the files below a watched directory, and which of them
 * may be others than before.  No I/O here.
 */
#ifndef PM2D_WATCH_TABLE_H
#define PM2D_WATCH_TABLE_H

#include <sys/queue.h>
#include <sys/tree.h>

#include <stddef.h>
#include <stdint.h>

enum fact_kind {
	FACT_ABSENT,
	FACT_FILE,
	FACT_OTHER		/* symbolic link, socket... */
};

struct fact {
	enum fact_kind	 kind;
	int		 hashed;
	uint64_t	 size;
	uint64_t	 mtime;		/* ns */
	uint64_t	 ino;
	uint64_t	 hash;		/* of the bytes, when hashed */
};

struct centry {
	RB_ENTRY(centry) entry;
	TAILQ_ENTRY(centry) dirtyentry;
	int		 dirty;
	struct fact	 fact;
	char		 path[];
};

RB_HEAD(ctree, centry);

struct ctable {
	struct ctree	 tree;
	TAILQ_HEAD(, centry) dirty;
	uint32_t	 n;
	uint32_t	 max;
};

void		 ctable_init(struct ctable *, uint32_t);
void		 ctable_free(struct ctable *);
/* This one may be another. 0, or -1 with errno: ENOSPC is the maximum. */
int		 ctable_touch(struct ctable *, const char *);
/* All below this directory, or (NULL) all. */
void		 ctable_touch_below(struct ctable *, const char *);
/* The next one that was touched, which it is not any more; or NULL. */
struct centry	*ctable_take(struct ctable *);
/*
 * It is like this now.  1: other than it was.  The entry is gone afterwards
 * when there is no such file.
 */
int		 ctable_learn(struct ctable *, struct centry *,
		    const struct fact *);
/* Go on with HASH_BEGIN.  Against accidents, not against enemies. */
#define HASH_BEGIN	14695981039346656037ULL
uint64_t	 table_hash(uint64_t, const void *, size_t);

#endif /* PM2D_WATCH_TABLE_H */

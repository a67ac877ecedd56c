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
 * An environment being put together from layers: of two values of a name the
 * later one stays, in the place of the earlier one.
 */
#ifndef PM2D_ENVTAB_H
#define PM2D_ENVTAB_H

#include <stddef.h>
#include <stdint.h>

#include "strvec.h"

/* Zero it to begin. */
struct envtab {
	struct strvec	 env;
	size_t		 bytes;		/* as execve(2) counts them */
	uint32_t	*slots;		/* index + 1 by name, 0: empty */
	size_t		 nslots;	/* a power of two */
};

/* "NAME=value".  0 or -1: no memory. */
int	 envtab_put(struct envtab *, const char *);
/* The same, of two parts. */
int	 envtab_set(struct envtab *, const char *, const char *);
/* The value of a name, or NULL: it has none. */
const char *envtab_get(const struct envtab *, const char *);
/* What execve(2) takes; the caller's to free with strvec_free(). */
char	**envtab_take(struct envtab *);
void	 envtab_free(struct envtab *);

#endif /* PM2D_ENVTAB_H */

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
 * The environment that an app is given, and where each variable is from.
 */
#ifndef PM2CTL_ENVIRONMENT_H
#define PM2CTL_ENVIRONMENT_H

#include <stddef.h>

#include "client.h"

/* The layers, the later ones win. */
enum env_layer {
	ENV_PASSWD,		/* the password entry of another user */
	ENV_SHELL,		/* of who started it, or --update-env */
	ENV_ENVFILE,
	ENV_FILE,		/* env and env_NAME of its process file */
	ENV_SECRET,
	ENV_PM2D
};

#define ENV_HIDDEN	"(secret)"

struct env_var {
	char		*name;
	char		*value;		/* of a secret: ENV_HIDDEN */
	enum env_layer	 layer;
	const char	*path;		/* of the file it is from, or NULL */
	size_t		 nth;		/* in the order of the layers */
};

/* Zero it to begin. */
struct environment {
	struct env_var	*vars;		/* by name, then as they were added */
	size_t		 n;
	size_t		 cap;
	int		 unknown;	/* there are env_files, and what is in
					 * them cannot be seen */
};

/*
 * All layers of an app with its spec; uid is pm2d's.  live: what its process
 * was given, "NAME=value" each with a NUL, which tells what its env_files
 * have; NULL: not known.  Out of memory ends the program.
 */
void	 environment_make(struct environment *, const struct app_view *,
	    uint32_t uid, const char *live, size_t livelen);
void	 environment_free(struct environment *);
/* Is it hidden by the one behind it? */
int	 environment_hidden(const struct environment *, size_t);
/* "env_file /srv/.env" */
void	 environment_origin(const struct env_var *, char *, size_t);

#endif /* PM2CTL_ENVIRONMENT_H */

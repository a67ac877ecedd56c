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
 * Payloads with strings: matched writers and readers, side by side.
 */
#ifndef PM2D_WIRE_H
#define PM2D_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "imsg.h"
#include "msg.h"

/* u16 length and the bytes; at most max. 0 or -1 (errno EMSGSIZE, EINVAL). */
int	wire_add_str(struct ibuf *, const char *);
/* A NUL-terminated copy of at most max bytes, or NULL (EBADMSG, ENOMEM). */
char	*wire_get_str(struct ibuf *, size_t);

/* What pm2ctl knows of an app; all strings are set, "" for none. */
struct ctl_appinfo {
	struct ctl_appfix fix;
	char		*name;
	char		*script;	/* absolute, symlinks as typed */
	char		*interpreter;
	char		*cwd;
	char		*out;		/* absolute paths */
	char		*err;
	char		*pidfile;
	char		*user;
	char		*namespace;
	char		*listens;	/* "tcp 0.0.0.0:80 rr, ..." */
	char		*status;	/* STATUS= of sd_notify(3) */
	char		*trouble;	/* why it is held, unwell, unwatched */
	char		*source;	/* the file it was declared in */
};

/*
 * The strings in the order in which they travel, and their longest lengths.
 * All at their longest do not fit a message of the default size: both ends of
 * a control connection call imsgbuf_set_maxsize(ibuf, WIRE_APP_MAX).
 */
#define WIRE_APP_STRINGS(X)						\
	X(name,		127)						\
	X(script,	4095)						\
	X(interpreter,	4095)						\
	X(cwd,		4095)						\
	X(out,		4095)						\
	X(err,		4095)						\
	X(pidfile,	4095)						\
	X(user,		255)						\
	X(namespace,	127)						\
	X(listens,	1023)						\
	X(status,	127)						\
	X(trouble,	255)						\
	X(source,	4095)

#define WIRE_APP_MAX	(36 * 1024 - 16)	/* payload */

/* IMSG_CTL_APP: 0, or -1 (EMSGSIZE: a string is too long). */
int	wire_add_app(struct ibuf *, const struct ctl_appinfo *);
int	wire_get_app(struct ibuf *, struct ctl_appinfo *);
void	wire_free_app(struct ctl_appinfo *);

#endif /* PM2D_WIRE_H */

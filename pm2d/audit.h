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
 * Who changed what: a line in pm2.log for each request that changes
 * something, with its outcome.  Of the system's pm2d only.
 */
#ifndef PM2D_AUDIT_H
#define PM2D_AUDIT_H

#include <stdint.h>

struct app;
struct ctl_conn;
struct ctl_result;
struct imsg;

/* Who gave it, as pm2.log names him, into the buffer. */
const char *audit_who(const struct ctl_conn *, char *, size_t);

/*
 * A request begins; nothing happens when it is one that changes nothing.  0,
 * or -1: there are too many, it is to be refused.
 */
int	 audit_begin(struct ctl_conn *, const struct imsg *);
/* What it is about is known, or only part of it. */
void	 audit_object(struct ctl_conn *, uint32_t, const char *, ...)
	    __attribute__((format(printf, 3, 4)));
void	 audit_app(struct ctl_conn *, uint32_t, const struct app *);
/* He is told that there is no such app; there is. */
void	 audit_hidden(struct ctl_conn *, uint32_t);
/* Its end: one line. */
void	 audit_result(struct ctl_conn *, uint32_t, const struct ctl_result *);
/* The client goes, and what it asked for goes on without it. */
void	 audit_gone(struct ctl_conn *);

#endif /* PM2D_AUDIT_H */

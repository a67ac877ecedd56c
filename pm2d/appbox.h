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
 * The sandboxes that apps can be put into: what they refuse is in pm2d(8).
 * Entered by the child, as the app's user, right before the program is
 * executed; it survives that and holds for all that the app starts.
 */
#ifndef PM2D_APPBOX_H
#define PM2D_APPBOX_H

#include <stddef.h>

enum appbox_level {
	APPBOX_OFF,
	APPBOX_BASIC,
	APPBOX_STRICT
};

struct appbox {
	enum appbox_level	 level;
	const char		*preload;	/* a file that it reads; NULL */
	const char		*home;		/* of pm2d: never the app's */
};

/* "off", "basic", "strict"; NULL and "" are off. Others: -1. */
int		 appbox_byname(const char *);

/*
 * NULL, or why this system cannot do it, a sentence.  What is weaker than it
 * should be but can be done is told by appbox_weak().
 */
const char	*appbox_lacks(enum appbox_level);
const char	*appbox_weak(enum appbox_level);
/* For people: "seccomp, landlock 7", or what there is not. */
const char	*appbox_describe(void);

/*
 * In the child: into it, with the program (looked up in PATH of the
 * environment without a '/'), its script (or NULL) and the password entry's
 * home (NULL: of who we are; then it is no place for an app).  The current
 * directory is the app's.  0, or -1 with errno: ENOSYS it cannot be had here,
 * EPERM root cannot be held by it, EXDEV a directory that the app is to get
 * has others' in it.
 */
int		 appbox_enter(const struct appbox *, const char *,
		    const char *, const char *, char *const *);

/* appbox-calls-linux.c: system calls. 0 or -1. */
int		 appbox_calls(enum appbox_level);

#endif /* PM2D_APPBOX_H */

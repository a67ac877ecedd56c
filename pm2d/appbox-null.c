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
 * For systems whose sandbox nobody has written down yet: none is promised.
 */
#include <errno.h>

#include "appbox.h"

const char *
appbox_lacks(enum appbox_level level)
{
	return (level == APPBOX_OFF ? NULL :
	    "this system has no sandbox that we know");
}

const char *
appbox_weak(enum appbox_level level)
{
	(void)level;
	return (NULL);
}

const char *
appbox_describe(void)
{
	return ("no sandbox that we know");
}

int
appbox_enter(const struct appbox *box, const char *file, const char *script,
    const char *home, char *const *envp)
{
	(void)file;
	(void)script;
	(void)home;
	(void)envp;
	if (box->level == APPBOX_OFF)
		return (0);
	errno = ENOSYS;
	return (-1);
}

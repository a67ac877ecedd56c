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
 * The shell's layer: what an app gets of its caller's environment.
 */
#include <sys/types.h>

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resolve.h"

extern char	**environ;

/* The channels of the caller's own supervisor are not the app's. */
static int
is_private(const char *entry)
{
	static const char *const names[] = { "NODE_CHANNEL_FD",
	    "NODE_UNIQUE_ID", "NODE_CHANNEL_SERIALIZATION_MODE",
	    "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
	    "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES" };
	size_t	 i, len;

	len = strcspn(entry, "=");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == len &&
		    strncmp(entry, names[i], len) == 0)
			return (1);
	return (0);
}

/* Does the app run as somebody else? He starts from his own environment. */
static int
is_other(const char *user)
{
	struct passwd	*pw;

	return (user != NULL && ((pw = getpwnam(user)) == NULL ||
	    pw->pw_uid != geteuid()));
}

int
shellenv_filtered(const char *entry, const char *const *prefixes, size_t n)
{
	size_t	 i, len, name;

	name = strcspn(entry, "=");
	for (i = 0; i < n; i++) {
		len = strlen(prefixes[i]);
		if (len <= name && strncmp(entry, prefixes[i], len) == 0)
			return (1);
	}
	return (0);
}

int
shellenv_add(struct spec_buf *to, const char *user, const char *cwd,
    const char *const *prefixes, size_t n)
{
	char	**e, *pwd;
	int	  error;

	if (is_other(user))
		return (0);
	for (e = environ; *e != NULL; e++) {
		if (**e == '=' || strchr(*e, '=') == NULL ||
		    is_private(*e) || strncmp(*e, "PWD=", 4) == 0 ||
		    shellenv_filtered(*e, prefixes, n))
			continue;
		if (spec_add_str(to, SPEC_ENV, *e) == -1)
			return (-1);
	}
	/* The app's directory, not where one happens to stand. */
	if (cwd == NULL || shellenv_filtered("PWD=", prefixes, n))
		return (0);
	if (asprintf(&pwd, "PWD=%s", cwd) == -1)
		return (-1);
	error = spec_add_str(to, SPEC_ENV, pwd);
	free(pwd);
	return (error);
}

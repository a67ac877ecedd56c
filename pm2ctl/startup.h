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
 * What starts pm2d when the machine does: a file for its init system.
 */
#ifndef PM2CTL_STARTUP_H
#define PM2CTL_STARTUP_H

#include <limits.h>
#include <stddef.h>

#define SERVICE_NAME_MAX	64

/* Every file that startup writes has this line; no other one is removed. */
#define SERVICE_MARK	"Made by pm2ctl startup"

/* What is started: a user's pm2d, or (user "root", system) the system's. */
struct service {
	int		 system;
	int		 root;		/* root's, with root's rights */
	char		 name[SERVICE_NAME_MAX];	/* "pm2d-www" */
	char		 user[SERVICE_NAME_MAX];
	char		 home[PATH_MAX];	/* PM2_HOME; "": system */
};

struct platform {
	const char	*name;		/* as it is typed */
	const char	*what;		/* "systemd unit" */
	const char	*path;		/* of the file, @NAME@ in it */
	unsigned int	 mode;
	int		 underscore;	/* names of services have no '-' */
	const char	*text;		/* a user's */
	const char	*systext;	/* the system's */
	/* Words of commands to run afterwards, in turn; NULL at the end. */
	const char	*const *enable;
	const char	*const *disable;	/* before it is removed */
	const char	*const *forget;		/* after that */
};

/* startup_text.c: the table; ends with name NULL */
extern const struct platform platforms[];
const struct platform *platform_find(const char *);

/*
 * Put what a service is into a text with @NAME@ @USER@ @HOME@ and so on.
 * Free it; NULL: out of memory.
 */
char	*service_expand(const struct service *, const char *);

/*
 * startup_file.c.  Write it, unless there is another one without our mark;
 * remove it, if it has the mark.  0 done, 1 was so already, -1 said.
 */
int	 service_write(const char *path, const char *text, unsigned int mode);
int	 service_remove(const char *path);
/* Has the file our mark?  1 or 0; -1 with errno: it cannot be read. */
int	 service_marked(const char *path);
/* Run these words' commands as they are, without a shell. 0, or -1 said. */
int	 service_run(const struct service *, const char *const *);

#endif /* PM2CTL_STARTUP_H */

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
 * dump.pm2: the list of apps as a file of the user's.  Each app is an object
 * as pm2 has it, for whoever reads that, and in it a member "pm2d" with all
 * that is needed to bring it back exactly as it was.  Dumps of pm2 itself
 * (0.7 and today's) have no such member: what they say is translated.
 */
#ifndef PM2CTL_DUMP_H
#define PM2CTL_DUMP_H

#include <jansson.h>

#include "pm2ctl.h"

#define DUMP_FORMAT	1
#define DUMP_BYTES_MAX	(64 * 1024 * 1024)
#define DUMP_APPS_MAX	65536

enum dump_team {
	DUMP_ALONE,
	DUMP_BY_FIRST,		/* they have the same first */
	DUMP_BY_NAME		/* the same name and script: pm2's workers */
};

/* An app of a dump. */
struct dumped {
	uint32_t	 id;		/* APP_ID_ALL: none is said */
	uint32_t	 first;		/* id of the first of those together */
	uint32_t	 instance;
	uint32_t	 restarts;
	int		 wanted;	/* it ran, or was to */
	char		 name[APP_NAME_MAX];
	char		*script;	/* "": none is said */
	struct spec_buf	 spec;
	char		 why[256];	/* spec.len 0: why not */
	/* How those of a team are known, and their first one in the dump. */
	enum dump_team	 how;
	size_t		 team;
	/* of who brings it back */
	int		 known;		/* it is there already */
	uint32_t	 request;
	uint32_t	 newid;
	uint32_t	 newfirst;	/* of the team it is in */
};

struct dump {
	struct dumped	*apps;
	size_t		 n;
};

/*
 * Parse.  -1: not a dump at all; the sentence has line and column.  An app
 * that cannot be understood is there, with why.
 */
int	 dump_parse(struct dump *, const char *, size_t, const struct ctl *,
	    char *, size_t);
void	 dump_free(struct dump *);
/* Its script is this one. */
void	 dump_script(struct dumped *, const char *);
/* Is it the caller's?  Root sees those of many users. */
int	 dump_mine(const struct client *, const struct app_view *);

/*
 * dump_match.c: which are together (team, and the instances of those that
 * have none), and which the list has already (known and newid).  For as many
 * as there may be.  0, or -1 with errno.
 */
int	 dump_teams(struct dump *);
int	 dump_match(struct dump *, const struct app_list *,
	    const struct client *);

/* dump_spec.c, pure: a spec and its JSON.  Values of secrets are left out. */
json_t	*dump_spec(const struct spec *);
/* 0, or -1 and a sentence. */
int	 dump_unspec(struct spec_buf *, const json_t *, char *, size_t);

/* dump_import.c: an app as pm2 dumps it. 0, or -1 and why is set. */
int	 dump_import(struct dumped *, const json_t *, const struct ctl *);

#endif /* PM2CTL_DUMP_H */

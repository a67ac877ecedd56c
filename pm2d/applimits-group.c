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
 * Limits of an app as a whole: apart from the others because these are the
 * machine's to give and not anybody's to be allowed.
 */
#include <sys/types.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "applimits.h"
#include "spec.h"
#include "tree.h"

static const struct {
	enum spec_key	 key;
	const char	*controller;
} groups[] = {
	{ SPEC_CGROUP_MEMORY,	"memory" },
	{ SPEC_CGROUP_CPU,	"cpu" },
	{ SPEC_CGROUP_PIDS,	"pids" }
};
#define NGROUPS		(sizeof(groups) / sizeof(groups[0]))

void
applimits_tree(struct tree *t, const struct spec *spec)
{
	struct tree_limits	 tl;

	tl.memory = spec->num[SPEC_CGROUP_MEMORY];
	tl.cpu = spec->num[SPEC_CGROUP_CPU];
	tl.pids = spec->num[SPEC_CGROUP_PIDS];
	tree_limit(t, &tl);
}

int
applimits_groups(const struct spec *spec, char *why, size_t len)
{
	const char	*key, *name;
	size_t		 i;
	int		 error;

	for (i = 0; i < NGROUPS; i++) {
		name = groups[i].controller;
		key = spec_keyname(groups[i].key);
		if (spec->num[groups[i].key] == 0 ||
		    (error = tree_controller(name)) == 0)
			continue;
		if (error == EOPNOTSUPP)
			(void)snprintf(why, len, "%s: this machine gives "
			    "pm2d no cgroup v2 %s controller (see pm2ctl "
			    "doctor): leave it out", key, name);
		else if (error == EBUSY)
			(void)snprintf(why, len, "%s: others' processes are "
			    "in pm2d's control group, so that nothing in it "
			    "is limited: run pm2d as a service", key);
		else
			(void)snprintf(why, len, "%s: pm2d cannot have the "
			    "cgroup v2 %s controller: %s", key, name,
			    strerror(error));
		return (-1);
	}
	return (0);
}

const char *
applimits_controllers(void)
{
	static char	 about[64];
	size_t		 i;

	about[0] = '\0';
	for (i = 0; i < NGROUPS; i++)
		if (tree_controller(groups[i].controller) == 0) {
			if (about[0] != '\0')
				(void)strlcat(about, ", ", sizeof(about));
			(void)strlcat(about, groups[i].controller,
			    sizeof(about));
		}
	return (about[0] == '\0' ? NULL : about);
}

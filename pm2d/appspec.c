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

#include <stdlib.h>
#include <string.h>

#include "parent.h"

/*
 * Specs of apps: checked, kept, and what their words make of an app.
 */

/*
 * Check and keep a spec.  NULL with the reason in words; never with a spec
 * that could not be run.
 */
struct appspec *
appspec_new(const void *data, size_t len, char *why, size_t whylen)
{
	struct appspec	*as;

	if ((as = malloc(sizeof(*as) + len)) == NULL) {
		strlcpy(why, "out of memory", whylen);
		return (NULL);
	}
	as->refs = 1;
	as->len = len;
	memcpy(as->data, data, len);
	if (spec_parse(&as->spec, as->data, len, why, whylen) == -1 ||
	    spec_validate(&as->spec, why, whylen) == -1) {
		freezero(as, sizeof(*as) + len);
		return (NULL);
	}
	return (as);
}

struct appspec *
appspec_ref(struct appspec *as)
{
	as->refs++;
	return (as);
}

void
appspec_unref(struct appspec *as)
{
	/* The environment has secrets: leave no copies behind. */
	if (as != NULL && --as->refs == 0)
		freezero(as, sizeof(*as) + as->len);
}

uint32_t
appspec_fds(const struct appspec *as)
{
	static const enum spec_key	 paths[] = { SPEC_OUT_FILE,
	    SPEC_ERR_FILE, SPEC_PID_FILE };
	const char			*path;
	uint32_t			 n = FDS_PER_APP;
	size_t				 i;

	/* Files that users name are kept open for pm2logd's successor. */
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if ((path = as->spec.str[paths[i]]) != NULL && *path != '\0')
			n++;
	n += appspec_channel(as) + appspec_notify(as);
	n += as->spec.count[SPEC_LISTEN];
	/* A socket of its own, where it listens. */
	n += appspec_cluster(as);
	return (n);
}

int
appspec_cluster(const struct appspec *as)
{
	const char	*mode = as->spec.str[SPEC_EXEC_MODE];

	return (mode != NULL && strcmp(mode, "cluster_mode") == 0);
}

int
appspec_job(const struct appspec *as)
{
	return (as->spec.count[SPEC_SCHEDULE] > 0);
}

int
appspec_channel(const struct appspec *as)
{
	return (appspec_cluster(as) || as->spec.num[SPEC_IPC] != 0);
}

int
appspec_notify(const struct appspec *as)
{
	return (as->spec.num[SPEC_NOTIFY] != 0 ||
	    as->spec.num[SPEC_WATCHDOG] != 0);
}

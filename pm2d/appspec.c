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

#include <string.h>

#include "parent.h"

/*
 * What the words of a spec make of its app.
 */

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

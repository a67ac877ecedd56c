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

#include <errno.h>
#include <stdlib.h>

#include "proc.h"

/*
 * Numbers of a user and his groups, as text for argv.
 */

static int
number(const char **p, unsigned int *value)
{
	unsigned long long	 n;
	char			*end;

	if (**p < '0' || **p > '9')
		return (-1);
	errno = 0;
	n = strtoull(*p, &end, 10);
	/* The last one is what the kernel takes for "leave it". */
	if (errno != 0 || n >= 0xffffffffULL || (*end != ',' && *end != '\0'))
		return (-1);
	*value = (unsigned int)n;
	*p = *end == ',' ? end + 1 : end;
	return (*end == ',');
}

int
proc_ids_parse(const char *text, struct proc_ids *ids)
{
	unsigned int	 n;
	int		 more;

	ids->ngroups = 0;
	if (number(&text, &n) != 1)
		return (-1);
	ids->uid = n;
	if ((more = number(&text, &n)) == -1)
		return (-1);
	ids->gid = n;
	while (more == 1) {
		if (ids->ngroups == PROC_GROUPS_MAX ||
		    (more = number(&text, &n)) == -1)
			return (-1);
		ids->groups[ids->ngroups++] = n;
	}
	return (0);
}

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
 * The words of rules: pm2ctl's commands, in one table.
 */

#include <sys/types.h>

#include <string.h>

#include "perm.h"

static const struct {
	const char	*name;
	enum perm_op	 op;
	int		 alias;		/* of one before it */
} verbs[] = {
	{ "start",	PERM_START,	0 },
	{ "stop",	PERM_STOP,	0 },
	{ "restart",	PERM_RESTART,	0 },
	{ "reload",	PERM_RELOAD,	0 },
	{ "scale",	PERM_SCALE,	0 },
	{ "delete",	PERM_DELETE,	0 },
	{ "reset",	PERM_RESET,	0 },
	{ "sendSignal",	PERM_SIGNAL,	0 },
	{ "message",	PERM_MESSAGE,	0 },
	{ "logs",	PERM_LOGS,	0 },
	{ "flush",	PERM_FLUSH,	0 },
	{ "reloadLogs",	PERM_REOPEN,	0 },
	{ "list",	PERM_SEE,	0 },
	{ "describe",	PERM_SEE,	1 },
	{ "show",	PERM_SEE,	1 },
	{ "env",	PERM_ENV,	0 },
	{ "doctor",	PERM_DOCTOR,	0 },
	{ "kill",	PERM_KILL,	0 }
};

#define NVERBS	(sizeof(verbs) / sizeof(verbs[0]))

uint64_t
perm_verb(const char *name)
{
	size_t	 i;

	for (i = 0; i < NVERBS; i++) {
		if (strcmp(verbs[i].name, name) == 0)
			return (PERM_BIT(verbs[i].op));
	}
	return (0);
}

const char *
perm_verbname(size_t n, uint64_t *bits)
{
	size_t	 i;

	for (i = 0; i < NVERBS; i++) {
		if (verbs[i].alias || n-- > 0)
			continue;
		*bits = PERM_BIT(verbs[i].op);
		return (verbs[i].name);
	}
	return (NULL);
}

const char *
perm_opname(enum perm_op op)
{
	size_t	 i;

	for (i = 0; i < NVERBS; i++) {
		if (verbs[i].op == op)
			return (verbs[i].name);
	}
	return ("unknown");
}

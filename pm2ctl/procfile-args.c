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
 * "['--toto=heya coco', '-d', '1']": arguments as pm2 has them in JSON, the
 * text of a list.  pm2 ran it as a program; here it is read, and no more.
 */
#include <sys/types.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "procfile.h"

/* One block: pointers, then bytes. */
static char **
pack(const struct pf_node *list)
{
	const struct pf_node	*c;
	char			**argv, *s;
	size_t			  bytes = 0, i = 0, n = 0;

	for (c = list->child; c != NULL; c = c->next) {
		n++;
		bytes += strlen(pf_scalar(c)) + 1;
	}
	argv = calloc(1, (n + 1) * sizeof(*argv) + bytes);
	if (argv == NULL)
		return (NULL);
	s = (char *)(argv + n + 1);
	for (c = list->child; c != NULL; c = c->next) {
		argv[i++] = s;
		s = stpcpy(s, pf_scalar(c)) + 1;
	}
	return (argv);
}

int
pf_args_literal(const char *text, char ***argv, char *errbuf, size_t errsize)
{
	struct pf_node		*list;
	const struct pf_node	*c;
	struct pf_mark		 mark;
	char			 why[200];

	if (text[strspn(text, " \t\r\n")] != '[')
		return (PF_ARGS_OTHER);
	if ((list = pf_json(text, strlen(text), &mark, why,
	    sizeof(why))) == NULL) {
		(void)snprintf(errbuf, errsize, "expected a list such as "
		    "['-d', '1']; at its character %u: %s", mark.column, why);
		return (-1);
	}
	for (c = list->child; c != NULL; c = c->next)
		if (pf_scalar(c) == NULL) {
			(void)snprintf(errbuf, errsize, "expected a list of "
			    "strings and numbers, found %s in it",
			    pf_typename(c));
			pf_free(list);
			return (-1);
		}
	*argv = pack(list);
	pf_free(list);
	if (*argv != NULL)
		return (PF_ARGS_LITERAL);
	(void)snprintf(errbuf, errsize, "%s", strerror(errno));
	return (-1);
}

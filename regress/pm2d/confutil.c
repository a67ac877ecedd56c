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

#include <sys/types.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "confutil.h"

/* The same names are users and groups. */
static const struct {
	const char	*name;
	uint32_t	 id;
} people[] = {
	{ "root", 0 }, { "toor", 0 }, { "alice", 1000 }, { "bob", 1001 },
	{ "www", 33 }, { "web", 34 }, { "list", 38 }, { "all", 40 },
	{ "self", 41 }, { "wheel", 10 }, { "a.b-c_d", 42 },
	{ "dom\\user$", 43 }, { "j\xc3\xb6rg", 44 }
};

#define NPEOPLE	(sizeof(people) / sizeof(people[0]))

static const char *
name_of(uint32_t id)
{
	static char	 buf[32];
	size_t		 i;

	for (i = 0; i < NPEOPLE; i++) {
		if (people[i].id == id)
			return (people[i].name);
	}
	(void)snprintf(buf, sizeof(buf), "u%u", id);
	return (buf);
}

const struct conf_names	 confutil_names = { name_of, name_of };

static int
id_of(void *arg, const char *name, uint32_t *id)
{
	const struct confutil	*cu = arg;
	const char		*p;
	size_t			 i;

	for (i = 0; i < NPEOPLE; i++) {
		if (strcmp(people[i].name, name) == 0) {
			*id = people[i].id;
			return (0);
		}
	}
	errno = strcmp(name, "slow") == 0 ? EIO : ENOENT;
	if (!cu->anyname)
		return (-1);
	/* u1234, and what name_of() makes of other names */
	*id = 5381;
	for (p = name; *p != '\0'; p++)
		*id = *id * 33 + (unsigned char)*p;
	*id = *id % 1000000 + 2000;
	if (name[0] == 'u' && name[1] != '\0' && name[1] != '0' &&
	    strspn(name + 1, "0123456789") == strlen(name + 1) &&
	    strlen(name) < 9)
		*id = (uint32_t)atol(name + 1);
	if (strcmp(name_of(*id), name) != 0 && *id < 2000)
		return (-1);
	return (0);
}

static int
file_of(void *arg, const char *path, char **text, size_t *len, char *why,
    size_t size)
{
	const struct confutil	*cu = arg;
	size_t			 i;

	for (i = 0; cu->files != NULL && cu->files[i] != NULL; i += 2) {
		if (strcmp(cu->files[i], path) != 0)
			continue;
		*len = strlen(cu->files[i + 1]);
		*text = malloc(*len + 1);
		if (*text == NULL)
			abort();
		memcpy(*text, cu->files[i + 1], *len);
		return (0);
	}
	(void)snprintf(why, size, "No such file");
	return (-1);
}

static void
said(void *arg, uint32_t level, const char *text)
{
	struct confutil	*cu = arg;
	int		 n;

	if (level == CONF_TEXT_ERROR)
		cu->nerrors++;
	else
		cu->nwarnings++;
	n = snprintf(cu->said + cu->len, sizeof(cu->said) - cu->len, "%s\n",
	    text);
	if (n > 0 && cu->len + (size_t)n < sizeof(cu->said))
		cu->len += (size_t)n;
}

static const struct conf_ops	 ops = { id_of, id_of, file_of, said };

struct conf *
confutil_parse(struct confutil *cu, const char *text, size_t len)
{
	cu->nerrors = cu->nwarnings = cu->len = 0;
	cu->said[0] = '\0';
	return (conf_parse("/etc/pm2d.conf", text, len, &ops, cu));
}

int
confutil_equal(const struct conf *a, const struct conf *b)
{
	struct conf_rule	 ra, rb;
	size_t			 i;

	if (memcmp(&a->begin, &b->begin, sizeof(a->begin)) != 0 ||
	    a->nrules != b->nrules || a->nlimits != b->nlimits ||
	    a->nboot != b->nboot)
		return (0);
	for (i = 0; i < a->nrules; i++) {
		ra = a->rules[i];
		rb = b->rules[i];
		ra.line = rb.line = ra.file = rb.file = 0;
		if (memcmp(&ra, &rb, sizeof(ra)) != 0)
			return (0);
	}
	for (i = 0; i < a->nlimits; i++) {
		if (memcmp(&a->limits[i], &b->limits[i],
		    sizeof(a->limits[i])) != 0)
			return (0);
	}
	for (i = 0; i < a->nboot; i++) {
		if (memcmp(&a->boot[i], &b->boot[i], sizeof(a->boot[i])) != 0)
			return (0);
	}
	return (1);
}

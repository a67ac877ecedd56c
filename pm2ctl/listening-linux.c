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

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "listening.h"

/*
 * The descriptors of a process say which sockets it has, by inode; the tables
 * of its network namespace say which of these listen.
 */

#define SOCKETS_MAX	64	/* looked at; an app begins with few */
#define TABLE_MAX	4096	/* lines read of each table */

struct sockets {
	unsigned long	 inode[SOCKETS_MAX];
	size_t		 n;
};

/* What to look for in a line of a table, split at blanks. */
struct table {
	const char	*name;
	const char	*state;		/* of a socket that listens */
	unsigned int	 statefield;
	unsigned int	 inodefield;
};

static const struct table tables[] = {
	{ "tcp",	"0A",		3, 9 },	/* TCP_LISTEN */
	{ "tcp6",	"0A",		3, 9 },
	{ "unix",	"00010000",	3, 6 }	/* __SO_ACCEPTCON */
};

static void
find_sockets(pid_t pid, struct sockets *s)
{
	struct dirent	*de;
	DIR		*dir;
	char		 path[64], link[64];
	ssize_t		 n;

	s->n = 0;
	snprintf(path, sizeof(path), "/proc/%ld/fd", (long)pid);
	if ((dir = opendir(path)) == NULL)
		return;
	while (s->n < SOCKETS_MAX && (de = readdir(dir)) != NULL) {
		n = readlinkat(dirfd(dir), de->d_name, link,
		    sizeof(link) - 1);
		if (n <= 0)
			continue;
		link[n] = '\0';
		if (sscanf(link, "socket:[%lu]", &s->inode[s->n]) == 1)
			s->n++;
	}
	closedir(dir);
}

static int
is_one(const struct sockets *s, unsigned long inode)
{
	size_t	 i;

	for (i = 0; i < s->n; i++)
		if (s->inode[i] == inode)
			return (1);
	return (0);
}

/* Does this line speak of a listening socket that is one of these? */
static int
line_listens(const struct table *t, char *line, const struct sockets *s)
{
	char		*field, *p = line;
	unsigned int	 i;
	int		 listens = 0;

	for (i = 0; (field = strsep(&p, " \n")) != NULL;) {
		if (*field == '\0')
			continue;
		if (i == t->statefield)
			listens = strcmp(field, t->state) == 0;
		if (i == t->inodefield)
			return (listens && is_one(s, strtoul(field, NULL,
			    10)));
		i++;
	}
	return (0);
}

static int
table_listens(pid_t pid, const struct table *t, const struct sockets *s)
{
	char	 path[64], line[512];
	FILE	*f;
	int	 found = 0, n;

	snprintf(path, sizeof(path), "/proc/%ld/net/%s", (long)pid, t->name);
	if ((f = fopen(path, "re")) == NULL)
		return (0);
	for (n = 0; !found && n < TABLE_MAX &&
	    fgets(line, sizeof(line), f) != NULL; n++)
		found = line_listens(t, line, s);
	fclose(f);
	return (found);
}

int
process_listens(pid_t pid)
{
	struct sockets	 s;
	size_t		 i;

	find_sockets(pid, &s);
	for (i = 0; s.n > 0 && i < sizeof(tables) / sizeof(tables[0]); i++)
		if (table_listens(pid, &tables[i], &s))
			return (1);
	return (0);
}

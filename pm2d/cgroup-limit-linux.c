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
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup-limit.h"
#include "sys.h"
#include "tree.h"

#define CPU_PERIOD_US	100000

static int	 put_text(int, const char *, const char *);
static int	 put_limit(int, const char *, uint64_t);
static int	 put_cpu(int, uint64_t);
static ssize_t	 get_text(int, const char *, char *, size_t);
static int	 has_word(const char *, const char *);

int
cgroup_enable(int dir, const char *controller)
{
	char	 text[1024];
	int	 n;

	if (get_text(dir, "cgroup.subtree_control", text, sizeof(text)) == -1)
		return (-1);
	if (has_word(text, controller))
		return (0);
	if (get_text(dir, "cgroup.controllers", text, sizeof(text)) == -1)
		return (-1);
	if (!has_word(text, controller)) {
		errno = EOPNOTSUPP;
		return (-1);
	}
	n = snprintf(text, sizeof(text), "+%s", controller);
	if (n < 0 || (size_t)n >= sizeof(text)) {
		errno = EINVAL;
		return (-1);
	}
	return (put_text(dir, "cgroup.subtree_control", text));
}

/*
 * When memory is short all of it ends, not the one process that the kernel
 * picks: a half of an app is worth nothing.
 */
int
cgroup_limit(int dir, const struct tree_limits *tl)
{
	if (put_limit(dir, "memory.max", tl->memory) == -1 ||
	    put_limit(dir, "pids.max", tl->pids) == -1 ||
	    put_cpu(dir, tl->cpu) == -1)
		return (-1);
	if (put_text(dir, "memory.oom.group", tl->memory != 0 ? "1" : "0") ==
	    -1 && errno != ENOENT)
		return (-1);
	return (0);
}

/* Where there is no such file nothing needs to be unlimited. */
static int
put_limit(int dir, const char *file, uint64_t value)
{
	char	 text[32];

	if (value == 0)
		(void)strlcpy(text, "max", sizeof(text));
	else
		(void)snprintf(text, sizeof(text), "%" PRIu64, value);
	if (put_text(dir, file, text) == 0)
		return (0);
	if (errno != ENOENT)
		return (-1);
	errno = EOPNOTSUPP;
	return (value == 0 ? 0 : -1);
}

/* Hundredths of a CPU; the kernel takes no less than a millisecond. */
static int
put_cpu(int dir, uint64_t hundredths)
{
	char	 text[64];

	if (hundredths == 0)
		return (put_limit(dir, "cpu.max", 0));
	(void)snprintf(text, sizeof(text), "%" PRIu64 " %d",
	    hundredths * (CPU_PERIOD_US / 100), CPU_PERIOD_US);
	if (put_text(dir, "cpu.max", text) == 0)
		return (0);
	if (errno == ENOENT)
		errno = EOPNOTSUPP;
	return (-1);
}

int
cgroup_memory(int dir, uint64_t *bytes)
{
	char		 text[8192];
	const char	*p;
	uint64_t	 idle;

	if (get_text(dir, "memory.current", text, sizeof(text)) <= 0)
		return (-1);
	*bytes = strtoull(text, NULL, 10);
	if (get_text(dir, "memory.stat", text, sizeof(text)) <= 0 ||
	    (p = strstr(text, "\ninactive_file ")) == NULL)
		return (0);
	idle = strtoull(p + sizeof("\ninactive_file"), NULL, 10);
	*bytes -= idle < *bytes ? idle : *bytes;
	return (0);
}

static int
put_text(int dir, const char *file, const char *text)
{
	ssize_t	 n;
	int	 fd, saved;

	if ((fd = sys_openat(dir, file, O_WRONLY | O_CLOEXEC, 0)) == -1)
		return (-1);
	n = sys_write(fd, text, strlen(text));
	saved = errno;
	(void)close(fd);
	errno = saved;
	return (n == -1 ? -1 : 0);
}

static ssize_t
get_text(int dir, const char *file, char *text, size_t len)
{
	ssize_t	 n;
	int	 fd, saved;

	if ((fd = sys_openat(dir, file, O_RDONLY | O_CLOEXEC, 0)) == -1)
		return (-1);
	n = sys_read(fd, text, len - 1);
	saved = errno;
	(void)close(fd);
	errno = saved;
	text[n > 0 ? n : 0] = '\0';
	return (n);
}

/* One of words with blanks between them. */
static int
has_word(const char *text, const char *word)
{
	size_t	 len = strlen(word);

	for (;;) {
		text += strspn(text, " \n");
		if (*text == '\0')
			return (0);
		if (strcspn(text, " \n") == len &&
		    strncmp(text, word, len) == 0)
			return (1);
		text += strcspn(text, " \n");
	}
}

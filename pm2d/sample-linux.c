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
#include <stdio.h>
#include <unistd.h>

#include "sample.h"
#include "sys.h"

int
sample_pid(pid_t pid, struct sample *s)
{
	char		 buf[1024];
	static long	 pagesize;
	ssize_t		 n;
	int		 fd, len, saved;

	len = snprintf(buf, sizeof(buf), "/proc/%ld/stat", (long)pid);
	if (pid <= 0 || len < 0 || (size_t)len >= sizeof(buf)) {
		errno = ESRCH;
		return (-1);
	}
	fd = sys_openat(AT_FDCWD, buf, O_RDONLY | O_CLOEXEC, 0);
	if (fd == -1) {
		if (errno == ENOENT)
			errno = ESRCH;
		return (-1);
	}
	n = sys_read(fd, buf, sizeof(buf));
	saved = errno;
	(void)close(fd);
	errno = saved;
	if (n == -1)
		return (-1);
	if (sample_parse(buf, (size_t)n, s) == -1)
		return (-1);
	if (pagesize == 0)
		pagesize = sysconf(_SC_PAGESIZE);
	s->rss_bytes *= (uint64_t)pagesize;
	return (0);
}

long
sample_hz(void)
{
	return (sysconf(_SC_CLK_TCK));
}

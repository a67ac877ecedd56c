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
 * b_lines megabytes piece: write lines of 100 bytes to standard output, in
 * pieces of so many bytes.  Prints the time of its start, CLOCK_MONOTONIC in
 * microseconds, on standard error.
 * b_lines -w file bytes: wait until the file has that size, print the time.
 */

#include <sys/types.h>
#include <sys/stat.h>

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE	100

static int64_t
now_us(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000);
}

static void
wait_size(const char *path, long long size)
{
	struct stat	 st;
	int64_t		 start = now_us();

	while (stat(path, &st) == -1 || st.st_size < size) {
		if (now_us() - start > 120000000)
			errx(1, "%s: never had %lld bytes", path, size);
		usleep(500);
	}
	printf("%jd\n", (intmax_t)now_us());
}

static void
write_all(const char *buf, size_t len)
{
	ssize_t	 n;

	while (len > 0) {
		if ((n = write(STDOUT_FILENO, buf, len)) == -1)
			err(1, "write");
		buf += n;
		len -= (size_t)n;
	}
}

int
main(int argc, char *argv[])
{
	char		*buf;
	size_t		 i, len, piece, left;

	if (argc == 4 && strcmp(argv[1], "-w") == 0) {
		wait_size(argv[2], strtoll(argv[3], NULL, 10));
		return (0);
	}
	if (argc != 3)
		errx(1, "usage: b_lines megabytes piece | -w file bytes");
	left = (size_t)strtoll(argv[1], NULL, 10) * 1000000;
	piece = (size_t)strtoll(argv[2], NULL, 10);
	if ((buf = malloc(piece + LINE)) == NULL)
		err(1, NULL);
	for (i = 0; i < piece + LINE; i++)
		buf[i] = i % LINE == LINE - 1 ? '\n' : 'a' + (char)(i % 26);
	fprintf(stderr, "%jd\n", (intmax_t)now_us());
	for (i = 0; left > 0; left -= len) {
		len = piece < left ? piece : left;
		/* pieces need not end with a line: go on where it stopped */
		write_all(buf + i, len);
		i = (i + len) % LINE;
	}
	return (0);
}

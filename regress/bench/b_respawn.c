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
 * b_respawn n cmd...: the bare loop.  Run the command n times, each as soon
 * as the one before has ended.
 * b_respawn -p file: median and 99th percentile, in microseconds, from the
 * end of each record of b_stamp to the main() of the next.
 */

#include <sys/types.h>
#include <sys/wait.h>

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
compare(const void *a, const void *b)
{
	const int64_t	*x = a, *y = b;

	return (*x < *y ? -1 : *x > *y);
}

static void
print(const char *path)
{
	static int64_t	 gap[100000];
	int64_t		 t[2], last = 0;
	size_t		 n = 0;
	FILE		*fp;

	if ((fp = fopen(path, "r")) == NULL)
		err(1, "%s", path);
	while (n < 100000 && fread(t, sizeof(t), 1, fp) == 1) {
		if (last != 0)
			gap[n++] = t[0] - last;
		last = t[1];
	}
	fclose(fp);
	if (n == 0)
		errx(1, "%s: nothing", path);
	qsort(gap, n, sizeof(int64_t), compare);
	printf("%jd %jd %zu\n", (intmax_t)gap[n / 2] / 1000,
	    (intmax_t)gap[n * 99 / 100] / 1000, n);
}

int
main(int argc, char *argv[])
{
	pid_t	 pid;
	int	 n;

	if (argc < 3)
		errx(1, "usage: b_respawn n cmd... | -p file");
	if (strcmp(argv[1], "-p") == 0) {
		print(argv[2]);
		return (0);
	}
	for (n = (int)strtol(argv[1], NULL, 10); n > 0; n--) {
		if ((pid = fork()) == -1)
			err(1, "fork");
		if (pid == 0) {
			execvp(argv[2], argv + 2);
			_exit(127);
		}
		if (waitpid(pid, NULL, 0) == -1)
			err(1, "waitpid");
	}
	return (0);
}

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
 * b_spawn n seconds cmd...: the bare loop.  Fork and execute n times, print
 * the microseconds until the last one was executed, keep them for so long,
 * end them.
 */

#include <sys/types.h>
#include <sys/wait.h>

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int64_t
now_us(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000);
}

int
main(int argc, char *argv[])
{
	int64_t	 start;
	pid_t	*pids;
	char	 c;
	int	 gate[2], i, n;

	if (argc < 4 || (n = (int)strtol(argv[1], NULL, 10)) < 1)
		errx(1, "usage: b_spawn n seconds cmd...");
	if ((pids = calloc((size_t)n, sizeof(pid_t))) == NULL)
		err(1, NULL);
	start = now_us();
	/* close-on-exec: at its end when the last child is executed */
	if (pipe2(gate, O_CLOEXEC) == -1)
		err(1, "pipe2");
	for (i = 0; i < n; i++) {
		if ((pids[i] = fork()) == -1)
			err(1, "fork");
		if (pids[i] == 0) {
			execvp(argv[3], argv + 3);
			_exit(127);
		}
	}
	close(gate[1]);
	while (read(gate[0], &c, 1) == -1)
		;
	printf("%jd\n", (intmax_t)(now_us() - start));
	fflush(stdout);
	sleep((unsigned)strtol(argv[2], NULL, 10));
	for (i = 0; i < n; i++)
		kill(pids[i], SIGKILL);
	for (i = 0; i < n; i++)
		waitpid(pids[i], NULL, 0);
	return (0);
}

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
 * b_pair n a... -- b...: run two commands alternately, n times each, their
 * output thrown away, and print the medians of their times in microseconds.
 */

#include <sys/types.h>
#include <sys/wait.h>

#include <err.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

extern char	**environ;

static int
compare(const void *a, const void *b)
{
	const int64_t	*x = a, *y = b;

	return (*x < *y ? -1 : *x > *y);
}

static int64_t
now_us(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000);
}

static int64_t
run(char **argv, posix_spawn_file_actions_t *actions)
{
	int64_t	 start;
	pid_t	 pid;
	int	 error, status;

	start = now_us();
	if ((error = posix_spawnp(&pid, argv[0], actions, NULL, argv,
	    environ)) != 0)
		errc(1, error, "%s", argv[0]);
	if (waitpid(pid, &status, 0) == -1)
		err(1, "waitpid");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		errx(1, "%s: wait status 0x%x", argv[0], (unsigned)status);
	return (now_us() - start);
}

int
main(int argc, char *argv[])
{
	posix_spawn_file_actions_t	  actions;
	int64_t				 *times[2];
	char				**cmd[2];
	int				  i, j, n;

	if (argc < 5 || (n = (int)strtol(argv[1], NULL, 10)) < 1)
		errx(1, "usage: b_pair n a... -- b...");
	/* The last one: the first command may have a -- of its own. */
	cmd[0] = argv + 2;
	cmd[1] = argv + argc - 1;
	while (cmd[1] > cmd[0] && strcmp(*cmd[1], "--") != 0)
		cmd[1]--;
	if (cmd[1] == cmd[0])
		errx(1, "no --");
	*cmd[1]++ = NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY,
	    0);
	for (j = 0; j < 2; j++)
		if ((times[j] = calloc((size_t)n, sizeof(int64_t))) == NULL)
			err(1, NULL);
	for (i = 0; i < n; i++)
		for (j = 0; j < 2; j++)
			times[j][i] = run(cmd[j], &actions);
	for (j = 0; j < 2; j++)
		qsort(times[j], (size_t)n, sizeof(int64_t), compare);
	printf("%jd %jd\n", (intmax_t)times[0][n / 2],
	    (intmax_t)times[1][n / 2]);
	return (0);
}

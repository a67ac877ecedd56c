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
 * b_ping socket ms cmd...: run the command over and over for so long, and ask
 * pm2d something small meanwhile, each millisecond.  Prints the median and the
 * longest time to an answer, in microseconds, and how many commands ran.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/un.h>
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

#include "imsg.h"
#include "msg.h"

extern char	**environ;

static int64_t
now_us(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000);
}

static int
compare(const void *a, const void *b)
{
	const int64_t	*x = a, *y = b;

	return (*x < *y ? -1 : *x > *y);
}

static void
ask(int fd, uint32_t type, const void *data, size_t len)
{
	struct imsg_hdr	 hdr;
	char		 buf[512];

	memset(&hdr, 0, sizeof(hdr));
	hdr.type = type;
	hdr.len = (uint32_t)(sizeof(hdr) + len);
	hdr.peerid = 1;
	memcpy(buf, &hdr, sizeof(hdr));
	if (len > 0)
		memcpy(buf + sizeof(hdr), data, len);
	if (write(fd, buf, sizeof(hdr) + len) != (ssize_t)(sizeof(hdr) + len))
		err(1, "write");
}

static void
answer(int fd)
{
	struct imsg_hdr	 hdr;
	char		 buf[MAX_IMSGSIZE];
	size_t		 len;

	if (recv(fd, &hdr, sizeof(hdr), MSG_WAITALL) != sizeof(hdr))
		err(1, "no answer");
	len = (hdr.len & 0x7fffffff) - sizeof(hdr);
	if (len > 0 && recv(fd, buf, len, MSG_WAITALL) != (ssize_t)len)
		err(1, "half an answer");
}

static int
greet(const char *path)
{
	struct ctl_hello	 hello;
	struct sockaddr_un	 sun;
	int			 fd;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	if (strlcpy(sun.sun_path, path, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path))
		errx(1, "%s: too long", path);
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1 ||
	    connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1)
		err(1, "%s", path);
	memset(&hello, 0, sizeof(hello));
	hello.protocol = PM2D_PROTOCOL;
	hello.pid = (uint32_t)getpid();
	ask(fd, IMSG_CTL_HELLO, &hello, sizeof(hello));
	answer(fd);
	return (fd);
}

static pid_t
launch(char **argv)
{
	static posix_spawn_file_actions_t	 actions;
	static int				 ready;
	pid_t					 pid;
	int					 error;

	if (!ready) {
		posix_spawn_file_actions_init(&actions);
		posix_spawn_file_actions_addopen(&actions, 1, "/dev/null",
		    O_WRONLY, 0);
		ready = 1;
	}
	if ((error = posix_spawnp(&pid, argv[0], &actions, NULL, argv,
	    environ)) != 0)
		errc(1, error, "%s", argv[0]);
	return (pid);
}

int
main(int argc, char *argv[])
{
	static int64_t	 rtt[100000];
	int64_t		 end, t;
	size_t		 n = 0;
	pid_t		 pid;
	int		 fd, runs = 0;

	if (argc < 4)
		errx(1, "usage: b_ping socket ms cmd...");
	fd = greet(argv[1]);
	end = now_us() + strtoll(argv[2], NULL, 10) * 1000;
	pid = launch(argv + 3);
	while (now_us() < end && n < 100000) {
		t = now_us();
		ask(fd, IMSG_CTL_PING, NULL, 0);
		answer(fd);
		rtt[n++] = now_us() - t;
		if (waitpid(pid, NULL, WNOHANG) == pid) {
			runs++;
			pid = launch(argv + 3);
		}
		usleep(1000);
	}
	waitpid(pid, NULL, 0);
	qsort(rtt, n, sizeof(int64_t), compare);
	printf("%jd %jd %d\n", (intmax_t)rtt[n / 2], (intmax_t)rtt[n - 1],
	    runs);
	return (0);
}

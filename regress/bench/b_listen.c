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
 * b_listen port n cmd...: n listening sockets of a group (SO_REUSEPORT) at
 * that port of all addresses, as node makes them, and a command for each,
 * which finds it at descriptor 3.  Prints the pids, and ends them when it is told to end.
 */
#include <sys/types.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
group_socket(int port)
{
	struct sockaddr_in6	 sin6;
	int			 fd, on = 1;

	memset(&sin6, 0, sizeof(sin6));
	sin6.sin6_family = AF_INET6;
	sin6.sin6_port = htons((uint16_t)port);
	if ((fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0)) == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == -1 ||
	    bind(fd, (struct sockaddr *)&sin6, sizeof(sin6)) == -1 ||
	    listen(fd, 511) == -1)
		err(1, "port %d", port);
	return (fd);
}

static pid_t
launch(int fd, char **argv)
{
	pid_t	 pid;

	switch (pid = fork()) {
	case -1:
		err(1, "fork");
	case 0:
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (fd == 3)
			fcntl(fd, F_SETFD, 0);
		else if (dup2(fd, 3) == -1)
			err(1, "dup2");
		execvp(argv[0], argv);
		err(1, "%s", argv[0]);
	default:
		close(fd);
		return (pid);
	}
}

int
main(int argc, char *argv[])
{
	const char	*error;
	long long	 i, n, port;

	if (argc < 4)
		errx(1, "usage: b_listen port n cmd...");
	port = strtonum(argv[1], 1, 65535, &error);
	if (error == NULL)
		n = strtonum(argv[2], 1, 64, &error);
	if (error != NULL)
		errx(1, "a number is %s", error);
	for (i = 0; i < n; i++)
		printf("%ld\n", (long)launch(group_socket((int)port),
		    argv + 3));
	fflush(stdout);
	while (wait(NULL) > 0)
		;
	return (0);
}

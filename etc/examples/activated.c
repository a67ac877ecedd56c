/*
 * A web server in C that is reloaded without a lost request: it takes its
 * listening sockets from pm2d (LISTEN_FDS, as systemd passes them), says when
 * it is ready, and finishes what it does at the signal.
 *
 *	cc -o activated activated.c
 *	pm2ctl start ./activated --listen tcp:8000
 *	pm2ctl reload activated
 */
#define _GNU_SOURCE
#include <sys/socket.h>
#include <sys/un.h>

#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST	3		/* the first descriptor that is passed */
#define MOST	16

static volatile sig_atomic_t leaving;

static void
leave(int sig)
{
	leaving = sig;
}

/* sd_notify(3) */
static void
notify(const char *text)
{
	const char		*name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un	 sun;
	size_t			 len;
	int			 fd;

	if (name == NULL || (len = strlen(name)) >= sizeof(sun.sun_path))
		return;
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	memcpy(sun.sun_path, name, len);
	if (sun.sun_path[0] == '@')
		sun.sun_path[0] = '\0';
	if ((fd = socket(AF_UNIX, SOCK_DGRAM, 0)) == -1)
		return;
	(void)sendto(fd, text, strlen(text), 0, (struct sockaddr *)&sun,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	close(fd);
}

/* One request: all of its head, the answer, and the end of the client's. */
static void
serve(int fd)
{
	struct timeval	 tv = { 5, 0 };
	char		 buf[4096], body[64];
	size_t		 len = 0;
	ssize_t		 n;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	do {
		n = recv(fd, buf + len, sizeof(buf) - 1 - len, 0);
		if (n <= 0)
			return;
		len += (size_t)n;
		buf[len] = '\0';
	} while (strstr(buf, "\r\n\r\n") == NULL && len < sizeof(buf) - 1);
	snprintf(body, sizeof(body), "%ld says hello\n", (long)getpid());
	snprintf(buf, sizeof(buf), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n"
	    "Connection: close\r\n\r\n%s", strlen(body), body);
	(void)send(fd, buf, strlen(buf), MSG_NOSIGNAL);
	shutdown(fd, SHUT_WR);
	while (recv(fd, buf, sizeof(buf), 0) > 0)
		;
}

int
main(void)
{
	const char	*pid = getenv("LISTEN_PID");
	const char	*fds = getenv("LISTEN_FDS");
	struct pollfd	 pfd[MOST];
	struct sigaction sa = { .sa_handler = leave };
	sigset_t	 block, old;
	int		 fd, i, n;

	if (pid == NULL || strtol(pid, NULL, 10) != getpid() || fds == NULL ||
	    (n = (int)strtol(fds, NULL, 10)) < 1 || n > MOST)
		errx(1, "no socket: start it with --listen");
	for (i = 0; i < n; i++) {
		/* the predecessor may have been faster */
		fcntl(FIRST + i, F_SETFL, O_NONBLOCK);
		fcntl(FIRST + i, F_SETFD, FD_CLOEXEC);
		pfd[i].fd = FIRST + i;
		pfd[i].events = POLLIN;
	}
	/* signals come only while it waits: nothing is broken off */
	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGTERM);
	sigprocmask(SIG_BLOCK, &block, &old);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	notify("READY=1\nSTATUS=serving");
	while (!leaving) {
		if (ppoll(pfd, (nfds_t)n, NULL, &old) == -1)
			continue;
		for (i = 0; i < n; i++) {
			if (!(pfd[i].revents & POLLIN) ||
			    (fd = accept(pfd[i].fd, NULL, NULL)) == -1)
				continue;
			serve(fd);
			close(fd);
		}
		/* ppoll(2) lets no signal in when it need not wait */
		sigprocmask(SIG_SETMASK, &old, NULL);
		sigprocmask(SIG_BLOCK, &block, NULL);
	}
	notify("STOPPING=1");
	return (0);
}

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
 * --no-daemon: pm2ctl stays and shows the daemon's log.
 */
#include <sys/types.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "home.h"
#include "pm2ctl.h"

#define TAIL_BYTES	1000

/* Copy what is new in the file. -1: nobody reads us. */
static int
copy_new(int fd)
{
	char	 buf[16384];
	off_t	 pos, end;
	ssize_t	 n;

	/* Emptied: begin again. */
	pos = lseek(fd, 0, SEEK_CUR);
	if ((end = lseek(fd, 0, SEEK_END)) < pos)
		pos = 0;
	(void)lseek(fd, pos, SEEK_SET);
	while (pos < end && (n = read(fd, buf, sizeof(buf))) > 0) {
		if (fwrite(buf, 1, (size_t)n, stdout) != (size_t)n)
			return (-1);
		pos += n;
	}
	return (fflush(stdout) == EOF ? -1 : 0);
}

static int
open_tail(const char *path)
{
	off_t	 end;
	char	 c;
	int	 fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) == -1) {
		say_error("%s: %s", path, strerror(errno));
		return (-1);
	}
	end = lseek(fd, 0, SEEK_END);
	(void)lseek(fd, end > TAIL_BYTES ? end - TAIL_BYTES : 0, SEEK_SET);
	/* Begin with a whole line. */
	while (end > TAIL_BYTES && read(fd, &c, 1) == 1 && c != '\n')
		;
	return (fd);
}

static int
open_signals(sigset_t *old)
{
	struct sigaction	 sa;
	sigset_t		 set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGCHLD);
	/* Of nohup(1). */
	if (sigaction(SIGHUP, NULL, &sa) == 0 && sa.sa_handler != SIG_IGN)
		(void)sigaddset(&set, SIGHUP);
	/* A shell has its background jobs ignore it. */
	(void)signal(SIGINT, SIG_DFL);
	(void)sigprocmask(SIG_BLOCK, &set, old);
	return (signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

/* 1: asked to end; -1: our pm2d has ended by itself; 0: nothing. */
static int
take_signals(struct ctl *ctl, int sfd)
{
	struct signalfd_siginfo	 si;
	int			 status;

	while (read(sfd, &si, sizeof(si)) == (ssize_t)sizeof(si))
		if (si.ssi_signo != SIGCHLD)
			return (1);
	/* It may have ended before SIGCHLD was blocked. */
	if (ctl->child != 0 &&
	    waitpid(ctl->child, &status, WNOHANG) == ctl->child) {
		ctl->child = 0;
		return (-1);
	}
	return (0);
}

/* The loop: 1 asked to end, -1 pm2d has ended, 0 nobody reads. */
static int
follow(struct ctl *ctl, int log, int ifd, int sfd)
{
	struct pollfd	 pfd[3];
	char		 events[4096];
	int		 what;

	memset(pfd, 0, sizeof(pfd));
	pfd[0].fd = sfd;
	pfd[1].fd = ifd;
	pfd[2].fd = ctl->client.fd;
	pfd[0].events = pfd[1].events = POLLIN;
	pfd[2].events = 0;	/* only its end */
	for (;;) {
		if (copy_new(log) == -1)
			return (0);
		if ((what = take_signals(ctl, sfd)) != 0)
			return (what);
		if (pfd[2].revents & (POLLHUP | POLLERR)) {
			/* A child's end is told by SIGCHLD. */
			if (ctl->child == 0)
				return (-1);
			pfd[2].fd = -1;
		}
		if (poll(pfd, 3, -1) == -1 && errno != EINTR)
			return (-1);
		while (read(ifd, events, sizeof(events)) > 0)
			;
	}
}

int
foreground(struct ctl *ctl)
{
	sigset_t	 old;
	char		 path[4096];
	int		 log, ifd, sfd, what, mine;

	mine = ctl->child != 0;
	say_plain("--no-daemon option enabled = do not exit pm2 CLI");
	say_plain("PM2 dameon PID = %u", ctl->client.pid);
	if (home_file(path, sizeof(path), ctl->home, HOME_LOG) == -1 ||
	    (log = open_tail(path)) == -1) {
		launch_end(ctl);
		return (1);
	}
	if ((sfd = open_signals(&old)) == -1 ||
	    (ifd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) == -1 ||
	    inotify_add_watch(ifd, path, IN_MODIFY) == -1) {
		say_error("%s: %s", path, strerror(errno));
		launch_end(ctl);
		return (1);
	}
	what = follow(ctl, log, ifd, sfd);
	/* Who cannot wait for all apps to stop may ask a second time. */
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	launch_end(ctl);
	if (what == 1)
		(void)copy_new(log);
	/* "pm2ctl kill" from elsewhere is an end like another. */
	else if (what == -1 && mine)
		say_info("pm2d has ended");
	return (what == -1 && !mine);
}

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
 * A process that starts others and hides them.  Each writes an "x" to
 * standard output when it is set up, holds it open, and ends after half a
 * minute at the latest.
 *
 *	h_tree sleep		itself only
 *	h_tree daemon		a grandchild in a session of its own
 *	h_tree hidden		that one without environment
 *	h_tree late		a hidden one that loses its parent when we end
 *	h_tree leave		a daemon; itself ends at once
 *	h_tree group		a child in its process group; itself ends
 *	h_tree deaf		a daemon, all of them ignoring every signal
 *	h_tree bomb n		n processes, each a child of the one before it
 *				or an orphan, deaf, in sessions of their own
 *	h_tree busy		a process that forks and ends again and again,
 *				for three seconds
 */
#include <sys/types.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char	*self;

static void	 ready(void);
static void	 forever(void) __attribute__((noreturn));
static void	 deaf(void);
static void	 daemonize(int, int);
static void	 bomb(int);
static void	 busy(void) __attribute__((noreturn));

int
main(int argc, char *argv[])
{
	const char *what;

	(void)alarm(30);
	self = argv[0];
	what = argc > 1 ? argv[1] : "sleep";
	if (strcmp(what, "deaf") == 0)
		deaf();
	if (strcmp(what, "bomb") == 0)
		bomb(argc > 2 ? (int)strtonum(argv[2], 1, 500, NULL) : 50);
	if (strcmp(what, "busy") == 0)
		busy();
	if (strcmp(what, "group") == 0 && fork() == 0) {
		(void)alarm(30);
		ready();
		forever();
	}
	if (strcmp(what, "sleep") != 0 && strcmp(what, "group") != 0 &&
	    strcmp(what, "orphaned") != 0)
		daemonize(strcmp(what, "hidden") == 0,
		    strcmp(what, "late") == 0);
	if (strcmp(what, "leave") == 0 || strcmp(what, "group") == 0)
		return (0);
	ready();
	forever();
}

static void
ready(void)
{
	if (write(STDOUT_FILENO, "x", 1) != 1)
		_exit(1);
}

static void
forever(void)
{
	for (;;)
		(void)pause();
}

static void
deaf(void)
{
	int sig;

	for (sig = 1; sig < SIGRTMIN; sig++)
		if (sig != SIGALRM && sig != SIGCHLD)
			(void)signal(sig, SIG_IGN);
}

static void
daemonize(int hidden, int late)
{
	char	*const env[] = { NULL };
	char	*argv[3];
	pid_t	 between;

	switch ((between = fork())) {
	case -1:
		err(1, "fork");
	case 0:
		(void)setsid();
		if (late)
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (fork() != 0) {
			if (!late)
				_exit(0);
			(void)alarm(30);
			forever();
		}
		(void)alarm(30);
		(void)setsid();
		if (hidden || late) {
			argv[0] = self;
			argv[1] = strdup("orphaned");
			argv[2] = NULL;
			(void)execve(self, argv, env);
			_exit(1);
		}
		ready();
		forever();
	default:
		/* Who counts us must not count it. */
		if (!late && waitpid(between, NULL, 0) == -1)
			err(1, "waitpid");
		break;
	}
}

static void
bomb(int n)
{
	int i;

	deaf();
	for (i = 1; i < n; i++) {
		switch (fork()) {
		case -1:
			err(1, "fork");
		case 0:
			(void)alarm(30);
			/* Every third one has no parent for long. */
			if (i % 3 == 0)
				(void)setsid();
			continue;
		default:
			ready();
			if (i % 3 == 1 && i > 1)
				_exit(0);
			forever();
		}
	}
	ready();
	forever();
}

/* Hard to catch: by the time one looks it is another one. */
static void
busy(void)
{
	struct timespec	 begin, now;
	int		 i;

	(void)clock_gettime(CLOCK_MONOTONIC, &begin);
	ready();
	for (i = 0;; i++) {
		/* No alarm would outlive the next fork. */
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec > begin.tv_sec + 3)
			_exit(0);
		switch (fork()) {
		case -1:
			_exit(1);
		case 0:
			if (i % 5 == 0)
				(void)setsid();
			break;
		default:
			if (i % 2 == 0)
				(void)usleep(1000);
			_exit(0);
		}
	}
}

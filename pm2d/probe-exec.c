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
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "probe-local.h"
#include "sys.h"

/*
 * exec: checks: a program of the app's user, which is good when it exits
 * with 0 in time.  Each has a group of its own, all of which is killed in the
 * end; its output is thrown away.
 */

#define ATONCE		8

struct attempt {
	TAILQ_ENTRY(attempt) entry;
	struct check	*check;
	struct event	 deadline;
	pid_t		 pid;
};

static TAILQ_HEAD(, attempt) attempts = TAILQ_HEAD_INITIALIZER(attempts);
static struct event_base	*base;
static struct event		 sigchld;

static void	 got_sigchld(int, short, void *);

void
exec_init(struct event_base *b)
{
	base = b;
	evsignal_assign(&sigchld, base, SIGCHLD, got_sigchld, NULL);
	if (evsignal_add(&sigchld, NULL) == -1)
		fatal("signals");
}

static int
exec_takes(const struct healthspec *hs)
{
	return (hs->kind == HEALTHSPEC_EXEC);
}

/* With all that it has started, as far as that is still in its group. */
static void
kill_group(pid_t pid)
{
	if (kill(-pid, SIGKILL) == -1 && errno == ESRCH)
		(void)kill(pid, SIGKILL);
}

static void
exec_free(struct attempt *a)
{
	event_del(&a->deadline);
	TAILQ_REMOVE(&attempts, a, entry);
	free(a);
}

static void
exec_stop(struct attempt *a)
{
	kill_group(a->pid);
	/* It is reaped as one that nobody asks for. */
	exec_free(a);
}

static void
done(struct attempt *a, const char *wrong)
{
	struct check	*c = a->check;

	exec_free(a);
	check_done(c, wrong);
}

static void
exec_deadline(int fd, short event, void *arg)
{
	struct attempt	*a = arg;

	(void)fd;
	(void)event;
	kill_group(a->pid);
	done(a, "the command did not end in time");
}

static void
ended(struct attempt *a, int status)
{
	char	 text[64];

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		done(a, NULL);
		return;
	}
	if (WIFEXITED(status))
		(void)snprintf(text, sizeof(text), "the command exited with "
		    "%d%s", WEXITSTATUS(status), WEXITSTATUS(status) == 127 ?
		    " (not found, or not executable)" : "");
	else
		(void)snprintf(text, sizeof(text), "the command was ended by "
		    "signal %d", WTERMSIG(status));
	done(a, text);
}

static void
got_sigchld(int sig, short event, void *arg)
{
	struct attempt	*a;
	siginfo_t	 si;
	int		 status;

	(void)sig;
	(void)event;
	(void)arg;
	for (;;) {
		memset(&si, 0, sizeof(si));
		if (sys_waitid(P_ALL, 0, &si, WEXITED | WNOHANG |
		    WNOWAIT) == -1 || si.si_pid == 0)
			return;
		/* What it left behind; the number is its own until reaped. */
		(void)kill(-si.si_pid, SIGKILL);
		if (waitpid(si.si_pid, &status, 0) == -1)
			return;
		TAILQ_FOREACH(a, &attempts, entry)
			if (a->pid == si.si_pid)
				break;
		if (a != NULL)
			ended(a, status);
	}
}

/* Like any program that a shell of the user had started in the background. */
static void
child(const struct check *c)
{
	static char	 path[] = "PATH=/usr/local/sbin:/usr/local/bin:"
			    "/usr/sbin:/usr/bin:/sbin:/bin";
	static char	 lang[] = "LANG=C";
	char		*env[] = { path, lang, NULL };
	char		 buf[HEALTHSPEC_LEN], *argv[HEALTHSPEC_WORDS + 1];
	sigset_t	 none;
	int		 fd, sig;

	for (sig = 1; sig < NSIG; sig++)
		(void)signal(sig, SIG_DFL);
	if (setsid() == -1 || prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
		_exit(126);
	if ((fd = open("/dev/null", O_RDWR)) == -1 || dup2(fd, 0) == -1 ||
	    dup2(fd, 1) == -1 || dup2(fd, 2) == -1)
		_exit(126);
	closefrom(3);
	(void)umask(022);
	if (chdir(c->cwd == NULL ? "/" : c->cwd) == -1)
		_exit(126);
	if (healthspec_words(c->spec.command, buf, sizeof(buf), argv) == -1)
		_exit(126);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)execvpe(argv[0], argv, env);
	_exit(127);
}

static struct attempt *
exec_start(struct check *c)
{
	struct attempt	*a;
	sigset_t	 all, saved;
	struct timeval	 tv;
	int		 error;

	if ((a = calloc(1, sizeof(*a))) == NULL)
		return (NULL);
	a->check = c;
	/* No handler of ours may run in the child. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &saved);
	if ((a->pid = sys_fork()) == 0)
		child(c);
	error = errno;
	sigprocmask(SIG_SETMASK, &saved, NULL);
	if (a->pid == -1) {
		free(a);
		errno = error;
		return (NULL);
	}
	evtimer_assign(&a->deadline, base, exec_deadline, a);
	tv.tv_sec = (time_t)(c->timeout_ms / 1000);
	tv.tv_usec = (suseconds_t)(c->timeout_ms % 1000 * 1000);
	evtimer_add(&a->deadline, &tv);
	TAILQ_INSERT_TAIL(&attempts, a, entry);
	return (a);
}

const struct prober	 prober_exec = {
	ATONCE, exec_takes, exec_start, exec_stop
};

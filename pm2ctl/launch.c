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
 * A running pm2d for the home: connect, or start one.  However many pm2ctl
 * find none at the same moment, the lock lets one of them start it and the
 * others find it running.
 */
#include <sys/types.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "home.h"
#include "instpaths.h"
#include "monotime.h"
#include "pm2ctl.h"
#include "sys.h"

#define LOCK_SECONDS	60	/* for others to start it */
#define START_MS	30000	/* for it to start */
#define RETRY_MS	10

static void
on_alarm(int signo)
{
	(void)signo;	/* flock(2) comes back with EINTR */
}

/* The lock, or -1 (said). It is held until it is closed. */
static int
take_lock(const char *home)
{
	struct sigaction	 sa;
	char			 path[4096];
	int			 fd, error;

	if (home_file(path, sizeof(path), home, HOME_LOCK) == -1 ||
	    (fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
	    0600)) == -1) {
		say_error("%s/%s: %s", home, HOME_LOCK, strerror(errno));
		return (-1);
	}
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_alarm;
	(void)sigaction(SIGALRM, &sa, NULL);
	(void)alarm(LOCK_SECONDS);
	error = flock(fd, LOCK_EX);
	(void)alarm(0);
	if (error == 0)
		return (fd);
	if (errno == EINTR)
		say_error("another pm2ctl has been starting pm2d for %d "
		    "seconds (it holds %s)", LOCK_SECONDS, path);
	else
		say_error("%s: %s", path, strerror(errno));
	(void)close(fd);
	return (-1);
}

static int
prepare_home(const char *home)
{
	int	 fresh;

	if (service_installed(home))
		return (-1);
	fresh = access(home, F_OK) == -1;
	if (fresh)
		say_info("Initializing folder for pm2 on %s", home);
	if (home_make(home) == -1) {
		say_error("%s: %s", home, errno == EPERM ?
		    "not a directory, or others could write to it, or it is "
		    "another user's" : strerror(errno));
		return (-1);
	}
	if (fresh && custom_sample(home) == 1)
		say_info("Creating PM2 configuration file in %s/%s", home,
		    HOME_OPTIONS);
	return (0);
}

/* What pm2d gets of the caller's environment: an app gets its own. */
static char **
daemon_environment(void)
{
	static const char *const names[] = { "PATH", "LANG", "TZ",
	    "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS" };
	static char	*env[sizeof(names) / sizeof(names[0]) + 1];
	const char	*value;
	size_t		 i, n;

	for (n = 0, i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((value = getenv(names[i])) != NULL &&
		    asprintf(&env[n], "%s=%s", names[i], value) != -1)
			n++;
	env[n] = NULL;
	return (env);
}

/* In the child: nothing of the caller is left but where errors go. */
static void
child(const char *home, int foreground_, int err)
{
	char	*argv[5], **env;
	int	 n, null;

	env = daemon_environment();
	n = 0;
	argv[n++] = strdup("pm2d");
	if (foreground_)
		argv[n++] = strdup("-d");
	argv[n++] = strdup("-h");
	argv[n++] = strdup(home);
	argv[n] = NULL;
	if ((null = open("/dev/null", O_RDWR)) == -1 ||
	    dup2(null, STDIN_FILENO) == -1 ||
	    dup2(foreground_ ? err : null, STDOUT_FILENO) == -1 ||
	    dup2(err, STDERR_FILENO) == -1)
		_exit(127);
	closefrom(3);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGALRM, SIG_DFL);
	(void)execve(PATH_PM2D, argv, env);
	dprintf(STDERR_FILENO, "cannot execute %s: %s\n", PATH_PM2D,
	    strerror(errno));
	_exit(127);
}

/* What it says on stderr until it ends, and then its status. */
static int
wait_started(pid_t pid, int err, char *said, size_t size)
{
	struct pollfd	 pfd[2];
	monotime_t	 start;
	size_t		 len;
	ssize_t		 n;
	int		 status;

	start = monotime_now();
	memset(pfd, 0, sizeof(pfd));
	pfd[0].fd = err;
	pfd[0].events = POLLIN;
	pfd[1].fd = sys_pidfd_open(pid, 0);
	pfd[1].events = POLLIN;
	len = 0;
	while (pfd[1].fd != -1 && pfd[1].revents == 0) {
		if (poll(pfd, 2, RETRY_MS * 10) == -1 && errno != EINTR)
			break;
		if (pfd[0].revents != 0) {
			n = read(err, said + len, size - 1 - len);
			if (n > 0)
				len += (size_t)n;
			if (n == 0 || len == size - 1)
				pfd[0].fd = -1;
		}
		if (monotime_since(monotime_now(), start) > START_MS) {
			(void)kill(pid, SIGTERM);
			break;
		}
	}
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	/* What it wrote last. */
	if (pfd[0].fd != -1 &&
	    (n = read(err, said + len, size - 1 - len)) > 0)
		len += (size_t)n;
	if (pfd[1].fd != -1)
		(void)close(pfd[1].fd);
	while (len > 0 && said[len - 1] == '\n')
		len--;
	said[len] = '\0';
	return (status);
}

/* Start a pm2d that goes into the background: 0 when it serves, -1 said. */
static int
start_background(const char *home)
{
	char	 said[4096];
	pid_t	 pid;
	int	 err[2], status;

	if (pipe2(err, O_CLOEXEC) == -1) {
		say_error("pipe: %s", strerror(errno));
		return (-1);
	}
	(void)fcntl(err[0], F_SETFL, O_NONBLOCK);
	if ((pid = fork()) == 0)
		child(home, 0, err[1]);
	(void)close(err[1]);
	if (pid == -1) {
		say_error("fork: %s", strerror(errno));
		(void)close(err[0]);
		return (-1);
	}
	status = wait_started(pid, err[0], said, sizeof(said));
	(void)close(err[0]);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		if (said[0] != '\0')
			say_warn("%s", said);
		return (0);
	}
	if (said[0] != '\0')
		say_error("pm2d could not be started: %s", said);
	else if (WIFSIGNALED(status))
		say_error("pm2d could not be started: signal %d",
		    WTERMSIG(status));
	else
		say_error("pm2d could not be started: it exited with code %d"
		    ", see %s/%s", WEXITSTATUS(status), home, HOME_LOG);
	return (-1);
}

static int
open_log(const char *home)
{
	char	 path[4096];
	int	 fd;

	if (home_file(path, sizeof(path), home, HOME_LOG) == -1 ||
	    (fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC |
	    O_NOFOLLOW | O_NONBLOCK, 0600)) == -1) {
		say_error("%s/%s: %s", home, HOME_LOG, strerror(errno));
		return (-1);
	}
	return (fd);
}

/* Start a pm2d that is our child and ends with us. */
static int
start_child(struct ctl *ctl)
{
	pid_t	 pid, parent;
	int	 fd;

	if ((fd = open_log(ctl->home)) == -1)
		return (-1);
	parent = getpid();
	if ((pid = fork()) == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != parent)
			_exit(1);
		child(ctl->home, 1, fd);
	}
	(void)close(fd);
	if (pid == -1) {
		say_error("fork: %s", strerror(errno));
		return (-1);
	}
	ctl->child = (int)pid;
	return (0);
}

/* The child says nothing when it is ready: knock until it opens. */
static int
connect_child(struct ctl *ctl)
{
	const struct timespec	 pause = { 0, RETRY_MS * 1000000L };
	monotime_t		 start;
	int			 status, rc;

	start = monotime_now();
	while ((rc = client_open(&ctl->client, ctl->home)) == CLIENT_NONE) {
		if (waitpid(ctl->child, &status, WNOHANG) == ctl->child) {
			ctl->child = 0;
			say_error("pm2d could not be started, see %s/%s",
			    ctl->home, HOME_LOG);
			return (CLIENT_ERROR);
		}
		if (monotime_since(monotime_now(), start) > START_MS) {
			say_error("pm2d does not answer");
			return (CLIENT_ERROR);
		}
		(void)nanosleep(&pause, NULL);
	}
	return (rc);
}

/* Under the lock: somebody else may have been faster. */
static int
start_locked(struct ctl *ctl)
{
	int	 rc;

	rc = client_open(&ctl->client, ctl->home);
	if (rc != CLIENT_NONE)
		return (rc);
	if (ctl->opt->no_daemon) {
		if (start_child(ctl) == -1)
			return (CLIENT_ERROR);
		rc = connect_child(ctl);
	} else {
		if (start_background(ctl->home) == -1)
			return (CLIENT_ERROR);
		rc = client_open(&ctl->client, ctl->home);
	}
	if (rc == CLIENT_NONE)
		say_error("pm2d was started for %s but does not answer",
		    ctl->home);
	ctl->started = rc == CLIENT_OK;
	return (rc);
}

int
launch(struct ctl *ctl)
{
	int	 fd, rc;

	rc = which_open(ctl);
	if (rc != CLIENT_NONE && ctl->socket != NULL && ctl->opt->no_daemon) {
		if (rc == CLIENT_OK)
			say_error("--no-daemon is for a pm2d of your own: set "
			    "PM2_HOME, %s perhaps", ctl->home);
		client_close(&ctl->client);
		return (-1);
	}
	if (rc == CLIENT_NONE) {
		if (!which_may_start(ctl) ||
		    prepare_home(ctl->home) == -1 ||
		    (fd = take_lock(ctl->home)) == -1)
			return (-1);
		rc = start_locked(ctl);
		(void)close(fd);
	}
	if (rc != CLIENT_OK)
		launch_end(ctl);
	return (rc == CLIENT_OK ? 0 : -1);
}

void
launch_end(struct ctl *ctl)
{
	int	 status;

	if (ctl->child == 0)
		return;
	(void)kill(ctl->child, SIGTERM);
	while (waitpid(ctl->child, &status, 0) == -1 && errno == EINTR)
		;
	ctl->child = 0;
}

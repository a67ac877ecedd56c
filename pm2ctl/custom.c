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
 * custom_options.sh: a shell file of the user that exports PM2_* variables.
 * It is the shell's to read; we only look at what came of it.
 */
#include <sys/types.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "home.h"
#include "monotime.h"
#include "pm2ctl.h"

#define CUSTOM_MAX	(64 * 1024)	/* bytes of the file */
#define OUTPUT_MAX	(1024 * 1024)	/* of its environment */
#define CUSTOM_MS	10000		/* for the shell */
#define CUSTOM_VARS	64
#define CUSTOM_FD	3		/* for the shell to read it */

static char	*output;		/* NUL-separated NAME=value */
static char	*vars[CUSTOM_VARS];	/* those with PM2_, in output */
static size_t	 nvars;

static const char sample[] =
"# Options of pm2ctl, read as a shell file each time it starts an app.\n"
"# Take the '#' away and change the value.\n"
"#\n"
"# Options for node, before the script:\n"
"#export PM2_NODE_OPTIONS='--harmony'\n"
"#\n"
"# Milliseconds from the signal that stops an app to SIGKILL:\n"
"#export PM2_GRACEFUL_TIMEOUT=4000\n";

const char *
custom_get(const char *name)
{
	size_t	 i, len;

	len = strlen(name);
	for (i = 0; i < nvars; i++)
		if (strncmp(vars[i], name, len) == 0 && vars[i][len] == '=')
			return (vars[i] + len + 1);
	return (getenv(name));
}

/* The word counts outside of comments only; NULL: anything counts. */
int
custom_matters(const char *text, const char *word)
{
	const char	*eol, *found;

	for (; *text != '\0'; text = eol) {
		while (isspace((unsigned char)*text))
			text++;
		eol = text + strcspn(text, "\n");
		if (*text == '#' || eol == text)
			continue;
		if (word == NULL)
			return (1);
		found = strstr(text, word);
		if (found != NULL && found < eol)
			return (1);
	}
	return (0);
}

/* Nobody else may have written what we are about to execute. */
static int
trusted(const struct stat *sb, const char *path)
{
	if (!S_ISREG(sb->st_mode))
		return (0);
	if ((sb->st_uid == geteuid() || sb->st_uid == 0) &&
	    (sb->st_mode & S_IWOTH) == 0 &&
	    ((sb->st_mode & S_IWGRP) == 0 || sb->st_gid == getegid()))
		return (1);
	say_warn("%s is not used: others could have written it", path);
	return (0);
}

/* The file and its text, NUL-terminated; -1: there is none to use. */
static int
open_file(const char *path, char **text)
{
	struct stat	 sb;
	ssize_t		 n;
	int		 fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) == -1)
		return (-1);
	if (fstat(fd, &sb) == 0 && sb.st_size > 0 && trusted(&sb, path) &&
	    (*text = malloc(CUSTOM_MAX + 1)) != NULL) {
		n = read(fd, *text, CUSTOM_MAX);
		(*text)[n > 0 ? n : 0] = '\0';
		return (fd);
	}
	(void)close(fd);
	return (-1);
}

/* By descriptor: the name may mean another file by now. */
static void
child(const char *path, int file, int out)
{
	int	 null;

	if ((null = open("/dev/null", O_RDONLY)) == -1 ||
	    dup2(null, STDIN_FILENO) == -1 ||
	    dup2(out, STDOUT_FILENO) == -1 ||
	    dup2(file, CUSTOM_FD) == -1 ||
	    fcntl(CUSTOM_FD, F_SETFD, 0) == -1)
		_exit(127);
	closefrom(CUSTOM_FD + 1);
	(void)execl("/bin/sh", "sh", "-c",
	    ". /proc/self/fd/3 >/dev/null && exec env -0", path,
	    (char *)NULL);
	_exit(127);
}

/* Everything from the pipe, or -1 when it is too much or takes too long. */
static ssize_t
collect(int fd, char *buf, size_t size)
{
	struct pollfd	 pfd;
	monotime_t	 start;
	uint64_t	 gone;
	ssize_t		 n;
	size_t		 len;

	start = monotime_now();
	for (len = 0; len < size; len += (size_t)n) {
		gone = monotime_since(monotime_now(), start);
		pfd.fd = fd;
		pfd.events = POLLIN;
		if (gone >= CUSTOM_MS ||
		    poll(&pfd, 1, (int)(CUSTOM_MS - gone)) != 1)
			return (-1);
		if ((n = read(fd, buf + len, size - len)) == -1)
			return (-1);
		if (n == 0)
			return ((ssize_t)len);
	}
	return (-1);
}

static void
pick(size_t len)
{
	char	*p;

	output[len] = '\0';
	for (p = output; p < output + len && nvars < CUSTOM_VARS;
	    p += strlen(p) + 1)
		if (strncmp(p, "PM2_", 4) == 0)
			vars[nvars++] = p;
}

static void
run_shell(const char *path, int file)
{
	ssize_t	 n;
	pid_t	 pid;
	int	 p[2], status;

	if ((output = malloc(OUTPUT_MAX + 1)) == NULL ||
	    pipe2(p, O_CLOEXEC) == -1)
		return;
	if ((pid = fork()) == 0)
		child(path, file, p[1]);
	(void)close(p[1]);
	n = pid == -1 ? -1 : collect(p[0], output, OUTPUT_MAX);
	(void)close(p[0]);
	if (pid == -1)
		return;
	if (n == -1)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	if (n == -1 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		say_warn("%s is not used: the shell did not get through it",
		    path);
	else
		pick((size_t)n);
}

void
custom_load(const char *home, int quick)
{
	char	 path[4096], *text;
	int	 fd;

	/* Once is enough, whoever asked first. */
	if (output != NULL || home_file(path, sizeof(path), home,
	    HOME_OPTIONS) == -1 || (fd = open_file(path, &text)) == -1)
		return;
	if (custom_matters(text, quick ? "harmony" : NULL))
		run_shell(path, fd);
	(void)close(fd);
	free(text);
}

int
custom_sample(const char *home)
{
	char	 path[4096];
	ssize_t	 n;
	int	 fd;

	if (home_file(path, sizeof(path), home, HOME_OPTIONS) == -1)
		return (-1);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	if (fd == -1)
		return (errno == EEXIST ? 0 : -1);
	n = write(fd, sample, sizeof(sample) - 1);
	(void)close(fd);
	return (n == -1 ? -1 : 1);
}

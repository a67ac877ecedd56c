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
 * startup and unstartup: files and commands.  A file is there whole or not at
 * all, and nobody else's is touched.
 */
#include <sys/types.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pm2ctl.h"
#include "startup.h"

#define LOOK_BYTES	4096	/* the mark is at the beginning */
#define WORDS_MAX	8

int
service_marked(const char *path)
{
	char	 buf[LOOK_BYTES + 1];
	ssize_t	 n;
	int	 fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW |
	    O_NONBLOCK)) == -1)
		return (-1);
	n = read(fd, buf, LOOK_BYTES);
	(void)close(fd);
	if (n == -1)
		return (-1);
	buf[n] = '\0';
	return (strstr(buf, SERVICE_MARK) != NULL);
}

/* All of it, on the disk, under a name that nobody uses yet. */
static int
write_new(const char *tmp, const char *text, unsigned int mode)
{
	size_t	 len, off;
	ssize_t	 n;
	int	 fd, error;

	if ((fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC |
	    O_NOFOLLOW, 0600)) == -1)
		return (-1);
	len = strlen(text);
	for (off = 0, n = 0; off < len && n != -1; off += (size_t)n)
		if ((n = write(fd, text + off, len - off)) == -1 &&
		    errno == EINTR)
			n = 0;
	if (n != -1 && fchmod(fd, (mode_t)mode) == 0 && fsync(fd) == 0)
		return (close(fd));
	error = errno;
	(void)close(fd);
	(void)unlink(tmp);
	errno = error;
	return (-1);
}

static int
same_text(const char *path, const char *text)
{
	struct stat	 st;
	char		*buf;
	ssize_t		 n;
	int		 fd, same;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) == -1)
		return (0);
	same = 0;
	if (fstat(fd, &st) == 0 && (size_t)st.st_size == strlen(text) &&
	    (buf = malloc((size_t)st.st_size + 1)) != NULL) {
		n = read(fd, buf, (size_t)st.st_size);
		same = n == st.st_size && memcmp(buf, text, (size_t)n) == 0;
		free(buf);
	}
	(void)close(fd);
	return (same);
}

int
service_write(const char *path, const char *text, unsigned int mode)
{
	char	 tmp[PATH_MAX];
	int	 marked;

	if (same_text(path, text))
		return (1);
	marked = service_marked(path);
	if (marked == 0 || (marked == -1 && errno != ENOENT)) {
		say_error("%s is there already, and pm2ctl did not make it: "
		    "move it away first", path);
		return (-1);
	}
	if ((size_t)snprintf(tmp, sizeof(tmp), "%s.new%d", path,
	    (int)getpid()) >= sizeof(tmp)) {
		say_error("%s: %s", path, strerror(ENAMETOOLONG));
		return (-1);
	}
	if (write_new(tmp, text, mode) == -1) {
		say_error("%s: %s", tmp, strerror(errno));
		return (-1);
	}
	if (rename(tmp, path) == 0)
		return (0);
	say_error("%s: %s", path, strerror(errno));
	(void)unlink(tmp);
	return (-1);
}

int
service_remove(const char *path)
{
	switch (service_marked(path)) {
	case 1:
		break;
	case 0:
		say_error("%s was not made by pm2ctl: it stays", path);
		return (-1);
	default:
		if (errno == ENOENT)
			return (1);
		say_error("%s: %s", path, strerror(errno));
		return (-1);
	}
	if (unlink(path) == 0)
		return (0);
	say_error("%s: %s", path, strerror(errno));
	return (-1);
}

/* One command, found in a PATH of our own. */
static int
run_words(char *const *argv)
{
	static char	*env[] = { NULL, NULL };
	char		 path[] = "PATH=/usr/local/sbin:/usr/local/bin:"
			    "/usr/sbin:/usr/bin:/sbin:/bin";
	pid_t		 pid;
	int		 status;

	env[0] = path;
	if ((pid = fork()) == 0) {
		(void)setenv("PATH", path + strlen("PATH="), 1);
		(void)execvpe(argv[0], argv, env);
		_exit(errno == ENOENT ? 127 : 126);
	}
	if (pid == -1)
		return (-1);
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return (-1);
	return (WIFEXITED(status) ? WEXITSTATUS(status) : 128);
}

static int
run_one(char *const *argv)
{
	int	 rc;

	rc = run_words(argv);
	if (rc == 127)
		say_error("%s: there is no such program here", argv[0]);
	else if (rc != 0)
		say_error("%s %s failed", argv[0],
		    argv[1] == NULL ? "" : argv[1]);
	return (rc == 0 ? 0 : -1);
}

int
service_run(const struct service *sv, const char *const *words)
{
	char	*argv[WORDS_MAX + 1];
	size_t	 n;
	int	 error, skip;

	if (words == NULL)
		return (0);
	for (error = 0, skip = 0, n = 0; *words != NULL; words++) {
		if (**words == '?') {
			skip = access(*words + 1, F_OK) == -1;
		} else if (strcmp(*words, ";") != 0) {
			if (n < WORDS_MAX && (argv[n] = service_expand(sv,
			    *words)) != NULL)
				n++;
		} else {
			argv[n] = NULL;
			if (!skip && run_one(argv) == -1)
				error = -1;
			while (n > 0)
				free(argv[--n]);
			skip = 0;
		}
	}
	return (error);
}

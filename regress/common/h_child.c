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
 * A daemon for proc_test: tells over its channel what it was given.
 *
 *	h_child bare		as proc_start() made it
 *	h_child init		after proc_child_init()
 *	h_child drop user root	after proc_drop(), "-" for NULL
 *	h_child jail user root dir	like pm2logd: dir is all that is left
 *	h_child echo		sends back what it gets, until the end
 */

#include <sys/types.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "proc.h"
#include "sandbox.h"

#define NOFILE	64

static void	 tell(const char *, ...)
		    __attribute__((format(printf, 1, 2)));
static void	 tell_descriptors(void);
static void	 tell_limits(void);
static void	 tell_status(int);
static void	 tell_attempts(void);
static void	 tell_all(char **, int);
static void	 echo(void);
static void	 drop(char **, int);
static void	 jail(char **);

static void
tell(const char *fmt, ...)
{
	char	 buf[512];
	va_list	 ap;
	int	 n;

	va_start(ap, fmt);
	n = vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(buf) ||
	    write(PROC_PARENT_FD, buf, (size_t)n) != n)
		_exit(9);
}

static void
tell_descriptors(void)
{
	char	 name[32], target[PATH_MAX];
	ssize_t	 n;
	int	 fd;

	for (fd = 0; fd < 1024; fd++) {
		(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
		n = readlink(name, target, sizeof(target) - 1);
		if (n == -1)
			continue;
		target[n] = '\0';
		if (strncmp(target, "socket:", 7) == 0)
			(void)strlcpy(target, "socket", sizeof(target));
		tell("fd %d %s%s%s\n", fd, target,
		    (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0 ? " cloexec" : "",
		    (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0 ? " nonblock" : "");
	}
}

static void
tell_limits(void)
{
	static const struct {
		const char	*name;
		int		 what;
	} limits[] = {
		{ "core", RLIMIT_CORE },
		{ "nofile", RLIMIT_NOFILE },
		{ "nproc", RLIMIT_NPROC },
		{ "fsize", RLIMIT_FSIZE }
	};
	struct rlimit	 rl;
	size_t		 i;

	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		if (getrlimit((__rlimit_resource_t)limits[i].what, &rl) == -1)
			_exit(8);
		tell("limit %s %lld %lld\n", limits[i].name,
		    (long long)rl.rlim_cur, (long long)rl.rlim_max);
	}
}

/* The lines of /proc/self/status, opened while it could be. */
static void
tell_status(int fd)
{
	static char	 buf[8192];
	char		*line, *p;
	ssize_t		 n;

	if (fd == -1 || (n = pread(fd, buf, sizeof(buf) - 1, 0)) == -1)
		_exit(7);
	buf[n] = '\0';
	p = buf;
	while ((line = strsep(&p, "\n")) != NULL) {
		if (*line != '\0')
			tell("status %s\n", line);
	}
}

/* Each of these must fail afterwards. */
static void
tell_attempts(void)
{
	pid_t	 pid;

	tell("try setuid %d\n", setuid(0) == 0 ? 0 : errno);
	tell("try setgid %d\n", setgid(0) == 0 ? 0 : errno);
	tell("try chroot %d\n", chroot("/") == 0 ? 0 : errno);
	/* Not fork(2): a leak checker has its own wishes there. */
	pid = (pid_t)syscall(SYS_clone, 17, 0, 0, 0, 0);
	if (pid == 0)
		_exit(0);
	tell("try fork %d\n", pid != -1 ? 0 : errno);
	tell("try etc %d\n", access("/etc", F_OK) == 0 ? 0 : errno);
	tell("try log %d\n", write(STDERR_FILENO, "log\n", 4) == 4 ? 0 :
	    errno);
}

static void
tell_all(char **env, int status)
{
	mode_t	 mask;

	tell_descriptors();
	for (; *env != NULL; env++)
		tell("env %s\n", *env);
	tell("dumpable %d\n", prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
	tell("nnp %d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	mask = umask(0);
	tell("umask %04o\n", mask);
	tell_limits();
	tell_status(status);
	tell("end\n");
}

static void
echo(void)
{
	struct pollfd	 pfd;
	char		 buf[256];
	ssize_t		 n;

	pfd.fd = PROC_PARENT_FD;
	pfd.events = POLLIN;
	for (;;) {
		if (poll(&pfd, 1, -1) == -1)
			_exit(6);
		if ((n = read(PROC_PARENT_FD, buf, sizeof(buf))) <= 0)
			break;
		if (write(PROC_PARENT_FD, buf, (size_t)n) != n)
			_exit(5);
	}
}

static void
drop(char **argv, int nofsize)
{
	struct proc_rights	 pr;

	memset(&pr, 0, sizeof(pr));
	pr.user = strcmp(argv[0], "-") == 0 ? NULL : argv[0];
	pr.root = strcmp(argv[1], "-") == 0 ? NULL : argv[1];
	pr.nofile = NOFILE;
	pr.nofsize = nofsize;
	if (proc_drop(&pr) == -1) {
		tell("refused %d\nend\n", errno);
		_exit(1);
	}
}

static void
jail(char **argv)
{
	int	 dirfd, fd;

	if ((dirfd = open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		_exit(4);
	drop(argv, 0);
	if (sandbox_enter(SANDBOX_LOGD, &dirfd, 1) == -1) {
		tell("no sandbox %d\n", errno);
		_exit(1);
	}
	tell("sandbox %s\n", sandbox_describe());
	fd = openat(dirfd, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	tell("try create %d\n", fd != -1 ? 0 : errno);
	tell("try write %d\n", write(fd, "abc", 3) == 3 ? 0 : errno);
	tell("try root %d\n", openat(AT_FDCWD, "/", O_RDONLY) != -1 ? 0 :
	    errno);
	tell("try mkdir %d\n", mkdirat(dirfd, "d", 0700) == 0 ? 0 : errno);
}

int
main(int argc, char **argv, char **env)
{
	int	 status;

	if (argc < 2)
		return (2);
	if (strcmp(argv[1], "bare") != 0)
		proc_child_init("child");
	if (strcmp(argv[1], "echo") == 0) {
		echo();
		return (42);
	}
	if (strcmp(argv[1], "jail") == 0 && argc == 5) {
		jail(argv + 2);
		return (0);
	}
	if (strcmp(argv[1], "drop") == 0 && argc == 4) {
		/* What the new root will not have. */
		if ((status = open("/proc/self/status", O_RDONLY |
		    O_CLOEXEC)) == -1)
			return (3);
		drop(argv + 2, 1);
		tell_attempts();
		tell_all(env, status);
		return (0);
	}
	/* The descriptors are to be seen without this one. */
	tell_descriptors();
	status = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	tell("own %d\n", status);
	tell_all(env, status);
	return (0);
}

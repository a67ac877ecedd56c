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
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "home.h"
#include "sys_fault.h"

#define LONG_PARTS	8	/* of 100 bytes: far beyond sun_path */

static void	 long_home(char *, size_t);
static mode_t	 mode_of(const char *);
static int	 plain_listener(const char *, int);

static void
long_home(char *buf, size_t size)
{
	char	 part[101];
	int	 i;

	memset(part, 'h', sizeof(part) - 1);
	part[sizeof(part) - 1] = '\0';
	ATF_REQUIRE(getcwd(buf, size) != NULL);
	for (i = 0; i < LONG_PARTS; i++) {
		ATF_REQUIRE(strlcat(buf, "/", size) < size);
		ATF_REQUIRE(strlcat(buf, part, size) < size);
	}
}

static mode_t
mode_of(const char *path)
{
	struct stat	 sb;

	ATF_REQUIRE_EQ_MSG(0, lstat(path, &sb), "%s: %s", path,
	    strerror(errno));
	return (sb.st_mode & 07777);
}

/* A socket like the daemon's by other means; backlog -1: not listening. */
static int
plain_listener(const char *path, int backlog)
{
	struct sockaddr_un	 sun;
	int			 fd;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	ATF_REQUIRE(strlcpy(sun.sun_path, path, sizeof(sun.sun_path)) <
	    sizeof(sun.sun_path));
	ATF_REQUIRE((fd = socket(AF_UNIX, SOCK_STREAM, 0)) != -1);
	ATF_REQUIRE_EQ(0, bind(fd, (struct sockaddr *)&sun, sizeof(sun)));
	if (backlog >= 0)
		ATF_REQUIRE_EQ(0, listen(fd, backlog));
	return (fd);
}

ATF_TC_WITHOUT_HEAD(home_path__pm2_home);
ATF_TC_BODY(home_path__pm2_home, tc)
{
	char	 buf[PATH_MAX];

	(void)tc;
	ATF_REQUIRE_EQ(0, setenv("PM2_HOME", "/srv/apps", 1));
	ATF_REQUIRE_EQ(0, home_path(buf, sizeof(buf)));
	ATF_CHECK_STREQ("/srv/apps", buf);

	ATF_REQUIRE_EQ(0, setenv("PM2_HOME", "/srv/apps//", 1));
	ATF_REQUIRE_EQ(0, home_path(buf, sizeof(buf)));
	ATF_CHECK_STREQ("/srv/apps", buf);

	ATF_REQUIRE_EQ(0, setenv("PM2_HOME", "/", 1));
	ATF_REQUIRE_EQ(0, home_path(buf, sizeof(buf)));
	ATF_CHECK_STREQ("/", buf);
}

ATF_TC_WITHOUT_HEAD(home_path__relative);
ATF_TC_BODY(home_path__relative, tc)
{
	static const char *const	 same[] = { "sub", "./sub", ".//sub",
	    "././sub/" };
	char				 buf[PATH_MAX], cwd[PATH_MAX];
	char				 want[PATH_MAX];
	size_t				 i;

	(void)tc;
	ATF_REQUIRE(getcwd(cwd, sizeof(cwd)) != NULL);
	ATF_REQUIRE_EQ(0, home_file(want, sizeof(want), cwd, "sub"));
	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		ATF_REQUIRE_EQ(0, setenv("PM2_HOME", same[i], 1));
		ATF_REQUIRE_EQ(0, home_path(buf, sizeof(buf)));
		ATF_CHECK_STREQ(want, buf);
	}
	ATF_REQUIRE_EQ(0, setenv("PM2_HOME", ".", 1));
	ATF_REQUIRE_EQ(0, home_path(buf, sizeof(buf)));
	ATF_CHECK_STREQ(cwd, buf);

	ATF_REQUIRE_EQ(0, chdir("/"));
	ATF_REQUIRE_EQ(0, setenv("PM2_HOME", "sub", 1));
	ATF_REQUIRE_EQ(0, home_path(buf, sizeof(buf)));
	ATF_CHECK_STREQ("/sub", buf);
}

ATF_TC_WITHOUT_HEAD(home_path__home);
ATF_TC_BODY(home_path__home, tc)
{
	char	 buf[PATH_MAX];

	(void)tc;
	ATF_REQUIRE_EQ(0, setenv("PM2_HOME", "", 1));
	ATF_REQUIRE_EQ(0, setenv("HOME", "/home/ada", 1));
	ATF_REQUIRE_EQ(0, home_path(buf, sizeof(buf)));
	ATF_CHECK_STREQ("/home/ada/.pm2", buf);

	ATF_REQUIRE_EQ(0, unsetenv("PM2_HOME"));
	ATF_REQUIRE_EQ(0, setenv("HOME", "/", 1));
	ATF_REQUIRE_EQ(0, home_path(buf, sizeof(buf)));
	ATF_CHECK_STREQ("/.pm2", buf);
}

ATF_TC_WITHOUT_HEAD(home_path__password_entry);
ATF_TC_BODY(home_path__password_entry, tc)
{
	char		 buf[PATH_MAX], want[PATH_MAX];
	struct passwd	*pw;

	(void)tc;
	if ((pw = getpwuid(getuid())) == NULL)
		atf_tc_skip("no password entry for this user");
	ATF_REQUIRE_EQ(0, home_file(want, sizeof(want),
	    strcmp(pw->pw_dir, "/") == 0 ? "" : pw->pw_dir, ".pm2"));
	ATF_REQUIRE_EQ(0, unsetenv("PM2_HOME"));
	ATF_REQUIRE_EQ(0, unsetenv("HOME"));
	ATF_REQUIRE_EQ(0, home_path(buf, sizeof(buf)));
	ATF_CHECK_STREQ(want, buf);

	/* A home that depends on where one stands is none. */
	ATF_REQUIRE_EQ(0, setenv("HOME", "relative", 1));
	ATF_REQUIRE_EQ(0, home_path(buf, sizeof(buf)));
	ATF_CHECK_STREQ(want, buf);
}

ATF_TC_WITHOUT_HEAD(home_path__too_long);
ATF_TC_BODY(home_path__too_long, tc)
{
	char	 buf[16];

	(void)tc;
	ATF_REQUIRE_EQ(0, setenv("PM2_HOME", "/123456789012345", 1));
	ATF_CHECK_ERRNO(ENAMETOOLONG, home_path(buf, sizeof(buf)) == -1);
	ATF_REQUIRE_EQ(0, setenv("PM2_HOME", "/12345678901234", 1));
	ATF_CHECK_EQ(0, home_path(buf, sizeof(buf)));
	ATF_REQUIRE_EQ(0, chdir("/usr"));
	ATF_REQUIRE_EQ(0, setenv("PM2_HOME", "12345678901", 1));
	ATF_CHECK_ERRNO(ENAMETOOLONG, home_path(buf, sizeof(buf)) == -1);
	ATF_CHECK_ERRNO(ENAMETOOLONG, home_path(buf, 3) == -1);
	ATF_REQUIRE_EQ(0, unsetenv("PM2_HOME"));
	ATF_REQUIRE_EQ(0, setenv("HOME", "/12345678901", 1));
	ATF_CHECK_ERRNO(ENAMETOOLONG, home_path(buf, sizeof(buf)) == -1);
}

ATF_TC_WITHOUT_HEAD(home_file__too_long);
ATF_TC_BODY(home_file__too_long, tc)
{
	char	 buf[10];

	(void)tc;
	ATF_CHECK_EQ(0, home_file(buf, sizeof(buf), "/1234", "678"));
	ATF_CHECK_STREQ("/1234/678", buf);
	ATF_CHECK_ERRNO(ENAMETOOLONG,
	    home_file(buf, sizeof(buf), "/1234", "6789") == -1);
}

ATF_TC_WITHOUT_HEAD(home_make__private);
ATF_TC_BODY(home_make__private, tc)
{
	static const mode_t	 masks[] = { 0, 022, 0777 };
	char			 home[16];
	char			 path[PATH_MAX];
	size_t			 i;

	(void)tc;
	for (i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		(void)snprintf(home, sizeof(home), "home%zu", i);
		umask(masks[i]);
		ATF_REQUIRE_EQ(0, home_make(home));
		ATF_CHECK_EQ(masks[i], umask(022));
		ATF_CHECK_EQ(0700, mode_of(home));
		(void)home_file(path, sizeof(path), home, HOME_LOGS);
		ATF_CHECK_EQ(0700, mode_of(path));
		(void)home_file(path, sizeof(path), home, HOME_PIDS);
		ATF_CHECK_EQ(0700, mode_of(path));
	}
}

ATF_TC_WITHOUT_HEAD(home_make__parents);
ATF_TC_BODY(home_make__parents, tc)
{
	char	 home[PATH_MAX];

	(void)tc;
	ATF_REQUIRE_EQ(0, home_make("a/b//c"));
	ATF_CHECK_EQ(0700, mode_of("a"));
	ATF_CHECK_EQ(0700, mode_of("a/b/c/logs"));
	long_home(home, sizeof(home));
	ATF_REQUIRE_EQ(0, home_make(home));
}

ATF_TC_WITHOUT_HEAD(home_make__existing);
ATF_TC_BODY(home_make__existing, tc)
{
	(void)tc;
	ATF_REQUIRE_EQ(0, mkdir("home", 0750));
	ATF_REQUIRE_EQ(0, mkdir("elsewhere", 0750));
	ATF_REQUIRE_EQ(0, symlink("../elsewhere", "home/logs"));
	ATF_REQUIRE_EQ(0, home_make("home"));
	ATF_REQUIRE_EQ(0, home_make("home"));
	ATF_CHECK_EQ_MSG(0750, mode_of("home"), "the owner's mode is his");
	ATF_CHECK_EQ(0700, mode_of("home/pids"));
}

ATF_TC_WITHOUT_HEAD(home_make__no_directory);
ATF_TC_BODY(home_make__no_directory, tc)
{
	(void)tc;
	atf_utils_create_file("file", "%s", "");
	ATF_CHECK_ERRNO(EPERM, home_make("file") == -1);
	ATF_CHECK_ERRNO(ENOTDIR, home_make("file/below") == -1);
	ATF_REQUIRE_EQ(0, mkdir("home", 0700));
	atf_utils_create_file("home/pids", "%s", "");
	ATF_CHECK_ERRNO(EPERM, home_make("home") == -1);
	ATF_REQUIRE_EQ(0, symlink("nowhere", "dangling"));
	ATF_CHECK_ERRNO(ENOENT, home_make("dangling") == -1);
}

ATF_TC_WITHOUT_HEAD(home_make__everybody_writes);
ATF_TC_BODY(home_make__everybody_writes, tc)
{
	(void)tc;
	ATF_REQUIRE_EQ(0, mkdir("home", 0700));
	ATF_REQUIRE_EQ(0, chmod("home", 01777));
	ATF_CHECK_ERRNO(EPERM, home_make("home") == -1);
	ATF_REQUIRE_EQ(0, chmod("home", 0775));
	ATF_CHECK_EQ_MSG(0, home_make("home"), "umask 002 is usual");
	ATF_REQUIRE_EQ(0, chmod("home/logs", 0777));
	ATF_CHECK_ERRNO(EPERM, home_make("home") == -1);
}

ATF_TC(home_make__foreign_owner);
ATF_TC_HEAD(home_make__foreign_owner, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(home_make__foreign_owner, tc)
{
	(void)tc;
	ATF_REQUIRE_EQ(0, mkdir("home", 0755));
	ATF_REQUIRE_EQ(0, chown("home", 12345, 12345));
	ATF_CHECK_ERRNO(EPERM, home_make("home") == -1);
	ATF_CHECK_ERRNO(ENOENT, access("home/logs", F_OK) == -1);
	ATF_REQUIRE_EQ(0, chown("home", 0, 0));
	ATF_REQUIRE_EQ(0, mkdir("home/logs", 0700));
	/* Root's logs belong to the log daemon's user, whoever that is. */
	ATF_REQUIRE_EQ(0, chown("home/logs", 12345, 12345));
	ATF_CHECK_EQ(0, home_make("home"));
	ATF_REQUIRE_EQ(0, chmod("home/logs", 0777));
	ATF_CHECK_ERRNO(EPERM, home_make("home") == -1);
}

ATF_TC(home_make__empty);
ATF_TC_HEAD(home_make__empty, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(home_make__empty, tc)
{
	(void)tc;
	ATF_REQUIRE_EQ(0, home_make("home"));
	ATF_CHECK_EQ(0500, mode_of("home/empty"));
	ATF_CHECK_EQ(0, home_make("home"));
	ATF_REQUIRE_EQ(0, chmod("home/empty", 0770));
	ATF_CHECK_ERRNO(EPERM, home_make("home") == -1);
	ATF_REQUIRE_EQ(0, chmod("home/empty", 0555));
	ATF_REQUIRE_EQ(0, chown("home/empty", 12345, 0));
	ATF_CHECK_ERRNO(EPERM, home_make("home") == -1);
	/* Daemons would have what is there for their root. */
	ATF_REQUIRE_EQ(0, rmdir("home/empty"));
	ATF_REQUIRE_EQ(0, symlink("logs", "home/empty"));
	ATF_CHECK_ERRNO(EPERM, home_make("home") == -1);
}

ATF_TC(home_make__no_empty);
ATF_TC_HEAD(home_make__no_empty, tc)
{
	atf_tc_set_md_var(tc, "require.user", "unprivileged");
}
ATF_TC_BODY(home_make__no_empty, tc)
{
	(void)tc;
	ATF_REQUIRE_EQ(0, home_make("home"));
	ATF_CHECK_ERRNO(ENOENT, access("home/empty", F_OK) == -1);
}

ATF_TC_WITHOUT_HEAD(home_make__call_fails);
ATF_TC_BODY(home_make__call_fails, tc)
{
	static const char *const	 calls[] = { "mkdirat", "openat",
	    "fstat" };
	size_t				 i;
	int				 before, fd;

	(void)tc;
	ATF_REQUIRE((before = open("/dev/null", O_RDONLY)) != -1);
	close(before);
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		sys_fault_reset();
		sys_fault_set(calls[i], ENOSPC, 1, 1);
		ATF_CHECK_ERRNO(ENOSPC, home_make("home") == -1);
		ATF_CHECK_EQ(1, sys_fault_hits(calls[i]));
	}
	/* Of the calls after the home itself is there, too. */
	sys_fault_reset();
	sys_fault_set("mkdirat", EROFS, 2, 1);
	ATF_CHECK_ERRNO(EROFS, home_make("home") == -1);
	sys_fault_reset();
	ATF_CHECK_EQ(0, home_make("home"));
	ATF_REQUIRE((fd = open("/dev/null", O_RDONLY)) != -1);
	ATF_CHECK_EQ_MSG(before, fd, "a descriptor was left");
	close(fd);
}

ATF_TC_WITHOUT_HEAD(home_make__prints_nothing);
ATF_TC_BODY(home_make__prints_nothing, tc)
{
	pid_t	 pid;

	(void)tc;
	if ((pid = atf_utils_fork()) == 0) {
		(void)home_make("home");
		(void)home_make("/dev/null");
		(void)home_connect("home");
		_exit(0);
	}
	atf_utils_wait(pid, 0, "", "");
}

ATF_TC_WITHOUT_HEAD(home_connect__no_daemon);
ATF_TC_BODY(home_connect__no_daemon, tc)
{
	int	 fd;

	(void)tc;
	ATF_CHECK_ERRNO(ENOENT, home_connect("missing") == -1);
	ATF_REQUIRE_EQ(0, home_make("home"));
	ATF_CHECK_ERRNO(ENOENT, home_connect("home") == -1);

	/* One that died leaves its socket. */
	ATF_REQUIRE((fd = home_listen("home")) != -1);
	close(fd);
	ATF_CHECK_ERRNO(ECONNREFUSED, home_connect("home") == -1);

	atf_utils_create_file("file", "%s", "");
	ATF_CHECK_ERRNO(ENOTDIR, home_connect("file") == -1);
}

ATF_TC_WITHOUT_HEAD(home_connect__any_length);
ATF_TC_BODY(home_connect__any_length, tc)
{
	char	 home[PATH_MAX], buf[3];
	int	 accepted, client, i, server;

	(void)tc;
	for (i = 0; i < 2; i++) {
		if (i == 0)
			(void)strlcpy(home, "home", sizeof(home));
		else
			long_home(home, sizeof(home));
		ATF_REQUIRE_EQ(0, home_make(home));
		ATF_REQUIRE((server = home_listen(home)) != -1);
		ATF_REQUIRE_MSG((client = home_connect(home)) != -1, "%s",
		    strerror(errno));
		ATF_REQUIRE((accepted = accept(server, NULL, NULL)) != -1);
		ATF_CHECK_EQ(0, fcntl(client, F_GETFL) & O_NONBLOCK);
		ATF_CHECK_EQ(FD_CLOEXEC, fcntl(client, F_GETFD));
		ATF_REQUIRE_EQ(3, write(client, "abc", 3));
		ATF_REQUIRE_EQ(3, read(accepted, buf, 3));
		close(client);
		close(accepted);
		close(server);
	}
}

ATF_TC(home_connect__daemon_hangs);
ATF_TC_HEAD(home_connect__daemon_hangs, tc)
{
	atf_tc_set_md_var(tc, "descr",
	    "a full backlog ends in ETIMEDOUT and not in a hang");
	atf_tc_set_md_var(tc, "timeout", "60");
}
ATF_TC_BODY(home_connect__daemon_hangs, tc)
{
	int	 first, server;

	(void)tc;
	ATF_REQUIRE_EQ(0, mkdir("home", 0700));
	server = plain_listener("home/" HOME_SOCKET, 0);
	ATF_REQUIRE((first = home_connect("home")) != -1);
	ATF_CHECK_ERRNO(ETIMEDOUT, home_connect("home") == -1);
	close(first);
	close(server);
}

ATF_TC(home_connect__foreign_peer);
ATF_TC_HEAD(home_connect__foreign_peer, tc)
{
	atf_tc_set_md_var(tc, "descr",
	    "nobody else gets what is meant for the caller's daemon");
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(home_connect__foreign_peer, tc)
{
	pid_t	 pid;
	int	 fd, server, status;

	(void)tc;
	ATF_REQUIRE_EQ(0, mkdir("home", 0700));
	server = plain_listener("home/" HOME_SOCKET, -1);
	/* The kernel notes who calls listen(2). */
	ATF_REQUIRE((pid = fork()) != -1);
	if (pid == 0) {
		if (setresuid(12345, 12345, 12345) == -1)
			_exit(1);
		_exit(listen(server, 5) == -1);
	}
	ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
	ATF_REQUIRE_EQ(0, status);
	ATF_CHECK_ERRNO(EPERM, home_connect("home") == -1);

	/* Root may well talk to the daemon of the home's owner. */
	ATF_REQUIRE_EQ(0, chown("home", 12345, 12345));
	ATF_REQUIRE((fd = home_connect("home")) != -1);
	close(fd);
	close(server);
}

ATF_TC_WITHOUT_HEAD(home_connect__call_fails);
ATF_TC_BODY(home_connect__call_fails, tc)
{
	int	 after, before, fd, server;

	(void)tc;
	ATF_REQUIRE_EQ(0, home_make("home"));
	ATF_REQUIRE((server = home_listen("home")) != -1);
	ATF_REQUIRE((before = open("/dev/null", O_RDONLY)) != -1);
	close(before);

	sys_fault_set("connect", EINTR, 1, 2);
	ATF_REQUIRE((fd = home_connect("home")) != -1);
	ATF_CHECK_EQ(3, sys_fault_calls("connect"));
	close(fd);
	sys_fault_reset();
	sys_fault_set("connect", EMFILE, 1, 1);
	ATF_CHECK_ERRNO(EMFILE, home_connect("home") == -1);
	sys_fault_reset();
	sys_fault_set("openat", ENFILE, 1, 1);
	ATF_CHECK_ERRNO(ENFILE, home_connect("home") == -1);
	sys_fault_reset();
	sys_fault_set("fstat", EIO, 1, 1);
	ATF_CHECK_ERRNO(EIO, home_connect("home") == -1);
	sys_fault_reset();

	ATF_REQUIRE((after = open("/dev/null", O_RDONLY)) != -1);
	ATF_CHECK_EQ_MSG(before, after, "a descriptor was left");
	close(after);
	close(server);
}

ATF_TC_WITHOUT_HEAD(home_listen__private);
ATF_TC_BODY(home_listen__private, tc)
{
	static const mode_t	 masks[] = { 0, 0777 };
	size_t			 i;
	int			 fd;

	(void)tc;
	ATF_REQUIRE_EQ(0, home_make("home"));
	for (i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		umask(masks[i]);
		ATF_REQUIRE((fd = home_listen("home")) != -1);
		ATF_CHECK_EQ(masks[i], umask(022));
		ATF_CHECK_EQ(0600, mode_of("home/" HOME_SOCKET));
		ATF_CHECK_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
		ATF_CHECK((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
		ATF_CHECK_ERRNO(EAGAIN, accept(fd, NULL, NULL) == -1);
		close(fd);
	}
}

ATF_TC_WITHOUT_HEAD(home_listen__stale);
ATF_TC_BODY(home_listen__stale, tc)
{
	int	 client, fd, i;

	(void)tc;
	ATF_REQUIRE_EQ(0, home_make("home"));
	for (i = 0; i < 3; i++) {
		ATF_REQUIRE((fd = home_listen("home")) != -1);
		ATF_REQUIRE((client = home_connect("home")) != -1);
		close(client);
		close(fd);
	}
}

ATF_TC_WITHOUT_HEAD(home_listen__no_socket);
ATF_TC_BODY(home_listen__no_socket, tc)
{
	(void)tc;
	ATF_REQUIRE_EQ(0, home_make("home"));
	atf_utils_create_file("home/" HOME_SOCKET, "precious\n");
	ATF_CHECK_ERRNO(EADDRINUSE, home_listen("home") == -1);
	ATF_CHECK(atf_utils_compare_file("home/" HOME_SOCKET, "precious\n"));

	/* Neither is a link followed. */
	ATF_REQUIRE_EQ(0, unlink("home/" HOME_SOCKET));
	ATF_REQUIRE_EQ(0, symlink("elsewhere", "home/" HOME_SOCKET));
	ATF_CHECK_ERRNO(EADDRINUSE, home_listen("home") == -1);
	ATF_CHECK_ERRNO(ENOENT, access("home/elsewhere", F_OK) == -1);
	ATF_CHECK_ERRNO(ENOENT, home_listen("missing") == -1);
}

ATF_TC_WITHOUT_HEAD(home_listen__call_fails);
ATF_TC_BODY(home_listen__call_fails, tc)
{
	int	 after, before, fd;

	(void)tc;
	ATF_REQUIRE_EQ(0, home_make("home"));
	ATF_REQUIRE((fd = home_listen("home")) != -1);
	close(fd);
	ATF_REQUIRE((before = open("/dev/null", O_RDONLY)) != -1);
	close(before);
	sys_fault_set("fstatat", EIO, 1, 1);
	ATF_CHECK_ERRNO(EIO, home_listen("home") == -1);
	sys_fault_reset();
	sys_fault_set("unlinkat", EROFS, 1, 1);
	ATF_CHECK_ERRNO(EROFS, home_listen("home") == -1);
	sys_fault_reset();
	ATF_REQUIRE((after = open("/dev/null", O_RDONLY)) != -1);
	ATF_CHECK_EQ_MSG(before, after, "a descriptor was left");
	close(after);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, home_path__pm2_home);
	ATF_TP_ADD_TC(tp, home_path__relative);
	ATF_TP_ADD_TC(tp, home_path__home);
	ATF_TP_ADD_TC(tp, home_path__password_entry);
	ATF_TP_ADD_TC(tp, home_path__too_long);
	ATF_TP_ADD_TC(tp, home_file__too_long);
	ATF_TP_ADD_TC(tp, home_make__private);
	ATF_TP_ADD_TC(tp, home_make__parents);
	ATF_TP_ADD_TC(tp, home_make__existing);
	ATF_TP_ADD_TC(tp, home_make__no_directory);
	ATF_TP_ADD_TC(tp, home_make__everybody_writes);
	ATF_TP_ADD_TC(tp, home_make__foreign_owner);
	ATF_TP_ADD_TC(tp, home_make__empty);
	ATF_TP_ADD_TC(tp, home_make__no_empty);
	ATF_TP_ADD_TC(tp, home_make__call_fails);
	ATF_TP_ADD_TC(tp, home_make__prints_nothing);
	ATF_TP_ADD_TC(tp, home_connect__no_daemon);
	ATF_TP_ADD_TC(tp, home_connect__any_length);
	ATF_TP_ADD_TC(tp, home_connect__daemon_hangs);
	ATF_TP_ADD_TC(tp, home_connect__foreign_peer);
	ATF_TP_ADD_TC(tp, home_connect__call_fails);
	ATF_TP_ADD_TC(tp, home_listen__private);
	ATF_TP_ADD_TC(tp, home_listen__stale);
	ATF_TP_ADD_TC(tp, home_listen__no_socket);
	ATF_TP_ADD_TC(tp, home_listen__call_fails);
	return (atf_no_error());
}

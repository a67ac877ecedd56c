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
 * Tries what a sandbox refuses, a line each: the name and "ok" or the name of
 * an errno.  All of it does nothing where it is allowed.  Arguments like
 * read=PATH, write=PATH, make=PATH, exec=PATH, kill=PID and unix=PATH are
 * tried in their order; "calls" is the list of system calls.
 */
#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <linux/sched.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef SYS_clone3
#define SYS_clone3	435
#endif

static void
said(const char *name, const char *more, long ret)
{
	printf("%s%s%s %s\n", name, *more == '\0' ? "" : " ", more,
	    ret == -1 ? strerrorname_np(errno) : "ok");
	fflush(stdout);
}

/* Numbers and arguments of which the kernel makes nothing. */
static const struct {
	const char	*name;
	long		 nr;
	long		 a[5];
} calls[] = {
	{ "ptrace",		SYS_ptrace, { 9999, 0, 0, 0, 0 } },
	{ "process_vm_readv",	SYS_process_vm_readv, { 1, 0, 0, 0, 0 } },
	{ "process_vm_writev",	SYS_process_vm_writev, { 1, 0, 0, 0, 0 } },
	{ "kcmp",		SYS_kcmp, { 0, 0, 99, 0, 0 } },
	{ "mount",		SYS_mount, { 0, 0, 0, 0, 0 } },
	{ "umount2",		SYS_umount2, { 0, 0, 0, 0, 0 } },
	{ "pivot_root",		SYS_pivot_root, { 0, 0, 0, 0, 0 } },
	{ "chroot",		SYS_chroot, { 0, 0, 0, 0, 0 } },
	{ "setns",		SYS_setns, { -1, 0, 0, 0, 0 } },
	{ "open_by_handle_at",	SYS_open_by_handle_at, { -1, 0, 0, 0, 0 } },
	{ "init_module",	SYS_init_module, { 0, 0, 0, 0, 0 } },
	{ "finit_module",	SYS_finit_module, { -1, 0, 0, 0, 0 } },
	{ "delete_module",	SYS_delete_module, { 0, 0, 0, 0, 0 } },
	{ "bpf",		SYS_bpf, { 9999, 0, 0, 0, 0 } },
	{ "perf_event_open",	SYS_perf_event_open, { 0, 0, 0, 0, 0 } },
	{ "userfaultfd",	SYS_userfaultfd, { 0x10, 0, 0, 0, 0 } },
	{ "keyctl",		SYS_keyctl, { 9999, 0, 0, 0, 0 } },
	{ "add_key",		SYS_add_key, { 0, 0, 0, 0, 0 } },
	{ "request_key",	SYS_request_key, { 0, 0, 0, 0, 0 } },
	{ "fanotify_init",	SYS_fanotify_init, { -1, -1, 0, 0, 0 } },
	{ "kexec_load",		SYS_kexec_load, { 0, 9999, 0, 0, 0 } },
	{ "reboot",		SYS_reboot, { 0, 0, 0, 0, 0 } },
	{ "swapon",		SYS_swapon, { 0, 0, 0, 0, 0 } },
	{ "swapoff",		SYS_swapoff, { 0, 0, 0, 0, 0 } },
	{ "settimeofday",	SYS_settimeofday, { 0, 0, 0, 0, 0 } },
	{ "clock_settime",	SYS_clock_settime, { 99, 0, 0, 0, 0 } },
	{ "adjtimex",		SYS_adjtimex, { 0, 0, 0, 0, 0 } },
	{ "sethostname",	SYS_sethostname, { 0, -1, 0, 0, 0 } },
	{ "setdomainname",	SYS_setdomainname, { 0, -1, 0, 0, 0 } },
	{ "acct",		SYS_acct, { -1, 0, 0, 0, 0 } },
	{ "quotactl",		SYS_quotactl, { -1, 0, 0, 0, 0 } },
	{ "syslog",		SYS_syslog, { 9999, 0, 0, 0, 0 } },
	{ "unshare-user",	SYS_unshare, { CLONE_NEWUSER | 1, 0, 0, 0,
	    0 } },
	{ "unshare-net",	SYS_unshare, { CLONE_NEWNET | 1, 0, 0, 0,
	    0 } },
	{ "unshare-time",	SYS_unshare, { CLONE_NEWTIME | 1, 0, 0, 0,
	    0 } },
	{ "clone-user",		SYS_clone, { CLONE_NEWUSER | CLONE_FS, 0, 0,
	    0, 0 } },
	{ "tiocsti",		SYS_ioctl, { 0, TIOCSTI, 0, 0, 0 } },
	{ "io_uring_setup",	SYS_io_uring_setup, { 0, 0, 0, 0, 0 } },
	{ "clone3",		SYS_clone3, { 0, 0, 0, 0, 0 } },
	/* these are allowed */
	{ "getpid",		SYS_getpid, { 0, 0, 0, 0, 0 } },
	{ "unshare-files",	SYS_unshare, { CLONE_FILES, 0, 0, 0, 0 } }
};

static void
try_calls(void)
{
	size_t	 i;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		said(calls[i].name, "", syscall(calls[i].nr, calls[i].a[0],
		    calls[i].a[1], calls[i].a[2], calls[i].a[3],
		    calls[i].a[4]));
}

static void
try_sockets(void)
{
	static const struct {
		const char	*name;
		int		 family;
		int		 type;
	} v[] = {
		{ "inet", AF_INET, SOCK_STREAM },
		{ "inet6", AF_INET6, SOCK_DGRAM },
		{ "netlink", AF_NETLINK, SOCK_RAW },
		{ "unix-stream", AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC },
		{ "unix-seqpacket", AF_UNIX, SOCK_SEQPACKET },
		{ "unix-dgram", AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK },
		{ "alg", AF_ALG, SOCK_SEQPACKET },
		{ "packet", AF_PACKET, SOCK_RAW },
		{ "vsock", AF_VSOCK, SOCK_STREAM }
	};
	int	 p[2];
	size_t	 i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		said("socket", v[i].name, socket(v[i].family, v[i].type, 0));
	said("socketpair", "", socketpair(AF_UNIX, SOCK_STREAM, 0, p));
}

static void *
thread(void *arg)
{
	return (arg);
}

/* What every program does, and libc in more than one way. */
static void
try_usual(void)
{
	pthread_t	 t;
	pid_t		 pid;
	int		 status;

	errno = pthread_create(&t, NULL, thread, NULL);
	said("thread", "", errno == 0 ? 0 : -1);
	if (errno == 0)
		(void)pthread_join(t, NULL);
	if ((pid = fork()) == 0)
		_exit(0);
	said("fork", "", pid);
	if (pid != -1)
		(void)waitpid(pid, &status, 0);
	said("nnp", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? "yes" :
	    "no", 0);
}

static void
try_exec(const char *path)
{
	pid_t	 pid;
	int	 status;

	if ((pid = fork()) == 0) {
		(void)execl(path, path, (char *)NULL);
		_exit(100 + (errno == EACCES ? 0 : errno == ENOENT ? 1 : 2));
	}
	status = 0;
	(void)waitpid(pid, &status, 0);
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	errno = status == 100 ? EACCES : status == 101 ? ENOENT : EIO;
	said("exec", path, status >= 100 && status <= 102 ? -1 : 0);
}

static int
try_unix(const char *path)
{
	struct sockaddr_un	 sun;
	int			 fd;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	(void)strlcpy(sun.sun_path, path, sizeof(sun.sun_path));
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1)
		return (-1);
	return (connect(fd, (struct sockaddr *)&sun, sizeof(sun)));
}

/* 1: it was an argument of this kind. */
static int
is(const char *arg, const char *kind, const char **value)
{
	size_t	 len = strlen(kind);

	if (strncmp(arg, kind, len) != 0 || arg[len] != '=')
		return (0);
	*value = arg + len + 1;
	return (1);
}

int
main(int argc, char *argv[])
{
	char		 c;
	const char	*v;
	int		 fd, i;

	(void)alarm(30);
	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "calls") == 0) {
			try_usual();
			try_sockets();
			try_calls();
		} else if (is(argv[i], "read", &v)) {
			fd = open(v, O_RDONLY);
			said("read", v, fd == -1 ? -1 : read(fd, &c, 1) ==
			    -1 && errno != EISDIR ? -1 : 0);
		} else if (is(argv[i], "write", &v))
			said("write", v, open(v, O_WRONLY));
		else if (is(argv[i], "make", &v))
			said("make", v, open(v, O_WRONLY | O_CREAT, 0600));
		else if (is(argv[i], "truncate", &v))
			said("truncate", v, truncate(v, 0));
		else if (is(argv[i], "remove", &v))
			said("remove", v, remove(v));
		else if (is(argv[i], "node", &v))
			said("node", v, mknod(v, S_IFCHR | 0600, 0x103));
		else if (is(argv[i], "exec", &v))
			try_exec(v);
		else if (is(argv[i], "unix", &v))
			said("unix", v, try_unix(v));
		else if (is(argv[i], "kill", &v))
			said("kill", "", kill((pid_t)strtol(v, NULL, 10),
			    0));
	}
	return (0);
}

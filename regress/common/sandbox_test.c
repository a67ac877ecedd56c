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
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>

#include <atf-c.h>
#include <dirent.h>
#include <errno.h>
#include <event.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "log.h"
#include "sandbox.h"
#include "sandbox-linux.h"
#include "seccomp-linux.h"

#if defined(__SANITIZE_ADDRESS__)
#define WITH_SANITIZER	1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_SANITIZER	1
#endif
#endif
#ifndef WITH_SANITIZER
#define WITH_SANITIZER	0
#endif

/* What became of a child: killed by SIGSYS, else its exit status. */
#define KILLED		1000
#define OTHERWISE	1001

#define NPROFILES	6
#define X32_BIT		0x40000000

struct call {
	const char	*name;
	long		 nr;
};
#define CALL(name)	{ #name, NR(name) }

/* One thing to do in the sandbox: 0 or an errno, as exit status. */
typedef int	(probe)(void *);

struct server {
	struct event_base	*base;
	struct event		 ev;
	int			 fd;
};

static const char *const	 names[NPROFILES] = { "logd", "engine",
    "webd", "conf", "watch", "probe" };

static void	 need_seccomp(void);
static int	 need_landlock(int);
static int	 outcome(pid_t);
static int	 in_profile(enum sandbox_profile, probe *, void *);
static int	 in_landlock(probe *, void *);
static int	 in_dir(int (*)(int), int);
static void	 expect_calls(const struct call *, size_t, int);
static int	 result(long);
static void	 answer_call(long, uint32_t, long, uint32_t);

/* ---- children ---- */

static void
need_seccomp(void)
{
	if (WITH_SANITIZER)
		atf_tc_skip("the address sanitizer's build has no filter");
	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == -1)
		atf_tc_skip("this kernel has no seccomp");
}

static int
need_landlock(int version)
{
	int	 abi;

	abi = (int)syscall(444, NULL, (size_t)0, 1U);
	if (abi < version)
		atf_tc_skip("landlock is %d here, %d is needed",
		    abi < 0 ? 0 : abi, version);
	return (abi);
}

static int
outcome(pid_t pid)
{
	int	 status;

	ATF_REQUIRE(pid != -1);
	ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		return (KILLED);
	if (!WIFEXITED(status))
		return (OTHERWISE);
	return (WEXITSTATUS(status));
}

/* With the directory "dir" of the test, as pm2logd has logs/. */
static int
in_profile(enum sandbox_profile profile, probe *fn, void *arg)
{
	pid_t	 pid;
	int	 dirfd;

	if ((pid = fork()) == 0) {
		/* Before, as proc.h says: the time zone is a file. */
		tzset();
		dirfd = open("dir", O_PATH | O_DIRECTORY);
		if (sandbox_enter(profile, &dirfd, dirfd != -1) == -1)
			_exit(250);
		_exit(fn(arg));
	}
	return (outcome(pid));
}

static int
in_landlock(probe *fn, void *arg)
{
	pid_t	 pid;
	int	 dirfd, version;

	if ((pid = fork()) == 0) {
		dirfd = open("dir", O_PATH | O_DIRECTORY);
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
		    landlock_enter(SANDBOX_LOGD, &dirfd, dirfd != -1,
		    &version) == -1)
			_exit(250);
		_exit(fn(arg));
	}
	return (outcome(pid));
}

static int
result(long n)
{
	return (n == -1 ? errno : 0);
}

/* Arguments that nothing good could come of: the filter does not see them. */
static int
probe_call(void *arg)
{
	const long	*nr = arg;

	return (result(syscall(*nr, -1L, -1L, -1L, -1L, -1L, -1L)));
}

/* What the one profile has that is in none of the others. */
static int
is_its_own(int profile, long nr)
{
	static const struct {
		int	 profile;
		long	 nr;
	} own[] = {
		{ SANDBOX_WATCH, NR(inotify_init1) },
		{ SANDBOX_WATCH, NR(getdents64) },
		{ SANDBOX_PROBE, NR(connect) }
	};
	size_t	 i;

	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (own[i].profile == profile && own[i].nr == nr)
			return (1);
	return (0);
}

static void
expect_calls(const struct call *calls, size_t n, int want)
{
	long	 nr;
	size_t	 i;
	int	 got, p;

	for (p = 0; p < NPROFILES; p++) {
		for (i = 0; i < n; i++) {
			if ((nr = calls[i].nr) == NR_NONE ||
			    is_its_own(p, nr))
				continue;
			got = in_profile((enum sandbox_profile)p, probe_call,
			    &nr);
			ATF_CHECK_EQ_MSG(want, got, "%s: %s: %d", names[p],
			    calls[i].name, got);
		}
	}
}

/* ---- seccomp ---- */

ATF_TC_WITHOUT_HEAD(seccomp__attacks_killed);
ATF_TC_BODY(seccomp__attacks_killed, tc)
{
	static const struct call	 calls[] = {
		CALL(execve), CALL(execveat), CALL(fork), CALL(vfork),
		CALL(clone), CALL(clone3), CALL(ptrace),
		CALL(process_vm_readv), CALL(process_vm_writev),
		CALL(pidfd_getfd), CALL(setuid), CALL(setgid), CALL(setreuid),
		CALL(setregid), CALL(setresuid), CALL(setresgid),
		CALL(setfsuid), CALL(setfsgid), CALL(setgroups), CALL(capset),
		CALL(chroot), CALL(pivot_root), CALL(mount), CALL(umount2),
		CALL(move_mount), CALL(unshare), CALL(setns),
		CALL(open_by_handle_at), CALL(personality),
		CALL(io_uring_setup), CALL(io_uring_enter),
		CALL(io_uring_register), CALL(bpf), CALL(userfaultfd),
		CALL(perf_event_open), CALL(keyctl), CALL(add_key),
		CALL(request_key), CALL(init_module), CALL(finit_module),
		CALL(kexec_load), CALL(reboot), CALL(swapon),
		CALL(clock_settime), CALL(settimeofday)
	};

	(void)tc;
	need_seccomp();
	expect_calls(calls, sizeof(calls) / sizeof(calls[0]), KILLED);
}

ATF_TC_WITHOUT_HEAD(seccomp__lazy_calls_eacces);
ATF_TC_BODY(seccomp__lazy_calls_eacces, tc)
{
	static const struct call	 calls[] = {
		CALL(open), CALL(openat2), CALL(creat), CALL(stat),
		CALL(lstat), CALL(access), CALL(faccessat), CALL(faccessat2),
		CALL(readlink), CALL(readlinkat), CALL(socket), CALL(connect),
		CALL(bind), CALL(listen), CALL(mkdir), CALL(mkdirat),
		CALL(symlink), CALL(symlinkat), CALL(link), CALL(linkat),
		CALL(mknodat), CALL(truncate), CALL(chmod), CALL(fchmodat),
		CALL(chown), CALL(fchown), CALL(fchownat), CALL(chdir),
		CALL(fchdir), CALL(renameat2)
	};

	(void)tc;
	need_seccomp();
	expect_calls(calls, sizeof(calls) / sizeof(calls[0]), EACCES);
}

ATF_TC_WITHOUT_HEAD(seccomp__other_calls_enosys);
ATF_TC_BODY(seccomp__other_calls_enosys, tc)
{
	static const struct call	 calls[] = {
		CALL(memfd_create), CALL(inotify_init1), CALL(uname),
		CALL(socketpair), CALL(pipe2), CALL(dup), CALL(prctl),
		CALL(seccomp), CALL(setrlimit), CALL(splice), CALL(shmat),
		CALL(remap_file_pages), CALL(pkey_mprotect), CALL(setsid),
		CALL(fchmod), CALL(getdents64), CALL(fsync), CALL(pwrite64),
		{ "far beyond", 3000 }
	};

	(void)tc;
	need_seccomp();
	expect_calls(calls, sizeof(calls) / sizeof(calls[0]), ENOSYS);
}

ATF_TC(seccomp__files_are_logd);
ATF_TC_HEAD(seccomp__files_are_logd, tc)
{
	atf_tc_set_md_var(tc, "descr",
	    "what logd does with files the others may not");
}
ATF_TC_BODY(seccomp__files_are_logd, tc)
{
	static const struct call	 calls[] = {
		CALL(openat), CALL(newfstatat), CALL(statx), CALL(renameat),
		CALL(unlinkat)
	};
	static const struct call	 sockets[] = {
		CALL(accept4), CALL(getsockname)
	};
	static const struct call	 words[] = {
		CALL(recvfrom), CALL(sendto), CALL(setsockopt), CALL(accept),
		CALL(getpeername)
	};
	long	 nr;
	size_t	 i;
	int	 got, p;

	(void)tc;
	need_seccomp();
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if ((nr = calls[i].nr) == NR_NONE)
			continue;
		ATF_CHECK_EQ_MSG(EACCES, in_profile(SANDBOX_ENGINE,
		    probe_call, &nr), "engine: %s", calls[i].name);
		ATF_CHECK_EQ_MSG(EACCES, in_profile(SANDBOX_WEBD,
		    probe_call, &nr), "webd: %s", calls[i].name);
		ATF_CHECK_EQ_MSG(EACCES, in_profile(SANDBOX_CONF,
		    probe_call, &nr), "conf: %s", calls[i].name);
		got = in_profile(SANDBOX_LOGD, probe_call, &nr);
		ATF_CHECK_MSG(got != EACCES && got != KILLED && got != ENOSYS,
		    "logd: %s: %d", calls[i].name, got);
	}
	for (i = 0; i < sizeof(sockets) / sizeof(sockets[0]); i++) {
		nr = sockets[i].nr;
		ATF_CHECK_EQ_MSG(ENOSYS, in_profile(SANDBOX_LOGD,
		    probe_call, &nr), "logd: %s", sockets[i].name);
		for (p = SANDBOX_ENGINE; p <= SANDBOX_WEBD; p++) {
			got = in_profile((enum sandbox_profile)p, probe_call,
			    &nr);
			ATF_CHECK_MSG(got == EBADF || got == EFAULT,
			    "%s: %s: %d", names[p], sockets[i].name, got);
		}
	}
	/* The engine hands connections on, and says nothing to them. */
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		nr = words[i].nr;
		if (nr == NR_NONE)
			continue;
		for (p = SANDBOX_LOGD; p <= SANDBOX_ENGINE; p++)
			ATF_CHECK_EQ_MSG(ENOSYS, in_profile(
			    (enum sandbox_profile)p, probe_call, &nr),
			    "%s: %s", names[p], words[i].name);
	}
}

/* In "dir", where there is a file. */
static int
probe_watch(void *arg)
{
	struct dirent	*de;
	DIR		*dir;
	int		 fd, found = 0;

	(void)arg;
	if ((fd = inotify_init1(IN_NONBLOCK)) == -1 ||
	    inotify_add_watch(fd, "dir", IN_CREATE) == -1)
		return (1);
	if ((dir = opendir("dir")) == NULL)
		return (2);
	while ((de = readdir(dir)) != NULL)
		found |= strcmp(de->d_name, "file") == 0;
	closedir(dir);
	if (!found || (fd = open("dir/file", O_RDONLY | O_NOFOLLOW)) == -1)
		return (3);
	if (open("dir/file", O_RDWR) != -1 || errno != EACCES)
		return (4);
	if (open("dir/new", O_RDONLY | O_CREAT, 0600) != -1 ||
	    errno != EACCES)
		return (5);
	if (open("dir/file", O_RDONLY | O_TRUNC) != -1 || errno != EACCES)
		return (6);
	if (unlink("dir/file") != -1 || mkdir("dir/d", 0700) != -1 ||
	    socket(AF_INET, SOCK_STREAM, 0) != -1)
		return (7);
	return (0);
}

ATF_TC_WITHOUT_HEAD(watch__reads_and_no_more);
ATF_TC_BODY(watch__reads_and_no_more, tc)
{
	(void)tc;
	need_seccomp();
	ATF_REQUIRE_EQ(0, mkdir("dir", 0700));
	atf_utils_create_file("dir/file", "%s", "x");
	ATF_CHECK_EQ(0, in_profile(SANDBOX_WATCH, probe_watch, NULL));
	ATF_CHECK(atf_utils_file_exists("dir/file"));
}

static int
probe_connects(void *arg)
{
	int	 fd;

	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1)
		return (1);
	if (connect(fd, arg, sizeof(struct sockaddr_in)) == -1)
		return (2);
	if (socket(AF_UNIX, SOCK_STREAM, 0) != -1 || errno != EACCES)
		return (3);
	if (bind(fd, arg, sizeof(struct sockaddr_in)) != -1 ||
	    errno != EACCES || listen(fd, 1) != -1)
		return (4);
	if (open("/etc/passwd", O_RDONLY) != -1 || errno != EACCES)
		return (5);
	return (0);
}

ATF_TC_WITHOUT_HEAD(probe__connects_and_no_more);
ATF_TC_BODY(probe__connects_and_no_more, tc)
{
	struct sockaddr_in	 sin;
	socklen_t		 len = sizeof(sin);
	int			 fd;

	(void)tc;
	need_seccomp();
	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ATF_REQUIRE((fd = socket(AF_INET, SOCK_STREAM, 0)) != -1);
	ATF_REQUIRE_EQ(0, bind(fd, (struct sockaddr *)&sin, sizeof(sin)));
	ATF_REQUIRE_EQ(0, listen(fd, 5));
	ATF_REQUIRE_EQ(0, getsockname(fd, (struct sockaddr *)&sin, &len));
	ATF_CHECK_EQ(0, in_profile(SANDBOX_PROBE, probe_connects, &sin));
}

#if defined(__x86_64__)
static int
probe_i386(void *arg)
{
	long	 ret;

	(void)arg;
	/* getpid of the 32-bit table; in ours the number is writev's */
	__asm__ volatile("int $0x80" : "=a"(ret) : "a"(20L) : "memory");
	return (ret < 0 ? 1 : 0);
}
#endif

ATF_TC_WITHOUT_HEAD(seccomp__foreign_numbers_killed);
ATF_TC_BODY(seccomp__foreign_numbers_killed, tc)
{
#if defined(__x86_64__)
	static const struct call	 calls[] = {
		{ "x32 getpid", X32_BIT | __NR_getpid },
		{ "x32 execve", X32_BIT | 520 }
	};
	pid_t	 pid;
	int	 p, status;
#endif

	(void)tc;
	need_seccomp();
#if defined(__x86_64__)
	expect_calls(calls, sizeof(calls) / sizeof(calls[0]), KILLED);
	/* Kernels without the 32-bit entry send SIGSEGV before any filter. */
	if ((pid = fork()) == 0)
		_exit(probe_i386(NULL));
	ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
	if (WIFSIGNALED(status))
		return;
	for (p = 0; p < NPROFILES; p++)
		ATF_CHECK_EQ(KILLED, in_profile((enum sandbox_profile)p,
		    probe_i386, NULL));
#endif
}

static int
probe_memory(void *arg)
{
	char	*p;

	(void)arg;
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return (1);
	*p = 1;
	if (mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0 || errno != EACCES)
		return (2);
	if (mprotect(p, 4096, PROT_READ) == -1)
		return (3);
	if ((p = mremap(p, 4096, 65536, MREMAP_MAYMOVE)) == MAP_FAILED)
		return (4);
	if (madvise(p, 65536, MADV_DONTNEED) == -1 || munmap(p, 65536) == -1)
		return (5);
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p != MAP_FAILED || errno != EACCES)
		return (6);
	/* Of both of malloc's kinds. */
	if ((p = malloc(100)) == NULL)
		return (7);
	free(p);
	if ((p = malloc(8 << 20)) == NULL)
		return (8);
	free(p);
	return (0);
}

ATF_TC_WITHOUT_HEAD(seccomp__memory_never_code);
ATF_TC_BODY(seccomp__memory_never_code, tc)
{
	int	 p;

	(void)tc;
	need_seccomp();
	for (p = 0; p < NPROFILES; p++)
		ATF_CHECK_EQ_MSG(0, in_profile((enum sandbox_profile)p,
		    probe_memory, NULL), "%s", names[p]);
}

static int
probe_descriptors(void *arg)
{
	struct flock	 lock;
	struct termios	 tio;
	char		 c;
	const int	*fd = arg;
	int		 n;

	if (fcntl(*fd, F_SETFL, fcntl(*fd, F_GETFL) | O_NONBLOCK) == -1 ||
	    fcntl(*fd, F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(*fd, F_GETFD) != FD_CLOEXEC)
		return (1);
	if (ioctl(*fd, FIONREAD, &n) == -1 || n != 3)
		return (2);
	c = 'x';
	if (ioctl(*fd, TIOCSTI, &c) == 0 || errno != ENOTTY)
		return (3);
	if (tcgetattr(*fd, &tio) == 0 || errno != ENOTTY)
		return (4);
	memset(&lock, 0, sizeof(lock));
	if (fcntl(*fd, F_SETLK, &lock) == 0 || errno != EACCES)
		return (5);
	if (fcntl(*fd, F_SETOWN, getpid()) == 0 || errno != EACCES)
		return (6);
	return (0);
}

ATF_TC_WITHOUT_HEAD(seccomp__descriptor_commands);
ATF_TC_BODY(seccomp__descriptor_commands, tc)
{
	int	 fds[2], p;

	(void)tc;
	need_seccomp();
	ATF_REQUIRE_EQ(0, pipe(fds));
	ATF_REQUIRE_EQ(3, write(fds[1], "abc", 3));
	for (p = 0; p < NPROFILES; p++)
		ATF_CHECK_EQ_MSG(0, in_profile((enum sandbox_profile)p,
		    probe_descriptors, &fds[0]), "%s", names[p]);
}

static int
probe_signals(void *arg)
{
	const pid_t	*parent = arg;

	if (kill(*parent, 0) == 0 || errno != EPERM)
		return (1);
	if (kill(-1, 0) == 0 || errno != EPERM)
		return (2);
	if (kill(0, 0) == 0 || errno != EPERM)
		return (3);
	if (syscall(SYS_tgkill, *parent, *parent, 0) == 0 || errno != EPERM)
		return (4);
	if (kill(getpid(), 0) == -1)
		return (5);
	signal(SIGUSR1, SIG_IGN);
	if (raise(SIGUSR1) != 0)
		return (6);
	return (0);
}

static int
probe_abort(void *arg)
{
	(void)arg;
	abort();
}

ATF_TC_WITHOUT_HEAD(seccomp__signals_to_self_only);
ATF_TC_BODY(seccomp__signals_to_self_only, tc)
{
	pid_t	 self;
	int	 p;

	(void)tc;
	need_seccomp();
	self = getpid();
	for (p = 0; p < NPROFILES; p++) {
		ATF_CHECK_EQ_MSG(0, in_profile((enum sandbox_profile)p,
		    probe_signals, &self), "%s", names[p]);
		ATF_CHECK_EQ_MSG(OTHERWISE, in_profile((enum sandbox_profile)p,
		    probe_abort, NULL), "%s", names[p]);
	}
}

/* ---- what daemons do ---- */

static void
timer_fired(int fd, short what, void *arg)
{
	int	*n = arg;

	(void)fd;
	(void)what;
	(*n)++;
}

static void
bytes_came(int fd, short what, void *arg)
{
	char	 buf[16];
	int	*n = arg;

	(void)what;
	if (read(fd, buf, sizeof(buf)) > 0)
		*n += 100;
}

/* libevent's timers, descriptors and signals; made before, like in life. */
static int
probe_events(void *arg)
{
	struct event_base	*base = arg;
	struct event		 chan, sig, timer;
	struct timeval		 tv;
	int			 fds[2], n;

	/* The pair is inherited: descriptors 40 and 41. */
	fds[0] = 40;
	fds[1] = 41;
	n = 0;
	tv.tv_sec = 0;
	tv.tv_usec = 1000;
	event_set(&timer, -1, 0, timer_fired, &n);
	event_base_set(base, &timer);
	event_add(&timer, &tv);
	event_set(&chan, fds[0], EV_READ | EV_PERSIST, bytes_came, &n);
	event_base_set(base, &chan);
	event_add(&chan, NULL);
	event_set(&sig, SIGTERM, EV_SIGNAL, timer_fired, &n);
	event_base_set(base, &sig);
	event_add(&sig, NULL);
	if (write(fds[1], "x", 1) != 1 || raise(SIGTERM) != 0)
		return (1);
	while (n < 102) {
		if (event_base_loop(base, EVLOOP_ONCE) == -1)
			return (2);
	}
	event_del(&chan);
	event_base_free(base);
	return (0);
}

ATF_TC_WITHOUT_HEAD(profiles__event_loop);
ATF_TC_BODY(profiles__event_loop, tc)
{
	struct event_base	*base;
	pid_t			 pid;
	int			 fds[2], p;

	(void)tc;
	for (p = 0; p < NPROFILES; p++) {
		if ((pid = fork()) == 0) {
			if (pipe(fds) == -1 || dup2(fds[0], 40) == -1 ||
			    dup2(fds[1], 41) == -1 ||
			    (base = event_base_new()) == NULL)
				_exit(251);
			if (sandbox_enter((enum sandbox_profile)p, NULL,
			    0) == -1)
				_exit(250);
			_exit(probe_events(base));
		}
		ATF_CHECK_EQ_MSG(0, outcome(pid), "%s", names[p]);
	}
}

/* A descriptor over a socket, the way imsg sends it. */
static int
pass_fd(int sock, int fd)
{
	union {
		struct cmsghdr	 hdr;
		char		 buf[CMSG_SPACE(sizeof(int))];
	} ctl;
	struct msghdr	 msg;
	struct iovec	 iov;
	char		 c;

	c = 'x';
	memset(&msg, 0, sizeof(msg));
	memset(&ctl, 0, sizeof(ctl));
	iov.iov_base = &c;
	iov.iov_len = 1;
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	msg.msg_control = ctl.buf;
	msg.msg_controllen = sizeof(ctl.buf);
	if (fd != -1) {
		ctl.hdr.cmsg_len = CMSG_LEN(sizeof(int));
		ctl.hdr.cmsg_level = SOL_SOCKET;
		ctl.hdr.cmsg_type = SCM_RIGHTS;
		memcpy(CMSG_DATA(&ctl.hdr), &fd, sizeof(fd));
		return (sendmsg(sock, &msg, 0) == 1 ? 0 : -1);
	}
	if (recvmsg(sock, &msg, MSG_CMSG_CLOEXEC) != 1 ||
	    ctl.hdr.cmsg_type != SCM_RIGHTS)
		return (-1);
	memcpy(&fd, CMSG_DATA(&ctl.hdr), sizeof(fd));
	return (fd);
}

static int
compress_file(int dirfd)
{
	char	 buf[4096];
	gzFile	 gz;
	ssize_t	 n;
	int	 from, to;

	if ((from = openat(dirfd, "a.log.1", O_RDONLY | O_CLOEXEC)) == -1 ||
	    (to = openat(dirfd, "a.log.1.gz", O_WRONLY | O_CREAT | O_EXCL |
	    O_CLOEXEC, 0600)) == -1)
		return (-1);
	if ((gz = gzdopen(to, "wb6")) == NULL)
		return (-1);
	while ((n = read(from, buf, sizeof(buf))) > 0) {
		if (gzwrite(gz, buf, (unsigned int)n) != n)
			return (-1);
	}
	close(from);
	return (n == 0 && gzclose(gz) == Z_OK ? 0 : -1);
}

/* A day in the life of pm2logd, from a file opened by the parent on. */
static int
logd_day(int dirfd, int sock)
{
	struct iovec	 iov[2];
	struct stat	 sb;
	char		 line[] = "a line\n";
	int		 fd, passed;

	if ((passed = pass_fd(sock, -1)) == -1 ||
	    write(passed, line, 7) != 7 || ftruncate(passed, 0) == -1)
		return (1);
	if ((fd = openat(dirfd, "a.log", O_WRONLY | O_APPEND | O_CREAT |
	    O_CLOEXEC, 0600)) == -1)
		return (2);
	iov[0].iov_base = iov[1].iov_base = line;
	iov[0].iov_len = iov[1].iov_len = 7;
	if (writev(fd, iov, 2) != 14 || fstat(fd, &sb) == -1 ||
	    sb.st_size != 14 || lseek(fd, 0, SEEK_END) != 14)
		return (3);
	if (renameat(dirfd, "a.log", dirfd, "a.log.1") == -1 ||
	    fstatat(dirfd, "a.log.1", &sb, AT_SYMLINK_NOFOLLOW) == -1)
		return (4);
	if (compress_file(dirfd) == -1)
		return (5);
	if (unlinkat(dirfd, "a.log.1", 0) == -1)
		return (6);
	if (pass_fd(sock, fd) == -1 || close(fd) == -1)
		return (7);
	return (0);
}

ATF_TC_WITHOUT_HEAD(logd__works);
ATF_TC_BODY(logd__works, tc)
{
	char	 buf[64];
	gzFile	 gz;
	pid_t	 pid;
	int	 dirfd, fd, sock[2];

	(void)tc;
	ATF_REQUIRE_EQ(0, mkdir("dir", 0700));
	ATF_REQUIRE_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, sock));
	ATF_REQUIRE((fd = open("outside", O_RDWR | O_CREAT, 0600)) != -1);
	ATF_REQUIRE((pid = fork()) != -1);
	if (pid == 0) {
		close(fd);
		if ((dirfd = open("dir", O_RDONLY | O_DIRECTORY)) == -1 ||
		    sandbox_enter(SANDBOX_LOGD, &dirfd, 1) == -1)
			_exit(250);
		_exit(logd_day(dirfd, sock[1]));
	}
	ATF_REQUIRE_EQ(0, pass_fd(sock[0], fd));
	close(fd);
	ATF_REQUIRE_EQ(0, outcome(pid));
	ATF_REQUIRE((gz = gzopen("dir/a.log.1.gz", "rb")) != NULL);
	ATF_CHECK_EQ(14, gzread(gz, buf, sizeof(buf)));
	ATF_CHECK_EQ(0, memcmp(buf, "a line\na line\n", 14));
	gzclose(gz);
	ATF_CHECK((fd = pass_fd(sock[0], -1)) != -1);
}

static int
serve_one(int listener)
{
	struct sockaddr_in	 sin;
	socklen_t		 len;
	char			 buf[8];
	int			 fd, one;

	if ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) == -1)
		return (1);
	len = sizeof(sin);
	if (getpeername(fd, (struct sockaddr *)&sin, &len) == -1)
		return (2);
	one = 1;
	if (setsockopt(fd, IPPROTO_TCP, 1, &one, sizeof(one)) == -1)
		return (3);
	/* An IP level option has no business here. */
	if (setsockopt(fd, IPPROTO_IP, IP_TTL, &one, sizeof(one)) == 0 ||
	    (!WITH_SANITIZER && errno != EACCES))
		return (WITH_SANITIZER ? 0 : 4);
	if (recv(fd, buf, sizeof(buf), 0) != 4 || send(fd, buf, 4, 0) != 4)
		return (5);
	if (shutdown(fd, SHUT_WR) == -1 || close(fd) == -1)
		return (6);
	return (0);
}

ATF_TC_WITHOUT_HEAD(webd__serves);
ATF_TC_BODY(webd__serves, tc)
{
	struct sockaddr_in	 sin;
	socklen_t		 len;
	char			 buf[8];
	pid_t			 pid;
	int			 fd, listener;

	(void)tc;
	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ATF_REQUIRE((listener = socket(AF_INET, SOCK_STREAM, 0)) != -1);
	ATF_REQUIRE_EQ(0, bind(listener, (struct sockaddr *)&sin,
	    sizeof(sin)));
	ATF_REQUIRE_EQ(0, listen(listener, 5));
	len = sizeof(sin);
	ATF_REQUIRE_EQ(0, getsockname(listener, (struct sockaddr *)&sin,
	    &len));
	if ((pid = fork()) == 0) {
		if (sandbox_enter(SANDBOX_WEBD, NULL, 0) == -1)
			_exit(250);
		_exit(serve_one(listener));
	}
	ATF_REQUIRE((fd = socket(AF_INET, SOCK_STREAM, 0)) != -1);
	ATF_REQUIRE_EQ(0, connect(fd, (struct sockaddr *)&sin, sizeof(sin)));
	ATF_REQUIRE_EQ(4, write(fd, "ping", 4));
	if (!WITH_SANITIZER)
		ATF_CHECK_EQ(4, read(fd, buf, sizeof(buf)));
	ATF_CHECK_EQ(0, outcome(pid));
	close(fd);
	close(listener);
}

static int
probe_libc(void *arg)
{
	unsigned char	 rnd[64];
	struct timespec	 ts;
	struct tm	 tm;
	char		 buf[64];

	(void)arg;
	arc4random_buf(rnd, sizeof(rnd));
	if (clock_gettime(CLOCK_MONOTONIC, &ts) == -1 || time(NULL) == -1)
		return (1);
	if (snprintf(buf, sizeof(buf), "%d %s %.3f", 1, "x", 1.5) != 9)
		return (2);
	ts.tv_sec = 1700000000;
	if (localtime_r(&ts.tv_sec, &tm) == NULL ||
	    strftime(buf, sizeof(buf), "%Y-%m-%d %Z", &tm) == 0)
		return (3);
	log_init(LOG_TO_FILE, 0);
	log_info("from the sandbox");
	/* exit(3) with its handlers and flushes, not _exit(2) */
	if (WITH_SANITIZER)
		_exit(0);
	exit(0);
}

ATF_TC_WITHOUT_HEAD(profiles__libc);
ATF_TC_BODY(profiles__libc, tc)
{
	int	 p;

	(void)tc;
	fflush(stdout);
	for (p = 0; p < NPROFILES; p++)
		ATF_CHECK_EQ_MSG(0, in_profile((enum sandbox_profile)p,
		    probe_libc, NULL), "%s", names[p]);
}

/* ---- landlock ---- */

static int
probe_files(void *arg)
{
	int	 fd;

	(void)arg;
	if (open("/etc/passwd", O_RDONLY) != -1 || errno != EACCES)
		return (1);
	if (open("outside", O_RDWR) != -1 || errno != EACCES)
		return (2);
	if (open("new", O_RDWR | O_CREAT, 0600) != -1 || errno != EACCES)
		return (3);
	if (unlink("outside") == 0 || errno != EACCES)
		return (4);
	if ((fd = open("dir/f", O_RDWR | O_CREAT, 0600)) == -1)
		return (5);
	if (write(fd, "abc", 3) != 3 || ftruncate(fd, 1) == -1)
		return (6);
	if (rename("dir/f", "dir/g") == -1 || truncate("dir/g", 0) == -1)
		return (7);
	if (open("dir/g", O_RDONLY | O_TRUNC) == -1)
		return (8);
	if (unlink("dir/g") == -1)
		return (9);
	if (mkdir("dir/d", 0700) == 0 || errno != EACCES)
		return (10);
	if (symlink("/etc/passwd", "dir/l") == 0 || errno != EACCES)
		return (11);
	if (mkfifo("dir/p", 0600) == 0 || errno != EACCES)
		return (12);
	if (rmdir("dir/sub") == 0 || errno != EACCES)
		return (13);
	/* A link that is there already leads nowhere. */
	if (open("dir/out", O_RDONLY) != -1 || errno != EACCES)
		return (14);
	if (rename("outside", "dir/in") == 0)
		return (15);
	if (open("dir", O_RDONLY | O_DIRECTORY) == -1)
		return (16);
	return (0);
}

ATF_TC_WITHOUT_HEAD(landlock__files);
ATF_TC_BODY(landlock__files, tc)
{
	(void)tc;
	(void)need_landlock(1);
	ATF_REQUIRE_EQ(0, mkdir("dir", 0700));
	ATF_REQUIRE_EQ(0, mkdir("dir/sub", 0700));
	ATF_REQUIRE_EQ(0, symlink("../outside", "dir/out"));
	atf_utils_create_file("outside", "%s", "");
	ATF_CHECK_EQ(0, in_landlock(probe_files, NULL));
}

static int
probe_programs(void *arg)
{
	(void)arg;
	execl("/bin/true", "true", (char *)NULL);
	return (errno);
}

static int
probe_own_program(void *arg)
{
	(void)arg;
	execl("dir/true", "true", (char *)NULL);
	return (errno);
}

ATF_TC_WITHOUT_HEAD(landlock__programs);
ATF_TC_BODY(landlock__programs, tc)
{
	(void)tc;
	(void)need_landlock(1);
	ATF_REQUIRE_EQ(0, mkdir("dir", 0700));
	atf_utils_create_file("dir/true", "#!/bin/sh\n");
	ATF_REQUIRE_EQ(0, chmod("dir/true", 0755));
	ATF_CHECK_EQ(EACCES, in_landlock(probe_programs, NULL));
	ATF_CHECK_EQ_MSG(EACCES, in_landlock(probe_own_program, NULL),
	    "what can be written cannot be run");
}

static int
probe_nothing(void *arg)
{
	(void)arg;
	if (open("file", O_RDONLY) != -1 || errno != EACCES)
		return (1);
	if (open(".", O_RDONLY | O_DIRECTORY) != -1 || errno != EACCES)
		return (2);
	return (0);
}

ATF_TC_WITHOUT_HEAD(landlock__no_directories);
ATF_TC_BODY(landlock__no_directories, tc)
{
	(void)tc;
	(void)need_landlock(1);
	/* No "dir" here, so in_landlock() adds no rule. */
	atf_utils_create_file("file", "%s", "");
	ATF_CHECK_EQ(0, in_landlock(probe_nothing, NULL));
}

static int
probe_network(void *arg)
{
	struct sockaddr_in	 sin;
	const struct sockaddr_in *to = arg;
	int			 fd;

	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1)
		return (1);
	if (connect(fd, (const struct sockaddr *)to, sizeof(*to)) == 0 ||
	    errno != EACCES)
		return (2);
	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0 ||
	    errno != EACCES)
		return (3);
	return (0);
}

ATF_TC_WITHOUT_HEAD(landlock__network);
ATF_TC_BODY(landlock__network, tc)
{
	struct sockaddr_in	 sin;
	socklen_t		 len;
	int			 fd;

	(void)tc;
	(void)need_landlock(4);
	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ATF_REQUIRE((fd = socket(AF_INET, SOCK_STREAM, 0)) != -1);
	ATF_REQUIRE_EQ(0, bind(fd, (struct sockaddr *)&sin, sizeof(sin)));
	ATF_REQUIRE_EQ(0, listen(fd, 5));
	len = sizeof(sin);
	ATF_REQUIRE_EQ(0, getsockname(fd, (struct sockaddr *)&sin, &len));
	ATF_CHECK_EQ(0, in_landlock(probe_network, &sin));
}

static int
probe_scope(void *arg)
{
	struct sockaddr_un	 sun;
	const pid_t		*parent = arg;
	int			 fd;

	if (kill(*parent, 0) == 0 || errno != EPERM)
		return (1);
	if (kill(getpid(), 0) == -1)
		return (2);
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	(void)snprintf(sun.sun_path + 1, sizeof(sun.sun_path) - 1,
	    "pm2d-test-%d", (int)*parent);
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1)
		return (3);
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0 ||
	    errno != EPERM)
		return (4);
	return (0);
}

ATF_TC_WITHOUT_HEAD(landlock__processes);
ATF_TC_BODY(landlock__processes, tc)
{
	struct sockaddr_un	 sun;
	pid_t			 self;
	int			 fd;

	(void)tc;
	(void)need_landlock(6);
	self = getpid();
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	(void)snprintf(sun.sun_path + 1, sizeof(sun.sun_path) - 1,
	    "pm2d-test-%d", (int)self);
	ATF_REQUIRE((fd = socket(AF_UNIX, SOCK_STREAM, 0)) != -1);
	ATF_REQUIRE_EQ(0, bind(fd, (struct sockaddr *)&sun, sizeof(sun)));
	ATF_REQUIRE_EQ(0, listen(fd, 5));
	ATF_CHECK_EQ(0, in_landlock(probe_scope, &self));
	close(fd);
}

ATF_TC_WITHOUT_HEAD(landlock__bad_descriptor);
ATF_TC_BODY(landlock__bad_descriptor, tc)
{
	pid_t	 pid;
	int	 fd;

	(void)tc;
	(void)need_landlock(1);
	if ((pid = fork()) == 0) {
		fd = 555;
		_exit(sandbox_enter(SANDBOX_LOGD, &fd, 1) == -1 ? errno : 0);
	}
	ATF_CHECK_EQ_MSG(EBADF, outcome(pid),
	    "half a sandbox is not a sandbox");
}

/* ---- what is said ---- */

/* A kernel that answers this call (with this first argument) with errno. */
static void
answer_call(long nr, uint32_t first, long any, uint32_t error)
{
	struct sock_filter	 insn[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    (uint32_t)offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    (uint32_t)offsetof(struct seccomp_data, args)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, first,
		    0, (uint8_t)(any ? 0 : 1)),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
	};
	struct sock_fprog	 prog;

	prog.filter = insn;
	prog.len = sizeof(insn) / sizeof(insn[0]);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0) == -1)
		_exit(252);
}

static int
in_dir(int (*fn)(int), int arg)
{
	pid_t	 pid;
	int	 fd;

	if ((pid = fork()) == 0) {
		fd = open("err", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
		if (fd == -1 || dup2(fd, STDERR_FILENO) == -1)
			_exit(251);
		log_init(LOG_TO_STDERR, 0);
		_exit(fn(arg));
	}
	return (outcome(pid));
}

/* 0 when entered and described so. */
static int
describes(const char *want)
{
	int	 dirfd;

	if (strcmp(sandbox_describe(), "no sandbox") != 0)
		return (1);
	if ((dirfd = open("dir", O_PATH | O_DIRECTORY)) == -1 ||
	    sandbox_enter(SANDBOX_LOGD, &dirfd, 1) == -1)
		return (2);
	if (strcmp(sandbox_describe(), want) != 0) {
		log_warnx("described as %s", sandbox_describe());
		return (3);
	}
	return (0);
}

static int
say_all(int abi)
{
	char	 want[64];

	(void)snprintf(want, sizeof(want), "%sseccomp, landlock %d",
	    WITH_SANITIZER ? "no " : "", abi);
	return (describes(want));
}

static int
say_no_landlock(int error)
{
	answer_call(444, 0, 1, (uint32_t)error);
	return (describes(WITH_SANITIZER ? "no seccomp, no landlock" :
	    "seccomp, no landlock"));
}

static int
say_no_seccomp(int abi)
{
	char	 want[64];

	answer_call(__NR_prctl, PR_SET_SECCOMP, 0, EINVAL);
	(void)snprintf(want, sizeof(want), "no seccomp, landlock %d", abi);
	return (describes(want));
}

ATF_TC_WITHOUT_HEAD(describe__everything);
ATF_TC_BODY(describe__everything, tc)
{
	int	 abi;

	(void)tc;
	abi = need_landlock(1);
	ATF_REQUIRE_EQ(0, mkdir("dir", 0700));
	ATF_CHECK_EQ(0, in_dir(say_all, abi));
	if (!WITH_SANITIZER)
		ATF_CHECK(atf_utils_compare_file("err", ""));
}

ATF_TC_WITHOUT_HEAD(describe__kernel_without);
ATF_TC_BODY(describe__kernel_without, tc)
{
	int	 abi;

	(void)tc;
	abi = need_landlock(1);
	ATF_REQUIRE_EQ(0, mkdir("dir", 0700));
	ATF_CHECK_EQ(0, in_dir(say_no_landlock, ENOSYS));
	ATF_CHECK(atf_utils_grep_file("no landlock in this kernel", "err"));
	ATF_CHECK_EQ(0, in_dir(say_no_landlock, EOPNOTSUPP));
	ATF_CHECK(atf_utils_grep_file("no landlock in this kernel", "err"));
	ATF_CHECK_EQ(0, in_dir(say_no_landlock, EPERM));
	ATF_CHECK(atf_utils_grep_file("no landlock in this kernel", "err"));
	ATF_CHECK_EQ(0, in_dir(say_no_seccomp, abi));
	ATF_CHECK(atf_utils_grep_file("no seccomp in this kernel", "err"));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, seccomp__attacks_killed);
	ATF_TP_ADD_TC(tp, seccomp__lazy_calls_eacces);
	ATF_TP_ADD_TC(tp, seccomp__other_calls_enosys);
	ATF_TP_ADD_TC(tp, seccomp__files_are_logd);
	ATF_TP_ADD_TC(tp, seccomp__foreign_numbers_killed);
	ATF_TP_ADD_TC(tp, seccomp__memory_never_code);
	ATF_TP_ADD_TC(tp, seccomp__descriptor_commands);
	ATF_TP_ADD_TC(tp, seccomp__signals_to_self_only);
	ATF_TP_ADD_TC(tp, profiles__event_loop);
	ATF_TP_ADD_TC(tp, profiles__libc);
	ATF_TP_ADD_TC(tp, logd__works);
	ATF_TP_ADD_TC(tp, webd__serves);
	ATF_TP_ADD_TC(tp, watch__reads_and_no_more);
	ATF_TP_ADD_TC(tp, probe__connects_and_no_more);
	ATF_TP_ADD_TC(tp, landlock__files);
	ATF_TP_ADD_TC(tp, landlock__programs);
	ATF_TP_ADD_TC(tp, landlock__no_directories);
	ATF_TP_ADD_TC(tp, landlock__network);
	ATF_TP_ADD_TC(tp, landlock__processes);
	ATF_TP_ADD_TC(tp, landlock__bad_descriptor);
	ATF_TP_ADD_TC(tp, describe__everything);
	ATF_TP_ADD_TC(tp, describe__kernel_without);
	return (atf_no_error());
}

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
 * common/sys.c for tests: the same functions, but each first looks whether
 * it is to fail.
 */

#include <sys/types.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys.h"
#include "sys_fault.h"

#define nitems(a)	(sizeof(a) / sizeof((a)[0]))
#define FAULT_MAX	32

struct rule {
	const char	*name;
	unsigned int	 first;		/* number of the call */
	unsigned int	 count;		/* 0: for ever */
	size_t		 bytes;		/* short, if error is 0 */
	int		 error;
};

struct call {
	const char	*name;
	unsigned int	 calls;
	unsigned int	 hits;
};

static struct call	 calls[] = {
	{ "accept4", 0, 0 }, { "bind", 0, 0 }, { "chdir", 0, 0 },
	{ "clone", 0, 0 },
	{ "clone3", 0, 0 },
	{ "close_range", 0, 0 }, { "connect", 0, 0 }, { "dup3", 0, 0 },
	{ "execve", 0, 0 }, { "fchmodat", 0, 0 }, { "fchown", 0, 0 },
	{ "fcntl_dupfd", 0, 0 },
	{ "fcntl_getfl", 0, 0 }, { "fcntl_setfd", 0, 0 },
	{ "fcntl_setfl", 0, 0 }, { "fdatasync", 0, 0 }, { "fork", 0, 0 },
	{ "fstat", 0, 0 }, { "fstatat", 0, 0 }, { "fsync", 0, 0 },
	{ "ftruncate", 0, 0 }, { "getsockopt", 0, 0 }, { "kill", 0, 0 },
	{ "listen", 0, 0 }, { "lseek", 0, 0 },
	{ "memfd_create", 0, 0 },
	{ "mkdirat", 0, 0 }, { "openat", 0, 0 }, { "pidfd_open", 0, 0 },
	{ "pidfd_send_signal", 0, 0 }, { "pipe2", 0, 0 }, { "pread", 0, 0 },
	{ "read", 0, 0 }, { "recvmsg", 0, 0 }, { "renameat", 0, 0 },
	{ "sendmsg", 0, 0 },
	{ "setgroups", 0, 0 }, { "setresgid", 0, 0 }, { "setresuid", 0, 0 },
	{ "setrlimit", 0, 0 }, { "setsockopt", 0, 0 }, { "socket", 0, 0 },
	{ "socketpair", 0, 0 }, { "timerfd_create", 0, 0 },
	{ "timerfd_settime", 0, 0 }, { "unlinkat", 0, 0 },
	{ "waitid", 0, 0 }, { "write", 0, 0 }, { "writev", 0, 0 },
};
static struct rule	 rules[FAULT_MAX];
static size_t		 nrules;

static struct call	*call_find(const char *);
static struct rule	*rule_new(const char *, unsigned int, unsigned int);
static int		 rule_hits(const struct rule *, const struct call *);
static int		 fault(const char *);
static size_t		 cut(const char *, size_t);
static int		 cut_iov(const char *, const struct iovec *, size_t,
			    struct iovec *);
static int		 error_number(const char *);
static void		 parse_rule(char *);
static void		 fault_init(void) __attribute__((constructor));

static struct call *
call_find(const char *name)
{
	size_t	 i;

	for (i = 0; i < nitems(calls); i++)
		if (strcmp(calls[i].name, name) == 0)
			return (&calls[i]);
	errx(1, "sys_fault: no such call: %s", name);
}

static struct rule *
rule_new(const char *name, unsigned int first, unsigned int count)
{
	struct call	*c;
	struct rule	*r;

	c = call_find(name);
	if (nrules == nitems(rules))
		errx(1, "sys_fault: too many faults");
	if (first == 0)
		errx(1, "sys_fault: %s: the first call is 1", name);
	r = &rules[nrules++];
	r->name = c->name;
	r->first = c->calls + first;
	r->count = count;
	r->error = 0;
	r->bytes = 0;
	return (r);
}

void
sys_fault_set(const char *name, int error, unsigned int first,
    unsigned int count)
{
	rule_new(name, first, count)->error = error;
}

void
sys_fault_short(const char *name, size_t bytes)
{
	size_t	 i;

	for (i = 0; i < nrules; i++)
		if (rules[i].error == 0 && strcmp(rules[i].name, name) == 0)
			rules[i].bytes = 0;
	if (bytes > 0)
		rule_new(name, 1, 0)->bytes = bytes;
}

unsigned int
sys_fault_calls(const char *name)
{
	return (call_find(name)->calls);
}

unsigned int
sys_fault_hits(const char *name)
{
	return (call_find(name)->hits);
}

void
sys_fault_reset(void)
{
	size_t	 i;

	nrules = 0;
	for (i = 0; i < nitems(calls); i++)
		calls[i].calls = calls[i].hits = 0;
}

static int
rule_hits(const struct rule *r, const struct call *c)
{
	if (strcmp(r->name, c->name) != 0 || c->calls < r->first)
		return (0);
	return (r->count == 0 || c->calls - r->first < r->count);
}

/* Count the call; 1 with errno if it is to fail. */
static int
fault(const char *name)
{
	struct call	*c;
	size_t		 i;

	c = call_find(name);
	c->calls++;
	for (i = 0; i < nrules; i++) {
		if (rules[i].error == 0 || !rule_hits(&rules[i], c))
			continue;
		c->hits++;
		errno = rules[i].error;
		return (1);
	}
	return (0);
}

/* How many of len bytes the call that was just counted may move. */
static size_t
cut(const char *name, size_t len)
{
	struct call	*c;
	size_t		 i;

	c = call_find(name);
	for (i = 0; i < nrules; i++)
		if (rules[i].bytes > 0 && rules[i].bytes < len &&
		    rule_hits(&rules[i], c))
			len = rules[i].bytes;
	return (len);
}

/* The same for a vector: a copy without what is too much. */
static int
cut_iov(const char *name, const struct iovec *iov, size_t iovcnt,
    struct iovec *out)
{
	size_t	 i, left;

	if (iovcnt > IOV_MAX)
		iovcnt = IOV_MAX;
	left = cut(name, SIZE_MAX);
	for (i = 0; i < iovcnt && left > 0; i++) {
		out[i] = iov[i];
		if (out[i].iov_len > left)
			out[i].iov_len = left;
		left -= out[i].iov_len;
	}
	return (i);
}

static const struct {
	const char	*name;
	int		 error;
} errors[] = {
#define E(e)	{ #e, e }
	E(EACCES), E(EADDRINUSE), E(EADDRNOTAVAIL), E(EAFNOSUPPORT),
	E(EAGAIN), E(EBADF), E(EBUSY), E(ECHILD),
	E(ECONNABORTED), E(ECONNREFUSED), E(ECONNRESET), E(EDQUOT),
	E(EEXIST), E(EFBIG), E(EINTR), E(EINVAL), E(EIO), E(EISDIR),
	E(ELOOP), E(EMFILE), E(EMLINK), E(EMSGSIZE), E(ENAMETOOLONG),
	E(ENFILE), E(ENOBUFS), E(ENOENT), E(ENOEXEC), E(ENOMEM), E(ENOSPC),
	E(ENOSYS), E(ENOTDIR), E(EPERM), E(EPIPE), E(EROFS), E(ESRCH),
	E(ESTALE), E(ETIMEDOUT), E(ETOOMANYREFS), E(ETXTBSY), E(EXDEV),
	E(E2BIG),
#undef E
};

static int
error_number(const char *name)
{
	const char	*errstr;
	size_t		 i;
	int		 n;

	for (i = 0; i < nitems(errors); i++)
		if (strcmp(errors[i].name, name) == 0)
			return (errors[i].error);
	n = strtonum(name, 1, 4095, &errstr);
	if (errstr != NULL)
		errx(1, "PM2D_FAULT: errno %s is %s", name, errstr);
	return (n);
}

/* [program/]name:error:first:count */
static void
parse_rule(char *text)
{
	struct rule	*r;
	const char	*errstr1, *errstr2;
	char		*field[4], *p;
	unsigned int	 count, first;
	size_t		 i;

	if ((p = strchr(text, '/')) != NULL) {
		*p++ = '\0';
		if (strcmp(text, program_invocation_short_name) != 0)
			return;
		text = p;
	}
	for (i = 0; i < nitems(field); i++)
		if ((field[i] = strsep(&text, ":")) == NULL)
			errx(1, "PM2D_FAULT: name:error:first:count");
	first = strtonum(field[2], 1, UINT_MAX / 2, &errstr1);
	count = strtonum(field[3], 0, UINT_MAX, &errstr2);
	if (errstr1 != NULL || errstr2 != NULL || text != NULL)
		errx(1, "PM2D_FAULT: %s: bad numbers", field[0]);

	r = rule_new(field[0], first, count);
	if (strncmp(field[1], "SHORT=", 6) == 0) {
		r->bytes = strtonum(field[1] + 6, 1, INT_MAX, &errstr1);
		if (errstr1 != NULL)
			errx(1, "PM2D_FAULT: %s is %s", field[1], errstr1);
	} else
		r->error = error_number(field[1]);
}

static void
fault_init(void)
{
	const char	*env;
	char		*copy, *next, *text;

	if ((env = getenv("PM2D_FAULT")) == NULL || *env == '\0')
		return;
	if ((copy = next = strdup(env)) == NULL)
		err(1, NULL);
	while ((text = strsep(&next, ",")) != NULL)
		if (*text != '\0')
			parse_rule(text);
	free(copy);
}

ssize_t
sys_read(int fd, void *buf, size_t len)
{
	if (fault("read"))
		return (-1);
	return (read(fd, buf, cut("read", len)));
}

ssize_t
sys_pread(int fd, void *buf, size_t len, off_t off)
{
	if (fault("pread"))
		return (-1);
	return (pread(fd, buf, cut("pread", len), off));
}

ssize_t
sys_write(int fd, const void *buf, size_t len)
{
	if (fault("write"))
		return (-1);
	return (write(fd, buf, cut("write", len)));
}

ssize_t
sys_writev(int fd, const struct iovec *iov, int iovcnt)
{
	struct iovec	 out[IOV_MAX];

	if (fault("writev"))
		return (-1);
	if (iovcnt < 0 || iovcnt > IOV_MAX)
		return (writev(fd, iov, iovcnt));
	return (writev(fd, out, cut_iov("writev", iov, iovcnt, out)));
}

ssize_t
sys_sendmsg(int fd, const struct msghdr *msg, int flags)
{
	struct iovec	 iov[IOV_MAX];
	struct msghdr	 m = *msg;

	if (fault("sendmsg"))
		return (-1);
	m.msg_iovlen = cut_iov("sendmsg", m.msg_iov, m.msg_iovlen, iov);
	m.msg_iov = iov;
	return (sendmsg(fd, &m, flags));
}

ssize_t
sys_recvmsg(int fd, struct msghdr *msg, int flags)
{
	struct iovec	 iov[IOV_MAX], *save_iov = msg->msg_iov;
	ssize_t		 ret;
	size_t		 save_iovlen = msg->msg_iovlen;

	if (fault("recvmsg"))
		return (-1);
	msg->msg_iovlen = cut_iov("recvmsg", msg->msg_iov, msg->msg_iovlen,
	    iov);
	msg->msg_iov = iov;
	ret = recvmsg(fd, msg, flags);
	msg->msg_iov = save_iov;
	msg->msg_iovlen = save_iovlen;
	return (ret);
}

int
sys_openat(int dirfd, const char *path, int flags, mode_t mode)
{
	if (fault("openat"))
		return (-1);
	return (openat(dirfd, path, flags, mode));
}

int
sys_fstat(int fd, struct stat *sb)
{
	if (fault("fstat"))
		return (-1);
	return (fstat(fd, sb));
}

int
sys_fstatat(int dirfd, const char *path, struct stat *sb, int flags)
{
	if (fault("fstatat"))
		return (-1);
	return (fstatat(dirfd, path, sb, flags));
}

int
sys_ftruncate(int fd, off_t len)
{
	if (fault("ftruncate"))
		return (-1);
	return (ftruncate(fd, len));
}

int
sys_fchown(int fd, uid_t uid, gid_t gid)
{
	if (fault("fchown"))
		return (-1);
	return (fchown(fd, uid, gid));
}

int
sys_renameat(int fromfd, const char *from, int tofd, const char *to)
{
	if (fault("renameat"))
		return (-1);
	return (renameat(fromfd, from, tofd, to));
}

int
sys_unlinkat(int dirfd, const char *path, int flags)
{
	if (fault("unlinkat"))
		return (-1);
	return (unlinkat(dirfd, path, flags));
}

int
sys_mkdirat(int dirfd, const char *path, mode_t mode)
{
	if (fault("mkdirat"))
		return (-1);
	return (mkdirat(dirfd, path, mode));
}

int
sys_memfd_create(const char *name, unsigned int flags)
{
	if (fault("memfd_create"))
		return (-1);
	return (memfd_create(name, flags));
}

int
sys_fsync(int fd)
{
	if (fault("fsync"))
		return (-1);
	return (fsync(fd));
}

int
sys_fdatasync(int fd)
{
	if (fault("fdatasync"))
		return (-1);
	return (fdatasync(fd));
}

off_t
sys_lseek(int fd, off_t offset, int whence)
{
	if (fault("lseek"))
		return (-1);
	return (lseek(fd, offset, whence));
}

int
sys_fchmodat(int fd, const char *path, mode_t mode, int flags)
{
	if (fault("fchmodat"))
		return (-1);
	return (fchmodat(fd, path, mode, flags));
}

int
sys_socket(int domain, int type, int protocol)
{
	if (fault("socket"))
		return (-1);
	return (socket(domain, type, protocol));
}

int
sys_bind(int fd, const struct sockaddr *sa, socklen_t len)
{
	if (fault("bind"))
		return (-1);
	return (bind(fd, sa, len));
}

int
sys_listen(int fd, int backlog)
{
	if (fault("listen"))
		return (-1);
	return (listen(fd, backlog));
}

int
sys_getsockopt(int fd, int level, int name, void *val, socklen_t *len)
{
	if (fault("getsockopt"))
		return (-1);
	return (getsockopt(fd, level, name, val, len));
}

int
sys_setsockopt(int fd, int level, int name, const void *val,
    socklen_t len)
{
	if (fault("setsockopt"))
		return (-1);
	return (setsockopt(fd, level, name, val, len));
}

int
sys_socketpair(int domain, int type, int protocol, int sv[2])
{
	if (fault("socketpair"))
		return (-1);
	return (socketpair(domain, type, protocol, sv));
}

int
sys_pipe2(int fds[2], int flags)
{
	if (fault("pipe2"))
		return (-1);
	return (pipe2(fds, flags));
}

int
sys_accept4(int fd, struct sockaddr *sa, socklen_t *salen, int flags)
{
	if (fault("accept4"))
		return (-1);
	return (accept4(fd, sa, salen, flags));
}

int
sys_connect(int fd, const struct sockaddr *sa, socklen_t salen)
{
	if (fault("connect"))
		return (-1);
	return (connect(fd, sa, salen));
}

int
sys_dup3(int oldfd, int newfd, int flags)
{
	if (fault("dup3"))
		return (-1);
	return (dup3(oldfd, newfd, flags));
}

int
sys_fcntl_dupfd(int fd, int lowest)
{
	if (fault("fcntl_dupfd"))
		return (-1);
	return (fcntl(fd, F_DUPFD_CLOEXEC, lowest));
}

int
sys_fcntl_setfd(int fd, int flags)
{
	if (fault("fcntl_setfd"))
		return (-1);
	return (fcntl(fd, F_SETFD, flags));
}

int
sys_fcntl_getfl(int fd)
{
	if (fault("fcntl_getfl"))
		return (-1);
	return (fcntl(fd, F_GETFL));
}

int
sys_fcntl_setfl(int fd, int flags)
{
	if (fault("fcntl_setfl"))
		return (-1);
	return (fcntl(fd, F_SETFL, flags));
}

int
sys_close_range(unsigned int first, unsigned int last, unsigned int flags)
{
	if (fault("close_range"))
		return (-1);
	return ((int)syscall(SYS_close_range, first, last, flags));
}

pid_t
sys_fork(void)
{
	if (fault("fork"))
		return (-1);
	return (fork());
}

pid_t
sys_clone(unsigned long flags)
{
	if (fault("clone"))
		return (-1);
	return ((pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL));
}

pid_t
sys_clone3(struct clone_args *args, size_t len)
{
	if (fault("clone3"))
		return (-1);
	return ((pid_t)syscall(SYS_clone3, args, len));
}

int
sys_chdir(const char *path)
{
	if (fault("chdir"))
		return (-1);
	return (chdir(path));
}

int
sys_setgroups(size_t n, const gid_t *groups)
{
	if (fault("setgroups"))
		return (-1);
	return (setgroups(n, groups));
}

int
sys_setresgid(gid_t r, gid_t e, gid_t s)
{
	if (fault("setresgid"))
		return (-1);
	return (setresgid(r, e, s));
}

int
sys_setresuid(uid_t r, uid_t e, uid_t s)
{
	if (fault("setresuid"))
		return (-1);
	return (setresuid(r, e, s));
}

int
sys_setrlimit(int which, const struct rlimit *rl)
{
	if (fault("setrlimit"))
		return (-1);
	return (setrlimit(which, rl));
}

int
sys_execve(const char *path, char *const argv[], char *const envp[])
{
	if (fault("execve"))
		return (-1);
	return (execve(path, argv, envp));
}

int
sys_waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	if (fault("waitid"))
		return (-1);
	return (waitid(type, id, info, options));
}

int
sys_kill(pid_t pid, int sig)
{
	if (fault("kill"))
		return (-1);
	return (kill(pid, sig));
}

int
sys_timerfd_create(int clock, int flags)
{
	if (fault("timerfd_create"))
		return (-1);
	return (timerfd_create(clock, flags));
}

int
sys_timerfd_settime(int fd, int flags, const struct itimerspec *new,
    struct itimerspec *old)
{
	if (fault("timerfd_settime"))
		return (-1);
	return (timerfd_settime(fd, flags, new, old));
}

int
sys_pidfd_open(pid_t pid, unsigned int flags)
{
	if (fault("pidfd_open"))
		return (-1);
	return ((int)syscall(SYS_pidfd_open, pid, flags));
}

int
sys_pidfd_send_signal(int pidfd, int sig, siginfo_t *info, unsigned int flags)
{
	if (fault("pidfd_send_signal"))
		return (-1);
	return ((int)syscall(SYS_pidfd_send_signal, pidfd, sig, info, flags));
}

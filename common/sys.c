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
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "sys.h"

ssize_t
sys_read(int fd, void *buf, size_t len)
{
	return (read(fd, buf, len));
}

ssize_t
sys_pread(int fd, void *buf, size_t len, off_t off)
{
	return (pread(fd, buf, len, off));
}

ssize_t
sys_write(int fd, const void *buf, size_t len)
{
	return (write(fd, buf, len));
}

ssize_t
sys_writev(int fd, const struct iovec *iov, int iovcnt)
{
	return (writev(fd, iov, iovcnt));
}

ssize_t
sys_sendmsg(int fd, const struct msghdr *msg, int flags)
{
	return (sendmsg(fd, msg, flags));
}

ssize_t
sys_recvmsg(int fd, struct msghdr *msg, int flags)
{
	return (recvmsg(fd, msg, flags));
}

int
sys_openat(int dirfd, const char *path, int flags, mode_t mode)
{
	return (openat(dirfd, path, flags, mode));
}

int
sys_fstat(int fd, struct stat *sb)
{
	return (fstat(fd, sb));
}

int
sys_fstatat(int dirfd, const char *path, struct stat *sb, int flags)
{
	return (fstatat(dirfd, path, sb, flags));
}

int
sys_ftruncate(int fd, off_t len)
{
	return (ftruncate(fd, len));
}

int
sys_fchown(int fd, uid_t uid, gid_t gid)
{
	return (fchown(fd, uid, gid));
}

int
sys_renameat(int fromfd, const char *from, int tofd, const char *to)
{
	return (renameat(fromfd, from, tofd, to));
}

int
sys_unlinkat(int dirfd, const char *path, int flags)
{
	return (unlinkat(dirfd, path, flags));
}

int
sys_mkdirat(int dirfd, const char *path, mode_t mode)
{
	return (mkdirat(dirfd, path, mode));
}

int
sys_memfd_create(const char *name, unsigned int flags)
{
	return (memfd_create(name, flags));
}

int
sys_fsync(int fd)
{
	return (fsync(fd));
}

int
sys_fdatasync(int fd)
{
	return (fdatasync(fd));
}

off_t
sys_lseek(int fd, off_t offset, int whence)
{
	return (lseek(fd, offset, whence));
}

int
sys_fchmodat(int fd, const char *path, mode_t mode, int flags)
{
	return (fchmodat(fd, path, mode, flags));
}

int
sys_socket(int domain, int type, int protocol)
{
	return (socket(domain, type, protocol));
}

int
sys_bind(int fd, const struct sockaddr *sa, socklen_t len)
{
	return (bind(fd, sa, len));
}

int
sys_listen(int fd, int backlog)
{
	return (listen(fd, backlog));
}

int
sys_getsockopt(int fd, int level, int name, void *val, socklen_t *len)
{
	return (getsockopt(fd, level, name, val, len));
}

int
sys_setsockopt(int fd, int level, int name, const void *val,
    socklen_t len)
{
	return (setsockopt(fd, level, name, val, len));
}

int
sys_socketpair(int domain, int type, int protocol, int sv[2])
{
	return (socketpair(domain, type, protocol, sv));
}

int
sys_pipe2(int fds[2], int flags)
{
	return (pipe2(fds, flags));
}

int
sys_accept4(int fd, struct sockaddr *sa, socklen_t *salen, int flags)
{
	return (accept4(fd, sa, salen, flags));
}

int
sys_connect(int fd, const struct sockaddr *sa, socklen_t salen)
{
	return (connect(fd, sa, salen));
}

int
sys_dup3(int oldfd, int newfd, int flags)
{
	return (dup3(oldfd, newfd, flags));
}

int
sys_fcntl_dupfd(int fd, int lowest)
{
	return (fcntl(fd, F_DUPFD_CLOEXEC, lowest));
}

int
sys_fcntl_setfd(int fd, int flags)
{
	return (fcntl(fd, F_SETFD, flags));
}

int
sys_fcntl_getfl(int fd)
{
	return (fcntl(fd, F_GETFL));
}

int
sys_fcntl_setfl(int fd, int flags)
{
	return (fcntl(fd, F_SETFL, flags));
}

int
sys_close_range(unsigned int first, unsigned int last, unsigned int flags)
{
	return ((int)syscall(SYS_close_range, first, last, flags));
}

pid_t
sys_fork(void)
{
	return (fork());
}

/* Without a stack of its own the child goes on where it is: a fork. */
pid_t
sys_clone(unsigned long flags)
{
	return ((pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL));
}

pid_t
sys_clone3(struct clone_args *args, size_t len)
{
	return ((pid_t)syscall(SYS_clone3, args, len));
}

int
sys_chdir(const char *path)
{
	return (chdir(path));
}

int
sys_setgroups(size_t n, const gid_t *groups)
{
	return (setgroups(n, groups));
}

int
sys_setresgid(gid_t r, gid_t e, gid_t s)
{
	return (setresgid(r, e, s));
}

int
sys_setresuid(uid_t r, uid_t e, uid_t s)
{
	return (setresuid(r, e, s));
}

int
sys_setrlimit(int which, const struct rlimit *rl)
{
	return (setrlimit(which, rl));
}

int
sys_execve(const char *path, char *const argv[], char *const envp[])
{
	return (execve(path, argv, envp));
}

int
sys_waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	return (waitid(type, id, info, options));
}

int
sys_kill(pid_t pid, int sig)
{
	return (kill(pid, sig));
}

int
sys_timerfd_create(int clock, int flags)
{
	return (timerfd_create(clock, flags));
}

int
sys_timerfd_settime(int fd, int flags, const struct itimerspec *new,
    struct itimerspec *old)
{
	return (timerfd_settime(fd, flags, new, old));
}

int
sys_pidfd_open(pid_t pid, unsigned int flags)
{
	return ((int)syscall(SYS_pidfd_open, pid, flags));
}

int
sys_pidfd_send_signal(int pidfd, int sig, siginfo_t *info, unsigned int flags)
{
	return ((int)syscall(SYS_pidfd_send_signal, pidfd, sig, info, flags));
}

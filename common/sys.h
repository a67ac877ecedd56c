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
 * The system calls on a daemon's path.  This is a seam for the linker: the
 * product takes these from sys.c, where each is the call and nothing else; a
 * test that wants to see one of them fail links another object that defines
 * all of them.  Hence no macros and no inline functions here, and whoever
 * adds a call adds it to both.
 */
#ifndef PM2D_SYS_H
#define PM2D_SYS_H

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <signal.h>
#include <stddef.h>

struct clone_args;
struct itimerspec;
struct rlimit;

/* bytes */
ssize_t	 sys_read(int, void *, size_t);
ssize_t	 sys_pread(int, void *, size_t, off_t);
ssize_t	 sys_write(int, const void *, size_t);
ssize_t	 sys_writev(int, const struct iovec *, int);
ssize_t	 sys_sendmsg(int, const struct msghdr *, int);
ssize_t	 sys_recvmsg(int, struct msghdr *, int);

/* files */
int	 sys_openat(int, const char *, int, mode_t);
int	 sys_fstat(int, struct stat *);
int	 sys_fstatat(int, const char *, struct stat *, int);
int	 sys_ftruncate(int, off_t);
int	 sys_fchown(int, uid_t, gid_t);
int	 sys_fchmodat(int, const char *, mode_t, int);
int	 sys_renameat(int, const char *, int, const char *);
int	 sys_unlinkat(int, const char *, int);
int	 sys_mkdirat(int, const char *, mode_t);
int	 sys_memfd_create(const char *, unsigned int);
int	 sys_fsync(int);
int	 sys_fdatasync(int);
off_t	 sys_lseek(int, off_t, int);

/* descriptors */
int	 sys_socket(int, int, int);
int	 sys_socketpair(int, int, int, int [2]);
int	 sys_pipe2(int [2], int);
int	 sys_bind(int, const struct sockaddr *, socklen_t);
int	 sys_listen(int, int);
int	 sys_getsockopt(int, int, int, void *, socklen_t *);
int	 sys_setsockopt(int, int, int, const void *, socklen_t);
int	 sys_accept4(int, struct sockaddr *, socklen_t *, int);
int	 sys_connect(int, const struct sockaddr *, socklen_t);
int	 sys_dup3(int, int, int);
int	 sys_fcntl_dupfd(int, int);	/* not below; close-on-exec */
int	 sys_fcntl_setfd(int, int);
int	 sys_fcntl_getfl(int);
int	 sys_fcntl_setfl(int, int);
int	 sys_close_range(unsigned int, unsigned int, unsigned int);

/* time */
int	 sys_timerfd_create(int, int);
int	 sys_timerfd_settime(int, int, const struct itimerspec *,
	    struct itimerspec *);

/* processes */
pid_t	 sys_fork(void);
pid_t	 sys_clone(unsigned long);		/* these flags; as fork(2) */
pid_t	 sys_clone3(struct clone_args *, size_t);	/* as fork(2): 0 or pid */
int	 sys_chdir(const char *);
int	 sys_setgroups(size_t, const gid_t *);
int	 sys_setresgid(gid_t, gid_t, gid_t);
int	 sys_setresuid(uid_t, uid_t, uid_t);
int	 sys_setrlimit(int, const struct rlimit *);
int	 sys_execve(const char *, char *const [], char *const []);
int	 sys_waitid(idtype_t, id_t, siginfo_t *, int);
int	 sys_kill(pid_t, int);
int	 sys_pidfd_open(pid_t, unsigned int);
int	 sys_pidfd_send_signal(int, int, siginfo_t *, unsigned int);

#endif /* PM2D_SYS_H */

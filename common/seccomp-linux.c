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
 * Seccomp: which system calls there are.  Calls come in groups with the names
 * that pledge(2) gives to such things, and a profile is a list of groups, so
 * that it reads like a pledge.  The groups were measured with strace and not
 * guessed; a build with -DSANDBOX_TRAP names every call that a profile lacks.
 *
 *	in a group	allowed, some with a look at an argument
 *	soft		EACCES: libraries try these and go on
 *	fatals		the process is killed: this is an attack
 *	others		ENOSYS: a newer libc then does it the old way
 */

#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "filter-linux.h"
#include "sandbox-linux.h"
#include "seccomp-linux.h"

#ifdef __x86_64__
#define RESULT_REG(uc)	((uc)->uc_mcontext.gregs[REG_RAX])
#else
#define RESULT_REG(uc)	((uc)->uc_mcontext.regs[0])
#endif

/* The sanitizers' runtime calls what no profile of ours would contain. */
#if defined(__SANITIZE_ADDRESS__)
#define WITH_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_SANITIZER
#endif
#endif

/* A debugging build says what it refuses; otherwise it just happens. */
#ifdef SANDBOX_TRAP
#define REFUSE(error)	(SECCOMP_RET_TRAP | (error))
#define KILL		SECCOMP_RET_TRAP
#else
#define REFUSE(error)	(SECCOMP_RET_ERRNO | (error))
#define KILL		SECCOMP_RET_KILL_PROCESS
#endif

/* What is looked at before a call of a group is allowed. */
enum check {
	ANY,
	NOEXEC,		/* third argument without PROT_EXEC */
	SELF,		/* first argument is our own process */
	FCNTL,		/* second argument is one of these commands */
	IOCTL,
	SOCKLEVEL,	/* second argument is one of these levels */
	INET,		/* first argument is one of these families */
	RDONLY		/* third argument neither writes nor makes */
};

struct rule {
	int		 nr;
	enum check	 check;
};

/*
 * "stdio": memory, time, and what can be done with descriptors that are here
 * already.  A signal can be sent to ourselves only: that is abort(3).
 */
static const struct rule stdio[] = {
	{ NR(read),		ANY },
	{ NR(write),		ANY },
	{ NR(readv),		ANY },
	{ NR(writev),		ANY },
	{ NR(close),		ANY },
	{ NR(fcntl),		FCNTL },
	{ NR(ioctl),		IOCTL },
	{ NR(fstat),		ANY },
	{ NR(lseek),		ANY },
	{ NR(brk),		ANY },
	{ NR(mmap),		NOEXEC },
	{ NR(mprotect),		NOEXEC },
	{ NR(munmap),		ANY },
	{ NR(mremap),		ANY },
	{ NR(madvise),		ANY },
	{ NR(futex),		ANY },
	{ NR(getrandom),	ANY },		/* arc4random(3) */
	{ NR(clock_gettime),	ANY },		/* mostly in the vdso */
	{ NR(clock_nanosleep),	ANY },
	{ NR(gettimeofday),	ANY },
	{ NR(nanosleep),	ANY },
	{ NR(restart_syscall),	ANY },		/* after a SIGSTOP */
	{ NR(rt_sigaction),	ANY },
	{ NR(rt_sigprocmask),	ANY },
	{ NR(rt_sigreturn),	ANY },
	{ NR(sigaltstack),	ANY },
	{ NR(sysinfo),		ANY },		/* qsort(3) asks for memory */
	{ NR(getpid),		ANY },
	{ NR(getppid),		ANY },
	{ NR(gettid),		ANY },
	{ NR(getuid),		ANY },
	{ NR(geteuid),		ANY },
	{ NR(getgid),		ANY },
	{ NR(getegid),		ANY },
	{ NR(kill),		SELF },
	{ NR(tgkill),		SELF },
	{ NR(exit),		ANY },
	{ NR(exit_group),	ANY }
};

/* The event loop: libevent's epoll, its timers and its signals. */
static const struct rule events[] = {
	{ NR(epoll_wait),	ANY },
	{ NR(epoll_pwait),	ANY },
	{ NR(epoll_pwait2),	ANY },
	{ NR(epoll_ctl),	ANY },
	{ NR(timerfd_settime),	ANY },
	{ NR(poll),		ANY },		/* arc4random(3) */
	{ NR(ppoll),		ANY }
};

/* "sendfd recvfd": imsg, and sockets that somebody connected for us. */
static const struct rule fdpass[] = {
	{ NR(recvmsg),		ANY },
	{ NR(sendmsg),		ANY },
	{ NR(shutdown),		ANY },
	{ NR(getsockopt),	ANY }		/* SO_ERROR, SO_PEERCRED */
};

/* "rpath wpath cpath": log files; landlock says below which directories. */
static const struct rule logfiles[] = {
	{ NR(openat),		ANY },
	{ NR(newfstatat),	ANY },		/* fstat(3) is this, too */
	{ NR(statx),		ANY },		/* or this on new systems */
	{ NR(renameat),		ANY },
	{ NR(unlinkat),		ANY },
	{ NR(ftruncate),	ANY },
	{ NR(pread64),		ANY }
};

/* "inet" without connect and bind: the listener was passed to us. */
static const struct rule accepts[] = {
	{ NR(accept4),		ANY },
	{ NR(accept),		ANY },
	{ NR(getsockname),	ANY },
	{ NR(getpeername),	ANY },
	{ NR(setsockopt),	SOCKLEVEL },
	{ NR(recvfrom),		ANY },
	{ NR(sendto),		ANY }
};

/*
 * What the engine does with sockets: it takes connections and passes them on,
 * and neither reads them nor changes anything about them.  The last two are
 * for its twin, which has to know a connection when it sees one.
 */
static const struct rule hands[] = {
	{ NR(recvmsg),		ANY },
	{ NR(sendmsg),		ANY },
	{ NR(accept4),		ANY },
	{ NR(getsockopt),	ANY },
	{ NR(getsockname),	ANY }
};

/* "rpath", and to be told what happens there. */
static const struct rule watches[] = {
	{ NR(openat),		RDONLY },
	{ NR(newfstatat),	ANY },
	{ NR(statx),		ANY },
	{ NR(getdents64),	ANY },
	{ NR(inotify_init1),	ANY },
	{ NR(inotify_add_watch), ANY },
	{ NR(inotify_rm_watch),	ANY }
};

/* "inet" without bind: ask others, and serve nobody. */
static const struct rule connects[] = {
	{ NR(socket),		INET },
	{ NR(connect),		ANY },
	{ NR(setsockopt),	SOCKLEVEL },
	{ NR(recvfrom),		ANY },
	{ NR(sendto),		ANY }
};

/*
 * Libraries try these when they could be of use (time zones, name services,
 * statistics) and do without when they may not.
 */
static const int soft[] = {
	NR(open), NR(openat), NR(openat2), NR(creat),
	NR(stat), NR(lstat), NR(newfstatat), NR(statx), NR(statfs),
	NR(access), NR(faccessat), NR(faccessat2),
	NR(readlink), NR(readlinkat), NR(getcwd),
	NR(rename), NR(renameat), NR(renameat2), NR(unlink), NR(unlinkat),
	NR(mkdir), NR(mkdirat), NR(rmdir), NR(link), NR(linkat),
	NR(symlink), NR(symlinkat), NR(mknod), NR(mknodat),
	NR(truncate), NR(chmod), NR(fchmodat), NR(chown), NR(lchown),
	NR(fchown), NR(fchownat), NR(utimensat), NR(chdir), NR(fchdir),
	NR(socket), NR(connect), NR(bind), NR(listen)
};

/*
 * No code of ours and no library calls these in a running daemon: whoever
 * does is somebody else.
 */
static const int fatals[] = {
	/* other programs and processes */
	NR(execve), NR(execveat), NR(fork), NR(vfork), NR(clone), NR(clone3),
	NR(ptrace), NR(process_vm_readv), NR(process_vm_writev),
	NR(process_madvise), NR(pidfd_getfd), NR(kcmp),
	/* other users */
	NR(setuid), NR(setgid), NR(setreuid), NR(setregid), NR(setresuid),
	NR(setresgid), NR(setfsuid), NR(setfsgid), NR(setgroups), NR(capset),
	/* another view of the system */
	NR(chroot), NR(pivot_root), NR(mount), NR(umount2), NR(move_mount),
	NR(open_tree), NR(fsopen), NR(fsmount), NR(fsconfig), NR(fspick),
	NR(mount_setattr), NR(unshare), NR(setns), NR(open_by_handle_at),
	NR(name_to_handle_at), NR(personality),
	/* ways around the filter, and the usual attack surface */
	NR(io_uring_setup), NR(io_uring_enter), NR(io_uring_register),
	NR(bpf), NR(userfaultfd), NR(perf_event_open), NR(keyctl),
	NR(add_key), NR(request_key), NR(io_setup), NR(io_submit),
	/* the machine */
	NR(init_module), NR(finit_module), NR(delete_module), NR(kexec_load),
	NR(kexec_file_load), NR(reboot), NR(swapon), NR(swapoff), NR(acct),
	NR(iopl), NR(ioperm), NR(settimeofday), NR(clock_settime),
	NR(adjtimex), NR(sethostname), NR(setdomainname), NR(quotactl)
};

#define GROUP(g)	{ g, sizeof(g) / sizeof((g)[0]) }

struct group {
	const struct rule	*rules;
	size_t			 n;
};

/* Events first: each call costs a comparison per rule before its own. */
static const struct group	 logd[] = {
	GROUP(events), GROUP(stdio), GROUP(fdpass), GROUP(logfiles)
};
static const struct group	 engine[] = {
	GROUP(events), GROUP(hands), GROUP(stdio)
};
static const struct group	 webd[] = {
	GROUP(events), GROUP(stdio), GROUP(fdpass), GROUP(accepts)
};
static const struct group	 watch[] = {
	GROUP(events), GROUP(stdio), GROUP(fdpass), GROUP(watches)
};
static const struct group	 probe[] = {
	GROUP(events), GROUP(stdio), GROUP(fdpass), GROUP(connects)
};

static const struct group	 conf[] = {
	GROUP(events), GROUP(stdio), GROUP(fdpass)
};

static const struct {
	const struct group	*groups;
	size_t			 n;
} profiles[] = {
	[SANDBOX_LOGD] = { logd, sizeof(logd) / sizeof(logd[0]) },
	[SANDBOX_ENGINE] = { engine, sizeof(engine) / sizeof(engine[0]) },
	[SANDBOX_WEBD] = { webd, sizeof(webd) / sizeof(webd[0]) },
	[SANDBOX_CONF] = { conf, sizeof(conf) / sizeof(conf[0]) },
	[SANDBOX_WATCH] = { watch, sizeof(watch) / sizeof(watch[0]) },
	[SANDBOX_PROBE] = { probe, sizeof(probe) / sizeof(probe[0]) }
};

/* Arguments that pass, compared by their low words: the kernel takes ints. */
static const uint32_t	 fcntls[] = {
	F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC,
	F_GETPIPE_SZ, F_SETPIPE_SZ
};
static const uint32_t	 ioctls[] = { FIONREAD, TIOCOUTQ };
static const uint32_t	 levels[] = { SOL_SOCKET, IPPROTO_TCP };
static const uint32_t	 families[] = { AF_INET, AF_INET6 };

#define CHANGES		(O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND)

static void	 allow(struct filter *, const struct rule *);
static void	 allow_without(struct filter *, uint32_t, uint32_t);
static void	 allow_values(struct filter *, uint32_t, uint32_t,
		    const uint32_t *, size_t, uint32_t);
static int	 build(struct filter *, enum sandbox_profile);
#ifdef SANDBOX_TRAP
static int	 trap_init(void);
static void	 trapped(int, siginfo_t *, void *);
#endif

int
seccomp_enter(enum sandbox_profile profile)
{
	static struct filter	 prog;

	if (build(&prog, profile) == -1)
		return (-1);
#ifdef SANDBOX_TRAP
	if (trap_init() == -1)
		return (-1);
#endif
#ifdef WITH_SANITIZER
	errno = ENOSYS;
	return (-1);
#else
	return (filter_install(&prog));
#endif
}

static int
build(struct filter *prog, enum sandbox_profile profile)
{
	const struct group	*g;
	size_t			 i, j;

	prog->n = 0;
	filter_foreign(prog, KILL);
	for (i = 0; i < profiles[profile].n; i++) {
		g = &profiles[profile].groups[i];
		for (j = 0; j < g->n; j++)
			allow(prog, &g->rules[j]);
	}
	filter_answer(prog, soft, sizeof(soft) / sizeof(soft[0]), REFUSE(EACCES));
	filter_answer(prog, fatals, sizeof(fatals) / sizeof(fatals[0]), KILL);
	filter_return(prog, REFUSE(ENOSYS));
	return (filter_check(prog));
}

/*
 * One rule.  Comes and, when the number is another one, goes with the number
 * in the accumulator.
 */
static void
allow(struct filter *prog, const struct rule *rule)
{
	uint32_t	 nr, self;

	if (rule->nr == NR_NONE)
		return;
	nr = (uint32_t)rule->nr;
	switch (rule->check) {
	case ANY:
		filter_append(prog, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, nr);
		filter_return(prog, SECCOMP_RET_ALLOW);
		break;
	case NOEXEC:
		allow_without(prog, nr, PROT_EXEC);
		break;
	case RDONLY:
		allow_without(prog, nr, CHANGES);
		break;
	case INET:
		allow_values(prog, nr, 0, families,
		    sizeof(families) / sizeof(families[0]), REFUSE(EACCES));
		break;
	case SELF:
		self = (uint32_t)getpid();
		allow_values(prog, nr, 0, &self, 1, REFUSE(EPERM));
		break;
	case FCNTL:
		allow_values(prog, nr, 1, fcntls,
		    sizeof(fcntls) / sizeof(fcntls[0]), REFUSE(EACCES));
		break;
	case IOCTL:
		/* isatty(3) asks anything; this is what files answer. */
		allow_values(prog, nr, 1, ioctls,
		    sizeof(ioctls) / sizeof(ioctls[0]), REFUSE(ENOTTY));
		break;
	case SOCKLEVEL:
		allow_values(prog, nr, 1, levels,
		    sizeof(levels) / sizeof(levels[0]), REFUSE(EACCES));
		break;
	}
}

/*
 * None of these bits in the third argument.  mmap(2), mprotect(2): nothing
 * that can be written becomes code.  openat(2): nothing is changed.
 */
static void
allow_without(struct filter *prog, uint32_t nr, uint32_t bits)
{
	filter_append(prog, BPF_JMP | BPF_JEQ | BPF_K, 0, 4, nr);
	filter_load(prog, FILTER_ARG(2));
	filter_append(prog, BPF_JMP | BPF_JSET | BPF_K, 0, 1, bits);
	filter_return(prog, REFUSE(EACCES));
	filter_return(prog, SECCOMP_RET_ALLOW);
}

/* Argument arg is one of n values (few: a jump spans 255), or otherwise. */
static void
allow_values(struct filter *prog, uint32_t nr, uint32_t arg,
    const uint32_t *values, size_t n, uint32_t otherwise)
{
	size_t	 i;

	filter_append(prog, BPF_JMP | BPF_JEQ | BPF_K, 0, (uint8_t)(n + 3), nr);
	filter_load(prog, FILTER_ARG(arg));
	for (i = 0; i < n; i++)
		filter_append(prog, BPF_JMP | BPF_JEQ | BPF_K, (uint8_t)(n - i), 0,
		    values[i]);
	filter_return(prog, otherwise);
	filter_return(prog, SECCOMP_RET_ALLOW);
}

#ifdef SANDBOX_TRAP
static int
trap_init(void)
{
	struct sigaction	 sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_sigaction = trapped;
	sa.sa_flags = SA_SIGINFO;
	sigemptyset(&sa.sa_mask);
	return (sigaction(SIGSYS, &sa, NULL));
}

/*
 * Say which call it was; then it fails as it would have, or ends us.  A
 * system call's result register is the way to make it fail.
 */
static void
trapped(int sig, siginfo_t *si, void *arg)
{
	char		 line[96];
	ucontext_t	*uc;
	int		 len;

	(void)sig;
	uc = arg;
	len = snprintf(line, sizeof(line),
	    "sandbox: system call %d refused (errno %d)\n", si->si_syscall,
	    si->si_errno);
	if (len > 0 && write(STDERR_FILENO, line, (size_t)len) == -1)
		_exit(1);
	if (si->si_errno == 0)
		_exit(1);
	RESULT_REG(uc) = -si->si_errno;
}
#endif

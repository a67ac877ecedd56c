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
 * System calls of apps in a sandbox.  Unlike our daemons' lists (common/
 * seccomp-linux.c) these name what is refused: which others Node, Python and
 * all that they load will want one day nobody can know.
 */
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <linux/sched.h>

#include <errno.h>

#include "appbox.h"
#include "filter-linux.h"
#include "seccomp-linux.h"

#define REFUSE(error)	(SECCOMP_RET_ERRNO | (error))

#ifndef __NR_quotactl_fd
#define __NR_quotactl_fd	443
#endif
#ifndef __NR_lookup_dcookie
#define __NR_lookup_dcookie	NR_NONE
#endif
#ifndef TIOCLINUX
#define TIOCLINUX	0x541c
#endif

/* Nothing that serves requests does these. */
static const int refused[] = {
	/* other processes */
	NR(ptrace), NR(process_vm_readv), NR(process_vm_writev),
	NR(process_madvise), NR(pidfd_getfd), NR(kcmp),
	/* another view of the system */
	NR(mount), NR(umount2), NR(pivot_root), NR(chroot), NR(move_mount),
	NR(open_tree), NR(fsopen), NR(fsconfig), NR(fsmount), NR(fspick),
	NR(mount_setattr), NR(setns), NR(open_by_handle_at),
	/* code in the kernel, and the usual ways to break it */
	NR(init_module), NR(finit_module), NR(delete_module), NR(bpf),
	NR(perf_event_open), NR(userfaultfd), NR(keyctl), NR(add_key),
	NR(request_key), NR(fanotify_init), NR(lookup_dcookie),
	/* the machine */
	NR(kexec_load), NR(kexec_file_load), NR(reboot), NR(swapon),
	NR(swapoff), NR(settimeofday), NR(clock_settime), NR(adjtimex),
	NR(clock_adjtime), NR(sethostname), NR(setdomainname), NR(acct),
	NR(quotactl), NR(quotactl_fd), NR(syslog), NR(vhangup), NR(iopl),
	NR(ioperm)
};

/*
 * As if there were none: libuv goes back to its threads and libc to clone(2),
 * whose flags can be seen.
 */
static const int missing[] = {
	NR(io_uring_setup), NR(io_uring_enter), NR(io_uring_register),
	NR(clone3)
};

#define NAMESPACES	(CLONE_NEWNS | CLONE_NEWUSER | CLONE_NEWPID | \
			CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | \
			CLONE_NEWCGROUP)

static void	 refuse_bits(struct filter *, int, uint32_t, uint32_t);
static void	 refuse_ioctl(struct filter *, uint32_t);
static void	 choose_sockets(struct filter *, int);

int
appbox_calls(enum appbox_level level)
{
	static struct filter	 f;

	f.n = 0;
	/* Such a program would fail in ways that nobody understands. */
	filter_foreign(&f, SECCOMP_RET_KILL_PROCESS);
	filter_answer(&f, refused, sizeof(refused) / sizeof(refused[0]),
	    REFUSE(EPERM));
	filter_answer(&f, missing, sizeof(missing) / sizeof(missing[0]),
	    REFUSE(ENOSYS));
	refuse_bits(&f, NR(clone), 0, NAMESPACES);
	refuse_bits(&f, NR(unshare), 0, NAMESPACES | CLONE_NEWTIME);
	refuse_ioctl(&f, TIOCSTI);
	refuse_ioctl(&f, TIOCLINUX);
	choose_sockets(&f, level == APPBOX_STRICT);
	filter_return(&f, SECCOMP_RET_ALLOW);
	if (filter_check(&f) == -1)
		return (-1);
	return (filter_install(&f));
}

/* A call with any of these bits in an argument. */
static void
refuse_bits(struct filter *f, int nr, uint32_t arg, uint32_t bits)
{
	filter_append(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 4, (uint32_t)nr);
	filter_load(f, FILTER_ARG(arg));
	filter_append(f, BPF_JMP | BPF_JSET | BPF_K, 0, 1, bits);
	filter_return(f, REFUSE(EPERM));
	filter_load(f, FILTER_NR);
}

/* Typing into a terminal in somebody's name. */
static void
refuse_ioctl(struct filter *f, uint32_t request)
{
	filter_append(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 4,
	    (uint32_t)NR(ioctl));
	filter_load(f, FILTER_ARG(1));
	filter_append(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, request);
	filter_return(f, REFUSE(EPERM));
	filter_load(f, FILTER_NR);
}

/*
 * Of families the four that programs need.  Strictly, of unix sockets only
 * datagrams: to notify us and to log, but not to have pm2d, a bus or a
 * container daemon do what is refused here.
 */
static void
choose_sockets(struct filter *f, int strictly)
{
	filter_append(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 11,
	    (uint32_t)NR(socket));
	filter_load(f, FILTER_ARG(0));
	filter_append(f, BPF_JMP | BPF_JEQ | BPF_K, 7, 0, AF_INET);
	filter_append(f, BPF_JMP | BPF_JEQ | BPF_K, 6, 0, AF_INET6);
	filter_append(f, BPF_JMP | BPF_JEQ | BPF_K, 5, 0, AF_NETLINK);
	filter_append(f, BPF_JMP | BPF_JEQ | BPF_K, strictly ? 0 : 4,
	    strictly ? 5 : 5, AF_UNIX);
	filter_load(f, FILTER_ARG(1));
	filter_append(f, BPF_ALU | BPF_AND | BPF_K, 0, 0, 0xf);
	filter_append(f, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, SOCK_DGRAM);
	filter_return(f, REFUSE(EACCES));
	filter_return(f, SECCOMP_RET_ALLOW);
	filter_return(f, REFUSE(EAFNOSUPPORT));
}

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
 * Numbers of system calls for the tables in seccomp-linux.c: NR_NONE where a
 * machine does not have a call (the younger ones came without the old calls
 * that others replaced), the number itself where only the headers are old.
 */
#ifndef PM2D_SECCOMP_LINUX_H
#define PM2D_SECCOMP_LINUX_H

#include <sys/syscall.h>

#define NR_NONE		(-1)
#define NR(name)	__NR_##name

#ifndef __NR_access
#define __NR_access	NR_NONE
#endif
#ifndef __NR_chmod
#define __NR_chmod	NR_NONE
#endif
#ifndef __NR_chown
#define __NR_chown	NR_NONE
#endif
#ifndef __NR_creat
#define __NR_creat	NR_NONE
#endif
#ifndef __NR_epoll_wait
#define __NR_epoll_wait	NR_NONE
#endif
#ifndef __NR_fork
#define __NR_fork	NR_NONE
#endif
#ifndef __NR_ioperm
#define __NR_ioperm	NR_NONE
#endif
#ifndef __NR_iopl
#define __NR_iopl	NR_NONE
#endif
#ifndef __NR_lchown
#define __NR_lchown	NR_NONE
#endif
#ifndef __NR_link
#define __NR_link	NR_NONE
#endif
#ifndef __NR_lstat
#define __NR_lstat	NR_NONE
#endif
#ifndef __NR_mkdir
#define __NR_mkdir	NR_NONE
#endif
#ifndef __NR_mknod
#define __NR_mknod	NR_NONE
#endif
#ifndef __NR_open
#define __NR_open	NR_NONE
#endif
#ifndef __NR_poll
#define __NR_poll	NR_NONE
#endif
#ifndef __NR_readlink
#define __NR_readlink	NR_NONE
#endif
#ifndef __NR_rename
#define __NR_rename	NR_NONE
#endif
#ifndef __NR_renameat
#define __NR_renameat	NR_NONE
#endif
#ifndef __NR_rmdir
#define __NR_rmdir	NR_NONE
#endif
#ifndef __NR_stat
#define __NR_stat	NR_NONE
#endif
#ifndef __NR_symlink
#define __NR_symlink	NR_NONE
#endif
#ifndef __NR_unlink
#define __NR_unlink	NR_NONE
#endif
#ifndef __NR_vfork
#define __NR_vfork	NR_NONE
#endif

/* From 424 on, all machines count the same. */
#ifndef __NR_open_tree
#define __NR_open_tree	428
#endif
#ifndef __NR_move_mount
#define __NR_move_mount	429
#endif
#ifndef __NR_fsopen
#define __NR_fsopen	430
#endif
#ifndef __NR_fsconfig
#define __NR_fsconfig	431
#endif
#ifndef __NR_fsmount
#define __NR_fsmount	432
#endif
#ifndef __NR_fspick
#define __NR_fspick	433
#endif
#ifndef __NR_clone3
#define __NR_clone3	435
#endif
#ifndef __NR_openat2
#define __NR_openat2	437
#endif
#ifndef __NR_pidfd_getfd
#define __NR_pidfd_getfd	438
#endif
#ifndef __NR_faccessat2
#define __NR_faccessat2	439
#endif
#ifndef __NR_process_madvise
#define __NR_process_madvise	440
#endif
#ifndef __NR_epoll_pwait2
#define __NR_epoll_pwait2	441
#endif
#ifndef __NR_mount_setattr
#define __NR_mount_setattr	442
#endif

#endif /* PM2D_SECCOMP_LINUX_H */

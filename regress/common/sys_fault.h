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
 * System calls that fail when asked to: link sys_fault.o before libcommon.a.
 *
 * In a daemon the environment variable PM2D_FAULT asks, read once at the
 * start: "clone3:EAGAIN:1:1,write:ENOSPC:7:0", that is name of the call,
 * errno by name or number, the first call that fails (1: the next), how many
 * fail (0: all from then on).  "pm2logd/write:ENOSPC:1:1" is for pm2logd
 * only.  "write:SHORT=3:1:0" makes calls move no more than 3 bytes.
 */
#ifndef PM2D_SYS_FAULT_H
#define PM2D_SYS_FAULT_H

#include <stddef.h>

/* Name, errno, first call from now, how many; several for a name add up. */
void		 sys_fault_set(const char *, int, unsigned int, unsigned int);
/* read, pread, write, writev, sendmsg, recvmsg: at most so many bytes; 0: all. */
void		 sys_fault_short(const char *, size_t);
/* Calls of that name since the start or sys_fault_reset(). */
unsigned int	 sys_fault_calls(const char *);
/* How many of them failed on request. */
unsigned int	 sys_fault_hits(const char *);
void		 sys_fault_reset(void);

#endif /* PM2D_SYS_FAULT_H */

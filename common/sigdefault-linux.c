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


#include <sys/syscall.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "sigdefault.h"

#define KERNEL_NSIG	64

/*
 * The kernel's idea of struct sigaction, of which only a zero handler and an
 * empty mask are wanted here: SIG_DFL, no flags, no restorer, 64 bits of
 * mask.  sigaction(3) would not touch signals 32 and 33.
 */
void
signals_default(void)
{
	unsigned long	 sa[8];
	int		 sig;

	memset(sa, 0, sizeof(sa));
	for (sig = 1; sig <= KERNEL_NSIG; sig++)
		(void)syscall(SYS_rt_sigaction, sig, sa, NULL,
		    KERNEL_NSIG / 8);
}

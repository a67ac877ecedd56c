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

#include <sys/prctl.h>

#include <linux/audit.h>

#include <errno.h>
#include <string.h>

#include "filter-linux.h"
#include "seccomp-linux.h"

#if defined(__x86_64__)
#define OUR_ARCH	AUDIT_ARCH_X86_64
#define FOREIGN_BIT	0x40000000	/* x32: other numbers, other checks */
#elif defined(__aarch64__) && !defined(__AARCH64EB__)
#define OUR_ARCH	AUDIT_ARCH_AARCH64
#define FOREIGN_BIT	0
#else
#error "no system call numbers for this machine: build with SANDBOX=null"
#endif

/* Numbers mean something only together with the architecture. */
void
filter_foreign(struct filter *f, uint32_t what)
{
	filter_load(f, (uint32_t)offsetof(struct seccomp_data, arch));
	filter_append(f, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, OUR_ARCH);
	filter_return(f, what);
	filter_load(f, FILTER_NR);
	if (FOREIGN_BIT != 0) {
		filter_append(f, BPF_JMP | BPF_JSET | BPF_K, 0, 1,
		    FOREIGN_BIT);
		filter_return(f, what);
	}
}

void
filter_answer(struct filter *f, const int *list, size_t n, uint32_t what)
{
	size_t	 i;

	for (i = 0; i < n; i++) {
		if (list[i] == NR_NONE)
			continue;
		filter_append(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 1,
		    (uint32_t)list[i]);
		filter_return(f, what);
	}
}

void
filter_load(struct filter *f, uint32_t offset)
{
	filter_append(f, BPF_LD | BPF_W | BPF_ABS, 0, 0, offset);
}

void
filter_return(struct filter *f, uint32_t what)
{
	filter_append(f, BPF_RET | BPF_K, 0, 0, what);
}

/* Counts on when it is full, so that it can be seen that it was. */
void
filter_append(struct filter *f, uint16_t code, uint8_t jt, uint8_t jf,
    uint32_t k)
{
	if (f->n < FILTER_MAX) {
		f->insn[f->n].code = code;
		f->insn[f->n].jt = jt;
		f->insn[f->n].jf = jf;
		f->insn[f->n].k = k;
	}
	f->n++;
}

int
filter_check(const struct filter *f)
{
	if (f->n <= FILTER_MAX)
		return (0);
	errno = E2BIG;
	return (-1);
}

/* Asked for a filter that cannot be, a kernel without says EINVAL. */
int
filter_possible(void)
{
	return (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) ==
	    -1 && errno != EINVAL);
}

int
filter_install(const struct filter *f)
{
	struct sock_fprog	 fprog;

	if (!filter_possible()) {
		errno = ENOSYS;
		return (-1);
	}
	memset(&fprog, 0, sizeof(fprog));
	fprog.filter = (struct sock_filter *)(uintptr_t)f->insn;
	fprog.len = (unsigned short)f->n;
	return (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &fprog, 0, 0));
}

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
 * Seccomp filters, put together rule by rule: each rule finds the number of
 * the system call in the accumulator and leaves it there for the next.
 */
#ifndef PM2D_FILTER_LINUX_H
#define PM2D_FILTER_LINUX_H

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <stddef.h>
#include <stdint.h>

/* Far more than our tables need; filter_check() says when it is not. */
#define FILTER_MAX	1024

struct filter {
	struct sock_filter	 insn[FILTER_MAX];
	size_t			 n;
};

/* Where the number is, and the low word of an argument. */
#define FILTER_NR	((uint32_t)offsetof(struct seccomp_data, nr))
#define FILTER_ARG(n)	((uint32_t)(offsetof(struct seccomp_data, args) + \
			    (n) * sizeof(uint64_t)))

/* The first of all: an answer for calls of another architecture. */
void	 filter_foreign(struct filter *, uint32_t);
/* The same answer for all numbers of a list (NR_NONE: left out). */
void	 filter_answer(struct filter *, const int *, size_t, uint32_t);
/* The parts of a rule. */
void	 filter_append(struct filter *, uint16_t, uint8_t, uint8_t, uint32_t);
void	 filter_load(struct filter *, uint32_t);
void	 filter_return(struct filter *, uint32_t);

/* 0, or -1 with errno: E2BIG it did not fit. */
int	 filter_check(const struct filter *);
/*
 * For this process and what comes of it, for good; wants no_new_privs (or
 * root's rights).  0, or -1 with errno: ENOSYS the kernel has none.
 */
int	 filter_install(const struct filter *);
/* Has it?  1 or 0. */
int	 filter_possible(void);

#endif /* PM2D_FILTER_LINUX_H */

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
 * How the sanitizers behave in the programs of the suite's build: the daemons
 * get an environment made from nothing, so it cannot be said there.
 */

#include <stddef.h>

const char	*__asan_default_options(void);
const char	*__lsan_default_options(void);
const char	*__lsan_default_suppressions(void);
const char	*__ubsan_default_options(void);

/* Apps inherit limits: that of core files is not the sanitizer's to set. */
#define COMMON	"detect_stack_use_after_return=1:disable_coredump=0"

/* In programs of test cases only. */
int	 atf_tp_main(int, char **, void *) __attribute__((weak));

/*
 * A daemon is not dumpable and may be in a sandbox, where leaks cannot be
 * looked for; so that is for the programs of test cases.
 */
const char *
__asan_default_options(void)
{
	if (atf_tp_main != NULL)
		return (COMMON ":detect_leaks=1");
	return (COMMON ":detect_leaks=0:exitcode=99");
}

const char *
__lsan_default_options(void)
{
	return ("print_suppressions=0");
}

/* atf's library frees nothing when it ends. */
const char *
__lsan_default_suppressions(void)
{
	return ("leak:libatf-c\n");
}

const char *
__ubsan_default_options(void)
{
	return ("print_stacktrace=1");
}

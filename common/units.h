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
 * Words of people: durations, sizes, signals.  Pure; each returns 0, or -1
 * and in *errstr why, in words that can stand in a message after the value.
 */
#ifndef PM2D_UNITS_H
#define PM2D_UNITS_H

#include <stdint.h>

/*
 * Digits, and '-' before them, if at all: strtonum(3) without its blanks and
 * '+'.  The error is of a static string, as for all below.
 */
int	 units_number(const char *, long long, long long, long long *,
	    const char **);
/* "1500", "1500ms", "2s", "5m", "1h", "1d" to milliseconds. */
int	 units_duration(const char *, uint64_t *, const char **);
/* "1048576", "10K", "10M", "1G", "10MB", "10MiB" (all 1024) to bytes. */
int	 units_size(const char *, uint64_t *, const char **);
/* "SIGUSR2", "USR2", "usr2", "12" to a signal number of this system. */
int	 units_signal(const char *, int *, const char **);
/* "SIGUSR2", or "signal 40". Never NULL; a static or per-number string. */
const char *units_signame(int);

#endif /* PM2D_UNITS_H */

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

#include <sys/types.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "utf8.h"

/* A line longer than this is cut; with it no message needs memory. */
#define LOG_LINE_MAX	2048

static int	 dest = LOG_TO_STDERR;
static int	 verbose;
static char	 procname[32];

static size_t	 stamp(char *, size_t);
static size_t	 put(char *, size_t, size_t, const char *, ...)
		    __attribute__((format(printf, 4, 5)));
static size_t	 vput(char *, size_t, size_t, const char *, va_list)
		    __attribute__((format(printf, 4, 0)));
static size_t	 visible(char *, size_t, const char *);
static void	 emit(const char *, int, const char *, va_list)
		    __attribute__((format(printf, 3, 0)));

void
log_init(int to, int v)
{
	dest = to;
	verbose = v;
}

void
log_procinit(const char *name)
{
	/* A cut name is good enough to tell processes apart. */
	(void)strlcpy(procname, name, sizeof(procname));
}

void
log_setverbose(int v)
{
	verbose = v;
}

int
log_getverbose(void)
{
	return (verbose);
}

/*
 * What stands before the text: the time in UTC, by own arithmetic, because
 * gmtime_r(3) opens /etc/localtime on first use and a sandbox has no such
 * file.
 */
static size_t
stamp(char *buf, size_t size)
{
	struct timespec	 ts;
	int64_t		 days, era, secs;
	unsigned int	 day, doe, doy, month, mp, year, yoe;

	if (clock_gettime(CLOCK_REALTIME, &ts) == -1 || ts.tv_sec < 0)
		memset(&ts, 0, sizeof(ts));
	days = ts.tv_sec / 86400;
	secs = ts.tv_sec % 86400;

	/* Days to a date of the civil calendar, years beginning in March. */
	days += 719468;
	era = days / 146097;
	doe = (unsigned int)(days - era * 146097);
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	day = doy - (153 * mp + 2) / 5 + 1;
	month = mp < 10 ? mp + 3 : mp - 9;
	year = yoe + (unsigned int)era * 400 + (month <= 2);

	return (put(buf, size, 0, "%04u-%02u-%02uT%02d:%02d:%02d.%03dZ : ",
	    year, month, day, (int)(secs / 3600), (int)(secs / 60 % 60),
	    (int)(secs % 60), (int)(ts.tv_nsec / 1000000)));
}

/* Append at len what fits: the new length, below size. */
static size_t
vput(char *buf, size_t size, size_t len, const char *fmt, va_list ap)
{
	int	 n;

	n = vsnprintf(buf + len, size - len, fmt, ap);
	if (n < 0)
		return (len);
	if ((size_t)n >= size - len)
		return (size - 1);
	return (len + (size_t)n);
}

static size_t
put(char *buf, size_t size, size_t len, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	len = vput(buf, size, len, fmt, ap);
	va_end(ap);
	return (len);
}

/*
 * Text with everything but printable UTF-8 made visible: a name that somebody
 * else chose must not begin a line of its own or steer a terminal.  Not
 * strnvis(3): it wants memory.  Returns the length, below size.
 */
static size_t
visible(char *dst, size_t size, const char *src)
{
	uint32_t	 c;
	size_t		 len, n;

	for (len = 0; *src != '\0' && len + UTF8_MAX < size; src += n) {
		n = utf8_decode(src, UTF8_MAX, &c);
		if (n > 0 && !utf8_iscontrol(c)) {
			memcpy(dst + len, src, n);
			len += n;
			continue;
		}
		n = 1;		/* both bytes of a C1, one after the other */
		len = put(dst, size, len, "\\%03o", (unsigned char)*src);
	}
	dst[len] = '\0';
	return (len);
}

/*
 * One message, one write(2): lines of several processes that append to the
 * same file do not mix.  Not through the seam of sys.h: a test that fails
 * writes wants to read what was logged about it.
 */
static void
emit(const char *prefix, int error, const char *fmt, va_list ap)
{
	char	 line[LOG_LINE_MAX], reason[128], text[LOG_LINE_MAX];
	size_t	 len;

	len = put(text, sizeof(text), 0, "%s", prefix);
	if (fmt != NULL)
		len = vput(text, sizeof(text), len, fmt, ap);
	if (error != -1)
		(void)put(text, sizeof(text), len, "%s%s",
		    fmt != NULL ? ": " : "",
		    strerror_r(error, reason, sizeof(reason)));

	if (dest == LOG_TO_FILE)
		len = stamp(line, sizeof(line));
	else
		len = put(line, sizeof(line), 0, "%s: ", getprogname());
	len += visible(line + len, sizeof(line) - 1 - len, text);
	line[len++] = '\n';
	/* There is nowhere left to say that a line could not be logged. */
	if (write(STDERR_FILENO, line, len) == -1)
		return;
}

void
log_warn(const char *fmt, ...)
{
	va_list	 ap;
	int	 saved;

	saved = errno;
	va_start(ap, fmt);
	emit("", saved, fmt, ap);
	va_end(ap);
	errno = saved;
}

void
log_warnx(const char *fmt, ...)
{
	va_list	 ap;
	int	 saved;

	saved = errno;
	va_start(ap, fmt);
	emit("", -1, fmt, ap);
	va_end(ap);
	errno = saved;
}

void
log_info(const char *fmt, ...)
{
	va_list	 ap;
	int	 saved;

	saved = errno;
	va_start(ap, fmt);
	emit("", -1, fmt, ap);
	va_end(ap);
	errno = saved;
}

void
log_debug(const char *fmt, ...)
{
	va_list	 ap;
	int	 saved;

	if (verbose < 1)
		return;
	saved = errno;
	va_start(ap, fmt);
	emit("", -1, fmt, ap);
	va_end(ap);
	errno = saved;
}

/* With NULL: the reason alone, after memory ran out. */
void
fatal(const char *fmt, ...)
{
	char	 prefix[64];
	va_list	 ap;
	int	 saved;

	saved = errno;
	(void)put(prefix, sizeof(prefix), 0, "fatal%s%s: ",
	    procname[0] != '\0' ? " in " : "", procname);
	va_start(ap, fmt);
	emit(prefix, saved, fmt, ap);
	va_end(ap);
	exit(1);
}

void
fatalx(const char *fmt, ...)
{
	char	 prefix[64];
	va_list	 ap;

	(void)put(prefix, sizeof(prefix), 0, "fatal%s%s: ",
	    procname[0] != '\0' ? " in " : "", procname);
	va_start(ap, fmt);
	emit(prefix, -1, fmt, ap);
	va_end(ap);
	exit(1);
}

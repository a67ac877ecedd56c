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
 * Numbers of options and of keys of process files; and how far words are
 * from each other, for those that were meant.
 */
#include <sys/types.h>

#include <stdlib.h>
#include <string.h>

#include "pm2ctl.h"
#include "units.h"

#define CPUS_MAX	4096

/* Octal digits: "022". */
static int
mode_number(const char *value, uint64_t *n, const char **errstr)
{
	size_t	 len;

	len = strlen(value);
	*errstr = "is not a file mode (octal, such as 022)";
	if (len == 0 || len > 4 || strspn(value, "01234567") != len)
		return (-1);
	*n = strtoull(value, NULL, 8);
	if (*n > 0777)
		return (-1);
	*errstr = NULL;
	return (0);
}

static int
nice_number(const char *value, uint64_t *n, const char **errstr)
{
	long long	 v;

	if (units_number(value, -20, 19, &v, errstr) == -1) {
		*errstr = "is not a number from -20 to 19";
		return (-1);
	}
	*n = (uint64_t)(v + 20);
	return (0);
}

/* "2", "1.5", "0.25" to hundredths; nothing finer. */
static int
cpus_number(const char *value, uint64_t *n, const char **errstr)
{
	const char	*dot, *digits = "0123456789";
	char		 whole[8];
	size_t		 len, part;

	*errstr = "is not a number of cpus (such as 2, 1.5 or 0.25)";
	len = strspn(value, digits);
	if (len == 0 || len >= sizeof(whole))
		return (-1);
	memcpy(whole, value, len);
	whole[len] = '\0';
	*n = strtoull(whole, NULL, 10) * 100;
	dot = value + len;
	if (*dot == '.') {
		part = strspn(dot + 1, digits);
		if (part == 0 || part > 2 || dot[1 + part] != '\0')
			return (-1);
		*n += (uint64_t)(dot[1] - '0') * 10;
		if (part == 2)
			*n += (uint64_t)(dot[2] - '0');
	} else if (*dot != '\0')
		return (-1);
	if (*n > CPUS_MAX * 100)
		return (-1);
	*errstr = NULL;
	return (0);
}

int
options_number(enum opt_type type, const char *value, uint64_t min,
    uint64_t max, uint64_t *n, char *errbuf, size_t errsize)
{
	const char	*errstr;
	long long	 v;
	int		 signo;

	errstr = NULL;
	*n = 0;
	switch (type) {
	case OPT_DURATION:
		(void)units_duration(value, n, &errstr);
		break;
	case OPT_SIZE:
		(void)units_size(value, n, &errstr);
		break;
	case OPT_SIGNAL:
		if (units_signal(value, &signo, &errstr) == 0)
			*n = (uint64_t)signo;
		break;
	case OPT_MODE:
		(void)mode_number(value, n, &errstr);
		break;
	case OPT_NICE:
		(void)nice_number(value, n, &errstr);
		break;
	case OPT_CPUS:
		(void)cpus_number(value, n, &errstr);
		break;
	default:
		if (units_number(value, (long long)min, (long long)max, &v,
		    &errstr) == 0) {
			*n = (uint64_t)v;
			return (0);
		}
		if (max == OPT_NOMAX)
			(void)strlcpy(errbuf, "is not a number", errsize);
		else
			(void)snprintf(errbuf, errsize, "is not a number "
			    "from %ju to %ju", (uintmax_t)min,
			    (uintmax_t)max);
		return (-1);
	}
	if (errstr == NULL)
		return (0);
	(void)strlcpy(errbuf, errstr, errsize);
	return (-1);
}

static size_t
min3(size_t a, size_t b, size_t c)
{
	if (b < a)
		a = b;
	return (c < a ? c : a);
}

size_t
word_distance(const char *a, const char *b)
{
	size_t	 row[3][64];	/* two rows back, one back, this one */
	size_t	 i, j, la, lb;

	la = strlen(a);
	lb = strlen(b);
	if (la >= 63 || lb >= 63)
		return (la > lb ? la : lb);
	for (j = 0; j <= lb; j++) {
		row[0][j] = 0;
		row[1][j] = j;
	}
	for (i = 1; i <= la; i++) {
		row[2][0] = i;
		for (j = 1; j <= lb; j++) {
			row[2][j] = min3(row[1][j] + 1, row[2][j - 1] + 1,
			    row[1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] &&
			    row[0][j - 2] + 1 < row[2][j])
				row[2][j] = row[0][j - 2] + 1;
		}
		memcpy(row[0], row[1], sizeof(row[0]));
		memcpy(row[1], row[2], sizeof(row[1]));
	}
	return (row[1][lb]);
}

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
 * The text of /proc/PID/stat: "pid (name) state ppid ...".  The name is the
 * process's own choice and may hold spaces, parentheses, newlines and whole
 * imitations of what follows it, so counting starts at the last ')'.
 */
#include <sys/types.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "sample.h"

/* Fields as proc(5) counts them. */
#define F_STATE		3
#define F_PPID		4
#define F_PGRP		5
#define F_SESSION	6
#define F_FLAGS		9
#define F_UTIME		14
#define F_STIME		15
#define F_START		22
#define F_RSS		24

#define PF_EXITING	0x4	/* <linux/sched.h> of the kernel */

static int	 next_number(const char **, const char *, int64_t *);
static void	 take(struct sample *, int, int64_t);

int
sample_parse(const char *text, size_t len, struct sample *s)
{
	const char	*p, *end;
	int64_t		 value;
	int		 field;

	memset(s, 0, sizeof(*s));
	end = text + len;
	if ((p = memrchr(text, ')', len)) == NULL || end - p < 4 ||
	    p[1] != ' ' || p[2] < 'A' || p[2] > 'z' || p[3] != ' ')
		goto bad;
	s->state = p[2];
	p += 3;
	for (field = F_STATE + 1; field <= F_RSS; field++) {
		if (next_number(&p, end, &value) == -1)
			goto bad;
		take(s, field, value);
	}
	return (0);

 bad:
	memset(s, 0, sizeof(*s));
	errno = EBADMSG;
	return (-1);
}

static void
take(struct sample *s, int field, int64_t value)
{
	uint64_t u;

	u = value < 0 ? 0 : (uint64_t)value;
	switch (field) {
	case F_PPID:
		s->ppid = (pid_t)value;
		break;
	case F_PGRP:
		s->pgrp = (pid_t)value;
		break;
	case F_SESSION:
		s->session = (pid_t)value;
		break;
	case F_FLAGS:
		s->exiting = (u & PF_EXITING) != 0;
		break;
	case F_UTIME:
	case F_STIME:
		s->cpu_ticks += u;
		break;
	case F_START:
		s->starttime = u;
		break;
	case F_RSS:
		s->rss_bytes = u;	/* pages; the caller knows their size */
		break;
	default:
		break;
	}
}

/* " -12": exactly one space, a sign perhaps, digits. */
static int
next_number(const char **pp, const char *end, int64_t *value)
{
	const char	*p = *pp;
	uint64_t	 n;
	int		 neg;

	if (p == end || *p++ != ' ')
		return (-1);
	neg = p != end && *p == '-';
	if (neg)
		p++;
	if (p == end || *p < '0' || *p > '9')
		return (-1);
	for (n = 0; p != end && *p >= '0' && *p <= '9'; p++) {
		/* Limits are printed as 2^64-1: that fits no int64_t. */
		if (n > (UINT64_MAX - 9) / 10)
			n = UINT64_MAX;
		else
			n = n * 10 + (uint64_t)(*p - '0');
	}
	if (n > INT64_MAX)
		n = INT64_MAX;
	*value = neg ? -(int64_t)n : (int64_t)n;
	*pp = p;
	return (0);
}

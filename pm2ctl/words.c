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
 * A small language inside of options: words.
 */
#include <sys/types.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "resolve.h"

static int
is_blank(char c)
{
	return (c == ' ' || c == '\t' || c == '\n');
}

/*
 * One word from *src to *dst, both moved behind it.  1, 0 when there is none
 * any more, -1 when a quote is open.
 */
static int
one_word(const char **src, char **dst)
{
	const char	*s;
	char		*d, quote;

	for (s = *src; is_blank(*s); s++)
		;
	if (*s == '\0')
		return (0);
	d = *dst;
	quote = '\0';
	for (; *s != '\0' && (quote != '\0' || !is_blank(*s)); s++) {
		if (quote != '\0' && *s == quote)
			quote = '\0';
		else if (quote == '\0' && (*s == '\'' || *s == '"'))
			quote = *s;
		else if (*s == '\\' && quote != '\'' && s[1] != '\0')
			*d++ = *++s;
		else
			*d++ = *s;
	}
	if (quote != '\0')
		return (-1);
	*d++ = '\0';
	*src = s;
	*dst = d;
	return (1);
}

char **
words_split(const char *s)
{
	const char	*src;
	char		**v, *dst;
	size_t		 len, max, n;
	int		 more;

	/* Every second byte a word, and the NULL; then the bytes. */
	len = strlen(s);
	max = len / 2 + 2;
	if ((v = calloc(1, max * sizeof(char *) + len + 2)) == NULL)
		return (NULL);
	src = s;
	dst = (char *)(v + max);
	for (n = 0;; n++) {
		v[n] = dst;
		if ((more = one_word(&src, &dst)) != 1)
			break;
	}
	v[n] = NULL;
	if (more == -1) {
		free(v);
		errno = EINVAL;
		return (NULL);
	}
	return (v);
}

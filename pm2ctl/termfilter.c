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

#include <string.h>

#include "termfilter.h"

enum tf_state {
	TF_GROUND,
	TF_UTF8,	/* within a character */
	TF_CR,
	TF_ESC,
	TF_CSI,		/* ESC [ and what may become an SGR */
};

/*
 * Each takes one byte; 0 means that the byte was not its own and is looked
 * at again, in the ground state.
 */
static int	 tf_ground(struct termfilter *, struct outbuf *, int);
static int	 tf_utf8(struct termfilter *, struct outbuf *, int);
static int	 tf_cr(struct termfilter *, struct outbuf *, int);
static int	 tf_esc(struct termfilter *, struct outbuf *, int);
static int	 tf_csi(struct termfilter *, struct outbuf *, int);

static void	 visible(struct outbuf *, int);
static void	 give_up(struct termfilter *, struct outbuf *);
static void	 wait_for_more(struct termfilter *, enum tf_state, int);
static int	 second_ok(int, int);
static int	 reorders(const unsigned char *, size_t);
static int	 sgr_resets(const unsigned char *, size_t);
static size_t	 plain_run(const unsigned char *, size_t);

static int	(*const tf_states[])(struct termfilter *, struct outbuf *,
		    int) = {
	[TF_GROUND] =	tf_ground,
	[TF_UTF8] =	tf_utf8,
	[TF_CR] =	tf_cr,
	[TF_ESC] =	tf_esc,
	[TF_CSI] =	tf_csi,
};

void
termfilter_init(struct termfilter *tf, int flags)
{
	memset(tf, 0, sizeof(*tf));
	tf->flags = (uint8_t)flags;
}

void
termfilter_feed(struct termfilter *tf, struct outbuf *ob, const void *data,
    size_t len)
{
	const unsigned char	*p = data;
	size_t			 i, run;

	for (i = 0; i < len;) {
		if (tf->state == TF_GROUND &&
		    (run = plain_run(p + i, len - i)) != 0) {
			ob_add(ob, p + i, run);
			i += run;
			continue;
		}
		if (tf_states[tf->state](tf, ob, p[i]))
			i++;
	}
}

void
termfilter_end(struct termfilter *tf, struct outbuf *ob)
{
	give_up(tf, ob);
}

static size_t
plain_run(const unsigned char *p, size_t len)
{
	size_t	 n;

	for (n = 0; n < len && p[n] >= 0x20 && p[n] < 0x7f; n++)
		;
	return (n);
}

static void
visible(struct outbuf *ob, int c)
{
	static const char	 letters[] = "abtnvfr";	/* from 7 on */
	char			 text[4];

	text[0] = '\\';
	if (c >= 7 && c <= 13) {
		text[1] = letters[c - 7];
		ob_add(ob, text, 2);
		return;
	}
	text[1] = (char)('0' + (c >> 6));
	text[2] = (char)('0' + ((c >> 3) & 7));
	text[3] = (char)('0' + (c & 7));
	ob_add(ob, text, 4);
}

/* Show what was waited with: printable ASCII as it is, the rest as bytes. */
static void
give_up(struct termfilter *tf, struct outbuf *ob)
{
	size_t	 i;

	for (i = 0; i < tf->npend; i++) {
		if (tf->pend[i] >= 0x20 && tf->pend[i] < 0x7f)
			ob_char(ob, (char)tf->pend[i]);
		else
			visible(ob, tf->pend[i]);
	}
	tf->npend = 0;
	tf->state = TF_GROUND;
}

static void
wait_for_more(struct termfilter *tf, enum tf_state state, int c)
{
	tf->pend[tf->npend++] = (unsigned char)c;
	tf->state = (uint8_t)state;
}

static int
tf_ground(struct termfilter *tf, struct outbuf *ob, int c)
{
	if (c >= 0xc2 && c <= 0xf4) {
		tf->need = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
		wait_for_more(tf, TF_UTF8, c);
	} else if (c == '\033')
		wait_for_more(tf, TF_ESC, c);
	else if (c == '\r' && !(tf->flags & TERMFILTER_LINE))
		wait_for_more(tf, TF_CR, c);
	else if ((c == '\t' || c == '\n') && !(tf->flags & TERMFILTER_LINE))
		ob_char(ob, (char)c);
	else
		visible(ob, c);
	return (1);
}

/* May c follow this first byte?  No overlong forms, surrogates or C1. */
static int
second_ok(int first, int c)
{
	switch (first) {
	case 0xc2:
		return (c >= 0xa0 && c <= 0xbf);
	case 0xe0:
		return (c >= 0xa0 && c <= 0xbf);
	case 0xed:
		return (c >= 0x80 && c <= 0x9f);
	case 0xf0:
		return (c >= 0x90 && c <= 0xbf);
	case 0xf4:
		return (c >= 0x80 && c <= 0x8f);
	default:
		return (c >= 0x80 && c <= 0xbf);
	}
}

/*
 * U+2028..202E and U+2066..2069: breaks and overrides that make a line read
 * as something else.
 */
static int
reorders(const unsigned char *p, size_t n)
{
	if (n != 3 || p[0] != 0xe2)
		return (0);
	return ((p[1] == 0x80 && p[2] >= 0xa8 && p[2] <= 0xae) ||
	    (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9));
}

static int
tf_utf8(struct termfilter *tf, struct outbuf *ob, int c)
{
	if (tf->npend == 1 && tf->pend[0] == 0xc2 && c >= 0x80 && c <= 0x9f) {
		/* C1: one character, so both bytes go the same way */
		visible(ob, tf->pend[0]);
		visible(ob, c);
		tf->npend = 0;
		tf->state = TF_GROUND;
		return (1);
	}
	if (tf->npend == 1 ? !second_ok(tf->pend[0], c) :
	    (c < 0x80 || c > 0xbf)) {
		give_up(tf, ob);
		return (0);
	}
	tf->pend[tf->npend++] = (unsigned char)c;
	if (--tf->need != 0)
		return (1);
	if (!reorders(tf->pend, tf->npend)) {
		ob_add(ob, tf->pend, tf->npend);
		tf->npend = 0;
	}
	give_up(tf, ob);
	return (1);
}

static int
tf_cr(struct termfilter *tf, struct outbuf *ob, int c)
{
	if (c == '\n')
		tf->npend = 0;
	give_up(tf, ob);
	return (0);
}

static int
tf_esc(struct termfilter *tf, struct outbuf *ob, int c)
{
	if (c == '[' && (tf->flags & (TERMFILTER_SGR | TERMFILTER_STRIP))) {
		wait_for_more(tf, TF_CSI, c);
		return (1);
	}
	give_up(tf, ob);
	return (0);
}

/* "" or "0": after it nothing is set for sure. */
static int
sgr_resets(const unsigned char *p, size_t n)
{
	while (n > 0 && p[n - 1] == '0')
		n--;
	return (n == 0);
}

static int
tf_csi(struct termfilter *tf, struct outbuf *ob, int c)
{
	if ((c >= '0' && c <= '9') || c == ';' || c == ':') {
		if (tf->npend == TERMFILTER_PEND) {
			give_up(tf, ob);
			return (0);
		}
		wait_for_more(tf, TF_CSI, c);
		return (1);
	}
	if (c != 'm') {
		give_up(tf, ob);
		return (0);
	}
	if (tf->flags & TERMFILTER_SGR) {
		ob_add(ob, tf->pend, tf->npend);
		ob_char(ob, 'm');
		tf->coloured = !sgr_resets(tf->pend + 2, tf->npend - 2u);
	}
	tf->npend = 0;
	tf->state = TF_GROUND;
	return (1);
}

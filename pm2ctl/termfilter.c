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
#include "utf8.h"

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
static int	 printable(const unsigned char *, size_t);
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
	if (tf->coloured)
		ob_str(ob, "\033[0m");
	tf->coloured = 0;
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

/*
 * Is this a character that only shows itself?  Not U+2028..202E and
 * U+2066..2069: breaks and overrides make a line read as something else.
 */
static int
printable(const unsigned char *p, size_t len)
{
	uint32_t	 c;

	if (utf8_decode(p, len, &c) != len || utf8_iscontrol(c))
		return (0);
	return ((c < 0x2028 || c > 0x202e) && (c < 0x2066 || c > 0x2069));
}

static int
tf_utf8(struct termfilter *tf, struct outbuf *ob, int c)
{
	if ((c & 0xc0) != 0x80) {
		give_up(tf, ob);
		return (0);
	}
	tf->pend[tf->npend++] = (unsigned char)c;
	if (--tf->need != 0)
		return (1);
	if (printable(tf->pend, tf->npend)) {
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

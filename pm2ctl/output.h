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
 * What everything that prints in pm2ctl shares: a buffer that is written at
 * once, what the terminal can do, and how values read.  Running out of
 * memory ends the program, as anywhere in pm2ctl.
 */
#ifndef PM2CTL_OUTPUT_H
#define PM2CTL_OUTPUT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Bytes being gathered.  Zero it to begin. */
struct outbuf {
	char	*data;
	size_t	 len;
	size_t	 cap;
};

/* Where so many bytes can be written; who writes some adds to len. */
char	*ob_room(struct outbuf *, size_t);
void	 ob_add(struct outbuf *, const void *, size_t);
void	 ob_str(struct outbuf *, const char *);
void	 ob_char(struct outbuf *, char);
void	 ob_num(struct outbuf *, uint64_t);
void	 ob_pad(struct outbuf *, size_t);
void	 ob_fmt(struct outbuf *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));
/* What is gathered as a string; stays the buffer's. */
const char *ob_text(struct outbuf *);
/* Write and empty it.  0, or -1 with errno (EPIPE: nobody reads). */
int	 ob_write(struct outbuf *, int);
void	 ob_free(struct outbuf *);

/*
 * What a stream is good for.  Only a terminal has a width, and may be unable
 * to show UTF-8; whether there are colours say_color() decides.
 */
struct output_style {
	size_t	 width;		/* columns; 0: as many as it takes */
	int	 terminal;
	int	 colour;
	int	 ascii;
};
void	 output_style(struct output_style *, FILE *);

/* SGR numbers, as "\033[%sm"; nothing without colour. */
void	 ob_sgr(struct outbuf *, const struct output_style *, const char *);

/* Text that others chose: all but printable UTF-8 is made visible. */
void	 ob_vis(struct outbuf *, const char *);

/* Columns that a UTF-8 string takes; control characters take none. */
size_t	 output_strwidth(const char *);
/*
 * Bytes of the longest start, or end, that fits into so many columns; of a
 * start also the columns that it takes (may be NULL).
 */
size_t	 output_strhead(const char *, size_t, size_t *);
size_t	 output_strtail(const char *, size_t);

/* "20.484 MB", "42s", "12.5%": as the table has them. */
void	 ob_memory(struct outbuf *, uint64_t);
void	 ob_uptime(struct outbuf *, uint64_t);
void	 ob_cpu(struct outbuf *, uint32_t);
/* "1.5s", "2m 3s": a duration in words, with milliseconds below 10 s. */
void	 output_duration(char *, size_t, uint64_t);
/* Milliseconds since the epoch: local "2026-11-22T06:22:23", UTC with ms. */
void	 output_localtime(char *, size_t, uint64_t);
void	 output_isotime(char *, size_t, uint64_t);
/* "on", of enum app_watch */
const char *output_watchname(uint32_t);

/* A JSON string with its quotes; what is not UTF-8 becomes U+FFFD. */
void	 ob_json(struct outbuf *, const char *, size_t);

#endif /* PM2CTL_OUTPUT_H */

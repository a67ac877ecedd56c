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

#include <atf-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "termfilter.h"

/* Exact results, with SGR allowed: a sample of each rule. */
static const struct {
	const char	*in;
	const char	*out;
} exact[] = {
	{ "plain text\n", "plain text\n" },
	{ "tab\there", "tab\there" },
	{ "h\303\251 \342\202\254 \360\237\230\200", NULL },
	{ "\033[31mred\033[0m", NULL },
	{ "\033[1;38;5;196mx\033[m", NULL },
	{ "\033[38:2::1:2:3mx", "\033[38:2::1:2:3mx\033[0m" },
	{ "a\r\nb\r\n", "a\nb\n" },
	{ "10%\r20%", "10%\\r20%" },
	{ "x\r", "x\\r" },
	{ "\a\b\v\f\001\177", "\\a\\b\\v\\f\\001\\177" },
	{ "\033]0;title\a", "\\033]0;title\\a" },
	{ "\033]52;c;ZXZpbA==\033\\", "\\033]52;c;ZXZpbA==\\033\\" },
	{ "\033P$qm\033\\", "\\033P$qm\\033\\" },
	{ "\033[2J\033[H", "\\033[2J\\033[H" },
	{ "\033[6n", "\\033[6n" },
	{ "\033[?25l", "\\033[?25l" },
	{ "\033[>4;1m", "\\033[>4;1m" },
	{ "\033[1 m", "\\033[1 m" },
	{ "\033[31\nm", "\\033[31\nm" },
	{ "\033\033[31m", "\\033\033[31m\033[0m" },
	{ "\033[31\033[32m", "\\033[31\033[32m\033[0m" },
	{ "\033", "\\033" },
	{ "\033[", "\\033[" },
	{ "\033[31", "\\033[31" },
	{ "\302\233" "31m", "\\302\\23331m" },
	{ "\302\205", "\\302\\205" },
	{ "\23331m", "\\23331m" },
	{ "\300\200", "\\300\\200" },
	{ "\340\200\200", "\\340\\200\\200" },
	{ "\355\240\200", "\\355\\240\\200" },
	{ "\364\220\200\200", "\\364\\220\\200\\200" },
	{ "\370\210\200\200\200", "\\370\\210\\200\\200\\200" },
	{ "\342\202", "\\342\\202" },
	{ "\342\202x", "\\342\\202x" },
	{ "\342\202\033[31m", "\\342\\202\033[31m\033[0m" },
	{ "\303\303\251", "\\303\303\251" },
	{ "\342\200\256gpj.exe", "\\342\\200\\256gpj.exe" },
	{ "\342\201\246x\342\201\251", "\\342\\201\\246x\\342\\201\\251" },
	{ "\342\200\250", "\\342\\200\\250" },
	{ "\342\200\215", NULL },
};

/* What may come after ESC, beside the above. */
static const char *const tails[] = {
	"c", "7", "8", "D", "E", "H", "M", "N", "O", "Z", "=", ">", "#8",
	"(0", ")B", "*A", "+A", "-A", ".A", "/A", "%G", "%@", " F", " G", "l",
	"m", "n", "o", "|", "}", "~", "\\",
	"[A", "[10B", "[3C", "[4D", "[E", "[F", "[5G", "[1;1H", "[I", "[0J",
	"[1J", "[2J", "[3J", "[K", "[1K", "[2L", "[M", "[3P", "[S", "[T",
	"[8;50;100t", "[21t", "[20t", "[22;0t", "[23;0t", "[3;0;0t", "[9;1t",
	"[X", "[Z", "[`", "[a", "[5b", "[c", "[>c", "[=c", "[0c", "[d", "[e",
	"[1;1f", "[g", "[3g", "[4h", "[4l", "[?1h", "[?1049h", "[?1049l",
	"[?2004h", "[?1000h", "[?1006h", "[?25h", "[?7l", "[?12;25h",
	"[5n", "[6n", "[?6n", "[?15n", "[!p", "[61\"p", "[1\"q", "[2 q",
	"[1;24r", "[s", "[u", "[?1;2s", "[?47r", "[1;2$r", "[1;2$t", "[0x",
	"[1$w", "[1;1;1;1'w", "[1*z", "[1'z", "[1${", "[1'{", "[1\"v",
	"[4i", "[5i", "[?5i", "[=1m", "[<1m", "[?1m", "[>1m", "[1!m", "[1$m",
	"[31 m", "[31\"m", "[31:m\001", "[38;2;1;2", "[;;;;;;", "[:::",
	"[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18;19;20;21;22;23;24;25;"
	    "26;27m",
	"[99999999999999999999999999999999999999999999999999999999999999999m",
	"]0;title\a", "]0;title\033\\", "]1;icon\a", "]2;t\a", "]3;X=1\a",
	"]4;1;rgb:ff/00/00\a", "]4;1;?\a", "]7;file:///etc\a",
	"]8;;http://evil/\aclick\033]8;;\a", "]8;id=1;file:///x\033\\y",
	"]9;notify\a", "]9;4;1;50\a", "]10;?\a", "]11;?\033\\", "]12;red\a",
	"]13;?\a", "]17;?\a", "]19;?\a", "]22;wait\a", "]46;/tmp/log\a",
	"]50;font\a", "]50;?\a", "]52;c;?\a", "]52;c;aGVsbG8=\a",
	"]52;p;aGVsbG8=\033\\", "]52;s0;!\a", "]104\a", "]110\a", "]112\a",
	"]133;A\a", "]633;E;id\a", "]777;notify;a;b\a",
	"]1337;File=name=x;inline=1:AAAA\a", "]1337;SetMark\a", "]L;x\a",
	"]l;x\033\\", "]I;x\a", "]R", "]P0ff0000", "]0;no end", "]", "];", "]0",
	"P$qm\033\\", "P$q\"p\033\\", "P$qr\033\\", "P+q544e\033\\",
	"P+p544e\033\\", "P0;1|17/ab\033\\", "P1$tx\033\\", "Pq#0;2\033\\",
	"P>|x\033\\", "Ptmux;\033\033]52;c;eA==\a\033\\", "P", "P$q",
	"X sos\033\\", "^pm\033\\", "_apc\033\\", "_Gi=1,a=T;AAAA\033\\", "k t\033\\",
	"[M !!", "[200~x\033[201~", "[I", "[O", "\n[31m", "\t[31m", "\r[31m",
	"\030[31m", "\032]0;x\a", "[\030" "31m", "[3\0321m", "[31\033m",
	"\177[31m", "[\177" "31m", "[3\001" "1m", "\302\233m", "[\302\233m",
	"\303\251", "[\303\251m", "[31\303\251m", "\360\237", "[\377m",
	" ", "!", "\"p", "$", "'", ",", "@", "A", "F", "V", "W", "Y!!", "[[A",
	"[]", "[}", "[~", "[@", "[^", "[_", "[\\", "[{", "[|", "[1;31",
};

static void
filter(struct outbuf *ob, int flags, const char *s, size_t len, size_t cut)
{
	struct termfilter	 tf;

	ob->len = 0;
	termfilter_init(&tf, flags);
	termfilter_feed(&tf, ob, s, cut);
	termfilter_feed(&tf, ob, s + cut, len - cut);
	termfilter_end(&tf, ob);
	(void)ob_text(ob);
}

/* Is there anything in it that a terminal does not just show? */
static int
harmful(const char *s, size_t len, int sgr)
{
	size_t	 i, j;

	for (i = 0; i < len; i++) {
		unsigned char	 c = (unsigned char)s[i];

		if (c == '\t' || c == '\n' || (c >= 0x20 && c < 0x7f))
			continue;
		if (c == 0x1b && sgr && i + 1 < len && s[i + 1] == '[') {
			for (j = i + 2; j < len &&
			    strchr("0123456789;:", s[j]) != NULL &&
			    s[j] != '\0'; j++)
				;
			if (j < len && s[j] == 'm') {
				i = j;
				continue;
			}
			return (1);
		}
		if (c < 0x80)
			return (1);
		/* a lead byte that cannot be one of C1, with its followers */
		if (c < 0xc2 || c > 0xf4 || (c == 0xc2 && i + 1 < len &&
		    (unsigned char)s[i + 1] < 0xa0))
			return (1);
		for (j = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1; j > 0; j--) {
			if (++i >= len || (s[i] & 0xc0) != 0x80)
				return (1);
		}
	}
	return (0);
}

static void
check_all_cuts(const char *s, size_t len, int flags)
{
	struct outbuf	 whole = { 0 }, cut = { 0 };
	size_t		 i;

	filter(&whole, flags, s, len, len);
	ATF_REQUIRE_MSG(!harmful(whole.data, whole.len,
	    flags & TERMFILTER_SGR), "%s", whole.data);
	for (i = 0; i < len; i++) {
		filter(&cut, flags, s, len, i);
		ATF_REQUIRE_EQ_MSG(whole.len, cut.len, "cut at %zu: %s", i,
		    cut.data);
		ATF_REQUIRE_MSG(memcmp(whole.data, cut.data, cut.len) == 0,
		    "cut at %zu: %s", i, cut.data);
	}
	ob_free(&whole);
	ob_free(&cut);
}

ATF_TC_WITHOUT_HEAD(filter__exact);
ATF_TC_BODY(filter__exact, tc)
{
	struct outbuf	 ob = { 0 };
	const char	*want;
	size_t		 i;

	for (i = 0; i < sizeof(exact) / sizeof(exact[0]); i++) {
		filter(&ob, TERMFILTER_SGR, exact[i].in, strlen(exact[i].in),
		    0);
		want = exact[i].out == NULL ? exact[i].in : exact[i].out;
		ATF_CHECK_STREQ(want, ob.data);
		check_all_cuts(exact[i].in, strlen(exact[i].in),
		    TERMFILTER_SGR);
	}
	ob_free(&ob);
}

ATF_TC_WITHOUT_HEAD(filter__corpus_cut_at_every_position);
ATF_TC_BODY(filter__corpus_cut_at_every_position, tc)
{
	static const int	 flags[] = { TERMFILTER_SGR, TERMFILTER_STRIP,
				    TERMFILTER_LINE, 0 };
	char			 s[256];
	size_t			 i, j, n;

	n = sizeof(tails) / sizeof(tails[0]);
	ATF_REQUIRE_MSG(n >= 200, "only %zu sequences", n);
	for (i = 0; i < n; i++) {
		ATF_REQUIRE((size_t)snprintf(s, sizeof(s),
		    "a\033%sb\033[1mc", tails[i]) < sizeof(s));
		for (j = 0; j < sizeof(flags) / sizeof(flags[0]); j++)
			check_all_cuts(s, strlen(s), flags[j]);
	}
}

ATF_TC_WITHOUT_HEAD(filter__every_pair_of_bytes);
ATF_TC_BODY(filter__every_pair_of_bytes, tc)
{
	struct outbuf	 ob = { 0 };
	char		 s[4];
	int		 a, b;

	for (a = 0; a < 256; a++) {
		for (b = 0; b < 256; b++) {
			s[0] = (char)a;
			s[1] = (char)b;
			s[2] = 'm';
			filter(&ob, TERMFILTER_SGR, s, 3, 1);
			ATF_REQUIRE_MSG(!harmful(ob.data, ob.len, 1),
			    "%02x %02x: %s", a, b, ob.data);
		}
	}
	ob_free(&ob);
}

ATF_TC_WITHOUT_HEAD(filter__noise);
ATF_TC_BODY(filter__noise, tc)
{
	static const char	 often[] = "\033\033[[]P0;:m\a\\\r\n\302\233";
	struct outbuf		 ob = { 0 };
	char			 s[64];
	unsigned int		 i, j;

	srandom(1);
	for (i = 0; i < 20000; i++) {
		for (j = 0; j < sizeof(s); j++)
			s[j] = random() % 4 == 0 ? (char)random() :
			    often[(size_t)random() % (sizeof(often) - 1)];
		filter(&ob, i % 2 ? TERMFILTER_SGR : TERMFILTER_STRIP, s,
		    sizeof(s), i % sizeof(s));
		ATF_REQUIRE(!harmful(ob.data, ob.len, i % 2));
	}
	ob_free(&ob);
}

ATF_TC_WITHOUT_HEAD(filter__strip_and_line);
ATF_TC_BODY(filter__strip_and_line, tc)
{
	static const char	 s[] = "\033[31mr\033[0m\t\n\r\n";
	struct outbuf		 ob = { 0 };

	filter(&ob, TERMFILTER_STRIP, s, strlen(s), 3);
	ATF_CHECK_STREQ("r\t\n\n", ob.data);
	filter(&ob, TERMFILTER_LINE, s, strlen(s), 3);
	ATF_CHECK_STREQ("\\033[31mr\\033[0m\\t\\n\\r\\n", ob.data);
	filter(&ob, 0, s, strlen(s), 3);
	ATF_CHECK_STREQ("\\033[31mr\\033[0m\t\n\n", ob.data);
	ob_free(&ob);
}

ATF_TC_WITHOUT_HEAD(filter__knows_whether_colours_are_on);
ATF_TC_BODY(filter__knows_whether_colours_are_on, tc)
{
	static const struct {
		const char	*s;
		int		 coloured;
	} cases[] = {
		{ "x", 0 }, { "\033[31mx", 1 }, { "\033[31mx\033[0m", 0 },
		{ "\033[31mx\033[m", 0 }, { "\033[38;5;0mx", 1 },
		{ "\033[31mx\033[00m", 0 },
	};
	struct termfilter	 tf;
	struct outbuf		 ob = { 0 };
	size_t			 i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		termfilter_init(&tf, TERMFILTER_SGR);
		termfilter_feed(&tf, &ob, cases[i].s, strlen(cases[i].s));
		ATF_CHECK_EQ(cases[i].coloured, tf.coloured);
		ob.len = 0;
		termfilter_end(&tf, &ob);
		ATF_CHECK_STREQ(cases[i].coloured ? "\033[0m" : "",
		    ob_text(&ob));
	}
	ob_free(&ob);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, filter__exact);
	ATF_TP_ADD_TC(tp, filter__corpus_cut_at_every_position);
	ATF_TP_ADD_TC(tp, filter__every_pair_of_bytes);
	ATF_TP_ADD_TC(tp, filter__noise);
	ATF_TP_ADD_TC(tp, filter__strip_and_line);
	ATF_TP_ADD_TC(tp, filter__knows_whether_colours_are_on);
	return (atf_no_error());
}

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

#include <stdio.h>
#include <string.h>

#include <atf-c.h>

#include "utf8.h"

ATF_TC_WITHOUT_HEAD(decode__characters);
ATF_TC_BODY(decode__characters, tc)
{
	static const struct {
		const char	*text;
		size_t		 len;
		uint32_t	 c;
	} cases[] = {
		{ "a", 1, 'a' }, { "\177b", 1, 0x7f }, { "", 1, 0 },
		{ "\302\200", 2, 0x80 }, { "\337\277x", 2, 0x7ff },
		{ "\340\240\200", 3, 0x800 }, { "\355\237\277", 3, 0xd7ff },
		{ "\356\200\200", 3, 0xe000 }, { "\357\277\277", 3, 0xffff },
		{ "\360\220\200\200", 4, 0x10000 },
		{ "\364\217\277\277", 4, 0x10ffff },
	};
	uint32_t	 c;
	size_t		 i;

	(void)tc;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		c = 1;
		ATF_CHECK_EQ(cases[i].len, utf8_decode(cases[i].text,
		    UTF8_MAX, &c));
		ATF_CHECK_EQ(cases[i].c, c);
		/* one byte less is only a part of it */
		ATF_CHECK_EQ(0, utf8_decode(cases[i].text, cases[i].len - 1,
		    &c));
	}
}

ATF_TC_WITHOUT_HEAD(decode__no_characters);
ATF_TC_BODY(decode__no_characters, tc)
{
	static const char *const cases[] = {
		"\200", "\277", "\377", "\376", "\302", "\303(", "\342\202",
		"\342\202x", "\360\237\230", "\360\237\230x",
		"\300\257", "\301\277", "\340\200\257", "\340\237\277",
		"\360\200\200\257", "\360\217\277\277",		/* overlong */
		"\355\240\200", "\355\277\277",			/* surrogates */
		"\364\220\200\200", "\365\200\200\200",		/* too large */
		"\370\210\200\200\200"
	};
	uint32_t	 c;
	size_t		 i;

	(void)tc;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ATF_CHECK_EQ_MSG(0, utf8_decode(cases[i], UTF8_MAX, &c),
		    "case %zu", i);
}

ATF_TC_WITHOUT_HEAD(control__characters);
ATF_TC_BODY(control__characters, tc)
{
	(void)tc;
	ATF_CHECK(utf8_iscontrol(0));
	ATF_CHECK(utf8_iscontrol(0x1f));
	ATF_CHECK(!utf8_iscontrol(' '));
	ATF_CHECK(!utf8_iscontrol('~'));
	ATF_CHECK(utf8_iscontrol(0x7f));
	ATF_CHECK(utf8_iscontrol(0x80));
	ATF_CHECK(utf8_iscontrol(0x9f));
	ATF_CHECK(!utf8_iscontrol(0xa0));
}

ATF_TC_WITHOUT_HEAD(json__escapes);
ATF_TC_BODY(json__escapes, tc)
{
#define BAD	"\357\277\275"
	static const struct {
		const char	*in;
		const char	*want;
	} cases[] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "\"\\/\b\t\n\v\f\r", "\\\"\\\\/\\b\\t\\n\\u000b\\f\\r" },
		{ "\001\033[0m\177\302\233", "\\u0001\\u001b[0m\\u007f"
		    "\\u009b" },
		{ "\303\244\342\202\254\360\237\230\200 x",
		    "\303\244\342\202\254\360\237\230\200 x" },
		{ "\377", BAD },
		{ "a\303", "a" BAD },
		{ "\303(", BAD "(" },
		{ "\300\257", BAD BAD },
		{ "\355\240\200", BAD BAD BAD },
		{ "\364\220\200\200", BAD BAD BAD BAD },
		{ "\342\202", BAD BAD },
	};
	char	 out[128];
	size_t	 i, n;

	(void)tc;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		n = json_escape(out, cases[i].in, strlen(cases[i].in));
		out[n] = '\0';
		ATF_CHECK_STREQ(cases[i].want, out);
	}
	n = json_escape(out, "a\0b", 3);
	out[n] = '\0';
	ATF_CHECK_STREQ("a\\u0000b", out);
}

ATF_TC_WITHOUT_HEAD(json__never_longer_than_promised);
ATF_TC_BODY(json__never_longer_than_promised, tc)
{
	char	 in[2], out[2 * JSON_GROWTH];
	int	 a, b;

	(void)tc;
	for (a = 0; a < 256; a++) {
		for (b = 0; b < 256; b++) {
			in[0] = (char)a;
			in[1] = (char)b;
			ATF_REQUIRE(json_escape(out, in, 2) <= sizeof(out));
		}
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, decode__characters);
	ATF_TP_ADD_TC(tp, decode__no_characters);
	ATF_TP_ADD_TC(tp, control__characters);
	ATF_TP_ADD_TC(tp, json__escapes);
	ATF_TP_ADD_TC(tp, json__never_longer_than_promised);
	return (atf_no_error());
}

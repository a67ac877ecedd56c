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
#include <string.h>

#include "inspect.h"

/* What node 0.10 prints for JSON.parse() of the text, at depth 2. */
static const struct {
	const char	*json;
	const char	*out;
} cases[] = {
	{ "[]", "[]" },
	{ "{}", "{}" },
	{ "[1,true,null,\"x\"]", "[ 1, true, null, 'x' ]" },
	{ "{\"a\":1,\"b-c\":2,\"3\":3,\"\":4,\"d'e\":5}",
	    "{ a: 1, 'b-c': 2, '3': 3, '': 4, 'd\\'e': 5 }" },
	{ "[1.5,0.1,-3,12345678901]", "[ 1.5, 0.1, -3, 12345678901 ]" },
	{ "\"it's\"", "'it\\'s'" },
	{ "\"say \\\"hi\\\"\"", "'say \"hi\"'" },
	{ "\"back\\\\slash\"", "'back\\\\slash'" },
	{ "\"\\\\\\\"\"", "'\\\\\"'" },
	{ "\"\\\\'\"", "'\\\\\\''" },
	{ "\"line\\nbreak\\ttab\\u0001\"", "'line\\nbreak\\ttab\\u0001'" },
	{ "\"\"", "''" },
	{ "\"h\303\251\"", "'h\303\251'" },
	{ "{\"a\":{\"b\":{\"c\":{}}}}", "{ a: { b: { c: {} } } }" },
	{ "{\"a\":{\"b\":{\"c\":{\"d\":1}}}}",
	    "{ a: { b: { c: [Object] } } }" },
	{ "[[[[1]]]]", "[ [ [ [Object] ] ] ]" },
	{ "[[[[]]]]", "[ [ [ [] ] ] ]" },
	/* up to 60 characters in one line, one more is too many */
	{ "[\"123456789012345678901234567\",\"1234567890123456789012345678\"]",
	    "[ '123456789012345678901234567',\n"
	    "  '1234567890123456789012345678' ]" },
	{ "[\"12345678901234567890123456\",\"1234567890123456789012345678\"]",
	    "[ '12345678901234567890123456', "
	    "'1234567890123456789012345678' ]" },
	{ "{\"list\":[\"123456789012345678901234567\","
	    "\"1234567890123456789012345678\"],\"n\":1}",
	    "{ list: \n"
	    "   [ '123456789012345678901234567',\n"
	    "     '1234567890123456789012345678' ],\n"
	    "  n: 1 }" },
	{ "[{\"k\":\"123456789012345678901234567\","
	    "\"l\":\"1234567890123456789012345678\"},2]",
	    "[ { k: '123456789012345678901234567',\n"
	    "    l: '1234567890123456789012345678' },\n"
	    "  2 ]" },
	/* length in UTF-16: an emoji is two */
	{ "[\"12345678901234567890123456\",\"12345678901234567890123456"
	    "\360\237\230\200\"]",
	    "[ '12345678901234567890123456', '12345678901234567890123456"
	    "\360\237\230\200' ]" },
};

ATF_TC_WITHOUT_HEAD(inspect__as_node_does);
ATF_TC_BODY(inspect__as_node_does, tc)
{
	struct outbuf	 ob = { 0 };
	json_t		*value;
	size_t		 i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		value = json_loads(cases[i].json, JSON_DECODE_ANY, NULL);
		ATF_REQUIRE_MSG(value != NULL, "%s", cases[i].json);
		inspect(&ob, value, 2);
		ATF_CHECK_STREQ(cases[i].out, ob_text(&ob));
		ob.len = 0;
		json_decref(value);
	}
	ob_free(&ob);
}

ATF_TC_WITHOUT_HEAD(inspect__depth);
ATF_TC_BODY(inspect__depth, tc)
{
	struct outbuf	 ob = { 0 };
	json_t		*value;

	value = json_loads("{\"a\":{\"b\":1},\"c\":{}}", 0, NULL);
	ATF_REQUIRE(value != NULL);
	inspect(&ob, value, 0);
	ATF_CHECK_STREQ("{ a: [Object], c: {} }", ob_text(&ob));
	ob.len = 0;
	inspect(&ob, value, -1);
	ATF_CHECK_STREQ("[Object]", ob_text(&ob));
	json_decref(value);
	ob_free(&ob);
}

ATF_TC_WITHOUT_HEAD(inspect__cannot_act_on_a_terminal);
ATF_TC_BODY(inspect__cannot_act_on_a_terminal, tc)
{
	struct outbuf	 ob = { 0 };
	json_t		*value;

	value = json_string_nocheck("\033]0;x\a\177\302\233\377");
	ATF_REQUIRE(value != NULL);
	inspect(&ob, value, 2);
	ATF_CHECK_STREQ("'\\u001b]0;x\\u0007\\u007f\\u009b\357\277\275'",
	    ob_text(&ob));
	json_decref(value);
	ob_free(&ob);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, inspect__as_node_does);
	ATF_TP_ADD_TC(tp, inspect__depth);
	ATF_TP_ADD_TC(tp, inspect__cannot_act_on_a_terminal);
	return (atf_no_error());
}

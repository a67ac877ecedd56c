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
 * Files as trees: what is accepted, where everything stands, and what is
 * said of mistakes.
 */
#include <stdlib.h>
#include <string.h>

#include <atf-c.h>

#include "output.h"
#include "procfile.h"

typedef struct pf_node	*parser(const char *, size_t, struct pf_mark *, char *,
			    size_t);

/* As JSON; "line:column: words" when it is none. */
static const char *
reads(parser *parse, const char *text, size_t len)
{
	static char	 buf[16384];
	struct outbuf	 ob = { 0 };
	struct pf_node	*n;
	struct pf_mark	 mark;
	char		 why[512], *copy;

	/* A copy of its own, with nothing behind it. */
	ATF_REQUIRE((copy = malloc(len + 1)) != NULL);
	memcpy(copy, text, len);
	ATF_REQUIRE((copy = realloc(copy, len == 0 ? 1 : len)) != NULL);
	n = parse(copy, len, &mark, why, sizeof(why));
	free(copy);
	if (n == NULL) {
		ATF_REQUIRE(*why != '\0');
		(void)snprintf(buf, sizeof(buf), "%u:%u: %s", mark.line,
		    mark.column, why);
		return (buf);
	}
	pf_print(&ob, n);
	(void)strlcpy(buf, ob_text(&ob), sizeof(buf));
	ob_free(&ob);
	pf_free(n);
	return (buf);
}

static const char *
json(const char *text)
{
	return (reads(pf_json, text, strlen(text)));
}

static const char *
yaml(const char *text)
{
	return (reads(pf_yaml, text, strlen(text)));
}

struct expectation {
	const char	*text;
	const char	*want;
};

static void
check_all(const char *(*read)(const char *), const struct expectation *e,
    size_t n)
{
	const char	*got;

	for (; n > 0; n--, e++) {
		got = read(e->text);
		ATF_CHECK_MSG(strcmp(got, e->want) == 0,
		    "of %s\nexpected %s\ngot      %s", e->text, e->want, got);
	}
}
#define CHECK_ALL(fn, list) \
	check_all(fn, list, sizeof(list) / sizeof((list)[0]))

ATF_TC_WITHOUT_HEAD(json__accepted);
ATF_TC_BODY(json__accepted, tc)
{
	static const struct expectation	 list[] = {
		{ "{}", "{}" },
		{ " [ ] ", "[]" },
		{ "{\"a\":1,\"b\":[true,false,null]}",
		    "{\"a\":1,\"b\":[true,false,null]}" },
		{ "[-1.5e3, 0, 12]", "[-1500,0,12]" },
		{ "[1,2,]", "[1,2]" },
		{ "{a:1,}", "{\"a\":1}" },
		{ "{$a_1:1, out-file:2, '\303\274':3}",
		    "{\"$a_1\":1,\"out-file\":2,\"\303\274\":3}" },
		{ "['a\\\r\nlonger than what is before it', \"b\\\nc\"]",
		    "[\"alonger than what is before it\",\"bc\"]" },
		{ "{'a b': 'it\\'s \"x\"'}", "{\"a b\":\"it's \\\"x\\\"\"}" },
		{ "// c\n/* d\n */ # e\n[1 /**/, // f\n 2 # g\n]#", "[1,2]" },
		{ "\"\\u0041\\x42\\n\\/\\u00e9\\ud83d\\ude00\"",
		    "\"AB\\n/\303\251\360\237\230\200\"" },
		{ "'a\\\nb'", "\"ab\"" },
		{ "\"tab\there\"", "\"tab\\there\"" },
		{ "\357\273\277{}", "{}" },
		{ "{\"a\":1,\"a\":2}", "{\"a\":2}" },
		{ "\"//no /*comment*/ #here\"",
		    "\"//no /*comment*/ #here\"" },
	};

	CHECK_ALL(json, list);
}

ATF_TC_WITHOUT_HEAD(json__mistakes);
ATF_TC_BODY(json__mistakes, tc)
{
	static const struct expectation	 list[] = {
		{ "", "1:1: expected a value, found the end of the file" },
		{ "[1 2]", "1:4: expected ',' or ']', found '2'" },
		{ "{\"a\" 1}", "1:6: expected ':' behind the key, found '1'" },
		{ "{\n  \"a\": 1\n  \"b\": 2}",
		    "3:3: expected ',' or '}', found '\"'" },
		{ "[1,\n 2", "2:3: expected ',' or ']', found the end of the "
		    "file" },
		{ "[,]", "1:2: expected a value, found ','" },
		{ "{,}", "1:2: expected a key or '}', found ','" },
		{ "[1,,2]", "1:4: expected a value, found ','" },
		{ "{} x", "1:4: expected the end of the file, found 'x'" },
		{ "[\"\303\274\", x]", "1:7: unknown word x: expected a "
		    "value (strings are in quotes)" },
		{ "module.exports = {}", "1:1: this is JavaScript: expected "
		    "JSON, or a name that ends in .config.js" },
		{ "[022]", "1:2: a number cannot begin with 0: expected "
		    "\"022\" in quotes, if that is meant" },
		{ "[1.]", "1:4: expected a digit behind the point, found "
		    "']'" },
		{ "[10M]", "1:2: a number with something behind it: expected "
		    "a string in quotes" },
		{ "[\"a\nb\"]", "1:2: this string is not closed on its line: "
		    "expected \"" },
		{ "['a", "1:2: this string is not closed: expected '" },
		{ "[\"\\q\"]", "1:3: unknown escape: expected one of \\\" "
		    "\\' \\\\ \\/ \\b \\f \\n \\r \\t \\v \\x \\u" },
		{ "[\"\\u12\"]", "1:3: expected four hexadecimal digits "
		    "behind \\u" },
		{ "[\"\\ud800\"]", "1:3: this is one half of a character (a "
		    "surrogate without its other one)" },
		{ "[\"\\u0000\"]", "1:9: a string cannot have a NUL "
		    "character" },
		{ "[1, /* x", "1:5: this comment is not closed: expected "
		    "*/" },
		{ "\n\n  \377", "3:3: this is not UTF-8" },
		{ "[\"\303\"]", "1:3: this is not UTF-8" },
	};

	CHECK_ALL(json, list);
	ATF_CHECK_STREQ("1:2: there is a NUL character here",
	    reads(pf_json, "[\0]", 3));
}

static const char *
nested(size_t depth, const char *open, const char *close)
{
	static char	 buf[512];
	size_t		 i;

	buf[0] = '\0';
	for (i = 0; i < depth; i++)
		(void)strlcat(buf, open, sizeof(buf));
	for (i = 0; i < depth; i++)
		(void)strlcat(buf, close, sizeof(buf));
	return (buf);
}

ATF_TC_WITHOUT_HEAD(trees__bounded);
ATF_TC_BODY(trees__bounded, tc)
{
	struct outbuf	 ob = { 0 };
	size_t		 i;

	ATF_CHECK_STREQ(nested(PF_DEPTH_MAX, "[", "]"),
	    json(nested(PF_DEPTH_MAX, "[", "]")));
	ATF_CHECK_STREQ("1:65: more than 64 levels",
	    json(nested(PF_DEPTH_MAX + 1, "[", "]")));
	ATF_CHECK_STREQ("1:65: more than 64 levels",
	    yaml(nested(PF_DEPTH_MAX + 1, "[", "]")));
	ob_fmt(&ob, "- &a %s\n", nested(40, "[", "]"));
	ob_fmt(&ob, "- %s*a", nested(24, "[", ""));
	ob_str(&ob, nested(24, "", "]"));
	ATF_CHECK_STREQ("2:27: with this alias more than 64 levels",
	    reads(pf_yaml, ob.data, ob.len));
	ob_free(&ob);
	ob_char(&ob, '[');
	for (i = 0; i < PF_NODES_MAX; i++)
		ob_str(&ob, "1,");
	ob_char(&ob, ']');
	ATF_CHECK_MATCH("the file has more than 500000 values",
	    reads(pf_json, ob.data, ob.len));
	ob_free(&ob);
	(void)memset(ob_room(&ob, PF_BYTES_MAX + 1), ' ', PF_BYTES_MAX + 1);
	ob.len = PF_BYTES_MAX + 1;
	ATF_CHECK_STREQ("1:1: more than 16777216 bytes",
	    reads(pf_json, ob.data, ob.len));
	ATF_CHECK_STREQ("1:1: more than 16777216 bytes",
	    reads(pf_yaml, ob.data, ob.len));
	ob_free(&ob);
}

static void
check_mark(unsigned int line, unsigned int column, struct pf_mark mark)
{
	ATF_CHECK_EQ(line, mark.line);
	ATF_CHECK_EQ(column, mark.column);
}

/* Characters count, not bytes. */
ATF_TC_WITHOUT_HEAD(trees__places);
ATF_TC_BODY(trees__places, tc)
{
	const char		*text = "{ \"\303\274\303\274\": {\n"
	    "    a: [1,  'x'] } ,  b :  true}";
	const char		*same = "\303\274\303\274: {\n"
	    "    a: [1,  'x'] }\nb :  true\n";
	const struct pf_node	*a, *u;
	struct pf_node		*n;
	struct pf_mark		 mark;
	char			 why[256];

	n = pf_json(text, strlen(text), &mark, why, sizeof(why));
	ATF_REQUIRE(n != NULL);
	check_mark(1, 1, n->mark);
	ATF_REQUIRE((u = pf_get(n, "\303\274\303\274")) != NULL);
	check_mark(1, 3, u->keymark);
	check_mark(1, 9, u->mark);
	ATF_REQUIRE((a = pf_get(u, "a")) != NULL);
	check_mark(2, 5, a->keymark);
	check_mark(2, 8, a->mark);
	check_mark(2, 9, a->child->mark);
	check_mark(2, 13, a->child->next->mark);
	check_mark(2, 28, pf_get(n, "b")->mark);
	pf_free(n);
	n = pf_yaml(same, strlen(same), &mark, why, sizeof(why));
	ATF_REQUIRE_MSG(n != NULL, "%s", why);
	ATF_REQUIRE((u = pf_get(n, "\303\274\303\274")) != NULL);
	check_mark(1, 1, u->keymark);
	check_mark(1, 5, u->mark);
	a = pf_get(u, "a");
	check_mark(2, 5, a->keymark);
	check_mark(2, 13, a->child->next->mark);
	check_mark(3, 1, pf_get(n, "b")->keymark);
	check_mark(3, 6, pf_get(n, "b")->mark);
	pf_free(n);
}

ATF_TC_WITHOUT_HEAD(trees__same_key_twice);
ATF_TC_BODY(trees__same_key_twice, tc)
{
	struct outbuf	 ob = { 0 };
	struct pf_node	*n;
	const struct pf_node *c;
	struct pf_mark	 mark;
	char		 why[256];
	size_t		 i, stale;

	/* Few and many: found in different ways, the last one counts. */
	for (i = 0; i < 40; i++)
		ob_fmt(&ob, "%sk%zu: %zu", i == 0 ? "{" : ", ", i % 30, i);
	ob_char(&ob, '}');
	n = pf_json(ob.data, ob.len, &mark, why, sizeof(why));
	ATF_REQUIRE(n != NULL);
	for (stale = 0, c = n->child; c != NULL; c = c->next)
		stale += c->stale != 0;
	ATF_CHECK_EQ(10, stale);
	ATF_CHECK_STREQ("39", pf_get(n, "k9")->text);
	ATF_CHECK_STREQ("10", pf_get(n, "k10")->text);
	ATF_CHECK(pf_get(n, "k30") == NULL);
	pf_free(n);
	ob_free(&ob);
	ATF_CHECK_STREQ("{\"a\":3}", json("{a:1, a:2, a:3}"));
	ATF_CHECK_STREQ("{\"a\":2}", yaml("a: 1\na: 2\n"));
}

ATF_TC_WITHOUT_HEAD(yaml__accepted);
ATF_TC_BODY(yaml__accepted, tc)
{
	static const struct expectation	 list[] = {
		{ "a: 1\nb: [x, 'y', \"z\\n\"]\n",
		    "{\"a\":1,\"b\":[\"x\",\"y\",\"z\\n\"]}" },
		{ "- true\n- False\n- yes\n- NO\n- on\n- off\n- y\n",
		    "[true,false,true,false,\"on\",\"off\",\"y\"]" },
		{ "- ~\n- null\n-\n- ''\n", "[null,null,null,\"\"]" },
		{ "- 1.50\n- +3\n- 0x1f\n- 0o17\n- 1e3\n- .5\n- 1.2.3\n",
		    "[1.5,3,31,15,1000,0.5,\"1.2.3\"]" },
		{ "- !!str 12\n- !mine 12\n- '12'\n", "[\"12\",12,\"12\"]" },
		{ "a: &x {p: 1}\nb: *x\n",
		    "{\"a\":{\"p\":1},\"b\":{\"p\":1}}" },
		{ "d: &d {p: 1, q: 2}\ne:\n  <<: *d\n  q: 3\n",
		    "{\"d\":{\"p\":1,\"q\":2},\"e\":{\"p\":1,\"q\":3}}" },
		{ "a: &a {p: 1}\nb: &b {q: 2}\nc: {<<: [*a, *b]}\n",
		    "{\"a\":{\"p\":1},\"b\":{\"q\":2},"
		    "\"c\":{\"q\":2,\"p\":1}}" },
		{ "a: |\n  x\n  y\nb: >\n  x\n  y\n",
		    "{\"a\":\"x\\ny\\n\",\"b\":\"x y\\n\"}" },
		{ "--- {a: 1}\n...\n", "{\"a\":1}" },
		{ "# only\n- 1\n", "[1]" },
	};

	CHECK_ALL(yaml, list);
}

ATF_TC_WITHOUT_HEAD(yaml__mistakes);
ATF_TC_BODY(yaml__mistakes, tc)
{
	static const struct expectation	 list[] = {
		{ "", "1:1: expected apps, found the end of the file" },
		{ "a: *x\n", "1:4: no anchor &x is above this alias" },
		{ "a: &x [*x]\n", "1:8: this alias is inside of its own "
		    "anchor" },
		{ "a: 1\n---\nb: 1\n", "2:1: expected one document, here "
		    "begins a second one" },
		{ "? [a]\n: 1\n", "1:3: expected a word as the key" },
		{ "<<: 3\n", "1:5: expected an alias of an object behind "
		    "<<" },
		{ "a: \"\\0\"\n", "1:4: a string cannot have a NUL "
		    "character" },
		{ "a: \377\n", "1:4: this is not UTF-8" },
	};

	CHECK_ALL(yaml, list);
	ATF_CHECK_MATCH("^3:1: did not find", yaml("a: [1,\nb: 2\n"));
	ATF_CHECK_MATCH("^2:1: .*tab|^2:1: .*token", yaml("a:\n\t- 1\n"));
}

/* Each level is ten of the one before. */
ATF_TC_WITHOUT_HEAD(yaml__billion_laughs);
ATF_TC_BODY(yaml__billion_laughs, tc)
{
	struct outbuf	 ob = { 0 };
	int		 i, j;

	ob_str(&ob, "a0: &a0 lol\n");
	for (i = 1; i < 10; i++) {
		ob_fmt(&ob, "a%d: &a%d [", i, i);
		for (j = 0; j < 10; j++)
			ob_fmt(&ob, "*a%d,", i - 1);
		ob_str(&ob, "]\n");
	}
	ATF_CHECK_MATCH("^6:|^7:", reads(pf_yaml, ob.data, ob.len));
	ATF_CHECK_MATCH("with its aliases the file is too large",
	    reads(pf_yaml, ob.data, ob.len));
	ob_free(&ob);
	/* Long texts count, however few they are. */
	ob_str(&ob, "a: &a ");
	for (i = 0; i < 100000; i++)
		ob_str(&ob, "0123456789");
	for (i = 0; i < 20; i++)
		ob_fmt(&ob, "\nb%d: *a", i);
	ATF_CHECK_MATCH("with its aliases the file is too large",
	    reads(pf_yaml, ob.data, ob.len));
	ob_free(&ob);
}

/* Many keys, merged into many, many times. */
ATF_TC_WITHOUT_HEAD(yaml__merges);
ATF_TC_BODY(yaml__merges, tc)
{
	struct outbuf	 ob = { 0 };
	int		 i;

	ATF_CHECK_STREQ("[{\"a\":1,\"b\":2},{\"b\":3,\"c\":4},"
	    "{\"c\":4,\"a\":1,\"b\":5}]", yaml("- &x {a: 1, b: 2}\n"
	    "- &y {b: 3, c: 4}\n- {<<: [*x, *y], b: 5}"));
	ATF_CHECK_STREQ("1:3: expected an alias of an object behind <<",
	    yaml("- &x 1\n- <<: *x"));
	ob_str(&ob, "- &a\n");
	for (i = 0; i < 60000; i++)
		ob_fmt(&ob, "  k%d: 1\n", i);
	ob_str(&ob, "- <<: *a\n");
	for (i = 0; i < 60000; i++)
		ob_fmt(&ob, "  m%d: 1\n", i);
	ATF_CHECK(strncmp("[{\"k0\":1,", reads(pf_yaml, ob.data, ob.len),
	    9) == 0);
	ob_free(&ob);
	ob_str(&ob, "- &a {}\n- <<: [");
	for (i = 0; i < 65; i++)
		ob_str(&ob, "*a,");
	ob_str(&ob, "]\n");
	ATF_CHECK_STREQ("1:3: more than 64 aliases behind <<",
	    reads(pf_yaml, ob.data, ob.len));
	ob_free(&ob);
}

/* Words of an arguments literal with '|' behind each, or what is wrong. */
static const char *
literal(const char *text)
{
	static char	 buf[1024];
	char		**argv, why[256];
	size_t		 i;

	buf[0] = '\0';
	switch (pf_args_literal(text, &argv, why, sizeof(why))) {
	case PF_ARGS_LITERAL:
		for (i = 0; argv[i] != NULL; i++) {
			(void)strlcat(buf, argv[i], sizeof(buf));
			(void)strlcat(buf, "|", sizeof(buf));
		}
		free(argv);
		return (buf);
	case PF_ARGS_OTHER:
		return ("other");
	default:
		(void)strlcpy(buf, why, sizeof(buf));
		return (buf);
	}
}

ATF_TC_WITHOUT_HEAD(args__literal);
ATF_TC_BODY(args__literal, tc)
{
	static const struct expectation	 list[] = {
		{ "['--toto=heya coco', '-d', '1']",
		    "--toto=heya coco|-d|1|" },
		{ "[\"-d\", 1, true, false, 1.50]", "-d|1|true|false|1.50|" },
		{ " [ ] ", "" },
		{ "['it\\'s', '\\x41\\u00e9\\n']", "it's|A\303\251\n|" },
		{ "['a',]", "a|" },
		{ "-d 1", "other" },
		{ "", "other" },
		{ "['a'", "expected a list such as ['-d', '1']; at its "
		    "character 5: expected ',' or ']', found the end of the "
		    "file" },
		{ "[process.exit()]", "expected a list such as ['-d', '1']; "
		    "at its character 2: unknown word process: expected a "
		    "value (strings are in quotes)" },
		{ "['a'].concat('b')", "expected a list such as ['-d', '1']; "
		    "at its character 6: expected the end of the file, found "
		    "'.'" },
		{ "['a', ['b']]", "expected a list of strings and numbers, "
		    "found a list in it" },
		{ "[null]", "expected a list of strings and numbers, found "
		    "null in it" },
	};

	CHECK_ALL(literal, list);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, json__accepted);
	ATF_TP_ADD_TC(tp, json__mistakes);
	ATF_TP_ADD_TC(tp, trees__bounded);
	ATF_TP_ADD_TC(tp, trees__places);
	ATF_TP_ADD_TC(tp, trees__same_key_twice);
	ATF_TP_ADD_TC(tp, yaml__accepted);
	ATF_TP_ADD_TC(tp, yaml__mistakes);
	ATF_TP_ADD_TC(tp, yaml__billion_laughs);
	ATF_TP_ADD_TC(tp, yaml__merges);
	ATF_TP_ADD_TC(tp, args__literal);
	return (atf_no_error());
}

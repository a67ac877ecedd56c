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
 * The language of pm2d.conf(5): what is read, what is said about mistakes,
 * and that what is printed is read as the same.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <atf-c.h>

#include "conf-lex.h"
#include "conf-parse.h"
#include "confutil.h"

static struct confutil	 cu;

static struct conf *
parse(const char *text)
{
	return (confutil_parse(&cu, text, strlen(text)));
}

static void
round_trip(const char *text)
{
	struct conf	*a, *b;
	char		*out;
	size_t		 len;

	a = parse(text);
	ATF_REQUIRE_MSG(a != NULL, "%s: %s", text, cu.said);
	ATF_REQUIRE_EQ(0, conf_printnames(a, &confutil_names, &out, &len));
	ATF_REQUIRE_EQ(len, strlen(out));
	b = parse(out);
	ATF_REQUIRE_MSG(b != NULL, "%s: %s", out, cu.said);
	ATF_CHECK_MSG(confutil_equal(a, b), "%s is printed as %s", text, out);
	free(out);
	conf_free(a);
	conf_free(b);
}

/* What rules are printed as, without the three lines of places. */
static void
printed(const char *text, const char *want)
{
	struct conf	*conf;
	const char	*p;
	char		*out;
	size_t		 len;
	int		 i;

	conf = parse(text);
	ATF_REQUIRE_MSG(conf != NULL, "%s: %s", text, cu.said);
	ATF_REQUIRE_EQ(0, conf_printnames(conf, &confutil_names, &out, &len));
	for (p = out, i = 0; i < 3; i++)
		p = strchr(p, '\n') + 1;
	ATF_CHECK_STREQ(want, p);
	free(out);
	conf_free(conf);
	round_trip(text);
}

/* ---- the lexer ---- */

static const char *
no_macro(void *arg, const char *name)
{
	(void)arg;
	return (strcmp(name, "x") == 0 ? "two {words" : NULL);
}

ATF_TC_WITHOUT_HEAD(lex__tokens);
ATF_TC_BODY(lex__tokens, tc)
{
	static const char	 text[] =
	    "a \"b c\" {d,e}= # f\n"
	    "g\\\n  h\r\n"
	    "\"i\\\"\\\\j\\\nk\"\n"
	    "$x $x\tl\\\n";
	static const struct {
		enum lex_token	 token;
		const char	*text;
		uint32_t	 line;
	} want[] = {
		{ LEX_WORD, "a", 1 }, { LEX_STRING, "b c", 1 },
		{ LEX_OPEN, NULL, 1 }, { LEX_WORD, "d", 1 },
		{ LEX_COMMA, NULL, 1 }, { LEX_WORD, "e", 1 },
		{ LEX_CLOSE, NULL, 1 }, { LEX_EQUALS, NULL, 1 },
		{ LEX_NEWLINE, NULL, 1 },
		{ LEX_WORD, "g", 2 }, { LEX_WORD, "h", 3 },
		{ LEX_NEWLINE, NULL, 3 },
		{ LEX_STRING, "i\"\\jk", 4 }, { LEX_NEWLINE, NULL, 5 },
		{ LEX_WORD, "two", 6 }, { LEX_OPEN, NULL, 6 },
		{ LEX_WORD, "words", 6 },
		{ LEX_WORD, "two", 6 }, { LEX_OPEN, NULL, 6 },
		{ LEX_WORD, "words", 6 }, { LEX_WORD, "l", 6 },
		{ LEX_EOF, NULL, 7 }, { LEX_EOF, NULL, 7 }
	};
	static struct lex	 lx;
	enum lex_token		 token;
	size_t			 i;

	lex_init(&lx, text, sizeof(text) - 1, no_macro, NULL);
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		token = lex_next(&lx);
		ATF_REQUIRE_EQ_MSG(want[i].token, token, "token %zu: %s", i,
		    token == LEX_BAD ? lx.why : lx.token);
		ATF_CHECK_EQ_MSG(want[i].line, lx.line, "token %zu", i);
		if (want[i].text != NULL)
			ATF_CHECK_STREQ(want[i].text, lx.token);
	}
}

ATF_TC_WITHOUT_HEAD(lex__bad);
ATF_TC_BODY(lex__bad, tc)
{
	static const char *const bad[] = {
		"\"a", "\"a\nb\"", "\"a\\n\"", "a\\b", "\\", "a\"b\"",
		"\"a\"b", "\"a\"\"b\"", "a$x", "$", "$1", "$y", "$x$x",
		"$x/a", "\001", "\x7f", "\"\002\"", "$x\"a\""
	};
	static struct lex	 lx;
	enum lex_token		 token;
	size_t			 i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		lex_init(&lx, bad[i], strlen(bad[i]), no_macro, NULL);
		do {
			token = lex_next(&lx);
		} while (token != LEX_BAD && token != LEX_EOF);
		ATF_CHECK_EQ_MSG(LEX_BAD, token, "%s", bad[i]);
		ATF_CHECK(token == LEX_EOF || lx.why[0] != '\0');
		/* and it comes to an end */
		while (lex_next(&lx) != LEX_EOF)
			continue;
	}
	lex_init(&lx, "a\0b", 3, no_macro, NULL);
	ATF_CHECK_EQ(LEX_WORD, lex_next(&lx));
	ATF_CHECK_EQ(LEX_BAD, lex_next(&lx));
}

ATF_TC_WITHOUT_HEAD(lex__too_long);
ATF_TC_BODY(lex__too_long, tc)
{
	static char		 text[3 * LEX_TOKEN_MAX];
	static struct lex	 lx;

	memset(text, 'a', sizeof(text));
	lex_init(&lx, text, LEX_TOKEN_MAX - 1, no_macro, NULL);
	ATF_CHECK_EQ(LEX_WORD, lex_next(&lx));
	ATF_CHECK_EQ(LEX_TOKEN_MAX - 1, strlen(lx.token));
	lex_init(&lx, text, LEX_TOKEN_MAX, no_macro, NULL);
	ATF_CHECK_EQ(LEX_BAD, lex_next(&lx));
	text[0] = '"';
	lex_init(&lx, text, sizeof(text), no_macro, NULL);
	ATF_CHECK_EQ(LEX_BAD, lex_next(&lx));
}

/* ---- what is read ---- */

ATF_TC_WITHOUT_HEAD(empty__defaults);
ATF_TC_BODY(empty__defaults, tc)
{
	struct conf_begin	 cb;
	struct conf		*conf;

	conf_defaults(&cb);
	ATF_CHECK_EQ(0666, cb.socket_mode);
	ATF_CHECK(conf_badpath(cb.socket) == NULL);
	ATF_REQUIRE((conf = parse("\n # nothing\n\n")) != NULL);
	ATF_CHECK_EQ(0, memcmp(&cb, &conf->begin, sizeof(cb)));
	ATF_CHECK_EQ(0, conf->nrules + conf->nlimits + conf->nboot);
	ATF_CHECK_EQ(1, conf->nfiles);
	ATF_CHECK_STREQ("/etc/pm2d.conf", conf->files[0]);
	conf_free(conf);
	round_trip("");
	conf_free(NULL);
}

ATF_TC_WITHOUT_HEAD(places__all);
ATF_TC_BODY(places__all, tc)
{
	static const char	 text[] =
	    "listen on \"/a/s\" mode 0660 group wheel\n"
	    "state directory /b\nlog directory \"/c d\"\nlog limit 3M\n"
	    "web listen on ::1 port 9615\n";
	struct conf		*conf;

	ATF_REQUIRE((conf = parse(text)) != NULL);
	ATF_CHECK_STREQ("/a/s", conf->begin.socket);
	ATF_CHECK_EQ(0660, conf->begin.socket_mode);
	ATF_CHECK_EQ(10, conf->begin.socket_gid);
	ATF_CHECK_STREQ("/b", conf->begin.statedir);
	ATF_CHECK_STREQ("/c d", conf->begin.logdir);
	ATF_CHECK_EQ(3 * 1024 * 1024, conf->begin.logbudget);
	ATF_CHECK_STREQ("::1", conf->begin.webaddr);
	ATF_CHECK_EQ(9615, conf->begin.webport);
	conf_free(conf);
	round_trip(text);
}

ATF_TC_WITHOUT_HEAD(rules__printed);
ATF_TC_BODY(rules__printed, tc)
{
	printed("permit all\n", "permit all all as self\n");
	printed("permit all all", "permit all all as self\n");
	printed("permit all as any", "permit all all as any\n");
	printed("permit alice", "permit all alice as self\n");
	printed("deny all", "deny all all as any\n");
	printed("deny alice as self", "deny all alice as self\n");
	printed("permit start alice", "permit start alice as self\n");
	printed("permit list alice", "permit list alice as self\n");
	printed("permit { list, doctor } alice",
	    "permit { list doctor } alice as self\n");
	printed("permit doctor alice", "permit doctor alice as self\n");
	printed("permit { all kill } alice",
	    "permit { all kill } alice as self\n");
	printed("permit kill alice", "permit kill alice as self\n");
	printed("permit { start, list } :wheel as { www self\n root }",
	    "permit start :wheel as www\npermit start :wheel as self\n"
	    "permit start :wheel as root\n");
	printed("permit { alice bob } as any",
	    "permit all alice as any\npermit all bob as any\n");
	printed("permit { start stop } { alice, :wheel } as www cmd \"/b\"",
	    "permit { start stop } alice as www cmd \"/b\"\n"
	    "permit { start stop } :wheel as www cmd \"/b\"\n");
	printed("deny start alice as any cmd /bin/sh",
	    "deny start alice as any cmd \"/bin/sh\"\n");
	printed("deny { start stop restart reload scale delete reset "
	    "sendSignal message logs flush reloadLogs list env doctor kill } "
	    "all", "deny all all as any\n");
	/* names that mean something, or would */
	printed("permit \"list\"", "permit all \"list\" as self\n");
	printed("permit start list", "permit start \"list\" as self\n");
	printed("permit \"all\" as \"self\"",
	    "permit all \"all\" as \"self\"\n");
	printed("permit start \"web\" as \"web\"",
	    "permit start \"web\" as \"web\"\n");
	printed("permit \"dom\\\\user$\" as j\xc3\xb6rg",
	    "permit all \"dom\\\\user$\" as \"j\xc3\xb6rg\"\n");
	printed("permit a.b-c_d", "permit all a.b-c_d as self\n");
	printed("permit \":wheel\"", "permit all :wheel as self\n");
}

ATF_TC_WITHOUT_HEAD(ports__printed);
ATF_TC_BODY(ports__printed, tc)
{
	printed("permit port 80 as www", "permit port 80 as www\n");
	printed("permit port { 80, 443 } as { www any }",
	    "permit port 80 as www\npermit port 80 as any\n"
	    "permit port 443 as www\npermit port 443 as any\n");
	printed("permit port 20-25 as www", "permit port 20 - 25 as www\n");
	printed("deny port 20 - 25 as any", "deny port 20 - 25 as any\n");
	printed("permit port { 1-5 1023 } as www",
	    "permit port 1 - 5 as www\npermit port 1023 as www\n");
}

ATF_TC_WITHOUT_HEAD(limits__printed);
ATF_TC_BODY(limits__printed, tc)
{
	printed("limit all apps 50", "limit all { apps 50 }\n");
	printed("limit apps 0", "limit all { apps 0 }\n");
	printed("limit { apps 5, connections 6\nmemory 2G\n\nlog 500M }",
	    "limit all { apps 5 connections 6 memory 2G log 500M }\n");
	printed("limit user alice memory 1025",
	    "limit user alice { memory 1025 }\n");
	printed("limit user \"web\" { apps unlimited connections unlimited "
	    "log unlimited memory unlimited }",
	    "limit user \"web\" { apps unlimited connections unlimited memory "
	    "unlimited log unlimited }\n");
	printed("limit group wheel log 3K apps 1",
	    "limit group wheel { apps 1 log 3K }\n");
}

ATF_TC_WITHOUT_HEAD(resurrect__printed);
ATF_TC_BODY(resurrect__printed, tc)
{
	printed("resurrect alice\nresurrect { bob \"web\" alice }",
	    "resurrect alice\nresurrect bob\nresurrect \"web\"\n");
	ATF_CHECK_EQ(0, cu.nerrors);
}

ATF_TC_WITHOUT_HEAD(macros__expanded);
ATF_TC_BODY(macros__expanded, tc)
{
	printed("a = \"alice\"\npermit $a\n", "permit all alice as self\n");
	printed("a = alice\nb=$a\npermit {$b,bob}\n",
	    "permit all alice as self\npermit all bob as self\n");
	printed("rule = \"permit { start stop } alice as www\"\n$rule\n",
	    "permit { start stop } alice as www\n");
	printed("none = \"\"\npermit $none alice $none\n",
	    "permit all alice as self\n");
	printed("p = \"\\\"/a b\\\"\"\npermit start alice cmd $p\n",
	    "permit start alice as self cmd \"/a b\"\n");
	/* in quotes it is no macro */
	printed("permit start alice cmd \"/$a\"\n",
	    "permit start alice as self cmd \"/$a\"\n");
	ATF_CHECK_EQ(0, cu.nwarnings);
	conf_free(parse("a = b\n\nc = d\n"));
	ATF_CHECK_STREQ("/etc/pm2d.conf:1: macro a is not used\n"
	    "/etc/pm2d.conf:3: macro c is not used\n", cu.said);
}

ATF_TC_WITHOUT_HEAD(lines__and_files_of_rules);
ATF_TC_BODY(lines__and_files_of_rules, tc)
{
	static const char *const files[] = {
		"/etc/more.conf", "\npermit $who as www\ninclude \"/x\"\n",
		"/x", "permit start bob as www",
		NULL
	};
	struct conf	*conf;
	char		 where[64];

	cu.files = files;
	conf = parse("who = alice\ninclude more.conf\n\n"
	    "permit \\\n bob\n");
	cu.files = NULL;
	ATF_REQUIRE_MSG(conf != NULL, "%s", cu.said);
	ATF_REQUIRE_EQ(3, conf->nrules);
	conf_where(conf, &conf->rules[0], where, sizeof(where));
	ATF_CHECK_STREQ("/etc/more.conf:2", where);
	conf_where(conf, &conf->rules[1], where, sizeof(where));
	ATF_CHECK_STREQ("/x:1", where);
	conf_where(conf, &conf->rules[2], where, sizeof(where));
	ATF_CHECK_STREQ("/etc/pm2d.conf:5", where);
	conf_free(conf);
}

/* ---- mistakes ---- */

static const struct {
	const char	*text;
	const char	*said;		/* without the file's name */
} mistakes[] = {
	{ "allow alice", "1: 'allow' begins no line" },
	{ "\nstart alice", "2: 'start' begins no line: is it to be "
	    "'permit start' or 'deny start'?" },
	{ "\"permit\" alice", "1: \"permit\" where a line begins" },
	{ "{", "1: a '{' where a line begins" },
	{ "permit", "1: the end of the file where a user, :group or all" },
	{ "permit\n", "1: the end of the line where a user, :group or all" },
	{ "permit start\n", "1: the end of the line where a user" },
	{ "permit list", "1: the end of the file where a user" },
	{ "permit start eve", "1: there is no user eve" },
	{ "permit start :eve", "1: there is no group eve" },
	{ "permit start :", "1: group '' is empty" },
	{ "permit slow", "1: looking up user slow: Input/output error" },
	{ "permit 1000", "1: user '1000' is a number, not a name" },
	{ "permit start :10", "1: group '10' is a number, not a name" },
	{ "permit start -1", "1: user '-1' begins with '-', '+' or '#'" },
	{ "permit a:b", "1: user 'a:b' contains ':' or '/'" },
	{ "permit web", "1: 'web' is a word of the language: a user of this "
	    "name is written in quotes" },
	{ "permit start alice as all", "1: 'all' is a word of the language" },
	{ "permit start alice as www bob", "1: 'bob' where the line is to "
	    "end" },
	{ "permit { start begin } alice", "1: 'begin' is no command that a "
	    "rule can name" },
	{ "permit { alice", "1: the end of the file where a user" },
	{ "permit { }", "1: a '}' where a user" },
	{ "permit { alice, , bob }", "1: a ',' where a user" },
	{ "permit all as toor", "1: user toor is root: write 'as root'" },
	{ "permit alice cmd node", "1: 'node' is not an absolute path" },
	{ "permit alice cmd /a//b", "1: '/a//b' has an empty component" },
	{ "permit alice cmd /a/", "1: '/a/' has an empty component" },
	{ "permit alice cmd /a/../b", "1: '/a/../b' has '.' or '..'" },
	{ "permit alice cmd /", "1: '/' is the root directory" },
	{ "permit stop alice cmd /a", "1: cmd is about start" },
	{ "deny alice cmd /a", "1: cmd denies a program to be started" },
	{ "permit port 80", "1: the end of the file where 'as' is to be" },
	{ "permit port 80 as self", "1: 'self' is a word of the language" },
	{ "permit port http as www", "1: 'http' is no port" },
	{ "permit port 0 as www", "1: '0' is no port" },
	{ "permit port 8080 as www", "1: port 8080: ports from 1024 on need "
	    "no permission" },
	{ "permit port 90-80 as www", "1: ports 90-80: the first one is the "
	    "higher one" },
	{ "permit port 90 - 80 as www", "1: ports 90-80: the first" },
	{ "permit port { 1 2 } - 80 as www", "1: '-' where 'as' is to be" },
	{ "permit port 80 alice as www", "1: 'alice' where 'as' is to be" },
	{ "limit", "1: the end of the file where 'apps'" },
	{ "limit all", "1: the end of the file where 'apps'" },
	{ "limit alice apps 5", "1: 'alice' where 'apps'" },
	{ "limit user", "1: the end of the file where a user is to be" },
	{ "limit user eve apps 5", "1: there is no user eve" },
	{ "limit apps many", "1: 'many': a number of apps is a number from" },
	{ "limit apps -1", "1: '-1': a number of apps is a number from" },
	{ "limit connections 0", "1: '0': a number of connections is a "
	    "number from 1" },
	{ "limit memory 0", "1: '0' is no sensible size" },
	{ "limit memory 5X", "1: '5X' " },
	{ "limit apps 1 apps 2", "1: 'apps' twice in one limit" },
	{ "limit { apps 1\n", "1: the '{' of this line is not closed" },
	{ "\nlimit {\napps 1\npermit alice",
	    "2: the '{' of this line is not closed" },
	{ "permit { alice\ndeny bob", "1: the '{' of this line is not" },
	{ "listen on sock", "1: 'sock' is not an absolute path" },
	{ "listen on \"/a/0123456789012345678901234567890123456789012345678901"
	    "234567890123456789012345678901234567890123456789012345678901234\"",
	    "1: \"/a/" },
	{ "listen on /a mode 999", "1: '999' where a mode like 0660" },
	{ "listen on /a mode 0060", "1: mode 0060: root reads and writes" },
	{ "listen on /a mode 0777", "1: mode 0777: root reads and writes" },
	{ "listen on /a mode 10000", "1: '10000' where a mode" },
	{ "listen on /a group eve", "1: there is no group eve" },
	{ "listen on /a\nlisten on /b", "2: listen for the second time, after "
	    "/etc/pm2d.conf:1" },
	{ "state directory relative", "1: 'relative' is not an absolute" },
	{ "state /a", "1: '/a' where 'directory' is to be" },
	{ "log file /a", "1: 'file' where 'directory' or 'limit'" },
	{ "log limit none", "1: 'none' " },
	{ "web listen on localhost port 80", "1: 'localhost' is no numeric "
	    "address" },
	{ "web listen on ::1 port 0", "1: '0': a port is a number from 1" },
	{ "web listen on ::1", "1: the end of the file where 'port'" },
	{ "resurrect eve", "1: there is no user eve" },
	{ "include", "1: the end of the file where the name of a file" },
	{ "include \"more\"", "1: include \"/etc/more\": No such file" },
	{ "include pm2d.conf", "1: /etc/pm2d.conf includes itself" },
	{ "permit = alice", "1: 'permit' is a word of the language: no name" },
	{ "start = alice", "1: 'start' is a word of the language" },
	{ "a-b = alice", "1: 'a-b': the name of a macro is of letters" },
	{ "1a = alice", "1: '1a': the name of a macro" },
	{ "a = b\na = c", "2: macro a for the second time, after "
	    "/etc/pm2d.conf:1" },
	{ "a = {", "1: a '{' where the value of macro a is to be" },
	{ "a = b c", "1: 'c' where the line is to end" },
	{ "permit $a", "1: there is no macro a above this line" },
	{ "permit $a\na = alice", "1: there is no macro a above" },
	{ "permit \"alice", "1: the quotes are not closed" },
	{ "permit ali\"ce\"", "1: a '\"' has no meaning here" },
	{ "permit alice \001", "1: a control character (0x01)" },
	{ "permit alice \\ as www", "1: a '\\' has no meaning here" }
};

ATF_TC_WITHOUT_HEAD(mistakes__line_and_words);
ATF_TC_BODY(mistakes__line_and_words, tc)
{
	static const char	 file[] = "/etc/pm2d.conf:";
	struct conf		*conf;
	size_t			 i;

	for (i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		conf = parse(mistakes[i].text);
		ATF_CHECK_MSG(conf == NULL, "%s", mistakes[i].text);
		conf_free(conf);
		ATF_CHECK_EQ_MSG(1, cu.nerrors, "%s: %s", mistakes[i].text,
		    cu.said);
		ATF_CHECK_MSG(strncmp(cu.said, file, strlen(file)) == 0 &&
		    strncmp(cu.said + strlen(file), mistakes[i].said,
		    strlen(mistakes[i].said)) == 0, "%s: %s",
		    mistakes[i].text, cu.said);
	}
}

ATF_TC_WITHOUT_HEAD(mistakes__all_are_told);
ATF_TC_BODY(mistakes__all_are_told, tc)
{
	ATF_CHECK(parse(
	    "permit eve\n"			/* 1 */
	    "permit alice\n"
	    "limit { apps x\n connections y }\n"	/* 3 */
	    "permit { eve adam } as { www mallory }\n"	/* 5, three times */
	    "listen on /a mode 9\n"		/* 6 */
	    "permit { alice\n bob\n"		/* 7: never closed... */
	    "permit bob as\n"			/* 9 */
	    "deny \"x\n"			/* 10 */
	    "state directory a\n") == NULL);	/* 11 */
	ATF_CHECK_EQ_MSG(10, cu.nerrors, "%s", cu.said);
	ATF_CHECK_MSG(strstr(cu.said, ":11: 'a' is not an") != NULL, "%s",
	    cu.said);
	ATF_CHECK(strstr(cu.said, ":6: '9' where a mode") != NULL);
	ATF_CHECK(strstr(cu.said, ":3: 'x'") != NULL);
}

ATF_TC_WITHOUT_HEAD(mistakes__not_without_end);
ATF_TC_BODY(mistakes__not_without_end, tc)
{
	static char	 text[8 * 1000 + 1];
	int		 i;

	for (i = 0; i < 1000; i++)
		memcpy(text + i * 8, "permit \n", 8);
	ATF_CHECK(parse(text) == NULL);
	ATF_CHECK_EQ(CONF_MAXERRORS + 1, cu.nerrors);
	ATF_CHECK(strstr(cu.said, "too many mistakes") != NULL);
}

ATF_TC_WITHOUT_HEAD(includes__bounded);
ATF_TC_BODY(includes__bounded, tc)
{
	static const char *const deep[] = {
		"/0", "include 1", "/1", "include 2", "/2", "include 3",
		"/3", "include 4", "/4", "include 5", "/5", "include 6",
		"/6", "include 7", "/7", "include 8", "/8", "include 9",
		"/9", "include a", "/a", "include b", "/b", "include c",
		"/c", "include d", "/d", "include e", "/e", "include f",
		"/f", "include g", "/g", "permit alice", NULL
	};
	static const char *const wide[] = {
		"/e/a", "include b\ninclude b", "/e/b", "include c\ninclude c",
		"/e/c", "include d\ninclude d", "/e/d", "include e\ninclude e",
		"/e/e", "include f\ninclude f", "/e/f", "include g\ninclude g",
		"/e/g", "include h\ninclude h", "/e/h", "include i\ninclude i",
		"/e/i", "permit alice", NULL
	};
	static const char *const loop[] = {
		"/x", "include y", "/y", "\ninclude /etc/pm2d.conf", NULL
	};
	struct conf	*conf;

	cu.files = deep;
	ATF_CHECK(parse("include /0") == NULL);
	ATF_CHECK_MSG(strcmp(cu.said, "/f:1: more than 16 includes in one "
	    "another\n") == 0, "%s", cu.said);
	ATF_REQUIRE((conf = parse("include /1")) != NULL);
	ATF_CHECK_EQ(17, conf->nfiles);
	conf_free(conf);
	cu.files = wide;
	ATF_CHECK(parse("include /e/a") == NULL);
	ATF_CHECK(strstr(cu.said, "more than 256 files") != NULL);
	cu.files = loop;
	ATF_CHECK(parse("include /x") == NULL);
	ATF_CHECK_STREQ("/y:2: /etc/pm2d.conf includes itself\n", cu.said);
	cu.files = NULL;
}

ATF_TC_WITHOUT_HEAD(rules__bounded);
ATF_TC_BODY(rules__bounded, tc)
{
	static char	 text[4096];
	struct conf	*conf;
	size_t		 n = 0;
	int		 i;

	n = strlcpy(text, "permit { ", sizeof(text));
	for (i = 0; i < 70; i++)
		n = strlcat(text, "alice ", sizeof(text));
	n = strlcat(text, "} as { ", sizeof(text));
	for (i = 0; i < 70; i++)
		n = strlcat(text, "bob ", sizeof(text));
	n = strlcat(text, "}\n", sizeof(text));
	ATF_REQUIRE(n < sizeof(text));
	conf = confutil_parse(&cu, text, n);
	ATF_CHECK(conf == NULL);
	ATF_CHECK_MSG(strstr(cu.said, "more than 4096 rules") != NULL, "%s",
	    cu.said);
	conf_free(conf);
}

ATF_TC_WITHOUT_HEAD(warnings__root);
ATF_TC_BODY(warnings__root, tc)
{
	conf_free(parse("permit start root\nlimit user root apps 5\n"));
	ATF_CHECK_STREQ("/etc/pm2d.conf:1: root needs no permission, and "
	    "cannot be denied any\n/etc/pm2d.conf:2: root has no limits\n",
	    cu.said);
}

static const char *const words[] = {
	"all", "any", "apps", "as", "cmd", "connections", "deny", "directory",
	"group", "include", "limit", "listen", "log", "memory", "mode", "on",
	"permit", "port", "resurrect", "self", "state", "unlimited", "user",
	"web"
};

/* Every word that the parser knows needs quotes as a name, and no other. */
ATF_TC_WITHOUT_HEAD(words__reserved);
ATF_TC_BODY(words__reserved, tc)
{
	size_t	 i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		ATF_CHECK_MSG(conf_reserved(words[i]), "%s", words[i]);
	ATF_CHECK(!conf_reserved("start"));
	ATF_CHECK(!conf_reserved(""));
	ATF_CHECK(!conf_reserved("root"));
}

/* ---- what comes with it ---- */

static char *
slurp(const atf_tc_t *tc, const char *name)
{
	static char	 buf[65536];
	char		 path[4096];
	size_t		 n;
	FILE		*fp;

	snprintf(path, sizeof(path), "%s/../../%s",
	    atf_tc_get_config_var(tc, "srcdir"), name);
	ATF_REQUIRE_MSG((fp = fopen(path, "r")) != NULL, "%s", path);
	n = fread(buf, 1, sizeof(buf) - 1, fp);
	fclose(fp);
	buf[n] = '\0';
	return (buf);
}

static void
must_parse(const char *text, size_t rules)
{
	static const char *const files[] = {
		"/etc/pm2d.conf.local", "permit bob", NULL
	};
	struct conf	*conf;

	cu.files = files;
	cu.anyname = 1;
	conf = parse(text);
	ATF_REQUIRE_MSG(conf != NULL, "%s in %s", cu.said, text);
	ATF_CHECK_EQ_MSG(rules, conf->nrules, "%zu rules in %s",
	    conf->nrules, text);
	ATF_CHECK_EQ_MSG(0, cu.nwarnings, "%s", cu.said);
	conf_free(conf);
	round_trip(text);
	cu.files = NULL;
	cu.anyname = 0;
}

ATF_TC_WITHOUT_HEAD(example__as_it_is_and_all_of_it);
ATF_TC_BODY(example__as_it_is_and_all_of_it, tc)
{
	char	*text, *p;

	text = slurp(tc, "etc/pm2d.conf");
	must_parse(text, 0);
	/* What has a '#' and a word behind it. */
	for (p = text; (p = strchr(p, '\n')) != NULL; p++) {
		if (p[1] == '#' && p[2] >= 'a' && p[2] <= 'z')
			p[1] = ' ';
	}
	must_parse(text, 7);
}

/* Each display in EXAMPLES, as roff would show it. */
ATF_TC_WITHOUT_HEAD(manual__examples);
ATF_TC_BODY(manual__examples, tc)
{
	static const size_t	 rules[] = { 1, 4, 3, 0 };
	char			*text, *p, *end, *from, *to;
	size_t			 n = 0;

	text = slurp(tc, "pm2d/pm2d.conf.5");
	ATF_REQUIRE((p = strstr(text, ".Sh EXAMPLES\n")) != NULL);
	while ((p = strstr(p, ".Bd -literal")) != NULL) {
		p = strchr(p, '\n') + 1;
		ATF_REQUIRE((end = strstr(p, ".Ed\n")) != NULL);
		*end = '\0';
		for (from = to = p; *from != '\0'; from++) {
			if (from[0] == '\\' && from[1] == 'e')
				from++;
			*to++ = from[-1] == '\\' && from[0] == 'e' ? '\\' :
			    *from;
		}
		*to = '\0';
		ATF_REQUIRE(n < sizeof(rules) / sizeof(rules[0]));
		must_parse(p, rules[n++]);
		p = end + 1;
	}
	ATF_CHECK_EQ(sizeof(rules) / sizeof(rules[0]), n);
}

static int
in_macro(const char *text, const char *word)
{
	const char	*line, *p;
	size_t		 n = strlen(word), len;

	for (line = text; *line != '\0'; line += len + 1) {
		len = strcspn(line, "\n");
		if (*line != '.' || memmem(line, len, "Ic ", 3) == NULL)
			continue;
		for (p = line + 1; p + n <= line + len; p++) {
			if (p[-1] == ' ' && memcmp(p, word, n) == 0 &&
			    (p[n] == ' ' || p[n] == '\n'))
				return (1);
		}
	}
	return (0);
}

/* The manual names every word and every command. */
ATF_TC_WITHOUT_HEAD(manual__all_words);
ATF_TC_BODY(manual__all_words, tc)
{
	const char	*name, *text = slurp(tc, "pm2d/pm2d.conf.5");
	char		 line[64];
	uint64_t	 bits;
	size_t		 i;

	for (i = 0; (name = perm_verbname(i, &bits)) != NULL; i++) {
		snprintf(line, sizeof(line), "\n.It Ic %s\n", name);
		ATF_CHECK_MSG(strstr(text, line) != NULL, "%s", name);
	}
	/* In a macro of roff's, with Ic before it or before the words before */
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		ATF_CHECK_MSG(in_macro(text, words[i]), "%s", words[i]);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, lex__tokens);
	ATF_TP_ADD_TC(tp, lex__bad);
	ATF_TP_ADD_TC(tp, lex__too_long);
	ATF_TP_ADD_TC(tp, empty__defaults);
	ATF_TP_ADD_TC(tp, places__all);
	ATF_TP_ADD_TC(tp, rules__printed);
	ATF_TP_ADD_TC(tp, ports__printed);
	ATF_TP_ADD_TC(tp, limits__printed);
	ATF_TP_ADD_TC(tp, resurrect__printed);
	ATF_TP_ADD_TC(tp, macros__expanded);
	ATF_TP_ADD_TC(tp, lines__and_files_of_rules);
	ATF_TP_ADD_TC(tp, mistakes__line_and_words);
	ATF_TP_ADD_TC(tp, mistakes__all_are_told);
	ATF_TP_ADD_TC(tp, mistakes__not_without_end);
	ATF_TP_ADD_TC(tp, includes__bounded);
	ATF_TP_ADD_TC(tp, rules__bounded);
	ATF_TP_ADD_TC(tp, warnings__root);
	ATF_TP_ADD_TC(tp, words__reserved);
	ATF_TP_ADD_TC(tp, example__as_it_is_and_all_of_it);
	ATF_TP_ADD_TC(tp, manual__examples);
	ATF_TP_ADD_TC(tp, manual__all_words);
	return (atf_no_error());
}

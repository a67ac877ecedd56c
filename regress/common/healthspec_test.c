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

#include <atf-c.h>

#include "healthspec.h"
#include "proc.h"

static struct healthspec	 hs;

ATF_TC_WITHOUT_HEAD(parse__http);
ATF_TC_BODY(parse__http, tc)
{
	ATF_REQUIRE_EQ(NULL, healthspec_parse("http://127.0.0.1:81/a", &hs));
	ATF_CHECK_EQ(HEALTHSPEC_HTTP, hs.kind);
	ATF_CHECK_STREQ("127.0.0.1", hs.host);
	ATF_CHECK_EQ(81, hs.port);
	ATF_CHECK_STREQ("/a", hs.path);
	ATF_REQUIRE_EQ(NULL, healthspec_parse("http://localhost", &hs));
	ATF_CHECK_EQ(80, hs.port);
	ATF_CHECK_STREQ("/", hs.path);
	ATF_REQUIRE_EQ(NULL, healthspec_parse("http://[::1]:1/", &hs));
	ATF_CHECK(hs.v6);
	ATF_CHECK_STREQ("::1", hs.host);
}

ATF_TC_WITHOUT_HEAD(parse__tcp);
ATF_TC_BODY(parse__tcp, tc)
{
	ATF_REQUIRE_EQ(NULL, healthspec_parse("tcp:localhost:65535", &hs));
	ATF_CHECK_EQ(HEALTHSPEC_TCP, hs.kind);
	ATF_CHECK_EQ(65535, hs.port);
	ATF_CHECK_EQ(NULL, healthspec_parse("tcp://10.0.0.1:1", &hs));
	ATF_CHECK_EQ(0, healthspec_local(&hs));
}

ATF_TC_WITHOUT_HEAD(parse__bad);
ATF_TC_BODY(parse__bad, tc)
{
	static const char *const bad[] = {
		"", "http", "http://", "http:///x", "http://example.org/",
		"http://1.2.3:80/", "http://127.0.0.1:0/",
		"http://127.0.0.1:65536/", "http://127.0.0.1:1x/",
		"http://127.0.0.1:000080/", "http://127.0.0.1:/",
		"http://127.0.0.1:-1/", "http://127.0.0.1?x",
		"http://u:p@127.0.0.1/", "http://[::1/", "http://[127.0.0.1]/",
		"http://::1/", "http://127.0.0.1/a b", "http://127.0.0.1/a\r\n",
		"http://127.0.0.1/#x", "http://127.0.0.1/\xc3\xa4",
		"http://0.0.0.0:80/", "http://[::]:80/", "https://127.0.0.1/",
		"tcp:127.0.0.1", "tcp:127.0.0.1:80/", "tcp::80", "exec:",
		"exec:  ", "exec:'a", "exec:''", "ftp://127.0.0.1/",
		"http://[fe80::1%eth0]/"
	};
	size_t	 i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ATF_CHECK_MSG(healthspec_bad(bad[i]) != NULL, "%s", bad[i]);
}

ATF_TC_WITHOUT_HEAD(parse__long);
ATF_TC_BODY(parse__long, tc)
{
	char	 text[5000];

	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	memcpy(text, "exec:", 5);
	ATF_CHECK(healthspec_bad(text) != NULL);
	memcpy(text, "http://127.0.0.1/", 17);
	ATF_CHECK(healthspec_bad(text) != NULL);
	text[17 - 1 + 1023] = '\0';
	ATF_CHECK_EQ(NULL, healthspec_bad(text));
	memcpy(text, "tcp:[aaaaa", 10);
	ATF_CHECK(healthspec_bad(text) != NULL);
}

ATF_TC_WITHOUT_HEAD(local__what_stays_here);
ATF_TC_BODY(local__what_stays_here, tc)
{
	static const struct {
		const char	*text;
		int		 local;
	} cases[] = {
		{ "tcp:localhost:1", 1 }, { "tcp:127.9.9.9:1", 1 },
		{ "tcp:[::1]:1", 1 }, { "exec:true", 1 },
		{ "tcp:128.0.0.1:1", 0 }, { "tcp:12.7.0.1:1", 0 },
		{ "tcp:[::2]:1", 0 }, { "tcp:[::ffff:127.0.0.1]:1", 0 }
	};
	size_t	 i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ATF_REQUIRE_EQ(NULL, healthspec_parse(cases[i].text, &hs));
		ATF_CHECK_EQ_MSG(cases[i].local, healthspec_local(&hs), "%s",
		    cases[i].text);
	}
}

ATF_TC_WITHOUT_HEAD(words__quotes);
ATF_TC_BODY(words__quotes, tc)
{
	char	 buf[64], *argv[HEALTHSPEC_WORDS + 1];

	ATF_REQUIRE_EQ(4, healthspec_words(" a  'b c'\t\"d 'e\" f'g'\"h\\\" ",
	    buf, sizeof(buf), argv));
	ATF_CHECK_STREQ("a", argv[0]);
	ATF_CHECK_STREQ("b c", argv[1]);
	ATF_CHECK_STREQ("d 'e", argv[2]);
	ATF_CHECK_STREQ("fgh\\", argv[3]);
	ATF_CHECK_EQ(NULL, argv[4]);
	ATF_CHECK_EQ(2, healthspec_words("a ''", buf, sizeof(buf), argv));
	ATF_CHECK_EQ(-1, healthspec_words("\"a", buf, sizeof(buf), argv));
	ATF_CHECK_EQ(1, healthspec_words("abc", buf, 4, argv));
	ATF_CHECK_EQ(-1, healthspec_words("abc", buf, 3, argv));
	ATF_CHECK_EQ(-1, healthspec_words("a b", buf, 2, argv));
}

ATF_TC_WITHOUT_HEAD(ids__numbers);
ATF_TC_BODY(ids__numbers, tc)
{
	static const char *const bad[] = {
		"", "1", "1,", ",1", "a,b", "1,2,", "1,2,x", "-1,2", "1,-2",
		"1 ,2", "+1,2", "4294967295,1", "1,4294967295",
		"4294967296,1", "99999999999999999999,1", "1,2,4294967295",
		"0x1,2", "1,2 "
	};
	struct proc_ids	 ids;
	char		 text[PROC_GROUPS_MAX * 4];
	size_t		 i;

	ATF_REQUIRE_EQ(0, proc_ids_parse("1000,100,4,5", &ids));
	ATF_CHECK_EQ(1000, ids.uid);
	ATF_CHECK_EQ(100, ids.gid);
	ATF_CHECK_EQ(2, ids.ngroups);
	ATF_CHECK_EQ(5, ids.groups[1]);
	ATF_CHECK_EQ(0, proc_ids_parse("0,0", &ids));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ATF_CHECK_EQ_MSG(-1, proc_ids_parse(bad[i], &ids), "'%s'",
		    bad[i]);
	(void)strlcpy(text, "1,1", sizeof(text));
	for (i = 0; i < PROC_GROUPS_MAX; i++)
		(void)strlcat(text, ",7", sizeof(text));
	ATF_CHECK_EQ(0, proc_ids_parse(text, &ids));
	(void)strlcat(text, ",7", sizeof(text));
	ATF_CHECK_EQ(-1, proc_ids_parse(text, &ids));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, parse__http);
	ATF_TP_ADD_TC(tp, parse__tcp);
	ATF_TP_ADD_TC(tp, parse__bad);
	ATF_TP_ADD_TC(tp, parse__long);
	ATF_TP_ADD_TC(tp, local__what_stays_here);
	ATF_TP_ADD_TC(tp, words__quotes);
	ATF_TP_ADD_TC(tp, ids__numbers);
	return (atf_no_error());
}

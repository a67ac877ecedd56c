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

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <atf-c.h>

#include "listenspec.h"

static const struct {
	const char	*text;
	uint32_t	 type;
	uint32_t	 flags;
	uint32_t	 port;
	const char	*address;
} good[] = {
	{ "tcp:8000", LISTEN_TCP4, 0, 8000, "0.0.0.0" },
	{ "tcp:127.0.0.1:1", LISTEN_TCP4, 0, 1, "127.0.0.1" },
	{ "tcp6:8000", LISTEN_TCP6, LISTEN_V6ONLY, 8000, "::" },
	{ "tcp6:[::1]:65535", LISTEN_TCP6, LISTEN_V6ONLY, 65535, "::1" },
	{ "tcp6:[fe80::1%eth0]:80", LISTEN_TCP6, LISTEN_V6ONLY, 80,
	    "fe80::1%eth0" },
	{ "udp:5353", LISTEN_UDP4, 0, 5353, "0.0.0.0" },
	{ "udp:10.1.2.3:53", LISTEN_UDP4, 0, 53, "10.1.2.3" },
	{ "udp6:[::]:53", LISTEN_UDP6, LISTEN_V6ONLY, 53, "::" },
	{ "unix:/run/x.sock", LISTEN_UNIX, 0, 0, "/run/x.sock" },
	{ "unix:/a:b", LISTEN_UNIX, 0, 0, "/a:b" },
	{ "unix:@name", LISTEN_UNIX, LISTEN_ABSTRACT, 0, "name" }
};

static const char *bad[] = {
	"", "8000", "tcp", "tcp:", "TCP:8000", "tcp4:8000", "http://x",
	"tcp:0", "tcp:65536", "tcp:+80", "tcp: 80", "tcp:80 ", "tcp:0x50",
	"tcp:99999999999999999999", "tcp:localhost:80", "tcp::80",
	"tcp:1.2.3:80", "tcp:1.2.3.4.5:80", "tcp:127.0.0.1:",
	"tcp:127.0.0.1", "tcp:[127.0.0.1]:80", "tcp:::1:80",
	"tcp6:127.0.0.1:80", "tcp6:::1:80", "tcp6:[::1]", "tcp6:[::1]80",
	"tcp6:[::1]:", "tcp6:[::1]:0", "tcp6:[::g]:80", "tcp6:[]:80",
	"tcp6:[::1:80", "tcp6:[::1%]:80", "tcp6:[::1%aaaaaaaaaaaaaaaa]:80",
	"tcp6:[127.0.0.1]:80", "udp:", "udp:x", "unix:", "unix:x",
	"unix:./x", "unix:/", "unix:/run/", "unix:@"
};

ATF_TC_WITHOUT_HEAD(parse__good);
ATF_TC_BODY(parse__good, tc)
{
	struct listenspec	 ls;
	size_t			 i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ATF_REQUIRE_EQ_MSG(NULL, listenspec_parse(good[i].text, &ls),
		    "%s", good[i].text);
		ATF_CHECK_EQ(good[i].type, ls.type);
		ATF_CHECK_EQ(good[i].flags, ls.flags);
		ATF_CHECK_EQ(good[i].port, ls.port);
		ATF_CHECK_STREQ(good[i].address, ls.address);
	}
}

ATF_TC_WITHOUT_HEAD(parse__bad);
ATF_TC_BODY(parse__bad, tc)
{
	const char	*why;
	size_t		 i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		why = listen_badspec(bad[i]);
		ATF_CHECK_MSG(why != NULL, "\"%s\" is taken", bad[i]);
	}
	ATF_CHECK(strstr(listen_badspec("tcp:localhost:80"), "not a name") !=
	    NULL);
	ATF_CHECK(strstr(listen_badspec("tcp6:::1:80"), "brackets") != NULL);
	ATF_CHECK(strstr(listen_badspec("tcp:70000"), "65535") != NULL);
}

ATF_TC_WITHOUT_HEAD(parse__long);
ATF_TC_BODY(parse__long, tc)
{
	char	 buf[600];

	memset(buf, 'x', sizeof(buf));
	buf[sizeof(buf) - 1] = '\0';
	memcpy(buf, "unix:/", 6);
	ATF_CHECK(listen_badspec(buf) != NULL);
	memcpy(buf, "unix:@", 6);
	ATF_CHECK(listen_badspec(buf) != NULL);
	buf[6 + 106] = '\0';
	ATF_CHECK_EQ(NULL, listen_badspec(buf));
	memset(buf, '1', sizeof(buf) - 1);
	memcpy(buf, "tcp:", 4);
	buf[500] = ':';
	ATF_CHECK(listen_badspec(buf) != NULL);
	memcpy(buf, "tcp6:[", 6);
	buf[499] = ']';
	ATF_CHECK(listen_badspec(buf) != NULL);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, parse__good);
	ATF_TP_ADD_TC(tp, parse__bad);
	ATF_TP_ADD_TC(tp, parse__long);
	return (atf_no_error());
}

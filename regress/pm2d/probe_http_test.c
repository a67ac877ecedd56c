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

#include "probe-http.h"

static int
status(const char *s)
{
	return (http_status(s, strlen(s)));
}

ATF_TC_WITHOUT_HEAD(status__answers);
ATF_TC_BODY(status__answers, tc)
{
	ATF_CHECK_EQ(200, status("HTTP/1.1 200 OK\r\n\r\n"));
	ATF_CHECK_EQ(204, status("HTTP/1.0 204\r\n"));
	ATF_CHECK_EQ(204, status("HTTP/1.0 204\n"));
	ATF_CHECK_EQ(503, status("HTTP/1.1 503 Service Unavail"));
	ATF_CHECK_EQ(404, status("HTTP/1.1 404 "));
	ATF_CHECK_EQ(101, status("HTTP/1.1 101 Switching\r\n"));
}

ATF_TC_WITHOUT_HEAD(status__not_yet);
ATF_TC_BODY(status__not_yet, tc)
{
	const char	*s = "HTTP/1.1 200 ";
	size_t		 n;

	for (n = 0; n < strlen(s); n++)
		ATF_CHECK_EQ_MSG(0, http_status(s, n), "%zu bytes", n);
	ATF_CHECK_EQ(200, http_status(s, n));
}

ATF_TC_WITHOUT_HEAD(status__interim_answers);
ATF_TC_BODY(status__interim_answers, tc)
{
	ATF_CHECK_EQ(0, status("HTTP/1.1 100 Continue\r\n"));
	ATF_CHECK_EQ(0, status("HTTP/1.1 100 Continue\r\n\r\n"));
	ATF_CHECK_EQ(0, status("HTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTT"));
	ATF_CHECK_EQ(200, status("HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 H\n\n"
	    "HTTP/1.1 200 OK\r\n"));
	ATF_CHECK_EQ(-1, status("HTTP/1.1 100 C\r\n\r\nhello, world!!"));
}

ATF_TC_WITHOUT_HEAD(status__not_http);
ATF_TC_BODY(status__not_http, tc)
{
	static const char *const bad[] = {
		"SSH-2.0-OpenSSH_9.2\r\n", "HTTP/2 200 OK\r\n", "H\n",
		"HTTP/1.1\n", "HTTP/1.1 20 OK\r\n..", "HTTP/1.1 2000 OK\r\n",
		"HTTP/1.1  200 OK\r\n", "HTTP/1.x 200 OK\r\n",
		"HTTP/1.1 000 OK\r\n", "HTTP/1.1 2a0 OK\r\n",
		"HTTP/1.1 -20 OK\r\n", "http/1.1 200 OK\r\n"
	};
	size_t	 i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ATF_CHECK_EQ_MSG(-1, status(bad[i]), "%s", bad[i]);
	ATF_CHECK_EQ(-1, http_status("HTTP/1.1\000200 OK", 16));
}

ATF_TC_WITHOUT_HEAD(request__complete);
ATF_TC_BODY(request__complete, tc)
{
	struct healthspec	 hs;
	char			 buf[HTTP_REQUEST_MAX];
	int			 n;

	ATF_REQUIRE_EQ(NULL, healthspec_parse("http://[::1]:81/a?b=c", &hs));
	n = http_request(&hs, buf, sizeof(buf));
	ATF_CHECK_EQ((int)strlen(buf), n);
	ATF_CHECK(strncmp(buf, "GET /a?b=c HTTP/1.1\r\nHost: [::1]:81\r\n",
	    37) == 0);
	ATF_CHECK(strcmp(buf + n - 4, "\r\n\r\n") == 0);
	ATF_CHECK_EQ(-1, http_request(&hs, buf, 20));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, status__answers);
	ATF_TP_ADD_TC(tp, status__not_yet);
	ATF_TP_ADD_TC(tp, status__interim_answers);
	ATF_TP_ADD_TC(tp, status__not_http);
	ATF_TP_ADD_TC(tp, request__complete);
	return (atf_no_error());
}

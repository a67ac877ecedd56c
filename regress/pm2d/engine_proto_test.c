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


#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <atf-c.h>

#include "engine-proto.h"

static struct proto_msg	 msg;
static char		 out[PROTO_LINE_MAX];

static enum proto_kind
parse(const char *text)
{
	memset(&msg, 0xa5, sizeof(msg));
	proto_parse(&msg, text, strlen(text));
	return (msg.kind);
}

/* A query with these fields, which wants this answer. */
static int
query(const char *fields)
{
	char	 line[8192];

	snprintf(line, sizeof(line), "{\"cmd\":\"NODE_CLUSTER\",\"act\":"
	    "\"queryServer\",%s,\"seq\":4}", fields);
	ATF_REQUIRE_EQ_MSG(PROTO_QUERY, parse(line), "%s", line);
	ATF_CHECK_EQ(4, msg.seq);
	ATF_CHECK(memchr(msg.listen.data, '\0', LISTENER_DATA_MAX) != NULL);
	return (msg.error);
}

#define NC	"{\"cmd\":\"NODE_CLUSTER\","

ATF_TC_WITHOUT_HEAD(parse__table);
ATF_TC_BODY(parse__table, tc)
{
	static const struct {
		const char	*text;
		enum proto_kind	 kind;
	} rows[] = {
		{ NC "\"act\":\"online\",\"seq\":0}", PROTO_ONLINE },
		{ " " NC "\"seq\":0, \"act\":\"online\"}\r", PROTO_ONLINE },
		{ NC "\"act\":\"close\",\"key\":\"L7\",\"seq\":3}",
		    PROTO_CLOSE },
		{ NC "\"act\":\"exitedAfterDisconnect\",\"seq\":9}",
		    PROTO_LEAVING },
		{ NC "\"act\":\"suicide\",\"seq\":9}", PROTO_LEAVING },
		{ NC "\"act\":\"unknown\",\"seq\":9}", PROTO_IGNORED },
		{ NC "\"ack\":7,\"accepted\":true,\"seq\":1}", PROTO_ACCEPTED },
		{ NC "\"accepted\":true,\"seq\":1,\"ack\":7}", PROTO_ACCEPTED },
		{ NC "\"ack\":7,\"seq\":1}", PROTO_IGNORED },
		{ "{\"cmd\":\"NODE_HANDLE_ACK\"}", PROTO_HANDLE_ACK },
		{ "{ \"cmd\":\"NODE_HANDLE_ACK\"}", PROTO_HANDLE_ACK },
		{ "{\"cmd\":\"NODE_HANDLE_NACK\"}", PROTO_HANDLE_NACK },
		{ "{\"cmd\":\"NODE_HANDLE\",\"type\":\"net.Socket\","
		    "\"msg\":1}", PROTO_HANDLE },
		{ "{\"cmd\":\"NODE_SOCKET_NOTIFY_CLOSE\",\"key\":\"4:x:1\"}",
		    PROTO_SOCKET_CLOSE },
		{ "{\"cmd\":\"NODE_SOCKET_GET_COUNT\",\"key\":\"4:x:1\"}",
		    PROTO_SOCKET_COUNT },
		{ "{\"cmd\":\"NODE_PM_DRAINED\"}", PROTO_DRAINED },
		{ "{\"cmd\":\"NODE_X\"}", PROTO_IGNORED },
		/* not internal */
		{ "{\"cmd\":\"NODE_\"}", PROTO_USER },
		{ "{\"cmd\":5}", PROTO_USER },
		{ "{\"a\":{\"cmd\":\"NODE_CLUSTER\"}}", PROTO_USER },
		{ "[\"NODE_CLUSTER\"]", PROTO_USER },
		{ "\"ready\"", PROTO_READY },
		{ " \"re\\u0061dy\" ", PROTO_READY },
		{ "\"shutdown\"", PROTO_USER },
		{ "null", PROTO_USER },
		{ "true", PROTO_USER },
		{ "1e300", PROTO_USER },
		{ "123456789012345678901234567890", PROTO_USER },
		{ "{\"type\":\"process:msg\",\"data\":{}}", PROTO_USER },
		/* no JSON, or none of ours */
		{ "", PROTO_BAD },
		{ "{", PROTO_BAD },
		{ "nonsense", PROTO_BAD },
		{ "{}{}", PROTO_BAD },
		{ "{\"a\":1,\"a\":2}", PROTO_BAD },
		{ "{\"cmd\":\"NODE_X\",\"cmd\":\"x\"}", PROTO_BAD },
		{ "\"\xff\"", PROTO_BAD },
		{ "NaN", PROTO_BAD },
		{ "\"\\ud800\"", PROTO_LOST },
		{ "{\"a\\u0000\":1}", PROTO_LOST },
		/* internal, of a form that is none */
		{ NC "\"seq\":0}", PROTO_BAD },
		{ NC "\"act\":5,\"seq\":0}", PROTO_BAD },
		{ NC "\"act\":\"exitedAfterDisconnect\"}", PROTO_BAD },
		{ NC "\"act\":\"exitedAfterDisconnect\",\"seq\":-1}",
		    PROTO_BAD },
		{ NC "\"act\":\"exitedAfterDisconnect\",\"seq\":\"1\"}",
		    PROTO_BAD },
		{ NC "\"act\":\"exitedAfterDisconnect\",\"seq\":1.5}",
		    PROTO_BAD },
		{ NC "\"act\":\"exitedAfterDisconnect\",\"seq\":1e17}",
		    PROTO_BAD },
		{ NC "\"act\":\"close\",\"seq\":1}", PROTO_BAD },
		{ NC "\"act\":\"close\",\"key\":5,\"seq\":1}", PROTO_BAD },
		{ NC "\"act\":\"queryServer\"}", PROTO_BAD },
		{ NC "\"ack\":\"7\",\"accepted\":true,\"seq\":1}", PROTO_BAD },
		{ NC "\"ack\":7,\"accepted\":1,\"seq\":1}", PROTO_BAD },
		{ NC "\"ack\":-7,\"accepted\":true,\"seq\":1}", PROTO_BAD },
		{ "{\"cmd\":\"NODE_SOCKET_GET_COUNT\",\"key\":{}}", PROTO_BAD },
	};
	size_t	 i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ATF_CHECK_EQ_MSG(rows[i].kind, parse(rows[i].text),
		    "%s: %d instead of %d", rows[i].text, msg.kind,
		    rows[i].kind);
}

/* The quick way and the long one say the same. */
static enum proto_kind
parse_accepted(size_t form, const char *ack, int yes)
{
	static const char *const	 ends[] = { ",\"seq\":12}",
					    ",\"seq\":12} ", "}" };
	char				 line[128];

	snprintf(line, sizeof(line), NC "\"ack\":%s,\"accepted\":%s%s", ack,
	    yes ? "true" : "false", ends[form]);
	return (parse(line));
}

ATF_TC_WITHOUT_HEAD(parse__accepted);
ATF_TC_BODY(parse__accepted, tc)
{
	static const char *const	 good[] = { "0", "1", "4294967297",
		"9007199254740991" };
	static const char *const	 bad[] = { "99999999999999999", "01",
		"", "-1", "1.5", "\"1\"", "null" };
	size_t	 i, j;
	int	 yes;

	for (i = 0; i < 3; i++) {
		for (j = 0; j < sizeof(good) / sizeof(good[0]); j++) {
			for (yes = 0; yes < 2; yes++) {
				ATF_CHECK_EQ(PROTO_ACCEPTED,
				    parse_accepted(i, good[j], yes));
				ATF_CHECK_EQ(yes, msg.accepted);
				ATF_CHECK_EQ(strtoull(good[j], NULL, 10),
				    msg.ack);
			}
		}
		for (j = 0; j < sizeof(bad) / sizeof(bad[0]); j++)
			ATF_CHECK_EQ_MSG(PROTO_BAD,
			    parse_accepted(i, bad[j], 1), "%s", bad[j]);
	}
}

ATF_TC_WITHOUT_HEAD(parse__close_key);
ATF_TC_BODY(parse__close_key, tc)
{
	static const struct {
		const char	*key;
		uint32_t	 value;
	} rows[] = {
		{ "L1", 1 }, { "L4294967295", UINT32_MAX }, { "L4294967296", 0 },
		{ "L", 0 }, { "1", 0 }, { "L01", 0 }, { "L1x", 0 },
		{ "L-1", 0 }, { "", 0 }, { "null:8080:4:undefined", 0 },
	};
	char	 line[128];
	size_t	 i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(line, sizeof(line), NC "\"act\":\"close\",\"key\":"
		    "\"%s\",\"seq\":2}", rows[i].key);
		ATF_CHECK_EQ(PROTO_CLOSE, parse(line));
		ATF_CHECK_EQ_MSG(rows[i].value, msg.key, "%s", rows[i].key);
	}
}

ATF_TC_WITHOUT_HEAD(parse__depth);
ATF_TC_BODY(parse__depth, tc)
{
	char	 line[4096];

	memset(line, '[', 64);
	memset(line + 64, ']', 64);
	line[128] = '\0';
	ATF_CHECK_EQ(PROTO_USER, parse(line));
	memset(line, '[', 2000);
	memset(line + 2000, ']', 2000);
	line[4000] = '\0';
	ATF_CHECK_EQ(PROTO_LOST, parse(line));
	/* In a string they nest nothing. */
	line[0] = line[3999] = '"';
	ATF_CHECK_EQ(PROTO_USER, parse(line));
	/* Its sender waits for an answer all the same. */
	memset(line, '[', 2000);
	memcpy(line, "{\"cmd\":\"NODE_HANDLE\",\"msg\":", 27);
	ATF_CHECK_EQ(PROTO_HANDLE, parse(line));
}

ATF_TC_WITHOUT_HEAD(parse__long);
ATF_TC_BODY(parse__long, tc)
{
	char	 line[3 * SAY_MAX];

	memset(line, 'x', sizeof(line));
	line[0] = line[SAY_MAX - 1] = '"';
	line[SAY_MAX] = '\0';
	ATF_CHECK_EQ(PROTO_USER, parse(line));
	line[SAY_MAX - 1] = 'x';
	line[SAY_MAX] = '"';
	line[SAY_MAX + 1] = '\0';
	ATF_CHECK_EQ(PROTO_LOST, parse(line));
	/* Too long for us, and still to be answered. */
	memcpy(line, "{\"cmd\":\"NODE_HANDLE\",\"msg\":\"", 28);
	memset(line + 28, 'x', 2 * SAY_MAX);
	memcpy(line + 28 + 2 * SAY_MAX, "\"}", 3);
	ATF_CHECK_EQ(PROTO_HANDLE, parse(line));
}

ATF_TC_WITHOUT_HEAD(query__tcp);
ATF_TC_BODY(query__tcp, tc)
{
	uint64_t	 identity;

	ATF_CHECK_EQ(0, query("\"index\":0,\"data\":null,\"address\":null,"
	    "\"port\":8080,\"addressType\":4,\"backlog\":0"));
	ATF_CHECK_EQ(LISTEN_TCP4, msg.listen.type);
	ATF_CHECK_EQ(8080, msg.listen.port);
	ATF_CHECK_EQ(LISTEN_ANY, msg.listen.flags);
	ATF_CHECK_EQ(4, msg.listen.seq);
	ATF_CHECK_STREQ("", msg.listen.address);
	ATF_CHECK_STREQ("null", msg.listen.data);
	ATF_CHECK_EQ(4, msg.listen.datalen);

	ATF_CHECK_EQ(0, query("\"index\":3,\"data\":{\"ticketKeys\":\"00\"},"
	    "\"address\":\"::\",\"port\":0,\"addressType\":6,\"fd\":null,"
	    "\"flags\":1,\"backlog\":1024"));
	ATF_CHECK_EQ(LISTEN_TCP6, msg.listen.type);
	ATF_CHECK_EQ(LISTEN_V6ONLY, msg.listen.flags);
	ATF_CHECK_EQ(3, msg.listen.index);
	ATF_CHECK_EQ(1024, msg.listen.backlog);
	ATF_CHECK_STREQ("::", msg.listen.address);
	ATF_CHECK_STREQ("{\"ticketKeys\":\"00\"}", msg.listen.data);
	identity = msg.identity;

	/* The listening of it, with the real port. */
	ATF_CHECK_EQ(PROTO_LISTENING, parse(NC "\"act\":\"listening\","
	    "\"index\":3,\"data\":null,\"address\":\"::\",\"port\":4711,"
	    "\"addressType\":6,\"flags\":1,\"seq\":5}"));
	ATF_CHECK_EQ(0, msg.error);
	ATF_CHECK_EQ(4711, msg.listen.port);
	ATF_CHECK(msg.identity == identity);
	ATF_CHECK_EQ(PROTO_LISTENING, parse(NC "\"act\":\"listening\","
	    "\"address\":\"::1\",\"port\":4711,\"addressType\":6,"
	    "\"seq\":5}"));
	ATF_CHECK(msg.identity != identity);
	ATF_CHECK_EQ(0, query("\"address\":\"fe80::1%eth0\",\"port\":1,"
	    "\"addressType\":6"));
}

ATF_TC_WITHOUT_HEAD(query__udp);
ATF_TC_BODY(query__udp, tc)
{
	ATF_CHECK_EQ(0, query("\"index\":0,\"data\":null,\"address\":"
	    "\"0.0.0.0\",\"addressType\":\"udp4\",\"fd\":-1,\"flags\":4"));
	ATF_CHECK_EQ(LISTEN_UDP4, msg.listen.type);
	ATF_CHECK_EQ(0, msg.listen.port);
	ATF_CHECK_EQ(LISTEN_REUSEADDR, msg.listen.flags);
	ATF_CHECK_EQ(0, query("\"address\":\"::\",\"port\":53,"
	    "\"addressType\":\"udp6\",\"fd\":-1,\"flags\":5"));
	ATF_CHECK_EQ(LISTEN_UDP6, msg.listen.type);
	ATF_CHECK_EQ(LISTEN_REUSEADDR | LISTEN_V6ONLY, msg.listen.flags);
	/* bind(process.env.PORT) */
	ATF_CHECK_EQ(0, query("\"address\":\"::\",\"port\":\"53\","
	    "\"addressType\":\"udp6\",\"fd\":-1,\"flags\":5"));
	ATF_CHECK_EQ(53, msg.listen.port);
	ATF_CHECK_EQ(EINVAL, query("\"address\":\"::\",\"port\":\"65536\","
	    "\"addressType\":\"udp6\",\"fd\":-1"));
	ATF_CHECK_EQ(EINVAL, query("\"address\":\"::\",\"port\":\"\","
	    "\"addressType\":\"udp6\",\"fd\":-1"));
	ATF_CHECK_EQ(EINVAL, query("\"address\":\"::\",\"port\":\"5x\","
	    "\"addressType\":\"udp6\",\"fd\":-1"));
	/* A descriptor of ours, by its number. */
	ATF_CHECK_EQ(EINVAL, query("\"address\":null,\"port\":null,"
	    "\"addressType\":\"udp4\",\"fd\":5"));
	ATF_CHECK(!msg.strange);
}

ATF_TC_WITHOUT_HEAD(query__unix);
ATF_TC_BODY(query__unix, tc)
{
	char	 fields[4096];

	ATF_CHECK_EQ(0, query("\"address\":\"/run/x.sock\",\"port\":-1,"
	    "\"addressType\":-1,\"readableAll\":true,\"writableAll\":true"));
	ATF_CHECK_EQ(LISTEN_UNIX, msg.listen.type);
	ATF_CHECK_EQ(0, msg.listen.port);
	ATF_CHECK_EQ(LISTEN_READALL | LISTEN_WRITEALL, msg.listen.flags);
	ATF_CHECK_STREQ("/run/x.sock", msg.listen.address);
	ATF_CHECK_EQ(0, query("\"address\":\"/cwd/\\u0000name\",\"port\":-1,"
	    "\"addressType\":-1"));
	ATF_CHECK_STREQ("name", msg.listen.address);
	ATF_CHECK_EQ(LISTEN_ABSTRACT, msg.listen.flags);
	ATF_CHECK_EQ(EINVAL, query("\"address\":\"/cwd/\\u0000\",\"port\":-1,"
	    "\"addressType\":-1"));
	ATF_CHECK_EQ(EINVAL, query("\"address\":\"/c\\u0000wd/x\",\"port\":-1,"
	    "\"addressType\":-1"));
	ATF_CHECK_EQ(EINVAL, query("\"address\":\"/c/\\u0000wd\\u0000x\","
	    "\"port\":-1,\"addressType\":-1"));
	ATF_CHECK_EQ(EINVAL, query("\"address\":\"relative\",\"port\":-1,"
	    "\"addressType\":-1"));
	ATF_CHECK_EQ(EINVAL, query("\"address\":null,\"port\":-1,"
	    "\"addressType\":-1"));
	ATF_CHECK(!msg.strange);
	snprintf(fields, sizeof(fields), "\"address\":\"/%01030d\","
	    "\"port\":-1,\"addressType\":-1", 7);
	ATF_CHECK_EQ(ENAMETOOLONG, query(fields));
}

ATF_TC_WITHOUT_HEAD(query__hostile);
ATF_TC_BODY(query__hostile, tc)
{
	static const char *const	 rows[] = {
		"\"address\":null,\"port\":\"80\",\"addressType\":4",
		"\"address\":null,\"port\":1e9,\"addressType\":4",
		"\"address\":null,\"port\":-80,\"addressType\":4",
		"\"address\":null,\"port\":80.5,\"addressType\":4",
		"\"address\":null,\"port\":true,\"addressType\":4",
		"\"address\":{},\"port\":80,\"addressType\":4",
		"\"address\":5,\"port\":80,\"addressType\":4",
		"\"address\":\"\",\"port\":80,\"addressType\":4",
		"\"address\":\"::\",\"port\":80,\"addressType\":4",
		"\"address\":\"host.example\",\"port\":80,\"addressType\":4",
		"\"address\":\"1.2.3.4\\u0000\",\"port\":80,\"addressType\":4",
		"\"address\":\"1.2.3.4\",\"port\":80,\"addressType\":6",
		"\"address\":null,\"port\":80,\"addressType\":99",
		"\"address\":null,\"port\":80,\"addressType\":\"tcp\"",
		"\"address\":null,\"port\":80,\"addressType\":[]",
		"\"address\":null,\"port\":80",
		"\"index\":-1,\"address\":null,\"port\":80,\"addressType\":4",
		"\"index\":1e10,\"address\":null,\"port\":80,"
		    "\"addressType\":4",
		"\"address\":null,\"port\":80,\"addressType\":4,\"flags\":-1",
		"\"address\":null,\"port\":80,\"addressType\":4,"
		    "\"fd\":\"0\"",
		"\"address\":[],\"port\":-1,\"addressType\":-1",
	};
	char	 fields[4096];
	size_t	 i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ATF_CHECK_EQ_MSG(EINVAL, query(rows[i]), "%s", rows[i]);
		ATF_CHECK_MSG(msg.strange, "%s", rows[i]);
	}
	ATF_CHECK_EQ(EINVAL, query("\"address\":null,\"port\":null,"
	    "\"addressType\":null,\"fd\":0"));
	snprintf(fields, sizeof(fields), "\"data\":\"%01030d\",\"address\":"
	    "null,\"port\":80,\"addressType\":4", 7);
	ATF_CHECK_EQ(E2BIG, query(fields));
	ATF_CHECK_STREQ("null", msg.listen.data);
	/* The data is echoed whatever else is wrong. */
	ATF_CHECK_EQ(EINVAL, query("\"data\":{\"a\":[1]},\"port\":80"));
	ATF_CHECK_STREQ("{\"a\":[1.0]}", msg.listen.data);
}

ATF_TC_WITHOUT_HEAD(write__replies);
ATF_TC_BODY(write__replies, tc)
{
	struct engine_bound	 eb;
	size_t			 len;

	memset(&eb, 0, sizeof(eb));
	eb.seq = 4;
	eb.key = 3;
	eb.type = LISTEN_TCP4;
	eb.port = 8080;
	(void)strlcpy(eb.address, "::", sizeof(eb.address));
	(void)strlcpy(eb.data, "{\"ticketKeys\":\"00\"}", sizeof(eb.data));
	len = proto_bound(out, &eb, 4294967298ULL);
	ATF_CHECK_EQ(strlen(out), len);
	ATF_CHECK_STREQ("{\"cmd\":\"NODE_CLUSTER\",\"ack\":4,\"errno\":null,"
	    "\"key\":\"L3\",\"data\":{\"ticketKeys\":\"00\"},\"sockname\":{"
	    "\"address\":\"::\",\"family\":\"IPv6\",\"port\":8080},"
	    "\"seq\":4294967298}\n", out);
	(void)strlcpy(eb.address, "127.0.0.1", sizeof(eb.address));
	eb.data[0] = '\0';
	proto_bound(out, &eb, 1);
	ATF_CHECK(strstr(out, "\"data\":null,\"sockname\":{\"address\":"
	    "\"127.0.0.1\",\"family\":\"IPv4\",\"port\":8080}") != NULL);
	eb.flags = BOUND_FD;
	proto_bound(out, &eb, 1);
	ATF_CHECK_STREQ("{\"cmd\":\"NODE_HANDLE\",\"type\":\"net.Native\","
	    "\"msg\":{\"cmd\":\"NODE_CLUSTER\",\"ack\":4,\"errno\":0,"
	    "\"key\":\"L3\",\"data\":null,\"seq\":1}}\n", out);
	eb.type = LISTEN_UDP6;
	proto_bound(out, &eb, 1);
	ATF_CHECK(strstr(out, "\"type\":\"dgram.Native\"") != NULL);
	eb.flags = 0;
	eb.type = LISTEN_UNIX;
	(void)strlcpy(eb.address, "/run/\"x\n", sizeof(eb.address));
	(void)strlcpy(eb.data, "two\nlines", sizeof(eb.data));
	proto_bound(out, &eb, 1);
	ATF_CHECK_STREQ("{\"cmd\":\"NODE_CLUSTER\",\"ack\":4,\"errno\":null,"
	    "\"key\":\"L3\",\"data\":null,\"seq\":1}\n", out);
	/* All that there can be fits. */
	memset(eb.data, '"', sizeof(eb.data) - 1);
	eb.seq = PROTO_SEQ_MAX;
	eb.key = UINT32_MAX;
	eb.type = LISTEN_TCP6;
	(void)strlcpy(eb.address, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%x",
	    sizeof(eb.address));
	ATF_CHECK(proto_bound(out, &eb, PROTO_SEQ_MAX) < sizeof(out));
	ATF_CHECK_EQ('\n', out[strlen(out) - 1]);
}

ATF_TC_WITHOUT_HEAD(write__others);
ATF_TC_BODY(write__others, tc)
{
	size_t	 len;

	len = proto_newconn(out, 12, 4294967297ULL);
	ATF_CHECK_EQ(strlen(out), len);
	ATF_CHECK_STREQ("{\"cmd\":\"NODE_HANDLE\",\"type\":\"net.Native\","
	    "\"msg\":{\"cmd\":\"NODE_CLUSTER\",\"act\":\"newconn\","
	    "\"key\":\"L12\",\"seq\":4294967297}}\n", out);
	proto_refuse(out, 9, EADDRINUSE, 3, "{\"x\":1}", 7);
	ATF_CHECK_STREQ("{\"cmd\":\"NODE_CLUSTER\",\"ack\":9,\"errno\":-98,"
	    "\"key\":\"L3\",\"data\":{\"x\":1},\"seq\":7}\n", out);
	proto_refuse(out, 9, -13, 0, "", 7);
	ATF_CHECK(strstr(out, "\"errno\":-13,") != NULL);
	ATF_CHECK(strstr(out, "\"data\":null,") != NULL);
	proto_ack(out, 5, 6);
	ATF_CHECK_STREQ("{\"cmd\":\"NODE_CLUSTER\",\"ack\":5,\"seq\":6}\n",
	    out);
	proto_disconnect(out, 6);
	ATF_CHECK_STREQ("{\"cmd\":\"NODE_CLUSTER\",\"act\":\"disconnect\","
	    "\"seq\":6}\n", out);
	ATF_CHECK_EQ(PROTO_SOCKET_COUNT, parse("{\"cmd\":"
	    "\"NODE_SOCKET_GET_COUNT\",\"key\":\"4:\\\"\\n:1\"}"));
	proto_socket_count(out, msg.text);
	ATF_CHECK_STREQ("{\"cmd\":\"NODE_SOCKET_COUNT\",\"key\":"
	    "\"4:\\\"\\n:1\",\"count\":0}\n", out);
	proto_socket_closed(out, msg.text);
	ATF_CHECK_STREQ("{\"cmd\":\"NODE_SOCKET_ALL_CLOSED\",\"key\":"
	    "\"4:\\\"\\n:1\"}\n", out);
}

static int
sayable(const char *text)
{
	return (proto_sayable(text, strlen(text)));
}

ATF_TC_WITHOUT_HEAD(sayable__values_only);
ATF_TC_BODY(sayable__values_only, tc)
{
	char	 text[SAY_MAX + 2];

	ATF_CHECK(sayable("\"shutdown\""));
	ATF_CHECK(sayable("{\"a\":[1,2]}"));
	ATF_CHECK(sayable("null"));
	ATF_CHECK(sayable("\"ready\""));
	ATF_CHECK(sayable("{\"cmd\":\"NODE_\"}"));
	ATF_CHECK(!sayable(""));
	ATF_CHECK(!sayable("shutdown"));
	ATF_CHECK(!sayable("1 2"));
	ATF_CHECK(!sayable("1\n2"));
	ATF_CHECK(!sayable("1\n"));
	ATF_CHECK(!sayable("{\"cmd\":\"NODE_CLUSTER\",\"act\":"
	    "\"disconnect\"}"));
	ATF_CHECK(!sayable("{\"cmd\":\"\\u004eODE_CLUSTER\"}"));
	ATF_CHECK(!sayable("{\"cmd\":\"NODE_HANDLE_ACK\"}"));
	ATF_CHECK(!proto_sayable("1\0", 2));
	memset(text, '1', sizeof(text));
	ATF_CHECK(!proto_sayable(text, sizeof(text)));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, parse__table);
	ATF_TP_ADD_TC(tp, parse__accepted);
	ATF_TP_ADD_TC(tp, parse__close_key);
	ATF_TP_ADD_TC(tp, parse__depth);
	ATF_TP_ADD_TC(tp, parse__long);
	ATF_TP_ADD_TC(tp, query__tcp);
	ATF_TP_ADD_TC(tp, query__udp);
	ATF_TP_ADD_TC(tp, query__unix);
	ATF_TP_ADD_TC(tp, query__hostile);
	ATF_TP_ADD_TC(tp, write__replies);
	ATF_TP_ADD_TC(tp, write__others);
	ATF_TP_ADD_TC(tp, sayable__values_only);
	return (atf_no_error());
}

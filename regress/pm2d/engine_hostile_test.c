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
 * The engine with workers that say what no worker should, or nothing.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <atf-c.h>

#include "engutil.h"

#define NC	"{\"cmd\":\"NODE_CLUSTER\","
#define ACK	"{\"cmd\":\"NODE_HANDLE_ACK\"}\n"
#define NACK	"{\"cmd\":\"NODE_HANDLE_NACK\"}\n"
#define HANDLE	"{\"cmd\":\"NODE_HANDLE\",\"type\":\"net.Socket\",\"msg\":1}\n"

#define CASE(name, fn)							\
	ATF_TC_WITHOUT_HEAD(name);					\
	ATF_TC_BODY(name, tc)						\
	{								\
		eng_start(tc, 1);					\
		fn(tc);							\
		eng_stop();						\
	}

/* This worker goes on, and the engine listens to it. */
static void
lives(int fd, uint32_t app)
{
	wk_say(fd, "\"ready\"\n");
	ATF_CHECK_MSG(eng_wait(IMSG_ENGINE_SAIDREADY, app, ENG_WAIT) != NULL,
	    "worker %u is not heard any more", app);
	ATF_CHECK_EQ(0, eng_count(IMSG_ENGINE_BAD, app));
}

static void
answer(int fd, uint64_t seq, int accepted)
{
	char	 line[128];

	snprintf(line, sizeof(line), ACK NC "\"ack\":%llu,\"accepted\":%s,"
	    "\"seq\":9}\n", (unsigned long long)seq,
	    accepted ? "true" : "false");
	wk_say(fd, line);
}

/* It is given a connection: its number, or 0 when it is given none. */
static uint64_t
given(int fd, int ms)
{
	const char	*line;
	int		 passed;

	if ((line = wk_line(fd, ms, &passed)) == NULL)
		return (0);
	ATF_CHECK_MSG(strstr(line, "newconn") != NULL, "%s", line);
	ATF_CHECK(passed != -1);
	close(passed);
	return (wk_seq(line));
}

/* Is there nobody at the other end of this client's connection, in the end? */
static int
closed(int fd, int ms)
{
	struct pollfd	 pfd;
	char		 c;

	pfd.fd = fd;
	pfd.events = POLLIN;
	for (; ms > 0 && poll(&pfd, 1, 0) == 0; ms -= 10)
		eng_run(10);
	return (poll(&pfd, 1, 0) == 1 && recv(fd, &c, 1, 0) <= 0);
}

/* ---- lines ---- */

static void
bytewise(const atf_tc_t *tc)
{
	static const char	 text[] = "{\"a\":\"\xc3\xbc\"}\n\"ready\"\n";
	char			 one[2] = "";
	size_t			 i;
	int			 fd;

	(void)tc;
	fd = eng_worker(1, WORKER_CLUSTER);
	for (i = 0; text[i] != '\0'; i++) {
		one[0] = text[i];
		wk_say(fd, one);
		eng_run(1);
	}
	ATF_REQUIRE(eng_wait(IMSG_ENGINE_MESSAGE, 1, ENG_WAIT) != NULL);
	ATF_REQUIRE(eng_wait(IMSG_ENGINE_SAIDREADY, 1, ENG_WAIT) != NULL);
}
CASE(line__byte_by_byte, bytewise)

/* CPU seconds of the engine so far. */
static double
cpu(void)
{
	char		 path[64], line[1024], *p;
	unsigned long	 u = 0, s = 0;
	FILE		*fp;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)eng_pid());
	ATF_REQUIRE((fp = fopen(path, "r")) != NULL);
	ATF_REQUIRE(fgets(line, sizeof(line), fp) != NULL);
	fclose(fp);
	ATF_REQUIRE((p = strrchr(line, ')')) != NULL);
	sscanf(p, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &u,
	    &s);
	return ((double)(u + s) / (double)sysconf(_SC_CLK_TCK));
}

static void
partial(const atf_tc_t *tc)
{
	double	 before;
	int	 fd;

	(void)tc;
	fd = eng_worker(1, WORKER_CLUSTER);
	wk_say(fd, "\"ready\"\n\"rea");
	ATF_REQUIRE(eng_wait(IMSG_ENGINE_SAIDREADY, 1, ENG_WAIT) != NULL);
	before = cpu();
	eng_run(500);
	ATF_CHECK_MSG(cpu() - before < 0.2, "it spins");
	wk_say(fd, "dy\"\n");
	ATF_REQUIRE(eng_wait(IMSG_ENGINE_SAIDREADY, 1, ENG_WAIT) != NULL);
	/* What is cut off at the end is nothing. */
	wk_say(fd, "\"ready\"\n\"rea");
	close(fd);
	ATF_REQUIRE(eng_wait(IMSG_ENGINE_EOF, 1, ENG_WAIT) != NULL);
	ATF_CHECK_EQ(1, eng_count(IMSG_ENGINE_SAIDREADY, 1));
	ATF_CHECK_EQ(0, eng_count(IMSG_ENGINE_BAD, 1));
	/* ...of everything, too. */
	fd = eng_worker(2, WORKER_CLUSTER);
	wk_say(fd, "\"rea");
	eng_run(50);
	close(fd);
	ATF_REQUIRE(eng_wait(IMSG_ENGINE_EOF, 2, ENG_WAIT) != NULL);
}
CASE(line__partial, partial)

/* The last bytes and the end, in one event for the engine. */
static void
data_and_end(const atf_tc_t *tc)
{
	int	 fd;

	(void)tc;
	fd = eng_worker(1, WORKER_CLUSTER);
	lives(fd, 1);
	ATF_REQUIRE_EQ(0, kill(eng_pid(), SIGSTOP));
	wk_say(fd, "\"ready\"\n");
	close(fd);
	ATF_REQUIRE_EQ(0, kill(eng_pid(), SIGCONT));
	ATF_CHECK(eng_wait(IMSG_ENGINE_SAIDREADY, 1, ENG_WAIT) != NULL);
	ATF_CHECK(eng_wait(IMSG_ENGINE_EOF, 1, ENG_WAIT) != NULL);
}
CASE(line__data_and_end, data_and_end)

static void
long_ones(const atf_tc_t *tc)
{
	static char	 block[65536];
	long		 before;
	int		 fd, i, other;

	(void)tc;
	fd = eng_worker(1, WORKER_CLUSTER);
	other = eng_worker(2, WORKER_CLUSTER);
	lives(fd, 1);
	before = eng_pss();
	memset(block, 'x', sizeof(block) - 1);
	wk_say(fd, "\"");
	for (i = 0; i < 64; i++)
		wk_say(fd, block);
	wk_say(fd, "\"\n");
	lives(fd, 1);
	/* Its sender wants an answer, the end of it may be anywhere. */
	wk_sayfd(fd, "{\"cmd\":\"NODE_HANDLE\",\"type\":\"net.Socket\",", 1);
	for (i = 0; i < 3; i++)
		wk_say(fd, block);
	wk_say(fd, "}\n");
	wk_expect(fd, "NODE_HANDLE_ACK", NULL);
	ATF_CHECK_EQ(0, eng_count(IMSG_ENGINE_MESSAGE, 1));
	for (i = 0; i < 1000 && eng_count(IMSG_ENGINE_BAD, 1) == 0; i++)
		if (send(fd, block, sizeof(block) - 1, MSG_NOSIGNAL) == -1)
			eng_run(5);
	ATF_CHECK(eng_wait(IMSG_ENGINE_BAD, 1, ENG_WAIT) != NULL);
	ATF_CHECK_MSG(eng_pss() < before + 1024, "%ld KiB more",
	    eng_pss() - before);
	lives(other, 2);
}
CASE(line__long_ones, long_ones)

static void
garbage(const atf_tc_t *tc)
{
	static char	 block[1000001];
	int		 fd, i, other;

	(void)tc;
	fd = eng_worker(1, WORKER_CLUSTER);
	other = eng_worker(2, WORKER_CLUSTER);
	/* A few are forgiven. */
	for (i = 0; i < 10; i++)
		wk_say(fd, "{garbage\n");
	lives(fd, 1);
	srandom(1);
	for (i = 0; i < 1000000; i++)
		block[i] = (char)(random() % 255 + 1);
	for (i = 0; i < 1000000; i += 65536)
		if (send(fd, block + i, 1000000 - i < 65536 ? 1000000 - i :
		    65536, MSG_NOSIGNAL) == -1)
			eng_run(20);
	ATF_CHECK(eng_wait(IMSG_ENGINE_BAD, 1, ENG_WAIT) != NULL);
	/* Its channel is closed: but for the parent's copy. */
	ATF_CHECK(eng_wait(IMSG_ENGINE_EOF, 1, ENG_QUIET) == NULL);
	lives(other, 2);
	eng_ref(IMSG_ENGINE_FORGET, 1);
	lives(other, 2);
}
CASE(line__garbage, garbage)

static void
hundred(const atf_tc_t *tc)
{
	char	 text[1200] = "";
	int	 fd, i;

	(void)tc;
	for (i = 0; i < 100; i++)
		ATF_REQUIRE(strlcat(text, "[1]\n", sizeof(text)) <
		    sizeof(text));
	fd = eng_worker(1, 0);
	wk_say(fd, text);
	lives(fd, 1);
	ATF_CHECK_EQ(100, eng_count(IMSG_ENGINE_MESSAGE, 1));
}
CASE(line__hundred_in_one, hundred)

/* ---- messages ---- */

static void
rate(const atf_tc_t *tc)
{
	struct eng_said	*s;
	char		 line[SAY_MAX + 16];
	int		 fd, i, n;

	(void)tc;
	fd = eng_worker(1, 0);
	for (i = 0; i < 2000; i++)
		wk_say(fd, "{\"type\":\"axm:monitor\"}\n");
	lives(fd, 1);
	n = eng_count(IMSG_ENGINE_MESSAGE, 1);
	ATF_CHECK_MSG(n >= 200 && n < 1000, "%d", n);
	while ((s = eng_wait(IMSG_ENGINE_MESSAGE, 1, 0)) != NULL)
		ATF_CHECK_STREQ("{\"type\":\"axm:monitor\"}", s->text);
	eng_run(300);
	memset(line, 'x', sizeof(line));
	line[0] = line[SAY_MAX] = '"';
	line[SAY_MAX + 1] = '\n';
	line[SAY_MAX + 2] = '\0';
	wk_say(fd, line);
	lives(fd, 1);
	ATF_CHECK_EQ(0, eng_count(IMSG_ENGINE_MESSAGE, 1));
	line[SAY_MAX - 1] = '"';
	line[SAY_MAX] = '\n';
	line[SAY_MAX + 1] = '\0';
	wk_say(fd, line);
	ATF_REQUIRE((s = eng_wait(IMSG_ENGINE_MESSAGE, 1, ENG_WAIT)) != NULL);
	ATF_CHECK_EQ(SAY_MAX, s->len);
}
CASE(message__rate_and_size, rate)

static void
say(const atf_tc_t *tc)
{
	int	 fd;

	(void)tc;
	fd = eng_worker(1, 0);
	eng_say(1, "{\"cmd\":\"NODE_CLUSTER\",\"act\":\"disconnect\"}");
	eng_say(1, "two\nlines");
	eng_say(1, "\"a\"\n\"b\"");
	eng_say(1, "nonsense");
	eng_say(1, "\"shutdown\"");
	ATF_CHECK_STREQ("\"shutdown\"", wk_line(fd, ENG_WAIT, NULL));
	eng_ref(IMSG_ENGINE_DRAIN, 1);
	ATF_CHECK_STREQ("{\"cmd\":\"NODE_PM_DRAIN\"}",
	    wk_line(fd, ENG_WAIT, NULL));
	wk_say(fd, "{\"cmd\":\"NODE_PM_DRAINED\"}\n");
	ATF_CHECK(eng_wait(IMSG_ENGINE_DRAINED, 1, ENG_WAIT) != NULL);
}
CASE(message__said_and_drained, say)

/* A channel alone makes no cluster worker. */
static void
fork_mode(const atf_tc_t *tc)
{
	int	 fd;

	(void)tc;
	fd = eng_worker(1, 0);
	wk_say(fd, NC "\"act\":\"online\",\"seq\":0}\n" NC
	    "\"act\":\"queryServer\",\"address\":null,\"port\":80,"
	    "\"addressType\":4,\"seq\":1}\n" NC "\"act\":\"listening\","
	    "\"address\":null,\"port\":80,\"addressType\":4,\"seq\":2}\n"
	    NC "\"act\":\"exitedAfterDisconnect\",\"seq\":3}\n");
	lives(fd, 1);
	eng_ref(IMSG_ENGINE_DISCONNECT, 1);
	ATF_CHECK(wk_line(fd, ENG_QUIET, NULL) == NULL);
	ATF_CHECK_EQ(0, eng_count(IMSG_ENGINE_ONLINE, 1));
	ATF_CHECK_EQ(0, eng_count(IMSG_ENGINE_LISTEN, 1));
	ATF_CHECK_EQ(0, eng_count(IMSG_ENGINE_LISTENING, 1));
	ATF_CHECK_EQ(0, eng_count(IMSG_ENGINE_LEAVING, 1));
}
CASE(message__no_cluster_worker, fork_mode)

/* Two processes on one channel: told once, and they go on. */
static void
twice(const atf_tc_t *tc)
{
	int	 fd, i;

	(void)tc;
	fd = eng_worker(1, WORKER_CLUSTER);
	for (i = 0; i < 3; i++)
		wk_say(fd, NC "\"act\":\"online\",\"seq\":0}\n");
	lives(fd, 1);
	ATF_CHECK_EQ(3, eng_count(IMSG_ENGINE_ONLINE, 1));
}
CASE(message__online_again, twice)

/* ---- descriptors ---- */

static void
flood(const atf_tc_t *tc)
{
	int	 before, fd, i;

	(void)tc;
	fd = eng_worker(1, WORKER_CLUSTER);
	lives(fd, 1);
	before = eng_nfds();
	for (i = 0; i < 50; i++) {
		wk_sayfd(fd, "[1]\n", 252);
		eng_run(1);
	}
	lives(fd, 1);
	ATF_CHECK(eng_nfds_is(before, 0));
	/* Those on other lines are for no later line but the next two. */
	for (i = 0; i < 2; i++) {
		wk_say(fd, HANDLE);
		ATF_CHECK_STREQ("{\"cmd\":\"NODE_HANDLE_ACK\"}",
		    wk_line(fd, ENG_WAIT, NULL));
	}
	wk_say(fd, HANDLE);
	ATF_CHECK_STREQ("{\"cmd\":\"NODE_HANDLE_NACK\"}",
	    wk_line(fd, ENG_WAIT, NULL));
	/* One line, three descriptors: one answer. */
	wk_sayfd(fd, HANDLE, 3);
	ATF_CHECK_STREQ("{\"cmd\":\"NODE_HANDLE_ACK\"}",
	    wk_line(fd, ENG_WAIT, NULL));
	wk_sayfd(fd, "{\"cmd\":\"NODE_HANDLE\",\"type\":", 1);
	wk_say(fd, "\"dgram.Socket\",\"msg\":null}\n\"ready\"\n");
	ATF_CHECK_STREQ("{\"cmd\":\"NODE_HANDLE_ACK\"}",
	    wk_line(fd, ENG_WAIT, NULL));
	ATF_CHECK(eng_wait(IMSG_ENGINE_SAIDREADY, 1, ENG_WAIT) != NULL);
	ATF_CHECK(wk_line(fd, ENG_QUIET, NULL) == NULL);
	ATF_CHECK(eng_nfds_is(before, 0));
}
CASE(handle__flood, flood)

static void
accounting(const atf_tc_t *tc)
{
	int	 fd;

	(void)tc;
	fd = eng_worker(1, WORKER_CLUSTER);
	wk_say(fd, "{\"cmd\":\"NODE_SOCKET_NOTIFY_CLOSE\",\"key\":\"4:x\"}\n"
	    "{\"cmd\":\"NODE_SOCKET_GET_COUNT\",\"key\":\"4:x\"}\n");
	ATF_CHECK_STREQ("{\"cmd\":\"NODE_SOCKET_ALL_CLOSED\",\"key\":\"4:x\"}",
	    wk_line(fd, ENG_WAIT, NULL));
	ATF_CHECK_STREQ("{\"cmd\":\"NODE_SOCKET_COUNT\",\"key\":\"4:x\","
	    "\"count\":0}", wk_line(fd, ENG_WAIT, NULL));
}
CASE(handle__accounting, accounting)

/* ---- listening ---- */

#define QUERY(fields)	NC "\"act\":\"queryServer\"," fields "}\n"

static void
queries(const atf_tc_t *tc)
{
	char	 line[512];
	int	 fd, i, n;

	(void)tc;
	eng_answers = 0;
	fd = eng_worker(1, WORKER_CLUSTER);
	for (i = 0; i < 200; i++) {
		snprintf(line, sizeof(line), QUERY("\"index\":%d,\"data\":"
		    "{\"x\":\"y\"},\"address\":null,\"port\":0,"
		    "\"addressType\":4,\"seq\":%d"), i, i + 1);
		wk_say(fd, line);
	}
	lives(fd, 1);
	n = eng_count(IMSG_ENGINE_LISTEN, 1);
	ATF_CHECK_MSG(n > 10 && n < 100, "%d", n);
	/* Each of the others has its answer. */
	for (i = n; i < 200; i++) {
		const char	*got = wk_line(fd, ENG_WAIT, NULL);

		ATF_REQUIRE(got != NULL);
		snprintf(line, sizeof(line), "\"ack\":%d,\"errno\":-24,"
		    "\"key\":\"L0\",\"data\":{\"x\":\"y\"},", i + 1);
		ATF_CHECK_MSG(strstr(got, line) != NULL, "%s", got);
	}
}
CASE(listen__flood, queries)

static void
nonsense(const atf_tc_t *tc)
{
	int	 fd;

	(void)tc;
	fd = eng_worker(1, WORKER_CLUSTER);
	wk_say(fd, QUERY("\"address\":null,\"port\":\"80\",\"addressType\":4,"
	    "\"seq\":1"));
	wk_expect(fd, "\"ack\":1,\"errno\":-22,", NULL);
	wk_say(fd, QUERY("\"address\":null,\"port\":null,\"addressType\":null,"
	    "\"fd\":0,\"seq\":2"));
	wk_expect(fd, "\"ack\":2,\"errno\":-22,", NULL);
	wk_say(fd, QUERY("\"address\":{},\"port\":1e9,\"addressType\":99,"
	    "\"index\":-1,\"seq\":3"));
	wk_expect(fd, "\"ack\":3,\"errno\":-22,", NULL);
	lives(fd, 1);
	ATF_CHECK_EQ(0, eng_count(IMSG_ENGINE_LISTEN, 1));
	/* Not one of ours. */
	wk_say(fd, NC "\"act\":\"listening\",\"address\":null,\"port\":81,"
	    "\"addressType\":4,\"seq\":4}\n");
	ATF_CHECK_EQ(0, eng_wait(IMSG_ENGINE_LISTENING, 1, ENG_WAIT)->key);
	wk_say(fd, NC "\"act\":\"close\",\"key\":\"L5\",\"seq\":4}\n");
	lives(fd, 1);
	ATF_CHECK_EQ(0, eng_count(IMSG_ENGINE_CLOSED, 1));
}
CASE(listen__nonsense, nonsense)

static void
same_key(const atf_tc_t *tc)
{
	struct engine_bound	 eb;
	int			 fd;

	(void)tc;
	eng_answers = 0;
	fd = eng_worker(1, WORKER_CLUSTER);
	wk_begin(fd, 1, 7);
	memset(&eb, 0, sizeof(eb));
	eb.ref.app = eb.ref.generation = 1;
	eb.key = 7;
	eb.port = 80;
	(void)strlcpy(eb.data, "{\"d\":1}", sizeof(eb.data));
	/* The answer that it had already says nothing; another server... */
	eb.seq = 1;
	eng_bound(&eb, -1);
	eb.seq = 2;
	eng_bound(&eb, -1);
	ATF_CHECK_STREQ("{\"cmd\":\"NODE_CLUSTER\",\"ack\":2,\"errno\":-98,"
	    "\"key\":\"L7\",\"data\":{\"d\":1},\"seq\":4294967298}",
	    wk_line(fd, ENG_WAIT, NULL));
	wk_say(fd, NC "\"act\":\"listening\",\"address\":null,\"port\":80,"
	    "\"addressType\":4,\"seq\":4}\n");
	ATF_CHECK_EQ(7, eng_wait(IMSG_ENGINE_LISTENING, 1, ENG_WAIT)->key);
	/* ...when it has closed the first it may. */
	wk_say(fd, NC "\"act\":\"close\",\"key\":\"L7\",\"seq\":3}\n");
	ATF_CHECK_EQ(7, eng_wait(IMSG_ENGINE_CLOSED, 1, ENG_WAIT)->key);
	eb.seq = 3;
	eng_bound(&eb, -1);
	wk_expect(fd, "\"ack\":3,\"errno\":null", NULL);
}
CASE(listen__same_key_twice, same_key)

static void
while_going(const atf_tc_t *tc)
{
	int	 fd;

	(void)tc;
	fd = eng_worker(1, WORKER_CLUSTER);
	eng_ref(IMSG_ENGINE_DISCONNECT, 1);
	eng_ref(IMSG_ENGINE_DISCONNECT, 1);
	wk_expect(fd, "\"act\":\"disconnect\"", NULL);
	wk_say(fd, QUERY("\"address\":null,\"port\":80,\"addressType\":4,"
	    "\"seq\":1"));
	lives(fd, 1);
	ATF_CHECK_EQ(0, eng_count(IMSG_ENGINE_LISTEN, 1));
	ATF_CHECK(wk_line(fd, ENG_QUIET, NULL) == NULL);
}
CASE(listen__while_disconnecting, while_going)

/* A socket that does not arrive is sent again, then refused. */
static void
socket_nacked(const atf_tc_t *tc)
{
	int	 before, fd, i, passed;

	(void)tc;
	eng_flags = BOUND_FD;
	fd = eng_worker(1, WORKER_CLUSTER);
	lives(fd, 1);
	before = eng_nfds();
	wk_say(fd, QUERY("\"address\":\"127.0.0.1\",\"port\":0,"
	    "\"addressType\":4,\"seq\":1"));
	for (i = 0; i < 3; i++) {
		wk_expect(fd, "net.Native", &passed);
		ATF_CHECK(passed != -1);
		close(passed);
		wk_say(fd, NACK);
	}
	wk_expect(fd, "\"ack\":1,\"errno\":-24", NULL);
	ATF_CHECK(eng_wait(IMSG_ENGINE_CLOSED, 1, ENG_WAIT) != NULL);
	ATF_CHECK(eng_nfds_is(before, 0));
	wk_say(fd, QUERY("\"address\":\"127.0.0.1\",\"port\":0,"
	    "\"addressType\":4,\"seq\":2"));
	wk_expect(fd, "net.Native", &passed);
	close(passed);
	wk_say(fd, ACK);
	lives(fd, 1);
	ATF_CHECK(eng_nfds_is(before, 0));
}
CASE(listen__socket_nacked, socket_nacked)

/* ---- connections ---- */

static int	 w1, w2;
static uint32_t	 port;

static void
two(uint32_t flags)
{
	eng_answers = 0;
	port = eng_listener(7);
	w1 = eng_worker(1, WORKER_CLUSTER | flags);
	w2 = eng_worker(2, WORKER_CLUSTER | flags);
	wk_begin(w1, 1, 7);
	wk_begin(w2, 2, 7);
}

static void
forged(const atf_tc_t *tc)
{
	uint64_t	 seq;
	char		 line[128];
	int		 c, i;

	(void)tc;
	two(0);
	c = cl_connect(port);
	ATF_REQUIRE((seq = given(w1, ENG_WAIT)) != 0);
	/* Numbers of others, of earlier engines, of no one. */
	for (i = -3; i < 4; i++) {
		snprintf(line, sizeof(line), NC "\"ack\":%llu,\"accepted\":"
		    "true,\"seq\":1}\n", (unsigned long long)seq +
		    (unsigned long long)i);
		if (i != 0)
			wk_say(w1, line);
		wk_say(w2, line);
	}
	wk_say(w2, NC "\"ack\":1,\"accepted\":false,\"seq\":1}\n");
	for (i = 0; i < 1000; i++)
		wk_say(w2, ACK NACK);
	lives(w1, 1);
	lives(w2, 2);
	/* It is still ours: the worker goes, another gets it. */
	close(w1);
	ATF_CHECK(given(w2, ENG_WAIT) != 0);
	close(c);
}
CASE(conn__forged_answers, forged)

static void
gate(const atf_tc_t *tc)
{
	uint64_t	 seq;
	int		 before, c[8], i;

	(void)tc;
	two(0);
	before = eng_nfds();
	for (i = 0; i < 8; i++)
		c[i] = cl_connect(port);
	/* One each, the others wait in the backlog. */
	ATF_CHECK(given(w1, ENG_WAIT) != 0);
	ATF_REQUIRE((seq = given(w2, ENG_WAIT)) != 0);
	ATF_CHECK_EQ(0, given(w1, ENG_QUIET));
	ATF_CHECK(eng_nfds_is(before, 2));
	/* Who answers gets all of them. */
	for (i = 0; i < 6; i++) {
		answer(w2, seq, 1);
		ATF_REQUIRE((seq = given(w2, ENG_WAIT)) != 0);
	}
	answer(w2, seq, 1);
	eng_run(50);
	ATF_CHECK(eng_nfds_is(before, 1));
	ATF_CHECK_EQ(0, given(w1, 0));
	for (i = 0; i < 8; i++)
		close(c[i]);
}
CASE(conn__one_unanswered_each, gate)

static void
nobody_wants(const atf_tc_t *tc)
{
	uint64_t	 seq;
	double		 before;
	int		 c, i, n;

	(void)tc;
	two(0);
	before = cpu();
	c = cl_connect(port);
	for (n = i = 0; i < 60; i++) {
		if ((seq = given(w1, 5)) != 0) {
			answer(w1, seq, 0);
			n++;
		}
		if ((seq = given(w2, 5)) != 0) {
			wk_say(w2, NACK);
			n++;
		}
	}
	/* Asked again and again, but with pauses that grow. */
	ATF_CHECK_MSG(n >= 4 && n < 40, "asked %d times", n);
	ATF_CHECK(cpu() - before < 0.2);
	ATF_CHECK(!closed(c, 0));
	for (i = 0; i < 300 && (seq = given(w1, 10)) == 0; i++)
		if ((seq = given(w2, 0)) != 0)
			wk_say(w2, NACK);
	ATF_REQUIRE(seq != 0);
	answer(w1, seq, 1);
	ATF_CHECK(closed(c, ENG_WAIT));	/* by us, who took it and closed it */
	close(c);
}
CASE(conn__nobody_wants_it, nobody_wants)

static void
mute(const atf_tc_t *tc)
{
	char	 text[4096];
	int	 c, i;

	(void)tc;
	two(0);
	/* One who never reads, and is told a lot. */
	memset(text, 'x', sizeof(text));
	text[0] = text[4000] = '"';
	text[4001] = '\0';
	for (i = 0; i < 60; i++)
		eng_say(1, text);
	eng_run(20);
	/* Its channel is full: the other one has the connections. */
	for (i = 0; i < 4; i++) {
		c = cl_connect(port);
		answer(w2, given(w2, ENG_WAIT), 1);
		ATF_CHECK(closed(c, ENG_WAIT));
		close(c);
	}
	for (i = 0; i < 500; i++)
		eng_say(1, text);
	ATF_CHECK(eng_wait(IMSG_ENGINE_BAD, 1, ENG_WAIT) != NULL);
	lives(w2, 2);
	/* The same, and it reads in the end: nothing is torn. */
	for (i = 0; i < 120; i++)
		eng_say(2, text);
	eng_run(50);
	for (i = 0; i < 120; i++) {
		const char	*line = wk_line(w2, ENG_WAIT, NULL);

		ATF_REQUIRE(line != NULL && strcmp(line, text) == 0);
	}
	lives(w2, 2);
}
CASE(conn__worker_that_does_not_read, mute)

/* A listening socket for this worker, on its way. */
static void
send_bound(uint32_t app, uint32_t key)
{
	static struct engine_bound	 eb;
	int				 fd;

	memset(&eb, 0, sizeof(eb));
	eb.ref.app = app;
	eb.ref.generation = 1;
	eb.key = key;
	eb.seq = 1;
	eb.type = LISTEN_TCP4;
	eb.flags = BOUND_FD;
	strlcpy(eb.address, "127.0.0.1", sizeof(eb.address));
	strlcpy(eb.data, "null", sizeof(eb.data));
	eb.datalen = 4;
	ATF_REQUIRE((fd = socket(AF_INET, SOCK_STREAM, 0)) != -1);
	ATF_REQUIRE_EQ(0, listen(fd, 1));
	eng_bound(&eb, fd);
}

/*
 * Says that it has got what it was not sent yet.  The number of that
 * descriptor must not lead to somebody else's.
 */
static void
hasty(const char *said)
{
	socklen_t	 len = sizeof(int);
	const char	*line;
	char		 text[4096];
	int		 c, fd, i, listens;

	two(0);
	memset(text, 'x', sizeof(text));
	text[0] = text[4000] = '"';
	text[4001] = '\0';
	for (i = 0; i < 120; i++)
		eng_say(1, text);
	send_bound(1, 9);
	eng_run(50);
	for (i = 0; i < 4; i++) {
		wk_say(w1, said);
		eng_run(150);	/* what is refused is sent again */
	}
	c = cl_connect(port);
	ATF_CHECK(given(w2, ENG_WAIT) != 0);
	for (i = 0; i < 124; i++) {
		if ((line = wk_line(w1, ENG_QUIET, &fd)) == NULL)
			break;
		if (fd == -1)
			continue;
		ATF_CHECK_EQ(0, getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN,
		    &listens, &len));
		ATF_CHECK_MSG(listens, "the other's connection: %s", line);
		close(fd);
	}
	ATF_CHECK(i >= 120);
	lives(w1, 1);
	close(c);
}

static void
hasty_ack(const atf_tc_t *tc)
{
	(void)tc;
	hasty(ACK);
}
CASE(bound__acknowledged_before_it_is_sent, hasty_ack)

static void
hasty_nack(const atf_tc_t *tc)
{
	(void)tc;
	hasty(NACK);
}
CASE(bound__refused_before_it_is_sent, hasty_nack)

static void
retire(const atf_tc_t *tc)
{
	uint64_t	 seq;
	int		 c, d;

	(void)tc;
	two(0);
	c = cl_connect(port);
	ATF_REQUIRE((seq = given(w1, ENG_WAIT)) != 0);
	eng_ref(IMSG_ENGINE_RETIRE, 1);
	eng_ref(IMSG_ENGINE_RETIRE, 2);
	ATF_CHECK(eng_wait(IMSG_ENGINE_RETIRED, 2, ENG_WAIT) != NULL);
	ATF_CHECK(eng_wait(IMSG_ENGINE_RETIRED, 1, ENG_QUIET) == NULL);
	answer(w1, seq, 1);
	ATF_CHECK(eng_wait(IMSG_ENGINE_RETIRED, 1, ENG_WAIT) != NULL);
	d = cl_connect(port);
	ATF_CHECK_EQ(0, given(w1, ENG_QUIET));
	ATF_CHECK_EQ(0, given(w2, ENG_QUIET));
	close(w2);
	ATF_CHECK(!closed(d, 50));
	/* Whoever comes gets it; without a socket there is nobody to wait. */
	w2 = eng_worker(3, WORKER_CLUSTER);
	wk_begin(w2, 3, 7);
	ATF_CHECK(given(w2, ENG_WAIT) != 0);
	eng_unlisten(7, 7);
	close(w2);
	eng_wait(IMSG_ENGINE_EOF, 3, ENG_WAIT);
	eng_ref(IMSG_ENGINE_FORGET, 1);
	ATF_CHECK(closed(d, ENG_WAIT));
	close(c);
	close(d);
}
CASE(conn__retired, retire)

static void
half_bad(const atf_tc_t *tc)
{
	int	 c, i;

	(void)tc;
	two(0);
	c = cl_connect(port);
	ATF_REQUIRE(given(w1, ENG_WAIT) != 0);
	for (i = 0; i < 40; i++)
		(void)send(w1, "{}}\n", 4, MSG_NOSIGNAL);
	ATF_CHECK(eng_wait(IMSG_ENGINE_BAD, 1, ENG_WAIT) != NULL);
	/* It may be served there: until the process is gone. */
	ATF_CHECK_EQ(0, given(w2, ENG_QUIET));
	eng_ref(IMSG_ENGINE_FORGET, 1);
	ATF_CHECK(given(w2, ENG_WAIT) != 0);
	close(c);
}
CASE(conn__of_a_bad_worker, half_bad)

/* It answered and died: nobody else gets it. */
static void
last_words(const atf_tc_t *tc)
{
	uint64_t	 seq;
	int		 c;

	(void)tc;
	two(0);
	c = cl_connect(port);
	ATF_REQUIRE((seq = given(w1, ENG_WAIT)) != 0);
	answer(w1, seq, 1);
	close(w1);
	eng_ref(IMSG_ENGINE_FORGET, 1);
	ATF_CHECK(closed(c, ENG_WAIT));
	ATF_CHECK_EQ(0, given(w2, ENG_QUIET));
	close(c);
}
CASE(conn__answered_and_gone, last_words)

static int
connect_from(uint32_t address)
{
	struct sockaddr_in	 sin;
	int			 fd;

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(address);
	ATF_REQUIRE((fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) !=
	    -1);
	ATF_REQUIRE_EQ(0, bind(fd, (struct sockaddr *)&sin, sizeof(sin)));
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sin.sin_port = htons((uint16_t)port);
	ATF_REQUIRE_EQ(0, connect(fd, (struct sockaddr *)&sin, sizeof(sin)));
	return (fd);
}

static void
sticky(const atf_tc_t *tc)
{
	uint64_t	 seq;
	uint32_t	 a;
	int		 c, d, both = 0, i, w = -1;

	(void)tc;
	two(WORKER_STICKY);
	for (a = 1; a < 20; a++) {
		w = -1;
		for (i = 0; i < 3; i++) {
			c = connect_from(INADDR_LOOPBACK + a);
			if ((seq = given(w1, 50)) != 0) {
				ATF_CHECK(w == -1 || w == 1);
				answer(w1, seq, 1);
				w = 1;
			} else {
				ATF_CHECK(w == -1 || w == 2);
				ATF_REQUIRE((seq = given(w2, ENG_WAIT)) != 0);
				answer(w2, seq, 1);
				w = 2;
			}
			close(c);
		}
		both |= w;
	}
	ATF_CHECK_EQ(3, both);
	/* It is waited for, but not for ever. */
	c = connect_from(INADDR_LOOPBACK + 19);
	ATF_REQUIRE((seq = given(w == 1 ? w1 : w2, ENG_WAIT)) != 0);
	d = connect_from(INADDR_LOOPBACK + 19);
	ATF_CHECK_EQ(0, given(w == 1 ? w2 : w1, 300));
	ATF_CHECK(given(w == 1 ? w2 : w1, ENG_WAIT) != 0);
	close(c);
	close(d);
}
CASE(conn__sticky, sticky)

/* ---- NOTIFY_SOCKET ---- */

static void
tell(int fd, const char *text)
{
	ATF_REQUIRE_EQ((ssize_t)strlen(text), send(fd, text, strlen(text), 0));
}

static void
notify(const atf_tc_t *tc)
{
	struct eng_said	*s;
	char		 text[8192];
	int		 before, fd, i;

	(void)tc;
	close(eng_worker(1, 0));
	fd = eng_hear(1);
	eng_run(50);
	before = eng_nfds();
	tell(fd, "READY=1");
	ATF_REQUIRE((s = eng_wait(IMSG_ENGINE_NOTIFY, 1, ENG_WAIT)) != NULL);
	ATF_CHECK_EQ(NOTIFY_READY, s->notify.flags);
	tell(fd, "RELOADING=1\nMONOTONIC_USEC=1\nSTATUS=at \xc3\xbc\xff\x1b[2J "
	    "work\nSTOPPING=1\nWATCHDOG=1\nEXTEND_TIMEOUT_USEC=5000000\n");
	ATF_REQUIRE((s = eng_wait(IMSG_ENGINE_NOTIFY, 1, ENG_WAIT)) != NULL);
	ATF_CHECK_EQ(NOTIFY_RELOADING | NOTIFY_STATUS | NOTIFY_STOPPING |
	    NOTIFY_WATCHDOG | NOTIFY_EXTEND, s->notify.flags);
	ATF_CHECK_STREQ("at \xc3\xbc??[2J work", s->notify.status);
	ATF_CHECK_EQ(5000000, s->notify.usec);
	/* What says nothing to us. */
	tell(fd, "MAINPID=5\nREADY=0\nREADY=12\nEXTEND_TIMEOUT_USEC=-5\n"
	    "EXTEND_TIMEOUT_USEC=\nEXTEND_TIMEOUT_USEC=99999999999999999999");
	memset(text, '\n', sizeof(text));
	memcpy(text, "READY=1", 7);
	ATF_REQUIRE_EQ(8192, send(fd, text, sizeof(text), 0));
	ATF_REQUIRE_EQ(0, send(fd, "", 0, 0));
	memset(text, 'x', sizeof(text));
	memcpy(text, "STATUS=", 7);
	ATF_REQUIRE_EQ(4096, send(fd, text, 4096, 0));
	ATF_REQUIRE((s = eng_wait(IMSG_ENGINE_NOTIFY, 1, ENG_WAIT)) != NULL);
	ATF_CHECK_EQ(NOTIFY_STATUS, s->notify.flags);
	ATF_CHECK_EQ(NOTIFY_STATUS_MAX - 1, strlen(s->notify.status));
	/* Descriptors are not kept. */
	for (i = 0; i < 5; i++)
		wk_sayfd(fd, "FDSTORE=1\nREADY=1", 100);
	for (i = 0; i < 5; i++)
		ATF_REQUIRE(eng_wait(IMSG_ENGINE_NOTIFY, 1, ENG_WAIT) != NULL);
	ATF_CHECK(eng_nfds_is(before, 0));
	ATF_CHECK_EQ(0, eng_count(IMSG_ENGINE_NOTIFY, 1));
}
CASE(notify__words, notify)

ATF_TC(notify__of_another_user);
ATF_TC_HEAD(notify__of_another_user, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(notify__of_another_user, tc)
{
	pid_t	 pid;
	int	 fd, status;

	eng_start(tc, 1);
	close(eng_worker(1, 0));
	fd = eng_hear(1);
	eng_run(50);
	if ((pid = fork()) == 0) {
		if (setresuid(12345, 12345, 12345) == -1 ||
		    send(fd, "READY=1", 7, 0) != 7)
			_exit(1);
		_exit(0);
	}
	ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
	ATF_CHECK_EQ(0, status);
	ATF_CHECK(eng_wait(IMSG_ENGINE_NOTIFY, 1, ENG_QUIET) == NULL);
	tell(fd, "STOPPING=1");
	ATF_REQUIRE(eng_wait(IMSG_ENGINE_NOTIFY, 1, ENG_WAIT) != NULL);
	eng_stop();
}

/* ---- the process itself ---- */

static void
bad_parent(const atf_tc_t *tc)
{
	struct engine_ref	 ref = { 99, 1 };
	struct engine_bound	 eb;
	int			 fd;

	(void)tc;
	fd = eng_worker(1, WORKER_CLUSTER);
	eng_send(IMSG_ENGINE_FORGET, -1, "x", 1);
	eng_send(12345, -1, "x", 1);
	eng_send(IMSG_ENGINE_RETIRE, -1, &ref, sizeof(ref));
	eng_send(IMSG_ENGINE_FORGET, -1, &ref, sizeof(ref));
	eng_send(IMSG_ENGINE_SAY, -1, &ref, sizeof(ref));
	memset(&eb, 'x', sizeof(eb));
	eng_bound(&eb, dup(STDERR_FILENO));
	eb.ref.app = eb.ref.generation = 1;
	eng_bound(&eb, -1);
	eng_serves(99, 5, 1);
	eng_unlisten(77, 77);
	lives(fd, 1);
}
CASE(engine__nonsense_of_the_parent, bad_parent)

/*
 * Whatever the moment: what a worker said is told by this engine or by the
 * next one, and in order.
 */
static void
killed(const atf_tc_t *tc)
{
	struct eng_said	*s;
	char		 line[8200];
	int		 epoch, fd, i, last = -1, n, next = 0;

	fd = eng_worker(1, 0);
	for (epoch = 2; epoch < 6; epoch++) {
		/* More than the parent's socket takes while nobody reads. */
		for (i = 0; i < 40; i++, next++) {
			n = snprintf(line, sizeof(line), "{\"n\":%d,\"x\":\""
			    "%04000d\"}\n", next, 0);
			ATF_REQUIRE(n > 0);
			while (send(fd, line, (size_t)n, MSG_NOSIGNAL) != n)
				eng_run(2);
		}
		usleep(20000);
		eng_restart(tc, (uint32_t)epoch);
		eng_worker_again(1, WORKER_ONLINE);
	}
	lives(fd, 1);
	while ((s = eng_wait(IMSG_ENGINE_MESSAGE, 1, 0)) != NULL) {
		ATF_REQUIRE_EQ(1, sscanf(s->text, "{\"n\":%d", &n));
		ATF_CHECK_MSG(n <= last + 1, "%d comes after %d", n, last);
		if (n > last)
			last = n;
	}
	ATF_CHECK_EQ(next - 1, last);
}
CASE(engine__killed_loses_no_message, killed)

static void
killed_serving(const atf_tc_t *tc)
{
	uint64_t	 seq, seq2;
	int		 c;

	two(0);
	c = cl_connect(port);
	ATF_REQUIRE((seq = given(w1, ENG_WAIT)) != 0);
	close(c);
	eng_restart(tc, 2);
	eng_worker_again(1, WORKER_CLUSTER | WORKER_ONLINE);
	eng_serves(1, 7, 80);
	port = eng_listener(7);
	/* The answer to the last engine is none to this one. */
	c = cl_connect(port);
	ATF_REQUIRE((seq2 = given(w1, ENG_WAIT)) != 0);
	ATF_CHECK_EQ(2, seq2 >> 32);
	answer(w1, seq, 1);
	ATF_CHECK(!closed(c, 50));
	/* An address is not known of it, its port is. */
	wk_say(w1, NC "\"act\":\"listening\",\"address\":null,\"port\":80,"
	    "\"addressType\":4,\"seq\":4}\n");
	ATF_CHECK_EQ(7, eng_wait(IMSG_ENGINE_LISTENING, 1, ENG_WAIT)->key);
	answer(w1, seq2, 1);
	ATF_CHECK(closed(c, ENG_WAIT));
	close(c);
}
CASE(engine__killed_and_next, killed_serving)

/* 16 workers: 2 MB, sanitizers aside. */
static void
small(const atf_tc_t *tc)
{
	uint64_t	 seq;
	uint32_t	 app;
	int		 c, fds[17], i;
	long		 kb;

	(void)tc;
	port = eng_listener(7);
	eng_answers = 0;
	for (app = 1; app <= 16; app++) {
		fds[app] = eng_worker(app, WORKER_CLUSTER);
		wk_begin(fds[app], app, 7);
	}
	for (i = 0; i < 320; i++) {
		c = cl_connect(port);
		app = (uint32_t)i % 16 + 1;
		ATF_REQUIRE((seq = given(fds[app], ENG_WAIT)) != 0);
		answer(fds[app], seq, 1);
		close(c);
	}
	if ((kb = eng_pss()) == -1)
		atf_tc_skip("its memory cannot be seen");
	printf("%ld KiB\n", kb);
#if !defined(__SANITIZE_ADDRESS__)
	ATF_CHECK_MSG(kb < 2048, "%ld KiB", kb);
#endif
}
CASE(engine__small, small)

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, line__byte_by_byte);
	ATF_TP_ADD_TC(tp, line__partial);
	ATF_TP_ADD_TC(tp, line__data_and_end);
	ATF_TP_ADD_TC(tp, line__long_ones);
	ATF_TP_ADD_TC(tp, line__garbage);
	ATF_TP_ADD_TC(tp, line__hundred_in_one);
	ATF_TP_ADD_TC(tp, message__rate_and_size);
	ATF_TP_ADD_TC(tp, message__said_and_drained);
	ATF_TP_ADD_TC(tp, message__no_cluster_worker);
	ATF_TP_ADD_TC(tp, message__online_again);
	ATF_TP_ADD_TC(tp, handle__flood);
	ATF_TP_ADD_TC(tp, handle__accounting);
	ATF_TP_ADD_TC(tp, listen__flood);
	ATF_TP_ADD_TC(tp, listen__nonsense);
	ATF_TP_ADD_TC(tp, listen__same_key_twice);
	ATF_TP_ADD_TC(tp, listen__while_disconnecting);
	ATF_TP_ADD_TC(tp, listen__socket_nacked);
	ATF_TP_ADD_TC(tp, conn__forged_answers);
	ATF_TP_ADD_TC(tp, conn__one_unanswered_each);
	ATF_TP_ADD_TC(tp, conn__nobody_wants_it);
	ATF_TP_ADD_TC(tp, conn__worker_that_does_not_read);
	ATF_TP_ADD_TC(tp, bound__acknowledged_before_it_is_sent);
	ATF_TP_ADD_TC(tp, bound__refused_before_it_is_sent);
	ATF_TP_ADD_TC(tp, conn__retired);
	ATF_TP_ADD_TC(tp, conn__of_a_bad_worker);
	ATF_TP_ADD_TC(tp, conn__answered_and_gone);
	ATF_TP_ADD_TC(tp, conn__sticky);
	ATF_TP_ADD_TC(tp, notify__words);
	ATF_TP_ADD_TC(tp, notify__of_another_user);
	ATF_TP_ADD_TC(tp, engine__nonsense_of_the_parent);
	ATF_TP_ADD_TC(tp, engine__killed_loses_no_message);
	ATF_TP_ADD_TC(tp, engine__killed_and_next);
	ATF_TP_ADD_TC(tp, engine__small);
	return (atf_no_error());
}

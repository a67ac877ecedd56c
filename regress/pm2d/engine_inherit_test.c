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
 * What the engine does with connections that an earlier one has left, of
 * which nobody knows whether their worker has got them.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <atf-c.h>

#include "engine-estate.h"
#include "engutil.h"

#define KEY	1
#define SEQ	77		/* the last engine's */

#define ACK	"{\"cmd\":\"NODE_HANDLE_ACK\"}\n"
#define NACK	"{\"cmd\":\"NODE_HANDLE_NACK\"}\n"

static int	 client;

/* As the last engine's twin does; state 0: it had nothing. */
static void
leave(uint32_t state, uint32_t app)
{
	struct estate_record	 r;
	struct iovec		 iov = { &r, sizeof(r) };
	struct msghdr		 msg;
	union {
		struct cmsghdr	 hdr;
		char		 buf[CMSG_SPACE(sizeof(int))];
	} control;
	int			 pair[2], sv[2];

	ATF_REQUIRE_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0, sv));
	ATF_REQUIRE_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    pair));
	client = pair[0];
	ATF_REQUIRE_EQ(0, fcntl(pair[1], F_SETFL, O_NONBLOCK));
	memset(&r, 0, sizeof(r));
	r.key = KEY;
	r.state = state;
	r.ref.app = app;
	r.ref.generation = 1;
	r.seq = SEQ;
	memset(&msg, 0, sizeof(msg));
	memset(&control, 0, sizeof(control));
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	msg.msg_control = &control;
	msg.msg_controllen = sizeof(control);
	control.hdr.cmsg_level = SOL_SOCKET;
	control.hdr.cmsg_type = SCM_RIGHTS;
	control.hdr.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.hdr), &pair[1], sizeof(int));
	ATF_REQUIRE_EQ(sizeof(r), sendmsg(sv[1], &msg, 0));
	close(pair[1]);
	close(sv[1]);
	eng_send(IMSG_ENGINE_ESTATE, sv[0], NULL, 0);
}

/* Known to an earlier engine; with what it has said since then. */
static int
worker(uint32_t app, const char *said)
{
	int	 wk;

	wk = eng_worker(app, WORKER_CLUSTER | WORKER_ONLINE);
	if (said != NULL)
		wk_say(wk, said);
	eng_serves(app, KEY, 80);
	return (wk);
}

static void
say_accepted(int wk, uint64_t seq)
{
	char	 line[128];

	(void)snprintf(line, sizeof(line), "{\"cmd\":\"NODE_CLUSTER\","
	    "\"ack\":%llu,\"accepted\":true}\n", (unsigned long long)seq);
	wk_say(wk, line);
}

static void
expect_probe(int wk)
{
	const char	*line = wk_line(wk, ENG_WAIT, NULL);

	ATF_REQUIRE_MSG(line != NULL && strstr(line, "NODE_HANDLE") != NULL &&
	    strstr(line, "newconn") == NULL, "no probe but %s",
	    line == NULL ? "nothing" : line);
}

/* It gets the connection, and all is well: nobody else has it. */
static void
expect_conn(int wk)
{
	const char	*line;
	char		 c;
	int		 fd = -1;

	line = wk_expect(wk, "newconn", &fd);
	ATF_REQUIRE(fd != -1);
	wk_say(wk, ACK);
	say_accepted(wk, wk_seq(line));
	ATF_REQUIRE_EQ(1, write(fd, "y", 1));
	ATF_CHECK_EQ(1, recv(client, &c, 1, 0));
	eng_run(ENG_QUIET);
	close(fd);
	ATF_CHECK_EQ_MSG(0, recv(client, &c, 1, MSG_DONTWAIT),
	    "somebody still has it");
}

/* Nobody has it any more, and the worker may have the next one. */
static void
expect_settled(int wk)
{
	const char	*line;
	char		 c;

	eng_run(ENG_QUIET);
	ATF_CHECK_EQ_MSG(0, recv(client, &c, 1, MSG_DONTWAIT),
	    "the engine still has it");
	line = wk_line(wk, ENG_QUIET, NULL);
	ATF_CHECK_MSG(line == NULL, "%s", line);
	close(client);
	leave(ESTATE_TAKEN, 0);
	expect_conn(wk);
}

ATF_TC_WITHOUT_HEAD(taken__goes_to_who_comes);
ATF_TC_BODY(taken__goes_to_who_comes, tc)
{
	eng_start(tc, 2);
	leave(ESTATE_TAKEN, 0);
	expect_conn(worker(1, NULL));
	eng_stop();
}

ATF_TC_WITHOUT_HEAD(sent__worker_has_it);
ATF_TC_BODY(sent__worker_has_it, tc)
{
	int	 wk;

	eng_start(tc, 2);
	leave(ESTATE_SENT, 1);
	wk = worker(1, ACK);
	expect_probe(wk);
	/* As Node has it: what is the app's comes after all that was read. */
	wk_say(wk, NACK);
	eng_run(ENG_QUIET);
	say_accepted(wk, SEQ);
	expect_settled(wk);
	eng_stop();
}

/* The answer was there before us: it must find its connection. */
ATF_TC_WITHOUT_HEAD(sent__answered_before);
ATF_TC_BODY(sent__answered_before, tc)
{
	int	 wk;

	eng_start(tc, 2);
	leave(ESTATE_SENT, 1);
	wk = worker(1, ACK "{\"cmd\":\"NODE_CLUSTER\",\"ack\":77,"
	    "\"accepted\":true}\n");
	expect_probe(wk);
	wk_say(wk, NACK);
	expect_settled(wk);
	eng_stop();
}

ATF_TC_WITHOUT_HEAD(sent__never_was);
ATF_TC_BODY(sent__never_was, tc)
{
	int	 wk;

	eng_start(tc, 2);
	leave(ESTATE_SENT, 1);
	wk = worker(1, NULL);
	expect_probe(wk);
	wk_say(wk, NACK);
	expect_conn(wk);
	eng_stop();
}

/*
 * The last engine had acted on the answer to the connection before this one,
 * was about to send this one, and died with that answer unconsumed.
 */
ATF_TC_WITHOUT_HEAD(sent__never_was_after_an_answer);
ATF_TC_BODY(sent__never_was_after_an_answer, tc)
{
	int	 wk;

	eng_start(tc, 2);
	leave(ESTATE_SENT, 1);
	wk = worker(1, ACK "{\"cmd\":\"NODE_CLUSTER\",\"ack\":76,"
	    "\"accepted\":true}\n");
	expect_probe(wk);
	wk_say(wk, NACK);
	expect_conn(wk);
	eng_stop();
}

ATF_TC_WITHOUT_HEAD(sent__has_it_after_an_answer);
ATF_TC_BODY(sent__has_it_after_an_answer, tc)
{
	int	 wk;

	eng_start(tc, 2);
	leave(ESTATE_SENT, 1);
	wk = worker(1, ACK "{\"cmd\":\"NODE_CLUSTER\",\"ack\":76,"
	    "\"accepted\":true}\n" ACK);
	expect_probe(wk);
	wk_say(wk, NACK);
	say_accepted(wk, SEQ);
	expect_settled(wk);
	eng_stop();
}

/* One of our own, with such an answer before it. */
ATF_TC_WITHOUT_HEAD(own__refused_after_an_answer);
ATF_TC_BODY(own__refused_after_an_answer, tc)
{
	int	 fd = -1, wk;

	eng_start(tc, 2);
	leave(ESTATE_TAKEN, 0);
	wk = worker(1, NULL);
	wk_expect(wk, "newconn", &fd);
	wk_say(wk, ACK "{\"cmd\":\"NODE_CLUSTER\",\"ack\":76,"
	    "\"accepted\":true}\n" NACK);
	close(fd);
	expect_conn(wk);
	eng_stop();
}

/* Whose worker is not there any more. */
ATF_TC_WITHOUT_HEAD(sent__worker_is_gone);
ATF_TC_BODY(sent__worker_is_gone, tc)
{
	eng_start(tc, 2);
	leave(ESTATE_SENT, 1);
	expect_conn(worker(2, NULL));
	eng_stop();
}

ATF_TC_WITHOUT_HEAD(sent__worker_dies);
ATF_TC_BODY(sent__worker_dies, tc)
{
	int	 wk;

	eng_start(tc, 2);
	leave(ESTATE_SENT, 1);
	wk = worker(1, NULL);
	expect_probe(wk);
	/* Somebody will come: the listener is there. */
	eng_listener(KEY);
	close(wk);
	eng_ref(IMSG_ENGINE_FORGET, 1);
	expect_conn(worker(2, NULL));
	eng_stop();
}

ATF_TC_WITHOUT_HEAD(record__malformed);
ATF_TC_BODY(record__malformed, tc)
{
	struct pollfd	 pfd;
	int		 wk;

	eng_start(tc, 2);
	leave(ESTATE_SETTLED, 1);
	pfd.fd = client;
	pfd.events = POLLIN;
	ATF_CHECK_EQ_MSG(1, poll(&pfd, 1, ENG_WAIT), "it was not closed");
	close(client);
	wk = worker(1, NULL);
	leave(ESTATE_TAKEN, 0);
	expect_conn(wk);
	eng_stop();
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, taken__goes_to_who_comes);
	ATF_TP_ADD_TC(tp, sent__worker_has_it);
	ATF_TP_ADD_TC(tp, sent__answered_before);
	ATF_TP_ADD_TC(tp, sent__never_was);
	ATF_TP_ADD_TC(tp, sent__never_was_after_an_answer);
	ATF_TP_ADD_TC(tp, sent__has_it_after_an_answer);
	ATF_TP_ADD_TC(tp, own__refused_after_an_answer);
	ATF_TP_ADD_TC(tp, sent__worker_is_gone);
	ATF_TP_ADD_TC(tp, sent__worker_dies);
	ATF_TP_ADD_TC(tp, record__malformed);
	return (atf_no_error());
}

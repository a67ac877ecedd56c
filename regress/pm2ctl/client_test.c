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
 * The client against a peer that says what a test wants it to say.
 */
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <atf-c.h>

#include "pm2ctl.h"

static struct imsgbuf	 peer;
static struct client	 client;

/* ---- the peer, in a process of its own ---- */

static void
next_message(struct imsg *imsg)
{
	int	 n;

	while ((n = imsgbuf_get(&peer, imsg)) == 0)
		if (imsgbuf_read(&peer) != 1)
			_exit(0);
	if (n == -1)
		_exit(1);
}

static uint32_t
expect(uint32_t type)
{
	struct imsg	 imsg;
	uint32_t	 id;

	next_message(&imsg);
	if (imsg_get_type(&imsg) != type)
		_exit(2);
	id = imsg_get_id(&imsg);
	imsg_free(&imsg);
	return (id);
}

static void
tell(uint32_t type, uint32_t id, const void *data, size_t len)
{
	if (imsg_compose(&peer, type, id, 0, -1, data, len) == -1 ||
	    imsgbuf_flush(&peer) == -1)
		_exit(3);
}

static void
tell_result(uint32_t id, uint32_t code, uint32_t app)
{
	struct ctl_result	 res;

	memset(&res, 0, sizeof(res));
	res.code = code;
	res.id = app;
	tell(IMSG_CTL_RESULT, id, &res, sizeof(res));
}

static void
tell_hello(uint32_t protocol)
{
	struct ctl_hello	 h;

	memset(&h, 0, sizeof(h));
	h.protocol = protocol;
	h.pid = 77;
	(void)strlcpy(h.version, "9.9", sizeof(h.version));
	tell(IMSG_CTL_HELLO, expect(IMSG_CTL_HELLO), &h, sizeof(h));
}

static void
tell_app(uint32_t req, uint32_t id, const char *name)
{
	struct ctl_appinfo	 info;
	struct ibuf		*buf;
	char			 none[] = "", *copy;

	if ((copy = strdup(name)) == NULL)
		_exit(4);
	memset(&info, 0, sizeof(info));
	info.fix.id = id;
	info.name = copy;
	info.script = info.interpreter = info.cwd = info.out = info.err =
	    info.pidfile = info.user = info.namespace = info.listens =
	    info.status = info.trouble = info.source = none;
	if ((buf = imsg_create(&peer, IMSG_CTL_APP, req, 0, 256)) == NULL ||
	    wire_add_app(buf, &info) == -1 || imsg_close(&peer, buf) == -1 ||
	    imsgbuf_flush(&peer) == -1)
		_exit(4);
	free(copy);
}

static pid_t
start_peer(void (*body)(void), int *fd)
{
	pid_t	 pid;
	int	 sv[2];

	ATF_REQUIRE_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	ATF_REQUIRE((pid = fork()) != -1);
	if (pid == 0) {
		(void)close(sv[0]);
		(void)alarm(20);
		if (imsgbuf_init(&peer, sv[1]) == -1)
			_exit(5);
		imsgbuf_allow_fdpass(&peer);
		body();
		_exit(0);
	}
	(void)close(sv[1]);
	*fd = sv[0];
	return (pid);
}

static void
check_peer(pid_t pid)
{
	int	 status;

	ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
	ATF_CHECK_EQ_MSG(0, status, "the peer ended with %#x", status);
}

static pid_t
attach(void (*body)(void))
{
	pid_t	 pid;
	int	 fd;

	pid = start_peer(body, &fd);
	ATF_REQUIRE_EQ(CLIENT_OK, client_attach(&client, fd, "/home"));
	return (pid);
}

/* ---- HELLO ---- */

static void
peer_hello(void)
{
	tell_hello(PM2D_PROTOCOL);
}

ATF_TC_WITHOUT_HEAD(hello__same_protocol);
ATF_TC_BODY(hello__same_protocol, tc)
{
	pid_t	 pid;

	pid = attach(peer_hello);
	ATF_CHECK_EQ(77, client.pid);
	ATF_CHECK_STREQ("9.9", client.version);
	client_close(&client);
	client_close(&client);
	check_peer(pid);
}

static void
peer_newer(void)
{
	tell_hello(PM2D_PROTOCOL + 1);
}

ATF_TC_WITHOUT_HEAD(hello__other_protocol);
ATF_TC_BODY(hello__other_protocol, tc)
{
	pid_t	 pid;
	int	 fd;

	ATF_REQUIRE(freopen("err", "w", stderr) != NULL);
	pid = start_peer(peer_newer, &fd);
	ATF_CHECK_EQ(CLIENT_ERROR, client_attach(&client, fd, "/home"));
	check_peer(pid);
	ATF_CHECK(atf_utils_grep_file("pm2ctl speaks protocol %d, pm2d "
	    "\\(pid 77, version 9.9\\) speaks %d: restart pm2d or install the "
	    "matching pm2ctl", "err", PM2D_PROTOCOL, PM2D_PROTOCOL + 1));
}

/* A later HELLO may be longer; its protocol still comes first. */
static void
peer_longer(void)
{
	uint32_t	 words[40] = { 7 };

	tell(IMSG_CTL_HELLO, expect(IMSG_CTL_HELLO), words, sizeof(words));
}

ATF_TC_WITHOUT_HEAD(hello__other_length);
ATF_TC_BODY(hello__other_length, tc)
{
	pid_t	 pid;
	int	 fd;

	ATF_REQUIRE(freopen("err", "w", stderr) != NULL);
	pid = start_peer(peer_longer, &fd);
	ATF_CHECK_EQ(CLIENT_ERROR, client_attach(&client, fd, "/home"));
	check_peer(pid);
	ATF_CHECK(atf_utils_grep_file("speaks 7", "err"));
}

static void
peer_leaves(void)
{
	(void)expect(IMSG_CTL_HELLO);
}

/* A daemon that is going down is like none. */
ATF_TC_WITHOUT_HEAD(hello__closed);
ATF_TC_BODY(hello__closed, tc)
{
	pid_t	 pid;
	int	 fd;

	pid = start_peer(peer_leaves, &fd);
	ATF_CHECK_EQ(CLIENT_NONE, client_attach(&client, fd, "/home"));
	check_peer(pid);
}

static void
peer_other_service(void)
{
	(void)expect(IMSG_CTL_HELLO);
	if (write(peer.fd, "HTTP/1.1 400 Bad Request\r\n\r\n", 28) != 28)
		_exit(6);
}

ATF_TC_WITHOUT_HEAD(hello__not_pm2d);
ATF_TC_BODY(hello__not_pm2d, tc)
{
	pid_t	 pid;
	int	 fd;

	pid = start_peer(peer_other_service, &fd);
	ATF_CHECK_EQ(CLIENT_ERROR, client_attach(&client, fd, "/home"));
	check_peer(pid);
}

static void
peer_refuses(void)
{
	(void)expect(IMSG_CTL_HELLO);
	tell_result(0, CTL_TOOMANY, 0);
}

ATF_TC_WITHOUT_HEAD(hello__refused);
ATF_TC_BODY(hello__refused, tc)
{
	pid_t	 pid;
	int	 fd;

	ATF_REQUIRE(freopen("err", "w", stderr) != NULL);
	pid = start_peer(peer_refuses, &fd);
	ATF_CHECK_EQ(CLIENT_ERROR, client_attach(&client, fd, "/home"));
	check_peer(pid);
	ATF_CHECK(atf_utils_grep_file("too many connections", "err"));
}

/* ---- LIST ---- */

static void
peer_list(void)
{
	struct spec_buf	 spec;
	struct ctl_exit	 x;
	uint32_t	 req;
	size_t		 half;

	tell_hello(PM2D_PROTOCOL);
	req = expect(IMSG_CTL_LIST);
	memset(&spec, 0, sizeof(spec));
	memset(&x, 0, sizeof(x));
	if (spec_add_str(&spec, SPEC_NAME, "one") == -1 ||
	    spec_add_str(&spec, SPEC_SCRIPT, "/one") == -1)
		_exit(7);
	/* Of another request: not for us. */
	tell_app(req + 9, 5, "ghost");
	tell_app(req, 4, "two");
	tell_app(req, 3, "one");
	half = spec.len / 2;
	tell(IMSG_CTL_SPEC_PART, req, spec.data, half);
	tell(IMSG_CTL_SPEC_PART, req, spec.data + half, spec.len - half);
	x.code = 1;
	tell(IMSG_CTL_EXIT, req, &x, sizeof(x));
	x.code = 2;
	tell(IMSG_CTL_EXIT, req, &x, sizeof(x));
	tell_result(req, CTL_OK, 0);
	(void)expect(IMSG_CTL_PING);
}

ATF_TC_WITHOUT_HEAD(list__with_everything);
ATF_TC_BODY(list__with_everything, tc)
{
	const struct app_view	*v;
	struct app_list		 list;
	pid_t			 pid;

	memset(&list, 0, sizeof(list));
	pid = attach(peer_list);
	ATF_REQUIRE_EQ(0, client_list(&client, APP_ID_ALL, CTL_LIST_SPEC |
	    CTL_LIST_EXITS, &list));
	ATF_REQUIRE_EQ(2, list.n);
	ATF_CHECK_EQ(3, list.apps[0].info.fix.id);
	v = app_list_find(&list, 3);
	ATF_REQUIRE(v != NULL);
	ATF_CHECK_STREQ("one", v->info.name);
	ATF_REQUIRE(v->spec != NULL);
	ATF_CHECK_STREQ("/one", v->spec->str[SPEC_SCRIPT]);
	ATF_REQUIRE_EQ(2, v->nexits);
	ATF_CHECK_EQ(2, v->exits[1].code);
	v = app_list_find(&list, 4);
	ATF_REQUIRE(v != NULL);
	ATF_CHECK(v->spec == NULL);
	ATF_CHECK(app_list_find(&list, 5) == NULL);
	app_list_free(&list);
	client_close(&client);
	check_peer(pid);
}

static void
peer_garbage(void)
{
	uint32_t	 req;

	tell_hello(PM2D_PROTOCOL);
	req = expect(IMSG_CTL_LIST);
	tell(IMSG_CTL_APP, req, "short", 5);
	(void)expect(IMSG_CTL_PING);
}

ATF_TC_WITHOUT_HEAD(list__garbage);
ATF_TC_BODY(list__garbage, tc)
{
	struct app_list	 list;
	pid_t		 pid;

	memset(&list, 0, sizeof(list));
	pid = attach(peer_garbage);
	ATF_CHECK_EQ(-1, client_list(&client, APP_ID_ALL, 0, &list));
	ATF_CHECK_EQ(-1, client.fd);
	app_list_free(&list);
	check_peer(pid);
	/* And everything after that fails without harm. */
	ATF_CHECK_EQ(0, client_send(&client, IMSG_CTL_PING, NULL, 0));
	ATF_CHECK_EQ(-1, client_wait(&client));
}

/* A part of a spec before any app. */
static void
peer_part_first(void)
{
	tell_hello(PM2D_PROTOCOL);
	tell(IMSG_CTL_SPEC_PART, expect(IMSG_CTL_LIST), "x", 1);
	(void)expect(IMSG_CTL_PING);
}

ATF_TC_WITHOUT_HEAD(list__part_of_nothing);
ATF_TC_BODY(list__part_of_nothing, tc)
{
	struct app_list	 list;
	pid_t		 pid;

	memset(&list, 0, sizeof(list));
	pid = attach(peer_part_first);
	ATF_CHECK_EQ(-1, client_list(&client, APP_ID_ALL, 0, &list));
	app_list_free(&list);
	check_peer(pid);
}

/* ---- many requests ---- */

#define NREQUESTS	6000

static uint32_t	 nevents, nresults;

static void
count_event(struct client *c, uint32_t req, const struct ctl_event *ev,
    void *arg)
{
	(void)c;
	(void)req;
	(void)ev;
	(void)arg;
	nevents++;
}

static void
count_result(struct client *c, uint32_t req, const struct ctl_result *res,
    void *arg)
{
	(void)c;
	(void)req;
	(void)res;
	(void)arg;
	nresults++;
}

static const struct client_ops	 counting = {
	.event = count_event,
	.result = count_result,
};

static void
peer_specs(void)
{
	struct ctl_start	 start;
	struct ctl_event	 ev;
	struct imsg		 imsg;
	uint32_t		 i, n, have;

	tell_hello(PM2D_PROTOCOL);
	memset(&ev, 0, sizeof(ev));
	/* More than a socket holds, before anything is read. */
	for (i = 0; i < NREQUESTS; i++)
		tell(IMSG_CTL_EVENT, 1, &ev, sizeof(ev));
	for (n = 0; n < 100; n++) {
		next_message(&imsg);
		if (imsg_get_type(&imsg) != IMSG_CTL_START ||
		    imsg_get_data(&imsg, &start, sizeof(start)) == -1)
			_exit(8);
		i = imsg_get_id(&imsg);
		imsg_free(&imsg);
		for (have = 0; have < start.speclen;) {
			next_message(&imsg);
			if (imsg_get_type(&imsg) != IMSG_CTL_SPEC_PART ||
			    imsg_get_id(&imsg) != i)
				_exit(9);
			have += (uint32_t)imsg_get_len(&imsg);
			imsg_free(&imsg);
		}
		if (have != start.speclen)
			_exit(10);
		tell_result(i, CTL_OK, n);
	}
	(void)expect(IMSG_CTL_PING);
}

ATF_TC_WITHOUT_HEAD(send__both_directions_full);
ATF_TC_BODY(send__both_directions_full, tc)
{
	struct spec_buf	 spec;
	char		*big;
	pid_t		 pid;
	int		 i;

	pid = attach(peer_specs);
	client.ops = &counting;
	memset(&spec, 0, sizeof(spec));
	big = malloc(100001);
	ATF_REQUIRE(big != NULL);
	memset(big, 'x', 100000);
	big[100000] = '\0';
	ATF_REQUIRE_EQ(0, spec_add_str(&spec, SPEC_ARG, big));
	for (i = 0; i < 100; i++)
		ATF_REQUIRE(client_send_start(&client, &spec, 0) != 0);
	ATF_REQUIRE_EQ(0, client_wait(&client));
	ATF_CHECK_EQ(NREQUESTS, nevents);
	ATF_CHECK_EQ(100, nresults);
	client_close(&client);
	check_peer(pid);
}

/* ---- results and events ---- */

static void
peer_events(void)
{
	struct ctl_event	 ev;
	uint32_t		 sub, req;

	tell_hello(PM2D_PROTOCOL);
	sub = expect(IMSG_CTL_SUBSCRIBE);
	req = expect(IMSG_CTL_STOP);
	memset(&ev, 0, sizeof(ev));
	tell(IMSG_CTL_EVENT, sub, &ev, sizeof(ev));
	/* A result of the subscription is nobody's. */
	tell_result(sub, CTL_OK, 0);
	tell(IMSG_CTL_EVENT, req, &ev, sizeof(ev));
	tell_result(req, CTL_BUSY, 3);
	tell(IMSG_CTL_EVENT, sub, &ev, sizeof(ev));
	(void)expect(IMSG_CTL_PING);
}

ATF_TC_WITHOUT_HEAD(wait__events_and_result);
ATF_TC_BODY(wait__events_and_result, tc)
{
	struct ctl_app		 req;
	struct ctl_result	 res;
	char			 buf[256];
	pid_t			 pid;

	pid = attach(peer_events);
	client.ops = &counting;
	memset(&req, 0, sizeof(req));
	ATF_REQUIRE(client_subscribe(&client) != 0);
	ATF_REQUIRE_EQ(0, client_request(&client, IMSG_CTL_STOP, &req,
	    sizeof(req), &res));
	ATF_CHECK_EQ(CTL_BUSY, res.code);
	ATF_CHECK_EQ(3, res.id);
	ATF_CHECK_STREQ("another request on this app is under way",
	    client_strresult(&res, buf, sizeof(buf)));
	ATF_REQUIRE_EQ(0, client_wait_ms(&client, 50, NULL));
	ATF_CHECK_EQ(3, nevents);
	ATF_CHECK_EQ(0, nresults);
	client_close(&client);
	check_peer(pid);
}

ATF_TC_WITHOUT_HEAD(wait__connection_lost);
ATF_TC_BODY(wait__connection_lost, tc)
{
	struct ctl_result	 res;
	pid_t			 pid;

	ATF_REQUIRE(freopen("err", "w", stderr) != NULL);
	pid = attach(peer_hello);
	ATF_CHECK_EQ(-1, client_request(&client, IMSG_CTL_PING, NULL, 0,
	    &res));
	check_peer(pid);
	ATF_CHECK(atf_utils_grep_file("lost the connection to pm2d "
	    "\\(pid 77\\)", "err"));
}

static void
peer_logs(void)
{
	uint32_t	 req;
	int		 sv[2];

	tell_hello(PM2D_PROTOCOL);
	req = expect(IMSG_CTL_LOGS);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sv) == -1 ||
	    imsg_compose(&peer, IMSG_CTL_LOGFD, req, 0, sv[0], NULL,
	    0) == -1 || imsgbuf_flush(&peer) == -1 ||
	    write(sv[1], "x", 1) != 1)
		_exit(11);
	/* The next one is refused. */
	tell_result(expect(IMSG_CTL_LOGS), CTL_NOSUCH, 0);
	tell_result(expect(IMSG_CTL_PING), CTL_OK, 0);
	(void)expect(IMSG_CTL_PING);
}

ATF_TC_WITHOUT_HEAD(logs__socket);
ATF_TC_BODY(logs__socket, tc)
{
	struct ctl_result	 res;
	uint32_t		 id;
	pid_t			 pid;
	char			 c;
	int			 fd;

	pid = attach(peer_logs);
	id = 1;
	fd = client_logs(&client, CTL_LOGS_OUT, 10, &id, 1);
	ATF_REQUIRE(fd != -1);
	/* It blocks, although it came non-blocking. */
	ATF_CHECK_EQ(1, read(fd, &c, 1));
	ATF_CHECK_EQ('x', c);
	(void)close(fd);
	ATF_CHECK_EQ(-1, client_logs(&client, CTL_LOGS_OUT, 10, &id, 1));
	ATF_CHECK_EQ(0, client_request(&client, IMSG_CTL_PING, NULL, 0,
	    &res));
	client_close(&client);
	check_peer(pid);
}

ATF_TC_WITHOUT_HEAD(result__words);
ATF_TC_BODY(result__words, tc)
{
	struct ctl_result	 res;
	char			 buf[256];

	memset(&res, 0, sizeof(res));
	ATF_CHECK_STREQ("", client_strresult(&res, buf, sizeof(buf)));
	res.code = CTL_FAILED;
	res.stage = STAGE_EXEC;
	res.error = ENOENT;
	ATF_CHECK_STREQ("executing the program: No such file or directory",
	    client_strresult(&res, buf, sizeof(buf)));
	(void)strlcpy(res.text, "/x", sizeof(res.text));
	ATF_CHECK_STREQ("executing the program: No such file or directory "
	    "(/x)", client_strresult(&res, buf, sizeof(buf)));
	res.stage = STAGE_NONE;
	res.error = ESRCH;
	(void)strlcpy(res.text, "not running", sizeof(res.text));
	ATF_CHECK_STREQ("not running", client_strresult(&res, buf,
	    sizeof(buf)));
	res.code = CTL_SYSTEM;
	res.error = ENOSPC;
	res.text[0] = '\0';
	ATF_CHECK_STREQ("system error: No space left on device",
	    client_strresult(&res, buf, sizeof(buf)));
	res.code = 12345;
	(void)client_strresult(&res, buf, sizeof(buf));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, hello__same_protocol);
	ATF_TP_ADD_TC(tp, hello__other_protocol);
	ATF_TP_ADD_TC(tp, hello__other_length);
	ATF_TP_ADD_TC(tp, hello__closed);
	ATF_TP_ADD_TC(tp, hello__not_pm2d);
	ATF_TP_ADD_TC(tp, hello__refused);
	ATF_TP_ADD_TC(tp, list__with_everything);
	ATF_TP_ADD_TC(tp, list__garbage);
	ATF_TP_ADD_TC(tp, list__part_of_nothing);
	ATF_TP_ADD_TC(tp, send__both_directions_full);
	ATF_TP_ADD_TC(tp, wait__events_and_result);
	ATF_TP_ADD_TC(tp, wait__connection_lost);
	ATF_TP_ADD_TC(tp, logs__socket);
	ATF_TP_ADD_TC(tp, result__words);
	return (atf_no_error());
}

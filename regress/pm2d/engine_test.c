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
 * The engine with real workers of Node.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
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
#include <unistd.h>

#include <atf-c.h>

#include "engutil.h"

#define NODES_MAX	16

static struct {
	uint32_t	 app;
	pid_t		 pid;
} nodes[NODES_MAX];
static int	 nnodes;

/* What an app can be told to do comes in WHAT. */
static const char	 script[] =
    "const what = process.env.WHAT, http = require('http');\n"
    "const answer = (q, s) => s.end(process.env.APP);\n"
    "process.on('message', (m) => {\n"
    "  if (m === 'close') server.close();\n"
    "  if (m === 'leave') require('cluster').worker.disconnect();\n"
    "  if (m === 'again') {\n"
    "    const t = http.createServer(answer);\n"
    "    t.on('error', (e) => process.send(e.code));\n"
    "    t.listen(0, '127.0.0.1');\n"
    "  }\n"
    "  if (m.echo) process.send(m);\n"
    "});\n"
    "let server = http.createServer(answer);\n"
    "server.on('error', (e) => process.send(e.code));\n"
    "if (what === 'max') server.maxConnections = 1;\n"
    "if (what === 'unix') server.listen(process.env.WHERE);\n"
    "else if (what === 'udp') {\n"
    "  server = require('dgram').createSocket('udp4');\n"
    "  server.on('message', (m, r) => server.send(process.env.APP,\n"
    "    r.port, r.address));\n"
    "  server.bind(0, '127.0.0.1');\n"
    "} else if (what === 'tls') {\n"
    "  server = require('tls').createServer({}, () => {});\n"
    "  server.listen(0, '127.0.0.1', () => process.send('tls'));\n"
    "} else if (what === 'passes') {\n"
    "  const s = require('dgram').createSocket('udp4');\n"
    "  process.send({ a: 1 }, s, { keepOpen: true });\n"
    "  process.send({ a: 2 }, s, { keepOpen: true });\n"
    "  process.send('ready');\n"
    "} else server.listen(0, '127.0.0.1');\n";

static const char *
node_path(void)
{
	static const char *const	 paths[] = { "/usr/bin/node",
					    "/usr/local/bin/node", NULL };
	static char			 path[4096];
	char				*dir, *env, *next;
	int				 i;

	for (i = 0; paths[i] != NULL; i++)
		if (access(paths[i], X_OK) == 0)
			return (paths[i]);
	if (getenv("PATH") != NULL) {
		env = next = strdup(getenv("PATH"));
		while ((dir = strsep(&next, ":")) != NULL) {
			snprintf(path, sizeof(path), "%s/node", dir);
			if (access(path, X_OK) == 0)
				break;
		}
		free(env);
		if (dir != NULL)
			return (path);
	}
	atf_tc_skip("there is no node here");
}

/* A worker that runs; its channel is the engine's alone. */
static void
node(uint32_t app, uint32_t flags, const char *what)
{
	const char	*path = node_path();
	char		 env[6][64];
	char		*envp[7];
	FILE		*fp;
	int		 fd, i;

	ATF_REQUIRE((fp = fopen("app.js", "w")) != NULL);
	fputs(script, fp);
	fclose(fp);
	fd = eng_worker(app, flags);
	snprintf(env[0], sizeof(env[0]), "NODE_CHANNEL_FD=3");
	snprintf(env[1], sizeof(env[1]), "NODE_UNIQUE_ID=%u", app);
	snprintf(env[2], sizeof(env[2]), "APP=%u", app);
	snprintf(env[3], sizeof(env[3]), "WHAT=%s", what);
	snprintf(env[4], sizeof(env[4]), "WHERE=app.sock");
	snprintf(env[5], sizeof(env[5]), "NODE_CHANNEL_SERIALIZATION_MODE=json");
	for (i = 0; i < 6; i++)
		envp[i] = env[i];
	envp[6] = NULL;
	ATF_REQUIRE(nnodes < NODES_MAX);
	nodes[nnodes].app = app;
	if ((nodes[nnodes++].pid = fork()) == 0) {
		dup2(fd, 3);
		fcntl(3, F_SETFL, 0);
		closefrom(4);
		execle(path, "node", "app.js", (char *)NULL, envp);
		_exit(126);
	}
	close(fd);
}

static pid_t
node_pid(uint32_t app)
{
	int	 i;

	for (i = 0; i < nnodes; i++)
		if (nodes[i].app == app)
			return (nodes[i].pid);
	atf_tc_fail("no node %u", app);
}

static void
node_kill(uint32_t app, int sig)
{
	ATF_REQUIRE_EQ(0, kill(node_pid(app), sig));
}

static int
node_wait(uint32_t app)
{
	int	 i, status;
	pid_t	 pid = node_pid(app);

	for (i = 0; i < ENG_WAIT / 5; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid) {
			for (i = 0; nodes[i].pid != pid; i++)
				;
			nodes[i] = nodes[--nnodes];
			return (status);
		}
		eng_run(5);
	}
	atf_tc_fail("node %u does not end", app);
}

static void
end(void)
{
	int	 status;

	eng_stop();
	/* Without a primary they go by themselves. */
	while (nnodes > 0) {
		kill(nodes[--nnodes].pid, SIGKILL);
		waitpid(nodes[nnodes].pid, &status, 0);
	}
}

static uint32_t
node_listening(uint32_t app)
{
	struct eng_said	*s;

	s = eng_wait(IMSG_ENGINE_LISTENING, app, ENG_WAIT);
	ATF_REQUIRE_MSG(s != NULL, "%u does not listen", app);
	ATF_CHECK(s->key != 0);
	return (s->port);
}

/* One request, answered by this one. */
static void
served_by(uint32_t port, const char *who)
{
	const char	*body;

	body = cl_get(port, "/");
	ATF_CHECK_MSG(body != NULL && strcmp(body, who) == 0,
	    "%s instead of %s", body != NULL ? body : "nobody", who);
}

#define CASE(name, fn)							\
	ATF_TC_WITHOUT_HEAD(name);					\
	ATF_TC_BODY(name, tc)						\
	{								\
		eng_start(tc, 1);					\
		fn();							\
		end();							\
	}

static void
even_turns(void)
{
	int		 got[5] = { 0, 0, 0, 0, 0 }, i;
	const char	*body;
	uint32_t	 app, port = 0;

	for (app = 1; app <= 4; app++)
		node(app, WORKER_CLUSTER, "http");
	for (app = 1; app <= 4; app++) {
		port = node_listening(app);
		ATF_CHECK(eng_wait(IMSG_ENGINE_ONLINE, app, 0) != NULL);
	}
	for (i = 0; i < 300; i++) {
		ATF_REQUIRE((body = cl_get(port, "/")) != NULL);
		app = (uint32_t)atoi(body);
		ATF_REQUIRE(app >= 1 && app <= 4);
		got[app]++;
	}
	for (app = 1; app <= 4; app++)
		ATF_CHECK_EQ_MSG(75, got[app], "%u has got %d", app, got[app]);
}
CASE(node__even_turns, even_turns)

static void
refused(void)
{
	uint32_t	 port;
	int		 fds[2], i;

	node(1, WORKER_CLUSTER, "max");
	node(2, WORKER_CLUSTER, "http");
	port = node_listening(1);
	node_listening(2);
	/* One for each: the first has all that it wants now. */
	fds[0] = cl_connect(port);
	fds[1] = cl_connect(port);
	eng_run(ENG_QUIET);
	for (i = 0; i < 40; i++)
		served_by(port, "2");
	close(fds[0]);
	close(fds[1]);
}
CASE(node__accepted_false_goes_to_another, refused)

static void
closed(void)
{
	uint32_t	 port;
	int		 i;

	node(1, WORKER_CLUSTER, "http");
	node(2, WORKER_CLUSTER, "http");
	port = node_listening(1);
	node_listening(2);
	eng_say(1, "\"close\"");
	for (i = 0; i < 10; i++)
		ATF_REQUIRE(cl_get(port, "/") != NULL);
	ATF_REQUIRE(eng_wait(IMSG_ENGINE_CLOSED, 1, ENG_WAIT) != NULL);
	for (i = 0; i < 10; i++)
		served_by(port, "2");
}
CASE(node__closed_server_gets_none, closed)

static void
killed(void)
{
	uint32_t	 port;
	int		 i, fds[8];
	char		 buf[512];

	node(1, WORKER_CLUSTER, "http");
	node(2, WORKER_CLUSTER, "http");
	port = node_listening(1);
	node_listening(2);
	/* A stopped one is given one, and takes it to its grave. */
	node_kill(1, SIGSTOP);
	for (i = 0; i < 8; i++) {
		fds[i] = cl_connect(port);
		ATF_REQUIRE(send(fds[i], "GET / HTTP/1.0\r\n\r\n", 18, 0) == 18);
	}
	eng_run(300);
	node_kill(1, SIGKILL);
	ATF_REQUIRE(eng_wait(IMSG_ENGINE_EOF, 1, ENG_WAIT) != NULL);
	for (i = 0; i < 8; i++) {
		eng_run(20);
		memset(buf, 0, sizeof(buf));
		ATF_CHECK(recv(fds[i], buf, sizeof(buf) - 1, MSG_WAITALL) > 0);
		ATF_CHECK_MSG(strstr(buf, "\r\n\r\n2") != NULL, "%s", buf);
		close(fds[i]);
	}
	node_wait(1);
}
CASE(node__killed_worker_loses_nothing, killed)

static void
nobody(void)
{
	uint32_t	 port;
	int		 fd;
	char		 buf[512];

	node(1, WORKER_CLUSTER, "http");
	port = node_listening(1);
	node_kill(1, SIGKILL);
	ATF_REQUIRE(eng_wait(IMSG_ENGINE_EOF, 1, ENG_WAIT) != NULL);
	eng_ref(IMSG_ENGINE_FORGET, 1);
	node_wait(1);
	fd = cl_connect(port);
	ATF_REQUIRE(send(fd, "GET / HTTP/1.0\r\n\r\n", 18, 0) == 18);
	eng_run(ENG_QUIET);
	node(2, WORKER_CLUSTER, "http");
	node_listening(2);
	memset(buf, 0, sizeof(buf));
	ATF_CHECK(recv(fd, buf, sizeof(buf) - 1, MSG_WAITALL) > 0);
	ATF_CHECK_MSG(strstr(buf, "\r\n\r\n2") != NULL, "%s", buf);
	close(fd);
}
CASE(node__nobody_there_waits_in_backlog, nobody)

static void
disconnects(void)
{
	node(1, WORKER_CLUSTER, "http");
	node_listening(1);
	eng_ref(IMSG_ENGINE_RETIRE, 1);
	ATF_REQUIRE(eng_wait(IMSG_ENGINE_RETIRED, 1, ENG_WAIT) != NULL);
	eng_ref(IMSG_ENGINE_DISCONNECT, 1);
	ATF_REQUIRE(eng_wait(IMSG_ENGINE_EOF, 1, ENG_WAIT) != NULL);
	ATF_CHECK(eng_wait(IMSG_ENGINE_CLOSED, 1, 0) != NULL);
	ATF_CHECK_EQ(0, node_wait(1));
}
CASE(node__disconnect_ends_it, disconnects)

static void
leaves(void)
{
	node(1, WORKER_CLUSTER, "http");
	node_listening(1);
	eng_say(1, "\"leave\"");
	ATF_REQUIRE(eng_wait(IMSG_ENGINE_LEAVING, 1, ENG_WAIT) != NULL);
	ATF_REQUIRE(eng_wait(IMSG_ENGINE_EOF, 1, ENG_WAIT) != NULL);
	ATF_CHECK_EQ(0, node_wait(1));
}
CASE(node__exited_after_disconnect_is_answered, leaves)

static void
tls(void)
{
	struct eng_said	*s;

	node(1, WORKER_CLUSTER, "tls");
	ATF_REQUIRE((s = eng_wait(IMSG_ENGINE_LISTEN, 1, ENG_WAIT)) != NULL);
	ATF_CHECK_MSG(strstr(s->listen.data, "ticketKeys") != NULL, "%s",
	    s->listen.data);
	node_listening(1);
	ATF_REQUIRE((s = eng_wait(IMSG_ENGINE_MESSAGE, 1, ENG_WAIT)) != NULL);
	ATF_CHECK_STREQ("\"tls\"", s->text);
	/* The same of a refusal, or it would crash. */
	eng_errno = EADDRINUSE;
	node(2, WORKER_CLUSTER, "tls");
	ATF_CHECK(eng_wait(IMSG_ENGINE_EOF, 2, ENG_WAIT) != NULL);
	node_wait(2);
}
CASE(node__tls_data_is_echoed, tls)

static void
shared(void)
{
	uint32_t	 port;
	int		 i;

	eng_flags = BOUND_FD;
	node(1, WORKER_CLUSTER, "http");
	port = node_listening(1);
	for (i = 0; i < 5; i++)
		served_by(port, "1");
	eng_say(1, "{\"echo\":[1,\"\\u00fc\"]}");
	ATF_CHECK_STREQ("{\"echo\":[1,\"\xc3\xbc\"]}",
	    eng_wait(IMSG_ENGINE_MESSAGE, 1, ENG_WAIT)->text);
}
CASE(node__socket_of_its_own, shared)

static void
udp(void)
{
	struct sockaddr_in	 sin;
	struct pollfd		 pfd;
	char			 buf[16];
	int			 fd;

	node(1, WORKER_CLUSTER, "udp");
	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sin.sin_port = htons((uint16_t)node_listening(1));
	ATF_REQUIRE((fd = socket(AF_INET, SOCK_DGRAM, 0)) != -1);
	ATF_REQUIRE_EQ(1, sendto(fd, "x", 1, 0, (struct sockaddr *)&sin,
	    sizeof(sin)));
	pfd.fd = fd;
	pfd.events = POLLIN;
	ATF_REQUIRE_EQ(1, poll(&pfd, 1, ENG_WAIT));
	ATF_REQUIRE_EQ(1, recv(fd, buf, sizeof(buf), 0));
	ATF_CHECK_EQ('1', buf[0]);
	close(fd);
}
CASE(node__udp, udp)

static void
unix_path(uint32_t flags)
{
	struct sockaddr_un	 sun;
	char			 buf[512];
	struct eng_said		*s;
	int			 fd;

	eng_flags = flags;
	node(1, WORKER_CLUSTER, "unix");
	ATF_REQUIRE((s = eng_wait(IMSG_ENGINE_LISTEN, 1, ENG_WAIT)) != NULL);
	ATF_CHECK_EQ(LISTEN_UNIX, s->listen.type);
	ATF_CHECK_EQ('/', s->listen.address[0]);
	node_listening(1);
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	(void)strlcpy(sun.sun_path, "app.sock", sizeof(sun.sun_path));
	ATF_REQUIRE((fd = socket(AF_UNIX, SOCK_STREAM, 0)) != -1);
	ATF_REQUIRE_EQ(0, connect(fd, (struct sockaddr *)&sun, sizeof(sun)));
	ATF_REQUIRE(send(fd, "GET / HTTP/1.0\r\n\r\n", 18, 0) == 18);
	memset(buf, 0, sizeof(buf));
	ATF_CHECK(recv(fd, buf, sizeof(buf) - 1, MSG_WAITALL) > 0);
	ATF_CHECK_MSG(strstr(buf, "\r\n\r\n1") != NULL, "%s", buf);
	close(fd);
}

static void
unix_rr(void)
{
	unix_path(0);
}
CASE(node__unix_path, unix_rr)

static void
unix_shared(void)
{
	unix_path(BOUND_FD);
}
CASE(node__unix_path_of_its_own, unix_shared)

static void
passes(void)
{
	int	 n;

	node(1, WORKER_CLUSTER, "passes");
	/* It would not get so far without answers. */
	ATF_REQUIRE(eng_wait(IMSG_ENGINE_SAIDREADY, 1, ENG_WAIT) != NULL);
	ATF_REQUIRE(eng_wait(IMSG_ENGINE_LISTEN, 1, ENG_QUIET) == NULL);
	n = eng_nfds();
	node(2, WORKER_CLUSTER, "passes");
	ATF_REQUIRE(eng_wait(IMSG_ENGINE_SAIDREADY, 2, ENG_WAIT) != NULL);
	ATF_CHECK(eng_nfds() <= n + 1);
}
CASE(node__handles_are_acknowledged, passes)

/* A worker that runs out of descriptors lets another have it. */
static void
nack(void)
{
	uint32_t	 port;
	int		 i;

	node(1, WORKER_CLUSTER, "http");
	node(2, WORKER_CLUSTER, "http");
	port = node_listening(1);
	node_listening(2);
	ATF_REQUIRE(cl_get(port, "/") != NULL);
	ATF_REQUIRE(cl_get(port, "/") != NULL);
	{
		char	 cmd[128];

		snprintf(cmd, sizeof(cmd), "prlimit --pid %d --nofile=3:3",
		    (int)node_pid(1));
		if (system(cmd) != 0)
			atf_tc_skip("no prlimit");
	}
	for (i = 0; i < 20; i++)
		served_by(port, "2");
}
CASE(node__nack_goes_to_another, nack)

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, node__even_turns);
	ATF_TP_ADD_TC(tp, node__accepted_false_goes_to_another);
	ATF_TP_ADD_TC(tp, node__closed_server_gets_none);
	ATF_TP_ADD_TC(tp, node__killed_worker_loses_nothing);
	ATF_TP_ADD_TC(tp, node__nobody_there_waits_in_backlog);
	ATF_TP_ADD_TC(tp, node__disconnect_ends_it);
	ATF_TP_ADD_TC(tp, node__exited_after_disconnect_is_answered);
	ATF_TP_ADD_TC(tp, node__tls_data_is_echoed);
	ATF_TP_ADD_TC(tp, node__socket_of_its_own);
	ATF_TP_ADD_TC(tp, node__udp);
	ATF_TP_ADD_TC(tp, node__unix_path);
	ATF_TP_ADD_TC(tp, node__unix_path_of_its_own);
	ATF_TP_ADD_TC(tp, node__handles_are_acknowledged);
	ATF_TP_ADD_TC(tp, node__nack_goes_to_another);
	return (atf_no_error());
}

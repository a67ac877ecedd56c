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


#include <sys/types.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <dirent.h>
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

#include "engutil.h"
#include "imsg.h"
#include "monotime.h"
#include "proc.h"

#define SAID_MAX	4096
#define WORKERS_MAX	64
#define LISTENERS_MAX	64
#define FDS_MAX		256

struct lsock {
	struct engine_listen el;
	uint32_t	 key;
	uint32_t	 port;
	int		 fd;
	char		 address[LISTEN_ADDR_MAX];
	char		 data[LISTENER_DATA_MAX];
};

int	 eng_answers = 1;
int	 eng_errno;
uint32_t eng_flags;

static struct imsgbuf	 ib;
static pid_t		 pid;
static struct eng_said	*said[SAID_MAX];
static size_t		 nsaid;
static struct eng_said	 last;
static struct lsock	 socks[LISTENERS_MAX];
static uint32_t		 nsocks;
static int		 channels[WORKERS_MAX];	/* plus 1 */
static char		 pending[FDS_MAX][65536];
static size_t		 npending[FDS_MAX];
static int		 pendfd[FDS_MAX];

static void	 on_imsg(struct imsg *);
static void	 send_worker(uint32_t, uint32_t, int);
static void	 answer(const struct engine_listen *);
static struct lsock *bind_for(const struct engine_listen *);

/* ---- the engine ---- */

void
eng_start(const atf_tc_t *tc, uint32_t epoch)
{
	static char		 path[4096];
	static char		*argv[6] = { path, NULL, NULL, NULL, NULL,
				    NULL };
	static char		 empty[] = "empty", user[] = "nobody",
				    r[] = "-r", u[] = "-u";
	struct engine_conf	 ec = { epoch, 0 };
	struct proc_child	 pc;
	int			 fd, pidfd;

	ATF_REQUIRE(realpath(atf_tc_get_config_var(tc, "srcdir"), path) !=
	    NULL);
	ATF_REQUIRE(strlcat(path, "/../../pm2d/pm2d-engine", sizeof(path)) <
	    sizeof(path));
	if (geteuid() == 0) {
		(void)mkdir(empty, 0755);
		argv[1] = u;
		argv[2] = user;
		argv[3] = r;
		argv[4] = empty;
	}
	alarm(120);
	pc.title = "engine";
	pc.path = path;
	pc.argv = argv;
	ATF_REQUIRE_MSG((fd = proc_start(&pc, &pid, &pidfd)) != -1, "%s: %s",
	    path, strerror(errno));
	close(pidfd);
	ATF_REQUIRE_EQ(0, imsgbuf_init(&ib, fd));
	imsgbuf_allow_fdpass(&ib);
	eng_send(IMSG_ENGINE_CONF, -1, &ec, sizeof(ec));
	ATF_REQUIRE(eng_wait(IMSG_ENGINE_READY, 0, ENG_WAIT) != NULL);
}

void
eng_stop(void)
{
	int	 status;

	close(ib.fd);
	imsgbuf_clear(&ib);
	ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
	ATF_CHECK_EQ_MSG(0, status, "the engine ended with %#x", status);
	pid = 0;
}

void
eng_restart(const atf_tc_t *tc, uint32_t epoch)
{
	struct imsg	 imsg;
	int		 status;

	ATF_REQUIRE_EQ(0, kill(pid, SIGKILL));
	ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
	do {
		while (imsgbuf_get(&ib, &imsg) == 1) {
			on_imsg(&imsg);
			imsg_free(&imsg);
		}
	} while (imsgbuf_read(&ib) == 1);
	close(ib.fd);
	imsgbuf_clear(&ib);
	eng_start(tc, epoch);
}

pid_t
eng_pid(void)
{
	return (pid);
}

void
eng_send(uint32_t type, int fd, const void *data, size_t len)
{
	ATF_REQUIRE_EQ(1, imsg_compose(&ib, type, 0, 0, fd, data, len));
	ATF_REQUIRE_EQ(0, imsgbuf_flush(&ib));
}

void
eng_run(int ms)
{
	monotime_t	 start = monotime_now();
	struct pollfd	 pfd;
	struct imsg	 imsg;
	uint64_t	 gone;

	for (;;) {
		while (imsgbuf_get(&ib, &imsg) == 1) {
			on_imsg(&imsg);
			imsg_free(&imsg);
		}
		gone = monotime_since(monotime_now(), start);
		pfd.fd = ib.fd;
		pfd.events = POLLIN;
		if (gone > (uint64_t)ms || poll(&pfd, 1, ms - (int)gone) < 1)
			return;
		ATF_REQUIRE_MSG(imsgbuf_read(&ib) == 1, "the engine is gone");
	}
}

static void
on_imsg(struct imsg *imsg)
{
	struct engine_serves	 es;
	struct eng_said		*s;
	struct engine_bad	 eb;
	size_t			 len = imsg_get_len(imsg);

	ATF_REQUIRE((s = calloc(1, sizeof(*s))) != NULL);
	s->type = imsg_get_type(imsg);
	switch (s->type) {
	case IMSG_ENGINE_READY:
		ATF_REQUIRE_EQ(sizeof(struct engine_ready), len);
		imsg_get_buf(imsg, s->text, len);
		break;
	case IMSG_ENGINE_LISTEN:
		ATF_REQUIRE_EQ(0, imsg_get_data(imsg, &s->listen,
		    sizeof(s->listen)));
		s->ref = s->listen.ref;
		s->seq = s->listen.seq;
		if (eng_answers)
			answer(&s->listen);
		break;
	case IMSG_ENGINE_LISTENING:
	case IMSG_ENGINE_CLOSED:
		ATF_REQUIRE_EQ(0, imsg_get_data(imsg, &es, sizeof(es)));
		s->ref = es.ref;
		s->key = es.key;
		s->port = es.port;
		break;
	case IMSG_ENGINE_BAD:
		ATF_REQUIRE_EQ(0, imsg_get_data(imsg, &eb, sizeof(eb)));
		s->ref = eb.ref;
		(void)strlcpy(s->text, eb.why, sizeof(s->text));
		break;
	case IMSG_ENGINE_NOTIFY:
		ATF_REQUIRE_EQ(0, imsg_get_data(imsg, &s->notify,
		    sizeof(s->notify)));
		s->ref = s->notify.ref;
		break;
	default:
		ATF_REQUIRE_EQ(0, imsg_get_buf(imsg, &s->ref, sizeof(s->ref)));
		s->len = (uint32_t)imsg_get_len(imsg);
		ATF_REQUIRE(s->len <= SAY_MAX);
		ATF_CHECK(s->len == 0 || s->type == IMSG_ENGINE_MESSAGE);
		if (s->len > 0)
			imsg_get_buf(imsg, s->text, s->len);
		break;
	}
	if (nsaid == SAID_MAX)
		free(s);
	else
		said[nsaid++] = s;
}

struct eng_said *
eng_wait(uint32_t type, uint32_t app, int ms)
{
	monotime_t	 start = monotime_now();
	size_t		 i;

	for (;;) {
		for (i = 0; i < nsaid; i++) {
			if (said[i]->type != type ||
			    (app != 0 && said[i]->ref.app != app))
				continue;
			last = *said[i];
			free(said[i]);
			memmove(&said[i], &said[i + 1],
			    (--nsaid - i) * sizeof(said[0]));
			return (&last);
		}
		if (monotime_since(monotime_now(), start) >= (uint64_t)ms)
			return (NULL);
		eng_run(5);
	}
}

int
eng_count(uint32_t type, uint32_t app)
{
	size_t	 i;
	int	 n = 0;

	for (i = 0; i < nsaid; i++)
		if (said[i]->type == type &&
		    (app == 0 || said[i]->ref.app == app))
			n++;
	return (n);
}

int
eng_nfds(void)
{
	struct dirent	*de;
	char		 path[64];
	DIR		*dir;
	int		 n = 0;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	/* It is not dumpable: only root may look. */
	if ((dir = opendir(path)) == NULL) {
		ATF_REQUIRE_EQ(EACCES, errno);
		return (-1);
	}
	while ((de = readdir(dir)) != NULL)
		if (de->d_name[0] != '.')
			n++;
	closedir(dir);
	return (n);
}

int
eng_nfds_is(int before, int more)
{
	return (before == -1 || eng_nfds() == before + more);
}

long
eng_pss(void)
{
	char	 line[256], path[64];
	long	 kb = -1;
	FILE	*fp;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	if ((fp = fopen(path, "r")) == NULL)
		return (-1);
	while (fgets(line, sizeof(line), fp) != NULL)
		if (sscanf(line, "Pss: %ld kB", &kb) == 1)
			break;
	fclose(fp);
	return (kb);
}

/* ---- what it is told ---- */

static void
send_worker(uint32_t app, uint32_t flags, int fd)
{
	struct engine_worker	 ew;

	memset(&ew, 0, sizeof(ew));
	ew.ref.app = app;
	ew.ref.generation = 1;
	ew.worker = app;
	ew.flags = flags;
	ew.uid = getuid();
	snprintf(ew.name, sizeof(ew.name), "w%u", app);
	eng_send(IMSG_ENGINE_WORKER, fd, &ew, sizeof(ew));
}

int
eng_worker(uint32_t app, uint32_t flags)
{
	int	 sv[2];

	ATF_REQUIRE_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0, sv));
	ATF_REQUIRE(app < WORKERS_MAX);
	ATF_REQUIRE((channels[app] = fcntl(sv[0], F_DUPFD_CLOEXEC, 0) + 1) > 0);
	send_worker(app, flags, sv[0]);
	return (sv[1]);
}

void
eng_worker_again(uint32_t app, uint32_t flags)
{
	send_worker(app, flags, dup(channels[app] - 1));
}

int
eng_hear(uint32_t app)
{
	struct engine_ref	 ref = { app, 1 };
	const int		 on = 1;
	int			 sv[2];

	ATF_REQUIRE_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0, sv));
	ATF_REQUIRE_EQ(0, setsockopt(sv[0], SOL_SOCKET, SO_PASSCRED, &on,
	    sizeof(on)));
	eng_send(IMSG_ENGINE_HEAR, sv[0], &ref, sizeof(ref));
	return (sv[1]);
}

void
eng_bound(const struct engine_bound *eb, int fd)
{
	eng_send(IMSG_ENGINE_BOUND, fd, eb, sizeof(*eb));
}

void
eng_ref(uint32_t type, uint32_t app)
{
	struct engine_ref	 ref = { app, 1 };

	eng_send(type, -1, &ref, sizeof(ref));
}

void
eng_say(uint32_t app, const char *text)
{
	struct {
		struct engine_ref	 ref;
		char			 text[SAY_MAX + 256];
	} m;

	m.ref.app = app;
	m.ref.generation = 1;
	(void)strlcpy(m.text, text, sizeof(m.text));
	eng_send(IMSG_ENGINE_SAY, -1, &m, sizeof(m.ref) + strlen(m.text));
}

uint32_t
eng_listener(uint32_t key)
{
	struct sockaddr_in	 sin;
	struct engine_listener	 el = { key, key };
	socklen_t		 len = sizeof(sin);
	int			 fd;

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ATF_REQUIRE((fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) !=
	    -1);
	ATF_REQUIRE_EQ(0, bind(fd, (struct sockaddr *)&sin, sizeof(sin)));
	ATF_REQUIRE_EQ(0, listen(fd, 511));
	ATF_REQUIRE_EQ(0, getsockname(fd, (struct sockaddr *)&sin, &len));
	eng_send(IMSG_ENGINE_LISTENER, fd, &el, sizeof(el));
	return (ntohs(sin.sin_port));
}

void
eng_unlisten(uint32_t number, uint32_t key)
{
	struct engine_listener	 el = { number, key };

	eng_send(IMSG_ENGINE_UNLISTEN, -1, &el, sizeof(el));
}

void
eng_serves(uint32_t app, uint32_t key, uint32_t port)
{
	struct engine_serves	 es = { { app, 1 }, key, port };

	eng_send(IMSG_ENGINE_SERVES, -1, &es, sizeof(es));
}

static void
answer(const struct engine_listen *el)
{
	struct engine_listener	 lr;
	struct engine_bound	 eb;
	struct lsock		*ls;
	int			 fd = -1;

	memset(&eb, 0, sizeof(eb));
	eb.ref = el->ref;
	eb.seq = el->seq;
	eb.type = el->type;
	(void)strlcpy(eb.data, el->data, sizeof(eb.data));
	if ((eb.error = eng_errno) == 0) {
		ls = bind_for(el);
		eb.key = ls->key;
		eb.port = ls->port;
		eb.flags = el->type == LISTEN_UDP4 ? BOUND_FD : eng_flags;
		(void)strlcpy(eb.address, ls->address, sizeof(eb.address));
		(void)strlcpy(eb.data, ls->data, sizeof(eb.data));
		if (eb.flags & BOUND_FD)
			ATF_REQUIRE((fd = dup(ls->fd)) != -1);
		else {
			lr.number = lr.key = ls->key;
			eng_send(IMSG_ENGINE_LISTENER, dup(ls->fd), &lr,
			    sizeof(lr));
		}
	}
	eb.datalen = (uint32_t)strlen(eb.data);
	eng_send(IMSG_ENGINE_BOUND, fd, &eb, sizeof(eb));
}

static struct lsock *
bind_for(const struct engine_listen *el)
{
	struct sockaddr_in	 sin;
	struct sockaddr_un	 sun;
	struct sockaddr		*sa = (struct sockaddr *)&sin;
	struct lsock		*ls;
	socklen_t		 len = sizeof(sin);
	uint32_t		 i;

	for (i = 0; i < nsocks; i++)
		if (socks[i].el.type == el->type &&
		    socks[i].el.port == el->port &&
		    socks[i].el.index == el->index &&
		    strcmp(socks[i].el.address, el->address) == 0)
			return (&socks[i]);
	ATF_REQUIRE(nsocks < LISTENERS_MAX);
	ls = &socks[nsocks++];
	ls->el = *el;
	ls->key = nsocks + 100;
	(void)strlcpy(ls->data, el->data, sizeof(ls->data));
	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sin.sin_port = htons((uint16_t)el->port);
	if (el->type == LISTEN_UNIX) {
		memset(&sun, 0, sizeof(sun));
		sun.sun_family = AF_UNIX;
		(void)strlcpy(sun.sun_path, el->address,
		    sizeof(sun.sun_path));
		sa = (struct sockaddr *)&sun;
		len = sizeof(sun);
		(void)strlcpy(ls->address, el->address, sizeof(ls->address));
	} else
		(void)strlcpy(ls->address, "127.0.0.1", sizeof(ls->address));
	ls->fd = socket(sa->sa_family, (el->type == LISTEN_UDP4 ? SOCK_DGRAM :
	    SOCK_STREAM) | SOCK_CLOEXEC, 0);
	ATF_REQUIRE(ls->fd != -1);
	ATF_REQUIRE_EQ_MSG(0, bind(ls->fd, sa, len), "%s", strerror(errno));
	if (el->type != LISTEN_UDP4)
		ATF_REQUIRE_EQ(0, listen(ls->fd, 511));
	if (el->type != LISTEN_UNIX) {
		ATF_REQUIRE_EQ(0, getsockname(ls->fd, sa, &len));
		ls->port = ntohs(sin.sin_port);
	}
	return (ls);
}

/* ---- as a worker ---- */

void
wk_say(int fd, const char *line)
{
	size_t		 len = strlen(line);
	struct pollfd	 pfd;
	ssize_t		 n;

	while (len > 0) {
		if ((n = send(fd, line, len, MSG_NOSIGNAL)) == -1) {
			ATF_REQUIRE_EQ_MSG(EAGAIN, errno, "%s",
			    strerror(errno));
			pfd.fd = fd;
			pfd.events = POLLOUT;
			(void)poll(&pfd, 1, 10);
			eng_run(0);
			continue;
		}
		line += n;
		len -= (size_t)n;
	}
}

void
wk_sayfd(int fd, const char *line, int nfds)
{
	char		 control[CMSG_SPACE(sizeof(int) * 253)];
	struct cmsghdr	*cmsg;
	struct msghdr	 msg;
	struct iovec	 iov;
	int		 fds[253], i;

	for (i = 0; i < nfds; i++)
		fds[i] = STDERR_FILENO;
	memset(&msg, 0, sizeof(msg));
	memset(control, 0, sizeof(control));
	iov.iov_base = (void *)(uintptr_t)line;
	iov.iov_len = strlen(line);
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	msg.msg_control = control;
	msg.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)nfds);
	cmsg = CMSG_FIRSTHDR(&msg);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)nfds);
	memcpy(CMSG_DATA(cmsg), fds, sizeof(int) * (size_t)nfds);
	ATF_REQUIRE_EQ((ssize_t)iov.iov_len, sendmsg(fd, &msg, 0));
}

const char *
wk_line(int fd, int ms, int *passed)
{
	static char		 line[65536];
	char			 control[CMSG_SPACE(sizeof(int))];
	struct cmsghdr		*cmsg;
	struct msghdr		 msg;
	struct iovec		 iov;
	struct pollfd		 pfd;
	monotime_t		 start = monotime_now();
	ssize_t			 n;
	char			*end;

	ATF_REQUIRE(fd < FDS_MAX);
	for (;;) {
		end = memchr(pending[fd], '\n', npending[fd]);
		if (end != NULL) {
			*end++ = '\0';
			(void)strlcpy(line, pending[fd], sizeof(line));
			npending[fd] -= (size_t)(end - pending[fd]);
			memmove(pending[fd], end, npending[fd]);
			if (passed != NULL)
				*passed = -1;
			/* As Node: the first line that wants one has it. */
			if (strstr(line, "\"NODE_HANDLE\",") == NULL)
				return (line);
			if (passed != NULL)
				*passed = pendfd[fd] - 1;
			else if (pendfd[fd] > 0)
				close(pendfd[fd] - 1);
			pendfd[fd] = 0;
			return (line);
		}
		if (monotime_since(monotime_now(), start) >= (uint64_t)ms)
			return (NULL);
		eng_run(0);
		pfd.fd = fd;
		pfd.events = POLLIN;
		if (poll(&pfd, 1, 2) != 1)
			continue;
		memset(&msg, 0, sizeof(msg));
		iov.iov_base = pending[fd] + npending[fd];
		iov.iov_len = sizeof(pending[fd]) - npending[fd];
		msg.msg_iov = &iov;
		msg.msg_iovlen = 1;
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		if ((n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC)) == 0)
			return ("");
		if (n == -1)
			continue;
		ATF_CHECK(!(msg.msg_flags & MSG_CTRUNC));
		npending[fd] += (size_t)n;
		if ((cmsg = CMSG_FIRSTHDR(&msg)) != NULL) {
			ATF_CHECK_EQ(0, pendfd[fd]);
			memcpy(&pendfd[fd], CMSG_DATA(cmsg), sizeof(int));
			ATF_CHECK(fcntl(pendfd[fd], F_GETFL) & O_NONBLOCK);
			pendfd[fd]++;
		}
	}
}

const char *
wk_expect(int fd, const char *what, int *passed)
{
	const char	*line;

	while ((line = wk_line(fd, ENG_WAIT, passed)) != NULL &&
	    line[0] != '\0') {
		if (strstr(line, what) != NULL)
			return (line);
		if (passed != NULL && *passed != -1)
			close(*passed);
	}
	atf_tc_fail("nobody said %s", what);
}

void
wk_begin(int fd, uint32_t app, uint32_t key)
{
	struct engine_bound	 eb;
	struct eng_said		*s;
	int			 answers = eng_answers;

	eng_answers = 0;
	wk_say(fd, "{\"cmd\":\"NODE_CLUSTER\",\"act\":\"online\",\"seq\":0}\n"
	    "{\"cmd\":\"NODE_CLUSTER\",\"act\":\"queryServer\",\"index\":0,"
	    "\"data\":null,\"address\":null,\"port\":80,\"addressType\":4,"
	    "\"seq\":1}\n");
	ATF_REQUIRE((s = eng_wait(IMSG_ENGINE_LISTEN, app, ENG_WAIT)) != NULL);
	memset(&eb, 0, sizeof(eb));
	eb.ref = s->ref;
	eb.seq = s->seq;
	eb.key = key;
	eb.port = 80;
	(void)strlcpy(eb.address, "::", sizeof(eb.address));
	(void)strlcpy(eb.data, "null", sizeof(eb.data));
	eng_send(IMSG_ENGINE_BOUND, -1, &eb, sizeof(eb));
	wk_expect(fd, "\"ack\":1", NULL);
	eng_answers = answers;
}

uint64_t
wk_seq(const char *line)
{
	const char	*p;

	ATF_REQUIRE(line != NULL && (p = strstr(line, "\"seq\":")) != NULL);
	return (strtoull(p + 6, NULL, 10));
}

/* ---- as a client ---- */

int
cl_connect(uint32_t port)
{
	struct sockaddr_in	 sin;
	int			 fd;

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sin.sin_port = htons((uint16_t)port);
	ATF_REQUIRE((fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) !=
	    -1);
	ATF_REQUIRE_EQ_MSG(0, connect(fd, (struct sockaddr *)&sin,
	    sizeof(sin)), "%s", strerror(errno));
	return (fd);
}

const char *
cl_get(uint32_t port, const char *path)
{
	static char	 buf[65536];
	struct pollfd	 pfd;
	size_t		 len = 0;
	ssize_t		 n;
	char		*body, req[512];
	int		 fd, i;

	fd = cl_connect(port);
	snprintf(req, sizeof(req), "GET %s HTTP/1.1\r\nHost: x\r\n"
	    "Connection: close\r\n\r\n", path);
	ATF_REQUIRE_EQ((ssize_t)strlen(req), send(fd, req, strlen(req),
	    MSG_NOSIGNAL));
	for (i = 0; i < ENG_WAIT / 2; i++) {
		eng_run(0);
		pfd.fd = fd;
		pfd.events = POLLIN;
		if (poll(&pfd, 1, 2) != 1)
			continue;
		n = recv(fd, buf + len, sizeof(buf) - 1 - len, 0);
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	close(fd);
	buf[len] = '\0';
	body = strstr(buf, "\r\n\r\n");
	return (body != NULL ? body + 4 : NULL);
}

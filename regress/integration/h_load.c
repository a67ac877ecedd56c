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
 * HTTP clients that count what goes wrong:
 *
 *	h_load [-kpv] [-b address] [-c connections] [-d seconds] [-g ms]
 *	    [-l ms] [-n requests] [-r requests] [-t ms] [-u path] target
 *
 * target is a port of 127.0.0.1, address:port, [address]:port or the path of
 * a unix socket.  Without -d and -n it goes on until SIGTERM; then, and in
 * the end anyway, what is under way is finished first.
 *
 *	-b	connect from this address
 *	-c	so many connections at once (10); 1: one after the other
 *	-g	wait so long between two requests of a connection
 *	-k	keep-alive; without it Connection: close
 *	-l	count the answers that took longer
 *	-p	print how many answers began with which word
 *	-r	with -k, a new connection after so many requests
 *	-t	give up on an answer after so long (15,000)
 *	-v	print more figures
 *
 * Prints "ok N refused N reset N cut N bad N timeout N" and ends with 1 when
 * anything but ok was counted, or nothing at all.
 *
 *	refused	no connection
 *	reset	it ended before the first byte of the answer
 *	cut	it ended within the answer
 *	bad	not HTTP, or its status is not 200
 *
 * A connection that the server ends between an answer and the next request
 * is no failure when it said so (Connection: close), nor when it is at rest
 * (-g) and nothing is sent on it; else the request that was being sent is
 * lost, and counts as reset.
 */
#include <sys/types.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <err.h>
#include <errno.h>
#include <event.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define HEAD_MAX	4096
#define WORD_LEN	32
#define WORDS_MAX	512

enum kind { OK, REFUSED, RESET, CUT, BAD, TIMEOUT, NKINDS };

static const char *kinds[NKINDS] = {
	"ok", "refused", "reset", "cut", "bad", "timeout"
};

/* Where in an answer one is. */
enum part {
	CONNECTING,
	HEAD,			/* nothing or some of its head is there */
	BODY,			/* by its length, or to the end */
	CHUNK,			/* the line before a chunk */
	TRAILER,		/* after the last one */
	RESTING,		/* done; the next request comes later */
	ENDING			/* done; the server closes it */
};

struct conn {
	struct event	 io;
	struct event	 timer;
	int		 fd;		/* -1: none */
	enum part	 part;
	uint64_t	 used;		/* answers on this connection */
	int64_t		 begun;		/* the request, us */
	int64_t		 left;		/* of body or chunk; -1: to the end */
	int		 chunked;
	int		 close;		/* announced */
	size_t		 headlen;
	size_t		 wordlen;
	int		 wordend;
	char		 head[HEAD_MAX];
	char		 word[WORD_LEN];
};

struct word {
	char		 text[WORD_LEN];
	uint64_t	 n;
};

static struct event_base *base;
static struct sockaddr_storage target, source;
static socklen_t	 targetlen, sourcelen;
static char		 request[1024];
static size_t		 requestlen;
static struct conn	*conns;
static int		 nconns = 10, keep, distribution, verbose, stopping;
static uint64_t		 limit, started, perconn;	/* 0: no limit */
static int64_t		 gap_ms, slow_ms, timeout_ms = 15000;
static uint64_t		 counts[NKINDS], slow, closed, opened;
static int64_t		 longest;
static int		 nactive;
static struct word	 words[WORDS_MAX];
static int		 nwords;

static void	 conn_open(struct conn *);
static void	 conn_io(int, short, void *);
static void	 conn_timer(int, short, void *);
static void	 conn_request(struct conn *);
static void	 conn_next(struct conn *);
static void	 conn_close(struct conn *);
static void	 conn_rest(struct conn *);
static void	 usage(void) __attribute__((noreturn));

static int64_t
now_us(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000);
}

static void
timer_set(struct conn *c, int64_t ms)
{
	struct timeval	 tv;

	tv.tv_sec = ms / 1000;
	tv.tv_usec = ms % 1000 * 1000;
	evtimer_add(&c->timer, &tv);
}

static int
finished(void)
{
	return (stopping || (limit != 0 && started >= limit));
}

/* This client has nothing more to do; the last one ends the program. */
static void
conn_stop(struct conn *c)
{
	conn_close(c);
	evtimer_del(&c->timer);
	if (--nactive == 0)
		event_base_loopbreak(base);
}

static void
conn_close(struct conn *c)
{
	if (c->fd == -1)
		return;
	event_del(&c->io);
	close(c->fd);
	c->fd = -1;
}

static void
count_word(const struct conn *c)
{
	int	 i;

	for (i = 0; i < nwords; i++)
		if (strcmp(words[i].text, c->word) == 0)
			break;
	if (i == WORDS_MAX)
		return;
	if (i == nwords) {
		nwords++;
		strlcpy(words[i].text, c->word, sizeof(words[i].text));
	}
	words[i].n++;
}

static void
count(struct conn *c, enum kind kind)
{
	int64_t	 took = now_us() - c->begun;

	counts[kind]++;
	if (kind != OK) {
		if (verbose)
			warnx("%s after %" PRId64 " ms, request %" PRIu64
			    " of its connection: %s", kinds[kind], took / 1000,
			    c->used + 1, strerror(errno));
		return;
	}
	if (took > longest)
		longest = took;
	if (slow_ms != 0 && took > slow_ms * 1000)
		slow++;
	if (distribution)
		count_word(c);
}

/* The request failed: the next one has a new connection, in a moment. */
static void
conn_fail(struct conn *c, enum kind kind)
{
	count(c, kind);
	conn_close(c);
	c->part = RESTING;
	timer_set(c, gap_ms > 10 ? gap_ms : 10);
}

/* Did the other end go away between two answers? */
static void
conn_lost(struct conn *c)
{
	switch (c->part) {
	case RESTING:
		closed++;
		conn_close(c);
		break;
	case ENDING:
		conn_close(c);
		conn_rest(c);
		break;
	case CONNECTING:
		conn_fail(c, REFUSED);
		break;
	case HEAD:
		conn_fail(c, c->headlen == 0 ? RESET : CUT);
		break;
	default:
		conn_fail(c, CUT);
		break;
	}
}

/* After an answer, when the connection is as it is to be. */
static void
conn_rest(struct conn *c)
{
	c->part = RESTING;
	if (finished())
		conn_stop(c);
	else if (gap_ms != 0)
		timer_set(c, gap_ms);
	else
		conn_next(c);
}

static void
answer_done(struct conn *c)
{
	count(c, OK);
	c->used++;
	if (!keep || c->close) {
		/* who closes first has the TIME_WAIT: let it be the server */
		c->part = ENDING;
		timer_set(c, 2000);
		return;
	}
	if (perconn != 0 && c->used >= perconn)
		conn_close(c);
	conn_rest(c);
}

static void
body_word(struct conn *c, const char *p, size_t len)
{
	while (!c->wordend && len-- > 0) {
		if (*p <= ' ' || c->wordlen == WORD_LEN - 1)
			c->wordend = 1;
		else
			c->word[c->wordlen++] = *p++;
	}
	c->word[c->wordlen] = '\0';
}

/* One line of the head.  0, or -1 when it makes no sense. */
static int
head_line(struct conn *c, char *line)
{
	if (strncasecmp(line, "Content-Length:", 15) == 0) {
		c->left = strtoll(line + 15, NULL, 10);
		if (c->left < 0)
			return (-1);
	} else if (strncasecmp(line, "Transfer-Encoding:", 18) == 0)
		c->chunked = strcasestr(line + 18, "chunked") != NULL;
	else if (strncasecmp(line, "Connection:", 11) == 0)
		c->close = strcasestr(line + 11, "close") != NULL;
	return (0);
}

/* The whole head is there, up to its empty line. */
static int
head_parse(struct conn *c)
{
	char	*line, *next = c->head;

	c->left = -1;
	c->chunked = 0;
	line = strsep(&next, "\n");
	if (strncmp(line, "HTTP/1.", 7) != 0 ||
	    strncmp(line + 8, " 200", 4) != 0) {
		if (verbose)
			warnx("%s", line);
		return (-1);
	}
	c->close = line[7] == '0';
	while ((line = strsep(&next, "\n")) != NULL)
		if (head_line(c, line) == -1)
			return (-1);
	if (c->chunked)
		c->part = CHUNK;
	else {
		c->part = BODY;
		if (c->left == -1)
			c->close = 1;
	}
	return (0);
}

/* Collect a line in c->head.  1: there it is, without its end. */
static int
take_line(struct conn *c, const char **p, size_t *len)
{
	while (*len > 0 && c->headlen < HEAD_MAX - 1) {
		(*len)--;
		if ((c->head[c->headlen++] = *(*p)++) == '\n') {
			c->head[c->headlen] = '\0';
			c->headlen = 0;
			return (1);
		}
	}
	return (0);
}

static int
take_head(struct conn *c, const char **p, size_t *len)
{
	while (*len > 0) {
		if (c->headlen == HEAD_MAX - 1)
			return (-1);
		c->head[c->headlen++] = *(*p)++;
		(*len)--;
		if (c->headlen >= 4 && memcmp(c->head + c->headlen - 4,
		    "\r\n\r\n", 4) == 0) {
			c->head[c->headlen] = '\0';
			c->headlen = 0;
			return (head_parse(c));
		}
	}
	return (0);
}

static void
take_body(struct conn *c, const char **p, size_t *len)
{
	size_t	 n = *len;

	if (c->left >= 0 && (uint64_t)c->left < n)
		n = (size_t)c->left;
	body_word(c, *p, n);
	*p += n;
	*len -= n;
	if (c->left >= 0)
		c->left -= (int64_t)n;
}

/* A chunk's first line, or the empty one after its data. */
static int
take_chunk(struct conn *c, const char **p, size_t *len)
{
	char	*end;

	if (!take_line(c, p, len))
		return (c->headlen < HEAD_MAX - 1 ? 0 : -1);
	if (c->head[0] == '\r')
		return (0);
	c->left = (int64_t)strtoull(c->head, &end, 16);
	if (end == c->head || c->left < 0)
		return (-1);
	c->part = c->left == 0 ? TRAILER : BODY;
	return (0);
}

/* Is the answer at its end? */
static int
take_trailer(struct conn *c, const char **p, size_t *len)
{
	return (take_line(c, p, len) && c->head[0] == '\r');
}

/* What came.  1: the answer is complete; -1: it is no answer. */
static int
answer_bytes(struct conn *c, const char *p, size_t len)
{
	int	 done = 0;

	do {
		switch (c->part) {
		case HEAD:
			if (take_head(c, &p, &len) == -1)
				return (-1);
			break;
		case BODY:
			take_body(c, &p, &len);
			if (c->left == 0 && c->chunked)
				c->part = CHUNK;
			break;
		case CHUNK:
			if (take_chunk(c, &p, &len) == -1)
				return (-1);
			break;
		case TRAILER:
			done = take_trailer(c, &p, &len);
			break;
		default:
			return (-1);	/* nobody asked */
		}
		if (c->part == BODY && c->left == 0 && !c->chunked)
			done = 1;
	} while (len > 0 && !done);
	return (len > 0 ? -1 : done);
}

static void
conn_read(struct conn *c)
{
	char	 buf[16384];
	ssize_t	 n;

	errno = 0;
	n = read(c->fd, buf, sizeof(buf));
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == 0 && c->part == BODY && c->left == -1)
		answer_done(c);		/* that is how this one ends */
	else if (n <= 0)
		conn_lost(c);
	else
		switch (answer_bytes(c, buf, (size_t)n)) {
		case 1:
			answer_done(c);
			break;
		case -1:
			conn_fail(c, BAD);
			break;
		default:
			break;
		}
}

static void
conn_io(int fd, short what, void *arg)
{
	struct conn	*c = arg;
	socklen_t	 len = sizeof(int);
	int		 error = 0;

	if (c->part != CONNECTING) {
		conn_read(c);
		return;
	}
	if (!(what & EV_WRITE))
		return;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
		err(1, "getsockopt");
	event_del(&c->io);
	event_assign(&c->io, base, fd, EV_READ | EV_PERSIST, conn_io, c);
	event_add(&c->io, NULL);
	if ((errno = error) != 0)
		conn_fail(c, error == ETIMEDOUT ? TIMEOUT : REFUSED);
	else
		conn_request(c);
}

/* Too late, or time for the next request. */
static void
conn_timer(int fd, short what, void *arg)
{
	struct conn	*c = arg;

	(void)fd;
	(void)what;
	switch (c->part) {
	case RESTING:
		if (finished())
			conn_stop(c);
		else
			conn_next(c);
		break;
	case ENDING:
		conn_close(c);
		conn_rest(c);
		break;
	default:
		errno = ETIMEDOUT;
		conn_fail(c, TIMEOUT);
		break;
	}
}

/* The next request, on this connection or a new one. */
static void
conn_next(struct conn *c)
{
	started++;
	c->begun = now_us();
	if (c->fd == -1)
		conn_open(c);
	else
		conn_request(c);
}

static void
conn_request(struct conn *c)
{
	c->part = HEAD;
	c->headlen = c->wordlen = 0;
	c->wordend = 0;
	c->close = 0;
	timer_set(c, timeout_ms);
	if (send(c->fd, request, requestlen, MSG_NOSIGNAL) !=
	    (ssize_t)requestlen)
		conn_fail(c, RESET);
}

static int
conn_socket(void)
{
	int	 fd, on = 1;

	if ((fd = socket(target.ss_family, SOCK_STREAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0)) == -1)
		err(1, "socket");
	if (target.ss_family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (sourcelen != 0 &&
	    bind(fd, (struct sockaddr *)&source, sourcelen) == -1)
		err(1, "bind");
	return (fd);
}

static void
conn_open(struct conn *c)
{
	int	 error;

	c->fd = conn_socket();
	c->used = 0;
	c->part = CONNECTING;
	opened++;
	timer_set(c, timeout_ms);
	event_assign(&c->io, base, c->fd, EV_WRITE, conn_io, c);
	event_add(&c->io, NULL);
	if (connect(c->fd, (struct sockaddr *)&target, targetlen) == 0 ||
	    errno == EINPROGRESS)
		return;
	error = errno;
	if (error == EAGAIN && target.ss_family == AF_UNIX) {
		/* its queue is full: a client that may block would wait */
		conn_close(c);
		c->part = RESTING;
		started--;
		timer_set(c, 5);
		return;
	}
	errno = error;
	conn_fail(c, REFUSED);
}

static void
stop(int fd, short what, void *arg)
{
	int	 i;

	(void)fd;
	(void)what;
	(void)arg;
	stopping = 1;
	for (i = 0; i < nconns; i++)
		if (conns[i].part == RESTING &&
		    evtimer_pending(&conns[i].timer, NULL))
			timer_set(&conns[i], 0);
}

static int64_t
number(const char *s, int64_t min, int64_t max)
{
	const char	*error;
	int64_t		 n;

	n = strtonum(s, min, max, &error);
	if (error != NULL)
		errx(1, "%s: %s", s, error);
	return (n);
}

static void
set_address(struct sockaddr_storage *ss, socklen_t *len, const char *host,
    int64_t port)
{
	struct sockaddr_in	*sin = (struct sockaddr_in *)ss;
	struct sockaddr_in6	*sin6 = (struct sockaddr_in6 *)ss;

	memset(ss, 0, sizeof(*ss));
	if (inet_pton(AF_INET, host, &sin->sin_addr) == 1) {
		sin->sin_family = AF_INET;
		sin->sin_port = htons((uint16_t)port);
		*len = sizeof(*sin);
	} else if (inet_pton(AF_INET6, host, &sin6->sin6_addr) == 1) {
		sin6->sin6_family = AF_INET6;
		sin6->sin6_port = htons((uint16_t)port);
		*len = sizeof(*sin6);
	} else
		errx(1, "%s: no address", host);
}

static void
set_target(const char *s)
{
	struct sockaddr_un	*sun = (struct sockaddr_un *)&target;
	char			 host[64], *colon;

	if (strchr(s, '/') != NULL) {
		sun->sun_family = AF_UNIX;
		if (strlcpy(sun->sun_path, s, sizeof(sun->sun_path)) >=
		    sizeof(sun->sun_path))
			errx(1, "%s: too long", s);
		targetlen = sizeof(*sun);
		return;
	}
	if (strchr(s, ':') == NULL) {
		set_address(&target, &targetlen, "127.0.0.1",
		    number(s, 1, 65535));
		return;
	}
	if (strlcpy(host, s + (*s == '['), sizeof(host)) >= sizeof(host))
		errx(1, "%s: too long", s);
	colon = strrchr(host, ':');
	*colon = '\0';
	host[strcspn(host, "]")] = '\0';
	set_address(&target, &targetlen, host, number(colon + 1, 1, 65535));
}

static void
more_descriptors(void)
{
	struct rlimit	 rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1)
		err(1, "getrlimit");
	rl.rlim_cur = rl.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &rl) == -1)
		err(1, "setrlimit");
	if (rl.rlim_cur != RLIM_INFINITY &&
	    rl.rlim_cur < (rlim_t)nconns + 16)
		errx(1, "the descriptor limit is %ju",
		    (uintmax_t)rl.rlim_cur);
}

static void
run(int seconds)
{
	struct event	 term, intr, end;
	struct timeval	 tv = { seconds, 0 };
	int		 i;

	if ((base = event_base_new()) == NULL)
		errx(1, "event_base_new");
	event_assign(&term, base, SIGTERM, EV_SIGNAL | EV_PERSIST, stop, NULL);
	event_assign(&intr, base, SIGINT, EV_SIGNAL | EV_PERSIST, stop, NULL);
	event_assign(&end, base, -1, 0, stop, NULL);
	event_add(&term, NULL);
	event_add(&intr, NULL);
	if (seconds != 0)
		event_add(&end, &tv);
	if ((conns = calloc((size_t)nconns, sizeof(*conns))) == NULL)
		err(1, NULL);
	nactive = nconns;
	for (i = 0; i < nconns; i++) {
		conns[i].fd = -1;
		conns[i].part = RESTING;
		evtimer_assign(&conns[i].timer, base, conn_timer, &conns[i]);
		/* not all at once when there is time */
		timer_set(&conns[i], gap_ms * i / nconns);
	}
	event_base_dispatch(base);
	event_del(&term);
	event_del(&intr);
	event_del(&end);
	event_base_free(base);
	free(conns);
}

static int
report(void)
{
	int	 i, failed = counts[OK] == 0;

	for (i = 0; i < NKINDS; i++) {
		printf("%s%s %" PRIu64, i == 0 ? "" : " ", kinds[i],
		    counts[i]);
		if (i != OK && counts[i] != 0)
			failed = 1;
	}
	printf("\n");
	if (slow_ms != 0)
		printf("slow %" PRIu64 "\n", slow);
	if (verbose)
		printf("opened %" PRIu64 " closed at rest %" PRIu64
		    " longest %" PRId64 " ms\n", opened, closed,
		    longest / 1000);
	for (i = 0; i < nwords; i++)
		printf("%s %" PRIu64 "\n", words[i].text, words[i].n);
	return (failed);
}

int
main(int argc, char *argv[])
{
	const char	*path = "/";
	int		 ch, seconds = 0;

	while ((ch = getopt(argc, argv, "b:c:d:g:kl:n:pr:t:u:v")) != -1) {
		switch (ch) {
		case 'b':
			set_address(&source, &sourcelen, optarg, 0);
			break;
		case 'c':
			nconns = (int)number(optarg, 1, 20000);
			break;
		case 'd':
			seconds = (int)number(optarg, 1, 3600);
			break;
		case 'g':
			gap_ms = number(optarg, 0, 3600000);
			break;
		case 'k':
			keep = 1;
			break;
		case 'l':
			slow_ms = number(optarg, 1, 3600000);
			break;
		case 'n':
			limit = (uint64_t)number(optarg, 1, INT_MAX);
			break;
		case 'p':
			distribution = 1;
			break;
		case 'r':
			perconn = (uint64_t)number(optarg, 1, INT_MAX);
			break;
		case 't':
			timeout_ms = number(optarg, 1, 3600000);
			break;
		case 'u':
			path = optarg;
			break;
		case 'v':
			verbose = 1;
			break;
		default:
			usage();
		}
	}
	if (argc - optind != 1)
		usage();
	set_target(argv[optind]);
	more_descriptors();
	requestlen = (size_t)snprintf(request, sizeof(request),
	    "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: %s\r\n\r\n",
	    path, keep ? "keep-alive" : "close");
	if (requestlen >= sizeof(request))
		errx(1, "%s: too long", path);
	run(seconds);
	return (report());
}

static void
usage(void)
{
	fprintf(stderr, "usage: h_load [-kpv] [-b address] [-c connections] "
	    "[-d seconds] [-g ms]\n\t[-l ms] [-n requests] [-r requests] "
	    "[-t ms] [-u path] target\n");
	exit(2);
}

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
 * The connection to pm2d.  The socket does not block, the client does: every
 * wait is a poll(2) with a deadline that reads and writes at once, so that
 * two full buffers cannot wait for each other.
 */
#include <sys/types.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "home.h"
#include "monotime.h"
#include "pm2ctl.h"

#define HELLO_MS	10000	/* for the first answer */
#define SILENCE_MS	10000	/* then it is asked whether it lives */
#define QUEUE_HIGH	(256 * 1024)	/* bytes to queue before writing */
#define PART_SIZE	(MAX_IMSGSIZE - IMSG_HEADER_SIZE)

static int	 client_poll(struct client *, int);
static int	 lost(struct client *, const char *);

static int
lost(struct client *c, const char *why)
{
	if (c->fd == -1)
		return (-1);
	if (c->quiet)
		;
	else if (c->pid != 0)
		say_error("lost the connection to pm2d (pid %u): %s", c->pid,
		    why);
	else
		say_error("lost the connection to pm2d for %s: %s", c->home,
		    why);
	client_close(c);
	return (-1);
}

void
client_close(struct client *c)
{
	if (c->fd == -1)
		return;
	imsgbuf_clear(&c->ibuf);
	(void)close(c->fd);
	c->fd = -1;
	c->pending = 0;
}

/* ---- what arrives ---- */

static int
got_app(struct client *c, struct imsg *imsg)
{
	struct app_list	*l;
	struct app_view	*apps;
	struct ibuf	 buf;
	size_t		 cap;

	l = c->list;
	if (l == NULL || imsg_get_id(imsg) != c->listreq)
		return (0);
	if (l->n == l->cap) {
		cap = l->cap == 0 ? 64 : l->cap * 2;
		apps = reallocarray(l->apps, cap, sizeof(*apps));
		if (apps == NULL)
			return (-1);
		l->apps = apps;
		l->cap = cap;
	}
	memset(&l->apps[l->n], 0, sizeof(*l->apps));
	if (imsg_get_ibuf(imsg, &buf) == -1 ||
	    wire_get_app(&buf, &l->apps[l->n].info) == -1)
		return (-1);
	l->n++;
	return (0);
}

static int
got_spec_part(struct client *c, struct imsg *imsg)
{
	struct app_view	*v;
	unsigned char	*p;
	size_t		 len;

	if (c->list == NULL || imsg_get_id(imsg) != c->listreq)
		return (0);
	if (c->list->n == 0) {
		errno = EBADMSG;
		return (-1);
	}
	v = &c->list->apps[c->list->n - 1];
	len = imsg_get_len(imsg);
	if (len == 0 || len > SPEC_MAX - v->speclen) {
		errno = EBADMSG;
		return (-1);
	}
	/* the environment has secrets: leave no copies behind */
	if ((p = recallocarray(v->specbuf, v->speclen, v->speclen + len,
	    1)) == NULL)
		return (-1);
	v->specbuf = p;
	if (imsg_get_buf(imsg, p + v->speclen, len) == -1)
		return (-1);
	v->speclen += len;
	return (0);
}

static int
got_exit(struct client *c, struct imsg *imsg)
{
	struct ctl_exit	*exits;
	struct app_view	*v;

	if (c->list == NULL || imsg_get_id(imsg) != c->listreq)
		return (0);
	if (c->list->n == 0) {
		errno = EBADMSG;
		return (-1);
	}
	v = &c->list->apps[c->list->n - 1];
	exits = reallocarray(v->exits, v->nexits + 1, sizeof(*exits));
	if (exits == NULL)
		return (-1);
	v->exits = exits;
	if (imsg_get_data(imsg, &exits[v->nexits], sizeof(*exits)) == -1)
		return (-1);
	v->nexits++;
	return (0);
}

static int
got_event(struct client *c, struct imsg *imsg)
{
	struct ctl_event	 ev;

	if (imsg_get_data(imsg, &ev, sizeof(ev)) == -1)
		return (-1);
	ev.name[sizeof(ev.name) - 1] = '\0';
	if (c->ops != NULL && c->ops->event != NULL)
		c->ops->event(c, imsg_get_id(imsg), &ev, c->arg);
	return (0);
}

static int
got_row(struct client *c, struct imsg *imsg)
{
	struct ctl_row	 row;

	if (imsg_get_data(imsg, &row, sizeof(row)) == -1)
		return (-1);
	row.key[sizeof(row.key) - 1] = '\0';
	row.text[sizeof(row.text) - 1] = '\0';
	if (c->ops != NULL && c->ops->row != NULL)
		c->ops->row(c, imsg_get_id(imsg), &row, c->arg);
	return (0);
}

static int
got_message(struct client *c, struct imsg *imsg)
{
	struct ctl_app	 ref;
	char		 text[SAY_MAX + 1];
	size_t		 len;

	len = imsg_get_len(imsg);
	if (len < sizeof(ref) || (len -= sizeof(ref)) > SAY_MAX) {
		errno = EBADMSG;
		return (-1);
	}
	if (imsg_get_buf(imsg, &ref, sizeof(ref)) == -1 ||
	    imsg_get_buf(imsg, text, len) == -1)
		return (-1);
	text[len] = '\0';
	if (c->ops != NULL && c->ops->message != NULL)
		c->ops->message(c, ref.id, text, c->arg);
	return (0);
}

static int
got_logfd(struct client *c, struct imsg *imsg)
{
	int	 fd;

	fd = imsg_get_fd(imsg);
	if (fd == -1) {
		errno = EBADMSG;
		return (-1);
	}
	if (c->logfd == NULL || *c->logfd != -1) {
		(void)close(fd);
		return (0);
	}
	/* The socket is the answer; a result is sent when there is none. */
	*c->logfd = fd;
	c->logsreq = imsg_get_id(imsg);
	if (c->pending > 0)
		c->pending--;
	return (0);
}

static int
got_result(struct client *c, struct imsg *imsg)
{
	struct ctl_result	 res;
	uint32_t		 req;

	if (imsg_get_data(imsg, &res, sizeof(res)) == -1)
		return (-1);
	res.text[sizeof(res.text) - 1] = '\0';
	req = imsg_get_id(imsg);
	if (req == c->pingreq) {
		c->pingreq = 0;
		return (0);
	}
	if (req == c->subscription || req == c->logsreq)
		return (0);
	if (c->pending > 0)
		c->pending--;
	if (c->keep != NULL)
		*c->keep = res;
	else if (c->ops != NULL && c->ops->result != NULL)
		c->ops->result(c, req, &res, c->arg);
	return (0);
}

static const struct {
	uint32_t	 type;
	int		(*got)(struct client *, struct imsg *);
} messages[] = {
	{ IMSG_CTL_APP,		got_app },
	{ IMSG_CTL_SPEC_PART,	got_spec_part },
	{ IMSG_CTL_EXIT,	got_exit },
	{ IMSG_CTL_EVENT,	got_event },
	{ IMSG_CTL_ROW,		got_row },
	{ IMSG_CTL_LOGFD,	got_logfd },
	{ IMSG_CTL_MESSAGE,	got_message },
	{ IMSG_CTL_RESULT,	got_result },
};

static int
dispatch(struct client *c, struct imsg *imsg)
{
	size_t	 i;

	for (i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
		if (messages[i].type == imsg_get_type(imsg))
			return (messages[i].got(c, imsg));
	errno = EBADMSG;
	return (-1);
}

/* Handle what was read. An op may have closed the client. */
static int
dispatch_all(struct client *c)
{
	struct imsg	 imsg;
	int		 n;

	while (c->fd != -1) {
		if ((n = imsgbuf_get(&c->ibuf, &imsg)) == -1)
			return (lost(c, "it sent garbage"));
		if (n == 0)
			return (0);
		n = dispatch(c, &imsg);
		imsg_free(&imsg);
		if (n == -1)
			return (lost(c, errno == ENOMEM ? "out of memory" :
			    "it sent what this pm2ctl does not understand"));
	}
	return (-1);
}

/* ---- waiting ---- */

/*
 * Write, or wait for the socket: 1 readable, 2 something was or can be
 * written, 0 timed out.  What was written may be what the caller waits for.
 */
static int
wait_io(struct client *c, int ms)
{
	struct pollfd	 pfd;
	size_t		 queued;
	int		 n;

	pfd.fd = c->fd;
	pfd.events = POLLIN;
	pfd.revents = 0;
	if ((queued = imsgbuf_queuebytes(&c->ibuf)) > 0) {
		if (imsgbuf_write(&c->ibuf) == -1)
			return (errno == EPIPE ? 1 : lost(c, strerror(errno)));
		if (imsgbuf_queuebytes(&c->ibuf) < queued)
			return (2);
		pfd.events |= POLLOUT;
	}
	if ((n = poll(&pfd, 1, ms)) == -1 && errno != EINTR)
		return (lost(c, strerror(errno)));
	return (n > 0 && (pfd.revents & (POLLIN | POLLHUP | POLLERR)) ? 1 :
	    n > 0 ? 2 : 0);
}

/*
 * One turn: 1 when something moved, 0 when the time was over (or a signal
 * came), -1 when the connection is lost.
 */
static int
client_poll(struct client *c, int ms)
{
	int	 n;

	if (c->fd == -1)
		return (-1);
	if ((n = wait_io(c, ms)) != 1)
		return (n == 2 ? 1 : n);
	switch (imsgbuf_read(&c->ibuf)) {
	case -1:
		return (lost(c, strerror(errno)));
	case 0:
		return (lost(c, "it has closed it"));
	}
	return (dispatch_all(c) == -1 ? -1 : 1);
}

/* Nothing came for long: ask; asked already: give up. */
static int
check_alive(struct client *c)
{
	if (c->pingreq != 0)
		return (lost(c, "it does not answer"));
	c->pingreq = c->next++;
	if (imsg_compose(&c->ibuf, IMSG_CTL_PING, c->pingreq, 0, -1, NULL,
	    0) == -1)
		return (lost(c, strerror(errno)));
	return (0);
}

int
client_wait(struct client *c)
{
	monotime_t	 heard;
	int		 n;

	heard = monotime_now();
	while (c->pending > 0) {
		if ((n = client_poll(c, SILENCE_MS)) == -1)
			return (-1);
		if (n == 1)
			heard = monotime_now();
		else if (monotime_since(monotime_now(), heard) >= SILENCE_MS) {
			if (check_alive(c) == -1)
				return (-1);
			heard = monotime_now();
		}
	}
	return (c->fd == -1 ? -1 : 0);
}

int
client_wait_ms(struct client *c, uint64_t ms, const int *stop)
{
	monotime_t	 start;
	uint64_t	 gone;

	start = monotime_now();
	while (stop == NULL || !*stop) {
		if ((gone = monotime_since(monotime_now(), start)) >= ms)
			break;
		if (client_poll(c, ms - gone > 60000 ? 60000 :
		    (int)(ms - gone)) == -1)
			return (-1);
	}
	return (0);
}

/* ---- HELLO ---- */

static int
hello_check(struct client *c, struct imsg *imsg)
{
	struct ctl_hello	 h;
	struct ctl_result	 res;
	char			 buf[512];

	/* Refused: too many connections, or it is going down. */
	if (imsg_get_type(imsg) == IMSG_CTL_RESULT &&
	    imsg_get_data(imsg, &res, sizeof(res)) == 0) {
		res.text[sizeof(res.text) - 1] = '\0';
		say_error("pm2d refuses to talk: %s",
		    client_strresult(&res, buf, sizeof(buf)));
		return (-1);
	}
	/* Only the first four bytes are sure when the protocols differ. */
	memset(&h, 0, sizeof(h));
	if (imsg_get_type(imsg) != IMSG_CTL_HELLO ||
	    imsg_get_len(imsg) < sizeof(h.protocol) ||
	    (imsg_get_len(imsg) == sizeof(h) ?
	    imsg_get_data(imsg, &h, sizeof(h)) :
	    imsg_get_buf(imsg, &h.protocol, sizeof(h.protocol))) == -1) {
		say_error("what answers for %s is not pm2d", c->home);
		return (-1);
	}
	h.version[sizeof(h.version) - 1] = '\0';
	if (h.protocol != PM2D_PROTOCOL) {
		say_error("pm2ctl speaks protocol %u, pm2d (pid %u, version "
		    "%s) speaks %u: restart pm2d or install the matching "
		    "pm2ctl", PM2D_PROTOCOL, h.pid, h.version[0] != '\0' ?
		    h.version : "unknown", h.protocol);
		return (-1);
	}
	c->pid = h.pid;
	c->uid = h.uid;
	memcpy(c->version, h.version, sizeof(c->version));
	return (0);
}

/* The daemon's HELLO must be the first message: 0, -1 said, 1 it left. */
static int
hello_wait(struct client *c)
{
	struct imsg	 imsg;
	monotime_t	 start;
	uint64_t	 gone;
	int		 n;

	start = monotime_now();
	for (;;) {
		gone = monotime_since(monotime_now(), start);
		if (gone >= HELLO_MS)
			return (lost(c, "it does not answer"));
		if ((n = wait_io(c, (int)(HELLO_MS - gone))) == -1)
			return (-1);
		if (n != 1)
			continue;
		if ((n = imsgbuf_read(&c->ibuf)) == 0 ||
		    (n == -1 && errno == ECONNRESET))
			return (1);
		if (n == -1 || (n = imsgbuf_get(&c->ibuf, &imsg)) == -1)
			return (lost(c, "what answers is not pm2d"));
		if (n == 1)
			break;
	}
	n = hello_check(c, &imsg);
	imsg_free(&imsg);
	return (n);
}

static int
set_nonblock(int fd, int on)
{
	int	 flags;

	if ((flags = fcntl(fd, F_GETFL)) == -1)
		return (-1);
	flags = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
	return (fcntl(fd, F_SETFL, flags));
}

/* From a connected socket on; it is the client's from now. */
int
client_attach(struct client *c, int fd, const char *home)
{
	struct ctl_hello	 h;
	int			 n;

	memset(c, 0, sizeof(*c));
	c->fd = -1;
	c->home = home;
	c->next = 1;
	if (set_nonblock(fd, 1) == -1 || imsgbuf_init(&c->ibuf, fd) == -1) {
		say_error("pm2d: %s", strerror(errno));
		(void)close(fd);
		return (CLIENT_ERROR);
	}
	/* An app may have several long paths. */
	(void)imsgbuf_set_maxsize(&c->ibuf, WIRE_APP_MAX);
	c->fd = fd;
	imsgbuf_allow_fdpass(&c->ibuf);
	memset(&h, 0, sizeof(h));
	h.protocol = PM2D_PROTOCOL;
	h.pid = (uint32_t)getpid();
	(void)strlcpy(h.version, PM2D_VERSION, sizeof(h.version));
	if (imsg_compose(&c->ibuf, IMSG_CTL_HELLO, 0, 0, -1, &h,
	    sizeof(h)) == -1) {
		(void)lost(c, strerror(errno));
		return (CLIENT_ERROR);
	}
	if ((n = hello_wait(c)) == 0)
		return (CLIENT_OK);
	client_close(c);
	/* It accepted and went: as if it had not been there. */
	return (n == 1 ? CLIENT_NONE : CLIENT_ERROR);
}

int
client_open(struct client *c, const char *home)
{
	int	 fd;

	memset(c, 0, sizeof(*c));
	c->fd = -1;
	if ((fd = home_connect(home)) != -1)
		return (client_attach(c, fd, home));
	if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR)
		return (CLIENT_NONE);
	say_error("%s/%s: %s", home, HOME_SOCKET, strerror(errno));
	return (CLIENT_ERROR);
}

int
client_open_socket(struct client *c, const char *path)
{
	int	 fd;

	memset(c, 0, sizeof(*c));
	c->fd = -1;
	if ((fd = home_connect_socket(path)) != -1)
		return (client_attach(c, fd, path));
	if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR)
		return (CLIENT_NONE);
	say_error("%s: %s", path, errno == EPERM ?
	    "whoever listens there is neither root nor you" :
	    strerror(errno));
	return (CLIENT_ERROR);
}

/* ---- requests ---- */

/* Make room in the queue, delivering what comes meanwhile. */
static int
make_room(struct client *c)
{
	while (imsgbuf_queuebytes(&c->ibuf) > QUEUE_HIGH ||
	    imsgbuf_queuelen(&c->ibuf) > IMSGBUF_MAXMSGS / 2) {
		switch (client_poll(c, SILENCE_MS * 3)) {
		case -1:
			return (-1);
		case 0:
			return (lost(c, "it does not listen"));
		}
	}
	return (0);
}

static int
compose(struct client *c, uint32_t type, uint32_t req, const void *data,
    size_t len)
{
	if (c->fd == -1 || make_room(c) == -1)
		return (-1);
	if (imsg_compose(&c->ibuf, type, req, 0, -1, data, len) == -1)
		return (lost(c, strerror(errno)));
	return (0);
}

uint32_t
client_send(struct client *c, uint32_t type, const void *data, size_t len)
{
	uint32_t	 req;

	req = c->next++;
	if (compose(c, type, req, data, len) == -1)
		return (0);
	c->pending++;
	return (req);
}

uint32_t
client_subscribe(struct client *c)
{
	c->subscription = c->next++;
	if (compose(c, IMSG_CTL_SUBSCRIBE, c->subscription, NULL, 0) == -1)
		return (0);
	return (c->subscription);
}

uint32_t
client_send_start(struct client *c, const struct spec_buf *spec,
    uint32_t flags)
{
	struct ctl_start	 start;

	memset(&start, 0, sizeof(start));
	start.speclen = (uint32_t)spec->len;
	start.flags = flags;
	start.id = start.first = APP_ID_ALL;
	return (client_send_spec(c, IMSG_CTL_START, &start, sizeof(start),
	    spec));
}

uint32_t
client_send_spec(struct client *c, uint32_t type, const void *head,
    size_t headlen, const struct spec_buf *spec)
{
	uint32_t	 req;
	size_t		 len, off;

	if ((req = client_send(c, type, head, headlen)) == 0)
		return (0);
	for (off = 0; off < spec->len; off += len) {
		len = spec->len - off;
		if (len > PART_SIZE)
			len = PART_SIZE;
		if (compose(c, IMSG_CTL_SPEC_PART, req, spec->data + off,
		    len) == -1)
			return (0);
	}
	return (req);
}

int
client_request(struct client *c, uint32_t type, const void *data, size_t len,
    struct ctl_result *res)
{
	int	 error;

	memset(res, 0, sizeof(*res));
	c->keep = res;
	error = client_send(c, type, data, len) == 0 ? -1 : client_wait(c);
	c->keep = NULL;
	return (error);
}

int
client_request_spec(struct client *c, uint32_t type, const void *head,
    size_t headlen, const struct spec_buf *spec, struct ctl_result *res)
{
	int	 error;

	memset(res, 0, sizeof(*res));
	c->keep = res;
	error = client_send_spec(c, type, head, headlen, spec) == 0 ? -1 :
	    client_wait(c);
	c->keep = NULL;
	return (error);
}

/* ---- lists ---- */

void
app_list_free(struct app_list *l)
{
	size_t	 i;

	for (i = 0; i < l->n; i++) {
		wire_free_app(&l->apps[i].info);
		free(l->apps[i].spec);
		if (l->apps[i].specbuf != NULL)
			freezero(l->apps[i].specbuf, l->apps[i].speclen);
		free(l->apps[i].exits);
	}
	free(l->apps);
	memset(l, 0, sizeof(*l));
}

static int
view_cmp(const void *a, const void *b)
{
	const struct app_view	*va = a, *vb = b;

	if (va->info.fix.id != vb->info.fix.id)
		return (va->info.fix.id < vb->info.fix.id ? -1 : 1);
	return (0);
}

/* Index the specs that came; one that cannot be read is not there. */
static void
list_finish(struct app_list *l)
{
	struct app_view	*v;
	char		 err[256];
	size_t		 i;
	int		 sorted;

	sorted = 1;
	for (i = 0; i < l->n; i++) {
		v = &l->apps[i];
		if (i > 0 && l->apps[i - 1].info.fix.id > v->info.fix.id)
			sorted = 0;
		if (v->specbuf == NULL ||
		    (v->spec = calloc(1, sizeof(*v->spec))) == NULL)
			continue;
		if (spec_parse(v->spec, v->specbuf, v->speclen, err,
		    sizeof(err)) == -1) {
			say_warn("%s: %s", v->info.name, err);
			free(v->spec);
			v->spec = NULL;
		}
	}
	if (!sorted)
		qsort(l->apps, l->n, sizeof(*l->apps), view_cmp);
}

int
client_list(struct client *c, uint32_t id, uint32_t flags, struct app_list *l)
{
	struct ctl_list		 req;
	struct ctl_result	 res;
	char			 buf[512];
	int			 error;

	app_list_free(l);
	memset(&req, 0, sizeof(req));
	req.id = id;
	req.flags = flags;
	c->list = l;
	c->listreq = c->next;
	error = client_request(c, IMSG_CTL_LIST, &req, sizeof(req), &res);
	c->list = NULL;
	if (error == -1)
		return (-1);
	if (res.code != CTL_OK && res.code != CTL_NOSUCH) {
		say_error("pm2d cannot list: %s", client_strresult(&res, buf,
		    sizeof(buf)));
		return (-1);
	}
	list_finish(l);
	return (0);
}

struct app_view *
app_list_find(const struct app_list *l, uint32_t id)
{
	size_t	 lo, hi, mid;

	for (lo = 0, hi = l->n; lo < hi;) {
		mid = lo + (hi - lo) / 2;
		if (l->apps[mid].info.fix.id == id)
			return (&l->apps[mid]);
		if (l->apps[mid].info.fix.id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (NULL);
}

/* ---- logs ---- */

int
client_logs(struct client *c, uint32_t flags, uint32_t lines,
    const uint32_t *ids, uint32_t nids)
{
	struct ctl_logs		 req;
	struct ctl_result	 res;
	unsigned char		 payload[PART_SIZE];
	char			 buf[512];
	int			 error, fd;

	if (nids > CTL_LOGS_MAXIDS)
		nids = 0;
	memset(&req, 0, sizeof(req));
	req.flags = flags;
	req.lines = lines;
	req.nids = nids;
	memcpy(payload, &req, sizeof(req));
	if (nids > 0)
		memcpy(payload + sizeof(req), ids, nids * sizeof(*ids));
	fd = -1;
	c->logfd = &fd;
	error = client_request(c, IMSG_CTL_LOGS, payload,
	    sizeof(req) + nids * sizeof(*ids), &res);
	c->logfd = NULL;
	if (error == 0 && (res.code != CTL_OK || fd == -1)) {
		if (!c->quiet)
			say_error("no logs: %s", res.code == CTL_OK ?
			    "pm2d sent no socket" :
			    client_strresult(&res, buf, sizeof(buf)));
		error = -1;
	}
	if (error == 0 && set_nonblock(fd, 0) == -1)
		error = -1;
	if (error == -1 && fd != -1) {
		(void)close(fd);
		fd = -1;
	}
	return (fd);
}

/* ---- results in words ---- */

const char *
client_strresult(const struct ctl_result *res, char *buf, size_t size)
{
	const char	*what, *why, *sep;

	*buf = '\0';
	if (res->code == CTL_OK)
		return (buf);
	/* The daemon's own words say more than the code or the step does. */
	if (res->text[0] != '\0' && (res->stage == STAGE_NONE ||
	    res->stage == STAGE_ENVFILE || res->stage == STAGE_LISTEN)) {
		(void)strlcpy(buf, res->text, size);
		return (buf);
	}
	what = res->stage != STAGE_NONE ? stage_name(res->stage) :
	    ctl_codename(res->code);
	why = res->error != 0 ? stage_strerror(res->stage, res->error) : "";
	sep = *what != '\0' && *why != '\0' ? ": " : "";
	if (res->text[0] != '\0')
		(void)snprintf(buf, size, "%s%s%s (%s)", what, sep, why,
		    res->text);
	else
		(void)snprintf(buf, size, "%s%s%s", what, sep, why);
	return (buf);
}

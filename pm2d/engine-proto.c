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

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine-proto.h"

#define LOAD_FLAGS	(JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | \
			    JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL)
#define INTERNAL	"NODE_"
#define LITERAL(s)	(s), sizeof(s) - 1

/* How an internal message is read, by its cmd or act. */
struct form {
	const char	*name;
	enum proto_kind	 kind;
	/* 0, or -1: not of this form */
	int		(*read)(struct proto_msg *, const json_t *);
};

static int	 quick(struct proto_msg *, const char *, size_t);
static const char *after(const char *, const char *, const char *, size_t);
static const char *digits(const char *, const char *, uint64_t *);
static int	 too_deep(const char *, size_t);
static int	 has_internal(const char *, size_t);
static void	 unparsed(struct proto_msg *, const char *, size_t,
		    const char *);
static void	 internal(struct proto_msg *, const json_t *, const char *);
static int	 use_form(const struct form *, struct proto_msg *,
		    const json_t *, const char *);
static int	 read_nothing(struct proto_msg *, const json_t *);
static int	 read_cluster(struct proto_msg *, const json_t *);
static int	 read_reply(struct proto_msg *, const json_t *);
static int	 read_seq(struct proto_msg *, const json_t *);
static int	 read_close(struct proto_msg *, const json_t *);
static int	 read_text(struct proto_msg *, const json_t *);
static int	 read_query(struct proto_msg *, const json_t *);
static int	 read_listening(struct proto_msg *, const json_t *);
static int	 query_where(struct proto_msg *, const json_t *);
static int	 query_type(struct proto_msg *, const json_t *);
static int	 query_port(struct proto_msg *, const json_t *);
static int	 query_address(struct proto_msg *, const json_t *);
static int	 query_path(struct proto_msg *, const json_t *);
static int	 query_rest(struct proto_msg *, const json_t *);
static int	 query_data(struct proto_msg *, const json_t *);
static int	 numeric(uint32_t, const char *);
static uint64_t	 identify(const struct engine_listen *);
static int	 strange(struct proto_msg *);
static int	 get_number(const json_t *, const char *, uint64_t,
		    uint64_t *);
static int	 absent(const json_t *);
static const char *string_of(const json_t *);
static const char *one_line(const char *);

const char	 proto_handle_ack[] = "{\"cmd\":\"NODE_HANDLE_ACK\"}\n";
const char	 proto_handle_nack[] = "{\"cmd\":\"NODE_HANDLE_NACK\"}\n";
const char	 proto_drain[] = "{\"cmd\":\"NODE_PM_DRAIN\"}\n";
const char	 proto_probe[] = "{\"cmd\":\"NODE_HANDLE\",\"type\":\"net.Native\","
		    "\"msg\":{\"cmd\":\"NODE_PM_PROBE\"}}\n";

static const struct form	 commands[] = {
	{ "NODE_CLUSTER",	PROTO_IGNORED,		read_cluster },
	{ "NODE_HANDLE",	PROTO_HANDLE,		read_nothing },
	{ "NODE_HANDLE_ACK",	PROTO_HANDLE_ACK,	read_nothing },
	{ "NODE_HANDLE_NACK",	PROTO_HANDLE_NACK,	read_nothing },
	{ "NODE_SOCKET_NOTIFY_CLOSE", PROTO_SOCKET_CLOSE, read_text },
	{ "NODE_SOCKET_GET_COUNT", PROTO_SOCKET_COUNT,	read_text },
	{ "NODE_PM_DRAINED",	PROTO_DRAINED,		read_nothing },
	{ NULL,			PROTO_IGNORED,		NULL }
};

static const struct form	 acts[] = {
	{ "online",		PROTO_ONLINE,		read_nothing },
	{ "queryServer",	PROTO_QUERY,		read_query },
	{ "listening",		PROTO_LISTENING,	read_listening },
	{ "close",		PROTO_CLOSE,		read_close },
	{ "exitedAfterDisconnect", PROTO_LEAVING,	read_seq },
	{ "suicide",		PROTO_LEAVING,		read_seq },
	{ NULL,			PROTO_IGNORED,		NULL }
};

void
proto_parse(struct proto_msg *msg, const char *line, size_t len)
{
	json_error_t	 error;
	const char	*cmd;
	json_t		*root;

	if (quick(msg, line, len))
		return;
	msg->kind = PROTO_USER;
	/* Nobody is told of one that long: it need not even be read. */
	if (len > SAY_MAX && !has_internal(line, len)) {
		msg->kind = PROTO_LOST;
		return;
	}
	error.text[0] = '\0';
	root = too_deep(line, len) ? NULL :
	    json_loadb(line, len, LOAD_FLAGS, &error);
	if (root == NULL) {
		unparsed(msg, line, len, error.text);
		return;
	}
	cmd = string_of(json_object_get(root, "cmd"));
	if (cmd != NULL && strlen(cmd) > sizeof(INTERNAL) - 1 &&
	    strncmp(cmd, LITERAL(INTERNAL)) == 0)
		internal(msg, root, cmd);
	else if (string_of(root) != NULL &&
	    strcmp(string_of(root), "ready") == 0)
		msg->kind = PROTO_READY;
	json_decref(root);
	if (msg->kind == PROTO_USER && len > SAY_MAX)
		msg->kind = PROTO_LOST;
}

/* ---- the two lines that come with every connection ---- */

static int
quick(struct proto_msg *msg, const char *line, size_t len)
{
	static const char	 ack[] = "{\"cmd\":\"NODE_HANDLE_ACK\"}";
	const char		*end, *p;
	uint64_t		 seq;

	msg->error = msg->strange = 0;
	msg->key = 0;
	if (len == sizeof(ack) - 1 && memcmp(line, ack, len) == 0) {
		msg->kind = PROTO_HANDLE_ACK;
		return (1);
	}
	end = line + len;
	p = after(line, end, LITERAL("{\"cmd\":\"NODE_CLUSTER\",\"ack\":"));
	if ((p = digits(p, end, &msg->ack)) == NULL)
		return (0);
	line = p;
	msg->accepted = 1;
	if ((p = after(line, end, LITERAL(",\"accepted\":true,\"seq\":"))) ==
	    NULL) {
		msg->accepted = 0;
		p = after(line, end, LITERAL(",\"accepted\":false,\"seq\":"));
	}
	if ((p = digits(p, end, &seq)) == NULL || p + 1 != end || *p != '}')
		return (0);
	msg->kind = PROTO_ACCEPTED;
	return (1);
}

static const char *
after(const char *p, const char *end, const char *text, size_t len)
{
	if (p == NULL || (size_t)(end - p) < len || memcmp(p, text, len) != 0)
		return (NULL);
	return (p + len);
}

/* At least one, not more than a sequence number has. */
static const char *
digits(const char *p, const char *end, uint64_t *value)
{
	const char	*start = p;
	uint64_t	 n = 0;

	if (p == NULL)
		return (NULL);
	for (; p < end && *p >= '0' && *p <= '9' && p - start < 16; p++)
		n = n * 10 + (uint64_t)(*p - '0');
	if (p == start || n > PROTO_SEQ_MAX || (*start == '0' && p - start > 1))
		return (NULL);
	*value = n;
	return (p);
}

/* ---- all others ---- */

/* The parser goes down once per level; nobody needs so many. */
static int
too_deep(const char *p, size_t len)
{
	size_t	 depth = 0, i;
	int	 instring = 0;

	for (i = 0; i < len; i++) {
		if (instring) {
			if (p[i] == '\\')
				i++;
			else if (p[i] == '"')
				instring = 0;
		} else if (p[i] == '"')
			instring = 1;
		else if (p[i] == '{' || p[i] == '[') {
			if (++depth > PROTO_DEPTH)
				return (1);
		} else if ((p[i] == '}' || p[i] == ']') && depth > 0)
			depth--;
	}
	return (0);
}

/* Node never writes these letters in another way. */
static int
has_internal(const char *line, size_t len)
{
	return (memmem(line, len, LITERAL("\"" INTERNAL)) != NULL);
}

/*
 * No JSON, or none that we read.  An app may send strings that are no
 * Unicode and objects without end; both cost it nothing but the message.
 */
static void
unparsed(struct proto_msg *msg, const char *line, size_t len,
    const char *error)
{
	static const char	 handle[] = "{\"cmd\":\"NODE_HANDLE\"";

	if (error[0] != '\0' &&
	    strncmp(error, LITERAL("invalid Unicode")) != 0 &&
	    strncmp(error, LITERAL("NUL byte in object key")) != 0)
		msg->kind = PROTO_BAD;
	else if (after(line, line + len, LITERAL(handle)) != NULL)
		msg->kind = PROTO_HANDLE;	/* its sender waits */
	else
		msg->kind = PROTO_LOST;
}

static void
internal(struct proto_msg *msg, const json_t *root, const char *cmd)
{
	msg->kind = PROTO_IGNORED;
	if (use_form(commands, msg, root, cmd) == -1)
		msg->kind = PROTO_BAD;
}

static int
use_form(const struct form *form, struct proto_msg *msg, const json_t *root,
    const char *name)
{
	for (; form->name != NULL; form++) {
		if (strcmp(form->name, name) != 0)
			continue;
		msg->kind = form->kind;
		return (form->read(msg, root));
	}
	return (0);
}

static int
read_nothing(struct proto_msg *msg, const json_t *root)
{
	(void)msg;
	(void)root;
	return (0);
}

static int
read_cluster(struct proto_msg *msg, const json_t *root)
{
	const char	*act;

	if (json_object_get(root, "ack") != NULL)
		return (read_reply(msg, root));
	if ((act = string_of(json_object_get(root, "act"))) == NULL)
		return (-1);
	return (use_form(acts, msg, root, act));
}

static int
read_reply(struct proto_msg *msg, const json_t *root)
{
	const json_t	*accepted;

	if (get_number(root, "ack", PROTO_SEQ_MAX, &msg->ack) == -1)
		return (-1);
	if ((accepted = json_object_get(root, "accepted")) == NULL)
		return (0);
	if (!json_is_boolean(accepted))
		return (-1);
	msg->kind = PROTO_ACCEPTED;
	msg->accepted = json_is_true(accepted);
	return (0);
}

static int
read_seq(struct proto_msg *msg, const json_t *root)
{
	return (get_number(root, "seq", PROTO_SEQ_MAX, &msg->seq));
}

/* What is not like a key that we gave is one that nobody has. */
static int
read_close(struct proto_msg *msg, const json_t *root)
{
	const char	*key, *end, *p;
	uint64_t	 n;

	if ((key = string_of(json_object_get(root, "key"))) == NULL)
		return (-1);
	end = key + strlen(key);
	p = digits(after(key, end, LITERAL("L")), end, &n);
	msg->key = p == end && n <= UINT32_MAX ? (uint32_t)n : 0;
	return (0);
}

/* The key of sockets that were passed is the worker's own affair. */
static int
read_text(struct proto_msg *msg, const json_t *root)
{
	const json_t	*key;
	size_t		 len;

	key = json_object_get(root, "key");
	if (key == NULL || !json_is_string(key))
		return (-1);
	len = json_dumpb(key, msg->text, sizeof(msg->text) - 1,
	    JSON_COMPACT | JSON_ENCODE_ANY);
	if (len == 0 || len >= sizeof(msg->text))
		return (-1);
	msg->text[len] = '\0';
	return (0);
}

/* ---- queryServer and listening ---- */

/* Whatever else is wrong: a query with a number is answered. */
static int
read_query(struct proto_msg *msg, const json_t *root)
{
	if (read_seq(msg, root) == -1)
		return (-1);
	memset(&msg->listen, 0, sizeof(msg->listen));
	msg->listen.seq = msg->seq;
	if (query_data(msg, root) == -1 || query_where(msg, root) == -1 ||
	    query_rest(msg, root) == -1)
		return (0);
	msg->identity = identify(&msg->listen);
	return (0);
}

static int
read_listening(struct proto_msg *msg, const json_t *root)
{
	memset(&msg->listen, 0, sizeof(msg->listen));
	if (query_where(msg, root) == -1)
		return (msg->strange ? -1 : 0);
	msg->identity = identify(&msg->listen);
	return (0);
}

static int
query_where(struct proto_msg *msg, const json_t *root)
{
	const json_t	*fd;

	/* A descriptor of ours, by number: nobody is to have one. */
	fd = json_object_get(root, "fd");
	if (!absent(fd) && json_number_value(fd) != -1) {
		msg->error = EINVAL;
		msg->strange = !json_is_number(fd);
		return (-1);
	}
	if (query_type(msg, root) == -1)
		return (-1);
	if (msg->listen.type == LISTEN_UNIX)
		return (query_path(msg, root));
	if (query_port(msg, root) == -1)
		return (-1);
	return (query_address(msg, root));
}

static int
query_type(struct proto_msg *msg, const json_t *root)
{
	const json_t	*type;
	const char	*name;

	type = json_object_get(root, "addressType");
	if ((name = string_of(type)) != NULL) {
		if (strcmp(name, "udp4") == 0)
			msg->listen.type = LISTEN_UDP4;
		else if (strcmp(name, "udp6") == 0)
			msg->listen.type = LISTEN_UDP6;
		else
			return (strange(msg));
		return (0);
	}
	if (!json_is_number(type))
		return (strange(msg));
	if (json_number_value(type) == 4)
		msg->listen.type = LISTEN_TCP4;
	else if (json_number_value(type) == 6)
		msg->listen.type = LISTEN_TCP6;
	else if (json_number_value(type) == -1)
		msg->listen.type = LISTEN_UNIX;
	else
		return (strange(msg));
	return (0);
}

/*
 * A socket for datagrams passes on what the app said: bind(process.env.PORT)
 * is a string.
 */
static int
query_port(struct proto_msg *msg, const json_t *root)
{
	const char	*digits, *errstr = NULL;
	uint64_t	 port = 0;

	digits = string_of(json_object_get(root, "port"));
	if (digits != NULL && *digits != '\0' &&
	    (msg->listen.type == LISTEN_UDP4 ||
	    msg->listen.type == LISTEN_UDP6) &&
	    digits[strspn(digits, "0123456789")] == '\0') {
		port = (uint64_t)strtonum(digits, 0, UINT16_MAX, &errstr);
		if (errstr != NULL)
			return (strange(msg));
	} else if (!absent(json_object_get(root, "port")) &&
	    get_number(root, "port", UINT16_MAX, &port) == -1)
		return (strange(msg));
	msg->listen.port = (uint32_t)port;
	return (0);
}

static int
query_address(struct proto_msg *msg, const json_t *root)
{
	struct engine_listen	*el = &msg->listen;
	const json_t		*address;
	const char		*text;

	address = json_object_get(root, "address");
	if (absent(address)) {
		el->flags |= LISTEN_ANY;
		return (0);
	}
	text = string_of(address);
	if (text == NULL || !numeric(el->type, text) ||
	    strlcpy(el->address, text, sizeof(el->address)) >=
	    sizeof(el->address))
		return (strange(msg));
	return (0);
}

/* A path, made absolute by the worker; an abstract name is behind a NUL. */
static int
query_path(struct proto_msg *msg, const json_t *root)
{
	struct engine_listen	*el = &msg->listen;
	const json_t		*address;
	const char		*p, *path;
	size_t			 len;

	address = json_object_get(root, "address");
	if (absent(address)) {
		msg->error = EINVAL;	/* a handle that somebody sent it */
		return (-1);
	}
	if (!json_is_string(address))
		return (strange(msg));
	path = json_string_value(address);
	len = json_string_length(address);
	if ((p = memchr(path, '\0', len)) != NULL) {
		if (p == path || p[-1] != '/' ||
		    memchr(p + 1, '\0', len - (size_t)(p + 1 - path)) != NULL)
			return (strange(msg));
		el->flags |= LISTEN_ABSTRACT;
		path = p + 1;
	}
	if (path[0] == '\0' ||
	    (!(el->flags & LISTEN_ABSTRACT) && path[0] != '/'))
		return (strange(msg));
	if (strlcpy(el->address, path, sizeof(el->address)) >=
	    sizeof(el->address)) {
		msg->error = ENAMETOOLONG;
		return (-1);
	}
	return (0);
}

static int
query_rest(struct proto_msg *msg, const json_t *root)
{
	struct engine_listen	*el = &msg->listen;
	uint64_t		 n;

	n = 0;
	if (!absent(json_object_get(root, "index")) &&
	    get_number(root, "index", INT32_MAX, &n) == -1)
		return (strange(msg));
	el->index = (uint32_t)n;
	n = 0;
	/* Whatever it is: there are programs that pass what they got. */
	(void)get_number(root, "backlog", INT32_MAX, &n);
	el->backlog = (uint32_t)n;
	n = 0;
	if (!absent(json_object_get(root, "flags")) &&
	    get_number(root, "flags", UINT32_MAX, &n) == -1)
		return (strange(msg));
	if (el->type != LISTEN_UNIX)
		el->flags |= n & LISTEN_V6ONLY;
	if (el->type == LISTEN_UDP4 || el->type == LISTEN_UDP6)
		el->flags |= n & LISTEN_REUSEADDR;
	if (json_is_true(json_object_get(root, "readableAll")))
		el->flags |= LISTEN_READALL;
	if (json_is_true(json_object_get(root, "writableAll")))
		el->flags |= LISTEN_WRITEALL;
	return (0);
}

static int
query_data(struct proto_msg *msg, const json_t *root)
{
	struct engine_listen	*el = &msg->listen;
	const json_t		*data;
	size_t			 len;

	(void)strlcpy(el->data, "null", sizeof(el->data));
	data = json_object_get(root, "data");
	if (!absent(data)) {
		len = json_dumpb(data, el->data, sizeof(el->data) - 1,
		    JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
		if (len == 0 || len >= sizeof(el->data)) {
			(void)strlcpy(el->data, "null", sizeof(el->data));
			el->datalen = 4;
			msg->error = E2BIG;
			return (-1);
		}
		el->data[len] = '\0';
	}
	el->datalen = (uint32_t)strlen(el->data);
	return (0);
}

static int
numeric(uint32_t type, const char *text)
{
	unsigned char	 addr[sizeof(struct in6_addr)];
	char		 host[INET6_ADDRSTRLEN];
	size_t		 len;

	if (type == LISTEN_TCP4 || type == LISTEN_UDP4)
		return (inet_pton(AF_INET, text, addr) == 1);
	/* A zone, as in fe80::1%eth0, is for the parent to resolve. */
	len = strcspn(text, "%");
	if (len >= sizeof(host) || strlen(text + len) > 32)
		return (0);
	memcpy(host, text, len);
	host[len] = '\0';
	return (inet_pton(AF_INET6, host, addr) == 1);
}

/* The same for a query and for the listening that comes of it. */
static uint64_t
identify(const struct engine_listen *el)
{
	uint64_t	 h = 0xcbf29ce484222325ULL;
	const char	*p;

	h = (h ^ el->type ^ (el->flags & LISTEN_ABSTRACT)) * 0x100000001b3ULL;
	for (p = el->address; *p != '\0'; p++)
		h = (h ^ (unsigned char)*p) * 0x100000001b3ULL;
	return (h != 0 ? h : 1);
}

static int
strange(struct proto_msg *msg)
{
	msg->error = EINVAL;
	msg->strange = 1;
	return (-1);
}

/* ---- values ---- */

static int
get_number(const json_t *obj, const char *name, uint64_t max, uint64_t *value)
{
	const json_t	*n;
	double		 d;

	n = json_object_get(obj, name);
	if (!json_is_real(n))	/* so are all numbers here */
		return (-1);
	d = json_real_value(n);
	if (!(d >= 0) || d > (double)max || d != floor(d))
		return (-1);
	*value = (uint64_t)d;
	return (0);
}

static int
absent(const json_t *value)
{
	return (value == NULL || json_is_null(value));
}

/* NULL: no string, or one with a NUL in it. */
static const char *
string_of(const json_t *value)
{
	const char	*text;

	if ((text = json_string_value(value)) == NULL ||
	    strlen(text) != json_string_length(value))
		return (NULL);
	return (text);
}

int
proto_sayable(const char *text, size_t len)
{
	struct proto_msg	*msg;
	int			 ok;

	if (len == 0 || len > SAY_MAX || memchr(text, '\n', len) != NULL ||
	    memchr(text, '\0', len) != NULL)
		return (0);
	if ((msg = malloc(sizeof(*msg))) == NULL)
		return (0);
	proto_parse(msg, text, len);
	ok = msg->kind == PROTO_USER || msg->kind == PROTO_READY;
	free(msg);
	return (ok);
}

/* ---- lines to a worker ---- */

size_t
proto_newconn(char *buf, uint32_t key, uint64_t seq)
{
	return ((size_t)snprintf(buf, PROTO_LINE_MAX,
	    "{\"cmd\":\"NODE_HANDLE\",\"type\":\"net.Native\",\"msg\":"
	    "{\"cmd\":\"NODE_CLUSTER\",\"act\":\"newconn\",\"key\":\"L%u\","
	    "\"seq\":%llu}}\n", key, (unsigned long long)seq));
}

size_t
proto_bound(char *buf, const struct engine_bound *eb, uint64_t seq)
{
	char	 name[160] = "";

	if (eb->flags & BOUND_FD)
		return ((size_t)snprintf(buf, PROTO_LINE_MAX,
		    "{\"cmd\":\"NODE_HANDLE\",\"type\":\"%s.Native\",\"msg\":"
		    "{\"cmd\":\"NODE_CLUSTER\",\"ack\":%llu,\"errno\":0,"
		    "\"key\":\"L%u\",\"data\":%s,\"seq\":%llu}}\n",
		    eb->type == LISTEN_UDP4 || eb->type == LISTEN_UDP6 ?
		    "dgram" : "net", (unsigned long long)eb->seq, eb->key,
		    one_line(eb->data), (unsigned long long)seq));
	/* Only of TCP: a path is known to the worker, and that is enough. */
	if (eb->type != LISTEN_UNIX && numeric(LISTEN_TCP4, eb->address))
		(void)snprintf(name, sizeof(name), ",\"sockname\":{\"address\":"
		    "\"%.64s\",\"family\":\"IPv4\",\"port\":%u}", eb->address,
		    eb->port);
	else if (eb->type != LISTEN_UNIX && numeric(LISTEN_TCP6, eb->address) &&
	    strpbrk(eb->address, "\"\\") == NULL)
		(void)snprintf(name, sizeof(name), ",\"sockname\":{\"address\":"
		    "\"%.64s\",\"family\":\"IPv6\",\"port\":%u}", eb->address,
		    eb->port);
	return ((size_t)snprintf(buf, PROTO_LINE_MAX,
	    "{\"cmd\":\"NODE_CLUSTER\",\"ack\":%llu,\"errno\":null,"
	    "\"key\":\"L%u\",\"data\":%s%s,\"seq\":%llu}\n",
	    (unsigned long long)eb->seq, eb->key, one_line(eb->data), name,
	    (unsigned long long)seq));
}

size_t
proto_refuse(char *buf, uint64_t ack, int error, uint32_t key,
    const char *data, uint64_t seq)
{
	return ((size_t)snprintf(buf, PROTO_LINE_MAX,
	    "{\"cmd\":\"NODE_CLUSTER\",\"ack\":%llu,\"errno\":%d,"
	    "\"key\":\"L%u\",\"data\":%s,\"seq\":%llu}\n",
	    (unsigned long long)ack, error > 0 ? -error : error, key,
	    one_line(data), (unsigned long long)seq));
}

/* A line is a message: nothing else may end it. */
static const char *
one_line(const char *data)
{
	if (data[0] == '\0' || strchr(data, '\n') != NULL)
		return ("null");
	return (data);
}

size_t
proto_ack(char *buf, uint64_t ack, uint64_t seq)
{
	return ((size_t)snprintf(buf, PROTO_LINE_MAX,
	    "{\"cmd\":\"NODE_CLUSTER\",\"ack\":%llu,\"seq\":%llu}\n",
	    (unsigned long long)ack, (unsigned long long)seq));
}

size_t
proto_disconnect(char *buf, uint64_t seq)
{
	return ((size_t)snprintf(buf, PROTO_LINE_MAX,
	    "{\"cmd\":\"NODE_CLUSTER\",\"act\":\"disconnect\",\"seq\":%llu}\n",
	    (unsigned long long)seq));
}

size_t
proto_socket_closed(char *buf, const char *key)
{
	return ((size_t)snprintf(buf, PROTO_LINE_MAX,
	    "{\"cmd\":\"NODE_SOCKET_ALL_CLOSED\",\"key\":%s}\n", key));
}

size_t
proto_socket_count(char *buf, const char *key)
{
	return ((size_t)snprintf(buf, PROTO_LINE_MAX,
	    "{\"cmd\":\"NODE_SOCKET_COUNT\",\"key\":%s,\"count\":0}\n", key));
}

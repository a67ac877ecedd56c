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
 * The connection of pm2ctl to pm2d: blocking, one at a time, every wait with
 * a deadline.  Requests are numbered (peerid) and may be pipelined; while one
 * waits for results, events are handed to a callback.
 */
#ifndef PM2CTL_CLIENT_H
#define PM2CTL_CLIENT_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include "imsg.h"
#include "msg.h"
#include "spec.h"
#include "wire.h"

/* An app as LIST told it. */
struct app_view {
	struct ctl_appinfo info;
	struct spec	*spec;		/* CTL_LIST_SPEC; NULL: not for us */
	struct ctl_exit	*exits;		/* CTL_LIST_EXITS; as they came */
	uint32_t	 nexits;
	/* bytes behind spec; of the client's code only */
	unsigned char	*specbuf;
	size_t		 speclen;
};

struct app_list {
	struct app_view	*apps;		/* by id, ascending */
	size_t		 n;
	size_t		 cap;
};

struct client;

/*
 * What comes while one waits; each may be NULL.  Request is the number that
 * client_send() returned; for an event of a subscription, the subscription's.
 */
struct client_ops {
	void	(*event)(struct client *, uint32_t, const struct ctl_event *,
		    void *);
	void	(*result)(struct client *, uint32_t, const struct ctl_result *,
		    void *);
	void	(*row)(struct client *, uint32_t, const struct ctl_row *,
		    void *);
	/* What an app (its id) has sent: JSON text, NUL-terminated. */
	void	(*message)(struct client *, uint32_t, const char *, void *);
};

struct client {
	struct imsgbuf	 ibuf;
	int		 fd;		/* -1: not connected */
	uint32_t	 next;		/* number of the next request */
	uint32_t	 pending;	/* RESULTs still to come */
	int		 quiet;		/* of what is lost or refused */
	uint32_t	 pid;		/* of pm2d, as HELLO told it */
	uint32_t	 uid;
	char		 version[32];
	const char	*home;
	const struct client_ops *ops;	/* NULL: nobody listens */
	void		*arg;
	struct app_list	*list;		/* being received */
	uint32_t	 listreq;
	int		*logfd;		/* being received */
	uint32_t	 logsreq;	/* the last one that was answered */
	struct ctl_result *keep;	/* of client_request() */
	uint32_t	 subscription;	/* 0: none */
	uint32_t	 pingreq;	/* asked whether it lives; 0: no */
};

/* client_open() */
#define CLIENT_OK	0
#define CLIENT_NONE	1	/* no daemon runs; nothing was said */
#define CLIENT_ERROR	2	/* said on stderr */

/*
 * Connect to the daemon of the home and exchange HELLOs.  The home string
 * must live as long as the client.
 */
int	 client_open(struct client *, const char *home);
/* The same with a control socket, of root or the caller. */
int	 client_open_socket(struct client *, const char *path);
/* The same with a connected socket, which becomes the client's. */
int	 client_attach(struct client *, int, const char *home);
void	 client_close(struct client *);

/*
 * Queue a request and return its number, 0 when the connection is lost
 * (said).  A RESULT is expected for it.  Sending never blocks for good:
 * what arrives meanwhile is delivered.
 */
uint32_t client_send(struct client *, uint32_t, const void *, size_t);
/* START with its spec. */
uint32_t client_send_start(struct client *, const struct spec_buf *,
	    uint32_t flags);
/* A request (its type and head, which says the length) and its spec. */
uint32_t client_send_spec(struct client *, uint32_t, const void *, size_t,
	    const struct spec_buf *);

/*
 * From now on events of every app that the caller may see; their number is
 * the one returned.  No result is waited for.
 */
uint32_t client_subscribe(struct client *);

/*
 * Wait until all results are there: 0, or -1 when the connection was lost
 * (said).  A daemon that says nothing for long is asked whether it lives.
 */
int	 client_wait(struct client *);
/* Deliver what comes until the time is over or ops set *stop (may be NULL). */
int	 client_wait_ms(struct client *, uint64_t, const int *stop);

/*
 * One request, its result; -1 when the connection was lost (said).  Other
 * requests must not be pending.  Events go to client->ops.
 */
int	 client_request(struct client *, uint32_t, const void *, size_t,
	    struct ctl_result *);
/* The same with a head and its spec. */
int	 client_request_spec(struct client *, uint32_t, const void *, size_t,
	    const struct spec_buf *, struct ctl_result *);

/*
 * LIST: replaces what the list holds.  -1: said.  An id of APP_ID_ALL gives
 * every app that the caller may see; one that does not exist gives none.
 */
int	 client_list(struct client *, uint32_t id, uint32_t flags,
	    struct app_list *);
void	 app_list_free(struct app_list *);
struct app_view *app_list_find(const struct app_list *, uint32_t id);

/*
 * LOGS: the socket on which pm2logd speaks IMSG_FOLLOW_*, blocking and
 * close-on-exec; -1: said.  nids 0 is all.
 */
int	 client_logs(struct client *, uint32_t flags, uint32_t lines,
	    const uint32_t *ids, uint32_t nids);

/* What a result means, in words, into the buffer; "" for CTL_OK. */
const char *client_strresult(const struct ctl_result *, char *, size_t);

#endif /* PM2CTL_CLIENT_H */

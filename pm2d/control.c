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

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit.h"
#include "control.h"
#include "userlimits.h"
#include "log.h"
#include "peers.h"
#include "perm.h"
#include "places.h"
#include "sys.h"

/*
 * The control socket: accepting, identity, the version exchange and the
 * table of requests.  Whatever a client sends costs at most the client.
 */

#define CONN_MAX	512	/* connections in all, if there is room */
#define ROOT_SHARE	8	/* ...of which one in so many is root's */
#define HELLO_SECONDS	5	/* to say hello */
#define PAUSE_SECONDS	1	/* accept nothing after EMFILE */
#define ACCEPT_BURST	64	/* per wakeup, so that apps get their turn */
#define QUEUE_LOW	4096	/* queued bytes: go on */
#define QUEUE_HIGH	(2 * 1024 * 1024)	/* ...take no more requests */
#define QUEUE_FDS	300	/* the same in messages with descriptors */
#define QUEUE_MSGS	32768	/* so many are too many */
#define QUEUE_MAX	(4 * 1024 * 1024)
#define UNANSWERED_MAX	8192	/* requests of one client at a time */

static void	 conn_free(struct ctl_conn *);
static void	 conn_dispatch(struct imsgev *, struct imsg *, void *);
static void	 conn_error(struct imsgev *, int, void *);
static void	 conn_timeout(int, short, void *);
static void	 conn_drained(struct imsgev *, void *);
static void	 control_known(struct pm2d *, struct peer *);
static void	 control_accept(int, short, void *);
static void	 control_unpause(int, short, void *);
static void	 control_bury(int, short, void *);

/*
 * The requests: when they may come, how long they are, who handles them.  A
 * start or update is refused when it is whole: it has one answer.
 */
static const struct handler {
	uint32_t	 type;
	size_t		 min;
	size_t		 max;
	int		 whilegoing;	/* also while pm2d shuts down */
	void		(*fn)(struct ctl_conn *, struct imsg *);
} handlers[] = {
	{ IMSG_CTL_LIST,	sizeof(struct ctl_list),
	    sizeof(struct ctl_list),	1, control_list },
	{ IMSG_CTL_START,	sizeof(struct ctl_start),
	    sizeof(struct ctl_start),	1, control_start },
	{ IMSG_CTL_UPDATE,	sizeof(struct ctl_update),
	    sizeof(struct ctl_update),	1, control_update },
	{ IMSG_CTL_SPEC_PART,	1, MAX_IMSGSIZE, 1, control_specpart },
	{ IMSG_CTL_STOP,	sizeof(struct ctl_app),
	    sizeof(struct ctl_app),	0, control_stop },
	{ IMSG_CTL_RESTART,	sizeof(struct ctl_app),
	    sizeof(struct ctl_app),	0, control_restart },
	{ IMSG_CTL_DELETE,	sizeof(struct ctl_app),
	    sizeof(struct ctl_app),	0, control_delete },
	{ IMSG_CTL_RESET,	sizeof(struct ctl_app),
	    sizeof(struct ctl_app),	0, control_reset },
	{ IMSG_CTL_SIGNAL,	sizeof(struct ctl_app),
	    sizeof(struct ctl_app),	0, control_signal },
	{ IMSG_CTL_FLUSH,	sizeof(struct ctl_app),
	    sizeof(struct ctl_app),	0, control_flush },
	{ IMSG_CTL_REOPEN,	sizeof(struct ctl_app),
	    sizeof(struct ctl_app),	0, control_reopen },
	{ IMSG_CTL_LOGS,	sizeof(struct ctl_logs), MAX_IMSGSIZE,
	    0, control_logs },
	{ IMSG_CTL_SUBSCRIBE,	0, 0, 0, control_subscribe },
	{ IMSG_CTL_PING,	0, 0, 1, control_ping },
	{ IMSG_CTL_KILL,	0, 0, 1, control_kill },
	{ IMSG_CTL_DOCTOR,	0, 0, 1, control_doctor },
	{ IMSG_CTL_RELOAD,	sizeof(struct ctl_reload) + sizeof(uint32_t),
	    sizeof(struct ctl_reload) + CTL_RELOAD_MAXIDS * sizeof(uint32_t),
	    0, control_reload },
	{ IMSG_CTL_SCALE,	sizeof(struct ctl_scale),
	    sizeof(struct ctl_scale),	0, control_scale },
	{ IMSG_CTL_SAY,		sizeof(struct ctl_app) + 1,
	    sizeof(struct ctl_app) + SAY_MAX, 0, control_say }
};

/* Serve the listening socket. NULL with errno. */
struct control *
control_new(struct pm2d *env, int fd)
{
	struct control	*cs;

	if ((cs = calloc(1, sizeof(*cs))) == NULL)
		return (NULL);
	cs->env = env;
	cs->fd = fd;
	peers_init(control_known);
	TAILQ_INIT(&cs->conns);
	TAILQ_INIT(&cs->dead);
	evtimer_assign(&cs->bury, env->base, control_bury, cs);
	event_assign(&cs->ev, env->base, fd, EV_READ | EV_PERSIST,
	    control_accept, cs);
	evtimer_assign(&cs->pause, env->base, control_unpause, cs);
	if (event_add(&cs->ev, NULL) == -1) {
		free(cs);
		return (NULL);
	}
	return (cs);
}

/* Accept nobody any more; who is connected stays. */
void
control_close(struct control *cs)
{
	if (cs->fd == -1)
		return;
	event_del(&cs->ev);
	event_del(&cs->pause);
	close(cs->fd);
	cs->fd = -1;
}

void
control_free(struct control *cs)
{
	struct ctl_conn	*c;

	if (cs == NULL)
		return;
	control_close(cs);
	while ((c = TAILQ_FIRST(&cs->conns)) != NULL)
		conn_free(c);
	control_reload_exit(cs->env);
	event_del(&cs->bury);
	control_bury(-1, 0, cs);
	peers_exit();
	free(cs);
}

uint32_t
control_count(const struct control *cs)
{
	return (cs->nconns);
}

/* Libevent would call us for ever, so wait a while. */
static void
control_paused(struct control *cs)
{
	struct timeval	 tv = { PAUSE_SECONDS, 0 };

	if (!cs->full)
		log_warn("control socket: no more connections for now");
	cs->full = 1;
	event_del(&cs->ev);
	evtimer_add(&cs->pause, &tv);
}

static void
control_unpause(int fd, short event, void *arg)
{
	struct control	*cs = arg;

	(void)fd;
	(void)event;
	if (cs->fd != -1)
		event_add(&cs->ev, NULL);
}

/* It waits for nothing, and nothing is on its way to it or from it. */
static int
conn_idle(const struct ctl_conn *c)
{
	return (!c->subscribed && !c->killer && c->listing == NULL &&
	    c->spec.data == NULL && c->unanswered == 0 &&
	    TAILQ_EMPTY(&c->requests) &&
	    imsgbuf_queuebytes(imsgev_buf(c->iev)) == 0);
}

/*
 * Make room for one more of this user: the oldest connection that has not
 * even said hello goes, else the oldest that waits for nothing.  A crowd of
 * idle or half-spoken clients thus only pushes out each other, never
 * somebody who is being served.
 */
static int
conn_evict(struct control *cs, uid_t uid)
{
	struct ctl_conn	*c, *idle = NULL;

	TAILQ_FOREACH(c, &cs->conns, entry) {
		if (c->uid != uid)
			continue;
		if (!c->greeted)
			break;
		if (idle == NULL && conn_idle(c))
			idle = c;
	}
	if (c == NULL)
		c = idle;
	if (c == NULL)
		return (-1);
	conn_free(c);
	return (0);
}

static int
conn_room(struct control *cs, uid_t uid)
{
	struct ctl_conn	*c;
	uint32_t	 n = 0, max = cs->env->fds_reserve / 2;

	if (max > CONN_MAX)
		max = CONN_MAX;
	if (cs->nconns < max / 2)
		return (0);
	TAILQ_FOREACH(c, &cs->conns, entry)
		if (c->uid == uid)
			n++;
	/* Some are root's, or it could not put an end to a crowd. */
	if (cs->env->conf != NULL && uid != 0)
		max -= max / ROOT_SHARE;
	/* One user gets no more than half of what there is. */
	if (n < max / 2 && cs->nconns < max)
		return (0);
	return (conn_evict(cs, uid));
}

static void
conn_new(struct control *cs, int fd, uid_t uid, pid_t pid)
{
	struct ctl_conn	*c;
	struct timeval	 tv = { HELLO_SECONDS, 0 };

	if ((c = calloc(1, sizeof(*c))) == NULL) {
		close(fd);
		return;
	}
	c->control = cs;
	c->env = cs->env;
	c->uid = uid;
	c->pid = pid;
	c->id = ++cs->last_id;
	c->subject.peer = uid;
	c->subject.daemon = cs->env->uid;
	c->subject.conf = cs->env->conf;
	TAILQ_INIT(&c->requests);
	TAILQ_INIT(&c->audits);
	evtimer_assign(&c->timer, cs->env->base, conn_timeout, c);
	c->iev = imsgev_new(cs->env->base, fd, IMSGEV_FDSEND, conn_dispatch,
	    conn_error, c);
	if (c->iev == NULL || evtimer_add(&c->timer, &tv) == -1) {
		if (c->iev != NULL)
			imsgev_free(c->iev);
		free(c);
		return;
	}
	imsgev_set_drain(c->iev, QUEUE_LOW, conn_drained);
	/* An app may have several long paths. */
	imsgbuf_set_maxsize(imsgev_buf(c->iev), WIRE_APP_MAX);
	imsgbuf_set_limits(imsgev_buf(c->iev), QUEUE_MSGS, QUEUE_MAX);
	TAILQ_INSERT_TAIL(&cs->conns, c, entry);
	cs->nconns++;
}

/* The process at the other end: for the log, it may be gone by now. */
static pid_t
peer_pid(int s)
{
	struct ucred	 cred;
	socklen_t	 len = sizeof(cred);

	if (getsockopt(s, SOL_SOCKET, SO_PEERCRED, &cred, &len) == -1)
		return (0);
	return (cred.pid);
}

/* Who is it, and may he?  One more or none. */
static void
conn_accept(struct control *cs, int s)
{
	uid_t	 uid;
	gid_t	 gid;

	if (getpeereid(s, &uid, &gid) == -1) {
		log_warn("control socket: peer credentials");
		close(s);
	} else if (cs->env->conf == NULL &&
	    !perm_connect(uid, cs->env->uid)) {
		log_warnx("control socket: refused uid %u", uid);
		close(s);
	} else if (conn_room(cs, uid) == -1) {
		if (!cs->full)
			log_warnx("control socket: too many connections of "
			    "uid %u", uid);
		cs->full = 1;
		close(s);
	} else {
		cs->full = 0;
		conn_new(cs, s, uid, peer_pid(s));
	}
	ownlog_check(cs->env);
}

static void
control_accept(int fd, short event, void *arg)
{
	struct control	*cs = arg;
	int		 s, i;

	(void)event;
	for (i = 0; i < ACCEPT_BURST; i++) {
		s = sys_accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (s != -1) {
			conn_accept(cs, s);
			continue;
		}
		if (errno == ECONNABORTED || errno == EINTR)
			continue;
		if (errno != EAGAIN)
			control_paused(cs);
		return;
	}
}

/*
 * End a connection.  Its memory stays until the event loop comes round: a
 * report in the middle of a request may end the very client that asked, and
 * the handler still holds it.
 */
static void
conn_free(struct ctl_conn *c)
{
	struct control	*cs = c->control;

	if (c->iev == NULL)
		return;
	audit_gone(c);
	request_orphan(c);
	control_list_end(c);
	control_spec_end(c);
	event_del(&c->timer);
	imsgev_free(c->iev);
	c->iev = NULL;
	TAILQ_REMOVE(&cs->conns, c, entry);
	cs->nconns--;
	if (c->subscribed)
		cs->nsubscribed--;
	peer_put(c->peer);
	c->peer = NULL;
	c->subject.groups = NULL;
	c->subject.ngroups = 0;
	TAILQ_INSERT_TAIL(&cs->dead, c, entry);
	event_active(&cs->bury, EV_TIMEOUT, 0);
}

static void
control_bury(int fd, short event, void *arg)
{
	struct control	*cs = arg;
	struct ctl_conn	*c;

	(void)fd;
	(void)event;
	while ((c = TAILQ_FIRST(&cs->dead)) != NULL) {
		TAILQ_REMOVE(&cs->dead, c, entry);
		free(c);
	}
}

static void
conn_error(struct imsgev *iev, int error, void *arg)
{
	struct ctl_conn	*c = arg;

	(void)iev;
	if (error != 0 && error != EPIPE && error != ECONNRESET)
		log_debug("control: uid %u: %s", c->uid, strerror(error));
	conn_free(c);
}

static void
conn_timeout(int fd, short event, void *arg)
{
	struct ctl_conn	*c = arg;

	(void)fd;
	(void)event;
	log_debug("control: uid %u said nothing in time", c->uid);
	conn_free(c);
}

static void
conn_drained(struct imsgev *iev, void *arg)
{
	struct ctl_conn	*c = arg;

	if (c->listing != NULL)
		control_list_more(c);
	else
		imsgev_resume(iev);
}

/*
 * Answers come before more requests: who sends thousands at once is served as
 * fast as he reads, and not taken for somebody who does not.
 */
static void
conn_pace(struct ctl_conn *c, uint32_t type)
{
	struct imsgbuf	*ibuf;

	if (c->iev == NULL || c->listing != NULL)
		return;
	ibuf = imsgev_buf(c->iev);
	if (imsgbuf_queuebytes(ibuf) > QUEUE_HIGH ||
	    (type == IMSG_CTL_LOGS && imsgbuf_queuelen(ibuf) > QUEUE_FDS))
		imsgev_pause(c->iev);
}

static int
conn_refuse(struct ctl_conn *c, uint32_t peerid, enum ctl_code code,
    const char *why)
{
	if (control_fail(c, peerid, code, 0, why) == 0)
		imsgev_close(c->iev);
	return (-1);
}

/* Is there anything that he may do here, and has he not too much? */
static int
conn_welcome(struct ctl_conn *c)
{
	struct ctl_conn	*other;
	uint32_t	 n = 0;
	char		 who[320], why[256];

	if (c->env->conf == NULL)
		return (0);
	if (c->peer->failed)
		return (conn_refuse(c, c->hello_peerid, CTL_SYSTEM,
		    "your groups, which pm2d.conf may ask for, cannot be "
		    "looked up just now: try again"));
	if (!perm_known(&c->subject)) {
		log_info("control socket: %s is not permitted anything",
		    audit_who(c, who, sizeof(who)));
		return (conn_refuse(c, c->hello_peerid, CTL_DENIED,
		    "pm2d.conf permits you nothing"));
	}
	TAILQ_FOREACH(other, &c->control->conns, entry)
		n += other->uid == c->uid;
	if (limits_connections(c->env, c->uid, n, why, sizeof(why)) == -1)
		return (conn_refuse(c, c->hello_peerid, CTL_LIMIT, why));
	return (0);
}

/*
 * The version exchange.  A client of another protocol gets our hello, which
 * lets it say in plain words what does not fit, and nothing else.
 */
static void
conn_greet(struct ctl_conn *c)
{
	struct ctl_hello	 out;

	memset(&out, 0, sizeof(out));
	out.protocol = PM2D_PROTOCOL;
	out.pid = getpid();
	out.uid = c->env->uid;
	strlcpy(out.version, PM2D_VERSION, sizeof(out.version));
	if (c->hello_protocol == PM2D_PROTOCOL && conn_welcome(c) == -1)
		return;
	if (imsgev_compose(c->iev, IMSG_CTL_HELLO, c->hello_peerid, -1,
	    &out, sizeof(out)) == -1) {
		conn_free(c);
		return;
	}
	if (c->hello_protocol != PM2D_PROTOCOL)
		imsgev_close(c->iev);
	else
		c->greeted = 1;
}

static void
conn_know(struct ctl_conn *c)
{
	c->subject.groups = c->peer->groups;
	c->subject.ngroups = c->peer->ngroups;
}

/* Those who waited for it go on. */
static void
control_known(struct pm2d *env, struct peer *peer)
{
	struct ctl_conn	*c, *next;

	if (env->control == NULL)
		return;
	TAILQ_FOREACH_SAFE(c, &env->control->conns, entry, next) {
		if (!c->waiting || c->peer != peer)
			continue;
		c->waiting = 0;
		conn_know(c);
		imsgev_resume(c->iev);
		conn_greet(c);
	}
}

/* Rules may ask for groups: nothing is answered before they are known. */
static void
conn_hello(struct ctl_conn *c, struct imsg *imsg)
{
	struct ctl_hello	 in;

	if (imsg_get_type(imsg) != IMSG_CTL_HELLO ||
	    imsg_get_data(imsg, &in, sizeof(in)) == -1) {
		conn_free(c);
		return;
	}
	evtimer_del(&c->timer);
	c->hello_peerid = imsg_get_id(imsg);
	c->hello_protocol = in.protocol;
	if (c->env->conf != NULL) {
		if ((c->peer = peer_get(c->env, c->uid)) == NULL) {
			conn_free(c);
			return;
		}
		if (!c->peer->known) {
			c->waiting = 1;
			imsgev_pause(c->iev);
			return;
		}
		conn_know(c);
	}
	conn_greet(c);
}

void
control_rules(struct pm2d *env)
{
	struct ctl_conn	*c;

	if (env->control == NULL)
		return;
	TAILQ_FOREACH(c, &env->control->conns, entry)
		c->subject.conf = env->conf;
}

static const struct handler *
find_handler(uint32_t type)
{
	size_t	 i;

	for (i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (handlers[i].type == type)
			return (&handlers[i]);
	return (NULL);
}

static void
conn_dispatch(struct imsgev *iev, struct imsg *imsg, void *arg)
{
	struct ctl_conn		*c = arg;
	const struct handler	*h;
	size_t			 len = imsg_get_len(imsg);

	(void)iev;
	if (!c->greeted) {
		conn_hello(c, imsg);
		return;
	}
	h = find_handler(imsg_get_type(imsg));
	if (h == NULL || len < h->min || len > h->max) {
		log_debug("control: uid %u: bad request %u of %zu bytes",
		    c->uid, imsg_get_type(imsg), len);
		conn_free(c);
		return;
	}
	if (c->env->conf != NULL && !perm_known(&c->subject)) {
		conn_refuse(c, imsg_get_id(imsg), CTL_DENIED,
		    "pm2d.conf permits you nothing any more");
		return;
	}
	if (c->env->conf != NULL && audit_begin(c, imsg) == -1) {
		control_fail(c, imsg_get_id(imsg), CTL_LIMIT, 0,
		    "too many requests at once");
		return;
	}
	if (c->env->going && !h->whilegoing) {
		control_fail(c, imsg_get_id(imsg), CTL_GOING, 0,
		    "pm2d is shutting down");
		return;
	}
	if (c->unanswered >= UNANSWERED_MAX)
		control_fail(c, imsg_get_id(imsg), CTL_LIMIT, 0,
		    "too many requests at once");
	else
		h->fn(c, imsg);
	conn_pace(c, h->type);
}

/* Close the connection of a client that broke the protocol. */
void
control_drop(struct ctl_conn *c, const char *why)
{
	log_debug("control: uid %u: %s", c->uid, why);
	conn_free(c);
}

/*
 * Send to a client.  One that does not read until its queue is full loses
 * its connection (-1: nothing more can be said to it).
 */
int
control_send(struct ctl_conn *c, uint32_t type, uint32_t peerid,
    const void *data, size_t len)
{
	if (c->iev == NULL)
		return (-1);
	if (type == IMSG_CTL_RESULT)
		audit_result(c, peerid, data);
	if (imsgev_compose(c->iev, type, peerid, -1, data, len) != -1)
		return (0);
	log_debug("control: uid %u does not read", c->uid);
	conn_free(c);
	return (-1);
}

/* Answer at once that a request failed. */
int
control_fail(struct ctl_conn *c, uint32_t peerid, enum ctl_code code,
    int error, const char *text)
{
	struct ctl_result	 r;

	memset(&r, 0, sizeof(r));
	r.code = code;
	r.error = error;
	strlcpy(r.text, text, sizeof(r.text));
	return (control_send(c, IMSG_CTL_RESULT, peerid, &r, sizeof(r)));
}

static void
deny(struct ctl_conn *c, uint32_t peerid, const struct app *app,
    enum perm_op op)
{
	char	 owner[256], text[256];

	snprintf(text, sizeof(text), "pm2d.conf does not permit you \"%s\" "
	    "of apps of %s", perm_opname(op),
	    peers_name(app->owner, owner, sizeof(owner)));
	control_fail(c, peerid, CTL_DENIED, EPERM, text);
}

struct app *
control_app(struct ctl_conn *c, uint32_t peerid, uint32_t id,
    enum perm_op op)
{
	struct app	*app;

	/* What somebody may not see does not exist in the answer. */
	app = app_find(c->env, id);
	if (app != NULL && !app->freeing) {
		if (perm_check(op, &c->subject, app->owner))
			return (app);
		if (perm_check(PERM_SEE, &c->subject, app->owner)) {
			deny(c, peerid, app, op);
			return (NULL);
		}
		audit_hidden(c, peerid);
	}
	control_fail(c, peerid, CTL_NOSUCH, 0, "no such app");
	return (NULL);
}

/* A connection by its never reused number, or NULL when it is gone. */
struct ctl_conn *
control_conn(struct pm2d *env, uint64_t id)
{
	struct ctl_conn	*c;

	if (env->control == NULL)
		return (NULL);
	TAILQ_FOREACH(c, &env->control->conns, entry)
		if (c->id == id)
			return (c);
	return (NULL);
}

/* Tell everybody who wants to know and may. */
void
control_event(struct pm2d *env, struct app *app, const struct ctl_event *ev)
{
	struct ctl_conn	*c, *next;

	if (env->control == NULL || env->control->nsubscribed == 0)
		return;
	TAILQ_FOREACH_SAFE(c, &env->control->conns, entry, next) {
		if (!c->subscribed ||
		    !perm_check(PERM_SEE, &c->subject, app->owner))
			continue;
		control_send(c, IMSG_CTL_EVENT, c->subscribed_peerid, ev,
		    sizeof(*ev));
	}
}

struct answer {
	struct pm2d		*env;
	uint64_t		 conn;
	uint32_t		 peerid;
	struct ctl_result	 result;
};

/* Done, but it would be forgotten: that is a failure to be told. */
static void
not_stored(struct pm2d *env, int error, struct ctl_result *r)
{
	if (error == 0 || r->code != CTL_OK)
		return;
	r->code = CTL_SYSTEM;
	r->error = error;
	snprintf(r->text, sizeof(r->text), "done, but not written: %s",
	    store_error(env->store) == NULL ? strerror(error) :
	    store_error(env->store));
}

static void
answer_stored(void *arg, int error)
{
	struct answer	*a = arg;
	struct ctl_conn	*c;

	not_stored(a->env, error, &a->result);
	if ((c = control_conn(a->env, a->conn)) != NULL) {
		c->unanswered--;
		control_send(c, IMSG_CTL_RESULT, a->peerid, &a->result,
		    sizeof(a->result));
	}
	free(a);
}

void
control_result(struct ctl_conn *c, uint32_t peerid,
    const struct ctl_result *result)
{
	struct answer	*a;

	if (c->env->store == NULL ||
	    (a = calloc(1, sizeof(*a))) == NULL) {
		control_send(c, IMSG_CTL_RESULT, peerid, result,
		    sizeof(*result));
		return;
	}
	a->env = c->env;
	a->conn = c->id;
	a->peerid = peerid;
	a->result = *result;
	c->unanswered++;
	store_sync(c->env->store, answer_stored, a);
}

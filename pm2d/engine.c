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
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine_local.h"
#include "home.h"
#include "instpaths.h"
#include "listen.h"
#include "log.h"
#include "sys.h"

/*
 * The parent's side of the engine.  Whatever an engine is told stands in the
 * runs and in listen.c, so that a new one can be told all of it again; what
 * the old one said before it ended is heard first.
 */

#define FAREWELL_MS	1000
#define QUEUE_MSGS	65536	/* 4,000 workers at once */
#define QUEUE_BYTES	(32 * 1024 * 1024)
#define SAY_BYTES	(4 * 1024 * 1024)	/* queued: clients wait */
#define FEED_BATCH	64	/* apps told of at a time */
#define FEED_LOW	1024	/* queued bytes: on with it */
#define FEED_HIGH	32768	/* queued bytes: workers have to wait */
#define RETRY_S		1	/* for what could not be told */
#define HOPELESS_MS	400	/* so many ended in a row: none comes soon */
#define LOWEST_FD	10
#define LAST_READS	128	/* more than the socket holds */

static void	 engine_begun(void *, int);
static void	 engine_ended(void *);

static const struct daemon_kind	 engine_kind = {
	"engine", "engine", PATH_ENGINE, "-r", HOME_EMPTY, "_pm2d",
	engine_begun, engine_ended
};

/* ---- telling ---- */

static int
live(const struct engine *en)
{
	return (en != NULL && en->iev != NULL && !en->lost);
}

/* The channel is of no use any more: the process ends, then another comes. */
static void
engine_lost(struct engine *en)
{
	en->lost = 1;
	en->feeding = 0;
	daemon_kill(&en->daemon);
}

void
engine_broken(struct engine *en, const char *why)
{
	if (en->broken)
		return;
	log_warnx("engine: %s", why);
	en->broken = 1;
	engine_lost(en);
}

/* The descriptor is gone either way. */
static void
send_msg(struct engine *en, uint32_t type, int fd, const void *data,
    size_t len)
{
	if (!live(en)) {
		if (fd != -1)
			close(fd);
		return;
	}
	if (imsgev_compose(en->iev, type, 0, fd, data, len) == -1) {
		log_warn("engine: %s", msg_name(type));
		engine_lost(en);
	}
}

static void
set_ref(struct engine_ref *ref, const struct run *run)
{
	ref->app = run->app->id;
	ref->generation = run->generation;
}

static void
send_ref(struct engine *en, uint32_t type, int fd, const struct run *run)
{
	struct engine_ref	 ref;

	set_ref(&ref, run);
	send_msg(en, type, fd, &ref, sizeof(ref));
}

/* Something could not be told for want of a descriptor. */
static void
engine_again(struct engine *en)
{
	struct timeval	 tv = { RETRY_S, 0 };

	if (!evtimer_pending(&en->again, NULL))
		evtimer_add(&en->again, &tv);
}

/* ---- workers ---- */

/* Copies of what a run has, both or none. */
static int
copy_fds(const struct run *run, int *channel, int *notify)
{
	*channel = *notify = -1;
	/* A channel at its end has nothing more to say. */
	if (run->channel != -1 && !(run->notes & (NOTE_EOF | NOTE_BAD)) &&
	    (*channel = sys_fcntl_dupfd(run->channel, LOWEST_FD)) == -1)
		return (-1);
	if (run->notify != -1 &&
	    (*notify = sys_fcntl_dupfd(run->notify, LOWEST_FD)) == -1) {
		if (*channel != -1)
			close(*channel);
		return (-1);
	}
	return (0);
}

static uint32_t
worker_flags(const struct run *run)
{
	static const struct {
		uint32_t	 note;
		uint32_t	 flag;
	} known[] = {
		{ NOTE_ONLINE,		WORKER_ONLINE },
		{ NOTE_RETIRED,		WORKER_RETIRED },
		{ NOTE_DRAINING,	WORKER_DRAINING },
		{ NOTE_GOING,		WORKER_GOING }
	};
	const char	*balance = run->spec->spec.str[SPEC_BALANCE];
	uint32_t	 flags = 0;
	size_t		 i;

	if (run->worker != 0)
		flags |= WORKER_CLUSTER;
	if (balance != NULL && strcmp(balance, "sticky") == 0)
		flags |= WORKER_STICKY;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (run->notes & known[i].note)
			flags |= known[i].flag;
	if (run->parting)
		flags &= ~WORKER_GOING;
	return (flags);
}

/*
 * What a run was told to do before this engine came, as far as nothing says
 * that it was done.  Not disconnect, unless no engine ever got it: twice of
 * that and Node ends with an error, while a lost one is only a deadline.
 */
static void
tell_steps(struct engine *en, struct run *run)
{
	if ((run->notes & (NOTE_RETIRING | NOTE_RETIRED)) == NOTE_RETIRING)
		send_ref(en, IMSG_ENGINE_RETIRE, -1, run);
	if ((run->notes & (NOTE_DRAINING | NOTE_DRAINED)) == NOTE_DRAINING)
		send_ref(en, IMSG_ENGINE_DRAIN, -1, run);
	if (run->parting)
		send_ref(en, IMSG_ENGINE_DISCONNECT, -1, run);
	if (live(en))
		run->parting = 0;
}

/* All of a run. */
static void
tell_run(struct engine *en, struct run *run)
{
	const struct app	*app = run->app;
	struct engine_worker	 msg;
	int			 channel, notify;

	if (copy_fds(run, &channel, &notify) == -1) {
		log_warn("%s (%u): channel", app->name, app->id);
		engine_again(en);
		return;
	}
	memset(&msg, 0, sizeof(msg));
	set_ref(&msg.ref, run);
	msg.worker = run->worker;
	msg.flags = worker_flags(run);
	msg.uid = app->ids == NULL ? app->env->uid : app->ids->ids.uid;
	strlcpy(msg.name, app->name, sizeof(msg.name));
	run->fed = en->starts;
	send_msg(en, IMSG_ENGINE_WORKER, channel, &msg, sizeof(msg));
	if (notify != -1)
		send_ref(en, IMSG_ENGINE_HEAR, notify, run);
	/* Before what it serves, or it would be fed in between. */
	tell_steps(en, run);
	listen_resume(run);
}

static void
tell_app(struct engine *en, struct app *app)
{
	struct run	*run;

	TAILQ_FOREACH(run, &app->runs, entry)
		if (run->engaged && run->fed != en->starts && live(en))
			tell_run(en, run);
}

/* Some apps at a time: what is queued holds descriptors of ours. */
static void
feed_batch(struct engine *en)
{
	struct app	 key, *app;
	int		 i;

	key.id = en->feed_next;
	app = RB_NFIND(apptree, &en->env->apps, &key);
	for (i = 0; app != NULL && live(en) && i < FEED_BATCH; i++) {
		en->feed_next = app->id + 1;
		tell_app(en, app);
		app = RB_NEXT(apptree, &en->env->apps, app);
	}
	en->feeding = app != NULL && live(en);
}

static void
engine_feed_more(struct imsgev *iev, void *arg)
{
	struct engine	*en = arg;

	(void)iev;
	/* When nothing was queued nothing will drain and call us again. */
	while (en->feeding && live(en) &&
	    imsgbuf_queuebytes(imsgev_buf(en->iev)) <= FEED_LOW)
		feed_batch(en);
}

/* The queue is long: engine_feed_more() comes when it is short again. */
static void
feed_from(struct engine *en, uint32_t id)
{
	if (!en->feeding || id < en->feed_next)
		en->feed_next = id;
	en->feeding = 1;
}

static void
feed_again(int fd, short event, void *arg)
{
	struct engine	*en = arg;

	(void)fd;
	(void)event;
	if (!live(en))
		return;
	if (en->relisten) {
		en->relisten = 0;
		listen_feed(en->env);
	}
	feed_from(en, 0);
	engine_feed_more(en->iev, en);
}

int
engine_worker(struct engine *en, struct run *run)
{
	struct pm2d	*env = run->app->env;

	run->engaged = 1;
	run->fed = 0;
	run->parting = 0;
	if (en == NULL && (en = env->engine = engine_new(env)) == NULL) {
		log_warn("engine");
		return (-1);
	}
	if (!live(en) || run->fed == en->starts)
		return (0);
	if (imsgbuf_queuebytes(imsgev_buf(en->iev)) > FEED_HIGH)
		feed_from(en, run->app->id);
	else
		tell_run(en, run);
	return (0);
}

void
engine_forget(struct engine *en, struct run *run)
{
	if (live(en) && run->engaged && run->fed == en->starts)
		send_ref(en, IMSG_ENGINE_FORGET, -1, run);
	run->engaged = run->parting = 0;
	run->fed = 0;
}

/* One that is told later is told by its notes. */
static int
order(struct engine *en, uint32_t type, uint32_t note, struct run *run)
{
	if (en == NULL || !run->engaged ||
	    (!live(en) && en->daemon.backoff > HOPELESS_MS))
		return (-1);
	run->notes |= note;
	if (live(en) && run->fed == en->starts)
		send_ref(en, type, -1, run);
	else if (note == NOTE_GOING)
		run->parting = 1;
	return (0);
}

int
engine_retire(struct engine *en, struct run *run)
{
	return (order(en, IMSG_ENGINE_RETIRE, NOTE_RETIRING, run));
}

int
engine_drain(struct engine *en, struct run *run)
{
	return (order(en, IMSG_ENGINE_DRAIN, NOTE_DRAINING, run));
}

int
engine_disconnect(struct engine *en, struct run *run)
{
	return (order(en, IMSG_ENGINE_DISCONNECT, NOTE_GOING, run));
}

int
engine_say(struct engine *en, struct run *run, const void *text, size_t len)
{
	struct engine_ref	 ref;
	struct iovec		 iov[2];

	if (len > SAY_MAX) {
		errno = EMSGSIZE;
		return (-1);
	}
	if (en == NULL || !run->engaged || run->channel == -1 ||
	    run->notes & (NOTE_EOF | NOTE_BAD)) {
		errno = ENOTCONN;
		return (-1);
	}
	if (!live(en) || run->fed != en->starts ||
	    imsgbuf_queuebytes(imsgev_buf(en->iev)) > SAY_BYTES) {
		errno = EAGAIN;
		return (-1);
	}
	set_ref(&ref, run);
	iov[0].iov_base = &ref;
	iov[0].iov_len = sizeof(ref);
	iov[1].iov_base = (void *)(uintptr_t)text;
	iov[1].iov_len = len;
	return (imsg_composev(imsgev_buf(en->iev), IMSG_ENGINE_SAY, 0, 0, -1,
	    iov, 2) == -1 ? -1 : 0);
}

/* ---- listeners ---- */

void
engine_listener(struct engine *en, uint32_t number, uint32_t key, int fd)
{
	struct engine_listener	 msg = { number, key };

	if (!live(en))
		return;
	if ((fd = sys_fcntl_dupfd(fd, LOWEST_FD)) == -1) {
		log_warn("listener %u", number);
		en->relisten = 1;
		engine_again(en);
		return;
	}
	send_msg(en, IMSG_ENGINE_LISTENER, fd, &msg, sizeof(msg));
}

void
engine_unlisten(struct engine *en, uint32_t number)
{
	struct engine_listener	 msg = { number, 0 };

	send_msg(en, IMSG_ENGINE_UNLISTEN, -1, &msg, sizeof(msg));
}

void
engine_serves(struct engine *en, const struct run *run, uint32_t key)
{
	struct engine_serves	 msg;

	memset(&msg, 0, sizeof(msg));
	set_ref(&msg.ref, run);
	msg.key = key;
	send_msg(en, IMSG_ENGINE_SERVES, -1, &msg, sizeof(msg));
}

void
engine_bound(struct engine *en, const struct engine_bound *bound, int fd)
{
	struct engine_bound	 msg = *bound;

	if (!live(en))
		return;
	if (fd != -1 && (fd = sys_fcntl_dupfd(fd, LOWEST_FD)) == -1) {
		log_warn("listener %u", bound->key);
		/* The worker hears why, rather than nothing. */
		msg.error = errno;
		msg.flags &= ~BOUND_FD;
	}
	send_msg(en, IMSG_ENGINE_BOUND, fd, &msg, sizeof(msg));
}

/* ---- life ---- */

/* Nothing is there, and nobody is left who could add to it. */
static int
estate_spent(int fd)
{
	char	 c;

	return (recv(fd, &c, sizeof(c), MSG_PEEK | MSG_DONTWAIT) == 0);
}

static void
estate_drop(struct engine *en, uint32_t i)
{
	close(en->estates[i]);
	en->nestates--;
	memmove(&en->estates[i], &en->estates[i + 1],
	    (en->nestates - i) * sizeof(en->estates[0]));
}

/*
 * What earlier engines left.  Our copy stays until all is taken: the one that
 * is told of it now may end before it has.
 */
static void
tell_estates(struct engine *en, uint32_t n)
{
	uint32_t	 i;
	int		 fd;

	for (i = 0; i < n; i++) {
		fd = sys_fcntl_dupfd(en->estates[i], LOWEST_FD);
		if (fd == -1)
			log_warn("engine: estate");
		else
			send_msg(en, IMSG_ENGINE_ESTATE, fd, NULL, 0);
	}
}

/* First its number, and where its own estate will go. */
static void
tell_conf(struct engine *en)
{
	struct engine_conf	 conf;
	uint32_t		 i = 0;
	int			 sv[2];

	while (i < en->nestates)
		if (estate_spent(en->estates[i]))
			estate_drop(en, i);
		else
			i++;
	if (en->nestates == ESTATES_MAX) {
		log_warnx("engine: too many left something behind");
		estate_drop(en, 0);
	}
	memset(&conf, 0, sizeof(conf));
	conf.epoch = en->starts;
	if (sys_socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0, sv) == -1) {
		log_warn("engine: estate");
		sv[1] = -1;
	} else
		en->estates[en->nestates++] = sv[0];
	send_msg(en, IMSG_ENGINE_CONF, sv[1], &conf, sizeof(conf));
	tell_estates(en, en->nestates - (sv[1] != -1));
}

static void
engine_error(struct imsgev *iev, int error, void *arg)
{
	struct engine	*en = arg;

	(void)iev;
	if (error != 0) {
		errno = error;
		log_warn("engine: channel");
	}
	engine_lost(en);
}

static void
engine_begun(void *arg, int s)
{
	struct engine	*en = arg;

	en->lost = en->broken = en->relisten = 0;
	en->iev = imsgev_new(en->env->base, s, IMSGEV_FDSEND, engine_dispatch,
	    engine_error, en);
	if (en->iev == NULL) {
		log_warn("engine: channel");
		daemon_kill(&en->daemon);
		return;
	}
	imsgbuf_set_limits(imsgev_buf(en->iev), QUEUE_MSGS, QUEUE_BYTES);
	imsgev_set_drain(en->iev, FEED_LOW, engine_feed_more);
	en->starts++;
	tell_conf(en);
	/* listen.c asks for us in env, which is not set at the first start. */
	en->env->engine = en;
	listen_feed(en->env);
	feed_from(en, 0);
	engine_feed_more(en->iev, en);
}

/*
 * What a dead engine has said is true all the same, and its successor will
 * not say it again: the workers' bytes behind it are consumed.  It may have
 * left somebody behind who goes on writing.
 */
static void
last_words(struct engine *en)
{
	struct imsgbuf	*ib = imsgev_buf(en->iev);
	struct imsg	 imsg;
	int		 left, reads = 0;

	do {
		while (!en->broken && imsgbuf_get(ib, &imsg) == 1) {
			engine_dispatch(en->iev, &imsg, en);
			imsg_free(&imsg);
		}
		if (en->broken ||
		    ioctl(imsgev_fd(en->iev), FIONREAD, &left) == -1)
			break;
	} while (left > 0 && reads++ < LAST_READS && imsgbuf_read(ib) == 1);
}

static void
engine_ended(void *arg)
{
	struct engine	*en = arg;

	en->lost = 1;
	en->feeding = 0;
	event_del(&en->again);
	if (en->iev == NULL)
		return;
	last_words(en);
	imsgev_free(en->iev);
	en->iev = NULL;
}

struct engine *
engine_new(struct pm2d *env)
{
	struct engine	*en;

	if ((en = calloc(1, sizeof(*en))) == NULL)
		return (NULL);
	en->env = env;
	evtimer_assign(&en->again, env->base, feed_again, en);
	daemon_init(&en->daemon, env, &engine_kind, en);
	daemon_start(&en->daemon);
	return (en);
}

/* End of file is the sign to go; apps are gone by now, or are to be. */
void
engine_free(struct engine *en)
{
	if (en == NULL)
		return;
	en->lost = 1;
	en->daemon.going = 1;
	event_del(&en->again);
	if (en->iev != NULL)
		imsgev_free(en->iev);
	en->iev = NULL;
	/* Its twin would wait for somebody to read them. */
	while (en->nestates > 0)
		estate_drop(en, en->nestates - 1);
	daemon_end(&en->daemon, FAREWELL_MS);
	en->env->engine = NULL;
	free(en);
}

void
engine_sigchld(struct engine *en)
{
	if (en != NULL)
		daemon_sigchld(&en->daemon);
}

/* ---- for doctor ---- */

const char *
engine_status(const struct engine *en)
{
	return (en == NULL ? NULL : daemon_status(&en->daemon));
}

pid_t
engine_pid(const struct engine *en)
{
	return (en == NULL ? 0 : en->daemon.pid);
}

uint32_t
engine_crashes(const struct engine *en)
{
	return (en == NULL ? 0 : en->daemon.crashes);
}

int
engine_separate(const struct engine *en)
{
	return (en == NULL || en->daemon.unprivileged);
}

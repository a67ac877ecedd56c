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
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine-estate.h"
#include "log.h"
#include "monotime.h"
#include "sys.h"

/*
 * The table is written by the engine and read by its twin when the engine is
 * dead; the engine may be killed between any two instructions.  So each entry
 * has a state that is stored last, when what it vouches for is there, and the
 * compiler keeps the order because all of it is atomic.
 */

struct entry {
	_Atomic uint32_t state;
	_Atomic uint32_t key;
	_Atomic uint32_t app;
	_Atomic uint32_t generation;
	_Atomic uint64_t seq;
	_Atomic uint32_t turn;		/* SETTLED: in which it was */
	uint32_t	 reserved;
};

struct table {
	_Atomic int	 socket;
	_Atomic int	 top;		/* no entry from here on was written */
	_Atomic uint32_t turn;		/* counts what was announced */
	int		 size;
	/*
	 * What the next descriptor will be, announced before the call that
	 * makes it: after that call only the kernel knows its number.
	 */
	struct entry	 next;
	struct entry	 entries[];
};

union control {
	struct cmsghdr	 hdr;
	char		 buf[CMSG_SPACE(sizeof(int))];
};

#define HOLES_MAX	64	/* closed numbers in a row: nothing behind */
#define RETRY_MS	10	/* until others took their descriptors */
#define PATIENCE_MS	200	/* with a twin that does not come to its end */

static struct table	*table;
static int		 pidfd = -1;	/* of the engine, for the twin */
static int		 twinfd = -1;	/* of the twin, for the engine */
static struct event	 ev_twin;

/* ---- the engine's side ---- */

static struct table *
make_table(void)
{
	struct rlimit	 rl;
	struct table	*t;
	size_t		 n = ESTATE_FDS_MAX;

	if (getrlimit(RLIMIT_NOFILE, &rl) == 0 && rl.rlim_max < n)
		n = rl.rlim_max;
	/* Its pages are made when they are written to. */
	t = mmap(NULL, sizeof(*t) + n * sizeof(t->entries[0]),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE,
	    -1, 0);
	if (t == MAP_FAILED)
		return (NULL);
	t->size = (int)n;
	atomic_store(&t->socket, -1);
	return (t);
}

static void
free_table(struct table *t)
{
	(void)munmap(t, sizeof(*t) + (size_t)t->size * sizeof(t->entries[0]));
}

int
estate_start(void)
{
	struct table	*t;
	sigset_t	 all, saved;
	pid_t		 pid;
	int		 error;

	if ((t = make_table()) == NULL)
		return (-1);
	/* Our own, made by us: it cannot be another process by then. */
	if ((pidfd = sys_pidfd_open(getpid(), 0)) == -1)
		goto fail;
	/* Nothing but the engine's end, and SIGKILL, is to reach the twin. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &saved);
	if ((pid = sys_clone(CLONE_FILES | SIGCHLD)) == 0) {
		table = t;
		return (1);
	}
	error = errno;
	sigprocmask(SIG_SETMASK, &saved, NULL);
	errno = error;
	if (pid == -1)
		goto fail;
	table = t;
	if ((twinfd = sys_pidfd_open(pid, 0)) == -1)
		log_warn("process %d cannot be watched", (int)pid);
	log_debug("process %d sees to the estate", (int)pid);
	return (0);
 fail:
	error = errno;
	if (pidfd != -1)
		close(pidfd);
	pidfd = -1;
	free_table(t);
	errno = error;
	return (-1);
}

void
estate_watch(struct event_base *base, event_callback_fn gone)
{
	if (twinfd == -1)
		return;
	event_assign(&ev_twin, base, twinfd, EV_READ, gone, NULL);
	event_add(&ev_twin, NULL);
}

void
estate_socket(int fd)
{
	int	 old;

	if (table == NULL) {
		close(fd);
		return;
	}
	old = atomic_exchange(&table->socket, fd);
	if (old != -1)
		close(old);
}

static struct entry *
entry(int fd)
{
	if (table == NULL || fd < 0 || fd >= table->size)
		return (NULL);
	return (&table->entries[fd]);
}

/* The state vouches for the rest only when it is stored after it. */
static void
write_entry(struct entry *e, const struct estate_record *r)
{
	atomic_store(&e->state, ESTATE_NONE);
	atomic_store(&e->key, r->key);
	atomic_store(&e->app, r->ref.app);
	atomic_store(&e->generation, r->ref.generation);
	atomic_store(&e->seq, r->seq);
	atomic_store(&e->state, r->state);
}

static void
announce(const struct estate_record *r)
{
	if (table == NULL)
		return;
	/* From now on a settled number may be somebody else's. */
	atomic_fetch_add(&table->turn, 1);
	write_entry(&table->next, r);
}

/* It is there, under this number. */
static void
enter(int fd, const struct estate_record *r)
{
	struct entry	*e;

	if ((e = entry(fd)) == NULL)
		return;
	if (fd >= atomic_load(&table->top))
		atomic_store(&table->top, fd + 1);
	write_entry(e, r);
	atomic_store(&table->next.state, ESTATE_NONE);
}

void
estate_accepting(uint32_t key)
{
	const struct estate_record	 r = { .key = key, .state = ESTATE_TAKEN };

	announce(&r);
}

void
estate_took(int fd, uint32_t key)
{
	const struct estate_record	 r = { .key = key, .state = ESTATE_TAKEN };
	struct entry		*e;

	/* One that a worker did not want never leaves the table. */
	if ((e = entry(fd)) != NULL && atomic_load(&e->key) == key &&
	    atomic_load(&e->state) == ESTATE_SENT)
		atomic_store(&e->state, ESTATE_TAKEN);
	else
		enter(fd, &r);
}

void
estate_sending(int fd, const struct engine_ref *ref, uint64_t seq)
{
	struct entry	*e;

	if ((e = entry(fd)) == NULL)
		return;
	atomic_store(&e->state, ESTATE_TAKEN);
	atomic_store(&e->app, ref->app);
	atomic_store(&e->generation, ref->generation);
	atomic_store(&e->seq, seq);
	atomic_store(&e->state, ESTATE_SENT);
}

void
estate_settled(int fd)
{
	struct entry	*e;

	if ((e = entry(fd)) == NULL)
		return;
	atomic_store(&e->turn, atomic_load(&table->turn));
	atomic_store(&e->state, ESTATE_SETTLED);
}

/* ---- what an earlier engine has left ---- */

struct legacy {
	struct event	 ev;
	struct event	 again;
	int		 fd;
};

static void	 legacy_read(int, short, void *);

static void
legacy_free(struct legacy *l)
{
	event_del(&l->ev);
	event_del(&l->again);
	close(l->fd);
	free(l);
}

/* A descriptor that finds no room is lost with its message: ask before. */
static int
have_room(int fd)
{
	int	 room;

	if ((room = sys_fcntl_dupfd(fd, 0)) == -1)
		return (0);
	close(room);
	return (1);
}

static int
control_fd(struct msghdr *msg)
{
	struct cmsghdr	*cmsg = CMSG_FIRSTHDR(msg);
	int		 fd;

	if (cmsg == NULL || cmsg->cmsg_level != SOL_SOCKET ||
	    cmsg->cmsg_type != SCM_RIGHTS ||
	    cmsg->cmsg_len != CMSG_LEN(sizeof(fd)))
		return (-1);
	memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
	return (fd);
}

/* 1 a connection, 0 not now, -1 that was all. */
static int
receive(int from, struct estate_record *r, int *fd)
{
	struct iovec	 iov = { r, sizeof(*r) };
	struct msghdr	 msg;
	union control	 control;
	ssize_t		 n;

	/* What comes is known to the table before it is here. */
	memset(&msg, 0, sizeof(msg));
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	if ((n = sys_recvmsg(from, &msg, MSG_PEEK)) == sizeof(*r))
		announce(r);
	else if (n == 0)
		return (-1);
	else if (n == -1)
		return (errno == EAGAIN || errno == EINTR ? 0 : -1);
	msg.msg_control = &control;
	msg.msg_controllen = sizeof(control);
	if ((n = sys_recvmsg(from, &msg, MSG_CMSG_CLOEXEC)) == -1)
		return (errno == EAGAIN || errno == EINTR ? 0 : -1);
	if (n == 0)
		return (-1);
	if (n != sizeof(*r))
		r->state = ESTATE_NONE;
	*fd = control_fd(&msg);
	return (1);
}

static void
take_over(const struct estate_record *r, int fd)
{
	if (r->state != ESTATE_TAKEN && r->state != ESTATE_SENT) {
		log_warnx("estate: a connection in no known state");
		close(fd);
		return;
	}
	enter(fd, r);
	conn_inherit(fd, r->key, r->state == ESTATE_SENT ? &r->ref : NULL,
	    r->seq);
}

/* 1 there may be more now, 0 not now, -1 that was all. */
static int
legacy_one(int from)
{
	struct estate_record	 r;
	int		 fd, n;

	memset(&r, 0, sizeof(r));
	if ((n = receive(from, &r, &fd)) != 1)
		return (n);
	if (fd != -1)
		take_over(&r, fd);
	else
		log_warnx("estate: a message without descriptor");
	return (1);
}

/* One at a time: there is other work. */
static void
legacy_read(int from, short event, void *arg)
{
	static const struct timeval	 later = { 0, RETRY_MS * 1000 };
	struct legacy			*l = arg;

	(void)event;
	if (!have_room(from)) {
		event_del(&l->ev);
		evtimer_add(&l->again, &later);
	} else if (legacy_one(from) == -1)
		legacy_free(l);
}

static void
legacy_again(int fd, short event, void *arg)
{
	struct legacy	*l = arg;

	(void)fd;
	(void)event;
	event_add(&l->ev, NULL);
}

static void
legacy_later(struct event_base *base, int fd)
{
	struct legacy	*l;

	if ((l = calloc(1, sizeof(*l))) == NULL) {
		log_warn("estate");
		close(fd);
		return;
	}
	l->fd = fd;
	event_assign(&l->ev, base, fd, EV_READ | EV_PERSIST, legacy_read, l);
	evtimer_assign(&l->again, base, legacy_again, l);
	event_add(&l->ev, NULL);
}

/*
 * At once, up to the end, which comes when the twin has ended: it is writing
 * and waits for nobody but us.  Who has which connection must be known before
 * workers are heard, or an answer is taken for one that nobody waits for.
 */
void
estate_inherit(struct event_base *base, int fd)
{
	struct pollfd	 pfd = { .fd = fd, .events = POLLIN };
	monotime_t	 begin = monotime_now();
	uint64_t	 gone;
	int		 n = 0;

	while ((gone = monotime_since(monotime_now(), begin)) < PATIENCE_MS &&
	    have_room(fd)) {
		if ((n = legacy_one(fd)) == -1)
			break;
		if (n == 0)
			(void)poll(&pfd, 1, (int)(PATIENCE_MS - gone));
	}
	if (n == -1)
		close(fd);
	else
		legacy_later(base, fd);
}

/* ---- the twin ---- */

static int
sockopt(int fd, int what)
{
	socklen_t	 len;
	int		 value = -1;

	len = sizeof(value);
	if (getsockopt(fd, SOL_SOCKET, what, &value, &len) == -1)
		return (-1);
	return (value);
}

/*
 * Something that accept(2) returned, whatever the table says: all other
 * stream sockets of an engine listen, or are one end of a pair, and those
 * have no name.
 */
static int
is_connection(int fd)
{
	struct sockaddr_un	 sun;
	socklen_t		 len;

	if (sockopt(fd, SO_TYPE) != SOCK_STREAM ||
	    sockopt(fd, SO_ACCEPTCONN) != 0)
		return (0);
	if (sockopt(fd, SO_DOMAIN) != AF_UNIX)
		return (1);
	len = sizeof(sun);
	return (getsockname(fd, (struct sockaddr *)&sun, &len) == 0 &&
	    len > offsetof(struct sockaddr_un, sun_path));
}

static void
wait_for(int fd, short events, int ms)
{
	struct pollfd	 pfd = { .fd = fd, .events = events };

	while (poll(&pfd, 1, ms) == -1 && errno == EINTR)
		continue;
}

/*
 * -1: there is nobody to leave it to.  The next engine may have to start
 * before there is room for more.
 */
static int
leave(int to, int fd, const struct estate_record *r)
{
	struct estate_record	 copy = *r;
	struct iovec	 iov = { &copy, sizeof(copy) };
	struct msghdr	 msg;
	union control	 control;

	memset(&msg, 0, sizeof(msg));
	memset(&control, 0, sizeof(control));
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	msg.msg_control = &control;
	msg.msg_controllen = sizeof(control);
	control.hdr.cmsg_level = SOL_SOCKET;
	control.hdr.cmsg_type = SCM_RIGHTS;
	control.hdr.cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(&control.hdr), &fd, sizeof(fd));
	while (sys_sendmsg(to, &msg, MSG_NOSIGNAL) == -1)
		switch (errno) {
		case EINTR:
			break;
		case EAGAIN:
			wait_for(to, POLLOUT, -1);
			break;
		case ENOBUFS:
		case ENOMEM:
		case ETOOMANYREFS:	/* all of this user's in flight */
			wait_for(-1, 0, RETRY_MS);
			break;
		default:
			return (-1);
		}
	return (0);
}

static void
read_entry(const struct entry *e, struct estate_record *r)
{
	memset(r, 0, sizeof(*r));
	r->state = atomic_load(&e->state);
	r->key = atomic_load(&e->key);
	if (r->state != ESTATE_SENT)
		return;
	r->ref.app = atomic_load(&e->app);
	r->ref.generation = atomic_load(&e->generation);
	r->seq = atomic_load(&e->seq);
}

static int
is_entered(const struct estate_record *r)
{
	return (r->state == ESTATE_TAKEN || r->state == ESTATE_SENT);
}

/* The table says nothing about what has this number now. */
static int
is_unknown(const struct entry *e)
{
	switch (atomic_load(&e->state)) {
	case ESTATE_NONE:
		return (1);
	case ESTATE_SETTLED:
		/* In this turn: it was to be closed. */
		return (atomic_load(&e->turn) != atomic_load(&table->turn));
	default:
		return (0);
	}
}

/* A descriptor that came and was not entered, or -1. */
static int
find_next(void)
{
	int	 fd, holes = 0;

	/* The kernel gives the lowest free number: few below are closed. */
	for (fd = 0; fd < table->size && holes < HOLES_MAX; fd++) {
		if (fcntl(fd, F_GETFD) == -1)
			holes++;
		else if (is_unknown(&table->entries[fd]) && is_connection(fd))
			return (fd);
		else
			holes = 0;
	}
	return (-1);
}

static void
leave_all(int to)
{
	struct estate_record	 r;
	int		 fd, top = atomic_load(&table->top);

	read_entry(&table->next, &r);
	if (is_entered(&r) && (fd = find_next()) != -1 &&
	    leave(to, fd, &r) == -1)
		return;
	for (fd = 0; fd < top; fd++) {
		read_entry(&table->entries[fd], &r);
		if (is_entered(&r) && is_connection(fd) &&
		    leave(to, fd, &r) == -1)
			return;
	}
}

/* Until the engine is dead: no instruction of it comes after that. */
static void
wait_end(void)
{
	struct pollfd	 pfd = { .fd = pidfd, .events = POLLIN };
	int		 n;

	while ((n = poll(&pfd, 1, -1)) != 1 || !(pfd.revents & POLLIN))
		if (n != -1 || errno != EINTR)
			_exit(1);
}

void
estate_twin_main(void)
{
	int	 to;

	log_procinit("estate");
	wait_end();
	if ((to = atomic_load(&table->socket)) != -1)
		leave_all(to);
	_exit(0);
}

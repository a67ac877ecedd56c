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
 * The parent's side of the engine.  The process that it starts only sleeps;
 * the test has its end of the channel and speaks for it.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <atf-c.h>

#include "engine.h"
#include "listen.h"
#include "proc.h"
#include "spawn.h"
#include "sys.h"

#define WAIT_MS		5000
#define MANY		2000

static struct pm2d	 env;
static struct app	 apps[MANY];
static struct run	 runs[MANY];
static struct appspec	 spec;

/* The engine that runs, as it sees itself. */
static struct imsgbuf	 ib;
static pid_t		 pid;
static uint32_t		 starts;
static char		*args[8];

/* What came of its messages, in order. */
static char		 did[128];
static uint32_t		 noted;
static uint64_t		 extended;
static char		 said[64];
static int		 counts;	/* listen_serving()'s answer */

/* ---- instead of what is around engine.c ---- */

RB_GENERATE(apptree, app, entry, app_cmp);

int
app_cmp(struct app *a, struct app *b)
{
	return (a->id < b->id ? -1 : a->id > b->id);
}

struct app *
app_find(struct pm2d *e, uint32_t id)
{
	struct app	 key;

	key.id = id;
	return (RB_FIND(apptree, &e->apps, &key));
}

int
logd_hasuser(const char *name)
{
	ATF_CHECK_STREQ("_pm2d", name);
	return (1);
}

static void
add(char c)
{
	size_t	 n = strlen(did);

	ATF_REQUIRE(n + 1 < sizeof(did));
	did[n] = c;
	did[n + 1] = '\0';
}

void
listen_feed(struct pm2d *e)
{
	engine_listener(e->engine, 77, 78, STDIN_FILENO);
}

void
listen_resume(struct run *run)
{
	if (run->worker != 0)
		engine_serves(env.engine, run, 78);
}

void
listen_query(struct run *run, const struct engine_listen *q)
{
	ATF_CHECK_EQ(&runs[q->ref.app], run);
	add('q');
}

int
listen_serving(struct run *run, const struct engine_serves *s)
{
	ATF_CHECK_EQ(&runs[s->ref.app], run);
	add('l');
	return (counts);
}

void
listen_closed(struct run *run, const struct engine_serves *s)
{
	ATF_CHECK_EQ(&runs[s->ref.app], run);
	add('c');
}

void
supervise_note(struct run *run, uint32_t what)
{
	add('n');
	noted = what;
	run->notes |= what;
	/* A run may end by what it says. */
	if (what == NOTE_WATCHDOG)
		engine_forget(env.engine, run);
}

void
supervise_extend(struct run *run, uint64_t usec)
{
	(void)run;
	add('x');
	extended = usec;
}

void
control_message(struct pm2d *e, const struct run *run, const void *data,
    size_t len)
{
	(void)e;
	(void)run;
	add('m');
	ATF_REQUIRE(len < sizeof(said));
	memcpy(said, data, len);
	said[len] = '\0';
}

int
spawn_signal(pid_t p, int pidfd, int sig)
{
	(void)pidfd;
	return (kill(p, sig));
}

int
spawn_reap(pid_t p, int pidfd, siginfo_t *si)
{
	(void)pidfd;
	memset(si, 0, sizeof(*si));
	if (waitid(P_PID, (id_t)p, si, WEXITED | WNOHANG) == -1)
		return (-1);
	return (si->si_pid != 0);
}

/* As if the program ran; the last engine's end of the channel is closed. */
int
proc_start(const struct proc_child *pc, pid_t *pidp, int *pidfdp)
{
	int	 i, sv[2];

	if (starts++ > 0) {
		close(ib.fd);
		imsgbuf_clear(&ib);
	}
	for (i = 0; pc->argv[i] != NULL; i++) {
		free(args[i]);
		args[i] = strdup(pc->argv[i]);
	}
	ATF_REQUIRE_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0, sv));
	ATF_REQUIRE((pid = fork()) != -1);
	if (pid == 0) {
		closefrom(3);
		for (;;)
			poll(NULL, 0, -1);
	}
	ATF_REQUIRE_EQ(0, imsgbuf_init(&ib, sv[1]));
	imsgbuf_allow_fdpass(&ib);
	*pidp = pid;
	ATF_REQUIRE((*pidfdp = sys_pidfd_open(pid, 0)) != -1);
	return (sv[0]);
}

/* ---- what the engine is told, and says ---- */

static void
begin(int n)
{
	int	 i;

	memset(&env, 0, sizeof(env));
	ATF_REQUIRE((env.base = event_base_new()) != NULL);
	strlcpy(env.home, "/home/of", sizeof(env.home));
	RB_INIT(&env.apps);
	for (i = 0; i < n; i++) {
		apps[i].env = &env;
		apps[i].id = (uint32_t)i;
		apps[i].spec = &spec;
		strlcpy(apps[i].name, "app", sizeof(apps[i].name));
		RB_INSERT(apptree, &env.apps, &apps[i]);
		memset(&runs[i], 0, sizeof(runs[i]));
		TAILQ_INIT(&apps[i].runs);
		TAILQ_INSERT_TAIL(&apps[i].runs, &runs[i], entry);
		runs[i].app = &apps[i];
		runs[i].spec = &spec;
		runs[i].generation = 3;
		runs[i].worker = 9;
		runs[i].channel = runs[i].notify = -1;
	}
}

/* With what a worker has. */
static void
equip(struct run *run)
{
	ATF_REQUIRE((run->channel = dup(STDIN_FILENO)) != -1);
	ATF_REQUIRE((run->notify = dup(STDIN_FILENO)) != -1);
}

/* Let the parent do what it has to do. */
static void
turn(void)
{
	ATF_REQUIRE(event_base_loop(env.base, EVLOOP_NONBLOCK) != -1);
}

/* The next message; its descriptor is closed, or given. */
static uint32_t
next(void *data, size_t len, int *fdp)
{
	struct imsg	 imsg;
	uint32_t	 type;
	int		 fd, i;

	for (i = 0; imsgbuf_get(&ib, &imsg) != 1; i++) {
		ATF_REQUIRE_MSG(i < WAIT_MS, "no message came");
		turn();
		ATF_REQUIRE_EQ(1, imsgbuf_read(&ib));
		if (i > 10)
			usleep(1000);
	}
	type = imsg_get_type(&imsg);
	if (data != NULL)
		ATF_REQUIRE_EQ_MSG(0, imsg_get_data(&imsg, data, len),
		    "%s is of another length", msg_name(type));
	fd = imsg_get_fd(&imsg);
	if (fdp != NULL)
		*fdp = fd;
	else if (fd != -1)
		close(fd);
	imsg_free(&imsg);
	return (type);
}

static void
expect(uint32_t type)
{
	uint32_t	 got = next(NULL, 0, NULL);

	ATF_CHECK_EQ_MSG(type, got, "%s instead of %s", msg_name(got),
	    msg_name(type));
}

static void
expect_nothing(void)
{
	struct imsg	 imsg;

	turn();
	turn();
	ATF_REQUIRE_EQ(1, imsgbuf_read(&ib));
	if (imsgbuf_get(&ib, &imsg) == 1)
		atf_tc_fail("%s came", msg_name(imsg_get_type(&imsg)));
}

static void
say(uint32_t type, const void *data, size_t len)
{
	ATF_REQUIRE_EQ(1, imsg_compose(&ib, type, 0, 0, -1, data, len));
	ATF_REQUIRE_EQ(0, imsgbuf_flush(&ib));
	turn();
}

static void
say_ref(uint32_t type, uint32_t app, uint32_t generation)
{
	struct engine_ref	 ref = { app, generation };

	say(type, &ref, sizeof(ref));
}

/* Until the next engine runs. */
static void
await_next(uint32_t n)
{
	int	 i;

	for (i = 0; starts < n && i < WAIT_MS; i++) {
		turn();
		usleep(1000);
	}
	ATF_REQUIRE_EQ_MSG(n, starts, "no new engine was started");
}

static void
kill_engine(void)
{
	uint32_t	 n = starts + 1;

	ATF_REQUIRE_EQ(0, kill(pid, SIGKILL));
	await_next(n);
}

/* What each engine hears first; its estate's socket, or closed. */
static void
expect_conf(uint32_t epoch, int *estate)
{
	struct engine_conf	 conf;
	int			 fd;

	ATF_CHECK_EQ(IMSG_ENGINE_CONF, next(&conf, sizeof(conf), &fd));
	ATF_CHECK_EQ(epoch, conf.epoch);
	ATF_REQUIRE(fd != -1);
	if (estate != NULL)
		*estate = fd;
	else
		close(fd);
}

/* A worker that was told, with this engine's first words heard. */
static void
begin_told(void)
{
	begin(2);
	equip(&runs[0]);
	ATF_REQUIRE_EQ(0, engine_worker(NULL, &runs[0]));
	expect_conf(1, NULL);
	expect(IMSG_ENGINE_LISTENER);
	expect(IMSG_ENGINE_WORKER);
	expect(IMSG_ENGINE_HEAR);
	expect(IMSG_ENGINE_SERVES);
}

static void
end(void)
{
	/* It would end at the end of file. */
	if (pid > 0)
		kill(pid, SIGKILL);
	engine_free(env.engine);
	ATF_CHECK(env.engine == NULL);
	event_base_free(env.base);
	free(runs[0].status);
}

/* ---- tests ---- */

ATF_TC_WITHOUT_HEAD(start__with_the_first_worker);
ATF_TC_BODY(start__with_the_first_worker, tc)
{
	struct engine_worker	 w;
	struct engine_ready	 ready;

	begin(2);
	equip(&runs[0]);
	apps[0].env->uid = 0;
	ATF_CHECK_EQ(0, engine_pid(env.engine));
	ATF_REQUIRE_EQ(0, engine_worker(NULL, &runs[0]));
	ATF_REQUIRE(env.engine != NULL);
	ATF_CHECK_EQ(pid, engine_pid(env.engine));
	ATF_CHECK_STREQ("-r", args[1]);
	ATF_CHECK_STREQ("/home/of/empty", args[2]);
	ATF_CHECK_STREQ("-u", args[3]);
	ATF_CHECK_STREQ("_pm2d", args[4]);
	expect_conf(1, NULL);
	expect(IMSG_ENGINE_LISTENER);
	ATF_CHECK_EQ(IMSG_ENGINE_WORKER, next(&w, sizeof(w), NULL));
	ATF_CHECK_EQ(0, w.ref.app);
	ATF_CHECK_EQ(3, w.ref.generation);
	ATF_CHECK_EQ(9, w.worker);
	ATF_CHECK_EQ(WORKER_CLUSTER, w.flags);
	ATF_CHECK_STREQ("app", w.name);
	expect(IMSG_ENGINE_HEAR);
	expect(IMSG_ENGINE_SERVES);
	expect_nothing();
	ATF_CHECK(engine_status(env.engine) == NULL);
	memset(&ready, 0, sizeof(ready));
	strlcpy(ready.sandbox, "sand", sizeof(ready.sandbox));
	say(IMSG_ENGINE_READY, &ready, sizeof(ready));
	ATF_CHECK_STREQ("sand", engine_status(env.engine));
	/* The second one starts no other. */
	ATF_REQUIRE((runs[1].notify = dup(STDIN_FILENO)) != -1);
	runs[1].worker = 0;
	ATF_CHECK_EQ(0, engine_worker(env.engine, &runs[1]));
	ATF_CHECK_EQ(IMSG_ENGINE_WORKER, next(&w, sizeof(w), NULL));
	ATF_CHECK_EQ(0, w.flags);
	expect(IMSG_ENGINE_HEAR);
	engine_forget(env.engine, &runs[1]);
	expect(IMSG_ENGINE_FORGET);
	expect_nothing();
	ATF_CHECK_EQ(1, starts);
	end();
}

ATF_TC_WITHOUT_HEAD(died__next_is_told_all);
ATF_TC_BODY(died__next_is_told_all, tc)
{
	struct engine_worker	 w;

	begin_told();
	runs[0].notes = NOTE_ONLINE;
	ATF_CHECK_EQ(0, engine_retire(env.engine, &runs[0]));
	ATF_CHECK_EQ(0, engine_drain(env.engine, &runs[0]));
	expect(IMSG_ENGINE_RETIRE);
	expect(IMSG_ENGINE_DRAIN);
	say_ref(IMSG_ENGINE_RETIRED, 0, 3);
	ATF_CHECK_EQ(NOTE_RETIRED, noted);
	kill_engine();
	ATF_CHECK_EQ(1, engine_crashes(env.engine));
	expect_conf(2, NULL);
	expect(IMSG_ENGINE_LISTENER);
	ATF_CHECK_EQ(IMSG_ENGINE_WORKER, next(&w, sizeof(w), NULL));
	ATF_CHECK_EQ(WORKER_CLUSTER | WORKER_ONLINE | WORKER_RETIRED |
	    WORKER_DRAINING, w.flags);
	expect(IMSG_ENGINE_HEAR);
	/* Retired is done; drained nobody has said. */
	expect(IMSG_ENGINE_DRAIN);
	expect(IMSG_ENGINE_SERVES);
	expect_nothing();
	end();
}

ATF_TC_WITHOUT_HEAD(died__its_last_words_count);
ATF_TC_BODY(died__its_last_words_count, tc)
{
	struct engine_ref	 ref = { 0, 3 };
	int			 i;

	begin_told();
	/* More than one read of it, and a piece of one at the end. */
	for (i = 0; i < 100; i++)
		ATF_REQUIRE_EQ(1, imsg_compose(&ib, IMSG_ENGINE_ONLINE, 0, 0,
		    -1, &ref, sizeof(ref)));
	ATF_REQUIRE_EQ(0, imsgbuf_flush(&ib));
	ATF_REQUIRE_EQ(5, write(ib.fd, "12345", 5));
	ATF_REQUIRE_EQ(0, kill(pid, SIGKILL));
	usleep(50000);
	await_next(2);
	ATF_CHECK_EQ(100, strlen(did));
	end();
}

ATF_TC_WITHOUT_HEAD(died__disconnect_is_sent_once);
ATF_TC_BODY(died__disconnect_is_sent_once, tc)
{
	struct engine_worker	 w;

	begin_told();
	/* While there is none: the next one has it to do. */
	ATF_REQUIRE_EQ(0, kill(pid, SIGKILL));
	close(ib.fd);
	ATF_REQUIRE((ib.fd = dup(STDIN_FILENO)) != -1);
	usleep(50000);
	while (engine_pid(env.engine) != 0)
		event_base_loop(env.base, EVLOOP_ONCE);
	ATF_CHECK_EQ(0, engine_disconnect(env.engine, &runs[0]));
	await_next(2);
	expect_conf(2, NULL);
	expect(IMSG_ENGINE_LISTENER);
	ATF_CHECK_EQ(IMSG_ENGINE_WORKER, next(&w, sizeof(w), NULL));
	ATF_CHECK_EQ(WORKER_CLUSTER, w.flags);
	expect(IMSG_ENGINE_HEAR);
	expect(IMSG_ENGINE_DISCONNECT);
	expect(IMSG_ENGINE_SERVES);
	kill_engine();
	expect_conf(3, NULL);
	expect(IMSG_ENGINE_LISTENER);
	ATF_CHECK_EQ(IMSG_ENGINE_WORKER, next(&w, sizeof(w), NULL));
	ATF_CHECK_EQ(WORKER_CLUSTER | WORKER_GOING, w.flags);
	expect(IMSG_ENGINE_HEAR);
	expect(IMSG_ENGINE_SERVES);
	expect_nothing();
	end();
}

ATF_TC_WITHOUT_HEAD(died__again_and_again);
ATF_TC_BODY(died__again_and_again, tc)
{
	int	 i;

	begin_told();
	for (i = 0; i < 8; i++) {
		ATF_REQUIRE_EQ(0, kill(pid, SIGKILL));
		while (engine_pid(env.engine) != 0)
			event_base_loop(env.base, EVLOOP_ONCE);
		ATF_CHECK_EQ_MSG(0, engine_retire(env.engine, &runs[0]),
		    "the one after the %d. comes in a moment", i + 1);
		await_next((uint32_t)i + 2);
	}
	runs[0].notes = 0;
	ATF_REQUIRE_EQ(0, kill(pid, SIGKILL));
	while (engine_pid(env.engine) != 0)
		event_base_loop(env.base, EVLOOP_ONCE);
	ATF_CHECK_EQ_MSG(-1, engine_retire(env.engine, &runs[0]),
	    "whoever waits for it would wait long");
	ATF_CHECK_EQ(0, runs[0].notes & NOTE_RETIRING);
	ATF_CHECK_ERRNO(EAGAIN, engine_say(env.engine, &runs[0], "1", 1) ==
	    -1);
	pid = -1;
	end();
}

ATF_TC_WITHOUT_HEAD(estate__until_it_is_taken);
ATF_TC_BODY(estate__until_it_is_taken, tc)
{
	char	 c;
	int	 fd, i, mine;

	begin(1);
	ATF_REQUIRE_EQ(0, engine_worker(NULL, &runs[0]));
	expect_conf(1, &mine);
	ATF_REQUIRE_EQ(1, send(mine, "x", 1, 0));
	close(mine);
	/* The second does not come to read it, the third does. */
	for (i = 2; i <= 3; i++) {
		kill_engine();
		expect_conf((uint32_t)i, NULL);
		ATF_CHECK_EQ(IMSG_ENGINE_ESTATE, next(NULL, 0, &fd));
		ATF_REQUIRE(fd != -1);
		if (i == 3)
			ATF_CHECK_EQ(1, recv(fd, &c, 1, 0));
		close(fd);
		expect(IMSG_ENGINE_LISTENER);
	}
	kill_engine();
	expect_conf(4, NULL);
	expect(IMSG_ENGINE_LISTENER);
	end();
}

ATF_TC_WITHOUT_HEAD(say__to_whom_it_can_be_said);
ATF_TC_BODY(say__to_whom_it_can_be_said, tc)
{
	char	 big[SAY_MAX + 1];

	ATF_CHECK_EQ(-1, engine_retire(NULL, &runs[0]));
	begin_told();
	ATF_CHECK_EQ(0, engine_say(env.engine, &runs[0], "{}", 2));
	expect(IMSG_ENGINE_SAY);
	memset(big, ' ', sizeof(big));
	ATF_CHECK_EQ(0, engine_say(env.engine, &runs[0], big, SAY_MAX));
	ATF_CHECK_ERRNO(EMSGSIZE, engine_say(env.engine, &runs[0], big,
	    sizeof(big)) == -1);
	ATF_CHECK_ERRNO(ENOTCONN, engine_say(env.engine, &runs[1], "{}", 2) ==
	    -1);
	say_ref(IMSG_ENGINE_EOF, 0, 3);
	ATF_CHECK_ERRNO(ENOTCONN, engine_say(env.engine, &runs[0], "{}", 2) ==
	    -1);
	end();
}

ATF_TC_WITHOUT_HEAD(heard__notes);
ATF_TC_BODY(heard__notes, tc)
{
	static const struct {
		uint32_t	 type;
		uint32_t	 note;
	} notes[] = {
		{ IMSG_ENGINE_ONLINE,	 NOTE_ONLINE },
		{ IMSG_ENGINE_SAIDREADY, NOTE_READY },
		{ IMSG_ENGINE_RETIRED,	 NOTE_RETIRED },
		{ IMSG_ENGINE_DRAINED,	 NOTE_DRAINED },
		{ IMSG_ENGINE_LEAVING,	 NOTE_LEAVING },
		{ IMSG_ENGINE_EOF,	 NOTE_EOF }
	};
	struct engine_serves	 serves;
	struct engine_listen	 query;
	struct engine_bad	 bad;
	size_t			 i;

	begin_told();
	for (i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
		noted = 0;
		say_ref(notes[i].type, 0, 3);
		ATF_CHECK_EQ_MSG(notes[i].note, noted, "%s",
		    msg_name(notes[i].type));
	}
	/* Of one that ended, of one that has no channel, of none. */
	noted = 0;
	say_ref(IMSG_ENGINE_ONLINE, 0, 2);
	say_ref(IMSG_ENGINE_ONLINE, 1, 3);
	say_ref(IMSG_ENGINE_ONLINE, 5, 3);
	ATF_CHECK_EQ(0, noted);
	did[0] = '\0';
	memset(&serves, 0, sizeof(serves));
	serves.ref.generation = 3;
	say(IMSG_ENGINE_LISTENING, &serves, sizeof(serves));
	ATF_CHECK_STREQ("l", did);
	counts = 1;
	say(IMSG_ENGINE_LISTENING, &serves, sizeof(serves));
	ATF_CHECK_EQ(NOTE_LISTENING, noted);
	say(IMSG_ENGINE_CLOSED, &serves, sizeof(serves));
	memset(&query, 0, sizeof(query));
	query.ref.generation = 3;
	say(IMSG_ENGINE_LISTEN, &query, sizeof(query));
	memset(&bad, 0, sizeof(bad));
	bad.ref.generation = 3;
	say(IMSG_ENGINE_BAD, &bad, sizeof(bad));
	ATF_CHECK_EQ(NOTE_BAD, noted);
	ATF_CHECK_STREQ("llncqn", did);
	/* Only cluster workers may listen. */
	runs[0].worker = 0;
	say(IMSG_ENGINE_LISTEN, &query, sizeof(query));
	say(IMSG_ENGINE_LISTENING, &serves, sizeof(serves));
	ATF_CHECK_STREQ("llncqn", did);
	ATF_CHECK_EQ(1, starts);
	end();
}

ATF_TC_WITHOUT_HEAD(heard__notify);
ATF_TC_BODY(heard__notify, tc)
{
	struct {
		struct engine_ref	 ref;
		char			 text[4];
	} message = { { 0, 3 }, "[1]" };
	struct engine_notify	 n;

	begin_told();
	say(IMSG_ENGINE_MESSAGE, &message, sizeof(message) - 1);
	ATF_CHECK_STREQ("[1]", said);
	memset(&n, 0, sizeof(n));
	n.ref.generation = 3;
	n.flags = NOTIFY_READY | NOTIFY_EXTEND | NOTIFY_STATUS |
	    NOTIFY_WATCHDOG | NOTIFY_STOPPING;
	n.usec = 12;
	strlcpy(n.status, "warm", sizeof(n.status));
	did[0] = '\0';
	say(IMSG_ENGINE_NOTIFY, &n, sizeof(n));
	/* The watchdog's note was the end of that run: see above. */
	ATF_CHECK_STREQ("xn", did);
	ATF_CHECK_EQ(12, extended);
	ATF_CHECK_STREQ("warm", runs[0].status);
	end();
}

/* Each of these costs the engine its life, and nothing else. */
ATF_TC_WITHOUT_HEAD(heard__garbage);
ATF_TC_BODY(heard__garbage, tc)
{
	static struct engine_listen	 q;
	static struct engine_serves	 s;
	static struct engine_bad	 b;
	static struct engine_notify	 n;
	static struct engine_ready	 r;
	static char			 c[sizeof(struct engine_ref) +
					    SAY_MAX + 1];
	static const struct {
		uint32_t	 type;
		const void	*data;
		size_t		 len;
	} bad[] = {
		{ IMSG_ENGINE_ONLINE,	c, sizeof(struct engine_ref) - 1 },
		{ IMSG_ENGINE_ONLINE,	c, sizeof(struct engine_ref) + 1 },
		{ IMSG_ENGINE_MESSAGE,	c, sizeof(c) },
		{ IMSG_ENGINE_MESSAGE,	c, sizeof(struct engine_ref) - 1 },
		{ IMSG_ENGINE_WORKER,	c, sizeof(struct engine_worker) },
		{ 9999,			c, 0 },
		{ IMSG_ENGINE_LISTEN,	&q, sizeof(q) },
		{ IMSG_ENGINE_LISTENING, &s, sizeof(s) },
		{ IMSG_ENGINE_BAD,	&b, sizeof(b) },
		{ IMSG_ENGINE_NOTIFY,	&n, sizeof(n) },
		{ IMSG_ENGINE_READY,	&r, sizeof(r) }
	};
	size_t				 i;
	uint32_t			 was;

	memset(&b, 'b', sizeof(b));
	memset(&r, 'r', sizeof(r));
	r.sandbox[sizeof(r.sandbox) - 1] = '\0';
	r.sandbox[0] = '\033';
	q.type = LISTEN_NTYPES;
	s.port = 65536;
	n.flags = NOTIFY_STATUS;
	strlcpy(n.status, "\033[2J", sizeof(n.status));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		begin_told();
		was = starts;
		did[0] = '\0';
		ATF_REQUIRE_EQ(1, imsg_compose(&ib, bad[i].type, 0, 0, -1,
		    bad[i].data, bad[i].len));
		/* The rest of what it says does not count. */
		say_ref(IMSG_ENGINE_ONLINE, 0, 3);
		await_next(was + 1);
		ATF_CHECK_STREQ_MSG("", did, "case %zu", i);
		end();
	}
}

static int
open_fds(void)
{
	DIR	*dir;
	int	 n = 0;

	ATF_REQUIRE((dir = opendir("/proc/self/fd")) != NULL);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return (n);
}

/* Descriptors that are queued are ours: not all of them at once. */
ATF_TC_WITHOUT_HEAD(feed__many);
ATF_TC_BODY(feed__many, tc)
{
	int	 before, i, max = 0, n;

	begin(MANY);
	ATF_REQUIRE_EQ(0, engine_worker(NULL, &runs[0]));
	for (i = 0; i < MANY; i++) {
		runs[i].channel = runs[i].notify = STDIN_FILENO;
		runs[i].worker = 0;
		runs[i].engaged = 1;
	}
	kill_engine();
	before = open_fds();
	expect_conf(2, NULL);
	expect(IMSG_ENGINE_LISTENER);
	for (i = 0; i < MANY; i++) {
		expect(IMSG_ENGINE_WORKER);
		expect(IMSG_ENGINE_HEAR);
		if (i % 64 == 0 && (n = open_fds() - before) > max)
			max = n;
	}
	expect_nothing();
	ATF_CHECK_MSG(max < 1000, "%d descriptors were queued", max);
	/* As many that begin while the engine reads nothing. */
	for (i = 0; i < MANY; i++) {
		engine_forget(env.engine, &runs[i]);
		ATF_REQUIRE_EQ(0, engine_worker(env.engine, &runs[i]));
	}
	ATF_CHECK_MSG(open_fds() - before < 1000,
	    "%d descriptors were queued", open_fds() - before);
	for (i = 0, n = 0; i < 3 * MANY; i++)
		n += next(NULL, 0, NULL) == IMSG_ENGINE_WORKER;
	ATF_CHECK_EQ(MANY, n);
	expect_nothing();
	end();
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, start__with_the_first_worker);
	ATF_TP_ADD_TC(tp, died__next_is_told_all);
	ATF_TP_ADD_TC(tp, died__its_last_words_count);
	ATF_TP_ADD_TC(tp, died__disconnect_is_sent_once);
	ATF_TP_ADD_TC(tp, died__again_and_again);
	ATF_TP_ADD_TC(tp, estate__until_it_is_taken);
	ATF_TP_ADD_TC(tp, say__to_whom_it_can_be_said);
	ATF_TP_ADD_TC(tp, heard__notes);
	ATF_TP_ADD_TC(tp, heard__notify);
	ATF_TP_ADD_TC(tp, heard__garbage);
	ATF_TP_ADD_TC(tp, feed__many);
	return (atf_no_error());
}

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
 * Processes of long life.  Those that are started here only sleep; the test
 * has their end of the channel and speaks for them.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <atf-c.h>

#include "agent.h"
#include "life.h"
#include "places.h"
#include "proc.h"
#include "spawn.h"
#include "sys.h"

#define WAIT_MS		5000

static struct pm2d	 env;
static struct imsgbuf	 ib;		/* of the one started last */
static pid_t		 pid;
static int		 starts;
static char		 args[256];	/* with a blank behind each */
static int		 begun;
static int		 messages;

/* ---- instead of what is around agent.c ---- */

int
logd_hasuser(const char *name)
{
	ATF_CHECK_STREQ("_pm2d", name);
	return (1);
}

int
places_dir(const struct pm2d *e, enum place place, char *buf, size_t size)
{
	(void)e;
	(void)place;
	return (strlcpy(buf, "/", size) >= size ? -1 : 0);
}

void
life_timer(struct event *ev, uint64_t ms)
{
	struct timeval	 tv;

	tv.tv_sec = ms / 1000;
	tv.tv_usec = ms % 1000 * 1000;
	evtimer_add(ev, &tv);
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

int
proc_start(const struct proc_child *pc, pid_t *pidp, int *pidfdp)
{
	int	 i, sv[2];

	/* The ends of those before stay open: they may live yet. */
	if (starts++ > 0)
		imsgbuf_clear(&ib);
	args[0] = '\0';
	for (i = 0; pc->argv[i] != NULL; i++) {
		(void)strlcat(args, pc->argv[i], sizeof(args));
		(void)strlcat(args, " ", sizeof(args));
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
	*pidp = pid;
	ATF_REQUIRE((*pidfdp = sys_pidfd_open(pid, 0)) != -1);
	return (sv[0]);
}

/* ---- the kind ---- */

static void
kind_begun(struct agent *a)
{
	(void)a;
	begun++;
}

static int
kind_message(struct agent *a, struct imsg *imsg)
{
	(void)a;
	messages++;
	return (imsg_get_type(imsg) == IMSG_WATCH_ON ? 0 : -1);
}

static const struct agent_kind	 own = {
	"tester", "test", "/bin/true", "-x", NULL, 0, IMSG_WATCH_READY,
	kind_begun, kind_message
};
static const struct agent_kind	 shared = {
	"tester", "test", "/bin/true", NULL, "_pm2d", 0, IMSG_WATCH_READY,
	kind_begun, kind_message
};

/* ---- turns ---- */

static void
begin(uid_t uid)
{
	memset(&env, 0, sizeof(env));
	env.uid = uid;
	ATF_REQUIRE((env.base = event_base_new()) != NULL);
	starts = begun = messages = 0;
	agent_init(&env);
}

static void
turn(void)
{
	struct timeval	 tv = { 0, 20000 };

	event_base_loopexit(env.base, &tv);
	event_base_dispatch(env.base);
}

#define UNTIL(what) do {						\
	int	 left_ = WAIT_MS / 20;					\
									\
	while (!(what) && left_-- > 0)					\
		turn();							\
	ATF_REQUIRE_MSG(what, "in vain: %s", #what);			\
} while (0)

static struct ids
user(uid_t uid)
{
	struct ids	 ids;

	memset(&ids, 0, sizeof(ids));
	ids.uid = uid;
	ids.gid = uid;
	ids.change = 1;
	ids.ngroups = 2;
	ids.groups[0] = uid;
	ids.groups[1] = 7;
	return (ids);
}

static void
say(uint32_t type, const void *data, size_t len)
{
	ATF_REQUIRE_EQ(1, imsg_compose(&ib, type, 0, 0, -1, data, len));
	ATF_REQUIRE_EQ(0, imsgbuf_write(&ib));
}

static void
end(void)
{
	kill(pid, SIGKILL);
	agent_exit(&env);
	event_base_free(env.base);
}

/* ---- the tests ---- */

ATF_TC_WITHOUT_HEAD(get__one_for_each_user);
ATF_TC_BODY(get__one_for_each_user, tc)
{
	struct ids	 a = user(1000), b = user(1001);
	struct agent	*first, *second;

	begin(0);
	ATF_REQUIRE((first = agent_get(&env, &own, &a)) != NULL);
	ATF_CHECK_EQ(first, agent_get(&env, &own, &a));
	UNTIL(begun == 1);
	ATF_CHECK_STREQ("/bin/true -x -i 1000,1000,1000,7 ", args);
	ATF_REQUIRE((second = agent_get(&env, &own, &b)) != NULL);
	ATF_CHECK(first != second);
	a.groups[1] = 8;
	ATF_CHECK_MSG(agent_get(&env, &own, &a) != first, "other groups");
	UNTIL(begun == 3);
	ATF_CHECK_EQ(1, agent_ispid(&env, pid));
	ATF_CHECK_EQ(0, agent_ispid(&env, getpid()));
	end();
}

ATF_TC_WITHOUT_HEAD(get__one_for_all);
ATF_TC_BODY(get__one_for_all, tc)
{
	struct ids	 a = user(1000), b = user(1001);
	struct agent	*first;

	begin(0);
	ATF_REQUIRE((first = agent_get(&env, &shared, &a)) != NULL);
	ATF_CHECK_EQ(first, agent_get(&env, &shared, &b));
	UNTIL(begun == 1);
	ATF_CHECK_STREQ("/bin/true -u _pm2d ", args);
	end();
}

ATF_TC_WITHOUT_HEAD(get__of_an_ordinary_user);
ATF_TC_BODY(get__of_an_ordinary_user, tc)
{
	struct ids	 self = user(1000);

	self.change = 0;
	begin(1000);
	ATF_REQUIRE(agent_get(&env, &own, &self) != NULL);
	UNTIL(begun == 1);
	ATF_CHECK_STREQ("/bin/true -x ", args);
	end();
}

ATF_TC_WITHOUT_HEAD(put__ends_it);
ATF_TC_BODY(put__ends_it, tc)
{
	struct ids	 a = user(1000);
	struct agent	*agent;
	pid_t		 old;

	begin(0);
	agent = agent_get(&env, &own, &a);
	agent_get(&env, &own, &a);
	UNTIL(begun == 1);
	old = pid;
	agent_put(agent);
	turn();
	ATF_CHECK_EQ(1, agent_live(agent));
	agent_put(agent);
	/* It does not heed the end of its channel: it is killed. */
	ATF_CHECK_MSG(agent_get(&env, &own, &a) != agent, "one that goes");
	UNTIL(begun == 2);
	UNTIL(!agent_ispid(&env, old));
	ATF_CHECK_EQ(-1, kill(old, 0));
	end();
}

ATF_TC_WITHOUT_HEAD(put__before_it_began);
ATF_TC_BODY(put__before_it_began, tc)
{
	struct ids	 a = user(1000);

	begin(0);
	agent_put(agent_get(&env, &own, &a));
	turn();
	turn();
	ATF_CHECK_EQ(0, starts);
	agent_exit(&env);
	event_base_free(env.base);
}

ATF_TC_WITHOUT_HEAD(life__another_one_comes);
ATF_TC_BODY(life__another_one_comes, tc)
{
	struct ids	 a = user(1000);
	struct agent	*agent;

	begin(0);
	agent = agent_get(&env, &own, &a);
	UNTIL(begun == 1);
	kill(pid, SIGKILL);
	UNTIL(begun == 2);
	ATF_CHECK_EQ(1, agent_live(agent));
	ATF_CHECK_EQ(0, agent_ready(agent));
	end();
}

ATF_TC_WITHOUT_HEAD(message__ready);
ATF_TC_BODY(message__ready, tc)
{
	struct agent_ready	 ready;
	struct watch_on		 on;
	struct ids		 a = user(1000);
	struct agent		*agent;

	begin(0);
	agent = agent_get(&env, &own, &a);
	UNTIL(begun == 1);
	memset(&ready, 'x', sizeof(ready));
	say(IMSG_WATCH_READY, &ready, sizeof(ready));
	UNTIL(agent_ready(agent));
	memset(&on, 0, sizeof(on));
	say(IMSG_WATCH_ON, &on, sizeof(on));
	UNTIL(messages == 1);
	ATF_CHECK_EQ(1, begun);
	end();
}

/* Garbage costs the one that sent it, and nobody else. */
ATF_TC_WITHOUT_HEAD(message__garbage);
ATF_TC_BODY(message__garbage, tc)
{
	static const char	 noise[64] = "\xff\xff\xff\xff\xff\xff\xff";
	struct ids		 a = user(1000);
	struct agent		*agent;

	begin(0);
	agent = agent_get(&env, &own, &a);
	UNTIL(begun == 1);
	say(IMSG_CTL_KILL, NULL, 0);
	say(IMSG_WATCH_ON, NULL, 0);
	UNTIL(begun == 2);
	ATF_CHECK_EQ_MSG(1, messages, "what came behind it was heard");
	say(IMSG_WATCH_READY, noise, 3);
	UNTIL(begun == 3);
	ATF_REQUIRE_EQ((ssize_t)sizeof(noise), write(ib.fd, noise,
	    sizeof(noise)));
	UNTIL(begun == 4);
	close(ib.fd);
	ib.fd = dup(STDIN_FILENO);
	UNTIL(begun == 5);
	ATF_CHECK_EQ(1, agent_live(agent));
	end();
}

/* One that does not read is of no use; it costs so much and no more. */
ATF_TC_WITHOUT_HEAD(compose__bounded);
ATF_TC_BODY(compose__bounded, tc)
{
	static char	 block[8192];
	struct ids	 a = user(1000);
	struct agent	*agent;
	int		 i;

	begin(0);
	agent = agent_get(&env, &own, &a);
	ATF_CHECK_EQ_MSG(0, agent_compose(agent, IMSG_WATCH_ADD, block, 1),
	    "before it began");
	UNTIL(begun == 1);
	for (i = 0; i < 100000; i++)
		if (agent_compose(agent, IMSG_WATCH_ADD, block,
		    sizeof(block)) == -1)
			break;
	ATF_CHECK_MSG(i < 100000, "no bound");
	UNTIL(begun == 2);
	end();
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, get__one_for_each_user);
	ATF_TP_ADD_TC(tp, get__one_for_all);
	ATF_TP_ADD_TC(tp, get__of_an_ordinary_user);
	ATF_TP_ADD_TC(tp, put__ends_it);
	ATF_TP_ADD_TC(tp, put__before_it_began);
	ATF_TP_ADD_TC(tp, life__another_one_comes);
	ATF_TP_ADD_TC(tp, message__ready);
	ATF_TP_ADD_TC(tp, message__garbage);
	ATF_TP_ADD_TC(tp, compose__bounded);
	return (atf_no_error());
}

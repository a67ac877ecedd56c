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
 * The parent's side of pm2d.conf(5), with readers that are good, broken or
 * somebody else's: this program's proc_start() is linked instead of the real
 * one, and its children say what a case wants.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <atf-c.h>

#include "conf.h"
#include "imsg.h"
#include "log.h"
#include "msg.h"
#include "parent.h"
#include "proc.h"

typedef void	(role)(struct imsgbuf *);

static role	*roles[4];	/* of the readers, one after the other */
static int	 nstarted;
static int	 hear(struct imsgbuf *, struct conf_include *);
static struct conf_include	 first;
static char	 said[65536];
static uint32_t	 nsaid;

static struct conf_begin	 begin;
static struct conf_rule		 rule;
static struct conf_limit	 limit;
static struct conf_boot		 boot;

int
logd_hasuser(const char *name)
{
	(void)name;
	return (0);
}

int
proc_start(const struct proc_child *pc, pid_t *pidp, int *pidfdp)
{
	struct imsgbuf	 ibuf;
	int		 fds[2];

	(void)pc;
	ATF_REQUIRE_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    fds));
	ATF_REQUIRE((*pidp = fork()) != -1);
	if (*pidp == 0) {
		close(fds[0]);
		if (imsgbuf_init(&ibuf, fds[1]) == -1)
			_exit(1);
		imsgbuf_allow_fdpass(&ibuf);
		(void)hear(&ibuf, &first);	/* as all readers do */
		roles[nstarted](&ibuf);
		(void)imsgbuf_flush(&ibuf);
		_exit(0);
	}
	nstarted++;
	close(fds[1]);
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	*pidfdp = (int)syscall(SYS_pidfd_open, *pidp, 0);
	return (fds[0]);
}

/* ---- what readers say ---- */

static void
say(struct imsgbuf *ibuf, uint32_t type, const void *data, size_t len)
{
	if (imsg_compose(ibuf, type, 0, 0, -1, data, len) == -1 ||
	    imsgbuf_flush(ibuf) == -1)
		_exit(1);
}

/* What the parent says; its descriptor. */
static int
hear(struct imsgbuf *ibuf, struct conf_include *ci)
{
	struct imsg	 imsg;
	int		 fd, n;

	while ((n = imsgbuf_get(ibuf, &imsg)) == 0) {
		if (imsgbuf_read(ibuf) != 1)
			_exit(1);
	}
	if (n == -1 || imsg_get_type(&imsg) != IMSG_CONF_INCLUDE ||
	    imsg_get_data(&imsg, ci, sizeof(*ci)) == -1)
		_exit(1);
	fd = imsg_get_fd(&imsg);
	imsg_free(&imsg);
	return (fd);
}

static void
say_all(struct imsgbuf *ibuf)
{
	say(ibuf, IMSG_CONF_BEGIN, &begin, sizeof(begin));
	say(ibuf, IMSG_CONF_RULE, &rule, sizeof(rule));
	say(ibuf, IMSG_CONF_LIMIT, &limit, sizeof(limit));
	say(ibuf, IMSG_CONF_BOOT, &boot, sizeof(boot));
	say(ibuf, IMSG_CONF_END, NULL, 0);
}

static void
good_ones(void)
{
	memset(&begin, 0, sizeof(begin));
	memset(&rule, 0, sizeof(rule));
	memset(&limit, 0, sizeof(limit));
	memset(&boot, 0, sizeof(boot));
	begin.socket_mode = 0660;
	begin.socket_gid = UINT32_MAX;
	strlcpy(begin.socket, "/run/s", sizeof(begin.socket));
	strlcpy(begin.statedir, "/var/s", sizeof(begin.statedir));
	strlcpy(begin.logdir, "/var/l", sizeof(begin.logdir));
	rule.permit = 1;
	rule.line = 3;
	rule.verbs = PERM_ALL;
	rule.whokind = WHO_USER;
	rule.who = 1000;
	strlcpy(rule.cmd, "/bin/x", sizeof(rule.cmd));
	limit.whokind = WHO_GROUP;
	limit.who = 7;
	limit.apps = 3;
	limit.connections = 1;
	limit.set = LIMIT_APPS;
	boot.uid = 1000;
	strlcpy(boot.name, "alice", sizeof(boot.name));
}

/* ---- the parent ---- */

static void
heard(uint32_t level, const char *text)
{
	(void)level;
	nsaid++;
	strlcat(said, text, sizeof(said));
	strlcat(said, "\n", sizeof(said));
}

static const char *
conf_file(mode_t mode)
{
	static char	 path[4096];
	char		 cwd[2048];
	int		 fd;

	ATF_REQUIRE(getcwd(cwd, sizeof(cwd)) != NULL);
	snprintf(path, sizeof(path), "%s/pm2d.conf", cwd);
	(void)unlink(path);
	ATF_REQUIRE((fd = open(path, O_WRONLY | O_CREAT, 0600)) != -1);
	ATF_REQUIRE_EQ(7, write(fd, "# text\n", 7));
	ATF_REQUIRE_EQ(0, fchmod(fd, mode));
	close(fd);
	return (path);
}

static struct conf *
load(role *r)
{
	roles[0] = r;
	nstarted = 0;
	nsaid = 0;
	said[0] = '\0';
	return (conf_readsay(conf_file(0600), heard));
}

/* It is refused, and these words are said. */
static void
refused(role *r, const char *words)
{
	struct conf	*conf = load(r);

	ATF_CHECK_MSG(conf == NULL, "%s", words);
	conf_free(conf);
	ATF_CHECK_MSG(strstr(said, words) != NULL, "%s, not %s", said, words);
	ATF_CHECK_EQ(-1, waitpid(-1, NULL, WNOHANG));
	ATF_CHECK_EQ(ECHILD, errno);
}

static const char	 cannot[] = "said what cannot be";

ATF_TC_WITHOUT_HEAD(good__all_of_it);
ATF_TC_BODY(good__all_of_it, tc)
{
	struct conf	*conf;

	good_ones();
	ATF_REQUIRE_MSG((conf = load(say_all)) != NULL, "%s", said);
	ATF_CHECK_STREQ("", said);
	ATF_CHECK_EQ(0, memcmp(&begin, &conf->begin, sizeof(begin)));
	ATF_REQUIRE_EQ(1, conf->nrules);
	ATF_CHECK_EQ(0, memcmp(&rule, &conf->rules[0], sizeof(rule)));
	ATF_REQUIRE_EQ(1, conf->nlimits);
	ATF_CHECK_EQ(0, memcmp(&limit, &conf->limits[0], sizeof(limit)));
	ATF_REQUIRE_EQ(1, conf->nboot);
	ATF_CHECK_EQ(0, memcmp(&boot, &conf->boot[0], sizeof(boot)));
	ATF_REQUIRE_EQ(1, conf->nfiles);
	ATF_CHECK(strstr(conf->files[0], "/pm2d.conf") != NULL);
	conf_free(conf);
}

static void
many_rules(struct imsgbuf *ibuf)
{
	int	 i;

	say(ibuf, IMSG_CONF_BEGIN, &begin, sizeof(begin));
	for (i = 0; i < CONF_MAXRULES; i++)
		say(ibuf, IMSG_CONF_RULE, &rule, sizeof(rule));
	say(ibuf, IMSG_CONF_END, NULL, 0);
}

static void
too_many_rules(struct imsgbuf *ibuf)
{
	int	 i;

	say(ibuf, IMSG_CONF_BEGIN, &begin, sizeof(begin));
	for (i = 0; i <= CONF_MAXRULES; i++)
		say(ibuf, IMSG_CONF_RULE, &rule, sizeof(rule));
	say(ibuf, IMSG_CONF_END, NULL, 0);
}

ATF_TC_WITHOUT_HEAD(rules__so_many_and_no_more);
ATF_TC_BODY(rules__so_many_and_no_more, tc)
{
	struct conf	*conf;

	good_ones();
	ATF_REQUIRE_MSG((conf = load(many_rules)) != NULL, "%s", said);
	ATF_CHECK_EQ(CONF_MAXRULES, conf->nrules);
	conf_free(conf);
	refused(too_many_rules, cannot);
}

/* ---- readers that end ---- */

static void
nothing(struct imsgbuf *ibuf)
{
	(void)ibuf;
}

static void
half(struct imsgbuf *ibuf)
{
	say(ibuf, IMSG_CONF_BEGIN, &begin, sizeof(begin));
	say(ibuf, IMSG_CONF_RULE, &rule, sizeof(rule));
}

static void
killed(struct imsgbuf *ibuf)
{
	half(ibuf);
	kill(getpid(), SIGKILL);
}

static void
torn(struct imsgbuf *ibuf)
{
	struct imsg_hdr	 hdr = { IMSG_CONF_END, sizeof(hdr) + 100, 0, 0 };

	(void)!write(ibuf->fd, &hdr, sizeof(hdr));
}

static void
garbage(struct imsgbuf *ibuf)
{
	(void)!write(ibuf->fd, "GET / HTTP/1.0\r\n\r\nabcdefghijklmnop", 34);
	pause();
}

ATF_TC_WITHOUT_HEAD(reader__ends_early);
ATF_TC_BODY(reader__ends_early, tc)
{
	good_ones();
	refused(nothing, "pm2d.conf: the process that reads it has ended");
	refused(half, "has ended");
	refused(killed, "has ended");
	refused(torn, "pm2d.conf: ");
	refused(garbage, "pm2d.conf: ");
}

/* ---- mistakes ---- */

static void
two_mistakes(struct imsgbuf *ibuf)
{
	say(ibuf, IMSG_CONF_ERROR, "a:1: b", 6);
	say(ibuf, IMSG_CONF_ERROR, "a:2: \033[31m\n", 11);
}

static void
mistake_and_all(struct imsgbuf *ibuf)
{
	say(ibuf, IMSG_CONF_ERROR, "a:1: b", 6);
	say_all(ibuf);
}

static void
long_mistake(struct imsgbuf *ibuf)
{
	static char	 text[CONF_MAXTEXT + 1];

	memset(text, 'x', sizeof(text));
	say(ibuf, IMSG_CONF_ERROR, text, sizeof(text));
}

static void
endless_mistakes(struct imsgbuf *ibuf)
{
	for (;;)
		say(ibuf, IMSG_CONF_ERROR, "x", 1);
}

ATF_TC_WITHOUT_HEAD(mistakes__told_and_refused);
ATF_TC_BODY(mistakes__told_and_refused, tc)
{
	good_ones();
	refused(two_mistakes, "a:1: b\na:2: ?[31m?\n");
	ATF_CHECK_EQ(2, nsaid);
	refused(mistake_and_all, "a:1: b\n");
	refused(long_mistake, cannot);
	refused(endless_mistakes, cannot);
	ATF_CHECK(nsaid < 1000);
}

/* ---- what cannot be ---- */

static void
rule_first(struct imsgbuf *ibuf)
{
	say(ibuf, IMSG_CONF_RULE, &rule, sizeof(rule));
	say_all(ibuf);
}

static void
end_first(struct imsgbuf *ibuf)
{
	say(ibuf, IMSG_CONF_END, NULL, 0);
}

static void
begin_twice(struct imsgbuf *ibuf)
{
	say(ibuf, IMSG_CONF_BEGIN, &begin, sizeof(begin));
	say_all(ibuf);
}

static void
end_with_more(struct imsgbuf *ibuf)
{
	say(ibuf, IMSG_CONF_BEGIN, &begin, sizeof(begin));
	say(ibuf, IMSG_CONF_END, "x", 1);
}

static void
begin_short(struct imsgbuf *ibuf)
{
	say(ibuf, IMSG_CONF_BEGIN, &begin, sizeof(begin) - 1);
}

static void
rule_long(struct imsgbuf *ibuf)
{
	static char	 text[sizeof(rule) + 1];

	say(ibuf, IMSG_CONF_BEGIN, &begin, sizeof(begin));
	memcpy(text, &rule, sizeof(rule));
	say(ibuf, IMSG_CONF_RULE, text, sizeof(text));
}

static void
another_message(struct imsgbuf *ibuf)
{
	say(ibuf, IMSG_CTL_KILL, NULL, 0);
}

static void
late_include(struct imsgbuf *ibuf)
{
	static struct conf_include	 ci = { "/etc/passwd" };

	say(ibuf, IMSG_CONF_BEGIN, &begin, sizeof(begin));
	say(ibuf, IMSG_CONF_INCLUDE, &ci, sizeof(ci));
}

static void
relative_include(struct imsgbuf *ibuf)
{
	static struct conf_include	 ci = { "pm2d.conf" };

	say(ibuf, IMSG_CONF_INCLUDE, &ci, sizeof(ci));
}

static void
endless_include(struct imsgbuf *ibuf)
{
	static struct conf_include	 ci;

	memset(&ci, 'a', sizeof(ci));
	ci.path[0] = '/';
	say(ibuf, IMSG_CONF_INCLUDE, &ci, sizeof(ci));
}

static void
many_includes(struct imsgbuf *ibuf)
{
	static struct conf_include	 ci, answer;
	int				 fd, i;

	ci = first;		/* the same file, again and again */
	for (i = 0; i < CONF_MAXFILES + 1; i++) {
		say(ibuf, IMSG_CONF_INCLUDE, &ci, sizeof(ci));
		if ((fd = hear(ibuf, &answer)) == -1)
			_exit(1);
		close(fd);
	}
}

ATF_TC_WITHOUT_HEAD(messages__out_of_place);
ATF_TC_BODY(messages__out_of_place, tc)
{
	role *const	 bad[] = {
		rule_first, end_first, begin_twice, end_with_more, begin_short,
		rule_long, another_message, late_include, relative_include,
		endless_include, many_includes
	};
	size_t		 i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		good_ones();
		refused(bad[i], cannot);
	}
}

#define BAD(what)	do {				\
	good_ones();					\
	what;						\
	refused(say_all, cannot);			\
} while (0)

ATF_TC_WITHOUT_HEAD(records__out_of_range);
ATF_TC_BODY(records__out_of_range, tc)
{
	BAD(memset(begin.socket, 'a', sizeof(begin.socket)));
	BAD(begin.socket[0] = '\0');
	BAD(strlcpy(begin.statedir, "var", sizeof(begin.statedir)));
	BAD(memset(begin.logdir, '/', sizeof(begin.logdir)));
	BAD(strlcpy(begin.logdir, "/a/../b", sizeof(begin.logdir)));
	BAD(memset(begin.webaddr, '1', sizeof(begin.webaddr)));
	BAD(begin.webport = 80);
	BAD(strlcpy(begin.webaddr, "::1", sizeof(begin.webaddr)));
	BAD(begin.socket_mode = 04666);
	BAD(rule.permit = 2);
	BAD(rule.whokind = WHO_GROUP + 1);
	BAD(rule.whokind = WHO_ALL);
	BAD(rule.who = UINT32_MAX);
	BAD(rule.targetkind = TARGET_USER + 1);
	BAD(rule.target = 5);
	BAD((rule.targetkind = TARGET_USER, rule.target = UINT32_MAX));
	BAD(rule.line = 0);
	BAD(rule.file = 1);
	BAD(rule.verbs = 0);
	BAD(rule.verbs = PERM_BIT(PERM_NOPS));
	BAD(rule.port = 80);
	BAD(rule.port_last = 80);
	BAD((rule.verbs = 0, rule.port = 80, rule.port_last = 79));
	BAD((rule.verbs = 0, rule.port = rule.port_last = 80));
	BAD(memset(rule.cmd, '/', sizeof(rule.cmd)));
	BAD(strlcpy(rule.cmd, "sh", sizeof(rule.cmd)));
	BAD(limit.set = 0);
	BAD(limit.set = 16);
	BAD(limit.whokind = 3);
	BAD(limit.who = UINT32_MAX);
	BAD(limit.connections = 0);
	BAD(boot.uid = UINT32_MAX);
	BAD(memset(boot.name, 'a', sizeof(boot.name)));
	BAD(boot.name[0] = '\0');
	BAD(strlcpy(boot.name, "../x", sizeof(boot.name)));
}

/* ---- files ---- */

static char	 include_path[4096];

static void
include_one(struct imsgbuf *ibuf)
{
	static struct conf_include	 ci, answer;
	char				 text[CONF_MAXTEXT];
	int				 fd;

	strlcpy(ci.path, include_path, sizeof(ci.path));
	say(ibuf, IMSG_CONF_INCLUDE, &ci, sizeof(ci));
	fd = hear(ibuf, &answer);
	if (fd == -1) {
		snprintf(text, sizeof(text), "reason: %.200s", answer.path);
		say(ibuf, IMSG_CONF_ERROR, text, strlen(text));
		return;
	}
	rule.file = 1;
	say_all(ibuf);
}

ATF_TC_WITHOUT_HEAD(include__opened_if_it_is_roots);
ATF_TC_BODY(include__opened_if_it_is_roots, tc)
{
	struct conf	*conf;

	good_ones();
	strlcpy(include_path, "/etc/passwd", sizeof(include_path));
	ATF_REQUIRE_MSG((conf = load(include_one)) != NULL, "%s", said);
	ATF_CHECK_EQ(2, conf->nfiles);
	ATF_CHECK_STREQ("/etc/passwd", conf->files[1]);
	ATF_CHECK_EQ(1, conf->rules[0].file);
	conf_free(conf);
	strlcpy(include_path, "/etc", sizeof(include_path));
	refused(include_one, "reason: is no regular file");
	strlcpy(include_path, "/dev/null", sizeof(include_path));
	refused(include_one, "reason: is no regular file");
	strlcpy(include_path, "/nonexistent", sizeof(include_path));
	refused(include_one, "reason: No such file");
	strlcpy(include_path, "/proc/self/exe", sizeof(include_path));
	refused(include_one, "reason: is a symbolic link");
}

ATF_TC_WITHOUT_HEAD(file__that_others_could_write);
ATF_TC_BODY(file__that_others_could_write, tc)
{
	static const mode_t	 modes[] = { 0620, 0602, 0666 };
	const char		*path;
	size_t			 i;

	good_ones();
	roles[0] = say_all;
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		said[0] = '\0';
		nstarted = 0;
		path = conf_file(modes[i]);
		ATF_CHECK(conf_readsay(path, heard) == NULL);
		ATF_CHECK_MSG(strstr(said, "can be written by others") !=
		    NULL, "%s", said);
		ATF_CHECK_EQ(0, nstarted);
	}
	path = conf_file(0644);
	ATF_REQUIRE_EQ(0, rename(path, "other"));
	ATF_REQUIRE_EQ(0, symlink("other", path));
	said[0] = '\0';
	ATF_CHECK(conf_readsay(path, heard) == NULL);
	ATF_CHECK_MSG(strstr(said, "is a symbolic link") != NULL, "%s", said);
	said[0] = '\0';
	ATF_REQUIRE_EQ(0, unlink(path));
	ATF_CHECK(conf_readsay(path, heard) == NULL);
	ATF_CHECK_MSG(strstr(said, "No such file") != NULL, "%s", said);
	/* a pipe that nobody writes to does not keep us waiting */
	ATF_REQUIRE_EQ(0, mkfifo(path, 0600));
	said[0] = '\0';
	ATF_CHECK(conf_readsay(path, heard) == NULL);
	ATF_CHECK_MSG(strstr(said, "no regular file") != NULL, "%s", said);
	ATF_CHECK_EQ(0, nstarted);
}

ATF_TC(file__of_another_user);
ATF_TC_HEAD(file__of_another_user, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(file__of_another_user, tc)
{
	const char	*path = conf_file(0644);

	ATF_REQUIRE_EQ(0, chown(path, 65534, 65534));
	ATF_CHECK(conf_readsay(path, heard) == NULL);
	ATF_CHECK_MSG(strstr(said, "belongs to user 65534, and is to be "
	    "root's") != NULL, "%s", said);
}

/* ---- from the event loop ---- */

static struct pm2d	 env;
static int		 ndone;
static void		*done_arg;
static struct conf	*done_conf;

static void
done(void *arg, struct conf *conf)
{
	ndone++;
	done_arg = arg;
	done_conf = conf;
	event_base_loopbreak(env.base);
}

static void
hang(struct imsgbuf *ibuf)
{
	half(ibuf);
	pause();
}

ATF_TC_WITHOUT_HEAD(load__asked_again_meanwhile);
ATF_TC_BODY(load__asked_again_meanwhile, tc)
{
	const char	*path = conf_file(0600);
	int		 a, b;

	good_ones();
	ATF_REQUIRE((env.base = event_base_new()) != NULL);
	roles[0] = hang;
	roles[1] = say_all;
	ATF_REQUIRE_EQ(0, conf_load(&env, path, done, &a));
	ATF_CHECK(!conf_ispid(getpid()));
	/* it is under way when it is asked for anew, twice */
	ATF_REQUIRE_EQ(0, event_base_loop(env.base, EVLOOP_ONCE));
	ATF_REQUIRE_EQ(0, conf_load(&env, path, done, &b));
	ATF_REQUIRE_EQ(0, conf_load(&env, path, done, &b));
	event_base_dispatch(env.base);
	ATF_CHECK_EQ(1, ndone);
	ATF_CHECK(done_arg == &b);
	ATF_REQUIRE(done_conf != NULL);
	ATF_CHECK_EQ(1, done_conf->nrules);
	ATF_CHECK_EQ(2, nstarted);
	conf_free(done_conf);

	/* then the file is gone: the second one is told so, not the first */
	roles[2] = hang;
	ATF_REQUIRE_EQ(0, conf_load(&env, path, done, &a));
	ATF_REQUIRE_EQ(0, conf_load(&env, "/nonexistent", done, &b));
	event_base_dispatch(env.base);
	ATF_CHECK_EQ(2, ndone);
	ATF_CHECK(done_conf == NULL && done_arg == &b);

	ATF_CHECK_EQ(-1, conf_load(&env, "/nonexistent", done, &a));
	ATF_CHECK_EQ(2, ndone);
	event_base_free(env.base);
}

ATF_TC_WITHOUT_HEAD(cancel__nothing_is_left);
ATF_TC_BODY(cancel__nothing_is_left, tc)
{
	const char	*path = conf_file(0600);
	int		 a;

	good_ones();
	ATF_REQUIRE((env.base = event_base_new()) != NULL);
	conf_cancel();
	roles[0] = hang;
	roles[1] = say_all;
	ATF_REQUIRE_EQ(0, conf_load(&env, path, done, &a));
	ATF_REQUIRE_EQ(0, event_base_loop(env.base, EVLOOP_ONCE));
	conf_cancel();
	ATF_CHECK_EQ(-1, waitpid(-1, NULL, WNOHANG));
	ATF_CHECK_EQ(ECHILD, errno);
	ATF_CHECK_EQ(1, event_base_loop(env.base, EVLOOP_NONBLOCK));
	ATF_CHECK_EQ(0, ndone);
	/* and it can begin anew */
	ATF_REQUIRE_EQ(0, conf_load(&env, path, done, &a));
	event_base_dispatch(env.base);
	ATF_CHECK_EQ(1, ndone);
	ATF_CHECK(done_conf != NULL);
	conf_free(done_conf);
	event_base_free(env.base);
}

ATF_TP_ADD_TCS(tp)
{
	log_init(LOG_TO_STDERR, 0);
	ATF_TP_ADD_TC(tp, good__all_of_it);
	ATF_TP_ADD_TC(tp, rules__so_many_and_no_more);
	ATF_TP_ADD_TC(tp, reader__ends_early);
	ATF_TP_ADD_TC(tp, mistakes__told_and_refused);
	ATF_TP_ADD_TC(tp, messages__out_of_place);
	ATF_TP_ADD_TC(tp, records__out_of_range);
	ATF_TP_ADD_TC(tp, include__opened_if_it_is_roots);
	ATF_TP_ADD_TC(tp, file__that_others_could_write);
	ATF_TP_ADD_TC(tp, file__of_another_user);
	ATF_TP_ADD_TC(tp, load__asked_again_meanwhile);
	ATF_TP_ADD_TC(tp, cancel__nothing_is_left);
	return (atf_no_error());
}

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
 * pm2ctl logs against a pm2d and a pm2logd that the test plays itself.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "logs_follow.h"
#include "pm2ctl.h"

#define S(s)	((char *)(uintptr_t)(s))

struct play {
	struct imsgbuf	 ctl;		/* our end of the control socket */
	struct imsgbuf	 log;		/* and of the follower's */
	struct ctl_logs	 asked;		/* the last LOGS */
	uint32_t	 id;		/* its first id */
	int		 out;		/* what the command prints */
	int		 errs;
	pid_t		 pid;
	int		 refuse;	/* so many LOGS */
	const char	*names[4];	/* of the apps, by id */
	char		 text[65536];	/* printed so far */
	size_t		 len;
};

static int
run_command(int fd, struct options *opt, char **words)
{
	struct ctl	 ctl;
	int		 n;

	memset(&ctl, 0, sizeof(ctl));
	ctl.opt = opt;
	say_init(opt);
	if (client_attach(&ctl.client, fd, "/home") != CLIENT_OK)
		return (9);
	for (n = 0; words[n] != NULL; n++)
		;
	return (cmd_logs(&ctl, n, words));
}

/* Fork the command; its stdout is a terminal or a pipe. */
static void
play_begin(struct play *p, struct options *opt, char **words, int terminal)
{
	int	 sv[2], out[2], errs[2];

	memset(p, 0, sizeof(*p));
	p->names[0] = "api";
	p->names[1] = "worker";
	ATF_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    sv) == 0);
	ATF_REQUIRE(pipe2(errs, O_CLOEXEC) == 0);
	if (terminal) {
		ATF_REQUIRE((out[0] = posix_openpt(O_RDWR | O_NOCTTY)) != -1);
		ATF_REQUIRE(grantpt(out[0]) == 0 && unlockpt(out[0]) == 0);
		out[1] = open(ptsname(out[0]), O_RDWR | O_NOCTTY);
		ATF_REQUIRE(out[1] != -1);
	} else
		ATF_REQUIRE(pipe2(out, O_CLOEXEC) == 0);
	ATF_REQUIRE((p->pid = fork()) != -1);
	if (p->pid == 0) {
		(void)dup2(out[1], STDOUT_FILENO);
		(void)dup2(errs[1], STDERR_FILENO);
		(void)close(sv[0]);
		(void)close(out[0]);
		(void)close(out[1]);
		_exit(run_command(sv[1], opt, words));
	}
	(void)close(sv[1]);
	(void)close(out[1]);
	(void)close(errs[1]);
	p->out = out[0];
	p->errs = errs[0];
	ATF_REQUIRE(imsgbuf_init(&p->ctl, sv[0]) == 0);
	imsgbuf_allow_fdpass(&p->ctl);
}

static void
send_result(struct play *p, uint32_t req, uint32_t code)
{
	struct ctl_result	 res;

	memset(&res, 0, sizeof(res));
	res.code = code;
	ATF_REQUIRE(imsg_compose(&p->ctl, IMSG_CTL_RESULT, req, 0, -1, &res,
	    sizeof(res)) == 1);
	ATF_REQUIRE(imsgbuf_flush(&p->ctl) == 0);
}

static void
answer_list(struct play *p, struct imsg *imsg)
{
	struct ctl_appinfo	 info;
	struct ctl_list		 list;
	struct ibuf		*buf;
	uint32_t		 id;

	ATF_REQUIRE(imsg_get_data(imsg, &list, sizeof(list)) == 0);
	for (id = 0; id < 4; id++) {
		if (p->names[id] == NULL ||
		    (list.id != APP_ID_ALL && list.id != id))
			continue;
		memset(&info, 0, sizeof(info));
		info.fix.id = id;
		info.name = S(p->names[id]);
		info.script = info.interpreter = info.cwd = info.out =
		    info.err = info.pidfile = info.user = info.namespace =
		    info.listens = info.status =
		    info.trouble = info.source =
		    S("");
		buf = imsg_create(&p->ctl, IMSG_CTL_APP, imsg_get_id(imsg), 0,
		    512);
		ATF_REQUIRE(buf != NULL && wire_add_app(buf, &info) == 0);
		ATF_REQUIRE(imsg_close(&p->ctl, buf) == 1);
	}
	send_result(p, imsg_get_id(imsg), CTL_OK);
}

static void
answer_logs(struct play *p, struct imsg *imsg)
{
	int	 sv[2];

	ATF_REQUIRE(imsg_get_buf(imsg, &p->asked, sizeof(p->asked)) == 0);
	if (p->asked.nids != 0)
		ATF_REQUIRE(imsg_get_buf(imsg, &p->id, sizeof(p->id)) == 0);
	ATF_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    sv) == 0);
	ATF_REQUIRE(imsg_compose(&p->ctl, IMSG_CTL_LOGFD, imsg_get_id(imsg),
	    0, sv[1], NULL, 0) == 1);
	send_result(p, imsg_get_id(imsg), CTL_OK);
	ATF_REQUIRE(imsgbuf_init(&p->log, sv[0]) == 0);
}

/* Answer requests until one of this type was answered. */
static void
serve(struct play *p, uint32_t until)
{
	struct ctl_hello	 hello;
	struct imsg		 imsg;
	uint32_t		 type;
	int			 n;

	for (type = 0; type != until;) {
		while ((n = imsgbuf_get(&p->ctl, &imsg)) == 0)
			ATF_REQUIRE(imsgbuf_read(&p->ctl) == 1);
		ATF_REQUIRE(n == 1);
		type = imsg_get_type(&imsg);
		switch (type) {
		case IMSG_CTL_HELLO:
			memset(&hello, 0, sizeof(hello));
			hello.protocol = PM2D_PROTOCOL;
			hello.pid = 1;
			ATF_REQUIRE(imsg_compose(&p->ctl, type, 0, 0, -1,
			    &hello, sizeof(hello)) == 1);
			ATF_REQUIRE(imsgbuf_flush(&p->ctl) == 0);
			break;
		case IMSG_CTL_LIST:
			answer_list(p, &imsg);
			break;
		case IMSG_CTL_LOGS:
			if (p->refuse-- > 0)
				send_result(p, imsg_get_id(&imsg), CTL_SYSTEM);
			else
				answer_logs(p, &imsg);
			break;
		default:
			atf_tc_fail("%s was asked for", msg_name(type));
		}
		imsg_free(&imsg);
	}
}

static void
send_line(struct play *p, uint32_t app, uint32_t kind, uint64_t when,
    uint32_t flags, const char *text)
{
	struct follow_line	 line;
	struct iovec		 iov[2];

	memset(&line, 0, sizeof(line));
	line.app = app;
	line.kind = kind;
	line.when_ms = when;
	line.flags = flags;
	iov[0].iov_base = &line;
	iov[0].iov_len = sizeof(line);
	iov[1].iov_base = S(text);
	iov[1].iov_len = strlen(text);
	ATF_REQUIRE(imsg_composev(&p->log, IMSG_FOLLOW_LINE, 0, 0, -1, iov,
	    2) == 1);
	ATF_REQUIRE(imsgbuf_flush(&p->log) == 0);
}

static void
send_live(struct play *p)
{
	ATF_REQUIRE(imsg_compose(&p->log, IMSG_FOLLOW_LIVE, 0, 0, -1, NULL,
	    0) == 1);
	ATF_REQUIRE(imsgbuf_flush(&p->log) == 0);
}

static void
close_log(struct play *p)
{
	int	 fd;

	fd = p->log.fd;
	imsgbuf_clear(&p->log);
	(void)close(fd);
}

/* Read what is printed until the text is there. */
static void
expect(struct play *p, const char *text)
{
	struct pollfd	 pfd;
	ssize_t		 n;

	while (strstr(p->text, text) == NULL) {
		pfd.fd = p->out;
		pfd.events = POLLIN;
		ATF_REQUIRE_MSG(poll(&pfd, 1, 5000) == 1, "not printed: %s\n"
		    "but: %s", text, p->text);
		n = read(p->out, p->text + p->len,
		    sizeof(p->text) - p->len - 1);
		ATF_REQUIRE_MSG(n > 0, "not printed: %s\nbut: %s", text,
		    p->text);
		p->len += (size_t)n;
		p->text[p->len] = '\0';
	}
}

static int
play_end(struct play *p)
{
	int	 status;

	ATF_REQUIRE(waitpid(p->pid, &status, 0) == p->pid);
	ATF_REQUIRE_MSG(WIFEXITED(status), "signal %d", WTERMSIG(status));
	return (WEXITSTATUS(status));
}

static const char *
said(struct play *p)
{
	static char	 buf[4096];
	ssize_t		 n;

	n = read(p->errs, buf, sizeof(buf) - 1);
	buf[n > 0 ? n : 0] = '\0';
	return (buf);
}

ATF_TC_WITHOUT_HEAD(follow__history_then_live);
ATF_TC_BODY(follow__history_then_live, tc)
{
	static char	*words[] = { NULL };
	struct options	 opt = { 0 };
	struct play	 p;

	ATF_REQUIRE(setenv("TZ", "UTC", 1) == 0);
	play_begin(&p, &opt, words, 0);
	serve(&p, IMSG_CTL_LOGS);
	ATF_CHECK_EQ(15, p.asked.lines);
	ATF_CHECK_EQ(0, p.asked.nids);
	ATF_CHECK_EQ(CTL_LOGS_OUT | CTL_LOGS_ERR | CTL_LOGS_FOLLOW,
	    p.asked.flags);
	expect(&p, "########### Starting streaming logs for [all] process\n");
	send_line(&p, 0, LOG_OUT, 0, FOLLOW_HISTORY, "old");
	send_live(&p);
	send_line(&p, 1, LOG_ERR, UINT64_C(1795327990594), 0, "new\r");
	expect(&p, "process\n[api-0 (out) -] old\n"
	    "[worker-1 (err) 2026-11-22T06:13:10] new\n");
	/* an app that was not there before */
	p.names[2] = "later";
	send_line(&p, 2, LOG_OUT, 1, 0, "here");
	serve(&p, IMSG_CTL_LIST);
	expect(&p, "[later-2 (out) 1970-01-01T00:00:00] here\n");
	ATF_REQUIRE(kill(p.pid, SIGINT) == 0);
	ATF_CHECK_EQ(0, play_end(&p));
}

ATF_TC_WITHOUT_HEAD(follow__lines_in_pieces);
ATF_TC_BODY(follow__lines_in_pieces, tc)
{
	static char	*words[] = { NULL };
	struct options	 opt = { 0 };
	struct play	 p;

	play_begin(&p, &opt, words, 0);
	serve(&p, IMSG_CTL_LOGS);
	send_line(&p, 0, LOG_OUT, 0, FOLLOW_PARTIAL, "one \033[3");
	send_line(&p, 0, LOG_OUT, 0, FOLLOW_PARTIAL, "1mtwo \303");
	send_line(&p, 0, LOG_OUT, 0, 0, "\251 three\n");
	send_line(&p, 0, LOG_OUT, 0, FOLLOW_PARTIAL, "broken");
	send_line(&p, 1, LOG_OUT, 0, 0, "between");
	send_line(&p, 0, LOG_OUT, 0, 0, "off");
	expect(&p, "[api-0 (out) -] one two \303\251 three\n"
	    "[api-0 (out) -] broken\n"
	    "[worker-1 (out) -] between\n"
	    "[api-0 (out) -] off\n");
	ATF_REQUIRE(kill(p.pid, SIGTERM) == 0);
	ATF_CHECK_EQ(0, play_end(&p));
}

ATF_TC_WITHOUT_HEAD(follow__one_app_by_name);
ATF_TC_BODY(follow__one_app_by_name, tc)
{
	static char	*words[] = { S("worker"), NULL };
	static char	*unknown[] = { S("worker"), S("nope"), NULL };
	struct options	 opt = { 0 };
	struct play	 p;

	opt.lines.given = 1;
	opt.lines.value = 3;
	opt.err = 1;
	play_begin(&p, &opt, words, 0);
	serve(&p, IMSG_CTL_LOGS);
	ATF_CHECK_EQ(3, p.asked.lines);
	ATF_CHECK_EQ(1, p.asked.nids);
	ATF_CHECK_EQ(1, p.id);
	ATF_CHECK_EQ(CTL_LOGS_ERR | CTL_LOGS_FOLLOW, p.asked.flags);
	send_line(&p, 1, LOG_ERR, 0, 0, "x");
	expect(&p, "for [worker] process\n[worker-1 (err) -] x\n");
	ATF_REQUIRE(kill(p.pid, SIGINT) == 0);
	ATF_CHECK_EQ(0, play_end(&p));

	play_begin(&p, &opt, unknown, 0);
	serve(&p, IMSG_CTL_LIST);
	ATF_CHECK_EQ(1, play_end(&p));
	ATF_CHECK(strstr(said(&p), "nope") != NULL);
}

ATF_TC_WITHOUT_HEAD(nostream__ends_after_the_history);
ATF_TC_BODY(nostream__ends_after_the_history, tc)
{
	static char	*words[] = { NULL };
	struct options	 opt = { 0 };
	struct play	 p;

	opt.nostream = 1;
	play_begin(&p, &opt, words, 0);
	serve(&p, IMSG_CTL_LOGS);
	ATF_CHECK_EQ(CTL_LOGS_OUT | CTL_LOGS_ERR, p.asked.flags);
	send_line(&p, 0, LOG_OUT, 0, FOLLOW_HISTORY, "old");
	send_live(&p);
	ATF_CHECK_EQ(0, play_end(&p));
	expect(&p, "[api-0 (out) -] old\n");
	ATF_CHECK(strstr(p.text, "####") == NULL);
}

ATF_TC_WITHOUT_HEAD(form__raw_and_json_and_timestamp);
ATF_TC_BODY(form__raw_and_json_and_timestamp, tc)
{
	static char	*words[] = { NULL };
	struct options	 opt = { 0 };
	struct play	 p;

	ATF_REQUIRE(setenv("TZ", "UTC", 1) == 0);
	opt.nostream = opt.raw = 1;
	play_begin(&p, &opt, words, 0);
	serve(&p, IMSG_CTL_LOGS);
	send_line(&p, 0, LOG_OUT, 0, 0, "\033]0;x\a\377\r");
	close_log(&p);
	ATF_CHECK_EQ(0, play_end(&p));
	expect(&p, "\033]0;x\a\377\r\n");
	ATF_CHECK_EQ(9, p.len);

	opt.json = 1;
	play_begin(&p, &opt, words, 0);
	serve(&p, IMSG_CTL_LOGS);
	send_line(&p, 1, LOG_ERR, UINT64_C(1795327990594), FOLLOW_PARTIAL,
	    "\"a\"");
	send_line(&p, 1, LOG_ERR, 0, 0, "");
	close_log(&p);
	ATF_CHECK_EQ(0, play_end(&p));
	expect(&p, "{\"message\":\"\\\"a\\\"\","
	    "\"timestamp\":\"2026-11-22T06:13:10.594Z\",\"type\":\"err\","
	    "\"process_id\":1,\"app_name\":\"worker\",\"partial\":true}\n"
	    "{\"message\":\"\",\"timestamp\":null,\"type\":\"err\","
	    "\"process_id\":1,\"app_name\":\"worker\"}\n");

	opt.json = opt.raw = 0;
	opt.timestamp = 1;
	play_begin(&p, &opt, words, 0);
	serve(&p, IMSG_CTL_LOGS);
	send_line(&p, 1, LOG_OUT, UINT64_C(1795327990594), 0, "tick");
	close_log(&p);
	ATF_CHECK_EQ(0, play_end(&p));
	expect(&p, "2026-11-22-06:13:10 1|worker  | tick\n");
}

ATF_TC_WITHOUT_HEAD(terminal__colours_but_nothing_else);
ATF_TC_BODY(terminal__colours_but_nothing_else, tc)
{
	static char	*words[] = { NULL };
	struct options	 opt = { 0 };
	struct play	 p;

	ATF_REQUIRE(setenv("TERM", "xterm", 1) == 0);
	ATF_REQUIRE(unsetenv("NO_COLOR") == 0);
	play_begin(&p, &opt, words, 1);
	serve(&p, IMSG_CTL_LOGS);
	send_line(&p, 0, LOG_OUT, 0, 0, "\033[31mred \033]52;c;eA==\a");
	send_line(&p, 0, LOG_OUT, 0, 0, "plain");
	expect(&p, "\033[34m[api-0 (out) -]\033[39m "
	    "\033[31mred \\033]52;c;eA==\\a\033[0m\r\n"
	    "\033[34m[api-0 (out) -]\033[39m plain\r\n");
	ATF_REQUIRE(kill(p.pid, SIGINT) == 0);
	ATF_CHECK_EQ(0, play_end(&p));

	opt.raw = 1;
	play_begin(&p, &opt, words, 1);
	serve(&p, IMSG_CTL_LOGS);
	send_line(&p, 0, LOG_OUT, 0, 0, "\033[31mred\033[2J");
	expect(&p, "\033[31mred\\033[2J\033[0m\r\n");
	ATF_REQUIRE(kill(p.pid, SIGINT) == 0);
	ATF_CHECK_EQ(0, play_end(&p));
}

ATF_TC_WITHOUT_HEAD(end__reader_gone);
ATF_TC_BODY(end__reader_gone, tc)
{
	static char	*words[] = { NULL };
	struct options	 opt = { 0 };
	struct play	 p;

	/* noticed while nothing is printed */
	play_begin(&p, &opt, words, 0);
	serve(&p, IMSG_CTL_LOGS);
	send_live(&p);
	expect(&p, "process\n");
	(void)close(p.out);
	ATF_CHECK_EQ(0, play_end(&p));
}

ATF_TC_WITHOUT_HEAD(end__daemon_gone);
ATF_TC_BODY(end__daemon_gone, tc)
{
	static char	*words[] = { NULL };
	struct options	 opt = { 0 };
	struct play	 p;

	play_begin(&p, &opt, words, 0);
	serve(&p, IMSG_CTL_LOGS);
	send_line(&p, 0, LOG_OUT, 1, 0, "last words");
	expect(&p, "last words\n");
	(void)close(p.ctl.fd);
	ATF_CHECK_EQ(1, play_end(&p));
	ATF_CHECK(strstr(said(&p), "lost the connection to pm2d") != NULL);
}

ATF_TC_WITHOUT_HEAD(end__log_daemon_gone_and_back);
ATF_TC_BODY(end__log_daemon_gone_and_back, tc)
{
	static char	*words[] = { NULL };
	struct options	 opt = { 0 };
	struct play	 p;

	play_begin(&p, &opt, words, 0);
	serve(&p, IMSG_CTL_LOGS);
	send_line(&p, 0, LOG_OUT, 1, 0, "before");
	expect(&p, "before\n");
	close_log(&p);
	/* there is none for a while: patience needs no words */
	p.refuse = 2;
	serve(&p, IMSG_CTL_LOGS);
	serve(&p, IMSG_CTL_LOGS);
	serve(&p, IMSG_CTL_LOGS);
	ATF_CHECK_EQ(0, p.asked.lines);
	send_line(&p, 0, LOG_OUT, 1, 0, "after");
	expect(&p, "after\n");
	ATF_CHECK_MATCH("^PM2 \\[WARN\\] the log daemon was started again",
	    said(&p));
	ATF_REQUIRE(kill(p.pid, SIGINT) == 0);
	ATF_CHECK_EQ(0, play_end(&p));
}

ATF_TC_WITHOUT_HEAD(end__garbage_from_the_log_daemon);
ATF_TC_BODY(end__garbage_from_the_log_daemon, tc)
{
	static char	*words[] = { NULL };
	struct options	 opt = { 0 };
	struct play	 p;

	opt.nostream = 1;
	play_begin(&p, &opt, words, 0);
	serve(&p, IMSG_CTL_LOGS);
	ATF_REQUIRE(imsg_compose(&p.log, IMSG_FOLLOW_LINE, 0, 0, -1, "x",
	    1) == 1);
	ATF_REQUIRE(imsgbuf_flush(&p.log) == 0);
	ATF_CHECK_EQ(1, play_end(&p));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, follow__history_then_live);
	ATF_TP_ADD_TC(tp, follow__lines_in_pieces);
	ATF_TP_ADD_TC(tp, follow__one_app_by_name);
	ATF_TP_ADD_TC(tp, nostream__ends_after_the_history);
	ATF_TP_ADD_TC(tp, form__raw_and_json_and_timestamp);
	ATF_TP_ADD_TC(tp, terminal__colours_but_nothing_else);
	ATF_TP_ADD_TC(tp, end__reader_gone);
	ATF_TP_ADD_TC(tp, end__daemon_gone);
	ATF_TP_ADD_TC(tp, end__log_daemon_gone_and_back);
	ATF_TP_ADD_TC(tp, end__garbage_from_the_log_daemon);
	return (atf_no_error());
}

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


/* reload, scale, message and messages, with a daemon that is made up. */
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <atf-c.h>

#include "resolve.h"
#include "scale.h"

#define S(s)	((char *)(uintptr_t)(s))

struct fake {
	const char	*name;
	const char	*script;
	uint32_t	 id;
	uint32_t	 state;
	uint32_t	 cluster;
	uint32_t	 instance;
	uint32_t	 owner;
};

static struct fake	 fakes[8];
static size_t		 nfakes;
static int		 wait_ready;	/* in the specs */
static struct imsgbuf	 peer;
static struct options	 opt;

static void
fake(const char *name, uint32_t id, uint32_t state, uint32_t cluster)
{
	struct fake	*f;

	f = &fakes[nfakes++];
	memset(f, 0, sizeof(*f));
	f->name = name;
	f->script = "/x/api.js";
	f->id = id;
	f->instance = id;
	f->state = state;
	f->cluster = cluster;
}

static void
fill_info(struct ctl_appinfo *info, const struct fake *f)
{
	memset(info, 0, sizeof(*info));
	info->fix.id = f->id;
	info->fix.state = f->state;
	info->fix.cluster = f->cluster;
	info->fix.instance = f->instance;
	info->fix.owner = f->owner;
	info->name = S(f->name);
	info->script = S(f->script);
	info->interpreter = info->cwd = info->out = info->err =
	    info->pidfile = info->user = info->namespace = info->listens =
	    info->status = info->trouble = info->source = S("");
}

/* ---- the peer, in a process of its own ---- */

static void
tell(uint32_t type, uint32_t id, const void *data, size_t len)
{
	if (imsg_compose(&peer, type, id, 0, -1, data, len) == -1 ||
	    imsgbuf_flush(&peer) == -1)
		_exit(3);
}

static void
tell_result(uint32_t req, uint32_t code, uint32_t stage, int error,
    uint32_t id, const char *text)
{
	struct ctl_result	 res;

	memset(&res, 0, sizeof(res));
	res.code = code;
	res.stage = stage;
	res.error = error;
	res.id = id;
	(void)strlcpy(res.text, text, sizeof(res.text));
	tell(IMSG_CTL_RESULT, req, &res, sizeof(res));
}

static void
tell_event(uint32_t req, uint32_t kind, uint32_t id, uint32_t state,
    uint32_t generation)
{
	struct ctl_event	 ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = kind;
	ev.id = id;
	ev.state = state;
	ev.pid = 1000 + generation;
	ev.generation = generation;
	(void)strlcpy(ev.name, "api", sizeof(ev.name));
	if (kind == EVENT_EXIT) {
		ev.exit.generation = generation;
		ev.exit.reason = state;
		ev.exit.code = 7;
		ev.exit.ran_ms = 40;
	}
	tell(IMSG_CTL_EVENT, req, &ev, sizeof(ev));
}

static void
tell_apps(struct imsg *imsg)
{
	struct ctl_appinfo	 info;
	struct ctl_list		 list;
	struct spec_buf		 spec;
	struct ibuf		*buf;
	uint32_t		 req;
	size_t			 i;

	req = imsg_get_id(imsg);
	if (imsg_get_data(imsg, &list, sizeof(list)) == -1)
		_exit(4);
	for (i = 0; i < nfakes; i++) {
		if (list.id != APP_ID_ALL && list.id != fakes[i].id)
			continue;
		fill_info(&info, &fakes[i]);
		if ((buf = imsg_create(&peer, IMSG_CTL_APP, req, 0,
		    256)) == NULL || wire_add_app(buf, &info) == -1 ||
		    imsg_close(&peer, buf) == -1)
			_exit(5);
		if ((list.flags & CTL_LIST_SPEC) == 0)
			continue;
		memset(&spec, 0, sizeof(spec));
		if (spec_add_u64(&spec, SPEC_LISTEN_TIMEOUT,
		    wait_ready ? 3000 : 2500) == -1 ||
		    spec_add_u64(&spec, SPEC_WAIT_READY,
		    (uint64_t)wait_ready) == -1)
			_exit(6);
		tell(IMSG_CTL_SPEC_PART, req, spec.data, spec.len);
		spec_buf_free(&spec);
	}
	tell_result(req, CTL_OK, 0, 0, 0, "");
}

static void
serve(void (*handler)(struct imsg *))
{
	struct ctl_hello	 h;
	struct imsg		 imsg;
	int			 n;

	for (;;) {
		while ((n = imsgbuf_get(&peer, &imsg)) == 0)
			if (imsgbuf_read(&peer) != 1)
				_exit(0);
		if (n == -1)
			_exit(1);
		switch (imsg_get_type(&imsg)) {
		case IMSG_CTL_HELLO:
			memset(&h, 0, sizeof(h));
			h.protocol = PM2D_PROTOCOL;
			tell(IMSG_CTL_HELLO, 0, &h, sizeof(h));
			break;
		case IMSG_CTL_LIST:
			tell_apps(&imsg);
			break;
		case IMSG_CTL_LOGS:
			tell_result(imsg_get_id(&imsg), CTL_SYSTEM, 0, EIO,
			    0, "");
			break;
		default:
			handler(&imsg);
			break;
		}
		imsg_free(&imsg);
	}
}

/* ---- the command ---- */

static int
redirect(int fd, const char *path)
{
	int	 file, kept;

	(void)fflush(stdout);
	ATF_REQUIRE((kept = dup(fd)) != -1);
	ATF_REQUIRE((file = open(path, O_WRONLY | O_CREAT | O_TRUNC,
	    0600)) != -1);
	ATF_REQUIRE(dup2(file, fd) == fd);
	(void)close(file);
	return (kept);
}

static void
restore(int fd, int kept)
{
	(void)fflush(stdout);
	ATF_REQUIRE(dup2(kept, fd) == fd);
	(void)close(kept);
}

/* Its exit status; what it prints is in the files "out" and "err". */
static int
command(int (*cmd)(struct ctl *, int, char **), void (*handler)(struct imsg *),
    const char *one, const char *two)
{
	struct ctl	 ctl;
	char		*argv[3] = { S(one), S(two), NULL };
	pid_t		 pid;
	int		 err, out, rc, status, sv[2];

	ATF_REQUIRE_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	ATF_REQUIRE((pid = fork()) != -1);
	if (pid == 0) {
		(void)close(sv[0]);
		(void)alarm(20);
		if (imsgbuf_init(&peer, sv[1]) == -1)
			_exit(9);
		serve(handler);
	}
	(void)close(sv[1]);
	memset(&ctl, 0, sizeof(ctl));
	ctl.opt = &opt;
	say_init(&opt);
	ATF_REQUIRE_EQ(CLIENT_OK, client_attach(&ctl.client, sv[0],
	    "/home"));
	out = redirect(STDOUT_FILENO, "out");
	err = redirect(STDERR_FILENO, "err");
	rc = cmd(&ctl, two != NULL ? 2 : one != NULL, argv);
	restore(STDERR_FILENO, err);
	restore(STDOUT_FILENO, out);
	client_close(&ctl.client);
	ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
	ATF_CHECK_EQ_MSG(0, status, "the peer ended with %#x", status);
	return (rc);
}

/* The table is another test's. */
static void
check_out(const char *want)
{
	char	 have[16384], *table;
	ssize_t	 n;
	int	 fd;

	ATF_REQUIRE((fd = open("out", O_RDONLY)) != -1);
	ATF_REQUIRE((n = read(fd, have, sizeof(have) - 1)) != -1);
	(void)close(fd);
	have[n] = '\0';
	if ((table = strstr(have, "\342\224\214")) != NULL)
		(void)strlcpy(table, "(the table)\n", 16);
	ATF_CHECK_STREQ(want, have);
}

static int
said(const char *re)
{
	int	 found;

	found = atf_utils_grep_file("%s", "err", re);
	if (!found)
		atf_utils_cat_file("err", "err: ");
	return (found);
}

/* ---- reload ---- */

static void
peer_reloads(struct imsg *imsg)
{
	struct ctl_reload	 req;
	uint32_t		 ids[4], i, n;

	n = imsg_get_id(imsg);
	if (imsg_get_type(imsg) != IMSG_CTL_RELOAD ||
	    imsg_get_buf(imsg, &req, sizeof(req)) == -1 ||
	    req.flags != RELOAD_GRACEFUL || req.parallel != 2 ||
	    req.nids != 2 || imsg_get_len(imsg) != 2 * sizeof(*ids) ||
	    imsg_get_buf(imsg, ids, 2 * sizeof(*ids)) == -1)
		_exit(20);
	for (i = 0; i < 2; i++) {
		tell_event(n, EVENT_SUCCESSOR, ids[i], APP_ONLINE, 5);
		tell_event(n, EVENT_STATE, ids[i], APP_ONLINE, 5);
		tell_event(n, EVENT_READY, ids[i], APP_ONLINE, 5);
		tell_event(n, EVENT_EXIT, ids[i], EXIT_REPLACED, 4);
		/* That of the last one is late. */
		if (i == 0)
			tell_event(n, EVENT_RELOADED, ids[i], APP_ONLINE, 5);
	}
	tell_result(n, CTL_OK, 0, 0, 0, "");
}

ATF_TC_WITHOUT_HEAD(reload__in_pm2s_words);
ATF_TC_BODY(reload__in_pm2s_words, tc)
{
	fake("api", 3, APP_ONLINE, 1);
	fake("api", 4, APP_ONLINE, 1);
	opt.parallel.given = 1;
	opt.parallel.value = 2;
	ATF_CHECK_EQ(0, command(cmd_graceful, peer_reloads, "api", NULL));
	check_out("Processing......\n"
	    "PM2 Reloading process by name api\n"
	    "PM2 Process api (3) starts anew, pid 1005\n"
	    "PM2 Process api (3) is ready in its new process\n"
	    "PM2 Process api succesfully reloaded\n"
	    "PM2 Process api (4) starts anew, pid 1005\n"
	    "PM2 Process api (4) is ready in its new process\n"
	    "PM2 Process api succesfully reloaded\n"
	    "PM2 All processes reloaded\n"
	    "(the table)\n");
	ATF_CHECK(atf_utils_compare_file("err", ""));
}

static void
peer_restarts(struct imsg *imsg)
{
	uint32_t	 n;

	n = imsg_get_id(imsg);
	tell_event(n, EVENT_STATE, 0, APP_STOPPING, 1);
	tell_event(n, EVENT_EXIT, 0, EXIT_STOPPED, 1);
	tell_event(n, EVENT_STATE, 0, APP_LAUNCHING, 2);
	tell_event(n, EVENT_STATE, 0, APP_ONLINE, 2);
	tell_result(n, CTL_OK, 0, 0, 0, "");
}

ATF_TC_WITHOUT_HEAD(reload__fork_mode_and_stopped);
ATF_TC_BODY(reload__fork_mode_and_stopped, tc)
{
	fake("api", 0, APP_ONLINE, 0);
	fake("api", 1, APP_STOPPED, 1);
	ATF_CHECK_EQ(0, command(cmd_reload, peer_restarts, "all", NULL));
	ATF_CHECK(said("^PM2 \\[WARN\\] Process api \\(0\\) is in fork mode: "
	    "restarted$"));
	ATF_CHECK(said("^PM2 \\[WARN\\] Process api \\(1\\) is stopped: left "
	    "as it is$"));
	check_out("Processing......\n"
	    "PM2 Process api (0) stopping\n"
	    "PM2 Process api (0) launching\n"
	    "PM2 Process api (0) online\n"
	    "PM2 All processes reloaded\n"
	    "(the table)\n");
}

static void
peer_late(struct imsg *imsg)
{
	uint32_t	 n;

	n = imsg_get_id(imsg);
	tell_event(n, EVENT_SUCCESSOR, 3, APP_ONLINE, 9);
	tell_event(n, EVENT_EXIT, 3, EXIT_NOT_READY, 9);
	tell_result(n, CTL_FAILED, STAGE_READY, ETIMEDOUT, 3, "");
}

ATF_TC_WITHOUT_HEAD(reload__late_successor);
ATF_TC_BODY(reload__late_successor, tc)
{
	fake("api", 3, APP_ONLINE, 1);
	ATF_CHECK_EQ(1, command(cmd_reload, peer_late, "3", NULL));
	ATF_CHECK(said("^PM2 \\[ERROR\\] Process api \\(3\\): the new one did "
	    "not listen within 2.5s; the old one goes on serving$"));
	ATF_CHECK(!atf_utils_grep_file("All processes", "out"));
	ATF_CHECK(atf_utils_grep_file("Reloading process by id 3", "out"));
	wait_ready = 1;
	ATF_CHECK_EQ(1, command(cmd_reload, peer_late, "3", NULL));
	ATF_CHECK(said("did not say that it is ready within 3s; the old"));
}

static const char	*said_by_pm2d = "";

static void
peer_broken(struct imsg *imsg)
{
	uint32_t	 n;

	n = imsg_get_id(imsg);
	tell_event(n, EVENT_SUCCESSOR, 3, APP_ONLINE, 9);
	tell_event(n, EVENT_EXIT, 3, EXIT_BY_ITSELF, 9);
	tell_result(n, CTL_FAILED, STAGE_NONE, 0, 3, said_by_pm2d);
}

static void
peer_cannot_start(struct imsg *imsg)
{
	tell_result(imsg_get_id(imsg), CTL_FAILED, STAGE_EXEC, ENOENT, 3, "");
}

static void
peer_no_script(struct imsg *imsg)
{
	struct ctl_event	 ev;
	uint32_t		 n;

	n = imsg_get_id(imsg);
	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_EXIT;
	ev.id = 3;
	ev.exit.reason = EXIT_START_FAILED;
	ev.exit.stage = STAGE_SCRIPT;
	ev.exit.error = ENOENT;
	tell_event(n, EVENT_SUCCESSOR, 3, APP_ONLINE, 0);
	tell(IMSG_CTL_EVENT, n, &ev, sizeof(ev));
	tell_result(n, CTL_FAILED, STAGE_NONE, 0, 3, "not started");
}

static void
peer_busy(struct imsg *imsg)
{
	tell_result(imsg_get_id(imsg), CTL_BUSY, STAGE_NONE, 0, 3,
	    "uid 1000 reloads it");
}

ATF_TC_WITHOUT_HEAD(reload__failures);
ATF_TC_BODY(reload__failures, tc)
{
	fake("api", 3, APP_ONLINE, 1);
	ATF_CHECK_EQ(1, command(cmd_reload, peer_broken, "api", NULL));
	ATF_CHECK(said("^PM2 \\[ERROR\\] Process api \\(3\\): the new one "
	    "exited with code 7 after 40ms; the old one goes on serving$"));
	said_by_pm2d = "the new one did this; the old one that";
	ATF_CHECK_EQ(1, command(cmd_reload, peer_broken, "api", NULL));
	ATF_CHECK(said("Process api \\(3\\): the new one did this; the old "
	    "one that$"));
	ATF_CHECK_EQ(1, command(cmd_reload, peer_cannot_start, "api", NULL));
	ATF_CHECK(said("executing the program: No such file or directory; "
	    "the old one goes on serving$"));
	ATF_CHECK_EQ(1, command(cmd_reload, peer_no_script, "api", NULL));
	ATF_CHECK(said("the new one could not be started: reading the "
	    "script: No such file or directory \\(/x/api.js\\); the old one "
	    "goes on serving$"));
	ATF_CHECK_EQ(1, command(cmd_reload, peer_busy, "api", NULL));
	ATF_CHECK(said("Process api \\(3\\): uid 1000 reloads it$"));
}

static void
peer_nothing(struct imsg *imsg)
{
	(void)imsg;
	_exit(30);
}

ATF_TC_WITHOUT_HEAD(reload__unknown);
ATF_TC_BODY(reload__unknown, tc)
{
	fake("api", 3, APP_ONLINE, 1);
	ATF_CHECK_EQ(1, command(cmd_reload, peer_nothing, "web", NULL));
	ATF_CHECK(said("^PM2 \\[ERROR\\] Process or namespace web not "
	    "found$"));
	check_out("Processing......\n");
	ATF_CHECK_EQ(1, command(cmd_reload, peer_nothing, "4", NULL));
	ATF_CHECK(said("4 : pm2 id not found"));
	nfakes = 0;
	ATF_CHECK_EQ(0, command(cmd_reload, peer_nothing, "all", NULL));
	check_out("Processing......\nPM2 All processes reloaded\n"
	    "(the table)\n");
}

/* ---- scale ---- */

static struct app_view	 views[8];
static struct app_list	 list;
static struct scale	 sc;
static char		 words[512];

static int
plan(const char *word, const char *amount)
{
	size_t	 i;

	scale_free(&sc);
	for (i = 0; i < nfakes; i++)
		fill_info(&views[i].info, &fakes[i]);
	list.apps = views;
	list.n = nfakes;
	return (scale_plan(&sc, &list, word, amount, 6, words,
	    sizeof(words)));
}

ATF_TC_WITHOUT_HEAD(scale__plan);
ATF_TC_BODY(scale__plan, tc)
{
	fake("api", 0, APP_ONLINE, 1);
	fake("web", 1, APP_ONLINE, 1);
	fake("api", 2, APP_ONLINE, 1);
	fake("api", 7, APP_ONLINE, 1);
	fakes[3].instance = 1;
	ATF_REQUIRE_EQ(0, plan("api", "5"));
	ATF_CHECK_EQ(3, sc.have);
	ATF_CHECK_EQ(5, sc.want);
	ATF_CHECK_EQ(0, sc.id);
	ATF_CHECK_EQ(0, sc.drop.n);
	ATF_REQUIRE_EQ(0, plan("7", "+2"));
	ATF_CHECK_EQ(5, sc.want);
	ATF_REQUIRE_EQ(0, plan("api", "max"));
	ATF_CHECK_EQ(6, sc.want);
	ATF_REQUIRE_EQ(0, plan("api", "3"));
	ATF_CHECK_EQ(3, sc.want);
	/* The highest numbers go first, which are not the highest ids. */
	ATF_REQUIRE_EQ(0, plan("api", "-2"));
	ATF_REQUIRE_EQ(2, sc.drop.n);
	ATF_CHECK_EQ(2, sc.drop.ids[0]);
	ATF_CHECK_EQ(7, sc.drop.ids[1]);
	ATF_REQUIRE_EQ(0, plan("web", "+0"));
	ATF_CHECK_EQ(1, sc.want);
	scale_free(&sc);
}

ATF_TC_WITHOUT_HEAD(scale__refused);
ATF_TC_BODY(scale__refused, tc)
{
	static const char *const bad[] = { "", "+", "-", "two", "1.5", "++1",
	    "+max", "0x2", "99999999999" };
	size_t	 i;

	fake("api", 0, APP_ONLINE, 1);
	fake("api", 1, APP_ONLINE, 1);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ATF_CHECK_EQ_MSG(-1, plan("api", bad[i]), "%s", bad[i]);
		ATF_CHECK_MATCH("is not a number of instances", words);
	}
	ATF_CHECK_EQ(-1, plan("api", "0"));
	ATF_CHECK_STREQ("api would have no instance left: delete it if that "
	    "is meant", words);
	ATF_CHECK_EQ(-1, plan("api", "-2"));
	ATF_CHECK_EQ(-1, plan("api", "+4095"));
	ATF_CHECK_STREQ("api would have more than 4096 instances", words);
	ATF_CHECK_EQ(-1, plan("web", "2"));
	ATF_CHECK_STREQ("Process or namespace web not found", words);
	/* One name, two apps: which one? */
	fakes[1].script = "/x/other.js";
	ATF_CHECK_EQ(-1, plan("api", "4"));
	ATF_CHECK_MATCH("means different apps: api \\(0\\) and api \\(1\\)",
	    words);
	ATF_CHECK_EQ(0, plan("1", "4"));
	ATF_CHECK_EQ(1, sc.have);
	ATF_CHECK_EQ(1, sc.id);
	scale_free(&sc);
}

static void
peer_scales(struct imsg *imsg)
{
	struct ctl_scale	 req;
	struct ctl_app		 del;
	uint32_t		 n;

	n = imsg_get_id(imsg);
	if (imsg_get_type(imsg) == IMSG_CTL_DELETE) {
		if (imsg_get_data(imsg, &del, sizeof(del)) == -1 ||
		    del.id != 1)
			_exit(21);
		tell_result(n, CTL_OK, 0, 0, 1, "");
		return;
	}
	if (imsg_get_type(imsg) != IMSG_CTL_SCALE ||
	    imsg_get_data(imsg, &req, sizeof(req)) == -1 || req.id != 0 ||
	    req.add != 2)
		_exit(22);
	tell_event(n, EVENT_STATE, 2, APP_ONLINE, 1);
	tell_result(n, CTL_LIMIT, 0, 0, 0, "no room for more");
}

ATF_TC_WITHOUT_HEAD(scale__asks);
ATF_TC_BODY(scale__asks, tc)
{
	fake("api", 0, APP_ONLINE, 1);
	fake("api", 1, APP_ONLINE, 1);
	ATF_CHECK_EQ(0, command(cmd_scale, peer_scales, "api", "1"));
	check_out("PM2 Scaling down 1 instance\n(the table)\n");
	ATF_CHECK_EQ(1, command(cmd_scale, peer_scales, "api", "+2"));
	check_out("PM2 Scaling up 2 instances\n"
	    "PM2 Process api (2) online\n(the table)\n");
	ATF_CHECK(said("no room for more"));
	ATF_CHECK_EQ(0, command(cmd_scale, peer_scales, "api", "2"));
	check_out("PM2 Nothing to do: api has 2 instances\n(the table)\n");
}

/* ---- message, messages ---- */

static const char	*expected;

static void
peer_told(struct imsg *imsg)
{
	struct ctl_app	 ref;
	char		 text[SAY_MAX + 1];
	size_t		 len;

	if (imsg_get_type(imsg) != IMSG_CTL_SAY ||
	    imsg_get_buf(imsg, &ref, sizeof(ref)) == -1)
		_exit(23);
	len = imsg_get_len(imsg);
	if (len > SAY_MAX || imsg_get_buf(imsg, text, len) == -1)
		_exit(24);
	text[len] = '\0';
	if (strcmp(text, expected) != 0)
		_exit(25);
	if (ref.id == 1)
		tell_result(imsg_get_id(imsg), CTL_INVALID, 0, 0, 1,
		    "it has no channel");
	else
		tell_result(imsg_get_id(imsg), CTL_OK, 0, 0, 0, "");
}

ATF_TC_WITHOUT_HEAD(message__json_or_text);
ATF_TC_BODY(message__json_or_text, tc)
{
	char	 big[SAY_MAX + 2];

	fake("api", 0, APP_ONLINE, 1);
	expected = "{\"a\": [1, 123456789012345678901234567890]}";
	ATF_CHECK_EQ(0, command(cmd_message, peer_told, "api", expected));
	check_out("PM2 Message sent to process api (0)\n");
	expected = "\"shutdown\"";
	ATF_CHECK_EQ(0, command(cmd_message, peer_told, "api", "shutdown"));
	expected = "{  }";
	ATF_CHECK_EQ(0, command(cmd_message, peer_told, "0", "{\n\n}"));
	expected = "\"a: {1}\\n\"";
	ATF_CHECK_EQ(0, command(cmd_message, peer_told, "0", "a: {1}\n"));
	ATF_CHECK(atf_utils_compare_file("err", ""));
	expected = "\"{a: 1}\"";
	ATF_CHECK_EQ(0, command(cmd_message, peer_told, "0", "{a: 1}"));
	ATF_CHECK(said("WARN.*this is not JSON and is sent as text: "));
	fake("api", 1, APP_ONLINE, 0);
	expected = "true";
	ATF_CHECK_EQ(1, command(cmd_message, peer_told, "api", "true"));
	ATF_CHECK(said("Process api \\(1\\): it has no channel$"));
	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	ATF_CHECK_EQ(1, command(cmd_message, peer_nothing, "api", big));
	ATF_CHECK(said("at most 8192 bytes"));
}

static void
tell_message(uint32_t req, uint32_t id, const char *text)
{
	struct ctl_app	 ref;
	unsigned char	 payload[512];

	memset(&ref, 0, sizeof(ref));
	ref.id = id;
	memcpy(payload, &ref, sizeof(ref));
	memcpy(payload + sizeof(ref), text, strlen(text));
	tell(IMSG_CTL_MESSAGE, req, payload, sizeof(ref) + strlen(text));
}

static void
peer_speaks(struct imsg *imsg)
{
	struct imsg	 next;
	uint32_t	 n;

	n = imsg_get_id(imsg);
	if (imsg_get_type(imsg) != IMSG_CTL_SUBSCRIBE)
		_exit(26);
	/* Before it knows who is meant. */
	tell_message(n, 1, "\"early\"");
	tell_event(n, EVENT_STATE, 9, APP_ONLINE, 1);
	while (imsgbuf_get(&peer, &next) != 1)
		if (imsgbuf_read(&peer) != 1)
			_exit(27);
	if (imsg_get_type(&next) != IMSG_CTL_LIST)
		_exit(28);
	tell_apps(&next);
	(void)usleep(200000);
	tell_message(n, 0, "{\"x\":\"\302\233\033[31m\"}");
	tell_message(n, 1, "[1]");
	tell_message(n, 9, "null");
	_exit(0);
}

ATF_TC_WITHOUT_HEAD(messages__as_they_come);
ATF_TC_BODY(messages__as_they_come, tc)
{
	fake("web", 0, APP_ONLINE, 1);
	fake("job", 1, APP_ONLINE, 1);
	/* It ends because the daemon does. */
	ATF_CHECK_EQ(1, command(cmd_messages, peer_speaks, NULL, NULL));
	check_out("[web-0] {\"x\":\"\\302\\233\\033[31m\"}\n"
	    "[job-1] [1]\n[api-9] null\n");
	ATF_CHECK_EQ(1, command(cmd_messages, peer_speaks, "job", NULL));
	check_out("[job-1] [1]\n");
	opt.json = 1;
	ATF_CHECK_EQ(1, command(cmd_messages, peer_speaks, "job", NULL));
	ATF_CHECK(atf_utils_grep_file("^.\"timestamp\":\"[^\"]*Z\","
	    "\"process_id\":1,\"app_name\":\"job\",\"message\":\\[1\\].$",
	    "out"));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, reload__in_pm2s_words);
	ATF_TP_ADD_TC(tp, reload__fork_mode_and_stopped);
	ATF_TP_ADD_TC(tp, reload__late_successor);
	ATF_TP_ADD_TC(tp, reload__failures);
	ATF_TP_ADD_TC(tp, reload__unknown);
	ATF_TP_ADD_TC(tp, scale__plan);
	ATF_TP_ADD_TC(tp, scale__refused);
	ATF_TP_ADD_TC(tp, scale__asks);
	ATF_TP_ADD_TC(tp, message__json_or_text);
	ATF_TP_ADD_TC(tp, messages__as_they_come);
	return (atf_no_error());
}

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
 * UPDATE, and starts that say where.
 */
#include <sys/types.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <atf-c.h>

#include "imsg.h"
#include "msg.h"
#include "parentutil.h"
#include "spec.h"
#include "wire.h"

#define END	0x80000000U	/* ids are below */

static struct ctl_result	 res;

/* ---- requests ---- */

static enum ctl_code
finish_spec(struct client *c, uint32_t id, struct spec_buf *sb)
{
	size_t	 off, n;

	for (off = 0; off < sb->len; off += n) {
		n = sb->len - off < 8000 ? sb->len - off : 8000;
		ATF_REQUIRE_EQ(1, imsg_compose(&c->ibuf, IMSG_CTL_SPEC_PART,
		    id, 0, -1, sb->data + off, n));
	}
	spec_buf_free(sb);
	ATF_REQUIRE_EQ(1, results(c, id, 1, &res));
	return (res.code);
}

static enum ctl_code
update(struct client *c, uint32_t app, struct spec_buf *sb)
{
	struct ctl_update	 cu = { app, (uint32_t)sb->len };

	return (finish_spec(c, ask(c, IMSG_CTL_UPDATE, &cu, sizeof(cu)), sb));
}

static enum ctl_code
start_at(struct client *c, const char *name, uint32_t flags, uint32_t id,
    uint32_t first, uint32_t instance)
{
	struct ctl_start	 cs = { 0, flags, id, first, instance, 9 };
	struct spec_buf		 sb;

	memset(&sb, 0, sizeof(sb));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_NAME, name));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_SCRIPT, "/bin/sleep"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_CWD, home));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_ARG, "1000"));
	ATF_REQUIRE_EQ(0, spec_add_u64(&sb, SPEC_INSTANCES, 2));
	cs.speclen = (uint32_t)sb.len;
	return (finish_spec(c, ask(c, IMSG_CTL_START, &cs, sizeof(cs)), &sb));
}

static enum ctl_code
do_app(struct client *c, uint32_t type, uint32_t id)
{
	ATF_REQUIRE_EQ(1, results(c, ask_app(c, type, id), 1, &res));
	return (res.code);
}

/* What is known of an app; its spec as the bytes that were sent. */
static size_t
look(struct client *c, uint32_t id, struct ctl_appfix *fix, char *spec,
    size_t size)
{
	struct ctl_list		 cl = { id, CTL_LIST_SPEC };
	struct ctl_appinfo	 info;
	struct imsg		 imsg;
	struct ibuf		 buf;
	size_t			 len = 0, n;
	int			 over = 0;

	memset(fix, 0, sizeof(*fix));
	ask(c, IMSG_CTL_LIST, &cl, sizeof(cl));
	while (!over) {
		ATF_REQUIRE_EQ(1, next(c, &imsg));
		n = imsg_get_len(&imsg);
		switch (imsg_get_type(&imsg)) {
		case IMSG_CTL_APP:
			ATF_REQUIRE_EQ(0, imsg_get_ibuf(&imsg, &buf));
			ATF_REQUIRE_EQ(0, wire_get_app(&buf, &info));
			*fix = info.fix;
			wire_free_app(&info);
			break;
		case IMSG_CTL_SPEC_PART:
			ATF_REQUIRE(n <= size - len);
			ATF_REQUIRE_EQ(0, imsg_get_data(&imsg, spec + len,
			    n));
			len += n;
			break;
		default:
			over = 1;
		}
		imsg_free(&imsg);
	}
	return (len);
}

/* The first line of a file in the home, as soon as there is one. */
static const char *
line_of(const char *name)
{
	static char	 line[256];
	char		 path[128];
	FILE		*f;
	int		 i;

	snprintf(path, sizeof(path), "%s/%s", home, name);
	for (i = 0; i < WAIT_MS / 20; i++, usleep(20000)) {
		if ((f = fopen(path, "re")) == NULL)
			continue;
		if (fgets(line, sizeof(line), f) == NULL)
			line[0] = '\0';
		fclose(f);
		if (strchr(line, '\n') != NULL) {
			*strchr(line, '\n') = '\0';
			return (line);
		}
	}
	atf_tc_fail("nothing in %s", name);
}

static void
remove_file(const char *name)
{
	char	 path[128];

	snprintf(path, sizeof(path), "%s/%s", home, name);
	(void)unlink(path);
}

#define REQUIRE_OK(what) do {						\
	ATF_REQUIRE_MSG((what) == CTL_OK, "code %u: %s", res.code,	\
	    res.text);							\
} while (0)

/* ---- cases ---- */

static const char	 traps[] = "trap 'echo term > got; exit' TERM; "
			    "trap 'echo int > got; exit' INT; "
			    "echo $V > ready; while :; do sleep 0.05; done";

/* What runs goes on as it was started, the next start is another one. */
ATF_TC_WITHOUT_HEAD(update__next_start_takes_it);
ATF_TC_BODY(update__next_start_takes_it, tc)
{
	struct client	 c;
	struct spec_buf	 sb;
	pid_t		 pid;

	begin();
	hello(&c);
	fill_spec(&sb, traps);
	ATF_REQUIRE_EQ(0, spec_add_u64(&sb, SPEC_KILL_SIGNAL, SIGTERM));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_ENV, "V=old"));
	ATF_REQUIRE_EQ(1, results(&c, start_spec(&c, &sb, 1), 1, &res));
	ATF_CHECK_STREQ("old", line_of("ready"));
	pid = app_pid();
	fill_spec(&sb, traps);
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_FILE_ENV, "V=new"));
	REQUIRE_OK(update(&c, 0, &sb));
	ATF_CHECK_EQ(1, res.count);
	ATF_CHECK_EQ(pid, app_pid());
	remove_file("ready");
	REQUIRE_OK(do_app(&c, IMSG_CTL_RESTART, 0));
	ATF_CHECK_STREQ("term", line_of("got"));
	ATF_CHECK_STREQ("new", line_of("ready"));
	remove_file("got");
	REQUIRE_OK(do_app(&c, IMSG_CTL_STOP, 0));
	ATF_CHECK_STREQ("int", line_of("got"));
	hang_up(&c);
	kill_daemon();
	finish();
}

/* Each run writes where its spec says. */
ATF_TC_WITHOUT_HEAD(update__files);
ATF_TC_BODY(update__files, tc)
{
	static const char	 script[] = "echo first; "
				    "trap 'echo last; exit' INT; "
				    "while :; do sleep 0.05; done";
	struct client		 c;
	struct spec_buf		 sb;
	char			 path[128];
	pid_t			 pid;

	begin();
	hello(&c);
	start(&c, script, 1);
	ATF_REQUIRE_EQ(1, results(&c, 0, 1, &res));
	REQUIRE_OK(res.code);
	ATF_CHECK_STREQ("first", line_of("logs/app-out-0.log"));
	pid = app_pid();
	fill_spec(&sb, script);
	snprintf(path, sizeof(path), "%s/other.log", home);
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_OUT_FILE, path));
	snprintf(path, sizeof(path), "%s/other.pid", home);
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_PID_FILE, path));
	REQUIRE_OK(update(&c, 0, &sb));
	ATF_CHECK_EQ(pid, app_pid());
	remove_file("logs/app-out-0.log");
	REQUIRE_OK(do_app(&c, IMSG_CTL_RESTART, 0));
	ATF_CHECK_STREQ("first", line_of("other-0.log"));
	snprintf(path, sizeof(path), "%s/pids/app.pid", home);
	ATF_CHECK_ERRNO(ENOENT, access(path, F_OK) == -1);
	snprintf(path, sizeof(path), "%s/other.pid", home);
	ATF_CHECK_EQ(0, access(path, F_OK));
	REQUIRE_OK(do_app(&c, IMSG_CTL_STOP, 0));
	/* and back, while nothing runs */
	fill_spec(&sb, script);
	REQUIRE_OK(update(&c, 0, &sb));
	REQUIRE_OK(do_app(&c, IMSG_CTL_RESTART, 0));
	ATF_CHECK_STREQ("first", line_of("logs/app-out-0.log"));
	ATF_CHECK(app_pid() != pid);
	hang_up(&c);
	kill_daemon();
	finish();
}

ATF_TC_WITHOUT_HEAD(update__all_of_a_team_and_kept);
ATF_TC_BODY(update__all_of_a_team_and_kept, tc)
{
	struct client		 c;
	struct spec_buf		 sb;
	struct ctl_appfix	 fix;
	char			 spec[4096];
	uint32_t		 i;

	begin();
	hello(&c);
	fill_spec(&sb, "exec sleep 1000");
	ATF_REQUIRE_EQ(0, spec_add_u64(&sb, SPEC_INSTANCES, 3));
	ATF_REQUIRE_EQ(1, results(&c, start_spec(&c, &sb, 1), 1, &res));
	REQUIRE_OK(start_at(&c, "other", 0, 0, 0, 0));
	fill_spec(&sb, "exec sleep 2000");
	ATF_REQUIRE_EQ(0, spec_add_u64(&sb, SPEC_PORT, 4711));
	REQUIRE_OK(update(&c, 1, &sb));
	ATF_CHECK_EQ(3, res.count);
	hang_up(&c);
	/* It was in the file before it was answered. */
	kill(daemon_pid, SIGKILL);
	ATF_REQUIRE_EQ(1000 + SIGKILL, ended(daemon_pid));
	daemon_pid = run_daemon(0);
	hello(&c);
	for (i = 0; i < 4; i++) {
		ATF_CHECK(look(&c, i, &fix, spec, sizeof(spec)) > 0);
		ATF_CHECK_EQ(i < 3 ? 4711 : 0, fix.port);
		ATF_CHECK_EQ(i < 3 ? i : 0, fix.instance);
		ATF_CHECK_EQ(i < 3 ? 0 : 3, fix.first);
	}
	hang_up(&c);
	kill_daemon();
	finish();
}

/* Nobody but the app sees what it is; an update need not know it. */
ATF_TC_WITHOUT_HEAD(update__secrets);
ATF_TC_BODY(update__secrets, tc)
{
	static const char	 script[] = "echo $K-$L > ready; "
				    "exec sleep 1000";
	struct client		 c;
	struct spec_buf		 sb;
	struct ctl_appfix	 fix;
	char			 spec[4096];
	size_t			 len;
	int			 i;

	begin();
	hello(&c);
	fill_spec(&sb, script);
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_SECRET, "K=\001"));
	ATF_REQUIRE_EQ(1, results(&c, start_spec(&c, &sb, 1), 1, &res));
	ATF_CHECK_EQ(CTL_INVALID, res.code);
	fill_spec(&sb, script);
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_SECRET, "K=hunter2"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_FILE_ENV, "K=shown"));
	ATF_REQUIRE_EQ(1, results(&c, start_spec(&c, &sb, 1), 1, &res));
	REQUIRE_OK(res.code);
	ATF_CHECK_STREQ("hunter2-", line_of("ready"));
	for (i = 0; i < 2; i++) {
		len = look(&c, 0, &fix, spec, sizeof(spec));
		ATF_CHECK(memmem(spec, len, "hunter2", 7) == NULL);
		ATF_CHECK(memmem(spec, len, "K=\001", 4) != NULL);
		fill_spec(&sb, script);
		ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_SECRET, "K=\001"));
		ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_SECRET, "L=more"));
		REQUIRE_OK(update(&c, 0, &sb));
		remove_file("ready");
		REQUIRE_OK(do_app(&c, IMSG_CTL_RESTART, 0));
		ATF_CHECK_STREQ("hunter2-more", line_of("ready"));
	}
	fill_spec(&sb, script);
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_SECRET, "M=\001"));
	ATF_CHECK_EQ(CTL_INVALID, update(&c, 0, &sb));
	ATF_CHECK_STREQ("secret M has no value to keep", res.text);
	hang_up(&c);
	kill_daemon();
	finish();
}

ATF_TC_WITHOUT_HEAD(update__refused);
ATF_TC_BODY(update__refused, tc)
{
	struct client		 c;
	struct spec_buf		 sb;
	struct ctl_appfix	 fix;
	char			 before[4096], after[4096];
	size_t			 len;

	begin();
	hello(&c);
	start(&c, "exec sleep 1000", 1);
	ATF_REQUIRE_EQ(1, results(&c, 0, 1, &res));
	len = look(&c, 0, &fix, before, sizeof(before));
	fill_spec(&sb, "x");
	ATF_CHECK_EQ(CTL_NOSUCH, update(&c, 1, &sb));
	fill_spec(&sb, "x");
	ATF_CHECK_EQ(CTL_NOSUCH, update(&c, APP_ID_ALL, &sb));
	memset(&sb, 0, sizeof(sb));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_NAME, "other"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_SCRIPT, "/bin/sh"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_CWD, home));
	ATF_CHECK_EQ(CTL_INVALID, update(&c, 0, &sb));
	ATF_CHECK_STREQ("the name of an app stays: this one is app",
	    res.text);
	memset(&sb, 0, sizeof(sb));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_NAME, "app"));
	ATF_CHECK_EQ(CTL_INVALID, update(&c, 0, &sb));
	ATF_CHECK_STREQ("script is missing", res.text);
	fill_spec(&sb, "x");
	ATF_REQUIRE_EQ(0, spec_add_u64(&sb, SPEC_INSTANCES, 4097));
	ATF_CHECK_EQ(CTL_INVALID, update(&c, 0, &sb));
	if (getuid() != 0) {
		fill_spec(&sb, "x");
		ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_USER, "root"));
		ATF_CHECK_EQ(CTL_DENIED, update(&c, 0, &sb));
	}
	ATF_CHECK_EQ(len, look(&c, 0, &fix, after, sizeof(after)));
	ATF_CHECK_EQ(0, memcmp(before, after, len));
	hang_up(&c);
	kill_daemon();
	finish();
}

/* Each of these costs the connection, and nothing else. */
ATF_TC_WITHOUT_HEAD(update__hostile);
ATF_TC_BODY(update__hostile, tc)
{
	static const uint32_t	 lengths[] = { 0, SPEC_MAX + 1, UINT32_MAX };
	struct ctl_update	 cu = { 0, 100 };
	struct ctl_start	 cs = { 100, 0, 0, 0, 0, 0 };
	struct client		 c;
	char			 bytes[200];
	size_t			 i;
	uint32_t		 id;

	memset(bytes, 'x', sizeof(bytes));
	begin();
	hello(&c);
	start(&c, "exec sleep 1000", 1);
	ATF_REQUIRE_EQ(1, results(&c, 0, 1, &res));
	hang_up(&c);
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		hello(&c);
		cu.speclen = lengths[i];
		ask(&c, IMSG_CTL_UPDATE, &cu, sizeof(cu));
		ATF_CHECK_EQ(0, results(&c, 0, 1, &res));
		hang_up(&c);
	}
	cu.speclen = 100;
	for (i = 0; i < 6; i++) {
		hello(&c);
		if (i == 0)
			ask(&c, IMSG_CTL_UPDATE, &cu, sizeof(cu) - 1);
		else if (i == 1)
			ask(&c, IMSG_CTL_UPDATE, bytes, sizeof(cu) + 4);
		else
			id = ask(&c, IMSG_CTL_UPDATE, &cu, sizeof(cu));
		if (i == 2)
			ask(&c, IMSG_CTL_UPDATE, &cu, sizeof(cu));
		else if (i == 3)
			ask(&c, IMSG_CTL_START, &cs, sizeof(cs));
		else if (i == 4)
			ask(&c, IMSG_CTL_SPEC_PART, bytes, 50);
		else if (i == 5)
			ATF_REQUIRE_EQ(1, imsg_compose(&c.ibuf,
			    IMSG_CTL_SPEC_PART, id, 0, -1, bytes, 101));
		ATF_CHECK_EQ_MSG(0, results(&c, 0, 1, &res), "%zu", i);
		hang_up(&c);
	}
	/* one who goes in between, and rubbish that is whole */
	hello(&c);
	id = ask(&c, IMSG_CTL_UPDATE, &cu, sizeof(cu));
	ATF_REQUIRE_EQ(1, imsg_compose(&c.ibuf, IMSG_CTL_SPEC_PART, id, 0,
	    -1, bytes, 50));
	ATF_REQUIRE_EQ(0, imsgbuf_flush(&c.ibuf));
	hang_up(&c);
	hello(&c);
	id = ask(&c, IMSG_CTL_UPDATE, &cu, sizeof(cu));
	ATF_REQUIRE_EQ(1, imsg_compose(&c.ibuf, IMSG_CTL_SPEC_PART, id, 0,
	    -1, bytes, 100));
	ATF_CHECK_EQ(1, results(&c, id, 1, &res));
	ATF_CHECK_EQ(CTL_INVALID, res.code);
	hang_up(&c);
	kill_daemon();
	finish();
}

/* The successor is of the new spec; one that fails costs nothing. */
ATF_TC_WITHOUT_HEAD(update__reload);
ATF_TC_BODY(update__reload, tc)
{
	struct client	 c;
	struct spec_buf	 sb;
	char		 told[64], where[64];
	pid_t		 old, new = 0;
	int		 i;

	begin();
	hello(&c);
	start_listening(&c, "exec sleep 1000");
	old = app_pid();
	snprintf(where, sizeof(where), "unix:@pm2d-test-%d", getpid());
	for (i = 0; i < 2; i++) {
		fill_spec(&sb, i == 0 ? "exit 5" :
		    "echo $LISTEN_FDS > ready; exec sleep 1000");
		ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_LISTEN, where));
		ATF_REQUIRE_EQ(0, spec_add_u64(&sb, SPEC_LISTEN_TIMEOUT,
		    500));
		if (i == 1) {
			strlcat(where, "-b", sizeof(where));
			ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_LISTEN,
			    where));
		}
		REQUIRE_OK(update(&c, 0, &sb));
		ask_reload(&c);
		reload_told(&c, told, sizeof(told), &new, &res);
		ATF_CHECK_EQ(i == 0 ? CTL_FAILED : CTL_OK, res.code);
		ATF_CHECK_EQ(i == 0, lives(old));
	}
	ATF_CHECK_STREQ("2", line_of("ready"));
	ATF_CHECK_EQ(new, app_pid());
	hang_up(&c);
	kill_daemon();
	finish();
}

ATF_TC_WITHOUT_HEAD(start__at_rest);
ATF_TC_BODY(start__at_rest, tc)
{
	struct client		 c;
	struct ctl_appfix	 fix;
	char			 spec[4096];

	begin();
	hello(&c);
	REQUIRE_OK(start_at(&c, "a", CTL_START_REST, 0, 0, 0));
	ATF_CHECK_EQ(2, res.count);
	look(&c, 1, &fix, spec, sizeof(spec));
	ATF_CHECK_EQ(APP_STOPPED, fix.state);
	ATF_CHECK_EQ(0, fix.wanted);
	ATF_CHECK_EQ(0, fix.restarts);
	ATF_CHECK_EQ(1, fix.instance);
	REQUIRE_OK(do_app(&c, IMSG_CTL_RESTART, 1));
	look(&c, 1, &fix, spec, sizeof(spec));
	ATF_CHECK_EQ(APP_ONLINE, fix.state);
	hang_up(&c);
	kill_daemon();
	finish();
}

#define ONE	(CTL_START_ONE | CTL_START_REST)

ATF_TC_WITHOUT_HEAD(start__to_a_place);
ATF_TC_BODY(start__to_a_place, tc)
{
	struct client		 c;
	struct ctl_appfix	 fix;
	char			 spec[4096];

	begin();
	hello(&c);
	REQUIRE_OK(start_at(&c, "a", ONE, 7, APP_ID_ALL, 2));
	ATF_CHECK_EQ(7, res.id);
	ATF_CHECK_EQ(1, res.count);
	look(&c, 7, &fix, spec, sizeof(spec));
	ATF_CHECK_EQ(7, fix.first);
	ATF_CHECK_EQ(2, fix.instance);
	ATF_CHECK_EQ(9, fix.restarts);
	/* that one is taken */
	REQUIRE_OK(start_at(&c, "b", ONE, 7, 7, 0));
	ATF_CHECK_EQ(8, res.id);
	look(&c, 8, &fix, spec, sizeof(spec));
	ATF_CHECK_EQ(8, fix.first);
	REQUIRE_OK(start_at(&c, "a", ONE, 3, 7, 0));
	ATF_CHECK_EQ(3, res.id);
	look(&c, 3, &fix, spec, sizeof(spec));
	ATF_CHECK_EQ(7, fix.first);
	/* the first one goes and comes back; another one does not join */
	REQUIRE_OK(do_app(&c, IMSG_CTL_DELETE, 7));
	REQUIRE_OK(start_at(&c, "b", ONE, 7, APP_ID_ALL, 1));
	ATF_CHECK_EQ(9, res.id);
	REQUIRE_OK(start_at(&c, "a", ONE, 7, 7, 2));
	ATF_CHECK_EQ(7, res.id);
	look(&c, 7, &fix, spec, sizeof(spec));
	ATF_CHECK_EQ(7, fix.first);
	REQUIRE_OK(start_at(&c, "c", 0, 0, 0, 0));
	ATF_CHECK_EQ(10, res.id);
	ATF_CHECK_EQ(2, res.count);
	hang_up(&c);
	kill_daemon();
	finish();
}

ATF_TC_WITHOUT_HEAD(start__to_no_place);
ATF_TC_BODY(start__to_no_place, tc)
{
	struct client	 c;

	begin();
	hello(&c);
	REQUIRE_OK(start_at(&c, "a", ONE, 7, APP_ID_ALL, 2));
	ATF_CHECK_EQ(CTL_INVALID, start_at(&c, "a", 8, 0, 0, 0));
	ATF_CHECK_EQ(CTL_INVALID, start_at(&c, "a", 1U << 31, 0, 0, 0));
	ATF_CHECK_EQ(CTL_INVALID, start_at(&c, "a", ONE, END, 7, 0));
	ATF_CHECK_EQ(CTL_INVALID, start_at(&c, "a", ONE, UINT32_MAX - 1, 7,
	    0));
	ATF_CHECK_EQ(CTL_INVALID, start_at(&c, "a", ONE, 9, 9,
	    APP_INSTANCES_MAX));
	ATF_CHECK_EQ(CTL_INVALID, start_at(&c, "a", ONE, 9, 9, UINT32_MAX));
	/* no such team, another's name, an instance that there is */
	ATF_CHECK_EQ(CTL_INVALID, start_at(&c, "a", ONE, 9, 8, 0));
	ATF_CHECK_EQ(CTL_INVALID, start_at(&c, "a", ONE, 9, UINT32_MAX - 1,
	    0));
	ATF_CHECK_EQ(CTL_INVALID, start_at(&c, "b", ONE, 9, 7, 0));
	ATF_CHECK_EQ(CTL_INVALID, start_at(&c, "a", ONE, 9, 7, 2));
	/* the last number there is: then those that are free */
	REQUIRE_OK(start_at(&c, "b", ONE, END - 1, APP_ID_ALL, 0));
	ATF_CHECK_EQ(END - 1, res.id);
	REQUIRE_OK(start_at(&c, "c", CTL_START_REST, 0, 0, 0));
	ATF_CHECK_EQ(0, res.id);
	REQUIRE_OK(start_at(&c, "c", ONE, END - 1, APP_ID_ALL, 0));
	ATF_CHECK_EQ(2, res.id);
	hang_up(&c);
	kill_daemon();
	finish();
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, update__next_start_takes_it);
	ATF_TP_ADD_TC(tp, update__files);
	ATF_TP_ADD_TC(tp, update__all_of_a_team_and_kept);
	ATF_TP_ADD_TC(tp, update__secrets);
	ATF_TP_ADD_TC(tp, update__refused);
	ATF_TP_ADD_TC(tp, update__hostile);
	ATF_TP_ADD_TC(tp, update__reload);
	ATF_TP_ADD_TC(tp, start__at_rest);
	ATF_TP_ADD_TC(tp, start__to_a_place);
	ATF_TP_ADD_TC(tp, start__to_no_place);
	return (atf_no_error());
}

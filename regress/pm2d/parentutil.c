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
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <atf-c.h>

#include "home.h"
#include "imsg.h"
#include "monotime.h"
#include "msg.h"
#include "parentutil.h"
#include "spec.h"


char	 home[64];
pid_t	 daemon_pid;


/* ---- the daemon ---- */

/* In the foreground: it is our child, and its status says how it ended. */
pid_t
run_daemon(int closed)
{
	char		 path[512];
	const char	*stage = getenv("PM2D_STAGE");
	pid_t		 pid;
	int		 fd;

	if (stage == NULL)
		atf_tc_skip("PM2D_STAGE does not say where pm2d is");
	snprintf(path, sizeof(path), "%s/sbin/pm2d", stage);
	ATF_REQUIRE((pid = fork()) != -1);
	if (pid == 0) {
		fd = open("daemon.log", O_WRONLY | O_CREAT | O_APPEND, 0600);
		dup2(fd, STDERR_FILENO);
		if (closed)
			close(STDIN_FILENO);
		execl(path, path, "-d", "-h", home, (char *)NULL);
		_exit(126);
	}
	return (pid);
}

int
connect_daemon(void)
{
	int	 i, s = -1;

	for (i = 0; i < WAIT_MS / 20 && s == -1; i++)
		if ((s = home_connect(home)) == -1)
			usleep(20000);
	ATF_REQUIRE(s != -1);
	return (s);
}

void
begin(void)
{
	strlcpy(home, "/tmp/pm2d_test.XXXXXX", sizeof(home));
	ATF_REQUIRE(mkdtemp(home) != NULL);
	daemon_pid = run_daemon(0);
	close(connect_daemon());
}

int
ended(pid_t pid)
{
	int	 i, status;

	for (i = 0; i < WAIT_MS / 20; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return (WIFEXITED(status) ? WEXITSTATUS(status) :
			    1000 + WTERMSIG(status));
		usleep(20000);
	}
	kill(pid, SIGKILL);
	return (-1);
}

void
finish(void)
{
	char	 cmd[128];

	ATF_CHECK_EQ(0, ended(daemon_pid));
	snprintf(cmd, sizeof(cmd), "rm -rf %s", home);
	ATF_CHECK_EQ(0, system(cmd));
}

/* The log daemon: a child of pm2d of that name. */
static pid_t
look_for_logd(void)
{
	char		 path[300], comm[32];
	struct dirent	*de;
	DIR		*dir;
	FILE		*f;
	int		 pid, ppid, found = 0;

	ATF_REQUIRE((dir = opendir("/proc")) != NULL);
	while (!found && (de = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "/proc/%s/stat", de->d_name);
		if ((f = fopen(path, "re")) == NULL)
			continue;
		found = fscanf(f, "%d (%31[^)]) %*c %d", &pid, comm,
		    &ppid) == 3 && ppid == daemon_pid &&
		    strcmp(comm, "pm2logd") == 0;
		fclose(f);
	}
	closedir(dir);
	return (found ? pid : 0);
}

/* It may not be executed yet when pm2d answers. */
pid_t
find_logd(void)
{
	pid_t	 pid;
	int	 i;

	for (i = 0; (pid = look_for_logd()) == 0 && i < 250; i++)
		usleep(20000);
	return (pid);
}

/* ---- clients ---- */

uint32_t
ask(struct client *c, uint32_t type, const void *data, size_t len)
{
	ATF_REQUIRE_EQ(1, imsg_compose(&c->ibuf, type, ++c->last, 0, -1, data,
	    len));
	return (c->last);
}

uint32_t
ask_app(struct client *c, uint32_t type, uint32_t id)
{
	struct ctl_app	 ca = { .id = id };

	return (ask(c, type, &ca, sizeof(ca)));
}

/* The next message: 1, 0 at the end; what is queued is sent meanwhile. */
int
next(struct client *c, struct imsg *imsg)
{
	struct pollfd	 pfd;
	int		 n;

	for (;;) {
		if ((n = imsgbuf_get(&c->ibuf, imsg)) == 1)
			return (1);
		ATF_REQUIRE_EQ(0, n);
		ATF_REQUIRE(imsgbuf_write(&c->ibuf) == 0 || errno == EPIPE);
		pfd.fd = c->ibuf.fd;
		pfd.events = POLLIN | (imsgbuf_queuelen(&c->ibuf) > 0 ?
		    POLLOUT : 0);
		ATF_REQUIRE(poll(&pfd, 1, WAIT_MS) == 1);
		if ((pfd.revents & (POLLIN | POLLHUP)) == 0)
			continue;
		if ((n = imsgbuf_read(&c->ibuf)) != 1)
			return (0);
	}
}

void
hello(struct client *c)
{
	struct ctl_hello	 h = { .protocol = PM2D_PROTOCOL };
	struct imsg		 imsg;
	int			 s = connect_daemon();

	ATF_REQUIRE(fcntl(s, F_SETFL, O_NONBLOCK) != -1);
	ATF_REQUIRE_EQ(0, imsgbuf_init(&c->ibuf, s));
	imsgbuf_set_limits(&c->ibuf, 100000, 16 * 1024 * 1024);
	c->last = 0;
	ask(c, IMSG_CTL_HELLO, &h, sizeof(h));
	ATF_REQUIRE_EQ(1, next(c, &imsg));
	ATF_REQUIRE_EQ(IMSG_CTL_HELLO, imsg_get_type(&imsg));
	imsg_free(&imsg);
}

void
hang_up(struct client *c)
{
	close(c->ibuf.fd);
	imsgbuf_clear(&c->ibuf);
}

/* Until the end of the connection or n results: how many for this one. */
int
results(struct client *c, uint32_t id, int n, struct ctl_result *r)
{
	struct imsg	 imsg;
	int		 seen = 0;

	while (n > 0 && next(c, &imsg) == 1) {
		if (imsg_get_type(&imsg) == IMSG_CTL_RESULT) {
			n--;
			if (id == 0 || imsg_get_id(&imsg) == id) {
				seen++;
				ATF_REQUIRE_EQ(0, imsg_get_data(&imsg, r,
				    sizeof(*r)));
			}
		}
		imsg_free(&imsg);
	}
	return (seen);
}

void
fill_spec(struct spec_buf *sb, const char *script)
{
	memset(sb, 0, sizeof(*sb));
	ATF_REQUIRE_EQ(0, spec_add_str(sb, SPEC_NAME, "app"));
	ATF_REQUIRE_EQ(0, spec_add_str(sb, SPEC_SCRIPT, "/bin/sh"));
	ATF_REQUIRE_EQ(0, spec_add_str(sb, SPEC_CWD, home));
	ATF_REQUIRE_EQ(0, spec_add_str(sb, SPEC_ARG, "-c"));
	ATF_REQUIRE_EQ(0, spec_add_str(sb, SPEC_ARG, script));
	ATF_REQUIRE_EQ(0, spec_add_u64(sb, SPEC_KILL_TIMEOUT, 1500));
}

/* START and its spec, in so many parts. */
uint32_t
start_spec(struct client *c, struct spec_buf *sb, uint32_t parts)
{
	struct ctl_start	 cs;
	uint32_t		 i, id, from, to;

	memset(&cs, 0, sizeof(cs));
	cs.speclen = sb->len;
	id = ask(c, IMSG_CTL_START, &cs, sizeof(cs));
	for (i = 0; i < parts; i++) {
		from = sb->len * i / parts;
		to = sb->len * (i + 1) / parts;
		ATF_REQUIRE_EQ(1, imsg_compose(&c->ibuf, IMSG_CTL_SPEC_PART,
		    id, 0, -1, sb->data + from, to - from));
	}
	spec_buf_free(sb);
	return (id);
}

uint32_t
start(struct client *c, const char *script, uint32_t parts)
{
	struct spec_buf	 sb;

	fill_spec(&sb, script);
	return (start_spec(c, &sb, parts));
}

/* One that can be reloaded: ready is who lives for half a second. */
void
start_listening(struct client *c, const char *script)
{
	struct ctl_result	 r;
	struct spec_buf		 sb;
	char			 where[64];

	fill_spec(&sb, script);
	snprintf(where, sizeof(where), "unix:@pm2d-test-%d", getpid());
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_LISTEN, where));
	ATF_REQUIRE_EQ(0, spec_add_u64(&sb, SPEC_LISTEN_TIMEOUT, 500));
	ATF_REQUIRE_EQ(1, results(c, start_spec(c, &sb, 1), 1, &r));
	ATF_REQUIRE_EQ(CTL_OK, r.code);
}

uint32_t
ask_reload(struct client *c)
{
	struct {
		struct ctl_reload	 req;
		uint32_t		 id;
	} msg = { .req = { .nids = 1 } };

	return (ask(c, IMSG_CTL_RELOAD, &msg, sizeof(msg.req) +
	    sizeof(msg.id)));
}

/* What is told until the result: a letter for each event of a reload. */
void
reload_told(struct client *c, char *told, size_t len, pid_t *successor,
    struct ctl_result *r)
{
	struct ctl_event	 ev;
	struct imsg		 imsg;
	size_t			 n = 0;
	int			 over = 0;

	while (!over) {
		ATF_REQUIRE_EQ(1, next(c, &imsg));
		if (imsg_get_type(&imsg) == IMSG_CTL_RESULT) {
			ATF_REQUIRE_EQ(0, imsg_get_data(&imsg, r, sizeof(*r)));
			over = 1;
		} else if (imsg_get_type(&imsg) == IMSG_CTL_EVENT) {
			ATF_REQUIRE_EQ(0, imsg_get_data(&imsg, &ev,
			    sizeof(ev)));
			if (ev.kind == EVENT_SUCCESSOR)
				*successor = ev.pid;
			ATF_REQUIRE(n + 1 < len);
			told[n++] = "sxdSRr."[ev.kind];
		}
		imsg_free(&imsg);
	}
	told[n] = '\0';
}

/* The process that the app's pid file names; 0: none. */
pid_t
app_pid(void)
{
	char	 path[128];
	FILE	*f;
	int	 pid = 0, i;

	snprintf(path, sizeof(path), "%s/pids/app.pid", home);
	for (i = 0; i < 100 && pid == 0; i++) {
		if ((f = fopen(path, "re")) != NULL) {
			if (fscanf(f, "%d", &pid) != 1)
				pid = 0;
			fclose(f);
		}
		if (pid == 0)
			usleep(20000);
	}
	ATF_REQUIRE(pid != 0);
	return (pid);
}

int
lives(pid_t pid)
{
	return (kill(pid, 0) == 0);
}

/* From now on what the path means is something else. */
void
script_is(const char *text)
{
	char	 path[128];
	FILE	*f;

	snprintf(path, sizeof(path), "%s/script", home);
	ATF_REQUIRE((f = fopen(path, "we")) != NULL);
	fputs(text, f);
	fclose(f);
}

void
kill_daemon(void)
{
	struct client		 c;
	struct ctl_result	 r;

	hello(&c);
	ATF_REQUIRE_EQ(1, results(&c, ask(&c, IMSG_CTL_KILL, NULL, 0), 1, &r));
	ATF_REQUIRE_EQ(CTL_OK, r.code);
	hang_up(&c);
}

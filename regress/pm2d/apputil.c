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
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <atf-c.h>

#include "apputil.h"
#include "../common/sys_fault.h"

#define DEADLINE_S	60

char	 apps_dir[64];
char	 apps_helper[128];

static char	*env_default[] = {
	(char *)(uintptr_t)"PATH=/usr/bin:/bin",
	/* The sanitizer would set a limit of its own. */
	(char *)(uintptr_t)"ASAN_OPTIONS=disable_coredump=0:detect_leaks=0",
	NULL
};

static pid_t	 owner;

static void	 remove_dir(void);
static void	 copy_file(const char *, const char *);
static size_t	 drain(int, char *, size_t, size_t);

void
apps_begin(const atf_tc_t *tc, const char *helper)
{
	char src[PATH_MAX];

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)alarm(DEADLINE_S);
	closefrom(3);
	sys_fault_reset();
	(void)strlcpy(apps_dir, "/tmp/pm2d_test.XXXXXXXX", sizeof(apps_dir));
	ATF_REQUIRE(mkdtemp(apps_dir) != NULL);
	owner = getpid();
	ATF_REQUIRE_EQ(0, atexit(remove_dir));
	ATF_REQUIRE_EQ(0, chmod(apps_dir, 0755));
	(void)snprintf(src, sizeof(src), "%s/%s",
	    atf_tc_get_config_var(tc, "srcdir"), helper);
	(void)snprintf(apps_helper, sizeof(apps_helper), "%s/%s", apps_dir,
	    helper);
	copy_file(src, apps_helper);
	ATF_REQUIRE_EQ_MSG(0, spawn_init(), "%s", strerror(errno));
}

void
apps_end(void)
{
	spawn_exit();
	remove_dir();
}

/* At the end of a test that failed, too. */
static void
remove_dir(void)
{
	pid_t pid;

	if (apps_dir[0] == '\0' || getpid() != owner)
		return;
	if ((pid = fork()) == 0) {
		(void)execl("/bin/rm", "rm", "-rf", "--", apps_dir,
		    (char *)NULL);
		_exit(1);
	}
	if (pid != -1)
		(void)waitpid(pid, NULL, 0);
	apps_dir[0] = '\0';
}

void
apps_way(int plain)
{
	spawn_exit();
	sys_fault_reset();
	if (plain)
		sys_fault_set("clone3", ENOSYS, 1, 0);
	ATF_REQUIRE_EQ(0, spawn_init());
}

static void
copy_file(const char *from, const char *to)
{
	char	 buf[65536];
	ssize_t	 n;
	int	 in, out;

	ATF_REQUIRE_MSG((in = open(from, O_RDONLY | O_CLOEXEC)) != -1,
	    "%s: %s", from, strerror(errno));
	ATF_REQUIRE((out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC,
	    0755)) != -1);
	while ((n = read(in, buf, sizeof(buf))) > 0)
		ATF_REQUIRE_EQ(n, write(out, buf, (size_t)n));
	ATF_REQUIRE_EQ(0, fchmod(out, 0755));
	ATF_REQUIRE_EQ(0, close(out));
	ATF_REQUIRE_EQ(0, close(in));
}

void
apps_req(struct spawn_req *req, const char *arg)
{
	static char *argv[3];

	memset(req, 0, sizeof(*req));
	argv[0] = apps_helper;
	argv[1] = (char *)(uintptr_t)arg;
	argv[2] = NULL;
	req->file = apps_helper;
	req->argv = argv;
	req->envp = env_default;
	req->in_fd = req->out_w = req->err_w = -1;
	req->ipc_fd = req->cgroup_fd = -1;
}

void
apps_run(struct spawn_req *req, struct app_run *run)
{
	struct spawn_child	 child;
	struct pollfd		 pfd;
	siginfo_t		 info;
	size_t			 nout, nerr;
	int			 err[2], out[2], r;

	memset(run, 0, sizeof(*run));
	ATF_REQUIRE_EQ(0, pipe2(out, O_CLOEXEC));
	ATF_REQUIRE_EQ(0, pipe2(err, O_CLOEXEC));
	req->out_w = out[1];
	req->err_w = err[1];
	r = spawn_app(req, &child, &run->stage);
	run->error = errno;
	ATF_REQUIRE_EQ(0, close(out[1]));
	ATF_REQUIRE_EQ(0, close(err[1]));
	if (r == -1) {
		(void)close(out[0]);
		(void)close(err[0]);
		return;
	}
	run->pid = child.pid;
	/* One that could not be set up may not have waited for it. */
	if (spawn_release(&child) == -1)
		ATF_REQUIRE_EQ(EPIPE, errno);
	/* To the end of both: the parent kept no write end of them. */
	nout = drain(out[0], run->out, 0, sizeof(run->out) - 1);
	nerr = drain(err[0], run->err, 0, sizeof(run->err) - 1);
	ATF_REQUIRE(nout < sizeof(run->out) - 1);
	ATF_REQUIRE(nerr < sizeof(run->err) - 1);
	pfd.fd = child.errfd;
	pfd.events = POLLIN;
	ATF_REQUIRE_EQ(1, poll(&pfd, 1, 10000));
	r = spawn_readerr(&child, &run->stage, &run->error);
	ATF_REQUIRE(r != 0);
	while ((r = spawn_reap(child.pid, child.pidfd, &info)) == 0)
		(void)usleep(1000);
	ATF_REQUIRE_EQ(1, r);
	run->status = info.si_code == CLD_EXITED ? info.si_status << 8 :
	    info.si_status;
	spawn_close(&child);
	if (child.pidfd != -1)
		(void)close(child.pidfd);
	(void)close(out[0]);
	(void)close(err[0]);
}

static size_t
drain(int fd, char *buf, size_t have, size_t size)
{
	ssize_t n;

	while (have < size && (n = read(fd, buf + have, size - have)) > 0)
		have += (size_t)n;
	buf[have] = '\0';
	return (have);
}

const char *
apps_line(const struct app_run *run, const char *prefix)
{
	static char	 line[4096];
	const char	*p;
	size_t		 len;

	len = strlen(prefix);
	for (p = run->out; *p != '\0'; p += strcspn(p, "\n"), p += *p != '\0')
		if (strncmp(p, prefix, len) == 0) {
			len = strcspn(p, "\n");
			if (len >= sizeof(line))
				len = sizeof(line) - 1;
			memcpy(line, p, len);
			line[len] = '\0';
			return (line);
		}
	return ("");
}

int
apps_lines(const struct app_run *run, const char *prefix)
{
	const char	*p;
	int		 n;

	n = 0;
	for (p = run->out; *p != '\0'; p += strcspn(p, "\n"), p += *p != '\0')
		n += strncmp(p, prefix, strlen(prefix)) == 0;
	return (n);
}

void
apps_ids(struct ids *ids)
{
	ids_self(ids);
	if (geteuid() != 0)
		return;
	ids->uid = 50000 + (uid_t)(getpid() % 10000);
	ids->gid = ids->uid + 10000;
	ids->groups[0] = ids->gid;
	ids->groups[1] = 70001;
	ids->groups[2] = 70000;
	ids->ngroups = 3;
	ids->change = 1;
}

int
apps_nfds(void)
{
	int fd, n;

	for (n = 0, fd = 0; fd < 4096; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return (n);
}

long
apps_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (ts.tv_sec * 1000 + ts.tv_nsec / 1000000);
}

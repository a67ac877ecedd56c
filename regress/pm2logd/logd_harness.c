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
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "logd_harness.h"

#define PATIENCE_MS	60000	/* sanitizers and loaded machines */

static char	 program[1024];

static void	 logd_exec(struct logd *, int, const char *, const char *)
		    __attribute__((noreturn));
static void	 logd_fork(struct logd *, const char *, const char *);
static int	 logd_next(struct logd *, int, struct imsg *);
static void	 reader_text(struct reader *, const char *, size_t);
static void	 reader_line(struct reader *, struct imsg *);
static void	 reader_imsg(struct reader *, struct imsg *);

static int64_t
now_ms(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000);
}

static void
nap(void)
{
	struct timespec	 ts = { 0, 5000000 };

	nanosleep(&ts, NULL);
}

void
harness_init(const char *srcdir)
{
	snprintf(program, sizeof(program), "%s/../../pm2logd/pm2logd",
	    srcdir);
	ATF_REQUIRE(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
}

static void
logd_exec(struct logd *d, int channel, const char *faults, const char *user)
{
	char	 log[600], fault[256];
	char	*argv[] = { program, __DECONST(char *, "-h"), d->home, NULL,
		    NULL, NULL };
	char	*envp[] = { __DECONST(char *, "PATH=/bin:/usr/bin"),
		    __DECONST(char *, "ASAN_OPTIONS=quarantine_size_mb=4:"
		    "detect_leaks=0"), NULL, NULL };
	int	 fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(log, sizeof(log), "%s/pm2.log", d->home);
	if ((fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600)) == -1)
		_exit(120);
	if (channel == STDERR_FILENO || dup2(fd, STDERR_FILENO) == -1)
		_exit(121);
	if (channel == 3)
		fcntl(3, F_SETFD, 0);
	else if (dup2(channel, 3) == -1)
		_exit(122);
	if (faults != NULL) {
		snprintf(fault, sizeof(fault), "PM2D_FAULT=%s", faults);
		envp[2] = fault;
	}
	if (user != NULL) {
		argv[3] = __DECONST(char *, "-u");
		argv[4] = __DECONST(char *, user);
	}
	execve(program, argv, envp);
	_exit(123);
}

static void
logd_fork(struct logd *d, const char *faults, const char *user)
{
	struct log_ready	 ready;
	int			 sv[2];

	ATF_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) ==
	    0);
	ATF_REQUIRE((d->pid = fork()) != -1);
	if (d->pid == 0)
		logd_exec(d, sv[1], faults, user);
	close(sv[1]);
	ATF_REQUIRE(imsgbuf_init(&d->ib, sv[0]) == 0);
	imsgbuf_allow_fdpass(&d->ib);
	logd_wait(d, IMSG_LOG_READY, &ready, sizeof(ready));
	ATF_CHECK(ready.sandbox[0] != '\0');
}

void
logd_start(struct logd *d, const char *faults, const char *user)
{
	char	 path[600];

	memset(d, 0, sizeof(*d));
	ATF_REQUIRE(getcwd(d->home, sizeof(d->home) - 8) != NULL);
	strlcat(d->home, "/home", sizeof(d->home));
	ATF_REQUIRE(mkdir(d->home, 0755) == 0 || errno == EEXIST);
	snprintf(path, sizeof(path), "%s/logs", d->home);
	ATF_REQUIRE(mkdir(path, 0700) == 0 || errno == EEXIST);
	snprintf(path, sizeof(path), "%s/pids", d->home);
	ATF_REQUIRE(mkdir(path, 0700) == 0 || errno == EEXIST);
	logd_fork(d, faults, user);
	logd_conf(d, 0, 30000);
}

void
logd_restart(struct logd *d)
{
	logd_fork(d, NULL, NULL);
	logd_conf(d, 0, 30000);
}

void
logd_stop(struct logd *d, int want)
{
	int	 fd, status;

	fd = d->ib.fd;
	imsgbuf_clear(&d->ib);
	close(fd);
	ATF_REQUIRE_EQ(waitpid(d->pid, &status, 0), d->pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != want) {
		char	*log;

		log = slurp(d, "pm2.log", NULL);
		atf_tc_fail("pm2logd ended with 0x%x, its log: %s", status,
		    log);
	}
}

void
logd_send(struct logd *d, uint32_t type, int fd, const void *data, size_t len)
{
	ATF_REQUIRE_EQ(imsg_compose(&d->ib, type, 0, 0, fd, data, len), 1);
	while (imsgbuf_queuelen(&d->ib) > 0)
		if (imsgbuf_write(&d->ib) == -1) {
			/* it has ended: what waits for an answer sees it */
			ATF_REQUIRE(errno == EPIPE);
			return;
		}
}

/* A message within so many ms: 1, 0: none, -1: it has gone. */
static int
logd_next(struct logd *d, int ms, struct imsg *imsg)
{
	struct pollfd	 pfd;
	int		 n;

	for (;;) {
		ATF_REQUIRE((n = imsgbuf_get(&d->ib, imsg)) != -1);
		if (n == 1)
			break;
		pfd.fd = d->ib.fd;
		pfd.events = POLLIN;
		ATF_REQUIRE((n = poll(&pfd, 1, ms)) != -1);
		if (n == 0)
			return (0);
		if (imsgbuf_read(&d->ib) != 1)
			return (-1);
	}
	if (imsg_get_type(imsg) == IMSG_LOG_WANTFILE) {
		ATF_REQUIRE(imsg_get_data(imsg, &d->want, sizeof(d->want)) ==
		    0);
		d->wants++;
	}
	d->eofs += imsg_get_type(imsg) == IMSG_LOG_EOF;
	return (1);
}

void
logd_wait(struct logd *d, uint32_t type, void *data, size_t len)
{
	struct imsg	 imsg;
	int		 n;

	for (;;) {
		if ((n = logd_next(d, PATIENCE_MS, &imsg)) != 1)
			atf_tc_fail("waiting for %s: %s: %s", msg_name(type),
			    n == 0 ? "nothing" : "gone",
			    slurp(d, "pm2.log", NULL));
		if (imsg_get_type(&imsg) == type)
			break;
		imsg_free(&imsg);
	}
	if (type != IMSG_LOG_WANTFILE && data != NULL)
		ATF_REQUIRE(imsg_get_data(&imsg, data, len) == 0);
	imsg_free(&imsg);
}

void
logd_poll(struct logd *d, int ms)
{
	struct imsg	 imsg;

	while (logd_next(d, ms, &imsg) == 1)
		imsg_free(&imsg);
}

void
logd_conf(struct logd *d, uint64_t budget, uint64_t full_wait)
{
	struct log_conf	 lc;

	memset(&lc, 0, sizeof(lc));
	lc.budget = budget;
	lc.full_wait_ms = full_wait;
	logd_send(d, IMSG_LOG_CONF, -1, &lc, sizeof(lc));
}

void
logd_file(struct logd *d, uint32_t number, const char *name, uint32_t flags,
    uint64_t max_size, uint32_t keep)
{
	struct log_file	 lf;

	memset(&lf, 0, sizeof(lf));
	lf.file = number;
	lf.flags = flags;
	lf.max_size = max_size;
	lf.keep = keep;
	strlcpy(lf.name, name, sizeof(lf.name));
	logd_send(d, IMSG_LOG_FILE, -1, &lf, sizeof(lf));
}

int
logd_stream(struct logd *d, uint32_t app, uint32_t kind, uint32_t generation,
    uint32_t file, uint32_t flags)
{
	struct log_streamed	 answer;
	struct log_stream	 ls;
	int			 p[2];

	memset(&ls, 0, sizeof(ls));
	ls.app = app;
	ls.kind = kind;
	ls.generation = generation;
	ls.file = file;
	ls.flags = flags;
	snprintf(ls.name, sizeof(ls.name), "app%u", app);
	ATF_REQUIRE(pipe2(p, O_CLOEXEC) == 0);
	logd_send(d, IMSG_LOG_STREAM, p[0], &ls, sizeof(ls));
	logd_wait(d, IMSG_LOG_STREAMED, &answer, sizeof(answer));
	ATF_CHECK_EQ(answer.app, app);
	ATF_CHECK_EQ(answer.kind, kind);
	ATF_CHECK_EQ(answer.generation, generation);
	ATF_REQUIRE_EQ(answer.error, 0);
	return (p[1]);
}

static void
logd_ref(struct logd *d, uint32_t type, uint32_t app, uint32_t generation)
{
	struct log_ref	 ref;

	memset(&ref, 0, sizeof(ref));
	ref.app = app;
	ref.generation = generation;
	ref.cookie = ++d->cookie;
	logd_send(d, type, -1, &ref, sizeof(ref));
}

void
logd_drain(struct logd *d, uint32_t app, uint32_t generation)
{
	struct log_ref	 ref;

	logd_ref(d, IMSG_LOG_DRAIN, app, generation);
	logd_wait(d, IMSG_LOG_DRAINED, &ref, sizeof(ref));
	ATF_CHECK_EQ(ref.app, app);
	ATF_CHECK_EQ(ref.generation, generation);
	ATF_CHECK_EQ(ref.cookie, d->cookie);
}

void
logd_forget(struct logd *d, uint32_t app)
{
	logd_ref(d, IMSG_LOG_FORGET, app, 0);
}

static int
logd_done(struct logd *d)
{
	struct log_done	 done;

	logd_wait(d, IMSG_LOG_DONE, &done, sizeof(done));
	ATF_CHECK_EQ(done.cookie, d->cookie);
	return (done.error);
}

int
logd_flush(struct logd *d, uint32_t app)
{
	logd_ref(d, IMSG_LOG_FLUSH, app, 0);
	return (logd_done(d));
}

int
logd_reopen(struct logd *d, uint32_t app)
{
	logd_ref(d, IMSG_LOG_REOPEN, app, 0);
	return (logd_done(d));
}

void
logd_pidfile(struct logd *d, uint32_t app, uint32_t pid, const char *name)
{
	struct log_pidfile	 lp;

	memset(&lp, 0, sizeof(lp));
	lp.app = app;
	lp.pid = pid;
	strlcpy(lp.name, name, sizeof(lp.name));
	logd_send(d, IMSG_LOG_PIDFILE, -1, &lp, sizeof(lp));
	logd_drain(d, UINT32_MAX - 1, 0);	/* it is done when that is */
}

long
logd_status(struct logd *d, const char *key)
{
	char	 line[256], path[64];
	FILE	*fp;
	long	 value;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)d->pid);
	ATF_REQUIRE((fp = fopen(path, "r")) != NULL);
	value = -1;
	while (fgets(line, sizeof(line), fp) != NULL)
		if (strncmp(line, key, strlen(key)) == 0)
			value = strtol(line + strlen(key), NULL, 10);
	fclose(fp);
	return (value);
}

/* ---- readers ---- */

void
reader_open(struct logd *d, struct reader *r, uint32_t flags, uint32_t lines,
    uint32_t app)
{
	struct {
		struct log_follow	 lf;
		uint32_t		 id;
	} msg;
	int	 sv[2];

	memset(r, 0, sizeof(*r));
	memset(&msg, 0, sizeof(msg));
	msg.lf.flags = flags;
	msg.lf.lines = lines;
	msg.lf.nids = app != APP_ID_ALL;
	msg.id = app;
	ATF_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) ==
	    0);
	logd_send(d, IMSG_LOG_FOLLOW, sv[0], &msg, app == APP_ID_ALL ?
	    sizeof(msg.lf) : sizeof(msg.lf) + sizeof(msg.id));
	ATF_REQUIRE(imsgbuf_init(&r->ib, sv[1]) == 0);
	logd_drain(d, UINT32_MAX - 1, 0);	/* it has begun when that is */
}

static void
reader_text(struct reader *r, const char *text, size_t len)
{
	if (r->size - r->len < len + 1) {
		r->size = (r->size + len + 1) * 2;
		ATF_REQUIRE((r->text = realloc(r->text, r->size)) != NULL);
	}
	memcpy(r->text + r->len, text, len);
	r->len += len;
	r->text[r->len] = '\0';
}

static void
reader_line(struct reader *r, struct imsg *imsg)
{
	struct follow_line	 fl;
	char			 text[MAX_IMSGSIZE];
	size_t			 len;

	ATF_REQUIRE(imsg_get_buf(imsg, &fl, sizeof(fl)) == 0);
	len = imsg_get_len(imsg);
	ATF_REQUIRE(imsg_get_buf(imsg, text, len) == 0);
	reader_text(r, text, len);
	if (fl.flags & FOLLOW_HISTORY)
		ATF_CHECK_EQ(fl.when_ms, 0);
	else
		ATF_CHECK(fl.when_ms > 1500000000000ULL);
	if (fl.flags & FOLLOW_PARTIAL)
		return;
	reader_text(r, "\n", 1);
	if (fl.flags & FOLLOW_HISTORY)
		r->history++;
	else
		r->lines++;
}

static void
reader_imsg(struct reader *r, struct imsg *imsg)
{
	struct follow_gap	 gap;

	switch (imsg_get_type(imsg)) {
	case IMSG_FOLLOW_FILE:
		ATF_REQUIRE(imsg_get_data(imsg, &r->file, sizeof(r->file)) ==
		    0);
		r->files++;
		break;
	case IMSG_FOLLOW_LINE:
		reader_line(r, imsg);
		break;
	case IMSG_FOLLOW_GAP:
		ATF_REQUIRE(imsg_get_data(imsg, &gap, sizeof(gap)) == 0);
		r->gap.bytes += gap.bytes;
		r->gap.lines += gap.lines;
		r->gaps++;
		break;
	case IMSG_FOLLOW_STATS:
		ATF_REQUIRE(r->nstats < 16);
		ATF_REQUIRE(imsg_get_data(imsg, &r->stats[r->nstats++],
		    sizeof(r->stats[0])) == 0);
		break;
	case IMSG_FOLLOW_LIVE:
		r->live++;
		break;
	default:
		atf_tc_fail("message %u", imsg_get_type(imsg));
	}
}

/* One read: 1, 0: nothing came, and over is set at the end. */
static int
reader_once(struct reader *r, int ms)
{
	struct pollfd	 pfd;
	struct imsg	 imsg;
	int		 n;

	pfd.fd = r->ib.fd;
	pfd.events = POLLIN;
	ATF_REQUIRE((n = poll(&pfd, 1, ms)) != -1);
	if (n == 0)
		return (0);
	if (imsgbuf_read(&r->ib) != 1) {
		r->over = 1;
		return (0);
	}
	while ((n = imsgbuf_get(&r->ib, &imsg)) == 1) {
		reader_imsg(r, &imsg);
		imsg_free(&imsg);
	}
	ATF_REQUIRE(n == 0);
	return (1);
}

void
reader_history(struct reader *r)
{
	while (r->live == 0)
		ATF_REQUIRE_MSG(reader_once(r, PATIENCE_MS) == 1,
		    "no end of the history");
}

void
reader_finish(struct reader *r)
{
	while (reader_once(r, PATIENCE_MS) == 1)
		continue;
	ATF_CHECK_EQ(r->over, 1);
	ATF_CHECK_EQ(r->live, 1);
}

void
reader_poll(struct reader *r, int ms)
{
	while (reader_once(r, ms) == 1)
		continue;
}

void
reader_lines(struct reader *r, unsigned int n)
{
	while (r->lines < n)
		ATF_REQUIRE_MSG(reader_once(r, PATIENCE_MS) == 1,
		    "%u lines of %u, %u gaps", r->lines, n, r->gaps);
}

void
reader_close(struct reader *r)
{
	int	 fd;

	fd = r->ib.fd;
	imsgbuf_clear(&r->ib);
	close(fd);
	free(r->text);
	r->text = NULL;
}

/* ---- files and pipes ---- */

char *
slurp(struct logd *d, const char *name, size_t *len)
{
	struct stat	 sb;
	char		 path[1024], *buf;
	size_t		 done;
	ssize_t		 n;
	int		 fd;

	snprintf(path, sizeof(path), "%s/%s", d->home, name);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return (NULL);
	ATF_REQUIRE(fstat(fd, &sb) == 0);
	ATF_REQUIRE((buf = malloc((size_t)sb.st_size + 1)) != NULL);
	for (done = 0; done < (size_t)sb.st_size; done += (size_t)n)
		if ((n = read(fd, buf + done, (size_t)sb.st_size - done)) <= 0)
			break;
	buf[done] = '\0';
	close(fd);
	if (len != NULL)
		*len = done;
	return (buf);
}

void
wait_size(struct logd *d, const char *name, size_t size)
{
	struct stat	 sb;
	char		 path[1024];
	int64_t		 end;

	snprintf(path, sizeof(path), "%s/%s", d->home, name);
	end = now_ms() + PATIENCE_MS;
	for (;;) {
		if (stat(path, &sb) == 0 && (size_t)sb.st_size >= size)
			return;
		ATF_REQUIRE_MSG(now_ms() < end, "%s has not %zu bytes", name,
		    size);
		nap();
	}
}

void
wait_text(struct logd *d, const char *name, const char *text)
{
	char	*buf;
	int64_t	 end;
	int	 found;

	end = now_ms() + PATIENCE_MS;
	for (;;) {
		found = (buf = slurp(d, name, NULL)) != NULL &&
		    strstr(buf, text) != NULL;
		if (found) {
			free(buf);
			return;
		}
		ATF_REQUIRE_MSG(now_ms() < end, "%s: no \"%s\" in \"%.2000s\"",
		    name, text, buf == NULL ? "(none)" : buf);
		free(buf);
		nap();
	}
}

int
exists(struct logd *d, const char *name)
{
	struct stat	 sb;
	char		 path[1024];

	snprintf(path, sizeof(path), "%s/%s", d->home, name);
	return (lstat(path, &sb) == 0);
}

void
put(int fd, const char *text)
{
	size_t	 len;
	ssize_t	 n;

	for (len = strlen(text); len > 0; len -= (size_t)n, text += n)
		ATF_REQUIRE((n = write(fd, text, len)) > 0);
}

pid_t
spew(int fd, const char *prefix, unsigned int first, unsigned int last)
{
	char	 buf[8192];
	size_t	 len;
	pid_t	 pid;

	ATF_REQUIRE((pid = fork()) != -1);
	if (pid != 0)
		return (pid);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (len = 0; first < last; first++) {
		len += (size_t)snprintf(buf + len, sizeof(buf) - len,
		    "%s %08u\n", prefix, first);
		if (len < sizeof(buf) - 256 && first + 1 < last)
			continue;
		if (write(fd, buf, len) != (ssize_t)len)
			_exit(1);
		len = 0;
	}
	_exit(0);
}

void
reap(pid_t pid)
{
	int	 status;

	ATF_REQUIRE_EQ(waitpid(pid, &status, 0), pid);
	ATF_REQUIRE_MSG(status == 0, "writer ended with 0x%x", status);
}

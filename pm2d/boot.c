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
 * Each user of the list is looked up by a helper, then pm2ctl is executed as
 * him.  Nothing waits for any of it.
 */
#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "boot.h"
#include "conf.h"
#include "helper.h"
#include "instpaths.h"
#include "log.h"
#include "parent.h"
#include "places.h"
#include "spawn.h"
#include "sys.h"

#define BOOT_PARALLEL	4
#define BOOT_SECONDS	300	/* then it is killed */
#define BOOT_LINES	100	/* of what it says */
#define BOOT_LINE	512

#define SEARCH_PATH	"/usr/local/sbin:/usr/local/bin:/usr/sbin:" \
			"/usr/bin:/sbin:/bin"

/* One pm2ctl. */
struct boot_run {
	int		 busy;
	struct conf_boot user;
	struct helper	*helper;	/* who finds out who he is */
	struct spawn_child child;	/* pid 0: none */
	int		 out;		/* what it says; -1: no more */
	struct event	 outev;
	struct event	 exited;
	struct event	 timer;
	char		 line[BOOT_LINE];
	size_t		 len;
	unsigned int	 lines;
};

/* All of it.  users: as they were in pm2d.conf when pm2d started. */
static struct {
	struct pm2d	*env;
	struct conf_boot *users;
	size_t		 n;
	size_t		 next;
	struct boot_run	 runs[BOOT_PARALLEL];
	struct event	 again;
} boot;

static void	 boot_later(void);
static void	 got_exit(int, short, void *);
static void	 got_output(int, short, void *);
static void	 got_timeout(int, short, void *);

/* ---- what it says ---- */

static void
say_line(struct boot_run *r)
{
	r->line[r->len] = '\0';
	if (r->len > 0 && r->lines++ < BOOT_LINES)
		log_warnx("resurrect of %s: %s", r->user.name, r->line);
	r->len = 0;
}

static void
take_output(struct boot_run *r, const char *data, size_t len)
{
	size_t	 i;

	for (i = 0; i < len; i++) {
		if (data[i] == '\n' || r->len == sizeof(r->line) - 1)
			say_line(r);
		if (data[i] != '\n')
			r->line[r->len++] = data[i] != '\0' ? data[i] : ' ';
	}
}

static void
close_output(struct boot_run *r)
{
	if (r->out == -1)
		return;
	event_del(&r->outev);
	close(r->out);
	r->out = -1;
	say_line(r);
	if (r->lines > BOOT_LINES)
		log_warnx("resurrect of %s: %u more lines", r->user.name,
		    r->lines - BOOT_LINES);
}

/* Some of it: 1, or 0 when there is no more for now. */
static int
read_output(struct boot_run *r)
{
	char	 buf[4096];
	ssize_t	 n;

	if (r->out == -1)
		return (0);
	n = sys_read(r->out, buf, sizeof(buf));
	if (n > 0) {
		take_output(r, buf, (size_t)n);
		return (1);
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		close_output(r);
	return (0);
}

static void
got_output(int fd, short event, void *arg)
{
	(void)fd;
	(void)event;
	(void)read_output(arg);
}

/* ---- its end ---- */

static void
run_end(struct boot_run *r)
{
	if (r->child.pid != 0) {
		event_del(&r->exited);
		event_del(&r->timer);
		spawn_close(&r->child);
		if (r->child.pidfd != -1)
			close(r->child.pidfd);
		r->child.pid = 0;
	}
	close_output(r);
	r->busy = 0;
	boot_later();
}

static void
say_end(struct boot_run *r, const siginfo_t *si)
{
	enum stage	 stage;
	int		 error;

	if (spawn_readerr(&r->child, &stage, &error) == -1)
		log_warnx("resurrect of %s: %s: %s", r->user.name,
		    PATH_PM2CTL, strerror(error));
	else if (si->si_code != CLD_EXITED)
		log_warnx("resurrect of %s: ended by signal %d", r->user.name,
		    si->si_status);
	else if (si->si_status != 0)
		log_warnx("resurrect of %s: not all of it came back",
		    r->user.name);
	else
		log_info("resurrect of %s: done", r->user.name);
}

static void
got_exit(int fd, short event, void *arg)
{
	struct boot_run	*r = arg;
	siginfo_t	 si;
	int		 i;

	(void)fd;
	(void)event;
	if (spawn_reap(r->child.pid, r->child.pidfd, &si) != 1)
		return;
	/* No more than a pipe holds. */
	for (i = 0; i < 64 && read_output(r); i++)
		;
	close_output(r);
	say_end(r, &si);
	run_end(r);
}

static void
got_timeout(int fd, short event, void *arg)
{
	struct boot_run	*r = arg;

	(void)fd;
	(void)event;
	log_warnx("resurrect of %s: not done after %d s", r->user.name,
	    BOOT_SECONDS);
	(void)spawn_signal(r->child.pid, r->child.pidfd, SIGKILL);
}

/* ---- its beginning ---- */

static void
watch(struct boot_run *r)
{
	struct event_base	*base = boot.env->base;
	struct timeval		 tv = { BOOT_SECONDS, 0 };

	event_assign(&r->outev, base, r->out, EV_READ | EV_PERSIST,
	    got_output, r);
	event_add(&r->outev, NULL);
	if (r->child.pidfd != -1)
		event_assign(&r->exited, base, r->child.pidfd,
		    EV_READ | EV_PERSIST, got_exit, r);
	else
		evsignal_assign(&r->exited, base, SIGCHLD, got_exit, r);
	event_add(&r->exited, NULL);
	evtimer_assign(&r->timer, base, got_timeout, r);
	evtimer_add(&r->timer, &tv);
}

/* 0, or -1 with errno. */
static int
start(struct boot_run *r, const struct ids *ids, int out)
{
	char			 words[][16] = { "pm2ctl", "-s", "resurrect",
				    "--if-empty" };
	char			 home[1100], user[300], logname[300];
	char			 path[] = "PATH=" SEARCH_PATH;
	char			 file[PATH_MAX], sock[PATH_MAX + 16];
	char			*argv[] = { words[0], words[1], words[2],
				    words[3], NULL };
	char			*envp[] = { home, user, logname, path, sock,
				    NULL };
	struct spawn_req	 req;
	enum stage		 stage;

	places_socket(boot.env, file, sizeof(file));
	(void)snprintf(home, sizeof(home), "HOME=%s", ids->home);
	(void)snprintf(user, sizeof(user), "USER=%s", ids->name);
	(void)snprintf(logname, sizeof(logname), "LOGNAME=%s", ids->name);
	(void)snprintf(sock, sizeof(sock), "PM2_SOCKET=%s", file);
	memset(&req, 0, sizeof(req));
	req.file = PATH_PM2CTL;
	req.argv = argv;
	req.envp = envp;
	req.ids = ids->change ? ids : NULL;
	req.in_fd = req.ipc_fd = req.cgroup_fd = -1;
	req.out_w = req.err_w = out;
	return (spawn_app(&req, &r->child, &stage));
}

static void
run_start(struct boot_run *r, const struct ids *ids)
{
	int	 fds[2], error;

	if (pipe2(fds, O_CLOEXEC) == -1) {
		log_warn("resurrect of %s", r->user.name);
		run_end(r);
		return;
	}
	error = start(r, ids, fds[1]) == -1 ? errno : 0;
	close(fds[1]);
	if (error != 0) {
		log_warnx("resurrect of %s: %s: %s", r->user.name,
		    PATH_PM2CTL, strerror(error));
		close(fds[0]);
		r->child.pid = 0;
		run_end(r);
		return;
	}
	(void)fcntl(fds[0], F_SETFL, O_NONBLOCK);
	r->out = fds[0];
	watch(r);
	(void)spawn_release(&r->child);
}

static void
got_ids(void *arg, int error, const void *data, size_t len, int *fds,
    int nfds)
{
	struct boot_run	*r = arg;
	struct ids	 ids;

	(void)fds;
	(void)nfds;
	r->helper = NULL;
	if (error == 0 && len != sizeof(ids))
		error = EPROTO;
	if (error != 0 || boot.env->going) {
		if (error != 0)
			log_warnx("resurrect of %s: %s", r->user.name,
			    error == ENOENT ? "no such user" :
			    strerror(error));
		run_end(r);
		return;
	}
	memcpy(&ids, data, sizeof(ids));
	run_start(r, &ids);
}

static void
run_begin(struct boot_run *r, const struct conf_boot *user)
{
	struct job_uid	 req;

	memset(r, 0, sizeof(*r));
	r->busy = 1;
	r->out = -1;
	r->user = *user;
	memset(&req, 0, sizeof(req));
	req.uid = user->uid;
	r->helper = helper_run(boot.env->base, NULL, job_lookup_uid, &req,
	    sizeof(req), NULL, 0, got_ids, r);
	if (r->helper == NULL) {
		log_warn("resurrect of %s", user->name);
		run_end(r);
	}
}

/* ---- all of them ---- */

static void
boot_more(int fd, short event, void *arg)
{
	size_t	 i;

	(void)fd;
	(void)event;
	(void)arg;
	for (i = 0; i < BOOT_PARALLEL && boot.next < boot.n; i++)
		if (!boot.runs[i].busy && !boot.env->going)
			run_begin(&boot.runs[i], &boot.users[boot.next++]);
}

/* Not from within what has just ended. */
static void
boot_later(void)
{
	static const struct timeval	 now = { 0, 0 };

	if (boot.next < boot.n)
		evtimer_add(&boot.again, &now);
}

void
boot_begin(struct pm2d *env)
{
	const struct conf	*conf = env->conf;

	if (conf == NULL || conf->nboot == 0)
		return;
	boot.env = env;
	boot.users = calloc(conf->nboot, sizeof(*boot.users));
	if (boot.users == NULL) {
		log_warn("resurrect");
		return;
	}
	memcpy(boot.users, conf->boot, conf->nboot * sizeof(*boot.users));
	boot.n = conf->nboot;
	evtimer_assign(&boot.again, env->base, boot_more, NULL);
	boot_later();
}

void
boot_exit(void)
{
	struct boot_run	*r;
	size_t		 i;

	if (boot.users == NULL)
		return;
	boot.n = 0;
	for (i = 0; i < BOOT_PARALLEL; i++) {
		r = &boot.runs[i];
		if (!r->busy)
			continue;
		if (r->helper != NULL)
			helper_cancel(r->helper);
		if (r->child.pid != 0) {
			(void)spawn_signal(r->child.pid, r->child.pidfd,
			    SIGKILL);
			(void)waitpid(r->child.pid, NULL, 0);
		}
		run_end(r);
	}
	event_del(&boot.again);
	free(boot.users);
	boot.users = NULL;
}

int
boot_ispid(pid_t pid)
{
	size_t	 i;

	for (i = 0; i < BOOT_PARALLEL; i++)
		if (boot.runs[i].busy && boot.runs[i].child.pid == pid)
			return (1);
	return (0);
}

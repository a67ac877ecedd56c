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
 * The parent's side of pm2d.conf(5): opens files, takes records, and believes
 * none of them before it has looked.
 */

#include <sys/types.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "ids.h"
#include "imsgev.h"
#include "instpaths.h"
#include "log.h"
#include "parent.h"
#include "proc.h"
#include "spawn.h"
#include "sys.h"

#define CONF_USER	"_pm2d"
#define LOAD_SECONDS	60	/* name services may be slow, but not so */
#define MESSAGES_MAX	400	/* of mistakes; the reader ends sooner */

enum load_state {
	LOAD_IDLE,
	LOAD_FILES,		/* the reader asks for files */
	LOAD_RECORDS,		/* BEGIN came */
	LOAD_ENDING		/* it is over: waiting for the process's end */
};

static struct loader {
	enum load_state	 state;
	struct event_base *base;
	struct imsgev	*iev;
	pid_t		 pid;
	int		 pidfd;
	struct event	 pidev;
	struct event	 timer;
	char		 path[PATH_MAX];
	conf_done	*done;
	void		*arg;
	conf_say	*say;
	struct conf	*conf;
	int		 good;		/* END came */
	int		 again;		/* asked for once more meanwhile */
	uint32_t	 nmessages;
	uint32_t	 nerrors;
} the;

static int	 separate = -1;	/* is there a CONF_USER? */

static int	 load_start(void);
static int	 load_reader(void);
static int	 load_begin(int);
static void	 load_end(int);
static void	 load_broken(const char *);
static void	 load_imsg(struct imsgev *, struct imsg *, void *);
static void	 load_error(struct imsgev *, int, void *);
static void	 load_overdue(int, short, void *);
static void	 load_forget(void);
static void	 load_reap(int, short, void *);
static int	 open_file(const char *, char *, size_t);
static void	 say_log(uint32_t, const char *);
static void	 mistake(const char *, const char *);

/* ---- files ---- */

/*
 * Whoever can write to the file can be root: so only root may be able to, and
 * for a check, whoever checks.  It is the open file that is looked at.
 */
static int
open_file(const char *path, char *why, size_t len)
{
	struct stat	 st;
	int		 fd;

	fd = sys_openat(AT_FDCWD, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
	    O_NOCTTY | O_CLOEXEC, 0);
	if (fd == -1) {
		(void)strlcpy(why, errno == ELOOP ? "is a symbolic link" :
		    strerror(errno), len);
		return (-1);
	}
	if (sys_fstat(fd, &st) == -1)
		(void)strlcpy(why, strerror(errno), len);
	else if (!S_ISREG(st.st_mode))
		(void)strlcpy(why, "is no regular file", len);
	else if (st.st_uid != 0 && st.st_uid != geteuid())
		(void)snprintf(why, len, "belongs to user %u, and is to be "
		    "root's", (unsigned int)st.st_uid);
	else if (st.st_mode & (S_IWGRP | S_IWOTH))
		(void)snprintf(why, len, "can be written by others than its "
		    "owner (mode %04o)", (unsigned int)(st.st_mode & 07777));
	else
		return (fd);
	close(fd);
	return (-1);
}

/* Is there room for one more in an array that doubles? */
static int
grow(void **array, size_t n, size_t size)
{
	void	*new;

	if ((n & (n - 1)) != 0)
		return (0);
	new = reallocarray(*array, n == 0 ? 1 : n * 2, size);
	if (new == NULL)
		return (-1);
	*array = new;
	return (0);
}

static int
add_file(const char *path)
{
	struct conf	*conf = the.conf;

	if (grow((void **)&conf->files, conf->nfiles,
	    sizeof(conf->files[0])) == -1 ||
	    (conf->files[conf->nfiles] = strdup(path)) == NULL)
		return (-1);
	conf->nfiles++;
	return (0);
}

/* ---- what is said ---- */

static void
say_log(uint32_t level, const char *text)
{
	if (level == CONF_TEXT_ERROR)
		log_warnx("%s", text);
	else if (log_getverbose() > 0)
		log_info("%s", text);
}

static void
mistake(const char *path, const char *what)
{
	char	 text[CONF_MAXTEXT];

	(void)snprintf(text, sizeof(text), "%.500s: %s", path, what);
	the.nerrors++;
	the.say(CONF_TEXT_ERROR, text);
}

/* ---- the beginning ---- */

int
conf_load(struct pm2d *env, const char *path, conf_done *done, void *arg)
{
	if (strlcpy(the.path, path, sizeof(the.path)) >= sizeof(the.path)) {
		errno = ENAMETOOLONG;
		log_warn("%.100s...", path);
		return (-1);
	}
	the.base = env->base;
	the.done = done;
	the.arg = arg;
	the.say = say_log;
	if (the.state != LOAD_IDLE) {
		the.again = 1;
		if (the.state != LOAD_ENDING)
			load_end(0);
		return (0);
	}
	return (load_start());
}

static int
load_start(void)
{
	char	 why[128];
	int	 fd;

	the.good = the.again = 0;
	the.nmessages = the.nerrors = 0;
	if ((fd = open_file(the.path, why, sizeof(why))) == -1) {
		mistake(the.path, why);
		errno = EPERM;
		return (-1);
	}
	if ((the.conf = calloc(1, sizeof(*the.conf))) == NULL ||
	    add_file(the.path) == -1 || load_reader() == -1) {
		mistake(the.path, strerror(errno));
		close(fd);
		conf_free(the.conf);
		the.conf = NULL;
		return (-1);
	}
	if (load_begin(fd) == -1)
		load_broken(strerror(errno));
	return (0);
}

static int
load_reader(void)
{
	static char	 path[] = PATH_CONFREADER, minus_u[] = "-u",
			    user[] = CONF_USER;
	char		*argv[] = { path, minus_u, user, NULL };
	struct proc_child child = { "conf", PATH_CONFREADER, argv };
	struct timeval	 tv = { LOAD_SECONDS, 0 };
	int		 s;

	/* Once: later a name service might keep us waiting. */
	if (separate == -1)
		separate = geteuid() == 0 && logd_hasuser(CONF_USER);
	if (!separate)
		argv[1] = NULL;
	if ((s = proc_start(&child, &the.pid, &the.pidfd)) == -1) {
		log_warn("%s", PATH_CONFREADER);
		return (-1);
	}
	the.state = LOAD_FILES;
	evtimer_assign(&the.timer, the.base, load_overdue, NULL);
	evtimer_add(&the.timer, &tv);
	the.iev = imsgev_new(the.base, s, IMSGEV_FDSEND, load_imsg,
	    load_error, NULL);
	return (0);
}

static int
load_begin(int fd)
{
	static struct conf_include	 ci;

	if (the.iev == NULL) {
		close(fd);
		return (-1);
	}
	memset(&ci, 0, sizeof(ci));
	(void)strlcpy(ci.path, the.path, sizeof(ci.path));
	return (imsgev_compose(the.iev, IMSG_CONF_INCLUDE, 0, fd, &ci,
	    sizeof(ci)));
}

/* ---- the end ---- */

/* It has said all, or is not listened to any more: now its process ends. */
static void
load_end(int good)
{
	static const struct timeval	 soon = { 0, 10 * 1000 };

	the.good = good;
	the.state = LOAD_ENDING;
	evtimer_del(&the.timer);
	if (the.iev != NULL)
		imsgev_free(the.iev);
	the.iev = NULL;
	(void)spawn_signal(the.pid, the.pidfd, SIGKILL);
	event_assign(&the.pidev, the.base, the.pidfd,
	    the.pidfd != -1 ? EV_READ : 0, load_reap, NULL);
	event_add(&the.pidev, the.pidfd != -1 ? NULL : &soon);
}

static void
load_broken(const char *why)
{
	if (the.state == LOAD_ENDING)
		return;
	/* One that has found mistakes has said why it ends. */
	if (the.nerrors == 0 || why != NULL)
		mistake(the.path, why != NULL ? why :
		    "the process that reads it has ended");
	load_end(0);
}

static void
load_overdue(int fd, short event, void *arg)
{
	(void)fd;
	(void)event;
	(void)arg;
	load_broken("reading it takes too long");
}

static void
load_error(struct imsgev *iev, int error, void *arg)
{
	(void)iev;
	(void)arg;
	if (error == 0 || error == ECONNRESET || error == EPIPE)
		load_broken(NULL);
	else
		load_broken(strerror(error));
}

/* It is gone: the outcome, or once more from the beginning. */
static void
load_reap(int fd, short event, void *arg)
{
	static const struct timeval	 soon = { 0, 10 * 1000 };
	struct conf			*conf;
	siginfo_t			 si;

	(void)fd;
	(void)event;
	(void)arg;
	if (spawn_reap(the.pid, the.pidfd, &si) != 1) {
		event_add(&the.pidev, &soon);
		return;
	}
	load_forget();
	conf = the.conf;
	the.conf = NULL;
	if (!the.good || the.again) {
		conf_free(conf);
		conf = NULL;
	}
	if (the.again && load_start() == 0)
		return;
	the.done(the.arg, conf);
}

static void
load_forget(void)
{
	event_del(&the.pidev);
	if (the.pidfd != -1)
		close(the.pidfd);
	the.pid = 0;
	the.pidfd = -1;
	the.state = LOAD_IDLE;
}

void
conf_cancel(void)
{
	siginfo_t	 si;

	if (the.state == LOAD_IDLE)
		return;
	if (the.state != LOAD_ENDING)
		load_end(0);
	/* It was killed: this does not take long. */
	while (sys_waitid(P_PID, (id_t)the.pid, &si, WEXITED) == -1 &&
	    errno == EINTR)
		continue;
	load_forget();
	conf_free(the.conf);
	the.conf = NULL;
}

int
conf_ispid(pid_t pid)
{
	return (the.pid != 0 && the.pid == pid);
}

/* ---- without a loop ---- */

static void
read_done(void *arg, struct conf *conf)
{
	*(struct conf **)arg = conf;
	event_base_loopbreak(the.base);
}

struct conf *
conf_read(const char *path)
{
	return (conf_readsay(path, say_log));
}

struct conf *
conf_readsay(const char *path, conf_say *say)
{
	struct event_config	*cfg;
	struct conf		*conf = NULL;

	if (the.state != LOAD_IDLE ||
	    strlcpy(the.path, path, sizeof(the.path)) >= sizeof(the.path)) {
		say(CONF_TEXT_ERROR, "the path of the file is too long");
		return (NULL);
	}
	/* epoll alone, as for the daemon itself */
	if ((cfg = event_config_new()) == NULL ||
	    (the.base = event_base_new_with_config(cfg)) == NULL)
		fatal("event base");
	event_config_free(cfg);
	the.done = read_done;
	the.arg = &conf;
	the.say = say;
	if (load_start() == 0)
		event_base_dispatch(the.base);
	event_base_free(the.base);
	the.base = NULL;
	return (conf);
}

/* ---- records ---- */

/* A name of its own in its array; all of it is there. */
static int
string_ok(const char *s, size_t size)
{
	return (memchr(s, '\0', size) != NULL);
}

static int
path_ok(const char *s, size_t size)
{
	return (string_ok(s, size) && conf_badpath(s) == NULL);
}

static int
who_ok(uint32_t kind, uint32_t who)
{
	return (kind <= WHO_GROUP && who != UINT32_MAX &&
	    (kind != WHO_ALL || who == 0));
}

/* Each: 0, or -1 for what cannot be. */
static int
take_begin(struct imsg *imsg)
{
	struct conf_begin	*cb = &the.conf->begin;

	if (imsg_get_data(imsg, cb, sizeof(*cb)) == -1 ||
	    !path_ok(cb->socket, sizeof(cb->socket)) ||
	    !path_ok(cb->statedir, sizeof(cb->statedir)) ||
	    !path_ok(cb->logdir, sizeof(cb->logdir)) ||
	    !string_ok(cb->webaddr, sizeof(cb->webaddr)) ||
	    (cb->socket_mode & ~0666U) != 0 || cb->webport > 65535 ||
	    (cb->webport == 0) != (cb->webaddr[0] == '\0'))
		return (-1);
	the.state = LOAD_RECORDS;
	return (0);
}

static int
take_rule(struct imsg *imsg)
{
	struct conf		*conf = the.conf;
	struct conf_rule	*r;

	if (conf->nrules >= CONF_MAXRULES ||
	    grow((void **)&conf->rules, conf->nrules, sizeof(*r)) == -1)
		return (-1);
	r = &conf->rules[conf->nrules];
	if (imsg_get_data(imsg, r, sizeof(*r)) == -1 || r->permit > 1 ||
	    !who_ok(r->whokind, r->who) || r->targetkind > TARGET_USER ||
	    r->target == UINT32_MAX ||
	    (r->targetkind != TARGET_USER && r->target != 0) ||
	    (r->verbs & ~PERM_ALL) != 0 || r->file >= conf->nfiles ||
	    r->line == 0 || !string_ok(r->cmd, sizeof(r->cmd)) ||
	    (r->cmd[0] != '\0' && conf_badpath(r->cmd) != NULL))
		return (-1);
	if (r->port == 0 ? r->verbs == 0 || r->port_last != 0 :
	    r->verbs != 0 || r->port_last < r->port || r->port_last > 65535 ||
	    r->whokind != WHO_ALL || r->targetkind == TARGET_SELF)
		return (-1);
	conf->nrules++;
	return (0);
}

static int
take_limit(struct imsg *imsg)
{
	struct conf		*conf = the.conf;
	struct conf_limit	*l;

	if (conf->nlimits >= CONF_MAXLIMITS ||
	    grow((void **)&conf->limits, conf->nlimits, sizeof(*l)) == -1)
		return (-1);
	l = &conf->limits[conf->nlimits];
	if (imsg_get_data(imsg, l, sizeof(*l)) == -1 ||
	    !who_ok(l->whokind, l->who) || l->set == 0 ||
	    (l->set & ~(uint32_t)(LIMIT_APPS | LIMIT_CONNS | LIMIT_MEMORY |
	    LIMIT_LOG)) != 0 || l->connections == 0)
		return (-1);
	conf->nlimits++;
	return (0);
}

static int
take_boot(struct imsg *imsg)
{
	struct conf		*conf = the.conf;
	struct conf_boot	*b;

	if (conf->nboot >= CONF_MAXBOOT ||
	    grow((void **)&conf->boot, conf->nboot, sizeof(*b)) == -1)
		return (-1);
	b = &conf->boot[conf->nboot];
	if (imsg_get_data(imsg, b, sizeof(*b)) == -1 ||
	    b->uid == UINT32_MAX || !string_ok(b->name, sizeof(b->name)) ||
	    ids_badname(b->name) != NULL)
		return (-1);
	conf->nboot++;
	return (0);
}

static int
take_end(struct imsg *imsg)
{
	if (imsg_get_len(imsg) != 0 || the.nerrors > 0)
		return (-1);
	load_end(1);
	return (0);
}

static int
take_error(struct imsg *imsg)
{
	char	 text[CONF_MAXTEXT + 1];
	size_t	 i, len;

	len = imsg_get_len(imsg);
	if (len == 0 || len > CONF_MAXTEXT || ++the.nmessages > MESSAGES_MAX ||
	    imsg_get_data(imsg, text, len) == -1)
		return (-1);
	for (i = 0; i < len; i++) {
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			text[i] = '?';
	}
	text[len] = '\0';
	if (imsg_get_id(imsg) == CONF_TEXT_WARN)
		the.say(CONF_TEXT_WARN, text);
	else {
		the.nerrors++;
		the.say(CONF_TEXT_ERROR, text);
	}
	return (0);
}

static int
take_include(struct imsg *imsg)
{
	static struct conf_include	 ci;
	char				 why[128];
	int				 fd;

	if (imsg_get_data(imsg, &ci, sizeof(ci)) == -1 ||
	    !string_ok(ci.path, sizeof(ci.path)) || ci.path[0] != '/' ||
	    the.conf->nfiles >= CONF_MAXFILES)
		return (-1);
	if ((fd = open_file(ci.path, why, sizeof(why))) == -1) {
		memset(&ci, 0, sizeof(ci));
		(void)strlcpy(ci.path, why, sizeof(ci.path));
	} else if (add_file(ci.path) == -1) {
		close(fd);
		return (-1);
	}
	return (imsgev_compose(the.iev, IMSG_CONF_INCLUDE, 0, fd, &ci,
	    sizeof(ci)));
}

static const struct take {
	uint32_t	 type;
	enum load_state	 state;		/* when it may come */
	int		 (*fn)(struct imsg *);
} takes[] = {
	{ IMSG_CONF_ERROR,	LOAD_FILES,	take_error },
	{ IMSG_CONF_INCLUDE,	LOAD_FILES,	take_include },
	{ IMSG_CONF_BEGIN,	LOAD_FILES,	take_begin },
	{ IMSG_CONF_RULE,	LOAD_RECORDS,	take_rule },
	{ IMSG_CONF_LIMIT,	LOAD_RECORDS,	take_limit },
	{ IMSG_CONF_BOOT,	LOAD_RECORDS,	take_boot },
	{ IMSG_CONF_END,	LOAD_RECORDS,	take_end }
};

static void
load_imsg(struct imsgev *iev, struct imsg *imsg, void *arg)
{
	const struct take	*t;
	size_t			 i;

	(void)iev;
	(void)arg;
	for (i = 0; i < sizeof(takes) / sizeof(takes[0]); i++) {
		t = &takes[i];
		if (t->type == imsg_get_type(imsg) && t->state == the.state) {
			if (t->fn(imsg) == -1)
				break;
			return;
		}
	}
	log_warnx("conf: %s is not what it may say now",
	    msg_name(imsg_get_type(imsg)));
	load_broken("the process that reads it said what cannot be");
}

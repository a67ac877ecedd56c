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

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "daemon.h"
#include "life.h"
#include "log.h"
#include "spawn.h"

/*
 * Watchers and probers.  Each is executed as who we are and changes to its
 * user itself, before it does anything else: a process of a user that we wait
 * for could be stopped by him, and we with it.
 */

#define LINGER_MS	2000	/* from the end of its channel to its end */
#define QUEUE_MSGS	16384
#define QUEUE_BYTES	(16 * 1024 * 1024)
#define IDS_TEXT	((IDS_GROUPS_MAX + 2) * sizeof("4294967295"))

struct agent {
	TAILQ_ENTRY(agent) entry;
	struct agents	*all;
	const struct agent_kind *kind;
	struct daemon	 daemon;
	struct daemon_kind dkind;
	struct imsgev	*iev;
	struct event	 late;		/* it is of no use, and still there */
	uint32_t	 refs;
	int		 lost;
	struct ids	 ids;
	char		*argv[5];
	char		*idtext;
};

struct agents {
	struct pm2d	*env;
	int		 hasuser;	/* AGENT_USER is there */
	TAILQ_HEAD(, agent) list;
};

#define AGENT_USER	"_pm2d"

static void	 agent_begun(void *, int);
static void	 agent_ended(void *);
static void	 agent_late(int, short, void *);

/* ---- those that there are ---- */

/* A name service is asked now or never. */
void
agent_init(struct pm2d *env)
{
	struct agents	*all;

	if ((all = calloc(1, sizeof(*all))) == NULL)
		fatal("agents");
	all->env = env;
	all->hasuser = env->uid == 0 && logd_hasuser(AGENT_USER);
	TAILQ_INIT(&all->list);
	env->agents = all;
}

static void
agent_free(struct agent *a)
{
	TAILQ_REMOVE(&a->all->list, a, entry);
	event_del(&a->late);
	event_del(&a->daemon.again);
	if (a->iev != NULL)
		imsgev_free(a->iev);
	free(a->idtext);
	free(a);
}

static int
same_ids(const struct ids *a, const struct ids *b)
{
	if (a->change != b->change || a->uid != b->uid)
		return (0);
	return (!a->change || (a->gid == b->gid &&
	    a->ngroups == b->ngroups && memcmp(a->groups, b->groups,
	    (size_t)a->ngroups * sizeof(a->groups[0])) == 0));
}

/* "uid,gid,group,...": numbers, for the user may be gone by now. */
static char *
text_of(const struct ids *ids)
{
	char	*text;
	size_t	 len;
	int	 i;

	if ((text = malloc(IDS_TEXT)) == NULL)
		return (NULL);
	len = snprintf(text, IDS_TEXT, "%u,%u", ids->uid, ids->gid);
	for (i = 0; i < ids->ngroups && len < IDS_TEXT; i++)
		len += snprintf(text + len, IDS_TEXT - len, ",%u",
		    ids->groups[i]);
	return (text);
}

/* Its program only reads these. */
static char *
argument(const char *s)
{
	return ((char *)(uintptr_t)s);
}

static int
set_args(struct agent *a)
{
	const struct agent_kind	*k = a->kind;
	int			 n = 0;

	a->argv[n++] = argument(k->path);
	if (k->option != NULL)
		a->argv[n++] = argument(k->option);
	if (k->user != NULL) {
		if (a->all->hasuser) {
			a->argv[n++] = argument("-u");
			a->argv[n++] = argument(k->user);
		}
	} else if (a->ids.change) {
		if ((a->idtext = text_of(&a->ids)) == NULL)
			return (-1);
		a->argv[n++] = argument("-i");
		a->argv[n++] = a->idtext;
	}
	return (0);
}

static struct agent *
agent_new(struct agents *all, const struct agent_kind *kind,
    const struct ids *ids)
{
	struct agent	*a;

	if ((a = calloc(1, sizeof(*a))) == NULL)
		return (NULL);
	a->all = all;
	a->kind = kind;
	a->ids = *ids;
	if (set_args(a) == -1) {
		free(a);
		return (NULL);
	}
	a->dkind.title = kind->title;
	a->dkind.name = kind->name;
	a->dkind.path = kind->path;
	a->dkind.begun = agent_begun;
	a->dkind.ended = agent_ended;
	daemon_init(&a->daemon, all->env, &a->dkind, a);
	a->daemon.argv = a->argv;
	evtimer_assign(&a->late, all->env->base, agent_late, a);
	TAILQ_INSERT_TAIL(&all->list, a, entry);
	/* Not at once: begun() may look at what our caller gets. */
	life_timer(&a->daemon.again, 0);
	return (a);
}

struct agent *
agent_get(struct pm2d *env, const struct agent_kind *kind,
    const struct ids *ids)
{
	struct agent	*a;

	TAILQ_FOREACH(a, &env->agents->list, entry)
		if (a->kind == kind && !a->daemon.going &&
		    (kind->user != NULL || same_ids(&a->ids, ids)))
			break;
	if (a == NULL && (a = agent_new(env->agents, kind, ids)) == NULL)
		return (NULL);
	a->refs++;
	return (a);
}

/* End of file is its sign to go. */
void
agent_put(struct agent *a)
{
	if (a == NULL || --a->refs > 0)
		return;
	a->daemon.going = 1;
	a->lost = 1;
	event_del(&a->daemon.again);
	if (a->iev != NULL)
		imsgev_free(a->iev);
	a->iev = NULL;
	/* Never freed from within: it may be its message that ends it. */
	life_timer(&a->late, a->daemon.pid == 0 ? 0 : LINGER_MS);
}

static void
agent_late(int fd, short event, void *arg)
{
	struct agent	*a = arg;

	(void)fd;
	(void)event;
	if (a->daemon.pid == 0) {
		agent_free(a);
		return;
	}
	log_warnx("%s: pid %d does not end", a->kind->title, a->daemon.pid);
	spawn_signal(a->daemon.pid, a->daemon.pidfd, SIGKILL);
}

/* ---- its life ---- */

static void
agent_lost(struct agent *a)
{
	a->lost = 1;
	daemon_kill(&a->daemon);
}

static void
got_error(struct imsgev *iev, int error, void *arg)
{
	struct agent	*a = arg;

	(void)iev;
	if (error != 0) {
		errno = error;
		log_warn("%s: channel", a->kind->title);
	}
	agent_lost(a);
}

static int
got_ready(struct agent *a, struct imsg *imsg)
{
	struct agent_ready	 msg;

	if (imsg_get_data(imsg, &msg, sizeof(msg)) == -1)
		return (-1);
	daemon_ready(&a->daemon, msg.sandbox);
	return (0);
}

/* Garbage costs who sent it, and nobody else. */
static void
got_imsg(struct imsgev *iev, struct imsg *imsg, void *arg)
{
	struct agent	*a = arg;
	uint32_t	 type = imsg_get_type(imsg);
	size_t		 len = imsg_get_len(imsg);
	int		 rv;

	(void)iev;
	if (a->lost)
		return;
	rv = type == a->kind->ready ? got_ready(a, imsg) :
	    a->kind->message(a, imsg);
	if (rv == 0 || a->lost)
		return;
	log_warnx("%s: pid %d sent a message that cannot be: %s (%u), %zu "
	    "bytes", a->kind->title, a->daemon.pid, msg_name(type), type,
	    len);
	agent_lost(a);
}

static void
agent_begun(void *arg, int s)
{
	struct agent	*a = arg;

	a->lost = 0;
	a->iev = imsgev_new(a->all->env->base, s, 0, got_imsg, got_error, a);
	if (a->iev == NULL || (a->kind->maxsize != 0 && imsgbuf_set_maxsize(
	    imsgev_buf(a->iev), a->kind->maxsize) == -1)) {
		log_warn("%s: channel", a->kind->title);
		agent_lost(a);
		return;
	}
	imsgbuf_set_limits(imsgev_buf(a->iev), QUEUE_MSGS, QUEUE_BYTES);
	a->kind->begun(a);
}

static void
agent_ended(void *arg)
{
	struct agent	*a = arg;

	a->lost = 1;
	if (a->iev != NULL)
		imsgev_free(a->iev);
	a->iev = NULL;
	if (a->daemon.going)
		agent_free(a);
}

/* ---- what is said to it ---- */

int
agent_live(const struct agent *a)
{
	return (a->iev != NULL && !a->lost);
}

int
agent_compose(struct agent *a, uint32_t type, const void *data, size_t len)
{
	if (!agent_live(a))
		return (0);
	if (imsgev_compose(a->iev, type, 0, -1, data, len) == -1) {
		log_warn("%s: %s", a->kind->title, msg_name(type));
		agent_lost(a);
		return (-1);
	}
	return (0);
}

int
agent_send(struct agent *a, uint32_t type, struct ibuf *buf)
{
	int	 rv;

	rv = agent_compose(a, type, ibuf_data(buf), ibuf_size(buf));
	ibuf_free(buf);
	return (rv);
}

/* ---- what it is ---- */

int
agent_ready(const struct agent *a)
{
	return (a->daemon.ready);
}

const struct ids *
agent_ids(const struct agent *a)
{
	return (&a->ids);
}

struct pm2d *
agent_env(const struct agent *a)
{
	return (a->all->env);
}

int
agent_shared(const struct agent *a)
{
	return (a->kind->user != NULL && a->all->env->uid == 0);
}

static void row(void (*)(void *, const struct ctl_row *), void *,
    const struct agent *, uint32_t, const char *, ...)
    __attribute__((format(printf, 5, 6)));

static void
row(void (*fn)(void *, const struct ctl_row *), void *fnarg,
    const struct agent *a, uint32_t level, const char *fmt, ...)
{
	struct ctl_row	 r;
	va_list		 ap;

	memset(&r, 0, sizeof(r));
	r.level = level;
	strlcpy(r.key, a->kind->title, sizeof(r.key));
	va_start(ap, fmt);
	(void)vsnprintf(r.text, sizeof(r.text), fmt, ap);
	va_end(ap);
	fn(fnarg, &r);
}

static void
agent_row(const struct agent *a, uid_t viewer,
    void (*fn)(void *, const struct ctl_row *), void *fnarg)
{
	const struct daemon	*d = &a->daemon;
	char			 who[32];

	who[0] = '\0';
	if (a->kind->user == NULL && a->ids.change)
		(void)snprintf(who, sizeof(who), "uid %u, ", a->ids.uid);
	if (daemon_status(d) == NULL)
		row(fn, fnarg, a, d->crashes > 0 ? 2 : 1, "%snot running",
		    who);
	else if (agent_shared(a) && viewer != AGENT_VIEWALL)
		row(fn, fnarg, a, strstr(d->sandbox, "no ") != NULL,
		    "pid %d, %s", d->pid, d->sandbox);
	else
		row(fn, fnarg, a, strstr(d->sandbox, "no ") != NULL,
		    "%spid %d, for %u, %s", who, d->pid, a->refs, d->sandbox);
	if (d->crashes > 0)
		row(fn, fnarg, a, 1, "%srestarted %u times", who, d->crashes);
	if (agent_shared(a) && !a->all->hasuser)
		row(fn, fnarg, a, 2, "runs as root: there is no user %s "
		    "(make install creates it)", a->kind->user);
}

/* That others have any is not his business. */
static int
is_visible(const struct agent *a, uid_t viewer)
{
	return (viewer == AGENT_VIEWALL || agent_shared(a) ||
	    a->ids.uid == viewer);
}

void
agent_rows(struct pm2d *env, uid_t viewer,
    void (*fn)(void *, const struct ctl_row *), void *fnarg)
{
	const struct agent	*a;

	TAILQ_FOREACH(a, &env->agents->list, entry)
		if (!a->daemon.going && is_visible(a, viewer))
			agent_row(a, viewer, fn, fnarg);
}

int
agent_ispid(struct pm2d *env, pid_t pid)
{
	const struct agent	*a;

	if (env->agents == NULL)
		return (0);
	TAILQ_FOREACH(a, &env->agents->list, entry)
		if (a->daemon.pid == pid)
			return (1);
	return (0);
}

void
agent_sigchld(struct pm2d *env)
{
	struct agent	*a, *next;

	if (env->agents == NULL)
		return;
	TAILQ_FOREACH_SAFE(a, &env->agents->list, entry, next)
		daemon_sigchld(&a->daemon);
}

/* All at once, or each would be waited for in turn. */
void
agent_exit(struct pm2d *env)
{
	struct agent	*a;

	if (env->agents == NULL)
		return;
	TAILQ_FOREACH(a, &env->agents->list, entry) {
		a->daemon.going = 1;
		if (a->iev != NULL)
			imsgev_free(a->iev);
		a->iev = NULL;
	}
	while ((a = TAILQ_FIRST(&env->agents->list)) != NULL) {
		daemon_end(&a->daemon, LINGER_MS);
		agent_free(a);
	}
	free(env->agents);
	env->agents = NULL;
}

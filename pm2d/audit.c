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
#include <sys/queue.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "control.h"
#include "log.h"
#include "peers.h"

/*
 * The audit trail.  A request is remembered from its begin to its result;
 * log_info() makes visible whatever is in a name.
 */

#define AUDIT_MAX	9000	/* of one connection, under way */
#define AUDIT_USER	20000	/* of one user, on all of his */

#define NO_OBJECT	SIZE_MAX

/* What changes something, and where in it is the id of an app. */
static const struct audited {
	uint32_t	 type;
	const char	*verb;
	size_t		 object;
} audited[] = {
	{ IMSG_CTL_START,	"start",	NO_OBJECT },
	{ IMSG_CTL_UPDATE,	"update",	0 },
	{ IMSG_CTL_STOP,	"stop",		0 },
	{ IMSG_CTL_RESTART,	"restart",	0 },
	{ IMSG_CTL_RELOAD,	"reload",	sizeof(struct ctl_reload) },
	{ IMSG_CTL_SCALE,	"scale",	0 },
	{ IMSG_CTL_DELETE,	"delete",	0 },
	{ IMSG_CTL_RESET,	"reset",	0 },
	{ IMSG_CTL_SIGNAL,	"sendSignal",	0 },
	{ IMSG_CTL_SAY,		"message",	0 },
	{ IMSG_CTL_FLUSH,	"flush",	0 },
	{ IMSG_CTL_REOPEN,	"reloadLogs",	0 },
	{ IMSG_CTL_KILL,	"kill",		NO_OBJECT },
	{ 0,			NULL,		0 }
};

struct audit {
	TAILQ_ENTRY(audit) entry;
	const char	*verb;
	uint32_t	 peerid;
	int		 hidden;
	char		 object[384];
};

const char *
audit_who(const struct ctl_conn *c, char *buf, size_t size)
{
	const char	*name = "";

	if (c->peer != NULL)
		name = c->peer->name;
	else if (c->uid == c->env->uid)
		name = c->env->user;
	snprintf(buf, size, "uid %u (%s) pid %d", c->uid,
	    *name != '\0' ? name : "?", (int)c->pid);
	return (buf);
}

static struct audit *
find(struct ctl_conn *c, uint32_t peerid)
{
	struct audit	*a;

	TAILQ_FOREACH(a, &c->audits, entry)
		if (a->peerid == peerid)
			return (a);
	return (NULL);
}

static void
set_object(struct audit *a, const struct app *app)
{
	char	 owner[256];

	snprintf(a->object, sizeof(a->object), "%s (%u) of %s", app->name,
	    app->id, peers_name(app->owner, owner, sizeof(owner)));
}

/* Of which app, as it stands at this place of the message; all: none. */
static void
first_object(struct audit *a, struct pm2d *env, const struct imsg *imsg,
    size_t at)
{
	struct app	*app;
	uint32_t	 id;

	if (imsg_get_len(imsg) < at + sizeof(id))
		return;
	memcpy(&id, (const char *)ibuf_data(imsg->buf) + at, sizeof(id));
	if (id == APP_ID_ALL)
		strlcpy(a->object, "all", sizeof(a->object));
	else if ((app = app_find(env, id)) != NULL)
		set_object(a, app);
	else
		snprintf(a->object, sizeof(a->object), "(%u)", id);
}

/* Is there room for one more of this user's? */
static int
is_room(const struct ctl_conn *c)
{
	const struct ctl_conn	*other;
	uint32_t		 n = 0;

	if (c->naudits >= AUDIT_MAX)
		return (0);
	TAILQ_FOREACH(other, &c->control->conns, entry)
		if (other->uid == c->uid)
			n += other->naudits;
	return (c->uid == 0 || n < AUDIT_USER);
}

int
audit_begin(struct ctl_conn *c, const struct imsg *imsg)
{
	const struct audited	*w;
	struct audit		*a;
	char			 more[32];
	uint32_t		 n = 0;

	for (w = audited; w->verb != NULL; w++)
		if (w->type == imsg_get_type(imsg))
			break;
	if (w->verb == NULL)
		return (0);
	if (!is_room(c) || (a = calloc(1, sizeof(*a))) == NULL)
		return (-1);
	a->verb = w->verb;
	a->peerid = imsg_get_id(imsg);
	TAILQ_INSERT_TAIL(&c->audits, a, entry);
	c->naudits++;
	if (w->object != NO_OBJECT)
		first_object(a, c->env, imsg, w->object);
	if (w->type == IMSG_CTL_RELOAD)
		n = (imsg_get_len(imsg) - w->object) / sizeof(n);
	if (n > 1) {
		snprintf(more, sizeof(more), " and %u more", n - 1);
		strlcat(a->object, more, sizeof(a->object));
	}
	return (0);
}

void
audit_object(struct ctl_conn *c, uint32_t peerid, const char *fmt, ...)
{
	struct audit	*a;
	va_list		 ap;

	if ((a = find(c, peerid)) == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(a->object, sizeof(a->object), fmt, ap);
	va_end(ap);
}

void
audit_app(struct ctl_conn *c, uint32_t peerid, const struct app *app)
{
	struct audit	*a;

	if ((a = find(c, peerid)) != NULL)
		set_object(a, app);
}

void
audit_hidden(struct ctl_conn *c, uint32_t peerid)
{
	struct audit	*a;

	if ((a = find(c, peerid)) != NULL)
		a->hidden = 1;
}

static void
end(struct ctl_conn *c, struct audit *a, const char *outcome, const char *why)
{
	char	 who[320];

	log_info("audit: %s %s%s%s: %s%s%s", audit_who(c, who, sizeof(who)),
	    a->verb, *a->object != '\0' ? " " : "", a->object, outcome,
	    *why != '\0' ? ": " : "", why);
	ownlog_check(c->env);
	TAILQ_REMOVE(&c->audits, a, entry);
	c->naudits--;
	free(a);
}

void
audit_result(struct ctl_conn *c, uint32_t peerid, const struct ctl_result *r)
{
	struct audit	*a;
	char		 why[512];
	const char	*what;

	if ((a = find(c, peerid)) == NULL)
		return;
	if (r->code == CTL_OK) {
		end(c, a, "ok", "");
		return;
	}
	if (r->code == CTL_DENIED || a->hidden) {
		end(c, a, "denied", a->hidden ? "" : r->text);
		return;
	}
	what = r->stage != STAGE_NONE ? stage_name(r->stage) :
	    ctl_codename(r->code);
	snprintf(why, sizeof(why), "%s%s%s%s%s", what,
	    r->error != 0 ? ": " : "", r->error != 0 ?
	    stage_strerror(r->stage, r->error) : "",
	    r->text[0] != '\0' ? ": " : "", r->text);
	end(c, a, "failed", why);
}

void
audit_gone(struct ctl_conn *c)
{
	struct audit	*a;

	while ((a = TAILQ_FIRST(&c->audits)) != NULL)
		end(c, a, "accepted", "the client went before its end");
}

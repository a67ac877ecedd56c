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
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "applimits.h"
#include "attend.h"
#include "control.h"

/*
 * A spec on its way: it is announced, arrives in parts, and is what START or
 * UPDATE go on with when it is whole.  And what both ask of it.
 */

#define SPEC_SECONDS	30	/* for all parts of a spec */
#define SPECS_USER	(16 * SPEC_MAX)	/* bytes of one user's at a time */

/* How much this user has announced and not been answered, on all of his. */
static size_t
announced(const struct ctl_conn *c)
{
	const struct ctl_conn	*other;
	size_t			 n = 0;

	TAILQ_FOREACH(other, &c->control->conns, entry)
		if (other->uid == c->uid)
			n += other->spec.want;
	return (n);
}

/* Nothing is allocated before the length was checked. */
int
control_spec_begin(struct ctl_conn *c, struct imsg *imsg, uint32_t len,
    void (*done)(struct ctl_conn *))
{
	struct timeval	 tv = { SPEC_SECONDS, 0 };

	if (len == 0 || len > SPEC_MAX) {
		control_drop(c, "spec too long");
		return (-1);
	}
	if (c->env->conf != NULL && c->uid != 0 &&
	    announced(c) + len > SPECS_USER) {
		if (control_fail(c, imsg_get_id(imsg), CTL_LIMIT, 0,
		    "too many large specs at a time") == 0)
			imsgev_close(c->iev);
		return (-1);
	}
	if ((c->spec.data = malloc(len)) == NULL) {
		control_drop(c, "out of memory");
		return (-1);
	}
	c->spec.have = 0;
	c->spec.want = len;
	c->spec.peerid = imsg_get_id(imsg);
	c->spec.done = done;
	evtimer_add(&c->timer, &tv);
	return (0);
}

void
control_spec_end(struct ctl_conn *c)
{
	evtimer_del(&c->timer);
	control_whose_end(c);
	freezero(c->spec.data, c->spec.want);
	memset(&c->spec, 0, sizeof(c->spec));
}

void
control_specpart(struct ctl_conn *c, struct imsg *imsg)
{
	size_t	 len = imsg_get_len(imsg);

	if (c->spec.data == NULL || imsg_get_id(imsg) != c->spec.peerid ||
	    len > c->spec.want - c->spec.have ||
	    imsg_get_data(imsg, c->spec.data + c->spec.have, len) == -1) {
		control_drop(c, "part of no spec");
		return;
	}
	c->spec.have += len;
	if (c->spec.have == c->spec.want && control_whose(c) == 0)
		control_spec_whole(c);
}

void
control_spec_whole(struct ctl_conn *c)
{
	c->spec.done(c);
	control_spec_end(c);
}

void
control_refuse(struct ctl_conn *c, uint32_t peerid, enum ctl_code code,
    int error, uint32_t id, const char *text)
{
	struct ctl_result	 r;

	memset(&r, 0, sizeof(r));
	r.code = code;
	r.error = error;
	r.id = id;
	strlcpy(r.text, text, sizeof(r.text));
	control_send(c, IMSG_CTL_RESULT, peerid, &r, sizeof(r));
}

/* Is another user asked for than whose daemon this is? */
static int
names_other(const struct ctl_conn *c, const struct spec *spec)
{
	const char	*user = spec->str[SPEC_USER];

	return (user != NULL && strcmp(user, c->env->user) != 0);
}

static int
as_root(const struct ctl_conn *c, const struct spec *spec)
{
	if (c->env->conf != NULL)
		return (control_whose_owner(c) == 0);
	return (c->env->uid == 0 && spec->str[SPEC_USER] == NULL);
}

int
control_spec_user(struct ctl_conn *c, const struct spec *spec,
    const struct spec *old)
{
	const struct applimits_who	 who = { c->env->uid, c->uid,
					    as_root(c, spec) };
	char				 why[256];

	if (c->env->conf != NULL && control_whose_may(c, spec) == -1)
		return (-1);
	if (c->env->conf == NULL && names_other(c, spec) &&
	    (c->env->uid != 0 ||
	    !perm_runas(c->uid, c->env->uid, c->uid, 1)))
		strlcpy(why, c->env->uid == 0 ?
		    "only root may start apps as another user" :
		    "pm2d does not run as root: it cannot start apps as "
		    "another user", sizeof(why));
	else if (applimits_admit(&who, spec, old, why, sizeof(why)) == 0 &&
	    applimits_groups(spec, why, sizeof(why)) == 0)
		return (0);
	control_refuse(c, c->spec.peerid, CTL_DENIED, EPERM, 0, why);
	return (-1);
}

int
control_spec_room(struct ctl_conn *c, uint32_t peerid, uint64_t more,
    uint64_t n)
{
	char	 text[256];

	if (c->env->fds + more <= c->env->max_fds)
		return (0);
	if (n == 0)
		strlcpy(text, "what the new spec asks for needs more "
		    "descriptors than there are for apps (RLIMIT_NOFILE)",
		    sizeof(text));
	else
		snprintf(text, sizeof(text), "no room for %" PRIu64
		    " more: %u of at most %u apps exist (the limit is what "
		    "the descriptor limit of pm2d, RLIMIT_NOFILE, allows)",
		    n, c->env->napps, c->env->max_apps);
	control_refuse(c, peerid, CTL_LIMIT, EMFILE, 0, text);
	return (-1);
}

int
control_spec_circle(struct ctl_conn *c, uid_t owner, const struct spec *spec)
{
	char	 circle[160], text[256];

	switch (depend_circle(c->env, owner, spec, circle, sizeof(circle))) {
	case 0:
		return (0);
	case 1:
		snprintf(text, sizeof(text), "depends_on goes in a circle: "
		    "%s", circle);
		control_refuse(c, c->spec.peerid, CTL_INVALID, EINVAL, 0,
		    text);
		break;
	default:
		control_refuse(c, c->spec.peerid, CTL_SYSTEM, ENOMEM, 0, "");
		break;
	}
	return (-1);
}

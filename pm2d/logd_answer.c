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

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"
#include "log.h"
#include "logd.h"

/*
 * What the log daemon says, and what the parent does about it.  A message
 * that is not as it should be means that pm2logd is broken or taken over: it
 * is replaced.
 */

static void
got_ready(struct logd *ld, struct imsg *imsg)
{
	struct log_ready	 msg;

	if (imsg_get_data(imsg, &msg, sizeof(msg)) == -1) {
		logd_lost(ld);
		return;
	}
	daemon_ready(&ld->daemon, msg.sandbox);
}

/* Which of our copies a message speaks of: a run's, or NULL. */
static struct run *
current(struct logd *ld, uint32_t id, uint32_t generation)
{
	struct app	*app;

	app = app_find(ld->env, id);
	return (app != NULL ? run_find(app, generation) : NULL);
}

static void
got_streamed(struct logd *ld, struct imsg *imsg)
{
	struct log_streamed	 msg;
	struct run		*run;

	if (imsg_get_data(imsg, &msg, sizeof(msg)) == -1 ||
	    msg.kind >= LOG_KINDS) {
		logd_lost(ld);
		return;
	}
	if ((run = current(ld, msg.app, msg.generation)) == NULL)
		return;
	if (msg.error == 0) {
		run->piped |= 1 << msg.kind;
		return;
	}
	/* Our copy keeps the pipe; the app waits at worst. */
	if (!ld->retry)
		log_warnx("%s (%u): log daemon: %s", run->app->name,
		    run->app->id, strerror(msg.error));
	logd_again(ld);
}

static void
got_drained(struct logd *ld, struct imsg *imsg)
{
	struct log_ref	 msg;
	struct app	*app;

	if (imsg_get_data(imsg, &msg, sizeof(msg)) == -1) {
		logd_lost(ld);
		return;
	}
	if ((app = app_find(ld->env, msg.app)) != NULL)
		supervise_drained(app, msg.generation);
}

/* All writers are gone and all is written: our copy is of no use. */
static void
got_eof(struct logd *ld, struct imsg *imsg)
{
	struct log_ref	 msg;
	struct app	*app;

	if (imsg_get_data(imsg, &msg, sizeof(msg)) == -1 ||
	    msg.kind >= LOG_KINDS) {
		logd_lost(ld);
		return;
	}
	if ((app = app_find(ld->env, msg.app)) != NULL)
		applog_ended(app, msg.generation, msg.kind);
}

static void
got_done(struct logd *ld, struct imsg *imsg)
{
	struct log_done	 msg;
	struct pending	*p;

	if (imsg_get_data(imsg, &msg, sizeof(msg)) == -1) {
		logd_lost(ld);
		return;
	}
	TAILQ_FOREACH(p, &ld->pending, entry) {
		if (p->cookie != msg.cookie)
			continue;
		TAILQ_REMOVE(&ld->pending, p, entry);
		p->fn(p->arg, msg.error);
		free(p);
		return;
	}
}

struct want {
	struct pm2d	*env;
	uint32_t	 number;
};

static void
wanted_opened(void *arg, int error, const void *data, size_t len, int *fds,
    int nfds)
{
	const struct job_opened	*r = data;
	struct want		*w = arg;
	struct logfile		*lf = applog_find(w->env, w->number);

	if (lf != NULL)
		lf->wanted = 0;
	if (error == 0 && (len != sizeof(*r) || r->n != 1))
		error = EPROTO;
	if (error == 0)
		error = r->results[0].error;
	if (error == 0 && nfds == 1 && lf != NULL) {
		if (lf->fd != -1)
			close(lf->fd);
		lf->fd = fds[0];
		logd_file(w->env->logd, lf);
	} else {
		while (nfds > 0)
			close(fds[--nfds]);
		if (lf != NULL) {
			errno = error;
			log_warn("%s", lf->path);
		}
	}
	free(w);
}

static struct helper *
open_wanted(struct logd *ld, const struct logfile *lf, uint32_t why,
    struct want *w)
{
	static struct job_rotate_req	 rot;
	static struct job_open		 op;

	if (why == WANTFILE_ROTATE) {
		memset(&rot, 0, sizeof(rot));
		rot.keep = lf->keep;
		rot.file.kind = JOB_LOG;
		strlcpy(rot.file.path, lf->path, sizeof(rot.file.path));
		return (helper_run(ld->env->base, &lf->ids->ids, job_rotate,
		    &rot, sizeof(rot), NULL, 0, wanted_opened, w));
	}
	memset(&op, 0, sizeof(op));
	op.n = 1;
	op.files[0].kind = JOB_LOG;
	strlcpy(op.files[0].path, lf->path, sizeof(op.files[0].path));
	return (helper_run(ld->env->base, &lf->ids->ids, job_open_files, &op,
	    sizeof(op), NULL, 0, wanted_opened, w));
}

/*
 * A file that a user named is to be rotated or opened anew: as that user, so
 * only one that was opened as that user before.  One at a time: what comes
 * meanwhile is pm2logd's impatience.
 */
static void
got_wantfile(struct logd *ld, struct imsg *imsg)
{
	struct log_wantfile	 msg;
	struct logfile		*lf;
	struct want		*w;

	if (imsg_get_data(imsg, &msg, sizeof(msg)) == -1) {
		logd_lost(ld);
		return;
	}
	lf = applog_find(ld->env, msg.file);
	if (lf == NULL || !(lf->flags & LOGF_PASSED) || lf->ids == NULL ||
	    lf->wanted || (w = calloc(1, sizeof(*w))) == NULL)
		return;
	w->env = ld->env;
	w->number = lf->number;
	lf->wanted = 1;
	if (open_wanted(ld, lf, msg.why, w) == NULL) {
		log_warn("%s", lf->path);
		lf->wanted = 0;
		free(w);
	}
}

static const struct {
	uint32_t	 type;
	void		(*fn)(struct logd *, struct imsg *);
} handlers[] = {
	{ IMSG_LOG_READY,	got_ready },
	{ IMSG_LOG_STREAMED,	got_streamed },
	{ IMSG_LOG_DRAINED,	got_drained },
	{ IMSG_LOG_EOF,		got_eof },
	{ IMSG_LOG_DONE,	got_done },
	{ IMSG_LOG_WANTFILE,	got_wantfile }
};

void
logd_dispatch(struct imsgev *iev, struct imsg *imsg, void *arg)
{
	struct logd	*ld = arg;
	size_t		 i;

	(void)iev;
	for (i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
		if (handlers[i].type != imsg_get_type(imsg))
			continue;
		handlers[i].fn(ld, imsg);
		return;
	}
	log_warnx("log daemon: unexpected %s", msg_name(imsg_get_type(imsg)));
	logd_lost(ld);
}


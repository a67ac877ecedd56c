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

#include <stdlib.h>
#include <string.h>

#include "engine_local.h"
#include "listen.h"
#include "log.h"
#include "utf8.h"

/*
 * What the engine says, and what the parent does about it.  The engine only
 * passes on what workers want: each message names a run, and one that names
 * none is late.  One that is not as it should be ends the engine.
 */

#define LISTEN_FLAGS	(LISTEN_V6ONLY | LISTEN_REUSEADDR | LISTEN_READALL | \
			    LISTEN_WRITEALL | LISTEN_ANY | LISTEN_ABSTRACT)
#define NOTIFY_FLAGS	(NOTIFY_READY | NOTIFY_STOPPING | NOTIFY_WATCHDOG | \
			    NOTIFY_EXTEND | NOTIFY_STATUS | NOTIFY_RELOADING)
#define PORT_MAX	65535

union payload {
	struct engine_ref	 ref;
	struct engine_ready	 ready;
	struct engine_listen	 listen;
	struct engine_serves	 serves;
	struct engine_bad	 bad;
	struct engine_notify	 notify;
	char			 say[sizeof(struct engine_ref) + SAY_MAX];
};

struct handler {
	uint32_t	 type;
	size_t		 len;
	size_t		 more;		/* may be longer by so much */
	uint32_t	 note;		/* all that it says of its run */
	/* -1: this cannot be meant; called only without a note */
	int		(*fn)(struct engine *, const union payload *, size_t);
};

/* The run that a message speaks of, or NULL: it ended meanwhile. */
static struct run *
find(const struct engine *en, const struct engine_ref *ref)
{
	struct app	*app;
	struct run	*run;

	if ((app = app_find(en->env, ref->app)) == NULL)
		return (NULL);
	TAILQ_FOREACH(run, &app->runs, entry)
		if (run->generation == ref->generation && run->engaged)
			return (run);
	return (NULL);
}

static int
is_string(const char *s, size_t size)
{
	return (memchr(s, '\0', size) != NULL);
}

/* One that is shown to people. */
static int
is_text(const char *s, size_t size)
{
	uint32_t	 c;
	size_t		 n;

	if (!is_string(s, size))
		return (0);
	for (; *s != '\0'; s += n)
		if ((n = utf8_decode(s, UTF8_MAX, &c)) == 0 ||
		    utf8_iscontrol(c))
			return (0);
	return (1);
}

static int
got_ready(struct engine *en, const union payload *p, size_t len)
{
	(void)len;
	if (!is_text(p->ready.sandbox, sizeof(p->ready.sandbox)))
		return (-1);
	daemon_ready(&en->daemon, p->ready.sandbox);
	return (0);
}

static int
got_listen(struct engine *en, const union payload *p, size_t len)
{
	const struct engine_listen	*q = &p->listen;
	struct run			*run;

	(void)len;
	if (q->type >= LISTEN_NTYPES || q->port > PORT_MAX ||
	    (q->flags & ~LISTEN_FLAGS) != 0 ||
	    q->datalen > sizeof(q->data) ||
	    !is_string(q->address, sizeof(q->address)))
		return (-1);
	/* Only cluster workers may ask, whatever the engine thinks. */
	if ((run = find(en, &q->ref)) != NULL && run->worker != 0)
		listen_query(run, q);
	return (0);
}

static int
got_listening(struct engine *en, const union payload *p, size_t len)
{
	struct run	*run;

	(void)len;
	if (p->serves.port > PORT_MAX)
		return (-1);
	if ((run = find(en, &p->serves.ref)) == NULL || run->worker == 0 ||
	    !listen_serving(run, &p->serves))
		return (0);
	if ((run = find(en, &p->serves.ref)) != NULL)
		supervise_note(run, NOTE_LISTENING);
	return (0);
}

static int
got_closed(struct engine *en, const union payload *p, size_t len)
{
	struct run	*run;

	(void)len;
	if ((run = find(en, &p->serves.ref)) != NULL && run->worker != 0)
		listen_closed(run, &p->serves);
	return (0);
}

static int
got_bad(struct engine *en, const union payload *p, size_t len)
{
	struct run	*run;

	(void)len;
	if (!is_text(p->bad.why, sizeof(p->bad.why)))
		return (-1);
	/* Said once: the channel is closed. */
	if ((run = find(en, &p->bad.ref)) == NULL || run->notes & NOTE_BAD)
		return (0);
	log_warnx("%s (%u): broke the protocol of its channel: %s",
	    run->app->name, run->app->id, p->bad.why);
	supervise_note(run, NOTE_BAD);
	return (0);
}

static int
got_message(struct engine *en, const union payload *p, size_t len)
{
	struct run	*run;

	if ((run = find(en, &p->ref)) != NULL)
		control_message(en->env, run, p->say + sizeof(p->ref),
		    len - sizeof(p->ref));
	return (0);
}

static void
set_status(struct run *run, const char *status)
{
	char	*new;

	if ((new = strdup(status)) == NULL)
		return;
	free(run->status);
	run->status = new;
}

/* A note may be the end of its run. */
static void
note(struct engine *en, const struct engine_ref *ref, uint32_t what)
{
	struct run	*run;

	if ((run = find(en, ref)) != NULL)
		supervise_note(run, what);
}

static int
got_notify(struct engine *en, const union payload *p, size_t len)
{
	static const struct {
		uint32_t	 flag;
		uint32_t	 note;
	} notes[] = {
		{ NOTIFY_WATCHDOG,	NOTE_WATCHDOG },
		{ NOTIFY_READY,		NOTE_READY },
		{ NOTIFY_STOPPING,	NOTE_STOPPING }
	};
	const struct engine_notify	*q = &p->notify;
	struct run			*run;
	size_t				 i;

	(void)len;
	if ((q->flags & ~NOTIFY_FLAGS) != 0 ||
	    !is_text(q->status, sizeof(q->status)))
		return (-1);
	if ((run = find(en, &q->ref)) == NULL || run->notify == -1)
		return (0);
	if (q->flags & NOTIFY_STATUS)
		set_status(run, q->status);
	if (q->flags & NOTIFY_EXTEND)
		supervise_extend(run, q->usec);
	for (i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
		if (q->flags & notes[i].flag)
			note(en, &q->ref, notes[i].note);
	return (0);
}

#define REF	sizeof(struct engine_ref), 0

static const struct handler	 handlers[] = {
	{ IMSG_ENGINE_READY, sizeof(struct engine_ready), 0, 0, got_ready },
	{ IMSG_ENGINE_ONLINE, REF, NOTE_ONLINE, NULL },
	{ IMSG_ENGINE_LISTEN, sizeof(struct engine_listen), 0, 0, got_listen },
	{ IMSG_ENGINE_LISTENING, sizeof(struct engine_serves), 0, 0,
	    got_listening },
	{ IMSG_ENGINE_CLOSED, sizeof(struct engine_serves), 0, 0, got_closed },
	{ IMSG_ENGINE_SAIDREADY, REF, NOTE_READY, NULL },
	{ IMSG_ENGINE_RETIRED, REF, NOTE_RETIRED, NULL },
	{ IMSG_ENGINE_DRAINED, REF, NOTE_DRAINED, NULL },
	{ IMSG_ENGINE_LEAVING, REF, NOTE_LEAVING, NULL },
	{ IMSG_ENGINE_EOF, REF, NOTE_EOF, NULL },
	{ IMSG_ENGINE_BAD, sizeof(struct engine_bad), 0, 0, got_bad },
	{ IMSG_ENGINE_MESSAGE, sizeof(struct engine_ref), SAY_MAX, 0,
	    got_message },
	{ IMSG_ENGINE_NOTIFY, sizeof(struct engine_notify), 0, 0, got_notify }
};

static const struct handler *
handler(uint32_t type)
{
	size_t	 i;

	for (i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (handlers[i].type == type)
			return (&handlers[i]);
	return (NULL);
}

void
engine_dispatch(struct imsgev *iev, struct imsg *imsg, void *arg)
{
	struct engine		*en = arg;
	const struct handler	*h = handler(imsg_get_type(imsg));
	union payload		 p;
	size_t			 len = imsg_get_len(imsg);

	(void)iev;
	if (en->broken)
		return;
	if (h == NULL || len < h->len || len > h->len + h->more ||
	    imsg_get_buf(imsg, &p, len) == -1) {
		engine_broken(en, h == NULL ? "unexpected message" :
		    msg_name(h->type));
		return;
	}
	if (h->note != 0)
		note(en, &p.ref, h->note);
	else if (h->fn(en, &p, len) == -1)
		engine_broken(en, msg_name(h->type));
}

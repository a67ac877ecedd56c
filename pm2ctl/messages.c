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
 * messages: follow what apps say over Node's channel ("process.send").
 */
#include <sys/types.h>

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "output_cmd.h"
#include "output_json.h"

struct name {
	uint32_t	 id;
	char		 name[APP_NAME_MAX];
};

struct messages {
	struct ctl	*ctl;
	struct app_list	 list;
	struct selection sel;		/* n 0: all */
	struct name	*names;
	size_t		 nnames;
	size_t		 cap;
	struct outbuf	 out;
	int		 nobody;	/* reads */
};

static volatile sig_atomic_t	 quit;

static void
on_signal(int signo)
{
	(void)signo;
	quit = 1;
}

/* ---- names ---- */

static struct name *
name_find(const struct messages *m, uint32_t id)
{
	size_t	 i;

	for (i = 0; i < m->nnames; i++)
		if (m->names[i].id == id)
			return (&m->names[i]);
	return (NULL);
}

static void
name_set(struct messages *m, uint32_t id, const char *name)
{
	struct name	*n;
	size_t		 cap;

	if ((n = name_find(m, id)) == NULL) {
		if (m->nnames == m->cap) {
			cap = m->cap == 0 ? 64 : m->cap * 2;
			n = reallocarray(m->names, cap, sizeof(*n));
			if (n == NULL)
				err(1, NULL);
			m->names = n;
			m->cap = cap;
		}
		n = &m->names[m->nnames++];
		n->id = id;
	}
	(void)strlcpy(n->name, name, sizeof(n->name));
}

static void
name_drop(struct messages *m, uint32_t id)
{
	struct name	*n;

	if ((n = name_find(m, id)) != NULL)
		*n = m->names[--m->nnames];
}

static int
is_selected(const struct messages *m, uint32_t id)
{
	size_t	 i;

	for (i = 0; i < m->sel.n; i++)
		if (m->sel.ids[i] == id)
			return (1);
	return (m->sel.n == 0);
}

/* ---- what pm2d tells ---- */

static void
on_event(struct client *c, uint32_t request, const struct ctl_event *ev,
    void *arg)
{
	struct messages	*m = arg;

	(void)c;
	(void)request;
	if (ev->kind == EVENT_DELETED)
		name_drop(m, ev->id);
	else
		name_set(m, ev->id, ev->name);
}

static void
put_json(struct messages *m, uint32_t id, const char *name, const char *text)
{
	struct timespec	 now;
	json_t		*object, *value;
	char		 when[64];

	if (clock_gettime(CLOCK_REALTIME, &now) == -1 ||
	    (object = json_object()) == NULL)
		err(1, NULL);
	output_isotime(when, sizeof(when), (uint64_t)now.tv_sec * 1000 +
	    (uint64_t)now.tv_nsec / 1000000);
	/* What jansson cannot hold is shown as the text that it is. */
	if ((value = json_loads(text, JSON_DECODE_ANY, NULL)) == NULL)
		value = json_text(text);
	json_put(object, "timestamp", json_text(when));
	json_put(object, "process_id", json_integer(id));
	json_put(object, "app_name", json_text(name));
	json_put(object, "message", value);
	ob_jsonvalue(&m->out, object);
	json_decref(object);
}

static void
on_message(struct client *c, uint32_t id, const char *text, void *arg)
{
	struct messages		*m = arg;
	const struct name	*n;
	const char		*name;

	(void)c;
	if (!is_selected(m, id))
		return;
	name = (n = name_find(m, id)) == NULL ? "" : n->name;
	if (m->ctl->opt->json)
		put_json(m, id, name, text);
	else {
		ob_char(&m->out, '[');
		ob_vis(&m->out, name);
		ob_fmt(&m->out, "-%u] ", id);
		ob_vis(&m->out, text);
	}
	ob_char(&m->out, '\n');
}

/* Names count from the beginning, messages when it is known whose. */
static const struct client_ops early = {
	.event = on_event,
};

static const struct client_ops ops = {
	.event = on_event,
	.message = on_message,
};

/* ---- the command ---- */

static int
messages_loop(struct messages *m, const sigset_t *mask)
{
	struct pollfd	 pfd[2];
	int		 n;

	for (;;) {
		if (m->out.len != 0 &&
		    ob_write(&m->out, STDOUT_FILENO) == -1)
			m->nobody = 1;
		if (quit || m->nobody)
			return (0);
		pfd[0].fd = m->ctl->client.fd;
		pfd[0].events = POLLIN;
		if (imsgbuf_queuelen(&m->ctl->client.ibuf) > 0)
			pfd[0].events |= POLLOUT;
		/* only to learn that the reader of a pipe has gone */
		pfd[1].fd = STDOUT_FILENO;
		pfd[1].events = 0;
		n = ppoll(pfd, 2, NULL, mask);
		if (n == -1 && errno != EINTR) {
			say_error("poll: %s", strerror(errno));
			return (1);
		}
		if (n <= 0)
			continue;
		if (pfd[0].revents != 0 &&
		    client_wait_ms(&m->ctl->client, 1, NULL) == -1)
			return (1);
		if (pfd[1].revents != 0)
			return (0);
	}
}

/* Signals are taken only while we wait, so that none is missed. */
static int
messages_run(struct messages *m)
{
	struct sigaction	 sa;
	sigset_t		 block, before;
	int			 rc;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &sa, NULL);
	sa.sa_handler = on_signal;
	(void)sigemptyset(&block);
	(void)sigaddset(&block, SIGINT);
	(void)sigaddset(&block, SIGTERM);
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
	(void)sigprocmask(SIG_BLOCK, &block, &before);
	(void)sigdelset(&before, SIGINT);
	(void)sigdelset(&before, SIGTERM);
	rc = messages_loop(m, &before);
	/* What came before the connection was lost. */
	if (m->out.len != 0 && !m->nobody)
		(void)ob_write(&m->out, STDOUT_FILENO);
	return (rc);
}

int
cmd_messages(struct ctl *ctl, int argc, char **argv)
{
	struct messages	 m;
	size_t		 j;
	int		 all, i, rc;

	memset(&m, 0, sizeof(m));
	m.ctl = ctl;
	for (i = 0, all = argc == 0; i < argc; i++)
		all |= strcmp(argv[i], "all") == 0;
	rc = 1;
	/* First to hear, then to look: who comes between is known. */
	ctl->client.ops = &early;
	ctl->client.arg = &m;
	if (client_subscribe(&ctl->client) != 0 &&
	    client_list(&ctl->client, APP_ID_ALL, 0, &m.list) == 0 &&
	    (all || select_apps(&m.list, argc, argv, &m.sel) == 0)) {
		for (j = 0; j < m.list.n; j++)
			name_set(&m, m.list.apps[j].info.fix.id,
			    m.list.apps[j].info.name);
		ctl->client.ops = &ops;
		rc = messages_run(&m);
	}
	ctl->client.ops = NULL;
	free(m.names);
	ob_free(&m.out);
	select_free(&m.sel);
	app_list_free(&m.list);
	return (rc);
}

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
 * pm2ctl logs: lines of apps as pm2logd tells them, in one of the forms, to
 * a terminal, a pipe or a program.
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

#include "logs_follow.h"
#include "output.h"
#include "pm2ctl.h"
#include "termfilter.h"

#define LINES_DEFAULT	15
#define AGAIN_TRIES	20	/* for a new log daemon, */
#define AGAIN_MS	250	/* that far apart */

/* One output of one app. */
struct stream {
	uint32_t	 app;
	uint32_t	 kind;
	int		 open;		/* its line goes on */
	char		*name;
	struct termfilter tf;
};

struct logs {
	struct ctl	*ctl;
	const struct form *form;
	struct output_style style;
	struct follow	 follow;
	struct selection sel;		/* n 0: all */
	struct app_list	 apps;		/* for the names */
	struct stream	*streams;	/* by app and kind, ascending */
	size_t		 nstreams;
	struct stream	*open;		/* whose line goes on, NULL: none */
	struct outbuf	 out;
	uint32_t	 flags;
	int		 nobody;	/* reads what we write */
};

/* How a line is shown: what stands before it, and it. */
struct form {
	void	(*prefix)(struct logs *, const struct stream *,
		    const struct follow_line *);
	void	(*body)(struct logs *, struct stream *,
		    const struct follow_line *, const char *, size_t);
	int	 program;		/* for programs: lines only */
};

static void	 prefix_pm2(struct logs *, const struct stream *,
		    const struct follow_line *);
static void	 prefix_timestamp(struct logs *, const struct stream *,
		    const struct follow_line *);
static void	 body_text(struct logs *, struct stream *,
		    const struct follow_line *, const char *, size_t);
static void	 body_raw(struct logs *, struct stream *,
		    const struct follow_line *, const char *, size_t);
static void	 body_json(struct logs *, struct stream *,
		    const struct follow_line *, const char *, size_t);

static const struct form	 form_pm2 = { prefix_pm2, body_text, 0 };
static const struct form	 form_timestamp = { prefix_timestamp,
				    body_text, 0 };
static const struct form	 form_raw = { NULL, body_raw, 1 };
static const struct form	 form_json = { NULL, body_json, 1 };

static volatile sig_atomic_t	 quit;

static void	 on_signal(int);
static int	 stream_find(const struct logs *, uint32_t, uint32_t,
		    size_t *);
static char	*stream_name(struct logs *, uint32_t);
static struct stream *stream_get(struct logs *, uint32_t, uint32_t);
static void	 line_end(struct logs *, struct stream *);
static void	 show_line(const struct follow_line *, const char *, size_t,
		    void *);
static void	 show_gap(const struct follow_gap *, void *);
static int	 selected(const struct logs *, uint32_t);
static void	 flush(struct logs *);
static int	 logs_open(struct logs *, uint32_t);
static int	 logs_again(struct logs *);
static int	 logs_read(struct logs *);
static int	 logs_loop(struct logs *, const sigset_t *);
static int	 logs_run(struct logs *);
static void	 logs_head(struct logs *, int, char **);
static void	 logs_init(struct logs *, struct ctl *);
static void	 logs_free(struct logs *);

static void
on_signal(int sig)
{
	(void)sig;
	quit = 1;
}

/* ---- streams ---- */

static int
stream_find(const struct logs *l, uint32_t app, uint32_t kind, size_t *at)
{
	const struct stream	*s;
	size_t			 lo, hi, mid;

	for (lo = 0, hi = l->nstreams; lo < hi;) {
		mid = lo + (hi - lo) / 2;
		s = &l->streams[mid];
		if (s->app == app && s->kind == kind) {
			*at = mid;
			return (1);
		}
		if (s->app < app || (s->app == app && s->kind < kind))
			lo = mid + 1;
		else
			hi = mid;
	}
	*at = lo;
	return (0);
}

/* An app that was not there when we began is asked for. */
static char *
stream_name(struct logs *l, uint32_t app)
{
	struct outbuf	 ob = { 0 };
	struct app_list	 list = { 0 };
	struct app_view	*view;
	char		*name;

	if ((view = app_list_find(&l->apps, app)) == NULL &&
	    l->ctl->client.fd != -1 &&
	    client_list(&l->ctl->client, app, 0, &list) == 0)
		view = app_list_find(&list, app);
	if (view != NULL)
		ob_vis(&ob, view->info.name);
	else
		ob_str(&ob, "?");
	if ((name = strdup(ob_text(&ob))) == NULL)
		err(1, NULL);
	ob_free(&ob);
	app_list_free(&list);
	return (name);
}

static struct stream *
stream_get(struct logs *l, uint32_t app, uint32_t kind)
{
	struct stream	*s;
	size_t		 at, open;
	int		 sgr;

	if (stream_find(l, app, kind, &at))
		return (&l->streams[at]);
	open = l->open == NULL ? 0 : (size_t)(l->open - l->streams);
	s = reallocarray(l->streams, l->nstreams + 1, sizeof(*s));
	if (s == NULL)
		err(1, NULL);
	l->streams = s;
	if (l->open != NULL)
		l->open = &s[open >= at ? open + 1 : open];
	memmove(&s[at + 1], &s[at], (l->nstreams - at) * sizeof(*s));
	l->nstreams++;
	s = &s[at];
	memset(s, 0, sizeof(*s));
	s->app = app;
	s->kind = kind;
	s->name = stream_name(l, app);
	sgr = l->style.colour ? TERMFILTER_SGR : TERMFILTER_STRIP;
	termfilter_init(&s->tf, sgr);
	return (s);
}

/* ---- forms ---- */

static void
prefix_pm2(struct logs *l, const struct stream *s,
    const struct follow_line *fl)
{
	/* blue, cyan, green, magenta, red, grey, yellow */
	static const char *const inks[] = {
		"34", "36", "32", "35", "31", "90", "33"
	};
	char	 when[64];

	/* a line of the history has come at a time that nobody knows */
	(void)strlcpy(when, "-", sizeof(when));
	if (fl->when_ms != 0)
		output_localtime(when, sizeof(when), fl->when_ms);
	ob_sgr(&l->out, &l->style, inks[s->app % 7]);
	ob_fmt(&l->out, "[%s-%u (%s) %s]", s->name, s->app,
	    s->kind == LOG_ERR ? "err" : "out", when);
	ob_sgr(&l->out, &l->style, "39");
	ob_char(&l->out, ' ');
}

static void
prefix_timestamp(struct logs *l, const struct stream *s,
    const struct follow_line *fl)
{
	struct tm	 tm;
	time_t		 t;
	char		 when[64];

	t = (time_t)(fl->when_ms / 1000);
	if (fl->when_ms == 0 || localtime_r(&t, &tm) == NULL ||
	    strftime(when, sizeof(when), "%Y-%m-%d-%H:%M:%S", &tm) == 0)
		(void)strlcpy(when, "-", sizeof(when));
	ob_fmt(&l->out, "%s ", when);
	ob_sgr(&l->out, &l->style, s->kind == LOG_ERR ? "31" : "32");
	ob_fmt(&l->out, "%u|%s  | ", s->app, s->name);
	ob_sgr(&l->out, &l->style, "39");
}

static void
body_text(struct logs *l, struct stream *s, const struct follow_line *fl,
    const char *text, size_t len)
{
	/* CR LF ends a line too */
	if (!(fl->flags & FOLLOW_PARTIAL) && len > 0 && text[len - 1] == '\r')
		len--;
	termfilter_feed(&s->tf, &l->out, text, len);
}

/* Never so raw that it could take over the terminal. */
static void
body_raw(struct logs *l, struct stream *s, const struct follow_line *fl,
    const char *text, size_t len)
{
	if (l->style.terminal)
		body_text(l, s, fl, text, len);
	else
		ob_add(&l->out, text, len);
}

/*
 * A line too long for one message is several objects; all but the last say
 * that they are partial.
 */
static void
body_json(struct logs *l, struct stream *s, const struct follow_line *fl,
    const char *text, size_t len)
{
	char	 when[64];

	ob_str(&l->out, "{\"message\":");
	ob_json(&l->out, text, len);
	if (fl->when_ms != 0) {
		output_isotime(when, sizeof(when), fl->when_ms);
		ob_fmt(&l->out, ",\"timestamp\":\"%s\"", when);
	} else
		ob_str(&l->out, ",\"timestamp\":null");
	ob_fmt(&l->out, ",\"type\":\"%s\",\"process_id\":%u,\"app_name\":",
	    s->kind == LOG_ERR ? "err" : "out", s->app);
	ob_json(&l->out, s->name, strlen(s->name));
	if (fl->flags & FOLLOW_PARTIAL)
		ob_str(&l->out, ",\"partial\":true}\n");
	else
		ob_str(&l->out, "}\n");
}

/* ---- lines ---- */

static void
line_end(struct logs *l, struct stream *s)
{
	termfilter_end(&s->tf, &l->out);
	ob_char(&l->out, '\n');
	s->open = 0;
	l->open = NULL;
}

static int
selected(const struct logs *l, uint32_t app)
{
	size_t	 i;

	if (l->sel.n <= CTL_LOGS_MAXIDS)
		return (1);
	/* more than could be asked for: everything comes */
	for (i = 0; i < l->sel.n; i++) {
		if (l->sel.ids[i] == app)
			return (1);
	}
	return (0);
}

static void
show_line(const struct follow_line *fl, const char *text, size_t len,
    void *arg)
{
	struct logs	*l = arg;
	struct stream	*s;

	if (!selected(l, fl->app))
		return;
	s = stream_get(l, fl->app, fl->kind);
	if (l->form == &form_json) {
		l->form->body(l, s, fl, text, len);
		return;
	}
	/* another's line comes between: this one is broken for it */
	if (l->open != NULL && l->open != s)
		line_end(l, l->open);
	if (!s->open && l->form->prefix != NULL)
		l->form->prefix(l, s, fl);
	l->form->body(l, s, fl, text, len);
	s->open = 1;
	l->open = s;
	if (!(fl->flags & FOLLOW_PARTIAL))
		line_end(l, s);
}

static void
show_gap(const struct follow_gap *gap, void *arg)
{
	struct logs	*l = arg;

	flush(l);
	say_warn("too slow: %llu lines (%llu bytes) were not shown; the log "
	    "files have them", (unsigned long long)gap->lines,
	    (unsigned long long)gap->bytes);
}

static void
flush(struct logs *l)
{
	if (l->out.len != 0 && ob_write(&l->out, STDOUT_FILENO) == -1)
		l->nobody = 1;
}

/* ---- the connection ---- */

static int
logs_open(struct logs *l, uint32_t lines)
{
	static const struct follow_ops	 ops = { show_line, show_gap, NULL };
	int				 fd;

	if ((fd = client_logs(&l->ctl->client, l->flags, lines, l->sel.ids,
	    (uint32_t)l->sel.n)) == -1)
		return (-1);
	return (follow_open(&l->follow, fd, &ops, l));
}

/* The log daemon has gone; while pm2d lives there will be another one. */
static int
logs_again(struct logs *l)
{
	struct client	*c;
	int		 i, open;

	c = &l->ctl->client;
	flush(l);
	follow_close(&l->follow);
	for (i = 0; i < AGAIN_TRIES && !quit; i++) {
		if (client_wait_ms(c, AGAIN_MS, NULL) == -1)
			return (-1);
		c->quiet = 1;	/* that it is not there yet is no error */
		open = logs_open(l, 0) == 0;
		c->quiet = 0;
		if (open) {
			say_warn("the log daemon was started again: lines "
			    "of the meantime are in the log files");
			return (0);
		}
		if (c->fd == -1)
			break;
	}
	if (!quit)
		say_error("the log daemon does not answer");
	return (-1);
}

/* 1 to go on, 0 when it is over, -1 when it failed. */
static int
logs_read(struct logs *l)
{
	int	 n;

	n = follow_read(&l->follow);
	flush(l);
	if (n == 1)
		return ((l->flags & CTL_LOGS_FOLLOW) || !l->follow.live);
	if (!(l->flags & CTL_LOGS_FOLLOW))
		return (n);
	return (logs_again(l) == -1 ? -1 : 1);
}

static int
logs_loop(struct logs *l, const sigset_t *mask)
{
	struct pollfd	 pfd[3];
	int		 n;

	for (;;) {
		pfd[0].fd = l->follow.fd;
		pfd[0].events = POLLIN;
		pfd[1].fd = l->ctl->client.fd;
		pfd[1].events = POLLIN;
		/* only to learn that the reader of a pipe has gone */
		pfd[2].fd = STDOUT_FILENO;
		pfd[2].events = 0;
		if (quit || l->nobody)
			return (0);
		n = ppoll(pfd, 3, NULL, mask);
		if (n == -1 && errno != EINTR) {
			say_error("poll: %s", strerror(errno));
			return (1);
		}
		if (n <= 0)
			continue;
		if (pfd[0].revents != 0) {
			if ((n = logs_read(l)) != 1)
				return (n == -1 && !quit);
		} else if (pfd[1].revents != 0 &&
		    client_wait_ms(&l->ctl->client, 1, NULL) == -1)
			return (1);
		if (pfd[2].revents != 0)
			return (0);
	}
}

/* Signals are taken only while we wait, so that none is missed. */
static int
logs_run(struct logs *l)
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
	rc = logs_loop(l, &before);
	if (l->open != NULL)
		line_end(l, l->open);
	flush(l);
	return (rc);
}

/* ---- the command ---- */

static void
logs_head(struct logs *l, int argc, char **argv)
{
	int	 i;

	if (l->form->program || !(l->flags & CTL_LOGS_FOLLOW))
		return;
	ob_str(&l->out, "########### Starting streaming logs for [");
	if (l->sel.n == 0)
		ob_str(&l->out, "all");
	for (i = 0; l->sel.n != 0 && i < argc; i++) {
		if (i != 0)
			ob_char(&l->out, ' ');
		ob_vis(&l->out, argv[i]);
	}
	ob_str(&l->out, "] process\n");
	flush(l);
}

static void
logs_init(struct logs *l, struct ctl *ctl)
{
	const struct options	*opt;

	memset(l, 0, sizeof(*l));
	opt = ctl->opt;
	l->ctl = ctl;
	l->follow.fd = -1;
	l->form = opt->json ? &form_json : opt->raw ? &form_raw :
	    opt->timestamp ? &form_timestamp : &form_pm2;
	output_style(&l->style, stdout);
	if (opt->out || !opt->err)
		l->flags |= CTL_LOGS_OUT;
	if (opt->err || !opt->out)
		l->flags |= CTL_LOGS_ERR;
	if (!opt->nostream)
		l->flags |= CTL_LOGS_FOLLOW;
}

static void
logs_free(struct logs *l)
{
	size_t	 i;

	follow_close(&l->follow);
	for (i = 0; i < l->nstreams; i++)
		free(l->streams[i].name);
	free(l->streams);
	ob_free(&l->out);
	select_free(&l->sel);
	app_list_free(&l->apps);
}

int
cmd_logs(struct ctl *ctl, int argc, char **argv)
{
	struct logs	 l;
	uint32_t	 lines;
	int		 all, i, rc;

	logs_init(&l, ctl);
	lines = ctl->opt->lines.given ? (uint32_t)ctl->opt->lines.value :
	    LINES_DEFAULT;
	for (i = 0, all = argc == 0; i < argc; i++)
		all |= strcmp(argv[i], "all") == 0;
	rc = 1;
	if (client_list(&ctl->client, APP_ID_ALL, 0, &l.apps) == 0 &&
	    (all || select_apps(&l.apps, argc, argv, &l.sel) == 0)) {
		logs_head(&l, argc, argv);
		if (logs_open(&l, lines) == 0)
			rc = logs_run(&l);
	}
	logs_free(&l);
	return (rc);
}

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
 * sendSignal.
 */
#include <sys/types.h>

#include <string.h>

#include "pm2ctl.h"
#include "units.h"

struct sending {
	const struct app_list	*list;
	uint32_t		 first;		/* of the first request */
	const struct selection	*sel;
	int			 failures;
};

static void
on_result(struct client *c, uint32_t request, const struct ctl_result *res,
    void *arg)
{
	struct sending		*s = arg;
	const struct app_view	*v;
	char			 buf[512];
	uint32_t		 i;

	(void)c;
	if (res->code == CTL_OK)
		return;
	s->failures++;
	if ((i = request - s->first) >= s->sel->n)
		return;
	v = app_list_find(s->list, s->sel->ids[i]);
	say_error("Process %s (%u): %s", v != NULL ? v->info.name : "",
	    s->sel->ids[i], client_strresult(res, buf, sizeof(buf)));
}

static int
send_all(struct ctl *ctl, const struct app_list *list,
    const struct selection *sel, int signo)
{
	static const struct client_ops	 ops = { .result = on_result };
	struct sending			 s;
	struct ctl_app			 req;
	size_t				 i;
	int				 error;

	memset(&s, 0, sizeof(s));
	s.list = list;
	s.sel = sel;
	s.first = ctl->client.next;
	ctl->client.ops = &ops;
	ctl->client.arg = &s;
	memset(&req, 0, sizeof(req));
	req.arg = (uint32_t)signo;
	for (error = 0, i = 0; error == 0 && i < sel->n; i++) {
		req.id = sel->ids[i];
		if (client_send(&ctl->client, IMSG_CTL_SIGNAL, &req,
		    sizeof(req)) == 0)
			error = -1;
	}
	if (error == 0)
		error = client_wait(&ctl->client);
	ctl->client.ops = NULL;
	return (error == -1 || s.failures > 0 ? -1 : 0);
}

/* What comes behind the signal and the app is ignored, as pm2 does. */
int
cmd_signal(struct ctl *ctl, int argc, char **argv)
{
	struct app_list		 list;
	struct selection	 sel;
	enum select_how		 how;
	const char		*errstr, *what;
	int			 signo, error;

	(void)argc;
	say_plain("Processing......");
	if (units_signal(argv[0], &signo, &errstr) == -1) {
		say_error("Error when sending signal (signal unknown) : %s",
		    argv[0]);
		return (1);
	}
	memset(&list, 0, sizeof(list));
	memset(&sel, 0, sizeof(sel));
	error = client_list(&ctl->client, APP_ID_ALL, 0, &list);
	if (error == 0 && (error = select_word(&list, argv[1], &sel,
	    &how)) == 0) {
		what = how == SELECT_ID ? "id" : "name";
		if (how == SELECT_NONE) {
			say_error("Process or namespace %s not found",
			    argv[1]);
			error = -1;
		} else {
			say_info("Sending signal to process %s %s", what,
			    argv[1]);
			error = send_all(ctl, &list, &sel, signo);
		}
		if (error == 0)
			say_info("Succesfully sent signal %s to process %s "
			    "%s", argv[0], what, argv[1]);
	}
	select_free(&sel);
	app_list_free(&list);
	return (error == 0 ? 0 : 1);
}

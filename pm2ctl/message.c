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
 * message: say something to an app, over the channel that Node gives it
 * ("process.on('message')").
 */
#include <sys/types.h>

#include <stdlib.h>
#include <string.h>

#include "output_json.h"
#include "resolve.h"

struct saying {
	const struct app_list	*list;
	const struct selection	*sel;
	uint32_t		 first;		/* of the first request */
	int			 failures;
};

/* It may have been meant to be JSON: then a slip of the pen is to be told. */
static int
looks_like_json(const char *word)
{
	word += strspn(word, " \t\r\n");
	return (*word == '{' || *word == '[' || *word == '"');
}

/*
 * What is JSON goes as it is, in one line; anything else is a string.  Large
 * numbers are not ours to judge.  0, or -1 (said).
 */
static int
make_text(struct outbuf *ob, const char *word)
{
	json_error_t	 error;
	json_t		*value;
	size_t		 i;

	value = json_loads(word, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL,
	    &error);
	if (value == NULL && looks_like_json(word))
		say_warn("this is not JSON and is sent as text: %s (byte %d)",
		    error.text, error.position);
	if (value == NULL)
		ob_json(ob, word, strlen(word));
	else
		ob_str(ob, word);
	json_decref(value);
	/* Between the tokens only: within strings they are escaped. */
	for (i = 0; i < ob->len; i++)
		if (ob->data[i] == '\n' || ob->data[i] == '\r')
			ob->data[i] = ' ';
	if (ob->len <= SAY_MAX)
		return (0);
	say_error("a message has at most %d bytes of JSON, this one %zu",
	    SAY_MAX, ob->len);
	return (-1);
}

static void
on_result(struct client *c, uint32_t request, const struct ctl_result *res,
    void *arg)
{
	struct saying		*s = arg;
	const struct app_view	*v;
	char			 buf[512];
	uint32_t		 i;

	(void)c;
	if ((i = request - s->first) >= s->sel->n)
		return;
	v = app_list_find(s->list, s->sel->ids[i]);
	if (res->code == CTL_OK) {
		say_info("Message sent to process %s (%u)",
		    v != NULL ? v->info.name : "", s->sel->ids[i]);
		return;
	}
	s->failures++;
	say_error("Process %s (%u): %s", v != NULL ? v->info.name : "",
	    s->sel->ids[i], client_strresult(res, buf, sizeof(buf)));
}

static const struct client_ops ops = {
	.result = on_result,
};

static int
say_all(struct ctl *ctl, struct saying *s, const struct outbuf *text)
{
	struct ctl_app	 ref;
	struct outbuf	 ob = { 0 };
	size_t		 i;
	int		 error;

	s->first = ctl->client.next;
	ctl->client.ops = &ops;
	ctl->client.arg = s;
	memset(&ref, 0, sizeof(ref));
	for (error = 0, i = 0; error == 0 && i < s->sel->n; i++) {
		ob.len = 0;
		ref.id = s->sel->ids[i];
		ob_add(&ob, &ref, sizeof(ref));
		ob_add(&ob, text->data, text->len);
		if (client_send(&ctl->client, IMSG_CTL_SAY, ob.data,
		    ob.len) == 0)
			error = -1;
	}
	if (error == 0)
		error = client_wait(&ctl->client);
	ctl->client.ops = NULL;
	ob_free(&ob);
	return (error == 0 && s->failures == 0 ? 0 : -1);
}

int
cmd_message(struct ctl *ctl, int argc, char **argv)
{
	struct app_list		 list = { 0 };
	struct selection	 sel = { 0 };
	struct outbuf		 text = { 0 };
	struct saying		 s;
	int			 error;

	if (argc > 2) {
		say_error("message takes one app and one text: put the text "
		    "in quotes");
		return (1);
	}
	memset(&s, 0, sizeof(s));
	s.list = &list;
	s.sel = &sel;
	error = -1;
	if (make_text(&text, argv[1]) == 0 &&
	    client_list(&ctl->client, APP_ID_ALL, 0, &list) == 0 &&
	    select_apps(&list, 1, argv, &sel) == 0)
		error = say_all(ctl, &s, &text);
	ob_free(&text);
	select_free(&sel);
	app_list_free(&list);
	return (error == 0 ? 0 : 1);
}

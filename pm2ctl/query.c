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
 * id and pid: what scripts ask for.
 */
#include <sys/types.h>

#include <stdio.h>
#include <string.h>

#include "pm2ctl.h"

/* The list and what the words mean in it; without words, all. */
static int
query(struct ctl *ctl, int argc, char **argv, struct app_list *list,
    struct selection *sel)
{
	memset(list, 0, sizeof(*list));
	memset(sel, 0, sizeof(*sel));
	if (client_list(&ctl->client, APP_ID_ALL, 0, list) == -1)
		return (-1);
	return (select_apps(list, argc, argv, sel));
}

int
cmd_id(struct ctl *ctl, int argc, char **argv)
{
	struct app_list		 list;
	struct selection	 sel;
	size_t			 i;
	int			 rc;

	rc = query(ctl, argc, argv, &list, &sel) == 0 ? 0 : 1;
	if (sel.n > 0) {
		(void)fputs("[", stdout);
		for (i = 0; i < sel.n; i++)
			(void)printf("%s %u", i > 0 ? "," : "", sel.ids[i]);
		(void)fputs(" ]\n", stdout);
	} else if (rc == 0)
		(void)fputs("[]\n", stdout);
	select_free(&sel);
	app_list_free(&list);
	return (rc);
}

/* Never a 0: kill(1) would take it for the caller's own group. */
int
cmd_pid(struct ctl *ctl, int argc, char **argv)
{
	const struct app_view	*v;
	struct app_list		 list;
	struct selection	 sel;
	size_t			 i;
	int			 rc;

	rc = query(ctl, argc, argv, &list, &sel) == 0 ? 0 : 1;
	for (i = 0; i < sel.n; i++) {
		v = app_list_find(&list, sel.ids[i]);
		if (v->info.fix.pid != 0) {
			(void)printf("%u\n", v->info.fix.pid);
		} else if (argc > 0) {
			say_error("Process %s (%u) is not running",
			    v->info.name, sel.ids[i]);
			rc = 1;
		}
	}
	select_free(&sel);
	app_list_free(&list);
	return (rc);
}

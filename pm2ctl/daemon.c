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
 * Commands about the daemon itself, and about all logs.
 */
#include <sys/types.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "home.h"
#include "pm2ctl.h"
#include "sys.h"

#define GONE_MS	10000	/* from its last word to its end */

int
cmd_ping(struct ctl *ctl, int argc, char **argv)
{
	struct ctl_result	 res;

	(void)argc;
	(void)argv;
	if (ctl->started)
		say_plain("{ online: true, success: true, pid: %u }",
		    ctl->client.pid);
	if (client_request(&ctl->client, IMSG_CTL_PING, NULL, 0, &res) == -1)
		return (1);
	say_plain("{ msg: 'pong' }");
	return (0);
}

/* "killed" is said when it is true. */
static int
wait_gone(int pidfd)
{
	struct pollfd	 pfd;
	int		 n;

	if (pidfd == -1)
		return (0);
	pfd.fd = pidfd;
	pfd.events = POLLIN;
	n = poll(&pfd, 1, GONE_MS);
	(void)close(pidfd);
	return (n == 1 ? 0 : -1);
}

static int
kill_connected(struct ctl *ctl)
{
	static const struct client_ops	 ops = { .event = progress_event };
	struct ctl_result		 res;
	char				 buf[512];
	int				 pidfd;

	pidfd = sys_pidfd_open((pid_t)ctl->client.pid, 0);
	ctl->client.ops = &ops;
	/* Its end is our answer. */
	if (client_subscribe(&ctl->client) == 0 ||
	    client_request(&ctl->client, IMSG_CTL_KILL, NULL, 0,
	    &res) == -1) {
		if (pidfd != -1)
			(void)close(pidfd);
		return (1);
	}
	if (res.code != CTL_OK) {
		say_error("%s", client_strresult(&res, buf, sizeof(buf)));
		if (pidfd != -1)
			(void)close(pidfd);
		return (1);
	}
	client_close(&ctl->client);
	if (wait_gone(pidfd) == -1) {
		say_error("pm2d has stopped all apps but does not end");
		return (1);
	}
	say_plain("Daemon killed");
	return (0);
}

/* None is started only to be killed; that none runs is what was wanted. */
int
cmd_kill(struct ctl *ctl, int argc, char **argv)
{
	/* Who names an app does not mean all of them. */
	if (argc > 0) {
		say_error("%s ends pm2d and all its apps, and takes no "
		    "arguments; did you mean stop %s?", ctl->name, argv[0]);
		return (1);
	}
	switch (which_open(ctl)) {
	case CLIENT_OK:
		return (kill_connected(ctl));
	case CLIENT_NONE:
		say_info("no pm2d is running for %s", ctl->where);
		return (0);
	}
	return (1);
}

/* Of one app or (NULL) of all. 0, 1: refused, with a word, or -1: no answer. */
static int
request_log(struct ctl *ctl, uint32_t type, const struct app_view *app)
{
	struct ctl_result	 res;
	struct ctl_app		 req;
	char			 buf[512];

	memset(&req, 0, sizeof(req));
	req.id = app != NULL ? app->info.fix.id : APP_ID_ALL;
	if (client_request(&ctl->client, type, &req, sizeof(req), &res) == -1)
		return (-1);
	if (res.code == CTL_OK)
		return (0);
	(void)client_strresult(&res, buf, sizeof(buf));
	if (app != NULL)
		say_error("%s (%u): %s", app->info.name, app->info.fix.id,
		    buf);
	else
		say_error("%s", buf);
	return (1);
}

static void
say_flushing(const struct app_view *app)
{
	say_info("Flushing");
	if (app->info.out[0] != '\0')
		say_plain("%s", app->info.out);
	if (app->info.err[0] != '\0')
		say_plain("%s", app->info.err);
}

/* May some of what can be seen be somebody else's business? */
static int
is_among_many(const struct ctl *ctl)
{
	return (ctl->socket != NULL && getuid() != 0);
}

/*
 * Without words, or with "all", it is one request for everything, unless it
 * may be refused for some of it: then each app has an answer.
 */
static int
logs_request(struct ctl *ctl, int argc, char **argv, uint32_t type,
    void (*tell)(const struct app_view *))
{
	const struct app_view	*app;
	struct app_list		 list;
	struct selection	 sel;
	size_t			 i;
	int			 rc, failures, each;

	memset(&list, 0, sizeof(list));
	memset(&sel, 0, sizeof(sel));
	each = argc > 0 || is_among_many(ctl);
	if ((rc = client_list(&ctl->client, APP_ID_ALL, 0, &list)) == 0)
		rc = select_apps(&list, argc, argv, &sel);
	failures = rc != 0;
	if (rc != -1 && !each && (rc = request_log(ctl, type, NULL)) != 0)
		failures++;
	for (i = 0; i < sel.n && rc != -1 && (each || rc == 0); i++) {
		app = app_list_find(&list, sel.ids[i]);
		if (each && (rc = request_log(ctl, type, app)) != 0)
			failures++;
		else if (tell != NULL)
			tell(app);
	}
	select_free(&sel);
	app_list_free(&list);
	return (failures == 0 ? 0 : 1);
}

int
cmd_flush(struct ctl *ctl, int argc, char **argv)
{
	int	 rc;

	if (argc == 1 && strcmp(argv[0], "all") == 0)
		argc = 0;
	if (argc == 0 && ctl->socket == NULL)
		say_info("Flushing %s/%s", ctl->home, HOME_LOG);
	rc = logs_request(ctl, argc, argv, IMSG_CTL_FLUSH, say_flushing);
	if (rc == 0)
		say_info("Logs flushed");
	return (rc);
}

int
cmd_reloadlogs(struct ctl *ctl, int argc, char **argv)
{
	int	 rc;

	say_info("Reloading all logs...");
	rc = logs_request(ctl, argc, argv, IMSG_CTL_REOPEN, NULL);
	if (rc == 0)
		say_info("All logs reloaded");
	return (rc);
}

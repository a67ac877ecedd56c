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
 * The prober: makes health checks.  With -n those over the network, as a user
 * of its own and able to do nothing else; with -e the commands of one user's
 * apps, as that user.
 */

#include <sys/types.h>

#include <event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "probe-local.h"
#include "proc.h"
#include "sandbox.h"

static void	 usage(void) __attribute__((noreturn));

static int
dispatch(struct imsg *imsg)
{
	switch (imsg_get_type(imsg)) {
	case IMSG_PROBE_ADD:
		return (check_add(imsg));
	case IMSG_PROBE_DEL:
		return (check_del(imsg));
	default:
		return (-1);
	}
}

static void
become_net(const char *user)
{
	struct proc_rights	 rights;

	memset(&rights, 0, sizeof(rights));
	rights.user = user;
	rights.nofile = 1024;
	if (proc_drop(&rights) == -1)
		fatalx("cannot drop privileges");
	if (sandbox_enter(SANDBOX_PROBE, NULL, 0) == -1)
		fatal("sandbox");
}

static void
become_exec(const struct proc_ids *ids)
{
	struct proc_rights	 rights;

	memset(&rights, 0, sizeof(rights));
	rights.ids = ids;
	rights.forks = 1;
	if (proc_drop(&rights) == -1)
		fatalx("cannot drop privileges");
}

static void
tell_ready(const char *text)
{
	struct agent_ready	 ready;

	memset(&ready, 0, sizeof(ready));
	(void)strlcpy(ready.sandbox, text, sizeof(ready.sandbox));
	parent_send(IMSG_PROBE_READY, &ready, sizeof(ready));
}

static void
usage(void)
{
	fprintf(stderr, "usage: pm2d-probe -n [-u user]\n"
	    "       pm2d-probe -e [-i uid,gid,group,...]\n");
	exit(1);
}

int
main(int argc, char *argv[])
{
	struct event_base *base;
	struct proc_ids	 ids;
	const char	*user = NULL;
	int		 ch, mode = 0, become = 0, root = geteuid() == 0;

	proc_child_init("probe");
	signal(SIGTERM, SIG_IGN);	/* the parent closes the channel */
	while ((ch = getopt(argc, argv, "ei:nu:")) != -1) {
		switch (ch) {
		case 'e':
		case 'n':
			mode = ch;
			break;
		case 'i':
			if (proc_ids_parse(optarg, &ids) == -1)
				usage();
			become = 1;
			break;
		case 'u':
			user = optarg;
			break;
		default:
			usage();
		}
	}
	if (optind != argc || mode == 0)
		usage();
	if ((base = event_base_new()) == NULL)
		fatalx("event_base_new");
	if (mode == 'n') {
		become_net(user);
		net_init(base, root);
	} else {
		become_exec(become ? &ids : NULL);
		exec_init(base);
	}
	check_init(base, mode == 'n' ? &prober_net : &prober_exec);
	(void)parent_link(base, 0, dispatch);
	tell_ready(mode == 'n' ? sandbox_describe() : "runs commands");
	event_base_dispatch(base);
	check_exit();
	return (parent_status());
}

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
 * The watcher: looks for changed files on behalf of the apps of one user, as
 * that user.  It can read, and do nothing else.
 */

#include <sys/types.h>

#include <event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "proc.h"
#include "sandbox.h"
#include "watch-local.h"

#define MESSAGE_MAX	(512 * 1024 + 16)	/* WATCH_ADD */

static void	 usage(void) __attribute__((noreturn));

static const struct {
	uint32_t	 type;
	int		(*fn)(struct imsg *);
} handlers[] = {
	{ IMSG_WATCH_ADD,	job_add },
	{ IMSG_WATCH_DEL,	job_del },
	{ IMSG_WATCH_AGAIN,	job_again }
};

static int
dispatch(struct imsg *imsg)
{
	size_t	 i;

	for (i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (handlers[i].type == imsg_get_type(imsg))
			return (handlers[i].fn(imsg));
	return (-1);
}

static void
become_harmless(const struct proc_ids *ids)
{
	struct proc_rights	 rights;
	int			 dir;

	memset(&rights, 0, sizeof(rights));
	rights.ids = ids;
	rights.nofile = 64;
	rights.nofsize = 0;
	if (proc_drop(&rights) == -1)
		fatalx("cannot drop privileges");
	if ((dir = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)) == -1)
		fatal("/");
	if (sandbox_enter(SANDBOX_WATCH, &dir, 1) == -1)
		fatal("sandbox");
	close(dir);
}

static void
usage(void)
{
	fprintf(stderr, "usage: pm2d-watch [-i uid,gid,group,...]\n");
	exit(1);
}

int
main(int argc, char *argv[])
{
	struct agent_ready	 ready;
	struct event_base	*base;
	struct imsgev		*parent;
	struct proc_ids		 ids;
	int			 ch, become = 0;

	proc_child_init("watch");
	signal(SIGTERM, SIG_IGN);	/* the parent closes the channel */
	while ((ch = getopt(argc, argv, "i:")) != -1) {
		switch (ch) {
		case 'i':
			if (proc_ids_parse(optarg, &ids) == -1)
				usage();
			become = 1;
			break;
		default:
			usage();
		}
	}
	if (optind != argc)
		usage();
	if ((base = event_base_new()) == NULL)
		fatalx("event_base_new");
	/* As the user: the kernel counts whose they are. */
	become_harmless(become ? &ids : NULL);
	job_init(base);
	parent = parent_link(base, 0, dispatch);
	if (imsgbuf_set_maxsize(imsgev_buf(parent), MESSAGE_MAX) == -1)
		fatal("channel to the parent");
	if (tree_init(base) == -1)
		log_warn("inotify");
	memset(&ready, 0, sizeof(ready));
	(void)strlcpy(ready.sandbox, sandbox_describe(),
	    sizeof(ready.sandbox));
	parent_send(IMSG_WATCH_READY, &ready, sizeof(ready));
	event_base_dispatch(base);
	return (parent_status());
}

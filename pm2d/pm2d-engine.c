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
 * The engine: speaks Node's cluster protocol to the workers and hands
 * connections to them.  It is mechanism; what it is to do the parent says.
 */

#include <sys/types.h>
#include <sys/resource.h>

#include <errno.h>
#include <event.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine-estate.h"
#include "engine-local.h"
#include "imsgev.h"
#include "log.h"
#include "monotime.h"
#include "proc.h"
#include "sandbox.h"

#define FDS_MAX		(1024 * 1024)
#define PARENT_MAXMSGS	65536
#define PARENT_MAXBYTES	(16 * 1024 * 1024)

static void	 parent_drain(struct imsgev *, void *);
static void	 twin_gone(int, short, void *);
static void	 leave(void);
static void	 become_harmless(const char *, const char *);
static void	 usage(void) __attribute__((noreturn));

static struct event_base	*base;
static struct imsgev		*parent;
static uint64_t			 seq;	/* epoch << 32, and counts */

struct event_base *
engine_base(void)
{
	return (base);
}

/* So that an answer to an earlier engine is known as such. */
void
engine_epoch(uint32_t epoch)
{
	seq = (uint64_t)(epoch & 0x1fffff) << 32;
}

uint64_t
engine_seq(void)
{
	return (++seq);
}

uint64_t
engine_ms(void)
{
	return (monotime_now().ms);
}

/* ---- the parent ---- */

static void
parent_drain(struct imsgev *iev, void *arg)
{
	(void)iev;
	(void)arg;
	worker_drained();
}

void
parent_sendv(uint32_t type, const struct engine_ref *ref, const void *data,
    size_t len)
{
	struct iovec	 iov[2];

	iov[0].iov_base = (void *)(uintptr_t)ref;
	iov[0].iov_len = sizeof(*ref);
	iov[1].iov_base = (void *)(uintptr_t)data;
	iov[1].iov_len = len;
	if (imsg_composev(imsgev_buf(parent), type, 0, 0, -1, iov, 2) == -1)
		parent_lost(msg_name(type));
}

int
parent_flush(void)
{
	if (parent_backlog() == 0)
		return (1);
	if (imsgbuf_write(imsgev_buf(parent)) == -1 || parent_backlog() > 0)
		return (0);
	worker_drained();	/* nobody else will tell them */
	return (1);
}

size_t
parent_backlog(void)
{
	return (imsgbuf_queuebytes(imsgev_buf(parent)));
}

/* ---- the twin ---- */

/*
 * In the sandbox another one cannot be made.  As soon as there is nothing to
 * leave to anybody the next engine may come, with its own.
 */
static void
twin_gone(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	log_warnx("the process that sees to the estate is gone: another "
	    "engine is to take over");
	conn_when_none(leave);
}

static void
leave(void)
{
	event_base_loopbreak(base);
}

/* ---- the start ---- */

static void
become_harmless(const char *user, const char *root)
{
	struct proc_rights	 rights;
	struct rlimit		 rl;

	memset(&rights, 0, sizeof(rights));
	/* A channel for each worker, and each connection on its way. */
	if (getrlimit(RLIMIT_NOFILE, &rl) == 0)
		rights.nofile = rl.rlim_max < FDS_MAX ? (long)rl.rlim_max :
		    FDS_MAX;
	rights.user = user;
	rights.root = root;
	rights.nofsize = 0;
	if (proc_drop(&rights) == -1)
		fatalx("cannot drop privileges");
	if (sandbox_enter(SANDBOX_ENGINE, NULL, 0) == -1)
		fatal("sandbox");
}

static void
usage(void)
{
	fprintf(stderr, "usage: pm2d-engine [-r root] [-u user]\n");
	exit(1);
}

int
main(int argc, char *argv[])
{
	struct engine_ready	 ready;
	const char		*root, *user;
	int			 ch;

	proc_child_init("engine");
	signal(SIGTERM, SIG_IGN);	/* the parent closes the channel */
	signal(SIGCHLD, SIG_IGN);	/* the twin is watched otherwise */
	root = user = NULL;
	while ((ch = getopt(argc, argv, "r:u:")) != -1) {
		switch (ch) {
		case 'r':
			root = optarg;
			break;
		case 'u':
			user = optarg;
			break;
		default:
			usage();
		}
	}
	if (optind != argc)
		usage();
	switch (estate_start()) {
	case -1:
		log_warn("connections are lost when this process is killed");
		break;
	case 0:
		break;
	default:
		become_harmless(user, root);
		estate_twin_main();
	}
	/* What wants files or random numbers does so before they are away. */
	json_object_seed(0);
	if ((base = event_base_new()) == NULL)
		fatalx("event_base_new");
	estate_watch(base, twin_gone);
	become_harmless(user, root);

	parent = parent_link(base, IMSGEV_FDPASS, parent_dispatch);
	imsgbuf_set_limits(imsgev_buf(parent), PARENT_MAXMSGS,
	    PARENT_MAXBYTES);
	imsgev_set_drain(parent, 0, parent_drain);
	memset(&ready, 0, sizeof(ready));
	(void)strlcpy(ready.sandbox, sandbox_describe(),
	    sizeof(ready.sandbox));
	parent_send(IMSG_ENGINE_READY, &ready, sizeof(ready));

	event_base_dispatch(base);
	return (parent_status());
}

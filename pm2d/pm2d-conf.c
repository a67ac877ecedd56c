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
 * The reader of pm2d.conf(5).  It gets the file from pm2d, open, and answers
 * with records; it has no rights, and in its sandbox it can open nothing.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf-names.h"
#include "conf-parse.h"
#include "imsg.h"
#include "log.h"
#include "msg.h"
#include "proc.h"
#include "sandbox.h"

struct reader {
	struct imsgbuf	 parent;
	int		 names;
};

static void	 become_harmless(const char *);
static int	 start_names(const char *);
static void	 send_parent(struct reader *, uint32_t, uint32_t, const void *,
		    size_t);
static int	 get_file(struct reader *, struct conf_include *, int *);
static int	 read_file(int, char **, size_t *, char *, size_t);
static void	 send_conf(struct reader *, const struct conf *);
static void	 usage(void) __attribute__((noreturn));

static void
become_harmless(const char *user)
{
	struct proc_rights	 rights;

	memset(&rights, 0, sizeof(rights));
	rights.user = user;
	rights.nofsize = 1;
	if (proc_drop(&rights) == -1)
		fatalx("cannot drop privileges");
}

/* Before the sandbox: what it does cannot be done in one. */
static int
start_names(const char *user)
{
	int	 fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) == -1)
		fatal("socketpair");
	switch (fork()) {
	case -1:
		fatal("fork");
	case 0:
		close(PROC_PARENT_FD);
		close(fds[0]);
		become_harmless(user);
		names_serve(fds[1]);
	default:
		break;
	}
	close(fds[1]);
	return (fds[0]);
}

/* ---- the parent ---- */

static void
send_parent(struct reader *rd, uint32_t type, uint32_t id, const void *data,
    size_t len)
{
	if (imsg_compose(&rd->parent, type, id, 0, -1, data, len) == -1 ||
	    imsgbuf_flush(&rd->parent) == -1) {
		if (errno == EPIPE)
			exit(0);	/* it does not want to know any more */
		fatal("channel to the parent");
	}
}

/* What the parent opened: it says nothing else. */
static int
get_file(struct reader *rd, struct conf_include *ci, int *fd)
{
	struct imsg	 imsg;
	int		 n;

	while ((n = imsgbuf_get(&rd->parent, &imsg)) == 0) {
		if ((n = imsgbuf_read(&rd->parent)) == 0)
			exit(0);
		if (n == -1 && errno != EINTR)
			fatal("channel to the parent");
	}
	if (n == -1)
		fatal("channel to the parent");
	if (imsg_get_type(&imsg) != IMSG_CONF_INCLUDE ||
	    imsg_get_data(&imsg, ci, sizeof(*ci)) == -1 ||
	    memchr(ci->path, '\0', sizeof(ci->path)) == NULL)
		fatalx("the parent says something else");
	*fd = imsg_get_fd(&imsg);
	imsg_free(&imsg);
	return (*fd == -1 ? -1 : 0);
}

/* 0, or -1 and why. Closes the descriptor. */
static int
read_file(int fd, char **text, size_t *len, char *why, size_t size)
{
	char	*buf;
	ssize_t	 n = 0;

	*len = 0;
	if ((buf = malloc(CONF_MAXBYTES + 1)) == NULL)
		fatal("malloc");
	while (*len < CONF_MAXBYTES + 1) {
		n = read(fd, buf + *len, CONF_MAXBYTES + 1 - *len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		*len += (size_t)n;
	}
	if (n == -1)
		(void)strlcpy(why, strerror(errno), size);
	else if (*len > CONF_MAXBYTES)
		(void)snprintf(why, size, "is larger than %d bytes",
		    CONF_MAXBYTES);
	close(fd);
	if (n == -1 || *len > CONF_MAXBYTES) {
		free(buf);
		return (-1);
	}
	*text = buf;
	return (0);
}

/* ---- what the parser asks ---- */

static int
op_user(void *arg, const char *name, uint32_t *uid)
{
	struct reader	*rd = arg;

	return (names_user(rd->names, name, uid));
}

static int
op_group(void *arg, const char *name, uint32_t *gid)
{
	struct reader	*rd = arg;

	return (names_group(rd->names, name, gid));
}

static int
op_include(void *arg, const char *path, char **text, size_t *len, char *why,
    size_t size)
{
	struct conf_include	 ci;
	struct reader		*rd = arg;
	int			 fd;

	memset(&ci, 0, sizeof(ci));
	(void)strlcpy(ci.path, path, sizeof(ci.path));
	send_parent(rd, IMSG_CONF_INCLUDE, 0, &ci, sizeof(ci));
	if (get_file(rd, &ci, &fd) == -1) {
		(void)strlcpy(why, ci.path, size);
		return (-1);
	}
	return (read_file(fd, text, len, why, size));
}

static void
op_message(void *arg, uint32_t level, const char *text)
{
	send_parent(arg, IMSG_CONF_ERROR, level, text, strlen(text));
}

static const struct conf_ops	 ops = {
	op_user, op_group, op_include, op_message
};

/* ---- from the beginning to the end ---- */

static void
send_conf(struct reader *rd, const struct conf *conf)
{
	size_t	 i;

	send_parent(rd, IMSG_CONF_BEGIN, 0, &conf->begin,
	    sizeof(conf->begin));
	for (i = 0; i < conf->nrules; i++)
		send_parent(rd, IMSG_CONF_RULE, 0, &conf->rules[i],
		    sizeof(conf->rules[i]));
	for (i = 0; i < conf->nlimits; i++)
		send_parent(rd, IMSG_CONF_LIMIT, 0, &conf->limits[i],
		    sizeof(conf->limits[i]));
	for (i = 0; i < conf->nboot; i++)
		send_parent(rd, IMSG_CONF_BOOT, 0, &conf->boot[i],
		    sizeof(conf->boot[i]));
	send_parent(rd, IMSG_CONF_END, 0, NULL, 0);
}

static void
usage(void)
{
	fprintf(stderr, "usage: pm2d-conf [-u user]\n");
	exit(1);
}

int
main(int argc, char *argv[])
{
	static struct reader	 rd;
	static struct conf_include ci;
	const char		*user = NULL;
	struct conf		*conf;
	size_t			 len;
	char			 why[256], text[CONF_MAXTEXT], *buf;
	int			 ch, fd, flags;

	proc_child_init("conf");
	signal(SIGCHLD, SIG_IGN);
	while ((ch = getopt(argc, argv, "u:")) != -1) {
		if (ch != 'u')
			usage();
		user = optarg;
	}
	if (optind != argc)
		usage();
	/* One thing after the other: here it may wait. */
	if ((flags = fcntl(PROC_PARENT_FD, F_GETFL)) == -1 ||
	    fcntl(PROC_PARENT_FD, F_SETFL, flags & ~O_NONBLOCK) == -1)
		fatal("channel to the parent");
	rd.names = start_names(user);
	become_harmless(user);
	if (sandbox_enter(SANDBOX_CONF, NULL, 0) == -1)
		fatal("sandbox");
	if (imsgbuf_init(&rd.parent, PROC_PARENT_FD) == -1)
		fatal("channel to the parent");
	imsgbuf_allow_fdpass(&rd.parent);

	if (get_file(&rd, &ci, &fd) == -1)
		fatalx("the parent sent no file");
	if (read_file(fd, &buf, &len, why, sizeof(why)) == -1) {
		(void)snprintf(text, sizeof(text), "%.400s: %s", ci.path,
		    why);
		op_message(&rd, CONF_TEXT_ERROR, text);
		return (1);
	}
	conf = conf_parse(ci.path, buf, len, &ops, &rd);
	free(buf);
	if (conf != NULL)
		send_conf(&rd, conf);
	conf_free(conf);
	imsgbuf_clear(&rd.parent);
	return (conf == NULL);
}

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
 * resurrect: what a dump has and the list has not comes back, with its id,
 * its name, its log files, and running only if it ran.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dump.h"
#include "home.h"

struct resurrect {
	struct ctl	*ctl;
	struct dump	 dump;
	struct app_list	 list;		/* as it is */
	struct dumped	**sent;		/* in that order */
	size_t		 nsent;
	uint32_t	*firsts;	/* whom those of a team join */
	int		 failures;
};

/* ---- the file ---- */

/* All of it; NULL with errno. */
static char *
slurp(const char *path, size_t *len)
{
	struct stat	 st;
	char		*text;
	ssize_t		 n;
	size_t		 have;
	int		 fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) == -1)
		return (NULL);
	text = NULL;
	n = -1;
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
		errno = EINVAL;
	else if (st.st_size > DUMP_BYTES_MAX)
		errno = EFBIG;
	else if ((text = malloc((size_t)st.st_size + 1)) != NULL) {
		for (have = 0; (n = read(fd, text + have,
		    (size_t)st.st_size - have)) > 0; have += (size_t)n)
			;
		*len = have;
	}
	(void)close(fd);
	if (n == 0)
		return (text);
	free(text);
	return (NULL);
}

/*
 * The dump, or what was before it when it cannot be read.  1: there is none
 * (said, but with --if-empty), -1: none that is any good (said).
 */
static int
read_dump(struct resurrect *r, const char *path)
{
	char	 why[256], *text;
	size_t	 len;
	int	 error;

	if ((text = slurp(path, &len)) == NULL) {
		error = errno;
		/* At boot nothing is wrong with that. */
		if (error == ENOENT && r->ctl->opt->if_empty)
			return (1);
		say_error("%s: %s%s", path, strerror(error),
		    error == ENOENT ? ": there is no dump (pm2ctl dump "
		    "makes one)" : "");
		return (error == ENOENT ? 1 : -1);
	}
	error = dump_parse(&r->dump, text, len, r->ctl, why, sizeof(why));
	freezero(text, len);
	if (error == -1)
		say_error("%s:%s", path, why);
	return (error);
}

static int
read_best(struct resurrect *r, int argc, char **argv)
{
	char	 home[PATH_MAX], path[PATH_MAX], old[PATH_MAX];

	if (argc > 0)
		return (read_dump(r, argv[0]));
	if (home_path(home, sizeof(home)) == -1 ||
	    home_file(path, sizeof(path), home, HOME_DUMP) == -1 ||
	    home_file(old, sizeof(old), home, HOME_DUMP ".bak") == -1) {
		say_error("the home for %s: %s", HOME_DUMP, strerror(errno));
		return (-1);
	}
	switch (read_dump(r, path)) {
	case 0:
		return (0);
	case 1:
		return (r->ctl->opt->if_empty ? 1 : -1);
	}
	if (access(old, F_OK) == -1)
		return (-1);
	say_warn("taking the one before it, %s", old);
	r->failures++;
	return (read_dump(r, old) == 0 ? 0 : -1);
}

/* ---- asking ---- */

/* Their numbers are ascending. */
static struct dumped *
by_request(const struct resurrect *r, uint32_t request)
{
	size_t	 lo, hi, mid;

	for (lo = 0, hi = r->nsent; lo < hi;) {
		mid = lo + (hi - lo) / 2;
		if (r->sent[mid]->request == request)
			return (r->sent[mid]);
		if (r->sent[mid]->request < request)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (NULL);
}

static void
on_result(struct client *c, uint32_t request, const struct ctl_result *res,
    void *arg)
{
	struct resurrect	*r = arg;
	struct dumped		*d;
	char			 buf[512];

	(void)c;
	if ((d = by_request(r, request)) == NULL)
		return;
	if (res->code == CTL_OK || res->code == CTL_FAILED)
		d->newid = d->newfirst = res->id;
	if (res->code == CTL_OK) {
		say_info("Process %s %s", d->script, d->wanted ? "launched" :
		    "is known, and stopped as it was");
		return;
	}
	r->failures++;
	say_error(" Process %s not launched - (%s)", d->script,
	    client_strresult(res, buf, sizeof(buf)));
}

static const struct client_ops	 ops = {
	.result = on_result,
};

static int
send_one(struct resurrect *r, struct dumped *d, uint32_t first)
{
	struct ctl_start	 req;

	memset(&req, 0, sizeof(req));
	req.speclen = (uint32_t)d->spec.len;
	req.flags = CTL_START_ONE | (d->wanted ? 0 : CTL_START_REST);
	req.id = d->id;
	req.first = first;
	req.instance = d->instance;
	req.restarts = d->restarts;
	/* Before it is sent: the answer may come while we send. */
	d->request = r->ctl->client.next;
	r->sent[r->nsent++] = d;
	return (client_send_spec(&r->ctl->client, IMSG_CTL_START, &req,
	    sizeof(req), &d->spec) == 0 ? -1 : 0);
}

/* For each team, by its first in the dump: one that is there. */
static void
find_firsts(struct resurrect *r)
{
	const struct dumped	*d;
	size_t			 i;

	for (i = 0; i < r->dump.n; i++)
		r->firsts[i] = APP_ID_ALL;
	for (i = 0; i < r->dump.n; i++) {
		d = &r->dump.apps[i];
		if (d->newfirst != APP_ID_ALL &&
		    r->firsts[d->team] == APP_ID_ALL)
			r->firsts[d->team] = d->newfirst;
	}
}

/*
 * First those that others join, whose ids may become others; then those
 * others.
 */
static int
send_all(struct resurrect *r, int leading)
{
	struct dumped	*d;
	size_t		 i;

	find_firsts(r);
	for (i = 0; i < r->dump.n; i++) {
		d = &r->dump.apps[i];
		if (d->known || d->spec.len == 0 || d->request != 0)
			continue;
		if (leading && (d->team != i ||
		    r->firsts[i] != APP_ID_ALL))
			continue;
		if (send_one(r, d, r->firsts[d->team]) == -1)
			return (-1);
	}
	return (client_wait(&r->ctl->client));
}

static void
say_others(struct resurrect *r)
{
	const struct dumped	*d;
	size_t			 i;

	for (i = 0; i < r->dump.n; i++) {
		d = &r->dump.apps[i];
		if (d->known)
			say_info("Process %s is there already (%u)",
			    d->script, d->newid);
		else if (d->spec.len == 0) {
			r->failures++;
			say_error(" Process %s not launched - (%s)",
			    d->script[0] != '\0' ? d->script :
			    d->name[0] != '\0' ? d->name : "without a name",
			    d->why);
		}
	}
}

/* Are there any that are his who asks? */
static int
has_own(const struct resurrect *r)
{
	size_t	 i;

	for (i = 0; i < r->list.n; i++)
		if (dump_mine(&r->ctl->client, &r->list.apps[i]))
			return (1);
	return (0);
}

static int
prepare(struct resurrect *r)
{
	r->sent = calloc(r->dump.n + 1, sizeof(*r->sent));
	r->firsts = calloc(r->dump.n + 1, sizeof(*r->firsts));
	if (r->sent == NULL || r->firsts == NULL)
		return (-1);
	return (dump_match(&r->dump, &r->list, &r->ctl->client));
}

static int
resurrect(struct resurrect *r, int argc, char **argv)
{
	struct ctl	*ctl;
	int		 error;

	ctl = r->ctl;
	if (client_list(&ctl->client, APP_ID_ALL, 0, &r->list) == -1)
		return (-1);
	if (ctl->opt->if_empty && has_own(r))
		return (0);
	say_info("Resurrecting");
	if ((error = read_best(r, argc, argv)) != 0)
		return (error == 1 && ctl->opt->if_empty ? 0 : -1);
	if (prepare(r) == -1) {
		say_error("%s", strerror(errno));
		return (-1);
	}
	say_others(r);
	ctl->client.ops = &ops;
	ctl->client.arg = r;
	if ((error = send_all(r, 1)) == 0)
		error = send_all(r, 0);
	ctl->client.ops = NULL;
	if (error == 0)
		(void)list_show(ctl);
	return (error);
}

int
cmd_resurrect(struct ctl *ctl, int argc, char **argv)
{
	struct resurrect	 r;
	int			 error;

	memset(&r, 0, sizeof(r));
	r.ctl = ctl;
	custom_load(ctl->home, 0);
	error = resurrect(&r, argc, argv);
	dump_free(&r.dump);
	app_list_free(&r.list);
	free(r.sent);
	free(r.firsts);
	return (error == 0 && r.failures == 0 ? 0 : 1);
}

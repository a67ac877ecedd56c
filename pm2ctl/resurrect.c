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
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dump.h"
#include "home.h"

struct resurrect {
	struct ctl	*ctl;
	struct dump	 dump;
	struct app_list	 list;		/* as it is */
	char		*taken;		/* of the list: one of the dump's */
	int		 failures;
	size_t		 asked;
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
 * (said), -1: none that is any good (said).
 */
static int
read_dump(struct resurrect *r, const char *path)
{
	char	 why[256], *text;
	size_t	 len;
	int	 error;

	if ((text = slurp(path, &len)) == NULL) {
		error = errno;
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
		return (-1);
	}
	if (access(old, F_OK) == -1)
		return (-1);
	say_warn("taking the one before it, %s", old);
	r->failures++;
	return (read_dump(r, old) == 0 ? 0 : -1);
}

/* ---- what is there already ---- */

static int
is_it(const struct dumped *d, const struct app_view *v)
{
	return (d->instance == v->info.fix.instance &&
	    strcmp(d->name, v->info.name) == 0 &&
	    strcmp(d->script, v->info.script) == 0);
}

static int
take(struct resurrect *r, struct dumped *d, size_t i)
{
	if (r->taken[i] || !is_it(d, &r->list.apps[i]))
		return (0);
	r->taken[i] = 1;
	d->known = 1;
	d->newid = r->list.apps[i].info.fix.id;
	return (1);
}

/* Each of the dump that the list has; of the same id, first of all. */
static int
find_known(struct resurrect *r)
{
	const struct app_view	*v;
	struct dumped		*d;
	size_t			 i, j;

	if (r->list.n == 0)
		return (0);
	if ((r->taken = calloc(r->list.n, 1)) == NULL) {
		say_error("%s", strerror(errno));
		return (-1);
	}
	for (i = 0; i < r->dump.n; i++) {
		d = &r->dump.apps[i];
		v = d->id == APP_ID_ALL ? NULL :
		    app_list_find(&r->list, d->id);
		if (v != NULL)
			(void)take(r, d, (size_t)(v - r->list.apps));
	}
	for (i = 0; i < r->dump.n; i++) {
		d = &r->dump.apps[i];
		for (j = 0; !d->known && j < r->list.n; j++)
			(void)take(r, d, j);
	}
	return (0);
}

/* ---- asking ---- */

static struct dumped *
by_request(const struct resurrect *r, uint32_t request)
{
	size_t	 i;

	for (i = 0; i < r->dump.n; i++)
		if (r->dump.apps[i].request == request)
			return (&r->dump.apps[i]);
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
		d->newid = res->id;
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

/* The first of those together: the one that is there or was sent. */
static uint32_t
first_of(const struct resurrect *r, const struct dumped *d)
{
	size_t	 i;

	for (i = 0; i < r->dump.n; i++)
		if (&r->dump.apps[i] != d &&
		    r->dump.apps[i].first == d->first &&
		    r->dump.apps[i].newid != APP_ID_ALL)
			return (r->dump.apps[i].newid);
	return (APP_ID_ALL);
}

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
	r->asked++;
	return (client_send_spec(&r->ctl->client, IMSG_CTL_START, &req,
	    sizeof(req), &d->spec) == 0 ? -1 : 0);
}

/* Is it the one that the others of its team are to join? */
static int
leads(const struct resurrect *r, const struct dumped *d)
{
	const struct dumped	*other;

	for (other = r->dump.apps; other != d; other++)
		if (other->first == d->first && other->first != APP_ID_ALL &&
		    (other->known || other->spec.len > 0))
			return (0);
	return (first_of(r, d) == APP_ID_ALL);
}

/* First those that others join, whose ids may become others. */
static int
send_all(struct resurrect *r, int leading)
{
	struct dumped	*d;
	uint32_t	 first;
	size_t		 i;

	for (i = 0; i < r->dump.n; i++) {
		d = &r->dump.apps[i];
		if (d->known || d->spec.len == 0 || d->request != 0)
			continue;
		if (leading && !leads(r, d))
			continue;
		first = leading ? APP_ID_ALL : first_of(r, d);
		if (send_one(r, d, first) == -1)
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

static int
resurrect(struct resurrect *r, int argc, char **argv)
{
	struct ctl	*ctl;
	int		 error;

	ctl = r->ctl;
	if (client_list(&ctl->client, APP_ID_ALL, 0, &r->list) == -1)
		return (-1);
	if (ctl->opt->if_empty && r->list.n > 0)
		return (0);
	say_info("Resurrecting");
	if (read_best(r, argc, argv) == -1 || find_known(r) == -1)
		return (-1);
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
	free(r.taken);
	return (error == 0 && r.failures == 0 ? 0 : 1);
}

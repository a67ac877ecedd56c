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
 * scale: more or fewer instances of an app.  Those with the highest numbers
 * are the first to go.
 */
#include <sys/types.h>

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "scale.h"

/* Of one name, one owner, one script: started as instances of one app. */
static int
is_member(const struct ctl_appinfo *a, const struct ctl_appinfo *b)
{
	return (a->fix.owner == b->fix.owner &&
	    strcmp(a->name, b->name) == 0 &&
	    strcmp(a->script, b->script) == 0);
}

/* The app that a word means, which must be one app. */
static const struct ctl_appinfo *
find_app(const struct app_list *list, const char *word, char *errbuf,
    size_t errsize)
{
	const struct ctl_appinfo	*first, *info;
	struct selection		 sel;
	enum select_how			 how;
	size_t				 i;

	memset(&sel, 0, sizeof(sel));
	first = NULL;
	if (select_word(list, word, &sel, &how) == -1)
		(void)snprintf(errbuf, errsize, "%s", strerror(errno));
	else if (sel.n == 0)
		(void)snprintf(errbuf, errsize, "Process or namespace %s "
		    "not found", word);
	else
		first = &app_list_find(list, sel.ids[0])->info;
	for (i = 1; first != NULL && i < sel.n; i++) {
		info = &app_list_find(list, sel.ids[i])->info;
		if (is_member(first, info))
			continue;
		(void)snprintf(errbuf, errsize, "%s means different apps: "
		    "%s (%u) and %s (%u); give the id of one", word,
		    first->name, first->fix.id, info->name, info->fix.id);
		first = NULL;
	}
	select_free(&sel);
	return (first);
}

/* Relative with a sign. */
static int
parse_amount(struct scale *sc, const char *amount, unsigned int ncpu,
    char *errbuf, size_t errsize)
{
	const char	*errstr, *digits;
	long long	 n;

	errstr = NULL;
	digits = amount + (*amount == '+' || *amount == '-');
	if (strcmp(amount, "max") == 0)
		n = ncpu;
	else if (*digits < '0' || *digits > '9')
		errstr = "invalid";
	else
		n = strtonum(digits, 0, APP_INSTANCES_MAX, &errstr);
	if (errstr != NULL) {
		(void)snprintf(errbuf, errsize, "%s is not a number of "
		    "instances: N, +N, -N or max", amount);
		return (-1);
	}
	if (*amount == '+')
		n = sc->have + n;
	else if (*amount == '-')
		n = sc->have - n;
	if (n < 1 || n > APP_INSTANCES_MAX) {
		(void)snprintf(errbuf, errsize, n < 1 ? "%s would have no "
		    "instance left: delete it if that is meant" :
		    "%s would have more than %d instances", sc->name,
		    APP_INSTANCES_MAX);
		return (-1);
	}
	sc->want = (uint32_t)n;
	return (0);
}

/* The last by number; among equals the youngest. */
static int
by_number(const void *a, const void *b)
{
	const struct ctl_appinfo *const	*x = a, *const *y = b;

	if ((*x)->fix.instance != (*y)->fix.instance)
		return ((*x)->fix.instance > (*y)->fix.instance ? -1 : 1);
	return ((*x)->fix.id > (*y)->fix.id ? -1 : 1);
}

static int
choose_drops(struct scale *sc, const struct ctl_appinfo **members)
{
	size_t	 i;

	qsort(members, sc->have, sizeof(*members), by_number);
	sc->drop.n = sc->have - sc->want;
	if ((sc->drop.ids = calloc(sc->drop.n, sizeof(uint32_t))) == NULL)
		return (-1);
	for (i = 0; i < sc->drop.n; i++)
		sc->drop.ids[i] = members[i]->fix.id;
	return (0);
}

int
scale_plan(struct scale *sc, const struct app_list *list, const char *word,
    const char *amount, unsigned int ncpu, char *errbuf, size_t errsize)
{
	const struct ctl_appinfo	*first, **members;
	size_t				 i;
	int				 error;

	memset(sc, 0, sizeof(*sc));
	if ((first = find_app(list, word, errbuf, errsize)) == NULL)
		return (-1);
	(void)strlcpy(sc->name, first->name, sizeof(sc->name));
	if ((members = calloc(list->n, sizeof(*members))) == NULL) {
		(void)snprintf(errbuf, errsize, "%s", strerror(errno));
		return (-1);
	}
	for (i = 0; i < list->n; i++)
		if (is_member(first, &list->apps[i].info))
			members[sc->have++] = &list->apps[i].info;
	sc->id = members[0]->fix.id;
	error = parse_amount(sc, amount, ncpu, errbuf, errsize);
	if (error == 0 && sc->want < sc->have &&
	    (error = choose_drops(sc, members)) == -1)
		(void)snprintf(errbuf, errsize, "%s", strerror(errno));
	free(members);
	return (error);
}

void
scale_free(struct scale *sc)
{
	select_free(&sc->drop);
}

/* ---- the command ---- */

static void
on_result(struct client *c, uint32_t request, const struct ctl_result *res,
    void *arg)
{
	int	*failures = arg;
	char	 buf[512];

	(void)c;
	(void)request;
	if (res->code == CTL_OK)
		return;
	(*failures)++;
	say_error("%s", client_strresult(res, buf, sizeof(buf)));
}

static const struct client_ops ops = {
	.event = progress_event,
	.result = on_result,
};

static const char *
plural(uint32_t n)
{
	return (n == 1 ? "" : "s");
}

static int
scale_up(struct client *c, const struct scale *sc)
{
	struct ctl_scale	 req;

	memset(&req, 0, sizeof(req));
	req.id = sc->id;
	req.add = sc->want - sc->have;
	say_info("Scaling up %u instance%s", req.add, plural(req.add));
	return (client_send(c, IMSG_CTL_SCALE, &req, sizeof(req)) == 0 ?
	    -1 : 0);
}

static int
scale_down(struct client *c, const struct scale *sc)
{
	struct ctl_app	 req;
	size_t		 i;

	say_info("Scaling down %zu instance%s", sc->drop.n,
	    plural((uint32_t)sc->drop.n));
	memset(&req, 0, sizeof(req));
	for (i = 0; i < sc->drop.n; i++) {
		req.id = sc->drop.ids[i];
		if (client_send(c, IMSG_CTL_DELETE, &req, sizeof(req)) == 0)
			return (-1);
	}
	return (0);
}

static int
scale_to(struct ctl *ctl, const struct scale *sc)
{
	struct client	*c;
	int		 error, failures;

	c = &ctl->client;
	failures = 0;
	c->ops = &ops;
	c->arg = &failures;
	if (sc->want == sc->have) {
		error = 0;
		say_info("Nothing to do: %s has %u instance%s", sc->name,
		    sc->have, plural(sc->have));
	} else if (sc->want > sc->have)
		error = scale_up(c, sc);
	else
		error = scale_down(c, sc);
	if (error == 0)
		error = client_wait(c);
	c->ops = NULL;
	if (error == 0)
		error = list_show(ctl);
	return (error == 0 && failures == 0 ? 0 : 1);
}

int
cmd_scale(struct ctl *ctl, int argc, char **argv)
{
	struct app_list	 list = { 0 };
	struct scale	 sc;
	cpu_set_t	 cpus;
	char		 err[512];
	unsigned int	 ncpu;
	int		 rc;

	if (argc > 2) {
		say_error("scale takes one app and one amount");
		return (1);
	}
	ncpu = 1;
	if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0)
		ncpu = (unsigned int)CPU_COUNT(&cpus);
	if (client_list(&ctl->client, APP_ID_ALL, 0, &list) == -1)
		return (1);
	if (scale_plan(&sc, &list, argv[0], argv[1], ncpu, err,
	    sizeof(err)) == -1) {
		say_error("%s", err);
		rc = 1;
	} else
		rc = scale_to(ctl, &sc);
	scale_free(&sc);
	app_list_free(&list);
	return (rc);
}

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

#include <errno.h>
#include <stdlib.h>

#include "parent.h"

/*
 * Instances that were started together.  What is asked of them at each event
 * is counted: there may be thousands.
 */

struct team {
	RB_ENTRY(team)	 entry;
	struct pm2d	*env;
	uint32_t	 first;
	uid_t		 owner;
	uint32_t	 online;
	TAILQ_HEAD(teamapps, app) apps;
};

static int	 team_cmp(struct team *, struct team *);
static struct team *find(struct pm2d *, uint32_t, uid_t);

RB_PROTOTYPE(teamtree, team, entry, team_cmp)
RB_GENERATE(teamtree, team, entry, team_cmp)

static int
team_cmp(struct team *a, struct team *b)
{
	if (a->first != b->first)
		return (a->first < b->first ? -1 : 1);
	return (a->owner < b->owner ? -1 : a->owner > b->owner);
}

static struct team *
find(struct pm2d *env, uint32_t first, uid_t owner)
{
	struct team	 key;

	key.first = first;
	key.owner = owner;
	return (RB_FIND(teamtree, &env->teams, &key));
}

int
team_join(struct app *app, uint32_t first, uid_t owner)
{
	struct pm2d	*env = app->env;
	struct team	*team;

	app->first = first;
	app->owner = owner;
	if ((team = find(env, first, owner)) == NULL) {
		if ((team = calloc(1, sizeof(*team))) == NULL)
			return (-1);
		team->env = env;
		team->first = first;
		team->owner = owner;
		TAILQ_INIT(&team->apps);
		RB_INSERT(teamtree, &env->teams, team);
	}
	TAILQ_INSERT_TAIL(&team->apps, app, teamentry);
	app->team = team;
	team_note(app);
	return (0);
}

void
team_leave(struct app *app)
{
	struct team	*team = app->team;

	if (team == NULL)
		return;
	team->online -= app->online;
	TAILQ_REMOVE(&team->apps, app, teamentry);
	app->team = NULL;
	app->online = 0;
	if (!TAILQ_EMPTY(&team->apps))
		return;
	RB_REMOVE(teamtree, &team->env->teams, team);
	free(team);
}

void
team_note(struct app *app)
{
	int	 online = app->run->m.state == APP_ONLINE;

	if (app->team == NULL || online == app->online)
		return;
	app->team->online += online ? 1 : -1;
	app->online = online;
}

int
team_others(const struct app *app)
{
	return (app->team != NULL &&
	    app->team->online > (uint32_t)app->online);
}

struct app *
team_first(struct pm2d *env, uint32_t first, uid_t owner)
{
	struct team	*team = find(env, first, owner);

	return (team == NULL ? NULL : TAILQ_FIRST(&team->apps));
}

uint32_t
team_from(struct pm2d *env, uint32_t first)
{
	struct team	 key, *team;

	key.first = first;
	key.owner = 0;
	team = RB_NFIND(teamtree, &env->teams, &key);
	return (team == NULL ? APP_ID_ALL : team->first);
}

struct app *
team_last(struct pm2d *env, uint32_t first, uid_t owner)
{
	struct team	*team = find(env, first, owner);

	return (team == NULL ? NULL : TAILQ_LAST(&team->apps, teamapps));
}

struct app *
team_next(const struct app *app)
{
	return (TAILQ_NEXT(app, teamentry));
}

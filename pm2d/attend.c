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

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "attend.h"

/*
 * The rooms that look after apps, and what they are told.
 */

static const struct room {
	const char	*name;
	void	(*init)(struct pm2d *);
	void	(*exit)(struct pm2d *);
	void	(*update)(struct app *);
	void	(*free)(struct app *);
	void	(*info)(const struct app *, struct ctl_appinfo *);
} rooms[] = {
	{ "agents", agent_init, agent_exit, NULL, NULL, NULL },
	{ "watch", NULL, NULL, watch_update, watch_free, watch_info },
	{ "health", NULL, NULL, health_update, health_free, health_info },
	{ "schedule", schedule_init, schedule_exit, schedule_update,
	    schedule_free, schedule_info },
	{ "memlimit", memlimit_init, memlimit_exit, memlimit_update,
	    memlimit_free, memlimit_info },
	{ "depend", depend_init, depend_exit, depend_update, depend_free,
	    depend_info },
	{ NULL, NULL, NULL, NULL, NULL, NULL }
};

void
attend_init(struct pm2d *env)
{
	const struct room	*r;

	for (r = rooms; r->name != NULL; r++)
		if (r->init != NULL)
			r->init(env);
}

void
attend_exit(struct pm2d *env)
{
	const struct room	*r;

	for (r = rooms; r->name != NULL; r++)
		if (r->exit != NULL)
			r->exit(env);
}

void
attend_update(struct app *app)
{
	const struct room	*r;

	for (r = rooms; r->name != NULL; r++)
		if (r->update != NULL)
			r->update(app);
}

void
attend_free(struct app *app)
{
	const struct room	*r;

	for (r = rooms; r->name != NULL; r++)
		if (r->free != NULL)
			r->free(app);
}

void
attend_info(const struct app *app, struct ctl_appinfo *info)
{
	const struct room	*r;

	for (r = rooms; r->name != NULL; r++)
		if (r->info != NULL)
			r->info(app, info);
	if (info->trouble == NULL)
		info->trouble = strdup("");
}

uint32_t
attend_health(const struct app *app)
{
	const struct room	*r;
	struct ctl_appinfo	 info;

	memset(&info, 0, sizeof(info));
	for (r = rooms; r->name != NULL; r++)
		if (r->info != NULL)
			r->info(app, &info);
	free(info.trouble);
	return (info.fix.health);
}

void
attend_trouble(struct ctl_appinfo *info, const char *fmt, ...)
{
	va_list	 ap;
	char	 buf[256];

	if (info->trouble != NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	info->trouble = strdup(buf);
}

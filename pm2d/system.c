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


#include <sys/types.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "userlimits.h"
#include "log.h"
#include "parent.h"
#include "places.h"
#include "system.h"

#define ROOM		512	/* behind a directory, for what is in it */

void
system_begin(struct pm2d *env, const char *path)
{
	const struct conf_begin	*begin;
	char			 which[PATH_MAX] = "";

	if (geteuid() != 0) {
		fprintf(stderr, "pm2d: -f: the system's pm2d is run by root; "
		    "pm2ctl(1) starts one for you alone\n");
		exit(1);
	}
	if (*path != '/') {
		fprintf(stderr, "pm2d: -f %s: not an absolute path\n", path);
		exit(1);
	}
	if ((env->conf = conf_read(path)) == NULL)
		exit(1);
	env->confpath = path;
	begin = &env->conf->begin;
	if (strlen(begin->statedir) + ROOM > sizeof(env->home) ||
	    strlen(begin->logdir) + ROOM > sizeof(env->home)) {
		fprintf(stderr, "pm2d: %s: a path is too long\n", path);
		exit(1);
	}
	if (places_open(env, begin, which, sizeof(which)) == -1)
		fatal("%s", which);
}

/* These are where they are until the next start. */
static void
tell_unmoved(const struct pm2d *env, const struct conf_begin *begin)
{
	const struct conf_begin	*now = &env->conf->begin;

	if (strcmp(now->socket, begin->socket) != 0 ||
	    strcmp(now->statedir, begin->statedir) != 0 ||
	    strcmp(now->logdir, begin->logdir) != 0)
		log_warnx("%s: other places than those in use: they need "
		    "a new start of pm2d", env->confpath);
}

static void
system_loaded(void *arg, struct conf *conf)
{
	struct pm2d		*env = arg;
	struct conf		*old = env->conf;
	const struct conf_begin	*begin;

	if (conf == NULL) {
		log_warnx("%s: refused, what was read before holds on",
		    env->confpath);
		return;
	}
	begin = &conf->begin;
	tell_unmoved(env, begin);
	if (places_chmod(env, begin->socket_mode, begin->socket_gid ==
	    UINT32_MAX ? 0 : begin->socket_gid) == -1)
		log_warn("%s", env->places->socket);
	env->conf = conf;
	control_rules(env);
	conf_free(old);
	limits_again(env);
	logd_conf(env->logd);
	log_info("%s: read again: %zu rules, %zu limits", env->confpath,
	    conf->nrules, conf->nlimits);
}

void
system_reload(struct pm2d *env)
{
	(void)conf_load(env, env->confpath, system_loaded, env);
}

void
system_stop(void)
{
	conf_cancel();
}

void
system_exit(struct pm2d *env)
{
	limits_exit();
	conf_free(env->conf);
	env->conf = NULL;
	places_close(env);
}

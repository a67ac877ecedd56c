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
 * Words for the numbers in messages.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "msg.h"

#define NITEMS(a)	(sizeof(a) / sizeof((a)[0]))

static const struct {
	uint32_t	 number;
	const char	*name;
} msgs[] = {
#define X(name, number) { number, #name },
	MSG_LIST(X)
#undef X
};

static const char *const states[] = {
	[APP_STOPPED] =		"stopped",
	[APP_LAUNCHING] =	"launching",
	[APP_ONLINE] =		"online",
	[APP_STOPPING] =	"stopping",
	[APP_ERRORED] =		"errored",
	[APP_WAITING] =		"waiting restart"
};
_Static_assert(NITEMS(states) == APP_NSTATES, "a state without a name");

static const char *const healths[] = {
	[HEALTH_NONE] =		"",
	[HEALTH_UNKNOWN] =	"unknown",
	[HEALTH_GOOD] =		"healthy",
	[HEALTH_FAILING] =	"failing",
	[HEALTH_BAD] =		"unhealthy"
};

static const char *const stages[] = {
#define X(name, text) [name] = text,
	STAGE_LIST(X)
#undef X
};

static const struct {
	uint32_t	 stage;
	int		 error;
	const char	*words;
} findings[] = {
	{ STAGE_USER,	ENOENT,	"no such user" },
	{ STAGE_USER,	EPERM,	"only root may run apps as another user" },
	{ STAGE_GROUPS,	ENOENT,	"no such group" },
	{ STAGE_GROUPS,	EACCES,	"the user is not a member of the group" },
	{ STAGE_GROUPS,	EOPNOTSUPP, "only a pm2d that runs as root can set "
	    "another group" },
	{ STAGE_RLIMIT,	EPERM,	"more than the hard limit of pm2d, which "
	    "may not raise it" },
	{ STAGE_PRIORITY, EACCES, "less than the nice value of pm2d, which "
	    "may not lower it" },
	{ STAGE_PRIORITY, EPERM, "less than the nice value of pm2d, which "
	    "may not lower it" },
	{ STAGE_CHROOT,	EPERM,	"only root may have apps in another root" },
	{ STAGE_CHROOT,	EACCES,	"a part of the path is not root's, or others "
	    "may write to it" },
	{ STAGE_CHROOT,	ELOOP,	"a part of the path is a symbolic link" },
	{ STAGE_CHROOT,	ENOTDIR, "a part of the path is a symbolic link or "
	    "no directory" },
	{ STAGE_CGROUP,	EOPNOTSUPP, "this machine gives no cgroup v2 "
	    "controller for its cgroup_ limits (see pm2ctl doctor)" },
	{ STAGE_CGROUP,	EBUSY,	"others' processes are in pm2d's control "
	    "group" },
	{ STAGE_SANDBOX, ENOSYS, "this system cannot do it (see pm2ctl "
	    "doctor)" },
	{ STAGE_SANDBOX, EPERM,	"strict cannot hold root: give the app a "
	    "user" },
	{ STAGE_SANDBOX, EXDEV,	"strict wants a cwd and TMPDIR of the app's "
	    "own, not / or a home directory" },
	{ STAGE_DEPENDS, ENOENT, "there is no such app" },
	{ STAGE_DEPENDS, ETIMEDOUT, "it took too long" },
	{ STAGE_DEPENDS, ECANCELED, "it failed" },
	{ STAGE_LOGFILE, ELOOP,	"is a symbolic link" },
	{ STAGE_LOGFILE, EMLINK, "has more than one name (hard links)" },
	{ STAGE_LOGFILE, EPERM,	"belongs to another user" },
	{ STAGE_LOGFILE, ENOTSUP, "is not a regular file" },
	{ STAGE_PIDFILE, ELOOP,	"is a symbolic link" },
	{ STAGE_PIDFILE, EMLINK, "has more than one name (hard links)" },
	{ STAGE_PIDFILE, EPERM,	"belongs to another user" },
	{ STAGE_PIDFILE, ENOTSUP, "is not a regular file" },
	{ STAGE_READY,	ETIMEDOUT, "it took longer than its listen_timeout" }
};

static const char *const codes[] = {
	[CTL_OK] =		"done",
	[CTL_NOSUCH] =		"no such app",
	[CTL_DENIED] =		"permission denied",
	[CTL_EXISTS] =		"already launched",
	[CTL_BUSY] =		"another request on this app is under way",
	[CTL_INVALID] =		"the request is malformed",
	[CTL_LIMIT] =		"a limit would be exceeded",
	[CTL_FAILED] =		"could not be started",
	[CTL_SYSTEM] =		"system error",
	[CTL_GOING] =		"pm2d is shutting down",
	[CTL_TOOMANY] =		"too many connections"
};
_Static_assert(NITEMS(codes) == CTL_TOOMANY + 1, "a code without a name");

const char *
msg_name(uint32_t number)
{
	size_t	 i;

	for (i = 0; i < NITEMS(msgs); i++) {
		if (msgs[i].number == number)
			return (msgs[i].name);
	}
	return ("unknown");
}

const char *
app_statename(uint32_t state)
{
	if (state >= NITEMS(states))
		return ("unknown");
	return (states[state]);
}

const char *
app_healthname(uint32_t health)
{
	if (health >= NITEMS(healths))
		return ("unknown");
	return (healths[health]);
}

const char *
stage_name(uint32_t stage)
{
	if (stage >= NITEMS(stages))
		return ("an unknown step");
	return (stages[stage]);
}

const char *
stage_strerror(uint32_t stage, int error)
{
	size_t	 i;

	for (i = 0; i < NITEMS(findings); i++) {
		if (findings[i].stage == stage && findings[i].error == error)
			return (findings[i].words);
	}
	return (strerror(error));
}

const char *
ctl_codename(uint32_t code)
{
	if (code >= NITEMS(codes))
		return ("unknown answer");
	return (codes[code]);
}

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
 * What an app is executed as: interpreter, its arguments, script, arguments.
 * Node as a cluster worker gets some arguments more.
 */
#include <sys/types.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parent.h"
#include "preload.h"
#include "strvec.h"

#define INSPECT_PORT	9229	/* Node's, when none is given */

static int	 add_list(struct strvec *, const struct spec *, enum spec_key);
static int	 add_inspect(struct strvec *, const struct run *);
static int	 add_prof(struct strvec *, const struct spec *);
static int	 is_node(const char *);
static int	 is_confined(const struct spec *, const char *);
static int	 inspects(const char *, unsigned int *);

/* interpreter [interpreter args] script [args], or script [args]. */
int
appargv_make(struct appexec *ex, struct strvec *argv, const struct run *run,
    const char *options)
{
	const struct spec	*spec = &run->spec->spec;
	const char		*interp = spec->str[SPEC_INTERPRETER];

	if (interp != NULL && *interp != '\0' && strcmp(interp, "none") != 0) {
		ex->file = interp;
		ex->script = spec->str[SPEC_SCRIPT];
		if (strvec_push(argv, strdup(interp)) == -1)
			return (-1);
		ex->preload = run_preload(run, options);
		if (ex->preload != NULL &&
		    (strvec_push(argv, strdup("--require")) == -1 ||
		    strvec_push(argv, strdup(ex->preload)) == -1))
			return (-1);
		if (add_list(argv, spec, SPEC_INTERPRETER_ARG) == -1)
			return (-1);
		if (appspec_cluster(run->spec) && is_node(interp) &&
		    (add_inspect(argv, run) == -1 ||
		    add_prof(argv, spec) == -1))
			return (-1);
	} else
		ex->file = spec->str[SPEC_SCRIPT];
	if (strvec_push(argv, strdup(spec->str[SPEC_SCRIPT])) == -1)
		return (-1);
	return (add_list(argv, spec, SPEC_ARG));
}

const char *
run_preload(const struct run *run, const char *options)
{
	const struct spec	*spec = &run->spec->spec;

	if (!appspec_cluster(run->spec) || !spec->num[SPEC_DRAIN] ||
	    spec->str[SPEC_INTERPRETER] == NULL ||
	    !is_node(spec->str[SPEC_INTERPRETER]) || is_confined(spec, options))
		return (NULL);
	return (preload_path(run->app->ids != NULL &&
	    run->app->ids->ids.change));
}

static int
add_list(struct strvec *argv, const struct spec *spec, enum spec_key key)
{
	const char	*s;
	size_t		 pos = 0;

	while ((s = spec_next(spec, key, &pos)) != NULL)
		if (strvec_push(argv, strdup(s)) == -1)
			return (-1);
	return (0);
}

static int
is_node(const char *path)
{
	const char	*base = strrchr(path, '/');

	base = base == NULL ? path : base + 1;
	return (strcmp(base, "node") == 0 || strcmp(base, "nodejs") == 0);
}

/* Node with its permission model on would not let it be read. */
static int
is_confined(const struct spec *spec, const char *options)
{
	static const char *const flags[] = { "--permission",
	    "--experimental-permission" };
	const char	*s;
	size_t		 i, pos;

	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		pos = 0;
		while ((s = spec_next(spec, SPEC_INTERPRETER_ARG,
		    &pos)) != NULL)
			if (strcmp(s, flags[i]) == 0)
				return (1);
		if (options != NULL && strstr(options, flags[i]) != NULL)
			return (1);
	}
	return (0);
}

/*
 * Does this argument turn the inspector on, or name its port?  --inspect,
 * -brk, -wait, -port; behind a '=' [host:]port.
 */
static int
inspects(const char *arg, unsigned int *port)
{
	static const char *const more[] = { "-brk", "-wait", "-port" };
	const char		*errstr = NULL, *p;
	long long		 n;
	size_t			 i;

	if (strncmp(arg, "--inspect", 9) != 0)
		return (0);
	arg += 9;
	for (i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		if (strncmp(arg, more[i], strlen(more[i])) == 0) {
			arg += strlen(more[i]);
			break;
		}
	if (*arg == '\0')
		return (1);
	if (*arg++ != '=')
		return (0);
	if ((p = strrchr(arg, ':')) != NULL)
		arg = p + 1;
	if (*arg == '\0' || arg[strspn(arg, "0123456789")] != '\0')
		return (1);	/* a host alone */
	n = strtonum(arg, 0, 65535, &errstr);
	if (errstr == NULL)
		*port = (unsigned int)n;
	return (1);
}

/*
 * As Node's own primary: each worker inspects at a port of its own.  0 means
 * one that the kernel chooses.
 */
static int
add_inspect(struct strvec *argv, const struct run *run)
{
	const char	*s;
	char		*arg;
	unsigned int	 port = INSPECT_PORT;
	uint32_t	 instance = run->app->instance;
	size_t		 pos = 0;
	int		 on = 0;

	while ((s = spec_next(&run->spec->spec, SPEC_INTERPRETER_ARG,
	    &pos)) != NULL)
		on |= inspects(s, &port);
	if (!on || port == 0 || instance == 0 ||
	    instance > 65535 - port)
		return (0);
	if (asprintf(&arg, "--inspect-port=%u", port + instance) == -1)
		return (-1);
	return (strvec_push(argv, arg));
}

/* One file per process, or nobody can use what V8 writes. */
static int
add_prof(struct strvec *argv, const struct spec *spec)
{
	const char	*s;
	size_t		 pos = 0;
	int		 on = 0;

	while ((s = spec_next(spec, SPEC_INTERPRETER_ARG, &pos)) != NULL) {
		if (strncmp(s, "--logfile=", 10) == 0)
			return (0);
		on |= strcmp(s, "--prof") == 0;
	}
	if (!on)
		return (0);
	return (strvec_push(argv, strdup("--logfile=v8-%p.log")));
}

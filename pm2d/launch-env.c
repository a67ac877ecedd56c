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
#include <sys/stat.h>

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"
#include "launch-env.h"
#include "sys.h"

void
launch_env_free(struct run *run)
{
	if (run->envread != NULL)
		freezero(run->envread, sizeof(*run->envread) +
		    run->envread->len);
	run->envread = NULL;
}

/* Entries with a name and a NUL at their end: nothing else is trusted. */
static int
is_good(const char *p, size_t len)
{
	const char	*end = p + len;

	if (len > 0 && p[len - 1] != '\0')
		return (0);
	for (; p < end; p += strlen(p) + 1)
		if (*p == '=' || strchr(p, '=') == NULL)
			return (0);
	return (1);
}

/* Its part for env_files ends where an entry does. */
static int
is_whole(const struct envread *er)
{
	return (er->envlen <= er->len && (er->envlen == 0 ||
	    er->data[er->envlen - 1] == '\0') && is_good(er->data, er->len));
}

/* From the helper's memory to ours.  0 or an errno. */
static int
take(struct run *run, const struct job_envread *jr, int fd)
{
	struct envread	*er;
	struct stat	 st;
	size_t		 have = 0;
	ssize_t		 n;

	if (jr->len > SPEC_ARGENV_MAX || sys_fstat(fd, &st) == -1 ||
	    st.st_size != (off_t)jr->len)
		return (EPROTO);
	if ((er = calloc(1, sizeof(*er) + jr->len)) == NULL)
		return (ENOMEM);
	er->envlen = jr->envlen;
	er->len = jr->len;
	run->envread = er;
	while (have < er->len) {
		n = sys_pread(fd, er->data + have, er->len - have,
		    (off_t)have);
		if (n == 0)
			return (EPROTO);
		if (n == -1 && errno != EINTR)
			return (errno);
		have += n == -1 ? 0 : (size_t)n;
	}
	return (is_whole(er) ? 0 : EPROTO);
}

static void
got_env(void *arg, int error, const void *data, size_t len, int *fds,
    int nfds)
{
	struct run		*run = arg;
	struct job_envread	 jr;
	launch_env_done		*done = run->envdone;

	run->helper = NULL;
	if (error == 0 && len != sizeof(jr))
		error = EPROTO;
	if (error == 0) {
		memcpy(&jr, data, sizeof(jr));
		jr.why[sizeof(jr.why) - 1] = '\0';
		if (jr.error != 0) {
			error = jr.error;
			run->why = strdup(jr.why);
		} else if (nfds != 1)
			error = EPROTO;
		else
			error = take(run, &jr, fds[0]);
	}
	while (nfds > 0)
		close(fds[--nfds]);
	if (error != 0)
		launch_env_free(run);
	done(run, error);
}

static size_t
list_bytes(const struct spec *spec, enum spec_key key)
{
	const char	*s;
	size_t		 pos = 0, n = 0;

	while ((s = spec_next(spec, key, &pos)) != NULL)
		n += strlen(s) + 1;
	return (n);
}

static char *
list_copy(const struct spec *spec, enum spec_key key, char *p)
{
	const char	*s;
	size_t		 pos = 0;

	while ((s = spec_next(spec, key, &pos)) != NULL) {
		memcpy(p, s, strlen(s) + 1);
		p += strlen(s) + 1;
	}
	return (p);
}

void
launch_env(struct run *run, launch_env_done *done)
{
	const struct spec	*spec = &run->spec->spec;
	struct job_env		*je;
	size_t			 len;
	int			 error;

	if (spec->count[SPEC_ENV_FILE] == 0 &&
	    spec->count[SPEC_SECRET_FILE] == 0) {
		done(run, 0);
		return;
	}
	len = offsetof(struct job_env, data) +
	    list_bytes(spec, SPEC_ENV_FILE) +
	    list_bytes(spec, SPEC_SECRET_FILE);
	if ((je = calloc(1, len)) == NULL) {
		done(run, ENOMEM);
		return;
	}
	je->nfiles = spec->count[SPEC_ENV_FILE];
	je->nsecrets = spec->count[SPEC_SECRET_FILE];
	list_copy(spec, SPEC_SECRET_FILE,
	    list_copy(spec, SPEC_ENV_FILE, je->data));
	run->envdone = done;
	run->helper = helper_run(run->app->env->base, &run->app->ids->ids,
	    job_read_env, je, len, NULL, 0, got_env, run);
	error = errno;
	free(je);
	if (run->helper == NULL)
		done(run, error);
}

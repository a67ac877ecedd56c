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
 * Reading env_file and secret_file, as the user of the app: he must be able
 * to, and nobody else may.
 */
#include <sys/types.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "envfile.h"
#include "helper.h"
#include "spec.h"
#include "sys.h"

#define SECRETFILE_MAX	(64 * 1024)
#define SEALS	(F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)

/* What is read, and what went wrong. */
struct reading {
	struct job_envread	 r;
	const char		*what;		/* "env_file" */
	const char		*path;
	char			*data;		/* r.len bytes */
};

static int	 fail(struct reading *, int, const char *);
static int	 open_private(struct reading *, int *, off_t, const char *);
static char	*read_private(struct reading *, size_t, const char *,
		    size_t *);
static int	 append(struct reading *, const char *, const char *, size_t);
static int	 read_envfile(struct reading *, const char *);
static int	 read_secret(struct reading *, const char *);
static int	 send_data(const struct reading *, struct helper_reply *);

/* Strings, so many, that are within len bytes? */
static int
strings_ok(const char *p, size_t len, uint32_t n)
{
	size_t	 i, found = 0;

	for (i = 0; i < len; i++)
		found += p[i] == '\0';
	return (found == n && (len == 0 || p[len - 1] == '\0'));
}

int
job_read_env(const void *req, size_t len, struct helper_reply *reply)
{
	const struct job_env	*je = req;
	struct reading		 rd;
	const char		*p;
	uint32_t		 i;
	int			 error = 0;

	if (len < offsetof(struct job_env, data) || je->nfiles > len ||
	    je->nsecrets > len)
		return (EINVAL);
	len -= offsetof(struct job_env, data);
	if (!strings_ok(je->data, len, je->nfiles + je->nsecrets))
		return (EINVAL);
	memset(&rd, 0, sizeof(rd));
	p = je->data;
	for (i = 0; error == 0 && i < je->nfiles; i++, p += strlen(p) + 1)
		error = read_envfile(&rd, p);
	rd.r.envlen = rd.r.len;
	for (i = 0; error == 0 && i < je->nsecrets; i++, p += strlen(p) + 1)
		error = read_secret(&rd, p);
	rd.r.error = error;
	if (error == 0 && (error = send_data(&rd, reply)) != 0)
		return (error);
	memcpy(reply->data, &rd.r, sizeof(rd.r));
	reply->len = sizeof(rd.r);
	return (0);
}

/* Of a long path the end says more. */
static int
fail(struct reading *rd, int error, const char *words)
{
	size_t	 len = strlen(rd->path), max = 120;

	snprintf(rd->r.why, sizeof(rd->r.why), "%s %s%s: %s", rd->what,
	    len > max ? "..." : "", len > max ? rd->path + len - max :
	    rd->path, words);
	return (error);
}

static int
fail_errno(struct reading *rd, int error)
{
	return (fail(rd, error, error == ENOENT ? "there is no such file" :
	    job_strerror(error)));
}

/* Returns 0 or an errno, and has said why. */
static int
check_private(struct reading *rd, const struct stat *st, off_t max,
    const char *toolarge)
{
	if (!S_ISREG(st->st_mode))
		return (fail_errno(rd, S_ISDIR(st->st_mode) ? EISDIR :
		    ENOTSUP));
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return (fail_errno(rd, EPERM));
	if (st->st_mode & S_IWOTH)
		return (fail(rd, EPERM, "others can write to it "
		    "(chmod 600)"));
	if (st->st_mode & S_IWGRP)
		return (fail(rd, EPERM, "its group can write to it "
		    "(chmod 600)"));
	if (st->st_mode & S_IROTH)
		return (fail(rd, EPERM, "others can read it (chmod 600)"));
	if (st->st_size > max)
		return (fail(rd, EFBIG, toolarge));
	return (0);
}

static int
open_private(struct reading *rd, int *fd, off_t max, const char *toolarge)
{
	struct stat	 st;
	int		 error;

	/* Opening a device can do something: look first. */
	if (sys_fstatat(AT_FDCWD, rd->path, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return (fail_errno(rd, errno));
	if (S_ISLNK(st.st_mode))
		return (fail_errno(rd, ELOOP));
	if ((error = check_private(rd, &st, max, toolarge)) != 0)
		return (error);
	*fd = sys_openat(AT_FDCWD, rd->path, O_RDONLY | O_NOFOLLOW |
	    O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
	if (*fd == -1)
		return (fail_errno(rd, errno));
	/* That was a courtesy; this is the check. */
	if (sys_fstat(*fd, &st) == -1)
		error = fail_errno(rd, errno);
	else
		error = check_private(rd, &st, max, toolarge);
	if (error != 0)
		(void)close(*fd);
	return (error);
}

/* All of it, or NULL: r.error is set, with why. */
static char *
read_private(struct reading *rd, size_t max, const char *toolarge,
    size_t *lenp)
{
	char	*buf;
	size_t	 len = 0;
	ssize_t	 n = 0;
	int	 fd;

	if ((rd->r.error = open_private(rd, &fd, (off_t)max, toolarge)) != 0)
		return (NULL);
	if ((buf = malloc(max + 1)) == NULL)
		rd->r.error = fail_errno(rd, ENOMEM);
	/* It may grow while it is read. */
	while (rd->r.error == 0 && len <= max &&
	    (n = sys_read(fd, buf + len, max + 1 - len)) != 0) {
		if (n > 0)
			len += (size_t)n;
		else if (errno != EINTR)
			rd->r.error = fail_errno(rd, errno);
	}
	if (rd->r.error == 0 && len > max)
		rd->r.error = fail(rd, EFBIG, toolarge);
	(void)close(fd);
	*lenp = len;
	if (rd->r.error == 0)
		return (buf);
	free(buf);
	return (NULL);
}

/* The prefix, the bytes, and a NUL. */
static int
append(struct reading *rd, const char *prefix, const char *data, size_t len)
{
	size_t	 n = strlen(prefix), need = rd->r.len + n + len + 1;
	char	*p;

	if (need > SPEC_ARGENV_MAX)
		return (fail(rd, E2BIG, "the variables of all files are "
		    "too many"));
	if ((p = realloc(rd->data, need)) == NULL)
		return (fail_errno(rd, ENOMEM));
	rd->data = p;
	memcpy(p + rd->r.len, prefix, n);
	memcpy(p + rd->r.len + n, data, len);
	p[need - 1] = '\0';
	rd->r.len = (uint32_t)need;
	return (0);
}

static int
read_envfile(struct reading *rd, const char *path)
{
	static char	 entry[SPEC_ENVSTR_MAX + 1];
	struct envfile	 ef;
	char		*buf, words[100];
	const char	*why;
	size_t		 len;
	int		 error = 0, r;

	rd->what = "env_file";
	rd->path = path;
	buf = read_private(rd, ENVFILE_MAX, "has more than 256 KiB", &len);
	if (buf == NULL)
		return (rd->r.error);
	envfile_begin(&ef, buf, len);
	while (error == 0 && (r = envfile_next(&ef, entry, sizeof(entry),
	    &why)) != 0) {
		if (r == 1)
			error = append(rd, "", entry, strlen(entry));
		else {
			snprintf(words, sizeof(words), "line %u %s", ef.line,
			    why);
			error = fail(rd, EINVAL, words);
		}
	}
	free(buf);
	return (error);
}

/* "NAME=/path": what is in it, without the newline at its end. */
static int
read_secret(struct reading *rd, const char *entry)
{
	char	*buf, *name;
	size_t	 len;
	int	 error;

	rd->what = "secret_file";
	rd->path = strchr(entry, '=');
	rd->path = rd->path == NULL ? "" : rd->path + 1;
	buf = read_private(rd, SECRETFILE_MAX, "has more than 64 KiB", &len);
	if (buf == NULL)
		return (rd->r.error);
	if (len > 0 && buf[len - 1] == '\n')
		len--;
	if (len > 0 && buf[len - 1] == '\r')
		len--;
	name = strndup(entry, (size_t)(rd->path - entry));
	if (memchr(buf, '\0', len) != NULL)
		error = fail(rd, EINVAL, "contains a NUL");
	else if (name == NULL)
		error = fail_errno(rd, ENOMEM);
	else
		error = append(rd, name, buf, len);
	free(name);
	free(buf);
	return (error);
}

/* More than a reply holds: in memory that nobody can change any more. */
static int
send_data(const struct reading *rd, struct helper_reply *reply)
{
	size_t	 done = 0;
	ssize_t	 n;
	int	 fd;

	fd = sys_memfd_create("env", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd == -1)
		return (errno);
	while (done < rd->r.len) {
		n = sys_write(fd, rd->data + done, rd->r.len - done);
		if (n == -1 && errno != EINTR)
			return (errno);
		done += n == -1 ? 0 : (size_t)n;
	}
	if (fcntl(fd, F_ADD_SEALS, SEALS) == -1)
		return (errno);
	reply->fds[reply->nfds++] = fd;
	return (0);
}

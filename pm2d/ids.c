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

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ids.h"
#include "msg.h"
#include "sys.h"

#define PWBUF_MIN	1024
#define PWBUF_MAX	(1024 * 1024)

static int	 ids_fill(struct ids *, const struct passwd *);
static int	 ids_find(const char *, uid_t, struct ids *);
static int	 group_find(const char *, gid_t *);
static int	 ids_verify(const struct ids *);
static int	 gid_cmp(const void *, const void *);

const char *
ids_badname(const char *name)
{
	const unsigned char *p;

	if (*name == '\0')
		return ("is empty");
	if (strlen(name) >= sizeof(((struct ids *)NULL)->name))
		return ("is too long");
	if (strspn(name, "0123456789") == strlen(name))
		return ("is a number, not a name");
	if (strchr("-+#", *name) != NULL)
		return ("begins with '-', '+' or '#'");
	for (p = (const unsigned char *)name; *p != '\0'; p++) {
		if (*p <= ' ' || *p == 0x7f)
			return ("contains white space or control characters");
		if (*p == ':' || *p == '/')
			return ("contains ':' or '/'");
	}
	return (NULL);
}

int
ids_byname(const char *name, struct ids *ids)
{
	if (ids_badname(name) != NULL) {
		errno = EINVAL;
		return (-1);
	}
	return (ids_find(name, 0, ids));
}

int
ids_byuid(uid_t uid, struct ids *ids)
{
	if (uid == (uid_t)-1) {
		errno = EINVAL;
		return (-1);
	}
	return (ids_find(NULL, uid, ids));
}

void
ids_self(struct ids *ids)
{
	int n;

	memset(ids, 0, sizeof(*ids));
	ids->uid = getuid();
	ids->gid = getgid();
	if ((n = getgroups(IDS_GROUPS_MAX, ids->groups)) != -1)
		ids->ngroups = n;
}

int
ids_group(struct ids *ids, const char *name, int any)
{
	gid_t	 gid;
	int	 i;

	if (ids_badname(name) != NULL) {
		errno = EINVAL;
		return (-1);
	}
	if (group_find(name, &gid) == -1)
		return (-1);
	if (gid == ids->gid)
		return (0);
	if (!ids->change) {
		errno = EOPNOTSUPP;
		return (-1);
	}
	for (i = 0; !any && i < ids->ngroups && ids->groups[i] != gid; i++)
		continue;
	if (!any && i == ids->ngroups) {
		errno = EACCES;
		return (-1);
	}
	ids->gid = gid;
	ids->ngroups = IDS_GROUPS_MAX;
	if (getgrouplist(ids->name, gid, ids->groups, &ids->ngroups) == -1) {
		errno = E2BIG;
		return (-1);
	}
	return (0);
}

static int
group_find(const char *name, gid_t *gid)
{
	struct group	 grp, *gr;
	char		*buf, *p;
	size_t		 len;
	int		 error;

	buf = NULL;
	for (len = PWBUF_MIN;; len *= 2) {
		if ((p = realloc(buf, len)) == NULL) {
			free(buf);
			return (-1);
		}
		buf = p;
		gr = NULL;
		error = getgrnam_r(name, &grp, buf, len, &gr);
		if (error != ERANGE || len >= PWBUF_MAX)
			break;
	}
	if (gr == NULL && (error == 0 || error == ESRCH || error == EBADF ||
	    error == EPERM))
		error = ENOENT;
	else if (gr != NULL && strcmp(gr->gr_name, name) != 0)
		error = ENOENT;
	else if (gr != NULL && gr->gr_gid == (gid_t)-1)
		error = EINVAL;
	else if (gr != NULL) {
		*gid = gr->gr_gid;
		error = 0;
	}
	free(buf);
	errno = error;
	return (error == 0 ? 0 : -1);
}

/* By name, or by uid when name is NULL. */
static int
ids_find(const char *name, uid_t uid, struct ids *ids)
{
	struct passwd	 pwd, *pw;
	char		*buf, *p;
	size_t		 len;
	int		 error;

	buf = NULL;
	for (len = PWBUF_MIN;; len *= 2) {
		if ((p = realloc(buf, len)) == NULL) {
			free(buf);
			return (-1);
		}
		buf = p;
		pw = NULL;
		if (name != NULL)
			error = getpwnam_r(name, &pwd, buf, len, &pw);
		else
			error = getpwuid_r(uid, &pwd, buf, len, &pw);
		if (error != ERANGE || len >= PWBUF_MAX)
			break;
	}
	/* Some libraries report "not there" as one of these (getpwnam(3)). */
	if (pw == NULL && (error == 0 || error == ESRCH || error == EBADF ||
	    error == EPERM))
		error = ENOENT;
	/* A module that guesses ("0x0" is root) is not to be believed. */
	else if (pw != NULL && (name != NULL ? strcmp(pw->pw_name, name) != 0 :
	    pw->pw_uid != uid))
		error = ENOENT;
	else if (pw != NULL)
		error = ids_fill(ids, pw) == -1 ? errno : 0;
	free(buf);
	if (error != 0) {
		errno = error;
		return (-1);
	}
	return (0);
}

static int
ids_fill(struct ids *ids, const struct passwd *pw)
{
	memset(ids, 0, sizeof(*ids));
	if (pw->pw_uid == (uid_t)-1 || pw->pw_gid == (gid_t)-1) {
		errno = EINVAL;
		return (-1);
	}
	ids->uid = pw->pw_uid;
	ids->gid = pw->pw_gid;
	ids->ngroups = IDS_GROUPS_MAX;
	if (getgrouplist(pw->pw_name, pw->pw_gid, ids->groups,
	    &ids->ngroups) == -1) {
		errno = E2BIG;
		return (-1);
	}
	if (strlcpy(ids->name, pw->pw_name, sizeof(ids->name)) >=
	    sizeof(ids->name) ||
	    strlcpy(ids->home, pw->pw_dir, sizeof(ids->home)) >=
	    sizeof(ids->home) ||
	    strlcpy(ids->shell, pw->pw_shell, sizeof(ids->shell)) >=
	    sizeof(ids->shell)) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	if (geteuid() == 0)
		ids->change = 1;
	else if (ids->uid != getuid()) {
		errno = EPERM;
		return (-1);
	}
	return (0);
}

int
ids_become(const struct ids *ids, unsigned int *stage)
{
	if (!ids->change)
		return (0);
	/* For the kernel -1 means "leave it": it would stay root. */
	*stage = STAGE_UID;
	if (ids->uid == (uid_t)-1 || ids->gid == (gid_t)-1 ||
	    ids->ngroups < 0 || ids->ngroups > IDS_GROUPS_MAX) {
		errno = EINVAL;
		return (-1);
	}
	*stage = STAGE_GROUPS;
	if (sys_setgroups((size_t)ids->ngroups, ids->groups) == -1)
		return (-1);
	*stage = STAGE_GID;
	if (sys_setresgid(ids->gid, ids->gid, ids->gid) == -1)
		return (-1);
	*stage = STAGE_UID;
	if (sys_setresuid(ids->uid, ids->uid, ids->uid) == -1)
		return (-1);
	*stage = STAGE_VERIFY;
	if (ids_verify(ids) == -1) {
		errno = EPERM;
		return (-1);
	}
	return (0);
}

/* Do not believe that it worked: look, and try to get back. */
static int
ids_verify(const struct ids *ids)
{
	gid_t	 have[IDS_GROUPS_MAX], want[IDS_GROUPS_MAX];
	uid_t	 ru, eu, su;
	gid_t	 rg, eg, sg;
	size_t	 n;
	int	 have_n;

	if (getresuid(&ru, &eu, &su) == -1 ||
	    ru != ids->uid || eu != ids->uid || su != ids->uid)
		return (-1);
	if (getresgid(&rg, &eg, &sg) == -1 ||
	    rg != ids->gid || eg != ids->gid || sg != ids->gid)
		return (-1);
	n = (size_t)ids->ngroups;
	have_n = getgroups(IDS_GROUPS_MAX, have);
	if (have_n != ids->ngroups)
		return (-1);
	memcpy(want, ids->groups, n * sizeof(*want));
	qsort(want, n, sizeof(*want), gid_cmp);
	qsort(have, n, sizeof(*have), gid_cmp);
	if (n > 0 && memcmp(want, have, n * sizeof(*want)) != 0)
		return (-1);
	if (ids->uid != 0 && (ids_hascaps() || setuid(0) != -1 ||
	    seteuid(0) != -1))
		return (-1);
	return (0);
}

static int
gid_cmp(const void *a, const void *b)
{
	const gid_t *x = a, *y = b;

	return (*x < *y ? -1 : *x > *y);
}

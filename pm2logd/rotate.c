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
 * Rotated files: an index of all in the directory, made once, so that keeping
 * the budget needs no look at the disk.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "pm2logd.h"
#include "rotname.h"
#include "sys.h"

#define ROTATE_TELL_MS	60000	/* a full disk: say it once per minute */

RB_HEAD(rotbase_tree, rotbase);

/* A file found at the start. */
struct found {
	char		*name;
	time_t		 mtime;
	uint64_t	 size;
};

static int	 rotbase_cmp(struct rotbase *, struct rotbase *);
static struct rotdir *rotdir_get(const char *, size_t);
static struct rotbase *rotbase_get(const char *, size_t);
static void	 rotate_insert(struct rotbase *, struct rotated *);
static struct rotated *rotate_add(struct rotbase *, unsigned int, int,
		    uint64_t);
static void	 rotate_unindex(struct rotated *);
static int	 rotate_rename(struct rotated *, unsigned int);
static int	 rotate_shift(struct rotbase *, unsigned int);
static void	 rotate_keep(struct rotdir *);
static void	 rotate_load(int, int);
static size_t	 found_in(int, const char *, struct found **, size_t);
static int	 found_cmp(const void *, const void *);
static int	 found_read(int, const char *, const char *,
		    struct found *);
static void	 found_index(const struct found *);
static struct rotated *found_twin(struct rotbase *, const struct rotated *);

RB_PROTOTYPE_STATIC(rotbase_tree, rotbase, entry, rotbase_cmp)

static struct rotbase_tree	 bases = RB_INITIALIZER(&bases);
static SLIST_HEAD(, rotdir)	 dirs = SLIST_HEAD_INITIALIZER(dirs);
static struct rotlist		 byage = TAILQ_HEAD_INITIALIZER(byage);
static uint64_t			 budget;	/* 0: none */
static uint64_t			 total;
static int			 dirfd_logs = -1;

static int
rotbase_cmp(struct rotbase *a, struct rotbase *b)
{
	return (strcmp(a->name, b->name));
}

RB_GENERATE_STATIC(rotbase_tree, rotbase, entry, rotbase_cmp)

/* ---- the index ---- */

/* The one that a name is in: what is before its slash. */
static struct rotdir *
rotdir_get(const char *name, size_t len)
{
	struct rotdir	*d;

	SLIST_FOREACH(d, &dirs, entry)
		if (d->len == len && memcmp(d->name, name, len) == 0)
			return (d);
	if ((d = calloc(1, sizeof(*d))) == NULL ||
	    (d->name = strndup(name, len)) == NULL) {
		free(d);
		return (NULL);
	}
	d->len = len;
	SLIST_INSERT_HEAD(&dirs, d, entry);
	return (d);
}

static struct rotbase *
rotbase_get(const char *name, size_t len)
{
	struct rotbase	*b, key;
	struct rotdir	*dir;
	const char	*slash;
	char		*copy;

	slash = memchr(name, '/', len);
	if ((dir = rotdir_get(name, slash == NULL ? 0 :
	    (size_t)(slash - name))) == NULL)
		return (NULL);
	if ((copy = strndup(name, len)) == NULL)
		return (NULL);
	key.name = copy;
	if ((b = RB_FIND(rotbase_tree, &bases, &key)) != NULL) {
		free(copy);
		return (b);
	}
	if ((b = calloc(1, sizeof(*b))) == NULL) {
		free(copy);
		return (NULL);
	}
	b->name = copy;
	b->dir = dir;
	TAILQ_INIT(&b->files);
	RB_INSERT(rotbase_tree, &bases, b);
	return (b);
}

/* By number; what is rotated just now comes first, which is the usual case. */
static void
rotate_insert(struct rotbase *b, struct rotated *r)
{
	struct rotated	*p;

	TAILQ_FOREACH(p, &b->files, bynum)
		if (p->n >= r->n)
			break;
	if (p != NULL)
		TAILQ_INSERT_BEFORE(p, r, bynum);
	else
		TAILQ_INSERT_TAIL(&b->files, r, bynum);
	b->count++;
}

static struct rotated *
rotate_add(struct rotbase *b, unsigned int n, int gz, uint64_t size)
{
	struct rotated	*r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (NULL);
	r->base = b;
	r->n = n;
	r->gz = gz;
	r->size = size;
	rotate_insert(b, r);
	TAILQ_INSERT_TAIL(&byage, r, byage);
	total += size;
	b->dir->total += size;
	return (r);
}

/* Forget it; the file is somebody else's business. */
static void
rotate_unindex(struct rotated *r)
{
	gzip_forget(r);
	total -= r->size;
	r->base->dir->total -= r->size;
	TAILQ_REMOVE(&byage, r, byage);
	TAILQ_REMOVE(&r->base->files, r, bynum);
	r->base->count--;
	free(r);
}

void
rotate_remove(struct rotated *r)
{
	char	 name[ROTNAME_MAX];

	if (rotname_make(name, sizeof(name), r->base->name, r->n, r->gz) == 0
	    && sys_unlinkat(dirfd_logs, name, 0) == -1 && errno != ENOENT)
		log_warn("%s: cannot remove", name);
	rotate_unindex(r);
}

void
rotate_resize(struct rotated *r, uint64_t size, int gz)
{
	total += size - r->size;
	r->base->dir->total += size - r->size;
	r->size = size;
	r->gz = gz;
}

int
rotate_dirfd(void)
{
	return (dirfd_logs);
}

/* ---- at the start ---- */

static int
found_cmp(const void *a, const void *b)
{
	const struct found	*x, *y;

	x = a;
	y = b;
	if (x->mtime != y->mtime)
		return (x->mtime < y->mtime ? -1 : 1);
	return (0);
}

/* Is it one of ours, in this directory? 1 and filled, or 0. */
static int
found_read(int fd, const char *dir, const char *name, struct found *f)
{
	struct stat	 sb;
	size_t		 len;
	unsigned int	 n;
	int		 gz;

	len = strlen(name);
	if (len > strlen(ROT_GZTMP) && strcmp(name + len - strlen(ROT_GZTMP),
	    ROT_GZTMP) == 0) {
		(void)sys_unlinkat(fd, name, 0);	/* was not finished */
		return (0);
	}
	if (!rotname_parse(name, &len, &n, &gz) || len < 5 ||
	    memcmp(name + len - 4, ".log", 4) != 0)
		return (0);
	if (sys_fstatat(fd, name, &sb, AT_SYMLINK_NOFOLLOW) == -1 ||
	    !S_ISREG(sb.st_mode))
		return (0);
	if (asprintf(&f->name, "%s%s%s", dir, *dir != '\0' ? "/" : "",
	    name) == -1)
		return (0);
	f->mtime = sb.st_mtime;
	f->size = (uint64_t)sb.st_size;
	return (1);
}

static void
found_index(const struct found *f)
{
	struct rotated	*r;
	struct rotbase	*b;
	size_t		 len;
	unsigned int	 n;
	int		 gz;

	if (!rotname_parse(f->name, &len, &n, &gz))
		return;
	if ((b = rotbase_get(f->name, len)) == NULL ||
	    (r = rotate_add(b, n, gz, f->size)) == NULL) {
		log_warn("%s", f->name);
		return;
	}
	/* Killed before what had been compressed was removed: once more. */
	if (found_twin(b, r) != NULL)
		rotate_remove(gz ? r : found_twin(b, r));
}

/* The same number, compressed and not. */
static struct rotated *
found_twin(struct rotbase *b, const struct rotated *r)
{
	struct rotated	*p;

	TAILQ_FOREACH(p, &b->files, bynum)
		if (p != r && p->n == r->n)
			return (p);
	return (NULL);
}

/* Of the directory's files, behind the n that are known. How many now. */
static size_t
found_in(int fd, const char *name, struct found **all, size_t n)
{
	struct dirent	*de;
	struct found	*p;
	DIR		*dir;

	if ((dir = fdopendir(fd)) == NULL) {
		log_warn("reading the log directory");
		close(fd);
		return (n);
	}
	while ((de = readdir(dir)) != NULL) {
		/* Room for it, and twice as much each time. */
		if ((n & (n - 1)) == 0) {
			p = reallocarray(*all, n == 0 ? 1 : n * 2, sizeof(*p));
			if (p == NULL)
				break;
			*all = p;
		}
		n += (size_t)found_read(dirfd(dir), name, de->d_name,
		    &(*all)[n]);
	}
	closedir(dir);
	return (n);
}

static int
open_sub(int dirfd, const char *name)
{
	return (sys_openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC, 0));
}

/* Those of each directory in it. */
static size_t
found_below(int fd, struct found **all)
{
	struct dirent	*de;
	DIR		*dir;
	size_t		 n;
	int		 sub;

	if ((dir = fdopendir(fd)) == NULL) {
		log_warn("reading the log directory");
		close(fd);
		return (0);
	}
	n = 0;
	while ((de = readdir(dir)) != NULL)
		if (*de->d_name != '.' &&
		    (sub = open_sub(dirfd(dir), de->d_name)) != -1)
			n = found_in(sub, de->d_name, all, n);
	closedir(dir);
	return (n);
}

static void
rotate_load(int fd, int below)
{
	struct found	*all;
	size_t		 i, n;

	all = NULL;
	n = below ? found_below(fd, &all) : found_in(fd, "", &all, 0);
	if (n > 0)
		qsort(all, n, sizeof(*all), found_cmp);
	for (i = 0; i < n; i++) {
		found_index(&all[i]);
		free(all[i].name);
	}
	free(all);
}

void
rotate_init(int dirfd, int below)
{
	int	 fd;

	dirfd_logs = dirfd;
	fd = sys_openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (fd == -1)
		log_warn("reading the log directory");
	else
		rotate_load(fd, below);
}

/* ---- rotating ---- */

static int
rotate_rename(struct rotated *r, unsigned int n)
{
	char	 from[ROTNAME_MAX], to[ROTNAME_MAX];

	if (rotname_make(from, sizeof(from), r->base->name, r->n, r->gz) ==
	    -1 || rotname_make(to, sizeof(to), r->base->name, n, r->gz) ==
	    -1) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	if (sys_renameat(dirfd_logs, from, dirfd_logs, to) == -1)
		return (-1);
	r->n = n;
	return (0);
}

/* Make number 1 free. */
static int
rotate_shift(struct rotbase *b, unsigned int keep)
{
	struct rotated	*prev, *r;
	struct rotstep	*steps;
	unsigned int	*ns;
	size_t		 i, n;
	int		 error;

	if (b->count == 0)
		return (0);
	ns = reallocarray(NULL, b->count, sizeof(*ns));
	steps = reallocarray(NULL, b->count, sizeof(*steps));
	error = ns == NULL || steps == NULL ? ENOMEM : 0;
	if (error == 0) {
		i = 0;
		TAILQ_FOREACH(r, &b->files, bynum)
			ns[i++] = r->n;
		n = rotname_plan(ns, i, keep, steps);
		r = TAILQ_LAST(&b->files, rotlist);
		for (i = 0; i < n && error == 0; r = prev) {
			prev = TAILQ_PREV(r, rotlist, bynum);
			if (r->n != steps[i].from)
				continue;
			if (steps[i].to == 0)
				rotate_remove(r);
			else if (rotate_rename(r, steps[i].to) == -1) {
				if (errno == ENOENT)
					rotate_unindex(r);
				else
					error = errno;
			}
			i++;
		}
	}
	free(ns);
	free(steps);
	errno = error;
	return (error == 0 ? 0 : -1);
}

int
rotate_away(const char *name, uint64_t size, unsigned int keep)
{
	struct rotated	*r;
	struct rotbase	*b;
	char		 to[ROTNAME_MAX];
	int		 error;

	if (keep > ROT_LAST)
		keep = ROT_LAST;
	if ((b = rotbase_get(name, strlen(name))) == NULL)
		return (-1);
	if (rotate_shift(b, keep) == -1)
		return (-1);
	if (keep == 0)
		return (sys_unlinkat(dirfd_logs, name, 0));
	if (rotname_make(to, sizeof(to), name, 1, 0) == -1) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	if ((r = rotate_add(b, 1, 0, size)) == NULL)
		return (-1);
	if (sys_renameat(dirfd_logs, name, dirfd_logs, to) == -1) {
		error = errno;
		rotate_unindex(r);
		errno = error;
		return (-1);
	}
	return (0);
}

int
rotate_back(const char *name)
{
	struct rotated	*r;
	struct rotbase	*b;
	char		 from[ROTNAME_MAX];

	if ((b = rotbase_get(name, strlen(name))) == NULL ||
	    (r = TAILQ_FIRST(&b->files)) == NULL || r->n != 1 ||
	    rotname_make(from, sizeof(from), name, 1, 0) == -1 ||
	    sys_renameat(dirfd_logs, from, dirfd_logs, name) == -1)
		return (-1);
	rotate_unindex(r);
	return (0);
}

void
rotate_settle(const char *name, int compress)
{
	struct rotated	*r;
	struct rotbase	*b;

	if ((b = rotbase_get(name, strlen(name))) != NULL)
		rotate_keep(b->dir);
	rotate_budget(budget);
	if (!compress || b == NULL)
		return;
	TAILQ_FOREACH(r, &b->files, bynum)
		if (!r->gz)
			gzip_add(r);
}

void
rotate_budget(uint64_t bytes)
{
	struct rotated	*r;

	budget = bytes;
	while (budget != 0 && total > budget &&
	    (r = TAILQ_FIRST(&byage)) != NULL)
		rotate_remove(r);
}

/* The oldest of those in this directory; NULL: none. */
static struct rotated *
oldest_in(const struct rotdir *d)
{
	struct rotated	*r;

	TAILQ_FOREACH(r, &byage, byage)
		if (r->base->dir == d)
			return (r);
	return (NULL);
}

static void
rotate_keep(struct rotdir *d)
{
	struct rotated	*r;

	while (d->budget != 0 && d->total > d->budget &&
	    (r = oldest_in(d)) != NULL)
		rotate_remove(r);
}

void
rotate_budget_dir(const char *name, uint64_t bytes)
{
	struct rotdir	*d;

	if ((d = rotdir_get(name, strlen(name))) == NULL) {
		log_warn("%s: budget of logs", name);
		return;
	}
	d->budget = bytes;
	rotate_keep(d);
}

int
rotate_sacrifice(const char *name)
{
	static monotime_t	 told;
	struct rotated		*r;
	struct rotbase		*b;
	monotime_t		 now;

	r = NULL;
	if ((b = rotbase_get(name, strlen(name))) != NULL)
		r = TAILQ_LAST(&b->files, rotlist);
	if (r == NULL && b != NULL)
		r = oldest_in(b->dir);
	if (r == NULL)
		r = TAILQ_FIRST(&byage);
	if (r == NULL)
		return (-1);
	now = monotime_now();
	if (told.ms == 0 || monotime_since(now, told) >= ROTATE_TELL_MS) {
		log_warnx("%s.%u: removed to make room", r->base->name, r->n);
		told = now;
	}
	rotate_remove(r);
	return (0);
}

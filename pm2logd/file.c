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
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "pm2logd.h"
#include "rotname.h"
#include "sys.h"

#define FILE_OPENMIN	16	/* so many may always be open */
#define FILE_WANT_MS	10000	/* ask the parent again after that */

RB_HEAD(file_tree, logfile);

static int	 file_cmp(struct logfile *, struct logfile *);
static size_t	 file_bound(void);
static void	 file_touch(struct logfile *);
static void	 file_close(struct logfile *);
static int	 file_openfd(struct logfile *, int);
static int	 file_verify(int, struct stat *);
static void	 file_adopt(struct logfile *, int, const struct stat *);
static int	 file_open(struct logfile *);
static void	 file_check(struct logfile *);
static void	 file_ask(struct logfile *, uint32_t);
static int	 file_rotate(struct logfile *);
static size_t	 file_portion(struct logfile *, const char *, size_t, int);
static struct logfile *file_new(uint32_t);
static int	 file_passed(struct logfile *, int);
static void	 file_free(struct logfile *);

RB_PROTOTYPE_STATIC(file_tree, logfile, entry, file_cmp)

static TAILQ_HEAD(, logfile)	 lru = TAILQ_HEAD_INITIALIZER(lru);
static struct file_tree		 files = RB_INITIALIZER(&files);
static size_t			 nopen;		/* in lru */
static size_t			 npassed;
static size_t			 fd_limit;	/* RLIMIT_NOFILE */
static uint32_t			 max_open;	/* 0: by the limit */
static int			 dirfd_logs = -1;

static int
file_cmp(struct logfile *a, struct logfile *b)
{
	if (a->number != b->number)
		return (a->number < b->number ? -1 : 1);
	return (0);
}

RB_GENERATE_STATIC(file_tree, logfile, entry, file_cmp)

void
file_init(int dirfd)
{
	struct rlimit	 rl;

	dirfd_logs = dirfd;
	if (getrlimit(RLIMIT_NOFILE, &rl) == 0)
		fd_limit = (size_t)rl.rlim_cur;
}

void
file_conf(uint32_t limit)
{
	max_open = limit;
	file_trim();
}

struct logfile *
file_find(uint32_t number)
{
	struct logfile	 key;

	key.number = number;
	return (RB_FIND(file_tree, &files, &key));
}

int
file_isnone(const struct logfile *f)
{
	return (f == NULL || (f->flags & LOGF_NONE) != 0);
}

uint64_t
file_end(const struct logfile *f)
{
	return (f->base + f->size);
}

/* ---- descriptors ---- */

/* How many files of ours may be open at once. */
static size_t
file_bound(void)
{
	size_t	 used;

	if (max_open != 0)
		return (max_open);
	/* A follower has a socket and reads two files at once. */
	used = stream_count() + 3 * follow_count() + npassed +
	    LOGD_FDS_RESERVED;
	if (fd_limit < used + FILE_OPENMIN)
		return (FILE_OPENMIN);
	return (fd_limit - used);
}

void
file_trim(void)
{
	struct logfile	*f;
	size_t		 bound;

	if (nopen <= FILE_OPENMIN && max_open == 0)
		return;
	bound = file_bound();
	while (nopen > bound && (f = TAILQ_FIRST(&lru)) != NULL)
		file_close(f);
}

/* Most recently used last. */
static void
file_touch(struct logfile *f)
{
	if (!f->inlru || TAILQ_NEXT(f, lru) == NULL)
		return;
	TAILQ_REMOVE(&lru, f, lru);
	TAILQ_INSERT_TAIL(&lru, f, lru);
}

static void
file_close(struct logfile *f)
{
	if (f->fd == -1)
		return;
	if (f->inlru) {
		TAILQ_REMOVE(&lru, f, lru);
		f->inlru = 0;
		nopen--;
	} else
		npassed--;
	close(f->fd);
	f->fd = -1;
}

static int
file_openfd(struct logfile *f, int flags)
{
	int	 fd;

	flags |= O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
	    O_CLOEXEC;
	fd = sys_openat(dirfd_logs, f->name, flags, f->uid != 0 ? 0640 : 0600);
	if (fd == -1 && (errno == EMFILE || errno == ENFILE) &&
	    !TAILQ_EMPTY(&lru)) {
		file_close(TAILQ_FIRST(&lru));
		fd = sys_openat(dirfd_logs, f->name, flags,
		    f->uid != 0 ? 0640 : 0600);
	}
	return (fd);
}

/* A log is a plain file with one name; closes it when it is not. */
static int
file_verify(int fd, struct stat *sb)
{
	int	 error;

	error = 0;
	if (sys_fstat(fd, sb) == -1)
		error = errno;
	else if (!S_ISREG(sb->st_mode))
		error = ENOTSUP;
	else if (sb->st_nlink > 1)
		error = EMLINK;
	if (error == 0)
		return (0);
	close(fd);
	errno = error;
	return (-1);
}

/* From now on this is the file. */
static void
file_adopt(struct logfile *f, int fd, const struct stat *sb)
{
	uint64_t	 end;
	char		 last;

	end = file_end(f);
	f->fd = fd;
	f->size = (uint64_t)sb->st_size;
	f->base = end - f->size;
	if (!f->known) {	/* what is in it now came before all else */
		f->base = FILE_ORIGIN;
		f->known = 1;
	}
	f->dev = sb->st_dev;
	f->ino = sb->st_ino;
	f->checked = monotime_now();
	f->midline = f->size > 0 &&
	    sys_pread(fd, &last, 1, (off_t)f->size - 1) == 1 && last != '\n';
}

static int
file_open(struct logfile *f)
{
	struct stat	 sb;
	int		 fd;

	if (f->flags & LOGF_PASSED) {
		file_ask(f, WANTFILE_REOPEN);
		errno = EBADF;
		return (-1);
	}
	if ((fd = file_openfd(f, O_CREAT)) == -1 ||
	    file_verify(fd, &sb) == -1)
		return (-1);
	file_adopt(f, fd, &sb);
	TAILQ_INSERT_TAIL(&lru, f, lru);
	f->inlru = 1;
	nopen++;
	file_trim();
	return (0);
}

/* Did somebody else move or cut it? */
static void
file_check(struct logfile *f)
{
	struct stat	 sb;
	monotime_t	 now;
	uint64_t	 end;
	int		 gone;

	now = monotime_now();
	if (monotime_since(now, f->checked) < LOGD_CHECK_MS)
		return;
	f->checked = now;
	if (f->flags & LOGF_PASSED)
		gone = sys_fstat(f->fd, &sb) == -1 || sb.st_nlink == 0;
	else
		gone = sys_fstatat(dirfd_logs, f->name, &sb,
		    AT_SYMLINK_NOFOLLOW) == -1 || sb.st_ino != f->ino ||
		    sb.st_dev != f->dev;
	if (gone) {
		if (f->flags & LOGF_PASSED) {
			file_ask(f, WANTFILE_REOPEN);
			return;
		}
		log_info("%s: moved away, opening it anew", f->name);
		f->rot1_end = 0;
		file_close(f);
		return;
	}
	if ((uint64_t)sb.st_size != f->size) {
		end = file_end(f);
		f->size = (uint64_t)sb.st_size;
		f->base = end - f->size;
		if (f->size == 0)
			f->midline = 0;
	}
}

int
file_ready(struct logfile *f)
{
	if (f->fd != -1)
		file_check(f);
	if (f->fd == -1)
		return (file_open(f));
	file_touch(f);
	return (0);
}

int
file_openread(struct logfile *f, int rotated)
{
	struct stat	 sb;
	char		 name[ROTNAME_MAX];
	int		 fd;

	if (f->flags & LOGF_PASSED) {
		if (rotated || f->fd == -1) {
			errno = ENOENT;
			return (-1);
		}
		return (sys_fcntl_dupfd(f->fd, 3));
	}
	if (!rotated)
		strlcpy(name, f->name, sizeof(name));	/* checked before */
	else if (rotname_make(name, sizeof(name), f->name, 1, 0) == -1) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	fd = sys_openat(dirfd_logs, name, O_RDONLY | O_NOFOLLOW |
	    O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
	if (fd == -1 || file_verify(fd, &sb) == -1)
		return (-1);
	return (fd);
}

/* ---- writing ---- */

/* Ask the parent for another descriptor, not all the time. */
static void
file_ask(struct logfile *f, uint32_t why)
{
	struct log_wantfile	 w;
	monotime_t		 now;

	now = monotime_now();
	if (f->want && monotime_since(now, f->wanted) < FILE_WANT_MS)
		return;
	f->want = (int)why;
	f->wanted = now;
	memset(&w, 0, sizeof(w));
	w.file = f->number;
	w.why = why;
	parent_send(IMSG_LOG_WANTFILE, &w, sizeof(w));
}

size_t
file_append(struct logfile *f, const char *buf, size_t len)
{
	size_t	 done;
	ssize_t	 n;

	for (done = 0; done < len; done += (size_t)n) {
		n = sys_write(f->fd, buf + done, len - done);
		if (n == -1 && errno == EINTR) {
			n = 0;
			continue;
		}
		if (n == 0)
			errno = EIO;
		if (n <= 0)
			break;
	}
	f->size += done;
	if (done > 0)
		f->midline = buf[done - 1] != '\n';
	return (done);
}

/* Make room for a new file. 0, or -1 and the old one goes on. */
static int
file_rotate(struct logfile *f)
{
	struct stat	 sb;
	monotime_t	 now;
	uint64_t	 size;
	int		 fd;

	if (f->flags & LOGF_PASSED) {
		file_ask(f, WANTFILE_ROTATE);
		return (-1);
	}
	size = f->size;
	now = monotime_now();
	if (f->norotate.ms != 0 &&
	    monotime_since(now, f->norotate) < FILE_WANT_MS)
		return (-1);
	f->norotate = now;
	if (rotate_away(f->name, size, f->keep) == -1) {
		log_warn("%s: cannot rotate", f->name);
		return (-1);
	}
	if ((fd = file_openfd(f, O_CREAT | O_EXCL)) == -1 ||
	    file_verify(fd, &sb) == -1) {
		log_warn("%s: no new file after rotating", f->name);
		if (f->keep > 0 && rotate_back(f->name) == 0)
			return (-1);
		fd = -1;
	}
	f->norotate.ms = 0;
	f->rot1_end = f->keep > 0 ? file_end(f) : 0;
	f->rot1_size = size;
	f->rotations++;
	f->base = file_end(f);
	f->size = 0;
	f->midline = 0;
	file_close(f);
	rotate_settle(f->name, f->flags & LOGF_COMPRESS);
	if (fd == -1)
		return (0);
	file_adopt(f, fd, &sb);
	TAILQ_INSERT_TAIL(&lru, f, lru);
	f->inlru = 1;
	nopen++;
	return (0);
}

/* How much of these bytes goes into the file as it is. */
static size_t
file_portion(struct logfile *f, const char *buf, size_t len, int rotated)
{
	if (f->max_size == 0 || rotated || f->size + len <= f->max_size)
		return (len);
	return (rotname_divide(buf, len, f->size, f->max_size, f->midline));
}

int
file_write(struct logfile *f, struct source *src, const char *buf, size_t len)
{
	size_t	 done, n;
	int	 rotated;

	if (f->state != FILE_OK)
		return (full_write(f, src, buf, len));
	f->writer = src;
	for (rotated = 0; len > 0;) {
		if (file_ready(f) == -1)
			return (full_begin(f, src, errno, buf, len));
		n = file_portion(f, buf, len, rotated);
		if (n > 0) {
			done = file_append(f, buf, n);
			buf += done;
			len -= done;
			if (done < n)
				return (full_begin(f, src, errno, buf, len));
		}
		if (len > 0) {
			rotated = 1;
			(void)file_rotate(f);
		}
	}
	return (0);
}

/* ---- requests of the parent ---- */

static struct logfile *
file_new(uint32_t number)
{
	struct logfile	*f;

	if ((f = calloc(1, sizeof(*f))) == NULL)
		return (NULL);
	f->number = number;
	f->fd = -1;
	f->base = FILE_ORIGIN;
	TAILQ_INIT(&f->sources);
	RB_INSERT(file_tree, &files, f);
	return (f);
}

/* Another descriptor from the parent. */
static int
file_passed(struct logfile *f, int fd)
{
	struct stat	 sb;
	int		 flags, ro;

	if (fd == -1) {
		errno = EBADF;
		return (-1);
	}
	if (file_verify(fd, &sb) == -1)
		return (-1);
	if ((flags = sys_fcntl_getfl(fd)) == -1)
		flags = O_RDONLY;
	ro = (flags & O_ACCMODE) == O_RDONLY;
	if (ro || sys_fcntl_setfl(fd, flags | O_APPEND) == -1) {
		close(fd);
		errno = EBADF;
		return (-1);
	}
	if (f->want == WANTFILE_ROTATE)
		f->rotations++;
	file_close(f);
	f->rot1_end = 0;
	file_adopt(f, fd, &sb);
	npassed++;
	f->want = 0;
	return (0);
}

void
file_set(const struct log_file *lf, int fd)
{
	struct logfile	*f;
	char		*name;

	if ((name = strdup(lf->name)) == NULL ||
	    ((f = file_find(lf->file)) == NULL &&
	    (f = file_new(lf->file)) == NULL)) {
		log_warn("log file %u", lf->file);
		free(name);
		if (fd != -1)
			close(fd);
		return;
	}
	if (f->name == NULL || strcmp(f->name, name) != 0 ||
	    ((f->flags ^ lf->flags) & (LOGF_PASSED | LOGF_NONE)) != 0)
		file_close(f);
	free(f->name);
	f->name = name;
	f->flags = lf->flags;
	f->max_size = lf->max_size;
	f->keep = lf->keep;
	f->uid = lf->uid;
	if (f->flags & LOGF_PASSED) {
		if (file_passed(f, fd) == -1)
			log_warn("log file %u: descriptor refused", lf->file);
	} else if (fd != -1)
		close(fd);
	if (f->state != FILE_OK)
		full_retry(f);
}

void
file_attach(struct logfile *f, struct source *src)
{
	TAILQ_INSERT_TAIL(&f->sources, src, infile);
	f->nstreams += stream_nopen(src);
	src->file = f;
}

void
file_detach(struct logfile *f, struct source *src)
{
	TAILQ_REMOVE(&f->sources, src, infile);
	f->nstreams -= stream_nopen(src);
	src->file = NULL;
	if (f->writer == src)
		f->writer = NULL;
	if (TAILQ_EMPTY(&f->sources))
		file_free(f);
}

static void
file_free(struct logfile *f)
{
	if (f->state != FILE_OK)
		full_forget(f);
	file_close(f);
	RB_REMOVE(file_tree, &files, f);
	free(f->name);
	free(f->held);
	free(f);
}

int
file_flush(struct logfile *f)
{
	int	 fd;

	if (f->flags & LOGF_NONE)
		return (0);
	if ((fd = f->fd) == -1 && (f->flags & LOGF_PASSED))
		return (EBADF);
	if (fd == -1 && file_ready(f) == -1)
		return (errno);
	if (sys_ftruncate(f->fd, 0) == -1)
		return (errno);
	f->base = file_end(f);
	f->size = 0;
	f->midline = 0;
	if (f->state != FILE_OK)
		full_retry(f);
	return (0);
}

int
file_reopen(struct logfile *f)
{
	int	 error;

	if (f->flags & LOGF_NONE)
		return (0);
	if (f->flags & LOGF_PASSED) {
		f->want = 0;
		file_ask(f, WANTFILE_REOPEN);
		return (0);
	}
	file_close(f);
	error = file_open(f) == -1 ? errno : 0;
	if (error == 0 && f->state != FILE_OK)
		full_retry(f);
	return (error);
}

int
file_flush_all(void)
{
	struct logfile	*f;
	int		 error, first;

	first = 0;
	RB_FOREACH(f, file_tree, &files)
		if ((error = file_flush(f)) != 0 && first == 0)
			first = error;
	return (first);
}

int
file_reopen_all(void)
{
	struct logfile	*f;
	int		 error, first;

	first = 0;
	RB_FOREACH(f, file_tree, &files)
		if ((error = file_reopen(f)) != 0 && first == 0)
			first = error;
	return (first);
}

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
#include <stdlib.h>
#include <string.h>

#include "pm2logd.h"

RB_HEAD(source_tree, source);

static int	source_cmp(struct source *, struct source *);
static struct source *source_new(uint32_t, uint32_t);
static int	source_string(char **, const char *);
static size_t	source_skip(struct source *, const char *, size_t);

RB_PROTOTYPE_STATIC(source_tree, source, entry, source_cmp)

static struct source_tree	 sources = RB_INITIALIZER(&sources);

static int
source_cmp(struct source *a, struct source *b)
{
	if (a->app != b->app)
		return (a->app < b->app ? -1 : 1);
	if (a->kind != b->kind)
		return (a->kind < b->kind ? -1 : 1);
	return (0);
}

RB_GENERATE_STATIC(source_tree, source, entry, source_cmp)

struct source *
source_find(uint32_t app, uint32_t kind)
{
	struct source	 key;

	key.app = app;
	key.kind = kind;
	return (RB_FIND(source_tree, &sources, &key));
}

struct source *
source_first(void)
{
	return (RB_MIN(source_tree, &sources));
}

struct source *
source_next(struct source *src)
{
	return (RB_NEXT(source_tree, &sources, src));
}

static struct source *
source_new(uint32_t app, uint32_t kind)
{
	struct source	*src;

	if ((src = calloc(1, sizeof(*src))) == NULL)
		return (NULL);
	src->app = app;
	src->kind = kind;
	TAILQ_INIT(&src->streams);
	LIST_INIT(&src->subs);
	RB_INSERT(source_tree, &sources, src);
	return (src);
}

static int
source_string(char **p, const char *s)
{
	char	*copy;

	if (*p != NULL && strcmp(*p, s) == 0)
		return (0);
	if ((copy = strdup(s)) == NULL)
		return (-1);
	free(*p);
	*p = copy;
	return (0);
}

struct source *
source_get(const struct log_stream *ls)
{
	struct logfile	*file;
	struct source	*src;
	int		 isnew;

	file = NULL;
	if (ls->file != LOG_NOFILE && (file = file_find(ls->file)) == NULL) {
		errno = ENOENT;
		return (NULL);
	}
	isnew = 0;
	if ((src = source_find(ls->app, ls->kind)) == NULL) {
		if ((src = source_new(ls->app, ls->kind)) == NULL)
			return (NULL);
		isnew = 1;
	}
	if (source_string(&src->name, ls->name) == -1 ||
	    source_string(&src->datefmt, ls->datefmt) == -1) {
		if (isnew)
			source_free(src);
		errno = ENOMEM;
		return (NULL);
	}
	src->flags = ls->flags;
	if (src->file != file) {
		if (src->file != NULL)
			file_detach(src->file, src);
		if (file != NULL)
			file_attach(file, src);
		src->skip = 0;
	}
	if (isnew)
		follow_source(src);
	return (src);
}

void
source_free(struct source *src)
{
	follow_forget(src);
	stream_close_source(src);
	if (src->file != NULL)
		file_detach(src->file, src);
	RB_REMOVE(source_tree, &sources, src);
	free(src->name);
	free(src->datefmt);
	free(src);
}

/* The beginning of this line was dropped: so is the rest of it. */
static size_t
source_skip(struct source *src, const char *buf, size_t len)
{
	const char	*nl;

	if ((nl = memchr(buf, '\n', len)) != NULL) {
		len = (size_t)(nl - buf) + 1;
		src->skip = 0;
	}
	src->lost_bytes += len;
	return (len);
}

int
source_output(struct source *src, const char *buf, size_t len)
{
	size_t	 n;

	if (!LIST_EMPTY(&src->subs))
		follow_output(src, buf, len);
	src->bytes += len;
	if (file_isnone(src->file))
		return (0);
	if (src->skip && src->file->state == FILE_OK) {
		n = source_skip(src, buf, len);
		buf += n;
		len -= n;
	}
	if (len == 0)
		return (0);
	return (file_write(src->file, src, buf, len));
}

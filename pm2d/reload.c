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

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "reload.h"

/*
 * The queue of a reload.  The first failure ends it: what is under way then
 * is brought to its end, and nothing else is begun.
 */

struct keyed {
	uint32_t	 id;
	uint32_t	 pos;
};

static int
keyed_cmp(const void *a, const void *b)
{
	const struct keyed	*x = a, *y = b;

	if (x->id != y->id)
		return (x->id < y->id ? -1 : 1);
	return (x->pos < y->pos ? -1 : x->pos > y->pos);
}

/*
 * Fill items and order.  keys come with the ids as they were given; of equal
 * ones the first counts.
 */
static void
fill(struct reload *r, struct keyed *keys, uint32_t n, const uint32_t *ids)
{
	uint32_t	 i, k = 0;

	for (i = 0; i < n; i++) {
		keys[i].id = ids[i];
		keys[i].pos = i;
	}
	qsort(keys, n, sizeof(*keys), keyed_cmp);
	/* Where each goes in the list without the repeated ones. */
	for (i = 0; i < n; i++)
		r->order[keys[i].pos] = i == 0 ||
		    keys[i].id != keys[i - 1].id;
	for (i = 0; i < n; i++)
		if (r->order[i]) {
			r->order[i] = k;
			r->items[k++].id = ids[i];
		} else
			r->order[i] = UINT32_MAX;
	r->nitems = k;
	for (i = 0; i < n; i++)
		keys[i].pos = r->order[keys[i].pos];
	for (i = k = 0; i < n; i++)
		if (keys[i].pos != UINT32_MAX)
			r->order[k++] = keys[i].pos;
}

struct reload *
reload_new(uid_t uid, uint64_t when_ms, const struct ctl_reload *req,
    const uint32_t *ids)
{
	struct reload	*r;
	struct keyed	*keys;

	if (req->nids == 0) {
		errno = EINVAL;
		return (NULL);
	}
	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (NULL);
	r->items = calloc(req->nids, sizeof(*r->items));
	r->order = calloc(req->nids, sizeof(*r->order));
	keys = calloc(req->nids, sizeof(*keys));
	if (r->items == NULL || r->order == NULL || keys == NULL) {
		free(keys);
		reload_free(r);
		errno = ENOMEM;
		return (NULL);
	}
	r->uid = uid;
	r->when_ms = when_ms;
	r->flags = req->flags;
	r->parallel = req->parallel == 0 ? 1 : req->parallel;
	fill(r, keys, req->nids, ids);
	free(keys);
	return (r);
}

void
reload_free(struct reload *r)
{
	if (r == NULL)
		return;
	free(r->items);
	free(r->order);
	free(r);
}

struct reload_item *
reload_next(struct reload *r)
{
	struct reload_item	*it;

	if (r->result.code != CTL_OK || r->nrunning >= r->parallel)
		return (NULL);
	while (r->next < r->nitems) {
		it = &r->items[r->next++];
		if (it->state != RELOAD_QUEUED)
			continue;
		it->state = RELOAD_RUNNING;
		r->nrunning++;
		return (it);
	}
	return (NULL);
}

/* It is not under way any more: 1, or 0 when it was not. */
static int
ended(struct reload *r, struct reload_item *it, enum reload_state state)
{
	if (it == NULL || it->state != RELOAD_RUNNING)
		return (0);
	it->state = state;
	r->nrunning--;
	return (1);
}

void
reload_failed(struct reload *r, uint32_t id, const struct ctl_result *why)
{
	uint32_t	 count = r->result.count;

	if (!ended(r, reload_find(r, id), RELOAD_FAILED) ||
	    r->result.code != CTL_OK)
		return;
	r->result = *why;
	r->result.id = id;
	r->result.count = count;
}

void
reload_done(struct reload *r, uint32_t id, enum ctl_code code,
    const char *text)
{
	struct ctl_result	 why;

	if (code == CTL_OK) {
		if (ended(r, reload_find(r, id), RELOAD_DONE))
			r->result.count++;
		return;
	}
	memset(&why, 0, sizeof(why));
	why.code = code;
	strlcpy(why.text, text, sizeof(why.text));
	reload_failed(r, id, &why);
}

/* Also of one whose turn has not come: it was deleted, for example. */
void
reload_left(struct reload *r, uint32_t id)
{
	struct reload_item	*it = reload_find(r, id);

	if (it != NULL && it->state == RELOAD_QUEUED)
		it->state = RELOAD_LEFT;
	else
		ended(r, it, RELOAD_LEFT);
}

int
reload_over(const struct reload *r)
{
	uint32_t	 i;

	if (r->nrunning > 0)
		return (0);
	if (r->result.code != CTL_OK)
		return (1);
	for (i = r->next; i < r->nitems; i++)
		if (r->items[i].state == RELOAD_QUEUED)
			return (0);
	return (1);
}

struct reload_item *
reload_find(const struct reload *r, uint32_t id)
{
	uint32_t	 low = 0, high = r->nitems, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (r->items[r->order[mid]].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == r->nitems || r->items[r->order[low]].id != id)
		return (NULL);
	return (&r->items[r->order[low]]);
}

int
reload_pending(const struct reload *r, uint32_t id)
{
	const struct reload_item	*it = reload_find(r, id);

	if (it == NULL)
		return (0);
	return (it->state == RELOAD_RUNNING ||
	    (it->state == RELOAD_QUEUED && r->result.code == CTL_OK));
}

/*
 * How many at once is not what is asked for.  A job that has begun to fail is
 * none to join.
 */
int
reload_same(const struct reload *a, const struct reload *b)
{
	uint32_t	 i;

	if (a->uid != b->uid || a->flags != b->flags ||
	    a->nitems != b->nitems || a->result.code != b->result.code)
		return (0);
	for (i = 0; i < a->nitems; i++)
		if (a->items[a->order[i]].id != b->items[b->order[i]].id)
			return (0);
	return (1);
}

const struct reload_item *
reload_overlap(const struct reload *a, const struct reload *b)
{
	uint32_t	 i;

	for (i = 0; i < b->nitems; i++)
		if (reload_pending(b, b->items[i].id) &&
		    reload_pending(a, b->items[i].id))
			return (&b->items[i]);
	return (NULL);
}

void
reload_who(const struct reload *r, char *buf, size_t len)
{
	struct tm	 tm;
	time_t		 when = r->when_ms / 1000;
	char		 at[32] = "";

	if (localtime_r(&when, &tm) != NULL)
		strftime(at, sizeof(at), " at %H:%M:%S", &tm);
	snprintf(buf, len, "a reload asked for by uid %u%s is under way",
	    (unsigned int)r->uid, at);
}

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
 * The state file's bytes.  A reader takes nothing for granted: it may have
 * been cut off anywhere by a crash or a full disk, and bits may have turned.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "msg.h"
#include "spec.h"
#include "statefile.h"

#define MAGIC		"PM2DSTAT"
#define MAGIC_LEN	8
#define ALIGN		8
#define PAYLOAD_MAX	(sizeof(struct statefile_app) + SPEC_MAX)

struct header {
	char		 magic[MAGIC_LEN];
	uint32_t	 version;
	uint32_t	 flags;
	uint64_t	 created_ms;
	uint32_t	 crc;
	uint32_t	 zero;
};
_Static_assert(sizeof(struct header) == 32, "padding in the header");

struct rechdr {
	uint32_t	 type;
	uint32_t	 length;
	uint32_t	 crc;
	uint32_t	 zero;
};
_Static_assert(sizeof(struct rechdr) == 16, "padding in a record");

_Static_assert(sizeof(struct statefile_status) == 56 &&
    sizeof(struct statefile_app) == 80 &&
    sizeof(struct statefile_beside) == 16, "padding in a payload");

/* reader's phases */
enum { AT_BEGIN, IN_SNAPSHOT, IN_JOURNAL };

/* ---- CRC-32C (Castagnoli), reflected, a nibble at a time ---- */

static uint32_t
crc32c(uint32_t crc, const void *data, size_t len)
{
	static const uint32_t	 nibble[16] = {
		0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1,
		0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
		0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
		0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75
	};
	const unsigned char	*p = data;

	crc = ~crc;
	while (len-- > 0) {
		crc ^= *p++;
		crc = crc >> 4 ^ nibble[crc & 15];
		crc = crc >> 4 ^ nibble[crc & 15];
	}
	return (~crc);
}

static uint32_t
record_crc(uint32_t type, uint32_t length, const void *payload)
{
	uint32_t	 crc, head[2];

	head[0] = type;
	head[1] = length;
	crc = crc32c(0, head, sizeof(head));
	return (crc32c(crc, payload, length));
}

static size_t
padded(size_t len)
{
	return ((len + ALIGN - 1) / ALIGN * ALIGN);
}

/* ---- writing ---- */

/* Room for need more bytes, zeroed and counted; NULL: no memory. */
static unsigned char *
extend(struct statefile_buf *sb, size_t need)
{
	unsigned char	*data;
	size_t		 cap;

	if (need > SIZE_MAX / 4 - sb->len) {
		errno = ENOMEM;
		return (NULL);
	}
	if (sb->len + need > sb->cap) {
		for (cap = sb->cap == 0 ? 4096 : sb->cap;
		    cap < sb->len + need; cap *= 2)
			continue;
		/* specs have secrets: leave no copies behind */
		data = recallocarray(sb->data, sb->cap, cap, 1);
		if (data == NULL)
			return (NULL);
		sb->data = data;
		sb->cap = cap;
	}
	data = sb->data + sb->len;
	memset(data, 0, need);
	sb->len += need;
	return (data);
}

/* One record of a fixed part and what follows it. */
static int
add_record(struct statefile_buf *sb, uint32_t type, const void *fixed,
    size_t fixedlen, const void *more, size_t morelen)
{
	struct rechdr	 rh;
	unsigned char	*p;

	p = extend(sb, sizeof(rh) + padded(fixedlen + morelen));
	if (p == NULL)
		return (-1);
	memcpy(p + sizeof(rh), fixed, fixedlen);
	if (morelen > 0)
		memcpy(p + sizeof(rh) + fixedlen, more, morelen);
	memset(&rh, 0, sizeof(rh));
	rh.type = type;
	rh.length = (uint32_t)(fixedlen + morelen);
	rh.crc = record_crc(rh.type, rh.length, p + sizeof(rh));
	memcpy(p, &rh, sizeof(rh));
	return (0);
}

int
statefile_begin(struct statefile_buf *sb, uint64_t created_ms, uint32_t count,
    uint32_t next_id)
{
	struct statefile_begin	 begin = { .count = count, .next_id = next_id };
	struct header		 h;
	unsigned char		*p;

	memset(&h, 0, sizeof(h));
	memcpy(h.magic, MAGIC, MAGIC_LEN);
	h.version = STATEFILE_VERSION;
	h.created_ms = created_ms;
	h.crc = crc32c(0, &h, offsetof(struct header, crc));
	if ((p = extend(sb, sizeof(h))) == NULL)
		return (-1);
	memcpy(p, &h, sizeof(h));
	return (add_record(sb, STATEFILE_SNAPSHOT_BEGIN, &begin, sizeof(begin),
	    NULL, 0));
}

int
statefile_app(struct statefile_buf *sb, const struct statefile_app *app,
    const void *spec)
{
	if (app->speclen > SPEC_MAX) {
		errno = E2BIG;
		return (-1);
	}
	if (app->status.state >= APP_NSTATES) {
		errno = EINVAL;
		return (-1);
	}
	return (add_record(sb, STATEFILE_APP, app, sizeof(*app), spec,
	    app->speclen));
}

int
statefile_end(struct statefile_buf *sb, uint32_t count)
{
	struct statefile_end	 end = { .count = count };

	return (add_record(sb, STATEFILE_SNAPSHOT_END, &end, sizeof(end),
	    NULL, 0));
}

int
statefile_status(struct statefile_buf *sb, const struct statefile_status *st)
{
	if (st->state >= APP_NSTATES) {
		errno = EINVAL;
		return (-1);
	}
	return (add_record(sb, STATEFILE_APP_STATUS, st, sizeof(*st), NULL,
	    0));
}

int
statefile_deleted(struct statefile_buf *sb, uint32_t id)
{
	struct statefile_id	 sid = { .id = id };

	return (add_record(sb, STATEFILE_APP_DELETED, &sid, sizeof(sid), NULL,
	    0));
}

int
statefile_nextid(struct statefile_buf *sb, uint32_t id)
{
	struct statefile_id	 sid = { .id = id };

	return (add_record(sb, STATEFILE_NEXT_ID, &sid, sizeof(sid), NULL, 0));
}

int
statefile_beside(struct statefile_buf *sb, uint32_t id, uint32_t pid,
    uint64_t pidstart)
{
	struct statefile_beside	 b = { id, pid, pidstart };

	return (add_record(sb, STATEFILE_BESIDE, &b, sizeof(b), NULL, 0));
}

void
statefile_reset(struct statefile_buf *sb)
{
	if (sb->len > 0)
		explicit_bzero(sb->data, sb->len);
	sb->len = 0;
}

void
statefile_free(struct statefile_buf *sb)
{
	freezero(sb->data, sb->cap);
	memset(sb, 0, sizeof(*sb));
}

/* ---- reading ---- */

int
statefile_open(struct statefile_reader *sr, const void *data, size_t len,
    char *errstr, size_t errlen)
{
	struct header	 h;

	memset(sr, 0, sizeof(*sr));
	if (len < sizeof(h)) {
		snprintf(errstr, errlen, "%s", len == 0 ? "is empty" :
		    "is cut off in its header");
		return (-1);
	}
	memcpy(&h, data, sizeof(h));
	if (memcmp(h.magic, MAGIC, MAGIC_LEN) != 0) {
		snprintf(errstr, errlen, "is not a state file of pm2d");
		return (-1);
	}
	if (h.crc != crc32c(0, &h, offsetof(struct header, crc))) {
		snprintf(errstr, errlen, "has a damaged header");
		return (-1);
	}
	if (h.version > STATEFILE_VERSION) {
		snprintf(errstr, errlen, "was written by a newer pm2d: its "
		    "version is %u, this pm2d knows %d", h.version,
		    STATEFILE_VERSION);
		return (-1);
	}
	if (h.version == 0) {
		snprintf(errstr, errlen, "has version 0, which never was");
		return (-1);
	}
	sr->data = data;
	sr->len = len;
	sr->good = sizeof(h);
	sr->created_ms = h.created_ms;
	sr->flags = h.flags;
	sr->phase = AT_BEGIN;
	return (0);
}

static int
take(void *dst, size_t size, const struct rechdr *rh, const void *payload)
{
	if (rh->length != size)
		return (-1);
	memcpy(dst, payload, size);
	return (0);
}

static int
take_app(struct statefile_record *rec, const struct rechdr *rh,
    const unsigned char *payload)
{
	if (rh->length < sizeof(rec->app))
		return (-1);
	memcpy(&rec->app, payload, sizeof(rec->app));
	if (rec->app.speclen != rh->length - sizeof(rec->app) ||
	    rec->app.status.state >= APP_NSTATES)
		return (-1);
	rec->spec = payload + sizeof(rec->app);
	return (0);
}

/* What a record says; -1 when it cannot mean anything. */
static int
decode(struct statefile_record *rec, const struct rechdr *rh,
    const unsigned char *payload)
{
	memset(rec, 0, sizeof(*rec));
	rec->type = rh->type;
	switch (rh->type) {
	case STATEFILE_SNAPSHOT_BEGIN:
		return (take(&rec->begin, sizeof(rec->begin), rh, payload));
	case STATEFILE_APP:
		return (take_app(rec, rh, payload));
	case STATEFILE_SNAPSHOT_END:
		return (take(&rec->end, sizeof(rec->end), rh, payload));
	case STATEFILE_APP_STATUS:
		if (take(&rec->status, sizeof(rec->status), rh, payload) == -1)
			return (-1);
		return (rec->status.state < APP_NSTATES ? 0 : -1);
	case STATEFILE_APP_DELETED:
	case STATEFILE_NEXT_ID:
		return (take(&rec->id, sizeof(rec->id), rh, payload));
	case STATEFILE_BESIDE:
		return (take(&rec->beside, sizeof(rec->beside), rh, payload));
	default:
		return (0);
	}
}

static int
known(uint32_t type)
{
	return (type >= STATEFILE_SNAPSHOT_BEGIN && type <= STATEFILE_BESIDE);
}

/* Is it in its place?  Counts the snapshot's apps and moves the phase on. */
static int
in_place(struct statefile_reader *sr, const struct statefile_record *rec)
{
	switch (sr->phase) {
	case AT_BEGIN:
		if (rec->type != STATEFILE_SNAPSHOT_BEGIN)
			return (-1);
		sr->expected = rec->begin.count;
		sr->phase = IN_SNAPSHOT;
		return (0);
	case IN_SNAPSHOT:
		if (rec->type == STATEFILE_APP) {
			sr->apps++;
			return (0);
		}
		if (rec->type == STATEFILE_BESIDE)
			return (0);
		if (rec->type != STATEFILE_SNAPSHOT_END ||
		    rec->end.count != sr->apps || sr->apps != sr->expected)
			return (-1);
		sr->phase = IN_JOURNAL;
		return (0);
	default:
		return (rec->type == STATEFILE_SNAPSHOT_BEGIN ||
		    rec->type == STATEFILE_SNAPSHOT_END ? -1 : 0);
	}
}

/* The whole record at good: its length in the file, 0 when it is not one. */
static size_t
whole(const struct statefile_reader *sr, struct rechdr *rh)
{
	const unsigned char	*p = sr->data + sr->good;
	size_t			 left = sr->len - sr->good;

	if (left < sizeof(*rh))
		return (0);
	memcpy(rh, p, sizeof(*rh));
	if (rh->zero != 0 || rh->length > PAYLOAD_MAX ||
	    padded(rh->length) > left - sizeof(*rh))
		return (0);
	if (rh->crc != record_crc(rh->type, rh->length, p + sizeof(*rh)))
		return (0);
	return (sizeof(*rh) + padded(rh->length));
}

static enum statefile_result
stop_reading(struct statefile_reader *sr)
{
	if (sr->phase != IN_JOURNAL)
		sr->status = STATEFILE_DAMAGED;
	else if (sr->good == sr->len)
		sr->status = STATEFILE_DONE;
	else
		sr->status = STATEFILE_CUT;
	return ((enum statefile_result)sr->status);
}

enum statefile_result
statefile_next(struct statefile_reader *sr, struct statefile_record *rec)
{
	const unsigned char	*payload;
	struct rechdr		 rh;
	size_t			 len;

	while (sr->status == STATEFILE_RECORD &&
	    (len = whole(sr, &rh)) > 0) {
		payload = sr->data + sr->good + sizeof(rh);
		if (known(rh.type) && (decode(rec, &rh, payload) == -1 ||
		    in_place(sr, rec) == -1))
			break;
		sr->good += len;
		if (known(rh.type))
			return (STATEFILE_RECORD);
	}
	if (sr->status != STATEFILE_RECORD)
		return ((enum statefile_result)sr->status);
	return (stop_reading(sr));
}

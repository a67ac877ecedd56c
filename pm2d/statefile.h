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
 * The state file: a snapshot of all apps, written whole, and behind it a
 * journal of what changed since, appended record by record.  Encoding and
 * decoding only; no I/O.
 *
 *	header   "PM2DSTAT", u32 version, u32 flags, u64 created_ms,
 *	         u32 crc32c of the 24 bytes before, u32 0
 *	record   u32 type, u32 length, u32 crc32c of type, length and payload,
 *	         u32 0, payload, zeros to the next multiple of 8
 *
 * Integers are in host order: the file stays on its machine.  The header has
 * this layout in every version.
 */
#ifndef PM2D_STATEFILE_H
#define PM2D_STATEFILE_H

#include <stddef.h>
#include <stdint.h>

#define STATEFILE_VERSION	1

enum statefile_type {
	STATEFILE_SNAPSHOT_BEGIN = 1,	/* statefile_begin: first record */
	STATEFILE_APP,			/* statefile_app, spec; replaces */
	STATEFILE_SNAPSHOT_END,		/* statefile_end */
	/* in the journal, and there only; APP, too */
	STATEFILE_APP_STATUS,		/* statefile_status */
	STATEFILE_APP_DELETED,		/* statefile_id */
	STATEFILE_NEXT_ID,		/* statefile_id */
	/* in either; it may have ended long ago */
	STATEFILE_BESIDE		/* statefile_beside */
};

struct statefile_begin {
	uint32_t	 count;		/* of apps in the snapshot */
	uint32_t	 next_id;
};

/* What changes while an app lives. */
struct statefile_status {
	uint32_t	 id;
	uint32_t	 wanted;
	uint32_t	 state;		/* enum app_state */
	uint32_t	 restarts;
	uint32_t	 unstable;
	uint32_t	 generation;
	uint32_t	 pid;		/* 0: none */
	uint32_t	 reserved;
	uint64_t	 pidstart;	/* ticks, /proc/pid/stat field 22 */
	uint64_t	 created_ms;	/* wall; as in ctl_appfix */
	uint64_t	 started_ms;
};

struct statefile_app {
	struct statefile_status status;
	uint32_t	 instance;
	uint32_t	 first;		/* id of instance 0 of those together */
	uint32_t	 owner;
	uint32_t	 uid;		/* runs as */
	uint32_t	 speclen;	/* the spec follows */
	uint32_t	 reserved;
};

struct statefile_end {
	uint32_t	 count;
	uint32_t	 reserved;
};

struct statefile_id {
	uint32_t	 id;
	uint32_t	 reserved;
};

/* A process beside the app's main one: of a reload, or replaced by one. */
struct statefile_beside {
	uint32_t	 id;
	uint32_t	 pid;
	uint64_t	 pidstart;
};

/* ---- writing: 0, or -1 with errno ENOMEM, E2BIG (spec), EINVAL ---- */

/* Bytes to be written. Zero it to begin. */
struct statefile_buf {
	unsigned char	*data;
	size_t		 len;
	size_t		 cap;
};

/*
 * A whole file: _begin (created_ms, apps, next id), _app for each, _end.
 * Journal records go to a buffer of their own which is appended to the file;
 * they are multiples of 8 bytes.
 */
int	 statefile_begin(struct statefile_buf *, uint64_t, uint32_t, uint32_t);
int	 statefile_app(struct statefile_buf *, const struct statefile_app *,
	    const void *);		/* the spec, of app->speclen bytes */
int	 statefile_end(struct statefile_buf *, uint32_t);
int	 statefile_status(struct statefile_buf *,
	    const struct statefile_status *);
int	 statefile_deleted(struct statefile_buf *, uint32_t);
int	 statefile_nextid(struct statefile_buf *, uint32_t);
int	 statefile_beside(struct statefile_buf *, uint32_t, uint32_t, uint64_t);
void	 statefile_reset(struct statefile_buf *);	/* empty, keep room */
void	 statefile_free(struct statefile_buf *);

/* ---- reading ---- */

struct statefile_reader {
	const unsigned char *data;
	size_t		 len;
	size_t		 good;		/* end of the last good record */
	uint64_t	 created_ms;
	uint32_t	 flags;
	uint32_t	 apps;		/* seen in the snapshot */
	uint32_t	 expected;	/* as the snapshot's begin has it */
	int		 phase;
	int		 status;	/* sticks once it is not a record */
};

struct statefile_record {
	uint32_t	 type;
	union {
		struct statefile_begin	 begin;
		struct statefile_app	 app;
		struct statefile_end	 end;
		struct statefile_status	 status;
		struct statefile_id	 id;
		struct statefile_beside	 beside;
	};
	const void	*spec;		/* of APP: in the caller's bytes */
};

enum statefile_result {
	STATEFILE_RECORD,	/* here is one */
	STATEFILE_DONE,		/* clean end */
	STATEFILE_CUT,		/* bad from r->good on: cut the file there */
	STATEFILE_DAMAGED	/* not a whole snapshot: apps are missing */
};

/* Look at the header: 0, or -1 and a sentence about the file. */
int	 statefile_open(struct statefile_reader *, const void *, size_t,
	    char *, size_t);

/*
 * The next record that this version knows; others are skipped.  Every record
 * before the first bad byte is returned, those of a damaged snapshot too.
 */
enum statefile_result statefile_next(struct statefile_reader *,
	    struct statefile_record *);

#endif /* PM2D_STATEFILE_H */

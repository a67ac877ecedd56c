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
 * The log daemon: pipes of apps in, files and followers out.
 */
#ifndef PM2LOGD_H
#define PM2LOGD_H

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/tree.h>

#include <stddef.h>
#include <stdint.h>

#include "line.h"
#include "monotime.h"
#include "msg.h"
#include "parentlink.h"

#ifndef __unused	/* RB_GENERATE_STATIC of libbsd wants it */
#define __unused	__attribute__((__unused__))
#endif

#define LOGD_FDS_RESERVED	64	/* kept free of log files */
#define LOGD_RETRY_MS		2000	/* a file that cannot be written */
#define LOGD_CHECK_MS		1000	/* did somebody else rotate it? */
#define LOGD_HELD_MAX		(32 * 1024 * 1024)	/* all held bytes */

struct event_base;
struct follower;
struct source;
struct stream;
struct sub;

/* ---- rotate.c: files that were rotated away ---- */

struct rotbase;

struct rotated {
	TAILQ_ENTRY(rotated)	 byage;		/* oldest first */
	TAILQ_ENTRY(rotated)	 bynum;		/* of one log, ascending */
	TAILQ_ENTRY(rotated)	 todo;		/* to be compressed */
	struct rotbase		*base;
	uint64_t		 size;
	unsigned int		 n;
	int			 gz;
	int			 queued;
};
TAILQ_HEAD(rotlist, rotated);

/* A directory in the one of logs; there is one, too, for those in none. */
struct rotdir {
	SLIST_ENTRY(rotdir)	 entry;
	uint64_t		 budget;	/* 0: no bound of its own */
	uint64_t		 total;
	size_t			 len;		/* of name */
	char			*name;
};

struct rotbase {
	RB_ENTRY(rotbase)	 entry;
	struct rotdir		*dir;
	struct rotlist		 files;
	size_t			 count;
	char			*name;
};

/* The directory, and what already lies in it; 1: in directories there. */
void		 rotate_init(int, int);
void		 rotate_budget(uint64_t);
/* ...of what is in this directory. */
void		 rotate_budget_dir(const char *, uint64_t);
/*
 * name becomes name.1 and so on; keep of them stay.  0: it is out of the way
 * (with keep 0: removed), or -1 with errno and everything as it was.
 */
int		 rotate_away(const char *, uint64_t, unsigned int);
/* Undo the last rotate_away(), for when no new file could be made. */
int		 rotate_back(const char *);
/* The budget may ask for the oldest; what was rotated may be compressed. */
void		 rotate_settle(const char *, int);
/* Disk full: remove the oldest of this log, else of all. 0, or -1: none. */
int		 rotate_sacrifice(const char *);
void		 rotate_remove(struct rotated *);
void		 rotate_resize(struct rotated *, uint64_t, int);
int		 rotate_dirfd(void);

/* ---- gzip.c: compresses them, a slice at a time ---- */
void		 gzip_init(struct event_base *);
void		 gzip_add(struct rotated *);
void		 gzip_forget(struct rotated *);

/* ---- file.c: the files that are written ---- */

enum file_state {
	FILE_OK,
	FILE_HOLD,	/* cannot be written: keep bytes, stop reading */
	FILE_DROP	/* for too long: read on, drop and count */
};

TAILQ_HEAD(source_list, source);

struct logfile {
	RB_ENTRY(logfile)	 entry;		/* by number */
	TAILQ_ENTRY(logfile)	 lru;		/* open, may be closed */
	TAILQ_ENTRY(logfile)	 failing;	/* not FILE_OK */
	struct source_list	 sources;	/* who writes to it */
	struct source		*writer;	/* who wrote last */
	char			*name;
	int			 fd;		/* -1: closed for now */
	uint32_t		 number;
	uint32_t		 flags;		/* LOGF_* */
	uint32_t		 uid;
	uint32_t		 keep;
	uint64_t		 max_size;
	size_t			 nstreams;	/* open pipes into it */
	/*
	 * Positions count from FILE_ORIGIN and never go back: base is where
	 * the current file begins.
	 */
	uint64_t		 base;
	uint64_t		 size;
	uint64_t		 rot1_end;	/* end of name.1; 0: none */
	uint64_t		 rot1_size;
	uint64_t		 rotations;
	dev_t			 dev;
	ino_t			 ino;
	monotime_t		 checked;
	monotime_t		 wanted;	/* asked for a new one */
	monotime_t		 norotate;	/* could not rotate then */
	int			 midline;	/* no newline at the end */
	int			 want;
	int			 known;		/* was open once */
	uint64_t		 mark;		/* last follower that had it */
	int			 inlru;
	/* full.c */
	enum file_state		 state;
	int			 error;		/* of the last failure */
	monotime_t		 since;
	monotime_t		 alerted;
	char			*held;		/* not yet written */
	size_t			 heldoff;
	size_t			 heldlen;
	size_t			 heldsize;
	uint32_t		 drop_app;	/* who lost lines */
	uint32_t		 drop_kind;
	uint64_t		 drop_lines;
	uint64_t		 drop_bytes;
};

#define FILE_ORIGIN	(UINT64_C(1) << 48)

void		 file_init(int);
void		 file_conf(uint32_t);
/* IMSG_LOG_FILE; the descriptor becomes the file's. */
void		 file_set(const struct log_file *, int);
struct logfile	*file_find(uint32_t);
/* A source begins and ends to write to it; the last one frees it. */
void		 file_attach(struct logfile *, struct source *);
void		 file_detach(struct logfile *, struct source *);
/* Append, and rotate when it is time.  1: hand in no more for now. */
int		 file_write(struct logfile *, struct source *, const char *,
		    size_t);
/* Open it unless it is. 0, or -1 with errno. */
int		 file_ready(struct logfile *);
/* Bare append without rotation: how many bytes; all, or errno says why. */
size_t		 file_append(struct logfile *, const char *, size_t);
uint64_t	 file_end(const struct logfile *);
int		 file_flush(struct logfile *);		/* 0 or errno */
int		 file_reopen(struct logfile *);		/* 0 or errno */
int		 file_flush_all(void);
int		 file_reopen_all(void);
/* Close what is over the bound of open files. */
void		 file_trim(void);
/* A descriptor of one's own to read name or (1) name.1; -1 with errno. */
int		 file_openread(struct logfile *, int);
/* Throw away. NULL or LOGF_NONE. */
int		 file_isnone(const struct logfile *);

/* ---- full.c: files that cannot be written ---- */
void		 full_init(struct event_base *);
void		 full_conf(uint64_t);
/* A write failed with this errno, these bytes are left. 1: wait. */
int		 full_begin(struct logfile *, struct source *, int,
		    const char *, size_t);
/* More bytes for a file that is not FILE_OK. 1: wait. */
int		 full_write(struct logfile *, struct source *, const char *,
		    size_t);
/* Something changed: try now. */
void		 full_retry(struct logfile *);
/* The last attempt, at exit. */
void		 full_finish(void);
void		 full_forget(struct logfile *);
size_t		 full_held(void);
/* Lines and bytes that are not written and never will be. */
void		 full_lost(struct source *, const char *, size_t);

/* ---- source.c: one stream name (app, kind) and its generations ---- */

struct source {
	RB_ENTRY(source)	 entry;
	TAILQ_ENTRY(source)	 infile;
	TAILQ_HEAD(, stream)	 streams;	/* oldest generation first */
	LIST_HEAD(, sub)	 subs;		/* followers */
	const struct stream	*last;		/* that wrote, while it is open */
	struct logfile		*file;		/* NULL: throw away */
	char			*name;
	char			*datefmt;
	uint32_t		 app;
	uint32_t		 kind;
	uint32_t		 flags;		/* LOGS_* */
	uint32_t		 generation;	/* the newest */
	uint64_t		 run;		/* file position at its begin */
	uint64_t		 before;	/* and of the run before it */
	uint64_t		 bytes;
	uint64_t		 lost_bytes;
	uint64_t		 lost_lines;
	int			 skip;		/* begin of line dropped */
};

struct source	*source_find(uint32_t, uint32_t);
struct source	*source_first(void);
struct source	*source_next(struct source *);
/* Find or make it as the message says; NULL with errno. */
struct source	*source_get(const struct log_stream *);
void		 source_free(struct source *);
/* To its file and its followers. 1: hand in no more for now. */
int		 source_output(struct source *, const char *, size_t);

/* ---- stream.c: pipes ---- */

void		 stream_init(struct event_base *);
/* A pipe of the source; owns the descriptor. 0 or errno. */
int		 stream_new(struct source *, uint32_t, int);
/*
 * Read what is in those up to this generation now; afterwards the line of
 * this one (UINT32_MAX: of each) is over.
 */
void		 stream_drain_source(struct source *, uint32_t);
/* Only read. */
void		 stream_drain_older(struct source *, uint32_t);
void		 stream_close_source(struct source *);
void		 stream_drain_all(void);
void		 stream_pause(struct source *);
void		 stream_resume(struct source *);
size_t		 stream_count(void);		/* open ones, all */
size_t		 stream_nopen(const struct source *);
int		 stream_exists(struct source *, uint32_t);
/* What is put around each line of this source now. */
struct format;
void		 stream_format(struct source *, struct format *);

/* ---- pipe-linux.c ---- */

#define PIPE_ROOM	65536		/* where nothing else is known */
/* How many bytes a pipe holds before its writer has to wait. */
size_t		 pipe_room(int);

/* ---- follow.c, history.c: followers ---- */

/* The last lines of a log, read a slice at a time; 0: name.1, 1: name. */
struct history {
	uint64_t	 want;		/* lines */
	uint64_t	 lines;		/* found */
	off_t		 start[2];
	off_t		 pos[2];
	off_t		 end[2];
	int		 fd[2];
	int		 seg;
	int		 follows;	/* the last line may go on */
	int		 open;		/* there was one */
};

#define HISTORY_MORE	0	/* call again */
#define HISTORY_DONE	1
#define HISTORY_FULL	2	/* the taker wants no more for now */

/* Takes a line or a piece of one, FOLLOW_*.  -1: not now, not taken. */
typedef int	(history_taker)(void *, const char *, size_t, uint32_t);

/*
 * At most so many lines that lie between two positions of the file.
 * 0, or -1: there is nothing.
 */
int		 history_begin(struct history *, struct logfile *, uint64_t,
		    uint64_t, uint64_t);
/* Count backwards for a while: MORE or DONE; then lines is known. */
int		 history_scan(struct history *);
/* Hand on lines for a while. */
int		 history_send(struct history *, history_taker *, void *);
void		 history_end(struct history *);

void		 follow_init(struct event_base *);
/* IMSG_LOG_FOLLOW: its ids; the client's socket becomes the follower's. */
void		 follow_new(const struct log_follow *, const uint32_t *, int);
void		 follow_output(struct source *, const char *, size_t);
/* The line is over, newline or not. */
void		 follow_endline(struct source *);
void		 follow_source(struct source *);	/* there is a new one */
void		 follow_forget(struct source *);
/* Its number may become another user's: nobody has asked for that one. */
void		 follow_appgone(uint32_t);
size_t		 follow_count(void);

/* ---- pidfile.c ---- */
void		 pidfile_init(int);
void		 pidfile_set(const struct log_pidfile *, int);
void		 pidfile_forget(uint32_t);

#endif /* PM2LOGD_H */

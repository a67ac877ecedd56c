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
 * Between the files of listen: listen.c has the table and what workers ask,
 * listen-unix.c the paths, listen-group.c the sockets of balance kernel,
 * listen-life.c how long a listener stays, listen-open.c --listen.
 */
#ifndef PM2D_LISTEN_LOCAL_H
#define PM2D_LISTEN_LOCAL_H

#include "engine.h"
#include "helper.h"
#include "listen.h"
#include "listen-bind.h"
#include "listen-policy.h"

#define CLAIM_LINGER_MS		1000	/* close() and listen() once more */
#define CLAIM_SWEEP_MS		2000	/* after a new run's first listening */
#define GROUP_LOOK_MS		50
#define GROUP_GRACE_MS		150	/* half open at the switch */
#define REFUSALS_PER_RUN	4

enum listen_balance {
	BALANCE_RR,		/* the engine accepts; sticky too */
	BALANCE_SHARED,		/* one socket for all */
	BALANCE_KERNEL,		/* one for each run */
	BALANCE_PASSED		/* --listen: shared, from the start */
};

enum listen_state {
	LISTENER_WAITING,	/* until its path is free of another one */
	LISTENER_BINDING,	/* a helper is at work */
	LISTENER_BOUND,
	LISTENER_LEFT,		/* a helper works for it, nobody wants it */
	LISTENER_REMOVING	/* a helper removes its path */
};

/* What makes two the same. */
struct listenident {
	uid_t		 owner;
	uid_t		 uid;		/* root's run as many */
	uint32_t	 type;
	uint32_t	 flags;		/* LISTEN_ANY, LISTEN_ABSTRACT */
	uint32_t	 port;
	uint32_t	 first;		/* port 0: of those together, else 0 */
	uint32_t	 index;		/* port 0, else 0 */
	char		 address[LISTEN_ADDR_MAX];
};

struct listenuse {
	TAILQ_ENTRY(listenuse) lentry;	/* in listener->uses */
	TAILQ_ENTRY(listenuse) rentry;	/* in run->uses */
	struct listener	*l;
	struct run	*run;
	struct member	*member;	/* kernel: its own socket */
	uint64_t	 seq;		/* of the query */
	int		 answered;	/* it was given the socket... */
	int		 serving;	/* ...and listens */
	int		 retired;	/* no more connections */
};

/* One socket of a kernel group; its index is the kernel's number for it. */
struct member {
	struct listener	*l;
	struct listenuse *use;		/* NULL: nobody has it any more */
	int		 fd;
	uint32_t	 number;	/* the engine empties it; 0: it does not */
	monotime_t	 since;		/* ...and it gets no new ones */
	unsigned int	 empty;		/* so many looks in a row */
};

/* An app that wants the listener to be there, whoever serves it. */
struct claim {
	TAILQ_ENTRY(claim) entry;	/* in listener->claims */
	TAILQ_ENTRY(claim) aentry;	/* in app->claims */
	struct listener	*l;
	struct app	*app;
	uint32_t	 generation;	/* for which the timer was set */
	int		 passed;	/* by --listen: until it is at rest */
	struct event	 timer;
};

struct listener {
	TAILQ_ENTRY(listener) entry;
	struct listens	*ls;
	uint32_t	 key;
	uint32_t	 creator;	/* the app's id: its limit */
	struct listenident ident;
	enum listen_balance balance;
	enum listen_state state;
	uint32_t	 flags;		/* as first asked for */
	uint32_t	 backlog;
	struct listenaddr addr;		/* not of unix */
	int		 fd;		/* or -1: kernel */
	struct member	**members;
	uint32_t	 nmembers;
	uint32_t	 nlive;		/* of them: get connections */
	TAILQ_HEAD(, listenuse) uses;
	TAILQ_HEAD(, claim) claims;
	struct appids	*ids;		/* unix: made as */
	struct job_bound file;		/* unix: what was made */
	int		 made;		/* unix: there is such a file */
	struct helper	*helper;
	int		 held;		/* it is spoken of: do not free it */
	char		*data;		/* the first worker's, for all */
	uint32_t	 datalen;
	struct engine_ref told;		/* who cannot share it, and was told */
};

/* Of a worker's answer that may not have reached it: to say it again. */
struct refusal {
	TAILQ_ENTRY(refusal) entry;	/* in run->refusals */
	struct engine_bound bound;
};

/* The sockets of an app's --listen. */
struct listenopen {
	TAILQ_ENTRY(listenopen) entry;
	struct app	*app;
	struct appspec	*spec;		/* its entries */
	struct run	*run;		/* which waits; or NULL */
	listen_done	*done;
	uint32_t	 n;		/* taken so far */
	int		 ready;		/* fds are there */
	struct listener	*listeners[LISTENSPEC_MAX];
	int		 fds[LISTENSPEC_MAX];
};

struct listens {
	struct pm2d	*env;
	TAILQ_HEAD(, listener) list;
	TAILQ_HEAD(, listenopen) opens;
	uint32_t	 next;		/* keys and numbers, never used again */
	uint32_t	 lowport;
	struct event	 look;		/* while sockets are being emptied */
};

/* listen.c */
struct listener	*listener_find(struct listens *, const struct listenident *);
/* Bound, or being bound.  NULL with errno; nobody claims it yet. */
struct listener	*listener_new(struct listens *, const struct app *,
		    const struct listenident *, enum listen_balance,
		    const struct engine_listen *);
void		 listener_free(struct listener *);
/* A descriptor more or less.  0 or an errno. */
int		 listen_takefd(struct listens *);
void		 listen_givefd(struct listens *);
/* Its sockets, to the engine. */
void		 listen_tell(struct listens *, uint32_t, uint32_t, int);
void		 listen_untell(struct listens *, uint32_t);
/* The helper is done: tell those who wait.  With an error l is gone. */
void		 listener_bound(struct listener *, int);
int		 listen_ident(struct listenident *, const struct app *,
		    const struct engine_listen *, struct listenaddr *);
uint32_t	 listen_created(const struct app *);
struct listen_rights listen_rights(const struct app *);
void		 use_free(struct listenuse *);
struct listenuse *use_find(const struct listener *, const struct run *);

/* listen-unix.c.  0 or an errno */
int		 unix_bind(struct listener *);
/* Nobody wants it: 1 if that takes time and l is to stay until then. */
int		 unix_unbind(struct listener *);
void		 unix_exit(struct listens *);

/* listen-group.c */
int		 group_join(struct listener *, struct listenuse *);
/* The use ends: its socket's queue is for the others. */
void		 group_leave(struct listenuse *);
/* Who is to get connections has changed. */
void		 group_steer(struct listener *);
/* Empty what it has, it is to get no more. */
void		 group_rescue(struct member *);
void		 group_close(struct listener *);
void		 group_feed(const struct listener *);
void		 group_look(int, short, void *);

/* listen-life.c */
struct claim	*claim_find(const struct listener *, const struct app *);
void		 claim_free(struct claim *);
/* 0 or an errno */
int		 claim_make(struct listener *, struct app *, int);
/* May free the listener. */
void		 claim_drop(struct claim *);
/* Drop it when it is still unused after so many ms. */
void		 claim_arm(struct claim *, const struct run *, unsigned int);

/* listen-open.c */
void		 open_bound(struct listener *, int);
void		 open_release(struct listens *, const struct app *);

/* listen-text.c: "tcp *:8000" */
void		 listener_text(const struct listener *, char *, size_t);

#endif /* PM2D_LISTEN_LOCAL_H */

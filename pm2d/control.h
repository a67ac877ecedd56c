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
 * Connections of clients, and the requests they may make.
 */
#ifndef PM2D_CONTROL_H
#define PM2D_CONTROL_H

#include "parent.h"
#include "perm.h"

struct ctl_conn;

/* The system's: the user that an app is to be of. */
struct spec_whose {
	int		 asked;
	struct helper	*helper;
	int		 error;
	struct appids	*ids;		/* NULL: error says why */
};

/* A spec on its way, in parts. */
struct spec_transfer {
	unsigned char	*data;
	size_t		 have;
	size_t		 want;
	uint32_t	 peerid;
	void		(*done)(struct ctl_conn *);	/* it is whole */
	int		 updating;	/* UPDATE's, else START's */
	struct spec_whose whose;
	struct ctl_start start;		/* it belongs to one of these */
	struct ctl_update update;
};

struct audit;
struct listing;

struct ctl_conn {
	TAILQ_ENTRY(ctl_conn) entry;
	struct control	*control;
	struct pm2d	*env;
	struct imsgev	*iev;
	uint64_t	 id;		/* never reused */
	uid_t		 uid;		/* from the kernel */
	pid_t		 pid;		/* ...for the log only */
	struct perm_subject subject;
	struct peer	*peer;		/* his groups; NULL: nobody asks */
	int		 waiting;	/* ...for them; hello is to be answered */
	uint32_t	 hello_peerid;
	uint32_t	 hello_protocol;
	TAILQ_HEAD(, audit) audits;
	uint32_t	 naudits;
	int		 greeted;
	int		 subscribed;
	uint32_t	 subscribed_peerid;
	int		 killer;	/* asked for the daemon's end */
	uint32_t	 killer_peerid;
	uint32_t	 unanswered;	/* outcomes on their way to it */
	struct event	 timer;
	struct spec_transfer spec;
	struct listing	*listing;
	TAILQ_HEAD(, request) requests;
};

struct control {
	struct pm2d	*env;
	int		 fd;
	struct event	 ev;
	struct event	 pause;
	uint64_t	 last_id;
	uint32_t	 nconns;
	uint32_t	 nsubscribed;
	int		 full;		/* nobody is accepted: it was said */
	TAILQ_HEAD(, ctl_conn) conns;
	TAILQ_HEAD(, ctl_conn) dead;
	struct event	 bury;
};

struct ctl_conn	*control_conn(struct pm2d *, uint64_t);
void	 control_drop(struct ctl_conn *, const char *);
int	 control_fail(struct ctl_conn *, uint32_t, enum ctl_code, int,
	    const char *);
/* The app, if this client may know of it; else it is told, and NULL. */
struct app *control_app(struct ctl_conn *, uint32_t, uint32_t, enum perm_op);

/* control_app.c: requests about one app */
void	 control_stop(struct ctl_conn *, struct imsg *);
void	 control_restart(struct ctl_conn *, struct imsg *);
void	 control_delete(struct ctl_conn *, struct imsg *);
void	 control_reset(struct ctl_conn *, struct imsg *);
void	 control_signal(struct ctl_conn *, struct imsg *);

/*
 * control_spec.c: specs that clients send.  -1: the client is answered, or
 * has lost its connection.
 */
int	 control_spec_begin(struct ctl_conn *, struct imsg *, uint32_t,
	    void (*)(struct ctl_conn *));
void	 control_spec_end(struct ctl_conn *);
/* All of it is there, and what has to be known of its user. */
void	 control_spec_whole(struct ctl_conn *);
void	 control_specpart(struct ctl_conn *, struct imsg *);
/*
 * May this client have something run as the spec says?  With the one that
 * the app has until now, or NULL.
 */
int	 control_spec_user(struct ctl_conn *, const struct spec *,
	    const struct spec *);
/* Would an app of this owner depend on itself in the end? */
int	 control_spec_circle(struct ctl_conn *, uid_t, const struct spec *);
/* Is there room for so many descriptors more, for so many apps? */
int	 control_spec_room(struct ctl_conn *, uint32_t, uint64_t, uint64_t);
/* Answer at once that a request failed, about this app. */
void	 control_refuse(struct ctl_conn *, uint32_t, enum ctl_code, int,
	    uint32_t, const char *);

/*
 * control_whose.c: of whom it is.  1: that is being looked up, and
 * control_spec_whole() is called; 0: it is known, or need not be.
 */
int	 control_whose(struct ctl_conn *);
void	 control_whose_end(struct ctl_conn *);
/* The owner of what is started. */
uid_t	 control_whose_owner(const struct ctl_conn *);
/* Do the rules permit it?  -1: the client is answered.  Here and below. */
int	 control_whose_may(struct ctl_conn *, const struct spec *);
/* Do the limits of this user allow so many more? */
int	 control_whose_room(struct ctl_conn *, uint32_t, uid_t, uint64_t);
/* There is a directory for his logs. */
int	 control_whose_logs(struct ctl_conn *);
/*
 * The spec, without the caller's environment where it is not for him (with
 * that of the second, an app's, if there is one).  NULL with the reason; the
 * spec that was given is gone then.
 */
struct appspec *control_whose_spec(struct ctl_conn *, struct appspec *,
	    const struct appspec *, char *, size_t);

/* control_start.c: new apps */
void	 control_start(struct ctl_conn *, struct imsg *);
void	 control_scale(struct ctl_conn *, struct imsg *);

/* control_update.c: other specs for apps that are known */
void	 control_update(struct ctl_conn *, struct imsg *);

/* control_reload.c: jobs of several apps */
void	 control_reload(struct ctl_conn *, struct imsg *);
void	 control_reload_exit(struct pm2d *);

/* control_say.c: messages to apps and from them */
void	 control_say(struct ctl_conn *, struct imsg *);

/* control_list.c: what there is, with back-pressure */
void	 control_list(struct ctl_conn *, struct imsg *);
void	 control_list_more(struct ctl_conn *);
void	 control_list_end(struct ctl_conn *);

/* control_log.c: what pm2logd answers */
void	 control_flush(struct ctl_conn *, struct imsg *);
void	 control_reopen(struct ctl_conn *, struct imsg *);
void	 control_logs(struct ctl_conn *, struct imsg *);

/* control_misc.c */
void	 control_subscribe(struct ctl_conn *, struct imsg *);
void	 control_ping(struct ctl_conn *, struct imsg *);
void	 control_kill(struct ctl_conn *, struct imsg *);
void	 control_doctor(struct ctl_conn *, struct imsg *);
void	 control_farewell(struct control *);

#endif /* PM2D_CONTROL_H */

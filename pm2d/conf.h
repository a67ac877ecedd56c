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
 * pm2d.conf(5) as the parent has it: records that an unprivileged process
 * (pm2d-conf) has read, checked and sent; checked again for form.  Users and
 * groups are numbers here: looking names up is that process's work, too.
 */
#ifndef PM2D_CONF_H
#define PM2D_CONF_H

#include <sys/types.h>

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "perm.h"

#define CONF_MAXRULES	4096
#define CONF_MAXLIMITS	1024
#define CONF_MAXBOOT	256
#define CONF_MAXFILES	256	/* the file itself, and what it includes */
#define CONF_MAXDEPTH	16		/* of includes in includes */
#define CONF_MAXBYTES	(1024 * 1024)	/* of a file */
#define CONF_MAXTEXT	1024		/* of IMSG_CONF_ERROR */

enum conf_who {
	WHO_ALL,
	WHO_USER,		/* who is a uid */
	WHO_GROUP		/* who is a gid: real members of the group */
};

enum conf_target {
	TARGET_SELF,		/* apps that run as the caller */
	TARGET_ANY,		/* ...as anybody but root; deny: as anybody */
	TARGET_USER		/* ...as this one */
};

/* Last match wins, no match is denied.  Root is asked for nothing. */
struct conf_rule {
	uint32_t	 permit;	/* 1, or 0: deny */
	uint32_t	 whokind;	/* enum conf_who */
	uint32_t	 who;
	uint32_t	 targetkind;	/* enum conf_target */
	uint32_t	 target;
	uint32_t	 line;		/* in the file, for -v and audit */
	uint64_t	 verbs;		/* 1 << enum perm_op */
	uint32_t	 port;		/* not 0: a rule of these ports... */
	uint32_t	 port_last;	/* ...below 1024, for apps of target */
	uint32_t	 file;		/* that line is in conf.files[file] */
	uint32_t	 reserved;
	char		 cmd[PATH_MAX];	/* "": any; START: this program only */
};

#define LIMIT_APPS	0x01	/* conf_limit.set: which of them are given */
#define LIMIT_CONNS	0x02
#define LIMIT_MEMORY	0x04
#define LIMIT_LOG	0x08

/*
 * What a user (or each member of a group, or everybody) may have at most.
 * For each of the four, the last that matches and gives it wins.
 */
struct conf_limit {
	uint32_t	 whokind;
	uint32_t	 who;
	uint32_t	 apps;		/* UINT32_MAX: as pm2d's own */
	uint32_t	 connections;
	uint64_t	 memory;	/* UINT64_MAX: none; of all his apps */
	uint64_t	 log;		/* rotated logs, bytes; as memory */
	uint32_t	 set;		/* LIMIT_* */
	uint32_t	 reserved;
};

struct conf_begin {
	uint32_t	 socket_mode;	/* 0666 */
	uint32_t	 socket_gid;	/* UINT32_MAX: root's */
	char		 socket[108];	/* control socket */
	char		 statedir[PATH_MAX];
	char		 logdir[PATH_MAX];
	char		 webaddr[64];	/* "" : no web */
	uint32_t	 webport;
	uint32_t	 reserved;
	uint64_t	 logbudget;	/* of all; 0: the default */
};

/* `pm2ctl resurrect` is run as this one when pm2d starts. */
struct conf_boot {
	uint32_t	 uid;
	uint32_t	 reserved;
	char		 name[256];
};

/*
 * The reader asks for a file, by its absolute path, and gets it with this
 * path, or without a descriptor and with the reason instead.  The first one
 * comes unasked.  In the parent, it is conf.files[how many came before].
 */
struct conf_include {
	char		 path[PATH_MAX];
};

#define CONF_TEXT_ERROR	0	/* IMSG_CONF_ERROR's peerid: a mistake */
#define CONF_TEXT_WARN	1	/* ...or something worth knowing */

struct conf {
	struct conf_begin begin;
	struct conf_rule *rules;
	size_t		 nrules;
	struct conf_limit *limits;
	size_t		 nlimits;
	struct conf_boot *boot;
	size_t		 nboot;
	char		**files;	/* absolute; [0] is the main one */
	size_t		 nfiles;
};

/* conf-words.c: has this a meaning of its own, where it is not in quotes? */
int	 conf_reserved(const char *);
/* An absolute path in its shortest form? NULL, or why not. */
const char *conf_badpath(const char *);

/* conf-data.c: NULL is fine */
void	 conf_free(struct conf *);
/* "/etc/pm2d.conf:12": where the rule is. */
void	 conf_where(const struct conf *, const struct conf_rule *, char *,
	    size_t);

/*
 * conf.c, the parent's side.  The file is read by an unprivileged process of
 * its own; the function is called later, once, from the event loop: with all
 * of it (the callee's from then on), or with NULL when anything at all was
 * wrong; all mistakes have been logged then, as file:line: what.  0, or -1
 * with errno and a logged reason: it is not called.  Asked again meanwhile,
 * the file is read once more from the beginning, and the function of the last
 * call alone is called.
 */
struct pm2d;
typedef void	 (conf_done)(void *, struct conf *);
int	 conf_load(struct pm2d *, const char *, conf_done *, void *);
/* Forget what is under way. */
void	 conf_cancel(void);
/* Is this the reader? */
int	 conf_ispid(pid_t);
/*
 * The same before there is an event loop: waits.  NULL: refused, all mistakes
 * are logged.
 */
struct conf	*conf_read(const char *);
/* ...and each (CONF_TEXT_ERROR or _WARN) is given to the function instead. */
typedef void (conf_say)(uint32_t, const char *);
struct conf	*conf_readsay(const char *, conf_say *);

/* conf-check.c, pm2d -n: the file, and whether -C asks what is in argv. */
int	 conf_check(const char *, int, int, char *[]);

/*
 * rules.c, pure.  peer has groups (real membership); object is the user that
 * the app runs as; program is what a START would execute (NULL else).  1
 * permitted, 0 not; rule (may be NULL) is the line that decided, 0: none.
 */
struct rule_subject {
	uid_t		 uid;
	const gid_t	*groups;
	int		 ngroups;
};
int	 rules_check(const struct conf *, const struct rule_subject *,
	    enum perm_op, uid_t object, const char *program,
	    uint32_t *rule);
/* The same, and the rule itself: NULL when none decided. */
int	 rules_decide(const struct conf *, const struct rule_subject *,
	    enum perm_op, uid_t object, const char *program,
	    const struct conf_rule **);
/* May apps of this user have this port (1..1023)? */
int	 rules_port(const struct conf *, uid_t object, uint32_t port);
/* Is there any rule that may permit him something?  Else he is not let in. */
int	 rules_known(const struct conf *, const struct rule_subject *);
void	 rules_limit(const struct conf *, const struct rule_subject *,
	    struct conf_limit *);

/* conf-print.c: the rules in the file's own words (pm2d -nv), one a line. */
int	 conf_print(const struct conf *, char **, size_t *);
/* ...with names from elsewhere: NULL, there is none. */
struct conf_names {
	const char *(*user)(uint32_t);
	const char *(*group)(uint32_t);
};
int	 conf_printnames(const struct conf *, const struct conf_names *,
	    char **, size_t *);

#endif /* PM2D_CONF_H */

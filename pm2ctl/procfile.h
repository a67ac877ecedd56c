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
 * Process files: what people declare about their apps, in JSON (comments and
 * trailing commas are welcome), YAML or JavaScript (which their own node
 * evaluates).  Everything is read and checked before anything is done; what
 * is wrong is a list of problems, each with its place and its key.
 */
#ifndef PM2CTL_PROCFILE_H
#define PM2CTL_PROCFILE_H

#include <stddef.h>
#include <stdint.h>

#include "pm2ctl.h"

/* A place in a file, from 1; 0: not known (JavaScript). */
struct pf_mark {
	unsigned int	 line;
	unsigned int	 column;
};

/* ---- procfile-tree.c, -json.c, -yaml.c, -js.c: any file as a tree ---- */

enum pf_type {
	PF_NULL,
	PF_BOOL,
	PF_NUMBER,
	PF_STRING,
	PF_ARRAY,
	PF_OBJECT
};

struct pf_node {
	enum pf_type	 type;
	struct pf_mark	 mark;
	struct pf_mark	 keymark;	/* of its key, in an object */
	char		*key;		/* NULL in an array */
	char		*text;		/* STRING; NUMBER as it was written */
	double		 number;
	int		 truth;		/* BOOL; text: "yes", as in the file */
	int		 stale;		/* a later one has the same key */
	struct pf_node	*child;		/* ARRAY, OBJECT: the first */
	struct pf_node	*next;		/* its sibling */
};

#define PF_DEPTH_MAX	64
#define PF_BYTES_MAX	(16 * 1024 * 1024)
#define PF_NODES_MAX	500000
#define PF_APPS_MAX	16384

void		 pf_free(struct pf_node *);
/* Of several of that key the last, as everywhere in JSON. */
const struct pf_node *pf_get(const struct pf_node *, const char *);
/* The text of a string, number or truth value; NULL of other nodes. */
const char	*pf_scalar(const struct pf_node *);
/* "a string": for sentences on what was found. */
const char	*pf_typename(const struct pf_node *);
/* The node as JSON, in one line. */
struct outbuf;
void		 pf_print(struct outbuf *, const struct pf_node *);

/* For those who make trees; what is too much is refused. */
struct pf_budget {
	size_t		 nodes;
	size_t		 bytes;
};
/* NULL: errno, E2BIG past PF_NODES_MAX. */
struct pf_node	*pf_new(struct pf_budget *, enum pf_type, struct pf_mark);
/* A copy of all of it, as an alias is one; E2BIG when that is too much. */
struct pf_node	*pf_copy(struct pf_budget *, const struct pf_node *);
/* An object is complete: mark what is stale. 0, or -1 with errno. */
int		 pf_complete(struct pf_node *);
/* The bytes are UTF-8 without NUL: NULL, or what is wrong there. */
const char	*pf_badtext(const char *, size_t, struct pf_mark *);

/*
 * Parse.  NULL with the place of the mistake and what was expected there.
 * Bytes need no NUL behind them.
 */
struct pf_node	*pf_json(const char *, size_t, struct pf_mark *, char *,
		    size_t);
struct pf_node	*pf_yaml(const char *, size_t, struct pf_mark *, char *,
		    size_t);
/* A file for node, by its path: runs the caller's node, as the caller. */
struct pf_node	*pf_javascript(const char *, char *, size_t);

/* "['--toto=heya coco', '-d', '1']": JavaScript's literal, never evaluated. */
#define PF_ARGS_LITERAL	1	/* it was one; argv is set */
#define PF_ARGS_OTHER	0	/* does not begin with '[' */
int		 pf_args_literal(const char *, char ***, char *, size_t);

/* ---- procfile.c: what was declared ---- */

struct pf_problem {
	int		 error;		/* 0: a warning */
	struct pf_mark	 mark;
	char		*key;		/* "apps[1].instances"; or NULL */
	char		*text;		/* what is wrong, what was expected */
};

struct strlist {
	char		**v;		/* NULL at the end */
	size_t		  n;
};

/* 0, or -1 with errno. */
int	 strlist_add(struct strlist *, const char *);
void	 strlist_free(struct strlist *);

/*
 * One app.  What has an option is in opt, as if it had been typed; the rest
 * is beside it.  script and paths are as they stand in the file: relative to
 * where pm2ctl was called, as in pm2 (cwd, if there is one, for the script).
 */
struct declared {
	struct options	 opt;
	char		*script;
	struct strlist	 args;
	struct strlist	 env;		/* "NAME=value", env and env_NAME */
	struct strlist	 env_files;
	struct strlist	 secrets;	/* "NAME=value" */
	struct strlist	 secret_files;	/* "NAME=path" */
	struct strlist	 filter_env;
	struct strlist	 watch;
	struct strlist	 ignore_watch;
	struct strlist	 depends;	/* "name", "name:ready" */
	struct strlist	 listen;
	struct pf_mark	 mark;
	char		*name;		/* as it will be called */
	char		*source;	/* absolute; NULL: standard input */
	const char	*source_env;	/* --env, or NULL */
	struct strlist	 own;		/* texts that opt points to */
};

struct procfile {
	char		*path;		/* as typed; "-" */
	struct pf_node	*tree;
	struct declared	*apps;
	size_t		 napps;
	struct pf_problem *problems;
	size_t		 nproblems;
	size_t		 nerrors;
	size_t		 nmissing;	/* names of --only that it has not */
};

/*
 * Read path ("-": standard input) and check all of it, down to the spec of
 * every app (scripts must exist, names differ, dependencies are known and not
 * in circles).  env: which env_NAME is laid over env.  only: "a,b", these
 * apps alone; NULL: all.  0, or -1 with nerrors > 0: nothing of it may be
 * started.  Problems are there in both cases; procfile_say() prints them.
 */
int	 procfile_read(struct procfile *, const struct ctl *, const char *path,
	    const char *env, const char *only);
/* The same with what was read elsewhere, which becomes the file's. */
int	 procfile_take(struct procfile *, const struct ctl *,
	    const char *path, struct pf_node *);
void	 procfile_free(struct procfile *);
/* "PM2 [ERROR] file:line:column: key: text", and warnings alike. */
void	 procfile_say(const struct procfile *);
/* The first ecosystem file of the caller's directory. 0, or -1. */
int	 procfile_find(char *, size_t);

/*
 * What is run, and how.  0, RESOLVE_NOTFOUND (with the path in the target's
 * script), or -1 and a sentence.  The target's pointers are into declared.
 */
struct target;
struct mode;
int	 declared_target(struct target *, struct mode *,
	    const struct declared *, const struct ctl *, char *, size_t);

/* appspec.c: the spec of one declared app. 0, or -1 and a sentence. */
int	 spec_declared(struct spec_buf *, const struct declared *,
	    const struct ctl *, char *, size_t);

/* ---- procfile-keys.c: the table ---- */

/* An app being read. */
struct pf_app {
	struct procfile		*pf;
	struct declared		*d;
	const struct pf_node	*node;
	const struct pf_node	**seen;	/* by key, where it was given */
	const char		*within; /* key whose list this is in */
	const char		*env;	/* --env, or NULL */
	int			 env_seen;
	const char		*log_file;
	const char		*prefix; /* of its name */
	int			 append_env;
	int			 cluster; /* was asked for */
	int			 full;	/* no more variables (said) */
	int			 error;	/* something was wrong */
	char			 path[32]; /* "apps[1]."; "" */
};

/* Keys, for the manual and validate: NULL at the end. */
struct pf_key {
	const char	*name;
	const char	*aliases;	/* "out out_log", or NULL */
	const char	*type;		/* "string", "duration", "size"... */
	const char	*unit;
	const char	*help;
	/* how it is read */
	void		 (*handler)(struct pf_app *, const struct pf_key *,
			    const struct pf_node *);
	size_t		 offset;	/* in struct options or declared */
	enum opt_type	 number;
	uint64_t	 min;
	uint64_t	 max;
	const char	*words;		/* all that it can be; or NULL */
};
extern const struct pf_key *const pf_keys;
size_t	 pf_nkeys(void);
/* By name or alias; the nearest one to a word, NULL: none is near. */
const struct pf_key *pf_key_find(const char *);
const char *pf_key_near(const char *);

/* All keys of an app, which goes into app->d. */
void	 pf_app_read(struct pf_app *);

/* procfile.c: a problem of the app's key, or (NULL) of the app. */
void	 pf_complain(struct pf_app *, const struct pf_node *, const char *, ...)
	    __attribute__((format(printf, 3, 4)));
void	 pf_warn(struct pf_app *, const struct pf_node *, const char *, ...)
	    __attribute__((format(printf, 3, 4)));
/* So many have been said that no more will be. */
int	 pf_said_enough(const struct procfile *);
void	 pf_problem(struct procfile *, int error, struct pf_mark,
	    const char *key, const char *, ...)
	    __attribute__((format(printf, 5, 6)));
/* Ends the program when there is no memory. */
const char *pf_own(struct pf_app *, const char *);
void	 pf_listadd(struct strlist *, const char *);

/* procfile-check.c: an app as it will be; and all of them together. */
void	 pf_check_app(struct pf_app *, const struct ctl *);
void	 pf_check_names(struct procfile *);
/* Keys that are there twice, in all of the tree. */
void	 pf_check_twice(struct procfile *, const struct pf_node *,
	    const char *path);
/* names: those of all apps of the file, with NULL at the end. */
void	 pf_check_depends(struct procfile *, const struct strlist *names);

#endif /* PM2CTL_PROCFILE_H */

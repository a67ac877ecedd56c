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
 * From what was typed to what is run: paths, interpreters, names.
 */
#ifndef PM2CTL_RESOLVE_H
#define PM2CTL_RESOLVE_H

#include <limits.h>
#include <stddef.h>

#include "pm2ctl.h"

/* The caller's directory, as he calls it ($PWD) if that is right. */
int	 caller_cwd(char *, size_t);

/*
 * Make a path absolute against the directory and take "." and doubled
 * slashes out of it; ".." goes when that leads to the same file.  Symbolic
 * links stay as typed.  0, or -1 with ENAMETOOLONG.
 */
int	 path_absolute(char *, size_t, const char *cwd, const char *path);

/* The first executable file of that name in a PATH: 0, or -1. */
int	 path_search(char *, size_t, const char *path, const char *name);

/* The part behind the last slash; the part from its last dot, or "". */
const char *path_base(const char *);
const char *path_ext(const char *);

/* Is this the name of a file with processes (JSON, ecosystem, "-")? */
int	 is_process_file(const char *);

/*
 * What runs a script, by its extension and first bytes: the words to try in
 * turn, ended by NULL.  "none": it runs itself.
 */
const char *const *script_interpreters(const char *path);
/* More words to try when an interpreter that was typed is not there. */
const char *interpreter_fallback(const char *);
/* Node itself, by any of its names ("node", "nodejs", "node22"). */
int	 is_node(const char *interpreter);

/* The name an app gets from its script. 0, or -1 with ENAMETOOLONG. */
int	 script_appname(char *, size_t, const char *script);

/*
 * How many instances: "3", "max", "0" (all cpus), "-1" (all but one).
 * 0, or -1.
 */
int	 parse_instances(const char *, unsigned int ncpu, uint64_t *);

/*
 * Split like a shell without expansions: blanks, quotes, backslashes.  A
 * NULL-terminated array, one free(3) for all; NULL when a quote is open.
 */
char	**words_split(const char *);

/* What one argument of start turned out to be. */
struct target {
	char		 script[PATH_MAX];
	char		 name[APP_NAME_MAX];
	const char	*interpreter;
	const char	*import;	/* what node has to --import, or NULL */
	const char	*typed;
	/* behind the above */
	char		 interpbuf[PATH_MAX];
	char		 program[PATH_MAX];
};

#define RESOLVE_NOTFOUND 1

/*
 * Resolve an argument of start: 0, RESOLVE_NOTFOUND with the absolute path in
 * script, or -1 with a sentence in the buffer.
 */
int	 target_resolve(struct target *, const char *, const struct options *,
	    char *, size_t);
/* The same, of one who stands in that directory. */
int	 target_resolve_at(struct target *, const char *, const char *cwd,
	    const struct options *, char *, size_t);

/*
 * mode.c: how a target is run.  Node scripts in cluster mode, with channel
 * and shared ports; all else in fork mode.
 */
struct mode {
	int		 cluster;
	int		 ipc;		/* fork mode, with Node's channel */
	int		 notify;	/* with NOTIFY_SOCKET */
	uint64_t	 instances;	/* 0: not asked for */
	char		 warning[768];	/* to be said; "": nothing */
};

/* 0, or -1 and a sentence: what was asked for is impossible. */
int	 mode_choose(struct mode *, const struct target *, const struct ctl *,
	    char *, size_t);

/* appspec.c: the spec of a target. 0, or -1 and a sentence. */
int	 spec_build(struct spec_buf *, const struct target *,
	    const struct ctl *, char *, size_t);

/*
 * shellenv.c: add the caller's environment as far as an app of that user
 * (NULL: the caller), with that directory, is given it: nothing to others,
 * and no name that has one of these prefixes.  0, or -1 with errno.
 */
int	 shellenv_add(struct spec_buf *, const char *user, const char *cwd,
	    const char *const *prefixes, size_t);
/* Has the name of "NAME=value" one of these prefixes? */
int	 shellenv_filtered(const char *, const char *const *, size_t);

/* generate.c: start -w. 0, or -1 (said). */
int	 write_config(const struct target *, const struct ctl *);

#endif /* PM2CTL_RESOLVE_H */

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
 * What an argument of start means, and what runs it.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resolve.h"
#include "units.h"

/* The PATH of apps that root runs as another user (pm2d/appenv.c). */
#define USER_PATH	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:" \
			"/sbin:/bin"

static const char *const run_node[] = { "node", "nodejs", NULL };
static const char *const run_bash[] = { "bash", NULL };
static const char *const run_python[] = { "python", "python3", NULL };
static const char *const run_ruby[] = { "ruby", NULL };
static const char *const run_php[] = { "php", NULL };
static const char *const run_perl[] = { "perl", NULL };
static const char *const run_coffee[] = { "coffee", NULL };
static const char *const run_ts[] = { "bun", "node", NULL };
static const char *const run_itself[] = { "none", NULL };

#define IMPORT_TSX	"tsx"

static const struct {
	const char		*ext;
	const char *const	*words;
} interpreters[] = {
	{ ".js",	run_node },
	{ ".cjs",	run_node },
	{ ".mjs",	run_node },
	{ ".sh",	run_bash },
	{ ".py",	run_python },
	{ ".rb",	run_ruby },
	{ ".php",	run_php },
	{ ".pl",	run_perl },
	{ ".coffee",	run_coffee },
	{ ".ts",	run_ts },
	{ ".tsx",	run_ts },
};

/* The first line of a file, or what fits; -1 when it cannot be read. */
static int
first_line(const char *path, char *line, size_t size)
{
	ssize_t	 n;
	int	 fd;

	/* A fifo of that name must not hold us. */
	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) == -1)
		return (-1);
	n = read(fd, line, size - 1);
	(void)close(fd);
	line[n > 0 ? n : 0] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	return (0);
}

/* A program, or a script that names its interpreter itself. */
static int
runs_itself(const char *path)
{
	char	 line[128];

	if (access(path, X_OK) == -1)
		return (0);
	if (first_line(path, line, sizeof(line)) == -1)
		return (1);	/* may be run but not read */
	return (strncmp(line, "\177ELF", 4) == 0 ||
	    strncmp(line, "#!", 2) == 0);
}

/*
 * "#!/usr/bin/env node", as Express has it in bin/www: a Node script like
 * any other.  With arguments, or another path, the first line knows better.
 */
static int
names_node(const char *path)
{
	char	 line[128], *s;

	if (first_line(path, line, sizeof(line)) == -1 ||
	    strncmp(line, "#!", 2) != 0)
		return (0);
	s = line + 2;
	s += strspn(s, " \t");
	if (strncmp(s, "/usr/bin/env", 12) != 0)
		return (0);
	s += 12;
	if (*s != ' ' && *s != '\t')
		return (0);
	s += strspn(s, " \t");
	return (strcmp(s, "node") == 0 || strcmp(s, "nodejs") == 0);
}

const char *const *
script_interpreters(const char *path)
{
	const char	*ext;
	size_t		 i;

	ext = path_ext(path);
	for (i = 0; i < sizeof(interpreters) / sizeof(interpreters[0]); i++)
		if (strcmp(ext, interpreters[i].ext) == 0)
			return (interpreters[i].words);
	if (names_node(path))
		return (run_node);
	return (runs_itself(path) ? run_itself : run_node);
}

const char *
interpreter_fallback(const char *word)
{
	if (strcmp(word, "python") == 0)
		return ("python3");
	if (strcmp(word, "node") == 0)
		return ("nodejs");
	return (NULL);
}

int
is_node(const char *interpreter)
{
	const char	*base;

	base = path_base(interpreter);
	if (strncmp(base, "node", 4) != 0)
		return (0);
	base += 4;
	return (strcmp(base, "js") == 0 ||
	    base[strspn(base, "0123456789.-")] == '\0');
}

int
is_process_file(const char *word)
{
	static const char *const ends[] = { ".json", ".json5", ".yml",
	    ".yaml", ".config.js", ".config.cjs", ".config.mjs" };
	const char	*base;
	size_t		 i, len, n;

	if (strcmp(word, "-") == 0)
		return (1);
	base = path_base(word);
	len = strlen(base);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		n = strlen(ends[i]);
		if (len > n && strcmp(base + len - n, ends[i]) == 0)
			return (1);
	}
	return (0);
}

int
script_appname(char *buf, size_t size, const char *script)
{
	const char	*base, *ext;
	size_t		 len;

	base = path_base(script);
	ext = path_ext(script);
	len = strlen(base);
	if (strcmp(ext, ".js") == 0 || strcmp(ext, ".cjs") == 0 ||
	    strcmp(ext, ".mjs") == 0)
		len -= strlen(ext);
	if (len >= size) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	memcpy(buf, base, len);
	buf[len] = '\0';
	return (0);
}

int
parse_instances(const char *word, unsigned int ncpu, uint64_t *n)
{
	const char	*errstr;
	long long	 v;

	if (strcmp(word, "max") == 0) {
		*n = ncpu;
		return (0);
	}
	if (units_number(word, -4096, APP_INSTANCES_MAX, &v, &errstr) == -1)
		return (-1);
	if (v <= 0)
		v = (long long)ncpu + v < 1 ? 1 : (long long)ncpu + v;
	*n = (uint64_t)v;
	return (0);
}

/* Is this something that can be run, as far as the caller can see? */
static int
have_interpreter(const char *word, const char *cwd, const char *where)
{
	char	 path[PATH_MAX];

	if (strchr(word, '/') != NULL)
		return (path_absolute(path, sizeof(path), cwd, word) == 0 &&
		    access(path, X_OK) == 0);
	return (path_search(path, sizeof(path), where, word) == 0);
}

/* An interpreter by path becomes absolute, one by name stays a name. */
static const char *
keep_interpreter(struct target *t, const char *word, const char *cwd)
{
	if (strchr(word, '/') == NULL)
		return (word);
	if (path_absolute(t->interpbuf, sizeof(t->interpbuf), cwd,
	    word) == -1)
		return (NULL);
	return (t->interpbuf);
}

/*
 * Which interpreter: the one that was asked for, else by the script.  With
 * another user only that user's PATH counts; what is not there may still be
 * something that only that user sees, and is tried.
 */
static int
choose_interpreter(struct target *t, const struct options *opt,
    const char *cwd, char *errbuf, size_t errsize)
{
	const char *const	*words;
	const char		*asked[3], *where, *word;
	size_t			 i;

	words = script_interpreters(t->script);
	if (opt->interpreter != NULL && !opt->execute_command &&
	    strcmp(path_base(opt->interpreter), "tsx") == 0) {
		/* Its program runs node once more; node can do without. */
		t->import = IMPORT_TSX;
		words = run_node;
	} else if (opt->interpreter != NULL) {
		asked[0] = opt->interpreter;
		asked[1] = interpreter_fallback(opt->interpreter);
		asked[2] = NULL;
		words = asked;
	}
	where = opt->user != NULL ? USER_PATH : getenv("PATH");
	word = NULL;
	for (i = 0; words[i] != NULL && word == NULL; i++)
		if (strcmp(words[i], "none") == 0 ||
		    have_interpreter(words[i], cwd, where))
			word = words[i];
	if (word == NULL && opt->user != NULL)
		word = words[0];
	if (word != NULL &&
	    (t->interpreter = keep_interpreter(t, word, cwd)) != NULL)
		return (0);
	(void)snprintf(errbuf, errsize, "interpreter not found : %s "
	    "(for %s)", words[0], t->script);
	return (-1);
}

static int
choose_name(struct target *t, const struct options *opt, char *errbuf,
    size_t errsize)
{
	const char	*why;

	if (opt->name != NULL) {
		if (strlcpy(t->name, opt->name, sizeof(t->name)) >=
		    sizeof(t->name)) {
			(void)snprintf(errbuf, errsize,
			    "name is too long: at most %d bytes",
			    APP_NAME_MAX - 1);
			return (-1);
		}
	} else if (script_appname(t->name, sizeof(t->name),
	    t->script) == -1) {
		(void)snprintf(errbuf, errsize, "%s: the name of the script "
		    "is too long for an app, give one with --name",
		    t->script);
		return (-1);
	}
	if ((why = spec_badname(t->name)) != NULL) {
		(void)snprintf(errbuf, errsize, "%s%s", why,
		    opt->name != NULL ? "" : ", give another with --name");
		return (-1);
	}
	return (0);
}

/* A script, or the directory, fifo... that it is not. */
static int
check_script(const struct target *t, const struct stat *sb, char *errbuf,
    size_t errsize)
{
	if (S_ISREG(sb->st_mode))
		return (0);
	(void)snprintf(errbuf, errsize, "%s is %s, not a script", t->script,
	    S_ISDIR(sb->st_mode) ? "a directory" : "not a file");
	return (-1);
}

/* What a file of that name is: 1 a script, 0 nothing, -1 something else. */
static int
look_at(const struct target *t, const struct options *opt, char *errbuf,
    size_t errsize)
{
	struct stat	 sb;

	if (stat(t->script, &sb) == 0)
		return (check_script(t, &sb, errbuf, errsize) == 0 ? 1 : -1);
	/* Another user may see what we do not. */
	return (errno == EACCES && opt->user != NULL);
}

int
target_resolve_at(struct target *t, const char *word, const char *cwd,
    const struct options *opt, char *errbuf, size_t errsize)
{
	int	 found;

	memset(t, 0, sizeof(*t));
	t->typed = word;
	if (path_absolute(t->script, sizeof(t->script), cwd, word) == -1) {
		(void)snprintf(errbuf, errsize, "%.64s...: %s", word,
		    strerror(errno));
		return (-1);
	}
	if ((found = look_at(t, opt, errbuf, errsize)) == 1) {
		if (choose_interpreter(t, opt, cwd, errbuf, errsize) == -1)
			return (-1);
		return (choose_name(t, opt, errbuf, errsize));
	}
	/* A directory "node" does not hide the program of that name. */
	if (path_search(t->program, sizeof(t->program), getenv("PATH"),
	    word) == -1)
		return (found == 0 ? RESOLVE_NOTFOUND : -1);
	(void)strlcpy(t->script, t->program, sizeof(t->script));
	t->interpreter = opt->interpreter != NULL ? opt->interpreter : "none";
	return (choose_name(t, opt, errbuf, errsize));
}

int
target_resolve(struct target *t, const char *word, const struct options *opt,
    char *errbuf, size_t errsize)
{
	char	 cwd[PATH_MAX];

	if (caller_cwd(cwd, sizeof(cwd)) == -1) {
		memset(t, 0, sizeof(*t));
		(void)snprintf(errbuf, errsize, "the current directory: %s",
		    strerror(errno));
		return (-1);
	}
	return (target_resolve_at(t, word, cwd, opt, errbuf, errsize));
}

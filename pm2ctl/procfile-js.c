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
 * Process files in JavaScript: the caller's own node evaluates them, with the
 * caller's rights, and says in JSON what came of it, on a pipe of its own.
 */
#include <sys/types.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "monotime.h"
#include "output.h"
#include "procfile.h"
#include "resolve.h"
#include "units.h"

#define DEADLINE_MS	30000
#define RESULT_FD	3
#define CHUNK		65536

extern char	**environ;

/*
 * require() first, as that is what most files are for; import() for modules.
 * What is exported may be a function, and may be a promise.
 */
static const char	loader[] =
    "(async () => {\n"
    "  const fs = require('fs'), url = require('url');\n"
    "  const file = process.argv[1];\n"
    "  const load = () => import(url.pathToFileURL(file).href);\n"
    "  let it;\n"
    "  if (file.endsWith('.mjs')) it = await load();\n"
    "  else try { it = require(file); } catch (e) {\n"
    "    if (!e || (e.code !== 'ERR_REQUIRE_ESM' &&\n"
    "        e.code !== 'ERR_REQUIRE_ASYNC_MODULE' &&\n"
    "        !(e instanceof SyntaxError))) throw e;\n"
    "    let second;\n"
    "    try { it = await load(); } catch (f) { second = f; }\n"
    "    if (second) throw e instanceof SyntaxError ? e : second;\n"
    "  }\n"
    "  if (it && it.default !== undefined && (it.__esModule ||\n"
    "      Object.prototype.toString.call(it) === '[object Module]'))\n"
    "    it = it.default;\n"
    "  if (typeof it === 'function') it = it();\n"
    "  it = await it;\n"
    "  const text = JSON.stringify(it);\n"
    "  if (text === undefined)\n"
    "    throw new Error('it exports nothing: module.exports = {...}');\n"
    "  const bytes = Buffer.from(text + '\\n');\n"
    "  for (let at = 0; at < bytes.length;)\n"
    "    at += fs.writeSync(3, bytes, at);\n"
    "  process.exit(0);\n"
    "})().catch((e) => {\n"
    "  console.error(e);\n"
    "  process.exit(1);\n"
    "});\n";

struct child {
	pid_t	 pid;
	int	 fd;
};

static int
find_node(char *path, size_t size)
{
	const char	*where;

	if ((where = getenv("PATH")) == NULL)
		return (-1);
	if (path_search(path, size, where, "node") == 0)
		return (0);
	return (path_search(path, size, where, "nodejs"));
}

/* In the child: its standard output is our standard error. */
static void
run_node(const char *node, const char *file, int fd, int null, pid_t parent)
{
	char	*argv[6], program[] = "node", eval[] = "-e", end[] = "--";

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	(void)signal(SIGPIPE, SIG_DFL);
	if (dup2(null, STDIN_FILENO) == -1 ||
	    dup2(STDERR_FILENO, STDOUT_FILENO) == -1)
		_exit(127);
	/* The pipe may be anywhere, even where it should go. */
	if (fd != RESULT_FD && dup2(fd, RESULT_FD) == -1)
		_exit(127);
	if (fd == RESULT_FD && fcntl(fd, F_SETFD, 0) == -1)
		_exit(127);
	/* Our caller may be a node that is at the other end of those. */
	(void)unsetenv("NODE_CHANNEL_FD");
	(void)unsetenv("NODE_UNIQUE_ID");
	(void)unsetenv("NODE_CHANNEL_SERIALIZATION_MODE");
	closefrom(RESULT_FD + 1);
	argv[0] = program;
	argv[1] = eval;
	if ((argv[2] = strdup(loader)) == NULL ||
	    (argv[4] = strdup(file)) == NULL)
		_exit(127);
	argv[3] = end;
	argv[5] = NULL;
	(void)execve(node, argv, environ);
	_exit(127);
}

static int
start_node(struct child *c, const char *node, const char *file)
{
	pid_t	 parent;
	int	 fds[2], null;

	if ((null = open("/dev/null", O_RDWR | O_CLOEXEC)) == -1)
		return (-1);
	if (pipe2(fds, O_CLOEXEC) == -1) {
		(void)close(null);
		return (-1);
	}
	(void)fflush(NULL);
	parent = getpid();
	if ((c->pid = fork()) == 0)
		run_node(node, file, fds[1], null, parent);
	(void)close(null);
	(void)close(fds[1]);
	c->fd = fds[0];
	if (c->pid == -1)
		(void)close(fds[0]);
	return (c->pid == -1 ? -1 : 0);
}

/* What is left of the time; 0: nothing. */
static int
left(monotime_t begin)
{
	uint64_t	 gone;

	gone = monotime_since(monotime_now(), begin);
	return (gone >= DEADLINE_MS ? 0 : (int)(DEADLINE_MS - gone));
}

/*
 * Until the end of the line, or of the pipe, which what the file has started
 * may keep open.  NULL, or why not.
 */
static const char *
gather(const struct child *c, struct outbuf *ob, monotime_t begin)
{
	struct pollfd	 pfd;
	ssize_t		 n;
	int		 ms;

	pfd.fd = c->fd;
	pfd.events = POLLIN;
	for (;;) {
		if ((ms = left(begin)) == 0)
			return ("it has not come to an end in 30 seconds");
		if (poll(&pfd, 1, ms) <= 0)
			continue;
		n = read(c->fd, ob_room(ob, CHUNK), CHUNK);
		if (n == 0)
			return (NULL);
		if (n == -1 && errno != EINTR)
			return (strerror(errno));
		if (n > 0)
			ob->len += (size_t)n;
		if (ob->len > 0 && ob->data[ob->len - 1] == '\n')
			return (NULL);
		if (ob->len > PF_BYTES_MAX)
			return ("what it exports is larger than 16 MB");
	}
}

/*
 * Its end, which comes with that of the pipe unless the file plays with
 * descriptors: then it is not waited for any longer than for the pipe.
 */
static const char *
reap(const struct child *c, monotime_t begin, int *status)
{
	struct timespec	 nap = { 0, 5 * 1000 * 1000 };
	pid_t		 pid;

	while ((pid = waitpid(c->pid, status, WNOHANG)) == 0 &&
	    left(begin) > 0)
		(void)nanosleep(&nap, NULL);
	if (pid == c->pid)
		return (NULL);
	(void)kill(c->pid, SIGKILL);
	while (waitpid(c->pid, status, 0) == -1 && errno == EINTR)
		;
	return ("it has not come to an end in 30 seconds");
}

static int
evaluate(const char *node, const char *file, struct outbuf *ob, char *errbuf,
    size_t errsize)
{
	struct child	 c;
	const char	*why, *end;
	monotime_t	 begin;
	int		 status;

	begin = monotime_now();
	if (start_node(&c, node, file) == -1) {
		(void)snprintf(errbuf, errsize, "node: %s", strerror(errno));
		return (-1);
	}
	why = gather(&c, ob, begin);
	(void)close(c.fd);
	if (why != NULL)
		(void)kill(c.pid, SIGKILL);
	end = reap(&c, begin, &status);
	if (why == NULL)
		why = end;
	if (why != NULL)
		(void)strlcpy(errbuf, why, errsize);
	else if (WIFSIGNALED(status))
		(void)snprintf(errbuf, errsize, "node was ended by %s",
		    units_signame(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == 127)
		(void)snprintf(errbuf, errsize, "%s could not be run", node);
	else if (WEXITSTATUS(status) != 0)
		(void)snprintf(errbuf, errsize, "node could not evaluate it "
		    "(exit code %d), see above", WEXITSTATUS(status));
	else if (ob->len == 0)
		(void)strlcpy(errbuf, "it ended before it exported anything",
		    errsize);
	else
		return (0);
	return (-1);
}

/* Places in the JSON that node wrote are places in nothing. */
static void
forget_marks(struct pf_node *n)
{
	for (; n != NULL; n = n->next) {
		memset(&n->mark, 0, sizeof(n->mark));
		memset(&n->keymark, 0, sizeof(n->keymark));
		forget_marks(n->child);
	}
}

struct pf_node *
pf_javascript(const char *path, char *errbuf, size_t errsize)
{
	struct outbuf	 ob = { 0 };
	struct pf_node	*tree;
	struct pf_mark	 mark;
	char		 cwd[PATH_MAX], file[PATH_MAX], node[PATH_MAX];

	if (caller_cwd(cwd, sizeof(cwd)) == -1 ||
	    path_absolute(file, sizeof(file), cwd, path) == -1 ||
	    access(file, R_OK) == -1) {
		(void)strlcpy(errbuf, strerror(errno), errsize);
		return (NULL);
	}
	if (find_node(node, sizeof(node)) == -1) {
		(void)strlcpy(errbuf, "there is no node in PATH to evaluate "
		    "it: expected one, or a file in JSON or YAML", errsize);
		return (NULL);
	}
	tree = NULL;
	if (evaluate(node, file, &ob, errbuf, errsize) == 0 &&
	    (tree = pf_json(ob.data, ob.len, &mark, errbuf, errsize)) != NULL)
		forget_marks(tree);
	ob_free(&ob);
	return (tree);
}

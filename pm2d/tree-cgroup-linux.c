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
 * A control group (version 2) for each app, below one that we make in our
 * own.  Processes cannot leave it by forking, and one write kills all.  Only
 * directories that were made here are ever written to or removed.
 */
#include <sys/types.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <event.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup-limit.h"
#include "log.h"
#include "sample.h"
#include "spawn.h"
#include "sys.h"
#include "tree-local.h"

#define NODE_PREFIX	"pm2d-%u-"
#define DEPTH_MAX	8	/* of groups that an app made in its own */
#define ROUNDS_MAX	50

RB_HEAD(tree_wds, tree);

static int	 cg_make(struct tree *);
static void	 cg_release(struct tree *);
static int	 cg_open(struct tree *, int *);
static int	 cg_controller(const char *);
static void	 cg_note(struct tree *);
static int	 cg_signal_rest(struct tree *, int);
static int	 cg_kill(struct tree *);
static int	 cg_gone(struct tree *);
static int	 cg_memory(struct tree *, uint64_t *);
static int	 cg_watch(struct tree *);
static void	 cg_unwatch(struct tree *);
static void	 cg_pass(void);
static unsigned int cg_pause(void);
static void	 cg_exit(void);

static int	 cg_find(char *, size_t);
static int	 cg_own(char *, size_t);
static int	 cg_mount(char *, const char *, char *, size_t);
static void	 cg_unescape(char *);
static int	 cg_node(const char *);
static void	 cg_stale(const char *);
static int	 cg_lock(void);
static int	 cg_probe(void);
static int	 cg_inotify(struct event_base *);
static void	 cg_onevent(int, short, void *);
static int	 cg_dir(const struct tree *);
static int	 cg_limit(struct tree *, int);
static int	 cg_enable(int, const char *);
static int	 cg_withdraw(int);
static int	 cg_file(const struct tree *, const char *, char *, size_t);
static int	 cg_write(const struct tree *, const char *, const char *);
static ssize_t	 cg_read(const char *, char *, size_t);
static int	 cg_killone(struct tree *);
static int	 cg_procs(int, struct tree_procs *);
static int	 cg_below(int, int, struct tree_procs *);
static int	 cg_ismember(pid_t, const char *);
static void	 cg_remove(int, const char *, int);
static int	 wd_cmp(struct tree *, struct tree *);

RB_PROTOTYPE(tree_wds, tree, bywd, wd_cmp)

static const struct tree_ops cg_ops = {
	cg_make,
	cg_release,
	cg_open,
	cg_controller,
	cg_note,
	cg_signal_rest,
	cg_kill,
	cg_gone,
	cg_memory,
	cg_watch,
	cg_unwatch,
	cg_pass,
	cg_pause,
	cg_exit
};

static struct tree_wds	 wds = RB_INITIALIZER(&wds);
static char		 node[PATH_MAX];	/* absolute */
static char		 inner[PATH_MAX];	/* as in /proc/PID/cgroup */
static int		 node_fd = -1;
static int		 notify_fd = -1;
static struct event	*notify_ev;

const struct tree_ops *
tree_cgroup_init(struct event_base *base, char *about, size_t len)
{
	char		 own[PATH_MAX];
	const char	*what;

	what = "no cgroup2 hierarchy";
	if (cg_find(own, sizeof(own)) == -1)
		goto fail;
	what = own;
	cg_stale(own);
	if (cg_node(own) == -1)
		goto fail;
	what = "trying a control group";
	if (cg_probe() == -1)
		goto fail;
	what = "inotify";
	if (cg_inotify(base) == -1)
		goto fail;
	/*
	 * What an app leaves behind would wait for init, which may take its
	 * time, and an app that makes many such uses up the process numbers.
	 */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == -1)
		log_warn("orphans of apps are left to init");
	(void)snprintf(about, len, "cgroup %s", node);
	return (&cg_ops);

 fail:
	(void)snprintf(about, len, "%s: %s", what, strerror(errno));
	cg_exit();
	return (NULL);
}

/* Our own group, as a path. */
static int
cg_find(char *path, size_t len)
{
	char	*line, own[PATH_MAX];
	FILE	*f;
	size_t	 cap;
	int	 found;

	if (cg_own(own, sizeof(own)) == -1)
		return (-1);
	if ((f = fopen("/proc/self/mountinfo", "re")) == NULL)
		return (-1);
	found = 0;
	line = NULL;
	cap = 0;
	while (!found && getline(&line, &cap, f) != -1)
		found = cg_mount(line, own, path, len) == 0 &&
		    access(path, F_OK) == 0;
	free(line);
	(void)fclose(f);
	if (!found)
		errno = ENOENT;
	return (found ? 0 : -1);
}

/* The line "0::/path" of /proc/self/cgroup. */
static int
cg_own(char *path, size_t len)
{
	char	*line;
	FILE	*f;
	size_t	 cap;
	int	 found;

	if ((f = fopen("/proc/self/cgroup", "re")) == NULL)
		return (-1);
	found = 0;
	line = NULL;
	cap = 0;
	while (!found && getline(&line, &cap, f) != -1) {
		line[strcspn(line, "\n")] = '\0';
		/* "/../x": outside of what we see as the root. */
		if (strncmp(line, "0::/", 4) == 0 &&
		    strncmp(line, "0::/..", 6) != 0)
			found = strlcpy(path, line + 3, len) < len;
	}
	free(line);
	(void)fclose(f);
	if (!found)
		errno = ENOENT;
	return (found ? 0 : -1);
}

/*
 * A line of mountinfo, "id parent dev root mountpoint opts ... - type ...":
 * where a cgroup2 shows the group own, or -1.
 */
static int
cg_mount(char *line, const char *own, char *path, size_t len)
{
	char	*field[5], *p, *type;
	size_t	 rootlen;
	int	 i, n;

	if ((type = strstr(line, " - ")) == NULL ||
	    strncmp(type, " - cgroup2 ", 11) != 0)
		return (-1);
	for (p = line, i = 0; i < 5; i++)
		if ((field[i] = strsep(&p, " ")) == NULL || p == NULL)
			return (-1);
	cg_unescape(field[3]);
	cg_unescape(field[4]);
	rootlen = strcmp(field[3], "/") == 0 ? 0 : strlen(field[3]);
	if (strncmp(own, field[3], rootlen) != 0 ||
	    (own[rootlen] != '/' && own[rootlen] != '\0'))
		return (-1);
	own += rootlen;
	n = snprintf(path, len, "%s%s", field[4],
	    strcmp(own, "/") == 0 ? "" : own);
	return (n < 0 || (size_t)n >= len ? -1 : 0);
}

/* "\040" is a space. */
static void
cg_unescape(char *s)
{
	char	*out;
	int	 i, v;

	for (out = s; *s != '\0'; out++) {
		v = 0;
		for (i = 1; *s == '\\' && i <= 3; i++) {
			if (s[i] < '0' || s[i] > '7')
				break;
			v = v * 8 + (s[i] - '0');
		}
		if (*s == '\\' && i == 4) {
			*out = (char)v;
			s += 4;
		} else
			*out = *s++;
	}
	*out = '\0';
}

/* A group that was not there before, ours for as long as we live. */
static int
cg_node(const char *own)
{
	char	 parent[PATH_MAX];
	int	 n, tries;

	for (tries = 0; tries < 8; tries++) {
		n = snprintf(node, sizeof(node), "%s/" NODE_PREFIX "%08x",
		    own, (unsigned int)getuid(), arc4random());
		if (n < 0 || (size_t)n >= sizeof(node)) {
			errno = ENAMETOOLONG;
			break;
		}
		if (sys_mkdirat(AT_FDCWD, node, 0755) == -1) {
			if (errno == EEXIST)
				continue;
			break;
		}
		if (cg_lock() == -1)
			continue;
		if (cg_own(parent, sizeof(parent)) == -1)
			break;
		n = snprintf(inner, sizeof(inner), "%s%s",
		    strcmp(parent, "/") == 0 ? "" : parent,
		    strrchr(node, '/'));
		if (n > 0 && (size_t)n < sizeof(inner))
			return (0);
		errno = ENAMETOOLONG;
		break;
	}
	return (-1);
}

/* Somebody may have taken it for a stale one in the meantime. */
static int
cg_lock(void)
{
	node_fd = sys_openat(AT_FDCWD, node,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (node_fd == -1)
		return (-1);
	if (flock(node_fd, LOCK_EX | LOCK_NB) == 0 &&
	    access(node, F_OK) == 0)
		return (0);
	(void)close(node_fd);
	node_fd = -1;
	return (-1);
}

/*
 * What a pm2d of ours left that was killed.  A living one holds the lock; and
 * a group with a process in it cannot be removed.
 */
static void
cg_stale(const char *own)
{
	struct dirent	*de;
	struct stat	 st;
	DIR		*dir;
	char		 prefix[64];
	int		 fd, n;

	n = snprintf(prefix, sizeof(prefix), NODE_PREFIX,
	    (unsigned int)getuid());
	if (n < 0 || (size_t)n >= sizeof(prefix) ||
	    (dir = opendir(own)) == NULL)
		return;
	while ((de = readdir(dir)) != NULL) {
		if (strncmp(de->d_name, prefix, (size_t)n) != 0 ||
		    strlen(de->d_name) != (size_t)n + 8)
			continue;
		fd = sys_openat(dirfd(dir), de->d_name, O_RDONLY |
		    O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
		if (fd == -1)
			continue;
		if (sys_fstat(fd, &st) == 0 && st.st_uid == geteuid() &&
		    flock(fd, LOCK_EX | LOCK_NB) == 0)
			cg_remove(dirfd(dir), de->d_name, 0);
		(void)close(fd);
	}
	(void)closedir(dir);
}

/* Does a process get in there, and is there what tells that it ended? */
static int
cg_probe(void)
{
	enum stage	 stage;
	siginfo_t	 info;
	pid_t		 pid;
	int		 fd, fds[SPAWN_SLOTS], i, pidfd, ret, saved;

	if (sys_mkdirat(node_fd, "probe", 0755) == -1)
		return (-1);
	ret = -1;
	if (faccessat(node_fd, "probe/cgroup.events", R_OK, 0) == 0 &&
	    (fd = sys_openat(node_fd, "probe",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)) != -1) {
		for (i = 0; i < SPAWN_SLOTS; i++)
			fds[i] = -1;
		pid = spawn_fork(fds, fd, &pidfd, &stage);
		if (pid == 0)
			_exit(0);
		saved = errno;
		(void)close(fd);
		errno = saved;
		if (pid != -1) {
			(void)waitid(P_PID, (id_t)pid, &info, WEXITED);
			if (pidfd != -1)
				(void)close(pidfd);
			ret = 0;
		}
	}
	saved = errno;
	(void)sys_unlinkat(node_fd, "probe", AT_REMOVEDIR);
	errno = saved;
	return (ret);
}

static int
cg_inotify(struct event_base *base)
{
	notify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (notify_fd == -1)
		return (-1);
	notify_ev = event_new(base, notify_fd, EV_READ | EV_PERSIST,
	    cg_onevent, NULL);
	if (notify_ev == NULL || event_add(notify_ev, NULL) == -1) {
		errno = ENOMEM;
		return (-1);
	}
	return (0);
}

static void
cg_exit(void)
{
	if (notify_ev != NULL)
		event_free(notify_ev);
	if (notify_fd != -1)
		(void)close(notify_fd);
	if (node_fd != -1) {
		(void)close(node_fd);
		(void)rmdir(node);
	}
	notify_ev = NULL;
	notify_fd = node_fd = -1;
	node[0] = '\0';
}

static void
cg_onevent(int fd, short ev, void *arg)
{
	_Alignas(struct inotify_event) char	 buf[4096];
	const struct inotify_event		*ie;
	struct tree				 key, *t;
	ssize_t					 n;
	size_t					 pos;

	(void)ev;
	(void)arg;
	while ((n = sys_read(fd, buf, sizeof(buf))) > 0)
		for (pos = 0; pos < (size_t)n;
		    pos += sizeof(*ie) + ie->len) {
			ie = (const void *)(buf + pos);
			if (ie->mask & IN_Q_OVERFLOW) {
				tree_look(NULL);
				continue;
			}
			key.wd = ie->wd;
			if ((t = RB_FIND(tree_wds, &wds, &key)) != NULL)
				tree_look(t);
		}
}

static int
cg_make(struct tree *t)
{
	static uint32_t	 serial;
	int		 n;

	/* A group that would not go away may still have the plain name. */
	n = snprintf(t->dir, sizeof(t->dir), "app%u", t->id);
	while (n > 0 && (size_t)n < sizeof(t->dir)) {
		if (sys_mkdirat(node_fd, t->dir, 0755) == 0)
			return (0);
		if (errno != EEXIST)
			return (-1);
		n = snprintf(t->dir, sizeof(t->dir), "app%u.%u", t->id,
		    ++serial);
	}
	errno = ENAMETOOLONG;
	return (-1);
}

static void
cg_release(struct tree *t)
{
	if (node_fd != -1)
		cg_remove(node_fd, t->dir, 0);
}

/* Groups that the app made in its own go first. */
static void
cg_remove(int parent, const char *name, int depth)
{
	struct dirent	*de;
	DIR		*dir;
	int		 fd;

	if (sys_unlinkat(parent, name, AT_REMOVEDIR) == 0 ||
	    depth == DEPTH_MAX)
		return;
	fd = sys_openat(parent, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
	if (fd == -1)
		return;
	if ((dir = fdopendir(fd)) == NULL) {
		(void)close(fd);
		return;
	}
	while ((de = readdir(dir)) != NULL)
		if (de->d_type == DT_DIR && de->d_name[0] != '.')
			cg_remove(fd, de->d_name, depth + 1);
	(void)closedir(dir);
	(void)sys_unlinkat(parent, name, AT_REMOVEDIR);
}

/*
 * A group that was killed stays deadly: since Linux 6.10 whatever is cloned
 * into it from outside is killed at once, for ever.  A fresh one is not.
 */
static int
cg_renew(struct tree *t)
{
	cg_release(t);
	t->deadly = 0;
	return (cg_make(t));
}

static int
cg_open(struct tree *t, int *fd)
{
	int saved;

	if (t->deadly && cg_gone(t) && cg_renew(t) == -1)
		return (-1);
	if ((*fd = cg_dir(t)) == -1)
		return (-1);
	if (!t->limited || cg_limit(t, *fd) == 0)
		return (0);
	saved = errno;
	(void)close(*fd);
	*fd = -1;
	errno = saved;
	return (-1);
}

static int
cg_dir(const struct tree *t)
{
	return (sys_openat(node_fd, t->dir,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0));
}

static int
cg_limit(struct tree *t, int fd)
{
	if ((t->limits.memory != 0 && (errno = cg_controller("memory")) !=
	    0) || (t->limits.cpu != 0 && (errno = cg_controller("cpu")) !=
	    0) || (t->limits.pids != 0 && (errno = cg_controller("pids")) !=
	    0))
		return (-1);
	return (cgroup_limit(fd, &t->limits));
}

/* From the group that we are in to our node, and from there to apps. */
static int
cg_controller(const char *name)
{
	int error, own;

	own = sys_openat(node_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (own == -1)
		return (errno);
	error = 0;
	if (cg_enable(own, name) == -1 || cgroup_enable(node_fd, name) == -1)
		error = errno;
	(void)close(own);
	return (error);
}

static int
cg_enable(int own, const char *name)
{
	if (cgroup_enable(own, name) == 0)
		return (0);
	/* Only a group without processes has others limited in it. */
	if (errno != EBUSY)
		return (-1);
	if (cg_withdraw(own) == -1) {
		errno = EBUSY;
		return (-1);
	}
	return (cgroup_enable(own, name));
}

/*
 * A service's group has nobody in it but us and our daemons: we go into one
 * below our node.  The node stays then when we end; whoever made the
 * service's group (or the next pm2d in it) takes it away.
 */
static int
cg_withdraw(int own)
{
	struct tree_procs	 set;
	struct sample		 s;
	char			 pid[32];
	size_t			 i;
	int			 fd, ret;

	memset(&set, 0, sizeof(set));
	ret = cg_procs(own, &set);
	for (i = 0; ret == 0 && i < set.n; i++)
		if (set.v[i].pid != getpid() && (sample_pid(set.v[i].pid,
		    &s) == -1 || s.ppid != getpid()))
			ret = -1;
	if (ret == 0 && sys_mkdirat(node_fd, "pm2d", 0755) == -1 &&
	    errno != EEXIST)
		ret = -1;
	for (i = 0; ret == 0 && i < set.n; i++) {
		(void)snprintf(pid, sizeof(pid), "%ld", (long)set.v[i].pid);
		fd = sys_openat(node_fd, "pm2d/cgroup.procs",
		    O_WRONLY | O_CLOEXEC, 0);
		if (fd == -1 || sys_write(fd, pid, strlen(pid)) == -1)
			ret = -1;
		if (fd != -1)
			(void)close(fd);
	}
	tree_procs_free(&set);
	return (ret);
}

static void
cg_note(struct tree *t)
{
	(void)t;
}

static void
cg_pass(void)
{
}

static unsigned int
cg_pause(void)
{
	return (1);
}

static int
cg_file(const struct tree *t, const char *file, char *path, size_t len)
{
	int n;

	n = snprintf(path, len, "%s/%s/%s", node, t->dir, file);
	if (n < 0 || (size_t)n >= len) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	return (0);
}

static int
cg_write(const struct tree *t, const char *file, const char *text)
{
	char	 path[PATH_MAX];
	ssize_t	 n;
	int	 fd, saved;

	if (cg_file(t, file, path, sizeof(path)) == -1)
		return (-1);
	fd = sys_openat(AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0);
	if (fd == -1)
		return (-1);
	n = sys_write(fd, text, strlen(text));
	saved = errno;
	(void)close(fd);
	errno = saved;
	return (n == -1 ? -1 : 0);
}

/* A small file as a string. */
static ssize_t
cg_read(const char *path, char *buf, size_t len)
{
	ssize_t	 n;
	int	 fd, saved;

	fd = sys_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	if (fd == -1)
		return (-1);
	n = sys_read(fd, buf, len - 1);
	saved = errno;
	(void)close(fd);
	errno = saved;
	buf[n > 0 ? n : 0] = '\0';
	return (n);
}

static int
cg_gone(struct tree *t)
{
	char path[PATH_MAX], buf[256];

	if (cg_file(t, "cgroup.events", path, sizeof(path)) == -1)
		return (0);
	if (cg_read(path, buf, sizeof(buf)) == -1)
		return (errno == ENOENT || errno == ENODEV);
	return (strncmp(buf, "populated 0", 11) == 0 ||
	    strstr(buf, "\npopulated 0") != NULL);
}

static int
cg_memory(struct tree *t, uint64_t *bytes)
{
	struct tree_procs	 set;
	size_t			 n;
	int			 fd;

	memset(&set, 0, sizeof(set));
	if ((fd = cg_dir(t)) == -1)
		return (-1);
	if (t->limits.memory != 0 && cgroup_memory(fd, bytes) == 0) {
		(void)close(fd);
		return (0);
	}
	(void)cg_below(fd, 0, &set);
	n = tree_procs_memory(&set, bytes);
	tree_procs_free(&set);
	errno = ESRCH;
	return (n == 0 ? -1 : 0);
}

static int
cg_watch(struct tree *t)
{
	char path[PATH_MAX];

	if (cg_file(t, "cgroup.events", path, sizeof(path)) == -1)
		return (-1);
	t->wd = inotify_add_watch(notify_fd, path, IN_MODIFY);
	if (t->wd == -1)
		return (-1);
	(void)RB_INSERT(tree_wds, &wds, t);
	return (0);
}

static void
cg_unwatch(struct tree *t)
{
	if (t->wd == -1)
		return;
	RB_REMOVE(tree_wds, &wds, t);
	(void)inotify_rm_watch(notify_fd, t->wd);
	t->wd = -1;
}

static int
cg_kill(struct tree *t)
{
	int i;

	if (cg_write(t, "cgroup.kill", "1") == 0) {
		t->deadly = 1;
		return (0);
	}
	if (errno != ENOENT && errno != EOPNOTSUPP)
		return (-1);
	/* Before Linux 5.14: freeze, so that nothing can fork away. */
	(void)cg_write(t, "cgroup.freeze", "1");
	for (i = 0; i < ROUNDS_MAX && cg_killone(t) > 0; i++)
		continue;
	return (cg_write(t, "cgroup.freeze", "0"));
}

/* How many were found. */
static int
cg_killone(struct tree *t)
{
	struct tree_procs	 set;
	size_t			 i;
	int			 fd, n;

	n = 0;
	memset(&set, 0, sizeof(set));
	if ((fd = cg_dir(t)) == -1)
		return (0);
	(void)cg_below(fd, 0, &set);
	for (i = 0; i < set.n; i++)
		if (tree_proc_signal(&set.v[i], SIGKILL) == 0)
			n++;
	tree_procs_free(&set);
	return (n);
}

static int
cg_signal_rest(struct tree *t, int sig)
{
	struct tree_procs	 set;
	size_t			 i;
	int			 fd, n;

	memset(&set, 0, sizeof(set));
	if ((fd = cg_dir(t)) == -1)
		return (-1);
	if (cg_below(fd, 0, &set) == -1) {
		tree_procs_free(&set);
		return (-1);
	}
	for (n = 0, i = 0; i < set.n; i++)
		if (set.v[i].pid != t->main &&
		    cg_ismember(set.v[i].pid, t->dir) &&
		    tree_proc_signal(&set.v[i], sig) == 0)
			n++;
	tree_procs_free(&set);
	return (n);
}

/* The processes of a group and of those in it.  Closes fd. */
static int
cg_below(int fd, int depth, struct tree_procs *set)
{
	struct dirent	*de;
	DIR		*dir;
	int		 child, ret;

	ret = cg_procs(fd, set);
	if (depth == DEPTH_MAX || (dir = fdopendir(fd)) == NULL) {
		(void)close(fd);
		return (ret);
	}
	while (ret == 0 && (de = readdir(dir)) != NULL) {
		if (de->d_type != DT_DIR || de->d_name[0] == '.')
			continue;
		child = sys_openat(fd, de->d_name, O_RDONLY | O_DIRECTORY |
		    O_NOFOLLOW | O_CLOEXEC, 0);
		if (child != -1)
			ret = cg_below(child, depth + 1, set);
	}
	(void)closedir(dir);
	return (ret);
}

static int
cg_procs(int group, struct tree_procs *set)
{
	struct sample	 s;
	char		*line;
	FILE		*f;
	size_t		 cap;
	pid_t		 pid;
	int		 fd, ret;

	fd = sys_openat(group, "cgroup.procs", O_RDONLY | O_CLOEXEC, 0);
	if (fd == -1)
		return (-1);
	if ((f = fdopen(fd, "r")) == NULL) {
		(void)close(fd);
		return (-1);
	}
	ret = 0;
	line = NULL;
	cap = 0;
	while (ret == 0 && getline(&line, &cap, f) != -1) {
		/* 0: not visible in our pid namespace */
		pid = (pid_t)strtol(line, NULL, 10);
		if (pid > 0 && sample_pid(pid, &s) == 0 && s.state != 'Z')
			ret = tree_procs_push(set, pid, s.starttime);
	}
	free(line);
	(void)fclose(f);
	return (ret);
}

/*
 * The pid may have been used again between reading the group's list and
 * reading its start time; afterwards the start time holds it fast.
 */
static int
cg_ismember(pid_t pid, const char *dir)
{
	char	 buf[PATH_MAX * 2], path[64], want[PATH_MAX];
	char	*p;
	int	 n;

	n = snprintf(path, sizeof(path), "/proc/%ld/cgroup", (long)pid);
	if (n < 0 || (size_t)n >= sizeof(path) ||
	    cg_read(path, buf, sizeof(buf)) == -1)
		return (0);
	n = snprintf(want, sizeof(want), "0::%s/%s", inner, dir);
	if (n < 0 || (size_t)n >= sizeof(want))
		return (0);
	for (p = buf; p != NULL; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (strncmp(p, want, (size_t)n) == 0 &&
		    (p[n] == '\n' || p[n] == '/' || p[n] == '\0'))
			return (1);
	}
	return (0);
}

static int
wd_cmp(struct tree *a, struct tree *b)
{
	return (a->wd < b->wd ? -1 : a->wd > b->wd);
}

RB_GENERATE(tree_wds, tree, bywd, wd_cmp)

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
 * Files of apps in a sandbox.  basic: what may be written; strict: what may
 * be named at all.
 */
#include <sys/types.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "appbox.h"
#include "filter-linux.h"
#include "landlock-linux.h"

#define ENV_PATH	"/usr/bin/env"
#define SHEBANG_MAX	4		/* scripts run by scripts */
#define PATH_DEFAULT	"/usr/local/bin:/usr/bin:/bin"

#define READING		(FS_READ_FILE | FS_READ_DIR)
#define USING		(READING | FS_EXECUTE)
/* Everything but devices, which nobody makes to serve requests. */
#define WRITING		(FS_WRITE_FILE | FS_TRUNCATE | FS_REMOVE_DIR | \
			FS_REMOVE_FILE | FS_MAKE_DIR | FS_MAKE_REG | \
			FS_MAKE_SOCK | FS_MAKE_FIFO | FS_MAKE_SYM | FS_REFER)
#define DEVICE		(FS_READ_FILE | FS_WRITE_FILE | FS_TRUNCATE | \
			FS_IOCTL_DEV)
/* Those that mean something for what is no directory. */
#define OF_FILES	(FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | \
			FS_TRUNCATE | FS_IOCTL_DEV)

struct place {
	const char	*path;
	uint64_t	 rights;
};

static const struct place	 basic_places[] = {
	{ "/tmp",		WRITING },
	{ "/var/tmp",		WRITING },
	{ "/dev/shm",		WRITING },
	{ "/dev/null",		DEVICE },
	{ "/dev/zero",		DEVICE },
	{ "/dev/full",		DEVICE },
	{ "/dev/random",	DEVICE },
	{ "/dev/urandom",	DEVICE },
	{ "/dev/tty",		DEVICE },
	{ "/dev/ptmx",		DEVICE },
	{ "/dev/pts",		DEVICE }
};

/*
 * /etc is given as a whole: its files are replaced by others of the same name
 * (resolv.conf, passwd), which a rule for a file would not know.  What is
 * secret there is so by its mode, and none here is root.
 */
static const struct place	 strict_places[] = {
	{ "/usr",		USING },
	{ "/bin",		USING },
	{ "/sbin",		USING },
	{ "/lib",		USING },
	{ "/lib32",		USING },
	{ "/lib64",		USING },
	{ "/libx32",		USING },
	{ "/nix/store",		USING },
	{ "/gnu/store",		USING },
	{ "/etc",		READING },
	{ "/run/systemd/resolve", READING },
	{ "/run/resolvconf",	READING },
	{ "/var/lib/ca-certificates", READING },
	{ "/proc",		READING },
	{ "/sys/devices/system", READING },
	{ "/sys/fs/cgroup",	READING },
	{ "/sys/kernel/mm",	READING },
	{ "/dev/null",		DEVICE },
	{ "/dev/zero",		DEVICE },
	{ "/dev/full",		DEVICE },
	{ "/dev/random",	DEVICE },
	{ "/dev/urandom",	DEVICE }
};
#define NITEMS(a)	(sizeof(a) / sizeof((a)[0]))

/* A sandbox being made. */
struct making {
	int		 fd;		/* the rules */
	uint64_t	 handled;
	int		 strict;
	char		 kept[2][PATH_MAX];	/* nothing given holds these */
	char		 home[PATH_MAX];	/* ...nor this, but is it */
	char *const	*envp;
	const char	*program;	/* as it was asked for */
};

static int	 box_files(const struct appbox *, struct making *,
		    const char *);
static void	 box_real(char [PATH_MAX], const char *);
static int	 box_places(struct making *, const struct place *, size_t);
static int	 box_allow(struct making *, const char *, uint64_t);
static int	 box_own(struct making *, const char *, uint64_t);
static int	 box_reaches(const struct making *, const char *);
static int	 box_program(struct making *, const char *, int);
static int	 box_prefix(struct making *, const char *);
static int	 box_holder(struct making *, const char *);
static int	 box_shebang(struct making *, const char *, int);
static int	 box_which(const struct making *, const char *, char *, size_t);
static const char *box_getenv(char *const *, const char *);

const char *
appbox_lacks(enum appbox_level level)
{
	if (level == APPBOX_OFF)
		return (NULL);
	if (!filter_possible())
		return ("this kernel or container has no seccomp");
	if (level == APPBOX_STRICT && landlock_version() == -1)
		return ("this kernel or container has no landlock");
	return (NULL);
}

const char *
appbox_weak(enum appbox_level level)
{
	int	 version;

	if (level == APPBOX_OFF)
		return (NULL);
	if ((version = landlock_version()) == -1)
		return ("no landlock in this kernel or container: files are "
		    "guarded by their modes alone");
	if (version < 3)
		return ("this kernel's landlock lets files be truncated that "
		    "cannot be written to");
	return (NULL);
}

const char *
appbox_describe(void)
{
	static char	 about[64];
	int		 version = landlock_version();

	if (version == -1)
		(void)strlcpy(about, "no landlock", sizeof(about));
	else
		(void)snprintf(about, sizeof(about), "landlock %d", version);
	(void)strlcat(about, filter_possible() ? ", seccomp" :
	    ", no seccomp", sizeof(about));
	return (about);
}

int
appbox_enter(const struct appbox *box, const char *file, const char *script,
    const char *home, char *const *envp)
{
	static struct making m;
	int		 ret;

	if (box->level == APPBOX_OFF)
		return (0);
	/* Landlock does not hold who may change any file's mode and owner. */
	if (box->level == APPBOX_STRICT && getuid() == 0) {
		errno = EPERM;
		return (-1);
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return (-1);
	memset(&m, 0, sizeof(m));
	m.envp = envp;
	m.program = file;
	m.strict = box->level == APPBOX_STRICT;
	box_real(m.kept[0], box->home);
	/* The home of a user who is there for this app may be its place. */
	if (home != NULL)
		box_real(m.home, home);
	else
		box_real(m.kept[1], box_getenv(envp, "HOME"));
	ret = box_files(box, &m, script);
	if (ret == -1 && (errno != ENOSYS || box->level == APPBOX_STRICT))
		return (-1);
	return (appbox_calls(box->level));
}

/* As it is where it cannot be found out; "": none. */
static void
box_real(char real[PATH_MAX], const char *path)
{
	real[0] = '\0';
	if (path != NULL && realpath(path, real) == NULL &&
	    strlcpy(real, path, PATH_MAX) >= PATH_MAX)
		real[0] = '\0';
}

static int
box_files(const struct appbox *box, struct making *m, const char *script)
{
	static const struct landlock	 kinds[] = {
		[APPBOX_BASIC] = { WRITING | FS_MAKE_CHAR | FS_MAKE_BLOCK,
		    0, 0 },
		[APPBOX_STRICT] = { UINT64_MAX, 0, SCOPE_SIGNAL }
	};
	struct landlock			 ll = kinds[box->level];
	int				 ret, saved, version;

	if ((version = landlock_version()) == -1)
		return (-1);
	if ((m->fd = landlock_open(version, &ll)) == -1)
		return (-1);
	m->handled = ll.handled_fs;
	if (box->level == APPBOX_BASIC)
		ret = box_places(m, basic_places, NITEMS(basic_places));
	else
		ret = box_places(m, strict_places, NITEMS(strict_places));
	if (ret == 0)
		ret = box_own(m, ".", USING | WRITING);
	if (ret == 0 && box_getenv(m->envp, "TMPDIR") != NULL)
		ret = box_own(m, box_getenv(m->envp, "TMPDIR"),
		    READING | WRITING);
	if (ret == 0 && box->level == APPBOX_STRICT &&
	    (box_program(m, m->program, 0) == -1 ||
	    (script != NULL && box_holder(m, script) == -1) ||
	    (box->preload != NULL && box_allow(m, box->preload,
	    READING) == -1)))
		ret = -1;
	if (ret == 0)
		ret = landlock_restrict(m->fd);
	saved = errno;
	(void)close(m->fd);
	errno = ret == -1 && saved == ENOSYS ? EIO : saved;
	return (ret);
}

static int
box_places(struct making *m, const struct place *places, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		if (box_allow(m, places[i].path, places[i].rights) == -1)
			return (-1);
	return (0);
}

/* What is not there, or not for this user, needs no rule. */
static int
box_allow(struct making *m, const char *path, uint64_t rights)
{
	struct stat	 st;
	int		 fd, ret, saved;

	if ((fd = open(path, O_PATH | O_CLOEXEC)) == -1)
		return (errno == ENOENT || errno == ENOTDIR ||
		    errno == EACCES || errno == ELOOP ? 0 : -1);
	rights &= m->handled;
	if ((ret = fstat(fd, &st)) == 0) {
		if (!S_ISDIR(st.st_mode))
			rights &= OF_FILES;
		if (rights != 0)
			ret = landlock_allow(m->fd, fd, rights);
	}
	saved = errno;
	(void)close(fd);
	errno = saved;
	return (ret);
}

/* Is it in this directory, or the directory itself? */
static int
holds(const char *dir, const char *path)
{
	size_t	 len = strlen(dir);

	if (strcmp(dir, "/") == 0)
		return (1);
	return (strncmp(dir, path, len) == 0 &&
	    (path[len] == '/' || path[len] == '\0'));
}

/* Would this directory (a real path) give away more than the app's own? */
static int
box_reaches(const struct making *m, const char *dir)
{
	size_t	 i;

	if (strcmp(dir, "/") == 0)
		return (1);
	for (i = 0; i < NITEMS(m->kept); i++)
		if (m->kept[i][0] != '\0' && holds(dir, m->kept[i]))
			return (1);
	return (m->home[0] != '\0' && strcmp(dir, m->home) != 0 &&
	    holds(dir, m->home));
}

/* A directory that the app is given to write in. */
static int
box_own(struct making *m, const char *path, uint64_t rights)
{
	char	 real[PATH_MAX];

	if (realpath(path, real) == NULL)
		return (errno == ENOENT || errno == EACCES ? 0 : -1);
	if (m->strict && box_reaches(m, real)) {
		errno = EXDEV;
		return (-1);
	}
	return (box_allow(m, real, rights));
}

/*
 * What is executed, and by which interpreter if it is a script.  One that
 * cannot be found is told of by execve(2).
 */
static int
box_program(struct making *m, const char *name, int depth)
{
	char	 path[PATH_MAX], real[PATH_MAX];

	if (box_which(m, name, path, sizeof(path)) == -1 ||
	    realpath(path, real) == NULL)
		return (0);
	if (box_prefix(m, path) == -1 || box_prefix(m, real) == -1)
		return (-1);
	return (depth < SHEBANG_MAX ? box_shebang(m, real, depth) : 0);
}

/*
 * An interpreter comes with a tree of its own: of x/bin/node all of x is
 * meant.  But ~/.local has also what is no program's.
 */
static int
box_prefix(struct making *m, const char *path)
{
	char	 dir[PATH_MAX], lib[PATH_MAX], real[PATH_MAX];
	char	*slash;

	if (strlcpy(dir, path, sizeof(dir)) >= sizeof(dir) ||
	    (slash = strrchr(dir, '/')) == NULL || realpath(path, real) ==
	    NULL)
		return (0);
	*slash = '\0';
	if ((slash = strrchr(dir, '/')) == NULL ||
	    (strcmp(slash, "/bin") != 0 && strcmp(slash, "/sbin") != 0 &&
	    strcmp(slash, "/shims") != 0))
		return (box_holder(m, path));
	*slash = '\0';
	slash = strrchr(dir, '/');
	if (slash != NULL && strcmp(slash, "/.local") == 0) {
		if (strlcpy(lib, dir, sizeof(lib)) < sizeof(lib) &&
		    strlcat(lib, "/lib", sizeof(lib)) < sizeof(lib) &&
		    box_allow(m, lib, USING) == -1)
			return (-1);
		return (box_holder(m, path));
	}
	if (dir[0] == '\0' || realpath(dir, real) == NULL ||
	    box_reaches(m, real))
		return (box_holder(m, path));
	return (box_allow(m, real, USING));
}

/*
 * The directory of a file; the file alone where that would be too much.  By
 * both its name and what that stands for.
 */
static int
box_holder(struct making *m, const char *path)
{
	char	 dir[PATH_MAX], holder[PATH_MAX], real[PATH_MAX];
	char	*slash;
	int	 i;

	if (realpath(path, real) == NULL)
		return (0);
	for (i = 0; i < 2; i++) {
		if (strlcpy(dir, i == 0 ? path : real, sizeof(dir)) >=
		    sizeof(dir))
			return (0);
		if ((slash = strrchr(dir, '/')) == NULL)
			(void)strlcpy(dir, ".", sizeof(dir));
		else if (slash == dir)
			slash[1] = '\0';
		else
			*slash = '\0';
		if (realpath(dir, holder) == NULL)
			continue;
		if (box_allow(m, box_reaches(m, holder) ? path : holder,
		    USING) == -1)
			return (-1);
	}
	return (0);
}

/* "#!/x/y", "#!/usr/bin/env y", "#!/usr/bin/env -S A=b y z". */
static int
box_shebang(struct making *m, const char *path, int depth)
{
	char	 line[512], *p, *word;
	ssize_t	 n;
	int	 fd, isenv;

	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1)
		return (0);
	n = read(fd, line, sizeof(line) - 1);
	(void)close(fd);
	if (n < 2 || line[0] != '#' || line[1] != '!')
		return (0);
	line[n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	isenv = 0;
	for (p = line + 2; (word = strsep(&p, " \t\r")) != NULL;) {
		if (*word == '\0' || (isenv && (*word == '-' ||
		    strchr(word, '=') != NULL)))
			continue;
		if (box_program(m, word, depth + 1) == -1)
			return (-1);
		if (isenv || strcmp(word, ENV_PATH) != 0)
			break;
		isenv = 1;
	}
	return (0);
}

static int
box_which(const struct making *m, const char *name, char *path, size_t len)
{
	const char	*dirs, *end, *p;
	int		 n;

	if (strchr(name, '/') != NULL)
		return (strlcpy(path, name, len) < len ? 0 : -1);
	if ((dirs = box_getenv(m->envp, "PATH")) == NULL)
		dirs = PATH_DEFAULT;
	for (p = dirs;; p = end + 1) {
		end = strchrnul(p, ':');
		n = snprintf(path, len, "%.*s/%s", end == p ? 1 :
		    (int)(end - p), end == p ? "." : p, name);
		if (n > 0 && (size_t)n < len && access(path, X_OK) == 0)
			return (0);
		if (*end == '\0')
			break;
	}
	return (-1);
}

static const char *
box_getenv(char *const *envp, const char *name)
{
	size_t	 i, len = strlen(name);

	for (i = 0; envp[i] != NULL; i++)
		if (strncmp(envp[i], name, len) == 0 && envp[i][len] == '=')
			return (envp[i][len + 1] == '\0' ? NULL :
			    envp[i] + len + 1);
	return (NULL);
}

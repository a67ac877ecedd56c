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

#include <sys/types.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <event.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "home.h"
#include "imsg.h"
#include "imsgev.h"
#include "log.h"
#include "pm2logd.h"
#include "proc.h"
#include "rotname.h"
#include "sandbox.h"
#include "sys.h"

#define FDS_MAX		(1024 * 1024)
#define PARENT_MAXMSGS	65536
#define PARENT_MAXBYTES	(16 * 1024 * 1024)

/* A message of the parent: its exact length, or at least so much. */
struct handler {
	uint32_t	 type;
	size_t		 len;
	int		 more;		/* may be longer */
	void		(*fn)(struct imsg *);
};

static void	 do_conf(struct imsg *);
static void	 do_file(struct imsg *);
static void	 do_stream(struct imsg *);
static void	 do_drain(struct imsg *);
static void	 do_forget(struct imsg *);
static void	 do_pidfile(struct imsg *);
static void	 do_flush(struct imsg *);
static void	 do_reopen(struct imsg *);
static void	 do_follow(struct imsg *);
static void	 do_budget(struct imsg *);
static int	 stream_begin(const struct log_stream *, int);
static void	 for_files(struct imsg *, int (*)(struct logfile *),
		    int (*)(void));
static int	 open_dir(const char *, const char *);
static void	 hand_over(int, const char *);
static void	 hand_over_files(int, uid_t, gid_t);
static void	 set_up(const char *, const char *, const char *,
		    const char *);
static void	 usage(void) __attribute__((noreturn));

static const struct handler	 handlers[] = {
	{ IMSG_LOG_CONF,	sizeof(struct log_conf),	0, do_conf },
	{ IMSG_LOG_FILE,	sizeof(struct log_file),	0, do_file },
	{ IMSG_LOG_STREAM,	sizeof(struct log_stream),	0, do_stream },
	{ IMSG_LOG_DRAIN,	sizeof(struct log_ref),		0, do_drain },
	{ IMSG_LOG_FORGET,	sizeof(struct log_ref),		0, do_forget },
	{ IMSG_LOG_PIDFILE,	sizeof(struct log_pidfile),	0, do_pidfile },
	{ IMSG_LOG_FLUSH,	sizeof(struct log_ref),		0, do_flush },
	{ IMSG_LOG_REOPEN,	sizeof(struct log_ref),		0, do_reopen },
	{ IMSG_LOG_FOLLOW,	sizeof(struct log_follow),	1, do_follow },
	{ IMSG_LOG_BUDGET,	sizeof(struct log_budget),	0, do_budget },
	{ 0,			0,				0, NULL }
};

static struct event_base	*base;
static struct imsgev		*parent;
static int			 users;		/* a directory for each */

/* ---- messages of the parent ---- */

static void
do_conf(struct imsg *imsg)
{
	struct log_conf	 lc;

	if (imsg_get_data(imsg, &lc, sizeof(lc)) == -1)
		return;
	rotate_budget(lc.budget);
	full_conf(lc.full_wait_ms);
	file_conf(lc.max_open);
}

static void
do_file(struct imsg *imsg)
{
	struct log_file	 lf;
	const char	*why;

	if (imsg_get_data(imsg, &lf, sizeof(lf)) == -1)
		return;
	if (memchr(lf.name, '\0', sizeof(lf.name)) == NULL) {
		log_warnx("log file %u: name without end", lf.file);
		return;
	}
	if (lf.flags & (LOGF_PASSED | LOGF_NONE))
		why = NULL;
	else
		why = users ? rotname_badindir(lf.name) : rotname_bad(lf.name);
	if (why != NULL || lf.file == LOG_NOFILE) {
		log_warnx("log file %u: its name %s", lf.file,
		    why != NULL ? why : "has a number that means none");
		return;
	}
	file_set(&lf, imsg_get_fd(imsg));
}

static void
do_budget(struct imsg *imsg)
{
	struct log_budget	 lb;

	if (imsg_get_data(imsg, &lb, sizeof(lb)) == -1)
		return;
	if (memchr(lb.dir, '\0', sizeof(lb.dir)) == NULL ||
	    rotname_bad(lb.dir) != NULL)
		log_warnx("budget of a directory with a bad name");
	else
		rotate_budget_dir(lb.dir, lb.bytes);
}

/* The new pipe of an app; what its old ones still hold comes first. */
static int
stream_begin(const struct log_stream *ls, int fd)
{
	struct source	*src;
	int		 error;

	if ((src = source_find(ls->app, ls->kind)) != NULL)
		stream_drain_older(src, UINT32_MAX);
	if ((src = source_get(ls)) == NULL) {
		error = errno;
		if (fd != -1)
			close(fd);
		return (error);
	}
	/* Makes the file, too: people look for it. */
	if (!file_isnone(src->file) && file_ready(src->file) == -1 &&
	    src->file->state == FILE_OK)
		(void)full_begin(src->file, src, errno, NULL, 0);
	if (ls->generation > src->generation && src->file != NULL) {
		src->before = src->run != 0 ? src->run : file_end(src->file);
		src->run = file_end(src->file);
	}
	if (ls->generation > src->generation)
		src->generation = ls->generation;
	if (fd == -1)
		return (ls->generation == 0 ? 0 : EMFILE);
	if (stream_exists(src, ls->generation)) {
		close(fd);
		return (0);
	}
	error = stream_new(src, ls->generation, fd);
	file_trim();
	return (error);
}

static void
do_stream(struct imsg *imsg)
{
	struct log_streamed	 answer;
	struct log_stream	 ls;
	int			 fd;

	if (imsg_get_data(imsg, &ls, sizeof(ls)) == -1)
		return;
	fd = imsg_get_fd(imsg);
	memset(&answer, 0, sizeof(answer));
	answer.app = ls.app;
	answer.generation = ls.generation;
	answer.kind = ls.kind;
	if (ls.kind >= LOG_KINDS || ls.app == APP_ID_ALL ||
	    memchr(ls.name, '\0', sizeof(ls.name)) == NULL ||
	    memchr(ls.datefmt, '\0', sizeof(ls.datefmt)) == NULL) {
		log_warnx("app %u: malformed stream", ls.app);
		if (fd != -1)
			close(fd);
		answer.error = EINVAL;
	} else
		answer.error = stream_begin(&ls, fd);
	parent_send(IMSG_LOG_STREAMED, &answer, sizeof(answer));
}

static void
do_drain(struct imsg *imsg)
{
	struct log_ref	 ref;
	struct source	*src;
	uint32_t	 kind;

	if (imsg_get_data(imsg, &ref, sizeof(ref)) == -1)
		return;
	for (kind = 0; kind < LOG_KINDS; kind++)
		if ((src = source_find(ref.app, kind)) != NULL)
			stream_drain_source(src, ref.generation);
	parent_send(IMSG_LOG_DRAINED, &ref, sizeof(ref));
}

static void
do_forget(struct imsg *imsg)
{
	struct log_ref	 ref;
	struct source	*src;
	uint32_t	 kind;

	if (imsg_get_data(imsg, &ref, sizeof(ref)) == -1)
		return;
	for (kind = 0; kind < LOG_KINDS; kind++) {
		if ((src = source_find(ref.app, kind)) == NULL)
			continue;
		stream_drain_source(src, UINT32_MAX);
		source_free(src);
	}
	follow_appgone(ref.app);
	pidfile_forget(ref.app);
}

static void
do_pidfile(struct imsg *imsg)
{
	struct log_pidfile	 lp;
	const char		*why;
	int			 fd;

	if (imsg_get_data(imsg, &lp, sizeof(lp)) == -1)
		return;
	fd = imsg_get_fd(imsg);
	if (memchr(lp.name, '\0', sizeof(lp.name)) == NULL)
		why = "has no end";
	else
		why = fd == -1 ? rotname_bad(lp.name) : NULL;
	if (why != NULL) {
		log_warnx("app %u: the name of its pid file %s", lp.app, why);
		if (fd != -1)
			close(fd);
		return;
	}
	pidfile_set(&lp, fd);
}

/* Something for the files of an app, or of all. */
static void
for_files(struct imsg *imsg, int (*one)(struct logfile *), int (*all)(void))
{
	struct log_done	 done;
	struct log_ref	 ref;
	struct source	*src;
	uint32_t	 kind;
	int		 error;

	if (imsg_get_data(imsg, &ref, sizeof(ref)) == -1)
		return;
	memset(&done, 0, sizeof(done));
	done.cookie = ref.cookie;
	if (ref.app == APP_ID_ALL)
		done.error = all();
	else for (kind = 0; kind < LOG_KINDS; kind++) {
		src = source_find(ref.app, kind);
		if (src == NULL || src->file == NULL)
			continue;
		if ((error = one(src->file)) != 0 && done.error == 0)
			done.error = error;
	}
	parent_send(IMSG_LOG_DONE, &done, sizeof(done));
}

static void
do_flush(struct imsg *imsg)
{
	for_files(imsg, file_flush, file_flush_all);
}

static void
do_reopen(struct imsg *imsg)
{
	for_files(imsg, file_reopen, file_reopen_all);
}

static void
do_follow(struct imsg *imsg)
{
	uint32_t		 ids[CTL_LOGS_MAXIDS];
	struct log_follow	 lf;
	int			 fd;

	if ((fd = imsg_get_fd(imsg)) == -1) {
		log_warnx("follower without descriptor");
		return;
	}
	if (imsg_get_buf(imsg, &lf, sizeof(lf)) == -1 ||
	    lf.nids > CTL_LOGS_MAXIDS ||
	    imsg_get_len(imsg) != lf.nids * sizeof(ids[0]) ||
	    (lf.nids > 0 &&
	    imsg_get_buf(imsg, ids, lf.nids * sizeof(ids[0])) == -1)) {
		log_warnx("malformed list of a follower");
		close(fd);
		return;
	}
	follow_new(&lf, ids, fd);
	file_trim();
}

static int
dispatch(struct imsg *imsg)
{
	const struct handler	*h;
	size_t			 len;

	for (h = handlers; h->fn != NULL; h++)
		if (h->type == imsg_get_type(imsg))
			break;
	len = imsg_get_len(imsg);
	if (h->fn == NULL || len < h->len || (len > h->len && !h->more))
		return (-1);
	h->fn(imsg);
	return (0);
}

/* ---- the start ---- */

/*
 * A symbolic link is the way to keep logs elsewhere; only the owner of the
 * home can have put it there.  What it leads to stays whose it is.
 */
static int
open_dir(const char *path, const char *user)
{
	const int	 flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	int		 fd;

	if ((fd = sys_openat(AT_FDCWD, path, flags | O_NOFOLLOW, 0)) != -1)
		hand_over(fd, user);
	else if ((fd = sys_openat(AT_FDCWD, path, flags, 0)) == -1)
		fatal("%s", path);
	return (fd);
}

/*
 * The first time that we run as a user of our own: the directory and the
 * logs in it become ours.
 */
static void
hand_over(int fd, const char *user)
{
	struct passwd	*pw;
	struct stat	 sb;

	if (geteuid() != 0 || user == NULL)
		return;
	if ((pw = getpwnam(user)) == NULL || sys_fstat(fd, &sb) == -1 ||
	    sb.st_uid == pw->pw_uid)
		return;
	hand_over_files(fd, pw->pw_uid, pw->pw_gid);
	if (fchown(fd, pw->pw_uid, pw->pw_gid) == -1)
		log_warn("cannot give the logs to %s", user);
}

static void
hand_over_files(int dirfd, uid_t uid, gid_t gid)
{
	struct dirent	*de;
	struct stat	 sb;
	DIR		*dir;
	int		 fd;

	fd = sys_openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (fd == -1 || (dir = fdopendir(fd)) == NULL) {
		if (fd != -1)
			close(fd);
		return;
	}
	while ((de = readdir(dir)) != NULL) {
		fd = sys_openat(dirfd, de->d_name, O_RDONLY | O_NOFOLLOW |
		    O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
		if (fd == -1)
			continue;
		if (sys_fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode) &&
		    sb.st_nlink == 1 && sb.st_uid == 0 &&
		    fchown(fd, uid, gid) == -1)
			log_warn("%s", de->d_name);
		close(fd);
	}
	closedir(dir);
}

static void
set_up(const char *root, const char *logs, const char *pids, const char *user)
{
	struct event_config	*config;
	struct proc_rights	 rights;
	struct rlimit		 rl;
	int			 dirs[2];

	/* Where users have directories of their own, it is root's. */
	dirs[0] = open_dir(logs, users ? NULL : user);
	dirs[1] = open_dir(pids, user);

	/*
	 * Read the time zone while its file can be reached.  Without TZ
	 * strftime(3) would look for it each time, and then find none.
	 */
	if (setenv("TZ", ":/etc/localtime", 0) == -1)
		fatal("setenv");
	tzset();
	/* Pauses between reads may be less than a millisecond. */
	if ((config = event_config_new()) == NULL ||
	    event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER) ==
	    -1 || (base = event_base_new_with_config(config)) == NULL)
		fatalx("event_base_new");
	event_config_free(config);

	memset(&rights, 0, sizeof(rights));
	/* A pipe and a file for each stream of each app. */
	if (getrlimit(RLIMIT_NOFILE, &rl) == 0)
		rights.nofile = rl.rlim_max < FDS_MAX ? (long)rl.rlim_max :
		    FDS_MAX;
	rights.user = user;
	rights.root = user != NULL ? root : NULL;
	if (proc_drop(&rights) == -1)
		fatalx("cannot drop privileges");
	umask(022);	/* modes are given with each file */
	rotate_init(dirs[0], users);
	gzip_init(base);
	file_init(dirs[0]);
	full_init(base);
	pidfile_init(dirs[1]);
	stream_init(base);
	follow_init(base);
	if (sandbox_enter(SANDBOX_LOGD, dirs, 2) == -1)
		fatal("sandbox");
}

static void
usage(void)
{
	fprintf(stderr, "usage: pm2logd -h home [-u user]\n"
	    "       pm2logd -l logs -p pids [-u user]\n");
	exit(1);
}

int
main(int argc, char *argv[])
{
	struct log_ready	 ready;
	const char		*home, *logs, *pids, *user;
	char			 dirs[2][PATH_MAX];
	int			 ch;

	proc_child_init("log");
	signal(SIGTERM, SIG_IGN);	/* the parent closes the channel */
	home = logs = pids = user = NULL;
	while ((ch = getopt(argc, argv, "h:l:p:u:")) != -1) {
		switch (ch) {
		case 'h':
			home = optarg;
			break;
		case 'l':
			logs = optarg;
			break;
		case 'p':
			pids = optarg;
			break;
		case 'u':
			user = optarg;
			break;
		default:
			usage();
		}
	}
	if (optind != argc || (home != NULL) == (logs != NULL) ||
	    (logs != NULL) != (pids != NULL))
		usage();
	users = home == NULL;
	if (home != NULL) {
		if (home_file(dirs[0], sizeof(dirs[0]), home, HOME_LOGS) == -1
		    || home_file(dirs[1], sizeof(dirs[1]), home, HOME_PIDS) ==
		    -1)
			fatal("%s", home);
		logs = dirs[0];
		pids = dirs[1];
	}
	set_up(users ? logs : home, logs, pids, user);

	parent = parent_link(base, IMSGEV_FDPASS, dispatch);
	imsgbuf_set_limits(imsgev_buf(parent), PARENT_MAXMSGS,
	    PARENT_MAXBYTES);
	memset(&ready, 0, sizeof(ready));
	(void)strlcpy(ready.sandbox, sandbox_describe(),
	    sizeof(ready.sandbox));
	parent_send(IMSG_LOG_READY, &ready, sizeof(ready));

	event_base_dispatch(base);
	stream_drain_all();
	full_finish();
	return (parent_status());
}

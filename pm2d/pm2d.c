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
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent.h"
#include "attend.h"
#include "boot.h"
#include "caps.h"
#include "conf.h"
#include "control.h"
#include "engine.h"
#include "helper.h"
#include "home.h"
#include "instpaths.h"
#include "listen.h"
#include "log.h"
#include "parent.h"
#include "places.h"
#include "preload.h"
#include "sample.h"
#include "sdnotify.h"
#include "spawn.h"
#include "system.h"

/*
 * pm2d: the privileged parent.  Here it starts, finds out that it is the
 * only one of its home, and ends.
 */

#define FDS_RESERVE	128	/* ours, clients', in passing: at least */
#define FDS_PLENTY	1024	/* ...and at most */
#define LOCK_MS		12000	/* for one that ends: its log daemon has 10 s */

struct main_events {
	struct event	 term;
	struct event	 intr;
	struct event	 quit;
	struct event	 hup;
	struct event	 usr1;
};

static void	 usage(void) __attribute__((noreturn));
static void	 refuse_second(const struct pm2d *) __attribute__((noreturn));

static void
usage(void)
{
	fprintf(stderr, "usage: pm2d [-DdVv] -h home\n"
	    "       pm2d [-DdVv] -f file\n"
	    "       pm2d -n [-v] [-f file] "
	    "[-C user command [app-user [program]]]\n");
	exit(1);
}

/*
 * Go to the background.  The process that was called waits until the other
 * one serves its socket, so that whoever called it may connect; what goes
 * wrong until then is still said on the caller's stderr.
 */
static int
background(void)
{
	char	 c;
	int	 fds[2], status = 1;
	pid_t	 pid;

	if (pipe2(fds, O_CLOEXEC) == -1 || (pid = fork()) == -1)
		fatal("pm2d: going to the background");
	if (pid != 0) {
		close(fds[1]);
		if (read(fds[0], &c, 1) == 1)
			status = 0;
		_exit(status);
	}
	close(fds[0]);
	if (setsid() == -1)
		fatal("setsid");
	return (fds[1]);
}

/* SIGUSR1: somebody has moved the log away. */
static void
reopen_log(int sig, short event, void *arg)
{
	struct pm2d	*env = arg;

	(void)sig;
	(void)event;
	ownlog_reopen(env);
	logd_reopen(env->logd, APP_ID_ALL, logd_ignore, NULL);
	log_info("logs opened anew");
}

/* SIGHUP: the log of a user's own, pm2d.conf of the system's. */
static void
got_hup(int sig, short event, void *arg)
{
	struct pm2d	*env = arg;

	if (env->conf == NULL)
		reopen_log(sig, event, arg);
	else
		system_reload(env);
}

static void
refuse_second(const struct pm2d *env)
{
	fprintf(stderr, "pm2d: one is running already for %s\n", env->home);
	exit(1);
}

/* Connect to ourselves, as a client would. */
static int
connect_socket(const struct pm2d *env)
{
	char	 path[PATH_MAX];

	if (env->places == NULL)
		return (home_connect(env->home));
	places_socket(env, path, sizeof(path));
	return (home_connect_socket(path));
}

/*
 * Only one daemon for a home: whoever holds the lock on its pid file.  One
 * that does not answer any more is about to end: its successor waits.
 */
static int
lock_home(struct pm2d *env)
{
	static const struct timespec	 moment = { 0, 50 * 1000 * 1000 };
	monotime_t			 begin = monotime_now();
	char				 path[PATH_MAX];
	int				 fd, s;

	if (places_file(env, PLACE_RUN, HOME_PID, path, sizeof(path)) == -1)
		fatal("%s", env->home);
	do {
		fd = flopen(path, O_RDWR | O_CREAT | O_NONBLOCK | O_CLOEXEC |
		    O_NOFOLLOW, 0600);
		if (fd != -1)
			return (fd);
		if (errno != EWOULDBLOCK)
			fatal("%s", path);
		if ((s = connect_socket(env)) != -1)
			close(s);
		if (s != -1 || errno == ETIMEDOUT)
			break;
		nanosleep(&moment, NULL);
	} while (monotime_since(monotime_now(), begin) < LOCK_MS);
	refuse_second(env);
}

static void
write_pid(int fd)
{
	char	 buf[32];
	int	 n;

	n = snprintf(buf, sizeof(buf), "%d\n", getpid());
	if (ftruncate(fd, 0) == -1 || pwrite(fd, buf, n, 0) != n)
		log_warn("%s", HOME_PID);
}

/* All the descriptors that we may have; apps get the limit of old. */
static void
raise_limits(struct pm2d *env)
{
	struct rlimit	 rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1)
		fatal("getrlimit");
	rl.rlim_cur = rl.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &rl) == -1 &&
	    getrlimit(RLIMIT_NOFILE, &rl) == -1)
		fatal("setrlimit");
	if (rl.rlim_cur > 1000000)
		rl.rlim_cur = 1000000;
	env->fds_reserve = rl.rlim_cur / 8;
	if (env->fds_reserve < FDS_RESERVE)
		env->fds_reserve = FDS_RESERVE;
	if (env->fds_reserve > FDS_PLENTY)
		env->fds_reserve = FDS_PLENTY;
	env->max_fds = rl.rlim_cur < env->fds_reserve + FDS_PER_APP ?
	    FDS_PER_APP : rl.rlim_cur - env->fds_reserve;
	env->max_apps = env->max_fds / FDS_PER_APP;
}

/* Asked once, at the start: a name service may take its time. */
int
logd_hasuser(const char *name)
{
	return (getpwnam(name) != NULL);
}

void
logd_ignore(void *arg, int error)
{
	(void)arg;
	(void)error;
}

/* ---- the end ---- */

void
pm2d_settled(struct pm2d *env)
{
	if (!env->going || env->nbusy > 0 || !TAILQ_EMPTY(&env->draining) ||
	    (!env->keep && env->napps > 0))
		return;
	event_base_loopexit(env->base, NULL);
}

static void
got_term(int sig, short event, void *arg)
{
	struct pm2d	*env = arg;

	(void)event;
	if (env->going)
		return;
	log_info("signal %d: stopping all apps; the list is kept", sig);
	sdnotify("STOPPING=1\nSTATUS=stopping %u apps", env->napps);
	supervise_stopall(env, 1);
}

static void
install_signals(struct pm2d *env, struct main_events *me)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	evsignal_assign(&me->term, env->base, SIGTERM, got_term, env);
	evsignal_assign(&me->intr, env->base, SIGINT, got_term, env);
	evsignal_assign(&me->quit, env->base, SIGQUIT, got_term, env);
	evsignal_assign(&me->hup, env->base, SIGHUP, got_hup, env);
	evsignal_assign(&me->usr1, env->base, SIGUSR1, reopen_log, env);
	if (evsignal_add(&me->term, NULL) == -1 ||
	    evsignal_add(&me->intr, NULL) == -1 ||
	    evsignal_add(&me->quit, NULL) == -1 ||
	    evsignal_add(&me->hup, NULL) == -1 ||
	    evsignal_add(&me->usr1, NULL) == -1)
		fatal("signals");
}

static void
remove_signals(struct main_events *me)
{
	event_del(&me->term);
	event_del(&me->intr);
	event_del(&me->quit);
	event_del(&me->hup);
	event_del(&me->usr1);
}

/* ---- the beginning ---- */

static int
is_ours(pid_t pid, void *arg)
{
	struct pm2d	*env = arg;

	return (run_findpid(env, pid) != NULL || pid == logd_pid(env->logd) ||
	    pid == engine_pid(env->engine) || conf_ispid(pid) ||
	    agent_ispid(env, pid) || boot_ispid(pid));
}

/* What was wanted running runs again. */
static void
start_wanted(struct pm2d *env)
{
	struct app	*app;

	leftover_end(env);
	RB_FOREACH(app, apptree, &env->apps) {
		attend_update(app);
		if (leftover_adopt(app) == -1 && app->run->m.wanted &&
		    app->run->m.state == APP_STOPPED &&
		    !appspec_job(app->spec))
			supervise_start(app);
	}
}

static void
pm2d_init(struct pm2d *env)
{
	struct event_config	*cfg;

	RB_INIT(&env->apps);
	RB_INIT(&env->teams);
	RB_INIT(&env->pids);
	TAILQ_INIT(&env->logfiles);
	/* epoll alone: no second descriptor per signal, no time cached. */
	if ((cfg = event_config_new()) == NULL ||
	    (env->base = event_base_new_with_config(cfg)) == NULL)
		fatal("event base");
	event_config_free(cfg);
	if (supervise_init(env) == -1 ||
	    tree_init(env->base, TREE_NONE, is_ours, env) == -1)
		fatal("pm2d: looking after processes");
	attend_init(env);
	listen_init(env);	/* before there are apps that may be freed */
	if ((env->store = store_open(env)) == NULL ||
	    store_load(env->store) == -1)
		fatal("%s/%s", env->home, HOME_STATE);
}

/* Whoever asked for the end is told of it when all of it is true. */
static void
pm2d_end(struct pm2d *env, int lock)
{
	struct app	*app;

	system_stop();
	boot_exit();
	control_close(env->control);
	engine_free(env->engine);
	logd_free(env->logd);
	store_close(env->store);
	env->store = NULL;
	while ((app = RB_MIN(apptree, &env->apps)) != NULL)
		app_free(app);
	attend_exit(env);
	listen_exit(env);
	helper_exit();
	tree_exit();
	supervise_exit(env);
	places_remove(env);
	close(lock);
	control_farewell(env->control);
	control_free(env->control);
	env->control = NULL;
	system_exit(env);
	spawn_exit();
	log_info("pm2d ends");
}

static void
pm2d_run(struct pm2d *env, int ready)
{
	struct main_events	 me;
	char			 path[PATH_MAX];
	int			 lock, sock;

	lock = lock_home(env);
	raise_limits(env);
	pm2d_init(env);
	install_signals(env, &me);
	if ((sock = places_listen(env)) == -1) {
		places_socket(env, path, sizeof(path));
		fatal("%s", path);
	}
	ownlog_open(env);
	write_pid(lock);
	log_info("pm2d %s starts, pid %d, %u apps known", PM2D_VERSION,
	    getpid(), env->napps);
	preload_init(PATH_PRELOAD);
	if ((env->logd = logd_new(env)) == NULL ||
	    (env->control = control_new(env, sock)) == NULL)
		fatal("pm2d");
	start_wanted(env);
	boot_begin(env);
	if (ready != -1) {
		if (write(ready, "r", 1) != 1)
			log_warnx("who started pm2d did not wait for it");
		close(ready);
	}
	sdnotify("READY=1\nSTATUS=%u apps known", env->napps);
	event_base_dispatch(env->base);
	pm2d_end(env, lock);
	remove_signals(&me);
	event_base_free(env->base);
}

/* Once, before anybody depends on our not waiting for a name service. */
static void
set_user(struct pm2d *env)
{
	struct passwd	*pw;

	env->uid = geteuid();
	if ((pw = getpwuid(env->uid)) != NULL)
		strlcpy(env->user, pw->pw_name, sizeof(env->user));
}

/* Paths in messages and for the other daemons are absolute. */
static void
set_home(struct pm2d *env, const char *home)
{
	if (*home != '/') {
		fprintf(stderr, "pm2d: -h %s: not an absolute path\n", home);
		exit(1);
	}
	if (strlcpy(env->home, home, sizeof(env->home)) >= sizeof(env->home) ||
	    strlen(home) + 64 > sizeof(env->home)) {
		fprintf(stderr, "pm2d: -h: path too long\n");
		exit(1);
	}
	if (home_make(env->home) == -1)
		fatal("%s", env->home);
}

/* Nothing of ours may become one of these: they are replaced later. */
static void
fill_stdfds(void)
{
	int	 fd;

	do {
		if ((fd = open("/dev/null", O_RDWR)) == -1)
			_exit(1);
	} while (fd <= STDERR_FILENO);
	close(fd);
}

int
main(int argc, char *argv[])
{
	static struct pm2d	 env;
	const char		*home = NULL, *file = NULL;
	int			 asked = 0, check = 0;
	int			 c, verbose = 0, ready = -1, attached = 0;

	if (prctl(PR_SET_DUMPABLE, 0) == -1)
		err(1, "prctl");
	fill_stdfds();
	closefrom(3);
	log_init(LOG_TO_STDERR, 0);
	log_procinit("parent");
	while ((c = getopt(argc, argv, "+CDdf:h:nVv")) != -1) {
		switch (c) {
		case 'C':
			asked = 1;
			break;
		case 'd':
			env.foreground = attached = 1;
			break;
		case 'D':
			attached = 1;
			break;
		case 'f':
			file = optarg;
			break;
		case 'h':
			home = optarg;
			break;
		case 'n':
			check = 1;
			break;
		case 'V':
			printf("pm2d %s\n", PM2D_VERSION);
			return (0);
		case 'v':
			verbose++;
			break;
		default:
			usage();
		}
	}
	log_init(LOG_TO_STDERR, verbose);
	argc -= optind;
	argv += optind;
	if (check) {
		if (home != NULL || attached ||
		    (asked ? argc < 2 || argc > 4 : argc != 0))
			usage();
		return (conf_check(file != NULL ? file : PATH_CONF, asked,
		    argc, argv));
	}
	if (argc != 0 || (home == NULL) == (file == NULL) || asked)
		usage();
	set_user(&env);
	if (home != NULL)
		set_home(&env, home);
	/* Before anything that apps must not get from us. */
	if (spawn_init() == -1)
		fatal("descriptors");
	if (home == NULL)
		system_begin(&env, file);
	umask(077);
	sdnotify_init(environ);
	clearenv();
	tzset();
	if (chdir("/") == -1)
		fatal("chdir");
	if (caps_limit() == -1)
		fatal("capabilities");
	if (!attached)
		ready = background();
	pm2d_run(&env, ready);
	return (0);
}

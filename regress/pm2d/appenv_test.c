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
 * What an app is executed with.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <atf-c.h>

#include "parent.h"
#include "preload.h"
#include "sys_fault.h"

static struct pm2d	 env;
static struct app	 app;
static struct appids	 appids;
static struct appfiles	 files;
static struct logfile	 logs[LOG_KINDS];
static char		 paths[3][8] = { "out", "err", "pid" };
static struct run	 run;
static struct spec_buf	 sb;
static struct appexec	 ex;

/* ---- the rooms that are not looked at here ---- */

const char *
tree_env(const struct tree *t)
{
	(void)t;
	return ("PM2D_TREE=7");
}

void
applog_path(const struct app *a, const char *dir, const char *path, char *buf,
    size_t len)
{
	(void)a;
	(void)snprintf(buf, len, "/%s/%s", dir, path);
}

/* ---- an app ---- */

static void
begin(void)
{
	memset(&app, 0, sizeof(app));
	memset(&run, 0, sizeof(run));
	memset(&appids, 0, sizeof(appids));
	memset(&sb, 0, sizeof(sb));
	app.env = &env;
	app.id = 3;
	app.instance = 2;
	app.ids = &appids;
	(void)strlcpy(app.name, "app", sizeof(app.name));
	run.app = &app;
	run.files = &files;
	files.logs[LOG_OUT] = &logs[LOG_OUT];
	files.logs[LOG_ERR] = &logs[LOG_ERR];
	logs[LOG_OUT].path = paths[0];
	logs[LOG_ERR].path = paths[1];
	files.pidfile = paths[2];
	run.channel = run.notify = -1;
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_NAME, "app"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_SCRIPT, "/srv/app.js"));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_CWD, "/srv"));
}

static void
str(enum spec_key key, const char *s)
{
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, key, s));
}

static void
num(enum spec_key key, uint64_t n)
{
	ATF_REQUIRE_EQ(0, spec_add_u64(&sb, key, n));
}

static void
make(void)
{
	char	 why[256];

	free(app.spec);
	ATF_REQUIRE((app.spec = malloc(sizeof(*app.spec) + sb.len)) != NULL);
	app.spec->len = sb.len;
	memcpy(app.spec->data, sb.data, sb.len);
	ATF_REQUIRE_EQ_MSG(0, spec_parse(&app.spec->spec, app.spec->data,
	    sb.len, why, sizeof(why)), "%s", why);
	ATF_REQUIRE_EQ_MSG(0, spec_validate(&app.spec->spec, why,
	    sizeof(why)), "%s", why);
	appexec_free(&ex);
	run.spec = app.spec;
	ATF_REQUIRE_EQ(0, appexec_make(&ex, &run));
}

static void
end(void)
{
	appexec_free(&ex);
	free(app.spec);
	app.spec = NULL;
	spec_buf_free(&sb);
}

/* The value of a variable, which is there once; NULL: it is not there. */
static const char *
var(const char *name)
{
	const char	*value = NULL;
	size_t		 i, len = strlen(name);

	for (i = 0; ex.envp[i] != NULL; i++)
		if (strncmp(ex.envp[i], name, len) == 0 &&
		    ex.envp[i][len] == '=') {
			ATF_REQUIRE_EQ_MSG(NULL, value, "%s twice", name);
			value = ex.envp[i] + len + 1;
		}
	return (value);
}

#define REQUIRE_VAR(name, want) do {					\
	ATF_REQUIRE_MSG(var(name) != NULL, "no %s", name);		\
	ATF_REQUIRE_STREQ(want, var(name));				\
} while (0)
#define REQUIRE_NOVAR(name)						\
	ATF_REQUIRE_MSG(var(name) == NULL, "%s=%s", name, var(name))

/* argv, with blanks in between */
static const char *
args(void)
{
	static char	 buf[1024];
	size_t		 i;

	buf[0] = '\0';
	for (i = 0; ex.argv[i] != NULL; i++) {
		if (i > 0)
			(void)strlcat(buf, " ", sizeof(buf));
		ATF_REQUIRE(strlcat(buf, ex.argv[i], sizeof(buf)) <
		    sizeof(buf));
	}
	return (buf);
}

/* ---- environment ---- */

ATF_TC_WITHOUT_HEAD(env__fork_mode);
ATF_TC_BODY(env__fork_mode, tc)
{
	begin();
	make();
	REQUIRE_VAR("exec_mode", "fork_mode");
	REQUIRE_VAR("NODE_APP_INSTANCE", "2");
	REQUIRE_VAR("pm_id", "3");
	REQUIRE_VAR("PM2D_TREE", "7");
	REQUIRE_NOVAR("NODE_CHANNEL_FD");
	REQUIRE_NOVAR("NODE_CHANNEL_SERIALIZATION_MODE");
	REQUIRE_NOVAR("NODE_UNIQUE_ID");
	REQUIRE_NOVAR("NOTIFY_SOCKET");
	REQUIRE_NOVAR("LISTEN_FDS");
	str(SPEC_EXEC_MODE, "fork_mode");
	num(SPEC_IPC, 1);
	run.channel = 9;
	make();
	REQUIRE_VAR("exec_mode", "fork_mode");
	REQUIRE_VAR("NODE_CHANNEL_FD", "3");
	REQUIRE_VAR("NODE_CHANNEL_SERIALIZATION_MODE", "json");
	REQUIRE_NOVAR("NODE_UNIQUE_ID");
	end();
}

ATF_TC_WITHOUT_HEAD(env__cluster_worker);
ATF_TC_BODY(env__cluster_worker, tc)
{
	begin();
	str(SPEC_EXEC_MODE, "cluster_mode");
	run.channel = 9;
	run.worker = 4711;
	make();
	REQUIRE_VAR("exec_mode", "cluster_mode");
	REQUIRE_VAR("NODE_CHANNEL_FD", "3");
	REQUIRE_VAR("NODE_CHANNEL_SERIALIZATION_MODE", "json");
	REQUIRE_VAR("NODE_UNIQUE_ID", "4711");
	/* Without a channel it would exit without a word. */
	run.channel = -1;
	make();
	REQUIRE_NOVAR("NODE_UNIQUE_ID");
	end();
}

ATF_TC_WITHOUT_HEAD(env__of_others_withheld);
ATF_TC_BODY(env__of_others_withheld, tc)
{
	static const char *const names[] = { "NODE_CHANNEL_FD",
	    "NODE_UNIQUE_ID", "NODE_CHANNEL_SERIALIZATION_MODE",
	    "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS",
	    "LISTEN_PID", "LISTEN_FDNAMES" };
	char	 buf[64];
	size_t	 i;

	begin();
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(buf, sizeof(buf), "%s=5", names[i]);
		str(SPEC_ENV, buf);
	}
	str(SPEC_ENV, "PM2D_TREE=1");
	str(SPEC_ENV, "LISTEN_FDS_X=5");
	/* nor may they be had by another name for the instance */
	str(SPEC_INSTANCE_VAR, "NODE_UNIQUE_ID");
	str(SPEC_INCREMENT_VAR, "NODE_CHANNEL_FD");
	make();
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		REQUIRE_NOVAR(names[i]);
	REQUIRE_VAR("PM2D_TREE", "7");
	REQUIRE_VAR("LISTEN_FDS_X", "5");
	end();
}

ATF_TC_WITHOUT_HEAD(env__instance_var);
ATF_TC_BODY(env__instance_var, tc)
{
	begin();
	str(SPEC_INSTANCE_VAR, "SLOT");
	str(SPEC_ENV, "SLOT=of the caller");
	make();
	REQUIRE_VAR("SLOT", "2");
	REQUIRE_NOVAR("NODE_APP_INSTANCE");
	end();
}

ATF_TC_WITHOUT_HEAD(env__increment_var);
ATF_TC_BODY(env__increment_var, tc)
{
	begin();
	str(SPEC_ENV, "N=3000");
	str(SPEC_ENV, "WORD=x1");
	str(SPEC_INCREMENT_VAR, "N");
	make();
	REQUIRE_VAR("N", "3002");
	end();

	begin();
	str(SPEC_INCREMENT_VAR, "WORD");
	str(SPEC_ENV, "WORD=x1");
	make();
	REQUIRE_VAR("WORD", "x1");
	end();

	begin();
	str(SPEC_INCREMENT_VAR, "NEW");
	make();
	REQUIRE_VAR("NEW", "2");
	end();

	/* also what -p says */
	begin();
	num(SPEC_PORT, 8000);
	str(SPEC_ENV, "PORT=1");
	str(SPEC_INCREMENT_VAR, "PORT");
	make();
	REQUIRE_VAR("PORT", "8002");
	end();

	begin();
	str(SPEC_ENV, "N=9223372036854775807");
	str(SPEC_INCREMENT_VAR, "N");
	make();
	REQUIRE_VAR("N", "9223372036854775807");
	end();
}

ATF_TC_WITHOUT_HEAD(env__listen);
ATF_TC_BODY(env__listen, tc)
{
	begin();
	str(SPEC_LISTEN, "tcp:8000");
	str(SPEC_LISTEN, "unix:/run/a b.sock");
	make();
	REQUIRE_VAR("LISTEN_FDS", "2");
	REQUIRE_VAR("LISTEN_PID", "0000000000");
	REQUIRE_VAR("LISTEN_FDNAMES", "tcp-8000:unix-/run/a-b.sock");
	REQUIRE_NOVAR("NODE_CHANNEL_FD");
	run.channel = 8;
	make();
	REQUIRE_VAR("NODE_CHANNEL_FD", "5");
	end();
}

ATF_TC_WITHOUT_HEAD(env__notify);
ATF_TC_BODY(env__notify, tc)
{
	char	 name[] = "@pm2d-1";

	begin();
	num(SPEC_NOTIFY, 1);
	run.notify = 8;
	run.notify_name = name;
	make();
	REQUIRE_VAR("NOTIFY_SOCKET", "@pm2d-1");
	REQUIRE_NOVAR("WATCHDOG_USEC");
	num(SPEC_WATCHDOG, 1500);
	make();
	REQUIRE_VAR("WATCHDOG_USEC", "1500000");
	REQUIRE_VAR("WATCHDOG_PID", "0000000000");
	end();
}

/* ---- layers ---- */

/* What a helper read: strings of env_files, then of secret_files. */
static void
reads(const char *envs, size_t envlen, const char *secrets, size_t len)
{
	free(run.envread);
	run.envread = calloc(1, sizeof(*run.envread) + envlen + len);
	ATF_REQUIRE(run.envread != NULL);
	run.envread->envlen = envlen;
	run.envread->len = envlen + len;
	memcpy(run.envread->data, envs, envlen);
	memcpy(run.envread->data + envlen, secrets, len);
}

/* Each name is in its layer and in all before: the later one wins. */
ATF_TC_WITHOUT_HEAD(env__layers);
ATF_TC_BODY(env__layers, tc)
{
	static const char	 file[] = "C=file\0D=file\0E=file\0F=file\0"
				    "C=file again\0NOTIFY_SOCKET=x";
	static const char	 secret[] = "F=secret file\0PM2D_TREE=1";

	begin();
	appids.ids.change = 1;
	(void)strlcpy(appids.ids.home, "/home/a", sizeof(appids.ids.home));
	(void)strlcpy(appids.ids.name, "a", sizeof(appids.ids.name));
	str(SPEC_ENV, "HOME=/shell");
	str(SPEC_ENV, "A=doubled");
	str(SPEC_ENV, "A=shell");
	str(SPEC_ENV, "B=shell");
	str(SPEC_ENV, "C=shell");
	str(SPEC_ENV, "pm_id=17");
	str(SPEC_SECRET, "E=secret");
	str(SPEC_SECRET, "F=secret");
	str(SPEC_SECRET, "LISTEN_FDS=3");
	str(SPEC_FILE_ENV, "B=env");
	str(SPEC_FILE_ENV, "D=env");
	str(SPEC_FILE_ENV, "E=env");
	str(SPEC_FILE_ENV, "NODE_CHANNEL_FD=5");
	reads(file, sizeof(file), secret, sizeof(secret));
	make();
	REQUIRE_VAR("USER", "a");
	REQUIRE_VAR("HOME", "/shell");
	REQUIRE_VAR("A", "shell");
	REQUIRE_VAR("B", "env");
	REQUIRE_VAR("C", "file again");
	REQUIRE_VAR("D", "env");
	REQUIRE_VAR("E", "secret");
	REQUIRE_VAR("F", "secret file");
	REQUIRE_VAR("pm_id", "3");
	REQUIRE_VAR("PM2D_TREE", "7");
	REQUIRE_NOVAR("LISTEN_FDS");
	REQUIRE_NOVAR("NODE_CHANNEL_FD");
	REQUIRE_NOVAR("NOTIFY_SOCKET");
	free(run.envread);
	run.envread = NULL;
	end();
}

/* As many names as a spec holds, and not more than can be executed. */
ATF_TC_WITHOUT_HEAD(env__many);
ATF_TC_BODY(env__many, tc)
{
	char	 name[32], *big;
	int	 i;

	begin();
	for (i = 0; i < 40000; i++) {
		(void)snprintf(name, sizeof(name), "N%d=%d", i % 20000, i);
		str(SPEC_ENV, name);
	}
	make();
	REQUIRE_VAR("N7", "20007");
	REQUIRE_VAR("N19999", "39999");
	end();

	begin();
	ATF_REQUIRE((big = malloc(SPEC_ARGENV_MAX)) != NULL);
	memset(big, 'x', SPEC_ARGENV_MAX);
	big[1] = '=';
	big[SPEC_ARGENV_MAX - 4096 - 1] = '\0';
	reads(big, SPEC_ARGENV_MAX - 4096, "", 0);
	make();
	str(SPEC_ARG, "x");
	make();
	big[SPEC_ARGENV_MAX - 4096 - 1] = 'x';
	big[SPEC_ARGENV_MAX - 1] = '\0';
	reads(big, SPEC_ARGENV_MAX, "", 0);
	appexec_free(&ex);
	ATF_CHECK_ERRNO(E2BIG, appexec_make(&ex, &run) == -1);
	free(run.envread);
	run.envread = NULL;
	free(big);
	end();
}

/* ---- argv ---- */

static char	 preload[128];

static void
write_preload(mode_t mode)
{
	char	 cwd[64];
	int	 fd;

	ATF_REQUIRE(getcwd(cwd, sizeof(cwd)) != NULL);
	(void)snprintf(preload, sizeof(preload), "%s/drain.cjs", cwd);
	fd = open(preload, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ATF_REQUIRE(fd != -1);
	ATF_REQUIRE_EQ(0, fchmod(fd, mode));
	ATF_REQUIRE_EQ(0, close(fd));
}

/* "*" in want stands for the path of the preload. */
static void
require_args(const char *want)
{
	char		 buf[1024];
	const char	*star;

	make();
	if ((star = strchr(want, '*')) != NULL)
		(void)snprintf(buf, sizeof(buf), "%.*s%s%s",
		    (int)(star - want), want, preload, star + 1);
	else
		(void)strlcpy(buf, want, sizeof(buf));
	ATF_REQUIRE_STREQ(buf, args());
}

static void
cluster(const char *interp, const char *arg, const char *want)
{
	begin();
	str(SPEC_EXEC_MODE, "cluster_mode");
	if (interp != NULL)
		str(SPEC_INTERPRETER, interp);
	if (arg != NULL)
		str(SPEC_INTERPRETER_ARG, arg);
	str(SPEC_ARG, "x");
	require_args(want);
	end();
}

ATF_TC_WITHOUT_HEAD(argv__preload);
ATF_TC_BODY(argv__preload, tc)
{
	write_preload(0644);
	preload_init(preload);
	ATF_REQUIRE_EQ(NULL, preload_problem());
	cluster("node", NULL, "node --require * /srv/app.js x");
	cluster("/opt/a/bin/nodejs", "--expose-gc",
	    "/opt/a/bin/nodejs --require * --expose-gc /srv/app.js x");
	cluster("coffee", NULL, "coffee /srv/app.js x");
	cluster("/opt/node/python3", NULL, "/opt/node/python3 /srv/app.js x");
	cluster("none", NULL, "/srv/app.js x");
	cluster("", NULL, "/srv/app.js x");
	cluster(NULL, NULL, "/srv/app.js x");
	begin();
	str(SPEC_INTERPRETER, "node");
	require_args("node /srv/app.js");
	ATF_REQUIRE_EQ(NULL, run_preload(&run, NULL));
	str(SPEC_EXEC_MODE, "cluster_mode");
	require_args("node --require * /srv/app.js");
	ATF_REQUIRE_STREQ(preload, run_preload(&run, NULL));
	str(SPEC_ENV, "NODE_OPTIONS=--max-http-header-size=9");
	require_args("node --require * /srv/app.js");
	str(SPEC_ENV, "NODE_OPTIONS=--no-warnings --permission");
	require_args("node /srv/app.js");
	end();
	cluster("node", "--experimental-permission",
	    "node --experimental-permission /srv/app.js x");
	begin();
	str(SPEC_EXEC_MODE, "cluster_mode");
	str(SPEC_INTERPRETER, "node");
	num(SPEC_DRAIN, 0);
	require_args("node /srv/app.js");
	ATF_REQUIRE_EQ(NULL, run_preload(&run, NULL));
	end();
}

/* Whoever could write to it could run what he likes as every user. */
ATF_TC_WITHOUT_HEAD(argv__preload_not_to_be_trusted);
ATF_TC_BODY(argv__preload_not_to_be_trusted, tc)
{
	static const mode_t	 bad[] = { 0664, 0646, 0666 };
	char			 other[160];
	size_t			 i;

	write_preload(0644);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ATF_REQUIRE_EQ(0, chmod(preload, bad[i]));
		preload_init(preload);
		ATF_REQUIRE(preload_problem() != NULL);
		cluster("node", NULL, "node /srv/app.js x");
	}
	ATF_REQUIRE_EQ(0, chmod(preload, 0644));
	(void)snprintf(other, sizeof(other), "%s.not", preload);
	preload_init(other);
	ATF_REQUIRE(preload_problem() != NULL);
	cluster("node", NULL, "node /srv/app.js x");
	ATF_REQUIRE_EQ(0, symlink(preload, other));
	preload_init(other);
	ATF_REQUIRE(preload_problem() != NULL);
	if (geteuid() == 0) {
		ATF_REQUIRE_EQ(0, chown(preload, 12345, 0));
		preload_init(preload);
		ATF_REQUIRE(preload_problem() != NULL);
		ATF_REQUIRE_EQ(0, chown(preload, 0, 0));
	}
	preload_init(preload);
	ATF_REQUIRE_EQ(NULL, preload_problem());
	cluster("node", NULL, "node --require * /srv/app.js x");
	/* and what it was at the start it must still be */
	ATF_REQUIRE_EQ(0, rename(preload, "elsewhere"));
	cluster("node", NULL, "node /srv/app.js x");
	ATF_REQUIRE(preload_problem() != NULL);
	ATF_REQUIRE_EQ(0, rename("elsewhere", preload));
	cluster("node", NULL, "node --require * /srv/app.js x");
	ATF_REQUIRE_EQ(NULL, preload_problem());
}

/* Node that cannot read it would not start at all. */
ATF_TC_WITHOUT_HEAD(argv__preload_for_another_user);
ATF_TC_BODY(argv__preload_for_another_user, tc)
{
	struct stat	 st;

	write_preload(0600);
	preload_init(preload);
	ATF_REQUIRE_STREQ(preload, preload_path(0));
	ATF_REQUIRE_EQ(NULL, preload_path(1));
	begin();
	str(SPEC_EXEC_MODE, "cluster_mode");
	str(SPEC_INTERPRETER, "node");
	require_args("node --require * /srv/app.js");
	appids.ids.change = 1;
	require_args("node /srv/app.js");
	end();
	/* a program of the system, where everybody may go */
	if (stat("/etc/passwd", &st) == 0 && S_ISREG(st.st_mode)) {
		preload_init("/etc/passwd");
		ATF_REQUIRE_STREQ("/etc/passwd", preload_path(1));
	}
	ATF_REQUIRE_EQ(0, mkdir("closed", 0700));
	ATF_REQUIRE_EQ(0, chmod(preload, 0644));
	ATF_REQUIRE_EQ(0, rename(preload, "closed/drain.cjs"));
	preload[strlen(preload) - strlen("drain.cjs")] = '\0';
	(void)strlcat(preload, "closed/drain.cjs", sizeof(preload));
	preload_init(preload);
	ATF_REQUIRE_STREQ(preload, preload_path(0));
	ATF_REQUIRE_EQ(NULL, preload_path(1));
}

ATF_TC_WITHOUT_HEAD(argv__inspector);
ATF_TC_BODY(argv__inspector, tc)
{
	static const struct {
		const char	*arg;
		const char	*more;	/* instance 2 */
	} cases[] = {
		{ "--inspect", "--inspect-port=9231" },
		{ "--inspect-brk", "--inspect-port=9231" },
		{ "--inspect-wait", "--inspect-port=9231" },
		{ "--inspect=5000", "--inspect-port=5002" },
		{ "--inspect-brk=[::1]:5000", "--inspect-port=5002" },
		{ "--inspect=127.0.0.1:5000", "--inspect-port=5002" },
		{ "--inspect=localhost", "--inspect-port=9231" },
		{ "--inspect-port=7", "--inspect-port=9" },
		{ "--inspect=0", NULL },
		{ "--inspect=65535", NULL },
		{ "--inspect-publish-uid=http", NULL },
		{ "--inspector", NULL },
		{ "--prof", "--logfile=v8-%p.log" },
		{ "--prof-process", NULL }
	};
	char	 want[256];
	size_t	 i;

	preload_init("/nonexistent");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(want, sizeof(want), "node %s%s%s /srv/app.js x",
		    cases[i].arg, cases[i].more == NULL ? "" : " ",
		    cases[i].more == NULL ? "" : cases[i].more);
		cluster("node", cases[i].arg, want);
		/* another program has its own meaning for it */
		(void)snprintf(want, sizeof(want), "sh %s /srv/app.js x",
		    cases[i].arg);
		cluster("sh", cases[i].arg, want);
	}
	begin();
	str(SPEC_EXEC_MODE, "cluster_mode");
	str(SPEC_INTERPRETER, "node");
	str(SPEC_INTERPRETER_ARG, "--inspect");
	str(SPEC_INTERPRETER_ARG, "--prof");
	str(SPEC_INTERPRETER_ARG, "--logfile=x");
	app.instance = 0;
	require_args("node --inspect --prof --logfile=x /srv/app.js");
	app.instance = 1;
	require_args("node --inspect --prof --logfile=x --inspect-port=9230 "
	    "/srv/app.js");
	end();
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, env__fork_mode);
	ATF_TP_ADD_TC(tp, env__cluster_worker);
	ATF_TP_ADD_TC(tp, env__of_others_withheld);
	ATF_TP_ADD_TC(tp, env__instance_var);
	ATF_TP_ADD_TC(tp, env__increment_var);
	ATF_TP_ADD_TC(tp, env__listen);
	ATF_TP_ADD_TC(tp, env__notify);
	ATF_TP_ADD_TC(tp, env__layers);
	ATF_TP_ADD_TC(tp, env__many);
	ATF_TP_ADD_TC(tp, argv__preload);
	ATF_TP_ADD_TC(tp, argv__preload_not_to_be_trusted);
	ATF_TP_ADD_TC(tp, argv__preload_for_another_user);
	ATF_TP_ADD_TC(tp, argv__inspector);

	return (atf_no_error());
}

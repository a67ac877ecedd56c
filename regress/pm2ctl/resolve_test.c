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


#include <sys/stat.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <atf-c.h>

#include "resolve.h"

static void
make_file(const char *path, const char *text, mode_t mode)
{
	int	 fd;

	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ATF_REQUIRE(fd != -1);
	ATF_REQUIRE(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	ATF_REQUIRE_EQ(0, fchmod(fd, mode));
	ATF_REQUIRE_EQ(0, close(fd));
}

ATF_TC_WITHOUT_HEAD(path__absolute);
ATF_TC_BODY(path__absolute, tc)
{
	static const struct {
		const char	*path;
		const char	*want;
	} cases[] = {
		{ "a.js", "/w/d/a.js" },	{ "./a.js", "/w/d/a.js" },
		{ "../a.js", "/w/a.js" },	{ "../../../a", "/a" },
		{ "/x//y/./z", "/x/y/z" },	{ "/", "/" },
		{ "a/b/../c", "/w/d/a/c" },	{ "..a", "/w/d/..a" },
		{ "a/", "/w/d/a" },		{ ".", "/w/d" },
		{ "...", "/w/d/..." },
	};
	char	 buf[PATH_MAX], longpath[PATH_MAX + 8];
	size_t	 i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ATF_REQUIRE_EQ(0, path_absolute(buf, sizeof(buf), "/w/d",
		    cases[i].path));
		ATF_CHECK_STREQ(cases[i].want, buf);
	}
	memset(longpath, 'x', sizeof(longpath));
	longpath[sizeof(longpath) - 1] = '\0';
	ATF_CHECK_EQ(-1, path_absolute(buf, sizeof(buf), "/w", longpath));
}

/* Behind a link ".." is not where it looks; links stay as they are typed. */
ATF_TC_WITHOUT_HEAD(path__symlinks);
ATF_TC_BODY(path__symlinks, tc)
{
	char	 cwd[PATH_MAX], buf[PATH_MAX];

	ATF_REQUIRE_EQ(0, caller_cwd(cwd, sizeof(cwd)));
	ATF_REQUIRE_EQ(0, mkdir("releases", 0700));
	ATF_REQUIRE_EQ(0, mkdir("releases/1", 0700));
	make_file("releases/app.js", "", 0600);
	ATF_REQUIRE_EQ(0, symlink("releases/1", "current"));
	ATF_REQUIRE_EQ(0, path_absolute(buf, sizeof(buf), cwd,
	    "current/../app.js"));
	ATF_CHECK_MATCH("/current/\\.\\./app\\.js$", buf);
	make_file("releases/1/app.js", "", 0600);
	ATF_REQUIRE_EQ(0, path_absolute(buf, sizeof(buf), cwd,
	    "./current/app.js"));
	ATF_CHECK_MATCH("/current/app\\.js$", buf);
}

ATF_TC_WITHOUT_HEAD(path__search);
ATF_TC_BODY(path__search, tc)
{
	char	 path[PATH_MAX * 2], cwd[PATH_MAX], buf[PATH_MAX];

	ATF_REQUIRE(getcwd(cwd, sizeof(cwd)) != NULL);
	ATF_REQUIRE_EQ(0, mkdir("one", 0700));
	ATF_REQUIRE_EQ(0, mkdir("two", 0700));
	ATF_REQUIRE_EQ(0, mkdir("one/prog", 0700));	/* a directory */
	make_file("one/text", "x", 0600);		/* no program */
	make_file("two/prog", "x", 0700);
	make_file("two/text", "x", 0700);
	ATF_REQUIRE(snprintf(path, sizeof(path), "two::%s/one:%s/two", cwd,
	    cwd) > 0);
	ATF_CHECK_EQ(0, path_search(buf, sizeof(buf), path, "prog"));
	ATF_CHECK_MATCH("/two/prog$", buf);
	ATF_CHECK(buf[0] == '/');
	ATF_CHECK_EQ(0, path_search(buf, sizeof(buf), path, "text"));
	ATF_CHECK_EQ(-1, path_search(buf, sizeof(buf), path, "nope"));
	ATF_CHECK_EQ(-1, path_search(buf, sizeof(buf), path, "two/prog"));
	ATF_CHECK_EQ(-1, path_search(buf, sizeof(buf), path, ""));
	ATF_CHECK_EQ(-1, path_search(buf, sizeof(buf), NULL, "prog"));
	ATF_CHECK_EQ(-1, path_search(buf, sizeof(buf), "", "prog"));
}

ATF_TC_WITHOUT_HEAD(script__interpreter);
ATF_TC_BODY(script__interpreter, tc)
{
	ATF_CHECK_STREQ("bash", script_interpreters("/x/a.sh")[0]);
	ATF_CHECK_STREQ("python", script_interpreters("a.py")[0]);
	ATF_CHECK_STREQ("python3", script_interpreters("a.py")[1]);
	ATF_CHECK_STREQ("ruby", script_interpreters("a.rb")[0]);
	ATF_CHECK_STREQ("php", script_interpreters("a.php")[0]);
	ATF_CHECK_STREQ("perl", script_interpreters("a.pl")[0]);
	ATF_CHECK_STREQ("coffee", script_interpreters("a.coffee")[0]);
	ATF_CHECK_STREQ("node", script_interpreters("a.js")[0]);
	ATF_CHECK_STREQ("node", script_interpreters("a.cjs")[0]);
	ATF_CHECK_STREQ("node", script_interpreters("a.mjs")[0]);
	ATF_CHECK_STREQ("node", script_interpreters("/x.sh/a")[0]);
	make_file("tool", "#!/bin/sh\n", 0700);
	ATF_CHECK_STREQ("none", script_interpreters("tool")[0]);
	make_file("elf", "\177ELF....", 0700);
	ATF_CHECK_STREQ("none", script_interpreters("elf")[0]);
	make_file("text", "#!/bin/sh\n", 0600);
	ATF_CHECK_STREQ("node", script_interpreters("text")[0]);
	make_file("plain", "console.log(1)", 0700);
	ATF_CHECK_STREQ("node", script_interpreters("plain")[0]);
	ATF_CHECK(is_node("/usr/bin/node"));
	ATF_CHECK(!is_node("nodemon"));
}

static const char *
appname(const char *script)
{
	static char	 buf[APP_NAME_MAX];

	ATF_REQUIRE_EQ(0, script_appname(buf, sizeof(buf), script));
	return (buf);
}

ATF_TC_WITHOUT_HEAD(script__appname);
ATF_TC_BODY(script__appname, tc)
{
	char	 buf[8];

	ATF_CHECK_STREQ("echo", appname("/x/echo.js"));
	ATF_CHECK_STREQ("echo", appname("echo.mjs"));
	ATF_CHECK_STREQ("x.sh", appname("/x/x.sh"));
	ATF_CHECK_STREQ("a.coffee", appname("a.coffee"));
	ATF_CHECK_STREQ("a.min", appname("a.min.js"));
	ATF_CHECK_STREQ(".js", appname("/x/.js"));
	ATF_CHECK_STREQ("js", appname("js"));
	ATF_CHECK_EQ(-1, script_appname(buf, sizeof(buf), "12345678"));
	ATF_CHECK_EQ(0, script_appname(buf, sizeof(buf), "1234567.js"));
}

ATF_TC_WITHOUT_HEAD(script__process_files);
ATF_TC_BODY(script__process_files, tc)
{
	ATF_CHECK(is_process_file("-"));
	ATF_CHECK(is_process_file("x.json"));
	ATF_CHECK(is_process_file("/etc/processes.json"));
	ATF_CHECK(is_process_file("ecosystem.config.js"));
	ATF_CHECK(is_process_file("apps.yml"));
	ATF_CHECK(!is_process_file(".json"));
	ATF_CHECK(!is_process_file("json"));
	ATF_CHECK(!is_process_file("x.json/app.js"));
	ATF_CHECK(!is_process_file("config.js"));
}

ATF_TC_WITHOUT_HEAD(instances__words);
ATF_TC_BODY(instances__words, tc)
{
	uint64_t	 n;

	ATF_CHECK_EQ(0, parse_instances("3", 8, &n));
	ATF_CHECK_EQ(3, n);
	ATF_CHECK_EQ(0, parse_instances("max", 8, &n));
	ATF_CHECK_EQ(8, n);
	ATF_CHECK_EQ(0, parse_instances("0", 8, &n));
	ATF_CHECK_EQ(8, n);
	ATF_CHECK_EQ(0, parse_instances("-1", 8, &n));
	ATF_CHECK_EQ(7, n);
	ATF_CHECK_EQ(0, parse_instances("-9", 8, &n));
	ATF_CHECK_EQ(1, n);
	ATF_CHECK_EQ(0, parse_instances("4096", 1, &n));
	ATF_CHECK_EQ(-1, parse_instances("4097", 1, &n));
	ATF_CHECK_EQ(-1, parse_instances("many", 1, &n));
	ATF_CHECK_EQ(-1, parse_instances("4x", 1, &n));
	ATF_CHECK_EQ(-1, parse_instances("", 1, &n));
}

ATF_TC_WITHOUT_HEAD(words__split);
ATF_TC_BODY(words__split, tc)
{
	char	**v;

	v = words_split("  --a=1 'b c' \"d \\\" e\" f\\ g '' ");
	ATF_REQUIRE(v != NULL);
	ATF_CHECK_STREQ("--a=1", v[0]);
	ATF_CHECK_STREQ("b c", v[1]);
	ATF_CHECK_STREQ("d \" e", v[2]);
	ATF_CHECK_STREQ("f g", v[3]);
	ATF_CHECK_STREQ("", v[4]);
	ATF_CHECK(v[5] == NULL);
	free(v);
	v = words_split("a b c d e");
	ATF_REQUIRE(v != NULL);
	ATF_CHECK_STREQ("e", v[4]);
	ATF_CHECK(v[5] == NULL);
	free(v);
	v = words_split("");
	ATF_REQUIRE(v != NULL);
	ATF_CHECK(v[0] == NULL);
	free(v);
	ATF_CHECK(words_split("'open") == NULL);
	ATF_CHECK(words_split("\"open\\\"") == NULL);
}

ATF_TC_WITHOUT_HEAD(target__files);
ATF_TC_BODY(target__files, tc)
{
	struct options	 opt;
	struct target	 t;
	char		 err[512];

	memset(&opt, 0, sizeof(opt));
	make_file("app", "#!/bin/sh\n", 0700);
	ATF_REQUIRE_EQ_MSG(0, target_resolve(&t, "./app", &opt, err,
	    sizeof(err)), "%s", err);
	ATF_CHECK_STREQ("none", t.interpreter);
	ATF_CHECK_STREQ("app", t.name);
	ATF_CHECK(t.script[0] == '/');
	make_file("x.sh", "", 0600);
	opt.name = "other";
	ATF_REQUIRE_EQ(0, target_resolve(&t, "x.sh", &opt, err, sizeof(err)));
	ATF_CHECK_STREQ("bash", t.interpreter);
	ATF_CHECK_STREQ("other", t.name);
	opt.name = "a/b";
	ATF_CHECK_EQ(-1, target_resolve(&t, "x.sh", &opt, err, sizeof(err)));
	ATF_CHECK_MATCH("contains a '/'", err);
	opt.name = NULL;
	opt.interpreter = "none";
	ATF_REQUIRE_EQ(0, target_resolve(&t, "x.sh", &opt, err, sizeof(err)));
	ATF_CHECK_STREQ("none", t.interpreter);
	opt.interpreter = "no-such-interpreter";
	ATF_CHECK_EQ(-1, target_resolve(&t, "x.sh", &opt, err, sizeof(err)));
	ATF_CHECK_MATCH("^interpreter not found : no-such-interpreter", err);
	/* By path it becomes absolute. */
	opt.interpreter = "./app";
	ATF_REQUIRE_EQ(0, target_resolve(&t, "x.sh", &opt, err, sizeof(err)));
	ATF_CHECK_MATCH("^/.*/app$", t.interpreter);
}

/* What the caller's PATH has is nothing to another user. */
ATF_TC_WITHOUT_HEAD(target__interpreter_of_another_user);
ATF_TC_BODY(target__interpreter_of_another_user, tc)
{
	static const char	 theirs[] = "/usr/local/sbin:/usr/local/bin:"
				    "/usr/sbin:/usr/bin:/sbin:/bin";
	struct options		 opt;
	struct target		 t;
	const char		*want;
	char			 err[512], path[PATH_MAX];

	memset(&opt, 0, sizeof(opt));
	want = path_search(path, sizeof(path), theirs, "python") == -1 &&
	    path_search(path, sizeof(path), theirs, "python3") == 0 ?
	    "python3" : "python";
	make_file("python", "#!/bin/sh\n", 0700);
	make_file("x.py", "", 0600);
	ATF_REQUIRE(getcwd(path, sizeof(path)) != NULL);
	ATF_REQUIRE_EQ(0, setenv("PATH", path, 1));
	ATF_REQUIRE_EQ(0, target_resolve(&t, "x.py", &opt, err, sizeof(err)));
	ATF_CHECK_STREQ("python", t.interpreter);
	opt.user = "games";
	ATF_REQUIRE_EQ(0, target_resolve(&t, "x.py", &opt, err, sizeof(err)));
	ATF_CHECK_STREQ(want, t.interpreter);
	/* Perhaps it is there for that user. */
	opt.interpreter = "no-such-interpreter";
	ATF_REQUIRE_EQ(0, target_resolve(&t, "x.py", &opt, err, sizeof(err)));
	ATF_CHECK_STREQ("no-such-interpreter", t.interpreter);
}

ATF_TC_WITHOUT_HEAD(target__nothing_to_run);
ATF_TC_BODY(target__nothing_to_run, tc)
{
	struct options	 opt;
	struct target	 t;
	char		 err[512], cwd[PATH_MAX], want[PATH_MAX + 16];

	memset(&opt, 0, sizeof(opt));
	ATF_REQUIRE_EQ(0, caller_cwd(cwd, sizeof(cwd)));
	ATF_CHECK_EQ(RESOLVE_NOTFOUND, target_resolve(&t, "nope.js", &opt,
	    err, sizeof(err)));
	ATF_REQUIRE(snprintf(want, sizeof(want), "%s/nope.js", cwd) > 0);
	ATF_CHECK_STREQ(want, t.script);
	ATF_REQUIRE_EQ(0, mkdir("dir.js", 0700));
	ATF_CHECK_EQ(-1, target_resolve(&t, "dir.js", &opt, err,
	    sizeof(err)));
	ATF_CHECK_MATCH("is a directory", err);
	ATF_REQUIRE_EQ(0, mkfifo("fifo.js", 0700));
	ATF_CHECK_EQ(-1, target_resolve(&t, "fifo.js", &opt, err,
	    sizeof(err)));
}

ATF_TC_WITHOUT_HEAD(target__program);
ATF_TC_BODY(target__program, tc)
{
	struct options	 opt;
	struct target	 t;
	char		 err[512];

	memset(&opt, 0, sizeof(opt));
	/* A directory of that name does not hide the program. */
	ATF_REQUIRE_EQ(0, mkdir("cat", 0700));
	ATF_REQUIRE_EQ(0, target_resolve(&t, "cat", &opt, err, sizeof(err)));
	ATF_CHECK_MATCH("^/.*bin/cat$", t.script);
	ATF_CHECK_STREQ("none", t.interpreter);
	ATF_CHECK_STREQ("cat", t.name);
	/* A file does. */
	make_file("ls", "", 0600);
	ATF_REQUIRE_EQ(0, target_resolve(&t, "ls", &opt, err, sizeof(err)));
	ATF_CHECK_STREQ("node", t.interpreter);
}

static void
build(struct spec_buf *buf, struct spec *spec, const struct options *opt,
    char **app, int napp)
{
	static struct target	 t;
	struct ctl		 ctl;
	char			 err[512];

	memset(&ctl, 0, sizeof(ctl));
	ctl.opt = opt;
	ctl.app = app;
	ctl.napp = napp;
	make_file("spec.js", "", 0600);
	ATF_REQUIRE_EQ_MSG(0, target_resolve(&t, "spec.js", opt, err,
	    sizeof(err)), "%s", err);
	ATF_REQUIRE_EQ_MSG(0, spec_build(buf, &t, &ctl, err, sizeof(err)),
	    "%s", err);
	ATF_REQUIRE_EQ(0, spec_parse(spec, buf->data, buf->len, err,
	    sizeof(err)));
}

static int
has_env(const struct spec *spec, const char *entry)
{
	const char	*s;
	size_t		 pos;

	for (pos = 0; (s = spec_next(spec, SPEC_ENV, &pos)) != NULL;)
		if (strncmp(s, entry, strlen(entry)) == 0)
			return (1);
	return (0);
}

ATF_TC_WITHOUT_HEAD(spec__date_format_as_typed);
ATF_TC_BODY(spec__date_format_as_typed, tc)
{
	struct options	 opt;
	struct spec_buf	 buf;
	struct spec	 spec;

	memset(&opt, 0, sizeof(opt));
	opt.log_date_format = "YYYY-MM-DD [at] HH:mm:ss.SSS";
	build(&buf, &spec, &opt, NULL, 0);
	ATF_CHECK_STREQ(opt.log_date_format, spec.str[SPEC_LOG_DATE_FORMAT]);
	spec_buf_free(&buf);
}

ATF_TC_WITHOUT_HEAD(spec__from_options);
ATF_TC_BODY(spec__from_options, tc)
{
	struct options	 opt;
	struct spec_buf	 buf;
	struct spec	 spec;
	char		 a[] = "--x", b[] = "", *app[] = { a, b };
	char		 cwd[PATH_MAX];
	const char	*s;
	size_t		 pos;

	memset(&opt, 0, sizeof(opt));
	opt.instances = "3";
	opt.output = "logs/o.log";
	opt.stop_exit_codes = "0, 3 7";
	opt.no_autorestart = 1;
	opt.kill_timeout.given = 1;
	opt.kill_timeout.value = 77;
	opt.interpreter_args = "-r 'a b'";
	opt.time = 1;
	ATF_REQUIRE_EQ(0, setenv("PM2_NODE_OPTIONS", "--harmony -c", 1));
	build(&buf, &spec, &opt, app, 2);
	ATF_REQUIRE_EQ(0, caller_cwd(cwd, sizeof(cwd)));
	ATF_CHECK_STREQ("spec", spec.str[SPEC_NAME]);
	ATF_CHECK_STREQ("node", spec.str[SPEC_INTERPRETER]);
	ATF_CHECK_STREQ("cluster_mode", spec.str[SPEC_EXEC_MODE]);
	ATF_CHECK_STREQ(cwd, spec.str[SPEC_CWD]);
	ATF_CHECK_MATCH("/logs/o\\.log$", spec.str[SPEC_OUT_FILE]);
	ATF_CHECK(spec.str[SPEC_ERR_FILE] == NULL);
	ATF_CHECK_STREQ("%Y-%m-%dT%H:%M:%S", spec.str[SPEC_LOG_DATE_FORMAT]);
	ATF_CHECK_EQ(3, spec.num[SPEC_INSTANCES]);
	ATF_CHECK_EQ(0, spec.num[SPEC_AUTORESTART]);
	ATF_CHECK_EQ(77, spec.num[SPEC_KILL_TIMEOUT]);
	ATF_CHECK_EQ(3, spec.count[SPEC_STOP_EXIT_CODE]);
	ATF_CHECK_EQ(2, spec.count[SPEC_ARG]);
	ATF_CHECK_EQ(4, spec.count[SPEC_INTERPRETER_ARG]);
	pos = 0;
	s = spec_next(&spec, SPEC_INTERPRETER_ARG, &pos);
	ATF_CHECK_STREQ("--harmony", s);
	spec_buf_free(&buf);
}

ATF_TC_WITHOUT_HEAD(spec__of_clusters);
ATF_TC_BODY(spec__of_clusters, tc)
{
	struct options	 opt;
	struct spec_buf	 buf;
	struct spec	 spec;
	const char	*s;
	size_t		 pos;

	memset(&opt, 0, sizeof(opt));
	build(&buf, &spec, &opt, NULL, 0);
	ATF_CHECK_EQ(0, spec.count[SPEC_IPC]);
	ATF_CHECK_EQ(0, spec.count[SPEC_NOTIFY]);
	ATF_CHECK_EQ(0, spec.count[SPEC_INSTANCES]);
	ATF_CHECK_EQ(1, spec.num[SPEC_DRAIN]);
	ATF_CHECK_EQ(8000, spec.num[SPEC_LISTEN_TIMEOUT]);
	spec_buf_free(&buf);

	opt.balance = "kernel";
	opt.no_drain = opt.wait_ready = opt.shutdown_message = 1;
	opt.listen_timeout.given = opt.watchdog.given = 1;
	opt.listen_timeout.value = 3000;
	opt.watchdog.value = 700;
	opt.instance_var = "NUMBER";
	opt.increment_var = "DBPORT";
	build(&buf, &spec, &opt, NULL, 0);
	ATF_CHECK_STREQ("kernel", spec.str[SPEC_BALANCE]);
	ATF_CHECK_EQ(0, spec.num[SPEC_DRAIN]);
	ATF_CHECK_EQ(1, spec.num[SPEC_WAIT_READY]);
	ATF_CHECK_EQ(1, spec.num[SPEC_SHUTDOWN_MESSAGE]);
	ATF_CHECK_EQ(3000, spec.num[SPEC_LISTEN_TIMEOUT]);
	ATF_CHECK_EQ(700, spec.num[SPEC_WATCHDOG]);
	ATF_CHECK_EQ(1, spec.num[SPEC_NOTIFY]);
	ATF_CHECK_STREQ("NUMBER", spec.str[SPEC_INSTANCE_VAR]);
	ATF_CHECK_STREQ("DBPORT", spec.str[SPEC_INCREMENT_VAR]);
	spec_buf_free(&buf);

	memset(&opt, 0, sizeof(opt));
	opt.execute_command = 1;
	opt.listen.v[opt.listen.n++] = "tcp6:[::1]:8000";
	opt.listen.v[opt.listen.n++] = "unix:run/s";
	opt.listen.v[opt.listen.n++] = "unix:/x/s";
	opt.listen.v[opt.listen.n++] = "unix:@x";
	build(&buf, &spec, &opt, NULL, 0);
	ATF_CHECK_STREQ("fork_mode", spec.str[SPEC_EXEC_MODE]);
	ATF_CHECK_EQ(1, spec.num[SPEC_IPC]);
	ATF_CHECK_EQ(1, spec.num[SPEC_NOTIFY]);
	ATF_REQUIRE_EQ(4, spec.count[SPEC_LISTEN]);
	pos = 0;
	ATF_CHECK_STREQ("tcp6:[::1]:8000", spec_next(&spec, SPEC_LISTEN,
	    &pos));
	s = spec_next(&spec, SPEC_LISTEN, &pos);
	ATF_CHECK_MATCH("^unix:/.*/run/s$", s);
	ATF_CHECK_STREQ("unix:/x/s", spec_next(&spec, SPEC_LISTEN, &pos));
	ATF_CHECK_STREQ("unix:@x", spec_next(&spec, SPEC_LISTEN, &pos));
	spec_buf_free(&buf);
}

ATF_TC_WITHOUT_HEAD(spec__tsx);
ATF_TC_BODY(spec__tsx, tc)
{
	struct options	 opt;
	struct spec_buf	 buf;
	struct spec	 spec;
	size_t		 pos;

	memset(&opt, 0, sizeof(opt));
	opt.interpreter = "tsx";
	opt.interpreter_args = "--inspect";
	ATF_REQUIRE_EQ(0, unsetenv("PM2_NODE_OPTIONS"));
	build(&buf, &spec, &opt, NULL, 0);
	ATF_CHECK_STREQ("node", spec.str[SPEC_INTERPRETER]);
	pos = 0;
	ATF_REQUIRE_EQ(3, spec.count[SPEC_INTERPRETER_ARG]);
	ATF_CHECK_STREQ("--import", spec_next(&spec, SPEC_INTERPRETER_ARG,
	    &pos));
	ATF_CHECK_STREQ("tsx", spec_next(&spec, SPEC_INTERPRETER_ARG, &pos));
	ATF_CHECK_STREQ("--inspect", spec_next(&spec, SPEC_INTERPRETER_ARG,
	    &pos));
	spec_buf_free(&buf);
}

ATF_TC_WITHOUT_HEAD(spec__environment);
ATF_TC_BODY(spec__environment, tc)
{
	struct options	 opt;
	struct spec_buf	 buf;
	struct spec	 spec;

	memset(&opt, 0, sizeof(opt));
	ATF_REQUIRE_EQ(0, setenv("NOTIFY_SOCKET", "/x", 1));
	ATF_REQUIRE_EQ(0, setenv("NODE_CHANNEL_FD", "3", 1));
	ATF_REQUIRE_EQ(0, setenv("LISTEN_FDS", "1", 1));
	ATF_REQUIRE_EQ(0, setenv("LISTEN_FDS_OF_MINE", "1", 1));
	ATF_REQUIRE_EQ(0, setenv("SHINY", "yes", 1));
	ATF_REQUIRE_EQ(0, setenv("PM2_GRACEFUL_TIMEOUT", "1234", 1));
	build(&buf, &spec, &opt, NULL, 0);
	ATF_CHECK(has_env(&spec, "SHINY=yes"));
	ATF_CHECK(has_env(&spec, "LISTEN_FDS_OF_MINE="));
	ATF_CHECK(!has_env(&spec, "NOTIFY_SOCKET="));
	ATF_CHECK(!has_env(&spec, "NODE_CHANNEL_FD="));
	ATF_CHECK(!has_env(&spec, "LISTEN_FDS="));
	ATF_CHECK_EQ(1234, spec.num[SPEC_KILL_TIMEOUT]);
	spec_buf_free(&buf);

	opt.cwd = "/";
	build(&buf, &spec, &opt, NULL, 0);
	ATF_CHECK_STREQ("/", spec.str[SPEC_CWD]);
	ATF_CHECK(has_env(&spec, "PWD=/"));
	spec_buf_free(&buf);

	/* Another user starts from his own environment. */
	opt.user = geteuid() == 0 ? "daemon" : "root";
	build(&buf, &spec, &opt, NULL, 0);
	ATF_CHECK_EQ(0, spec.count[SPEC_ENV]);
	spec_buf_free(&buf);
}

ATF_TC_WITHOUT_HEAD(spec__refused);
ATF_TC_BODY(spec__refused, tc)
{
	struct options	 opt;
	struct spec_buf	 buf;
	struct target	 t;
	struct ctl	 ctl;
	char		 err[512];

	memset(&opt, 0, sizeof(opt));
	memset(&ctl, 0, sizeof(ctl));
	ctl.opt = &opt;
	make_file("r.js", "", 0600);
	ATF_REQUIRE_EQ(0, target_resolve(&t, "r.js", &opt, err, sizeof(err)));
	opt.instances = "lots";
	ATF_CHECK_EQ(-1, spec_build(&buf, &t, &ctl, err, sizeof(err)));
	ATF_CHECK_STREQ("Instance option must be an integer, at most 4096, "
	    "or the \"max\" string", err);
	opt.instances = NULL;
	opt.stop_exit_codes = "1 256";
	ATF_CHECK_EQ(-1, spec_build(&buf, &t, &ctl, err, sizeof(err)));
	ATF_CHECK_MATCH("256 is not a number from 0 to 255", err);
	opt.stop_exit_codes = NULL;
	opt.log_type = "xml";
	ATF_CHECK_EQ(-1, spec_build(&buf, &t, &ctl, err, sizeof(err)));
	opt.log_type = NULL;
	opt.interpreter_args = "'";
	ATF_CHECK_EQ(-1, spec_build(&buf, &t, &ctl, err, sizeof(err)));
	ATF_CHECK_STREQ("--interpreter-args: a quote is not closed", err);
	opt.interpreter_args = NULL;
	opt.instance_var = "A=B";
	ATF_CHECK_EQ(-1, spec_build(&buf, &t, &ctl, err, sizeof(err)));
	ATF_CHECK_STREQ("--instance-var: A=B is not the name of a variable",
	    err);
	opt.instance_var = NULL;
	opt.execute_command = 1;
	opt.listen.n = 1;
	opt.listen.v[0] = "8000";
	ATF_CHECK_EQ(-1, spec_build(&buf, &t, &ctl, err, sizeof(err)));
	ATF_CHECK_MATCH("^--listen: 8000 is not like tcp:8000", err);
	opt.listen.v[0] = "unix:";
	ATF_CHECK_EQ(-1, spec_build(&buf, &t, &ctl, err, sizeof(err)));
	opt.listen.n = 0;
	ATF_REQUIRE_EQ(0, setenv("PM2_GRACEFUL_TIMEOUT", "soon", 1));
	ATF_CHECK_EQ(-1, spec_build(&buf, &t, &ctl, err, sizeof(err)));
	ATF_CHECK_MATCH("PM2_GRACEFUL_TIMEOUT", err);
}

ATF_TC_WITHOUT_HEAD(custom__matters);
ATF_TC_BODY(custom__matters, tc)
{
	ATF_CHECK(!custom_matters("", NULL));
	ATF_CHECK(!custom_matters("# a\n\n  # export X=1\n", NULL));
	ATF_CHECK(custom_matters("# a\n export X=1", NULL));
	ATF_CHECK(!custom_matters("#--harmony\nexport X=1\n", "harmony"));
	ATF_CHECK(custom_matters("export X='--harmony'\n", "harmony"));
}

ATF_TC_WITHOUT_HEAD(custom__shell);
ATF_TC_BODY(custom__shell, tc)
{
	char	 home[PATH_MAX];

	ATF_REQUIRE(getcwd(home, sizeof(home)) != NULL);
	ATF_REQUIRE_EQ(0, setenv("PM2_ONE", "env", 1));
	ATF_REQUIRE_EQ(0, setenv("PM2_TWO", "env", 1));
	make_file("custom_options.sh", "echo noise\nx=file\n"
	    "export PM2_ONE=\"$x\"\nexport NOT_OURS=1\n", 0600);
	custom_load(home, 0);
	ATF_CHECK_STREQ("file", custom_get("PM2_ONE"));
	ATF_CHECK_STREQ("env", custom_get("PM2_TWO"));
	ATF_CHECK(custom_get("NOT_OURS") == NULL);
	ATF_CHECK(custom_get("PM2_ON") == NULL);
}

ATF_TC_WITHOUT_HEAD(custom__written_by_others);
ATF_TC_BODY(custom__written_by_others, tc)
{
	char	 home[PATH_MAX];

	ATF_REQUIRE(getcwd(home, sizeof(home)) != NULL);
	make_file("custom_options.sh", "export PM2_ONE=bad\n", 0646);
	custom_load(home, 0);
	ATF_CHECK(custom_get("PM2_ONE") == NULL);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, path__absolute);
	ATF_TP_ADD_TC(tp, path__symlinks);
	ATF_TP_ADD_TC(tp, path__search);
	ATF_TP_ADD_TC(tp, script__interpreter);
	ATF_TP_ADD_TC(tp, script__appname);
	ATF_TP_ADD_TC(tp, script__process_files);
	ATF_TP_ADD_TC(tp, instances__words);
	ATF_TP_ADD_TC(tp, words__split);
	ATF_TP_ADD_TC(tp, target__files);
	ATF_TP_ADD_TC(tp, target__interpreter_of_another_user);
	ATF_TP_ADD_TC(tp, target__nothing_to_run);
	ATF_TP_ADD_TC(tp, target__program);
	ATF_TP_ADD_TC(tp, spec__date_format_as_typed);
	ATF_TP_ADD_TC(tp, spec__from_options);
	ATF_TP_ADD_TC(tp, spec__of_clusters);
	ATF_TP_ADD_TC(tp, spec__tsx);
	ATF_TP_ADD_TC(tp, spec__environment);
	ATF_TP_ADD_TC(tp, spec__refused);
	ATF_TP_ADD_TC(tp, custom__matters);
	ATF_TP_ADD_TC(tp, custom__shell);
	ATF_TP_ADD_TC(tp, custom__written_by_others);
	return (atf_no_error());
}

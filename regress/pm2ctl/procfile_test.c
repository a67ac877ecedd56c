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
 * Apps of process files: every key, every mistake, and all of them together.
 */
#include <sys/stat.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <atf-c.h>

#include "output.h"
#include "procfile.h"
#include "resolve.h"
#include "spec.h"

static void
make_file(const char *path, const char *text)
{
	int	 fd;

	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0700);
	ATF_REQUIRE(fd != -1);
	ATF_REQUIRE(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	ATF_REQUIRE_EQ(0, close(fd));
}

static const struct ctl *
caller(void)
{
	static struct options	 opt;
	static struct ctl	 ctl;

	ctl.opt = &opt;
	ctl.home = "/nonexistent";
	return (&ctl);
}

/* Read; whatever it says comes as "line:column key: text" in lines. */
static const char *
problems(struct procfile *pf, const char *path, const char *env,
    const char *only)
{
	static char		 buf[16384];
	const struct pf_problem	*p;
	size_t			 i, len;
	int			 rc;

	rc = procfile_read(pf, caller(), path, env, only);
	ATF_CHECK_EQ(rc == -1, pf->nerrors > 0);
	for (buf[0] = '\0', i = 0; i < pf->nproblems; i++) {
		p = &pf->problems[i];
		len = strlen(buf);
		(void)snprintf(buf + len, sizeof(buf) - len,
		    "%s%s%u:%u %s: %s", len > 0 ? "\n" : "",
		    p->error ? "" : "W ", p->mark.line, p->mark.column,
		    p->key != NULL ? p->key : "-", p->text);
	}
	return (buf);
}

/* What is said of one app's text. */
static const char *
said(const char *text)
{
	struct procfile	 pf;
	const char	*s;

	make_file("t.json", text);
	s = problems(&pf, "t.json", NULL, NULL);
	procfile_free(&pf);
	return (s);
}

/* The spec of app n of what was read. */
static void
spec_of(struct procfile *pf, size_t n, struct spec_buf *buf,
    struct spec *spec)
{
	char	 err[512];

	ATF_REQUIRE(n < pf->napps);
	ATF_REQUIRE_EQ_MSG(0, spec_declared(buf, &pf->apps[n], caller(), err,
	    sizeof(err)), "%s", err);
	ATF_REQUIRE_EQ(0, spec_parse(spec, buf->data, buf->len, err,
	    sizeof(err)));
	ATF_CHECK_EQ_MSG(0, spec_validate(spec, err, sizeof(err)), "%s",
	    err);
}

/* All of a list, each with a '|' behind it. */
static const char *
list_of(const struct spec *spec, enum spec_key key)
{
	static char	 buf[4096];
	const char	*s;
	size_t		 pos = 0;

	buf[0] = '\0';
	while ((s = spec_next(spec, key, &pos)) != NULL) {
		(void)strlcat(buf, s, sizeof(buf));
		(void)strlcat(buf, "|", sizeof(buf));
	}
	return (buf);
}

/* ---- mistakes ---- */

#define APP	"{script: 'sleep', "

static const struct {
	const char	*text;
	const char	*want;
} mistakes[] = {
	{ APP "}", "" },
	{ "3", "1:1 -: expected an app, a list of apps or {\"apps\": [...]}, "
	    "found a number" },
	{ "[]", "1:1 -: there is no app in it" },
	{ "{apps: 'x'}", "1:8 -: expected an app, a list of apps or "
	    "{\"apps\": [...]}, found a string" },
	{ "[3]", "1:2 apps[0]: expected an object, found a number" },
	{ "{name: 'x'}", "1:1 -: the key \"script\" is missing: expected the "
	    "path of what is to be run" },
	{ "{apps: [{script: 'sleep'}, {name: 'x'}]}", "1:28 apps[1]: the key "
	    "\"script\" is missing: expected the path of what is to be run" },
	{ "{script: 3}", "1:10 script: expected the path of a script, found "
	    "a number" },
	{ APP "name: ''}", "1:25 name: expected a string, found an empty "
	    "one" },
	{ APP "name: 'a/b'}", "1:25 name: name contains a '/': it becomes "
	    "part of file names" },
	{ APP "name: 'all'}", "1:25 name: name is \"all\": that means every "
	    "app" },
	{ APP "instances: 'lots'}", "1:30 instances: expected a number, at "
	    "most 4096, or \"max\"" },
	{ APP "instances: 5000}", "1:30 instances: expected a number, at "
	    "most 4096, or \"max\"" },
	{ APP "args: {}}", "1:19 args: expected a list or a string, found an "
	    "object" },
	{ APP "args: [1, {}]}", "1:29 args: expected a list of strings, "
	    "found an object in it" },
	{ APP "args: '\"a'}", "1:25 args: a quote is not closed" },
	{ APP "args: \"['a'\"}", "1:25 args: expected a list such as "
	    "['-d', '1']; at its character 5: expected ',' or ']', found the "
	    "end of the file" },
	{ APP "exec_mode: 'both'}", "1:30 exec_mode: expected one of: fork "
	    "cluster (or fork_mode cluster_mode)" },
	{ APP "cwd: 3}", "1:24 cwd: expected a path, found a number" },
	{ APP "port: 70000}", "1:25 port: 70000 is not a number from 1 to "
	    "65535" },
	{ APP "port: 1.5}", "1:25 port: 1.5 is not a number from 1 to "
	    "65535" },
	{ APP "port: []}", "1:19 port: expected a number, found a list" },
	{ APP "min_uptime: '5 s'}", "1:31 min_uptime: 5 s is not a duration "
	    "(such as 500ms, 2s, 5m, 1h or 1d)" },
	{ APP "max_memory_restart: '200X'}", "1:39 max_memory_restart: 200X "
	    "is not a size (such as 4096, 512K, 10M or 1G)" },
	{ APP "kill_signal: 'SIGNO'}", "1:32 kill_signal: SIGNO is not a "
	    "signal" },
	{ APP "autorestart: 'maybe'}", "1:32 autorestart: expected true or "
	    "false, found a string" },
	{ APP "autorestart: 1}", "1:32 autorestart: expected true or false, "
	    "found a number" },
	{ APP "log_type: 'xml'}", "1:29 log_type: expected one of: json "
	    "raw" },
	{ APP "sandbox: 'yes'}", "1:28 sandbox: expected one of: off basic "
	    "strict" },
	{ APP "umask: 22}", "1:26 umask: expected octal digits in quotes, "
	    "such as \"022\"" },
	{ APP "umask: '099'}", "1:26 umask: 099 is not a file mode (octal, "
	    "such as 022)" },
	{ APP "nice: 20}", "1:25 nice: 20 is not a number from -20 to 19" },
	{ APP "cgroup_cpu: 0.125}", "1:31 cgroup_cpu: 0.125 is not a number "
	    "of cpus (such as 2, 1.5 or 0.25)" },
	{ APP "limits: {nofile: 'x'}}", "1:36 limits.nofile: x is not a "
	    "number" },
	{ APP "limits: {files: 3}}", "1:35 limits.files: unknown key: "
	    "expected what is behind limit_ in the names of keys" },
	{ APP "port: ' 80'}", "1:25 port:  80 is not a number from 1 to "
	    "65535" },
	{ APP "port: '+80'}", "1:25 port: +80 is not a number from 1 to "
	    "65535" },
	{ APP "instances: ' max'}", "1:30 instances: expected a number, at "
	    "most 4096, or \"max\"" },
	{ APP "instances: ' 4'}", "1:30 instances: expected a number, at "
	    "most 4096, or \"max\"" },
	{ APP "instances: 1e999}", "1:30 instances: expected a number, at "
	    "most 4096, or \"max\"" },
	{ APP "limits: 3}", "1:27 limits: expected an object, found a "
	    "number" },
	{ APP "stop_exit_codes: [0, 256]}", "1:19 stop_exit_codes: 256 is "
	    "not an exit code: expected numbers from 0 to 255" },
	{ APP "cron_restart: true}", "1:33 cron_restart: expected a pattern "
	    "of 5 or 6 fields, such as \"0 3 * * *\"" },
	{ APP "watch: 3}", "1:26 watch: expected true, false, a path or a "
	    "list of paths, found a number" },
	{ APP "ignore_watch: ['a', 3]}", "1:39 ignore_watch: expected a list "
	    "of strings that are not empty, found a number in it" },
	{ APP "watch_options: {usePolling: true}}", "W 1:35 watch_options."
	    "usePolling: has no meaning here: only \"ignored\" has" },
	{ APP "depends_on: {a: 'soon'}}", "1:35 depends_on.a: expected one "
	    "of: started online ready" },
	{ APP "depends_on: 'a:soon'}", "W 1:1 -: sleep depends on a:soon, "
	    "which is not in this file\n"
	    "1:31 depends_on: depends_on has a condition that is none of "
	    "started, online and ready" },
	{ APP "depends_on: 'a'}", "W 1:1 -: sleep depends on a, which is not "
	    "in this file" },
	{ APP "depends_on: 'sleep'}", "1:1 -: sleep depends on itself" },
	{ APP "env: 3}", "1:24 env: expected an object of variables, found a "
	    "number" },
	{ APP "env: {'A=B': 1}}", "1:32 env.A=B: this cannot be the name of "
	    "a variable" },
	{ APP "env: ['A']}", "1:25 env: expected \"NAME=value\"" },
	{ APP "env_x: 'y'}", "1:26 env_x: expected an object of variables, "
	    "found a string" },
	{ APP "secret: 'x'}", "1:27 secret: expected an object, NAME: "
	    "\"value\" or NAME: {\"file\": \"path\"}, found a string" },
	{ APP "secret: {A: {path: 1}}}", "1:28 secret.A: expected a string, "
	    "or {\"file\": \"path\"}" },
	{ APP "treekill: false}", "1:29 treekill: expected true: an app is "
	    "stopped when nothing that it started is left" },
	{ APP "treekill: true}", "" },
	{ APP "autostart: false}", "1:30 autostart: expected true: name the "
	    "apps to be started with --only" },
	{ APP "vizion: false}", "W 1:19 vizion: has no meaning here" },
	{ APP "options: ['']}", "" },
	{ APP "instanses: 3}", "W 1:19 instanses: unknown key, it becomes a "
	    "variable of the app; did you mean instances?" },
	{ APP "zzz: []}", "W 1:19 zzz: unknown key, it is ignored" },
	{ APP "name: 'a', name: 'b'}", "W 1:19 name: this key is there again "
	    "further down, which is what counts" },
	{ "{apps: [], apps: [{script: 'sleep', env: {A: 1, A: 2, B: 3}}]}",
	    "W 1:2 apps: this key is there again further down, which is what "
	    "counts\nW 1:43 apps[0].env.A: this key is there again further "
	    "down, which is what counts" },
	{ APP "listen: 'x:1'}", "1:27 listen: x:1 is not like tcp:8000, "
	    "tcp:127.0.0.1:8000, tcp6:, udp:, udp6: or unix:/path" },
	{ APP "out_file: 'a', output: 'b'}", "W 1:34 output: means the same "
	    "as out_file, and is what counts" },
	{ APP "name: null, env: null}", "" },
	{ APP "log_file: 'a', out_file: 'b', error_file: 'c'}",
	    "W 1:19 log_file: log_file has no effect beside out_file and "
	    "error_file" },
	{ APP "exec_mode: 'cluster'}", "W 1:19 exec_mode: it runs in fork "
	    "mode: only Node scripts can be in cluster mode" },
	{ APP "user: 4294967294}", "1:25 user: no user has the uid "
	    "4294967294" },
	{ "[{script: 'sleep'},\n {script: 'sleep'}]", "2:2 -: two apps are "
	    "called sleep, the other one in line 1: expected different "
	    "names" },
	{ "[{name: 'a', script: 'sleep', after: 'b'},\n"
	    " {name: 'b', script: 'sleep', after: 'c'},\n"
	    " {name: 'c', script: 'sleep', after: 'a'}]",
	    "1:2 -: a and c depend on each other" },
	{ "[\n{name: 'a', script: 'sleep', port: 'x'},\n{name: 3},\n"
	    "{script: 'sleep', nice: 'x'}]",
	    "2:36 apps[0].port: x is not a number from 1 to 65535\n"
	    "3:1 apps[1]: the key \"script\" is missing: expected the path "
	    "of what is to be run\n"
	    "4:25 apps[2].nice: x is not a number from -20 to 19" },
	{ "{script: 'sleep', args: [,]}", "1:26 -: expected a value, found "
	    "','" },
};

ATF_TC_WITHOUT_HEAD(mistakes__told);
ATF_TC_BODY(mistakes__told, tc)
{
	const char	*got;
	size_t		 i;

	for (i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		got = said(mistakes[i].text);
		ATF_CHECK_MSG(strcmp(got, mistakes[i].want) == 0,
		    "of %s\nexpected %s\ngot      %s", mistakes[i].text,
		    mistakes[i].want, got);
	}
	/* Those that somebody else words: the place is ours. */
	ATF_CHECK_MATCH("^1:33 cron_restart: ",
	    said(APP "cron_restart: 'often'}"));
	ATF_CHECK_MATCH("^1:19 listen: ", said(APP "listen: ['tcp:x']}"));
	ATF_CHECK_MATCH("^1:10 script: script not found : /.*/npm run x "
	    "\\(its arguments go into \"args\"\\)$",
	    said("{script: 'npm run x'}"));
	ATF_CHECK_MATCH("^1:10 script: script not found : /.*/nope.js$",
	    said("{script: 'nope.js'}"));
}

/* Many of everything, within a moment and not much memory. */
ATF_TC_WITHOUT_HEAD(mistakes__too_many);
ATF_TC_BODY(mistakes__too_many, tc)
{
	struct outbuf	 ob = { 0 };
	int		 i;

	ob_char(&ob, '[');
	for (i = 0; i <= PF_APPS_MAX; i++)
		ob_str(&ob, "{},");
	ob_char(&ob, ']');
	ATF_CHECK_STREQ("1:1 -: more than 16384 apps", said(ob_text(&ob)));
	ob_free(&ob);
	ob_str(&ob, APP "env: {");
	for (i = 0; i < 100000; i++)
		ob_fmt(&ob, "V%d: 1,", i);
	ob_str(&ob, "}}");
	ATF_CHECK_STREQ("1:35786 env.V4096: more than 4096 variables",
	    said(ob_text(&ob)));
	ob_free(&ob);
	ob_char(&ob, '[');
	for (i = 0; i < PF_APPS_MAX; i++)
		ob_fmt(&ob, "{name: 'a%d', depends_on: ['b%d', 'a%d']},", i,
		    i, i + 1);
	ob_char(&ob, ']');
	ATF_CHECK(strstr(said(ob_text(&ob)), "script") != NULL);
	ob_free(&ob);
}

/* Octal in YAML is octal, and hexadecimal is not. */
ATF_TC_WITHOUT_HEAD(mistakes__modes);
ATF_TC_BODY(mistakes__modes, tc)
{
	static const char *const	 good[] = { "022", "0o22", "\"22\"" };
	static const char *const	 bad[] = { "18", "0x12", "0o777777",
					    "2e1", "-022" };
	struct procfile			 pf;
	char				 text[128];
	size_t				 i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		(void)snprintf(text, sizeof(text), "name: a\nscript: sleep\n"
		    "umask: %s\n", good[i]);
		make_file("p.yaml", text);
		ATF_CHECK_STREQ("", problems(&pf, "p.yaml", NULL, NULL));
		ATF_CHECK_EQ(022, pf.apps[0].opt.umask.value);
		procfile_free(&pf);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(text, sizeof(text), "name: a\nscript: sleep\n"
		    "umask: %s\n", bad[i]);
		make_file("p.yaml", text);
		ATF_CHECK_MATCH("^3:8 umask: ", problems(&pf, "p.yaml", NULL,
		    NULL));
		procfile_free(&pf);
	}
}

ATF_TC_WITHOUT_HEAD(mistakes__of_files);
ATF_TC_BODY(mistakes__of_files, tc)
{
	struct procfile	 pf;

	ATF_CHECK_STREQ("0:0 -: No such file or directory",
	    problems(&pf, "nope.json", NULL, NULL));
	procfile_free(&pf);
	ATF_REQUIRE_EQ(0, mkdir("dir.json", 0700));
	ATF_CHECK_STREQ("0:0 -: Is a directory",
	    problems(&pf, "dir.json", NULL, NULL));
	procfile_free(&pf);
	ATF_CHECK_STREQ("0:0 -: No such file or directory",
	    problems(&pf, "nope.config.js", NULL, NULL));
	procfile_free(&pf);
	make_file("a.json", "[{name: 'a', script: 'sleep'}]");
	ATF_CHECK_STREQ("0:0 -: it has no app called c, which --only asks "
	    "for", problems(&pf, "a.json", NULL, "a,c"));
	procfile_free(&pf);
	ATF_CHECK_STREQ("W 1:2 apps[0]: has no env_prod, which --env asks "
	    "for", problems(&pf, "a.json", "prod", NULL));
	procfile_free(&pf);
}

/* ---- every key ---- */

static const struct {
	const char	*text;		/* of one app, behind its script */
	enum spec_key	 key;
	const char	*want;		/* a string, a number or a list */
} values[] = {
	{ "name: 'x'", SPEC_NAME, "x" },
	{ "name: 12", SPEC_NAME, "12" },
	{ "name_prefix: 'p-', name: 'x'", SPEC_NAME, "p-x" },
	{ "args: ['a', 1, true]", SPEC_ARG, "a|1|true|" },
	{ "args: \"['--toto=heya coco', '-d', '1']\"", SPEC_ARG,
	    "--toto=heya coco|-d|1|" },
	{ "args: '-a \"b c\"'", SPEC_ARG, "-a|b c|" },
	{ "args: 7", SPEC_ARG, "7|" },
	{ "interpreter: 'none'", SPEC_INTERPRETER, "none" },
	{ "exec_interpreter: 'none'", SPEC_INTERPRETER, "none" },
	{ "node_args: ['--a b', '\"c\\\\']", SPEC_INTERPRETER_ARG,
	    "--a b|\"c\\|" },
	{ "interpreter_args: '-x -y'", SPEC_INTERPRETER_ARG, "-x|-y|" },
	{ "exec_mode: 'fork'", SPEC_EXEC_MODE, "fork_mode" },
	{ "instances: '4'", SPEC_INSTANCES, "4" },
	{ "instances: 4", SPEC_INSTANCES, "4" },
	{ "namespace: 'jobs'", SPEC_NAMESPACE, "jobs" },
	{ "port: 9005", SPEC_PORT, "9005" },
	{ "port: '9005'", SPEC_PORT, "9005" },
	{ "instance_var: 'N'", SPEC_INSTANCE_VAR, "N" },
	{ "increment_var: 'PORT'", SPEC_INCREMENT_VAR, "PORT" },
	{ "cwd: '/tmp'", SPEC_CWD, "/tmp" },
	{ "env: {A: 'x', B: 2, C: true, D: null, E: {f: [1]}}",
	    SPEC_FILE_ENV, "A=x|B=2|C=true|E={\"f\":[1]}|" },
	{ "env: ['A=x', 'B=y=z']", SPEC_FILE_ENV, "A=x|B=y=z|" },
	{ "FOO: 'bar', env: {FOO: 'env', A: 1}", SPEC_FILE_ENV,
	    "FOO=env|A=1|" },
	{ "env_file: '/a/.env'", SPEC_ENV_FILE, "/a/.env|" },
	{ "env_file: ['/a', '/b']", SPEC_ENV_FILE, "/a|/b|" },
	{ "secret: {A: 'x', B: {file: '/s/b'}}", SPEC_SECRET, "A=x|" },
	{ "secret: {A: 'x', B: {file: '/s/b'}}", SPEC_SECRET_FILE,
	    "B=/s/b|" },
	{ "secret_file: ['B=/s/b']", SPEC_SECRET_FILE, "B=/s/b|" },
	{ "filter_env: ['A_', 'B']", SPEC_FILTER_ENV, "A_|B|" },
	{ "filter_env: true", SPEC_FILTER_ENV, "|" },
	{ "out_file: '/l/o.log'", SPEC_OUT_FILE, "/l/o.log" },
	{ "out_log: '/l/o.log'", SPEC_OUT_FILE, "/l/o.log" },
	{ "output: 'NULL'", SPEC_OUT_FILE, "/dev/null" },
	{ "err_log: '/l/e.log'", SPEC_ERR_FILE, "/l/e.log" },
	{ "error: '/l/e.log'", SPEC_ERR_FILE, "/l/e.log" },
	{ "log_file: '/l/x.log'", SPEC_ERR_FILE, "/l/x.log" },
	{ "log: '/l/x.log'", SPEC_OUT_FILE, "/l/x.log" },
	{ "pid: '/l/p.pid'", SPEC_PID_FILE, "/l/p.pid" },
	{ "combine_logs: true", SPEC_MERGE_LOGS, "1" },
	{ "merge_logs: 'true'", SPEC_MERGE_LOGS, "1" },
	{ "log_date_format: 'YYYY'", SPEC_LOG_DATE_FORMAT, "YYYY" },
	{ "time: true", SPEC_LOG_DATE_FORMAT, "%Y-%m-%dT%H:%M:%S" },
	{ "log_type: 'json'", SPEC_LOG_TYPE, "json" },
	{ "disable_logs: true", SPEC_DISABLE_LOGS, "1" },
	{ "log_max_size: '10M'", SPEC_LOG_MAX_SIZE, "10485760" },
	{ "log_keep: 3", SPEC_LOG_KEEP, "3" },
	{ "log_compress: true", SPEC_LOG_COMPRESS, "1" },
	{ "cron_restart: '0 3 * * *'", SPEC_CRON, "0 3 * * *" },
	{ "schedule: '0 3 * * *'", SPEC_SCHEDULE, "0 3 * * *" },
	{ "max_memory_restart: '200M'", SPEC_MAX_MEMORY, "209715200" },
	{ "max_memory_restart: 4096", SPEC_MAX_MEMORY, "4096" },
	{ "watch: true, cwd: '/tmp'", SPEC_WATCH, "/tmp|" },
	{ "watch: ['a', '/b'], cwd: '/tmp'", SPEC_WATCH, "/tmp/a|/b|" },
	{ "ignore_watch: 'x'", SPEC_IGNORE_WATCH, "x|" },
	{ "watch_options: {ignored: ['x']}", SPEC_IGNORE_WATCH, "x|" },
	{ "watch_delay: '1s'", SPEC_WATCH_DELAY, "1000" },
	{ "depends_on: ['b', 'c:ready']", SPEC_DEPENDS, "b|c:ready|" },
	{ "after: 'b'", SPEC_DEPENDS, "b|" },
	{ "depends_on: {b: 'online', c: {}, d: {condition: "
	    "'service_healthy'}}", SPEC_DEPENDS, "b:online|c|d:ready|" },
	{ "autorestart: false", SPEC_AUTORESTART, "0" },
	{ "min_uptime: '100'", SPEC_MIN_UPTIME, "100" },
	{ "min_uptime: 100", SPEC_MIN_UPTIME, "100" },
	{ "min_uptime: '5s'", SPEC_MIN_UPTIME, "5000" },
	{ "max_restarts: 3", SPEC_MAX_RESTARTS, "3" },
	{ "max: 3", SPEC_MAX_RESTARTS, "3" },
	{ "restart_delay: 1e3", SPEC_RESTART_DELAY, "1000" },
	{ "exp_backoff_restart_delay: 100", SPEC_EXP_BACKOFF, "100" },
	{ "stop_exit_codes: [0, 3]", SPEC_STOP_EXIT_CODE, "0|3|" },
	{ "stop_exit_codes: 3", SPEC_STOP_EXIT_CODE, "3|" },
	{ "kill_signal: 'SIGTERM'", SPEC_KILL_SIGNAL, "15" },
	{ "kill_timeout: 1600", SPEC_KILL_TIMEOUT, "1600" },
	{ "wait_ready: true", SPEC_WAIT_READY, "1" },
	{ "listen_timeout: '3s'", SPEC_LISTEN_TIMEOUT, "3000" },
	{ "drain: false", SPEC_DRAIN, "0" },
	{ "notify: true", SPEC_NOTIFY, "1" },
	{ "watchdog: '10s'", SPEC_WATCHDOG, "10000" },
	{ "listen: 'tcp:8000'", SPEC_LISTEN, "tcp:8000|" },
	{ "health_check: 'tcp:127.0.0.1:80'", SPEC_HEALTH,
	    "tcp:127.0.0.1:80" },
	{ "health: {check: 'tcp:127.0.0.1:80', retries: 5}",
	    SPEC_HEALTH_RETRIES, "5" },
	{ "health_interval: '5s'", SPEC_HEALTH_INTERVAL, "5000" },
	{ "health_timeout: '1s'", SPEC_HEALTH_TIMEOUT, "1000" },
	{ "health_grace: 0", SPEC_HEALTH_GRACE, "0" },
	{ "health_action: 'none'", SPEC_HEALTH_ACTION, "none" },
	{ "chroot: '/srv'", SPEC_CHROOT, "/srv" },
	{ "umask: '027'", SPEC_UMASK, "23" },
	{ "nice: -5", SPEC_NICE, "15" },
	{ "no_new_privs: true", SPEC_NO_NEW_PRIVS, "1" },
	{ "sandbox: 'basic'", SPEC_SANDBOX, "basic" },
	{ "limit_nofile: 1024", SPEC_LIMIT_NOFILE, "1024" },
	{ "limits: {nofile: 1024, memory: '1G'}", SPEC_LIMIT_MEMORY,
	    "1073741824" },
	{ "limits: {processes: 10}", SPEC_LIMIT_PROCESSES, "10" },
	{ "limit_core: 0", SPEC_LIMIT_CORE, "0" },
	{ "limit_fsize: '1M'", SPEC_LIMIT_FSIZE, "1048576" },
	{ "limit_stack: '8M'", SPEC_LIMIT_STACK, "8388608" },
	{ "limit_cpu: 60", SPEC_LIMIT_CPU, "60" },
	{ "cgroup: {memory: '1M', cpu: 1.5, pids: 7}", SPEC_CGROUP_CPU,
	    "150" },
	{ "cgroup: {memory: '1M', cpu: '2', pids: 7}", SPEC_CGROUP_PIDS,
	    "7" },
	{ "cgroup_memory: '1M'", SPEC_CGROUP_MEMORY, "1048576" },
};

ATF_TC_WITHOUT_HEAD(keys__values);
ATF_TC_BODY(keys__values, tc)
{
	struct procfile	 pf;
	struct spec_buf	 buf;
	struct spec	 spec;
	enum spec_key	 key;
	char		 text[512], number[32];
	const char	*got;
	size_t		 i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		(void)snprintf(text, sizeof(text), "{script: 'sleep', %s}",
		    values[i].text);
		make_file("v.json", text);
		(void)problems(&pf, "v.json", NULL, NULL);
		ATF_REQUIRE_EQ_MSG(0, pf.nerrors, "%s: %s", text,
		    pf.problems[0].text);
		spec_of(&pf, 0, &buf, &spec);
		key = values[i].key;
		ATF_CHECK_MSG(spec.count[key] > 0, "%s: not there", text);
		if (spec_keytype(key) == SPEC_T_LIST)
			got = list_of(&spec, key);
		else if (spec_keytype(key) == SPEC_T_STR)
			got = spec.str[key];
		else {
			(void)snprintf(number, sizeof(number), "%ju",
			    (uintmax_t)spec.num[key]);
			got = number;
		}
		ATF_CHECK_MSG(got != NULL && strcmp(got, values[i].want) == 0,
		    "%s: expected %s, got %s", text, values[i].want, got);
		spec_buf_free(&buf);
		procfile_free(&pf);
	}
}

/* "0" and false: as if the key were not there. */
ATF_TC_WITHOUT_HEAD(keys__cron_disabled);
ATF_TC_BODY(keys__cron_disabled, tc)
{
	static const char *const	 none[] = { "'0'", "0", "false" };
	struct procfile			 pf;
	struct spec_buf			 buf;
	struct spec			 spec;
	char				 text[128];
	size_t				 i;

	for (i = 0; i < 3; i++) {
		(void)snprintf(text, sizeof(text),
		    "{script: 'sleep', cron_restart: %s}", none[i]);
		make_file("c.json", text);
		ATF_CHECK_STREQ("", problems(&pf, "c.json", NULL, NULL));
		spec_of(&pf, 0, &buf, &spec);
		ATF_CHECK_EQ(0, spec.count[SPEC_CRON]);
		spec_buf_free(&buf);
		procfile_free(&pf);
	}
}

/* Every key of a spec that people set can be set in a file, and is told. */
ATF_TC_WITHOUT_HEAD(keys__all_of_spec);
ATF_TC_BODY(keys__all_of_spec, tc)
{
	static const char *const	 names[] = {
#define X(key, n, name, type, def, min, max) name,
		SPEC_LIST_KEYS(X)
#undef X
	};
	size_t				 i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], "shell_env") == 0)
			continue;
		ATF_CHECK_MSG(pf_key_find(names[i]) != NULL, "%s",
		    names[i]);
	}
	ATF_CHECK_STREQ("interpreter",
	    pf_key_find("exec_interpreter")->name);
	ATF_CHECK(pf_key_find("nonsense") == NULL);
	ATF_CHECK_STREQ("max_restarts", pf_key_near("maxrestarts"));
	ATF_CHECK(pf_key_near("zzzzzz") == NULL);
}

/* ---- several apps ---- */

ATF_TC_WITHOUT_HEAD(files__env_and_only);
ATF_TC_BODY(files__env_and_only, tc)
{
	struct procfile	 pf;
	struct spec_buf	 buf;
	struct spec	 spec;
	char		 cwd[PATH_MAX], path[PATH_MAX + 16];

	make_file("e.json", "{apps: [{name: 'a', script: 'sleep',"
	    "append_env_to_name: true, EXTRA: 'x',"
	    "env: {NODE_ENV: 'dev', A: 1}, env_prod: {NODE_ENV: 'prod'}},"
	    "{name: 'b', script: 'sleep', depends_on: 'a-prod',"
	    "env_prod: {}, env_test: {X: 1}},"
	    "{name: 'c', script: 'nope.js', env_prod: {}}], deploy: {x: 1}}");
	ATF_CHECK_STREQ("W 1:63 apps[0].EXTRA: unknown key, it becomes a "
	    "variable of the app",
	    problems(&pf, "e.json", "prod", "a-prod, b"));
	ATF_REQUIRE_EQ(2, pf.napps);
	spec_of(&pf, 0, &buf, &spec);
	ATF_CHECK_STREQ("a-prod", spec.str[SPEC_NAME]);
	ATF_CHECK_STREQ("EXTRA=x|NODE_ENV=prod|A=1|",
	    list_of(&spec, SPEC_FILE_ENV));
	ATF_REQUIRE_EQ(0, caller_cwd(cwd, sizeof(cwd)));
	(void)snprintf(path, sizeof(path), "%s/e.json", cwd);
	ATF_CHECK_STREQ(path, spec.str[SPEC_SOURCE]);
	ATF_CHECK_STREQ("prod", spec.str[SPEC_SOURCE_ENV]);
	spec_buf_free(&buf);
	spec_of(&pf, 1, &buf, &spec);
	ATF_CHECK_EQ(0, spec.count[SPEC_FILE_ENV]);
	spec_buf_free(&buf);
	procfile_free(&pf);
	/* Of what was not chosen the script need not be there. */
	(void)problems(&pf, "e.json", "prod", "b");
	ATF_CHECK_EQ(0, pf.nerrors);
	ATF_CHECK_EQ(1, pf.napps);
	procfile_free(&pf);
}

/* The script is where the app is; logs are where pm2ctl was called. */
/* All of the shell's layer is left out, PWD as well. */
ATF_TC_WITHOUT_HEAD(files__filtered);
ATF_TC_BODY(files__filtered, tc)
{
	struct procfile	 pf;
	struct spec_buf	 buf;
	struct spec	 spec;

	ATF_REQUIRE(setenv("FILTERED_ONE", "1", 1) == 0);
	make_file("f.json", "[{name: 'a', script: 'sleep', cwd: '/',"
	    "filter_env: true}, {name: 'b', script: 'sleep', cwd: '/',"
	    "filter_env: ['FILTERED_', 'PW']},"
	    "{name: 'c', script: 'sleep', cwd: '/'}]");
	ATF_CHECK_STREQ("", problems(&pf, "f.json", NULL, NULL));
	ATF_REQUIRE_EQ(3, pf.napps);
	spec_of(&pf, 0, &buf, &spec);
	ATF_CHECK_EQ(0, spec.count[SPEC_ENV]);
	spec_buf_free(&buf);
	spec_of(&pf, 1, &buf, &spec);
	ATF_CHECK(strstr(list_of(&spec, SPEC_ENV), "FILTERED_ONE=") == NULL);
	ATF_CHECK(strstr(list_of(&spec, SPEC_ENV), "|PWD=") == NULL);
	spec_buf_free(&buf);
	spec_of(&pf, 2, &buf, &spec);
	ATF_CHECK(strstr(list_of(&spec, SPEC_ENV), "FILTERED_ONE=1|") != NULL);
	ATF_CHECK(strstr(list_of(&spec, SPEC_ENV), "|PWD=/|") != NULL);
	spec_buf_free(&buf);
	procfile_free(&pf);
}

ATF_TC_WITHOUT_HEAD(files__paths);
ATF_TC_BODY(files__paths, tc)
{
	struct procfile	 pf;
	struct spec_buf	 buf;
	struct spec	 spec;

	ATF_REQUIRE_EQ(0, mkdir("app", 0700));
	make_file("app/x.sh", "#!/bin/sh\n");
	make_file("p.json", "{script: 'x.sh', cwd: 'app', out_file: 'o.log',"
	    "env_file: '.env', watch: 'src', secret: {A: {file: 's'}}}");
	ATF_CHECK_STREQ("", problems(&pf, "p.json", NULL, NULL));
	spec_of(&pf, 0, &buf, &spec);
	ATF_CHECK_STREQ("x.sh", spec.str[SPEC_NAME]);
	ATF_CHECK_MATCH("/app/x\\.sh$", spec.str[SPEC_SCRIPT]);
	ATF_CHECK_MATCH("/app$", spec.str[SPEC_CWD]);
	ATF_CHECK(strstr(spec.str[SPEC_OUT_FILE], "/app/") == NULL);
	ATF_CHECK(strstr(list_of(&spec, SPEC_ENV_FILE), "/app/") == NULL);
	ATF_CHECK(strstr(list_of(&spec, SPEC_SECRET_FILE), "/app/") == NULL);
	ATF_CHECK_MATCH("/app/src\\|$", list_of(&spec, SPEC_WATCH));
	spec_buf_free(&buf);
	procfile_free(&pf);
	ATF_CHECK_EQ(0, chdir("app"));
	ATF_CHECK_MATCH("^1:10 script: script not found",
	    said("{script: 'x.sh', cwd: '/tmp'}"));
}

ATF_TC_WITHOUT_HEAD(files__formats);
ATF_TC_BODY(files__formats, tc)
{
	struct procfile	 pf;

	make_file("a.yaml", "apps:\n  - script: sleep\n    args: [1, 2]\n"
	    "    umask: 022\n    sandbox: off\n    env: {COUNTRY: no}\n");
	ATF_CHECK_STREQ("", problems(&pf, "a.yaml", NULL, NULL));
	ATF_REQUIRE_EQ(1, pf.napps);
	ATF_CHECK_EQ(022, pf.apps[0].opt.umask.value);
	ATF_CHECK_STREQ("off", pf.apps[0].opt.sandbox);
	ATF_CHECK_STREQ("COUNTRY=no", pf.apps[0].env.v[0]);
	procfile_free(&pf);
	make_file("b.yml", "apps:\n  - script: sleep\n    port: x\n");
	ATF_CHECK_STREQ("3:11 apps[0].port: x is not a number from 1 to "
	    "65535", problems(&pf, "b.yml", NULL, NULL));
	procfile_free(&pf);
	/* Without a name that says it, by the first character. */
	make_file("json", " # apps\n[{script: 'sleep'}]");
	ATF_CHECK_STREQ("", problems(&pf, "json", NULL, NULL));
	procfile_free(&pf);
	make_file("yaml", "# apps\nscript: sleep\n");
	ATF_CHECK_STREQ("", problems(&pf, "yaml", NULL, NULL));
	procfile_free(&pf);
}

ATF_TC_WITHOUT_HEAD(files__found);
ATF_TC_BODY(files__found, tc)
{
	char	 path[PATH_MAX];

	ATF_CHECK_EQ(-1, procfile_find(path, sizeof(path)));
	make_file("processes.json", "[]");
	ATF_CHECK_EQ(0, procfile_find(path, sizeof(path)));
	ATF_CHECK_STREQ("processes.json", path);
	make_file("ecosystem.config.js", "");
	ATF_CHECK_EQ(0, procfile_find(path, sizeof(path)));
	ATF_CHECK_STREQ("ecosystem.config.js", path);
}

/* ---- what pm2ctl writes, it reads ---- */

static const char *
without_env(const struct spec_buf *buf, struct outbuf *ob)
{
	struct spec	 spec;
	char		 err[256];
	unsigned int	 key;

	ATF_REQUIRE_EQ(0, spec_parse(&spec, buf->data, buf->len, err,
	    sizeof(err)));
	for (key = 1; key < SPEC_KEY_END; key++) {
		if (key == SPEC_ENV || key == SPEC_SOURCE ||
		    spec.count[key] == 0)
			continue;
		ob_fmt(ob, "%s=", spec_keyname(key));
		if (spec_keytype(key) == SPEC_T_LIST)
			ob_str(ob, list_of(&spec, key));
		else if (spec_keytype(key) == SPEC_T_STR)
			ob_str(ob, spec.str[key]);
		else
			ob_num(ob, spec.num[key]);
		ob_char(ob, '\n');
	}
	return (ob_text(ob));
}

ATF_TC_WITHOUT_HEAD(written__is_read);
ATF_TC_BODY(written__is_read, tc)
{
	static const char *const words[] = { "--name", "x", "--nice", "-5",
	    "--umask", "027", "--cgroup-cpu", "1.5", "--kill-signal",
	    "SIGTERM", "--watch", "--ignore-watch", "*.log", "--env-file",
	    ".env", "--secret-file", "S=s", "--filter-env", "A_",
	    "--depends-on", "b:ready", "--cron", "0 3 * * *",
	    "--stop-exit-codes", "0,3", "--interpreter-args", "'a b' c",
	    "--no-autorestart", "--limit-nofile", "100", "--health-check",
	    "tcp:127.0.0.1:80", "--log-type", "json", "--time", "-i", "2",
	    "--listen", "tcp:127.0.0.1:8000", "--sandbox", "basic",
	    "--max-memory-restart", "10M", "--", "-x", "it's \"b\"" };
	struct options	 opt;
	struct arguments args;
	struct ctl	 ctl;
	struct target	 t;
	struct procfile	 pf;
	struct spec_buf	 was, is;
	struct outbuf	 a = { 0 }, b = { 0 };
	char		*argv[64], err[512];
	size_t		 i, n;

	n = sizeof(words) / sizeof(words[0]);
	for (i = 0; i < n; i++)
		ATF_REQUIRE((argv[i] = strdup(words[i])) != NULL);
	ATF_REQUIRE_EQ_MSG(0, options_parse((int)n, argv, &opt, &args, err,
	    sizeof(err)), "%s", err);
	make_file("app.sh", "#!/bin/sh\n");
	memset(&ctl, 0, sizeof(ctl));
	ctl.opt = &opt;
	ctl.app = args.app;
	ctl.napp = args.napp;
	ATF_REQUIRE_EQ(0, target_resolve(&t, "app.sh", &opt, err,
	    sizeof(err)));
	ATF_REQUIRE_EQ_MSG(0, spec_build(&was, &t, &ctl, err, sizeof(err)),
	    "%s", err);
	ATF_REQUIRE_EQ(0, write_config(&t, &ctl));
	ATF_CHECK_STREQ("W 1:1 -: x depends on b:ready, which is not in "
	    "this file", problems(&pf, "app.sh-pm2.json", NULL, NULL));
	ATF_REQUIRE_EQ(1, pf.napps);
	ATF_REQUIRE_EQ_MSG(0, spec_declared(&is, &pf.apps[0], &ctl, err,
	    sizeof(err)), "%s", err);
	ATF_CHECK_STREQ(without_env(&was, &a), without_env(&is, &b));
	spec_buf_free(&was);
	spec_buf_free(&is);
	ob_free(&a);
	ob_free(&b);
	procfile_free(&pf);
	free(args.pos);
	for (i = 0; i < n; i++)
		free(argv[i]);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, mistakes__told);
	ATF_TP_ADD_TC(tp, mistakes__too_many);
	ATF_TP_ADD_TC(tp, mistakes__modes);
	ATF_TP_ADD_TC(tp, mistakes__of_files);
	ATF_TP_ADD_TC(tp, keys__values);
	ATF_TP_ADD_TC(tp, keys__cron_disabled);
	ATF_TP_ADD_TC(tp, keys__all_of_spec);
	ATF_TP_ADD_TC(tp, files__env_and_only);
	ATF_TP_ADD_TC(tp, files__filtered);
	ATF_TP_ADD_TC(tp, files__paths);
	ATF_TP_ADD_TC(tp, files__formats);
	ATF_TP_ADD_TC(tp, files__found);
	ATF_TP_ADD_TC(tp, written__is_read);
	return (atf_no_error());
}

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


/* Which mode an app gets, and what is said when it cannot be had. */
#include <sys/stat.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <atf-c.h>

#include "resolve.h"

static struct options	 opt;
static struct mode	 mode;
static struct target	 target;
static char		 err[1024];

static void
make_file(const char *path, const char *text, mode_t perm)
{
	int	 fd;

	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ATF_REQUIRE(fd != -1);
	ATF_REQUIRE(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	ATF_REQUIRE_EQ(0, fchmod(fd, perm));
	ATF_REQUIRE_EQ(0, close(fd));
}

/* Programs that need not be on this machine, in a PATH of our own. */
static void
begin(void)
{
	static const char *const names[] = { "node", "coffee", "bun", "npm",
	    "python3", "bash", "sh", "nodemon", "tsx", "ts-node" };
	char	 cwd[PATH_MAX], path[PATH_MAX + 64];
	size_t	 i;

	ATF_REQUIRE(getcwd(cwd, sizeof(cwd)) != NULL);
	ATF_REQUIRE_EQ(0, mkdir("bin", 0700));
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "bin/%s", names[i]);
		make_file(path, "\177ELF", 0700);
	}
	(void)snprintf(path, sizeof(path), "%s/bin", cwd);
	ATF_REQUIRE_EQ(0, setenv("PATH", path, 1));
	(void)unsetenv("PM2_NODE_OPTIONS");
	make_file("a.js", "", 0600);
	make_file("a.mjs", "", 0600);
	make_file("a.ts", "", 0600);
	make_file("a.coffee", "", 0600);
	make_file("a.py", "", 0600);
	memset(&opt, 0, sizeof(opt));
}

static int
choose_with(const char *word, char **app, int napp)
{
	struct ctl	 ctl;

	memset(&ctl, 0, sizeof(ctl));
	ctl.opt = &opt;
	ctl.app = app;
	ctl.napp = napp;
	err[0] = '\0';
	ATF_REQUIRE_EQ_MSG(0, target_resolve(&target, word, &opt, err,
	    sizeof(err)), "%s: %s", word, err);
	return (mode_choose(&mode, &target, &ctl, err, sizeof(err)));
}

static int
choose(const char *word)
{
	return (choose_with(word, NULL, 0));
}

ATF_TC_WITHOUT_HEAD(mode__cluster_for_node_scripts);
ATF_TC_BODY(mode__cluster_for_node_scripts, tc)
{
	static const char *const scripts[] = { "a.js", "a.mjs", "a.coffee",
	    "www" };
	size_t	 i;

	begin();
	make_file("www", "#!/usr/bin/env node\nx", 0700);
	for (i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		ATF_CHECK_EQ(0, choose(scripts[i]));
		ATF_CHECK_EQ_MSG(1, mode.cluster, "%s", scripts[i]);
		ATF_CHECK_EQ(0, mode.ipc);
		ATF_CHECK_EQ(0, mode.notify);
		ATF_CHECK_STREQ("", mode.warning);
	}
	ATF_CHECK_STREQ("node", target.interpreter);
	opt.interpreter = "/usr/local/bin/node22";
	make_file("www", "#!/bin/bash\n", 0700);
	ATF_CHECK(is_node(opt.interpreter));
	opt.interpreter = NULL;
	ATF_CHECK_EQ(0, choose("www"));
	ATF_CHECK_EQ(0, mode.cluster);
	make_file("www", "#!/usr/bin/env node --inspect\n", 0700);
	ATF_CHECK_EQ(0, choose("www"));
	ATF_CHECK_STREQ("none", target.interpreter);
	/* Any script, when Node is asked for. */
	opt.interpreter = "node";
	ATF_CHECK_EQ(0, choose("a.py"));
	ATF_CHECK_EQ(1, mode.cluster);
}

ATF_TC_WITHOUT_HEAD(mode__fork_for_the_rest);
ATF_TC_BODY(mode__fork_for_the_rest, tc)
{
	begin();
	ATF_CHECK_EQ(0, choose("a.py"));
	ATF_CHECK_EQ(0, mode.cluster);
	ATF_CHECK_EQ(0, mode.ipc);
	ATF_CHECK_EQ(0, choose("python3"));
	ATF_CHECK_EQ(0, mode.cluster);
	/* -x: with Node's channel, where it is Node. */
	opt.execute_command = 1;
	opt.instances = "4";
	ATF_CHECK_EQ(0, choose("a.js"));
	ATF_CHECK_EQ(0, mode.cluster);
	ATF_CHECK_EQ(1, mode.ipc);
	ATF_CHECK_EQ(4, mode.instances);
	ATF_CHECK_STREQ("", mode.warning);
	ATF_CHECK_EQ(0, choose("a.py"));
	ATF_CHECK_EQ(0, mode.ipc);
}

ATF_TC_WITHOUT_HEAD(mode__wrappers_are_told);
ATF_TC_BODY(mode__wrappers_are_told, tc)
{
	begin();
	ATF_CHECK_EQ(0, choose("npm"));
	ATF_CHECK_EQ(0, mode.cluster);
	ATF_CHECK_EQ(0, mode.ipc);
	ATF_CHECK_STREQ("", mode.warning);
	opt.instances = "4";
	ATF_CHECK_EQ(0, choose("npm"));
	ATF_CHECK_STREQ("npm runs in fork mode: npm starts the app as a "
	    "process of its own, which cannot share a port; start the script "
	    "itself: pm2ctl start server.js -i 4 -- ...", mode.warning);
	ATF_CHECK_EQ(0, choose("nodemon"));
	ATF_CHECK_MATCH("nodemon starts the app", mode.warning);
	/* Asked for by name, it is what is wanted. */
	opt.execute_command = 1;
	ATF_CHECK_EQ(0, choose("npm"));
	ATF_CHECK_STREQ("", mode.warning);
	opt.execute_command = 0;
	/* The same by path, as node_modules/.bin has it. */
	make_file("npm-cli.js", "#!/usr/bin/env node\n", 0700);
	ATF_CHECK_EQ(0, choose("npm-cli.js"));
	ATF_CHECK_EQ(0, mode.cluster);
	ATF_CHECK_MATCH("npm-cli starts the app", mode.warning);
	/* One's own app may be called what it likes. */
	make_file("deno.js", "", 0600);
	make_file("node.js", "", 0600);
	ATF_CHECK_EQ(0, choose("deno.js"));
	ATF_CHECK_EQ(1, mode.cluster);
	ATF_CHECK_EQ(0, choose("node.js"));
	ATF_CHECK_EQ(1, mode.cluster);
}

ATF_TC_WITHOUT_HEAD(mode__wrapping_arguments);
ATF_TC_BODY(mode__wrapping_arguments, tc)
{
	char	 c[] = "-c", prog[] = "node a.js", *app[] = { c, prog };

	begin();
	opt.instances = "2";
	opt.interpreter_args = "--enable-source-maps --watch";
	ATF_CHECK_EQ(0, choose("a.js"));
	ATF_CHECK_EQ(0, mode.cluster);
	ATF_CHECK_EQ(0, mode.ipc);
	ATF_CHECK_MATCH("node --watch starts the app as a process of its own",
	    mode.warning);
	ATF_CHECK_MATCH("leave it out$", mode.warning);
	opt.interpreter_args = "--watch-path=src";
	ATF_CHECK_EQ(0, choose("a.js"));
	ATF_CHECK_EQ(0, mode.cluster);
	opt.interpreter_args = "--watchful";
	ATF_CHECK_EQ(0, choose("a.js"));
	ATF_CHECK_EQ(1, mode.cluster);
	opt.interpreter_args = NULL;
	ATF_REQUIRE_EQ(0, setenv("PM2_NODE_OPTIONS", "--test", 1));
	ATF_CHECK_EQ(0, choose("a.js"));
	ATF_CHECK_EQ(0, mode.cluster);
	ATF_REQUIRE_EQ(0, unsetenv("PM2_NODE_OPTIONS"));
	ATF_CHECK_EQ(0, choose_with("sh", app, 2));
	ATF_CHECK_MATCH("sh -c starts the app", mode.warning);
	ATF_CHECK_EQ(0, choose("sh"));
	ATF_CHECK_STREQ("", mode.warning);
}

ATF_TC_WITHOUT_HEAD(mode__typescript);
ATF_TC_BODY(mode__typescript, tc)
{
	begin();
	/* Bun where there is one, which is no worker of Node's cluster. */
	opt.instances = "3";
	ATF_CHECK_EQ(0, choose("a.ts"));
	ATF_CHECK_STREQ("bun", target.interpreter);
	ATF_CHECK_EQ(0, mode.cluster);
	ATF_CHECK_MATCH("bun is not Node.*add --interpreter node",
	    mode.warning);
	ATF_REQUIRE_EQ(0, unlink("bin/bun"));
	ATF_CHECK_EQ(0, choose("a.ts"));
	ATF_CHECK_STREQ("node", target.interpreter);
	ATF_CHECK_EQ(1, mode.cluster);
	/* tsx is something that node imports. */
	opt.interpreter = "node_modules/.bin/tsx";
	ATF_CHECK_EQ(0, choose("a.ts"));
	ATF_CHECK_STREQ("node", target.interpreter);
	ATF_REQUIRE(target.import != NULL);
	ATF_CHECK_STREQ("tsx", target.import);
	ATF_CHECK_EQ(1, mode.cluster);
	opt.interpreter = "tsx";
	opt.execute_command = 1;
	ATF_CHECK_EQ(0, choose("a.ts"));
	ATF_CHECK_STREQ("tsx", target.interpreter);
	ATF_CHECK(target.import == NULL);
	ATF_CHECK_EQ(0, mode.cluster);
	ATF_CHECK_EQ(0, mode.ipc);
	opt.execute_command = 0;
	opt.interpreter = "ts-node";
	ATF_CHECK_EQ(0, choose("a.ts"));
	ATF_CHECK_EQ(0, mode.cluster);
	ATF_CHECK_MATCH("-r ts-node/register", mode.warning);
}

ATF_TC_WITHOUT_HEAD(mode__impossible);
ATF_TC_BODY(mode__impossible, tc)
{
	begin();
	opt.balance = "fair";
	ATF_CHECK_EQ(-1, choose("a.js"));
	ATF_CHECK_STREQ("--balance: fair is none of rr, sticky, kernel and "
	    "shared", err);
	opt.balance = "kernel";
	ATF_CHECK_EQ(0, choose("a.js"));
	ATF_CHECK_EQ(-1, choose("npm"));
	ATF_CHECK_MATCH("^--balance: npm starts the app as a process", err);
	ATF_CHECK_MATCH("-i max -- ", err);
	ATF_CHECK_EQ(-1, choose("a.py"));
	ATF_CHECK_STREQ("--balance is for Node scripts in cluster mode", err);
	opt.execute_command = 1;
	ATF_CHECK_EQ(-1, choose("a.js"));
	ATF_CHECK_MATCH("and -x asks for fork mode", err);
	opt.execute_command = 0;
	opt.balance = NULL;

	opt.shutdown_message = 1;
	ATF_CHECK_EQ(0, choose("a.js"));
	ATF_CHECK_EQ(-1, choose("a.py"));
	ATF_CHECK_MATCH("for Node scripts", err);
	ATF_CHECK_EQ(-1, choose("npm"));
	ATF_CHECK_MATCH("to npm and not to the app", err);
	opt.execute_command = 1;
	ATF_CHECK_EQ(0, choose("a.js"));
	opt.execute_command = 0;
	opt.shutdown_message = 0;

	opt.instances = "several";
	ATF_CHECK_EQ(-1, choose("a.js"));
	ATF_CHECK_STREQ("Instance option must be an integer, at most 4096, "
	    "or the \"max\" string", err);
}

ATF_TC_WITHOUT_HEAD(mode__sockets_and_readiness);
ATF_TC_BODY(mode__sockets_and_readiness, tc)
{
	begin();
	opt.listen.v[0] = "tcp:8000";
	opt.listen.n = 1;
	ATF_CHECK_EQ(-1, choose("a.js"));
	ATF_CHECK_MATCH("LISTEN_FDS.*or add -x", err);
	ATF_CHECK_EQ(0, choose("a.py"));
	ATF_CHECK_EQ(1, mode.notify);
	opt.execute_command = 1;
	ATF_CHECK_EQ(0, choose("a.js"));
	ATF_CHECK_EQ(1, mode.notify);
	ATF_CHECK_EQ(1, mode.ipc);
	memset(&opt, 0, sizeof(opt));
	/* By the channel where there is one, else by sd_notify(3). */
	opt.wait_ready = 1;
	ATF_CHECK_EQ(0, choose("a.js"));
	ATF_CHECK_EQ(0, mode.notify);
	ATF_CHECK_EQ(0, choose("npm"));
	ATF_CHECK_EQ(1, mode.notify);
	ATF_CHECK_EQ(0, choose("a.py"));
	ATF_CHECK_EQ(1, mode.notify);
	memset(&opt, 0, sizeof(opt));
	opt.watchdog.given = 1;
	opt.watchdog.value = 1000;
	ATF_CHECK_EQ(0, choose("a.js"));
	ATF_CHECK_EQ(1, mode.notify);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, mode__cluster_for_node_scripts);
	ATF_TP_ADD_TC(tp, mode__fork_for_the_rest);
	ATF_TP_ADD_TC(tp, mode__wrappers_are_told);
	ATF_TP_ADD_TC(tp, mode__wrapping_arguments);
	ATF_TP_ADD_TC(tp, mode__typescript);
	ATF_TP_ADD_TC(tp, mode__impossible);
	ATF_TP_ADD_TC(tp, mode__sockets_and_readiness);
	return (atf_no_error());
}

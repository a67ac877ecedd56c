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


#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <atf-c.h>

#include "pm2ctl.h"

static struct options	 opt;
static struct arguments	 args;
static char		 err[256];

#define PARSE(...)	parse((const char *[]){ __VA_ARGS__, NULL })

static int
parse(const char **words)
{
	static char	*argv[128];
	int		 argc;

	free(args.pos);
	for (argc = 0; words[argc] != NULL; argc++)
		argv[argc] = strdup(words[argc]);
	argv[argc] = NULL;
	err[0] = '\0';
	return (options_parse(argc, argv, &opt, &args, err, sizeof(err)));
}

ATF_TC_WITHOUT_HEAD(options__around_the_command);
ATF_TC_BODY(options__around_the_command, tc)
{
	ATF_REQUIRE_EQ(0, PARSE("-m", "list"));
	ATF_CHECK_EQ(1, opt.mini_list);
	ATF_CHECK_EQ(1, args.npos);
	ATF_CHECK_STREQ("list", args.pos[0]);
	ATF_REQUIRE_EQ(0, PARSE("list", "-m"));
	ATF_CHECK_EQ(1, opt.mini_list);
	ATF_REQUIRE_EQ(0, PARSE("start", "-n", "x", "a.js", "--silent", "b"));
	ATF_CHECK_STREQ("x", opt.name);
	ATF_CHECK_EQ(1, opt.silent);
	ATF_CHECK_EQ(3, args.npos);
	ATF_CHECK_STREQ("b", args.pos[2]);
	ATF_CHECK(args.pos[3] == NULL);
}

ATF_TC_WITHOUT_HEAD(options__end_at_two_dashes);
ATF_TC_BODY(options__end_at_two_dashes, tc)
{
	ATF_REQUIRE_EQ(0, PARSE("start", "a.js", "--", "-f", "--", "--x=1"));
	ATF_CHECK_EQ(0, opt.force);
	ATF_CHECK_EQ(2, args.npos);
	ATF_CHECK_EQ(3, args.napp);
	ATF_CHECK_STREQ("-f", args.app[0]);
	ATF_CHECK_STREQ("--", args.app[1]);
	ATF_CHECK_STREQ("--x=1", args.app[2]);
	ATF_REQUIRE_EQ(0, PARSE("start", "--"));
	ATF_CHECK_EQ(0, args.napp);
}

ATF_TC_WITHOUT_HEAD(options__spellings);
ATF_TC_BODY(options__spellings, tc)
{
	ATF_REQUIRE_EQ(0, PARSE("--name=a=b", "-i4", "-xfe", "err.log"));
	ATF_CHECK_STREQ("a=b", opt.name);
	ATF_CHECK_STREQ("4", opt.instances);
	ATF_CHECK_EQ(1, opt.execute_command);
	ATF_CHECK_EQ(1, opt.force);
	ATF_CHECK_STREQ("err.log", opt.error);
	ATF_REQUIRE_EQ(0, PARSE("-i", "-1", "--node-args", "-r x"));
	ATF_CHECK_STREQ("-1", opt.instances);
	ATF_CHECK_STREQ("-r x", opt.interpreter_args);
	/* Standard input is an argument. */
	ATF_REQUIRE_EQ(0, PARSE("start", "-"));
	ATF_CHECK_EQ(2, args.npos);
	/* The later one wins. */
	ATF_REQUIRE_EQ(0, PARSE("-n", "a", "--name", "b"));
	ATF_CHECK_STREQ("b", opt.name);
}

ATF_TC_WITHOUT_HEAD(options__verbose_is_not_version);
ATF_TC_BODY(options__verbose_is_not_version, tc)
{
	ATF_REQUIRE_EQ(0, PARSE("-v"));
	ATF_CHECK_EQ(0, opt.version);
	ATF_CHECK_EQ(1, opt.verbose);
	ATF_REQUIRE_EQ(0, PARSE("-V"));
	ATF_CHECK_EQ(1, opt.version);
}

ATF_TC_WITHOUT_HEAD(options__units);
ATF_TC_BODY(options__units, tc)
{
	ATF_REQUIRE_EQ(0, PARSE("--kill-timeout", "2s", "--log-max-size",
	    "10M", "--kill-signal", "term", "--max-restarts", "0",
	    "--min-uptime=100"));
	ATF_CHECK_EQ(2000, opt.kill_timeout.value);
	ATF_CHECK_EQ(10 * 1024 * 1024, opt.log_max_size.value);
	ATF_CHECK_EQ(SIGTERM, (int)opt.kill_signal.value);
	ATF_CHECK_EQ(0, opt.max_restarts.value);
	ATF_CHECK_EQ(1, opt.max_restarts.given);
	ATF_CHECK_EQ(100, opt.min_uptime.value);
	ATF_CHECK_EQ(0, opt.restart_delay.given);
}

ATF_TC_WITHOUT_HEAD(options__bad_values);
ATF_TC_BODY(options__bad_values, tc)
{
	ATF_CHECK_EQ(-1, PARSE("--kill-timeout", "soon"));
	ATF_CHECK_STREQ("--kill-timeout: soon is not a duration (such as "
	    "500ms, 2s, 5m, 1h or 1d)", err);
	ATF_CHECK_EQ(-1, PARSE("--kill-signal", "SIGFOO"));
	ATF_CHECK_STREQ("--kill-signal: SIGFOO is not a signal", err);
	ATF_CHECK_EQ(-1, PARSE("--port", "70000"));
	ATF_CHECK_STREQ("--port: 70000 is not a number from 1 to 65535", err);
	ATF_CHECK_EQ(-1, PARSE("--name", ""));
	ATF_CHECK_STREQ("--name: empty", err);
	ATF_CHECK_EQ(-1, PARSE("start", "--name"));
	ATF_CHECK_STREQ("--name <name>: argument missing", err);
	ATF_CHECK_EQ(-1, PARSE("start", "--name", "--force", "x"));
	ATF_CHECK_STREQ("--name <name>: argument missing (if it is --force, "
	    "write --name=--force)", err);
	ATF_CHECK_EQ(-1, PARSE("start", "-n", "--", "x"));
	ATF_CHECK_EQ(-1, PARSE("--force=yes"));
	ATF_CHECK_STREQ("--force takes no argument", err);
}

ATF_TC_WITHOUT_HEAD(options__unknown);
ATF_TC_BODY(options__unknown, tc)
{
	ATF_CHECK_EQ(-1, PARSE("--instence", "4"));
	ATF_CHECK_STREQ("unknown option --instence, did you mean "
	    "--instances?", err);
	ATF_CHECK_EQ(-1, PARSE("--forec"));
	ATF_CHECK_STREQ("unknown option --forec, did you mean --force?", err);
	ATF_CHECK_EQ(-1, PARSE("--quetzalcoatl"));
	ATF_CHECK_STREQ("unknown option --quetzalcoatl", err);
	ATF_CHECK_EQ(-1, PARSE("-xz"));
	ATF_CHECK_STREQ("unknown option -z", err);
	ATF_CHECK_EQ(-1, PARSE("--aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

ATF_TC_WITHOUT_HEAD(options__table);
ATF_TC_BODY(options__table, tc)
{
	const struct option_def	*a, *b;

	for (a = option_defs; a->longname != NULL; a++) {
		ATF_CHECK_MSG((a->arg == NULL) == (a->type == OPT_FLAG), "%s",
		    a->longname);
		ATF_CHECK(a->offset < sizeof(struct options));
		for (b = a + 1; b->longname != NULL; b++) {
			ATF_CHECK_MSG(strcmp(a->longname, b->longname) != 0,
			    "%s", a->longname);
			ATF_CHECK_MSG(a->shortname == '\0' ||
			    a->shortname != b->shortname, "%c", a->shortname);
			/* Two names of one member come one after another. */
			if (a->offset == b->offset)
				ATF_CHECK_MSG(b->help == NULL, "%s",
				    b->longname);
		}
	}
}

ATF_TC_WITHOUT_HEAD(words__distance);
ATF_TC_BODY(words__distance, tc)
{
	ATF_CHECK_EQ(0, word_distance("stop", "stop"));
	ATF_CHECK_EQ(1, word_distance("sotp", "stop"));
	ATF_CHECK_EQ(1, word_distance("stp", "stop"));
	ATF_CHECK_EQ(4, word_distance("", "stop"));
	ATF_CHECK_EQ(4, word_distance("stop", ""));
	ATF_CHECK_EQ(3, word_distance("kitten", "sitting"));
}

ATF_TC_WITHOUT_HEAD(options__lists);
ATF_TC_BODY(options__lists, tc)
{
	const char	*words[2 * OPTLIST_MAX + 4];
	size_t		 i;

	ATF_REQUIRE_EQ(0, PARSE("start", "--listen", "tcp:1", "a.py",
	    "--listen=unix:b,c"));
	ATF_REQUIRE_EQ(2, opt.listen.n);
	ATF_CHECK_STREQ("tcp:1", opt.listen.v[0]);
	ATF_CHECK_STREQ("unix:b,c", opt.listen.v[1]);
	ATF_CHECK_EQ(-1, PARSE("--listen="));
	ATF_CHECK_STREQ("--listen: empty", err);
	for (i = 0; i < OPTLIST_MAX + 1; i++) {
		words[2 * i] = "--listen";
		words[2 * i + 1] = "tcp:1";
	}
	words[2 * i] = NULL;
	ATF_CHECK_EQ(-1, parse(words));
	ATF_CHECK_STREQ("--listen: more than 32", err);
	words[2 * i - 2] = NULL;
	ATF_CHECK_EQ(0, parse(words));
	ATF_CHECK_EQ(OPTLIST_MAX, opt.listen.n);
}

ATF_TC_WITHOUT_HEAD(options__negative_numbers);
ATF_TC_BODY(options__negative_numbers, tc)
{
	ATF_REQUIRE_EQ(0, PARSE("scale", "api", "-2"));
	ATF_REQUIRE_EQ(3, args.npos);
	ATF_CHECK_STREQ("-2", args.pos[2]);
	ATF_REQUIRE_EQ(0, PARSE("start", "-i", "-1", "a.js"));
	ATF_CHECK_STREQ("-1", opt.instances);
	ATF_CHECK_EQ(2, args.npos);
	ATF_REQUIRE_EQ(0, PARSE("start", "-i-1", "a.js"));
	ATF_CHECK_STREQ("-1", opt.instances);
}

ATF_TC_WITHOUT_HEAD(options__of_clusters);
ATF_TC_BODY(options__of_clusters, tc)
{
	ATF_REQUIRE_EQ(0, PARSE("start", "a.js", "--balance", "sticky",
	    "--no-drain", "--wait-ready", "--listen-timeout", "3s",
	    "--shutdown-with-message", "--notify", "--watchdog", "500",
	    "--instance-var", "N", "--increment-var=PORT", "--parallel",
	    "2"));
	ATF_CHECK_STREQ("sticky", opt.balance);
	ATF_CHECK_EQ(1, opt.no_drain);
	ATF_CHECK_EQ(1, opt.wait_ready);
	ATF_CHECK_EQ(3000, opt.listen_timeout.value);
	ATF_CHECK_EQ(1, opt.shutdown_message);
	ATF_CHECK_EQ(1, opt.notify);
	ATF_CHECK_EQ(500, opt.watchdog.value);
	ATF_CHECK_STREQ("N", opt.instance_var);
	ATF_CHECK_STREQ("PORT", opt.increment_var);
	ATF_CHECK_EQ(2, opt.parallel.value);
	ATF_CHECK_EQ(-1, PARSE("reload", "all", "--parallel", "0"));
}

ATF_TC_WITHOUT_HEAD(options__numbers_of_kinds);
ATF_TC_BODY(options__numbers_of_kinds, tc)
{
	static const struct {
		enum opt_type	 type;
		const char	*word;
		int		 ok;
		uint64_t	 want;
	} cases[] = {
		{ OPT_MODE, "022", 1, 022 },	{ OPT_MODE, "0777", 1, 0777 },
		{ OPT_MODE, "0", 1, 0 },	{ OPT_MODE, "1000", 0, 0 },
		{ OPT_MODE, "08", 0, 0 },	{ OPT_MODE, "", 0, 0 },
		{ OPT_NICE, "-20", 1, 0 },	{ OPT_NICE, "19", 1, 39 },
		{ OPT_NICE, "0", 1, 20 },	{ OPT_NICE, "20", 0, 0 },
		{ OPT_CPUS, "1", 1, 100 },	{ OPT_CPUS, "1.5", 1, 150 },
		{ OPT_CPUS, "0.25", 1, 25 },	{ OPT_CPUS, "0.125", 0, 0 },
		{ OPT_CPUS, "4096", 1, 409600 }, { OPT_CPUS, "4097", 0, 0 },
		{ OPT_CPUS, "1.", 0, 0 },	{ OPT_CPUS, ".5", 0, 0 },
		{ OPT_SIZE, "1K", 1, 1024 },	{ OPT_DURATION, "1s", 1, 1000 },
	};
	uint64_t	 n;
	size_t		 i;
	char		 why[128];
	int		 rc;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		why[0] = '\0';
		rc = options_number(cases[i].type, cases[i].word, 0, 0, &n,
		    why, sizeof(why));
		ATF_CHECK_EQ_MSG(cases[i].ok ? 0 : -1, rc, "%s",
		    cases[i].word);
		ATF_CHECK_EQ_MSG(cases[i].ok, why[0] == '\0', "%s",
		    cases[i].word);
		if (cases[i].ok)
			ATF_CHECK_EQ_MSG(cases[i].want, n, "%s",
			    cases[i].word);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, options__lists);
	ATF_TP_ADD_TC(tp, options__negative_numbers);
	ATF_TP_ADD_TC(tp, options__of_clusters);
	ATF_TP_ADD_TC(tp, options__around_the_command);
	ATF_TP_ADD_TC(tp, options__end_at_two_dashes);
	ATF_TP_ADD_TC(tp, options__spellings);
	ATF_TP_ADD_TC(tp, options__verbose_is_not_version);
	ATF_TP_ADD_TC(tp, options__units);
	ATF_TP_ADD_TC(tp, options__bad_values);
	ATF_TP_ADD_TC(tp, options__unknown);
	ATF_TP_ADD_TC(tp, options__table);
	ATF_TP_ADD_TC(tp, words__distance);
	ATF_TP_ADD_TC(tp, options__numbers_of_kinds);
	return (atf_no_error());
}

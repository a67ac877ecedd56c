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
 * Dumps: of pm2 itself, ours, and of ten thousand apps; who of them is there
 * already.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <atf-c.h>

#include "dump.h"

#define MANY	10000

static const struct ctl *
caller(void)
{
	static struct options	 opt;
	static struct ctl	 ctl;

	ctl.opt = &opt;
	ctl.home = "/nonexistent";
	return (&ctl);
}

static void
read_text(struct dump *dump, const char *text)
{
	char	 why[256] = "";

	ATF_REQUIRE_EQ_MSG(0, dump_parse(dump, text, strlen(text), caller(),
	    why, sizeof(why)), "%s", why);
}

/* One of dumps/, whose apps are in the directory we are in. */
static void
read_fixture(const atf_tc_t *tc, struct dump *dump, const char *name)
{
	static char	 text[65536];
	char		 path[4096], here[2048];
	const char	*end;
	size_t		 len, n;
	FILE		*fp, *out;
	char		*data;

	(void)close(open("nap.sh", O_WRONLY | O_CREAT, 0700));
	(void)close(open("server.js", O_WRONLY | O_CREAT, 0600));
	ATF_REQUIRE(getcwd(here, sizeof(here)) != NULL);
	snprintf(path, sizeof(path), "%s/dumps/%s",
	    atf_tc_get_config_var(tc, "srcdir"), name);
	ATF_REQUIRE_MSG((fp = fopen(path, "r")) != NULL, "%s", path);
	len = fread(text, 1, sizeof(text) - 1, fp);
	text[len] = '\0';
	fclose(fp);
	ATF_REQUIRE((out = open_memstream(&data, &n)) != NULL);
	for (fp = NULL, len = 0; (end = strstr(text + len, "@DIR@")) != NULL;
	    len = (size_t)(end - text) + 5) {
		fwrite(text + len, 1, (size_t)(end - text) - len, out);
		fputs(here, out);
	}
	fputs(text + len, out);
	fclose(out);
	read_text(dump, data);
	free(data);
}

static void
is(const struct dumped *d, uint32_t id, const char *name, size_t team,
    uint32_t instance, int wanted)
{
	ATF_CHECK_MSG(d->spec.len > 0, "%s: %s", name, d->why);
	ATF_CHECK_EQ_MSG(id, d->id, "%s: %u", name, d->id);
	ATF_CHECK_STREQ(name, d->name);
	ATF_CHECK_EQ_MSG(team, d->team, "%s: %zu", name, d->team);
	ATF_CHECK_EQ_MSG(instance, d->instance, "%s: %u", name, d->instance);
	ATF_CHECK_EQ_MSG(wanted, d->wanted, "%s", name);
}

ATF_TC_WITHOUT_HEAD(read__pm2_0_7);
ATF_TC_BODY(read__pm2_0_7, tc)
{
	struct dump	 dump;
	struct spec	 spec;
	size_t		 pos = 0;
	char		 why[256];

	read_fixture(tc, &dump, "pm2-0.7.json");
	ATF_REQUIRE_EQ(5, dump.n);
	is(&dump.apps[0], 0, "server", 0, 0, 1);
	is(&dump.apps[1], 1, "server", 0, 1, 1);
	is(&dump.apps[2], 2, "nap", 2, 0, 1);
	is(&dump.apps[3], 3, "sleeper", 3, 0, 0);
	is(&dump.apps[4], 4, "again", 4, 0, 1);
	ATF_REQUIRE_EQ(0, spec_parse(&spec, dump.apps[3].spec.data,
	    dump.apps[3].spec.len, why, sizeof(why)));
	ATF_CHECK_EQ(2, spec.count[SPEC_ARG]);
	ATF_CHECK_STREQ("-x", spec_next(&spec, SPEC_ARG, &pos));
	ATF_CHECK_STREQ("1", spec_next(&spec, SPEC_ARG, &pos));
	dump_free(&dump);
}

ATF_TC_WITHOUT_HEAD(read__pm2_of_today);
ATF_TC_BODY(read__pm2_of_today, tc)
{
	struct dump	 dump;

	read_fixture(tc, &dump, "pm2-7.json");
	ATF_REQUIRE_EQ(5, dump.n);
	is(&dump.apps[0], 0, "web", 0, 0, 1);
	is(&dump.apps[1], 1, "nap", 1, 0, 0);
	is(&dump.apps[2], 2, "py", 2, 0, 1);
	is(&dump.apps[4], 4, "web", 0, 1, 1);
	dump_free(&dump);
}

/* So many apps of ours, five of them a team, in the reverse order. */
static char *
many_apps(uint32_t n)
{
	uint32_t	 i, id;
	size_t		 len;
	char		*text;
	FILE		*fp;

	ATF_REQUIRE((fp = open_memstream(&text, &len)) != NULL);
	fputs("[", fp);
	for (i = 0; i < n; i++) {
		id = n - 1 - i;
		fprintf(fp, "%s{\"pm2d\": {\"format\": 1, \"id\": %u, "
		    "\"first\": %u, \"instance\": %u, \"restarts\": 0, "
		    "\"wanted\": true, \"spec\": {\"name\": \"app\", "
		    "\"script\": \"/srv/a\", \"cwd\": \"/\"}}}\n",
		    i == 0 ? "" : ",", id, id - id % 5, id % 5);
	}
	fputs("]", fp);
	fclose(fp);
	return (text);
}

static void
list_app(struct app_view *v, uint32_t id, uint32_t instance)
{
	static char	 name[] = "app", script[] = "/srv/a";

	memset(v, 0, sizeof(*v));
	v->info.name = name;
	v->info.script = script;
	v->info.fix.id = id;
	v->info.fix.first = id;
	v->info.fix.instance = instance;
	v->info.fix.owner = geteuid();
}

ATF_TC_WITHOUT_HEAD(match__ten_thousand);
ATF_TC_BODY(match__ten_thousand, tc)
{
	struct app_list	 list;
	struct client	 client;
	struct dump	 dump;
	uint32_t	 i;
	char		*text;

	(void)tc;
	memset(&client, 0, sizeof(client));
	text = many_apps(MANY);
	read_text(&dump, text);
	free(text);
	ATF_REQUIRE_EQ(MANY, dump.n);
	for (i = 0; i < MANY; i++)
		ATF_REQUIRE_EQ(i - i % 5, dump.apps[i].team);
	/* There are half as many, under other ids, all alike. */
	memset(&list, 0, sizeof(list));
	list.n = MANY / 2;
	ATF_REQUIRE((list.apps = calloc(list.n, sizeof(*list.apps))) !=
	    NULL);
	for (i = 0; i < list.n; i++)
		list_app(&list.apps[i], MANY + i, 3);
	ATF_REQUIRE_EQ(0, dump_match(&dump, &list, &client));
	for (i = 0; i < MANY; i++)
		ATF_REQUIRE_EQ(dump.apps[i].instance == 3,
		    dump.apps[i].known);
	free(list.apps);
	dump_free(&dump);
}

ATF_TC_WITHOUT_HEAD(match__by_id_first);
ATF_TC_BODY(match__by_id_first, tc)
{
	struct app_view	 apps[4];
	struct app_list	 list = { apps, 4, 4 };
	struct client	 client;
	struct dump	 dump;
	char		*text;

	(void)tc;
	memset(&client, 0, sizeof(client));
	text = many_apps(3);
	read_text(&dump, text);
	free(text);
	/* 2 is itself; 0 is another instance; 7 is 1's; 9 is somebody's */
	list_app(&apps[0], 0, 3);
	list_app(&apps[1], 2, 2);
	list_app(&apps[2], 7, 1);
	list_app(&apps[3], 9, 0);
	apps[3].info.fix.owner = geteuid() + 1;
	ATF_REQUIRE_EQ(0, dump_match(&dump, &list, &client));
	ATF_CHECK(dump.apps[0].known && dump.apps[0].newid == 2);
	ATF_CHECK(dump.apps[1].known && dump.apps[1].newid == 7);
	ATF_CHECK(!dump.apps[2].known);
	dump_free(&dump);
}

ATF_TC_WITHOUT_HEAD(read__what_is_no_dump);
ATF_TC_BODY(read__what_is_no_dump, tc)
{
	static const char *const	 bad[] = { "", "[", "{}", "null",
	    "{\"apps\": []}", "[1,", "[\"\xff\"]", "[] x", "[{\"a\":1]" };
	struct dump			 dump;
	char				 why[256];
	size_t				 i;

	(void)tc;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		why[0] = '\0';
		ATF_CHECK_EQ_MSG(-1, dump_parse(&dump, bad[i],
		    strlen(bad[i]), caller(), why, sizeof(why)), "%s",
		    bad[i]);
		ATF_CHECK_MSG(strchr("123456789", why[0]) != NULL &&
		    strchr(why, ':') != NULL, "%s: %s", bad[i], why);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, read__pm2_0_7);
	ATF_TP_ADD_TC(tp, read__pm2_of_today);
	ATF_TP_ADD_TC(tp, read__what_is_no_dump);
	ATF_TP_ADD_TC(tp, match__ten_thousand);
	ATF_TP_ADD_TC(tp, match__by_id_first);
	return (atf_no_error());
}

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
#include <sys/wait.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <atf-c.h>

#include "ids.h"
#include "msg.h"

static struct ids ids;

static int	 become(void);

/* None of these is anybody, least of all root. */
ATF_TC_WITHOUT_HEAD(byname__refused);
ATF_TC_BODY(byname__refused, tc)
{
	static const char *const names[] = {
		"", "0", "00", "1000", "-1", "#-1", "#0", "+0", "4294967295",
		"4294967296", "18446744073709551615", " root", "root ",
		"root\n", "\nroot", "root:", "ro/ot", "root\t", "\033root"
	};
	static const char *const unknown[] = {
		"0day", "0x0", "Root", "ROOT", "root,", "no-such-user-here"
	};
	char	 longname[400];
	size_t	 i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ATF_REQUIRE_MSG(ids_badname(names[i]) != NULL, "\"%s\"",
		    names[i]);
		ATF_REQUIRE_EQ(-1, ids_byname(names[i], &ids));
		ATF_REQUIRE_EQ(EINVAL, errno);
	}
	for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		ATF_REQUIRE_EQ(NULL, ids_badname(unknown[i]));
		ATF_REQUIRE_EQ_MSG(-1, ids_byname(unknown[i], &ids), "\"%s\"",
		    unknown[i]);
		ATF_REQUIRE_EQ(ENOENT, errno);
	}
	memset(longname, 'a', sizeof(longname) - 1);
	longname[sizeof(longname) - 1] = '\0';
	ATF_REQUIRE(ids_badname(longname) != NULL);
	ATF_REQUIRE_EQ(-1, ids_byname(longname, &ids));
	ATF_REQUIRE_EQ(-1, ids_byuid((uid_t)-1, &ids));
	ATF_REQUIRE_EQ(EINVAL, errno);
	ATF_REQUIRE_EQ(-1, ids_byuid(2100000001, &ids));
	ATF_REQUIRE_EQ(ENOENT, errno);
}

ATF_TC_WITHOUT_HEAD(byname__ourselves);
ATF_TC_BODY(byname__ourselves, tc)
{
	struct passwd *pw;

	if ((pw = getpwuid(getuid())) == NULL)
		atf_tc_skip("no entry for this user");
	ATF_REQUIRE_EQ(0, ids_byname(pw->pw_name, &ids));
	ATF_REQUIRE_EQ(getuid(), ids.uid);
	ATF_REQUIRE_EQ(pw->pw_gid, ids.gid);
	ATF_REQUIRE_STREQ(pw->pw_name, ids.name);
	ATF_REQUIRE_STREQ(pw->pw_dir, ids.home);
	ATF_REQUIRE_STREQ(pw->pw_shell, ids.shell);
	ATF_REQUIRE(ids.ngroups >= 1);
	/* root becomes root, for its groups; others stay what they are */
	ATF_REQUIRE_EQ(geteuid() == 0, ids.change);
	memset(&ids, 0xff, sizeof(ids));
	ATF_REQUIRE_EQ(0, ids_byuid(getuid(), &ids));
	ATF_REQUIRE_EQ(getuid(), ids.uid);
}

ATF_TC_WITHOUT_HEAD(byname__somebody_else);
ATF_TC_BODY(byname__somebody_else, tc)
{
	const char *name = geteuid() == 0 ? "nobody" : "root";

	if (geteuid() == 0) {
		ATF_REQUIRE_EQ(0, ids_byname(name, &ids));
		ATF_REQUIRE_EQ(1, ids.change);
		ATF_REQUIRE(ids.uid != 0);
		return;
	}
	ATF_REQUIRE_EQ(-1, ids_byname(name, &ids));
	ATF_REQUIRE_EQ(EPERM, errno);
}

ATF_TC_WITHOUT_HEAD(self__without_names);
ATF_TC_BODY(self__without_names, tc)
{
	unsigned int stage;

	ids_self(&ids);
	ATF_REQUIRE_EQ(getuid(), ids.uid);
	ATF_REQUIRE_EQ(getgid(), ids.gid);
	ATF_REQUIRE_EQ(0, ids.change);
	ATF_REQUIRE_STREQ("", ids.name);
	ATF_REQUIRE_EQ(0, ids_become(&ids, &stage));
}

/* The last line of defence: what the kernel takes for "leave it". */
ATF_TC_WITHOUT_HEAD(become__minus_one);
ATF_TC_BODY(become__minus_one, tc)
{
	unsigned int stage;

	ids_self(&ids);
	ids.change = 1;
	ids.uid = (uid_t)-1;
	ATF_REQUIRE_EQ(-1, ids_become(&ids, &stage));
	ATF_REQUIRE_EQ(EINVAL, errno);
	ATF_REQUIRE_EQ(STAGE_UID, stage);
	ids.uid = 65534;
	ids.gid = (gid_t)-1;
	ATF_REQUIRE_EQ(-1, ids_become(&ids, &stage));
	ids.gid = 65534;
	ids.ngroups = -1;
	ATF_REQUIRE_EQ(-1, ids_become(&ids, &stage));
	ids.ngroups = IDS_GROUPS_MAX + 1;
	ATF_REQUIRE_EQ(-1, ids_become(&ids, &stage));
	ATF_REQUIRE_EQ(EINVAL, errno);
}

ATF_TC(become__for_good);
ATF_TC_HEAD(become__for_good, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(become__for_good, tc)
{
	pid_t	 pid;
	int	 status;

	ATF_REQUIRE((pid = fork()) != -1);
	if (pid == 0)
		_exit(become());
	ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
	ATF_REQUIRE_EQ_MSG(0, status, "line %d", WEXITSTATUS(status));
}

/* In a process of its own; which line was not as it should be. */
#define OR_LINE(x)	if (!(x)) return (__LINE__ % 256)

static int
become(void)
{
	unsigned int	 stage;
	uid_t		 ru, eu, su;

	memset(&ids, 0, sizeof(ids));
	ids.uid = 61000;
	ids.gid = 61001;
	ids.groups[0] = 61003;
	ids.groups[1] = 61002;
	ids.ngroups = 2;
	ids.change = 1;
	OR_LINE(0 == ids_become(&ids, &stage));
	OR_LINE(0 == getresuid(&ru, &eu, &su));
	OR_LINE(ru == 61000 && eu == 61000 && su == 61000);
	OR_LINE(61001 == getegid());
	OR_LINE(-1 == setuid(0));
	OR_LINE(-1 == setgroups(0, NULL));
	OR_LINE(0 == ids_hascaps());
	/* and not once more */
	ids.uid = 61005;
	OR_LINE(-1 == ids_become(&ids, &stage));
	OR_LINE(stage == STAGE_GROUPS);
	return (0);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, byname__refused);
	ATF_TP_ADD_TC(tp, byname__ourselves);
	ATF_TP_ADD_TC(tp, byname__somebody_else);
	ATF_TP_ADD_TC(tp, self__without_names);
	ATF_TP_ADD_TC(tp, become__minus_one);
	ATF_TP_ADD_TC(tp, become__for_good);

	return (atf_no_error());
}

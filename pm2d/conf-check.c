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
 * pm2d -n: is the file good, and what do its rules say?  In the foreground,
 * for whoever calls it; name services may take their time here.
 */

#include <sys/types.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "log.h"

#define GROUPS_MAX	65536

static int	 verbose;

static void	 say(uint32_t, const char *);
static int	 absolute(const char *, char *, size_t);
static int	 print(const struct conf *);
static int	 ask(const struct conf *, int, char *[]);
static int	 subject(const char *, struct rule_subject *, gid_t **);
static int	 object(const char *, uid_t *);

/* As compilers say it, for editors that jump there. */
static void
say(uint32_t level, const char *text)
{
	if (level == CONF_TEXT_ERROR)
		fprintf(stderr, "%s\n", text);
	else if (verbose)
		fprintf(stderr, "%s (warning)\n", text);
}

static int
absolute(const char *path, char *buf, size_t len)
{
	char	*cwd;
	int	 n;

	if (*path == '/')
		return (strlcpy(buf, path, len) < len ? 0 : -1);
	if ((cwd = getcwd(NULL, 0)) == NULL)
		return (-1);
	n = snprintf(buf, len, "%s/%s", cwd, path);
	free(cwd);
	return (n > 0 && (size_t)n < len ? 0 : -1);
}

int
conf_check(const char *file, int asked, int argc, char *argv[])
{
	struct conf	*conf;
	char		 path[PATH_MAX];
	int		 status;

	if (absolute(file, path, sizeof(path)) == -1) {
		fprintf(stderr, "pm2d: %s: no usable path\n", file);
		return (1);
	}
	/* -v is about the file here, and not about our processes. */
	verbose = log_getverbose() > 0;
	log_setverbose(0);
	if ((conf = conf_readsay(path, say)) == NULL)
		return (1);
	if (asked)
		status = ask(conf, argc, argv);
	else
		status = print(conf);
	conf_free(conf);
	return (status);
}

static int
print(const struct conf *conf)
{
	char	*text;
	size_t	 len;

	if (verbose) {
		if (conf_print(conf, &text, &len) == -1) {
			fprintf(stderr, "pm2d: %s\n", strerror(errno));
			return (1);
		}
		(void)fwrite(text, 1, len, stdout);
		free(text);
		if (fflush(stdout) == EOF) {
			fprintf(stderr, "pm2d: stdout: %s\n",
			    strerror(errno));
			return (1);
		}
	}
	fprintf(stderr, "configuration OK\n");
	return (0);
}

/* user verb [app-user [program]]: 0 permitted, 1 not (or not a question) */
static int
ask(const struct conf *conf, int argc, char *argv[])
{
	const struct conf_rule	*r;
	struct rule_subject	 sub;
	uint64_t		 bits;
	uid_t			 uid = 0;
	char			 where[PATH_MAX + 16];
	gid_t			*groups = NULL;
	int			 op = 0, permit;

	if ((bits = perm_verb(argv[1])) == 0) {
		fprintf(stderr, "pm2d: %s: no command that a rule can name\n",
		    argv[1]);
		return (1);
	}
	while ((bits & PERM_BIT(op)) == 0)
		op++;
	if (argc < 3 && (bits & PERM_DAEMON) == 0) {
		fprintf(stderr, "pm2d: %s is done to an app: say as whom it "
		    "runs\n", argv[1]);
		return (1);
	}
	if ((argc > 2 && object(argv[2], &uid) == -1) ||
	    subject(argv[0], &sub, &groups) == -1)
		return (1);
	if (sub.uid == 0) {
		printf("permit (root)\n");
		free(groups);
		return (0);
	}
	permit = rules_decide(conf, &sub, (enum perm_op)op, uid,
	    argc > 3 ? argv[3] : NULL, &r);
	free(groups);
	if (r != NULL)
		conf_where(conf, r, where, sizeof(where));
	printf("%s (%s)\n", permit ? "permit" : "deny",
	    r != NULL ? where : "no rule");
	return (!permit);
}

/* Who asks: uid and all groups, as for one who is connected. */
static int
subject(const char *name, struct rule_subject *sub, gid_t **groups)
{
	struct passwd	*pw;
	int		 n = 0;

	if ((pw = getpwnam(name)) == NULL || strcmp(pw->pw_name, name) != 0) {
		fprintf(stderr, "pm2d: there is no user %s\n", name);
		return (-1);
	}
	sub->uid = pw->pw_uid;
	(void)getgrouplist(name, pw->pw_gid, NULL, &n);
	if (n <= 0 || n > GROUPS_MAX ||
	    (*groups = reallocarray(NULL, (size_t)n, sizeof(**groups))) ==
	    NULL || getgrouplist(name, pw->pw_gid, *groups, &n) == -1) {
		fprintf(stderr, "pm2d: the groups of %s cannot be had\n",
		    name);
		free(*groups);
		return (-1);
	}
	sub->groups = *groups;
	sub->ngroups = n;
	return (0);
}

/* "www", or an app of his: "www/api".  Rules are about users. */
static int
object(const char *app, uid_t *uid)
{
	struct passwd	*pw;
	char		 name[256];
	size_t		 n;

	n = strcspn(app, "/");
	if (n >= sizeof(name)) {
		fprintf(stderr, "pm2d: there is no user %.*s...\n", 64, app);
		return (-1);
	}
	memcpy(name, app, n);
	name[n] = '\0';
	if ((pw = getpwnam(name)) == NULL || strcmp(pw->pw_name, name) != 0) {
		fprintf(stderr, "pm2d: there is no user %s\n", name);
		return (-1);
	}
	*uid = pw->pw_uid;
	return (0);
}

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
 * startup, unstartup: pm2d comes up with the machine.
 */
#include <sys/types.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "instpaths.h"
#include "pm2ctl.h"
#include "startup.h"

/* These go into shell scripts and unit files as they are. */
#define PLAIN	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" \
		"0123456789_.-"

static int
is_there(const char *path)
{
	return (access(path, F_OK) == 0);
}

/* The init system of this machine; NULL: none that we know. */
static const char *
detect(void)
{
	struct utsname	 un;

	if (uname(&un) == 0 && strcmp(un.sysname, "OpenBSD") == 0)
		return ("openbsd");
	if (uname(&un) == 0 && strcmp(un.sysname, "FreeBSD") == 0)
		return ("freebsd");
	if (is_there("/run/systemd/system"))
		return ("systemd");
	if (is_there("/sbin/openrc-run"))
		return ("openrc");
	if (is_there("/usr/sbin/update-rc.d"))
		return ("ubuntu");
	if (is_there("/sbin/chkconfig") || is_there("/usr/sbin/chkconfig"))
		return ("centos");
	return (NULL);
}

static const struct platform *
choose_platform(int argc, char **argv)
{
	const struct platform	*p;
	const char		*name;

	if (argc > 1) {
		say_error("one init system at a time");
		return (NULL);
	}
	name = argc == 1 ? argv[0] : detect();
	if (name != NULL && (p = platform_find(name)) != NULL)
		return (p);
	if (name == NULL)
		say_error("no init system that pm2ctl knows was found; name "
		    "one of:");
	else
		say_error("%s is no init system that pm2ctl knows, which "
		    "are:", name);
	for (p = platforms; p->name != NULL; p++)
		(void)fprintf(stderr, "\t%-10s %s\n", p->name, p->what);
	return (NULL);
}

/* The user's home, or the one that was given; with pm2d's home in it. */
static int
service_home(struct service *sv, const struct ctl *ctl,
    const struct passwd *pw)
{
	const char	*hp, *env, *dir;
	int		 n;

	/* The one whose pm2d the caller talks to, if it is about him. */
	hp = ctl->opt->hp;
	env = getenv("PM2_HOME");
	dir = getenv("HOME");
	if (dir == NULL || *dir != '/' || getuid() == 0 ||
	    pw->pw_uid != getuid())
		dir = pw->pw_dir;
	if (hp == NULL && env != NULL && *env != '\0' &&
	    pw->pw_uid == getuid())
		n = snprintf(sv->home, sizeof(sv->home), "%s", env);
	else
		n = snprintf(sv->home, sizeof(sv->home), "%s/.pm2",
		    hp != NULL ? hp : dir);
	if (n < 0 || (size_t)n >= sizeof(sv->home) || sv->home[0] != '/') {
		say_error("--hp: %s is not an absolute path",
		    hp != NULL ? hp : sv->home);
		return (-1);
	}
	if (sv->home[strspn(sv->home, PLAIN "/@+,:")] != '\0') {
		say_error("%s: a path in a startup file has letters, digits "
		    "and _.-/@+,: only", sv->home);
		return (-1);
	}
	return (0);
}

/* Whose pm2d: -u, else whoever asks. */
static int
service_make(struct service *sv, const struct ctl *ctl)
{
	const struct passwd	*pw;
	const char		*user;

	memset(sv, 0, sizeof(*sv));
	user = ctl->opt->user;
	if (ctl->opt->system) {
		if (user != NULL || ctl->opt->hp != NULL) {
			say_error("--system is the pm2d of all users: no "
			    "-u, no --hp");
			return (-1);
		}
		sv->system = 1;
		(void)strlcpy(sv->name, "pm2d", sizeof(sv->name));
		(void)strlcpy(sv->user, "root", sizeof(sv->user));
		return (0);
	}
	pw = user != NULL ? getpwnam(user) : getpwuid(getuid());
	if (pw == NULL) {
		say_error("%s: no such user", user != NULL ? user : "you");
		return (-1);
	}
	if (pw->pw_name[0] == '-' ||
	    pw->pw_name[strspn(pw->pw_name, PLAIN)] != '\0' ||
	    strlcpy(sv->user, pw->pw_name, sizeof(sv->user)) >=
	    sizeof(sv->user) - 5) {
		say_error("%s: no name for a startup file", pw->pw_name);
		return (-1);
	}
	sv->root = pw->pw_uid == 0;
	(void)snprintf(sv->name, sizeof(sv->name), "pm2d-%.58s", sv->user);
	return (service_home(sv, ctl, pw));
}

/* What whoever may do it has to type. */
static int
not_root(const struct ctl *ctl, const struct platform *p,
    const struct service *sv)
{
	char	 home[PATH_MAX];
	size_t	 len;

	(void)strlcpy(home, sv->home, sizeof(home));
	len = strlen(home);
	if (len > 5 && strcmp(home + len - 5, "/.pm2") == 0)
		home[len - 5] = '\0';
	say_error("You have to run this command as root");
	(void)fprintf(stderr, "Execute the following command :\n");
	if (sv->system)
		(void)fprintf(stderr, "sudo %s %s %s --system\n",
		    PATH_PM2CTL, ctl->name, p->name);
	else if (home[0] != '\0' && strlen(home) + 5 == len)
		(void)fprintf(stderr, "sudo %s %s %s -u %s --hp %s\n",
		    PATH_PM2CTL, ctl->name, p->name, sv->user, home);
	else
		(void)fprintf(stderr, "sudo env PM2_HOME=%s %s %s %s -u %s\n",
		    sv->home, PATH_PM2CTL, ctl->name, p->name, sv->user);
	return (1);
}

static int
begin(struct ctl *ctl, int argc, char **argv, const struct platform **p,
    struct service *sv)
{
	if ((*p = choose_platform(argc, argv)) == NULL ||
	    service_make(sv, ctl) == -1)
		return (-1);
	if (!ctl->opt->print && !ctl->opt->dry_run && geteuid() != 0) {
		(void)not_root(ctl, *p, sv);
		return (-1);
	}
	return (0);
}

static int
out_of_memory(void)
{
	say_error("out of memory");
	return (1);
}

/* With --dry-run: what would be run. */
static void
say_commands(const struct service *sv, const char *const *words)
{
	char	*word;

	for (; words != NULL && *words != NULL; words++) {
		if (**words == '?')
			continue;
		if (strcmp(*words, ";") == 0)
			(void)putchar('\n');
		else if ((word = service_expand(sv, *words)) != NULL) {
			(void)printf("%s ", word);
			free(word);
		}
	}
}

static int
install(const struct platform *p, const struct service *sv,
    const char *path, const char *text)
{
	int	 rc;

	if ((rc = service_write(path, text, p->mode)) == -1)
		return (1);
	if (rc == 1)
		say_info("%s is there already", path);
	else
		say_info("Writing %s %s", p->what, path);
	if (service_run(sv, p->enable) == -1)
		return (1);
	say_info("Done.");
	say_info("At boot the apps come back that ran before: %s.",
	    sv->system ? "pm2d keeps their list" :
	    "their list is kept by itself, no dump is needed");
	if (strcmp(p->name, "systemd") == 0)
		say_info("To start it now: systemctl start %s", sv->name);
	else if (strncmp(path, "/etc/init.d/", 12) == 0)
		say_info("To start it now: %s start", path);
	return (0);
}

int
cmd_startup(struct ctl *ctl, int argc, char **argv)
{
	const struct platform	*p;
	struct service		 sv;
	char			*path, *text;
	int			 rc;

	if (begin(ctl, argc, argv, &p, &sv) == -1)
		return (1);
	path = service_expand(&sv, p->path);
	text = service_expand(&sv, sv.system ? p->systext : p->text);
	if (path == NULL || text == NULL)
		rc = out_of_memory();
	else if (ctl->opt->print)
		rc = fputs(text, stdout) == EOF;
	else if (ctl->opt->dry_run) {
		(void)printf("%s (mode %04o):\n%s\n", path, p->mode, text);
		say_commands(&sv, p->enable);
		rc = 0;
	} else
		rc = install(p, &sv, path, text);
	free(path);
	free(text);
	return (rc);
}

static int
uninstall(const struct platform *p, const struct service *sv,
    const char *path)
{
	int	 rc;

	/* Not what somebody else has put there. */
	if (service_marked(path) == 1 && service_run(sv, p->disable) == -1)
		say_warn("%s is removed nevertheless", path);
	if ((rc = service_remove(path)) == -1)
		return (1);
	if (rc == 1) {
		say_error("%s is not there", path);
		return (1);
	}
	say_info("Removing %s %s", p->what, path);
	if (service_run(sv, p->forget) == -1)
		return (1);
	say_info("Done.");
	return (0);
}

int
cmd_unstartup(struct ctl *ctl, int argc, char **argv)
{
	const struct platform	*p;
	struct service		 sv;
	char			*path;
	int			 rc;

	if (begin(ctl, argc, argv, &p, &sv) == -1)
		return (1);
	if ((path = service_expand(&sv, p->path)) == NULL)
		return (out_of_memory());
	if (ctl->opt->print || ctl->opt->dry_run) {
		(void)printf("%s\n", path);
		rc = 0;
	} else
		rc = uninstall(p, &sv, path);
	free(path);
	return (rc);
}

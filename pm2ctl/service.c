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
 * Is a pm2d the business of the machine's service manager?  Then nobody else
 * starts it: there would be one that the manager knows nothing of, and its
 * own would fail.
 */
#include <sys/types.h>

#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "instpaths.h"
#include "pm2ctl.h"
#include "startup.h"

#define RUNNING		"/run/systemd/system"
#define UNITS		"/etc/systemd/system"
#define COMMAND		"ExecStart="

/* Does the unit start pm2d with this option and argument? */
static int
unit_starts(const char *unit, const char *option, const char *arg)
{
	char	*line = NULL, *rest, *word, path[PATH_MAX];
	size_t	 size = 0;
	FILE	*fp;
	int	 found = 0;

	if ((size_t)snprintf(path, sizeof(path), UNITS "/%s.service", unit) >=
	    sizeof(path) || (fp = fopen(path, "re")) == NULL)
		return (0);
	while (!found && getline(&line, &size, fp) != -1) {
		if (strncmp(line, COMMAND, sizeof(COMMAND) - 1) != 0)
			continue;
		rest = line;
		while (!found && (word = strsep(&rest, " \t\n")) != NULL)
			if (strcmp(word, option) == 0 &&
			    (word = strsep(&rest, " \t\n")) != NULL)
				found = strcmp(word, arg) == 0;
	}
	free(line);
	(void)fclose(fp);
	return (found);
}

static int
is_given(const char *name)
{
	const char	*value;

	value = getenv(name);
	return (value != NULL && *value != '\0');
}

int
service_installed(const char *home)
{
	const struct passwd	*pw;
	char			 unit[SERVICE_NAME_MAX];

	if (access(RUNNING, F_OK) == -1)
		return (0);
	if ((pw = getpwuid(geteuid())) != NULL) {
		(void)snprintf(unit, sizeof(unit), "pm2d-%.58s", pw->pw_name);
		if (unit_starts(unit, "-h", home)) {
			say_error("pm2d of %s is a service of this machine, "
			    "%s, and does not run; to start it: systemctl "
			    "start %s", home, unit, unit);
			return (1);
		}
	}
	if (!is_given("PM2_HOME") && !is_given("PM2_SOCKET") &&
	    access(PATH_SYSSOCKET, F_OK) == -1 &&
	    unit_starts("pm2d", "-f", PATH_CONF)) {
		say_error("the pm2d of this machine does not run; to start "
		    "it: systemctl start pm2d; for one of your own, set "
		    "PM2_HOME=%s", home);
		return (1);
	}
	return (0);
}

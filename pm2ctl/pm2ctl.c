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
 * pm2ctl: the client of pm2d.
 */
#include <sys/types.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "home.h"
#include "pm2ctl.h"

#define ACT	(CMD_DAEMON | CMD_ACTION | CMD_APPS)
#define LOOK	(CMD_DAEMON)
#define FILES	(CMD_START | CMD_ACTION | CMD_FILES | CMD_DRY)

const struct command commands[] = {
	{ "start", NULL, cmd_start, FILES | CMD_APPS, 0,
	    "[script|file|name|id|-] ...", "start them, keep them alive" },
	{ "stop", NULL, cmd_stop, ACT | CMD_FILES, 1,
	    "<id|name|all|file|-> ...", "stop, and remember" },
	{ "restart", NULL, cmd_restart, ACT | CMD_FILES | CMD_DRY, 1,
	    "<id|name|all|file|-> ...", "stop if need be, and start" },
	{ "reload", NULL, cmd_reload, ACT | CMD_FILES | CMD_DRY, 1,
	    "<id|name|all|file|-> ...",
	    "replace, without losing a connection" },
	{ "gracefulReload", NULL, cmd_graceful, ACT | CMD_FILES | CMD_DRY, 1,
	    "<id|name|all|file|-> ...",
	    "the same, \"shutdown\" is sent first" },
	{ "startOrRestart", NULL, cmd_start_or_restart, FILES, 1,
	    "<file|-> ...", "start, or restart, what a file declares" },
	{ "startOrReload", NULL, cmd_start_or_reload, FILES, 1,
	    "<file|-> ...", "start, or reload, what a file declares" },
	{ "startOrGracefulReload", NULL, cmd_start_or_graceful, FILES, 1,
	    "<file|-> ...", "the same, \"shutdown\" is sent first" },
	{ "apply", NULL, cmd_apply, FILES, 1,
	    "<file|-> ...", "do what has changed in a file" },
	{ "diff", NULL, cmd_diff, CMD_MAYBE | CMD_PLAIN | CMD_FILES, 1,
	    "<file|->", "what a file has that does not run" },
	{ "scale", NULL, cmd_scale, ACT, 2,
	    "<id|name> <n|+n|-n|max>", "more or fewer instances" },
	{ "delete", "del", cmd_delete, ACT | CMD_FILES, 1,
	    "<id|name|all|file|-> ...", "stop, and forget" },
	{ "reset", NULL, cmd_reset, ACT, 1,
	    "<id|name|all> ...", "counters of restarts to zero" },
	{ "sendSignal", NULL, cmd_signal, ACT, 2,
	    "<signal> <id|name>", "send a signal" },
	{ "message", NULL, cmd_message, ACT, 2,
	    "<id|name> <json|text>", "say something to a Node app" },
	{ "messages", NULL, cmd_messages, LOOK | CMD_PLAIN | CMD_APPS, 0,
	    "[id|name|all] ...", "follow what Node apps say" },
	{ "list", "ls l ps status", cmd_list, LOOK, 0,
	    "", "all apps, in a table (ls, l, ps, status)" },
	{ "jlist", NULL, cmd_jlist, LOOK | CMD_PLAIN, 0,
	    "", "all apps, in JSON" },
	{ "prettylist", NULL, cmd_prettylist, LOOK | CMD_PLAIN, 0,
	    "", "all apps, for reading" },
	{ "describe", "desc info show", cmd_describe, LOOK | CMD_APPS, 1,
	    "<id|name> ...", "everything about an app (desc, info, show)" },
	{ "why", NULL, cmd_why, LOOK | CMD_APPS, 1,
	    "<id|name> ...", "why an app is in the state it is in" },
	{ "env", NULL, cmd_env, LOOK | CMD_PLAIN | CMD_APPS, 1,
	    "<id|name>", "its environment" },
	{ "id", NULL, cmd_id, LOOK | CMD_PLAIN | CMD_APPS, 1,
	    "<name> ...", "ids of a name" },
	{ "pid", NULL, cmd_pid, LOOK | CMD_PLAIN | CMD_APPS, 0,
	    "[id|name] ...", "process ids, one in a line" },
	{ "logs", NULL, cmd_logs, LOOK | CMD_APPS, 0,
	    "[id|name|all] ...", "show logs, and follow them" },
	{ "flush", NULL, cmd_flush, ACT, 0,
	    "[id|name|all] ...", "empty all logs" },
	{ "reloadLogs", NULL, cmd_reloadlogs, ACT, 0,
	    "[id|name|all] ...", "open all log files anew" },
	{ "ping", NULL, cmd_ping, CMD_START, 0,
	    "", "make sure that pm2d runs" },
	{ "kill", "exit", cmd_kill, CMD_ACTION, 0,
	    "", "stop and forget all apps, end pm2d (exit)" },
	{ "generate", NULL, cmd_generate, 0, 1,
	    "<name>", "write a sample process file" },
	{ "dump", "save", cmd_dump, CMD_DAEMON | CMD_ACTION, 0,
	    "", "write the list to dump.pm2 (save)" },
	{ "resurrect", NULL, cmd_resurrect,
	    CMD_START | CMD_ACTION | CMD_FILES, 0,
	    "[file]", "bring back what dump.pm2 has" },
	{ "startup", NULL, cmd_startup, CMD_DRY, 0,
	    "[systemd|ubuntu|centos|redhat|openrc|openbsd|freebsd]",
	    "start pm2d when the machine starts" },
	{ "unstartup", NULL, cmd_unstartup, CMD_DRY, 0,
	    "[systemd|...]", "do that no more" },
	{ "ecosystem", "init", cmd_ecosystem, 0, 0,
	    "[file]", "write a sample ecosystem.config.js (init)" },
	{ "validate", NULL, cmd_validate, CMD_PLAIN | CMD_FILES, 0,
	    "[file] ...", "look for mistakes in process files" },
	{ "doctor", NULL, cmd_doctor, 0, 0,
	    "", "what pm2d could use on this machine" },
	{ "completion", NULL, cmd_completion, CMD_PLAIN, 0,
	    "[bash|zsh]", "completion for the shell" },
	{ NULL, NULL, NULL, 0, 0, NULL, NULL }
};

static int
is_alias(const char *aliases, const char *word)
{
	size_t	 len, n;

	len = strlen(word);
	for (; aliases != NULL && *aliases != '\0'; aliases += n) {
		while (*aliases == ' ')
			aliases++;
		n = strcspn(aliases, " ");
		if (n > 0 && n == len && strncmp(aliases, word, n) == 0)
			return (1);
	}
	return (0);
}

const struct command *
command_find(const char *word)
{
	const struct command	*cmd;

	for (cmd = commands; cmd->name != NULL; cmd++)
		if (strcmp(cmd->name, word) == 0 ||
		    is_alias(cmd->aliases, word))
			return (cmd);
	return (NULL);
}

static void
help_commands(FILE *fp)
{
	const struct command	*cmd;
	char			 left[64];
	int			 n;

	(void)fprintf(fp, "\n  Usage: %s [options] <command> [arguments] "
	    "[-- arguments of the app]\n\n  Commands:\n\n", getprogname());
	for (cmd = commands; cmd->name != NULL; cmd++) {
		n = snprintf(left, sizeof(left), "%s%s%s", cmd->name,
		    *cmd->args != '\0' ? " " : "", cmd->args);
		if (n > 0 && (size_t)n < sizeof(left))
			(void)fprintf(fp, "    %-32s %s\n", left, cmd->help);
	}
	(void)putc('\n', fp);
}

static void
help(FILE *fp)
{
	help_commands(fp);
	(void)fprintf(fp, "  Options:\n\n");
	options_help(fp);
	(void)fprintf(fp, "\n  More: man pm2ctl\n\n");
}

static int
unknown_command(const char *word)
{
	const struct command	*cmd;
	const char		*best;
	size_t			 dist, least;

	best = NULL;
	least = strlen(word) / 2 + 1;
	for (cmd = commands; cmd->name != NULL; cmd++) {
		dist = word_distance(word, cmd->name);
		if (dist < least) {
			least = dist;
			best = cmd->name;
		}
	}
	say_error("\nCommand not found");
	help_commands(stderr);
	if (best != NULL)
		(void)fprintf(stderr, "  Did you mean %s?\n\n", best);
	return (1);
}

/* "<id|name|all> ..." is called "id|name|all". */
static int
missing_argument(const struct command *cmd, int argc)
{
	const char	*arg;
	int		 i;

	for (arg = cmd->args, i = 0; i < argc; i++) {
		arg += strcspn(arg, " ");
		arg += strspn(arg, " ");
	}
	arg += strspn(arg, "<[");
	(void)fprintf(stderr, "\n  error: missing required argument `%.*s'"
	    "\n\n", (int)strcspn(arg, ">]"), arg);
	return (1);
}

/* pm2ctl must not take a socket for its own output. */
static void
standard_descriptors(void)
{
	int	 fd;

	for (fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) == -1 && errno == EBADF &&
		    open("/dev/null", O_RDWR) == -1)
			_exit(1);
}

static void
es6_line(const struct ctl *ctl)
{
	const struct options	*opt;
	const char		*e;

	opt = ctl->opt;
	if ((ctl->cmd->flags & CMD_PLAIN) || opt->silent || opt->raw ||
	    opt->json)
		return;
	custom_load(ctl->home, 1);
	if ((e = custom_get("PM2_NODE_OPTIONS")) == NULL ||
	    strstr(e, "--harmony") == NULL)
		return;
	(void)fputs(say_color(stdout) ? "\033[32m\342\227\217 ES6 mode"
	    "\033[39m\n" : "\342\227\217 ES6 mode\n", stdout);
}

static int
connect_daemon(struct ctl *ctl)
{
	int	 maybe;

	maybe = ctl->opt->dry_run || (ctl->cmd->flags & CMD_MAYBE);
	if ((ctl->cmd->flags & CMD_START) && !maybe)
		return (launch(ctl));
	if ((ctl->cmd->flags & (CMD_DAEMON | CMD_START | CMD_MAYBE)) == 0)
		return (0);
	switch (which_open(ctl)) {
	case CLIENT_OK:
		return (0);
	case CLIENT_NONE:
		if (maybe)
			return (0);
		say_error("no pm2d is running for %s%s", ctl->where,
		    ctl->socket == NULL ? " (start or ping starts one)" : "");
		break;
	}
	return (-1);
}

/* What would be left out without a word is not to be asked for. */
static int
bad_options(const struct ctl *ctl)
{
	const struct options	*opt;
	const char		*bad;

	opt = ctl->opt;
	bad = NULL;
	if (opt->dry_run && (ctl->cmd->flags & CMD_DRY) == 0)
		bad = "dry-run";
	else if (opt->prune && ctl->cmd->handler != cmd_apply)
		bad = "prune";
	else if ((ctl->cmd->flags & CMD_FILES) == 0 && opt->only_ != NULL)
		bad = "only";
	else if ((ctl->cmd->flags & CMD_FILES) == 0 && opt->env_name != NULL)
		bad = "env";
	if (bad == NULL)
		return (0);
	say_error("%s has no --%s", ctl->cmd->name, bad);
	return (1);
}

static int
run(struct ctl *ctl, int argc, char **argv)
{
	int	 rc;

	if (ctl->cmd->flags & CMD_ACTION)
		(void)signal(SIGPIPE, SIG_IGN);
	if (bad_options(ctl))
		return (1);
	es6_line(ctl);
	if (connect_daemon(ctl) == -1)
		return (ctl->cmd->handler == cmd_diff ? 2 : 1);
	rc = ctl->cmd->handler(ctl, argc, argv);
	if (rc == 0 && ctl->opt->no_daemon && !ctl->opt->dry_run &&
	    (ctl->cmd->flags & CMD_START))
		rc = foreground(ctl);
	else
		launch_end(ctl);
	client_close(&ctl->client);
	return (rc);
}

/* Arguments of the command; what is behind "--" is the app's, of start. */
static char **
command_arguments(const struct command *cmd, struct arguments *args,
    int *argc)
{
	char	**v;

	*argc = args->npos - 1;
	if (args->napp == 0 || cmd->handler == cmd_start)
		return (args->pos + 1);
	v = reallocarray(args->pos, (size_t)(args->npos + args->napp + 1),
	    sizeof(*v));
	if (v == NULL)
		return (NULL);
	memcpy(v + args->npos, args->app, (size_t)args->napp * sizeof(*v));
	*argc += args->napp;
	v[*argc + 1] = NULL;
	args->pos = v;
	return (v + 1);
}

static int
dispatch(const struct options *opt, struct arguments *args)
{
	struct ctl	 ctl;
	char		 home[PATH_MAX], **argv;
	int		 argc;

	memset(&ctl, 0, sizeof(ctl));
	ctl.client.fd = -1;
	ctl.opt = opt;
	ctl.name = args->pos[0];
	if ((ctl.cmd = command_find(ctl.name)) == NULL)
		return (unknown_command(ctl.name));
	if ((argv = command_arguments(ctl.cmd, args, &argc)) == NULL) {
		say_error("out of memory");
		return (1);
	}
	if (argc < ctl.cmd->minargs)
		return (missing_argument(ctl.cmd, argc));
	if (which_begin(&ctl, home, sizeof(home)) == -1)
		return (1);
	ctl.app = args->app;
	ctl.napp = args->napp;
	return (run(&ctl, argc, argv));
}

/* Nobody reading any more is no reason for words. */
static int
finish(int rc)
{
	if (fflush(stdout) == EOF || ferror(stdout)) {
		if (errno != EPIPE)
			say_error("standard output: %s", strerror(errno));
		return (1);
	}
	return (rc);
}

int
main(int argc, char *argv[])
{
	struct options	 opt;
	struct arguments args;
	char		 err[512];
	int		 rc;

	standard_descriptors();
	rc = options_parse(argc > 0 ? argc - 1 : 0, argv + 1, &opt, &args,
	    err, sizeof(err));
	say_init(&opt);
	if (rc == -1) {
		say_error("%s", err);
		rc = 1;
	} else if (opt.version) {
		(void)puts(PM2D_VERSION);
	} else if (opt.help) {
		help(stdout);
	} else if (args.npos == 0) {
		help(stdout);
		rc = 1;
	} else
		rc = dispatch(&opt, &args);
	free(args.pos);
	return (finish(rc));
}

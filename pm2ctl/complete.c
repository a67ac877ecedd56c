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
 * pm2ctl completion: scripts for shells, made from the tables of commands
 * and options.  They ask "pm2ctl completion words" for the apps.
 *
 * Names of apps are strangers' words: the scripts never let the shell expand
 * them (compgen -W would), and quote what they insert.
 */
#include <stdlib.h>
#include <string.h>

#include "output_cmd.h"

struct shell {
	const char	*name;
	void		(*script)(struct outbuf *);
};

static void	 add_words(struct outbuf *, const char *, const char *);
static void	 add_options(struct outbuf *, const char *,
		    int (*)(const struct option_def *));
static void	 add_commands(struct outbuf *, const char *, int);
static int	 has_arg(const struct option_def *);
static int	 has_file(const struct option_def *);
static int	 has_any(const struct option_def *);
static void	 add_quoted(struct outbuf *, const char *);
static void	 add_described(struct outbuf *, const char *, const char *);
static void	 script_bash(struct outbuf *);
static void	 script_zsh(struct outbuf *);
static int	 print_words(struct ctl *);

static const struct shell	 shells[] = {
	{ "bash",	script_bash },
	{ "zsh",	script_zsh },
};

/* ---- lists out of the tables ---- */

/* The words of a list with blanks, each after the separator. */
static void
add_words(struct outbuf *ob, const char *words, const char *between)
{
	size_t	 len;

	while (*words != '\0') {
		len = strcspn(words, " ");
		ob_str(ob, between);
		ob_add(ob, words, len);
		words += len;
		words += strspn(words, " ");
	}
}

static int
has_arg(const struct option_def *def)
{
	return (def->arg != NULL);
}

static int
has_file(const struct option_def *def)
{
	return (def->arg != NULL && (strcmp(def->arg, "<path>") == 0 ||
	    strcmp(def->arg, "<dir>") == 0 ||
	    strcmp(def->arg, "<program>") == 0));
}

static int
has_any(const struct option_def *def)
{
	(void)def;
	return (1);
}

/* "--name" and "-n" of all such options, with the separator between. */
static void
add_options(struct outbuf *ob, const char *between,
    int (*wanted)(const struct option_def *))
{
	const struct option_def	*def;
	const char		*before;

	before = "";
	for (def = option_defs; def->longname != NULL; def++) {
		if (!wanted(def))
			continue;
		ob_fmt(ob, "%s--%s", before, def->longname);
		before = between;
		if (def->shortname != '\0')
			ob_fmt(ob, "%s-%c", before, def->shortname);
	}
}

/* All commands with one of the flags (0: all), with their aliases. */
static void
add_commands(struct outbuf *ob, const char *between, int flags)
{
	const struct command	*cmd;
	const char		*before;

	before = "";
	for (cmd = commands; cmd->name != NULL; cmd++) {
		if (flags != 0 && !(cmd->flags & flags))
			continue;
		ob_str(ob, before);
		ob_str(ob, cmd->name);
		before = between;
		if (cmd->aliases != NULL)
			add_words(ob, cmd->aliases, between);
	}
}

/* Between single quotes of a shell. */
static void
add_quoted(struct outbuf *ob, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '\'')
			ob_str(ob, "'\\''");
		else
			ob_char(ob, *s);
	}
}

/* An entry for zsh's _describe. */
static void
add_described(struct outbuf *ob, const char *word, const char *help)
{
	ob_str(ob, "\t\t'");
	add_quoted(ob, word);
	ob_char(ob, ':');
	if (help != NULL)
		add_quoted(ob, help);
	ob_str(ob, "'\n");
}

/* ---- scripts ---- */

static void
script_bash(struct outbuf *ob)
{
	ob_str(ob,
	    "# bash completion for pm2ctl; load it with:\n"
	    "#\tsource <(pm2ctl completion bash)\n"
	    "_pm2ctl()\n"
	    "{\n"
	    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} cmd= i word\n"
	    "\n"
	    "\tCOMPREPLY=()\n"
	    "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	    "\t\tcase ${COMP_WORDS[i]} in\n"
	    "\t\t--)\tcompopt -o default; return ;;\n"
	    "\t\t");
	add_options(ob, "|", has_arg);
	ob_str(ob, ")\n"
	    "\t\t\t((i++)) ;;\n"
	    "\t\t-*)\t;;\n"
	    "\t\t*)\t[[ -n $cmd ]] || cmd=${COMP_WORDS[i]} ;;\n"
	    "\t\tesac\n"
	    "\tdone\n"
	    "\tcase ${COMP_WORDS[COMP_CWORD-1]} in\n"
	    "\t");
	add_options(ob, "|", has_file);
	ob_str(ob, ")\n"
	    "\t\tcompopt -o default; return ;;\n"
	    "\t");
	add_options(ob, "|", has_arg);
	ob_str(ob, ")\n"
	    "\t\treturn ;;\n"
	    "\tesac\n"
	    "\tif [[ $cur == -* ]]; then\n"
	    "\t\tCOMPREPLY=($(compgen -W '");
	add_options(ob, " ", has_any);
	ob_str(ob, "' -- \"$cur\"))\n"
	    "\t\treturn\n"
	    "\tfi\n"
	    "\tcase $cmd in\n"
	    "\t'')\tCOMPREPLY=($(compgen -W '");
	add_commands(ob, " ", 0);
	ob_str(ob, "' -- \"$cur\"))\n"
	    "\t\treturn ;;\n"
	    "\tcompletion)\n"
	    "\t\tCOMPREPLY=($(compgen -W 'bash zsh' -- \"$cur\"))\n"
	    "\t\treturn ;;\n"
	    "\tesac\n"
	    "\tcase $cmd in\n"
	    "\t");
	add_commands(ob, "|", CMD_FILES);
	ob_str(ob, ")\n"
	    "\t\tcompopt -o default ;;\n"
	    "\tesac\n"
	    "\tcase $cmd in\n"
	    "\t");
	add_commands(ob, "|", CMD_APPS);
	ob_str(ob, ")\n"
	    "\t\twhile IFS= read -r word; do\n"
	    "\t\t\t[[ $word != \"$cur\"* ]] ||\n"
	    "\t\t\t    COMPREPLY+=(\"$(printf %q \"$word\")\")\n"
	    "\t\tdone < <(\"${COMP_WORDS[0]}\" completion words "
	    "2>/dev/null) ;;\n"
	    "\tesac\n"
	    "}\n"
	    "complete -F _pm2ctl pm2ctl pm2\n");
}

static void
script_zsh(struct outbuf *ob)
{
	const struct option_def	*def;
	const struct command	*cmd;
	char			 option[128];

	ob_str(ob,
	    "#compdef pm2ctl pm2\n"
	    "# zsh completion for pm2ctl; load it with:\n"
	    "#\tsource <(pm2ctl completion zsh)\n"
	    "_pm2ctl()\n"
	    "{\n"
	    "\tlocal cmd= i\n"
	    "\tlocal -a cmds opts apps\n"
	    "\n"
	    "\tcmds=(\n");
	for (cmd = commands; cmd->name != NULL; cmd++)
		add_described(ob, cmd->name, cmd->help);
	ob_str(ob, "\t)\n\topts=(\n");
	for (def = option_defs; def->longname != NULL; def++) {
		if (strlcpy(option, "--", sizeof(option)) >= sizeof(option) ||
		    strlcat(option, def->longname, sizeof(option)) >=
		    sizeof(option))
			continue;
		add_described(ob, option, def->help);
	}
	ob_str(ob, "\t)\n"
	    "\tfor ((i = 2; i < CURRENT; i++)); do\n"
	    "\t\tcase ${words[i]} in\n"
	    "\t\t(--)\t_files; return ;;\n"
	    "\t\t(");
	add_options(ob, "|", has_arg);
	ob_str(ob, ")\n"
	    "\t\t\t((i++)) ;;\n"
	    "\t\t(-*)\t;;\n"
	    "\t\t(*)\t[[ -n $cmd ]] || cmd=${words[i]} ;;\n"
	    "\t\tesac\n"
	    "\tdone\n"
	    "\tcase ${words[CURRENT-1]} in\n"
	    "\t(");
	add_options(ob, "|", has_file);
	ob_str(ob, ")\n"
	    "\t\t_files; return ;;\n"
	    "\t(");
	add_options(ob, "|", has_arg);
	ob_str(ob, ")\n"
	    "\t\treturn ;;\n"
	    "\tesac\n"
	    "\tif [[ $PREFIX == -* ]]; then\n"
	    "\t\t_describe -o option opts\n"
	    "\t\treturn\n"
	    "\tfi\n"
	    "\tcase $cmd in\n"
	    "\t('')\t_describe command cmds; return ;;\n"
	    "\t(completion)\n"
	    "\t\tcompadd bash zsh; return ;;\n"
	    "\tesac\n"
	    "\tcase $cmd in\n"
	    "\t(");
	add_commands(ob, "|", CMD_FILES);
	ob_str(ob, ")\n"
	    "\t\t_files ;;\n"
	    "\tesac\n"
	    "\tcase $cmd in\n"
	    "\t(");
	add_commands(ob, "|", CMD_APPS);
	ob_str(ob, ")\n"
	    "\t\tapps=(\"${(@f)$(${words[1]} completion words "
	    "2>/dev/null)}\")\n"
	    "\t\tcompadd -a apps ;;\n"
	    "\tesac\n"
	    "}\n"
	    "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n"
	    "\t_pm2ctl \"$@\"\n"
	    "else\n"
	    "\tcompdef _pm2ctl pm2ctl pm2\n"
	    "fi\n");
}

/* ---- the command ---- */

/* Names and ids; nothing, and no complaint, when no pm2d runs. */
static int
print_words(struct ctl *ctl)
{
	struct app_list	 list = { 0 };
	struct outbuf	 ob = { 0 };
	size_t		 i;

	if (which_open(ctl) != CLIENT_OK)
		return (0);
	if (client_list(&ctl->client, APP_ID_ALL, 0, &list) == -1)
		return (1);
	if (list.n != 0)
		ob_str(&ob, "all\n");
	for (i = 0; i < list.n; i++) {
		if (i == 0 || strcmp(list.apps[i].info.name,
		    list.apps[i - 1].info.name) != 0)
			ob_fmt(&ob, "%s\n", list.apps[i].info.name);
		ob_fmt(&ob, "%u\n", list.apps[i].info.fix.id);
	}
	app_list_free(&list);
	return (output_finish(&ob, stdout));
}

int
cmd_completion(struct ctl *ctl, int argc, char **argv)
{
	struct outbuf	 ob = { 0 };
	const char	*shell, *slash;
	size_t		 i;

	if (argc > 0 && strcmp(argv[0], "words") == 0)
		return (print_words(ctl));
	if ((shell = argc > 0 ? argv[0] : getenv("SHELL")) == NULL)
		shell = "";
	if ((slash = strrchr(shell, '/')) != NULL)
		shell = slash + 1;
	for (i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		if (strcmp(shell, shells[i].name) == 0) {
			shells[i].script(&ob);
			return (output_finish(&ob, stdout));
		}
	}
	say_error("completion: for which shell, bash or zsh?");
	return (1);
}

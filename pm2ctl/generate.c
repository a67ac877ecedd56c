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
 * Process files that pm2ctl writes: start -w, and the sample of generate.
 */
#include <sys/types.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output_json.h"
#include "resolve.h"

static void	 put_string(struct outbuf *, const char *);
static void	 put_spec(struct outbuf *, const struct spec *);
static void	 put_number(struct outbuf *, enum spec_key, uint64_t);
static void	 put_value(struct outbuf *, const struct spec *,
		    enum spec_key);
static int	 write_file(const char *, int, struct outbuf *);
static int	 config_path(char *, size_t, const char *);

static void
put_string(struct outbuf *ob, const char *s)
{
	ob_json(ob, s, strlen(s));
}

/*
 * Not the environment and no secret: the file's reader has his own.  Nor what
 * follows from the rest, and where it comes from.
 */
static int
is_left_out(enum spec_key key)
{
	return (key == SPEC_NAME || key == SPEC_SCRIPT || key == SPEC_ENV ||
	    key == SPEC_SECRET || key == SPEC_IPC || key == SPEC_SOURCE ||
	    key == SPEC_SOURCE_ENV);
}

/* Everything that was asked for, by the names of process files. */
static void
put_spec(struct outbuf *ob, const struct spec *spec)
{
	static const enum spec_key keys[] = {
#define X(key, n, name, type, def, min, max) SPEC_##key,
		SPEC_LIST_KEYS(X)
#undef X
	};
	size_t	 i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (is_left_out(keys[i]) || spec->count[keys[i]] == 0)
			continue;
		ob_char(ob, ',');
		put_string(ob, spec_keyname(keys[i]));
		ob_char(ob, ':');
		put_value(ob, spec, keys[i]);
	}
}

/* As people write it, where that is not as a spec has it. */
static void
put_number(struct outbuf *ob, enum spec_key key, uint64_t n)
{
	switch (key) {
	case SPEC_UMASK:
		ob_fmt(ob, "\"%03jo\"", (uintmax_t)n);
		break;
	case SPEC_NICE:
		ob_fmt(ob, "%d", (int)n - SPEC_NICE_ZERO);
		break;
	case SPEC_CGROUP_CPU:
		ob_fmt(ob, "\"%ju.%02ju\"", (uintmax_t)(n / 100),
		    (uintmax_t)(n % 100));
		break;
	default:
		ob_num(ob, n);
		break;
	}
}

static void
put_value(struct outbuf *ob, const struct spec *spec, enum spec_key key)
{
	struct outbuf	 list = { 0 };

	switch (spec_keytype(key)) {
	case SPEC_T_STR:
		put_string(ob, spec->str[key]);
		break;
	case SPEC_T_LIST:
		/* args is a string that holds a list, as pm2 has it. */
		ob_jsonlist(&list, spec, key);
		if (key == SPEC_ARG)
			put_string(ob, ob_text(&list));
		else
			ob_add(ob, list.data, list.len);
		ob_free(&list);
		break;
	case SPEC_T_U64:
		put_number(ob, key, spec->num[key]);
		break;
	case SPEC_T_BOOL:
		ob_str(ob, spec->num[key] ? "true" : "false");
		break;
	}
}

/* Only to a file of ours, never to what a link of that name points to. */
static int
write_file(const char *path, int excl, struct outbuf *ob)
{
	int	 bad, fd;

	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW |
	    O_NONBLOCK | (excl ? O_EXCL : O_TRUNC), 0666);
	if (fd != -1) {
		bad = ob_write(ob, fd) == -1;
		if (close(fd) == 0 && !bad)
			return (0);
	}
	say_error("%s: %s", path, strerror(errno));
	return (-1);
}

static int
config_path(char *buf, size_t size, const char *name)
{
	char	 cwd[PATH_MAX];
	int	 n;

	if (caller_cwd(cwd, sizeof(cwd)) == -1) {
		say_error("the current directory: %s", strerror(errno));
		return (-1);
	}
	n = snprintf(buf, size, "%s/%s-pm2.json", cwd, name);
	if (n < 0 || (size_t)n >= size) {
		say_error("%s: %s", name, strerror(ENAMETOOLONG));
		return (-1);
	}
	return (0);
}

int
write_config(const struct target *t, const struct ctl *ctl)
{
	struct outbuf	 ob = { 0 };
	struct spec_buf	 buf;
	struct spec	 spec;
	char		 path[PATH_MAX], name[APP_NAME_MAX], err[512];
	int		 error;

	if (spec_build(&buf, t, ctl, err, sizeof(err)) == -1 ||
	    spec_parse(&spec, buf.data, buf.len, err, sizeof(err)) == -1) {
		say_error("%s", err);
		return (-1);
	}
	error = -1;
	/* The file is named after the script, whatever the app is called. */
	if (script_appname(name, sizeof(name), t->script) == 0 &&
	    config_path(path, sizeof(path), name) == 0) {
		say_info("Writing configuration to  %s", path);
		ob_str(&ob, "{\"name\":");
		put_string(&ob, t->name);
		ob_str(&ob, ",\"script\":");
		put_string(&ob, t->script);
		put_spec(&ob, &spec);
		ob_str(&ob, "}\n");
		error = write_file(path, 0, &ob);
	}
	ob_free(&ob);
	spec_buf_free(&buf);
	return (error);
}

int
cmd_generate(struct ctl *ctl, int argc, char **argv)
{
	struct outbuf	 ob = { 0 };
	const char	*why;
	char		 path[PATH_MAX], script[APP_NAME_MAX + 3], *text;
	int		 error;

	(void)argc;
	if ((why = spec_badname(argv[0])) != NULL) {
		say_error("%s", why);
		return (1);
	}
	if (config_path(path, sizeof(path), argv[0]) == -1)
		return (1);
	if (!ctl->opt->force && access(path, F_OK) == 0) {
		say_error("%s exists, add -f option to overwrite it", path);
		return (1);
	}
	(void)snprintf(script, sizeof(script), "%s.js", argv[0]);
	ob_str(&ob, "{\n  \"name\": ");
	put_string(&ob, argv[0]);
	ob_str(&ob, ",\n  \"script\": ");
	put_string(&ob, script);
	ob_str(&ob, ",\n  \"options\": [\n    \"\"\n  ]\n}\n");
	if ((text = strdup(ob_text(&ob))) == NULL)
		err(1, NULL);
	error = write_file(path, !ctl->opt->force, &ob);
	if (error == 0)
		say_plain("Sample generated on current folder\n%s-pm2.json :"
		    "\n%s", argv[0], text);
	free(text);
	ob_free(&ob);
	return (error == 0 ? 0 : 1);
}

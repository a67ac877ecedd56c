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

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resolve.h"

/* A JSON string; bytes that are no characters are replaced. */
static void
put_string(FILE *fp, const char *s)
{
	const unsigned char	*p;

	(void)putc('"', fp);
	for (p = (const unsigned char *)s; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			(void)fprintf(fp, "\\%c", *p);
		else if (*p == '\n')
			(void)fputs("\\n", fp);
		else if (*p == '\t')
			(void)fputs("\\t", fp);
		else if (*p < 0x20 || *p == 0x7f)
			(void)fprintf(fp, "\\u%04x", *p);
		else
			(void)putc(*p, fp);
	}
	(void)putc('"', fp);
}

static void
put_key(FILE *fp, enum spec_key key)
{
	(void)putc(',', fp);
	put_string(fp, spec_keyname(key));
	(void)putc(':', fp);
}

static void
put_str(FILE *fp, enum spec_key key, const char *value)
{
	put_key(fp, key);
	put_string(fp, value);
}

/* args is a string that holds a list, as pm2 has it. */
static int
put_args(FILE *fp, const struct ctl *ctl)
{
	char	*text;
	size_t	 size;
	FILE	*mem;
	int	 i;

	if ((mem = open_memstream(&text, &size)) == NULL)
		return (-1);
	(void)putc('[', mem);
	for (i = 0; i < ctl->napp; i++) {
		if (i > 0)
			(void)putc(',', mem);
		put_string(mem, ctl->app[i]);
	}
	(void)putc(']', mem);
	if (fclose(mem) == EOF)
		return (-1);
	put_str(fp, SPEC_ARG, text);
	free(text);
	return (0);
}

/* A list of the spec as a JSON list. */
static void
put_list(FILE *fp, const struct spec *spec, enum spec_key key)
{
	const char	*s;
	size_t		 pos;
	int		 n;

	pos = 0;
	put_key(fp, key);
	(void)putc('[', fp);
	for (n = 0; (s = spec_next(spec, key, &pos)) != NULL; n++) {
		if (n > 0)
			(void)putc(',', fp);
		put_string(fp, s);
	}
	(void)putc(']', fp);
}

/*
 * Everything that was asked for, by the names of process files.  Not the
 * environment: it is full of secrets, and the file's reader has his own.
 */
static void
put_spec(FILE *fp, const struct spec *spec, const struct ctl *ctl)
{
	static const enum spec_key keys[] = {
#define X(key, n, name, type, def, min, max) SPEC_##key,
		SPEC_LIST_KEYS(X)
#undef X
	};
	size_t	 i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (keys[i] == SPEC_NAME || keys[i] == SPEC_SCRIPT ||
		    keys[i] == SPEC_ENV || spec->count[keys[i]] == 0)
			continue;
		if (keys[i] == SPEC_ARG)
			(void)put_args(fp, ctl);
		else if (spec_keytype(keys[i]) == SPEC_T_STR)
			put_str(fp, keys[i], spec->str[keys[i]]);
		else if (spec_keytype(keys[i]) == SPEC_T_LIST)
			put_list(fp, spec, keys[i]);
		else {
			put_key(fp, keys[i]);
			if (spec_keytype(keys[i]) == SPEC_T_BOOL)
				(void)fputs(spec->num[keys[i]] ? "true" :
				    "false", fp);
			else
				(void)fprintf(fp, "%ju",
				    (uintmax_t)spec->num[keys[i]]);
		}
	}
}

/* Only a file of ours, never what a link of that name points to. */
static FILE *
open_config(const char *path, int excl)
{
	FILE	*fp;
	int	 fd;

	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW |
	    O_NONBLOCK | (excl ? O_EXCL : O_TRUNC), 0666);
	if (fd == -1 || (fp = fdopen(fd, "w")) == NULL) {
		say_error("%s: %s", path, strerror(errno));
		if (fd != -1)
			(void)close(fd);
		return (NULL);
	}
	return (fp);
}

static int
close_config(FILE *fp, const char *path)
{
	int	 bad;

	bad = ferror(fp);
	if (fclose(fp) == EOF || bad) {
		say_error("%s: %s", path, strerror(errno));
		return (-1);
	}
	return (0);
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
	struct spec_buf	 buf;
	struct spec	 spec;
	char		 path[PATH_MAX], name[APP_NAME_MAX], err[512];
	FILE		*fp;
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
		if ((fp = open_config(path, 0)) != NULL) {
			(void)fputs("{\"name\":", fp);
			put_string(fp, t->name);
			put_str(fp, SPEC_SCRIPT, t->script);
			put_spec(fp, &spec, ctl);
			(void)fputs("}\n", fp);
			error = close_config(fp, path);
		}
	}
	spec_buf_free(&buf);
	return (error);
}

int
cmd_generate(struct ctl *ctl, int argc, char **argv)
{
	const char	*why;
	char		 path[PATH_MAX], *text;
	size_t		 size;
	FILE		*fp, *mem;

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
	if ((mem = open_memstream(&text, &size)) == NULL) {
		say_error("%s", strerror(errno));
		return (1);
	}
	(void)fputs("{\n  \"name\": ", mem);
	put_string(mem, argv[0]);
	(void)fprintf(mem, ",\n  \"script\": \"%s.js\",\n"
	    "  \"options\": [\n    \"\"\n  ]\n}\n", argv[0]);
	if (fclose(mem) == EOF ||
	    (fp = open_config(path, !ctl->opt->force)) == NULL)
		return (1);
	(void)fputs(text, fp);
	if (close_config(fp, path) == -1) {
		free(text);
		return (1);
	}
	say_plain("Sample generated on current folder\n%s-pm2.json :\n%s",
	    argv[0], text);
	free(text);
	return (0);
}

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
 * validate: what is wrong with process files; nothing is started.
 */
#include <sys/types.h>

#include <limits.h>
#include <string.h>

#include "output.h"
#include "output_cmd.h"
#include "procfile.h"

static void
put_problem(struct outbuf *ob, const struct pf_problem *p)
{
	ob_fmt(ob, "{\"error\":%s,\"line\":%u,\"column\":%u,\"key\":",
	    p->error ? "true" : "false", p->mark.line, p->mark.column);
	if (p->key != NULL)
		ob_json(ob, p->key, strlen(p->key));
	else
		ob_str(ob, "null");
	ob_str(ob, ",\"text\":");
	ob_json(ob, p->text, strlen(p->text));
	ob_char(ob, '}');
}

static void
put_file(struct outbuf *ob, const struct procfile *pf)
{
	size_t	 i;

	ob_str(ob, "{\"file\":");
	ob_json(ob, pf->path, strlen(pf->path));
	ob_fmt(ob, ",\"apps\":%zu,\"problems\":[", pf->napps);
	for (i = 0; i < pf->nproblems; i++) {
		if (i > 0)
			ob_char(ob, ',');
		put_problem(ob, &pf->problems[i]);
	}
	ob_str(ob, "]}");
}

static void
say_file(const struct procfile *pf)
{
	procfile_say(pf);
	if (pf->nerrors > 0)
		say_error("%s: %zu mistake%s", pf->path, pf->nerrors,
		    pf->nerrors == 1 ? "" : "s");
	else
		say_plain("%s: %zu app%s, no mistakes", pf->path, pf->napps,
		    pf->napps == 1 ? "" : "s");
}

/* 0, or 1 when there are mistakes in it. */
static int
validate(struct ctl *ctl, const char *path, struct outbuf *ob)
{
	struct procfile	 pf;
	int		 bad;

	bad = procfile_read(&pf, ctl, path, ctl->opt->env_name,
	    ctl->opt->only_) == -1;
	if (ctl->opt->json) {
		if (ob->len > 1)
			ob_char(ob, ',');
		put_file(ob, &pf);
	} else
		say_file(&pf);
	procfile_free(&pf);
	return (bad);
}

int
cmd_validate(struct ctl *ctl, int argc, char **argv)
{
	struct outbuf	 ob = { 0 };
	char		 path[PATH_MAX];
	int		 i, rc = 0;

	custom_load(ctl->home, 0);
	ob_char(&ob, '[');
	if (argc == 0 && procfile_find(path, sizeof(path)) == -1) {
		say_error("there is no ecosystem file here: name the file");
		rc = 1;
	} else if (argc == 0)
		rc = validate(ctl, path, &ob);
	for (i = 0; i < argc; i++)
		rc |= validate(ctl, argv[i], &ob);
	ob_str(&ob, "]\n");
	if (ctl->opt->json && output_finish(&ob, stdout) != 0)
		rc = 1;
	ob_free(&ob);
	return (rc);
}

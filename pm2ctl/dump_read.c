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
 * A dump as it is read.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump.h"

static uint32_t
member_number(const json_t *object, const char *key)
{
	const json_t	*value;

	value = json_object_get(object, key);
	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    json_integer_value(value) >= UINT32_MAX)
		return (UINT32_MAX);
	return ((uint32_t)json_integer_value(value));
}

void
dump_script(struct dumped *d, const char *script)
{
	free(d->script);
	if ((d->script = strdup(script)) == NULL)
		err(1, NULL);
}

/* One of ours, exactly. */
static int
read_own(struct dumped *d, const json_t *more)
{
	struct spec	 spec;

	if (member_number(more, "format") != DUMP_FORMAT) {
		(void)strlcpy(d->why, "is of another version of pm2d",
		    sizeof(d->why));
		return (-1);
	}
	d->id = member_number(more, "id");
	d->first = member_number(more, "first");
	d->instance = member_number(more, "instance");
	d->restarts = member_number(more, "restarts");
	d->wanted = json_is_true(json_object_get(more, "wanted"));
	d->how = d->first == APP_ID_ALL ? DUMP_ALONE : DUMP_BY_FIRST;
	if (d->instance >= APP_INSTANCES_MAX || d->restarts == UINT32_MAX) {
		(void)strlcpy(d->why, "has a number that cannot be",
		    sizeof(d->why));
		return (-1);
	}
	if (dump_unspec(&d->spec, json_object_get(more, "spec"), d->why,
	    sizeof(d->why)) == -1)
		return (-1);
	if (spec_parse(&spec, d->spec.data, d->spec.len, d->why,
	    sizeof(d->why)) == -1)
		return (-1);
	(void)strlcpy(d->name, spec.str[SPEC_NAME], sizeof(d->name));
	dump_script(d, spec.str[SPEC_SCRIPT]);
	return (0);
}

static void
read_entry(struct dumped *d, const json_t *entry, const struct ctl *ctl)
{
	const char	*s;
	int		 error;

	d->id = d->first = d->newid = d->newfirst = APP_ID_ALL;
	if ((s = json_string_value(json_object_get(entry, "name"))) != NULL)
		(void)strlcpy(d->name, s, sizeof(d->name));
	s = json_string_value(json_object_get(entry, "pm_exec_path"));
	dump_script(d, s != NULL ? s : "");
	if (json_object_get(entry, "pm2d") != NULL)
		error = read_own(d, json_object_get(entry, "pm2d"));
	else
		error = dump_import(d, entry, ctl);
	if (error == -1) {
		spec_buf_free(&d->spec);
		if (d->why[0] == '\0')
			(void)strlcpy(d->why, "is not understood",
			    sizeof(d->why));
	}
}

/* A dump of pm2 has no ids: they are numbered, as pm2 does. */
static void
number_apps(struct dump *dump)
{
	size_t	 i;

	for (i = 0; i < dump->n; i++)
		if (dump->apps[i].id != APP_ID_ALL)
			return;
	for (i = 0; i < dump->n; i++)
		dump->apps[i].id = (uint32_t)i;
}

int
dump_parse(struct dump *dump, const char *text, size_t len,
    const struct ctl *ctl, char *errbuf, size_t errsize)
{
	json_error_t	 error;
	json_t		*root;
	size_t		 i, n;

	memset(dump, 0, sizeof(*dump));
	if ((root = json_loadb(text, len, 0, &error)) == NULL) {
		(void)snprintf(errbuf, errsize, "%d:%d: %s", error.line,
		    error.column, error.text);
		return (-1);
	}
	n = json_array_size(root);
	if (!json_is_array(root) || n > DUMP_APPS_MAX || (n > 0 &&
	    (dump->apps = calloc(n, sizeof(*dump->apps))) == NULL)) {
		(void)snprintf(errbuf, errsize, "1:1: this is no list of "
		    "apps");
		json_decref(root);
		return (-1);
	}
	dump->n = n;
	for (i = 0; i < n; i++)
		read_entry(&dump->apps[i], json_array_get(root, i), ctl);
	json_decref(root);
	number_apps(dump);
	if (dump_teams(dump) == -1) {
		(void)snprintf(errbuf, errsize, "1:1: %s", strerror(errno));
		dump_free(dump);
		return (-1);
	}
	return (0);
}

void
dump_free(struct dump *dump)
{
	size_t	 i;

	for (i = 0; i < dump->n; i++) {
		spec_buf_free(&dump->apps[i].spec);
		free(dump->apps[i].script);
	}
	free(dump->apps);
	memset(dump, 0, sizeof(*dump));
}

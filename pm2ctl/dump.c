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
 * dump, save: the list as a file.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dump.h"
#include "home.h"
#include "output_json.h"

/* What pm2 has of it, and what is needed to make it anew. */
static json_t *
entry_of(const struct app_view *v)
{
	json_t	*app, *entry, *more;

	app = json_app(v);
	entry = json_incref(json_object_get(app, "pm2_env"));
	json_decref(app);
	if (entry == NULL || (more = json_object()) == NULL)
		errx(1, "out of memory");
	json_put(more, "format", json_integer(DUMP_FORMAT));
	json_put(more, "id", json_integer(v->info.fix.id));
	json_put(more, "first", json_integer(v->info.fix.first));
	json_put(more, "instance", json_integer(v->info.fix.instance));
	json_put(more, "restarts", json_integer(v->info.fix.restarts));
	json_put(more, "wanted", json_boolean(v->info.fix.wanted));
	json_put(more, "spec", dump_spec(v->spec));
	json_put(entry, "pm2d", more);
	return (entry);
}

int
dump_mine(const struct client *client, const struct app_view *v)
{
	return (client->uid != 0 || v->info.fix.owner == geteuid());
}

/* One app in a line. */
static size_t
gather(struct outbuf *ob, const struct app_list *list,
    const struct client *client)
{
	json_t	*entry;
	size_t	 i, n;

	ob_str(ob, "[");
	for (n = 0, i = 0; i < list->n; i++) {
		if (list->apps[i].spec == NULL ||
		    !dump_mine(client, &list->apps[i]))
			continue;
		entry = entry_of(&list->apps[i]);
		ob_str(ob, n++ > 0 ? ",\n" : "\n");
		ob_jsonvalue(ob, entry);
		json_decref(entry);
	}
	ob_str(ob, "\n]\n");
	return (n);
}

/* As root in somebody's home it is to be his. */
static int
give_away(int dir, int fd)
{
	struct stat	 st;

	if (geteuid() != 0 || fstat(dir, &st) == -1 || st.st_uid == 0)
		return (0);
	return (fchown(fd, st.st_uid, st.st_gid));
}

static int
write_new(int dir, const char *name, struct outbuf *ob)
{
	int	 fd, error;

	if ((fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC |
	    O_NOFOLLOW, 0600)) == -1)
		return (-1);
	if (give_away(dir, fd) == 0 && ob_write(ob, fd) == 0 &&
	    fsync(fd) == 0)
		return (close(fd));
	error = errno;
	(void)close(fd);
	(void)unlinkat(dir, name, 0);
	errno = error;
	return (-1);
}

/*
 * The new one beside the old one, the old one is kept as .bak, and then the
 * new one is in its place: at any moment there is a whole one.
 */
static int
replace(const char *home, struct outbuf *ob)
{
	char	 name[64];
	int	 dir, error;

	if ((dir = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return (-1);
	(void)snprintf(name, sizeof(name), "%s.new%d", HOME_DUMP,
	    (int)getpid());
	(void)unlinkat(dir, name, 0);
	error = write_new(dir, name, ob);
	if (error == 0) {
		(void)unlinkat(dir, HOME_DUMP ".bak", 0);
		if (linkat(dir, HOME_DUMP, dir, HOME_DUMP ".bak", 0) == -1 &&
		    errno != ENOENT)
			error = -1;
		else
			error = renameat(dir, name, dir, HOME_DUMP);
		if (error == -1)
			(void)unlinkat(dir, name, 0);
		else
			(void)fsync(dir);
	}
	(void)close(dir);
	return (error);
}

static int
save(struct ctl *ctl, struct outbuf *ob, const struct app_list *list)
{
	char	 home[PATH_MAX];

	if (home_path(home, sizeof(home)) == -1 || home_make(home) == -1) {
		say_error("the home for %s: %s", HOME_DUMP, strerror(errno));
		return (1);
	}
	if (gather(ob, list, &ctl->client) == 0 && !ctl->opt->force) {
		say_error("no app is known: %s/%s stays as it is (--force "
		    "empties it)", home, HOME_DUMP);
		return (1);
	}
	if (replace(home, ob) == -1) {
		say_error("%s/%s: %s", home, HOME_DUMP, strerror(errno));
		return (1);
	}
	say_info("Successfully saved in %s/%s", home, HOME_DUMP);
	return (0);
}

int
cmd_dump(struct ctl *ctl, int argc, char **argv)
{
	struct app_list	 list;
	struct outbuf	 ob = { 0 };
	int		 rc;

	(void)argc;
	(void)argv;
	say_info("Dumping processes");
	memset(&list, 0, sizeof(list));
	if (client_list(&ctl->client, APP_ID_ALL, CTL_LIST_SPEC, &list) == -1)
		return (1);
	rc = save(ctl, &ob, &list);
	app_list_free(&list);
	/* It has what the environments have. */
	if (ob.data != NULL)
		explicit_bzero(ob.data, ob.cap);
	ob_free(&ob);
	return (rc);
}

/* ---- reading ---- */

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
	(void)strlcpy(d->script, spec.str[SPEC_SCRIPT], sizeof(d->script));
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
	if (s != NULL)
		(void)strlcpy(d->script, s, sizeof(d->script));
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

	for (i = 0; i < dump->n; i++)
		spec_buf_free(&dump->apps[i].spec);
	free(dump->apps);
	memset(dump, 0, sizeof(*dump));
}

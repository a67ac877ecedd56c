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
#include <limits.h>
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

/* What resurrect will not be able to do. */
static void
say_secrets(const struct app_list *list, const struct client *client)
{
	const struct app_view	*v;
	const char		*file;
	size_t			 i;

	for (i = 0; i < list->n; i++) {
		v = &list->apps[i];
		if (v->spec == NULL || !dump_mine(client, v) ||
		    v->spec->count[SPEC_SECRET] == 0)
			continue;
		file = v->spec->str[SPEC_SOURCE];
		say_warn("%s (%u) has secrets, which are in no dump: "
		    "resurrect leaves it out%s%s", v->info.name,
		    v->info.fix.id, file != NULL ? ", it comes back by "
		    "pm2ctl start " : "", file != NULL ? file : "");
	}
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
	say_secrets(list, &ctl->client);
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

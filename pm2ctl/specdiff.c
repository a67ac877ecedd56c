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
 * What is different between two specs.
 */
#include <sys/types.h>

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "specdiff.h"
#include "units.h"

#define SHORT		24	/* a value that is said in a sentence */
#define HIDDEN		"(secret)"

enum looks {
	LOOKS_PLAIN,
	LOOKS_TIME,
	LOOKS_SIZE,
	LOOKS_OCTAL,
	LOOKS_NICE,
	LOOKS_SIGNAL,
	LOOKS_CPUS
};

/* How people write the numbers of these keys. */
static const struct {
	enum spec_key	 key;
	enum looks	 looks;
} numbers[] = {
	{ SPEC_LOG_MAX_SIZE,	LOOKS_SIZE },
	{ SPEC_MAX_MEMORY,	LOOKS_SIZE },
	{ SPEC_LIMIT_MEMORY,	LOOKS_SIZE },
	{ SPEC_LIMIT_CORE,	LOOKS_SIZE },
	{ SPEC_LIMIT_FSIZE,	LOOKS_SIZE },
	{ SPEC_LIMIT_STACK,	LOOKS_SIZE },
	{ SPEC_CGROUP_MEMORY,	LOOKS_SIZE },
	{ SPEC_WATCH_DELAY,	LOOKS_TIME },
	{ SPEC_MIN_UPTIME,	LOOKS_TIME },
	{ SPEC_RESTART_DELAY,	LOOKS_TIME },
	{ SPEC_EXP_BACKOFF,	LOOKS_TIME },
	{ SPEC_KILL_TIMEOUT,	LOOKS_TIME },
	{ SPEC_LISTEN_TIMEOUT,	LOOKS_TIME },
	{ SPEC_WATCHDOG,	LOOKS_TIME },
	{ SPEC_HEALTH_INTERVAL,	LOOKS_TIME },
	{ SPEC_HEALTH_TIMEOUT,	LOOKS_TIME },
	{ SPEC_HEALTH_GRACE,	LOOKS_TIME },
	{ SPEC_KILL_SIGNAL,	LOOKS_SIGNAL },
	{ SPEC_UMASK,		LOOKS_OCTAL },
	{ SPEC_NICE,		LOOKS_NICE },
	{ SPEC_CGROUP_CPU,	LOOKS_CPUS },
};

/* What it means when these strings are not given. */
static const struct {
	enum spec_key	 key;
	const char	*value;
} defaults[] = {
	{ SPEC_NAMESPACE,	"default" },
	{ SPEC_LOG_TYPE,	"raw" },
	{ SPEC_SANDBOX,		"off" },
	{ SPEC_HEALTH_ACTION,	"restart" },
	{ SPEC_INSTANCE_VAR,	"NODE_APP_INSTANCE" },
};

/* Lists of variables: one compares them name by name. */
static const struct {
	enum spec_key	 key;
	const char	*prefix;
	int		 hidden;
} variables[] = {
	{ SPEC_ENV,		"shell.",	0 },
	{ SPEC_FILE_ENV,	"env.",		0 },
	{ SPEC_SECRET,		"secret.",	1 },
	{ SPEC_SECRET_FILE,	"secret_file.",	0 },
};

/* A successor cannot take over what these are about. */
static const enum spec_key hard[] = {
	SPEC_EXEC_MODE, SPEC_LISTEN, SPEC_BALANCE, SPEC_USER, SPEC_GROUP,
	SPEC_SCHEDULE
};

static char *
copy(const char *s)
{
	char	*p;

	if (s == NULL)
		return (NULL);
	if ((p = strdup(s)) == NULL)
		err(1, NULL);
	return (p);
}

void
specdiff_add(struct specdiff *sd, enum spec_key key, const char *name,
    const char *old, const char *new)
{
	struct specdiff_item	*it;
	size_t			 cap;

	if (sd->n == sd->cap) {
		cap = sd->cap == 0 ? 16 : sd->cap * 2;
		it = reallocarray(sd->items, cap, sizeof(*it));
		if (it == NULL)
			err(1, NULL);
		sd->items = it;
		sd->cap = cap;
	}
	it = &sd->items[sd->n++];
	it->key = key;
	it->name = copy(name);
	it->old = copy(old);
	it->new = copy(new);
}

void
specdiff_free(struct specdiff *sd)
{
	size_t	 i;

	for (i = 0; i < sd->n; i++) {
		free(sd->items[i].name);
		free(sd->items[i].old);
		free(sd->items[i].new);
	}
	free(sd->items);
	memset(sd, 0, sizeof(*sd));
}

/* ---- values as text ---- */

static enum looks
looks_of(enum spec_key key)
{
	size_t	 i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i].key == key)
			return (numbers[i].looks);
	return (LOOKS_PLAIN);
}

static void
put_time(struct outbuf *ob, uint64_t ms)
{
	if (ms == 0 || ms % 1000 != 0)
		ob_fmt(ob, "%jums", (uintmax_t)ms);
	else if (ms % 60000 != 0)
		ob_fmt(ob, "%jus", (uintmax_t)(ms / 1000));
	else
		ob_fmt(ob, "%jum", (uintmax_t)(ms / 60000));
}

static void
put_size(struct outbuf *ob, uint64_t n)
{
	static const char	 units[] = "KMG";
	int			 i;

	for (i = -1; i < 2 && n != 0 && n % 1024 == 0; i++)
		n /= 1024;
	ob_num(ob, n);
	if (i >= 0)
		ob_char(ob, units[i]);
}

static void
put_number(struct outbuf *ob, enum spec_key key, uint64_t n)
{
	switch (looks_of(key)) {
	case LOOKS_TIME:
		put_time(ob, n);
		break;
	case LOOKS_SIZE:
		if (n == SPEC_LIMIT_NONE)
			ob_str(ob, "unlimited");
		else
			put_size(ob, n);
		break;
	case LOOKS_OCTAL:
		ob_fmt(ob, "0%jo", (uintmax_t)n);
		break;
	case LOOKS_NICE:
		ob_fmt(ob, "%d", (int)n - SPEC_NICE_ZERO);
		break;
	case LOOKS_SIGNAL:
		ob_str(ob, units_signame((int)n));
		break;
	case LOOKS_CPUS:
		ob_fmt(ob, "%ju.%02ju", (uintmax_t)(n / 100),
		    (uintmax_t)(n % 100));
		break;
	case LOOKS_PLAIN:
		if (n == SPEC_LIMIT_NONE)
			ob_str(ob, "unlimited");
		else
			ob_num(ob, n);
		break;
	}
}

static void
put_list(struct outbuf *ob, const struct spec *sp, enum spec_key key)
{
	const char	*entry, *between;
	size_t		 pos;

	between = "[";
	pos = 0;
	while ((entry = spec_next(sp, key, &pos)) != NULL) {
		ob_str(ob, between);
		ob_json(ob, entry, strlen(entry));
		between = ", ";
	}
	ob_char(ob, ']');
}

/* ---- keys ---- */

static const char *
string_of(const struct spec *sp, enum spec_key key)
{
	size_t	 i;

	if (sp->str[key] != NULL && *sp->str[key] != '\0')
		return (sp->str[key]);
	for (i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		if (defaults[i].key == key)
			return (defaults[i].value);
	return (NULL);
}

static void
diff_string(struct specdiff *sd, const struct spec *a, const struct spec *b,
    enum spec_key key)
{
	const char	*x, *y;

	x = string_of(a, key);
	y = string_of(b, key);
	if (x == y || (x != NULL && y != NULL && strcmp(x, y) == 0))
		return;
	specdiff_add(sd, key, spec_keyname(key), x, y);
}

/* The mask that pm2d has by itself is not one that can be compared. */
static int
same_number(const struct spec *a, const struct spec *b, enum spec_key key)
{
	if (key == SPEC_UMASK && (a->count[key] == 0) != (b->count[key] == 0))
		return (0);
	return (a->num[key] == b->num[key]);
}

static char *
number_text(const struct spec *sp, enum spec_key key)
{
	struct outbuf	 ob = { 0 };
	char		*text;

	if (key == SPEC_UMASK && sp->count[key] == 0)
		return (NULL);
	if (spec_keytype(key) == SPEC_T_BOOL)
		ob_str(&ob, sp->num[key] ? "true" : "false");
	else
		put_number(&ob, key, sp->num[key]);
	text = copy(ob_text(&ob));
	ob_free(&ob);
	return (text);
}

char *
specdiff_value(const struct spec *sp, enum spec_key key)
{
	if (sp->count[key] == 0)
		return (NULL);
	if (spec_keytype(key) != SPEC_T_STR)
		return (number_text(sp, key));
	return (sp->str[key] != NULL ? copy(sp->str[key]) : NULL);
}

static void
diff_number(struct specdiff *sd, const struct spec *a, const struct spec *b,
    enum spec_key key)
{
	char	*x, *y;

	if (same_number(a, b, key))
		return;
	x = number_text(a, key);
	y = number_text(b, key);
	specdiff_add(sd, key, spec_keyname(key), x, y);
	free(x);
	free(y);
}

static int
same_list(const struct spec *a, const struct spec *b, enum spec_key key)
{
	const char	*x, *y;
	size_t		 i, j;

	if (a->count[key] != b->count[key])
		return (0);
	i = j = 0;
	do {
		x = spec_next(a, key, &i);
		y = spec_next(b, key, &j);
		if (x != NULL && y != NULL && strcmp(x, y) != 0)
			return (0);
	} while (x != NULL && y != NULL);
	return (x == y);
}

static void
diff_list(struct specdiff *sd, const struct spec *a, const struct spec *b,
    enum spec_key key)
{
	struct outbuf	 x = { 0 }, y = { 0 };

	if (same_list(a, b, key))
		return;
	put_list(&x, a, key);
	put_list(&y, b, key);
	specdiff_add(sd, key, spec_keyname(key),
	    a->count[key] == 0 ? NULL : ob_text(&x),
	    b->count[key] == 0 ? NULL : ob_text(&y));
	ob_free(&x);
	ob_free(&y);
}

/* ---- variables ---- */

/* By name; of several with one name the last one, which wins, comes last. */
struct variable {
	const char	*entry;
	size_t		 namelen;
	size_t		 nth;
};

static int
name_cmp(const struct variable *a, const struct variable *b)
{
	size_t	 n;
	int	 r;

	n = a->namelen < b->namelen ? a->namelen : b->namelen;
	if ((r = memcmp(a->entry, b->entry, n)) != 0)
		return (r);
	return (a->namelen == b->namelen ? 0 :
	    a->namelen < b->namelen ? -1 : 1);
}

static int
variable_cmp(const void *x, const void *y)
{
	const struct variable	*a = x, *b = y;
	int			 r;

	if ((r = name_cmp(a, b)) != 0)
		return (r);
	return (a->nth < b->nth ? -1 : a->nth > b->nth);
}

/* Sorted, each name once; their number. */
static size_t
variables_of(const struct spec *sp, enum spec_key key, struct variable **vp)
{
	struct variable	*v;
	const char	*entry;
	size_t		 i, n, pos;

	if ((v = calloc((size_t)sp->count[key] + 1, sizeof(*v))) == NULL)
		err(1, NULL);
	for (n = 0, pos = 0; n < sp->count[key] &&
	    (entry = spec_next(sp, key, &pos)) != NULL; n++) {
		v[n].entry = entry;
		v[n].namelen = strcspn(entry, "=");
		v[n].nth = n;
	}
	qsort(v, n, sizeof(*v), variable_cmp);
	for (pos = 0, i = 0; i < n; i++) {
		if (pos > 0 && name_cmp(&v[pos - 1], &v[i]) == 0)
			pos--;
		v[pos++] = v[i];
	}
	*vp = v;
	return (pos);
}

static const char *
value_of(const struct variable *v, int hidden)
{
	if (v == NULL)
		return (NULL);
	if (hidden)
		return (HIDDEN);
	return (v->entry + v->namelen +
	    (v->entry[v->namelen] == '=' ? 1 : 0));
}

/* One of the two may be NULL. */
static void
add_variable(struct specdiff *sd, enum spec_key key, const char *prefix,
    int hidden, const struct variable *a, const struct variable *b)
{
	const struct variable	*v;
	struct outbuf		 name = { 0 };

	v = a != NULL ? a : b;
	ob_str(&name, prefix);
	ob_add(&name, v->entry, v->namelen);
	specdiff_add(sd, key, ob_text(&name), value_of(a, hidden),
	    value_of(b, hidden));
	ob_free(&name);
}

static void
diff_variables(struct specdiff *sd, const struct spec *a,
    const struct spec *b, enum spec_key key, const char *prefix, int hidden)
{
	struct variable	*x, *y;
	size_t		 i, j, nx, ny;
	int		 r;

	nx = variables_of(a, key, &x);
	ny = variables_of(b, key, &y);
	for (i = j = 0; i < nx || j < ny;) {
		r = i == nx ? 1 : j == ny ? -1 : name_cmp(&x[i], &y[j]);
		if (r < 0)
			add_variable(sd, key, prefix, hidden, &x[i++], NULL);
		else if (r > 0)
			add_variable(sd, key, prefix, hidden, NULL, &y[j++]);
		else {
			if (!hidden && strcmp(x[i].entry, y[j].entry) != 0)
				add_variable(sd, key, prefix, hidden, &x[i],
				    &y[j]);
			i++;
			j++;
		}
	}
	free(x);
	free(y);
}

static int
is_ignored(enum spec_key key, int flags)
{
	switch (key) {
	case SPEC_ENV:
		return ((flags & SPECDIFF_SHELL) == 0);
	case SPEC_INSTANCES:
	case SPEC_SOURCE:
	case SPEC_SOURCE_ENV:
		return (1);
	default:
		return (0);
	}
}

static void
diff_key(struct specdiff *sd, const struct spec *a, const struct spec *b,
    enum spec_key key)
{
	size_t	 i;

	for (i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		if (variables[i].key != key)
			continue;
		diff_variables(sd, a, b, key, variables[i].prefix,
		    variables[i].hidden);
		return;
	}
	switch (spec_keytype(key)) {
	case SPEC_T_STR:
		diff_string(sd, a, b, key);
		break;
	case SPEC_T_LIST:
		diff_list(sd, a, b, key);
		break;
	case SPEC_T_U64:
	case SPEC_T_BOOL:
		diff_number(sd, a, b, key);
		break;
	}
}

void
specdiff_make(struct specdiff *sd, const struct spec *a, const struct spec *b,
    int flags)
{
	static const enum spec_key keys[] = {
#define X(key, n, name, type, def, min, max) SPEC_##key,
		SPEC_LIST_KEYS(X)
#undef X
	};
	size_t	 i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!is_ignored(keys[i], flags))
			diff_key(sd, a, b, keys[i]);
}

int
specdiff_needs_restart(const struct specdiff *sd)
{
	size_t	 i, j;

	for (i = 0; i < sd->n; i++)
		for (j = 0; j < sizeof(hard) / sizeof(hard[0]); j++)
			if (sd->items[i].key == hard[j])
				return (1);
	return (0);
}

/* Its values are said when they are few words, and not a variable's. */
static int
is_short(const struct specdiff_item *it)
{
	return (it->old != NULL && it->new != NULL &&
	    strchr(it->name, '.') == NULL && strlen(it->old) <= SHORT &&
	    strlen(it->new) <= SHORT);
}

void
specdiff_words(const struct specdiff *sd, char *buf, size_t size)
{
	struct outbuf			 ob = { 0 };
	const struct specdiff_item	*it;
	size_t				 i;

	for (i = 0; i < sd->n; i++) {
		it = &sd->items[i];
		if (i > 0 && ob.len + strlen(it->name) + 2 * SHORT + 32 >
		    size) {
			ob_fmt(&ob, " and %zu more", sd->n - i);
			break;
		}
		ob_fmt(&ob, "%s%s", i > 0 ? ", " : "", it->name);
		if (is_short(it))
			ob_fmt(&ob, " %s -> %s", it->old, it->new);
	}
	(void)strlcpy(buf, ob_text(&ob), size);
	ob_free(&ob);
}

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
 * App specs: written, checked and indexed.  The reader trusts nothing: the
 * bytes come from a client or from a file.
 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cron.h"
#include "healthspec.h"
#include "listenspec.h"
#include "spec.h"
#include "utf8.h"

#define NITEMS(a)	(sizeof(a) / sizeof((a)[0]))
#define HEADER		8	/* u16 key, u16 0, u32 length */
#define NUMBER		8	/* bytes of a number */

/*
 * execve(2) takes a string's bytes, its NUL and a pointer, just as much as
 * its record takes here: a block in bounds always fits.
 */
_Static_assert(HEADER >= sizeof(char *), "a record is smaller than a pointer");
_Static_assert(SPEC_MAX < SPEC_ARGENV_MAX, "a spec may not fit execve(2)");

struct keyinfo {
	const char	*name;		/* NULL: no such key */
	enum spec_type	 type;
	uint64_t	 def;
	uint64_t	 min;
	uint64_t	 max;
};

static const struct keyinfo keys[] = {
#define X(key, n, name, type, def, min, max) \
	[n] = { name, type, def, min, max },
	SPEC_LIST_KEYS(X)
#undef X
};
_Static_assert(NITEMS(keys) <= NITEMS(((struct spec *)NULL)->str),
    "struct spec has no room for a key");

/* A record as it stands in the block. */
struct record {
	uint16_t		 key;
	uint16_t		 zero;
	uint32_t		 len;
	const unsigned char	*data;
};

static const struct keyinfo *
keyinfo(unsigned int key)
{
	if (key >= NITEMS(keys) || keys[key].name == NULL)
		return (NULL);
	return (&keys[key]);
}

static int
isnumber(const struct keyinfo *ki)
{
	return (ki->type == SPEC_T_U64 || ki->type == SPEC_T_BOOL);
}

enum spec_key
spec_keybyname(const char *name)
{
	unsigned int	 i;

	for (i = 0; i < NITEMS(keys); i++) {
		if (keys[i].name != NULL && strcmp(keys[i].name, name) == 0)
			return ((enum spec_key)i);
	}
	return ((enum spec_key)0);
}

const char *
spec_keyname(enum spec_key key)
{
	const struct keyinfo	*ki;

	if ((ki = keyinfo(key)) == NULL)
		return ("unknown");
	return (ki->name);
}

enum spec_type
spec_keytype(enum spec_key key)
{
	const struct keyinfo	*ki;

	if ((ki = keyinfo(key)) == NULL)
		return (SPEC_T_STR);
	return (ki->type);
}

/* ---- writing ---- */

static int
spec_grow(struct spec_buf *sb, size_t need)
{
	unsigned char	*data;
	size_t		 cap;

	if (need > SPEC_MAX - sb->len) {
		errno = E2BIG;
		return (-1);
	}
	need += sb->len;
	if (need <= sb->cap)
		return (0);
	for (cap = sb->cap == 0 ? 1024 : sb->cap; cap < need; cap *= 2)
		continue;
	/* the environment has secrets: leave no copies behind */
	if ((data = recallocarray(sb->data, sb->cap, cap, 1)) == NULL)
		return (-1);
	sb->data = data;
	sb->cap = cap;
	return (0);
}

static int
spec_add(struct spec_buf *sb, enum spec_key key, const void *data, size_t len)
{
	unsigned char	*p;
	uint32_t	 len32;
	uint16_t	 key16;

	if (len > SPEC_MAX) {
		errno = E2BIG;
		return (-1);
	}
	if (spec_grow(sb, HEADER + len) == -1)
		return (-1);
	key16 = (uint16_t)key;
	len32 = (uint32_t)len;
	p = sb->data + sb->len;
	memset(p, 0, HEADER);
	memcpy(p, &key16, sizeof(key16));
	memcpy(p + 4, &len32, sizeof(len32));
	memcpy(p + HEADER, data, len);
	sb->len += HEADER + len;
	return (0);
}

int
spec_add_str(struct spec_buf *sb, enum spec_key key, const char *s)
{
	const struct keyinfo	*ki;

	if ((ki = keyinfo(key)) == NULL || isnumber(ki) || s == NULL) {
		errno = EINVAL;
		return (-1);
	}
	return (spec_add(sb, key, s, strlen(s) + 1));
}

int
spec_add_u64(struct spec_buf *sb, enum spec_key key, uint64_t n)
{
	const struct keyinfo	*ki;

	if ((ki = keyinfo(key)) == NULL || !isnumber(ki)) {
		errno = EINVAL;
		return (-1);
	}
	return (spec_add(sb, key, &n, sizeof(n)));
}

void
spec_buf_free(struct spec_buf *sb)
{
	freezero(sb->data, sb->cap);
	memset(sb, 0, sizeof(*sb));
}

/* ---- reading ---- */

/* The record at *pos, which moves past it.  1, 0 at the end, -1 when cut. */
static int
record_next(const unsigned char *data, size_t len, size_t *pos,
    struct record *rec)
{
	size_t	 left;

	if (*pos >= len)
		return (0);
	left = len - *pos;
	if (left < HEADER)
		return (-1);
	memcpy(&rec->key, data + *pos, sizeof(rec->key));
	memcpy(&rec->zero, data + *pos + 2, sizeof(rec->zero));
	memcpy(&rec->len, data + *pos + 4, sizeof(rec->len));
	if (rec->len > left - HEADER)
		return (-1);
	rec->data = data + *pos + HEADER;
	*pos += HEADER + rec->len;
	return (1);
}

static int
parse_number(struct spec *sp, const struct keyinfo *ki,
    const struct record *rec, char *errstr, size_t errlen)
{
	uint64_t	 n;

	if (rec->len != NUMBER) {
		snprintf(errstr, errlen, "%s: must be a number of %d bytes, "
		    "has %u", ki->name, NUMBER, rec->len);
		return (-1);
	}
	memcpy(&n, rec->data, sizeof(n));
	if (n < ki->min || n > ki->max) {
		snprintf(errstr, errlen, "%s: %llu is out of range, must be "
		    "from %llu to %llu", ki->name, (unsigned long long)n,
		    (unsigned long long)ki->min, (unsigned long long)ki->max);
		return (-1);
	}
	sp->num[rec->key] = n;
	return (0);
}

static int
parse_string(struct spec *sp, const struct keyinfo *ki,
    const struct record *rec, char *errstr, size_t errlen)
{
	size_t	 len;

	if (rec->len == 0 || rec->data[rec->len - 1] != '\0') {
		snprintf(errstr, errlen, "%s: does not end with a NUL",
		    ki->name);
		return (-1);
	}
	len = rec->len - 1;
	if (memchr(rec->data, '\0', len) != NULL) {
		snprintf(errstr, errlen, "%s: contains a NUL", ki->name);
		return (-1);
	}
	if (len < ki->min) {
		snprintf(errstr, errlen, "%s: %s, must have at least %llu "
		    "bytes", ki->name, len == 0 ? "is empty" : "is too short",
		    (unsigned long long)ki->min);
		return (-1);
	}
	if (len > ki->max) {
		snprintf(errstr, errlen, "%s: is too long, may have at most "
		    "%llu bytes", ki->name, (unsigned long long)ki->max);
		return (-1);
	}
	if (ki->type == SPEC_T_STR)
		sp->str[rec->key] = (const char *)rec->data;
	return (0);
}

static int
parse_record(struct spec *sp, const struct record *rec, char *errstr,
    size_t errlen)
{
	const struct keyinfo	*ki;

	if ((ki = keyinfo(rec->key)) == NULL) {
		snprintf(errstr, errlen, "key %u is unknown", rec->key);
		return (-1);
	}
	if (rec->zero != 0) {
		snprintf(errstr, errlen, "%s: reserved bytes are set",
		    ki->name);
		return (-1);
	}
	if (ki->type != SPEC_T_LIST && sp->count[rec->key] > 0) {
		snprintf(errstr, errlen, "%s: given twice", ki->name);
		return (-1);
	}
	sp->count[rec->key]++;
	if (isnumber(ki))
		return (parse_number(sp, ki, rec, errstr, errlen));
	return (parse_string(sp, ki, rec, errstr, errlen));
}

int
spec_parse(struct spec *sp, const void *data, size_t len, char *errstr,
    size_t errlen)
{
	struct record	 rec;
	size_t		 i, pos = 0;
	int		 n;

	memset(sp, 0, sizeof(*sp));
	if (len > SPEC_MAX) {
		snprintf(errstr, errlen, "the spec has %zu bytes, may have at "
		    "most %d", len, SPEC_MAX);
		return (-1);
	}
	for (i = 0; i < NITEMS(keys); i++)
		sp->num[i] = keys[i].def;
	while ((n = record_next(data, len, &pos, &rec)) == 1) {
		if (parse_record(sp, &rec, errstr, errlen) == -1)
			return (-1);
	}
	if (n == -1) {
		snprintf(errstr, errlen, "the spec is cut off at byte %zu of "
		    "%zu", pos, len);
		return (-1);
	}
	sp->data = data;
	sp->len = len;
	return (0);
}

const char *
spec_next(const struct spec *sp, enum spec_key key, size_t *pos)
{
	struct record	 rec;

	while (record_next(sp->data, sp->len, pos, &rec) == 1) {
		if (rec.key == key)
			return ((const char *)rec.data);
	}
	return (NULL);
}

/* ---- is it something that can be run? ---- */

/* NULL, or why this text may not stand on a terminal or in a log. */
static const char *
badtext(const char *s)
{
	uint32_t	 c;
	size_t		 n;

	for (; *s != '\0'; s += n) {
		if ((n = utf8_decode(s, UTF8_MAX, &c)) == 0)
			return ("is not valid UTF-8");
		if (utf8_iscontrol(c))
			return ("contains a control character");
	}
	return (NULL);
}

const char *
spec_badname(const char *name)
{
	const char	*why;

	if (*name == '\0')
		return ("name is empty");
	if (strlen(name) > keys[SPEC_NAME].max)
		return ("name is too long: at most 127 bytes");
	if ((why = badtext(name)) != NULL)
		return (*why == 'i' ? "name is not valid UTF-8" :
		    "name contains a control character");
	if (strchr(name, '/') != NULL)
		return ("name contains a '/': it becomes part of file names");
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return ("name is that of a directory: it becomes part of "
		    "file names");
	if (strcmp(name, "all") == 0)
		return ("name is \"all\": that means every app");
	if (*name == '-')
		return ("name begins with a '-': it would be taken for an "
		    "option");
	return (NULL);
}

static const char *
check_name(const char *s)
{
	const char	*why;

	if ((why = spec_badname(s)) == NULL)
		return (NULL);
	return (why + strlen("name "));
}

static const char *
check_absolute(const char *s)
{
	return (*s == '/' ? NULL : "is not an absolute path");
}

static const char *
check_logpath(const char *s)
{
	return (*s == '\0' ? NULL : check_absolute(s));
}

/* What getpwnam(3) could misread as a number, and sudo's "#0". */
static const char *
check_user(const char *s)
{
	if (*s == '-' || *s == '#')
		return ("begins with a '-' or '#': give the user's name");
	if (s[strspn(s, "0123456789")] == '\0')
		return ("is a number: give the user's name");
	if (strchr(s, '/') != NULL)
		return ("contains a '/'");
	return (badtext(s));
}

static const char *
check_mode(const char *s)
{
	if (*s == '\0' || strcmp(s, "fork_mode") == 0 ||
	    strcmp(s, "cluster_mode") == 0)
		return (NULL);
	return ("is neither fork_mode nor cluster_mode");
}

static const char *
check_logtype(const char *s)
{
	if (*s == '\0' || strcmp(s, "json") == 0)
		return (NULL);
	return ("is not json");
}

static const char *
check_env(const char *s)
{
	if (*s == '=')
		return ("has an entry without a name");
	if (strchr(s, '=') == NULL)
		return ("has an entry without a '='");
	return (NULL);
}

static const char *
check_secretfile(const char *s)
{
	const char	*eq;

	if ((eq = strchr(s, '=')) == NULL || eq == s)
		return ("has an entry without a name");
	return (eq[1] == '/' ? NULL :
	    "has an entry whose file is not an absolute path");
}

/* "name", or "name:condition". */
static const char *
check_depends(const char *s)
{
	static const char	*known[] = { "started", "online", "ready" };
	const char		*colon;
	size_t			 i;

	if ((colon = strrchr(s, ':')) == NULL)
		return (*s == '\0' ? "has an empty entry" : badtext(s));
	for (i = 0; i < NITEMS(known); i++)
		if (strcmp(colon + 1, known[i]) == 0)
			return (colon == s ? "has an entry without a name" :
			    badtext(s));
	return ("has a condition that is none of started, online and ready");
}

static const char *
check_healthaction(const char *s)
{
	if (*s == '\0' || strcmp(s, "restart") == 0 ||
	    strcmp(s, "reload") == 0 || strcmp(s, "none") == 0)
		return (NULL);
	return ("is none of restart, reload and none");
}

static const char *
check_sandbox(const char *s)
{
	if (*s == '\0' || strcmp(s, "off") == 0 ||
	    strcmp(s, "basic") == 0 || strcmp(s, "strict") == 0)
		return (NULL);
	return ("is none of off, basic and strict");
}

/* Where and why is said, until the next one is checked. */
static const char *
check_cron(const char *s)
{
	static char	 why[200];
	struct cron	 cron;

	(void)strlcpy(why, "is no pattern: ", sizeof(why));
	return (cron_parse(&cron, s, why + strlen(why), sizeof(why) -
	    strlen(why)) == 0 ? NULL : why);
}

static const char *
check_varname(const char *s)
{
	return (strchr(s, '=') == NULL ? NULL : "contains a '='");
}

static const char *
check_exitcode(const char *s)
{
	const char	*errstr = NULL;

	if (strspn(s, "0123456789") == strlen(s))
		strtonum(s, 0, 255, &errstr);
	else
		errstr = "invalid";	/* a blank or a sign, to strtonum(3) */
	return (errstr == NULL ? NULL :
	    "has an entry that is not a number from 0 to 255");
}

static const char *
check_balance(const char *s)
{
	static const char	*known[] = { "", "rr", "sticky", "kernel",
	    "shared" };
	size_t			 i;

	for (i = 0; i < NITEMS(known); i++)
		if (strcmp(s, known[i]) == 0)
			return (NULL);
	return ("is none of rr, sticky, kernel and shared");
}

static const char *
check_listen(const char *s)
{
	const char	*why;

	return ((why = badtext(s)) != NULL ? why : listen_badspec(s));
}

static const char *
check_health(const char *s)
{
	const char	*why;

	return ((why = badtext(s)) != NULL ? why : healthspec_bad(s));
}

static const struct {
	enum spec_key	 key;
	int		 required;
	const char	*(*check)(const char *);
} checks[] = {
	{ SPEC_NAME,		1,	check_name },
	{ SPEC_SCRIPT,		1,	check_absolute },
	{ SPEC_CWD,		1,	check_absolute },
	{ SPEC_ENV,		0,	check_env },
	{ SPEC_FILE_ENV,	0,	check_env },
	{ SPEC_SECRET,		0,	check_env },
	{ SPEC_ENV_FILE,	0,	check_absolute },
	{ SPEC_SECRET_FILE,	0,	check_secretfile },
	{ SPEC_WATCH,		0,	check_absolute },
	{ SPEC_CRON,		0,	check_cron },
	{ SPEC_SCHEDULE,	0,	check_cron },
	{ SPEC_DEPENDS,		0,	check_depends },
	{ SPEC_HEALTH,		0,	check_health },
	{ SPEC_HEALTH_ACTION,	0,	check_healthaction },
	{ SPEC_SANDBOX,		0,	check_sandbox },
	{ SPEC_CHROOT,		0,	check_absolute },
	{ SPEC_SOURCE,		0,	check_absolute },
	{ SPEC_USER,		0,	check_user },
	{ SPEC_GROUP,		0,	check_user },
	{ SPEC_EXEC_MODE,	0,	check_mode },
	{ SPEC_INSTANCE_VAR,	0,	check_varname },
	{ SPEC_INCREMENT_VAR,	0,	check_varname },
	{ SPEC_NAMESPACE,	0,	badtext },
	{ SPEC_BALANCE,		0,	check_balance },
	{ SPEC_LISTEN,		0,	check_listen },
	{ SPEC_OUT_FILE,	0,	check_logpath },
	{ SPEC_ERR_FILE,	0,	check_logpath },
	{ SPEC_PID_FILE,	0,	check_logpath },
	{ SPEC_LOG_DATE_FORMAT,	0,	badtext },
	{ SPEC_LOG_TYPE,	0,	check_logtype },
	{ SPEC_STOP_EXIT_CODE,	0,	check_exitcode }
};

/* Why the value (each value of a list) is bad, or NULL. */
static const char *
check_key(const struct spec *sp, enum spec_key key,
    const char *(*check)(const char *))
{
	const char	*s, *why = NULL;
	size_t		 pos = 0;

	if (keys[key].type != SPEC_T_LIST)
		return (check(sp->str[key]));
	while (why == NULL && (s = spec_next(sp, key, &pos)) != NULL)
		why = check(s);
	return (why);
}

/* 32 and 33 belong to the C library and cannot be sent. */
static const char *
check_signal(uint64_t sig)
{
	if (sig > 31 && (sig < (uint64_t)SIGRTMIN || sig > (uint64_t)SIGRTMAX))
		return ("is not a signal");
	return (NULL);
}

/* What one of those can want that is passed listening sockets. */
static const char *
check_listens(const struct spec *sp)
{
	const char	*s, *other, *balance = sp->str[SPEC_BALANCE];
	size_t		 pos = 0, from;

	if (sp->count[SPEC_LISTEN] > LISTENSPEC_MAX)
		return ("has more than 64 entries");
	while ((s = spec_next(sp, SPEC_LISTEN, &pos)) != NULL)
		for (from = pos; (other = spec_next(sp, SPEC_LISTEN,
		    &from)) != NULL;)
			if (strcmp(s, other) == 0)
				return ("has the same address twice");
	if (sp->count[SPEC_LISTEN] > 0 && balance != NULL &&
	    strcmp(balance, "kernel") == 0)
		return ("does not go with balance kernel: its sockets are "
		    "the same for every run");
	return (NULL);
}

/* Checks of more than one text. */
static const char *
check_together(const struct spec *sp, enum spec_key *key)
{
	const char	*why;

	*key = SPEC_KILL_SIGNAL;
	if ((why = check_signal(sp->num[SPEC_KILL_SIGNAL])) != NULL)
		return (why);
	*key = SPEC_LISTEN;
	if ((why = check_listens(sp)) != NULL)
		return (why);
	*key = SPEC_SCHEDULE;
	if (sp->count[SPEC_SCHEDULE] > 0 && sp->count[SPEC_CRON] > 0)
		return ("does not go with cron_restart: a job runs to its "
		    "end");
	*key = SPEC_DEPENDS;
	if (sp->count[SPEC_DEPENDS] > SPEC_DEPENDS_MAX)
		return ("has more than 64 entries");
	*key = SPEC_WATCHDOG;
	if (sp->num[SPEC_WATCHDOG] > 0 && sp->num[SPEC_WATCHDOG] < 100)
		return ("is less than 100 ms");
	return (NULL);
}

int
spec_validate(const struct spec *sp, char *errstr, size_t errlen)
{
	enum spec_key	 key;
	const char	*why;
	size_t		 i;

	for (i = 0; i < NITEMS(checks); i++) {
		why = NULL;
		if (sp->count[checks[i].key] > 0)
			why = check_key(sp, checks[i].key, checks[i].check);
		else if (checks[i].required)
			why = "is missing";
		if (why != NULL) {
			snprintf(errstr, errlen, "%s %s",
			    keys[checks[i].key].name, why);
			return (-1);
		}
	}
	if ((why = check_together(sp, &key)) != NULL) {
		snprintf(errstr, errlen, "%s %s", keys[key].name, why);
		return (-1);
	}
	return (0);
}

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


#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <atf-c.h>

#include "msg.h"
#include "spec.h"
#include "statefile.h"

#define NAPPS	20
#define HEADER	32

static struct statefile_buf	 file;
static struct statefile_reader	 sr;
static struct statefile_record	 rec;
static char			 errstr[128];
static uint32_t			 seed = 1;

static uint32_t
rnd(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return (seed % below);
}

/* App i of the tests, wholly determined by its number. */
static void
make_app(struct statefile_app *app, unsigned char *spec, uint32_t i)
{
	uint32_t	 k;

	memset(app, 0, sizeof(*app));
	app->status.id = i;
	app->status.wanted = i % 2;
	app->status.state = i % APP_NSTATES;
	app->status.restarts = i * 3;
	app->status.generation = i + 1;
	app->status.pid = 1000 + i;
	app->status.pidstart = 0x123456789a * i;
	app->status.created_ms = 1795327990594 + i;
	app->instance = i % 4;
	app->first = i - i % 4;
	app->owner = 1000;
	app->uid = 1000 + i;
	app->speclen = i * 7 % 120;
	for (k = 0; k < app->speclen; k++)
		spec[k] = (unsigned char)(i * 31 + k);
}

static void
add_app(uint32_t i)
{
	struct statefile_app	 app;
	unsigned char		 spec[128];

	make_app(&app, spec, i);
	ATF_REQUIRE_EQ(0, statefile_app(&file, &app, spec));
}

/* Is the app in rec the one of its id, to the last bit? */
static int
is_app(const struct statefile_record *r)
{
	struct statefile_app	 app;
	unsigned char		 spec[128];

	if (r->app.status.id >= 1000)
		return (0);
	make_app(&app, spec, r->app.status.id);
	return (memcmp(&app, &r->app, sizeof(app)) == 0 &&
	    memcmp(spec, r->spec, app.speclen) == 0);
}

static void
make_snapshot(uint32_t count)
{
	uint32_t	 i;

	statefile_free(&file);
	ATF_REQUIRE_EQ(0, statefile_begin(&file, 42, count, count));
	for (i = 0; i < count; i++)
		add_app(i);
	ATF_REQUIRE_EQ(0, statefile_end(&file, count));
}

static void
add_journal(void)
{
	struct statefile_status	 st;

	add_app(100);
	memset(&st, 0, sizeof(st));
	st.id = 3;
	st.state = APP_STOPPED;
	st.restarts = 77;
	ATF_REQUIRE_EQ(0, statefile_status(&file, &st));
	ATF_REQUIRE_EQ(0, statefile_deleted(&file, 5));
	ATF_REQUIRE_EQ(0, statefile_nextid(&file, 101));
}

static void
open_file(void)
{
	ATF_REQUIRE_EQ_MSG(0, statefile_open(&sr, file.data, file.len, errstr,
	    sizeof(errstr)), "%s", errstr);
}

static void
expect(uint32_t type)
{
	ATF_REQUIRE_EQ(STATEFILE_RECORD, statefile_next(&sr, &rec));
	ATF_REQUIRE_EQ(type, rec.type);
}

/* crc32c, plainly; also to mend a record that a test has changed. */
static uint32_t
slow_crc(const unsigned char *p, size_t len, uint32_t crc)
{
	size_t	 i;
	int	 k;

	crc = ~crc;
	for (i = 0; i < len; i++) {
		crc ^= p[i];
		for (k = 0; k < 8; k++)
			crc = crc & 1 ? crc >> 1 ^ 0x82f63b78 : crc >> 1;
	}
	return (~crc);
}

static void
mend_record(unsigned char *p)
{
	uint32_t	 crc, len;

	memcpy(&len, p + 4, sizeof(len));
	crc = slow_crc(p + 16, len, slow_crc(p, 8, 0));
	memcpy(p + 8, &crc, sizeof(crc));
}

static void
mend_header(unsigned char *p)
{
	uint32_t	 crc;

	crc = slow_crc(p, 24, 0);
	memcpy(p + 24, &crc, sizeof(crc));
}

/* The fixed layout, as a later version will look for it. */
ATF_TC_WITHOUT_HEAD(write__layout);
ATF_TC_BODY(write__layout, tc)
{
	uint64_t	 created;
	uint32_t	 n;

	ATF_REQUIRE_EQ(0xe3069283, slow_crc((const unsigned char *)"123456789",
	    9, 0));
	make_snapshot(0);
	ATF_REQUIRE_EQ(HEADER + 2 * (16 + 8), file.len);
	ATF_CHECK_EQ(0, memcmp(file.data, "PM2DSTAT\1\0\0\0\0\0\0\0", 16));
	memcpy(&created, file.data + 16, 8);
	ATF_CHECK_EQ(42, created);
	memcpy(&n, file.data + 24, 4);
	ATF_CHECK_EQ(slow_crc(file.data, 24, 0), n);
	memcpy(&n, file.data + HEADER, 4);
	ATF_CHECK_EQ(1, n);
	memcpy(&n, file.data + HEADER + 4, 4);
	ATF_CHECK_EQ(8, n);
	memcpy(&n, file.data + HEADER + 8, 4);
	mend_record(file.data + HEADER);
	ATF_CHECK_EQ(0, memcmp(&n, file.data + HEADER + 8, 4));
}

ATF_TC_WITHOUT_HEAD(read__there_and_back);
ATF_TC_BODY(read__there_and_back, tc)
{
	uint32_t	 i;

	make_snapshot(NAPPS);
	add_journal();
	open_file();
	ATF_CHECK_EQ(42, sr.created_ms);
	expect(STATEFILE_SNAPSHOT_BEGIN);
	ATF_CHECK_EQ(NAPPS, rec.begin.count);
	ATF_CHECK_EQ(NAPPS, rec.begin.next_id);
	for (i = 0; i < NAPPS; i++) {
		expect(STATEFILE_APP);
		ATF_CHECK_EQ(i, rec.app.status.id);
		ATF_CHECK(is_app(&rec));
	}
	expect(STATEFILE_SNAPSHOT_END);
	ATF_CHECK_EQ(NAPPS, rec.end.count);
	expect(STATEFILE_APP);
	ATF_CHECK(is_app(&rec));
	expect(STATEFILE_APP_STATUS);
	ATF_CHECK_EQ(3, rec.status.id);
	ATF_CHECK_EQ(77, rec.status.restarts);
	expect(STATEFILE_APP_DELETED);
	ATF_CHECK_EQ(5, rec.id.id);
	expect(STATEFILE_NEXT_ID);
	ATF_CHECK_EQ(101, rec.id.id);
	ATF_CHECK_EQ(STATEFILE_DONE, statefile_next(&sr, &rec));
	ATF_CHECK_EQ(STATEFILE_DONE, statefile_next(&sr, &rec));
	ATF_CHECK_EQ(file.len, sr.good);
}

ATF_TC_WITHOUT_HEAD(read__no_apps);
ATF_TC_BODY(read__no_apps, tc)
{
	make_snapshot(0);
	open_file();
	expect(STATEFILE_SNAPSHOT_BEGIN);
	expect(STATEFILE_SNAPSHOT_END);
	ATF_CHECK_EQ(STATEFILE_DONE, statefile_next(&sr, &rec));
}

/*
 * The file of 20 apps and a journal, cut off at every byte: all records that
 * are whole are there and right, and how it ends is said rightly.
 */
ATF_TC_WITHOUT_HEAD(read__cut_at_every_byte);
ATF_TC_BODY(read__cut_at_every_byte, tc)
{
	enum statefile_result	 result;
	size_t			 ends[64], cut, good, i, n = 0, snapshot = 0;
	unsigned char		*copy;

	make_snapshot(NAPPS);
	add_journal();
	open_file();
	ends[0] = sr.good;
	while (statefile_next(&sr, &rec) == STATEFILE_RECORD) {
		ATF_REQUIRE(n + 1 < sizeof(ends) / sizeof(ends[0]));
		ends[++n] = sr.good;
		if (rec.type == STATEFILE_SNAPSHOT_END)
			snapshot = sr.good;
	}
	ATF_REQUIRE_EQ(NAPPS + 2 + 4, n);

	for (cut = 0; cut < file.len; cut++) {
		ATF_REQUIRE((copy = malloc(cut == 0 ? 1 : cut)) != NULL);
		memcpy(copy, file.data, cut);
		if (statefile_open(&sr, copy, cut, errstr,
		    sizeof(errstr)) == -1) {
			ATF_CHECK(cut < HEADER);
			ATF_CHECK_STREQ(cut == 0 ? "is empty" :
			    "is cut off in its header", errstr);
			free(copy);
			continue;
		}
		for (i = 0; (result = statefile_next(&sr, &rec)) ==
		    STATEFILE_RECORD; i++) {
			if (rec.type == STATEFILE_APP)
				ATF_CHECK(is_app(&rec));
		}
		for (good = 0; good < n && ends[good + 1] <= cut; good++)
			continue;
		ATF_CHECK_EQ(good, i);
		ATF_CHECK_EQ(ends[good], sr.good);
		ATF_CHECK_EQ(cut < snapshot ? STATEFILE_DAMAGED :
		    cut == sr.good ? STATEFILE_DONE : STATEFILE_CUT, result);
		free(copy);
	}
}

/* What follows a cut tail: truncate to good, append, read on. */
ATF_TC_WITHOUT_HEAD(read__append_after_cut);
ATF_TC_BODY(read__append_after_cut, tc)
{
	make_snapshot(2);
	add_journal();
	file.len -= 3;
	open_file();
	while (statefile_next(&sr, &rec) == STATEFILE_RECORD)
		continue;
	ATF_CHECK_EQ(STATEFILE_CUT, statefile_next(&sr, &rec));
	file.len = sr.good;
	ATF_REQUIRE_EQ(0, statefile_nextid(&file, 55));
	open_file();
	while (statefile_next(&sr, &rec) == STATEFILE_RECORD)
		continue;
	ATF_CHECK_EQ(STATEFILE_DONE, statefile_next(&sr, &rec));
	ATF_CHECK_EQ(file.len, sr.good);
}

/* Cut, and the file system filled the place with zeros. */
ATF_TC_WITHOUT_HEAD(read__tail_of_zeros);
ATF_TC_BODY(read__tail_of_zeros, tc)
{
	size_t	 good, i;

	for (i = 1; i < 200; i++) {
		make_snapshot(2);
		good = file.len;
		ATF_REQUIRE((file.data = realloc(file.data, good + i)) !=
		    NULL);
		memset(file.data + good, 0, i);
		file.len = file.cap = good + i;
		open_file();
		while (statefile_next(&sr, &rec) == STATEFILE_RECORD)
			continue;
		ATF_CHECK_EQ(STATEFILE_CUT, statefile_next(&sr, &rec));
		ATF_CHECK_EQ(good, sr.good);
	}
}

ATF_TC_WITHOUT_HEAD(read__unknown_records_skipped);
ATF_TC_BODY(read__unknown_records_skipped, tc)
{
	size_t		 at;
	uint32_t	 type = 4711;

	statefile_free(&file);
	ATF_REQUIRE_EQ(0, statefile_begin(&file, 42, 1, 1));
	at = file.len;
	ATF_REQUIRE_EQ(0, statefile_nextid(&file, 9));
	memcpy(file.data + at, &type, sizeof(type));
	mend_record(file.data + at);
	add_app(0);
	ATF_REQUIRE_EQ(0, statefile_end(&file, 1));
	at = file.len;
	ATF_REQUIRE_EQ(0, statefile_nextid(&file, 9));
	memcpy(file.data + at, &type, sizeof(type));
	mend_record(file.data + at);
	open_file();
	expect(STATEFILE_SNAPSHOT_BEGIN);
	expect(STATEFILE_APP);
	expect(STATEFILE_SNAPSHOT_END);
	ATF_CHECK_EQ(STATEFILE_DONE, statefile_next(&sr, &rec));
	ATF_CHECK_EQ(file.len, sr.good);
}

ATF_TC_WITHOUT_HEAD(read__damaged_snapshot);
ATF_TC_BODY(read__damaged_snapshot, tc)
{
	/* fewer apps than promised */
	statefile_free(&file);
	ATF_REQUIRE_EQ(0, statefile_begin(&file, 42, 2, 2));
	add_app(0);
	ATF_REQUIRE_EQ(0, statefile_end(&file, 2));
	open_file();
	expect(STATEFILE_SNAPSHOT_BEGIN);
	expect(STATEFILE_APP);
	ATF_CHECK_EQ(STATEFILE_DAMAGED, statefile_next(&sr, &rec));
	ATF_CHECK_EQ(STATEFILE_DAMAGED, statefile_next(&sr, &rec));

	/* a record of the journal in it */
	statefile_free(&file);
	ATF_REQUIRE_EQ(0, statefile_begin(&file, 42, 0, 2));
	ATF_REQUIRE_EQ(0, statefile_deleted(&file, 1));
	open_file();
	expect(STATEFILE_SNAPSHOT_BEGIN);
	ATF_CHECK_EQ(STATEFILE_DAMAGED, statefile_next(&sr, &rec));

	/* an app is damaged: those before it are there */
	make_snapshot(3);
	file.data[file.len - 24 - 60] ^= 1;
	open_file();
	expect(STATEFILE_SNAPSHOT_BEGIN);
	expect(STATEFILE_APP);
	expect(STATEFILE_APP);
	ATF_CHECK_EQ(STATEFILE_DAMAGED, statefile_next(&sr, &rec));
	ATF_CHECK_EQ(2, sr.apps);
	ATF_CHECK_EQ(3, sr.expected);
}

ATF_TC_WITHOUT_HEAD(read__second_snapshot);
ATF_TC_BODY(read__second_snapshot, tc)
{
	make_snapshot(1);
	ATF_REQUIRE_EQ(0, statefile_end(&file, 1));
	open_file();
	expect(STATEFILE_SNAPSHOT_BEGIN);
	expect(STATEFILE_APP);
	expect(STATEFILE_SNAPSHOT_END);
	ATF_CHECK_EQ(STATEFILE_CUT, statefile_next(&sr, &rec));
}

ATF_TC_WITHOUT_HEAD(open__header);
ATF_TC_BODY(open__header, tc)
{
	uint32_t	 version;
	size_t		 i;

	make_snapshot(1);
	for (i = 0; i < 28; i++) {
		file.data[i] ^= 0x10;
		ATF_CHECK_EQ(-1, statefile_open(&sr, file.data, file.len,
		    errstr, sizeof(errstr)));
		ATF_CHECK_STREQ(i < 8 ? "is not a state file of pm2d" :
		    "has a damaged header", errstr);
		file.data[i] ^= 0x10;
	}
	version = 2;
	memcpy(file.data + 8, &version, sizeof(version));
	mend_header(file.data);
	ATF_CHECK_EQ(-1, statefile_open(&sr, file.data, file.len, errstr,
	    sizeof(errstr)));
	ATF_CHECK_STREQ("was written by a newer pm2d: its version is 2, this "
	    "pm2d knows 1", errstr);
	version = 0;
	memcpy(file.data + 8, &version, sizeof(version));
	mend_header(file.data);
	ATF_CHECK_EQ(-1, statefile_open(&sr, file.data, file.len, errstr,
	    sizeof(errstr)));
}

/* Bits turn anywhere: no crash, and never an app that was not written. */
ATF_TC(read__mutations);
ATF_TC_HEAD(read__mutations, tc)
{
	atf_tc_set_md_var(tc, "descr", "100000 files with bits turned");
}
ATF_TC_BODY(read__mutations, tc)
{
	unsigned char	*copy;
	size_t		 len;
	int		 i, k, opened = 0, whole = 0;

	make_snapshot(3);
	add_journal();
	ATF_REQUIRE((copy = malloc(file.len)) != NULL);
	for (i = 0; i < 100000; i++) {
		memcpy(copy, file.data, file.len);
		for (k = rnd(4); k >= 0; k--)
			copy[rnd(8) == 0 ? rnd(file.len) :
			    HEADER + rnd(file.len - HEADER)] ^= 1 << rnd(8);
		len = file.len;
		if (statefile_open(&sr, copy, len, errstr,
		    sizeof(errstr)) == -1)
			continue;
		opened++;
		while (statefile_next(&sr, &rec) == STATEFILE_RECORD) {
			if (rec.type == STATEFILE_APP)
				ATF_REQUIRE(is_app(&rec));
		}
		ATF_REQUIRE(sr.good <= len);
		whole += statefile_next(&sr, &rec) == STATEFILE_DONE;
	}
	printf("%d opened, %d whole\n", opened, whole);
	ATF_CHECK(opened > 50000);
	free(copy);
}

/* The same with checksums that fit: nothing is read outside of the bytes. */
ATF_TC_WITHOUT_HEAD(read__mutations_with_checksum);
ATF_TC_BODY(read__mutations_with_checksum, tc)
{
	unsigned char	*copy;
	size_t		 starts[16], at, k, n = 0;
	uint32_t	 len, sum, type;
	int		 i;

	make_snapshot(3);
	add_journal();
	open_file();
	do {
		starts[n++] = sr.good;
	} while (statefile_next(&sr, &rec) == STATEFILE_RECORD);
	n--;
	for (i = 0; i < 100000; i++) {
		/* a new block each time: a sanitizer sees its end */
		ATF_REQUIRE((copy = malloc(file.len)) != NULL);
		memcpy(copy, file.data, file.len);
		at = starts[rnd(n)];
		memcpy(&len, copy + at + 4, sizeof(len));
		switch (rnd(4)) {
		case 0:
			type = rnd(8);
			memcpy(copy + at, &type, sizeof(type));
			break;
		case 1:
			len = rnd(len + 20);
			if (len > file.len - at - 16)
				len = file.len - at - 16;
			memcpy(copy + at + 4, &len, sizeof(len));
			break;
		default:
			copy[at + 16 + rnd(len)] ^= 1 << rnd(8);
			break;
		}
		mend_record(copy + at);
		ATF_REQUIRE_EQ(0, statefile_open(&sr, copy, file.len, errstr,
		    sizeof(errstr)));
		while (statefile_next(&sr, &rec) == STATEFILE_RECORD) {
			if (rec.type != STATEFILE_APP)
				continue;
			ATF_REQUIRE(rec.app.status.state < APP_NSTATES);
			for (sum = 0, k = 0; k < rec.app.speclen; k++)
				sum += ((const unsigned char *)rec.spec)[k];
			ATF_REQUIRE(sum <= 255 * k);
		}
		ATF_REQUIRE(sr.good <= file.len);
		free(copy);
	}
}

ATF_TC_WITHOUT_HEAD(write__largest_spec);
ATF_TC_BODY(write__largest_spec, tc)
{
	struct statefile_app	 app;
	unsigned char		*spec;

	ATF_REQUIRE((spec = calloc(1, SPEC_MAX)) != NULL);
	spec[SPEC_MAX - 1] = 7;
	memset(&app, 0, sizeof(app));
	app.speclen = SPEC_MAX + 1;
	statefile_free(&file);
	ATF_REQUIRE_EQ(0, statefile_begin(&file, 1, 1, 1));
	ATF_CHECK_ERRNO(E2BIG, statefile_app(&file, &app, spec) == -1);
	app.speclen = SPEC_MAX;
	ATF_REQUIRE_EQ(0, statefile_app(&file, &app, spec));
	ATF_REQUIRE_EQ(0, statefile_end(&file, 1));
	open_file();
	expect(STATEFILE_SNAPSHOT_BEGIN);
	expect(STATEFILE_APP);
	ATF_CHECK_EQ(SPEC_MAX, rec.app.speclen);
	ATF_CHECK_EQ(0, memcmp(spec, rec.spec, SPEC_MAX));
	expect(STATEFILE_SNAPSHOT_END);
	free(spec);
}

ATF_TC_WITHOUT_HEAD(write__bad_state);
ATF_TC_BODY(write__bad_state, tc)
{
	struct statefile_app	 app;

	memset(&app, 0, sizeof(app));
	app.status.state = APP_NSTATES;
	ATF_CHECK_ERRNO(EINVAL, statefile_app(&file, &app, NULL) == -1);
	ATF_CHECK_ERRNO(EINVAL, statefile_status(&file, &app.status) == -1);
	ATF_CHECK_EQ(0, file.len);
}

ATF_TC_WITHOUT_HEAD(write__reset_and_reuse);
ATF_TC_BODY(write__reset_and_reuse, tc)
{
	size_t	 len;

	statefile_reset(&file);
	ATF_REQUIRE_EQ(0, statefile_nextid(&file, 1));
	len = file.len;
	ATF_CHECK_EQ(0, len % 8);
	statefile_reset(&file);
	ATF_CHECK_EQ(0, file.len);
	ATF_REQUIRE_EQ(0, statefile_deleted(&file, 1));
	ATF_CHECK_EQ(len, file.len);
	statefile_free(&file);
	statefile_free(&file);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, write__layout);
	ATF_TP_ADD_TC(tp, read__there_and_back);
	ATF_TP_ADD_TC(tp, read__no_apps);
	ATF_TP_ADD_TC(tp, read__cut_at_every_byte);
	ATF_TP_ADD_TC(tp, read__append_after_cut);
	ATF_TP_ADD_TC(tp, read__tail_of_zeros);
	ATF_TP_ADD_TC(tp, read__unknown_records_skipped);
	ATF_TP_ADD_TC(tp, read__damaged_snapshot);
	ATF_TP_ADD_TC(tp, read__second_snapshot);
	ATF_TP_ADD_TC(tp, open__header);
	ATF_TP_ADD_TC(tp, read__mutations);
	ATF_TP_ADD_TC(tp, read__mutations_with_checksum);
	ATF_TP_ADD_TC(tp, write__largest_spec);
	ATF_TP_ADD_TC(tp, write__bad_state);
	ATF_TP_ADD_TC(tp, write__reset_and_reuse);
	return (atf_no_error());
}

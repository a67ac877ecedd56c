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


#include <sys/types.h>
#include <sys/resource.h>

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "imsg.h"

/* What follows aborts: without a core file. */
static void
expect_abort(const char *why)
{
	struct rlimit	 rl = { 0, 0 };

	ATF_REQUIRE_EQ(setrlimit(RLIMIT_CORE, &rl), 0);
	atf_tc_expect_signal(SIGABRT, "%s", why);
}

ATF_TC_WITHOUT_HEAD(open__fixed);
ATF_TC_BODY(open__fixed, tc)
{
	struct ibuf	*buf;

	ATF_CHECK_ERRNO(EINVAL, ibuf_open(0) == NULL);
	ATF_REQUIRE((buf = ibuf_open(8)) != NULL);
	ATF_CHECK_EQ(ibuf_left(buf), 8);
	ATF_CHECK_EQ(ibuf_add(buf, "12345", 5), 0);
	ATF_CHECK_EQ(ibuf_size(buf), 5);
	ATF_CHECK_EQ(ibuf_left(buf), 3);
	ATF_CHECK_ERRNO(ERANGE, ibuf_add(buf, "6789", 4) == -1);
	ATF_CHECK_EQ(ibuf_size(buf), 5);
	ATF_CHECK_EQ(ibuf_add(buf, "678", 3), 0);
	ATF_CHECK_ERRNO(ERANGE, ibuf_reserve(buf, 1) == NULL);
	ATF_CHECK_ERRNO(ERANGE, ibuf_reserve(buf, SIZE_MAX) == NULL);
	ATF_CHECK_EQ(memcmp(ibuf_data(buf), "12345678", 8), 0);
	ibuf_free(buf);
}

ATF_TC_WITHOUT_HEAD(dynamic__grows_to_max);
ATF_TC_BODY(dynamic__grows_to_max, tc)
{
	struct ibuf	*buf;
	unsigned char	*p;
	size_t		 i;

	ATF_CHECK_ERRNO(EINVAL, ibuf_dynamic(0, 0) == NULL);
	ATF_CHECK_ERRNO(EINVAL, ibuf_dynamic(2, 1) == NULL);
	ATF_REQUIRE((buf = ibuf_dynamic(0, 1000)) != NULL);
	ATF_CHECK_EQ(ibuf_size(buf), 0);
	for (i = 0; i < 1000; i++)
		ATF_REQUIRE_EQ(ibuf_add_n8(buf, i & 0xff), 0);
	ATF_CHECK_ERRNO(ERANGE, ibuf_add_n8(buf, 1) == -1);
	ATF_CHECK_ERRNO(ERANGE, ibuf_add_zero(buf, SIZE_MAX - 2) == -1);
	ATF_CHECK_EQ(ibuf_left(buf), 0);
	ATF_REQUIRE((p = ibuf_seek(buf, 0, 1000)) != NULL);
	for (i = 0; i < 1000; i++)
		ATF_REQUIRE_EQ(p[i], i & 0xff);
	ibuf_free(buf);
}

ATF_TC_WITHOUT_HEAD(integers__range);
ATF_TC_BODY(integers__range, tc)
{
	struct ibuf	*buf;

	ATF_REQUIRE((buf = ibuf_dynamic(0, 100)) != NULL);
	ATF_CHECK_ERRNO(EINVAL, ibuf_add_n8(buf, 0x100) == -1);
	ATF_CHECK_ERRNO(EINVAL, ibuf_add_n16(buf, 0x10000) == -1);
	ATF_CHECK_ERRNO(EINVAL, ibuf_add_n32(buf, 0x100000000ULL) == -1);
	ATF_CHECK_ERRNO(EINVAL, ibuf_add_h16(buf, 0x10000) == -1);
	ATF_CHECK_ERRNO(EINVAL, ibuf_add_h32(buf, 0x100000000ULL) == -1);
	ATF_CHECK_EQ(ibuf_size(buf), 0);
	ATF_CHECK_EQ(ibuf_add_n8(buf, UINT8_MAX), 0);
	ATF_CHECK_EQ(ibuf_add_n16(buf, UINT16_MAX), 0);
	ATF_CHECK_EQ(ibuf_add_n32(buf, UINT32_MAX), 0);
	ATF_CHECK_EQ(ibuf_add_n64(buf, UINT64_MAX), 0);
	ATF_CHECK_EQ(ibuf_size(buf), 15);
	ATF_CHECK_ERRNO(EINVAL, ibuf_set_n32(buf, 0, 0x100000000ULL) == -1);
	ibuf_free(buf);
}

ATF_TC_WITHOUT_HEAD(integers__roundtrip);
ATF_TC_BODY(integers__roundtrip, tc)
{
	const unsigned char	 net[] = { 1, 1, 2, 1, 2, 3, 4,
				    1, 2, 3, 4, 5, 6, 7, 8 };
	struct ibuf		*buf;
	uint64_t		 v64;
	uint32_t		 v32;
	uint16_t		 v16;
	uint8_t			 v8;

	ATF_REQUIRE((buf = ibuf_dynamic(0, 100)) != NULL);
	ATF_REQUIRE_EQ(ibuf_add_n8(buf, 1), 0);
	ATF_REQUIRE_EQ(ibuf_add_n16(buf, 0x0102), 0);
	ATF_REQUIRE_EQ(ibuf_add_n32(buf, 0x01020304), 0);
	ATF_REQUIRE_EQ(ibuf_add_n64(buf, 0x0102030405060708ULL), 0);
	ATF_REQUIRE_EQ(ibuf_size(buf), sizeof(net));
	ATF_CHECK_EQ(memcmp(ibuf_data(buf), net, sizeof(net)), 0);
	ATF_REQUIRE_EQ(ibuf_add_h16(buf, 0x1112), 0);
	ATF_REQUIRE_EQ(ibuf_add_h32(buf, 0x11121314), 0);
	ATF_REQUIRE_EQ(ibuf_add_h64(buf, 0x1112131415161718ULL), 0);

	ATF_CHECK(ibuf_get_n8(buf, &v8) == 0 && v8 == 1);
	ATF_CHECK(ibuf_get_n16(buf, &v16) == 0 && v16 == 0x0102);
	ATF_CHECK(ibuf_get_n32(buf, &v32) == 0 && v32 == 0x01020304);
	ATF_CHECK(ibuf_get_n64(buf, &v64) == 0 &&
	    v64 == 0x0102030405060708ULL);
	ATF_CHECK(ibuf_get_h16(buf, &v16) == 0 && v16 == 0x1112);
	ATF_CHECK(ibuf_get_h32(buf, &v32) == 0 && v32 == 0x11121314);
	ATF_CHECK(ibuf_get_h64(buf, &v64) == 0 &&
	    v64 == 0x1112131415161718ULL);
	ATF_CHECK_EQ(ibuf_size(buf), 0);
	ibuf_free(buf);
}

static int
g_n8(struct ibuf *b)
{
	uint8_t	 v;

	return (ibuf_get_n8(b, &v));
}

static int
g_n16(struct ibuf *b)
{
	uint16_t	 v;

	return (ibuf_get_n16(b, &v));
}

static int
g_n32(struct ibuf *b)
{
	uint32_t	 v;

	return (ibuf_get_n32(b, &v));
}

static int
g_n64(struct ibuf *b)
{
	uint64_t	 v;

	return (ibuf_get_n64(b, &v));
}

static int
g_h16(struct ibuf *b)
{
	uint16_t	 v;

	return (ibuf_get_h16(b, &v));
}

static int
g_h32(struct ibuf *b)
{
	uint32_t	 v;

	return (ibuf_get_h32(b, &v));
}

static int
g_h64(struct ibuf *b)
{
	uint64_t	 v;

	return (ibuf_get_h64(b, &v));
}

static int
g_bytes(struct ibuf *b)
{
	char	 v[9];

	return (ibuf_get(b, v, sizeof(v)));
}

static int
g_strbuf(struct ibuf *b)
{
	char	 v[9];

	return (ibuf_get_strbuf(b, v, sizeof(v)));
}

static int
g_string(struct ibuf *b)
{
	char	*s;

	if ((s = ibuf_get_string(b, 9)) == NULL)
		return (-1);
	free(s);
	return (0);
}

static int
g_ibuf(struct ibuf *b)
{
	struct ibuf	 v;

	return (ibuf_get_ibuf(b, 9, &v));
}

static int
g_skip(struct ibuf *b)
{
	return (ibuf_skip(b, 9));
}

static const struct {
	const char	*name;
	int		(*get)(struct ibuf *);
	size_t		 len;
} getters[] = {
	{ "n8", g_n8, 1 }, { "n16", g_n16, 2 }, { "n32", g_n32, 4 },
	{ "n64", g_n64, 8 }, { "h16", g_h16, 2 }, { "h32", g_h32, 4 },
	{ "h64", g_h64, 8 }, { "bytes", g_bytes, 9 },
	{ "strbuf", g_strbuf, 9 }, { "string", g_string, 9 },
	{ "ibuf", g_ibuf, 9 }, { "skip", g_skip, 9 },
};

ATF_TC_WITHOUT_HEAD(readers__never_past_end);
ATF_TC_BODY(readers__never_past_end, tc)
{
	struct ibuf	 view;
	unsigned char	*data;
	size_t		 i, len;

	for (i = 0; i < sizeof(getters) / sizeof(getters[0]); i++) {
		for (len = 0; len <= getters[i].len; len++) {
			/* The allocator sees a byte too much. */
			ATF_REQUIRE((data = calloc(1, len + !len)) != NULL);
			ibuf_from_buffer(&view, data, len);
			if (len < getters[i].len) {
				ATF_CHECK_MSG(getters[i].get(&view) == -1 &&
				    errno == EBADMSG, "%s of %zu bytes",
				    getters[i].name, len);
				ATF_CHECK_EQ(ibuf_size(&view), len);
			} else {
				ATF_CHECK_EQ_MSG(getters[i].get(&view), 0,
				    "%s", getters[i].name);
				ATF_CHECK_EQ(ibuf_size(&view), 0);
			}
			free(data);
		}
	}
	ibuf_from_buffer(&view, &len, sizeof(len));
	ATF_CHECK_ERRNO(EBADMSG, ibuf_skip(&view, SIZE_MAX) == -1);
	ATF_CHECK_ERRNO(EBADMSG, ibuf_get(&view, &i, SIZE_MAX) == -1);
}

ATF_TC_WITHOUT_HEAD(strbuf__terminated);
ATF_TC_BODY(strbuf__terminated, tc)
{
	struct ibuf	*buf;
	char		 s[8];

	ATF_REQUIRE((buf = ibuf_dynamic(0, 100)) != NULL);
	ATF_CHECK_ERRNO(EOVERFLOW, ibuf_add_strbuf(buf, "12345678", 8) == -1);
	ATF_CHECK_ERRNO(EOVERFLOW, ibuf_add_strbuf(buf, "", 0) == -1);
	ATF_CHECK_EQ(ibuf_size(buf), 0);
	ATF_REQUIRE_EQ(ibuf_add_strbuf(buf, "1234567", 8), 0);
	ATF_REQUIRE_EQ(ibuf_add_strbuf(buf, "", 8), 0);
	ATF_REQUIRE_EQ(ibuf_add(buf, "ab\0defgh", 8), 0);
	ATF_REQUIRE_EQ(ibuf_add(buf, "abcdefgh", 8), 0);

	ATF_CHECK_ERRNO(EINVAL, ibuf_get_strbuf(buf, s, 0) == -1);
	ATF_CHECK_EQ(ibuf_get_strbuf(buf, s, 8), 0);
	ATF_CHECK_STREQ(s, "1234567");
	ATF_CHECK_EQ(ibuf_get_strbuf(buf, s, 8), 0);
	ATF_CHECK_STREQ(s, "");
	ATF_CHECK_EQ(ibuf_get_strbuf(buf, s, 8), 0);
	ATF_CHECK_EQ(memcmp(s, "ab\0\0\0\0\0\0", 8), 0);
	ATF_CHECK_ERRNO(EOVERFLOW, ibuf_get_strbuf(buf, s, 8) == -1);
	ATF_CHECK_STREQ(s, "abcdefg");
	ibuf_free(buf);
}

ATF_TC_WITHOUT_HEAD(string__stops_at_nul);
ATF_TC_BODY(string__stops_at_nul, tc)
{
	struct ibuf	*buf;
	char		*s;

	ATF_REQUIRE((buf = ibuf_open(9)) != NULL);
	ATF_REQUIRE_EQ(ibuf_add(buf, "abcd\0efgh", 9), 0);
	ATF_REQUIRE((s = ibuf_get_string(buf, 3)) != NULL);
	ATF_CHECK_STREQ(s, "abc");
	free(s);
	ATF_REQUIRE((s = ibuf_get_string(buf, 4)) != NULL);
	ATF_CHECK_STREQ(s, "d");
	free(s);
	ATF_REQUIRE((s = ibuf_get_string(buf, 0)) != NULL);
	ATF_CHECK_STREQ(s, "");
	free(s);
	ATF_CHECK_EQ(ibuf_size(buf), 2);
	ibuf_free(buf);
}

ATF_TC_WITHOUT_HEAD(set__only_what_is_written);
ATF_TC_BODY(set__only_what_is_written, tc)
{
	struct ibuf	*buf;

	ATF_REQUIRE((buf = ibuf_dynamic(64, 128)) != NULL);
	ATF_REQUIRE_EQ(ibuf_add_zero(buf, 8), 0);
	ATF_CHECK_EQ(ibuf_set(buf, 0, "ab", 2), 0);
	ATF_CHECK_EQ(ibuf_set_n32(buf, 4, 0x61626364), 0);
	ATF_CHECK_ERRNO(ERANGE, ibuf_set_n32(buf, 5, 1) == -1);
	ATF_CHECK_ERRNO(ERANGE, ibuf_set(buf, 9, "", 0) == -1);
	ATF_CHECK_ERRNO(ERANGE, ibuf_set(buf, 1, "", SIZE_MAX) == -1);
	ATF_CHECK_ERRNO(ERANGE, ibuf_seek(buf, SIZE_MAX, 2) == NULL);
	ATF_CHECK_EQ(memcmp(ibuf_data(buf), "ab\0\0abcd", 8), 0);
	/* Positions count from what has not been read. */
	ATF_REQUIRE_EQ(ibuf_skip(buf, 4), 0);
	ATF_CHECK_EQ(ibuf_set(buf, 0, "X", 1), 0);
	ATF_CHECK_ERRNO(ERANGE, ibuf_seek(buf, 0, 5) == NULL);
	ATF_CHECK_EQ(memcmp(ibuf_data(buf), "Xbcd", 4), 0);
	ibuf_free(buf);
}

ATF_TC_WITHOUT_HEAD(truncate__and_rewind);
ATF_TC_BODY(truncate__and_rewind, tc)
{
	struct ibuf	*buf;

	ATF_REQUIRE((buf = ibuf_dynamic(0, 10)) != NULL);
	ATF_REQUIRE_EQ(ibuf_add(buf, "abcdef", 6), 0);
	ATF_REQUIRE_EQ(ibuf_skip(buf, 2), 0);
	ATF_CHECK_EQ(ibuf_truncate(buf, 2), 0);
	ATF_CHECK_EQ(ibuf_size(buf), 2);
	ATF_CHECK_EQ(ibuf_truncate(buf, 4), 0);
	ATF_CHECK_EQ(memcmp(ibuf_data(buf), "cd\0\0", 4), 0);
	ATF_CHECK_ERRNO(ERANGE, ibuf_truncate(buf, 9) == -1);
	ibuf_rewind(buf);
	ATF_CHECK_EQ(ibuf_size(buf), 6);
	ATF_CHECK_EQ(memcmp(ibuf_data(buf), "abcd\0\0", 6), 0);
	ibuf_free(buf);
}

ATF_TC_WITHOUT_HEAD(view__reads);
ATF_TC_BODY(view__reads, tc)
{
	struct ibuf	*buf, copy, part;
	char		 s[4];

	ATF_REQUIRE((buf = ibuf_open(6)) != NULL);
	ATF_REQUIRE_EQ(ibuf_add(buf, "abcdef", 6), 0);
	ibuf_from_ibuf(&copy, buf);
	ATF_CHECK_EQ(ibuf_left(&copy), 0);
	ATF_REQUIRE_EQ(ibuf_get_ibuf(&copy, 4, &part), 0);
	ATF_CHECK_EQ(ibuf_size(&copy), 2);
	ATF_CHECK_EQ(ibuf_size(&part), 4);
	ATF_CHECK_EQ(ibuf_truncate(&part, 3), 0);
	ATF_CHECK_EQ(ibuf_get(&part, s, 3), 0);
	ATF_CHECK_EQ(memcmp(s, "abc", 3), 0);
	ATF_CHECK_ERRNO(EBADMSG, ibuf_get(&part, s, 1) == -1);
	ATF_CHECK_EQ(ibuf_fd_avail(&part), 0);
	ATF_CHECK_EQ(ibuf_fd_get(&part), -1);
	ATF_CHECK_EQ(ibuf_size(buf), 6);
	ibuf_free(buf);
}

ATF_TC_WITHOUT_HEAD(add_ibuf__copies_unread);
ATF_TC_BODY(add_ibuf__copies_unread, tc)
{
	struct ibuf	*from, *to;

	ATF_REQUIRE((from = ibuf_open(6)) != NULL);
	ATF_REQUIRE((to = ibuf_dynamic(0, 7)) != NULL);
	ATF_CHECK_EQ(ibuf_add_ibuf(to, from), 0);
	ATF_REQUIRE_EQ(ibuf_add(from, "abcdef", 6), 0);
	ATF_REQUIRE_EQ(ibuf_skip(from, 2), 0);
	ATF_CHECK_EQ(ibuf_add_ibuf(to, from), 0);
	ATF_CHECK_ERRNO(ERANGE, ibuf_add_ibuf(to, from) == -1);
	ATF_CHECK_EQ(ibuf_size(to), 4);
	ATF_CHECK_EQ(memcmp(ibuf_data(to), "cdef", 4), 0);
	ibuf_free(from);
	ibuf_free(to);
}

ATF_TC_WITHOUT_HEAD(view__add_aborts);
ATF_TC_BODY(view__add_aborts, tc)
{
	struct ibuf	 view;
	char		 mem[8];

	ibuf_from_buffer(&view, mem, sizeof(mem));
	expect_abort("a view cannot grow");
	ibuf_add(&view, "x", 1);
}

ATF_TC_WITHOUT_HEAD(view__truncate_up_aborts);
ATF_TC_BODY(view__truncate_up_aborts, tc)
{
	struct ibuf	 view;
	char		 mem[8];

	ibuf_from_buffer(&view, mem, sizeof(mem));
	expect_abort("a view cannot grow");
	ibuf_truncate(&view, 9);
}

ATF_TC_WITHOUT_HEAD(view__free_aborts);
ATF_TC_BODY(view__free_aborts, tc)
{
	struct ibuf	 view;
	char		 mem[8];

	ibuf_from_buffer(&view, mem, sizeof(mem));
	expect_abort("a view cannot be freed");
	ibuf_free(&view);
}

ATF_TC_WITHOUT_HEAD(view__fd_aborts);
ATF_TC_BODY(view__fd_aborts, tc)
{
	struct ibuf	 view;
	char		 mem[8];

	ibuf_from_buffer(&view, mem, sizeof(mem));
	expect_abort("a view has no descriptor");
	ibuf_fd_set(&view, 0);
}

ATF_TC_WITHOUT_HEAD(fd__owned);
ATF_TC_BODY(fd__owned, tc)
{
	struct ibuf	*buf;
	int		 fds[2];

	ATF_REQUIRE_EQ(pipe(fds), 0);
	ATF_REQUIRE((buf = ibuf_open(1)) != NULL);
	ATF_CHECK_EQ(ibuf_fd_avail(buf), 0);
	ibuf_fd_set(buf, fds[0]);
	ATF_CHECK_EQ(ibuf_fd_avail(buf), 1);
	/* The next one takes the place of the first. */
	ibuf_fd_set(buf, fds[1]);
	ATF_CHECK_ERRNO(EBADF, fcntl(fds[0], F_GETFD) == -1);
	ATF_CHECK_EQ(ibuf_fd_get(buf), fds[1]);
	ATF_CHECK_EQ(ibuf_fd_get(buf), -1);
	ibuf_fd_set(buf, fds[1]);
	errno = E2BIG;
	ibuf_free(buf);
	ATF_CHECK_EQ(errno, E2BIG);
	ATF_CHECK_ERRNO(EBADF, fcntl(fds[1], F_GETFD) == -1);
	ibuf_free(NULL);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, open__fixed);
	ATF_TP_ADD_TC(tp, dynamic__grows_to_max);
	ATF_TP_ADD_TC(tp, integers__range);
	ATF_TP_ADD_TC(tp, integers__roundtrip);
	ATF_TP_ADD_TC(tp, readers__never_past_end);
	ATF_TP_ADD_TC(tp, strbuf__terminated);
	ATF_TP_ADD_TC(tp, string__stops_at_nul);
	ATF_TP_ADD_TC(tp, set__only_what_is_written);
	ATF_TP_ADD_TC(tp, truncate__and_rewind);
	ATF_TP_ADD_TC(tp, view__reads);
	ATF_TP_ADD_TC(tp, add_ibuf__copies_unread);
	ATF_TP_ADD_TC(tp, view__add_aborts);
	ATF_TP_ADD_TC(tp, view__truncate_up_aborts);
	ATF_TP_ADD_TC(tp, view__free_aborts);
	ATF_TP_ADD_TC(tp, view__fd_aborts);
	ATF_TP_ADD_TC(tp, fd__owned);
	return (atf_no_error());
}

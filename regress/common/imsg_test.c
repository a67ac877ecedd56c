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
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <atf-c.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "imsg.h"
#include "sys_fault.h"

#define FD_MARK		0x80000000U
#define MAXDATA		(MAX_IMSGSIZE - IMSG_HEADER_SIZE)

static struct imsgbuf	 a, b;		/* both ends of one connection */

static void
expect_abort(const char *why)
{
	struct rlimit	 rl = { 0, 0 };

	ATF_REQUIRE_EQ(setrlimit(RLIMIT_CORE, &rl), 0);
	atf_tc_expect_signal(SIGABRT, "%s", why);
}

static void
start(void)
{
	int	 big = 1024 * 1024, sv[2];

	ATF_REQUIRE_EQ(socketpair(AF_UNIX,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, sv), 0);
	setsockopt(sv[0], SOL_SOCKET, SO_SNDBUF, &big, sizeof(big));
	ATF_REQUIRE_EQ(imsgbuf_init(&a, sv[0]), 0);
	ATF_REQUIRE_EQ(imsgbuf_init(&b, sv[1]), 0);
	sys_fault_reset();
}

static void
start_fdpass(void)
{
	start();
	imsgbuf_allow_fdpass(&a);
	imsgbuf_allow_fdpass(&b);
}

static void
stop(void)
{
	imsgbuf_clear(&a);
	imsgbuf_clear(&b);
	close(a.fd);
	close(b.fd);
}

static int
count_fds(void)
{
	DIR	*dir;
	int	 n = 0;

	ATF_REQUIRE((dir = opendir("/proc/self/fd")) != NULL);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return (n);
}

/* A descriptor that can be told from others, and how. */
static int
some_fd(ino_t *ino)
{
	struct stat	 sb;
	int		 fds[2];

	ATF_REQUIRE_EQ(pipe2(fds, O_CLOEXEC), 0);
	close(fds[1]);
	ATF_REQUIRE_EQ(fstat(fds[0], &sb), 0);
	*ino = sb.st_ino;
	return (fds[0]);
}

static int
is_open(int fd)
{
	return (fcntl(fd, F_GETFD) != -1);
}

/* The fd of a message is the one with this inode. */
static void
check_fd(struct imsg *imsg, ino_t ino)
{
	struct stat	 sb;
	int		 fd;

	fd = imsg_get_fd(imsg);
	ATF_REQUIRE_MSG(fd != -1, "no descriptor in message %u",
	    imsg_get_type(imsg));
	ATF_REQUIRE_EQ(fstat(fd, &sb), 0);
	ATF_CHECK_EQ(sb.st_ino, ino);
	close(fd);
}

static void
compose(uint32_t type, int fd, const void *data, size_t len)
{
	ATF_REQUIRE_EQ(imsg_compose(&a, type, 0, 0, fd, data, len), 1);
}

static void
send_all(void)
{
	while (imsgbuf_queuelen(&a) > 0)
		ATF_REQUIRE_EQ(imsgbuf_write(&a), 0);
}

/* The next message at b, which must be there. */
static void
receive(struct imsg *imsg)
{
	int	 i, n;

	for (i = 0; (n = imsgbuf_get(&b, imsg)) == 0 && i < 100; i++)
		ATF_REQUIRE_EQ(imsgbuf_read(&b), 1);
	ATF_REQUIRE_EQ(n, 1);
}

static void
receive_nothing(void)
{
	struct imsg	 imsg;

	ATF_REQUIRE_EQ(imsgbuf_read(&b), 1);
	ATF_REQUIRE_EQ(imsgbuf_get(&b, &imsg), 0);
}

/* Bytes as a peer of any kind may send them, with n times the same fd. */
static void
raw_send(const void *data, size_t len, int fd, int n)
{
	union {
		struct cmsghdr	 hdr;
		char		 buf[CMSG_SPACE(8 * sizeof(int))];
	} control;
	struct cmsghdr	*cmsg;
	struct msghdr	 msg;
	struct iovec	 iov;
	int		 i;

	memset(&msg, 0, sizeof(msg));
	memset(&control, 0, sizeof(control));
	iov.iov_base = (void *)(uintptr_t)data;
	iov.iov_len = len;
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	if (n > 0) {
		msg.msg_control = control.buf;
		msg.msg_controllen = CMSG_SPACE(n * sizeof(int));
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_len = CMSG_LEN(n * sizeof(int));
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		for (i = 0; i < n; i++)
			memcpy(CMSG_DATA(cmsg) + i * sizeof(fd), &fd,
			    sizeof(fd));
	}
	ATF_REQUIRE_EQ(sendmsg(a.fd, &msg, MSG_NOSIGNAL), (ssize_t)len);
}

static struct imsg_hdr
header(uint32_t type, uint32_t len)
{
	struct imsg_hdr	 hdr = { type, len, 0, 0 };

	return (hdr);
}

/*
 * Messages
 */

ATF_TC_WITHOUT_HEAD(roundtrip__all_fields);
ATF_TC_BODY(roundtrip__all_fields, tc)
{
	struct imsg	 imsg;
	char		 data[6];

	start();
	ATF_REQUIRE_EQ(imsg_compose(&a, 17, 0xfffffffe, 4711, -1, "hello",
	    6), 1);
	ATF_REQUIRE_EQ(imsg_compose(&a, 18, 0, 0, -1, "", 1), 1);
	ATF_CHECK_EQ(imsgbuf_queuelen(&a), 2);
	ATF_CHECK_EQ(imsgbuf_queuebytes(&a), 2 * IMSG_HEADER_SIZE + 7);
	send_all();
	ATF_CHECK_EQ(imsgbuf_queuebytes(&a), 0);

	receive(&imsg);
	ATF_CHECK_EQ(imsg_get_type(&imsg), 17);
	ATF_CHECK_EQ(imsg_get_id(&imsg), 0xfffffffe);
	ATF_CHECK_EQ(imsg_get_pid(&imsg), 4711);
	ATF_CHECK_EQ(imsg_get_len(&imsg), 6);
	ATF_CHECK_EQ(imsg_get_fd(&imsg), -1);
	ATF_CHECK_EQ(imsg_get_data(&imsg, data, sizeof(data)), 0);
	ATF_CHECK_STREQ(data, "hello");
	imsg_free(&imsg);
	ATF_CHECK_EQ(imsg.buf, NULL);

	receive(&imsg);
	ATF_CHECK_EQ(imsg_get_type(&imsg), 18);
	ATF_CHECK_EQ(imsg_get_pid(&imsg), getpid());
	imsg_free(&imsg);
	receive_nothing();
	stop();
}

ATF_TC_WITHOUT_HEAD(roundtrip__no_payload);
ATF_TC_BODY(roundtrip__no_payload, tc)
{
	struct imsg	 imsg;
	struct ibuf	 view;
	char		 c;

	start();
	compose(1, -1, NULL, 0);
	send_all();
	receive(&imsg);
	ATF_CHECK_EQ(imsg_get_len(&imsg), 0);
	ATF_CHECK_ERRNO(EINVAL, imsg_get_data(&imsg, &c, 0) == -1);
	ATF_CHECK_ERRNO(EBADMSG, imsg_get_data(&imsg, &c, 1) == -1);
	ATF_CHECK_ERRNO(EBADMSG, imsg_get_ibuf(&imsg, &view) == -1);
	imsg_free(&imsg);
	stop();
}

ATF_TC_WITHOUT_HEAD(roundtrip__longest);
ATF_TC_BODY(roundtrip__longest, tc)
{
	static char	 data[MAXDATA + 1], got[MAXDATA];
	struct imsg	 imsg;

	memset(data, 'x', sizeof(data));
	start();
	compose(1, -1, data, MAXDATA);
	ATF_CHECK_ERRNO(ERANGE,
	    imsg_compose(&a, 2, 0, 0, -1, data, MAXDATA + 1) == -1);
	ATF_CHECK_ERRNO(ERANGE,
	    imsg_compose(&a, 2, 0, 0, -1, data, SIZE_MAX) == -1);
	ATF_CHECK_EQ(imsgbuf_queuelen(&a), 1);
	send_all();
	receive(&imsg);
	ATF_CHECK_EQ(imsg_get_len(&imsg), MAXDATA);
	ATF_CHECK_EQ(imsg_get_data(&imsg, got, MAXDATA), 0);
	ATF_CHECK_EQ(memcmp(got, data, MAXDATA), 0);
	imsg_free(&imsg);
	stop();
}

ATF_TC_WITHOUT_HEAD(maxsize__set);
ATF_TC_BODY(maxsize__set, tc)
{
	static char	 data[200000];
	struct imsg	 imsg;

	start();
	ATF_CHECK_ERRNO(ERANGE, imsgbuf_set_maxsize(&a, UINT32_MAX) == -1);
	ATF_CHECK_ERRNO(EINVAL, imsgbuf_set_maxsize(&a, FD_MARK) == -1);
	ATF_CHECK_EQ(imsgbuf_set_maxsize(&a, sizeof(data)), 0);
	ATF_CHECK_EQ(imsgbuf_set_maxsize(&b, sizeof(data)), 0);
	data[sizeof(data) - 1] = 'z';
	compose(1, -1, data, sizeof(data));
	/* The socket holds less than all of it. */
	while (imsgbuf_queuelen(&a) > 0) {
		ATF_REQUIRE_EQ(imsgbuf_write(&a), 0);
		ATF_REQUIRE_EQ(imsgbuf_read(&b), 1);
	}
	receive(&imsg);
	ATF_CHECK_EQ(imsg_get_len(&imsg), sizeof(data));
	ATF_CHECK_EQ(*(char *)ibuf_seek(imsg.buf, sizeof(data) - 1, 1), 'z');
	imsg_free(&imsg);
	stop();
}

ATF_TC_WITHOUT_HEAD(composev__joins);
ATF_TC_BODY(composev__joins, tc)
{
	struct iovec	 iov[3];
	struct imsg	 imsg;
	char		 data[6], one[] = "abc", two[] = "def";

	start();
	iov[0].iov_base = one;
	iov[0].iov_len = 3;
	iov[1].iov_base = NULL;
	iov[1].iov_len = 0;
	iov[2].iov_base = two;
	iov[2].iov_len = 3;
	ATF_REQUIRE_EQ(imsg_composev(&a, 1, 2, 3, -1, iov, 3), 1);
	ATF_REQUIRE_EQ(imsg_composev(&a, 1, 2, 3, -1, NULL, 0), 1);
	send_all();
	receive(&imsg);
	ATF_CHECK_EQ(imsg_get_data(&imsg, data, 6), 0);
	ATF_CHECK_EQ(memcmp(data, "abcdef", 6), 0);
	imsg_free(&imsg);
	receive(&imsg);
	ATF_CHECK_EQ(imsg_get_len(&imsg), 0);
	imsg_free(&imsg);

	iov[1].iov_len = SIZE_MAX - 3;
	ATF_CHECK_ERRNO(ERANGE,
	    imsg_composev(&a, 1, 2, 3, -1, iov, 3) == -1);
	iov[1].iov_len = MAXDATA - 5;
	ATF_CHECK_ERRNO(ERANGE,
	    imsg_composev(&a, 1, 2, 3, -1, iov, 3) == -1);
	stop();
}

ATF_TC_WITHOUT_HEAD(create__in_steps);
ATF_TC_BODY(create__in_steps, tc)
{
	static char	 data[MAXDATA];
	struct imsg	 imsg;
	struct ibuf	*buf, view;
	uint32_t	 n;

	start();
	ATF_CHECK_ERRNO(ERANGE,
	    imsg_create(&a, 1, 0, 0, MAXDATA + 1) == NULL);
	ATF_REQUIRE((buf = imsg_create(&a, 7, 8, 9, 0)) != NULL);
	ATF_CHECK_EQ(ibuf_add_n32(buf, 42), 0);
	ATF_CHECK_EQ(ibuf_add(buf, data, MAXDATA - 4), 0);
	ATF_CHECK_ERRNO(ERANGE, ibuf_add_n8(buf, 1) == -1);
	ATF_REQUIRE_EQ(imsg_close(&a, buf), 1);
	send_all();
	receive(&imsg);
	ATF_CHECK_EQ(imsg_get_type(&imsg), 7);
	ATF_CHECK_EQ(imsg_get_id(&imsg), 8);
	ATF_CHECK_EQ(imsg_get_pid(&imsg), 9);
	ATF_CHECK_EQ(imsg_get_len(&imsg), MAXDATA);
	ATF_CHECK_EQ(imsg_get_ibuf(&imsg, &view), 0);
	ATF_CHECK_EQ(ibuf_get_n32(&view, &n), 0);
	ATF_CHECK_EQ(n, 42);
	ATF_CHECK_EQ(ibuf_size(&view), MAXDATA - 4);
	imsg_free(&imsg);
	stop();
}

ATF_TC_WITHOUT_HEAD(compose_ibuf__consumes);
ATF_TC_BODY(compose_ibuf__consumes, tc)
{
	struct imsg	 imsg;
	struct ibuf	*buf;

	start();
	ATF_REQUIRE((buf = ibuf_dynamic(0, 100000)) != NULL);
	ATF_REQUIRE_EQ(ibuf_add(buf, "xabc", 4), 0);
	ATF_REQUIRE_EQ(ibuf_skip(buf, 1), 0);
	ATF_CHECK_EQ(imsg_compose_ibuf(&a, 5, 6, 7, buf), 1);
	/* Too long; the leak checker sees whether it is freed. */
	ATF_REQUIRE((buf = ibuf_dynamic(0, 100000)) != NULL);
	ATF_REQUIRE_EQ(ibuf_add_zero(buf, MAXDATA + 1), 0);
	ATF_CHECK_ERRNO(ERANGE, imsg_compose_ibuf(&a, 5, 6, 7, buf) == -1);
	send_all();
	receive(&imsg);
	ATF_CHECK_EQ(imsg_get_len(&imsg), 3);
	ATF_CHECK_EQ(memcmp(ibuf_data(imsg.buf), "abc", 3), 0);
	imsg_free(&imsg);
	receive_nothing();
	stop();
}

ATF_TC_WITHOUT_HEAD(forward__repeatedly);
ATF_TC_BODY(forward__repeatedly, tc)
{
	struct imsg	 imsg, copy;
	ino_t		 ino;
	char		 data[3];
	int		 i;

	start_fdpass();
	ATF_REQUIRE_EQ(imsg_compose(&a, 3, 4, 5, some_fd(&ino), "abc", 3), 1);
	send_all();
	receive(&imsg);
	ATF_REQUIRE_EQ(imsg_get_data(&imsg, data, 3), 0);
	for (i = 0; i < 3; i++)
		ATF_REQUIRE_EQ(imsg_forward(&a, &imsg), 1);
	check_fd(&imsg, ino);
	imsg_free(&imsg);
	send_all();
	for (i = 0; i < 3; i++) {
		receive(&copy);
		ATF_CHECK_EQ(imsg_get_type(&copy), 3);
		ATF_CHECK_EQ(imsg_get_id(&copy), 4);
		ATF_CHECK_EQ(imsg_get_pid(&copy), 5);
		ATF_CHECK_EQ(imsg_get_fd(&copy), -1);
		ATF_CHECK_EQ(imsg_get_data(&copy, data, 3), 0);
		ATF_CHECK_EQ(memcmp(data, "abc", 3), 0);
		imsg_free(&copy);
	}
	stop();
}

ATF_TC_WITHOUT_HEAD(get__exact_lengths);
ATF_TC_BODY(get__exact_lengths, tc)
{
	struct imsg	 imsg;
	struct ibuf	 view;
	char		 s[8];

	start();
	compose(1, -1, "abc\0efgh12", 10);
	send_all();
	receive(&imsg);
	ATF_CHECK_ERRNO(EBADMSG, imsg_get_data(&imsg, s, 8) == -1);
	ATF_CHECK_ERRNO(EBADMSG, imsg_get_buf(&imsg, s, 11) == -1);
	ATF_CHECK_EQ(imsg_get_len(&imsg), 10);
	ATF_CHECK_EQ(imsg_get_ibuf(&imsg, &view), 0);
	ATF_CHECK_EQ(ibuf_size(&view), 10);
	ATF_CHECK_EQ(imsg_get_strbuf(&imsg, s, 8), 0);
	ATF_CHECK_STREQ(s, "abc");
	ATF_CHECK_EQ(imsg_get_len(&imsg), 2);
	ATF_CHECK_ERRNO(EOVERFLOW, imsg_get_strbuf(&imsg, s, 2) == -1);
	ATF_CHECK_ERRNO(EBADMSG, imsg_get_buf(&imsg, s, 1) == -1);
	imsg_free(&imsg);
	stop();
}

ATF_TC_WITHOUT_HEAD(view__close_aborts);
ATF_TC_BODY(view__close_aborts, tc)
{
	struct ibuf	 view;
	char		 mem[32] = { 0 };

	start();
	ibuf_from_buffer(&view, mem, sizeof(mem));
	expect_abort("a view cannot be queued");
	imsg_close(&a, &view);
}

/*
 * Framing
 */

#define NFED	5

static size_t
fed_bytes(unsigned char *p)
{
	static const size_t	 lens[NFED] = { 3, 0, 40, 0, 1 };
	struct imsg_hdr		 hdr;
	size_t			 i, n = 0;

	for (i = 0; i < NFED; i++) {
		hdr = header(i, sizeof(hdr) + lens[i]);
		memcpy(p + n, &hdr, sizeof(hdr));
		memset(p + n + sizeof(hdr), 'a' + i, lens[i]);
		n += hdr.len;
	}
	return (n);
}

static void
fed_check(const unsigned char *p)
{
	struct imsg	 imsg;
	size_t		 i;

	for (i = 0; i < NFED; i++) {
		ATF_REQUIRE_EQ(imsgbuf_get(&b, &imsg), 1);
		ATF_REQUIRE_EQ(imsg_get_type(&imsg), i);
		if (imsg_get_len(&imsg) > 0)
			ATF_REQUIRE_EQ(memcmp(ibuf_data(imsg.buf),
			    p + IMSG_HEADER_SIZE, imsg_get_len(&imsg)), 0);
		p += IMSG_HEADER_SIZE + imsg_get_len(&imsg);
		imsg_free(&imsg);
	}
	ATF_REQUIRE_EQ(imsgbuf_get(&b, &imsg), 0);
}

ATF_TC_WITHOUT_HEAD(feed__split_anywhere);
ATF_TC_BODY(feed__split_anywhere, tc)
{
	unsigned char	 p[256];
	size_t		 i, j, n;

	start();
	n = fed_bytes(p);
	for (i = 1; i < n; i++) {
		for (j = i + 1; j <= n; j++) {
			raw_send(p, i, -1, 0);
			ATF_REQUIRE_EQ(imsgbuf_read(&b), 1);
			raw_send(p + i, j - i, -1, 0);
			ATF_REQUIRE_EQ(imsgbuf_read(&b), 1);
			if (j < n)
				raw_send(p + j, n - j, -1, 0);
			ATF_REQUIRE_EQ(imsgbuf_read(&b), 1);
			fed_check(p);
		}
	}
	stop();
}

ATF_TC_WITHOUT_HEAD(feed__byte_by_byte);
ATF_TC_BODY(feed__byte_by_byte, tc)
{
	unsigned char	 p[256];
	size_t		 i, n;

	start();
	n = fed_bytes(p);
	raw_send(p, n, -1, 0);
	sys_fault_short("recvmsg", 1);
	for (i = 0; i < n; i++)
		ATF_REQUIRE_EQ(imsgbuf_read(&b), 1);
	fed_check(p);
	stop();
}

ATF_TC_WITHOUT_HEAD(header__bad_length);
ATF_TC_BODY(header__bad_length, tc)
{
	static const uint32_t	 lens[] = { 0, 1, 15, MAX_IMSGSIZE + 1,
				    0x7fffffff, FD_MARK, FD_MARK | 15,
				    FD_MARK | (MAX_IMSGSIZE + 1),
				    0xffffffff };
	struct imsg		 imsg;
	struct imsg_hdr		 hdr;
	size_t			 i;

	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		start_fdpass();
		hdr = header(1, lens[i]);
		raw_send(&hdr, sizeof(hdr), -1, 0);
		ATF_CHECK_ERRNO(ERANGE, imsgbuf_read(&b) == -1);
		/* And it stays so, whatever comes then. */
		hdr = header(1, sizeof(hdr));
		raw_send(&hdr, sizeof(hdr), -1, 0);
		ATF_CHECK_ERRNO(ERANGE, imsgbuf_read(&b) == -1);
		ATF_CHECK_ERRNO(ERANGE, imsgbuf_get(&b, &imsg) == -1);
		stop();
	}
}

ATF_TC_WITHOUT_HEAD(header__bad_after_good);
ATF_TC_BODY(header__bad_after_good, tc)
{
	struct imsg_hdr	 hdr[3];
	struct imsg	 imsg;

	start();
	hdr[0] = header(1, sizeof(hdr[0]));
	hdr[1] = header(2, sizeof(hdr[0]));
	hdr[2] = header(3, 2);
	raw_send(hdr, sizeof(hdr), -1, 0);
	receive(&imsg);
	ATF_CHECK_EQ(imsg_get_type(&imsg), 1);
	imsg_free(&imsg);
	receive(&imsg);
	ATF_CHECK_EQ(imsg_get_type(&imsg), 2);
	imsg_free(&imsg);
	ATF_CHECK_ERRNO(ERANGE, imsgbuf_get(&b, &imsg) == -1);
	ATF_CHECK_ERRNO(ERANGE, imsgbuf_read(&b) == -1);
	stop();
}

ATF_TC_WITHOUT_HEAD(feed__noise);
ATF_TC_BODY(feed__noise, tc)
{
	unsigned char	 p[512];
	struct imsg	 imsg;
	struct imsg_hdr	 hdr;
	size_t		 j, n;
	int		 fds, i, ret;
	ino_t		 ino;
	int		 fd;

	srandom(4711);
	fd = some_fd(&ino);
	fds = count_fds();
	for (i = 0; i < 300; i++) {
		start_fdpass();
		for (ret = 1; ret == 1;) {
			n = 1 + random() % sizeof(p);
			for (j = 0; j < n; j++)
				p[j] = random();
			/* Some of it looks right. */
			hdr = header(1, 16 + random() % 600);
			if (random() % 2)
				hdr.len |= FD_MARK;
			if (random() % 16 && n >= sizeof(hdr))
				memcpy(p, &hdr, sizeof(hdr));
			raw_send(p, n, fd, random() % 4);
			ret = imsgbuf_read(&b);
			while (ret != -1 && imsgbuf_get(&b, &imsg) == 1)
				imsg_free(&imsg);
		}
		ATF_CHECK_EQ(errno, ERANGE);
		stop();
		ATF_REQUIRE_EQ(count_fds(), fds);
	}
	close(fd);
}

/*
 * Descriptors
 */

ATF_TC_WITHOUT_HEAD(fd__passed);
ATF_TC_BODY(fd__passed, tc)
{
	struct imsg	 imsg;
	ino_t		 ino1, ino2;
	int		 fd;

	start_fdpass();
	fd = some_fd(&ino1);
	compose(1, -1, "a", 1);
	compose(2, fd, "b", 1);
	compose(3, -1, "c", 1);
	compose(4, some_fd(&ino2), NULL, 0);
	ATF_CHECK(is_open(fd));
	send_all();
	ATF_CHECK(!is_open(fd));

	receive(&imsg);
	ATF_CHECK_EQ(imsg_get_fd(&imsg), -1);
	imsg_free(&imsg);
	receive(&imsg);
	ATF_CHECK_EQ(imsg_get_type(&imsg), 2);
	ATF_CHECK_EQ(imsg_get_len(&imsg), 1);
	check_fd(&imsg, ino1);
	ATF_CHECK_EQ(imsg_get_fd(&imsg), -1);
	imsg_free(&imsg);
	receive(&imsg);
	ATF_CHECK_EQ(imsg_get_fd(&imsg), -1);
	imsg_free(&imsg);
	receive(&imsg);
	ATF_CHECK_EQ(imsg_get_type(&imsg), 4);
	check_fd(&imsg, ino2);
	imsg_free(&imsg);
	stop();
}

ATF_TC_WITHOUT_HEAD(fd__at_the_end_of_a_read);
ATF_TC_BODY(fd__at_the_end_of_a_read, tc)
{
	static char	 data[MAXDATA];
	struct imsg	 imsg;
	ino_t		 ino1, ino2;
	size_t		 cut, left, n;

	/* cut bytes of the header with the descriptor come with the read. */
	for (cut = 0; cut <= IMSG_HEADER_SIZE + 1; cut++) {
		start_fdpass();
		for (left = 65535 - cut; left > 0; left -= n) {
			n = left > MAX_IMSGSIZE ? MAX_IMSGSIZE : left;
			if (left - n > 0 && left - n < IMSG_HEADER_SIZE)
				n -= IMSG_HEADER_SIZE;
			compose(1, -1, data, n - IMSG_HEADER_SIZE);
		}
		compose(2, some_fd(&ino1), "two", 3);
		compose(3, some_fd(&ino2), "three", 5);
		send_all();
		for (;;) {
			receive(&imsg);
			if (imsg_get_type(&imsg) != 1)
				break;
			imsg_free(&imsg);
		}
		ATF_CHECK_EQ(imsg_get_type(&imsg), 2);
		ATF_CHECK_EQ(imsg_get_len(&imsg), 3);
		check_fd(&imsg, ino1);
		imsg_free(&imsg);
		receive(&imsg);
		ATF_CHECK_EQ(imsg_get_type(&imsg), 3);
		check_fd(&imsg, ino2);
		imsg_free(&imsg);
		stop();
	}
}

ATF_TC_WITHOUT_HEAD(fd__any_read_size);
ATF_TC_BODY(fd__any_read_size, tc)
{
	struct imsg	 imsg;
	ino_t		 ino[3];
	size_t		 size;
	int		 i;

	for (size = 1; size < 3 * IMSG_HEADER_SIZE; size++) {
		start_fdpass();
		for (i = 0; i < 3; i++) {
			compose(0, -1, "x", i);
			compose(1, some_fd(&ino[i]), "y", i % 2);
		}
		send_all();
		sys_fault_short("recvmsg", size);
		for (i = 0; i < 3; i++) {
			receive(&imsg);
			ATF_CHECK_EQ(imsg_get_fd(&imsg), -1);
			imsg_free(&imsg);
			receive(&imsg);
			ATF_CHECK_EQ(imsg_get_type(&imsg), 1);
			check_fd(&imsg, ino[i]);
			imsg_free(&imsg);
		}
		stop();
	}
}

ATF_TC_WITHOUT_HEAD(fd__closed_on_exec);
ATF_TC_BODY(fd__closed_on_exec, tc)
{
	struct imsg	 imsg;
	int		 fd, fds[2];

	start_fdpass();
	ATF_REQUIRE_EQ(pipe(fds), 0);
	compose(1, fds[0], NULL, 0);
	send_all();
	receive(&imsg);
	ATF_REQUIRE((fd = imsg_get_fd(&imsg)) != -1);
	ATF_CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	close(fds[1]);
	imsg_free(&imsg);
	stop();
}

ATF_TC_WITHOUT_HEAD(fd__table_full);
ATF_TC_BODY(fd__table_full, tc)
{
	struct rlimit	 rl = { 64, 64 };
	struct imsg	 imsg;
	ino_t		 ino1, ino2;
	int		 filler[64], i, n = 0;

	start_fdpass();
	compose(1, some_fd(&ino1), "one", 3);
	compose(2, -1, "two", 3);
	compose(3, some_fd(&ino2), "three", 5);
	send_all();

	ATF_REQUIRE_EQ(setrlimit(RLIMIT_NOFILE, &rl), 0);
	while (n < 64 && (filler[n] = dup(0)) != -1)
		n++;
	ATF_REQUIRE_EQ(errno, EMFILE);
	ATF_REQUIRE_EQ(imsgbuf_read(&b), 1);
	for (i = 0; i < n; i++)
		close(filler[i]);

	ATF_REQUIRE_EQ(imsgbuf_get(&b, &imsg), 1);
	ATF_CHECK_EQ(imsg_get_type(&imsg), 1);
	ATF_CHECK_EQ(imsg_get_len(&imsg), 3);
	ATF_CHECK_EQ(imsg_get_fd(&imsg), -1);
	imsg_free(&imsg);
	receive(&imsg);
	ATF_CHECK_EQ(imsg_get_type(&imsg), 2);
	imsg_free(&imsg);
	/* The next one gets its own, not somebody else's. */
	receive(&imsg);
	ATF_CHECK_EQ(imsg_get_type(&imsg), 3);
	check_fd(&imsg, ino2);
	imsg_free(&imsg);
	stop();
}

ATF_TC_WITHOUT_HEAD(fd__table_full_emsgsize);
ATF_TC_BODY(fd__table_full_emsgsize, tc)
{
	struct imsg	 imsg;
	ino_t		 ino;

	/* How other kernels say it: once more, without the descriptor. */
	start_fdpass();
	compose(1, some_fd(&ino), "one", 3);
	send_all();
	sys_fault_set("recvmsg", EMSGSIZE, 1, 1);
	ATF_REQUIRE_EQ(imsgbuf_read(&b), 1);
	ATF_CHECK_EQ(sys_fault_calls("recvmsg"), 2);
	ATF_REQUIRE_EQ(imsgbuf_get(&b, &imsg), 1);
	ATF_CHECK_EQ(imsg_get_len(&imsg), 3);
	ATF_CHECK_EQ(imsg_get_fd(&imsg), -1);
	imsg_free(&imsg);
	stop();
}

ATF_TC_WITHOUT_HEAD(fd__mark_without_fd);
ATF_TC_BODY(fd__mark_without_fd, tc)
{
	struct imsg_hdr	 hdr;
	struct imsg	 imsg;
	ino_t		 ino;

	start_fdpass();
	hdr = header(1, sizeof(hdr) | FD_MARK);
	raw_send(&hdr, sizeof(hdr), -1, 0);
	receive(&imsg);
	ATF_CHECK_EQ(imsg_get_len(&imsg), 0);
	ATF_CHECK_EQ(imsg_get_fd(&imsg), -1);
	imsg_free(&imsg);
	/* A header that began before does not get what came later. */
	raw_send(&hdr, 5, -1, 0);
	ATF_REQUIRE_EQ(imsgbuf_read(&b), 1);
	raw_send((char *)&hdr + 5, sizeof(hdr) - 5, -1, 0);
	compose(2, some_fd(&ino), NULL, 0);
	send_all();
	receive(&imsg);
	ATF_CHECK_EQ(imsg_get_type(&imsg), 1);
	ATF_CHECK_EQ(imsg_get_fd(&imsg), -1);
	imsg_free(&imsg);
	receive(&imsg);
	ATF_CHECK_EQ(imsg_get_type(&imsg), 2);
	check_fd(&imsg, ino);
	imsg_free(&imsg);
	stop();
}

ATF_TC_WITHOUT_HEAD(fd__surplus_closed);
ATF_TC_BODY(fd__surplus_closed, tc)
{
	struct imsg_hdr	 hdr[2];
	struct imsg	 imsg;
	ino_t		 ino;
	int		 before, fd, n;

	start_fdpass();
	fd = some_fd(&ino);
	before = count_fds();
	for (n = 1; n <= 8; n++) {
		/* Two marks: the second one has none left. */
		hdr[0] = header(1, sizeof(hdr[0]) | FD_MARK);
		hdr[1] = header(2, sizeof(hdr[0]) | FD_MARK);
		raw_send(hdr, sizeof(hdr), fd, n);
		ATF_REQUIRE_EQ(imsgbuf_read(&b), 1);
		ATF_CHECK_EQ(count_fds(), before + 1);
		receive(&imsg);
		check_fd(&imsg, ino);
		imsg_free(&imsg);
		receive(&imsg);
		ATF_CHECK_EQ(imsg_get_fd(&imsg), -1);
		imsg_free(&imsg);
		ATF_CHECK_EQ(count_fds(), before);
	}
	close(fd);
	stop();
}

ATF_TC_WITHOUT_HEAD(fd__unmarked_closed);
ATF_TC_BODY(fd__unmarked_closed, tc)
{
	struct imsg_hdr	 hdr;
	struct imsg	 imsg;
	ino_t		 ino;
	int		 before, fd;
	size_t		 i;

	start_fdpass();
	fd = some_fd(&ino);
	before = count_fds();
	hdr = header(1, sizeof(hdr));
	for (i = 1; i <= sizeof(hdr); i++) {
		raw_send(&hdr, i, fd, 2);
		ATF_REQUIRE_EQ(imsgbuf_read(&b), 1);
		if (i < sizeof(hdr)) {
			/* May be the header's, so it is kept: one. */
			ATF_CHECK_EQ(count_fds(), before + 1);
			raw_send((char *)&hdr + i, sizeof(hdr) - i, fd, 1);
		}
		receive(&imsg);
		ATF_CHECK_EQ(imsg_get_fd(&imsg), -1);
		imsg_free(&imsg);
		ATF_CHECK_EQ(count_fds(), before);
	}
	/* One that never gets its message goes with the connection. */
	raw_send(&hdr, 3, fd, 1);
	ATF_REQUIRE_EQ(imsgbuf_read(&b), 1);
	ATF_CHECK_EQ(count_fds(), before + 1);
	stop();
	ATF_CHECK_EQ(count_fds(), before - 2);
	close(fd);
}

ATF_TC_WITHOUT_HEAD(fd__not_allowed);
ATF_TC_BODY(fd__not_allowed, tc)
{
	struct imsg_hdr	 hdr;
	struct imsg	 imsg;
	ino_t		 ino;
	int		 before, fd, i;

	for (i = 0; i < 2; i++) {
		start();
		imsgbuf_allow_fdsend(&a);
		if (i == 1)
			imsgbuf_allow_fdsend(&b);
		fd = some_fd(&ino);
		before = count_fds();
		hdr = header(1, sizeof(hdr) | FD_MARK);
		raw_send(&hdr, sizeof(hdr), fd, 1);
		receive(&imsg);
		ATF_CHECK_EQ(count_fds(), before);
		ATF_CHECK_EQ(imsg_get_fd(&imsg), -1);
		imsg_free(&imsg);
		compose(2, fd, NULL, 0);
		send_all();
		receive(&imsg);
		ATF_CHECK_EQ(imsg_get_fd(&imsg), -1);
		ATF_CHECK_EQ(count_fds(), before - 1);
		imsg_free(&imsg);
		stop();
	}
}

ATF_TC_WITHOUT_HEAD(fd__send_only);
ATF_TC_BODY(fd__send_only, tc)
{
	struct imsg	 imsg;
	ino_t		 ino;

	start();
	imsgbuf_allow_fdsend(&a);
	imsgbuf_allow_fdpass(&b);
	compose(1, some_fd(&ino), NULL, 0);
	send_all();
	receive(&imsg);
	check_fd(&imsg, ino);
	imsg_free(&imsg);
	stop();
}

ATF_TC_WITHOUT_HEAD(fd__compose_fails);
ATF_TC_BODY(fd__compose_fails, tc)
{
	static char	 data[MAXDATA + 1];
	struct ibuf	*buf;
	ino_t		 ino;
	int		 fd;

	start();
	fd = some_fd(&ino);
	ATF_CHECK_ERRNO(EINVAL,
	    imsg_compose(&a, 1, 0, 0, fd, NULL, 0) == -1);
	ATF_CHECK_MSG(!is_open(fd), "open after EINVAL");
	imsgbuf_allow_fdpass(&a);
	fd = some_fd(&ino);
	ATF_CHECK_ERRNO(ERANGE,
	    imsg_compose(&a, 1, 0, 0, fd, data, sizeof(data)) == -1);
	ATF_CHECK_MSG(!is_open(fd), "open after ERANGE");
	imsgbuf_set_limits(&a, 0, 0);
	fd = some_fd(&ino);
	ATF_CHECK_ERRNO(ENOBUFS,
	    imsg_compose(&a, 1, 0, 0, fd, NULL, 0) == -1);
	ATF_CHECK_MSG(!is_open(fd), "open after ENOBUFS");
	fd = some_fd(&ino);
	ATF_REQUIRE((buf = imsg_create(&a, 1, 0, 0, 0)) != NULL);
	ibuf_fd_set(buf, fd);
	ATF_CHECK_ERRNO(ENOBUFS, imsg_close(&a, buf) == -1);
	ATF_CHECK_MSG(!is_open(fd), "open after imsg_close");
	ATF_CHECK_EQ(imsgbuf_queuelen(&a), 0);
	stop();
}

ATF_TC_WITHOUT_HEAD(fd__unclaimed_closed);
ATF_TC_BODY(fd__unclaimed_closed, tc)
{
	struct imsg	 imsg;
	ino_t		 ino;
	int		 before;

	start_fdpass();
	before = count_fds();
	compose(1, some_fd(&ino), NULL, 0);
	send_all();
	receive(&imsg);
	ATF_CHECK_EQ(count_fds(), before + 1);
	imsg_free(&imsg);
	ATF_CHECK_EQ(count_fds(), before);

	/* Received but not taken; half received; not sent. */
	compose(1, some_fd(&ino), NULL, 0);
	compose(1, some_fd(&ino), "abc", 3);
	sys_fault_short("sendmsg", IMSG_HEADER_SIZE + 1);
	ATF_REQUIRE_EQ(imsgbuf_write(&a), 0);
	compose(1, some_fd(&ino), NULL, 0);
	ATF_REQUIRE_EQ(imsgbuf_read(&b), 1);
	ATF_REQUIRE_EQ(imsgbuf_read(&b), 1);
	stop();
	ATF_CHECK_EQ(count_fds(), before - 2);
}

ATF_TC_WITHOUT_HEAD(fd__partial_write);
ATF_TC_BODY(fd__partial_write, tc)
{
	struct imsg	 imsg;
	ino_t		 ino;
	size_t		 n;
	int		 before, fd;

	for (n = 1; n < 40; n++) {
		start_fdpass();
		before = count_fds();
		fd = some_fd(&ino);
		sys_fault_short("sendmsg", n);
		compose(1, fd, "0123456789", 10);
		compose(2, -1, "0123456789", 10);
		ATF_REQUIRE_EQ(imsgbuf_write(&a), 0);
		ATF_CHECK_MSG(!is_open(fd), "open after %zu bytes", n);
		send_all();
		/* It goes once, with the first part. */
		receive(&imsg);
		check_fd(&imsg, ino);
		imsg_free(&imsg);
		receive(&imsg);
		ATF_CHECK_EQ(imsg_get_type(&imsg), 2);
		imsg_free(&imsg);
		ATF_CHECK_EQ(count_fds(), before);
		stop();
	}
}

/*
 * Output
 */

ATF_TC_WITHOUT_HEAD(write__peer_gone);
ATF_TC_BODY(write__peer_gone, tc)
{
	/* SIGPIPE would be the end of this program. */
	signal(SIGPIPE, SIG_DFL);
	start();
	close(b.fd);
	compose(1, -1, "x", 1);
	ATF_CHECK_ERRNO(EPIPE, imsgbuf_write(&a) == -1);
	ATF_CHECK_ERRNO(EPIPE, imsgbuf_flush(&a) == -1);
	imsgbuf_clear(&a);
	imsgbuf_clear(&b);
	close(a.fd);
}

static int	 queued_calls;

static void
queued(struct imsgbuf *ib, void *arg)
{
	ATF_CHECK_EQ(ib, &a);
	ATF_CHECK_EQ(arg, &queued_calls);
	queued_calls++;
}

ATF_TC_WITHOUT_HEAD(queue__bounded);
ATF_TC_BODY(queue__bounded, tc)
{
	struct imsg	 imsg;
	int		 i;

	start();
	a.queued = queued;
	a.queuedarg = &queued_calls;
	imsgbuf_set_limits(&a, 10, 1000);
	for (i = 0; i < 10; i++)
		compose(i, -1, "x", 1);
	ATF_CHECK_ERRNO(ENOBUFS,
	    imsg_compose(&a, 1, 0, 0, -1, "x", 1) == -1);
	ATF_CHECK_EQ(imsgbuf_queuelen(&a), 10);
	ATF_CHECK_EQ(queued_calls, 10);
	/* What is queued goes out all the same, and then there is room. */
	send_all();
	for (i = 0; i < 10; i++) {
		receive(&imsg);
		ATF_CHECK_EQ(imsg_get_type(&imsg), (uint32_t)i);
		imsg_free(&imsg);
	}
	compose(1, -1, "01234567", 8);
	compose(1, -1, NULL, 0);
	imsgbuf_set_limits(&a, 10, imsgbuf_queuebytes(&a) + 16);
	compose(1, -1, NULL, 0);
	ATF_CHECK_ERRNO(ENOBUFS,
	    imsg_compose(&a, 1, 0, 0, -1, NULL, 0) == -1);
	ATF_CHECK_EQ(queued_calls, 13);
	stop();
}

ATF_TC_WITHOUT_HEAD(queue__bounded_by_default);
ATF_TC_BODY(queue__bounded_by_default, tc)
{
	static char	 data[MAXDATA];
	size_t		 n;

	start();
	for (n = 0; imsg_compose(&a, 1, 0, 0, -1, data, MAXDATA) == 1; n++)
		ATF_REQUIRE(imsgbuf_queuebytes(&a) <= IMSGBUF_MAXBYTES);
	ATF_CHECK_EQ(errno, ENOBUFS);
	ATF_CHECK_EQ(n, IMSGBUF_MAXBYTES / MAX_IMSGSIZE);
	imsgbuf_clear(&a);
	ATF_REQUIRE_EQ(imsgbuf_init(&a, a.fd), 0);
	for (n = 0; imsg_compose(&a, 1, 0, 0, -1, NULL, 0) == 1; n++)
		ATF_REQUIRE(imsgbuf_queuelen(&a) <= IMSGBUF_MAXMSGS);
	ATF_CHECK_EQ(errno, ENOBUFS);
	ATF_CHECK_EQ(n, IMSGBUF_MAXMSGS);
	stop();
}

ATF_TC_WITHOUT_HEAD(write__coalesces);
ATF_TC_BODY(write__coalesces, tc)
{
	struct imsg	 imsg;
	ino_t		 ino;
	int		 i;

	start_fdpass();
	for (i = 0; i < IOV_MAX; i++)
		compose(i, -1, "x", 1);
	ATF_REQUIRE_EQ(imsgbuf_write(&a), 0);
	ATF_CHECK_EQ(imsgbuf_queuelen(&a), 0);
	ATF_CHECK_EQ(sys_fault_calls("sendmsg"), 1);
	for (i = 0; i < IOV_MAX; i++) {
		receive(&imsg);
		ATF_REQUIRE_EQ(imsg_get_type(&imsg), (uint32_t)i);
		imsg_free(&imsg);
	}
	ATF_CHECK_EQ(sys_fault_calls("recvmsg"), 1);

	/* A descriptor starts a new one, what follows goes with it. */
	sys_fault_reset();
	compose(1, -1, NULL, 0);
	compose(2, some_fd(&ino), NULL, 0);
	compose(3, -1, NULL, 0);
	compose(4, some_fd(&ino), NULL, 0);
	ATF_REQUIRE_EQ(imsgbuf_write(&a), 0);
	ATF_CHECK_EQ(imsgbuf_queuelen(&a), 0);
	ATF_CHECK_EQ(sys_fault_calls("sendmsg"), 3);
	stop();
}

ATF_TC_WITHOUT_HEAD(write__bounded_burst);
ATF_TC_BODY(write__bounded_burst, tc)
{
	ino_t	 ino;
	int	 i;

	start_fdpass();
	for (i = 0; i < 100; i++)
		compose(1, some_fd(&ino), NULL, 0);
	ATF_REQUIRE_EQ(imsgbuf_write(&a), 0);
	ATF_CHECK(imsgbuf_queuelen(&a) < 100);
	ATF_CHECK(imsgbuf_queuelen(&a) >= 50);
	send_all();
	stop();
}

ATF_TC_WITHOUT_HEAD(write__in_small_pieces);
ATF_TC_BODY(write__in_small_pieces, tc)
{
	struct imsg	 imsg;
	size_t		 n;
	char		 s[26];
	int		 i;

	for (n = 1; n < 64; n++) {
		start();
		sys_fault_short("sendmsg", n);
		for (i = 0; i < 5; i++)
			compose(i, -1, "abcdefghijklmnopqrstuvwxyz", 26);
		send_all();
		ATF_CHECK_EQ(imsgbuf_queuebytes(&a), 0);
		for (i = 0; i < 5; i++) {
			receive(&imsg);
			ATF_CHECK_EQ(imsg_get_type(&imsg), (uint32_t)i);
			ATF_CHECK_EQ(imsg_get_data(&imsg, s, 26), 0);
			ATF_CHECK_EQ(memcmp(s, "abcdefghijklmnopqrstuvwxyz",
			    26), 0);
			imsg_free(&imsg);
		}
		stop();
	}
}

ATF_TC_WITHOUT_HEAD(write__temporary_errors);
ATF_TC_BODY(write__temporary_errors, tc)
{
	static const int	 errors[] = { EAGAIN, ENOBUFS, ENOMEM,
				    ETOOMANYREFS, EINTR };
	struct imsg		 imsg;
	ino_t			 ino;
	size_t			 i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		start_fdpass();
		compose(1, some_fd(&ino), "x", 1);
		sys_fault_set("sendmsg", errors[i], 1, 1);
		ATF_CHECK_EQ(imsgbuf_write(&a), 0);
		ATF_CHECK_EQ(imsgbuf_queuelen(&a), errors[i] != EINTR);
		ATF_CHECK_EQ(imsgbuf_flush(&a), 0);
		receive(&imsg);
		check_fd(&imsg, ino);
		imsg_free(&imsg);
		stop();
	}
}

ATF_TC_WITHOUT_HEAD(write__socket_full);
ATF_TC_BODY(write__socket_full, tc)
{
	static char	 data[MAXDATA];
	struct imsg	 imsg;
	int		 i, got = 0, n;

	start();
	for (i = 0; i < 200; i++)
		compose(i, -1, data, MAXDATA);
	ATF_REQUIRE_EQ(imsgbuf_write(&a), 0);
	ATF_REQUIRE(imsgbuf_queuelen(&a) > 0);
	ATF_CHECK_EQ(imsgbuf_write(&a), 0);
	while (got < 200) {
		ATF_REQUIRE_EQ(imsgbuf_read(&b), 1);
		while ((n = imsgbuf_get(&b, &imsg)) == 1) {
			ATF_CHECK_EQ(imsg_get_type(&imsg), (uint32_t)got++);
			ATF_CHECK_EQ(imsg_get_len(&imsg), MAXDATA);
			imsg_free(&imsg);
		}
		ATF_REQUIRE_EQ(n, 0);
		ATF_REQUIRE_EQ(imsgbuf_write(&a), 0);
	}
	stop();
}

ATF_TC_WITHOUT_HEAD(flush__slow_reader);
ATF_TC_BODY(flush__slow_reader, tc)
{
	static char	 data[MAXDATA];
	struct imsg	 imsg;
	pid_t		 pid;
	int		 got, i, status;

	start();
	if ((pid = fork()) == 0) {
		fcntl(b.fd, F_SETFL, 0);
		for (got = 0; got < 200;) {
			usleep(2000);
			if (imsgbuf_read(&b) != 1)
				_exit(1);
			while (imsgbuf_get(&b, &imsg) == 1) {
				got++;
				imsg_free(&imsg);
			}
		}
		_exit(0);
	}
	ATF_REQUIRE(pid != -1);
	for (i = 0; i < 200; i++)
		compose(i, -1, data, MAXDATA);
	ATF_CHECK_EQ(imsgbuf_flush(&a), 0);
	ATF_CHECK_EQ(imsgbuf_queuelen(&a), 0);
	/* It slept while the socket was full. */
	ATF_CHECK(sys_fault_calls("sendmsg") < 400);
	ATF_REQUIRE_EQ(waitpid(pid, &status, 0), pid);
	ATF_CHECK_EQ(status, 0);
	stop();
}

/*
 * Input
 */

ATF_TC_WITHOUT_HEAD(read__results);
ATF_TC_BODY(read__results, tc)
{
	struct imsg	 imsg;

	start();
	ATF_CHECK_EQ(imsgbuf_read(&b), 1);
	ATF_CHECK_EQ(imsgbuf_get(&b, &imsg), 0);
	compose(1, -1, NULL, 0);
	send_all();
	sys_fault_set("recvmsg", EINTR, 1, 3);
	ATF_CHECK_EQ(imsgbuf_read(&b), 1);
	ATF_CHECK_EQ(sys_fault_hits("recvmsg"), 3);
	ATF_CHECK_EQ(imsgbuf_get(&b, &imsg), 1);
	imsg_free(&imsg);
	sys_fault_set("recvmsg", ECONNRESET, 1, 1);
	ATF_CHECK_ERRNO(ECONNRESET, imsgbuf_read(&b) == -1);
	/* End of file, with a message half there. */
	raw_send("abc", 3, -1, 0);
	shutdown(a.fd, SHUT_WR);
	ATF_CHECK_EQ(imsgbuf_read(&b), 1);
	ATF_CHECK_EQ(imsgbuf_read(&b), 0);
	ATF_CHECK_EQ(imsgbuf_get(&b, &imsg), 0);
	stop();
}

ATF_TC_WITHOUT_HEAD(read__keeps_only_what_came);
ATF_TC_BODY(read__keeps_only_what_came, tc)
{
	static struct imsgbuf	 many[1000];
	struct imsg_hdr		 hdr;
	size_t			 before, i, used;

	/* A thousand peers announce much and send little. */
	start();
	hdr = header(1, MAX_IMSGSIZE);
	before = mallinfo2().uordblks;
	for (i = 0; i < 1000; i++) {
		ATF_REQUIRE_EQ(imsgbuf_init(&many[i], b.fd), 0);
		raw_send(&hdr, sizeof(hdr), -1, 0);
		ATF_REQUIRE_EQ(imsgbuf_read(&many[i]), 1);
	}
	used = mallinfo2().uordblks - before;
	ATF_CHECK_MSG(used < 1000 * 512, "%zu bytes each", used / 1000);
	for (i = 0; i < 1000; i++)
		imsgbuf_clear(&many[i]);
	stop();
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, roundtrip__all_fields);
	ATF_TP_ADD_TC(tp, roundtrip__no_payload);
	ATF_TP_ADD_TC(tp, roundtrip__longest);
	ATF_TP_ADD_TC(tp, maxsize__set);
	ATF_TP_ADD_TC(tp, composev__joins);
	ATF_TP_ADD_TC(tp, create__in_steps);
	ATF_TP_ADD_TC(tp, compose_ibuf__consumes);
	ATF_TP_ADD_TC(tp, forward__repeatedly);
	ATF_TP_ADD_TC(tp, get__exact_lengths);
	ATF_TP_ADD_TC(tp, view__close_aborts);
	ATF_TP_ADD_TC(tp, feed__split_anywhere);
	ATF_TP_ADD_TC(tp, feed__byte_by_byte);
	ATF_TP_ADD_TC(tp, feed__noise);
	ATF_TP_ADD_TC(tp, header__bad_length);
	ATF_TP_ADD_TC(tp, header__bad_after_good);
	ATF_TP_ADD_TC(tp, fd__passed);
	ATF_TP_ADD_TC(tp, fd__at_the_end_of_a_read);
	ATF_TP_ADD_TC(tp, fd__any_read_size);
	ATF_TP_ADD_TC(tp, fd__closed_on_exec);
	ATF_TP_ADD_TC(tp, fd__table_full);
	ATF_TP_ADD_TC(tp, fd__table_full_emsgsize);
	ATF_TP_ADD_TC(tp, fd__mark_without_fd);
	ATF_TP_ADD_TC(tp, fd__surplus_closed);
	ATF_TP_ADD_TC(tp, fd__unmarked_closed);
	ATF_TP_ADD_TC(tp, fd__not_allowed);
	ATF_TP_ADD_TC(tp, fd__send_only);
	ATF_TP_ADD_TC(tp, fd__compose_fails);
	ATF_TP_ADD_TC(tp, fd__unclaimed_closed);
	ATF_TP_ADD_TC(tp, fd__partial_write);
	ATF_TP_ADD_TC(tp, write__peer_gone);
	ATF_TP_ADD_TC(tp, queue__bounded);
	ATF_TP_ADD_TC(tp, queue__bounded_by_default);
	ATF_TP_ADD_TC(tp, write__coalesces);
	ATF_TP_ADD_TC(tp, write__bounded_burst);
	ATF_TP_ADD_TC(tp, write__in_small_pieces);
	ATF_TP_ADD_TC(tp, write__temporary_errors);
	ATF_TP_ADD_TC(tp, write__socket_full);
	ATF_TP_ADD_TC(tp, flush__slow_reader);
	ATF_TP_ADD_TC(tp, read__results);
	ATF_TP_ADD_TC(tp, read__keeps_only_what_came);
	return (atf_no_error());
}

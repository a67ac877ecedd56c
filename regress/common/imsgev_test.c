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
#include <sys/socket.h>

#include <atf-c.h>
#include <errno.h>
#include <event.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "imsg.h"
#include "imsgev.h"
#include "sys_fault.h"

#define MAXDATA		(MAX_IMSGSIZE - IMSG_HEADER_SIZE)

enum what { NOTHING, FREE, CLOSE, PAUSE, PAUSE_RESUME, ANSWER };

/* One end of a connection and what happened there. */
struct end {
	struct imsgev	*iev;
	enum what	 onmsg;		/* done in the message handler */
	enum what	 onerror;
	enum what	 ondrain;
	int		 inclose;	/* imsgev_close() is running */
	int		 msgs;
	int		 errors;
	int		 error;
	int		 drains;
	int		 disorder;
	int		 answers;
	int		 left;		/* to compose in the drain handler */
};

static struct event_base	*base;
static char			 data[MAXDATA];

static void
end_do(struct end *e, enum what what)
{
	int	 i;

	switch (what) {
	case NOTHING:
		break;
	case FREE:
		imsgev_free(e->iev);
		e->iev = NULL;
		break;
	case CLOSE:
		e->inclose = 1;
		imsgev_close(e->iev);
		e->inclose = 0;
		break;
	case PAUSE:
		imsgev_pause(e->iev);
		break;
	case PAUSE_RESUME:
		imsgev_pause(e->iev);
		imsgev_resume(e->iev);
		break;
	case ANSWER:
		for (i = 0; i < e->answers; i++)
			ATF_CHECK_EQ(imsgev_compose(e->iev, i, 0, -1, "x",
			    1), 1);
		break;
	}
}

/* Messages are numbered by type from 0. */
static void
on_msg(struct imsgev *iev, struct imsg *imsg, void *arg)
{
	struct end	*e = arg;

	ATF_CHECK_EQ(iev, e->iev);
	ATF_CHECK_EQ(e->errors, 0);
	if (imsg_get_type(imsg) != (uint32_t)e->msgs)
		e->disorder = 1;
	e->msgs++;
	end_do(e, e->onmsg);
	/* Whatever was done, the message is still there. */
	ATF_CHECK(imsg_get_len(imsg) <= MAXDATA);
}

static void
on_error(struct imsgev *iev, int error, void *arg)
{
	struct end	*e = arg;

	ATF_CHECK_EQ(iev, e->iev);
	ATF_CHECK(!e->inclose);
	e->errors++;
	e->error = error;
	end_do(e, e->onerror);
}

static void
on_drain(struct imsgev *iev, void *arg)
{
	struct end	*e = arg;

	ATF_CHECK_EQ(iev, e->iev);
	e->drains++;
	end_do(e, e->ondrain);
}

static void
start(struct end *a, struct end *b, int flags)
{
	int	 sv[2];

	alarm(60);
	memset(a, 0, sizeof(*a));
	memset(b, 0, sizeof(*b));
	if (base == NULL)
		ATF_REQUIRE((base = event_base_new()) != NULL);
	ATF_REQUIRE_EQ(socketpair(AF_UNIX,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, sv), 0);
	a->iev = imsgev_new(base, sv[0], flags, on_msg, on_error, a);
	b->iev = imsgev_new(base, sv[1], flags, on_msg, on_error, b);
	ATF_REQUIRE(a->iev != NULL && b->iev != NULL);
	ATF_CHECK_EQ(imsgev_fd(a->iev), sv[0]);
	sys_fault_reset();
}

static void
stop(struct end *a, struct end *b)
{
	ATF_CHECK_EQ(a->disorder, 0);
	ATF_CHECK_EQ(b->disorder, 0);
	imsgev_free(a->iev);
	imsgev_free(b->iev);
	/* Nothing of it is left in the loop. */
	ATF_CHECK_EQ(event_base_dispatch(base), 1);
}

static void
compose(struct end *e, int from, int to, size_t len)
{
	for (; from < to; from++)
		ATF_REQUIRE_EQ(imsgev_compose(e->iev, from, 0, -1, data,
		    len), 1);
}

/* The loop until this has become that; alarm(3) ends the hopeless. */
static void
run_until(const int *now, int then)
{
	while (*now != then)
		ATF_REQUIRE_EQ(event_base_loop(base, EVLOOP_ONCE), 0);
}

/* All that can happen without waiting. */
static void
settle(void)
{
	int	 i;

	for (i = 0; i < 100; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
}

ATF_TC_WITHOUT_HEAD(message__delivered);
ATF_TC_BODY(message__delivered, tc)
{
	struct end	 a, b;

	start(&a, &b, 0);
	b.onmsg = ANSWER;
	b.answers = 1;
	compose(&a, 0, 1, 100);
	run_until(&a.msgs, 1);
	ATF_CHECK_EQ(b.msgs, 1);
	ATF_CHECK_EQ(a.errors + b.errors, 0);
	stop(&a, &b);
}

ATF_TC_WITHOUT_HEAD(message__idle_costs_nothing);
ATF_TC_BODY(message__idle_costs_nothing, tc)
{
	struct end	 a, b;

	start(&a, &b, 0);
	compose(&a, 0, 1, 100);
	run_until(&b.msgs, 1);
	settle();
	sys_fault_reset();
	settle();
	ATF_CHECK_EQ(sys_fault_calls("sendmsg"), 0);
	ATF_CHECK_EQ(sys_fault_calls("recvmsg"), 0);
	stop(&a, &b);
}

ATF_TC_WITHOUT_HEAD(compose__written_together);
ATF_TC_BODY(compose__written_together, tc)
{
	struct end	 a, b;

	start(&a, &b, 0);
	b.onmsg = ANSWER;
	b.answers = 100;
	compose(&a, 0, 1, 0);
	run_until(&a.msgs, 100);
	/* One for the question, one for all the answers. */
	ATF_CHECK_EQ(sys_fault_calls("sendmsg"), 2);
	stop(&a, &b);
}

ATF_TC_WITHOUT_HEAD(error__end_of_file);
ATF_TC_BODY(error__end_of_file, tc)
{
	struct end	 a, b;

	start(&a, &b, 0);
	compose(&a, 0, 3, 10);
	settle();
	imsgev_free(a.iev);
	a.iev = NULL;
	run_until(&b.errors, 1);
	ATF_CHECK_EQ(b.error, 0);
	ATF_CHECK_EQ(b.msgs, 3);
	settle();
	ATF_CHECK_EQ(b.errors, 1);
	ATF_CHECK_ERRNO(EPIPE,
	    imsgev_compose(b.iev, 1, 0, -1, NULL, 0) == -1);
	ATF_CHECK_ERRNO(ENOBUFS, imsg_compose(imsgev_buf(b.iev), 1, 0, 0, -1,
	    NULL, 0) == -1);
	stop(&a, &b);
}

ATF_TC_WITHOUT_HEAD(error__garbage);
ATF_TC_BODY(error__garbage, tc)
{
	struct imsg_hdr	 hdr[2];
	struct end	 a, b;

	start(&a, &b, 0);
	memset(hdr, 0, sizeof(hdr));
	hdr[0].len = sizeof(hdr[0]);
	hdr[1].len = 3;
	ATF_REQUIRE_EQ(write(imsgev_fd(a.iev), hdr, sizeof(hdr)),
	    (ssize_t)sizeof(hdr));
	run_until(&b.errors, 1);
	ATF_CHECK_EQ(b.error, ERANGE);
	ATF_CHECK_EQ(b.msgs, 1);
	/* More of it has no effect. */
	ATF_REQUIRE_EQ(write(imsgev_fd(a.iev), hdr, sizeof(hdr)),
	    (ssize_t)sizeof(hdr));
	settle();
	ATF_CHECK_EQ(b.errors, 1);
	ATF_CHECK_EQ(b.msgs, 1);
	stop(&a, &b);
}

ATF_TC_WITHOUT_HEAD(error__read_fails);
ATF_TC_BODY(error__read_fails, tc)
{
	struct end	 a, b;

	start(&a, &b, 0);
	b.onerror = FREE;
	compose(&a, 0, 1, 10);
	sys_fault_set("recvmsg", EIO, 1, 1);
	run_until(&b.errors, 1);
	ATF_CHECK_EQ(b.error, EIO);
	ATF_CHECK_EQ(b.msgs, 0);
	run_until(&a.errors, 1);
	ATF_CHECK(a.error == 0 || a.error == ECONNRESET);
	stop(&a, &b);
}

ATF_TC_WITHOUT_HEAD(error__write_fails);
ATF_TC_BODY(error__write_fails, tc)
{
	struct end	 a, b;

	start(&a, &b, 0);
	a.onerror = FREE;
	imsgev_pause(a.iev);
	imsgev_free(b.iev);
	b.iev = NULL;
	compose(&a, 0, 1, 10);
	ATF_CHECK_EQ(a.errors, 0);
	run_until(&a.errors, 1);
	ATF_CHECK_EQ(a.error, EPIPE);
	stop(&a, &b);
}

ATF_TC_WITHOUT_HEAD(error__temporary_is_none);
ATF_TC_BODY(error__temporary_is_none, tc)
{
	struct timespec	 t0, t1;
	struct end	 a, b;

	start(&a, &b, 0);
	compose(&a, 0, 10, 10);
	/* The socket says that it is writable, but that is no use. */
	sys_fault_set("sendmsg", ENOBUFS, 1, 3);
	clock_gettime(CLOCK_MONOTONIC, &t0);
	run_until(&b.msgs, 10);
	clock_gettime(CLOCK_MONOTONIC, &t1);
	ATF_CHECK((t1.tv_sec - t0.tv_sec) * 1000 +
	    (t1.tv_nsec - t0.tv_nsec) / 1000000 >= 15);
	ATF_CHECK_EQ(sys_fault_hits("sendmsg"), 3);
	ATF_CHECK_EQ(sys_fault_calls("sendmsg"), 4);
	ATF_CHECK_EQ(a.errors, 0);
	stop(&a, &b);
}

ATF_TC_WITHOUT_HEAD(free__in_message_handler);
ATF_TC_BODY(free__in_message_handler, tc)
{
	struct end	 a, b;
	int		 fd;

	start(&a, &b, 0);
	b.onmsg = FREE;
	fd = imsgev_fd(b.iev);
	compose(&a, 0, 10, 10);
	run_until(&a.errors, 1);
	ATF_CHECK_EQ(b.msgs, 1);
	ATF_CHECK_EQ(b.errors, 0);
	ATF_CHECK_ERRNO(EBADF, fcntl(fd, F_GETFD) == -1);
	stop(&a, &b);
}

ATF_TC_WITHOUT_HEAD(free__in_error_handler);
ATF_TC_BODY(free__in_error_handler, tc)
{
	struct end	 a, b;

	start(&a, &b, 0);
	b.onerror = FREE;
	imsgev_free(a.iev);
	a.iev = NULL;
	run_until(&b.errors, 1);
	settle();
	ATF_CHECK_EQ(b.errors, 1);
	stop(&a, &b);
}

ATF_TC_WITHOUT_HEAD(free__in_drain_handler);
ATF_TC_BODY(free__in_drain_handler, tc)
{
	struct end	 a, b;

	start(&a, &b, 0);
	a.ondrain = FREE;
	imsgev_set_drain(a.iev, 0, on_drain);
	compose(&a, 0, 10, 10);
	run_until(&b.errors, 1);
	ATF_CHECK_EQ(a.drains, 1);
	ATF_CHECK_EQ(a.errors, 0);
	ATF_CHECK_EQ(b.msgs, 10);
	stop(&a, &b);
}

ATF_TC_WITHOUT_HEAD(free__with_queue);
ATF_TC_BODY(free__with_queue, tc)
{
	struct end	 a, b;

	start(&a, &b, 0);
	compose(&a, 0, 10, 10);
	imsgev_free(a.iev);
	a.iev = NULL;
	imsgev_free(NULL);
	run_until(&b.errors, 1);
	ATF_CHECK_EQ(b.msgs, 0);
	ATF_CHECK_EQ(a.errors, 0);
	stop(&a, &b);
}

ATF_TC_WITHOUT_HEAD(free__before_a_retry);
ATF_TC_BODY(free__before_a_retry, tc)
{
	struct end	 a, b;

	start(&a, &b, 0);
	compose(&a, 0, 10, 10);
	sys_fault_set("sendmsg", ENOMEM, 1, 0);
	settle();
	ATF_CHECK_EQ(event_base_get_num_events(base,
	    EVENT_BASE_COUNT_ADDED), 3);
	imsgev_free(a.iev);
	a.iev = NULL;
	ATF_CHECK_EQ(event_base_get_num_events(base,
	    EVENT_BASE_COUNT_ADDED), 1);
	run_until(&b.errors, 1);
	stop(&a, &b);
}

ATF_TC_WITHOUT_HEAD(close__before_a_retry);
ATF_TC_BODY(close__before_a_retry, tc)
{
	struct end	 a, b;

	start(&a, &b, 0);
	a.onerror = FREE;
	compose(&a, 0, 10, 10);
	sys_fault_set("sendmsg", ENOMEM, 1, 2);
	settle();
	end_do(&a, CLOSE);
	run_until(&a.errors, 1);
	ATF_CHECK_EQ(a.error, 0);
	run_until(&b.errors, 1);
	ATF_CHECK_EQ(b.msgs, 10);
	stop(&a, &b);
}

ATF_TC_WITHOUT_HEAD(close__flushes);
ATF_TC_BODY(close__flushes, tc)
{
	struct end	 a, b;

	start(&a, &b, 0);
	a.onerror = FREE;
	imsgev_pause(b.iev);
	compose(&a, 0, 200, MAXDATA);
	end_do(&a, CLOSE);
	settle();
	ATF_CHECK_EQ(a.errors, 0);
	imsgev_resume(b.iev);
	run_until(&a.errors, 1);
	ATF_CHECK_EQ(a.error, 0);
	run_until(&b.errors, 1);
	ATF_CHECK_EQ(b.error, 0);
	ATF_CHECK_EQ(b.msgs, 200);
	stop(&a, &b);
}

ATF_TC_WITHOUT_HEAD(close__nothing_queued);
ATF_TC_BODY(close__nothing_queued, tc)
{
	struct end	 a, b;
	int		 fd;

	start(&a, &b, IMSGEV_FDPASS);
	end_do(&a, CLOSE);
	end_do(&a, CLOSE);
	ATF_CHECK_EQ(a.errors, 0);
	/* It takes nothing more, from anybody. */
	ATF_REQUIRE((fd = dup(0)) != -1);
	ATF_CHECK_ERRNO(EPIPE,
	    imsgev_compose(a.iev, 1, 0, fd, NULL, 0) == -1);
	ATF_CHECK_ERRNO(EBADF, fcntl(fd, F_GETFD) == -1);
	ATF_CHECK_ERRNO(ENOBUFS, imsg_compose(imsgev_buf(a.iev), 1, 0, 0, -1,
	    NULL, 0) == -1);
	run_until(&a.errors, 1);
	ATF_CHECK_EQ(a.error, 0);
	settle();
	ATF_CHECK_EQ(a.errors, 1);
	stop(&a, &b);
}

ATF_TC_WITHOUT_HEAD(close__in_message_handler);
ATF_TC_BODY(close__in_message_handler, tc)
{
	struct end	 a, b;

	start(&a, &b, 0);
	b.onmsg = CLOSE;
	b.onerror = FREE;
	compose(&a, 0, 10, 10);
	run_until(&b.errors, 1);
	ATF_CHECK_EQ(b.error, 0);
	ATF_CHECK_EQ(b.msgs, 1);
	stop(&a, &b);
}

ATF_TC_WITHOUT_HEAD(close__in_drain_handler);
ATF_TC_BODY(close__in_drain_handler, tc)
{
	struct end	 a, b;

	start(&a, &b, 0);
	a.ondrain = CLOSE;
	a.onerror = FREE;
	imsgev_set_drain(a.iev, 0, on_drain);
	compose(&a, 0, 10, 10);
	run_until(&a.errors, 1);
	ATF_CHECK_EQ(a.error, 0);
	run_until(&b.errors, 1);
	ATF_CHECK_EQ(b.msgs, 10);
	stop(&a, &b);
}

ATF_TC_WITHOUT_HEAD(close__in_error_handler);
ATF_TC_BODY(close__in_error_handler, tc)
{
	struct end	 a, b;

	start(&a, &b, 0);
	b.onerror = CLOSE;
	imsgev_free(a.iev);
	a.iev = NULL;
	run_until(&b.errors, 1);
	settle();
	ATF_CHECK_EQ(b.errors, 1);
	stop(&a, &b);
}

ATF_TC_WITHOUT_HEAD(close__peer_never_reads);
ATF_TC_BODY(close__peer_never_reads, tc)
{
	struct end	 a, b;

	start(&a, &b, 0);
	imsgev_pause(b.iev);
	compose(&a, 0, 200, MAXDATA);
	end_do(&a, CLOSE);
	run_until(&a.errors, 1);
	ATF_CHECK_EQ(a.error, ETIMEDOUT);
	stop(&a, &b);
}

ATF_TC_WITHOUT_HEAD(pause__holds_back);
ATF_TC_BODY(pause__holds_back, tc)
{
	struct end	 a, b;

	start(&a, &b, 0);
	imsgev_pause(b.iev);
	imsgev_pause(b.iev);
	compose(&a, 0, 200, MAXDATA);
	settle();
	ATF_CHECK_EQ(b.msgs, 0);
	/* The sender sees it in its queue. */
	ATF_CHECK(imsgbuf_queuebytes(imsgev_buf(a.iev)) > 1024 * 1024);
	imsgev_resume(b.iev);
	imsgev_resume(b.iev);
	run_until(&b.msgs, 200);
	ATF_CHECK_EQ(imsgbuf_queuebytes(imsgev_buf(a.iev)), 0);
	/* Of the events, only the two that read are left. */
	settle();
	ATF_CHECK_EQ(event_base_get_num_events(base,
	    EVENT_BASE_COUNT_ADDED), 2);
	stop(&a, &b);
}

ATF_TC_WITHOUT_HEAD(pause__in_message_handler);
ATF_TC_BODY(pause__in_message_handler, tc)
{
	struct end	 a, b;
	int		 i;

	/* All ten come with one read, and are handed out one at a time. */
	start(&a, &b, 0);
	b.onmsg = PAUSE;
	compose(&a, 0, 10, 10);
	for (i = 1; i <= 10; i++) {
		settle();
		ATF_CHECK_EQ(b.msgs, i);
		imsgev_resume(b.iev);
		ATF_CHECK_EQ(b.msgs, i);
	}
	settle();
	ATF_CHECK_EQ(b.msgs, 10);
	stop(&a, &b);
}

ATF_TC_WITHOUT_HEAD(pause__resumed_at_once);
ATF_TC_BODY(pause__resumed_at_once, tc)
{
	struct end	 a, b;

	start(&a, &b, 0);
	b.onmsg = PAUSE_RESUME;
	compose(&a, 0, 10, 10);
	run_until(&b.msgs, 10);
	settle();
	ATF_CHECK_EQ(b.errors, 0);
	stop(&a, &b);
}

ATF_TC_WITHOUT_HEAD(pause__garbage_comes_after);
ATF_TC_BODY(pause__garbage_comes_after, tc)
{
	struct imsg_hdr	 hdr[2];
	struct end	 a, b;

	start(&a, &b, 0);
	b.onmsg = PAUSE;
	memset(hdr, 0, sizeof(hdr));
	hdr[0].len = sizeof(hdr[0]);
	ATF_REQUIRE_EQ(write(imsgev_fd(a.iev), hdr, sizeof(hdr)),
	    (ssize_t)sizeof(hdr));
	run_until(&b.msgs, 1);
	settle();
	ATF_CHECK_EQ(b.errors, 0);
	imsgev_resume(b.iev);
	run_until(&b.errors, 1);
	ATF_CHECK_EQ(b.error, ERANGE);
	stop(&a, &b);
}

ATF_TC_WITHOUT_HEAD(drain__below_low_mark);
ATF_TC_BODY(drain__below_low_mark, tc)
{
	struct end	 a, b;

	start(&a, &b, 0);
	imsgev_set_drain(a.iev, 65536, on_drain);
	/* Not above the mark: nothing to say. */
	compose(&a, 0, 4, MAXDATA);
	run_until(&b.msgs, 4);
	ATF_CHECK_EQ(a.drains, 0);
	imsgev_pause(b.iev);
	compose(&a, 4, 104, MAXDATA);
	settle();
	ATF_CHECK_EQ(a.drains, 0);
	imsgev_resume(b.iev);
	run_until(&b.msgs, 104);
	ATF_CHECK_EQ(a.drains, 1);
	stop(&a, &b);
}

static void
on_refill(struct imsgev *iev, void *arg)
{
	struct end	*e = arg;
	int		 i;

	e->drains++;
	for (i = 0; i < 64 && e->left > 0; i++, e->left--)
		ATF_REQUIRE_EQ(imsgev_compose(iev, e->answers++, 0, -1, data,
		    MAXDATA), 1);
	ATF_CHECK(imsgbuf_queuebytes(imsgev_buf(iev)) <
	    66 * MAX_IMSGSIZE + 65536);
}

static void
on_tick(int fd, short what, void *arg)
{
	int	*ticks = arg;

	(void)fd;
	(void)what;
	(*ticks)++;
}

ATF_TC_WITHOUT_HEAD(drain__streams);
ATF_TC_BODY(drain__streams, tc)
{
	struct timeval	 tv = { 0, 1000 };
	struct event	 tick;
	struct end	 a, b;
	int		 ticks = 0;

	/* 64 MB through a queue of one, and the loop goes round meanwhile. */
	start(&a, &b, 0);
	a.left = 4096;
	imsgev_set_drain(a.iev, 65536, on_refill);
	event_assign(&tick, base, -1, EV_PERSIST, on_tick, &ticks);
	event_add(&tick, &tv);
	on_refill(a.iev, &a);
	run_until(&b.msgs, 4096);
	ATF_CHECK(ticks > 5);
	ATF_CHECK(a.drains > 50);
	event_del(&tick);
	stop(&a, &b);
}

ATF_TC_WITHOUT_HEAD(queue__peer_never_reads);
ATF_TC_BODY(queue__peer_never_reads, tc)
{
	struct end	 a, b;
	int		 i;

	start(&a, &b, 0);
	imsgev_pause(b.iev);
	for (i = 0; i < 1000; i++) {
		if (imsgev_compose(a.iev, i, 0, -1, data, MAXDATA) == -1)
			break;
		if (i % 10 == 0)
			settle();
	}
	ATF_CHECK_EQ(errno, ENOBUFS);
	ATF_CHECK(i < 1000);
	ATF_CHECK(imsgbuf_queuebytes(imsgev_buf(a.iev)) <= IMSGBUF_MAXBYTES);
	settle();
	ATF_CHECK_EQ(a.errors, 0);
	sys_fault_reset();
	settle();
	ATF_CHECK_EQ(sys_fault_calls("sendmsg"), 0);
	stop(&a, &b);
}

ATF_TC_WITHOUT_HEAD(new__fails);
ATF_TC_BODY(new__fails, tc)
{
	int	 fd;

	ATF_REQUIRE((base = event_base_new()) != NULL);
	/* No event loop takes a regular file. */
	ATF_REQUIRE((fd = open("file", O_RDWR | O_CREAT, 0600)) != -1);
	ATF_CHECK(imsgev_new(base, fd, 0, on_msg, on_error, NULL) == NULL);
	ATF_CHECK(errno != 0);
	ATF_CHECK_ERRNO(EBADF, fcntl(fd, F_GETFD) == -1);
}

static int	 got_fd;

static void
on_fd(struct imsgev *iev, struct imsg *imsg, void *arg)
{
	struct end	*e = arg;

	(void)iev;
	got_fd = imsg_get_fd(imsg);
	e->msgs++;
}

ATF_TC_WITHOUT_HEAD(new__flags);
ATF_TC_BODY(new__flags, tc)
{
	static const struct {
		int	 from;
		int	 to;
		int	 ret;
		int	 arrives;
	} t[] = {
		{ 0,			IMSGEV_FDPASS,	-1, 0 },
		{ IMSGEV_FDSEND,	IMSGEV_FDPASS,	1, 1 },
		{ IMSGEV_FDPASS,	IMSGEV_FDPASS,	1, 1 },
		{ IMSGEV_FDPASS,	IMSGEV_FDSEND,	1, 0 },
		{ IMSGEV_FDPASS,	0,		1, 0 },
	};
	struct end	 a, b;
	size_t		 i;
	int		 sv[2];

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		start(&a, &b, 0);
		imsgev_free(a.iev);
		imsgev_free(b.iev);
		ATF_REQUIRE_EQ(socketpair(AF_UNIX,
		    SOCK_STREAM | SOCK_NONBLOCK, 0, sv), 0);
		a.iev = imsgev_new(base, sv[0], t[i].from, on_msg, on_error,
		    &a);
		b.iev = imsgev_new(base, sv[1], t[i].to, on_fd, on_error, &b);
		ATF_REQUIRE(a.iev != NULL && b.iev != NULL);
		ATF_CHECK_EQ(imsgev_compose(a.iev, 0, 0, dup(0), NULL, 0),
		    t[i].ret);
		if (t[i].ret == 1) {
			run_until(&b.msgs, 1);
			ATF_CHECK_EQ(got_fd != -1, t[i].arrives);
			if (got_fd != -1)
				close(got_fd);
		}
		stop(&a, &b);
	}
}

ATF_TC_WITHOUT_HEAD(memory__idle_connections);
ATF_TC_BODY(memory__idle_connections, tc)
{
	static struct end	 a[400], b[400];
	size_t			 before, i, used;

	start(&a[0], &b[0], 0);
	before = mallinfo2().uordblks;
	for (i = 1; i < 400; i++) {
		start(&a[i], &b[i], 0);
		compose(&a[i], 0, 1, MAXDATA);
		compose(&b[i], 0, 1, MAXDATA);
	}
	settle();
	ATF_CHECK_EQ(a[399].msgs, 1);
	used = mallinfo2().uordblks - before;
	ATF_CHECK_MSG(used < 2 * 399 * 1024, "%zu bytes each",
	    used / (2 * 399));
	for (i = 1; i < 400; i++) {
		imsgev_free(a[i].iev);
		imsgev_free(b[i].iev);
	}
	stop(&a[0], &b[0]);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, message__delivered);
	ATF_TP_ADD_TC(tp, message__idle_costs_nothing);
	ATF_TP_ADD_TC(tp, compose__written_together);
	ATF_TP_ADD_TC(tp, error__end_of_file);
	ATF_TP_ADD_TC(tp, error__garbage);
	ATF_TP_ADD_TC(tp, error__read_fails);
	ATF_TP_ADD_TC(tp, error__write_fails);
	ATF_TP_ADD_TC(tp, error__temporary_is_none);
	ATF_TP_ADD_TC(tp, free__in_message_handler);
	ATF_TP_ADD_TC(tp, free__in_error_handler);
	ATF_TP_ADD_TC(tp, free__in_drain_handler);
	ATF_TP_ADD_TC(tp, free__with_queue);
	ATF_TP_ADD_TC(tp, free__before_a_retry);
	ATF_TP_ADD_TC(tp, close__before_a_retry);
	ATF_TP_ADD_TC(tp, close__flushes);
	ATF_TP_ADD_TC(tp, close__nothing_queued);
	ATF_TP_ADD_TC(tp, close__in_message_handler);
	ATF_TP_ADD_TC(tp, close__in_drain_handler);
	ATF_TP_ADD_TC(tp, close__in_error_handler);
	ATF_TP_ADD_TC(tp, close__peer_never_reads);
	ATF_TP_ADD_TC(tp, pause__holds_back);
	ATF_TP_ADD_TC(tp, pause__in_message_handler);
	ATF_TP_ADD_TC(tp, pause__resumed_at_once);
	ATF_TP_ADD_TC(tp, pause__garbage_comes_after);
	ATF_TP_ADD_TC(tp, drain__below_low_mark);
	ATF_TP_ADD_TC(tp, drain__streams);
	ATF_TP_ADD_TC(tp, queue__peer_never_reads);
	ATF_TP_ADD_TC(tp, new__fails);
	ATF_TP_ADD_TC(tp, new__flags);
	ATF_TP_ADD_TC(tp, memory__idle_connections);
	return (atf_no_error());
}

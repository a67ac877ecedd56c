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
 * What a run talks to pm2d by.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <atf-c.h>

#include "parent.h"
#include "sys_fault.h"

static struct pm2d	 env;
static struct app	 app;
static struct run	 run;
static struct spec_buf	 sb;
static enum stage	 stage;
static int		 theirs;

/* ---- the room that is not looked at here ---- */

void
run_hangup(struct run *r)
{
	if (r->channel != -1)
		(void)close(r->channel);
	if (r->notify != -1)
		(void)close(r->notify);
	r->channel = r->notify = -1;
	free(r->notify_name);
	r->notify_name = NULL;
}

static int
nfds(void)
{
	int fd, n;

	for (n = 0, fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return (n);
}

static void
begin(const char *mode, enum spec_key flag)
{
	char	 why[256];

	sys_fault_reset();
	memset(&sb, 0, sizeof(sb));
	ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_NAME, "app"));
	if (mode != NULL)
		ATF_REQUIRE_EQ(0, spec_add_str(&sb, SPEC_EXEC_MODE, mode));
	if (flag == SPEC_WATCHDOG)
		ATF_REQUIRE_EQ(0, spec_add_u64(&sb, flag, 1000));
	else if (flag != SPEC_KEY_END)
		ATF_REQUIRE_EQ(0, spec_add_u64(&sb, flag, 1));
	free(app.spec);
	ATF_REQUIRE((app.spec = malloc(sizeof(*app.spec) + sb.len)) != NULL);
	memcpy(app.spec->data, sb.data, sb.len);
	ATF_REQUIRE_EQ_MSG(0, spec_parse(&app.spec->spec, app.spec->data,
	    sb.len, why, sizeof(why)), "%s", why);
	spec_buf_free(&sb);
	memset(&run, 0, sizeof(run));
	app.env = &env;
	run.app = &app;
	run.spec = app.spec;
	run.channel = run.notify = -1;
}

static void
end(void)
{
	if (theirs != -1)
		(void)close(theirs);
	theirs = -1;
	run_hangup(&run);
}

ATF_TC_WITHOUT_HEAD(channel__who_gets_one);
ATF_TC_BODY(channel__who_gets_one, tc)
{
	int n = nfds();

	begin(NULL, SPEC_KEY_END);
	ATF_REQUIRE_EQ(0, channel_open(&run, &theirs, &stage));
	ATF_REQUIRE(theirs == -1 && run.channel == -1 && run.notify == -1);
	ATF_REQUIRE_EQ(n, nfds());
	begin("fork_mode", SPEC_IPC);
	ATF_REQUIRE_EQ(0, channel_open(&run, &theirs, &stage));
	ATF_REQUIRE(theirs != -1 && run.channel != -1 && run.notify == -1);
	ATF_REQUIRE_EQ(0, run.worker);
	end();
	begin("cluster_mode", SPEC_KEY_END);
	ATF_REQUIRE_EQ(0, channel_open(&run, &theirs, &stage));
	ATF_REQUIRE(theirs != -1 && run.channel != -1 && run.notify == -1);
	ATF_REQUIRE_EQ(1, run.worker);
	end();
	/* never the same number again, up to what node can read */
	ATF_REQUIRE_EQ(0, channel_open(&run, &theirs, &stage));
	ATF_REQUIRE_EQ(2, run.worker);
	end();
	env.next_worker = INT32_MAX - 1;
	ATF_REQUIRE_EQ(0, channel_open(&run, &theirs, &stage));
	ATF_REQUIRE_EQ(INT32_MAX, run.worker);
	end();
	ATF_REQUIRE_EQ(0, channel_open(&run, &theirs, &stage));
	ATF_REQUIRE_EQ(1, run.worker);
	end();
	ATF_REQUIRE_EQ(n, nfds());
}

ATF_TC_WITHOUT_HEAD(channel__is_a_stream);
ATF_TC_BODY(channel__is_a_stream, tc)
{
	socklen_t	 len = sizeof(int);
	char		 c;
	int		 type;

	begin("cluster_mode", SPEC_KEY_END);
	ATF_REQUIRE_EQ(0, channel_open(&run, &theirs, &stage));
	ATF_REQUIRE_EQ(0, getsockopt(theirs, SOL_SOCKET, SO_TYPE, &type,
	    &len));
	ATF_REQUIRE_EQ(SOCK_STREAM, type);
	ATF_REQUIRE(fcntl(run.channel, F_GETFL) & O_NONBLOCK);
	ATF_REQUIRE(!(fcntl(theirs, F_GETFL) & O_NONBLOCK));
	ATF_REQUIRE(fcntl(run.channel, F_GETFD) & FD_CLOEXEC);
	ATF_REQUIRE(fcntl(theirs, F_GETFD) & FD_CLOEXEC);
	ATF_REQUIRE_EQ(2, write(theirs, "ab", 2));
	ATF_REQUIRE_EQ(1, read(run.channel, &c, 1));
	ATF_REQUIRE_EQ(1, read(run.channel, &c, 1));
	ATF_REQUIRE_EQ('b', c);
	ATF_REQUIRE_EQ(-1, read(run.channel, &c, 1));
	ATF_REQUIRE_EQ(EAGAIN, errno);
	end();
}

ATF_TC_WITHOUT_HEAD(notify__tells_who_it_was);
ATF_TC_BODY(notify__tells_who_it_was, tc)
{
	union {
		struct cmsghdr	 hdr;
		char		 buf[CMSG_SPACE(sizeof(struct ucred))];
	}			 cm;
	struct sockaddr_un	 sun;
	struct cmsghdr		*cmsg;
	struct msghdr		 msg;
	struct ucred		 cred;
	struct iovec		 iov;
	char			 buf[16], *first;
	size_t			 len;
	int			 fd;

	begin(NULL, SPEC_NOTIFY);
	ATF_REQUIRE_EQ(0, channel_open(&run, &theirs, &stage));
	ATF_REQUIRE(theirs == -1 && run.channel == -1 && run.notify != -1);
	ATF_REQUIRE(fcntl(run.notify, F_GETFL) & O_NONBLOCK);
	ATF_REQUIRE(fcntl(run.notify, F_GETFD) & FD_CLOEXEC);
	len = strlen(run.notify_name);
	ATF_REQUIRE_EQ('@', run.notify_name[0]);
	ATF_REQUIRE(len > 32);

	/* as sd_notify(3) does it */
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	memcpy(sun.sun_path, run.notify_name, len);
	sun.sun_path[0] = '\0';
	ATF_REQUIRE((fd = socket(AF_UNIX, SOCK_DGRAM, 0)) != -1);
	ATF_REQUIRE_EQ(7, sendto(fd, "READY=1", 7, 0, (struct sockaddr *)&sun,
	    offsetof(struct sockaddr_un, sun_path) + len));
	memset(&msg, 0, sizeof(msg));
	iov.iov_base = buf;
	iov.iov_len = sizeof(buf);
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	msg.msg_control = cm.buf;
	msg.msg_controllen = sizeof(cm.buf);
	ATF_REQUIRE_EQ(7, recvmsg(run.notify, &msg, 0));
	ATF_REQUIRE((cmsg = CMSG_FIRSTHDR(&msg)) != NULL);
	ATF_REQUIRE_EQ(SCM_CREDENTIALS, cmsg->cmsg_type);
	memcpy(&cred, CMSG_DATA(cmsg), sizeof(cred));
	ATF_REQUIRE_EQ(getpid(), cred.pid);
	(void)close(fd);

	/* each run has its own */
	ATF_REQUIRE((first = strdup(run.notify_name)) != NULL);
	end();
	begin(NULL, SPEC_WATCHDOG);
	ATF_REQUIRE_EQ(0, channel_open(&run, &theirs, &stage));
	ATF_REQUIRE(run.notify != -1);
	ATF_REQUIRE(strcmp(first, run.notify_name) != 0);
	free(first);
	end();
}

ATF_TC_WITHOUT_HEAD(channel__fails);
ATF_TC_BODY(channel__fails, tc)
{
	static const char *const calls[] = { "socketpair", "fcntl_setfl",
	    "socket", "setsockopt", "bind" };
	size_t	 i;
	int	 n = nfds();

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		begin("cluster_mode", SPEC_NOTIFY);
		sys_fault_set(calls[i], ENFILE, 1, 1);
		ATF_REQUIRE_EQ_MSG(-1, channel_open(&run, &theirs, &stage),
		    "%s", calls[i]);
		ATF_REQUIRE_EQ(ENFILE, errno);
		ATF_REQUIRE_EQ(STAGE_CHANNEL, stage);
		ATF_REQUIRE(theirs == -1 && run.channel == -1 &&
		    run.notify == -1 && run.notify_name == NULL);
		ATF_REQUIRE_EQ(n, nfds());
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, channel__who_gets_one);
	ATF_TP_ADD_TC(tp, channel__is_a_stream);
	ATF_TP_ADD_TC(tp, notify__tells_who_it_was);
	ATF_TP_ADD_TC(tp, channel__fails);

	return (atf_no_error());
}

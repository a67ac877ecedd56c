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
#include <sys/un.h>

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "sdnotify.h"
#include "sys.h"

/* Whom to tell; len 0: nobody. */
static struct sockaddr_un	 manager;
static socklen_t		 manager_len;

/* Its value among these, or NULL. */
static const char *
find_name(char *const envp[])
{
	static const char	 name[] = "NOTIFY_SOCKET=";

	for (; envp != NULL && *envp != NULL; envp++)
		if (strncmp(*envp, name, sizeof(name) - 1) == 0)
			return (*envp + sizeof(name) - 1);
	return (NULL);
}

void
sdnotify_init(char *const envp[])
{
	const char	*name;
	size_t		 len;

	name = find_name(envp);
	if (name == NULL || (*name != '/' && *name != '@') ||
	    name[1] == '\0')
		return;
	len = strlen(name);
	if (len >= sizeof(manager.sun_path)) {
		log_warnx("NOTIFY_SOCKET: the name is too long");
		return;
	}
	memset(&manager, 0, sizeof(manager));
	manager.sun_family = AF_UNIX;
	memcpy(manager.sun_path, name, len);
	/* An abstract name begins with a NUL and ends with no other one. */
	if (*name == '@')
		manager.sun_path[0] = '\0';
	manager_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    len + (*name == '/'));
}

void
sdnotify(const char *fmt, ...)
{
	struct msghdr	 msg;
	struct iovec	 iov;
	va_list		 ap;
	char		 text[512];
	int		 fd, n;

	if (manager_len == 0)
		return;
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(text))
		return;
	fd = sys_socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	if (fd == -1) {
		log_warn("NOTIFY_SOCKET");
		return;
	}
	memset(&msg, 0, sizeof(msg));
	iov.iov_base = text;
	iov.iov_len = (size_t)n;
	msg.msg_name = &manager;
	msg.msg_namelen = manager_len;
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	if (sys_sendmsg(fd, &msg, MSG_NOSIGNAL) == -1)
		log_warn("NOTIFY_SOCKET");
	close(fd);
}

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
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <linux/filter.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reuseport.h"
#include "sys.h"

/* A classic program has at most BPF_MAXINSNS (4096); two for a detour. */
#define DETOURS_MAX	2000

int
reuseport_set(int fd)
{
	int one = 1;

	return (sys_setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one,
	    sizeof(one)) == -1 ? errno : 0);
}

/*
 * Of n draws the ones that are a member to be chosen stand for themselves.
 * Each of the others gets one of the members beyond; as many as there are.
 */
static uint32_t
make_detours(const uint32_t *live, uint32_t n, uint32_t total, uint32_t *to)
{
	uint32_t	 i, next = n, ndetours = 0;
	unsigned char	*is;

	if ((is = calloc(total, 1)) == NULL)
		return (UINT32_MAX);
	for (i = 0; i < n; i++)
		if (live[i] < total)
			is[live[i]] = 1;
	for (i = 0; i < n; i++) {
		to[i] = i;
		if (i < total && is[i])
			continue;
		while (next < total && !is[next])
			next++;
		to[i] = next++;
		ndetours++;
	}
	free(is);
	return (ndetours);
}

/* ld random; mod n; for each detour: jeq i, ret to; and at last ret a. */
static int
attach(int fd, const uint32_t *to, uint32_t n, uint32_t ndetours)
{
	struct sock_fprog	 prog;
	struct sock_filter	*f;
	uint32_t		 i, k = 0;
	int			 error = 0;

	if ((f = calloc(2 * ndetours + 3, sizeof(*f))) == NULL)
		return (ENOMEM);
	f[k++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	    (uint32_t)(SKF_AD_OFF + SKF_AD_RANDOM));
	f[k++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, n);
	for (i = 0; i < n; i++) {
		if (to[i] == i)
			continue;
		f[k++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ |
		    BPF_K, i, 0, 1);
		f[k++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, to[i]);
	}
	f[k++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
	memset(&prog, 0, sizeof(prog));
	prog.len = (unsigned short)k;
	prog.filter = f;
	if (sys_setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &prog,
	    sizeof(prog)) == -1)
		error = errno;
	free(f);
	return (error);
}

int
reuseport_steer(int fd, const uint32_t *live, uint32_t n, uint32_t total)
{
	uint32_t	*to, ndetours;
	int		 error;

	if (n == 0 || n > total)
		return (EINVAL);
	if ((to = reallocarray(NULL, n, sizeof(*to))) == NULL)
		return (ENOMEM);
	ndetours = make_detours(live, n, total, to);
	if (ndetours == UINT32_MAX)
		error = ENOMEM;
	else if (ndetours > DETOURS_MAX)
		error = E2BIG;
	else
		error = attach(fd, to, n, ndetours);
	free(to);
	return (error);
}

/* Of a listening socket these are its queue; other states say else. */
int
reuseport_waiting(int fd)
{
	struct tcp_info	 info;
	socklen_t	 len = sizeof(info);

	memset(&info, 0, sizeof(info));
	if (sys_getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == -1 ||
	    info.tcpi_state != TCP_LISTEN)
		return (-1);
	return ((int)info.tcpi_unacked);
}

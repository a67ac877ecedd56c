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
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <linux/capability.h>

#include <string.h>
#include <unistd.h>

#include "caps.h"

/*
 * What the privileged parent needs of root's powers, and why.  Apps and
 * daemons that run as root get theirs from the bounding set when they are
 * executed; it stays as it is.
 */
static const int kept[] = {
	CAP_SETUID, CAP_SETGID,		/* apps run as their users */
	CAP_KILL,			/* and are signalled */
	CAP_CHOWN,			/* pipes to apps, logs/ to pm2logd */
	CAP_DAC_OVERRIDE,		/* a home of somebody else */
	CAP_SETPCAP, CAP_SYS_CHROOT,	/* for the daemons' own dropping */
	CAP_NET_BIND_SERVICE,		/* ports of clustered apps */
	CAP_SYS_RESOURCE,		/* limits and oom scores of apps */
	CAP_SYS_NICE			/* nice values below ours */
};

int
caps_limit(void)
{
	struct __user_cap_header_struct	 hdr;
	struct __user_cap_data_struct	 have[2], want[2];
	size_t				 i;

	memset(&hdr, 0, sizeof(hdr));
	memset(have, 0, sizeof(have));
	memset(want, 0, sizeof(want));
	hdr.version = _LINUX_CAPABILITY_VERSION_3;
	if (syscall(SYS_capget, &hdr, have) == -1)
		return (-1);
	for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		want[CAP_TO_INDEX(kept[i])].permitted |=
		    CAP_TO_MASK(kept[i]);
	for (i = 0; i < 2; i++) {
		want[i].permitted &= have[i].permitted;
		want[i].effective = want[i].permitted;
	}
	return (syscall(SYS_capset, &hdr, want));
}

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
 * The daemon's side of proc.h: become harmless.
 */

#include <sys/types.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <linux/capability.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "proc.h"
#include "sys.h"

static int	 is_channel(int);
static int	 set_limit(int, rlim_t);
static int	 limit_files(long);
static int	 lookup(const char *, struct proc_ids *);
static int	 enter_root(const char *);
static int	 drop_bounding(void);
static int	 become(const struct proc_ids *);
static int	 verify(const struct proc_ids *);
static int	 verify_groups(const struct proc_ids *);
static int	 drop_caps(uint32_t);
static int	 drop_root(const struct proc_rights *);

void
proc_child_init(const char *title)
{
	static const int	 ignored[] = {
		SIGPIPE,	/* a peer that is gone is an errno */
		SIGXFSZ,	/* so is a file that may not grow */
		SIGHUP,		/* of a terminal: the parent decides */
		SIGINT
	};
	struct sigaction	 sa;
	size_t			 i;
	int			 flags;

	/* exec made us dumpable again: before anything of worth is here. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		fatal("cannot become undumpable");
	log_procinit(title);
	if (!is_channel(PROC_PARENT_FD)) {
		log_warnx("this program is started by pm2d and does nothing "
		    "alone");
		exit(1);
	}
	log_init(LOG_TO_FILE, log_getverbose());
	if (set_limit(RLIMIT_CORE, 0) == -1)
		fatal("cannot forbid core files");
	if (sys_close_range(PROC_PARENT_FD + 1, ~0U, 0) == -1)
		closefrom(PROC_PARENT_FD + 1);
	umask(077);

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = SIG_IGN;
	sigemptyset(&sa.sa_mask);
	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++) {
		if (sigaction(ignored[i], &sa, NULL) == -1)
			fatal("cannot ignore signal %d", ignored[i]);
	}

	if ((flags = sys_fcntl_getfl(PROC_PARENT_FD)) == -1 ||
	    sys_fcntl_setfl(PROC_PARENT_FD, flags | O_NONBLOCK) == -1 ||
	    sys_fcntl_setfd(PROC_PARENT_FD, FD_CLOEXEC) == -1)
		fatal("cannot set up the channel to the parent");
}

static int
is_channel(int fd)
{
	socklen_t	 len;
	int		 domain, type;

	len = sizeof(domain);
	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == -1)
		return (0);
	len = sizeof(type);
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == -1)
		return (0);
	return (domain == AF_UNIX && type == SOCK_STREAM);
}

int
proc_drop(const struct proc_rights *pr)
{
	if (limit_files(pr->nofile) == -1)
		return (-1);
	if (pr->nofsize && set_limit(RLIMIT_FSIZE, 0) == -1) {
		log_warn("cannot limit file sizes");
		return (-1);
	}
	if (geteuid() == 0 && drop_root(pr) == -1)
		return (-1);
	/* No fork for anybody but root, who is above this limit. */
	if (!pr->forks && set_limit(RLIMIT_NPROC, 0) == -1) {
		log_warn("cannot limit processes");
		return (-1);
	}
	/* What root's own programs may do is not less for us. */
	if (!(pr->forks && geteuid() == 0) && drop_caps(geteuid() != 0 ? 0 :
	    1U << CAP_DAC_OVERRIDE | 1U << CAP_FOWNER) == -1) {
		log_warn("cannot drop capabilities");
		return (-1);
	}
	/* A change of user sets this to what fs.suid_dumpable says. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1) {
		log_warn("cannot set no_new_privs");
		return (-1);
	}
	return (0);
}

/* The part that needs root's rights, and ends with their loss. */
static int
drop_root(const struct proc_rights *pr)
{
	const struct proc_ids	*ids = pr->ids;
	struct proc_ids		 named;

	/* The user database is not in the new root. */
	if (ids == NULL && pr->user != NULL) {
		if (lookup(pr->user, &named) == -1)
			return (-1);
		ids = &named;
	}
	if (pr->root != NULL && enter_root(pr->root) == -1) {
		log_warn("cannot chroot to %s", pr->root);
		return (-1);
	}
	if (!pr->forks && drop_bounding() == -1) {
		log_warn("cannot drop the capability bounding set");
		return (-1);
	}
	if (ids == NULL)
		return (0);
	if (become(ids) == -1) {
		log_warn("cannot become user %u", (unsigned int)ids->uid);
		return (-1);
	}
	if (verify(ids) == -1) {
		log_warnx("privileges are not gone after becoming user %u",
		    (unsigned int)ids->uid);
		errno = EPERM;
		return (-1);
	}
	return (0);
}

static int
set_limit(int what, rlim_t value)
{
	struct rlimit	 rl;

	rl.rlim_cur = rl.rlim_max = value;
	return (setrlimit(what, &rl));
}

/* As many descriptors as wanted, or, said aloud, as the caller may have. */
static int
limit_files(long want)
{
	struct rlimit	 rl;

	if (want == 0)
		return (0);
	if (set_limit(RLIMIT_NOFILE, (rlim_t)want) == 0)
		return (0);
	if (errno != EPERM || getrlimit(RLIMIT_NOFILE, &rl) == -1 ||
	    set_limit(RLIMIT_NOFILE, rl.rlim_max) == -1) {
		log_warn("cannot limit descriptors to %ld", want);
		return (-1);
	}
	log_warnx("only %llu descriptors instead of %ld",
	    (unsigned long long)rl.rlim_max, want);
	return (0);
}

static int
lookup(const char *user, struct proc_ids *ids)
{
	struct passwd	*pw;

	errno = 0;
	if ((pw = getpwnam(user)) == NULL) {
		if (errno != 0) {
			log_warn("cannot look up user %s", user);
			return (-1);
		}
		log_warnx("there is no user %s", user);
		errno = ENOENT;
		return (-1);
	}
	if (pw->pw_uid == 0) {
		log_warnx("user %s is root: nothing would be dropped", user);
		errno = EPERM;
		return (-1);
	}
	ids->uid = pw->pw_uid;
	ids->gid = pw->pw_gid;
	ids->ngroups = 1;
	ids->groups[0] = pw->pw_gid;
	return (0);
}

static int
enter_root(const char *root)
{
	if (chroot(root) == -1)
		return (-1);
	return (chdir("/"));
}

/*
 * Without a bounding set no program that this process could ever run gets a
 * capability.  It takes CAP_SETPCAP, so it comes before the change of user;
 * what the process has at the moment stays.
 */
static int
drop_bounding(void)
{
	unsigned long	 cap;

	for (cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++) {
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == -1)
			return (-1);
	}
	return (0);
}

static int
become(const struct proc_ids *ids)
{
	uid_t	 uid = ids->uid;
	gid_t	 gid = ids->gid;

	/* For the kernel -1 means "leave it": it would stay root. */
	if (uid == (uid_t)-1 || gid == (gid_t)-1) {
		errno = EINVAL;
		return (-1);
	}
	if (setgroups((size_t)ids->ngroups, ids->groups) == -1 ||
	    setresgid(gid, gid, gid) == -1 ||
	    setresuid(uid, uid, uid) == -1)
		return (-1);
	return (0);
}

/* All three of each, these groups, and no way back. */
static int
verify(const struct proc_ids *ids)
{
	uid_t	 ruid, euid, suid, uid = ids->uid;
	gid_t	 rgid, egid, sgid, gid = ids->gid;

	if (getresuid(&ruid, &euid, &suid) == -1 ||
	    ruid != uid || euid != uid || suid != uid)
		return (-1);
	if (getresgid(&rgid, &egid, &sgid) == -1 ||
	    rgid != gid || egid != gid || sgid != gid)
		return (-1);
	if (verify_groups(ids) == -1)
		return (-1);
	if (uid == 0)
		return (0);
	if (setresuid((uid_t)-1, 0, (uid_t)-1) == 0 || setuid(0) == 0)
		return (-1);
	if (gid != 0 && setresgid((gid_t)-1, 0, (gid_t)-1) == 0)
		return (-1);
	return (0);
}

static int
verify_groups(const struct proc_ids *ids)
{
	gid_t	 have[PROC_GROUPS_MAX];
	int	 i, k, n;

	n = getgroups(PROC_GROUPS_MAX, have);
	if (n != ids->ngroups)
		return (-1);
	for (i = 0; i < n; i++) {
		for (k = 0; k < n && have[k] != ids->groups[i]; k++)
			continue;
		if (k == n)
			return (-1);
	}
	return (0);
}

/* Keep these of permitted and effective, nothing to hand on. */
static int
drop_caps(uint32_t keep)
{
	struct __user_cap_header_struct	 hdr;
	struct __user_cap_data_struct	 data[_LINUX_CAPABILITY_U32S_3];

	/* Kernels before 4.3 have no ambient set to clear. */
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == -1 &&
	    errno != EINVAL)
		return (-1);
	memset(&hdr, 0, sizeof(hdr));
	hdr.version = _LINUX_CAPABILITY_VERSION_3;
	memset(data, 0, sizeof(data));
	if (keep != 0) {
		if (syscall(SYS_capget, &hdr, data) == -1)
			return (-1);
		/* In a container root may have fewer than asked for. */
		keep &= data[0].permitted;
		memset(data, 0, sizeof(data));
	}
	data[0].permitted = data[0].effective = keep;
	return ((int)syscall(SYS_capset, &hdr, data));
}

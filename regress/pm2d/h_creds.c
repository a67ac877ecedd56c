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
 * Prints all that a process inherits, a line each.
 */
#include <sys/types.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <netinet/in.h>

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

static void	 print_ids(void);
static void	 print_fds(void);
static void	 print_sockets(void);
static void	 print_status(void);
static void	 print_limits(void);
static void	 print_misc(void);

int
main(int argc, char *argv[])
{
	int i;

	(void)alarm(30);
	/* Before stdio or anybody opens something. */
	print_fds();
	print_ids();
	print_status();
	print_limits();
	print_misc();
	for (i = 0; i < argc; i++)
		printf("arg %s\n", argv[i]);
	for (i = 0; environ[i] != NULL; i++)
		printf("env %s\n", environ[i]);
	fflush(stdout);
	fprintf(stderr, "to stderr\n");
	return (argc > 1 ? (int)strtonum(argv[1], 0, 255, NULL) : 0);
}

static void
print_fds(void)
{
	char	 all[1024];
	size_t	 used;
	int	 fd, fl, n;

	used = 0;
	for (fd = 0; fd < 20000 && used < sizeof(all) - 64; fd++) {
		if (fcntl(fd, F_GETFD) == -1)
			continue;
		fl = fcntl(fd, F_GETFL);
		n = snprintf(all + used, sizeof(all) - used, "fd %d%s%s%s\n",
		    fd, (fl & O_ACCMODE) == O_RDONLY ? " r" :
		    (fl & O_ACCMODE) == O_WRONLY ? " w" : " rw",
		    fl & O_NONBLOCK ? " nonblock" : "",
		    fcntl(fd, F_GETFD) & FD_CLOEXEC ? " cloexec" : "");
		used += (size_t)n;
	}
	fputs(all, stdout);
	print_sockets();
}

/* The listening ones: which, and are they to be inherited? */
static void
print_sockets(void)
{
	struct sockaddr_in	 sin;
	socklen_t		 len;
	int			 fd, on;

	for (fd = 3; fd < 128; fd++) {
		len = sizeof(on);
		if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) ==
		    -1 || !on)
			continue;
		len = sizeof(sin);
		if (getsockname(fd, (struct sockaddr *)&sin, &len) == -1)
			exit(99);
		printf("listens %d %d\n", fd, ntohs(sin.sin_port));
	}
}

static void
print_ids(void)
{
	uid_t	 ru, eu, su;
	gid_t	 groups[512], rg, eg, sg;
	int	 i, n;

	if (getresuid(&ru, &eu, &su) == -1 || getresgid(&rg, &eg, &sg) == -1)
		exit(99);
	printf("uid %u %u %u\n", ru, eu, su);
	printf("gid %u %u %u\n", rg, eg, sg);
	n = getgroups(512, groups);
	printf("groups");
	for (i = 0; i < n; i++)
		printf(" %u", groups[i]);
	printf("\n");
	printf("pid %d pgrp %d sid %d\n", getpid(), getpgrp(), getsid(0));
}

static void
print_status(void)
{
	char	 line[512];
	FILE	*f;

	if ((f = fopen("/proc/self/status", "r")) == NULL)
		exit(99);
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "Sig", 3) == 0 ||
		    strncmp(line, "Cap", 3) == 0 ||
		    strncmp(line, "NoNewPrivs", 10) == 0 ||
		    strncmp(line, "Seccomp:", 8) == 0)
			fputs(line, stdout);
	fclose(f);
	if ((f = fopen("/proc/self/oom_score_adj", "r")) == NULL)
		exit(99);
	if (fgets(line, sizeof(line), f) != NULL)
		printf("oom %s", line);
	fclose(f);
}

static void
print_limits(void)
{
	struct rlimit	 rl;
	int		 i;

	for (i = 0; i < (int)RLIM_NLIMITS; i++)
		if (getrlimit(i, &rl) == 0)
			printf("rlimit %d %llu %llu\n", i,
			    (unsigned long long)rl.rlim_cur,
			    (unsigned long long)rl.rlim_max);
}

static void
print_misc(void)
{
	struct stat	 st;
	char		 buf[PATH_MAX];
	mode_t		 m;
	int		 fd, sig;

	m = umask(0);
	printf("umask %04o\n", (unsigned int)m);
	printf("cwd %s\n", getcwd(buf, sizeof(buf)) == NULL ? "?" : buf);
	printf("nice %d\n", getpriority(PRIO_PROCESS, 0));
	printf("dumpable %d\n", prctl(PR_GET_DUMPABLE));
	sig = -1;
	(void)prctl(PR_GET_PDEATHSIG, &sig);
	printf("pdeathsig %d\n", sig);
	printf("stdin %s %s\n", fstat(0, &st) == 0 && S_ISCHR(st.st_mode) ?
	    "device" : "other", read(0, buf, 1) == 0 ? "eof" : "data");
	fd = open("/dev/tty", O_RDWR | O_NOCTTY);
	printf("tty %s\n", fd == -1 ? "none" : "there");
	fd = open("/dev/stdout", O_WRONLY);
	printf("reopen %s\n", fd == -1 ? "refused" : "works");
}

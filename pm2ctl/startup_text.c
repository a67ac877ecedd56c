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
 * The files that startup writes, one for each init system.
 */
#include <sys/types.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "instpaths.h"
#include "output.h"
#include "startup.h"

/*
 * What systemd is asked to take away.  Not that memory is never both written
 * and executed: JavaScript engines do that.  Nor devices, /tmp and the homes,
 * for they are the apps' to use.
 */
#define UNIT_HARDENING \
	"LockPersonality=yes\n" \
	"ProtectClock=yes\n" \
	"ProtectHostname=yes\n" \
	"ProtectKernelLogs=yes\n" \
	"ProtectKernelModules=yes\n" \
	"ProtectKernelTunables=yes\n" \
	"RestrictNamespaces=yes\n" \
	"RestrictRealtime=yes\n" \
	"RestrictSUIDSGID=yes\n" \
	"RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK\n" \
	"SystemCallArchitectures=native\n" \
	"SystemCallErrorNumber=EPERM\n"

/* What the daemons lock themselves in with; not part of a service's usual. */
#define UNIT_SANDBOX \
	"landlock_create_ruleset landlock_add_rule landlock_restrict_self " \
	"seccomp\n"

/* Of a user's pm2d; root's apps may be those of others, and have rights. */
#define RIGHTS_USER \
	"NoNewPrivileges=yes\n" \
	"CapabilityBoundingSet=\n" \
	"AmbientCapabilities=\n"
#define CALLS_USER \
	"SystemCallFilter=@system-service " UNIT_SANDBOX \
	"SystemCallFilter=~@privileged @keyring\n"
#define CALLS_ROOT \
	"SystemCallFilter=@system-service chroot " UNIT_SANDBOX \
	"SystemCallFilter=~@keyring\n"

static const char unit_user[] =
	"# " SERVICE_MARK "; pm2ctl unstartup takes it away.\n"
	"[Unit]\n"
	"Description=pm2d, the process manager of @USER@\n"
	"Documentation=man:pm2d(8) man:pm2ctl(1)\n"
	"After=network-online.target nss-user-lookup.target\n"
	"Wants=network-online.target\n"
	"RequiresMountsFor=@HOME@\n"
	"\n"
	"[Service]\n"
	"Type=notify\n"
	"NotifyAccess=main\n"
	"User=@USER@\n"
	"Environment=PM2_HOME=@HOME@\n"
	"ExecStart=" PATH_PM2D " -d -h @HOME@\n"
	"ExecStartPost=-" PATH_PM2CTL " resurrect --if-empty\n"
	"ExecReload=" PATH_PM2CTL " reload all\n"
	"# pm2d ends its apps in order; what is left after that is killed.\n"
	"KillMode=mixed\n"
	"TimeoutStartSec=60\n"
	"TimeoutStopSec=120\n"
	"Restart=on-failure\n"
	"RestartSec=1\n"
	"OOMPolicy=continue\n"
	"Delegate=yes\n"
	"LimitNOFILE=262144\n"
	"TasksMax=infinity\n"
	"# What neither pm2d nor its apps can do.\n"
	"@RIGHTS@"
	"ProtectSystem=full\n"
	"ProtectProc=invisible\n"
	UNIT_HARDENING
	"@CALLS@"
	"\n"
	"[Install]\n"
	"WantedBy=multi-user.target\n";

static const char unit_system[] =
	"# " SERVICE_MARK "; pm2ctl unstartup takes it away.\n"
	"[Unit]\n"
	"Description=pm2d, process manager\n"
	"Documentation=man:pm2d(8) man:pm2d.conf(5) man:pm2ctl(1)\n"
	"After=network-online.target nss-user-lookup.target remote-fs.target\n"
	"Wants=network-online.target\n"
	"\n"
	"[Service]\n"
	"Type=notify\n"
	"NotifyAccess=main\n"
	"ExecStartPre=" PATH_PM2D " -n -f " PATH_CONF "\n"
	"ExecStart=" PATH_PM2D " -d -f " PATH_CONF "\n"
	"# The rules are read anew; the apps run on.\n"
	"ExecReload=" PATH_PM2D " -n -f " PATH_CONF "\n"
	"ExecReload=/bin/kill -HUP $MAINPID\n"
	"KillMode=mixed\n"
	"TimeoutStartSec=60\n"
	"TimeoutStopSec=120\n"
	"Restart=on-failure\n"
	"RestartSec=1\n"
	"OOMPolicy=continue\n"
	"Delegate=yes\n"
	"LimitNOFILE=1048576\n"
	"TasksMax=infinity\n"
	"RuntimeDirectory=pm2d\n"
	"RuntimeDirectoryMode=0755\n"
	"# Users' apps may have to raise their rights (sudo, ping), so there is\n"
	"# no NoNewPrivileges here; what they can get that way is bounded.\n"
	"CapabilityBoundingSet=CAP_SETUID CAP_SETGID CAP_KILL CAP_CHOWN "
	"CAP_FOWNER CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH "
	"CAP_NET_BIND_SERVICE CAP_NET_RAW CAP_SYS_CHROOT CAP_SYS_RESOURCE "
	"CAP_SYS_NICE CAP_SYS_PTRACE CAP_AUDIT_WRITE\n"
	"ProtectSystem=full\n"
	UNIT_HARDENING
	CALLS_ROOT
	"\n"
	"[Install]\n"
	"WantedBy=multi-user.target\n";

#define SYSV_HEAD \
	"#!/bin/sh\n" \
	"### BEGIN INIT INFO\n" \
	"# Provides:          @NAME@\n" \
	"# Required-Start:    $local_fs $remote_fs $network\n" \
	"# Required-Stop:     $local_fs $remote_fs $network\n" \
	"# Should-Start:      $named $time $syslog\n" \
	"# Should-Stop:       $named $syslog\n" \
	"# Default-Start:     2 3 4 5\n" \
	"# Default-Stop:      0 1 6\n" \
	"# Short-Description: pm2d, the process manager of @USER@\n" \
	"# Description:       Starts pm2d, which starts the apps that it had.\n" \
	"### END INIT INFO\n" \
	"# chkconfig: 2345 98 02\n" \
	"# description: pm2d, the process manager of @USER@\n" \
	"#\n" \
	"# " SERVICE_MARK "; pm2ctl unstartup takes it away.\n" \
	"\n" \
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n" \
	"name=\"@NAME@\"\n" \
	"pm2d=" PATH_PM2D "\n" \
	"pm2ctl=" PATH_PM2CTL "\n" \
	"lock=/var/lock/subsys/$name\n" \
	"wait=120\n"

/*
 * Signals are sent by the user himself, to what his pid file says: nobody
 * else's process can be hit by it.
 */
#define SYSV_USER \
	"user=@USER@\n" \
	"home=@HOME@\n" \
	"pidfile=$home/pm2.pid\n" \
	"set -- \"${1:-}\"\n" \
	"\n" \
	"# As the user, with nothing of our environment.\n" \
	"run()\n" \
	"{\n" \
	"\tset -- env -i \"PATH=$PATH\" \"PM2_HOME=$home\" \"USER=$user\" \\\n" \
	"\t    \"LOGNAME=$user\" \"$@\"\n" \
	"\tif [ \"$(id -un)\" = \"$user\" ]; then\n" \
	"\t\t\"$@\"\n" \
	"\telif command -v runuser >/dev/null 2>&1; then\n" \
	"\t\trunuser -u \"$user\" -- \"$@\"\n" \
	"\telse\n" \
	"\t\t# shellcheck disable=SC2016\n" \
	"\t\tsu -s /bin/sh \"$user\" -c 'exec \"$@\"' sh \"$@\"\n" \
	"\tfi\n" \
	"}\n" \
	"\n" \
	"launch()\n" \
	"{\n" \
	"\trun \"$pm2d\" -h \"$home\" || return 1\n" \
	"\trun \"$pm2ctl\" -s resurrect --if-empty || :\n" \
	"}\n" \
	"\n" \
	"reload()\n" \
	"{\n" \
	"\trun \"$pm2ctl\" reload all\n" \
	"}\n"

#define SYSV_SYSTEM \
	"conf=" PATH_CONF "\n" \
	"pidfile=@PIDFILE@\n" \
	"set -- \"${1:-}\"\n" \
	"\n" \
	"# With nothing of our environment.\n" \
	"run()\n" \
	"{\n" \
	"\tenv -i \"PATH=$PATH\" \"PM2_SOCKET=" PATH_SYSSOCKET "\" \"$@\"\n" \
	"}\n" \
	"\n" \
	"launch()\n" \
	"{\n" \
	"\trun \"$pm2d\" -f \"$conf\"\n" \
	"}\n" \
	"\n" \
	"# The rules are read anew; the apps run on.\n" \
	"reload()\n" \
	"{\n" \
	"\trun \"$pm2d\" -n -f \"$conf\" && kill_it HUP\n" \
	"}\n"

#define SYSV_TAIL \
	"\n" \
	"running()\n" \
	"{\n" \
	"\trun \"$pm2ctl\" -s list >/dev/null 2>&1\n" \
	"}\n" \
	"\n" \
	"# kill_it signal: 1 when there is nothing to signal\n" \
	"kill_it()\n" \
	"{\n" \
	"\tpid=$(run cat \"$pidfile\" 2>/dev/null | tr -dc 0-9)\n" \
	"\t[ -n \"$pid\" ] || return 1\n" \
	"\t# shellcheck disable=SC2016\n" \
	"\trun sh -c 'kill -\"$1\" \"$2\"' sh \"$1\" \"$pid\" 2>/dev/null\n" \
	"}\n" \
	"\n" \
	"start()\n" \
	"{\n" \
	"\tif running; then\n" \
	"\t\techo \"$name is running already\"\n" \
	"\t\treturn 0\n" \
	"\tfi\n" \
	"\techo \"Starting $name\"\n" \
	"\tlaunch || return 1\n" \
	"\tif [ -d /var/lock/subsys ]; then\n" \
	"\t\t: > \"$lock\"\n" \
	"\tfi\n" \
	"}\n" \
	"\n" \
	"# pm2d stops its apps in order, and keeps the list of them.\n" \
	"stop()\n" \
	"{\n" \
	"\tif ! running; then\n" \
	"\t\techo \"$name is not running\"\n" \
	"\t\trm -f \"$lock\"\n" \
	"\t\treturn 0\n" \
	"\tfi\n" \
	"\techo \"Stopping $name\"\n" \
	"\tkill_it TERM || return 1\n" \
	"\tn=0\n" \
	"\twhile kill_it 0; do\n" \
	"\t\tn=$((n + 1))\n" \
	"\t\tif [ \"$n\" -gt \"$wait\" ]; then\n" \
	"\t\t\techo \"$name has not ended within $wait seconds\" >&2\n" \
	"\t\t\treturn 1\n" \
	"\t\tfi\n" \
	"\t\tsleep 1\n" \
	"\tdone\n" \
	"\trm -f \"$lock\"\n" \
	"}\n" \
	"\n" \
	"case $1 in\n" \
	"start)\n" \
	"\tstart ;;\n" \
	"stop)\n" \
	"\tstop ;;\n" \
	"restart)\n" \
	"\tstop && start ;;\n" \
	"reload|force-reload)\n" \
	"\tif ! running; then\n" \
	"\t\techo \"$name is not running\" >&2\n" \
	"\t\texit 7\n" \
	"\tfi\n" \
	"\techo \"Reloading $name\"\n" \
	"\treload ;;\n" \
	"status)\n" \
	"\tif running; then\n" \
	"\t\techo \"$name is running\"\n" \
	"\telse\n" \
	"\t\techo \"$name is not running\"\n" \
	"\t\texit 3\n" \
	"\tfi ;;\n" \
	"*)\n" \
	"\techo \"usage: $0 start|stop|restart|reload|force-reload|status\" >&2\n" \
	"\texit 2 ;;\n" \
	"esac\n"

static const char sysv_user[] = SYSV_HEAD SYSV_USER SYSV_TAIL;
static const char sysv_system[] = SYSV_HEAD SYSV_SYSTEM SYSV_TAIL;

#define OPENRC_HEAD \
	"#!/sbin/openrc-run\n" \
	"# " SERVICE_MARK "; pm2ctl unstartup takes it away.\n" \
	"# shellcheck shell=sh disable=SC2034\n" \
	"\n" \
	"name=@NAME@\n" \
	"description=\"pm2d, the process manager of @USER@\"\n" \
	"command=" PATH_PM2D "\n" \
	"retry=TERM/120/KILL/5\n" \
	"extra_started_commands=reload\n"

#define OPENRC_DEPEND \
	"\n" \
	"depend()\n" \
	"{\n" \
	"\tneed localmount\n" \
	"\tuse net dns logger\n" \
	"\tafter bootmisc firewall\n" \
	"}\n"

static const char openrc_user[] =
	OPENRC_HEAD
	"command_args=\"-d -h @HOME@\"\n"
	"command_user=@USER@\n"
	"command_background=yes\n"
	"pidfile=/run/@NAME@.pid\n"
	OPENRC_DEPEND
	"\n"
	"pm2ctl()\n"
	"{\n"
	"\t# shellcheck disable=SC2016\n"
	"\tsu -s /bin/sh @USER@ -c 'exec \"$@\"' sh \\\n"
	"\t    env -i PATH=/usr/bin:/bin PM2_HOME=@HOME@ " PATH_PM2CTL
	" \"$@\"\n"
	"}\n"
	"\n"
	"start_post()\n"
	"{\n"
	"\t# It serves its socket soon after it was started.\n"
	"\tfor _ in 1 2 3 4 5 6 7 8 9 10; do\n"
	"\t\tpm2ctl -s list >/dev/null 2>&1 && break\n"
	"\t\tsleep 1\n"
	"\tdone\n"
	"\tpm2ctl -s resurrect --if-empty || :\n"
	"}\n"
	"\n"
	"reload()\n"
	"{\n"
	"\tebegin \"Reloading the apps of $name\"\n"
	"\tpm2ctl reload all\n"
	"\teend $?\n"
	"}\n";

static const char openrc_system[] =
	OPENRC_HEAD
	"command_args=\"-d -f " PATH_CONF "\"\n"
	"command_background=yes\n"
	"pidfile=/run/@NAME@.pid\n"
	OPENRC_DEPEND
	"\n"
	"start_pre()\n"
	"{\n"
	"\t\"$command\" -n -f " PATH_CONF "\n"
	"}\n"
	"\n"
	"reload()\n"
	"{\n"
	"\tebegin \"Reading the rules of $name anew\"\n"
	"\tstart_pre && start-stop-daemon --signal HUP "
	"--pidfile \"$pidfile\"\n"
	"\teend $?\n"
	"}\n";

#define OPENBSD_HEAD \
	"#!/bin/ksh\n" \
	"# " SERVICE_MARK "; pm2ctl unstartup takes it away.\n" \
	"# shellcheck disable=SC2034,SC1091,SC2154\n" \
	"\n" \
	"daemon=\"" PATH_PM2D "\"\n"
#define OPENBSD_TAIL \
	"daemon_timeout=120\n" \
	"\n" \
	". /etc/rc.d/rc.subr\n"

static const char openbsd_user[] =
	OPENBSD_HEAD
	"daemon_flags=\"-h @HOME@\"\n"
	"daemon_user=\"@USER@\"\n"
	OPENBSD_TAIL
	"\n"
	"pexp=\"pm2d: .*@HOME@.*|${daemon} ${daemon_flags}\"\n"
	"\n"
	"rc_reload() {\n"
	"\trc_exec \"env PM2_HOME=@HOME@ " PATH_PM2CTL " reload all\"\n"
	"}\n"
	"\n"
	"rc_post_start() {\n"
	"\trc_exec \"env PM2_HOME=@HOME@ " PATH_PM2CTL
	" -s resurrect --if-empty\"\n"
	"}\n"
	"\n"
	"rc_cmd \"$1\"\n";

static const char openbsd_system[] =
	OPENBSD_HEAD
	"daemon_flags=\"-f " PATH_CONF "\"\n"
	OPENBSD_TAIL
	"\n"
	"rc_configtest() {\n"
	"\trc_exec \"${daemon} -n ${daemon_flags}\"\n"
	"}\n"
	"\n"
	"rc_cmd \"$1\"\n";

#define FREEBSD_HEAD \
	"#!/bin/sh\n" \
	"# " SERVICE_MARK "; pm2ctl unstartup takes it away.\n" \
	"#\n" \
	"# PROVIDE: @RCNAME@\n" \
	"# REQUIRE: LOGIN NETWORKING SERVERS\n" \
	"# KEYWORD: shutdown\n" \
	"#\n" \
	"# shellcheck disable=SC2034,SC1091,SC2223,SC2154\n" \
	"\n" \
	". /etc/rc.subr\n" \
	"\n" \
	"name=@RCNAME@\n" \
	"rcvar=@RCNAME@_enable\n" \
	"desc=\"pm2d, the process manager of @USER@\"\n" \
	"\n" \
	"load_rc_config $name\n" \
	": ${@RCNAME@_enable:=YES}\n" \
	"\n" \
	"command=" PATH_PM2D "\n" \
	"extra_commands=reload\n"

static const char freebsd_user[] =
	FREEBSD_HEAD
	"command_args=\"-h @HOME@\"\n"
	"@RCNAME@_user=@USER@\n"
	"pidfile=@HOME@/pm2.pid\n"
	"start_postcmd=@RCNAME@_poststart\n"
	"reload_cmd=@RCNAME@_reload\n"
	"\n"
	"@RCNAME@_ctl()\n"
	"{\n"
	"\tsu -m @USER@ -c \"env PM2_HOME=@HOME@ " PATH_PM2CTL " $*\"\n"
	"}\n"
	"\n"
	"@RCNAME@_poststart()\n"
	"{\n"
	"\t@RCNAME@_ctl -s resurrect --if-empty || :\n"
	"}\n"
	"\n"
	"@RCNAME@_reload()\n"
	"{\n"
	"\t@RCNAME@_ctl reload all\n"
	"}\n"
	"\n"
	"run_rc_command \"$1\"\n";

static const char freebsd_system[] =
	FREEBSD_HEAD
	"command_args=\"-f " PATH_CONF "\"\n"
	"pidfile=@PIDFILE@\n"
	"required_files=" PATH_CONF "\n"
	"\n"
	"run_rc_command \"$1\"\n";

/* "?": only where that is there and the machine runs it; ";" ends one. */
static const char *const systemd_enable[] = {
	"?/run/systemd/system", "systemctl", "daemon-reload", ";",
	"systemctl", "enable", "@NAME@.service", ";", NULL
};
static const char *const systemd_disable[] = {
	"?/run/systemd/system", "systemctl", "stop", "@NAME@.service", ";",
	"systemctl", "disable", "@NAME@.service", ";", NULL
};
static const char *const systemd_forget[] = {
	"?/run/systemd/system", "systemctl", "daemon-reload", ";", NULL
};
static const char *const debian_enable[] = {
	"update-rc.d", "@NAME@", "defaults", ";", NULL
};
static const char *const debian_forget[] = {
	"update-rc.d", "@NAME@", "remove", ";", NULL
};
static const char *const redhat_enable[] = {
	"chkconfig", "--add", "@NAME@", ";", NULL
};
static const char *const redhat_disable[] = {
	"chkconfig", "--del", "@NAME@", ";", NULL
};
static const char *const openrc_enable[] = {
	"rc-update", "add", "@NAME@", "default", ";", NULL
};
static const char *const openrc_disable[] = {
	"rc-update", "delete", "@NAME@", "default", ";", NULL
};
static const char *const openbsd_enable[] = {
	"rcctl", "enable", "@RCNAME@", ";", NULL
};
static const char *const openbsd_disable[] = {
	"rcctl", "disable", "@RCNAME@", ";", NULL
};

#define INITD	"/etc/init.d/@NAME@"

const struct platform platforms[] = {
	{ "systemd", "systemd unit", "/etc/systemd/system/@NAME@.service",
	    0644, 0, unit_user, unit_system, systemd_enable, systemd_disable,
	    systemd_forget },
	{ "ubuntu", "init script", INITD, 0755, 0, sysv_user, sysv_system,
	    debian_enable, NULL, debian_forget },
	{ "debian", "init script", INITD, 0755, 0, sysv_user, sysv_system,
	    debian_enable, NULL, debian_forget },
	{ "centos", "init script", INITD, 0755, 0, sysv_user, sysv_system,
	    redhat_enable, redhat_disable, NULL },
	{ "redhat", "init script", INITD, 0755, 0, sysv_user, sysv_system,
	    redhat_enable, redhat_disable, NULL },
	{ "openrc", "OpenRC script", INITD, 0755, 0, openrc_user,
	    openrc_system, openrc_enable, openrc_disable, NULL },
	{ "openbsd", "rc.d script", "/etc/rc.d/@RCNAME@", 0755, 1,
	    openbsd_user, openbsd_system, openbsd_enable, openbsd_disable,
	    NULL },
	{ "freebsd", "rc.d script", "/usr/local/etc/rc.d/@RCNAME@", 0755, 1,
	    freebsd_user, freebsd_system, NULL, NULL, NULL },
	{ NULL, NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL }
};

const struct platform *
platform_find(const char *name)
{
	const struct platform	*p;

	for (p = platforms; p->name != NULL; p++)
		if (strcmp(p->name, name) == 0)
			return (p);
	return (NULL);
}

/* ---- expansion ---- */

/* The same where a '-' is no letter of a name. */
static void
add_rcname(struct outbuf *ob, const char *name)
{
	for (; *name != '\0'; name++)
		ob_char(ob, *name == '-' || *name == '.' ? '_' : *name);
}

static void
add_pidfile(struct outbuf *ob)
{
	static const char	 sock[] = PATH_SYSSOCKET;

	ob_add(ob, sock, (size_t)(strrchr(sock, '/') - sock));
	ob_str(ob, "/pm2.pid");
}

/* One @WORD@; 0 when it is none of ours. */
static size_t
add_word(struct outbuf *ob, const struct service *sv, const char *s)
{
	if (strncmp(s, "@NAME@", 6) == 0)
		ob_str(ob, sv->name);
	else if (strncmp(s, "@USER@", 6) == 0)
		ob_str(ob, sv->system ? "all users" : sv->user);
	else if (strncmp(s, "@HOME@", 6) == 0)
		ob_str(ob, sv->home);
	else if (strncmp(s, "@RCNAME@", 8) == 0)
		add_rcname(ob, sv->name);
	else if (strncmp(s, "@RIGHTS@", 8) == 0)
		ob_str(ob, sv->root ? "" : RIGHTS_USER);
	else if (strncmp(s, "@CALLS@", 7) == 0)
		ob_str(ob, sv->root ? CALLS_ROOT : CALLS_USER);
	else if (strncmp(s, "@PIDFILE@", 9) == 0)
		add_pidfile(ob);
	else
		return (0);
	return (strcspn(s + 1, "@") + 2);
}

char *
service_expand(const struct service *sv, const char *text)
{
	struct outbuf	 ob = { 0 };
	const char	*s;
	char		*copy;
	size_t		 n;

	for (s = text; *s != '\0'; s += n) {
		if (*s == '@' && (n = add_word(&ob, sv, s)) > 0)
			continue;
		n = 1;
		ob_char(&ob, *s);
	}
	copy = strdup(ob_text(&ob));
	ob_free(&ob);
	return (copy);
}

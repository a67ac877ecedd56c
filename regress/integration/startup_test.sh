# What starts pm2d with the machine: each file is checked by its own tool, and
# the init script is used.

# a_user: one that exists, whoever we are
a_user()
{
	echo "$USER1"
}

# print platform option...: the file, which has to be there
print()
{
	print_platform=$1
	shift
	pm2ctl startup "$print_platform" --print "$@" > "file.$print_platform" ||
	    atf_fail "startup $print_platform --print $*"
	check test -s "file.$print_platform"
}

need_tool()
{
	command -v "$1" >/dev/null 2>&1 || atf_skip "no $1 here"
}

script__passes_shellcheck()
{
	need_tool shellcheck
	pm2_begin
	for whose in "-u $(a_user)" --system; do
		for platform in ubuntu centos openrc freebsd; do
			# shellcheck disable=SC2086
			print $platform $whose
			atf_check shellcheck -s sh file.$platform
		done
		# shellcheck disable=SC2086
		print openbsd $whose
		atf_check shellcheck -s ksh file.openbsd
	done
}

script__lsb_header()
{
	pm2_begin
	print ubuntu -u "$(a_user)"
	sed -n '/^### BEGIN INIT INFO$/,/^### END INIT INFO$/p' file.ubuntu |
	    sed -n 's/^# \([A-Za-z-]*\):.*/\1/p' | sort > fields
	printf '%s\n' Default-Start Default-Stop Description Provides \
	    Required-Start Required-Stop Short-Description Should-Start \
	    Should-Stop > wanted
	atf_check diff wanted fields
	atf_check -o match:"^# Provides:  *pm2d-$(a_user)$" cat file.ubuntu
	atf_check -o match:'^# chkconfig: 2345 ' cat file.ubuntu
}

# Root's apps may be those of other users, and listen on port 80.
unit__of_root_keeps_roots_rights()
{
	pm2_begin
	print systemd -u root
	for word in NoNewPrivileges CapabilityBoundingSet @privileged \
	    @RIGHTS@ @CALLS@; do
		! grep -q -- "$word" file.systemd || atf_fail "root: $word"
	done
	check grep -qx 'SystemCallFilter=@system-service chroot .*' \
	    file.systemd
	print systemd -u "$USER2" --hp /tmp
	check grep -qx 'NoNewPrivileges=yes' file.systemd
	check grep -qx 'CapabilityBoundingSet=' file.systemd
	check grep -qx 'SystemCallFilter=~@privileged @keyring' file.systemd
}

unit__is_verified_by_systemd()
{
	need_tool systemd-analyze
	pm2_begin
	print systemd -u "$(a_user)" --hp /tmp
	mkdir units
	mv file.systemd "units/pm2d-$(a_user).service"
	print systemd --system
	mv file.systemd units/pm2d.service
	atf_check -e empty systemd-analyze verify --man=no units/*.service
}

# What it says of exposure: 0 is none, 10 is all.
exposure()
{
	systemd-analyze security --no-pager --offline=true "$1" |
	    sed -n 's/.*exposure level for [^:]*: \([0-9]*\)\..*/\1/p'
}

unit__is_hardened()
{
	need_tool systemd-analyze
	systemd-analyze security --help 2>&1 | grep -q -- --offline ||
	    atf_skip "this systemd-analyze looks at running units only"
	pm2_begin
	print systemd -u "$(a_user)"
	mv file.systemd "pm2d-$(a_user).service"
	print systemd --system
	mv file.systemd pm2d.service
	[ "$(exposure "./pm2d-$(a_user).service")" -le 2 ] ||
	    atf_fail "a user's is at $(exposure "./pm2d-$(a_user).service")"
	[ "$(exposure ./pm2d.service)" -le 4 ] ||
	    atf_fail "the system's is at $(exposure ./pm2d.service)"
}

# The service manager's socket, and what it is told.
listen_notify()
{
	python3 - "$1" > told <<'END' &
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
s.settimeout(40)
for _ in range(2):
    print(s.recv(4096).decode(), flush=True)
END
	listener=$!
	wait_for "test -S $1" 10
}

notify__tells_the_service_manager()
{
	pm2_begin
	listen_notify "$PM2_HOME/notify"
	NOTIFY_SOCKET=$PM2_HOME/notify pm2d -d -h "$PM2_HOME" &
	daemon=$!
	wait_for "grep -q '^READY=1$' told" 20
	# it serves by now
	atf_check -o ignore pm2ctl list
	printf '#!/bin/sh\nenv > env.app\nexec sleep 1000\n' > app.sh
	atf_check -o ignore pm2ctl start app.sh
	wait_for "test -s env.app" 10
	atf_check -s exit:1 -o empty grep NOTIFY_SOCKET env.app
	kill -TERM "$daemon"
	wait "$daemon"
	wait "$listener"
	atf_check -o match:'^STOPPING=1$' cat told
}

startup__of_an_ordinary_user_says_what_to_type()
{
	pm2_begin
	if [ "$(id -u)" -eq 0 ]; then
		chmod 755 .
		set -- setpriv --reuid="$USER1" \
		    --regid="$(id -g "$USER1")" --init-groups
	else
		set --
	fi
	atf_check -s exit:1 -o empty -e save:said "$@" env -u PM2_HOME \
	    "$PM2D_STAGE/bin/pm2ctl" startup systemd
	atf_check -o match:'You have to run this command as root' cat said
	atf_check -o match:"^sudo $PM2D_STAGE/bin/pm2ctl startup systemd -u [a-z_]* --hp /" \
	    cat said
	atf_check -s exit:1 -o empty -e match:'^sudo .* unstartup systemd -u ' \
	    "$@" env -u PM2_HOME "$PM2D_STAGE/bin/pm2ctl" unstartup systemd
	# his pm2d is where he says that his home is
	atf_check -s exit:1 -o empty -e match:'^sudo .* --hp /srv/other$' \
	    "$@" env -u PM2_HOME HOME=/srv/other \
	    "$PM2D_STAGE/bin/pm2ctl" startup systemd
	atf_check -s exit:1 -o empty \
	    -e match:'^sudo env PM2_HOME=/srv/third ' \
	    "$@" env PM2_HOME=/srv/third HOME=/srv/other \
	    "$PM2D_STAGE/bin/pm2ctl" startup systemd
}

startup__bad_requests()
{
	pm2_begin
	atf_check -s exit:1 -o empty -e match:'no init system' \
	    -e match:'systemd unit' pm2ctl startup plan9 --print
	atf_check -s exit:1 -o empty -e match:'no such user' \
	    pm2ctl startup systemd --print -u no-such-user
	atf_check -s exit:1 -o empty -e match:'not an absolute path' \
	    pm2ctl startup systemd --print -u "$(a_user)" --hp rel/ative
	# shellcheck disable=SC2016
	atf_check -s exit:1 -o empty -e match:'letters, digits' \
	    pm2ctl startup systemd --print -u "$(a_user)" --hp '/x$(id)'
	atf_check -s exit:1 -o empty -e match:'letters, digits' \
	    pm2ctl startup ubuntu --print -u "$(a_user)" --hp '/x y'
	atf_check -s exit:1 -o empty -e match:'--system' \
	    pm2ctl startup ubuntu --print --system -u "$(a_user)"
	atf_check -o match:'^/etc/init.d/pm2d-.* .mode 0755' \
	    -o match:'^update-rc.d pm2d-[a-z]* defaults' \
	    pm2ctl startup ubuntu --dry-run -u "$(a_user)"
}

# In mounts of our own: what is written is seen by nobody else, and goes.
private_mounts()
{
	unshare -m true 2>/dev/null || atf_skip "no mounts of one's own here"
	unshare -m sh -ec '
	    mount --make-rprivate /
	    mkdir -p /etc/systemd/system /etc/init.d
	    mount -t tmpfs none /etc/systemd/system
	    for d in /etc/init.d /etc/rc[0-6S].d; do
		mkdir -p "$d"
		mount -t tmpfs none "$d"
	    done
	    exec "$@"' sh "$@"
}

# What a test does in there: a script, its standard input.
in_private()
{
	{
		# (set -e heeds no "!")
		echo 'not() { if "$@"; then exit 1; fi; }'
		cat
	} > inside.sh
	private_mounts sh -ex "$PWD/inside.sh"
}

startup__writes_and_unstartup_removes()
{
	pm2_begin
	USER1=$USER1
	export USER1
	in_private > out 2>&1 <<'END' || fail_with out
pm2ctl startup systemd -u "$USER1"
unit=/etc/systemd/system/pm2d-$USER1.service
grep -q "^User=$USER1$" "$unit"
[ "$(stat -c %a "$unit")" = 644 ]
test -L /etc/systemd/system/multi-user.target.wants/pm2d-$USER1.service
cp "$unit" /tmp/pm2d.first.$$
# twice is the same as once
pm2ctl startup systemd -u "$USER1"
cmp "$unit" /tmp/pm2d.first.$$
rm -f /tmp/pm2d.first.$$
pm2ctl unstartup systemd -u "$USER1"
[ -z "$(ls -A /etc/systemd/system/multi-user.target.wants 2>/dev/null)" ]
[ -z "$(find /etc/systemd/system -type f -o -type l)" ]
# nothing is left to be removed: that is said
not pm2ctl unstartup systemd -u "$USER1"

# somebody else's stays as it is
echo mine > "$unit"
not pm2ctl startup systemd -u "$USER1"
not pm2ctl unstartup systemd -u "$USER1"
[ "$(cat "$unit")" = mine ]
rm "$unit"
ln -s /etc/canary "$unit"
not pm2ctl startup systemd -u "$USER1"
test -L "$unit"
test ! -e /etc/canary
END
}

# Where systemd is to start it, nobody else does.
start__leaves_a_service_to_its_manager()
{
	pm2_begin
	USER1=$USER1
	export USER1
	echo 'exec sleep 1000' > nap.sh
	in_private > out 2>&1 <<'END' || fail_with out
mount -t tmpfs none /run
mkdir -p /run/systemd/system
me=$(id -un)
unit=/etc/systemd/system/pm2d-$me.service
pm2ctl startup systemd --print -u "$me" > "$unit"
grep -q -- " -h $PM2_HOME\$" "$unit"
not pm2ctl start nap.sh 2> said
grep -q "does not run.*systemctl start pm2d-$me\$" said
test ! -e "$PM2_HOME/pm2.pid"
not pm2ctl ping 2> said
grep -q "systemctl start pm2d-$me\$" said
# another home is not that service's
PM2_HOME=$PM2_HOME/other pm2ctl ping
PM2_HOME=$PM2_HOME/other pm2ctl kill
# without systemd it is a file like any other
rmdir /run/systemd/system
pm2ctl ping
pm2ctl kill
# the system's
mkdir -p /run/systemd/system
rm "$unit"
pm2ctl startup systemd --print --system > /etc/systemd/system/pm2d.service
not env -u PM2_HOME HOME="$PM2_HOME" pm2ctl ping 2> said
grep -q 'systemctl start pm2d; .*PM2_HOME=' said
test ! -e "$PM2_HOME/.pm2"
pm2ctl ping
pm2ctl kill
END
}

startup__update_rc_d()
{
	need_tool update-rc.d
	pm2_begin
	USER1=$USER1
	export USER1
	in_private > out 2>&1 <<'END' || fail_with out
pm2ctl startup ubuntu -u "$USER1"
test -x "/etc/init.d/pm2d-$USER1"
[ -n "$(find /etc/rc2.d -name "S*pm2d-$USER1")" ]
[ -n "$(find /etc/rc0.d -name "K*pm2d-$USER1")" ]
pm2ctl unstartup ubuntu -u "$USER1"
test ! -e "/etc/init.d/pm2d-$USER1"
[ -z "$(find /etc/rc[0-6].d -name "*pm2d-$USER1")" ]
END
}

# init script word...: its output and status are atf_check's to look at
begin_init()
{
	pm2_begin
	chmod 755 "$PM2_HOME"
	install -d -o "$USER1" -m 755 "$PM2_HOME/$USER1"
	print ubuntu -u "$USER1" --hp "$PM2_HOME/$USER1"
	chmod +x file.ubuntu
	echo "$PM2_HOME/$USER1/.pm2" >> homes
	printf '#!/bin/sh\nexec sleep 1000\n' > "$PM2_HOME/app.sh"
	chmod +x "$PM2_HOME/app.sh"
	users_home=$PM2_HOME/$USER1/.pm2
}

as_user()
{
	(cd / && run_as "$USER1" env "PM2_HOME=$users_home" \
	    "HOME=$PM2_HOME/$USER1" "$PM2D_STAGE/bin/pm2ctl" "$@")
}

users_pid()
{
	tr -dc 0-9 < "$users_home/pm2.pid"
}

script__is_used_as_init_does()
{
	begin_init
	atf_check -s exit:3 -o match:'is not running' ./file.ubuntu status
	atf_check -o match:Starting ./file.ubuntu start
	atf_check -o match:'is running' ./file.ubuntu status
	atf_check_equal "$USER1" "$(ps -o user= -p "$(users_pid)" | tr -d ' ')"
	atf_check -o match:'already' ./file.ubuntu start
	check as_user -s start "$PM2_HOME/app.sh" --name app
	before=$(as_user pid app)
	atf_check -o match:Reloading -e ignore ./file.ubuntu reload
	after=$(as_user pid app)
	[ -n "$after" ] && [ "$before" != "$after" ] ||
	    atf_fail "reload: $before, then $after"
	# after a restart of it the same apps run, as the same user
	first=$(users_pid)
	atf_check -o match:Stopping -o match:Starting ./file.ubuntu restart
	[ "$first" != "$(users_pid)" ] || atf_fail "the same pm2d"
	wait_for "[ \"\$(as_user pid app)\" -gt 0 ]" 10
	atf_check_equal "$USER1" \
	    "$(ps -o user= -p "$(as_user pid app)" | tr -d ' ')"
	app=$(as_user pid app)
	atf_check -o match:Stopping ./file.ubuntu stop
	check gone "$app"
	atf_check -s exit:3 -o match:'is not running' ./file.ubuntu status
	# what does not run can be stopped, but not reloaded
	atf_check -o match:'is not running' ./file.ubuntu stop
	atf_check -s exit:7 -e match:'is not running' ./file.ubuntu reload
	atf_check -s exit:2 -e match:usage ./file.ubuntu
	atf_check -s exit:2 -e match:usage ./file.ubuntu dance
}

# A user's pid file can name any process: root's hand must not end it.
script__does_not_believe_a_pid_file()
{
	begin_init
	atf_check -o ignore ./file.ubuntu start
	real=$(users_pid)
	sleep 1000 &
	victim=$!
	echo $victim > "$users_home/pm2.pid"
	atf_check -s exit:1 -o ignore -e ignore ./file.ubuntu stop
	check kill -0 $victim
	kill $victim
	echo "$real" > "$users_home/pm2.pid"
	atf_check -o ignore ./file.ubuntu stop
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	pm2_case script__passes_shellcheck
	pm2_case script__lsb_header
	pm2_case script__is_used_as_init_does 120 root
	pm2_case script__does_not_believe_a_pid_file 60 root
	pm2_case unit__of_root_keeps_roots_rights
	pm2_case unit__is_verified_by_systemd
	pm2_case unit__is_hardened
	pm2_case notify__tells_the_service_manager
	pm2_case startup__of_an_ordinary_user_says_what_to_type
	pm2_case startup__bad_requests
	pm2_case startup__writes_and_unstartup_removes 60 root
	pm2_case start__leaves_a_service_to_its_manager 60 root
	pm2_case startup__update_rc_d 60 root
}

# Who runs what, and what an app gets from its daemon.

script()
{
	printf '#!/bin/sh\n%s\n' "$2" > "$1"
	chmod +x "$1"
}

# A place that everybody can write to, for scripts of other users.
open_dir()
{
	chmod 755 .
	mkdir -m 777 open
	scripts=$(mktemp -d /tmp/pm2d.XXXXXX)
	chmod 755 "$scripts"
	echo "$scripts" >> homes
}

setup__nothing_of_the_daemon_reaches_the_app()
{
	pm2_begin
	cat > state.sh <<'END'
ls -l /proc/$$/fd > fds.tmp
# of a child: bash has masks of its own while it waits for one
grep -E '^(Sig|Shd|NoNewPrivs|Seccomp:)' /proc/self/status > status
cat /proc/$$/limits > limits
cat /proc/$$/oom_score_adj > oom
ps -o pid=,sid=,pgid=,tty= -p $$ > session
umask > mask
pwd > cwd
tr '\0' '\n' < /proc/$$/environ > environ
mv fds.tmp fds
exec sleep 1000
END
	# how it is for us: an app is to have the same
	umask 027
	ulimit -Sn 512
	cat "/proc/self/limits" > limits.ours
	trap '' HUP
	pm2ctl ping >/dev/null || exit 1
	MINE=canary pm2ctl start state.sh >/dev/null || exit 1
	wait_for "test -f fds" 5
	# 0, 1, 2, the shell's script, ls's own; nothing else
	cat fds
	atf_check_equal "" "$(sed 's/.* \([0-9]*\) -> \(.*\)/\1 \2/;/^total/d' \
	    fds | grep -vE '^(0 /dev/null|[12] pipe:|[0-9]+ .*/state.sh|[0-9]+ .*/fds.tmp|[0-9]+ /proc/)')"
	atf_check -o match:'SigBlk:	0000000000000000' \
	    -o match:'SigIgn:	0000000000000000' \
	    -o match:'NoNewPrivs:	0' -o match:'Seccomp:	0' cat status
	grep -v 'Max processes' limits > a
	grep -v 'Max processes' limits.ours > b
	atf_check -o ignore diff a b
	atf_check_equal "$(cat /proc/$$/oom_score_adj)" "$(cat oom)"
	set -f		# the terminal is a ?
	set -- $(cat session)
	set +f
	[ "$1" = "$2" ] && [ "$1" = "$3" ] && [ "$4" = "?" ] ||
	    atf_fail "session: $*"
	atf_check_equal "$(pwd)" "$(cat cwd)"
	atf_check -o match:'^MINE=canary$' cat environ
	case $(cat mask) in
	0022|0027)	;;
	*)		atf_fail "umask $(cat mask)" ;;
	esac
}

env__of_the_daemons_is_made_from_nothing()
{
	pm2_begin
	PM2_CANARY=canary LD_LIBRARY_PATH=/canary NODE_OPTIONS=--canary \
	    MALLOC_ARENA_MAX=1 pm2ctl start sleep -- 1000 >/dev/null || exit 1
	! tr '\0' '\n' < "/proc/$(logd_pid)/environ" 2>/dev/null |
	    grep -iE 'canary|MALLOC' || atf_fail "in pm2logd's environment"
}

own__of_two_users_are_strangers()
{
	pm2_begin
	open_dir
	script "$scripts/app.sh" 'exec sleep 1000'
	home1=$(pm2_newhome) home2=$(pm2_newhome)
	chown $USER1 "$home1"
	chown $USER2 "$home2"
	as1="run_as $USER1 env PM2_HOME=$home1"
	$as1 pm2ctl start "$scripts/app.sh" -n secret >/dev/null || exit 1
	atf_check_equal "$(id -u $USER1)" \
	    "$(stat -c %u "/proc/$(pm2d_pid "$home1")")"
	for command in list jlist "stop all" "delete 0" "describe secret" \
	    "logs --nostream" kill ping; do
		# shellcheck disable=SC2086
		run_as $USER2 env PM2_HOME="$home1" timeout 10 \
		    pm2ctl $command > out 2>&1 && rc=0 || rc=$?
		[ $rc -ne 0 ] || {
			cat out
			atf_fail "$command of another user went through"
		}
		! grep -q secret out || atf_fail "$command shows: $(cat out)"
	done
	PM2_HOME=$home1
	check is secret online		# root may look
	PM2_HOME=$home2
	run_as $USER2 env PM2_HOME="$home2" pm2ctl start \
	    "$scripts/app.sh" -n mine >/dev/null || exit 1
	check is mine online
}

# Even with a socket that lets them in, the kernel's word counts.
own__peer_credentials_decide()
{
	pm2_begin
	open_dir
	script "$scripts/app.sh" 'exec sleep 1000'
	pm2ctl start "$scripts/app.sh" -n roots >/dev/null || exit 1
	pm2ctl start -f "$scripts/app.sh" -u $USER1 -n ones >/dev/null || exit 1
	chmod 755 "$PM2_HOME"
	chmod 666 "$PM2_HOME/pm2d.sock"
	run_as $USER2 pm2ctl jlist > out 2>&1
	! grep -qE 'roots|ones' out || atf_fail "$(cat out)"
	for command in "stop all" "stop roots" "restart 0" "delete 0" \
	    "sendSignal SIGKILL 0"; do
		# shellcheck disable=SC2086
		run_as $USER2 timeout 10 pm2ctl $command > out 2>&1 && rc=0 ||
		    rc=$?
		[ $rc -ne 0 ] || atf_fail "$command: $(cat out)"
	done
	run_as $USER2 timeout 10 pm2ctl kill > out 2>&1
	check is roots online
	check is ones online
}

user__option_gives_his_ids_and_groups()
{
	pm2_begin
	open_dir
	cat > "$scripts/id.sh" <<'END'
#!/bin/sh
id
echo "HOME=$HOME USER=$USER LOGNAME=$LOGNAME canary=$CANARY"
grep -E '^(Uid|Gid|Groups|CapEff)' /proc/$$/status
exec sleep 1000
END
	chmod 755 "$scripts/id.sh"
	for user in $USER1 daemon; do
		CANARY=roots-own pm2ctl start -f "$scripts/id.sh" -u $user \
		    -n "app-$user" --cwd / >/dev/null || exit 1
		log=$(ls "$PM2_HOME"/logs/app-$user-out-*.log)
		wait_for "grep -q CapEff '$log'" 5
		cat "$log"
		uid=$(id -u $user) gid=$(id -g $user)
		atf_check -o match:"^uid=$uid\($user\) gid=$gid" \
		    -o match:"^Uid:	$uid	$uid	$uid	$uid\$" \
		    -o match:"^Gid:	$gid	$gid	$gid	$gid\$" \
		    -o match:'^CapEff:	0000000000000000$' \
		    -o match:"USER=$user LOGNAME=$user" cat "$log"
		atf_check_equal "$(id -G $user | tr ' ' '\n' | sort -n |
		    tr '\n' ' ')" "$(sed -n 's/^Groups:	//p' "$log" |
		    tr ' ' '\n' | grep . | sort -n | tr '\n' ' ')"
		# root's environment is not his business
		! grep -q roots-own "$log" || atf_fail "environment"
		atf_check_equal "$uid" \
		    "$(stat -c %u "/proc/$(app_pid "app-$user")")"
	done
}

user__only_root_may_name_another()
{
	pm2_begin
	open_dir
	script "$scripts/app.sh" 'exec sleep 1000'
	chown $USER1 "$PM2_HOME"
	run_as $USER1 pm2ctl start "$scripts/app.sh" -u $USER2 > out 2>&1 &&
	    rc=0 || rc=$?
	cat out
	[ $rc -eq 1 ] || atf_fail "exit $rc"
	run_as $USER1 pm2ctl start -f "$scripts/app.sh" -u root > out 2>&1 &&
	    atf_fail "root"
	run_as $USER1 pm2ctl start -f "$scripts/app.sh" -u $USER1 -n his \
	    >/dev/null || atf_fail "his own name"
	check is his online
}

user__log_places_are_opened_with_his_rights()
{
	pm2_begin
	open_dir
	script "$scripts/app.sh" 'echo hello; exec sleep 1000'
	mkdir -m 700 roots
	pm2ctl start -f "$scripts/app.sh" -u $USER1 -n no --cwd / \
	    -o "$PWD/roots/x.log" > out 2>&1 && rc=0 || rc=$?
	cat out
	[ $rc -eq 1 ] || atf_fail "written where the user may not"
	[ -z "$(ls roots)" ] || atf_fail "$(ls roots)"
	mkdir -m 755 "$scripts/his"
	chown $USER1 "$scripts/his"
	pm2ctl start -f "$scripts/app.sh" -u $USER1 -n yes --cwd / \
	    -o "$scripts/his/x.log" >/dev/null || atf_fail "his own directory"
	wait_for "grep -q hello '$scripts'/his/x*.log" 5
	atf_check_equal $USER1 "$(stat -c %U "$scripts"/his/x*.log)"
	ln "$(ls "$scripts"/his/x*.log)" "$scripts/his/y.log"
}

pm2logd__of_root_is_a_user_of_its_own()
{
	pm2_begin
	id _pm2logd >/dev/null 2>&1 || atf_skip "there is no user _pm2logd"
	pm2ctl start sleep -- 1000 >/dev/null || exit 1
	logd=$(logd_pid)
	atf_check -o match:"^Uid:	$(id -u _pm2logd)	" \
	    -o match:'^CapEff:	0000000000000000$' \
	    -o match:'^NoNewPrivs:	1$' \
	    cat "/proc/$logd/status"
	atf_check_equal "$PM2_HOME" "$(readlink "/proc/$logd/root")"
	atf_check -s not-exit:0 -o ignore -e ignore \
	    setpriv --reuid=_pm2logd --clear-groups cat "/proc/$logd/environ"
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	pm2_case setup__nothing_of_the_daemon_reaches_the_app
	pm2_case env__of_the_daemons_is_made_from_nothing 60 root
	pm2_case own__of_two_users_are_strangers 60 root
	pm2_case own__peer_credentials_decide 60 root
	pm2_case user__option_gives_his_ids_and_groups 60 root
	pm2_case user__only_root_may_name_another 60 root
	pm2_case user__log_places_are_opened_with_his_rights 60 root
	pm2_case pm2logd__of_root_is_a_user_of_its_own 60 root
}

# The system's pm2d: one of root for many users.
#
# The users are some that every Debian has.  Making new ones would write to
# the password file of the machine, wait for each other there, and leave them
# behind when a test is killed; nothing here needs users that nobody else
# has, as each case has a pm2d of its own behind a socket of its own.

ALICE=games
BOB=news
WWW=www-data

# sys_begin [line...]: a system's pm2d with these rules, as $SYS/pm2d.conf
sys_begin()
{
	unset PM2_NODE_OPTIONS PM2_GRACEFUL_TIMEOUT PM2D_FAULT PM2_HOME
	PATH=$PM2D_STAGE/bin:$PM2D_STAGE/sbin:$PATH
	SYS=$(pm2_newhome)
	PM2_SOCKET=$SYS/pm2d.sock
	HOME=/nonexistent
	export PATH PM2_SOCKET HOME
	for user in $ALICE $BOB $WWW; do
		id -u $user >/dev/null 2>&1 ||
		    atf_skip "there is no user $user"
	done
	chmod 755 "$SYS"
	rules "$@"
	printf '#!/bin/sh\necho "hello of $(id -un)"\nexec sleep 1000\n' \
	    > "$SYS/app.sh"
	chmod 755 "$SYS/app.sh"
	cd "$SYS" || exit 1
	sys_start
}

sys_start()
{
	pm2d -f "$SYS/pm2d.conf" > "$SYS/said" 2>&1 || fail_with "$SYS/said"
	daemon=$(pm2d_pid "$SYS")
}

rules()
{
	{
		echo "listen on \"$SYS/pm2d.sock\""
		echo "state directory \"$SYS/state\""
		echo "log directory \"$SYS/log\""
		printf '%s\n' "$@"
	} > "$SYS/pm2d.conf"
}

# rules are taken, or refused: the log says so
hup()
{
	lines=$(wc -l < "$SYS/log/pm2.log")
	kill -HUP "$daemon"
	wait_for "tail -n +$((lines + 1)) '$SYS/log/pm2.log' |
	    grep -qE 'pm2d.conf: (read again|refused)'" 10
}

# as user argument...: pm2ctl of that user; what it says is in out, too
as()
{
	as_user=$1
	shift
	run_as "$as_user" timeout 30 pm2ctl "$@" > "$SYS/out" 2>&1 &&
	    as_rc=0 || as_rc=$?
	cat "$SYS/out"
	return $as_rc
}

# begun user name [option...]: an app of that user
begun()
{
	begun_user=$1 begun_name=$2
	shift 2
	as "$begun_user" start -f "$SYS/app.sh" --interpreter /bin/sh \
	    -n "$begun_name" "$@" >/dev/null || fail_with "$SYS/out"
}

refused()
{
	as "$@" >/dev/null && rc=0 || rc=$?
	[ $rc -eq 1 ] || {
		cat "$SYS/out"
		atf_fail "not refused: $* (exit $rc)"
	}
}

said()
{
	grep -qE "$1" "$SYS/out" || {
		cat "$SYS/out"
		atf_fail "does not say: $1"
	}
}

# audited regexp: pm2.log has such a line
audited()
{
	grep -qE "audit: $1" "$SYS/log/pm2.log" || {
		grep audit: "$SYS/log/pm2.log"
		atf_fail "no line of the audit: $1"
	}
}

apps__of_users_are_their_own()
{
	sys_begin "permit all as self"
	begun $ALICE web
	begun $BOB web
	begun root web
	for user in $ALICE $BOB; do
		as $user jlist > /dev/null
		python3 - "$SYS/out" $user <<'END' || atf_fail "list of $user"
import json, sys
apps = json.load(open(sys.argv[1]))
assert len(apps) == 1, apps
END
	done
	as root jlist >/dev/null
	atf_check_equal 3 "$(grep -o '"pm2_env":' "$SYS/out" | wc -l)"
	# nothing tells that others have one of that name
	for user in $ALICE $BOB root; do
		as $user jlist >/dev/null
		atf_check_equal 1 "$(grep -oE '"pm_pid_path": ?"[^"]*web.pid[0-9].pid"' \
		    "$SYS/out" | head -n 1 | wc -l)"
	done
	# a column more where there is something to tell apart
	as root list >/dev/null
	said "user"
	as $ALICE list >/dev/null
	! grep -qE '│ user' "$SYS/out" || atf_fail "users of one: $(cat out)"
	for pair in "0 $ALICE" "1 $BOB" "2 root"; do
		# shellcheck disable=SC2086
		set -- $pair
		pid=$(app_pid "$1")
		atf_check_equal "$(id -u "$2")" "$(stat -c %u "/proc/$pid")"
		atf_check_equal "$(id -G "$2" | tr ' ' '\n' | sort -n |
		    tr '\n' ' ')" "$(sed -n 's/^Groups:	//p' \
		    "/proc/$pid/status" | tr ' ' '\n' | grep . | sort -n |
		    tr '\n' ' ')"
	done
}

# Every verb, on apps of another user and of root: nothing happens, nothing
# is seen.
others__every_verb_on_every_target()
{
	sys_begin "permit all as self"
	begun $ALICE alices
	begun root roots
	begun $BOB bobs
	printf '{"apps": [{"name": "alices", "script": "%s"}]}\n' \
	    "$SYS/app.sh" > "$SYS/file.json"
	chmod 644 "$SYS/file.json"
	pids="$(app_pid alices) $(app_pid roots)"
	for target in 0 1 alices roots; do
		for verb in stop restart reload gracefulReload delete reset \
		    "sendSignal KILL" describe why env logs flush \
		    reloadLogs; do
			# shellcheck disable=SC2086
			case $verb in
			logs)	refused $BOB logs $target --nostream ;;
			*)	refused $BOB $verb $target ;;
			esac
			! grep -qE "hello of|$SYS/log/($ALICE|root)" \
			    "$SYS/out" || fail_with "$SYS/out"
		done
		refused $BOB scale $target 3
		refused $BOB message $target '{"a":1}'
	done
	for verb in list jlist prettylist pid "logs --nostream"; do
		# shellcheck disable=SC2086
		as $BOB $verb >/dev/null || :
		! grep -qE "alices|roots" "$SYS/out" || fail_with "$SYS/out"
	done
	# all is all of his own
	for verb in restart reload reset stop flush reloadLogs delete; do
		as $BOB $verb all >/dev/null || fail_with "$SYS/out"
	done
	as $BOB flush >/dev/null || fail_with "$SYS/out"
	refused $BOB kill
	check is alices online
	check is roots online
	atf_check_equal "$pids" "$(app_pid alices) $(app_pid roots)"
	atf_check_equal "0 0" "$(field 0 restart_time) $(field 1 restart_time)"
	check grep -q hello "$SYS/log/$ALICE/alices-out-0.log"
	check kill -0 "$daemon"
}

logs__are_readable_by_the_users_group_only()
{
	sys_begin "permit all as self"
	begun $ALICE web
	begun root web
	dir=$SYS/log/$ALICE
	wait_for "grep -q hello '$dir/web-out-0.log'"
	atf_check_equal "0 755" "$(stat -c '%u %a' "$SYS/log")"
	owner=root
	! id _pm2logd >/dev/null 2>&1 || owner=_pm2logd
	atf_check_equal "$owner $(id -gn $ALICE) 2750" \
	    "$(stat -c '%U %G %a' "$dir")"
	atf_check_equal "$owner $(id -gn $ALICE) 640" \
	    "$(stat -c '%U %G %a' "$dir/web-out-0.log")"
	run_as $ALICE cat "$dir/web-out-0.log" | grep -q hello ||
	    atf_fail "the user does not read his log"
	for user in $BOB nobody; do
		! run_as $user ls "$dir" 2>/dev/null || atf_fail "ls of $user"
		! run_as $user cat "$dir/web-out-0.log" 2>/dev/null ||
		    atf_fail "cat of $user"
		! run_as $user cat "$SYS/log/pm2.log" 2>/dev/null ||
		    atf_fail "pm2.log of $user"
	done
	! run_as $ALICE sh -c "echo x >> '$dir/web-out-0.log'" 2>/dev/null ||
	    atf_fail "the user writes to his log himself"
	! run_as $ALICE ln -s /etc/passwd "$dir/x" 2>/dev/null ||
	    atf_fail "the user puts something there"
	! run_as $ALICE ls "$SYS/state" 2>/dev/null || atf_fail "state"
	as $ALICE logs web --nostream >/dev/null
	said hello
}

# Who follows an app does not follow the next one that gets its number.
logs__of_a_number_that_is_anothers_now()
{
	sys_begin "permit all as self"
	begun $ALICE one
	run_as $ALICE timeout 60 pm2ctl logs 0 > "$SYS/followed" 2>&1 &
	follower=$!
	wait_for "grep -q 'hello of $ALICE' '$SYS/followed'"
	as $ALICE delete 0 >/dev/null
	begun $BOB two
	as $BOB list >/dev/null
	said "│ two +│ 0 "
	wait_for "grep -q 'hello of $BOB' '$SYS/log/$BOB/two-out-0.log'"
	sleep 0.5
	kill $follower 2>/dev/null || :
	! grep -q "hello of $BOB" "$SYS/followed" || {
		cat "$SYS/followed"
		atf_fail "output of $BOB's"
	}
}

logs__rotate_within_the_budget_of_a_user()
{
	sys_begin "permit all as self" \
	    "limit user $ALICE { log 200K }"
	cat > "$SYS/talk.sh" <<'END'
#!/bin/sh
i=0
while [ $i -lt 40 ]; do
	head -c 20000 /dev/zero | tr '\0' x
	echo
	i=$((i + 1))
done
exec sleep 1000
END
	chmod 755 "$SYS/talk.sh"
	for user in $ALICE $BOB; do
		as $user start "$SYS/talk.sh" --interpreter /bin/sh -n talk \
		    --log-max-size 50K --log-keep 100 >/dev/null ||
		    fail_with "$SYS/out"
	done
	wait_for "[ \$(ls '$SYS/log/$BOB' | grep -c 'out.*log[.]') -ge 15 ]" 20
	wait_for "[ \$(ls '$SYS/log/$ALICE' | grep -c 'out.*log[.]') -ge 2 ]" 20
	sleep 0.5
	all=$(cat "$SYS/log/$ALICE"/talk-out-*.log.* | wc -c)
	[ "$all" -le 204800 ] || atf_fail "$all bytes of rotated logs"
	all=$(cat "$SYS/log/$BOB"/talk-out-*.log.* | wc -c)
	[ "$all" -gt 600000 ] || atf_fail "$all bytes of the one without"
	# what lies there counts after a new start, too
	logd=$(logd_of)
	kill -KILL "$logd"
	wait_for "[ -n \"\$(logd_of)\" ] && [ \"\$(logd_of)\" != $logd ]"
	as $ALICE restart talk >/dev/null || fail_with "$SYS/out"
	sleep 1
	all=$(cat "$SYS/log/$ALICE"/talk-out-*.log.* | wc -c)
	[ "$all" -le 204800 ] || atf_fail "$all bytes after a new start"
	# a size of its own is no way around it
	as $ALICE start -f "$SYS/talk.sh" --interpreter /bin/sh -n huge \
	    --log-max-size 0 >/dev/null || fail_with "$SYS/out"
	wait_for "ls '$SYS/log/$ALICE' | grep -q 'huge-out.*log[.]'" 20
}

logd_of()
{
	for logd in $(cat "/proc/$daemon"/task/*/children); do
		case $(tr '\0' ' ' < "/proc/$logd/cmdline") in
		*/pm2logd\ *)	echo "$logd" ;;
		esac
	done 2>/dev/null
}

user__as_another_one_where_a_rule_says_so()
{
	sys_begin "permit all as self" \
	    "permit { start list stop } $ALICE as $WWW" \
	    "permit { start list } $BOB as $WWW cmd \"/bin/sh\""
	cat > "$SYS/env.sh" <<'END'
#!/bin/sh
env
exec sleep 1000
END
	chmod 755 "$SYS/env.sh"
	CANARY=alices run_as $ALICE pm2ctl start "$SYS/env.sh" \
	    --interpreter /bin/sh -n shared -u $WWW >out 2>&1 || fail_with out
	wait_for "grep -q ^USER= '$SYS/log/$WWW/shared-out-0.log'"
	atf_check -o match:"^USER=$WWW" -o match:"^HOME=" -o not-match:CANARY \
	    cat "$SYS/log/$WWW/shared-out-0.log"
	atf_check_equal "$(id -u $WWW)" \
	    "$(stat -c %u "/proc/$(app_pid shared)")"
	# his own have his environment
	CANARY=alices run_as $ALICE pm2ctl start -f "$SYS/env.sh" \
	    --interpreter /bin/sh -n own >out 2>&1 || fail_with out
	wait_for "grep -q ^CANARY=alices '$SYS/log/$ALICE'/own-out-*.log"
	# seen, but not more
	refused $ALICE restart shared
	said "does not permit you \"restart\""
	refused $ALICE delete shared
	refused $ALICE env shared
	as $ALICE stop shared >/dev/null || fail_with "$SYS/out"
	check is shared stopped
	# one program only, as it is executed
	begun $BOB second -u $WWW
	for interpreter in sh bash /bin/cat; do
		refused $BOB start -f "$SYS/app.sh" -n no \
		    --interpreter $interpreter -u $WWW
	done
	refused $BOB start -f "$SYS/app.sh" -n no -u root
	said "does not permit you to start"
	refused $BOB start -f "$SYS/app.sh" -n no -u no-such-user
	audited "uid $(id -u $BOB) \\($BOB\\) pid [0-9]+ start no as root: denied"
	audited "uid $(id -u $ALICE) .* restart shared \\(0\\) of $WWW: denied"
	audited "uid $(id -u $ALICE) .* stop shared \\(0\\) of $WWW: ok"
	# of root, too, another user's app has not his variables
	CANARY=roots pm2ctl start -f "$SYS/env.sh" --interpreter /bin/sh \
	    -n roots -u $BOB >out 2>&1 || fail_with out
	wait_for "grep -q ^USER= '$SYS/log/$BOB'/roots-out-*.log"
	! grep -q CANARY "$SYS/log/$BOB"/roots-out-*.log || atf_fail "canary"
	as $BOB list >/dev/null
	said roots
}

# A rule for one program: nothing else is run, or written to, by what stands
# beside it.
user__one_program_is_that_one_only()
{
	sys_begin "permit all as self" \
	    "permit { start list } $BOB as $WWW cmd \"/bin/sleep\""
	sleep="start -f /bin/sleep --interpreter none -u $WWW --cwd /"
	for with in "--health-check exec:/usr/bin/touch" \
	    "--health-check exec:sleep" "-o $SYS/planted" "-e $SYS/planted" \
	    "-p $SYS/planted"; do
		# shellcheck disable=SC2086
		refused $BOB $sleep -n evil $with -- 1000
		said "pm2d.conf"
	done
	for vars in '"LD_PRELOAD": "/tmp/x.so"' '"GCONV_PATH": "/tmp"' \
	    '"MALLOC_CHECK_": "1"'; do
		cat > "$SYS/app.json" <<-END
		{ "apps": [ { "name": "evil", "script": "/bin/sleep",
		    "args": "1000", "interpreter": "none", "cwd": "/",
		    "user": "$WWW", "env": { $vars } } ] }
		END
		refused $BOB start "$SYS/app.json"
		said "not what is loaded into it"
	done
	sed -i "s/\"user\"/\"instance_var\": \"LD_LIBRARY_PATH\", &/
	    s/\"env\": {[^}]*}/\"x\": 1/" "$SYS/app.json"
	refused $BOB start "$SYS/app.json"
	said "no variable LD_LIBRARY_PATH"
	# what goes with it is as before
	# shellcheck disable=SC2086
	as $BOB $sleep -n good --health-check exec:"/bin/sleep 0" -- 1000 \
	    >/dev/null || fail_with "$SYS/out"
	# as oneself there are other ways
	as $BOB start -f /bin/sleep --interpreter none -n own --cwd / \
	    --health-check exec:/bin/true -- 1000 >/dev/null ||
	    fail_with "$SYS/out"
}

group__rules_are_about_members()
{
	sys_begin "permit :$(id -gn $ALICE) as self"
	begun $ALICE web
	refused $BOB list
	said "pm2d.conf permits you nothing"
	rules "permit :$(id -gn $ALICE) as self" "permit :$(id -gn $BOB)"
	hup
	begun $BOB other
	as $BOB list >/dev/null
	! grep -q web "$SYS/out" || fail_with "$SYS/out"
}

hup__takes_all_of_it_or_nothing()
{
	sys_begin "permit $ALICE as self"
	begun $ALICE web
	refused $BOB list
	rules "permit $BOB as self" "permit no-such-user as self"
	hup
	check grep -q 'pm2d.conf:[0-9]*: ' "$SYS/log/pm2.log"
	as $ALICE list >/dev/null || fail_with "$SYS/out"
	refused $BOB list
	# whoever is connected is asked again
	run_as $ALICE sh -c 'sleep 1000 | timeout 20 pm2ctl messages web' \
	    > following 2>&1 &
	sleep 0.5
	rules "permit $BOB as self"
	hup
	refused $ALICE stop web
	as $BOB list >/dev/null || fail_with "$SYS/out"
	check is web online
	atf_check_equal "$daemon" "$(pm2d_pid "$SYS")"
	kill -USR1 "$daemon"
	wait_for "grep -q 'logs opened anew' '$SYS/log/pm2.log'"
	for pid in $(ps -o pid= --ppid $!) $!; do
		kill "$pid" 2>/dev/null
	done
}

start__again_has_the_same_apps()
{
	sys_begin "permit all as self" "permit $ALICE as $WWW"
	begun $ALICE web
	begun $ALICE shared -u $WWW
	begun root roots
	kill -TERM "$daemon"
	wait_for "! kill -0 $daemon"
	check test ! -e "$SYS/pm2d.sock"
	check test ! -e "$SYS/pm2.pid"
	sys_start
	wait_for "is web online && is shared online && is roots online"
	for pair in "web $ALICE" "shared $WWW" "roots root"; do
		# shellcheck disable=SC2086
		set -- $pair
		atf_check_equal "$(id -u "$2")" \
		    "$(stat -c %u "/proc/$(app_pid "$1")")"
		check grep -q "$SYS/log/$2/$1-out" <<END
$(pm2ctl describe "$1")
END
	done
	as $ALICE list >/dev/null
	! grep -q roots "$SYS/out" || fail_with "$SYS/out"
	pm2d -f "$SYS/pm2d.conf" > out 2>&1 && atf_fail "a second one"
	check grep -q 'running already' out
}

limit__apps_connections_memory()
{
	sys_begin "permit all as self" \
	    "limit user $ALICE { apps 2 connections 3 }" \
	    "limit user $BOB { memory 1M }"
	begun $ALICE one
	refused $ALICE start -f "$SYS/app.sh" --interpreter /bin/sh -n two -i 2
	said "may have 2 apps"
	begun $ALICE two
	refused $ALICE start -f "$SYS/app.sh" --interpreter /bin/sh -n three
	said "may have 2 apps"
	refused $ALICE scale one +1
	as $ALICE delete two >/dev/null
	begun $ALICE three
	begun root four
	begun $BOB one
	refused $BOB start -f "$SYS/app.sh" --interpreter /bin/sh -n two
	said "the most that they may use"
	as $ALICE doctor >/dev/null || :
	said "2 of at most 2 apps"
	for i in 1 2 3; do
		run_as $ALICE sh -c 'exec timeout 20 pm2ctl messages' \
		    >/dev/null 2>&1 &
		echo $! >> followers
	done
	sleep 1		# or one of them is one too many
	wait_for "as $ALICE list | grep -q 'too many connections'" 10
	as $BOB list >/dev/null || fail_with "$SYS/out"
	while read -r pid; do
		kill "$pid" 2>/dev/null
	done < followers
	audited ".* start two as $ALICE: failed: .*may have 2 apps"
}

# What looks after others' apps is not told.
doctor__nothing_of_others()
{
	sys_begin "permit all as self"
	begun $ALICE web --watch-path "$SYS" --health-check exec:/bin/true
	wait_for "grep -q 'watcher: pid .* ready' '$SYS/log/pm2.log' &&
	    grep -q 'exec prober: pid .* ready' '$SYS/log/pm2.log'" 15
	for user in $ALICE root; do
		as $user doctor >/dev/null || :
		said "watcher .*uid $(id -u $ALICE), pid"
		said "exec prober .*uid $(id -u $ALICE), pid"
	done
	as $BOB doctor >/dev/null || :
	! grep -qE "watcher|prober|uid $(id -u $ALICE)" "$SYS/out" || {
		cat "$SYS/out"
		atf_fail "$BOB is told of $ALICE's"
	}
}

# Two who hold all that they can get: root gets in, and nobody's memory grows
# without end.
limit__crowds_of_two_users()
{
	sys_begin "permit all as self"
	: > crowds
	for user in $ALICE $BOB; do
		run_as $user timeout 60 python3 "$HELPERS/client.py" \
		    "$SYS/pm2d.sock" crowd 600 > crowd.$user 2>&1 &
		echo $! >> crowds
	done
	for user in $ALICE $BOB; do
		wait_for "grep -q 'specs' crowd.$user" 50
	done
	as root list >/dev/null || fail_with "$SYS/out"
	# a sanitizer keeps what was freed for a while
	most=100000
	! grep -qa __asan_init "/proc/$daemon/exe" || most=600000
	[ "$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' \
	    "/proc/$daemon/status")" -lt $most ] || {
		cat "/proc/$daemon/status"
		atf_fail "too much memory"
	}
	while read -r pid; do
		kill "$pid" 2>/dev/null || :
	done < crowds
	wait_for "as $ALICE list >/dev/null" 10
}

limit__of_a_group_holds_at_any_time()
{
	sys_begin "permit all as self" \
	    "limit group $(id -gn $ALICE) { apps 1 }"
	begun $ALICE one
	run_as $ALICE timeout 60 python3 "$HELPERS/client.py" \
	    "$SYS/pm2d.sock" group_race 0 > out 2>&1 || fail_with out
	as $ALICE list >/dev/null || fail_with "$SYS/out"
}

port__below_1024_by_rule()
{
	sys_begin "permit all as self" "permit port 700 - 709 as $ALICE"
	command -v node >/dev/null || atf_skip "there is no node"
	port=70$(($$ % 10))
	js "$SYS/server.js" \
	    'require("http").createServer(ok).listen(process.env.PORT,
	    "127.0.0.1", () => process.send("ready"));'
	for pair in "$ALICE online" "$BOB errored"; do
		# shellcheck disable=SC2086
		set -- $pair
		run_as "$1" env PORT=$port HOME=/ PATH="$PATH" timeout 60 \
		    pm2ctl start "$SYS/server.js" -n "server-$1" -i 1 \
		    --wait-ready --listen-timeout 4000 \
		    --max-restarts 1 > out 2>&1 && rc=0 || rc=$?
		cat out
		case $2 in
		online)	[ $rc -eq 0 ] || atf_fail "$1 has not his port" ;;
		*)	[ $rc -ne 0 ] || atf_fail "$1 has a port of root's" ;;
		esac
		as "$1" delete all >/dev/null
	done
}

listen__below_1024_says_what_is_missing()
{
	sys_begin "permit all as self"
	refused $ALICE start "$SYS/app.sh" --interpreter /bin/sh -n low \
	    --listen tcp:127.0.0.1:79
	said 'listening at tcp:127.0.0.1:79: Permission denied .*pm2d.conf'
}

flush__tells_what_it_may_not()
{
	sys_begin "permit all as self" \
	    "permit { stop logs } $ALICE as $WWW"
	begun $WWW web
	begun $ALICE own
	wait_for "grep -q hello $SYS/log/$WWW/web-out-0.log" 10
	wait_for "grep -q hello $SYS/log/$ALICE/own-out-1.log" 10
	refused $ALICE flush
	said 'web \(0\): pm2d.conf does not permit you "flush" of apps of'
	said '/own-out-1.log$'
	! grep -qE 'web-out-0|Logs flushed' "$SYS/out" ||
	    fail_with "$SYS/out"
	check test -s "$SYS/log/$WWW/web-out-0.log"
	check test ! -s "$SYS/log/$ALICE/own-out-1.log"
	# both were looked at, the one before the other or not
	refused $ALICE reloadLogs
	refused $ALICE flush web own
	said '/own-out-1.log$'
	as $WWW flush >/dev/null || fail_with "$SYS/out"
	said 'Logs flushed'
	check test ! -s "$SYS/log/$WWW/web-out-0.log"
}

files__of_the_daemon_are_out_of_reach()
{
	sys_begin "permit all as self"
	begun $ALICE web
	for user in $ALICE $BOB; do
		for file in state state/pm2d.state log/pm2.log \
		    state/pids/web.pid0.pid; do
			! run_as $user cat "$SYS/$file" >/dev/null 2>&1 || atf_fail "$user: $file"
			! run_as $user sh -c ": > '$SYS/$file'" 2>/dev/null ||
			    atf_fail "$user writes $file"
		done
		! run_as $user rm -f "$SYS/pm2d.sock" 2>/dev/null ||
		    atf_fail "$user removes the socket"
		! run_as $user sh -c "echo > '$SYS/log/x'" 2>/dev/null ||
		    atf_fail "$user makes a log"
	done
	atf_check_equal "0 666" "$(stat -c '%u %a' "$SYS/pm2d.sock")"
	atf_check_equal "0 700" "$(stat -c '%u %a' "$SYS/state")"
	# a place that others could write to is none for a daemon of root's
	kill -TERM "$daemon"
	wait_for "! kill -0 $daemon"
	chmod 777 "$SYS/log"
	pm2d -f "$SYS/pm2d.conf" > out 2>&1 && atf_fail "a log directory of all"
	chmod 755 "$SYS/log"
	sys_start
}

client__trusts_root_and_itself_only()
{
	sys_begin "permit all as self"
	mkdir -m 777 "$SYS/open"
	run_as $BOB timeout 30 python3 "$HELPERS/client.py" "$SYS/open/fake.sock" server &
	wait_for "[ -S '$SYS/open/fake.sock' ]"
	chmod 777 "$SYS/open/fake.sock"
	PM2_SOCKET=$SYS/open/fake.sock refused $ALICE list
	said "neither root nor you"
	kill $! 2>/dev/null
	# nothing is ever started for a socket
	PM2_SOCKET=$SYS/none.sock refused $ALICE start "$SYS/app.sh"
	said "no pm2d answers"
	PM2_SOCKET=$SYS/none.sock refused $ALICE list
	check test ! -e "$SYS/.pm2"
	# messages say whom they are of
	begun $ALICE web
	as $ALICE stop web >/dev/null
	said "$SYS/pm2d.sock"
	# a home of one's own comes first
	home=$(pm2_newhome)
	chown $ALICE "$home"
	run_as $ALICE env PM2_HOME="$home" pm2ctl list > out 2>&1 &&
	    atf_fail "a pm2d that was not started"
	check grep -q "$home" out
}

user__only_root_runs_it()
{
	sys_begin "permit all as self"
	run_as $ALICE pm2d -f "$SYS/pm2d.conf" > out 2>&1 && atf_fail "runs"
	check grep -q 'run by root' out
	pm2d -f pm2d.conf > out 2>&1 && atf_fail "a relative path"
	check grep -q 'not an absolute path' out
	echo "permit nonsense nonsense" >> "$SYS/pm2d.conf"
	kill -TERM "$daemon"
	wait_for "! kill -0 $daemon"
	pm2d -f "$SYS/pm2d.conf" > out 2>&1 && atf_fail "a bad file"
	check grep -q 'pm2d.conf:5' out
	rules "permit all as self"
	sys_start
}

hostile__clients_of_other_users()
{
	sys_begin "permit all as self"
	begun $ALICE victim
	victim=$(app_pid victim)
	fds=$(ls "/proc/$daemon/fd" | wc -l)
	for kind in "garbage 100" "after_hello 100" "half_spec 20" \
	    "descriptors 20" "jobs_lie 0" "spec_nonsense 40" \
	    "spec_parts 40" "others_ids 0" "spec_names 0"; do
		# shellcheck disable=SC2086
		run_as $BOB timeout 60 python3 "$HELPERS/client.py" \
		    "$SYS/pm2d.sock" $kind > out 2>&1 || {
			cat out
			atf_fail "client $kind"
		}
	done
	atf_check_equal "$daemon" "$(pm2d_pid "$SYS")"
	atf_check_equal "$victim" "$(app_pid victim)"
	check is victim online
	wait_for "[ \$(ls /proc/$daemon/fd | wc -l) -le $((fds + 4)) ]" 15
	audited "uid $(id -u $BOB) \\($BOB\\) pid [0-9]+ stop victim \\(0\\) of $ALICE: denied"
	! grep -q "$(printf '\033')" "$SYS/log/pm2.log" ||
	    atf_fail "an escape sequence in pm2.log"
	atf_check_equal "$ALICE pm2.log" \
	    "$(ls "$SYS/log" | grep -v "^$BOB\$" | tr '\n' ' ' |
	    sed 's/ $//')"
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	pm2_case apps__of_users_are_their_own 60 root
	pm2_case others__every_verb_on_every_target 200 root
	pm2_case logs__are_readable_by_the_users_group_only 60 root
	pm2_case logs__of_a_number_that_is_anothers_now 60 root
	pm2_case logs__rotate_within_the_budget_of_a_user 120 root
	pm2_case user__as_another_one_where_a_rule_says_so 90 root
	pm2_case user__one_program_is_that_one_only 60 root
	pm2_case group__rules_are_about_members 60 root
	pm2_case hup__takes_all_of_it_or_nothing 60 root
	pm2_case start__again_has_the_same_apps 90 root
	pm2_case limit__apps_connections_memory 90 root
	pm2_case doctor__nothing_of_others 60 root
	pm2_case limit__crowds_of_two_users 120 root
	pm2_case limit__of_a_group_holds_at_any_time 90 root
	pm2_case port__below_1024_by_rule 90 root
	pm2_case listen__below_1024_says_what_is_missing 60 root
	pm2_case flush__tells_what_it_may_not 60 root
	pm2_case files__of_the_daemon_are_out_of_reach 60 root
	pm2_case client__trusts_root_and_itself_only 60 root
	pm2_case user__only_root_runs_it 60 root
	pm2_case hostile__clients_of_other_users 200 root
}

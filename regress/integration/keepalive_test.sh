# What happens when an app ends.

script()
{
	printf '#!/bin/sh\n%s\n' "$2" > "$1"
	chmod +x "$1"
}

restarts()
{
	field "$1" restart_time
}

exit__is_followed_by_a_start_at_once()
{
	pm2_begin
	pm2ctl start sleep -- 1000 >/dev/null || exit 1
	pid=$(app_pid sleep)
	kill -KILL "$pid"
	wait_for "[ \$(restarts sleep) -eq 1 ] && is sleep online" 5
	[ "$(app_pid sleep)" != "$pid" ] || atf_fail "same pid"
	atf_check_equal 0 "$(field sleep pm_id)"
}

unstable__fifteen_exits_are_errored()
{
	pm2_begin
	pm2ctl start --no-wait "$EXAMPLES/killfast.js" >/dev/null
	wait_for "is killfast errored" 60
	atf_check_equal 15 "$(restarts killfast)"
	atf_check_equal None "$(field killfast created_at)"
	atf_check -o match:'killfast.*too many unstable restarts' \
	    cat "$PM2_HOME/pm2.log"
	# by hand it begins anew, and counts on
	pm2ctl restart killfast >/dev/null 2>&1
	wait_for "is killfast errored" 60
	[ "$(restarts killfast)" -ge 30 ] || atf_fail "$(restarts killfast)"
}

unstable__max_restarts_and_min_uptime_count()
{
	pm2_begin
	script quick.sh 'sleep 0.2; exit 1'
	pm2ctl start --no-wait --max-restarts 3 quick.sh >/dev/null
	wait_for "is quick.sh errored" 20
	atf_check_equal 3 "$(restarts quick.sh)"
	# longer than its min_uptime: it may go on
	pm2ctl start -f --no-wait --max-restarts 3 --min-uptime 50ms \
	    -n patient quick.sh >/dev/null
	wait_for "[ \$(restarts patient) -ge 6 ]" 20
	case $(field patient status) in
	online|launching)	;;
	*)			atf_fail "patient is $(field patient status)" ;;
	esac
}

delay__restart_waits_and_says_so()
{
	pm2_begin
	pm2ctl start --restart-delay 2s sleep -n app -- 1000 >/dev/null ||
	    exit 1
	kill -KILL "$(app_pid app)"
	wait_for "is app 'waiting restart'" 2
	before=$(now_ms)
	wait_for "is app online" 5
	took=$(($(now_ms) - before))
	[ $took -ge 1000 ] || atf_fail "after $took ms"
}

delay__stop_cancels_a_waiting_restart()
{
	pm2_begin
	pm2ctl start --restart-delay 1s sleep -n app -- 1000 >/dev/null ||
	    exit 1
	kill -KILL "$(app_pid app)"
	wait_for "is app 'waiting restart'" 2
	atf_check -o ignore -e ignore pm2ctl stop app
	sleep 1.5
	check is app stopped
}

backoff__grows()
{
	pm2_begin
	script quick.sh 'date +%s%3N >> times; exit 1'
	pm2ctl start --no-wait --exp-backoff-restart-delay 100ms quick.sh \
	    >/dev/null
	wait_for "[ \$(wc -l < times) -ge 6 ]" 20
	pm2ctl stop quick.sh >/dev/null
	set -- $(cat times)
	echo "$@"
	[ $(($2 - $1)) -ge 90 ] || atf_fail "first delay $(($2 - $1))"
	[ $(($6 - $5)) -ge $((2 * ($2 - $1))) ] ||
	    atf_fail "does not grow: $*"
}

autorestart__off()
{
	pm2_begin
	script once.sh 'sleep 0.2; exit 0'
	pm2ctl start --no-wait --no-autorestart once.sh >/dev/null
	wait_for "is once.sh stopped" 5
	sleep 0.5
	atf_check_equal 0 "$(restarts once.sh)"
}

stop_exit_codes__end_it()
{
	pm2_begin
	script count.sh 'n=$(cat n 2>/dev/null || echo 0); echo $((n + 1)) > n
sleep 0.1; exit $n'
	pm2ctl start --no-wait --stop-exit-codes 2,77 count.sh >/dev/null
	wait_for "is count.sh stopped" 10
	atf_check_equal 2 "$(restarts count.sh)"
	atf_check_equal 3 "$(cat n)"
}

burst__a_thousand_exits()
{
	pm2_begin
	script many.sh 'exec sleep 1000'
	atf_check -o ignore -e ignore \
	    pm2ctl start -x --no-wait -i 200 many.sh -n many
	wait_for "[ \$(count_status online) -eq 200 ]" 30
	for round in 1 2 3 4 5; do
		pm2ctl jlist | python3 -c '
import json, os, signal, sys
for app in json.load(sys.stdin):
    os.kill(app["pid"], signal.SIGKILL)'
		wait_for "[ \$(count_status online) -eq 200 ]" 60
		sleep 1.1	# they were stable
	done
	pm2ctl jlist | python3 -c '
import json, sys
apps = json.load(sys.stdin)
bad = [a["pm_id"] for a in apps if a["pm2_env"]["restart_time"] != 5]
sys.exit("not 5 restarts: %s" % bad if bad else 0)' || atf_fail "restarts"
	# nobody is left behind unwaited for
	for child in $(below "$(pm2d_pid)"); do
		! gone "$child" || atf_fail "a zombie: $child"
	done
}

errored__restart_brings_it_back()
{
	pm2_begin
	script app.sh 'test -f ok || exit 1; exec sleep 1000'
	pm2ctl start --no-wait --max-restarts 2 app.sh >/dev/null
	wait_for "is app.sh errored" 10
	touch ok
	atf_check -s exit:1 -o ignore -e match:'already launched' \
	    pm2ctl start app.sh
	atf_check -o ignore -e ignore pm2ctl restart app.sh
	check is app.sh online
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	pm2_case exit__is_followed_by_a_start_at_once
	pm2_case unstable__fifteen_exits_are_errored 150
	pm2_case unstable__max_restarts_and_min_uptime_count
	pm2_case delay__restart_waits_and_says_so
	pm2_case delay__stop_cancels_a_waiting_restart
	pm2_case backoff__grows
	pm2_case autorestart__off
	pm2_case stop_exit_codes__end_it
	pm2_case burst__a_thousand_exits 200
	pm2_case errored__restart_brings_it_back
}

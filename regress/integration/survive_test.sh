# What outlives the daemon, and how many daemons there are.

script()
{
	printf '#!/bin/sh\n%s\n' "$2" > "$1"
	chmod +x "$1"
}

cold__twenty_starts_at_once_make_one_daemon()
{
	pm2_begin
	script app.sh 'exec sleep 1000'
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		pm2ctl start -f --no-wait app.sh -n "app$i" > out.$i 2>&1 || {
			cat out.$i
			echo "$i" >> failed
		} &
	done
	wait
	[ ! -e failed ] || atf_fail "failed: $(tr '\n' ' ' < failed)"
	wait_for "[ \$(count_status online) -eq 20 ]" 20
	daemons=$(grep -lz -- '^-h$' $(grep -lzx -- "$PM2_HOME" \
	    /proc/[0-9]*/cmdline 2>/dev/null) | while read -r file; do
		tr '\0' ' ' < "$file"
		echo
	done | grep -c '^[^ ]*pm2d -h ')
	atf_check_equal 1 $daemons
	atf_check_equal 20 "$(pm2ctl jlist | grep -o '"pm_id":[0-9]*' |
	    sort -u | wc -l)"
}

second__daemon_of_a_home_refuses()
{
	pm2_begin
	pm2ctl ping >/dev/null || exit 1
	pid=$(pm2d_pid)
	atf_check -s not-exit:0 -o ignore -e match:'running' pm2d -h "$PM2_HOME"
	atf_check -s not-exit:0 -o ignore -e match:'running' pm2d -d -h "$PM2_HOME"
	atf_check_equal "$pid" "$(pm2d_pid)"
	atf_check -o match:pong pm2ctl ping
}

foreground__pm2d_d_logs_to_stderr()
{
	pm2_begin
	pm2d -d -h "$PM2_HOME" > out 2>&1 &
	daemon=$!
	wait_for "pm2ctl list" 10
	kill -TERM $daemon
	wait $daemon || atf_fail "exit status $?"
	[ ! -e "$PM2_HOME/pm2.pid" ] || [ ! -s "$PM2_HOME/pm2.pid" ] ||
	    ! kill -0 "$(pm2d_pid)" 2>/dev/null || atf_fail "pid file"
}

kill9__list_and_ids_survive()
{
	pm2_begin
	script app.sh 'exec sleep 1000'
	for i in 0 1 2 3; do
		pm2ctl start -f app.sh -n "app$i" >/dev/null || exit 1
	done
	pm2ctl delete app1 >/dev/null
	pm2ctl stop app2 >/dev/null
	old=$(app_pid app0)
	kill -KILL "$(pm2d_pid)"
	wait_for "gone $(pm2d_pid)" 5
	atf_check -o match:pong -e ignore pm2ctl ping
	wait_for "is app0 online && is app3 online" 10
	check is app2 stopped
	atf_check_equal 0 "$(field app0 pm_id)"
	atf_check_equal 2 "$(field app2 pm_id)"
	atf_check_equal 3 "$(field app3 pm_id)"
	# no app runs twice
	wait_for "gone $old" 5
	atf_check_equal 2 "$(of_home "$PM2_HOME" | while read -r p; do
		tr '\0' ' ' < "/proc/$p/cmdline"; echo; done |
		grep -c '^sleep 1000')"
}

# sleepers: how many processes of the app there are
sleepers()
{
	of_home "$PM2_HOME" | while read -r p; do
		tr '\0' ' ' < "/proc/$p/cmdline"
		echo
	done | grep -c '^sleep 100000'
}

# reload_and_kill9 option...: pm2d is killed while a reload is under way
reload_and_kill9()
{
	PORT=$(free_port)
	pm2ctl start app.sh --listen "tcp:127.0.0.1:$PORT" "$@" >/dev/null ||
	    exit 1
	old=$(app_pid app.sh)
	pm2ctl reload app.sh >/dev/null 2>&1 &
	client=$!
	wait_for '[ "$(sleepers)" -eq 2 ]' 10
	wait_for "$ready" 10
	kill -KILL "$(pm2d_pid)"
	wait_for "gone $(pm2d_pid)" 5
	wait $client
	pm2ctl ping >/dev/null || exit 1
	wait_for "is app.sh online" 10
	atf_check_equal 1 "$(sleepers)"
	gone "$old" || atf_fail "the old one is left"
}

# The successor is not ready yet.
kill9__successor_is_not_left()
{
	pm2_begin
	script app.sh 'exec sleep 100000'
	ready=true
	reload_and_kill9 --listen-timeout 60s
}

# It has taken over, and the old one does not go.
kill9__predecessor_is_not_left()
{
	pm2_begin
	script app.sh 'trap "" INT; exec sleep 100000'
	ready='[ "$(app_pid app.sh)" != "$old" ]'
	reload_and_kill9 --listen-timeout 300ms --kill-timeout 4s
}

term__keeps_what_ran_as_wanted()
{
	pm2_begin
	script app.sh 'trap "echo ended; exit 0" INT
while :; do sleep 0.1; done'
	pm2ctl start app.sh >/dev/null || exit 1
	pid=$(app_pid app.sh)
	daemon=$(pm2d_pid)
	kill -TERM "$daemon"
	wait_for "gone $daemon" 10
	gone "$pid" || atf_fail "the app was left"
	atf_check -o match:ended cat "$PM2_HOME/logs/app.sh-out-0.log"
	pm2ctl ping >/dev/null || exit 1
	wait_for "is app.sh online" 10
}

hup__ends_nothing()
{
	pm2_begin
	pm2ctl start sleep -- 1000 >/dev/null || exit 1
	pid=$(app_pid sleep)
	kill -HUP "$(pm2d_pid)"
	sleep 0.3
	atf_check_equal "$pid" "$(app_pid sleep)"
}

usr1__opens_the_log_anew()
{
	pm2_begin
	pm2ctl start sleep -- 1000 >/dev/null || exit 1
	mv "$PM2_HOME/pm2.log" "$PM2_HOME/pm2.log.old"
	kill -USR1 "$(pm2d_pid)"
	wait_for "test -f '$PM2_HOME/pm2.log'" 5
	check is sleep online
}

state__is_private_and_atomic()
{
	pm2_begin
	SECRET=canary pm2ctl start sleep -- 1000 >/dev/null || exit 1
	atf_check_equal 600 "$(stat -c %a "$PM2_HOME/pm2d.state")"
	atf_check_equal 600 "$(stat -c %a "$PM2_HOME/pm2d.sock")"
	# nothing of an app's environment is in anybody's arguments
	! grep -lz canary /proc/[0-9]*/cmdline 2>/dev/null ||
	    atf_fail "a secret in the process list"
}

state__cut_off_anywhere_never_stops_the_daemon()
{
	pm2_begin
	script app.sh 'exec sleep 1000'
	for i in 0 1 2; do
		pm2ctl start -f app.sh -n "app$i" >/dev/null || exit 1
	done
	kill -TERM "$(pm2d_pid)"
	wait_for "gone $(pm2d_pid)" 10 2>/dev/null
	cp "$PM2_HOME/pm2d.state" state
	size=$(wc -c < state)
	for at in 0 1 7 16 40 $((size / 3)) $((size / 2)) $((size - 9)) \
	    $((size - 1)); do
		head -c "$at" state > "$PM2_HOME/pm2d.state"
		atf_check -o match:pong -e ignore pm2ctl ping
		atf_check -o ignore pm2ctl jlist
		echo "cut at $at: $(pm2ctl prettylist | grep -c status:) apps"
		pm2ctl kill >/dev/null 2>&1
		wait_for "! pm2ctl list" 5
	done
	# bytes changed in the middle
	cp state "$PM2_HOME/pm2d.state"
	printf '\377\377\377\377' | dd of="$PM2_HOME/pm2d.state" bs=1 \
	    seek=$((size / 2)) conv=notrunc 2>/dev/null
	atf_check -o match:pong -e ignore pm2ctl ping
}

long__home_is_no_problem()
{
	pm2_begin
	long=$PM2_HOME
	while [ ${#long} -lt 180 ]; do
		long=$long/a-directory-name
	done
	mkdir -p "$long"
	echo "$long" >> homes
	PM2_HOME=$long
	atf_check -o match:online -e ignore pm2ctl start sleep -- 1000
	check is sleep online
	pm2ctl kill >/dev/null
}

idle__nothing_wakes_up()
{
	pm2_begin
	script app.sh 'exec sleep 1000'
	pm2ctl start -x --no-wait -i 20 app.sh >/dev/null || exit 1
	wait_for "[ \$(count_status online) -eq 20 ]" 10
	sleep 3
	daemons="$(pm2d_pid) $(logd_pid)"
	before=$(switches $daemons)
	sleep 4
	atf_check_equal "$before" "$(switches $daemons)"
}

switches()
{
	for pid; do
		grep '^voluntary_ctxt' "/proc/$pid/status"
	done
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	pm2_case cold__twenty_starts_at_once_make_one_daemon 100
	pm2_case second__daemon_of_a_home_refuses
	pm2_case foreground__pm2d_d_logs_to_stderr
	pm2_case kill9__list_and_ids_survive
	pm2_case kill9__successor_is_not_left
	pm2_case kill9__predecessor_is_not_left
	pm2_case term__keeps_what_ran_as_wanted
	pm2_case hup__ends_nothing
	pm2_case usr1__opens_the_log_anew
	pm2_case state__is_private_and_atomic
	pm2_case state__cut_off_anywhere_never_stops_the_daemon 120
	pm2_case long__home_is_no_problem
	pm2_case idle__nothing_wakes_up
}

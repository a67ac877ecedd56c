# The commands of pm2ctl, end to end.

# A small script of our own in the work directory: app name.sh 'body'
script()
{
	printf '#!/bin/sh\n%s\n' "$2" > "$1"
	chmod +x "$1"
}

start__a_program_in_path_runs_and_is_listed()
{
	pm2_begin
	atf_check -o match:'online' -e ignore pm2ctl start sleep -- 1000
	pid=$(app_pid sleep)
	atf_check -o inline:"$(command -v sleep) 1000 " tr '\0' ' ' < "/proc/$pid/cmdline"
	atf_check -o match:'sleep.*fork.*'"$pid"'.*online' pm2ctl list
	atf_check_equal "$(cat "$PM2_HOME/pids/sleep.pid")" "$pid"
}

start__each_extension_has_its_interpreter()
{
	pm2_begin
	cp "$EXAMPLES"/echo.* .
	for app in "echo.sh sh" "echo.py python" "echo.rb ruby" \
	    "echo.php php" "echo.pl perl"; do
		set -- $app
		case $2 in
		sh)	interpreter=bash ;;
		python)	interpreter=python3 ;;
		*)	interpreter=$2 ;;
		esac
		command -v $interpreter >/dev/null || continue
		atf_check -o ignore -e ignore pm2ctl start "$1"
		wait_for "grep -q 'ok from $2' '$PM2_HOME'/logs/$1-out-*.log" 15
	done
}

start__node_app_serves_and_logs()
{
	pm2_begin
	PORT=$(free_port)
	export PORT
	atf_check -o match:'hello.*online' -e ignore \
	    pm2ctl start "$EXAMPLES/hello.js"
	wait_for "perl -MIO::Socket::INET -e 'IO::Socket::INET->new(
	    \"127.0.0.1:$PORT\") or exit 1'" 15
	cat > get.js <<END
require('http').get('http://127.0.0.1:$PORT/', (res) => {
	res.pipe(process.stdout);
});
END
	atf_check -o inline:"Hello from pid $(app_pid hello)\n" node get.js
	wait_for "grep -q 'GET /' '$PM2_HOME/logs/hello-out-0.log'" 5
	atf_check -o match:'GET /' pm2ctl logs hello --nostream
}

start__does_not_wait_for_those_that_listen()
{
	pm2_begin
	PORT=$(free_port)
	export PORT
	atf_check -o ignore timeout 25 pm2ctl start --wait-time 60s \
	    "$EXAMPLES/hello.js"
	cat > unix.py <<'END'
import socket, time
s = socket.socket(socket.AF_UNIX)
s.bind("unix.sock")
s.listen(1)
time.sleep(1000)
END
	atf_check -o ignore timeout 25 pm2ctl start --wait-time 60s unix.py
	# this one does not listen
	atf_check -s exit:124 -o ignore timeout 2 pm2ctl start --wait-time 60s \
	    -n idle sleep -- 1000
}

start__arguments_after_dashes_reach_the_app()
{
	pm2_begin
	atf_check -o ignore -e ignore \
	    pm2ctl start "$EXAMPLES/args.js" -- -a 23 --name 'x y'
	wait_for "grep -q . '$PM2_HOME/logs/args-out-0.log'" 10
	atf_check -o inline:'["-a","23","--name","x y"]\n' \
	    cat "$PM2_HOME/logs/args-out-0.log"
}

start__options_before_and_after()
{
	pm2_begin
	script app.sh 'exec sleep 1000'
	atf_check -o ignore -e ignore pm2ctl -n before start app.sh
	atf_check -o ignore -e ignore pm2ctl start app.sh -f --name after
	atf_check_equal 1 "$(pm2ctl prettylist | grep -c "^    name: 'before'")"
	atf_check_equal 1 "$(pm2ctl prettylist | grep -c "^    name: 'after'")"
}

start__same_script_twice_needs_force()
{
	pm2_begin
	script app.sh 'exec sleep 1000'
	atf_check -o ignore -e ignore pm2ctl start app.sh
	atf_check -s exit:1 -o ignore -e match:'already launched, add -f' \
	    pm2ctl start app.sh
	atf_check -o ignore -e ignore pm2ctl start -f app.sh
	atf_check_equal 2 "$(count_status online)"
	atf_check -o ignore -e ignore pm2ctl delete 1
	atf_check -o ignore -e ignore pm2ctl stop 0
	atf_check -o match:'started' -e ignore pm2ctl start app.sh
	atf_check_equal 1 "$(count_status online)"
	# one that was never right is in the way of the next try
	script bad.sh 'exec sleep 1000'
	atf_check -s exit:1 -o ignore -e match:'No such file.*[(]/nonexistent[)]' \
	    pm2ctl start bad.sh --cwd /nonexistent
	atf_check -s exit:1 -e match:'already launched' -e match:'delete it' \
	    pm2ctl start bad.sh
}

start__instances()
{
	pm2_begin
	script app.sh 'exec sleep 1000'
	atf_check -o ignore -e ignore pm2ctl start -x app.sh -i 3 -n web
	atf_check_equal 3 "$(count_status online)"
	atf_check -o match:'^\[ 0, 1, 2 \]$|0' pm2ctl id web
	for file in web.pid web.pid1.pid web.pid2.pid; do
		atf_check -o not-empty cat "$PM2_HOME/pids/$file"
	done
	atf_check -s exit:1 -o ignore -e match:'integer' \
	    pm2ctl start -f app.sh -i many
}

start__what_cannot_be_a_cluster_says_so()
{
	pm2_begin
	mkdir bin
	printf '#!/bin/sh\nexec sleep 1000\n' > bin/npm
	chmod +x bin/npm
	echo 'setInterval(() => {}, 60000)' > app.js
	PATH=$PWD/bin:$PATH
	atf_check -o ignore pm2ctl start npm --no-wait -- start
	atf_check -o ignore -e match:'npm runs in fork mode: .*server.js -i 2' \
	    pm2ctl start -f npm -i 2 --no-wait -- start
	atf_check_equal 3 "$(count_status online)"
	atf_check -o ignore pm2ctl delete all
	atf_check -s exit:1 -e match:'npm starts the app as a process' \
	    pm2ctl start npm --balance rr -- start
	atf_check -s exit:1 -e match:'-x asks for fork mode' \
	    pm2ctl start app.js -x --balance rr
	atf_check -s exit:1 -e match:'node --watch starts the app' \
	    pm2ctl start app.js --node-args=--watch --balance kernel
	atf_check -s exit:1 -e match:'LISTEN_FDS' \
	    pm2ctl start app.js --listen tcp:8000
	atf_check -s exit:1 -e match:'Node scripts' \
	    pm2ctl start sleep --shutdown-with-message -- 1000
	atf_check_equal 0 "$(count_status online)"
}

start__what_fails_is_told()
{
	pm2_begin
	atf_check -s exit:1 -o ignore -e match:'script not found.*/nothing.js' \
	    pm2ctl start nothing.js
	atf_check -s exit:1 -o ignore -e match:'go behind --' \
	    pm2ctl start 'sleep 1000'
	atf_check -s exit:1 -o ignore -e match:'go behind --' \
	    pm2ctl start nothing.js sleep.js
	script dies.sh 'echo "no database here" >&2; exit 3'
	atf_check -s exit:1 -o ignore -e match:'no database here' \
	    pm2ctl start dies.sh
	script notmine.sh ':'
	chmod -x notmine.sh
	atf_check -s exit:1 -o ignore -e not-empty \
	    pm2ctl start notmine.sh --interpreter none -n noexec
	atf_check -s exit:1 -o ignore -e match:'nosuchinterpreter' \
	    pm2ctl start dies.sh -f --interpreter nosuchinterpreter
	atf_check -s exit:1 -o ignore -e match:'No such file' \
	    pm2ctl start sleep --cwd /nonexistent/dir -- 10
	atf_check -s exit:1 -o ignore -e match:'kill-timeout' \
	    pm2ctl start sleep --kill-timeout soon -- 10
	atf_check -s exit:1 -o ignore -e match:'unknown option' \
	    pm2ctl start --frobnicate sleep
}

start__no_wait_returns_at_once()
{
	pm2_begin
	atf_check -o ignore -e ignore pm2ctl ping
	before=$(now_ms)
	atf_check -o ignore -e ignore pm2ctl start --no-wait sleep -- 1000
	took=$(($(now_ms) - before))
	[ $took -lt 450 ] || atf_fail "took $took ms"
	wait_for "is sleep online" 5
}

start__write_makes_a_process_file()
{
	pm2_begin
	script app.sh 'exec sleep 1000'
	atf_check -o match:'app.*-pm2.json' -e ignore pm2ctl start app.sh -w
	atf_check -o match:'app.sh' python3 -m json.tool ./*-pm2.json
}

actions__by_id_name_script_and_all()
{
	pm2_begin
	script one.sh 'exec sleep 1000'
	script two.sh 'exec sleep 1000'
	atf_check -o ignore -e ignore pm2ctl start one.sh -n one
	atf_check -o ignore -e ignore pm2ctl start two.sh -n two
	first=$(app_pid one)
	atf_check -o match:'one' -e ignore pm2ctl stop one
	gone "$first" || atf_fail "$first still runs"
	check is one stopped
	check is two online
	atf_check -o ignore -e ignore pm2ctl restart 0
	check is one online
	atf_check -o ignore -e ignore pm2ctl stop one.sh
	check is one stopped
	second=$(app_pid two)
	atf_check -o ignore -e ignore pm2ctl restart all
	[ "$(app_pid two)" != "$second" ] || atf_fail "two was not restarted"
	gone "$second" || atf_fail "the old two runs"
	atf_check_equal 1 "$(field two restart_time)"
	atf_check -o ignore -e ignore pm2ctl stop 0 two
	atf_check_equal 2 "$(count_status stopped)"
	atf_check -o ignore -e ignore pm2ctl delete one
	atf_check -s exit:1 -o ignore -e not-empty pm2ctl describe one
	atf_check -o ignore -e ignore pm2ctl delete all
	atf_check -o inline:'[]\n' pm2ctl jlist
}

actions__unknown_targets_fail()
{
	pm2_begin
	atf_check -o ignore -e ignore pm2ctl start sleep -- 1000
	for command in stop restart delete describe reset pid env; do
		atf_check -s exit:1 -o ignore -e match:'nosuch' \
		    pm2ctl $command nosuch
		atf_check -s exit:1 -o ignore -e match:'4711' \
		    pm2ctl $command 4711
		[ $command = pid ] ||	# of all apps
		    atf_check -s exit:1 -o ignore -e not-empty pm2ctl $command
	done
	atf_check -s exit:1 -o ignore -e match:'BOGUS' \
	    pm2ctl sendSignal BOGUS sleep
	atf_check -s exit:1 -o ignore -e not-empty \
	    pm2ctl sendSignal SIGUSR2 4711
	atf_check -s exit:1 -o ignore -e match:'Command not found' pm2ctl frobnicate
	atf_check -s exit:1 -o not-empty -e ignore pm2ctl
	check is sleep online
}

look__never_starts_a_daemon()
{
	pm2_begin
	rmdir "$PM2_HOME"
	PM2_HOME=$PM2_HOME/nothing
	mkdir "${PM2_HOME%/nothing}"
	for command in list jlist prettylist "describe 0" "logs --nostream" \
	    "stop all" "restart all" "delete all" "flush" "env 0" "pid"; do
		# shellcheck disable=SC2086
		pm2ctl $command > out 2> err && rc=0 || rc=$?
		[ ! -e "$PM2_HOME/pm2d.sock" ] ||
		    atf_fail "$command started a daemon"
		grep -q "no pm2d is running" err ||
		    atf_fail "$command said: $(cat out err)"
		[ $rc -eq 1 ] || atf_fail "$command: $rc"
	done
	# what is to be gone is gone
	atf_check -o match:'no pm2d is running' -e ignore pm2ctl kill
	[ ! -e "$PM2_HOME/pm2d.sock" ] || atf_fail "kill started a daemon"
}

list__nowhere_to_write()
{
	pm2_begin
	pm2ctl ping >/dev/null || exit 1
	for command in list jlist prettylist doctor; do
		# shellcheck disable=SC2086
		atf_check -s exit:1 -e match:'standard output: No space' \
		    sh -c "pm2ctl $command > /dev/full"
	done
}

ping__starts_the_daemon()
{
	pm2_begin
	atf_check -o match:"msg: 'pong'" -e ignore pm2ctl ping
	atf_check -o match:"msg: 'pong'" -e ignore pm2ctl ping
	check kill -0 "$(pm2d_pid)"
	atf_check -o match:'killed|Killed' -e ignore pm2ctl kill
	wait_for "gone $(pm2d_pid)" 5 2>/dev/null
	atf_check -s exit:1 -o ignore -e match:'no pm2d is running' pm2ctl list
}

kill__ends_all_apps()
{
	pm2_begin
	atf_check -o ignore -e ignore pm2ctl start sleep -n a -- 1000
	atf_check -o ignore -e ignore pm2ctl start -f sleep -n b -- 1000
	a=$(app_pid a) b=$(app_pid b) daemon=$(pm2d_pid)
	# who names an app does not mean all of them
	atf_check -s exit:1 -e match:'did you mean stop a' pm2ctl kill a
	check kill -0 "$b"
	atf_check -o ignore -e ignore pm2ctl exit
	wait_for "gone $daemon" 5
	gone "$a" && gone "$b" || atf_fail "an app survived kill"
}

prettylist__words_stand_once_per_app()
{
	pm2_begin
	atf_check -o inline:'[]\n' -e ignore sh -c 'pm2ctl ping >/dev/null;
	    pm2ctl prettylist'
	for i in 1 2 3 4; do
		pm2ctl start -f sleep -n "app$i" -- 1000 >/dev/null || exit 1
	done
	pm2ctl stop app4 > /dev/null
	pm2ctl prettylist > list
	cat list
	atf_check_equal 3 "$(grep -o online list | wc -l)"
	atf_check_equal 1 "$(grep -o stopped list | wc -l)"
	atf_check_equal 4 "$(grep -o fork list | wc -l)"
	atf_check_equal 4 "$(grep -o restart_time list | wc -l)"
	atf_check_equal 4 "$(grep -c "^    pm_id: [0-9]*,\$" list)"
	atf_check -o match:"^  *env: \[Object\],\$" cat list
}

jlist__is_json_with_pm2_fields()
{
	pm2_begin
	SECRET_OF_MINE=canary pm2ctl start sleep -- 1000 >/dev/null || exit 1
	pm2ctl jlist > list
	atf_check_equal 1 "$(wc -l < list)"
	cat > check.py <<'END'
import json
app, = json.load(open("list"))
env = app["pm2_env"]
assert app["name"] == env["name"] == "sleep"
assert app["pm_id"] == env["pm_id"] == 0
assert env["status"] == "online" and env["exec_mode"] == "fork_mode"
assert env["restart_time"] == 0 and env["unstable_restarts"] == 0
assert env["env"]["SECRET_OF_MINE"] == "canary"
assert env["pm_exec_path"].endswith("/sleep")
assert env["pm_out_log_path"].endswith("/logs/sleep-out-0.log")
assert env["pm_err_log_path"].endswith("/logs/sleep-err-0.log")
assert env["pm_pid_path"].endswith("/pids/sleep.pid")
assert abs(env["pm_uptime"] - env["created_at"]) < 5000
assert app["monit"]["memory"] > 0 and app["monit"]["cpu"] >= 0
END
	atf_check python3 check.py
}

list__table_mini_and_silent()
{
	pm2_begin
	pm2ctl start sleep -- 1000 >/dev/null || exit 1
	for command in list ls l status; do
		atf_check -o match:'App [Nn]ame' -o match:'online' pm2ctl $command
	done
	for command in "-m list" "list -m" "list --mini-list"; do
		# shellcheck disable=SC2086
		atf_check -o match:'^\+--- sleep$' -o match:'^status : online$' \
		    -o match:'^pm2 id : 0$' pm2ctl $command
	done
	atf_check pm2ctl -s list
}

table__fits_the_terminal()
{
	pm2_begin
	pm2ctl start sleep -n a-rather-long-name-for-an-app -- 1000 \
	    >/dev/null || exit 1
	for columns in 60 80 120; do
		COLUMNS=$columns command script -qec \
		    "stty cols $columns; pm2ctl list" /dev/null < /dev/null |
		    tr -d '\r' | sed 's/\x1b\[[0-9;]*m//g' > out
		width=$(python3 -c 'import sys
print(max(len(l.rstrip("\n")) for l in open("out", encoding="utf-8")))')
		[ "$width" -le "$columns" ] || {
			cat out
			atf_fail "$width columns on a terminal of $columns"
		}
	done
}

signal__arrives_and_surplus_is_ignored()
{
	pm2_begin
	pm2ctl start "$EXAMPLES/signal.js" >/dev/null || exit 1
	wait_for "grep -q waiting '$PM2_HOME/logs/signal-out-0.log'" 10
	atf_check -o match:'sent signal SIGUSR2' -e ignore \
	    pm2ctl sendSignal SIGUSR2 signal and what follows
	wait_for "grep -q '^SIGUSR2' '$PM2_HOME/logs/signal-out-0.log'" 5
	atf_check -o ignore -e ignore pm2ctl sendSignal SIGUSR2 0
	wait_for "[ \$(grep -c '^SIGUSR2' \
	    '$PM2_HOME/logs/signal-out-0.log') -eq 2 ]" 5
}

describe__and_why_tell_the_last_exits()
{
	pm2_begin
	script app.sh 'echo "the disk is gone" >&2; sleep 1.5; exit 42'
	pm2ctl start app.sh --no-autorestart --no-wait >/dev/null || exit 1
	wait_for "is app.sh stopped" 10
	for command in describe desc info show; do
		atf_check -o match:'app.sh' -e ignore pm2ctl $command app.sh
	done
	atf_check -o match:'42' -o match:'the disk is gone' -e ignore \
	    pm2ctl why app.sh
}

small__pid_id_env_reset_generate()
{
	pm2_begin
	script app.sh 'sleep 1.2; exit 0'
	WORD=canary pm2ctl start app.sh --no-wait >/dev/null || exit 1
	wait_for "[ \$(field app.sh restart_time) -ge 1 ]" 10
	atf_check -o match:'^[0-9]+$' pm2ctl pid app.sh
	atf_check -o match:'0' pm2ctl id app.sh
	atf_check -o match:'WORD.*canary' pm2ctl env 0
	atf_check -o ignore -e ignore pm2ctl reset app.sh
	[ "$(field app.sh restart_time)" -le 1 ] || atf_fail "not reset"
	atf_check -o match:'Sample generated' -e ignore pm2ctl generate mine
	atf_check -o match:'mine' python3 -m json.tool mine-pm2.json
}

doctor__says_what_the_kernel_gives()
{
	pm2_begin
	pm2ctl ping >/dev/null || exit 1
	atf_check -o match:'apps.*RLIMIT_NOFILE' -e ignore pm2ctl doctor
}

completion__is_read_by_bash()
{
	pm2_begin
	atf_check -o save:comp -e ignore pm2ctl completion bash
	atf_check bash -n comp
	atf_check -o match:'compdef|compadd' -e ignore pm2ctl completion zsh
}

foreground__no_daemon_stays()
{
	pm2_begin
	pm2ctl start --no-daemon sleep -- 1000 > out 2>&1 &
	client=$!
	wait_for "is sleep online" 10
	pid=$(app_pid sleep)
	kill -TERM $client
	wait_for "gone $client" 10
	wait_for "gone $pid" 10
}

custom__options_file_is_read()
{
	pm2_begin
	cat > "$PM2_HOME/custom_options.sh" <<'END'
# options
export PM2_NODE_OPTIONS='--harmony'
export PM2_GRACEFUL_TIMEOUT=300
END
	echo 'console.log(process.execArgv.join()); setInterval(() => {}, 9e5);
process.on("SIGINT", () => {})' > app.js
	atf_check -o match:'ES6 mode' -e ignore pm2ctl start app.js
	wait_for "grep -q -- --harmony '$PM2_HOME/logs/app-out-0.log'" 10
	before=$(now_ms)
	atf_check -o ignore -e ignore pm2ctl stop app
	took=$(($(now_ms) - before))
	[ $took -lt 2500 ] || atf_fail "kill_timeout of 300 ms took $took"
}

protocol__another_version_is_told_in_words()
{
	pm2_begin
	pm2ctl ping >/dev/null || exit 1
	speaks=$(awk '/^#define PM2D_PROTOCOL/ { print $3 }' \
	    "$PM2D_SOURCES/common/msg.h")
	# a client of the future: it learns our version, and that is all
	atf_check -o match:"protocol $speaks, version [0-9]" -e ignore \
	    python3 "$HELPERS/client.py" "$PM2_HOME/pm2d.sock" version
	atf_check -o match:pong pm2ctl ping
	pm2ctl kill >/dev/null
	# a daemon of the future
	python3 "$HELPERS/client.py" "$PM2_HOME/pm2d.sock" server &
	wait_for "test -S '$PM2_HOME/pm2d.sock'" 5
	atf_check -s exit:1 -o ignore -e match:'protocol' pm2ctl list
	wait
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	pm2_case start__a_program_in_path_runs_and_is_listed
	pm2_case start__each_extension_has_its_interpreter 120
	pm2_case start__node_app_serves_and_logs
	pm2_case start__does_not_wait_for_those_that_listen
	pm2_case start__arguments_after_dashes_reach_the_app
	pm2_case start__options_before_and_after
	pm2_case start__same_script_twice_needs_force
	pm2_case start__instances
	pm2_case start__what_cannot_be_a_cluster_says_so
	pm2_case start__what_fails_is_told
	pm2_case start__no_wait_returns_at_once
	pm2_case start__write_makes_a_process_file
	pm2_case actions__by_id_name_script_and_all
	pm2_case actions__unknown_targets_fail
	pm2_case look__never_starts_a_daemon
	pm2_case list__nowhere_to_write
	pm2_case ping__starts_the_daemon
	pm2_case kill__ends_all_apps
	pm2_case prettylist__words_stand_once_per_app
	pm2_case jlist__is_json_with_pm2_fields
	pm2_case list__table_mini_and_silent
	pm2_case table__fits_the_terminal
	pm2_case signal__arrives_and_surplus_is_ignored
	pm2_case describe__and_why_tell_the_last_exits
	pm2_case small__pid_id_env_reset_generate
	pm2_case doctor__says_what_the_kernel_gives
	pm2_case completion__is_read_by_bash
	pm2_case foreground__no_daemon_stays
	pm2_case custom__options_file_is_read
	pm2_case protocol__another_version_is_told_in_words
}

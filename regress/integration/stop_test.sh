# Stopping: the app and everything that it started.

script()
{
	printf '#!/bin/sh\n%s\n' "$2" > "$1"
	chmod +x "$1"
}

# all the processes that wrote their pid into the file are gone
all_gone()
{
	while read -r tree_pid; do
		gone "$tree_pid" || {
			cat "/proc/$tree_pid/status"
			atf_fail "$tree_pid is left"
		}
	done < "$1"
}

stop__takes_the_children()
{
	pm2_begin
	pm2ctl start "$EXAMPLES/child.js" >/dev/null || exit 1
	wait_for "grep -q 'my child' '$PM2_HOME/logs/child-out-0.log'" 10
	child=$(sed -n 's/my child is //p' "$PM2_HOME/logs/child-out-0.log")
	check kill -0 "$child"
	atf_check -o ignore -e ignore pm2ctl stop child
	gone "$child" || atf_fail "the child runs"
}

stop__finds_who_forked_twice_and_made_a_session()
{
	pm2_begin
	script deep.sh 'echo $$ >> pids
setsid sh -c "echo \$\$ >> pids; trap \"\" INT TERM HUP
(setsid sleep 1001 & echo \$! >> pids)
sleep 1002" &
(sh -c "echo \$\$ >> pids; (sleep 1003 & echo \$! >> pids) &" &) &
sleep 1004'
	pm2ctl start deep.sh >/dev/null || exit 1
	wait_for "[ \$(wc -l < pids) -ge 5 ]" 5
	atf_check -o ignore -e ignore pm2ctl stop deep.sh --kill-timeout 500ms
	all_gone pids
}

stop__ignored_signals_end_in_sigkill()
{
	pm2_begin
	script deaf.sh 'trap "" INT TERM HUP QUIT USR1 USR2
while :; do sleep 1; done'
	pm2ctl start --kill-timeout 700ms deaf.sh >/dev/null || exit 1
	pid=$(app_pid deaf.sh)
	before=$(now_ms)
	atf_check -o ignore -e ignore pm2ctl stop deaf.sh
	took=$(($(now_ms) - before))
	gone "$pid" || atf_fail "$pid runs"
	[ $took -ge 600 ] || atf_fail "killed after $took ms already"
	[ $took -lt 4000 ] || atf_fail "took $took ms"
	check is deaf.sh stopped
	atf_check -o match:'SIGKILL|killed|heed' -e ignore pm2ctl why deaf.sh
}

restart__works_after_sigkill_was_needed()
{
	pm2_begin
	script deaf.sh 'trap "" INT
while :; do sleep 0.1; done'
	pm2ctl start --kill-timeout 300ms deaf.sh >/dev/null || exit 1
	# more than once: what was killed must not be deadly to its successor
	for round in 1 2 3; do
		pid=$(app_pid deaf.sh)
		atf_check -o match:'was killed' -e ignore \
		    pm2ctl restart deaf.sh
		check is deaf.sh online
		gone "$pid" || atf_fail "$pid is left"
	done
	atf_check -o ignore -e ignore pm2ctl stop deaf.sh
	atf_check -o ignore -e ignore pm2ctl start deaf.sh
	check is deaf.sh online
}

stop__graceful_app_has_its_time()
{
	pm2_begin
	pm2ctl start "$EXAMPLES/graceful.js" >/dev/null || exit 1
	wait_for "grep -q working '$PM2_HOME/logs/graceful-out-0.log'" 10
	atf_check -o ignore -e ignore pm2ctl stop graceful
	atf_check -o match:'^finished$' cat "$PM2_HOME/logs/graceful-out-0.log"
	check is graceful stopped
	atf_check_equal 0 "$(field graceful restart_time)"
}

stop__kill_signal_is_the_apps_choice()
{
	pm2_begin
	script term.sh 'trap "echo got TERM; exit 0" TERM
trap "echo got INT; exit 0" INT
while :; do sleep 0.1; done'
	pm2ctl start --kill-signal SIGTERM term.sh >/dev/null || exit 1
	atf_check -o ignore -e ignore pm2ctl stop term.sh
	atf_check -o inline:'got TERM\n' cat "$PM2_HOME/logs/term.sh-out-0.log"
}

stop__app_that_exits_leaves_no_orphans_at_restart()
{
	pm2_begin
	script leaves.sh 'setsid sleep 1005 & echo $! >> pids
sleep 1.2; exit 0'
	pm2ctl start leaves.sh >/dev/null || exit 1
	wait_for "[ \$(field leaves.sh restart_time) -ge 1 ]" 10
	atf_check -o ignore -e ignore pm2ctl stop leaves.sh
	all_gone pids
}

delete__of_a_running_app_takes_the_tree()
{
	pm2_begin
	script app.sh 'setsid sleep 1006 & echo $! > pids; wait'
	pm2ctl start app.sh >/dev/null || exit 1
	wait_for "test -s pids" 5
	atf_check -o ignore -e ignore pm2ctl delete app.sh
	all_gone pids
	atf_check -o inline:'[]\n' pm2ctl jlist
}

stop__of_one_leaves_the_others_alone()
{
	pm2_begin
	script tree.sh 'setsid sleep 1007 & echo $! > pids.$NAME; wait'
	NAME=a pm2ctl start tree.sh -n a >/dev/null || exit 1
	NAME=b pm2ctl start -f tree.sh -n b >/dev/null || exit 1
	wait_for "test -s pids.a && test -s pids.b" 5
	pid=$(app_pid b)
	atf_check -o ignore -e ignore pm2ctl stop a
	all_gone pids.a
	check kill -0 "$(cat pids.b)"
	atf_check_equal "$pid" "$(app_pid b)"
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	pm2_case stop__takes_the_children
	pm2_case stop__finds_who_forked_twice_and_made_a_session
	pm2_case stop__ignored_signals_end_in_sigkill
	pm2_case restart__works_after_sigkill_was_needed
	pm2_case stop__graceful_app_has_its_time
	pm2_case stop__kill_signal_is_the_apps_choice
	pm2_case stop__app_that_exits_leaves_no_orphans_at_restart
	pm2_case delete__of_a_running_app_takes_the_tree
	pm2_case stop__of_one_leaves_the_others_alone
}

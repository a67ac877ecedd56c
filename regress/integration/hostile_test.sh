# Clients, names, users and places that mean harm; system calls that fail.

script()
{
	printf '#!/bin/sh\n%s\n' "$2" > "$1"
	chmod +x "$1"
}

# An app runs and the daemon is the same one as before.
unharmed()
{
	atf_check_equal "$daemon" "$(pm2d_pid)"
	atf_check_equal "$victim" "$(app_pid victim)"
	check is victim online
	# descriptors come back
	wait_for "[ \$(ls /proc/$daemon/fd | wc -l) -le $((fds + 3)) ]" 15
}

begin()
{
	pm2_begin
	script victim.sh 'exec sleep 1000'
	pm2ctl start victim.sh -n victim >/dev/null || exit 1
	daemon=$(pm2d_pid)
	victim=$(app_pid victim)
	fds=$(ls "/proc/$daemon/fd" | wc -l)
}

client()
{
	python3 "$HELPERS/client.py" "$PM2_HOME/pm2d.sock" "$@" ||
	    atf_fail "client $*"
}

client__sends_garbage()
{
	begin
	client garbage 300
	client after_hello 300
	unharmed
}

client__a_thousand_half_messages()
{
	begin
	client half 1000 > open &
	sleep 1.5
	timeout 10 pm2ctl list > out 2>&1 ||
	    grep -q 'too many connections' out || {
		cat out
		atf_fail "no answer while others hold connections"
	}
	wait
	cat open
	unharmed
}

client__never_reads()
{
	begin
	for i in 1 2 3 4 5; do
		client never_reads 5000 &
	done
	sleep 1
	before=$(now_ms)
	atf_check -o ignore timeout 10 pm2ctl list
	[ $(($(now_ms) - before)) -lt 2000 ] || atf_fail "list is slow"
	wait
	[ "$(awk '/VmRSS/ { print $2 }' "/proc/$daemon/status")" -lt 400000 ] ||
	    atf_fail "$(grep VmRSS "/proc/$daemon/status")"
	unharmed
}

client__half_a_spec()
{
	begin
	client half_spec 50
	unharmed
}

client__descriptors_nobody_asked_for()
{
	begin
	client descriptors 100
	unharmed
}

client__lies_about_a_reload()
{
	begin
	client jobs_lie 0
	unharmed
}

client__asks_for_what_may_not_be()
{
	begin
	client jobs_refused 0
	unharmed
	atf_check_equal 1 "$(count_status online)"
}

client__a_crowd_wants_one_reload()
{
	begin
	script other.sh 'exec sleep 1000'
	pm2ctl start other.sh -n other >/dev/null || exit 1
	client jobs_crowd 1
	wait_for "is other online" 10
	unharmed
}

name__with_newline_or_path_or_escape()
{
	begin
	nl='
'
	esc=$(printf '\033]0;x\007')
	for name in "a${nl}b" "../../etc/x" "a/b" "$esc" "." ".." "-dash" \
	    "$(printf '%4096s' | tr ' ' n)" ""; do
		timeout 20 pm2ctl start -f victim.sh --name="$name" > out 2>&1 &&
		    rc=0 || rc=$?
		[ $rc -eq 1 ] || {
			cat -v out
			atf_fail "taken, or worse: $rc"
		}
		! grep -q "$(printf '\033\\]')" out ||
		    atf_fail "an escape sequence went to the terminal"
	done
	atf_check_equal 1 "$(pm2ctl prettylist | grep -c status:)"
	atf_check_equal "victim.pid" "$(ls "$PM2_HOME/pids")"
	unharmed
}

name__odd_but_good()
{
	begin
	for name in "two words" "%s%n" "\$(reboot)" "naïve" "a'b" \
	    "a:b" "12ab"; do
		atf_check -o ignore -e ignore \
		    pm2ctl start -f victim.sh --name="$name"
	done
	atf_check_equal 8 "$(count_status online)"
	check is "two words" online
	atf_check -o ignore -e ignore pm2ctl stop "%s%n"
	check is "%s%n" stopped
	atf_check_equal "$victim" "$(app_pid victim)"
	atf_check_equal "$daemon" "$(pm2d_pid)"
}

user__that_is_none()
{
	begin
	for user in 0day -1 '#-1' 4294967295 '#4294967295' 'no such' \
	    'root:' ''; do
		timeout 20 pm2ctl start -f sleep --user="$user" -- 1000 \
		    > out 2>&1 && rc=0 || rc=$?
		cat out
		[ $rc -eq 1 ] || atf_fail "user $user: exit $rc"
	done
	unharmed
}

start__too_large()
{
	begin
	python3 -c '
import os, subprocess
env = dict(os.environ)
for i in range(20):
    env["BIG%d" % i] = "x" * 100000
r = subprocess.run(["pm2ctl", "start", "-f", "sleep", "-n", "big", "--",
    "1000"], env=env, capture_output=True, text=True)
print(r.returncode, r.stderr)
assert r.returncode == 1 and r.stderr' || atf_fail "2 MB of environment"
	python3 -c '
import os, subprocess
env = dict(os.environ)
for i in range(8):
    env["BIG%d" % i] = "x" * 100000
r = subprocess.run(["pm2ctl", "start", "-f", "sleep", "-n", "big", "--",
    "1000"], env=env, capture_output=True, text=True)
print(r.returncode, r.stderr)
assert r.returncode == 0' || atf_fail "800 KB of environment"
	check is big online
	atf_check -o ignore -e ignore pm2ctl delete big
	unharmed
}

limit__of_descriptors_is_refused_with_words()
{
	pm2_begin
	script app.sh 'exec sleep 1000'
	(ulimit -n 256; pm2ctl ping >/dev/null) || exit 1
	pm2ctl start -x --no-wait app.sh -i 100 -n many > out 2>&1 && rc=0 ||
	    rc=$?
	cat out
	[ $rc -eq 1 ] || atf_fail "100 apps with 256 descriptors: exit $rc"
	atf_check -o match:'descriptor' cat out
	pm2ctl delete all >/dev/null 2>&1
	atf_check -o ignore -e ignore pm2ctl start -f app.sh
	check is app.sh online
}

# with_fault fault command...: a daemon whose system calls fail so
with_fault()
{
	pm2_begin
	script app.sh 'echo here; exec sleep 1000'
	PM2D_FAULT=$1 pm2ctl ping >/dev/null || exit 1
}

fault__clone_eagain_is_told_and_passes()
{
	with_fault 'pm2d/clone3:EAGAIN:3:2,pm2d/fork:EAGAIN:3:2'
	ok=0
	for i in 1 2 3 4 5 6; do
		pm2ctl start -f app.sh -n "a$i" > out 2>&1 && ok=$((ok + 1))
		cat out
	done
	[ $ok -ge 3 ] || atf_fail "$ok of 6 starts went well"
	wait_for "pm2ctl start -f app.sh -n last" 10
}

fault__emfile()
{
	with_fault 'pm2d/pipe2:EMFILE:2:2,pm2d/accept4:EMFILE:4:2'
	for i in 1 2 3; do
		timeout 20 pm2ctl start -f app.sh -n "a$i" > out 2>&1
		cat out
	done
	wait_for "timeout 20 pm2ctl start -f app.sh -n last" 20
	check is last online
}

fault__state_file_enospc_is_told_and_nothing_is_lost()
{
	pm2_begin
	script app.sh 'exec sleep 1000'
	pm2ctl start app.sh -n before >/dev/null || exit 1
	kill -TERM "$(pm2d_pid)"
	wait_for "! pm2ctl list" 10
	PM2D_FAULT='pm2d/write:ENOSPC:1:0,pm2d/fsync:ENOSPC:1:0' \
	    pm2ctl ping >/dev/null
	timeout 20 pm2ctl start -f app.sh -n after > out 2>&1 && rc=0 || rc=$?
	cat out
	check is before online
	pid=$(pm2d_pid)
	kill -KILL "$pid"
	wait_for "gone $pid" 5
	pm2ctl ping >/dev/null || exit 1
	wait_for "is before online" 10
	# what was accepted is there; what was not was told
	if [ $rc -eq 0 ]; then
		check is after online
	fi
}

fault__log_write_enospc_is_reported()
{
	with_fault 'pm2logd/write:ENOSPC:1:20,pm2logd/writev:ENOSPC:1:20'
	script talk.sh 'i=0; while :; do i=$((i + 1)); echo $i; sleep 0.05
done'
	pm2ctl start talk.sh >/dev/null || exit 1
	wait_for "[ \$(wc -l < '$PM2_HOME/logs/talk.sh-out-0.log') -ge 20 ]" 60
	check is talk.sh online
	atf_check_equal 0 "$(field talk.sh restart_time)"
}

fault__short_writes_lose_nothing()
{
	with_fault 'pm2logd/write:SHORT=7:1:0,pm2logd/writev:SHORT=7:1:0'
	script talk.sh 'seq 1 3000; exec sleep 1000'
	pm2ctl start talk.sh --no-wait >/dev/null || exit 1
	seq 1 3000 > expected
	wait_for "cmp expected '$PM2_HOME/logs/talk.sh-out-0.log'" 30
}

fault__short_messages_are_put_together()
{
	with_fault 'pm2d/recvmsg:SHORT=5:1:0,pm2d/sendmsg:SHORT=5:1:0'
	atf_check -o ignore -e ignore pm2ctl start app.sh
	check is app.sh online
	wait_for "grep -qx here '$PM2_HOME/logs/app.sh-out-0.log'" 10
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	pm2_case client__sends_garbage
	pm2_case client__a_thousand_half_messages
	pm2_case client__never_reads
	pm2_case client__half_a_spec
	pm2_case client__descriptors_nobody_asked_for
	pm2_case client__lies_about_a_reload
	pm2_case client__asks_for_what_may_not_be
	pm2_case client__a_crowd_wants_one_reload
	pm2_case name__with_newline_or_path_or_escape
	pm2_case name__odd_but_good
	pm2_case user__that_is_none
	pm2_case start__too_large
	pm2_case limit__of_descriptors_is_refused_with_words
	pm2_case fault__clone_eagain_is_told_and_passes
	pm2_case fault__emfile
	pm2_case fault__state_file_enospc_is_told_and_nothing_is_lost
	pm2_case fault__log_write_enospc_is_reported 100
	pm2_case fault__short_writes_lose_nothing
	pm2_case fault__short_messages_are_put_together
}

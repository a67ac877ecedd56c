# Output of apps: names and places of files, following, rotation, bad places.

script()
{
	printf '#!/bin/sh\n%s\n' "$2" > "$1"
	chmod +x "$1"
}

names__of_files()
{
	pm2_begin
	script app.sh 'echo to out; echo to err >&2; exec sleep 1000'
	pm2ctl start -x app.sh -n web -i 2 >/dev/null || exit 1
	for id in 0 1; do
		wait_for "grep -qx 'to out' '$PM2_HOME/logs/web-out-$id.log'" 5
		wait_for "grep -qx 'to err' '$PM2_HOME/logs/web-err-$id.log'" 5
	done
	pm2ctl start -f app.sh -n one --merge-logs >/dev/null || exit 1
	wait_for "grep -qx 'to out' '$PM2_HOME/logs/one-out.log'" 5
	wait_for "grep -qx 'to err' '$PM2_HOME/logs/one-err.log'" 5
	# his who owns the app, and readable for the group at most
	atf_check -o match:'^6[04]0$' stat -c %a "$PM2_HOME/logs/web-out-0.log"
}

names__chosen_with_o_e_p()
{
	pm2_begin
	script app.sh 'echo to out; echo to err >&2; exec sleep 1000'
	atf_check -o ignore -e ignore \
	    pm2ctl start app.sh -o mine.log -e "$PWD/bad.log" -p my.pid
	# as pm2 names them: the id goes before .log
	wait_for "grep -qx 'to out' mine-0.log" 5
	wait_for "grep -qx 'to err' bad-0.log" 5
	wait_for "test -s my.pid" 5
	atf_check_equal "$(app_pid app.sh)" "$(cat my.pid)"
	[ ! -e "$PM2_HOME/logs/app.sh-out-0.log" ] ||
	    atf_fail "the default file is there too"
	atf_check -o ignore -e ignore pm2ctl restart app.sh
	wait_for "[ \$(grep -cx 'to out' mine-0.log) -eq 2 ]" 5
}

append__truncation_from_outside_leaves_no_hole()
{
	pm2_begin
	script app.sh 'while :; do echo line; sleep 0.02; done'
	pm2ctl start app.sh >/dev/null || exit 1
	log=$PM2_HOME/logs/app.sh-out-0.log
	wait_for "[ \$(wc -l < '$log') -ge 10 ]" 5
	: > "$log"
	wait_for "[ \$(wc -l < '$log') -ge 10 ]" 5
	atf_check_equal 0 "$(grep -vcx line "$log")"
}

flush__empties_the_files()
{
	pm2_begin
	script app.sh 'echo something; echo bad >&2; exec sleep 1000'
	pm2ctl start app.sh >/dev/null || exit 1
	wait_for "test -s '$PM2_HOME/logs/app.sh-err-0.log'" 5
	atf_check -o match:'Flushing' -e ignore pm2ctl flush
	wait_for "[ ! -s '$PM2_HOME/logs/app.sh-out-0.log' ]" 2
	wait_for "[ ! -s '$PM2_HOME/logs/app.sh-err-0.log' ]" 2
}

reopen__after_somebody_moved_the_file()
{
	pm2_begin
	script app.sh 'while :; do echo line; sleep 0.02; done'
	pm2ctl start app.sh >/dev/null || exit 1
	log=$PM2_HOME/logs/app.sh-out-0.log
	wait_for "test -s '$log'" 5
	mv "$log" moved
	atf_check -o ignore -e ignore pm2ctl reloadLogs
	wait_for "test -s '$log'" 5
	size=$(wc -c < moved)
	sleep 0.3
	atf_check_equal "$size" "$(wc -c < moved)"
	# and without being told
	mv "$log" again
	wait_for "test -s '$log'" 10
}

rotate__by_size_keeps_every_line()
{
	pm2_begin
	script app.sh 'seq 1 200000; exec sleep 1000'
	pm2ctl start app.sh --log-max-size 100K --log-keep 100 --no-wait \
	    >/dev/null || exit 1
	log=$PM2_HOME/logs/app.sh-out-0.log
	wait_for "[ \$(cat '$log'* | wc -l) -ge 200000 ]" 20
	ls -l "$PM2_HOME/logs"
	[ -e "$log.1" ] || atf_fail "nothing was rotated"
	[ "$(wc -c < "$log")" -le 200000 ] || atf_fail "the file is too large"
	cat "$log"* | sort -n > all
	seq 1 200000 > expected
	atf_check cmp all expected
}

rotate__compresses_and_forgets()
{
	pm2_begin
	script app.sh 'seq 1 100000; exec sleep 1000'
	pm2ctl start app.sh --log-max-size 50K --log-keep 3 --log-compress \
	    --no-wait >/dev/null || exit 1
	log=$PM2_HOME/logs/app.sh-out-0.log
	wait_for "tail -n 1 '$log' | grep -qx 100000" 20
	wait_for "[ \$(ls '$PM2_HOME/logs' | grep -c 'out-0.log.*gz') -eq 3 ]" 10
	wait_for "[ \$(ls '$PM2_HOME/logs' | grep 'out-0.log\.' |
	    grep -vc gz) -eq 0 ]" 10
	for file in "$log".*gz; do
		gzip -t "$file" || atf_fail "$file"
	done
}

format__time_and_json()
{
	pm2_begin
	script app.sh 'echo "a \"line\""; exec sleep 1000'
	pm2ctl start app.sh --time -n t >/dev/null || exit 1
	pm2ctl start -f app.sh --log-type json -n j >/dev/null || exit 1
	wait_for "grep -qE '^20..-..-..T..:..:..[^ ]* a \"line\"|^20.*: a' \
	    '$PM2_HOME/logs/t-out-0.log'" 5
	wait_for "test -s '$PM2_HOME/logs/j-out-1.log'" 5
	cat > check.py <<'END'
import json, sys
line, = open(sys.argv[1])
line = json.loads(line)
assert 'a "line"' in (line["message"], line["message"].rstrip("\n")), line
END
	atf_check python3 check.py "$PM2_HOME/logs/j-out-1.log"
}

drain__what_was_written_last_is_there()
{
	pm2_begin
	script app.sh 'seq 1 20000; echo "the last word" >&2; exit 1'
	for i in 1 2 3; do
		atf_check -s exit:1 -o ignore -e match:'the last word' \
		    pm2ctl start -f app.sh --no-autorestart -n "app$i"
		atf_check_equal 20000 \
		    "$(tail -n 1 "$PM2_HOME/logs/app$i-out-$((i - 1)).log")"
	done
}

follow__history_and_live()
{
	pm2_begin
	script app.sh 'seq 1 30; while :; do echo tick; sleep 0.1; done'
	pm2ctl start app.sh >/dev/null || exit 1
	atf_check -o match:'tick' -e ignore pm2ctl logs --nostream --lines 3
	timeout 3 pm2ctl logs app.sh --lines 2 > out 2>&1
	[ "$(grep -c tick out)" -ge 15 ] || {
		cat out
		atf_fail "nothing live"
	}
	atf_check -o match:'app.sh.*\(out\)|app.sh' cat out
	timeout 2 pm2ctl logs --raw --err > out 2>&1
	atf_check_equal 0 "$(grep -c tick out)"
}

follow__a_reader_that_stands_still_holds_nobody_up()
{
	pm2_begin
	script app.sh 'i=0; while [ $i -lt 40 ]; do seq 1 20000; i=$((i + 1))
done; echo done > done; exec sleep 1000'
	pm2ctl ping >/dev/null
	script other.sh 'exec sleep 1000'
	pm2ctl start other.sh >/dev/null || exit 1
	pm2ctl logs > /dev/null 2>&1 &
	reader=$!
	sleep 0.5
	kill -STOP $reader
	pm2ctl start --no-wait app.sh >/dev/null || exit 1
	wait_for "test -f done" 20
	kill -CONT $reader
	kill -TERM $reader
}

filter__terminal_shows_no_escapes()
{
	pm2_begin
	printf '\033]0;title\007\033[31mred\033[0m\033[2Jcleared \302\233x\n' \
	    > bytes
	cp bytes expected
	script app.sh "cat '$PWD/bytes'; exec sleep 1000"
	pm2ctl start app.sh >/dev/null || exit 1
	log=$PM2_HOME/logs/app.sh-out-0.log
	wait_for "test -s '$log'" 5
	atf_check cmp expected "$log"
	TERM=xterm command script -qec "pm2ctl logs --nostream" /dev/null \
	    < /dev/null > shown
	cat -v shown
	atf_check grep -q "$(printf '\033\\[31mred')" shown
	atf_check -s exit:1 grep -q "$(printf '\033\\]0')" shown
	atf_check -s exit:1 grep -q "$(printf '\033\\[2J')" shown
	atf_check -s exit:1 grep -q "$(printf '\302\233')" shown
}

places__that_are_not_plain_files_are_refused()
{
	pm2_begin
	mkfifo fifo.log
	mkdir dir.log
	echo precious > theirs.log
	ln theirs.log hard.log
	ln -s theirs.log link.log
	for place in fifo dir hard link; do
		timeout 10 pm2ctl start -f sleep -n $place --merge-logs \
		    -o "$PWD/$place.log" -- 1000 > out 2>&1 && rc=0 || rc=$?
		cat out
		[ $rc -eq 1 ] || atf_fail "$place.log was taken: $rc"
	done
	atf_check_equal precious "$(cat theirs.log)"
	atf_check -o ignore -e ignore pm2ctl start -f sleep -n good -- 1000
}

stdout__closed_by_the_app()
{
	pm2_begin
	script app.sh 'echo first; exec >&- ; echo still here >&2
exec sleep 1000'
	pm2ctl start app.sh >/dev/null || exit 1
	wait_for "grep -qx 'still here' '$PM2_HOME/logs/app.sh-err-0.log'" 5
	check is app.sh online
	atf_check -o ignore -e ignore pm2ctl stop app.sh
}

stdout__long_line_without_newline()
{
	pm2_begin
	script app.sh 'head -c 100000000 /dev/zero | tr "\0" x
echo done > done; exec sleep 1000'
	pm2ctl start app.sh --no-wait --log-max-size 0 >/dev/null || exit 1
	wait_for "test -f done" 100
	logd=$(logd_pid)
	wait_for "[ \$(wc -c < '$PM2_HOME/logs/app.sh-out-0.log') -eq \
	    100000000 ]" 60
	[ "$(awk '/VmHWM/ { print $2 }' "/proc/$logd/status")" -lt 200000 ] ||
	    atf_fail "pm2logd took $(grep VmHWM "/proc/$logd/status")"
}

pm2logd__killed_under_writers_loses_nothing()
{
	pm2_begin
	cat > writer.py <<'END'
import sys, time
out = sys.stdout
for i in range(20000):
    out.write("%d\n" % i)
    if i % 50 == 0:
        out.flush()
        time.sleep(0.005)
out.flush()
open("done." + sys.argv[1], "w").close()
time.sleep(1000)
END
	for i in 0 1 2 3; do
		pm2ctl start -f --no-wait writer.py -n "w$i" -- $i >/dev/null ||
		    exit 1
	done
	pids=$(pm2ctl jlist | grep -o '"pid":[0-9]*')
	for kill in 1 2 3 4 5; do
		sleep 0.3
		old=$(logd_pid)
		kill -KILL "$old"
		wait_for "[ -n \"\$(logd_pid)\" ] &&
		    [ \"\$(logd_pid)\" != $old ]" 5
	done
	wait_for "[ -f done.0 ] && [ -f done.1 ] && [ -f done.2 ] &&
	    [ -f done.3 ]" 30
	atf_check_equal "$pids" "$(pm2ctl jlist | grep -o '"pid":[0-9]*')"
	seq 0 19999 > expected
	for i in 0 1 2 3; do
		log=$PM2_HOME/logs/w$i-out-$i.log
		wait_for "[ \"\$(tail -n 1 '$log')\" = 19999 ]" 5
		# what it had read and not yet written may be lost when it
		# dies; never anything else, nothing torn, nothing twice
		sort -n "$log" | uniq -d | head -n 3 > twice
		atf_check_equal "" "$(cat twice)"
		missing=$(grep -vxcFf "$log" expected)
		[ "$missing" -le 5000 ] || atf_fail "w$i: $missing lost"
	done
}

disable_logs__writes_nothing()
{
	pm2_begin
	script app.sh 'seq 1 100000; echo done > done; exec sleep 1000'
	pm2ctl start app.sh --disable-logs >/dev/null || exit 1
	wait_for "test -f done" 10
	atf_check_equal "" "$(ls "$PM2_HOME/logs")"
}

dev_null__is_a_place()
{
	pm2_begin
	script app.sh 'seq 1 100000; echo done > done; exec sleep 1000'
	pm2ctl start app.sh -o /dev/null -e /dev/null >/dev/null || exit 1
	wait_for "test -f done" 10
	atf_check_equal "" "$(ls "$PM2_HOME/logs")"
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	pm2_case names__of_files
	pm2_case names__chosen_with_o_e_p
	pm2_case append__truncation_from_outside_leaves_no_hole
	pm2_case flush__empties_the_files
	pm2_case reopen__after_somebody_moved_the_file
	pm2_case rotate__by_size_keeps_every_line
	pm2_case rotate__compresses_and_forgets
	pm2_case format__time_and_json
	pm2_case drain__what_was_written_last_is_there
	pm2_case follow__history_and_live
	pm2_case follow__a_reader_that_stands_still_holds_nobody_up
	pm2_case filter__terminal_shows_no_escapes
	pm2_case places__that_are_not_plain_files_are_refused
	pm2_case stdout__closed_by_the_app
	pm2_case stdout__long_line_without_newline 200
	pm2_case pm2logd__killed_under_writers_loses_nothing 100
	pm2_case disable_logs__writes_nothing
	pm2_case dev_null__is_a_place
}

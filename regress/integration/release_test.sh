# New code without a lost request; what happens when the new code is no good.

# version text: a server that says it, as app.js; its pid with a /
version()
{
	js app.js.new "const text = '$1';
require('http').createServer((req, res) => setTimeout(() =>
    res.end(\`\${text}/\${process.pid}\\n\`), 5)).listen(process.env.PORT);"
	mv app.js.new app.js
}

# says: what clients hear
says()
{
	answering | sed 's|/.*||' | sort -u | xargs
}

# Processes of the app: as many as it has instances?
wait_processes()
{
	wait_for "[ \$(of_home '$PM2_HOME' | while read -r p; do
	    tr '\0' '\n' < /proc/\$p/cmdline | grep -qx '.*/app.js' &&
	    echo \$p; done | wc -l) -eq $1 ]" 15
}

# reloads mode option...: under load from clients of both kinds
reloads()
{
	mode=$1
	shift
	pm2_begin
	version one
	serve app.js "$@"
	wait_for "[ \"\$(says)\" = one ]" 15
	load close -c 6 -g 4 "$PORT"
	load keep -c 6 -g 4 -k "$PORT"
	for text in two three four; do
		version $text
		atf_check -o ignore -e ignore pm2ctl $mode app
		atf_check_equal $text "$(says)"
	done
	load_end close keep
	check is app online
}

reload__one_instance()
{
	reloads reload
	wait_processes 1
}

reload__two_instances()
{
	reloads reload -i 2
	wait_processes 2
}

reload__two_at_once()
{
	reloads "reload --parallel 2" -i 2
	wait_processes 2
}

reload__graceful_without_handler()
{
	reloads gracefulReload -i 2
	wait_processes 2
}

reload__kernel()
{
	reloads reload -i 2 --balance kernel
}

reload__shared()
{
	reloads reload -i 2 --balance shared
}

# To Node 26 a connection is idle whose first request is on its way.
reload__shared_and_new_connections()
{
	pm2_begin
	use_node 26
	version one
	serve app.js -i 2 --balance shared
	wait_for "[ \"\$(says)\" = one ]" 15
	js app.js "require('http').createServer(ok).listen(process.env.PORT);"
	atf_check -o ignore -e ignore pm2ctl reload app
	load close -c 50 "$PORT"
	for round in 1 2 3 4; do
		atf_check -o ignore -e ignore pm2ctl reload app
	done
	load_end close
}

reload__sticky()
{
	reloads reload -i 2 --balance sticky
}

reload__all_and_by_id()
{
	pm2_begin
	version one
	serve app.js -i 2
	wait_workers 2
	first=$(app_pid 0) second=$(app_pid 1)
	atf_check -o ignore -e ignore pm2ctl reload 0
	[ "$first" != "$(app_pid 0)" ] || atf_fail "0 is the same process"
	atf_check_equal "$second" "$(app_pid 1)"
	atf_check -o ignore -e ignore pm2ctl reload all
	[ "$second" != "$(app_pid 1)" ] || atf_fail "1 is the same process"
	atf_check -s exit:1 -o ignore -e not-empty pm2ctl reload nosuch
	atf_check_equal 2 "$(count_status online)"
}

# There are never fewer workers than there should be.
reload__one_after_the_other()
{
	pm2_begin
	version one
	serve app.js -i 3
	wait_workers 3
	pm2ctl reload app > out 2>&1 &
	reload=$!
	while kill -0 $reload 2>/dev/null; do
		n=0
		for p in $(of_home "$PM2_HOME"); do
			! tr '\0' '\n' < "/proc/$p/cmdline" 2>/dev/null |
			    grep -qx '.*/app.js' || n=$((n + 1))
		done
		echo $n
	done > counts
	wait $reload || fail_with out
	sort -n counts | uniq -c
	# one more for the successor, one for who is leaving
	[ "$(sort -n counts | head -n 1)" -ge 3 ] || atf_fail "too few"
	[ "$(sort -n counts | tail -n 1)" -le 5 ] || atf_fail "too many"
}

# fails pattern command...: exits 1 and says so; the old one serves on
fails()
{
	pattern=$1
	shift
	before=$(field app pid)
	rc=0
	timeout 30 "$@" > out 2>&1 || rc=$?
	cat out
	[ $rc -eq 1 ] || atf_fail "exit status $rc"
	grep -qE "$pattern" out || atf_fail "does not say $pattern"
	atf_check_equal one "$(says)"
	atf_check_equal "$before" "$(field app pid)"
	check is app online
	wait_processes 1
}

broken__new_version_leaves_the_old()
{
	pm2_begin
	version one
	serve app.js
	wait_workers 1
	load all -c 4 -g 5 -k "$PORT"
	echo 'throw new Error("my mistake");' > app.js
	fails 'code 1|status 1|exited' pm2ctl reload app
	echo 'this is no JavaScript' > app.js
	fails 'code 1|status 1|exited' pm2ctl gracefulReload app
	echo 'process.kill(process.pid, "SIGKILL")' > app.js
	fails SIGKILL pm2ctl reload app
	rm app.js
	fails 'No such file' pm2ctl reload app
	grep -q 'my mistake' "$PM2_HOME/logs/app-err-0.log" ||
	    atf_fail "not in the error log"
	load_end all
	version two
	atf_check -o ignore -e ignore pm2ctl reload app
	atf_check_equal two "$(says)"
}

broken__new_version_that_never_listens()
{
	pm2_begin
	version one
	serve app.js --listen-timeout 700ms
	wait_workers 1
	load all -c 4 -g 5 "$PORT"
	echo 'setInterval(() => {}, 60000)' > app.js
	fails 'listen|ready|time' pm2ctl reload app
	load_end all
	atf_check -o match:'listen|ready' -e ignore pm2ctl why app
}

# One of three is bad: the others are not tried.
broken__stops_at_the_first()
{
	pm2_begin
	version one
	serve app.js -i 3
	wait_workers 3
	before=$(answering)
	echo 'process.exit(3)' > app.js
	atf_check -s exit:1 -o ignore -e ignore pm2ctl reload app
	atf_check_equal "$before" "$(answering)"
}

graceful__app_of_the_seed()
{
	pm2_begin
	serve "$EXAMPLES/graceful-exit.js"
	wait_for "'$HELPERS/h_load' -n 1 $PORT" 10
	out=$PM2_HOME/logs/graceful-exit-out-0.log
	old=$(app_pid graceful-exit)
	load close -c 4 -g 5 "$PORT"
	load keep -c 4 -g 5 -k "$PORT"
	before=$(now_ms)
	atf_check -o ignore -e ignore pm2ctl gracefulReload graceful-exit
	took=$(($(now_ms) - before))
	wait_for "gone $old" 10
	load_end close keep
	cat "$out"
	atf_check_equal "1 1 2" "$(grep -c '^Closing all connections...$' \
	    "$out") $(grep -c '^Finished closing connections$' "$out") \
$(grep -c '^listening$' "$out")"
	[ $took -lt 9000 ] || atf_fail "took $took ms"
	# reload alone says nothing to it
	atf_check -o ignore -e ignore pm2ctl reload graceful-exit
	atf_check_equal 1 "$(grep -c Closing "$out")"
}

graceful__time_is_over()
{
	pm2_begin
	js app.js 'process.on("message", (m) => console.log("told", m));
process.on("SIGINT", () => console.log("SIGINT"));
setInterval(() => {}, 60000);
require("http").createServer(ok).listen(process.env.PORT);'
	serve app.js --kill-timeout 600ms
	wait_workers 1
	old=$(app_pid app)
	before=$(now_ms)
	atf_check -o ignore -e ignore pm2ctl gracefulReload app
	wait_for "gone $old" 10
	[ $(($(now_ms) - before)) -lt 8000 ] || atf_fail "it took too long"
	cat "$PM2_HOME/logs/app-out-0.log"
	atf_check_equal "told shutdown" \
	    "$(grep told "$PM2_HOME/logs/app-out-0.log")"
	atf_check -o match:SIGINT cat "$PM2_HOME/logs/app-out-0.log"
	check is app online
}

graceful__timeout_of_pm2()
{
	pm2_begin
	js app.js 'process.on("SIGINT", () => {});
setInterval(() => {}, 60000);
require("http").createServer(ok).listen(process.env.PORT);'
	PM2_GRACEFUL_TIMEOUT=500 serve app.js
	wait_workers 1
	old=$(app_pid app)
	before=$(now_ms)
	atf_check -o ignore -e ignore pm2ctl gracefulReload app
	wait_for "gone $old" 10
	[ $(($(now_ms) - before)) -lt 3900 ] ||
	    atf_fail "took $(($(now_ms) - before)) ms"
}

second__reload_joins_the_first()
{
	pm2_begin
	js app.js 'setTimeout(() =>
require("http").createServer(ok).listen(process.env.PORT), 1500);'
	serve app.js
	wait_workers 1
	old=$(app_pid app)
	pm2ctl reload app > first 2>&1 &
	first=$!
	sleep 0.7
	atf_check -o ignore -e ignore pm2ctl reload app
	wait $first || fail_with first
	# one reload, with one successor
	wait_processes 1
	[ "$old" != "$(app_pid app)" ] || atf_fail "nothing happened"
}

second__reload_of_others_is_refused()
{
	pm2_begin
	js app.js 'setTimeout(() =>
require("http").createServer(ok).listen(process.env.PORT), 1500);'
	serve app.js
	serve app.js -f -n other
	wait_workers 1
	pm2ctl reload app other > first 2>&1 &
	first=$!
	sleep 0.7
	atf_check -s exit:1 -o save:out -e save:err pm2ctl reload other
	cat out err
	grep -qi reload out err || atf_fail "no reason is given"
	wait $first || fail_with first
}

stop__during_a_reload()
{
	pm2_begin
	for command in stop delete restart; do
		js app.js 'setTimeout(() =>
require("http").createServer(ok).listen(process.env.PORT), 600);'
		serve app.js
		wait_workers 1
		pm2ctl reload app > out 2>&1 &
		sleep 0.3
		atf_check -o ignore -e ignore pm2ctl $command app
		wait $! && atf_fail "the reload says that it succeeded"
		case $command in
		restart)	wait_workers 1
				wait_processes 1
				pm2ctl delete app >/dev/null ;;
		*)		wait_processes 0
				pm2ctl delete app >/dev/null 2>&1 ;;
		esac
	done
}

stopped__instances_stay_stopped()
{
	pm2_begin
	version one
	serve app.js -i 2
	wait_workers 2
	atf_check -o ignore -e ignore pm2ctl stop 1
	atf_check -o ignore -e ignore pm2ctl reload app
	check is 0 online
	check is 1 stopped
	atf_check -o ignore -e ignore pm2ctl stop app
	pm2ctl reload app > out 2>&1
	cat out
	atf_check_equal 2 "$(count_status stopped)"
	wait_processes 0
}

symlinked__release_is_what_runs()
{
	pm2_begin
	mkdir one two
	(cd one && version one)
	(cd two && version two)
	ln -s one current
	serve current/app.js --cwd current
	wait_for "[ \"\$(says)\" = one ]" 10
	ln -sfn two current
	load all -c 4 -g 5 "$PORT"
	atf_check -o ignore -e ignore pm2ctl reload app
	load_end all
	atf_check_equal two "$(says)"
	atf_check_equal "$PWD/two" "$(readlink "/proc/$(app_pid app)/cwd")"
	ln -sfn one current
	atf_check -o ignore -e ignore pm2ctl restart app
	wait_for "[ \"\$(says)\" = one ]" 10
}

slow__request_is_answered()
{
	pm2_begin
	js app.js 'require("http").createServer((req, res) =>
    setTimeout(() => ok(req, res), req.url == "/slow" ? 2000 : 0))
    .listen(process.env.PORT);'
	for balance in rr kernel shared; do
		serve app.js -f -n $balance --balance $balance
		wait_workers 1
		load slow -c 3 -n 3 -u /slow "$PORT"
		load slowkeep -k -c 3 -n 3 -u /slow "$PORT"
		sleep 0.5
		atf_check -o ignore -e ignore pm2ctl reload $balance
		load_end slow slowkeep
		atf_check_equal 3 "$(figure slow ok)"
	done
}

# One that listens nowhere is ready when it has run for a second; the clock of
# the daemon's timers is a coarse one.
nothing__to_listen_for_takes_a_second()
{
	pm2_begin
	echo 'setInterval(() => {}, 60000);' > app.js
	atf_check -o ignore -e ignore pm2ctl start app.js -i 6 --no-wait \
	    --kill-timeout 100
	wait_for "[ \$(count_status online) = 6 ]" 10
	begin=$(date +%s)
	atf_check -o ignore -e ignore pm2ctl reload app --parallel 6
	atf_check -o ignore -e ignore pm2ctl reload app --parallel 6
	check test $(($(date +%s) - begin)) -lt 8
}

# What the command shows is what the new process wrote, or nothing.
words__are_those_of_the_new_version()
{
	pm2_begin
	version one
	serve app.js --listen-timeout 2s
	wait_for "[ \"\$(says)\" = one ]" 15
	echo 'throw new Error("bad release");' > app.js
	atf_check -s exit:1 -o ignore -e match:'bad release' pm2ctl reload app
	echo 'setInterval(() => {}, 60000);' > app.js
	atf_check -s exit:1 -o ignore -e match:'did not listen within 2s' \
	    -e not-match:'bad release' pm2ctl reload app
	atf_check -o match:'exit code 1 after .*: not let in by the reload' \
	    pm2ctl why app
}

half__a_request_does_not_block_the_reload()
{
	pm2_begin
	version one
	serve app.js --kill-timeout 800ms
	wait_workers 1
	old=$(app_pid app)
	perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(
	    PeerAddr => "127.0.0.1", PeerPort => $ENV{PORT}) or die;
	    syswrite $s, "GET / HT"; sleep 20' &
	silent=$!
	sleep 0.3
	atf_check -o ignore -e ignore pm2ctl reload app
	wait_for "gone $old" 10
	kill $silent
}

drain__can_be_turned_off()
{
	pm2_begin
	version one
	serve app.js --no-drain
	wait_workers 1
	! tr '\0' '\n' < "/proc/$(app_pid app)/environ" | grep -i 'drain' ||
	    atf_fail "the preload is there"
	! tr '\0' '\n' < "/proc/$(app_pid app)/cmdline" | grep -i 'drain' ||
	    atf_fail "the preload is there"
	load close -c 4 -g 5 "$PORT"
	atf_check -o ignore -e ignore pm2ctl reload app
	load_end close
}

restart__under_load()
{
	pm2_begin
	version one
	for balance in rr kernel shared; do
		serve app.js -f -n $balance -i 2 --balance $balance
		wait_workers 2
		load all -c 6 -g 4 "$PORT"
		atf_check -o ignore -e ignore pm2ctl restart $balance
		wait_workers 2
		load_end all
		atf_check -o ignore -e ignore pm2ctl delete $balance
	done
}

restart__of_the_only_one()
{
	pm2_begin
	version one
	serve app.js
	wait_workers 1
	load all -c 6 -g 4 "$PORT"
	for round in 1 2 3; do
		atf_check -o ignore -e ignore pm2ctl restart app
		wait_workers 1
	done
	load_end all
}

restart__with_keepalive()
{
	pm2_begin
	version one
	serve app.js -i 2
	wait_workers 2
	load all -k -c 6 -g 4 "$PORT"
	atf_check -o ignore -e ignore pm2ctl restart app
	wait_workers 2
	load_end all
}

ready__is_waited_for()
{
	pm2_begin
	before=$(now_ms)
	serve "$EXAMPLES/ready.js" --wait-ready --listen-timeout 10s
	[ $(($(now_ms) - before)) -ge 900 ] || atf_fail "start did not wait"
	check is ready online
	load all -c 4 -g 5 "$PORT"
	before=$(now_ms)
	atf_check -o ignore -e ignore pm2ctl reload ready
	[ $(($(now_ms) - before)) -ge 900 ] || atf_fail "reload did not wait"
	# it answers 503 until it is ready, and gets connections when it listens
	load_stop all
	for kind in refused reset cut timeout; do
		atf_check_equal "$kind 0" "$kind $(figure all $kind)"
	done
	# in fork mode too
	serve "$EXAMPLES/ready.js" -f -x -n fork --wait-ready \
	    --listen-timeout 10s
	wait_for "'$HELPERS/h_load' -n 1 $PORT" 5
}

ready__never_said()
{
	pm2_begin
	version one
	serve app.js -n good
	PORT=$(free_port)
	rc=0
	pm2ctl start -f app.js --wait-ready --listen-timeout 600ms \
	    > out 2>&1 || rc=$?
	cat out
	[ $rc -eq 1 ] || atf_fail "exit status $rc"
	grep -qE 'ready' out || atf_fail "does not say why"
}

ready__never_said_by_the_new_version()
{
	pm2_begin
	js app.js "require('http').createServer((req, res) =>
    res.end('one/' + process.pid)).listen(process.env.PORT, () =>
    process.send('ready'));"
	serve app.js --wait-ready --listen-timeout 900ms
	wait_workers 1
	version two
	fails 'ready' pm2ctl reload app
}

# activated app argument...: reloads of a server with passed sockets
activated()
{
	name=$1
	shift
	PORT=$(free_port)
	export PORT
	pm2ctl start "$@" -n "$name" --listen "tcp:$PORT" > out 2>&1 || {
		cat out
		atf_fail "$name could not be started"
	}
	wait_workers 1
	load all -c 5 -g 5 "$PORT"
	for round in 1 2 3; do
		before=$(app_pid "$name")
		atf_check -o ignore -e ignore pm2ctl reload "$name"
		[ "$before" != "$(app_pid "$name")" ] ||
		    atf_fail "the same process"
	done
	atf_check -o ignore -e ignore pm2ctl restart "$name"
	wait_workers 1
	load_end all
	atf_check_equal "$(answering)" "$(app_pid "$name")"
	check is "$name" online
}

activated__python()
{
	pm2_begin
	activated py "$EXAMPLES/activated.py"
	atf_check -o match:serving -e ignore pm2ctl describe py
}

activated__c()
{
	pm2_begin
	cc -o server "$EXAMPLES/activated.c" || atf_fail "cc"
	activated c ./server
	atf_check -o match:serving -e ignore pm2ctl describe c
}

activated__several_instances()
{
	pm2_begin
	cc -o server "$EXAMPLES/activated.c" || atf_fail "cc"
	PORT=$(free_port)
	pm2ctl start ./server -i 2 --listen "tcp:$PORT" >/dev/null || exit 1
	wait_workers 2
	load all -c 5 -g 5 "$PORT"
	atf_check -o ignore -e ignore pm2ctl reload server
	load_end all
}

activated__several_sockets()
{
	pm2_begin
	cc -o server "$EXAMPLES/activated.c" || atf_fail "cc"
	PORT=$(free_port)
	pm2ctl start ./server --listen "tcp:127.0.0.1:$PORT" \
	    --listen "unix:$PM2_HOME/run.sock" --listen "tcp6:[::1]:$PORT" \
	    > out 2>&1 || fail_with out
	wait_workers 1
	wait_workers 1 "$PM2_HOME/run.sock"
	wait_workers 1 "[::1]:$PORT"
	tr '\0' '\n' < "/proc/$(app_pid server)/environ" | grep LISTEN
	atf_check_equal "LISTEN_FDS=3" "$(tr '\0' '\n' \
	    < "/proc/$(app_pid server)/environ" | grep LISTEN_FDS)"
	atf_check -o ignore -e ignore pm2ctl stop server
	[ ! -e "$PM2_HOME/run.sock" ] || atf_fail "the path is left"
	atf_check -s exit:1 -o ignore -e ignore "$HELPERS/h_load" -n 1 "$PORT"
}

# There is always a client who waits; and yet it heeds the signal.
activated__never_idle()
{
	pm2_begin
	cc -o server "$EXAMPLES/activated.c" || atf_fail "cc"
	PORT=$(free_port)
	pm2ctl start ./server --listen "tcp:$PORT" --listen "tcp6:[::1]:$PORT" \
	    --kill-timeout 20s > out 2>&1 || fail_with out
	wait_workers 1
	load four -c 20 "$PORT"
	load six -c 20 "[::1]:$PORT"
	for round in 1 2 3; do
		atf_check -o ignore -e ignore timeout 15 pm2ctl reload server
	done
	load_end four six
	atf_check -o not-match:SIGKILL pm2ctl why server
}

activated__address_in_use()
{
	pm2_begin
	cc -o server "$EXAMPLES/activated.c" || atf_fail "cc"
	PORT=$(free_port)
	export PORT
	perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(Listen => 1,
	    LocalAddr => "0.0.0.0", LocalPort => $ENV{PORT}, ReuseAddr => 1)
	    or die; sleep 30' &
	sleep 0.3
	atf_check -s exit:1 -o save:out -e save:err \
	    pm2ctl start ./server --listen "tcp:$PORT"
	cat out err
	grep -qi 'in use' out err || atf_fail "does not say why"
	kill $!
	for bad in tcp:99999 8000 sctp:8000 tcp:name:80 tcp:; do
		atf_check -s exit:1 -o ignore -e not-empty \
		    pm2ctl start -f ./server --listen "$bad"
	done
}

activated__broken_new_version()
{
	pm2_begin
	cp "$EXAMPLES/activated.py" app.py
	PORT=$(free_port)
	pm2ctl start app.py --listen "tcp:$PORT" --listen-timeout 2s \
	    >/dev/null || exit 1
	wait_workers 1
	before=$(answering)
	load all -c 4 -g 5 "$PORT"
	echo 'raise SystemExit(4)' > app.py
	atf_check -s exit:1 -o ignore -e ignore pm2ctl reload app.py
	load_end all
	atf_check_equal "$before" "$(answering)"
}

notify__watchdog()
{
	pm2_begin
	cat > dog.py <<'END'
import os, socket, time
name = os.environ["NOTIFY_SOCKET"]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect("\0" + name[1:] if name[0] == "@" else name)
s.send(b"READY=1")
print(os.environ.get("WATCHDOG_USEC"), flush=True)
for i in range(8):
    s.send(b"WATCHDOG=1")
    time.sleep(0.2)
time.sleep(1000)
END
	pm2ctl start dog.py --notify --watchdog 700ms >/dev/null || exit 1
	sleep 1
	atf_check_equal 0 "$(field dog.py restart_time)"
	wait_for "[ \$(field dog.py restart_time) -ge 1 ]" 10
	atf_check -o match:700000 cat "$PM2_HOME/logs/dog.py-out-0.log"
	atf_check -o match:'[Ww]atchdog|WATCHDOG' -e ignore pm2ctl why dog.py
}

notify__extends_the_time()
{
	pm2_begin
	cat > late.py <<'END'
import os, socket, time
name = os.environ["NOTIFY_SOCKET"]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect("\0" + name[1:] if name[0] == "@" else name)
s.send(b"EXTEND_TIMEOUT_USEC=5000000\nSTATUS=warming up")
time.sleep(1.5)
s.send(b"READY=1\nSTATUS=warm")
time.sleep(1000)
END
	atf_check -o ignore -e ignore pm2ctl start late.py --notify \
	    --wait-ready --listen-timeout 800ms
	check is late.py online
	atf_check -o match:'warm' -e ignore pm2ctl describe late.py
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	pm2_case reload__one_instance 90
	pm2_case reload__two_instances 90
	pm2_case reload__two_at_once 90
	pm2_case reload__graceful_without_handler 90
	pm2_case reload__kernel 90
	pm2_case reload__shared 90
	pm2_case reload__shared_and_new_connections 90
	pm2_case reload__sticky 90
	pm2_case reload__all_and_by_id
	pm2_case reload__one_after_the_other
	pm2_case broken__new_version_leaves_the_old 90
	pm2_case broken__new_version_that_never_listens
	pm2_case broken__stops_at_the_first
	pm2_case graceful__app_of_the_seed
	pm2_case graceful__time_is_over
	pm2_case graceful__timeout_of_pm2
	pm2_case second__reload_joins_the_first
	pm2_case second__reload_of_others_is_refused
	pm2_case stop__during_a_reload
	pm2_case stopped__instances_stay_stopped
	pm2_case symlinked__release_is_what_runs
	pm2_case slow__request_is_answered 90
	pm2_case half__a_request_does_not_block_the_reload
	pm2_case nothing__to_listen_for_takes_a_second
	pm2_case words__are_those_of_the_new_version
	pm2_case drain__can_be_turned_off
	pm2_case restart__under_load 90
	pm2_case restart__of_the_only_one
	pm2_case restart__with_keepalive
	pm2_case ready__is_waited_for
	pm2_case ready__never_said
	pm2_case ready__never_said_by_the_new_version
	pm2_case activated__python 90
	pm2_case activated__c 90
	pm2_case activated__several_instances
	pm2_case activated__several_sockets
	pm2_case activated__never_idle
	pm2_case activated__address_in_use
	pm2_case activated__broken_new_version
	pm2_case notify__watchdog
	pm2_case notify__extends_the_time
}

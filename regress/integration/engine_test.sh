# The engine: it may die at any time, and workers may send it anything.

# of pid: how many descriptors it has
descriptors()
{
	ls "/proc/$1/fd" | wc -l
}

# kill_engine: as if it had crashed; a new one comes
kill_engine()
{
	killed=$(engine_pid) || atf_fail "there is no engine"
	killed="$killed $(below "$killed")"
	kill -KILL "${killed%% *}"
	wait_for "new=\$(engine_pid) && ! echo $killed | grep -qw \$new" 10
}

kill9__under_load()
{
	pm2_begin
	serve "$EXAMPLES/http.js" -i 2
	wait_workers 2
	before=$(answering)
	load close -c 6 -g 4 "$PORT"
	load keep -c 6 -g 4 -k "$PORT"
	for round in 1 2 3 4 5; do
		sleep 0.3
		kill_engine
	done
	sleep 0.5
	load_end close keep
	[ "$(figure close ok)" -gt 100 ] || atf_fail "too few answers"
	# the workers are the same
	atf_check_equal "$before" "$(answering)"
	atf_check_equal "0 0" "$(field 0 restart_time) $(field 1 restart_time)"
}

kill9__of_the_twin()
{
	pm2_begin
	serve "$EXAMPLES/http.js" -i 2
	wait_workers 2
	before=$(answering)
	engine=$(engine_pid)
	twin=$(below "$engine")
	[ -n "$twin" ] || atf_skip "the engine has no twin here"
	load all -c 6 -g 4 "$PORT"
	# shellcheck disable=SC2086
	kill -KILL $twin
	# another engine, which has one
	wait_for "new=\$(engine_pid) && [ \$new -ne $engine ] &&
	    below \$new | grep -q ." 10
	kill_engine
	load_end all
	atf_check_equal "$before" "$(answering)"
}

# As fast as they come.
kill9__again_and_again()
{
	pm2_begin
	serve "$EXAMPLES/http.js" -i 2
	wait_workers 2
	before=$(answering)
	load close -c 6 -g 4 "$PORT"
	end=$(($(now_ms) + 3000))
	n=0
	while [ "$(now_ms)" -lt $end ]; do
		engine=$(engine_pid) || continue
		kill -KILL "$engine" && n=$((n + 1))
		sleep 0.02
	done
	echo "killed $n"
	[ $n -ge 3 ] || atf_fail "it was killed $n times"
	wait_for "'$HELPERS/h_load' -c 4 -n 40 $PORT" 15
	load_end close
	atf_check_equal "$before" "$(answering)"
}

kill9__during_reloads()
{
	pm2_begin
	serve "$EXAMPLES/http.js" -i 2
	wait_workers 2
	load close -c 5 -g 5 "$PORT"
	load keep -c 5 -g 5 -k "$PORT"
	for delay in 0.05 0.2 0.4 0.7; do
		pm2ctl reload http > out 2>&1 &
		reload=$!
		sleep $delay
		kill_engine
		wait $reload || fail_with out
		# not so often that it is given up for a while
		sleep 1
	done
	load_end close keep
	wait_workers 2
	atf_check_equal 2 "$(count_status online)"
}

kill9__while_workers_start()
{
	pm2_begin
	serve "$EXAMPLES/http.js" -i 4 --no-wait
	for round in 1 2 3; do
		sleep 0.04
		kill_engine
	done
	wait_workers 4
	atf_check_equal 4 "$(count_status online)"
}

kill9__of_a_worker_and_of_the_engine()
{
	pm2_begin
	serve "$EXAMPLES/http.js" -i 2
	wait_workers 2
	load all -c 5 -g 5 "$PORT"
	for round in 1 2 3; do
		kill -KILL "$(app_pid 0)" "$(engine_pid)"
		wait_workers 2
	done
	load_stop all
	for kind in refused cut bad timeout; do
		atf_check_equal "$kind 0" "$kind $(figure all $kind)"
	done
	[ "$(figure all reset)" -le 15 ] || atf_fail "too many were lost"
}

kill9__messages_get_through()
{
	pm2_begin
	cat > talk.js <<'END'
let n = 0;
process.on('message', (m) => console.log('got', m.n));
setInterval(() => process.send({ n: n++ }), 2);
console.log('up');
END
	pm2ctl start talk.js >/dev/null || exit 1
	wait_for "grep -q up '$PM2_HOME/logs/talk-out-0.log'" 10
	before=$(app_pid talk)
	for round in 1 2 3; do
		kill_engine
		wait_for "pm2ctl message talk '{\"n\":$round}'" 5
	done
	wait_for "grep -q 'got 3' '$PM2_HOME/logs/talk-out-0.log'" 5
	atf_check_equal "$before" "$(app_pid talk)"
}

kill9__of_the_log_daemon_and_the_engine()
{
	pm2_begin
	serve "$EXAMPLES/http.js" -i 2
	wait_workers 2
	load all -c 4 -g 5 "$PORT"
	for round in 1 2; do
		kill -KILL "$(engine_pid)" "$(logd_pid)"
		sleep 0.5
	done
	load_end all
}

# A pm2d that is killed takes its workers with it (a worker whose channel
# ends has no primary), and the next one has everything again.
kill9__of_pm2d()
{
	pm2_begin
	serve "$EXAMPLES/http.js" -i 2
	wait_workers 2
	engine=$(engine_pid)
	kill -KILL "$(pm2d_pid)"
	wait_for "gone $engine" 10
	atf_check -o match:pong -e ignore pm2ctl ping
	wait_workers 2
	atf_check_equal 2 "$(count_status online)"
}

engine__is_there_when_needed()
{
	pm2_begin
	atf_check -o match:pong -e ignore pm2ctl ping
	atf_check -o match:'engine' -e ignore pm2ctl doctor
	pm2ctl start "$EXAMPLES/http.js" >/dev/null
	engine=$(engine_pid) || atf_fail "there is no engine"
	# started from nothing
	! tr '\0' '\n' < "/proc/$engine/environ" 2>/dev/null |
	    grep -E 'PM2_HOME|NODE_' || atf_fail "in its environment"
	pm2ctl kill >/dev/null
	wait_for "gone $engine" 10
}

engine__leaves_nothing_behind()
{
	pm2_begin
	# nobody else may look into the daemons
	[ "$(id -u)" -eq 0 ] || atf_skip "only root may count"
	serve "$EXAMPLES/http.js" -i 2
	wait_workers 2
	pm2ctl reload http >/dev/null || atf_fail "reload"
	sleep 1
	before="$(descriptors "$(pm2d_pid)") $(descriptors "$(engine_pid)")"
	load all -k -c 10 -g 5 "$PORT"
	for round in 1 2 3 4; do
		atf_check -o ignore -e ignore pm2ctl reload http
	done
	load_end all
	wait_for "[ \"\$(descriptors \$(pm2d_pid)) \$(descriptors \
	    \$(engine_pid))\" = '$before' ]" 10
	# and when they end by themselves
	for round in 1 2 3; do
		kill -KILL "$(app_pid 0)"
		wait_workers 2
	done
	wait_for "[ \"\$(descriptors \$(pm2d_pid)) \$(descriptors \
	    \$(engine_pid))\" = '$before' ]" 10
	atf_check -o ignore -e ignore pm2ctl delete all
	ls -l "/proc/$(engine_pid)/fd"
	[ "$(descriptors "$(engine_pid)")" -lt "${before#* }" ] ||
	    atf_fail "deleted apps are in the engine"
}

engine__works_in_its_sandbox()
{
	pm2_begin "$PM2D_SHIP"
	serve "$EXAMPLES/http.js" -i 2
	wait_workers 2
	engine=$(engine_pid)
	atf_check -o match:'^NoNewPrivs:	1$' -o match:'^Seccomp:	2$' \
	    cat "/proc/$engine/status"
	load close -c 5 -g 5 "$PORT"
	load keep -c 5 -g 5 -k "$PORT"
	atf_check -o ignore -e ignore pm2ctl reload http
	atf_check -o ignore -e ignore pm2ctl gracefulReload http
	atf_check_equal "$engine" "$(engine_pid)"
	for round in 1 2 3; do
		kill_engine
	done
	load_end close keep
	for balance in kernel shared sticky; do
		serve "$EXAMPLES/http.js" -f -n $balance -i 2 \
		    --balance $balance
		wait_for "answering | grep -q ." 10
		load all -c 5 -g 5 "$PORT"
		atf_check -o ignore -e ignore pm2ctl reload $balance
		load_end all
	done
	serve "$EXAMPLES/message.js" -f
	wait_for "pm2ctl message message '[1]'" 10
	! grep -iE 'signal 31|SIGSYS|bad system call' "$PM2_HOME/pm2.log" ||
	    atf_fail "killed by its sandbox"
	[ "$(id -u)" -ne 0 ] || atf_check -o match:'^Uid:	[1-9]' \
	    cat "/proc/$(engine_pid)/status"
}

engine__is_small()
{
	pm2_begin "$PM2D_SHIP"
	[ "$(id -u)" -eq 0 ] || atf_skip "only root may measure it"
	serve "$EXAMPLES/http.js" -i 4
	wait_workers 4
	pss=$(awk '/^Pss:/ { print $2 }' "/proc/$(engine_pid)/smaps_rollup")
	echo "$pss KiB"
	[ "$pss" -le 2048 ] || atf_fail "$pss KiB"
}

# ---- hostile workers ----

# hostile text [done-pattern]: a script that does that with its channel (raw(),
# line(), fd) beside an app that serves clients.  Only it may suffer.
hostile()
{
	pm2_begin
	serve "$EXAMPLES/http.js" -n victim -i 2
	wait_workers 2
	victims=$(answering)
	engine=$(engine_pid)
	daemon=$(pm2d_pid)
	fds="$(descriptors "$daemon") $(descriptors "$engine")"
	cat > hostile.js <<'END'
const fs = require('fs');
const fd = 3;
const wait = new Int32Array(new SharedArrayBuffer(4));
/* all of it, unless the channel is closed; -1 then */
function raw(data) {
	let buf = Buffer.from(data);
	while (buf.length > 0) {
		try {
			buf = buf.subarray(fs.writeSync(fd, buf));
		} catch (e) {
			if (e.code !== 'EAGAIN')
				return -1;
			Atomics.wait(wait, 0, 0, 1);
		}
	}
	return 0;
}
const line = (o) => raw(JSON.stringify(o) + '\n');
const nc = (o) => line({ cmd: 'NODE_CLUSTER', ...o });
const query = (o) => nc({ act: 'queryServer', index: 0, data: null,
    address: null, port: 0, addressType: 4, fd: undefined, backlog: 0,
    seq: 1, ...o });
const done = () => console.log('done');
process.on('exit', done);
setInterval(() => {}, 60000);
END
	printf '%s\n' "$1" >> hostile.js
	load all -c 4 -g 8 "$PORT"
	pm2ctl start hostile.js -f --no-wait --no-autorestart \
	    --kill-timeout 500ms >/dev/null || atf_fail "start"
	wait_for "cat '$PM2_HOME'/logs/hostile-out-*.log | grep -qx done || ! is hostile online" 25
	sleep 0.5
	load_end all
	head -n 5 "$PM2_HOME"/logs/hostile-*.log
	pm2ctl why hostile
	atf_check_equal "$victims" "$(answering)"
	atf_check_equal "$engine" "$(engine_pid)"
	atf_check_equal "$daemon" "$(pm2d_pid)"
	atf_check -o ignore -e ignore timeout 10 pm2ctl delete hostile
	wait_for "[ \$(descriptors $daemon) -le $((${fds% *} + 1)) ] &&
	    [ \$(descriptors $engine) -le $((${fds#* } + 1)) ]" 10
	rss=$(awk '/^VmRSS/ { print $2 }' "/proc/$engine/status")
	echo "engine: $rss KiB"
}

hostile__line_without_end()
{
	hostile "const big = Buffer.alloc(1 << 20, 'a');
for (let i = 0; i < 40; i++) if (raw(big) === -1) break;
done();"
	# the sanitizer needs more than the engine
	[ "$rss" -lt 300000 ] || atf_fail "it kept all of that"
}

hostile__garbage()
{
	hostile "raw(require('crypto').randomBytes(1000000)); done();"
}

hostile__bad_json()
{
	hostile "for (const s of ['{', '{\"cmd\":', '[1,', 'nul', '\"\\\\ud800\"',
    '{\"cmd\":\"NODE_CLUSTER\",\"cmd\":3}', '1e999', '-', '\\u0000',
    '{\"cmd\":{\"a\":1}}', '{\"cmd\":\"NODE_\"}', '', ' ', '\\r'])
	raw(s + '\\n');
done();"
}

hostile__deep_nesting()
{
	hostile "raw('['.repeat(100000) + ']'.repeat(100000) + '\\n');
raw('{\"a\":'.repeat(20000) + '1' + '}'.repeat(20000) + '\\n');
raw('{\"cmd\":\"NODE_CLUSTER\",\"act\":\"queryServer\",\"seq\":1,\"data\":' +
    '['.repeat(500) + ']'.repeat(500) + '}\\n');
done();"
}

hostile__wrong_types_in_queries()
{
	hostile "for (const o of [{ port: '80' }, { port: 1e9 }, { port: -5 },
    { port: 80.5 }, { port: null }, { address: {} }, { address: [] },
    { address: 'no address' }, { address: 'x'.repeat(5000) },
    { index: -1 }, { index: 1e20 }, { index: 'a' }, { addressType: 99 },
    { addressType: 'udp9' }, { addressType: null }, { fd: 0 }, { fd: 3 },
    { fd: -7 }, { flags: 'x' }, { flags: -1 }, { flags: 1e12 },
    { backlog: -1 }, { backlog: 1e12 }, { backlog: {} }, { seq: -1 },
    { seq: 'x' }, { seq: 1e300 }, { seq: null },
    { data: 'y'.repeat(3000) }, { data: { a: [{}, 1e308] } },
    { address: '/etc/x.sock', addressType: -1, port: -1 },
    { address: '/', addressType: -1, port: -1 },
    { address: '', addressType: -1, port: -1 },
    { address: '/tmp/' + 'z'.repeat(4000), addressType: -1, port: -1 }])
	query(o);
setTimeout(done, 300);"
	[ ! -e /etc/x.sock ] || {
		rm -f /etc/x.sock
		[ "$(id -u)" -eq 0 ] || atf_fail "/etc/x.sock was made"
	}
}

hostile__forged_answers()
{
	hostile "for (let i = 0; i < 3000; i++) {
	nc({ ack: i, accepted: i % 2 === 0, seq: i });
	nc({ ack: 4294967296 * (i % 9) + i % 50, accepted: false, seq: i });
	nc({ ack: -i, seq: i }); nc({ ack: 'a' }); nc({ ack: {} });
}
done();"
}

hostile__acts_out_of_order()
{
	hostile "for (const act of ['online', 'listening', 'close', 'newconn',
    'disconnect', 'exitedAfterDisconnect', 'suicide', 'nosuch', '', null, 7])
	for (const key of ['L1', 'L0', 'L4294967295', 'L-1', 'L99999999999',
	    'x', '', null, {}, 1])
		nc({ act, key, seq: 5, port: 80, addressType: 4,
		    address: null, index: 0 });
done();"
}

hostile__acks_flood()
{
	hostile "raw('{\"cmd\":\"NODE_HANDLE_ACK\"}\\n'.repeat(30000));
raw('{\"cmd\":\"NODE_HANDLE_NACK\"}\\n'.repeat(30000));
raw('{\"cmd\":\"NODE_HANDLE\",\"type\":\"net.Server\",\"msg\":1}\\n'.repeat(3000));
raw('{\"cmd\":\"NODE_SOCKET_GET_COUNT\",\"key\":\"a\"}\\n'.repeat(3000));
done();"
}

hostile__messages_flood()
{
	hostile "const s = JSON.stringify({ x: 'y'.repeat(200) }) + '\\n';
for (let i = 0; i < 300; i++) if (raw(s.repeat(300)) === -1) break;
done();"
	[ "$rss" -lt 300000 ] || atf_fail "it kept all of that"
}

hostile__a_hundred_thousand_queries()
{
	hostile "const q = (i) => JSON.stringify({ cmd: 'NODE_CLUSTER',
    act: 'queryServer', index: i, data: null, address: null, port: 0,
    addressType: 4, seq: i }) + '\\n';
for (let i = 0; i < 100000; i += 500) {
	let s = '';
	for (let j = 0; j < 500; j++) s += q(i + j);
	if (raw(s) === -1) break;
}
done();"
}

# Descriptors, by the hundred, on lines that announce them or not.
hostile__descriptors_flood()
{
	hostile "require('child_process').spawnSync('python3', ['-c', \`
import array, os, socket, time
s = socket.socket(fileno=3)
null = os.open('/dev/null', os.O_RDONLY)
def send(data, n):
    end = time.time() + 3
    while time.time() < end:
        try:
            return s.sendmsg([data], [(socket.SOL_SOCKET,
                socket.SCM_RIGHTS, array.array('i', [null] * n))])
        except (BlockingIOError, OSError) as e:
            if e.errno in (32, 104):
                raise SystemExit
            time.sleep(0.005)
for i in range(100):
    send(b'{\"cmd\":\"NODE_HANDLE\",\"type\":\"net.Server\",\"msg\":1}\\\\n', 250)
    send(b'1\\\\n', 250)
    send(b'{\"cmd\":\"NODE_HANDLE\",', 3)
    send(b'\"type\":\"x\",\"msg\":{\"cmd\":\"NODE_CLUSTER\"}}\\\\n', 1)
\`], { stdio: ['ignore', 'inherit', 'inherit', fd] });
done();"
}

hostile__never_reads()
{
	hostile "const end = Date.now() + 2500;
let s = '{\"cmd\":\"NODE_SOCKET_GET_COUNT\",\"key\":\"' + 'k'.repeat(200) + '\"}\\n';
s = s.repeat(100);
while (Date.now() < end)
	try { fs.writeSync(fd, s); } catch (e) {
		if (e.code !== 'EAGAIN') break;
		Atomics.wait(wait, 0, 0, 1); }
done();"
	[ "$rss" -lt 300000 ] || atf_fail "it kept all of that"
}

hostile__shut_channel()
{
	hostile "fs.closeSync(fd); setTimeout(done, 500);"
}

# Says that it listens where others do, closes what is not its own.
hostile__steals_no_connections()
{
	hostile "for (let i = 0; i < 50; i++) {
	nc({ act: 'listening', address: null, port: +process.env.PORT,
	    addressType: 4, index: 0, seq: i });
	nc({ act: 'close', key: 'L' + i, seq: i });
	nc({ act: 'close', key: 'L' + i, seq: i });
}
setTimeout(done, 500);"
}

# Once: a few bad lines are forgiven, more of them cost that worker its life
# and nobody else anything.
hostile__worker_is_started_again()
{
	pm2_begin
	cat > bad.js <<'END'
const fs = require('fs'), me = process.env.NODE_APP_INSTANCE;
const lines = (n) => { while (n-- > 0) fs.writeSync(3, 'garbage\n'); };
require('http').createServer((q, s) => s.end('ok')).listen(+process.env.PORT,
    '127.0.0.1', () => {
	if (me === '0' && !fs.existsSync('told')) {
		fs.writeFileSync('told', '');
		setTimeout(lines, 2000, 40);
	} else
		lines(3);
});
END
	serve bad.js -i 2
	wait_for "[ \"\$(field 0 restart_time)\" = 1 ] && is 0 online" 10
	atf_check -o match:'broke the protocol of its channel' pm2ctl why 0
	sleep 0.5
	atf_check_equal "1 0" "$(field 0 restart_time) $(field 1 restart_time)"
	atf_check -o match:'ok 100 ' "$HELPERS/h_load" -c 4 -n 100 "$PORT"
}

# As another user's app: what it asks for is not its to have.
hostile__asks_for_what_it_may_not_have()
{
	pm2_begin
	[ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -gt 100 ] ||
	    atf_skip "no port is privileged here"
	dir=$(pm2_newhome)
	chmod 755 "$dir"
	home=$(pm2_newhome)
	chown $USER1 "$home"
	cat > "$dir/app.js" <<'END'
const net = require('net');
const places = [{ port: 80 }, { path: '/etc/x.sock' }, { fd: 0 }, { fd: 5 },
    { port: 22 }, { path: '/root/x.sock' }];
(function next() {
	const place = places.shift();
	if (place === undefined)
		return console.log('done');
	const s = net.createServer();
	s.on('error', (e) => { console.log(JSON.stringify(place), e.code); next(); });
	s.listen(place, () => { console.log(JSON.stringify(place), 'LISTENS'); next(); });
})();
setInterval(() => {}, 60000);
END
	PM2_HOME=$home
	run_as $USER1 env PM2_HOME="$home" \
	    pm2ctl start "$dir/app.js" >/dev/null || exit 1
	out=$home/logs/app-out-0.log
	wait_for "grep -q done '$out'" 10
	cat "$out"
	! grep LISTENS "$out" || atf_fail "it got what it asked for"
	atf_check_equal 6 "$(grep -cE 'EACCES|EINVAL|EBADF|EADDRINUSE|ENOENT' \
	    "$out")"
	[ ! -e /etc/x.sock ] || atf_fail "/etc/x.sock"
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	pm2_case kill9__under_load
	pm2_case kill9__of_the_twin
	pm2_case kill9__again_and_again
	pm2_case kill9__during_reloads 90
	pm2_case kill9__while_workers_start
	pm2_case kill9__of_a_worker_and_of_the_engine
	pm2_case kill9__messages_get_through
	pm2_case kill9__of_the_log_daemon_and_the_engine
	pm2_case kill9__of_pm2d
	pm2_case engine__is_there_when_needed
	pm2_case engine__leaves_nothing_behind 90
	pm2_case engine__works_in_its_sandbox 90
	pm2_case engine__is_small
	pm2_case hostile__line_without_end
	pm2_case hostile__garbage
	pm2_case hostile__bad_json
	pm2_case hostile__deep_nesting
	pm2_case hostile__wrong_types_in_queries
	pm2_case hostile__forged_answers
	pm2_case hostile__acts_out_of_order
	pm2_case hostile__acks_flood
	pm2_case hostile__messages_flood
	pm2_case hostile__a_hundred_thousand_queries
	pm2_case hostile__descriptors_flood
	pm2_case hostile__never_reads
	pm2_case hostile__shut_channel
	pm2_case hostile__steals_no_connections
	pm2_case hostile__worker_is_started_again
	pm2_case hostile__asks_for_what_it_may_not_have 60 root
}

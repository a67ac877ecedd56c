# Cluster mode: several workers of one Node script behind one port.

# lines app: what it printed
lines()
{
	cat "$PM2_HOME/logs/$1"-out-*.log 2>/dev/null
}

# printed app regex n: so many lines of it match
printed()
{
	[ "$(lines "$1" | grep -cE "$2")" -ge "$3" ]
}

cluster__two_workers_share_a_port()
{
	pm2_begin
	serve "$EXAMPLES/http.js" -i 2
	wait_workers 2
	atf_check_equal "$(answering)" "$({ app_pid 0; app_pid 1; } | sort)"
	atf_check_equal cluster_mode "$(field 0 exec_mode)"
	atf_check_equal 2 "$(count_status online)"
	# for all addresses, as Node's own
	for address in "127.0.0.1:$PORT" "[::1]:$PORT"; do
		atf_check -o match:'^ok 4 ' "$HELPERS/h_load" -n 4 "$address"
	done
}

cluster__one_instance_is_the_default()
{
	pm2_begin
	serve "$EXAMPLES/http.js"
	wait_workers 1
	atf_check_equal cluster_mode "$(field http exec_mode)"
	atf_check_equal "$(answering)" "$(app_pid http)"
}

cluster__x_is_fork_mode()
{
	pm2_begin
	js app.js 'console.log(require("cluster").isWorker);
require("http").createServer(ok).listen(process.env.PORT);'
	serve app.js -x
	wait_workers 1
	atf_check_equal fork_mode "$(field app exec_mode)"
	atf_check_equal false "$(lines app)"
}

cluster__environment_is_clean()
{
	pm2_begin
	cat > env.js <<'END'
const { spawnSync } = require('child_process');
const cluster = require('cluster');
const names = ['NODE_UNIQUE_ID', 'NODE_CHANNEL_FD',
    'NODE_CHANNEL_SERIALIZATION_MODE'];
console.log('in env:', names.filter((n) => n in process.env).join());
console.log('worker', cluster.isWorker, cluster.isPrimary ?? cluster.isMaster,
    cluster.worker.id > 0, process.connected, typeof process.send);
console.log('instance', process.env.NODE_APP_INSTANCE);
const ls = spawnSync('sh', ['-c',
    'for fd in /proc/$$/fd/*; do echo "${fd##*/} $(readlink $fd)"; done; env']);
console.log('child has', String(ls.stdout).split('\n').filter((l) =>
    /^([3-9]|[0-9]{2,}) socket/.test(l) || names.includes(l.split('=')[0])).join());
setInterval(() => {}, 60000);
END
	pm2ctl start env.js -i 2 >/dev/null || exit 1
	wait_for "printed env 'child has' 2" 10
	lines env
	atf_check_equal 2 "$(lines env | grep -c '^in env: $')"
	atf_check_equal 2 "$(lines env |
	    grep -c '^worker true false true true function$')"
	atf_check_equal 2 "$(lines env | grep -c '^child has $')"
	check printed env '^instance 0$' 1
	check printed env '^instance 1$' 1
}

cluster__port_zero_is_the_same_for_all()
{
	pm2_begin
	js zero.js 'const http = require("http");
const a = http.createServer(ok).listen(0, () =>
    http.createServer(ok).listen(0, function () {
	console.log(a.address().port, this.address().port); }));'
	pm2ctl start zero.js -i 3 >/dev/null || exit 1
	wait_for "printed zero '^[0-9]+ [0-9]+$' 3" 10
	lines zero
	atf_check_equal 1 "$(lines zero | sort -u | wc -l)"
	set -- $(lines zero | head -n 1)
	[ "$1" != "$2" ] || atf_fail "the second one is the same"
	wait_workers 3 "$1"
	wait_workers 3 "$2"
	# and after the restart of one of them
	atf_check -o ignore -e ignore pm2ctl restart 1
	wait_for "printed zero '^$1 $2$' 4" 10
	wait_workers 3 "$1"
}

cluster__two_servers_of_an_app()
{
	pm2_begin
	SECOND=$(free_port)
	export SECOND
	js two.js 'const http = require("http");
http.createServer(ok).listen(process.env.PORT);
http.createServer(ok).listen(process.env.SECOND, "127.0.0.1");'
	serve two.js -i 2
	wait_workers 2
	wait_workers 2 "$SECOND"
}

cluster__two_scripts_share_a_port()
{
	pm2_begin
	js other.js 'require("http").createServer(ok).listen(process.env.PORT);'
	serve "$EXAMPLES/http.js"
	pm2ctl start other.js >/dev/null || exit 1
	wait_workers 2
	atf_check_equal "$(answering)" \
	    "$({ app_pid http; app_pid other; } | sort)"
	load both -c 4 -g 5 "$PORT"
	sleep 0.3
	atf_check -o ignore -e ignore pm2ctl stop other
	sleep 0.2
	# what the stopped one was answering is lost, nothing else
	load_stop both
	for kind in refused cut bad timeout; do
		atf_check_equal "$kind 0" "$kind $(figure both $kind)"
	done
	[ "$(figure both reset)" -le 4 ] || atf_fail "too many were lost"
	atf_check_equal "$(answering)" "$(app_pid http)"
}

cluster__address_in_use_is_told_to_the_app()
{
	pm2_begin
	cat > busy.js <<'END'
const http = require('http');
const server = http.createServer((req, res) => res.end(`${process.pid}\n`));
server.on('error', (e) => {
	console.log(e.code, e.syscall, e.port);
	setTimeout(() => server.listen(process.env.PORT), 200);
});
server.on('listening', () => {
	console.log('listening');
	/* once more, in the same worker */
	http.createServer().on('error', (e) => console.log('again', e.code))
	    .listen(process.env.PORT);
});
server.listen(process.env.PORT);
END
	PORT=$(free_port)
	export PORT
	perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(Listen => 1,
	    LocalAddr => "0.0.0.0", LocalPort => $ENV{PORT}, ReuseAddr => 1)
	    or die; sleep 60' &
	occupant=$!
	sleep 0.2
	pm2ctl start busy.js -i 2 >/dev/null || exit 1
	wait_for "printed busy '^EADDRINUSE bind $PORT$' 4" 10
	kill $occupant
	wait_workers 2
	wait_for "printed busy '^again EADDRINUSE$' 2" 10
	atf_check_equal 0 "$(field 0 restart_time)"
}

cluster__close_and_listen_again()
{
	pm2_begin
	cat > again.js <<'END'
const server = require('http').createServer((req, res) =>
    res.end(`${process.pid}\n`));
let left = 4;
server.on('listening', () => {
	if (left-- > 0)
		server.close(() => server.listen(process.env.PORT));
	else
		console.log('done');
});
server.listen(process.env.PORT);
END
	serve again.js -i 2
	wait_for "printed again done 2" 10
	wait_workers 2
}

certificate()
{
	openssl req -x509 -newkey rsa:2048 -nodes -days 3 -subj /CN=localhost \
	    -keyout key.pem -out cert.pem 2>/dev/null ||
	    atf_skip "openssl makes no certificate"
}

cluster__https_sessions_are_resumed_by_all()
{
	pm2_begin
	certificate
	serve "$EXAMPLES/https.js" -i 2 --cwd "$PWD"
	cat > client.py <<'END'
import socket, ssl, sys
context = ssl._create_unverified_context()
context.maximum_version = ssl.TLSVersion.TLSv1_2
session, pids = None, {}
for i in range(12):
    s = context.wrap_socket(socket.create_connection(
        ("127.0.0.1", int(sys.argv[1]))), session=session)
    s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    answer = b""
    while b"session\n" not in answer:
        answer += s.recv(4096) or sys.exit("cut off")
    word = answer.split(b"\r\n\r\n")[1].split()[0]
    pids.setdefault(word, []).append(s.session_reused)
    session = session or s.session
print(len(pids), all(all(v) for v in list(pids.values())[1:]),
    sum(map(sum, pids.values())))
END
	wait_for "python3 client.py $PORT" 10
	atf_check -o inline:'2 True 11\n' python3 client.py "$PORT"
}

cluster__https_address_in_use()
{
	pm2_begin
	certificate
	cat > busy.js <<'END'
const fs = require('fs');
const s = require('https').createServer({ key: fs.readFileSync('key.pem'),
    cert: fs.readFileSync('cert.pem') });
s.on('error', (e) => console.log(e.code));
s.listen(process.env.PORT);
END
	PORT=$(free_port)
	export PORT
	perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(Listen => 1,
	    LocalAddr => "0.0.0.0", LocalPort => $ENV{PORT}, ReuseAddr => 1)
	    or die; sleep 60' &
	sleep 0.2
	pm2ctl start busy.js >/dev/null || exit 1
	wait_for "printed busy '^EADDRINUSE$' 1" 10
	kill $!
}

cluster__http2()
{
	pm2_begin
	serve "$EXAMPLES/http2.js" -i 2
	cat > client.js <<'END'
const session = require('http2').connect(`http://127.0.0.1:${process.argv[2]}`);
session.on('error', () => process.exit(1));
const req = session.request();
req.on('data', (data) => process.stdout.write(String(data)));
req.on('end', () => session.close());
req.end();
END
	wait_for "node client.js $PORT | grep hello" 10
}

cluster__udp()
{
	pm2_begin
	serve "$EXAMPLES/udp.js" -i 2
	cat > client.py <<'END'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(2)
s.connect(("127.0.0.1", int(sys.argv[1])))
for i in range(40):
    s.send(b"%d" % i)
    answer = s.recv(100)
    assert answer.endswith(b": %d" % i), answer
END
	wait_for "python3 client.py $PORT" 10
	atf_check -o ignore -e ignore pm2ctl reload udp
	atf_check python3 client.py "$PORT"
	atf_check -o ignore -e ignore pm2ctl stop udp
	# nobody has it now
	atf_check perl -MIO::Socket::INET -e 'IO::Socket::INET->new(
	    Proto => "udp", LocalAddr => "0.0.0.0", LocalPort => $ENV{PORT})
	    or die "$!"'
}

cluster__unix_socket()
{
	pm2_begin
	home=$PM2_HOME
	js app.js 'require("http").createServer(ok).listen(
    { path: "run.sock", readableAll: true, writableAll: true });'
	serve app.js -i 2 --cwd "$home"
	wait_for "test -S '$home/run.sock'" 10
	wait_workers 2 "$home/run.sock"
	atf_check -o match:'^s.w..w..w.$' stat -c %A "$home/run.sock"
	atf_check -o match:'^sr..r..r..$' stat -c %A "$home/run.sock"
	load unix -c 4 -g 5 "$home/run.sock"
	atf_check -o ignore -e ignore pm2ctl reload app
	load_end unix
	wait_workers 2 "$home/run.sock"
	atf_check -o ignore -e ignore pm2ctl stop app
	[ ! -e "$home/run.sock" ] || atf_fail "the path is left"
	atf_check -o ignore -e ignore pm2ctl start app
	wait_workers 2 "$home/run.sock"
}

cluster__unix_socket_in_the_way()
{
	pm2_begin
	js app.js 'const s = require("http").createServer(ok);
s.on("error", (e) => { console.log(e.code); setInterval(() => {}, 60000); });
s.listen(process.env.PLACE);'
	echo precious > file
	PLACE=$PWD/file pm2ctl start app.js -n file >/dev/null || exit 1
	PLACE=$PWD/none/such pm2ctl start -f app.js -n none >/dev/null || exit 1
	wait_for "printed file EADDRINUSE 1" 10
	wait_for "printed none 'ENOENT|EACCES' 1" 10
	atf_check -o ignore -e ignore pm2ctl delete all
	atf_check -o inline:'precious\n' cat file
}

# bind: can one listen there at once?
port_is_free()
{
	perl -MIO::Socket::INET -e 'IO::Socket::INET->new(Listen => 1,
	    LocalAddr => "0.0.0.0", LocalPort => $ARGV[0], ReuseAddr => 1)
	    or die "$!\n"' "$1"
}

cluster__port_is_free_after_stop()
{
	pm2_begin
	for balance in rr kernel shared; do
		serve "$EXAMPLES/http.js" -f -n $balance -i 2 \
		    --balance $balance
		wait_workers 2
		! port_is_free "$PORT" 2>/dev/null ||
		    atf_fail "it is free all the time"
		atf_check -o ignore -e ignore pm2ctl stop $balance
		check port_is_free "$PORT"
		atf_check -o ignore -e ignore pm2ctl start $balance
		wait_workers 2
		atf_check -o ignore -e ignore pm2ctl delete $balance
		check port_is_free "$PORT"
	done
}

# A port below 1024 that nobody has.
low_port()
{
	for low in 81 82 83 84 85 86 87 88 89 90; do
		! port_is_free $low 2>/dev/null || break
	done
	echo $low
}

cluster__port_of_the_privileged()
{
	pm2_begin
	[ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -gt 100 ] ||
	    atf_skip "no port is privileged here"
	dir=$(pm2_newhome)
	chmod 755 "$dir"
	cat > "$dir/app.js" <<'END'
require('http').createServer((req, res) => {
	const caps = require('fs').readFileSync('/proc/self/status', 'latin1')
	    .match(/CapEff:\s*(\w+)/)[1];
	res.end(`${process.getuid()}-${Number('0x' + caps)}\n`);
}).listen(process.env.PORT);
END
	# another user's app has not our environment
	PORT=$(low_port)
	pm2ctl start "$dir/app.js" -u $USER2 -i 2 --port "$PORT" \
	    >/dev/null || exit 1
	wait_for "answering $PORT | grep -q ." 10
	atf_check_equal "$(id -u $USER2)-0" "$(answering)"
	atf_check -o ignore -e ignore pm2ctl delete all
	check port_is_free "$PORT"
}

cluster__port_that_the_owner_may_not_have()
{
	pm2_begin
	[ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -gt 100 ] ||
	    atf_skip "no port is privileged here"
	dir=$(pm2_newhome)
	chmod 755 "$dir"
	home=$(pm2_newhome)
	chown $USER1 "$home"
	js "$dir/app.js" 'const s = require("http").createServer(ok);
s.on("error", (e) => { console.log(e.code); setInterval(() => {}, 60000); });
s.listen(process.env.PORT);'
	PM2_HOME=$home
	run_as $USER1 env PM2_HOME="$home" PORT="$(low_port)" \
	    pm2ctl start "$dir/app.js" >/dev/null || exit 1
	wait_for "printed app EACCES 1" 10
}

cluster__uncaught_exception_is_in_the_log()
{
	pm2_begin
	js bad.js 'function culprit() { throw new Error("my mistake"); }
setTimeout(culprit, 200);'
	pm2ctl start bad.js --no-wait --no-autorestart >/dev/null || exit 1
	wait_for "is bad stopped || is bad errored" 10
	atf_check -o match:'Error: my mistake' -o match:'at .*culprit' \
	    cat "$PM2_HOME/logs/bad-err-0.log"
	atf_check -o match:'code 1|status 1' -e ignore pm2ctl why bad
}

cluster__signal_is_told()
{
	pm2_begin
	serve "$EXAMPLES/http.js" --no-autorestart
	wait_workers 1
	kill -SEGV "$(app_pid http)"
	wait_for "! is http online" 10
	atf_check -o match:SIGSEGV -e ignore pm2ctl why http
}

cluster__two_thousand_lines_then_the_end()
{
	pm2_begin
	js talk.js 'for (let i = 0; i < 2000; i++) {
	console.log("line", i); console.error("error", i); }
process.exit(0);'
	pm2ctl start talk.js --no-wait --no-autorestart >/dev/null || exit 1
	wait_for "is talk stopped" 10
	wait_for "[ \$(wc -l < '$PM2_HOME/logs/talk-out-0.log') -eq 2000 ]" 5
	wait_for "[ \$(wc -l < '$PM2_HOME/logs/talk-err-0.log') -eq 2000 ]" 5
	atf_check_equal "line 1999" "$(tail -n 1 "$PM2_HOME/logs/talk-out-0.log")"
}

cluster__scale()
{
	pm2_begin
	js http.js 'require("http").createServer((req, res) =>
res.end(process.env.NODE_APP_INSTANCE)).listen(process.env.PORT);'
	serve http.js -i 2
	wait_workers 2
	load all -c 4 -g 5 "$PORT"
	for step in "4 4" "+1 5" "-3 2" "1 1" "3 3"; do
		atf_check -o ignore -e ignore pm2ctl scale http "${step% *}"
		wait_workers "${step#* }"
		atf_check_equal "${step#* }" "$(count_status online)"
	done
	load_end all
	atf_check_equal "0 1 2" "$(answering | xargs)"
	atf_check -s not-exit:0 -o ignore -e not-empty pm2ctl scale http many
	atf_check -s not-exit:0 -o ignore -e not-empty pm2ctl scale nosuch 2
}

cluster__instances_by_the_cpus()
{
	pm2_begin
	cpus=$(nproc)
	for step in "max $cpus" "0 $cpus" \
	    "-1 $((cpus > 1 ? cpus - 1 : 1))"; do
		serve "$EXAMPLES/http.js" -i "${step% *}"
		wait_workers "${step#* }"
		atf_check -o ignore -e ignore pm2ctl delete all
	done
}

cluster__variables_of_instances()
{
	pm2_begin
	js vars.js 'console.log(process.env.WHICH, process.env.DEBUG_PORT);
setInterval(() => {}, 60000);'
	DEBUG_PORT=7000 pm2ctl start vars.js -i 3 --instance-var WHICH \
	    --increment-var DEBUG_PORT >/dev/null || exit 1
	wait_for "[ \$(cat '$PM2_HOME'/logs/vars-out-*.log | wc -l) -eq 3 ]" 10
	atf_check_equal "0 7000,1 7001,2 7002" "$(lines vars | sort |
	    paste -sd ,)"
}

cluster__sigkill_of_workers_under_load()
{
	pm2_begin
	serve "$EXAMPLES/http.js" -i 2
	wait_workers 2
	load all -c 8 -g 3 "$PORT"
	for round in 1 2 3; do
		sleep 0.3
		kill -KILL "$(app_pid $((round % 2)))"
		wait_workers 2
	done
	load_stop all
	# what it was answering, never more than it had
	for kind in refused cut bad timeout; do
		atf_check_equal "$kind 0" "$kind $(figure all $kind)"
	done
	[ "$(figure all reset)" -le 12 ] || atf_fail "too many were lost"
	[ "$(figure all ok)" -gt 100 ] || atf_fail "too few were answered"
}

cluster__all_workers_gone_clients_wait()
{
	pm2_begin
	js slow.js 'setTimeout(() =>
require("http").createServer(ok).listen(process.env.PORT), 500);'
	for balance in rr kernel shared; do
		serve slow.js -f -n $balance --balance $balance
		wait_workers 1
		kill -KILL "$(app_pid $balance)"
		sleep 0.1
		atf_check -o match:'^ok 8 refused 0 reset 0' \
		    "$HELPERS/h_load" -c 4 -n 8 "$PORT"
		atf_check -o ignore -e ignore pm2ctl delete $balance
	done
}

cluster__sticky()
{
	pm2_begin
	serve "$EXAMPLES/http.js" -i 3 --balance sticky
	wait_for "[ \$(for i in 2 3 4 5 6 7 8 9; do '$HELPERS/h_load' -c 1 -n 1 -p -b 127.0.0.\$i $PORT | sed 1d; done | sort -u | wc -l) -ge 2 ]" 10
	for i in 2 3 4 5 6 7 8 9 10 11 12 13; do
		"$HELPERS/h_load" -c 3 -n 12 -p -b 127.0.0.$i "$PORT" > out ||
		    atf_fail "127.0.0.$i: $(cat out)"
		sed 1d out
		atf_check_equal "12 1" "$(sed '1d;s/.* //' out | xargs) $(sed \
		    1d out | wc -l)"
	done
}

cluster__round_robin_is_fair()
{
	pm2_begin
	serve "$EXAMPLES/http.js" -i 4
	wait_workers 4
	"$HELPERS/h_load" -c 1 -n 80 -p "$PORT" > out || fail_with out
	atf_check_equal "20 20 20 20" "$(sed '1d;s/.* //' out | xargs)"
}

cluster__blocked_worker_gets_no_more()
{
	pm2_begin
	js app.js 'require("http").createServer((req, res) => {
	if (req.url == "/block")
		for (const end = Date.now() + 1500; Date.now() < end;);
	res.end(`${process.pid}\n`); }).listen(process.env.PORT);'
	serve app.js -i 2
	wait_workers 2
	load block -c 1 -n 1 -u /block "$PORT"
	sleep 0.2
	"$HELPERS/h_load" -c 1 -n 1 -l 600 "$PORT" > first &
	sleep 0.05
	"$HELPERS/h_load" -c 10 -n 40 -l 600 "$PORT" > out || fail_with out
	wait $!
	cat first out
	[ $(($(sed -n 's/slow //p' first) + $(sed -n 's/slow //p' out))) -le 1 ] ||
	    atf_fail "more than one waited for the blocked one"
	load_end block
}

# balance mode [n]: it works, with a reload, a crash and a restart under load;
# n workers answer to one address
balance()
{
	pm2_begin
	serve "$EXAMPLES/http.js" -i 2 --balance "$1"
	wait_workers ${2:-2}
	load all -c 6 -g 5 "$PORT"
	atf_check -o ignore -e ignore pm2ctl reload http
	atf_check -o ignore -e ignore pm2ctl restart 0
	wait_workers ${2:-2}
	load_end all
	load kill -c 6 -g 5 "$PORT"
	sleep 0.2
	kill -KILL "$(app_pid 1)"
	sleep 0.2
	wait_workers ${2:-2}
	load_stop kill
	for kind in refused cut bad timeout; do
		atf_check_equal "$kind 0" "$kind $(figure kill $kind)"
	done
	[ "$(figure kill reset)" -le 6 ] || atf_fail "too many were lost"
}

balance__kernel()
{
	balance kernel
}

balance__shared()
{
	balance shared
}

balance__sticky()
{
	balance sticky 1
}

balance__unknown_one_is_refused()
{
	pm2_begin
	atf_check -s exit:1 -o ignore -e match:balance \
	    pm2ctl start "$EXAMPLES/http.js" --balance best
}

worker__disconnects_itself()
{
	pm2_begin
	js app.js 'const cluster = require("cluster");
require("http").createServer((req, res) => {
	res.end(`${process.pid}\n`);
	if (req.url == "/disconnect") cluster.worker.disconnect();
	if (req.url == "/kill") setImmediate(() => cluster.worker.kill());
}).listen(process.env.PORT);'
	serve app.js --no-autorestart
	for url in /disconnect /kill; do
		wait_workers 1
		"$HELPERS/h_load" -n 1 -c 1 -u $url "$PORT"
		wait_for "is app stopped" 10
		atf_check -o match:'code 0|status 0|by itself' -e ignore \
		    pm2ctl why app
		atf_check -o ignore -e ignore pm2ctl start app
	done
}

worker__refuses_connections_others_serve()
{
	pm2_begin
	js app.js 'const n = process.env.NODE_APP_INSTANCE;
const s = require("http").createServer(ok);
if (n === "0") s.maxConnections = -1;	// more than that already
s.listen(process.env.PORT);'
	serve app.js -i 2
	wait_workers 1
	atf_check -o match:'^ok 40 ' "$HELPERS/h_load" -c 4 -n 40 "$PORT"
	atf_check_equal "$(answering)" "$(app_pid 1)"
}

worker__that_stands_still_costs_nobody()
{
	pm2_begin
	serve "$EXAMPLES/http.js" -i 2
	wait_workers 2
	stopped=$(app_pid 0)
	kill -STOP "$stopped"
	# one connection at most waits for it
	(sleep 2; kill -CONT "$stopped") &
	"$HELPERS/h_load" -c 4 -n 60 -l 1500 "$PORT" > out ||
	    fail_with out
	cat out
	[ "$(sed -n 's/slow //p' out)" -le 1 ] ||
	    atf_fail "more than one waited for it"
	wait
}

worker__passes_handles_to_its_primary()
{
	pm2_begin
	cat > app.js <<'END'
const net = require('net');
const dgram = require('dgram');
const server = net.createServer().listen({ port: 0, exclusive: true }, () => {
	const udp = dgram.createSocket('udp4');
	process.send({ a: 1 }, server);
	udp.bind({ port: 0, exclusive: true }, () => process.send({ b: 1 }, udp));
	process.send({ c: 1 });
	net.connect(server.address().port, function () {
		process.send({ d: 1 }, this, () => {
			process.send('last', () => console.log('all sent'));
		});
	});
});
END
	pm2ctl start app.js >/dev/null || exit 1
	wait_for "printed app 'all sent' 1" 10
	check is app online
}

message__both_ways()
{
	pm2_begin
	for mode in "" -x; do
		# shellcheck disable=SC2086
		pm2ctl start "$EXAMPLES/message.js" $mode >/dev/null || exit 1
		wait_for "printed message '^waiting$' 1" 10
		sleep 0.2
		atf_check -o ignore -e ignore pm2ctl message message \
		    '{"say":"hello"}'
		wait_for "printed message '^told {\"say\":\"hello\"}$' 1" 5
		# what does not look like JSON is a string
		atf_check -o ignore -e ignore pm2ctl message message shutdown
		wait_for 'printed message "^told .shutdown.$" 1' 5
		atf_check -o ignore -e match:JSON \
		    pm2ctl message message '{"say":'
		timeout 5 pm2ctl messages message > heard &
		heard=$!
		wait_for "pm2ctl message message 7 &&
		    grep -q '\"heard\":7' heard" 5
		kill $heard
		atf_check -o ignore -e ignore pm2ctl delete message
		rm -f "$PM2_HOME"/logs/message-*
	done
	atf_check -s exit:1 -o ignore -e not-empty pm2ctl message nosuch 1
	pm2ctl start sleep -- 1000 >/dev/null
	atf_check -s exit:1 -o ignore -e not-empty pm2ctl message sleep 1
}

# What wraps node cannot be a worker: say so, and run it in fork mode.
wrapper__npm_start_is_no_worker()
{
	pm2_begin
	command -v npm >/dev/null || atf_skip "there is no npm"
	echo '{ "scripts": { "start": "node app.js" } }' > package.json
	js app.js 'require("http").createServer(ok).listen(process.env.PORT);'
	PORT=$(free_port)
	export PORT
	atf_check -o ignore -e ignore pm2ctl start npm -- start
	atf_check_equal fork_mode "$(field npm exec_mode)"
	wait_for "answering | grep -q ." 20
}

# nodes version: the whole protocol with that Node
node_works()
{
	pm2_begin
	[ "$1" = system ] || use_node "$1"
	serve "$EXAMPLES/http.js" -i 2
	wait_workers 2
	[ "$1" = system ] || atf_check -o match:"node$1" \
	    readlink "/proc/$(app_pid 0)/exe"
	load close -c 5 -g 4 "$PORT"
	load keep -c 5 -g 4 -k "$PORT"
	atf_check -o ignore -e ignore pm2ctl reload http
	load_end close keep
	wait_workers 2
	for balance in kernel shared; do
		serve "$EXAMPLES/http.js" -f -n $balance -i 2 \
		    --balance $balance
		wait_workers 2
		load close -c 5 -g 4 "$PORT"
		atf_check -o ignore -e ignore pm2ctl reload $balance
		load_end close
	done
	atf_check -o ignore -e ignore pm2ctl stop all
	atf_check_equal 0 "$(count_status online)"
}

node__of_the_system()
{
	node_works system
}

node__16()
{
	node_works 16
}

node__18()
{
	node_works 18
}

node__20()
{
	node_works 20
}

node__22()
{
	node_works 22
}

node__24()
{
	node_works 24
}

node__26()
{
	node_works 26
}

example__typescript()
{
	pm2_begin
	use_node 24
	serve "$EXAMPLES/types.ts" -i 2
	wait_workers 2
	atf_check_equal cluster_mode "$(field 0 exec_mode)"
}

example__typescript_by_tsx()
{
	pm2_begin
	[ -d "$PEERS/tsx/node_modules" ] || atf_skip "there is no tsx"
	ln -s "$PEERS/tsx/node_modules" node_modules
	cp "$EXAMPLES/types.ts" .
	serve types.ts -i 2 --node-args "--import tsx"
	wait_workers 2
	atf_check_equal cluster_mode "$(field 0 exec_mode)"
}

example__coffee()
{
	pm2_begin
	if [ -x "$PEERS/bin/coffee" ]; then
		PATH=$PATH:$PEERS/bin
	elif ! command -v coffee >/dev/null; then
		atf_skip "there is no coffee (npm install -g coffeescript)"
	fi
	serve "$EXAMPLES/hello.coffee" -i 2
	wait_workers 2
	atf_check_equal cluster_mode "$(field 0 exec_mode)"
}

example__esm()
{
	pm2_begin
	cat > app.mjs <<'END'
import http from 'node:http';
await new Promise((resolve) => setTimeout(resolve, 50));
http.createServer((req, res) => res.end(`${process.pid}\n`))
    .listen(process.env.PORT);
END
	serve app.mjs -i 2
	wait_workers 2
}

example__cluster_app_of_node()
{
	pm2_begin
	cat > app.js <<'END'
const cluster = require('cluster');
if (cluster.isPrimary) {
	cluster.fork();
} else {
	require('http').createServer((req, res) => res.end(`${process.pid}\n`))
	    .listen(process.env.PORT);
}
END
	serve app.js -i 2
	wait_workers 2
	atf_check_equal "$(answering)" "$({ app_pid 0; app_pid 1; } | sort)"
}

example__cluster()
{
	pm2_begin
	serve "$EXAMPLES/cluster.js" -i 2
	wait_for "printed cluster '^worker [0-9]+ instance [01]$' 2" 10
	wait_for "'$HELPERS/h_load' -n 1 $PORT" 10
	atf_check_equal 2 "$(lines cluster | sort -u | wc -l)"
}

example__websocket_is_told_to_go()
{
	pm2_begin
	serve "$EXAMPLES/websocket.js" -i 2
	cat > client.py <<'END'
import socket, sys, time
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.settimeout(20)
s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
f = s.makefile("rb")
accept = b""
while True:
    line = f.readline().strip()
    if not line:
        break
    if line.lower().startswith(b"sec-websocket-accept:"):
        accept = line.split()[1]
assert accept == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", accept
def say(text):
    s.sendall(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text)
    head = f.read(2)
    return head[0], f.read(head[1])
op, answer = say(b"hi")
assert op == 0x81 and answer.endswith(b": hi"), answer
print("open", flush=True)
head = f.read(2)
print(head[0] & 15, f.read(head[1]).hex(), flush=True)
assert f.read(1) == b""
END
	wait_for "'$HELPERS/h_load' -n 1 $PORT" 10
	python3 client.py "$PORT" > client &
	client=$!
	wait_for "grep -q open client" 10
	atf_check -o ignore -e ignore pm2ctl gracefulReload websocket
	wait $client || fail_with client
	atf_check -o match:'^8 03e9$' cat client
}

atf_init_test_cases()
{
	. "$(atf_get_srcdir)/../lib.sh"
	pm2_case cluster__two_workers_share_a_port
	pm2_case cluster__one_instance_is_the_default
	pm2_case cluster__x_is_fork_mode
	pm2_case cluster__environment_is_clean
	pm2_case cluster__port_zero_is_the_same_for_all
	pm2_case cluster__two_servers_of_an_app
	pm2_case cluster__two_scripts_share_a_port
	pm2_case cluster__address_in_use_is_told_to_the_app
	pm2_case cluster__close_and_listen_again
	pm2_case cluster__https_sessions_are_resumed_by_all
	pm2_case cluster__https_address_in_use
	pm2_case cluster__http2
	pm2_case cluster__udp
	pm2_case cluster__unix_socket
	pm2_case cluster__unix_socket_in_the_way
	pm2_case cluster__port_is_free_after_stop 90
	pm2_case cluster__port_of_the_privileged 60 root
	pm2_case cluster__port_that_the_owner_may_not_have 60 root
	pm2_case cluster__uncaught_exception_is_in_the_log
	pm2_case cluster__signal_is_told
	pm2_case cluster__two_thousand_lines_then_the_end
	pm2_case cluster__scale 90
	pm2_case cluster__instances_by_the_cpus
	pm2_case cluster__variables_of_instances
	pm2_case cluster__sigkill_of_workers_under_load
	pm2_case cluster__all_workers_gone_clients_wait
	pm2_case cluster__sticky
	pm2_case cluster__round_robin_is_fair
	pm2_case cluster__blocked_worker_gets_no_more
	pm2_case balance__kernel
	pm2_case balance__shared
	pm2_case balance__sticky
	pm2_case balance__unknown_one_is_refused
	pm2_case worker__disconnects_itself
	pm2_case worker__refuses_connections_others_serve
	pm2_case worker__that_stands_still_costs_nobody
	pm2_case worker__passes_handles_to_its_primary
	pm2_case message__both_ways
	pm2_case wrapper__npm_start_is_no_worker
	pm2_case node__of_the_system 90
	pm2_case node__16 90
	pm2_case node__18 90
	pm2_case node__20 90
	pm2_case node__22 90
	pm2_case node__24 90
	pm2_case node__26 90
	pm2_case example__typescript
	pm2_case example__typescript_by_tsx
	pm2_case example__coffee
	pm2_case example__esm
	pm2_case example__cluster_app_of_node
	pm2_case example__cluster
	pm2_case example__websocket_is_told_to_go
}

# Rows of make bench about cluster mode and reload; read by run.sh.
#
# Requests are counted by clients (h_load), in requests per second of
# processor time that the workers and whoever stands between them and the
# clients use, not the clients.  With PEERS=1 Node versions and pm2 7 are
# fetched (regress/nodes.sh) and measured too.

PEERS=${PEERS:-}
PM2D_PEERS=${PM2D_PEERS:-/tmp/pm2d-peers}
RELOADS=${RELOADS:-20}
WORKERS=${WORKERS:-64}
OPEN=${OPEN:-5000}
SECS=${SECS:-3}
load=$top/.obj/ship/regress/integration/h_load
ticks=$(getconf CLK_TCK)
begun=			# pids that we started here, to be ended

fetch_peers()
{
	[ -n "$PEERS" ] || return 0
	PM2D_PEERS=$PM2D_PEERS sh "$top/regress/nodes.sh" || exit 1
}

end_begun()
{
	for pid in $begun; do
		kill "$pid" 2>/dev/null
	done
	begun=
	[ ! -d "$work/pm2" ] || peer_pm2 kill >/dev/null 2>&1
}

# Versions to measure with: "" is the system's.
versions()
{
	found=
	for major in 18 20 22 24 26; do
		[ -n "$PEERS" ] || break
		[ ! -x "$PM2D_PEERS/bin/node$major" ] || found="$found $major"
	done
	echo "${found:-system}"
}

# with_node major command...
with_node()
{
	major=$1
	shift
	if [ "$major" = system ]; then
		"$@"
		return
	fi
	mkdir -p "$work/node$major"
	ln -sfn "$PM2D_PEERS/bin/node$major" "$work/node$major/node"
	old_path=$PATH
	PATH=$work/node$major:$PATH
	"$@"
	PATH=$old_path
}

peer_pm2()
{
	PM2_HOME=$work/pm2 node "$PM2D_PEERS/bin/pm2" "$@"
}

free_port()
{
	node -e 'require("net").createServer().listen(0, "127.0.0.1",
	    function () { console.log(this.address().port); this.close(); })'
}

# Wait until n different workers answer there.
wait_port()
{
	tries=0
	until [ "$("$load" -c 1 -n $(($2 * 6)) -p "$1" 2>/dev/null |
	    sed 1d | wc -l)" -ge "$2" ]; do
		tries=$((tries + 1))
		[ $tries -lt 300 ] || die "port $1: not $2 workers"
		sleep 0.1
	done
}

# ours option...: http.js under pm2d at $PORT
ours()
{
	PORT=$(free_port)
	export PORT
	pm2ctl start -s -f "$work/http.js" -n bench "$@" >/dev/null ||
	    die "start of http.js $*"
}

app_pids()
{
	pm2ctl pid "${1:-bench}" | tr -s ' ,\n' '\n\n\n' | grep -E '^[0-9]+$'
}

# figure file kind: of what h_load printed
figure()
{
	sed -n "1s/.*\\<$2 \\([0-9]*\\).*/\\1/p" "$1"
}

failures()
{
	echo $(($(figure "$1" refused) + $(figure "$1" reset) +
	    $(figure "$1" cut) + $(figure "$1" bad) + $(figure "$1" timeout)))
}

# clients file argument...: in the background; then end_clients file
clients()
{
	file=$1
	shift
	"$load" "$@" > "$file" 2>/dev/null &
	echo $! > "$file.pid"
}

end_clients()
{
	kill -TERM "$(cat "$1.pid")"
	wait "$(cat "$1.pid")"
	cat "$1" >> clients.log
}

write_apps()
{
	cat > "$work/http.js" <<'END'
require('http').createServer((req, res) => {
	if (req.url === '/block')
		for (const end = Date.now() + 1500; Date.now() < end;);
	res.end(`${process.pid} hello\n`);
}).listen(process.env.FD ? { fd: Number(process.env.FD) } :
    Number(process.env.PORT));
END
	cat > "$work/primary.js" <<'END'
const cluster = require('cluster');
cluster.schedulingPolicy = process.env.POLICY === 'none' ?
    cluster.SCHED_NONE : cluster.SCHED_RR;
const setup = cluster.setupPrimary || cluster.setupMaster;
setup.call(cluster, { exec: process.argv[2] });
for (let i = 0; i < 2; i++)
	cluster.fork();
process.on('SIGTERM', () => process.exit(0));
END
	cat > "$work/held.js" <<'END'
const server = require('http').createServer((req, res) =>
    res.end(`${process.pid}\n`));
server.keepAliveTimeout = 600000;
server.listen(Number(process.env.PORT), '127.0.0.1', 4096);
END
}

# ---- rows ----

reload_row()
{
	with_node "$1" ours -i 2
	wait_port "$PORT" 2
	clients close -c 50 -g 25 "$PORT"
	clients keep -k -c 50 -g 25 "$PORT"
	begin=$(date +%s%3N)
	n=0 bad=0
	while [ $n -lt "$RELOADS" ]; do
		pm2ctl reload -s bench >/dev/null 2>&1 || bad=$((bad + 1))
		n=$((n + 1))
	done
	took=$((($(date +%s%3N) - begin) / RELOADS))
	end_clients close
	end_clients keep
	pm2ctl delete -s bench >/dev/null
	[ $bad -eq 0 ] || echo "    ($bad reloads failed)"
	for kind in close keep; do
		row "$RELOADS reloads, Node $1, $kind: failed of" \
		    "$(failures $kind)" "$(figure $kind ok)" "$took ms" "0" \
		    "$(failures $kind) + $bad == 0"
	done
}

reload_peer()
{
	PORT=$(free_port)
	export PORT
	peer_pm2 start "$work/http.js" -i 2 >/dev/null || die "pm2 start"
	wait_port "$PORT" 2
	clients close -c 50 -g 25 "$PORT"
	clients keep -k -c 50 -g 25 "$PORT"
	for n in 1 2 3 4 5; do
		peer_pm2 reload http >/dev/null
	done
	end_clients close
	end_clients keep
	peer_pm2 kill >/dev/null 2>&1
	echo "    (pm2 7, for each reload: close" \
	    "$(($(failures close) / 5)), keep-alive $(($(failures keep) / 5)))"
}

bench_reload()
{
	for version in $(versions); do
		reload_row "$version"
	done
	[ -z "$PEERS" ] || reload_peer
}

bench_sigkill()
{
	ours -i 2
	wait_port "$PORT" 2
	clients close -c 4 "$PORT"
	n=0
	while [ $n -lt 10 ]; do
		sleep 0.5
		kill -KILL "$(app_pids | head -n $((n % 2 + 1)) | tail -n 1)"
		n=$((n + 1))
	done
	sleep 1
	end_clients close
	pm2ctl delete -s bench >/dev/null
	lost=$(figure close reset)
	other=$(($(failures close) - lost))
	# each worker may be answering what half of the clients asked
	row "10 SIGKILLs of workers, 4 clients: lost of" "$lost" \
	    "$(figure close ok)" "" "<= 20" "$lost <= 20"
	row "    refused, cut off, bad or late" "$other" "" "" "0" \
	    "$other == 0"
}

bench_again()
{
	for balance in rr kernel shared; do
		ours -i 2 --balance $balance
		wait_port "$PORT" 2
		clients close -c 20 -g 10 "$PORT"
		n=0
		while [ $n -lt 5 ]; do
			pm2ctl restart -s bench >/dev/null
			wait_port "$PORT" 2
			sleep 0.3
			n=$((n + 1))
		done
		end_clients close
		pm2ctl delete -s bench >/dev/null
		row "5 restarts under load, $balance: failed of" \
		    "$(failures close)" "$(figure close ok)" "" "0" \
		    "$(failures close) == 0"
	done
}

# cpu pid...: what they have used, in ticks
cpu()
{
	for pid; do
		sed 's/^.*) //' "/proc/$pid/stat" 2>/dev/null
	done | awk '{ n += $12 + $13 } END { print n + 0 }'
}

# measure what port pids argument...: adds requests per CPU second to its file
measure()
{
	file=$1 at=$2 pids=$3
	shift 3
	before=$(cpu $pids)
	"$load" -c 32 -d "$SECS" "$@" "$at" > measured || {
		cat measured
		die "requests to $file failed"
	}
	used=$(($(cpu $pids) - before))
	awk -v n="$(figure measured ok)" -v t="$ticks" -v u="$used" \
	    'BEGIN { printf "%d\n", n * t / u }' >> "$work/cpu.$file"
}

# Every contestant is up; only the one that is measured works.
contestants()
{
	engine=$(daemons)
	for balance in rr kernel shared; do
		PORT=$(free_port)
		export PORT
		pm2ctl start -s -f "$work/http.js" -n $balance -i 2 \
		    --balance $balance >/dev/null || die "start, $balance"
		wait_port "$PORT" 2
		contestant $balance "$PORT" "$engine $(app_pids $balance)"
	done
	for policy in rr none; do
		PORT=$(free_port)
		export PORT
		POLICY=$policy node "$work/primary.js" "$work/http.js" &
		begun="$begun $!"
		primary=$!
		wait_port "$PORT" 2
		contestant node-$policy "$PORT" \
		    "$primary $(cat /proc/$primary/task/*/children)"
	done
	PORT=$(free_port)
	FD=3 "$bench/b_listen" "$PORT" 2 node "$work/http.js" > bare.pids &
	begun="$begun $!"
	wait_port "$PORT" 2
	contestant bare "$PORT" "$(cat bare.pids)"
	[ -n "$PEERS" ] || return 0
	PORT=$(free_port)
	export PORT
	peer_pm2 start "$work/http.js" -i 2 >/dev/null || die "pm2 start"
	wait_port "$PORT" 2
	contestant pm2 "$PORT" "$(cat "$work/pm2/pm2.pid") \
$(peer_pm2 pid http)"
}

contestant()
{
	echo "$1" "$2" $3 >> "$work/contestants"
}

of()
{
	median < "$work/cpu.$1"
}

compare()
{
	a=$(of "$2") b=$(of "$3")
	row "$1" "$a" "$b" "$(ratio "$a" "$b")" ">= $4" "$a >= $4 * $b"
}

# rounds argument...: all of them by turns
rounds()
{
	rm -f "$work"/cpu.*
	round=0
	while [ $round -lt "$ROUNDS" ]; do
		while read -r who at pids; do
			measure "$who" "$at" "$pids" "$@" < /dev/null
		done < "$work/contestants"
		round=$((round + 1))
	done
	echo "    (requests per CPU second:$(while read -r who at pids; do
	    printf ' %s %s' "$who" "$(of "$who")"
	done < "$work/contestants"))"
}

bench_percpu()
{
	rounds
	compare "close: kernel, to bare reuseport workers" kernel bare 0.95
	compare "close: rr, to Node's own rr" rr node-rr 1.3
	if [ -n "$PEERS" ]; then
		compare "close: kernel, to pm2 7" kernel pm2 2.5
	fi
}

bench_keepalive()
{
	# anew now and then: what a few connections are worth is a matter of
	# luck, how many of them a worker has
	rounds -k -r 200
	compare "keep-alive: rr, to Node's own rr" rr node-rr 1.0
	compare "keep-alive: kernel, to Node's own rr" kernel node-rr 1.0
	compare "keep-alive: shared, to Node's own rr" shared node-rr 1.0
}

bench_blocked()
{
	ours -i 2
	wait_port "$PORT" 2
	"$load" -c 1 -n 1 -u /block "$PORT" > blocking &
	blocking=$!
	sleep 0.2
	"$load" -c 40 -n 40 -l 500 "$PORT" > blocked
	wait $blocking
	pm2ctl delete -s bench >/dev/null
	n=$(sed -n 's/^slow //p' blocked)
	row "one of two workers blocked: of 40 wait for it" "$n" "" "" "<= 1" \
	    "$n <= 1"
}

bench_fair()
{
	ours -i 4
	wait_port "$PORT" 4
	"$load" -c 1 -n 300 -p "$PORT" | sed '1d;s/.* //' | sort -n > shares
	pm2ctl delete -s bench >/dev/null
	row "300 connections, 4 workers: least, most" "$(head -n 1 shares)" \
	    "$(tail -n 1 shares)" "" "75 each" \
	    "$(head -n 1 shares) == 75 && $(tail -n 1 shares) == 75"
}

# Of all daemons, the least of some looks: connections pass through.
open_descriptors()
{
	for look in 1 2 3 4 5 6 7 8 9 10; do
		for pid in $(daemons); do
			ls "/proc/$pid/fd"
		done | wc -l
		sleep 0.1
	done | sort -n | head -n 1
}

node_processes()
{
	for pid in $(below "$(cat "$PM2_HOME/pm2.pid")"); do
		tr '\0' '\n' < "/proc/$pid/cmdline" 2>/dev/null |
		    grep -cx '.*/held.js'
	done | awk '{ n += $1 } END { print n + 0 }'
}

below()
{
	for child in $(cat "/proc/$1"/task/*/children 2>/dev/null); do
		echo "$child"
		below "$child"
	done
}

settle()
{
	tries=0
	until [ "$(node_processes)" -le "$WORKERS" ] || [ $tries -ge 200 ]; do
		tries=$((tries + 1))
		sleep 0.1
	done
	sleep 3
	echo "$(open_descriptors) $(pss) $(node_processes)"
}

bench_held()
{
	[ "$(id -u)" -eq 0 ] || {
		echo "memory of the daemons: only root may read it"
		return
	}
	PORT=$(free_port)
	export PORT
	pm2ctl start -s -f "$work/held.js" -n bench -i "$WORKERS" \
	    --no-wait >/dev/null || die "start of held.js"
	wait_online "$WORKERS"
	wait_port "$PORT" 1
	clients held -k -c "$OPEN" -g 5000 -t 60000 "$PORT"
	# once, so that everything has been needed before
	sleep 6
	pm2ctl reload -s bench --parallel 8 >/dev/null
	set -- $(settle)
	n=0 bad=0
	while [ $n -lt 10 ]; do
		pm2ctl reload -s bench --parallel 8 >/dev/null 2>&1 ||
		    bad=$((bad + 1))
		n=$((n + 1))
	done
	set -- "$@" $(settle)
	end_clients held
	pm2ctl delete -s bench >/dev/null
	what="$WORKERS workers, $OPEN clients, 10 reloads"
	row "$what: fds" "$4" "$1" "+$(($4 - $1))" "+0" "$4 <= $1"
	row "    PSS of all daemons, KiB" "$5" "$2" "+$(($5 - $2))" \
	    "<= +5%" "$5 <= 1.05 * $2"
	row "    processes of the app" "$6" "$3" "" "$WORKERS" \
	    "$6 == $WORKERS"
	# a request that meets the end of a connection at rest is nobody's fault
	met=$(figure held reset)
	row "    requests refused, cut off, bad or late" \
	    "$(($(failures held) - met))" "$(figure held ok)" "" "0" \
	    "$(failures held) - $met + $bad == 0"
	echo "    ($met met the end of a connection that was at rest:" \
	    "$(head -n 1 held))"
}

# Of the daemons those that are the engine: it and its twin.
engines()
{
	for pid in $(below "$(cat "$PM2_HOME/pm2.pid")"); do
		case $(tr '\0' ' ' < "/proc/$pid/cmdline" 2>/dev/null) in
		*/pm2d-engine\ *)	echo "$pid" ;;
		esac
	done
}

bench_engine()
{
	[ "$(id -u)" -eq 0 ] || {
		echo "memory of the engine: only root may read it"
		return
	}
	ours -i 16
	wait_port "$PORT" 16
	"$load" -c 50 -n 20000 "$PORT" >/dev/null
	sleep 1
	for pid in $(engines); do
		awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup"
	done | sort -n > engine.pss
	pm2ctl delete -s bench >/dev/null
	n=$(tail -n 1 engine.pss)
	all=$(awk '{ n += $1 } END { print n }' engine.pss)
	row "PSS of the engine, 16 workers; with its twin" "$n" "$all" "" \
	    "<= 2048" "$n <= 2048"
}

cluster_rows()
{
	write_apps
	! wanted reload || bench_reload
	! wanted sigkill || bench_sigkill
	! wanted again || bench_again
	! wanted blocked || bench_blocked
	! wanted fair || bench_fair
	! wanted engine || bench_engine
	if wanted percpu || wanted keepalive; then
		contestants
		! wanted percpu || bench_percpu
		! wanted keepalive || bench_keepalive
		pm2ctl delete -s all >/dev/null
		end_begun
	fi
	! wanted held || bench_held
}

#!/bin/sh
#
# make bench: pm2d against the bare system calls, in ratios of one run, with
# the bar that each figure has to clear.  Medians; what is compared is run
# alternately.  Names of rows as arguments: those only.  With PEERS=1 also
# against pm2 7, and with several versions of Node (regress/nodes.sh).

set -u
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES MAKEOBJDIRPREFIX
unset CC CFLAGS CPPFLAGS LDFLAGS DESTDIR PREFIX PM2_HOME

cd "$(dirname "$0")/../.." || exit 1
top=$(pwd)
stage=$top/.obj/stage
bench=$top/.obj/ship/regress/bench
ROUNDS=${ROUNDS:-5}
APPS=${APPS:-4000}
MB=${MB:-500}
only=" $* "

die()
{
	echo "$*" >&2
	exit 1
}

sh etc/deps.sh quickstart || exit 1
mkdir -p "$top/.obj"
{ export SYSPLACES=no && sh etc/variant.sh "$top/.obj/ship" && (cd "$top/.obj/ship" &&
    make -j2 CC=gcc WERROR=-Werror PREFIX="$stage" PM2_ALIAS=1 \
    install bench-programs regress/integration/h_load); } > "$top/.obj/bench.log" 2>&1 || {
	tail -n 30 "$top/.obj/bench.log"
	die "the build failed"
}

PATH=$stage/bin:$stage/sbin:$PATH
PM2_HOME=$(mktemp -d "${BENCH_DIR:-/tmp}/pm2d.XXXXXX") || exit 1
work=$(mktemp -d "${BENCH_DIR:-/tmp}/pm2d-bench.XXXXXX") || exit 1
export PATH PM2_HOME
cd "$work" || exit 1

. "$top/regress/bench/cluster.sh"

cleanup()
{
	end_begun
	pm2ctl kill >/dev/null 2>&1
	rm -rf "$work" "$PM2_HOME"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

wanted()
{
	case $only in
	"  "|*" $1 "*)	return 0 ;;
	*)		return 1 ;;
	esac
}

# row what ours bare figure bar verdict-expression
row()
{
	verdict=$(awk "BEGIN { print (($6) ? \"pass\" : \"MISS\") }")
	printf '%-44s %12s %12s %10s  %-10s %s\n' "$1" "$2" "$3" "$4" "$5" \
	    "$verdict"
}

ratio()
{
	awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'
}

median()
{
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

daemons()
{
	pid=$(cat "$PM2_HOME/pm2.pid")
	echo "$pid"
	for child in $(cat "/proc/$pid"/task/*/children); do
		case $(tr '\0' ' ' < "/proc/$child/cmdline") in
		"$stage"/sbin/*|"$stage"/libexec/*)
			echo "$child" ;;
		esac
	done
}

# sum of a field of smaps_rollup of all daemons, KiB
pss()
{
	for pid in $(daemons); do
		cat "/proc/$pid/smaps_rollup"
	done | awk '/^Pss:/ { n += $2 } END { print n }'
}

switches()
{
	for pid in $(daemons); do
		cat "/proc/$pid/status"
	done | awk '/ctxt_switches/ { n += $2 } END { print n }'
}

kernel_memory()
{
	awk '/^(SUnreclaim|KernelStack|PageTables|Percpu):/ { n += $2 }
	    END { print n }' /proc/meminfo
}

online()
{
	pm2ctl prettylist | grep -c "status: 'online'"
}

wait_online()
{
	tries=0
	until [ "$(online)" -ge "$1" ]; do
		tries=$((tries + 1))
		[ $tries -lt 600 ] || die "$(online) of $1 apps are online"
		sleep 0.1
	done
}

start_apps()
{
	pm2ctl start -s -f --no-wait -x --interpreter none -i "$1" -n app \
	    "$sleep" -- 100000 >/dev/null || die "start of $1 apps"
}

bench_list()
{
	set -- $("$bench/b_pair" 201 pm2ctl list -- /bin/true)
	row "list of 100 apps, us, to /bin/true" "$1" "$2" \
	    "$(ratio "$1" "$2")" "<= 3" "$1 <= 3 * $2"
}

bench_pss()
{
	if [ "$(id -u)" -ne 0 ]; then
		echo "memory of the daemons: only root may read it"
		return
	fi
	row "PSS of all daemons with 100 apps, KiB" "$(pss)" "" "" "<= 5120" \
	    "$(pss) <= 5120"
}

bench_idle()
{
	# the first seconds are not idle
	sleep 5
	before=$(switches)
	sleep 10
	n=$(($(switches) - before))
	row "idle 10 s, 100 apps: wake-ups of the daemons" "$n" "" "" "0" \
	    "$n == 0"
}

# once command...: how long it takes, in microseconds
once()
{
	set -- $("$bench/b_pair" 1 "$@" -- /bin/true)
	echo "$1"
}

bench_start()
{
	: > ours
	: > bare
	round=0
	while [ $round -lt "$ROUNDS" ]; do
		once pm2ctl start -s -f --no-wait -x --interpreter none \
		    -i 100 -n app "$sleep" -- 100000 >> ours
		pm2ctl delete -s all >/dev/null
		"$bench/b_spawn" 100 0 "$sleep" 100000 >> bare
		round=$((round + 1))
	done
	a=$(median < ours) b=$(median < bare)
	row "start of 100 apps, us, to fork and exec" "$a" "$b" \
	    "$(ratio "$a" "$b")" "<= 3" "$a <= 3 * $b"
}

# 500 apps from a dump, each an app by itself
bench_resurrect()
{
	: > ours
	: > bare
	pm2ctl start -s -f --no-wait -x --interpreter none -n app \
	    "$sleep" -- 100000 >/dev/null || die "start of an app"
	pm2ctl save -s
	python3 -c 'import json, sys
app = json.load(open(sys.argv[1]))[0]
apps = []
for i in range(500):
    app["pm2d"].update(id=i, first=i)
    app["name"] = app["pm2d"]["spec"]["name"] = "app%d" % i
    apps.append(json.dumps(app))
open(sys.argv[2], "w").write("[%s]" % ",\n".join(apps))' \
	    "$PM2_HOME/dump.pm2" "$work/dump" || die "no dump of 500 apps"
	round=0
	while [ $round -lt "$ROUNDS" ]; do
		pm2ctl delete -s all >/dev/null
		once pm2ctl resurrect -s "$work/dump" >> ours
		[ "$(online)" -eq 500 ] || die "$(online) of 500 apps are online"
		"$bench/b_spawn" 500 0 "$sleep" 100000 >> bare
		round=$((round + 1))
	done
	pm2ctl delete -s all >/dev/null
	a=$(median < ours) b=$(median < bare)
	row "resurrect of 500 apps, us, to fork and exec" "$a" "$b" \
	    "$(ratio "$a" "$b")" "<= 3" "$a <= 3 * $b"
}

bench_restart()
{
	rm -f ours bare
	pm2ctl start -s -f --no-wait --min-uptime 0 --interpreter none \
	    -n stamp "$bench/b_stamp" -- "$work/ours" 20 >/dev/null ||
	    die "start of b_stamp"
	"$bench/b_respawn" 400 "$bench/b_stamp" "$work/bare" 20
	wait_records ours 400
	pm2ctl delete -s stamp >/dev/null
	set -- $("$bench/b_respawn" -p ours) $("$bench/b_respawn" -p bare)
	row "end of an app to its successor, us, p50" "$1" "$4" \
	    "+$(($1 - $4))" "<= +1000" "$1 - $4 <= 1000"
	echo "    (p99: $2, $5; records: $3, $6)"
}

wait_records()
{
	tries=0
	while [ "$(wc -c < "$1" 2>/dev/null || echo 0)" -lt $((16 * $2)) ]; do
		tries=$((tries + 1))
		[ $tries -lt 600 ] || die "$1: too few restarts"
		sleep 0.1
	done
}

# lines piece: one size of pieces (a name without .log gets no id)
lines()
{
	bytes=$((MB * 1000000))
	: > ours
	: > bare
	round=0
	while [ $round -lt "$ROUNDS" ]; do
		pm2ctl start -s -f --no-wait --no-autorestart \
		    --interpreter none --log-max-size 0 \
		    -n lines -o "$work/lines" -e "$work/start" \
		    "$bench/b_lines" -- "$MB" "$1" >/dev/null ||
		    die "start of b_lines"
		end=$("$bench/b_lines" -w "$work/lines" $bytes) || exit 1
		until [ -s start ]; do sleep 0.1; done
		echo $((end - $(cat start))) >> ours
		pm2ctl delete -s lines >/dev/null
		rm -f lines start

		"$bench/b_lines" "$MB" "$1" 2> start | cat > lines
		end=$("$bench/b_lines" -w lines $bytes) || exit 1
		echo $((end - $(cat start))) >> bare
		rm -f lines start
		round=$((round + 1))
	done
	a=$(median < ours) b=$(median < bare)
	row "$MB MB in pieces of $1, MB/s, to | cat >" \
	    "$((bytes / a))" "$((bytes / b))" "$(ratio "$b" "$a")" \
	    ">= 0.95" "$b >= 0.95 * $a"
}

bench_lines()
{
	lines 100
	lines 65536
}

bench_many()
{
	need=$((APPS * 4 + 200))
	[ "$(ulimit -Hn)" -ge $need ] || {
		echo "$APPS apps: the descriptor limit is $(ulimit -Hn)," \
		    "$need are needed"
		return
	}
	# the memory that the programs themselves cost the kernel
	before=$(kernel_memory)
	# (when all of them have come to rest, not only been executed)
	"$bench/b_spawn" "$APPS" 8 "$sleep" 100000 > bare &
	until [ -s bare ]; do sleep 0.1; done
	sleep 6
	bare=$(($(kernel_memory) - before))
	wait
	sleep 1
	before=$(kernel_memory)
	[ "$(id -u)" -ne 0 ] || pss=$(pss)
	start=$(date +%s%3N)
	start_apps "$APPS"
	wait_online "$APPS"
	row "$APPS apps: online, after ms" "$(online)" \
	    "$(($(cat bare) / 1000))" "$(($(date +%s%3N) - start))" "all" \
	    "$(online) == $APPS"
	sleep 1
	ours=$(($(kernel_memory) - before))
	per=$(awk -v n="$APPS" -v a="$ours" -v b="$bare" \
	    'BEGIN { printf "%+.1f", (a - b) / n }')
	row "$APPS apps: kernel memory of each, KiB" "$((ours / APPS))" \
	    "$((bare / APPS))" "$per" "<= +10" "$per <= 10"
	if [ "$(id -u)" -eq 0 ]; then
		mine=$(awk -v n="$APPS" -v a="$(pss)" -v b="$pss" \
		    'BEGIN { printf "%.1f", (a - b) / n }')
		row "$APPS apps: kernel and daemons, KiB" "" "" \
		    "$(awk "BEGIN { printf \"%+.1f\", $mine + $per }")" "<= +12" \
		    "$mine + $per <= 12"
	fi
	set -- $("$bench/b_pair" 21 pm2ctl list -- /bin/true)
	row "$APPS apps: list, us, to /bin/true" "$1" "$2" \
	    "$(ratio "$1" "$2")" "<= 80" "$1 <= 80 * $2"
	: > longest
	round=0
	while [ $round -lt "$ROUNDS" ]; do
		"$bench/b_ping" "$PM2_HOME/pm2d.sock" 1500 pm2ctl list > ping
		cut -d ' ' -f 2 < ping >> longest
		round=$((round + 1))
	done
	a=$(median < longest)
	row "$APPS apps: others wait during list, us" "$a" "" "" "<= 20000" \
	    "$a <= 20000"
	pm2ctl delete -s all >/dev/null
}

fetch_peers
sleep=$(command -v sleep)
printf '%s, %s cpus, load %s, %s\n\n' "$(uname -r)" "$(nproc)" \
    "$(cut -d ' ' -f 1 /proc/loadavg)" \
    "$(pm2ctl --version 2>/dev/null | head -n 1)"
printf '%-44s %12s %12s %10s  %-10s\n' what pm2d bare figure bar
pm2ctl ping >/dev/null || exit 1
if wanted list || wanted pss || wanted idle; then
	start_apps 100
	wait_online 100
	! wanted list || bench_list
	! wanted pss || bench_pss
	! wanted idle || bench_idle
	pm2ctl delete -s all >/dev/null
fi
! wanted start || bench_start
! wanted resurrect || bench_resurrect
! wanted restart || bench_restart
! wanted lines || bench_lines
! wanted many || bench_many
cluster_rows
echo
echo "load $(cut -d ' ' -f 1 /proc/loadavg) at the end"

# What the tests of whole programs have in common.  Each test program says
#
#	atf_init_test_cases()
#	{
#		. "$(atf_get_srcdir)/../lib.sh"
#		pm2_case name [timeout]		names of cases, see below
#	}
#
# A case is a function of that name, which begins with "pm2_begin"; the
# cleanup is the same for all: it ends what the case started and looks for
# reports of the sanitizers.  kyua kills nothing that made a session of its
# own, and all that pm2d starts does; so everything is ended here, each
# process by its pid.

PM2D_STAGE=${PM2D_STAGE:-$(atf_get_srcdir)/../../../asan-stage}
PM2D_SHIP=${PM2D_SHIP:-$(atf_get_srcdir)/../../../stage}
PM2D_SOURCES=${PM2D_SOURCES:-$(atf_get_srcdir)/../..}
EXAMPLES=$PM2D_SOURCES/etc/examples
HELPERS=$PM2D_SOURCES/regress/integration

# Two users that every Debian has and that own nothing of ours; root's tests
# run apps and clients as these.
USER1=games
USER2=nobody

# pm2_case name [timeout [root]]: add a case.
pm2_case()
{
	atf_test_case "$1" cleanup
	eval "${1}_head() {
		atf_set timeout ${2:-60}
		[ -z '${3:-}' ] || atf_set require.user '${3:-}'
	}"
	eval "${1}_body() { $1; }"
	eval "${1}_cleanup() { pm2_cleanup; }"
	atf_add_test_case "$1"
}

# pm2_begin [stage]: a home of our own (short: a socket goes there), the
# stage's programs first in PATH.  Its name is kept for the cleanup.
pm2_begin()
{
	unset PM2_NODE_OPTIONS PM2_GRACEFUL_TIMEOUT PM2D_FAULT
	PATH=${1:-$PM2D_STAGE}/bin:${1:-$PM2D_STAGE}/sbin:$PATH
	PM2_HOME=$(pm2_newhome)
	export PATH PM2_HOME
}

pm2_newhome()
{
	home=$(mktemp -d /tmp/pm2d.XXXXXX) || atf_fail "no home"
	echo "$home" >> homes
	echo "$home"
}

# check command...: like atf_check, for functions too.
check()
{
	"$@" || atf_fail "not so: $*"
}

# fail_with file: the test has failed, and there it says why
fail_with()
{
	cat "$1"
	atf_fail "$(head -n 1 "$1")"
}

# wait_for 'command' seconds: until it succeeds, else the test has failed.
wait_for()
{
	wait_end=$(($(now_ms) + ${2:-10} * 1000))
	until eval "$1" >/dev/null 2>&1; do
		[ "$(now_ms)" -lt "$wait_end" ] ||
		    atf_fail "waited ${2:-10} s in vain: $(printf %s "$1" |
		    tr '\n' ' ')"
		sleep 0.05
	done
}

now_ms()
{
	date +%s%3N
}

# A TCP port that nobody uses, and that the kernel gives to no client: those
# of other tests are many, and one of them is enough to be in the way.
free_port()
{
	perl -MIO::Socket::INET -e 'my $s;
	    open(my $f, "<", "/proc/sys/net/ipv4/ip_local_port_range");
	    my $low = $f ? (split(" ", <$f>))[0] : 32768;
	    $low = 32768 if $low < 12000;
	    $s = IO::Socket::INET->new(Listen => 1, LocalAddr => "0.0.0.0",
	        LocalPort => 10000 + int(rand($low - 10000))) until $s;
	    print $s->sockport, "\n"'
}

# run_as user command...: with that user's ids and groups.
run_as()
{
	run_user=$1
	shift
	setpriv --reuid="$run_user" --regid="$(id -g "$run_user")" \
	    --init-groups "$@"
}

# The pid of pm2d of a home.
pm2d_pid()
{
	tr -dc 0-9 < "${1:-$PM2_HOME}/pm2.pid"
}

# The pid of the log daemon: the child of pm2d with that name.  (What a
# program was executed from may be read of one's own dumpable ones only.)
logd_pid()
{
	for logd in $(cat "/proc/$(pm2d_pid)"/task/*/children); do
		case $(tr '\0' ' ' < "/proc/$logd/cmdline") in
		*/pm2logd\ *)	echo "$logd" ;;
		esac
	done 2>/dev/null
}

# The pid of an app, by id or name; 0 when there is none.
app_pid()
{
	field "$1" pid
}

# field app name: of jlist; name is pid, status, restart_time, pm_id...
field()
{
	pm2ctl jlist | python3 -c '
import json, sys
for app in json.load(sys.stdin):
    env = app["pm2_env"]
    if sys.argv[1] in (str(app["pm_id"]), app["name"]):
        print(app.get(sys.argv[2], env.get(sys.argv[2])))
        break
else:
    sys.exit("no such app")' "$1" "$2"
}

# count_status status: how many apps are so.
count_status()
{
	pm2ctl prettylist | grep -c "status: '$1'"
}

# is app status
is()
{
	[ "$(field "$1" status)" = "$2" ]
}

# gone pid: no such process, or nobody has waited for it yet.
gone()
{
	! kill -0 "$1" 2>/dev/null ||
	    grep -q '^State:	Z' "/proc/$1/status" 2>/dev/null
}

# All processes below one, itself not.
below()
{
	cat /proc/[0-9]*/stat 2>/dev/null | awk -v top="$1" '
	{
		pid = $1
		sub(/^.*\) . /, "")	# a name may have all but a newline
		children[$1] = children[$1] " " pid
	}
	function walk(pid,	n, i, list) {
		n = split(children[pid], list, " ")
		for (i = 1; i <= n; i++) {
			print list[i]
			walk(list[i])
		}
	}
	END { walk(top) }'
}

# Those of a home, pm2d's children or not: they have its name in their
# environment or arguments.
of_home()
{
	{
		grep -lzx "PM2_HOME=$1" /proc/[0-9]*/environ
		grep -lzx -- "$1" /proc/[0-9]*/cmdline
	} 2>/dev/null | cut -d / -f 3 | sort -u | grep -vx $$
}

pm2_cleanup()
{
	[ -f homes ] || return 0
	found=0
	while read -r home; do
		cleanup_home "$home" || found=1
	done < homes
	rm -f homes
	[ $found -eq 0 ] || exit 1
}

cleanup_home()
{
	daemon=$(pm2d_pid "$1" 2>/dev/null)
	all=
	if [ -n "$daemon" ] && grep -qzx -e "$1" -e "$1/pm2d.conf" \
	    "/proc/$daemon/cmdline" 2>/dev/null; then
		all=$(below "$daemon")
		kill -TERM "$daemon" 2>/dev/null
		tries=0
		until gone "$daemon" || [ $tries -ge 60 ]; do
			tries=$((tries + 1))
			sleep 0.05
		done
		all="$all $daemon"
	fi
	for pid in $all $(of_home "$1"); do
		gone "$pid" || kill -KILL "$pid" 2>/dev/null
	done
	echo "pm2.log of $1:"
	tail -n 30 "$(own_log "$1")" 2>/dev/null
	sanitized "$1"
	sanitized_rc=$?
	# an app killed just now may still be writing its last
	rm -rf "$1" || { sleep 0.5; rm -rf "$1"; }
	return $sanitized_rc
}

# Where the daemons of a home write to: the system's among the logs.
own_log()
{
	if [ -d "$1/log" ]; then
		echo "$1/log/pm2.log"
	else
		echo "$1/pm2.log"
	fi
}

# Did a sanitizer speak in a home's log?
sanitized()
{
	! grep -A 40 -E 'AddressSanitizer|LeakSanitizer|runtime error:' \
	    "$(own_log "$1")" 2>/dev/null
}

# ---- servers and their clients ----

# engine_pid: the child of pm2d that speaks to the workers.  The twin of one
# that was killed may be a child of pm2d too, for a moment: the youngest.
engine_pid()
{
	for engine in $(cat "/proc/$(pm2d_pid)"/task/*/children); do
		case $(tr '\0' ' ' < "/proc/$engine/cmdline") in
		*/pm2d-engine\ *)
			echo "$(sed 's/^.*) //' "/proc/$engine/stat" |
			    cut -d ' ' -f 20) $engine" ;;
		esac
	done 2>/dev/null | sort -n | tail -n 1 | cut -d ' ' -f 2 | grep .
}

# js name text: a script of Node.  In it, ok(server) answers with the pid.
js()
{
	printf '%s\n' 'const ok = (req, res) => res.end(`${process.pid}\n`);' \
	    "$2" > "$1"
}

# serve script [option...]: start it, at a port of its own: $PORT
serve()
{
	PORT=$(free_port)
	export PORT
	serve_script=$1
	shift
	pm2ctl start "$serve_script" "$@" > serve.out 2>&1 || {
		cat serve.out
		atf_fail "$serve_script could not be started"
	}
}

# answering [port]: the first words of its answers, for us the workers' pids
answering()
{
	"$HELPERS/h_load" -c 1 -n 24 -p "${1:-$PORT}" | sed -n 's/ [0-9]*$//
	    2,$p' | sort
}

# wait_workers n [port]: until so many of them answer
wait_workers()
{
	wait_for "[ \$(answering ${2:-$PORT} | wc -l) -eq $1 ]" 20
}

# load name argument...: clients (h_load) in the background, until load_end
load()
{
	load_name=$1
	shift
	"$HELPERS/h_load" -v "$@" > "load.$load_name" 2> "load.$load_name.err" &
	echo $! > "load.$load_name.pid"
}

# load_stop name: let them finish; 0 when no request failed
load_stop()
{
	load_pid=$(cat "load.$1.pid")
	kill -TERM "$load_pid" 2>/dev/null
	load_rc=0
	wait "$load_pid" || load_rc=$?
	echo "clients $1:"
	head -n 20 "load.$1.err"
	cat "load.$1"
	return $load_rc
}

# load_end name...: let all of them finish; none may have failed
load_end()
{
	load_failed=
	for load_name; do
		load_stop "$load_name" || load_failed="$load_failed $load_name"
	done
	[ -z "$load_failed" ] || atf_fail "requests failed:$load_failed"
}

# figure name what: how many answers of those clients were ok, reset...
figure()
{
	sed -n "1s/.*\\<$2 \\([0-9]*\\).*/\\1/p" "load.$1"
}

# The programs that regress/nodes.sh fetched, when they are of someone we
# trust.
PEERS=${PM2D_PEERS:-/tmp/pm2d-peers}
case $(stat -c %u "$PEERS" 2>/dev/null) in
0|"$(id -u)")	;;
*)		PEERS=/nonexistent ;;
esac

# use_node major: from here on, node is that version
use_node()
{
	[ -x "$PEERS/bin/node$1" ] ||
	    atf_skip "there is no Node $1 (sh regress/nodes.sh)"
	mkdir -p "node$1"
	ln -sfn "$PEERS/bin/node$1" "node$1/node"
	PATH=$PWD/node$1:$PATH
}

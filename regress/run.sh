#!/bin/sh
#
# make regress: build the product in several ways and run the whole suite,
# as root (when we are) and as an ordinary user.  All of it happens in .obj;
# the last line says what came out.  With arguments (common/imsg_test, or
# common/imsg_test:case) only those tests are run.

set -u
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES MAKEOBJDIRPREFIX
unset CC CFLAGS CPPFLAGS LDFLAGS DESTDIR PREFIX PM2_HOME PM2_SOCKET
export SYSPLACES=no	# what is tested leaves /etc, /run and /var alone
umask 022

cd "$(dirname "$0")/.." || exit 1
top=$(pwd)
obj=$top/.obj
results=$obj/results
user=nobody
scratch=
failed=0
passed_sum=0 failed_sum=0 skipped_sum=0

SANITIZE="-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
-fno-sanitize-recover=undefined"

die()
{
	echo "$*" >&2
	exit 1
}

cleanup()
{
	[ -z "$scratch" ] || rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

# build name make arg...: build the copy of the sources in .obj/name
build()
{
	name=$1
	make=$2
	shift 2
	printf '==> %-6s %s\n' "$name" "$make $(echo "$*" | tr -s ' ')"
	sh etc/variant.sh "$obj/$name" || die "$name: no copy of the sources"
	if ! (cd "$obj/$name" && "$make" -j2 "$@") > "$results/$name.log" 2>&1
	then
		grep -nE -A 4 '(error|warning):|undefined ref|\*\*\*' \
		    "$results/$name.log" | head -n 60
		die "$name: could not be built, all of it is in" \
		    "$results/$name.log"
	fi
	if grep -q 'warning:' "$results/$name.log"; then
		grep -A 4 'warning:' "$results/$name.log"
		die "$name: built with warnings"
	fi
}

# asan arg...: the arguments of the suite's own build
asan()
{
	sys=common/sys.o
	[ ! -f regress/common/sys_fault.c ] || sys=regress/common/sys_fault.o
	"$@" CC=gcc WERROR=-Werror HARDEN=no "CFLAGS=$SANITIZE" \
	    CPPFLAGS=-DPM2D_FAULTS SYS_OBJ="$sys" \
	    EXTRA_OBJS=regress/build/sanitizer.o
}

# A PATH of the system's own places, and of node's when it is elsewhere.
suite_path()
{
	path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	node=$(dirname "$(command -v node || echo /usr/bin/node)")
	case :$path: in
	*:"$node":*)	echo "$path" ;;
	*)		echo "$path:$node" ;;
	esac
}

# suite name base as home tree stage [test...]: run tests of a built tree
suite()
{
	name=$1 base=$2 by=$3 home=$4 tree=$2/$5 stage=$2/$6
	shift 6
	printf '==> tests as %s\n' "$name"
	db=$home/results.db
	rm -f "$db"
	start=$(date +%s)
	# shellcheck disable=SC2086
	(cd "$tree/regress" && $by env -i PATH="$(suite_path)" \
	    HOME="$home" LC_ALL=C TERM=dumb PM2D_STAGE="$stage" \
	    PM2D_SHIP="$base/stage" PM2D_SOURCES="$tree" \
	    PM2D_PEERS="${PM2D_PEERS:-/tmp/pm2d-peers}" \
	    kyua --logfile="$home/kyua.log" -v parallelism=3 \
	    test -k "$tree/regress/Kyuafile" \
	    -r "$db" "$@") > "$results/$name.log" 2>&1
	rc=$?
	if [ ! -f "$db" ]; then
		cat "$results/$name.log"
		die "$name: the suite could not be run"
	fi
	cp "$db" "$results/$name.db"
	count "$results/$name.db"
	echo "    $(($(date +%s) - start)) s, results in .obj/results/$name.db"
	[ $rc -eq 0 ] || failed=1
	if [ "$bad" -gt 0 ]; then
		kyua report -r "$results/$name.db" --verbose \
		    --results-filter=failed,broken | awk '
			/^===> Execution context/ { skip = 1; next }
			/^Metadata:/ { skip = 1; next }
			/^===> / || /^$/ { skip = 0 }
			!skip'
	fi
	stray "$base"
}

# both name base as home [test...]: the suite's build, then the shipped one,
# in which the sandboxes are in force; tests that are named in the first only
both()
{
	who=$1 where=$2 how=$3 at=$4
	shift 4
	if [ $# -gt 0 ]; then
		suite "$who" "$where" "$how" "$at" asan asan-stage "$@"
		return
	fi
	suite "$who" "$where" "$how" "$at" asan asan-stage \
	    $(directories common pm2d pm2logd pm2ctl fuzz integration)
	suite "$who-shipped" "$where" "$how" "$at" ship stage \
	    $(directories common pm2logd build)
}

# directories name...: those that have tests
directories()
{
	for dir; do
		[ ! -f "regress/$dir/Kyuafile" ] || echo "$dir"
	done
}

# count db: add its totals to ours
count()
{
	line=$(kyua report -r "$1" | grep '^Test cases:')
	# shellcheck disable=SC2046
	set -- $(echo "$line" | tr -cd '0-9 ')
	if [ $# -ne 5 ]; then
		tail -n 5 "$results/$name.log"
		die "$name: kyua gave up"
	fi
	bad=$(($4 + $5))
	passed_sum=$((passed_sum + $1 - $2 - bad))
	failed_sum=$((failed_sum + bad))
	skipped_sum=$((skipped_sum + $2))
}

# No daemon of our stages may be left over when the tests have ended.
stray()
{
	for proc in /proc/[0-9]*; do
		case "$(readlink "$proc/exe" 2>/dev/null) \
		    $(tr '\0' ' ' < "$proc/cmdline" 2>/dev/null)" in
		*"$1"/stage/sbin/*|*"$1"/asan-stage/sbin/*)
			echo "left over: ${proc#/proc/}" \
			    "$(tr '\0' ' ' < "$proc/cmdline")"
			kill -KILL "${proc#/proc/}" 2>/dev/null
			failed_sum=$((failed_sum + 1)) ;;
		esac
	done 2>/dev/null
}

# Can the ordinary user get at our files where they are?
reachable()
{
	$1 test -r "$obj/asan/regress/Kyuafile" &&
	    $1 test -x "$obj/asan-stage/bin/pm2ctl"
}

# place: where the tests are run, for users who cannot get to where we are
place()
{
	base=$obj
	as="setpriv --reuid=$user --regid=$(id -g $user) --clear-groups"
	scratch=$(mktemp -d /tmp/pm2d-regress.XXXXXX) || exit 1
	chmod 755 "$scratch"
	mkdir "$scratch/home"
	chown "$user" "$scratch/home"
	! reachable "$as" 2>/dev/null || return 0
	echo "==> $user has no way to here: a copy in $scratch"
	base=$scratch
	cp -a "$obj/asan" "$obj/ship" "$base/"
	(cd "$base/ship" && make PREFIX="$base/stage" CC=gcc \
	    WERROR=-Werror PM2_ALIAS=1 install && cd "$base/asan" &&
	    asan make PREFIX="$base/asan-stage" install) \
	    > "$results/copy.log" 2>&1 || {
		tail -n 30 "$results/copy.log"
		die "the copy could not be built"
	}
}

echo "==> what is needed"
sh etc/deps.sh regress || exit 1
mkdir -p "$results" || exit 1
exec 9> "$obj/lock"
flock -n 9 || die "another make regress is running here"

build ship make CC=gcc WERROR=-Werror PREFIX="$obj/stage" PM2_ALIAS=1 \
    install tests
build clang bmake CC=clang WERROR=-Werror
asan build asan make PREFIX="$obj/asan-stage" install tests
echo "==> manual pages"
make -s lint || die "the manual pages have faults"

if [ "$(id -u)" -eq 0 ]; then
	mkdir -p "$results/root"
	place
	both root "$base" "" "$results/root" "$@"
	both "$user" "$base" "$as" "$scratch/home" "$@"
else
	mkdir -p "$results/home"
	both "$(id -un)" "$obj" "" "$results/home" "$@"
fi

echo "$passed_sum passed, $failed_sum failed, $skipped_sum skipped"
[ "$failed_sum" -eq 0 ] && [ $failed -eq 0 ]

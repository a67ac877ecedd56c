#!/bin/sh
#
# deps.sh build|quickstart|regress: have what that needs.  Looks for commands
# and headers; what is missing is installed with apt-get (as root, or with
# sudo).  Does nothing when all is there.

set -u

what=${1:-build}
CC=${CC:-cc}
packages=

# need package command
need()
{
	command -v "$2" >/dev/null 2>&1 || packages="$packages $1"
}

# header package file
header()
{
	echo "#include <$2>" |
	    "$CC" -E -o /dev/null -x c - \
	    >/dev/null 2>&1 || packages="$packages $1"
}

if command -v gcc >/dev/null 2>&1 && ! command -v "$CC" >/dev/null 2>&1; then
	CC=gcc
fi
need gcc "$CC"
need binutils ar
header libc6-dev stdio.h
header libevent-dev event2/event.h
header libbsd-dev bsd/string.h
header libjansson-dev jansson.h
header libyaml-dev yaml.h
header zlib1g-dev zlib.h

case $what in
build)	;;
quickstart)
	need make make
	need nodejs node ;;
regress)
	need make make
	need bmake bmake
	need gcc gcc
	need clang clang
	need nodejs node
	need kyua kyua
	need atf-sh atf-sh
	need mandoc mandoc
	need util-linux setpriv
	need procps ps
	need bsdutils script
	need bsdextrautils col
	need strace strace
	need shellcheck shellcheck
	need python3 python3
	need perl perl
	need ruby ruby
	need php-cli php
	need openssl openssl
	header libatf-dev atf-c.h
	echo 'int main(void) { return (0); }' > "/tmp/pm2d-deps.$$.c"
	gcc -fsanitize=address,undefined -o "/tmp/pm2d-deps.$$" \
	    "/tmp/pm2d-deps.$$.c" >/dev/null 2>&1 ||
	    packages="$packages libgcc-12-dev"
	rm -f "/tmp/pm2d-deps.$$.c" "/tmp/pm2d-deps.$$" ;;
*)	echo "usage: deps.sh build|quickstart|regress" >&2
	exit 2 ;;
esac

[ -n "$packages" ] || exit 0
echo "==> lacking:$packages"

command="apt-get install -y --no-install-recommends$packages"
if ! command -v apt-get >/dev/null 2>&1; then
	echo "There is no apt-get here.  Please install what these Debian" \
	    "packages have, and try again:$packages" >&2
	exit 1
fi
if [ "$(id -u)" -eq 0 ]; then
	sudo=
elif command -v sudo >/dev/null 2>&1; then
	sudo=sudo
	[ -t 0 ] || sudo="sudo -n"
else
	echo "You are not root and there is no sudo.  Please have root type:" >&2
	echo "	$command" >&2
	exit 1
fi

echo "==> $sudo $command"
run()
{
	# shellcheck disable=SC2086
	$sudo env DEBIAN_FRONTEND=noninteractive "$@"
}
# shellcheck disable=SC2086
if run $command </dev/null; then
	exit 0
fi
echo "==> $sudo apt-get update, and once more"
# shellcheck disable=SC2086
if run apt-get update </dev/null && run $command </dev/null; then
	exit 0
fi
echo "The packages could not be installed.  Please have root type:" >&2
echo "	apt-get update && $command" >&2
exit 1

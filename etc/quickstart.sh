#!/bin/sh
#
# make quickstart: build, and show an example app under pm2d, started for
# whoever calls this.

set -u
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES MAKEOBJDIRPREFIX
unset CFLAGS CPPFLAGS LDFLAGS DESTDIR PREFIX

cd "$(dirname "$0")/.." || exit 1
top=$(pwd)
stage=$top/.obj/stage
log=$top/.obj/quickstart.log
app=$top/etc/examples/hello.js

say()
{
	printf '\n==> %s\n' "$*"
}

die()
{
	echo "$*" >&2
	exit 1
}

# run command...: show it as one would type it, and do it
run()
{
	printf '\n$ %s\n' "$*"
	"$@"
}

# fetch url: print the page, by the node that is needed anyway
fetch()
{
	node -e '
require("http").get(process.argv[1], (res) => res.pipe(process.stdout))
    .on("error", () => process.exit(1));' "$1"
}

# Is nobody listening at that port?
free()
{
	node -e '
require("net").createServer().on("error", () => process.exit(1))
    .listen(Number(process.argv[1]), "127.0.0.1", () => process.exit(0));' \
	    "$1"
}

say "what is needed"
sh etc/deps.sh quickstart || exit 1
mkdir -p "$top/.obj" 2>/dev/null && [ -w "$top/.obj" ] ||
    die "$top is not yours to write to: clone it as $(id -un)"

say "building (in .obj/ship; what make says is in .obj/quickstart.log)"
# the same as in make regress, so that neither builds anew for the other
if ! { export SYSPLACES=no && sh etc/variant.sh "$top/.obj/ship" && cd "$top/.obj/ship" &&
    make -j2 CC=gcc WERROR=-Werror PREFIX="$stage" PM2_ALIAS=1 install
} > "$log" 2>&1; then
	tail -n 40 "$log" >&2
	die "the build failed"
fi
cd "$top" || exit 1
grep 'system user' "$log"
PATH=$stage/bin:$PATH
export PATH

say "pm2d, and the app etc/examples/hello.js"
if pm2ctl pid hello >/dev/null 2>&1; then
	echo "there is a hello already: it is started again"
	run pm2ctl restart hello || exit 1
else
	PORT=${PORT:-8000}
	tries=0
	until free "$PORT"; do
		echo "port $PORT is taken"
		PORT=$((PORT + 1))
		tries=$((tries + 1))
		[ $tries -lt 50 ] || die "no free port from here on"
	done
	export PORT
	run pm2ctl start "$app" || exit 1
fi

# the port is what the app itself says, so this holds for an old one too
tries=0
url=
until [ -n "$url" ] && fetch "$url" > "$top/.obj/page" 2>/dev/null; do
	url=$(pm2ctl logs hello --nostream --raw --lines 50 2>/dev/null |
	    sed -n 's|.*listening at \(http://[^ ]*/\).*|\1|p' | tail -n 1)
	tries=$((tries + 1))
	[ $tries -lt 50 ] || die "the app does not answer"
	sleep 0.2
done
say "its page, $url"
cat "$top/.obj/page"

run pm2ctl logs hello --nostream --lines 5

cat <<END

==> It works.  To go on, let your shell find pm2ctl:

	PATH=$stage/bin:\$PATH

and type for example

	pm2ctl logs			watch (end with ^C)
	pm2ctl describe hello		all about it
	pm2ctl restart hello
	pm2ctl stop hello		stop it; delete hello: forget it
	pm2ctl start etc/examples/echo.py
	pm2ctl kill			stop all apps and the daemon

README has more; its files are in ${PM2_HOME:-$HOME/.pm2}.
END

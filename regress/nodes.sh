#!/bin/sh
#
# nodes.sh [major...]: have these major versions of Node (16 to 26, the even
# ones), pm2 7 to compare with, and coffee and tsx.  They come by npm, from
# the registry that it is set up for, into ${PM2D_PEERS:-/tmp/pm2d-peers}, and
# are to be found there as bin/nodeMAJOR, bin/pm2 and so on; nothing is
# installed anywhere else.  What is there already stays.
#
# make bench PEERS=1 calls this.  The suite does not, but tests with every
# version that it finds there.

set -u

peers=${PM2D_PEERS:-/tmp/pm2d-peers}
[ $# -gt 0 ] || set -- 16 18 20 22 24 26
case $(uname -m) in
x86_64)		arch=x64 ;;
aarch64)	arch=arm64 ;;
*)		echo "no Node versions for $(uname -m)" >&2
		exit 1 ;;
esac

die()
{
	echo "$*" >&2
	exit 1
}

# fetch dir package: into a directory that is there when all of it is
fetch()
{
	rm -rf "$1.part"
	mkdir -p "$1.part"
	echo "==> $2"
	npm install --prefix "$1.part" --no-audit --no-fund --no-save \
	    --no-package-lock --ignore-scripts --loglevel=error "$2" \
	    > "$peers/npm.log" 2>&1 || {
		tail -n 20 "$peers/npm.log" >&2
		die "npm install $2 failed"
	}
	rm -rf "$1"
	mv "$1.part" "$1"
}

# program package path: one that is written in JavaScript
program()
{
	[ ! -x "$peers/bin/$1" ] || return 0
	fetch "$peers/$1" "$2"
	ln -sfn "../$1/node_modules/$3" "$peers/bin/$1"
}

command -v npm >/dev/null || die "npm is needed to fetch them"
mkdir -p "$peers/bin" || exit 1
# others could put their programs there
[ -O "$peers" ] || die "$peers is not yours"
for major; do
	[ -x "$peers/bin/node$major" ] || {
		fetch "$peers/node$major" "node-linux-$arch@$major"
		ln -sfn "../node$major/node_modules/node-linux-$arch/bin/node" \
		    "$peers/bin/node$major"
	}
	"$peers/bin/node$major" --version >/dev/null ||
	    die "Node $major does not run here"
done

program pm2 pm2@7 pm2/bin/pm2
program coffee coffeescript@2 coffeescript/bin/coffee
program tsx tsx@4 tsx/dist/cli.mjs

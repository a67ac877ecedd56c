#!/bin/sh
#
# variant.sh dir: bring the copy of the sources in dir up to date.  It has no
# objects of ours, so that it can be built there in another way; what was
# built there and is not affected by a change stays.

set -eu

[ $# -eq 1 ] || { echo "usage: variant.sh dir" >&2; exit 2; }
mkdir -p "$1"
dir=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."

list()
{
	find Makefile README .ci common pm2d pm2ctl pm2logd etc regress \
	    -type f ! -name '*.[oda]' ! -name '*.tmp' ! -name instpaths.h \
	    ! -name '*_test' ! -name 'core*' \
	    ! -path pm2d/pm2d ! -path pm2d/pm2d-engine \
	    ! -path pm2d/pm2d-conf \
	    ! -path pm2ctl/pm2ctl ! -path pm2logd/pm2logd \
	    \( -name '*.*' -o ! -path 'regress/*/[hb]_*' \) -print
}

list | LC_ALL=C sort > "$dir/.sources.new"
# what is gone here must not stay there
if [ -f "$dir/.sources" ]; then
	LC_ALL=C comm -23 "$dir/.sources" "$dir/.sources.new" |
	while IFS= read -r file; do
		rm -f "$dir/$file"
	done
fi
mv -f "$dir/.sources.new" "$dir/.sources"
tr '\n' '\0' < "$dir/.sources" |
    xargs -0 cp --update --parents --preserve=mode,timestamps -t "$dir"

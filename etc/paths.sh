#!/bin/sh
#
# paths.sh in out prefix bindir sbindir libexecdir sysconfdir rundir vardir:
# fill in where things are installed.  The old file stays when it says the same.

set -eu

in=$1 out=$2
shift 2
for path; do
	case $path in
	*[\"\\]*|*'
'*)
		echo "a place to install to has a quote or newline: $path" >&2
		exit 1 ;;
	/*)	;;
	*)	echo "PREFIX and the places under it are absolute: $path" >&2
		exit 1 ;;
	esac
done

# quote path: for the right side of s|||
quote()
{
	printf '%s\n' "$1" | sed 's/[|&]/\\&/g'
}

sed -e "s|@PREFIX@|$(quote "$1")|" -e "s|@BINDIR@|$(quote "$2")|" \
    -e "s|@SBINDIR@|$(quote "$3")|" -e "s|@LIBEXECDIR@|$(quote "$4")|" \
    -e "s|@SYSCONFDIR@|$(quote "$5")|" -e "s|@RUNDIR@|$(quote "$6")|" \
    -e "s|@VARDIR@|$(quote "$7")|" \
    "$in" > "$out.tmp"
if cmp -s "$out.tmp" "$out"; then
	rm -f "$out.tmp"
else
	# bmake counts seconds: nothing built before may look as new as this
	if [ -f "$out" ]; then
		sleep 1
		touch "$out.tmp"
	fi
	mv -f "$out.tmp" "$out"
fi
